"""Slowing down whoever guesses codes or passwords: no address is kept, and nobody else is locked out."""

from __future__ import annotations

import ipaddress
import secrets
from datetime import date
from typing import Any

from sqlalchemy import Connection, Date, LargeBinary, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from portal import clock
from portal.database import Base, Database
from portal.sealing import derived

NO_ORDER = {"sqlite_with_rowid": False}


class Throttle(Base):
    """How often something failed from one part of the network; lives until the day ends."""

    __tablename__ = "throttle"
    __table_args__ = NO_ORDER

    id: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    """Digest of purpose, time slot and address prefix under the day's random key."""
    day: Mapped[date] = mapped_column(Date, index=True)
    count: Mapped[int]


class ThrottleKey(Base):
    """The random key of one day. With it go all ties between counts and addresses."""

    __tablename__ = "throttle_key"
    __table_args__ = NO_ORDER

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary(32))


TABLE = Throttle
KEYS = ThrottleKey
MINUTES = 15
TRIES = 10
"""Wrong codes from one part of the network in one time slot."""

FIND_KEY = select(KEYS.key).where(KEYS.day == bindparam("today"))
GIVE_BACK = update(TABLE).where(TABLE.id == bindparam("row")).values(count=TABLE.count - 1)


class Attempt:
    """One attempt that has been counted; give it back when it was a right one."""

    def __init__(self, database: Database, row: bytes, allowed: bool) -> None:
        self._database = database
        self._row = row
        self.allowed = allowed

    def give_back(self) -> None:
        with self._database.write() as connection:
            connection.execute(GIVE_BACK, {"row": self._row})


def attempt(database: Database, purpose: str, of: str) -> Attempt:
    """Count an attempt of a purpose from a network address, or for a person, and say if it is allowed."""
    slot = int(clock.now().timestamp()) // (MINUTES * 60)
    dialect = sqlite if database.sqlite else postgresql
    with database.write() as connection:
        key = _key_of_the_day(connection, dialect)
        row = derived(key, f"{purpose}/{slot}/{prefix(of)}")
        count = connection.execute(
            dialect.insert(TABLE)
            .values(id=row, day=clock.today(), count=1)
            .on_conflict_do_update(index_elements=[TABLE.id], set_={"count": TABLE.count + 1})
            .returning(TABLE.count)
        ).scalar_one()
    return Attempt(database, row, count <= TRIES)


def prefix(address: str) -> str:
    """An address, or the /64 of an IPv6 one; what is no address stays as it is."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def _key_of_the_day(connection: Connection, dialect: Any) -> bytes:
    today = clock.today()
    found = connection.execute(FIND_KEY, {"today": today}).scalar()
    if found is not None:
        return bytes(found)
    forget_before_today(connection)
    key = secrets.token_bytes(32)
    connection.execute(dialect.insert(KEYS).values(day=today, key=key).on_conflict_do_nothing())
    return bytes(connection.execute(FIND_KEY, {"today": today}).scalar_one())  # or that of one who was faster


def forget_before_today(connection: Connection) -> None:
    """Delete the counts of earlier days and the keys that tied them to addresses."""
    today = clock.today()
    connection.execute(delete(TABLE).where(TABLE.day < today))
    connection.execute(delete(KEYS).where(KEYS.day < today))
