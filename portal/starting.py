"""Making a portal's folder, keys and tables, and opening it to work on; both refuse what would lose data."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from portal.backups import backup
from portal.checking import SettingsError
from portal.database import Database, alone_in
from portal.equality.collections import keep
from portal.forms import FORMS, in_use
from portal.incidents import timing
from portal.keeping import check_keys, holds_answers
from portal.migrating import is_current, migrate, revision
from portal.sealing import KeyRing, KeyRingError
from portal.settings import Settings, load


@contextmanager
def opened(settings: Settings) -> Iterator[tuple[Database, KeyRing]]:
    """The portal of this folder, ready to work on. Raises when it is not set up."""
    check_there(settings.data)
    ring = KeyRing.load(settings.key_file)
    database = Database(settings.database_url)
    try:
        if not is_current(database):
            raise SettingsError("the database needs `portal migrate` first")
        check_keys(database, ring)
        yield database, ring
    finally:
        database.close()


@contextmanager
def opened_here() -> Iterator[tuple[Settings, Database, KeyRing]]:
    """The portal that this process's environment names, ready to work on. Raises when it is not set up."""
    settings = load(os.environ)
    with opened(settings) as (database, ring):
        yield settings, database, ring


def set_up(settings: Settings, copied: Callable[[Path], None]) -> None:
    """Make what is missing: the data folder, the keys, the tables. Calls copied(path) for a safety copy."""
    in_use(FORMS, settings.variants)
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings.data.chmod(0o700)
    with alone_in(settings.data):  # two that start together must not each make keys
        database = Database(settings.database_url)
        try:
            _make_keys(settings, database)
            if revision(database) is not None and not is_current(database):
                copied(backup(database, settings.data / "before-migrations", lambda table, rows: None))
            if not is_current(database):
                migrate(database)
            check_keys(database, KeyRing.load(settings.key_file))
            keep(database, settings.collections)
            timing.keep_lengths(database, settings.clocks)
        finally:
            database.close()


def check_there(folder: Path) -> None:
    if not folder.is_dir():
        raise SettingsError(f"there is no portal in {folder}: `portal serve` makes one")


def _make_keys(settings: Settings, database: Database) -> None:
    if settings.key_file.exists():
        KeyRing.complete(settings.key_file)
        return
    if revision(database) is not None and holds_answers(database):
        raise KeyRingError(
            f"the database holds answers, but there is no key file {settings.key_file}: "
            "restore it from your safe copy"
        )
    KeyRing.new().save(settings.key_file)


@contextmanager
def bar(length: int, label: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar for work that says (done, of)."""
    with click.progressbar(length=max(length, 1), label=label, file=sys.stderr) as shown:

        def progress(done: int, of: int) -> None:
            shown.length = max(of, 1)
            shown.update(done - shown.pos)

        yield progress
