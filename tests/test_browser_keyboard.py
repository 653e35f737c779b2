"""Everything can be done by keyboard alone, and one always sees where one is."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browsing import Loader, OnAir, window

pytestmark = pytest.mark.browser

FOCUS = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const control = element.matches("[type=radio], [type=checkbox]");
  const shown = control ? element.labels[0] : element;
  const style = getComputedStyle(shown, control ? "::before" : null);
  const seen = colour => !/rgba\\(.*, 0\\)|transparent/.test(colour);
  const drawn = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  const box = element.getClientRects()[0];
  const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
  const over = document.elementFromPoint((box.left + box.right) / 2, (top + bottom) / 2);
  return {
    name: element.outerHTML.slice(0, 150),
    selector: element.tagName.toLowerCase() + (element.id ? `#${element.id}` : ""),
    href: element.getAttribute("href") || "",
    value: element.getAttribute("value") || "",
    marked: (drawn && seen(style.outlineColor)) || style.boxShadow !== "none",
    inside: bottom - top >= Math.min(box.height, 44) - 1 && box.left >= 0 && box.right <= innerWidth + 1,
    uncovered: !!over && (element.contains(over) || shown.contains(over) || over.contains(shown)),
  };
}"""
"""The element that has the focus, and whether a person can see that it has."""

MOST = 160
"""Stops on a page: the check page of a long form has one for each answer."""


def focus(page: Page) -> dict[str, Any] | None:
    """Where the focus is. It is marked and in sight, or this fails."""
    found: dict[str, Any] | None = page.evaluate(FOCUS)
    if found:
        assert found["marked"], f"the focus is not shown on {found['name']}"
        assert found["inside"] and found["uncovered"], f"the focus is out of sight on {found}"
    return found


def tab_to(page: Page, **wanted: str) -> None:
    """Press Tab until the focus is on what has these attributes."""
    for _step in range(MOST):
        page.keyboard.press("Tab")
        found = focus(page)
        if found and all(re.search(value, found[name]) for name, value in wanted.items()):
            return
    raise AssertionError(f"Tab does not lead to {wanted}")


@pytest.mark.parametrize("language", ["en", "ur"])
def test_the_focus_is_seen_everywhere(browser: Browser, on_air: OnAir, language: str) -> None:
    """On every kind of page: Tab comes to each control once, in sight, and round again."""
    with window(browser, on_air) as page:
        loader = Loader(page, on_air)
        for seen in on_air.kinds(language):
            loader.load(seen)
            stops = []
            for _step in range(MOST):
                page.keyboard.press("Tab")
                found = focus(page)
                if found is None or (stops and found["name"] == stops[0]):
                    break
                stops.append(found["name"])
            else:
                raise AssertionError(f"{seen}: Tab never comes round")
            assert len(stops) > 5, f"{seen}: {stops}"


class Typist:
    """Somebody without a mouse."""

    def __init__(self, page: Page, language: str) -> None:
        self.page = page
        self.language = language
        self.further = "ArrowLeft" if language == "ur" else "ArrowRight"

    def press(self, key: str, place: str) -> None:
        """Press a key that leads to another page."""
        self.page.keyboard.press(key)
        self.page.wait_for_url(re.compile(place))

    def number(self) -> int:
        found = re.search(r"/(\d+)$", self.page.url)
        return int(found[1]) if found else 0

    def answer(self) -> None:
        """Answer the question of this page, and go on with Enter in its field."""
        before = self.page.url
        field = self.page.locator("main form").locator("input:not([type=hidden]), textarea").first
        kind = field.get_attribute("type")
        tab_to(self.page, selector=f"#{field.get_attribute('id')}$")
        if kind == "text":
            self.page.keyboard.type("لفظ" if self.language == "ur" else "words")
        else:
            self.page.keyboard.press("Space")
        if kind == "radio":
            options = self.page.locator("main [type=radio]")
            self.page.keyboard.press(self.further)
            expect(options.nth(1)).to_be_checked()
            self.page.keyboard.press("ArrowRight" if self.language == "ur" else "ArrowLeft")
            expect(options.nth(0)).to_be_checked()
            self.page.keyboard.press("ArrowDown")
            expect(options.nth(1)).to_be_checked()
            self.page.keyboard.press("ArrowUp")
            focus(self.page)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(lambda url: url != before)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("language", ["en", "ur"])
def test_a_whole_journey(browser: Browser, on_air: OnAir, language: str, script: bool) -> None:
    with window(browser, on_air, script) as page:
        typist = Typist(page, language)
        page.goto("/")
        tab_to(page, href=f"^/{language}/$")
        typist.press("Enter", f"/{language}/$")
        tab_to(page, href="#main")
        page.keyboard.press("Enter")
        tab_to(page, href="/about-you$")
        typist.press("Enter", "/about-you$")
        tab_to(page, selector="^button$")
        typist.press("Space", "/1$")
        while number := typist.number():
            typist.answer()
            assert f"/{language}/about-you/" in page.url
            assert typist.number() > number or page.url.endswith("/check"), f"{number} led to {page.url}"
        tab_to(page, href=r"/2$")
        typist.press("Enter", "/2$")
        expect(page.locator("main [type=radio]").first).to_be_checked()
        tab_to(page, selector="^button$", value="next")
        typist.press("Space", "/check$")
        tab_to(page, value="^send$")
        typist.press("Enter", "/sent$")
        tab_to(page, value="^finish$")
        typist.press("Space", "/cleared$")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_errors_by_keyboard(browser: Browser, on_air: OnAir, script: bool) -> None:
    """Where a code is wrong: the summary comes first, its link leads to the field, Enter sends it again."""
    with window(browser, on_air, script) as page:
        page.goto("/en/reply")
        tab_to(page, selector="#code$")
        page.keyboard.type("12")
        page.keyboard.press("Enter")
        expect(page.locator(".govuk-error-summary")).to_be_visible()
        if script:
            expect(page.locator(".govuk-error-summary")).to_be_focused()
            focus(page)
        tab_to(page, href="^#code$")
        page.keyboard.press("Enter")
        expect(page.locator("#code")).to_be_focused()
        page.keyboard.press("End")
        page.keyboard.type("34")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        expect(page.locator("#code")).to_have_value("1234")
