"""Working days of England: counted over weekends and bank holidays, and refused where none are known."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import clock, outbox
from portal.clock import (
    HolidaysUnknown,
    closed_on,
    is_holiday,
    is_working_day,
    working_days_after,
    working_days_before,
)
from portal.database import Database
from portal.sealing import KeyRing
from portal.settings import Settings
from portal.working import do_one
from tests.conftest import MakePortal

FIRST, LAST = date(2012, 3, 1), date(2028, 10, 31)
DAYS = st.dates(FIRST, LAST)
COUNTS = st.integers(1, 30)
CLOSED = st.frozensets(st.integers(-60, 60), max_size=8)
"""Days on which the landlord is closed, counted from the one that is looked at."""


@contextmanager
def closed(day: date, around: Iterable[int]) -> Iterator[None]:
    with closed_on(day + timedelta(days=number) for number in around):
        yield


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


@given(DAYS, COUNTS, CLOSED)
def test_as_many_working_days_lie_between_as_were_counted(
    day: date, number: int, around: frozenset[int]
) -> None:
    with closed(day, around):
        as_many_lie_between(day, number)


def as_many_lie_between(day: date, number: int) -> None:
    after, before = working_days_after(day, number), working_days_before(day, number)
    assert is_working_day(after) and is_working_day(before)
    later = [day + timedelta(days=n) for n in range(1, (after - day).days + 1)]
    earlier = [day - timedelta(days=n) for n in range(1, (day - before).days + 1)]
    assert sum(map(is_working_day, later)) == sum(map(is_working_day, earlier)) == number


@given(DAYS.filter(is_working_day), COUNTS, CLOSED)
def test_from_a_working_day_there_and_back_is_the_same_day(
    day: date, number: int, around: frozenset[int]
) -> None:
    with closed(day, around - {0}):
        assert working_days_before(working_days_after(day, number), number) == day


@given(DAYS, COUNTS, COUNTS, CLOSED)
def test_counts_add_up(day: date, one: int, more: int, around: frozenset[int]) -> None:
    with closed(day, around):
        both = working_days_after(working_days_after(day, one), more)
        assert both == working_days_after(day, one + more)


@given(DAYS, COUNTS, CLOSED, CLOSED)
def test_who_is_closed_more_often_is_never_earlier_and_a_later_beginning_never_ends_earlier(
    day: date, number: int, some: frozenset[int], more: frozenset[int]
) -> None:
    with closed(day, some):
        after, before = working_days_after(day, number), working_days_before(day, number)
        assert after <= working_days_after(day + timedelta(days=1), number)
        assert after < working_days_after(day, number + 1)
    with closed(day, some | more):
        assert working_days_after(day, number) >= after and working_days_before(day, number) <= before


def test_a_closure_day_is_no_working_day_where_it_is_said_and_nowhere_else() -> None:
    tuesday, heard = date(2026, 12, 29), []
    with closed_on([tuesday, date(2026, 12, 30)]):
        assert not is_working_day(tuesday) and is_holiday(tuesday)
        assert working_days_after(date(2026, 12, 24), 1) == date(2026, 12, 31)
        assert working_days_before(date(2026, 12, 31), 1) == date(2026, 12, 24)
        with closed_on([]):
            assert is_working_day(tuesday), "another landlord, in the same process"
        other = threading.Thread(target=lambda: heard.append(is_working_day(tuesday)))
        other.start()
        other.join()
        assert not is_working_day(tuesday)
    assert heard == [True] and is_working_day(tuesday) and not is_holiday(tuesday)
    with pytest.raises(LookupError), closed_on([tuesday]):
        raise LookupError
    assert is_working_day(tuesday), "an error leaves nothing behind"


def test_pages_and_jobs_know_the_closure_days_of_their_landlord(
    make_portal: MakePortal, database: Database, ring: KeyRing, settings: Settings
) -> None:
    tuesday = clock.today() if clock.today().weekday() < 5 else working_days_after(clock.today(), 1)
    days = (tuesday.isoformat(),)
    for closing, works in ((days, False), ((), True)):
        app, found = make_portal(database, closure_days=closing), []
        app.add_url_rule("/en/probe", view_func=lambda found=found: str(found.append(is_holiday(tuesday))))
        assert app.test_client().get("/en/probe").status_code == 200
        with database.write() as connection:
            outbox.put(connection, "probe", {}, f"probe {works}")
        mine = replace(settings, closure_days=closing)
        probe = {"probe": lambda work, payload, found=found: found.append(is_holiday(tuesday))}
        assert do_one(mine, database, ring, probe)
        assert found == [not works, not works]


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
