"""The desk of cases: what is due next, and one case with all that can be done about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Blueprint, Response, abort, request
from sqlalchemy import Connection, Row

from portal import clock, references
from portal.accounts import people
from portal.accounts.guard import may, open_to, visit
from portal.accounts.people import Person
from portal.accounts.roles import Role
from portal.audit import Did
from portal.incidents import (
    access,
    acting,
    describing,
    moving,
    opening,
    queue,
    reports,
    safe_ways,
    safety,
    showing,
    steps,
    timing,
)
from portal.incidents.access import WORKERS, Facet, NotSeen
from portal.incidents.adding import ADDED
from portal.incidents.clocks import OF
from portal.incidents.facts import QUEUES
from portal.incidents.limits import Limit
from portal.incidents.queue import CASES, GROUPS, STAFF
from portal.incidents.showing import NEXT
from portal.incidents.states import ENDS, OPEN, State
from portal.incidents.steps import Around, Block
from portal.incidents.wording import WORDS
from portal.intake.asking import fields_of
from portal.interpreting.showing import day
from portal.pages import redirect, render, said, state
from portal.questions import Form, Problem
from portal.questions.messages import Message, _staff
from portal.questions.typing_in import Typed

blueprint = Blueprint("cases", __name__)

ANY_STATE = _staff("Every state")


@blueprint.get(CASES)
@open_to(*STAFF, label=_staff("Cases"))
def lists() -> Response:
    """One of the desk's lists, in one state if wished. No name, no address, no words of anybody."""
    group, wished = request.args.get("show", ""), request.args.get("state", "")
    group = group if group in GROUPS else "mine"
    wished = wished if wished in {one.value for one in State} else ""
    with state().database.read() as connection:
        found = queue.lines(connection, visit().person, group, wished)
    offered = [one for one in State if (one in ENDS) == (group == "ended")]
    named = names()
    return render(
        "incidents/lists.html",
        CASES[1:],
        groups=[(code, said(words), code == group) for code, (words, _whose) in GROUPS.items()],
        shown=group,
        states=[{"value": "", "text": said(ANY_STATE), "selected": not wished}]
        + [{"value": one.value, "text": said(WORDS[one]), "selected": one == wished} for one in offered],
        grouped=references.grouped,
        gone=references.read(request.args.get("gone", "")) or "",
        manager=Role.CASE_MANAGER in visit().person.roles,
        rows=[_row(line, named) for line in found],
    )


def _row(line: queue.Line, named: Mapping[str, str]) -> dict[str, Any]:
    hurry = showing.hurry(line.due, clock.seconds())
    return {
        "reference": line.reference,
        "about": describing.codes(form(), "kind", line.kinds),
        "category": line.category,
        "hate": line.hate,
        "due": day(line.due) if line.due is not None else "",
        "left": said(showing.left(line.due)) if line.due is not None else "",
        "hurry": hurry,
        "hurry_word": said(showing.LATE if hurry == "late" else showing.SOON) if hurry else "",
        "missed": line.missed,
        "officer": describing.name_of(line.officer, named) if line.officer else "",
        "list": said(QUEUES[line.queue]),
        "state": said(WORDS[line.state]),
        "received": day(line.received),
    }


def names() -> dict[str, str]:
    """The names of all accounts."""
    return {person.reference: person.name for person in people.everybody(state().database)}


def form() -> Form:
    """The newest form of incidents, with all members that its lists ever had."""
    known: tuple[Form, ...] = state().known_forms
    return next(form for form in reversed(known) if form.key == reports.FORM)


def found(reference: str) -> Row[Any]:
    """The case of an address. 404 for what is none, and for what is none to this person."""
    if references.read(reference) != reference:
        abort(404)
    with state().database.read() as connection:
        case = moving.find(connection, reference)
        let = case is not None and access.seen(connection, visit().person, case)
    if case is not None and not let:
        opening.note_look(reference, Did.REFUSED)
    return case if case is not None and let else abort(404)


@blueprint.get(f"{CASES}/<reference>")
@open_to(*WORKERS)
def one(reference: str) -> Response:
    return case_page(found(reference))


@blueprint.post(f"{CASES}/<reference>/words")
@open_to(*WORKERS)
def words(reference: str) -> Response:
    """Who it is about, or what was told and written down: on this one response only, and noted before."""
    row, wanted = found(reference), request.form.get("facet", "")
    facet = next((one for one in opening.OPENED if one == wanted), None) or abort(404)
    try:
        row = access.look(state().database, state().ring, visit().person, row.reference, facet)
    except NotSeen:
        abort(404)
    return case_page(row, opened=facet)


def around(connection: Connection, row: Row[Any]) -> Around:
    """What must be known besides the row of a case to say what can be done."""
    return Around(
        under_way=timing.under_way(connection, row.reference),
        places=safety.of_case(connection, row.reference),
        asked_by=acting.asked_by(connection, row.reference),
        colleagues=_colleagues(connection, row),
    )


def _colleagues(connection: Connection, row: Row[Any]) -> list[Person]:
    """Who may be given a case."""
    everybody = people.everybody(state().database)
    return [one for one in everybody if acting.may_be_given(connection, row, one)]


def case_page(
    row: Row[Any],
    status: int = 200,
    *,
    opened: Facet | None = None,
    typed: Mapping[str, Typed] | None = None,
    problems: Mapping[str, Problem] | None = None,
    notice: Message | None = None,
) -> Response:
    """One case. `typed` holds, by the code of a step, what somebody typed; `problems` what is wrong."""
    who, wrong, named = acting.acting_as(visit().person), problems or {}, names()
    if opened is None:
        opening.note_look(row.reference, Did.VIEWED)
    with state().database.read() as connection:
        facets = access.seen(connection, visit().person, row)
        known = around(connection, row)
        blocks = steps.blocks(row, who, known)
        values = {
            "limits": describing.limits(connection, row.reference, named),
            "breaches": describing.breaches(connection, row.reference),
            "changes": describing.changes(connection, row.reference, named),
            "timeline": describing.timeline(connection, row.reference, named),
            "done": describing.done(connection, row.reference, named),
            "reports": opening.reported(connection, row.reference, facets, opened),
            "people": opening.people(connection, row, opened is Facet.IDENTITY),
            "notes": opening.notes(connection, row, opened is Facet.WORDS, named),
            "alike": _alike(connection, row),
            "to_mind": [said(one) for one in safe_ways.to_mind(connection, row.reference)],
            "elsewhere": _elsewhere(row, facets),
        }
    second, waits_for = acting.in_the_way(row, who, known.under_way, known.asked_by)
    codes = [block.code for block in blocks]
    lost = {code: fields for code, fields in (typed or {}).items() if code not in codes}
    shown = [_fields(block, (typed or {}).get(block.code), wrong) for block in blocks]
    return render(
        "incidents/case.html",
        f"{CASES[1:]}/{row.reference}",
        status,
        row=row,
        grouped=references.grouped,
        state_words=said(WORDS[State(row.state)]),
        next=said(NEXT[State(row.state)]) if State(row.state) in NEXT else "",
        open=State(row.state) in OPEN,
        flags=[one for one in showing.flags(row)],
        head=describing.head(row, form(), named),
        safe_places=describing.places(known.places),
        likely=_group(block for block in shown if block["first"] and block["code"] not in ADDED),
        others=_group(block for block in shown if not block["first"] and block["code"] not in ADDED),
        added=_group(block for block in shown if block["code"] in ADDED),
        second=second,
        waits_for=[said(OF[Limit(one)].words) for one in waits_for],
        facets=[one.value for one in opening.OPENED if one in facets],
        opened=opened.value if opened is not None else "",
        erased=row.data_key is None,
        errors=[(f"#{problem.field}", said(problem.message)) for problem in wrong.values()],
        notice=said(notice) if notice else "",
        lost=[
            value for fields in lost.values() for typed_in in fields.values() for value in typed_in if value
        ],
        **values,
    )


def _elsewhere(row: Row[Any], facets: frozenset[Facet]) -> list[tuple[str, str]]:
    """The other pages of a case that this person may open: addresses and names."""
    known: tuple[tuple[str, Message, bool], ...] = (
        ("call", _staff("How to reach the people of this case"), Facet.CONTACT in facets),
        ("messages", _staff("Messages"), Facet.WORDS in facets),
        ("evidence", _staff("Evidence"), Facet.EVIDENCE in facets),
        ("sharing", _staff("Sharing"), may(*STAFF)),
        ("people", _staff("Who sees this case"), may(*STAFF)),
    )
    return [(f"{CASES}/{row.reference}/{place}", said(name)) for place, name, let in known if let]


def _alike(connection: Connection, row: Row[Any]) -> list[dict[str, str]]:
    """Other cases of who may be the same person, as far as this one may see them."""
    cases = [moving.find(connection, one) for one in reports.alike(connection, row.reference)]
    return [
        {"reference": case.reference, "state": said(WORDS[State(case.state)])}
        for case in cases
        if case is not None and access.seen(connection, visit().person, case)
    ]


def _fields(block: Block, typed: Typed | None, problems: Mapping[str, Problem]) -> dict[str, Any]:
    mine = {question.key: problems[question.key] for question in block.asked if question.key in problems}
    shown = {name: list(values) for name, values in typed.items()} if typed is not None else None
    return {
        "code": block.code,
        "title": said(block.title),
        "grave": block.grave,
        "first": block.first,
        "open": bool(mine) or typed is not None,
        "fields": fields_of(block.asked, dict(block.answers or {}), shown, mine, heading=False),
    }


def _group(blocks: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Steps as they stand together: what is one press, and what asks something before."""
    found = list(blocks)
    return {
        "presses": [block for block in found if not block["fields"] and not block["grave"]],
        "asking": [block for block in found if block["fields"] or block["grave"]],
        "open": any(block["open"] for block in found),
    }


def back_to(reference: str) -> Response:
    """The page of a case; the list where it is seen no more, as it is when it was given to somebody else."""
    with state().database.read() as connection:
        case = moving.find(connection, reference)
        seen = case is not None and access.seen(connection, visit().person, case)
    return redirect(f"{CASES}/{reference}" if seen else f"{CASES}?gone={reference}")
