"""An interpreter's own pages about one booking: do they know the person, the sheet, giving it back, beginning
and ending, and the timesheet."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, request
from sqlalchemy import Row

from portal import clock, references
from portal.accounts.guard import open_to, visit
from portal.accounts.roles import Role
from portal.audit import Did, note_alone
from portal.intake.asking import fields_of
from portal.interpreting import disclosure, jobs, timesheets, visits
from portal.interpreting.disclosure import Field, Moment
from portal.interpreting.own import errors_of, me, message, read, reference_of, typed_for
from portal.interpreting.visits import EARLY, GIVEN_BACK, Done
from portal.pages import redirect, render, said, state
from portal.questions import Choice, Option, Problem
from portal.questions.messages import Message, _staff

blueprint = Blueprint("own_visits", __name__)

BACK_WORDS: dict[str, Message] = {"ill": _staff("I am ill"), "cannot": _staff("Something came up")}
BACK = Choice(
    key="reason",
    text=_staff("Why you give it back"),
    required=_staff("Choose why you give it back"),
    options=tuple(Option(code, BACK_WORDS[code]) for code in GIVEN_BACK),
)
TO_KNOW = frozenset({Field.INITIALS, Field.NEIGHBOURHOOD})
WHY_NOT: dict[Done, tuple[int, Message, Message]] = {
    Done.TOO_EARLY: (
        409,
        _staff("It is too early for this"),
        _staff("A visit can be begun from one hour before its time, and ended after it has begun."),
    ),
    Done.NOT_NOW: (
        409,
        _staff("This booking is not where it was"),
        _staff("Somebody changed or cancelled it in the meantime. Look at it again."),
    ),
}
GIVEN = _staff("You are not booked for this any more")
THANKS = _staff("Thank you for telling us. We ask somebody else. You need not say more.")
NEVER = _staff("You are not offered anything of this person again.")


def job_of(reference: str) -> Row[Any]:
    """The booking in an address. 404 for an unknown one and for another interpreter's alike."""
    person = me()
    with state().database.read() as connection:
        return jobs.booking(connection, person.id, reference_of(reference)) or abort(404)


def noted_look(job: Row[Any], fields: frozenset[Field]) -> dict[str, str]:
    """What of the person may be seen: noted in the audit log, then opened."""
    portal = state()
    detail = {"shows": sorted(field.value.replace(" ", "_") for field in fields)}
    what, who = f"booking {job.reference}", visit().person.reference
    note_alone(portal.database, portal.ring, by=who, did=Did.VIEWED, what=what, detail=detail)
    with portal.database.read() as connection:
        return jobs.person_in(connection, portal.ring, job, fields)


@blueprint.get("/interpreters/bookings/<reference>")
@open_to(Role.INTERPRETER)
def sheet(reference: str) -> Response:
    """One booking, with as much of it as may be seen now."""
    return _sheet(job_of(reference), {}, {})


def _sheet(
    job: Row[Any],
    typed: dict[str, list[str]],
    problems: dict[str, Problem],
    status: int = 200,
    *,
    asked: bool = False,
) -> Response:
    now = clock.seconds()
    fields = disclosure.visible(job.state, job, now)
    moment = disclosure.moment_of(job.state, job.starts, job.ends, now)
    of_person: dict[str, str] = {}
    if moment is Moment.HELD and asked:
        of_person = noted_look(job, fields & TO_KNOW)
    elif moment in (Moment.CONFIRMED, Moment.DAY_BEFORE):
        of_person = noted_look(job, fields - {Field.NEIGHBOURHOOD})
    with state().database.read() as connection:
        known = jobs.names(connection)
    rows = jobs.rows(job, fields, known)
    return render(
        "interpreting/own/booking.html",
        f"interpreters/bookings/{job.reference}",
        status,
        job=job,
        rows=[{"key": said(key), "values": [said(one) for one in words], "href": ""} for key, words in rows],
        of_person=of_person,
        moment=moment.name,
        asked=asked,
        already=request.args.get("already") == "yes",
        status_words=jobs.STATES[job.state],
        why=fields_of((BACK,), {}, typed, problems, heading=False),
        errors=errors_of(problems),
        may_begin=job.state == "confirmed" and now >= job.starts - EARLY,
        may_end=job.state == "started" or (job.state == "confirmed" and now >= job.starts),
        late=now >= job.starts,
        address_later=job.mode in disclosure.VISITED and job.agreed,
        disputed=job.disputed,
        grouped=references.grouped(job.reference),
        can_claim=job.state in timesheets.CLAIMABLE,
    )


def after(done: Done, reference: str) -> Response:
    """The way on from something that was done, or kind words with the right status."""
    if done is Done.NONE:
        abort(404)
    if done in WHY_NOT:
        status, title, words = WHY_NOT[done]
        return message(status, title, words)
    return redirect(f"/interpreters/bookings/{reference}")


@blueprint.post("/interpreters/bookings/<reference>/who")
@open_to(Role.INTERPRETER)
def who(reference: str) -> Response:
    """Initials and neighbourhood, to see whether they know the person. Asked for, noted, shown once."""
    job = job_of(reference)
    if not disclosure.visible(job.state, job, clock.seconds()) & TO_KNOW:
        return after(Done.NOT_NOW, reference)
    return _sheet(job, {}, {}, asked=True)


@blueprint.post("/interpreters/bookings/<reference>/unknown")
@open_to(Role.INTERPRETER)
def unknown(reference: str) -> Response:
    """They do not know the person."""
    person, portal = me(), state()
    by = visit().person.reference
    return after(
        visits.unknown(portal.database, portal.ring, reference_of(reference), person.id, by), reference
    )


@blueprint.post("/interpreters/bookings/<reference>/known")
@open_to(Role.INTERPRETER)
def known(reference: str) -> Response:
    """They may know the person: one click, no details."""
    done = _give_back(reference, "conflict")
    return message(200, GIVEN, THANKS, NEVER) if done is Done.YES else after(done, reference)


@blueprint.post("/interpreters/bookings/<reference>/back")
@open_to(Role.INTERPRETER)
def back(reference: str) -> Response:
    """They cannot come after all."""
    job, typed = job_of(reference), typed_for((BACK,))
    answers, problems, _errors = read((BACK,), typed)
    if problems:
        return _sheet(job, typed, problems, 422)
    done = _give_back(reference, answers["reason"][0])
    return message(200, GIVEN, THANKS) if done is Done.YES else after(done, reference)


def _give_back(reference: str, reason: str) -> Done:
    person, portal = me(), state()
    by = visit().person.reference
    return visits.give_back(portal.database, portal.ring, reference_of(reference), person.id, reason, by)


@blueprint.post("/interpreters/bookings/<reference>/begin")
@open_to(Role.INTERPRETER)
def begin(reference: str) -> Response:
    person, portal = me(), state()
    by = visit().person.reference
    return after(
        visits.begin(portal.database, portal.ring, reference_of(reference), person.id, by), reference
    )


@blueprint.post("/interpreters/bookings/<reference>/end")
@open_to(Role.INTERPRETER)
def end(reference: str) -> Response:
    """The visit is over; next comes the timesheet."""
    person, portal = me(), state()
    by = visit().person.reference
    done = visits.end(portal.database, portal.ring, reference_of(reference), person.id, by)
    if done is Done.YES:
        return redirect(f"/interpreters/bookings/{reference}/timesheet")
    return after(done, reference)


@blueprint.post("/interpreters/bookings/<reference>/absent")
@open_to(Role.INTERPRETER)
def absent(reference: str) -> Response:
    """The person or our officer did not come."""
    person, portal = me(), state()
    who, by = request.form.get("who", ""), visit().person.reference
    done = visits.absent(portal.database, portal.ring, reference_of(reference), person.id, who, by)
    if done is Done.YES:
        return redirect(f"/interpreters/bookings/{reference}/timesheet")
    return after(done, reference)


@blueprint.get("/interpreters/bookings/<reference>/print")
@open_to(Role.INTERPRETER)
def printed(reference: str) -> Response:
    """A job sheet to print: with the reference, and nothing of the person."""
    job = job_of(reference)
    with state().database.read() as connection:
        known_names = jobs.names(connection)
    fields = disclosure.visible(job.state, job, clock.seconds()) - {Field.WHOLE_PURPOSE, Field.PREPARE}
    rows = jobs.rows(job, fields, known_names)
    return render(
        "interpreting/own/printed.html",
        f"interpreters/bookings/{job.reference}/print",
        rows=[{"key": said(key), "values": [said(one) for one in words], "href": ""} for key, words in rows],
        grouped=references.grouped(job.reference),
    )
