"""Conflicts of interest: who works here and must not know of a case, nor of any that became part of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from portal import clock
from portal.incidents.models import IncidentCase
from portal.incidents.states import OPEN
from portal.incidents.teams import CaseConflict, CaseMember
from portal.questions.messages import Message, _staff

WHY: dict[str, Message] = {
    "named": _staff("It is about them"),
    "relative": _staff("It is about a relative or friend of theirs"),
    "same_address": _staff("It is about somebody who lives where they live"),
    "other": _staff("Another reason"),
}
"""Why somebody must not know of a case."""

CONFLICT, MEMBER, CASE = CaseConflict, CaseMember, IncidentCase
OF_CASE = select(*CONFLICT.__table__.columns).where(CONFLICT.case == bindparam("of"))
WHO = select(CONFLICT.account).where(CONFLICT.case == bindparam("of"))
PART_OF = select(CASE.merged_into).where(CASE.reference == bindparam("of"))


def of_case(connection: Connection, case: str) -> list[Row[Any]]:
    """Who is in a conflict with a case, the first recorded first."""
    return list(connection.execute(OF_CASE.order_by(CONFLICT.at, CONFLICT.account), {"of": case}))


def who(connection: Connection, case: str) -> frozenset[str]:
    """The accounts that are in a conflict with a case."""
    return frozenset(connection.execute(WHO, {"of": case}).scalars())


def together(connection: Connection, case: str) -> list[str]:
    """A case with all that it became part of and all that became part of it: who must not know of one, must
    not know of any."""
    whole = [case]
    while (above := connection.execute(PART_OF, {"of": whole[0]}).scalar()) is not None:
        whole = [above]
    for one in whole:
        below = select(CASE.reference).where(CASE.merged_into == one).order_by(CASE.reference)
        whole += connection.execute(below).scalars().all()
    return sorted(whole)


def keep(connection: Connection, cases: Sequence[str], account: str, why: str, by: str) -> None:
    """Record a conflict with each of these cases; a reason that was recorded before stays.

    Whoever was to deal with one does so no more: while it is open it stands in its list again.
    """
    mine = CASE.reference.in_(cases)
    row = {"account": account, "why": why, "by": by, "at": clock.seconds()}
    rows = [row | {"case": case} for case in cases if account not in who(connection, case)]
    if rows:
        connection.execute(insert(CONFLICT), rows)
    connection.execute(delete(MEMBER).where(MEMBER.case.in_(cases), MEMBER.account == account))
    still_open = CASE.state.in_([state.value for state in OPEN])
    connection.execute(update(CASE).where(mine, still_open, CASE.officer == account).values(officer=None))
    connection.execute(update(CASE).where(mine, CASE.manager == account).values(manager=None))


def spread(connection: Connection, case: str) -> None:
    """Let whoever is in a conflict with a part of a case be in one with all of it: it was just merged."""
    cases = together(connection, case)
    for one in cases:
        for row in of_case(connection, one):
            keep(connection, cases, row.account, row.why, row.by)
