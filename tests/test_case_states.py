"""No case is lost and no clock is cheated: see tests/case_walks.py. `make faults` walks much farther."""

from __future__ import annotations

from portal.database import Database
from portal.sealing import KeyRing
from tests.case_walks import FAR, walk
from tests.cases import Desk

WALKS = 15


def test_no_case_is_lost_and_no_clock_is_cheated(sqlite: Database, ring: KeyRing) -> None:
    reached = walk(Desk(sqlite, ring), WALKS)
    assert {state.value for state in FAR} <= reached, "the walks did not come far enough to prove anything"
