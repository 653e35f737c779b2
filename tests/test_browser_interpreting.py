"""From "I need Pahari, a woman, on that day" in Punjabi to somebody who comes, and how it was."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from portal import clock
from portal.accounts.guard import COOKIE
from portal.accounts.roles import Role
from portal.intake.models import Submission
from portal.interpreting.models import Assignment, Request
from tests.bookings import ASKS, CANARIES, Desk
from tests.browsing import DESK, PHONE, OnAir, axe_violations, window
from tests.staff import Colleague, Own

pytestmark = pytest.mark.browser
NAMES = ("Nasreen", "Bushra")
ANSWERS = {**ASKS, "about": ("rent",), "reach": ("phone",), "voicemail": ("no",)}


@contextmanager
def signed_in(browser: Browser, on_air: OnAir, who: Colleague, size: dict[str, int]) -> Iterator[Page]:
    with window(browser, on_air, True, size) as page:
        page.context.add_cookies([{"name": COOKIE, "value": who.secret, "url": on_air.address}])
        yield page


def fill(page: Page, day: str) -> None:
    """Answer the page that is open, as ANSWERS say, and press on."""
    answers = {**ANSWERS, "window.1.day": (day,)}
    for control in page.locator("main input:not([type=hidden]), main textarea").all():
        name, value = str(control.get_attribute("name")), control.get_attribute("value")
        key, _dash, part = name.partition("-")
        wanted = answers.get(key, ())
        if control.get_attribute("type") in ("radio", "checkbox"):
            if value in wanted:
                control.check()
        elif wanted:
            year, month, number = [*wanted[0].split("-"), "", ""][:3] if part else ("", "", "")
            control.fill({"day": number, "month": month, "year": year}[part] if part else wanted[0])
    page.locator("main form .govuk-button:not(.govuk-button--secondary)").first.click()


def asked_in_punjabi(page: Page, day: str) -> str:
    """Somebody asks, without script, on a small phone; gives the code that they write down."""
    page.goto("/pa/interpreter")
    page.locator("main form .govuk-button").first.click()
    while not page.url.endswith("/check"):
        before = page.url
        fill(page, day)
        assert page.url != before, page.locator("main").inner_text()
    assert CANARIES[0] in page.locator("main").inner_text()
    page.locator("main form .govuk-button").first.click()
    expect(page).to_have_url(re.compile("/pa/interpreter/sent$"))
    return "".join(page.locator(".p-receipt__code span").all_inner_texts())


def fetched(address: str) -> dict[str, str]:
    """The first event of a calendar feed, as its lines say it."""
    with urllib.request.urlopen(address, timeout=10) as response:
        lines = response.read().decode().replace("\r\n ", "").split("\r\n")
    event = lines[lines.index("BEGIN:VEVENT") : lines.index("END:VEVENT")]
    return dict(line.partition(":")[::2] for line in event)


def test_from_asking_in_punjabi_to_how_it_was(browser: Browser, on_air: OnAir) -> None:
    desk = Desk(on_air.database, on_air.ring)
    day = clock.working_days_after(clock.today(), 6)
    later = clock.working_days_after(day, 1)
    coordinator = Colleague(on_air.app, Role.COORDINATOR, name="Cora journey")
    people = [Own(on_air.app, desk, name=f"{name} journey", listed=False) for name in NAMES]
    for one, name in zip(people, NAMES, strict=True):
        one.id = desk.interpreter("phr", account=one.reference, name=name)
    with ExitStack() as open_:
        tenant = open_.enter_context(window(browser, on_air, False, PHONE))
        office = open_.enter_context(signed_in(browser, on_air, coordinator, DESK))
        phones = [open_.enter_context(signed_in(browser, on_air, one, PHONE)) for one in people]

        code = asked_in_punjabi(tenant, day.isoformat())
        with on_air.database.read() as connection:
            newest = select(Request.reference).order_by(Request.received.desc(), Request.reference)
            reference = connection.execute(newest.where(Request.language == "pa")).scalars().first()
        assert reference

        office.goto(f"/staff/interpreting/{reference}")
        assert CANARIES[0] not in office.content()
        office.get_by_label("What is it about?").select_option(label="Repairs, inspection (tier 3)")
        office.get_by_role("button", name="Ready to be offered").click()
        office.goto(f"/staff/interpreting/{reference}/people")
        assert axe_violations(office) == []
        for name in NAMES:
            office.get_by_role("checkbox", name=name).check()
        office.get_by_role("radio", name=re.compile("at once: the first who accepts")).check()
        office.get_by_role("button", name="Offer it").click()
        assert desk.state(reference) == "offering"

        for phone in phones:
            phone.goto("/interpreters")
            phone.locator("main .p-choices a[href*='/offers/']").first.click()
            assert CANARIES[0] not in phone.content() and CANARIES[2] not in phone.content()
        for phone in phones:  # both press before either has an answer
            phone.get_by_role("button", name="Accept").click(no_wait_after=True)
        for phone in phones:
            phone.wait_for_url(re.compile("/bookings/|/accept$"))
        won = [phone for phone in phones if "/bookings/" in phone.url]
        lost = [phone for phone in phones if phone not in won]
        assert len(won) == len(lost) == 1
        expect(lost[0].get_by_text("This job has just been filled")).to_be_visible()
        winner = people[phones.index(won[0])]
        won[0].get_by_role("button", name="I do not know this person").click()
        assert desk.state(reference) == "confirmed"
        booking = won[0].url

        won[0].goto("/interpreters/calendar")
        won[0].get_by_role("button", name="Make a new address").click()
        address = won[0].locator("code").inner_text()
        before = fetched(address)
        assert before["STATUS"] == "CONFIRMED" and day.strftime("%Y%m%dT100000") in "".join(before.values())

        tenant.goto("/pa/reply")
        tenant.locator("main input[type=text]").fill(code)
        tenant.locator("main form .govuk-button").first.click()
        expect(tenant.get_by_text(NAMES[people.index(winner)])).to_be_visible()

        office.goto(f"/staff/interpreting/{reference}/people")
        for part, value in zip(("day", "month", "year"), (later.day, later.month, later.year), strict=True):
            office.locator(f"input[name$='-{part}']").first.fill(str(value))
        office.get_by_role("button", name="Move it").click()
        assert desk.state(reference) == "offering", "another day: who was booked is asked first"
        cancelled = fetched(address)
        assert (cancelled["UID"], cancelled["STATUS"]) == (before["UID"], "CANCELLED")
        assert int(cancelled["SEQUENCE"]) > int(before["SEQUENCE"])
        won[0].goto("/interpreters")
        won[0].locator("main .p-choices a[href*='/offers/']").first.click()
        won[0].get_by_role("button", name="Accept").click()
        won[0].get_by_role("button", name="I do not know this person").click()
        assert desk.state(reference) == "confirmed" and won[0].url != booking

        tenant.goto("/pa/your-view")
        tenant.locator("main form .govuk-button").first.click()
        while not tenant.url.endswith("/check"):
            first = tenant.locator("main input[type=radio]")
            if first.count():
                first.first.check()
            tenant.locator("main form .govuk-button:not(.govuk-button--secondary)").first.click()
        tenant.locator("main form .govuk-button").first.click()
        expect(tenant).to_have_url(re.compile("/pa/your-view/sent$"))
    with on_air.database.read() as connection:
        survey = select(func.count()).select_from(Submission).where(Submission.form == "survey")
        assert connection.execute(survey).scalar_one() >= 1
        live = select(func.count()).select_from(Assignment).where(Assignment.state != "released")
        assert connection.execute(live.where(Assignment.interpreter == winner.id)).scalar_one() == 1


def test_an_interpreter_too_extends_a_sign_in_before_it_ends(browser: Browser, on_air: OnAir) -> None:
    who = Own(on_air.app, Desk(on_air.database, on_air.ring), name="Shamim")
    with signed_in(browser, on_air, who, PHONE) as page:
        page.clock.install()
        page.goto("/interpreters/times")
        assert page.get_by_text("you are signed in until").is_visible()
        page.clock.fast_forward("13:15")
        dialog = page.get_by_role("dialog")
        assert dialog.is_visible() and not axe_violations(page)
        with page.expect_response("**/staff/stay") as answer:
            page.get_by_role("button", name="Stay signed in").click()
        assert answer.value.status == 200
        dialog.wait_for(state="hidden")
        page.clock.fast_forward("12:30")
        assert not dialog.is_visible()
