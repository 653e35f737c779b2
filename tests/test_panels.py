"""Language panels, and the sheet on which people point to their language."""

from __future__ import annotations

import pytest
from flask import Flask

from portal import audit, registers
from portal.accounts.roles import Role
from portal.database import Database
from portal.forms.speech import SIGNED, SPEECH, SPOKEN, SPOKEN_OPTIONS, SPOKEN_REGISTER
from portal.interpreting.choosing import POINT
from portal.interpreting.panels import PANELS, languages, panels, put
from portal.languages import LANGUAGES, template
from portal.paper.runs import OPERATOR
from portal.sealing import KeyRing
from tests import pseudo
from tests.staff import Colleague

PAGE = "/staff/panels/three_main"


@pytest.fixture
def three(database: Database, ring: KeyRing) -> str:
    return registers.add(database, ring, PANELS, (), "Three main", OPERATOR)


@pytest.fixture
def boss(portal: Flask) -> Colleague:
    return Colleague(portal, Role.ADMINISTRATOR)


def kept(database: Database) -> dict[str, frozenset[str]]:
    with database.read() as connection:
        return panels(connection)


def out(database: Database, ring: KeyRing, code: str) -> None:
    registers.set_active(database, ring, SPOKEN_REGISTER, SPOKEN_OPTIONS, code, False, OPERATOR)


def test_a_panel_is_named_ticked_and_read_back(boss: Colleague, database: Database, three: str) -> None:
    assert three == "three_main" and kept(database) == {"three_main": frozenset()}
    boss.open(f"/staff/registers/{PANELS}/three_main").link("Languages of this panel")
    assert boss.heading == "Three main"
    boss.choose("Urdu", "Punjabi", "Pahari, Mirpuri or Potwari").press("Save")
    assert kept(database) == {"three_main": {"urd", "pan", "phr"}}
    boss.open(PAGE)
    ticked = [box["value"] for box in boss.soup.select("input[type=checkbox][checked]")]
    assert sorted(map(str, ticked)) == ["pan", "phr", "urd"]


def test_a_panel_offers_all_spoken_and_signed_languages(boss: Colleague, three: str) -> None:
    boss.open(PAGE)
    assert [box["value"] for box in boss.soup.select("input[type=checkbox]")] == [
        one.code for one in (*SPOKEN, *SIGNED)
    ]


def test_each_panel_has_its_own_languages(database: Database, ring: KeyRing, three: str) -> None:
    seven = registers.add(database, ring, PANELS, (), "Seven cluster", OPERATOR)
    put(database, ring, three, ["urd", "pan", "urd"], OPERATOR)
    put(database, ring, seven, ["urd", "bfi"], OPERATOR)
    put(database, ring, three, ["som"], OPERATOR)
    assert kept(database) == {three: {"som"}, seven: {"urd", "bfi"}}
    put(database, ring, seven, [], OPERATOR)
    assert kept(database) == {three: {"som"}, seven: frozenset()}
    registers.set_active(database, ring, PANELS, (), three, False, OPERATOR)
    assert list(kept(database)) == [seven]


def test_a_change_is_in_the_audit_log(boss: Colleague, database: Database, three: str) -> None:
    boss.open(PAGE).choose("Urdu").press("Save")
    with database.read() as connection:
        newest = audit.page(connection, limit=1)[0]
    assert (newest.by, newest.did, newest.what) == (boss.reference, "changed", f"register {PANELS}")
    assert newest.detail == {"panel": "three_main", "languages": ["urd"]}


def test_a_language_that_is_out_of_use_stays_in_the_panel(
    boss: Colleague, database: Database, ring: KeyRing, three: str
) -> None:
    put(database, ring, three, ["lin", "urd"], OPERATOR)
    out(database, ring, "lin")
    with database.read() as connection:
        assert "lin" not in [option.code for option in languages(connection)]
    boss.open(PAGE).choose("Urdu").press("Save")
    assert kept(database)["three_main"] == {"lin", "urd"}


def test_a_language_that_is_none_and_a_panel_that_is_not_there_are_refused(
    boss: Colleague, database: Database, ring: KeyRing, three: str
) -> None:
    boss.open(PAGE)
    token = str(boss.soup.select_one("input[name=csrf_token]")["value"])  # type: ignore[index]
    for place, code in ((PAGE, "kur"), (PAGE, "other"), ("/staff/panels/four_main", "urd")):
        assert boss.post(place, [("csrf_token", token), ("languages", code)]).status == 404
    registers.set_active(database, ring, PANELS, (), three, False, OPERATOR)
    assert boss.open(PAGE).status == 404
    assert kept(database) == {}


# Point to your language


def test_the_sheet_has_every_language_in_its_own_name_script_and_direction(portal: Flask) -> None:
    person = Colleague(portal, Role.COORDINATOR).open("/staff/point")
    found = {str(name["lang"]): name for name in person.soup.select(".p-point__name")}
    assert len(found) == len(SPOKEN) + len(SIGNED)
    for one in SPEECH.values():
        assert (found[one.tag].text, found[one.tag]["dir"]) == (one.endonym, one.direction)
    english = [name.text for name in person.soup.select(".p-point__english")]
    assert english == [one.english.id for one in SPEECH.values() if one.english.id != one.endonym]


def test_the_sheet_says_in_each_language_of_the_portal_what_to_do(portal: Flask) -> None:
    person = Colleague(portal, Role.COORDINATOR).open("/staff/point")
    said = {str(line["lang"]): line.text for line in person.soup.select(".p-point__said li")}
    offered = portal.extensions["portal"].settings.languages
    assert said == {LANGUAGES[code].lang: template(POINT, code) for code in offered}
    assert len(set(said.values())) == len(offered) > 1


def test_who_helps_begins_in_a_language_of_the_portal_from_there(portal: Flask) -> None:
    person = Colleague(portal, Role.FRONTLINE).open("/staff/point")
    links = [link["href"] for link in person.soup.select(".p-point a")]
    offered = [
        code for code in portal.extensions["portal"].settings.languages if code not in ("en", pseudo.CODE)
    ]
    assert sorted(links) == sorted(f"/staff/for-someone?language={code}" for code in offered)
    person.open("/staff/for-someone?language=ur")
    [chosen] = person.soup.select("select[name=language] option[selected]")
    assert chosen["value"] == "ur"
    assert not Colleague(portal, Role.COORDINATOR).open("/staff/point").soup.select(".p-point a")


def test_a_language_that_the_landlord_adds_or_takes_out_is_on_the_sheet_or_not(
    portal: Flask, database: Database, ring: KeyRing
) -> None:
    registers.add(database, ring, SPOKEN_REGISTER, SPOKEN_OPTIONS, "Wolof", OPERATOR)
    out(database, ring, "lin")
    found = [
        name.text for name in Colleague(portal, Role.COORDINATOR).open("/staff/point").soup.select("bdi")
    ]
    assert "Wolof" in found and "Lingála" not in found
