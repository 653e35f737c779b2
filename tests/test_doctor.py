"""`portal doctor`: each thing that can be wrong is found, and what to do is said with it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import text

from portal import languages, pages
from portal.database import Database
from portal.doctor import Finding, findings
from portal.languages import LANGUAGES, catalogue
from portal.migrating import newest
from portal.outbox import Hopeless, Lease, claim, put, put_periodic
from portal.sealing import KeyRing
from tests import pseudo
from tests.arrivals import arrive
from tests.running import at_home, portal, refusal


@pytest.fixture
def home(database: Database, ring: KeyRing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A portal on each database, with nothing wrong in it."""
    data = at_home(database, tmp_path, monkeypatch)
    ring.save(data / "keys.json")
    lines = (
        'organisation = "Hill Homes"',
        'phone = "020 7946 0000"',
        'address = "https://portal.example.org"',
        'send_sms = "none"\nsend_email = "none"\nsend_letters = "none"',
    )
    (data / "portal.toml").write_text("\n".join((*lines, 'languages = ["en"]')))
    return data


def wrong() -> list[tuple[str, str]]:
    """What is wrong, each with what to do."""
    found = list(findings(os.environ))
    assert all(finding.mend for finding in found if finding.wrong)
    return [(finding.what, finding.mend) for finding in found if finding.wrong]


def notes() -> list[Finding]:
    """What is not wrong but could be better."""
    return [finding for finding in findings(os.environ) if finding.mend and not finding.wrong]


def test_a_portal_that_is_well_is_told_so(home: Path) -> None:
    found = portal("doctor")
    assert found.exit_code == 0
    assert "WRONG" not in found.output and "note" not in found.output
    assert "ok     settings for Hill Homes\n" in found.output
    assert "ok     the tables are up to date\n" in found.output
    assert "ok     the keys are there, and only you can read them\n" in found.output
    assert "ok     style and script files are there\n" in found.output
    assert wrong() == [] and notes() == []


def test_what_is_wrong_is_said_with_what_to_do_and_an_exit_code(home: Path) -> None:
    home.chmod(0o755)
    found = portal("doctor")
    assert found.exit_code == 1
    assert f"WRONG  others can read the data folder\n       chmod 700 {home}\n" in found.output


def test_a_setting_that_cannot_be_used(home: Path) -> None:
    (home / "portal.toml").write_text("workers = 0")
    [(what, mend)] = wrong()
    assert what == "workers and threads must be 1 or more, proxies 0 or more"
    assert "portal.toml" in mend


def test_a_wording_that_does_not_exist(home: Path) -> None:
    (home / "portal.toml").write_text('[variants]\nsex = "with_notes"')
    assert [what for what, _mend in wrong()] == ["equality: sex has no variant 'with_notes'"]


def test_no_data_folder(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_DATA", str(tmp_path / "nothing"))
    assert wrong() == [(f"there is no folder {tmp_path / 'nothing'}", "Run `portal serve`: it makes one.")]


def test_no_database_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_DATABASE", "")
    assert ("there is no database yet", "Run `portal migrate` or `portal serve`.") in wrong()
    assert not (home / "portal.sqlite").exists()


def test_a_database_that_does_not_answer(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_DATABASE", "postgresql://somebody:canary@127.0.0.1:1/portal")
    [(what, _mend)] = wrong()
    assert what == "the database does not answer"
    assert "canary" not in portal("doctor").output


def test_a_file_that_is_no_database(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_DATABASE", "")
    (home / "portal.sqlite").write_text("These are the minutes of the tenants' meeting. " * 100)
    [(what, mend)] = wrong()
    assert what == "the database answers with an error (DatabaseError)"
    assert "portal restore" in mend


def test_a_damaged_database_file(
    home: Path, sqlite: Database, ring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _person in range(30):
        arrive(sqlite, ring)
    with sqlite.read() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    sqlite.close()
    whole = Path(sqlite.url.database or "").read_bytes()
    pages_of_rows = [
        place for place in range(0, len(whole), 4096) if b"asian_other" in whole[place : place + 4096]
    ]
    place = pages_of_rows[len(pages_of_rows) // 2]
    spoilt = whole[:place] + bytes(4096) + whole[place + 4096 :]
    (home / "portal.sqlite").write_bytes(spoilt)
    monkeypatch.setenv("PORTAL_DATABASE", "")
    found = wrong()
    assert any("damaged" in what or "error" in what for what, _mend in found)
    assert any("safety copy" in mend for _what, mend in found)


def test_messages_that_only_go_into_the_log_are_a_note(home: Path) -> None:
    toml = home / "portal.toml"
    toml.write_text(toml.read_text().replace('send_sms = "none"', "").replace("send_letters", "#"))
    [note] = notes()
    assert note.what == "messages only go into the log, to nobody: send_sms, send_letters"
    assert "staff are asked to phone" in note.mend and wrong() == []


def test_forms_that_cannot_be_printed_are_a_note_and_no_danger(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(name: str) -> None:
        raise OSError("cannot load library 'libpango-1.0-0'")

    monkeypatch.setattr("portal.paper.bundles.import_module", gone)
    assert wrong() == []
    [note] = notes()
    assert "apt install libpango-1.0-0" in note.what and "browsers can print forms" in note.mend


def test_an_older_sqlite_is_a_note_and_no_danger(
    home: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.doctor.wal_is_safe", lambda version: False)
    found = notes()
    if database.sqlite:
        [note] = found
        assert "the slower rollback journal is used" in note.what and "Nothing is at risk" in note.mend
    else:
        assert found == []


def test_tables_of_another_version(home: Path, database: Database) -> None:
    try:
        with database.write() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = 'later'"))
        assert wrong() == [("the tables are not this version's (later)", "Run `portal migrate`.")]
        with database.write() as connection:
            connection.execute(text("DELETE FROM alembic_version"))
        assert wrong() == [("the tables are not this version's (empty)", "Run `portal migrate`.")]
    finally:
        with database.write() as connection:
            connection.execute(text("DELETE FROM alembic_version"))
            connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": newest()})


def test_keys_that_are_away_open_to_others_or_not_the_right_ones(
    home: Path, database: Database, ring: KeyRing
) -> None:
    arrive(database, ring)
    path = home / "keys.json"
    path.chmod(0o644)
    assert [what for what, _mend in wrong()] == [f"others can read the key file: run chmod 600 {path}"]
    KeyRing.new().save(path)
    assert "the key file is that of another portal" in wrong()[0][0]
    content = json.loads(path.read_text())
    content["keys"]["equality"] = {"2": content["keys"]["equality"]["1"]}
    path.write_text(json.dumps(content))
    assert wrong()[0][0] == "the key file lacks equality:1: restore it from your safe copy"
    path.unlink()
    [(what, mend)] = wrong()
    assert what == f"there is no key file {path}: restore it from your safe copy"
    assert mend == "Without the right keys, sealed words cannot be read."


def test_files_of_the_pages_that_are_missing(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.doctor.STATIC", tmp_path)
    [(what, mend)] = wrong()
    names = [name for name in pages.manifest().values() if isinstance(name, str)]
    assert what == f"style or script files are missing: {', '.join(names)}"
    assert mend == "Install the portal again."


@pytest.fixture
def without_polish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A portal whose Polish catalogue was lost."""
    folder = tmp_path / "translations"
    folder.mkdir()
    for code in LANGUAGES:
        if code not in ("en", "pl", pseudo.CODE):
            (folder / code).symlink_to(languages.translations_folder() / code)
    monkeypatch.setattr("portal.languages.translations_folder", lambda: folder)
    monkeypatch.setattr("portal.doctor.translations_folder", lambda: folder)
    catalogue.cache_clear()
    yield
    catalogue.cache_clear()


def test_a_language_without_its_catalogue(home: Path, without_polish: None) -> None:
    (home / "portal.toml").write_text('languages = ["en", "pl", "ur"]')
    assert wrong() == [("there is no catalogue for pl", "Install the portal again.")]


def test_translations_that_nobody_has_checked_are_noted(home: Path) -> None:
    file = home / "portal.toml"
    file.write_text(file.read_text().replace('["en"]', '["en", "ur", "pl"]'))
    [note] = notes()
    assert note.what == "not yet checked by a person: Urdu, Polish"
    assert "X-Reviewed-By" in note.mend


def test_an_example_name_or_number_and_plain_http_are_noted(home: Path) -> None:
    (home / "portal.toml").write_text('languages = ["en"]')
    assert [note.what for note in notes()] == [
        "the organisation's name or phone number is still the example's",
        "the address is not https, so only this machine can use the portal",
    ]
    (home / "portal.toml").write_text('organisation = "Hill Homes"\nlanguages = ["en"]')
    assert len(notes()) == 2


def test_a_job_that_was_given_up_is_named_with_how_to_revive_it(home: Path, database: Database) -> None:
    with database.write() as connection:
        number = put(connection, "print", {})
    job = claim(database, ["print"])
    assert job is not None and wrong() == []
    Lease(database, job).fail(Hopeless("canary"))
    [(what, mend)] = wrong()
    assert what == f"job {number} (print) was given up after 1 tries: Hopeless"
    assert f"`portal jobs revive {number}`" in mend
    assert portal("jobs").output == f"{number}  print  1 tries, the last ended with Hopeless\n"
    assert portal("jobs", "revive", str(number)).output == f"Job {number} will be tried again.\n"
    assert wrong() == [] and portal("jobs").output == "No job was given up.\n"
    assert refusal("jobs", "revive", str(number)) == f"no job {number} was given up"


def test_work_that_nobody_does_is_noticed_after_a_quarter_of_an_hour(home: Path, database: Database) -> None:
    with time_machine.travel("2026-11-22T10:00:00Z", tick=False) as clock:
        put_periodic(database, {"tidy": 3600})
        job = claim(database, ["tidy"])
        assert job is not None
        Lease(database, job).finish()
        clock.shift(3600 + 15 * 60)
        assert wrong() == []
        clock.shift(1)
        [(what, mend)] = wrong()
        assert what == "there has been something to do since 2026-11-22 at 11:00 UTC"
        assert "Is a worker running?" in mend
        claim(database, ["tidy"])
        assert wrong() == [], "it is being done"
