"""Pages of what the landlord publishes: coverage by language, one document, where its copies went."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, request
from sqlalchemy import Connection, Row

from portal import clock, references, registers
from portal.accounts.guard import may, open_to, visit
from portal.accounts.roles import OFFICE, Role
from portal.intake.asking import fields_of
from portal.interpreting import documents, panels, picking
from portal.interpreting.documents import ENGLISH, FORMATS, STANDARD, STATES, WORDS, Edition, Given
from portal.interpreting.moving import NotNow
from portal.interpreting.panels import PANELS
from portal.pages import redirect, render, said, state
from portal.questions import Choice, Date, Number, Option, Problem, Question, Text, as_written
from portal.questions.messages import Message, _staff

blueprint = Blueprint("publishing", __name__)

TAKEN = _staff("There is a document with this title")
NO_PLACE = _staff("Choose an office, or type the place")
NO_REQUEST = _staff("There is no request for a translation or a format with this reference")
SHAPES = {documents.MISSING: "late", documents.OUTDATED: "due", "ready": "done"}
"""How a state is drawn, so that it differs in shape too."""


def document_questions() -> tuple[Question, ...]:
    """What is asked of a document."""
    return (
        Text(key="title", text=_staff("Title"), required=_staff("Type the title")),
        Number(key="words", text=_staff("Words"), hint=_staff("How long it is, if you know it")),
        Date(
            key="updated",
            text=_staff("Day the English text last changed"),
            hint=_staff("Translations that are older are out of date"),
            required=_staff("Type the day on which it last changed"),
            when="past",
        ),
    )


def which_edition(connection: Connection) -> tuple[Question, ...]:
    """Language and format of an edition; English is one for other formats."""
    offered = {ENGLISH: "English", **{one.code: one.text.english for one in panels.languages(connection)}}
    return (
        Choice(
            key="language",
            text=picking.LANGUAGE,
            required=picking.CHOOSE_LANGUAGE,
            options=picking.options(offered),
        ),
        Choice(
            key="format",
            text=_staff("Format"),
            required=_staff("Choose the format"),
            options=tuple(Option(code, as_written(words.english)) for code, words in FORMATS.items()),
        ),
    )


def edition_questions(connection: Connection) -> tuple[Question, ...]:
    """What is asked of an edition."""
    return (
        *which_edition(connection),
        Choice(
            key="state",
            text=_staff("How far it is"),
            required=_staff("Choose how far it is"),
            options=tuple(Option(code, words) for code, words in STATES.items()),
        ),
        Date(
            key="made",
            text=_staff("Day of the English text that it translates"),
            hint=_staff("Empty: today, once it is ready"),
            when="past",
        ),
        Choice(
            key="certified",
            text=_staff("Certified"),
            options=(Option("yes", _staff("Yes")), Option("no", _staff("No"))),
        ),
        Text(key="maker", text=_staff("Who makes it"), most=100),
    )


def given_questions(connection: Connection) -> tuple[Question, ...]:
    """What is noted of copies that went somewhere."""
    return (
        *which_edition(connection),
        *picking.which_office(connection),
        Text(key="venue", text=_staff("Another place"), most=100),
        Number(
            key="number",
            text=_staff("How many"),
            required=_staff("Type how many copies"),
            least=1,
            most=100_000,
        ),
        Date(key="day", text=_staff("Day"), required=_staff("Type the day"), when="past"),
    )


ASKED_BY = (
    Text(
        key="request",
        text=_staff("Reference of a request for it"),
        required=_staff("Type the reference of the request"),
        most=20,
    ),
)


@blueprint.get("/staff/documents")
@open_to(*OFFICE, label=_staff("Documents"))
def everything() -> Response:
    """All documents with how they stand in the languages of a panel."""
    return _everything(None, {})


def _everything(
    typed: dict[str, list[str]] | None, problems: dict[str, Problem], status: int = 200
) -> Response:
    with state().database.read() as connection:
        known = panels.panels(connection)
        called = {code: name for code, name, _active in registers.every(connection, PANELS, ())}
        panel = request.args.get("panel", "") or next(iter(known), "")
        if panel and panel not in known:
            abort(404)
        names = picking.languages(connection)
        wanted = sorted(known.get(panel, ()), key=lambda code: names.get(code, code))
        found, coverage = documents.every(connection), documents.coverage(connection, wanted)
    answers = {"updated": (clock.today().isoformat(),)}
    asked = document_questions() if may(Role.COORDINATOR) else ()
    return render(
        "interpreting/documents.html",
        "staff/documents",
        status,
        panels=[{"value": code, "text": called[code], "selected": code == panel} for code in known],
        languages=[names.get(code, code) for code in wanted],
        rows=[(one, [_drawn(coverage[one.reference][code]) for code in wanted]) for one in found],
        fields=fields_of(asked, answers, typed, problems, heading=False),
        errors=picking.errors_of(problems),
    )


def _drawn(code: str) -> tuple[str, str]:
    """A state's word and shape."""
    return said(WORDS[code]), SHAPES.get(code, "")


@blueprint.post("/staff/documents")
@open_to(Role.COORDINATOR)
def add() -> Response:
    return _put(None)


def _put(found: Row[Any] | None) -> Response:
    """Keep a document as it was typed."""
    asked = document_questions()
    typed = picking.sent(asked)
    picked = picking.read(asked, typed)
    problems = dict(picked.problems)
    if not problems:
        kept = documents.put(
            state().database,
            state().ring,
            picked.one("title"),
            picked.number("words"),
            clock.day(picked.one("updated")),
            visit().person.reference,
            found.reference if found else None,
        )
        if kept is not None:
            return redirect(f"/staff/documents/{kept}")
        problems = {"title": Problem("title", TAKEN)}
    return _one(found, "document", typed, problems, 422) if found else _everything(typed, problems, 422)


@blueprint.get("/staff/documents/<reference>")
@open_to(*OFFICE)
def one(reference: str) -> Response:
    return _one(_found(reference))


def _found(reference: str) -> Row[Any]:
    with state().database.read() as connection:
        return documents.find(connection, reference) or abort(404)


def _one(
    found: Row[Any],
    part: str = "",
    typed: dict[str, list[str]] | None = None,
    problems: dict[str, Problem] | None = None,
    status: int = 200,
) -> Response:
    """A document; `part` is the form that was typed into."""
    today, problems = clock.today().isoformat(), problems or {}
    with state().database.read() as connection:
        names = {ENGLISH: "English", **picking.languages(connection)}
        offices = picking.offices(connection, every=True)
        editions = documents.editions(connection, found.reference)
        copies = documents.given_out(connection, found.reference)
        asked_by = documents.asked_by(connection, found.reference) if may(Role.COORDINATOR) else []
        forms: dict[str, tuple[tuple[Question, ...], dict[str, tuple[str, ...]]]] = {
            "given": (given_questions(connection), {"format": (STANDARD,), "day": (today,)})
        }
        if may(Role.COORDINATOR):
            kept: dict[str, tuple[str, ...]] = {
                "title": (found.title,),
                "updated": (found.updated.isoformat(),),
            }
            kept |= {"words": (str(found.words),)} if found.words is not None else {}
            forms = {
                "edition": (edition_questions(connection), {"format": (STANDARD,), "state": ("ready",)}),
                **forms,
                "document": (document_questions(), kept),
                "request": (ASKED_BY, {}),
            }
    chosen = request.args.get("do", "") or part
    chosen = chosen if chosen in forms else next(iter(forms))
    asked, answers = forms[chosen]
    return render(
        "interpreting/document.html",
        f"staff/documents/{found.reference}",
        status,
        document=found,
        editions=[
            {
                "row": row,
                "language": names.get(row.language, row.language),
                "format": FORMATS[row.format].english if row.format in FORMATS else row.format,
                "state": _drawn(documents.state_of(row, found.updated)),
            }
            for row in editions
        ],
        copies=[
            {
                "row": row,
                "language": names.get(row.language, row.language),
                "format": FORMATS[row.format].english if row.format in FORMATS else row.format,
                "place": row.venue or offices.get(row.office, row.office),
            }
            for row in copies
        ],
        asked_by=[references.grouped(one) for one in asked_by],
        part=chosen,
        parts=[(name, said(words)) for name, words in PARTS.items() if name in forms],
        heading=said(PARTS[chosen]),
        fields=fields_of(asked, answers, typed, problems, heading=False),
        errors=picking.errors_of(problems),
    )


PARTS: dict[str, Message] = {
    "edition": _staff("A translation or another format"),
    "given": _staff("Copies went somewhere"),
    "document": _staff("Title and day of the text"),
    "request": _staff("Somebody asked for it"),
}


@blueprint.post("/staff/documents/<reference>")
@open_to(Role.COORDINATOR)
def change(reference: str) -> Response:
    """Keep its title, an edition, or which request is about it: `part` says which."""
    found, part = _found(reference), request.form.get("part", "")
    if part == "document":
        return _put(found)
    if part == "request":
        return _asked(found)
    with state().database.read() as connection:
        asked = edition_questions(connection)
    typed = picking.sent(asked)
    picked = picking.read(asked, typed)
    if picked.problems:
        return _one(found, "edition", typed, dict(picked.problems), 422)
    edition = Edition(
        language=picked.one("language"),
        format=picked.one("format"),
        state=picked.one("state"),
        made=_day(picked.one("made")),
        certified=picked.one("certified") == "yes",
        maker=picked.one("maker"),
    )
    documents.keep_edition(state().database, state().ring, reference, edition, visit().person.reference)
    return redirect(f"/staff/documents/{reference}")


def _asked(found: Row[Any]) -> Response:
    typed = picking.sent(ASKED_BY)
    picked = picking.read(ASKED_BY, typed)
    problems, wanted = dict(picked.problems), references.read(picked.one("request"))
    if not problems:
        try:
            who = visit().person.reference
            documents.about(state().database, state().ring, found.reference, wanted or "", who)
        except NotNow:
            problems = {"request": Problem("request", NO_REQUEST)}
    if problems:
        return _one(found, "request", typed, problems, 422)
    return redirect(f"/staff/documents/{found.reference}")


@blueprint.post("/staff/documents/<reference>/given")
@open_to(*OFFICE)
def give_out(reference: str) -> Response:
    """Note copies that went to an office or another place."""
    found = _found(reference)
    with state().database.read() as connection:
        asked = given_questions(connection)
    typed = picking.sent(asked)
    picked = picking.read(asked, typed)
    problems = dict(picked.problems)
    if not problems and not picked.one("office") and not picked.one("venue"):
        problems = {"venue": Problem("venue", NO_PLACE)}
    if problems:
        return _one(found, "given", typed, problems, 422)
    given = Given(
        language=picked.one("language"),
        format=picked.one("format"),
        office=picked.one("office") or None,
        venue=picked.one("venue"),
        number=int(picked.one("number")),
        day=clock.day(picked.one("day")),
    )
    documents.give_out(state().database, reference, given)
    return redirect(f"/staff/documents/{reference}?do=given")


def _day(words: str) -> date | None:
    return clock.day(words) if words else None
