"""What was shared across all cases: without a yes, and what organisations must be told to delete.

For managers, of the cases that they may see, and for information governance. Codes and dates only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy import Connection, Row, exists, select

from portal import clock, references
from portal.accounts.guard import open_to, visit
from portal.accounts.people import Person
from portal.accounts.roles import Role
from portal.incidents import access, agencies, describing, moving
from portal.incidents.desk import names
from portal.incidents.disclosures import ROW, TO_DELETE
from portal.incidents.exceptions import DAYS
from portal.incidents.models import IncidentCase, IncidentReport
from portal.incidents.overrides import ALLOWED, GROUNDS, TOLD, WISH
from portal.incidents.packs import TABLE
from portal.incidents.shared import Disclosure
from portal.incidents.sharing import ASK_TO_DELETE, DELETION_ASKED, ERASED
from portal.interpreting.showing import DAY, when
from portal.pages import plain_options, render, said, state
from portal.questions.messages import Message, _staff

blueprint = Blueprint("across_cases", __name__)

PLACE = "/staff/cases/shared"
MOST = 500
USED = exists().where(Disclosure.override == WISH.reference).label("used")
OVERRIDES = (
    select(*WISH.__table__.columns, USED, IncidentReport.case.label("now_in"))
    .join(IncidentReport, IncidentReport.reference == WISH.report)
    .join(IncidentCase, IncidentCase.reference == IncidentReport.case)
    .order_by(WISH.asked.desc(), WISH.reference)
    .limit(MOST)
)
DELETIONS = (
    TO_DELETE.join(IncidentCase, IncidentCase.reference == IncidentReport.case)
    .order_by(ROW.sent, ROW.reference)
    .limit(MOST)
)
WAITS, REFUSED = _staff("Not decided yet"), _staff("Refused by %(name)s")
UNUSED, SENT = _staff("Allowed by %(name)s, not used yet"), _staff("Allowed by %(name)s, and sent")


@blueprint.get(PLACE)
@open_to(Role.CASE_MANAGER, Role.GOVERNANCE)
def shared() -> Response:
    """Wishes to share without a yes, of the days that are chosen; and all that is still to be deleted."""
    days = request.args.get("days", "")
    days = days if days in DAYS else "91"
    person, named, since = visit().person, names(), clock.seconds() - int(days) * DAY
    with state().database.read() as connection:
        called = agencies.names(connection, every=True)
        wishes = [_wish(connection, row, named, called) for row in overridden(connection, person, since)]
        tasks = [_task(connection, row, named, called) for row in to_be_deleted(connection, person)]
    offered = plain_options([(code, said(words)) for code, words in DAYS.items()])
    return render(
        "incidents/across.html",
        PLACE[1:],
        grouped=references.grouped,
        manages=Role.CASE_MANAGER in person.roles,
        days=[{**one, "selected": one["value"] == days} for one in offered],
        wishes=wishes,
        tasks=tasks,
    )


def overridden(connection: Connection, person: Person, since: int) -> list[Row[Any]]:
    """Wishes to tell an organisation without a yes since that second, of the cases that somebody oversees;
    the newest first, each with whether it was used and the case that it is in now."""
    return list(connection.execute(OVERRIDES.where(WISH.asked >= since, access.overseen(person))))


def to_be_deleted(connection: Connection, person: Person) -> list[Row[Any]]:
    """What organisations have that they must be told to delete, or have not said that they deleted, of the
    cases that somebody oversees; the oldest first."""
    return list(connection.execute(DELETIONS.where(access.overseen(person))))


def _wish(
    connection: Connection, row: Row[Any], named: Mapping[str, str], called: Mapping[str, str]
) -> dict[str, Any]:
    return {
        **_of_case(connection, row),
        "agency": called.get(row.agency, row.agency),
        "ground": said(GROUNDS[row.ground]),
        "told": said(TOLD[row.told]),
        "fields": [said(part.text) for field, part in TABLE.items() if field.value in row.fields],
        "by": describing.name_of(row.asked_by, named),
        "when": when(row.asked),
        "decision": said(_decision(row, named)),
        "waits": row.decision is None,
    }


def _decision(row: Row[Any], named: Mapping[str, str]) -> Message:
    if row.decision is None:
        return WAITS
    words = (SENT if row.used else UNUSED) if row.decision == ALLOWED else REFUSED
    return words.with_values(name=describing.name_of(row.authoriser, named))


def _task(
    connection: Connection, row: Row[Any], named: Mapping[str, str], called: Mapping[str, str]
) -> dict[str, Any]:
    to_ask = ERASED if row.erased is not None else ASK_TO_DELETE
    asked = row.deletion_asked
    return {
        **_of_case(connection, row),
        "agency": called.get(row.agency, row.agency),
        "when": when(row.sent),
        "by": describing.name_of(row.by, named),
        "what": said(to_ask if asked is None else DELETION_ASKED.with_values(when=when(asked))),
        "waits": asked is None,
    }


def _of_case(connection: Connection, row: Row[Any]) -> dict[str, Any]:
    """The case, and whether this person may open its page of sharing."""
    case = moving.find(connection, row.now_in)
    mine = visit().person
    works = not mine.roles.isdisjoint(access.OFFICERS)
    seen = works and case is not None and bool(access.seen(connection, mine, case))
    return {"case": row.now_in, "seen": seen}
