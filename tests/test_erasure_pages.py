"""Pages of erasing: the person's, the two who decide, and what was shared across all cases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import insert, update

from portal import clock
from portal.accounts.roles import Role
from portal.accounts.signing_in import PROOF
from portal.database import Database
from portal.incidents import disclosures, erasures, overrides, words
from portal.incidents.erasure_steps import ACTS, Act, Erasure
from portal.incidents.erasure_words import REFUSED_WHY
from portal.incidents.models import IncidentCase
from portal.incidents.shared import ShareOverride
from portal.incidents.teams import CaseConflict
from portal.incidents.tombstones import Tombstone
from portal.sealing import KeyRing
from tests.cases import MANAGER, NOW
from tests.conftest import MakePortal
from tests.erasing import Here, Told
from tests.staff import Colleague
from tests.test_coming_back import WRONG, back, enter
from tests.test_erasing import together
from tests.visitor import Visitor

LIST = "/staff/cases/erasures"


@pytest.fixture(autouse=True)
def a_wednesday() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def here(portal: Flask, database: Database, ring: KeyRing) -> Here:
    return Here(database, ring, portal.extensions["portal"].settings)


def asked(portal: Flask, here: Here, told: Told) -> str:
    """The person asks on their page; gives the address of the request."""
    back(portal, told.code).press("Ask us to delete it")
    [row] = [one for one in here.desk.every(Erasure) if one.ended is None]
    return f"{LIST}/{row.reference}"


def closed(here: Here, **answers: tuple[str, ...]) -> Told:
    told = here.tells(**answers)
    here.desk.closed(told.case)
    return told


# The person


def test_the_person_sees_until_when_they_can_take_it_back_and_does(portal: Flask, here: Here) -> None:
    told = closed(here)
    place = asked(portal, here, told)
    visitor = back(portal, told.code)
    assert "Until then nothing is deleted." in visitor.text
    assert "We wait until Wednesday 2 December at least" in visitor.text
    assert "Ask us to delete it" not in visitor.buttons()
    here.agrees(place.rpartition("/")[2])
    visitor = back(portal, told.code)
    assert "We are going to delete it, on Wednesday 2 December at the earliest." in visitor.text
    visitor.press("Do not delete it")
    assert "told us on Wednesday 18 November to keep it. Nothing was deleted." in visitor.text
    assert "Ask us to delete it" in visitor.buttons() and "Do not delete it" not in visitor.buttons()


@pytest.mark.parametrize("reason", REFUSED_WHY)
def test_the_person_reads_why_it_is_kept_and_where_they_can_complain(
    portal: Flask, here: Here, reason: str
) -> None:
    told = closed(here)
    place = asked(portal, here, told)
    given = (here.database, here.ring, here.settings, here.first, place.rpartition("/")[2])
    erasures.refuse(*given, reason)
    visitor = back(portal, told.code)
    assert "We decided on Wednesday 18 November to keep it." in visitor.text
    assert REFUSED_WHY[reason].told.id in visitor.text and "ico.org.uk" in visitor.text
    assert "Ask us to delete it" in visitor.buttons()


def test_an_erased_code_looks_like_one_that_never_was(portal: Flask, here: Here) -> None:
    told = here.all_of_it()
    open_already = back(portal, told.code)
    here.erased(told)
    never = f"{7:018}{98 - 7 * 100 % 97:02}"
    pages = []
    for one in (never, told.code):
        seen = enter(Visitor(portal, "198.51.100.77"), one)
        assert (seen.status, seen.errors) == (422, WRONG)
        for token in seen.soup.select("[name=csrf_token], #code"):
            del token["value"]
        pages.append((str(seen.soup), sorted(seen.response.headers.keys())))
    assert pages[0] == pages[1]
    assert open_already.open("/en/reply/told").path == "/en/reply", "also where it is open already"


def test_taking_back_what_was_decided_meanwhile_says_so(portal: Flask, here: Here) -> None:
    told = closed(here)
    place = asked(portal, here, told)
    visitor = back(portal, told.code)
    given = (here.database, here.ring, here.settings, here.first, place.rpartition("/")[2])
    erasures.refuse(*given, "legal_duty")
    visitor.press("Do not delete it")
    assert visitor.status == 409 and "This has changed in the meantime" in visitor.text


# The two who decide


def test_one_decides_another_carries_it_out_and_the_list_says_so(portal: Flask, here: Here) -> None:
    told = closed(here)
    place = asked(portal, here, told)
    manager, governance = Colleague(portal, Role.CASE_MANAGER), Colleague(portal, Role.GOVERNANCE)
    assert "Requests to erase a report" in manager.open("/staff").text
    manager.open(LIST)
    assert "Fri 18 Dec 2026" in manager.text and "To be decided" in manager.text
    manager.open(place)
    assert "Nothing may be erased before" in manager.text
    manager.press("It is to be erased")
    assert manager.status == 422 and manager.errors == ["Choose how you made sure who asked"]
    manager.choose("I have met the person: they want it").press("It is to be erased")
    assert manager.path == place and "Waits for a second person" in manager.text
    assert "Erase it now" not in manager.buttons()
    assert "Erase it now" not in governance.open(place).buttons(), "it is too early"
    with time_machine.travel(clock.now() + timedelta(days=15), tick=False):
        governance.come_in(), manager.come_in()
        assert "Erase it now" not in manager.open(place).buttons()
        governance.open(place).press("Erase it now")
        assert governance.path == LIST and "Erased" in governance.text
    assert [row.reference for row in here.desk.every(Tombstone)] == [told.report]
    assert not here.code_opens(told)


def test_the_page_shows_no_word_of_what_was_told(portal: Flask, here: Here) -> None:
    told = here.all_of_it()
    place = asked(portal, here, told)
    for role in (Role.CASE_MANAGER, Role.GOVERNANCE):
        colleague = Colleague(portal, role)
        for page in (LIST, place, "/staff/cases/shared"):
            assert "canary" not in colleague.open(page).response.text.lower()
            assert "900123" not in colleague.response.text


def test_a_refusal_needs_its_reason(portal: Flask, here: Here) -> None:
    told = closed(here)
    manager = Colleague(portal, Role.CASE_MANAGER)
    place = asked(portal, here, told)
    manager.open(place).press("It must be kept")
    assert manager.errors == ["Choose why it must be kept"]
    manager.pick("Why it must be kept", REFUSED_WHY["safeguarding"].words.id).press("It must be kept")
    assert manager.path == place and "Refused" in manager.text
    assert here.code_opens(told)


def test_what_cannot_be_done_any_more_says_so_and_does_nothing(portal: Flask, here: Here) -> None:
    told = closed(here)
    place = asked(portal, here, told)
    manager, governance = Colleague(portal, Role.CASE_MANAGER), Colleague(portal, Role.GOVERNANCE)
    manager.open(place).choose("I have met the person: they want it")
    back(portal, told.code).press("Do not delete it")
    manager.press("It is to be erased")
    assert manager.status == 409 and "Somebody was faster" in manager.text
    place = asked(portal, here, told)
    here.agrees(place.rpartition("/")[2])
    with time_machine.travel(clock.now() + timedelta(days=15), tick=False):
        governance.come_in()
        governance.open(place)
        back(portal, told.code).type("Write to us", "It was not me").press("Send")
        governance.press("Erase it now")
        assert governance.status == 409 and "nobody has answered" in governance.text
    assert here.code_opens(told)


def test_a_page_left_open_asks_for_the_second_factor_again(portal: Flask, here: Here) -> None:
    told = closed(here)
    place = asked(portal, here, told)
    manager = Colleague(portal, Role.CASE_MANAGER)
    manager.open(place).choose("I have met the person: they want it")
    with time_machine.travel(clock.now() + timedelta(seconds=PROOF + 1), tick=False):
        manager.press("It is to be erased")
        assert manager.status == 403
        assert manager.open(place).path.startswith("/staff/prove?")
    assert here.request(place.rpartition("/")[2]).state == "asked"


def test_for_who_is_in_conflict_there_is_no_such_request(portal: Flask, here: Here) -> None:
    told = closed(here)
    place = asked(portal, here, told)
    colleague = Colleague(portal, Role.GOVERNANCE)
    with here.database.write() as connection:
        row = {"case": told.case, "account": colleague.reference, "why": "named", "by": MANAGER}
        connection.execute(insert(CaseConflict), {**row, "at": clock.seconds()})
    assert "Nothing is asked for." in colleague.open(LIST).text
    assert colleague.open(place).status == 404
    for end, go in (("decide", "agree"), ("confirm", "erase"), ("confirm", "back")):
        token = colleague.open(LIST).soup.select_one("input[name=csrf_token]")
        data = {"go": go, "sure": "met", "csrf_token": str(token["value"]) if token else ""}
        assert colleague.client.post(f"{place}/{end}", data=data).status_code in (404, 400)
    assert here.request(place.rpartition("/")[2]).state == "asked"


def test_others_told_us_too_so_notes_and_people_can_be_chosen(portal: Flask, here: Here) -> None:
    one, two = here.tells(), here.tells()
    together(here, two, into=one)
    with here.database.write() as connection:
        mine = words.add_note(connection, here.ring, one.case, "risk", "of two", by=MANAGER)
    place = asked(portal, here, two)
    manager = Colleague(portal, Role.CASE_MANAGER)
    manager.open(place)
    assert "Others told us of this case too: 1." in manager.text
    box = manager.soup.select_one(f"input[name=also][value='{mine}']")
    assert box is not None
    box["checked"] = ""
    manager.choose("I have met the person: they want it").press("It is to be erased")
    assert here.request(place.rpartition("/")[2]).also == [mine]


def test_a_request_by_phone_is_recorded_and_can_be_taken_back_with_the_code(
    portal: Flask, here: Here
) -> None:
    told = closed(here)
    manager = Colleague(portal, Role.CASE_MANAGER)
    for typed in ("", "Mrs Canary", told.report[:-1]):
        manager.open(LIST).type("Reference of the report", typed).press("Record the request")
        assert manager.status == 422
        assert manager.errors == ["Type the reference of the report: 9 letters and digits"]
    for _press in range(2):
        manager.open(LIST).type("Reference of the report", told.report.lower()).press("Record the request")
        assert manager.path.startswith(f"{LIST}/") and manager.status == 200
    assert len(here.desk.every(Erasure)) == 1
    visitor = back(portal, told.code)
    assert "You have asked us to delete it." in visitor.text
    visitor.press("Do not delete it")
    [row] = here.desk.every(Erasure)
    assert row.state == "withdrawn"


def test_nobody_records_a_request_for_a_report_that_is_none_to_them_or_erased(
    portal: Flask, here: Here
) -> None:
    hidden, gone = here.tells(kind=("domestic_abuse",)), here.all_of_it()
    here.erased(gone)
    manager = Colleague(portal, Role.CASE_MANAGER)
    for reference in (hidden.report, gone.report, gone.case, "7K3PX92CM"):
        manager.open(LIST).type("Reference of the report", reference).press("Record the request")
        assert manager.status in (404, 422), reference
    assert [row.report for row in here.desk.every(Erasure)] == [gone.report]


def test_the_page_says_all_that_can_happen_to_a_request(portal: Flask, here: Here) -> None:
    page = Colleague(portal, Role.GOVERNANCE).open(LIST)
    for act in Act:
        assert ACTS[act].id in page.text, act


# Across cases


def test_overrides_and_deletions_are_listed_for_managers_and_governance(portal: Flask, here: Here) -> None:
    told = here.tells()
    here.us.agrees("police"), here.us.agrees("school")
    wish = here.us.wants(told.report, agency="school")
    manager, governance = Colleague(portal, Role.CASE_MANAGER), Colleague(portal, Role.GOVERNANCE)
    assert (
        "Not decided yet"
        in manager.open("/staff/cases/exceptions")
        .link("What was shared without a yes, and what organisations must delete")
        .text
    )
    assert "Nothing is left to be deleted." in manager.text
    overrides.decide(here.database, here.ring, wish, allow=True, by=MANAGER)
    sent = here.us.sends(told.report, agency="police")
    here.opened_by_agency(sent.reference)
    here.us.says(told.report, "no")
    governance.open(LIST).link("What was shared without a yes, and what organisations must delete")
    assert "A child is at risk" in governance.text and "not used yet" in governance.text
    assert "The person took the yes back: ask the organisation to delete it" in governance.text
    assert not governance.soup.select(f"a[href='/staff/cases/{told.case}/sharing']"), "not theirs to open"
    assert manager.open("/staff/cases/shared").soup.select(f"a[href='/staff/cases/{told.case}/sharing']")
    disclosures.mark(here.database, here.ring, sent.reference, "deletion_asked", MANAGER)
    assert "Asked on" in manager.open("/staff/cases/shared").text
    disclosures.mark(here.database, here.ring, sent.reference, "deleted", MANAGER)
    assert "Nothing is left to be deleted." in manager.open("/staff/cases/shared").text
    with time_machine.travel(clock.now() + timedelta(days=92), tick=False):
        manager.come_in()
        assert "Nobody asked to share anything without a yes." in manager.open("/staff/cases/shared").text
        assert "A child is at risk" in manager.open("/staff/cases/shared?days=365").text


def test_cases_of_others_are_in_nobodys_list(portal: Flask, here: Here) -> None:
    told = here.tells(kind=("domestic_abuse",))
    here.us.agrees("police")
    here.us.wants(told.report)
    with here.database.write() as connection:
        connection.execute(update(IncidentCase).values(manager=MANAGER))
    assert len(here.desk.every(ShareOverride)) == 1
    manager, governance = Colleague(portal, Role.CASE_MANAGER), Colleague(portal, Role.GOVERNANCE)
    assert "Nobody asked to share" in manager.open("/staff/cases/shared").text
    assert "Not decided yet" in governance.open("/staff/cases/shared").text


def test_what_must_be_deleted_can_still_be_noted_after_the_report_was_erased(
    make_portal: MakePortal, sqlite: Database, ring: KeyRing
) -> None:
    portal = make_portal(sqlite)
    here = Here(sqlite, ring, portal.extensions["portal"].settings)
    told = here.all_of_it()
    here.erased(told)
    officer: Any = Colleague(portal, Role.CASE_OFFICER)
    with here.database.write() as connection:
        connection.execute(update(IncidentCase).values(officer=officer.reference))
    officer.open(f"/staff/cases/{told.case}/sharing")
    assert "What the person told us was erased: ask the organisation to delete it" in officer.text
    for page in ("", "/messages", "/evidence", "/call", "/people"):
        assert officer.open(f"/staff/cases/{told.case}{page}").status == 200, page
        assert "canary" not in officer.response.text.lower()
