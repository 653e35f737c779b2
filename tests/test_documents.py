"""What the landlord publishes: in which languages it is there, what is out of date, where copies went."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from flask import Flask

from portal import audit, registers
from portal.accounts.roles import Role
from portal.database import Database
from portal.interpreting import documents, panels
from portal.interpreting.documents import Edition
from portal.interpreting.moving import NotNow
from portal.interpreting.panels import PANELS
from portal.paper.runs import OPERATOR
from portal.sealing import KeyRing
from tests.arrivals import noise, still_there
from tests.bookings import CANARIES, NOW, Desk
from tests.staff import Colleague

MARCH, JUNE = date(2026, 3, 2), date(2026, 6, 1)


@pytest.fixture(autouse=True)
def a_wednesday() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def put(database: Database, ring: KeyRing, title: str = "Your tenancy", **changes: Any) -> str:
    given = {"words": 900, "updated": MARCH, "by": OPERATOR, **changes}
    found = documents.put(database, ring, title, **given)
    assert found is not None
    return found


def keep(database: Database, ring: KeyRing, document: str, language: str, **changes: Any) -> None:
    given: dict[str, Any] = {"format": "standard", "state": "ready", "made": MARCH, **changes}
    documents.keep_edition(database, ring, document, Edition(language=language, **given), OPERATOR)


def stands(database: Database, *languages: str) -> dict[str, dict[str, str]]:
    with database.read() as connection:
        titles = {row.reference: row.title for row in documents.every(connection)}
        return {titles[one]: cells for one, cells in documents.coverage(connection, languages).items()}


def test_a_translation_is_out_of_date_once_its_source_changed_after_it(
    database: Database, ring: KeyRing
) -> None:
    one = put(database, ring)
    keep(database, ring, one, "urd")
    keep(database, ring, one, "pan", state="ordered", made=None)
    keep(database, ring, one, "som", made=None)  # ready today
    assert stands(database, "urd", "pan", "som", "pol") == {
        "Your tenancy": {"urd": "ready", "pan": "ordered", "som": "ready", "pol": "missing"}
    }
    unrelated = noise(database)
    assert put(database, ring, updated=JUNE, reference=one) == one
    found = stands(database, "urd", "pan", "som")["Your tenancy"]
    assert found == {"urd": "outdated", "pan": "ordered", "som": "ready"}
    keep(database, ring, one, "urd", made=JUNE)
    assert stands(database, "urd")["Your tenancy"]["urd"] == "ready"
    unrelated.pop("audit_head")
    assert still_there(database, unrelated)


def test_the_best_format_in_a_language_counts_for_it(database: Database, ring: KeyRing) -> None:
    one = put(database, ring, updated=JUNE)
    keep(database, ring, one, "urd", made=MARCH)
    keep(database, ring, one, "urd", format="audio", made=JUNE)
    assert stands(database, "urd")["Your tenancy"]["urd"] == "ready"


def test_two_documents_do_not_have_one_title(database: Database, ring: KeyRing) -> None:
    one, other = put(database, ring), put(database, ring, "Repairs")
    assert documents.put(database, ring, "Your tenancy", 1, MARCH, OPERATOR) is None
    assert documents.put(database, ring, "Your tenancy", 1, MARCH, OPERATOR, other) is None
    assert documents.put(database, ring, "Your tenancy", 1, MARCH, OPERATOR, one) == one


def test_a_request_for_a_translation_names_its_document_and_one_for_a_visit_cannot(
    database: Database, ring: KeyRing
) -> None:
    desk, one = Desk(database, ring), put(database, ring)
    wanted = desk.asks(need=("translation",), document=("Canary letter",), how=(), where=())
    documents.about(database, ring, one, wanted, OPERATOR)
    documents.about(database, ring, one, wanted, OPERATOR)
    with pytest.raises(NotNow):
        documents.about(database, ring, one, desk.asks(), OPERATOR)
    with pytest.raises(NotNow):
        documents.about(database, ring, one, "7K3PX92CJ", OPERATOR)
    with database.read() as connection:
        assert documents.asked_by(connection, one) == [wanted]


def test_a_coordinator_keeps_documents_and_sees_what_is_missing(
    portal: Flask, database: Database, ring: KeyRing
) -> None:
    panel = registers.add(database, ring, PANELS, (), "Three main", OPERATOR)
    panels.put(database, ring, panel, ["urd", "pan"], OPERATOR)
    boss = Colleague(portal, Role.COORDINATOR).open("/staff/documents")
    boss.press("Add")
    assert boss.status == 422 and boss.errors == ["Type the title"]
    boss.type("Title", "Your tenancy").type("Words", "900").press("Add")
    assert boss.heading == "Your tenancy" and "Last changed on 2026-11-18 ." in boss.text
    boss.pick("Language", "Urdu").pick("Format", "Ordinary print").choose("Ready").press("Save")
    assert "Urdu Ordinary print Ready 2026-11-18" in boss.text
    boss.open("/staff/documents")
    assert [cell.text for cell in boss.soup.select("tbody td")] == ["2026-11-18", "Missing", "Ready"]
    boss.type("Title", "Your tenancy").press("Add")
    assert boss.errors == ["There is a document with this title"]
    with database.read() as connection:
        log = [(one.did, one.by) for one in audit.page(connection) if one.what.startswith("document ")]
    assert log == [("changed", boss.reference), ("created", boss.reference)]


def test_anybody_in_the_office_notes_where_copies_went(
    portal: Flask, database: Database, ring: KeyRing
) -> None:
    registers.add(database, ring, "offices", (), "North office", OPERATOR)
    one = put(database, ring)
    person = Colleague(portal, Role.FRONTLINE).open(f"/staff/documents/{one}")
    assert "Add" not in person.buttons()
    person.pick("Language", "Urdu").type("How many", "50").press("Save")
    assert person.errors == ["Choose an office, or type the place"]
    person.pick("Office", "North office").press("Save")
    person.pick("Language", "Punjabi").type("How many", "20").type("Another place", "Library").press("Save")
    rows = [[cell.text for cell in row.select("td")] for row in person.soup.select("tbody tr")]
    assert sorted(rows) == [
        ["2026-11-18", "Library", "Punjabi", "Ordinary print", "20"],
        ["2026-11-18", "North office", "Urdu", "Ordinary print", "50"],
    ]
    token = str(person.soup.select_one("input[name=csrf_token]")["value"])  # type: ignore[index]
    assert person.post(f"/staff/documents/{one}", [("csrf_token", token)]).status == 404


def test_the_page_of_a_document_names_requests_to_coordinators_only_and_nobodys_words(
    portal: Flask, database: Database, ring: KeyRing
) -> None:
    desk, one = Desk(database, ring), put(database, ring)
    wanted = desk.asks(need=("format",), document=("Canary letter",), how=(), where=())
    boss = Colleague(portal, Role.COORDINATOR).open(f"/staff/documents/{one}?do=request")
    boss.type("Reference of a request for it", "nonsense").press("Save")
    assert boss.errors == ["There is no request for a translation or a format with this reference"]
    boss.type("Reference of a request for it", wanted).press("Save")
    shown = f"{wanted[:4]} {wanted[4:8]} {wanted[8:]}"
    assert shown in boss.text and not [word for word in (*CANARIES, "Canary") if word in boss.text]
    assert shown not in Colleague(portal, Role.FRONTLINE).open(f"/staff/documents/{one}").text
    assert boss.open("/staff/documents/7K3PX92CJ").status == 404
    assert boss.open("/staff/documents?panel=none").status == 404
