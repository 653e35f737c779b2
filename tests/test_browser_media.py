"""On paper, in the colours that a person needs, and at rest."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browsing import Loader, OnAir, window
from tests.gallery import Seen, stacked

pytestmark = pytest.mark.browser

READABLE = """() => {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  while (texts.nextNode()) {
    const range = document.createRange();
    range.selectNodeContents(texts.currentNode);
    const shown = [...range.getClientRects()].some(box => box.width > 1 && box.height > 1);
    if (shown && texts.currentNode.data.trim()) found.push(texts.currentNode.parentElement);
  }
  return found.map(element => [element.closest(".p-receipt") !== null, element.textContent.trim()]);
}"""
"""The words that can be read, and whether they stand in the receipt."""


def named(on_air: OnAir, language: str, name: str) -> Seen:
    return next(seen for seen in on_air.pages(language) if seen.name == name)


@pytest.mark.parametrize("language", ["en", "ur"])
def test_of_the_last_page_only_the_receipt_is_printed(browser: Browser, on_air: OnAir, language: str) -> None:
    with window(browser, on_air) as page:
        Loader(page, on_air).load(named(on_air, language, "equality sent"))
        on_screen = page.evaluate(READABLE)
        page.emulate_media(media="print")
        printed = page.evaluate(READABLE)
        assert printed == [one for one in on_screen if one[0]]
        code = page.locator(".p-receipt__code")
        expect(code).to_be_visible()
        assert len(code.inner_text().split()) == 5
        heading = page.locator(".p-receipt h2").inner_text()
        assert heading in [words for _inside, words in printed]


def test_other_pages_are_printed_without_what_paper_cannot_do(browser: Browser, on_air: OnAir) -> None:
    with window(browser, on_air) as page:
        Loader(page, on_air).load(stacked(seen for seen in on_air.pages("en") if "sent" not in seen.name))
        assert page.locator("main button:visible").count() > 50
        page.emulate_media(media="print")
        expect(page.locator(".p-help")).to_be_visible()
        assert page.locator("main h1:visible").count() > 50
        assert not page.locator(
            "button:not(.p-default):visible, .govuk-back-link:visible, .govuk-skip-link:visible"
        ).count()


MARKS = """() => {
  const forced = name => {
    const probe = document.body.appendChild(document.createElement("i"));
    probe.style.color = name;
    const colour = getComputedStyle(probe).color;
    probe.remove();
    return colour;
  };
  const paper = forced("Canvas");
  const seen = colour => colour !== paper && !/^rgba.*, 0\\)$/.test(colour);
  const drawn = (style, ...sides) => sides.some(side => parseFloat(style[`${side}Width`]) > 0
    && style[`${side}Style`] !== "none" && seen(style[`${side}Color`]));
  return [...document.querySelectorAll("main input:not([type=hidden])")].map(control => {
    const box = control.matches("[type=text], [type=file]") ? null : "::before";
    const on = box ? control.labels[0] : control;
    const tick = getComputedStyle(on, "::after");
    return {
      name: control.outerHTML.slice(0, 100),
      edge: drawn(getComputedStyle(on, box), "borderTop"),
      can_be_ticked: box !== null,
      ticked: control.checked,
      tick: tick.opacity !== "0" && drawn(tick, "borderLeft", "borderBottom"),
    };
  });
}"""
"""Of each control: whether its edge is drawn, and its tick or dot, in colours that can be seen."""

UNMARKED = """() => [...document.querySelectorAll("a, button, input, textarea")].filter(one => {
  one.focus();
  if (document.activeElement !== one || one.tabIndex < 0) return false;
  const control = one.matches("[type=radio], [type=checkbox]");
  const style = getComputedStyle(control ? one.labels[0] : one, control ? "::before" : null);
  return style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2;
}).map(one => one.outerHTML.slice(0, 150))"""
"""Shadows and backgrounds are gone where colours are forced; outlines are drawn, also transparent ones."""


def test_forced_colours_keep_focus_and_ticks(browser: Browser, on_air: OnAir) -> None:
    with window(browser, on_air, forced_colors="active") as page:
        loader = Loader(page, on_air)
        for seen in on_air.kinds("en"):
            loader.load(seen)
            for control in page.locator("main [type=radio], main [type=checkbox]").all()[:2]:
                control.check()
            marks = page.evaluate(MARKS)
            assert all(mark["edge"] for mark in marks), f"{seen}: {marks}"
            assert all(mark["tick"] == mark["ticked"] for mark in marks if mark["can_be_ticked"]), (
                f"{seen}: {marks}"
            )
            unmarked = page.evaluate(UNMARKED)
            assert not unmarked, f"{seen}: the focus does not show on {unmarked}"


MOVING = """() => [...document.querySelectorAll("*")].filter(element => {
  const style = getComputedStyle(element);
  const times = `${style.transitionDuration},${style.animationDuration}`.split(",");
  return times.some(time => parseFloat(time) > 0) || style.scrollBehavior === "smooth";
}).map(element => element.outerHTML.slice(0, 150))"""


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_nothing_moves(browser: Browser, on_air: OnAir, motion: str) -> None:
    """Not only for those who ask for it: nothing blinks, slides or counts down for anybody."""
    with window(browser, on_air, reduced_motion=motion) as page:
        Loader(page, on_air).load(stacked(on_air.pages("en")))
        assert not page.evaluate(MOVING)
        assert not page.evaluate("document.getAnimations().length")
        assert not page.locator("marquee, blink, video, audio, meta[http-equiv=refresh]").count()
