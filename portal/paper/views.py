"""The page that a browser prints: the sheet's questions, for who has a printer and for screen readers."""

from __future__ import annotations

from flask import Blueprint, Response, abort, current_app

from portal.pages import render_once
from portal.paper.printed import printed

blueprint = Blueprint("paper", __name__)


@blueprint.get("/<language>/<address>/print")
def page(language: str, address: str) -> Response:
    """A form as this landlord uses it, to be filled in with a pen. 404 for an unknown address."""
    form = current_app.extensions["portal"].asked.get(address) or abort(404)
    return render_once(
        "paper/page.html",
        f"{address}/print",
        form.members,
        lambda: {"form": form, "questions": printed(form)},
    )
