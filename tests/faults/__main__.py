"""Runs the faults and prints their figures: .venv/bin/python -m tests.faults [--quick] [--only NAME]...

Without --quick it takes about an hour. The exit code is 1 when a goal was missed or a run broke off.
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from tests.faults import (
    copies,
    doubles,
    full_disk,
    fuzz,
    held_lock,
    kill9,
    migration,
    office,
    reach,
    restart,
    rotation,
    soak,
    tabs,
    wire,
)
from tests.faults.places import KINDS, Machine, machine
from tests.faults.results import Figure, table

Found = Iterable[Figure]


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for on the command line."""

    seed: int
    quick: bool
    minutes: float

    def of(self, full: int, quick: int) -> int:
        return quick if self.quick else full


def on_kill9(machine: Machine, wish: Wish) -> Iterator[Found]:
    for kind in KINDS:
        yield kill9.run(machine.place(kind), wish.seed, wish.of(20, 2), wish.of(1000, 40))


def on_twin(machine: Machine, wish: Wish) -> Iterator[Found]:
    for kind in KINDS:
        yield kill9.run_twin(machine.place(kind), wish.seed, wish.of(9, 3), wish.of(180, 30))


def on_office(machine: Machine, wish: Wish) -> Iterator[Found]:
    for kind in KINDS:
        yield office.run(machine.place(kind), wish.seed, wish.of(20, 2), wish.of(10, 4), wish.of(200, 12))


def on_office_twin(machine: Machine, wish: Wish) -> Iterator[Found]:
    for kind in KINDS:
        yield office.run_twin(machine.place(kind), wish.seed, wish.of(4, 2), wish.of(10, 4), wish.of(40, 12))


def on_doubles(machine: Machine, wish: Wish) -> Iterator[Found]:
    for kind in KINDS:
        place = machine.place(kind, workers=doubles.WORKERS)
        yield doubles.run(place, wish.seed, wish.of(300, 10))


def on_drafts(machine: Machine, wish: Wish) -> Iterator[Found]:
    for kind in KINDS:
        yield tabs.run(machine.place(kind), wish.seed, wish.of(400, 40))


def on_copies(machine: Machine, wish: Wish) -> Iterator[Found]:
    for kind in KINDS:
        yield copies.run(machine, kind, KINDS, wish.seed, wish.of(9, 2), wish.of(9, 2))


def on_rotation(machine: Machine, wish: Wish) -> Iterator[Found]:
    steps = 3 if wish.quick else None
    for kind in KINDS:
        yield rotation.run(machine.place(kind), wish.seed, 20, steps, 0)
        yield rotation.run(machine.place(kind), wish.seed, wish.of(1500, 60), 1, wish.of(8, 1))


def on_reach(machine: Machine, wish: Wish) -> Iterator[Found]:
    for kind in KINDS:
        yield reach.run(machine.place(kind), wish.seed, wish.of(400, 30), wish.of(12, 2))
    yield reach.run_twin(machine.place("sqlite"), wish.seed, wish.of(100, 20), 2)


def on_migration(machine: Machine, wish: Wish) -> Iterator[Found]:
    for kind in KINDS:
        yield migration.run(machine, kind, wish.seed, wish.of(40, 3))


def on_disk(machine: Machine, wish: Wish) -> Iterator[Found]:
    yield full_disk.run_file_limit(machine, wish.seed, wish.of(200, 20))
    for kind in KINDS:
        yield full_disk.run_small_disk(machine, kind, wish.seed, wish.of(200, 20))


def on_lock(machine: Machine, wish: Wish) -> Iterator[Found]:
    for kind in KINDS:
        yield held_lock.run(machine.place(kind), wish.seed)


def on_restart(machine: Machine, wish: Wish) -> Iterator[Found]:
    yield restart.run(machine, wish.seed, wish.of(8, 2), wish.of(40, 10))


def on_fuzz(machine: Machine, wish: Wish) -> Iterator[Found]:
    for kind in KINDS:
        yield fuzz.run(machine.place(kind), wish.seed, wish.of(20_000, 1500))
        yield wire.run(machine.place(kind), wish.seed, wish.of(2000, 100))


def on_soak(machine: Machine, wish: Wish) -> Iterator[Found]:
    yield soak.run(machine.place("sqlite"), wish.seed, min(wish.minutes, wish.of(10_000, 1)))


RUNS: dict[str, Callable[[Machine, Wish], Iterator[Found]]] = {
    "kill9": on_kill9,
    "twin": on_twin,
    "office": on_office,
    "office-twin": on_office_twin,
    "doubles": on_doubles,
    "drafts": on_drafts,
    "copies": on_copies,
    "rotation": on_rotation,
    "reach": on_reach,
    "migration": on_migration,
    "disk": on_disk,
    "lock": on_lock,
    "restart": on_restart,
    "fuzz": on_fuzz,
    "soak": on_soak,
}


def gone_through(name: str, machine: Machine, wish: Wish) -> Iterator[Figure]:
    """The figures of one kind of fault; a run that breaks off is a figure too."""
    began = time.monotonic()
    try:
        for found in RUNS[name](machine, wish):
            yield from found
    except Exception:
        traceback.print_exc()
        yield Figure(name, "broke off: see the trace above", "", "", False)
    print(f"{name}: {time.monotonic() - began:.0f} seconds", file=sys.stderr, flush=True)


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    asked.add_argument("--seed", type=int, default=2026)
    asked.add_argument("--quick", action="store_true", help="small samples of everything")
    asked.add_argument("--only", action="append", choices=RUNS, metavar="NAME", help=", ".join(RUNS))
    asked.add_argument("--minutes", type=float, default=10, help="how long to soak (default: 10)")
    given = asked.parse_args()
    wish = Wish(given.seed, given.quick, given.minutes)
    warnings.filterwarnings("ignore", "XDG_RUNTIME_DIR is not set")
    figures: list[Figure] = []
    with machine() as found:
        for name in given.only or RUNS:
            figures += (here := list(gone_through(name, found, wish)))
            print(table(here), flush=True)  # a run that is broken off has shown what it found
    missed = sum(not figure.met for figure in figures)
    print(f"\nseed {wish.seed}: {len(figures)} figures, {missed} goals missed")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
