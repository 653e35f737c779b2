"""What two keyings say differently, settled by a third person; and what they cannot read, by a supervisor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from portal import audit
from portal.audit import Did
from portal.database import Database
from portal.keying.models import Batch, Pass, Sheet
from portal.keying.passes import FIND_SHEET, PASSES, MovedOn, differences, move, opened, pass_row
from portal.keying.states import Event, State
from portal.questions import Answer, Answers, Form
from portal.questions.keying import QUERY
from portal.sealing import KeyRing

WAITING = (
    select(Sheet.reference, Sheet.batch, Sheet.state, Batch.form, Batch.edition, Batch.language)
    .join(Batch, Batch.reference == Sheet.batch)
    .where(Sheet.state.in_([State.DIFFERS.value, State.QUERY.value]), Batch.practice.is_(False))
    .order_by(Batch.received, Sheet.reference)
)


@dataclass(frozen=True, slots=True)
class Dispute:
    """A paper whose keyings have to be settled."""

    sheet: str
    batch: str
    state: State
    keyings: tuple[dict[str, Answer], ...]
    keyers: frozenset[str]
    open: tuple[str, ...]
    """Keys of the questions to settle, in the order of the paper."""


def waiting(database: Database) -> list[Row[Any]]:
    """The papers that wait for somebody who has not keyed them."""
    with database.read() as connection:
        return list(connection.execute(WAITING))


def dispute(database: Database, ring: KeyRing, form: Form, reference: str) -> Dispute | None:
    """What there is to settle about a paper; None when there is nothing."""
    with database.read() as connection:
        sheet = connection.execute(FIND_SHEET, {"sheet": reference}).first()
        passes = connection.execute(PASSES, {"sheet": reference}).all()
    if sheet is None or State(sheet.state) not in (State.DIFFERS, State.QUERY):
        return None
    keyings = tuple(opened(ring, one) for one in passes if one.saved and one.number in (1, 2))
    asked = {key for answers in keyings for key, answer in answers.items() if answer == QUERY}
    if len(keyings) == 2:
        asked |= set(differences(form, *keyings))
    return Dispute(
        reference,
        sheet.batch,
        State(sheet.state),
        keyings,
        frozenset(one.keyer for one in passes),
        tuple(question.key for question in form.questions if question.key in asked),
    )


def resolve(database: Database, ring: KeyRing, found: Dispute, settled: Answers, keyer: str) -> bool:
    """Store what is right; False when it is not theirs to settle: they keyed it, or somebody was faster."""
    final = {**found.keyings[0], **settled}
    row = pass_row(ring, found.sheet, 3, keyer, final, saved=True)
    try:
        with database.write() as connection:
            connection.execute(insert(Pass), row)
            move(connection, found.sheet, found.state, Event.RESOLVE)
            audit.note(connection, ring, by=keyer, did=Did.RESOLVED, what=f"batch {found.batch}")
    except (IntegrityError, MovedOn):
        return False
    return True


def set_aside(database: Database, ring: KeyRing, found: Dispute, why: str, by: str) -> bool:
    """Reject the paper after all; False when they keyed it, or somebody was faster."""
    if by in found.keyers:
        return False
    try:
        with database.write() as connection:
            move(connection, found.sheet, found.state, Event.REJECT)
            connection.execute(update(Sheet).where(Sheet.reference == found.sheet).values(why=why))
            what = f"batch {found.batch}"
            audit.note(connection, ring, by=by, did=Did.REFUSED, what=what, detail={"why": why})
    except MovedOn:
        return False
    return True
