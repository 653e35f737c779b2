"""Batches: opening one with its declared count, and what stands where in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select

from portal import audit, clock, references
from portal.audit import Did
from portal.database import Database
from portal.keying.models import Batch, Sheet
from portal.keying.states import DONE, State
from portal.paper.models import Paper, PrintRun
from portal.questions import Form
from portal.registers import Pairs, as_printed
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
PRINTED = (
    select(Sheet.reference, Paper.run, PrintRun.registers)
    .outerjoin(Paper, Paper.reference == Sheet.reference)
    .outerjoin(PrintRun, PrintRun.reference == Paper.run)
    .where(Sheet.batch == bindparam("batch"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBatch:
    """What the head of a batch says."""

    form: str
    edition: str
    variants: Mapping[str, str]
    registers: Mapping[str, list[list[str]]] = field(default_factory=dict)
    """What the lists of the form offer now, as `registers.pairs_of` gives it."""
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
        "registers": dict(new.registers),
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
    found = next((form for form in forms if (form.key, form.edition) == (batch.form, batch.edition)), None)
    return found.here(batch.variants, office=True) if found else None


def as_on_paper(form: Form, batch: Row[Any], printed: Pairs | None) -> Form:
    """A batch's form with the members that its lists have on one paper, whatever has become of them since.

    `form` knows all that there ever were, and `printed` is what the paper's print run kept; another paper
    has what was offered when the batch was opened (all there ever was, if it is one of before this was
    kept). So the numbers on it stay what they are.
    """
    kept = {**(batch.registers or {}), **(printed or {})}
    return as_printed(form, kept).here(form.wording, office=True) if form.lists else form


def forms_on_papers(connection: Connection, form: Form, batch: Row[Any]) -> dict[str, Form]:
    """The form as each paper of an open batch has it, by the paper's reference."""
    found: dict[str | None, Form] = {}
    rows = connection.execute(PRINTED, {"batch": batch.reference}).all()
    for row in rows:
        if row.run not in found:
            found[row.run] = as_on_paper(form, batch, row.registers)
    return {row.reference: found[row.run] for row in rows}


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
