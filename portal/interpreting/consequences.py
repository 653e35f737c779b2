"""What a change of a request does to what was arranged: one table, for every change and every state."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, update

from portal import clock
from portal.interpreting import bookings, windows
from portal.interpreting.candidates import still_fit
from portal.interpreting.models import Request
from portal.interpreting.moving import NotNow, locked, may, move, noted, tell
from portal.interpreting.offers import EXPIRY, WITHDRAWN, ask, keep_apart, told
from portal.interpreting.purposes import PURPOSES
from portal.interpreting.states import BOOKED, CANCELLED_WHY, ENDS, Event, State, Who
from portal.questions.messages import Message, _staff
from portal.sealing import KeyRing

NOTED = "noted"
"""What interpreters are told of when something changed that they should know."""
HOUR = 3600
NOON = 12


class Change(StrEnum):
    """What can change."""

    DATE = "date"
    """Another day, or morning for afternoon."""
    SHIFT = "shift"
    """Another hour of the same half day."""
    LANGUAGE = "language"
    MODE = "mode"
    GENDER = "gender"
    PLACE = "place"
    """Another place of the same kind."""
    TIER_UP = "tier_up"
    """The purpose needs a higher qualification."""
    NOTES = "notes"
    """Anything else that who comes should know."""


class Then(StrEnum):
    """What it does to a booking. The strongest of several holds."""

    LOOK_AGAIN = "look again"
    """Whoever was booked is released, and a coordinator looks at the request as if it were new."""
    RELEASE = "release"
    """Whoever was booked is released, told, and asked first for the new time."""
    RECHECK = "recheck"
    """Whoever does not fit any more is released."""
    ASK_AGAIN = "ask again"
    """Who was booked stays, and is asked to say yes to the new time. Not done where they are busy then."""
    TELL = "tell"
    """Who was booked stays and is told."""


STRONGEST = tuple(Then)
TABLE: dict[Change, Then] = {
    Change.LANGUAGE: Then.LOOK_AGAIN,
    Change.MODE: Then.LOOK_AGAIN,
    Change.GENDER: Then.LOOK_AGAIN,
    Change.DATE: Then.RELEASE,
    Change.TIER_UP: Then.RECHECK,
    Change.SHIFT: Then.ASK_AGAIN,
    Change.PLACE: Then.TELL,
    Change.NOTES: Then.TELL,
}
"""Change -> what it does to what was arranged."""
WORDS: dict[Then, Message] = {
    Then.LOOK_AGAIN: _staff("The interpreter is released; the request is looked at again"),
    Then.RELEASE: _staff("The interpreter is released, and asked first for the new time"),
    Then.RECHECK: _staff("An interpreter who is not qualified for it is released"),
    Then.ASK_AGAIN: _staff(
        "The interpreter stays, and is asked to say yes again; not moved if they are booked then already"
    ),
    Then.TELL: _staff("The interpreter stays and is told"),
}
OF_COLUMNS: dict[Change, tuple[str, ...]] = {
    Change.LANGUAGE: ("speak", "sign", "second", "coded"),
    Change.MODE: ("mode",),
    Change.GENDER: ("gender", "gender_essential", "outside"),
    Change.PLACE: ("office", "place_area"),
    Change.NOTES: ("support", "children", "minutes", "agreed"),
}
"""Change -> the columns of a request in which it shows."""


def changes_in(before: Row[Any], after: dict[str, Any]) -> set[Change]:
    """What changed between a request as it is and its new columns."""
    return {
        change
        for change, names in OF_COLUMNS.items()
        if any(name in after and getattr(before, name) != after[name] for name in names)
    }


def of_times(before: tuple[int, int], after: tuple[int, int]) -> Change | None:
    """What a booking's move to another time is."""
    if before == after:
        return None
    old, new = (clock.in_london(clock.moment(times[0])) for times in (before, after))
    same_half = old.date() == new.date() and (old.hour < NOON) == (new.hour < NOON)
    return Change.SHIFT if same_half else Change.DATE


def strongest(changes: set[Change]) -> Then | None:
    """What several changes do together."""
    found = [TABLE[change] for change in changes]
    return min(found, key=STRONGEST.index) if found else None


def change(
    connection: Connection,
    ring: KeyRing,
    reference: str,
    columns: dict[str, Any],
    times: list[tuple[int, int]],
    *,
    by: str,
    who: Who = Who.TENANT,
) -> None:
    """The person asks for something else: their request is changed, and with it what was arranged."""
    request = locked(connection, reference)
    state, changes = State(request.state), changes_in(request, columns)
    booking = bookings.live(connection, reference)
    if times != windows.of_request(connection, reference):
        windows.put(connection, reference, times)
        fits = booking and any(starts <= booking.starts and booking.ends <= ends for starts, ends in times)
        changes.add(Change.NOTES if fits else Change.DATE)
    then = strongest(changes)
    arranged = state in BOOKED | {State.OFFERING}
    values = columns | {"mode_asked": columns.get("mode", request.mode_asked)}
    anew = then in (Then.LOOK_AGAIN, Then.RELEASE) or (then is not None and not arranged)
    if anew and state is not State.SUBMITTED and may(request, Event.RECONSIDER, who):
        if booking is not None:
            told(connection, booking, bookings.empty(connection, booking, "need"), WITHDRAWN)
        request = move(connection, request, Event.RECONSIDER, by=by, who=who, **values)
    else:
        connection.execute(update(Request).where(Request.reference == reference).values(values))
        if Change.PLACE in changes and booking is not None:
            bookings.count_up(connection, booking.reference)
        if then is not None and arranged:
            tell(connection, reference, NOTED, request.version, at=str(clock.seconds()))
    noted(connection, ring, locked(connection, reference), Event.RECONSIDER, by)


def reschedule(
    connection: Connection,
    ring: KeyRing,
    reference: str,
    starts: int,
    ends: int,
    *,
    by: str,
    who: Who = Who.COORDINATOR,
) -> Then | None:
    """Move what is booked to another time; says what that did. Raises NotNow when nothing is booked.

    Raises bookings.Overlap where who was booked would stay but is busy then: the transaction must end.
    """
    request = locked(connection, reference)
    booking = bookings.live(connection, reference)
    if booking is None or State(request.state) not in {State.HELD, State.CONFIRMED}:
        raise NotNow(f"reschedule in {request.state}")
    kind = of_times((booking.starts, booking.ends), (starts, ends))
    if kind is None:
        return None
    then = TABLE[kind]
    if then is Then.ASK_AGAIN:
        bookings.shift(connection, booking, starts, ends)
        request = move(connection, request, Event.ASK_AGAIN, by=by, who=who)
        noted(connection, ring, request, Event.ASK_AGAIN, by)
        return then
    before = bookings.sitting(connection, booking.reference)
    bookings.empty(connection, booking, "time")
    request = move(connection, request, Event.RELEASE, by=by, who=who, reason="time")
    anew = bookings.make(connection, reference, starts, ends, booking.mode, booking.seats, booking.way)
    _ask_first(connection, request, anew, [row.interpreter for row in before])
    if before:
        request = move(connection, request, Event.OFFER, by=by, who=Who.COORDINATOR)
    noted(connection, ring, request, Event.RELEASE, by)
    return then


def let_go(
    connection: Connection,
    ring: KeyRing,
    reference: str,
    interpreter: int | None,
    reason: str,
    *,
    by: str,
    who: Who,
) -> None:
    """An interpreter does not come after all (all of them, for None): the request is open again.

    Whoever may know the person, or is not wanted, is kept apart from them from now on. Raises NotNow.
    """
    request = locked(connection, reference)
    booking = bookings.live(connection, reference)
    if booking is None or not may(request, Event.RELEASE, who):
        raise NotNow(f"release in {request.state}")
    leaving = [
        row
        for row in bookings.sitting(connection, booking.reference)
        if interpreter is None or row.interpreter == interpreter
    ]
    if not leaving:
        raise NotNow("not their booking")
    for row in leaving:
        bookings.release(connection, row.reference, reason)
        if reason in ("conflict", "tenant"):
            keep_apart(
                connection, reference, row.interpreter, "interpreter" if reason == "conflict" else "tenant"
            )
    told(connection, booking, [row.interpreter for row in leaving], WITHDRAWN)
    request = move(connection, request, Event.RELEASE, by=by, who=who, reason=reason)
    noted(connection, ring, request, Event.RELEASE, by)


def cancel(
    connection: Connection,
    ring: KeyRing,
    reference: str,
    reason: str,
    *,
    by: str,
    who: Who = Who.TENANT,
    event: Event = Event.CANCEL,
) -> None:
    """End a request that is not needed any more; seats are given back, everybody is told. Raises NotNow."""
    request = locked(connection, reference)
    if event is Event.CANCEL and reason not in CANCELLED_WHY:
        raise NotNow("no reason")
    booking = bookings.live(connection, reference)
    columns: dict[str, Any] = {}
    if booking is not None:
        columns["notice"] = max(0, (booking.starts - clock.seconds()) // HOUR)
        told(connection, booking, bookings.empty(connection, booking, "cancelled"), WITHDRAWN)
    request = move(
        connection,
        request,
        event,
        by=by,
        who=who,
        reason=reason if event is Event.CANCEL else None,
        **columns,
    )
    noted(connection, ring, request, event, by)


def set_purpose(
    connection: Connection, ring: KeyRing, reference: str, purpose: str, *, by: str
) -> Then | None:
    """Another purpose of a request that is under way: who is not qualified for it any more is released."""
    request = locked(connection, reference)
    if State(request.state) in ENDS:
        raise NotNow(f"purpose in {request.state}")
    tier = PURPOSES[purpose].tier
    higher = request.tier is not None and tier < request.tier
    connection.execute(
        update(Request).where(Request.reference == reference).values(purpose=purpose, tier=tier)
    )
    booking = bookings.live(connection, reference)
    then = TABLE[Change.TIER_UP] if higher and booking is not None else None
    if then is not None and booking is not None:
        for row in bookings.sitting(connection, booking.reference):
            if not still_fit(connection, locked(connection, reference), row.interpreter):
                let_go(connection, ring, reference, row.interpreter, "level", by=by, who=Who.COORDINATOR)
    noted(connection, ring, locked(connection, reference), Event.TRIAGE, by)
    return then


def _ask_first(connection: Connection, request: Row[Any], booking: Row[Any], interpreters: list[int]) -> None:
    now = clock.seconds()
    for person in interpreters:
        ask(connection, request, booking, person, now, now + EXPIRY[request.urgency])
