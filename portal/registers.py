"""Registers: lists that the landlord keeps, such as offices or agencies, and that forms name.

A member's code is stored in answers and so is never used again: a member goes out of use, but is not deleted.
What a form's definition carries are the first members, until somebody changes the list.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection, Row, String, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from portal import audit
from portal.audit import Did
from portal.database import Base, Database
from portal.questions import Form, Option, as_written
from portal.questions.messages import Message, _staff
from portal.questions.typing_in import clean_words
from portal.sealing import KeyRing

LONGEST_NAME = 200
LONGEST_CODE = 40
"""Characters of a code made here: it becomes part of the keys of questions that repeat for each member."""
NO_NAME = _staff("Type a name: people who answer see it")
TOO_LONG = _staff("Use at most %(number)s characters")
TAKEN = _staff(
    "The list has a member with this name, or one so like it that answers could not tell them apart"
)

Given = tuple[Option, ...]
"""The members that a definition carries."""
Members = list[tuple[Option, bool]]
"""Members in order, each with whether it is still offered."""
Line = tuple[str, str, bool]
"""Code, name and whether it is still offered."""
Pairs = dict[str, list[list[str]]]
"""For each list code and name of its members, in order."""


class RegisterMember(Base):
    """A member of a list that the landlord keeps."""

    __tablename__ = "register_member"

    register: Mapped[str] = mapped_column(String(40), primary_key=True)
    """The name under which forms know the list."""
    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    """What an answer holds: snake_case, never used again."""
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    """The landlord's own words for it, which nobody translates."""
    active: Mapped[bool]
    """Whether it is still offered."""
    place: Mapped[int]
    """Its place in the list, from 1; those out of use come last."""


class RegisterVersion(Base):
    """How often lists were changed: whoever follows them looks here first."""

    __tablename__ = "register_version"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """1: there is one row."""
    version: Mapped[int]
    """Higher after each change."""


class Unfit(ValueError):
    """A name cannot be kept as it was typed; `why` says it to whoever typed it."""

    def __init__(self, why: Message) -> None:
        super().__init__(why.id)
        self.why = why


MEMBER, VERSION = RegisterMember, RegisterVersion
COLUMNS = MEMBER.__table__.columns
IN_ORDER = (MEMBER.active.desc(), MEMBER.place, MEMBER.code)
EVERY = select(*COLUMNS).order_by(MEMBER.register, *IN_ORDER)
EVERY_OF = select(*COLUMNS).where(MEMBER.register == bindparam("of")).order_by(*IN_ORDER)
CHANGE = update(MEMBER).where(MEMBER.register == bindparam("of"), MEMBER.code == bindparam("wanted"))
RENAME = CHANGE.values(name=bindparam("to"))
PLACE = CHANGE.values(place=bindparam("to"), active=bindparam("on"))
FIND_VERSION = select(VERSION.version).where(VERSION.id == 1)
COUNT_UP = update(VERSION).where(VERSION.id == 1).values(version=VERSION.version + 1)
BEGIN = {
    "sqlite": sqlite.insert(VERSION).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(VERSION).on_conflict_do_nothing(),
}


def version(connection: Connection) -> int:
    """How often lists were changed so far."""
    return int(connection.execute(FIND_VERSION).scalar() or 0)


def members(connection: Connection, given: Mapping[str, Given]) -> dict[str, Members]:
    """The members of the lists that `given` names, in order, each with whether it is still offered.

    A list that nobody has changed yet has the members that `given` carries for it.
    """
    kept: dict[str, list[Row[tuple[RegisterMember]]]] = {}
    for row in connection.execute(EVERY):
        kept.setdefault(row.register, []).append(row)
    return {
        name: _members(kept[name], options) if name in kept else [(option, True) for option in options]
        for name, options in given.items()
    }


def _members(rows: Sequence[Row[tuple[RegisterMember]]], given: Given) -> Members:
    active = {row.code: row.active for row in rows}
    return [(option, active[option.code]) for option in options_of(((r.code, r.name) for r in rows), given)]


def options_of(pairs: Iterable[tuple[str, str]], given: Given) -> Given:
    """Codes and names as options. One that a definition carries keeps what else that says of it."""
    known = {option.code: option for option in given}
    found = [
        _renamed(known[code], name) if code in known else Option(code, as_written(name))
        for code, name in pairs
    ]
    return tuple(sorted(found, key=lambda option: option.by == "office"))  # a form wants those last


def _renamed(option: Option, name: str) -> Option:
    return option if option.text.english == name else replace(option, text=as_written(name))


def pairs_of(form: Form) -> Pairs:
    """The members of a form's lists as a printed edition keeps them: code and name of each, in order."""
    return {
        name: [[option.code, option.text.english] for option in form.registers.get(name, ())]
        for name in form.lists
    }


def as_printed(form: Form, kept: Mapping[str, Iterable[Iterable[str]]]) -> Form:
    """The form with the members that `pairs_of` kept of its lists, and none but these."""
    lists = {
        name: options_of(((code, words) for code, words in kept[name]), form.registers.get(name, ()))
        for name in form.lists
        if name in kept
    }
    return replace(form, registers={**form.registers, **lists}) if lists else form


def every(connection: Connection, register: str, given: Given) -> list[Line]:
    """The members of a list, in order, those out of use last."""
    found = members(connection, {register: given})[register]
    return [(option.code, option.text.english, active) for option, active in found]


def add(
    database: Database, ring: KeyRing, register: str, given: Given, name: str, by: str, also: Given = ()
) -> str:
    """A new member, at the end of those in use; gives its code. `also` is what questions offer beside the
    members: nothing like it is taken. Raises Unfit.
    """
    name = _fit(name)

    def change(connection: Connection, rows: list[Line]) -> tuple[str, Did]:
        there = [*rows, *_lines(also)]
        codes = {code for code, _name, _active in there}
        code = _code(name) or _numbered(codes)
        if code in codes:
            raise Unfit(TAKEN)
        _refuse_same(there, code, name)
        row = {"register": register, "code": code, "name": name, "active": True, "place": len(rows) + 1}
        connection.execute(insert(MEMBER), row)
        return code, Did.CREATED

    return _changed(database, ring, register, given, by, change)


def rename(
    database: Database,
    ring: KeyRing,
    register: str,
    given: Given,
    code: str,
    name: str,
    by: str,
    also: Given = (),
) -> None:
    """Other words for the same member; its code stays, since answers hold it. Raises Unfit."""
    name = _fit(name)

    def change(connection: Connection, rows: list[Line]) -> tuple[str, Did]:
        _refuse_same([*rows, *_lines(also)], code, name)
        connection.execute(RENAME, {"of": register, "wanted": code, "to": name})
        return code, Did.CHANGED

    _changed(database, ring, register, given, by, change)


def move(
    database: Database, ring: KeyRing, register: str, given: Given, code: str, by: int, who: str
) -> None:
    """Move a member that is in use by so many places: below 0 for up. At an end of the list it stays."""

    def change(connection: Connection, rows: list[Line]) -> tuple[str, Did]:
        codes = [one for one, _name, active in rows if active]
        if code in codes:
            place = codes.index(code)
            codes.insert(min(max(place + by, 0), len(codes) - 1), codes.pop(place))
        _put(connection, register, codes, [one for one, _name, active in rows if not active])
        return code, Did.CHANGED

    _changed(database, ring, register, given, who, change)


def set_active(
    database: Database, ring: KeyRing, register: str, given: Given, code: str, on: bool, by: str
) -> None:
    """Take a member out of use, or back, as the last one. Answers that hold it keep their meaning."""

    def change(connection: Connection, rows: list[Line]) -> tuple[str, Did]:
        offered = [one for one, _name, active in rows if active and one != code]
        others = [one for one, _name, active in rows if not active and one != code]
        _put(connection, register, offered + [code] * on, others + [code] * (not on))
        return code, Did.CHANGED

    _changed(database, ring, register, given, by, change, active=on)


Change = Callable[[Connection, list[Line]], tuple[str, Did]]


def _changed(
    database: Database,
    ring: KeyRing,
    register: str,
    given: Given,
    by: str,
    change: Change,
    active: bool | None = None,
) -> str:
    """One change in a transaction of its own, with the version and the audit log; gives the member's code."""
    with database.write() as connection:
        # first: it locks, so that changes come one after the other
        if connection.execute(COUNT_UP).rowcount == 0:
            connection.execute(BEGIN[connection.dialect.name], {"id": 1, "version": 0})
            connection.execute(COUNT_UP)
        if not connection.execute(EVERY_OF, {"of": register}).first():
            _take_over(connection, register, given)
        code, did = change(connection, every(connection, register, given))
        detail: dict[str, str | int] = {"member": code}
        if active is not None:
            detail["active"] = int(active)
        audit.note(connection, ring, by=by, did=did, what=f"register {register}", detail=detail)
    return code


def _take_over(connection: Connection, register: str, given: Given) -> None:
    """Write down the members that the definition carries: from now on the landlord keeps the list."""
    rows = [
        {"register": register, "code": one.code, "name": one.text.english, "active": True, "place": place}
        for place, one in enumerate(given, start=1)
    ]
    if rows:
        connection.execute(insert(MEMBER), rows)


def _put(connection: Connection, register: str, offered: list[str], others: list[str]) -> None:
    for place, code in enumerate(offered + others, start=1):
        values = {"of": register, "wanted": code, "to": place, "on": place <= len(offered)}
        connection.execute(PLACE, values)


def _fit(name: str) -> str:
    name = clean_words(name)
    if not name:
        raise Unfit(NO_NAME)
    if len(name) > LONGEST_NAME:
        raise Unfit(TOO_LONG.with_values(number=LONGEST_NAME))
    return name


def _lines(options: Given) -> Iterator[Line]:
    return ((option.code, option.text.english, True) for option in options)


def _refuse_same(rows: Iterable[Line], code: str, name: str) -> None:
    if any(other.casefold() == name.casefold() and one != code for one, other, _active in rows):
        raise Unfit(TAKEN)


def _code(name: str) -> str:
    """The code that a name makes; nothing for one without Latin letters and digits."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:LONGEST_CODE].rstrip("_")


def _numbered(codes: set[str]) -> str:
    """A code for a name in another alphabet, that none has."""
    number = len(codes) + 1
    while f"member_{number}" in codes:
        number += 1
    return f"member_{number}"
