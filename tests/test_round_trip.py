"""What was said is what is stored and what is exported: for anybody's way through any form, web and paper."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from datetime import date
from itertools import count
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select

from portal.analysis.export import Wanted, safe_row
from portal.database import Database
from portal.files import File
from portal.forms import EQUALITY
from portal.intake.models import Submission
from portal.intake.submissions import Arrival, Result, place_of, submit
from portal.languages import LANGUAGES
from portal.questions import Answer, Answers, Choice, Files, Form, Notice, Page
from portal.questions.answers import OTHER, marked, said
from portal.sealing import KeyRing, Sealed
from tests.answering import an_answer, answers_to, steady
from tests.arrivals import take_out
from tests.conftest import MakePortal
from tests.everything import EVERYTHING

FORMS = (EVERYTHING, EQUALITY)
VARIANTS = {"sex": "with_note", "national_identity": "asked", "greeting": "friendly"}


def examples(database: Database) -> settings:
    return settings(steady, max_examples=25 if database.sqlite else 8)


class Somebody:
    """Answers page after page by sending what its fields would send, as fast as a test needs it."""

    def __init__(self, app: Flask, form: Form, language: str) -> None:
        self.portal = app.extensions["portal"]
        self.client: FlaskClient = app.test_client()
        self.form = form
        self.root = f"/{language}/{form.address}"
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.client.get(self.root).text)
        assert found
        self.token = found[1]
        self.said: dict[str, Answer] = {}
        self.arrives_at(self.send(self.root), form.next_page({}))

    def send(self, path: str, **fields: list[str]) -> str:
        """The address that the portal sends this person to next."""
        response = self.client.post(path, data={"csrf_token": self.token, **fields})
        assert response.status_code == 303, response.text
        return response.headers["Location"]

    def answer(self, page: Page, answers: Answers) -> None:
        fields: dict[str, list[str]] = {}
        for question in self.form.asked_on(page, self.said):
            fields.update(question.typed(answers[question.key]))
            if isinstance(question, Files):
                self.attach(answers[question.key])
        self.said.update(answers)
        found = self.send(f"{self.root}/{page.number}", **fields)
        self.arrives_at(found, self.form.next_page(self.said))

    def attach(self, ids: Answer) -> None:
        """As if files had been attached under these ids: what a page takes must belong to its draft."""
        cookie = self.client.get_cookie(f"draft-{self.form.address}")
        assert cookie
        owner = self.portal.drafts.owner(cookie.value)
        about = {"kind": "image/png", "size": 1, "owner": owner, "made": date(2026, 11, 16)}
        with self.portal.database.write() as connection:
            for one in ids:
                connection.execute(delete(File).where(File.id == one))
                connection.execute(insert(File).values(id=one, **about))

    def arrives_at(self, address: str, page: Page | None) -> None:
        assert address == f"{self.root}/{page.number if page else 'check'}"

    def check_and_send(self) -> None:
        page = self.client.get(f"{self.root}/check")
        found = re.search(r'name="said" value="([^"]+)"', page.text)
        assert page.status_code == 200 and found
        assert self.send(f"{self.root}/check", said=[found[1]]).endswith("/sent")


def words_on(form: Form, page: Page, answers: Answers) -> st.SearchStrategy[dict[str, Answer]]:
    """What somebody may say on this page: nothing where that is allowed, else what the page offers."""
    kept = form.kept(answers)
    return st.fixed_dictionaries(
        {
            question.key: an_answer(question, question.shown(kept) if isinstance(question, Choice) else None)
            | (st.nothing() if question.required else st.just(()))
            for question in form.asked_on(page, answers)
        }
    )


def expected(whole: Form, used: Form, said_so: Answers) -> Iterator[tuple[str, str]]:
    """Each column of the export and what has to stand in it."""
    kept = used.kept(said_so)
    out = any(used.ends_at(key, answer) for key, answer in kept.items())
    in_the_office = {question.key for question in whole.here(used.variants, office=True).questions}
    for question in whole.questions:
        answer = kept.get(question.key, ())
        if isinstance(question, Notice):
            continue
        if question.key not in kept:
            yield question.key, "_opted_out" if out and question.key in in_the_office else "_not_asked"
        elif not answer:
            yield question.key, "_skipped"
        elif question.personal or answer[0] == OTHER:
            yield question.key, answer[0] if marked(answer) else "_sealed"
        else:
            [cell] = safe_row([";".join(answer)])
            yield question.key, cell


class Office:
    """What the landlord has: the one row that was stored, and its export."""

    def __init__(self, database: Database, ring: KeyRing, folder: Path) -> None:
        self.database, self.ring, self.folder = database, ring, folder
        self.exports = count()

    def clear(self) -> None:
        with self.database.write() as connection:
            connection.execute(delete(Submission))
            connection.execute(delete(File))

    def exported(self, form: Form) -> list[dict[str, str]]:
        folder = self.folder / str(next(self.exports))
        wanted = Wanted(form=form.key, folder=folder, purpose="a test")
        take_out(self.database, FORMS, wanted, lambda done, of: None)
        with (folder / f"{form.key}-codes.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def holds(self, whole: Form, used: Form, said_so: Answers, language: str, channel: str) -> None:
        """The row and the export are what was said, and nothing else."""
        with self.database.read() as connection:
            [row] = connection.execute(select(*Submission.__table__.columns)).all()
        assert (row.form, row.edition, row.variants) == (used.key, used.edition, used.variants)
        assert (row.language, row.channel) == (language, channel)
        kept = used.kept(said_so)
        personal: dict[str, list[str]] = {}
        if row.sealed:
            sealed = Sealed(row.sealed, row.data_key, row.key_name)
            personal = json.loads(self.ring.open(place_of(row.id), sealed))
        assert row.answers.keys() == kept.keys()
        for key, answer in kept.items():
            question = used.question(key)
            assert question
            assert tuple(personal.get(key, row.answers[key])) == answer
            words = answer[1 if marked(answer) else 0 :]
            sealed_words = words != () and (question.personal or answer[0] == OTHER)
            assert (key in personal) == sealed_words
            if key in personal:
                assert row.answers[key] == ([answer[0]] if marked(answer) else ["_sealed"])
        [line] = self.exported(whole)
        assert (line["_language"], line["_channel"], line["_edition"]) == (language, channel, used.edition)
        assert {key: cell for key, cell in line.items() if not key.startswith("_")} == dict(
            expected(whole, used, said_so)
        )


@pytest.fixture
def office(database: Database, ring: KeyRing, tmp_path: Path) -> Office:
    return Office(database, ring, tmp_path / "exports")


@pytest.fixture
def app(make_portal: MakePortal, database: Database) -> Flask:
    return make_portal(database, forms=FORMS, variants=VARIANTS)


def test_what_is_said_on_the_web_is_what_is_stored_and_exported(
    app: Flask, database: Database, office: Office
) -> None:
    @examples(database)
    @given(st.data(), st.sampled_from(FORMS), st.sampled_from(sorted(set(LANGUAGES) - {"en-xa"})))
    def somebody_answers(data: st.DataObject, whole: Form, language: str) -> None:
        office.clear()
        form: Form = app.extensions["portal"].asked[whole.address]
        person = Somebody(app, form, language)
        changes = data.draw(st.integers(0, 2), label="answers changed at the end")
        while True:
            while page := form.next_page(person.said):
                person.answer(page, data.draw(words_on(form, page, person.said), label=f"page {page.number}"))
            if not changes:
                break
            changes -= 1
            reached = {question.key for question, _ in form.reached(person.said)}
            pages = [page for page in form.pages if not reached.isdisjoint(page.keys)]
            page = data.draw(st.sampled_from(pages), label="goes back to")
            person.answer(page, data.draw(words_on(form, page, person.said), label="says now"))
        person.check_and_send()
        office.holds(whole, form, person.said, language, "web")

    somebody_answers()


def test_what_paper_says_is_what_is_stored_and_exported(
    database: Database, ring: KeyRing, office: Office
) -> None:
    @examples(database)
    @given(st.data(), st.sampled_from(FORMS), st.binary(min_size=32, max_size=32))
    def a_paper_arrives(data: st.DataObject, whole: Form, token: bytes) -> None:
        office.clear()
        mine = {key: name for key, name in VARIANTS.items() if whole.question(key)}
        form = whole.here(mine, office=True)
        answers = data.draw(answers_to(form, marks=True))
        arrival = Arrival(form=form, answers=answers, token=token, language="ur", channel="paper")
        assert submit(database, ring, arrival) is Result.STORED
        office.holds(whole, form, answers, "ur", "paper")

    a_paper_arrives()


def test_every_kind_of_missing_is_told_apart(database: Database, ring: KeyRing, office: Office) -> None:
    form = EVERYTHING.here(office=True)
    answers: dict[str, Answer] = {
        "take_part": ("yes",),
        "colour": ("_multiple", "red", "blue"),
        "no_colour": ("_refused",),
        "tools": (),
        "nearest": ("_illegible",),
        "region": ("north",),
        "town": ("prefer_not_to_say",),
        "story": ("Nobody else knows this.",),
        "names": ("_multiple", "sam", "prefer_not_to_say"),
        "keyed_on": ("2020-01-31",),
    }
    for number, given_answers in enumerate((answers, {"take_part": ("no",)})):
        arrival = Arrival(
            form=form, answers=given_answers, token=bytes([number]) * 32, language="en", channel="paper"
        )
        assert submit(database, ring, arrival) is Result.STORED
    taking_part, out = sorted(office.exported(EVERYTHING), key=lambda line: line["take_part"], reverse=True)
    assert {key: taking_part[key] for key in (*answers, "pet", "song", "rooms", "keyed_by")} == {
        "take_part": "yes",
        "colour": "_multiple;red;blue",
        "no_colour": "_refused",
        "tools": "_skipped",
        "nearest": "_illegible",
        "region": "north",
        "town": "prefer_not_to_say",
        "story": "_sealed",
        "names": "_multiple",
        "keyed_on": "2020-01-31",
        "pet": "_not_asked",
        "song": "_not_asked",
        "rooms": "_skipped",
        "keyed_by": "_skipped",
    }
    assert (out["take_part"], out["colour"], out["story"]) == ("no", "_opted_out", "_opted_out")
    assert not said(("_multiple", "red", "blue")), "a mark says nothing"
