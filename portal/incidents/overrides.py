"""Telling an organisation without a yes: only on a ground that the law knows, and only if a manager says so.

The manager is another person than the one who asks, and than the one who sends. What is allowed is allowed
once. Whether the person is told before, or why not, is part of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, exists, insert, select, update

from portal import audit, clock, references
from portal.audit import Did
from portal.database import Database
from portal.incidents import agencies, words
from portal.incidents.consents import held
from portal.incidents.models import IncidentReport
from portal.incidents.moving import NotNow, SamePerson
from portal.incidents.packs import Field
from portal.incidents.shared import Disclosure, ShareOverride
from portal.questions.messages import Message, _staff
from portal.sealing import KeyRing

GROUNDS: dict[str, Message] = {
    "serious_harm": _staff("Somebody may be badly hurt"),
    "child": _staff("A child is at risk"),
    "adult_at_risk": _staff("An adult who needs care is at risk"),
    "court": _staff("A court orders it"),
    "crime": _staff("To prevent or detect a crime"),
}
TOLD: dict[str, Message] = {
    "yes": _staff("The person was told before"),
    "unsafe": _staff("Not told: it would put somebody in danger"),
    "prejudice": _staff("Not told: it would warn who did it"),
    "forbidden": _staff("Not told: the court or the law forbids it"),
    "unreachable": _staff("Not told: the person cannot be reached safely in time"),
}
ALLOWED, REFUSED = "allowed", "refused"

WISH = ShareOverride
EVERY = select(*WISH.__table__.columns)
FIND = EVERY.where(WISH.reference == bindparam("of"))
OF_CASE = (
    EVERY.add_columns(exists().where(Disclosure.override == WISH.reference).label("used"))
    .join(IncidentReport, IncidentReport.reference == WISH.report)
    .where(IncidentReport.case == bindparam("of"))
    .order_by(WISH.asked, WISH.reference)
)
USED = select(Disclosure.reference).where(Disclosure.override == bindparam("of"))


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to tell an organisation without a yes, and why."""

    report: str
    agency: str
    ground: str
    """A code of GROUNDS."""
    told: str
    """A code of TOLD."""
    fields: frozenset[Field]
    why: str
    """Why it is needed, and why no less will do."""


def _place(reference: str) -> str:
    return f"share_override/sealed/{reference}"


def ask(database: Database, ring: KeyRing, wish: Wish, by: str) -> str:
    """Ask for it; gives its reference. Raises NotNow, Erased."""
    reference = references.new()
    with database.write() as connection:
        case = held(connection, wish.report)
        agency = agencies.find(connection, wish.agency, hold=True)
        if agency is None or not wish.fields or not wish.fields <= agencies.fields_of(agency.fields):
            raise NotNow(wish.agency)
        row = {
            "reference": reference,
            "case": case.reference,
            "report": wish.report,
            "agency": wish.agency,
            "ground": wish.ground,
            "told": wish.told,
            "fields": sorted(field.value for field in wish.fields),
            "sealed": words.seal(connection, ring, case.reference, _place(reference), wish.why),
            "asked_by": by,
            "asked": clock.seconds(),
        }
        connection.execute(insert(WISH), row)
        detail = {"override": reference, "agency": wish.agency, "ground": wish.ground, "told": wish.told}
        what = f"case override {case.reference}"
        audit.note(connection, ring, by=by, did=Did.CREATED, what=what, detail=detail)
    return reference


def decide(database: Database, ring: KeyRing, reference: str, *, allow: bool, by: str) -> None:
    """What a manager decides, once. Raises SamePerson for who asked, NotNow when it is decided already.

    Whoever calls it has made sure that `by` is a manager who may see the case.
    """
    with database.write() as connection:
        wish = connection.execute(FIND, {"of": reference}).first()
        if wish is None:
            raise NotNow(reference)
        case = held(connection, wish.report)
        if wish.asked_by == by:
            raise SamePerson(by)
        decided = connection.execute(
            update(WISH)
            .where(WISH.reference == reference, WISH.decision.is_(None))
            .values(decision=ALLOWED if allow else REFUSED, authoriser=by, decided=clock.seconds())
        )
        if decided.rowcount != 1:
            raise NotNow(reference)
        detail = {"override": reference, "decision": ALLOWED if allow else REFUSED, "ground": wish.ground}
        what = f"case override {case.reference}"
        audit.note(connection, ring, by=by, did=Did.CHANGED, what=what, detail=detail)


def usable(connection: Connection, reference: str, by: str) -> Row[Any] | None:
    """A wish that was allowed, was not used yet, and whose authoriser is another person than `by`."""
    wish = connection.execute(FIND, {"of": reference}).first()
    if wish is None or wish.decision != ALLOWED or wish.authoriser == by:
        return None
    return wish if connection.execute(USED, {"of": reference}).first() is None else None


def find(connection: Connection, reference: str) -> Row[Any] | None:
    """A wish by its reference."""
    return connection.execute(FIND, {"of": reference}).first()


def of_case(connection: Connection, case: str) -> list[Row[Any]]:
    """The wishes in a case, the oldest first, each with whether it was used."""
    return list(connection.execute(OF_CASE, {"of": case}))


def why(connection: Connection, ring: KeyRing, wish: Row[Any]) -> str:
    """Why it is needed, opened. Whoever calls it has noted it before. Raises Erased."""
    return str(words.opened(connection, ring, wish.case, _place(wish.reference), wish.sealed))
