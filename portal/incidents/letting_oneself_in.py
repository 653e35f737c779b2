"""Pages of emergencies and of people who leave: to let oneself in, to look at who did, to hand cases over."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response

from portal import references
from portal.accounts import people
from portal.accounts.guard import open_to, visit
from portal.accounts.people import Person
from portal.accounts.roles import Role
from portal.incidents import access, admitting, emergencies, seeing
from portal.incidents.access import NotSeen
from portal.incidents.admitting import WillNotDo
from portal.incidents.case_people import CASES, broken_line
from portal.intake.asking import fields_of
from portal.interpreting import picking
from portal.pages import redirect, render, said, state
from portal.questions import Choice, Option, Problem, Question, Text, as_written
from portal.questions.messages import Message, _staff

blueprint = Blueprint("emergencies", __name__)

LET_IN = f"{CASES}/let-me-in"
HAND_OVER = f"{CASES}/hand-over"
NO_REFERENCE = _staff("Type the reference of the case: 9 letters and digits")
OTHER = _staff("Choose two different people")
GIVEN = _staff("Handed over: %(number)s.")
LEFT = _staff(
    "Not handed over: %(number)s. The colleague may not see them or closed them, or lacks the role that they "
    "need. Choose somebody else for those."
)
ASKED: tuple[Question, ...] = (
    Text(
        key="reference",
        text=_staff("Reference of the case"),
        required=NO_REFERENCE,
        most=20,
    ),
    Choice(
        key="why",
        text=_staff("Why you need to see it now"),
        required=_staff("Choose why"),
        options=tuple(Option(code, words) for code, words in emergencies.WHY.items()),
    ),
    Text(
        key="reason",
        text=_staff("What happened"),
        hint=_staff("It is kept with the case. A manager and information governance are told at once"),
        required=_staff("Write what happened"),
        most=500,
    ),
)


@blueprint.get(LET_IN)
@open_to(Role.CASE_OFFICER, Role.CASE_MANAGER)
def ask() -> Response:
    return _ask(None, {})


def _ask(typed: dict[str, list[str]] | None, problems: dict[str, Problem], status: int = 200) -> Response:
    return render(
        "incidents/let_me_in.html",
        LET_IN[1:],
        status,
        hours=emergencies.HOURS,
        fields=fields_of(ASKED, {}, typed, problems, heading=False),
        errors=picking.errors_of(problems),
    )


@blueprint.post(LET_IN)
@open_to(Role.CASE_OFFICER, Role.CASE_MANAGER)
def let_in() -> Response:
    """Break the glass. A case that cannot be opened so is the same 404 as none."""
    typed = picking.sent(ASKED)
    picked = picking.read(ASKED, typed)
    problems, reference = dict(picked.problems), references.read(picked.one("reference"))
    if reference is None:
        problems.setdefault("reference", Problem("reference", NO_REFERENCE))
    if problems or reference is None:
        return _ask(typed, problems, 422)
    given = (state().database, state().ring, visit().person)
    try:
        emergencies.break_glass(*given, reference, picked.one("why"), picked.one("reason"))
    except NotSeen:
        seeing.refused(reference)
    return redirect(f"{CASES}/{reference}/people")


@blueprint.get(emergencies.PAGE)
@open_to(*emergencies.SECOND)
def broken() -> Response:
    """Who let themselves into a case, for those who look at whether it was right."""
    person = visit().person
    names = {one.reference: one.name for one in people.everybody(state().database)}
    with state().database.read() as connection:
        rows = emergencies.to_look_at(connection, person)
    return render(
        "incidents/emergencies.html",
        emergencies.PAGE[1:],
        rows=[broken_line(one, names) for one in rows],
        grouped=references.grouped,
    )


@blueprint.post(f"{emergencies.PAGE}/<reference>")
@open_to(*emergencies.SECOND)
def looked(reference: str) -> Response:
    """A second person has looked at it."""
    seeing.fitting(reference)
    try:
        emergencies.looked(state().database, state().ring, visit().person, reference)
    except NotSeen:
        seeing.refused(reference, "glass")
    return redirect(emergencies.PAGE)


def handing_over(everybody: Sequence[Person]) -> tuple[Question, ...]:
    """Whose cases to give to whom."""
    theirs = tuple(Option(one.reference, as_written(f"{one.name} ({one.email})")) for one in everybody)
    to = [one for one in everybody if one.active and not one.roles.isdisjoint(access.OFFICERS)]
    heirs = tuple(Option(one.reference, as_written(f"{one.name} ({one.email})")) for one in to)
    return (
        Choice(
            key="leaver",
            text=_staff("Whose cases"),
            required=_staff("Choose whose cases to hand over"),
            options=theirs,
        ),
        Choice(key="heir", text=_staff("To whom"), required=_staff("Choose to whom"), options=heirs),
    )


@blueprint.get(HAND_OVER)
@open_to(Role.CASE_MANAGER)
def ask_whom() -> Response:
    return _whom(None, {})


def _whom(
    typed: dict[str, list[str]] | None,
    problems: dict[str, Problem],
    status: int = 200,
    done: Sequence[Message] = (),
) -> Response:
    asked = handing_over(people.everybody(state().database))
    return render(
        "incidents/hand_over.html",
        HAND_OVER[1:],
        status,
        fields=fields_of(asked, {}, typed, problems, heading=False),
        errors=picking.errors_of(problems),
        done=[said(one) for one in done],
    )


@blueprint.post(HAND_OVER)
@open_to(Role.CASE_MANAGER)
def hand_over() -> Response:
    """Give all cases of somebody who leaves to a colleague."""
    asked = handing_over(people.everybody(state().database))
    typed = picking.sent(asked)
    picked = picking.read(asked, typed)
    if picked.problems:
        return _whom(typed, dict(picked.problems), 422)
    portal, pair = state(), (picked.one("leaver"), picked.one("heir"))
    try:
        given, left = admitting.hand_over(portal.database, portal.ring, visit().person, *pair)
    except WillNotDo:
        return _whom(typed, {"heir": Problem("heir", OTHER)}, 422)
    done = [GIVEN.with_values(number=given)]
    return _whom(None, {}, done=[*done, LEFT.with_values(number=left)] if left else done)
