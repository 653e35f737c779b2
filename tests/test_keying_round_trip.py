"""What is keyed from paper is what would have been stored from the web; marks are stored as marks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from portal import references
from portal.accounts.roles import Role
from portal.database import Database
from portal.keying.models import Batch, KeyedForms, KeyingErrors
from portal.keying.screen import asked
from portal.questions import Answer, Answers, Choice, Files, Form, Question, Text
from portal.questions.answers import MULTIPLE, marked
from portal.questions.keying import BLANK, RESERVED, keys_of, to_key
from portal.questions.typing_in import clean_words
from portal.sealing import KeyRing
from tests.answering import answers_to, steady
from tests.arrivals import opened, stored
from tests.conftest import MakePortal
from tests.desk import Keyer, experienced, office, pile
from tests.test_round_trip import FORMS, VARIANTS, Office, Somebody, words_on

NOT_OF_THE_ANSWERS = {"_channel", "_received", "_entered"}


def examples(database: Database) -> settings:
    return settings(steady, max_examples=3 if database.sqlite else 2)


@pytest.fixture
def app(make_portal: MakePortal, database: Database) -> Flask:
    return office(make_portal, database, FORMS[0], variants=VARIANTS)


class PaperDesk:
    """A keyer and a supervisor, through whose hands one paper goes from its reference to the stored row."""

    def __init__(self, app: Flask, database: Database, ring: KeyRing, folder: Path) -> None:
        self.app, self.database, self.ring = app, database, ring
        self.landlord = Office(database, ring, folder)
        self.keyer, self.boss = Keyer(app), Keyer(app, Role.SUPERVISOR)
        self.forms = {form.key: form.here(self.mine(form), office=True) for form in FORMS}

    def mine(self, form: Form) -> dict[str, str]:
        return {key: name for key, name in VARIANTS.items() if form.question(key)}

    def clear(self) -> None:
        self.landlord.clear()
        with self.database.write() as connection:
            for table in (KeyingErrors, KeyedForms, Batch):
                connection.execute(delete(table))
        experienced(self.database, self.ring, self.keyer.reference)

    def keys_and_closes(self, form: Form, language: str, typed: Mapping[str, str]) -> None:
        batch = pile(self.database, self.ring, form, language=language, declared=1)
        self.keyer.keys(batch, references.new(), typed)
        if self.keyer.status == 422 and not self.keyer.errors:
            self.keyer.press("Save")  # answers that the others do not lead to, once shown
        assert self.keyer.path == f"/staff/paper-in/{batch}", self.keyer.errors
        self.boss.at(batch).press("Close the batch")
        assert "1 of 1 forms stored" in self.boss.text

    def row_and_line(self, whole: Form, but: set[str]) -> tuple[dict[str, Any], dict[str, str]]:
        """All that the one row and its line of the export say, but for these questions."""
        [row] = stored(self.database)
        words = opened(self.ring, row) if row.sealed else {}
        said = {key: answer for key, answer in row.answers.items() if key not in but}
        head = (row.form, row.edition, row.variants, row.language, row.collection, row.invitation)
        [line] = self.landlord.exported(whole)
        kept = {key: cell for key, cell in line.items() if key not in but | NOT_OF_THE_ANSWERS}
        return {"answers": said, "words": words, "head": head, "sealed": row.sealed is not None}, kept


@pytest.fixture
def desk(app: Flask, database: Database, ring: KeyRing, tmp_path: Path) -> PaperDesk:
    return PaperDesk(app, database, ring, tmp_path / "exports")


def as_a_line(question: Question, answer: Answer) -> Answer:
    """As it can be keyed: words in one line, which are not themselves a reserved key; no files."""
    if isinstance(question, Files):
        return ()
    if not isinstance(question, Text) or not answer:
        return answer
    words = clean_words(answer[0])
    return () if not words or words in RESERVED else (words,)


def test_paper_and_web_are_stored_and_exported_alike(desk: PaperDesk, database: Database) -> None:
    @examples(database)
    @given(st.data(), st.sampled_from(FORMS), st.sampled_from(("en", "ur", "pl")))
    def the_same_answers_come_twice(data: st.DataObject, whole: Form, language: str) -> None:
        desk.clear()
        form: Form = desk.app.extensions["portal"].asked[whole.address]
        person = Somebody(desk.app, form, language)
        while page := form.next_page(person.said):
            drawn = data.draw(words_on(form, page, person.said), label=f"page {page.number}")
            lines = {one.key: as_a_line(one, drawn[one.key]) for one in form.questions if one.key in drawn}
            person.answer(page, lines)
        person.check_and_send()
        paper = desk.forms[whole.key]
        of_the_office = {one.key for one in paper.questions if one.by == "office"} | {"copies"}
        by_web = desk.row_and_line(whole, of_the_office)
        desk.clear()
        answers = {key: person.said[key] if kept else () for key, kept in form.kept(person.said).items()}
        typed = {one.key: keys_of(one, answers.get(one.key, ())) for one in to_key(paper, answers)}
        desk.keys_and_closes(paper, language, typed)
        assert desk.row_and_line(whole, of_the_office) == by_web
        [row] = stored(database)
        assert row.channel == "paper"

    the_same_answers_come_twice()


def as_ticked(question: Question, answer: Answer) -> Answer:
    """As it can be on paper and be keyed: several ticks are a mark only where one was asked for."""
    if answer[:1] == (MULTIPLE,) and isinstance(question, Choice) and question.many:
        return answer[1:]
    return answer if marked(answer) else as_a_line(question, answer)


def test_whatever_a_paper_says_with_marks_is_stored_and_exported(desk: PaperDesk, database: Database) -> None:
    """Also what its own answers do not lead to. All that it says is drawn before anything is done with it."""
    any_paper = st.one_of(
        *(st.tuples(st.just(whole), answers_to(desk.forms[whole.key], marks=True)) for whole in FORMS)
    )

    @settings(examples(database), max_examples=12 if database.sqlite else 4)
    @given(any_paper, st.sampled_from(("en", "ur", "pl")))
    def a_paper_is_keyed(paper: tuple[Form, Answers], language: str) -> None:
        desk.clear()
        whole, drawn = paper
        form = desk.forms[whole.key]
        answers = {one.key: as_ticked(one, drawn[one.key]) for one in asked(form) if drawn.get(one.key)}
        due = {one.key for one in to_key(form, answers)}
        typed = {
            one.key: keys_of(one, answers.get(one.key, ()))
            for one in asked(form)
            if one.key in due or answers.get(one.key)
        }
        desk.keys_and_closes(form, language, typed)
        desk.landlord.holds(whole, form, answers, language, "paper")

    a_paper_is_keyed()


def test_each_mark_is_in_the_row_and_the_export_and_its_words_are_sealed(
    desk: PaperDesk, database: Database
) -> None:
    whole = FORMS[0]
    form = desk.forms[whole.key]
    desk.clear()
    typed = {
        "take_part": "1",
        "colour": "+Vermilion",
        "tools": "+",
        "open.weekdays.from": "/",
        "nearest": "*12",
        "region": "-",
        "language": "*1 3",
        "story": "/",
        "names": "+Somebody",
    }
    for question in to_key(form, {"take_part": ("yes",)}):
        typed.setdefault(question.key, BLANK)
    typed["greeting"] = "1"
    desk.keys_and_closes(form, "ur", typed)
    [row] = stored(database)
    [line] = desk.landlord.exported(whole)
    expected = {
        "colour": ["_other"],
        "tools": ["_other"],
        "open.weekdays.from": ["_illegible"],
        "nearest": ["_multiple", "high_street", "market_hall"],
        "region": ["_refused"],
        "language": ["_multiple", "eng", "prefer_not_to_say"],
        "story": ["_illegible"],
        "names": ["_other"],
        "greeting": ["hello"],
        "rooms": [],
    }
    assert {key: row.answers[key] for key in expected} == expected
    assert {key: line[key] for key in expected} == {
        key: ";".join(answer) or "_skipped" for key, answer in expected.items()
    }
    assert opened(desk.ring, row) == {"colour": ["_other", "Vermilion"], "names": ["_other", "Somebody"]}
    assert not re.search("Vermilion|Somebody", str(row.answers) + str(line))
