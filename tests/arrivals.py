"""Submissions for tests that are not about the pages, and rows in every table that a test is not about."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    Text,
    insert,
    select,
    update,
)

from portal.analysis.export import Wanted, export
from portal.database import Database
from portal.forms import EQUALITY
from portal.intake.models import Submission
from portal.intake.receipts import code_for, digest_of
from portal.intake.submissions import Arrival, Result, place_of, submit
from portal.questions import Answers, Form
from portal.sealing import KeyRing, Sealed
from portal.tables import Base

FORM = EQUALITY.here()
WORDS = "Kashmiri from کشمیر"
"""Personal words: sealed when they are kept."""
ANSWERS: Answers = {
    "equality_consent": ("yes",),
    "age_band": ("35_44",),
    "long_term_condition": (),
    "ethnic_group": ("asian",),
    "ethnic_detail": ("asian_other",),
    "ethnic_words": (WORDS,),
}
FAR = date(2999, 12, 30)
"""A Monday that no retention reaches."""


def arrive(database: Database, ring: KeyRing, answers: Answers = ANSWERS, **changes: Any) -> Row[Any]:
    """Send answers in by the one way there is; gives the stored row. `received` sets its day afterwards."""
    received = changes.pop("received", None)
    given = {"form": FORM, "token": secrets.token_bytes(32), "language": "en", "channel": "web", **changes}
    assert submit(database, ring, Arrival(answers=answers, **given)) is Result.STORED
    receipt = digest_of(ring, code_for(ring, given["token"]))
    with database.write() as connection:
        if received is not None:
            change = update(Submission).where(Submission.receipt == receipt)
            connection.execute(change.values(received=received))
        sent = select(*Submission.__table__.columns).where(Submission.receipt == receipt)
        return connection.execute(sent).one()


def take_out(
    database: Database, forms: Iterable[Form], wanted: Wanted, progress: Callable[[int, int], None]
) -> list[Path]:
    """An export, noted under a key of its own and anchored beside its folder."""
    beside = wanted.folder.parent / "audit-anchors"
    return export(database, forms, wanted, progress, ring=KeyRing.new(), anchors=beside)


def stored(database: Database) -> list[Row[Any]]:
    """Every submission, by its id."""
    with database.read() as connection:
        return list(connection.execute(select(*Submission.__table__.columns).order_by(Submission.id)))


def opened(ring: KeyRing, row: Row[Any]) -> dict[str, list[str]]:
    """The personal words of a submission."""
    sealed = Sealed(bytes(row.sealed), bytes(row.data_key), row.key_name)
    words: dict[str, list[str]] = json.loads(ring.open(place_of(row.id), sealed))
    return words


Contents = dict[str, set[str]]


def contents(database: Database, tables: MetaData = Base.metadata) -> Contents:
    """Every row of every table, as text."""
    found: Contents = {}
    with database.read() as connection:
        for table in tables.sorted_tables:
            rows = connection.execute(select(*table.columns)).mappings()
            found[table.name] = {str(dict(row)) for row in rows}
    return found


def noise(database: Database, tables: MetaData = Base.metadata, rows: int = 2) -> Contents:
    """Unrelated rows in every table, which live for ever; a missing WHERE would touch them. Gives them."""
    before = contents(database, tables)
    made: dict[str, list[dict[str, Any]]] = {}
    with database.write() as connection:
        for table in tables.sorted_tables:
            key_name = table.columns.get("key_name")
            if key_name is not None and not key_name.nullable:
                continue  # what no key of the ring opens is damage, and said to be
            for number in range(rows):
                values = {
                    column.name: _pointed_at(column, made, number) or _value(column)
                    for column in table.columns
                    if _wanted(column)
                }
                added = connection.execute(insert(table).values(values)).inserted_primary_key
                keys = [column.name for column in table.primary_key]
                made.setdefault(table.name, []).append(values | dict(zip(keys, added or (), strict=False)))
    now = contents(database, tables)
    return {name: now[name] - before[name] for name in now}


def still_there(database: Database, unrelated: Contents) -> bool:
    """Whether none of these rows was touched."""
    now = contents(database)
    return all(now[name] >= rows for name, rows in unrelated.items())


def _wanted(column: Column[Any]) -> bool:
    numbered = column.table.autoincrement_column is column
    return not (column.nullable or numbered)


def _pointed_at(column: Column[Any], made: dict[str, list[dict[str, Any]]], number: int) -> Any:
    """The value of a row that this column points at; nothing if it points at none."""
    for key in column.foreign_keys:
        return made[key.column.table.name][number][key.column.name]
    return None


ONE_OF = {
    "collection.kind": "service",
    "job.kind": "service",
    "account_role.role": "keyer",
    "sign_in_link.gives": "password",
    "batch.state": "open",
    "batch.source": "post",
    "sheet.state": "keyed",
    "pass.number": 1,
    "interpreter_request.state": "open",
    "interpreter.gender": "woman",
    "interpreter.kind": "bank",
    "interpreter_language.level": "trained",
    "booking.ends": 4_000_000_000,
    "offer.state": "sent",
    "assignment.state": "confirmed",
    "assignment.busy_to": 4_000_000_000,
    "rota_slot.weekday": 1,
    "rota_slot.ends": 2_147_000_000,
    "document_edition.state": "asked",
}
"""For columns that take only some words: one of them."""


DAYS = count()
"""No two rows of noise have the same day."""


def _value(column: Column[Any]) -> Any:
    kind = column.type
    if str(column) in ONE_OF:
        return ONE_OF[str(column)]
    if isinstance(kind, JSON):
        return {}
    if isinstance(kind, LargeBinary):
        return secrets.token_bytes(32)
    if isinstance(kind, Date):
        return FAR + timedelta(days=next(DAYS))
    if isinstance(kind, Boolean):
        return True
    if isinstance(kind, Integer):
        return 2_000_000_000 + secrets.randbelow(100_000_000)
    if isinstance(kind, Text):
        return "noise"
    return secrets.token_hex(16)[: getattr(kind, "length", None) or 32]
