"""The sealed words of a case: who it is about, and what staff wrote down, decided or assessed.

Every word is sealed under the case's own key and bound to its row: destroying that key erases them all. How
long a text is can be told from what is stored only roughly.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from portal import clock, references
from portal.incidents.models import CaseNote, CaseParty, IncidentCase
from portal.sealing import KeyRing, decrypt, encrypt

BUCKET = 512
"""Bytes. What is sealed is filled up to a multiple of it."""
KEY_OF = select(IncidentCase.data_key, IncidentCase.key_name).where(IncidentCase.reference == bindparam("of"))
PARTIES = select(*CaseParty.__table__.columns).where(CaseParty.case == bindparam("of"))
NOTES = select(*CaseNote.__table__.columns).where(CaseNote.case == bindparam("of"))


class Erased(LookupError):
    """The key of the case was destroyed: nobody can read its words any more, nor add any."""


def place_of(case: str) -> str:
    """The place that a case's key is bound to."""
    return f"incident_case/data_key/{case}"


def new_key(ring: KeyRing, case: str) -> dict[str, Any]:
    """The columns of a case that hold its new key."""
    _key, wrapped, name = ring.new_data_key("narrative", place_of(case))
    return {"data_key": wrapped, "key_name": name}


def seal(connection: Connection, ring: KeyRing, case: str, place: str, content: Any) -> bytes:
    """Seal what JSON can hold for a place ("table/column/row") of a case. Raises Erased."""
    plain = json.dumps(content, ensure_ascii=False).encode()
    filled = plain.ljust(-(-len(plain) // BUCKET) * BUCKET)
    return encrypt(_key(connection, ring, case), filled, f"{place}/{case}")


def opened(connection: Connection, ring: KeyRing, case: str, place: str, sealed: bytes) -> Any:
    """What seal() sealed there. Whoever calls it has noted it before. Raises Erased, CannotOpen."""
    if not sealed:
        raise Erased(case)
    plain = decrypt(_key(connection, ring, case), bytes(sealed), f"{place}/{case}")
    return json.loads(plain)


def _key(connection: Connection, ring: KeyRing, case: str) -> bytes:
    row = connection.execute(KEY_OF, {"of": case}).first()
    if row is None or row.data_key is None:
        raise Erased(case)
    return ring.data_key(place_of(case), row.data_key, row.key_name)


def destroy_key(connection: Connection, case: str) -> None:
    """From the commit on nobody can read the words of a case any more. There is no way back."""
    connection.execute(
        update(IncidentCase).where(IncidentCase.reference == case).values(data_key=None, key_name=None)
    )


# Parties


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody whom a case is about, opened."""

    reference: str
    role: str
    name: str
    notes: str


def _party_place(reference: str) -> str:
    return f"case_party/sealed/{reference}"


def add_party(
    connection: Connection, ring: KeyRing, case: str, role: str, *, name: str, notes: str = "", by: str
) -> str:
    """Note somebody whom a case is about; gives the reference of the row. Raises Erased."""
    reference = references.new()
    sealed = seal(connection, ring, case, _party_place(reference), {"name": name, "notes": notes})
    row = {"reference": reference, "case": case, "role": role, "sealed": sealed, "by": by}
    connection.execute(insert(CaseParty), {**row, "at": clock.seconds()})
    return reference


def change_party(
    connection: Connection, ring: KeyRing, case: str, reference: str, *, name: str, notes: str
) -> bool:
    """Other words about somebody; False when there is no such person in that case. Raises Erased."""
    sealed = seal(connection, ring, case, _party_place(reference), {"name": name, "notes": notes})
    changed = connection.execute(
        update(CaseParty)
        .where(CaseParty.reference == reference, CaseParty.case == case)
        .values(sealed=sealed)
    )
    return changed.rowcount == 1


def parties_of(connection: Connection, ring: KeyRing, case: str) -> list[Party]:
    """Everybody whom a case is about, opened. Whoever calls it has noted it before. Raises Erased."""
    found = []
    for row in connection.execute(PARTIES.order_by(CaseParty.at, CaseParty.reference), {"of": case}):
        words = opened(connection, ring, case, _party_place(row.reference), row.sealed)
        found.append(Party(row.reference, row.role, words["name"], words["notes"]))
    return found


# Notes


@dataclass(frozen=True, slots=True)
class Note:
    """What a member of staff wrote down, opened."""

    reference: str
    kind: str
    words: str
    by: str
    at: int
    """Seconds since 1970."""


def _note_place(reference: str) -> str:
    return f"case_note/sealed/{reference}"


def add_note(connection: Connection, ring: KeyRing, case: str, kind: str, words: str, *, by: str) -> str:
    """Write down something of a kind that CaseNote knows; gives its reference. Raises Erased."""
    reference = references.new()
    sealed = seal(connection, ring, case, _note_place(reference), words)
    row = {"reference": reference, "case": case, "kind": kind, "sealed": sealed, "by": by}
    connection.execute(insert(CaseNote), {**row, "at": clock.seconds()})
    return reference


def notes_of(connection: Connection, ring: KeyRing, case: str) -> list[Note]:
    """What was written down in a case, the oldest first, opened. Whoever calls it has noted it before.

    Of one that was erased the words are empty. Raises Erased.
    """
    return [
        Note(
            row.reference,
            row.kind,
            opened(connection, ring, case, _note_place(row.reference), row.sealed) if row.sealed else "",
            row.by,
            row.at,
        )
        for row in connection.execute(NOTES.order_by(CaseNote.at, CaseNote.reference), {"of": case})
    ]
