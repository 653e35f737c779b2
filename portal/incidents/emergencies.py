"""Breaking the glass: somebody lets themselves into a case of others in an emergency, for a few hours.

They say why, it is noted, and second people are told at once, who look at whether it was right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    false,
    func,
    insert,
    select,
    true,
    update,
)

from portal import audit, clock, outbox, references
from portal.accounts import people
from portal.accounts.people import Person
from portal.accounts.roles import Role
from portal.audit import Did
from portal.database import Database
from portal.incidents import access, conflicts, telling_staff, words
from portal.incidents.access import NotSeen
from portal.incidents.models import IncidentCase
from portal.incidents.moving import NotNow, locked
from portal.incidents.teams import BrokenGlass, CaseConflict
from portal.questions.messages import Message, _staff
from portal.sealing import KeyRing
from portal.settings import Settings
from portal.waiting import Waiting
from portal.wording import Template

HOURS = 4
"""How long it lets in."""
TELL = "glass broken"
"""The job that tells the second people."""
PAGE = "/staff/cases/emergencies"

WHY: dict[str, Message] = {
    "danger": _staff("Somebody is in danger, or may be"),
    "out_of_hours": _staff("It cannot wait until the office opens"),
    "absent": _staff("Nobody of its people is there"),
    "legal": _staff("A court or the law asks for it now"),
}
"""Why somebody lets themselves in."""
SECOND = (Role.CASE_MANAGER, Role.GOVERNANCE)
"""Who looks at whether it was right."""
TOLD = Template(
    event="glass broken",
    email_subject=_staff("Somebody let themselves into a case"),
    email=_staff("Somebody let themselves into a case of others. Please look at it: %(address)s."),
    urgent=True,
)
TO_LOOK_AT = _staff("Cases into which somebody let themselves")

GLASS, CASE, CONFLICT = BrokenGlass, IncidentCase, CaseConflict
COLUMNS = tuple(GLASS.__table__.columns)
FIND = select(*COLUMNS).where(GLASS.reference == bindparam("of"))
OF_CASE = select(*COLUMNS).where(GLASS.case == bindparam("of")).order_by(GLASS.since, GLASS.reference)


def break_glass(
    database: Database, ring: KeyRing, person: Person, reference: str, why: str, reason: str
) -> str:
    """Let a person into a case for four hours; gives the reference of the entry. Raises NotSeen.

    What they write about it is kept as a note of the case. Who sees all of it already needs nothing and
    changes nothing by it: the reference is empty.
    """
    glass, now, by = references.new(), clock.seconds(), person.reference
    with database.write() as connection:
        case = _breakable(connection, person, reference)
        if access.seen(connection, person, case) == access.ALL:
            return ""
        try:
            words.add_note(connection, ring, reference, "note", reason, by=by)
        except words.Erased as error:
            raise NotSeen(reference) from error
        row = {"reference": glass, "case": reference, "account": by, "why": why}
        connection.execute(insert(GLASS), {**row, "since": now, "until": now + HOURS * 3600})
        outbox.put(connection, TELL, {"glass": glass}, glass)
        audit.note(
            connection,
            ring,
            by=by,
            did=Did.USED,
            what=f"case {reference}",
            detail={"glass": glass, "why": why, "hours": HOURS},
        )
    return glass


def _breakable(connection: Connection, person: Person, reference: str) -> Row[Any]:
    """The case, held, if this person may let themselves into it. Raises NotSeen."""
    try:
        case = locked(connection, reference)
    except NotNow as error:
        raise NotSeen(reference) from error
    barred = person.reference in conflicts.who(connection, reference)
    one_of_us = person.active and not person.roles.isdisjoint(access.OFFICERS)
    if barred or not one_of_us or case.compartment not in access.breakable(person):
        raise NotSeen(reference)
    return case


def of_case(connection: Connection, case: str) -> list[Row[Any]]:
    """Who let themselves into a case, the first one first."""
    return list(connection.execute(OF_CASE, {"of": case}))


def _told(person: Person) -> ColumnElement[bool]:
    """The condition that keeps what a second person is to look at: not what they did, nor a case of which
    they must not know."""
    if not person.active or person.roles.isdisjoint(SECOND):
        return false()
    who = person.reference
    in_conflict = select(CONFLICT.case).where(CONFLICT.case == CASE.reference, CONFLICT.account == who)
    let_in = CASE.compartment.in_(access.compartments(person))
    whole = true() if Role.GOVERNANCE in person.roles else let_in
    return and_(GLASS.account != who, ~in_conflict.exists(), whole)


def to_look_at(connection: Connection, person: Person) -> list[Row[Any]]:
    """What this person is to look at as the second one, and what was looked at, the newest first."""
    query = select(*COLUMNS).join(CASE, CASE.reference == GLASS.case).where(_told(person))
    return list(connection.execute(query.order_by(GLASS.since.desc(), GLASS.reference).limit(100)))


def waiting(connection: Connection, person: Person) -> Iterator[Waiting]:
    """How many nobody has looked at yet: for the first page of who is to do it."""
    query = (
        select(func.count())
        .select_from(GLASS)
        .join(CASE, CASE.reference == GLASS.case)
        .where(_told(person), GLASS.looked_by.is_(None))
    )
    number = connection.execute(query).scalar_one()
    if number:
        yield Waiting("late", TO_LOOK_AT, number, PAGE)


def looked(database: Database, ring: KeyRing, person: Person, glass: str) -> None:
    """A second person has looked at it. What somebody else has looked at stays theirs. Raises NotSeen."""
    by = person.reference
    with database.write() as connection:
        mine = select(GLASS.case).join(CASE, CASE.reference == GLASS.case)
        case = connection.execute(mine.where(GLASS.reference == glass, _told(person))).scalar()
        if case is None:
            raise NotSeen(glass)
        change = update(GLASS).where(GLASS.reference == glass, GLASS.looked_by.is_(None))
        connection.execute(change.values(looked_by=by, looked_at=clock.seconds()))
        audit.note(connection, ring, by=by, did=Did.VERIFIED, what=f"case {case}", detail={"glass": glass})


def tell(database: Database, ring: KeyRing, settings: Settings, payload: Mapping[str, Any]) -> None:
    """Write to everybody who is to look at it, once each, by the email address of their account."""
    everybody = people.everybody(database)
    with database.write() as connection:
        for person in everybody:
            query = select(GLASS.reference).join(CASE, CASE.reference == GLASS.case)
            wanted = query.where(GLASS.reference == payload["glass"], _told(person))
            if connection.execute(wanted).first() is not None:
                values = {"address": settings.at(PAGE)}
                same = payload["glass"]
                telling_staff.write(connection, ring, settings, person, TOLD, values, same, urgent=True)
