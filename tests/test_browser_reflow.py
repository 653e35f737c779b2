"""Everything fits: on the smallest phone, with wider spaces, with text of twice the size, in every script."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests import pseudo
from tests.browsing import SPOKEN, Loader, OnAir, window
from tests.gallery import stacked

pytestmark = pytest.mark.browser

SMALLEST = {"width": 320, "height": 256}
"""What is left of 1280 x 1024 at 400 % (WCAG 2.2, 1.4.10)."""
PHONE = {"width": 320, "height": 640}
TABLET = {"width": 640, "height": 512}

MISFITS = """() => {
  const unseen = ".govuk-visually-hidden, .p-default, .govuk-skip-link";
  const found = [];
  const wrong = (what, element) => found.push(`${what}: ${element.outerHTML.slice(0, 200)}`);
  const page = document.scrollingElement;
  if (page.scrollWidth > innerWidth) wrong(`scrolls sideways, ${page.scrollWidth} px`, page);
  for (const element of document.body.querySelectorAll("*")) {
    if (element.closest(unseen)) continue;
    const box = element.getBoundingClientRect();
    if (box.width && (box.left < -1 || box.right > innerWidth + 1)) wrong("out of the window", element);
  }
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    let block = texts.currentNode.parentElement;
    if (block.closest(unseen + ", textarea")) continue;
    const line = parseFloat(getComputedStyle(block).lineHeight);
    while (getComputedStyle(block).display === "inline") block = block.parentElement;
    const box = block.getBoundingClientRect();
    const range = document.createRange();
    range.selectNodeContents(texts.currentNode);
    for (const words of range.getClientRects()) {
      const middle = (words.top + words.bottom) / 2;
      const beside = words.left < box.left - 1 || words.right > box.right + 1;
      const outside = middle - line / 2 < box.top - 1 || middle + line / 2 > box.bottom + 1;
      if (words.width && (beside || outside)) wrong("words stick out of their box", block);
    }
  }
  return [...new Set(found)];
}"""
"""What leaves the window, and lines of text that leave the box they stand in."""

SPACES = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    * { word-spacing: 0.16em !important; }
    p, li, dd { margin-bottom: 2em !important; }
    html:not([lang|=ar]):not([lang|=fa]):not([lang|=ur]) * { letter-spacing: 0.12em !important; }
    html:is([lang|=en], [lang|=pl]) * { line-height: 1.5 !important; }
  `);
  document.adoptedStyleSheets = [sheet];
}"""
"""WCAG 2.2, 1.4.12. Letters that are joined are not spaced, and lines that are further apart stay so."""

TWICE = """() => {
  const root = document.documentElement;
  root.style.fontSize = 2 * parseFloat(getComputedStyle(root).fontSize) + "px";
}"""


def misfits(page: Page, width: dict[str, int], how: str) -> list[str]:
    page.set_viewport_size(width)  # type: ignore[arg-type]
    return [f"{how} at {width['width']} px: {one}" for one in page.evaluate(MISFITS)]


@pytest.mark.parametrize("language", [*SPOKEN, pseudo.CODE])
def test_everything_fits(browser: Browser, on_air: OnAir, language: str) -> None:
    with window(browser, on_air) as page:
        loader = Loader(page, on_air)
        every = stacked(on_air.pages(language))
        loader.load(every)
        assert page.locator("main").count() > 60
        wrong = misfits(page, SMALLEST, "as it is") + misfits(page, PHONE, "as it is")
        page.evaluate(SPACES)
        wrong += misfits(page, PHONE, "with spaces")
        loader.load(every)
        page.evaluate(TWICE)
        wrong += misfits(page, TABLET, "with text of twice the size")
    assert not wrong, "\n".join(wrong)


def test_a_misfit_is_seen(browser: Browser, on_air: OnAir) -> None:
    with window(browser, on_air) as page:
        Loader(page, on_air).load(on_air.pages("en")[1])
        assert not misfits(page, PHONE, "as it is")
        page.evaluate("document.querySelector('h1').style.height = '10px'")
        assert len(misfits(page, PHONE, "too low")) == 1
        page.evaluate("document.querySelector('h1').style.width = '400px'")
        assert len(misfits(page, PHONE, "too wide")) == 3


@pytest.mark.parametrize("language", ["ur", pseudo.CODE])
def test_each_kind_of_page_fits_by_itself(browser: Browser, on_air: OnAir, language: str) -> None:
    wrong = []
    with window(browser, on_air) as page:
        loader = Loader(page, on_air)
        for seen in on_air.kinds(language):
            loader.load(seen)
            wrong += misfits(page, SMALLEST, str(seen)) + misfits(page, PHONE, str(seen))
    assert not wrong, "\n".join(wrong)


LINES = """() => [...document.querySelectorAll("p, label, h1, h2, li, dt, dd, a, button, .govuk-hint")]
  .filter(element => !element.closest("[lang]:not(html)") && /[\\u0600-\\u06ff]/.test(element.textContent))
  .map(element => [element, getComputedStyle(element)])
  .map(([element, style]) => [parseFloat(style.lineHeight) / parseFloat(style.fontSize), element.outerHTML])
"""


def test_nastaliq_has_room(browser: Browser, on_air: OnAir) -> None:
    """Urdu is written aslant: with less than 1.9 times its size a line runs into the next."""
    with window(browser, on_air) as page:
        Loader(page, on_air).load(stacked(on_air.pages("ur")))
        lines = page.evaluate(LINES)
        narrow = {html[:150]: ratio for ratio, html in lines if ratio < 1.9}
        assert len(lines) > 200 and not narrow, narrow
        fonts = page.evaluate("document.fonts.check('16px nastaliq', '\\u0627')")
        assert fonts
