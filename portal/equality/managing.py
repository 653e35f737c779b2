"""Pages on which administrators manage the places where we ask, and everybody prints their codes."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, request
from sqlalchemy import Row

from portal.accounts.guard import may, open_to, visit
from portal.accounts.roles import Role
from portal.equality import collections
from portal.equality.collections import Typed, Unfit
from portal.pages import redirect, render, said, settings, state
from portal.qr import squares
from portal.questions.messages import Message, _staff

blueprint = Blueprint("collections", __name__)

KINDS: dict[str, Message] = {
    "service": _staff("A service"),
    "event": _staff("An event"),
    "survey": _staff("A survey"),
    "staff": _staff("Our own staff"),
}
LISTED = _staff("This collection is listed in portal.toml: change it there, it is read at each start")
FIELDS = ("name", "kind", "team", "outlet", "provider")


def listed(code: str) -> bool:
    """Whether portal.toml lists it, so that each start writes it again as it stands there."""
    return any(entry.code == code for entry in settings().collections)


@blueprint.get("/staff/collections")
@open_to(Role.ADMINISTRATOR, Role.SUPERVISOR, label=_staff("Collections"))
def everywhere() -> Response:
    return _everywhere({})


def _everywhere(problems: dict[str, Message], status: int = 200) -> Response:
    rows = collections.every(state().database)
    return render(
        "equality/collections.html",
        "staff/collections",
        status,
        rows=[{"row": row, "kind": said(KINDS[row.kind]), "listed": listed(row.code)} for row in rows],
        may_change=may(Role.ADMINISTRATOR),
        code_typed=request.form.get("code", ""),
        **_fields(_typed(), problems),
    )


@blueprint.post("/staff/collections")
@open_to(Role.ADMINISTRATOR)
def add() -> Response:
    code = request.form.get("code", "").strip()
    try:
        collections.add(state().database, state().ring, code, _typed(), visit().person.reference)
    except Unfit as error:
        return _everywhere(error.problems, 422)
    return redirect(f"/staff/collections/{code}")


@blueprint.get("/staff/collections/<code>")
@open_to(Role.ADMINISTRATOR, Role.SUPERVISOR)
def one(code: str) -> Response:
    row = _row(code)
    return _one(row, Typed(*(getattr(row, name) for name in FIELDS)), {})


@blueprint.post("/staff/collections/<code>")
@open_to(Role.ADMINISTRATOR)
def change(code: str) -> Response:
    row = _row(code)
    if listed(code):
        return _one(row, _typed(), {"main": LISTED}, 409)
    try:
        collections.change(state().database, state().ring, code, _typed(), visit().person.reference)
    except Unfit as error:
        return _one(row, _typed(), error.problems, 422)
    return redirect("/staff/collections")


@blueprint.post("/staff/collections/<code>/close")
@open_to(Role.ADMINISTRATOR)
def close(code: str) -> Response:
    return _set_active(code, False)


@blueprint.post("/staff/collections/<code>/reopen")
@open_to(Role.ADMINISTRATOR)
def reopen(code: str) -> Response:
    return _set_active(code, True)


def _set_active(code: str, on: bool) -> Response:
    row = _row(code)
    if listed(code):
        return _one(row, Typed(*(getattr(row, name) for name in FIELDS)), {"main": LISTED}, 409)
    collections.set_active(state().database, state().ring, code, on, visit().person.reference)
    return redirect(f"/staff/collections/{code}")


def _row(code: str) -> Row[Any]:
    return collections.find(state().database, code) or abort(404)


def _typed() -> Typed:
    return Typed(*(request.form.get(name, "") for name in FIELDS))


def _one(row: Row[Any], typed: Typed, problems: dict[str, Message], status: int = 200) -> Response:
    """One collection: the addresses that lead to it, as words and as QR codes, and what is kept of it."""
    first = settings().languages[0]
    leads = []
    for address, form in state().asked.items():
        place = settings().at(f"/{first}/{address}/at/{row.code}")
        width, path = squares(place)
        leads.append({"title": said(form.title), "place": place, "width": width, "path": path})
    return render(
        "equality/collection.html",
        f"staff/collections/{row.code}",
        status,
        row=row,
        kind=said(KINDS[row.kind]),
        leads=leads,
        listed=listed(row.code),
        may_change=may(Role.ADMINISTRATOR) and not listed(row.code),
        **_fields(typed, problems),
    )


def _fields(typed: Typed, problems: dict[str, Message]) -> dict[str, Any]:
    """What the form's fields show: what was typed, what is wrong, and the outlets there are already."""
    errors = {name: said(message) for name, message in problems.items()}
    rows = collections.every(state().database)
    return {
        "typed": typed,
        "errors": [(f"#{name}", text) for name, text in errors.items()],
        "texts": {name: errors.get(name, "") for name in ("code", *FIELDS)},
        "outlets": sorted({row.outlet for row in rows if row.outlet}),
        "kinds": [
            {"value": code, "text": said(name), "selected": code == typed.kind}
            for code, name in KINDS.items()
        ],
    }
