"""The one access guard: every page of the office says who may see it; for others it does not exist."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote

from flask import Flask, Response, abort, current_app, g, request

from portal import clock
from portal.accounts import signing_in
from portal.accounts.roles import WORDS, Role
from portal.accounts.signing_in import Visit
from portal.audit import Did, note_alone
from portal.pages import bind, cookie, redirect, render, said, state
from portal.questions.messages import Message

COOKIE = "signed-in"
GUARDED = frozenset({"staff", "interpreters"})
"""Beginnings of the addresses that nobody sees without signing in, unknown ones too."""
SAFE_PLACE = re.compile(r"/(staff|interpreters)(/[A-Za-z0-9][A-Za-z0-9_-]*)*")
"""Where signing in may lead: a path of ours, and nothing that a browser could take for another host."""


@dataclass(frozen=True, slots=True)
class Access:
    """Who may use a route, and whether they must have given their second factor lately."""

    roles: frozenset[Role]
    grave: bool = False
    label: Message | None = None
    """Its name in the list of places at the head of every page; without one it is not in the list."""


View = TypeVar("View", bound=Callable[..., Any])


def open_to(*roles: Role, grave: bool = False, label: Message | None = None) -> Callable[[View], View]:
    """Declares who may use a route. Stands directly above the function, under the route."""

    def declared(view: View) -> View:
        view.access = Access(frozenset(roles), grave, label)  # type: ignore[attr-defined]
        return view

    return declared


def access_of(app: Flask, endpoint: str | None) -> Access | None:
    """What a route has declared; None when it has declared nothing, so nobody may."""
    return getattr(app.view_functions.get(endpoint or ""), "access", None)


def visit() -> Visit:
    """The sign-in of this request. Only on guarded pages."""
    found: Visit = g.visit
    return found


def signed_in_now() -> Visit | None:
    """Who is signed in, on any page."""
    portal = state()
    return signing_in.look_up(portal.database, portal.ring, cookie(COOKIE))


def may(*roles: Role) -> bool:
    """Whether the person of this request holds one of the roles."""
    return not visit().person.roles.isdisjoint(roles)


def safe_place(place: str) -> str:
    """Where to go after signing in: the wished place if it is one of ours, else the person's first page."""
    return place if SAFE_PLACE.fullmatch(place) else "/staff"


def guard() -> Response | None:
    """Before anything else of a request: its language and its CSRF token are looked at later."""
    if request.path.split("/", 2)[1] not in GUARDED:
        return None
    found = signed_in_now()
    if found is None and request.method == "POST":  # what was typed is still in the browser's page
        bind()
        return render("accounts/signed_out.html", status=403)
    if found is None:
        return redirect(f"/sign-in?next={quote(safe_place(request.path))}")
    g.visit = found
    access = access_of(current_app, request.endpoint)
    if access is None:
        abort(404)
    if found.person.roles.isdisjoint(access.roles):
        _note_refusal(found.person.reference)
        abort(404)
    if access.grave and not found.proved_lately and request.method == "POST":
        bind()
        return render("accounts/prove_first.html", status=403)
    if access.grave and not found.proved_lately:
        return redirect(f"/staff/prove?next={quote(safe_place(request.path))}")
    return None


def _note_refusal(who: str) -> None:
    """That somebody asked for a page of others: by its name in the code, since its address may tell."""
    portal, detail = state(), {"endpoint": request.endpoint or ""}
    note_alone(portal.database, portal.ring, by=who, did=Did.REFUSED, what="page", detail=detail)


def places() -> list[tuple[str, str]]:
    """Where the person of this request may go from every page: addresses and names."""
    found = []
    for rule in current_app.url_map.iter_rules():
        access = access_of(current_app, rule.endpoint)
        if access and access.label and "GET" in (rule.methods or ()) and may(*access.roles):
            found.append((rule.rule, said(access.label)))
    return found


def time_of_day(moment: datetime) -> str:
    """The time in London, such as 14:32."""
    return f"{clock.in_london(moment):%H:%M}"


def role_names(roles: frozenset[Role]) -> list[str]:
    """The names of roles in the order in which they are listed."""
    return [said(WORDS[role][0]) for role in Role if role in roles]


def prepare(app: Flask) -> None:
    app.before_request(guard)
    app.jinja_env.globals.update(visit=visit, places=places, time_of_day=time_of_day, role_names=role_names)
