"""The time, in one place, where a test can set it. Dates are those of London."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


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


def day(text: str) -> date:
    """The day that a date as it is stored (2026-03-01) means."""
    return date.fromisoformat(text)


def seconds() -> int:
    """This moment in whole seconds since 1970."""
    return int(now().timestamp())


def moment(seconds: int) -> datetime:
    """The moment, in UTC, that many seconds after the beginning of 1970."""
    return datetime.fromtimestamp(seconds, UTC)


def year_before(day: date) -> date:
    """The same day a year earlier; 28 February for the 29th."""
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def days_before(day: date, days: int) -> date:
    """The day that many days earlier."""
    return day - timedelta(days=days)
