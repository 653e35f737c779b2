"""Writing to who told us, and reading what they wrote: for the people of the case, in its order of days.

The person reads it with their code. They are told the day, never who wrote.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, request
from sqlalchemy import Row

from portal import audit, clock
from portal.accounts.guard import open_to, visit
from portal.accounts.roles import Role
from portal.audit import Did
from portal.incidents import exchange, notices, reports, seeing
from portal.incidents.access import WORKERS, Facet
from portal.incidents.exchange import Entry, Kind
from portal.intake.asking import fields_of
from portal.languages import LANGUAGES, months
from portal.pages import redirect, render, said, settings, spoken, state
from portal.questions import Choice, Option, Problem, Question, Reader, Text, as_written, read_all
from portal.questions.messages import Message, _staff
from portal.references import grouped
from portal.wording import Day

blueprint = Blueprint("writing", __name__)
CASES = "/staff/cases"
WRITERS = (Role.CASE_OFFICER, Role.CASE_MANAGER)

ANSWER = Text(
    key="words",
    text=_staff("Write to the person"),
    hint=_staff(
        "They read it with their code, exactly as you write it, in the language you choose. Name nobody who "
        "is in danger if somebody else reads it. Promise only what you will do."
    ),
    required=_staff("Write what the person is to read"),
    most=20_000,
    lines=8,
    personal=True,
)
WORDS: dict[Kind, Message] = {
    Kind.WORDS: _staff("The person wrote"),
    Kind.FILES: _staff("The person added photos or documents"),
    Kind.REACH: _staff("The person changed how to reach them: look before you contact them"),
    Kind.CONSENT: _staff("The person changed whom we may tell: look before you share anything"),
    Kind.LOOK_AGAIN: _staff("The person asked us to look at it again"),
    Kind.ERASE: _staff(
        "The person asks us to delete what they told us: a manager or information governance decides"
    ),
}
WE_WROTE = _staff("We wrote")


def language_question(report: Row[Any]) -> Choice:
    """In which language the words are."""
    return Choice(
        key="language",
        text=_staff("Its language"),
        hint=_staff("The person’s pages are in %(language)s").with_values(
            language=LANGUAGES[report.language].endonym
        )
        if report.language in LANGUAGES
        else None,
        required=_staff("Choose the language of what you wrote"),
        options=tuple(
            Option(code, as_written(LANGUAGES[code].endonym))
            for code in settings().languages
            if code in LANGUAGES
        ),
    )


def shown(entries: list[Entry]) -> list[dict[str, Any]]:
    """Entries as the fragment incidents/messages.html shows them, the newest first."""
    return [
        {
            "title": said(WORDS[one.kind] if one.of_person else WE_WROTE),
            "day": Day(one.at).said("en"),
            "report": grouped(one.report),
            "by": "" if one.of_person else one.by,
            "seen": Day(clock.second_of(one.seen, "12:00")).said("en") if one.seen else "",
            "waits": one.of_person and one.answered is None,
            "lines": [line for line in one.words.splitlines() if line],
        }
        for one in reversed(entries)
    ]


@blueprint.get(f"{CASES}/<reference>/messages")
@open_to(*WORKERS)
def everything(reference: str) -> Response:
    return page(reference)


def page(
    reference: str,
    status: int = 200,
    of: str = "",
    typed: dict[str, list[str]] | None = None,
    problems: dict[str, Problem] | None = None,
) -> Response:
    """All that went to and fro in a case, noted before it is opened, and a form for each person."""
    case = seeing.facet(reference, Facet.WORDS)
    database, wrong = state().database, problems or {}
    with database.read() as connection:
        entries = exchange.of_case(connection, state().ring, case.reference)
        persons = reports.of_case(connection, case.reference)
    if of and of not in {one.reference for one in persons}:
        abort(404)
    with database.write() as connection:
        exchange.seen_by_staff(connection, case.reference)
    waiting = {one.report for one in entries if one.of_person and one.answered is None}
    return render(
        "incidents/writing.html",
        f"{CASES[1:]}/{reference}/messages",
        status,
        reference=reference,
        shown=grouped(reference),
        entries=shown(entries),
        persons=[
            {
                "reference": one.reference,
                "shown": grouped(one.reference),
                "waits": one.reference in waiting,
                "fields": fields_of(
                    (ANSWER, language_question(one)),
                    {},
                    typed or {"language": [one.language]},
                    wrong,
                    heading=False,
                ),
            }
            for one in persons
            if one.submission is not None and (not of or one.reference == of)
        ],
        errors=[(f"#{one.field}", said(one.message)) for one in wrong.values()],
    )


@blueprint.get(f"{CASES}/<reference>/messages/<person>")
@open_to(*WORKERS)
def to_one(reference: str, person: str) -> Response:
    """The form for one person of a case that several told us of: fields of two would have the same names."""
    return page(reference, of=person)


@blueprint.post(f"{CASES}/<reference>/messages")
@open_to(*WRITERS)
def write(reference: str) -> Response:
    """Write to one person of the case, or say that nothing of theirs needs an answer."""
    wish, _space, of = request.form.get("go", "").partition(" ")
    row, _facets = seeing.case(reference)
    with state().database.read() as connection:
        report = next(
            (
                one
                for one in reports.of_case(connection, row.reference)
                if one.reference == of and one.submission is not None  # whose report was erased reads nothing
            ),
            None,
        )
    if report is None or wish not in ("write", "settle"):
        abort(404)
    if wish == "settle":
        _settle(reference, report)
        return redirect(f"{CASES}/{reference}/messages")
    asked: tuple[Question, ...] = (ANSWER, language_question(report))
    typed = {name: request.form.getlist(name) for question in asked for name in question.fields}
    reader = Reader(months(spoken().language.code), clock.today(), moment=clock.moment_of)
    answers, problems = read_all(asked, typed, {}, reader)
    if problems:
        return page(reference, 422, of, typed, problems)
    _write(reference, report, answers[ANSWER.key][0], answers["language"][0])
    return redirect(f"{CASES}/{reference}/messages")


def _write(reference: str, report: Row[Any], text: str, language: str) -> None:
    portal, by = state(), visit().person.reference
    with seeing.change(reference, Facet.WORDS) as (connection, case):
        made = exchange.add(connection, portal.ring, case, report.reference, Kind.WORDS, by, language, text)
        exchange.answered(connection, report.reference, by)
        notices.give(connection, portal.ring, portal.settings, report, notices.NOTICE, made)
        detail = {"event": "message", "report": report.reference}
        audit.note(connection, portal.ring, by=by, did=Did.CREATED, what=f"case {reference}", detail=detail)


def _settle(reference: str, report: Row[Any]) -> None:
    portal, by = state(), visit().person.reference
    with seeing.change(reference, Facet.WORDS) as (connection, _case):
        number = exchange.answered(connection, report.reference, by)
        detail = {"event": "settled", "report": report.reference, "number": number}
        audit.note(connection, portal.ring, by=by, did=Did.CHANGED, what=f"case {reference}", detail=detail)
