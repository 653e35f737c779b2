"""The web journey of any form: one question a page, check, send, sent. Works without JavaScript."""

from __future__ import annotations

import hmac
from typing import Any

from flask import Blueprint, Response, abort, current_app, request

from portal import clock
from portal.database import Busy
from portal.intake import drafts, submissions
from portal.intake.answers import NOT_ANSWERED, shown
from portal.intake.drafts import Draft, TypedPage
from portal.intake.receipts import code_for, grouped
from portal.intake.submissions import Arrival, Result, said_of, submit
from portal.languages import months
from portal.pages import cookie, drop_cookie, redirect, render, said, set_cookie, settings, spoken
from portal.questions import Answer, Answers, Choice, Date, Form, Notice, Page, Problem, Question, Reader
from portal.questions.messages import Message, _

blueprint = Blueprint("journey", __name__)

TRIES = 3
"""How often a save is tried again when another tab was faster."""
SENT_MINUTES = 15
"""How long the receipt code can be seen after sending."""

STALE = _("This page was open for a long time. Nothing is lost: check your answer and continue.")
BUSY = _("We could not save this just now. Nothing is lost: please press the button again.")
OPENED_TWICE = _("Your answers changed in another window. Please check them again before you send them.")


def state() -> Any:
    """What create_app wired together: database, key ring, drafts, forms."""
    return current_app.extensions["portal"]


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


def begin(form: Form, **origin: str | None) -> Response:
    """Start a draft for this browser and go to its first page."""
    draft = drafts.new(form.key, form.edition, **origin)
    state().drafts.drop(cookie(cookie_of(form)))
    state().drafts.add(draft, form.draft_idle)
    response = redirect(place(form, form.next_page({})))
    set_cookie(response, cookie_of(form), draft.secret)
    return response


def start_page(form: Form, rest: str, notice: Message | None = None, status: int = 200) -> Response:
    """The first page of a form; its button posts to the page's own address."""
    hours = int(form.draft_idle.total_seconds() // 3600)
    return render(
        "intake/start.html",
        rest,
        status,
        form=form,
        notice=notice,
        hours=hours,
        waiting=open_draft(form) is not None,
    )


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
    if not form.asked_on(page, draft.answers):
        return redirect(place(form, form.next_page(draft.answers)))
    return question_page(form, page, draft.answers, draft.typed.get(str(number)))


@blueprint.post("/<language>/<address>/<int:number>")
def answer(language: str, address: str, number: int) -> Response:
    form = form_at(address)
    page = form.page(number) or abort(404)
    wish = wished("next")
    if wish == "clear":
        return clear(form)
    try:
        return _take(form, page, wish)
    except Busy:
        return put_again(form, page, BUSY, 503)


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


def _take(form: Form, page: Page, wish: str) -> Response:
    """Save what was typed on a page and say where to go; again if another tab saved in between."""
    for _attempt in range(TRIES):
        draft = open_draft(form)
        fresh = draft is None
        if draft is None:
            draft = drafts.new(form.key, form.edition)
        questions = form.asked_on(page, draft.answers)
        if not questions:
            return redirect(place(form, form.next_page(draft.answers)))
        typed = typed_on(questions)
        problems: dict[str, Problem] = {}
        if wish in ("back", "language"):
            draft.typed[str(page.number)] = typed
        else:
            problems = _answered(form, draft, questions, {} if wish == "skip" else typed)
            if problems:
                return question_page(form, page, draft.answers, typed, problems, 422)
            draft.typed.pop(str(page.number), None)
        if fresh:
            state().drafts.add(draft, form.draft_idle)
        elif not state().drafts.save(draft, form.draft_idle):
            continue
        response = redirect(_next_place(form, page, draft.answers, wish))
        if fresh:
            set_cookie(response, cookie_of(form), draft.secret)
        return response
    raise Busy


def _answered(
    form: Form, draft: Draft, questions: tuple[Question, ...], typed: TypedPage
) -> dict[str, Problem]:
    """Put a page's answers into the draft; the problems, by question, if there are any."""
    problems: dict[str, Problem] = {}
    reader = Reader(months(spoken().language.code), clock.today())
    kept = form.kept(draft.answers)
    read: dict[str, Answer] = {}
    for question in questions:
        found = question.read(typed, {**kept, **read}, reader)
        if isinstance(found, Problem):
            problems[question.key] = found
        else:
            read[question.key] = found
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
    except Busy:
        draft = None
    answers = draft.answers if draft else {}
    questions = form.asked_on(page, answers) or tuple(
        question for question in form.questions if question.key in page.keys
    )
    return question_page(form, page, answers, typed_on(questions), status=status, notice=notice)


def question_page(
    form: Form,
    page: Page,
    answers: Answers,
    typed: TypedPage | None = None,
    problems: dict[str, Problem] | None = None,
    status: int = 200,
    notice: Message | None = None,
) -> Response:
    """One page of questions, with what was answered or typed before."""
    questions = [question for question in form.questions if question.key in page.keys]
    reached = form.asked_on(page, answers) or questions
    kept = form.kept(answers)
    problems = problems or {}
    fields: list[dict[str, Any]] = []
    for question in reached:
        text, hint = question.words(kept)
        values = typed if typed is not None else question.typed(kept.get(question.key, ()))
        problem = problems.get(question.key)
        fields.append(
            {
                "question": question,
                "first": not fields,
                "text": said(text),
                "hint": said(hint) if hint else "",
                "why": said(question.why) if question.why else "",
                "problem": problem,
                "error": said(problem.message) if problem else "",
                "values": {name: (values.get(name) or [""])[0] for name in question.fields},
                "options": _options(question, kept, values) if isinstance(question, Choice) else (),
                "parts": _parts(question, values, problem) if isinstance(question, Date) else (),
            }
        )
    return render(
        "intake/question.html",
        f"{form.address}/{page.number}",
        status,
        form=form,
        fields=fields,
        errors=[(_first_control(problem), said(problem.message)) for problem in problems.values()],
        notice=notice,
        skippable=all(question.required is None and not isinstance(question, Notice) for question in reached),
    )


def _first_control(problem: Problem) -> str:
    return f"#{problem.field}"


def _options(question: Choice, answers: Answers, values: TypedPage) -> list[dict[str, Any]]:
    options = question.shown(answers)
    several = [option for option in options if not option.alone]
    narrowed = len({option.parent for option in options if option.parent}) == 1
    chosen = values.get(question.key, ())
    divided = False
    shown_options = []
    for option in options:
        divider = option.alone and not divided and bool(several)
        divided = divided or divider
        shown_options.append(
            {
                "value": option.code,
                "text": said(option.text),
                "hint": said(option.hint) if option.hint else "",
                "heading": said(option.heading) if option.heading and not narrowed else "",
                "divider": said(OR) if divider else "",
                "checked": option.code in chosen,
                "exclusive": option.alone,
                "lang": "",
                "dir": "",
            }
        )
    return shown_options


OR = _("or")
PARTS = (
    ("day", _("Day"), 2, False),
    ("month", _("Month"), 5, True),
    ("year", _("Year"), 4, False),
)


def _parts(question: Date, values: TypedPage, problem: Problem | None) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "label": said(label),
            "value": (values.get(field) or [""])[0],
            "width": width,
            "wrong": problem is not None and problem.field in (field, question.fields[0]),
            "autocomplete": "",
            "text": words,
        }
        for (name, label, width, words), field in zip(PARTS, question.fields, strict=True)
    ]


@blueprint.get("/<language>/<address>/check")
def check(language: str, address: str) -> Response:
    form = form_at(address)
    draft = open_draft(form)
    if draft is None:
        return redirect(f"/{language}/{address}")
    unput = form.next_page(draft.answers)
    return redirect(place(form, unput)) if unput else check_page(form, draft)


def check_page(form: Form, draft: Draft, notice: Message | None = None, status: int = 200) -> Response:
    """Every answer, with a link that changes it."""
    numbers = {key: page.number for page in form.pages for key in page.keys}
    kept = form.kept(draft.answers)
    rows = [
        {
            "key": said(question.words(kept)[0]),
            "values": shown(question, found) or [said(NOT_ANSWERED)],
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
        rows=rows,
        said=said_now.hex(),
        invited=draft.invitation is not None,
        back=form.page_before(None, draft.answers),
        notice=notice,
    )


@blueprint.post("/<language>/<address>/check")
def send(language: str, address: str) -> Response:
    form = form_at(address)
    wish = wished("send")
    if wish == "clear":
        return clear(form)
    if wish == "language":
        return redirect(f"/{wished_language()}/{address}/check")
    secret = cookie(cookie_of(form))
    draft = open_draft(form)
    if draft is None:
        return _sent_already(form, secret)
    try:
        return _send(form, draft)
    except Busy:
        return check_page(form, draft, BUSY, 503)


def _send(form: Form, draft: Draft) -> Response:
    token = state().drafts.token(draft.secret)
    said_now = said_of(state().ring, token, form, draft.answers)
    if not hmac.compare_digest(
        request.form.get("said", "").encode("utf-8", "replace"), said_now.hex().encode()
    ):
        return check_page(form, draft, OPENED_TWICE, 409)
    arrival = Arrival(
        form=form,
        answers=draft.answers,
        token=token,
        language=spoken().language.code,
        channel="web",
        collection=draft.collection,
        invitation=draft.invitation,
        replaces=bytes.fromhex(draft.replaces) if draft.replaces else None,
        draft=(state().drafts.row(draft.secret), draft.version),
    )
    result = submit(state().database, state().ring, arrival)
    if result is Result.STORED:
        return _to_sent(form, token, draft.return_to)
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
                return _to_sent(form, token, None)
            return message_page(form, SENT_BEFORE_TITLE, SENT_BEFORE, 409)
    if state().ring.open_cookie("sent", cookie("sent")):
        return redirect(f"/{spoken().language.code}/{form.address}/sent")
    return redirect(f"/{spoken().language.code}/{form.address}")


def _to_sent(form: Form, token: bytes, return_to: str | None) -> Response:
    content = {"code": code_for(state().ring, token), "form": form.key, "return_to": return_to}
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
    )


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


def clear(form: Form) -> Response:
    """Finish and clear: the draft is deleted and the browser forgets its cookies."""
    state().drafts.drop(cookie(cookie_of(form)))
    response = redirect(f"/{spoken().language.code}/{form.address}/cleared")
    for name in (cookie_of(form), "sent", "reply", "invitation"):
        drop_cookie(response, name)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@blueprint.get("/<language>/<address>/cleared")
def cleared(language: str, address: str) -> Response:
    return message_page(form_at(address), CLEARED_TITLE, CLEARED, rest=f"{address}/cleared")


def message_page(form: Form, title: Message, text: Message, status: int = 200, rest: str = "") -> Response:
    """A page that only says something."""
    return render(
        "message.html", rest or form.address, status, title=said(title), texts=[said(text)], action=None
    )
