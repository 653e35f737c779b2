"""Breaking the glass: a reason, four hours, and a second person who is told."""

from __future__ import annotations

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select, update

from portal import audit, clock, outbox, references
from portal.accounts import people
from portal.accounts.roles import Role
from portal.audit import Did
from portal.database import Database
from portal.incidents import access, emergencies, moving, words
from portal.incidents.access import NotSeen
from portal.incidents.models import CaseNote, IncidentCase
from portal.incidents.teams import BrokenGlass
from portal.messages import Outgoing
from portal.sealing import KeyRing
from tests.cases import NOW, OTHER, Desk
from tests.staff import Colleague

REASON = "The officer is ill, and she rang from the street"


@pytest.fixture
def desk(database: Database, ring: KeyRing) -> Desk:
    return Desk(database, ring)


def of_others(desk: Desk, compartment: str = "none") -> str:
    """A case that others deal with."""
    case = desk.tells()
    with desk.database.write() as connection:
        change = update(IncidentCase).where(IncidentCase.reference == case)
        connection.execute(change.values(officer=OTHER, manager=OTHER, compartment=compartment))
    return case


def person(database: Database, colleague: Colleague) -> people.Person:
    with database.read() as connection:
        found = people.find(connection, colleague.reference)
    assert found is not None
    return found


def facets(desk: Desk, colleague: Colleague, case: str) -> frozenset[access.Facet]:
    with desk.database.read() as connection:
        row = moving.find(connection, case)
        assert row is not None
        return access.seen(connection, person(desk.database, colleague), row)


def let_in(colleague: Colleague, case: str, reason: str = REASON) -> None:
    page = colleague.open("/staff/cases/let-me-in")
    page.type("Reference of the case", case)
    page.choose("Somebody is in danger, or may be")
    page.type("What happened", reason)
    page.press("Let me in")


def refusals(database: Database, who: str) -> int:
    with database.read() as connection:
        return len(audit.page(connection, by=who, did=Did.REFUSED, limit=1000))


def test_somebody_lets_themselves_in_for_four_hours_and_not_a_second_more(
    portal: Flask, database: Database, desk: Desk
) -> None:
    with time_machine.travel(NOW, tick=False):
        case, officer = of_others(desk), Colleague(portal, Role.CASE_OFFICER, name="Officer")
        assert facets(desk, officer, case) == frozenset()
        let_in(officer, case)
        assert officer.path == f"/staff/cases/{case}/people" and "Nobody has looked at it" in officer.text
        now = clock.seconds()
    for seconds, expected in ((0, access.ALL), (4 * 3600 - 1, access.ALL), (4 * 3600, frozenset())):
        with time_machine.travel(clock.moment(now + seconds), tick=False):
            assert facets(desk, officer, case) == expected, seconds
            with database.read() as connection:
                seen = access.visible(person(database, officer))
                listed = connection.execute(select(IncidentCase.reference).where(seen)).scalars().all()
            assert (case in listed) == bool(expected)


@time_machine.travel(NOW, tick=False)
def test_it_is_kept_with_the_case_and_in_the_log_and_its_words_are_sealed(
    portal: Flask, database: Database, desk: Desk
) -> None:
    case, officer = of_others(desk), Colleague(portal, Role.CASE_OFFICER, name="Officer")
    let_in(officer, case)
    with database.read() as connection:
        [note] = words.notes_of(connection, desk.ring, case)
        sealed = connection.execute(select(CaseNote.sealed)).scalar_one()
        [entry] = audit.page(connection, by=officer.reference, did=Did.USED)
    assert (note.words, note.by) == (REASON, officer.reference)
    assert REASON.encode() not in bytes(sealed)
    assert entry.what == f"case {case}" and entry.detail["why"] == "danger" and entry.detail["hours"] == 4


@time_machine.travel(NOW, tick=False)
def test_a_second_person_is_told_once_sees_it_on_their_first_page_and_looks_at_it(
    portal: Flask, database: Database, desk: Desk
) -> None:
    case, settings = of_others(desk), portal.extensions["portal"].settings
    officer = Colleague(portal, Role.CASE_OFFICER, Role.CASE_MANAGER, name="Officer")
    manager = Colleague(portal, Role.CASE_MANAGER, name="Manager")
    keeper = Colleague(portal, Role.GOVERNANCE, name="Keeper")
    for role in (Role.CASE_OFFICER, Role.ADMINISTRATOR, Role.ANALYST, Role.COORDINATOR):
        Colleague(portal, role)
    let_in(officer, case)
    with database.read() as connection:
        [job] = connection.execute(select(outbox.Job.payload).where(outbox.Job.kind == emergencies.TELL))
    for _again in range(2):
        emergencies.tell(database, desk.ring, settings, job.payload)
    with database.read() as connection:
        told = connection.execute(select(Outgoing.owner, Outgoing.urgent)).all()
    assert sorted(told) == sorted((f"account {one.reference}", True) for one in (manager, keeper))
    waits = "Cases into which somebody let themselves"
    assert waits not in officer.open("/staff").text, "nobody looks at what they did"
    assert waits in keeper.open("/staff").text
    page = manager.open("/staff").link(f"1 {waits}")
    assert "Officer" in page.text and "Somebody is in danger, or may be" in page.text
    [button] = [one for one in manager.buttons() if one.startswith("I have looked at it")]
    page.press(button)
    for colleague in (manager, keeper):
        assert waits not in colleague.open("/staff").text
    with database.read() as connection:
        [row] = emergencies.of_case(connection, case)
    assert row.looked_by == manager.reference
    emergencies.looked(database, desk.ring, person(database, keeper), row.reference)
    with database.read() as connection:
        [row] = emergencies.of_case(connection, case)
    assert row.looked_by == manager.reference, "it stays with who looked first"


@time_machine.travel(NOW, tick=False)
def test_nobody_looks_at_their_own_as_the_second_person(
    portal: Flask, database: Database, desk: Desk
) -> None:
    case = of_others(desk)
    manager = Colleague(portal, Role.CASE_MANAGER, Role.GOVERNANCE, name="Manager")
    me = person(database, manager)
    glass = emergencies.break_glass(database, desk.ring, me, case, "legal", REASON)
    with pytest.raises(NotSeen):
        emergencies.looked(database, desk.ring, me, glass)
    portal.config["WTF_CSRF_ENABLED"] = False
    before = refusals(database, manager.reference)
    assert manager.client.post(f"/staff/cases/emergencies/{glass}").status_code == 404
    assert refusals(database, manager.reference) == before + 1


@pytest.mark.parametrize("compartment", ["none", "domestic_abuse", "staff"])
@time_machine.travel(NOW, tick=False)
def test_what_is_about_staff_nobody_lets_themselves_into_who_is_not_let_in(
    compartment: str, portal: Flask, database: Database, desk: Desk
) -> None:
    case = of_others(desk, compartment)
    officer = Colleague(portal, Role.CASE_OFFICER, name="Officer")
    inside = Colleague(portal, Role.CASE_OFFICER, Role.ABOUT_STAFF, name="Inside")
    missing, before = officer.client.get("/staff/nothing").data, refusals(database, officer.reference)
    let_in(officer, case)
    barred = compartment == "staff"
    assert (officer.status == 404) == barred
    assert (officer.response.data == missing) == barred
    assert refusals(database, officer.reference) == before + barred
    with database.read() as connection:
        assert connection.execute(select(func.count()).select_from(BrokenGlass)).scalar() == (not barred)
        assert connection.execute(select(func.count()).select_from(CaseNote)).scalar() == (not barred)
    let_in(inside, case)
    assert inside.status == 200


@time_machine.travel(NOW, tick=False)
def test_a_case_that_is_not_there_and_one_that_was_erased_are_alike_and_let_in_nobody(
    portal: Flask, database: Database, desk: Desk
) -> None:
    case, officer = of_others(desk), Colleague(portal, Role.CASE_OFFICER, name="Officer")
    with database.write() as connection:
        words.destroy_key(connection, case)
    pages = []
    for reference in (case, references.new()):
        let_in(officer, reference)
        pages.append((officer.status, officer.response.data))
    assert pages[0] == pages[1] and pages[0][0] == 404
    assert refusals(database, officer.reference) == 2
    assert facets(desk, officer, case) == frozenset()


@time_machine.travel(NOW, tick=False)
def test_without_a_reason_or_a_reference_nothing_happens_and_what_was_typed_stays(
    portal: Flask, database: Database, desk: Desk
) -> None:
    of_others(desk)
    officer = Colleague(portal, Role.CASE_OFFICER, name="Officer")
    page = officer.open("/staff/cases/let-me-in")
    page.type("Reference of the case", "7K3P")
    page.press("Let me in")
    assert officer.status == 422
    assert officer.errors == [
        "Choose why",
        "Write what happened",
        "Type the reference of the case: 9 letters and digits",
    ]
    assert officer.typed("Reference of the case") == "7K3P"
    with database.read() as connection:
        assert connection.execute(select(func.count()).select_from(BrokenGlass)).scalar() == 0


@time_machine.travel(NOW, tick=False)
def test_an_officer_who_sees_all_of_it_needs_no_glass(portal: Flask, database: Database, desk: Desk) -> None:
    case, officer = desk.tells(), Colleague(portal, Role.CASE_OFFICER, name="Officer")
    with database.write() as connection:
        change = update(IncidentCase).where(IncidentCase.reference == case)
        connection.execute(change.values(officer=officer.reference))
    let_in(officer, case)
    assert officer.status == 200
    with database.read() as connection:
        assert connection.execute(select(func.count()).select_from(BrokenGlass)).scalar() == 0
