"""Pages of requests to erase a report: what is to be decided, and one of them, for two people one after the
other. Codes and dates only: what was told is looked at on the page of the case, by who may see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, abort, request
from sqlalchemy import Connection, Row

from portal import clock, references
from portal.accounts.guard import open_to, visit
from portal.audit import Did, note_alone
from portal.incidents import (
    access,
    agencies,
    describing,
    disclosures,
    erasing,
    erasures,
    moving,
    seeing,
    time_over,
)
from portal.incidents.access import NotSeen
from portal.incidents.adding import NOTE_KINDS, PARTY_ROLES
from portal.incidents.desk import names
from portal.incidents.erasing import Held
from portal.incidents.erasure_steps import ACTS, TABLE, WHOS, WORDS, State, Step
from portal.incidents.erasure_words import CODE_ONLY, REFUSED_WHY, SURE
from portal.incidents.erasures import PAGE, WHO, InTheWay
from portal.incidents.moving import NotNow, SamePerson
from portal.incidents.showing import NOBODY
from portal.incidents.states import State as CaseState
from portal.incidents.wording import WORDS as CASE_WORDS
from portal.intake.asking import fields_of
from portal.interpreting import picking
from portal.interpreting.showing import when
from portal.pages import redirect, render, said, settings, state
from portal.questions import Choice, Option, Problem, Question, as_written
from portal.questions.messages import Message, _staff

blueprint = Blueprint("erasures", __name__)

FASTER = _staff("Somebody was faster, or it cannot be done any more. Nothing was changed: look at it again.")
NO_REFERENCE = _staff("Type the reference of the report: 9 letters and digits")
NOT_YOU = _staff("It takes a second person, who neither decided it nor deals with the case.")


@blueprint.get(PAGE)
@open_to(*WHO, label=_staff("Erasing"))
def everything() -> Response:
    """What is to be decided or done, what is due first; and what became of the others."""
    return _list()


def _list(typed: str = "", problem: Message | None = None, status: int = 200) -> Response:
    person, named = visit().person, names()
    with state().database.read() as connection:
        waiting = [_line(connection, row, named) for row in erasures.open_requests(connection, person)]
        ended = [_line(connection, row, named) for row in erasures.ended_requests(connection, person)]
        soon = [_soon(row) for row in time_over.ending_soon(connection, person, settings())]
    return render(
        "incidents/erasures.html",
        PAGE[1:],
        status,
        grouped=references.grouped,
        typed=typed,
        error=said(problem) if problem else "",
        steps=[_step(one) for one in TABLE],
        waiting=waiting,
        ended=ended,
        soon=soon,
        years=settings().keep_case_years,
    )


def _step(one: Step) -> dict[str, str]:
    return {
        "act": said(ACTS[one.act]),
        "since": "; ".join(said(WORDS[state]) for state in State if state in one.since),
        "to": said(WORDS[one.to]),
        "who": "; ".join(said(words) for who, words in WHOS.items() if who in one.who),
    }


@blueprint.post(f"{PAGE}/record")
@open_to(*WHO)
def record() -> Response:
    """A request that came in another way than with the code."""
    typed = request.form.get("report", "")
    report = references.read(typed)
    if report is None:
        return _list(typed, NO_REFERENCE, 422)
    try:
        found = erasures.record(state().database, state().ring, settings(), visit().person, report)
    except NotSeen:
        seeing.refused(report, "report")
    return redirect(f"{PAGE}/{found}")


def _soon(row: Row[Any]) -> dict[str, str]:
    ends = time_over.ends_on(settings(), row)
    return {"report": row.reference, "case": row.case, "ends": f"{ends:%a} {ends.day} {ends:%b %Y}"}


def _line(connection: Connection, row: Row[Any], named: Mapping[str, str]) -> dict[str, Any]:
    case = moving.find(connection, row.case)
    return {
        "reference": row.reference,
        "report": row.report,
        "case": row.case,
        "seen": case is not None and bool(access.seen(connection, visit().person, case)),
        "asked": when(row.asked),
        "due": f"{row.due:%a} {row.due.day} {row.due:%b %Y}",
        "late": row.ended is None and clock.today() > row.due,
        "state": said(WORDS[State(row.state)]),
        "case_state": said(CASE_WORDS[CaseState(row.case_state)]),
        "officer": describing.name_of(row.officer, named) if row.officer else said(NOBODY),
        "decided_by": describing.name_of(row.decided_by, named) if row.decided_by else "",
        "confirmed_by": describing.name_of(row.confirmed_by, named) if row.confirmed_by else "",
        "ended": when(row.ended) if row.ended is not None else "",
        "reason": said(REFUSED_WHY[row.reason].words) if row.reason else "",
    }


def _found(reference: str) -> Row[Any]:
    """The request of an address; 404, which is noted, for what is none to this person."""
    seeing.fitting(reference)
    try:
        with state().database.read() as connection:
            return erasures.find(connection, visit().person, reference)
    except NotSeen:
        seeing.refused(reference, "erasure")


@blueprint.get(f"{PAGE}/<reference>")
@open_to(*WHO, grave=True)
def one(reference: str) -> Response:
    row, by = _found(reference), visit().person.reference
    what, detail = f"case {row.case}", {"facet": "erasure"}
    note_alone(state().database, state().ring, by=by, did=Did.VIEWED, what=what, detail=detail)
    return _page(row)


def _page(
    row: Row[Any],
    status: int = 200,
    typed: dict[str, list[str]] | None = None,
    problems: Mapping[str, Problem] | None = None,
    notice: Message | None = None,
) -> Response:
    """One request, with what is in its way and what can be decided now."""
    named, wrong, mine = names(), dict(problems or {}), visit().person.reference
    with state().database.read() as connection:
        all_of = _looked_at(connection, row.report)
        ways = erasures.in_the_way(connection, row, all_of)
        to_agree, to_refuse = agreeing(connection, all_of, named), refusing()
        line = _line(connection, row, named)
        called = agencies.names(connection, every=True)
        have_it = [called.get(one, one) for one in disclosures.who_have(connection, row.report)]
    second = row.state == State.AGREED and mine not in (row.decided_by, row.officer)
    return render(
        "incidents/erasure.html",
        f"{PAGE[1:]}/{row.reference}",
        status,
        grouped=references.grouped,
        row=line,
        place=f"{PAGE}/{row.reference}",
        earliest=when(erasures.earliest(row)),
        sure=said(SURE[row.sure]) if row.sure else "",
        also=len(row.also),
        others=len(all_of.others),
        have_it=have_it,
        ways=[said(one) for one in ways],
        decides=row.state == State.ASKED,
        agreed=row.state == State.AGREED,
        second=second,
        agreeing=fields_of(to_agree, {}, typed, wrong, heading=False),
        refusing=fields_of(to_refuse, {}, typed, wrong, heading=False),
        grounds=[(said(reason.words), reason.ground) for reason in REFUSED_WHY.values()],
        errors=picking.errors_of(wrong),
        notice=said(notice) if notice else "",
    )


def _looked_at(connection: Connection, reference: str) -> Held:
    """A report and who else told us of its case, to look at only: nothing is locked."""
    report = erasing.find(connection, reference)
    case = moving.find(connection, report.case) if report is not None else None
    if report is None or case is None:
        abort(404)
    return Held(report, case, (case.reference,), tuple(erasing.others_of(connection, report)))


def agreeing(connection: Connection, all_of: Held, named: Mapping[str, str]) -> tuple[Question, ...]:
    """What is asked of who decides to erase it."""
    enough = erasures.code_is_enough(connection, all_of.report)
    sure = Choice(
        key="sure",
        text=_staff("How you made sure that the person themselves wants it"),
        required=_staff("Choose how you made sure who asked"),
        options=tuple(Option(code, words) for code, words in SURE.items() if enough or code != CODE_ONLY),
    )
    if not all_of.others:
        return (sure,)
    notes, people = erasures.kept_for_others(connection, all_of.case.reference)
    lines = [(one, said(NOTE_KINDS[one.kind])) for one in notes]
    lines += [(one, said(PARTY_ROLES[one.role])) for one in people]
    options = tuple(Option(one.reference, as_written(_called(one, kind, named))) for one, kind in lines)
    if not options:
        return (sure,)
    also = Choice(
        key="also",
        text=_staff("Notes and people of the case that are about this person alone"),
        hint=_staff(
            "Others told us of this case too: what is not chosen stays. Read them on the page of the case."
        ),
        many=True,
        options=options,
    )
    return sure, also


def _called(one: Row[Any], kind: str, named: Mapping[str, str]) -> str:
    return f"{kind}, {when(one.at)}, {describing.name_of(one.by, named)}"


def refusing() -> tuple[Question, ...]:
    """What is asked of who decides to keep it."""
    return (
        Choice(
            key="reason",
            text=_staff("Why it must be kept"),
            hint=_staff("The person reads it in plain words in their language, and where they can complain"),
            required=_staff("Choose why it must be kept"),
            options=tuple(Option(code, reason.words) for code, reason in REFUSED_WHY.items()),
        ),
    )


@blueprint.post(f"{PAGE}/<reference>/decide")
@open_to(*WHO, grave=True)
def decide(reference: str) -> Response:
    """One person decides: it is erased once a second one confirms it, or it is kept."""
    row, go = _found(reference), request.form.get("go", "")
    if go not in ("agree", "refuse"):
        abort(404)
    with state().database.read() as connection:
        agree = agreeing(connection, _looked_at(connection, row.report), names())
    asked = agree if go == "agree" else refusing()
    typed = picking.sent(asked)
    picked = picking.read(asked, typed)
    if picked.problems:
        return _page(row, 422, typed, picked.problems)
    given = (state().database, state().ring, settings(), visit().person, reference)
    try:
        if go == "agree":
            erasures.agree(*given, picked.one("sure"), picked.answers.get("also", ()))
        else:
            erasures.refuse(*given, picked.one("reason"))
    except InTheWay as error:
        return _page(_found(reference), 409, typed, notice=error.why)
    except NotNow:
        return _page(_found(reference), 409, typed, notice=FASTER)
    return redirect(f"{PAGE}/{reference}")


@blueprint.post(f"{PAGE}/<reference>/confirm")
@open_to(*WHO, grave=True)
def confirm(reference: str) -> Response:
    """The second person carries it out, or either sends it back to be decided anew."""
    _found(reference)
    go, portal, person = request.form.get("go", ""), state(), visit().person
    if go not in ("erase", "back"):
        abort(404)
    try:
        if go == "erase":
            erasures.carry_out(portal.database, portal.ring, settings(), portal.store, person, reference)
        else:
            erasures.send_back(portal.database, portal.ring, person, reference)
    except SamePerson:
        return _page(_found(reference), 409, notice=NOT_YOU)
    except InTheWay as error:
        return _page(_found(reference), 409, notice=error.why)
    except NotNow:
        return _page(_found(reference), 409, notice=FASTER)
    return redirect(PAGE if go == "erase" else f"{PAGE}/{reference}")
