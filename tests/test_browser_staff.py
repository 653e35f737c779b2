"""The pages of people who work here, in a browser: axe, narrow windows, the keyboard, staying signed in."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pyotp
import pytest
from playwright.sync_api import Browser, Page
from pypdfium2 import PdfDocument

from portal import clock
from portal.accounts import people, signing_in
from portal.accounts.guard import COOKIE
from portal.accounts.roles import Role
from portal.audit import OPERATOR
from portal.equality.collections import keep
from portal.settings import CollectionEntry
from tests import caseload
from tests.browsing import DESK, PHONE, Loader, OnAir, axe_violations, window
from tests.gallery import kinds
from tests.staff import Colleague, pages_of

pytestmark = pytest.mark.browser

PASSWORD = "vier Zebras am Kanal"
NUMBER = count(1)


def link_for(on_air: OnAir, *roles: Role) -> tuple[str, str]:
    """A one-time link for a new account, and its email address."""
    email = f"ada{next(NUMBER)}@example.org"
    who = people.add(on_air.database, on_air.ring, email, "Ada O’Brien-Featherstonehaugh", roles, OPERATOR)
    secret = people.make_link(on_air.database, on_air.ring, who, "everything", OPERATOR)
    return f"/sign-in/with/{secret}", email


@pytest.fixture
def colleague(with_a_list: OnAir) -> Colleague:
    keep(
        with_a_list.database,
        [CollectionEntry(code="repairs", name="Repairs of kitchens", outlet="Market Hall")],
    )
    roles = (Role.ADMINISTRATOR, Role.GOVERNANCE, Role.SUPERVISOR, Role.KEYER, Role.FRONTLINE)
    roles += (Role.COORDINATOR,)
    return Colleague(with_a_list.app, *roles, name=f"Zoë Example {next(NUMBER)}")


@pytest.fixture
def office(browser: Browser, on_air: OnAir, colleague: Colleague) -> Iterator[Page]:
    """A window in which somebody is signed in."""
    with window(browser, on_air) as page:
        page.context.add_cookies([{"name": COOKIE, "value": colleague.secret, "url": on_air.address}])
        yield page


def wrong_here(page: Page, name: str) -> list[str]:
    """What is wrong with the page on a phone and on a desk: axe, and scrolling to the side."""
    found = []
    page.wait_for_load_state()  # the button that was pressed last may have only begun to lead here
    for viewport in (PHONE, DESK):
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > viewport["width"]:
            found.append(f"{name}: {width} px wide in {viewport['width']} px")
        found += [f"{name}, {viewport['width']} px: {one}" for one in axe_violations(page)]
    return found


def test_pages_of_the_office_are_fit_for_all(office: Page, colleague: Colleague) -> None:
    wrong = []
    for path in pages_of(colleague):
        office.goto(path)
        wrong += wrong_here(office, path)
    office.goto("/staff/people")
    office.get_by_role("button", name="Add").click()
    assert office.get_by_role("alert").is_visible()
    wrong += wrong_here(office, "people with an error")
    office.goto(f"/staff/people/{colleague.reference}")
    office.get_by_role("button", name="Link for password and phone").click()
    assert office.get_by_text("/sign-in/with/").is_visible()
    wrong += wrong_here(office, "a link")
    office.goto("/staff/collections")
    office.get_by_role("button", name="Add").click()
    assert office.get_by_role("alert").is_visible()
    wrong += wrong_here(office, "collections with errors")
    assert not wrong, "\n".join(wrong)


OUT_OF_ORDER = """() => {
  const shown = [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
    .filter(one => one.tabIndex >= 0 && one.type !== "hidden" && one.getClientRects().length)
    .filter(one => !one.closest("dialog, .govuk-skip-link, .govuk-visually-hidden"));
  const boxes = shown.map(one => one.getBoundingClientRect());
  return shown.slice(1).filter((one, place) => {
    const [before, here] = [boxes[place], boxes[place + 1]];
    return here.bottom < before.top + 2 && here.left < before.right;  // above it, and in no column after it
  }).map(one => one.outerHTML.slice(0, 120));
}"""


def test_the_keys_go_through_a_page_in_the_order_in_which_it_is_read(
    office: Page, colleague: Colleague
) -> None:
    wrong = {}
    for path in pages_of(colleague):
        office.goto(path)
        for viewport in (PHONE, DESK):
            office.set_viewport_size(viewport)  # type: ignore[arg-type]
            if found := office.evaluate(OUT_OF_ORDER):
                wrong[path, viewport["width"]] = found
    assert not wrong, wrong
    office.goto("/staff/me")
    office.evaluate("document.querySelector('main a, main button').style.translate = '0 -3000px'")
    assert office.evaluate(OUT_OF_ORDER), "it would be found"


OPENED = "document.querySelectorAll('details').forEach(one => { one.open = true })"
"""What stands behind a summary is looked at too."""


def test_pages_of_cases_are_fit_for_all(browser: Browser, on_air: OnAir) -> None:
    """None is too wide for a phone; of each kind, axe and the order of the keys."""
    wrong, every = [], caseload.pages(on_air.app)
    of_each = {seen.name for seen in kinds(every)}
    assert len(every) > 50 and len(of_each) > 15
    with window(browser, on_air) as page:
        loader = Loader(page, on_air)
        for seen in every:
            page.set_viewport_size(PHONE)  # type: ignore[arg-type]
            loader.load(seen).evaluate(OPENED)
            if seen.name in of_each:
                wrong += wrong_here(page, seen.name)
                wrong += [f"{seen.name}: {one}" for one in page.evaluate(OUT_OF_ORDER)]
            elif page.evaluate("document.documentElement.scrollWidth") > PHONE["width"]:
                wrong.append(f"{seen.name} is too wide")
    assert not wrong, "\n".join(wrong)


def test_pages_of_helping_and_keying_are_fit_for_all(office: Page, on_air: OnAir) -> None:
    """From the words to read aloud to the code; from practice to a keyed paper, one with an error."""
    wrong = []
    office.goto("/staff/for-someone")
    office.get_by_role("button", name="Continue").click()
    wrong += wrong_here(office, "phone with an error")
    office.get_by_label("About you").check()
    office.get_by_label("By phone").check()
    office.get_by_label("Language of the person").select_option("ur")
    office.get_by_role("button", name="Continue").click()
    wrong += wrong_here(office, "read aloud")
    office.get_by_label("The person has heard this and agrees to answer").check()
    office.get_by_role("button", name="Begin").click()
    office.wait_for_url("**/staff/for-someone/*")
    while not office.url.endswith("/check"):
        wrong += wrong_here(office, office.url.rpartition("/")[2])
        here = office.url
        options = office.get_by_role("radio").or_(office.get_by_role("checkbox"))
        if options.count():
            options.first.check()
        office.locator(".p-actions button[value=next]").click()
        office.wait_for_url(lambda url, before=here: url != before)
    wrong += wrong_here(office, "read back")
    office.get_by_role("button", name="Send").click()
    office.wait_for_url("**/sent")
    wrong += wrong_here(office, "code of a person")
    office.goto("/staff/practice")
    office.get_by_label("Language of the paper").select_option("ur")
    office.get_by_role("button", name="Practise").click()
    wrong += wrong_here(office, "score")
    office.get_by_role("button", name="Key ").first.click()
    office.wait_for_url("**/staff/paper-in/*/*")
    wrong += wrong_here(office, "a made-up paper")
    office.keyboard.press("F9")
    office.get_by_role("alert").wait_for()
    wrong += wrong_here(office, "a made-up paper with errors")
    assert not wrong, "\n".join(wrong)


def test_a_made_up_paper_is_beside_its_fields_and_below_them_in_a_narrow_window(office: Page) -> None:
    office.set_viewport_size(DESK)  # type: ignore[arg-type]
    office.goto("/staff/practice")
    office.get_by_label("Language of the paper").select_option("ur")
    office.get_by_role("button", name="Practise").click()
    office.get_by_role("button", name="Key ").first.click()
    office.wait_for_url("**/staff/paper-in/*/*")
    paper, fields = office.get_by_role("region", name="Made-up paper"), office.locator("#keying")
    there, here = paper.bounding_box(), fields.bounding_box()
    assert there and here and there["x"] >= here["x"] + here["width"] and there["y"] == here["y"]
    office.locator(".k-field").last.focus()
    there = paper.bounding_box()
    assert there and 0 <= there["y"] < 100, "it stays in sight"
    office.set_viewport_size(PHONE)  # type: ignore[arg-type]
    there, here = paper.bounding_box(), fields.bounding_box()
    assert there and here and there["y"] >= here["y"] + here["height"]


def test_pages_of_signing_in_are_fit_for_all(browser: Browser, on_air: OnAir) -> None:
    link, email = link_for(on_air, Role.KEYER)
    wrong = []
    with window(browser, on_air) as page:
        page.goto(link)
        wrong += wrong_here(page, "join")
        secret = page.locator("form code").inner_text()
        page.get_by_label("New password").fill(PASSWORD)
        page.get_by_role("button", name="Continue").click()
        wrong += wrong_here(page, "join with an error")
        page.get_by_label("New password").fill(PASSWORD)
        page.get_by_label("The same password again").fill(PASSWORD)
        page.get_by_label("6 digits from the app").fill(pyotp.TOTP(secret).at(clock.now()))
        page.get_by_role("button", name="Continue").click()
        wrong += wrong_here(page, "codes")
        page.get_by_role("button", name="Sign out").click()
        wrong += wrong_here(page, "out")
        page.goto("/sign-in")
        wrong += wrong_here(page, "sign-in")
        page.get_by_label("Email address").fill(email)
        page.get_by_role("button", name="Sign in").click()
        wrong += wrong_here(page, "sign-in with an error")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        wrong += wrong_here(page, "code")
        page.goto(link)
        wrong += wrong_here(page, "a used link")
    assert not wrong, "\n".join(wrong)


def test_somebody_signs_in_with_the_keyboard_alone(browser: Browser, on_air: OnAir) -> None:
    link, email = link_for(on_air, Role.KEYER)
    with window(browser, on_air) as page:
        page.goto(link)
        secret = page.locator("form code").inner_text()
        tab_to(page, "password")
        page.keyboard.type(PASSWORD)
        tab_to(page, "again")
        page.keyboard.type(PASSWORD)
        tab_to(page, "code")
        page.keyboard.type(pyotp.TOTP(secret).at(clock.now()))
        page.keyboard.press("Enter")
        page.wait_for_url("**/staff/codes")
        code = page.locator(".p-codes code").first.inner_text()
        press(page, "Sign out")
        page.wait_for_url("**/sign-in/out")
        page.goto("/sign-in")
        tab_to(page, "email")
        page.keyboard.type(email)
        tab_to(page, "password")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/sign-in/code")
        tab_to(page, "code")
        page.keyboard.type(code)
        press(page, "Continue")
        page.wait_for_url("**/staff")
        assert page.get_by_role("heading", name="Home").is_visible()


def tab_to(page: Page, name: str) -> None:
    """Press the tab key until the field of this id has the focus."""
    for _press in range(40):
        if page.evaluate("document.activeElement.id") == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the tab key never reaches {name}")


def press(page: Page, label: str) -> None:
    """Go to the button with the tab key and press it."""
    for _press in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText") == label:
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"the tab key never reaches {label}")


def test_before_a_sign_in_ends_one_press_extends_it(office: Page) -> None:
    office.clock.install()
    office.goto("/staff/me")
    dialog = office.get_by_role("dialog")
    office.clock.fast_forward("12:30")
    assert not dialog.is_visible()
    office.clock.fast_forward("00:45")
    assert dialog.is_visible()
    assert not axe_violations(office)
    assert office.evaluate("document.activeElement.id") == "stay"
    with office.expect_response("**/staff/stay") as answer:
        office.keyboard.press("Enter")
    assert answer.value.status == 200
    dialog.wait_for(state="hidden")
    office.clock.fast_forward("12:30")
    assert not dialog.is_visible()
    office.clock.fast_forward("00:45")
    assert dialog.is_visible(), "and asks again when the next quarter of an hour is over"


def test_who_is_signed_out_meanwhile_is_told_so_and_keeps_what_was_typed(
    browser: Browser, on_air: OnAir, colleague: Colleague
) -> None:
    context = browser.new_context(base_url=on_air.address)  # its 403 is complained of, as it should be
    page = context.new_page()
    context.add_cookies([{"name": COOKIE, "value": colleague.secret, "url": on_air.address}])
    page.clock.install()
    page.goto("/staff/people")
    page.get_by_label("Name").fill("Half a name")
    who = colleague.reference
    signing_in.end_everywhere(on_air.database, on_air.ring, who, who)
    page.clock.fast_forward("14:00")
    page.get_by_role("button", name="Stay signed in").click()
    page.get_by_text("You are signed out. Sign in again in another window").wait_for()
    assert page.get_by_role("dialog").is_visible()
    page.keyboard.press("Escape")
    assert page.get_by_label("Name").input_value() == "Half a name"
    context.close()


def test_the_sheet_of_languages_prints_on_a_page_or_two_without_what_is_for_the_screen(
    office: Page, on_air: OnAir
) -> None:
    office.goto(f"{on_air.address}/staff/point")
    margins = dict.fromkeys(("top", "bottom", "left", "right"), "10mm")
    with PdfDocument(office.pdf(format="A4", margin=margins)) as printed:
        assert len(printed) <= 2
        words = "".join(page.get_textpage().get_text_range() for page in printed)
    assert "Albanian" in words and "Yoruba" in words and "Proszę wskazać" in words
    assert "Sign out" not in words and "Keying errors" not in words and "Print this page" not in words
    office.set_viewport_size({"width": 320, "height": 640})
    names = office.locator(".p-point__name")
    assert names.count() > 60
    too_wide = names.evaluate_all("all => all.filter(one => one.scrollWidth > one.clientWidth).length")
    assert too_wide == 0
