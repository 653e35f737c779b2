"""Leaving in a hurry: what was typed is deleted, the browser forgets, and another site comes up."""

from __future__ import annotations

import logging

from flask import Blueprint, Response, current_app, request
from sqlalchemy.exc import DBAPIError

from portal.database import Busy
from portal.intake import reply
from portal.intake.steps import cookie_of, forget_draft
from portal.pages import drop_cookie, redirect, settings, state
from portal.questions import Form

blueprint = Blueprint("leaving", __name__)
log = logging.getLogger(__name__)

AHEAD = ("prefetch", "prerender", "preview")
ASKED_AHEAD = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
"""Headers in which browsers say that nobody has pressed the link yet."""
NEVER_MIND = 503
"""For what is fetched ahead: a browser throws it away and asks again when the link is pressed."""


@blueprint.get("/<language>/leave")
def leave(language: str) -> Response:
    """The way out, a plain link. From another site it only makes the browser forget; it deletes nothing."""
    if any(word in request.headers.get(name, "").lower() for name in ASKED_AHEAD for word in AHEAD):
        return Response(status=NEVER_MIND)
    response = redirect(settings().leave_for(language))
    from_here = request.headers.get("Sec-Fetch-Site")
    for form in state().asked.values():
        if from_here == "same-origin" or (from_here is None and form.private):
            _forget(form)
        drop_cookie(response, cookie_of(form))
    if from_here in ("same-origin", None):
        _forget_files()
    for name in ("sent", "reply", "invitation"):
        drop_cookie(response, name)
    if from_here in ("same-origin", None):
        response.delete_cookie(current_app.config["SESSION_COOKIE_NAME"], path="/", secure=settings().https)
        response.headers["Clear-Site-Data"] = '"cookies", "storage", "cache"'
    return response


def _forget_files() -> None:
    """Delete what was attached with a code and not sent."""
    try:
        reply.forget_files()
    except (Busy, DBAPIError) as error:
        log.warning("files were left for a sweep: %s", type(error).__name__)


def _forget(form: Form) -> None:
    """Delete the draft. Nothing keeps a person here: without its cookie nobody can open one that is left."""
    try:
        forget_draft(form)
    except (Busy, DBAPIError) as error:
        log.warning("a draft was left to end by itself: %s", type(error).__name__)
