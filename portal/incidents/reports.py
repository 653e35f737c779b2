"""Taking in what somebody tells us: a report, and a case with its time limits, in the same transaction.

Every report has a case from the first second. That it belongs to a case that is open already is for staff to
say; a change of a report that was sent before goes to its case.
"""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from portal import clock, references
from portal.clock import NoSuchTime, TwiceThatTime
from portal.incidents import conflicts, consents, evidence, interpreters, safe_ways, timing, words
from portal.incidents.clocks import OF
from portal.incidents.facts import Found, facts_of, found_in, is_domestic
from portal.incidents.merging import standing, together
from portal.incidents.models import (
    IncidentCase,
    IncidentPerson,
    IncidentReport,
    PlaceOfSafety,
)
from portal.incidents.moving import keep_step, locked, move
from portal.incidents.states import OPEN, STEPS, Event, Stage, State, Who
from portal.intake.models import Submission
from portal.intake.submissions import Arrival
from portal.interpreting.requests import digests_of, outward
from portal.questions import Answers
from portal.questions.answers import said
from portal.sealing import KeyRing

FORM = "incident"
"""Key of the form in which people tell us."""
REPORTER = "reporter"
"""Who takes a step that the person takes who told us."""
MIDNIGHT = "00:00"
QUALIFIES, QUALIFY = "asb", 3
"""So many reports of anti-social behaviour within six months, and the person may ask for a case review
(Anti-social Behaviour, Crime and Policing Act 2014, section 104; the usual threshold)."""
MONTHS = 6
SOON_ENOUGH = 1
"""Months after it happened, within which a report counts for that."""

REPORT = IncidentReport
ADD, ADD_CASE = insert(REPORT), insert(IncidentCase)
ADD_PERSON = insert(IncidentPerson).returning(IncidentPerson.report)  # all rows in one statement
OF_RECEIPT = (
    select(*REPORT.__table__.columns)
    .join(Submission, Submission.id == REPORT.submission)
    .where(Submission.receipt == bindparam("receipt"))
)
OF_CASE = select(*REPORT.__table__.columns).where(REPORT.case == bindparam("of")).order_by(REPORT.received)
SAME_PERSON = select(IncidentPerson.report).where(
    IncidentPerson.digest.in_(select(IncidentPerson.digest).where(IncidentPerson.report == bindparam("of")))
)
LATELY = select(REPORT.kinds, REPORT.received, REPORT.happened).where(
    REPORT.reference.in_(SAME_PERSON) | (REPORT.case == bindparam("case")),
    REPORT.received >= bindparam("after"),
)
ALIKE = (
    select(REPORT.case, func.count())
    .where(
        REPORT.case != bindparam("case"),
        REPORT.reference.in_(
            select(IncidentPerson.report).where(
                IncidentPerson.digest.in_(
                    select(IncidentPerson.digest)
                    .join(REPORT, REPORT.reference == IncidentPerson.report)
                    .where(REPORT.case == bindparam("case"))
                )
            )
        ),
    )
    .group_by(REPORT.case)
)


def receive(connection: Connection, ring: KeyRing, arrival: Arrival, identity: str) -> None:
    """Make a report and its case; a form that replaces another changes the report that it made."""
    answers = arrival.kept
    found, now = found_in(answers), clock.seconds()
    received = when_received(arrival, answers, now)
    before = of_receipt(connection, arrival.replaces) if arrival.replaces is not None else None
    if before is None:
        case = _new_case(connection, ring, arrival, answers, found, received, now)
        reference = references.new()
        row = _row(arrival, answers, found, received, now)
        connection.execute(
            ADD, {**row, "reference": reference, "case": case, "made": case, "submission": identity}
        )
    else:
        reference = before.reference
        row = _row(arrival, answers, found, before.received, before.entered)
        connection.execute(
            update(REPORT).where(REPORT.reference == reference).values(**row, submission=identity)
        )
        case = _told_more(connection, before.case, found, arrival.helper)
    new = before is None
    made = case if before is None else before.made or before.case
    by = arrival.helper or REPORTER
    safe_ways.keep(connection, ring, made, answers, arrival.language, by=by, new=new)
    if not new or is_domestic(found):
        safe_ways.be_careful(connection, case)
    _known_again(connection, ring, reference, answers, new)
    consents.arrived(
        connection,
        reference,
        answers,
        by=arrival.helper,
        channel=arrival.channel,
        language=arrival.language,
        new=new,
    )
    conflicts.recognise(connection, case, answers)
    if "unsafe_tonight" in found.flags:
        _nowhere_safe(connection, case, row, answers, arrival, received if new else now)
    if QUALIFIES in found.kinds:
        _case_review(connection, reference, case, received)
    evidence.take_in(connection, arrival.form, answers, reference, identity)
    interpreters.ask(connection, ring, reference, arrival, answers, found, new=new)


def when_received(arrival: Arrival, answers: Answers, now: int) -> int:
    """When we were told, in seconds since 1970, from which clocks run: never later than now.

    Where only the day is known, it is the beginning of that day: what nobody knows is not to our advantage.
    """
    day: date | None = arrival.received
    [on] = said(answers.get("received_on", ())) or ("",)
    [time] = said(answers.get("received_at", ())) or (MIDNIGHT,)
    if on:
        day = clock.day(on)
    if day is None or (on == "" and day == clock.day_of(now) and arrival.channel != "paper"):
        return now
    try:
        return min(now, clock.second_of(day, time))
    except (NoSuchTime, TwiceThatTime):
        return min(now, clock.second_of(day, MIDNIGHT))


def of_receipt(connection: Connection, receipt: bytes) -> Row[Any] | None:
    """The report of a receipt (its digest)."""
    return connection.execute(OF_RECEIPT, {"receipt": receipt}).first()


def of_case(connection: Connection, case: str) -> list[Row[Any]]:
    """The reports of a case, the first one first."""
    return list(connection.execute(OF_CASE, {"of": case}))


def alike(connection: Connection, case: str) -> list[str]:
    """Other cases with a report of somebody who may be the same person: what could be one case."""
    return [row.case for row in connection.execute(ALIKE.order_by(REPORT.case), {"case": case})]


def _row(arrival: Arrival, answers: Answers, found: Found, received: int, entered: int) -> dict[str, Any]:
    def one(key: str) -> str | None:
        return next(iter(said(answers.get(key, ()))), None)

    perceived = said(answers.get("perceived_by", ()))
    if not perceived and found.hate:
        perceived = ("victim",) if one("journey") == "victim" else ("reporter",)
    written = arrival.language if one("narrative_lang") == "page" else one("narrative_lang")
    return {
        "journey": one("journey"),
        "anonymity": one("anonymity"),
        "kinds": list(found.kinds),
        "motive": list(said(answers.get("motive", ()))),
        "perceived_by": list(perceived),
        "acts": list(said(answers.get("acts", ()))),
        "happened": last_day(one("last_date") or one("first_date")),
        "received": received,
        "entered": entered,
        "channel": one("channel") or arrival.channel,
        "language": arrival.language,
        "narrative_language": one("narrative_lang_other") if written == "other" else written,
    }


def last_day(stored: str | None) -> date | None:
    """The day that a date as it is stored means; None where it is not whole."""
    return clock.day(stored) if stored is not None and len(stored) == len("2026-03-01") else None


def _new_case(
    connection: Connection,
    ring: KeyRing,
    arrival: Arrival,
    answers: Answers,
    found: Found,
    received: int,
    now: int,
) -> str:
    reference = references.new()
    [channel] = said(answers.get("channel", ())) or (arrival.channel,)
    [postcode] = said(answers.get("postcode", ())) or ("",)
    row = {
        "reference": reference,
        "state": State.RECEIVED.value,
        "version": 1,
        "category": found.category,
        "kinds": list(found.kinds),
        "hate": found.hate,
        "strands": list(found.strands),
        "flags": sorted(found.flags),
        "compartment": found.compartment,
        "queue": found.queue,
        "received": received,
        "entered": now,
        "changed": now,
        "area": outward(postcode),
        "channel": channel,
        "outlet": arrival.collection,
        "language": arrival.language,
        "stage": found.stage.value,
        **words.new_key(ring, reference),
    }
    connection.execute(ADD_CASE, row)
    by, who = (arrival.helper, Who.OFFICER) if arrival.helper else (REPORTER, Who.REPORTER)
    keep_step(connection, reference, 1, Event.SUBMIT, row["state"], None, by, who, now)
    facts = facts_of(SimpleNamespace(**row))
    limits = [limit for limit in STEPS[Event.SUBMIT].starts if OF[limit].fits(facts)]
    timing.start_first(connection, reference, limits, Event.SUBMIT.value, received)
    return reference


def _told_more(connection: Connection, reference: str, found: Found, helper: str | None) -> str:
    """What is said anew goes to the case, which is opened again if it was closed; gives which case it is.

    A closed one stays so when nothing that it is judged by has changed: how to reach the person, say.
    """
    current = standing(connection, reference)
    assert current is not None, "a report has a case"
    case = locked(connection, current.reference)
    by, who = (helper, Who.OFFICER) if helper else (REPORTER, Who.REPORTER)
    both, complains = together(case, found), found.stage is Stage.ASKED and case.stage == Stage.NONE.value
    if State(case.state) not in OPEN:
        if not complains and all(case._mapping[name] == value for name, value in both.items()):
            return str(case.reference)
        case = move(connection, case, Event.REOPEN, by=by, who=who, reason="evidence")
    case = move(connection, case, Event.ADD_REPORT, by=by, who=who, **both)
    if complains:
        move(connection, case, Event.COMPLAIN, by=by, who=who)
    return str(case.reference)


def _nowhere_safe(
    connection: Connection,
    case: str,
    row: dict[str, Any],
    answers: Answers,
    arrival: Arrival,
    disclosed: int,
) -> None:
    known = select(PlaceOfSafety.reference).where(PlaceOfSafety.case == case)
    if connection.execute(known).first() is None:
        place = {"reference": references.new(), "case": case, "disclosed": disclosed}
        funds = True if "yes" in said(answers.get("money_visa_help", ())) else None
        heard = {"channel": row["channel"], "outlet": arrival.collection, "no_funds": funds}
        connection.execute(insert(PlaceOfSafety), {**place, **heard})


def _known_again(connection: Connection, ring: KeyRing, report: str, answers: Answers, new: bool) -> None:
    if not new:
        connection.execute(delete(IncidentPerson).where(IncidentPerson.report == report))
    found = digests_of(ring, answers)
    if found:
        rows = [{"report": report, "digest": one} for one in sorted(found)]
        connection.execute(ADD_PERSON, rows)


def _case_review(connection: Connection, report: str, case: str, received: int) -> None:
    """Flag a case whose person may ask for a case review: staff must tell them."""
    after = clock.second_of(clock.months_before(clock.day_of(received), MONTHS), MIDNIGHT)
    rows: list[Row[Any]] = list(connection.execute(LATELY, {"of": report, "case": case, "after": after}))
    if sum(QUALIFIES in row.kinds and _in_time(row) for row in rows) < QUALIFY:
        return
    held = locked(connection, case)
    if "case_review" not in held.flags:
        connection.execute(
            update(IncidentCase)
            .where(IncidentCase.reference == case)
            .values(flags=sorted({*held.flags, "case_review"}))
        )


def _in_time(row: Row[Any]) -> bool:
    """Whether it was told within a month after it happened. Where nobody said when, it counts."""
    told = clock.day_of(row.received)
    return row.happened is None or row.happened >= clock.months_before(told, SOON_ENOUGH)
