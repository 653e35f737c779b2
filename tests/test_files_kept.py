"""Files where they lie: sealed, nameless, whole or not at all, moved to new keys, copied and brought back."""

from __future__ import annotations

import io
import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from portal import files, pages
from portal.backups import BackupError, backup, restore
from portal.blobs import CHUNK, TAG, Folder, sealed, sealed_size, unsealed
from portal.database import Database
from portal.files import SCANS, File, Kept
from portal.keeping import check_keys, delete_files_left, holds_answers, keys_in_use, rewrap_all
from portal.migrating import migrate
from portal.sealing import CannotOpen, KeyRing, KeyRingError
from tests.answering import steady
from tests.arrivals import arrive, noise, still_there
from tests.attachments import pdf, picture
from tests.conftest import KINDS, MakePortal
from tests.fresh import fresh
from tests.running import at_home, portal

KEY = bytes(range(32))
OWNER = "pass 7K3PX92CM"


@pytest.fixture
def store(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "files")


def kept(database: Database, ring: KeyRing, store: Folder, owner: str = OWNER, sent: bytes = b"") -> Kept:
    name = "Kim Lee.pdf" if sent.startswith(b"%PDF") else "Kim Lee.jpg"
    found = files.keep(database, ring, store, io.BytesIO(sent or picture()), name, SCANS, owner)
    assert isinstance(found, Kept)
    return found


def content(database: Database, ring: KeyRing, store: Folder, identity: str) -> bytes:
    return b"".join(files.read(database, ring, store, identity))


def names(store: Folder) -> set[str]:
    return {name for name, _days in store.names()}


def rows(database: Database) -> dict[str, str | None]:
    """Each file's key name."""
    with database.read() as connection:
        return {row.id: row.key_name for row in connection.execute(select(File.id, File.key_name))}


# Sealed


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 7])
def test_a_file_of_any_size_opens_as_it_was(size: int) -> None:
    plain = os.urandom(size)
    hidden = b"".join(sealed(KEY, "file/content/1", [plain]))
    assert len(hidden) == sealed_size(size)
    assert b"".join(unsealed(KEY, "file/content/1", [hidden])) == plain
    assert plain[:40] not in hidden or size == 0 or size == 1


@steady
@given(st.binary(max_size=300), st.lists(st.integers(1, 50), max_size=20))
def test_in_whatever_pieces_it_comes_it_is_the_same(plain: bytes, sizes: list[int]) -> None:
    def pieces(whole: bytes) -> Iterator[bytes]:
        for size in sizes:
            yield whole[:size]
            whole = whole[size:]
        yield whole

    hidden = b"".join(sealed(KEY, "here", pieces(plain)))
    assert hidden == b"".join(sealed(KEY, "here", [plain]))
    assert b"".join(unsealed(KEY, "here", pieces(hidden))) == plain


def broken(hidden: bytes) -> Iterator[tuple[str, bytes]]:
    """A sealed file of three chunks, changed in every way that leaves it something to open."""
    size = CHUNK + TAG
    first, second, third = hidden[:size], hidden[size : 2 * size], hidden[2 * size :]
    yield "chunks swapped", second + first + third
    yield "a chunk twice", first + first + second + third
    yield "without its first chunk", second + third
    yield "without its middle", first + third
    yield "without its last chunk", first + second
    yield "only its first chunk", first
    yield "cut within a chunk", hidden[:-1]
    yield "cut within a tag", hidden[: 2 * size + 5]
    yield "a byte more", hidden + b"\0"
    yield "nothing left", b""
    for place in (0, CHUNK // 2, CHUNK, size - 1, size, 2 * size - 1, 2 * size, len(hidden) - 1):
        changed = bytearray(hidden)
        changed[place] ^= 1
        yield f"byte {place} changed", bytes(changed)


def test_whatever_is_changed_cut_or_put_elsewhere_does_not_open() -> None:
    plain = os.urandom(2 * CHUNK + 100)
    hidden = b"".join(sealed(KEY, "here", [plain]))
    for what, wrong in broken(hidden):
        with pytest.raises(CannotOpen):
            b"".join(unsealed(KEY, "here", [wrong]))
            pytest.fail(what)
    for key, place in ((bytes(32), "here"), (KEY, "there")):
        with pytest.raises(CannotOpen):
            b"".join(unsealed(key, place, [hidden]))


@steady
@given(st.data())
def test_any_byte_flipped_is_found(data: st.DataObject) -> None:
    hidden = b"".join(sealed(KEY, "here", [b"words of somebody"]))
    place = data.draw(st.integers(0, len(hidden) - 1))
    changed = bytearray(hidden)
    changed[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(CannotOpen):
        b"".join(unsealed(KEY, "here", [bytes(changed)]))


def test_two_files_changed_for_each_other_do_not_open(
    database: Database, ring: KeyRing, store: Folder, tmp_path: Path
) -> None:
    one, other = (kept(database, ring, store) for _file in range(2))
    assert content(database, ring, store, one.id)
    folder = tmp_path / "files"
    (folder / one.id).rename(folder / "beside")
    (folder / other.id).rename(folder / one.id)
    (folder / "beside").rename(folder / other.id)
    for identity in (one.id, other.id, "0" * 32):
        with pytest.raises(CannotOpen):
            content(database, ring, store, identity)


# Where they lie


def test_no_word_of_the_file_or_its_name_is_on_the_disk_or_in_a_row(
    database: Database, ring: KeyRing, store: Folder, tmp_path: Path
) -> None:
    file = kept(database, ring, store, sent=pdf())
    plain = content(database, ring, store, file.id)
    assert plain.startswith(b"%PDF-")
    found = [path for path in (tmp_path / "files").rglob("*") if path.is_file()]
    assert [path.name for path in found] == [file.id] and len(file.id) == 32
    held = found[0].read_bytes()
    assert b"PDF" not in held and plain[20:60] not in held
    with database.read() as connection:
        [row] = connection.execute(text("SELECT * FROM file")).all()
    assert "Kim" not in str(row) and plain[:20] not in bytes(row.data_key)


def test_only_we_can_read_the_folder_and_a_file_tells_only_its_day(
    sqlite: Database, ring: KeyRing, store: Folder, tmp_path: Path
) -> None:
    before = os.umask(0)
    try:
        with time_machine.travel("2026-11-18T14:37:21Z", tick=False):
            file = kept(sqlite, ring, store)
    finally:
        os.umask(before)
    about = (tmp_path / "files" / file.id).stat()
    assert stat.S_IMODE(about.st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "files").stat().st_mode) == 0o700
    assert about.st_mtime == 1794960000  # midnight


def test_a_name_that_leads_elsewhere_is_refused(store: Folder) -> None:
    for name in ("../keys", "/etc/passwd", "a/b", "", ".", "..", "a b", "ü"):
        with pytest.raises(ValueError, match="random letters and digits"):
            store.put(name, [b"x"])
        with pytest.raises(ValueError, match="random letters and digits"):
            store.drop(name)


def test_a_file_is_there_whole_or_not_at_all(store: Folder, tmp_path: Path) -> None:
    def half() -> Iterator[bytes]:
        yield b"half of it"
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        store.put("a1", half())
    assert list((tmp_path / "files").iterdir()) == []
    store.put("a1", [b"first"])
    with pytest.raises(OSError, match="No space left"):
        store.put("a1", half())
    assert b"".join(store.open("a1")) == b"first"


# A crash, and what is left


class Killed(BaseException):
    """As if the process had ended here."""


def test_a_crash_between_bytes_and_row_leaves_only_what_the_sweep_takes(
    database: Database, ring: KeyRing, store: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with time_machine.travel("2026-11-18T23:59:00Z", tick=False) as clock:
        good = kept(database, ring, store)

        def die(self: Database) -> None:
            raise Killed

        with monkeypatch.context() as during:
            during.setattr(Database, "write", die)
            with pytest.raises(Killed):
                kept(database, ring, store)
        assert len(names(store)) == 2 and set(rows(database)) == {good.id}
        assert (files.sweep(database, store), files.missing(database, store)) == (0, [])
        clock.shift(120)  # past midnight: a row may still be on its way
        assert (files.sweep(database, store), files.missing(database, store)) == (0, [])
        clock.shift(86400)
        assert (files.sweep(database, store), files.missing(database, store)) == (1, [])
    assert names(store) == {good.id}
    assert content(database, ring, store, good.id)


def test_what_a_killed_write_left_is_swept_too(sqlite: Database, store: Folder, tmp_path: Path) -> None:
    store.put("a1", [b"x"])
    (tmp_path / "files" / "a1").rename(tmp_path / "files" / ("0" * 32 + "beef.part"))
    os.utime(tmp_path / "files" / ("0" * 32 + "beef.part"), (0, 0))
    assert files.sweep(sqlite, store) == 1 and names(store) == set()


def test_a_row_whose_bytes_are_gone_is_named(database: Database, ring: KeyRing, store: Folder) -> None:
    one, other = (kept(database, ring, store) for _file in range(2))
    store.drop(one.id)
    assert (files.sweep(database, store), files.missing(database, store)) == (0, [one.id])
    with pytest.raises(CannotOpen):
        content(database, ring, store, one.id)
    assert content(database, ring, store, other.id)


def test_what_belongs_to_something_goes_with_it_and_nothing_else(
    database: Database, ring: KeyRing, store: Folder
) -> None:
    unrelated = noise(database)
    mine = {kept(database, ring, store).id for _file in range(2)}
    other = kept(database, ring, store, "pass 9CM7K3PX9")
    assert set(files.of_owner(database, OWNER)) == mine
    assert not files.delete_one(database, store, other.id, OWNER), "it belongs to somebody else"
    assert content(database, ring, store, other.id)
    assert files.delete_of(database, store, OWNER) == 2
    assert files.delete_of(database, store, OWNER) == 0
    assert names(store) == {other.id}
    assert files.delete_one(database, store, other.id, "pass 9CM7K3PX9")
    assert names(store) == set() and still_there(database, unrelated)


def test_files_of_what_is_gone_are_deleted_and_those_of_others_stay(
    database: Database, ring: KeyRing, store: Folder
) -> None:
    there = arrive(database, ring)
    for owner in ("draft " + "ab" * 32, "submission " + "0" * 32):
        kept(database, ring, store, owner)
    stays = {kept(database, ring, store, owner).id for owner in (f"submission {there.id}", OWNER)}
    assert delete_files_left(database, store) == 2
    assert names(store) == set(rows(database)) == stays


# Keys


def test_a_file_needs_its_key_as_words_do(database: Database, ring: KeyRing, store: Folder) -> None:
    assert not holds_answers(database)
    kept(database, ring, store)
    assert holds_answers(database)
    assert keys_in_use(database) == {"evidence:1"}
    check_keys(database, ring)
    with pytest.raises(KeyRingError, match="what is sealed under evidence:1 does not open"):
        check_keys(database, KeyRing.new())


def test_rotation_moves_files_and_words_of_its_purpose_only(
    database: Database, store: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each purpose has rows in the tables of the other, and only its own are moved."""
    ring = KeyRing.new()
    file, words = kept(database, ring, store), arrive(database, ring)
    for purpose in ("evidence", "equality"):
        ring.add(purpose)  # type: ignore[arg-type]

    def never(self: Database) -> None:
        raise AssertionError("nothing of this purpose is there to be moved")

    with monkeypatch.context() as during:
        during.setattr(Database, "write", never)
        assert rewrap_all(database, ring, "narrative") == rewrap_all(database, ring, "identity") == 0
    assert keys_in_use(database) == {"evidence:1", "equality:1"}
    assert rewrap_all(database, ring, "evidence") == 1
    assert keys_in_use(database) == {"evidence:2", words.key_name} == {"evidence:2", "equality:1"}
    assert rewrap_all(database, ring, "equality") == 1
    assert keys_in_use(database) == {"evidence:2", "equality:2"}
    ring.drop("evidence:1")
    ring.drop("equality:1")
    check_keys(database, ring)
    assert content(database, ring, store, file.id)


def test_a_rotation_that_is_stopped_goes_on_and_loses_no_file(
    database: Database, store: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.keeping.BATCH", 2)
    ring = KeyRing.new()
    ids = [kept(database, ring, store).id for _file in range(5)]
    before = {identity: content(database, ring, store, identity) for identity in ids}
    ring.add("evidence")
    write, done = Database.write, []

    def twice(self: Database) -> object:
        done.append(1)
        if len(done) > 2:
            raise Killed
        return write(self)

    with monkeypatch.context() as during:
        during.setattr(Database, "write", twice)
        with pytest.raises(Killed):
            rewrap_all(database, ring, "evidence")
    assert sorted(name or "" for name in rows(database).values()) == ["evidence:1"] + ["evidence:2"] * 4
    assert {identity: content(database, ring, store, identity) for identity in ids} == before
    assert rewrap_all(database, ring, "evidence") == 1
    ring.drop("evidence:1")
    assert {identity: content(database, ring, store, identity) for identity in ids} == before


# Safety copies


def quietly(what: str, rows: int) -> None:
    """Progress that nobody watches."""


@pytest.mark.parametrize("into", KINDS)
def test_a_safety_copy_brings_files_back_readable(
    database: Database,
    ring: KeyRing,
    store: Folder,
    into: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    ids = [kept(database, ring, store, sent=sent).id for sent in (picture(), pdf(pages=4))]
    before = {identity: content(database, ring, store, identity) for identity in ids}
    path = backup(database, tmp_path / "copies", quietly, store)
    again = kept(database, ring, store)
    assert names(Folder(tmp_path / "copies" / "files")) == set(ids), "of the moment of the copy"
    for one in before.values():
        assert one[:60] not in (tmp_path / "copies" / "files" / ids[0]).read_bytes()
    shutil.rmtree(tmp_path / "files")
    with fresh(request, into, "restored") as address:
        new = Database(address)
        migrate(new)
        restore(path, new, quietly, store)
        assert {identity: content(new, ring, store, identity) for identity in ids} == before
        assert again.id not in rows(new) and files.missing(new, store) == []
        new.close()


def test_a_file_is_copied_once_for_all_copies_unless_it_came_to_harm(
    sqlite: Database, ring: KeyRing, store: Folder, tmp_path: Path
) -> None:
    file = kept(sqlite, ring, store)
    copies = tmp_path / "copies"
    with time_machine.travel("2026-11-18T10:00:00Z", tick=False):
        backup(sqlite, copies, quietly, store)
    copied = copies / "files" / file.id
    first = copied.stat().st_ino
    with time_machine.travel("2026-11-19T10:00:00Z", tick=False):
        backup(sqlite, copies, quietly, store)
    assert copied.stat().st_ino == first
    copied.write_bytes(copied.read_bytes()[:-1])
    with time_machine.travel("2026-11-20T10:00:00Z", tick=False):
        backup(sqlite, copies, quietly, store)
    assert copied.read_bytes() == (tmp_path / "files" / file.id).read_bytes()


@pytest.mark.parametrize("harm", ["gone", "cut"])
def test_a_file_that_is_lost_is_said_and_the_rest_is_copied(
    sqlite: Database, ring: KeyRing, store: Folder, tmp_path: Path, harm: str
) -> None:
    lost, good = (kept(sqlite, ring, store) for _file in range(2))
    place = tmp_path / "files" / lost.id
    place.unlink() if harm == "gone" else place.write_bytes(place.read_bytes()[:-1])
    with pytest.raises(BackupError, match="is complete, but 1 attached files are missing or damaged"):
        backup(sqlite, tmp_path / "copies", quietly, store)
    assert names(Folder(tmp_path / "copies" / "files")) == {good.id}
    [path] = (tmp_path / "copies").glob("*.sqlite")
    new = Database(f"sqlite:///{tmp_path / 'new.sqlite'}")
    migrate(new)
    with pytest.raises(BackupError, match="1 of 2 attached files are not beside the copy"):
        restore(path, new, quietly, Folder(tmp_path / "restored"))
    assert rows(new) == {}
    restore(path, new, quietly)
    assert set(rows(new)) == {lost.id, good.id}
    new.close()


def test_a_file_deleted_while_it_is_copied_is_no_loss(
    sqlite: Database, ring: KeyRing, store: Folder, tmp_path: Path
) -> None:
    kept(sqlite, ring, store)

    def somebody_deletes(what: str, rows: int) -> None:
        if what == "file":
            files.delete_of(sqlite, store, OWNER)

    backup(sqlite, tmp_path / "copies", somebody_deletes, store)
    assert names(Folder(tmp_path / "copies" / "files")) == set()


# Giving them out


@pytest.mark.parametrize(
    ("kind", "view", "disposition"),
    [
        ("image/jpeg", True, "inline"),
        ("application/pdf", True, "inline"),
        ("application/pdf", False, "attachment"),
        ("text/html", True, "attachment"),
    ],
)
def test_a_file_is_given_out_so_that_nothing_in_it_can_run(
    make_portal: MakePortal, sqlite: Database, kind: str, view: bool, disposition: str
) -> None:
    app = make_portal(sqlite)
    name = 'file-1.jpg"; x=\r\n/../é'
    chunks: Iterable[bytes] = iter([b"ab", b"c"])
    app.add_url_rule("/given", view_func=lambda: pages.file_response(chunks, kind, name, view))
    response = app.test_client().get("/given")
    assert response.data == b"abc"
    assert response.headers["Content-Disposition"] == f'{disposition}; filename="file-1.jpg-x-..-"'
    assert response.mimetype == ("application/octet-stream" if kind == "text/html" else kind)
    assert response.headers.getlist("Content-Security-Policy") == [pages.FILE_POLICY]
    assert pages.FILE_POLICY.startswith("sandbox; default-src 'none'") and "script" not in pages.FILE_POLICY
    assert response.headers.getlist("Cache-Control") == ["no-store"]
    for header, value in pages.HEADERS.items():
        if header != "Content-Security-Policy":
            assert response.headers.getlist(header) == [value]


def test_no_page_can_choose_a_weaker_policy(make_portal: MakePortal, sqlite: Database) -> None:
    app = make_portal(sqlite)
    weak = {"Content-Security-Policy": "default-src *"}
    app.add_url_rule("/weak", view_func=lambda: ("", 200, weak))
    found = app.test_client().get("/weak").headers.getlist("Content-Security-Policy")
    assert pages.HEADERS["Content-Security-Policy"] in found, "both hold, so the strict one does"


def test_a_day_is_all_that_a_row_tells(database: Database, ring: KeyRing, store: Folder) -> None:
    with time_machine.travel("2026-11-18T14:37:21Z", tick=False):
        kept(database, ring, store)
    with database.read() as connection:
        assert connection.execute(select(File.made)).scalar_one() == date(2026, 11, 18)


# As an operator sees it


def test_an_operator_rotates_copies_loses_and_brings_back_files(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, ring = at_home(database, tmp_path, monkeypatch), KeyRing.new()
    ring.save(home / "keys.json")
    store = Folder(home / "files")
    lost, good = (kept(database, ring, store) for _file in range(2))
    before = content(database, ring, store, lost.id)
    assert "2 data keys moved to evidence:2." in portal("keys", "rotate", "evidence").output
    assert "evidence:1 is forgotten." in portal("keys", "forget", "evidence").output
    now = KeyRing.load(home / "keys.json")
    assert content(database, now, store, lost.id) == before

    copied = portal("backup", "--to", str(tmp_path / "copies"))
    assert copied.exit_code == 0 and f"sealed in {tmp_path / 'copies' / 'files'}" in copied.output
    assert "attached files are not in" not in portal("doctor").output
    store.drop(lost.id)
    found = portal("doctor")
    assert found.exit_code == 1 and f"WRONG  1 attached files are not in {home / 'files'}" in found.output

    [copy] = (tmp_path / "copies").glob("*.sqlite")
    (tmp_path / "copies" / "files" / good.id).unlink()
    monkeypatch.setenv("PORTAL_DATABASE", "")
    assert "1 of 2 attached files are not beside the copy" in portal("restore", str(copy)).output
    store.put("0" * 32, store.open(good.id))  # as an operator does who finds it elsewhere
    (home / "files" / ("0" * 32)).rename(tmp_path / "copies" / "files" / good.id)
    assert portal("restore", str(copy)).exit_code == 0
    new = Database(f"sqlite:///{home / 'portal.sqlite'}")
    assert content(new, now, store, lost.id) == before and content(new, now, store, good.id)
    new.close()


def test_an_operator_can_go_on_without_lost_files(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, ring = at_home(sqlite, tmp_path, monkeypatch), KeyRing.new()
    ring.save(home / "keys.json")
    kept(sqlite, ring, Folder(home / "files"))
    portal("backup", "--to", str(tmp_path / "copies"))
    [copy] = (tmp_path / "copies").glob("*.sqlite")
    shutil.rmtree(tmp_path / "copies" / "files")
    monkeypatch.setenv("PORTAL_DATABASE", "")
    assert portal("restore", str(copy)).exit_code == 1
    assert portal("restore", "--without-files", str(copy)).exit_code == 0
