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
from statistics import median

from portal.questions import Form
from tests.bench.filled import FORMS, Given, Place, answered, checking, whole
from tests.bench.journey import Lost, OverHttp
from tests.bench.journeys import databases
from tests.bench.servers import Running, cluster, free_port, rows, serve_portal

GOAL = 2.0
WARM = 8
"""Forms sent before anything is counted, each on a connection of its own: both workers have sent some."""
TIMES = 4
"""So many forms are sent for each journey that was asked for: a press is short, and the clock is coarse."""


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
    """For each round what a press costs in either form. The two take turns in being the first."""
    for form, given in FORMS:
        for _time in range(WARM):
            _sent(running, beside, form, given, 1)
    found = []
    for number in range(rounds):
        order = FORMS if number % 2 == 0 else FORMS[::-1]
        costs = {form.key: _sent(running, beside, form, given, times) for form, given in order}
        found.append((costs[FORMS[0][0].key], costs[FORMS[1][0].key]))
    each = WARM + rounds * times
    if running.stored() != (2 * each, 0) or rows(running.url, "incident_case") != each:
        raise RuntimeError(f"{running.stored()} submissions and drafts after {2 * each} presses")
    return found


def _sent(running: Running, beside: Place, form: Form, given: Given, times: int) -> Cost:
    """So many people look at their answers; then all press Send, one after the other."""
    answers = whole(form, given)
    way = OverHttp(running.port)
    people = [beside.person(way, form, answers) for _time in range(times)]
    presses = [(person, *checking(person, form)) for person in people]
    way.close()
    way = OverHttp(running.port)
    before = running.server_seconds(), running.database_seconds()
    for person, path, body in presses:
        person.way = way
        page = person.send("POST", path, body)
        if page.status != 303 or not page.header("location").endswith("/sent"):
            raise Lost(f"POST {path} gives {page.status}")
    after = running.server_seconds(), running.database_seconds()
    way.close()
    return (after[0] - before[0]) * 1000 / times, (after[1] - before[1]) * 1000 / times


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
