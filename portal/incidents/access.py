"""Who sees what of a case. Nobody sees anything, but for what stands here.

A case is seen by its officer, its manager and the people who were added to it. While it has no officer, case
officers see it in their list; while it has no manager, case managers do. Cases about domestic abuse and about
staff are for those only who are let into them by a role of their own. Whoever is recorded in a conflict sees
nothing, whatever else they are. In an emergency somebody may break the glass: see emergencies.py.

visible() and seen() say the same: the one for lists, counts and searches, the other for one case.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, false, or_, select

from portal import clock
from portal.accounts.people import Person
from portal.accounts.roles import Role
from portal.audit import Did, note
from portal.database import Database
from portal.incidents.models import IncidentCase, IncidentReport
from portal.incidents.moving import find
from portal.incidents.teams import BrokenGlass, CaseConflict, CaseMember
from portal.sealing import KeyRing


class Facet(StrEnum):
    """What there is to see of a case, besides its codes and dates. The codes are stored."""

    IDENTITY = "identity"
    """Who told us, and whom it is about."""
    CONTACT = "contact"
    """How to reach them."""
    WORDS = "words"
    """What was told, written down and sent."""
    EVIDENCE = "evidence"
    """Pictures, recordings and papers."""


class NotSeen(LookupError):
    """There is no such case for this person."""


ALL = frozenset(Facet)
OF_MANAGER = ALL - {Facet.CONTACT}
"""Who is answerable for a case need not be able to ring anybody up."""
OF_QUEUE = frozenset({Facet.WORDS})
"""Who looks at what nobody deals with yet need not know whose it is."""
OFFICERS = frozenset({Role.CASE_OFFICER, Role.CASE_MANAGER})
"""Who can deal with a case."""
WORKERS = (Role.CASE_OFFICER, Role.CASE_MANAGER, Role.FRONTLINE, Role.GOVERNANCE)
"""Who can be added to the people of a case. Nobody else ever sees one."""
LET_IN: dict[str, Role] = {"domestic_abuse": Role.DOMESTIC_ABUSE, "staff": Role.ABOUT_STAFF}
"""Compartment -> the role that lets into it."""
NOT_BROKEN = frozenset({"staff"})
"""Compartments into which nobody lets themselves who is not let in: whom a case is about may work here."""

CASE, MEMBER, CONFLICT, GLASS = IncidentCase, CaseMember, CaseConflict, BrokenGlass
IN_CONFLICT = select(CONFLICT.case).where(
    CONFLICT.case == bindparam("of"), CONFLICT.account == bindparam("who")
)
GRANTED = select(MEMBER.facets).where(MEMBER.case == bindparam("of"), MEMBER.account == bindparam("who"))
BROKEN = select(GLASS.reference).where(
    GLASS.case == bindparam("of"), GLASS.account == bindparam("who"), GLASS.until > bindparam("now")
)


def compartments(person: Person) -> tuple[str, ...]:
    """The compartments that a person is let into, "none" among them."""
    return ("none", *(code for code, role in LET_IN.items() if role in person.roles))


def visible(person: Person) -> ColumnElement[bool]:
    """The condition on IncidentCase that keeps the cases which exist for a person: for every list, count
    and search."""
    if not person.active or person.roles.isdisjoint(WORKERS):
        return false()
    who = person.reference
    added = select(MEMBER.case).where(MEMBER.case == CASE.reference, MEMBER.account == who).exists()
    through: list[ColumnElement[bool]] = [added]
    if not person.roles.isdisjoint(OFFICERS):
        through.append(CASE.officer == who)
    if Role.CASE_OFFICER in person.roles:
        through.append(CASE.officer.is_(None))
    if Role.CASE_MANAGER in person.roles:
        through += [CASE.manager == who, CASE.manager.is_(None)]
    broken = (
        select(GLASS.reference)
        .where(GLASS.case == CASE.reference, GLASS.account == who, GLASS.until > clock.seconds())
        .exists()
    )
    ways: list[ColumnElement[bool]] = [and_(CASE.compartment.in_(compartments(person)), or_(*through))]
    if not person.roles.isdisjoint(OFFICERS):
        ways.append(and_(CASE.compartment.in_(breakable(person)), broken))
    conflict = select(CONFLICT.case).where(CONFLICT.case == CASE.reference, CONFLICT.account == who).exists()
    return and_(~conflict, or_(*ways))


def overseen(person: Person) -> ColumnElement[bool]:
    """The condition on IncidentCase that keeps the cases whose codes and dates a person oversees: those that
    exist for them, and for information governance all but those of which they must not know. No words."""
    if not person.active or Role.GOVERNANCE not in person.roles:
        return visible(person)
    who = person.reference
    return ~select(CONFLICT.case).where(CONFLICT.case == CASE.reference, CONFLICT.account == who).exists()


def seen(connection: Connection, person: Person, case: Row[Any]) -> frozenset[Facet]:
    """What a person may see of a case; nothing when it does not exist for them."""
    of = {"of": case.reference, "who": person.reference}
    if not person.active or person.roles.isdisjoint(WORKERS):
        return frozenset()
    if connection.execute(IN_CONFLICT, of).first() is not None:
        return frozenset()
    found: frozenset[Facet] = frozenset()
    if case.compartment in compartments(person):
        found |= _by_place(person, case)
        for facets in connection.execute(GRANTED, of).scalars():
            found |= {Facet(code) for code in facets}
    if not person.roles.isdisjoint(OFFICERS) and case.compartment in breakable(person):
        broken = connection.execute(BROKEN, {**of, "now": clock.seconds()}).first()
        found |= ALL if broken is not None else frozenset()
    return found


def _by_place(person: Person, case: Row[Any]) -> frozenset[Facet]:
    """What somebody may see as the officer or manager of a case, or while it lacks one."""
    who, found = person.reference, frozenset[Facet]()
    if case.officer == who and not person.roles.isdisjoint(OFFICERS):
        found |= ALL
    if case.officer is None and Role.CASE_OFFICER in person.roles:
        found |= OF_QUEUE
    if case.manager in (who, None) and Role.CASE_MANAGER in person.roles:
        found |= OF_MANAGER
    return found


def answers_for(connection: Connection, person: Person, case: Row[Any]) -> bool:
    """Whether a person decides who else sees a case: its manager, or any while it has none. Not whoever broke
    the glass."""
    if not person.active or case.compartment not in compartments(person):
        return False
    in_conflict = connection.execute(IN_CONFLICT, {"of": case.reference, "who": person.reference}).first()
    mine = Role.CASE_MANAGER in person.roles and case.manager in (person.reference, None)
    return mine and in_conflict is None


def find_seen(connection: Connection, person: Person, reference: str) -> tuple[Row[Any], frozenset[Facet]]:
    """A case that exists for a person, and what they may see of it. Raises NotSeen."""
    case = find(connection, reference)
    facets = seen(connection, person, case) if case is not None else frozenset[Facet]()
    if case is None or not facets:
        raise NotSeen(reference)
    return case, facets


def of_reference(connection: Connection, reference: str) -> str | None:
    """The case that has this reference, or a report of it that has; whoever asks need not see it."""
    report = select(IncidentReport.case).where(IncidentReport.reference == reference)
    own = select(CASE.reference).where(CASE.reference == reference)
    found: str | None = connection.execute(own.union(report)).scalar()
    return found


def find_in(connection: Connection, reference: str, person: Person) -> str | None:
    """The case of a reference, its own or a report's, if it exists for this person."""
    case = of_reference(connection, reference)
    row = find(connection, case) if case is not None else None
    return case if row is not None and seen(connection, person, row) else None


def breakable(person: Person) -> list[str]:
    """The compartments into which a person may let themselves in an emergency."""
    own = compartments(person)
    return [code for code in ("none", *LET_IN) if code in own or code not in NOT_BROKEN]


def look(database: Database, ring: KeyRing, person: Person, reference: str, facet: Facet) -> Row[Any]:
    """The case, of which this person is about to see something: noted before anything is opened.

    In one short transaction of its own: what was let may be opened after it. Raises NotSeen, which is noted
    too, when the person may not see it or there is no such case.
    """
    with database.write() as connection:
        case = find(connection, reference)
        let = case is not None and facet in seen(connection, person, case)
        note(
            connection,
            ring,
            by=person.reference,
            did=Did.VIEWED if let else Did.REFUSED,
            what=f"case {reference}",
            detail={"facet": facet.value},
        )
    if case is None or not let:
        raise NotSeen(reference)
    return case
