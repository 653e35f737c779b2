"""Coming back with a code to what was asked for: how far it is, change it, another interpreter, cancel it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy import Connection, Row, bindparam, select

from portal import clock
from portal.database import Busy
from portal.intake import amending
from portal.intake.reply import entered
from portal.intake.steps import BUSY, begin
from portal.interpreting import bookings, consequences, moving, open_questions
from portal.interpreting.models import Interpreter
from portal.interpreting.moving import NotNow
from portal.interpreting.phrases import HOW
from portal.interpreting.requests import TENANT, of_receipt
from portal.interpreting.states import BOOKED, ENDS, OF_TENANT, Kind, State, Who, told_of
from portal.pages import plain_options, redirect, render, said, spoken, state
from portal.questions import Answer, Form, Notice
from portal.questions.messages import Message, _
from portal.references import grouped
from portal.wording import Moment

blueprint = Blueprint("following_up", __name__)
PLACE = "request"
"""The page, under /<language>/reply."""

KINDS: dict[str, Message] = {
    Kind.INTERPRETER.value: _("An interpreter"),
    Kind.TRANSLATION.value: _("A translation"),
    Kind.FORMAT.value: _("Another format"),
    Kind.CALL.value: _("A call from us"),
}
GENDERS: dict[str, Message] = {"woman": _("A woman"), "man": _("A man")}
CHOOSE_WHY = _("Choose why you cancel")
TOO_LATE = _("This has changed in the meantime. Please look at it again.")
SITS = select(Interpreter.name, Interpreter.gender, Interpreter.badge).where(
    Interpreter.id == bindparam("of")
)


@blueprint.get("/<language>/reply/request")
def look(language: str) -> Response:
    found = entered()
    if found is None or found[1].key != "interpreter":
        return redirect(f"/{language}/reply")
    return page(found[0])


def page(receipt: bytes, error: Message | None = None, status: int = 200, of: str = "") -> Response:
    """Everything that was asked for with this code, and what can be done about it."""
    with state().database.read() as connection:
        rows = of_receipt(connection, receipt)
        cards = [_card(connection, row) for row in rows]
    return render(
        "interpreting/asked.html",
        "reply/request",
        status,
        cards=cards,
        reasons=plain_options((code, said(text)) for code, text in OF_TENANT.items()),
        error=said(error) if error else "",
        of=of,
        open=any(State(row.state) not in ENDS for row in rows),
    )


def _card(connection: Connection, row: Row[Any]) -> dict[str, Any]:
    now = State(row.state)
    booking = bookings.live(connection, row.reference) if now in BOOKED else None
    people = [
        connection.execute(SITS, {"of": one.interpreter}).one()
        for one in (bookings.sitting(connection, booking.reference) if booking else ())
    ]
    return {
        "reference": row.reference,
        "shown": grouped(row.reference),
        "kind": KINDS[row.kind],
        "told": told_of(now, moving.state_before(connection, row)),
        "question": open_questions.of(connection, state().ring, row.reference)
        if now is State.NEEDS_INFO
        else "",
        "when": Moment(booking.starts).said(spoken().language.code) if booking else "",
        "how": HOW[booking.mode] if booking else None,
        "people": [
            {"name": one.name, "gender": GENDERS.get(one.gender), "badge": one.badge} for one in people
        ],
        "may_cancel": now not in ENDS | {State.IN_PROGRESS, State.COMPLETED, State.NO_SHOW},
        "may_change_person": bool(people) and now in (State.HELD, State.CONFIRMED),
        "version": row.version,
    }


@blueprint.post("/<language>/reply/request")
def do(language: str) -> Response:
    found = entered()
    if found is None or found[1].key != "interpreter":
        return redirect(f"/{language}/reply")
    receipt, form = found
    wish, _space, reference = request.form.get("go", "").partition(" ")
    if wish == "change":
        return begin(form, _answers(receipt, form), replaces=receipt.hex())
    if wish == "finish":
        return redirect(f"/{language}/")
    with state().database.read() as connection:
        mine = {row.reference for row in of_receipt(connection, receipt)}
    if reference not in mine:
        return page(receipt)
    try:
        return _done(language, receipt, wish, reference)
    except NotNow:
        return page(receipt, TOO_LATE, 409)
    except Busy:
        return page(receipt, BUSY, 503)


def _done(language: str, receipt: bytes, wish: str, reference: str) -> Response:
    database, ring = state().database, state().ring
    if wish == "cancel":
        reason = request.form.get(f"why-{reference}", "")
        if reason not in OF_TENANT:
            return page(receipt, CHOOSE_WHY, 422, reference)
        with database.write() as connection:
            consequences.cancel(connection, ring, reference, reason, by=TENANT, who=Who.TENANT)
    elif wish == "another":
        with database.write() as connection:
            consequences.let_go(connection, ring, reference, None, "tenant", by=TENANT, who=Who.TENANT)
    return redirect(f"/{language}/reply/request")


def _answers(receipt: bytes, form: Form) -> dict[str, Answer]:
    """What the person answered, so that they need not type it again. Times that are over are left out."""
    with state().database.read() as connection:
        row = amending.of_receipt(connection, receipt)
    answers = amending.answers_of(state().ring, row) if row else {}
    today = clock.today().isoformat()
    for key in list(answers):
        day = answers.get(key.rpartition(".")[0] + ".day", ()) if key.startswith("window.") else ()
        if day and day[0] < today:
            del answers[key]
    answers |= {question.key: () for question in form.questions if isinstance(question, Notice)}
    return {key: value for key, value in answers.items() if form.question(key)}
