"""Pages on which staff note a call with the phone provider, and, in one tap, that they managed without."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy import Connection

from portal import clock, references, registers
from portal.accounts.guard import open_to, visit
from portal.accounts.roles import OFFICE
from portal.intake.asking import fields_of
from portal.interpreting import calls, panels, picking
from portal.interpreting.calls import NewCall
from portal.interpreting.moving import NotNow
from portal.interpreting.on_duty import CALLERS
from portal.interpreting.picking import Picked
from portal.interpreting.purposes import PURPOSES
from portal.pages import cookie, redirect, render, said, set_cookie, state
from portal.questions import Choice, Number, Option, Problem, Question, Text
from portal.questions.messages import _staff
from portal.questions.typing_in import folded

blueprint = Blueprint("calling", __name__)

PLACE = "work-place"
"""The cookie with the office and team of whoever sits at this browser: their codes, and nothing else."""
A_YEAR = 366 * 24 * 60
NO_PURPOSE = _staff(
    "Type how the purpose begins, such as rent, or the reference of a request; or leave it empty"
)
NO_REQUEST = _staff("There is no request with this reference")


def call_questions(connection: Connection) -> tuple[Question, ...]:
    """Four fields, and no more: it has to be done while the phone is put down."""
    outcomes = tuple(Option(code, words) for code, words in calls.OUTCOMES.items())
    return (
        picking.which_language(connection),
        Choice(
            key="outcome",
            text=_staff("How it ended"),
            required=_staff("Choose how it ended"),
            options=outcomes,
        ),
        Number(
            key="minutes",
            text=_staff("Minutes"),
            required=_staff("Type how many minutes it took"),
            least=0,
            most=600,
        ),
        Text(
            key="about",
            text=_staff("Purpose, or reference of the request"),
            hint=_staff("May stay empty. Nothing about a person"),
            most=60,
        ),
    )


@blueprint.get("/staff/calls/new")
@open_to(*CALLERS)
def new_call() -> Response:
    with state().database.read() as connection:
        offered = {option.code for option in panels.languages(connection)}
    wanted = request.args.get("language", "")
    typed = {"outcome": ["done"], "language": [wanted] if wanted in offered else []}
    return _new_call(typed, {})


def _new_call(typed: dict[str, list[str]], problems: dict[str, Problem], status: int = 200) -> Response:
    with state().database.read() as connection:
        asked, names = call_questions(connection), picking.languages(connection)
        today = calls.of_day(connection, clock.today())
    return render(
        "interpreting/call.html",
        "staff/calls/new",
        status,
        fields=fields_of(asked, {}, typed, problems, heading=False),
        errors=picking.errors_of(problems),
        logged={"yes": "noted", "closed": "closed"}.get(request.args.get("logged", ""), ""),
        today=[
            {
                "language": names.get(call.language, call.language),
                "minutes": call.minutes,
                "outcome": said(calls.OUTCOMES[call.outcome]),
                "purpose": said(PURPOSES[call.purpose].name) if call.purpose in PURPOSES else "",
                "request": references.grouped(call.request) if call.request else "",
            }
            for call in today
        ],
    )


@blueprint.post("/staff/calls/new")
@open_to(*CALLERS)
def log_call() -> Response:
    with state().database.read() as connection:
        asked = call_questions(connection)
    typed = picking.sent(asked)
    found = picking.read(asked, typed)
    purpose, reference, problem = _about(found)
    problems = {**found.problems, **({"about": problem} if problem else {})}
    if problems:
        return _new_call(typed, problems, 422)
    call = NewCall(
        language=found.one("language"),
        minutes=int(found.one("minutes")),
        outcome=found.one("outcome"),
        purpose=purpose,
        request=reference,
    )
    try:
        closed = calls.log(state().database, state().ring, call, visit().person.reference)
    except NotNow:
        return _new_call(typed, {"about": Problem("about", NO_REQUEST)}, 422)
    return redirect(f"/staff/calls/new?logged={'closed' if closed else 'yes'}")


def _about(found: Picked) -> tuple[str | None, str | None, Problem | None]:
    """The purpose or the reference that was typed, or what is wrong with it."""
    words = found.one("about")
    if not words:
        return None, None, None
    reference = references.read(words)
    if reference:
        return None, reference, None
    wanted = folded(words)
    meant = [
        one.code
        for one in PURPOSES.values()
        if folded(said(one.name)).startswith(wanted) or one.code == wanted
    ]
    if len(meant) == 1:
        return meant[0], None, None
    return None, None, Problem("about", NO_PURPOSE)


# Managed without


def without_questions(connection: Connection) -> tuple[Question, ...]:
    """What may be said of once that an interpreter was missing. Nothing need be."""
    teams = {code: name for code, name, on in registers.every(connection, calls.TEAMS, ()) if on}
    team = Choice(key="team", text=_staff("Team"), options=picking.options(teams))
    return (
        picking.which_language(connection, needed=False),
        *picking.which_office(connection),
        *((team,) if teams else ()),
    )


@blueprint.get("/staff/managed-without")
@open_to(*OFFICE)
def without() -> Response:
    with state().database.read() as connection:
        asked = without_questions(connection)
    typed = {key: [code] for key, code in _place(asked).items()}
    return render(
        "interpreting/without_page.html",
        "staff/managed-without",
        fields=fields_of(asked, {}, typed, {}, heading=False),
        noted=request.args.get("noted") == "yes",
    )


@blueprint.post("/staff/managed-without")
@open_to(*OFFICE)
def count_without() -> Response:
    """Count it. Where it was is remembered in the browser, so that the next time one tap is enough."""
    with state().database.read() as connection:
        asked = without_questions(connection)
    found = picking.read(asked, picking.sent(asked))
    where: dict[str, str | None] = dict(_place(asked))
    where |= {key: found.one(key) for key in ("office", "language", "team") if found.one(key)}
    calls.without(state().database, where)
    response = redirect("/staff/managed-without?noted=yes")
    set_cookie(response, PLACE, f"{where.get('office') or ''}.{where.get('team') or ''}", A_YEAR)
    return response


def _place(asked: tuple[Question, ...]) -> dict[str, str]:
    """The office and team that this browser was told of, as far as there are such."""
    office, _, team = (cookie(PLACE) or "").partition(".")
    offered: dict[str, Any] = {question.key: question for question in asked}
    return {
        key: code
        for key, code in (("office", office), ("team", team))
        if key in offered and offered[key].option(code)
    }
