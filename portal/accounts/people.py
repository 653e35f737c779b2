"""The people who work here: adding them, their roles, and the one-time links that let them in."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, exists, insert, select, update
from sqlalchemy.exc import IntegrityError

from portal import audit, clock, references
from portal.accounts.models import Account, AccountRole, RecoveryCode, SignedIn, SignInLink
from portal.accounts.roles import Role
from portal.audit import Did
from portal.database import Database
from portal.questions.messages import Message, _staff
from portal.questions.typing_in import clean_words
from portal.sealing import KeyRing, Sealed

LINK_HOURS = 48
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")

NO_EMAIL = _staff("Type an email address, such as name@example.org")
NO_NAME = _staff("Type a name, as colleagues know the person")
NO_ROLE = _staff("Choose at least one role")
EMAIL_TAKEN = _staff("There is an account with this email address already")
LAST_ADMINISTRATOR = _staff("This is the last administrator: give somebody else the role first")


class PeopleError(ValueError):
    """An account cannot be kept like this; `message` says why, in plain words, and `field` where."""

    def __init__(self, field: str, message: Message) -> None:
        super().__init__(message.english)
        self.field = field
        self.message = message


@dataclass(frozen=True, slots=True)
class Person:
    """One account, without its secrets."""

    reference: str
    email: str
    name: str
    active: bool
    roles: frozenset[Role]
    shortcuts: bool
    has_second_factor: bool


COLUMNS = (
    Account.reference,
    Account.email,
    Account.name,
    Account.active,
    Account.shortcuts,
    Account.totp.is_not(None).label("has_second_factor"),
)
FIND = select(*COLUMNS).where(Account.reference == bindparam("who"))
ROLES_OF = select(AccountRole.role).where(AccountRole.account == bindparam("who"))
ADMINISTRATORS = select(Account.reference).where(
    Account.active,
    exists().where(AccountRole.account == Account.reference, AccountRole.role == Role.ADMINISTRATOR.value),
)
USE_LINK = delete(SignInLink).where(
    SignInLink.digest == bindparam("link"), SignInLink.ends > bindparam("now")
)
FIND_LINK = select(SignInLink.account, SignInLink.gives).where(
    SignInLink.digest == bindparam("link"), SignInLink.ends > bindparam("now")
)


def read_email(typed: str) -> str | None:
    """An email address as it is kept; None if it is none."""
    email = clean_words(typed).lower()
    return email if len(email) <= 254 and EMAIL.fullmatch(email) else None


def add(database: Database, ring: KeyRing, email: str, name: str, roles: Iterable[Role], by: str) -> str:
    """A new account, which nobody can use before a link was used; returns its reference. PeopleError."""
    kept = read_email(email)
    if kept is None:
        raise PeopleError("email", NO_EMAIL)
    called, held = _called(name), _held(roles)
    reference = references.new()
    row = {
        "reference": reference,
        "email": kept,
        "name": called,
        "active": True,
        "totp_step": 0,
        "shortcuts": True,
        "made": clock.today(),
    }
    try:
        with database.write() as connection:
            connection.execute(insert(Account), row)
            _set_roles(connection, reference, held)
            what, detail = f"account {reference}", {"roles": [role.value for role in held]}
            audit.note(connection, ring, by=by, did=Did.CREATED, what=what, detail=detail)
    except IntegrityError as error:
        raise PeopleError("email", EMAIL_TAKEN) from error
    return reference


def _called(name: str) -> str:
    called = clean_words(name)[:100]
    if not called:
        raise PeopleError("name", NO_NAME)
    return called


def _held(roles: Iterable[Role]) -> list[Role]:
    held = sorted(set(roles))
    if not held:
        raise PeopleError("roles", NO_ROLE)
    return held


def _set_roles(connection: Connection, who: str, roles: Iterable[Role]) -> None:
    connection.execute(delete(AccountRole).where(AccountRole.account == who))
    connection.execute(insert(AccountRole), [{"account": who, "role": role.value} for role in roles])


def change(
    database: Database,
    ring: KeyRing,
    who: str,
    *,
    name: str,
    roles: Iterable[Role],
    active: bool,
    by: str,
) -> None:
    """Change an account; one that is disabled is out at once. Raises PeopleError."""
    called, held = _called(name), _held(roles)
    with database.write() as connection:
        connection.execute(ADMINISTRATORS.with_for_update()).all()  # two must not disable each other at once
        connection.execute(update(Account).where(Account.reference == who).values(name=called, active=active))
        _set_roles(connection, who, held)
        if not active:
            end_everywhere(connection, who)
        if connection.execute(ADMINISTRATORS).first() is None:
            raise PeopleError("roles", LAST_ADMINISTRATOR)
        what = f"account {who}"
        detail: audit.Detail = {"roles": [role.value for role in held], "active": int(active)}
        audit.note(connection, ring, by=by, did=Did.CHANGED, what=what, detail=detail)


def has_administrator(database: Database) -> bool:
    """Whether there is an administrator who has come in."""
    with database.read() as connection:
        found = connection.execute(ADMINISTRATORS.where(Account.password.is_not(None)))
        return found.first() is not None


def find(connection: Connection, who: str) -> Person | None:
    """The person of a reference."""
    row = connection.execute(FIND, {"who": who}).mappings().first()
    if row is None:
        return None
    roles = connection.execute(ROLES_OF, {"who": who}).scalars()
    return Person(roles=frozenset(Role(role) for role in roles), **row)


def by_email(connection: Connection, email: str) -> Person | None:
    """The person who signs in with this address."""
    who = connection.execute(select(Account.reference).where(Account.email == email)).scalar()
    return find(connection, who) if who else None


def everybody(database: Database) -> list[Person]:
    """All accounts by name, disabled ones last."""
    with database.read() as connection:
        held: dict[str, set[Role]] = {}
        for account, role in connection.execute(select(AccountRole.account, AccountRole.role)):
            held.setdefault(account, set()).add(Role(role))
        rows = connection.execute(select(*COLUMNS)).mappings().all()
    people = [Person(roles=frozenset(held.get(row["reference"], ())), **row) for row in rows]
    return sorted(people, key=lambda person: (not person.active, person.name.casefold(), person.email))


def make_link(database: Database, ring: KeyRing, who: str, gives: str, by: str) -> str:
    """The secret of a new one-time link in place of any older one of this person. Shown once."""
    secret = secrets.token_urlsafe(32)
    row = {
        "digest": _link_digest(ring, secret),
        "account": who,
        "gives": gives,
        "ends": clock.seconds() + LINK_HOURS * 3600,
    }
    with database.write() as connection:
        connection.execute(delete(SignInLink).where(SignInLink.account == who))
        connection.execute(insert(SignInLink), row)
        detail = {"gives": gives}
        audit.note(connection, ring, by=by, did=Did.INVITED, what=f"account {who}", detail=detail)
    return secret


def of_link(database: Database, ring: KeyRing, secret: str) -> tuple[Person, str] | None:
    """Whom a link lets in and what it gives; None when it is unknown, used, too old, or its person is out."""
    if len(secret) > 100:
        return None
    with database.read() as connection:
        row = connection.execute(
            FIND_LINK, {"link": _link_digest(ring, secret), "now": clock.seconds()}
        ).first()
        person = find(connection, row.account) if row else None
    return (person, row.gives) if row and person and person.active else None


def use_link(connection: Connection, ring: KeyRing, secret: str) -> bool:
    """Use a link up; False when somebody was faster."""
    values = {"link": _link_digest(ring, secret), "now": clock.seconds()}
    return connection.execute(USE_LINK, values).rowcount == 1


def place_of(who: str) -> str:
    """The place that a second factor's secret is bound to."""
    return f"account/totp/{who}"


def set_password(connection: Connection, who: str, hash: str) -> None:
    """A new password; everybody who was signed in as this person is out."""
    connection.execute(update(Account).where(Account.reference == who).values(password=hash))
    end_everywhere(connection, who)


def set_second_factor(connection: Connection, who: str, sealed: Sealed, step: int) -> None:
    """A new second factor, whose code of this step has just been used."""
    values = {
        "totp": sealed.words,
        "data_key": sealed.data_key,
        "key_name": sealed.key_name,
        "totp_step": step,
    }
    connection.execute(update(Account).where(Account.reference == who).values(**values))
    connection.execute(delete(RecoveryCode).where(RecoveryCode.account == who))


def end_everywhere(connection: Connection, who: str) -> int:
    """Sign a person out of every browser; returns of how many."""
    return connection.execute(delete(SignedIn).where(SignedIn.account == who)).rowcount


def set_shortcuts(database: Database, who: str, on: bool) -> None:
    """Whether single keys do something for this person."""
    database.change(
        update(Account).where(Account.reference == bindparam("who")).values(shortcuts=bindparam("on")),
        {"who": who, "on": on},
    )


def _link_digest(ring: KeyRing, secret: str) -> bytes:
    return ring.digest("sign_in", b"link", secret.encode())
