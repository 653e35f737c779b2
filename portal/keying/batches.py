"""Batches: opening one with its declared count, and what stands where in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select

from portal import audit, clock, references
from portal.audit import Did
from portal.database import Database
from portal.keying.models import Batch, Sheet
from portal.keying.states import DONE, State
from portal.questions import Form
from portal.sealing import KeyRing

SOURCES = ("office", "surgery", "post", "event")
SHARE = 15
"""Per cent of a batch that is keyed twice, unless the supervisor says otherwise."""

FIND = select(*Batch.__table__.columns).where(Batch.reference == bindparam("batch"))
COUNTS = select(Sheet.state, func.count()).where(Sheet.batch == bindparam("batch")).group_by(Sheet.state)
SHEETS = (
    select(Sheet.reference, Sheet.state, Sheet.why)
    .where(Sheet.batch == bindparam("batch"))
    .order_by(Sheet.state, Sheet.reference)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBatch:
    """What the head of a batch says."""

    form: str
    edition: str
    variants: Mapping[str, str]
    language: str
    source: str
    collection: str | None
    received: date
    declared: int
    share: int = SHARE
    practice: bool = False


def open_batch(database: Database, ring: KeyRing, new: NewBatch, by: str) -> str:
    """Open a batch; returns its reference."""
    reference = references.new()
    row = {
        **asdict(new),
        "variants": dict(new.variants),
        "reference": reference,
        "by": by,
        "opened": clock.today(),
        "state": "open",
        "stored": 0,
        "rejected": 0,
        "reason": "",
    }
    with database.write() as connection:
        connection.execute(insert(Batch), row)
        audit.note(connection, ring, by=by, did=Did.CREATED, what=f"batch {reference}")
    return reference


def find(connection: Connection, reference: str) -> Row[Any] | None:
    """A batch by its reference."""
    return connection.execute(FIND, {"batch": reference}).first()


def form_of(forms: tuple[Form, ...], batch: Row[Any]) -> Form | None:
    """The form that a batch's paper is, with what only staff may answer; None for one long gone."""
    # Its lists are those of `forms`, as they are now: a pile may mix papers of several print runs
    found = next((form for form in forms if (form.key, form.edition) == (batch.form, batch.edition)), None)
    return found.here(batch.variants, office=True) if found else None


def counts(connection: Connection, reference: str) -> dict[State, int]:
    """How many papers of a batch are in each state."""
    rows = connection.execute(COUNTS, {"batch": reference})
    return {State(state): number for state, number in rows}


def taken_in(found: Mapping[State, int]) -> int:
    """The papers that are through: answers ready to be stored, or rejected."""
    return sum(number for state, number in found.items() if state in DONE or state is State.REJECTED)


def under_way(found: Mapping[State, int]) -> int:
    """The papers that somebody still has to do something with."""
    return sum(found.values()) - taken_in(found)


def sheets(connection: Connection, reference: str) -> list[Row[Any]]:
    """The papers of an open batch."""
    return list(connection.execute(SHEETS, {"batch": reference}))


def every(connection: Connection, state: str, limit: int = 100) -> list[Row[Any]]:
    """Batches that are open (the longest waiting first) or closed (the last ones first)."""
    query = select(*Batch.__table__.columns).where(Batch.state == state, Batch.practice.is_(False))
    order = Batch.received if state == "open" else Batch.closed.desc()
    return list(connection.execute(query.order_by(order, Batch.reference).limit(limit)))
