"""By keyboard alone, and with few keys: a call is logged, the language of the moment is found."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from portal.accounts.guard import COOKIE
from portal.accounts.roles import Role
from portal.interpreting.calls import InterpretedCall, ManagedWithout
from tests.browsing import DESK, OnAir, axe_violations, window
from tests.staff import Colleague

pytestmark = pytest.mark.browser

MOST = 12
"""Key presses for a whole call. At one in two seconds, as of somebody who looks for each key, it takes 24."""


class Keys:
    """Presses keys and counts them."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.pressed = 0

    def __call__(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed += 1


def test_a_call_is_logged_in_at_most_twelve_key_presses(browser: Browser, on_air: OnAir) -> None:
    who = Colleague(on_air.app, Role.FRONTLINE, name="Fast caller")
    with window(browser, on_air, True, DESK) as page:
        page.context.add_cookies([{"name": COOKIE, "value": who.secret, "url": on_air.address}])
        page.goto("/staff/calls/new")
        keys = Keys(page)
        keys("u", "r", "d")  # the language has the focus, and how it ended is "done" already
        expect(page.get_by_label("Language")).to_have_value("urd")
        keys("Tab", "Tab", "1", "2", "Enter")
        expect(page.get_by_text("The call is logged.")).to_be_visible()
        assert keys.pressed <= MOST
        assert axe_violations(page) == []
        with on_air.database.read() as connection:
            found = connection.execute(select(InterpretedCall.language, InterpretedCall.minutes)).all()
        assert [tuple(row) for row in found] == [("urd", 12)]

        keys = Keys(page)
        page.goto("/staff/rota/now")
        keys("p", "o", "l", "i", "Enter")
        expect(page.get_by_role("heading", name="Polish at")).to_be_visible()
        assert axe_violations(page) == []

        page.goto("/staff")
        page.get_by_role("button", name="Needed an interpreter, managed without").click()
        expect(page.get_by_text("It counts")).to_be_visible()
        assert axe_violations(page) == []
        with on_air.database.read() as connection:
            assert len(connection.execute(select(ManagedWithout.day)).all()) == 1
        for place in ("/staff/rota", "/staff/rota/gaps", "/staff"):
            page.goto(place)
            assert axe_violations(page) == []
