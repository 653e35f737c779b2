"""Watching the time limits: who is to be told, what was missed, and what a new day off changes.

The worker does it every minute. Each case is one short transaction that may be done twice: a warning, a
missed limit and a new date are written down once, together with the job that tells of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, case, exists, or_, select, update

from portal import audit, clock
from portal.audit import PORTAL, Did
from portal.database import Database
from portal.incidents import escalating, timing
from portal.incidents.clocks import CLOCKS, ESCALATE, WARN, Unit, escalate_at, warn_at
from portal.incidents.deadlines import CaseDeadline, DeadlineBreach
from portal.incidents.escalating import Stage
from portal.incidents.limits import Limit
from portal.incidents.moving import locked
from portal.sealing import KeyRing

DEADLINE = CaseDeadline
WARNING = case({one.limit.value: one.warn for one in CLOCKS}, value=DEADLINE.clock, else_=WARN)
ESCALATION = case(
    {one.limit.value: one.escalate_after for one in CLOCKS}, value=DEADLINE.clock, else_=ESCALATE
)
NOTED = exists().where(DeadlineBreach.deadline == DEADLINE.reference)
MISSED = and_(DEADLINE.late_told.is_(None), or_(DEADLINE.due < bindparam("now"), NOTED))


def _after(per_cent: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether so much of the time of a limit is over."""
    return DEADLINE.started + (DEADLINE.due - DEADLINE.started) * per_cent // 100 <= bindparam("now")


WARN_NOW = and_(DEADLINE.warned.is_(None), _after(WARNING))
ESCALATE_NOW = and_(DEADLINE.escalated.is_(None), _after(ESCALATION))
OTHER_CALENDAR = and_(DEADLINE.unit == Unit.WORKING_DAYS.value, DEADLINE.calendar != bindparam("calendar"))
TO_LOOK_AT = (
    select(DEADLINE.case)
    .where(
        or_(
            and_(DEADLINE.state == "open", or_(MISSED, ESCALATE_NOW, WARN_NOW)),
            and_(DEADLINE.state.in_(timing.GOING), OTHER_CALENDAR),
        )
    )
    .distinct()
    .order_by(DEADLINE.case)
)
NOTICE = update(DEADLINE).where(DEADLINE.reference == bindparam("of"))
MARKS: dict[Stage, tuple[str, ...]] = {
    Stage.NEAR: ("warned",),
    Stage.SOON: ("warned", "escalated"),
    Stage.LATE: ("warned", "escalated", "late_told"),
}
"""Stage -> the columns that say when it came. Where it came at once, nobody is told of the ones before."""
UNCERTAIN = select(*DEADLINE.__table__.columns).where(
    DEADLINE.state.in_(timing.GOING), DEADLINE.certain.is_(False)
)


def watch(database: Database, ring: KeyRing, progress: Callable[[int, int], None]) -> int:
    """Write down what time has brought; how many cases that concerned. Calls progress(done, of)."""
    asked = {"now": clock.seconds(), "calendar": clock.calendar()}
    with database.read() as connection:
        cases = list(connection.execute(TO_LOOK_AT, asked).scalars())
    for done, reference in enumerate(cases, 1):
        with database.write() as connection:
            look_at(connection, ring, reference)
        progress(done, len(cases))
    return len(cases)


def look_at(connection: Connection, ring: KeyRing, reference: str) -> None:
    """Write down what time has brought to one case; nothing, when that was done before. Raises NotNow."""
    locked(connection, reference)
    now = clock.seconds()
    moved = timing.reckon_again(
        connection,
        [
            row
            for row in timing.under_way(connection, reference)
            if row.unit == Unit.WORKING_DAYS.value and row.calendar != clock.calendar()
        ],
        PORTAL,
        now,
    )
    late = [one for one in timing.under_way(connection, reference) if _notice(connection, one, now)]
    if late or moved:
        audit.note(
            connection,
            ring,
            by=PORTAL,
            did=Did.CHANGED,
            what=f"case {reference}",
            detail={"missed": [row.clock for row in late], "moved": moved},
        )


def _notice(connection: Connection, row: Row[Any], now: int) -> bool:
    """Have those told who deal with a limit or answer for it; whether it was missed and nobody knew."""
    stage = _stage(connection, row, now) if row.state == "open" else None
    if stage is None:
        return False
    timing.missed(connection, row, now)
    marks = {name: now for name in MARKS[stage] if row._mapping[name] is None}
    connection.execute(NOTICE.values(**marks), {"of": row.reference})
    escalating.put(connection, row.reference, stage)
    return stage is Stage.LATE


def _stage(connection: Connection, row: Row[Any], now: int) -> Stage | None:
    """The stage that a limit has come to and of which nobody was told."""
    limit = Limit(row.clock)
    if row.late_told is None and (now > row.due or timing.was_missed(connection, row.reference)):
        return Stage.LATE
    if row.escalated is None and now >= escalate_at(limit, row.started, row.due):
        return Stage.SOON
    if row.warned is None and now >= warn_at(limit, row.started, row.due):
        return Stage.NEAR
    return None


def uncertain(connection: Connection) -> list[Row[Any]]:
    """The limits under way for which not all bank holidays are known yet: their dates may be too early."""
    return list(connection.execute(UNCERTAIN.order_by(DEADLINE.due, DEADLINE.reference)))
