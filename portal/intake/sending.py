"""The end of a journey: every answer checked, one press that sends, the code until it is written down."""

from __future__ import annotations

from flask import Blueprint, Response, request

from portal import files
from portal.database import Busy
from portal.intake import submissions
from portal.intake.answers import NOT_ANSWERED, shown
from portal.intake.attaching import names_files
from portal.intake.drafts import Draft
from portal.intake.receipts import code_for, grouped
from portal.intake.steps import (
    BUSY,
    clear,
    cookie_of,
    form_at,
    life,
    message_page,
    next_place,
    open_draft,
    place,
    watched,
    wished,
    wished_language,
)
from portal.intake.submissions import Arrival, Result, said_of, submit
from portal.pages import cookie, drop_cookie, redirect, render, said, set_cookie, spoken, state
from portal.questions import Form, Notice, Question, Text
from portal.questions.messages import Message, _

blueprint = Blueprint("sending", __name__)

SENT_MINUTES = 15
"""How long the receipt code can be seen after sending."""

OPENED_TWICE = _("Your answers changed in another window. Please check them again before you send them.")


@blueprint.get("/<language>/<address>/check")
def check(language: str, address: str) -> Response:
    form = form_at(address)
    draft = open_draft(form)
    if draft is None:
        return redirect(f"/{language}/{address}")
    if form.next_page(draft.answers) or (form.private and draft.device is None):
        return redirect(next_place(form, draft))
    return check_page(form, draft)


def check_page(form: Form, draft: Draft, notice: Message | None = None, status: int = 200) -> Response:
    """Every answer, with a link that changes it."""
    numbers = {key: page.number for page in form.pages for key in page.keys}
    kept = form.kept(draft.answers)
    rows = [
        {
            "key": said(question.words(kept)[0]),
            "values": shown(question, found) or [said(NOT_ANSWERED)],
            "hidden": form.private and draft.shared and bool(found) and _is_words(question),
            "href": f"/{spoken().language.code}/{form.address}/{numbers[question.key]}",
        }
        for question, found in form.reached(draft.answers)
        if not isinstance(question, Notice)
    ]
    said_now = said_of(state().ring, state().drafts.token(draft.secret), form, draft.answers)
    return render(
        "intake/check.html",
        f"{form.address}/check",
        status,
        form=form,
        watch=watched(form, draft),
        rows=rows,
        said=said_now.hex(),
        back=form.page_before(None, draft.answers),
        notice=notice,
    )


def _is_words(question: Question) -> bool:
    """Whether the answer is the person's own words, or names somebody."""
    return question.personal or isinstance(question, Text)


@blueprint.post("/<language>/<address>/check")
def send(language: str, address: str) -> Response:
    form = form_at(address)
    wish = wished("send")
    if wish == "clear":
        return clear(form)
    if wish == "language":
        return redirect(f"/{wished_language()}/{address}/check")
    if wish == "talk":
        return redirect(f"/{language}/{address}/talk")
    secret = cookie(cookie_of(form))
    draft = open_draft(form)
    if draft is None:
        return _sent_already(form, secret)
    if wish == "stay":
        state().drafts.save(draft, life(form, draft))  # if another window was faster, that one has saved it
        return redirect(place(form, None))
    try:
        return _send(form, draft)
    except Busy:
        return check_page(form, draft, BUSY, 503)


def _send(form: Form, draft: Draft) -> Response:
    token = state().drafts.token(draft.secret)
    arrival = Arrival(
        form=form,
        answers=draft.answers,
        token=token,
        language=spoken().language.code,
        channel="web",
        collection=draft.collection,
        after=draft.after,
        outcome=draft.outcome,
        invitation=draft.invitation,
        replaces=bytes.fromhex(draft.replaces) if draft.replaces else None,
        draft=(state().drafts.row(draft.secret), draft.version),
        files_of=state().drafts.owner(draft.secret) if names_files(form, draft.answers) else "",
    )
    if not arrival.was_shown(state().ring, request.form.get("said", "")):
        unput = form.next_page(draft.answers)  # a list changed, and a member that was chosen is gone
        return redirect(place(form, unput)) if unput else check_page(form, draft, OPENED_TWICE, 409)
    result = submit(state().database, state().ring, arrival, state().receivers)
    if result is Result.STORED:
        if arrival.files_of:  # those whose question the other answers do not lead to
            files.delete_of(state().database, state().store, arrival.files_of)
        return _to_sent(form, token, draft.return_to, draft.collection)
    if result is Result.INVITATION_USED:
        state().drafts.drop(draft.secret)
        response = message_page(form, USED_TITLE, USED, 409)
        drop_cookie(response, cookie_of(form))
        return response
    now = open_draft(form)
    return check_page(form, now, OPENED_TWICE, 409) if now else _sent_already(form, draft.secret)


USED_TITLE = _("This invitation has already been used")
USED = _("Somebody has already answered with it. Nothing was stored a second time.")
SENT_BEFORE_TITLE = _("Your answers have already been sent")
SENT_BEFORE = _("They are stored once. You do not need to do anything.")


def _sent_already(form: Form, secret: str | None) -> Response:
    """A press on Send without a draft: the second of a double press, or an old page."""
    if secret and len(secret) <= 100:
        token = state().drafts.token(secret)
        before = submissions.sent_before(state().database, state().ring, token)
        if before is not None:
            if request.form.get("said") == before.hex():
                return _to_sent(form, token)
            return message_page(form, SENT_BEFORE_TITLE, SENT_BEFORE, 409)
    if state().ring.open_cookie("sent", cookie("sent")):
        return redirect(f"/{spoken().language.code}/{form.address}/sent")
    return redirect(f"/{spoken().language.code}/{form.address}")


def _to_sent(
    form: Form, token: bytes, return_to: str | None = None, collection: str | None = None
) -> Response:
    content = {
        "code": code_for(state().ring, token),
        "form": form.key,
        "return_to": return_to,
        "collection": collection,
    }
    response = redirect(f"/{spoken().language.code}/{form.address}/sent")
    set_cookie(response, "sent", state().ring.seal_cookie("sent", content, SENT_MINUTES), SENT_MINUTES)
    drop_cookie(response, cookie_of(form))
    return response


@blueprint.get("/<language>/<address>/sent")
def sent(language: str, address: str) -> Response:
    form = form_at(address)
    content = state().ring.open_cookie("sent", cookie("sent"))
    if not content or content["form"] != form.key:
        return message_page(form, GONE_TITLE, GONE)
    return render(
        "intake/sent.html",
        f"{address}/sent",
        form=form,
        groups=grouped(content["code"]),
        return_to=content["return_to"],
        minutes=SENT_MINUTES,
        then=offered_next(form, content["collection"]),
    )


def offered_next(form: Form, collection: str | None) -> str | None:
    """Where the form begins that is offered after this one.

    Only the place where we asked goes there too; after a private one not even that.
    """
    found = next((one for one in state().asked.values() if one.key == form.then), None)
    if found is None:
        return None
    start = f"/{spoken().language.code}/{found.address}"
    if form.private:
        return f"{start}/after/{form.address}"
    return f"{start}/at/{collection}" if collection else start


GONE_TITLE = _("Nothing is shown here any more")
GONE = _("If you sent your answers, they are stored. The code is shown only for a short time after sending.")
CLEARED_TITLE = _("Everything is cleared")
CLEARED = _("Nothing of what you typed is left on this device or with us, apart from what you have sent.")


@blueprint.post("/<language>/<address>/sent")
def written_down(language: str, address: str) -> Response:
    form = form_at(address)
    if wished("finish") == "language":
        return redirect(f"/{wished_language()}/{address}/sent")
    return clear(form)


@blueprint.get("/<language>/<address>/cleared")
def cleared(language: str, address: str) -> Response:
    return message_page(form_at(address), CLEARED_TITLE, CLEARED, rest=f"{address}/cleared")
