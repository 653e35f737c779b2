"""Erasing what was told when its time is over: so many years after its case was finished, as pages say.

Those whose time ends within a month stand in a list. A case that is opened again starts anew; what somebody
asked to be erased, or wrote and nobody has answered, is for people to decide.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, select

from portal import clock
from portal.accounts.people import Person
from portal.blobs import Store
from portal.database import Database
from portal.incidents import access, erasing, erasures, tombstones
from portal.incidents.models import IncidentCase, IncidentReport
from portal.incidents.moving import NotNow
from portal.incidents.states import ANSWERED, FINISHED
from portal.sealing import KeyRing
from portal.settings import Settings

SOON = 30
"""Days before the end from which it stands in the list."""
MOST = 200
CASE, REPORT = IncidentCase, IncidentReport
OVER = (
    select(REPORT.reference, CASE.reference.label("case"), CASE.closed)
    .join(CASE, CASE.reference == REPORT.case)
    .where(
        REPORT.submission.is_not(None),
        CASE.state.in_(sorted(FINISHED)),
        CASE.stage.in_(sorted(ANSWERED)),
    )
    .order_by(CASE.closed, REPORT.reference)
)


def _before(settings: Settings, later: int = 0) -> int:
    """The second before which a case must have been finished for its time to be over in so many days."""
    day = clock.years_before(clock.days_after(clock.today(), later), settings.keep_case_years)
    return clock.second_of(day, "00:00")


def ending_soon(connection: Connection, person: Person, settings: Settings) -> list[Row[Any]]:
    """The reports whose time ends within a month, of the cases that a person oversees, the first first."""
    query = OVER.where(CASE.closed < _before(settings, SOON), access.overseen(person))
    return list(connection.execute(query.limit(MOST)))


def ends_on(settings: Settings, row: Row[Any]) -> date:
    """The day on which the time of a report is over."""
    return clock.years_after(clock.day_of(row.closed), settings.keep_case_years)


def erase_over(database: Database, ring: KeyRing, settings: Settings, store: Store) -> int:
    """Erase every report whose time is over, each in a transaction of its own; how many."""
    with database.read() as connection:
        found = list(connection.execute(OVER.where(CASE.closed < _before(settings))))
    return sum(_erase(database, ring, settings, store, row.reference) for row in found)


def _erase(database: Database, ring: KeyRing, settings: Settings, store: Store, reference: str) -> bool:
    with database.write() as connection:
        try:
            all_of = erasing.held(connection, reference)
        except NotNow:
            return False  # just being merged or erased: the next time
        still = OVER.where(REPORT.reference == reference, CASE.closed < _before(settings))
        if connection.execute(still).first() is None or erasures.is_with_people(connection, reference):
            return False
        stone, ids = erasing.erase(
            connection, ring, all_of, also=(), by=erasing.BY_PORTAL, ground=tombstones.TIME
        )
    for identity in ids:
        store.drop(identity)
    tombstones.write_list(ring, settings.erased, [stone])
    return True
