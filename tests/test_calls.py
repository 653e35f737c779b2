"""Calls with the phone provider, and once more without an interpreter: noted fast, about nobody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal import audit, registers
from portal.accounts.roles import Role
from portal.database import Database
from portal.interpreting.calls import OUTCOMES, TEAMS, InterpretedCall, ManagedWithout
from portal.interpreting.moving import steps_of
from portal.interpreting.requests import outward
from portal.paper.runs import OPERATOR
from portal.sealing import KeyRing
from tests.bookings import CANARIES, NOW, Desk
from tests.conftest import MakePortal
from tests.staff import Colleague
from tests.visitor import Visitor, picked

PAGE = "/staff/calls/new"
BUTTON = "Needed an interpreter, managed without"


@pytest.fixture(autouse=True)
def a_wednesday() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def desk(database: Database, ring: KeyRing) -> Desk:
    return Desk(database, ring)


@pytest.fixture
def officer(portal: Flask) -> Colleague:
    return Colleague(portal, Role.FRONTLINE)


def calls(database: Database) -> list[Any]:
    with database.read() as connection:
        return list(connection.execute(select(*InterpretedCall.__table__.columns)).all())


def withouts(database: Database) -> list[tuple[Any, ...]]:
    columns = (ManagedWithout.office, ManagedWithout.language, ManagedWithout.team)
    with database.read() as connection:
        return sorted(map(tuple, connection.execute(select(*columns))), key=repr)


def log(officer: Colleague, about: str = "", outcome: str = "Done", minutes: str = "12") -> Colleague:
    page = officer.open(PAGE).pick("Language", "Pahari, Mirpuri or Potwari").pick("How it ended", outcome)
    page.type("Minutes", minutes).type("Purpose, or reference of the request", about).press("Log it")
    return officer


def chosen(page: Visitor, name: str) -> str:
    select = page.soup.select_one(f"select[name={name}]")
    assert select is not None
    return picked(select)


def test_a_call_is_four_fields_on_one_page(officer: Colleague, database: Database) -> None:
    page = officer.open(PAGE)
    fields = [
        page.label(control) for control in page.soup.select("main :is(input, select):not([type=hidden])")
    ]
    assert len(fields) == 4 and chosen(page, "outcome") == "done"
    log(officer, "rent")
    assert "The call is logged." in officer.text
    [call] = calls(database)
    assert (call.language, call.minutes, call.outcome, call.purpose) == ("phr", 12, "done", "rent")
    assert (str(call.day), call.request) == ("2026-11-18", None)
    assert chosen(officer.open(f"{PAGE}?language=som"), "language") == "som"
    assert chosen(officer.open(f"{PAGE}?language=klingon"), "language") == ""


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({"minutes": ""}, "Type how many minutes it took"),
        ({"minutes": "601"}, "Enter a number from 0 to 600"),
        ({"about": "Mrs Canary"}, "Type how the purpose begins"),
        ({"about": "co"}, "Type how the purpose begins"),
        ({"about": "7K3PX92CJ"}, "There is no request with this reference"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_logged(
    officer: Colleague, database: Database, typed: dict[str, str], error: str
) -> None:
    log(officer, **typed)
    assert officer.status == 422 and len(officer.errors) == 1 and error in officer.errors[0]
    assert calls(database) == []


def test_a_call_closes_the_request_that_it_answered(officer: Colleague, desk: Desk) -> None:
    wanted, other = desk.asks(how=("phone_now",), where=()), desk.asks(how=("phone_now",), where=())
    log(officer, wanted.lower())
    assert "the request is done" in officer.text
    assert (desk.state(wanted), desk.state(other)) == ("completed", "submitted")
    [call] = calls(desk.database)
    assert call.request == wanted
    with desk.database.read() as connection:
        last = steps_of(connection, wanted)[-1]
        log_book = [(one.what, one.did) for one in audit.page(connection, limit=2)]
    assert (last.event, last.by) == ("finish", officer.reference)
    assert log_book == [(f"interpreted call {call.reference}", "created"), (f"request {wanted}", "changed")]
    page = officer.response.text
    assert not [word for word in CANARIES if word in page]
    log(officer, wanted)
    assert "The call is logged." in officer.text and desk.state(wanted) == "completed", "once is enough"


@pytest.mark.parametrize("outcome", [OUTCOMES[code].id for code in ("abandoned", "wrong_language", "partly")])
def test_a_call_that_helped_nobody_leaves_the_request_open(
    officer: Colleague, desk: Desk, outcome: str
) -> None:
    wanted = desk.asks(how=("phone_now",), where=())
    log(officer, wanted, outcome)
    assert desk.state(wanted) == "submitted" and len(calls(desk.database)) == 1


def test_a_call_closes_no_request_for_a_visit_and_none_that_somebody_is_booked_for(
    officer: Colleague, desk: Desk
) -> None:
    who = desk.interpreter("phr")
    visit, offers = desk.ready(who)
    before = desk.state(visit)
    log(officer, visit)
    assert desk.state(visit) == before == "offering"
    desk.accept(offers[who], who)
    log(officer, visit)
    assert desk.state(visit) == "held"
    home = desk.asks()
    log(officer, home)
    assert desk.state(home) == "submitted"


def test_neither_table_says_who_it_was_about_or_who_noted_it(
    officer: Colleague, desk: Desk, portal: Flask
) -> None:
    log(officer, desk.asks(how=("phone_now",), where=()))
    officer.open("/staff").press(BUTTON)
    with desk.database.read() as connection:
        kept = repr(connection.execute(select(*InterpretedCall.__table__.columns)).all())
        kept += repr(connection.execute(select(*ManagedWithout.__table__.columns)).all())
        noted = [one.what for one in audit.page(connection, limit=50)]
    told = (*CANARIES, officer.reference, officer.email, outward("DE23 6AA") or "")
    assert not [word for word in told if word in kept]
    assert not any("without" in what for what in noted)


def test_one_tap_counts_that_there_was_no_interpreter(officer: Colleague, database: Database) -> None:
    officer.open("/staff").press(BUTTON)
    assert "It counts" in officer.text and withouts(database) == [(None, None, None)]
    officer.open("/staff").pick("Language, if you know it", "Somali").press(BUTTON)
    officer.open("/staff/rota").press(BUTTON)
    assert withouts(database) == [(None, "som", None), (None, None, None), (None, None, None)]
    officer.open("/staff").press(BUTTON, language="klingon")
    assert withouts(database).count((None, None, None)) == 3, "a language that is none is none"


def test_where_somebody_works_is_said_once_and_then_known(
    make_portal: MakePortal, database: Database, ring: KeyRing
) -> None:
    registers.add(database, ring, "offices", (), "North office", OPERATOR)
    registers.add(database, ring, TEAMS, (), "Income team", OPERATOR)
    person = Colleague(make_portal(database), Role.KEYER).open("/staff/managed-without")
    person.pick("Office", "North office").pick("Team", "Income team").press(BUTTON)
    person.open("/staff").press(BUTTON)
    assert withouts(database) == [("north_office", None, "income_team")] * 2
    registers.set_active(database, ring, TEAMS, (), "income_team", False, OPERATOR)
    person.open("/staff").press(BUTTON)
    assert ("north_office", None, None) in withouts(database)


def test_teams_are_a_list_that_administrators_keep(portal: Flask, database: Database) -> None:
    boss = Colleague(portal, Role.ADMINISTRATOR).open(f"/staff/registers/{TEAMS}")
    boss.type("Name", "Repairs team").press("Add")
    with database.read() as connection:
        assert registers.every(connection, TEAMS, ()) == [("repairs_team", "Repairs team", True)]
