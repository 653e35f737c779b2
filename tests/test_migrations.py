"""Migrations: they make what the models say, keep what is stored, and are done whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, Table, event, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from portal import migrating
from portal.database import Database
from portal.keeping import check_keys
from portal.migrating import MigrationError, configuration, is_current, migrate, newest, revision
from portal.sealing import KeyRing
from portal.settings import Settings
from portal.starting import set_up
from portal.tables import Base
from tests.arrivals import arrive, contents, noise
from tests.conftest import KINDS
from tests.fresh import address_of, fresh
from tests.running import forked

VERSION = "alembic_version"
STEPS = [step.revision for step in ScriptDirectory.from_config(configuration()).walk_revisions()][::-1]


@pytest.fixture(params=KINDS)
def empty(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database without a table, of each kind."""
    with fresh(request, request.param) as address:
        database = Database(address)
        yield database
        database.close()


def as_words(index: Any) -> str:
    """An index, also with the condition of a partial one, as something that can be compared."""
    conditions = {name: str(value) for name, value in index.pop("dialect_options", {}).items()}
    return f"{sorted(index.items())} {sorted(conditions.items())}"


def rules(database: Database) -> list[str]:
    """The triggers and exclusions that no inspection shows."""
    asked = "SELECT sql FROM sqlite_master WHERE type = 'trigger'"
    if not database.sqlite:
        asked = """SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'x'
            UNION SELECT pg_get_triggerdef(pg_trigger.oid) || prosrc FROM pg_trigger
            JOIN pg_proc ON pg_proc.oid = tgfoid WHERE NOT tgisinternal"""
    with database.read() as connection:
        return sorted(" ".join(row.split()) for row in connection.execute(text(asked)).scalars())


def shape(database: Database) -> dict[str, object]:
    """Everything that migrations change: tables, columns, keys, indexes."""
    found = inspect(database.engine)
    return {
        name: (
            [(column["name"], str(column["type"]), column["nullable"]) for column in found.get_columns(name)],
            found.get_pk_constraint(name),
            sorted(map(as_words, found.get_indexes(name))),
            sorted(found.get_unique_constraints(name), key=str),
        )
        for name in sorted(found.get_table_names())
    }


def as_it_is(database: Database) -> MetaData:
    """The tables as the database has them now."""
    metadata = MetaData()

    @event.listens_for(metadata, "column_reflect")
    def on_any_database(inspector: Any, table: Table, column: Any) -> None:
        column["type"] = column["type"].as_generic()

    metadata.reflect(database.engine)
    if VERSION in metadata.tables:
        metadata.remove(metadata.tables[VERSION])
    return metadata


def test_the_migrations_make_what_the_models_say(database: Database) -> None:
    with database.read() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, Base.metadata) == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_migrations_name_keys_and_indexes_as_the_models_do(
    request: pytest.FixtureRequest, kind: str
) -> None:
    with fresh(request, kind, "models") as one, fresh(request, kind, "migrations") as another:
        modelled, migrated = Database(one), Database(another)
        Base.metadata.create_all(modelled.engine)
        migrate(migrated)
        assert rules(modelled) == rules(migrated) != []
        assert shape(modelled) == {name: found for name, found in shape(migrated).items() if name != VERSION}
        modelled.close()
        migrated.close()


def test_an_empty_database_has_no_revision_and_a_new_one_the_newest(empty: Database) -> None:
    assert revision(empty) is None and not is_current(empty)
    migrate(empty)
    assert revision(empty) == newest() == STEPS[-1] and is_current(empty)


@pytest.mark.parametrize("step", STEPS)
def test_each_step_goes_up_and_down_and_up_with_rows_in_its_way(empty: Database, step: str) -> None:
    before = STEPS[STEPS.index(step) - 1] if step != STEPS[0] else "base"
    if before != "base":
        migrate(empty, before)
    lower = shape(empty)
    kept = noise(empty, as_it_is(empty))
    migrate(empty, step)
    upper = shape(empty)
    counted = {name: len(rows) for name, rows in contents(empty, as_it_is(empty)).items()}
    assert {name: counted[name] for name in kept if name in counted} == {
        name: len(rows) for name, rows in kept.items() if name in counted
    }
    noise(empty, as_it_is(empty))
    migrate(empty, before)
    assert {name: parts for name, parts in shape(empty).items() if name != VERSION} == {
        name: parts for name, parts in lower.items() if name != VERSION
    }
    assert (revision(empty) or "base") == before
    migrate(empty, step)
    assert shape(empty) == upper


def test_migrating_what_is_up_to_date_changes_nothing(database: Database, ring: KeyRing) -> None:
    arrive(database, ring)
    noise(database)
    before = contents(database), shape(database)
    migrate(database)
    assert (contents(database), shape(database)) == before


@pytest.mark.parametrize("kind", KINDS)
def test_processes_that_start_together_make_one_portal(
    request: pytest.FixtureRequest, kind: str, tmp_path: Path
) -> None:
    with fresh(request, kind) as address:
        settings = Settings(data=tmp_path / "data", database=address)
        assert forked(lambda: set_up(settings, print), 6) == [0] * 6
        database = Database(address)
        assert is_current(database)
        ring = KeyRing.load(settings.key_file)
        arrive(database, ring)
        check_keys(database, ring)
        assert not (settings.data / "before-migrations").exists()
        database.close()


@pytest.mark.parametrize("kind", KINDS)
def test_processes_on_several_machines_migrate_one_after_the_other(
    request: pytest.FixtureRequest, kind: str
) -> None:
    with fresh(request, kind) as address:

        def migrate_here() -> None:
            mine = Database(address, pool=1)
            migrate(mine)
            mine.close()

        assert forked(migrate_here, 4) == [0] * 4
        database = Database(address)
        assert is_current(database)
        database.close()


NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"


def upgrade() -> None:
    op.create_table("half", sa.Column("id", sa.Integer(), primary_key=True))
    with op.batch_alter_table("submission", table_kwargs={{"sqlite_with_rowid": False}}) as table:
        table.add_column(sa.Column("half", sa.String(20), server_default="whole", nullable=False))
    op.execute("UPDATE submission SET half = 'done'")
    {ending}


def downgrade() -> None:
    op.drop_table("half")
"""


@pytest.fixture
def next_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The portal as a later version of it would be: with one migration more. Gives that migration's file."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrating.migrations_folder(), folder)
    file = folder / "versions" / "9999_half.py"
    file.write_text(NEXT.format(head=newest(), ending=""))
    monkeypatch.setattr(migrating, "migrations_folder", lambda: folder)
    newest.cache_clear()
    yield file
    newest.cache_clear()


def test_a_migration_that_fails_leaves_nothing_behind(
    database: Database, ring: KeyRing, next_version: Path
) -> None:
    arrive(database, ring)
    noise(database)
    head = revision(database)
    before = contents(database), shape(database), head
    next_version.write_text(NEXT.format(head=head, ending='op.execute("SELECT nothing FROM nowhere")'))
    with pytest.raises(SQLAlchemyError):
        migrate(database)
    assert (contents(database), shape(database), revision(database)) == before
    next_version.write_text(NEXT.format(head=head, ending='raise RuntimeError("stopped")'))
    with pytest.raises(RuntimeError, match="stopped"):
        migrate(database)
    assert (contents(database), shape(database), revision(database)) == before


@pytest.mark.parametrize("kind", KINDS)
def test_before_a_newer_version_changes_the_tables_it_makes_a_safety_copy(
    request: pytest.FixtureRequest, kind: str, tmp_path: Path, ring: KeyRing
) -> None:
    with fresh(request, kind) as address:
        settings = Settings(data=tmp_path / "data", database=address)
        copies: list[Path] = []
        set_up(settings, copies.append)
        assert copies == []
        database = Database(address)
        keys = KeyRing.load(settings.key_file)
        arrive(database, keys)
        kept = contents(database)
        head = revision(database)
        request.getfixturevalue("next_version")
        set_up(settings, copies.append)
        assert revision(database) == "9999"
        with database.read() as connection:
            assert connection.execute(text("SELECT half FROM submission")).scalar_one() == "done"
        [path] = copies
        assert path.parent == settings.data / "before-migrations"
        copy = Database(f"sqlite:///{path}")
        assert revision(copy) == head
        assert contents(copy) == kept
        copy.close()
        database.close()


def test_a_database_of_a_version_that_is_not_known_is_left_alone(database: Database, tmp_path: Path) -> None:
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'later'"))
    before = contents(database)
    sentence = r"another version of the portal \(revision later\), which this one does not know"
    try:
        with pytest.raises(MigrationError, match=sentence):
            migrate(database)
        with pytest.raises(MigrationError, match=sentence):
            set_up(Settings(data=tmp_path / "data", database=address_of(database)), print)
        assert revision(database) == "later" and contents(database) == before
    finally:
        with database.write() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": newest()})
