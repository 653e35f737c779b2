"""What staff do to share something: choose field by field, look at it as it will go, send it.

And what they do where there is no yes: ask a manager, who is another person, and decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, Response, abort, request
from sqlalchemy import Connection

from portal import audit
from portal.accounts.guard import may, open_to, visit
from portal.accounts.roles import Role
from portal.audit import Did
from portal.incidents import agencies, disclosures, enclosing, overrides, packs, reports, seeing
from portal.incidents.access import Facet
from portal.incidents.agencies import FILE
from portal.incidents.disclosures import CHANGED, Allowed, NotAllowed, Sending
from portal.incidents.moving import NotNow, SamePerson
from portal.incidents.overrides import GROUNDS, TOLD, Wish
from portal.incidents.packs import TABLE, Field, Told
from portal.incidents.sharing import (
    FASTER,
    LONGEST,
    PLACE,
    WHO,
    belongs,
    facets_for,
    hand_over,
    place_of,
    show,
)
from portal.incidents.words import Erased
from portal.pages import file_response, plain_options, redirect, render, said, state
from portal.questions.messages import Message, _staff
from portal.questions.typing_in import clean_words

blueprint = Blueprint("handing_over", __name__)

NOTHING = _staff("Choose at least one field")
NO_FIELD = _staff("There is no field that this organisation may receive and that you may send")
NO_CHOICE = _staff("Choose the report and the organisation")
NO_GROUND = _staff("Choose the ground, and whether the person was told, or why not")
NO_WHY = _staff("Write why it is needed, and why no less will do")
NOT_YOU = _staff("You have asked for this yourself: another manager decides")
NO_FILE = _staff("This machine cannot make the file: tell an administrator")


@blueprint.post(f"{PLACE}/pack")
@open_to(*WHO)
def pack(reference: str) -> Response:
    """Choose, look, send: nothing is kept before it is sent."""
    _case, facets = seeing.case(reference)
    go, typed = request.form.get("go", ""), _typed(reference)
    if go not in ("choose", "preview", "send", "ask"):
        abort(404)
    if typed is None:
        return show(reference, NO_CHOICE, 422)
    if go == "ask":
        return _asking(reference, typed, facets, None)
    try:
        allowed = _permitted(typed)
    except NotAllowed as error:
        return show(reference, error.why, 409)
    offered = _sendable(allowed.fields, facets)
    if not offered:
        return show(reference, NO_FIELD, 409)
    if go == "choose":
        return _choosing(reference, typed, allowed, offered)
    if not typed.fields:
        return _choosing(reference, typed, allowed, offered, NOTHING, 422)
    if not typed.fields <= offered:
        return _choosing(reference, typed, allowed, offered, disclosures.TOO_MUCH, 422)
    for facet in sorted(facets_for(typed.fields)):
        seeing.facet(reference, facet)
    return _preview(reference, typed, allowed, offered) if go == "preview" else _send(reference, typed)


def _typed(case: str) -> Sending | None:
    """What a form says is to be sent; None without a report of this case and an organisation."""
    report, agency = request.form.get("report", ""), request.form.get("agency", "")
    with state().database.read() as connection:
        known = {row.reference for row in reports.of_case(connection, case)}
        named = agency in agencies.names(connection)
    if report not in known or not named:
        return None
    return Sending(
        report=report,
        agency=agency,
        fields=agencies.fields_of(request.form.getlist("fields")),
        request=clean_words(request.form.get("request", ""), lines=True)[:LONGEST],
        answers=request.form.get("answers", ""),
        override=request.form.get("override") or None,
    )


def _permitted(typed: Sending) -> Allowed:
    """What may be sent as things are; in the moment of sending it is asked again."""
    who = visit().person.reference
    with state().database.read() as connection:
        return disclosures.permit(connection, typed.report, typed.agency, by=who, override=typed.override)


def _sendable(fields: frozenset[Field], facets: frozenset[Facet]) -> frozenset[Field]:
    """What this person can send: nothing that they may not see themselves."""
    return frozenset(field for field in fields if facets_for([field]) <= facets)


def _hidden(connection: Connection, typed: Sending) -> dict[str, Any]:
    return {
        "typed": typed,
        "agency": agencies.names(connection, every=True).get(typed.agency, typed.agency),
    }


def _boxes(offered: Iterable[Field], chosen: Iterable[Field]) -> list[dict[str, Any]]:
    offered = set(offered)
    pairs = [(field.value, said(part.text)) for field, part in TABLE.items() if field in offered]
    return plain_options(pairs, [field.value for field in chosen])


def _choosing(
    reference: str,
    typed: Sending,
    allowed: Allowed,
    offered: frozenset[Field],
    problem: Message | None = None,
    status: int = 200,
) -> Response:
    """The fields that may be sent, the least of them ticked; no answer of the person is opened for it."""
    first = problem is None and "fields" not in request.form
    with state().database.read() as connection:
        hidden = _hidden(connection, typed)
    return render(
        "incidents/pack.html",
        place_of(reference)[1:],
        status,
        place=place_of(reference),
        boxes=_boxes(offered, packs.at_first(offered) if first else typed.fields),
        nameless=allowed.nameless,
        error=said(problem) if problem else "",
        **hidden,
    )


def _told(typed: Sending) -> Told | None:
    with state().database.read() as connection:
        return packs.told(connection, state().ring, state().known_forms, typed.report)


def _preview(reference: str, typed: Sending, allowed: Allowed, offered: frozenset[Field]) -> Response:
    """The pack as the organisation will see it."""
    told = _told(typed)
    if told is None:
        return show(reference, CHANGED, 409)
    if allowed.nameless and packs.says_who(typed.request, told.answers):
        return _choosing(reference, typed, allowed, offered, disclosures.SAYS_WHO, 422)
    found = packs.built(told, typed.fields, typed.request)
    if not found:
        return _choosing(reference, typed, allowed, offered, NOTHING, 422)
    with state().database.read() as connection:
        hidden = _hidden(connection, typed)
    return render(
        "incidents/preview.html",
        place_of(reference)[1:],
        place=place_of(reference),
        lines=[line for part in found for line in part["lines"]],
        answers=told.submission,
        **hidden,
    )


def _send(reference: str, typed: Sending) -> Response:
    database, ring, who = state().database, state().ring, visit().person.reference
    if not typed.answers:
        return show(reference, CHANGED, 409)
    try:
        sent = disclosures.send(database, ring, state().known_forms, typed, who)
    except NotAllowed as error:
        return show(reference, error.why, 409)
    except (NotNow, Erased):
        return show(reference, FASTER, 409)
    return hand_over(reference, sent.reference, sent.secret)


@blueprint.get(f"{PLACE}/<disclosure>/file")
@open_to(*WHO)
def file(reference: str, disclosure: str) -> Response:
    """The encrypted file, for who sent it, as long as what allowed it still does. Noted before."""
    seeing.case(reference)
    with state().database.read() as connection:
        row = belongs(connection, reference, disclosure)
        whole = disclosures.find(connection, disclosure)
        assert whole is not None, "a disclosure is not deleted"
        mine = row.by == visit().person.reference and row.route == FILE
        if not mine or not disclosures.still_allowed(connection, whole):
            abort(404)
    detail = {"disclosure": disclosure, "agency": row.agency}
    what, by = f"case disclosure {reference}", row.by
    audit.note_alone(state().database, state().ring, by=by, did=Did.EXPORTED, what=what, detail=detail)
    try:
        with state().database.read() as connection:
            found = disclosures.opened(connection, state().ring, whole)
        made = enclosing.file_of(state().ring, disclosure, found)
    except Erased:
        abort(404)
    except enclosing.NoFile:
        return show(reference, NO_FILE, 503)
    return file_response([made], "application/pdf", f"{disclosure}.pdf")


# Without a yes


def _asking(
    reference: str,
    typed: Sending,
    facets: frozenset[Facet],
    problem: tuple[str, Message] | None,
    status: int = 200,
) -> Response:
    with state().database.read() as connection:
        agreed = agencies.find(connection, typed.agency)
        hidden = _hidden(connection, typed)
    if agreed is None:
        return show(reference, disclosures.NO_AGREEMENT, 409)
    offered = _sendable(agencies.fields_of(agreed.fields), facets)
    if not offered:
        return show(reference, NO_FIELD, 409)
    chosen = {name: request.form.get(name, "") for name in ("ground", "told")}
    return render(
        "incidents/wish.html",
        place_of(reference)[1:],
        status,
        place=place_of(reference),
        boxes=_boxes(offered, typed.fields),
        grounds=plain_options(((code, said(text)) for code, text in GROUNDS.items()), [chosen["ground"]]),
        tolds=plain_options(((code, said(text)) for code, text in TOLD.items()), [chosen["told"]]),
        why=request.form.get("why", ""),
        errors={problem[0]: said(problem[1])} if problem else {},
        summary=[(f"#{problem[0]}", said(problem[1]))] if problem else [],
        **hidden,
    )


@blueprint.post(f"{PLACE}/wish")
@open_to(*WHO)
def wish(reference: str) -> Response:
    """Ask a manager to allow what the person has not agreed to."""
    _case, facets = seeing.case(reference)
    typed = _typed(reference)
    if typed is None:
        return show(reference, NO_CHOICE, 422)
    ground, told = request.form.get("ground", ""), request.form.get("told", "")
    why = clean_words(request.form.get("why", ""), lines=True)[:LONGEST]
    problem = None
    if not typed.fields or not typed.fields <= _sendable(typed.fields, facets):
        problem = ("fields", NOTHING)
    elif ground not in GROUNDS or told not in TOLD:
        problem = ("ground", NO_GROUND)
    elif not why:
        problem = ("why", NO_WHY)
    if problem is not None:
        return _asking(reference, typed, facets, problem, 422)
    wished = Wish(typed.report, typed.agency, ground, told, typed.fields, why)
    try:
        overrides.ask(state().database, state().ring, wished, visit().person.reference)
    except (NotNow, Erased):
        return show(reference, FASTER, 409)
    return redirect(place_of(reference))


def _wish_of(case: str, override: str) -> Any:
    """A wish of a case; 404 for any other."""
    with state().database.read() as connection:
        found = [row for row in overrides.of_case(connection, case) if row.reference == override]
    return found[0] if found else abort(404)


@blueprint.post(f"{PLACE}/wish/<override>/look")
@open_to(Role.CASE_MANAGER)
def look(reference: str, override: str) -> Response:
    """Why somebody wants it, before it is decided: opened on this one response, and noted before."""
    seeing.case(reference)
    found = _wish_of(reference, override)
    seeing.facet(reference, Facet.WORDS)
    with state().database.read() as connection:
        try:
            why = overrides.why(connection, state().ring, found)
        except Erased:
            abort(404)
        names = agencies.names(connection, every=True)
    return render(
        "incidents/decide.html",
        place_of(reference)[1:],
        place=place_of(reference),
        override=override,
        agency=names.get(found.agency, found.agency),
        ground=said(GROUNDS[found.ground]),
        told=said(TOLD[found.told]),
        fields=[said(TABLE[field].text) for field in agencies.fields_of(found.fields)],
        why=why,
        open=found.decision is None and found.asked_by != visit().person.reference,
    )


@blueprint.post(f"{PLACE}/wish/<override>/decide")
@open_to(Role.CASE_MANAGER)
def decide(reference: str, override: str) -> Response:
    """A manager allows it, once, or refuses it."""
    seeing.case(reference)
    _wish_of(reference, override)
    allow = {"allow": True, "refuse": False}.get(request.form.get("go", ""))
    if allow is None or not may(Role.CASE_MANAGER):
        abort(404)
    database, ring, who = state().database, state().ring, visit().person.reference
    try:
        overrides.decide(database, ring, override, allow=allow, by=who)
    except SamePerson:
        return show(reference, NOT_YOU, 409)
    except NotNow:
        return show(reference, FASTER, 409)
    return redirect(place_of(reference))
