"""Language panels: sets of languages that a landlord names, such as "three main", for reports and print runs.

Their names are a list that administrators keep like any other; here is which languages each has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, String, bindparam, delete, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from portal import audit, registers
from portal.audit import Did
from portal.database import Base, Database
from portal.forms.speech import SIGNED_OPTIONS, SIGNED_REGISTER, SPOKEN_OPTIONS, SPOKEN_REGISTER
from portal.registers import Given
from portal.sealing import KeyRing

PANELS = "language_panels"
"""The list of their names."""
LANGUAGES: Mapping[str, Given] = {SPOKEN_REGISTER: SPOKEN_OPTIONS, SIGNED_REGISTER: SIGNED_OPTIONS}


class LanguagePanel(Base):
    """One language of a panel."""

    __tablename__ = "language_panel"

    panel: Mapped[str] = mapped_column(String(60), primary_key=True)
    """The panel's code in the list of panels."""
    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    """The language's code in the list of spoken or of signed languages."""


TABLE = LanguagePanel
EVERY = select(TABLE.panel, TABLE.code)
EMPTY = delete(TABLE).where(TABLE.panel == bindparam("of"))


def languages(connection: Connection) -> Given:
    """The spoken and then the signed languages that are offered now."""
    found = registers.members(connection, LANGUAGES)
    return tuple(option for name in LANGUAGES for option, active in found[name] if active)


def panels(connection: Connection) -> dict[str, frozenset[str]]:
    """The codes of the languages in each panel that is in use, in the order of the list of panels.

    A language that is offered no more stays in its panels: what was counted by them keeps its meaning.
    """
    found: dict[str, set[str]] = {}
    for panel, code in connection.execute(EVERY):
        found.setdefault(panel, set()).add(code)
    named = registers.every(connection, PANELS, ())
    return {code: frozenset(found.get(code, ())) for code, _name, active in named if active}


def put(database: Database, ring: KeyRing, panel: str, codes: Iterable[str], by: str) -> None:
    """From now on the panel has these languages and no others. Audited."""
    rows = [{"panel": panel, "code": code} for code in sorted(set(codes))]
    detail = {"panel": panel, "languages": [row["code"] for row in rows]}
    with database.write() as connection:
        connection.execute(EMPTY, {"of": panel})
        if rows:
            connection.execute(insert(TABLE), rows)
        audit.note(connection, ring, by=by, did=Did.CHANGED, what=f"register {PANELS}", detail=detail)
