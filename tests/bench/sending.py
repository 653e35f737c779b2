"""What a press on Send costs the server for a report, as a multiple of an equality form as long.

Measured is the request alone that stores: its answer leads to the next page. For a report that is a case with
a key of its own, its time limits, how to reach the person, and what they agreed to. Each is another person's.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median

from tests.bench.filled import FORMS, Place, answered, checking, whole
from tests.bench.journey import Lost, OverHttp
from tests.bench.journeys import databases
from tests.bench.servers import Meter, Running, cluster, free_port, rows, serve_portal

GOAL = 2.0
WARM = 8
"""Forms of each kind sent before anything is counted."""
TIMES = 4
"""So many forms are sent for each journey that was asked for: a press is short."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A line of the report."""

    database: str
    answers: int
    """Questions answered, in either form."""
    equality: float
    """CPU milliseconds of a press on Send, median of the rounds."""
    report: float
    ratios: tuple[float, ...]
    """Report over equality form, round by round."""

    @property
    def ratio(self) -> float:
        return median(self.ratios)

    @property
    def met(self) -> bool:
        return self.ratio <= GOAL


Cost = tuple[float, float]
"""CPU milliseconds of a press: of the server, and of the database's own processes."""


def measured(rounds: int, journeys: int) -> Iterator[Figure]:
    """Both forms at one portal, on each database."""
    for kind in databases():
        with tempfile.TemporaryDirectory(prefix="bench-") as folder, ExitStack() as stack:
            place = Path(folder)
            place.chmod(0o755)  # PostgreSQL runs as a user of its own
            url, database = f"sqlite:///{place / 'portal.sqlite'}", None
            if kind == "PostgreSQL":
                url, database = stack.enter_context(cluster(place / "postgres"))
            port = free_port()
            server = stack.enter_context(serve_portal(place, url, port))
            beside = Place(place / "data", url)
            stack.callback(beside.close)
            found = _rounds(Running(kind, port, url, server, database), beside, rounds, journeys * TIMES)
        yield from _figures(kind, found)


def _rounds(running: Running, beside: Place, rounds: int, times: int) -> list[tuple[Cost, Cost]]:
    """For each round what a press costs in either form."""
    _sent(running, beside, WARM)
    found = [_sent(running, beside, times) for _round in range(rounds)]
    each = WARM + rounds * times
    if running.stored() != (2 * each, 0) or rows(running.url, "incident_case") != each:
        raise RuntimeError(f"{running.stored()} submissions and drafts after {2 * each} presses")
    return found


def _sent(running: Running, beside: Place, times: int) -> tuple[Cost, Cost]:
    """So many people of each form look at their answers; then all press Send, by turns: a machine that is
    faster now than a second later is so for both."""
    way = OverHttp(running.port)
    presses = []
    for _time in range(times):
        for place, (form, given) in enumerate(FORMS):
            person = beside.person(way, form, whole(form, given))
            presses.append((place, person, *checking(person, form)))
    way.close()
    way = OverHttp(running.port)
    spent: tuple[list[Cost], list[Cost]] = ([], [])
    meter = Meter(running)
    for place, person, path, body in presses:
        person.way = way
        page = person.send("POST", path, body)
        if page.status != 303 or not page.header("location").endswith("/sent"):
            raise Lost(f"POST {path} gives {page.status}")
        spent[place].append(meter.passed())
    way.close()
    return _average(spent[0]), _average(spent[1])


def _average(costs: list[Cost]) -> Cost:
    return fmean(one for one, _database in costs), fmean(one for _server, one in costs)


def _figures(kind: str, found: list[tuple[Cost, Cost]]) -> Iterator[Figure]:
    parts = {kind: 1}
    if kind == "PostgreSQL":
        parts["and its processes"] = 2
    for name, count in parts.items():
        times = [(sum(equality[:count]), sum(report[:count])) for equality, report in found]
        yield Figure(
            name,
            answered(*FORMS[0]),
            median(equality for equality, _report in times),
            median(report for _equality, report in times),
            tuple(report / equality for equality, report in times),
        )
