"""Taking in the interpreter form: each thing it asks for becomes a request, in the same transaction."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, or_, select, update

from portal import clock, contact, references
from portal.addresses import email_in, phone_in
from portal.contact import Hours, Method, Rule
from portal.database import Database
from portal.intake.models import Submission
from portal.intake.submissions import Arrival
from portal.interpreting import consequences, windows
from portal.interpreting.models import Request, RequestPerson, RequestStep
from portal.interpreting.moving import tell
from portal.interpreting.purposes import suggested
from portal.interpreting.states import ENDS, Event, Kind, State
from portal.questions import Answers
from portal.questions.answers import said
from portal.questions.typing_in import clean_words, folded, western_digits
from portal.sealing import KeyRing

TENANT = "tenant"
"""Who takes a step that the person takes who asked."""
HOUR, DAY = 3600, 86400
LONG_LEAD = 30 * DAY
"""Registered interpreters of sign language and speech-to-text reporters are booked weeks ahead."""
SCARCE = frozenset({"bsl", "speech_to_text", "deafblind_manual", "hands_on", "deaf_relay", "lipspeaker"})
LONGER = 1.5
"""With an interpreter a conversation takes half as long again."""
USUAL = 60
"""Minutes, where the person is not sure."""
KEPT = 366 * DAY
"""How long the person may be reached about it."""
HOURS = {"morning": (540, 720), "afternoon": (720, 1020), "evening": (1020, 1200)}
"""Minutes after midnight."""
METHODS = {"phone": Method.CALL, "sms": Method.SMS, "email": Method.EMAIL, "post": Method.LETTER}

GOING_ON = select(Request.submission).where(
    or_(Request.state.not_in([state.value for state in ENDS]), Request.changed >= bindparam("before"))
)
FORGET = delete(Submission).where(
    Submission.id.in_(select(Request.submission)), Submission.id.not_in(GOING_ON)
)
OF_RECEIPT = (
    select(*Request.__table__.columns)
    .join(Submission, Submission.id == Request.submission)
    .where(Submission.receipt == bindparam("receipt"))
    .order_by(Request.kind)
)


def receive(connection: Connection, ring: KeyRing, arrival: Arrival, identity: str) -> None:
    """Make the requests of a new form; with one that replaces another, change the requests of that one."""
    answers = arrival.kept
    before: dict[str, Row[Any]] = {}
    if arrival.replaces is not None:
        rows = connection.execute(OF_RECEIPT, {"receipt": arrival.replaces}).all()
        before = {row.kind: row for row in rows if State(row.state) not in ENDS}
        for row in rows:  # an ended one belongs to the person too, and goes on with the newest answers
            connection.execute(
                update(Request).where(Request.reference == row.reference).values(submission=identity)
            )
    for kind in kinds(answers):
        columns = columns_of(answers, arrival.language)
        times = list(windows.of_answers(answers)) if kind is Kind.INTERPRETER else []
        columns |= urgency(answers, kind, times)
        if kind in before:
            reference = before.pop(kind).reference
            consequences.change(connection, ring, reference, columns, times, by=arrival.helper or TENANT)
        else:
            reference = _add(connection, identity, kind, columns, times, arrival)
        _known_again(connection, ring, reference, answers)
        contact.keep_rule(connection, ring, rule_of(reference, answers, arrival.language))
    for row in before.values():
        consequences.cancel(connection, ring, row.reference, "not_needed", by=arrival.helper or TENANT)


def _add(
    connection: Connection,
    identity: str,
    kind: Kind,
    columns: dict[str, Any],
    times: list[tuple[int, int]],
    arrival: Arrival,
) -> str:
    reference, now = references.new(), clock.seconds()
    row = {
        "reference": reference,
        "submission": identity,
        "kind": kind.value,
        "state": State.SUBMITTED.value,
        "version": 1,
        "received": now,
        "changed": now,
        "channel": arrival.channel,
        "mode_asked": columns["mode"],
        "purpose": suggested(columns["about"]),
        **columns,
    }
    connection.execute(insert(Request), row)
    step = {"request": reference, "number": 1, "event": Event.SUBMIT.value, "state": State.SUBMITTED.value}
    connection.execute(insert(RequestStep), {**step, "by": arrival.helper or TENANT, "at": now})
    windows.put(connection, reference, times)
    tell(connection, reference, Event.SUBMIT, 1)
    return reference


def kinds(answers: Answers) -> list[Kind]:
    """What a form asks for."""
    return [kind for kind in Kind if kind.value in said(answers.get("need", ()))]


def columns_of(answers: Answers, language: str) -> dict[str, Any]:
    """What matching and sorting need of the answers. Words that identify are not among it."""

    def one(key: str) -> str | None:
        return next(iter(said(answers.get(key, ()))), None)

    def yes(key: str) -> bool:
        return one(key) == "yes"

    length = one("length")
    minutes = USUAL if length in (None, "not_sure") else int(int(length or 0) * LONGER)
    return {
        "language": language,
        "speak": one("speak"),
        "sign": one("sign"),
        "second": one("second"),
        "read": one("read"),
        "mode": one("how"),
        "office": one("office"),
        "area": outward(one("postcode") or ""),
        "place_area": outward(one("where") or ""),
        "support": [code for code in said(answers.get("support", ())) if code != "none"],
        "formats": list(said(answers.get("format", ()))),
        "certified": one("certified") == "legal",
        "needed_by": clock.day(found) if (found := one("needed_by")) else None,
        "about": one("about"),
        "minutes": minutes,
        "gender": one("gender"),
        "gender_essential": one("gender_essential") == "essential",
        "outside": yes("outside"),
        "officer_gender": one("officer_gender"),
        "officer_lgbt": yes("officer_lgbt"),
        "children": "children" in said(answers.get("who", ())),
        "agreed": one("agreed") != "call",
        "discreet": yes("discreet"),
    }


def urgency(answers: Answers, kind: Kind, times: list[tuple[int, int]]) -> dict[str, Any]:
    """How urgent it is, and by when it should be booked: what the desk sorts by."""
    now = clock.seconds()
    soon, how = said(answers.get("soon", ())), said(answers.get("how", ()))
    if "phone_now" in how:
        return {"urgency": "emergency", "due": now + 2 * HOUR}
    if "today" in soon:
        return {"urgency": "urgent", "due": now + DAY}
    first = min((starts for starts, _ends in times), default=now + 10 * DAY)
    if kind is Kind.CALL or "three_days" in soon or first < now + 3 * DAY:
        three = clock.working_days_after(clock.today(), 3)
        return {"urgency": "soon", "due": min(first, int(clock.at(three, "17:00").timestamp()))}
    if SCARCE & set(said(answers.get("support", ()))) or "sign" in said(answers.get("speak", ())):
        return {"urgency": "long_lead", "due": min(max(first - 14 * DAY, now + DAY), now + LONG_LEAD)}
    return {"urgency": "planned", "due": max(first - 2 * DAY, now + DAY)}


def outward(words: str) -> str | None:
    """The outward half of the first postcode in some words; None without one."""
    found = re.search(r"\b([A-Z]{1,2}[0-9][A-Z0-9]?) ?[0-9][A-Z]{2}\b", western_digits(words).upper())
    return found[1] if found else None


def rule_of(request: str, answers: Answers, language: str) -> Rule:
    """How the person may be reached about a request. A way whose address is none is not allowed."""

    def words(key: str) -> str:
        return next(iter(said(answers.get(key, ()))), "")

    phone, email = phone_in(words("phone")), email_in(words("email"))
    to = {Method.CALL: phone, Method.SMS: phone, Method.EMAIL: email, Method.LETTER: words("post")}
    ways = (METHODS[code] for code in said(answers.get("reach", ())) if code in METHODS)
    span = HOURS.get(words("hours"))
    return Rule(
        owner=f"request {request}",
        name=words("name"),
        phone=phone,
        email=email,
        address=words("post"),
        methods=tuple(way for way in ways if to[way]),
        hours=(Hours(*span),) if span else (),
        voicemail=words("voicemail") == "yes",
        discreet=words("discreet") == "yes",
        language=language,
        until=clock.seconds() + KEPT,
    )


def digests_of(ring: KeyRing, answers: Answers) -> set[bytes]:
    """What tells that two requests are the same person's: of a phone number, an email, a name with a home."""

    def words(key: str) -> str:
        return folded(clean_words(next(iter(said(answers.get(key, ()))), "")))

    number = re.sub(r"[^0-9]", "", western_digits(words("phone"))).removeprefix("44").lstrip("0")
    found = {
        b"phone": number if len(number) >= 7 else "",
        b"email": words("email"),
        b"home": f"{words('name')} {words('postcode')}" if words("name") and words("postcode") else "",
    }
    return {ring.digest("person", kind, value.encode()) for kind, value in found.items() if value}


def _known_again(connection: Connection, ring: KeyRing, request: str, answers: Answers) -> None:
    connection.execute(delete(RequestPerson).where(RequestPerson.request == request))
    found = digests_of(ring, answers)
    if found:
        connection.execute(
            insert(RequestPerson), [{"request": request, "digest": one} for one in sorted(found)]
        )


def forget_ended_before(database: Database, day: date) -> int:
    """Delete what was asked for in forms all of whose requests ended before a day; how many forms."""
    with database.write() as connection:
        return connection.execute(FORGET, {"before": int(clock.at(day, "00:00").timestamp())}).rowcount


def of_receipt(connection: Connection, receipt: bytes) -> list[Row[Any]]:
    """The requests of a receipt (its digest)."""
    return list(connection.execute(OF_RECEIPT, {"receipt": receipt}).all())
