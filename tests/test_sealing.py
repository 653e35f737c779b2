"""Sealed words open only where they were sealed, with the right keys; keys are kept, renewed, never lost."""

from __future__ import annotations

import base64
import json
import os
import resource
import secrets
import signal
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from portal.database import Database
from portal.intake.models import Submission
from portal.intake.submissions import place_of
from portal.keeping import check_keys, keys_in_use, rewrap_all
from portal.sealing import PURPOSES, CannotOpen, KeyRing, KeyRingError, Sealed, decrypt
from tests.arrivals import WORDS, arrive, noise, opened, still_there, stored
from tests.fresh import address_of
from tests.running import at_home, forked, portal, run

PLACE = "submission/sealed/1"


# Words


def test_what_was_sealed_opens_in_its_place(ring: KeyRing) -> None:
    sealed = ring.seal("equality", PLACE, WORDS.encode())
    assert ring.open(PLACE, sealed).decode() == WORDS
    assert WORDS.encode() not in sealed.words + sealed.data_key


def test_the_same_words_look_different_each_time(ring: KeyRing) -> None:
    first, second = (ring.seal("equality", PLACE, b"yes") for _time in range(2))
    assert first.words != second.words and first.data_key != second.data_key


@pytest.mark.parametrize("place", ["submission/sealed/2", "submission/answers/1", "case/sealed/1", ""])
def test_what_is_moved_to_another_row_column_or_table_does_not_open(ring: KeyRing, place: str) -> None:
    sealed = ring.seal("equality", PLACE, b"words")
    with pytest.raises(CannotOpen):
        ring.open(place, sealed)


def test_words_and_data_key_of_two_rows_do_not_open_together(ring: KeyRing) -> None:
    one, other = (ring.seal("equality", PLACE, b"words") for _time in range(2))
    with pytest.raises(CannotOpen):
        ring.open(PLACE, Sealed(one.words, other.data_key, one.key_name))


RING = KeyRing.new()
KEPT = RING.seal("equality", PLACE, WORDS.encode())


@given(st.data())
def test_a_changed_byte_is_noticed_wherever_it_is(data: st.DataObject) -> None:
    parts = {"words": KEPT.words, "data_key": KEPT.data_key}
    part = data.draw(st.sampled_from(sorted(parts)))
    changed = bytearray(parts[part])
    changed[data.draw(st.integers(0, len(changed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(CannotOpen):
        RING.open(PLACE, Sealed(**{**parts, part: bytes(changed)}, key_name=KEPT.key_name))


@given(st.binary(max_size=80))
def test_bytes_that_were_never_sealed_do_not_open(noise: bytes) -> None:
    with pytest.raises(CannotOpen):
        decrypt(bytes(32), noise, PLACE)


def test_another_portals_key_does_not_open(ring: KeyRing) -> None:
    with pytest.raises(CannotOpen):
        KeyRing.new().open(PLACE, ring.seal("equality", PLACE, b"words"))


def test_each_purpose_has_its_own_key(ring: KeyRing) -> None:
    sealed = ring.seal("equality", PLACE, b"words")
    with pytest.raises(CannotOpen):
        ring.open(PLACE, Sealed(sealed.words, sealed.data_key, "identity:1"))


def test_a_missing_key_is_named(ring: KeyRing) -> None:
    sealed = ring.seal("equality", PLACE, b"words")
    for name in ("equality:7", "another:1", "nonsense"):
        with pytest.raises(KeyRingError, match=f"key {name} is missing from the key file"):
            ring.open(PLACE, Sealed(sealed.words, sealed.data_key, name))


def test_without_its_data_key_nothing_opens_any_more(ring: KeyRing) -> None:
    sealed = ring.seal("equality", PLACE, b"words")
    for destroyed in (b"", bytes(len(sealed.data_key))):
        with pytest.raises(CannotOpen):
            ring.open(PLACE, Sealed(sealed.words, destroyed, sealed.key_name))


def test_a_digest_tells_where_its_parts_end(ring: KeyRing) -> None:
    assert ring.digest("receipt", b"ab", b"c") != ring.digest("receipt", b"a", b"bc")
    assert ring.digest("receipt", b"ab") != ring.digest("draft", b"ab")
    assert ring.digest("receipt", b"ab") != KeyRing.new().digest("receipt", b"ab")


# Words in rows


def test_a_row_opens_and_its_words_stand_nowhere_in_it(database: Database, ring: KeyRing) -> None:
    row = arrive(database, ring)
    assert opened(ring, row) == {"ethnic_words": [WORDS]}
    assert "Kashmiri" not in str(tuple(row))


def test_sealed_words_swapped_between_two_rows_open_in_neither(database: Database, ring: KeyRing) -> None:
    one, other = arrive(database, ring), arrive(database, ring)
    for whose, taken in ((one, other), (other, one)):
        values = {"sealed": taken.sealed, "data_key": taken.data_key, "key_name": taken.key_name}
        with database.write() as connection:
            connection.execute(update(Submission).where(Submission.id == whose.id).values(values))
    for row in stored(database):
        with pytest.raises(CannotOpen):
            opened(ring, row)


# The key file


def content_of(ring: KeyRing, folder: Path) -> dict[str, Any]:
    ring.save(folder / "content.json")
    content: dict[str, Any] = json.loads((folder / "content.json").read_text())
    return content


def test_a_ring_comes_back_as_it_was_saved(tmp_path: Path, ring: KeyRing) -> None:
    ring.save(tmp_path / "keys.json")
    again = KeyRing.load(tmp_path / "keys.json")
    assert again.open(PLACE, ring.seal("narrative", PLACE, b"words")) == b"words"
    assert again.digest("receipt", b"a") == ring.digest("receipt", b"a")
    assert again.names() == ring.names() == {f"{purpose}:1" for purpose in PURPOSES}


def test_only_the_owner_can_read_the_key_file(tmp_path: Path, ring: KeyRing) -> None:
    before = os.umask(0)
    try:
        ring.save(tmp_path / "keys.json")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path, ring: KeyRing, mode: int) -> None:
    path = tmp_path / "keys.json"
    ring.save(path)
    path.chmod(mode)
    with pytest.raises(KeyRingError, match=rf"^others can read the key file: run chmod 600 {path}$"):
        KeyRing.load(path)


def damaged(content: dict[str, Any]) -> Iterator[str]:
    """Key files in which something is not as it must be."""
    yield ""
    yield "not json"
    yield "[]"
    yield "null"
    yield "{}"
    yield "ä"
    for purpose in PURPOSES:
        for keys in ({}, [], None, {"1": "short"}, {"1": 7}, {"first": content["keys"][purpose]["1"]}):
            yield json.dumps({**content, "keys": {**content["keys"], purpose: keys}})
    for name in content["secrets"]:
        kept = {other: value for other, value in content["secrets"].items() if other != name}
        yield json.dumps({**content, "secrets": kept})
        yield json.dumps({**content, "secrets": {**kept, name: base64.b64encode(bytes(31)).decode()}})


def test_a_damaged_key_file_is_refused_and_the_safe_copy_named(tmp_path: Path, ring: KeyRing) -> None:
    path = tmp_path / "keys.json"
    for text in damaged(content_of(ring, tmp_path)):
        path.write_text(text, "utf-8")
        path.chmod(0o600)
        with pytest.raises(KeyRingError, match=r"cannot be read|restore it from your safe copy"):
            KeyRing.load(path)


def test_a_key_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeyRingError, match="there is no key file"):
        KeyRing.load(tmp_path / "keys.json")
    with pytest.raises(KeyRingError, match="cannot be read"):
        KeyRing.load(tmp_path)


def test_whoever_reads_while_keys_are_saved_reads_whole_keys(tmp_path: Path, ring: KeyRing) -> None:
    path = tmp_path / "keys.json"
    ring.save(path)
    done = threading.Event()

    def save_again_and_again() -> None:
        for _time in range(40):
            ring.save(path)
        done.set()

    saving = threading.Thread(target=save_again_and_again)
    saving.start()
    while not done.is_set():
        assert KeyRing.load(path).digest("receipt", b"a") == ring.digest("receipt", b"a")
    saving.join()


def test_a_full_disk_leaves_the_old_keys_and_the_next_save_works(tmp_path: Path, ring: KeyRing) -> None:
    path = tmp_path / "keys.json"
    ring.save(path)
    before = path.read_bytes()

    def save_on_a_full_disk() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
        with pytest.raises(OSError, match="too large"):
            KeyRing.new().save(path)

    assert forked(save_on_a_full_disk) == [0]
    assert path.read_bytes() == before
    assert (tmp_path / "keys.new").stat().st_size == 100
    ring.save(path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["keys.json"]


# Keys that are missing, or another portal's


@pytest.fixture
def home(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of a portal on each database."""
    return at_home(database, tmp_path, monkeypatch)


def test_nothing_starts_without_a_key_that_words_need(database: Database, ring: KeyRing, home: Path) -> None:
    arrive(database, ring)
    lacking = content_of(ring, home)
    lacking["keys"]["equality"] = {"2": base64.b64encode(secrets.token_bytes(32)).decode()}
    KeyRing(lacking).save(home / "keys.json")
    with pytest.raises(KeyRingError, match="lacks equality:1"):
        check_keys(database, KeyRing(lacking))
    for command in ("migrate", "tidy"):
        found = portal(command)
        assert found.exit_code == 1
        assert found.output == "Error: the key file lacks equality:1: restore it from your safe copy\n"


def test_another_portals_keys_are_refused_though_their_names_are_the_same(
    database: Database, ring: KeyRing
) -> None:
    check_keys(database, KeyRing.new())
    arrive(database, ring)
    check_keys(database, ring)
    with pytest.raises(KeyRingError, match="the key file is that of another portal"):
        check_keys(database, KeyRing.new())


def test_no_new_keys_are_made_where_answers_wait_for_the_old_ones(
    database: Database, ring: KeyRing, home: Path
) -> None:
    arrive(database, ring, {"equality_consent": ("no",)})
    assert keys_in_use(database) == set()
    found = portal("migrate")
    assert found.exit_code == 1
    assert "the database holds answers, but there is no key file" in found.output
    assert not (home / "keys.json").exists()


def test_serve_refuses_to_start_without_the_keys(sqlite: Database, ring: KeyRing, tmp_path: Path) -> None:
    arrive(sqlite, ring)
    (tmp_path / "data").mkdir()
    found = run(tmp_path / "data", "serve", PORTAL_DATABASE=address_of(sqlite))
    assert found.returncode == 1
    assert found.stderr.startswith("Error: the database holds answers, but there is no key file")
    assert "Traceback" not in found.stderr


# New keys


def test_a_new_key_is_the_one_in_use_and_the_old_one_still_opens() -> None:
    ring = KeyRing.new()
    old = ring.seal("equality", PLACE, b"words")
    for number in range(2, 12):
        assert ring.add("equality") == ring.current("equality") == f"equality:{number}"
    assert ring.seal("equality", PLACE, b"words").key_name == "equality:11"
    assert ring.open(PLACE, old) == b"words"
    assert ring.current("narrative") == "narrative:1"
    with pytest.raises(KeyRingError, match="equality:11 is in use"):
        ring.drop("equality:11")


def test_rewrapping_changes_the_wrapping_and_no_words() -> None:
    ring = KeyRing.new()
    old = ring.seal("equality", PLACE, b"words")
    ring.add("equality")
    wrapped, name = ring.rewrap(PLACE, old.data_key, old.key_name)
    ring.drop("equality:1")
    assert name == "equality:2"
    assert ring.open(PLACE, Sealed(old.words, wrapped, name)) == b"words"


def other_purpose(database: Database, ring: KeyRing) -> str:
    """A row whose words are of another purpose."""
    row = arrive(database, ring)
    sealed = ring.seal("narrative", place_of(row.id), b"{}")
    values = {"sealed": sealed.words, "data_key": sealed.data_key, "key_name": sealed.key_name}
    with database.write() as connection:
        connection.execute(update(Submission).where(Submission.id == row.id).values(values))
    return str(row.id)


def test_rotating_and_forgetting_leaves_every_row_readable(database: Database, home: Path) -> None:
    ring = KeyRing.new()
    ring.save(home / "keys.json")
    unrelated = noise(database)
    arrive(database, ring, {"equality_consent": ("no",)})
    other = other_purpose(database, ring)
    ids = {arrive(database, ring).id for _person in range(3)}
    words = {row.id: row.sealed for row in stored(database)}

    found = portal("keys", "rotate", "equality")
    assert found.exit_code == 0, found.output
    assert "3 data keys moved to equality:2." in found.output
    assert "portal keys forget equality" in found.output
    late = arrive(database, ring).id  # by a portal that was not restarted yet
    found = portal("keys", "forget", "equality")
    assert found.exit_code == 0, found.output
    assert "equality:1 is forgotten." in found.output
    assert "1 data keys moved; equality:2 is in use." in found.output

    now = KeyRing.load(home / "keys.json")
    assert now.names() == {"identity:1", "narrative:1", "evidence:1", "equality:2"}
    for row in stored(database):
        if row.id in ids | {late}:
            assert row.key_name == "equality:2"
            assert opened(now, row) == {"ethnic_words": [WORDS]}
        if row.id == other:
            assert row.key_name == "narrative:1" and opened(now, row) == {}
        assert row.id == late or row.sealed == words[row.id]
    assert still_there(database, unrelated)
    check_keys(database, now)


def test_a_rotation_that_was_stopped_half_way_goes_on_with_its_own_key(
    database: Database, home: Path
) -> None:
    ring = KeyRing.new()
    for _person in range(4):
        arrive(database, ring)
    ring.add("equality")
    ring.save(home / "keys.json")
    for row in stored(database)[:2]:
        wrapped, name = ring.rewrap(place_of(row.id), row.data_key, row.key_name)
        with database.write() as connection:
            values = {"data_key": wrapped, "key_name": name}
            connection.execute(update(Submission).where(Submission.id == row.id).values(values))

    assert all(opened(KeyRing.load(home / "keys.json"), row) for row in stored(database))
    assert "2 data keys moved to equality:2." in portal("keys", "rotate", "equality").output
    assert keys_in_use(database) == {"equality:2"}
    portal("keys", "forget", "equality")
    now = KeyRing.load(home / "keys.json")
    assert now.names() & {"equality:1", "equality:3"} == set()
    assert [opened(now, row) for row in stored(database)] == [{"ethnic_words": [WORDS]}] * 4


def test_rotations_at_the_same_time_lose_no_key(database: Database, home: Path) -> None:
    ring = KeyRing.new()
    ring.save(home / "keys.json")
    for _person in range(3):
        arrive(database, ring)

    def rotate() -> None:
        assert portal("keys", "rotate", "equality").exit_code == 0

    assert forked(rotate, 4) == [0] * 4
    now = KeyRing.load(home / "keys.json")
    assert now.current("equality") == "equality:5" and keys_in_use(database) == {"equality:5"}
    assert [opened(now, row) for row in stored(database)] == [{"ethnic_words": [WORDS]}] * 3


def test_every_batch_of_a_rotation_is_moved(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.keeping.BATCH", 2)
    ring = KeyRing.new()
    for _person in range(5):
        arrive(database, ring)
    ring.add("equality")
    assert rewrap_all(database, ring, "equality") == 5
    assert rewrap_all(database, ring, "equality") == 0


def test_a_row_that_does_not_open_stops_a_rotation_with_a_sentence(database: Database, home: Path) -> None:
    ring = KeyRing.new()
    ring.save(home / "keys.json")
    arrive(database, ring)
    with database.write() as connection:
        connection.execute(update(Submission).values(data_key=secrets.token_bytes(60)))
    found = portal("keys", "rotate", "equality")
    assert found.exit_code == 1
    assert "what is sealed under equality:1 does not open" in found.output
    assert KeyRing.load(home / "keys.json").names() == ring.names()


# Cookies


def test_a_cookie_opens_for_its_kind_only(ring: KeyRing) -> None:
    value = ring.seal_cookie("sent", {"code": "1234"}, 15)
    assert ring.open_cookie("sent", value) == {"code": "1234"}
    assert ring.open_cookie("reply", value) is None
    assert KeyRing.new().open_cookie("sent", value) is None
    assert "1234" not in value and b"1234" not in base64.urlsafe_b64decode(value)


def test_a_cookie_dies_when_its_minutes_are_over(ring: KeyRing) -> None:
    with time_machine.travel("2026-11-21T10:00:00Z", tick=False) as clock:
        value = ring.seal_cookie("sent", {"code": "1234"}, 15)
        clock.shift(15 * 60 - 1)
        assert ring.open_cookie("sent", value) == {"code": "1234"}
        clock.shift(1)
        assert ring.open_cookie("sent", value) is None


def test_no_cookie_is_no_cookie(ring: KeyRing) -> None:
    assert ring.open_cookie("sent", None) is None
    assert ring.open_cookie("sent", "") is None


@given(
    st.text(max_size=100) | st.binary(max_size=100).map(lambda made: base64.urlsafe_b64encode(made).decode())
)
def test_a_cookie_that_somebody_made_up_opens_nothing(value: str) -> None:
    assert RING.open_cookie("sent", value) is None


@given(st.integers(0, 200), st.integers(1, 255))
def test_a_cookie_with_a_changed_byte_opens_nothing(place: int, change: int) -> None:
    sealed = bytearray(base64.urlsafe_b64decode(RING.seal_cookie("sent", {"code": "1234"}, 15)))
    sealed[place % len(sealed)] ^= change
    assert RING.open_cookie("sent", base64.urlsafe_b64encode(sealed).decode()) is None
