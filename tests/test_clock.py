"""Moments in London, also in the nights when clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from portal import clock
from portal.questions import Date, DefinitionError, Form, Problem, Reader, Time, as_written

FORWARD, BACK = date(2027, 3, 28), date(2027, 10, 31)
W = as_written("?")
DAY = Date(key="day", text=W, when="future")
START = Time(key="start", text=W, on="day", beside=True)
END = Time(key="end", text=W, after="start", on="day", beside=True)


@given(st.dates(date(2000, 1, 1), date(2099, 12, 30)), st.times())
def test_a_time_of_day_is_the_moment_at_which_clocks_in_london_show_it(day: date, time: object) -> None:
    text = f"{time:%H:%M}"
    try:
        moment = clock.at(day, text)
    except (clock.NoSuchTime, clock.TwiceThatTime):
        assert text.startswith("01:") and day.month in (3, 10) and day.isoweekday() == 7
    else:
        assert moment.tzinfo is UTC
        assert f"{clock.in_london(moment):%Y-%m-%d %H:%M}" == f"{day} {text}"


def test_in_summer_london_is_an_hour_ahead() -> None:
    assert clock.at(date(2027, 1, 15), "12:00") == datetime(2027, 1, 15, 12, tzinfo=UTC)
    assert clock.at(date(2027, 7, 15), "12:00") == datetime(2027, 7, 15, 11, tzinfo=UTC)


def test_a_time_that_clocks_skip_or_show_twice_is_said_to_be_that() -> None:
    for time in ("01:00", "01:30", "01:59"):
        with pytest.raises(clock.NoSuchTime):
            clock.at(FORWARD, time)
        with pytest.raises(clock.TwiceThatTime):
            clock.at(BACK, time)
    for day in (FORWARD, BACK):
        assert clock.at(day, "00:59") < clock.at(day, "02:00")
    assert (clock.at(FORWARD, "02:00") - clock.at(FORWARD, "00:59")).seconds == 60
    assert (clock.at(BACK, "02:00") - clock.at(BACK, "00:59")).seconds == 2 * 3600 + 60


def ask(question: Time, time: str, office: bool = False, **answers: str) -> object:
    reader = Reader({}, clock.today(), office=office, moment=clock.moment_of)
    found = question.read({question.key: [time]}, {key: (one,) for key, one in answers.items()}, reader)
    return found.message.english if isinstance(found, Problem) else found


@time_machine.travel(datetime(2026, 11, 22, 12, 0, tzinfo=UTC), tick=False)
def test_a_window_is_still_to_come_and_its_end_after_its_beginning() -> None:
    assert ask(START, "12.01", day="2026-11-22") == ("12:01",)
    assert ask(START, "12:00", day="2026-11-22") == "Enter a time that is still to come"
    assert ask(START, "09:00", day="2026-11-23") == ("09:00",)
    assert ask(START, "09:00") == ("09:00",)
    assert ask(END, "10:00", day="2026-11-23", start="09:59") == ("10:00",)
    for late in ("10:00", "10:01"):
        message = ask(END, "10:00", day="2026-11-23", start=late)
        assert message == "Enter a time that is later than the first time"


@time_machine.travel(datetime(2026, 11, 22, 12, 0, tzinfo=UTC), tick=False)
def test_nobody_can_ask_for_a_time_that_clocks_skip_or_show_twice() -> None:
    assert "does not exist" in str(ask(START, "01:30", day=str(FORWARD)))
    assert "comes twice" in str(ask(START, "01:30", day=str(BACK)))


@time_machine.travel(datetime(2026, 11, 22, 12, 0, tzinfo=UTC), tick=False)
def test_what_was_to_come_when_a_paper_was_written_may_be_over_when_it_is_keyed() -> None:
    office = Reader({}, clock.today(), office=True, moment=clock.moment_of)
    assert DAY.problem(("2026-11-01",), {}, office) is None
    assert DAY.problem(("2026-11-01",), {}, Reader({}, clock.today())) is not None
    assert ask(START, "12:00", office=True, day="2026-11-22") == ("12:00",)
    assert "does not exist" in str(ask(START, "01:30", office=True, day=str(FORWARD)))


def test_a_form_refuses_a_time_that_points_at_no_date_or_no_earlier_time() -> None:
    def form(*parts: Date | Time) -> Form:
        return Form(key="f", edition="1", address="f", title=W, purpose=W, parts=parts)

    assert form(DAY, START, END).pages[0].keys == ("day", "start", "end")
    with pytest.raises(DefinitionError, match="day is not an earlier date"):
        form(START)
    with pytest.raises(DefinitionError, match="start is not an earlier time"):
        form(DAY, END)
