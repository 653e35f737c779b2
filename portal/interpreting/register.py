"""Pages on which coordinators keep the people who interpret: who they are, which languages they have."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, abort, request
from sqlalchemy import Row

from portal import clock, references
from portal.accounts.guard import open_to, visit
from portal.accounts.roles import Role
from portal.forms.interpreter import HOW
from portal.forms.talking import GENDER
from portal.intake.asking import fields_of
from portal.interpreting import desk, interpreters, planning, steps
from portal.interpreting.interpreters import Unfit
from portal.interpreting.showing import Names
from portal.interpreting.steps import one as only
from portal.pages import redirect, render, said, state
from portal.questions import Answer, Answers, Choice, Date, Number, Option, Problem, Question, Text
from portal.questions.messages import Message, _staff

blueprint = Blueprint("register", __name__)

PAGE = "/staff/interpreters"
KINDS = (
    Option("staff", _staff("Works here")),
    Option("bank", _staff("From our bank")),
    Option("provider", _staff("Sent by a provider")),
)
LEVELS = (
    Option("registered", _staff("Registered professional")),
    Option("qualified", _staff("Qualified")),
    Option("trained", _staff("Trained")),
    Option("trainee", _staff("In training")),
)
AREA = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?")
NO_AREA = _staff("Type the first half of a postcode, such as DE1")
NOT_BOTH = _staff("Choose the provider only for who is sent by one")
WAYS = tuple(option for option in HOW.known if option.code not in ("phone_now", "any"))


def questions(providers: tuple[Option, ...]) -> tuple[Question, ...]:
    """What is kept of somebody who interprets."""
    whose = Choice(key="provider", text=_staff("Which provider"), options=(Option("none", NONE), *providers))
    return (
        Text(
            key="name",
            text=_staff("Name"),
            hint=_staff("The first name, or how they want to be called: the person who asked is told it"),
            required=_staff("Type a name"),
            most=100,
        ),
        Text(key="badge", text=_staff("Number on the photo badge"), most=20),
        Choice(
            key="gender", text=_staff("Gender"), required=_staff("Choose the gender"), options=GENDER.known
        ),
        Choice(
            key="kind", text=_staff("Who they are"), required=_staff("Choose who they are"), options=KINDS
        ),
        *((whose,) if providers else ()),
        Text(
            key="email",
            text=_staff("Email address of their account"),
            hint=_staff("Only for who signs in here. The account has the role of an interpreter."),
            most=254,
        ),
        Text(
            key="area",
            text=_staff("First half of the postcode where they live"),
            hint=_staff("For example DE1. Nobody is sent to a neighbour."),
            most=5,
        ),
        Choice(
            key="modes",
            text=_staff("How they work"),
            required=_staff("Choose how they work"),
            many=True,
            options=WAYS,
        ),
        Number(
            key="travel",
            text=_staff("Minutes to come, and to go"),
            hint=_staff("Kept free before and after a visit"),
            required=_staff("Type how many minutes they travel; 0 for none"),
            most=240,
        ),
        Date(key="cleared", text=_staff("DBS certificate or clearance until"), hint=OPTIONAL),
        Choice(
            key="active",
            text=_staff("In use"),
            required=_staff("Choose whether they can be asked"),
            options=(Option("yes", _staff("Yes")), Option("no", _staff("No: out of use"))),
        ),
    )


NONE, OPTIONAL = _staff("None"), _staff("Leave it empty where there is none")


def language_questions(languages: tuple[Option, ...]) -> tuple[Question, ...]:
    """What is kept of a language in which somebody works."""
    return (
        Choice(
            key="code",
            text=_staff("Language"),
            required=_staff("Choose the language"),
            options=languages,
        ),
        Choice(
            key="level",
            text=_staff("Qualification"),
            required=_staff("Choose the qualification"),
            options=LEVELS,
        ),
        Text(
            key="register",
            text=_staff("Professional register"),
            hint=_staff("Such as NRPSI or NRCPD"),
            most=20,
        ),
        Text(key="number", text=_staff("Number there"), most=30),
        Date(key="until", text=_staff("Registered until"), hint=OPTIONAL),
        Text(key="dialects", text=_staff("Dialects and home areas"), most=200),
    )


@blueprint.get(PAGE)
@open_to(Role.COORDINATOR, label=_staff("Interpreters"))
def everybody() -> Response:
    return _everybody({"active": ("yes",)}, None, {})


def _everybody(
    answers: dict[str, Answer],
    typed: dict[str, list[str]] | None,
    problems: dict[str, Problem],
    status: int = 200,
) -> Response:
    names, kinds = Names(desk.form()), {option.code: said(option.text) for option in KINDS}
    with state().database.read() as connection:
        found, asked = interpreters.every(connection), questions(planning.providers(connection))
    return render(
        "interpreting/interpreters.html",
        PAGE[1:],
        status,
        rows=[
            {
                "row": row,
                "kind": kinds[row.kind],
                "languages": [names.language(one.code) for one in languages],
                "ends": ends.isoformat() if ends else "",
                "hurry": interpreters.ends_soon(ends),
            }
            for row, languages, ends in found
        ],
        fields=fields_of(asked, answers, typed, problems, heading=False),
        errors=_errors(problems),
    )


def _errors(problems: dict[str, Problem]) -> list[tuple[str, str]]:
    return [(f"#{problem.field}", said(problem.message)) for problem in problems.values()]


@blueprint.post(PAGE)
@open_to(Role.COORDINATOR)
def add() -> Response:
    typed, answers, problems = _read()
    if not problems:
        reference, problem = _kept(None, answers)
        if problem is None:
            return redirect(f"{PAGE}/{reference}")
        problems = {"email": Problem("email", problem)}
    return _everybody({}, typed, problems, 422)


def _read() -> tuple[dict[str, list[str]], dict[str, Answer], dict[str, Problem]]:
    with state().database.read() as connection:
        asked = questions(planning.providers(connection))
    typed = {name: request.form.getlist(name) for question in asked for name in question.fields}
    answers, problems = steps.read(asked, typed)
    area = only(answers, "area").upper()
    if area and not AREA.fullmatch(area):
        problems["area"] = Problem("area", NO_AREA)
    if only(answers, "provider") not in ("", "none") and only(answers, "kind") != "provider":
        problems["provider"] = Problem("provider", NOT_BOTH)
    return typed, answers, problems


def _kept(reference: str | None, answers: Answers) -> tuple[str, Message | None]:
    """Keep what was typed; gives the reference, or what is wrong with the account."""
    cleared, provider = only(answers, "cleared"), only(answers, "provider")
    columns = {
        "name": only(answers, "name"),
        "badge": only(answers, "badge") or None,
        "gender": only(answers, "gender"),
        "kind": only(answers, "kind"),
        "provider": provider if provider not in ("", "none") else None,
        "active": only(answers, "active") == "yes",
        "area": only(answers, "area").upper() or None,
        "modes": list(answers.get("modes", ())),
        "travel": int(only(answers, "travel")),
        "cleared_until": clock.day(cleared) if cleared else None,
    }
    portal, who = state(), visit().person.reference
    try:
        email = only(answers, "email")
        return interpreters.keep(portal.database, portal.ring, reference, columns, email, who), None
    except Unfit as error:
        return "", error.why


def _row(reference: str) -> Row[Any]:
    if references.read(reference) != reference:
        abort(404)
    with state().database.read() as connection:
        return interpreters.find(connection, reference) or abort(404)


@blueprint.get(f"{PAGE}/<reference>")
@open_to(Role.COORDINATOR)
def one(reference: str) -> Response:
    return _one(_row(reference))


def _one(
    row: Row[Any],
    typed: dict[str, list[str]] | None = None,
    problems: dict[str, Problem] | None = None,
    language: dict[str, list[str]] | None = None,
    status: int = 200,
) -> Response:
    wrong, names = problems or {}, Names(desk.form())
    levels = {option.code: said(option.text) for option in LEVELS}
    with state().database.read() as connection:
        spoken = interpreters.languages_of(connection, row.id)
        answers = _answers(row, interpreters.email_of(connection, row.account))
        asked, asked_of_language = _both(connection)
    return render(
        "interpreting/interpreter.html",
        f"{PAGE[1:]}/{row.reference}",
        status,
        row=row,
        spoken=[
            {
                "code": one.code,
                "name": names.language(one.code),
                "level": levels[one.level],
                "number": " ".join(words for words in (one.register, one.number) if words),
                "until": one.until.isoformat() if one.until else "",
                "hurry": interpreters.ends_soon(one.until),
                "dialects": one.dialects,
            }
            for one in spoken
        ],
        fields=fields_of(asked, answers, typed, wrong, heading=False),
        of_language=fields_of(asked_of_language, {}, language, wrong, heading=False),
        errors=_errors(wrong),
    )


def _both(connection: Any) -> tuple[tuple[Question, ...], tuple[Question, ...]]:
    return questions(planning.providers(connection)), language_questions(desk.languages(connection))


def _answers(row: Row[Any], email: str) -> dict[str, Answer]:
    """What is kept of somebody, as answers."""
    found = {
        "name": row.name,
        "badge": row.badge,
        "gender": row.gender,
        "kind": row.kind,
        "provider": row.provider or "none",
        "email": email,
        "area": row.area,
        "travel": str(row.travel),
        "cleared": row.cleared_until.isoformat() if row.cleared_until else "",
        "active": "yes" if row.active else "no",
    }
    answers: dict[str, Answer] = {key: (value,) if value else () for key, value in found.items()}
    return answers | {"modes": tuple(row.modes)}


@blueprint.post(f"{PAGE}/<reference>")
@open_to(Role.COORDINATOR)
def change(reference: str) -> Response:
    row = _row(reference)
    typed, answers, problems = _read()
    if not problems:
        _same, problem = _kept(reference, answers)
        if problem is None:
            return redirect(PAGE)
        problems = {"email": Problem("email", problem)}
    return _one(row, typed, problems, status=422)


@blueprint.post(f"{PAGE}/<reference>/languages")
@open_to(Role.COORDINATOR)
def languages(reference: str) -> Response:
    """A language more, or the same one with other words; `remove` takes one away."""
    row, portal, who = _row(reference), state(), visit().person.reference
    if gone := request.form.get("remove"):
        with portal.database.read() as connection:
            known = {one.code for one in interpreters.languages_of(connection, row.id)}
        if gone not in known:
            abort(404)
        interpreters.keep_language(portal.database, portal.ring, row, gone, None, who)
        return redirect(f"{PAGE}/{reference}")
    with portal.database.read() as connection:
        asked = language_questions(desk.languages(connection))
    typed = {name: request.form.getlist(name) for question in asked for name in question.fields}
    answers, problems = steps.read(asked, typed)
    if problems:
        return _one(row, problems=problems, language=typed, status=422)
    until = only(answers, "until")
    columns = {
        "level": only(answers, "level"),
        "register": only(answers, "register") or None,
        "number": only(answers, "number") or None,
        "until": clock.day(until) if until else None,
        "dialects": only(answers, "dialects"),
    }
    interpreters.keep_language(portal.database, portal.ring, row, only(answers, "code"), columns, who)
    return redirect(f"{PAGE}/{reference}")
