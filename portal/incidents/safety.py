"""A place of safety: whoever has nowhere safe to stay is offered one within 24 hours, whatever day it is.

The 24 hours run from when anybody of us first heard of it. They never stand still.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from portal import clock, references
from portal.incidents.clocks import OF
from portal.incidents.limits import Limit
from portal.incidents.models import PlaceOfSafety
from portal.incidents.moving import NotNow, move
from portal.incidents.states import Event, Who
from portal.questions.messages import Message, _staff

DAY = OF[Limit.PLACE_OF_SAFETY].length * 3600
"""Seconds within which a place is offered."""
RESULTS: dict[str, Message] = {
    "offered": _staff("Offered"),
    "accepted": _staff("Offered and accepted"),
    "declined": _staff("Offered and declined"),
    "unreached": _staff("Nobody could reach the person safely"),
}
PLACES: dict[str, Message] = {
    "refuge": _staff("Refuge"),
    "temporary": _staff("Temporary home"),
    "hotel": _staff("Hotel or bed and breakfast"),
    "family": _staff("With family or friends, as the person wishes"),
    "sanctuary": _staff("Their own home, made safe"),
    "other": _staff("Another place"),
}
LATE_WHY: dict[str, Message] = {
    "not_reached": _staff("The person could not be reached safely before"),
    "no_place": _staff("No place was free"),
    "no_funds": _staff("Nobody had agreed to pay"),
    "not_passed_on": _staff("We heard of it and did not pass it on"),
    "other": _staff("Another reason"),
}
OF_CASE = (
    select(*PlaceOfSafety.__table__.columns)
    .where(PlaceOfSafety.case == bindparam("of"))
    .order_by(PlaceOfSafety.disclosed, PlaceOfSafety.reference)
)


def of_case(connection: Connection, case: str) -> list[Row[Any]]:
    """When people of a case had nowhere safe, and what they were offered, the first first."""
    return list(connection.execute(OF_CASE, {"of": case}))


def disclose(
    connection: Connection,
    case: Row[Any],
    *,
    at: int,
    channel: str,
    outlet: str | None = None,
    no_funds: bool | None = None,
    by: str,
    who: Who,
) -> Row[Any]:
    """Somebody said at that second that they have nowhere safe; gives the case. Raises NotNow."""
    if at > clock.seconds():
        raise NotNow("it lies ahead")
    moved = move(connection, case, Event.DISCLOSE, by=by, who=who, started=at)
    row = {"reference": references.new(), "case": case.reference, "disclosed": at, "channel": channel}
    connection.execute(insert(PlaceOfSafety), {**row, "outlet": outlet, "no_funds": no_funds})
    return moved


def note_result(
    connection: Connection,
    case: Row[Any],
    reference: str,
    result: str,
    *,
    by: str,
    who: Who,
    kind: str | None = None,
    late_why: str | None = None,
) -> Row[Any]:
    """Note what became of it, now; gives the case. Only an offer ends the 24 hours. Raises NotNow."""
    now = clock.seconds()
    rows = of_case(connection, case.reference)
    place = next((row for row in rows if row.reference == reference), None)
    if place is None or result not in RESULTS or kind not in {None, *PLACES}:
        raise NotNow(f"place of safety: {result}")
    offered = place.offered
    if offered is None and result != "unreached":
        offered = now
        if now > place.disclosed + DAY and late_why not in LATE_WHY:
            raise NotNow("it took longer than 24 hours, and nobody says why")
        case = move(connection, case, Event.OFFER_SAFETY, by=by, who=who)
    values = {"result": result, "offered": offered, "kind": kind or place.kind}
    connection.execute(
        update(PlaceOfSafety)
        .where(PlaceOfSafety.reference == reference)
        .values(**values, late_why=late_why or place.late_why)
    )
    return case
