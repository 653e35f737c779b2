"""Languages that people named in their own words are coded; what they wrote stays as it is."""

from __future__ import annotations

import secrets
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal import audit
from portal.accounts.roles import Role
from portal.database import Database
from portal.forms import FORMS
from portal.forms.speech import SPOKEN_REGISTER
from portal.intake.models import Submission
from portal.intake.submissions import Arrival, Result, submit
from portal.interpreting import coding
from portal.interpreting.coding import asked_in, digest_of, named
from portal.registers import RegisterMember
from portal.sealing import KeyRing
from tests.arrivals import arrive
from tests.everything import EVERYTHING
from tests.staff import Colleague

EQUALITY = next(form for form in FORMS if form.key == "equality")
PAGE = "/staff/other-languages"


def send(database: Database, ring: KeyRing, **answers: tuple[str, ...]) -> None:
    form = EQUALITY.here()
    arrival = Arrival(
        form=form,
        answers={"take_part": ("yes",), **answers},
        token=secrets.token_bytes(16),
        language="en",
        channel="web",
    )
    assert submit(database, ring, arrival) is Result.STORED


@pytest.fixture
def said(database: Database, ring: KeyRing) -> None:
    send(database, ring, main_language=("other",), language_words=("Siloti ",))
    send(database, ring, main_language=("other",), language_words=("SILOTI",))
    send(database, ring, main_language=("other",), language_words=("Wolof",))
    send(database, ring, main_language=("_other", "Igbo"))
    send(database, ring, main_language=("urd",))


@pytest.fixture
def coordinator(portal: Flask, said: None) -> Colleague:
    return Colleague(portal, Role.COORDINATOR)


def words(database: Database, ring: KeyRing) -> dict[str, str]:
    return {one.words.casefold(): one.code for one in named(database, ring, (EQUALITY,))}


def rows(database: Database) -> list[Any]:
    with database.read() as connection:
        return sorted(map(repr, connection.execute(select(*Submission.__table__.columns))))


def code(person: Colleague, ring: KeyRing, said: str, language: str, go: str = "") -> int:
    token = str(person.open(PAGE).soup.select_one("main input[name=csrf_token]")["value"])  # type: ignore[index]
    fields = [
        ("csrf_token", token),
        ("words", digest_of(ring, said).hex()),
        ("language", language),
        ("go", go),
    ]
    return int(person.post(PAGE, fields).status)


def test_the_questions_looked_at_are_the_choices_of_languages_and_their_words() -> None:
    assert asked_in(EQUALITY) == {"main_language", "language_words"}
    assert asked_in(EVERYTHING) == frozenset(), "a language of two is no list of them"


def test_the_same_words_are_there_once_and_no_other_words(
    said: None, database: Database, ring: KeyRing
) -> None:
    assert words(database, ring) == {"igbo": "", "siloti": "", "wolof": ""}


def test_words_get_a_code_and_stay_as_they_were_said(
    coordinator: Colleague, database: Database, ring: KeyRing
) -> None:
    before = rows(database)
    assert code(coordinator, ring, "siloti", "syl") in (200, 303)
    assert words(database, ring) == {"igbo": "", "siloti": "syl", "wolof": ""}
    assert rows(database) == before
    assert "Sylheti" in coordinator.open(PAGE).text
    code(coordinator, ring, "siloti", "", go="undo")
    assert words(database, ring)["siloti"] == ""


def test_a_language_that_the_list_has_not_becomes_a_member(
    coordinator: Colleague, database: Database, ring: KeyRing
) -> None:
    code(coordinator, ring, "Wolof", "_new")
    assert words(database, ring)["wolof"] == "wolof"
    with database.read() as connection:
        found = connection.execute(select(RegisterMember).where(RegisterMember.code == "wolof")).one()
    assert (found.register, found.name, found.active) == (SPOKEN_REGISTER, "Wolof", True)
    send(database, ring, main_language=("other",), language_words=("Thai",))
    assert code(coordinator, ring, "Thai", "_new") == 422
    assert words(database, ring)["thai"] == ""


def test_what_is_no_language_and_words_that_nobody_said_are_refused(
    coordinator: Colleague, database: Database, ring: KeyRing
) -> None:
    assert code(coordinator, ring, "Wolof", "kur") == code(coordinator, ring, "Wolof", "") == 422
    assert code(coordinator, ring, "Basque", "urd") == 404
    assert set(words(database, ring).values()) == {""}


def test_who_looks_is_noted_and_no_word_is(coordinator: Colleague, database: Database, ring: KeyRing) -> None:
    coordinator.open(PAGE)
    code(coordinator, ring, "Wolof", "som")
    with database.read() as connection:
        log = [one for one in audit.page(connection, limit=50) if one.what == "other languages"]
    assert {(one.by, one.did) for one in log} == {
        (coordinator.reference, "viewed"),
        (coordinator.reference, "changed"),
    }
    assert not any(word in repr(log).casefold() for word in ("wolof", "siloti", "igbo"))
    with database.read() as connection:
        kept = repr(connection.execute(select(*coding.TABLE.__table__.columns)).all()).casefold()
    assert "som" in kept and "wolof" not in kept


def test_what_is_told_in_confidence_is_not_opened_for_its_languages(sqlite: Database, ring: KeyRing) -> None:
    told = {"journey": ("victim",), "need": ("interpreter",), "speak": ("other",), "speak_words": ("Wolof",)}
    incident = next(form for form in FORMS if form.key == "incident")
    row = arrive(sqlite, ring, told, form=incident.here())
    assert row.answers["speak_words"] == ["_sealed"], "there is something to be opened"
    assert named(sqlite, ring, FORMS) == []
    assert named(sqlite, KeyRing.new(), FORMS) == [], "with other keys opening it would fail"
