"""How long a code opens what somebody told us: until six months after closing, or until it is erased."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row

from portal import clock
from portal.incidents import moving
from portal.incidents.merging import standing
from portal.incidents.reports import of_receipt

MONTHS = 6
"""After the case was closed. The page of the code says so."""


def report_of(connection: Connection, receipt: bytes) -> tuple[Row[Any], Row[Any]] | None:
    """The report that a code (its digest) opens, and the case that deals with it; None when it opens nothing.

    A code that never was one, one whose time is over and one whose case is erased are not told apart.
    """
    report = of_receipt(connection, receipt)
    if report is None:
        return None
    own, case = moving.find(connection, report.case), standing(connection, report.case)
    if own is None or case is None or own.data_key is None or case.data_key is None:
        return None
    return None if is_over(case) else (report, case)


def opens(connection: Connection, receipt: bytes) -> bool:
    """Whether a code (its digest) still opens anything."""
    return report_of(connection, receipt) is not None


def is_over(case: Row[Any]) -> bool:
    """Whether the time of the codes of a case is over."""
    if case.closed is None:
        return False
    return clock.months_before(clock.today(), MONTHS) > clock.day_of(case.closed)
