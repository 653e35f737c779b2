"""Pages of paper out and the scan beside the keying screen, in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from portal import outbox, references
from portal.accounts.guard import COOKIE
from portal.accounts.roles import Role
from portal.equality.collections import keep
from portal.forms import EQUALITY, FORMS
from portal.paper import runs
from portal.paper.runs import BUNDLE, MADE, Run
from portal.settings import CollectionEntry
from tests.attachments import pdf, picture
from tests.browsing import DESK, PHONE, OnAir, axe_violations, go_back, window
from tests.staff import Colleague
from tests.test_browser_keying import Desk
from tests.test_paper_returned import papers_of

pytestmark = pytest.mark.browser

TABLET = {"width": 1000, "height": 700}


@pytest.fixture
def office(on_air: OnAir) -> Iterator[OnAir]:
    before = on_air.app
    on_air.app = on_air.portal(FORMS)
    keep(on_air.database, [CollectionEntry(code="fair", name="Fair")])
    yield on_air
    on_air.app = before


def supervisor(office: OnAir, page: Page) -> Colleague:
    who = Colleague(office.app, Role.SUPERVISOR, name=f"supervisor {references.new()}")
    page.context.add_cookies([{"name": COOKIE, "value": who.secret, "url": office.address}])
    return who


def ordered(office: OnAir) -> Run:
    form = EQUALITY.here()
    return runs.order(office.database, form, "ur", "normal", True, "fair", 100, "23456789C", "a note")


def made(office: OnAir, run: Run, *rectangles: dict[str, Any]) -> None:
    """As if the worker had made it."""
    office.settings.papers.mkdir(exist_ok=True)
    (office.settings.papers / f"{run.reference}.pdf").write_bytes(pdf())
    values = {"wanted": run.reference, "counted": 4, "places": list(rectangles), "version": "1"}
    office.database.change(MADE, values)


def wrong(page: Page) -> list[str]:
    found = []
    for viewport in (PHONE, DESK):
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        found += [f"{page.url} at {viewport['width']} px: {one}" for one in axe_violations(page)]
        too_wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        found += [f"{page.url} is {too_wide} px too wide"] if too_wide > 0 else []
    return found


def test_axe_finds_nothing_on_pages_of_paper_out(browser: Browser, office: OnAir) -> None:
    with window(browser, office) as page:
        supervisor(office, page)
        ready, waiting = ordered(office), ordered(office)
        made(office, ready)
        with office.database.write() as connection:
            outbox.put(connection, BUNDLE, {"run": waiting.reference}, waiting.reference)
        runs.issued(office.database, ready.reference, 20)
        places = ["", f"/{ready.reference}", f"/{waiting.reference}?stay"]
        found = []
        for place in places:
            page.goto(f"/staff/paper-out{place}")
            found += wrong(page)
        page.goto("/staff/paper-out")
        page.get_by_role("button", name="Order the forms").click()
        expect(page.locator(".govuk-error-summary")).to_be_visible()
        found += wrong(page)
        assert not found, "\n".join(found)


def test_a_page_that_waits_looks_again_by_itself_until_it_is_told_not_to(
    browser: Browser, office: OnAir
) -> None:
    """Looking again is the one thing axe has against that page; it can be stopped on it."""
    with window(browser, office, script=False) as page:
        supervisor(office, page)
        run = ordered(office)
        with office.database.write() as connection:
            outbox.put(connection, BUNDLE, {"run": run.reference}, run.reference)
        page.goto(f"/staff/paper-out/{run.reference}")
        expect(page.get_by_text("0 of 100 made")).to_be_visible()
        made(office, run)
        expect(page.get_by_text("It is ready")).to_be_visible(timeout=10_000)
        with page.expect_download() as download:
            page.get_by_role("link", name="Download the PDF").click()
        assert Path(download.value.path()).read_bytes().startswith(b"%PDF")


def test_ordering_works_with_a_keyboard_in_a_browser(browser: Browser, office: OnAir) -> None:
    with window(browser, office, viewport=DESK) as page:
        supervisor(office, page)
        page.goto("/staff/paper-out")
        page.get_by_label("Form", exact=True).select_option(label="About you 2026-1")
        page.get_by_label("Language of the paper").select_option("ur")
        page.get_by_label("How many forms").fill("40")
        page.get_by_role("button", name="Order the forms").click()
        expect(page.get_by_text("0 of 40 made")).to_be_visible()


# The scan


RECTANGLES: tuple[dict[str, Any], ...] = (
    {"equality_consent": {"yes": [60, 400, 80, 420], "no": [60, 430, 80, 450]}},
    {"age_band": {"under_16": [60, 700, 80, 720], "16_17": [200, 700, 220, 720]}},
)


def at_scan(office: OnAir, page: Page) -> Desk:
    """A keyer with a paper of ours in hand."""
    desk = Desk(office, page, EQUALITY.here(office=True), "ur", sheets=3)
    run = ordered(office)
    made(office, run, *RECTANGLES)
    desk.scan(papers_of(office.database, run.reference)[0])
    return desk


def attach(page: Page, *files: tuple[str, str, bytes]) -> None:
    page.get_by_label("Scan of this paper").set_input_files(
        [{"name": name, "mimeType": kind, "buffer": content} for name, kind, content in files]
    )


SCAN = ("scan.pdf", "application/pdf", pdf(pages=3))


def test_the_scan_goes_along_with_the_question_and_marks_it(browser: Browser, office: OnAir) -> None:
    with window(browser, office, viewport=DESK) as page:
        at_scan(office, page)
        page.locator("#equality_consent").fill("1")
        page.locator("#age_band").focus()
        attach(page, SCAN)
        expect(page.locator("#scans img")).to_have_count(3)
        expect(page.locator("#age_band")).to_be_focused()
        assert page.locator("#equality_consent").input_value() == "1"
        panel, fields = page.locator("#scans").bounding_box(), page.locator("#keying").bounding_box()
        assert panel and fields and panel["x"] >= fields["x"] + fields["width"], "beside the fields"
        expect(page.locator(".k-page").nth(1).locator(".k-mark")).to_be_in_viewport()
        mark, sheet = page.locator(".k-mark").bounding_box(), page.locator(".k-page").nth(1).bounding_box()
        assert mark and sheet
        assert (mark["x"] - sheet["x"]) / sheet["width"] == pytest.approx(60 / 595.3, abs=0.01)
        assert (mark["y"] - sheet["y"]) / sheet["height"] == pytest.approx(700 / 841.9, abs=0.02)
        page.locator("#equality_consent").focus()
        expect(page.locator(".k-page").nth(0).locator(".k-mark")).to_be_in_viewport()
        page.locator("#religion").focus()
        expect(page.locator(".k-mark")).to_have_count(0)
        page.set_viewport_size(TABLET)  # type: ignore[arg-type]
        panel, fields = page.locator("#scans").bounding_box(), page.locator("#keying").bounding_box()
        assert panel and fields and panel["y"] >= fields["y"] + fields["height"], "below the fields"


def test_a_scan_that_is_refused_is_refused_in_place(browser: Browser, office: OnAir) -> None:
    with window(browser, office, viewport=DESK) as page:
        desk = at_scan(office, page)
        page.locator("#age_band").fill("xyz")
        before = page.url
        attach(page, ("scan.pdf", "application/pdf", b"not one"))
        expect(page.get_by_role("alert")).to_contain_text("cannot take this kind of file")
        expect(page.get_by_label("Scan of this paper")).to_be_focused()
        assert page.locator("#age_band").input_value() == "xyz" and page.url == before
        assert page.locator("#scans img").count() == 0 and page.locator("#scans").is_hidden()
        attach(page, ("scan.png", "image/png", picture("PNG")))
        expect(page.locator("#scans img")).to_have_count(1)
        expect(page.get_by_role("alert")).to_have_text("")
        assert desk.sheet in page.url


def test_without_script_the_scan_is_simply_there(browser: Browser, office: OnAir) -> None:
    with window(browser, office, script=False, viewport=DESK) as page:
        at_scan(office, page)
        page.locator("#equality_consent").fill("1")
        attach(page, SCAN)
        page.get_by_role("button", name="Attach the scan").click()
        expect(page.locator("#scans img")).to_have_count(3)
        assert page.locator("#equality_consent").input_value() == "1"
        for place in range(3):
            picture_there = page.locator("#scans img").nth(place)
            picture_there.scroll_into_view_if_needed()
            page.wait_for_function(f"document.querySelectorAll('#scans img')[{place}].naturalWidth > 0")


def test_going_back_after_the_next_paper_shows_no_scan(browser: Browser, office: OnAir) -> None:
    """The page before is not kept, and its pictures are out of this person's hands."""
    with window(browser, office, viewport=DESK) as page:
        desk = at_scan(office, page)
        attach(page, SCAN)
        expect(page.locator("#scans img")).to_have_count(3)
        page.locator("#equality_consent").fill("2")
        page.get_by_role("button", name="Save").click()
        page.wait_for_url(f"**/{desk.batch}")
        desk.scan(references.new())
        expect(page.locator("#scans img")).to_have_count(0)
        go_back(page)
        go_back(page)
        expect(page.locator("#scans img")).to_have_count(0)


def test_axe_finds_nothing_beside_a_scan(browser: Browser, office: OnAir) -> None:
    with window(browser, office, viewport=DESK) as page:
        desk = at_scan(office, page)
        attach(page, SCAN)
        expect(page.locator("#scans img")).to_have_count(3)
        found = wrong(page)
        attach(page, ("scan.pdf", "application/pdf", b"not one"))
        expect(page.get_by_role("alert")).to_contain_text("cannot take")
        found += wrong(page)
        page.goto(f"/staff/paper-in/{desk.batch}/{desk.sheet}")
        found += wrong(page)
        assert not found, "\n".join(found)
