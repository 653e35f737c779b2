"""The page of who sees a case: its team, who must not know of it, and who let themselves in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy import Row

from portal import clock, references
from portal.accounts import people
from portal.accounts.guard import open_to, visit
from portal.accounts.people import Person
from portal.accounts.roles import Role
from portal.incidents import access, admitting, conflicts, emergencies, seeing
from portal.incidents.access import Facet
from portal.incidents.admitting import WillNotDo
from portal.intake.asking import fields_of
from portal.interpreting import picking, showing
from portal.pages import redirect, render, said, state
from portal.questions import Choice, Option, Problem, Question, as_written
from portal.questions.messages import Message, _staff

blueprint = Blueprint("case_people", __name__)

CASES = "/staff/cases"
PAGE = f"{CASES}/<reference>/people"
OFFICERS = (Role.CASE_OFFICER, Role.CASE_MANAGER)

FACETS: dict[Facet, Message] = {
    Facet.IDENTITY: _staff("Who told us, and whom it is about"),
    Facet.CONTACT: _staff("How to reach them"),
    Facet.WORDS: _staff("What was told and written"),
    Facet.EVIDENCE: _staff("Pictures, recordings and papers"),
}
"""What can be seen of a case, as staff pages say it."""
ALREADY = _staff("This person cannot be chosen any more: something changed meanwhile")


def joining(candidates: Sequence[Person]) -> tuple[Question, ...]:
    """Whom to add to the people of a case, and what they may see."""
    return (
        Choice(
            key="person",
            text=_staff("Who"),
            hint=_staff("Only people who may see such cases, and who are in no conflict, are in this list"),
            required=_staff("Choose a person"),
            options=_named(candidates),
        ),
        Choice(
            key="facets",
            text=_staff("What they need to see"),
            hint=_staff("Choose as little as they need. Adding somebody again changes what they see"),
            required=_staff("Choose what they need to see"),
            many=True,
            options=tuple(Option(facet.value, words) for facet, words in FACETS.items()),
        ),
    )


def excluding(everybody: Sequence[Person]) -> tuple[Question, ...]:
    """Who must not know of a case, and why."""
    return (
        Choice(
            key="whom",
            text=_staff("Who must not know of this case"),
            required=_staff("Choose a person"),
            options=_named(everybody),
        ),
        Choice(
            key="why",
            text=_staff("Why"),
            required=_staff("Choose why"),
            options=tuple(Option(code, words) for code, words in conflicts.WHY.items()),
        ),
    )


def _named(found: Sequence[Person]) -> tuple[Option, ...]:
    return tuple(Option(one.reference, as_written(f"{one.name} ({one.email})")) for one in found)


@blueprint.get(PAGE)
@open_to(*OFFICERS)
def show(reference: str) -> Response:
    return _page(reference)


@blueprint.post(f"{PAGE}/add")
@open_to(*OFFICERS)
def add(reference: str) -> Response:
    """Let somebody see a part of the case."""
    row = _answered(reference)
    asked = joining(_candidates(row))
    typed = picking.sent(asked)
    picked = picking.read(asked, typed)
    problems = dict(picked.problems)
    if not problems:
        facets = [Facet(code) for code in picked.answers.get("facets", ())]
        try:
            with seeing.answering(reference) as (connection, case):
                admitting.add(connection, state().ring, case, picked.one("person"), facets, _me())
            return redirect(f"{CASES}/{reference}/people")
        except WillNotDo:
            problems = {"person": Problem("person", ALREADY)}
    return _page(reference, joined=typed, problems=problems, status=422)


@blueprint.post(f"{PAGE}/remove")
@open_to(*OFFICERS)
def remove(reference: str) -> Response:
    """Let somebody who was added see nothing of it any more."""
    with seeing.answering(reference) as (connection, case):
        admitting.drop(connection, state().ring, case, request.form.get("remove", ""), _me())
    return redirect(f"{CASES}/{reference}/people")


@blueprint.post(f"{PAGE}/conflict")
@open_to(*OFFICERS)
def exclude(reference: str) -> Response:
    """From now on the case does not exist for somebody."""
    _answered(reference)
    asked = excluding(_active())
    typed = picking.sent(asked)
    picked = picking.read(asked, typed)
    if picked.problems:
        return _page(reference, excluded=typed, problems=dict(picked.problems), status=422)
    who, why = picked.one("whom"), picked.one("why")
    with seeing.answering(reference) as (connection, case):
        admitting.conflict(connection, state().ring, case, who, why, _me())
    return redirect("/staff" if who == _me() else f"{CASES}/{reference}/people")


@blueprint.post(f"{PAGE}/no-conflict")
@open_to(*OFFICERS)
def include(reference: str) -> Response:
    """A conflict was recorded by mistake."""
    with seeing.answering(reference) as (connection, case):
        admitting.lift(connection, state().ring, case, request.form.get("lift", ""), _me())
    return redirect(f"{CASES}/{reference}/people")


def _me() -> str:
    return visit().person.reference


def _answered(reference: str) -> Row[Any]:
    """The case, for whoever decides who else sees it; else 404."""
    row, _facets = seeing.case(reference)
    with state().database.read() as connection:
        mine = access.answers_for(connection, visit().person, row)
    return row if mine else seeing.refused(reference)


def _candidates(row: Row[Any]) -> list[Person]:
    found = admitting.candidates(state().database, row)
    return [one for one in found if one.reference != _me()]


def _active() -> list[Person]:
    return [one for one in people.everybody(state().database) if one.active]


def _page(
    reference: str,
    *,
    joined: dict[str, list[str]] | None = None,
    excluded: dict[str, list[str]] | None = None,
    problems: dict[str, Problem] | None = None,
    status: int = 200,
) -> Response:
    row, _facets = seeing.case(reference)
    wrong = problems or {}
    with state().database.read() as connection:
        manages = access.answers_for(connection, visit().person, row)
        members = admitting.members_of(connection, reference)
        barred = conflicts.of_case(connection, reference) if manages else []
        broken = emergencies.of_case(connection, reference)
    everybody = people.everybody(state().database)
    names = {one.reference: one.name for one in everybody}
    join = joining(_candidates(row)) if manages and _candidates(row) else ()
    exclude_whom = excluding(_active()) if manages else ()
    return render(
        "incidents/people.html",
        f"{CASES[1:]}/{reference}/people",
        status,
        row=row,
        grouped=references.grouped,
        manages=manages,
        officer=names.get(row.officer, ""),
        manager=names.get(row.manager, ""),
        members=[
            {
                "who": one.account,
                "name": names.get(one.account, one.account),
                "facets": [said(FACETS[facet]) for facet in Facet if facet.value in one.facets],
            }
            for one in members
        ],
        barred=[
            {
                "who": one.account,
                "name": names.get(one.account, one.account),
                "why": said(conflicts.WHY[one.why]),
                "day": showing.day(one.at),
                "mine": one.account == _me(),
            }
            for one in barred
        ],
        broken=[broken_line(one, names) for one in broken],
        join=fields_of(join, {}, joined, wrong, heading=False),
        exclude=fields_of(exclude_whom, {}, excluded, wrong, heading=False),
        errors=picking.errors_of(wrong),
    )


def broken_line(row: Row[Any], names: Mapping[str, str]) -> dict[str, Any]:
    """One time that somebody let themselves into a case, as pages show it."""
    return {
        "glass": row.reference,
        "case": row.case,
        "name": names.get(row.account, row.account),
        "why": said(emergencies.WHY[row.why]),
        "when": showing.when(row.since),
        "until": showing.when(row.until),
        "over": row.until <= clock.seconds(),
        "looked_by": names.get(row.looked_by, "") if row.looked_by else "",
    }
