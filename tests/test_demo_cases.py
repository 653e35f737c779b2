"""A demonstration has cases in several states, plainly invented, on which its people work."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from portal import demo_cases, demo_people
from portal.accounts import people
from portal.accounts.roles import Role
from portal.database import Database
from portal.demo import PLACES
from portal.incidents import exchange
from portal.incidents.deadlines import DeadlineBreach
from portal.incidents.models import IncidentCase, IncidentReport
from portal.incidents.states import State
from portal.intake import amending
from portal.intake.models import Submission
from portal.references import grouped
from portal.sealing import KeyRing
from tests.cases import Desk
from tests.staff import Colleague
from tests.visitor import Visitor


@pytest.fixture
def made(database: Database, ring: KeyRing, tmp_path: Path) -> int:
    demo_people.make(database, ring, tmp_path)
    return demo_cases.make(database, ring, lambda done, of: None)


class Invented(Colleague):
    """One of the people of the demonstration, signed in."""

    def __init__(self, app: Flask, role: Role) -> None:
        Visitor.__init__(self, app, "198.51.100.7")
        self.app = app
        with app.extensions["portal"].database.read() as connection:
            found = people.by_email(connection, demo_people.email_of(role))
        assert found is not None
        self.reference = found.reference
        self.come_in()


def test_the_cases_are_in_several_states_and_are_made_once(
    made: int, database: Database, ring: KeyRing
) -> None:
    cases = Desk(database, ring).every(IncidentCase)
    assert made == len(cases) == len(demo_cases.CASES) + len(demo_cases.SEALED)
    states = {State(case.state) for case in cases}
    assert states >= {State.RECEIVED, State.ACKNOWLEDGED, State.INVESTIGATING, State.AWAITING_AGENCY}
    assert states >= {State.REVIEW, State.CLOSED} and {case.stage for case in cases} >= {"one"}
    assert demo_cases.make(database, ring, lambda done, of: None) == 0
    assert len(Desk(database, ring).every(IncidentCase)) == made


def test_all_that_anybody_says_in_them_is_marked(made: int, database: Database, ring: KeyRing) -> None:
    desk = Desk(database, ring)
    for row in desk.every(Submission):
        answers = amending.answers_of(ring, row)
        assert row.collection in {place.code for place in PLACES}
        assert answers["narrative"][0].startswith(demo_cases.SYNTHETIC)
        assert "(synthetic)" in "".join(answers.get("name", ("(synthetic)",)))
    with database.read() as connection:
        cases = connection.execute(select(IncidentCase.reference)).scalars().all()
        entries = [entry for case in cases for entry in exchange.of_case(connection, ring, case)]
    assert sorted(entry.of_person for entry in entries) == [False, True]
    assert all(entry.words.startswith(demo_cases.SYNTHETIC) for entry in entries)


def test_one_is_late_one_waits_for_an_answer_and_one_for_a_second_person(
    made: int, portal: Flask, database: Database, ring: KeyRing
) -> None:
    desk = Desk(database, ring)
    officer, manager = Invented(portal, Role.CASE_OFFICER), Invented(portal, Role.CASE_MANAGER)
    [noise] = [one for one in desk.every(IncidentReport) if one.acts == ["noise"]]
    nobodys = officer.open("/staff/cases?show=nobody")
    assert grouped(noise.case) in nobodys.text and "Late" in nobodys.text
    assert desk.every(DeadlineBreach)
    [review] = [one for one in desk.every(IncidentCase) if one.state == "review"]
    assert grouped(review.reference) in manager.open("/staff/cases?show=review").text
    assert grouped(review.reference) not in officer.open("/staff/cases?show=review").text
    with database.read() as connection:
        [waiting] = exchange.unanswered(connection)
    text = officer.open(f"/staff/cases/{waiting.case}/messages").text
    assert "No answer yet" in text and "not before ten" in text


def test_abuse_at_home_is_seen_by_who_is_let_into_it(
    made: int, portal: Flask, database: Database, ring: KeyRing
) -> None:
    [sealed] = [one for one in Desk(database, ring).every(IncidentCase) if one.compartment != "none"]
    let_in = Invented(portal, Role.DOMESTIC_ABUSE).open(f"/staff/cases/{sealed.reference}")
    assert let_in.status == 200
    assert Invented(portal, Role.CASE_OFFICER).open(f"/staff/cases/{sealed.reference}").status == 404


def test_a_landlord_s_own_cases_are_left_alone(database: Database, ring: KeyRing, tmp_path: Path) -> None:
    desk = Desk(database, ring)
    desk.tells()
    demo_people.make(database, ring, tmp_path)
    assert demo_cases.make(database, ring, lambda done, of: None) == 0
    assert len(desk.every(IncidentCase)) == 1
