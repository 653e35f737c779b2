"""An interpreter's own pages about time: free times, leave, timesheets, the calendar's address."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy import Row

from portal import references
from portal.accounts.guard import open_to, visit
from portal.accounts.roles import Role
from portal.intake.asking import fields_of
from portal.interpreting import feed, free_times, jobs, timesheets
from portal.interpreting.free_times import FREE, LEAVE, WEEKDAYS
from portal.interpreting.own import errors_of, me, message, read, typed_for
from portal.interpreting.own_visits import job_of
from portal.interpreting.timesheets import CLAIM, CLAIMABLE
from portal.pages import redirect, render, said, settings, state
from portal.questions import Answers, Problem
from portal.questions.messages import _staff

blueprint = Blueprint("own_times", __name__)

NO_CLAIM = (
    _staff("There is no timesheet to fill in"),
    _staff("It is filled in after the visit, and cannot be changed once it is signed."),
)


# Free times and leave


@blueprint.get("/interpreters/times")
@open_to(Role.INTERPRETER)
def times() -> Response:
    """When they are free every week, and when they are away."""
    return _times(me(), {}, {})


def _times(
    person: Row[Any],
    typed: dict[str, list[str]],
    problems: dict[str, Problem],
    status: int = 200,
    booked: list[Row[Any]] | None = None,
) -> Response:
    with state().database.read() as connection:
        free = free_times.free(connection, person.id)
        leave = free_times.leave(connection, person.id)
    return render(
        "interpreting/own/times.html",
        "interpreters/times",
        status,
        free=[
            {
                "row": row,
                "words": f"{said(WEEKDAYS[row.weekday - 1])}, "
                f"{free_times.as_time(row.begins)} – {free_times.as_time(row.ends)}",
            }
            for row in free
        ],
        leave=[{"first": row.first.isoformat(), "words": _span(row)} for row in leave],
        free_fields=fields_of(FREE, {}, typed, problems, heading=False),
        leave_fields=fields_of(LEAVE, {}, typed, problems, heading=False),
        errors=errors_of(problems),
        booked=[{"reference": job.reference, "words": jobs.when(job)} for job in booked or ()],
    )


def _span(row: Row[Any]) -> str:
    return f"{row.first:%A %-d %B %Y} – {row.last:%A %-d %B %Y}"


@blueprint.post("/interpreters/times")
@open_to(Role.INTERPRETER)
def add_free() -> Response:
    person, portal, typed = me(), state(), typed_for(FREE)
    answers, problems, _errors = read(FREE, typed)
    if problems:
        return _times(person, typed, problems, 422)
    weekday, begins, ends = (answers[key][0] for key in ("weekday", "begins", "ends"))
    by = visit().person.reference
    span = (free_times.minutes_of(begins), free_times.minutes_of(ends))
    if not free_times.add_free(portal.database, portal.ring, person.id, int(weekday), *span, by):
        return _times(person, typed, {"begins": Problem("begins", free_times.OVERLAPS)}, 409)
    return redirect("/interpreters/times")


@blueprint.post("/interpreters/times/drop")
@open_to(Role.INTERPRETER)
def drop_free() -> Response:
    person, portal = me(), state()
    wanted = request.form.get("time", "")
    with portal.database.read() as connection:
        rows = free_times.free(connection, person.id)
    row = next((row for row in rows if f"{row.weekday}-{row.begins}" == wanted), None)
    if row is not None:  # else it is gone already
        by = visit().person.reference
        free_times.drop_free(portal.database, portal.ring, person.id, row.weekday, row.begins, by)
    return redirect("/interpreters/times")


@blueprint.post("/interpreters/leave")
@open_to(Role.INTERPRETER)
def add_leave() -> Response:
    """Leave, from a day to a day. Over a booking it is refused, with a link to the booking."""
    person, portal, typed = me(), state(), typed_for(LEAVE)
    answers, problems, _errors = read(LEAVE, typed)
    if problems:
        return _times(person, typed, problems, 422)
    by = visit().person.reference
    booked = free_times.add_leave(
        portal.database, portal.ring, person.id, answers["first"][0], answers["last"][0], by
    )
    return _times(person, typed, {}, 409, booked) if booked else redirect("/interpreters/times")


@blueprint.post("/interpreters/leave/drop")
@open_to(Role.INTERPRETER)
def drop_leave() -> Response:
    person, portal = me(), state()
    with portal.database.read() as connection:
        days = {row.first.isoformat() for row in free_times.leave(connection, person.id)}
    first = request.form.get("first", "")
    if first in days:
        free_times.drop_leave(portal.database, portal.ring, person.id, first, visit().person.reference)
    return redirect("/interpreters/times")


# The timesheet


@blueprint.get("/interpreters/bookings/<reference>/timesheet")
@open_to(Role.INTERPRETER)
def timesheet(reference: str) -> Response:
    job = job_of(reference)
    return _timesheet(job, None, {}) if job.state in CLAIMABLE else message(409, *NO_CLAIM)


def _timesheet(
    job: Row[Any], typed: dict[str, list[str]] | None, problems: dict[str, Problem], status: int = 200
) -> Response:
    kept: Answers = {
        "began": (jobs.time_in_words(job.started or job.starts),),
        "ended": (jobs.time_in_words(job.finished or job.ends),),
        **{
            key: (str(getattr(job, key)),)
            for key in ("travelled", "waited", "miles")
            if getattr(job, key) is not None
        },
        "outcomes": tuple(job.outcomes),
    }
    return render(
        "interpreting/own/timesheet.html",
        f"interpreters/bookings/{job.reference}/timesheet",
        status,
        job=job,
        booked=jobs.when(job),
        grouped=references.grouped(job.reference),
        fields=fields_of(CLAIM, kept, typed, problems, heading=False),
        errors=errors_of(problems),
    )


@blueprint.post("/interpreters/bookings/<reference>/timesheet")
@open_to(Role.INTERPRETER)
def claim(reference: str) -> Response:
    job, portal, typed = job_of(reference), state(), typed_for(CLAIM)
    if job.state not in CLAIMABLE:
        return message(409, *NO_CLAIM)
    answers, problems, _errors = read(CLAIM, typed)
    wanted = problems or timesheets.read_claim(answers, job)
    if isinstance(wanted, dict):
        return _timesheet(job, typed, wanted, 422)
    sent = timesheets.claim(
        portal.database, portal.ring, job.reference, job.interpreter, wanted, visit().person.reference
    )
    return redirect(f"/interpreters/bookings/{reference}") if sent else message(409, *NO_CLAIM)


# The calendar's address


@blueprint.get("/interpreters/calendar")
@open_to(Role.INTERPRETER)
def calendar() -> Response:
    """Whether there is a feed, and when it was last fetched. The address itself is shown only when made."""
    return _calendar(me(), "")


def _calendar(person: Row[Any], address: str) -> Response:
    fetched = person.feed_read and f"{jobs.day_in_words(person.feed_read)}, " + jobs.time_in_words(
        person.feed_read
    )
    return render(
        "interpreting/own/calendar.html",
        "interpreters/calendar",
        there=person.feed is not None or bool(address),
        address=address,
        fetched="" if address else fetched or "",
    )


@blueprint.post("/interpreters/calendar")
@open_to(Role.INTERPRETER)
def make() -> Response:
    """A new address; the one before is dead."""
    person, portal = me(), state()
    secret = feed.make(portal.database, portal.ring, person.id, visit().person.reference)
    return _calendar(person, settings().at(f"/cal/{secret}.ics"))


@blueprint.post("/interpreters/calendar/revoke")
@open_to(Role.INTERPRETER)
def revoke() -> Response:
    person, portal = me(), state()
    feed.revoke(portal.database, portal.ring, person.id, visit().person.reference)
    return redirect("/interpreters/calendar")
