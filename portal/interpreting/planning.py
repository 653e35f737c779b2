"""For when somebody is looked for: the time that is suggested, what staff are asked of it, who could come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row

from portal import clock, registers
from portal.interpreting import acting, bookings, windows
from portal.interpreting.acting import Plan
from portal.interpreting.candidates import Candidate, candidates, seats_for, why_unfilled
from portal.interpreting.showing import local
from portal.interpreting.states import Event, Kind
from portal.interpreting.steps import MINUTES, MODE, one
from portal.questions import Answer, Answers, Choice, Date, Option, Question, Time, as_written
from portal.questions.messages import _staff

PROVIDERS = "providers"
"""The list of companies that send interpreters: administrators keep it."""
ANY = "any"

WHEN: tuple[Question, ...] = (
    Date(
        key="day",
        text=_staff("Day"),
        required=_staff("Type the day on which somebody should come"),
        when="future",
    ),
    Time(
        key="from",
        text=_staff("From what time"),
        required=_staff("Type the time at which somebody should come"),
        on="day",
        beside=True,
    ),
    MINUTES,
)
TIME: tuple[Question, ...] = (*WHEN, MODE)
WAYS = (
    Option("tiered", _staff("Our own staff first, then our bank, then providers: the first who accepts")),
    Option("pool", _staff("Ask who can, then choose")),
    Option("direct", _staff("Offer to all who are ticked at once: the first who accepts")),
    Option("rota", _staff("Book who is on duty, without an offer")),
)
WAY = Choice(
    key="way", text=_staff("How to offer it"), required=_staff("Choose how to offer it"), options=WAYS
)
SEATS = Choice(
    key="seats",
    text=_staff("How many come"),
    required=_staff("Choose how many come"),
    options=(Option("1", _staff("One")), Option("2", _staff("Two, who take turns"))),
)


def can_plan(request: Row[Any]) -> bool:
    """Whether somebody can be looked for now."""
    return bool({Event.OFFER, Event.ASSIGN} & set(acting.possible(request)))


def suggested(connection: Connection, request: Row[Any]) -> dict[str, Answer]:
    """The time that is suggested: what is planned, else the first that suits the person and is ahead."""
    found = bookings.live(connection, request.reference)
    if found is not None:
        starts, minutes, mode = found.starts, (found.ends - found.starts) // 60, found.mode
    else:
        ahead = [
            times for times in windows.of_request(connection, request.reference) if times[1] > clock.seconds()
        ]
        starts = max(ahead[0][0], clock.seconds()) if ahead else 0
        minutes, mode = request.minutes, request.mode
    answers: dict[str, Answer] = {"minutes": (str(minutes),), "mode": (mode,) if mode else ()}
    if starts:
        at = local(starts)
        answers |= {"day": (at.date().isoformat(),), "from": (f"{at:%H:%M}",)}
    return answers


def plan_of(answers: Answers, seats: int = 1, way: str = "direct") -> Plan:
    """The plan that answers without problems make."""
    starts = int(clock.at(clock.day(one(answers, "day")), one(answers, "from")).timestamp())
    ends = starts + 60 * int(one(answers, "minutes"))
    return Plan(starts, ends, one(answers, "mode"), seats, way)


def is_whole(answers: Mapping[str, Answer]) -> bool:
    """Whether these answers say when, how long and how."""
    return all(answers.get(question.key) for question in TIME)


def offering(request: Row[Any]) -> dict[str, Answer]:
    """How to offer it, as it is suggested: conflicts are looked at by a person where it matters."""
    way = "tiered" if request.tier == 3 else "pool"
    return {"way": (way,), "seats": (str(seats_for(request)),)}


def found(connection: Connection, request: Row[Any], plan: Plan, dialect: str = "") -> list[Candidate]:
    """Who could come at that time, and who cannot."""
    return candidates(connection, request, plan.starts, plan.ends, plan.mode, dialect)


def unfilled(connection: Connection, request: Row[Any]) -> str | None:
    """Why nobody can come at the time that is suggested; None when somebody can, or nobody was looked for."""
    looked_for = Kind(request.kind) is Kind.INTERPRETER and Event.GIVE_UP in acting.possible(request)
    answers = suggested(connection, request) if looked_for else {}
    if not is_whole(answers):
        return None
    return why_unfilled(found(connection, request, plan_of(answers)))


def providers(connection: Connection) -> tuple[Option, ...]:
    """The companies that can be chosen now."""
    lines = registers.every(connection, PROVIDERS, ())
    return tuple(Option(code, as_written(name)) for code, name, active in lines if active)


def provider_name(connection: Connection, code: str | None) -> str:
    """What a company is called, also one that is out of use."""
    lines = registers.every(connection, PROVIDERS, ()) if code else []
    return next((name for known, name, _active in lines if known == code), code or "")
