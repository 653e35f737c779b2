"""Phone and counter: somebody who works here fills in a form for a person, in the person's language.

Each page gives the words to read aloud beside the English ones. The draft is the same as on the web, and it
joins the one way in; what is recorded besides is the channel and that a member of staff helped.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, request

from portal import clock
from portal.accounts.guard import open_to, visit
from portal.accounts.roles import Role
from portal.database import Busy
from portal.equality import collections
from portal.intake import drafts
from portal.intake.answers import shown
from portal.intake.asking import fields_of, skippable
from portal.intake.drafts import Draft, TypedPage
from portal.intake.journey import typed_on
from portal.intake.receipts import code_for, grouped
from portal.intake.steps import page_put
from portal.intake.submissions import Arrival, Result, said_of, submit
from portal.languages import LANGUAGES, months, say
from portal.pages import (
    bind,
    cookie,
    drop_cookie,
    plain_options,
    redirect,
    render,
    said,
    set_cookie,
    settings,
    state,
)
from portal.questions import Choice, Form, Notice, Page, Problem, Question, Reader, read_all
from portal.questions.messages import Message, _staff

blueprint = Blueprint("helping", __name__)

HELPERS = (Role.FRONTLINE, Role.SUPERVISOR)
COOKIE = "helping"
CHANNELS = {"phone": _staff("By phone"), "outreach": _staff("At the counter, or where the person is")}
"""How the person is here; the codes are stored."""
CHOOSE_ALL = _staff("Choose the form, the language and how the person is here")
ASK_FIRST = _staff("Read the words aloud first, and tick that the person agrees")
CHANGED = _staff("The answers changed in another window. Check them again before you send them")
NOT_NOW = _staff("This could not be saved just now. Nothing is lost: press the button again")
SENT_MINUTES = 15


def open_places() -> list[tuple[str, str]]:
    """Where we ask now: codes and names."""
    return [(one.code, one.name) for one in collections.every(state().database) if one.active]


def open_draft() -> tuple[Form, Draft]:
    """The form that this browser fills in for somebody; 404 when there is none."""
    draft: Draft | None = state().drafts.load(cookie(COOKIE))
    if draft is None or draft.helper != visit().person.reference:
        abort(404)
    form = next((one for one in state().asked.values() if one.key == draft.form), None)
    if form is None or form.edition != draft.edition:
        abort(404)
    return _aloud(form), draft


def place(form: Form, answers: Any) -> str:
    page = form.next_page(answers)
    return f"/staff/for-someone/{page.number if page else 'check'}"


@blueprint.get("/staff/for-someone")
@open_to(*HELPERS, label=_staff("Phone and counter"))
def choose() -> Response:
    return _choose({"language": request.args.get("language", "")}, None)


def _choose(typed: dict[str, str], problem: Message | None, status: int = 200) -> Response:
    waiting = state().drafts.load(cookie(COOKIE))
    return render(
        "helping/choose.html",
        "staff/for-someone",
        status,
        error=said(problem) if problem else "",
        forms=plain_options(
            [(form.address, form.title.english) for form in _forms()],
            [typed.get("form", "")],
        ),
        languages=[
            {"value": code, "text": LANGUAGES[code].english, "selected": code == typed.get("language")}
            for code in settings().languages
        ],
        channels=plain_options(
            [(code, said(text)) for code, text in CHANNELS.items()], [typed.get("channel", "")]
        ),
        collections=[
            {"value": code, "text": name, "selected": code == typed.get("collection")}
            for code, name in [("", "–"), *open_places()]
        ],
        waiting=bool(waiting and waiting.helper == visit().person.reference),
    )


def _forms() -> list[Form]:
    return [_aloud(form) for form in state().asked.values()]


def _aloud(form: Form) -> Form:
    """What can be asked by word of mouth, with what only staff answer: files come in another way."""
    return form.here(form.wording, form.registers, office=True, files=False)


@blueprint.post("/staff/for-someone")
@open_to(*HELPERS)
def script() -> Response:
    """The words to read aloud before anything is asked."""
    typed = {name: request.form.get(name, "") for name in ("form", "language", "channel", "collection")}
    form = next((one for one in _forms() if one.address == typed["form"]), None)
    if form is None or typed["language"] not in settings().languages or typed["channel"] not in CHANNELS:
        return _choose(typed, CHOOSE_ALL, 422)
    known = {code for code, _name in open_places()}
    if typed["collection"] and typed["collection"] not in known:
        abort(404)
    if request.form.get("go") != "begin":
        return _script(form, typed)
    if request.form.get("agrees") != "yes":
        return _script(form, typed, ASK_FIRST, 422)
    state().drafts.drop(cookie(COOKIE))
    draft = drafts.new(
        form.key,
        form.edition,
        language=typed["language"],
        channel=typed["channel"],
        helper=visit().person.reference,
        collection=typed["collection"] or None,
    )
    state().drafts.add(draft, form.draft_idle)
    response = redirect(place(form, {}))
    set_cookie(response, COOKIE, draft.secret)
    return response


def _script(form: Form, typed: dict[str, str], problem: Message | None = None, status: int = 200) -> Response:
    code = typed["language"]
    return render(
        "helping/script.html",
        "staff/for-someone",
        status,
        form=form,
        typed=typed,
        own=LANGUAGES[code],
        texts=[(say(text, code), text.english) for text in (form.title, *form.intro)],
        error=said(problem) if problem else "",
    )


@blueprint.get("/staff/for-someone/<int:number>")
@open_to(*HELPERS)
def question(number: int) -> Response:
    form, draft = open_draft()
    page = form.page(number) or abort(404)
    questions = form.asked_on(page, draft.answers)
    if not questions:
        return redirect(place(form, draft.answers))
    return question_page(form, draft, page, questions, draft.typed_on(number, questions), {})


def question_page(
    form: Form,
    draft: Draft,
    page: Page,
    questions: tuple[Question, ...],
    typed: TypedPage | None,
    problems: dict[str, Problem],
    notice: Message | None = None,
    status: int = 200,
) -> Response:
    """One page of questions in two languages."""
    kept = form.kept(draft.answers)
    own = draft.language or "en"
    fields = fields_of(questions, kept, typed, problems)
    for field in fields:
        asked = field["question"]
        text, hint = asked.words(kept)
        field["own"] = say(text, own)
        field["own_hint"] = say(hint, own) if hint else ""
        field["own_lines"] = _lines(asked, own) if isinstance(asked, Notice) else ()
        if isinstance(asked, Choice) and own != "en":
            for option in field["options"]:
                found = asked.option(option["value"])
                assert found
                option.update(
                    text=say(found.text, own),
                    hint=found.text.english,
                    lang=LANGUAGES[own].lang,
                    dir=LANGUAGES[own].direction,
                )
    return render(
        "helping/question.html",
        f"staff/for-someone/{page.number}",
        status,
        form=form,
        fields=fields,
        own=LANGUAGES[own],
        errors=[(f"#{problem.field}", said(problem.message)) for problem in problems.values()],
        notice=said(notice) if notice else "",
        skippable=skippable(questions),
    )


def _lines(notice: Notice, own: str) -> list[str]:
    """The lines of a notice, to be read aloud in the person's language."""
    found = ((line, line.number or getattr(settings(), line.setting, "")) for line in notice.lines)
    return [
        say(line.text.with_values(phone=phone), own) for line, phone in found if phone or not line.setting
    ]


@blueprint.post("/staff/for-someone/<int:number>")
@open_to(*HELPERS)
def answer(number: int) -> Response:
    form, draft = open_draft()
    page = page_put(form, number)
    questions = form.asked_on(page, draft.answers) if page else ()
    wish = request.form.get("go", "next")
    if wish == "clear":
        return _clear()
    if not page or not questions:
        return redirect(place(form, draft.answers))
    typed = typed_on(questions)
    problems: dict[str, Problem] = {}
    if wish == "back":
        draft.typed[str(page.number)] = typed
    else:
        problems = _answered(form, draft, questions, {} if wish == "skip" else typed)
        if problems:
            return question_page(form, draft, page, questions, typed, problems, status=422)
        draft.typed.pop(str(page.number), None)
    try:
        saved = state().drafts.save(draft, form.draft_idle)
    except Busy:
        saved = False
    if not saved:
        return question_page(form, draft, page, questions, typed, {}, NOT_NOW, 503)
    before = form.page_before(page, draft.answers) if wish == "back" else None
    return redirect(f"/staff/for-someone/{before.number}" if before else place(form, draft.answers))


def _answered(
    form: Form, draft: Draft, questions: tuple[Question, ...], typed: TypedPage
) -> dict[str, Problem]:
    reader = Reader(months(draft.language or "en"), clock.today(), moment=clock.moment_of)
    read, problems = read_all(questions, typed, form.kept(draft.answers), reader)
    if not problems:
        draft.answers.update(read)
    return problems


@blueprint.get("/staff/for-someone/check")
@open_to(*HELPERS)
def check() -> Response:
    form, draft = open_draft()
    unput = form.next_page(draft.answers)
    return redirect(place(form, draft.answers)) if unput else check_page(form, draft)


def check_page(form: Form, draft: Draft, notice: Message | None = None, status: int = 200) -> Response:
    """Every answer, to be read back to the person."""
    numbers = {key: page.number for page in form.pages for key in page.keys}
    own = draft.language or "en"
    kept = form.kept(draft.answers)
    reached = [(one, found) for one, found in form.reached(draft.answers) if not isinstance(one, Notice)]
    english = [shown(one, found) for one, found in reached]
    bind(own)
    theirs = [shown(one, found) for one, found in reached]
    bind("en")
    rows = [
        {
            "text": say(one.words(kept)[0], own),
            "english": one.words(kept)[0].english,
            "own": theirs[place_],
            "values": english[place_],
            "href": f"/staff/for-someone/{numbers[one.key]}",
        }
        for place_, (one, _found) in enumerate(reached)
    ]
    token = state().drafts.token(draft.secret)
    return render(
        "helping/check.html",
        "staff/for-someone/check",
        status,
        rows=rows,
        own=LANGUAGES[own],
        said=said_of(state().ring, token, form, draft.answers).hex(),
        notice=said(notice) if notice else "",
    )


@blueprint.post("/staff/for-someone/check")
@open_to(*HELPERS)
def send() -> Response:
    if request.form.get("go") == "clear":
        return _clear()
    if state().drafts.load(cookie(COOKIE)) is None and _sent_code():
        return redirect("/staff/for-someone/sent")
    form, draft = open_draft()
    token = state().drafts.token(draft.secret)
    arrival = Arrival(
        form=form,
        answers=draft.answers,
        token=token,
        language=draft.language or "en",
        channel="phone" if draft.channel == "phone" else "outreach",
        helper="staff" if form.anonymous else draft.helper,
        collection=draft.collection,
        draft=(state().drafts.row(draft.secret), draft.version),
    )
    if not arrival.was_shown(state().ring, request.form.get("said", "")):
        if form.next_page(draft.answers):  # a list changed, and a member that was chosen is gone
            return redirect(place(form, draft.answers))
        return check_page(form, draft, CHANGED, 409)
    try:
        result = submit(state().database, state().ring, arrival, state().receivers)
    except Busy:
        return check_page(form, draft, NOT_NOW, 503)
    if result is not Result.STORED:
        return check_page(form, draft, CHANGED, 409)
    response = redirect("/staff/for-someone/sent")
    content = {"code": code_for(state().ring, token), "language": draft.language, "then": _offered(form)}
    sealed = state().ring.seal_cookie("helped", content, SENT_MINUTES)
    set_cookie(response, "helped", sealed, SENT_MINUTES)
    drop_cookie(response, COOKIE)
    return response


def _offered(form: Form) -> str:
    """Key of the form to offer next. After a private one the person answers alone, or not at all: who
    filled in the one must not be able to tell which of the other is theirs."""
    return "" if form.private else form.then


def _sent_code() -> dict[str, Any] | None:
    content: dict[str, Any] | None = state().ring.open_cookie("helped", cookie("helped"))
    return content


@blueprint.get("/staff/for-someone/sent")
@open_to(*HELPERS)
def sent() -> Response:
    """The receipt code, to be read to the person or written down for them."""
    content = _sent_code()
    if content is None:
        return redirect("/staff/for-someone")
    return render(
        "helping/sent.html",
        "staff/for-someone/sent",
        groups=grouped(content["code"]),
        then=next((form for form in _forms() if form.key == content["then"]), None),
    )


@blueprint.post("/staff/for-someone/sent")
@open_to(*HELPERS)
def done() -> Response:
    return _clear()


def _clear() -> Response:
    state().drafts.drop(cookie(COOKIE))
    response = redirect("/staff/for-someone")
    drop_cookie(response, COOKIE)
    drop_cookie(response, "helped")
    return response
