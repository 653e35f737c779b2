"""The keying screen: one paper, its questions in printed order, answered with digits and a few other keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, request
from sqlalchemy import Row

from portal import clock, references
from portal.accounts.guard import open_to, visit
from portal.keying import passes, practice, scans
from portal.keying.passes import TAKEN_OVER, Work
from portal.keying.states import State
from portal.keying.views import KEYERS, batch_of, form_on, paper_of
from portal.languages import LANGUAGES, months, say
from portal.pages import redirect, render, said, said_plainly, state
from portal.paper import runs
from portal.questions import Answer, Choice, Files, Form, Notice, Problem, Question, Reader
from portal.questions.answers import MULTIPLE
from portal.questions.keying import (
    NOTHING_TYPED,
    against_the_routing,
    condition_data,
    digits,
    keyed,
    keys_of,
    to_key,
)
from portal.questions.messages import Message, _staff

blueprint = Blueprint("screen", __name__)

WHY = (
    ("blank", _staff("The paper is blank")),
    ("wrong_form", _staff("It is another form or edition")),
    ("damaged", _staff("It is damaged and cannot be read")),
    ("duplicate", _staff("The same person sent it twice")),
)
NO_REASON = _staff("Say why the paper is rejected")
NOT_LED_TO = _staff(
    "The paper answers what its other answers do not lead to: %(names)s. "
    "If it is so on the paper, save again: these answers are not counted."
)


@dataclass(frozen=True, slots=True)
class Keyed:
    """What was typed on the screen, read."""

    typed: dict[str, str]
    answers: dict[str, Answer]
    problems: dict[str, Problem]


def asked(form: Form) -> list[Question]:
    """The questions of a paper form, in printed order."""
    return [question for question in form.questions if not isinstance(question, Notice | Files)]


def read(form: Form, typed: dict[str, str]) -> Keyed:
    """Read all fields; a question that the answers lead to and that has no key is a problem too."""
    reader = Reader(months("en"), clock.today(), office=True, moment=clock.moment_of)
    answers: dict[str, Answer] = {}
    problems: dict[str, Problem] = {}
    for question in asked(form):
        found = keyed(question, typed.get(question.key, ""), answers, reader)
        if not isinstance(found, Problem):
            answers[question.key] = found
        elif typed.get(question.key, "").strip():
            problems[question.key] = found
    for question in to_key(form, answers):
        if question.key not in answers and question.key not in problems:
            problems[question.key] = Problem(question.key, NOTHING_TYPED)
    ordered = [question.key for question in asked(form) if question.key in problems]
    return Keyed(typed, answers, {key: problems[key] for key in ordered})


def mine(batch: Row[Any], sheet: str) -> Work | None:
    """The paper, if it is in this person's hands and in this batch."""
    found = passes.work(state().database, state().ring, paper_of(sheet), visit().person.reference)
    return found if found and found.batch == batch.reference else None


@blueprint.get("/staff/paper-in/<batch>/<sheet>")
@open_to(*KEYERS)
def show(batch: str, sheet: str) -> Response:
    head = batch_of(batch)
    work = mine(head, sheet)
    if work is None:
        return redirect(_home(head))
    form = form_on(head, sheet)
    typed = {question.key: keys_of(question, work.answers.get(question.key)) for question in asked(form)}
    return screen(head, form, work, Keyed(typed, work.answers, {}))


def screen(
    head: Row[Any],
    form: Form,
    work: Work,
    found: Keyed,
    notice: Message | None = None,
    status: int = 200,
    seen: str = "",
    scan_refused: Message | None = None,
) -> Response:
    """The screen with what is keyed so far."""
    places = scans.places(runs.run_of(state().database, work.sheet))
    fields = [
        _field(number, question, form, head.language, found)
        for number, question in enumerate(asked(form), start=1)
    ]
    return render(
        "keying/screen.html",
        f"staff/paper-in/{head.reference}/{work.sheet}",
        status,
        batch=head,
        form=form,
        work=work,
        again=work.state is State.VERIFYING,
        reference=references.grouped(work.sheet),
        fields=fields,
        paper_language=LANGUAGES[head.language],
        home=_home(head),
        made_up=_made_up(head, form, work) if head.practice else [],
        errors=[
            *((f"#{key}", said(problem.message)) for key, problem in found.problems.items()),
            *([("#scan", said(scan_refused))] if scan_refused else ()),
        ],
        scan_error=said(scan_refused) if scan_refused else "",
        scans=scans.shown(head.reference, work.sheet, scans.of(state().database, work.sheet))
        if work.keyer
        else [],
        rectangles=places,
        notice=said(notice) if notice else "",
        seen=seen,
        why=[{"value": code, "text": said(text), "selected": False} for code, text in WHY],
    )


def _home(head: Row[Any]) -> str:
    """Where a keyer comes from and goes back to."""
    return f"/staff/{'practice' if head.practice else 'paper-in'}/{head.reference}"


def _made_up(head: Row[Any], form: Form, work: Work) -> list[tuple[str, list[str]]]:
    """What a made-up paper says, in its language: each question with what is ticked or written."""
    answers = practice.paper(state().database, state().ring, work.sheet) or {}
    found = []
    for question in asked(form):
        answer = answers.get(question.key, ())
        said_there = list(answer[1:] if answer[:1] == (MULTIPLE,) else answer)
        if isinstance(question, Choice):
            options = (question.option(code) for code in said_there)
            said_there = [say(option.text, head.language) for option in options if option]
        found.append((say(question.text, head.language), said_there))
    return found


def _field(number: int, question: Question, form: Form, language: str, found: Keyed) -> dict[str, Any]:
    problem = found.problems.get(question.key)
    options = question.known if isinstance(question, Choice) else ()
    numbers = {question.number(option.code): option.code for option in options} if options else {}  # type: ignore[attr-defined]
    return {
        "key": question.key,
        "number": number,
        "english": question.text.english,
        "text": say(question.text, language),
        "value": found.typed.get(question.key, ""),
        "error": said(problem.message) if problem else "",
        "digits": digits(question),
        "many": isinstance(question, Choice) and question.many,
        "kind": question.kind,
        "options": [
            {
                "number": question.number(option.code),  # type: ignore[attr-defined]
                "english": option.text.english,
                "text": say(option.text, language),
                "alone": option.alone,
            }
            for option in options
        ],
        "data": {
            "kind": question.kind,
            "digits": digits(question),
            "many": isinstance(question, Choice) and question.many,
            "codes": numbers,
            "asked": [condition_data(condition) for condition in question.asked],
            "ends": sorted(form.exits.get(question.key, ())),
        },
    }


def posted(form: Form) -> Keyed:
    """What the screen has sent."""
    return read(form, {question.key: request.form.get(question.key, "") for question in asked(form)})


def lost(head: Row[Any], form: Form, sheet: str, found: Keyed) -> Response:
    """The screen once more, with what was typed, for somebody whose paper it no longer is."""
    nobodys = Work(sheet, head.reference, State.KEYING, 1, {}, "")
    return screen(head, form, nobodys, found, TAKEN_OVER, 409)


@blueprint.post("/staff/paper-in/<batch>/<sheet>")
@open_to(*KEYERS)
def save(batch: str, sheet: str) -> Response:
    head = batch_of(batch)
    form = form_on(head, sheet)
    found = posted(form)
    work = mine(head, sheet)
    if work is None:
        return lost(head, form, sheet, found)
    if request.form.get("go") == "reject":
        return _reject(head, form, work, found)
    if found.problems:
        passes.keep(state().database, state().ring, work, found.answers)
        return screen(head, form, work, found, status=422)
    not_led_to = against_the_routing(form, found.answers)
    if not_led_to and request.form.get("seen") != " ".join(not_led_to):
        passes.keep(state().database, state().ring, work, found.answers)
        names = ", ".join(question.text.english for question in asked(form) if question.key in not_led_to)
        notice = NOT_LED_TO.with_values(names=names)
        return screen(head, form, work, found, notice, 422, seen=" ".join(not_led_to))
    first = work.state is State.KEYING  # a second keying is drawn for nothing
    drawn = first and passes.is_drawn(state().database, work.keyer, head.share)
    after = passes.save(state().database, state().ring, work, form, found.answers, drawn)
    if after is None:
        return screen(head, form, work, found, TAKEN_OVER, 409)
    return redirect(_home(head))


def _reject(head: Row[Any], form: Form, work: Work, found: Keyed) -> Response:
    why = request.form.get("why", "")
    if why not in dict(WHY) or work.state is not State.KEYING:
        return screen(head, form, work, Keyed(found.typed, found.answers, {}), NO_REASON, 422)
    if not passes.reject(state().database, state().ring, work, why):
        return screen(head, form, work, Keyed(found.typed, found.answers, {}), TAKEN_OVER, 409)
    return redirect(_home(head))


@blueprint.post("/staff/paper-in/<batch>/<sheet>/keep")
@open_to(*KEYERS)
def keep(batch: str, sheet: str) -> Response:
    """Keep one answer as soon as it is keyed: a power cut loses one key. Says what is wrong, if anything."""
    head = batch_of(batch)
    form = form_on(head, sheet)
    wanted = request.form.get("question", "")
    question = next((one for one in asked(form) if one.key == wanted), None) or abort(404)
    work = mine(head, sheet)
    if work is None:
        return Response(said_plainly(TAKEN_OVER), mimetype="text/plain")
    reader = Reader(months("en"), clock.today(), office=True, moment=clock.moment_of)
    found = keyed(question, request.form.get("typed", ""), work.answers, reader)
    if isinstance(found, Problem):
        return Response(said_plainly(found.message), mimetype="text/plain")
    kept = passes.keep(state().database, state().ring, work, {**work.answers, question.key: found})
    return Response("" if kept else said_plainly(TAKEN_OVER), mimetype="text/plain")
