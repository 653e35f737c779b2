"""Coming back with the code to what somebody told us: how it goes, messages both ways, and what they may do.

What was told is never shown, nor how to reach the person, nor what they wrote here: who finds the code must
not learn it. Titles and addresses say nothing either.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, Response, abort, request
from sqlalchemy import Row

from portal import clock, throttles
from portal.database import Busy
from portal.incidents import asked_again, erasures, exchange, how_it_was, promised
from portal.incidents.asked_again import Asked
from portal.incidents.codes import report_of
from portal.incidents.erasure_steps import State as Erasing
from portal.incidents.erasure_words import AGREED, ASKED, COMPLAIN, KEPT, REFUSED, REFUSED_WHY, WAITS
from portal.incidents.exchange import Entry, Kind
from portal.incidents.moving import NotNow
from portal.incidents.reports import FORM
from portal.incidents.states import FINISHED, State
from portal.incidents.wording import TOLD
from portal.intake import amending
from portal.intake.asking import fields_of
from portal.intake.attaching import Uploads, takes_files
from portal.intake.receipts import digest_of, holds_code, read_code
from portal.intake.reply import NOT_A_CODE, TOO_MANY, WRONG, basket, entered, form_of, keep_open
from portal.intake.steps import BUSY, wished, wished_language
from portal.languages import LANGUAGES, months
from portal.pages import bind, drop_cookie, redirect, render, said, settings, spoken, state
from portal.questions import Answers, Files, Form, Notice, Problem, Reader, Text
from portal.questions.messages import Message, _
from portal.wording import Day, Moment

blueprint = Blueprint("coming_back", __name__)
PLACE = "told"
"""The page, under /<language>/reply."""
NUMBERS: dict[int, Kind] = {1: Kind.REACH, 2: Kind.CONSENT, 3: Kind.FILES}
"""Pages under it that ask a part of the form again. Their addresses say nothing."""
PUT = "put"
"""Hidden field of these pages: a question that they asked already."""

MESSAGE = Text(
    key="words",
    text=_("Write to us"),
    hint=_("In any language. Do not write your code into it. It is not shown here again."),
    required=_("Write something, then press the button"),
    lines=8,
    most=20_000,
    personal=True,
)
CODE_IN_IT = _("Your code is in your message. Take it out: nobody but you should know it.")
EXPIRED = _("This page was open for a long time. Enter your code again: what you wrote is still here.")
FASTER = _("This has changed in the meantime. Please look at it again.")
PARTS: dict[Kind, tuple[Message, Message]] = {
    Kind.REACH: (
        _("Change how we reach you"),
        _(
            "What you answer here takes the place of everything that you said before about how to reach you. "
            "What you said before is not shown."
        ),
    ),
    Kind.CONSENT: (
        _("Change whom we may tell"),
        _(
            "What you answer here takes the place of what you said before. What we have told an organisation "
            "already we cannot take back, but you can write to us, and we ask it to delete that."
        ),
    ),
    Kind.FILES: (_("Add photos or documents"), _("They are added to what you gave us before.")),
}
YOU_DID: dict[Kind, Message] = {
    Kind.WORDS: _("You wrote to us: %(when)s"),
    Kind.FILES: _("You added photos or documents: %(when)s"),
    Kind.REACH: _("You changed how we reach you: %(when)s"),
    Kind.CONSENT: _("You changed whom we may tell: %(when)s"),
    Kind.LOOK_AGAIN: _("You asked us to look at it again: %(when)s"),
    Kind.ERASE: _("You asked us to delete it: %(when)s"),
}


def opened() -> bytes | None:
    """The receipt of the code that was entered in this browser, if it is of something told."""
    found = entered()
    return found[0] if found is not None and found[1].key == FORM else None


def form() -> Form:
    """The form as it is asked now."""
    asked: Iterable[Form] = state().asked.values()
    return next(one for one in asked if one.key == FORM)


@blueprint.get("/<language>/reply/told")
def look(language: str) -> Response:
    receipt = opened()
    return page(receipt) if receipt else redirect(f"/{language}/reply")


def page(
    receipt: bytes, problem: Message | None = None, status: int = 200, notice: Message | None = None
) -> Response:
    """How it goes, what we wrote, and what the person may do. Each look keeps the code open for longer."""
    database, ring = state().database, state().ring
    with database.read() as connection:
        found = report_of(connection, receipt)
        if found is None:
            return redirect(f"/{spoken().language.code}/reply")
        report, case = found
        entries = exchange.for_person(connection, ring, report.reference)
        promises = promised.promises_of(connection, case)
        survey = how_it_was.is_offered(connection, case.reference)
        row = amending.of_receipt(connection, receipt)
        erasure = erasures.of_report(connection, report.reference)
    if any(not one.of_person and one.seen is None for one in entries):
        with database.write() as connection:
            exchange.seen_by_person(connection, report.reference)
    before = _codes(row.answers if row else {})
    parts = asked_again.offered(form(), before)
    finished = State(case.state) in FINISHED
    response = render(
        "incidents/told.html",
        f"reply/{PLACE}",
        status,
        told=TOLD[State(case.state)],
        promises=[(one.message.with_values(when=_moment(one.due)), one.late) for one in promises],
        finished=finished,
        nothing=promised.NOTHING,
        sorry=promised.LATE,
        entries=[_shown(one) for one in reversed(entries)],
        words=_message_field(problem),
        error=said(problem) if problem else "",
        notice=notice,
        parts=[(number, said(PARTS[kind][0])) for number, kind in NUMBERS.items() if kind in parts],
        erasing=erasure is not None and erasure.ended is None,
        erasure=[said(one) for one in _erasure(erasure)],
        again=finished,
        survey=survey,
        talk=form().address,
    )
    return keep_open(response, receipt)


def _erasure(row: Row[Any] | None) -> list[Message]:
    """What became of the person's newest wish that it is deleted."""
    if row is None:
        return []
    when = _day(row.ended if row.ended is not None else erasures.earliest(row))
    if row.state == Erasing.REFUSED:
        return [REFUSED.with_values(when=when), REFUSED_WHY[row.reason].told, COMPLAIN]
    if row.state == Erasing.WITHDRAWN:
        return [KEPT.with_values(when=when)]
    return (
        [ASKED, WAITS.with_values(when=when)]
        if row.state == Erasing.ASKED
        else [AGREED.with_values(when=when)]
    )


def _shown(entry: Entry) -> dict[str, Any]:
    """One entry as the page shows it: of ours the words, of the person's only what and when."""
    if entry.of_person:
        when = YOU_DID[entry.kind].with_values(when=_day(entry.at))
        return {"mine": True, "when": when, "seen": _day_of(entry), "words": "", "lang": "", "dir": ""}
    language = LANGUAGES[entry.language]
    return {
        "mine": False,
        "when": WE_WROTE.with_values(when=_day(entry.at)),
        "seen": None,
        "words": entry.words,
        "lang": language.lang,
        "dir": language.direction,
    }


WE_WROTE = _("We wrote to you: %(when)s")
READ_ON = _("We read it: %(when)s")


def _day_of(entry: Entry) -> Message | None:
    if entry.seen is None:
        return None
    return READ_ON.with_values(when=_day(clock.second_of(entry.seen, "12:00")))


def _day(at: int) -> str:
    return Day(at).said(spoken().language.code)


def _moment(at: int) -> str:
    return Moment(at).said(spoken().language.code)


def _message_field(problem: Message | None) -> dict[str, Any]:
    """The field to write in, with what was typed there and not taken yet."""
    typed = {MESSAGE.key: request.form.getlist(MESSAGE.key)}
    problems = {MESSAGE.key: Problem(MESSAGE.key, problem)} if problem else {}
    [field] = fields_of((MESSAGE,), {}, typed, problems, heading=False)
    return field


def _codes(answers: Any) -> Answers:
    return {key: tuple(codes) for key, codes in answers.items()}


@blueprint.post("/<language>/reply/told")
def do(language: str) -> Response:
    receipt, wish = opened(), wished("write")
    if wish == "language":
        bind(wished_language())
        return page(receipt) if receipt else _code_page(EXPIRED, 409)
    if receipt is None and wish in ("write", "open"):
        return _open_again(language)
    if receipt is None:
        return redirect(f"/{language}/reply")
    if wish == "finish":
        response = redirect(f"/{language}/")
        drop_cookie(response, "reply")
        return response
    try:
        if wish in ("erase", "keep", "again"):
            return _wishes(language, receipt, wish)
        if wish == "survey":
            return how_it_was.begin_once(receipt) or redirect(f"/{language}/reply/{PLACE}")
        return _write(language, receipt)
    except NotNow:
        return page(receipt, status=409, notice=FASTER)
    except Busy:
        return page(receipt, BUSY, 503)


def _wishes(language: str, receipt: bytes, wish: str) -> Response:
    """Ask that it is deleted, take that back, or ask to look again."""
    ring = state().ring
    with state().database.write() as connection:
        if wish == "erase":
            erasures.ask(connection, ring, settings(), receipt, language)
        elif wish == "keep":
            erasures.withdraw(connection, receipt)
        else:
            exchange.take_wish(connection, ring, receipt, Kind.LOOK_AGAIN, language)
    return redirect(f"/{language}/reply/{PLACE}")


def _write(language: str, receipt: bytes) -> Response:
    read = MESSAGE.read({MESSAGE.key: request.form.getlist(MESSAGE.key)}, {}, _reader())
    if isinstance(read, Problem):
        return page(receipt, read.message, 422)
    [text] = read
    if holds_code(state().ring, receipt, text):
        return page(receipt, CODE_IN_IT, 422)
    with state().database.write() as connection:
        exchange.take_words(connection, state().ring, receipt, text, language)
    return keep_open(redirect(f"/{language}/reply/{PLACE}"), receipt)


def _open_again(language: str) -> Response:
    """The code was open for too long: it is asked for once more, and what was written stays."""
    if "code" not in request.form:
        return _code_page(EXPIRED, 409)
    code = read_code(request.form["code"])
    if code is None:
        return _code_page(NOT_A_CODE, 422)
    attempt = throttles.attempt(state().database, "reply", request.remote_addr or "")
    if not attempt.allowed:
        return _code_page(TOO_MANY, 429)
    receipt = digest_of(state().ring, code)
    if form_of(receipt) != FORM:
        return _code_page(WRONG, 422)
    attempt.give_back()
    try:
        return _write(language, receipt)
    except (NotNow, Busy):
        return _code_page(BUSY, 503)


def _code_page(error: Message, status: int) -> Response:
    return render(
        "incidents/code_again.html",
        f"reply/{PLACE}",
        status,
        error=said(error),
        typed=request.form.get("code", "")[:100],
        words=request.form.get(MESSAGE.key, ""),
    )


def _reader() -> Reader:
    return Reader(months(spoken().language.code), clock.today(), moment=clock.moment_of)


# A part of the form asked again


@blueprint.get("/<language>/reply/told/<int:number>")
def ask(language: str, number: int) -> Response:
    kind = NUMBERS.get(number) or abort(404)
    receipt = opened()
    if receipt is None:
        return redirect(f"/{language}/reply")
    return _part_page(
        number, receipt, asked_again.read(form(), kind, _before(receipt), frozenset(), {}, _reader())
    )


def _before(receipt: bytes) -> Answers:
    """The codes that were answered before, and no words: they say what is asked."""
    with state().database.read() as connection:
        row = amending.of_receipt(connection, receipt)
    return _codes(row.answers) if row else {}


def _part_page(
    number: int,
    receipt: bytes,
    asked: Asked,
    typed: dict[str, list[str]] | None = None,
    status: int = 200,
    notice: Message | None = None,
) -> Response:
    if not asked.questions:
        return redirect(f"/{spoken().language.code}/reply/{PLACE}")
    title, hint = PARTS[NUMBERS[number]]
    values = typed or {}
    response = render(
        "incidents/part.html",
        f"reply/{PLACE}/{number}",
        status,
        number=number,
        title=title,
        hint=hint,
        notice=notice,
        fields=fields_of(asked.questions, asked.answers, values, asked.problems, heading=False),
        put=[one.key for one in asked.questions if not isinstance(one, Notice)],
        errors=[(f"#{one.field}", said(one.message)) for one in asked.problems.values()],
        with_files=any(isinstance(one, Files) for one in asked.questions),
    )
    return keep_open(response, receipt)


@blueprint.post("/<language>/reply/told/<int:number>")
@takes_files
def change(language: str, number: int) -> Response:
    kind = NUMBERS.get(number) or abort(404)
    receipt = opened()
    if receipt is None:
        return redirect(f"/{language}/reply")
    wish, before, here = wished("next"), _before(receipt), form()
    if wish == "back":
        return redirect(f"/{language}/reply/{PLACE}")
    put = frozenset(request.form.getlist(PUT))
    keys = asked_again.keys_of(kind, here, before)
    questions = tuple(one for one in here.questions if one.key in keys)
    typed = {name: request.form.getlist(name) for one in questions for name in one.fields}
    uploads, carried = Uploads(), basket(receipt)
    if kind is Kind.FILES:
        uploads.into(carried, questions, typed, wish)
    asked = asked_again.read(here, kind, before, put, typed, _reader())
    if wish != "next":  # it stays, or comes in another language
        asked.problems.clear()
        bind(wished_language())
    asked.problems.update(uploads.problems)
    if not asked.whole or wish != "next":
        return _part_page(number, receipt, asked, typed, 422 if asked.problems else 200)
    if not any(asked.answers.values()) and kind is not Kind.CONSENT:
        return redirect(f"/{language}/reply/{PLACE}")
    try:
        with state().database.write() as connection:
            asked_again.keep(
                connection,
                state().ring,
                _whole(receipt),
                state().receivers,
                receipt,
                kind,
                asked.answers,
                state().drafts.owner(carried.secret),
                language,
            )
    except NotNow:
        return _part_page(number, receipt, asked, typed, 409, FASTER)
    except Busy:
        return _part_page(number, receipt, asked, typed, 503, BUSY)
    return redirect(f"/{language}/reply/{PLACE}")


def _whole(receipt: bytes) -> Form:
    """The edition that was answered, with its office questions and all members that its lists ever had."""
    with state().database.read() as connection:
        row = amending.of_receipt(connection, receipt)
    known: tuple[Form, ...] = state().known_forms
    if row is None:
        raise NotNow("the code opens nothing any more")
    edition = next(one for one in known if (one.key, one.edition) == (row.form, row.edition))
    return edition.here(row.variants, office=True)
