"""What every page of a journey needs: the form at an address, the browser's draft, the pressed button."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response, abort, request

from portal import clock, files
from portal.intake import drafts
from portal.intake.drafts import Draft
from portal.pages import cookie, drop_cookie, redirect, render, said, set_cookie, settings, spoken, state
from portal.questions import Answers, DefinitionError, Files, Form, Page
from portal.questions.messages import Message, _

STALE = _("This page was open for a long time. Nothing is lost: check your answer and continue.")
BUSY = _("We could not save this just now. Nothing is lost: please press the button again.")


def form_at(address: str) -> Form:
    """The form asked at an address, as this landlord uses it. 404 for an unknown one."""
    form: Form | None = state().asked.get(address)
    if form is None:
        abort(404)
    return form


def place(form: Form, page: Page | None) -> str:
    """The address of a page of the form; of the check page for None."""
    return f"/{spoken().language.code}/{form.address}/{page.number if page else 'check'}"


def cookie_of(form: Form) -> str:
    return f"draft-{form.address}"


def open_draft(form: Form) -> Draft | None:
    """The draft of this browser, if it has one of the edition that is asked now."""
    draft: Draft | None = state().drafts.load(cookie(cookie_of(form)))
    return draft if draft and (draft.form, draft.edition) == (form.key, form.edition) else None


def life(form: Form, draft: Draft) -> timedelta:
    """How long a draft lives from now if nobody goes on with it."""
    shared = form.private and draft.device is not None and draft.shared
    idle = form.draft_idle_shared if shared else form.draft_idle
    if form.draft_longest is None:
        return idle
    left = draft.began + form.draft_longest.total_seconds() - clock.seconds()
    return min(idle, timedelta(seconds=left))


def keep_cookie(response: Response, form: Form, draft: Draft) -> Response:
    """Give the browser the cookie of its draft. Another site that leads here does not bring a private one."""
    set_cookie(response, cookie_of(form), draft.secret, strict=form.private)
    return response


def watched(form: Form, draft: Draft | None) -> dict[str, Any]:
    """What the page of a private form says of its draft: when it ends. Of none, nothing."""
    if not form.private or draft is None:
        return {"ends": "", "seconds": 0, "shared": form.private}
    ends = clock.in_london(clock.moment(draft.ends))
    return {
        "ends": f"{ends:%H:%M}",
        "seconds": max(0, draft.ends - clock.seconds()),
        "shared": draft.shared,
    }


def forget_draft(form: Form) -> None:
    """Delete this browser's draft with the files attached to it."""
    secret = cookie(cookie_of(form))
    state().drafts.drop(secret)
    if secret and any(isinstance(question, Files) for question in form.questions):
        files.delete_of(state().database, state().store, state().drafts.owner(secret))


def posted_page() -> tuple[Form, Page] | None:
    """The page of questions that was posted; None if it was something else."""
    if request.endpoint != "journey.answer":
        return None
    arguments = request.view_args or {}
    form: Form | None = state().asked.get(arguments["address"])
    page = form and form.page(arguments["number"])
    return (form, page) if form and page else None


def begin(form: Form, answers: Answers | None = None, **origin: str | None) -> Response:
    """Start a draft for this browser, with answers that are there already, and go to its first page."""
    draft = drafts.new(form.key, form.edition, **origin)
    draft.answers.update(answers or {})
    forget_draft(form)
    state().drafts.add(draft, life(form, draft))
    return keep_cookie(redirect(next_place(form, draft)), form, draft)


def next_place(form: Form, draft: Draft) -> str:
    """Where a person goes on: first what is said before a private form, then the next question."""
    if form.private and draft.device is None:
        return f"/{spoken().language.code}/{form.address}/before"
    return place(form, form.next_page(draft.answers))


def page_put(form: Form, number: int) -> Page | None:
    """The page whose questions were posted; None when they are gone, 404 when there never was such a page.

    In a form with lists its first question says which it is: a change of a list moves the pages behind it.
    """
    here = form.page(number)
    key = request.form.get(PUT) if form.lists else None
    if key is None and here is None:
        abort(404)
    return here if key is None else form.page_of(key)


PUT = "put"
"""Field of a page of a form with lists: the first question on it."""
ANEW = "anew"
"""Field of a page whose draft is gone: pressing its button again begins another one."""
OUR_NAMES = frozenset(
    {"csrf_token", "go", PUT, ANEW, "said", "form", "main", "help", "languages", "ending", "device"}
)
"""Fields of a journey's pages that are not answers, and ids of their parts."""


def refuse_our_names(form: Form) -> None:
    """No question may have one of our own names. Raises DefinitionError."""
    for question in form.questions:
        if question.key in OUR_NAMES:
            raise DefinitionError(f"{form.key}: no question can be called {question.key!r} on the web")


SPEAK = "speak-"
"""Begins the value of a language's button. Not a field of its own: a question may be called language."""


def wished(otherwise: str) -> str:
    """What the pressed button asks for; a press of Enter presses none."""
    wish = request.form.get("go", otherwise)
    return "language" if wish.startswith(SPEAK) else wish


def wished_language() -> str:
    """The language that was pressed, if it is offered, else the one of the page."""
    code = request.form.get("go", "").removeprefix(SPEAK)
    return code if settings().language(code) else spoken().language.code


def clear(form: Form) -> Response:
    """Finish and clear: the draft is deleted and the browser forgets its cookies."""
    forget_draft(form)
    response = redirect(f"/{spoken().language.code}/{form.address}/cleared")
    for name in (cookie_of(form), "sent", "reply", "invitation"):
        drop_cookie(response, name)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def message_page(form: Form, title: Message, text: Message, status: int = 200, rest: str = "") -> Response:
    """A page that only says something."""
    return render(
        "message.html", rest or form.address, status, title=said(title), texts=[said(text)], office=False
    )
