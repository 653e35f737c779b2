"""Asking for an interpreter, a translation or a format for somebody who told us what happened.

What is needed becomes a request like any other, in the transaction of the report, with answers of its own:
its coordinator sees the language, the time and the safe ways to reach the person, and nothing that was told.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, ForeignKey, Row, String, bindparam, delete, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from portal import clock, contact, messages
from portal.database import Base
from portal.forms.interpreter import INTERPRETER
from portal.incidents.facts import Found
from portal.intake import submissions
from portal.intake.models import Submission
from portal.intake.submissions import Arrival
from portal.interpreting import consequences, moving, open_questions, requests
from portal.interpreting.models import Request, RequestPerson
from portal.interpreting.states import Event, Who
from portal.questions import Answers
from portal.questions.answers import said
from portal.sealing import KeyRing


class ReportRequest(Base):
    """What was asked for so that somebody who told us is understood. It leads nowhere from the request."""

    __tablename__ = "report_request"

    report: Mapped[str] = mapped_column(ForeignKey("incident_report.reference"), primary_key=True)
    submission: Mapped[str] = mapped_column(
        String(32), ForeignKey("submission.id", ondelete="CASCADE"), unique=True
    )
    """The answers that the requests hang on: other ones than the report's."""


TABLE = ReportRequest
HANDED_ON = (
    *("need", "speak", "speak_words", "sign", "dialect", "read", "format", "support"),
    *("gender", "gender_essential", "outside"),
    *("phone", "email", "post", "worker", "hours", "voicemail", "discreet"),
)
"""Keys of answers that both forms share. Nothing else is handed on, but a name that may be."""
MEETS = {"office": "office", "phone": "phone", "video": "video"}
"""Where it is best to talk -> how to meet, where that needs no address."""
SEEN_BY_OTHERS = {"post": ("post",), "email": ("email",), "phone": ("phone", "sms")}
"""What the person who did it can see or hear -> the ways that are not used then."""
NEEDED = frozenset({"interpreter", "translation", "format"})
SENSITIVE = 1
"""The tier of what may end in court, or in harm: only registered professionals interpret it."""
OF_REPORT = (
    select(TABLE.submission, Submission.receipt)
    .join(Submission, Submission.id == TABLE.submission)
    .where(TABLE.report == bindparam("of"))
)
REQUESTS = (
    select(*Request.__table__.columns)
    .join(TABLE, TABLE.submission == Request.submission)
    .where(TABLE.report == bindparam("of"))
    .order_by(Request.kind)
)


def handed_on(answers: Answers, found: Found) -> Answers:
    """What of a report's answers the request for an interpreter gets."""

    def codes(key: str) -> tuple[str, ...]:
        return said(answers.get(key, ()))

    kept = {key: answers[key] for key in HANDED_ON if codes(key)}
    kept["need"] = tuple(code for code in codes("need") if code in NEEDED)
    unsafe = {way for code in codes("can_they_see") for way in SEEN_BY_OTHERS.get(code, ())}
    kept["reach"] = tuple(way for way in codes("reach") if way not in unsafe and way != "person") or ("code",)
    kept["how"] = tuple(MEETS[place] for place in codes("interview_place") if place in MEETS)
    if "named" in codes("anonymity"):
        kept["name"] = codes("name")
    kept["agreed"] = ("call",)  # nobody was asked yet what the interpreter may see
    if found.flags & {"danger", "unsafe_tonight"}:
        kept["soon"] = ("today",)
    elif found.category == "A" or found.hate or "maybe_hate" in found.flags:
        kept["soon"] = ("three_days",)
    return kept


def ask(
    connection: Connection,
    ring: KeyRing,
    report: str,
    arrival: Arrival,
    answers: Answers,
    found: Found,
    *,
    new: bool,
) -> None:
    """Make the requests of a report, or change those that it made before to what is needed now.

    `new` says that the report is stored just now, and no change of one.
    """
    before = None if new else connection.execute(OF_REPORT, {"of": report}).first()
    given = handed_on(answers, found)
    if before is None and not given["need"]:
        return
    lists = {name: arrival.form.registers.get(name, own) for name, own in INTERPRETER.registers.items()}
    asked = replace(
        arrival,
        form=INTERPRETER.here(registers=lists),
        answers=given,
        token=secrets.token_bytes(32),
        replaces=before.receipt if before is not None else None,
        collection=None,
        invitation=None,
        draft=None,
        files_of="",
    )
    identity = submissions.add(connection, ring, asked)
    requests.receive(connection, ring, asked, identity)
    if before is None:
        connection.execute(insert(TABLE), {"report": report, "submission": identity})
    else:
        connection.execute(update(TABLE).where(TABLE.report == report).values(submission=identity))
        connection.execute(delete(Submission).where(Submission.id == before.submission))
    connection.execute(update(Request).where(Request.submission == identity).values(tier=SENSITIVE))
    for request in of_report(connection, report):
        _only_safe(connection, ring, request.reference, answers)


def of_report(connection: Connection, report: str) -> list[Row[Any]]:
    """The requests that a report made, as they are now."""
    return list(connection.execute(REQUESTS, {"of": report}))


def forget(connection: Connection, ring: KeyRing, report: str, *, by: str) -> None:
    """The report is erased: what is still looked for is not needed, whoever was booked is told, and the
    person's words, messages and ways to reach them are destroyed. Codes stay, as those of the report do."""
    linked = connection.execute(OF_REPORT, {"of": report}).first()
    if linked is None:
        return
    for request in of_report(connection, report):
        if moving.may(request, Event.CANCEL, Who.TENANT):
            consequences.cancel(connection, ring, request.reference, "not_needed", by=by)
        messages.forget(connection, f"request {request.reference}")
        contact.forget_rule(connection, f"request {request.reference}")
        open_questions.forget(connection, request.reference)
        connection.execute(delete(RequestPerson).where(RequestPerson.request == request.reference))
    nothing = {"sealed": None, "data_key": None, "key_name": None}
    connection.execute(update(Submission).where(Submission.id == linked.submission).values(nothing))


def _only_safe(connection: Connection, ring: KeyRing, request: str, answers: Answers) -> None:
    """Where somebody else may hear or see it, no voicemail and no word of who we are; and no way after the
    day until which it is safe."""
    owner = f"request {request}"
    rule = contact.rule_of(connection, ring, owner)
    if rule is None:
        return
    [day] = said(answers.get("safe_until", ())) or ("",)
    until = clock.second_of(clock.day(day), "23:59") if day else rule.until
    others = bool(said(answers.get("who_else", ()))) and "nobody" not in said(answers.get("who_else", ()))
    safer = replace(
        rule,
        until=min(rule.until, until),
        voicemail=rule.voicemail and not others,
        discreet=rule.discreet or others,
    )
    if safer != rule:
        contact.keep_rule(connection, ring, safer)
