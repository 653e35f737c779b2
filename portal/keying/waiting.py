"""What waits in paper in: for a keyer, and for a supervisor."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, exists, func, select

from portal import clock
from portal.accounts.people import Person
from portal.accounts.roles import Role
from portal.keying.models import Batch, Pass, Sheet
from portal.keying.passes import STUCK_MINUTES
from portal.keying.states import DONE, State
from portal.questions.messages import _staff
from portal.waiting import Waiting

LATE_DAYS = 7
"""After which a pile should be keyed: answers are wanted, and the paper holds them unprotected."""

OPEN = (Batch.state == "open", Batch.practice.is_(False))


def waiting(connection: Connection, person: Person) -> Iterator[Waiting]:
    """What this person can do something about, the most urgent first within each kind."""
    if not person.roles & {Role.KEYER, Role.SUPERVISOR}:
        return
    since = clock.days_before(clock.today(), LATE_DAYS)
    late = _count(connection, select(func.count()).select_from(Batch).where(*OPEN, Batch.received < since))
    if late:
        yield Waiting("late", OLD_PILES.with_values(days=LATE_DAYS), late, "/staff/paper-in")
    if Role.SUPERVISOR in person.roles:
        yield from _of_supervisor(connection)
    own = exists().where(Pass.sheet == Sheet.reference, Pass.keyer == person.reference)
    again = _papers(connection, Sheet.state == State.TO_VERIFY.value, ~own)
    if again:
        yield Waiting("due", TO_KEY_AGAIN, again, "/staff/paper-in")
    unfinished = exists().where(
        Pass.sheet == Sheet.reference, Pass.keyer == person.reference, Pass.saved.is_(False)
    )
    begun = _papers(connection, unfinished)
    if begun:
        yield Waiting("due", BEGUN, begun, "/staff/paper-in")
    fresh = _count(connection, select(func.count()).select_from(Batch).where(*OPEN, Batch.received >= since))
    if fresh:
        yield Waiting("new", OPEN_PILES, fresh, "/staff/paper-in")


OLD_PILES = _staff("Batches that came in more than %(days)s days ago")
STUCK = _staff("Papers that somebody began and left lying")
TO_SETTLE = _staff("Papers with differences or questions")
TO_KEY_AGAIN = _staff("Papers to be keyed again by you or a colleague")
BEGUN = _staff("Papers that you have begun")
TO_CLOSE = _staff("Batches that can be closed")
OPEN_PILES = _staff("Batches to key")


def _of_supervisor(connection: Connection) -> Iterator[Waiting]:
    before = clock.seconds() - STUCK_MINUTES * 60
    left = exists().where(Pass.sheet == Sheet.reference, Pass.saved.is_(False), Pass.touched < before)
    stuck = _papers(connection, left)
    if stuck:
        yield Waiting("late", STUCK, stuck, "/staff/paper-in")
    settle = _papers(connection, Sheet.state.in_([State.DIFFERS.value, State.QUERY.value]))
    if settle:
        yield Waiting("due", TO_SETTLE, settle, "/staff/differences")
    through = [*(state.value for state in DONE), State.REJECTED.value]
    done = (
        select(func.count())
        .select_from(Sheet)
        .where(Sheet.batch == Batch.reference, Sheet.state.in_(through))
        .scalar_subquery()
    )
    ready = _count(connection, select(func.count()).select_from(Batch).where(*OPEN, done >= Batch.declared))
    if ready:
        yield Waiting("due", TO_CLOSE, ready, "/staff/paper-in")


def _papers(connection: Connection, *which: object) -> int:
    query = select(func.count()).select_from(Sheet).join(Batch, Batch.reference == Sheet.batch)
    return _count(connection, query.where(*OPEN, *which))  # type: ignore[arg-type]


def _count(connection: Connection, query: object) -> int:
    return int(connection.execute(query).scalar_one())  # type: ignore[call-overload]
