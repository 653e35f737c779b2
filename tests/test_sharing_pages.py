"""The pages of sharing: of staff, of managers, of administrators, and of the organisation that gets it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import pikepdf
import pytest
import time_machine
from flask import Flask
from sqlalchemy import update

from portal import audit
from portal.accounts.roles import Role
from portal.database import Database
from portal.incidents import agencies, disclosures, enclosing
from portal.incidents.models import IncidentCase
from portal.incidents.packs import NAMELESS, Field
from portal.incidents.shared import Agency, Disclosure, PackLink, ShareConsent, ShareOverride
from portal.sealing import KeyRing
from tests.shares import CANARIES, EVERYTHING, Sharers
from tests.staff import Colleague
from tests.visitor import Visitor

NOW = "2026-11-18T10:00:00Z"
POLICE = "The police"


@pytest.fixture(autouse=True)
def a_wednesday() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def us(database: Database, ring: KeyRing) -> Sharers:
    return Sharers(database, ring)


@pytest.fixture
def officer(portal: Flask) -> Colleague:
    return Colleague(portal, Role.CASE_OFFICER, name="Olive")


@pytest.fixture
def manager(portal: Flask) -> Colleague:
    return Colleague(portal, Role.CASE_MANAGER, name="Maggie")


def given_to(us: Sharers, report: str, officer: Colleague, manager: Colleague | None = None) -> str:
    """The page of sharing of a report's case, which these people deal with."""
    case = us.case_of(report)
    people = {"officer": officer.reference, "manager": manager.reference if manager else None}
    with us.database.write() as connection:
        connection.execute(update(IncidentCase).where(IncidentCase.reference == case).values(**people))
    return f"/staff/cases/{case}/sharing"


def choose(officer: Colleague, page: str) -> Colleague:
    officer.open(page)
    picks = officer.soup.select_one("select#report option[value]:not([value=''])")
    assert picks is not None
    officer.pick("Report", re.sub(r"\s+", " ", picks.get_text()))
    officer.pick("Organisation", POLICE)
    return officer


def link_in(officer: Colleague) -> tuple[str, str]:
    """The path of the link that the page shows, and the code."""
    code = re.search(r"\b(\d{4} \d{4})\b", officer.text)
    link = officer.soup.select_one("code")
    assert code and link
    return link.get_text().removeprefix("http://localhost"), code[1]


# From choosing to being read


def test_an_officer_shares_and_the_organisation_opens_it_once(
    us: Sharers, officer: Colleague, portal: Flask
) -> None:
    report = us.tells({"police": "yes_named"})
    us.agrees(fields=EVERYTHING - {Field.NARRATIVE})
    page = given_to(us, report, officer)
    choose(officer, page).press("Choose what to send")
    ticked = officer.chosen()
    assert "Name" in ticked and "Why, as people feel it" not in ticked
    offered = {officer.label(box) for box in officer.soup.select("input[type=checkbox]")}
    assert "What happened, in the person’s words" not in offered, "it may not receive that"
    officer.choose("Postcode of the home").type("What we ask them to do", "Please patrol")
    officer.press("Look at it first")
    assert CANARIES[0] in officer.text and "DE23 6AA" in officer.text and "Please patrol" in officer.text
    assert CANARIES[3] not in officer.text and us.every(Disclosure) == []
    officer.press("Send it")
    assert officer.path == page and "safe@agency.example" in officer.text
    link, code = link_in(officer)

    agency = Visitor(portal, "198.51.100.20")
    for _look in range(2):
        agency.open(link)
        assert agency.path == "/handover" and CANARIES[0] not in agency.text
    agency.type("Code of 8 digits", "0000 0000" if code != "0000 0000" else "1111 1111").press("Open")
    assert agency.status == 422
    agency.type("Code of 8 digits", code).press("Open")
    assert agency.path == "/handover/pack" and CANARIES[0] in agency.text and "Please patrol" in agency.text
    assert CANARIES[3] not in agency.text and CANARIES[2] not in agency.text
    other = Visitor(portal, "198.51.100.21").open(link)
    assert other.status == 404 and other.heading == "This link cannot be used"
    agency.pick("What you do about it, if you know already", "They help the person")
    agency.type("Anything that we should know", "We call on Friday").press("We have it")
    assert agency.path == "/handover/thanks"
    assert agency.open("/handover/pack").status == 404, "the cookie is gone"

    officer.open(page)
    assert "They said on" in officer.text
    officer.press("Read it, or note what they say")
    assert "We call on Friday" in officer.text and "They help the person" in officer.text
    with us.database.read() as connection:
        done = [(one.did, one.by) for one in audit.page(connection, limit=100) if "disclosure" in one.what]
    assert (
        ("released", officer.reference) in done
        and ("used", "agency") in done
        and ("viewed", "agency") in done
    )


def test_whoever_only_looks_at_links_learns_nothing_about_them(us: Sharers, portal: Flask) -> None:
    report = us.tells({"police": "yes_named"})
    us.agrees()
    sent = us.sends(report)
    stranger = Visitor(portal, "198.51.100.30")
    unknown = stranger.open("/handover/with/" + "x" * 43).response.data
    with time_machine.travel("2026-11-25T10:00:00Z", tick=False):
        old = stranger.open(f"/handover/with/{sent.secret}")
        assert (old.status, old.response.data) == (404, unknown)
    assert stranger.open("/handover").response.data == unknown
    assert stranger.open("/handover/pack").response.data == unknown
    right = Visitor(portal, "198.51.100.31").open(f"/handover/with/{sent.secret}")
    for other in ("/handover/with/" + "y" * 5000, "/handover/with/é", "/handover/with/x"):
        assert stranger.open(other).response.data == unknown
    assert right.status == 200
    for _guess in range(10):
        stranger.open("/handover/with/" + "z" * 43)
    assert stranger.status == 429
    assert Visitor(portal, "198.51.100.30").open(f"/handover/with/{sent.secret}").status == 200, (
        "who has a right link is not shut out"
    )


def test_who_takes_the_yes_back_closes_the_page_that_is_open(us: Sharers, portal: Flask) -> None:
    report = us.tells({"police": "yes_named"})
    us.agrees()
    sent = us.sends(report, Field.NAME)
    agency = Visitor(portal, "198.51.100.20").open(f"/handover/with/{sent.secret}")
    code = disclosures.links.code_for(us.ring, sent.secret or "")
    agency.type("Code of 8 digits", code).press("Open")
    assert CANARIES[0] in agency.text
    us.says(report, "no")
    assert agency.open("/handover/pack").status == 404


def test_the_code_alone_or_for_another_link_opens_nothing(us: Sharers, portal: Flask) -> None:
    report = us.tells({"police": "yes_named"})
    us.agrees()
    one, other = us.sends(report), us.sends(report)
    code = disclosures.links.code_for(us.ring, other.secret or "")
    agency = Visitor(portal, "198.51.100.20").open(f"/handover/with/{one.secret}")
    agency.type("Code of 8 digits", code).press("Open")
    assert agency.status == 422
    assert len(us.every(PackLink)) == 2


def test_without_my_name_nothing_that_says_who_it_is_is_offered(us: Sharers, officer: Colleague) -> None:
    report = us.tells({"police": "yes_without_name"})
    us.agrees()
    page = given_to(us, report, officer)
    choose(officer, page).press("Choose what to send")
    offered = {str(box["value"]) for box in officer.soup.select("input[type=checkbox]")}
    assert offered == {field.value for field in NAMELESS}
    officer.type("What we ask them to do", "See Mrs Canary").press("Look at it first")
    assert officer.status == 422 and "without my name" in officer.errors[0]
    officer.type("What we ask them to do", "Look after the stairs").press("Look at it first")
    assert "Canary" not in officer.text
    officer.press("Send it", fields="name")
    assert officer.status == 422 and us.every(Disclosure) == []


def test_a_yes_that_is_taken_back_while_the_officer_looks_stops_it(us: Sharers, officer: Colleague) -> None:
    report = us.tells({"police": "yes_named"})
    us.agrees()
    page = given_to(us, report, officer)
    choose(officer, page).press("Choose what to send").press("Look at it first")
    us.says(report, "ask_me_first")
    officer.press("Send it")
    assert officer.status == 409 and "has not agreed" in officer.text and us.every(Disclosure) == []


def test_what_the_person_says_by_phone_is_noted_with_who_heard_it(us: Sharers, officer: Colleague) -> None:
    report = us.tells()
    us.agrees()
    page = given_to(us, report, officer)
    choose(officer, page).press("Choose what to send")
    assert officer.status == 409, "ask first"
    choose(officer, page).pick(
        "What the person says now: may we tell this organisation?", "Yes, with my name"
    )
    officer.press("Note what the person said")
    assert officer.status == 422, "how, and in which language?"
    choose(officer, page).pick(
        "What the person says now: may we tell this organisation?", "Yes, with my name"
    )
    officer.pick("How they said it", "By phone").pick("In which language they were asked", "Urdu")
    officer.press("Note what the person said")
    assert officer.path == page
    row = max((row for row in us.every(ShareConsent) if row.agency == "police"), key=lambda row: row.number)
    assert (row.answer, row.asked_by, row.how, row.language) == (
        "yes_named",
        officer.reference,
        "phone",
        "ur",
    )
    choose(officer, page).press("Choose what to send")
    assert officer.status == 200


def test_the_task_to_ask_for_deletion_stands_on_the_page_until_it_is_done(
    us: Sharers, officer: Colleague
) -> None:
    report = us.tells({"police": "yes_named"})
    us.agrees(route="file")
    us.sends(report)
    us.says(report, "no")
    officer.open(given_to(us, report, officer))
    assert "ask the organisation to delete it" in officer.text
    officer.press("I have asked them to delete it").press("They have deleted it")
    assert "ask the organisation to delete it" not in officer.text and "that it is deleted" in officer.text


# Without a yes


def test_a_manager_allows_it_and_another_person_sends_it(
    us: Sharers, officer: Colleague, manager: Colleague
) -> None:
    report = us.tells({"police": "no"})
    us.agrees()
    page = given_to(us, report, officer, manager)
    choose(officer, page).press("Ask to share without a yes")
    officer.choose("What it is about", "Name").press("Ask a manager")
    assert officer.status == 422 and len(officer.errors) == 1
    officer.choose("A child is at risk", "Not told: it would put somebody in danger")
    officer.type("Why it is needed, and why no less will do", "The child sleeps there").press("Ask a manager")
    assert officer.path == page and "A manager has to decide" in officer.text
    assert "Read why, and decide" not in officer.buttons()
    manager.open(page).press("Read why, and decide")
    assert "The child sleeps there" in manager.text
    manager.press("Allow it, once")
    assert "Allowed by Maggie" in manager.text and not any(
        "as it was allowed" in one for one in manager.buttons()
    )
    officer.open(page).press("Choose what to send, as it was allowed")
    assert {str(box["value"]) for box in officer.soup.select("input[type=checkbox]")} == {"kind", "name"}
    officer.choose("Name").press("Look at it first").press("Send it")
    [sent] = us.every(Disclosure)
    [wish] = us.every(ShareOverride)
    assert (sent.override, sent.by, wish.authoriser) == (wish.reference, officer.reference, manager.reference)
    assert "Choose what to send, as it was allowed" not in officer.open(page).buttons()


def test_who_asks_does_not_decide_and_an_officer_never_does(
    us: Sharers, officer: Colleague, manager: Colleague
) -> None:
    report = us.tells({"police": "no"})
    us.agrees()
    page = given_to(us, report, officer, manager)
    wish = us.wants(report, by=manager.reference)
    for colleague in (officer, manager):
        token = colleague.open(page).soup.select_one("input[name=csrf_token]")
        assert token is not None
        colleague.post(f"{page}/wish/{wish}/decide", [("csrf_token", str(token["value"])), ("go", "allow")])
        assert colleague.status == (404 if colleague is officer else 409)
    [row] = us.every(ShareOverride)
    assert row.decision is None


# The file


@pytest.mark.paper
def test_the_file_opens_with_the_password_only(us: Sharers, officer: Colleague, portal: Flask) -> None:
    report = us.tells({"police": "yes_named"}, narrative=("کل رات دروازہ توڑ دیا",))
    us.agrees(route="file")
    page = given_to(us, report, officer)
    choose(officer, page).press("Choose what to send")
    officer.choose("What happened, in the person’s words").press("Look at it first").press("Send it")
    [row] = us.every(Disclosure)
    assert us.every(PackLink) == []
    password = enclosing.password_for(us.ring, row.reference)
    assert password in officer.text and re.fullmatch(r"(\w{4}-){4}\w{4}", password)
    made = officer.client.get(f"{page}/{row.reference}/file")
    assert made.status_code == 200 and made.mimetype == "application/pdf"
    assert b"Canary" not in made.data and b"WeasyPrint" not in made.data
    for wrong in ("", password.lower() + "x", enclosing.password_for(KeyRing.new(), row.reference)):
        with pytest.raises(pikepdf.PasswordError):
            pikepdf.open(io.BytesIO(made.data), password=wrong)
    with pikepdf.open(io.BytesIO(made.data), password=password) as document:
        assert len(document.pages) >= 1 and document.encryption.R == 6
    colleague = Colleague(portal, Role.CASE_OFFICER, name="Other")
    assert colleague.client.get(f"{page}/{row.reference}/file").status_code == 404
    us.says(report, "no")
    assert officer.client.get(f"{page}/{row.reference}/file").status_code == 404


# Who


def test_whoever_does_not_see_a_case_sees_none_of_its_sharing(
    us: Sharers, officer: Colleague, portal: Flask
) -> None:
    report = us.tells({"police": "yes_named"})
    us.agrees()
    page = given_to(us, report, officer, Colleague(portal, Role.CASE_MANAGER, name="Hers"))
    sent = us.sends(report, by=officer.reference)
    stranger = Colleague(portal, Role.CASE_OFFICER, name="Stranger")
    missing = stranger.open("/staff/cases/7K3PX92CM/sharing").response.data
    for path in (page, f"{page}/{sent.reference}/file"):
        assert (stranger.open(path).status, stranger.response.data) == (404, missing)
    token = stranger.open("/staff/me").soup.select_one("input[name=csrf_token]")
    assert token is not None
    before = everything_of(us)
    for path in ("consent", "pack", "wish", f"{sent.reference}/mark", f"{sent.reference}/read"):
        fields = [("csrf_token", str(token["value"])), ("report", report), ("agency", "police")]
        fields += [("answer", "no"), ("how", "phone"), ("language", "en"), ("go", "acknowledged")]
        assert stranger.post(f"{page}/{path}", fields).status == 404, path
    assert everything_of(us) == before


def everything_of(us: Sharers) -> list[Any]:
    return [us.every(table) for table in (ShareConsent, ShareOverride, Disclosure, PackLink)]


def test_nobody_sends_what_they_may_not_see_themselves(
    us: Sharers, officer: Colleague, manager: Colleague
) -> None:
    """A manager need not be able to ring anybody up, and sends nobody's number."""
    report = us.tells({"police": "yes_named"})
    us.agrees()
    page = given_to(us, report, officer, manager)
    choose(manager, page).press("Choose what to send")
    assert "contact" not in {str(box["value"]) for box in manager.soup.select("input[type=checkbox]")}
    manager.press("Look at it first", fields="contact")
    assert manager.status == 422 and CANARIES[1] not in manager.text


def test_a_disclosure_is_reached_through_its_own_case_only(us: Sharers, officer: Colleague) -> None:
    report, other = us.tells({"police": "yes_named"}), us.tells()
    us.agrees(route="file")
    sent = us.sends(report, by=officer.reference)
    given_to(us, report, officer)
    page = given_to(us, other, officer)
    assert officer.open(f"{page}/{sent.reference}/file").status == 404
    token = officer.open(page).soup.select_one("input[name=csrf_token]")
    assert token is not None
    fields = [("csrf_token", str(token["value"])), ("go", "acknowledged"), ("outcome", "helps")]
    for act in ("mark", "read", "feedback", "again"):
        assert officer.post(f"{page}/{sent.reference}/{act}", fields).status == 404


# Agreements


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.GOVERNANCE])
def test_what_was_agreed_is_noted_and_two_at_once_do_not_overwrite_each_other(
    us: Sharers, portal: Flask, role: Role
) -> None:
    one, other = Colleague(portal, role, name="One"), Colleague(portal, role, name="Two")
    for colleague in (one, other):
        colleague.open("/staff/agencies").link(POLICE)
    one.press("Save")
    assert one.status == 422 and len(one.errors) == 5
    for colleague in (one, other):
        colleague.type("Reference of the sharing agreement", f"ISA {colleague.email}")
        colleague.choose("A link that opens once, with a code that we tell them by phone")
        colleague.type("Its safe mailbox", "safe@police.example").type("Phone number", "101")
        colleague.choose("What it is about", "Danger").press("Save")
    assert (one.path, other.status) == ("/staff/agencies", 409)
    [row] = us.every(Agency)
    assert row.agreement == f"ISA {one.email}" and set(row.fields) == {"kind", "risk"}
    other.open("/staff/agencies").link(POLICE)
    assert other.typed("Its safe mailbox") == "safe@police.example"
    other.choose("Name").press("Save")
    with us.database.read() as connection:
        found = agencies.find(connection, "police")
        assert found is not None and set(found.fields) == {"kind", "risk", "name"} and found.version == 2
        assert audit.page(connection, limit=1)[0].by == other.reference
