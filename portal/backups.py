"""Safety copies: one SQLite file of every table, from either database, read back before it counts.

What people attached lies beside the copies in the folder `files`, sealed as it is, each file once for all
copies: it never changes, and without its row in a copy nobody can open it.

Keys are not part of it: keep the key file apart, or the copy opens what it should protect. Restoring
fills an empty database of either kind, which is also the way from SQLite to PostgreSQL.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from alembic.migration import MigrationContext
from sqlalchemy import (
    Connection,
    MetaData,
    NullPool,
    Table,
    TableClause,
    create_engine,
    delete,
    event,
    func,
    inspect,
    select,
    text,
)
from sqlalchemy.exc import DatabaseError

from portal import clock
from portal.blobs import Folder, Store, sealed_size
from portal.database import Database, alone_in, sqlite_file, sqlite_module
from portal.files import File
from portal.migrating import migrate, newest, revision
from portal.tables import Base

CHUNK = 1000
FILES = "files"
"""The folder beside the copies that holds the sealed files."""
NOT_KEPT = frozenset({"draft", "throttle", "throttle_key"})
"""Short-lived tables. Unsent answers belong to nobody's safety copy."""


JOBS = "job"


class BackupError(RuntimeError):
    """A copy could not be made or does not hold what it should; the text says why."""


def backup(
    database: Database, folder: Path, progress: Callable[[str, int], None], store: Store | None = None
) -> Path:
    """Write a copy into the folder, read it back, and return its path. Calls progress(table, rows).

    The copy has the revision that the database has, which may be an older one. Without a store the
    attached files are left out, as before a migration, which does not touch them.
    """
    at = revision(database)
    if at is None:
        raise BackupError("the database is empty: there is nothing to copy")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with alone_in(folder):
        for left in folder.glob("portal-*.part*"):  # by a backup that was killed: it holds answers
            left.unlink()
        path = _backup(database, folder, at, progress)
        if store is not None:
            _copy_files(database, path, store, Folder(folder / FILES), progress)
        return path


def _backup(database: Database, folder: Path, at: str, progress: Callable[[str, int], None]) -> Path:
    path = _unused(folder / f"portal-{clock.now():%Y-%m-%dT%H%M%SZ}.sqlite")
    beside = path.with_suffix(".part")
    os.close(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    copy = Database(sqlite_file(beside), pool=1)
    try:
        migrate(copy, at)
        with database.snapshot() as source:
            counts = _copy(source, copy, _tables_of(copy), progress)
        verify(copy, counts)
        with copy.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=DELETE")
        copy.close()
        with beside.open("rb") as file:
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        copy.close()
        for ending in ("", ".lock", "-wal", "-shm"):
            Path(f"{beside}{ending}").unlink(missing_ok=True)
    return path


def _unused(path: Path) -> Path:
    """The path, or with a number after it when another copy was made in the same second."""
    numbered = (path.with_stem(f"{path.stem}-{number}") for number in range(2, 100))
    return next((one for one in (path, *numbered) if not one.exists()), path)


def _copy_files(
    database: Database, path: Path, store: Store, copies: Store, progress: Callable[[str, int], None]
) -> None:
    """Copy the sealed files that a copy names. Raises BackupError for one that should be there and is not."""
    with _reading(path) as reading:
        wanted = dict(_files_in(reading))
    there, lost = {name for name, _days in copies.names()}, []
    for done, (name, size) in enumerate(sorted(wanted.items()), start=1):
        if (name not in there or _size(copies, name) != sealed_size(size)) and not _copied(
            store, copies, name, size
        ):
            lost.append(name)
        progress(FILES, done)
    if lost:
        with database.read() as connection:
            still = {name for name, _size in _files_in(connection)}
        lost = [name for name in lost if name in still]  # else it was deleted meanwhile
    if lost:
        raise BackupError(
            f"{path.name} is complete, but {len(lost)} attached files are missing or damaged: "
            "run `portal doctor`"
        )


def _copied(store: Store, target: Store, name: str, size: int) -> bool:
    """Copy one sealed file; whether it came whole."""
    try:
        target.put(name, store.open(name))
    except FileNotFoundError:
        return False
    if _size(target, name) == sealed_size(size):
        return True
    target.drop(name)
    return False


def _size(store: Store, name: str) -> int:
    return sum(len(piece) for piece in store.open(name))


def _files_in(connection: Connection) -> Iterator[tuple[str, int]]:
    """Name and plain size of every file that a database or a copy knows; none in an old copy."""
    if inspect(connection).has_table("file"):
        for row in connection.execute(select(File.id, File.size)):
            yield row.id, row.size


def _reading(path: Path) -> AbstractContextManager[Connection]:
    """A connection to a copy that cannot change it."""
    address = f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"
    source = create_engine(
        "sqlite://",
        module=sqlite_module(),
        creator=lambda: sqlite_module().connect(address, uri=True),
        poolclass=NullPool,
    )
    return source.connect()


def restore(
    path: Path, database: Database, progress: Callable[[str, int], None], store: Store | None = None
) -> None:
    """Fill an empty, migrated database from a copy; all of it or nothing.

    With a store the attached files come back too, from the folder beside the copy, before the rows do.
    """
    if not path.is_file():
        raise BackupError(f"there is no file {path}")
    with _reading(path) as reading:
        if _revision_of_copy(reading, path) != newest():
            raise BackupError("the copy was made by another version of the portal")
        with database.read() as connection:
            if any(_count(connection, table.name) for table in tables() if table.name != JOBS):
                raise BackupError("the database is not empty: restore into a new one")
        if store is not None:
            _bring_files_back(dict(_files_in(reading)), Folder(path.parent / FILES), store)
        with database.write() as connection:
            connection.execute(delete(TableClause(JOBS)))  # which the first start puts in
        counts = _copy(reading, database, tables(), progress)
    verify(database, counts)


def _bring_files_back(wanted: dict[str, int], copies: Store, store: Store) -> None:
    lost = [name for name, size in wanted.items() if not _copied(copies, store, name, size)]
    if lost:
        raise BackupError(
            f"{len(lost)} of {len(wanted)} attached files are not beside the copy, or damaged: put "
            f"the folder `{FILES}` there, or restore with --without-files"
        )


def _revision_of_copy(connection: Connection, path: Path) -> str | None:
    """The revision of a copy that is whole. Raises BackupError."""
    try:
        found = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
        revision = MigrationContext.configure(connection).get_current_revision()
    except DatabaseError as error:
        raise BackupError(f"{path.name} is damaged, or not a safety copy") from error
    if found != ["ok"]:
        raise BackupError(f"{path.name} is damaged: {found[0]}")
    return revision


def tables() -> list[Table]:
    return [table for table in Base.metadata.sorted_tables if table.name not in NOT_KEPT]


def _tables_of(copy: Database) -> list[Table]:
    """The tables as the copy's revision has them: before a migration, not as this version knows them."""
    metadata = MetaData()

    @event.listens_for(metadata, "column_reflect")
    def on_any_database(inspector: Any, table: Table, column: Any) -> None:
        column["type"] = column["type"].as_generic()

    metadata.reflect(copy.engine)
    return [table for table in metadata.sorted_tables if table.name not in NOT_KEPT | {"alembic_version"}]


def _copy(
    source: Connection, target: Database, kept: list[Table], progress: Callable[[str, int], None]
) -> dict[str, int]:
    counts: dict[str, int] = {}
    with target.write() as writing:
        for table in kept:
            counts[table.name] = 0
            rows_by_key = select(table).order_by(*table.primary_key)
            with source.execution_options(yield_per=CHUNK).execute(rows_by_key) as found:
                for rows in found.mappings().partitions(CHUNK):
                    writing.execute(table.insert(), [dict(row) for row in rows])
                    counts[table.name] += len(rows)
                    progress(table.name, counts[table.name])
        if not target.sqlite:
            _continue_numbers(writing)
    return counts


def _continue_numbers(connection: Connection) -> None:
    """On PostgreSQL, let numbered rows go on after the highest that was copied."""
    for table in tables():
        for column in table.primary_key:
            if table.autoincrement_column is column:
                connection.execute(
                    text(
                        f"SELECT setval(pg_get_serial_sequence('{table.name}', '{column.name}'), "
                        f"(SELECT coalesce(max({column.name}), 0) + 1 FROM {table.name}), false)"
                    )
                )


def _count(connection: Connection, name: str) -> int:
    return connection.execute(select(func.count()).select_from(TableClause(name))).scalar_one()


def verify(database: Database, counts: dict[str, int]) -> None:
    """Read a copy back: whole, and with as many rows as were written. Raises BackupError."""
    with database.read() as connection:
        if database.sqlite:
            found = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
            if found != ["ok"]:
                raise BackupError(f"the copy is damaged: {found[0]}")
        for name, count in counts.items():
            if _count(connection, name) != count:
                raise BackupError(f"the copy of {name} is not complete")
