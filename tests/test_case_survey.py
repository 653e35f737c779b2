"""The survey after a case: four weeks after closing, once, with what came of the case beside it."""

from __future__ import annotations

import csv
import random
import secrets
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import time_machine
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from portal import clock, contact, messages, outbox
from portal.analysis.export import Wanted, export
from portal.contact import Hours, Method, Rule
from portal.database import Database
from portal.forms import FORMS
from portal.incidents import actions, erasures, merging, notices, surveys
from portal.incidents.erasure_steps import Erasure
from portal.incidents.models import IncidentCase
from portal.incidents.moving import locked
from portal.incidents.states import Event, Who
from portal.incidents.surveys import AFTER, CaseSurvey
from portal.incidents.words import destroy_key
from portal.intake.models import Draft, Submission
from portal.intake.receipts import code_for, digest_of
from portal.messages import Outgoing
from portal.sealing import KeyRing
from portal.settings import Settings
from portal.wording import LONGEST_SMS, Template
from portal.working import HANDLERS, PERIODIC, SURVEYS, do_one
from tests.cases import MANAGER, NOW, OFFICER, Desk
from tests.messaging import longest_sms
from tests.test_afterwards import joined_by_order, joined_by_value, reports_by_code
from tests.test_coming_back import back
from tests.test_survey import Quick, finish
from tests.visitor import Visitor

OFFERED = "You can tell us once how we did."


@pytest.fixture
def time() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def desk(database: Database, ring: KeyRing, time: Any) -> Desk:
    return Desk(database, ring)


def offer_due(desk: Desk, **changes: Any) -> int:
    """The worker's hour; gives how many surveys it offers."""
    return surveys.offer_due(desk.database, desk.ring, Settings(data=Path("unused"), **changes))


def closed(desk: Desk, *codes: str, told: str = "") -> str:
    """A closed case in which these things were done."""
    reference = desk.triaged(told or desk.tells())
    for code in codes:
        with desk.database.write() as connection:
            case = locked(connection, reference)
            basis = "tenancy" if code in actions.NEEDS_BASIS else None
            actions.note_action(
                connection, case, code, day=clock.today(), told="yes", by=OFFICER, basis=basis
            )
    desk.step(reference, Event.ACKNOWLEDGE)
    desk.step(reference, Event.INVESTIGATE, reason="told_enough")
    desk.step(reference, Event.REVIEW)
    words = {"reason": "resolved", "spoken": "yes", "outcome_told": "letter"}
    desk.step(reference, Event.CLOSE, MANAGER, Who.MANAGER, **words)
    return reference


def offered(desk: Desk, case: str) -> surveys.Offered | None:
    with desk.database.read() as connection:
        return surveys.survey_for(connection, case)


def test_it_is_offered_four_weeks_after_closing_and_once(desk: Desk, time: Any) -> None:
    case, going = closed(desk), desk.tells()
    time.shift(AFTER - 1)
    assert offer_due(desk) == 0 and offered(desk, case) is None
    time.shift(1)
    assert offer_due(desk) == 1
    assert offered(desk, case) == surveys.Offered(case, 1, False)
    assert offered(desk, going) is None
    time.shift(AFTER)
    assert offer_due(desk) == 0
    with desk.database.write() as connection:
        assert surveys.take(connection, case) and not surveys.take(connection, case)
    assert offered(desk, case) is None and offer_due(desk) == 0


def test_the_database_refuses_a_second_of_a_wave(desk: Desk, time: Any) -> None:
    row = {"case": closed(desk), "wave": 1, "offered": 1, "further_action": False, "taken": False}
    with desk.database.write() as connection:
        connection.execute(insert(CaseSurvey), row)
    with pytest.raises(IntegrityError), desk.database.write() as connection:
        connection.execute(insert(CaseSurvey), row)


@pytest.mark.parametrize(
    ("codes", "further"),
    [
        ((), False),
        (("advice", "none_unknown"), False),
        (("locks",), True),
        (("none_victim_wish", "written_warning"), True),
    ],
)
def test_it_is_noted_whether_anything_was_done(
    desk: Desk, time: Any, codes: tuple[str, ...], further: bool
) -> None:
    case = closed(desk, *codes)
    closed(desk, *(() if further else ("locks",)))
    time.shift(AFTER)
    assert offer_due(desk) == 2
    found = offered(desk, case)
    assert found is not None and found.further_action is further


def test_of_two_workers_one_offers_it_and_of_two_presses_one_opens_it(desk: Desk, time: Any) -> None:
    case, done, taken = closed(desk), list[int](), list[bool]()
    time.shift(AFTER)

    def at_once(what: Any) -> None:
        threads = [threading.Thread(target=what) for _number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def press() -> None:
        with desk.database.write() as connection:
            taken.append(surveys.take(connection, case))

    at_once(lambda: done.append(offer_due(desk)))
    at_once(press)
    assert sorted(done) == [0, 0, 0, 1] and sorted(taken) == [False, False, False, True]


# Who is told of it


def safe_way(desk: Desk, case: str, **changes: Any) -> None:
    """Who told us what made this case wants text messages, unless it is said otherwise."""
    known = Rule(
        owner=f"case {case}",
        phone="07700900123",
        methods=(Method.SMS,),
        hours=(Hours(0, 1440),),
        language="en",
        until=clock.seconds() + 2 * AFTER,
    )
    with desk.database.write() as connection:
        contact.keep_rule(connection, desk.ring, replace(known, **changes))


def invited(desk: Desk) -> list[tuple[str, str]]:
    """Whom the worker's hour tells of a survey, and in which way."""
    offer_due(desk, send_sms="console", send_email="console")
    return [(row.owner, row.method) for row in desk.every(Outgoing) if row.event == "case survey"]


def test_who_can_be_reached_safely_is_told_once_and_in_neutral_words(desk: Desk, time: Any) -> None:
    case = closed(desk)
    closed(desk)  # of somebody who gave no way
    safe_way(desk, case)
    time.shift(AFTER - 1)
    assert invited(desk) == []
    time.shift(1)
    for _hour in range(2):
        assert invited(desk) == [(f"case {case}", "sms")]
    [row] = desk.every(Outgoing)
    with desk.database.read() as connection:
        found = messages.find(connection, desk.ring, row.reference)
    assert found is not None and "tell us how we did, if you like" in found.body
    assert not any(word in found.body.lower() for word in ("report", "incident", "case", "asb", "survey"))


def test_discreet_words_say_neither_who_we_are_nor_what_about(desk: Desk, time: Any) -> None:
    safe_way(desk, closed(desk), discreet=True)
    time.shift(AFTER)
    offer_due(desk, send_sms="console")
    [row] = desk.every(Outgoing)
    with desk.database.read() as connection:
        found = messages.find(connection, desk.ring, row.reference)
    assert found is not None and found.discreet
    assert found.body == "Hello. We would like to hear from you, if you like."


@pytest.mark.parametrize("template", [notices.NOTICE, notices.INVITATION])
def test_what_goes_out_by_text_is_short_in_every_language(template: Template, settings: Settings) -> None:
    assert longest_sms(template, settings, {}) <= LONGEST_SMS


@pytest.mark.parametrize(
    "change",
    [
        {"methods": ()},
        {"methods": (Method.CALL, Method.LETTER), "address": "1 Canary Street"},
        {"until": clock.second_of(date(2026, 12, 1), "12:00")},
        {"strict": True, "who_else": frozenset({"partner"})},
        {"blocked": frozenset({Method.SMS})},
        {"never": ("07700 900123",)},
    ],
)
def test_where_the_gate_stays_shut_nobody_is_told_and_the_page_offers_it(
    portal: Flask, desk: Desk, time: Any, change: dict[str, Any]
) -> None:
    case, code = with_code(desk)
    safe_way(desk, case, **change)
    time.shift(AFTER)
    assert invited(desk) == []
    assert OFFERED in back(portal, code).text


@pytest.mark.parametrize("compartment", ["domestic_abuse", "staff"])
def test_nobody_of_a_sealed_case_is_told_and_the_page_offers_it(
    portal: Flask, desk: Desk, time: Any, compartment: str
) -> None:
    case, code = with_code(desk)
    safe_way(desk, case)
    with desk.database.write() as connection:
        connection.execute(update(IncidentCase).values(compartment=compartment))
    time.shift(AFTER)
    assert invited(desk) == [] and OFFERED in back(portal, code).text


@pytest.mark.parametrize("state", ["asked", "refused"])
def test_who_asked_us_to_delete_it_is_asked_nothing(portal: Flask, desk: Desk, time: Any, state: str) -> None:
    (case, code), (other, _code) = with_code(desk), with_code(desk)
    for one in (case, other):
        safe_way(desk, one)
    with desk.database.write() as connection:
        erasures.ask(connection, desk.ring, Settings(data=Path("unused")), digest_of(desk.ring, code), "en")
        if state != "asked":
            values = {"state": state, "ended": clock.seconds(), "decided": 1, "decided_by": MANAGER}
            connection.execute(update(Erasure).values(**values, reason="legal_claims"))
    time.shift(AFTER)
    assert invited(desk) == [(f"case {other}", "sms")]
    assert [row.case for row in desk.every(CaseSurvey)] == [other]
    assert OFFERED not in back(portal, code).text


def test_who_asks_us_to_delete_it_later_is_not_offered_it_any_more(
    portal: Flask, desk: Desk, time: Any
) -> None:
    case, code = with_code(desk)
    time.shift(AFTER)
    offer_due(desk)
    visitor = back(portal, code)
    receipt = digest_of(desk.ring, code)
    with desk.database.write() as connection:
        erasures.ask(connection, desk.ring, Settings(data=Path("unused")), receipt, "en")
    assert offered(desk, case) is None
    visitor.press("Say how it was, without your name")
    assert visitor.path == "/en/reply/told" and OFFERED not in visitor.text
    with desk.database.write() as connection:
        erasures.withdraw(connection, receipt)
    assert OFFERED in back(portal, code).text, "they want it kept"


def test_an_erased_case_is_asked_nothing(desk: Desk, time: Any) -> None:
    case = closed(desk)
    safe_way(desk, case)
    with desk.database.write() as connection:
        destroy_key(connection, case)
    time.shift(AFTER)
    assert invited(desk) == [] and desk.every(CaseSurvey) == []


def test_of_several_who_told_us_the_one_who_was_harmed_is_told(desk: Desk, time: Any) -> None:
    witness, victim = desk.tells(journey=("witness",)), desk.tells(phone=("07700 900999",))
    with desk.database.write() as connection:
        merging.merge(connection, victim, witness, by=MANAGER, who=Who.MANAGER)
    closed(desk, told=witness)
    safe_way(desk, witness)
    safe_way(desk, victim, phone="07700900999")
    time.shift(AFTER)
    assert invited(desk) == [(f"case {victim}", "sms")]


def test_if_that_one_cannot_be_reached_the_other_is_told(desk: Desk, time: Any) -> None:
    witness, victim = desk.tells(journey=("witness",)), desk.tells(phone=("07700 900999",))
    with desk.database.write() as connection:
        merging.merge(connection, victim, witness, by=MANAGER, who=Who.MANAGER)
    closed(desk, told=witness)
    safe_way(desk, witness)
    time.shift(AFTER)
    assert invited(desk) == [(f"case {witness}", "sms")]


def test_the_worker_does_it_every_hour(desk: Desk, time: Any, tmp_path: Path) -> None:
    case = closed(desk)
    time.shift(AFTER)
    with desk.database.write() as connection:
        outbox.put(connection, SURVEYS, {})
    while do_one(Settings(data=tmp_path), desk.database, desk.ring, HANDLERS):
        pass
    assert [row.case for row in desk.every(CaseSurvey)] == [case] and PERIODIC[SURVEYS] == 3600


# Answering it


def with_code(desk: Desk, *codes: str, **answers: tuple[str, ...]) -> tuple[str, str]:
    """A closed case, and the code of who told us."""
    token = secrets.token_bytes(32)
    case = closed(desk, *codes, told=desk.tells({"token": token}, **answers))
    return case, code_for(desk.ring, token)


def answers_of(desk: Desk) -> list[Any]:
    with desk.database.read() as connection:
        query = select(*Submission.__table__.columns).where(Submission.form == "survey")
        return list(connection.execute(query))


def test_the_person_answers_once_and_the_answers_say_whether_anything_was_done(
    portal: Flask, desk: Desk, time: Any, tmp_path: Path
) -> None:
    _case, code = with_code(desk, "locks")
    _other, others = with_code(desk, "advice")
    assert OFFERED not in back(portal, code).text, "not before four weeks are over"
    time.shift(AFTER)
    assert offer_due(desk) == 2
    for one in (code, others):
        visitor = back(portal, one).press("Say how it was, without your name")
        assert visitor.path == "/en/your-view/1"
        while not visitor.path.endswith("/check"):
            for option in visitor.soup.select("main input[value=fairly_satisfied]"):
                option["checked"] = ""
            visitor.send(visitor.soup.select("main button")[0])
        visitor.send(visitor.soup.select_one("main button[value=send]"))
        visitor = back(portal, one)
        assert OFFERED not in visitor.text
    rows = answers_of(desk)
    assert sorted(row.outcome for row in rows) == ["further_action", "no_further_action"]
    for row in rows:
        assert (row.channel, row.collection, row.language) == ("after", "incident", "und")
        assert row.received == row.entered == date(2026, 12, 1)
    folder = tmp_path / "out"
    wanted = Wanted("survey", folder, "a test")
    export(desk.database, FORMS, wanted, lambda done, of: None, ring=desk.ring, anchors=tmp_path / "anchors")
    for kind in ("codes", "labels"):
        with (folder / f"survey-{kind}.csv").open(newline="") as file:
            lines = list(csv.DictReader(file))
        assert sorted(line["_outcome"] for line in lines) == ["further_action", "no_further_action"]


def test_a_survey_that_nobody_began_stays_offered_and_two_presses_begin_one(
    portal: Flask, desk: Desk, time: Any
) -> None:
    _case, code = with_code(desk)
    time.shift(AFTER)
    offer_due(desk)
    first, second = back(portal, code), back(portal, code)
    assert OFFERED in first.text and OFFERED in second.text
    first.press("Say how it was, without your name")
    second.press("Say how it was, without your name")
    assert first.path == "/en/your-view/1"
    assert second.path == "/en/reply/told" and OFFERED not in second.text


def test_a_case_that_was_opened_again_is_not_asked_meanwhile(portal: Flask, desk: Desk, time: Any) -> None:
    case, code = with_code(desk)
    time.shift(AFTER)
    offer_due(desk)
    desk.step(case, Event.REOPEN, reason="evidence")
    assert OFFERED not in back(portal, code).text


def test_without_a_code_the_survey_says_nothing_of_an_outcome(portal: Flask, desk: Desk, time: Any) -> None:
    finish(Visitor(portal).open("/en/your-view"), "no")
    [row] = answers_of(desk)
    assert row.outcome is None and row.channel == "web"


CROWD = 24


def test_nobody_in_a_crowd_can_be_joined_to_their_report_by_what_they_thought_of_us(
    portal: Flask, desk: Desk, time: Any
) -> None:
    """Whoever has all that is stored knows the month, and whether anything was done: as of many others."""
    dice, codes = random.Random(7), list[str]()
    portal.config["WTF_CSRF_ENABLED"] = False
    for number in range(CROWD):
        codes.append(with_code(desk, "locks" if number % 2 else "advice")[1])
        time.shift(dice.randrange(60, 900))
    time.shift(AFTER)
    assert offer_due(desk) == CROWD
    pairs: dict[str, str] = {}
    for code in dice.sample(codes, CROWD):
        time.shift(dice.randrange(60, 900))
        quick = Quick(portal)
        quick.client.post("/en/reply", data={"code": code})
        place = str(quick.client.post("/en/reply/told", data={"go": "survey"}).headers["Location"])
        while not place.endswith("/check"):
            place = quick.goes(place, "", "skip")
        said = quick.between(quick.client.get(place).text, 'name="said" value="')
        time.shift(dice.randrange(60, 900))
        thanks = quick.client.get(quick.goes(place, "", "send", said=said)).text
        pairs[code] = "".join(spans(thanks))
    left = {code: dict(row) for code, row in reports_by_code(desk.database, desk.ring, codes).items()}
    asked = {row.case: row for row in desk.every(CaseSurvey)}
    for row in left.values():
        kept = asked[row["incident_report.case"]]
        row["case_survey.outcome"] = surveys.OUTCOMES[kept.further_action]
        row |= {f"case_survey.{name}": getattr(kept, name) for name in ("wave", "offered", "taken")}
    rows = {bytes(row.receipt): row._asdict() for row in answers_of(desk)}
    right = {code: rows[digest_of(desk.ring, code)] for code in pairs.values()}
    assert len(right) == CROWD
    found = joined_by_value(left, right)
    assert found["case_survey.outcome", "outcome"] == CROWD // 2
    for columns, candidates in found.items():
        assert candidates >= CROWD // 2, columns
    for columns, together in joined_by_order(left, right, pairs).items():
        assert together <= 7, columns
    with desk.database.read() as connection:
        assert connection.execute(select(*Draft.__table__.columns)).all() == []


def spans(page: str) -> list[str]:
    """The groups of the code on a page of thanks."""
    found = BeautifulSoup(page, "html.parser").select(".p-receipt__code span")
    return [one.text for one in found]
