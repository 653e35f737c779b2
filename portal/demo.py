"""Synthetic people for a demonstration: seeded, invented, and sent in by the same way as real ones."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import bindparam, func, select, update

from portal import clock
from portal.database import Database
from portal.equality.collections import keep
from portal.forms import FORMS, in_use
from portal.intake.models import Submission
from portal.intake.submissions import Arrival, submit
from portal.questions import Answer, Choice, Date, Files, Form, Notice, Number, Question, Time
from portal.sealing import KeyRing
from portal.settings import CollectionEntry, Settings

SEED = 2026
PLACES = (
    CollectionEntry(code="synthetic-repairs", name="Repairs (synthetic)", team="Repairs"),
    CollectionEntry(code="synthetic-homefinder", name="Homefinder (synthetic)", team="Lettings"),
    CollectionEntry(
        code="synthetic-fair", name="Summer fair (synthetic)", kind="event", outlet="Market Hall"
    ),
)
"""Every synthetic answer is of one of these, so that each row of an export says what it is."""


def fill(
    database: Database, ring: KeyRing, settings: Settings, count: int, progress: Callable[[int, int], None]
) -> int:
    """Send in this many synthetic answers to every form, unless there are answers already."""
    with database.read() as connection:
        if connection.execute(select(func.count()).select_from(Submission)).scalar_one():
            return 0
    keep(database, PLACES)
    dice = random.Random(SEED)
    forms = tuple(in_use(FORMS, settings.variants).values())
    for number in range(count):
        form = dice.choice(forms)
        arrival = Arrival(
            form=form,
            answers=invented(form, dice),
            token=dice.randbytes(32),
            language=dice.choice(settings.languages),
            channel="web",
            collection=dice.choice(PLACES).code,
        )
        submit(database, ring, arrival)
        progress(number + 1, count)
    _spread_over_a_year(database, dice)
    return count


def _spread_over_a_year(database: Database, dice: random.Random) -> None:
    monday = clock.monday(clock.today())
    with database.write() as connection:
        rows = connection.execute(select(Submission.id)).scalars().all()
        connection.execute(
            update(Submission).where(Submission.id == bindparam("row")).values(received=bindparam("week")),
            [{"row": row, "week": monday - timedelta(weeks=dice.randrange(52))} for row in rows],
        )


def invented(form: Form, dice: random.Random, skip: float = 0.06) -> dict[str, Answer]:
    """Answers of one synthetic person: every question that they lead to, some of them skipped."""
    answers: dict[str, Answer] = {}
    for _round in form.questions:
        page = form.next_page(answers)
        if page is None:
            break
        for question in form.asked_on(page, answers):
            skipped = question.required is None and dice.random() < skip
            answers[question.key] = () if skipped else _answer(question, answers, dice)
    return answers


def _answer(question: Question, answers: dict[str, Answer], dice: random.Random) -> Answer:
    match question:
        case Choice():
            return _choice(question, answers, dice)
        case Date():
            return (f"{dice.randrange(1940, 2020)}-{dice.randrange(1, 13):02}-{dice.randrange(1, 29):02}",)
        case Number():
            return (str(dice.randint(question.least, question.most)),)
        case Time():
            return (f"{dice.randrange(24):02}:{dice.randrange(60):02}",)
        case Notice() | Files():
            return ()
        case _:
            return (f"synthetic words {dice.randrange(1000)}",)


def _choice(question: Choice, answers: dict[str, Answer], dice: random.Random) -> Answer:
    options = question.shown(answers)
    # earlier options more often: a made-up population that is not flat
    weights = [1 / (place + 1.5) * (0.3 if option.opts_out else 1) for place, option in enumerate(options)]
    first = dice.choices(options, weights)[0]
    if not question.many or first.alone:
        return (first.code,)
    others = {option.code for option in options if not option.alone and dice.random() < 0.15}
    return tuple(option.code for option in options if option.code in others | {first.code})
