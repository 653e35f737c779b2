"""The places where we ask: services, events, surveys, staff."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from portal.database import Database
from portal.equality.models import KINDS, Collection
from portal.settings import CollectionEntry

FIND = select(Collection.name).where(Collection.code == bindparam("wanted"), Collection.active)


CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


class CollectionError(ValueError):
    """A collection cannot be kept as it is written; the text says why."""


def keep(database: Database, entries: Iterable[CollectionEntry]) -> int:
    """Add these collections, or change those that are there already; returns how many."""
    dialect = sqlite if database.sqlite else postgresql
    rows = [asdict(_checked(entry)) for entry in entries]
    if not rows:
        return 0
    statement = dialect.insert(Collection)
    names = [name for name in rows[0] if name != "code"]
    statement = statement.on_conflict_do_update(
        index_elements=[Collection.code], set_={name: statement.excluded[name] for name in names}
    )
    with database.write() as connection:
        connection.execute(statement, rows)
    return len(rows)


def _checked(entry: CollectionEntry) -> CollectionEntry:
    if not CODE.fullmatch(entry.code):
        raise CollectionError(
            f"{entry.code!r}: a code has only a to z, 0 to 9 and hyphens, such as repairs-2026"
        )
    if entry.kind not in KINDS:
        raise CollectionError(f"{entry.code}: kind must be one of {', '.join(KINDS)}")
    if not entry.name.strip():
        raise CollectionError(f"{entry.code}: a name is needed, because people who answer see it")
    return entry


def name_of(database: Database, code: str) -> str | None:
    """The name of a collection that takes answers; None if there is no such one."""
    if not CODE.fullmatch(code):
        return None
    with database.read() as connection:
        return connection.execute(FIND, {"wanted": code}).scalar()


def every(database: Database) -> list[Row[tuple[Collection]]]:
    """All collections, by code."""
    with database.read() as connection:
        return list(connection.execute(select(*Collection.__table__.columns).order_by(Collection.code)))


def close(database: Database, code: str) -> bool:
    """Take no more answers for a collection; False if there is no such one."""
    with database.write() as connection:
        done = connection.execute(update(Collection).where(Collection.code == code).values(active=False))
    return done.rowcount == 1
