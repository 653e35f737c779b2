"""Databases without a single table, of either kind, for what must begin at nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from portal.database import Database


@contextmanager
def fresh(request: pytest.FixtureRequest, kind: str, name: str = "fresh") -> Iterator[str]:
    """The address of an empty database, which is gone afterwards."""
    if kind == "sqlite":
        folder: Path = request.getfixturevalue("tmp_path")
        yield f"sqlite:///{folder / name}.sqlite"
        return
    admin = Database(request.getfixturevalue("postgres_server"), pool=1)
    name = f"{admin.url.database}_{name}"
    try:
        with admin.read() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
            connection.execute(text(f"CREATE DATABASE {name}"))
        yield admin.url.set(database=name).render_as_string(hide_password=False)
        with admin.read() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    finally:
        admin.close()


def address_of(database: Database) -> str:
    """The address of a database as a setting gives it."""
    return database.url.render_as_string(hide_password=False)
