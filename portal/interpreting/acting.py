"""What a coordinator lets happen to a request: each step one transaction, none on what they have not seen.

Whoever decides has looked at one version of the request. When a colleague, an interpreter or the person
was faster, nothing is done and NotNow is raised.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, update

from portal import clock
from portal.database import Database
from portal.interpreting import bookings, consequences, offers, open_questions
from portal.interpreting.candidates import candidates
from portal.interpreting.models import Interpreter, Request
from portal.interpreting.moving import NotNow, locked, may, move, noted
from portal.interpreting.offers import WITHDRAWN
from portal.interpreting.purposes import PURPOSES
from portal.interpreting.states import Event, Kind, State, Who
from portal.questions.messages import Message, _staff
from portal.sealing import KeyRing

OWN_WHY: dict[str, Message] = {
    "trusted": _staff("They trust this relative or friend"),
    "worker": _staff("It is somebody who supports them in their work"),
    "professional": _staff("It is an interpreter of their own"),
    "other": _staff("Another reason"),
}
"""Why somebody brings a person of their own."""
SEATS = frozenset(
    {
        Event.OFFER,
        Event.RUN_OUT,
        Event.ACCEPT,
        Event.CONFIRM,
        Event.ASK_AGAIN,
        Event.ASSIGN,
        Event.PLACE,
        Event.RELEASE,
        Event.ABSENT,
        Event.DECLINE,
    }
)
"""What only happens where somebody comes and interprets."""
ENDS_BOOKING = frozenset(
    {Event.RECONSIDER, Event.ESCALATE, Event.GIVE_UP, Event.REOPEN, Event.DUPLICATE, Event.RUN_OUT}
)
"""What leaves nothing of the offers and seats that there were."""


class WillNotDo(RuntimeError):
    """Somebody is chosen who cannot come."""


@dataclass(frozen=True, slots=True)
class Plan:
    """When somebody should come, for how long and how, and how many."""

    starts: int
    ends: int
    """Seconds since 1970."""
    mode: str
    seats: int = 1
    way: str = "direct"


def possible(request: Row[Any]) -> list[Event]:
    """What a coordinator can let happen to a request now, in the order of the table's events."""
    return [event for event in Event if event in _in_table(request) and _fits(request, event)]


def _in_table(request: Row[Any]) -> set[Event]:
    return {event for event in Event if event is not Event.SUBMIT and may(request, event, Who.COORDINATOR)}


def _fits(request: Row[Any], event: Event) -> bool:
    """Whether it makes sense for what is asked for: nobody sits where something is written."""
    kind, state = Kind(request.kind), State(request.state)
    if event is Event.RECONSIDER and state is State.SUBMITTED:
        return False
    if kind is Kind.INTERPRETER:
        nobody_there = event in (Event.START, Event.FINISH) and state in (State.SUBMITTED, State.OPEN)
        return not nobody_there
    return event not in SEATS and not (kind is Kind.CALL and event is Event.START)


@contextmanager
def as_seen(database: Database, reference: str, seen: int) -> Iterator[tuple[Connection, Row[Any]]]:
    """A transaction on a request that is still as somebody has seen it. Raises NotNow when it is not."""
    with database.write() as connection:
        request = locked(connection, reference)
        if request.version != seen:
            raise NotNow("somebody was faster")
        yield connection, request


def step(
    database: Database,
    ring: KeyRing,
    reference: str,
    seen: int,
    event: Event,
    by: str,
    reason: str | None = None,
    **columns: Any,
) -> None:
    """Let one event happen, with what it does to seats and offers. Raises NotNow."""
    with as_seen(database, reference, seen) as (connection, request):
        if event not in possible(request):
            raise NotNow(f"{event} in {request.state}")
        booking = bookings.live(connection, reference)
        if booking is not None:
            _seats(connection, booking, event, reason)
        request = move(connection, request, event, by=by, who=Who.COORDINATOR, reason=reason, **columns)
        noted(connection, ring, request, event, by)


def ask(database: Database, ring: KeyRing, reference: str, seen: int, words: str, by: str) -> None:
    """Ask the person something: they read it with their code. Raises NotNow."""
    question = open_questions.sealed(ring, reference, words)
    with as_seen(database, reference, seen) as (connection, request):
        if Event.ASK not in possible(request):
            raise NotNow(f"ask in {request.state}")
        open_questions.keep(connection, reference, question)
        request = move(connection, request, Event.ASK, by=by, who=Who.COORDINATOR)
        noted(connection, ring, request, Event.ASK, by)


def _seats(connection: Connection, booking: Row[Any], event: Event, reason: str | None) -> None:
    """What an event does to those who sit in a booking, or were asked."""
    if event in ENDS_BOOKING:
        concerned = bookings.empty(connection, booking, "time")
        if booking.ends > clock.seconds():
            offers.told(connection, booking, concerned, WITHDRAWN)
        return
    now, seated = clock.seconds(), bookings.sitting(connection, booking.reference)
    if event is Event.CONFIRM and booking.provider is None and len(seated) < booking.seats:
        raise NotNow("a seat is free")
    for row in seated:
        if event is Event.CONFIRM:
            bookings.set_state(connection, row.reference, ("accepted",), "confirmed")
        elif event is Event.START:
            bookings.set_state(connection, row.reference, ("confirmed",), "started", started=now)
        elif event is Event.FINISH or (event is Event.ABSENT and reason != "interpreter"):
            bookings.set_state(connection, row.reference, ("accepted", "confirmed", "started"), "finished")
        elif event is Event.ABSENT:
            bookings.release(connection, row.reference, "cannot")


def end(
    database: Database,
    ring: KeyRing,
    reference: str,
    seen: int,
    event: Event,
    by: str,
    reason: str = "",
    **columns: Any,
) -> None:
    """Cancel, or keep that the person does not want an interpreter. Raises NotNow."""
    with as_seen(database, reference, seen) as (connection, request):
        if event not in possible(request):
            raise NotNow(f"{event} in {request.state}")
        if columns:
            changed = update(Request).where(Request.reference == reference)
            connection.execute(changed.values(**columns))
        consequences.cancel(connection, ring, reference, reason, by=by, who=Who.COORDINATOR, event=event)


def own_person(database: Database, ring: KeyRing, reference: str, seen: int, why: str, by: str) -> None:
    """The person brings somebody of their own, which a member of staff (`by`) confirms. Raises NotNow.

    It is refused where what is said may end in court, or the person may not be free to say it.
    """
    with database.read() as connection:
        request = locked(connection, reference)
    if not own_person_may(request) or why not in OWN_WHY:
        raise NotNow("nobody of their own for this purpose")
    end(database, ring, reference, seen, Event.DECLINE, by, own_why=why, own_by=by)


def own_person_may(request: Row[Any]) -> bool:
    """Whether somebody of the person's own may interpret: only where it is known what it is about."""
    known = PURPOSES.get(request.purpose or "")
    return known is not None and known.own_person


def release(
    database: Database, ring: KeyRing, reference: str, seen: int, interpreter: int | None, why: str, by: str
) -> None:
    """An interpreter (all of them, for None) does not come after all. Raises NotNow."""
    with as_seen(database, reference, seen) as (connection, request):
        booking = bookings.live(connection, reference)
        if booking is None or booking.provider is None:
            consequences.let_go(connection, ring, reference, interpreter, why, by=by, who=Who.COORDINATOR)
            return
        _clear(connection, booking)  # whom a provider sends has no seat
        request = move(connection, request, Event.RELEASE, by=by, who=Who.COORDINATOR, reason=why)
        noted(connection, ring, request, Event.RELEASE, by)


def set_purpose(database: Database, ring: KeyRing, reference: str, seen: int, purpose: str, by: str) -> None:
    """It is about something else than was thought. Raises NotNow."""
    with as_seen(database, reference, seen) as (connection, _request):
        consequences.set_purpose(connection, ring, reference, purpose, by=by)


def reschedule(
    database: Database, ring: KeyRing, reference: str, seen: int, starts: int, ends: int, by: str
) -> None:
    """Move what is booked to another time. Raises NotNow, and bookings.Overlap when who stays is busy."""
    with as_seen(database, reference, seen) as (connection, _request):
        consequences.reschedule(connection, ring, reference, starts, ends, by=by)


def offer(
    database: Database, ring: KeyRing, reference: str, seen: int, plan: Plan, people: Sequence[int], by: str
) -> None:
    """Offer a request to interpreters who can come. Raises NotNow, and WillNotDo when one of them cannot."""
    with as_seen(database, reference, seen) as (connection, request):
        chosen = _who_fit(connection, request, plan, people)
        request = offers.send(
            connection,
            ring,
            request,
            chosen,
            starts=plan.starts,
            ends=plan.ends,
            mode=plan.mode,
            seats=plan.seats,
            way=plan.way,
            by=by,
        )
        noted(connection, ring, request, Event.OFFER, by)


def assign(
    database: Database, ring: KeyRing, reference: str, seen: int, plan: Plan, people: Sequence[int], by: str
) -> None:
    """Book who is on duty, without an offer. Raises NotNow, WillNotDo, and bookings.Overlap."""
    with as_seen(database, reference, seen) as (connection, request):
        if not may(request, Event.ASSIGN, Who.COORDINATOR):
            raise NotNow(f"assign in {request.state}")
        for person in sorted(people):
            bookings.hold_interpreter(connection, person)
        chosen = _who_fit(connection, request, plan, people)
        _clear(connection, bookings.live(connection, reference))
        booking = bookings.make(connection, reference, plan.starts, plan.ends, plan.mode, len(chosen), "rota")
        for one in chosen:
            bookings.sit(connection, booking, one, "confirmed")
        request = _booked(connection, request, Event.ASSIGN, plan, by)
        noted(connection, ring, request, Event.ASSIGN, by)


def place(
    database: Database, ring: KeyRing, reference: str, seen: int, plan: Plan, by: str, **placed: Any
) -> None:
    """Book somebody whom a provider sends: `provider`, `provider_number`, `price` in pence. Raises NotNow."""
    with as_seen(database, reference, seen) as (connection, request):
        if Event.PLACE not in possible(request):
            raise NotNow(f"place in {request.state}")
        _clear(connection, bookings.live(connection, reference))
        bookings.make(
            connection, reference, plan.starts, plan.ends, plan.mode, plan.seats, "direct", **placed
        )
        request = _booked(connection, request, Event.PLACE, plan, by)
        noted(connection, ring, request, Event.PLACE, by)


def _booked(connection: Connection, request: Row[Any], event: Event, plan: Plan, by: str) -> Row[Any]:
    columns: dict[str, Any] = {} if request.mode == plan.mode else {"mode": plan.mode}
    return move(connection, request, event, by=by, who=Who.COORDINATOR, **columns)


def _clear(connection: Connection, booking: Row[Any] | None) -> None:
    if booking is not None:
        offers.told(connection, booking, bookings.empty(connection, booking, "time"), WITHDRAWN)


def _who_fit(connection: Connection, request: Row[Any], plan: Plan, people: Sequence[int]) -> list[Row[Any]]:
    """The rows of the interpreters who are chosen. Raises WillNotDo when nobody is, or one cannot come."""
    found = candidates(connection, request, plan.starts, plan.ends, plan.mode)
    able = {one.person.id for one in found if one.fits}
    if not people or not set(people) <= able or not request.agreed:
        raise WillNotDo
    rows = connection.execute(Interpreter.__table__.select().where(Interpreter.id.in_(list(people)))).all()
    return sorted(rows, key=lambda row: list(people).index(row.id))
