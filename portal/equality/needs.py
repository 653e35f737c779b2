"""The page on which staff find what a person needs, see it flags first, and note that it was asked again."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, request

from portal import audit, clock, references
from portal.accounts.guard import open_to, visit
from portal.audit import Did
from portal.equality import profiles
from portal.equality.profiles import SEES, Needs
from portal.forms.profile import FLAGS
from portal.intake.answers import NOT_ANSWERED, shown
from portal.pages import redirect, render, said, state
from portal.questions import Choice, Form, Notice
from portal.questions.messages import Message, _staff

blueprint = Blueprint("needs", __name__)

SEERS = tuple(SEES)
TYPE_WORDS = _staff("Type a reference, a whole name or a tenancy reference")
NOTHING = _staff("Nothing is found that you may see. Check the spelling: only the whole name is found")
NO_NEED = frozenset({"none_of_these", "none", "no", "standard", "eng"})
"""Answers that nobody need be told of first."""


@blueprint.get("/staff/needs")
@open_to(*SEERS, label=_staff("What people need"))
def search() -> Response:
    return _search("", [], None)


@blueprint.post("/staff/needs")
@open_to(*SEERS)
def look() -> Response:
    """Posted, because a name has no place in an address."""
    typed = request.form.get("wanted", "").strip()[:300]
    roles, reference = visit().person.roles, references.read(typed)
    if not typed:
        return _search(typed, [], TYPE_WORDS, 422)
    found = profiles.called(state().database, state().ring, typed, roles)
    if reference and (one := profiles.find(state().database, reference, roles)):
        found = [one]
    if len(found) == 1:
        return redirect(f"/staff/needs/{found[0].reference}")
    return _search(typed, found, None if found else NOTHING, 200 if found else 404)


def _search(typed: str, found: list[Needs], problem: Message | None, status: int = 200) -> Response:
    return render(
        "equality/needs.html",
        "staff/needs",
        status,
        typed=typed,
        error=said(problem) if problem else "",
        found=[_line(one) for one in found],
        due=[_line(one) for one in profiles.due(state().database, visit().person.roles)],
    )


def _line(needs: Needs) -> dict[str, str]:
    shown_as = references.grouped(needs.reference)
    return {"reference": needs.reference, "shown": shown_as, "review_by": needs.review_by.isoformat()}


@blueprint.get("/staff/needs/<reference>")
@open_to(*SEERS)
def one(reference: str) -> Response:
    needs = _found(reference)
    form = _form_of(needs)
    answers = profiles.opened(state().database, state().ring, needs, visit().person.reference)
    reached = [(one, found) for one, found in form.reached(answers) if not isinstance(one, Notice)]
    flags = [
        {
            "question": one.text.english,
            "values": shown(one, tuple(code for code in found if code not in NO_NEED)),
        }
        for one, found in reached
        if isinstance(one, Choice) and one.key in FLAGS
    ]
    return render(
        "equality/need.html",
        f"staff/needs/{reference}",
        reference=references.grouped(reference),
        place=f"/staff/needs/{reference}",
        flags=[flag for flag in flags if flag["values"]],
        rows=[(one.text.english, shown(one, found) or [said(NOT_ANSWERED)]) for one, found in reached],
        review_by=needs.review_by.isoformat(),
        overdue=needs.review_by <= clock.today(),
    )


@blueprint.post("/staff/needs/<reference>/reviewed")
@open_to(*SEERS)
def review(reference: str) -> Response:
    """The person was asked again, and nothing changed."""
    needs = _found(reference)
    profiles.reviewed(state().database, state().ring, needs.reference, visit().person.reference)
    return redirect(f"/staff/needs/{reference}")


def _found(reference: str) -> Needs:
    """The profile of a reference; 404 where there is none, or the person did not choose one's service."""
    read = references.read(reference)
    if read != reference:
        abort(404)
    found = profiles.find(state().database, reference, visit().person.roles)
    if found is None:
        _note_refusal(reference)
        abort(404)
    return found


def _note_refusal(reference: str) -> None:
    """Only where there is one: a slip of the finger is no refusal."""
    if profiles.exists(state().database, reference):
        who, what = visit().person.reference, f"profile {reference}"
        audit.note_alone(state().database, state().ring, by=who, did=Did.REFUSED, what=what)


def _form_of(needs: Needs) -> Form:
    """The edition that was answered, in the wording that was answered."""
    row: Any = needs.row
    known: tuple[Form, ...] = state().known_forms
    forms = [form for form in known if (form.key, form.edition) == (profiles.FORM, row.edition)]
    return forms[-1].here(row.variants) if forms else abort(404)
