"""An officer deals with a hate crime, from the first reading to the end, and one time limit is missed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
import time_machine
from playwright.sync_api import Browser, Locator, Page, expect

from portal import clock
from portal.accounts.guard import COOKIE
from portal.accounts.roles import Role
from portal.incidents import agencies, interpreters, moving, surveys, timing, watching
from portal.incidents.agencies import Agreed
from portal.incidents.packs import Field
from tests.browsing import DESK, OnAir, axe_violations, window
from tests.shares import CANARIES, EVERYTHING, OFFICER, Sharers
from tests.staff import Colleague

pytestmark = pytest.mark.browser

TOLD_US, NEXT_DAY, CLOSED = "2026-11-18T10:00:00Z", "2026-11-19T16:30:00Z", "2026-11-27T11:00:00Z"
"""A Wednesday; the day after, when the graffiti should have been gone for six hours; a Friday."""
NAME, PHONE, _EMAIL, NARRATIVE = CANARIES
GRAFFITI = "Remove offensive graffiti"


class Window:
    """Somebody who works here, in a browser window of their own."""

    def __init__(self, page: Page, on_air: OnAir, who: Colleague) -> None:
        self.page = page
        self.on_air = on_air
        self.who = who
        self.come_in()

    def come_in(self) -> None:
        """Sign in anew: time has passed."""
        self.who.come_in()
        cookie = {"name": COOKIE, "value": self.who.secret, "url": self.on_air.address}
        self.page.context.add_cookies([cookie])

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def block(self, code: str) -> Locator:
        """What is asked before a step, unfolded."""
        others = self.page.locator("#others")
        if others.locator(f"#do-{code}").count() and others.get_attribute("open") is None:
            others.locator("summary").first.click()
        found = self.page.locator(f"#do-{code}")
        if found.get_attribute("open") is None:
            found.locator("summary").first.click()
        return found


@contextmanager
def at_work(browser: Browser, on_air: OnAir, name: str, role: Role) -> Iterator[Window]:
    who = Colleague(on_air.app, role, name=name)
    with window(browser, on_air, True, DESK) as page:
        yield Window(page, on_air, who)


def agreed(on_air: OnAir) -> None:
    """The police may have everything but people's own words."""
    with on_air.database.read() as connection:
        found = agencies.find(connection, "police")
    fields = frozenset(EVERYTHING - {Field.NARRATIVE})
    agreement = Agreed("ISA 7", "link", "safe@agency.example", "01332 000111", fields)
    version = found.version if found else 0
    assert agencies.put(on_air.database, on_air.ring, "police", agreement, version, OFFICER)


def test_from_the_first_reading_to_the_survey(browser: Browser, on_air: OnAir) -> None:
    with time_machine.travel(TOLD_US, tick=False) as time, ExitStack() as open_:
        agreed(on_air)
        sharers = Sharers(on_air.database, on_air.ring)
        report = sharers.tells(
            {"police": "yes_named"},
            acts=("verbal_abuse", "graffiti"),
            repairs_urgent=("graffiti_offensive",),
            need=("interpreter",),
            speak=("urd",),
            gender=("woman",),
            interview_place=("office",),
        )
        case = sharers.case_of(report)
        officer = open_.enter_context(at_work(browser, on_air, "Olive of the case", Role.CASE_OFFICER))
        manager = open_.enter_context(at_work(browser, on_air, "Mona of the case", Role.CASE_MANAGER))
        coordinator = open_.enter_context(at_work(browser, on_air, "Cora of the case", Role.COORDINATOR))

        is_read_and_acknowledged(officer, case)
        an_interpreter_is_asked_for(coordinator, on_air, report)
        the_police_are_told(officer, browser, on_air, case)

        time.move_to(NEXT_DAY)
        for one in (officer, manager):
            one.come_in()
        watching.watch(on_air.database, on_air.ring, lambda done, of: None)
        a_limit_was_missed(manager, officer, on_air, case)
        is_done(officer, case)

        time.move_to(CLOSED)
        for one in (officer, manager):
            one.come_in()
        a_second_person_closes_it(officer, manager, on_air, case)

        ended = clock.seconds()
        time.move_to(clock.moment(ended + surveys.AFTER - 60))
        assert case not in asked_about(on_air)
        time.move_to(clock.moment(ended + surveys.AFTER))
        assert case in asked_about(on_air), "how was it? four weeks later, once"
        with on_air.database.read() as connection:
            assert connection.execute(surveys.DONE, {"of": case}).first(), "something was done"


def is_read_and_acknowledged(officer: Window, case: str) -> None:
    """From the list of what nobody has taken on to an arranged talk, with an interpreter."""
    page = officer.page
    page.goto("/staff/cases?show=nobody")
    assert axe_violations(page) == []
    page.locator(f"main a[href='/staff/cases/{case}']").click()
    expect(page.get_by_text("Somebody thinks that it was.").first).to_be_visible()
    assert not any(canary in page.content() for canary in CANARIES)
    assert axe_violations(page) == []
    officer.press("Show what was told and written down")
    expect(page.get_by_text(NARRATIVE).first).to_be_visible()
    assert NAME not in page.content()
    page.goto(f"/staff/cases/{case}")
    block = officer.block("triage")
    block.get_by_label("Who deals with it").select_option(label="Olive of the case")
    block.get_by_label("B: anything else").check()
    block.locator("button[name=go]").click()
    officer.press("I have acknowledged it")
    block = officer.block("arrange")
    block.get_by_label("Yes", exact=True).check()
    block.locator("button[name=go]").click()
    expect(page.get_by_text("A talk is arranged").first).to_be_visible()


def an_interpreter_is_asked_for(coordinator: Window, on_air: OnAir, report: str) -> None:
    """The report has asked for one by itself. Whoever looks for one learns nothing of what was told."""
    with on_air.database.read() as connection:
        [request] = interpreters.of_report(connection, report)
    page = coordinator.page
    page.goto(f"/staff/interpreting/{request.reference}")
    assert axe_violations(page) == []
    coordinator.press("Show name, place and words")
    expect(page.locator("main")).to_contain_text(NAME)
    assert NARRATIVE not in page.content() and report not in page.content()
    known = " ".join(page.locator("main .govuk-summary-list").all_inner_texts())
    assert NAME in known and not re.search(r"\bhate|graffiti|harass|abuse", known, re.IGNORECASE)


def the_police_are_told(officer: Window, browser: Browser, on_air: OnAir, case: str) -> None:
    """With her yes: chosen field by field, looked at, sent by a link that opens once."""
    page, place = officer.page, f"/staff/cases/{case}/sharing"
    page.goto(place)
    assert axe_violations(page) == []
    page.get_by_label("Organisation", exact=True).select_option(label="The police")
    officer.press("Choose what to send")
    assert page.get_by_label("What happened, in the person’s words").count() == 0, "never agreed"
    page.get_by_label("What we ask them to do").fill("Please take a statement, with an interpreter")
    officer.press("Look at it first")
    expect(page.get_by_text(NAME).first).to_be_visible()
    officer.press("Send it")
    link = page.locator("main code").inner_text()
    code = re.search(r"\b\d{4} \d{4}\b", page.locator("main").inner_text())
    assert code is not None
    with window(browser, on_air) as police:
        police.goto(link)
        assert NAME not in police.content() and axe_violations(police) == []
        police.get_by_label("Code of 8 digits").fill(code[0])
        police.get_by_role("button", name="Open").click()
        expect(police.get_by_text("Please take a statement").first).to_be_visible()
        expect(police.get_by_text(NAME).first).to_be_visible()
        assert NARRATIVE not in police.content()
        police.get_by_label("What you do about it, if you know already").select_option(
            label="They help the person"
        )
        police.get_by_label("Anything that we should know").fill("Crime number canary 77")
        police.get_by_role("button", name="We have it").click()
        expect(police).to_have_url(re.compile("/handover/thanks$"))
    page.goto(place)
    expect(page.get_by_text(re.compile("They said on")).first).to_be_visible()
    assert "canary 77" not in page.content()


def a_limit_was_missed(manager: Window, officer: Window, on_air: OnAir, case: str) -> None:
    """The graffiti should have gone within a day. It stays a fact after it is gone."""
    with on_air.database.read() as connection:
        assert [row.clock for row in timing.breaches_of(connection, case)] == ["graffiti"]
    page = manager.page
    page.goto("/staff/cases/exceptions")
    assert axe_violations(page) == []
    link = page.locator(f"a[href='/staff/cases/{case}']")
    row = page.locator("main tr", has=link).filter(has_text=GRAFFITI)
    expect(row).to_contain_text("Not done yet")
    officer.page.goto(f"/staff/cases/{case}")
    officer.press("The graffiti is gone")
    expect(officer.page.get_by_text(re.compile(f"{GRAFFITI}: it was due on"))).to_be_visible()
    page.reload()
    expect(row).to_contain_text("6 h late")
    expect(row).not_to_contain_text("Not done yet")


def is_done(officer: Window, case: str) -> None:
    """The talk, the plan, a warning that stands on the tenancy, and word to the person."""
    page = officer.page
    officer.press("I have talked with the person")
    block = officer.block("note")
    block.get_by_label("What is it?").select_option(label="Decision")
    block.get_by_label("Words").fill("Canary decision: a camera at the door")
    block.locator("button[name=go]").click()
    assert "Canary decision" not in page.content()
    officer.press("A plan is agreed")
    block = officer.block("action")
    block.get_by_label("What was done").select_option(label="Written warning")
    block.get_by_label("Legal basis").select_option(label="Tenancy agreement")
    block.get_by_label("The person harmed was told", exact=True).check()
    block.locator("button[name=go]").click()
    expect(page.get_by_text("Written warning", exact=True).first).to_be_attached()
    officer.press("Something was done")
    officer.press("I have told the person how it goes")
    page.goto(f"/staff/cases/{case}/messages")
    page.get_by_label("Write to the person").fill("ہم نے انہیں خبردار کیا ہے۔")
    officer.press("Send")
    expect(page.locator("main")).to_contain_text("ہم نے انہیں خبردار کیا ہے۔")


def a_second_person_closes_it(officer: Window, manager: Window, on_air: OnAir, case: str) -> None:
    """Never its own officer."""
    officer.page.goto(f"/staff/cases/{case}")
    officer.press("Ask a second person to look at it")
    expect(officer.page.get_by_text("Closing it takes a second person")).to_be_visible()
    assert officer.page.locator("#do-close").count() == 0
    page = manager.page
    page.goto("/staff/cases?show=review")
    page.locator(f"main a[href='/staff/cases/{case}']").click()
    block = manager.block("close")
    assert axe_violations(page) == []
    block.get_by_label("Yes", exact=True).check()
    block.get_by_label("How the person was told what became of it, and how to ask again").select_option(
        label="A message that they read with their code"
    )
    block.get_by_label("Why", exact=True).select_option(label="Everything that was agreed is done")
    block.locator("button[name=go]").click()
    with on_air.database.read() as connection:
        row = moving.find(connection, case)
    assert row is not None
    assert (row.state, row.reason, row.reviewer) == ("closed", "action_done", manager.who.reference)
    assert row.officer == officer.who.reference


def asked_about(on_air: OnAir) -> list[str]:
    """The cases in which the survey is due now."""
    with on_air.database.read() as connection:
        due = {"before": clock.seconds() - surveys.AFTER}
        return list(connection.execute(surveys.DUE, due).scalars())
