"""What was erased stays erased: the list outside the database, and what a restore does with it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from portal import clock
from portal.backups import backup, restore
from portal.blobs import Folder
from portal.database import Database
from portal.incidents import erasures, reports, tombstones
from portal.incidents.exchange import CaseMessage
from portal.incidents.models import IncidentPerson
from portal.incidents.tombstones import Erased, Tombstone, line_of, read_line, read_list, write_list
from portal.intake.models import Submission
from portal.keeping import delete_what_has_had_its_time
from portal.messages import Outgoing
from portal.migrating import migrate
from portal.sealing import KeyRing
from portal.settings import Settings
from tests.cases import NOW
from tests.conftest import KINDS
from tests.erasing import LATER, Here, Told, key_of
from tests.fresh import fresh
from tests.running import at_home, portal
from tests.test_erasing import together

REFERENCES = st.sampled_from(["7K3PX92CM", "F2345678G", "WXYT99999"])
STONES = st.builds(
    Erased,
    report=REFERENCES,
    kind=st.sampled_from(["report", "case"]),
    case=REFERENCES,
    opened=st.dates(date(2020, 1, 1), date(2100, 1, 1)),
    closed=st.none() | st.dates(date(2020, 1, 1), date(2100, 1, 1)),
    erased=st.integers(0, 4_000_000_000),
    policy=st.just("2026-1"),
    ground=st.just("asked"),
    also=st.lists(REFERENCES, max_size=4, unique=True).map(tuple),
)
RING = KeyRing.new()


@pytest.fixture(autouse=True)
def a_wednesday() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def here(database: Database, ring: KeyRing, tmp_path: Path) -> Here:
    data = tmp_path / "old"
    data.mkdir(mode=0o700)
    return Here(database, ring, Settings(data=data, send_sms="console", send_email="console"))


def quietly(table: str, rows: int) -> None:
    """Progress that nobody watches."""


# The list


@given(STONES)
def test_a_line_says_what_was_written_and_only_this_portal_can_write_it(one: Erased) -> None:
    line = line_of(RING, one)
    assert read_line(RING, line) == one and "\n" not in line
    assert read_line(KeyRing.new(), line) is None


@given(STONES, st.data())
def test_a_line_that_was_changed_says_nothing(one: Erased, data: st.DataObject) -> None:
    line = line_of(RING, one)
    place = data.draw(st.integers(0, len(line) - 1))
    other = data.draw(st.characters(codec="utf-8").filter(lambda letter: letter != line[place]))
    assert read_line(RING, line[:place] + other + line[place + 1 :]) is None


def test_a_list_is_only_added_to_and_outlives_a_torn_line(tmp_path: Path, ring: KeyRing) -> None:
    path = tmp_path / "erased"
    one = Erased("7K3PX92CM", "case", "F2345678G", date(2026, 1, 1), None, 1, "2026-1", "asked", ())
    two = replace(one, report="F2345678G", also=("7K3PX92CM", "WXYT99999"))
    before = os.umask(0)
    try:
        assert write_list(ring, path, [one]) == 1
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_bytes(path.read_bytes() + line_of(ring, two)[:40].encode())  # the power went
    assert read_list(ring, path) == {one.report: one}
    assert write_list(ring, path, [one, two]) == 1 and write_list(ring, path, [one, two]) == 0
    assert read_list(ring, path) == {one.report: one, two.report: two}
    assert read_list(ring, tmp_path / "none") == {}


def test_a_list_holds_references_and_dates_and_nothing_else(here: Here) -> None:
    told = here.all_of_it()
    here.erased(told)
    [line] = here.settings.erased.read_text().splitlines()
    *said, _seal = line.split(" ")
    erased = clock.seconds() + int(LATER.total_seconds())
    assert said == [
        *(told.report, "case", told.case, "2026-11-18", "2026-11-18"),
        *(str(erased), tombstones.POLICY, "asked", "-"),
    ]


# An older copy comes back


def restored(here: Here, new: Database, copy: Path, data: Path) -> Here:
    """The portal as it is after a copy was brought back into an empty one, in another folder."""
    data.mkdir(mode=0o700)
    settings = replace(here.settings, data=data)
    restore(copy, new, quietly, Folder(settings.files))
    return Here(new, here.ring, settings, here.deciders)


@pytest.mark.parametrize("into", KINDS)
def test_what_was_erased_after_a_copy_is_erased_again_when_the_copy_comes_back(
    here: Here, into: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    told, other = here.all_of_it(), here.tells()
    asked = here.asks(told)
    copy = backup(here.database, tmp_path / "copies", quietly, here.store)
    here.agrees(asked)
    with time_machine.travel(clock.now() + LATER, tick=False):
        here.carries_out(asked)
        with fresh(request, into, "restored") as address:
            new = Database(address)
            migrate(new)
            after = restored(here, new, copy, tmp_path / "new")
            assert after.code_opens(told), "else the test proves nothing"
            write_list(after.ring, after.settings.erased, read_list(here.ring, here.settings.erased).values())
            assert erasures.again(new, after.ring, after.settings, after.store) == 1
            assert erasures.again(new, after.ring, after.settings, after.store) == 0, "once"
            gone(after, told)
            assert after.code_opens(other)
            assert after.request(asked).state == "again"
            [stone] = after.desk.every(Tombstone)
            assert (stone.reference, stone.erased) == (told.report, clock.seconds())
            new.close()


def gone(here: Here, told: Told) -> None:
    assert not here.code_opens(told) and key_of(here.database, told.case) is None
    assert not any(row.sealed for row in here.desk.every(CaseMessage) if row.report == told.report)
    assert told.submission not in {row.id for row in here.desk.every(Submission)}
    assert told.report not in {row.report for row in here.desk.every(IncidentPerson)}
    assert here.desk.every(Outgoing) == []
    assert list(here.store.names()) == []
    with here.database.read() as connection:
        assert reports.of_receipt(connection, told.receipt) is None


def test_what_a_copy_knows_to_be_erased_stays_so_and_comes_into_the_list(
    here: Here, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    told = here.all_of_it()
    here.erased(told)
    copy = backup(here.database, tmp_path / "copies", quietly, here.store)
    with fresh(request, "sqlite", "restored") as address:
        new = Database(address)
        migrate(new)
        after = restored(here, new, copy, tmp_path / "new")
        assert not after.settings.erased.exists()
        assert erasures.again(new, after.ring, after.settings, after.store) == 0
        gone(after, told)
        assert list(read_list(after.ring, after.settings.erased)) == [told.report]
        new.close()


def test_in_the_order_in_which_they_went_reports_of_one_case_go_again(
    here: Here, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    one, two, three = here.tells(), here.tells(), here.tells()
    together(here, two, into=one)
    together(here, three, into=one)
    copy = backup(here.database, tmp_path / "copies", quietly, here.store)
    here.erased(two)
    here.desk.closed(one.case)
    here.erased(one)
    with fresh(request, "sqlite", "restored") as address:
        new = Database(address)
        migrate(new)
        after = restored(here, new, copy, tmp_path / "new")
        write_list(after.ring, after.settings.erased, read_list(here.ring, here.settings.erased).values())
        assert erasures.again(new, after.ring, after.settings, after.store) == 2
        assert [after.code_opens(told) for told in (one, two, three)] == [False, False, True]
        new.close()


def test_a_worker_does_it_every_hour(here: Here, ring: KeyRing) -> None:
    told = here.tells()
    stone = Erased(told.report, "case", told.case, date(2026, 1, 1), None, 1, "2026-1", "asked", ())
    write_list(ring, here.settings.erased, [stone])
    done = delete_what_has_had_its_time(here.database, ring, here.settings)
    assert done["erased again"] == 1 and not here.code_opens(told)
    assert delete_what_has_had_its_time(here.database, ring, here.settings)["erased again"] == 0


def test_a_list_of_another_portal_erases_nothing(here: Here) -> None:
    told = here.tells()
    stone = Erased(told.report, "case", told.case, date(2026, 1, 1), None, 1, "2026-1", "asked", ())
    write_list(KeyRing.new(), here.settings.erased, [stone])
    assert erasures.again(here.database, here.ring, here.settings, here.store) == 0
    assert here.code_opens(told)


def test_a_case_that_was_open_in_the_copy_has_no_words_and_can_still_be_closed(here: Here) -> None:
    told = here.tells()
    stone = Erased(told.report, "case", told.case, date(2026, 1, 1), None, 1, "2026-1", "asked", ())
    write_list(here.ring, here.settings.erased, [stone])
    assert erasures.again(here.database, here.ring, here.settings, here.store) == 1
    assert key_of(here.database, told.case) is None
    here.desk.closed(told.case)


# The commands


def test_backup_and_restore_carry_the_list_and_say_what_they_did(
    database: Database, ring: KeyRing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = at_home(database, tmp_path, monkeypatch)
    ring.save(data / "keys.json")
    monkeypatch.chdir(tmp_path)
    here = Here(database, ring, Settings(data=data))
    told = here.all_of_it()
    found = portal("backup", "--to", "copies")
    copy = found.output.partition(" is complete and was read back.")[0]
    here.erased(told)
    assert portal("erasures", "apply").output == "Nothing is here that was erased.\n"
    kept = tmp_path / "kept-elsewhere"
    kept.write_bytes(here.settings.erased.read_bytes())

    def bring_back(name: str, *words: str) -> str:
        new = tmp_path / name
        new.mkdir(mode=0o700)
        monkeypatch.setenv("PORTAL_DATA", str(new))
        monkeypatch.setenv("PORTAL_DATABASE", "")
        ring.save(new / "keys.json")
        return portal("restore", copy, *words).output

    back = "Everything is back, and was read.\n"
    assert bring_back("one") == back, "the list beside the copy is older than the erasure"
    assert portal("erasures", "apply", str(kept)).output == "1 report was erased again.\n"
    assert bring_back("two", "--erased", str(kept)) == back + "1 report was erased again.\n"
    (tmp_path / "copies" / tombstones.FILE).unlink()
    assert "There is no list of what was erased" in bring_back("three")
    (tmp_path / "copies" / tombstones.FILE).write_bytes(kept.read_bytes())
    assert bring_back("four") == back + "1 report was erased again.\n"
    for name in ("one", "two", "four"):
        restored_one = Database(f"sqlite:///{tmp_path / name}/portal.sqlite")
        after = type(here.desk)(restored_one, ring)
        assert [row.reference for row in after.every(Tombstone)] == [told.report]
        assert not [row for row in after.every(Submission) if row.form == "incident"]
        restored_one.close()


def test_the_next_copy_carries_the_newer_list(
    database: Database, ring: KeyRing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = at_home(database, tmp_path, monkeypatch)
    ring.save(data / "keys.json")
    monkeypatch.chdir(tmp_path)
    here = Here(database, ring, Settings(data=data))
    told = here.tells()
    here.desk.closed(told.case)
    portal("backup", "--to", "copies")
    assert read_list(ring, tmp_path / "copies" / tombstones.FILE) == {}
    here.erased(told)
    portal("backup", "--to", "copies")
    assert list(read_list(ring, tmp_path / "copies" / tombstones.FILE)) == [told.report]
