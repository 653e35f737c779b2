"""The pages of collections: adding, changing, closing and opening again, and codes that phones can read."""

from __future__ import annotations

import re

import pytest
import zxingcpp
from flask import Flask
from PIL import Image, ImageDraw

from portal import audit
from portal.accounts.roles import Role
from portal.database import Database
from portal.equality.collections import Typed, every, keep
from portal.qr import squares
from portal.settings import CollectionEntry
from tests.conftest import MakePortal
from tests.staff import Colleague
from tests.visitor import Visitor, words


@pytest.fixture
def boss(portal: Flask) -> Colleague:
    return Colleague(portal, Role.ADMINISTRATOR)


def add(boss: Colleague, code: str, name: str, **extra: str) -> Colleague:
    boss.open("/staff/collections").type("Code", code).type("Name", name)
    boss.press("Add", **{"kind": "service", **extra})
    return boss


def done(database: Database) -> list[tuple[str, str]]:
    with database.read() as connection:
        return [(one.did, one.what) for one in reversed(audit.page(connection)) if "collection" in one.what]


def test_a_collection_is_added_changed_closed_and_opened_again(
    boss: Colleague, portal: Flask, database: Database
) -> None:
    add(boss, "repairs-2026", "Repairs", kind="survey", outlet="North office")
    assert boss.heading == "Repairs" and "A survey" in boss.text
    tenant = Visitor(portal)
    assert "Repairs" in tenant.open("/en/about-you/at/repairs-2026").text
    boss.type("Name", "Mending").press("Save", kind="event")
    assert "Mending" in tenant.open("/en/about-you/at/repairs-2026").text
    boss.open("/staff/collections/repairs-2026").press("Take no more answers")
    assert tenant.open("/en/about-you/at/repairs-2026").status == 404
    boss.press("Take answers again")
    assert tenant.open("/en/about-you/at/repairs-2026").status == 200
    row = every(database)[0]
    assert (row.name, row.kind, row.outlet, row.active) == ("Mending", "event", "North office", True)
    what = "collection repairs-2026"
    assert done(database) == [("created", what)] + [("changed", what)] * 3


@pytest.mark.parametrize(
    ("code", "name", "extra"),
    [
        ("", "Name", {}),
        ("Repairs", "Name", {}),
        ("a/b", "Name", {}),
        ("-a", "Name", {}),
        ("a" * 61, "Name", {}),
        ("fine", "", {}),
        ("fine", " \u202e", {}),
        ("fine", "x" * 201, {}),
        ("fine", "Name", {"kind": "nonsense"}),
        ("fine", "Name", {"team": "x" * 201}),
    ],
)
def test_what_cannot_be_kept_is_said_and_nothing_is_kept(
    boss: Colleague, database: Database, code: str, name: str, extra: dict[str, str]
) -> None:
    add(boss, code, name, **extra)
    assert boss.status == 422 and boss.errors
    assert every(database) == [] and done(database) == []


def test_a_code_is_taken_once(boss: Colleague, database: Database) -> None:
    add(add(boss, "repairs", "First"), "repairs", "Second")
    assert boss.status == 422 and boss.typed("Name") == "Second"
    assert [row.name for row in every(database)] == ["First"]


def test_what_portal_toml_lists_is_changed_there(make_portal: MakePortal, database: Database) -> None:
    entry = CollectionEntry(code="fair", name="Fair")
    keep(database, [entry])
    boss = Colleague(make_portal(database, collections=(entry,)), Role.ADMINISTRATOR)
    assert "Open, listed in portal.toml" in boss.open("/staff/collections").text
    boss.open("/staff/collections/fair")
    assert "Save" not in boss.buttons() and "listed in portal.toml" in boss.text
    token = str(boss.soup.select_one("input[name=csrf_token]")["value"])  # type: ignore[index]
    for place in ("", "/close", "/reopen"):
        fields = [("csrf_token", token), ("name", "Other"), ("kind", "event")]
        assert boss.post(f"/staff/collections/fair{place}", fields).status == 409
    assert [(row.name, row.active) for row in every(database)] == [("Fair", True)]
    assert done(database) == []


def test_a_supervisor_sees_collections_and_changes_none(portal: Flask, database: Database) -> None:
    keep(database, [CollectionEntry(code="fair", name="Fair")])
    supervisor = Colleague(portal, Role.SUPERVISOR)
    supervisor.open("/staff/collections")
    assert "Fair" in supervisor.text and "Add" not in supervisor.buttons()
    assert "Save" not in supervisor.open("/staff/collections/fair").buttons()


def test_outlets_that_are_there_are_suggested(boss: Colleague, database: Database) -> None:
    outlets = {"a": "North", "b": "North", "c": "South", "d": ""}
    keep(database, [CollectionEntry(code=code, name=code, outlet=one) for code, one in outlets.items()])
    boss.open("/staff/collections")
    assert [str(one["value"]) for one in boss.soup.select("#outlet-known option")] == ["North", "South"]


def test_a_phone_can_read_the_code_on_the_page(boss: Colleague, database: Database) -> None:
    keep(database, [CollectionEntry(code="fair", name="Fair")])
    boss.open("/staff/collections/fair")
    address = words(boss.soup.select_one("section .p-wrap"))
    assert address.startswith("http://localhost/") and address.endswith("/about-you/at/fair")
    drawn = boss.soup.select("svg.p-qr")[0]
    path = str(drawn.select("path")[-1]["d"])
    assert read_by_a_phone(path, int(str(drawn["viewbox"]).split()[2])) == address


def read_by_a_phone(path: str, width: int) -> str:
    """What a QR reader says of the path, drawn."""
    picture = Image.new("L", (width * 4, width * 4), 255)
    pen = ImageDraw.Draw(picture)
    for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", path):
        left, top = int(x) * 4, int(y) * 4
        pen.rectangle((left, top, left + 3, top + 3), fill=0)
    return str(zxingcpp.read_barcodes(picture)[0].text)


@pytest.mark.parametrize("text", ["x", "https://portal.example/ur/about-you/at/" + "a" * 60])
def test_a_code_says_what_it_is_made_of(text: str) -> None:
    width, path = squares(text)
    assert read_by_a_phone(path, width) == text


def test_words_are_cleaned_before_they_are_kept() -> None:
    assert Typed(" A\u202eb ", "event", "\0", "", "").checked()["name"] == "Ab"
