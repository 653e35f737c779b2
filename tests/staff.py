"""Somebody who works here, in a browser without JavaScript."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Flask

from portal.accounts import people, signing_in
from portal.accounts.guard import COOKIE
from portal.accounts.roles import Role
from portal.audit import OPERATOR
from tests.bookings import Desk
from tests.visitor import Visitor


class Colleague(Visitor):
    """A visitor who is signed in, with an account of these roles. How people sign in is tested by itself."""

    def __init__(self, app: Flask, *roles: Role, name: str = "", address: str = "198.51.100.7") -> None:
        super().__init__(app, address)
        portal = app.extensions["portal"]
        self.app = app
        self.roles = roles
        called = name or "-".join(role.value for role in roles)
        self.email = f"{called.lower().replace(' ', '.')}@example.org"
        self.reference = people.add(portal.database, portal.ring, self.email, called, roles, OPERATOR)
        self.secret = ""
        self.come_in()

    def come_in(self) -> None:
        """A fresh sign-in, its second factor just given."""
        portal = self.app.extensions["portal"]
        self.secret = signing_in.start(portal.database, portal.ring, self.reference)
        name = f"__Host-{COOKIE}" if portal.settings.https else COOKIE
        self.client.set_cookie(name, self.secret, domain=portal.settings.host, secure=portal.settings.https)


def everybody(app: Flask) -> Iterable[Colleague]:
    """One colleague for each role."""
    return [Colleague(app, role) for role in Role]


def pages_of(colleague: Colleague) -> list[str]:
    """The addresses of pages of the office, where there are a collection "repairs" and a list "offices".

    Those about cases are in tests/caseload.py.
    """
    return [
        *("/staff", "/staff/find?reference=x", "/staff/people", f"/staff/people/{colleague.reference}"),
        *("/staff/me", "/staff/me/password", "/staff/me/codes", "/staff/prove", "/staff/audit"),
        *("/staff/audit?about=x", "/staff/collections", "/staff/collections/repairs", "/staff/nothing"),
        *("/staff/paper-in", "/staff/differences", "/staff/keying-errors", "/staff/practice"),
        *("/staff/paper-out", "/staff/for-someone"),
        *("/staff/registers", "/staff/registers/offices", "/staff/registers/offices/north"),
        "/staff/point",
        "/staff/timesheets",
        *("/staff/rota", "/staff/rota/now", "/staff/rota/now?language=urdu", "/staff/rota/now?language=qq"),
        *("/staff/rota/gaps", "/staff/calls/new", "/staff/managed-without", "/staff/interpreting/providers"),
        "/staff/documents",
        "/staff/needs",
        "/staff/messages",
        *("/staff/interpreting", "/staff/interpreting/calendar", "/staff/interpreting/help"),
        "/staff/interpreters",
    ]


class Own(Colleague):
    """An interpreter in a browser without JavaScript; `id` is the interpreter's."""

    def __init__(
        self, app: Flask, desk: Desk, *codes: str, name: str = "Nasreen", listed: bool = True, **changes: Any
    ) -> None:
        super().__init__(app, Role.INTERPRETER, name=name)
        self.id = desk.interpreter(*(codes or ("phr",)), account=self.reference, **changes) if listed else 0
        self.booking = ""

    def accepts(self, desk: Desk, **changes: Any) -> str:
        """A request is made, offered to them and accepted; gives its reference."""
        request, offered = desk.ready(self.id, **changes)
        self.open(f"/interpreters/offers/{offered[self.id]}").press("Accept")
        self.booking = self.path.rpartition("/")[2]
        assert self.path.startswith("/interpreters/bookings/"), self.text
        return request

    def token(self) -> str:
        """What a form of theirs carries."""
        if not hasattr(self, "soup"):
            self.open("/interpreters")
        field = self.soup.select_one("input[name=csrf_token]")
        assert field is not None
        return str(field["value"])

    def pages(self) -> list[str]:
        """The addresses of their pages, with whatever is offered and booked."""
        home = self.open("/interpreters")
        found = [str(link["href"]) for link in home.soup.select(".p-choices a")]
        booked = [f"{one}/print" for one in found if "/bookings/" in one]
        return ["/interpreters", "/interpreters/times", "/interpreters/calendar", *found, *booked]
