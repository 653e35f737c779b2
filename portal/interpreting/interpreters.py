"""The people who interpret for us: keeping what they can do, and until when they may."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, exists, insert, select, update
from sqlalchemy.exc import IntegrityError

from portal import audit, clock, references
from portal.accounts.models import Account, AccountRole
from portal.accounts.roles import Role
from portal.audit import Did
from portal.database import Database
from portal.interpreting.models import Interpreter, InterpreterLanguage
from portal.questions.messages import Message, _staff
from portal.sealing import KeyRing

SOON = 60
"""Days before a registration or a clearance ends in which it should be renewed."""
NO_ACCOUNT = _staff(
    "No account in use with the role of an interpreter has this email address: an administrator adds it "
    "under People"
)
ACCOUNT_TAKEN = _staff("Somebody else in this list has this account already")

LANGUAGE = InterpreterLanguage
COLUMNS = Interpreter.__table__.columns
FIND = select(*COLUMNS).where(Interpreter.reference == bindparam("of"))
EVERY = select(*COLUMNS).order_by(Interpreter.active.desc(), Interpreter.name, Interpreter.reference)
LANGUAGES = select(*LANGUAGE.__table__.columns).order_by(LANGUAGE.interpreter, LANGUAGE.code)
LANGUAGES_OF = LANGUAGES.where(LANGUAGE.interpreter == bindparam("of"))
ACCOUNT = select(Account.reference).where(
    Account.email == bindparam("email"),
    Account.active,
    exists().where(AccountRole.account == Account.reference, AccountRole.role == Role.INTERPRETER.value),
)
EMAIL = select(Account.email).where(Account.reference == bindparam("of"))


class Unfit(ValueError):
    """Somebody cannot be kept like this; `why` says it to whoever typed it."""

    def __init__(self, why: Message) -> None:
        super().__init__(why.id)
        self.why = why


def find(connection: Connection, reference: str) -> Row[Any] | None:
    """Somebody who interprets, by their reference."""
    return connection.execute(FIND, {"of": reference}).first()


def languages_of(connection: Connection, interpreter: int) -> list[Row[Any]]:
    """The languages in which somebody works."""
    return list(connection.execute(LANGUAGES_OF, {"of": interpreter}).all())


def email_of(connection: Connection, account: str | None) -> str:
    """With which address somebody signs in; nothing for who does not."""
    return str(connection.execute(EMAIL, {"of": account}).scalar() or "") if account else ""


def every(connection: Connection) -> list[tuple[Row[Any], list[Row[Any]], date | None]]:
    """Everybody with their languages, and the day on which the first of what they need ends.

    Who is in use comes first; of those, whose papers end first.
    """
    spoken: dict[int, list[Row[Any]]] = {}
    for one in connection.execute(LANGUAGES):
        spoken.setdefault(one.interpreter, []).append(one)
    found = [(row, spoken.get(row.id, [])) for row in connection.execute(EVERY)]
    ending = [(row, languages, first_end(row, languages)) for row, languages in found]
    return sorted(
        ending, key=lambda one: (not one[0].active, one[2] is None, one[2] or date.max, one[0].name)
    )


def first_end(row: Row[Any], languages: list[Row[Any]]) -> date | None:
    """The first day on which a clearance or a registration ends; None when none does."""
    ends = [day for day in (row.cleared_until, *(one.until for one in languages)) if day is not None]
    return min(ends, default=None)


def ends_soon(day: date | None) -> str:
    """Whether papers have run out (late) or will within sixty days (due)."""
    if day is None or day > clock.days_before(clock.today(), -SOON):
        return ""
    return "late" if day < clock.today() else "due"


def keep(
    database: Database, ring: KeyRing, reference: str | None, columns: Mapping[str, Any], email: str, by: str
) -> str:
    """Add somebody (no reference) or change them; gives their reference. Raises Unfit."""
    kept = reference or references.new()
    try:
        with database.write() as connection:
            values = {**columns, "account": _account(connection, email) if email else None}
            if reference is None:
                connection.execute(insert(Interpreter), {**values, "reference": kept})
            else:
                connection.execute(update(Interpreter).where(Interpreter.reference == kept).values(values))
            did = Did.CREATED if reference is None else Did.CHANGED
            audit.note(connection, ring, by=by, did=did, what=f"interpreter {kept}")
    except IntegrityError as error:
        raise Unfit(ACCOUNT_TAKEN) from error
    return kept


def _account(connection: Connection, email: str) -> str:
    found = connection.execute(ACCOUNT, {"email": email.strip().lower()}).scalar()
    if found is None:
        raise Unfit(NO_ACCOUNT)
    return str(found)


def keep_language(
    database: Database, ring: KeyRing, row: Row[Any], code: str, columns: Mapping[str, Any] | None, by: str
) -> None:
    """From now on somebody works in a language like this; without columns, not any more."""
    this = (LANGUAGE.interpreter == row.id, LANGUAGE.code == code)
    with database.write() as connection:
        connection.execute(delete(LANGUAGE).where(*this))
        if columns is not None:
            connection.execute(insert(LANGUAGE), {"interpreter": row.id, "code": code, **columns})
        detail: dict[str, str | int] = {"language": code, "works": int(columns is not None)}
        what = f"interpreter {row.reference}"
        audit.note(connection, ring, by=by, did=Did.CHANGED, what=what, detail=detail)
