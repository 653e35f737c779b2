"""`portal worker` as a process: killed in the middle of a job, beside a server, and left alone by it."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from portal import outbox
from portal.audit import Did, note
from portal.clock import seconds
from portal.database import Database
from portal.sealing import KeyRing
from portal.working import PERIODIC
from tests.fresh import address_of
from tests.running import COMMAND, PATIENCE, at_home, environment, serving

WORKER = "--beside-server"


def until(happened: Callable[[], Any], what: str) -> Any:
    """Looks again and again; gives what came."""
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        found = happened()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"in vain: {what}")


def jobs(database: Database) -> dict[str, list[Any]]:
    """Every job, by its kind."""
    found: dict[str, list[Any]] = {kind: [] for kind in PERIODIC}
    with database.read() as connection:
        for row in connection.execute(select(*outbox.Job.__table__.columns).order_by(outbox.Job.id)):
            found[row.kind].append(row)
    return found


def done(database: Database) -> bool:
    return all(any(row.state == "done" for row in rows) for rows in jobs(database).values())


def workers(data: Path) -> list[int]:
    """The processes that work for this data folder, by what Linux says of them; those that ended are none."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
            given = (process / "environ").read_bytes().split(b"\0")
        except OSError:
            words = given = []  # it ended while we looked
        if b"worker" in words and f"PORTAL_DATA={data}".encode() in given:
            found.append(int(process.name))
    return found


@pytest.fixture
def home(database: Database, ring: KeyRing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    data = at_home(database, tmp_path, monkeypatch)
    ring.save(data / "keys.json")
    return data


@contextmanager
def working(data: Path, database: Database, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """A `portal worker`, killed at the end if it still runs."""
    with (data.parent / "logged.txt").open("ab") as logged:
        process = subprocess.Popen(
            [COMMAND, "worker", *words],
            env=environment(data, PORTAL_DATABASE=address_of(database)),
            cwd=data.parent,
            stdin=subprocess.PIPE,
            stdout=logged,
            stderr=logged,
        )
    try:
        yield process
    finally:
        if process.stdin:
            process.stdin.close()
        process.kill()
        process.wait(PATIENCE)


@pytest.mark.parametrize("words", [[], [WORKER]], ids=["alone", "beside a server"])
@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_does_what_is_due_until_it_is_told_to_stop(
    home: Path, database: Database, stop: signal.Signals, words: list[str]
) -> None:
    with working(home, database, *words) as process:
        until(lambda: done(database), "the periodic jobs")
        assert process.poll() is None
        process.send_signal(stop)
        assert process.wait(PATIENCE) == 0
    assert (home.parent / "logged.txt").read_text() == ""


def test_a_job_whose_worker_is_killed_in_the_middle_is_done_by_the_next(
    home: Path, database: Database, ring: KeyRing
) -> None:
    """The job waits for the lock of a file that we hold: so it is under way when its worker is killed."""
    with database.write() as connection:
        number = outbox.put(connection, "audit anchor", {}, due=seconds() - 7200)  # before that of the hour
        note(connection, ring, by="portal", did=Did.CREATED, what="page")
    file = home / "audit-anchors"

    def leased() -> str | None:
        return next((row.lease for row in jobs(database)["audit anchor"] if row.id == number), None)

    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with working(home, database) as first:
            held = until(leased, "a worker that has the job")
            first.kill()
            first.wait(PATIENCE)
    assert leased() == held, "nobody knows yet that it was killed"
    assert file.read_text() == ""
    with database.write() as connection:  # its minute is over
        connection.execute(outbox.Job.__table__.update().where(outbox.Job.id == number).values(lease_until=1))
    with working(home, database):
        due = slice(2)  # the one under test, and that of the hour; the third is that of the next hour
        until(lambda: {row.state for row in jobs(database)["audit anchor"][due]} == {"done"}, "both jobs")
    [row] = [row for row in jobs(database)["audit anchor"] if row.id == number]
    assert (row.tries, row.lease) == (2, None)
    assert {line[:2] for line in file.read_text().splitlines()} == {"1 "}


def test_a_worker_beside_a_server_ends_when_the_server_does(home: Path, database: Database) -> None:
    with working(home, database, WORKER) as process:
        until(lambda: done(database), "the periodic jobs")
        assert process.poll() is None and process.stdin is not None
        process.stdin.close()
        assert process.wait(PATIENCE) == 0


@pytest.fixture
def two_processes(tmp_path: Path) -> Path:
    data = tmp_path / "here" / "data"
    data.mkdir(parents=True, mode=0o700)
    (data / "portal.toml").write_text("workers = 2")
    return data


def test_a_server_has_one_worker_and_when_it_stops_none_is_left(two_processes: Path) -> None:
    data = two_processes
    with serving(data) as running:
        [worker] = until(lambda: workers(data), "a worker")
        database = Database(f"sqlite:///{data}/portal.sqlite")
        until(lambda: done(database), "the periodic jobs")
        database.close()
        assert workers(data) == [worker]
        assert running.stop() == 0
        until(lambda: not workers(data), "the end of the worker")
    assert running.logged == ""


def test_a_server_that_is_killed_leaves_no_worker_behind(two_processes: Path) -> None:
    data = two_processes
    with serving(data) as running:
        until(lambda: workers(data), "a worker")
        running.process.kill()
        running.process.wait(PATIENCE)
        until(lambda: not workers(data), "the end of the worker")


def test_a_worker_that_is_killed_is_replaced(two_processes: Path) -> None:
    data = two_processes
    with serving(data) as running:
        [worker] = until(lambda: workers(data), "a worker")
        os.kill(worker, signal.SIGKILL)
        [another] = until(lambda: [pid for pid in workers(data) if pid != worker], "another worker")
        assert another != worker
        assert '"event": "worker ended", "status": -9' in running.logged
        assert running.stop() == 0


def test_a_server_without_a_worker_is_possible(two_processes: Path) -> None:
    data = two_processes
    (data / "portal.toml").write_text("workers = 1\nworker = false")
    with serving(data) as running:
        assert running.get("/en/", Host="127.0.0.1")[0] == 200
        assert workers(data) == []
        assert not (data / "worker.lock").exists()
