"""Pages of paper in: batches, the reference of the next paper, and closing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, abort, request
from sqlalchemy import Row

from portal import references
from portal.accounts.guard import may, open_to, visit
from portal.accounts.roles import Role
from portal.equality import collections
from portal.intake.asking import fields_of
from portal.keying import batches, closing, heads, passes
from portal.keying.passes import Refusal, Work
from portal.keying.states import WORDS, State
from portal.languages import LANGUAGES
from portal.pages import redirect, render, said, settings, state
from portal.paper import runs
from portal.questions import Form, Problem, Question, as_written
from portal.questions.messages import Message, _staff

blueprint = Blueprint("keying", __name__)

KEYERS = (Role.KEYER, Role.SUPERVISOR)
OTHER_WORDING = Refusal(passes.OTHER_WORDING)
NOT_A_REFERENCE = _staff("This is no reference. Check each of its 9 letters and digits")


def places() -> list[tuple[str, str]]:
    """Where we ask: codes and names, those that are closed included, since paper comes late."""
    return [(one.code, one.name) for one in collections.every(state().database)]


def head_questions() -> tuple[Question, ...]:
    return heads.questions(state().forms, settings().languages, places())


@blueprint.get("/staff/paper-in")
@open_to(*KEYERS, label=_staff("Paper in"))
def piles() -> Response:
    return _piles({}, {})


def _piles(typed: dict[str, list[str]], problems: dict[str, Problem], status: int = 200) -> Response:
    with state().database.read() as connection:
        rows = [
            {"batch": row, "through": batches.taken_in(batches.counts(connection, row.reference))}
            for row in batches.every(connection, "open")
        ]
        closed = batches.every(connection, "closed", 20)
    supervisor = may(Role.SUPERVISOR)
    return render(
        "keying/batches.html",
        "staff/paper-in",
        status,
        rows=rows,
        closed=closed,
        fields=fields_of(head_questions(), {}, typed, problems, heading=False) if supervisor else [],
        errors=[(f"#{problem.field}", said(problem.message)) for problem in problems.values()],
        grouped=references.grouped,
        languages=LANGUAGES,
    )


@blueprint.post("/staff/paper-in")
@open_to(Role.SUPERVISOR)
def open_pile() -> Response:
    asked = head_questions()
    typed = {name: request.form.getlist(name) for question in asked for name in question.fields}
    head = heads.read(asked, typed, state().forms, places(), settings().variants)
    if head.batch is None:
        return _piles(typed, dict(head.problems), 422)
    reference = batches.open_batch(state().database, state().ring, head.batch, visit().person.reference)
    return redirect(f"/staff/paper-in/{reference}")


def batch_of(reference: str) -> Row[Any]:
    """The batch of an address. 404 for an unknown one, and for somebody else's practice."""
    if references.read(reference) != reference:
        abort(404)
    with state().database.read() as connection:
        found = batches.find(connection, reference) or abort(404)
    if found.practice and found.by != visit().person.reference:
        abort(404)
    return found


def real(reference: str) -> Row[Any]:
    """A batch of real papers. 404 for any other."""
    found = batch_of(reference)
    return found if not found.practice else abort(404)


def paper_of(sheet: str) -> str:
    """The paper's reference in an address. 404 for what cannot be one."""
    return sheet if references.read(sheet) == sheet else abort(404)


def form_of(batch: Row[Any]) -> Form:
    """A batch's form, with all that its lists ever offered. 404 when this version no longer has it."""
    return batches.form_of(state().known_forms, batch) or abort(404)


def form_on(batch: Row[Any], sheet: str) -> Form:
    """The form as it is on one paper of a batch, so that the printed numbers fit. 404 as for the batch's."""
    run = runs.run_of(state().database, paper_of(sheet))
    return batches.as_on_paper(form_of(batch), batch, run.registers if run else None)


@blueprint.get("/staff/paper-in/<batch>")
@open_to(*KEYERS)
def pile(batch: str) -> Response:
    return batch_page(batch_of(batch))


def batch_page(
    batch: Row[Any],
    typed: str = "",
    refusal: Refusal | None = None,
    problem: Message | None = None,
    status: int = 200,
) -> Response:
    """One batch: how far it is, the box for the next reference, and what waits."""
    if batch.practice:
        return redirect(f"/staff/practice/{batch.reference}")
    with state().database.read() as connection:
        found = batches.counts(connection, batch.reference)
        papers = batches.sheets(connection, batch.reference)
    return render(
        "keying/batch.html",
        f"staff/paper-in/{batch.reference}",
        status,
        batch=batch,
        form=form_of(batch),
        language_name=LANGUAGES[batch.language].english,
        counts=[(said(WORDS[one]), found[one]) for one in State if found.get(one)],
        through=batches.taken_in(found),
        papers=[
            {"row": row, "state": State(row.state), "word": said(WORDS[State(row.state)])} for row in papers
        ],
        typed=typed,
        error=said(refusal.message) if refusal else "",
        elsewhere=refusal,
        problem=said(problem) if problem else "",
        reason=request.form.get("reason", ""),
        supervisor=may(Role.SUPERVISOR),
        grouped=references.grouped,
        State=State,
    )


@blueprint.post("/staff/paper-in/<batch>/take")
@open_to(*KEYERS)
def take(batch: str) -> Response:
    """The reference comes first, on a page of its own: it is checked, found twice, and locked."""
    head = batch_of(batch)
    typed = request.form.get("reference", "")
    reference = references.read(typed.rpartition("|")[2])  # a scanned code holds more before it
    if reference is None:
        return batch_page(head, typed, Refusal(NOT_A_REFERENCE), status=422)
    refused = paper_refused(head, reference)
    if refused:
        return batch_page(head, typed, refused, status=422)
    found = passes.take_up(
        state().database, state().ring, head.reference, reference, visit().person.reference
    )
    if isinstance(found, Work):
        return redirect(f"/staff/paper-in/{batch}/{reference}")
    return batch_page(head, typed, found, status=409)


def paper_refused(batch: Row[Any], reference: str) -> Refusal | None:
    """Why a paper that we printed does not belong into this batch; one with a sticker always may."""
    run = runs.run_of(state().database, reference)
    if run is None:
        return None
    if (run.form, run.edition, run.language) != (batch.form, batch.edition, batch.language):
        named = next((form.title for form in state().forms if form.key == run.form), as_written(run.form))
        return Refusal(
            passes.OTHER_PAPER.with_values(
                form=named, edition=run.edition, language=LANGUAGES[run.language].english
            )
        )
    return None if _wording(batch, run.variants) == _wording(batch, batch.variants) else OTHER_WORDING


def _wording(batch: Row[Any], variants: Mapping[str, str]) -> dict[str, str]:
    """The wordings that a paper can have: those of questions that are asked, and not of staff."""
    forms = (form for form in state().forms if (form.key, form.edition) == (batch.form, batch.edition))
    ours = {question.key for form in forms for question in form.questions if question.by == "office"}
    return {key: name for key, name in variants.items() if name != "off" and key not in ours}


@blueprint.post("/staff/paper-in/<batch>/<sheet>/take-over")
@open_to(Role.SUPERVISOR)
def take_over(batch: str, sheet: str) -> Response:
    head = real(batch)
    refused = passes.take_over(state().database, batch, paper_of(sheet), visit().person.reference)
    if refused:
        return batch_page(head, problem=refused.message, status=409)
    return redirect(f"/staff/paper-in/{batch}/{sheet}")


@blueprint.post("/staff/paper-in/<batch>/close")
@open_to(Role.SUPERVISOR)
def close(batch: str) -> Response:
    head = real(batch)
    reason = request.form.get("reason", "")
    who = visit().person.reference
    refused = closing.close(
        state().database,
        state().ring,
        form_of(head),
        head,
        reason,
        who,
        state().store,
        state().receivers,
    )
    if refused:
        return batch_page(head, problem=refused, status=422)
    return redirect(f"/staff/paper-in/{batch}")
