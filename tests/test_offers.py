"""Offers: one of those who press at once wins, nobody sits twice at once, nobody is lost."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
import time_machine
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from portal import clock, references
from portal.database import Database
from portal.interpreting import bookings, consequences, offers
from portal.interpreting.models import Assignment, Booking, Conflict, Offer, Request
from portal.interpreting.moving import NotNow
from portal.interpreting.offers import Answer
from portal.interpreting.states import State, Who
from portal.sealing import KeyRing
from tests.bookings import DAY, ENDS, NOW, STARTS, Desk

JOBS, THREADS = 25, 16


@pytest.fixture
def desk(database: Database, ring: KeyRing) -> Iterator[Desk]:
    with time_machine.travel(NOW, tick=False):
        yield Desk(database, ring)


def test_a_form_becomes_a_request_that_knows_what_matching_needs(desk: Desk) -> None:
    request = desk.request(desk.asks())
    assert (request.kind, request.state, request.speak, request.second) == (
        "interpreter",
        "submitted",
        "phr",
        "urd",
    )
    assert (request.area, request.place_area, request.minutes) == ("DE23", "DE23", 90)
    assert request.gender_essential and request.outside and request.agreed
    assert (request.urgency, request.purpose) == ("planned", None), "private is for a coordinator to find out"


def test_each_thing_asked_for_is_a_request_of_its_own(desk: Desk) -> None:
    desk.asks(need=("interpreter", "translation"), document=("The notice",))
    with desk.database.read() as connection:
        kinds = connection.execute(select(Request.kind)).scalars().all()
    assert sorted(kinds) == ["interpreter", "translation"]


@pytest.mark.parametrize("seats", [1, 2])
def test_of_many_who_accept_at_once_one_a_seat_wins(desk: Desk, seats: int) -> None:
    people = [desk.interpreter("phr") for _one in range(THREADS)]
    jobs = [desk.ready(*people, seats=seats) for _one in range(JOBS if seats == 1 else 5)]
    for place, (reference, offered) in enumerate(jobs):  # hours apart, so that nobody overlaps
        shifted = STARTS + (place + 1) * 86400
        with desk.database.write() as connection:
            change = update(Booking).where(Booking.request == reference)
            connection.execute(change.values(starts=shifted, ends=shifted + 3600))
        start = threading.Barrier(THREADS)

        def press(person: int, offered: dict[int, str] = offered, start: threading.Barrier = start) -> Answer:
            start.wait()
            return desk.accept(offered[person], person)

        with ThreadPoolExecutor(THREADS) as pool:
            found = Counter(pool.map(press, people))
        assert found == {Answer.WON: seats, Answer.FILLED: THREADS - seats}
        assert desk.state(reference) == "held"


def test_nobody_wins_two_jobs_at_one_time_and_no_job_goes_to_two(desk: Desk) -> None:
    people = [desk.interpreter("phr", travel=30) for _one in range(THREADS)]
    jobs = [desk.ready(*people) for _one in range(JOBS)]
    dice = random.Random(7)
    start = threading.Barrier(THREADS)

    def press(person: int) -> list[Answer]:
        mine = [offered[person] for _reference, offered in jobs]
        dice.shuffle(mine)
        start.wait()
        return [desk.accept(offer, person) for offer in mine]

    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(press, people))
    won = [found.count(Answer.WON) for found in answers]
    assert max(won) == 1 and sum(won) == THREADS, "all at one time: each can take one"
    assert set().union(*answers) <= {Answer.WON, Answer.FILLED, Answer.OVERLAP}
    with desk.database.read() as connection:
        rows = connection.execute(select(Assignment.booking, Assignment.interpreter)).all()
    assert len({row.booking for row in rows}) == len({row.interpreter for row in rows}) == len(rows)


def test_the_database_itself_refuses_a_second_seat_and_a_second_person(desk: Desk) -> None:
    person, other = desk.interpreter("phr"), desk.interpreter("phr")
    first, offered = desk.ready(person)
    second, _offered = desk.ready(other)
    assert desk.accept(offered[person], person) is Answer.WON
    with desk.database.read() as connection:
        mine = bookings.live(connection, first)
        theirs = bookings.live(connection, second)
    assert mine and theirs

    def seat(booking: str, interpreter: int, since: int, to: int) -> None:
        row = {
            "reference": references.new(),
            "booking": booking,
            "seat": 1,
            "interpreter": interpreter,
            "state": "confirmed",
            "busy_from": since,
            "busy_to": to,
            "sequence": 0,
            "changed": 0,
            "outcomes": [],
        }
        with desk.database.write() as connection:
            connection.execute(insert(Assignment), row)

    with pytest.raises(IntegrityError, match=r"one_live_seat|assignment\.seat"):
        seat(mine.reference, other, ENDS + 86400, ENDS + 90000)
    with pytest.raises(IntegrityError, match="interpreter_overlap"):
        seat(theirs.reference, person, ENDS + 1799, ENDS + 7200)
    seat(theirs.reference, person, ENDS + 1800, ENDS + 7200)  # the second in which the way back ends
    with pytest.raises(IntegrityError, match="interpreter_overlap"), desk.database.write() as connection:
        moved = update(Assignment).where(Assignment.busy_from == ENDS + 1800)
        connection.execute(moved.values(busy_from=ENDS))


def test_whatever_people_press_at_once_nothing_breaks_and_nobody_sits_twice(desk: Desk) -> None:
    people = [desk.interpreter("phr") for _one in range(4)]
    jobs = [desk.ready(*people)[0] for _one in range(6)]
    dice = [random.Random(f"press {number}") for number in range(8)]
    start = threading.Barrier(len(dice))

    def press(mine: random.Random) -> Counter[str]:
        found: Counter[str] = Counter()
        start.wait()
        for _turn in range(25):
            reference, person = mine.choice(jobs), mine.choice(people)
            try:
                found[mine.choice(PRESSES)(desk, reference, person, mine)] += 1
            except (NotNow, bookings.Overlap, bookings.SeatTaken) as error:
                found[type(error).__name__] += 1
        return found

    with ThreadPoolExecutor(len(dice)) as pool:
        every = sum(pool.map(press, dice), Counter())
    assert every.total() == 8 * 25 and every["WON"] and every["NotNow"]
    with desk.database.read() as connection:
        live = select(Assignment.__table__).where(Assignment.state != "released")
        rows = connection.execute(live.order_by(Assignment.interpreter, Assignment.busy_from)).all()
    assert len({(row.booking, row.seat) for row in rows}) == len(rows)
    for one, other in pairwise(rows):
        assert one.interpreter != other.interpreter or one.busy_to <= other.busy_from
    assert {desk.state(reference) for reference in jobs} <= {state.value for state in State}


def press_accept(desk: Desk, reference: str, person: int, dice: random.Random) -> str:
    with desk.database.read() as connection:
        mine = connection.execute(
            select(Offer.reference)
            .join(Booking, Booking.reference == Offer.booking)
            .where(Booking.request == reference, Offer.interpreter == person)
        ).scalars()
        offer = next(iter(mine.all()[::-1]), "none")
    return desk.accept(offer, person).name


def press_offer(desk: Desk, reference: str, person: int, dice: random.Random) -> str:
    later = dice.randrange(0, 5) * 86400
    desk.offer(reference, person, starts=STARTS + later, ends=ENDS + later)
    return "offered"


def press_let_go(desk: Desk, reference: str, person: int, dice: random.Random) -> str:
    with desk.database.write() as connection:
        consequences.let_go(connection, desk.ring, reference, None, "ill", by="CRD", who=Who.COORDINATOR)
    return "let go"


def press_move(desk: Desk, reference: str, person: int, dice: random.Random) -> str:
    later = dice.choice((1800, 86400))
    with desk.database.write() as connection:
        consequences.reschedule(connection, desk.ring, reference, STARTS + later, ENDS + later, by="CRD")
    return "moved"


PRESSES = (press_accept, press_accept, press_accept, press_offer, press_let_go, press_move)


def test_one_of_two_seats_that_nobody_else_is_asked_for_is_open_again(desk: Desk) -> None:
    person, other = desk.interpreter("phr"), desk.interpreter("phr")
    reference, offered = desk.ready(person, seats=2)
    assert desk.accept(offered[person], person) is Answer.WON
    assert desk.state(reference) == "open", "somebody has to offer the other seat"
    again = desk.offer(reference, other, seats=2)
    assert desk.accept(again[other], other) is Answer.WON
    assert desk.state(reference) == "held"


def test_accepting_again_is_already_theirs_and_after_its_time_too_late(desk: Desk) -> None:
    person, slow = desk.interpreter("phr"), desk.interpreter("phr")
    reference, offered = desk.ready(person, slow)
    with time_machine.travel(clock.moment(clock.seconds() + 24 * 3600), tick=False):
        assert desk.accept(offered[slow], slow) is Answer.EXPIRED
    assert desk.accept(offered[person], person) is Answer.WON
    assert desk.accept(offered[person], person) is Answer.ALREADY
    assert desk.accept(offered[slow], slow) is Answer.FILLED
    assert desk.accept(offered[person], slow) is Answer.NONE, "somebody else's offer does not exist"
    assert desk.state(reference) == "held"


def test_when_nobody_can_accept_any_more_the_request_is_open_again(desk: Desk) -> None:
    one, two = desk.interpreter("phr"), desk.interpreter("phr")
    reference, offered = desk.ready(one, two)
    assert offers.decline(desk.database, desk.ring, offered[one], one, "busy", "NTR") is Answer.DECLINED
    assert desk.state(reference) == "offering"
    assert offers.run_out(desk.database, desk.ring) == 0
    with time_machine.travel(clock.moment(clock.seconds() + 24 * 3600), tick=False):
        assert offers.run_out(desk.database, desk.ring) == 1
    assert desk.state(reference) == "open"


def test_who_may_know_the_person_is_kept_apart_from_them_for_good(desk: Desk) -> None:
    person = desk.interpreter("phr")
    reference, offered = desk.ready(person)
    offers.decline(desk.database, desk.ring, offered[person], person, "know", "NTR")
    again = desk.asks(name=("Another Name",))  # the same phone number
    desk.triage(again)
    stranger = desk.asks(name=("Somebody Else",), phone=("07700 900999",), postcode=())
    desk.triage(stranger)
    with desk.database.read() as connection:
        for asked, kept_apart in ((again, True), (stranger, False)):
            found = offers_for(desk, asked, connection)
            assert ("conflict" in found[person]) is kept_apart
        assert connection.execute(select(Conflict.source)).scalars().first() == "interpreter"
    assert desk.state(reference) == "open"


def offers_for(desk: Desk, reference: str, connection: object) -> dict[int, tuple[str, ...]]:
    from portal.interpreting.candidates import candidates

    found = candidates(connection, desk.request(reference), STARTS, ENDS, "home")  # type: ignore[arg-type]
    return {one.person.id: one.blocks for one in found}


def test_a_pool_collects_who_can_and_the_coordinator_chooses(desk: Desk) -> None:
    one, two = desk.interpreter("phr"), desk.interpreter("phr")
    reference, offered = desk.ready(one, two, way="pool")
    assert desk.accept(offered[one], one) is desk.accept(offered[two], two) is Answer.WILLING
    assert desk.state(reference) == "offering"
    assert offers.choose(desk.database, desk.ring, reference, two, "CRD") is Answer.WON
    assert desk.state(reference) == "held"
    assert desk.accept(offered[one], one) is Answer.FILLED


def test_a_tiered_offer_goes_to_our_own_staff_first(desk: Desk) -> None:
    staff = desk.interpreter("phr", kind="staff")
    bank = desk.interpreter("phr")
    _reference, offered = desk.ready(staff, bank, way="tiered")
    assert desk.accept(offered[bank], bank) is Answer.NONE, "it has not gone out yet"
    with desk.database.read() as connection:
        sent = dict(connection.execute(select(Offer.interpreter, Offer.sent)).all())  # type: ignore[arg-type]
    assert sent[bank] - sent[staff] == offers.EXPIRY["planned"]


def test_a_small_shift_keeps_who_is_booked_and_another_day_asks_them_first(desk: Desk) -> None:
    person = desk.interpreter("phr")
    reference, offered = desk.ready(person)
    desk.accept(offered[person], person)
    with desk.database.write() as connection:
        then = consequences.reschedule(
            connection, desk.ring, reference, STARTS + 1800, ENDS + 1800, by="CRD", who=Who.COORDINATOR
        )
    assert then is consequences.Then.ASK_AGAIN and desk.state(reference) == "held"
    with desk.database.write() as connection:
        then = consequences.reschedule(
            connection, desk.ring, reference, STARTS + 86400, ENDS + 86400, by="CRD", who=Who.COORDINATOR
        )
    assert then is consequences.Then.RELEASE and desk.state(reference) == "offering"
    anew = desk.offers(reference)
    assert list(anew) == [person] and anew != offered
    assert desk.accept(offered[person], person) is Answer.ALREADY, "the old one is over"
    assert desk.accept(anew[person], person) is Answer.WON


def test_a_small_shift_into_another_booking_of_who_is_booked_is_refused_and_changes_nothing(
    desk: Desk,
) -> None:
    person = desk.interpreter("phr")
    first, offered = desk.ready(person)
    assert desk.accept(offered[person], person) is Answer.WON
    second = desk.asks()
    desk.triage(second)
    offered = desk.offer(second, person, starts=STARTS + 9000, ends=ENDS + 9000)
    assert desk.accept(offered[person], person) is Answer.WON
    before = desk.request(first), one_seat(desk, first), one_seat(desk, second)

    def shift(seconds: int) -> None:
        with desk.database.write() as connection:
            consequences.reschedule(connection, desk.ring, first, STARTS + seconds, ENDS + seconds, by="CRD")

    for into in (1800, 3600):  # the way from one to the other is taken up too
        with pytest.raises(bookings.Overlap):
            shift(into)
        assert (desk.request(first), one_seat(desk, first), one_seat(desk, second)) == before
    shift(-1800)
    assert one_seat(desk, first) != before[1] and desk.state(first) == "held"


def one_seat(desk: Desk, reference: str) -> tuple[int, int, str]:
    with desk.database.read() as connection:
        booking = bookings.live(connection, reference)
        assert booking is not None
        [row] = bookings.sitting(connection, booking.reference)
    return row.busy_from, row.busy_to, row.state


def test_what_the_person_changes_reaches_what_was_arranged(desk: Desk) -> None:
    person = desk.interpreter("phr")
    reference, offered = desk.ready(person)
    desk.accept(offered[person], person)
    with desk.database.read() as connection:
        submission = desk.request(reference).submission
        receipt = connection.execute(
            select(Request.reference).where(Request.submission == submission)
        ).scalar_one()
    assert receipt == reference
    with desk.database.write() as connection:
        consequences.change(
            connection, desk.ring, reference, {"speak": "urd"}, [(STARTS, ENDS)], by="tenant", who=Who.TENANT
        )
    assert (desk.state(reference), desk.request(reference).speak) == ("submitted", "urd")
    with desk.database.read() as connection:
        assert bookings.live(connection, reference) is None
        assert connection.execute(select(Assignment.state)).scalars().all() == ["released"]
    assert DAY.startswith("2026")
