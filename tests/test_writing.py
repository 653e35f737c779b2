"""Staff write to who told us and read what they wrote: only the people of the case, and always noted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from portal import clock, contact
from portal.accounts.roles import Role
from portal.audit import Audit
from portal.contact import Hours, Method, Rule
from portal.database import Database
from portal.incidents import exchange, merging, notices, reports
from portal.incidents.exchange import CaseMessage
from portal.incidents.models import IncidentCase, IncidentReport
from portal.incidents.states import Who
from portal.messages import Outgoing
from portal.references import grouped
from portal.sealing import KeyRing
from tests.arrivals import contents
from tests.cases import MANAGER, NOW, Desk
from tests.conftest import MakePortal
from tests.staff import Colleague
from tests.test_coming_back import ANSWER, SAID, back, tells
from tests.visitor import check_headers

ALL_DAY = (Hours(0, 1440),)


@pytest.fixture
def desk(database: Database, ring: KeyRing) -> Iterator[Desk]:
    with time_machine.travel(NOW, tick=False):
        yield Desk(database, ring)


def officer_of(portal: Flask, desk: Desk, case: str, name: str = "Jo Surname") -> Colleague:
    colleague = Colleague(portal, Role.CASE_OFFICER, name=name)
    with desk.database.write() as connection:
        change = update(IncidentCase).where(IncidentCase.reference == case)
        connection.execute(change.values(officer=colleague.reference))
    return colleague


def writes(colleague: Colleague, case: str, text: str = ANSWER) -> Colleague:
    colleague.open(f"/staff/cases/{case}/messages")
    colleague.type("Write to the person", text)
    [words] = [one for one in colleague.soup.select("select[name=language] option") if one["value"] == "pl"]
    for option in colleague.soup.select("select[name=language] option"):
        del option["selected"]
    words["selected"] = ""
    return colleague.press("Send")


def noted(desk: Desk) -> list[tuple[str, str]]:
    with desk.database.read() as connection:
        rows = connection.execute(select(Audit.did, Audit.what).order_by(Audit.number)).all()
    return [(row.did, row.what) for row in rows if row.what.startswith("case ")]


def test_a_message_goes_there_and_an_answer_comes_back(portal: Flask, desk: Desk) -> None:
    case, code = tells(desk)
    back(portal, code).type("Write to us", SAID).press("Send")
    colleague = officer_of(portal, desk, case)
    colleague.open(f"/staff/cases/{case}/messages")
    assert SAID in colleague.text and "No answer yet" in colleague.text
    assert noted(desk)[-1] == ("viewed", f"case {case}")
    writes(colleague, case)
    assert colleague.status == 200 and "No answer yet" not in colleague.text
    assert ("created", f"case {case}") in noted(desk)
    visitor = back(portal, code)
    assert "We visit you on Monday." in visitor.text and "We read it: Wednesday 18 November" in visitor.text
    assert "Surname" not in visitor.response.text and colleague.reference not in visitor.response.text
    shown = visitor.soup.select_one(".govuk-inset-text div")
    assert shown is not None and shown["lang"] == "pl"
    colleague.open(f"/staff/cases/{case}/messages")
    assert "first seen by the other side" in colleague.text
    for table, rows in contents(desk.database).items():
        assert not any("canary" in row or "Monday" in row for row in rows), table


def test_a_message_without_words_is_asked_for_again(portal: Flask, desk: Desk) -> None:
    case, _code = tells(desk)
    colleague = writes(officer_of(portal, desk, case), case, "")
    assert colleague.status == 422 and colleague.errors == ["Write what the person is to read"]
    assert desk.every(CaseMessage) == []


def test_who_waits_is_listed_until_somebody_answers_or_says_that_it_needs_none(
    portal: Flask, desk: Desk
) -> None:
    case, code = tells(desk)
    other, _code = tells(desk)
    back(portal, code).type("Write to us", "Thank you").press("Send")
    with desk.database.read() as connection:
        assert [row.case for row in exchange.unanswered(connection)] == [case]
        assert exchange.unanswered(connection, IncidentCase.reference == other) == []
    colleague, stranger = officer_of(portal, desk, case), Colleague(portal, Role.CASE_OFFICER, name="Other")
    line = "1 Cases whose people wait for an answer"
    assert line not in stranger.open("/staff").text
    assert grouped(case) in colleague.open("/staff").link(line).text and grouped(other) not in colleague.text
    colleague.open(f"/staff/cases/{case}/messages").press("Nothing of theirs needs an answer")
    assert line not in colleague.open("/staff").text
    with desk.database.read() as connection:
        assert exchange.unanswered(connection) == []


def test_a_case_of_others_is_the_same_404_as_none(portal: Flask, desk: Desk) -> None:
    case, code = tells(desk)
    back(portal, code).type("Write to us", SAID).press("Send")
    officer_of(portal, desk, case)
    stranger = Colleague(portal, Role.CASE_OFFICER, name="Stranger")
    pages = []
    for reference in (case, "7K3PX92CM"):
        path = f"/staff/cases/{reference}/messages"
        seen = stranger.client.get(path)
        sent = stranger.client.post(path, data={"go": "write x", "words": "x"})
        check_headers(seen)
        pages.append((seen.status_code, seen.text.replace(reference, ""), sent.status_code))
    assert pages[0] == pages[1] and pages[0][0] == 404
    assert desk.every(CaseMessage)[0].seen is None


def test_nobody_writes_to_the_person_of_another_case(portal: Flask, desk: Desk) -> None:
    case, _code = tells(desk)
    other, _other = tells(desk)
    with desk.database.read() as connection:
        [report] = reports.of_case(connection, other)
    colleague = officer_of(portal, desk, case)
    colleague.open(f"/staff/cases/{case}/messages")
    button = colleague.soup.select_one("button[value^=write]")
    assert button is not None
    button["value"] = f"write {report.reference}"
    colleague.type("Write to the person", ANSWER).press("Send")
    assert colleague.status == 404 and desk.every(CaseMessage) == []


# The notice


def rule(desk: Desk, case: str) -> Rule:
    return Rule(
        owner=f"case {case}",
        phone="07700900123",
        methods=(Method.SMS,),
        hours=ALL_DAY,
        discreet=True,
        language="en",
        until=clock.seconds() + 86400,
    )


def sent(make_portal: MakePortal, desk: Desk, wanted: Rule | None, case: str) -> list[str]:
    """What goes out when an officer writes to somebody with this rule."""
    portal = make_portal(desk.database, send_sms="console", send_email="console")
    if wanted is not None:
        with desk.database.write() as connection:
            contact.keep_rule(connection, desk.ring, wanted)
    writes(officer_of(portal, desk, case), case)
    return [f"{row.method} {row.event}" for row in desk.every(Outgoing)]


def test_who_wants_a_text_message_gets_one_that_says_nothing(make_portal: MakePortal, desk: Desk) -> None:
    case, _code = tells(desk)
    assert sent(make_portal, desk, rule(desk, case), case) == ["sms case message"]
    for text in (notices.NOTICE.texts, notices.NOTICE.discreet.texts if notices.NOTICE.discreet else ()):
        for one in text:
            assert not any(
                word in one.id.lower() for word in ("report", "incident", "case", "told", "message")
            )


@pytest.mark.parametrize(
    "change",
    [
        None,
        {"methods": (Method.CALL,)},
        {"methods": (Method.LETTER,), "address": "1 Canary Street\nDE1 2FS"},
        {"methods": ()},
        {"until": 1},
    ],
)
def test_who_did_not_ask_to_be_told_is_told_nothing(
    make_portal: MakePortal, desk: Desk, change: dict[str, object] | None
) -> None:
    case, _code = tells(desk)
    wanted = replace(rule(desk, case), **change) if change is not None else None  # type: ignore[arg-type]
    assert sent(make_portal, desk, wanted, case) == []
    assert len(desk.every(CaseMessage)) == 1


def test_of_two_who_told_us_of_one_case_each_is_told_by_their_own_rule(
    make_portal: MakePortal, desk: Desk
) -> None:
    settings = make_portal(desk.database, send_sms="console").extensions["portal"].settings
    one, two = tells(desk)[0], tells(desk, phone=("07700 900999",))[0]
    theirs = {one: "07700900123", two: "07700900999"}
    with desk.database.write() as connection:
        merging.merge(connection, two, one, by=MANAGER, who=Who.MANAGER)
        for case, phone in theirs.items():
            contact.keep_rule(connection, desk.ring, replace(rule(desk, case), phone=phone))
        [late] = [row for row in reports.of_case(connection, one) if row.made == two]
        assert notices.give(connection, desk.ring, settings, late, notices.NOTICE, "1") is not None
    assert [row.owner for row in desk.every(Outgoing)] == [f"case {two}"]


def test_whose_rule_is_not_known_is_told_nothing(make_portal: MakePortal, desk: Desk) -> None:
    settings = make_portal(desk.database, send_sms="console").extensions["portal"].settings
    case, _code = tells(desk)
    with desk.database.write() as connection:
        contact.keep_rule(connection, desk.ring, rule(desk, case))
        connection.execute(update(IncidentReport).values(made=None))
        [report] = reports.of_case(connection, case)
        assert notices.give(connection, desk.ring, settings, report, notices.NOTICE, "1") is None
    assert desk.every(Outgoing) == []
