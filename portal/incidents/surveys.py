"""Asking once, four weeks after a case was closed, how we dealt with it.

Whether anything was done in the case goes with the answers, as what they are counted against; who answered
what stands nowhere. The person finds the survey with their code. Who can be reached safely is told so; nobody
of a sealed case is, and nobody is asked who wanted to be forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    ForeignKey,
    Row,
    bindparam,
    exists,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal import clock
from portal.database import Base, Database
from portal.incidents import notices, reports
from portal.incidents.actions import ACTIONS
from portal.incidents.erasure_steps import Erasure
from portal.incidents.erasure_steps import State as Erasing
from portal.incidents.models import CaseAction, IncidentCase, IncidentReport
from portal.incidents.moving import locked
from portal.incidents.states import State
from portal.sealing import KeyRing
from portal.settings import Settings


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
TO_BE_FORGOTTEN = exists().where(
    Erasure.state != Erasing.WITHDRAWN.value,
    Erasure.report == IncidentReport.reference,
    IncidentReport.case == CASE.reference,
)
"""Somebody of the case asked us to erase what they told us, and has not taken that back."""
CLOSED = (State.CLOSED.value, State.MONITORING.value, State.ARCHIVED.value)
MAY_BE_ASKED = (CASE.state.in_(CLOSED), CASE.data_key.is_not(None), ~TO_BE_FORGOTTEN)
DUE = (
    select(CASE.reference)
    .where(CASE.closed <= bindparam("before"), ~ASKED, *MAY_BE_ASKED)
    .order_by(CASE.reference)
)
DONE = select(CaseAction.code).where(
    CaseAction.case == bindparam("of"), CaseAction.code.in_(sorted(ACTIONS.keys() - NO_ACTION))
)
OPEN = (
    select(TABLE.case, TABLE.wave, TABLE.further_action)
    .join(CASE, CASE.reference == TABLE.case)
    .where(TABLE.case == bindparam("of"), TABLE.taken.is_(False), *MAY_BE_ASKED)
)
OUTCOMES = {True: "further_action", False: "no_further_action"}
"""Whether anything was done -> the code that goes with the answers."""
HARMED = "victim"
"""Who told us, that is told of the survey first: a code of the form."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A survey that the people of a case may answer."""

    case: str
    wave: int
    further_action: bool

    @property
    def outcome(self) -> str:
        """What its answers are counted against, as a code."""
        return OUTCOMES[self.further_action]


def offer_due(database: Database, ring: KeyRing, settings: Settings) -> int:
    """Offer the survey in every case that was closed four weeks ago and had none; how many."""
    with database.read() as connection:
        cases = list(connection.execute(DUE, {"before": clock.seconds() - AFTER}).scalars())
    return sum(_offer(database, ring, settings, case) for case in cases)


def _offer(database: Database, ring: KeyRing, settings: Settings, reference: str) -> bool:
    with database.write() as connection:
        case, before = locked(connection, reference), {"before": clock.seconds() - AFTER}
        if connection.execute(DUE.where(CASE.reference == reference), before).first() is None:
            return False
        further = connection.execute(DONE, {"of": reference}).first() is not None
        row: dict[str, Any] = {"case": reference, "wave": WAVE, "offered": clock.seconds()}
        connection.execute(insert(TABLE), {**row, "further_action": further, "taken": False})
        _invite(connection, ring, settings, case)
    return True


def _invite(connection: Connection, ring: KeyRing, settings: Settings, case: Row[Any]) -> None:
    """Tell one of who told us, by their own safe way: who was harmed, else the first.

    Nobody of a sealed case: they find it with their code.
    """
    if case.compartment != "none":
        return
    told = sorted(reports.of_case(connection, case.reference), key=lambda one: one.journey != HARMED)
    same = f"{case.reference} {WAVE}"
    any(notices.give(connection, ring, settings, one, notices.INVITATION, same) for one in told)


def survey_for(connection: Connection, case: str) -> Offered | None:
    """The survey that the people of a case are offered and nobody opened yet: for the page that they come
    back to with their code."""
    row = connection.execute(OPEN, {"of": case}).first()
    return Offered(row.case, row.wave, row.further_action) if row is not None else None


def take(connection: Connection, case: str) -> bool:
    """Somebody opens the survey of a case; False when it was opened before, or none is offered."""
    taken = update(TABLE).where(TABLE.case == case, TABLE.taken.is_(False)).values(taken=True)
    return connection.execute(taken).rowcount == 1
