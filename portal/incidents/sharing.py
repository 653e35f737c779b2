"""The page of sharing of a case: what people said about it, what was shared with whom, what is to be done."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, Response, abort, request
from sqlalchemy import Connection, Row

from portal import references
from portal.accounts import people
from portal.accounts.guard import may, open_to, visit
from portal.accounts.roles import Role
from portal.forms.sharing import ASK_FIRST
from portal.incidents import (
    agencies,
    consents,
    disclosures,
    enclosing,
    links,
    overrides,
    reports,
    seeing,
    words,
)
from portal.incidents.access import Facet
from portal.incidents.agencies import LINK
from portal.incidents.consents import HOWS, SPOKEN, WORDS
from portal.incidents.disclosures import FEEDBACK, NotAllowed
from portal.incidents.moving import NotNow
from portal.incidents.packs import TABLE, Field, Tells
from portal.interpreting.showing import when
from portal.languages import LANGUAGES
from portal.pages import cookie, redirect, render, said, set_cookie, state
from portal.questions.messages import Message, _staff
from portal.questions.typing_in import clean_words

blueprint = Blueprint("sharing", __name__)

WHO = (Role.CASE_OFFICER, Role.CASE_MANAGER)
PLACE = "/staff/cases/<reference>/sharing"
COOKIE = "handed"
MINUTES = 15
"""How long the page shows the link or password of what was just shared."""
LONGEST = 2000
OF_TELLS = {Tells.PERSON: Facet.IDENTITY, Tells.WORDS: Facet.WORDS}
NEEDS: dict[Field, Facet] = {
    **{field: OF_TELLS[part.tells] for field, part in TABLE.items() if part.tells in OF_TELLS},
    Field.CONTACT: Facet.CONTACT,
}
"""Field -> what somebody must be let see of a case before they can send it."""
PERSON, AGENCY = _staff("the person"), _staff("the organisation")
FASTER = _staff("This cannot be done now: somebody may have been faster. The page shows how it is.")
CHOOSE = _staff("Choose the report, the organisation, what the person said, how, and in which language")
CHOOSE_FEEDBACK = _staff("Choose what the organisation says")
TO_SEND = _staff("Sent, not opened yet")
OPENED = _staff("Opened on %(when)s")
HAVE_IT = _staff("They said on %(when)s that they have it")
STOPPED = _staff("The link leads nowhere: it is too old, or the person took the yes back")
ASK_TO_DELETE = _staff("The person took the yes back: ask the organisation to delete it")
ERASED = _staff("What the person told us was erased: ask the organisation to delete it")
DELETION_ASKED = _staff("Asked on %(when)s to delete it")
DELETED = _staff("They said on %(when)s that it is deleted")
NOT_KEPT = _staff("What was sent is not kept here any more")


def place_of(reference: str) -> str:
    """The address of the page."""
    return f"/staff/cases/{reference}/sharing"


@blueprint.get(PLACE)
@open_to(*WHO)
def page(reference: str) -> Response:
    return show(reference)


def show(reference: str, notice: Message | None = None, status: int = 200) -> Response:
    """What people said and what was shared. Nothing sealed is opened for it."""
    case, facets = seeing.case(reference)
    with state().database.read() as connection:
        names = agencies.names(connection, every=True)
        known = {one.reference: one.name for one in people.everybody(state().database)}
        known |= {consents.REPORTER: said(PERSON), "agency": said(AGENCY)}
        told = reports.of_case(connection, reference)
        values = {
            "reports": [_report(connection, row.reference, names, known) for row in told],
            "shared": [_shared(row, names, known) for row in disclosures.of_case(connection, reference)],
            "wishes": [_wish(row, names, known) for row in overrides.of_case(connection, reference)],
        }
        offered = agencies.names(connection)
        agreed = agencies.every(connection)
    return render(
        "incidents/sharing.html",
        place_of(reference)[1:],
        status,
        case=case,
        grouped=references.grouped,
        place=place_of(reference),
        notice=said(notice) if notice else "",
        handed=_handed(reference),
        sees_words=Facet.WORDS in facets,
        which=[{"value": row.reference, "text": _called(row), "selected": len(told) == 1} for row in told],
        agencies=_options(offered),
        ready=_options({code: name for code, name in offered.items() if code in agreed}),
        answers=_options({code: said(text) for code, text in WORDS.items()}),
        hows=_options({code: said(text) for code, text in SPOKEN.items()}),
        languages=_options({code: one.english for code, one in LANGUAGES.items()}),
        **values,
    )


def _options(texts: dict[str, str]) -> list[dict[str, Any]]:
    empty = {"value": "", "text": "–", "selected": True}
    return [empty] + [{"value": code, "text": text, "selected": False} for code, text in texts.items()]


def _called(report: Row[Any]) -> str:
    """A report in a list: its reference and when it came."""
    return f"{references.grouped(report.reference)} – {when(report.received)}"


def _report(
    connection: Connection, report: str, names: dict[str, str], known: dict[str, str]
) -> dict[str, Any]:
    rows = [
        {
            "agency": names.get(row.agency, row.agency),
            "answer": said(WORDS[row.answer]),
            "how": said(HOWS[row.how]) if row.how in HOWS else "",
            "by": known.get(row.asked_by, row.asked_by),
            "when": when(row.at),
            "withdrawn": when(row.withdrawn) if row.withdrawn is not None else "",
            "number": row.number,
            "first": row.answer == ASK_FIRST,
        }
        for row in consents.ledger(connection, report)
    ]
    return {"reference": references.grouped(report), "rows": rows}


def _shared(row: Row[Any], names: dict[str, str], known: dict[str, str]) -> dict[str, Any]:
    return {
        "reference": row.reference,
        "agency": names.get(row.agency, row.agency),
        "when": when(row.sent),
        "by": known.get(row.by, row.by),
        "without_yes": row.override is not None,
        "fields": [said(TABLE[field].text) for field in agencies.fields_of(row.fields)],
        "states": [said(one) for one in _states(row)],
        "file": row.route != LINK and not _is_over(row),
        "again": bool(row.pack) and row.route == LINK and row.acknowledged is None and not _is_over(row),
        "to_acknowledge": row.acknowledged is None,
        "to_ask": _is_there(row) and _is_over(row) and row.deletion_asked is None,
        "to_confirm": row.deletion_asked is not None and row.deleted is None,
    }


def _is_there(row: Row[Any]) -> bool:
    """Whether the organisation has it, as far as anybody knows."""
    return row.route != LINK or row.opened is not None


def _is_over(row: Row[Any]) -> bool:
    """Whether the person took the yes back, or what they told us was erased."""
    return row.withdrawn is not None or row.erased is not None


def _states(row: Row[Any]) -> list[Message]:
    found = []
    if row.opened is not None:
        found.append(OPENED.with_values(when=when(row.opened)))
    elif row.route == LINK and row.link_ends is None:
        found.append(STOPPED)
    elif row.acknowledged is None:
        found.append(TO_SEND)
    if row.acknowledged is not None:
        found.append(HAVE_IT.with_values(when=when(row.acknowledged)))
    if _is_over(row) and _is_there(row) and row.deletion_asked is None:
        found.append(ERASED if row.erased is not None else ASK_TO_DELETE)
    if row.deletion_asked is not None:
        found.append(DELETION_ASKED.with_values(when=when(row.deletion_asked)))
    if row.deleted is not None:
        found.append(DELETED.with_values(when=when(row.deleted)))
    if not row.pack:
        found.append(NOT_KEPT)
    return found


def _wish(row: Row[Any], names: dict[str, str], known: dict[str, str]) -> dict[str, Any]:
    mine = visit().person.reference
    return {
        "reference": row.reference,
        "report": row.report,
        "agency": names.get(row.agency, row.agency),
        "agency_code": row.agency,
        "ground": said(overrides.GROUNDS[row.ground]),
        "told": said(overrides.TOLD[row.told]),
        "fields": [said(TABLE[field].text) for field in agencies.fields_of(row.fields)],
        "by": known.get(row.asked_by, row.asked_by),
        "when": when(row.asked),
        "decision": row.decision or "",
        "authoriser": known.get(row.authoriser, "") if row.authoriser else "",
        "to_decide": row.decision is None and may(Role.CASE_MANAGER) and row.asked_by != mine,
        "to_use": row.decision == overrides.ALLOWED and not row.used and row.authoriser != mine,
        "used": row.used,
    }


# What was just shared


def hand_over(reference: str, disclosure: str, secret: str | None) -> Response:
    """To the page, which shows for a while how the organisation gets what was shared."""
    response = redirect(place_of(reference))
    content = {"disclosure": disclosure, "link": secret or ""}
    set_cookie(response, COOKIE, state().ring.seal_cookie(COOKIE, content, MINUTES), MINUTES)
    return response


def _handed(case: str) -> dict[str, str] | None:
    """How an organisation gets what was just shared by this browser; None when there is nothing."""
    content: dict[str, Any] | None = state().ring.open_cookie(COOKIE, cookie(COOKIE))
    if content is None:
        return None
    with state().database.read() as connection:
        found = [
            row
            for row in disclosures.of_case(connection, case)
            if row.reference == content["disclosure"] and row.by == visit().person.reference
        ]
        agreed = agencies.find(connection, found[0].agency) if found else None
    if not found or agreed is None or _is_over(found[0]):
        return None
    secret = str(content["link"])
    shown = {"address": agreed.address, "phone": agreed.phone, "disclosure": found[0].reference}
    if not secret:
        return shown | {"link": "", "code": enclosing.password_for(state().ring, found[0].reference)}
    link = f"{state().settings.address}/handover/with/{secret}"
    return shown | {"link": link, "code": links.grouped(links.code_for(state().ring, secret))}


# What staff do on the page


@blueprint.post(f"{PLACE}/consent")
@open_to(*WHO)
def consent(reference: str) -> Response:
    """What the person said, by phone or face to face."""
    seeing.case(reference)
    report, agency = _report_of(reference), request.form.get("agency", "")
    answer, how = request.form.get("answer", ""), request.form.get("how", "")
    language = request.form.get("language", "")
    with state().database.read() as connection:
        known = agencies.names(connection)
    if (
        report is None
        or agency not in known
        or answer not in WORDS
        or how not in SPOKEN
        or language not in LANGUAGES
    ):
        return show(reference, CHOOSE, 422)
    database, ring, who = state().database, state().ring, visit().person.reference
    try:
        consents.change(database, ring, report, {agency: answer}, by=who, how=how, language=language)
    except NotNow:
        return show(reference, FASTER, 409)
    return redirect(place_of(reference))


def _report_of(case: str) -> str | None:
    """The report that a form names, if it belongs to the case."""
    wanted = request.form.get("report", "")
    with state().database.read() as connection:
        found = {row.reference for row in reports.of_case(connection, case)}
    return wanted if wanted in found else None


def facets_for(fields: Iterable[Field]) -> frozenset[Facet]:
    """What somebody must be let see of a case before they can see or send these fields of it."""
    return frozenset(NEEDS[field] for field in fields if field in NEEDS)


def belongs(connection: Connection, case: str, disclosure: str) -> Row[Any]:
    """A disclosure of a case, as the list has it; 404 for any other."""
    found = [row for row in disclosures.of_case(connection, case) if row.reference == disclosure]
    return found[0] if found else abort(404)


@blueprint.post(f"{PLACE}/<disclosure>/mark")
@open_to(*WHO)
def mark(reference: str, disclosure: str) -> Response:
    """That an organisation has something, was asked to delete it, or has."""
    seeing.case(reference)
    what = request.form.get("go", "")
    with state().database.read() as connection:
        belongs(connection, reference, disclosure)
    if what not in disclosures.MARKS:
        abort(404)
    try:
        disclosures.mark(state().database, state().ring, disclosure, what, visit().person.reference)
    except NotNow:
        return show(reference, FASTER, 409)
    return redirect(place_of(reference))


@blueprint.post(f"{PLACE}/<disclosure>/feedback")
@open_to(*WHO)
def feedback(reference: str, disclosure: str) -> Response:
    """What an organisation told us."""
    seeing.case(reference)
    code = request.form.get("outcome", "")
    told = clean_words(request.form.get("words", ""), lines=True)[:LONGEST]
    with state().database.read() as connection:
        belongs(connection, reference, disclosure)
    if code not in FEEDBACK:
        return show(reference, CHOOSE_FEEDBACK, 422)
    who = visit().person.reference
    try:
        disclosures.note_feedback(state().database, state().ring, disclosure, code, told, who)
    except (NotNow, words.Erased):
        return show(reference, FASTER, 409)
    return redirect(place_of(reference))


@blueprint.post(f"{PLACE}/<disclosure>/read")
@open_to(*WHO)
def read(reference: str, disclosure: str) -> Response:
    """What was shared and what came back: on this one response only, and noted before."""
    seeing.case(reference)
    with state().database.read() as connection:
        row = belongs(connection, reference, disclosure)
    for facet in sorted(facets_for(agencies.fields_of(row.fields)) | {Facet.WORDS}):
        seeing.facet(reference, facet)
    with state().database.read() as connection:
        try:
            pack = disclosures.opened(connection, state().ring, row) if row.pack else []
            told = disclosures.feedback_of(connection, state().ring, row)
        except words.Erased:
            abort(404)
    return render(
        "incidents/shared.html",
        place_of(reference)[1:],
        place=place_of(reference),
        reference=references.grouped(disclosure),
        lines=[line for part in pack for line in part["lines"]],
        disclosure=disclosure,
        feedback=[(when(one.at), said(FEEDBACK[one.code]), text) for one, text in told],
        feedbacks=_options({code: said(text) for code, text in FEEDBACK.items()}),
    )


@blueprint.post(f"{PLACE}/<disclosure>/again")
@open_to(*WHO)
def again(reference: str, disclosure: str) -> Response:
    """A new link in place of one that got lost."""
    seeing.case(reference)
    with state().database.read() as connection:
        belongs(connection, reference, disclosure)
    try:
        secret = disclosures.new_link(state().database, state().ring, disclosure, visit().person.reference)
    except NotAllowed as error:
        return show(reference, error.why, 409)
    except NotNow:
        return show(reference, FASTER, 409)
    return hand_over(reference, disclosure, secret)
