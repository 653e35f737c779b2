"""Who is told that a time limit ends soon or was missed: once each, in words that say nothing, and nobody for
whom the case does not exist."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import insert, select, update

from portal import clock, messages
from portal.accounts import people
from portal.accounts.roles import Role
from portal.audit import OPERATOR
from portal.database import Database
from portal.incidents import admitting, escalating
from portal.incidents.access import Facet
from portal.incidents.clocks import CLOCKS, OF
from portal.incidents.escalating import TELL, Stage
from portal.incidents.limits import Limit
from portal.incidents.models import IncidentCase
from portal.incidents.states import Event
from portal.incidents.teams import CaseConflict
from portal.messages import Outgoing
from portal.outbox import Job
from portal.references import grouped
from portal.sealing import KeyRing
from portal.settings import Settings
from tests.cases import CANARIES, NOW, Desk, at
from tests.staff import Colleague

DAY = 86400


@pytest.fixture
def desk(database: Database, ring: KeyRing) -> Iterator[Desk]:
    with time_machine.travel(NOW, tick=False):
        yield Desk(database, ring)


@pytest.fixture
def here(sqlite: Database, ring: KeyRing) -> Iterator[Desk]:
    with time_machine.travel(NOW, tick=False):
        yield Desk(sqlite, ring)


@pytest.fixture
def mailing(settings: Settings) -> Settings:
    return Settings(data=settings.data, address="http://localhost", send_email="console")


def later(second: int) -> Any:
    return time_machine.travel(clock.moment(second), tick=False)


def add(desk: Desk, name: str, *roles: Role) -> str:
    return people.add(desk.database, desk.ring, f"{name}@example.org", name, roles, OPERATOR)


def give(desk: Desk, case: str, **columns: Any) -> str:
    with desk.database.write() as connection:
        connection.execute(update(IncidentCase).where(IncidentCase.reference == case).values(columns))
    return case


def bar(desk: Desk, case: str, *accounts: str) -> None:
    """These must not know of the case."""
    row = {"case": case, "why": "named", "by": OPERATOR, "at": clock.seconds()}
    with desk.database.write() as connection:
        connection.execute(insert(CaseConflict), [{**row, "account": who} for who in accounts])


def minute(desk: Desk, settings: Settings) -> None:
    """The worker's minute: it watches, and tells; and does all its jobs again, as after a kill."""
    desk.watch()
    with desk.database.read() as connection:
        jobs = (
            connection.execute(select(Job.payload).where(Job.kind == TELL).order_by(Job.id)).scalars().all()
        )
    for _again in range(2):
        for payload in jobs:
            escalating.tell(desk.database, desk.ring, settings, payload)


def told(desk: Desk) -> list[tuple[str, str]]:
    """Who was told of what, one line for each message."""
    return sorted((row.owner.removeprefix("account "), row.event) for row in desk.every(Outgoing))


def bodies(desk: Desk) -> list[str]:
    """What was written to them, subjects and words."""
    with desk.database.read() as connection:
        found = [messages.find(connection, desk.ring, row.reference) for row in desk.every(Outgoing)]
    return [f"{one.subject}\n{one.body}" for one in found if one is not None]


TALK = "interview_now"
"""The limit of 24 hours to talk with the person."""


def span(desk: Desk, case: str, limit: str = TALK) -> tuple[int, int]:
    """When a limit was started, and when it is due."""
    row = desk.clocks(case)[limit]
    return row.started, row.due


def after(ends: tuple[int, int], per_cent: int) -> int:
    """The second after so much of a limit."""
    return ends[0] + (ends[1] - ends[0]) * per_cent // 100 + 1


def violent(desk: Desk, **answers: tuple[str, ...]) -> str:
    """A case of which one limit ends within a day: to talk with the person."""
    return desk.triaged(desk.tells(acts=("threats",), **answers))


def test_the_officer_is_warned_it_is_put_before_the_manager_and_both_are_told_that_it_was_missed(
    desk: Desk, mailing: Settings
) -> None:
    officer, manager = add(desk, "officer", Role.CASE_OFFICER), add(desk, "manager", Role.CASE_MANAGER)
    for role in (Role.CASE_OFFICER, Role.CASE_MANAGER, Role.GOVERNANCE, Role.ADMINISTRATOR):
        add(desk, f"other-{role.value}", role)
    case = give(desk, violent(desk), officer=officer, manager=manager)
    ends, expected = span(desk, case), list[tuple[str, str]]()
    moments: list[tuple[int, list[tuple[str, str]]]] = [
        (after(ends, 74), []),
        (after(ends, 75), [(officer, "limit near")]),
        (after(ends, 89), []),
        (after(ends, 90), [(manager, "limit soon")]),
        (ends[1], []),
        (ends[1] + 1, [(officer, "limit late"), (manager, "limit late")]),
        (ends[1] + DAY, []),
    ]
    for moment, new in moments:
        with later(moment):
            for _minute in range(2):
                minute(desk, mailing)
        expected += new
        assert told(desk) == sorted(expected), moment
    [row] = [row for row in desk.all_clocks(case) if row.clock == TALK]
    with desk.database.read() as connection:
        names = connection.execute(select(Job.name).where(Job.kind == TELL).order_by(Job.id)).scalars().all()
    assert names == [f"{row.reference} {stage.value}" for stage in Stage]


def test_the_words_say_nothing_but_a_reference_and_where_to_sign_in(desk: Desk, mailing: Settings) -> None:
    officer, manager = add(desk, "officer", Role.CASE_OFFICER), add(desk, "manager", Role.CASE_MANAGER)
    case = violent(desk, motive=("disability_health_hiv",))
    give(desk, case, officer=officer, manager=manager)
    ends = span(desk, case)
    for moment in (after(ends, 75), after(ends, 90), ends[1] + 1):
        with later(moment):
            minute(desk, mailing)
    assert {row.event for row in desk.every(Outgoing)} == {"limit near", "limit soon", "limit late"}
    for words in bodies(desk):
        assert grouped(case) in words and "Please sign in: http://localhost/staff." in words
        rest = words.replace(grouped(case), "").lower()
        for word in (*CANARIES, "asb", "hate", "threat", "talk", "person", "officer", "report", "incident"):
            assert word.lower() not in rest


def test_of_what_nobody_deals_with_all_are_told_who_may_take_it_on(desk: Desk, mailing: Settings) -> None:
    one, two = add(desk, "one", Role.CASE_OFFICER), add(desk, "two", Role.CASE_OFFICER)
    manager = add(desk, "manager", Role.CASE_MANAGER)
    add(desk, "keyer", Role.KEYER)
    case = desk.tells(danger_now=("yes",))
    with later(span(desk, case, "triage_now")[1] + 1):
        minute(desk, mailing)
    assert told(desk) == sorted((who, "limit late") for who in (one, two, manager))


@pytest.mark.parametrize("compartment", ["domestic_abuse", "staff"])
def test_nobody_is_told_of_a_sealed_case_who_is_not_let_into_such(
    desk: Desk, mailing: Settings, compartment: str
) -> None:
    let_in = {"domestic_abuse": Role.DOMESTIC_ABUSE, "staff": Role.ABOUT_STAFF}[compartment]
    outside = add(desk, "outside", Role.CASE_OFFICER)
    add(desk, "manager", Role.CASE_MANAGER)
    inside = add(desk, "inside", Role.CASE_MANAGER, let_in)
    case = give(desk, violent(desk), officer=outside, compartment=compartment)
    with later(span(desk, case)[1] + 1):
        minute(desk, mailing)
    assert told(desk) == [(inside, "limit late")]


def test_who_must_not_know_of_a_case_is_told_nothing_of_it_though_it_is_theirs(
    desk: Desk, mailing: Settings
) -> None:
    officer, manager = add(desk, "officer", Role.CASE_OFFICER), add(desk, "manager", Role.CASE_MANAGER)
    case = give(desk, violent(desk), officer=officer, manager=manager)
    other = give(desk, violent(desk, phone=("07700 900999",)), officer=officer, manager=manager)
    bar(desk, case, officer, manager)
    with later(span(desk, case)[1] + 1):
        minute(desk, mailing)
    assert told(desk) == sorted([(officer, "limit late"), (manager, "limit late")])
    assert all(grouped(other) in words and grouped(case) not in words for words in bodies(desk))


def test_who_does_not_work_here_any_more_is_told_nothing(desk: Desk, mailing: Settings) -> None:
    officer, manager = add(desk, "officer", Role.CASE_OFFICER), add(desk, "manager", Role.CASE_MANAGER)
    case = give(desk, violent(desk), officer=officer, manager=manager)
    add(desk, "administrator", Role.ADMINISTRATOR)  # the last one cannot be shut out
    roles = [Role.CASE_OFFICER]
    people.change(desk.database, desk.ring, officer, name="officer", roles=roles, active=False, by=OPERATOR)
    with later(span(desk, case)[1] + 1):
        minute(desk, mailing)
    assert told(desk) == [(manager, "limit late")]


def test_after_hours_without_a_worker_only_the_last_stage_is_told(desk: Desk, mailing: Settings) -> None:
    officer, manager = add(desk, "officer", Role.CASE_OFFICER), add(desk, "manager", Role.CASE_MANAGER)
    case = give(desk, violent(desk), officer=officer, manager=manager)
    with later(span(desk, case)[1] + 3600):
        minute(desk, mailing)
        row = desk.clocks(case)[TALK]
        assert row.warned == row.escalated == row.late_told == clock.seconds()
    assert told(desk) == sorted([(officer, "limit late"), (manager, "limit late")])


def test_of_what_was_done_meanwhile_nobody_is_told(desk: Desk, mailing: Settings) -> None:
    officer = add(desk, "officer", Role.CASE_OFFICER)
    done = give(desk, desk.tells(repairs_urgent=("graffiti_offensive",)), officer=officer)
    kept = give(desk, desk.tells(repairs_urgent=("window",)), officer=officer)
    with later(after(span(desk, done, "graffiti"), 75)):
        desk.watch()
        desk.step(done, Event.GRAFFITI_GONE)
        minute(desk, mailing)
    assert told(desk) == [(officer, "limit near")]
    assert all(grouped(kept) in words for words in bodies(desk))


def test_the_answer_to_a_complaint_is_for_who_handles_that_stage(desk: Desk, mailing: Settings) -> None:
    officer, handler = add(desk, "officer", Role.CASE_OFFICER), add(desk, "handler", Role.CASE_OFFICER)
    case = desk.tells(kind=("complaint_about_handling",))
    desk.step(case, Event.ACCEPT_ONE, stage_one=handler)
    give(desk, case, officer=officer)
    with desk.database.write() as connection:
        admitting.add(connection, desk.ring, desk.case(case), handler, [Facet.WORDS], officer)
    deadline = desk.clocks(case)["complaint_one"].reference
    with later(after(span(desk, case, "complaint_one"), 75)):
        minute(desk, mailing)
    whose = {row.version: row.owner for row in desk.every(Outgoing)}
    assert whose.pop(f"{deadline} near") == f"account {handler}"
    assert whose and set(whose.values()) == {f"account {officer}"}


def test_without_email_nobody_is_told_and_nobody_has_to_phone(desk: Desk, settings: Settings) -> None:
    case = give(desk, violent(desk), officer=add(desk, "officer", Role.CASE_OFFICER))
    with later(span(desk, case)[1] + 1):
        minute(desk, replace(settings, send_email="none"))
    assert desk.every(Outgoing) == [] and TALK in desk.missed(case)


def test_what_was_missed_is_told_also_when_a_new_day_off_has_moved_its_date_since(
    here: Desk, mailing: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = add(here, "officer", Role.CASE_OFFICER)
    case = here.tells()
    due = span(here, case, "triage")[1]
    with later(due + 60):
        known = clock.bank_holidays() | {date(2026, 11, 19)}
        monkeypatch.setattr(clock, "bank_holidays", lambda: known)
        minute(here, mailing)
        row = here.clocks(case)["triage"]
        assert row.due == at("2026-11-20", "17:00") and row.late_told == clock.seconds()
        assert told(here) == [(officer, "limit late")]
        assert here.watch() == 0
    with later(at("2026-11-20", "17:01")):
        minute(here, mailing)
    assert told(here) == [(officer, "limit late")]


def test_a_worker_that_is_killed_has_noted_it_with_its_job_or_not_at_all(
    here: Desk, mailing: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = add(here, "officer", Role.CASE_OFFICER)
    case = give(here, violent(here), officer=officer)

    class Killed(BaseException):
        pass

    def killed(*given: Any) -> None:
        raise Killed

    with later(after(span(here, case), 75)):
        with monkeypatch.context() as patch:
            patch.setattr(escalating, "put", killed)
            with pytest.raises(Killed):
                here.watch()
        assert here.clocks(case)[TALK].warned is None
        minute(here, mailing)
    assert told(here) == [(officer, "limit near")]


def test_every_limit_warns_before_it_is_put_before_somebody_and_that_before_it_ends() -> None:
    assert all(0 < one.warn < one.escalate_after < 100 for one in CLOCKS)
    assert set(escalating.HANDLERS) == {Limit.COMPLAINT_ONE, Limit.COMPLAINT_TWO} <= set(OF)


# The first page

NEAR = "1 Time limits of yours that end soon"
PUT = "1 Time limits that are put before you: they end soon"
MISSED = "1 Time limits that were missed and are still to be met"
EXCEPTIONS = "/staff/cases/exceptions"


def lines(colleague: Colleague) -> set[str]:
    """What the first page says of time limits."""
    colleague.come_in()
    colleague.open("/staff")
    found = {" ".join(one.get_text().split()) for one in colleague.soup.select(".p-waiting li")}
    return found & {NEAR, PUT, MISSED}


def test_the_first_page_says_what_ends_soon_and_what_was_missed_to_whom_it_concerns(
    portal: Flask, desk: Desk
) -> None:
    officer = Colleague(portal, Role.CASE_OFFICER, name="Officer")
    manager = Colleague(portal, Role.CASE_MANAGER, name="Manager")
    stranger = Colleague(portal, Role.CASE_OFFICER, name="Stranger")
    barred = Colleague(portal, Role.CASE_MANAGER, name="Barred")
    case = give(desk, violent(desk), officer=officer.reference)
    bar(desk, case, barred.reference)
    ends = span(desk, case)
    moments: list[tuple[int, set[str], set[str]]] = [
        (after(ends, 70), set(), set()),
        (after(ends, 75), {NEAR}, set()),
        (after(ends, 90), {NEAR}, {PUT}),
        (ends[1] + 1, set(), {MISSED}),
    ]
    for moment, of_officer, of_manager in moments:
        with later(moment):
            desk.watch()
            assert lines(officer) == of_officer and lines(manager) == of_manager, moment
            assert lines(stranger) == lines(barred) == set()
            assert grouped(case) not in barred.open(EXCEPTIONS).text
            manager.open(EXCEPTIONS)
            assert (grouped(case) in manager.text) == bool(of_manager)
            assert ("Ending soon" in manager.text) == (PUT in of_manager)


def test_what_the_line_counts_is_there_for_who_follows_it_however_old_it_is(
    portal: Flask, desk: Desk
) -> None:
    manager, case = Colleague(portal, Role.CASE_MANAGER, name="Manager"), desk.tells(danger_now=("yes",))
    with later(span(desk, case, "triage_now")[1] + 40 * DAY):
        desk.watch()
        manager.come_in()
        manager.open("/staff")
        [line] = [one for one in manager.soup.select(".p-waiting a") if "still to be met" in one.get_text()]
        manager.open(str(line["href"]))
        assert "Read it: danger" in manager.text and grouped(case) in manager.text
