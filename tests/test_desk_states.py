"""No request is lost between states: the real steps, in any order, by everybody, at any hour."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from portal import clock
from portal.database import Database
from portal.interpreting import acting, bookings, consequences, moving, offers, queue
from portal.interpreting.acting import Plan, WillNotDo
from portal.interpreting.bookings import ASKED, Overlap
from portal.interpreting.models import Offer
from portal.interpreting.moving import NotNow
from portal.interpreting.showing import WHY
from portal.interpreting.states import ENDS, STEPS, Event, Kind, State
from portal.sealing import KeyRing
from tests.bookings import COORDINATOR, NOW, STARTS, Desk
from tests.bookings import ENDS as UNTIL

PLAIN = (
    Event.ASK,
    Event.TRIAGE,
    Event.RECONSIDER,
    Event.RUN_OUT,
    Event.CONFIRM,
    Event.START,
    Event.FINISH,
    Event.ABSENT,
    Event.SETTLE,
    Event.ESCALATE,
    Event.GIVE_UP,
    Event.REOPEN,
)
"""Events that the desk lets happen by acting.step()."""
ONWARDS = (Event.TRIAGE, Event.CONFIRM, Event.START, Event.FINISH, Event.REOPEN)


class Requests(RuleBasedStateMachine):
    """One request, three interpreters, a coordinator, the person who asked, and time."""

    desk: Desk

    def __init__(self) -> None:
        super().__init__()
        self.time = time_machine.travel(NOW, tick=False)
        self.now = self.time.start()

    def teardown(self) -> None:
        self.time.stop()

    @initialize(
        kind=st.sampled_from([Kind.INTERPRETER] * 4 + [Kind.TRANSLATION, Kind.CALL]),
        ready=st.sampled_from([True, True, True, False]),
    )
    def asked_for(self, kind: Kind, ready: bool) -> None:
        document = ("A canary letter",) if kind is Kind.TRANSLATION else ()
        self.reference = self.desk.asks(need=(kind.value,), document=document)
        self.people = [self.desk.interpreter("phr", "urd", area="LE1") for _one in range(3)]
        if ready:
            self.desk.triage(self.reference)

    @property
    def request(self) -> Any:
        return self.desk.request(self.reference)

    def can(self, event: Event) -> bool:
        return event in acting.possible(self.request)

    def booking(self) -> Any:
        with self.desk.database.read() as connection:
            return bookings.live(connection, self.reference)

    def tries(self, allowed: bool, act: Any) -> None:
        """What is allowed happens; what is not is refused, and changes nothing."""
        before = self.request
        try:
            act()
        except NotNow:
            assert self.request == before, "refused, and yet something changed"
            assert not allowed, f"refused in {before.state}"
        else:
            assert allowed, f"it was not refused in {before.state}"

    @rule(event=st.sampled_from(PLAIN), reason=st.integers(0, 7))
    def coordinator_steps(self, event: Event, reason: int) -> None:
        request, why = self.request, [*WHY.get(event, {})]
        columns = {"tier": 2, "purpose": "rent"} if event is Event.TRIAGE else {}
        booking, allowed = self.booking(), event in acting.possible(request)
        if event is Event.CONFIRM and allowed:
            with self.desk.database.read() as connection:
                allowed = len(bookings.sitting(connection, booking.reference)) == booking.seats
        code = why[reason % len(why)] if why else None
        self.tries(
            allowed,
            lambda: acting.step(*self.here(request), event, COORDINATOR, code, **columns),
        )

    def here(self, request: Any) -> tuple[Database, KeyRing, str, int]:
        return self.desk.database, self.desk.ring, self.reference, request.version

    @precondition(lambda self: any(self.can(event) for event in ONWARDS))
    @rule(which=st.integers(0, 9))
    def coordinator_goes_on(self, which: int) -> None:
        """One of the steps that lead on, so that walks come far."""
        ahead = [event for event in ONWARDS if event in acting.possible(self.request)]
        if ahead:
            self.coordinator_steps(ahead[which % len(ahead)], which)

    @rule(event=st.sampled_from(PLAIN))
    def somebody_was_faster(self, event: Event) -> None:
        database, ring, reference, seen = self.here(self.request)
        code = next(iter(WHY.get(event, {})), None)
        self.tries(False, lambda: acting.step(database, ring, reference, seen - 1, event, COORDINATOR, code))

    @precondition(lambda self: self.can(Event.OFFER))
    @rule(people=st.sets(st.integers(0, 2), min_size=1), way=st.sampled_from(("direct", "tiered", "pool")))
    def coordinator_offers(self, people: set[int], way: str) -> None:
        request = self.request
        plan = Plan(STARTS, UNTIL, "home", 2 if len(people) == 3 else 1, way)
        chosen = [self.people[one] for one in sorted(people)]
        if clock.seconds() < STARTS and request.kind == Kind.INTERPRETER:
            self.sent(
                request, lambda: acting.offer(*self.here(request), plan, chosen, COORDINATOR), Event.OFFER
            )

    @precondition(lambda self: self.can(Event.ASSIGN))
    @rule(person=st.integers(0, 5))
    def coordinator_assigns(self, person: int) -> None:
        if person > 2:  # not so often
            return
        request, plan = self.request, Plan(STARTS, UNTIL, "home", 1, "rota")
        chosen = [self.people[person]]
        if request.kind == Kind.INTERPRETER:
            self.sent(
                request, lambda: acting.assign(*self.here(request), plan, chosen, COORDINATOR), Event.ASSIGN
            )

    def sent(self, request: Any, act: Any, event: Event) -> None:
        """Who cannot come, or is booked by now, is refused whatever the state; all else as the table says."""
        try:
            self.tries(event in acting.possible(request), act)
        except (WillNotDo, Overlap):
            assert self.request == request

    @rule(sure=st.integers(0, 3))
    def coordinator_places(self, sure: int) -> None:
        request, plan = self.request, Plan(STARTS, UNTIL, "phone")
        if sure == 0:
            self.tries(
                Event.PLACE in acting.possible(request),
                lambda: acting.place(*self.here(request), plan, COORDINATOR, provider="lingua"),
            )

    @precondition(lambda self: self.can(Event.RELEASE))
    @rule(why=st.sampled_from(sorted(WHY[Event.RELEASE])), one=st.booleans())
    def coordinator_releases(self, why: str, one: bool) -> None:
        request, booking = self.request, self.booking()
        with self.desk.database.read() as connection:
            seated = (
                [row.interpreter for row in bookings.sitting(connection, booking.reference)]
                if booking
                else []
            )
        somebody = bool(booking and (seated or booking.provider))
        self.tries(
            Event.RELEASE in acting.possible(request) and somebody,
            lambda: acting.release(
                *self.here(request), seated[0] if one and seated else None, why, COORDINATOR
            ),
        )

    @precondition(lambda self: self.can(Event.ASK_AGAIN))
    @rule(hours=st.sampled_from([1, 24]))
    def coordinator_moves_it(self, hours: int) -> None:
        request, booking = self.request, self.booking()
        if booking is not None and booking.starts < STARTS + 5 * 86400:
            self.tries(
                Event.ASK_AGAIN in acting.possible(request),
                lambda: acting.reschedule(
                    *self.here(request),
                    booking.starts + hours * 3600,
                    booking.ends + hours * 3600,
                    COORDINATOR,
                ),
            )

    @precondition(lambda self: self.can(Event.ACCEPT))
    @rule(person=st.integers(0, 2), accepts=st.booleans(), knows=st.booleans())
    def interpreter_answers(self, person: int, accepts: bool, knows: bool) -> None:
        asked = sorted(self.desk.offers(self.reference).items()) if self.booking() is not None else []
        if not asked:
            return
        who, offered = asked[person % len(asked)]
        if accepts:
            self.desk.accept(offered, who)
        else:
            offers.decline(
                self.desk.database, self.desk.ring, offered, who, "know" if knows else "busy", "NTR234567"
            )

    @precondition(lambda self: self.can(Event.ACCEPT))
    @rule(person=st.integers(0, 2))
    def coordinator_chooses(self, person: int) -> None:
        if Event.ACCEPT in acting.possible(self.request):
            offers.choose(
                self.desk.database, self.desk.ring, self.reference, self.people[person], COORDINATOR
            )

    @rule(speak=st.sampled_from(["phr", "urd"]), sure=st.integers(0, 3))
    def person_changes_it(self, speak: str, sure: int) -> None:
        if sure == 0 and State(self.request.state) not in ENDS:
            with self.desk.database.write() as connection:
                consequences.change(
                    connection,
                    self.desk.ring,
                    self.reference,
                    {"speak": speak},
                    [(STARTS, UNTIL)],
                    by="tenant",
                )

    @rule(event=st.sampled_from([Event.CANCEL, Event.DECLINE, Event.DUPLICATE]), sure=st.integers(0, 9))
    def coordinator_ends_it(self, event: Event, sure: int) -> None:
        request = self.request
        if sure == 0:  # not so often: nothing happens after it
            act = acting.step if event is Event.DUPLICATE else acting.end
            why = "ill" if event is Event.CANCEL else ""
            self.tries(
                event in acting.possible(request), lambda: act(*self.here(request), event, COORDINATOR, why)
            )

    @rule(hours=st.sampled_from([1, 1, 5, 25]))
    def time_passes(self, hours: int) -> None:
        self.now.shift(hours * 3600)
        offers.run_out(self.desk.database, self.desk.ring)

    @invariant()
    def it_waits_for_somebody(self) -> None:
        """In a list of the desk that waits for us; or with interpreters who can still act; or ended."""
        if not hasattr(self, "reference"):
            return
        request, booking = self.request, self.booking()
        state, now = State(request.state), clock.seconds()
        with self.desk.database.read() as connection:
            found = [
                group
                for group in ("waiting", "others", "ended")
                for line in queue.lines(connection, group)
                if line.reference == self.reference
            ]
            seated = bookings.sitting(connection, booking.reference) if booking else []
            open_offers = connection.execute(
                select(Offer.expires, Offer.state).where(
                    Offer.booking == (booking.reference if booking else ""), Offer.state.in_(ASKED)
                )
            ).all()
        assert len(found) == 1, found
        if state is State.OFFERING:
            assert any(one.expires > now or one.state == "willing" for one in open_offers), "nobody is asked"
        if request.kind == Kind.INTERPRETER and state in (State.HELD, State.CONFIRMED, State.IN_PROGRESS):
            assert booking is not None and (booking.provider or len(seated) == booking.seats), "nobody comes"
        if state in ENDS - {State.CLOSED}:
            assert booking is None and not open_offers, "an end leaves nobody waiting"

    @invariant()
    def every_step_is_in_the_table(self) -> None:
        if not hasattr(self, "reference"):
            return
        with self.desk.database.read() as connection:
            steps = moving.steps_of(connection, self.reference)
        before = State.SUBMITTED
        for number, step in enumerate(steps, start=1):
            assert step.number == number
            if number > 1:
                known = STEPS[Event(step.event)]
                assert before in known.since and step.state == known.to
                assert not known.reasons or step.reason in known.reasons
            before = State(step.state)
        assert (self.request.state, self.request.version) == (before, len(steps))


@pytest.fixture
def desk(database: Database, ring: KeyRing) -> Iterator[Desk]:
    yield Desk(database, ring)


def test_no_request_is_lost_between_states(desk: Desk) -> None:
    machine = type("Walk", (Requests,), {"desk": desk})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=20,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_who_declined_can_be_asked_again_at_the_same_time(desk: Desk) -> None:
    """Otherwise the request would be offered to nobody, and wait for ever."""
    with time_machine.travel(NOW, tick=False):
        person = desk.interpreter("phr", "urd", area="LE1")
        reference, offered = desk.ready(person)
        offers.decline(desk.database, desk.ring, offered[person], person, "busy", "NTR234567")
        assert desk.state(reference) == "open"
        anew = desk.offer(reference, person)
        assert desk.accept(anew[person], person) is offers.Answer.WON
