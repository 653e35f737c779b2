"""Asking once, four weeks after a case was closed, how we dealt with it.

Whether anything was done in the case stands here, as what the answers are counted against; who answered what
stands nowhere. The person finds the survey with their code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Boolean, Connection, ForeignKey, bindparam, exists, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from portal import clock
from portal.database import Base, Database
from portal.incidents.actions import ACTIONS
from portal.incidents.models import CaseAction, IncidentCase
from portal.incidents.moving import locked
from portal.incidents.states import State


class CaseSurvey(Base):
    """That the people of a case are asked how we dealt with it: once for each time that it was closed."""

    __tablename__ = "case_survey"

    case: Mapped[str] = mapped_column(ForeignKey("incident_case.reference"), primary_key=True)
    wave: Mapped[int] = mapped_column(primary_key=True)
    """Which asking it is: there is one, the first."""
    offered: Mapped[int] = mapped_column(BigInteger)
    """When it was offered, in seconds since 1970."""
    further_action: Mapped[bool] = mapped_column(Boolean)
    """Whether anything was done in the case, beyond advice: what satisfaction is counted against."""
    taken: Mapped[bool] = mapped_column(Boolean, default=False)
    """Whether somebody opened it. Not when: that would lead to the answers."""


WAVE = 1
WEEKS = 4
AFTER = WEEKS * 7 * 86400
"""Seconds after closing."""
NO_ACTION = frozenset({"advice", "none_unknown", "none_insufficient", "none_victim_wish"})
"""Actions that are none."""
CASE, TABLE = IncidentCase, CaseSurvey
ASKED = exists().where(TABLE.case == CASE.reference, TABLE.wave == WAVE)
CLOSED = (State.CLOSED.value, State.MONITORING.value, State.ARCHIVED.value)
DUE = (
    select(CASE.reference)
    .where(CASE.state.in_(CLOSED), CASE.closed <= bindparam("before"), ~ASKED)
    .order_by(CASE.reference)
)
DONE = select(CaseAction.code).where(
    CaseAction.case == bindparam("of"), CaseAction.code.in_(sorted(ACTIONS.keys() - NO_ACTION))
)
OPEN = select(TABLE.case, TABLE.wave, TABLE.further_action).where(
    TABLE.case == bindparam("of"), TABLE.taken.is_(False)
)


@dataclass(frozen=True, slots=True)
class Offered:
    """A survey that the people of a case may answer."""

    case: str
    wave: int
    further_action: bool


def offer_due(database: Database) -> int:
    """Offer the survey in every case that was closed four weeks ago and had none; how many."""
    with database.read() as connection:
        cases = list(connection.execute(DUE, {"before": clock.seconds() - AFTER}).scalars())
    return sum(_offer(database, case) for case in cases)


def _offer(database: Database, reference: str) -> bool:
    with database.write() as connection:
        case = locked(connection, reference)
        due = case.state in CLOSED and case.closed is not None and case.closed <= clock.seconds() - AFTER
        asked = select(TABLE.case).where(TABLE.case == reference, TABLE.wave == WAVE)
        if not due or connection.execute(asked).first() is not None:
            return False
        further = connection.execute(DONE, {"of": reference}).first() is not None
        row: dict[str, Any] = {"case": reference, "wave": WAVE, "offered": clock.seconds()}
        connection.execute(insert(TABLE), {**row, "further_action": further, "taken": False})
    return True


def survey_for(connection: Connection, case: str) -> Offered | None:
    """The survey that the people of a case are offered and nobody opened yet: for the page that they come
    back to with their code."""
    row = connection.execute(OPEN, {"of": case}).first()
    return Offered(row.case, row.wave, row.further_action) if row is not None else None


def take(connection: Connection, case: str) -> bool:
    """Somebody opens the survey of a case; False when it was opened before, or none is offered."""
    taken = update(TABLE).where(TABLE.case == case, TABLE.taken.is_(False)).values(taken=True)
    return connection.execute(taken).rowcount == 1
