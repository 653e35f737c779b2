"""What `make bench` compares with stays as it is, and stays comparable."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Mapping
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from portal.database import Database
from tests.bench import limit_app
from tests.bench.filled import FORMS as FILLED
from tests.bench.filled import answered, whole
from tests.bench.journey import ANSWERS, WITH_WORDS, InProcess, Offered, Page, Person
from tests.conftest import MakePortal

LIMIT = Path(limit_app.__file__)
FROZEN = LIMIT.with_suffix(".sha256")
WAYS = pytest.mark.parametrize("answers", [ANSWERS, WITH_WORDS], ids=["plain", "words"])


@pytest.fixture
def limit_url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'limit.sqlite'}"
    limit_app.prepare(url)
    return url


@pytest.fixture
def limit(limit_url: str) -> Flask:
    return limit_app.create_app(limit_url, "a secret of this test alone")


@pytest.fixture
def portal_app(make_portal: MakePortal, sqlite: Database) -> Flask:
    return make_portal(sqlite)


def test_the_limit_app_is_the_one_that_figures_were_measured_against() -> None:
    """If it has to change, every figure before is void: `sha256sum limit_app.py > limit_app.sha256`."""
    assert FROZEN.read_text("ascii") == f"{hashlib.sha256(LIMIT.read_bytes()).hexdigest()}  {LIMIT.name}\n"


def test_the_limit_app_uses_nothing_of_the_portal() -> None:
    for node in ast.walk(ast.parse(LIMIT.read_text("utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert not [name for name in names if name.split(".")[0] in ("portal", "tests", "")]


def pages_of(app: Flask, answers: Mapping[str, tuple[str, ...]]) -> tuple[int, list[Page]]:
    """How many requests a journey takes, and its pages."""
    person = Person(InProcess(app), answers=answers)
    pages = [page for _name, page in person.journey()]
    return person.requests, pages


@WAYS
def test_a_journey_is_as_long_in_both_apps(
    limit: Flask, portal_app: Flask, answers: Mapping[str, tuple[str, ...]]
) -> None:
    assert pages_of(limit, answers)[0] == pages_of(portal_app, answers)[0]


@WAYS
def test_each_page_asks_as_much_in_both_apps(
    limit: Flask, portal_app: Flask, answers: Mapping[str, tuple[str, ...]]
) -> None:
    offered = [[Offered(page).controls for page in pages_of(app, answers)[1]] for app in (limit, portal_app)]
    assert offered[0] == offered[1]


def test_the_limit_app_keeps_each_step_and_stores_one_submission(limit: Flask, limit_url: str) -> None:
    engine = create_engine(limit_url)

    def rows(table: str) -> list[str]:
        with engine.connect() as connection:
            return list(connection.execute(text(f"SELECT answers FROM {table}")).scalars())

    for number, (name, _page) in enumerate(Person(InProcess(limit)).journey()):
        if name.startswith("question"):
            assert len(rows("draft")) == 1
            assert rows("draft")[0].count("[") == number - 2
    assert rows("draft") == []
    (kept,) = rows("submission")
    assert all(f'"{code}"' in kept for codes in ANSWERS.values() for code in codes)
    engine.dispose()


def test_the_report_that_is_sent_has_as_many_answers_as_the_equality_form() -> None:
    equality, report = FILLED
    assert answered(*equality) == answered(*report) == len(equality[1]) == len(report[1])
    for form, given in FILLED:
        assert form.next_page(whole(form, given)) is None
