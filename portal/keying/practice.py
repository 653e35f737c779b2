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
from portal.questions import Answer, Answers, Choice, Date, Files, Form, Notice, Number, Question, Text, Time
from portal.questions.answers import MULTIPLE
from portal.sealing import KeyRing

PAPERS = 5
KNOWN_BY = "portal"
"""Who "keyed" the known answers."""
DAYS_KEPT = 7
WORDS = ("Kashmiri", "Somali", "Made-up words")


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
        variants=form.variants,
        language=language,
        source="office",
        collection=None,
        received=clock.today(),
        declared=PAPERS,
        practice=True,
    )
    batch = open_batch(database, ring, new, keyer)
    random = Random(batch)
    sheets, known = [], []
    for _paper in range(PAPERS):
        reference = references.new()
        row = {"reference": reference, "batch": batch, "state": State.TO_VERIFY.value, "why": ""}
        sheets.append({**row, "token": secrets.token_bytes(32)})
        answers = made_up(form, random)
        known.append(passes.pass_row(ring, reference, 0, KNOWN_BY, answers, saved=True))
    with database.write() as connection:
        connection.execute(insert(Sheet), sheets)
        connection.execute(insert(Pass), known)
    return batch


def made_up(form: Form, random: Random) -> dict[str, Answer]:
    """Answers that somebody could have ticked, always the same for one state of `random`."""
    answers: dict[str, Answer] = {}
    for question in form.questions:
        if not isinstance(question, Notice | Files):
            answers[question.key] = _one(question, random)
    return form.kept(answers)


def _one(question: Question, random: Random) -> Answer:
    if random.random() < 0.12 or question.by == "office":
        return ()
    match question:
        case Choice():
            options = [option for option in question.known if option.by == "anyone" and not option.opts_out]
            if not question.many and len(options) > 2 and random.random() < 0.06:
                several = random.sample(options, 2)
                return (MULTIPLE, *(option.code for option in options if option in several))
            together = [option for option in options if not option.alone]
            if question.many and len(together) > 1 and random.random() < 0.5:
                some = random.sample(together, 2)
                return tuple(option.code for option in together if option in some)
            return (random.choice(options).code,) if options else ()
        case Date():
            years = (2090, 2099) if question.when == "future" else (1940, 2005)
            return (f"{random.randint(*years)}-{random.randint(1, 12):02}-{random.randint(1, 28):02}",)
        case Time():
            return (f"{random.randint(8, 18):02}:{random.choice((0, 15, 30)):02}",)
        case Number():
            return (str(random.randint(question.least, min(question.most, question.least + 20))),)
        case Text():
            return (random.choice(WORDS),)
    return ()


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
