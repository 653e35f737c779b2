"""What a coordinator presses on the page of a request: one address for every step of the table."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request
from sqlalchemy import Row

from portal import clock
from portal.accounts.guard import open_to, visit
from portal.accounts.roles import Role
from portal.interpreting import acting, bookings, desk, planning, steps
from portal.interpreting.desk import FASTER, back_to, found, request_page, seen
from portal.interpreting.moving import NotNow
from portal.interpreting.open_questions import QUESTION
from portal.interpreting.queue import DESK
from portal.interpreting.states import Event, Kind
from portal.interpreting.steps import OWN, PURPOSE, WRITTEN, Block, one
from portal.pages import state
from portal.questions import Answers, Problem

blueprint = Blueprint("deciding", __name__)


@blueprint.post(f"{DESK}/<reference>/step")
@open_to(Role.COORDINATOR)
def step(reference: str) -> Response:
    """Take one step. Who is not fast enough gets the request as it is now, and keeps what they typed."""
    row, version, code = found(reference), seen(), request.form.get("go", "")
    if code not in {event.value for event in Event} | {OWN, PURPOSE}:
        abort(404)
    typed = {name: request.form.getlist(name) for name in request.form if name not in HIDDEN}
    block = next((one for one in _blocks(row) if one.code == code), None)
    if block is None or row.version != version:
        return request_page(row, 409, typed={code: typed}, notice=FASTER)
    fields = {name: typed.get(name, []) for question in block.asked for name in question.fields}
    answers, problems = steps.read(block.asked, fields)
    if code == OWN and one(answers, "own_age") == "child":
        problems["own_age"] = Problem("own_age", steps.NOBODY_YOUNG)
    if problems:
        return request_page(row, 422, typed={code: fields}, problems=problems)
    try:
        _act(code, row, answers)
    except NotNow:
        return request_page(found(reference), 409, typed={code: fields}, notice=FASTER)
    return back_to(reference)


HIDDEN = frozenset({"csrf_token", "go", "seen"})


def _blocks(row: Row[object]) -> list[Block]:
    with state().database.read() as connection:
        booking = bookings.live(connection, row.reference)
        seated = desk.seated_in(connection, booking)
        return steps.blocks(row, desk.languages(connection), seated, planning.unfilled(connection, row))


def _act(code: str, row: Row[object], answers: Answers) -> None:
    database, ring = state().database, state().ring
    reference, version, by = row.reference, row.version, visit().person.reference
    if code == OWN:
        acting.own_person(database, ring, reference, version, one(answers, "own_why"), by)
    elif code == Event.ASK:
        acting.ask(database, ring, reference, version, one(answers, QUESTION.key), by)
    elif code == PURPOSE:
        acting.set_purpose(database, ring, reference, version, one(answers, "purpose"), by)
    elif code == Event.RELEASE:
        who = one(answers, "release_who")
        person = int(who[1:]) if who not in ("", "all") else None
        acting.release(database, ring, reference, version, person, one(answers, "release_why"), by)
    elif code in (Event.CANCEL, Event.DECLINE):
        why = one(answers, "cancel_why")
        acting.end(database, ring, reference, version, Event(code), by, why)
    else:
        columns = steps.triage_columns(answers) if code == Event.TRIAGE else {}
        if code == Event.FINISH and Kind(row.kind) in WRITTEN:
            columns = {
                "delivered": clock.day(one(answers, "delivered")),
                "delivered_as": one(answers, "delivered_as"),
            }
        reason = one(answers, f"{code}_why") or None
        acting.step(database, ring, reference, version, Event(code), by, reason, **columns)
