"""Letters to people of a case, and their new addresses.

A letter is a page to print: it is made only with the gate's permit of that moment, and never tells, where it
goes, another address of the person. A new address takes two people; until then nothing is posted at all.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, request
from sqlalchemy import Connection

from portal import audit, clock, contact, new_address, references, wording
from portal.accounts.guard import open_to, visit
from portal.audit import Did
from portal.contact import Method, Permit, Refusal
from portal.incidents import access, moving
from portal.incidents.call_sheet import look, person_of
from portal.incidents.letters import TEMPLATES
from portal.languages import LANGUAGES
from portal.new_address import NotThis, SamePerson, UsedNoMore
from portal.pages import redirect, render, said, settings, state
from portal.questions.messages import Message, _staff
from portal.questions.typing_in import clean_words
from portal.wording import Day, Written

blueprint = Blueprint("posting", __name__)

LONGEST = 300
"""Letters of an address."""
NO_LETTER_WORDS = _staff("There are no words that may be posted to this person")
NO_ADDRESS = _staff("Type the new address, with the postcode")
SECOND_PERSON = _staff("Whoever entered an address does not confirm it: somebody else must")
NO_MORE = _staff("This address must not be used any more")
CHANGED = _staff("Somebody has changed it meanwhile: look again")
REFUSALS: dict[type[RuntimeError], Message] = {
    NotThis: CHANGED,
    SamePerson: SECOND_PERSON,
    UsedNoMore: NO_MORE,
}


@blueprint.get("/staff/cases/<reference>/letter/<made>/<code>")
@open_to(*access.WORKERS)
def letter(reference: str, made: str, code: str) -> Response:
    """A letter to print, if one may be posted to this person at this moment."""
    if code not in TEMPLATES:
        abort(404)
    look(reference)
    template, _name = TEMPLATES[code]
    ring, what = state().ring, f"case {reference}"
    with state().database.write() as connection:
        owner = person_of(connection, reference, made)
        leave = contact.permit(connection, ring, owner, Method.LETTER, clock.seconds())
        ready = _written(leave, template)
        if ready is not None:
            detail = {"letter": code}
            audit.note(
                connection, ring, by=visit().person.reference, did=Did.PRINTED, what=what, detail=detail
            )
    place = f"staff/cases/{reference}/letter/{made}/{code}"
    if ready is None or isinstance(leave, Refusal):
        why = leave.message if isinstance(leave, Refusal) else NO_LETTER_WORDS
        return render(
            "incidents/no_letter.html",
            place,
            409,
            reference=reference,
            why=said(why),
            grouped=references.grouped,
        )
    return render(
        "incidents/letter.html",
        place,
        leave=leave,
        words=ready,
        written_in=LANGUAGES[ready.language],
        day=Day(leave.at).said(ready.language),
        back=f"/staff/cases/{reference}/call",
    )


def _written(leave: Permit | Refusal, template: wording.Template) -> Written | None:
    if isinstance(leave, Refusal):
        return None
    return wording.written(settings(), leave, template, {"word": leave.safe_word})


@blueprint.get("/staff/cases/<reference>/address/<made>")
@open_to(*access.WORKERS)
def address(reference: str, made: str) -> Response:
    look(reference)
    return _address(reference, made, "", None)


def _address(reference: str, made: str, typed: str, problem: Message | None, status: int = 200) -> Response:
    with state().database.read() as connection:
        owner = person_of(connection, reference, made)
        waiting = new_address.waiting_of(connection, state().ring, owner)
    return render(
        "incidents/address.html",
        f"staff/cases/{reference}/address/{made}",
        status,
        reference=reference,
        made=made,
        waiting=waiting,
        own=waiting is not None and waiting.by == visit().person.reference,
        typed=typed,
        error=said(problem) if problem else "",
        grouped=references.grouped,
    )


@blueprint.post("/staff/cases/<reference>/address/<made>")
@open_to(*access.WORKERS)
def enter(reference: str, made: str) -> Response:
    """One person enters a new address."""
    look(reference)
    typed = clean_words(request.form.get("address", ""), lines=True)[:LONGEST]
    if not typed:
        return _address(reference, made, typed, NO_ADDRESS, 422)

    def entered(connection: Connection, owner: str, who: str) -> None:
        new_address.enter(connection, state().ring, owner, typed, by=who)

    return _changed(reference, made, "entered", entered, typed)


@blueprint.post("/staff/cases/<reference>/address/<made>/confirm")
@open_to(*access.WORKERS)
def confirm(reference: str, made: str) -> Response:
    """Another person confirms it, or says that it is wrong."""
    look(reference)
    waiting, right = request.form.get("waiting", ""), request.form.get("go", "") == "right"

    def decided(connection: Connection, owner: str, who: str) -> None:
        if right:
            new_address.confirm(connection, state().ring, owner, waiting, by=who)
        else:
            new_address.drop(connection, state().ring, owner, waiting)

    return _changed(reference, made, "confirmed" if right else "dropped", decided)


def _changed(reference: str, made: str, what: str, change: Any, typed: str = "") -> Response:
    """A change of an address, noted in the same transaction; or the page again with what is wrong."""
    who, problem = visit().person.reference, None
    try:
        with state().database.write() as connection:
            moving.locked(connection, reference)
            owner = person_of(connection, reference, made)
            change(connection, owner, who)
            audit.note(
                connection,
                state().ring,
                by=who,
                did=Did.CHANGED,
                what=f"case {reference}",
                detail={"address": what},
            )
    except (NotThis, SamePerson, UsedNoMore) as error:
        problem = REFUSALS[type(error)]
    if problem is not None:
        return _address(reference, made, typed, problem, 409)
    return redirect(f"/staff/cases/{reference}/call")
