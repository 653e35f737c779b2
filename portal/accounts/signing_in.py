"""Being signed in: a row that a cookie's secret leads to, made after the second factor, ended in many ways.

Limits: 15 minutes without use, 8 hours at most, 10 minutes since the second factor for what is grave
(OWASP ASVS 5.0 V7.3.1, V7.3.2, V7.5.3).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from portal import audit, clock
from portal.accounts import passwords, people
from portal.accounts.models import Account, SignedIn
from portal.accounts.people import Person, find, place_of
from portal.audit import Did
from portal.database import Database
from portal.sealing import KeyRing, Sealed

IDLE, LONGEST, PROOF, A_MINUTE = 15 * 60, 8 * 3600, 10 * 60, 60
"""Seconds."""

FIND = (
    select(SignedIn.account, SignedIn.started, SignedIn.seen, SignedIn.proved)
    .join(Account, Account.reference == SignedIn.account)
    .where(
        SignedIn.digest == bindparam("row"),
        SignedIn.seen > bindparam("now") - IDLE,
        SignedIn.started > bindparam("now") - LONGEST,
        Account.active,
    )
)
SEE = update(SignedIn).where(SignedIn.digest == bindparam("row")).values(seen=bindparam("now"))
PROVE = (
    update(SignedIn)
    .where(SignedIn.digest == bindparam("row"))
    .values(digest=bindparam("fresh"), seen=bindparam("now"), proved=bindparam("now"))
)
END = delete(SignedIn).where(SignedIn.digest == bindparam("row")).returning(SignedIn.account)
END_OLD = delete(SignedIn).where(
    (SignedIn.seen <= bindparam("now") - IDLE) | (SignedIn.started <= bindparam("now") - LONGEST)
)
SECRETS_OF = select(Account.password, Account.totp, Account.data_key, Account.key_name).where(
    Account.reference == bindparam("who")
)


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of somebody who is signed in."""

    person: Person
    started: int
    seen: int
    proved: int

    @property
    def ends_idle(self) -> datetime:
        """When it ends if nothing more is done."""
        return clock.moment(min(self.seen + IDLE, self.started + LONGEST))

    @property
    def seconds_left(self) -> int:
        """Until it ends if nothing more is done: also for a browser whose clock is wrong."""
        return int(self.ends_idle.timestamp()) - clock.seconds()

    @property
    def ends_at_most(self) -> datetime:
        return clock.moment(self.started + LONGEST)

    @property
    def proved_lately(self) -> bool:
        return self.proved > clock.seconds() - PROOF


def start(database: Database, ring: KeyRing, who: str, instead_of: str | None = None) -> str:
    """Sign a person in, after both factors; returns the secret for the cookie. An older one ends."""
    secret, now = secrets.token_urlsafe(32), clock.seconds()
    row = {"digest": _digest(ring, secret), "account": who, "started": now, "seen": now, "proved": now}
    with database.write() as connection:
        connection.execute(END_OLD, {"now": now})
        if instead_of:
            connection.execute(END, {"row": _digest(ring, instead_of)})
        connection.execute(insert(SignedIn), row)
        audit.note(connection, ring, by=who, did=Did.SIGNED_IN, what=f"account {who}")
    return secret


def go_on(connection: Connection, ring: KeyRing, visit: Visit) -> str:
    """A new row for somebody whose rows have all been ended: no limit starts anew. Returns its secret."""
    secret = secrets.token_urlsafe(32)
    row = {
        "digest": _digest(ring, secret),
        "account": visit.person.reference,
        "started": visit.started,
        "seen": clock.seconds(),
        "proved": visit.proved,
    }
    connection.execute(insert(SignedIn), row)
    return secret


def look_up(database: Database, ring: KeyRing, secret: str | None) -> Visit | None:
    """Who is signed in with a cookie; None for nobody. Notes at most once a minute that it is in use."""
    if not secret or len(secret) > 100:
        return None
    row, now = _digest(ring, secret), clock.seconds()
    with database.read() as connection:
        found = connection.execute(FIND, {"row": row, "now": now}).first()
        person = find(connection, found.account) if found else None
    if found is None or person is None:
        return None
    seen = found.seen
    if now - seen >= A_MINUTE:
        database.change(SEE, {"row": row, "now": now})
        seen = now
    return Visit(person, found.started, seen, found.proved)


def prove(database: Database, ring: KeyRing, secret: str, who: str) -> str:
    """The second factor was given again: a new secret for the cookie, and the old one is dead."""
    fresh = secrets.token_urlsafe(32)
    values = {"row": _digest(ring, secret), "fresh": _digest(ring, fresh), "now": clock.seconds()}
    with database.write() as connection:
        if connection.execute(PROVE, values).rowcount == 1:
            audit.note(connection, ring, by=who, did=Did.USED, what=f"second factor {who}")
    return fresh


def end(database: Database, ring: KeyRing, secret: str) -> None:
    """Sign out."""
    with database.write() as connection:
        who = connection.execute(END, {"row": _digest(ring, secret)}).scalar()
        if who is not None:
            audit.note(connection, ring, by=who, did=Did.SIGNED_OUT, what=f"account {who}")


def end_everywhere(database: Database, ring: KeyRing, who: str, by: str) -> None:
    """Sign a person out of every browser."""
    with database.write() as connection:
        ended = people.end_everywhere(connection, who)
        detail = {"browsers": ended}
        audit.note(connection, ring, by=by, did=Did.SIGNED_OUT, what=f"account {who}", detail=detail)


def end_old(database: Database) -> int:
    """Delete the rows of sign-ins whose time is over; returns how many."""
    return database.change(END_OLD, {"now": clock.seconds()})


def password_is_right(database: Database, who: str | None, password: str) -> bool:
    """Whether this is the person's password. Takes as long for nobody."""
    with database.read() as connection:
        row = connection.execute(SECRETS_OF, {"who": who or ""}).first()
    return passwords.is_right(password, row.password if row else None)


def second_factor_of(database: Database, ring: KeyRing, who: str) -> str | None:
    """The secret of a person's one-time codes; None before there is one."""
    with database.read() as connection:
        row = connection.execute(SECRETS_OF, {"who": who}).first()
    if row is None or row.totp is None:
        return None
    return ring.open(place_of(who), Sealed(row.totp, row.data_key, row.key_name)).decode()


def _digest(ring: KeyRing, secret: str) -> bytes:
    return ring.digest("sign_in", b"signed in", secret.encode())
