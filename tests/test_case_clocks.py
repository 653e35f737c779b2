"""The sums of time limits, against an oracle that counts every minute or day by itself."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import clock
from portal.clock import HolidaysUnknown
from portal.incidents.clocks import CLOCKS, HOUR, OF, Unit, due, due_or_earlier, warn_at
from portal.incidents.limits import Limit
from tests.cases import at

LONDON = ZoneInfo("Europe/London")
FIRST, LAST = datetime(2012, 2, 1, tzinfo=UTC), datetime(2028, 9, 30, tzinfo=UTC)
SECONDS = st.integers(int(FIRST.timestamp()), int(LAST.timestamp()))
LENGTHS = st.integers(1, 25)

HOLIDAYS = {
    # Sundays of Easter, for Good Friday and Easter Monday
    "easter": "2012-04-08 2013-03-31 2014-04-20 2015-04-05 2016-03-27 2017-04-16 2018-04-01 2019-04-21 "
    "2020-04-12 2021-04-04 2022-04-17 2023-04-09 2024-03-31 2025-04-20 2026-04-05 2027-03-28 2028-04-16",
    "once": "2012-06-05 2022-06-03 2022-09-19 2023-05-08",
    "moved": "2012-05-28>2012-06-04 2020-05-04>2020-05-08 2022-05-30>2022-06-02",
}


def first_monday(year: int, month: int) -> date:
    return next(date(year, month, day) for day in range(1, 8) if date(year, month, day).weekday() == 0)


def last_monday(year: int, month: int) -> date:
    return next(date(year, month, day) for day in range(31, 24, -1) if date(year, month, day).weekday() == 0)


def days_off() -> set[date]:
    """The bank holidays of England by the rules for them, not by the list that the portal uses."""
    found = {date.fromisoformat(one) for one in HOLIDAYS["once"].split()}
    for one in HOLIDAYS["easter"].split():
        sunday = date.fromisoformat(one)
        found |= {sunday - timedelta(days=2), sunday + timedelta(days=1)}
    for year in range(2012, 2029):
        found |= {first_monday(year, 5), last_monday(year, 5), last_monday(year, 8)}
        taken: set[date] = set()
        for fixed in (date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)):
            if fixed.weekday() < 5:
                taken.add(fixed)
        for fixed in (date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)):
            day = fixed
            while fixed.weekday() >= 5 and (day.weekday() >= 5 or day in taken):
                day += timedelta(days=1)
            taken.add(day)
        found |= taken
    for one in HOLIDAYS["moved"].split():
        before, after = map(date.fromisoformat, one.split(">"))
        found = (found - {before}) | {after}
    return found


OFF = days_off()


def local(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC).astimezone(LONDON)


def slow(length: int, started: int) -> int:
    """When so many working days are over: a calendar is turned over leaf by leaf."""

    def works(day: date) -> bool:
        return day.strftime("%A") not in ("Saturday", "Sunday") and day not in OFF

    day, closing = local(started).date(), local(started).replace(hour=17, minute=0, second=0, fold=0)
    if not works(day) or local(started).replace(tzinfo=None) > closing.replace(tzinfo=None):
        day += timedelta(days=1)
        while not works(day):
            day += timedelta(days=1)
    for _leaf in range(length):
        day += timedelta(days=1)
        while not works(day):
            day += timedelta(days=1)
    return int(datetime(day.year, day.month, day.day, 17, tzinfo=LONDON).timestamp())


def test_the_rules_for_bank_holidays_give_the_list_that_is_known() -> None:
    known = {day for day in clock.bank_holidays() if date(2012, 2, 1) <= day <= date(2028, 12, 31)}
    assert known == {day for day in OFF if day >= date(2012, 2, 1)}


@given(LENGTHS, SECONDS)
def test_working_days_are_those_that_somebody_counts_on_a_calendar(length: int, started: int) -> None:
    assert due(length, Unit.WORKING_DAYS, started) == slow(length, started)


@given(LENGTHS, SECONDS)
def test_a_working_day_limit_ends_at_closing_time_on_a_working_day(length: int, started: int) -> None:
    ends = local(due(length, Unit.WORKING_DAYS, started))
    assert clock.is_working_day(ends.date()) and (ends.hour, ends.minute, ends.second) == (17, 0, 0)
    assert ends.timestamp() > started


@given(LENGTHS, SECONDS, st.integers(0, 40 * 86400))
def test_what_comes_in_later_is_never_due_earlier(length: int, started: int, later: int) -> None:
    for unit in Unit:
        assert due(length, unit, started) <= due(length, unit, started + later)
        assert due(length, unit, started) < due(length + 1, unit, started)


@given(LENGTHS, LENGTHS, SECONDS)
def test_working_days_add_up(one: int, more: int, started: int) -> None:
    first = due(one, Unit.WORKING_DAYS, started)
    assert due(more, Unit.WORKING_DAYS, first) == due(one + more, Unit.WORKING_DAYS, started)


@given(SECONDS)
def test_a_day_has_86400_seconds_whatever_clocks_on_the_wall_do(started: int) -> None:
    assert due(24, Unit.HOURS, started) == started + 86_400


@given(LENGTHS, SECONDS)
def test_calendar_days_end_at_closing_time_so_many_dates_later(length: int, started: int) -> None:
    ends = local(due(length, Unit.DAYS, started))
    assert (ends.date() - local(started).date()).days == length and ends.hour == 17


@pytest.mark.parametrize(
    ("told", "length", "ends"),
    [
        (("2026-04-02", "16:59"), 1, "2026-04-07"),  # before Good Friday
        (("2026-04-02", "17:01"), 1, "2026-04-08"),
        (("2026-04-02", "17:00"), 1, "2026-04-07"),
        (("2026-05-22", "23:59"), 1, "2026-05-27"),  # Friday before a bank holiday
        (("2026-12-24", "12:00"), 1, "2026-12-29"),  # Boxing Day is a Saturday
        (("2021-12-24", "12:00"), 1, "2021-12-29"),  # Christmas and Boxing Day at a weekend
        (("2022-12-23", "12:00"), 1, "2022-12-28"),
        (("2020-05-07", "12:00"), 1, "2020-05-11"),  # VE day instead of the first Monday
        (("2020-05-01", "12:00"), 1, "2020-05-04"),
        (("2022-06-01", "12:00"), 1, "2022-06-06"),  # Jubilee
        (("2022-05-27", "12:00"), 1, "2022-05-30"),
        (("2022-09-16", "12:00"), 1, "2022-09-20"),  # the Queen's funeral
        (("2023-05-05", "12:00"), 1, "2023-05-09"),  # the Coronation
        (("2026-11-14", "10:00"), 5, "2026-11-23"),  # a Saturday: received on Monday
    ],
)
def test_days_off_that_people_remember(told: tuple[str, str], length: int, ends: str) -> None:
    assert due(length, Unit.WORKING_DAYS, at(*told)) == at(ends, "17:00")


@pytest.mark.parametrize(
    ("started", "ends"),
    [
        (("2026-03-28", "12:00"), ("2026-03-29", "13:00")),  # an hour is missing that night
        (("2026-10-24", "12:00"), ("2026-10-25", "11:00")),  # an hour comes twice
        (("2026-12-24", "18:00"), ("2026-12-25", "18:00")),  # and no holiday relieves
    ],
)
def test_24_hours_over_a_night_on_which_clocks_change(
    started: tuple[str, str], ends: tuple[str, str]
) -> None:
    assert due(24, Unit.HOURS, at(*started)) == at(*ends)


# Standing still


PAUSES = st.lists(st.integers(1, 12 * 86400), min_size=2, max_size=8).map(
    lambda gaps: gaps[: len(gaps) // 2 * 2]
)


@given(LENGTHS, SECONDS.filter(lambda second: second < int(LAST.timestamp()) - 200 * 86400), PAUSES)
def test_as_much_time_is_left_after_a_pause_as_before_it(length: int, started: int, gaps: list[int]) -> None:
    for unit in Unit:
        pauses: list[tuple[int, int]] = []
        now = started
        for gap, rest in zip(gaps[::2], gaps[1::2], strict=True):
            since, until = now + gap, now + gap + rest
            before = due(length, unit, started, pauses)
            if since >= before:
                break
            left = remaining(unit, since, before)
            pauses.append((since, until))
            after = due(length, unit, started, pauses)
            assert remaining(unit, until, after) == left
            assert after >= before
            now = until


def remaining(unit: Unit, now: int, ends: int) -> int:
    """What is left of a limit, in its own coin: seconds, dates, or working days of the oracle."""
    if unit is Unit.HOURS:
        return ends - now
    dates = [
        local(now).date() + timedelta(days=one + 1)
        for one in range((local(ends).date() - local(now).date()).days)
    ]
    return len(dates) if unit is Unit.DAYS else sum(day.weekday() < 5 and day not in OFF for day in dates)


@given(LENGTHS, SECONDS, st.integers(1, 30 * 86400))
def test_a_pause_after_the_end_changes_nothing(length: int, started: int, rest: int) -> None:
    for unit in Unit:
        ends = due(length, unit, started)
        assert due(length, unit, started, [(ends, ends + rest)]) == ends


# What is not known


def test_beyond_the_known_holidays_nothing_is_reckoned_as_if_it_were_known() -> None:
    with pytest.raises(HolidaysUnknown, match="2029"):
        due(10, Unit.WORKING_DAYS, at("2028-12-22", "12:00"))
    with pytest.raises(HolidaysUnknown):
        due(1, Unit.WORKING_DAYS, at("2031-06-02", "12:00"))
    assert due(24, Unit.HOURS, at("2031-06-02", "12:00")) == at("2031-06-03", "12:00")
    assert due(28, Unit.DAYS, at("2031-06-02", "12:00")) == at("2031-06-30", "17:00")


def test_there_the_earliest_date_is_given_and_said_to_be_so() -> None:
    found = due_or_earlier(10, Unit.WORKING_DAYS, at("2028-12-22", "12:00"))
    # Christmas is known; New Year's Day of 2029 is not, and so nothing is put off for it
    assert not found.certain and found.at == at("2029-01-09", "17:00")
    known = due_or_earlier(10, Unit.WORKING_DAYS, at("2027-12-22", "12:00"))
    assert known.certain and known.at == due(10, Unit.WORKING_DAYS, at("2027-12-22", "12:00"))


@given(LENGTHS, SECONDS, st.sets(st.integers(0, 60), max_size=6))
def test_the_earliest_date_is_never_later_than_with_what_is_proclaimed_in_the_end(
    length: int, started: int, proclaimed: set[int]
) -> None:
    off = {local(started).date() + timedelta(days=one) for one in proclaimed}

    def works(day: date) -> bool:
        return clock.may_be_working_day(day) and day not in off

    early = due(length, Unit.WORKING_DAYS, started, works=clock.may_be_working_day)
    assert early <= due(length, Unit.WORKING_DAYS, started, works=works)


def test_the_legal_limits_are_those_of_their_sources() -> None:
    lengths = {limit: (OF[limit].length, OF[limit].unit.value, OF[limit].more) for limit in Limit}
    assert lengths[Limit.COMPLAINT_ONE_ACK] == (5, "working_days", 0)
    assert lengths[Limit.COMPLAINT_ONE] == (10, "working_days", 10)
    assert lengths[Limit.COMPLAINT_TWO_ACK] == (5, "working_days", 0)
    assert lengths[Limit.COMPLAINT_TWO] == (20, "working_days", 20)
    assert lengths[Limit.PLACE_OF_SAFETY] == (24, "hours", 0)
    assert lengths[Limit.HAZARD_NOW] == (24, "hours", 0)
    assert [lengths[one][0] for one in (Limit.HAZARD_SEEN, Limit.HAZARD_TOLD, Limit.HAZARD_SAFE)] == [
        10,
        3,
        5,
    ]
    assert {one.limit for one in CLOCKS if one.fixed} == {Limit.PLACE_OF_SAFETY, Limit.HAZARD_NOW}


@given(SECONDS, st.integers(HOUR, 40 * 86400))
def test_a_warning_comes_after_three_quarters_and_before_the_end(started: int, length: int) -> None:
    warned = warn_at(Limit.TRIAGE, started, started + length)
    assert started + length * 0.74 < warned < started + length


@given(st.dates(date(2012, 3, 1), date(2028, 12, 1)), st.integers(0, 30))
def test_months_before_is_the_same_day_or_the_last_of_its_month(day: date, months: int) -> None:
    found = clock.months_before(day, months)
    assert (day.year - found.year) * 12 + day.month - found.month == months
    next_day = found + timedelta(days=1)
    assert found.day == day.day or (found.day < day.day and next_day.day == 1)


def test_the_calendar_has_another_name_when_a_day_off_is_proclaimed(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [clock.calendar()]
    known = clock.bank_holidays()
    for off in (known | {date(2026, 11, 20)}, known - {date(2026, 12, 28)}, known):
        monkeypatch.setattr(clock, "bank_holidays", lambda off=off: off)
        names.append(clock.calendar())
    assert all(one != other for one, other in pairwise(names)) and names[0] == names[-1]
