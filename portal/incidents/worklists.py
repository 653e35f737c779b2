"""What is to be done next: open cases by the time limit that is due first, not by when they came in."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from portal.incidents.deadlines import CaseDeadline, DeadlineBreach
from portal.incidents.models import IncidentCase
from portal.incidents.states import OPEN
from portal.incidents.timing import GOING

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
WAITING: Select[Any] = (
    select(*CASE.__table__.columns, NEXT.c.due, func.coalesce(MISSED.c.missed, 0).label("missed"))
    .join(NEXT, NEXT.c.case == CASE.reference)
    .outerjoin(MISSED, MISSED.c.case == CASE.reference)
    .where(CASE.state.in_([state.value for state in OPEN]))
    .order_by(NEXT.c.due, CASE.reference)
)


def waiting(
    connection: Connection,
    *,
    officer: str | None = None,
    queues: Collection[str] | None = None,
    compartments: Collection[str] = ("none",),
    most: int = 100,
) -> list[Row[Any]]:
    """Open cases with `due` (what is due first) and `missed` (how many limits under way are late).

    Those of an officer, else those of these queues without an officer, else all; only of these compartments.
    """
    query = WAITING.where(CASE.compartment.in_(compartments)).limit(most)
    if officer is not None:
        query = query.where(CASE.officer == officer)
    elif queues is not None:
        query = query.where(CASE.queue.in_(queues), CASE.officer.is_(None))
    return list(connection.execute(query))
