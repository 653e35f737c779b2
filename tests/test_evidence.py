"""Evidence: a copy without hidden words, the file as it was only where its person wants it, looks that are
noted before they happen, and a virus scanner that nothing waits for."""

from __future__ import annotations

import hashlib
import io
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from portal import files
from portal.accounts.roles import Role
from portal.audit import Audit
from portal.blobs import Folder, Store
from portal.database import Database
from portal.files import KINDS, File, Kept
from portal.forms.incident import INCIDENT
from portal.incidents import evidence, scanning
from portal.incidents.evidence import IncidentEvidence, Scan
from portal.incidents.models import IncidentCase
from portal.keeping import delete_files_left
from portal.sealing import CannotOpen, KeyRing
from portal.settings import Settings
from tests.attachments import GPS, telling_picture
from tests.cases import Desk
from tests.staff import Colleague

FORM = INCIDENT.here()
PICTURE = telling_picture()
HELD = "draft 00"


@pytest.fixture
def store(settings: Settings) -> Store:
    return Folder(settings.files)


def attach(database: Database, ring: KeyRing, store: Store, owner: str = HELD) -> str:
    kept = files.keep(
        database, ring, store, io.BytesIO(PICTURE), "photo.jpg", KINDS.values(), owner, original=True
    )
    assert isinstance(kept, Kept)
    return kept.id


def tell(database: Database, ring: KeyRing, identity: str, **answers: tuple[str, ...]) -> str:
    """Somebody sends a report with this file; gives the case."""
    told = {"journey": ("victim",), "kind": ("asb",), "evidence": (identity,), **answers}
    return Desk(database, ring).tells({"form": FORM, "answers": told, "files_of": HELD})


def original(database: Database, identity: str) -> str | None:
    with database.read() as connection:
        return files.original_of(connection, identity)


def whole(database: Database, ring: KeyRing, store: Store, identity: str) -> bytes:
    return b"".join(files.read(database, ring, store, identity))


def only(database: Database, case: str) -> Any:
    with database.read() as connection:
        [row] = evidence.of_case(connection, case)
    return row


NAMED, NAMELESS = {"anonymity": ("named",)}, {"anonymity": ("anonymous_with_code",)}
NO, YES = {"keep_original": ("no",)}, {"keep_original": ("yes",)}


@pytest.mark.parametrize(
    ("answers", "kept"),
    [
        (NAMED, True),
        ({"anonymity": ("named_restricted",)}, True),
        ({**NAMED, **NO}, False),
        (NAMELESS, False),
        ({**NAMELESS, **YES}, True),
        ({"anonymity": ("anonymous",)}, False),
        ({}, False),
        (YES, True),
    ],
)
def test_the_file_as_it_was_is_kept_for_who_is_known_or_wants_it(
    database: Database, ring: KeyRing, store: Store, answers: dict[str, tuple[str, ...]], kept: bool
) -> None:
    identity = attach(database, ring, store)
    apart = original(database, identity)
    assert apart is not None and whole(database, ring, store, apart) == PICTURE
    row = only(database, tell(database, ring, identity, **answers))
    assert GPS in PICTURE and GPS not in whole(database, ring, store, row.file)
    assert (original(database, identity) is not None) is kept
    if not kept:
        with pytest.raises(CannotOpen):
            whole(database, ring, store, apart)
    with database.read() as connection:
        assert evidence.digest_of(connection, identity) == hashlib.sha256(PICTURE).digest()


def test_a_file_of_another_draft_proves_nothing(database: Database, ring: KeyRing, store: Store) -> None:
    identity = attach(database, ring, store, "draft 99")
    case = tell(database, ring, identity, **NAMED)
    with database.read() as connection:
        assert evidence.of_case(connection, case) == []
    assert list(files.of_owner(database, "draft 99")) == [identity]


def test_what_is_deleted_takes_the_file_as_it_was_along(
    sqlite: Database, ring: KeyRing, store: Store
) -> None:
    one, other = attach(sqlite, ring, store), attach(sqlite, ring, store)
    assert files.delete_one(sqlite, store, one, HELD)
    assert original(sqlite, one) is None and original(sqlite, other) is not None
    assert files.delete_of(sqlite, store, HELD) == 2
    with sqlite.read() as connection:
        assert connection.execute(select(File.id)).all() == []
    assert list(store.names()) == []


def test_tidying_leaves_evidence_and_takes_what_ended_drafts_left(
    sqlite: Database, ring: KeyRing, store: Store
) -> None:
    given, left = attach(sqlite, ring, store), attach(sqlite, ring, store)
    tell(sqlite, ring, given, **NAMED)
    delete_files_left(sqlite, store)
    delete_files_left(sqlite, store)
    assert original(sqlite, given) is not None and original(sqlite, left) is None
    assert list(files.about(sqlite, [given, left])) == [given]


def test_an_erased_report_has_no_file_left_that_opens(
    database: Database, ring: KeyRing, store: Store
) -> None:
    identity = attach(database, ring, store)
    row, apart = only(database, tell(database, ring, identity, **NAMED)), original(database, identity)
    assert apart is not None
    with database.write() as connection:
        evidence.forget(connection, row.report)
    for one in (identity, apart):
        with pytest.raises(CannotOpen):
            whole(database, ring, store, one)


# Who looks at it


@pytest.fixture
def case(database: Database, ring: KeyRing, store: Store) -> str:
    return tell(database, ring, attach(database, ring, store), **NAMED)


def officer_of(portal: Flask, database: Database, case: str) -> Colleague:
    """The officer of the case, who may see its evidence."""
    officer = Colleague(portal, Role.CASE_OFFICER)
    mine = update(IncidentCase).where(IncidentCase.reference == case)
    with database.write() as connection:
        connection.execute(mine.values(officer=officer.reference))
    return officer


def set_scan(database: Database, scan: Scan) -> None:
    with database.write() as connection:
        connection.execute(update(IncidentEvidence).values(scan=scan.value))


def looks(database: Database, did: str = "viewed") -> list[Any]:
    with database.read() as connection:
        rows = list(connection.execute(select(*Audit.__table__.columns)))
    return [row for row in rows if row.did == did and "evidence" in str(row.detail)]


@pytest.mark.parametrize("scan", [scan for scan in Scan if scan is not Scan.CLEAN])
def test_what_was_not_found_clean_is_opened_only_after_somebody_said_why(
    portal: Flask, database: Database, case: str, scan: Scan
) -> None:
    officer, row = officer_of(portal, database, case), only(database, case)
    set_scan(database, scan)
    place = f"/staff/cases/{case}/evidence"
    assert officer.open(f"{place}/{row.reference}").status == 409
    assert looks(database) == []
    officer.open(place).press("Let it be opened")
    assert officer.status == 422
    officer.open(place)
    officer.pick("Why it is to be opened all the same", "It was checked elsewhere: a false alarm")
    officer.press("Let it be opened")
    [note] = looks(database, "changed")
    assert "false_alarm" in str(note.detail)
    assert officer.client.get(f"{place}/{row.reference}").status_code == 200


def test_a_clean_file_is_given_after_it_was_noted_who_looks(
    portal: Flask, database: Database, case: str
) -> None:
    officer, row = officer_of(portal, database, case), only(database, case)
    set_scan(database, Scan.CLEAN)
    response = officer.client.get(f"/staff/cases/{case}/evidence/{row.reference}")
    assert response.status_code == 200 and response.mimetype == "image/jpeg" and GPS not in response.data
    assert response.headers["Content-Disposition"].startswith("attachment")
    [note] = looks(database)
    assert note.by == officer.reference and note.what == f"case {case}"


def test_nothing_is_sent_when_the_look_cannot_be_noted(
    portal: Flask, database: Database, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer, row = officer_of(portal, database, case), only(database, case)
    set_scan(database, Scan.CLEAN)

    def full(*_given: Any, **_more: Any) -> int:
        raise OSError("no space left")

    monkeypatch.setattr("portal.incidents.evidence_pages.audit.note_alone", full)
    monkeypatch.setattr(files, "read", lambda *_given: pytest.fail("opened before it was noted"))
    portal.config["PROPAGATE_EXCEPTIONS"] = False
    assert officer.client.get(f"/staff/cases/{case}/evidence/{row.reference}").status_code >= 500


@pytest.mark.parametrize("role", [Role.CASE_OFFICER, Role.FRONTLINE, Role.GOVERNANCE])
def test_for_who_may_not_see_evidence_there_is_none(
    portal: Flask, database: Database, case: str, role: Role
) -> None:
    """A case officer sees the words of a case that nobody deals with yet, but no evidence."""
    row = only(database, case)
    set_scan(database, Scan.CLEAN)
    colleague = Colleague(portal, role)
    for place in (f"/staff/cases/{case}/evidence", f"/staff/cases/{case}/evidence/{row.reference}"):
        assert colleague.open(place).status == 404
    assert looks(database) == []


def test_evidence_of_one_case_is_not_found_in_another(
    portal: Flask, database: Database, ring: KeyRing, store: Store, case: str
) -> None:
    other = tell(database, ring, attach(database, ring, store), **NAMED)
    officer = officer_of(portal, database, case)
    set_scan(database, Scan.CLEAN)
    foreign = only(database, other).reference
    assert officer.open(f"/staff/cases/{case}/evidence/{foreign}").status == 404


# The scanner


class Clamd:
    """What answers as clamd does; `says` is its answer, None to hang up without one."""

    def __init__(self, says: bytes | None) -> None:
        self.says, self.heard = says, list[bytes]()
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listening.getsockname()[1]}"
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        while True:
            try:
                caller, _address = self.listening.accept()
            except OSError:
                return
            with caller, caller.makefile("rb") as stream:
                assert stream.read(10) == b"zINSTREAM\0"
                content = b""
                while length := struct.unpack("!L", stream.read(4))[0]:
                    content += stream.read(length)
                self.heard.append(content)
                if self.says is not None:
                    caller.sendall(self.says)


@contextmanager
def clamd(says: bytes | None) -> Iterator[Clamd]:
    scanner = Clamd(says)
    yield scanner
    scanner.listening.shutdown(socket.SHUT_RDWR)
    scanner.listening.close()
    scanner.thread.join()


@pytest.mark.parametrize(
    ("says", "found"),
    [
        (b"stream: OK\0", Scan.CLEAN),
        (b"stream: Eicar-Signature FOUND\0", Scan.INFECTED),
        (b"INSTREAM size limit exceeded. ERROR\0", Scan.ERROR),
        (b"stream: NOT OK\0", Scan.ERROR),
        (b"", Scan.ERROR),
        (None, Scan.ERROR),
    ],
)
def test_the_scanner_is_asked_of_both_and_believed_only_when_it_is_clear(
    sqlite: Database, ring: KeyRing, store: Store, says: bytes | None, found: Scan
) -> None:
    case = tell(sqlite, ring, attach(sqlite, ring, store), **NAMED)
    with clamd(says) as scanner:
        assert scanning.scan_waiting(sqlite, ring, store, scanner.address, lambda done, of: None) == 1
    assert PICTURE in scanner.heard and len(scanner.heard) == 2
    assert only(sqlite, case).scan == found


def test_a_scanner_that_is_away_costs_no_report_and_is_asked_again(
    database: Database, ring: KeyRing, store: Store
) -> None:
    case = tell(database, ring, attach(database, ring, store), **NAMED)
    assert only(database, case).scan == Scan.PENDING
    gone = socket.create_server(("127.0.0.1", 0))
    address = f"127.0.0.1:{gone.getsockname()[1]}"
    gone.close()
    scanning.scan_waiting(database, ring, store, address, lambda done, of: None)
    assert only(database, case).scan == Scan.ERROR
    with clamd(b"stream: OK\0") as scanner:
        scanning.scan_waiting(database, ring, store, scanner.address, lambda done, of: None)
        assert only(database, case).scan == Scan.CLEAN
        assert scanning.scan_waiting(database, ring, store, scanner.address, lambda done, of: None) == 0


def test_without_a_scanner_that_is_what_staff_read(sqlite: Database, ring: KeyRing, store: Store) -> None:
    case = tell(sqlite, ring, attach(sqlite, ring, store), **NAMED)
    scanning.scan_waiting(sqlite, ring, store, "", lambda done, of: None)
    row = only(sqlite, case)
    assert row.scan == Scan.OFF and not evidence.may_be_opened(row)
