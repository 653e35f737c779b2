"""The lists of cases: what is due next, not what is newest. Only codes, and only what somebody may see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select, true

from portal import clock
from portal.accounts.people import Person
from portal.accounts.roles import Role
from portal.incidents import access
from portal.incidents.deadlines import CaseDeadline, DeadlineBreach
from portal.incidents.exchange import WAITS
from portal.incidents.models import CaseStep, IncidentCase
from portal.incidents.showing import hurry
from portal.incidents.states import OPEN, Event, State
from portal.incidents.timing import GOING
from portal.questions.messages import Message, _staff
from portal.waiting import Waiting

CASES = "/staff/cases"
STAFF = (Role.CASE_OFFICER, Role.CASE_MANAGER)
"""Who works on cases."""
MOST = 500
"""Lines of a list."""

CASE, DEADLINE = IncidentCase, CaseDeadline
NEXT = (
    select(DEADLINE.case, func.min(DEADLINE.due).label("due"))
    .where(DEADLINE.state.in_(GOING))
    .group_by(DEADLINE.case)
    .subquery()
)
MISSED = (
    select(DEADLINE.case, func.count().label("missed"))
    .join(DeadlineBreach, DeadlineBreach.deadline == DEADLINE.reference)
    .where(DEADLINE.state.in_(GOING))
    .group_by(DEADLINE.case)
    .subquery()
)
ASKED_FOR_REVIEW = (
    select(CaseStep.by)
    .where(CaseStep.case == CASE.reference, CaseStep.event == Event.REVIEW.value)
    .order_by(CaseStep.number.desc())
    .limit(1)
    .scalar_subquery()
)
LINES: Select[Any] = (
    select(*CASE.__table__.columns, NEXT.c.due, func.coalesce(MISSED.c.missed, 0).label("missed"))
    .outerjoin(NEXT, NEXT.c.case == CASE.reference)
    .outerjoin(MISSED, MISSED.c.case == CASE.reference)
)
IS_OPEN = CASE.state.in_([state.value for state in State if state in OPEN])

Condition = Callable[[Person], ColumnElement[bool]]


def _mine(person: Person) -> ColumnElement[bool]:
    answers = or_(CASE.stage_one == person.reference, CASE.stage_two == person.reference)
    return and_(IS_OPEN, or_(CASE.officer == person.reference, CASE.manager == person.reference, answers))


def _nobody(person: Person) -> ColumnElement[bool]:
    return and_(IS_OPEN, CASE.officer.is_(None))


def _to_review(person: Person) -> ColumnElement[bool]:
    """What waits for a second person who is this one: neither its officer nor who asked for it."""
    return and_(
        CASE.state == State.REVIEW.value,
        CASE.officer != person.reference,
        ASKED_FOR_REVIEW.is_distinct_from(person.reference),
    )


def _to_answer(person: Person) -> ColumnElement[bool]:
    """Whose people wrote or did something, in cases of theirs or of nobody's; also in closed ones."""
    who = person.reference
    return and_(WAITS, or_(CASE.officer.is_(None), CASE.officer == who, CASE.manager == who))


GROUPS: dict[str, tuple[Message, Condition]] = {
    "mine": (_staff("Mine"), _mine),
    "nobody": (_staff("Nobody's"), _nobody),
    "review": (_staff("For a second person"), _to_review),
    "answer": (_staff("To be answered"), _to_answer),
    "open": (_staff("All open"), lambda person: IS_OPEN),
    "ended": (_staff("Ended"), lambda person: ~IS_OPEN),
}
"""The lists that can be shown: the name of each, and whose cases are in it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One case in a list."""

    reference: str
    state: State
    category: str
    hate: bool
    kinds: tuple[str, ...]
    queue: str
    officer: str | None
    received: int
    due: int | None
    """When what is due first is due, in seconds since 1970."""
    missed: int
    """How many limits under way are late already."""


def lines(connection: Connection, person: Person, group: str, state: str = "") -> list[Line]:
    """The cases of a list of GROUPS that this person may see, in one state if given, the next due first."""
    query = LINES.where(access.visible(person), GROUPS[group][1](person))
    query = query.where(CASE.state == state if state else true())
    if group == "ended":
        query = query.order_by(CASE.changed.desc(), CASE.reference)
    else:
        query = query.order_by(NEXT.c.due.is_(None), NEXT.c.due, CASE.reference)
    return [_line(row) for row in connection.execute(query.limit(MOST))]


def _line(row: Any) -> Line:
    return Line(
        reference=row.reference,
        state=State(row.state),
        category=row.category,
        hate=row.hate,
        kinds=tuple(row.kinds),
        queue=row.queue,
        officer=row.officer,
        received=row.received,
        due=row.due,
        missed=row.missed,
    )


TOO_LATE = _staff("Cases of yours that are late")
DUE_SOON = _staff("Cases of yours with something due within a day")
NOBODYS_LATE = _staff("Cases of nobody's that are late")
NOBODYS = _staff("Cases that nobody has taken on")
REVIEW = _staff("Cases that wait for you as a second person")
TO_ANSWER = _staff("Cases whose people wait for an answer")


def waiting(connection: Connection, person: Person) -> Iterator[Waiting]:
    """What waits for somebody who works on cases, for their first page."""
    if person.roles.isdisjoint(STAFF):
        return
    now = clock.seconds()
    mine = [hurry(line.due, now) for line in lines(connection, person, "mine")]
    nobody = [hurry(line.due, now) for line in lines(connection, person, "nobody")]
    found = (
        Waiting("late", TOO_LATE, mine.count("late"), CASES),
        Waiting("late", NOBODYS_LATE, nobody.count("late"), f"{CASES}?show=nobody"),
        Waiting("due", DUE_SOON, mine.count("due"), CASES),
        Waiting("due", REVIEW, len(lines(connection, person, "review")), f"{CASES}?show=review"),
        Waiting("due", TO_ANSWER, len(lines(connection, person, "answer")), f"{CASES}?show=answer"),
        Waiting("new", NOBODYS, len(nobody) - nobody.count("late"), f"{CASES}?show=nobody"),
    )
    yield from (one for one in found if one.number)
