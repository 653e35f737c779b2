"""Pages on which administrators keep the lists that forms name: offices, agencies, languages."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request

from portal import registers
from portal.accounts.guard import open_to, visit
from portal.accounts.roles import Role
from portal.interpreting.calls import TEAMS
from portal.interpreting.panels import PANELS
from portal.interpreting.planning import PROVIDERS
from portal.pages import redirect, render, said, state
from portal.questions.messages import Message, _staff
from portal.registers import Given, Line, Unfit

blueprint = Blueprint("lists", __name__)

KEPT: dict[str, Given] = {PANELS: (), TEAMS: (), PROVIDERS: ()}
"""Lists that no form names."""


@blueprint.get("/staff/registers")
@open_to(Role.ADMINISTRATOR, label=_staff("Lists"))
def everything() -> Response:
    """The lists that forms name."""
    lists = {**state().following.given, **KEPT}
    with state().database.read() as connection:
        found = registers.members(connection, lists)
    rows = [
        {
            "register": name,
            "offered": sum(active for _option, active in found[name]),
            "forms": [form.title for form in state().asked.values() if name in form.lists],
        }
        for name in lists
    ]
    return render("staff/lists.html", "staff/registers", rows=rows)


@blueprint.get("/staff/registers/<register>")
@open_to(Role.ADMINISTRATOR)
def one(register: str) -> Response:
    return _one(register, None)


def _one(register: str, problem: Message | None, status: int = 200) -> Response:
    lines = _lines(register)
    return render(
        "staff/list.html",
        f"staff/registers/{register}",
        status,
        register=register,
        named=register not in KEPT,
        offered=[line for line in lines if line[2]],
        others=[line for line in lines if not line[2]],
        typed=request.form.get("name", ""),
        error=said(problem) if problem else "",
    )


@blueprint.post("/staff/registers/<register>")
@open_to(Role.ADMINISTRATOR)
def add(register: str) -> Response:
    carried, name = _given(register), request.form.get("name", "")
    who = visit().person.reference
    try:
        registers.add(state().database, state().ring, register, carried, name, who, _also(register))
    except Unfit as error:
        return _one(register, error.why, 422)
    return _changed(f"/staff/registers/{register}")


@blueprint.get("/staff/registers/<register>/<member>")
@open_to(Role.ADMINISTRATOR)
def member(register: str, member: str) -> Response:
    return _member(register, member, None)


def _member(register: str, code: str, problem: Message | None, status: int = 200) -> Response:
    lines = _lines(register)
    line = _line(lines, code)
    offered = [one for one, _name, active in lines if active]
    return render(
        "staff/member.html",
        f"staff/registers/{register}/{code}",
        status,
        register=register,
        member=line,
        is_panel=register == PANELS,
        place=offered.index(code) + 1 if code in offered else 0,
        last=len(offered),
        typed=request.form.get("name", line[1]),
        error=said(problem) if problem else "",
    )


@blueprint.post("/staff/registers/<register>/<member>")
@open_to(Role.ADMINISTRATOR)
def rename(register: str, member: str) -> Response:
    carried, name = _there(register, member), request.form.get("name", "")
    who = visit().person.reference
    try:
        registers.rename(
            state().database, state().ring, register, carried, member, name, who, _also(register)
        )
    except Unfit as error:
        return _member(register, member, error.why, 422)
    return _changed(f"/staff/registers/{register}")


@blueprint.post("/staff/registers/<register>/<member>/move")
@open_to(Role.ADMINISTRATOR)
def move(register: str, member: str) -> Response:
    by = {"up": -1, "down": 1}.get(request.form.get("go", "")) or abort(404)
    carried, who = _there(register, member), visit().person.reference
    registers.move(state().database, state().ring, register, carried, member, by, who)
    return _changed(f"/staff/registers/{register}/{member}")


@blueprint.post("/staff/registers/<register>/<member>/use")
@open_to(Role.ADMINISTRATOR)
def use(register: str, member: str) -> Response:
    """Out of use, or back into it."""
    on = {"out": False, "back": True}.get(request.form.get("go", ""))
    if on is None:
        abort(404)
    carried, who = _there(register, member), visit().person.reference
    registers.set_active(state().database, state().ring, register, carried, member, on, who)
    return _changed(f"/staff/registers/{register}/{member}")


def _changed(place: str) -> Response:
    """To the page that shows the change; this process looks at once, others within seconds."""
    state().following.look_again()
    return redirect(place)


def _given(register: str) -> Given:
    """What the definition carries of a list. 404 for one that is none."""
    given: dict[str, Given] = {**state().following.given, **KEPT}
    return given[register] if register in given else abort(404)


def _also(register: str) -> Given:
    """What questions offer beside its members: no member may look like it."""
    also: dict[str, Given] = state().following.also
    return also.get(register, ())


def _there(register: str, code: str) -> Given:
    """The same. 404 for a member that is not in the list."""
    _line(_lines(register), code)
    return _given(register)


def _lines(register: str) -> list[Line]:
    carried = _given(register)
    with state().database.read() as connection:
        return registers.every(connection, register, carried)


def _line(lines: list[Line], code: str) -> Line:
    return next((line for line in lines if line[0] == code), None) or abort(404)
