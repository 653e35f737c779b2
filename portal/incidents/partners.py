"""Pages of what was agreed with the organisations that we may share with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, abort, request
from sqlalchemy import Row

from portal.accounts.guard import open_to, visit
from portal.accounts.roles import Role
from portal.incidents import agencies
from portal.incidents.agencies import ROUTES, Agreed
from portal.incidents.packs import TABLE, Tells
from portal.intake.asking import fields_of
from portal.interpreting import picking
from portal.pages import redirect, render, said, state
from portal.questions import Choice, Option, Problem, Question, Text
from portal.questions.messages import Message, _staff

blueprint = Blueprint("partners", __name__)

WHO = (Role.ADMINISTRATOR, Role.GOVERNANCE)
FASTER = _staff("Somebody else has just changed this. Look at it, and save again if it is still right.")
ALL: dict[Tells, Message] = {
    Tells.CODES: _staff("What was ticked"),
    Tells.OURS: _staff("What we write"),
    Tells.PERSON: _staff("Who the person is"),
    Tells.WORDS: _staff("The person’s own words"),
}
ASKED: tuple[Question, ...] = (
    Text(
        key="agreement",
        text=_staff("Reference of the sharing agreement"),
        required=_staff("Type the reference of the agreement: without one nothing is shared"),
        most=100,
    ),
    Choice(
        key="route",
        text=_staff("How it gets what we share"),
        required=_staff("Choose how it gets what we share"),
        options=tuple(Option(code, words) for code, words in ROUTES.items()),
    ),
    Text(
        key="address",
        text=_staff("Its safe mailbox"),
        hint=_staff("The link or the file goes there"),
        required=_staff("Type the address of its safe mailbox"),
        most=254,
    ),
    Text(
        key="phone",
        text=_staff("Phone number"),
        hint=_staff("The code or the password is told there, never in the mailbox"),
        required=_staff("Type the number on which it is told the code or the password"),
        most=30,
    ),
    Choice(
        key="fields",
        text=_staff("What it may receive at most"),
        hint=_staff("What the agreement names, and no more"),
        required=_staff("Choose what it may receive"),
        many=True,
        options=tuple(
            Option(field.value, part.text, heading=ALL[part.tells]) for field, part in TABLE.items()
        ),
    ),
)


@blueprint.get("/staff/agencies")
@open_to(*WHO, label=_staff("Sharing agreements"))
def everything() -> Response:
    """Every organisation of the list, with what was agreed."""
    with state().database.read() as connection:
        names, agreed = agencies.names(connection), agencies.every(connection)
    rows = [{"code": code, "name": name, "agreed": agreed.get(code)} for code, name in names.items()]
    return render("incidents/agencies.html", "staff/agencies", rows=rows)


@blueprint.get("/staff/agencies/<code>")
@open_to(*WHO)
def one(code: str) -> Response:
    return _one(code, None, {})


def _one(
    code: str,
    typed: dict[str, list[str]] | None,
    problems: Mapping[str, Problem],
    notice: Message | None = None,
    status: int = 200,
) -> Response:
    with state().database.read() as connection:
        name = agencies.names(connection).get(code) or abort(404)
        agreed = agencies.find(connection, code)
    return render(
        "incidents/agency.html",
        f"staff/agencies/{code}",
        status,
        agency=code,
        called=name,
        version=agreed.version if agreed else 0,
        fields=fields_of(ASKED, _kept(agreed), typed, dict(problems), heading=False),
        errors=picking.errors_of(problems),
        notice=said(notice) if notice else "",
    )


def _kept(agreed: Row[Any] | None) -> dict[str, tuple[str, ...]]:
    if agreed is None:
        return {}
    texts = {name: (getattr(agreed, name),) for name in ("agreement", "route", "address", "phone")}
    return {**texts, "fields": tuple(agreed.fields)}


@blueprint.post("/staff/agencies/<code>")
@open_to(*WHO)
def keep(code: str) -> Response:
    typed = picking.sent(ASKED)
    picked = picking.read(ASKED, typed)
    with state().database.read() as connection:
        if code not in agencies.names(connection):
            abort(404)
    if picked.problems:
        return _one(code, typed, picked.problems, status=422)
    agreed = Agreed(
        picked.one("agreement"),
        picked.one("route"),
        picked.one("address"),
        picked.one("phone"),
        agencies.fields_of(picked.answers["fields"]),
    )
    seen, who = request.form.get("seen", ""), visit().person.reference
    version = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else -1
    if not agencies.put(state().database, state().ring, code, agreed, version, who):
        return _one(code, typed, {}, FASTER, 409)
    return redirect("/staff/agencies")
