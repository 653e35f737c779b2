"""Who could come: hard filters that say what stands in the way, then a ranking that one can read.

A hard filter that anybody fails is never bent here: who is barred is not offered the request. Weights only
order those who are left.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select

from portal import clock
from portal.interpreting import bookings
from portal.interpreting.models import (
    Assignment,
    Booking,
    Conflict,
    FreeTime,
    Interpreter,
    InterpreterLanguage,
    Leave,
    RequestPerson,
)
from portal.interpreting.purposes import LEVELS
from portal.interpreting.serving import served
from portal.questions.messages import Message, _staff
from portal.questions.typing_in import folded

DAY = 86400
FAIR = 30 * DAY
"""Seconds over which hours are shared out fairly."""
LONG = 90
"""Minutes from which signing and speech-to-text need two people who take turns."""
TWO_SEATS = frozenset({"bsl", "speech_to_text", "deafblind_manual", "hands_on"})
WEIGHTS: dict[str, int] = {
    "again": 400,
    "gender": 200,
    "dialect": 100,
    "full": 80,
    "in_house": 40,
    "near": 20,
    "fair": 10,
}
"""What each reason counts for. Continuity before all, then the gender that is preferred, then the dialect."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request needs of whoever comes, for one time."""

    language: str
    second: str | None
    support: tuple[str, ...]
    mode: str
    tier: int
    gender: str | None
    essential: bool
    outside: bool
    areas: frozenset[str]
    """Outward postcodes of the home and the place."""
    persons: frozenset[bytes]
    """Digests by which the person is known again."""
    starts: int
    ends: int
    """Seconds since 1970."""
    dialect: str = field(default="", repr=False)
    """In the person's own words."""


@dataclass(frozen=True, slots=True)
class Speaks:
    """A language in which somebody works."""

    code: str
    level: str
    until: date | None = None
    dialects: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """An interpreter, with all that decides whether they can come."""

    id: int
    reference: str
    name: str
    gender: str
    kind: str
    active: bool
    area: str | None
    modes: frozenset[str]
    travel: int
    cleared_until: date | None
    languages: tuple[Speaks, ...]
    free: tuple[tuple[int, int, int], ...] = ()
    """Weekday from 1, begin and end in minutes since midnight. None at all means: not known, ask."""
    leave: tuple[tuple[date, date], ...] = ()
    busy: tuple[tuple[int, int], ...] = ()
    conflicts: frozenset[bytes] = frozenset()
    minutes: int = 0
    """Booked in the last thirty days."""
    before: bool = False
    """Has interpreted for this person, and it went well."""


BLOCKS: dict[str, Message] = {
    "inactive": _staff("not in use"),
    "language": _staff("does not work in this language"),
    "level": _staff("not qualified for this purpose"),
    "mode": _staff("does not work in this way"),
    "gender": _staff("not of the gender that is essential"),
    "clearance": _staff("clearance has run out"),
    "conflict": _staff("must not meet this person"),
    "area": _staff("lives near, and somebody from outside is asked for"),
    "leave": _staff("on leave"),
    "hours": _staff("not free at this time"),
    "busy": _staff("booked at this time"),
}
REASONS: dict[str, Message] = {
    "again": _staff("came to this person before"),
    "gender": _staff("of the gender that is preferred"),
    "dialect": _staff("knows this dialect or area"),
    "full": _staff("works in the language asked for"),
    "fallback": _staff("works in the second language only"),
    "in_house": _staff("works here"),
    "near": _staff("lives near"),
    "fair": _staff("has had few hours lately"),
    "unknown": _staff("no free times on record: ask"),
}
UNFILLED_BY = {
    "gender": "gender",
    "level": "level",
    "language": "language",
    "conflict": "conflict",
    "area": "conflict",
    "leave": "time",
    "hours": "time",
    "busy": "time",
}
"""What stands in everybody's way -> the reason with which a request is given up."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An interpreter, why they cannot come or how well they fit."""

    person: Person
    blocks: tuple[str, ...]
    reasons: tuple[str, ...]
    score: int

    @property
    def fits(self) -> bool:
        return not self.blocks

    @property
    def words(self) -> tuple[Message, ...]:
        """Why, in words for staff."""
        return tuple(BLOCKS[code] for code in self.blocks) or tuple(REASONS[code] for code in self.reasons)


BY_PEOPLE = {"bsl": "bfi", "bsl_video": "bfi"} | {
    code: code
    for code in (
        "lipspeaker",
        "speech_to_text",
        "notetaker",
        "deafblind_manual",
        "hands_on",
        "deaf_relay",
        "sse",
    )
}
"""Communication support that somebody gives -> the code of the language, or skill, in which they work."""


def language_of(request: Row[Any]) -> str:
    """The code of the language in which somebody must work; of another one, what it was found to be.

    For somebody who speaks English, of the support that they need.
    """
    if request.speak == "eng":
        return next((BY_PEOPLE[code] for code in request.support if code in BY_PEOPLE), "eng")
    named = request.sign if request.speak == "sign" else request.speak
    return str((request.coded if named == "other" else named) or "")


def seats_for(request: Row[Any]) -> int:
    """How many people should share the work."""
    tiring = request.speak == "sign" or TWO_SEATS & set(request.support)
    return 2 if tiring and request.minutes > LONG else 1


def asked_of(
    connection: Connection, request: Row[Any], starts: int, ends: int, mode: str, dialect: str = ""
) -> Asked:
    """What a request needs at this time. Without a tier it is treated as the strictest."""
    persons = select(RequestPerson.digest).where(RequestPerson.request == bindparam("of"))
    return Asked(
        language=language_of(request),
        second=None if request.second == "none" else request.second,
        support=tuple(request.support),
        mode="phone" if mode == "phone_now" else mode,
        tier=request.tier or 1,
        gender=request.gender if request.gender in ("woman", "man") else None,
        essential=request.gender_essential,
        outside=request.outside,
        areas=frozenset(area for area in (request.area, request.place_area) if area),
        persons=frozenset(connection.execute(persons, {"of": request.reference}).scalars()),
        starts=starts,
        ends=ends,
        dialect=dialect,
    )


def blocks(asked: Asked, person: Person) -> tuple[str, ...]:
    """What stands in the way of this interpreter; nothing when they can be asked."""
    day = clock.in_london(clock.moment(asked.starts)).date()
    codes = {one.code for one in person.languages}
    allowed = {
        one.code
        for one in person.languages
        if one.level in LEVELS[asked.tier] and (one.until is None or one.until >= day)
    }
    serves = served(codes, asked.language, asked.second)
    travel = person.travel * 60 if asked.mode in bookings.VISITS else 0
    begins, ends = asked.starts - travel, asked.ends + travel
    found = {
        "inactive": not person.active,
        "language": serves is None,
        "level": serves is not None and served(allowed, asked.language, asked.second) is None,
        "mode": asked.mode not in person.modes and asked.mode != "any",
        "gender": asked.essential and asked.gender is not None and person.gender != asked.gender,
        "clearance": person.cleared_until is not None and person.cleared_until < day,
        "conflict": bool(person.conflicts & asked.persons),
        "area": asked.outside and person.area in asked.areas,
        "leave": any(first <= day <= last for first, last in person.leave),
        "hours": bool(person.free) and not _is_free(person.free, asked.starts, asked.ends),
        "busy": any(since < ends and begins < until for since, until in person.busy),
    }
    return tuple(code for code, stands in found.items() if stands)


def reasons(asked: Asked, person: Person) -> tuple[str, ...]:
    """How well an interpreter fits who can be asked, in codes of REASONS."""
    full = served({one.code for one in person.languages}, asked.language) == "full"
    found = {
        "again": person.before,
        "gender": asked.gender is not None and person.gender == asked.gender,
        "dialect": _knows(person, asked.dialect),
        "full": full,
        "fallback": not full,
        "in_house": person.kind == "staff",
        "near": not asked.outside and person.area is not None and person.area in asked.areas,
        "unknown": not person.free,
    }
    return tuple(code for code, holds in found.items() if holds)


def ranked(asked: Asked, people: Iterable[Person]) -> list[Candidate]:
    """Everybody, who fits best first; after them who cannot be asked, with what stands in the way."""
    every = list(people)
    least = min((one.minutes for one in every), default=0)
    found = []
    for person in every:
        stops = blocks(asked, person)
        why = () if stops else reasons(asked, person)
        if not stops and person.minutes == least:
            why += ("fair",)
        score = sum(WEIGHTS.get(code, 0) for code in why)
        found.append(Candidate(person, stops, why, score))
    return sorted(found, key=lambda one: (bool(one.blocks), -one.score, one.person.minutes, one.person.name))


def why_unfilled(candidates: Sequence[Candidate]) -> str | None:
    """The reason that keeps most of those away who at least work in the language; None if somebody fits."""
    if any(one.fits for one in candidates):
        return None
    able = [one for one in candidates if not {"language", "inactive"} & set(one.blocks)]
    if not able:
        return "language"
    nearest = min(able, key=lambda one: len(one.blocks))
    return next((UNFILLED_BY[code] for code in UNFILLED_BY if code in nearest.blocks), "time")


def _knows(person: Person, dialect: str) -> bool:
    known = folded(" ".join(one.dialects for one in person.languages))
    return any(len(word) > 3 and folded(word) in known for word in dialect.split())


def _is_free(free: Collection[tuple[int, int, int]], starts: int, ends: int) -> bool:
    begins, until = (clock.in_london(clock.moment(second)) for second in (starts, ends))
    if begins.date() != until.date():
        return False
    since, to = begins.hour * 60 + begins.minute, until.hour * 60 + until.minute
    return any(day == begins.isoweekday() and first <= since and to <= last for day, first, last in free)


# From the database

LANGUAGES = select(*InterpreterLanguage.__table__.columns)
BUSY = (
    select(Assignment.interpreter, Assignment.busy_from, Assignment.busy_to)
    .where(Assignment.state != "released", Assignment.busy_to > bindparam("since"))
    .order_by(Assignment.busy_from)
)
MINUTES = (
    select(Assignment.interpreter, func.sum((Booking.ends - Booking.starts) / 60).label("minutes"))
    .join(Booking, Booking.reference == Assignment.booking)
    .where(Assignment.state != "released", Booking.starts > bindparam("since"))
    .group_by(Assignment.interpreter)
)
BEFORE = (
    select(Assignment.interpreter)
    .join(Booking, Booking.reference == Assignment.booking)
    .join(RequestPerson, RequestPerson.request == Booking.request)
    .where(
        RequestPerson.digest.in_(bindparam("persons", expanding=True)),
        Booking.request != bindparam("but"),
        Assignment.state.in_(("finished", "claimed", "approved")),
    )
    .distinct()
)


def everybody(connection: Connection, asked: Asked, request: str = "") -> list[Person]:
    """Every interpreter, with what decides whether they can come to this."""
    languages: dict[int, list[Speaks]] = defaultdict(list)
    for row in connection.execute(LANGUAGES):
        languages[row.interpreter].append(Speaks(row.code, row.level, row.until, row.dialects))
    free: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for row in connection.execute(select(*FreeTime.__table__.columns)):
        free[row.interpreter].append((row.weekday, row.begins, row.ends))
    leave: dict[int, list[tuple[date, date]]] = defaultdict(list)
    for row in connection.execute(select(*Leave.__table__.columns)):
        leave[row.interpreter].append((row.first, row.last))
    busy: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for row in connection.execute(BUSY, {"since": asked.starts - DAY}):
        busy[row.interpreter].append((row.busy_from, row.busy_to))
    conflicts: dict[int, set[bytes]] = defaultdict(set)
    for row in connection.execute(select(Conflict.interpreter, Conflict.digest)):
        conflicts[row.interpreter].add(row.digest)
    lately = {"since": clock.seconds() - FAIR}
    minutes = {row.interpreter: int(row.minutes) for row in connection.execute(MINUTES, lately)}
    before = set(
        connection.execute(BEFORE, {"persons": sorted(asked.persons), "but": request}).scalars()
        if asked.persons
        else ()
    )
    return [
        Person(
            id=row.id,
            reference=row.reference,
            name=row.name,
            gender=row.gender,
            kind=row.kind,
            active=row.active,
            area=row.area,
            modes=frozenset(row.modes),
            travel=row.travel,
            cleared_until=row.cleared_until,
            languages=tuple(languages[row.id]),
            free=tuple(free[row.id]),
            leave=tuple(leave[row.id]),
            busy=tuple(busy[row.id]),
            conflicts=frozenset(conflicts[row.id]),
            minutes=minutes.get(row.id, 0),
            before=row.id in before,
        )
        for row in connection.execute(select(*Interpreter.__table__.columns).order_by(Interpreter.id))
    ]


def candidates(
    connection: Connection, request: Row[Any], starts: int, ends: int, mode: str, dialect: str = ""
) -> list[Candidate]:
    """Who could come to a request at this time, and who cannot and why."""
    asked = asked_of(connection, request, starts, ends, mode, dialect)
    return ranked(asked, everybody(connection, asked, request.reference))


def still_fit(connection: Connection, request: Row[Any], interpreter: int) -> bool:
    """Whether somebody who is booked is qualified for what the request is about now."""
    booking = bookings.live(connection, request.reference)
    if booking is None:
        return False
    asked = asked_of(connection, request, booking.starts, booking.ends, booking.mode)
    person = next(one for one in everybody(connection, asked) if one.id == interpreter)
    return not {"level", "gender", "conflict", "language"} & set(blocks(asked, person))
