"""Faults planted in what an office left behind, one of each kind: a look that does not find them is blind."""

from __future__ import annotations

import random
import secrets
from dataclasses import replace

from portal import references
from portal.database import Database
from portal.intake.submissions import Arrival, Result, submit
from portal.sealing import KeyRing
from tests.faults.clerks import Desk
from tests.faults.piles import MARK, slipped


def plant(database: Database, ring: KeyRing, desk: Desk, dice: random.Random) -> None:
    """Spoil what the clerks know, and store a paper twice."""
    full = [paper for paper in desk.papers.values() if not paper.blank]
    never, other, gone, aside, twice = [paper for paper in full if paper.batch in desk.closed][:5]
    changed, shut = [paper for paper in full if paper.batch in desk.open][:2]

    words = {MARK: ("Never sent",)}
    ghost = replace(never, reference=references.new(), says={**never.says, **words})
    ghost.typed = ({**never.typed[0], **words}, {**never.typed[1], **words})
    desk.papers[ghost.reference] = ghost  # lost, and one too many in its batch
    other.says = slipped(desk.form, other.says, dice)
    other.typed = (other.says, other.says)  # stored other than keyed
    del desk.papers[gone.reference]  # on no paper
    aside.blank = True  # stored although rejected
    changed.typed = (slipped(desk.form, changed.typed[0], dice), changed.typed[1])  # changed in an open batch
    shut.batch = never.batch  # ways to it are left
    desk.closed.append(desk.open[0])  # open again
    arrival = Arrival(
        form=desk.form,
        answers=twice.final,
        token=secrets.token_bytes(32),
        language=twice.language,
        channel="paper",
    )
    assert submit(database, ring, arrival) is Result.STORED
