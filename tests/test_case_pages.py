"""The pages of cases, without JavaScript: from a report to a closed case, by two people."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask

from portal.accounts.roles import Role
from tests.cases import CANARIES, NOW, Desk
from tests.staff import Colleague

CASES = "/staff/cases"


@pytest.fixture
def desk(portal: Flask) -> Iterator[Desk]:
    found = portal.extensions["portal"]
    with time_machine.travel(NOW, tick=False):
        yield Desk(found.database, found.ring)


@pytest.fixture
def officer(portal: Flask, desk: Desk) -> Colleague:
    return Colleague(portal, Role.CASE_OFFICER, name="Olive Example")


@pytest.fixture
def manager(portal: Flask, desk: Desk) -> Colleague:
    return Colleague(portal, Role.CASE_MANAGER, name="Mona Example")


def test_from_a_report_to_a_closed_case_by_two_people(
    desk: Desk, officer: Colleague, manager: Colleague
) -> None:
    reference = desk.tells()
    page = f"{CASES}/{reference}"
    officer.open("/staff").link("1 Cases that nobody has taken on")
    officer.open(str(officer.soup.select_one("main table a")["href"]))
    assert officer.path == page and "New: nobody has read it yet" in officer.text
    assert not any(canary in officer.response.text for canary in CANARIES)
    officer.pick("Who deals with it", "Olive Example").choose("B: anything else")
    officer.press("Sort it: I have read it")
    assert desk.case(reference).officer == officer.reference
    officer.press("I have acknowledged it")
    officer.choose("No").press("Arrange a talk")
    officer.press("I have talked with the person").press("A plan is agreed").press("Something was done")
    officer.press("Ask a second person to look at it")
    assert desk.case(reference).state == "review"
    assert "Close it" not in officer.buttons() and "takes a second person" in officer.text
    manager.open(f"{CASES}?show=review").open(str(manager.soup.select_one("main table a")["href"]))
    manager.choose("Yes").pick("Why", "It has stopped, and the person agrees")
    manager.pick("How the person was told what became of it, and how to ask again", "A letter")
    manager.press("Close it")
    case = desk.case(reference)
    assert (case.state, case.reason, case.reviewer) == ("closed", "resolved", manager.reference)
    officer.open(page)
    assert "Closed" in officer.text and "Second person Mona Example" in officer.text
