"""Phone and counter: staff fill in a form for a person, in the person's language; it joins the one way in."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.accounts.roles import Role
from portal.database import Database
from portal.equality.collections import keep
from portal.languages import LANGUAGES, say
from portal.settings import CollectionEntry
from tests.arrivals import stored
from tests.staff import Colleague
from tests.visitor import Visitor, words


@pytest.fixture
def helper(portal: Flask) -> Colleague:
    return Colleague(portal, Role.FRONTLINE)


def begun(helper: Colleague, language: str = "Urdu", channel: str = "By phone") -> Colleague:
    """As far as the first question."""
    helper.open("/staff/for-someone").choose("About you", channel)
    helper.pick("Language of the person", language).press("Continue")
    assert helper.heading == "Read this aloud first"
    helper.choose("The person has heard this and agrees to answer").press("Begin")
    return helper


def to_the_end(helper: Colleague) -> None:
    """Choose the first option of every question, or write."""
    for _page in range(40):
        if helper.path.endswith("/check"):
            return
        options = helper.soup.select("main input[type=radio], main input[type=checkbox]")
        if options:
            options[0]["checked"] = ""
        for field in helper.soup.select("main input[type=text]"):
            field["value"] = "Amina"
        helper.press("Continue")
        assert helper.status == 200, helper.text
    raise AssertionError("no end")


def test_a_form_is_filled_in_for_a_person_in_their_language(
    helper: Colleague, portal: Flask, database: Database
) -> None:
    form = portal.extensions["portal"].asked["about-you"]
    begun(helper)
    first = form.questions[0]
    assert say(first.text, "ur") in helper.text and first.text.english in helper.text
    aloud = helper.soup.select_one(".h-aloud bdi")
    assert aloud and (aloud["lang"], aloud["dir"]) == ("ur", "rtl")
    to_the_end(helper)
    assert helper.heading == "Read the answers back"
    helper.press("Send")
    assert helper.heading == "The answers are stored"
    code = "".join(words(helper.soup.select_one(".p-receipt__code")).split())
    [row] = stored(database)
    assert (row.channel, row.language, row.helper, row.collection) == ("phone", "ur", "staff", None)
    helper.press("The person has it: finish")
    helper.open("/staff/for-someone/sent")
    assert helper.heading == "Phone and counter", "the code is not shown again"
    person = Visitor(portal)
    person.open("/en/reply").type("Your code", code).press("Continue")
    assert person.heading == "What do you want to do?"


def test_the_channel_and_the_place_are_recorded(helper: Colleague, database: Database) -> None:
    keep(database, [CollectionEntry(code="surgery-may", name="Surgery in May")])
    helper.open("/staff/for-someone")
    assert "Surgery in May" in helper.text
    helper.choose("About you", "At the counter, or where the person is").press(
        "Continue", language="pl", collection="surgery-may"
    )
    helper.choose("The person has heard this and agrees to answer").press("Begin")
    to_the_end(helper)
    helper.press("Send")
    [row] = stored(database)
    assert (row.channel, row.language, row.collection) == ("outreach", "pl", "surgery-may")


def test_nothing_begins_before_the_words_are_read(helper: Colleague, database: Database) -> None:
    helper.open("/staff/for-someone").press("Continue")
    assert helper.status == 422 and helper.errors
    helper.choose("About you", "By phone").press("Continue", language="ur")
    assert LANGUAGES["ur"].direction == "rtl" and helper.soup.select("[lang=ur]")
    helper.press("Begin")
    assert helper.status == 422 and "Read the words aloud first" in helper.errors[0]
    helper.open("/staff/for-someone/1")
    assert helper.status == 404
    assert stored(database) == []


def test_what_is_wrong_is_said_in_place_and_what_was_typed_stays(helper: Colleague) -> None:
    begun(helper, "Polish")
    number = helper.path
    helper.press("Continue", **{helper.soup.select("main input[type=radio]")[0]["name"]: "no-such-code"})
    assert helper.status == 422 and helper.errors
    helper.open(number).choose(helper.label(helper.soup.select("main input[type=radio]")[0]))
    helper.press("Continue")
    assert helper.path != number
    helper.press("Back")
    assert helper.path == number and helper.chosen()


def test_stopping_clears_everything(helper: Colleague, database: Database) -> None:
    begun(helper).press("Stop and clear everything")
    assert helper.heading == "Phone and counter"
    assert helper.open("/staff/for-someone/1").status == 404
    assert stored(database) == []


def test_a_form_begun_by_somebody_is_not_open_to_a_colleague_in_the_same_browser(
    helper: Colleague, portal: Flask
) -> None:
    begun(helper)
    number = helper.path
    other = Colleague(portal, Role.FRONTLINE, name="other")
    for cookie in list(helper.client._cookies.values()):
        if cookie.key == "helping":
            other.client.set_cookie("helping", cookie.value, domain="localhost")
    assert other.open(number).status == 404


def test_pressing_send_twice_stores_once(helper: Colleague, database: Database) -> None:
    begun(helper)
    to_the_end(helper)
    helper.press("Send")
    again = helper.fields
    helper.post("/staff/for-someone/check", again)
    assert helper.heading == "The answers are stored"
    assert len(stored(database)) == 1


def test_only_those_who_help_may(portal: Flask) -> None:
    assert Colleague(portal, Role.KEYER).open("/staff/for-someone").status == 404
