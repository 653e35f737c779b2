"""Calls with an interpreter of the phone provider, and how often staff managed without: for counting.

Neither says who it was about, or who noted it. A call may name the request that it answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, Connection, Date, ForeignKey, Row, String, bindparam, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from portal import audit, clock, references
from portal.audit import Did
from portal.database import Base, Database
from portal.interpreting import bookings, moving
from portal.interpreting.states import Event, State, Who
from portal.questions.messages import Message, _staff
from portal.sealing import KeyRing

TEAMS = "teams"
"""The list of the landlord's teams, which administrators keep."""

OUTCOMES: dict[str, Message] = {
    "done": _staff("Done"),
    "partly": _staff("Partly, to be continued"),
    "wrong_language": _staff("Wrong language or dialect"),
    "not_understood": _staff("They could not understand each other"),
    "stopped": _staff("The person stopped"),
    "abandoned": _staff("Nobody was found, or the line broke"),
    "safeguarding": _staff("Done, and somebody may be at risk: told to safeguarding"),
}
"""How a call with the provider ended."""
ANSWERED = frozenset({"done", "safeguarding"})
"""Outcomes after which a request for a call now is done."""


class InterpretedCall(Base):
    """One call with an interpreter of the phone provider."""

    __tablename__ = "interpreted_call"
    __table_args__ = (CheckConstraint("minutes >= 0", name="minutes"),)

    reference: Mapped[str] = mapped_column(String(9), primary_key=True)
    """Random, so that it tells no order."""
    day: Mapped[date] = mapped_column(Date, index=True)
    language: Mapped[str] = mapped_column(String(60))
    """Code of the language."""
    minutes: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(16))
    """A key of OUTCOMES."""
    purpose: Mapped[str | None] = mapped_column(String(16))
    """A key of PURPOSES."""
    request: Mapped[str | None] = mapped_column(
        ForeignKey("interpreter_request.reference", ondelete="SET NULL"), index=True
    )
    """The request that it answered."""


class ManagedWithout(Base):
    """Once that somebody needed an interpreter and there was none."""

    __tablename__ = "managed_without"

    reference: Mapped[str] = mapped_column(String(9), primary_key=True)
    """Random, so that it tells no order."""
    day: Mapped[date] = mapped_column(Date, index=True)
    office: Mapped[str | None] = mapped_column(String(60))
    """Code of the office."""
    language: Mapped[str | None] = mapped_column(String(60))
    """Code of the language; none where nobody knew."""
    team: Mapped[str | None] = mapped_column(String(60))
    """Code of the team."""


COLUMNS = InterpretedCall.__table__.columns
OF_DAY = select(*COLUMNS).where(InterpretedCall.day == bindparam("on"))


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCall:
    """A call to be logged."""

    language: str
    minutes: int
    outcome: str
    purpose: str | None = None
    request: str | None = None


def log(database: Database, ring: KeyRing, call: NewCall, by: str) -> bool:
    """Log a call of today; whether it also closed the request that it names. Audited.

    It closes a request for a call now that waits and for which nobody is booked, when the call was done. Any
    other request stays as it is. Raises NotNow when there is no such request.
    """
    row = {
        "reference": references.new(),
        "day": clock.today(),
        **{name: getattr(call, name) for name in NewCall.__dataclass_fields__},
    }
    with database.write() as connection:
        closed = False
        if call.request is not None:
            request = moving.locked(connection, call.request)
            row["purpose"] = call.purpose or request.purpose
            if call.outcome in ANSWERED and _waits_for_call(connection, request):
                request = moving.move(connection, request, Event.FINISH, by=by, who=Who.COORDINATOR)
                closed = True
        connection.execute(insert(InterpretedCall), row)
        if closed:
            moving.noted(connection, ring, request, Event.FINISH, by)
        audit.note(connection, ring, by=by, did=Did.CREATED, what=f"interpreted call {row['reference']}")
    return closed


def _waits_for_call(connection: Connection, request: Row[Any]) -> bool:
    return (
        request.mode == "phone_now"
        and State(request.state) in (State.SUBMITTED, State.OPEN)
        and bookings.live(connection, request.reference) is None
    )


def of_day(connection: Connection, day: date) -> list[Row[Any]]:
    """The calls of a day, in no order that tells when."""
    return list(connection.execute(OF_DAY.order_by(COLUMNS.language, COLUMNS.reference), {"on": day}).all())


def without(database: Database, where: Mapping[str, str | None]) -> None:
    """Count once that somebody needed an interpreter and there was none: office, language, team if known.

    Not audited: it names nobody, and an entry would only tell when.
    """
    row = {
        "reference": references.new(),
        "day": clock.today(),
        **{name: where.get(name) for name in ("office", "language", "team")},
    }
    with database.write() as connection:
        connection.execute(insert(ManagedWithout), row)
