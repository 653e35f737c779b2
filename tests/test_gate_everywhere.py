"""With the gate shut no page of a case shows how to reach anybody: none there is, and none to come."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask

from portal.accounts.roles import Role
from portal.database import Database
from portal.incidents import reports
from portal.incidents.letters import TEMPLATES
from portal.incidents.opening import OPENED
from portal.intake.receipts import code_for
from portal.sealing import KeyRing
from tests.cases import NOW, Desk
from tests.conftest import MakePortal
from tests.staff import Colleague
from tests.test_coming_back import back
from tests.test_safe_contact import SECRETS, own, tells

CASE = "/staff/cases/<reference>"
SHUT = (
    {"reach": ("code",)},
    {"kind": ("domestic_abuse",), "who_else": ("partner",), "reach": ("phone", "sms", "email", "post")},
    {"safe_until": ("2026-11-17",)},
)
"""Nobody may be reached at all; somebody else may answer everything; the time for it is over."""


@pytest.fixture
def sqlite_desk(sqlite: Database, ring: KeyRing) -> Iterator[Desk]:
    with time_machine.travel(NOW, tick=False):
        yield Desk(sqlite, ring)


@pytest.fixture
def app(sqlite_desk: Desk, make_portal: MakePortal) -> Flask:
    return make_portal(sqlite_desk.database)


def addresses(app: Flask, desk: Desk, case: str) -> list[str]:
    """Every page of a case that can be opened, with each thing of the case that an address may name."""
    with desk.database.read() as connection:
        [report] = reports.of_case(connection, case)
    names = {
        "made": (case,),
        "code": tuple(TEMPLATES),
        "person": (report.reference,),
        "identity": (report.reference,),
        "disclosure": (report.reference,),
    }
    found = ["/staff", "/staff/cases?show=mine", "/staff/cases?show=open", "/staff/messages"]
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith(CASE) or "GET" not in (rule.methods or ()):
            continue
        places = [rule.rule.replace("<reference>", case)]
        for name in rule.arguments - {"reference"}:
            assert name in names, f"{rule.rule}: say here what stands for {name}"
            places = [one.replace(f"<{name}>", value) for one in places for value in names[name]]
        found += places
    return found


def shown(colleague: Colleague, pages: list[str], case: str) -> dict[str, list[str]]:
    """What each page shows of how to reach somebody; also what was told, opened facet by facet."""
    said = {one: colleague.open(one).response.get_data(as_text=True) for one in pages}
    for facet in OPENED:
        colleague.open(f"/staff/cases/{case}")
        token = str(colleague.soup.select("input[name=csrf_token]")[0]["value"])
        colleague.post(f"/staff/cases/{case}/words", [("csrf_token", token), ("facet", facet.value)])
        assert colleague.status == 200
        said[facet.value] = colleague.response.get_data(as_text=True)
    found = {one: [word for word in SECRETS if word in text] for one, text in said.items()}
    return {one: words for one, words in found.items() if words}


def officer_of(app: Flask, desk: Desk, case: str) -> Colleague:
    officer = Colleague(app, Role.CASE_OFFICER, Role.DOMESTIC_ABUSE, name="Olive")
    own(desk, case, officer)
    return officer


@pytest.mark.parametrize("answers", SHUT)
def test_no_page_of_a_case_goes_around_the_gate(
    app: Flask, sqlite_desk: Desk, answers: dict[str, tuple[str, ...]]
) -> None:
    with time_machine.travel("2026-11-16T10:00:00Z", tick=False):
        token = secrets.token_bytes(32)
        case = tells(sqlite_desk, token, **answers)
    pages = addresses(app, sqlite_desk, case)
    assert len(pages) > 12
    assert shown(officer_of(app, sqlite_desk, case), pages, case) == {}
    own_page = back(app, code_for(sqlite_desk.ring, token)).response.get_data(as_text=True)
    assert not [word for word in SECRETS if word in own_page]


def test_with_the_gate_open_a_number_stands_where_it_is_asked_for_and_nowhere_else(
    app: Flask, sqlite_desk: Desk
) -> None:
    case = tells(sqlite_desk)
    found = shown(officer_of(app, sqlite_desk, case), addresses(app, sqlite_desk, case), case)
    letters = {f"/staff/cases/{case}/letter/{case}/{code}" for code in TEMPLATES}
    assert f"/staff/cases/{case}/call" in found
    assert found.keys() <= {f"/staff/cases/{case}/call", *letters}
