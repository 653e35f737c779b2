"""An anonymous form that is asked after a private one: it keeps its month and which one that was."""

from __future__ import annotations

from flask import Blueprint, Response, abort

from portal.intake.journey import start_page
from portal.intake.steps import begin, form_at
from portal.pages import state
from portal.questions import Form

blueprint = Blueprint("afterwards", __name__)


def asked_after(address: str, private: str) -> tuple[Form, Form]:
    """The form at an address and the private one that offers it; 404 for another pair."""
    form, before = form_at(address), state().asked.get(private)
    if before is None or not before.private or before.then != form.key:
        abort(404)
    return form, before


@blueprint.get("/<language>/<address>/after/<private>")
def after(language: str, address: str, private: str) -> Response:
    form, _before = asked_after(address, private)
    return start_page(form, f"{address}/after/{private}")


@blueprint.post("/<language>/<address>/after/<private>")
def begin_after(language: str, address: str, private: str) -> Response:
    form, before = asked_after(address, private)
    return begin(form, after=before.key)
