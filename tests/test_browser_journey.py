"""On the way with a real browser: other languages, Back, impatient fingers, and what is left behind."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from portal.intake.models import Submission
from tests.browsing import OnAir, go_back, window

pytestmark = pytest.mark.browser

SCRIPT = pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
WORDS = "کشمیری O’Brien – x"


def begin(page: Page, language: str = "en") -> None:
    page.goto(f"/{language}/about-you")
    page.click("main form button")


def go_on(page: Page, code: str = "") -> None:
    """Choose an answer by its code, and press Continue."""
    if code:
        page.check(f"main [value={code}]")
    page.click("main .p-actions [value=next]")


def to_words(page: Page) -> None:
    """To the page that asks for one's own words."""
    begin(page)
    go_on(page, "yes")
    for _question in range(2):
        page.click("main [value=skip]")
    go_on(page, "asian")
    go_on(page, "asian_other")
    expect(page.locator("#ethnic_words")).to_be_visible()


def to_check(page: Page) -> None:
    begin(page)
    go_on(page, "no")
    expect(page).to_have_url(re.compile("/check$"))


def sent(on_air: OnAir) -> int:
    with on_air.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(Submission)).scalar_one())


@SCRIPT
def test_a_change_of_language_keeps_what_was_typed(browser: Browser, on_air: OnAir, script: bool) -> None:
    with window(browser, on_air, script) as page:
        to_words(page)
        page.fill("#ethnic_words", WORDS)
        page.click("#languages button[lang=ur]")
        expect(page).to_have_url(re.compile("/ur/about-you/"))
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        expect(page.locator("#ethnic_words")).to_have_value(WORDS)
        page.fill("#ethnic_words", f"{WORDS}!")
        page.click("#languages button[lang=en]")
        expect(page.locator("#ethnic_words")).to_have_value(f"{WORDS}!")
        go_on(page)
        expect(page).not_to_have_url(re.compile("/ur/"))


@SCRIPT
def test_every_page_of_a_form_changes_its_language(browser: Browser, on_air: OnAir, script: bool) -> None:
    """The start, a question with a tick, the check page and the sent page stay what they are."""
    with window(browser, on_air, script) as page:
        page.goto("/en/about-you")
        page.click("#languages a[lang=ar]")
        expect(page).to_have_url(re.compile("/ar/about-you$"))
        page.click("main form button")
        page.check("main [value=no]")
        page.click("#languages button[lang=pl]")
        expect(page).to_have_url(re.compile("/pl/about-you/1$"))
        expect(page.locator("main [value=no]")).to_be_checked()
        go_on(page)
        before = sent(on_air)
        page.click("#languages button[lang=hi]")
        expect(page).to_have_url(re.compile("/hi/about-you/check$"))
        assert sent(on_air) == before
        page.click("main [value=send]")
        code = page.locator(".p-receipt__code").inner_text()
        page.click("#languages button[lang=fa]")
        expect(page).to_have_url(re.compile("/fa/about-you/sent$"))
        expect(page.locator(".p-receipt__code")).to_have_text(code)


@SCRIPT
def test_back_keeps_what_was_typed(browser: Browser, on_air: OnAir, script: bool) -> None:
    with window(browser, on_air, script) as page:
        to_words(page)
        page.fill("#ethnic_words", WORDS)
        page.click("main [value=back]")
        expect(page.locator("main [value=asian_other]")).to_be_checked()
        go_on(page)
        expect(page.locator("#ethnic_words")).to_have_value(WORDS)


@SCRIPT
def test_an_impatient_double_click_sends_once(browser: Browser, on_air: OnAir, script: bool) -> None:
    with window(browser, on_air, script) as page:
        to_check(page)
        before = sent(on_air)
        page.dblclick("main [value=send]")
        expect(page.locator(".p-receipt__code")).to_be_visible()
        assert sent(on_air) == before + 1


def test_sending_in_two_windows_sends_once(browser: Browser, on_air: OnAir) -> None:
    with window(browser, on_air) as page:
        to_check(page)
        before = sent(on_air)
        other = page.context.new_page()
        other.goto(page.url)
        page.click("main [value=send]")
        code = page.locator(".p-receipt__code").inner_text()
        other.click("main [value=send]")
        expect(other.locator(".p-receipt__code")).to_have_text(code)
        assert sent(on_air) == before + 1


@SCRIPT
def test_nothing_is_shown_when_going_back_after_the_end(
    browser: Browser, on_air: OnAir, script: bool
) -> None:
    with window(browser, on_air, script) as page:
        to_words(page)
        page.fill("#ethnic_words", WORDS)
        go_on(page)
        while not page.url.endswith("/check"):
            page.click("main [value=skip]")
        expect(page.locator("main")).to_contain_text(WORDS)
        page.click("main [value=send]")
        code = page.locator(".p-receipt__code").inner_text()
        page.click("main [value=finish]")
        expect(page).to_have_url(re.compile("/cleared$"))
        assert {cookie["name"] for cookie in page.context.cookies()} <= {"session"}  # a random number
        for _page in range(30):
            if go_back(page) is None or page.url == "about:blank":
                break
            said = page.content()
            assert WORDS not in said and code not in said, page.url
            assert not page.locator("main :checked").count(), page.url


def test_none_of_these_unticks_the_others(browser: Browser, on_air: OnAir) -> None:
    """And the other way round, where script runs."""
    with window(browser, on_air) as page:
        begin(page)
        go_on(page, "yes")
        page.click("main [value=skip]")
        go_on(page, "yes")
        page.click("main [value=skip]")
        page.check("[value=vision]")
        page.check("[value=none_of_these]")
        expect(page.locator("[value=vision]")).not_to_be_checked()
        page.check("[value=hearing]")
        expect(page.locator("[value=none_of_these]")).not_to_be_checked()


def test_complaints_are_heard(browser: Browser, on_air: OnAir) -> None:
    """A script and a picture that our policy refuses, and a request to another host, do not go unheard."""
    with pytest.raises(AssertionError) as found, window(browser, on_air) as page:
        page.goto("/en/")
        page.evaluate("""() => new Promise(done => {
          addEventListener("securitypolicyviolation", done);
          document.body.append(Object.assign(new Image(), {src: "https://elsewhere.example/"}));
        })""")
        page.evaluate("console.error('something')")
    assert "refused: img-src" in str(found.value) and "something" in str(found.value)
