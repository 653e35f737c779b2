"""An interpreter's own pages: what is offered, the answer to it, and the booking that comes of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select, update

from portal import audit, clock, references
from portal.audit import Did
from portal.database import Database
from portal.interpreting import consequences, offers, visits
from portal.interpreting.candidates import candidates
from portal.interpreting.models import Assignment, Booking, Conflict, FreeTime, Leave, Offer
from portal.interpreting.states import Who
from portal.interpreting.visits import Done
from portal.sealing import KeyRing
from tests.bench.journey import Page
from tests.bench.weights import FIRST_ROUND_TRIP, Scale
from tests.bookings import CANARIES, DAY, ENDS, NOW, STARTS, Desk
from tests.staff import Own

PERSONAL = (*CANARIES, "Parveen", "Canary", "900123", "mirpur canary")
HOUR = 3600
JOB = "Tuesday 24 November 2026, 10:00 – 11:30"
BACK = "/interpreters/bookings/{}/back"


@pytest.fixture(autouse=True)
def the_time() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def desk(database: Database, ring: KeyRing) -> Desk:
    return Desk(database, ring)


@pytest.fixture
def nasreen(portal: Flask, desk: Desk) -> Own:
    return Own(portal, desk)


def at(second: int) -> time_machine.travel:
    """The clock stands still at that second."""
    return time_machine.travel(clock.moment(second), tick=False)


def personal_in(html: str) -> list[str]:
    """What of the person stands in a page."""
    return [one for one in PERSONAL if one.casefold() in html.casefold()]


def offer_state(desk: Desk, offer: str) -> str:
    with desk.database.read() as connection:
        return str(connection.execute(select(Offer.state).where(Offer.reference == offer)).scalar_one())


def looks(desk: Desk, reference: str) -> int:
    """How often somebody looked at what is sealed of a booking."""
    with desk.database.read() as connection:
        return len(audit.page(connection, did=Did.VIEWED, what=f"booking {reference}", limit=100))


def seats(desk: Desk) -> int:
    with desk.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(Assignment)).scalar_one())


# An offer


def test_an_interpreter_signs_in_sees_the_offer_accepts_and_says_they_do_not_know_the_person(
    nasreen: Own, desk: Desk
) -> None:
    request, _offered = desk.ready(nasreen.id)
    nasreen.open("/staff")
    assert nasreen.path == "/interpreters" and "Offered to you" in nasreen.text
    assert "90 minutes" in nasreen.text and "A woman; this is essential" in nasreen.text
    nasreen.link(JOB)
    assert nasreen.heading == "Can you do this?"
    nasreen.press("Accept")
    assert nasreen.path.startswith("/interpreters/bookings/")
    assert desk.state(request) == "held"
    nasreen.press("I do not know this person")
    assert nasreen.status == 200 and nasreen.heading == "Booked"
    assert desk.state(request) == "confirmed" and desk.request(request).confirmed == clock.seconds()
    assert seats(desk) == 1
    nasreen.open("/interpreters")
    assert "Next" in nasreen.text and JOB in nasreen.text
    assert not personal_in(nasreen.response.text)


def test_an_offer_page_holds_nothing_of_the_person(nasreen: Own, desk: Desk) -> None:
    _request, offered = desk.ready(nasreen.id)
    nasreen.open(f"/interpreters/offers/{offered[nasreen.id]}")
    assert nasreen.status == 200 and "DE23" in nasreen.text and "Pahari" in nasreen.text
    assert "sensitive" in nasreen.text and "abuse" not in nasreen.text.casefold()
    assert "A woman; this is essential" in nasreen.text
    assert not personal_in(nasreen.response.text)
    assert "DE23 6AA" not in nasreen.text


def test_looking_marks_an_offer_as_seen_and_accepts_nothing(nasreen: Own, desk: Desk) -> None:
    _request, offered = desk.ready(nasreen.id)
    offer = offered[nasreen.id]
    for method in ("get", "head"):
        getattr(nasreen.client, method)(f"/interpreters/offers/{offer}", headers={"Purpose": "prefetch"})
        getattr(nasreen.client, method)(f"/interpreters/offers/{offer}?go=accept")
        assert getattr(nasreen.client, method)(f"/interpreters/offers/{offer}/accept").status_code == 404
    assert offer_state(desk, offer) == "seen" and seats(desk) == 0


def test_a_forged_acceptance_changes_nothing(nasreen: Own, desk: Desk) -> None:
    _request, offered = desk.ready(nasreen.id)
    offer = offered[nasreen.id]
    for body in ({}, {"csrf_token": "forged"}):
        assert nasreen.client.post(f"/interpreters/offers/{offer}/accept", data=body).status_code == 400
    assert offer_state(desk, offer) == "sent" and seats(desk) == 0


def test_of_two_one_wins_and_the_other_reads_kind_words(nasreen: Own, desk: Desk, portal: Flask) -> None:
    other = Own(portal, desk, name="Bushra")
    request, offered = desk.ready(nasreen.id, other.id)
    nasreen.open(f"/interpreters/offers/{offered[nasreen.id]}")
    other.open(f"/interpreters/offers/{offered[other.id]}").press("Accept")
    assert desk.state(request) == "held"
    nasreen.press("Accept")
    assert nasreen.status == 409 and nasreen.heading == "This job has just been filled"
    assert "Bushra" not in nasreen.response.text
    assert nasreen.open(f"/interpreters/offers/{offered[nasreen.id]}").status == 409


def test_accepting_twice_says_that_it_is_theirs_already(nasreen: Own, desk: Desk) -> None:
    _request, offered = desk.ready(nasreen.id)
    nasreen.open(f"/interpreters/offers/{offered[nasreen.id]}")
    button = nasreen.soup.select("main form button")[0]
    nasreen.press("Accept").send(button)
    assert nasreen.status == 200 and "This job is already yours." in nasreen.text
    assert seats(desk) == 1


def test_a_pool_tells_that_the_coordinator_knows(nasreen: Own, desk: Desk) -> None:
    _request, offered = desk.ready(nasreen.id, way="pool")
    nasreen.open(f"/interpreters/offers/{offered[nasreen.id]}").press("Accept")
    assert nasreen.status == 200 and nasreen.heading == "The coordinator knows that you can"
    assert offer_state(desk, offered[nasreen.id]) == "willing" and seats(desk) == 0


def test_an_overlap_a_late_answer_and_a_withdrawn_offer_have_their_own_words(
    nasreen: Own, desk: Desk
) -> None:
    _first, first = desk.ready(nasreen.id)
    _second, second = desk.ready(nasreen.id, starts=STARTS + HOUR, ends=ENDS + HOUR)
    third_request, third = desk.ready(nasreen.id, starts=STARTS + 90_000, ends=ENDS + 90_000)
    nasreen.open(f"/interpreters/offers/{first[nasreen.id]}").press("Accept")
    nasreen.open(f"/interpreters/offers/{second[nasreen.id]}").press("Accept")
    assert nasreen.status == 409 and nasreen.heading == "You are booked at that time"
    nasreen.open(f"/interpreters/offers/{second[nasreen.id]}")
    with at(clock.seconds() + 25 * HOUR):
        nasreen.come_in()
        nasreen.press("Accept")
        assert nasreen.status == 410 and nasreen.heading == "The time to accept this is over"
    nasreen.come_in()
    nasreen.open(f"/interpreters/offers/{third[nasreen.id]}")
    with desk.database.write() as connection:
        offers.bookings.empty(connection, offers.bookings.live(connection, third_request), "cancelled")  # type: ignore[arg-type]
    nasreen.press("Accept")
    assert nasreen.status == 409 and nasreen.heading == "This is not offered any more"
    assert seats(desk) == 1


def test_declining_wants_a_reason_and_knowing_the_person_keeps_them_apart(nasreen: Own, desk: Desk) -> None:
    request, offered = desk.ready(nasreen.id)
    nasreen.open(f"/interpreters/offers/{offered[nasreen.id]}").press("Decline")
    assert nasreen.status == 422 and nasreen.errors == ["Choose why you cannot do it"]
    nasreen.choose("I may know this person").press("Decline")
    assert nasreen.path == "/interpreters" and desk.state(request) == "open"
    with desk.database.read() as connection:
        assert connection.execute(select(Conflict.source)).scalars().all()
    assert nasreen.open(f"/interpreters/offers/{offered[nasreen.id]}").status == 409


def test_what_is_another_s_is_what_does_not_exist(nasreen: Own, desk: Desk, portal: Flask) -> None:
    other = Own(portal, desk, name="Bushra")
    _request, offered = desk.ready(other.id)
    other.open(f"/interpreters/offers/{offered[other.id]}").press("Accept")
    booking = other.path.rpartition("/")[2].partition("?")[0]
    unknown, token = references.new(), nasreen.token()
    for kind, known in (("offers", offered[other.id]), ("bookings", booking)):
        pages = [nasreen.open(f"/interpreters/{kind}/{one}") for one in (known,)]
        theirs = (pages[0].status, nasreen.response.data)
        nasreen.open(f"/interpreters/{kind}/{unknown}")
        assert theirs == (nasreen.status, nasreen.response.data) and theirs[0] == 404
    posts = {
        "offers": ("accept", "decline"),
        "bookings": ("who", "unknown", "known", "back", "begin", "end", "absent", "timesheet"),
    }
    for kind, deeds in posts.items():
        known = offered[other.id] if kind == "offers" else booking
        for deed in deeds:
            answers = [
                nasreen.client.post(
                    f"/interpreters/{kind}/{one}/{deed}",
                    data={"csrf_token": token, "reason": "busy" if kind == "offers" else "ill"},
                )
                for one in (known, unknown)
            ]
            assert answers[0].status_code == answers[1].status_code == 404, deed
            assert answers[0].data == answers[1].data, deed
    for page in ("print", "timesheet"):
        assert nasreen.open(f"/interpreters/bookings/{booking}/{page}").status == 404
    assert seats(desk) == 1 and desk.state(_request) == "held"


# The check, and what is shown


def test_initials_are_shown_when_asked_for_and_the_look_is_noted(nasreen: Own, desk: Desk) -> None:
    nasreen.accepts(desk)
    assert not personal_in(nasreen.response.text) and looks(desk, nasreen.booking) == 0
    nasreen.press("Show initials and neighbourhood")
    assert "P C" in nasreen.text and "DE23" in nasreen.text
    assert not personal_in(nasreen.response.text)
    assert looks(desk, nasreen.booking) == 1


def test_who_may_know_the_person_is_released_and_never_asked_again(nasreen: Own, desk: Desk) -> None:
    request = nasreen.accepts(desk)
    nasreen.press("I may know this person")
    assert nasreen.status == 200 and nasreen.heading == "You are not booked for this any more"
    assert desk.state(request) == "open"
    with desk.database.read() as connection:
        assert set(connection.execute(select(Conflict.source)).scalars()) == {"interpreter"}
    nasreen.open(f"/interpreters/bookings/{nasreen.booking}")
    assert nasreen.heading == "Cancelled or given back" and not personal_in(nasreen.response.text)
    again = desk.asks()
    with desk.database.read() as connection:
        for reference in (request, again):
            row = desk.request(reference)
            [one] = candidates(connection, row, STARTS, ENDS, "home")
            assert one.person.id == nasreen.id and "conflict" in one.blocks


def test_with_two_seats_it_is_confirmed_when_both_have_said_so(
    nasreen: Own, desk: Desk, portal: Flask
) -> None:
    other = Own(portal, desk, name="Bushra")
    request, offered = desk.ready(nasreen.id, other.id, seats=2)
    nasreen.open(f"/interpreters/offers/{offered[nasreen.id]}").press("Accept")
    assert desk.state(request) == "offering"
    nasreen.press("I do not know this person")
    assert nasreen.heading == "Booked" and desk.state(request) == "offering"
    other.open(f"/interpreters/offers/{offered[other.id]}").press("Accept")
    assert desk.state(request) == "held"
    other.press("I do not know this person")
    assert desk.state(request) == "confirmed"


def test_who_may_know_the_person_leaves_while_the_other_seat_is_still_offered(
    nasreen: Own, desk: Desk, portal: Flask
) -> None:
    other = Own(portal, desk, name="Bushra")
    request, offered = desk.ready(nasreen.id, other.id, seats=2)
    nasreen.open(f"/interpreters/offers/{offered[nasreen.id]}").press("Accept")
    nasreen.press("I may know this person")
    assert nasreen.heading == "You are not booked for this any more" and desk.state(request) == "offering"
    with desk.database.read() as connection:
        assert connection.execute(select(Conflict.interpreter)).scalars().first() == nasreen.id
    other.open(f"/interpreters/offers/{offered[other.id]}").press("Accept")
    assert desk.state(request) == "open", "a seat is empty, and nobody else is asked"
    other.press("I may know this person")
    assert desk.state(request) == "open", "nobody is asked any more: the desk sees it"


def test_the_sheet_shows_more_as_the_day_comes_and_less_when_it_is_over(nasreen: Own, desk: Desk) -> None:
    nasreen.accepts(desk)
    nasreen.press("I do not know this person")
    sheet = f"/interpreters/bookings/{nasreen.booking}"
    moments = {
        clock.seconds(): ("Parveen", "abuse"),
        STARTS - 24 * HOUR - 1: ("Parveen", "abuse"),
        STARTS - 24 * HOUR: ("Parveen", "abuse", CANARIES[2], "DE23 6AA"),
        ENDS + 48 * HOUR - 1: ("Parveen", "abuse", CANARIES[2], "DE23 6AA"),
        ENDS + 48 * HOUR: (),
    }
    possible = {"Parveen", "abuse", CANARIES[2], "DE23 6AA"}
    for number, (second, shown) in enumerate(moments.items(), start=1):
        with at(second):
            nasreen.come_in()
            text = nasreen.open(sheet).text
            assert {one for one in possible if one in text} == set(shown), second
            assert CANARIES[1] not in text and "900123" not in text
            assert CANARIES[0] not in text, "never the family name"
            assert looks(desk, nasreen.booking) == 1 + number - (not shown), "every view, and only views"
            assert not personal_in(nasreen.open(f"{sheet}/print").response.text)
            home = nasreen.open("/interpreters")
            assert not personal_in(home.response.text) and "abuse" not in home.text
            assert ("sensitive" in home.text) == bool(shown), "what it was about is hidden again, too"


def test_who_has_not_agreed_is_not_named(nasreen: Own, desk: Desk) -> None:
    request = desk.asks(agreed=("call",))
    desk.triage(request)
    offered = desk.offer(request, nasreen.id)
    nasreen.open(f"/interpreters/offers/{offered[nasreen.id]}").press("Accept")
    nasreen.press("Show initials and neighbourhood")
    assert "P C" not in nasreen.text and "Not shown" in nasreen.text
    nasreen.press("I do not know this person")
    with at(STARTS - HOUR):
        nasreen.come_in()
        assert not personal_in(nasreen.open(nasreen.path).response.text)


# Giving back, beginning, ending, nobody there


def test_a_booking_is_given_back_with_a_reason(nasreen: Own, desk: Desk) -> None:
    request = nasreen.accepts(desk)
    nasreen.press("I do not know this person").press("Give it back")
    assert nasreen.status == 422 and nasreen.errors == ["Choose why you give it back"]
    nasreen.choose("I am ill").press("Give it back")
    assert nasreen.heading == "You are not booked for this any more"
    assert (desk.state(request), desk.request(request).reason) == ("open", "ill")


def test_a_visit_is_begun_and_ended_by_our_clock(nasreen: Own, desk: Desk) -> None:
    request = nasreen.accepts(desk)
    nasreen.press("I do not know this person")
    assert "Start now" not in nasreen.buttons()
    sheet = f"/interpreters/bookings/{nasreen.booking}"
    nasreen.post(f"{sheet}/begin", [("csrf_token", nasreen.token())])
    assert nasreen.status == 409 and nasreen.heading == "It is too early for this"
    with at(STARTS + 120):
        nasreen.come_in()
        nasreen.open(sheet).press("Start now")
        assert desk.state(request) == "in_progress"
    with at(ENDS + 60):
        nasreen.come_in()
        nasreen.open(sheet).press("Finish now")
        assert desk.state(request) == "completed" and nasreen.heading == "Timesheet"
        assert nasreen.typed("When it began") == "10:02" and nasreen.typed("When it ended") == "11:31"


@pytest.mark.parametrize(
    ("button", "who"),
    [("The person did not come", "tenant"), ("Our member of staff did not come", "officer")],
)
def test_somebody_who_did_not_come_ends_the_waiting(nasreen: Own, desk: Desk, button: str, who: str) -> None:
    request = nasreen.accepts(desk)
    nasreen.press("I do not know this person")
    assert button not in nasreen.buttons(), "not before its time"
    with at(STARTS + 900):
        nasreen.come_in()
        nasreen.open(f"/interpreters/bookings/{nasreen.booking}").press(button)
        assert (desk.state(request), desk.request(request).reason) == ("no_show", who)
        assert nasreen.heading == "Timesheet"
        assert ("The person did not come" in nasreen.chosen()) == (who == "tenant")


@pytest.mark.parametrize("round", range(4))
def test_who_confirms_while_the_person_cancels_is_never_left_with_a_booking(
    nasreen: Own, desk: Desk, round: int
) -> None:
    request, start = nasreen.accepts(desk), threading.Barrier(2)

    def confirm() -> Done:
        start.wait()
        return visits.unknown(desk.database, desk.ring, nasreen.booking, nasreen.id, nasreen.reference)

    def cancel() -> None:
        start.wait()
        with desk.database.write() as connection:
            consequences.cancel(connection, desk.ring, request, "ill", by="tenant", who=Who.TENANT)

    with ThreadPoolExecutor(2) as pool:
        deeds = [pool.submit(deed) for deed in ((confirm, cancel) if round % 2 else (cancel, confirm))]
        found = [deed.result() for deed in deeds]
    assert {Done.YES, Done.NOT_NOW} & set(found) and desk.state(request) == "cancelled"
    with desk.database.read() as connection:
        assert connection.execute(select(Assignment.state)).scalars().all() == ["released"]


def test_two_who_confirm_at_once_confirm_the_request(nasreen: Own, desk: Desk, portal: Flask) -> None:
    other = Own(portal, desk, name="Bushra")
    request, offered = desk.ready(nasreen.id, other.id, seats=2)
    both, start = (nasreen, other), threading.Barrier(2)
    for one in both:
        one.open(f"/interpreters/offers/{offered[one.id]}").press("Accept")
        one.booking = one.path.rpartition("/")[2]

    def confirm(own: Own) -> Done:
        start.wait()
        return visits.unknown(desk.database, desk.ring, own.booking, own.id, own.reference)

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(confirm, both)) == [Done.YES, Done.YES]
    assert desk.state(request) == "confirmed"


# Free times and leave


def test_free_times_are_added_once_and_taken_away(nasreen: Own, desk: Desk) -> None:
    nasreen.open("/interpreters/times").press("Add the free time")
    assert nasreen.status == 422 and len(nasreen.errors) == 3
    nasreen.choose("Tuesday").type("Free from", "9:00").type("Free until", "1pm").press("Add the free time")
    assert "Tuesday, 09:00 – 13:00" in nasreen.text
    nasreen.choose("Tuesday").type("Free from", "12:00").type("Free until", "14:00")
    nasreen.press("Add the free time")
    assert nasreen.status == 409
    with desk.database.read() as connection:
        found = connection.execute(select(FreeTime.weekday, FreeTime.begins, FreeTime.ends)).all()
    assert [tuple(row) for row in found] == [(2, 540, 780)]
    nasreen.press("Take away")
    assert "None is noted: you are asked at any time." in nasreen.text


def leave_from(visitor: Own, first: str, last: str) -> None:
    """Type the days, such as 23 11 2026, and send them."""
    for name, day in (("first", first), ("last", last)):
        for part, value in zip(("day", "month", "year"), day.split(), strict=True):
            field = visitor.soup.find(id=f"{name}-{part}")
            assert field is not None
            field["value"] = value  # type: ignore[index]
    visitor.press("Add the leave")


def test_leave_over_a_booking_is_refused_with_a_link_to_it(nasreen: Own, desk: Desk) -> None:
    nasreen.accepts(desk)
    leave_from(nasreen.open("/interpreters/times"), "24 11 2026", "24 11 2026")
    assert nasreen.status == 409 and "You are booked in these days" in nasreen.text
    assert nasreen.soup.find("a", href=f"/interpreters/bookings/{nasreen.booking}")
    leave_from(nasreen.open("/interpreters/times"), "25 11 2026", "27 11 2026")
    assert "Wednesday 25 November 2026 – Friday 27 November 2026" in nasreen.text
    with desk.database.read() as connection:
        assert len(connection.execute(select(Leave.first)).all()) == 1
    nasreen.press("Take away")
    assert "None is noted." in nasreen.text


def test_an_interpreter_s_own_pages_do_not_exist_for_who_is_none(portal: Flask, desk: Desk) -> None:
    someone = Own(portal, desk, listed=False, name="Nobody Yet")
    assert "not yet listed" in someone.open("/interpreters").text
    assert someone.open("/interpreters/times").status == 404


# Clock changes


@pytest.mark.parametrize(
    ("day", "time", "shown"),
    [
        ("2027-03-28", "09:00", "Sunday 28 March 2027, 09:00 – 10:30"),
        ("2027-10-31", "09:00", "Sunday 31 October 2027, 09:00 – 10:30"),
    ],
)
def test_a_booking_on_the_sunday_of_a_clock_change_shows_its_local_time(
    nasreen: Own, desk: Desk, day: str, time: str, shown: str
) -> None:
    starts = int(clock.at(clock.day(day), time).timestamp())
    _request, offered = desk.ready(nasreen.id, starts=starts, ends=starts + 5400)
    nasreen.open("/interpreters").link(shown)
    assert shown in nasreen.text
    with desk.database.read() as connection:
        assert connection.execute(select(Booking.starts)).scalar() == starts
    assert day != DAY and offered


# Light


def test_every_page_of_an_interpreter_s_own_is_light(nasreen: Own, desk: Desk, portal: Flask) -> None:
    for number in range(12):
        shifted = STARTS + number * 90_000
        desk.ready(nasreen.id, starts=shifted, ends=shifted + 5400)
    nasreen.accepts(desk, starts=STARTS - 90_000, ends=ENDS - 90_000)
    scale = Scale(portal)
    pages = nasreen.pages()
    for path in pages:
        seen = nasreen.open(path).response
        page = Page(seen.status_code, list(seen.headers), seen.text.encode())
        weight = scale.weight(path, "en", page, FIRST_ROUND_TRIP)
        assert weight.css > 3_000 and weight.behind_a_proxy < FIRST_ROUND_TRIP, weight
    assert len(pages) >= 6


def test_an_old_offer_stays_what_it_became(nasreen: Own, desk: Desk) -> None:
    _request, offered = desk.ready(nasreen.id)
    with desk.database.write() as connection:
        connection.execute(update(Offer).values(state="expired"))
    assert nasreen.open(f"/interpreters/offers/{offered[nasreen.id]}").status == 410
