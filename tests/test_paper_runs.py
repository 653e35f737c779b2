"""Print runs on each database: ordered, made, given out, come back; and the command that prints."""

from __future__ import annotations

import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pypdfium2
import pytest
import time_machine
from sqlalchemy import select

from portal import references
from portal.database import Base, Database
from portal.equality.collections import keep
from portal.forms import EQUALITY
from portal.paper import runs
from portal.paper.bundles import PaperError
from portal.paper.models import Paper, PrintRun
from portal.paper.runs import (
    MOST,
    OPERATOR,
    Rate,
    form_of,
    issued,
    make,
    order,
    paper_of,
    rates,
    run,
)
from portal.questions import Form
from portal.sealing import KeyRing
from portal.settings import CollectionEntry
from tests.everything import EVERYTHING
from tests.papers import SETTINGS, SMALL, come_back
from tests.running import at_home, portal, refusal


def ordered(
    database: Database, number: int = 3, collection: str | None = None, form: Form = SMALL
) -> runs.Run:
    return order(database, form.here(), "ur", "normal", False, collection, number, OPERATOR)


def silent(done: int, of: int) -> None:
    """Nobody watches."""


def rows(database: Database, table: type[Base]) -> list[dict[str, object]]:
    with database.read() as connection:
        return [dict(row) for row in connection.execute(select(*table.__table__.columns)).mappings()]


def papers_of(database: Database, reference: str) -> dict[int, str]:
    """References of a run's papers, by serial number."""
    found = [row for row in rows(database, Paper) if row["run"] == reference]
    return {int(str(row["serial"])): str(row["reference"]) for row in found}


def first_page(path: Path) -> tuple[int, str]:
    """How many pages a bundle has, and the words of the first copy's first page."""
    document = pypdfium2.PdfDocument(path)
    page = document[2]
    words = page.get_textpage()
    found = len(document), words.get_text_range()
    for one in (words, page, document):
        one.close()
    return found


@time_machine.travel("2026-11-18T14:37:21Z")
def test_a_run_is_ordered_with_a_reference_for_each_paper(database: Database) -> None:
    ordered(database, 2)
    found = order(database, EQUALITY.here(), "pl", "large", True, "repairs", 40, "23456789C", "for the fair")
    assert (found.form, found.edition, found.language, found.size) == ("equality", "2026-1", "pl", "large")
    assert (found.yellow, found.collection, found.number) == (True, "repairs", 40)
    assert (found.by, found.note, found.made) == ("23456789C", "for the fair", date(2026, 11, 18))
    assert (found.pages, found.rectangles, found.issued, found.returned) == (None, None, 0, 0)
    assert runs.status(found) == "ordered"
    papers = papers_of(database, found.reference)
    assert sorted(papers) == list(range(1, 41))
    assert len(set(papers.values())) == 40
    assert all(references.read(paper) == paper for paper in papers.values())
    assert paper_of(database, papers[17]) == (found.reference, 17)
    assert paper_of(database, references.new()) is None


def test_the_newest_runs_come_first(database: Database) -> None:
    days = ("2026-11-17", "2026-11-19", "2026-11-18")
    for day in days:
        with time_machine.travel(f"{day}T12:00:00Z"):
            ordered(database, 1)
    assert [one.made.isoformat() for one in runs.runs(database)] == sorted(days, reverse=True)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"number": 0}, "a run has from 1 to 500 copies"),
        ({"number": MOST + 1}, "a run has from 1 to 500 copies"),
        ({"language": "xx"}, "'xx' is not one of en, ur"),
        ({"size": "huge"}, "'huge' is not one of normal, large, larger"),
    ],
)
def test_what_cannot_be_printed_is_not_ordered(
    sqlite: Database, change: dict[str, object], sentence: str
) -> None:
    wanted = {
        "language": "en",
        "size": "normal",
        "yellow": False,
        "collection": None,
        "number": 1,
        "by": OPERATOR,
    }
    with pytest.raises(PaperError, match=sentence):
        order(sqlite, SMALL.here(), **{**wanted, **change})  # type: ignore[arg-type]
    assert rows(sqlite, PrintRun) == rows(sqlite, Paper) == []


@pytest.mark.parametrize(
    "variants",
    [{}, {"sex": "off"}, {"sex": "with_note", "armed_forces": "asked"}, {"pregnancy_maternity": "off"}],
)
def test_the_form_of_a_run_is_the_one_that_was_ordered(sqlite: Database, variants: dict[str, str]) -> None:
    form = EQUALITY.here(variants)
    found = order(sqlite, form, "en", "normal", False, None, 1, OPERATOR)
    assert form_of(found).questions == form.questions
    assert form_of(found).variants == form.variants


def test_an_edition_that_is_gone_cannot_be_printed(sqlite: Database, tmp_path: Path) -> None:
    found = ordered(sqlite)
    with pytest.raises(PaperError, match="there is no form 'small' in edition 1 any more"):
        make(
            sqlite, SETTINGS, found.reference, tmp_path, silent, forms=(EQUALITY, replace(SMALL, edition="2"))
        )
    with pytest.raises(PaperError, match="there is no print run 7K3P X92C 4"):
        make(sqlite, SETTINGS, "7K3PX92C4", tmp_path, silent)


@pytest.mark.paper
def test_a_run_is_made_once_and_whole(database: Database, tmp_path: Path) -> None:
    ordered(database)
    found = ordered(database)
    told: list[tuple[int, int]] = []
    tell: Callable[[int, int], None] = lambda done, of: told.append((done, of))  # noqa: E731
    path = make(database, SETTINGS, found.reference, tmp_path / "out", tell, forms=(SMALL,))
    assert path == tmp_path / "out" / f"{found.reference}.pdf"
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert told[-1] == (3, 3)
    done = run(database, found.reference)
    assert runs.status(done) == "made" and done.pages >= 1 and done.weasyprint
    assert len(done.rectangles) == done.pages
    boxes = {option for page in done.rectangles for option in page.get("region", {})}
    assert boxes == {"north", "south", "prefer_not_to_say"}
    pages, words = first_page(path)
    assert pages == 2 + 3 * (done.pages + done.pages % 2)
    assert references.grouped(papers_of(database, found.reference)[1]) in words
    before = path.read_bytes()
    told.clear()
    assert make(database, SETTINGS, found.reference, path.parent, tell, forms=(SMALL,)) == path
    assert (path.read_bytes(), told) == (before, [])
    path.unlink()
    make(database, SETTINGS, found.reference, path.parent, tell, forms=(SMALL,))
    assert (path.exists() and papers_of(database, found.reference)[1] in path.name) or path.exists()


@pytest.mark.paper
def test_a_print_that_fails_leaves_nothing_behind(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = ordered(sqlite)

    def full(done: int, of: int) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        make(sqlite, SETTINGS, found.reference, tmp_path / "out", full, forms=(SMALL,))
    assert list((tmp_path / "out").iterdir()) == []
    assert runs.status(run(sqlite, found.reference)) == "ordered"


def test_papers_given_out_and_come_back_are_counted_and_never_more_than_there_are(database: Database) -> None:
    found, other = ordered(database, 10), ordered(database, 10)
    issued(database, found.reference, 7)
    issued(database, found.reference, -1)
    come_back(database, found.reference, 1)
    come_back(database, found.reference, 2)
    for number in (5, -7):
        with pytest.raises(PaperError, match="only 10 copies"):
            issued(database, found.reference, number)
    with pytest.raises(PaperError, match="there is no print run"):
        issued(database, references.new(), 1)
    now = run(database, found.reference)
    assert (now.issued, now.returned) == (6, 3)
    come_back(database, found.reference, 8)
    assert run(database, found.reference).returned == 10
    untouched = run(database, other.reference)
    assert (untouched.issued, untouched.returned) == (0, 0)


def test_each_place_has_its_rate_of_return(database: Database) -> None:
    for place, out, back in (("repairs", 10, 4), ("repairs", 10, 2), ("fair", 5, 5), ("quiet", 0, 0)):
        found = ordered(database, 10, place)
        if out:
            issued(database, found.reference, out)
            come_back(database, found.reference, back)
    nowhere = ordered(database, 10)
    issued(database, nowhere.reference, 1)
    found_rates = {rate.collection: rate for rate in rates(database)}
    assert found_rates["repairs"] == Rate("repairs", "small", 20, 6)
    assert found_rates["repairs"].share == pytest.approx(0.3)
    assert found_rates["fair"].share == 1
    assert found_rates["quiet"].share is None
    assert found_rates[None] == Rate(None, "small", 1, 0)


def test_a_paper_says_nothing_of_who_got_it() -> None:
    """Its columns are its reference, its pile and its place in the pile; a run has none for a person."""
    assert [column.name for column in Paper.__table__.columns] == ["reference", "run", "serial"]
    assert not any(table.foreign_keys for table in (Paper.__table__, PrintRun.__table__))


# The command


@pytest.fixture
def home(database: Database, ring: KeyRing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    data = at_home(database, tmp_path, monkeypatch)
    ring.save(data / "keys.json")
    monkeypatch.setattr("portal.cli.FORMS", (SMALL,))
    monkeypatch.setattr("portal.paper.runs.FORMS", (SMALL,))
    return tmp_path


@pytest.mark.paper
def test_the_operator_prints_papers(home: Path, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.cli.make", lambda *given: make(*given, forms=(SMALL,)))
    keep(database, [CollectionEntry(code="repairs", name="Repairs")])
    words = ["--form", "small", "--language", "ur", "--number", "2", "--yellow", "--collection", "repairs"]
    found = portal("paper", "print", *words, "--out", str(home / "out"))
    assert found.exit_code == 0, found.output
    (path,) = (home / "out").iterdir()
    assert str(path) in found.output
    [row] = rows(database, PrintRun)
    assert path.name == f"{row['reference']}.pdf"
    assert (row["by"], row["collection"], row["yellow"], row["number"]) == (OPERATOR, "repairs", True, 2)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--form", "nothing", "--language", "en"], "there is no form 'nothing': take small"),
        (["--form", "small", "--language", "xx"], "'xx' is not one of en, ur, pa, hi, bn, ar, fa, pl, en-xa"),
        (["--form", "small", "--language", "en", "--collection", "x"], "there is no collection 'x'"),
    ],
)
def test_what_the_operator_cannot_print_is_one_sentence(
    home: Path, database: Database, words: list[str], sentence: str
) -> None:
    assert refusal("paper", "print", *words, "--out", str(home / "out")) == sentence
    assert rows(database, PrintRun) == []


def test_everything_can_be_ordered(sqlite: Database) -> None:
    found = order(sqlite, EVERYTHING.here(), "en", "normal", False, None, 1, OPERATOR)
    assert form_of(found, (EVERYTHING,)).questions == EVERYTHING.here().questions
