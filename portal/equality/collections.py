"""The places where we ask: services, events, surveys, staff."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from sqlalchemy import Row, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from portal import audit
from portal.audit import Did
from portal.database import Database
from portal.equality.models import KINDS, Collection
from portal.questions.messages import Message, _staff
from portal.questions.typing_in import clean_words
from portal.sealing import KeyRing
from portal.settings import CollectionEntry

FIND = select(Collection.name).where(Collection.code == bindparam("wanted"), Collection.active)

FIND_ALL = select(*Collection.__table__.columns).where(Collection.code == bindparam("wanted"))
SET_ACTIVE = (
    update(Collection)
    .where(Collection.code == bindparam("wanted"), Collection.active != bindparam("on"))
    .values(active=bindparam("on"))
)
NO_CODE = _staff("Type a code of a to z, 0 to 9 and hyphens, such as repairs-2026")
NO_NAME = _staff("Type a name: people who answer see it")
TOO_LONG = _staff("Use at most %(number)s characters")
NO_KIND = _staff("Choose what kind of place it is")
CODE_TAKEN = _staff("There is a collection with this code already")
LONGEST = 200
"""Characters of a name."""

CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


class CollectionError(ValueError):
    """A collection cannot be kept as it is written; the text says why."""


def keep(database: Database, entries: Iterable[CollectionEntry]) -> int:
    """Add these collections, or change those that are there already; returns how many."""
    dialect = sqlite if database.sqlite else postgresql
    rows = [asdict(_checked(entry)) for entry in entries]
    if not rows:
        return 0
    statement = dialect.insert(Collection)
    names = [name for name in rows[0] if name != "code"]
    statement = statement.on_conflict_do_update(
        index_elements=[Collection.code], set_={name: statement.excluded[name] for name in names}
    )
    with database.write() as connection:
        connection.execute(statement, rows)
    return len(rows)


def _checked(entry: CollectionEntry) -> CollectionEntry:
    if not CODE.fullmatch(entry.code):
        raise CollectionError(
            f"{entry.code!r}: a code has only a to z, 0 to 9 and hyphens, such as repairs-2026"
        )
    if entry.kind not in KINDS:
        raise CollectionError(f"{entry.code}: kind must be one of {', '.join(KINDS)}")
    if not entry.name.strip():
        raise CollectionError(f"{entry.code}: a name is needed, because people who answer see it")
    return entry


def name_of(database: Database, code: str) -> str | None:
    """The name of a collection that takes answers; None if there is no such one."""
    if not CODE.fullmatch(code):
        return None
    with database.read() as connection:
        return connection.execute(FIND, {"wanted": code}).scalar()


def every(database: Database) -> list[Row[tuple[Collection]]]:
    """All collections, by code."""
    with database.read() as connection:
        return list(connection.execute(select(*Collection.__table__.columns).order_by(Collection.code)))


def close(database: Database, code: str) -> bool:
    """Take no more answers for a collection; False if there is no such one."""
    with database.write() as connection:
        done = connection.execute(update(Collection).where(Collection.code == code).values(active=False))
    return done.rowcount == 1


class Unfit(ValueError):
    """What was typed of a collection cannot be kept: what is wrong, by field."""

    def __init__(self, problems: dict[str, Message]) -> None:
        super().__init__(", ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Typed:
    """A collection as somebody typed it."""

    name: str
    kind: str
    team: str
    outlet: str
    provider: str

    def checked(self) -> dict[str, str]:
        """Its columns, cleaned. Raises Unfit."""
        columns = {name: clean_words(words) for name, words in asdict(self).items()}
        problems = {
            name: TOO_LONG.with_values(number=LONGEST)
            for name, words in columns.items()
            if len(words) > LONGEST
        }
        if not columns["name"]:
            problems["name"] = NO_NAME
        if columns["kind"] not in KINDS:
            problems["kind"] = NO_KIND
        if problems:
            raise Unfit(problems)
        return columns


def find(database: Database, code: str) -> Row[tuple[Collection]] | None:
    """A collection, also one that is closed."""
    with database.read() as connection:
        return connection.execute(FIND_ALL, {"wanted": code}).first()


def add(database: Database, ring: KeyRing, code: str, typed: Typed, by: str) -> None:
    """A new collection. Raises Unfit."""
    problems = {} if CODE.fullmatch(code) else {"code": NO_CODE}
    try:
        columns = typed.checked()
    except Unfit as error:
        raise Unfit(problems | error.problems) from error
    if problems:
        raise Unfit(problems)
    try:
        with database.write() as connection:
            connection.execute(insert(Collection), {"code": code, "active": True, **columns})
            audit.note(connection, ring, by=by, did=Did.CREATED, what=f"collection {code}")
    except IntegrityError as error:
        raise Unfit({"code": CODE_TAKEN}) from error


def change(database: Database, ring: KeyRing, code: str, typed: Typed, by: str) -> None:
    """Other words for a collection; its code stays, since answers hold it. Raises Unfit."""
    columns = typed.checked()
    with database.write() as connection:
        connection.execute(update(Collection).where(Collection.code == code).values(**columns))
        audit.note(connection, ring, by=by, did=Did.CHANGED, what=f"collection {code}")


def set_active(database: Database, ring: KeyRing, code: str, on: bool, by: str) -> None:
    """Close a collection, or open it again. Answers that it has stay."""
    with database.write() as connection:
        if connection.execute(SET_ACTIVE, {"wanted": code, "on": on}).rowcount == 1:
            what, detail = f"collection {code}", {"active": int(on)}
            audit.note(connection, ring, by=by, did=Did.CHANGED, what=what, detail=detail)
