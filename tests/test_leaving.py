"""A form that is unsafe to be seen with: its way out, its drafts, and what is left to be seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, text

from portal.checking import SettingsError
from portal.database import Database
from portal.files import File
from portal.forms import FORMS
from portal.intake.models import Draft, Submission
from portal.intake.receipts import grouped
from portal.questions import DefinitionError
from portal.sealing import KeyRing
from portal.settings import Settings
from tests.attachments import picture
from tests.browsing import SPOKEN
from tests.conftest import MakePortal
from tests.private import WHISPER
from tests.visitor import Visitor, words

NOW = "2026-11-18T12:00:00Z"
WEATHER = "https://www.bbc.co.uk/weather"
STORY = "They shouted again – چیخ"
HERE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def quiet(make_portal: MakePortal, database: Database) -> Flask:
    """A portal that asks the private form beside the others, on each database."""
    return make_portal(database, (*FORMS, WHISPER))


@pytest.fixture
def stopped() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def begun(app: Flask, device: str = "Yes, only I use it") -> Visitor:
    """Somebody on the first question."""
    visitor = Visitor(app).open("/en/quiet-word").press("Start").link("Continue")
    return visitor.choose(device).press("Continue")


def told(app: Flask, device: str = "Yes, only I use it") -> Visitor:
    """Somebody who has written something and stands on the check page."""
    visitor = begun(app, device).choose("A neighbour").press("Continue")
    visitor.type("What was unkind?", STORY).press("Continue")
    visitor.type("What is your neighbour called?", "Sam").press("Continue")
    return visitor.press("Skip this question").press("Skip this question")


def leave(visitor: Visitor, **headers: str) -> Visitor:
    """Press the way out, as a browser says that it was pressed."""
    way = visitor.soup.select_one(".govuk-exit-this-page a")
    assert way is not None
    visitor.response = visitor.client.get(str(way["href"]), headers=headers)
    return visitor


def drafts(app: Flask) -> int:
    with app.extensions["portal"].database.read() as connection:
        return len(connection.execute(select(Draft.id)).all())


def dropped(visitor: Visitor) -> set[str]:
    """The cookies that the last answer tells the browser to forget."""
    found = (one.split("=", 1) for one in visitor.response.headers.getlist("Set-Cookie"))
    return {name for name, rest in found if "Max-Age=0" in rest}


# The way out


def test_every_page_of_a_private_form_has_the_way_out_and_somebody_to_talk_to(quiet: Flask) -> None:
    visitor, seen = begun(quiet), []
    for path in ("", "/before", "/device", "/1", "/talk", "/talk/1", "/no/such", "/99", "/sent", "/cleared"):
        visitor.open(f"/en/quiet-word{path}")
        seen.append(path)
        assert len(visitor.soup.select(".govuk-exit-this-page a[href='/en/leave']")) == 1, path
        assert "I would rather talk to someone" in visitor.text or "/talk" in path, path
    told(quiet).press("Send")
    for path in ("/en/reply", "/en/reply/deleted"):
        assert visitor.open(path).soup.select(".govuk-exit-this-page"), path
    for path in ("/en/", "/en/help", "/en/about-you", "/en/interpreter"):
        assert not visitor.open(path).soup.select(".govuk-exit-this-page"), path


def test_without_a_private_form_no_page_has_a_way_out(make_portal: MakePortal, sqlite: Database) -> None:
    visitor = Visitor(make_portal(sqlite, tuple(form for form in FORMS if not form.private)))
    for path in ("/en/reply", "/en/about-you"):
        assert not visitor.open(path).soup.select(".govuk-exit-this-page"), path


def test_leaving_deletes_what_was_typed_and_lets_the_browser_forget(quiet: Flask) -> None:
    visitor = told(quiet)
    assert drafts(quiet) == 1
    response = leave(visitor, **HERE).response
    assert response.status_code == 303
    assert response.headers["Location"] == WEATHER
    assert response.headers["Clear-Site-Data"] == '"cookies", "storage", "cache"'
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Cache-Control"] == "no-store"
    assert dropped(visitor) >= {"draft-quiet-word", "sent", "reply", "session"}
    assert drafts(quiet) == 0
    assert visitor.open("/en/quiet-word/2").path == "/en/quiet-word"


def test_leaving_forgets_the_code_of_what_was_sent(quiet: Flask) -> None:
    visitor = told(quiet).press("Send")
    code = words(visitor.soup.select_one(".p-receipt__code"))
    leave(visitor, **HERE)
    assert code not in visitor.open("/en/quiet-word/sent").text
    assert visitor.heading == "Nothing is shown here any more"


def test_leaving_deletes_the_files_too(quiet: Flask) -> None:
    visitor = told(quiet).open("/en/quiet-word/5")
    visitor.attach("Which pictures do you have?", ("a.jpeg", picture())).press("Continue")
    database = quiet.extensions["portal"].database
    with database.read() as connection:
        assert connection.execute(select(File.id)).first() is not None
    leave(visitor, **HERE)
    with database.read() as connection:
        assert connection.execute(select(File.id)).first() is None


def test_each_language_can_have_its_own_way_out(make_portal: MakePortal, sqlite: Database) -> None:
    app = make_portal(sqlite, (WHISPER,), leave_to_in={"ur": "https://example.org/mausam"})
    client = app.test_client()
    assert client.get("/ur/leave").headers["Location"] == "https://example.org/mausam"
    assert client.get("/pl/leave").headers["Location"] == WEATHER
    assert client.get("/xx/leave").status_code == 404


@pytest.mark.parametrize(
    "where", ["javascript:alert(1)", "http://example.org/", "https://example.org/?from=us"]
)
def test_the_way_out_leads_to_a_plain_address_only(settings: Settings, where: str) -> None:
    with pytest.raises(SettingsError, match="leave_to"):
        replace(settings, leave_to=where)
    with pytest.raises(SettingsError, match="leave_to"):
        replace(settings, leave_to_in={"ur": where})


def test_no_other_site_can_delete_what_was_typed(quiet: Flask) -> None:
    for site in ("cross-site", "same-site", "none"):
        visitor = told(quiet)
        before = drafts(quiet)
        leave(visitor, **{"Sec-Fetch-Site": site})
        assert drafts(quiet) == before
        assert "Clear-Site-Data" not in visitor.response.headers
        assert "draft-quiet-word" in dropped(visitor) and "session" not in dropped(visitor)
        assert visitor.response.headers["Location"] == WEATHER


def test_another_site_does_not_even_bring_the_cookie(quiet: Flask) -> None:
    """What a browser that says nothing of where a press comes from is held to."""
    visitor = Visitor(quiet).open("/en/quiet-word")
    token = visitor.soup.select_one("[name=csrf_token]")
    assert token is not None
    response = visitor.client.post("/en/quiet-word", data={"csrf_token": str(token["value"])})
    [given] = [one for one in response.headers.getlist("Set-Cookie") if one.startswith("draft-")]
    assert "SameSite=Strict" in given and "HttpOnly" in given and "Max-Age" not in given


def test_an_old_browser_leaves_as_well(quiet: Flask) -> None:
    leave(told(quiet))
    assert drafts(quiet) == 0


@pytest.mark.parametrize(
    "header", [("Sec-Purpose", "prefetch;prerender"), ("Purpose", "prefetch"), ("X-Moz", "prefetch")]
)
def test_what_a_browser_fetches_ahead_changes_nothing(quiet: Flask, header: tuple[str, str]) -> None:
    visitor = told(quiet)
    leave(visitor, **HERE, **dict([header]))
    assert visitor.response.status_code == 503
    assert not visitor.response.headers.getlist("Set-Cookie")
    assert "Clear-Site-Data" not in visitor.response.headers and "Location" not in visitor.response.headers
    assert drafts(quiet) == 1


def test_nobody_is_kept_here_when_the_database_is_away(make_portal: MakePortal, sqlite: Database) -> None:
    app = make_portal(sqlite, (WHISPER,))
    visitor = told(app)
    with sqlite.write() as connection:
        connection.execute(text("ALTER TABLE draft RENAME TO elsewhere"))
    leave(visitor, **HERE)
    assert visitor.response.headers["Location"] == WEATHER
    assert "draft-quiet-word" in dropped(visitor)


@pytest.mark.parametrize("kept", [True, False])
def test_an_answer_that_arrives_after_leaving_brings_nothing_back(quiet: Flask, kept: bool) -> None:
    """A press on Continue whose page was left before it arrived: with its old cookie, and without."""
    visitor = begun(quiet).choose("A neighbour").press("Continue").type("What was unkind?", STORY)
    cookie = visitor.client.get_cookie("draft-quiet-word")
    session = visitor.client.get_cookie("session")
    assert cookie and session
    leave(visitor, **HERE)
    visitor.client.set_cookie("session", session.value)
    if kept:
        visitor.client.set_cookie("draft-quiet-word", cookie.value)
    visitor.press("Continue")
    assert visitor.status == 409
    assert drafts(quiet) == 0
    assert not visitor.response.headers.getlist("Set-Cookie")


# Before the first question


def test_the_way_out_is_explained_once_before_the_first_question(quiet: Flask) -> None:
    visitor = Visitor(quiet).open("/en/quiet-word").press("Start")
    assert visitor.path == "/en/quiet-word/before"
    assert "It does not delete the history of your browser" in visitor.text
    assert visitor.open("/en/quiet-word/1").path == "/en/quiet-word/before"
    assert visitor.open("/en/quiet-word/check").path == "/en/quiet-word/before"
    visitor.link("Continue")
    assert visitor.heading == "Is this your own safe device?"
    visitor.choose("Prefer not to say").press("Continue")
    assert visitor.heading == "Who was unkind to you?"
    visitor.press("Back")
    assert visitor.chosen() == ["Prefer not to say"]
    assert visitor.press("Continue").heading == "Who was unkind to you?"


def test_only_a_private_form_has_these_pages(quiet: Flask) -> None:
    visitor = Visitor(quiet)
    for page in ("before", "device", "talk", "talk/1"):
        assert visitor.open(f"/en/about-you/{page}").status == 404


def test_nobody_has_to_say_whose_device_it_is(quiet: Flask) -> None:
    visitor = Visitor(quiet).open("/en/quiet-word").press("Start").link("Continue").press("Continue")
    assert visitor.heading == "Who was unkind to you?"
    assert visitor.soup.select_one("#form[autocomplete=off]"), "what is not said is not safe"


def test_what_was_chosen_goes_along_to_another_language(quiet: Flask) -> None:
    visitor = Visitor(quiet).open("/en/quiet-word").press("Start").link("Continue")
    visitor.choose("Somebody may look at it").press("Polski")
    assert visitor.path == "/pl/quiet-word/device"
    assert visitor.soup.select_one("[value=someone_may_check][checked]")


def test_the_device_is_stored_with_nothing_that_is_sent(quiet: Flask, database: Database) -> None:
    told(quiet, "Somebody may look at it").press("Send")
    with database.read() as connection:
        [row] = connection.execute(select(*Submission.__table__.columns)).all()  # type: ignore[arg-type]
    assert "device" not in str(row.answers) and "someone_may_check" not in str(row)
    assert drafts(quiet) == 0


def test_a_device_that_is_not_safe_shows_less(quiet: Flask) -> None:
    for device, shared in (
        ("Yes, only I use it", False),
        ("No, other people use it too", True),
        ("Somebody may look at it", True),
        ("Prefer not to say", True),
    ):
        visitor = told(quiet, device)
        hidden = " ".join(words(one) for one in visitor.soup.select("details:not([open])"))
        assert ((STORY in hidden) and ("Sam" in hidden)) is shared, device
        assert visitor.text.count(STORY) == 1
        assert "A neighbour" not in hidden
        visitor.link("Change What was unkind?")
        assert bool(visitor.soup.select_one("#form[autocomplete=off]")) is shared
        assert not visitor.soup.select("img")


# The draft


def minutes(clock: time_machine.Coordinates, number: float) -> None:
    clock.shift(number * 60)


@pytest.mark.parametrize(("device", "idle"), [("Yes, only I use it", 30), ("Somebody may look at it", 10)])
def test_a_draft_ends_when_nothing_is_done(
    quiet: Flask, stopped: time_machine.Coordinates, device: str, idle: int
) -> None:
    visitor = begun(quiet, device).choose("A neighbour").press("Continue")
    assert f"your answers are deleted at 12:{idle}" in visitor.text
    dialog = visitor.soup.select_one("dialog#ending")
    assert dialog is not None and dialog["data-seconds"] == str(idle * 60)
    minutes(stopped, idle - 1)
    assert visitor.open("/en/quiet-word/2").heading == "What was unkind?"
    minutes(stopped, 1)
    assert visitor.open("/en/quiet-word/2").path == "/en/quiet-word"


def test_more_time_is_one_press_and_keeps_what_was_typed(
    quiet: Flask, stopped: time_machine.Coordinates
) -> None:
    visitor = begun(quiet).choose("A neighbour").press("Continue")
    for _time in range(12):  # at least ten, WCAG 2.2.1 says
        minutes(stopped, 29)
        visitor.type("What was unkind?", STORY).press("Give me more time")
        assert visitor.path == "/en/quiet-word/2" and visitor.typed("What was unkind?").strip() == STORY
    assert "at 18:18" in visitor.text
    visitor.press("Continue").type("What is your neighbour called?", "Sam").press("Continue")
    visitor.press("Skip this question").press("Skip this question")
    minutes(stopped, 29)
    visitor.press("Give me more time")
    assert visitor.heading == "Check your answers" and "at 18:47" in visitor.text


def test_no_draft_is_kept_longer_than_its_form_says(quiet: Flask, stopped: time_machine.Coordinates) -> None:
    visitor = begun(quiet)
    for _time in range(24):
        minutes(stopped, 29)
        visitor.press("Give me more time")
    minutes(stopped, 12 * 60 - 24 * 29 - 1)
    visitor.press("Give me more time")
    assert "your answers are deleted at 00:00" in visitor.text
    minutes(stopped, 1)
    assert visitor.open("/en/quiet-word/1").path == "/en/quiet-word"


def test_the_first_page_says_how_long_answers_are_kept(sqlite: Database, make_portal: MakePortal) -> None:
    visitor = Visitor(make_portal(sqlite, (WHISPER,))).open("/en/quiet-word")
    for said in ("30 minutes", "10 minutes", "12 hours at most", "You cannot go away and come back"):
        assert said in visitor.text, said


def test_an_unfinished_form_is_never_offered_again(quiet: Flask) -> None:
    visitor = told(quiet)
    visitor.open("/en/quiet-word")
    assert visitor.buttons() == ["Start"]
    assert "Go on with my answers" not in visitor.text
    visitor.press("Start")
    assert drafts(quiet) == 1, "the old one is gone"
    visitor.link("Continue").choose("Yes, only I use it").press("Continue")
    assert not visitor.chosen()
    assert STORY not in visitor.open("/en/quiet-word/check").text


def test_words_of_a_page_that_was_open_too_long_are_not_lost(
    quiet: Flask, stopped: time_machine.Coordinates
) -> None:
    visitor = begun(quiet).choose("A neighbour").press("Continue")
    minutes(stopped, 31)
    visitor.type("What was unkind?", STORY).press("Continue")
    assert visitor.status == 409
    assert "Your earlier answers are deleted" in visitor.text
    assert visitor.typed("What was unkind?").strip() == STORY
    visitor.press("Continue")
    assert visitor.heading == "Who was unkind to you?" and not visitor.chosen()
    visitor.choose("Somebody else").press("Continue")
    assert visitor.typed("What was unkind?").strip() == STORY


def test_a_private_form_says_how_long_its_drafts_are_kept() -> None:
    with pytest.raises(DefinitionError, match="how long"):
        replace(WHISPER, draft_longest=None)


# Talking instead


def test_whoever_would_rather_talk_finds_the_way_back_and_loses_nothing(quiet: Flask) -> None:
    visitor = begun(quiet).choose("A neighbour").press("Continue")
    visitor.type("What was unkind?", STORY).press("I would rather talk to someone")
    assert visitor.path == "/en/quiet-word/talk/2"
    assert "01632 960 123" in visitor.text and "999" in visitor.text and "Monday 09:00–17:00" in visitor.text
    assert STORY not in visitor.text
    visitor.link("Go back to where you were")
    assert visitor.path == "/en/quiet-word/2" and visitor.typed("What was unkind?").strip() == STORY
    visitor.press("Continue").press("Skip this question")
    visitor.press("Skip this question").press("Skip this question")
    visitor.press("I would rather talk to someone").link("Go back to where you were")
    assert visitor.heading == "Check your answers"
    visitor.press("Send").link("I would rather talk to someone").link("Go back to where you were")
    assert visitor.soup.select_one(".p-receipt__code")


def test_the_way_back_is_there_before_the_first_question_too(quiet: Flask) -> None:
    visitor = Visitor(quiet).open("/en/quiet-word").link("I would rather talk to someone")
    assert visitor.link("Go back to where you were").path == "/en/quiet-word"
    visitor.press("Start").link("I would rather talk to someone").link("Go back to where you were")
    assert visitor.path == "/en/quiet-word/before"
    visitor.link("Continue").press("I would rather talk to someone").link("Go back to where you were")
    assert visitor.path == "/en/quiet-word/before"


def test_the_last_page_says_what_the_device_still_knows(quiet: Flask) -> None:
    visitor = told(quiet).press("Send")
    assert "The history of your browser still shows that you were here" in visitor.text
    visitor = Visitor(quiet).open("/en/about-you").press("Start").choose("No, do not answer the questions")
    visitor.press("Continue").press("Send")
    assert "history of your browser" not in visitor.text


# What stands in the history, and what is kept by nobody


@pytest.mark.parametrize("language", SPOKEN)
def test_no_address_title_or_header_gives_anything_away(
    make_portal: MakePortal, sqlite: Database, ring: KeyRing, language: str
) -> None:
    """Every public page that links and buttons lead to, from the start page on and through a private form."""
    visitor = Visitor(make_portal(sqlite, (*FORMS, WHISPER)))
    secret = [STORY, "A neighbour", "unkind", "Sam"]
    found: dict[str, str] = {}

    def look() -> None:
        split = urlsplit(visitor.path)
        headers, title = visitor.response.headers, words(visitor.soup.title)
        assert headers["Cache-Control"] == "no-store" and headers["Referrer-Policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert not split.query and not split.fragment
        for one in secret:
            assert one not in split.path and one not in title, visitor.path
        assert all("?" not in str(link["href"]) for link in visitor.soup.select("a[href^='/']"))
        found[split.path] = title

    def press(selector: str) -> None:
        button = visitor.soup.select_one(selector)
        assert button is not None, (selector, visitor.path)
        visitor.send(button)
        look()

    visitor.open(f"/{language}/quiet-word")
    look()
    press("main form button")
    visitor.open(f"/{language}/quiet-word/device")
    look()
    press("main .p-actions button")
    press("main .p-actions button")
    visitor.soup.select_one("#story").string = STORY  # type: ignore[union-attr]
    press("main [value=talk]")
    visitor.open(f"/{language}/quiet-word/2")
    look()
    while not visitor.path.endswith("/check"):
        press("main .p-actions [value=next]")
    press("main [value=send]")
    code = "".join(words(one) for one in visitor.soup.select(".p-receipt__code span"))
    secret += [code, *grouped(code)]
    ahead = {f"/{language}/", f"/{language}/quiet-word/sent", f"/{language}/no/such/page"}
    while ahead:
        visitor.open(ahead.pop())
        if visitor.response.mimetype == "text/html":
            look()
            links = {str(link["href"]) for link in visitor.soup.select(f"a[href^='/{language}/']")}
            ahead |= {link for link in links if link not in found and not link.endswith("/leave")}
    assert len(found) > 15 and len(code) == 20
