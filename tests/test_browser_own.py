"""An interpreter's own pages in a browser: on a small phone, without script, and fit for all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from portal import clock, references
from portal.accounts.guard import COOKIE
from portal.accounts.roles import Role
from tests.bookings import Desk
from tests.browsing import DESK, PHONE, OnAir, axe_violations, window
from tests.staff import Colleague, Own

pytestmark = pytest.mark.browser

SHOTS = os.environ.get("PORTAL_TEST_SHOTS")
"""A folder for pictures of the pages, for whoever wants to look at them."""


@pytest.fixture
def own(on_air: OnAir) -> Own:
    """An interpreter with an offer, one to check, one booked for tomorrow and one that is over."""
    desk = Desk(on_air.database, on_air.ring)
    own = Own(on_air.app, desk, name=f"Zoë Example {references.new()}")
    own.client.set_cookie(COOKIE, own.secret)
    soon = clock.seconds() // 3600 * 3600
    desk.ready(own.id, starts=soon + 80 * 3600, ends=soon + 81 * 3600)
    own.accepts(desk, starts=soon + 100 * 3600, ends=soon + 101 * 3600)
    own.accepts(desk, starts=soon + 22 * 3600, ends=soon + 23 * 3600)
    own.press("I do not know this person")
    own.accepts(desk, starts=soon - 3 * 3600, ends=soon + 60)
    own.press("I do not know this person").press("Finish now")
    return own


def wrong(page: Page, name: str) -> list[str]:
    found = []
    for viewport in (PHONE, DESK):
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        found += [f"{name} at {viewport['width']} px: {one}" for one in axe_violations(page)]
        too_wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        found += [f"{name} is {too_wide} px too wide"] if too_wide > 0 else []
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"{name}-{viewport['width']}.png", full_page=True)
    return found


@pytest.fixture
def page(browser: Browser, on_air: OnAir, own: Own) -> Iterator[Page]:
    with window(browser, on_air) as page:
        page.context.add_cookies([{"name": COOKIE, "value": own.secret, "url": on_air.address}])
        yield page


def test_axe_finds_nothing_on_an_interpreter_s_own_pages(page: Page, own: Own) -> None:
    found = []
    paths = own.pages()
    paths.append(next(f"{one}/timesheet" for one in paths if one.endswith(own.booking)))
    for number, path in enumerate(paths):
        answer = page.goto(path)
        assert answer is not None and answer.status == 200, path
        found += wrong(page, f"own-{number}")
    page.get_by_role("button", name="Send the timesheet").click()
    found += wrong(page, "own-timesheet-wrong")
    page.goto("/interpreters/calendar")
    page.get_by_role("button", name="Make a new address").click()
    found += wrong(page, "own-calendar-new")
    page.goto("/interpreters/times")
    page.get_by_role("button", name="Add the leave").click()
    found += wrong(page, "own-times-wrong")
    page.goto(next(path for path in paths if "/offers/" in path))
    page.get_by_role("button", name="Decline").click()
    found += wrong(page, "own-decline-wrong")
    assert len(paths) >= 9 and not found, "\n".join(found)


def test_buttons_are_large_enough_for_a_thumb(page: Page, own: Own) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.goto(next(path for path in own.pages() if "/offers/" in path))
    for name in ("Accept", "Decline"):
        box = page.get_by_role("button", name=name, exact=True).bounding_box()
        assert box is not None and box["height"] >= 44 and box["width"] >= PHONE["width"] - 40, (name, box)
    accept = page.get_by_role("button", name="Accept", exact=True).bounding_box()
    assert accept is not None and accept["y"] < 1.5 * PHONE["height"], "it is reached with one swipe"


def test_a_timesheet_on_the_desk_is_fit_for_all(browser: Browser, on_air: OnAir, own: Own) -> None:
    own.open(f"/interpreters/bookings/{own.booking}/timesheet").choose("Done").press("Send the timesheet")
    officer = Colleague(on_air.app, Role.FRONTLINE, name=f"Olive Officer {references.new()}")
    with window(browser, on_air) as page:
        page.context.add_cookies([{"name": COOKIE, "value": officer.secret, "url": on_air.address}])
        found = []
        for number, path in enumerate(("/staff/timesheets", f"/staff/timesheets/{own.booking}")):
            page.goto(path)
            found += wrong(page, f"desk-{number}")
        page.get_by_role("button", name="Send it back").click()
        found += wrong(page, "desk-wrong")
        assert not found, "\n".join(found)
