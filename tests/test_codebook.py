"""The codebook of each edition is approved: what a stored code means does not change by accident.

    .venv/bin/python -m tests.test_codebook

writes the codebooks of the forms as they are now into tests/codebooks/. Read the difference, then commit it.
The codebook of an edition that is asked no more stays there: its codes are spent.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from portal.forms import FORMS
from portal.questions import Choice, Form, Option, as_written
from portal.questions.codebook import COLUMNS, codebook

FOLDER = Path(__file__).parent / "codebooks"

Row = dict[str, str]

REWORDED: frozenset[tuple[str, str]] = frozenset()
"""(Question, code) whose English words changed between two editions, while the meaning stayed."""

HOW_TO_APPROVE = """
The codebook of {name} is not the approved one. Stored answers and printed paper are read by it.
 - Has the edition been answered or printed anywhere? Then leave it as it is, and give the change a new
   edition (in FORMS of portal/forms/__init__.py the old one stays before it).
 - If not, or if only an English text was corrected: approve the change with
       .venv/bin/python -m tests.test_codebook
   and commit tests/codebooks/ with it. Read its difference first.
"""


def written(form: Form) -> str:
    """A form's codebook as its file holds it."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows((COLUMNS, *codebook(form)))
    return file.getvalue()


def path_of(form: Form) -> Path:
    return FOLDER / f"{form.key}-{form.edition}.csv"


def approved(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def editions(key: str) -> list[list[Row]]:
    """The approved codebooks of a form, oldest first: 2026-2 comes before 2026-10."""
    paths = FOLDER.glob(f"{key}-*.csv")
    return [
        approved(path)
        for path in sorted(paths, key=lambda path: [*map(int, re.findall("[0-9]+", path.stem))])
    ]


def options(book: Iterable[Row]) -> Iterator[Row]:
    return (row for row in book if row["code"])


def meanings(book: Iterable[Row]) -> dict[tuple[str, str], set[str]]:
    """(Question, code) -> what it was called; variants may call it differently."""
    found: dict[tuple[str, str], set[str]] = {}
    for row in options(book):
        found.setdefault((row["question"], row["code"]), set()).add(row["label"])
    return found


def twice(book: Iterable[Row]) -> list[tuple[str, ...]]:
    """What must be there once in a codebook and is there more often."""
    for_code = [(row["question"], row["variant"], row["code"]) for row in options(book)]
    for_number = [(row["question"], row["variant"], row["number"]) for row in options(book)]
    return sorted({one for named in (for_code, for_number) for one in named if named.count(one) > 1})


def reused(books: list[list[Row]]) -> list[tuple[str, str]]:
    """Codes that mean something else than in the edition before, or come back after they were given up."""
    found: set[tuple[str, str]] = set()
    given_up: set[tuple[str, str]] = set()
    for before, after in zip(map(meanings, books), map(meanings, books[1:]), strict=False):
        found |= {code for code in after if code in before and after[code].isdisjoint(before[code])}
        given_up |= before.keys() - after.keys()
        found |= given_up & after.keys()
    return sorted(found)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form.key}-{form.edition}")
def test_the_codebook_of_an_edition_is_the_approved_one(form: Form) -> None:
    path = path_of(form)
    now = path.read_text("utf-8") if path.exists() else ""
    assert written(form) == now, HOW_TO_APPROVE.format(name=f"{form.key} {form.edition}")


@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form.key}-{form.edition}")
def test_a_code_and_a_printed_number_stand_once_in_a_question(form: Form) -> None:
    assert twice(approved(path_of(form))) == []


@pytest.mark.parametrize("key", sorted({form.key for form in FORMS}))
def test_a_code_is_never_used_again_for_something_else(key: str) -> None:
    assert set(reused(editions(key))) <= REWORDED, (
        "choose a new code, or say in REWORDED that it means the same"
    )


def test_codes_used_again_are_found() -> None:
    def book(edition: str, **labels: str) -> list[Row]:
        named = tuple(Option(code, as_written(label)) for code, label in labels.items())
        words = as_written("words")
        parts = (Choice(key="q", text=words, options=named),)
        form = Form(key="f", edition=edition, address="f", title=words, purpose=words, parts=parts)
        return list(csv.DictReader(io.StringIO(written(form))))

    cat, dog = book("1", a="Cat", b="Bird"), book("2", a="Dog", b="Bird")
    assert reused([cat, dog]) == [("q", "a")]
    assert reused([cat, book("2", b="Bird"), cat]) == [("q", "a")]
    assert reused([cat, book("2", b="Bird", c="Dog")]) == []
    assert twice([*cat, *cat]) == [("q", "", "1"), ("q", "", "2"), ("q", "", "a"), ("q", "", "b")]
    assert twice(cat) == []


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for one in FORMS:
        path_of(one).write_text(written(one), "utf-8")
        print(f"approved: {path_of(one)}")
