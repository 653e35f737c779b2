"""The database: SQLite or PostgreSQL behind one door, with short reads and short, honest writes.

Reads run without a transaction, each statement by itself; writes are one transaction that is begun as
a write, so it never has to be upgraded. On SQLite writers queue on a file lock first: SQLite's own
waiting lets some starve.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import URL, Connection, Engine, Executable, MetaData, create_engine, event, make_url, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase

SAFE_WAL = (3, 51, 3)
"""From this SQLite on, two connections in WAL mode cannot lose a commit (the WAL-reset bug)."""
SAFE_WAL_BACKPORTS = ((3, 44, 6), (3, 50, 7))
LOCK_WAIT = 10.0
"""Seconds that a write waits for its turn."""
NOT_NOW = frozenset({"55P03", "40P01"})
"""PostgreSQL's codes for a lock not had in time, and for two that wait for each other: its words depend on
the server's language."""


class Busy(RuntimeError):
    """The write did not get its turn in time; nothing was changed, and trying again is safe."""


class Base(DeclarativeBase):
    """All tables of the portal."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def sqlite_module() -> ModuleType:
    """The newest SQLite at hand: the bundled wheel's, else the one Python was built with."""
    try:
        import pysqlite3.dbapi2 as module
    except ImportError:
        import sqlite3 as module
    return module  # type: ignore[no-any-return]


def sqlite_file(path: Path) -> URL:
    """The address of a SQLite file, whatever letters its path has."""
    return URL.create("sqlite", database=str(path))


def wal_is_safe(version: tuple[int, ...]) -> bool:
    """Whether this SQLite may use write-ahead logging."""
    return version >= SAFE_WAL or any(
        version[:2] == fixed[:2] and version >= fixed for fixed in SAFE_WAL_BACKPORTS
    )


class Database:
    """One database and the ways to use it: read(), snapshot(), write(), change()."""

    def __init__(self, url: str | URL, *, pool: int = 8) -> None:
        self.url = make_url(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = self._sqlite_engine(pool) if self.sqlite else self._postgres_engine(pool)
        self._turn = threading.Lock()

    def _sqlite_engine(self, pool: int) -> Engine:
        module = sqlite_module()
        journal = "WAL" if wal_is_safe(module.sqlite_version_info) else "DELETE"
        engine = create_engine(
            self.url,
            module=module,
            pool_size=pool,
            max_overflow=pool,
            hide_parameters=True,
            connect_args={"check_same_thread": False},
        )

        @event.listens_for(engine, "connect")
        def prepare(connection: Any, record: Any) -> None:
            _for_us_only(self.url.database)
            connection.isolation_level = None  # we say BEGIN ourselves
            for pragma in (
                f"journal_mode={journal}",
                "synchronous=FULL",
                "foreign_keys=ON",
                f"busy_timeout={int(LOCK_WAIT * 1000)}",
                "secure_delete=ON",
                "temp_store=MEMORY",
                "trusted_schema=OFF",
            ):
                connection.execute(f"PRAGMA {pragma}")

        return engine

    def _postgres_engine(self, pool: int) -> Engine:
        wait = int(LOCK_WAIT * 1000)
        return create_engine(
            self.url,
            isolation_level="AUTOCOMMIT",  # we say BEGIN ourselves
            pool_size=pool,
            max_overflow=pool,
            pool_pre_ping=False,
            hide_parameters=True,
            connect_args={
                "options": f"-c lock_timeout={wait} -c timezone=UTC",
                "connect_timeout": int(LOCK_WAIT),
            },
        )

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading, each statement by itself."""
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A connection whose reads all see the same moment."""
        with self.engine.connect() as connection:
            connection.exec_driver_sql("BEGIN" if self.sqlite else "BEGIN ISOLATION LEVEL REPEATABLE READ")
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One write transaction, committed when the block ends well. Raises Busy after ten seconds."""
        with self._queue(), _busy_said(), self.engine.begin() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE" if self.sqlite else "BEGIN")
            yield connection

    def change(self, statement: Executable, values: Mapping[str, Any]) -> int:
        """Run one statement that commits by itself; returns how many rows it changed. Raises Busy."""
        with self._queue(), _busy_said(), self.engine.connect() as connection:
            return connection.execute(statement, values).rowcount

    @contextmanager
    def _queue(self) -> Iterator[None]:
        """On SQLite, wait for this writer's turn: first among threads, then among processes."""
        if not self.sqlite:
            yield
            return
        ends = time.monotonic() + LOCK_WAIT
        if not self._turn.acquire(timeout=LOCK_WAIT):
            raise Busy
        try:
            if not self.url.database or self.url.database == ":memory:":
                yield
                return
            with Path(f"{self.url.database}.lock").open("a") as file:
                while True:
                    try:
                        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                        break
                    except BlockingIOError:
                        if time.monotonic() > ends:
                            raise Busy from None
                        time.sleep(0.001)
                yield
        finally:
            self._turn.release()

    def close(self) -> None:
        self.engine.dispose()


def _for_us_only(path: str | None) -> None:
    """Nobody else reads the file. Its journals take over its mode, so it comes before they are made."""
    if path and path != ":memory:" and Path(path).stat().st_mode & 0o077:
        Path(path).chmod(0o600)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """One process at a time in a folder; the next one waits."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _busy_said() -> Iterator[None]:
    """Turn the two databases' words for "somebody else holds the lock" into Busy."""
    try:
        yield
    except OperationalError as error:
        if "database is locked" in str(error.orig) or getattr(error.orig, "sqlstate", "") in NOT_NOW:
            raise Busy from error
        raise


def answers_now(database: Database) -> bool:
    """Whether the database answers at all."""
    try:
        with database.read() as connection:
            connection.execute(text("SELECT 1"))
    except OperationalError:
        return False
    return True
