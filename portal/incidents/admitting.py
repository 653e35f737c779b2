"""Letting people into a case and out of it: its team, conflicts of interest, and a colleague who leaves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, or_, select, update

from portal import audit, clock
from portal.accounts import people
from portal.accounts.people import Person
from portal.accounts.roles import Role
from portal.audit import Did
from portal.database import Database
from portal.incidents import access, conflicts
from portal.incidents.access import Facet
from portal.incidents.models import IncidentCase
from portal.incidents.moving import NotNow, locked, move, noted
from portal.incidents.states import OPEN, Event, State, Who
from portal.incidents.teams import CaseConflict, CaseMember
from portal.sealing import KeyRing

CASE, MEMBER, CONFLICT = IncidentCase, CaseMember, CaseConflict
MEMBERS = select(*MEMBER.__table__.columns).where(MEMBER.case == bindparam("of"))
DROP = delete(MEMBER).where(MEMBER.case == bindparam("of"), MEMBER.account == bindparam("who"))


class WillNotDo(RuntimeError):
    """This person cannot be let in: they are not there, in a conflict, or not let into such cases."""


def members_of(connection: Connection, case: str) -> list[Row[Any]]:
    """Who was added to the people of a case, the first one first."""
    return list(connection.execute(MEMBERS.order_by(MEMBER.at, MEMBER.account), {"of": case}))


def can_be_let_in(
    connection: Connection, person: Person, case: Row[Any], roles: Iterable[Role] = access.WORKERS
) -> bool:
    """Whether somebody may be given a case, or be added to its people."""
    if not person.active or person.roles.isdisjoint(roles):
        return False
    if case.compartment not in access.compartments(person):
        return False
    return person.reference not in conflicts.who(connection, case.reference)


def candidates(database: Database, case: Row[Any], roles: Iterable[Role] = access.WORKERS) -> list[Person]:
    """Who may be given a case or be added to its people, by name: those of these roles."""
    everybody, wanted = people.everybody(database), tuple(roles)
    with database.read() as connection:
        return [one for one in everybody if can_be_let_in(connection, one, case, wanted)]


def add(
    connection: Connection,
    ring: KeyRing,
    case: Row[Any],
    account: str,
    facets: Iterable[Facet],
    by: str,
) -> None:
    """Add somebody to the people of a case, or change what they may see of it. Raises WillNotDo.

    Nobody lets themselves in.
    """
    granted, person = sorted({facet.value for facet in facets}), people.find(connection, account)
    if account == by or not granted or person is None or not can_be_let_in(connection, person, case):
        raise WillNotDo(account)
    connection.execute(DROP, {"of": case.reference, "who": account})
    row = {"case": case.reference, "account": account, "facets": granted, "by": by, "at": clock.seconds()}
    connection.execute(insert(MEMBER), row)
    _note(connection, ring, case.reference, by, {"added": account, "facets": granted})


def drop(connection: Connection, ring: KeyRing, case: Row[Any], account: str, by: str) -> None:
    """Let somebody who was added see nothing of it any more."""
    if connection.execute(DROP, {"of": case.reference, "who": account}).rowcount:
        _note(connection, ring, case.reference, by, {"removed": account})


def conflict(connection: Connection, ring: KeyRing, case: Row[Any], account: str, why: str, by: str) -> None:
    """Record that somebody must not know of a case. From the commit on it does not exist for them.

    An open case that was theirs stands in its list again, for others to take. Raises WillNotDo.
    """
    if people.find(connection, account) is None or why not in conflicts.WHY:
        raise WillNotDo(account)
    cases = conflicts.together(connection, case.reference)
    for one in cases:
        locked(connection, one)
    conflicts.keep(connection, cases, account, why, by)
    _note(connection, ring, case.reference, by, {"conflict": account, "why": why})


def lift(connection: Connection, ring: KeyRing, case: Row[Any], account: str, by: str) -> None:
    """A conflict was recorded by mistake. Nobody lifts their own. Raises WillNotDo."""
    if account == by:
        raise WillNotDo(account)
    cases = conflicts.together(connection, case.reference)
    gone = connection.execute(delete(CONFLICT).where(CONFLICT.case.in_(cases), CONFLICT.account == account))
    if gone.rowcount:
        _note(connection, ring, case.reference, by, {"lifted": account})


def hand_over(database: Database, ring: KeyRing, person: Person, leaver: str, to: str) -> tuple[int, int]:
    """Give all cases of somebody who leaves to a colleague; how many were given, and how many could not.

    Those of which whoever does it must not know stay where they are, and are not counted. A case of which
    the colleague must not know, or for which they lack a role, could not be given. Raises WillNotDo.
    """
    with database.read() as connection:
        heir = people.find(connection, to)
        if heir is None or leaver == to or not heir.active or heir.roles.isdisjoint(access.OFFICERS):
            raise WillNotDo(to)
        in_conflict = (
            select(CONFLICT.case)
            .where(CONFLICT.case == CASE.reference, CONFLICT.account == person.reference)
            .exists()
        )
        theirs = select(CASE.reference).where(
            or_(CASE.officer == leaver, CASE.manager == leaver),
            CASE.compartment.in_(access.compartments(person)),
            CASE.state != State.MERGED.value,
            ~in_conflict,
        )
        found = list(connection.execute(theirs.order_by(CASE.reference)).scalars())
    given = sum(_give(database, ring, one, leaver, heir, person.reference) for one in found)
    return given, len(found) - given


def _give(database: Database, ring: KeyRing, reference: str, leaver: str, heir: Person, by: str) -> bool:
    """Give one case; False when that cannot be."""
    with database.write() as connection:
        case = locked(connection, reference)
        if not can_be_let_in(connection, heir, case, access.OFFICERS):
            return False
        columns: dict[str, Any] = {
            name: heir.reference for name in ("officer", "manager") if case._mapping[name] == leaver
        }
        if "manager" in columns and Role.CASE_MANAGER not in heir.roles:
            return False
        if "officer" in columns and case.reviewer == heir.reference:  # who closed it is not who dealt with it
            return False
        connection.execute(DROP, {"of": reference, "who": leaver})
        if State(case.state) in OPEN and "officer" in columns:
            case = move(connection, case, Event.ASSIGN, by=by, who=Who.MANAGER, **columns)
            noted(connection, ring, case, Event.ASSIGN, by)
        elif columns:
            connection.execute(update(CASE).where(CASE.reference == reference).values(columns))
            _note(connection, ring, reference, by, {"handed_over": sorted(columns)})
    return True


def still_theirs(connection: Connection, person: Person, reference: str) -> Row[Any]:
    """The case, held, for whoever is answerable for it: to change its people. Raises NotSeen."""
    try:
        case = locked(connection, reference)
    except NotNow as error:
        raise access.NotSeen(reference) from error
    if not access.answers_for(connection, person, case):
        raise access.NotSeen(reference)
    return case


def _note(connection: Connection, ring: KeyRing, case: str, by: str, detail: audit.Detail) -> None:
    audit.note(connection, ring, by=by, did=Did.CHANGED, what=f"case {case}", detail=detail)
