"""How an organisation opens what we share with it: by a link, and a code that it was told by phone.

The link is swapped for a cookie, so that it stays in no history. Looking uses nothing up: link and code do,
together, once; then this browser can read for half an hour, unless the person takes the yes back.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy import Row, update

from portal import audit, clock, references, throttles
from portal.audit import Did
from portal.database import Database
from portal.incidents import disclosures, links
from portal.incidents.consents import held
from portal.incidents.disclosures import FEEDBACK
from portal.incidents.moving import NotNow
from portal.incidents.shared import Disclosure
from portal.incidents.words import Erased
from portal.pages import cookie, drop_cookie, redirect, render, said, set_cookie, state
from portal.questions.messages import Message, _staff
from portal.sealing import KeyRing

blueprint = Blueprint("collecting", __name__)

AGENCY = "agency"
"""What the log calls whoever opens a link."""
COOKIE = "handover"
MINUTES = links.MINUTES_TO_READ
"""How long a browser can go on: from link to code, and from code to having read it."""
WRONG = _staff("This is not the code that belongs to the link. After 5 wrong ones the link is dead.")
THANKS = _staff("Thank you")
NOTED = _staff("We have noted that you have it. You can close this page.")


def take(database: Database, ring: KeyRing, secret: str, typed: str) -> str | None:
    """Use a link up with its code; gives the reference of what it opens.

    None when it opens nothing: the code is wrong, somebody was faster, it is too late, or the yes is gone.
    """
    with database.read() as connection:
        found = links.find(connection, ring, secret)
    if found is None:
        return None
    with database.write() as connection:
        try:
            case = held(connection, found.report)
        except NotNow:
            return None  # just being merged: the link still leads somewhere
        row = disclosures.find(connection, found.reference)
        if row is None or not disclosures.still_allowed(connection, row):
            return None
        if not links.use(connection, ring, secret, typed):
            return None
        first = (Disclosure.reference == row.reference, Disclosure.opened.is_(None))
        connection.execute(update(Disclosure).where(*first).values(opened=clock.seconds()))
        detail = {"disclosure": row.reference, "agency": row.agency}
        what = f"case disclosure {case.reference}"
        audit.note(connection, ring, by=AGENCY, did=Did.USED, what=what, detail=detail)
    return str(found.reference)


@blueprint.get("/handover/with/<secret>")
def swap(secret: str) -> Response:
    """Swap the link for a cookie. One that leads nowhere is the same page, whatever the reason."""
    with state().database.read() as connection:
        found = links.find(connection, state().ring, secret)
    if found is None:  # only what is wrong is counted: guesses shut out nobody who has a right one
        allowed = throttles.attempt(state().database, "handover", request.remote_addr or "").allowed
        return gone(404 if allowed else 429)
    response = redirect("/handover")
    _remember(response, {"link": secret})
    return response


def _remember(response: Response, content: dict[str, str]) -> None:
    set_cookie(response, COOKIE, state().ring.seal_cookie(COOKIE, content, MINUTES), MINUTES)


def _kept(name: str) -> str:
    """What this browser's cookie holds under a name; empty words for nothing."""
    content: dict[str, Any] | None = state().ring.open_cookie(COOKIE, cookie(COOKIE))
    return str((content or {}).get(name, ""))


def gone(status: int = 404) -> Response:
    """The one page of everything that leads nowhere."""
    return render("incidents/handover_gone.html", "handover", status)


@blueprint.get("/handover")
def ask() -> Response:
    return _ask(None)


def _ask(problem: Message | None, status: int = 200) -> Response:
    with state().database.read() as connection:
        if links.find(connection, state().ring, _kept("link")) is None:
            return gone()
    error = said(problem) if problem else ""
    return render("incidents/handover.html", "handover", status, error=error)


@blueprint.post("/handover")
def enter() -> Response:
    """The code: with the link it opens what was shared, once."""
    taken = take(state().database, state().ring, _kept("link"), request.form.get("code", "")[:40])
    if taken is None:
        return _ask(WRONG, 422)
    response = redirect("/handover/pack")
    _remember(response, {"opened": taken})
    return response


def _opened() -> Row[Any] | None:
    """What this browser has opened, as long as what allowed it still does."""
    reference = _kept("opened")
    if not reference:
        return None
    with state().database.read() as connection:
        row = disclosures.find(connection, reference)
        return row if row is not None and disclosures.still_allowed(connection, row) else None


@blueprint.get("/handover/pack")
def pack() -> Response:
    """What was shared. That it is looked at is noted before it is opened."""
    row = _opened()
    if row is None:
        return gone()
    detail = {"disclosure": row.reference, "agency": row.agency}
    what = f"case disclosure {row.case}"
    audit.note_alone(state().database, state().ring, by=AGENCY, did=Did.VIEWED, what=what, detail=detail)
    try:
        with state().database.read() as connection:
            found = disclosures.opened(connection, state().ring, row)
    except Erased:
        return gone()
    return render(
        "incidents/handover_pack.html",
        "handover/pack",
        reference=references.grouped(row.reference),
        lines=[line for part in found for line in part["lines"]],
        options=[{"value": "", "text": "–", "selected": True}]
        + [{"value": code, "text": said(words), "selected": False} for code, words in FEEDBACK.items()],
    )


@blueprint.post("/handover/pack")
def received() -> Response:
    """The organisation says that it has it and, if it likes, what it does about it."""
    row = _opened()
    if row is None:
        return gone()
    database, ring = state().database, state().ring
    code, words = request.form.get("outcome", ""), request.form.get("words", "").strip()[:2000]
    try:
        if row.acknowledged is None:
            disclosures.mark(database, ring, row.reference, "acknowledged", AGENCY)
        if code in FEEDBACK or words:
            told = code if code in FEEDBACK else "other"
            disclosures.note_feedback(database, ring, row.reference, told, words, AGENCY)
    except (NotNow, Erased):
        return gone()
    response = redirect("/handover/thanks")
    drop_cookie(response, COOKIE)
    return response


@blueprint.get("/handover/thanks")
def thanks() -> Response:
    title, texts = said(THANKS), [said(NOTED)]
    return render("incidents/handover_thanks.html", "handover/thanks", title=title, texts=texts)
