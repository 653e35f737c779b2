"""Where a poster, a link or another system's invitation leads."""

from __future__ import annotations

from flask import Blueprint, Response, abort

from portal.equality.collections import name_of
from portal.equality.invitations import InvitationError, read
from portal.intake.journey import start_page
from portal.intake.steps import begin, form_at, message_page
from portal.pages import cookie, drop_cookie, redirect, set_cookie, settings, state
from portal.questions.messages import _

blueprint = Blueprint("equality", __name__)

ABOUT = _("These questions are asked for: %(name)s")
NOT_USABLE_TITLE = _("This invitation cannot be used")
NOT_USABLE = _("It may be mistyped or too old. You can answer without it: nothing else is different.")
INVITED = _(
    "You were invited by a service. It can know that you were invited, "
    "but it never gets your answers, and your answers do not hold your name."
)
MINUTES = 60


@blueprint.get("/<language>/<address>/at/<collection>")
def at(language: str, address: str, collection: str) -> Response:
    form = form_at(address)
    name = name_of(state().database, collection) or abort(404)
    return start_page(form, f"{address}/at/{collection}", ABOUT.with_values(name=name))


@blueprint.post("/<language>/<address>/at/<collection>")
def begin_at(language: str, address: str, collection: str) -> Response:
    form = form_at(address)
    if name_of(state().database, collection) is None:
        abort(404)
    return begin(form, collection=collection)


@blueprint.get("/<language>/<address>/with/<invitation>")
def swap(language: str, address: str, invitation: str) -> Response:
    """Swap the link for a cookie, so that it stays in no history. Looking at it does not use it up."""
    form = form_at(address)
    try:
        read(state().ring, settings(), invitation)
    except InvitationError:
        return message_page(form, NOT_USABLE_TITLE, NOT_USABLE, 404)
    response = redirect(f"/{language}/{address}/invited")
    content = {"link": invitation}
    set_cookie(response, "invitation", state().ring.seal_cookie("invitation", content, MINUTES), MINUTES)
    return response


@blueprint.get("/<language>/<address>/invited")
def invited(language: str, address: str) -> Response:
    form = form_at(address)
    if state().ring.open_cookie("invitation", cookie("invitation")) is None:
        return redirect(f"/{language}/{address}")
    return start_page(form, f"{address}/invited", INVITED)


@blueprint.post("/<language>/<address>/invited")
def begin_invited(language: str, address: str) -> Response:
    form = form_at(address)
    content = state().ring.open_cookie("invitation", cookie("invitation"))
    if content is None:
        return redirect(f"/{language}/{address}")
    try:
        invitation = read(state().ring, settings(), content["link"])
    except InvitationError:
        return message_page(form, NOT_USABLE_TITLE, NOT_USABLE, 404)
    response = begin(
        form,
        collection=invitation.collection,
        invitation=invitation.token,
        return_to=invitation.return_to or None,
    )
    drop_cookie(response, "invitation")
    return response
