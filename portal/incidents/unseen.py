"""Cases that exist for nobody: nobody is let into such cases, or all who are must not know of this one.

What nobody can see nobody deals with. Administrators are told how many there are, and nothing else of them:
they give somebody the role that is lacking.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from portal.accounts.models import Account, AccountRole
from portal.accounts.people import Person
from portal.accounts.roles import Role
from portal.incidents.access import LET_IN, OFFICERS, WORKERS
from portal.incidents.models import IncidentCase
from portal.incidents.states import OPEN
from portal.incidents.teams import CaseConflict, CaseMember
from portal.questions.messages import _staff
from portal.waiting import Waiting

CASE, MEMBER, CONFLICT = IncidentCase, CaseMember, CaseConflict
LACKING = _staff("Cases that nobody is let see: give somebody the role")


def _has(roles: Iterable[Role]) -> ColumnElement[bool]:
    wanted = [role.value for role in roles]
    return (
        select(AccountRole.role)
        .where(AccountRole.account == Account.reference, AccountRole.role.in_(wanted))
        .exists()
    )


INSIDE = or_(
    CASE.compartment == "none",
    *(and_(CASE.compartment == code, _has([role])) for code, role in LET_IN.items()),
)
ADDED = select(MEMBER.case).where(MEMBER.case == CASE.reference, MEMBER.account == Account.reference).exists()
BARRED = (
    select(CONFLICT.case)
    .where(CONFLICT.case == CASE.reference, CONFLICT.account == Account.reference)
    .exists()
)
THROUGH = or_(
    and_(CASE.officer == Account.reference, _has(OFFICERS)),
    and_(CASE.officer.is_(None), _has([Role.CASE_OFFICER])),
    and_(or_(CASE.manager == Account.reference, CASE.manager.is_(None)), _has([Role.CASE_MANAGER])),
    and_(ADDED, _has(WORKERS)),
)
SOMEBODY = select(Account.reference).where(Account.active, INSIDE, THROUGH, ~BARRED).exists()
UNSEEN = (
    select(func.count()).select_from(CASE).where(CASE.state.in_([state.value for state in OPEN]), ~SOMEBODY)
)


def number(connection: Connection) -> int:
    """How many open cases nobody can see, but by breaking the glass."""
    return connection.execute(UNSEEN).scalar_one()


def waiting(connection: Connection, person: Person) -> Iterator[Waiting]:
    """For the first page of administrators."""
    if Role.ADMINISTRATOR in person.roles and (found := number(connection)):
        yield Waiting("late", LACKING, found, "/staff/people")
