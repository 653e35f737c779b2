"""Who saw, keyed, changed or exported what: a log that can only be added to.

Each entry carries a digest, under a secret of the key ring, of itself and of the entry before it, so that
whoever can write to the database but has not the key file cannot change, drop, swap or put in an entry
unseen. What such a chain does not show is that its end was cut off: for that the newest entry is anchored,
every hour and at each export, in a file outside the database. Anonymous answers never have an entry.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Connection, LargeBinary, String, Text, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from portal import clock
from portal.database import Base, Database
from portal.sealing import KeyRing

OPERATOR = "operator"
"""Who acts by the command line."""
PORTAL = "portal"
"""The portal itself."""
BEGINNING = bytes(32)
"""What the first entry follows."""

Detail = Mapping[str, str | int | Sequence[str]]
"""Codes and numbers that say more about an entry."""


class Did(StrEnum):
    """What somebody did."""

    SIGNED_IN = "signed in"
    SIGNED_OUT = "signed out"
    SIGN_IN_REFUSED = "sign-in refused"
    VIEWED = "viewed"
    KEYED = "keyed"
    VERIFIED = "verified"
    RESOLVED = "resolved"
    CHANGED = "changed"
    CREATED = "created"
    DELETED = "deleted"
    EXPORTED = "exported"
    PRINTED = "printed"
    RELEASED = "released"
    REFUSED = "refused"
    INVITED = "invited"
    USED = "used"
    ANCHORED = "anchored"


class Audit(Base):
    """One thing that somebody did."""

    __tablename__ = "audit"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Its place in the log, from 1, without a gap."""
    at: Mapped[int] = mapped_column(BigInteger)
    """When, in seconds since 1970."""
    by: Mapped[str] = mapped_column(String(40), index=True)
    """The reference of an account; "operator" for the command line, "portal" for the portal itself."""
    did: Mapped[str] = mapped_column(String(20))
    """What they did: a value of Did."""
    what: Mapped[str] = mapped_column(String(100), index=True)
    """What they did it to: its kind and reference, such as "batch 7K3PX92CM"."""
    detail: Mapped[str] = mapped_column(Text)
    """Codes and numbers, as JSON: the digest is over these very letters."""
    previous: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    """The digest of the entry before. No two entries follow the same one."""
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    """Keyed digest of all the other columns."""


class AuditHead(Base):
    """The newest entry: whoever adds the next one locks this row, so that they come one after the other."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """1: there is one row."""
    number: Mapped[int]
    """Number of the newest entry; 0 when there is none."""
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    """Its digest."""


TABLE = Audit
HEAD = AuditHead
ADD = insert(TABLE)
FIND_HEAD = select(HEAD.number, HEAD.digest).where(HEAD.id == 1)
LOCK_HEAD = FIND_HEAD.with_for_update()
"""On SQLite there is nothing to lock: its write transactions come one after the other."""
MAKE_HEAD = {
    "sqlite": sqlite.insert(HEAD).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(HEAD).on_conflict_do_nothing(),
}
MOVE_HEAD = update(HEAD).where(HEAD.id == 1).values(number=bindparam("to"), digest=bindparam("made"))
NEWEST = select(TABLE.number, TABLE.digest).order_by(TABLE.number.desc()).limit(1)
ENTRIES = select(TABLE.number, TABLE.at, TABLE.by, TABLE.did, TABLE.what, TABLE.detail)

WHO = re.compile(r"[A-Za-z0-9_.:-]{1,40}")
WHAT = re.compile(r"[a-z]{1,30}( [a-z]{1,30}){0,2}( [A-Za-z0-9_.:-]{1,60})?")
CODE = re.compile(r"[A-Za-z0-9_.:-]{0,60}")


def note(
    connection: Connection, ring: KeyRing, *, by: str, did: Did, what: str, detail: Detail | None = None
) -> int:
    """Add an entry within a write transaction, as its last step before the commit; gives its number.

    Until the commit nobody else can add one: so it comes last. Raises ValueError when `by`, `what` or
    `detail` holds more than references, codes and numbers.
    """
    row: dict[str, Any] = {
        "at": clock.seconds(),
        "by": _fitting(WHO, by),
        "did": Did(did).value,
        "what": _fitting(WHAT, what),
        "detail": _written(detail or {}),
    }
    row["number"], row["previous"] = _next(connection)
    row["digest"] = digest_of(ring, row)
    connection.execute(ADD, row)
    connection.execute(MOVE_HEAD, {"to": row["number"], "made": row["digest"]})
    return int(row["number"])


def note_alone(
    database: Database, ring: KeyRing, *, by: str, did: Did, what: str, detail: Detail | None = None
) -> int:
    """Add an entry in a transaction of its own: for what was only looked at, and for what was refused."""
    with database.write() as connection:
        return note(connection, ring, by=by, did=did, what=what, detail=detail)


def digest_of(ring: KeyRing, row: Mapping[str, Any]) -> bytes:
    """The digest that an entry must have, of every column but the digest itself."""
    columns = (row["number"], row["at"], row["by"], row["did"], row["what"], row["detail"])
    words = (str(column).encode("utf-8", "surrogatepass") for column in columns)
    return ring.digest("audit", b"entry", *words, row["previous"])


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, to be shown."""

    number: int
    at: int
    """Seconds since 1970; clock.moment() makes a date of it."""
    by: str
    did: str
    what: str
    detail: dict[str, Any]


def page(
    connection: Connection,
    *,
    before: int | None = None,
    by: str | None = None,
    did: Did | None = None,
    what: str | None = None,
    about: str | None = None,
    limit: int = 50,
) -> list[Entry]:
    """Entries, the newest first; those with a number below `before`, of one person, act or thing if given.

    `what` is a thing with its kind; `about` is its reference alone, whatever it is.
    """
    found = ENTRIES.order_by(TABLE.number.desc()).limit(limit)
    if before is not None:
        found = found.where(TABLE.number < before)
    for column, wanted in ((TABLE.by, by), (TABLE.did, did and did.value), (TABLE.what, what)):
        if wanted is not None:
            found = found.where(column == wanted)
    if about is not None:
        found = found.where(TABLE.what.endswith(f" {about}", autoescape=True))
    return [Entry(*row[:-1], json.loads(row.detail)) for row in connection.execute(found)]


def _next(connection: Connection) -> tuple[int, bytes]:
    """The number of the next entry and the digest that it follows, with the head locked."""
    head = connection.execute(LOCK_HEAD).first()
    if head is None:  # the very first entry; whoever makes the row first wins, and the other waits for it
        newest = connection.execute(NEWEST).first()
        made = {"id": 1, "number": newest.number, "digest": newest.digest} if newest else None
        make = MAKE_HEAD[connection.dialect.name]
        connection.execute(make, made or {"id": 1, "number": 0, "digest": BEGINNING})
        head = connection.execute(LOCK_HEAD).one()
    return head.number + 1, head.digest


def _fitting(shape: re.Pattern[str], words: str) -> str:
    """What may stand in the log. Its words are not repeated: they may be a person's."""
    if not shape.fullmatch(words):
        raise ValueError("only references, codes and numbers belong in the audit log")
    return words


def _written(detail: Detail) -> str:
    for key, value in detail.items():
        several = value if isinstance(value, list | tuple) else (value,)
        for one in (key, *several):
            if not isinstance(one, int):
                _fitting(CODE, one)
    return json.dumps(detail, sort_keys=True, separators=(",", ":"))
