"""axe finds nothing: on every kind of page, with and without script, on a phone and on a desk."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browsing import DESK, PHONE, Loader, OnAir, axe_violations, window

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("language", ["en", "ur", "en-xa"])
def test_axe_finds_nothing(browser: Browser, on_air: OnAir, language: str, viewport: Any) -> None:
    wrong = []
    with window(browser, on_air, viewport=viewport) as page:
        loader = Loader(page, on_air)
        for seen in on_air.kinds(language):
            loader.load(seen, script=False)
            plain = page.content()
            wrong += [f"{seen}: {one}" for one in axe_violations(page)]
            loader.load(seen)
            scripted = page.content()
            assert 'class="govuk-template js"' in scripted and 'class="govuk-template"' in plain
            # Script marks the page and, where there are errors, moves the focus: elsewhere it is the same page
            if scripted.replace("govuk-template js", "govuk-template") != plain:
                assert "govuk-error-summary" in plain
                wrong += [f"{seen} with script: {one}" for one in axe_violations(page)]
    assert not wrong, "\n".join(wrong)
