"""Conflicts of interest: whom a case is about may work here, and must not know of it."""

from __future__ import annotations

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select, update

from portal import contact, outbox
from portal.accounts.roles import Role
from portal.audit import OPERATOR
from portal.database import Database
from portal.incidents import access, admitting, conflicts, emergencies, merging, moving, reports
from portal.incidents.access import Facet
from portal.incidents.admitting import WillNotDo
from portal.incidents.models import IncidentCase
from portal.incidents.moving import InConflict
from portal.incidents.states import Event, Who
from portal.messages import Outgoing
from portal.sealing import KeyRing
from tests.cases import MANAGER, NOW, Desk
from tests.staff import Colleague


@pytest.fixture
def desk(database: Database, ring: KeyRing) -> Desk:
    return Desk(database, ring)


def give(database: Database, case: str, **columns: str | None) -> None:
    with database.write() as connection:
        change = update(IncidentCase).where(IncidentCase.reference == case)
        connection.execute(change.values(**columns))


def bar(desk: Desk, case: str, who: str, why: str = "named", by: str = OPERATOR) -> None:
    with desk.database.write() as connection:
        admitting.conflict(connection, desk.ring, moving.locked(connection, case), who, why, by)


def counted(database: Database, colleague: Colleague) -> int:
    with database.read() as connection:
        person = admitting.people.find(connection, colleague.reference)
        assert person is not None
        number = select(func.count()).select_from(IncidentCase).where(access.visible(person))
        return connection.execute(number).scalar_one()


@time_machine.travel(NOW, tick=False)
def test_an_accused_officer_cannot_see_find_count_be_given_or_be_told_of_a_case(
    portal: Flask, database: Database, desk: Desk
) -> None:
    case, other = desk.tells(), desk.tells()
    accused = Colleague(portal, Role.CASE_MANAGER, Role.CASE_OFFICER, Role.GOVERNANCE, name="Accused")
    friend = Colleague(portal, Role.CASE_MANAGER, name="Friend")
    give(database, case, officer=accused.reference, manager=None)
    give(database, other, officer=accused.reference)
    assert counted(database, accused) == 2
    assert accused.open(f"/staff/cases/{case}/people").status == 200
    bar(desk, case, accused.reference)
    # see
    hidden = accused.client.get(f"/staff/cases/{case}/people")
    missing = accused.client.get("/staff/nothing")
    assert (hidden.status_code, hidden.data) == (404, missing.data)
    # find: by its own reference and by that of its report
    for typed in (case, desk_report(desk, case)):
        page = accused.open(f"/staff/find?reference={typed}")
        assert page.status == 404 and "Nothing with this reference is open to you" in page.text
    # count
    assert counted(database, accused) == 1
    # be given it, or act on it
    row = desk.case(case)
    assert row.officer is None, "it stands in its list again"
    assert accused.reference not in {one.reference for one in admitting.candidates(database, row)}
    with pytest.raises(InConflict):
        desk.step(case, Event.TRIAGE, MANAGER, Who.MANAGER, officer=accused.reference)
    with pytest.raises(InConflict):
        desk.step(case, Event.TRIAGE, accused.reference, officer=friend.reference)
    with pytest.raises(WillNotDo), database.write() as connection:
        held = moving.locked(connection, case)
        admitting.add(connection, desk.ring, held, accused.reference, [Facet.WORDS], friend.reference)
    # break the glass
    page = accused.open("/staff/cases/let-me-in")
    page.type("Reference of the case", case)
    page.choose("It cannot wait until the office opens")
    page.type("What happened", "I am curious")
    page.press("Let me in")
    assert accused.status == 404
    # be told
    officer = Colleague(portal, Role.CASE_OFFICER, name="Third")
    glass = emergencies.break_glass(database, desk.ring, person(database, officer), case, "danger", "Help")
    settings = portal.extensions["portal"].settings
    emergencies.tell(database, desk.ring, settings, {"glass": glass})
    with database.read() as connection:
        told = set(connection.execute(select(Outgoing.owner)).scalars())
        assert told == {f"account {friend.reference}"}
        assert contact.rule_of(connection, desk.ring, f"account {accused.reference}") is None
    assert "Cases into which somebody let themselves" not in accused.open("/staff").text
    assert "Nobody did." in accused.open("/staff/cases/emergencies").text
    assert "Cases into which somebody let themselves" in friend.open("/staff").text


def desk_report(desk: Desk, case: str) -> str:
    """The reference of its report."""
    with desk.database.read() as connection:
        return str(reports.of_case(connection, case)[0].reference)


def person(database: Database, colleague: Colleague) -> admitting.Person:
    with database.read() as connection:
        found = admitting.people.find(connection, colleague.reference)
    assert found is not None
    return found


@time_machine.travel(NOW, tick=False)
def test_a_manager_records_a_conflict_on_the_page_and_takes_a_mistake_back(
    portal: Flask, database: Database, desk: Desk
) -> None:
    case = desk.tells()
    manager = Colleague(portal, Role.CASE_MANAGER, name="Manager")
    officer = Colleague(portal, Role.CASE_OFFICER, name="Officer")
    give(database, case, officer=officer.reference)
    assert officer.open(f"/staff/cases/{case}/people").status == 200
    assert "Record a conflict" not in officer.text, "an officer does not decide it"
    page = manager.open(f"/staff/cases/{case}/people")
    page.press("Record it")
    assert manager.status == 422 and manager.errors == ["Choose a person", "Choose why"]
    page.pick("Who must not know of this case", f"Officer ({officer.email})")
    page.choose("It is about a relative or friend of theirs")
    page.press("Record it")
    assert "It is about a relative or friend of theirs (" in manager.text
    assert officer.open(f"/staff/cases/{case}/people").status == 404
    assert desk.case(case).officer is None
    manager.press("Recorded by mistake: Officer")
    assert "Nobody is recorded." in manager.text
    assert officer.open(f"/staff/cases/{case}/people").status == 200


@time_machine.travel(NOW, tick=False)
def test_an_officer_can_change_nobody_of_a_case_nor_lift_what_concerns_them(
    portal: Flask, database: Database, desk: Desk
) -> None:
    case = desk.tells()
    portal.config["WTF_CSRF_ENABLED"] = False
    officer = Colleague(portal, Role.CASE_OFFICER, name="Officer")
    manager = Colleague(portal, Role.CASE_MANAGER, name="Manager")
    give(database, case, officer=officer.reference, manager=manager.reference)
    other = Colleague(portal, Role.CASE_MANAGER, name="Other")
    place = f"/staff/cases/{case}/people"
    typed = {"person": other.reference, "facets": "words", "whom": manager.reference, "why": "named"}
    typed |= {"remove": officer.reference, "lift": other.reference}
    for colleague in (officer, other):
        for do in ("add", "remove", "conflict", "no-conflict"):
            assert colleague.client.post(f"{place}/{do}", data=typed).status_code == 404, do
    with database.read() as connection:
        assert admitting.members_of(connection, case) == []
        assert conflicts.of_case(connection, case) == []
    bar(desk, case, manager.reference)
    assert manager.client.post(f"{place}/no-conflict", data={"lift": manager.reference}).status_code == 404
    with pytest.raises(WillNotDo), database.write() as connection:
        row = moving.locked(connection, case)
        admitting.lift(connection, desk.ring, row, manager.reference, manager.reference)
    with database.read() as connection:
        assert conflicts.who(connection, case) == {manager.reference}


@time_machine.travel(NOW, tick=False)
def test_a_manager_cannot_let_themselves_see_more(portal: Flask, database: Database, desk: Desk) -> None:
    case = desk.tells()
    portal.config["WTF_CSRF_ENABLED"] = False
    manager = Colleague(portal, Role.CASE_MANAGER, name="Manager")
    give(database, case, manager=manager.reference)
    typed = {"person": manager.reference, "facets": "contact"}
    assert manager.client.post(f"/staff/cases/{case}/people/add", data=typed).status_code == 422
    with pytest.raises(WillNotDo), database.write() as connection:
        row, me = moving.locked(connection, case), manager.reference
        admitting.add(connection, desk.ring, row, me, [Facet.CONTACT], me)


@time_machine.travel(NOW, tick=False)
def test_who_must_not_know_of_a_case_must_not_know_of_what_it_is_merged_with(
    portal: Flask, database: Database, desk: Desk
) -> None:
    one, two, three = desk.tells(), desk.tells(), desk.tells()
    early = Colleague(portal, Role.CASE_OFFICER, name="Early")
    late = Colleague(portal, Role.CASE_OFFICER, name="Late")
    bar(desk, one, early.reference)
    give(database, two, officer=early.reference)
    for source, target in ((one, two), (two, three)):
        with database.write() as connection:
            merging.merge(connection, source, target, by=MANAGER, who=Who.MANAGER)
    bar(desk, three, late.reference)
    with database.read() as connection:
        for case in (one, two, three):
            assert conflicts.who(connection, case) == {early.reference, late.reference}, case
    assert (counted(database, early), counted(database, late)) == (0, 0)
    with database.write() as connection:
        row = moving.locked(connection, two)
        admitting.lift(connection, desk.ring, row, late.reference, OPERATOR)
    assert counted(database, late) == 3


@time_machine.travel(NOW, tick=False)
def test_a_colleague_who_leaves_hands_all_over_but_what_the_other_must_not_know(
    portal: Flask, database: Database, desk: Desk
) -> None:
    mine, closed, sealed, barred, hidden = (
        desk.tells(),
        desk.closed(desk.tells()),
        desk.tells(kind=("domestic_abuse",)),
        desk.tells(),
        desk.tells(),
    )
    leaver = Colleague(portal, Role.CASE_OFFICER, name="Leaver")
    heir = Colleague(portal, Role.CASE_OFFICER, name="Heir")
    manager = Colleague(portal, Role.CASE_MANAGER, Role.DOMESTIC_ABUSE, name="Manager")
    for case in (mine, closed, sealed, barred, hidden):
        give(database, case, officer=leaver.reference)
    bar(desk, barred, heir.reference)
    bar(desk, hidden, manager.reference)
    page = manager.open("/staff/cases/hand-over")
    page.pick("Whose cases", f"Leaver ({leaver.email})")
    page.pick("To whom", f"Heir ({heir.email})")
    page.press("Hand them over")
    assert "Handed over: 2." in manager.text and "Not handed over: 2." in manager.text
    officers = {case: desk.case(case).officer for case in (mine, closed, sealed, barred, hidden)}
    assert officers == {
        mine: heir.reference,
        closed: heir.reference,
        **dict.fromkeys((sealed, barred, hidden), leaver.reference),
    }
    page.pick("Whose cases", f"Leaver ({leaver.email})")
    page.pick("To whom", f"Leaver ({leaver.email})")
    page.press("Hand them over")
    assert manager.status == 422 and manager.errors == ["Choose two different people"]


def test_jobs_of_the_outbox_name_no_case(database: Database, desk: Desk, portal: Flask) -> None:
    case = desk.tells()
    give(database, case, officer="THR234567")
    officer = Colleague(portal, Role.CASE_OFFICER, name="Officer")
    emergencies.break_glass(database, desk.ring, person(database, officer), case, "danger", "Help")
    with database.read() as connection:
        found = connection.execute(select(outbox.Job.payload, outbox.Job.name)).all()
    assert found and case not in str(found)
