"""Time limits of cases as they are kept: missed once and for ever, moved with the old date kept, watched."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from portal import clock, outbox
from portal.accounts import people
from portal.accounts.roles import Role
from portal.audit import OPERATOR, Audit
from portal.checking import SettingsError
from portal.database import Database
from portal.incidents import exceptions, timing, watching
from portal.incidents.clocks import OF
from portal.incidents.deadlines import (
    CaseDeadline,
    ClockLength,
    DeadlineBreach,
    DeadlineChange,
    DeadlinePause,
)
from portal.incidents.limits import Limit
from portal.incidents.states import Event, Who
from portal.incidents.timing import CannotExtend
from portal.sealing import KeyRing
from portal.settings import Settings, from_values
from portal.starting import set_up
from portal.working import HANDLERS, PERIODIC, WATCH_CLOCKS, do_one
from tests.cases import MANAGER, NOW, OFFICER, Desk, at

DAY = 86400


@pytest.fixture
def desk(database: Database, ring: KeyRing) -> Iterator[Desk]:
    with time_machine.travel(NOW, tick=False):
        yield Desk(database, ring)


@pytest.fixture
def here(sqlite: Database, ring: KeyRing) -> Iterator[Desk]:
    with time_machine.travel(NOW, tick=False):
        yield Desk(sqlite, ring)


def later(second: int) -> Any:
    return time_machine.travel(clock.moment(second), tick=False)


def noted(desk: Desk) -> list[Any]:
    with desk.database.read() as connection:
        return list(connection.execute(select(Audit.by, Audit.detail).order_by(Audit.number)))


# Watching


def test_who_is_late_is_warned_then_noted_once_and_for_ever(desk: Desk) -> None:
    reference = desk.tells()
    calm = desk.tells(phone=("07700 900999",))
    desk.triaged(calm)
    due = desk.clocks(reference)["triage"].due
    assert desk.watch() == 0 and noted(desk)[1:] == []
    three_quarters = clock.seconds() + (due - clock.seconds()) * 3 // 4
    with later(three_quarters - 60):
        assert desk.watch() == 0
    with later(three_quarters + 60):
        assert desk.watch() == 1
        assert desk.clocks(reference)["triage"].warned == clock.seconds()
        assert desk.watch() == 0 and desk.missed(reference) == set()
    nine_tenths = clock.seconds() + (due - clock.seconds()) * 9 // 10
    with later(nine_tenths - 60):
        assert desk.watch() == 0
    with later(nine_tenths + 60):
        assert desk.watch() == 1
        assert desk.clocks(reference)["triage"].escalated == clock.seconds()
        assert desk.watch() == 0 and desk.missed(reference) == set()
    with later(due):
        assert desk.watch() == 0, "the last second still counts"
    with later(due + 1):
        assert desk.watch() == 1
        assert desk.missed(reference) == {"triage"} and desk.missed(calm) == set()
        [breach] = desk.every(DeadlineBreach)
        assert (breach.due, breach.noted) == (due, due + 1)
        assert desk.clocks(reference)["triage"].late_told == due + 1
        before = noted(desk)
        assert before[-1].by == "portal" and json.loads(before[-1].detail) == {
            "missed": ["triage"],
            "moved": 0,
        }
    with later(due + 90):
        assert desk.watch() == 0 and noted(desk) == before
        desk.triaged(reference)
    assert "triage" in desk.missed(reference) and [row.noted for row in desk.every(DeadlineBreach)] == [
        due + 1
    ]


def test_the_worker_does_it_every_minute(here: Desk, tmp_path: Path) -> None:
    reference = here.tells(danger_now=("yes",))
    with later(clock.seconds() + 3601):
        outbox.put_periodic(here.database, {WATCH_CLOCKS: PERIODIC[WATCH_CLOCKS]})
        while do_one(Settings(data=tmp_path), here.database, here.ring, HANDLERS):
            pass
    assert here.missed(reference) == {"triage_now"} and PERIODIC[WATCH_CLOCKS] == 60


def test_a_worker_that_ends_in_the_middle_leaves_the_rest_to_the_next(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = sorted(desk.tells(danger_now=("yes",), phone=(f"07700 90012{n}",)) for n in range(3))
    look_at = watching.look_at

    class Killed(BaseException):
        pass

    def until_killed(connection: Any, ring: KeyRing, reference: str) -> None:
        look_at(connection, ring, reference)
        if reference == cases[1]:
            raise Killed

    with later(clock.seconds() + 3601):
        monkeypatch.setattr(watching, "look_at", until_killed)
        with pytest.raises(Killed):
            desk.watch()
        assert [desk.missed(one) for one in cases] == [{"triage_now"}, set(), set()]
        monkeypatch.setattr(watching, "look_at", look_at)
        assert desk.watch() == 2 and desk.watch() == 0
    assert [desk.missed(one) for one in cases] == [{"triage_now"}] * 3
    assert len(noted(desk)) == 3


@pytest.mark.parametrize("ending", ["met", "stopped"])
def test_what_ends_too_late_was_missed_even_if_nobody_watched(desk: Desk, ending: str) -> None:
    reference = desk.tells(repairs_urgent=("graffiti_offensive",))
    with later(clock.seconds() + DAY + 1):
        if ending == "met":
            desk.step(reference, Event.GRAFFITI_GONE)
        else:
            kept = desk.tells(phone=("07700 900999",))
            with desk.database.write() as connection:
                timing.end(connection, reference, None, "stopped", clock.seconds(), OFFICER)
            assert desk.missed(kept) == set()
    assert "graffiti" in desk.missed(reference)


def test_exceptions_are_those_since_a_moment_with_who_answers_for_them(here: Desk) -> None:
    reference = here.triaged(here.tells(danger_now=("yes",)))
    sealed = here.triaged(here.tells(danger_now=("yes",), kind=("domestic_abuse",)))
    who = people.add(here.database, here.ring, "m@example.org", "M", [Role.CASE_MANAGER], OPERATOR)
    due = here.clocks(reference)["interview_now"].due
    with later(due + 1):
        here.watch()
    assert here.missed(sealed) == {"interview_now"}
    with here.database.read() as connection:
        manager = people.find(connection, who)
        assert manager is not None
        [found] = exceptions.missed(connection, manager, due)
        assert (found.case, found.officer, found.clock) == (reference, OFFICER, "interview_now")
        assert exceptions.missed(connection, manager, due + 1) == []


# Standing still


def test_while_we_wait_for_the_person_some_clocks_stand_still_and_say_why(desk: Desk) -> None:
    reference = desk.triaged(desk.tells())
    before = desk.clocks(reference)["interview"].due
    assert before == at("2026-11-23", "17:00")
    desk.step(reference, Event.AWAIT_REPORTER, reason="asked_for_time")
    assert {row.state for name, row in desk.clocks(reference).items() if name == "interview"} == {"paused"}
    assert desk.clocks(reference)["review"].state == desk.clocks(reference)["acknowledge"].state == "open"
    with later(at("2026-11-26", "09:00")):
        desk.watch()
        assert "interview" not in desk.missed(reference), "it stands still"
        desk.step(reference, Event.RESUME)
        assert desk.case(reference).state == "triaged" and desk.case(reference).back_to is None
    moved = desk.clocks(reference)["interview"]
    assert moved.state == "open" and moved.due == at("2026-12-01", "17:00")
    [pause], [change] = desk.every(DeadlinePause), desk.every(DeadlineChange)
    assert (pause.since, pause.until) == (clock.seconds(), at("2026-11-26", "09:00"))
    assert (pause.reason, pause.by, pause.state) == ("asked_for_time", OFFICER, "awaiting_reporter")
    assert (change.was, change.due, change.why) == (before, moved.due, "pause")


def test_what_is_late_already_does_not_stand_still(here: Desk) -> None:
    reference = here.triaged(here.tells(acts=("threats",)))
    with later(clock.seconds() + DAY + 1):
        here.step(reference, Event.AWAIT_REPORTER, reason="away")
        assert here.clocks(reference)["interview_now"].state == "open"
        here.watch()
        assert "interview_now" in here.missed(reference)


def test_nothing_relieves_of_the_place_of_safety(desk: Desk) -> None:
    with time_machine.travel("2026-12-24T18:00:00Z", tick=False):
        reference = desk.triaged(desk.tells(safe_tonight=("no",)))
        desk.step(reference, Event.HOLD, MANAGER, Who.MANAGER, reason="police")
        due = clock.seconds() + DAY
        assert desk.clocks(reference)["place_of_safety"].due == due == at("2026-12-25", "18:00")
        assert desk.clocks(reference)["place_of_safety"].state == "open"
    with later(due + 1):
        desk.watch()
    assert "place_of_safety" in desk.missed(reference)


def test_what_is_done_while_waiting_ends_its_clock_without_a_gap(here: Desk) -> None:
    reference = here.triaged(here.tells())
    here.step(reference, Event.AWAIT_REPORTER, reason="question")
    with later(at("2026-12-30", "09:00")):
        here.step(reference, Event.RESUME, "reporter", Who.REPORTER)
        here.step(reference, Event.ACKNOWLEDGE)
        here.step(reference, Event.INVESTIGATE, reason="declined")
    assert here.missed(reference) == {"acknowledge"}
    assert {row.state for row in here.all_clocks(reference) if row.clock == "interview"} == {"stopped"}
    assert all(row.until is not None for row in here.every(DeadlinePause))


# Moving


def proclaim(monkeypatch: pytest.MonkeyPatch, *days: date) -> None:
    known = clock.bank_holidays() | set(days)
    monkeypatch.setattr(clock, "bank_holidays", lambda: known)


def test_a_holiday_that_is_proclaimed_moves_what_is_open_and_keeps_the_old_date(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    going, done = desk.tells(), desk.tells(phone=("07700 900999",))
    desk.triaged(done)
    desk.step(done, Event.ACKNOWLEDGE)
    before = {row.reference: row.due for row in desk.every(CaseDeadline)}
    proclaim(monkeypatch, date(2026, 11, 20))
    assert desk.watch() == 2
    clocks = desk.clocks(going)
    assert clocks["acknowledge"].due == at("2026-11-26", "17:00")
    assert clocks["interview"].due == at("2026-11-24", "17:00")
    assert clocks["triage"].due == at("2026-11-19", "17:00") and clocks["review"].due == at(
        "2026-12-16", "17:00"
    )
    for row in desk.every(DeadlineChange):
        assert row.was == before[row.deadline] and row.why == "calendar" and row.by == "portal"
    for row in desk.all_clocks(done):
        if row.state in ("met", "stopped"):
            assert row.due == before[row.reference], "what is over is over"
    changes = desk.every(DeadlineChange)
    assert desk.watch() == 0 and desk.every(DeadlineChange) == changes


def test_a_day_on_which_only_we_are_closed_gives_no_more_time_where_the_law_set_the_limit(desk: Desk) -> None:
    reference = desk.tells(kind=("complaint_about_handling",))
    before = {row.clock: row.due for row in desk.clocks(reference).values()}
    assert before["acknowledge"] == before["complaint_one_ack"] == at("2026-11-25", "17:00")
    with clock.closed_on([date(2026, 11, 20)]):
        assert desk.watch() == 1
        after = {row.clock: row.due for row in desk.clocks(reference).values()}
        assert after["acknowledge"] == at("2026-11-26", "17:00")
        assert after["complaint_one_ack"] == at("2026-11-25", "17:00")
        other = desk.clocks(desk.tells(kind=("complaint_about_handling",)))
    assert other["acknowledge"].due == at("2026-11-26", "17:00")
    assert other["complaint_one_ack"].due == at("2026-11-25", "17:00")
    assert desk.watch() == 2 and {row.clock: row.due for row in desk.clocks(reference).values()} == before


def test_what_was_missed_stays_missed_when_a_holiday_comes_after(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = desk.tells()
    with later(at("2026-11-19", "17:01")):
        proclaim(monkeypatch, date(2026, 11, 19))
        desk.watch()
        assert desk.clocks(reference)["triage"].due == at("2026-11-20", "17:00")
        assert desk.missed(reference) == {"triage"}
    with later(at("2026-11-20", "17:01")):
        desk.watch()
    [breach] = [row for row in desk.every(DeadlineBreach) if row.due == at("2026-11-19", "17:00")]
    assert breach.noted == at("2026-11-19", "17:01")


def test_a_date_beyond_the_known_holidays_is_early_and_put_right_when_they_are_known(
    here: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with time_machine.travel("2028-12-28T10:00:00Z", tick=False):
        reference = here.tells()
        acknowledge = here.clocks(reference)["acknowledge"]
        assert not acknowledge.certain and acknowledge.due == at("2029-01-04", "17:00")
        assert here.clocks(reference)["triage"].certain
        with here.database.read() as connection:
            assert {row.clock for row in watching.uncertain(connection)} == {"acknowledge", "interview"}
        proclaim(monkeypatch, date(2029, 1, 1), date(2029, 12, 25))
        here.watch()
        acknowledge = here.clocks(reference)["acknowledge"]
        assert acknowledge.certain and acknowledge.due == at("2029-01-05", "17:00")
        with here.database.read() as connection:
            assert watching.uncertain(connection) == []


def test_an_answer_to_a_complaint_is_put_off_only_as_far_as_the_ombudsman_allows(desk: Desk) -> None:
    reference = desk.tells(kind=("complaint_about_handling",))
    desk.step(reference, Event.ACCEPT_ONE, stage_one=OFFICER)

    def extend(limit: Limit, days: int) -> int:
        with desk.database.write() as connection:
            return timing.extend(connection, reference, limit, days, "complex", OFFICER, clock.seconds())

    assert extend(Limit.COMPLAINT_ONE, 6) == at("2026-12-10", "17:00")
    with pytest.raises(CannotExtend, match="at most"):
        extend(Limit.COMPLAINT_ONE, 5)
    assert (
        extend(Limit.COMPLAINT_ONE, 4)
        == at("2026-12-16", "17:00")
        == desk.clocks(reference)["complaint_one"].due
    )
    for limit, days in ((Limit.ACKNOWLEDGE, 1), (Limit.COMPLAINT_TWO, 1), (Limit.COMPLAINT_ONE, -3)):
        with pytest.raises(CannotExtend):
            extend(limit, days)
    assert [(row.why, row.reason) for row in desk.every(DeadlineChange)] == [("extension", "complex")] * 2


# A landlord's own lengths


def test_a_landlord_sets_other_lengths_which_hold_from_then_on(
    desk: Desk, tmp_path: Path, ring: KeyRing
) -> None:
    before = desk.tells()
    timing.keep_lengths(desk.database, {"acknowledge": 2, "review": 14})
    after = desk.tells(phone=("07700 900999",))
    assert desk.clocks(before)["acknowledge"].due == at("2026-11-25", "17:00")
    assert desk.clocks(after)["acknowledge"].due == at("2026-11-20", "17:00")
    assert desk.clocks(after)["review"].due == at("2026-12-02", "17:00")
    timing.keep_lengths(desk.database, {"review": 7})
    assert [(row.clock, row.length) for row in desk.every(ClockLength)] == [("review", 7)]


@pytest.mark.parametrize(
    ("name", "length", "why"),
    [
        ("lunch", 1, "there is no limit 'lunch'; there are triage_now"),
        ("place_of_safety", 48, "place_of_safety is 24 hours, and cannot be changed"),
        ("acknowledge", 0, "from 1 to 366 working_days"),
        ("acknowledge", 367, "from 1 to 366 working_days"),
    ],
)
def test_a_length_that_cannot_be_is_refused_in_plain_words(
    sqlite: Database, name: str, length: int, why: str
) -> None:
    with pytest.raises(SettingsError, match=why):
        timing.keep_lengths(sqlite, {name: length})


def test_lengths_come_from_the_settings_when_the_portal_is_set_up(tmp_path: Path) -> None:
    settings = from_values(tmp_path, {"clocks": {"triage": 2}})
    set_up(settings, lambda path: None)
    database = Database(settings.database_url)
    with database.read() as connection:
        assert timing.length_of(connection, Limit.TRIAGE) == 2
        assert timing.length_of(connection, Limit.REVIEW) == OF[Limit.REVIEW].length
    database.close()
    with pytest.raises(SettingsError, match="whole number"):
        from_values(tmp_path, {"clocks": {"triage": "2"}})
    with pytest.raises(SettingsError, match="a table"):
        from_values(tmp_path, {"clocks": 2})
