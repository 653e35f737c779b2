"""Safety copies: whole, of one moment, without keys or drafts, and good for a new portal of either kind."""

from __future__ import annotations

import base64
import os
import re
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import delete, insert, select, text
from sqlalchemy.exc import SQLAlchemyError

from portal import clock
from portal.analysis.models import Export
from portal.backups import BackupError, backup, restore, tables, verify
from portal.contact import Rule, keep_rule
from portal.database import Database, sqlite_module
from portal.equality.models import Collection
from portal.intake import drafts
from portal.intake.drafts import Drafts
from portal.intake.models import Submission
from portal.interpreting import open_questions
from portal.interpreting.models import Request
from portal.migrating import migrate
from portal.sealing import PURPOSES, SECRETS, KeyRing
from portal.throttles import attempt
from tests.arrivals import WORDS, arrive, contents, noise, opened, stored
from tests.conftest import KINDS
from tests.fresh import fresh

SHORT_LIVED = {"draft", "throttle", "throttle_key"}
"""Tables that no copy holds."""


def quietly(table: str, rows: int) -> None:
    """Progress that nobody watches."""


@contextmanager
def new_portal(request: pytest.FixtureRequest, kind: str) -> Iterator[Database]:
    """An empty, migrated database of a kind."""
    with fresh(request, kind, "restored") as address:
        database = Database(address)
        migrate(database)
        yield database
        database.close()


@contextmanager
def looked_into(path: Path) -> Iterator[Database]:
    """A copy as a database, from a copy of its own: looking must not change it."""
    beside = path.parent.parent / "looked-into.sqlite"
    shutil.copy(path, beside)
    database = Database(f"sqlite:///{beside}")
    yield database
    database.close()


def kept(database: Database) -> dict[str, set[str]]:
    return {name: rows for name, rows in contents(database).items() if name not in SHORT_LIVED}


@pytest.fixture
def full(database: Database, ring: KeyRing) -> Database:
    """A portal with something in every table."""
    for _person in range(3):
        arrive(database, ring)
    arrive(database, ring, {"equality_consent": ("no",)}, language="ur", collection="repairs")
    draft = drafts.new("equality", "2026-1")
    draft.answers = {"ethnic_words": ("canary of a draft",)}
    Drafts(database, ring).add(draft, timedelta(hours=24))
    attempt(database, "reply", "203.0.113.7")
    with database.write() as connection:
        rule = Rule(owner="request 7K3PX92CM", phone="07700 900123", until=clock.seconds() + 60)
        keep_rule(connection, ring, rule)
    noise(database)
    with database.write() as connection:
        request = connection.execute(select(Request.reference)).scalars().first()
        assert request is not None
        open_questions.keep(connection, request, open_questions.sealed(ring, request, "Which office?"))
    return database


@pytest.mark.parametrize("into", KINDS)
def test_a_copy_brings_everything_back_into_a_database_of_either_kind(
    full: Database, ring: KeyRing, into: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    before = kept(full)
    path = backup(full, tmp_path / "copies", quietly)
    with new_portal(request, into) as new:
        seen: list[tuple[str, int]] = []
        restore(path, new, lambda table, rows: seen.append((table, rows)))
        assert kept(new) == before
        assert ("submission", len(before["submission"])) in seen
        words = [opened(ring, row) for row in stored(new) if row.sealed]
        assert words == [{"ethnic_words": [WORDS]}] * 3
        assert not any(contents(new)[name] for name in SHORT_LIVED)
        with new.write() as connection:  # and life goes on: numbered rows take the next number
            values = {"made": clock.today(), "by": "me", "form": "equality", "purpose": "p", "period": "all"}
            connection.execute(insert(Export).values(values))
        arrive(new, ring)
        assert len(contents(new)["export"]) == len(before["export"]) + 1


def test_a_copy_holds_neither_keys_nor_drafts_nor_counts_of_guesses(
    full: Database, ring: KeyRing, tmp_path: Path
) -> None:
    ring.save(tmp_path / "keys.json")
    path = backup(full, tmp_path / "copies", quietly)
    held = path.read_bytes()
    keys = re.findall(r'"([A-Za-z0-9+/]{43}=)"', (tmp_path / "keys.json").read_text())
    assert len(keys) == len(PURPOSES) + len(SECRETS)
    for key in keys:
        assert key.encode() not in held and base64.b64decode(key) not in held
    with looked_into(path) as copy:
        found = contents(copy)
        assert {name for name, rows in found.items() if not rows} == SHORT_LIVED


def test_only_the_owner_can_read_a_copy_or_its_folder(full: Database, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        path = backup(full, tmp_path / "copies", quietly)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_copy_is_one_file_named_for_its_moment(full: Database, tmp_path: Path) -> None:
    with time_machine.travel("2026-11-21T09:08:07Z", tick=False):
        path = backup(full, tmp_path / "copies", quietly)
    assert path.name == "portal-2026-11-21T090807Z.sqlite"
    assert list(path.parent.iterdir()) == [path]


def test_a_copy_never_takes_the_place_of_another(full: Database, ring: KeyRing, tmp_path: Path) -> None:
    with time_machine.travel("2026-11-21T09:08:07Z", tick=False):
        path = backup(full, tmp_path / "copies", quietly)
        before = path.read_bytes()
        arrive(full, ring)
        second = backup(full, tmp_path / "copies", quietly)
    assert second.name == "portal-2026-11-21T090807Z-2.sqlite"
    assert path.read_bytes() == before != second.read_bytes()


def test_a_copy_is_of_one_moment_though_answers_arrive_meanwhile(
    full: Database, ring: KeyRing, tmp_path: Path
) -> None:
    before = kept(full)

    def somebody_sends(table: str, rows: int) -> None:
        arrive(full, ring)

    path = backup(full, tmp_path / "copies", somebody_sends)
    assert len(stored(full)) > len(before["submission"])
    with looked_into(path) as copy:
        assert kept(copy) == before


def test_progress_is_told_in_steps(
    database: Database, ring: KeyRing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.backups.CHUNK", 2)
    for _person in range(5):
        arrive(database, ring)
    seen: list[tuple[str, int]] = []
    backup(database, tmp_path / "copies", lambda table, rows: seen.append((table, rows)))
    assert [rows for table, rows in seen if table == "submission"] == [2, 4, 5]


def test_a_copy_that_fails_leaves_no_half_of_itself(full: Database, tmp_path: Path) -> None:
    def stop(table: str, rows: int) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        backup(full, tmp_path / "copies", stop)
    assert list((tmp_path / "copies").iterdir()) == []


def test_what_a_killed_copy_left_goes_with_the_next_one(full: Database, tmp_path: Path) -> None:
    copies = tmp_path / "copies"
    copies.mkdir()
    for name in ("portal-2026-01-01T000000Z.part", "portal-2026-01-01T000000Z.part-wal", "mine.part"):
        (copies / name).write_text("answers")
    path = backup(full, copies, quietly)
    assert {one.name for one in copies.iterdir()} == {path.name, "mine.part"}


def test_an_empty_database_has_nothing_to_copy(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'empty.sqlite'}")
    with pytest.raises(BackupError, match="the database is empty"):
        backup(database, tmp_path / "copies", quietly)
    assert not (tmp_path / "copies").exists()
    database.close()


# Reading back


def test_reading_back_finds_a_row_that_is_missing(full: Database, tmp_path: Path) -> None:
    counts = {name: len(rows) for name, rows in kept(full).items()}
    path = backup(full, tmp_path / "copies", quietly)
    with looked_into(path) as copy:
        verify(copy, counts)
        one = stored(copy)[0].id
        with copy.write() as connection:
            connection.execute(delete(Submission).where(Submission.id == one))
        with pytest.raises(BackupError, match="the copy of submission is not complete"):
            verify(copy, counts)


def spoilt(path: Path, tmp_path: Path) -> Iterator[Path]:
    """Copies that are not what they were."""
    whole = path.read_bytes()
    page = 4096
    full = [place for place in range(0, len(whole), page) if b"asian_other" in whole[place : place + page]]
    one, other = full[:2]
    for name, held in {
        "empty": b"",
        "no database": b"These are the minutes of the tenants' meeting. " * 200,
        "cut": whole[: len(whole) // 2 // page * page],
        "cut within a page": whole[:-1000],
        "a page of zeros": whole[: 2 * page] + bytes(page) + whole[3 * page :],
        "a page twice": whole[:other] + whole[one : one + page] + whole[other + page :],
        "noise": whole[:one] + b"\xa5" * 3000 + whole[one + 3000 :],
    }.items():
        file = tmp_path / f"{name}.sqlite"
        file.write_bytes(held)
        yield file


def test_a_damaged_copy_is_not_restored(sqlite: Database, ring: KeyRing, tmp_path: Path) -> None:
    for _person in range(40):
        arrive(sqlite, ring)
    noise(sqlite)
    path = backup(sqlite, tmp_path / "copies", quietly)
    new = Database(f"sqlite:///{tmp_path / 'new.sqlite'}")
    migrate(new)
    for file in spoilt(path, tmp_path):
        said = ""
        try:
            restore(file, new, quietly)
        except BackupError as error:
            said = str(error)
        assert "is damaged" in said or "another version" in said, f"{file.name}: {said or 'restored'}"
        assert not any(contents(new).values()), file
    restore(path, new, quietly)
    new.close()


def test_a_copy_in_a_folder_with_any_name_is_found(
    sqlite: Database, ring: KeyRing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrive(sqlite, ring)
    folder = tmp_path / "50% of #1? & “more”"
    path = backup(sqlite, folder, quietly)
    monkeypatch.chdir(folder)
    for number, named in enumerate((path, Path(path.name))):
        new = Database(f"sqlite:///{tmp_path / f'new{number}.sqlite'}")
        migrate(new)
        restore(named, new, quietly)
        assert kept(new) == kept(sqlite)
        new.close()


def test_restoring_reads_the_copy_and_does_not_touch_it(full: Database, tmp_path: Path) -> None:
    path = backup(full, tmp_path / "copies", quietly)
    before = path.read_bytes()
    path.chmod(0o400)
    new = Database(f"sqlite:///{tmp_path / 'new.sqlite'}")
    migrate(new)
    restore(path, new, quietly)
    new.close()
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_portal_with_anything_in_it_is_not_restored_into(
    full: Database, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    path = backup(full, tmp_path / "copies", quietly)
    before = contents(full)
    with pytest.raises(BackupError, match="the database is not empty: restore into a new one"):
        restore(path, full, quietly)
    assert contents(full) == before
    new = Database(f"sqlite:///{tmp_path / 'new.sqlite'}")
    migrate(new)
    with new.write() as connection:
        connection.execute(insert(Collection).values(code="repairs", name="Repairs", kind="service"))
    with pytest.raises(BackupError, match="not empty"):
        restore(path, new, quietly)
    new.close()


def test_a_copy_of_another_version_is_refused(sqlite: Database, tmp_path: Path) -> None:
    path = backup(sqlite, tmp_path / "copies", quietly)
    older = sqlite_module().connect(path)
    older.execute("UPDATE alembic_version SET version_num = '0000'")
    older.commit()
    older.close()
    with pytest.raises(BackupError, match="made by another version of the portal"):
        restore(path, sqlite, quietly)


def test_a_copy_that_is_not_there_is_named(sqlite: Database, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match=f"there is no file {tmp_path}"):
        restore(tmp_path / "missing.sqlite", sqlite, quietly)
    with pytest.raises(BackupError, match="there is no file"):
        restore(tmp_path, sqlite, quietly)


REFUSE_SUBMISSIONS = {
    "sqlite": "CREATE TRIGGER never BEFORE INSERT ON submission BEGIN SELECT RAISE(ABORT, 'never'); END",
    "postgres": "ALTER TABLE submission ADD CONSTRAINT never CHECK (form = 'never')",
}


@pytest.mark.parametrize("into", KINDS)
def test_restoring_is_all_or_nothing(
    into: str, sqlite: Database, ring: KeyRing, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    arrive(sqlite, ring)
    noise(sqlite)
    path = backup(sqlite, tmp_path / "copies", quietly)
    assert [table.name for table in tables()].index("submission") > 0
    with new_portal(request, into) as new:
        with new.write() as connection:
            connection.execute(text(REFUSE_SUBMISSIONS[into]))
        with pytest.raises(SQLAlchemyError):
            restore(path, new, quietly)
        assert not any(contents(new).values())
