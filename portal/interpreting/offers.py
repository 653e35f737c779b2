"""Offers: who is asked, and what they answer. Whoever accepts first has the seat, and nobody else.

DIRECT asks one person, TIERED our own staff first and others later, POOL collects who can and lets the
coordinator choose, ROTA books whoever is on duty.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from portal import clock, references
from portal.database import Database
from portal.interpreting import bookings
from portal.interpreting.bookings import ASKED, Overlap, SeatTaken
from portal.interpreting.models import Booking, Conflict, Offer, RequestPerson
from portal.interpreting.moving import NotNow, locked, may, move, noted, tell
from portal.interpreting.states import Event, State, Who
from portal.questions.messages import Message, _staff
from portal.sealing import KeyRing

MINUTE, HOUR = 60, 3600
EXPIRY = {
    "emergency": 10 * MINUTE,
    "urgent": HOUR,
    "soon": 4 * HOUR,
    "planned": 24 * HOUR,
    "long_lead": 72 * HOUR,
}
"""Seconds that an offer can be accepted."""
TIERS = ("staff", "bank", "provider")
"""Who is asked first, second, third in a tiered offer: each when the one before has had its time."""
FILLED, WITHDRAWN, OFFERED = "filled", "withdrawn", "offered"
"""What interpreters are told besides a request's own events."""

DECLINED_WHY: dict[str, Message] = {
    "busy": _staff("I have no time"),
    "far": _staff("It is too far"),
    "language": _staff("It is not my language or dialect"),
    "know": _staff("I may know this person"),
    "subject": _staff("I do not want to interpret this"),
    "other": _staff("Another reason"),
}

OFFER = (
    select(*Offer.__table__.columns, Booking.request, Booking.way)
    .join(Booking, Booking.reference == Offer.booking)
    .where(Offer.reference == bindparam("of"), Offer.interpreter == bindparam("person"))
)
WAITING = select(Offer.reference).where(Offer.booking == bindparam("of"), Offer.state.in_(ASKED)).limit(1)
RUN_OUT = (
    select(Booking.request, Booking.reference)
    .join(Offer, Offer.booking == Booking.reference)
    .where(Offer.state.in_(ASKED), Offer.expires <= bindparam("now"), Booking.live)
    .distinct()
)


class Answer(Enum):
    """What becomes of accepting."""

    WON = "the seat is theirs"
    ALREADY = "it was theirs already"
    WILLING = "the coordinator knows that they can"
    FILLED = "somebody was faster"
    OVERLAP = "they are busy at that time"
    EXPIRED = "it came too late"
    WITHDRAWN = "it is not offered any more"
    DECLINED = "they had declined it"
    NONE = "there is no such offer for them"


TOO_LATE: dict[type[Exception], Answer] = {
    SeatTaken: Answer.FILLED,
    Overlap: Answer.OVERLAP,
    NotNow: Answer.WITHDRAWN,
}
"""What somebody hears whom the database, or the table of steps, refuses."""


def send(
    connection: Connection,
    ring: KeyRing,
    request: Row[Any],
    interpreters: Sequence[Row[Any]],
    *,
    starts: int,
    ends: int,
    mode: str,
    seats: int,
    way: str,
    by: str,
) -> Row[Any]:
    """Offer a request, held by locked(), to these interpreters; gives it as it is now. Raises NotNow."""
    if not interpreters or not may(request, Event.OFFER, Who.COORDINATOR):
        raise NotNow(f"offer in {request.state}")
    booking = bookings.live(connection, request.reference)
    planned = (starts, ends, mode, seats)
    if booking is not None and (booking.starts, booking.ends, booking.mode, booking.seats) != planned:
        told(connection, booking, bookings.empty(connection, booking, "time"), WITHDRAWN)
        booking = None
    if booking is None:
        booking = bookings.make(connection, request.reference, starts, ends, mode, seats, way)
    elif booking.way != way:
        connection.execute(update(Booking).where(Booking.reference == booking.reference).values(way=way))
    now, life = clock.seconds(), EXPIRY[request.urgency]
    known = select(Offer.interpreter, Offer.reference, Offer.state).where(Offer.booking == booking.reference)
    asked = {row.interpreter: row for row in connection.execute(known)}
    for person in interpreters:
        before = asked.get(person.id)
        if before is not None and before.state in ASKED:
            continue
        goes = now + (TIERS.index(person.kind) * life if way == "tiered" else 0)
        expires = min(goes + life, max(starts, now + EXPIRY["emergency"]))
        ask(connection, request, booking, person.id, goes, expires, again=before and before.reference)
    changes = {"mode": mode} if request.mode != mode else {}
    return move(connection, request, Event.OFFER, by=by, who=Who.COORDINATOR, **changes)


def ask(
    connection: Connection,
    request: Row[Any],
    booking: Row[Any],
    interpreter: int,
    goes: int,
    expires: int,
    again: str | None = None,
) -> None:
    """Offer a booking to one interpreter, and tell them when it goes out (seconds since 1970, as its end).

    `again` is their earlier offer of it: they are asked as if they had not been, else nobody would be.
    """
    offer = {
        "reference": again or references.new(),
        "booking": booking.reference,
        "interpreter": interpreter,
        "state": "sent",
        "sent": goes,
        "expires": expires,
        "answered": None,
        "reason": None,
    }
    if again is None:
        connection.execute(insert(Offer), offer)
    else:
        connection.execute(update(Offer).where(Offer.reference == again).values(offer))
    tell(connection, request.reference, OFFERED, request.version, goes, offer=str(offer["reference"]))


def accept(database: Database, ring: KeyRing, offer: str, interpreter: int, by: str) -> Answer:
    """Accept an offer. Of those who press at once one wins; the database refuses the rest."""
    try:
        with database.write() as connection:
            found = connection.execute(OFFER, {"of": offer, "person": interpreter}).first()
            if found is None or found.sent > clock.seconds():
                return Answer.NONE
            locked(connection, found.request)
            person = bookings.hold_interpreter(connection, interpreter)
            assert person is not None
            booking = bookings.find(connection, found.booking)
            found = connection.execute(OFFER, {"of": offer, "person": interpreter}).one()
            answer = _not_any_more(found, person, booking)
            if answer is not None or booking is None:
                return answer or Answer.NONE
            if booking.way == "pool":
                _answered(connection, offer, "willing")
                return Answer.WILLING
            bookings.sit(connection, booking, person)
            _answered(connection, offer, "accepted")
            _if_full(connection, ring, booking, by, Who.INTERPRETER)
    except tuple(TOO_LATE) as error:
        return TOO_LATE[type(error)]
    return Answer.WON


def choose(database: Database, ring: KeyRing, request: str, interpreter: int, by: str) -> Answer:
    """Seat an interpreter who can come, as the coordinator chooses: from a pool, or without an offer."""
    try:
        with database.write() as connection:
            locked(connection, request)
            person = bookings.hold_interpreter(connection, interpreter)
            booking = bookings.live(connection, request)
            if person is None or booking is None:
                return Answer.NONE
            bookings.sit(connection, booking, person)
            own = update(Offer).where(
                Offer.booking == booking.reference, Offer.interpreter == interpreter, Offer.state.in_(ASKED)
            )
            connection.execute(own.values(state="accepted", answered=clock.seconds()))
            _if_full(connection, ring, booking, by, Who.COORDINATOR)
    except tuple(TOO_LATE) as error:
        return TOO_LATE[type(error)]
    return Answer.WON


def decline(database: Database, ring: KeyRing, offer: str, interpreter: int, reason: str, by: str) -> Answer:
    """Decline an offer. Who may know the person is never offered anything of theirs again."""
    with database.write() as connection:
        found = connection.execute(OFFER, {"of": offer, "person": interpreter}).first()
        if found is None or reason not in DECLINED_WHY:
            return Answer.NONE
        locked(connection, found.request)
        found = connection.execute(OFFER, {"of": offer, "person": interpreter}).one()
        if found.state not in ASKED:
            return Answer.DECLINED if found.state == "declined" else Answer.WITHDRAWN
        _answered(connection, offer, "declined", reason)
        if reason == "know":
            keep_apart(connection, found.request, interpreter, "interpreter")
        _if_nobody_left(connection, ring, found.request, found.booking, by, Who.INTERPRETER)
    return Answer.DECLINED


def keep_apart(connection: Connection, request: str, interpreter: int, source: str) -> None:
    """From now on this interpreter is offered nothing of the person's who made the request. No details."""
    digests = connection.execute(
        select(RequestPerson.digest).where(RequestPerson.request == request)
    ).scalars()
    known = set(
        connection.execute(select(Conflict.digest).where(Conflict.interpreter == interpreter)).scalars()
    )
    rows = [
        {"interpreter": interpreter, "digest": one, "source": source, "since": clock.today()}
        for one in digests
        if one not in known
    ]
    if rows:
        connection.execute(insert(Conflict), rows)


def run_out(database: Database, ring: KeyRing) -> int:
    """Close the offers whose time is over; a request that nobody can accept any more is open again."""
    now = clock.seconds()
    with database.read() as connection:
        found = connection.execute(RUN_OUT, {"now": now}).all()
    for row in found:
        with database.write() as connection:
            locked(connection, row.request)
            over = update(Offer).where(
                Offer.booking == row.reference, Offer.state.in_(("sent", "seen")), Offer.expires <= now
            )
            connection.execute(over.values(state="expired", answered=now))
            _if_nobody_left(connection, ring, row.request, row.reference, "portal", Who.PORTAL)
    return len(found)


def seen(database: Database, offer: str, interpreter: int) -> None:
    """The interpreter has opened it."""
    database.change(
        update(Offer)
        .where(
            Offer.reference == bindparam("of"),
            Offer.interpreter == bindparam("person"),
            Offer.state == "sent",
            Offer.sent <= bindparam("now"),
        )
        .values(state="seen"),
        {"of": offer, "person": interpreter, "now": clock.seconds()},
    )


def told(connection: Connection, booking: Row[Any], interpreters: Sequence[int], what: str) -> None:
    """Tell interpreters that a booking is not theirs to take any more."""
    for person in interpreters:
        tell(connection, booking.request, what, 0, interpreter=f"{person}", booking=booking.reference)


def _not_any_more(offer: Any, person: Row[Any], booking: Row[Any] | None) -> Answer | None:
    """Why an offer cannot be accepted, if it cannot."""
    if not person.active:
        return Answer.NONE
    if offer.state in ASKED and (booking is None or not booking.live):
        return Answer.WITHDRAWN
    if offer.state in ASKED:
        return Answer.EXPIRED if offer.expires <= clock.seconds() else None
    return {
        "accepted": Answer.ALREADY,
        "declined": Answer.DECLINED,
        "expired": Answer.EXPIRED,
        "filled": Answer.FILLED,
    }.get(offer.state, Answer.WITHDRAWN)


def _answered(connection: Connection, offer: str, state: str, reason: str | None = None) -> None:
    connection.execute(
        update(Offer)
        .where(Offer.reference == offer)
        .values(state=state, reason=reason, answered=clock.seconds())
    )


def _if_full(connection: Connection, ring: KeyRing, booking: Row[Any], by: str, who: Who) -> None:
    """When every seat is taken: the others are told, and the request is held."""
    if len(bookings.sitting(connection, booking.reference)) < booking.seats:
        _if_nobody_left(connection, ring, booking.request, booking.reference, by, who)
        return
    others = bookings.close_offers(connection, booking.reference, "filled")
    told(connection, booking, others, FILLED)
    request = locked(connection, booking.request)
    if State(request.state) is State.OPEN:  # the coordinator chose without an offer
        request = move(connection, request, Event.OFFER, by=by, who=Who.COORDINATOR)
    request = move(connection, request, Event.ACCEPT, by=by, who=who)
    noted(connection, ring, request, Event.ACCEPT, by)


def _if_nobody_left(
    connection: Connection, ring: KeyRing, request: str, booking: str, by: str, who: Who
) -> None:
    if connection.execute(WAITING, {"of": booking}).first() is not None:
        return
    row = locked(connection, request)
    if State(row.state) is State.OFFERING:
        row = move(connection, row, Event.RUN_OUT, by=by, who=who)
        noted(connection, ring, row, Event.RUN_OUT, by)
