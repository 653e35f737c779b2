"""What an interpreter does with a booking: says whether they know the person, gives it back, begins, ends."""

from __future__ import annotations

from enum import Enum
from typing import Any

from sqlalchemy import Connection, Row

from portal import clock
from portal.database import Database
from portal.interpreting import bookings, consequences, jobs, offers
from portal.interpreting.moving import NotNow, locked, may, move, noted
from portal.interpreting.states import ABSENT_WHY, Event, State, Who
from portal.sealing import KeyRing

EARLY = 3600
"""Seconds before the beginning from which a visit can be begun."""
GIVEN_BACK = ("ill", "cannot")
"""Why an interpreter gives a booking back, besides that they may know the person."""
OTHERS = frozenset(ABSENT_WHY) - {"interpreter"}
"""Who can fail to come, as an interpreter sees it."""
UNDER_WAY = frozenset({State.OFFERING, State.OPEN, State.HELD, State.CONFIRMED})
"""States of a request in which a seat may be confirmed."""
AFTER_VISIT = frozenset({"finished", "claimed", "approved"})


class Done(Enum):
    """What became of it."""

    YES = "done"
    ALREADY = "it was so already"
    TOO_EARLY = "the time has not come"
    NOT_NOW = "the booking is not where it was"
    NONE = "there is no such booking of theirs"


def unknown(database: Database, ring: KeyRing, reference: str, person: int, by: str) -> Done:
    """They do not know the person: their seat is confirmed, and with the last seat the request."""
    with database.write() as connection:
        found = _held(connection, reference, person)
        if found is None:
            return Done.NONE
        job, request = found
        if job.state != "accepted" or not job.live or State(request.state) not in UNDER_WAY:
            return Done.ALREADY if job.state == "confirmed" else Done.NOT_NOW
        bookings.set_state(connection, reference, ("accepted",), "confirmed")
        seats = bookings.sitting(connection, job.booking)
        whole = len(seats) == job.seats and all(row.state == "confirmed" for row in seats)
        if whole and may(request, Event.CONFIRM, Who.INTERPRETER):
            request = move(connection, request, Event.CONFIRM, by=by, who=Who.INTERPRETER)
        noted(connection, ring, request, Event.CONFIRM, by)
    return Done.YES


def give_back(database: Database, ring: KeyRing, reference: str, person: int, reason: str, by: str) -> Done:
    """They do not come after all. Who may know the person is kept apart from them for good, no details."""
    try:
        with database.write() as connection:
            found = _held(connection, reference, person)
            if found is None:
                return Done.NONE
            job, request = found
            if reason not in (*GIVEN_BACK, "conflict"):
                return Done.NOT_NOW
            if job.state not in ("accepted", "confirmed") or not job.live:
                return Done.ALREADY if job.state == "released" else Done.NOT_NOW
            if State(request.state) in {State.OFFERING, State.OPEN}:  # another seat is still empty
                request = _leave_seat(connection, request, job, reason, by)
                noted(connection, ring, request, Event.RELEASE, by)
            else:
                consequences.let_go(connection, ring, job.request, person, reason, by=by, who=Who.INTERPRETER)
    except NotNow:
        return Done.NOT_NOW
    return Done.YES


def begin(database: Database, ring: KeyRing, reference: str, person: int, by: str) -> Done:
    """The visit begins, by the portal's clock; corrections belong in the timesheet."""
    with database.write() as connection:
        found = _held(connection, reference, person)
        if found is None:
            return Done.NONE
        job, request = found
        now = clock.seconds()
        if job.state != "confirmed":
            return Done.ALREADY if job.state == "started" else Done.NOT_NOW
        if now < job.starts - EARLY:
            return Done.TOO_EARLY
        if State(request.state) is State.CONFIRMED:
            request = move(connection, request, Event.START, by=by, who=Who.INTERPRETER)
        elif State(request.state) is not State.IN_PROGRESS:
            return Done.NOT_NOW
        bookings.set_state(connection, reference, ("confirmed",), "started", started=now)
        noted(connection, ring, request, Event.START, by)
    return Done.YES


def end(database: Database, ring: KeyRing, reference: str, person: int, by: str) -> Done:
    """The visit ends, also when nobody pressed the button that begins it. With the last seat it is done."""
    with database.write() as connection:
        found = _held(connection, reference, person)
        if found is None:
            return Done.NONE
        job, request = found
        now = clock.seconds()
        if job.state not in ("confirmed", "started"):
            return Done.ALREADY if job.state in AFTER_VISIT else Done.NOT_NOW
        if job.state == "confirmed" and now < job.starts:
            return Done.TOO_EARLY
        if State(request.state) not in {State.CONFIRMED, State.IN_PROGRESS}:
            return Done.NOT_NOW
        bookings.set_state(connection, reference, ("confirmed", "started"), "finished", finished=now)
        seats = bookings.sitting(connection, job.booking)
        if all(row.state in AFTER_VISIT for row in seats):
            request = move(connection, request, Event.FINISH, by=by, who=Who.INTERPRETER)
        noted(connection, ring, request, Event.FINISH, by)
    return Done.YES


def absent(database: Database, ring: KeyRing, reference: str, person: int, who: str, by: str) -> Done:
    """The person (tenant) or our officer did not come: nobody goes on waiting, and every seat is claimed."""
    with database.write() as connection:
        found = _held(connection, reference, person)
        if found is None:
            return Done.NONE
        job, request = found
        if job.state not in ("confirmed", "started"):
            return Done.ALREADY if State(request.state) is State.NO_SHOW else Done.NOT_NOW
        now = clock.seconds()
        if now < job.starts:
            return Done.TOO_EARLY
        if who not in OTHERS or not may(request, Event.ABSENT, Who.INTERPRETER):
            return Done.NOT_NOW
        outcomes = {"outcomes": ["6"]} if who == "tenant" else {}
        for row in bookings.sitting(connection, job.booking):
            since = ("confirmed", "started")
            bookings.set_state(connection, row.reference, since, "finished", finished=now, **outcomes)
            bookings.set_state(connection, row.reference, ("accepted",), "released", reason="time")
        request = move(connection, request, Event.ABSENT, by=by, who=Who.INTERPRETER, reason=who)
        noted(connection, ring, request, Event.ABSENT, by)
    return Done.YES


def _held(connection: Connection, reference: str, person: int) -> tuple[Row[Any], Row[Any]] | None:
    """Their booking and its request, held until the transaction ends."""
    first = jobs.booking(connection, person, reference)
    if first is None:
        return None
    request = locked(connection, first.request)
    job = jobs.booking(connection, person, reference)
    return (job, request) if job is not None else None


def _leave_seat(connection: Connection, request: Row[Any], job: Row[Any], reason: str, by: str) -> Row[Any]:
    """Give one seat back of a booking whose other seat nobody has taken yet; gives the request as it is now.

    Offers that wait go on; when none does, the request is one to be offered again.
    """
    bookings.release(connection, job.reference, reason)
    if reason == "conflict":
        offers.keep_apart(connection, request.reference, job.interpreter, "interpreter")
    booking = bookings.find(connection, job.booking)
    if booking is not None:
        offers.told(connection, booking, [job.interpreter], offers.WITHDRAWN)
    nobody = connection.execute(offers.WAITING, {"of": job.booking}).first() is None
    if nobody and may(request, Event.RUN_OUT, Who.INTERPRETER):
        return move(connection, request, Event.RUN_OUT, by=by, who=Who.INTERPRETER)
    return request
