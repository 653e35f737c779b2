"""Many minutes of people: the workers' memory and open files stay as they are."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

from tests.faults.crowd import Crowd
from tests.faults.ledger import look_up
from tests.faults.places import Place
from tests.faults.results import Figure, at_least, at_most, none, noted
from tests.faults.servers import Server
from tests.faults.waiting import until

GROWTH = 16.0
"""Megabytes that a worker may grow by after its first tenth, in which it fills its caches."""
FILES = 12
"""Files that it may have open more: connections of people who are there just now."""


def run(place: Place, seed: int, minutes: float) -> Iterator[Figure]:
    """People of all kinds for so long."""
    name = f"soak {place.kind}"
    seconds = minutes * 60
    with Server(place) as server:
        workers = server.workers
        crowd = Crowd(server.port, f"{seed}/soak", short=0.5)
        began = time.monotonic()
        crowd.start()
        try:
            _pass(crowd, began + seconds / 10, seconds)
            first = {pid: (megabytes(pid), files(pid)) for pid in workers}
            _pass(crowd, began + seconds / 2, seconds)
            half = {pid: megabytes(pid) for pid in workers}
            _pass(crowd, began + seconds, seconds)
            last = {pid: (megabytes(pid), files(pid)) for pid in workers}
        finally:
            crowd.finish()
        same = server.workers == workers
        unforeseen = server.unforeseen
        server.stop()
    with place.database() as database:
        verdict = look_up(database, place.ring, crowd.people)
    yield noted(name, "minutes", minutes)
    yield noted(name, "megabytes of a worker, early", max(memory for memory, _files in first.values()))
    yield noted(name, "megabytes of a worker, half way", max(half.values()))
    yield noted(name, "megabytes of a worker, in the end", max(memory for memory, _files in last.values()))
    grown = max(last[pid][0] - first[pid][0] for pid in workers)
    yield at_most(name, "megabytes that a worker grew by", grown, GROWTH)
    more = max(last[pid][1] - first[pid][1] for pid in workers)
    yield at_most(name, "files open more than at first", more, FILES)
    yield at_least(name, "workers as at the start (1: yes)", int(same), 1)
    yield from verdict.figures(name, 1)
    yield none(name, "people who saw an error", crowd.seen("500") + crowd.seen("503"))
    yield none(name, "errors nobody foresaw", len(unforeseen))


def _pass(crowd: Crowd, ends: float, seconds: float) -> None:
    until(lambda: time.monotonic() > ends or crowd.failures, "the end of the soak", seconds + 60)
    assert crowd.acknowledged, "nobody was served"


def megabytes(pid: int) -> float:
    """Resident memory of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 2**20


def files(pid: int) -> int:
    """How many files a process has open."""
    return len(os.listdir(f"/proc/{pid}/fd"))
