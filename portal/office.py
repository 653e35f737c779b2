"""The first page of people who work here: what waits for them, and one box that finds any reference."""

from __future__ import annotations

from flask import Blueprint, Response, request

from portal import references
from portal.accounts.guard import may, open_to, places
from portal.accounts.roles import OFFICE, Role
from portal.pages import redirect, render, said
from portal.questions.messages import _staff

blueprint = Blueprint("office", __name__)

NO_REFERENCE = _staff("Type a reference: 9 letters and digits, as they stand on the paper or the screen")
NOTHING_FOUND = _staff("Nothing with this reference is open to you")


@blueprint.get("/staff")
@open_to(*Role, label=_staff("Home"))
def home() -> Response:
    """The office's first page; who does not work there is led to the first of their own."""
    if not may(*OFFICE):
        return redirect(next((place for place, _name in places() if place != "/staff"), "/staff/me"))
    return render("staff/home.html", "staff", typed="", error="")


@blueprint.get("/staff/find")
@open_to(*OFFICE)
def find() -> Response:
    """Go to whatever has this reference."""
    typed = request.args.get("reference", "")
    error = NOTHING_FOUND if references.read(typed) else NO_REFERENCE
    return render("staff/home.html", "staff", 404, typed=typed, error=said(error))
