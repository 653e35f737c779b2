"""The organisations that we may share with: what was agreed with each, and what it may receive at most.

Their names are the list "agencies", which forms ask about. What is noted here besides is what a person needs
who sends them something.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from portal import audit, registers
from portal.audit import Did
from portal.database import Database
from portal.forms.sharing import AGENCIES, AGENCIES_REGISTER
from portal.incidents.packs import Field
from portal.incidents.shared import Agency
from portal.questions.messages import Message, _staff
from portal.sealing import KeyRing

LINK, FILE = "link", "file"
ROUTES: dict[str, Message] = {
    LINK: _staff("A link that opens once, with a code that we tell them by phone"),
    FILE: _staff("An encrypted file, with a password that we tell them by phone"),
}
EVERY = select(*Agency.__table__.columns)
FIND = EVERY.where(Agency.code == bindparam("of"))
HOLD = FIND.with_for_update(read=True)
"""So that what an organisation may receive stays as it is until the transaction ends."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """What was agreed with an organisation."""

    agreement: str
    """The reference of the sharing agreement."""
    route: str
    """A code of ROUTES."""
    address: str
    """Its safe mailbox."""
    phone: str
    fields: frozenset[Field]
    """What it may receive at most."""


def names(connection: Connection, *, every: bool = False) -> dict[str, str]:
    """The names of the organisations in the list, by code; with `every` also of those out of use."""
    lines = registers.every(connection, AGENCIES_REGISTER, AGENCIES)
    return {code: name for code, name, active in lines if active or every}


def find(connection: Connection, code: str, *, hold: bool = False) -> Row[Any] | None:
    """What was agreed with an organisation; None when nothing was. With `hold` it stays so meanwhile."""
    return connection.execute(HOLD if hold else FIND, {"of": code}).first()


def every(connection: Connection) -> dict[str, Row[Any]]:
    """What was agreed with each, by its code."""
    return {row.code: row for row in connection.execute(EVERY)}


def fields_of(codes: Iterable[str]) -> frozenset[Field]:
    """Fields by their codes; one that no longer exists is none."""
    known = {field.value for field in Field}
    return frozenset(Field(code) for code in codes if code in known)


def put(database: Database, ring: KeyRing, code: str, agreed: Agreed, version: int, by: str) -> bool:
    """Note what was agreed, in place of what was noted before as `version` (0 for nothing).

    False when somebody was faster. Whoever calls it has looked whether there is such an organisation.
    """
    row = {
        "agreement": agreed.agreement,
        "route": agreed.route,
        "address": agreed.address,
        "phone": agreed.phone,
        "fields": sorted(field.value for field in agreed.fields),
    }
    with database.write() as connection:
        found = connection.execute(FIND.with_for_update(), {"of": code}).first()
        if (found.version if found else 0) != version:
            return False
        if found is None:
            connection.execute(insert(Agency), {"code": code, "version": 1, **row})
        else:
            changed = update(Agency).where(Agency.code == code, Agency.version == version)
            connection.execute(changed.values(version=version + 1, **row))
        detail = {"agency": code, "fields": row["fields"]}
        did = Did.CHANGED if found else Did.CREATED
        audit.note(connection, ring, by=by, did=did, what="sharing agreement", detail=detail)
    return True
