"""A week of bookings, by day and hour: who interprets what, and how far it is."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy import Connection, bindparam, select

from portal import clock, references
from portal.accounts.guard import open_to
from portal.accounts.roles import Role
from portal.interpreting import desk, planning, showing
from portal.interpreting.models import Assignment, Booking, Interpreter, Request
from portal.interpreting.queue import DESK
from portal.interpreting.showing import Names
from portal.interpreting.states import WORDS, State
from portal.pages import render, said, state

blueprint = Blueprint("weeks", __name__)

WEEK = 7
"""Days."""
BOOKED = (
    select(*Request.__table__.columns, Booking.reference.label("booking"), Booking.starts, Booking.ends)
    .add_columns(Booking.mode.label("how"), Booking.provider)
    .join(Booking, Booking.request == Request.reference)
    .where(Booking.live, Booking.starts >= bindparam("since"), Booking.starts < bindparam("until"))
    .order_by(Booking.starts, Request.reference)
)
WHO = (
    select(Assignment.booking, Interpreter.name)
    .join(Interpreter, Interpreter.id == Assignment.interpreter)
    .where(Assignment.state != "released", Assignment.booking.in_(bindparam("bookings", expanding=True)))
    .order_by(Assignment.booking, Assignment.seat)
)


@blueprint.get(f"{DESK}/calendar")
@open_to(Role.COORDINATOR)
def week() -> Response:
    """The week of a day; of today, for what is no day."""
    first = clock.monday(_day(request.args.get("week", "")))
    days = [clock.days_before(first, -place) for place in range(WEEK)]
    with state().database.read() as connection:
        found = _booked(connection, first)
    hours = sorted({hour for _day, hour in found})
    return render(
        "interpreting/week.html",
        f"{DESK[1:]}/calendar",
        first=f"{first.day} {first:%B %Y}",
        days=[f"{one:%A} {one.day} {one:%b}" for one in days],
        rows=[(f"{hour:02}:00", [found.get((one, hour), []) for one in days]) for hour in hours],
        before=clock.days_before(first, WEEK).isoformat(),
        after=clock.days_before(first, -WEEK).isoformat(),
    )


def _day(typed: str) -> date:
    try:
        found = clock.day(typed)
    except ValueError:
        return clock.today()
    return found if 2000 <= found.year <= 2100 else clock.today()


def _booked(connection: Connection, first: date) -> dict[tuple[date, int], list[dict[str, Any]]]:
    """What is booked in a week from its Monday on, by day and hour in London."""
    last = clock.days_before(first, -WEEK)
    span = {"since": clock.at(first, "00:00").timestamp(), "until": clock.at(last, "00:00").timestamp()}
    rows = connection.execute(BOOKED, {name: int(value) for name, value in span.items()}).all()
    people: dict[str, list[str]] = {}
    if rows:
        for one in connection.execute(WHO, {"bookings": [row.booking for row in rows]}):
            people.setdefault(one.booking, []).append(one.name)
    names = Names(desk.form())
    found: dict[tuple[date, int], list[dict[str, Any]]] = {}
    for row in rows:
        at = showing.local(row.starts)
        place = found.setdefault((at.date(), at.hour), [])
        place.append(
            {
                "reference": row.reference,
                "grouped": references.grouped(row.reference),
                "time": f"{at:%H:%M}–{showing.local(row.ends):%H:%M}",
                "language": names.language_asked(row),
                "mode": names.of("how", row.how),
                "who": people.get(row.booking, []),
                "provider": planning.provider_name(connection, row.provider),
                "state": said(WORDS[State(row.state)]),
            }
        )
    return found
