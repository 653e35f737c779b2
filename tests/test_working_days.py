"""Working days of England: counted over weekends and bank holidays, and refused where none are known."""

from __future__ import annotations

import socket
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import clock
from portal.clock import HolidaysUnknown, is_working_day, working_days_after, working_days_before

FIRST, LAST = date(2012, 3, 1), date(2028, 10, 31)
DAYS = st.dates(FIRST, LAST)
COUNTS = st.integers(1, 30)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 4, 2), True),  # Maundy Thursday
        (date(2026, 4, 3), False),  # Good Friday
        (date(2026, 4, 4), False),
        (date(2026, 4, 6), False),  # Easter Monday
        (date(2026, 4, 7), True),
        (date(2026, 11, 30), True),  # St Andrew's Day is one of Scotland only
        (date(2026, 12, 28), False),  # for Boxing Day on a Saturday
        (date(2023, 5, 8), False),  # the Coronation
    ],
)
def test_a_working_day_is_no_weekend_and_no_bank_holiday_of_england(day: date, works: bool) -> None:
    assert is_working_day(day) is works


def test_two_working_days_around_easter() -> None:
    assert working_days_before(date(2026, 4, 8), 2) == date(2026, 4, 2)
    assert working_days_after(date(2026, 4, 2), 2) == date(2026, 4, 8)
    assert working_days_before(date(2026, 4, 5), 1) == date(2026, 4, 2)


@given(DAYS, COUNTS)
def test_as_many_working_days_lie_between_as_were_counted(day: date, number: int) -> None:
    after, before = working_days_after(day, number), working_days_before(day, number)
    assert is_working_day(after) and is_working_day(before)
    later = [day + timedelta(days=n) for n in range(1, (after - day).days + 1)]
    earlier = [day - timedelta(days=n) for n in range(1, (day - before).days + 1)]
    assert sum(map(is_working_day, later)) == sum(map(is_working_day, earlier)) == number


@given(DAYS.filter(is_working_day), COUNTS)
def test_from_a_working_day_there_and_back_is_the_same_day(day: date, number: int) -> None:
    assert working_days_before(working_days_after(day, number), number) == day


@given(DAYS, COUNTS, COUNTS)
def test_counts_add_up(day: date, one: int, more: int) -> None:
    assert working_days_after(working_days_after(day, one), more) == working_days_after(day, one + more)


@pytest.mark.parametrize("day", [date(2011, 12, 30), date(2029, 1, 2), date(2100, 1, 4)])
def test_a_year_whose_bank_holidays_nobody_knows_is_an_error_of_its_own(day: date) -> None:
    with pytest.raises(HolidaysUnknown, match=str(day.year)):
        is_working_day(day)


def test_counting_does_not_run_beyond_what_is_known() -> None:
    with pytest.raises(HolidaysUnknown):
        working_days_after(date(2028, 12, 29), 1)
    with pytest.raises(HolidaysUnknown):
        working_days_before(date(2012, 1, 3), 1)


@pytest.mark.parametrize("number", [0, -1])
def test_one_working_day_is_the_least(number: int) -> None:
    with pytest.raises(ValueError, match="one working day"):
        working_days_after(date(2026, 3, 2), number)


def test_no_network_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_given: Any, **_named: Any) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    clock.bank_holidays.cache_clear()
    assert is_working_day(date(2026, 3, 3))
