"""The coordinator's desk: what waits, and one request with all that can be done about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, abort, request
from sqlalchemy import Connection, Row, select

from portal import clock, references
from portal.accounts import people
from portal.accounts.guard import open_to
from portal.accounts.roles import Role
from portal.forms.formats import SUPPORT_OPTIONS
from portal.forms.interpreter import INTERPRETER
from portal.intake.asking import fields_of
from portal.interpreting import (
    acting,
    bookings,
    describing,
    moving,
    opening,
    panels,
    planning,
    queue,
    showing,
    steps,
    windows,
)
from portal.interpreting.candidates import BY_PEOPLE
from portal.interpreting.models import Interpreter
from portal.interpreting.queue import DESK, GROUPS
from portal.interpreting.serving import often_confused
from portal.interpreting.showing import KINDS, LATE, SOON, URGENCIES, Names
from portal.interpreting.states import WORDS, Event, Kind, State
from portal.interpreting.steps import Block
from portal.pages import redirect, render, said, state
from portal.questions import Form, Option, Problem
from portal.questions.messages import Message, _staff
from portal.questions.typing_in import Typed

blueprint = Blueprint("desk", __name__)

FASTER = _staff(
    "Something changed before you pressed: this is the request as it is now. Nothing of what you chose "
    "was done; it is kept below where it can still be done."
)
HURRIES = {"late": LATE, "due": SOON}


@blueprint.get(DESK)
@open_to(Role.COORDINATOR, label=_staff("Interpreting"))
def lists() -> Response:
    """One of the desk's lists, in one language if wished. No name, no address, no words of anybody."""
    shown = request.args.get("show", "waiting")
    shown = shown if shown in GROUPS else "waiting"
    wished = request.args.get("language", "")
    with state().database.read() as connection:
        every = queue.lines(connection, shown)
    names = Names(form())
    spoken = sorted({(names.language(line.language), line.language) for line in every if line.language})
    return render(
        "interpreting/lists.html",
        DESK[1:],
        groups=[(code, said(words), code == shown) for code, (words, _states) in GROUPS.items()],
        shown=shown,
        languages=[{"value": "", "text": said(ALL), "selected": not wished}]
        + [{"value": code, "text": name, "selected": code == wished} for name, code in spoken],
        grouped=references.grouped,
        rows=[_row(line, names) for line in every if not wished or line.language == wished],
    )


ALL = _staff("All languages")


def _row(line: queue.Line, names: Names) -> dict[str, Any]:
    at = line.starts or (int(clock.at(line.needed_by, "12:00").timestamp()) if line.needed_by else None)
    return {
        "reference": line.reference,
        "kind": said(KINDS[Kind(line.kind)]),
        "language": names.language(line.language),
        "dialect": line.dialect,
        "mode": names.of("how", line.mode),
        "day": showing.day(at) if at else "",
        "hurry": line.hurry,
        "hurry_word": said(HURRIES[line.hurry]) if line.hurry else "",
        "urgency": said(URGENCIES[line.urgency]),
        "age": said(showing.span(line.age)),
        "state": said(WORDS[line.state]),
    }


def form() -> Form:
    """The newest interpreter form, with all members that its lists ever had."""
    known: tuple[Form, ...] = state().known_forms
    return next((one for one in known[::-1] if one.key == INTERPRETER.key), INTERPRETER)


def found(reference: str) -> Row[Any]:
    """The request of an address. 404 for what is none."""
    if references.read(reference) != reference:
        abort(404)
    with state().database.read() as connection:
        return moving.find(connection, reference) or abort(404)


def seen() -> int:
    """The version of a request that whoever pressed was looking at. 404 for what cannot be one."""
    typed = request.form.get("seen", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 8 else abort(404)


@blueprint.get(f"{DESK}/<reference>")
@open_to(Role.COORDINATOR)
def one(reference: str) -> Response:
    return request_page(found(reference))


@blueprint.post(f"{DESK}/<reference>/words")
@open_to(Role.COORDINATOR)
def words(reference: str) -> Response:
    """Name, place, words and how to reach the person: on this one response only, and noted before."""
    row = found(reference)
    opening.note_view(reference, "words")
    return request_page(row, opened=opening.opened(row, form()))


def request_page(
    row: Row[Any],
    status: int = 200,
    *,
    opened: Mapping[str, Any] | None = None,
    typed: Mapping[str, Typed] | None = None,
    problems: Mapping[str, Problem] | None = None,
    notice: Message | None = None,
) -> Response:
    """One request. `typed` holds, by the code of a step, what somebody typed; `problems` what is wrong."""
    names, wrong = Names(form()), problems or {}
    named = {person.reference: person.name for person in people.everybody(state().database)}
    with state().database.read() as connection:
        booking = bookings.live(connection, row.reference)
        seated = seated_in(connection, booking)
        blocks = steps.blocks(row, languages(connection), seated, planning.unfilled(connection, row))
        values = {
            "timeline": describing.timeline(connection, row.reference, named),
            "others": [describing.other(one) for one in queue.others_of(connection, row.reference)],
            "booked": describing.booked(booking, seated, _provider(connection, booking), names),
            "times": [showing.until(*times) for times in windows.of_request(connection, row.reference)],
        }
    codes = [block.code for block in blocks]
    lost = {code: fields for code, fields in (typed or {}).items() if code not in codes}
    return render(
        "interpreting/request.html",
        f"{DESK[1:]}/{row.reference}",
        status,
        row=row,
        grouped=references.grouped,
        kind=said(KINDS[Kind(row.kind)]),
        state_words=said(WORDS[State(row.state)]),
        next=_next(row),
        due=said(showing.due_words(row.due)) if State(row.state) in queue.HURRY else "",
        hurry=queue.hurry(State(row.state), row.due, clock.seconds()),
        talk_first=said(showing.TALK_FIRST) if not row.agreed else "",
        asked=describing.asked(row, names),
        confused=[said(one) for one in often_confused(showing.wanted(row))],
        opened=opened,
        blocks=[_fields(block, (typed or {}).get(block.code), wrong) for block in blocks],
        people=Kind(row.kind) is Kind.INTERPRETER and (planning.can_plan(row) or booking is not None),
        provider=Event.PLACE in acting.possible(row),
        own_refused=Event.DECLINE in acting.possible(row) and not acting.own_person_may(row),
        two=steps.two_needed(row),
        errors=[(f"#{problem.field}", said(problem.message)) for problem in wrong.values()],
        notice=said(notice) if notice else "",
        lost=[
            value for fields in lost.values() for typed_in in fields.values() for value in typed_in if value
        ],
        **values,
    )


def _provider(connection: Connection, booking: Row[Any] | None) -> str:
    return planning.provider_name(connection, booking.provider) if booking else ""


def languages(connection: Connection) -> tuple[Option, ...]:
    """What somebody may work in: the languages on offer, and the support that people give."""
    support = tuple(option for option in SUPPORT_OPTIONS if BY_PEOPLE.get(option.code) == option.code)
    return panels.languages(connection) + support


def seated_in(connection: Connection, booking: Row[Any] | None) -> list[tuple[int, str]]:
    sitting = bookings.sitting(connection, booking.reference) if booking else []
    called = select(Interpreter.id, Interpreter.name).where(
        Interpreter.id.in_([one.interpreter for one in sitting])
    )
    return [(one.id, one.name) for one in connection.execute(called)] if sitting else []


def _next(row: Row[Any]) -> str:
    step = showing.next_step(row)
    return said(step) if step else ""


def _fields(block: Block, typed: Typed | None, problems: Mapping[str, Problem]) -> dict[str, Any]:
    mine = {question.key: problems[question.key] for question in block.asked if question.key in problems}
    shown = {name: list(values) for name, values in typed.items()} if typed is not None else None
    return {
        "code": block.code,
        "title": said(block.title),
        "grave": block.grave,
        "open": bool(mine) or typed is not None or block.code == Event.TRIAGE,
        "fields": fields_of(block.asked, dict(block.answers or {}), shown, mine, heading=False),
    }


def back_to(reference: str) -> Response:
    return redirect(f"{DESK}/{reference}")
