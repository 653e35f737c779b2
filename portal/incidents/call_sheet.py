"""The call sheet of a case: how its people can be reached at this moment, and what to say first.

Numbers, addresses and the safe word stand on it only with the gate's permit for now, and that somebody
looked is noted before anything is opened. What came of a call is noted in the case.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, request
from sqlalchemy import Connection, Row

from portal import audit, clock, contact, messages, references
from portal.accounts.guard import open_to, visit
from portal.audit import Did
from portal.contact import Hours, Method, Permit, Refusal
from portal.incidents import access, moving, safe_ways, words
from portal.incidents.access import Facet
from portal.incidents.letters import TEMPLATES
from portal.languages import LANGUAGES
from portal.pages import redirect, render, said, settings, state
from portal.questions.messages import Message, _staff

blueprint = Blueprint("call_sheet", __name__)

WAYS: dict[Method, Message] = {
    Method.CALL: _staff("Phone call"),
    Method.VOICEMAIL: _staff("Message on the phone"),
    Method.SMS: _staff("Text message"),
    Method.EMAIL: _staff("Email"),
    Method.LETTER: _staff("Letter"),
    Method.VISIT: _staff("Visit at home"),
    Method.MEETING: _staff("Meeting"),
    Method.WORKER: _staff("Through somebody who supports them"),
}
PLACES = (Method.VISIT, Method.MEETING, Method.WORKER)
"""Ways whose place stands on the sheet."""
SENT = (Method.SMS, Method.EMAIL)
WHO_ELSE: dict[str, Message] = {
    "partner": _staff("partner"),
    "family": _staff("family"),
    "children": _staff("children"),
    "others": _staff("others who live there"),
    "not_sure": _staff("the person is not sure who"),
}
OUTCOMES: dict[str, Message] = {
    "reached": _staff("I have spoken to the person"),
    "left_message": _staff("I have left a message"),
    "not_reached": _staff("Nobody answered"),
    "somebody_else": _staff("Somebody else answered, and I ended the call"),
    "no_word": _staff("The safe word was not said back, and I ended the call"),
}
NO_OUTCOME = _staff("Choose what came of the call")
NO_MESSAGE_THERE = _staff("A message must not be left for this person. Tell your manager what happened.")
NO_WORDS = _staff("Choose the words, and the way they go")
NOT_SAID = _staff("Nothing was sent: %(why)s.")


def look(reference: str) -> Row[Any]:
    """The case, for somebody who may see how to reach its people; that they look is noted. Else 404."""
    if references.read(reference) != reference:
        abort(404)
    try:
        return access.look(state().database, state().ring, visit().person, reference, Facet.CONTACT)
    except access.NotSeen:
        abort(404)


def person_of(connection: Connection, reference: str, made: str) -> str:
    """The owner of the contact rule of somebody of this case; 404 for anybody else."""
    owner = safe_ways.owner_of(made)
    if owner not in safe_ways.owners(connection, reference):
        abort(404)
    return owner


@blueprint.get("/staff/cases/<reference>/call")
@open_to(*access.WORKERS)
def sheet(reference: str) -> Response:
    return _sheet(look(reference), "", None)


def _sheet(case: Row[Any], field: str, problem: Message | None, status: int = 200) -> Response:
    with state().database.read() as connection:
        owners = safe_ways.owners(connection, case.reference)
        people = [_person(connection, owner) for owner in owners]
    return render(
        "incidents/call.html",
        f"staff/cases/{case.reference}/call",
        status,
        case=case,
        people=people,
        once=references.new(),
        field=field,
        error=said(problem) if problem else "",
        grouped=references.grouped,
        letters=[(code, said(words)) for code, (_template, words) in TEMPLATES.items()],
    )


def _person(connection: Connection, owner: str) -> dict[str, Any]:
    """What the sheet says of one person: every way, with a number or place only where there is a permit."""
    ring, now = state().ring, clock.seconds()
    may = {way: contact.permit(connection, ring, owner, way, now) for way in Method}
    call = may[Method.CALL]
    known = next((one for one in may.values() if isinstance(one, Permit)), None)
    left = [messages.find(connection, ring, row.reference) for row in messages.left_of(connection, owner)]
    leave = isinstance(may[Method.VOICEMAIL], Permit)
    offered = {code: text for code, text in OUTCOMES.items() if leave or code != "left_message"}
    return {
        "made": owner.partition(" ")[2],
        "call": call if isinstance(call, Permit) else None,
        "known": known,
        "language": LANGUAGES[known.language].english if known else "",
        "leave": leave,
        "others": [said(WHO_ELSE[code]) for code in WHO_ELSE if known and code in known.others],
        "hours": [_hours(one) for one in call.hours] if isinstance(call, Permit) else [],
        "places": [(said(WAYS[way]), may[way]) for way in PLACES if isinstance(may[way], Permit)],
        "shut": [
            (said(WAYS[way]), said(one.message), _when(one.again))
            for way, one in may.items()
            if isinstance(one, Refusal)
        ],
        "to_mind": [said(words) for words in contact.to_mind(connection, owner)],
        "send": [(way.value, said(WAYS[way])) for way in SENT if _is_open(may[way])],
        "letter": isinstance(may[Method.LETTER], Permit),
        "outcomes": _options([(code, said(text)) for code, text in offered.items()]),
        "to_say": [one.body for one in left if one is not None and one.body and isinstance(call, Permit)],
    }


def _is_open(found: Permit | Refusal) -> bool:
    """Now, or later today: what is sent waits for the hour."""
    return isinstance(found, Permit) or found.again is not None


def _hours(one: Hours) -> str:
    return f"{one.since // 60:02}:{one.since % 60:02}–{one.until // 60:02}:{one.until % 60:02}"


def _when(second: int | None) -> str:
    return f"{clock.in_london(clock.moment(second)):%Y-%m-%d %H:%M}" if second is not None else ""


def _options(pairs: list[tuple[str, str]]) -> list[dict[str, Any]]:
    return [{"value": "", "text": "–", "selected": True}] + [
        {"value": code, "text": text, "selected": False} for code, text in pairs
    ]


@blueprint.post("/staff/cases/<reference>/called")
@open_to(*access.WORKERS)
def called(reference: str) -> Response:
    """What came of a call. A message may have been left only where the gate lets it."""
    case, ring, made = look(reference), state().ring, request.form.get("person", "")
    with state().database.read() as connection:
        owner = person_of(connection, reference, made)
        leave = contact.permit(connection, ring, owner, Method.VOICEMAIL, clock.seconds())
    field = f"outcome-{made}"
    outcome = request.form.get(field, "")
    if outcome not in OUTCOMES:
        return _sheet(case, field, NO_OUTCOME, 422)
    if outcome == "left_message" and isinstance(leave, Refusal):
        return _sheet(case, field, NO_MESSAGE_THERE, 422)
    who, text = visit().person.reference, OUTCOMES[outcome].english
    with state().database.write() as connection:
        moving.locked(connection, reference)
        words.add_note(connection, ring, reference, "note", text, by=who)
        if outcome == "reached":
            for row in messages.left_of(connection, owner):
                messages.close(connection, row.reference, outcome)
        detail = {"call": outcome}
        audit.note(connection, ring, by=who, did=Did.CHANGED, what=f"case {reference}", detail=detail)
    return redirect(f"/staff/cases/{reference}/call")


@blueprint.post("/staff/cases/<reference>/still-safe")
@open_to(*access.WORKERS)
def still_safe(reference: str) -> Response:
    """The person was asked again, and says that their ways are still safe."""
    look(reference)
    who, what = visit().person.reference, f"case {reference}"
    with state().database.write() as connection:
        owner = person_of(connection, reference, request.form.get("person", ""))
        contact.still_safe(connection, owner)
        audit.note(
            connection, state().ring, by=who, did=Did.CHANGED, what=what, detail={"contact": "still_safe"}
        )
    return redirect(f"/staff/cases/{reference}/call")


@blueprint.post("/staff/cases/<reference>/write")
@open_to(*access.WORKERS)
def write(reference: str) -> Response:
    """A text message or email, in words that are written already: it goes out when the gate lets it."""
    case, ring, way = look(reference), state().ring, request.form.get("way", "")
    template, once = (
        TEMPLATES.get(request.form.get("words", "")),
        references.read(request.form.get("once", "")),
    )
    if template is None or way not in SENT or once is None:
        return _sheet(case, "", NO_WORDS, 422)
    who, method = visit().person.reference, Method(way)
    with state().database.write() as connection:
        moving.locked(connection, reference)
        owner = person_of(connection, reference, request.form.get("person", ""))
        leave = contact.permit_from(connection, ring, owner, method, clock.seconds())
        if isinstance(leave, Permit):
            values = {"word": leave.safe_word}
            messages.write(connection, ring, settings(), leave, template[0], values, once)
            detail = {"written": request.form["words"], "way": way}
            audit.note(connection, ring, by=who, did=Did.CHANGED, what=f"case {reference}", detail=detail)
    if isinstance(leave, Refusal):
        return _sheet(case, "", NOT_SAID.with_values(why=said(leave.message)), 422)
    return redirect(f"/staff/cases/{reference}/call")
