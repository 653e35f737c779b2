"""What was told is erased when its time is over, and not a day before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import time_machine

from portal import clock
from portal.accounts.roles import Role
from portal.database import Database
from portal.incidents import exchange, moving, reports, tombstones
from portal.incidents.exchange import Kind
from portal.incidents.models import IncidentCase
from portal.incidents.reports import REPORTER
from portal.incidents.states import Event, Who
from portal.intake.models import Submission
from portal.keeping import delete_what_has_had_its_time
from portal.sealing import KeyRing
from portal.settings import Settings
from tests.cases import MANAGER, NOW, Desk, at
from tests.conftest import MakePortal
from tests.staff import Colleague


@pytest.fixture
def desk(database: Database, ring: KeyRing) -> Iterator[Desk]:
    with time_machine.travel(NOW, tick=False):
        yield Desk(database, ring)


def on(day: str) -> Any:
    return time_machine.travel(clock.moment(at(day, "09:00")), tick=False)


def tidied(desk: Desk, settings: Settings, **changes: Any) -> int:
    return delete_what_has_had_its_time(desk.database, desk.ring, replace(settings, **changes))["cases"]


def report_of(desk: Desk, case: str) -> Any:
    with desk.database.read() as connection:
        [report] = reports.of_case(connection, case)
    return report


def test_six_years_after_closing_the_words_go_and_codes_and_dates_stay(
    desk: Desk, settings: Settings, ring: KeyRing
) -> None:
    case = desk.closed(desk.tells())
    with on("2032-11-18"):
        assert tidied(desk, settings) == 0, "the last day"
    with on("2032-11-19"):
        assert tidied(desk, settings) == 1
        assert tidied(desk, settings) == 0
        report = report_of(desk, case)
        [stone] = desk.every(tombstones.Tombstone)
    assert (stone.reference, stone.ground, stone.kind) == (report.reference, tombstones.TIME, tombstones.CASE)
    assert report.submission is None and desk.case(case).data_key is None
    assert desk.every(Submission) == []
    assert [one.reference for one in desk.every(IncidentCase)] == [case]
    assert set(tombstones.read_list(ring, settings.erased)) == {report.reference}


def test_a_landlord_sets_how_long(desk: Desk, settings: Settings) -> None:
    desk.closed(desk.tells())
    with on("2027-11-19"):
        assert tidied(desk, settings) == 0
        assert tidied(desk, settings, keep_case_years=1) == 1


def test_what_is_open_was_opened_again_or_was_closed_later_is_kept(desk: Desk, settings: Settings) -> None:
    desk.tells()
    again, later = desk.closed(desk.tells()), desk.tells()
    with on("2028-03-01"):
        desk.step(again, Event.REOPEN, MANAGER, Who.MANAGER, reason="again")
        desk.closed(later)
    with on("2032-12-01"):
        assert tidied(desk, settings) == 0
    assert len(desk.every(Submission)) == 3


def test_what_somebody_wrote_and_nobody_answered_waits_for_people(desk: Desk, settings: Settings) -> None:
    case = desk.tells()
    report = report_of(desk, case).reference
    with desk.database.write() as connection:
        words = (Kind.WORDS, REPORTER, "en", "It is not over")
        exchange.add(connection, desk.ring, moving.locked(connection, case), report, *words)
    desk.closed(case)
    with on("2032-12-01"):
        assert tidied(desk, settings) == 0
        with desk.database.write() as connection:
            exchange.answered(connection, report, MANAGER)
        assert tidied(desk, settings) == 1


def test_a_month_before_it_stands_in_the_list_of_who_oversees_it(
    desk: Desk, settings: Settings, make_portal: MakePortal
) -> None:
    case = desk.closed(desk.tells())
    app = make_portal(desk.database)
    with on("2032-10-15"):
        keeper = Colleague(app, Role.GOVERNANCE).open("/staff/cases/erasures")
        assert "Their time is over soon" not in keeper.text
    with on("2032-11-01"):
        keeper = Colleague(app, Role.GOVERNANCE, name="Another").open("/staff/cases/erasures")
        assert "Thu 18 Nov 2032" in keeper.text and f"/staff/cases/{case}" in keeper.response.text
