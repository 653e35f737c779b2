"""What did not go as it should, or is about to: limits that were missed or end soon, cases opened again,
answers that took longer.

For managers, of the cases that they may see. Codes and dates only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy import Connection, Row, select

from portal import clock, references
from portal.accounts.guard import open_to, visit
from portal.accounts.people import Person
from portal.accounts.roles import Role
from portal.incidents import access, describing, escalating, showing
from portal.incidents.clocks import OF
from portal.incidents.deadlines import CaseDeadline, DeadlineBreach, DeadlineChange
from portal.incidents.desk import names
from portal.incidents.limits import Limit
from portal.incidents.models import CaseStep, IncidentCase
from portal.incidents.states import Event
from portal.interpreting.showing import DAY, span, when
from portal.pages import plain_options, render, said, state
from portal.questions.messages import Message, _staff

blueprint = Blueprint("case_exceptions", __name__)

DAYS: dict[str, Message] = {
    "7": _staff("7 days"),
    "28": _staff("28 days"),
    "91": _staff("3 months"),
    "365": _staff("A year"),
}
"""How far back can be looked."""
MOST = 500
BREACH, DEADLINE, CASE = DeadlineBreach, CaseDeadline, IncidentCase
MISSED = (
    select(DEADLINE.case, DEADLINE.clock, DEADLINE.ended, BREACH.due, CASE.officer, CASE.manager)
    .join(DEADLINE, DEADLINE.reference == BREACH.deadline)
    .join(CASE, CASE.reference == DEADLINE.case)
    .order_by(BREACH.due.desc(), DEADLINE.reference)
    .limit(MOST)
)
REOPENED = (
    select(CaseStep.case, CaseStep.at, CaseStep.by, CaseStep.reason, CASE.officer)
    .join(CASE, CASE.reference == CaseStep.case)
    .where(CaseStep.event == Event.REOPEN.value)
    .order_by(CaseStep.at.desc(), CaseStep.case)
    .limit(MOST)
)
EXTENDED = (
    select(
        DEADLINE.case,
        DEADLINE.clock,
        DeadlineChange.was,
        DeadlineChange.due,
        DeadlineChange.reason,
        DeadlineChange.by,
        DeadlineChange.at,
    )
    .join(DEADLINE, DEADLINE.reference == DeadlineChange.deadline)
    .join(CASE, CASE.reference == DEADLINE.case)
    .where(DeadlineChange.why == "extension")
    .order_by(DeadlineChange.at.desc(), DEADLINE.reference)
    .limit(MOST)
)
STILL = _staff("Not done yet")
AFTER = _staff("%(late)s late")


@blueprint.get(escalating.PAGE)
@open_to(Role.CASE_MANAGER)
def exceptions() -> Response:
    """What did not go as it should, in the last days that are chosen."""
    days = request.args.get("days", "")
    days = days if days in DAYS else "28"
    since, named = clock.seconds() - int(days) * DAY, names()
    with state().database.read() as connection:
        values: dict[str, Any] = {
            "ending": [_ending(row, named) for row in escalating.ending(connection, visit().person)],
            "missed": [_missed(row, named) for row in missed(connection, visit().person, since)],
            "reopened": [_reopened(row, named) for row in reopened(connection, visit().person, since)],
            "extended": [_extended(row, named) for row in extended(connection, visit().person, since)],
        }
    offered = plain_options([(code, said(words)) for code, words in DAYS.items()])
    return render(
        "incidents/exceptions.html",
        escalating.PAGE[1:],
        grouped=references.grouped,
        days=[{**one, "selected": one["value"] == days} for one in offered],
        **values,
    )


def missed(connection: Connection, person: Person, since: int) -> list[Row[Any]]:
    """The limits due since that second that were missed, of the cases that somebody may see."""
    return list(connection.execute(MISSED.where(BREACH.due >= since, access.visible(person))))


def reopened(connection: Connection, person: Person, since: int) -> list[Row[Any]]:
    """The cases opened again since that second, of those that somebody may see."""
    return list(connection.execute(REOPENED.where(CaseStep.at >= since, access.visible(person))))


def extended(connection: Connection, person: Person, since: int) -> list[Row[Any]]:
    """The limits given more time since that second, of the cases that somebody may see."""
    return list(connection.execute(EXTENDED.where(DeadlineChange.at >= since, access.visible(person))))


def _ending(row: Row[Any], named: Mapping[str, str]) -> dict[str, str]:
    return {
        "case": row.case,
        "words": said(OF[Limit(row.clock)].words),
        "due": when(row.due),
        "left": said(showing.left(row.due)),
        "officer": describing.name_of(row.officer, named) if row.officer else said(showing.NOBODY),
    }


def _missed(row: Row[Any], named: Mapping[str, str]) -> dict[str, str]:
    late = (row.ended if row.ended is not None else clock.seconds()) - row.due
    return {
        "case": row.case,
        "words": said(OF[Limit(row.clock)].words),
        "due": when(row.due),
        "late": said(AFTER.with_values(late=span(late))),
        "done": when(row.ended) if row.ended is not None else said(STILL),
        "officer": describing.name_of(row.officer, named) if row.officer else said(showing.NOBODY),
    }


def _reopened(row: Row[Any], named: Mapping[str, str]) -> dict[str, str]:
    return {
        "case": row.case,
        "when": when(row.at),
        "why": describing.why(row.reason),
        "by": describing.name_of(row.by, named),
        "officer": describing.name_of(row.officer, named) if row.officer else said(showing.NOBODY),
    }


def _extended(row: Row[Any], named: Mapping[str, str]) -> dict[str, str]:
    return {
        "case": row.case,
        "words": said(OF[Limit(row.clock)].words),
        "was": when(row.was),
        "due": when(row.due),
        "why": describing.why(row.reason),
        "by": describing.name_of(row.by, named),
    }
