"""What is counted of interpreting: one line a request, with codes only, and the calls and gaps of each month.

No line names anybody or says when to the day. Few people in a small area are still few: these are true counts
for an analyst, and what is published comes from a release under disclosure control.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from portal import clock
from portal.intake.models import Submission
from portal.interpreting.calls import InterpretedCall, ManagedWithout
from portal.interpreting.candidates import language_of
from portal.interpreting.models import (
    Assignment,
    Booking,
    Interpreter,
    Request,
    RequestPerson,
    RequestStep,
)
from portal.interpreting.states import Event, State

COLUMNS = (
    "kind",
    "channel",
    "language",
    "language_in_own_words",
    "dialect_named",
    "second",
    "page_language",
    "mode_asked",
    "mode_now",
    "office",
    "area",
    "tier",
    "purpose",
    "urgency",
    "month",
    "state",
    "filled",
    "by_whom",
    "reason",
    "minutes_to_confirm",
    "in_mode_asked",
    "gender_essential_met",
    "same_interpreter",
    "cancelled_by",
    "cancelled_late",
    "given_back_by_interpreters",
    "outcomes",
    "call_outcomes",
    "call_minutes",
)
LATE = 24
"""Hours of notice below which a cancellation is late."""
BY_US = frozenset({"officer", "not_told", "wrong_language", "weather"})
GAVE_BACK = frozenset({"ill", "cannot", "conflict"})
"""Why an interpreter gives a seat back."""
FILLS = frozenset({State.CONFIRMED, State.IN_PROGRESS, State.COMPLETED})
WITHDRAWN = frozenset({State.CANCELLED, State.DECLINED, State.VOID})

REQUESTS: Select[Any] = (
    select(*Request.__table__.columns, Submission.answers)
    .join(Submission, Submission.id == Request.submission)
    .order_by(Request.reference)  # random: the order of lines tells nothing of arrival
)
STEPS = select(*RequestStep.__table__.columns).order_by(RequestStep.request, RequestStep.number)
SEATS = (
    select(
        Booking.request,
        Assignment.interpreter,
        Assignment.state,
        Assignment.reason,
        Assignment.outcomes,
        Interpreter.kind,
        Interpreter.gender,
    )
    .join(Booking, Booking.reference == Assignment.booking)
    .join(Interpreter, Interpreter.id == Assignment.interpreter)
)
PLACED = select(Booking.request).where(Booking.live, Booking.provider.is_not(None))
CALLS = select(*InterpretedCall.__table__.columns).order_by(InterpretedCall.reference)
WITHOUT = select(*ManagedWithout.__table__.columns).order_by(ManagedWithout.reference)

Line = tuple[str, ...]
Table = Callable[[Connection, date | None, date | None], Iterator[Line]]
"""A header and lines, of what came in on or between two days of London."""


def requests(connection: Connection, first: date | None = None, last: date | None = None) -> Iterator[Line]:
    """One line a request, under COLUMNS."""
    steps, seats, calls = _by_request(connection, STEPS), _by_request(connection, SEATS), _calls(connection)
    placed = set(connection.execute(PLACED).scalars())
    rows = connection.execute(REQUESTS).all()
    same = _same_interpreter(connection, rows, seats)
    yield COLUMNS
    for row in rows:
        if _within(clock.on_the_clock(row.received)[0], first, last):
            of = row.reference
            found = _line(row, steps[of], seats[of], calls[of], of in placed)
            found["same_interpreter"] = same[of]
            yield tuple(_cell(found[name]) for name in COLUMNS)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _by_request(connection: Connection, query: Any) -> dict[str, list[Row[Any]]]:
    found: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.request].append(row)
    return found


def _calls(connection: Connection) -> dict[str | None, list[Row[Any]]]:
    found: dict[str | None, list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(CALLS):
        found[row.request].append(row)
    return found


def _within(day: date, first: date | None, last: date | None) -> bool:
    return (first is None or first <= day) and (last is None or day <= last)


def _line(
    row: Row[Any], steps: list[Row[Any]], seats: list[Row[Any]], calls: list[Row[Any]], placed: bool
) -> dict[str, Any]:
    end = next((step for step in reversed(steps) if step.state != State.CLOSED), None)
    filled = _filled(State(end.state) if end else State(row.state), end.reason if end else None)
    sitting = [seat for seat in seats if seat.state != "released"]
    confirmed = next((step.at for step in steps if step.state in FILLS), None)
    cancelled = next((step for step in reversed(steps) if step.event == Event.CANCEL), None)
    own_words = "other" in (row.speak, row.sign)
    others = {name for name, holds in (("placed", placed), ("call", bool(calls))) if holds}
    whom = {seat.kind for seat in sitting} or others
    return {
        "kind": row.kind,
        "channel": row.channel,
        "language": language_of(row),
        "language_in_own_words": ("coded" if row.coded else "not coded") if own_words else "no",
        "dialect_named": bool(row.answers.get("dialect")),
        "second": row.second,
        "page_language": row.language,
        "mode_asked": row.mode_asked,
        "mode_now": row.mode,
        "office": row.office,
        "area": row.area,
        "tier": row.tier,
        "purpose": row.purpose,
        "urgency": row.urgency,
        "month": f"{clock.on_the_clock(row.received)[0]:%Y-%m}",
        "state": row.state,
        "filled": filled,
        "by_whom": ";".join(sorted(whom)) if filled == "yes" else "",
        "reason": end.reason if end else None,
        "minutes_to_confirm": None if confirmed is None else (confirmed - row.received) // 60,
        "in_mode_asked": row.mode_asked in (row.mode, "any") if filled == "yes" else None,
        "gender_essential_met": _gender_met(row, filled, sitting),
        "cancelled_by": _side(cancelled) if cancelled and State(row.state) is State.CANCELLED else None,
        "cancelled_late": row.notice < LATE if row.notice is not None else None,
        "given_back_by_interpreters": sum(
            seat.state == "released" and seat.reason in GAVE_BACK for seat in seats
        ),
        "outcomes": ";".join(sorted({code for seat in sitting for code in seat.outcomes}, key=_by_number)),
        "call_outcomes": ";".join(sorted(call.outcome for call in calls)),
        "call_minutes": sum(call.minutes for call in calls) if calls else None,
    }


def _by_number(code: str) -> tuple[int, str]:
    return len(code), code


def _filled(end: State, reason: str | None) -> str:
    """Whether somebody interpreted or will: yes, no, open while it is looked for, or withdrawn."""
    if end in FILLS:
        return "yes"
    if end is State.NO_SHOW:
        return "no" if reason == "interpreter" else "yes"
    if end is State.UNFILLED:
        return "no"
    return "withdrawn" if end in WITHDRAWN else "open"


def _gender_met(row: Row[Any], filled: str, sitting: list[Row[Any]]) -> str | None:
    """Whether a gender that was essential was met; nothing where none was, or nothing is decided."""
    if not row.gender_essential or row.gender not in ("woman", "man") or filled not in ("yes", "no"):
        return None
    if filled == "yes" and not sitting:
        return "not known"
    return "yes" if filled == "yes" and all(seat.gender == row.gender for seat in sitting) else "no"


def _side(step: Row[Any]) -> str:
    """Who cancelled: the person who asked, we, or the interpreter."""
    if step.reason == "interpreter_ill":
        return "interpreter"
    return "us" if step.reason in BY_US else "tenant"


def _same_interpreter(
    connection: Connection, rows: Iterable[Row[Any]], seats: dict[str, list[Row[Any]]]
) -> dict[str, str]:
    """For each request whether somebody came who came to the person before: first where nobody ever did."""
    persons: dict[str, set[bytes]] = defaultdict(set)
    for row in connection.execute(select(*RequestPerson.__table__.columns)):
        persons[row.request].add(bytes(row.digest))
    before: dict[bytes, set[int]] = defaultdict(set)
    found = {}
    for row in sorted(rows, key=lambda row: (row.received, row.reference)):
        sat = {seat.interpreter for seat in seats[row.reference] if seat.state != "released"}
        known = {who for digest in persons[row.reference] for who in before[digest]}
        found[row.reference] = "" if not sat else "first" if not known else "yes" if sat & known else "no"
        for digest in persons[row.reference]:
            before[digest] |= sat
    return found


def calls(connection: Connection, first: date | None = None, last: date | None = None) -> Iterator[Line]:
    """One line a call with the phone provider."""
    yield ("month", "language", "minutes", "outcome", "purpose", "for_a_request")
    for row in connection.execute(CALLS):
        if _within(row.day, first, last):
            values = (row.language, row.minutes, row.outcome, row.purpose, row.request is not None)
            yield (f"{row.day:%Y-%m}", *map(_cell, values))


def without(connection: Connection, first: date | None = None, last: date | None = None) -> Iterator[Line]:
    """One line each time that somebody managed without an interpreter."""
    yield ("month", "language", "office", "team")
    for row in connection.execute(WITHOUT):
        if _within(row.day, first, last):
            yield (f"{row.day:%Y-%m}", *map(_cell, (row.language, row.office, row.team)))


TABLES: dict[str, Table] = {"requests": requests, "calls": calls, "without": without}
"""The files beside the export of the form."""
