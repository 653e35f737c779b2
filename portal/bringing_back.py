"""The commands with which an operator brings a safety copy back, and erases again what was erased since."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import click

from portal.backups import restore as restore_backup
from portal.blobs import Folder
from portal.database import Database
from portal.incidents import erasures as requests
from portal.incidents import tombstones
from portal.keeping import check_keys
from portal.migrating import migrate
from portal.sealing import KeyRing, KeyRingError
from portal.settings import Settings, load
from portal.starting import opened_here

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@click.argument("file", type=FILE)
@click.option("--without-files", is_flag=True, help="Go on though attached files are lost.")
@click.option("--erased", "lists", type=FILE, multiple=True, help="A list of what was erased; also several.")
def restore(file: Path, without_files: bool, lists: tuple[Path, ...]) -> None:
    """Fill an empty portal from a safety copy and the attached files beside it.

    What was erased after the copy was made is erased again: the lists beside the copy and in the data folder
    say what. Also the way from SQLite to PostgreSQL.
    """
    settings = load(os.environ)
    if not settings.key_file.exists():
        raise KeyRingError(f"put the key file back first: {settings.key_file}")
    settings.data.chmod(0o700)
    database = Database(settings.database_url)
    try:
        migrate(database)
        ring = KeyRing.load(settings.key_file)
        known = _gather(ring, settings, (*lists, file.parent / tombstones.FILE))
        store = None if without_files else Folder(settings.files)
        restore_backup(file, database, lambda table, rows: None, store)
        check_keys(database, ring)
        done = requests.again(database, ring, settings, Folder(settings.files))
    finally:
        database.close()
    click.echo("Everything is back, and was read.")
    if done:
        click.echo(_said(done))
    if not known:
        click.echo(
            "There is no list of what was erased after the copy was made. If you have one, in the old data "
            f"folder or beside a newer copy, its name is `{tombstones.FILE}`: run `portal erasures apply` "
            "with it before anybody uses the portal."
        )


def _gather(ring: KeyRing, settings: Settings, lists: Iterable[Path]) -> bool:
    """Bring all lists together in the data folder, so that none is lost half-way; whether there is any."""
    there = [one for one in lists if one.is_file()]
    for one in there:
        tombstones.write_list(ring, settings.erased, tombstones.read_list(ring, one).values())
    return bool(there) or settings.erased.is_file()


def _said(number: int) -> str:
    return f"{number} {'report was' if number == 1 else 'reports were'} erased again."


@click.group()
def erasures() -> None:
    """What was erased, and must stay so."""


@erasures.command("apply")
@click.argument("lists", nargs=-1, type=FILE)
def apply(lists: tuple[Path, ...]) -> None:
    """Erase again what lists say was erased, and is here: after an older safety copy was restored.

    The list of the data folder counts always. A worker does this every hour.
    """
    with opened_here() as (settings, database, ring):
        _gather(ring, settings, lists)
        done = requests.again(database, ring, settings, Folder(settings.files))
    click.echo(_said(done) if done else "Nothing is here that was erased.")
