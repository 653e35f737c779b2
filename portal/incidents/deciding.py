"""What staff press on the page of a case: one address for every step of the table, and for what is added."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, request
from sqlalchemy import Row

from portal import clock, references
from portal.accounts.guard import open_to, visit
from portal.clock import NoSuchTime, TwiceThatTime
from portal.incidents import access, acting, adding, desk, moving, steps
from portal.incidents.acting import As
from portal.incidents.actions import Unfit
from portal.incidents.adding import ADDED, EXTEND, NOTE, PERSON, SAFETY
from portal.incidents.desk import back_to, case_page, found
from portal.incidents.limits import Limit
from portal.incidents.moving import NotNow
from portal.incidents.queue import CASES, STAFF
from portal.incidents.states import Event
from portal.incidents.steps import Block, one
from portal.incidents.timing import CannotExtend
from portal.incidents.words import Erased
from portal.pages import state
from portal.questions import Answers, Problem
from portal.questions.messages import Message, _staff

blueprint = Blueprint("case_steps", __name__)

FASTER = _staff(
    "Somebody did something before you pressed: this is the case as it is now. Nothing of what you chose was "
    "done; it is kept below where it can still be done."
)
CANNOT = _staff(
    "This cannot be done as the case is now, or not by you. Nothing was changed. What you can do is below."
)
NO_CASE = _staff("No open case with this reference can be chosen by you")
AHEAD = _staff("The time must not lie ahead: type when we first heard of it")
NO_SUCH_TIME = _staff("There is no such time on that day, or it is there twice: clocks were changed")
SAY_WHY_LATE = _staff("Choose why it took longer than 24 hours")
SAY_WHAT = _staff("Choose what was offered")
HIDDEN = frozenset({"csrf_token", "go", "seen"})
CODES = {event.value for event in Event} | ADDED | {SAFETY, EXTEND}


class Wrong(ValueError):
    """What was typed fits no question's rule, but not this case: `field` and `why`."""

    def __init__(self, field: str, why: Message) -> None:
        super().__init__(why.id)
        self.field, self.why = field, why


@blueprint.post(f"{CASES}/<reference>/step")
@open_to(*STAFF)
def step(reference: str) -> Response:
    """Take one step. Who is not fast enough gets the case as it is now, and keeps what they typed."""
    row, version, code = found(reference), _seen(), request.form.get("go", "")
    if code not in CODES:
        abort(404)
    typed = {name: request.form.getlist(name) for name in request.form if name not in HIDDEN}
    who = acting.acting_as(visit().person)
    block = next((one for one in _blocks(row, who) if one.code == code), None)
    if row.version != version and code not in ADDED:
        return case_page(row, 409, typed={code: typed}, notice=FASTER)
    if block is None:
        return case_page(row, 409, typed={code: typed}, notice=CANNOT)
    fields = {name: typed.get(name, []) for question in block.asked for name in question.fields}
    answers, problems = steps.read(block.asked, fields)
    if problems:
        return case_page(row, 422, typed={code: fields}, problems=problems)
    try:
        _act(code, row, who, answers)
    except Wrong as error:
        problem = Problem(error.field, error.why)
        return case_page(row, 422, typed={code: fields}, problems={error.field: problem})
    except (NotNow, Erased):
        now = found(reference)
        notice = CANNOT if now.version == version else FASTER
        return case_page(now, 409, typed={code: fields}, notice=notice)
    return back_to(reference)


def _seen() -> int:
    """The version of a case that whoever pressed was looking at. 404 for what cannot be one."""
    typed = request.form.get("seen", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 8 else abort(404)


def _blocks(row: Row[Any], who: As) -> list[Block]:
    with state().database.read() as connection:
        return steps.blocks(row, who, desk.around(connection, row))


def _act(code: str, row: Row[Any], who: As, answers: Answers) -> None:
    if code in ADDED:
        _add(code, row, who, answers)
    elif code == EXTEND:
        _extend(row, who, answers)
    elif code == SAFETY:
        _safety(row, who, answers)
    elif code == Event.MERGE:
        into = _other_case(row, one(answers, "into"))
        acting.merge(state().database, state().ring, row.reference, row.version, into, who)
    elif code == Event.DISCLOSE:
        _disclose(row, who, answers)
    else:
        event = Event(code)
        columns = steps.columns_of(event, row, answers)
        reason = one(answers, f"{code}_why") or None
        place = (state().database, state().ring, row.reference, row.version)
        acting.step(*place, event, who, reason, **columns)


def _add(code: str, row: Row[Any], who: As, answers: Answers) -> None:
    database, ring, reference = state().database, state().ring, row.reference
    if code == NOTE:
        acting.add_note(database, ring, reference, who, one(answers, "note_kind"), one(answers, "note_words"))
    elif code == PERSON:
        role, name = one(answers, "person_role"), one(answers, "person_name")
        acting.add_person(database, ring, reference, who, role, name, one(answers, "person_notes"))
    else:
        try:
            acting.add_action(
                database,
                ring,
                reference,
                who,
                one(answers, "action_code"),
                day=one(answers, "action_day"),
                told=one(answers, "action_told"),
                basis=one(answers, "action_basis") or None,
            )
        except Unfit as error:
            raise Wrong("action_basis", error.why) from error


def _extend(row: Row[Any], who: As, answers: Answers) -> None:
    limit, units = Limit(one(answers, "extend_limit")), int(one(answers, "extend_units"))
    place = (state().database, state().ring, row.reference, row.version)
    try:
        acting.extend(*place, who, limit, units, one(answers, "extend_why"))
    except CannotExtend as error:
        raise Wrong("extend_units", error.why) from error


def _safety(row: Row[Any], who: As, answers: Answers) -> None:
    with state().database.read() as connection:
        places = desk.around(connection, row).places
    place = adding.open_place(places)
    if place is None:
        raise NotNow("nothing is left to be offered")
    result, kind = one(answers, "safety_result"), one(answers, "safety_kind") or None
    late_why = one(answers, "safety_late") or None
    if result != "unreached" and kind is None and place.kind is None:
        raise Wrong("safety_kind", SAY_WHAT)
    if result != "unreached" and adding.is_late(place) and late_why is None:
        raise Wrong("safety_late", SAY_WHY_LATE)
    where = (state().database, state().ring, row.reference, row.version)
    acting.note_safety(*where, who, place.reference, result, kind, late_why)


def _disclose(row: Row[Any], who: As, answers: Answers) -> None:
    try:
        at = clock.second_of(clock.day(one(answers, "disclosed_on")), one(answers, "disclosed_at"))
    except (NoSuchTime, TwiceThatTime) as error:
        raise Wrong("disclosed_at", NO_SUCH_TIME) from error
    if at > clock.seconds():
        raise Wrong("disclosed_at", AHEAD)
    funds = one(answers, "no_funds")
    place = (state().database, state().ring, row.reference, row.version)
    acting.disclose(
        *place,
        who,
        at=at,
        channel=one(answers, "disclosed_channel"),
        no_funds=funds == "yes" if funds else None,
    )


def _other_case(row: Row[Any], typed: str) -> str:
    """The case that somebody typed to merge with. Wrong for what is none to them."""
    reference = references.read(typed)
    with state().database.read() as connection:
        other = moving.find(connection, reference) if reference is not None else None
        visible = other is not None and access.seen(connection, visit().person, other)
    if other is None or not visible or other.reference == row.reference:
        raise Wrong("into", NO_CASE)
    if not acting.may_take_in(other):
        raise Wrong("into", NO_CASE)
    return str(other.reference)
