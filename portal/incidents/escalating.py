"""Telling who deals with a time limit that it ends soon, and who answers for it that it nearly did, or did.

Each is told of each stage once, by an email that says nothing but a reference, and on their first page. Whom
a case does not exist for is told nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, bindparam, false, func, or_, select

from portal import clock, outbox, wording
from portal.accounts import people
from portal.accounts.people import Person
from portal.accounts.roles import Role
from portal.contact import Method
from portal.database import Database
from portal.incidents import access, telling_staff
from portal.incidents.clocks import CLOCKS, OF, Unit
from portal.incidents.deadlines import CaseDeadline, DeadlineBreach
from portal.incidents.limits import Limit
from portal.incidents.models import IncidentCase
from portal.incidents.moving import find
from portal.incidents.queue import CASES, STAFF
from portal.incidents.timing import GOING
from portal.questions.messages import _staff
from portal.references import grouped
from portal.sealing import KeyRing
from portal.settings import Settings
from portal.waiting import Waiting
from portal.wording import Template

TELL = "time limit"
"""The job that tells of one stage of one limit."""
PAGE = f"{CASES}/exceptions"


class Stage(StrEnum):
    """How far a time limit is. The codes name jobs and messages."""

    NEAR = "near"
    """Its officer is warned."""
    SOON = "soon"
    """It is put before who is answerable."""
    LATE = "late"
    """It was missed: both are told."""


TOLD: dict[Stage, Template] = {
    Stage.NEAR: Template(
        event="limit near",
        email_subject=_staff("Something is due soon"),
        email=_staff(
            "Something that you deal with is due soon. Its reference is %(reference)s. "
            "Please sign in: %(address)s."
        ),
    ),
    Stage.SOON: Template(
        event="limit soon",
        email_subject=_staff("Something is nearly late"),
        email=_staff(
            "Something that you answer for is nearly late. Its reference is %(reference)s. "
            "Please sign in: %(address)s."
        ),
    ),
    Stage.LATE: Template(
        event="limit late",
        email_subject=_staff("Something is late"),
        email=_staff("Something is late. Its reference is %(reference)s. Please sign in: %(address)s."),
    ),
}
HANDLERS: dict[Limit, str] = {Limit.COMPLAINT_ONE: "stage_one", Limit.COMPLAINT_TWO: "stage_two"}
"""Limits that are for somebody else than the officer to meet -> the column of the case that says for whom."""
DEADLINE, CASE = CaseDeadline, IncidentCase
FIND = select(*DEADLINE.__table__.columns).where(DEADLINE.reference == bindparam("of"))


def put(connection: Connection, deadline: str, stage: Stage) -> None:
    """Have it told that a limit has come to a stage, in the transaction that notes it."""
    outbox.put(connection, TELL, {"deadline": deadline, "stage": stage.value}, f"{deadline} {stage.value}")


def tell(database: Database, ring: KeyRing, settings: Settings, payload: Mapping[str, Any]) -> None:
    """Write to whom it concerns, once each. What was met meanwhile nobody is told of."""
    if not wording.has_way(settings, Method.EMAIL, False):
        return
    everybody, stage = people.everybody(database), Stage(payload["stage"])
    with database.write() as connection:
        row = connection.execute(FIND, {"of": payload["deadline"]}).first()
        case = find(connection, row.case) if row is not None and row.state in GOING else None
        if row is None or case is None:
            return
        limit, same = Limit(row.clock), f"{row.reference} {stage.value}"
        values = {"reference": grouped(case.reference), "address": settings.at("/staff")}
        urgent = OF[limit].unit is Unit.HOURS  # those run at night too
        for person in concerned(connection, everybody, case, limit, stage):
            telling_staff.write(connection, ring, settings, person, TOLD[stage], values, same, urgent=urgent)


def concerned(
    connection: Connection, everybody: Sequence[Person], case: Row[Any], limit: Limit, stage: Stage
) -> list[Person]:
    """Who is told that a limit of a case has come to a stage: none for whom the case does not exist."""
    deals = case._mapping[HANDLERS.get(limit, "officer")]
    found: dict[str, Person] = {}
    if stage is not Stage.SOON:
        found |= _of(connection, everybody, case, deals, Role.CASE_OFFICER)
    if stage is not Stage.NEAR:
        found |= _of(connection, everybody, case, case.manager, OF[limit].escalate)
    return list(found.values())


def _of(
    connection: Connection, everybody: Sequence[Person], case: Row[Any], named: str | None, role: Role
) -> dict[str, Person]:
    """Who it is for; whoever has that role where nobody is named, or who is must not know of the case."""
    seeing = {
        one.reference: one
        for one in everybody
        if (one.reference == named or role in one.roles) and access.seen(connection, one, case)
    }
    return {named: seeing[named]} if named is not None and named in seeing else seeing


NEAR = _staff("Time limits of yours that end soon")
PUT_BEFORE = _staff("Time limits that are put before you: they end soon")
MISSED = _staff("Time limits that were missed and are still to be met")
UNDER_WAY: Select[Any] = (
    select(func.count())
    .select_from(DEADLINE)
    .join(CASE, CASE.reference == DEADLINE.case)
    .where(DEADLINE.state == "open")
)
IS_MISSED = select(DeadlineBreach.deadline).where(DeadlineBreach.deadline == DEADLINE.reference).exists()


def waiting(connection: Connection, person: Person) -> Iterator[Waiting]:
    """What ends soon and what was missed, for the first page of who deals with it or answers for it."""
    if person.roles.isdisjoint(STAFF):
        return
    seen, going = access.visible(person), DEADLINE.due >= clock.seconds()
    answers = _answers_for(person)
    lines = (
        Waiting("late", MISSED, _number(connection, seen, answers, IS_MISSED), f"{PAGE}?days=365"),
        Waiting(
            "due",
            PUT_BEFORE,
            _number(connection, seen, answers, going, ~IS_MISSED, DEADLINE.escalated.is_not(None)),
            PAGE,
        ),
        Waiting(
            "due",
            NEAR,
            _number(connection, seen, _deals_with(person), going, DEADLINE.warned.is_not(None)),
            CASES,
        ),
    )
    yield from (one for one in lines if one.number)


def _number(connection: Connection, *which: ColumnElement[bool]) -> int:
    return int(connection.execute(UNDER_WAY.where(*which)).scalar_one())


def _answers_for(person: Person) -> ColumnElement[bool]:
    """The limits that are put before this person."""
    limits = [one.limit.value for one in CLOCKS if one.escalate in person.roles]
    return DEADLINE.clock.in_(limits) if limits else false()


def _deals_with(person: Person) -> ColumnElement[bool]:
    """The limits that this person is to meet."""
    handlers = [
        and_(DEADLINE.clock == limit.value, CASE.__table__.c[column] == person.reference)
        for limit, column in HANDLERS.items()
    ]
    theirs = [limit.value for limit in HANDLERS]
    return or_(and_(DEADLINE.clock.not_in(theirs), CASE.officer == person.reference), *handlers)


ENDING = (
    select(DEADLINE.case, DEADLINE.clock, DEADLINE.due, CASE.officer)
    .join(CASE, CASE.reference == DEADLINE.case)
    .where(DEADLINE.state == "open", DEADLINE.escalated.is_not(None), ~IS_MISSED)
    .order_by(DEADLINE.due, DEADLINE.reference)
)


def ending(connection: Connection, person: Person) -> list[Row[Any]]:
    """The limits that are put before this person and end soon, the next one first: case, clock, due,
    officer."""
    which = (access.visible(person), _answers_for(person), DEADLINE.due >= clock.seconds())
    return list(connection.execute(ENDING.where(*which)))
