"""Timesheets: claimed by who interpreted, signed by somebody else, and then the request is settled."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select

from portal import clock
from portal.accounts import people
from portal.accounts.models import AccountRole
from portal.accounts.roles import Role
from portal.database import Database
from portal.interpreting import timesheets
from portal.interpreting.models import Assignment
from portal.interpreting.outcomes import OUTCOMES
from portal.interpreting.timesheets import Claim
from portal.sealing import KeyRing
from tests.bookings import ENDS, NOW, STARTS, Desk
from tests.staff import Colleague, Own
from tests.test_office import lists
from tests.test_own_pages import personal_in


@pytest.fixture(autouse=True)
def the_time() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def desk(database: Database, ring: KeyRing) -> Desk:
    return Desk(database, ring)


@pytest.fixture
def nasreen(portal: Flask, desk: Desk) -> Own:
    return Own(portal, desk, kind="staff")


@pytest.fixture
def officer(portal: Flask) -> Colleague:
    return Colleague(portal, Role.FRONTLINE, name="Olive Officer")


def row_of(desk: Desk, reference: str) -> object:
    with desk.database.read() as connection:
        found = select(*Assignment.__table__.columns).where(Assignment.reference == reference)
        return connection.execute(found).one()


def visits(own: Own, desk: Desk, *others: Colleague) -> str:
    """From the offer to the timesheet; gives the request."""
    request = own.accepts(desk)
    own.press("I do not know this person")
    ends(own, *others)
    return request


def ends(own: Own, *others: Colleague) -> None:
    """Begin and end a visit. That took days: everybody signs in again."""
    for second, button in ((STARTS, "Start now"), (ENDS, "Finish now")):
        with time_machine.travel(clock.moment(second), tick=False):
            own.come_in()
            own.open(f"/interpreters/bookings/{own.booking}").press(button)
    for one in (own, *others):
        one.come_in()
    own.open(f"/interpreters/bookings/{own.booking}/timesheet")


def test_a_timesheet_is_claimed_signed_and_settles_the_request(
    nasreen: Own, desk: Desk, officer: Colleague
) -> None:
    request = visits(nasreen, desk, officer)
    assert nasreen.typed("When it began") == "10:00" and nasreen.typed("When it ended") == "11:30"
    nasreen.type("When it ended", "11:50").type("Minutes of waiting", "10").type("Miles, there and back", "7")
    nasreen.type("Minutes of travel, there and back", "40").choose("Done").press("Send the timesheet")
    assert nasreen.heading == "Timesheet sent"
    row = row_of(desk, nasreen.booking)
    assert (row.started, row.finished) == (STARTS, ENDS + 1200)  # type: ignore[attr-defined]
    assert (row.travelled, row.waited, row.miles, row.outcomes) == (40, 10, 7, ["1"])  # type: ignore[attr-defined]
    officer.open("/staff/timesheets")
    assert officer.open(f"/staff/find?reference={nasreen.booking}").path.endswith(nasreen.booking)
    officer.open("/staff/timesheets")
    assert nasreen.booking[:4] in officer.text and not personal_in(officer.response.text)
    officer.open(f"/staff/timesheets/{nasreen.booking}")
    assert "110 minutes" in officer.text and "90 minutes" in officer.text
    assert "None: works here. The time is counted." in officer.text
    assert not personal_in(officer.response.text)
    officer.type("Minutes that the interpreter came late", "5").press("Sign it")
    row = row_of(desk, nasreen.booking)
    assert (row.state, row.signed_by, row.late) == ("approved", officer.reference, 5)  # type: ignore[attr-defined]
    assert row.outcomes == ["1", "7"], "what the officer says counts, too"  # type: ignore[attr-defined]
    assert desk.state(request) == "closed"


def test_the_first_page_counts_what_somebody_can_sign(
    portal: Flask, nasreen: Own, desk: Desk, officer: Colleague
) -> None:
    row = {"account": nasreen.reference, "role": Role.FRONTLINE.value}
    with desk.database.write() as connection:
        connection.execute(insert(AccountRole), row)
    supervisor = Colleague(portal, Role.SUPERVISOR)
    visits(nasreen, desk, officer, supervisor)
    assert lists(officer) == {}, "it is not claimed yet"
    nasreen.open(f"/interpreters/bookings/{nasreen.booking}/timesheet").choose("Done")
    nasreen.press("Send the timesheet")
    line = "1 Timesheets of interpreters to sign"
    assert lists(officer) == {"Next": [line]}
    assert lists(nasreen) == lists(supervisor) == {}, "nobody signs their own; the other may sign none"
    assert officer.link(line).path == "/staff/timesheets"
    officer.open(f"/staff/timesheets/{nasreen.booking}").type("What is not right", "The end was earlier")
    officer.press("Send it back")
    assert lists(officer) == {}, "it waits for the interpreter"


def test_what_is_not_right_goes_back_and_comes_again(nasreen: Own, desk: Desk, officer: Colleague) -> None:
    request = visits(nasreen, desk, officer)
    nasreen.choose("Done").press("Send the timesheet")
    officer.open(f"/staff/timesheets/{nasreen.booking}").press("Send it back")
    assert officer.status == 422 and len(officer.errors) == 1
    officer.type("What is not right", "It ended at 11:15").press("Send it back")
    officer.open(f"/staff/timesheets/{nasreen.booking}")
    assert "Sign it" not in officer.buttons()
    nasreen.open(f"/interpreters/bookings/{nasreen.booking}/timesheet")
    assert "It ended at 11:15" in nasreen.text
    nasreen.type("When it ended", "11:15").press("Send the timesheet")
    assert "It ended at 11:15" not in nasreen.text
    officer.open(f"/staff/timesheets/{nasreen.booking}").press("Sign it")
    assert desk.state(request) == "closed"
    nasreen.open(f"/interpreters/bookings/{nasreen.booking}/timesheet")
    assert nasreen.status == 409, "what is signed is not changed"


def test_nobody_signs_their_own_timesheet(nasreen: Own, desk: Desk, portal: Flask) -> None:
    request = visits(nasreen, desk)
    nasreen.choose("Done").press("Send the timesheet")
    state = portal.extensions["portal"]
    Colleague(portal, Role.ADMINISTRATOR)
    people.change(
        state.database,
        state.ring,
        nasreen.reference,
        name="Nasreen",
        roles=[Role.INTERPRETER, Role.FRONTLINE],
        active=True,
        by="operator",
    )
    nasreen.come_in()
    nasreen.open(f"/staff/timesheets/{nasreen.booking}")
    assert nasreen.status == 200 and "Sign it" not in nasreen.buttons()
    row = row_of(desk, nasreen.booking)
    for deed in ("sign", "dispute"):
        nasreen.post(
            f"/staff/timesheets/{nasreen.booking}/{deed}",
            [("csrf_token", nasreen.token()), ("sequence", str(row.sequence)), ("disputed", "x")],  # type: ignore[attr-defined]
        )
        assert nasreen.status == 409 and nasreen.heading == "This is your own timesheet"
        nasreen.open(f"/staff/timesheets/{nasreen.booking}")
    assert row_of(desk, nasreen.booking) == row and desk.state(request) == "completed"


def test_what_was_corrected_since_it_was_shown_is_not_signed(
    nasreen: Own, desk: Desk, officer: Colleague
) -> None:
    visits(nasreen, desk, officer)
    nasreen.choose("Done").press("Send the timesheet")
    officer.open(f"/staff/timesheets/{nasreen.booking}")
    nasreen.open(f"/interpreters/bookings/{nasreen.booking}/timesheet")
    nasreen.type("When it ended", "18:00").press("Send the timesheet")
    officer.press("Sign it")
    assert officer.status == 409 and row_of(desk, nasreen.booking).state == "claimed"  # type: ignore[attr-defined]


def test_with_two_seats_it_is_settled_when_both_are_signed(
    nasreen: Own, desk: Desk, portal: Flask, officer: Colleague
) -> None:
    other = Own(portal, desk, name="Bushra")
    request, offered = desk.ready(nasreen.id, other.id, seats=2)
    both = (nasreen, other)
    for one in both:
        one.open(f"/interpreters/offers/{offered[one.id]}").press("Accept")
        one.booking = one.path.rpartition("/")[2]
    for one in both:
        one.open(f"/interpreters/bookings/{one.booking}").press("I do not know this person")
    ends(nasreen)
    assert desk.state(request) == "in_progress", "the other one is still there"
    ends(other, nasreen, officer)
    assert desk.state(request) == "completed"
    for one, state in zip(both, ("completed", "closed"), strict=True):
        one.open(f"/interpreters/bookings/{one.booking}/timesheet").choose("Done").press("Send the timesheet")
        officer.open(f"/staff/timesheets/{one.booking}").press("Sign it")
        assert desk.state(request) == state


def test_a_timesheet_wants_times_and_an_outcome(nasreen: Own, desk: Desk) -> None:
    visits(nasreen, desk)
    nasreen.type("When it began", "").type("Miles, there and back", "many").press("Send the timesheet")
    assert nasreen.status == 422 and len(nasreen.errors) == 3
    nasreen.type("When it began", "10:00").type("When it ended", "9:00").type("Miles, there and back", "")
    nasreen.choose("Done").press("Send the timesheet")
    assert nasreen.status == 422 and nasreen.errors == ["This is longer than 12 hours: check both times"]
    assert row_of(desk, nasreen.booking).state == "finished"  # type: ignore[attr-defined]


def test_before_the_visit_there_is_no_timesheet(nasreen: Own, desk: Desk, officer: Colleague) -> None:
    nasreen.accepts(desk)
    assert nasreen.open(f"/interpreters/bookings/{nasreen.booking}/timesheet").status == 409
    assert officer.open(f"/staff/timesheets/{nasreen.booking}").status == 404


def test_the_outcomes_are_ten_with_a_code_each() -> None:
    assert [one.code for one in OUTCOMES.values()] == [str(number) for number in range(1, 11)]


class Job:
    def __init__(self, day: str, time: str) -> None:
        self.starts = int(clock.at(clock.day(day), time).timestamp())


@pytest.mark.parametrize(
    ("day", "began", "ended", "minutes"),
    [
        ("2027-03-28", "00:30", "02:30", 60),  # an hour is skipped
        ("2027-10-31", "00:30", "02:30", 180),  # an hour comes twice
        ("2027-06-01", "23:30", "00:30", 60),
    ],
)
def test_claimed_minutes_are_real_ones(day: str, began: str, ended: str, minutes: int) -> None:
    answers = {"began": (began,), "ended": (ended,), "outcomes": ("1",)}
    found = timesheets.read_claim(answers, Job(day, "00:05"))
    assert isinstance(found, Claim) and (found.finished - found.started) // 60 == minutes


@pytest.mark.parametrize(
    ("day", "time", "word"), [("2027-03-28", "01:30", "forward"), ("2027-10-31", "01:30", "back")]
)
def test_a_time_that_is_none_or_two_is_refused_in_words(day: str, time: str, word: str) -> None:
    answers = {"began": (time,), "ended": ("03:00",), "outcomes": ("1",)}
    found = timesheets.read_claim(answers, Job(day, "00:05"))
    assert isinstance(found, dict) and word in found["began"].message.id


@given(began=st.integers(0, 1439), ended=st.integers(0, 1439))
def test_a_claim_is_never_negative_and_never_longer_than_half_a_day(began: int, ended: int) -> None:
    texts = [f"{minute // 60:02}:{minute % 60:02}" for minute in (began, ended)]
    answers = {"began": (texts[0],), "ended": (texts[1],), "outcomes": ("1",)}
    found = timesheets.read_claim(answers, Job("2027-06-01", "10:00"))
    if isinstance(found, Claim):
        assert 0 < found.finished - found.started <= timesheets.LONGEST
    else:
        assert set(found) == {"ended"}
