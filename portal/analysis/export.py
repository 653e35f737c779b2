"""Taking answers out to be counted: CSV of codes and of labels, with the codebook of each edition.

No personal words, every kind of missing told apart, rows in an order that tells nothing of arrival, and
no cell that a spreadsheet would run as a formula.
"""

from __future__ import annotations

import csv
import getpass
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, TextIO

from sqlalchemy import ColumnElement, Connection, func, insert, select

from portal import audit, clock
from portal.analysis.models import Export
from portal.anchors import anchor
from portal.database import Database
from portal.following import knowing
from portal.intake.models import Submission
from portal.questions import Choice, Form, Notice, Question
from portal.questions.codebook import COLUMNS, KINDS_OF_MISSING, cells, codebook
from portal.sealing import KeyRing

BEFORE_ANSWERS = ("edition", "language", "channel", "collection", "helper", "received", "entered", "outcome")
"""Columns that stand first, each with an underscore before its name: a question may be called language."""
BETWEEN_CODES = ";"
STREAM = 500
"""Rows held in memory at a time."""


Table = Callable[[Connection, date | None, date | None], Iterable[Sequence[str]]]
"""A header and lines of what came in on or between two days, without personal words."""


class ExportError(ValueError):
    """An export cannot be made as asked; the text says why."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to take out, and why."""

    form: str
    folder: Path
    purpose: str
    first: date | None = None
    """Received on this day or later (an anonymous row is received on the Monday of its week)."""
    last: date | None = None

    @property
    def period(self) -> str:
        return f"{self.first or 'the beginning'} to {self.last or 'now'}"


def export(
    database: Database,
    forms: Iterable[Form],
    wanted: Wanted,
    progress: Callable[[int, int], None],
    *,
    ring: KeyRing,
    anchors: Path,
    beside: Mapping[str, Table] = MappingProxyType({}),
) -> list[Path]:
    """Write the files, note the export, and return their paths. Calls progress(done, of).

    `beside` are tables of what came of these submissions: each becomes a file of its own. The export is
    noted in the audit log too, and the log anchored in the file `anchors`.
    """
    # answers may name members of lists that are out of use
    whole = knowing(database, tuple(form for form in forms if form.key == wanted.form))
    editions = {form.edition: form for form in whole}
    if not editions:
        raise ExportError(f"there is no form {wanted.form!r}")
    if not wanted.purpose.strip():
        raise ExportError("say in --purpose what the export is for")
    if wanted.first and wanted.last and wanted.last < wanted.first:
        raise ExportError("--to is before --from")
    wanted.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    names = {kind: wanted.folder / f"{wanted.form}-{kind}.csv" for kind in ("codes", "labels")}
    books = {edition: wanted.folder / f"{wanted.form}-{edition}-codebook.csv" for edition in editions}
    about = wanted.folder / f"{wanted.form}-about.json"
    tables = {name: wanted.folder / f"{wanted.form}-{name}.csv" for name in beside}
    for path in (*names.values(), *tables.values(), *books.values(), about):
        if path.exists():
            raise ExportError(f"{path.name} is there already: choose an empty folder")
    _note(
        database, ring, wanted, sorted(beside)
    )  # first: what leaves is noted, even when the disk is full half-way
    anchor(database, ring, anchors)
    rows = _write_rows(database, editions, wanted, names, progress)
    for name, path in tables.items():
        with _new(path) as file, database.snapshot() as connection:
            lines = beside[name](connection, wanted.first, wanted.last)
            _writer(file).writerows(safe_row(line) for line in lines)
    for edition, path in books.items():
        with _new(path) as file:
            _writer(file).writerows(safe_row(row) for row in (COLUMNS, *codebook(editions[edition])))
    with _new(about) as file:
        json.dump(
            {
                "form": wanted.form,
                "purpose": wanted.purpose,
                "period": wanted.period,
                "made": clock.today().isoformat(),
                "rows": rows,
                "between codes": BETWEEN_CODES,
                "kinds of missing": KINDS_OF_MISSING,
            },
            file,
            ensure_ascii=False,
            indent=1,
        )
    return [*names.values(), *tables.values(), *books.values(), about]


def _write_rows(
    database: Database,
    editions: Mapping[str, Form],
    wanted: Wanted,
    names: Mapping[str, Path],
    progress: Callable[[int, int], None],
) -> int:
    keys = list(dict.fromkeys(key for form in editions.values() for key in columns(form)))
    used: dict[tuple[str, str], Form] = {}
    chosen = _chosen(wanted)
    with ExitStack() as stack:
        writers = {kind: _writer(stack.enter_context(_new(path))) for kind, path in names.items()}
        for writer in writers.values():
            writer.writerow((*(f"_{name}" for name in (*BEFORE_ANSWERS, "variants")), *keys))
        connection = stack.enter_context(database.snapshot())
        total = connection.execute(select(func.count()).select_from(Submission).where(*chosen)).scalar_one()
        done = 0
        # the id is random, so ordering by it hides the order of arrival
        by_id = select(*Submission.__table__.columns).where(*chosen).order_by(Submission.id)
        found = stack.enter_context(connection.execution_options(yield_per=STREAM).execute(by_id))
        for row in found:
            form = _form_used(used, editions[row.edition], row.variants)
            wording = " ".join(f"{key}={variant}" for key, variant in sorted(row.variants.items()))
            before = (*(str(getattr(row, name) or "") for name in BEFORE_ANSWERS), wording)
            answers = dict(cells(form, row.answers))
            for kind, writer in writers.items():
                cell = _codes if kind == "codes" else _labels
                writer.writerow(
                    safe_row((*before, *(cell(form, key, answers.get(key, ("_not_asked",))) for key in keys)))
                )
            done += 1
            if done % STREAM == 0 or done == total:
                progress(done, total)
    return done


def columns(form: Form) -> Iterator[str]:
    """The questions that an export has a column for."""
    yield from dict.fromkeys(question.key for question in form.questions if not isinstance(question, Notice))


def _chosen(wanted: Wanted) -> list[ColumnElement[bool]]:
    chosen = [Submission.form == wanted.form]
    if wanted.first:
        chosen.append(Submission.received >= wanted.first)
    if wanted.last:
        chosen.append(Submission.received <= wanted.last)
    return chosen


def _form_used(used: dict[tuple[str, str], Form], form: Form, variants: dict[str, str]) -> Form:
    """The form as this submission's landlord used it: its variants, office questions included."""
    name = (form.edition, json.dumps(variants, sort_keys=True))
    if name not in used:
        used[name] = form.here(variants, office=True)
    return used[name]


def _codes(form: Form, key: str, answer: tuple[str, ...]) -> str:
    return BETWEEN_CODES.join(answer)


def _labels(form: Form, key: str, answer: tuple[str, ...]) -> str:
    question = form.question(key)
    return BETWEEN_CODES.join(_label(question, code) for code in answer)


def _label(question: Question | None, code: str) -> str:
    option = question.option(code) if isinstance(question, Choice) else None
    return option.text.id if option else code


FORMULA_STARTS = tuple("=+-@\t\r\n\0＝＋－＠")


def safe_row(row: Iterable[Any]) -> list[str]:
    """The cells of a row, none of which a spreadsheet takes for a formula."""
    return [f"'{cell}" if str(cell).startswith(FORMULA_STARTS) else str(cell) for cell in row]


def _new(path: Path) -> TextIO:
    """A new file that only its owner can read; an export never overwrites another."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise ExportError(f"{path.name} is there already: choose an empty folder") from error
    return os.fdopen(descriptor, "w", encoding="utf-8", newline="")


def _writer(file: TextIO) -> Any:
    return csv.writer(file, lineterminator="\r\n")


def _note(database: Database, ring: KeyRing, wanted: Wanted, beside: list[str]) -> None:
    period = {"from": str(wanted.first or "beginning"), "to": str(wanted.last or "now")}
    detail: audit.Detail = {**period, "beside": beside} if beside else period
    with database.write() as connection:
        connection.execute(
            insert(Export),
            {
                "made": clock.today(),
                "by": _operator(),
                "form": wanted.form,
                "purpose": wanted.purpose,
                "period": wanted.period,
            },
        )
        audit.note(
            connection,
            ring,
            by=audit.OPERATOR,
            did=audit.Did.EXPORTED,
            what=f"form {wanted.form}",
            detail=detail,
        )


def _operator() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # in a container a user may have a number only
        return f"user {os.getuid()}"
