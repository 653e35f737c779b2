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
from portal.intake.drafts import Draft, TypedPage
from portal.intake.steps import (
    BUSY,
    begin,
    clear,
    cookie_of,
    form_at,
    open_draft,
    page_put,
    place,
    wished,
    wished_language,
)
from portal.languages import months
from portal.pages import redirect, render, render_once, set_cookie, spoken, state
from portal.questions import Answers, Files, Form, Page, Problem, Question, Reader, read_all
from portal.questions.messages import Message

blueprint = Blueprint("journey", __name__)

TRIES = 3
"""How often a save is tried again when another tab was faster."""


def start_page(form: Form, rest: str, notice: Message | None = None) -> Response:
    """The first page of a form; its button posts to the page's own address."""
    values: dict[str, Any] = {
        "form": form,
        "notice": notice,
        "minutes": int(form.draft_idle.total_seconds() // 60),
        "waiting": open_draft(form) is not None,
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
    if not questions:
        return redirect(place(form, form.next_page(draft.answers)))
    return question_page(form, page, questions, draft.answers, draft.typed_on(number, questions))


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
        questions = form.asked_on(page, draft.answers)
        if not questions:
            return redirect(place(form, form.next_page(draft.answers)))
        typed = typed_on(questions)
        stays = wish == "attach" or wish.startswith(REMOVE)
        with_files = any(isinstance(question, Files) for question in questions)
        if with_files and fresh:  # files belong to a draft that is there
            state().drafts.add(draft, form.draft_idle)
        if with_files and wish != "skip":
            uploads.into(draft, questions, typed, wish)
        problems = uploads.problems
        if wish in ("back", "language") or stays:
            draft.typed[str(page.number)] = typed
        elif not problems:
            problems = _answered(form, draft, questions, {} if wish == "skip" else typed)
            if not problems:
                draft.typed.pop(str(page.number), None)
        if problems:
            response = question_page(form, page, questions, draft.answers, typed, problems, 422)
            return _with_cookie(response, form, draft) if with_files and fresh else response
        if fresh and not with_files:
            state().drafts.add(draft, form.draft_idle)
        elif not state().drafts.save(draft, form.draft_idle):
            begun = drafts.new(form.key, form.edition) if fresh else begun
            continue
        if wish == "skip":
            forget(draft, questions)
        response = redirect(place(form, page) if stays else _next_place(form, page, draft.answers, wish))
        return _with_cookie(response, form, draft) if fresh else response
    raise Busy


def _with_cookie(response: Response, form: Form, draft: Draft) -> Response:
    set_cookie(response, cookie_of(form), draft.secret)
    return response


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
        return place(form, before) if before else f"/{spoken().language.code}/{form.address}"
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
    questions = form.asked_on(page, answers) or tuple(
        question for question in form.questions if question.key in page.keys
    )
    if not questions:  # a page that this landlord leaves out
        return redirect(place(form, form.next_page(answers)))
    return question_page(form, page, questions, answers, typed_on(questions), status=status, notice=notice)


def too_much(form: Form, page: Page) -> Response:
    """The page once more, when all that it sent together was too much to be read."""
    draft = open_draft(form)
    answers = draft.answers if draft else {}
    questions = form.asked_on(page, answers)
    if not questions:
        return redirect(place(form, form.next_page(answers)))
    problems = {one.key: Problem(one.key, ALTOGETHER) for one in questions if isinstance(one, Files)}
    typed = draft.typed_on(page.number, questions) if draft else None
    return question_page(form, page, questions, answers, typed, problems, 413)
