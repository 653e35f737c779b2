"""axe finds nothing: on every kind of page, with and without script, on a phone and on a desk."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.browsing import DESK, PHONE, Loader, OnAir, axe_violations, window

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", ["en", "ur", "en-xa"])
def test_axe_finds_nothing(browser: Browser, on_air: OnAir, language: str) -> None:
    wrong = []
    with window(browser, on_air) as page:
        loader = Loader(page, on_air)
        for seen in on_air.kinds(language):
            loader.load(seen, script=False)
            plain = page.content()
            wrong += [f"{seen}: {one}" for one in on_phone_and_desk(page)]
            loader.load(seen)
            scripted = page.content()
            assert 'class="govuk-template js"' in scripted and 'class="govuk-template"' in plain
            # Script marks the page and, where there are errors, moves the focus; else it is the same page
            if scripted.replace("govuk-template js", "govuk-template") != plain:
                assert "govuk-error-summary" in plain
                wrong += [f"{seen} with script: {one}" for one in on_phone_and_desk(page)]
    assert not wrong, "\n".join(wrong)


def on_phone_and_desk(page: Page) -> list[str]:
    found = []
    for viewport in (PHONE, DESK):
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        found += [f"{viewport['width']} px: {one}" for one in axe_violations(page)]
    return found


def test_axe_is_awake(browser: Browser, on_air: OnAir) -> None:
    """A page that is wrong is found wrong, also where script was off when it came."""
    with window(browser, on_air) as page:
        loader = Loader(page, on_air)
        loader.load(on_air.pages("en")[0], script=False)
        page.evaluate("document.documentElement.removeAttribute('lang')")
        assert [one.partition(" ")[0] for one in axe_violations(page)] == ["html-has-lang"]
