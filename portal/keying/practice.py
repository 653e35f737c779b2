"""Practice: made-up papers with known answers, by which a new keyer is scored. Nothing of it is stored."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from random import Random
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from portal import clock, references
from portal.database import Database
from portal.keying import closing, passes
from portal.keying.batches import NewBatch, open_batch
from portal.keying.error_rates import Count
from portal.keying.models import Batch, Pass, Sheet
from portal.keying.states import State
from portal.questions import Answer, Answers, Choice, Form
from portal.questions.answers import MULTIPLE
from portal.questions.inventing import invented
from portal.registers import pairs_of
from portal.sealing import KeyRing

PAPERS = 5
KNOWN_BY = "portal"
"""Who "keyed" the known answers."""
DAYS_KEPT = 7


@dataclass(frozen=True, slots=True)
class Score:
    """How a practice went so far."""

    keyed: int
    papers: int
    count: Count


def begin(database: Database, ring: KeyRing, form: Form, language: str, keyer: str) -> str:
    """Make a practice batch of a form in use; returns its reference."""
    new = NewBatch(
        form=form.key,
        edition=form.edition,
        variants=form.wording,
        registers=pairs_of(form),
        language=language,
        source="office",
        collection=None,
        received=clock.today(),
        declared=PAPERS,
        practice=True,
    )
    batch = open_batch(database, ring, new, keyer)
    dice = Random(batch)
    sheets, known = [], []
    for _paper in range(PAPERS):
        reference = references.new()
        row = {"reference": reference, "batch": batch, "state": State.TO_VERIFY.value, "why": ""}
        sheets.append({**row, "token": secrets.token_bytes(32)})
        answers = made_up(form, dice)
        known.append(passes.pass_row(ring, reference, 0, KNOWN_BY, answers, saved=True))
    with database.write() as connection:
        connection.execute(insert(Sheet), sheets)
        connection.execute(insert(Pass), known)
    return batch


def made_up(form: Form, dice: Random) -> dict[str, Answer]:
    """What somebody could have ticked, now and then twice where one tick was asked for."""
    answers = form.kept(invented(form, dice, skip=0.12))
    for question in form.questions:
        if isinstance(question, Choice) and not question.many and answers.get(question.key):
            options = [option.code for option in question.known if not option.opts_out]
            if len(options) > 2 and dice.random() < 0.05:
                ticked = dice.sample(options, 2)
                answers[question.key] = (MULTIPLE, *(code for code in options if code in ticked))
    return form.kept(answers)


def paper(database: Database, ring: KeyRing, sheet: str) -> Answers | None:
    """What is ticked on a made-up paper; None for a real one."""
    with database.read() as connection:
        rows = connection.execute(passes.PASSES, {"sheet": sheet}).all()
    return passes.opened(ring, rows[0]) if rows and rows[0].number == 0 else None


def score(database: Database, ring: KeyRing, form: Form, batch: str) -> Score:
    """How many papers are keyed, and how many of their answers are wrong."""
    counts = closing.errors_of(database, ring, form, batch).values()
    query = select(Sheet.state).where(Sheet.batch == batch)
    with database.read() as connection:
        states = connection.execute(query).scalars().all()
    keyed = sum(state in (State.AGREED.value, State.DIFFERS.value) for state in states)
    total = Count(sum(one.compared for one in counts), sum(one.wrong for one in counts))
    return Score(keyed, len(states), total)


def of_keyer(connection: Connection, keyer: str) -> list[Row[Any]]:
    """The practice batches of a keyer, the newest first."""
    query = select(*Batch.__table__.columns).where(Batch.practice, Batch.by == keyer)
    return list(connection.execute(query.order_by(Batch.opened.desc(), Batch.reference)))


def forget_old(database: Database) -> int:
    """Delete practice batches of more than a week ago; returns how many."""
    old = Batch.practice & (Batch.opened < clock.days_before(clock.today(), DAYS_KEPT))
    with database.write() as connection:
        found = connection.execute(select(Batch.reference).where(old)).scalars().all()
        for reference in found:
            closing.forget_papers(connection, reference)
        connection.execute(delete(Batch).where(old))
    return len(found)
