"""Anchors of the audit log, and the check of all of it against them.

An anchor is a line in a file outside the database: a number, a moment, the digest of the entry of that
number, and a digest of these three under the key ring, so that no line can be invented.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select, type_coerce
from sqlalchemy.types import NullType

from portal import clock
from portal.audit import BEGINNING, FIND_HEAD, HEAD, TABLE, digest_of
from portal.database import Database
from portal.sealing import KeyRing

CHUNK = 1000
"""Entries held in memory at a time."""
MOST = 100
"""Findings that are told one by one."""
SHAPE = re.compile(r"(\d{1,10}) (\d{1,12}) ([0-9a-f]{64}) ([0-9a-f]{64})")
TORN = re.compile(r"[0-9a-f ]{0,150}")
"""What a power cut may leave of a line. It says nothing, so it need not be believed nor feared."""

WHOLE = select(
    *(type_coerce(column, NullType).label(column.name) for column in TABLE.__table__.columns)
).order_by(TABLE.number)
"""As the database has it: whoever changed an entry may have put something else than our types there."""
REACHED = select(HEAD.number).where(HEAD.id == 1).scalar_subquery()
LAST = select(*TABLE.__table__.columns).where(TABLE.number == REACHED)


class AuditError(RuntimeError):
    """The audit log is damaged, so that it cannot be anchored."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """That the log reached to this entry at this moment."""

    number: int
    at: int
    digest: bytes


class Damage(Enum):
    """What can be wrong with the log, as it is told."""

    KEY = (
        "None of the {last} entries fits the key file: it is that of another portal, "
        "or every entry was changed."
    )
    CHANGED = "Entry {first} was changed."
    MISSING = "{entries} missing."
    OUT_OF_PLACE = "Entry {first} does not follow the entry before it: one of them was put in or replaced."
    PUT_IN = "Entry {first} was put in before the beginning."
    REPLACED = "Entry {first} is not the one that was anchored."
    HEAD = "The log says of itself that its newest entry is another one than entry {last}."
    TAIL = (
        "{entries} missing at the end. The log was anchored up to there: "
        "its end was cut off, or an older safety copy was restored."
    )
    LINE = "Line {first} of the anchors was not written by this portal."
    MORE = "There are {last} more such findings."


@dataclass(frozen=True, slots=True)
class Finding:
    """One piece of damage, and at which numbers."""

    damage: Damage
    first: int
    last: int

    def __str__(self) -> str:
        one = self.first == self.last
        entries = f"Entry {self.first} is" if one else f"Entries {self.first} to {self.last} are"
        return self.damage.value.format(first=self.first, last=self.last, entries=entries)


def anchor(database: Database, ring: KeyRing, path: Path) -> Anchor | None:
    """Write down in the file how far the log reaches; None when there is nothing in it.

    Raises AuditError when the newest entry is not as it was made.
    """
    with database.snapshot() as connection:
        head = connection.execute(FIND_HEAD).first()
        entry = connection.execute(LAST).mappings().first()
    if head is None or head.number == 0:
        return None
    if entry is None or {entry["digest"], digest_of(ring, dict(entry))} != {head.digest}:
        raise AuditError("the audit log is damaged: run `portal audit verify`")
    made = Anchor(head.number, clock.seconds(), head.digest)
    _append(path, _line(ring, made))
    return made


def length(connection: Connection) -> int:
    """The number of the newest entry, as the log says of itself; 0 when there is none."""
    head = connection.execute(FIND_HEAD).first()
    return head.number if head else 0


def newest(ring: KeyRing, path: Path) -> Anchor | None:
    """The anchor that reaches furthest; None when there is none that this portal wrote."""
    anchors, _findings = _read(ring, path)
    return max(anchors, key=lambda one: (one.number, one.at), default=None)


def verify(database: Database, ring: KeyRing, path: Path) -> list[Finding]:
    """Everything that is wrong with the log, in the order of its entries; empty when it is whole."""
    anchors, lines = _read(ring, path)
    walk = Walk(ring, anchors, [*lines])
    with database.snapshot() as connection:
        for row in connection.execution_options(yield_per=CHUNK).execute(WHOLE).mappings():
            walk.see(row)
        head = connection.execute(FIND_HEAD).first()
    walk.end(head and (head.number, head.digest))
    if walk.seen and not walk.fitting and not anchors:
        return [Finding(Damage.KEY, 1, walk.seen)]
    if walk.untold:
        walk.found.append(Finding(Damage.MORE, 0, walk.untold))
    return walk.found


@dataclass(slots=True)
class Walk:
    """Going along the log, entry by entry."""

    ring: KeyRing
    anchors: Iterable[Anchor]
    found: list[Finding]
    seen: int = 0
    fitting: int = 0
    untold: int = 0
    number: int = 0
    """Of the entry before."""
    digest: bytes = BEGINNING
    anchored: dict[int, set[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for one in self.anchors:
            self.anchored.setdefault(one.number, set()).add(one.digest)

    def see(self, row: Any) -> None:
        """The next entry."""
        number = row["number"]
        self.seen += 1
        if number < 1:
            self.tell(Damage.PUT_IN, number)
            return
        gap = number > self.number + 1
        if gap:
            self.tell(Damage.MISSING, self.number + 1, number - 1)
        if not isinstance(row["previous"], bytes) or digest_of(self.ring, row) != row["digest"]:
            self.tell(Damage.CHANGED, number)
        else:
            self.fitting += 1
            if row["previous"] != self.digest and not gap:
                self.tell(Damage.OUT_OF_PLACE, number)
            if self.anchored.get(number, set()) - {row["digest"]}:
                self.tell(Damage.REPLACED, number)
        self.number, self.digest = number, row["digest"]

    def end(self, head: tuple[int, bytes] | None) -> None:
        """After the last entry."""
        reaches = max(self.anchored, default=0)
        head = head or (0, BEGINNING)
        if reaches > self.number:
            self.tell(Damage.TAIL, self.number + 1, reaches)
        elif head[0] > self.number:
            self.tell(Damage.MISSING, self.number + 1, head[0])
        elif head != (self.number, self.digest):
            self.tell(Damage.HEAD, self.number)

    def tell(self, damage: Damage, first: int, last: int | None = None) -> None:
        if len(self.found) < MOST:
            self.found.append(Finding(damage, first, first if last is None else last))
        else:
            self.untold += 1


def _line(ring: KeyRing, made: Anchor) -> str:
    return f"{made.number} {made.at} {made.digest.hex()} {_seal(ring, made).hex()}"


def _seal(ring: KeyRing, made: Anchor) -> bytes:
    return ring.digest("audit", b"anchor", str(made.number).encode(), str(made.at).encode(), made.digest)


def _append(path: Path, line: str) -> None:
    """Add a line that outlives a power cut. The file is only ever added to."""
    new = not path.exists()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        size = os.fstat(descriptor).st_size
        torn = size and os.pread(descriptor, 1, size - 1) != b"\n"
        os.write(descriptor, (b"\n" if torn else b"") + line.encode() + b"\n")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if new:
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _read(ring: KeyRing, path: Path) -> tuple[list[Anchor], list[Finding]]:
    """The anchors of a file, and the lines in it that the portal did not write."""
    anchors: list[Anchor] = []
    findings: list[Finding] = []
    if not path.exists():
        return anchors, findings
    for place, line in enumerate(path.read_text("utf-8", "replace").split("\n"), start=1):
        parts = SHAPE.fullmatch(line)
        made = parts and Anchor(int(parts[1]), int(parts[2]), bytes.fromhex(parts[3]))
        if made and parts and _seal(ring, made).hex() == parts[4]:
            anchors.append(made)
        elif made or not TORN.fullmatch(line):
            findings.append(Finding(Damage.LINE, place, place))
    return anchors, findings
