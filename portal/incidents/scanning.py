"""The virus scanner, where a landlord has one: clamd looks at what people attached, after it was sent.

A report never waits for it. While it is away, or says nothing of a file, that file is asked about again.
"""

from __future__ import annotations

import logging
import socket
import struct
from collections.abc import Callable, Iterable
from contextlib import closing
from functools import partial

from sqlalchemy import bindparam, select, update

from portal import clock, files
from portal.blobs import Store
from portal.database import Database
from portal.files import File
from portal.incidents.evidence import IncidentEvidence, Scan
from portal.sealing import CannotOpen, KeyRing

EVIDENCE = IncidentEvidence
SECONDS = 30
"""How long it may be silent."""
LONGEST_ANSWER = 4096
WAITING = (
    select(EVIDENCE.reference, EVIDENCE.file)
    .join(File, File.id == EVIDENCE.file)  # what was erased is gone from there
    .where(EVIDENCE.scan.in_(bindparam("states", expanding=True)))
    .order_by(EVIDENCE.scanned.is_not(None), EVIDENCE.scanned, EVIDENCE.reference)
    .limit(100)
)
ANSWERED = update(EVIDENCE).where(EVIDENCE.reference == bindparam("of"))

log = logging.getLogger(__name__)


def scan_waiting(
    database: Database, ring: KeyRing, store: Store, clamd: str, progress: Callable[[int, int], None]
) -> int:
    """Ask the scanner at `clamd` ("host:port" or the path of a socket) about each file that waits; without
    one they are noted as not scanned. How many there were. Calls progress(done, of)."""
    if not clamd:
        values = {"scan": Scan.OFF.value, "scanned": clock.seconds()}
        waiting = update(EVIDENCE).where(EVIDENCE.scan.in_([Scan.PENDING.value, Scan.ERROR.value]))
        with database.write() as connection:
            return connection.execute(waiting.values(values)).rowcount
    states = [Scan.PENDING.value, Scan.ERROR.value, Scan.OFF.value]
    with database.read() as connection:
        rows = list(connection.execute(WAITING, {"states": states}))
    for done, row in enumerate(rows, 1):
        found = _of_evidence(database, ring, store, clamd, row.file)
        with database.write() as connection:
            change = ANSWERED.values(scan=found.value, scanned=clock.seconds())
            connection.execute(change, {"of": row.reference})
        progress(done, len(rows))
    return len(rows)


def _of_evidence(database: Database, ring: KeyRing, store: Store, clamd: str, identity: str) -> Scan:
    """What the scanner says of a file and of the same as it was: the worst of both."""
    with database.read() as connection:
        original = files.original_of(connection, identity)
    said = {Scan.CLEAN}
    for one in (identity, original):
        if one is not None:
            try:
                said.add(asked(clamd, partial(files.read, database, ring, store, one)))
            except CannotOpen:
                log.warning("a file could not be opened for the virus scanner")
                said.add(Scan.ERROR)
    return next(scan for scan in (Scan.INFECTED, Scan.ERROR, Scan.CLEAN) if scan in said)


def asked(clamd: str, read: Callable[[], Iterable[bytes]]) -> Scan:
    """What clamd says of these bytes, which are read once it is reached.

    Whatever goes wrong on the way to it is an error, not a virus.
    """
    try:
        with closing(_reached(clamd)) as scanner:
            scanner.sendall(b"zINSTREAM\0")
            for piece in read():
                if piece:
                    scanner.sendall(struct.pack("!L", len(piece)) + piece)
            scanner.sendall(struct.pack("!L", 0))
            answer = b""
            while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER:
                more = scanner.recv(LONGEST_ANSWER)
                if not more:
                    break
                answer += more
    except (OSError, ValueError) as error:
        log.warning("the virus scanner did not answer: %s", type(error).__name__)
        return Scan.ERROR
    if answer.rstrip(b"\0").endswith(b" FOUND"):
        return Scan.INFECTED
    return Scan.CLEAN if answer == b"stream: OK\0" else Scan.ERROR


def _reached(clamd: str) -> socket.socket:
    if clamd.startswith("/"):
        scanner = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        scanner.settimeout(SECONDS)
        try:
            scanner.connect(clamd)
        except OSError:
            scanner.close()
            raise
        return scanner
    host, _, port = clamd.rpartition(":")
    return socket.create_connection((host, int(port)), SECONDS)
