"""The database: writes take turns and say when they cannot, reads wait for nobody, and nothing is lost."""

from __future__ import annotations

import fcntl
import multiprocessing
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import bindparam, insert, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from portal.database import Busy, Database, answers_now, sqlite_module, wal_is_safe
from portal.equality.models import Collection
from tests.arrivals import contents, noise
from tests.fresh import address_of
from tests.running import forked

WAIT = 0.2


@pytest.fixture
def impatient(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """The same database, with writes that give up soon."""
    monkeypatch.setattr("portal.database.LOCK_WAIT", WAIT)
    found = Database(address_of(database))
    yield found
    found.close()


def add(database: Database, code: str, name: str = "A place") -> None:
    with database.write() as connection:
        connection.execute(insert(Collection).values(code=code, name=name, kind="service"))


def rename(database: Database, code: str, name: str) -> None:
    with database.write() as connection:
        connection.execute(update(Collection).where(Collection.code == code).values(name=name))


def names(database: Database) -> dict[str, str]:
    with database.read() as connection:
        return {code: name for code, name in connection.execute(select(Collection.code, Collection.name))}


@contextmanager
def elsewhere(work: Callable[[threading.Event, threading.Event], None]) -> Iterator[None]:
    """Somebody else's work in a thread: it says when it holds a lock, and waits to be told to let go."""
    holds, let_go = threading.Event(), threading.Event()
    thread = threading.Thread(target=work, args=(holds, let_go))
    thread.start()
    try:
        assert holds.wait(10)
        yield
    finally:
        let_go.set()
        thread.join()


# Writing


def test_a_write_is_whole_when_its_block_ends_and_gone_when_it_fails(database: Database) -> None:
    unrelated = noise(database)
    add(database, "repairs")

    class Stopped(Exception):
        pass

    with pytest.raises(Stopped), database.write() as connection:
        connection.execute(update(Collection).values(name="changed"))
        connection.execute(insert(Collection).values(code="half", name="Half", kind="service"))
        raise Stopped
    with pytest.raises(IntegrityError), database.write() as connection:
        connection.execute(insert(Collection).values(code="half", name="Half", kind="service"))
        connection.execute(insert(Collection).values(code="half", name="Half", kind="service"))
    assert names(database)["repairs"] == "A place" and "half" not in names(database)
    assert contents(database)["collection"] >= unrelated["collection"]
    add(database, "afterwards")
    assert "afterwards" in names(database)


def test_a_write_is_not_seen_before_it_is_whole_and_makes_no_reader_wait(database: Database) -> None:
    add(database, "repairs", "before")
    with database.write() as connection:
        connection.execute(update(Collection).values(name="after"))
        assert names(database) == {"repairs": "before"}
    assert names(database) == {"repairs": "after"}


def test_a_snapshot_is_one_moment(database: Database) -> None:
    add(database, "repairs", "before")
    look = select(Collection.name).where(Collection.code == "repairs")
    with database.snapshot() as connection:
        assert connection.execute(look).scalar_one() == "before"
        rename(database, "repairs", "after")
        assert connection.execute(look).scalar_one() == "before"
    assert names(database) == {"repairs": "after"}


def test_a_read_is_each_statement_by_itself_and_holds_nothing(database: Database) -> None:
    add(database, "repairs", "before")
    look = select(Collection.name).where(Collection.code == "repairs")
    with database.read() as connection:
        assert connection.execute(look).scalar_one() == "before"
        rename(database, "repairs", "after")
        assert connection.execute(look).scalar_one() == "after"


def test_on_sqlite_a_write_is_begun_as_one_before_its_first_statement(sqlite: Database) -> None:
    other = sqlite_module().connect(sqlite.url.database, timeout=0, isolation_level=None)
    with sqlite.write(), pytest.raises(sqlite_module().OperationalError, match="database is locked"):
        other.execute("BEGIN IMMEDIATE")
    other.execute("BEGIN IMMEDIATE")
    other.close()


def test_a_single_change_is_stored_at_once_and_says_how_many_rows_it_changed(database: Database) -> None:
    add(database, "repairs", "before")
    unrelated = noise(database)
    change = update(Collection).where(Collection.code == bindparam("wanted")).values(name=bindparam("words"))
    assert database.change(change, {"wanted": "repairs", "words": "after"}) == 1
    assert database.change(change, {"wanted": "nothing", "words": "after"}) == 0
    assert names(database)["repairs"] == "after"
    assert contents(database)["collection"] >= unrelated["collection"]


# Waiting for a turn


def test_a_write_that_does_not_get_its_turn_says_so_and_changes_nothing(
    database: Database, impatient: Database
) -> None:
    add(database, "repairs", "before")

    def hold(holds: threading.Event, let_go: threading.Event) -> None:
        with database.write() as connection:
            connection.execute(update(Collection).values(name="held"))
            holds.set()
            assert let_go.wait(10)

    change = update(Collection).values(name=bindparam("words"))
    with elsewhere(hold):
        with pytest.raises(Busy):
            rename(impatient, "repairs", "late")
        with pytest.raises(Busy):
            impatient.change(change, {"words": "late"})
    assert names(database) == {"repairs": "held"}
    rename(impatient, "repairs", "again")
    assert names(database) == {"repairs": "again"}


def test_threads_of_one_process_take_turns_too(impatient: Database) -> None:
    add(impatient, "repairs")

    def hold(holds: threading.Event, let_go: threading.Event) -> None:
        with impatient.write() as connection:
            connection.execute(update(Collection).values(name="held"))
            holds.set()
            assert let_go.wait(10)

    with elsewhere(hold), pytest.raises(Busy):
        rename(impatient, "repairs", "late")
    rename(impatient, "repairs", "again")


@pytest.fixture
def impatient_sqlite(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setattr("portal.database.LOCK_WAIT", WAIT)
    found = Database(address_of(sqlite))
    yield found
    found.close()


def test_a_program_that_does_not_queue_makes_a_write_busy_not_broken(impatient_sqlite: Database) -> None:
    other = sqlite_module().connect(impatient_sqlite.url.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Busy):
        add(impatient_sqlite, "repairs")
    other.execute("ROLLBACK")
    other.close()
    add(impatient_sqlite, "repairs")


def test_another_process_in_the_queue_makes_a_write_busy(impatient_sqlite: Database) -> None:
    with Path(f"{impatient_sqlite.url.database}.lock").open("a") as queue:
        fcntl.flock(queue, fcntl.LOCK_EX)
        with pytest.raises(Busy):
            add(impatient_sqlite, "repairs")
    add(impatient_sqlite, "repairs")


def test_a_failure_that_is_no_lock_is_not_called_busy(database: Database) -> None:
    with pytest.raises((OperationalError, ProgrammingError)), database.write() as connection:
        connection.execute(text("SELECT nothing FROM nowhere"))


def test_eight_processes_write_at_once_without_an_error(database: Database) -> None:
    add(database, "counter", "0")
    unrelated = noise(database)
    address, each = address_of(database), 15
    start = multiprocessing.get_context("fork").Barrier(8)

    def count() -> None:
        mine = Database(address, pool=1)
        start.wait(30)
        for _time in range(each):
            with mine.write() as connection:
                row = select(Collection.name).where(Collection.code == "counter").with_for_update()
                now = int(connection.execute(row).scalar_one())
                change = update(Collection).where(Collection.code == "counter")
                connection.execute(change.values(name=str(now + 1)))
        mine.close()

    assert forked(count, 8) == [0] * 8
    assert names(database)["counter"] == str(8 * each)
    assert contents(database)["collection"] >= unrelated["collection"]


def test_eight_threads_on_one_engine_write_at_once_without_an_error(database: Database) -> None:
    failed: list[BaseException] = []

    def count(person: int) -> None:
        try:
            for number in range(15):
                add(database, f"{person}-{number}")
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=count, args=(person,)) for person in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(names(database)) == 8 * 15


# How the databases are set


def test_sqlite_keeps_what_it_acknowledged_and_forgets_what_was_deleted(sqlite_url: str) -> None:
    sqlite = Database(sqlite_url)
    wanted = {
        "journal_mode": "wal" if wal_is_safe(sqlite_module().sqlite_version_info) else "delete",
        "synchronous": 2,  # FULL: an acknowledged commit survives a power cut
        "foreign_keys": 1,
        "busy_timeout": 10_000,
        "secure_delete": 1,
        "trusted_schema": 0,
    }
    with sqlite.read() as one, sqlite.read() as another:
        for connection in (one, another):
            found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in wanted}
            assert found == wanted
    sqlite.close()


@pytest.mark.parametrize(
    ("version", "safe"),
    # https://sqlite.org/wal.html#walresetbug: fixed in 3.51.3, and in 3.50.7 and 3.44.6
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 44, 7), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 0), False),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 4), True),
        ((4, 0, 0), True),
    ],
)
def test_the_write_ahead_log_is_used_only_where_it_cannot_lose_a_commit(
    version: tuple[int, ...], safe: bool
) -> None:
    assert wal_is_safe(version) is safe


def test_an_older_sqlite_keeps_a_rollback_journal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("portal.database.wal_is_safe", lambda version: False)
    older = Database(f"sqlite:///{tmp_path / 'older.sqlite'}")
    with older.read() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "delete"
    older.close()


def test_postgres_reads_outside_a_transaction_and_in_utc(postgres_url: str) -> None:
    database = Database(postgres_url)
    with database.read() as connection:
        connection.execute(select(Collection.code))
        state = "SELECT state FROM pg_stat_activity WHERE pid = :pid"
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with database.read() as other:
            assert other.execute(text(state), {"pid": pid}).scalar_one() == "idle"
        assert connection.execute(text("SHOW timezone")).scalar_one() == "UTC"
        assert connection.execute(text("SHOW lock_timeout")).scalar_one() == "10s"
    database.close()


def test_an_error_does_not_repeat_what_was_to_be_stored(database: Database) -> None:
    words: dict[str, Any] = {"words": "canary"}
    with pytest.raises((OperationalError, ProgrammingError)) as failed, database.write() as connection:
        connection.execute(text("INSERT INTO nowhere VALUES (:words)"), words)
    assert "canary" not in str(failed.value)
    assert "hidden" in str(failed.value)


def test_whether_it_answers_is_known_without_an_error(database: Database, tmp_path: Path) -> None:
    assert answers_now(database)
    for address in (f"sqlite:///{tmp_path}/missing/portal.sqlite", "postgresql://nobody@127.0.0.1:1/portal"):
        away = Database(address)
        assert not answers_now(away)
        away.close()
