"""The page of the audit log: what it shows, what its filters find, and that looking is an entry too."""

from __future__ import annotations

import pytest
from flask import Flask

from portal import anchors, audit
from portal.accounts.roles import Role
from portal.audit import OPERATOR, Did
from portal.auditing import WORDS
from portal.database import Database
from portal.sealing import KeyRing
from portal.settings import Settings
from tests.staff import Colleague
from tests.visitor import words


@pytest.fixture
def reader(portal: Flask) -> Colleague:
    return Colleague(portal, Role.GOVERNANCE, name="Gwen Governor")


def rows(reader: Colleague) -> list[list[str]]:
    """The cells of the table."""
    return [[words(cell) for cell in row.select("td")] for row in reader.soup.select("tbody tr")]


def fill(database: Database, ring: KeyRing, count: int) -> None:
    for number in range(count):
        audit.note_alone(database, ring, by=OPERATOR, did=Did.PRINTED, what=f"batch B{number}")


def test_every_act_has_a_word() -> None:
    assert set(WORDS) == set(Did)


def test_entries_come_newest_first_with_the_names_of_accounts(
    reader: Colleague, database: Database, ring: KeyRing
) -> None:
    detail = {"rows": 3, "codes": ["a", "b"]}
    audit.note_alone(database, ring, by=reader.reference, did=Did.EXPORTED, what="form x", detail=detail)
    reader.open("/staff/audit")
    newest = rows(reader)[0]
    assert newest[0] == "3" and newest[2] == f"Gwen Governor {reader.reference}"
    assert newest[3:] == ["exported", "form x", "codes: a, b rows: 3"]
    assert [row[0] for row in rows(reader)] == ["3", "2", "1"]
    assert rows(reader)[2][2:5] == ["operator", "made", f"account {reader.reference} Gwen Governor"]


def test_older_entries_are_a_page_further(reader: Colleague, database: Database, ring: KeyRing) -> None:
    fill(database, ring, 120)
    seen = [row[0] for row in rows(reader.open("/staff/audit?did=PRINTED&by=operator"))]
    while any(words(link) == "Older" for link in reader.soup.select("main a")):
        reader.link("Older")
        seen += [row[0] for row in rows(reader)]
        assert len(rows(reader)) <= 50
    assert seen == [str(number) for number in range(122, 2, -1)], "none twice and none left out"


def test_exactly_one_page_has_no_older_one(reader: Colleague, database: Database, ring: KeyRing) -> None:
    fill(database, ring, 48)
    reader.open("/staff/audit")
    assert len(rows(reader)) == 50 and "Older" not in reader.text


def test_filters_find_by_person_act_and_reference(
    reader: Colleague, portal: Flask, database: Database, ring: KeyRing
) -> None:
    other = Colleague(portal, Role.KEYER, name="Karl Keyer")
    audit.note_alone(database, ring, by=OPERATOR, did=Did.DELETED, what=f"recovery code {other.reference}")
    one = rows(reader.open(f"/staff/audit?by={other.reference}"))
    assert [row[3] for row in one] == ["signed in"]
    assert {row[3] for row in rows(reader.open("/staff/audit?did=CREATED"))} == {"made"}
    grouped = f" {other.reference.lower()[:3]} {other.reference.lower()[3:]} "
    about = rows(reader.open(f"/staff/audit?about={grouped}"))
    assert [row[3] for row in about] == ["deleted", "signed in", "made"]
    assert reader.soup.select_one("input[name=about]")["value"] == grouped  # type: ignore[index]
    both = rows(reader.open(f"/staff/audit?about={other.reference}&did=DELETED&by=operator"))
    assert len(both) == 1
    assert "There is no such entry." in reader.open("/staff/audit?did=RELEASED").text


@pytest.mark.parametrize("typed", ["x", "%", "_________", "' OR 1=1 --", "1" * 5000, "٣"])
def test_what_is_no_reference_is_said_to_be_none(reader: Colleague, typed: str) -> None:
    reader.client.get("/staff/audit", query_string={"about": typed})
    reader.open(f"/staff/audit?about={typed.replace('%', '%25')}")
    assert reader.status == 422 and reader.errors


@pytest.mark.parametrize(
    "query", ["by=%00", "by=a b", "did=x", "before=x", "before=-1", "before=" + "9" * 50, "by=a&by=b"]
)
def test_what_is_no_filter_does_no_harm(reader: Colleague, query: str) -> None:
    assert reader.open(f"/staff/audit?{query}").status == 200


def test_looking_at_the_log_is_in_the_log(reader: Colleague, database: Database) -> None:
    reader.open("/staff/audit?did=EXPORTED&before=9")
    with database.read() as connection:
        newest = audit.page(connection, limit=1)[0]
    assert (newest.by, newest.did, newest.what) == (reader.reference, "viewed", "audit")
    assert newest.detail == {"did": "EXPORTED", "before": 9}


def test_it_says_how_far_the_log_is_anchored(
    reader: Colleague, database: Database, ring: KeyRing, settings: Settings
) -> None:
    assert "not yet anchored" in reader.open("/staff/audit").text
    made = anchors.anchor(database, ring, settings.audit_anchors)
    assert made and f"up to entry {made.number} ," in reader.open("/staff/audit").text


def test_a_page_of_others_that_somebody_asked_for_is_in_the_log(portal: Flask, database: Database) -> None:
    keyer = Colleague(portal, Role.KEYER)
    keyer.open("/staff/audit")
    keyer.open("/staff/nothing")
    with database.read() as connection:
        found = audit.page(connection, did=Did.REFUSED)
    assert [(one.by, one.what, one.detail) for one in found] == [
        (keyer.reference, "page", {"endpoint": "auditing.log"})
    ]


def test_what_cannot_be_noted_is_not_done(
    portal: Flask, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row and its entry are one transaction."""
    boss = Colleague(portal, Role.ADMINISTRATOR)
    boss.open("/staff/people").type("Email address", "new@example.org").type("Name", "New").choose("Keyer")

    def broken(*_arguments: object, **_named: object) -> int:
        raise RuntimeError

    monkeypatch.setattr(audit, "note", broken)
    assert boss.press("Add").status == 500
    monkeypatch.undo()
    assert "new@example.org" not in boss.open("/staff/people").text
