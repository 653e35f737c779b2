"""A page from right to left is the mirror image of the same page from left to right."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests import pseudo
from tests.browsing import DESK, PHONE, Loader, OnAir, window
from tests.gallery import stacked

pytestmark = pytest.mark.browser

BOXES = """() => {
  const sides = style => ["margin", "padding", "border"].map(name => {
    const tail = name === "border" ? "Width" : "";
    return [style[`${name}Left${tail}`], style[`${name}Right${tail}`]].map(parseFloat);
  });
  // What is written from left to right on every page stays so inside, as do words within a line of others
  const own = "body [dir=ltr] *, bdi, bdi *, input[type=hidden]";
  const within = one => getComputedStyle(one).display.startsWith("inline") &&
    [...one.parentNode.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim());
  const every = [...document.body.querySelectorAll("*")];
  const shown = one => one.getClientRects().length;
  return every.filter(one => shown(one) && !one.matches(own) && !within(one)).map(one => {
    const box = one.getBoundingClientRect();
    const drawn = ["::before", "::after"].map(part => getComputedStyle(one, part)).map(style =>
      style.position === "absolute" ? [style.left, style.right].map(parseFloat) : []);
    return {
      name: one.outerHTML.slice(0, 120),
      place: [box.left, innerWidth - box.right],
      height: [box.top, box.bottom],
      sides: [...sides(getComputedStyle(one)), ...drawn],
    };
  });
}"""
"""Of every element: how far from the left and right, how high, and its sides; also of rings and ticks."""

NEAR = 4
"""Pixels that a mirrored box may be out of place: letters are rounded otherwise."""


def near(one: list[float], other: list[float]) -> bool:
    return all(abs(a - b) <= NEAR for a, b in zip(one, other, strict=True))


def differences(page: Page) -> list[str]:
    """Where the page is not its own mirror image when its direction is turned."""
    page.evaluate("document.documentElement.dir = 'ltr'")
    before: list[dict[str, Any]] = page.evaluate(BOXES)
    page.evaluate("document.documentElement.dir = 'rtl'")
    after: list[dict[str, Any]] = page.evaluate(BOXES)
    return [
        f"{one['name']}: {one} and {other}"
        for one, other in zip(before, after, strict=True)
        if not near(one["place"], other["place"][::-1])
        or not near(one["height"], other["height"])
        or not all(near(a, b[::-1]) for a, b in zip(one["sides"], other["sides"], strict=True))
    ]


def test_every_kind_of_page_is_mirrored(browser: Browser, on_air: OnAir) -> None:
    """With the same words in both directions: those of the pseudo-language."""
    wrong = []
    with window(browser, on_air) as page:
        loader = Loader(page, on_air)
        for seen in on_air.kinds(pseudo.CODE):
            loader.load(seen)
            for viewport in (PHONE, DESK):
                page.set_viewport_size(viewport)  # type: ignore[arg-type]
                wrong += [f"{seen}, {viewport['width']} px: {one}" for one in differences(page)]
    assert not wrong, "\n".join(wrong)


CONTROLS = """() => [...document.querySelectorAll("[type=radio], [type=checkbox]")].map(one => {
  const words = document.createRange();
  words.selectNodeContents(one.nextElementSibling);
  const [box, text] = [one.getBoundingClientRect(), words.getBoundingClientRect()];
  return document.documentElement.dir === "rtl" ? box.left - text.right : text.left - box.right;
})"""


@pytest.mark.parametrize("language", ["en", "ur", "ar", "fa"])
def test_a_ring_stands_before_its_words(browser: Browser, on_air: OnAir, language: str) -> None:
    with window(browser, on_air) as page:
        Loader(page, on_air).load(stacked(on_air.pages(language)))
        room = page.evaluate(CONTROLS)
        assert len(room) > 100 and all(8 <= one <= 24 for one in room), room


def test_an_unmirrored_page_is_seen(browser: Browser, on_air: OnAir) -> None:
    with window(browser, on_air) as page:
        Loader(page, on_air).load(on_air.pages("en")[1])
        assert not differences(page)
        page.evaluate("document.querySelector('.p-choices li').style.borderLeft = '20px solid'")
        assert differences(page)
