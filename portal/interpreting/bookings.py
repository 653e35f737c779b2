"""Seats: who comes when. The database itself lets nobody sit twice at once, and no seat be taken twice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from portal import clock, references
from portal.interpreting.models import OVERLAP, SEAT_TAKEN, Assignment, Booking, Interpreter, Offer

VISITS = frozenset({"office", "home", "place"})
"""Ways of meeting to which an interpreter travels."""
ASKED = ("sent", "seen", "willing")
"""Offers that can still be accepted."""

LIVE = select(*Booking.__table__.columns).where(Booking.request == bindparam("request"), Booking.live)
FIND = select(*Booking.__table__.columns).where(Booking.reference == bindparam("of"))
SITTING = (
    select(*Assignment.__table__.columns)
    .where(Assignment.booking == bindparam("of"), Assignment.state != "released")
    .order_by(Assignment.seat)
)
SEATED = select(*Assignment.__table__.columns).where(Assignment.reference == bindparam("of"))
PERSON = select(*Interpreter.__table__.columns).where(Interpreter.id == bindparam("of"))


class SeatTaken(RuntimeError):
    """Somebody else sits there already."""


class Overlap(RuntimeError):
    """The interpreter is busy at that time."""


def live(connection: Connection, request: str) -> Row[Any] | None:
    """The booking of a request that counts."""
    return connection.execute(LIVE, {"request": request}).first()


def find(connection: Connection, booking: str) -> Row[Any] | None:
    """A booking by its reference. Whoever holds its request holds it too."""
    return connection.execute(FIND, {"of": booking}).first()


def hold_interpreter(connection: Connection, interpreter: int) -> Row[Any] | None:
    """An interpreter, held until the transaction ends, by whoever holds the request of the seat."""
    return connection.execute(PERSON.with_for_update(key_share=True), {"of": interpreter}).first()


def sitting(connection: Connection, booking: str) -> list[Row[Any]]:
    """Who sits in a booking, seat by seat."""
    return list(connection.execute(SITTING, {"of": booking}).all())


def make(
    connection: Connection,
    request: str,
    starts: int,
    ends: int,
    mode: str,
    seats: int = 1,
    way: str = "direct",
    **placed: Any,
) -> Row[Any]:
    """A new booking for a request, which counts from now on. The one before must have been ended."""
    row = {
        "reference": references.new(),
        "request": request,
        "live": True,
        "starts": starts,
        "ends": ends,
        "mode": mode,
        "seats": seats,
        "way": way,
        **placed,
    }
    connection.execute(insert(Booking), row)
    found = find(connection, row["reference"])
    assert found is not None
    return found


def busy(booking_starts: int, booking_ends: int, mode: str, travel: int) -> tuple[int, int]:
    """From when until when an interpreter is taken up: travel to a visit, and back, is part of it."""
    minutes = travel if mode in VISITS else 0
    return booking_starts - minutes * 60, booking_ends + minutes * 60


def sit(connection: Connection, booking: Row[Any], interpreter: Row[Any], state: str = "accepted") -> str:
    """Give an interpreter the first free seat; gives the assignment's reference.

    Raises SeatTaken when none is free, Overlap when the interpreter is busy: after either, the transaction
    must end.
    """
    taken = {row.seat for row in sitting(connection, booking.reference)}
    seat = next((number for number in range(1, booking.seats + 1) if number not in taken), None)
    if seat is None or not booking.live:
        raise SeatTaken
    begins, ends = busy(booking.starts, booking.ends, booking.mode, interpreter.travel)
    row = {
        "reference": references.new(),
        "booking": booking.reference,
        "seat": seat,
        "interpreter": interpreter.id,
        "state": state,
        "busy_from": begins,
        "busy_to": ends,
        "sequence": 0,
        "changed": clock.seconds(),
        "outcomes": [],
    }
    with _said():
        connection.execute(insert(Assignment), row)
    return str(row["reference"])


def set_state(connection: Connection, assignment: str, since: Iterable[str], to: str, **columns: Any) -> bool:
    """Move an assignment on, with one statement; False when it was not in one of those states any more."""
    changes = {
        "state": to,
        "sequence": Assignment.sequence + 1,
        "changed": clock.seconds(),
        **columns,
    }
    with _said():
        moved = connection.execute(
            update(Assignment)
            .where(Assignment.reference == assignment, Assignment.state.in_(list(since)))
            .values(changes)
        )
    return moved.rowcount == 1


def release(connection: Connection, assignment: str, reason: str) -> bool:
    """Give a seat back. Calendars show it as cancelled."""
    return set_state(connection, assignment, ("accepted", "confirmed", "started"), "released", reason=reason)


def empty(connection: Connection, booking: Row[Any], reason: str, offers: str = "withdrawn") -> list[int]:
    """End a booking: seats are given back, offers closed; gives the interpreters whom it concerned."""
    concerned = [row.interpreter for row in sitting(connection, booking.reference)]
    for row in sitting(connection, booking.reference):
        release(connection, row.reference, reason)
    concerned += close_offers(connection, booking.reference, offers)
    connection.execute(update(Booking).where(Booking.reference == booking.reference).values(live=False))
    return sorted(set(concerned))


def close_offers(connection: Connection, booking: str, to: str, but: int | None = None) -> list[int]:
    """Close the offers that can still be accepted; gives the interpreters who had one."""
    open_ones = select(Offer.reference, Offer.interpreter).where(
        Offer.booking == booking, Offer.state.in_(ASKED)
    )
    rows = connection.execute(open_ones.order_by(Offer.reference)).all()
    for row in rows:
        if row.interpreter != but:
            connection.execute(
                update(Offer)
                .where(Offer.reference == row.reference)
                .values(state=to, answered=clock.seconds())
            )
    return [row.interpreter for row in rows if row.interpreter != but]


def shift(connection: Connection, booking: Row[Any], starts: int, ends: int) -> None:
    """Move a booking within its half day: who sits there stays, and is asked again. Raises Overlap."""
    connection.execute(
        update(Booking).where(Booking.reference == booking.reference).values(starts=starts, ends=ends)
    )
    for row in sorted(sitting(connection, booking.reference), key=lambda one: one.interpreter):
        person = hold_interpreter(connection, row.interpreter)
        assert person is not None
        begins, until = busy(starts, ends, booking.mode, person.travel)
        set_state(
            connection,
            row.reference,
            ("accepted", "confirmed"),
            "accepted",
            busy_from=begins,
            busy_to=until,
        )


def count_up(connection: Connection, booking: str) -> None:
    """Something else that calendars show has changed, such as the place."""
    connection.execute(
        update(Assignment)
        .where(Assignment.booking == booking, Assignment.state != "released")
        .values(sequence=Assignment.sequence + 1, changed=clock.seconds())
    )


class _said:
    """The database's refusals in our words."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, IntegrityError):
            words = str(error.orig)
            if OVERLAP in words:
                raise Overlap from error
            if SEAT_TAKEN in words or "assignment.seat" in words:
                raise SeatTaken from error
