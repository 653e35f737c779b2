"""Who could come to a request, whom it is offered to, who of them is booked; and moving what is booked."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy import Connection, Row, select

from portal import clock, references
from portal.accounts.guard import open_to, visit
from portal.accounts.roles import Role
from portal.intake.asking import fields_of
from portal.interpreting import acting, bookings, consequences, desk, offers, planning, showing, steps
from portal.interpreting.acting import WillNotDo
from portal.interpreting.bookings import ASKED, Overlap
from portal.interpreting.candidates import Candidate, why_unfilled
from portal.interpreting.desk import FASTER, back_to, found, seen
from portal.interpreting.models import Interpreter, Offer
from portal.interpreting.moving import NotNow
from portal.interpreting.offers import DECLINED_WHY, Answer
from portal.interpreting.opening import note_view, personal
from portal.interpreting.planning import SEATS, TIME, WAY, WHEN
from portal.interpreting.queue import DESK
from portal.interpreting.showing import Names
from portal.interpreting.states import UNFILLED_WHY, WORDS, Event, State
from portal.interpreting.steps import one
from portal.pages import redirect, render, said, state
from portal.questions import Answers, Problem, Question
from portal.questions.messages import Message, _staff

blueprint = Blueprint("offering", __name__)

PICK = _staff("Tick who is asked")
CANNOT = _staff("Somebody whom you ticked cannot come at this time: look at the list again")
BUSY = _staff("Somebody is booked at this time already: nothing was changed")
STAYS = _staff(
    "Whoever is booked has another booking at this time: nothing was moved. Choose another time, or first "
    "say on the page of the request that they do not come"
)
TALK = _staff("Talk to the person first: they do not agree yet that the interpreter sees what the form says")
OFFER_STATES: dict[str, Message] = {
    "sent": _staff("sent"),
    "seen": _staff("seen"),
    "willing": _staff("can come"),
    "accepted": _staff("accepted"),
    "declined": _staff("declined"),
    "expired": _staff("not answered in time"),
    "withdrawn": _staff("withdrawn"),
    "filled": _staff("somebody else was faster"),
}
LATER = _staff("from %(when)s on")
OFFERS = (
    select(
        Offer.reference,
        Offer.interpreter,
        Offer.state,
        Offer.sent,
        Offer.expires,
        Offer.reason,
        Interpreter.name,
    )
    .join(Interpreter, Interpreter.id == Offer.interpreter)
    .order_by(Offer.sent, Interpreter.name, Offer.reference)
)


@blueprint.get(f"{DESK}/<reference>/people")
@open_to(Role.COORDINATOR)
def people(reference: str) -> Response:
    """Who could come: at the time that is suggested, or at another."""
    row = found(reference)
    fields = {name for question in TIME for name in question.fields}
    typed = {name: request.args.getlist(name) for name in fields if name in request.args}
    answers, problems = steps.read(TIME, typed) if typed else (_suggested(row), {})
    return _people(row, answers, problems, 422 if problems else 200, typed=typed or None)


def _suggested(row: Row[Any]) -> dict[str, tuple[str, ...]]:
    with state().database.read() as connection:
        return planning.suggested(connection, row)


def _people(
    row: Row[Any],
    answers: Answers,
    problems: dict[str, Problem],
    status: int = 200,
    *,
    typed: dict[str, list[str]] | None = None,
    ticked: tuple[int, ...] = (),
    notice: Message | None = None,
) -> Response:
    dialect = _dialect(row)
    whole = planning.is_whole(answers)
    with state().database.read() as connection:
        plan = planning.plan_of(answers) if whole else None
        every = planning.found(connection, row, plan, dialect) if plan else []
        booking = bookings.live(connection, row.reference)
        offered = _offers(connection, booking)
        sitting = (
            {one.interpreter for one in bookings.sitting(connection, booking.reference)} if booking else set()
        )
    names, why = Names(desk.form()), why_unfilled(every) if every or whole else None
    return render(
        "interpreting/people.html",
        f"{DESK[1:]}/{row.reference}/people",
        status,
        row=row,
        grouped=references.grouped,
        state_words=said(WORDS[State(row.state)]),
        spoken=names.language_asked(row),
        fields=fields_of(TIME, answers, typed, problems, heading=False),
        errors=[(f"#{problem.field}", said(problem.message)) for problem in problems.values()],
        notice=said(notice) if notice else "",
        planned=[(name, value) for question in TIME for name, [value, *_more] in _typed(question, answers)],
        when=showing.until(plan.starts, plan.ends) if plan else "",
        fit=[_candidate(one, ticked) for one in every if one.fits],
        others=[_candidate(one, ()) for one in every if not one.fits],
        why=said(UNFILLED_WHY[why]) if why else "",
        how=fields_of((WAY, SEATS), planning.offering(row), _posted(WAY, SEATS), problems, heading=False),
        may_offer=planning.can_plan(row) and row.agreed,
        talk="" if row.agreed else said(TALK),
        offered=[offer | {"choosable": offer["asked"] and _may_choose(row)} for offer in offered],
        moving=_moving(row, booking, sitting),
    )


def _typed(question: Question, answers: Answers) -> list[tuple[str, list[str]]]:
    return [(name, values or [""]) for name, values in question.typed(answers.get(question.key, ())).items()]


def _posted(*asked: Question) -> dict[str, list[str]] | None:
    """What was posted for these questions, if anything was."""
    typed = {name: request.form.getlist(name) for question in asked for name in question.fields}
    return typed if any(typed.values()) else None


def _dialect(row: Row[Any]) -> str:
    """The dialect in the person's own words, to look for who knows it; that it is opened is noted before."""
    if not planning.can_plan(row):
        return ""
    note_view(row.reference, "dialect")
    return " ".join(personal(row).get("dialect", ()))


def _candidate(one: Candidate, ticked: tuple[int, ...]) -> dict[str, Any]:
    return {
        "id": one.person.id,
        "name": one.person.name,
        "reference": one.person.reference,
        "kind": said(KINDS[one.person.kind]),
        "why": [said(words) for words in one.words],
        "hours": one.person.minutes // 60,
        "ticked": one.person.id in ticked,
    }


KINDS = {"staff": _staff("staff"), "bank": _staff("bank"), "provider": _staff("provider")}


def _offers(connection: Connection, booking: Row[Any] | None) -> list[dict[str, Any]]:
    if booking is None:
        return []
    rows = connection.execute(OFFERS.where(Offer.booking == booking.reference)).all()
    return [_offer(row) for row in rows]


def _offer(row: Any) -> dict[str, Any]:
    reason = DECLINED_WHY.get(row.reason or "")
    waits = row.sent > clock.seconds()
    return {
        "id": row.interpreter,
        "name": row.name,
        "state": said(LATER.with_values(when=showing.when(row.sent)))
        if waits
        else said(OFFER_STATES[row.state]),
        "reason": said(reason) if reason else "",
        "until": showing.when(row.expires) if row.state in ASKED else "",
        "asked": row.state in ASKED and not waits,
        "willing": row.state == "willing",
    }


def _may_choose(row: Row[Any]) -> bool:
    return Event.ACCEPT in acting.possible(row)


def _moving(row: Row[Any], booking: Row[Any] | None, sitting: set[int]) -> dict[str, Any] | None:
    """What is booked, with what moving it would do; None when nothing can be moved."""
    if booking is None or Event.ASK_AGAIN not in acting.possible(row):
        return None
    kept = consequences.WORDS
    return {
        "when": showing.until(booking.starts, booking.ends),
        "shift": said(kept[consequences.TABLE[consequences.Change.SHIFT]]),
        "date": said(kept[consequences.TABLE[consequences.Change.DATE]]),
        "number": len(sitting),
    }


@blueprint.post(f"{DESK}/<reference>/people")
@open_to(Role.COORDINATOR)
def offer(reference: str) -> Response:
    """Offer it to those who are ticked; with `rota` book them at once."""
    row, version = found(reference), seen()
    typed = {name: request.form.getlist(name) for question in (*TIME, WAY, SEATS) for name in question.fields}
    answers, problems = steps.read((*TIME, WAY, SEATS), typed)
    ticked = tuple(
        int(one) for one in request.form.getlist("who") if one.isascii() and one.isdigit() and len(one) < 10
    )
    if not problems and not ticked:
        problems["who"] = Problem("who", PICK)
    if problems:
        return _people(row, answers, problems, 422, typed=typed, ticked=ticked)
    plan = planning.plan_of(answers, int(one(answers, "seats")), one(answers, "way"))
    act = acting.assign if plan.way == "rota" else acting.offer
    try:
        act(state().database, state().ring, reference, version, plan, ticked, visit().person.reference)
    except WillNotDo:
        return _people(row, answers, {"who": Problem("who", CANNOT)}, 422, ticked=ticked)
    except Overlap:
        return _people(row, answers, {"who": Problem("who", BUSY)}, 409, ticked=ticked)
    except NotNow:
        return _people(found(reference), answers, {}, 409, ticked=ticked, notice=FASTER)
    return redirect(f"{DESK}/{reference}/people") if plan.way != "rota" else back_to(reference)


CHOSEN: dict[Answer, Message] = {
    Answer.FILLED: _staff("Every seat is taken already"),
    Answer.OVERLAP: _staff("They are booked at this time by now"),
    Answer.WITHDRAWN: FASTER,
    Answer.NONE: FASTER,
}


@blueprint.post(f"{DESK}/<reference>/choose")
@open_to(Role.COORDINATOR)
def choose(reference: str) -> Response:
    """Seat one of those who were asked."""
    row, version = found(reference), seen()
    who = request.form.get("who", "")
    with state().database.read() as connection:
        asked = [
            one["id"] for one in _offers(connection, bookings.live(connection, reference)) if one["asked"]
        ]
    person = next((one for one in asked if str(one) == who), None)
    if person is None or row.version != version or not _may_choose(row):
        return _people(row, _suggested(row), {}, 409, notice=FASTER)
    answer = offers.choose(state().database, state().ring, reference, person, visit().person.reference)
    if answer in CHOSEN:
        row = found(reference)
        return _people(row, _suggested(row), {}, 409, notice=CHOSEN[answer])
    return back_to(reference)


@blueprint.post(f"{DESK}/<reference>/move")
@open_to(Role.COORDINATOR)
def move(reference: str) -> Response:
    """Move what is booked to another time: the page said before what that does."""
    row, version = found(reference), seen()
    typed = {name: request.form.getlist(name) for question in WHEN for name in question.fields}
    answers, problems = steps.read(WHEN, typed)
    if problems:
        return _people(row, {**_suggested(row), **answers}, problems, 422, typed=typed)
    plan = planning.plan_of(answers)
    try:
        acting.reschedule(
            state().database,
            state().ring,
            reference,
            version,
            plan.starts,
            plan.ends,
            visit().person.reference,
        )
    except Overlap:
        busy = {"from": Problem("from", STAYS)}
        return _people(row, {**_suggested(row), **answers}, busy, 409, typed=typed)
    except NotNow:
        row = found(reference)
        return _people(row, {**_suggested(row), **answers}, {}, 409, notice=FASTER)
    return back_to(reference)
