"""Keying in a browser: few key presses, none of them twice, nothing answered by accident."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from portal import references
from portal.accounts import signing_in
from portal.accounts.guard import COOKIE
from portal.accounts.roles import Role
from portal.forms import EQUALITY, FORMS
from portal.keying import passes
from portal.keying.batches import NewBatch, find, form_of, open_batch
from portal.keying.models import Pass
from portal.questions import Choice, Form, Option
from portal.questions import as_written as w
from portal.questions.keying import keys_of, to_key
from tests.browsing import DESK, OnAir, axe_violations, window
from tests.staff import Colleague

pytestmark = pytest.mark.browser

EIGHT = Form(
    key="eight",
    edition="1",
    address="eight",
    title=w("Eight questions"),
    purpose=w("A form of a test"),
    parts=tuple(
        Choice(
            key=f"q{number}",
            text=w(f"Question {number}?"),
            options=tuple(Option(f"o{n}", w(f"Answer {n}")) for n in range(1, 13 if number == 4 else 6)),
        )
        for number in range(1, 9)
    ),
)
"""Eight single choices, one of them with two-digit codes."""


@pytest.fixture
def office(on_air: OnAir) -> Iterator[OnAir]:
    """The portal on the air, with a form that exists only here."""
    before = on_air.app
    on_air.app = on_air.portal((*FORMS, EIGHT))
    yield on_air
    on_air.app = before


class Desk:
    """A keyer at a screen, with one paper in hand."""

    def __init__(self, office: OnAir, page: Page, form: Form, language: str, *, sheets: int = 1) -> None:
        self.office = office
        self.page = page
        self.form = form
        who = Colleague(office.app, Role.KEYER, name=f"keyer {references.new()}")
        self.keyer = who.reference
        page.context.add_cookies([{"name": COOKIE, "value": who.secret, "url": office.address}])
        new = NewBatch(
            form=form.key,
            edition=form.edition,
            variants=form.variants,
            language=language,
            source="post",
            collection=None,
            received=date(2026, 11, 16),
            declared=sheets,
        )
        self.batch = open_batch(office.database, office.ring, new, who.reference)
        self.sheet = references.new()
        self.presses = 0

    def scan(self, sheet: str = "") -> None:
        """Scan the code of a paper: the scanner types it and Enter."""
        self.sheet = sheet or self.sheet
        self.page.goto(f"/staff/paper-in/{self.batch}")
        expect(self.page.get_by_label("Reference of the next paper")).to_be_focused()
        self.page.keyboard.type(self.sheet)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(f"**/{self.sheet}")
        expect(self.page.locator(".k-field[autofocus]")).to_be_focused()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.presses += 1

    def focused(self) -> str:
        return str(self.page.evaluate("document.activeElement.id || document.activeElement.value"))

    def stored(self) -> dict[str, Any]:
        """What the database holds of this paper's keying."""
        with self.office.database.read() as connection:
            row = connection.execute(select(*Pass.__table__.columns).where(Pass.sheet == self.sheet)).one()
        return {"saved": row.saved, **passes.opened(self.office.ring, row)}


@contextmanager
def at_desk(
    browser: Browser, office: OnAir, form: Form, language: str = "ur", script: bool = True
) -> Iterator[Desk]:
    with window(browser, office, script, DESK) as page:
        yield Desk(office, page, form.here(office=True), language, sheets=3)


DIGITS = ("1", "2", "3", "0", "7", "4", "5", "1", "2")
ANSWERS = {f"q{n}": (f"o{o}",) for n, o in zip(range(1, 9), (1, 2, 3, 7, 4, 5, 1, 2), strict=True)}


def test_a_form_of_eight_choices_takes_at_most_twelve_key_presses(browser: Browser, office: OnAir) -> None:
    with at_desk(browser, office, EIGHT) as desk:
        desk.scan()
        assert desk.focused() == "q1"
        desk.press(*DIGITS)
        desk.press("Enter")
        desk.page.wait_for_url(f"**/{desk.batch}")
        assert desk.stored() == {"saved": True, **ANSWERS}
        assert desk.presses == 10 <= 12


def test_without_script_the_same_digits_do(browser: Browser, office: OnAir) -> None:
    with at_desk(browser, office, EIGHT, script=False) as desk:
        desk.scan()
        for digits in ("1", "2", "3", "07", "4", "5", "1", "2"):
            desk.press(*digits, "Tab")
        desk.press("Enter")
        desk.page.wait_for_url(f"**/{desk.batch}")
        assert desk.stored() == {"saved": True, **ANSWERS}
        print(f"eight choices without script: {desk.presses} key presses")


def test_a_held_key_answers_one_question(browser: Browser, office: OnAir) -> None:
    with at_desk(browser, office, EIGHT) as desk:
        desk.scan()
        for _repeat in range(20):
            desk.page.keyboard.down("1")  # the second one and the following say that they repeat
        assert desk.focused() == "q2" and desk.page.locator("#q2").input_value() == ""
        desk.page.keyboard.up("1")
        desk.press("1")
        assert desk.focused() == "q3"


def test_a_held_enter_ends_one_question_and_saves_nothing(browser: Browser, office: OnAir) -> None:
    with at_desk(browser, office, EIGHT) as desk:
        desk.scan()
        desk.press(*DIGITS[:-1])
        desk.page.locator("#q8").fill("9")
        for _repeat in range(10):
            desk.page.keyboard.down("Enter")
        desk.page.keyboard.up("Enter")
        assert desk.page.url.endswith(desk.sheet) and not desk.stored()["saved"]


def test_nothing_typed_is_no_blank_and_a_wrong_digit_is_refused_in_place(
    browser: Browser, office: OnAir
) -> None:
    with at_desk(browser, office, EIGHT) as desk:
        desk.scan()
        desk.press("Enter")
        assert desk.focused() == "q1"
        desk.press("9")
        assert desk.focused() == "q1"
        desk.press("3")  # replaces the wrong digit, which is selected
        assert desk.focused() == "q2" and desk.page.locator("#q1").input_value() == "3"
        desk.press(".")
        assert desk.focused() == "q3"
        desk.press("F9")
        assert "Key this answer" in desk.page.locator(".govuk-error-summary").inner_text()
        assert desk.focused() == "q3" and desk.page.locator("#q1").input_value() == "3"
        assert desk.page.locator("#q2").input_value() == "."
        assert axe_violations(desk.page) == []


def test_backspace_and_the_arrow_go_back_and_escape_twice_leaves(browser: Browser, office: OnAir) -> None:
    with at_desk(browser, office, EIGHT) as desk:
        desk.scan()
        desk.press("1", "2", "Backspace")
        assert desk.focused() == "q2"
        desk.press("ArrowUp")
        assert desk.focused() == "q1"
        desk.press("Escape", "Escape")
        desk.page.wait_for_url(f"**/{desk.batch}")
        desk.scan(desk.sheet)
        assert desk.page.locator("#q1").input_value() == "1"
        assert desk.page.locator("#q2").input_value() == "2", "what was keyed is kept"


@pytest.mark.parametrize("digit", ["۳", "੩", "3"])
def test_a_digit_of_any_script_without_a_key_counts(browser: Browser, office: OnAir, digit: str) -> None:
    with at_desk(browser, office, EIGHT) as desk:
        desk.scan()
        desk.page.keyboard.insert_text(digit)  # as an input method does: no key comes
        expect(desk.page.locator("#q2")).to_be_focused()
        desk.press("2", "1", "0", "1", "1", "1", "1", "1", "Enter")
        desk.page.wait_for_url(f"**/{desk.batch}")
        assert desk.stored()["q1"] == ("o3",)


def test_the_whole_equality_form_can_be_keyed_by_keys_alone(browser: Browser, office: OnAir) -> None:
    equality = replace(EQUALITY).here(office.app.extensions["portal"].settings.variants, office=True)
    with at_desk(browser, office, equality) as desk:
        with office.database.read() as connection:
            form = form_of(office.app.extensions["portal"].forms, find(connection, desk.batch))
        assert form
        answers = {
            question.key: (question.known[0].code,) if isinstance(question, Choice) else ()
            for question in form.questions
        }
        wanted = {key: answer for key, answer in form.kept(answers).items()}
        desk.scan()
        for question in to_key(form, answers):
            expect(desk.page.locator(f"[id='{question.key}']")).to_be_focused()
            keys = keys_of(question, wanted[question.key])
            many = isinstance(question, Choice) and question.many
            desk.press(*keys, *(["Enter"] if many or question.kind == "text" else []))
        assert axe_violations(desk.page) == []
        desk.press("F9")
        desk.page.wait_for_url(f"**/{desk.batch}")
        assert desk.stored() == {"saved": True, **wanted}
        print(f"the equality form: {desk.presses} key presses for {len(wanted)} answers")
        signing_in.end_old(office.database)
