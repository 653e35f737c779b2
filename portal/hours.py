"""Safe hours: when a person can be reached, as clocks in London show it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from portal import clock

DAY = 24 * 60
"""Minutes."""
STEP = 5
"""Minutes. Hours begin and end on a multiple of it, and the next moment is looked for in such steps."""
EVERY_DAY = frozenset(range(7))


@dataclass(frozen=True, slots=True)
class Hours:
    """When a person can be reached, as clocks in London show it."""

    since: int
    """Minutes after midnight, a multiple of 5."""
    until: int
    """Minutes after midnight; that minute is outside already. 1440 is the end of the day."""
    days: frozenset[int] = EVERY_DAY
    """0 is Monday."""

    def __post_init__(self) -> None:
        if not 0 <= self.since < self.until <= DAY or self.since % STEP or self.until % STEP:
            raise ValueError("hours begin before they end, within a day, at a multiple of 5 minutes")
        if not self.days or not self.days <= EVERY_DAY:
            raise ValueError("hours need a day of the week, from 0 to 6")


QUIET = (Hours(8 * 60, 20 * 60),)
"""Outside these nobody is disturbed who has not named hours of their own."""


def is_within(hours: Iterable[Hours], when: int) -> bool:
    """Whether a second lies within one of the spans of hours."""
    local = clock.in_london(clock.moment(when))
    minute = local.hour * 60 + local.minute
    return any(local.weekday() in one.days and one.since <= minute < one.until for one in hours)


def next_within(hours: Iterable[Hours], when: int) -> int:
    """The first second, from then on, that lies within one of the spans of hours."""
    spans = tuple(hours)
    while not is_within(spans, when):
        when += STEP * 60 - when % (STEP * 60)
    return when
