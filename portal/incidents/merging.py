"""Making a case part of another: its reports, its time limits and all that speaks for haste go over to it.

Nothing is lost by it: of two limits of a kind the earlier one stays, and what was written down in a case can
be read there as before.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, update

from portal import clock
from portal.incidents import conflicts, safe_ways, timing
from portal.incidents.deadlines import CaseDeadline
from portal.incidents.facts import Found
from portal.incidents.models import COMPARTMENTS, IncidentReport, PlaceOfSafety
from portal.incidents.moving import NotNow, find, locked, may, move
from portal.incidents.states import STEPS, Event, Who


def standing(connection: Connection, reference: str) -> Row[Any] | None:
    """The case of that reference, or the one that it became part of."""
    found = find(connection, reference)
    while found is not None and found.merged_into is not None:
        found = find(connection, found.merged_into)
    return found


def merge(
    connection: Connection, reference: str, into: str, *, by: str, who: Who
) -> tuple[Row[Any], Row[Any]]:
    """Make a case part of another open one; gives both as they are now. Raises NotNow."""
    if reference == into:
        raise NotNow("a case is not part of itself")
    held = {one: locked(connection, one) for one in sorted((reference, into))}
    case, target = held[reference], held[into]
    if case.data_key is None or target.data_key is None:
        raise NotNow("its words are erased: nothing can be added to it")
    if not may(case, Event.MERGE, who) or not may(target, Event.ADD_REPORT, who):
        raise NotNow(f"{Event.MERGE} in {case.state}, into {target.state}")
    _hand_over(connection, case.reference, target.reference, by)
    for table in (IncidentReport, PlaceOfSafety):
        connection.execute(update(table).where(table.case == reference).values(case=into))
    move(connection, case, Event.MERGE, by=by, who=who, merged_into=into)
    columns = together(target, case) | {"received": min(target.received, case.received)}
    move(connection, target, Event.ADD_REPORT, by=by, who=who, **columns)
    conflicts.spread(connection, into)
    safe_ways.be_careful(connection, into)
    return locked(connection, reference), locked(connection, into)


def together(one: Row[Any], other: Row[Any] | Found) -> dict[str, Any]:
    """The columns of a case that speaks for both: of each the stricter. It gets more urgent, never less."""
    return {
        "category": min(one.category, other.category),
        "kinds": [*one.kinds, *(code for code in other.kinds if code not in one.kinds)],
        "hate": one.hate or other.hate,
        "strands": [*one.strands, *(code for code in other.strands if code not in one.strands)],
        "flags": sorted({*one.flags, *other.flags}),
        "compartment": max(one.compartment, other.compartment, key=COMPARTMENTS.index),
    }


def _hand_over(connection: Connection, case: str, target: str, by: str) -> None:
    now = clock.seconds()
    timing.resume(connection, case, by, now)
    timing.end(connection, case, {one.value for one in STEPS[Event.MERGE].meets}, "met", now, by)
    theirs = {row.clock: row for row in timing.under_way(connection, target)}
    for row in timing.under_way(connection, case):
        there = theirs.get(row.clock)
        if there is not None:
            later = case if there.due <= row.due else target
            timing.end(connection, later, {row.clock}, "stopped", now, by)
            if later == case:
                continue
        connection.execute(
            update(CaseDeadline).where(CaseDeadline.reference == row.reference).values(case=target)
        )
