"""What people were told, held against what the database holds."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from portal.database import Database
from portal.incidents.interpreters import ReportRequest
from portal.intake.drafts import Drafts
from portal.intake.models import Draft, Submission
from portal.intake.receipts import digest_of
from portal.intake.submissions import place_of
from portal.sealing import CannotOpen, KeyRing, KeyRingError, Sealed
from tests.faults.people import Person, somebody
from tests.faults.results import Figure, at_least, none


@dataclass(slots=True)
class Verdict:
    """Counts of what must not be. Only `acknowledged` is good when it is high."""

    acknowledged: int = 0
    lost: int = 0
    doubled: int = 0
    half: int = 0
    """Stored answers or sealed words are not what was said."""
    drafts_left: int = 0
    """Drafts that are still there although their submission was acknowledged."""
    nobodys: int = 0
    """Stored submissions that no person of the run made."""
    damaged: int = 0
    """SQLite's own check found something."""

    def figures(self, run: str, least: int = 1) -> Iterator[Figure]:
        yield at_least(run, "acknowledged submissions", self.acknowledged, least)
        yield none(run, "acknowledged and lost", self.lost)
        yield none(run, "stored twice", self.doubled)
        yield none(run, "stored other than said", self.half)
        yield none(run, "drafts of sent forms left", self.drafts_left)
        yield none(run, "stored but sent by nobody", self.nobodys)
        yield none(run, "database damaged", self.damaged)


def opened(ring: KeyRing, row: Any) -> dict[str, list[str]] | None:
    """The sealed words of a row; {} if it has none, None if they do not open."""
    if row.sealed is None:
        return {}
    try:
        sealed = Sealed(row.sealed, row.data_key, row.key_name)
        return json.loads(ring.open(place_of(row.id), sealed))  # type: ignore[no-any-return]
    except (CannotOpen, KeyRingError):
        return None


def rows(database: Database) -> list[Any]:
    """What people sent: every submission, but for those that another one led to."""
    linked = select(ReportRequest.submission)
    with database.read() as connection:
        query = select(*Submission.__table__.columns).where(Submission.id.not_in(linked))
        return list(connection.execute(query))


def look_up(database: Database, ring: KeyRing, people: Collection[Person]) -> Verdict:
    """Find everybody's submission, and whether it is what they said."""
    verdict = Verdict(damaged=_damage(database))
    drafts = Drafts(database, ring)
    by_receipt = defaultdict(list)
    by_token = {}
    for row in rows(database):
        by_receipt[row.receipt].append(row)
        by_token[row.idempotency] = row
    with database.read() as connection:
        unsent = set(connection.execute(select(Draft.id)).scalars())
    codes = [person.code for person in people if person.code]
    verdict.acknowledged = len(codes)
    verdict.doubled = len(codes) - len(set(codes))
    made = 0
    for person in people:
        tokens = {ring.digest("submission", b"token", drafts.token(secret)) for secret in person.secrets}
        theirs = [by_token[token] for token in tokens if token in by_token]
        made += len(theirs)
        verdict.doubled += len(theirs) > 1
        if not person.code:
            continue
        found = by_receipt[digest_of(ring, person.code)]
        verdict.lost += not found
        verdict.doubled += len(found) > 1
        verdict.half += any(
            row.answers != person.plain or opened(ring, row) != person.personal for row in found
        )
        verdict.drafts_left += any(drafts.row(secret) in unsent for secret in person.secrets)
    verdict.nobodys = len(by_token) - made
    return verdict


def _damage(database: Database) -> int:
    if not database.sqlite:
        return 0
    with database.read() as connection:
        return int(connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() != "ok")


@dataclass(frozen=True, slots=True)
class Folk:
    """Who comes in a run."""

    invent: Callable[[random.Random, float], Person]
    """Makes one of them; such a share of them goes the shortest way."""
    look_up: Callable[[Database, KeyRing, Collection[Person]], Verdict]


ANSWERERS = Folk(somebody, look_up)
"""People with an equality form."""
