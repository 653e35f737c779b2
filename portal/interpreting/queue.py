"""The desk's lists: what waits for a coordinator, what is with interpreters, what is over. No names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, func, select

from portal import clock
from portal.accounts.people import Person
from portal.accounts.roles import Role
from portal.intake.models import Submission
from portal.interpreting.models import Booking, Request, RequestPerson, Window
from portal.interpreting.showing import DAY, wanted
from portal.interpreting.states import ENDS, State
from portal.questions.messages import Message, _staff
from portal.waiting import Waiting

DESK = "/staff/interpreting"
DONE = frozenset({State.COMPLETED, State.NO_SHOW})
WITH_OTHERS = frozenset({State.OFFERING, State.CONFIRMED, State.IN_PROGRESS})
"""What waits for an interpreter, or for its day."""
WAITING = frozenset(State) - WITH_OTHERS - ENDS
"""What waits for a coordinator."""
HURRY = frozenset(
    {State.SUBMITTED, State.NEEDS_INFO, State.OPEN, State.OFFERING, State.HELD, State.ESCALATED}
)
"""States in which a request should become booked by its time."""
GROUPS: dict[str, tuple[Message, frozenset[State]]] = {
    "waiting": (_staff("Waiting for us"), WAITING),
    "new": (_staff("New"), frozenset({State.SUBMITTED})),
    "question": (_staff("Question open"), frozenset({State.NEEDS_INFO})),
    "open": (_staff("To be offered"), frozenset({State.OPEN})),
    "held": (_staff("To be confirmed"), frozenset({State.HELD})),
    "escalated": (_staff("Equalities Unit"), frozenset({State.ESCALATED})),
    "unfilled": (_staff("Unfilled"), frozenset({State.UNFILLED})),
    "done": (_staff("To be settled"), DONE),
    "others": (_staff("Offered and booked"), WITH_OTHERS),
    "ended": (_staff("Ended"), ENDS),
}
"""The lists that the desk can show: the name of each, and its states."""
MOST = 500
"""Lines of a list."""

FIRST = select(Window.request, func.min(Window.starts).label("first")).group_by(Window.request).subquery()
LINES = (
    select(*Request.__table__.columns, Submission.answers, Booking.starts, FIRST.c.first)
    .join(Submission, Submission.id == Request.submission)
    .outerjoin(Booking, and_(Booking.request == Request.reference, Booking.live))
    .outerjoin(FIRST, FIRST.c.request == Request.reference)
    .where(Request.state.in_(bindparam("states", expanding=True)))
    .limit(MOST)
)
DUE = select(Request.state, Request.due).where(Request.state.in_([state.value for state in WAITING]))
OTHERS = (
    select(Request.reference, Request.kind, Request.state, Request.received)
    .where(
        Request.reference.in_(
            select(RequestPerson.request).where(
                RequestPerson.digest.in_(
                    select(RequestPerson.digest).where(RequestPerson.request == bindparam("of"))
                )
            )
        ),
        Request.reference != bindparam("of"),
    )
    .order_by(Request.received.desc(), Request.reference)
    .limit(50)
)


@dataclass(frozen=True, slots=True)
class Line:
    """One request in a list."""

    reference: str
    kind: str
    state: State
    language: str
    """A code."""
    dialect: bool
    """Whether the person named a dialect or home area."""
    mode: str | None
    starts: int | None
    """When it is booked, else the first time that suits, in seconds since 1970."""
    needed_by: date | None
    urgency: str
    hurry: str
    """late, due (within a day) or nothing."""
    age: int
    """Seconds since it came in."""


def lines(connection: Connection, group: str, language: str = "") -> list[Line]:
    """The requests of a list of GROUPS, in one language if given: by the time they are due, then by age."""
    states = [state.value for state in GROUPS[group][1]]
    newest = LINES.order_by(Request.changed.desc(), Request.reference)
    by_due = LINES.order_by(Request.due, Request.received, Request.reference)
    rows = connection.execute(newest if group == "ended" else by_due, {"states": states})
    found = (_line(row, clock.seconds()) for row in rows)
    return [line for line in found if not language or line.language == language]


def _line(row: Any, now: int) -> Line:
    state = State(row.state)
    return Line(
        reference=row.reference,
        kind=row.kind,
        state=state,
        language=wanted(row),
        dialect=bool(row.answers.get("dialect")),
        mode=row.mode,
        starts=row.starts or row.first,
        needed_by=row.needed_by,
        urgency=row.urgency,
        hurry=hurry(state, row.due, now),
        age=now - row.received,
    )


def hurry(state: State, due: int, now: int) -> str:
    """Whether a request is late, or due within a day."""
    if state not in HURRY:
        return ""
    return "late" if due < now else "due" if due < now + DAY else ""


def others_of(connection: Connection, reference: str) -> Sequence[Row[Any]]:
    """What the same person asked for besides, the newest first: reference, kind, state, when."""
    rows: Sequence[Any] = connection.execute(OTHERS, {"of": reference}).all()
    return rows


TOO_LATE = _staff("Requests for interpreters that should be booked by now")
DUE_SOON = _staff("Requests for interpreters that should be booked within a day")
TO_SETTLE = _staff("Requests for interpreters to be settled")
NEW = _staff("New requests for interpreters")
OPEN = _staff("Requests for interpreters that wait for you")


def waiting(connection: Connection, person: Person) -> Iterator[Waiting]:
    """What waits for a coordinator, for their first page: each request once."""
    if Role.COORDINATOR not in person.roles:
        return
    now, counts = clock.seconds(), dict.fromkeys(("late", "due", "new", "settle", "open"), 0)
    for row in connection.execute(DUE):
        state = State(row.state)
        left = hurry(state, row.due, now)
        settle = "settle" if state in DONE | {State.UNFILLED} else "open"
        counts[left or ("new" if state is State.SUBMITTED else settle)] += 1
    found = (
        Waiting("late", TOO_LATE, counts["late"], DESK),
        Waiting("due", DUE_SOON, counts["due"], DESK),
        Waiting("due", TO_SETTLE, counts["settle"], DESK),
        Waiting("new", NEW, counts["new"], f"{DESK}?show=new"),
        Waiting("new", OPEN, counts["open"], DESK),
    )
    yield from (one for one in found if one.number)
