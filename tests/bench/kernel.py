"""What the kernel's own work takes, in this process, without web or database; and an export."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import func, select

from portal.analysis.export import Wanted
from portal.database import Database
from portal.demo import fill
from portal.forms import EQUALITY, FORMS
from portal.intake.models import Submission
from portal.languages import months
from portal.migrating import migrate
from portal.questions import Reader
from portal.sealing import KeyRing
from portal.settings import Settings
from tests.arrivals import take_out
from tests.bench.journey import WITH_WORDS

ROWS = 1000


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of work; it is done well when it costs no more than the goal."""

    name: str
    value: float
    unit: str
    goal: float
    at_least: bool = False

    @property
    def met(self) -> bool:
        return self.value >= self.goal if self.at_least else self.value <= self.goal


def work(rows: int = ROWS) -> Iterator[Work]:
    form = EQUALITY.here({})
    answers = dict(WITH_WORDS)
    reader = Reader(months("en"), date(2026, 11, 21))
    typed = {key: list(answer) for key, answer in answers.items()}
    last = next(page for page in form.pages if "english_proficiency" in page.keys)

    def read() -> None:
        for question in form.questions:
            question.read(typed, answers, reader)

    for name, goal, call in (
        ("the way through a full form", 100, lambda: list(form.reached(answers))),
        ("the page after the last answer", 100, lambda: form.next_page(answers)),
        ("the page before the check page", 100, lambda: form.page_before(None, answers)),
        ("what is asked on the last page", 100, lambda: form.asked_on(last, answers)),
        ("reading every answer of a form", 300, read),
    ):
        yield Work(name, microseconds(call), "µs", goal)
    yield Work(f"export out of {rows} answers", exported(rows), "rows/s", 1000, at_least=True)


def microseconds(call: Callable[[], object], times: int = 300, rounds: int = 15) -> float:
    """CPU time of one call: the least of the rounds, which other processes disturbed least."""
    best = float("inf")
    for _round in range(rounds):
        begun = time.thread_time_ns()
        for _time in range(times):
            call()
        best = min(best, (time.thread_time_ns() - begun) / times / 1000)
    return best


def exported(rows: int) -> float:
    """Answers per CPU second that an export writes, out of SQLite: those to one form, of so many in all."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        place = Path(folder)
        database = Database(f"sqlite:///{place / 'portal.sqlite'}")
        migrate(database)
        fill(database, KeyRing.new(), Settings(data=place), rows, lambda done, of: None)
        wanted = Wanted("equality", place / "out", "bench")
        begun = time.process_time()
        take_out(database, FORMS, wanted, lambda done, of: None)
        spent = time.process_time() - begun
        there = select(func.count()).select_from(Submission).where(Submission.form == wanted.form)
        with database.read() as connection:
            written: int = connection.execute(there).scalar_one()
        database.close()
    return written / spent
