"""Pages on which staff sign the timesheets of interpreters, or say what is not right with them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, abort, request
from sqlalchemy import Connection, Row

from portal import references
from portal.accounts.guard import open_to, visit
from portal.accounts.people import Person
from portal.accounts.roles import Role
from portal.intake.asking import fields_of
from portal.interpreting import jobs, timesheets
from portal.interpreting.outcomes import OUTCOMES
from portal.interpreting.own import errors_of, read, reference_of, typed_for
from portal.interpreting.timesheets import DISPUTE, LATE, Signed
from portal.pages import redirect, render, said, state
from portal.questions import Problem
from portal.questions.messages import Message, _staff
from portal.waiting import Waiting

blueprint = Blueprint("signing_off", __name__)

WHO = (Role.FRONTLINE, Role.COORDINATOR)
WHY_NOT: dict[Signed, tuple[Message, Message]] = {
    Signed.OWN: (
        _staff("This is your own timesheet"),
        _staff("Somebody else must sign it. Nothing was changed."),
    ),
    Signed.NOT_NOW: (
        _staff("The timesheet was changed in the meantime"),
        _staff("Look at it again before you sign it. Nothing was changed."),
    ),
}


TO_SIGN = _staff("Timesheets of interpreters to sign")


def to_sign(connection: Connection, person: Person) -> Iterator[Waiting]:
    """How many timesheets this person can sign, for their first page."""
    number = timesheets.number_to_sign(connection, person.reference) if person.roles & set(WHO) else 0
    if number:
        yield Waiting("due", TO_SIGN, number, "/staff/timesheets")


@blueprint.get("/staff/timesheets")
@open_to(*WHO, label=_staff("Timesheets"))
def everything() -> Response:
    """The timesheets that wait. No name of a person who asked stands here."""
    with state().database.read() as connection:
        rows = timesheets.waiting(connection)
        known = jobs.names(connection)
    return render(
        "interpreting/timesheets.html", "staff/timesheets", rows=[_line(row, known) for row in rows]
    )


def _line(row: Row[Any], known: jobs.Names) -> dict[str, Any]:
    actual = timesheets.minutes(row)
    return {
        "row": row,
        "grouped": references.grouped(row.reference),
        "when": jobs.when(row),
        "language": jobs.language(row, known),
        "booked": jobs.minutes(row),
        "actual": "–" if actual is None else f"{actual}",
        "times": (
            f"{jobs.time_in_words(row.started)} – {jobs.time_in_words(row.finished)}"
            if row.started is not None and row.finished is not None
            else "–"
        ),
        "paid": timesheets.is_paid(row),
        "outcomes": [said(OUTCOMES[code].words) for code in row.outcomes if code in OUTCOMES],
    }


@blueprint.get("/staff/timesheets/<reference>")
@open_to(*WHO)
def one(reference: str) -> Response:
    """A timesheet: booked against claimed."""
    return _one(_row(reference), {}, {})


def _row(reference: str) -> Row[Any]:
    with state().database.read() as connection:
        return timesheets.find(connection, reference_of(reference)) or abort(404)


def _one(
    row: Row[Any], typed: dict[str, list[str]], problems: dict[str, Problem], status: int = 200
) -> Response:
    with state().database.read() as connection:
        known = jobs.names(connection)
    return render(
        "interpreting/timesheet.html",
        f"staff/timesheets/{row.reference}",
        status,
        line=_line(row, known),
        row=row,
        own=row.account == visit().person.reference,
        open=row.state == "claimed" and not row.disputed,
        sign_fields=fields_of((LATE,), {}, typed, problems, heading=False),
        dispute_fields=fields_of((DISPUTE,), {}, typed, problems, heading=False),
        errors=errors_of(problems),
    )


def _sequence() -> int:
    """Which state of it was shown."""
    typed = request.form.get("sequence", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else -1


@blueprint.post("/staff/timesheets/<reference>/sign")
@open_to(*WHO)
def sign(reference: str) -> Response:
    """Countersign it. Nobody signs their own."""
    row, portal, typed = _row(reference), state(), typed_for((LATE,))
    answers, problems, _errors = read((LATE,), typed)
    if problems:
        return _one(row, typed, problems, 422)
    late = int(answers["late"][0]) if answers.get("late") else None
    by = visit().person.reference
    return _after(timesheets.sign(portal.database, portal.ring, row.reference, _sequence(), late, by))


@blueprint.post("/staff/timesheets/<reference>/dispute")
@open_to(*WHO)
def dispute(reference: str) -> Response:
    """Say what is not right: the interpreter reads it and corrects the timesheet."""
    row, portal, typed = _row(reference), state(), typed_for((DISPUTE,))
    answers, problems, _errors = read((DISPUTE,), typed)
    if problems:
        return _one(row, typed, problems, 422)
    why, by = answers["disputed"][0], visit().person.reference
    return _after(timesheets.dispute(portal.database, portal.ring, row.reference, _sequence(), why, by))


def _after(signed: Signed) -> Response:
    if signed is Signed.NONE:
        abort(404)
    if signed in WHY_NOT:
        title, words = WHY_NOT[signed]
        return render("interpreting/not_signed.html", "staff/timesheets", 409, title=title, words=words)
    return redirect("/staff/timesheets")
