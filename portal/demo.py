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
from portal.incidents import reports
from portal.intake.models import Submission
from portal.intake.submissions import Arrival, submit
from portal.questions import Answer, Date, Form, Time
from portal.questions.inventing import invented
from portal.receiving import RECEIVERS
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
    """Send in this many synthetic answers to all forms but the one of incidents, unless there are some.

    Incidents are made up one by one, in demo_cases: people deal with them.
    """
    with database.read() as connection:
        if connection.execute(select(func.count()).select_from(Submission)).scalar_one():
            return 0
    keep(database, PLACES)
    dice = random.Random(SEED)
    asked = in_use(FORMS, settings.variants).values()
    forms = tuple(form for form in asked if form.key != reports.FORM)
    for number in range(count):
        form = dice.choice(forms)
        arrival = Arrival(
            form=form,
            answers=_likely(form, invented(form, dice), dice),
            token=dice.randbytes(32),
            language=dice.choice(settings.languages),
            channel="web",
            collection=dice.choice(PLACES).code,
        )
        submit(database, ring, arrival, RECEIVERS)
        progress(number + 1, count)
    _spread_over_a_year(database, dice)
    return count


def _likely(form: Form, answers: dict[str, Answer], dice: random.Random) -> dict[str, Answer]:
    """Made-up answers with days in the next weeks, office hours, and a phone number that nobody has."""
    day = clock.today()
    for question in form.questions:
        if not answers.get(question.key):
            continue
        if isinstance(question, Date) and question.when == "future":
            day = clock.working_days_after(clock.today(), dice.randint(1, 20))
            answers[question.key] = (day.isoformat(),)
        elif isinstance(question, Time):
            answers[question.key] = ("10:30",) if question.after else ("09:30",)
        elif question.key == "phone":
            answers[question.key] = (f"07700 900{dice.randrange(1000):03}",)  # Ofcom keeps these for stories
        elif question.key == "postcode":
            answers[question.key] = (f"ZZ{dice.randint(1, 9)} 9ZZ",)
    return answers


def _spread_over_a_year(database: Database, dice: random.Random) -> None:
    monday = clock.monday(clock.today())
    with database.write() as connection:
        rows = connection.execute(select(Submission.id)).scalars().all()
        connection.execute(
            update(Submission).where(Submission.id == bindparam("row")).values(received=bindparam("week")),
            [{"row": row, "week": monday - timedelta(weeks=dice.randrange(52))} for row in rows],
        )
