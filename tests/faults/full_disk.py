"""No room on the disk while people send: our own error pages, nothing acknowledged lost, and it goes on."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.crowd import Crowd
from tests.faults.ledger import ANSWERERS, Folk
from tests.faults.places import Machine, Place
from tests.faults.results import Figure, at_least, none, noted
from tests.faults.servers import Server
from tests.faults.waiting import until

ROOM = 96 * 1024
"""Bytes that a file may still grow by when the disk is said to be full."""
SMALL = 24
"""Megabytes of the small disk."""


def run_file_limit(
    machine: Machine, seed: int, troubles: int, folk: Folk = ANSWERERS, name: str = "disk"
) -> Iterator[Figure]:
    """SQLite: no file of the server may grow any more, until so many errors were seen."""
    place = machine.place("sqlite")

    @contextmanager
    def full(server: Server) -> Iterator[None]:
        longest = max(path.stat().st_size for path in place.data.iterdir())
        pids = server.workers
        before = [resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in pids]
        for pid, (_soft, hard) in zip(pids, before, strict=True):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (longest + ROOM, hard))
        try:
            yield
        finally:
            for pid, limits in zip(pids, before, strict=True):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)

    yield from _figures(f"{name} sqlite", place, seed, troubles, full, folk)


def run_small_disk(
    machine: Machine, kind: str, seed: int, troubles: int, folk: Folk = ANSWERERS, name: str = "disk"
) -> Iterator[Figure]:
    """The database lies on a small disk of its own, which somebody else fills up. Needs root."""
    disk = machine.folder / f"{name}-{kind}"
    name = f"small {name} {kind}"
    disk.mkdir()
    mount = ("mount", "-t", "tmpfs", "-o", f"size={SMALL}m,mode=0777", "tmpfs", str(disk))
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        yield noted(name, "not run: a disk can be mounted only by root", "")
        return
    try:
        place = _on_disk(machine, kind, disk)
        yield from _figures(name, place, seed, troubles, lambda server: filled_up(disk), folk)
    finally:
        if kind == "postgres":
            machine.postgres.drop_last()
            machine.postgres.statement("DROP TABLESPACE small")
        subprocess.run(("umount", "--lazy", str(disk)), check=True)


def _on_disk(machine: Machine, kind: str, disk: Path) -> Place:
    place = machine.place("sqlite")
    if kind == "sqlite":
        return Place("sqlite", place.data, f"sqlite:///{disk / 'portal.sqlite'}")
    machine.postgres.give(disk)
    machine.postgres.statement(f"CREATE TABLESPACE small LOCATION '{disk}'")
    return Place("postgres", place.data, machine.postgres.new_database("TABLESPACE small"))


@contextmanager
def filled_up(disk: Path) -> Iterator[None]:
    """A disk without a free byte."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass
    try:
        yield
    finally:
        filler.unlink()


def _figures(
    name: str, place: Place, seed: int, troubles: int, full: Callable[[Server], object], folk: Folk
) -> Iterator[Figure]:
    with Server(place) as server:
        workers = server.workers
        crowd = Crowd(server.port, f"{seed}/{name}", short=0.5, invent=folk.invent)
        crowd.start()
        try:
            until(lambda: crowd.acknowledged >= 5 or crowd.failures, "the first receipts")
            with full(server):  # type: ignore[attr-defined]
                until(lambda: crowd.seen("503") + crowd.seen("500") >= troubles or crowd.failures, "errors")
                during = crowd.acknowledged
            until(lambda: crowd.acknowledged >= during + 20 or crowd.failures, "receipts afterwards")
        finally:
            crowd.finish()
        unforeseen = server.unforeseen
        died = len(set(workers) - set(server.workers))
        server.stop()
    with place.database() as database:
        verdict = folk.look_up(database, place.ring, crowd.people)
    yield at_least(name, "answers 503 while there was no room", crowd.seen("503"), troubles)
    yield none(name, "answers 500", crowd.seen("500"))
    yield none(name, "pages that are not ours", crowd.seen("page not ours"))
    yield from verdict.figures(name, 25)
    yield none(name, "people who had to begin again", sum(one.began_again for one in crowd.people))
    yield none(name, "workers that died", died)
    yield none(name, "errors nobody foresaw", len(unforeseen))
