"""Coming back with a code in a real browser, in Urdu, with and without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from portal.incidents import exchange
from portal.languages import template
from portal.questions.messages import Message
from tests.browsing import OnAir, axe_violations, go_back, window
from tests.cases import CANARIES, Desk
from tests.test_coming_back import SAID, answers, tells, writes

pytestmark = pytest.mark.browser


def ur(english: str) -> str:
    return template(Message(english), "ur")


@pytest.mark.parametrize("script", [False, True], ids=["no-script", "script"])
def test_a_woman_comes_back_in_urdu_writes_and_changes_how_to_reach_her(
    browser: Browser, on_air: OnAir, script: bool
) -> None:
    desk = Desk(on_air.database, on_air.ring)
    case, code = tells(desk, anonymity=("named",))
    writes(desk, case, "ہم پیر کو آئیں گے۔")
    with window(browser, on_air, script) as page:
        page.goto("/ur/reply")
        page.fill("#code", code)
        page.click("main form button")
        expect(page).to_have_url(re.compile("/ur/reply/told$"))
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        expect(page.locator("main")).to_contain_text("ہم پیر کو آئیں گے۔")
        expect(page.locator("main")).to_contain_text(ur("We have what you told us."))
        expect(page.locator(".govuk-exit-this-page a")).to_be_visible()
        assert not any(canary in page.content() for canary in CANARIES)
        if script:
            assert axe_violations(page) == []
        page.fill("#words", SAID)
        page.click("#languages button[lang=en]")
        expect(page.locator("#words")).to_have_value(SAID)
        page.click("#languages button[lang=ur]")
        page.click("#form .p-actions button")
        expect(page).to_have_url(re.compile("/ur/reply/told$"))
        assert "canary" not in page.content()
        page.click("a[href='/ur/reply/told/1']")
        page.check("input[name=reach][value=phone]")
        page.click("main .p-actions [value=next]")
        page.fill("#phone", "07700 900555")
        if script:
            assert axe_violations(page) == []
        page.click("main .p-actions [value=next]")
        expect(page).to_have_url(re.compile("/ur/reply/told$"))
        assert "900555" not in page.content()
        page.click("button[value=erase]")
        expect(page.locator("button[value=erase]")).to_have_count(0)
        page.click("button[value=finish]")
        expect(page).to_have_url(re.compile("/ur/$"))
        go_back(page)
        page.reload()
        expect(page).to_have_url(re.compile("/ur/reply$"))
    assert answers(desk, code)["phone"] == ("07700 900555",)
    with desk.database.read() as connection:
        kinds = [one.kind.value for one in exchange.of_case(connection, desk.ring, case) if one.of_person]
    assert sorted(kinds) == ["erase", "reach", "words"]
