"""The web journey of any form: one question a page. Works without JavaScript."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, request
from sqlalchemy.exc import DBAPIError

from portal import clock
from portal.database import Busy
from portal.intake import drafts
from portal.intake.asking import question_page
from portal.intake.attaching import ALTOGETHER, REMOVE, Uploads, forget
from portal.intake.beforehand import NOT_SAID
from portal.intake.drafts import Draft, TypedPage
from portal.intake.steps import (
    ANEW,
    BUSY,
    begin,
    clear,
    form_at,
    keep_cookie,
    life,
    next_place,
    open_draft,
    page_put,
    place,
    wished,
    wished_language,
)
from portal.languages import months
from portal.pages import redirect, render, render_once, spoken, state
from portal.questions import Answers, Files, Form, Page, Problem, Question, Reader, read_all
from portal.questions.messages import Message, _

blueprint = Blueprint("journey", __name__)

TRIES = 3
"""How often a save is tried again when another tab was faster."""


BEGIN_ANEW = _(
    "Your earlier answers are deleted, because this page was open for a long time. What you wrote on this "
    "page is still here. To begin again with it, press “Continue”."
)


def start_page(form: Form, rest: str, notice: Message | None = None) -> Response:
    """The first page of a form; its button posts to the page's own address."""
    values: dict[str, Any] = {
        "form": form,
        "notice": notice,
        "hours": int((form.draft_longest or form.draft_idle).total_seconds() // 3600),
        "minutes": int(form.draft_idle.total_seconds() // 60),
        "minutes_shared": int(form.draft_idle_shared.total_seconds() // 60),
        "waiting": not form.private and open_draft(form) is not None,
    }
    if notice is None and not values["waiting"]:
        return render_once("intake/start.html", rest, (), lambda: values)
    return render("intake/start.html", rest, **values)


@blueprint.get("/<language>/<address>")
def start(language: str, address: str) -> Response:
    return start_page(form_at(address), address)


@blueprint.post("/<language>/<address>")
def start_now(language: str, address: str) -> Response:
    return begin(form_at(address))


@blueprint.get("/<language>/<address>/<int:number>")
def question(language: str, address: str, number: int) -> Response:
    form = form_at(address)
    page = form.page(number) or abort(404)
    draft = open_draft(form)
    if draft is None:
        return redirect(f"/{language}/{address}")
    questions = form.asked_on(page, draft.answers)
    if not questions or (form.private and draft.device is None):
        return redirect(next_place(form, draft))
    return question_page(form, page, questions, draft.answers, draft.typed_on(number, questions), draft=draft)


@blueprint.post("/<language>/<address>/<int:number>")
def answer(language: str, address: str, number: int) -> Response:
    form = form_at(address)
    wish = wished("next")
    if wish == "clear":
        return clear(form)
    page = page_put(form, number)
    if page is None:
        draft = open_draft(form)
        return redirect(place(form, form.next_page(draft.answers if draft else {})))
    try:
        return _take(form, page, wish)
    except Busy:
        return put_again(form, page, BUSY, 503)


def _take(form: Form, page: Page, wish: str) -> Response:
    """Save what was typed on a page and say where to go; again if another tab saved in between."""
    uploads = Uploads()
    begun = drafts.new(form.key, form.edition)
    for _attempt in range(TRIES):
        draft = open_draft(form) or begun
        fresh = draft is begun
        if fresh and form.private:
            return _anew(form, page)
        questions = form.asked_on(page, draft.answers)
        if not questions:
            return redirect(next_place(form, draft))
        typed = typed_on(questions)
        with_files = any(isinstance(question, Files) for question in questions)
        if with_files and fresh:  # files belong to a draft that is there
            state().drafts.add(draft, life(form, draft))
        if with_files and wish != "skip":
            uploads.into(draft, questions, typed, wish)
        problems = uploads.problems or _noted(form, page, draft, questions, typed, wish)
        if problems:
            stored = None if fresh and not with_files else draft
            response = question_page(form, page, questions, draft.answers, typed, problems, 422, draft=stored)
            return keep_cookie(response, form, draft) if with_files and fresh else response
        if fresh and not with_files:
            state().drafts.add(draft, life(form, draft))
        elif not state().drafts.save(draft, life(form, draft)):
            begun = drafts.new(form.key, form.edition) if fresh else begun
            continue
        if wish == "skip":
            forget(draft, questions)
        response = redirect(_next_place(form, page, draft.answers, wish))
        return keep_cookie(response, form, draft) if fresh else response
    raise Busy


def _anew(form: Form, page: Page) -> Response:
    """A private page whose draft is gone. Only a second press begins another one: somebody may have left.

    What was typed on the page stands there again when the new draft comes to it.
    """
    if not request.form.get(ANEW):
        return put_again(form, page, BEGIN_ANEW, 409)
    draft = drafts.new(form.key, form.edition, device=NOT_SAID)
    words = tuple(question for question in _all_on(form, page) if not isinstance(question, Files))
    draft.typed[str(page.number)] = typed_on(words)
    state().drafts.add(draft, life(form, draft))
    return keep_cookie(redirect(next_place(form, draft)), form, draft)


def _all_on(form: Form, page: Page) -> tuple[Question, ...]:
    return tuple(question for question in form.questions if question.key in page.keys)


def _stays(wish: str) -> bool:
    """Whether the pressed button leads back to its own page."""
    return wish in ("attach", "stay") or wish.startswith(REMOVE)


def _noted(
    form: Form, page: Page, draft: Draft, questions: tuple[Question, ...], typed: TypedPage, wish: str
) -> dict[str, Problem]:
    """Put what was typed into the draft: as answers, or as it is for somebody who comes back to the page.

    The problems, by question, if there are any.
    """
    if wish in ("back", "language", "talk") or _stays(wish):
        draft.typed[str(page.number)] = typed
        return {}
    problems = _answered(form, draft, questions, {} if wish == "skip" else typed)
    if not problems:
        draft.typed.pop(str(page.number), None)
    return problems


def _answered(
    form: Form, draft: Draft, questions: tuple[Question, ...], typed: TypedPage
) -> dict[str, Problem]:
    """Put a page's answers into the draft; the problems, by question, if there are any."""
    reader = Reader(months(spoken().language.code), clock.today(), moment=clock.moment_of)
    read, problems = read_all(questions, typed, form.kept(draft.answers), reader)
    if not problems:
        draft.answers.update(read)
    return problems


def _next_place(form: Form, page: Page, answers: Answers, wish: str) -> str:
    if wish == "back":
        before = form.page_before(page, answers)
        first = f"/{spoken().language.code}/{form.address}{'/device' if form.private else ''}"
        return place(form, before) if before else first
    if _stays(wish):
        return place(form, page)
    if wish == "talk":
        return f"/{spoken().language.code}/{form.address}/talk/{page.number}"
    if wish == "language":
        return f"/{wished_language()}/{form.address}/{page.number}"
    return place(form, form.next_page(answers))


def typed_on(questions: tuple[Question, ...]) -> TypedPage:
    """What the browser sent for these questions, as it was typed."""
    return {name: request.form.getlist(name) for question in questions for name in question.fields}


def put_again(form: Form, page: Page, notice: Message, status: int) -> Response:
    """The page that was posted, once more, with what was typed on it and a word why."""
    try:
        draft = open_draft(form)
    except (Busy, DBAPIError):  # the page comes again even when the database is away
        draft = None
    answers = draft.answers if draft else {}
    questions = form.asked_on(page, answers) or _all_on(form, page)
    if not questions:  # a page that this landlord leaves out
        return redirect(place(form, form.next_page(answers)))
    typed = typed_on(questions)
    if form.private and draft is None and status != 503:
        notice = BEGIN_ANEW
    return question_page(form, page, questions, answers, typed, status=status, notice=notice, draft=draft)


def too_much(form: Form, page: Page) -> Response:
    """The page once more, when all that it sent together was too much to be read."""
    draft = open_draft(form)
    answers = draft.answers if draft else {}
    questions = form.asked_on(page, answers)
    if not questions:
        return redirect(place(form, form.next_page(answers)))
    problems = {one.key: Problem(one.key, ALTOGETHER) for one in questions if isinstance(one, Files)}
    typed = draft.typed_on(page.number, questions) if draft else None
    return question_page(form, page, questions, answers, typed, problems, 413, draft=draft)
