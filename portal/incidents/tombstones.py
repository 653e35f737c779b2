"""What stays of what was erased: that there was something, from when to when, and why it went. No words.

The same is kept in a list outside the database, each line sealed under the key ring: after an older safety
copy is restored, it says what must be erased again.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Connection,
    Date,
    ForeignKey,
    String,
    bindparam,
    insert,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal import clock
from portal.database import Base, Database
from portal.sealing import KeyRing

FILE = "erased"
"""The name of the list, in the data folder and beside safety copies."""
POLICY = "2026-1"
"""The edition of our rules by which something is erased now."""
ASKED = "asked"
"""The ground where the person asked for it: UK GDPR, article 17(1)."""
TIME = "time"
"""The ground where it was kept as long as we say: UK GDPR, article 5(1)(e)."""
REPORT, CASE = "report", "case"
"""What was erased."""
MOST_BYTES = 64 * 1024 * 1024
SHAPE = re.compile(r"(?P<said>[A-Z0-9]{9} (?:report|case) [A-Za-z0-9,: -]{1,4000}) (?P<seal>[0-9a-f]{64})")


class Tombstone(Base):
    """A report that was erased. It cannot be changed or deleted."""

    __tablename__ = "tombstone"
    __table_args__ = (
        CheckConstraint("kind IN ('report', 'case')", name="kind"),
        CheckConstraint("ground IN ('asked', 'time')", name="ground"),
    )

    reference: Mapped[str] = mapped_column(ForeignKey("incident_report.reference"), primary_key=True)
    """That of the report."""
    case: Mapped[str] = mapped_column(String(9), index=True)
    """The case that dealt with it."""
    kind: Mapped[str] = mapped_column(String(8))
    """case where all words of the case went with it; report where others told us of the same case."""
    opened: Mapped[date] = mapped_column(Date)
    """The day on which we were told."""
    closed: Mapped[date | None] = mapped_column(Date)
    """The day on which its case was closed."""
    erased: Mapped[int] = mapped_column(BigInteger)
    """When, in seconds since 1970."""
    policy: Mapped[str] = mapped_column(String(12))
    """The edition of our rules by which it was erased."""
    ground: Mapped[str] = mapped_column(String(12))
    """Why: asked, where the person asked for it; time, where its time was over."""
    also: Mapped[list[str]] = mapped_column(JSON)
    """References of notes and people of a case of others that were erased with it."""


class ErasedWords(Base):
    """One row whose words were taken out: the only thing for which the database lets that happen."""

    __tablename__ = "erased_words"

    reference: Mapped[str] = mapped_column(String(9), primary_key=True)
    """That of a message, a note, a pack, the wish for one, or what an organisation told us."""
    tombstone: Mapped[str] = mapped_column(ForeignKey("tombstone.reference"), index=True)


TOMBSTONE = Tombstone
EVERY = select(*TOMBSTONE.__table__.columns).order_by(TOMBSTONE.erased, TOMBSTONE.reference)
FIND = select(TOMBSTONE.reference).where(TOMBSTONE.reference == bindparam("of"))


@dataclass(frozen=True, slots=True)
class Erased:
    """One line of the list."""

    report: str
    kind: str
    case: str
    opened: date
    closed: date | None
    erased: int
    policy: str
    ground: str
    also: tuple[str, ...]


def is_erased(connection: Connection, report: str) -> bool:
    """Whether a report was erased."""
    return connection.execute(FIND, {"of": report}).first() is not None


def put(connection: Connection, one: Erased, words: Iterable[str]) -> None:
    """Keep that a report is erased, and which rows lose their words by it: before they do."""
    row = {name: getattr(one, name) for name in Erased.__slots__ if name != "report"}
    connection.execute(insert(TOMBSTONE), {**row, "reference": one.report, "also": list(one.also)})
    rows = [{"reference": reference, "tombstone": one.report} for reference in sorted(set(words))]
    if rows:
        connection.execute(insert(ErasedWords), rows)


def every(connection: Connection) -> list[Erased]:
    """Everything that was erased, the first first."""
    return [_of_row(row) for row in connection.execute(EVERY)]


def _of_row(row: Any) -> Erased:
    found = {name: getattr(row, name) for name in Erased.__slots__ if name not in ("report", "also")}
    return Erased(report=row.reference, also=tuple(row.also), **found)


# The list outside the database


def line_of(ring: KeyRing, one: Erased) -> str:
    """A line of the list: only with the key ring can anybody make one."""
    closed, also = one.closed.isoformat() if one.closed else "-", ",".join(one.also) or "-"
    said = (
        f"{one.report} {one.kind} {one.case} {one.opened.isoformat()} {closed} {one.erased} "
        f"{one.policy} {one.ground} {also}"
    )
    return f"{said} {_seal(ring, said)}"


def _seal(ring: KeyRing, said: str) -> str:
    return ring.digest("audit", b"erased", said.encode()).hex()


def read_line(ring: KeyRing, line: str) -> Erased | None:
    """What a line says; None for one that this portal did not write."""
    parts = SHAPE.fullmatch(line)
    if parts is None or _seal(ring, parts["said"]) != parts["seal"]:
        return None
    report, kind, case, opened, closed, erased, policy, ground, also = parts["said"].split(" ")
    return Erased(
        report,
        kind,
        case,
        clock.day(opened),
        None if closed == "-" else clock.day(closed),
        int(erased),
        policy,
        ground,
        () if also == "-" else tuple(also.split(",")),
    )


def read_list(ring: KeyRing, path: Path) -> dict[str, Erased]:
    """What a list says was erased, by report; nothing where there is no list. Strange lines say nothing."""
    if not path.is_file() or path.stat().st_size > MOST_BYTES:
        return {}
    lines = path.read_text("utf-8", "replace").split("\n")
    found = [one for line in lines if (one := read_line(ring, line)) is not None]
    return {one.report: one for one in found}


def write_list(ring: KeyRing, path: Path, erased: Iterable[Erased]) -> int:
    """Add to a list what it lacks; how many. The file is only ever added to, and outlives a power cut."""
    new = not path.exists()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        known = read_list(ring, path)
        lacking = [one for one in erased if one.report not in known]
        size = os.fstat(descriptor).st_size
        torn = size and os.pread(descriptor, 1, size - 1) != b"\n"
        if lacking:
            lines = "".join(f"{line_of(ring, one)}\n" for one in lacking)
            os.write(descriptor, (b"\n" if torn else b"") + lines.encode("ascii"))
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if new:
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    return len(lacking)


def keep_list(database: Database, ring: KeyRing, *paths: Path) -> None:
    """Bring lists up to what the database knows."""
    with database.read() as connection:
        found = every(connection)
    for path in paths:
        if found or path.exists():
            write_list(ring, path, found)
