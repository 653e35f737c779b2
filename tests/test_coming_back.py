"""Coming back with the code to what was told: what is shown, what can be done, and what nobody learns."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from portal.database import Database
from portal.files import File, of_owner
from portal.incidents import evidence, exchange, merging, moving, reports, words
from portal.incidents.exchange import CaseMessage, Kind
from portal.incidents.models import IncidentCase, IncidentReport
from portal.incidents.states import Event, State, Who
from portal.incidents.wording import TOLD
from portal.intake import amending
from portal.intake.models import Submission
from portal.intake.receipts import code_for, digest_of, grouped, holds_code
from portal.sealing import KeyRing
from portal.throttles import TRIES
from tests.arrivals import contents
from tests.attachments import picture
from tests.cases import CANARIES, MANAGER, NOW, OFFICER, Desk
from tests.visitor import Visitor

SAID = "They came back – a canary sang at night چیخ"
ANSWER = "We visit you on Monday.\nBring nobody."
WRONG = [
    "We cannot find this code. It may be mistyped, its time may be over, or its answers have been deleted."
]


@pytest.fixture
def desk(database: Database, ring: KeyRing) -> Iterator[Desk]:
    with time_machine.travel(NOW, tick=False):
        yield Desk(database, ring)


def tells(desk: Desk, **answers: tuple[str, ...]) -> tuple[str, str]:
    """Somebody tells us; gives the case and their code."""
    token = secrets.token_bytes(32)
    return desk.tells({"token": token}, **answers), code_for(desk.ring, token)


def enter(visitor: Visitor, code: str, language: str = "en") -> Visitor:
    visitor.open(f"/{language}/reply")
    visitor.soup.select("main input[type=text]")[0]["value"] = code
    return visitor.send(visitor.soup.select_one("main form button"))  # type: ignore[arg-type]


def back(portal: Flask, code: str) -> Visitor:
    """Somebody on the page that their code opens."""
    visitor = enter(Visitor(portal), code)
    assert (visitor.path, visitor.status) == ("/en/reply/told", 200)
    return visitor


def writes(desk: Desk, case: str, text: str = ANSWER) -> None:
    """An officer writes to who told us."""
    with desk.database.write() as connection:
        held, [report] = moving.locked(connection, case), reports.of_case(connection, case)
        exchange.add(connection, desk.ring, held, report.reference, Kind.WORDS, OFFICER, "ur", text)


def answers(desk: Desk, code: str) -> dict[str, tuple[str, ...]]:
    with desk.database.read() as connection:
        row = amending.of_receipt(connection, digest_of(desk.ring, code))
        assert row is not None
        return amending.answers_of(desk.ring, row)


def kinds(desk: Desk) -> list[str]:
    return [row.kind for row in desk.every(CaseMessage)]


# What is shown


def test_the_page_says_how_it_goes_and_by_when_and_nothing_of_what_was_told(
    portal: Flask, desk: Desk
) -> None:
    _case, code = tells(desk)
    visitor = back(portal, code)
    assert TOLD[State.RECEIVED].id in visitor.text
    assert "Somebody here reads it by Thursday 19 November, 17:00 at the latest." in visitor.text
    for canary in (*CANARIES, code, "asb", "letterbox"):
        assert canary not in visitor.response.text
    assert visitor.soup.title is not None and visitor.soup.title.text.startswith("I have a code")
    assert visitor.soup.select(".govuk-exit-this-page a[href='/en/leave']")


def test_a_promise_that_was_not_kept_is_not_hidden(portal: Flask, desk: Desk) -> None:
    _case, code = tells(desk)
    with time_machine.travel("2026-11-20T10:00:00Z", tick=False):
        assert "are late. We are sorry" in back(portal, code).text


def test_who_is_one_of_several_is_promised_nothing_that_is_anothers(portal: Flask, desk: Desk) -> None:
    case, code = tells(desk, kind=("domestic_abuse",), safe_tonight=("no",))
    assert "safe place to stay by" in back(portal, code).text
    other, others = tells(desk)
    with desk.database.write() as connection:
        merging.merge(connection, other, case, by=MANAGER, who=Who.MANAGER)
    assert "safe place" not in back(portal, others).text


@pytest.mark.parametrize("state", State)
def test_every_state_has_words_for_the_person(state: State) -> None:
    assert TOLD[state].catalogue == "public"


def test_what_we_wrote_is_shown_with_its_day_and_its_language_and_no_name(portal: Flask, desk: Desk) -> None:
    case, code = tells(desk)
    writes(desk, case)
    visitor = back(portal, code)
    shown = visitor.soup.select_one(".govuk-inset-text div")
    assert shown is not None and (shown["lang"], shown["dir"]) == ("ur", "rtl")
    assert [line.get_text() for line in shown.find_all("p")] == ANSWER.split("\n")
    assert "We wrote to you: Wednesday 18 November" in visitor.text and OFFICER not in visitor.response.text
    [row] = desk.every(CaseMessage)
    assert row.seen is not None and row.sealed is not None


# Messages of the person


def test_what_the_person_writes_reaches_staff_and_is_never_shown_again(portal: Flask, desk: Desk) -> None:
    case, code = tells(desk)
    visitor = back(portal, code).type("Write to us", SAID).press("Send")
    assert visitor.path == "/en/reply/told"
    assert "You wrote to us: Wednesday 18 November" in visitor.text and "canary" not in visitor.response.text
    with desk.database.read() as connection:
        [entry] = exchange.of_case(connection, desk.ring, case)
        [waiting] = exchange.unanswered(connection)
        assert [step.event for step in moving.steps_of(connection, case)] == ["submit", "add_report"]
    assert entry.words == SAID and (waiting.case, waiting.number, waiting.erase) == (case, 1, 0)
    for table, rows in contents(desk.database).items():
        assert not any("canary" in row for row in rows), table


def test_the_same_words_pressed_twice_are_one_message(portal: Flask, desk: Desk) -> None:
    _case, code = tells(desk)
    for _press in range(2):
        back(portal, code).type("Write to us", SAID).press("Send")
    back(portal, code).type("Write to us", "Something else").press("Send")
    assert kinds(desk) == ["words", "words"]


def test_who_was_waited_for_is_not_waited_for_any_more(portal: Flask, desk: Desk) -> None:
    case, code = tells(desk)
    desk.triaged(case)
    desk.step(case, Event.AWAIT_REPORTER, reason="question")
    back(portal, code).type("Write to us", SAID).press("Send")
    assert desk.case(case).state == "triaged"


def test_20_000_letters_are_taken_and_one_more_is_not_and_nothing_is_lost(portal: Flask, desk: Desk) -> None:
    case, code = tells(desk)
    long = "چ" * 20_000
    visitor = back(portal, code).type("Write to us", long + "چ").press("Send")
    assert visitor.status == 422 and long in visitor.response.text
    visitor.type("Write to us", long).press("Send")
    with desk.database.read() as connection:
        assert exchange.of_case(connection, desk.ring, case)[0].words == long


@pytest.mark.parametrize("digits", ["0123456789", "۰۱۲۳۴۵۶۷۸۹"])
def test_a_message_with_the_code_in_it_is_refused_and_kept_on_the_page(
    portal: Flask, desk: Desk, digits: str
) -> None:
    _case, code = tells(desk)
    written = " - ".join(grouped(code)).translate(str.maketrans("0123456789", digits))
    visitor = back(portal, code).type("Write to us", f"My code is {written}.").press("Send")
    assert visitor.errors == ["Your code is in your message. Take it out: nobody but you should know it."]
    assert written in visitor.response.text and kinds(desk) == []


@given(st.text(max_size=60), st.text(max_size=60), st.sampled_from(["", " ", "-", " – ", ". "]))
def test_a_code_is_found_between_any_words(before: str, after: str, between: str) -> None:
    code = code_for(RING, b"token")
    receipt = digest_of(RING, code)
    assert holds_code(RING, receipt, f"{before} x{between.join(grouped(code))}x {after}")
    assert not holds_code(RING, digest_of(RING, code_for(RING, b"another")), f"{before} {code} {after}")


RING = KeyRing.new()


def test_words_written_while_the_code_was_forgotten_are_not_lost(portal: Flask, desk: Desk) -> None:
    case, code = tells(desk)
    visitor = back(portal, code)
    visitor.client.delete_cookie("reply")
    visitor.type("Write to us", SAID).press("Send")
    assert visitor.status == 409 and SAID in visitor.response.text and kinds(desk) == []
    visitor.type("Your code", "1234").press("Send")
    assert visitor.status == 422 and SAID in visitor.response.text
    visitor.type("Your code", code).press("Send")
    with desk.database.read() as connection:
        assert exchange.of_case(connection, desk.ring, case)[0].words == SAID
    assert visitor.path == "/en/reply/told" and visitor.status == 200


@pytest.mark.parametrize("place", ["", "/1"])
def test_a_change_of_language_keeps_what_was_typed(portal: Flask, desk: Desk, place: str) -> None:
    _case, code = tells(desk, anonymity=("named",))
    visitor = back(portal, code)
    if place:
        visitor.open(f"/en/reply/told{place}").choose("Phone call").press("Continue")
    field = visitor.soup.select("main textarea, main input[type=text]")[0]
    if field.name == "textarea":
        field.string = SAID
    else:
        field["value"] = SAID
    button = visitor.soup.select_one("#languages button[lang=ur]")
    assert button is not None
    visitor.send(button)
    assert visitor.status == 200 and visitor.soup.html is not None and visitor.soup.html["lang"] == "ur"
    assert SAID in visitor.response.text and kinds(desk) == []
    assert visitor.soup.select(f"form[action='/ur/reply/told{place}']")


# What else the person may do


def test_how_to_reach_a_person_is_changed_and_all_else_stays(portal: Flask, desk: Desk) -> None:
    case, code = tells(desk, anonymity=("named",))
    before = answers(desk, code)
    visitor = back(portal, code).link("Change how we reach you")
    assert visitor.path == "/en/reply/told/1" and visitor.soup.title is not None
    assert visitor.soup.title.text.startswith("Page 1")
    for canary in CANARIES:
        assert canary not in visitor.response.text
    visitor.choose("Phone call").press("Continue")
    assert visitor.path == "/en/reply/told/1" and desk.case(case).version == 1, "not whole yet"
    visitor.type("What is your phone number?", "07700 900555").press("Continue")
    assert visitor.path == "/en/reply/told"
    assert "You changed how we reach you" in visitor.text and "900555" not in visitor.response.text
    now = answers(desk, code)
    assert now["phone"] == ("07700 900555",) and now["reach"] == ("phone",)
    for key in ("name", "postcode", "narrative", "kind", "acts"):
        assert now[key] == before[key], key
    assert back(portal, code).status == 200, "the code is the same"
    assert len(desk.every(Submission)) == 1 and kinds(desk) == ["reach"]


def test_a_change_without_any_answer_changes_nothing(portal: Flask, desk: Desk) -> None:
    _case, code = tells(desk, anonymity=("named",))
    before = answers(desk, code)
    back(portal, code).link("Change how we reach you").press("Continue")
    assert answers(desk, code) == before and kinds(desk) == []


def test_who_gave_no_name_can_give_it_later(portal: Flask, desk: Desk) -> None:
    _case, code = tells(desk, name=(), postcode=(), anonymity=("anonymous",))
    visitor = back(portal, code).link("Change how we reach you").choose("Yes").press("Continue")
    visitor.type("What is your name?", "Parveen Canary").press("Continue")
    assert answers(desk, code)["name"] == ("Parveen Canary",)


def test_consent_is_taken_back_for_every_organisation_that_is_left_empty(portal: Flask, desk: Desk) -> None:
    _case, code = tells(desk)
    visitor = back(portal, code).link("Change whom we may tell")
    for name in ("share.police.may", "share.health.may"):
        visitor.soup.select(f"input[name='{name}']")[0]["checked"] = ""
    visitor.press("Continue")
    now = answers(desk, code)
    assert now["share.police.may"] == now["share.health.may"] == ("yes_named",)
    visitor.link("Change whom we may tell")
    assert not visitor.soup.select("input[checked]"), "what was said before is not shown"
    visitor.soup.select("input[name='share.police.may']")[-1]["checked"] = ""
    visitor.press("Continue")
    now = answers(desk, code)
    assert now["share.police.may"] == ("no",) and now["share.health.may"] == ()
    assert kinds(desk) == ["consent", "consent"]


def test_more_evidence_is_added_to_what_there_is(portal: Flask, desk: Desk) -> None:
    _case, code = tells(desk)
    for number in (1, 2):
        visitor = back(portal, code).link("Add photos or documents")
        visitor.attach("Do you have photos, screenshots or documents?", ("garden.jpg", picture()))
        visitor.choose("No, keep only the copies").press("Continue")
        assert visitor.path == "/en/reply/told"
        [row] = desk.every(IncidentReport)
        own = of_owner(desk.database, evidence.owner(row.reference))
        assert len(own) == number and set(answers(desk, code)["evidence"]) == set(own)
    assert len(desk.every(File)) == 2


def test_leaving_deletes_what_was_attached_and_not_sent(portal: Flask, desk: Desk) -> None:
    _case, code = tells(desk)
    visitor = back(portal, code).link("Add photos or documents")
    visitor.attach("Do you have photos, screenshots or documents?", ("garden.jpg", picture()))
    visitor.press("Attach, and stay on this page")
    assert len(desk.every(File)) == 2 and "File 1" in visitor.text, "the copy, and the file as it was"
    visitor.client.get("/en/leave", headers={"Sec-Fetch-Site": "same-origin"})
    assert desk.every(File) == []
    assert visitor.open("/en/reply/told").path == "/en/reply"


def test_erasure_is_asked_for_once_and_deletes_nothing_by_itself(portal: Flask, desk: Desk) -> None:
    case, code = tells(desk)
    visitor = back(portal, code).press("Ask us to delete it")
    assert "Until then nothing is deleted." in visitor.text
    assert not any(button.get_text() == "Ask us to delete it" for button in visitor.soup.select("button"))
    with desk.database.write() as connection:
        exchange.take_wish(connection, desk.ring, digest_of(desk.ring, code), Kind.ERASE, "en")
    with desk.database.read() as connection:
        [waiting] = exchange.unanswered(connection)
    assert (waiting.number, waiting.erase) == (1, 1) and answers(desk, code)["narrative"] == (CANARIES[3],)
    assert desk.case(case).data_key is not None


def test_who_has_a_closed_case_can_ask_to_look_at_it_again(portal: Flask, desk: Desk) -> None:
    case, code = tells(desk)
    assert "Look at it again" not in back(portal, code).text
    desk.closed(case)
    visitor = back(portal, code).press("Look at it again")
    assert desk.case(case).state == "reopened" and "We are looking at it again." in visitor.text


def test_a_change_of_how_to_reach_somebody_leaves_a_closed_case_closed(portal: Flask, desk: Desk) -> None:
    case, code = tells(desk, anonymity=("named",))
    desk.closed(case)
    visitor = back(portal, code).type("Write to us", "Thank you").press("Send")
    visitor.link("Change how we reach you").choose("Phone call").press("Continue")
    visitor.type("What is your phone number?", "07700 900555").press("Continue")
    assert answers(desk, code)["phone"] == ("07700 900555",) and desk.case(case).state == "closed"
    with desk.database.read() as connection:
        assert exchange.unanswered(connection)[0].number == 2


# Wrong, ended and erased codes


def ended(desk: Desk, code: str, case: str) -> None:
    desk.closed(case)
    with desk.database.write() as connection:
        change = update(IncidentCase).where(IncidentCase.reference == case)
        connection.execute(change.values(closed=1_700_000_000))


def erased(desk: Desk, code: str, case: str) -> None:
    with desk.database.write() as connection:
        words.destroy_key(connection, case)


@pytest.mark.parametrize("end", [ended, erased])
def test_a_code_that_is_over_looks_like_one_that_never_was(portal: Flask, desk: Desk, end: object) -> None:
    case, code = tells(desk)
    visitor = back(portal, code)
    end(desk, code, case)  # type: ignore[operator]
    never = f"{7:018}{98 - 7 * 100 % 97:02}"
    pages = []
    for one in (never, code):
        seen = enter(Visitor(portal, "198.51.100.77"), one)
        assert (seen.status, seen.errors) == (422, WRONG)
        for token in seen.soup.select("[name=csrf_token], #code"):
            del token["value"]
        pages.append((str(seen.soup), sorted(seen.response.headers.keys())))
    assert pages[0] == pages[1]
    assert visitor.open("/en/reply/told").path == "/en/reply", "also where it is open already"
    for number in (1, 2, 3):
        assert visitor.open(f"/en/reply/told/{number}").path == "/en/reply"
    visitor.response = visitor.client.post("/en/reply/told", data={"go": "erase"})
    assert kinds(desk) == []


def test_a_code_lives_until_six_months_after_closing(portal: Flask, desk: Desk) -> None:
    case, code = tells(desk)
    desk.closed(case)
    with time_machine.travel("2027-05-18T22:00:00Z", tick=False):
        back(portal, code)
    with time_machine.travel("2027-05-19T10:00:00Z", tick=False):
        assert enter(Visitor(portal), code).errors == WRONG


def test_guessing_slows_down_whoever_guesses_and_nobody_else(portal: Flask, desk: Desk) -> None:
    case, code = tells(desk)
    erased(desk, code, case)
    _case, another = tells(desk)
    guesser = Visitor(portal, "198.51.100.7")
    assert [enter(guesser, code).status for _guess in range(TRIES + 1)] == [422] * TRIES + [429]
    assert enter(guesser, another).status == 429, "even a right one"
    assert back(portal, another).status == 200


def test_guessing_on_the_page_that_asks_again_is_slowed_down_too(portal: Flask, desk: Desk) -> None:
    visitor = Visitor(portal, "198.51.100.7").open("/en/reply")
    token = visitor.soup.select_one("[name=csrf_token]")
    assert token is not None
    statuses = []
    for number in range(TRIES + 1):
        code = f"{number:018}{98 - number * 100 % 97:02}"
        data = {"csrf_token": token["value"], "go": "open", "code": code, "words": SAID}
        sent = visitor.client.post(
            "/en/reply/told", data=data, environ_overrides={"REMOTE_ADDR": visitor.address}
        )
        statuses.append(sent.status_code)
        assert SAID in sent.text
    assert statuses == [422] * TRIES + [429]


def test_one_code_opens_nothing_of_anothers(portal: Flask, desk: Desk) -> None:
    first, code = tells(desk)
    second, other = tells(desk)
    writes(desk, first)
    back(portal, code).type("Write to us", SAID).press("Send")
    visitor = back(portal, other)
    assert "We wrote" not in visitor.text and "You wrote" not in visitor.text
    for case in (first, second):
        assert case not in visitor.response.text, "nothing names a case"
    with desk.database.read() as connection:
        assert exchange.of_case(connection, desk.ring, second) == []


def test_two_who_told_us_of_one_case_see_nothing_of_each_other(portal: Flask, desk: Desk) -> None:
    first, code = tells(desk)
    second, other = tells(desk)
    back(portal, code).type("Write to us", SAID).press("Send")
    writes(desk, first)
    with desk.database.write() as connection:
        merging.merge(connection, first, second, by=MANAGER, who=Who.MANAGER)
    assert "wrote" not in back(portal, other).text
    assert "We wrote to you" in back(portal, code).text
    with desk.database.read() as connection:
        found = exchange.of_case(connection, desk.ring, second)
    assert {one.words for one in found} == {SAID, ANSWER}
