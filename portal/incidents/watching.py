"""Watching the time limits: who is to be warned, what was missed, and what a new day off changes.

The worker does it every minute. Each case is one short transaction that may be done twice: a warning, a
missed limit and a new date are written down once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, case, or_, select, update

from portal import audit, clock
from portal.audit import PORTAL, Did
from portal.database import Database
from portal.incidents import timing
from portal.incidents.clocks import CLOCKS, WARN, Unit, warn_at
from portal.incidents.deadlines import CaseDeadline, DeadlineBreach
from portal.incidents.limits import Limit
from portal.incidents.models import IncidentCase
from portal.incidents.moving import locked
from portal.sealing import KeyRing

DEADLINE, CASE = CaseDeadline, IncidentCase
WARNING = case({one.limit.value: one.warn for one in CLOCKS}, value=DEADLINE.clock, else_=WARN)
MISSED = and_(DEADLINE.escalated.is_(None), DEADLINE.due < bindparam("now"))
WARN_NOW = and_(
    DEADLINE.warned.is_(None),
    DEADLINE.started + (DEADLINE.due - DEADLINE.started) * WARNING // 100 <= bindparam("now"),
)
OTHER_CALENDAR = and_(DEADLINE.unit == Unit.WORKING_DAYS.value, DEADLINE.calendar != bindparam("calendar"))
TO_LOOK_AT = (
    select(DEADLINE.case)
    .where(
        or_(
            and_(DEADLINE.state == "open", or_(MISSED, WARN_NOW)),
            and_(DEADLINE.state.in_(timing.GOING), OTHER_CALENDAR),
        )
    )
    .distinct()
    .order_by(DEADLINE.case)
)
NOTICE = update(DEADLINE).where(DEADLINE.reference == bindparam("of"))
UNCERTAIN = select(*DEADLINE.__table__.columns).where(
    DEADLINE.state.in_(timing.GOING), DEADLINE.certain.is_(False)
)
LATE = (
    select(
        DEADLINE.case,
        DEADLINE.clock,
        DEADLINE.state,
        DeadlineBreach.due,
        DeadlineBreach.noted,
        DEADLINE.ended,
        CASE.officer,
        CASE.manager,
        CASE.queue,
        CASE.compartment,
    )
    .join(DeadlineBreach, DeadlineBreach.deadline == DEADLINE.reference)
    .join(CASE, CASE.reference == DEADLINE.case)
    .where(DeadlineBreach.due >= bindparam("since"))
    .order_by(DeadlineBreach.due, DEADLINE.reference)
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
    """Warn of a limit, or put it before who is answerable; whether it was missed and nobody knew."""
    if row.state != "open":
        return False
    late = now > row.due and row.escalated is None
    if late:
        timing.missed(connection, row, now)
        connection.execute(NOTICE.values(escalated=now), {"of": row.reference})
    if row.warned is None and now >= warn_at(Limit(row.clock), row.started, row.due):
        connection.execute(NOTICE.values(warned=now), {"of": row.reference})
    return late


def exceptions(connection: Connection, since: int) -> list[Row[Any]]:
    """The limits that were to be met since that second and were missed, the oldest first.

    Each with its case, officer, manager, queue and compartment; `ended` when it was met or stopped late.
    """
    return list(connection.execute(LATE, {"since": since}))


def uncertain(connection: Connection) -> list[Row[Any]]:
    """The limits under way for which not all bank holidays are known yet: their dates may be too early."""
    return list(connection.execute(UNCERTAIN.order_by(DEADLINE.due, DEADLINE.reference)))
