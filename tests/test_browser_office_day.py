"""A whole day in the office: twenty Urdu forms given out, nineteen come back, are keyed and settled."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from portal.accounts.guard import COOKIE
from portal.accounts.roles import Role
from portal.analysis.export import Wanted, export
from portal.equality.collections import keep
from portal.forms import EQUALITY, FORMS
from portal.intake.models import Submission
from portal.keying.models import Pass, Sheet
from portal.paper.models import Paper
from portal.questions import Answer, Choice, Form, Notice
from portal.questions.inventing import invented
from portal.questions.keying import keys_of, to_key
from portal.settings import CollectionEntry
from portal.working import HANDLERS, do_one
from tests.browsing import DESK, OnAir, axe_violations, window
from tests.staff import Colleague

pytestmark = [pytest.mark.browser, pytest.mark.paper]

ISSUED, RETURNED, TYPED_WRONG = 20, 19, 4
PLACE = "surgery-in-may"


@contextmanager
def colleague(browser: Browser, office: OnAir, name: str, *roles: Role) -> Iterator[Page]:
    """Somebody who works here, in a window of their own, signed in for the day."""
    who = Colleague(office.app, *roles, name=name)
    with window(browser, office, True, DESK, accept_downloads=True) as page:
        page.context.add_cookies([{"name": COOKIE, "value": who.secret, "url": office.address}])
        yield page


def test_a_day_in_the_office(browser: Browser, on_air: OnAir, tmp_path: Path) -> None:
    keep(on_air.database, [CollectionEntry(code=PLACE, name="Surgery in May", kind="event")])
    form = EQUALITY.here(on_air.app.extensions["portal"].settings.variants, office=True)
    before = submissions(on_air)
    with ExitStack() as day:
        supervisor = day.enter_context(colleague(browser, on_air, "Sana day", Role.SUPERVISOR))
        keyer = day.enter_context(colleague(browser, on_air, "Kim day", Role.KEYER))
        second = day.enter_context(colleague(browser, on_air, "Second day", Role.KEYER))

        run = print_and_give_out(supervisor, on_air)
        papers = references_of(on_air, run)[:RETURNED]
        filled = {paper: on_paper(form, place) for place, paper in enumerate(papers)}

        batch = open_a_batch(supervisor, declared=ISSUED)
        for paper in papers:
            key(keyer, batch, paper, form, filled[paper])
        expect(keyer.get_by_text("0 of 20 are through.")).to_be_visible()
        assert axe_violations(keyer) == []

        # a new keyer's forms are all keyed again, by somebody else; four are keyed wrong this time
        slips = [paper for paper in papers if len(filled[paper]) > 3][:TYPED_WRONG]
        for paper in papers:
            answers = slip(form, filled[paper]) if paper in slips else filled[paper]
            key(second, batch, paper, form, answers)

        supervisor.goto("/staff")
        expect(supervisor.get_by_role("link", name="4 Papers with differences or questions")).to_be_visible()
        assert axe_violations(supervisor) == []
        for paper in slips:
            settle(supervisor, paper, form, filled[paper])

        close(supervisor, batch)
        assert_counted(supervisor, run)

    assert submissions(on_air) == before + RETURNED
    exported(on_air, tmp_path, form, list(filled.values()))
    with on_air.database.read() as connection:
        for table in (Pass, Sheet):
            found = connection.execute(select(func.count()).select_from(table)).scalar_one()
            held = connection.execute(select(Sheet.reference).where(Sheet.reference.in_(papers))).all()
            assert held == [] and found >= 0, "nothing leads from a paper to its answers"


def submissions(office: OnAir) -> int:
    with office.database.read() as connection:
        query = select(func.count()).select_from(Submission).where(Submission.collection == PLACE)
        return int(connection.execute(query).scalar_one())


def print_and_give_out(page: Page, office: OnAir) -> str:
    """Order twenty Urdu forms, let the worker make them, take the PDF, give them out; gives the run."""
    page.goto("/staff/paper-out")
    page.get_by_label("Form", exact=True).select_option(label="About you 2026-1")
    page.get_by_label("Language of the paper").select_option(label="Urdu")
    page.get_by_role("radio", name="Normal").check()
    page.get_by_role("radio", name="White").check()
    page.get_by_label("Given out by").select_option(label="Surgery in May")
    page.get_by_label("How many forms").fill(str(ISSUED))
    page.get_by_role("button", name="Order the forms").click()
    page.wait_for_url("**/staff/paper-out/*")
    run = page.url.partition("?")[0].rpartition("/")[2]
    ring, settings = office.ring, replace(office.settings, worker=False)
    while do_one(settings, office.database, ring, HANDLERS):
        pass
    page.goto(f"/staff/paper-out/{run}")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the PDF").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")
    page.goto(f"/staff/paper-out/{run}")
    page.get_by_label("How many forms were given out now").fill(str(ISSUED))
    page.get_by_role("button", name="Count them").click()
    return run


def references_of(office: OnAir, run: str) -> list[str]:
    with office.database.read() as connection:
        query = select(Paper.reference).where(Paper.run == run).order_by(Paper.serial)
        return list(connection.execute(query).scalars())


def on_paper(form: Form, place: int) -> dict[str, Answer]:
    """What somebody ticked: as the form leads, and now and then two ticks where one was asked for."""
    return form.kept(invented(form, random.Random(place)))


def slip(form: Form, answers: Mapping[str, Answer]) -> dict[str, Answer]:
    """The same paper with one answer keyed wrong: the last of one tick only."""
    question = [
        one
        for one, answer in form.reached(answers)
        if isinstance(one, Choice) and not one.many and answer and one.key not in form.exits
    ][-1]
    assert isinstance(question, Choice)
    other = next(option.code for option in question.known if (option.code,) != answers[question.key])
    return {**answers, question.key: (other,)}


def open_a_batch(page: Page, declared: int) -> str:
    page.goto("/staff/paper-in")
    page.get_by_label("Form", exact=True).select_option(label="About you 2026-1")
    page.get_by_label("Language of the paper").select_option(label="Urdu")
    page.get_by_role("radio", name="Post").check()
    page.get_by_label("Where we asked").select_option(label="Surgery in May")
    page.get_by_label("Day", exact=True).fill("16")
    page.get_by_label("Month", exact=True).fill("11")
    page.get_by_label("Year", exact=True).fill("2026")
    page.get_by_label("How many forms the pile holds").fill(str(declared))
    page.get_by_role("button", name="Open the batch").click()
    page.wait_for_url("**/staff/paper-in/*")
    return page.url.rpartition("/")[2]


def key(page: Page, batch: str, paper: str, form: Form, answers: Mapping[str, Answer]) -> None:
    """Scan a paper and key it: digits, and Enter where no digit ends the answer."""
    if not page.url.endswith(batch):
        page.goto(f"/staff/paper-in/{batch}")
    expect(page.get_by_label("Reference of the next paper")).to_be_focused()
    page.keyboard.type(paper)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{paper}")
    expect(page.locator(".k-field[autofocus]")).to_be_focused()
    for question in to_key(form, answers):
        keys = keys_of(question, answers.get(question.key, ()))
        page.keyboard.type(keys)
        if question.kind == "text" or (isinstance(question, Choice) and question.many and keys != "."):
            page.keyboard.press("Enter")
    page.keyboard.press("F9")
    notice = page.locator(".govuk-notification-banner")
    page.wait_for_load_state()
    if page.url.endswith(paper) and notice.count():  # the slip led elsewhere: so it is on the paper
        page.keyboard.press("F9")
    page.wait_for_url(f"**/{batch}")


def settle(page: Page, paper: str, form: Form, answers: Mapping[str, Answer]) -> None:
    """Look at the paper and type what it says, for each question in which the keyings differ."""
    page.goto(f"/staff/differences/{paper}")
    asked = {question.key: question for question in form.questions if not isinstance(question, Notice)}
    for field in page.locator("main input[type=text]").all():
        question = asked[str(field.get_attribute("name"))]
        field.fill(keys_of(question, answers.get(question.key, ())))
    assert axe_violations(page) == []
    page.get_by_role("button", name="Settle it").click()
    page.wait_for_url("**/staff/differences")


def close(page: Page, batch: str) -> None:
    """One paper is missing: it closes only with a reason."""
    page.goto(f"/staff/paper-in/{batch}")
    page.get_by_role("button", name="Close the batch").click()
    expect(page.get_by_role("alert")).to_contain_text("20 papers were declared, and 19 are keyed or rejected")
    page.get_by_label("If the count differs: why").fill("One form was not in the envelope")
    page.get_by_role("button", name="Close the batch").click()
    expect(page.get_by_text("19 of 20 forms stored, 0 rejected.")).to_be_visible()
    assert axe_violations(page) == []


def assert_counted(page: Page, run: str) -> None:
    page.goto("/staff/paper-out")
    row = page.get_by_role("table", name="How many came back").get_by_role("row", name="Surgery in May")
    expect(row).to_contain_text("95 %")
    page.goto("/staff/keying-errors?by=keyer")
    expect(page.get_by_role("row", name="Second day")).to_be_visible()
    assert axe_violations(page) == []


def exported(office: OnAir, folder: Path, form: Form, papers: list[dict[str, Answer]]) -> None:
    """The export holds what the papers say, in whatever order."""
    wanted = Wanted("equality", folder / "out", "a day in the office")
    anchors = folder / "anchors"
    export(office.database, FORMS, wanted, lambda done, of: None, ring=office.ring, anchors=anchors)
    with (folder / "out" / "equality-codes.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["_collection"] == PLACE]
    assert len(rows) == len(papers)
    assert {row["_channel"] for row in rows} == {"paper"} and {row["_language"] for row in rows} == {"ur"}
    plain = [
        question.key for question in form.questions if isinstance(question, Choice) and not question.personal
    ]
    said = sorted(tuple(";".join(paper.get(key, ())) for key in plain) for paper in papers)
    missing = ("_skipped", "_not_asked", "_opted_out")
    found = sorted(tuple("" if row[key] in missing else row[key] for key in plain) for row in rows)
    assert found == said
