"""Pages on which administrators manage the people who work here."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from flask import Blueprint, Response, abort, request

from portal.accounts import people, signing_in
from portal.accounts.guard import open_to, role_names, visit
from portal.accounts.people import PeopleError, Person
from portal.accounts.roles import WORDS, Role
from portal.pages import redirect, render, said, settings, state
from portal.questions.messages import _staff

blueprint = Blueprint("managing", __name__)


@blueprint.get("/staff/people")
@open_to(Role.ADMINISTRATOR, grave=True, label=_staff("People"))
def everybody() -> Response:
    return _everybody(None)


def _everybody(problem: PeopleError | None, status: int = 200) -> Response:
    rows = [
        {"person": person, "roles": ", ".join(role_names(person.roles))}
        for person in people.everybody(state().database)
    ]
    return render(
        "accounts/people.html",
        "staff/people",
        status,
        rows=rows,
        options=_options(frozenset(_chosen())),
        typed={name: request.form.get(name, "") for name in ("email", "name")},
        **_errors(problem),
    )


def _errors(problem: PeopleError | None) -> dict[str, Any]:
    """What is wrong, for the summary of errors and for the field that it is about."""
    if problem is None:
        return {"errors": [], "texts": defaultdict(str)}
    words = said(problem.message)
    return {"errors": [(f"#{problem.field}", words)], "texts": defaultdict(str, {problem.field: words})}


@blueprint.post("/staff/people")
@open_to(Role.ADMINISTRATOR, grave=True)
def add() -> Response:
    try:
        who = people.add(
            state().database,
            state().ring,
            request.form.get("email", ""),
            request.form.get("name", ""),
            _chosen(),
            visit().person.reference,
        )
    except PeopleError as error:
        return _everybody(error, 422)
    return redirect(f"/staff/people/{who}")


@blueprint.get("/staff/people/<who>")
@open_to(Role.ADMINISTRATOR, grave=True)
def one(who: str) -> Response:
    return _one(_person(who))


@blueprint.post("/staff/people/<who>")
@open_to(Role.ADMINISTRATOR, grave=True)
def change(who: str) -> Response:
    person = _person(who)
    try:
        people.change(
            state().database,
            state().ring,
            who,
            name=request.form.get("name", ""),
            roles=_chosen(),
            active=request.form.get("active") == "yes",
            by=visit().person.reference,
        )
    except PeopleError as error:
        return _one(person, error, 422)
    return redirect("/staff/people")


@blueprint.post("/staff/people/<who>/link")
@open_to(Role.ADMINISTRATOR, grave=True)
def make_link(who: str) -> Response:
    """A one-time link, shown on this page only: give it to the person yourself."""
    person = _person(who)
    gives = "everything" if request.form.get("gives") == "everything" else "password"
    if not person.has_second_factor:
        gives = "everything"
    secret = people.make_link(state().database, state().ring, who, gives, visit().person.reference)
    return _one(person, link=settings().at(f"/sign-in/with/{secret}"))


@blueprint.post("/staff/people/<who>/sign-out")
@open_to(Role.ADMINISTRATOR, grave=True)
def sign_out(who: str) -> Response:
    person = _person(who)
    signing_in.end_everywhere(state().database, state().ring, person.reference, visit().person.reference)
    return redirect(f"/staff/people/{who}")


def _person(who: str) -> Person:
    with state().database.read() as connection:
        return people.find(connection, who) or abort(404)


def _one(person: Person, problem: PeopleError | None = None, status: int = 200, link: str = "") -> Response:
    posted = status == 422
    return render(
        "accounts/person.html",
        f"staff/people/{person.reference}",
        status,
        person=person,
        called=request.form.get("name", "") if posted else person.name,
        active=request.form.get("active") == "yes" if posted else person.active,
        options=_options(frozenset(_chosen()) if posted else person.roles),
        link=link,
        hours=people.LINK_HOURS,
        **_errors(problem),
    )


def _chosen() -> list[Role]:
    """The roles that were ticked; what is no role is none."""
    known = {role.value for role in Role}
    return [Role(code) for code in request.form.getlist("roles") if code in known]


def _options(chosen: frozenset[Role]) -> list[dict[str, object]]:
    return [
        {
            "value": role.value,
            "text": said(name),
            "hint": said(what),
            "heading": "",
            "divider": "",
            "checked": role in chosen,
            "exclusive": False,
            "lang": "",
            "dir": "",
        }
        for role, (name, what) in WORDS.items()
    ]
