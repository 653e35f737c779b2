"""The time, in one place, where a test can set it. Dates are those of London."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from govuk_bank_holidays.bank_holidays import BankHolidays

from portal.questions import Moment

LONDON = ZoneInfo("Europe/London")


class HolidaysUnknown(ValueError):
    """A day lies outside the years whose bank holidays are known: a newer govuk-bank-holidays has more."""


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The day it is in London."""
    return now().astimezone(LONDON).date()


def in_london(moment: datetime) -> datetime:
    """The same moment as clocks in London show it."""
    return moment.astimezone(LONDON)


def monday(day: date) -> date:
    """The Monday of a day's week: all the date that an anonymous submission keeps."""
    return day - timedelta(days=day.weekday())


def month(day: date) -> date:
    """The first day of a day's month: all the date that is kept of what is asked after a report."""
    return day.replace(day=1)


def day(text: str) -> date:
    """The day that a date as it is stored (2026-03-01) means."""
    return date.fromisoformat(text)


def seconds() -> int:
    """This moment in whole seconds since 1970."""
    return int(now().timestamp())


def moment(seconds: int) -> datetime:
    """The moment, in UTC, that many seconds after the beginning of 1970."""
    return datetime.fromtimestamp(seconds, UTC)


def at(day: date, time: str) -> datetime:
    """The moment, in UTC, of a time of day (14:30) in London.

    Raises NoSuchTime when clocks skip it that night, TwiceThatTime when they show it twice.
    """
    hours, _colon, minutes = time.partition(":")
    local = datetime(day.year, day.month, day.day, int(hours), int(minutes), tzinfo=LONDON)
    moment = local.astimezone(UTC)
    if moment.astimezone(LONDON).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise NoSuchTime(time)
    if local.replace(fold=1).astimezone(UTC) != moment:
        raise TwiceThatTime(time)
    return moment


class NoSuchTime(ValueError):
    """Clocks go forward that night and skip this time."""


class TwiceThatTime(ValueError):
    """Clocks go back that night and show this time twice."""


def moment_of(day: str, time: str) -> Moment:
    """What a day and a time as they are stored come to: what a Reader asks."""
    try:
        return "ahead" if at(date.fromisoformat(day), time) > now() else "past"
    except NoSuchTime:
        return "missing"
    except TwiceThatTime:
        return "twice"


def years_after(day: date, years: int = 1) -> date:
    """The same day so many years later; 28 February for a 29th that is not there."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def years_before(day: date, years: int = 1) -> date:
    """The same day so many years earlier; 28 February for a 29th that is not there."""
    return years_after(day, -years)


def days_before(day: date, days: int) -> date:
    """The day that many days earlier."""
    return day - timedelta(days=days)


def days_from(day: date, number: int) -> tuple[date, ...]:
    """That day and those after it, so many in all."""
    return tuple(day + timedelta(days=after) for after in range(number))


def on_the_clock(second: int) -> tuple[date, int]:
    """The day, and the minutes since midnight, that clocks in London show at that second since 1970.

    When clocks go back the same hour comes twice; when they go forward one never comes.
    """
    local = in_london(moment(second))
    return local.date(), local.hour * 60 + local.minute


# Working days

_closed: ContextVar[frozenset[date]] = ContextVar("closed", default=frozenset())


@contextmanager
def closed_on(days: Iterable[date]) -> Iterator[None]:
    """Within this the landlord is closed on these days too: they are no working days.

    A request and a job are each done within it. Nothing outside hears of it, and no other thread.
    """
    before = _closed.set(frozenset(days))
    try:
        yield
    finally:
        _closed.reset(before)


@cache
def bank_holidays() -> frozenset[date]:
    """The bank holidays of England and Wales, from the package's own list: no network."""
    known = BankHolidays(use_cached_holidays=True)
    return frozenset(one["date"] for one in known.get_holidays(division=BankHolidays.ENGLAND_AND_WALES))


@cache
def _years_known(holidays: frozenset[date]) -> tuple[int, int]:
    """The first year of these bank holidays, and the last."""
    return min(holidays).year, max(holidays).year


def is_holiday(day: date) -> bool:
    """Whether it is a bank holiday that is known, or a day on which the landlord is closed."""
    return day in bank_holidays() or day in _closed.get()


def is_working_day(day: date) -> bool:
    """Whether it is one of England: no Saturday or Sunday, and no holiday. Raises HolidaysUnknown."""
    first, last = _years_known(bank_holidays())
    if not first <= day.year <= last:
        raise HolidaysUnknown(f"bank holidays are known from {first} to {last}, not in {day.year}")
    return day.weekday() < 5 and not is_holiday(day)


def may_be_working_day(day: date) -> bool:
    """The same, but a weekday of a year whose bank holidays nobody knows counts as one.

    With it a sum comes out as early as it can be: no later than with what is proclaimed in the end.
    """
    return day.weekday() < 5 and not is_holiday(day)


def calendar() -> str:
    """What tells one list of days off from another: it changes when a holiday is proclaimed, or we close."""
    return _name_of(bank_holidays(), _closed.get())


@cache
def _name_of(holidays: frozenset[date], closed: frozenset[date]) -> str:
    days = " ".join(sorted(day.isoformat() for day in holidays | closed))
    return hashlib.blake2b(days.encode(), digest_size=6).hexdigest()


Works = Callable[[date], bool]
"""Whether a day is a working day: is_working_day, or may_be_working_day."""


def working_days_before(day: date, number: int) -> date:
    """The working day that many working days earlier; that day itself does not count. HolidaysUnknown."""
    return _working_days_from(day, number, timedelta(days=-1), is_working_day)


def working_days_after(day: date, number: int, works: Works = is_working_day) -> date:
    """The working day that many working days later; that day itself does not count. HolidaysUnknown."""
    return _working_days_from(day, number, timedelta(days=1), works)


def working_days_between(day: date, last: date, works: Works = is_working_day) -> int:
    """How many working days come after a day up to the last, which counts. HolidaysUnknown."""
    return sum(works(one) for one in days_from(day, (last - day).days + 1)[1:])


def _working_days_from(day: date, number: int, step: timedelta, works: Works) -> date:
    if number < 1:
        raise ValueError("count one working day or more")
    while number:
        day += step
        number -= works(day)
    return day


# Time limits


def day_of(second: int) -> date:
    """The day in London of that second since 1970."""
    return in_london(moment(second)).date()


def second_of(day: date, time: str) -> int:
    """at(), in seconds since 1970."""
    return int(at(day, time).timestamp())


def receipt_day(second: int, closes: str, works: Works = is_working_day) -> date:
    """The working day on which what came in at that second counts as received. HolidaysUnknown.

    What comes after closing time (17:00), or on a day off, counts as received on the next working day.
    """
    day = day_of(second)
    if works(day) and second <= second_of(day, closes):
        return day
    return working_days_after(day, 1, works)


def days_after(day: date, days: int) -> date:
    """The day that many days later."""
    return day + timedelta(days=days)


def days_between(day: date, last: date) -> int:
    """How many days the last one comes after a day."""
    return (last - day).days


def months_before(day: date, months: int) -> date:
    """The same day of the month that many months earlier; its last day where that has no such day."""
    years, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    following = date(years + month // 11, (month + 1) % 12 + 1, 1)
    return date(years, month + 1, min(day.day, days_before(following, 1).day))


def months_after(day: date, months: int) -> date:
    """The same day of the month that many months later; its last day where that has no such day."""
    return months_before(day, -months)
