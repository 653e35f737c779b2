"""Pages of paper out: print runs ordered, made, downloaded, given out, and how many came back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, request
from sqlalchemy import Connection

from portal import audit, outbox, references
from portal.accounts.guard import may, open_to, visit
from portal.accounts.roles import Role
from portal.audit import Did
from portal.equality import collections
from portal.intake.asking import fields_of
from portal.languages import LANGUAGES
from portal.pages import file_response, redirect, render, said, settings, state
from portal.paper import ordering, runs
from portal.paper.bundles import PangoMissing, PaperError
from portal.paper.ordering import SIZE_WORDS, Read
from portal.paper.runs import BUNDLE, Run
from portal.paper.sheets import POINTS
from portal.questions import Problem, Question
from portal.questions.messages import Message, _staff

blueprint = Blueprint("paper_out", __name__)

SEERS = (Role.SUPERVISOR, Role.KEYER, Role.FRONTLINE)
LISTED = 200
"""Runs on the page of all; more would make it slow to load."""
PIECE = 64 * 1024
NONE = "–"
NO_SUCH_NUMBER = _staff("So many were not printed, or were given out already")
NOT_READY = _staff("The PDF is not ready yet")

ORDERED = _staff("Ordered")
MAKING = _staff("Being made, %(share)s %%")
READY = _staff("Ready")
FAILED = _staff("Could not be made")
GONE = _staff("Has to be made again")


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a run's PDF is."""

    word: Message
    made: int = 0
    of: int = 0
    """0 while nothing is under way."""
    file: Path | None = None
    """The PDF, when it is ready."""
    failed: str = ""
    """The kind of error for which it was given up."""

    @property
    def waiting(self) -> bool:
        """Whether it is worth looking again in a moment."""
        return self.word.id in (ORDERED.id, MAKING.id)


def standing(run: Run, job: outbox.Seen | None) -> Standing:
    """How far a run is, by its file and its job."""
    path = settings().papers / f"{run.reference}.pdf"
    if runs.status(run) == "made" and path.exists():
        return Standing(READY, run.number, run.number, path)
    if job and job.state is outbox.State.NEW:
        if job.of:
            return Standing(MAKING.with_values(share=100 * job.done // job.of), job.done, job.of)
        return Standing(ORDERED, 0, run.number)
    if job and job.state is outbox.State.DEAD:
        return Standing(FAILED, failed=job.failed or "")
    return Standing(GONE)


def places() -> list[tuple[str, str]]:
    """Where we ask: codes and names of what takes answers."""
    return [(one.code, one.name) for one in collections.every(state().database) if one.active]


def place_names() -> dict[str | None, str]:
    """The name of each place, those that are closed included."""
    return {one.code: one.name for one in collections.every(state().database)}


def form_names() -> dict[str, str]:
    return {form.key: form.title.english for form in state().forms}


def typed_into(asked: tuple[Question, ...]) -> dict[str, list[str]]:
    return {name: request.form.getlist(name) for question in asked for name in question.fields}


@blueprint.get("/staff/paper-out")
@open_to(*SEERS, label=_staff("Paper out"))
def everything() -> Response:
    return _everything({"size": ["normal"], "ground": ["white"]}, {})


def _everything(typed: dict[str, list[str]], problems: dict[str, Problem], status: int = 200) -> Response:
    found = runs.runs(state().database)[:LISTED]
    jobs = _jobs([run.reference for run in found])
    asked = ordering.order_questions(state().forms, settings().languages, places())
    return render(
        "paper/runs.html",
        "staff/paper-out",
        status,
        rows=[{"run": run, "standing": standing(run, jobs.get(run.reference))} for run in found],
        rates=runs.rates(state().database),
        fields=fields_of(asked, {}, typed, problems, heading=False) if may(Role.SUPERVISOR) else [],
        errors=[(f"#{problem.field}", said(problem.message)) for problem in problems.values()],
        place_names=place_names(),
        forms=form_names(),
        languages=LANGUAGES,
        points=POINTS,
        grouped=references.grouped,
    )


def _jobs(names: list[str]) -> dict[str, outbox.Seen]:
    with state().database.read() as connection:
        return outbox.named(connection, BUNDLE, names)


@blueprint.post("/staff/paper-out")
@open_to(Role.SUPERVISOR)
def order() -> Response:
    asked = ordering.order_questions(state().forms, settings().languages, places())
    typed = typed_into(asked)
    found = ordering.read(asked, typed)
    if found.problems:
        return _everything(typed, dict(found.problems), 422)
    new = ordering.wanted(found, state().forms, settings().variants, places())
    who = visit().person.reference

    def also(connection: Connection, reference: str) -> None:
        outbox.put(connection, BUNDLE, {"run": reference}, reference)
        detail: audit.Detail = {"form": new.form.key, "language": new.language, "copies": new.number}
        audit.note(connection, state().ring, by=who, did=Did.PRINTED, what=f"run {reference}", detail=detail)

    run = runs.order(
        state().database, new.form, new.language, new.size, new.yellow, new.collection, new.number, who,
        new.note, also,
    )  # fmt: skip
    return redirect(f"/staff/paper-out/{run.reference}")


def run_of(reference: str) -> Run:
    """The run of an address. 404 for an unknown one."""
    if references.read(reference) != reference:
        abort(404)
    try:
        return runs.run(state().database, reference)
    except PaperError:
        abort(404)


@blueprint.get("/staff/paper-out/<reference>")
@open_to(*SEERS)
def one(reference: str) -> Response:
    return _one(run_of(reference))


def _one(
    run: Run,
    found: Read | None = None,
    typed: dict[str, list[str]] | None = None,
    problem: Message | None = None,
    status: int = 200,
) -> Response:
    now = standing(run, _jobs([run.reference]).get(run.reference))
    problems = dict(found.problems) if found else {}
    errors = [(f"#{one.field}", said(one.message)) for one in problems.values()]
    return render(
        "paper/run.html",
        f"staff/paper-out/{run.reference}",
        status,
        run=run,
        facts=[{"key": said(name), "values": [value], "href": ""} for name, value in _facts(run)],
        standing=now,
        refreshes=now.waiting and "stay" not in request.args and status == 200,
        no_pango=now.failed == PangoMissing.__name__,
        page_to_print=_page_to_print(run),
        fields=_issue_fields(run, typed, problems),
        errors=[*errors, *([("#paper", said(problem))] if problem else ())],
        supervisor=may(Role.SUPERVISOR),
        grouped=references.grouped,
    )


def _issue_questions(run: Run) -> tuple[Question, ...]:
    """The place can be chosen until the first papers are given out."""
    return ordering.issue_questions(places() if not run.issued else (), run.number - run.issued)


def _issue_fields(
    run: Run, typed: dict[str, list[str]] | None, problems: dict[str, Problem]
) -> list[dict[str, Any]]:
    if not may(Role.SUPERVISOR) or run.issued >= run.number:
        return []
    chosen = {"collection": [run.collection.replace("-", "_")]} if run.collection else {}
    return fields_of(_issue_questions(run), {}, typed or chosen, problems, heading=False)


def _facts(run: Run) -> list[tuple[Message, str]]:
    place = place_names().get(run.collection, run.collection or NONE)
    return [
        (_staff("Form"), f"{form_names().get(run.form, run.form)} {run.edition}"),
        (_staff("Language"), LANGUAGES[run.language].english),
        (_staff("Size of letters"), said(SIZE_WORDS[run.size].with_values(points=POINTS[run.size]))),
        (_staff("Ground"), said(_staff("Yellow") if run.yellow else _staff("White"))),
        (_staff("Number of forms"), str(run.number)),
        (_staff("Pages of each form"), str(run.pages or NONE)),
        (_staff("Given out by"), place),
        (_staff("Given out"), str(run.issued)),
        (_staff("Come back"), str(run.returned)),
        (_staff("Ordered on"), run.made.isoformat()),
        (_staff("Note"), run.note or NONE),
    ]


def _page_to_print(run: Run) -> str:
    """The page that a browser prints, where this form is the one that is asked now; else nothing."""
    for address, form in state().asked.items():
        if (form.key, form.edition) == (run.form, run.edition) and run.language in settings().languages:
            return f"/{run.language}/{address}/print"
    return ""


@blueprint.post("/staff/paper-out/<reference>/make")
@open_to(Role.SUPERVISOR)
def make_again(reference: str) -> Response:
    """For a PDF that was deleted, or could not be made. Its papers keep their references."""
    run = run_of(reference)
    with state().database.write() as connection:
        outbox.put_again(connection, BUNDLE, {"run": run.reference}, run.reference)
    return redirect(f"/staff/paper-out/{run.reference}")


@blueprint.post("/staff/paper-out/<reference>/issued")
@open_to(Role.SUPERVISOR)
def issue(reference: str) -> Response:
    run = run_of(reference)
    asked = _issue_questions(run)
    typed = typed_into(asked)
    found = ordering.read(asked, typed)
    if not found.problems:
        number = int(found.one("number"))
        if _issued(run, number, ordering.place(found, places())):
            return redirect(f"/staff/paper-out/{run.reference}")
        found = Read({}, {"number": Problem("number", NO_SUCH_NUMBER)})
    return _one(run_of(reference), found, typed, status=422)


def _issued(run: Run, number: int, place: str | None) -> bool:
    with state().database.write() as connection:
        if not runs.issue(connection, run.reference, number, place):
            return False
        audit.note(
            connection,
            state().ring,
            by=visit().person.reference,
            did=Did.CHANGED,
            what=f"run {run.reference}",
            detail={"given": number},
        )
    return True


@blueprint.get("/staff/paper-out/<reference>/pdf")
@open_to(Role.SUPERVISOR)
def pdf(reference: str) -> Response:
    """The bundle to print. Each fetching is noted: it can be printed twice, with the same references."""
    run = run_of(reference)
    path = standing(run, None).file
    if path is None:
        return _one(run, problem=NOT_READY, status=404)
    audit.note_alone(
        state().database,
        state().ring,
        by=visit().person.reference,
        did=Did.PRINTED,
        what=f"run {run.reference}",
        detail={"part": "pdf"},
    )
    name = f"{run.form}-{run.language}-{run.reference}.pdf"
    size = path.stat().st_size
    response = file_response(_pieces(path), "application/pdf", name)
    response.headers["Content-Length"] = str(size)
    return response


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece
