"""Lists that the landlord keeps: their pages, their order, and codes that are never used again."""

from __future__ import annotations

import re
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from portal import audit, registers
from portal.accounts.roles import Role
from portal.database import Database
from portal.forms import EQUALITY
from portal.paper.runs import OPERATOR
from portal.questions import Option, as_written
from portal.registers import RegisterMember, Unfit
from portal.sealing import KeyRing
from tests.conftest import MakePortal
from tests.everything import EVERYTHING
from tests.lists import FIRST, FORM, add, lines, offices, out
from tests.staff import Colleague, everybody

KEPT = ["language_panels", "teams", "providers"]
"""Lists that no form names."""


@pytest.fixture
def app(make_portal: MakePortal, database: Database) -> Flask:
    return make_portal(database, forms=(FORM,))


@pytest.fixture
def boss(app: Flask) -> Colleague:
    return Colleague(app, Role.ADMINISTRATOR)


def done(database: Database) -> list[tuple[str, str, dict[str, Any]]]:
    with database.read() as connection:
        found = reversed(audit.page(connection, limit=100))
        return [(one.did, one.what, one.detail) for one in found if one.what.startswith("register ")]


# Pages


def test_a_portal_whose_forms_name_no_list_has_only_those_that_none_names(
    make_portal: MakePortal, database: Database
) -> None:
    portal = make_portal(database, forms=(EQUALITY,))
    boss = Colleague(portal, Role.ADMINISTRATOR).open("/staff").link("Lists")
    assert boss.heading == "Lists"
    assert [cell.text for cell in boss.soup.select("tbody td a")] == KEPT
    assert "Nothing is in use." in boss.link("language_panels").text
    assert boss.open("/staff/registers/offices").status == 404


def test_the_lists_that_forms_name_are_shown_with_how_many_members_they_have(
    boss: Colleague, database: Database, ring: KeyRing
) -> None:
    add(database, ring, "East office")
    out(database, ring, "north")
    boss.open("/staff/registers")
    cells = [[cell.get_text(strip=True) for cell in row.select("td")] for row in boss.soup.select("tbody tr")]
    kept = [[name, "0", ""] for name in KEPT]
    assert cells == [["offices", "2", "Lists"], ["clubs", "0", "Lists"], *kept]
    assert "Nothing is in use" in boss.link("clubs").text


def test_a_member_is_added_renamed_moved_taken_out_and_put_back(boss: Colleague, database: Database) -> None:
    boss.open("/staff/registers/offices").type("Name", "St. John’s, Leeds").press("Add")
    assert offices(database) == ["North office", "South office", "St. John’s, Leeds"]
    assert lines(database)[2][0] == "st_johns_leeds"
    boss.link("St. John’s, Leeds").press("Move up").press("Move up")
    assert "In use, number 1 of 3" in boss.text and "Move up" not in boss.buttons()
    assert offices(database) == ["St. John’s, Leeds", "North office", "South office"]
    boss.press("Move down")
    assert offices(database) == ["North office", "St. John’s, Leeds", "South office"]
    boss.type("Name", "Saint John").press("Save").link("North office").press("Take out of use")
    assert "Out of use" in boss.text and "Move up" not in boss.buttons()
    assert (offices(database), offices(database, False)) == (["Saint John", "South office"], ["North office"])
    boss.press("Put back in use")
    assert offices(database) == ["Saint John", "South office", "North office"]
    what, mine, north = "register offices", {"member": "st_johns_leeds"}, {"member": "north"}
    assert done(database) == [
        ("created", what, mine),
        *[("changed", what, mine)] * 4,
        ("changed", what, {**north, "active": 0}),
        ("changed", what, {**north, "active": 1}),
    ]


@pytest.mark.parametrize("name", ["", " \u202e ", "x" * 201, "North office", "NORTH OFFICE", "north"])
def test_a_name_that_cannot_be_kept_is_said_and_stays_in_its_field(
    boss: Colleague, database: Database, name: str
) -> None:
    boss.open("/staff/registers/offices").type("Name", name).press("Add")
    assert boss.status == 422 and len(boss.errors) == 1
    assert boss.typed("Name") == name and done(database) == []
    assert [code for code, _name, _on in lines(database)] == ["north", "south"]


def test_a_name_that_another_has_is_refused_when_renaming_too(boss: Colleague, database: Database) -> None:
    boss.open("/staff/registers/offices/south").type("Name", "north Office").press("Save")
    assert boss.status == 422 and boss.typed("Name") == "north Office"
    assert boss.heading == "South office" and offices(database) == ["North office", "South office"]


@pytest.mark.parametrize(
    "path",
    [
        *("nowhere", "nowhere/north", "nowhere/north/move", "nowhere/north/use"),
        *("offices/nobody", "offices/nobody/move", "offices/nobody/use"),
        *("offices/north/move", "offices/north/use"),
    ],
)
def test_what_is_no_list_no_member_or_no_act_is_not_there(
    boss: Colleague, database: Database, path: str
) -> None:
    boss.open("/staff/registers/offices")
    token = str(boss.soup.select_one("main input[name=csrf_token]")["value"])  # type: ignore[index]
    act = "sideways" if "north" in path and "nowhere" not in path else "up" if "move" in path else "out"
    sent = boss.post(f"/staff/registers/{path}", [("csrf_token", token), ("name", "New"), ("go", act)])
    assert sent.status == 404 and done(database) == []


def test_only_administrators_find_the_lists(app: Flask, database: Database) -> None:
    for colleague in everybody(app):
        allowed = colleague.roles == (Role.ADMINISTRATOR,)
        for place in ("/staff/registers", "/staff/registers/offices", "/staff/registers/offices/north"):
            assert colleague.open(place).status == (200 if allowed else 404), (colleague.roles, place)


# Codes and order


def test_the_code_of_a_member_is_never_used_again(database: Database, ring: KeyRing) -> None:
    assert add(database, ring, "East office") == "east_office"
    registers.rename(database, ring, "offices", FIRST, "east_office", "Harbour", OPERATOR)
    for name in ("East office", "east-OFFICE!"):
        with pytest.raises(Unfit):
            add(database, ring, name)
    out(database, ring, "east_office")
    with pytest.raises(Unfit):
        add(database, ring, "East office")
    assert lines(database)[-1] == ("east_office", "Harbour", False)


def test_names_in_any_alphabet_get_a_code_of_their_own(database: Database, ring: KeyRing) -> None:
    codes = [add(database, ring, name, "clubs") for name in ("دفتر", "ਦਫ਼ਤਰ", "50 % off", "x" * 200, "Żółć")]
    assert codes == ["member_1", "member_2", "50_off", "x" * 40, "zoc"]


def test_no_member_is_like_what_questions_offer_beside_the_list(sqlite: Database, ring: KeyRing) -> None:
    also = (Option("nowhere", as_written("No office is near")),)
    for name in ("Nowhere", "no office is NEAR"):
        with pytest.raises(Unfit):
            registers.add(sqlite, ring, "offices", FIRST, name, OPERATOR, also)
    with pytest.raises(Unfit):
        registers.rename(sqlite, ring, "offices", FIRST, "north", "No office is near", OPERATOR, also)
    assert offices(sqlite) == ["North office", "South office"]


def test_the_page_of_a_list_refuses_what_questions_offer_beside_it(
    make_portal: MakePortal, sqlite: Database
) -> None:
    boss = Colleague(make_portal(sqlite, forms=(EVERYTHING,)), Role.ADMINISTRATOR)
    boss.open("/staff/registers/offices").type("Name", "Nowhere").press("Add")
    assert boss.status == 422
    boss.open("/staff/registers/offices/high_street").type("Name", "Named no office").press("Save")
    assert boss.status == 422


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1, max_size=80))
def test_every_code_is_one_that_a_form_takes(name: str) -> None:
    code = registers._code(name) or registers._numbered({"member_1"})
    assert re.fullmatch(r"[a-z0-9][a-z0-9_]*", code) and len(code) <= 40
    FORM.here(registers={"offices": (Option(code, as_written(name)),)})


def test_changes_that_meet_one_another_keep_the_list_whole(database: Database, ring: KeyRing) -> None:
    threads = [Thread(target=add, args=(database, ring, f"Office {number}")) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as connection:
        assert registers.version(connection) == 6
        places = list(
            connection.execute(select(RegisterMember.place).order_by(RegisterMember.place)).scalars()
        )
    assert places == list(range(1, 9)) and len(done(database)) == 6


def test_what_a_definition_says_of_a_member_stays_with_it(database: Database, ring: KeyRing) -> None:
    carried = (Option("none", as_written("None"), alone=True, standards={"core": "7"}), *FIRST)
    registers.rename(database, ring, "offices", carried, "none", "No office", OPERATOR)
    with database.read() as connection:
        option = registers.members(connection, {"offices": carried})["offices"][0][0]
    assert (option.text.english, option.alone, option.standards) == ("No office", True, {"core": "7"})
