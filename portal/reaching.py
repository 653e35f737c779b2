"""Pages of the messages that did not reach their people: dead letters, and calls to make."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, request
from sqlalchemy import Connection

from portal import audit, clock, contact, messages, references
from portal.accounts.guard import open_to, visit
from portal.accounts.roles import Role
from portal.audit import Did
from portal.contact import Hours, Method, Permit, Refusal, Why
from portal.languages import LANGUAGES
from portal.message_states import FOR_STAFF, State
from portal.messages import Found
from portal.pages import redirect, render, said, state
from portal.questions.messages import Message, _staff

blueprint = Blueprint("reaching", __name__)

WHO = (Role.SUPERVISOR, Role.COORDINATOR, Role.ADMINISTRATOR)
STATES: dict[State, Message] = {
    State.DEAD: _staff("Did not reach the person"),
    State.BY_PHONE: _staff("To be phoned"),
}
METHODS: dict[Method, Message] = {
    Method.SMS: _staff("text message"),
    Method.EMAIL: _staff("email"),
    Method.LETTER: _staff("letter"),
    Method.CALL: _staff("phone call"),
}
WHYS: dict[str, Message] = {
    **{why.value: words for why, words in contact.WORDS.items()},
    "call": _staff("The person wants to be phoned"),
    "no_words": _staff("There are no words that may be sent to this person"),
    "no_way": _staff("Nothing is set up that could send it"),
    "too_late": _staff("Its time was over before it could go out"),
    "gave_up": _staff("It was tried for three days, and the provider did not answer"),
    "provider_refused": _staff("The provider does not take it: is the number or address right?"),
    "address_refused": _staff("The mail server does not take the address"),
    "words_refused": _staff("The mail server does not take the words"),
    "returned": _staff("The provider could not deliver it: is the number or address right?"),
    "not_reached": _staff("Somebody has phoned and did not reach the person"),
}
"""Why a message is before staff, by its code."""
REASONS: dict[str, Message] = {
    "otherwise": _staff("the person knows it from elsewhere"),
    "not_needed": _staff("it is not needed any more"),
    "unreachable": _staff("there is no way to reach the person"),
}
"""Why staff give one up."""
NO_REASON = _staff("Choose why nobody needs to reach this person any more")
NO_OUTCOME = _staff("Choose what came of the call")
DAYS = (
    _staff("Mon"),
    _staff("Tue"),
    _staff("Wed"),
    _staff("Thu"),
    _staff("Fri"),
    _staff("Sat"),
    _staff("Sun"),
)


@blueprint.get("/staff/messages")
@open_to(*WHO, label=_staff("Messages"))
def everything() -> Response:
    """What staff must look at, the oldest first; nothing personal is opened for it."""
    with state().database.read() as connection:
        rows = messages.for_staff(connection)
    now = clock.seconds()
    return render(
        "staff/messages.html",
        "staff/messages",
        rows=[
            {
                "row": row,
                "method": said(METHODS[Method(row.method)]),
                "state": said(STATES[State(row.state)]),
                "why": said(WHYS[row.why]),
                "age": said(_age(now - row.written)),
            }
            for row in rows
        ],
        grouped=references.grouped,
    )


def _age(seconds: int) -> Message:
    if seconds < 2 * 3600:
        return _staff("%(number)s minutes").with_values(number=max(seconds, 0) // 60)
    if seconds < 2 * 86400:
        return _staff("%(number)s hours").with_values(number=seconds // 3600)
    return _staff("%(number)s days").with_values(number=seconds // 86400)


@blueprint.get("/staff/messages/<reference>")
@open_to(*WHO)
def one(reference: str) -> Response:
    return _one(reference, "", None)


def _one(reference: str, field: str, problem: Message | None, status: int = 200) -> Response:
    """One message. That somebody looks is noted before anything is opened."""
    _there(reference)
    who, what = visit().person.reference, f"message {reference}"
    audit.note_alone(state().database, state().ring, by=who, did=Did.VIEWED, what=what)
    with state().database.read() as connection:
        found = messages.find(connection, state().ring, reference)
        if found is None or found.state not in FOR_STAFF:
            return redirect("/staff/messages")  # a colleague was faster
        call, leave = (_permit(connection, found, way) for way in (Method.CALL, Method.VOICEMAIL))
    return render(
        "staff/message.html",
        f"staff/messages/{reference}",
        status,
        found=found,
        method=said(METHODS[found.method]),
        state_word=said(STATES[found.state]),
        written_in=LANGUAGES[found.language],
        call=call if isinstance(call, Permit) else None,
        speaks=LANGUAGES[call.language].english if isinstance(call, Permit) else "",
        hours=[_hours(one) for one in call.hours] if isinstance(call, Permit) else [],
        voicemail=isinstance(leave, Permit),
        refused=said(call.message) if isinstance(call, Refusal) else "",
        opens=_local(call.again) if isinstance(call, Refusal) and call.again else "",
        dead=found.state is State.DEAD,
        outcomes=_outcomes(isinstance(leave, Permit)),
        reasons=_options(REASONS, request.form.get("reason", "")),
        field=field,
        error=said(problem) if problem else "",
        grouped=references.grouped,
    )


def _there(reference: str) -> None:
    """404 for what is no message, and for one to somebody of a case: those stand in their case."""
    if references.read(reference) != reference:
        abort(404)
    with state().database.read() as connection:
        owner = messages.owner_of(connection, reference)
    if owner is None or owner.startswith(f"{contact.OF_CASES} "):
        abort(404)


def _permit(connection: Connection, found: Found, way: Method) -> Permit | Refusal:
    ring, now = state().ring, clock.seconds()
    return contact.permit(connection, ring, found.owner, way, now, urgent=found.urgent)


def _hours(one: Hours) -> str:
    days = ", ".join(said(DAYS[day]) for day in sorted(one.days)) if len(one.days) < 7 else ""
    since, until = (f"{minutes // 60:02}:{minutes % 60:02}" for minutes in (one.since, one.until))
    return f"{since}–{until} {days}".strip()


def _local(when: int) -> str:
    return f"{clock.in_london(clock.moment(when)):%Y-%m-%d %H:%M}"


def _outcomes(may_leave_message: bool) -> list[dict[str, Any]]:
    offered = {"reached": _staff("I have spoken to the person")}
    if may_leave_message:
        offered["left_message"] = _staff("I have left a message")
    offered["not_reached"] = _staff("I did not reach the person")
    return _options(offered, request.form.get("outcome", ""))


def _options(offered: dict[str, Message], chosen: str) -> list[dict[str, Any]]:
    empty = {"value": "", "text": "–", "selected": not chosen}
    return [empty] + [
        {"value": code, "text": said(words), "selected": code == chosen} for code, words in offered.items()
    ]


@blueprint.post("/staff/messages/<reference>/again")
@open_to(*WHO)
def again(reference: str) -> Response:
    """Let a dead letter be tried again: the gate is asked then, as always."""
    _there(reference)
    return _done(reference, "again")


@blueprint.post("/staff/messages/<reference>/phoned")
@open_to(*WHO)
def phoned(reference: str) -> Response:
    """What came of a call. A message may have been left only where the person allows it."""
    _there(reference)
    outcome = request.form.get("outcome", "")
    with state().database.read() as connection:
        found = messages.find(connection, state().ring, reference)
        leave = _permit(connection, found, Method.VOICEMAIL) if found else Refusal(Why.NO_RULE)
    allowed = {"reached", "not_reached"} | ({"left_message"} if isinstance(leave, Permit) else set())
    if outcome not in allowed:
        return _one(reference, "outcome", NO_OUTCOME, 422)
    return _done(reference, outcome)


@blueprint.post("/staff/messages/<reference>/give-up")
@open_to(*WHO)
def give_up(reference: str) -> Response:
    _there(reference)
    reason = request.form.get("reason", "")
    if reason not in REASONS:
        return _one(reference, "reason", NO_REASON, 422)
    return _done(reference, reason)


def _done(reference: str, what: str) -> Response:
    """What staff did with a message, and its entry in the log, if nobody was faster."""
    with state().database.write() as connection:
        if what == "again":
            moved = messages.again(connection, reference)
        elif what == "not_reached":
            moved = messages.not_reached(connection, reference)
        else:
            moved = messages.close(connection, reference, what)
        if moved:
            who = visit().person.reference
            detail = {"did": what}
            named = f"message {reference}"
            audit.note(connection, state().ring, by=who, did=Did.CHANGED, what=named, detail=detail)
    return redirect("/staff/messages")
