"""A demonstration has one marked person for each role, and says how to sign in as each."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pyotp
from flask import Flask

from portal import clock, demo_people
from portal.accounts.roles import Role
from portal.database import Database
from portal.interpreting import documents, rota
from portal.sealing import KeyRing
from tests.staff import Colleague
from tests.visitor import Visitor


def test_each_role_can_be_tried(portal: Flask, database: Database, ring: KeyRing, tmp_path: Path) -> None:
    path = demo_people.make(database, ring, tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    said = path.read_text()
    known = re.findall(r"(\S+@demo\.example)\n  key (\w+)\n  codes (.+)", said)
    assert {email for email, _key, _codes in known} == {
        f"{role.value.replace('_', '-')}@demo.example" for role in Role
    }
    for place, (email, key, codes) in enumerate(known):
        visitor = Visitor(portal, f"198.51.100.{place}").open("/sign-in")
        visitor.type("Email address", email).type("Password", demo_people.PASSWORD).press("Sign in")
        code = pyotp.TOTP(key).now() if place % 2 else codes.split()[0]
        visitor.type("Code from your phone", code).press("Continue")
        if "interpreter@" in email:
            assert visitor.heading == "My work"
        else:
            assert visitor.heading == "Home" and "(synthetic)" in visitor.text


def test_it_is_made_once(database: Database, ring: KeyRing, tmp_path: Path) -> None:
    path = demo_people.make(database, ring, tmp_path)
    before = path.read_text()
    assert demo_people.make(database, ring, tmp_path).read_text() == before


def test_the_demonstration_has_a_rota_and_documents_marked_as_synthetic_and_makes_them_once(
    portal: Flask, database: Database, ring: KeyRing, tmp_path: Path
) -> None:
    demo_people.make(database, ring, tmp_path)
    demo_people.make(database, ring, tmp_path)
    with database.read() as connection:
        slots = rota.slots(connection, clock.today())
        every = documents.every(connection)
        log = [one for document in every for one in documents.given_out(connection, document.reference)]
    assert len(slots) == sum(len(days) for _name, _language, days, _span in demo_people.ROTA)
    assert all("(synthetic)" in slot.name for slot in slots)
    assert len(every) == len(demo_people.DOCUMENTS) and log
    assert all("(synthetic)" in words for words in [one.title for one in every] + [one.venue for one in log])
    colleague = Colleague(portal, Role.COORDINATOR)
    assert "Nasreen (synthetic)" in colleague.open("/staff/rota").text
    assert "Damp and mould (synthetic)" in colleague.open("/staff/documents").text


def test_a_landlord_s_own_rota_and_documents_are_left_alone(
    database: Database, ring: KeyRing, tmp_path: Path
) -> None:
    documents.put(database, ring, "Ours", None, clock.today(), "ADMIN2345")
    demo_people.make(database, ring, tmp_path)
    with database.read() as connection:
        assert [one.title for one in documents.every(connection)] == ["Ours"]
