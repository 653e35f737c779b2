"""The time limits of a case, as a table, and the sums on them: plain data in, seconds since 1970 out.

Hours are hours, whatever clocks on the wall do. Days and working days end at closing time in London; the day
of receipt is day 0, and what comes in after closing time or on a day off counts as received on the next
working day. While a clock stands still no time of it passes.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from enum import StrEnum

from portal import clock
from portal.accounts.roles import Role
from portal.clock import HolidaysUnknown, Works, is_working_day, may_be_working_day
from portal.incidents.limits import Limit
from portal.incidents.states import WAITING, State
from portal.questions.messages import Message, _staff

HOUR = 3600
CLOSES = "17:00"
"""Closing time in London."""
WARN, ESCALATE = 75, 90
"""Per cent of the time after which the officer is warned, and it is put before who is answerable."""
LONGEST = 366
"""The longest time that a landlord may set, in units of its limit."""

Pause = tuple[int, int]
"""From and until when a clock stood still, in seconds since 1970."""


class Unit(StrEnum):
    """What a limit counts. The codes are stored."""

    HOURS = "hours"
    DAYS = "days"
    WORKING_DAYS = "working_days"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One time limit."""

    limit: Limit
    words: Message
    """What is to be done."""
    length: int
    """In units; a landlord may set another in portal.toml."""
    unit: Unit
    source: str
    """Where the length comes from."""
    of: frozenset[str] = frozenset()
    """It is for cases of which one of these facts is true; without any, for all."""
    unless: frozenset[str] = frozenset()
    """It is not for cases of which one of these is true."""
    pauses: frozenset[State] = frozenset()
    """The states in which it stands still."""
    warn: int = WARN
    escalate: Role = Role.CASE_MANAGER
    """Before whom it is put when it nearly ends, and when it was missed."""
    escalate_after: int = ESCALATE
    more: int = 0
    """By how many units it may be extended at most, all in all."""
    fixed: bool = False
    """Whether a landlord may not set another length."""

    def fits(self, facts: frozenset[str]) -> bool:
        """Whether it is for a case of which these facts are true."""
        return not self.unless & facts and (not self.of or bool(self.of & facts))


PERSON = frozenset({State.AWAITING_REPORTER})
ALL = frozenset(WAITING)
H, D, W = Unit.HOURS, Unit.DAYS, Unit.WORKING_DAYS
L = Limit
DANGER = frozenset({"danger", "unsafe_tonight"})
AT_ONCE = frozenset({"hate", "maybe_hate", "domestic_abuse"})
A, B = frozenset({"category_a"}), frozenset({"category_b"})
OMBUDSMAN = "Housing Ombudsman, Complaint Handling Code 2024"
HAZARDS = "Hazards in Social Housing (Prescribed Requirements) (England) Regulations 2025"
PRACTICE = "what landlords publish as their practice"
LAW = frozenset({OMBUDSMAN, HAZARDS})
"""Sources that count their own working days: days on which only the landlord is closed are among them."""
TOOLKIT = "practice of landlords and the racial harassment toolkit: violence or threat within 24 hours"
OURS = "our judgement: change it as your cover allows"

CLOCKS: tuple[Clock, ...] = (
    Clock(limit=L.TRIAGE_NOW, words=_staff("Read it: danger"), length=1, unit=H, source=OURS, of=DANGER),
    Clock(limit=L.TRIAGE, words=_staff("Read it"), length=1, unit=W, source=OURS, unless=DANGER),
    Clock(
        limit=L.ACKNOWLEDGE_HATE,
        words=_staff("Acknowledge it: hate or domestic abuse"),
        length=1,
        unit=W,
        source=PRACTICE,
        of=AT_ONCE,
    ),
    Clock(
        limit=L.ACKNOWLEDGE,
        words=_staff("Acknowledge it"),
        length=5,
        unit=W,
        source=PRACTICE,
        unless=AT_ONCE,
    ),
    Clock(
        limit=L.INTERVIEW_NOW,
        words=_staff("Talk with the person: violence or threat"),
        length=24,
        unit=H,
        source=TOOLKIT,
        of=A,
        pauses=PERSON,
    ),
    Clock(
        limit=L.INTERVIEW,
        words=_staff("Talk with the person"),
        length=3,
        unit=W,
        source=PRACTICE,
        of=B,
        pauses=PERSON,
    ),
    Clock(
        limit=L.WITNESSES,
        words=_staff("Talk with witnesses"),
        length=5,
        unit=W,
        source=PRACTICE,
        of=frozenset({"witnesses"}),
        pauses=ALL,
    ),
    Clock(
        limit=L.ALLEGED,
        words=_staff("Talk with the person said to have done it, if the person harmed agrees"),
        length=10,
        unit=W,
        source=PRACTICE,
        of=frozenset({"alleged_known"}),
        pauses=ALL,
    ),
    Clock(
        limit=L.GRAFFITI,
        words=_staff("Remove offensive graffiti"),
        length=24,
        unit=H,
        source=PRACTICE,
        of=frozenset({"graffiti"}),
    ),
    Clock(
        limit=L.SECURE,
        words=_staff("Make the home secure"),
        length=24,
        unit=H,
        source=PRACTICE,
        of=frozenset({"secure"}),
    ),
    Clock(
        limit=L.PLACE_OF_SAFETY,
        words=_staff("Offer a safe place"),
        length=24,
        unit=H,
        source="housing strategy: every survivor is offered a place of safety within 24 hours",
        of=frozenset({"unsafe_tonight"}),
        fixed=True,
    ),
    Clock(
        limit=L.PROGRESS_A,
        words=_staff("Tell the person how it goes"),
        length=7,
        unit=D,
        source=PRACTICE,
        of=A,
        pauses=frozenset({State.AWAITING_REPORTER}),
    ),
    Clock(
        limit=L.PROGRESS_B,
        words=_staff("Tell the person how it goes"),
        length=14,
        unit=D,
        source=PRACTICE,
        of=B,
        pauses=frozenset({State.AWAITING_REPORTER}),
    ),
    Clock(limit=L.REVIEW, words=_staff("A manager looks at it"), length=28, unit=D, source=OURS),
    Clock(
        limit=L.AFTER_CARE,
        words=_staff("Ask whether it has stopped, and what the person thinks of us"),
        length=28,
        unit=D,
        source=PRACTICE,
    ),
    Clock(
        limit=L.HAZARD_NOW,
        words=_staff("Investigate the emergency hazard and make it safe"),
        length=24,
        unit=H,
        source=HAZARDS,
        of=frozenset({"hazard_now"}),
        fixed=True,
    ),
    Clock(
        limit=L.HAZARD_SEEN,
        words=_staff("Investigate the hazard"),
        length=10,
        unit=W,
        source=HAZARDS,
        of=frozenset({"hazard"}),
    ),
    Clock(
        limit=L.HAZARD_TOLD,
        words=_staff("Send a summary of what was found in the home"),
        length=3,
        unit=W,
        source=HAZARDS,
    ),
    Clock(limit=L.HAZARD_SAFE, words=_staff("Make the home safe"), length=5, unit=W, source=HAZARDS),
    Clock(
        limit=L.COMPLAINT_ONE_ACK,
        words=_staff("Acknowledge the complaint"),
        length=5,
        unit=W,
        source=OMBUDSMAN,
        of=frozenset({"complaint"}),
    ),
    Clock(
        limit=L.COMPLAINT_ONE,
        words=_staff("Answer the complaint at stage 1"),
        length=10,
        unit=W,
        source=OMBUDSMAN,
        more=10,
    ),
    Clock(
        limit=L.COMPLAINT_TWO_ACK,
        words=_staff("Acknowledge stage 2"),
        length=5,
        unit=W,
        source=OMBUDSMAN,
    ),
    Clock(
        limit=L.COMPLAINT_TWO,
        words=_staff("Answer the complaint at stage 2"),
        length=20,
        unit=W,
        source=OMBUDSMAN,
        more=20,
    ),
)
OF: dict[Limit, Clock] = {one.limit: one for one in CLOCKS}


@dataclass(frozen=True, slots=True)
class Due:
    """When something is due at the latest."""

    at: int
    """Seconds since 1970."""
    certain: bool
    """Whether the bank holidays up to then are known. If not, it is as early as it can be."""


def due(
    length: int, unit: Unit, started: int, pauses: Iterable[Pause] = (), works: Works = is_working_day
) -> int:
    """When a limit that started at that second is over, in seconds since 1970; the last one still counts.

    Pauses are given in order and end; one that begins after the limit is over changes nothing.
    Raises HolidaysUnknown.
    """
    if unit is Unit.HOURS:
        at = started + length * HOUR
        for since, until in pauses:
            at += until - since if since < at else 0
        return at
    if unit is Unit.DAYS:
        day = clock.days_after(clock.day_of(started), length)
    else:
        day = clock.working_days_after(clock.receipt_day(started, CLOSES, works), length, works)
    for since, until in pauses:
        first, last = clock.day_of(since), clock.day_of(until)
        if since >= clock.second_of(day, CLOSES):
            lost = 0
        elif unit is Unit.DAYS:
            lost = clock.days_between(first, last)
        else:
            lost = clock.working_days_between(first, last, works)
        if lost:
            day = (
                clock.days_after(day, lost)
                if unit is Unit.DAYS
                else clock.working_days_after(day, lost, works)
            )
    return clock.second_of(day, CLOSES)


def due_or_earlier(
    length: int, unit: Unit, started: int, pauses: Iterable[Pause] = (), source: str = OURS
) -> Due:
    """due(), and where the bank holidays are not known the earliest that it can be, said to be so.

    Days on which the landlord closes give no more time where the limit comes from one of LAW.
    """
    pauses = tuple(pauses)
    with clock.closed_on(()) if source in LAW else nullcontext():
        try:
            return Due(due(length, unit, started, pauses), True)
        except HolidaysUnknown:
            return Due(due(length, unit, started, pauses, may_be_working_day), False)


def warn_at(limit: Limit, started: int, due_at: int) -> int:
    """From when on the officer is to be warned, in seconds since 1970."""
    return started + (due_at - started) * OF[limit].warn // 100


def escalate_at(limit: Limit, started: int, due_at: int) -> int:
    """From when on it is put before who is answerable, in seconds since 1970."""
    return started + (due_at - started) * OF[limit].escalate_after // 100
