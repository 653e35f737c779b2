"""Bringing the database to the shape that this version of the portal knows."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from portal.database import Database

LOCK = 7_264_901
"""Number of the PostgreSQL advisory lock under which one process migrates."""


class MigrationError(RuntimeError):
    """The database is of a version that this portal does not know; the text says which."""


def migrations_folder() -> Path:
    """Where the migrations are: beside the package in a checkout, inside it when installed."""
    inside = Path(__file__).parent / "migrations"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "migrations"


def configuration(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@cache
def newest() -> str:
    """The revision that this version of the portal needs."""
    head = ScriptDirectory.from_config(configuration()).get_current_head()
    assert head is not None
    return head


def revision(database: Database) -> str | None:
    """The revision that the database is at; None for an empty one."""
    with database.read() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def is_current(database: Database) -> bool:
    return revision(database) == newest()


def migrate(database: Database, to: str = "head") -> None:
    """Upgrade (or go back) in one transaction, one process at a time: whole or not at all.

    Raises MigrationError.
    """
    with database.write() as connection:
        if not database.sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": LOCK})
        current = MigrationContext.configure(connection).get_current_revision()
        _check_known(current, to)
        going_back = to == "base" or (to != "head" and current is not None and _is_before(to, current))
        (command.downgrade if going_back else command.upgrade)(configuration(connection), to)


def _check_known(*revisions: str | None) -> None:
    script = ScriptDirectory.from_config(configuration())
    known = {step.revision for step in script.walk_revisions()} | {"head", "base", None}
    for revision in revisions:
        if revision not in known:
            raise MigrationError(
                f"the database is of another version of the portal (revision {revision}), which this one "
                "does not know: install that version again, or restore a safety copy into a new folder"
            )


def _is_before(target: str, current: str) -> bool:
    script = ScriptDirectory.from_config(configuration())
    return any(step.revision == target for step in script.iterate_revisions(current, "base"))
