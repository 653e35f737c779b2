"""In a real browser: the way out of a private form, with and without script, and what is left behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import delete, select

from portal.forms import FORMS
from portal.intake.models import Draft
from tests.browsing import DESK, OnAir, axe_violations, go_back, window
from tests.private import WHISPER

pytestmark = pytest.mark.browser

SCRIPT = pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
LANGUAGE = pytest.mark.parametrize("language", ["en", "ur", "pl"])
STORY = "چیخ O’Brien – they shouted"
WAY_OUT = ".govuk-exit-this-page a"
LARGE = {"width": 320, "height": 256}
"""A window of 1280 by 1024 at 400 %."""


@pytest.fixture
def quiet(on_air: OnAir, weather: str) -> Iterator[OnAir]:
    """The portal with a private form beside its own."""
    before = on_air.app
    on_air.app = on_air.portal((*FORMS, WHISPER))
    # only https is taken as a setting; this machine has none
    object.__setattr__(on_air.app.extensions["portal"].settings, "leave_to", weather + "/")
    with on_air.database.write() as connection:
        connection.execute(delete(Draft))
    yield on_air
    on_air.app = before


def drafts(on_air: OnAir) -> int:
    with on_air.database.read() as connection:
        return len(connection.execute(select(Draft.id)).all())


def to_story(page: Page, language: str = "en", device: str = "private") -> None:
    """To the page of one's own words, with some on it."""
    page.goto(f"/{language}/quiet-word")
    page.click("main form button")
    page.click("main .p-actions a")
    page.check(f"[value={device}]")
    page.click("main .p-actions button")
    page.check("[value=neighbour]")
    page.click("main .p-actions [value=next]")
    page.fill("#story", STORY)


def nothing_is_left(page: Page, on_air: OnAir) -> None:
    """Neither on the way back and forth nor reopened, in cookies or on the server."""
    assert drafts(on_air) == 0
    assert not [one for one in page.context.cookies() if one["name"].startswith(("draft", "sent", "reply"))]

    def shows_nothing(where: Page) -> None:
        said = where.content()
        assert STORY not in said and not where.locator("main :checked").count(), where.url

    steps = 0
    while go_back(page) is not None and page.url != "about:blank" and steps < 10:
        shows_nothing(page)
        steps += 1
    while steps and page.go_forward() is not None:
        shows_nothing(page)
        steps -= 1
    again = page.context.new_page()
    for path in ("/en/quiet-word/2", "/en/quiet-word/check", "/en/quiet-word/sent", "/en/quiet-word"):
        again.goto(path)
        shows_nothing(again)
        assert not again.locator(".p-receipt__code").count()
    expect(again.locator("main form button")).to_have_count(1)
    assert drafts(on_air) == 0


@SCRIPT
@LANGUAGE
def test_leaving_leaves_nothing_behind(
    browser: Browser, quiet: OnAir, weather: str, language: str, script: bool
) -> None:
    with window(browser, quiet, script, elsewhere=weather) as page:
        to_story(page, language)
        page.click("main .p-actions [value=next]")
        go_back(page)
        assert drafts(quiet) == 1
        page.click(WAY_OUT)
        expect(page).to_have_title("Weather")
        assert page.evaluate("document.referrer") == ""
        nothing_is_left(page, quiet)


@SCRIPT
def test_the_check_page_is_left_as_well(browser: Browser, quiet: OnAir, weather: str, script: bool) -> None:
    with window(browser, quiet, script, elsewhere=weather) as page:
        to_story(page, device="someone_may_check")
        while not page.url.endswith("/check"):
            page.click("main .p-actions [value=next]")
        words = page.locator(".govuk-details__text bdi").first
        expect(words).to_be_hidden()
        page.locator("summary").first.click()
        expect(words).to_have_text(STORY)
        page.click(WAY_OUT)
        expect(page).to_have_title("Weather")
        nothing_is_left(page, quiet)


@SCRIPT
def test_nothing_is_shown_on_the_way_back_after_sending(
    browser: Browser, quiet: OnAir, weather: str, script: bool
) -> None:
    with window(browser, quiet, script, elsewhere=weather) as page:
        to_story(page)
        while not page.url.endswith("/check"):
            page.click("main .p-actions [value=next]")
        page.click("main [value=send]")
        code = page.locator(".p-receipt__code").inner_text()
        page.click(WAY_OUT)
        expect(page).to_have_title("Weather")
        go_back(page)
        assert code not in page.content()
        nothing_is_left(page, quiet)


def test_a_page_shown_again_is_blank_at_once_and_loaded_anew(browser: Browser, quiet: OnAir) -> None:
    with window(browser, quiet) as page:
        to_story(page)
        with page.expect_navigation():
            left = page.evaluate("""() => {
              dispatchEvent(new PageTransitionEvent("pageshow", {persisted: true}));
              return document.body.innerText + document.querySelectorAll("textarea").length;
            }""")
        assert left.strip() == "0"


@LANGUAGE
def test_shift_three_times_leaves(browser: Browser, quiet: OnAir, weather: str, language: str) -> None:
    with window(browser, quiet, viewport=DESK, elsewhere=weather) as page:
        to_story(page, language)
        status = page.locator(".p-leave [role=status]")
        page.keyboard.press("Shift")
        first = status.inner_text()
        page.keyboard.press("Shift")
        assert first and status.inner_text() and status.inner_text() != first
        page.keyboard.press("Shift")
        expect(page).to_have_title("Weather")
        nothing_is_left(page, quiet)


def test_typing_never_leaves(browser: Browser, quiet: OnAir) -> None:
    """Capitals, shortcuts, another keyboard layout, and Shift held down while the mouse selects."""
    with window(browser, quiet, viewport=DESK) as page:
        to_story(page)
        page.focus("#story")
        page.keyboard.type("ABCDEF")
        for keys in ("Shift+A", "Control+Shift", "Alt+Shift", "Shift+Tab", "Shift+ArrowLeft"):
            for _time in range(4):
                page.keyboard.press(keys)
        for _time in range(4):
            page.keyboard.press("Shift")
            page.keyboard.press("a")
        for _time in range(4):
            page.keyboard.down("Shift")
            page.mouse.click(400, 300)
            page.keyboard.up("Shift")
        page.keyboard.down("Shift")
        for _repeat in range(5):
            page.keyboard.down("Shift")
        page.keyboard.up("Shift")
        expect(page).to_have_url(re.compile("/quiet-word/2$"))
        assert drafts(quiet) == 1


def test_no_touch_keyboard_leaves_by_itself(browser: Browser, quiet: OnAir) -> None:
    with window(browser, quiet, has_touch=True, is_mobile=True) as page:
        to_story(page)
        assert page.evaluate("matchMedia('(pointer: coarse)').matches")
        for _time in range(6):
            page.keyboard.press("Shift")
        expect(page).to_have_url(re.compile("/quiet-word/2$"))
        assert drafts(quiet) == 1
        page.goto("/en/quiet-word/before")
        expect(page.locator(".p-shift")).to_be_hidden()


def test_shift_is_only_spoken_of_where_it_works(browser: Browser, quiet: OnAir) -> None:
    for script in (True, False):
        with window(browser, quiet, script, viewport=DESK) as page:
            page.goto("/en/quiet-word")
            page.click("main form button")
            expect(page.locator(".p-shift")).to_be_visible(visible=script)


def test_another_site_that_leads_to_the_way_out_deletes_nothing(
    browser: Browser, quiet: OnAir, weather: str
) -> None:
    with window(browser, quiet, elsewhere=weather) as page:
        to_story(page)
        page.click("main [value=talk]")
        other = page.context.new_page()
        other.goto(weather + "/")
        other.evaluate("there => { location.href = there }", f"{quiet.address}/en/leave")
        expect(other).to_have_title("Weather")
        other.wait_for_url(weather + "/")
        assert drafts(quiet) == 1
        other.goto("/en/quiet-word/2")
        assert STORY not in other.content()


@SCRIPT
def test_more_time_keeps_what_was_typed(browser: Browser, quiet: OnAir, script: bool) -> None:
    with window(browser, quiet, script) as page:
        to_story(page)
        page.click("main p > [value=stay]")
        expect(page.locator("#story")).to_have_value(STORY)


def test_the_page_asks_in_time_and_clears_itself_at_the_end(browser: Browser, quiet: OnAir) -> None:
    with window(browser, quiet) as page:
        page.clock.install()
        to_story(page, device="someone_may_check")
        page.clock.fast_forward("07:50")
        expect(page.locator("#ending")).to_be_hidden()
        page.clock.fast_forward("00:11")
        expect(page.locator("#ending")).to_be_visible()
        expect(page.locator("#ending button")).to_be_focused()
        assert not axe_violations(page)
        page.click("#ending button")
        expect(page.locator("#story")).to_have_value(STORY)
        expect(page.locator("#ending")).to_be_hidden()
        page.clock.fast_forward("10:01")
        expect(page).to_have_url(re.compile("/cleared$"))
        assert STORY not in page.content() and drafts(quiet) == 0


def test_the_question_about_time_has_a_way_out(browser: Browser, quiet: OnAir, weather: str) -> None:
    with window(browser, quiet, elsewhere=weather) as page:
        page.clock.install()
        to_story(page)
        page.clock.fast_forward("28:30")
        page.click("#ending a")
        expect(page).to_have_title("Weather")
        assert drafts(quiet) == 0


@LANGUAGE
def test_the_way_out_stays_in_reach_and_covers_nothing_in_focus(
    browser: Browser, quiet: OnAir, language: str
) -> None:
    """At 400 %, whatever has the focus, forwards and backwards."""
    with window(browser, quiet, viewport=LARGE) as page:
        to_story(page, language)
        page.evaluate("document.activeElement.blur()")
        seen = set()
        for key in ["Tab"] * 30 + ["Shift+Tab"] * 30:
            page.keyboard.press(key)
            found = page.evaluate("""() => {
              const one = document.activeElement, way = document.querySelector(".p-leave");
              const link = way.querySelector("a").getBoundingClientRect();
              const bar = way.getBoundingClientRect(), box = one.getBoundingClientRect();
              return {name: one.outerHTML.slice(0, 60), own: way.contains(one) || one === document.body,
                skip: one.className.includes("skip-link"),
                reach: link.top >= 0 && link.bottom <= innerHeight && link.left >= 0
                  && link.right <= innerWidth,
                below: box.top >= bar.bottom - 1
                  || box.height > innerHeight / 2 && box.bottom > bar.bottom + 2,
                bar: bar.height};
            }""")
            assert found["reach"], found
            assert found["own"] or found["skip"] or found["below"], found
            assert found["bar"] < LARGE["height"] / 3
            seen.add(found["name"])
        assert len(seen) > 10


def test_the_way_out_is_the_second_stop_of_the_keyboard(browser: Browser, quiet: OnAir, weather: str) -> None:
    with window(browser, quiet, viewport=DESK, elsewhere=weather) as page:
        to_story(page)
        page.goto(page.url)
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        expect(page.locator(WAY_OUT)).to_be_focused()
        page.keyboard.press("Enter")
        expect(page).to_have_title("Weather")


@LANGUAGE
def test_the_way_out_stands_at_the_end_of_its_line(browser: Browser, quiet: OnAir, language: str) -> None:
    with window(browser, quiet, viewport=DESK) as page:
        page.goto(f"/{language}/quiet-word")
        box = page.locator(WAY_OUT).bounding_box()
        assert box is not None
        middle = box["x"] + box["width"] / 2
        assert (middle < DESK["width"] / 2) is (language == "ur")
