"""How often keying is wrong, with intervals: per question, keyer and edition."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import Any

from sqlalchemy import Connection, func, select

from portal.keying.models import Batch, KeyingErrors

MOST_WRONG = 0.005
"""Share of wrong answers above which a whole batch is keyed again."""


@dataclass(frozen=True, slots=True)
class Count:
    """Answers compared, and those that were wrong."""

    compared: int
    wrong: int

    @property
    def rate(self) -> float:
        return self.wrong / self.compared if self.compared else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's score interval at 95 %: where the true rate may lie."""
        return wilson(self.wrong, self.compared)


def wilson(wrong: int, compared: int, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval (Wilson 1927, JASA 22:209) of a rate; 0 to 1 when nothing was compared."""
    if not compared:
        return 0.0, 1.0
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    rate = wrong / compared
    middle = rate + z * z / (2 * compared)
    spread = z * sqrt(rate * (1 - rate) / compared + z * z / (4 * compared * compared))
    below = 1 + z * z / compared
    low, high = (middle - spread) / below, (middle + spread) / below
    return (low if wrong else 0.0), (high if wrong < compared else 1.0)


def too_high(counts: Iterable[Count]) -> bool:
    """Whether so much was wrong in a batch that all of it is keyed again."""
    found = list(counts)
    return Count(sum(one.compared for one in found), sum(one.wrong for one in found)).rate > MOST_WRONG


def rates(connection: Connection, by: str) -> list[tuple[str, Count]]:
    """Error counts of closed batches by `question`, `keyer` or `edition`, most wrong first."""
    columns: dict[str, Any] = {
        "question": Batch.form + " " + KeyingErrors.question,
        "keyer": KeyingErrors.keyer,
        "edition": Batch.form + " " + Batch.edition,
    }
    column = columns[by]
    query = (
        select(column, func.sum(KeyingErrors.compared), func.sum(KeyingErrors.wrong))
        .join(Batch, Batch.reference == KeyingErrors.batch)
        .group_by(column)
    )
    rows = connection.execute(query).all()
    found = [(str(row[0]), Count(int(row[1]), int(row[2]))) for row in rows]
    return sorted(found, key=lambda one: (-one[1].rate, one[0]))
