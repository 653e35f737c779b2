"""The first page of people who work here: what waits for them, and one box that finds any reference."""

from __future__ import annotations

from flask import Blueprint, Response, request

from portal import references
from portal.accounts.guard import open_to
from portal.accounts.roles import OFFICE
from portal.pages import render, said
from portal.questions.messages import _staff

blueprint = Blueprint("office", __name__)

NO_REFERENCE = _staff("Type a reference: 9 letters and digits, as they stand on the paper or the screen")
NOTHING_FOUND = _staff("Nothing with this reference is open to you")


@blueprint.get("/staff")
@open_to(*OFFICE, label=_staff("Home"))
def home() -> Response:
    return render("staff/home.html", "staff", typed="", error="")


@blueprint.get("/staff/find")
@open_to(*OFFICE)
def find() -> Response:
    """Go to whatever has this reference."""
    typed = request.args.get("reference", "")
    error = NOTHING_FOUND if references.read(typed) else NO_REFERENCE
    return render("staff/home.html", "staff", 404, typed=typed, error=said(error))
