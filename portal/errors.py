"""Our own pages for what goes wrong: what happened, what to do, in the person's language."""

from __future__ import annotations

import logging

from flask import Flask, Response, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed

from portal.database import Busy
from portal.intake import attaching, journey, sending, steps
from portal.intake.steps import posted_page
from portal.logs import places
from portal.pages import OFFICE, bind, render, said, state
from portal.questions.messages import Message, _

log = logging.getLogger("portal")

AGAIN = _("Go back, and try again. If it happens again, please call us.")
NOT_LOST = _("What you typed is still in the page before: go back in your browser.")

PAGES: dict[int, tuple[Message, tuple[Message, ...]]] = {
    400: (_("We could not understand what your browser sent"), (AGAIN,)),
    403: (_("You may not see this page"), (_("If you think that you should, please call us."),)),
    404: (
        _("We cannot find this page"),
        (_("If you typed the address, check it. The start page leads to everything there is."),),
    ),
    405: (_("This page cannot be used in this way"), (_("Please begin at the start page."),)),
    409: (_("Something changed in the meantime"), (AGAIN,)),
    413: (_("What you sent is too long"), (NOT_LOST, _("Make it shorter, and send it again."))),
    422: (_("We could not use what was sent"), (AGAIN,)),
    429: (_("Too many tries"), (_("Please wait 15 minutes and try again, or call us."),)),
    500: (
        _("Something went wrong on our side"),
        (_("What you did on this page may not be saved. What you sent before is safe."), AGAIN),
    ),
    503: (
        _("We cannot do this just now"),
        (_("Please try again in a minute. What you sent before is safe."), NOT_LOST),
    ),
}


def error_page(status: int) -> Response:
    """The page of an error, in the language of the address if it has one."""
    bind()
    title, texts = PAGES.get(status, PAGES[500] if status >= 500 else PAGES[400])
    office = request.path.split("/", 2)[1] in OFFICE
    words = [said(text) for text in texts]
    return render("message.html", status=status, title=said(title), texts=words, office=office)


def known(error: HTTPException) -> Response:
    """An error that somebody raised on purpose."""
    status = error.code or 500
    posted = posted_page() if status == 413 and attaching.page_asks_for_files() else None
    if posted:
        bind()
        return journey.too_much(*posted)
    page = error_page(status)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        page.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return page


def stale(error: CSRFError) -> Response:
    """A page that was open longer than its cookie: it comes again, with what was typed on it."""
    bind()
    posted = posted_page()
    if posted:
        return journey.put_again(*posted, steps.STALE, 400)
    if request.endpoint == "sending.send":
        form = state().asked.get((request.view_args or {})["address"])
        draft = form and steps.open_draft(form)
        if form and draft:
            return sending.check_page(form, draft, steps.STALE, 400)
    return error_page(400)


def busy(error: Exception) -> Response:
    """The database is locked or away: nothing was stored."""
    note("unavailable", type(error).__name__)
    bind()
    posted = posted_page()
    page = journey.put_again(*posted, steps.BUSY, 503) if posted else error_page(503)
    page.headers["Retry-After"] = "10"
    return page


def unforeseen(error: Exception) -> Response:
    """Anything else. The log gets the kind of error and the place in the code, never its words."""
    note("error", type(error).__name__, places(error))
    return error_page(InternalServerError.code)


def note(event: str, kind: str, places: list[str] | None = None) -> None:
    log.error(event, extra={"kind": kind, "endpoint": request.endpoint, "places": places or []})


def prepare(app: Flask) -> None:
    app.register_error_handler(CSRFError, stale)
    app.register_error_handler(HTTPException, known)
    app.register_error_handler(Busy, busy)
    app.register_error_handler(DBAPIError, busy)
    app.register_error_handler(Exception, unforeseen)
