"""The pages of cases, without JavaScript: from a report to a closed case, by two people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import insert

from portal import audit, clock, references
from portal.accounts.roles import Role
from portal.audit import Did
from portal.incidents import timing
from portal.incidents.clocks import CLOCKS
from portal.incidents.models import CaseNote, CaseParty, IncidentReport
from portal.incidents.showing import DO
from portal.incidents.states import Event, State, Who
from portal.incidents.teams import CaseConflict, CaseMember
from portal.incidents.wording import WORDS
from portal.references import grouped
from tests.cases import CANARIES, NOW, Desk
from tests.staff import Colleague

CASES = "/staff/cases"


@pytest.fixture
def desk(portal: Flask) -> Iterator[Desk]:
    found = portal.extensions["portal"]
    with time_machine.travel(NOW, tick=False):
        yield Desk(found.database, found.ring)


@pytest.fixture
def officer(portal: Flask, desk: Desk) -> Colleague:
    return Colleague(portal, Role.CASE_OFFICER, name="Olive Example")


@pytest.fixture
def manager(portal: Flask, desk: Desk) -> Colleague:
    return Colleague(portal, Role.CASE_MANAGER, name="Mona Example")


def test_from_a_report_to_a_closed_case_by_two_people(
    desk: Desk, officer: Colleague, manager: Colleague
) -> None:
    reference = desk.tells()
    page = f"{CASES}/{reference}"
    officer.open("/staff").link("1 Cases that nobody has taken on")
    officer.open(str(officer.soup.select_one("main table a")["href"]))
    assert officer.path == page and "New: nobody has read it yet" in officer.text
    assert not any(canary in officer.response.text for canary in CANARIES)
    officer.pick("Who deals with it", "Olive Example").choose("B: anything else")
    officer.press("Sort it: I have read it")
    assert desk.case(reference).officer == officer.reference
    officer.press("I have acknowledged it")
    officer.choose("No").press("Arrange a talk")
    officer.press("I have talked with the person").press("A plan is agreed").press("Something was done")
    officer.press("Ask a second person to look at it")
    assert desk.case(reference).state == "review"
    assert "Close it" not in officer.buttons() and "takes a second person" in officer.text
    manager.open(f"{CASES}?show=review").open(str(manager.soup.select_one("main table a")["href"]))
    manager.choose("Yes").pick("Why", "It has stopped, and the person agrees")
    manager.pick("How the person was told what became of it, and how to ask again", "A letter")
    manager.press("Close it")
    case = desk.case(reference)
    assert (case.state, case.reason, case.reviewer) == ("closed", "resolved", manager.reference)
    officer.open(page)
    assert "Closed" in officer.text and "Second person Mona Example" in officer.text


def given_to(desk: Desk, officer: Colleague, **answers: tuple[str, ...]) -> str:
    """A case of that officer, that was read."""
    reference = desk.tells(**answers)
    desk.step(reference, Event.TRIAGE, officer.reference, officer=officer.reference)
    return reference


def looks(desk: Desk, reference: str, did: Did = Did.VIEWED) -> list[tuple[str, Any]]:
    with desk.database.read() as connection:
        found = audit.page(connection, did=did, what=f"case {reference}")
    return [(one.by, one.detail) for one in found]


# Who sees what


def test_words_are_opened_apart_from_names_once_and_noted_before(desk: Desk, officer: Colleague) -> None:
    reference = given_to(desk, officer)
    officer.open(f"{CASES}/{reference}")
    assert not any(canary in officer.response.text for canary in CANARIES)
    assert "_sealed" not in officer.text and "What happened? Noise" in officer.text
    officer.press("Show what was told and written down")
    assert CANARIES[3] in officer.text and CANARIES[0] not in officer.text
    officer.press("Show who it is about")
    assert CANARIES[0] in officer.text and CANARIES[3] not in officer.text
    assert CANARIES[1] not in officer.response.text and CANARIES[2] not in officer.response.text, "the gate"
    facets = [detail["facet"] for _by, detail in looks(desk, reference)]
    assert facets == ["identity", "words", "page"], "the newest first"
    officer.open(f"{CASES}/{reference}")
    assert not any(canary in officer.response.text for canary in CANARIES)


def test_who_it_is_about_stays_closed_while_nobody_deals_with_it(desk: Desk, officer: Colleague) -> None:
    reference = desk.tells()
    officer.open(f"{CASES}/{reference}")
    assert "Show who it is about" not in officer.buttons()
    officer.press("Show what was told and written down", facet="identity")
    assert officer.status == 404 and CANARIES[0] not in officer.response.text
    assert looks(desk, reference, Did.REFUSED) == [(officer.reference, {"facet": "identity"})]


@pytest.mark.parametrize("why", ["sealed", "conflict", "of another"])
def test_a_case_that_is_not_theirs_does_not_exist_for_them(
    desk: Desk, officer: Colleague, manager: Colleague, why: str
) -> None:
    reference = desk.tells(kind=("domestic_abuse",) if why == "sealed" else ("asb",))
    if why == "of another":
        desk.step(reference, Event.TRIAGE, manager.reference, officer=manager.reference)
    if why == "conflict":
        row = {"case": reference, "account": officer.reference, "why": "relative"}
        with desk.database.write() as connection:
            connection.execute(insert(CaseConflict), {**row, "by": manager.reference, "at": clock.seconds()})
    missing = officer.open(f"{CASES}/{references.new()}").response.data
    assert officer.open(f"{CASES}/{reference}").response.data == missing and officer.status == 404
    assert looks(desk, reference, Did.REFUSED) == [(officer.reference, {"facet": "page"})]
    version = desk.case(reference).version
    fields = [("csrf_token", token(officer)), ("seen", str(version)), ("go", "note"), ("note_words", "x")]
    officer.post(f"{CASES}/{reference}/step", fields)
    assert officer.status == 404 and not desk.every(CaseNote)
    officer.open(f"{CASES}?show=open")
    assert grouped(reference) not in officer.text
    officer.open(f"/staff/find?reference={reference}")
    assert officer.status == 404 and "Nothing with this reference is open to you" in officer.text
    assert "Cases that nobody has taken on" not in officer.open("/staff").text


def token(colleague: Colleague) -> str:
    colleague.open("/staff/me")
    return str(colleague.soup.select("input[name=csrf_token]")[0]["value"])


def test_the_page_of_a_case_leads_to_its_other_pages_and_to_none_that_is_not_there(
    portal: Flask, desk: Desk, officer: Colleague, manager: Colleague
) -> None:
    reference = given_to(desk, officer)
    page, pages = f"{CASES}/{reference}", {"call", "messages", "evidence", "sharing", "people"}
    helper = Colleague(portal, Role.FRONTLINE, name="Fay Example")
    member = {"case": reference, "account": helper.reference, "facets": ["words"], "by": manager.reference}
    with desk.database.write() as connection:
        connection.execute(insert(CaseMember), {**member, "at": clock.seconds()})
    for colleague, expected in ((officer, pages), (manager, pages - {"call"}), (helper, {"messages"})):
        links = {str(link["href"]) for link in colleague.open(page).soup.select(f"a[href^='{page}/']")}
        assert links == {f"{page}/{place}" for place in expected}, colleague.roles
        for place in pages:
            assert colleague.open(f"{page}/{place}").status == (200 if place in expected else 404), place


# The lists


def test_the_list_says_what_is_due_next_and_a_late_case_comes_first(desk: Desk, officer: Colleague) -> None:
    calm, danger = given_to(desk, officer), given_to(desk, officer, danger_now=("yes",))
    rows = officer.open(CASES).soup.select("main tbody tr")
    assert [str(row.a["href"]) for row in rows] == [f"{CASES}/{danger}", f"{CASES}/{calm}"]
    assert "Due" in rows[0].text and "Late" not in rows[0].text
    with time_machine.travel(clock.moment(clock.seconds()) + timedelta(days=3), tick=False):
        officer.come_in()
        desk.watch()
        rows = officer.open(CASES).soup.select("main tbody tr")
        assert "Late" in rows[0].text and str(rows[0].a["href"]) == f"{CASES}/{danger}"
        assert "2 Cases of yours that are late" in officer.open("/staff").text or (
            "1 Cases of yours that are late" in officer.text
        )


def test_one_list_is_mine_one_nobodys_one_waits_for_a_second_person(
    desk: Desk, officer: Colleague, manager: Colleague
) -> None:
    mine, nobodys, review = given_to(desk, officer), desk.tells(), given_to(desk, officer)
    desk.step(review, Event.ACKNOWLEDGE, officer.reference)
    desk.step(review, Event.REVIEW, officer.reference)

    def listed(who: Colleague, show: str) -> set[str]:
        links = who.open(f"{CASES}?show={show}").soup.select("main tbody a")
        return {str(link["href"]).rpartition("/")[2] for link in links}

    assert listed(officer, "mine") == {mine, review} and listed(officer, "nobody") == {nobodys}
    assert listed(officer, "review") == set(), "who asked for it is not the second person"
    assert listed(manager, "review") == {review} and listed(manager, "mine") == set()
    assert listed(manager, "open") == {mine, nobodys, review} and listed(manager, "ended") == set()
    assert listed(manager, "open&state=review") == {review}
    assert "1 Cases that wait for you as a second person" in manager.open("/staff").text


def test_the_box_finds_a_case_and_the_case_of_a_report(desk: Desk, officer: Colleague) -> None:
    reference = given_to(desk, officer)
    [report] = desk.every(IncidentReport)
    box = officer.open(CASES).soup.select_one("form[role=search]")
    assert box is not None and (box["method"], box["action"]) == ("get", "/staff/find")
    for typed in (reference, report.reference, grouped(report.reference).lower()):
        officer.open(f"/staff/find?reference={typed}")
        assert officer.path == f"{CASES}/{reference}", typed


# Steps


def test_two_officers_at_once_and_the_slower_keeps_what_they_typed(
    portal: Flask, desk: Desk, officer: Colleague, manager: Colleague
) -> None:
    reference = desk.tells()
    officer.open(f"{CASES}/{reference}").pick("Who deals with it", "Olive Example")
    officer.choose("A: violence, threat or danger")
    manager.open(f"{CASES}/{reference}").press("There may be a significant hazard in the home")
    officer.press("Sort it: I have read it")
    assert officer.status == 409 and "Somebody did something before you pressed" in officer.text
    assert desk.case(reference).state == "received"
    chosen = officer.soup.select_one("select[name=triage_officer] option[selected]")
    assert chosen is not None and chosen.text == "Olive Example"
    officer.press("Sort it: I have read it")
    case = desk.case(reference)
    assert (case.state, case.officer, case.category) == ("triaged", officer.reference, "A")


def test_what_was_typed_for_a_step_that_is_gone_is_shown_as_it_was(
    desk: Desk, officer: Colleague, manager: Colleague
) -> None:
    reference = given_to(desk, officer)
    desk.step(reference, Event.ACKNOWLEDGE, officer.reference)
    officer.open(f"{CASES}/{reference}").choose("The person does not want one")
    desk.step(reference, Event.HOLD, manager.reference, Who.MANAGER, reason="police")
    officer.press("Arrange a talk")
    assert officer.status == 409 and "What you typed: declined" in officer.text
    assert desk.case(reference).state == "legal_hold" and desk.case(reference).interpreter is None


def test_a_note_is_never_too_late_and_is_sealed(desk: Desk, officer: Colleague) -> None:
    reference = given_to(desk, officer)
    officer.open(f"{CASES}/{reference}").pick("What is it?", "Assessment of whether it was hate")
    desk.step(reference, Event.ACKNOWLEDGE, officer.reference)
    officer.type("Words", "Canary of a note\non two lines").press("Write something down")
    assert officer.status == 200 and "Canary of a note" not in officer.text
    officer.press("Show what was told and written down")
    assert "Canary of a note" in officer.text and "on two lines" in officer.text
    [note] = desk.every(CaseNote)
    assert note.kind == "assessment" and b"Canary" not in note.sealed


def test_a_person_is_noted_and_their_name_opened_apart(desk: Desk, officer: Colleague) -> None:
    reference = given_to(desk, officer)
    officer.open(f"{CASES}/{reference}").pick("Who are they in this case?", "Said to have done it")
    officer.type("Name", "Canary neighbour").press("Note a person")
    assert "Said to have done it" in officer.text and "Canary neighbour" not in officer.text
    assert "Canary neighbour" in officer.press("Show who it is about").text
    assert b"Canary" not in desk.every(CaseParty)[0].sealed


def test_too_many_words_and_nothing_chosen_are_said_and_kept(desk: Desk, officer: Colleague) -> None:
    reference = given_to(desk, officer)
    officer.open(f"{CASES}/{reference}").type("Words", "word " * 4001).press("Write something down")
    assert officer.status == 422 and "Choose what it is" in officer.errors
    assert officer.typed("Words").lstrip().startswith("word word") and not desk.every(CaseNote)


def test_what_is_done_against_somebody_stands_on_a_law(desk: Desk, officer: Colleague) -> None:
    reference = given_to(desk, officer)
    officer.open(f"{CASES}/{reference}").pick("What was done", "Injunction")
    officer.choose("The person harmed was told").press("Note what was done")
    assert officer.status == 422
    assert officer.errors == ["Choose the legal basis: this is done against somebody"]
    officer.pick("Legal basis", "Housing Act 1996").press("Note what was done")
    assert (
        officer.status == 200 and "Injunction (Housing Act 1996). The person harmed was told." in officer.text
    )


def test_who_gives_a_case_away_is_led_to_the_list(desk: Desk, officer: Colleague, manager: Colleague) -> None:
    reference = given_to(desk, officer)
    officer.open(f"{CASES}/{reference}").pick("Who deals with it", "Mona Example")
    officer.press("Give it to somebody")
    assert officer.status == 200 and officer.path.startswith(CASES) and "is with others now" in officer.text
    assert desk.case(reference).officer == manager.reference
    assert officer.open(f"{CASES}/{reference}").status == 404


def test_nobody_is_offered_a_case_that_they_may_not_see(
    portal: Flask, desk: Desk, officer: Colleague, manager: Colleague
) -> None:
    insider = Colleague(portal, Role.CASE_OFFICER, Role.DOMESTIC_ABUSE, name="Inga Example")
    reference = desk.tells(kind=("domestic_abuse",))
    insider.open(f"{CASES}/{reference}")
    assert "Inga Example" in insider.text and "Mona Example" not in insider.text
    version, post = desk.case(reference).version, f"{CASES}/{reference}/step"
    fields = [("seen", str(version)), ("go", "assign"), ("assign_officer", manager.reference)]
    insider.post(post, [("csrf_token", token(insider)), *fields])
    assert insider.status == 422 and desk.case(reference).officer is None


def test_hate_can_be_added_and_never_taken_back(desk: Desk, officer: Colleague) -> None:
    reference = given_to(desk, officer)
    officer.open(f"{CASES}/{reference}").choose("Age").press("Somebody thinks it was hate")
    case = desk.case(reference)
    assert case.hate and case.strands == ["age"] and "this stays" in officer.text
    assert "Somebody thinks it was hate" not in officer.buttons()
    assert "acknowledge_hate" in desk.clocks(reference) and "acknowledge" not in desk.clocks(reference)


def test_two_cases_become_one_and_both_are_there_to_read(desk: Desk, officer: Colleague) -> None:
    one, other = given_to(desk, officer), given_to(desk, officer)
    officer.open(f"{CASES}/{other}")
    assert grouped(one) in officer.text, "who may be the same person"
    into = "Reference of the case that it becomes part of"
    for wrong in ("nothing", references.new(), other):
        officer.open(f"{CASES}/{other}").type(into, wrong).press("Make it part of another case")
        assert officer.status == 422 and officer.typed(into) == wrong
        assert officer.errors == ["No open case with this reference can be chosen by you"]
    officer.type(into, grouped(one).lower()).press("Make it part of another case")
    assert desk.case(other).merged_into == one and f"It is part of case {grouped(one)}" in officer.text
    officer.open(f"{CASES}/{one}")
    assert officer.text.count("Report ") == 2


def test_a_place_of_safety_is_offered_within_a_day_or_somebody_says_why_not(
    desk: Desk, officer: Colleague
) -> None:
    reference = given_to(desk, officer, safe_tonight=("no",))
    officer.open(f"{CASES}/{reference}")
    assert "to be offered by Thursday 19 November 2026, 10:00" in officer.text and "24 h left" in officer.text
    with time_machine.travel(clock.moment(clock.seconds() + 25 * 3600), tick=False):
        officer.come_in()
        officer.open(f"{CASES}/{reference}").choose("Offered and accepted").pick("What was offered", "Refuge")
        officer.press("Offer a safe place")
        assert officer.errors == ["Choose why it took longer than 24 hours"]
        officer.pick("Why it took longer than 24 hours", "No place was free").press("Offer a safe place")
        assert officer.status == 200 and "Later than 24 hours" in officer.text
        assert desk.missed(reference) >= {"place_of_safety"}
        assert "Offer a safe place" not in officer.buttons()


def test_stage_two_is_answered_by_somebody_else_and_takes_longer_only_so_much(
    desk: Desk, officer: Colleague, manager: Colleague
) -> None:
    reference = given_to(desk, officer, kind=("complaint_about_handling",))
    officer.open(f"{CASES}/{reference}").pick("Who answers at stage 1", "Olive Example")
    officer.press("Acknowledge the complaint")
    field = "By how many working days"
    officer.choose("Answer the complaint at stage 1: at most 10 working days more")
    officer.choose("It is complex").type(field, "11").press("Give a time limit more time")
    assert officer.status == 422 and officer.typed(field) == "11"
    officer.type(field, "10").press("Give a time limit more time")
    assert officer.status == 200 and "More time was given: It is complex" in officer.text
    assert "Give a time limit more time" not in officer.buttons()
    officer.choose("Upheld").press("Answer the complaint at stage 1").press("The person asks for stage 2")
    who = officer.soup.select("select[name=stage_two] option, input[name=stage_two]")
    assert [one["value"] for one in who if one["value"]] == [manager.reference]


def test_the_third_report_in_half_a_year_asks_staff_to_tell_of_the_case_review(
    desk: Desk, officer: Colleague
) -> None:
    first, _second, third = given_to(desk, officer), desk.tells(), desk.tells()
    assert "may ask for a case review" not in officer.open(f"{CASES}/{first}").text
    assert "tell the person that they may ask for a case review" in officer.open(f"{CASES}/{third}").text


# Help and exceptions


def test_the_help_page_has_every_step_state_and_time_limit(officer: Colleague) -> None:
    text = officer.open(f"{CASES}/help").text
    rows = {row.th.text for row in officer.soup.select("tbody tr")}
    for words in (*DO.values(), *WORDS.values(), *(one.words for one in CLOCKS)):
        assert words.english in rows, words.english
    for one in CLOCKS:
        assert one.source in text
    assert set(DO) == set(Event) and set(WORDS) == set(State)


def test_a_length_that_the_landlord_set_is_on_the_help_page(desk: Desk, officer: Colleague) -> None:
    timing.keep_lengths(desk.database, {"review": 20})
    assert "20 days (set here; ours would be 28 days)" in officer.open(f"{CASES}/help").text


def test_exceptions_are_for_managers_and_say_what_was_late_reopened_and_extended(
    desk: Desk, officer: Colleague, manager: Colleague
) -> None:
    late = given_to(desk, officer, kind=("complaint_about_handling",))
    desk.step(late, Event.ACCEPT_ONE, officer.reference, stage_one=officer.reference)
    with desk.database.write() as connection:
        limit = next(one.limit for one in CLOCKS if one.limit == "complaint_one")
        timing.extend(connection, late, limit, 3, "evidence", officer.reference, clock.seconds())
    again = desk.closed(desk.tells())
    desk.step(again, Event.REOPEN, manager.reference, Who.MANAGER, reason="again")
    with time_machine.travel(clock.moment(clock.seconds()) + timedelta(days=10), tick=False):
        officer.come_in()
        manager.come_in()
        desk.watch()
        manager.open(f"{CASES}/exceptions")
        for words in ("Acknowledge it", "Not done yet", "It happened again", "Evidence is still to come"):
            assert words in manager.text, words
        assert grouped(late) in manager.text and grouped(again) in manager.text
        assert officer.open(f"{CASES}/exceptions").status == 404
    with time_machine.travel(clock.moment(clock.seconds()) + timedelta(days=40), tick=False):
        manager.come_in()
        assert "It happened again" not in manager.open(f"{CASES}/exceptions?days=7").text


def test_an_exception_of_a_case_that_a_manager_may_not_see_is_not_told(
    desk: Desk, manager: Colleague
) -> None:
    sealed = desk.tells(kind=("domestic_abuse",))
    with time_machine.travel(clock.moment(clock.seconds()) + timedelta(days=10), tick=False):
        manager.come_in()
        desk.watch()
        assert desk.missed(sealed)
        assert grouped(sealed) not in manager.open(f"{CASES}/exceptions").text
