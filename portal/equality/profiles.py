"""What people told us once that they need: made when they send it, found by staff whom they let see it.

What they said stays in their submission, sealed. Here is by what it is found, a keyed digest of the name and
of the tenancy reference, and when it is to be asked again. Taking the submission back takes this along.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Row, bindparam, insert, or_, select, update

from portal import audit, clock, references
from portal.accounts.people import Person
from portal.accounts.roles import Role
from portal.audit import PORTAL, Did
from portal.database import Database
from portal.equality.models import Profile
from portal.forms.profile import PROFILE
from portal.intake.models import Submission
from portal.intake.submissions import Arrival, place_of
from portal.questions import Answers
from portal.questions.answers import said
from portal.questions.messages import _staff
from portal.questions.typing_in import western_digits
from portal.sealing import KeyRing, Sealed
from portal.waiting import Waiting

SEES = {
    Role.FRONTLINE: frozenset({"contact", "repairs"}),
    Role.SUPERVISOR: frozenset({"contact", "repairs"}),
    Role.COORDINATOR: frozenset({"interpreting"}),
    Role.CASE_OFFICER: frozenset({"housing"}),
    Role.CASE_MANAGER: frozenset({"housing"}),
}
"""For which of the services that a person may choose somebody works."""

TABLE = Profile
FORM = PROFILE.key
OLD = select(Submission.id).where(Submission.receipt == bindparam("receipt")).scalar_subquery()
MOVE = update(TABLE).where(TABLE.submission == OLD).returning(TABLE.reference)
FOUND = select(
    TABLE.reference,
    TABLE.review_by,
    *(getattr(Submission, name) for name in ("id", "edition", "variants", "language", "answers")),
    *(getattr(Submission, name) for name in ("sealed", "data_key", "key_name")),
).join(Submission, Submission.id == TABLE.submission)
ONE = FOUND.where(TABLE.reference == bindparam("wanted"))
CALLED = FOUND.where(or_(TABLE.by_name == bindparam("name"), TABLE.by_tenancy == bindparam("tenancy")))
DUE = FOUND.where(TABLE.review_by <= bindparam("day")).order_by(TABLE.review_by, TABLE.reference)
REVIEWED = update(TABLE).where(TABLE.reference == bindparam("wanted")).values(review_by=bindparam("day"))
DUE_FOR = (
    select(Submission.answers)
    .join(TABLE, Submission.id == TABLE.submission)
    .where(TABLE.review_by <= bindparam("day"))
)
TO_ASK_AGAIN = _staff("People to be asked whether what they need is still right")
MOST = 100
"""How many of a list are shown."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What somebody needs, as far as it can be told without opening what is sealed."""

    reference: str
    review_by: date
    seen_by: frozenset[str]
    """The services that the person chose."""
    row: Row[tuple[object, ...]]

    def open_to(self, roles: Iterable[Role]) -> bool:
        """Whether somebody with these roles works for a service that the person chose."""
        return works_for(roles, self.seen_by)


def works_for(roles: Iterable[Role], services: frozenset[str]) -> bool:
    """Whether somebody with these roles works for one of these services."""
    return any(SEES.get(role, frozenset()) & services for role in roles)


def _chosen(answers: Mapping[str, Iterable[str]]) -> frozenset[str]:
    """The services that a person chose to be seen by."""
    return frozenset(said(tuple(answers.get("seen_by", ()))))


def receive(connection: Connection, ring: KeyRing, arrival: Arrival, identity: str) -> None:
    """Make the profile of a submission, or let the one that it takes the place of point to it."""
    kept = arrival.kept
    if said(kept.get("consent", ())) != ("yes",):
        return
    row = {
        "submission": identity,
        "by_name": _digest(ring, "name", kept),
        "by_tenancy": _digest(ring, "tenancy", kept),
        "review_by": clock.years_after(clock.today()),
    }
    moved = None
    if arrival.replaces is not None:
        moved = connection.execute(MOVE.values(**row), {"receipt": arrival.replaces}).scalar()
    if moved is None:
        connection.execute(insert(TABLE), {"reference": (new := references.new()), **row})
    did = Did.CHANGED if moved else Did.CREATED
    audit.note(connection, ring, by=arrival.helper or PORTAL, did=did, what=f"profile {moved or new}")


def _digest(ring: KeyRing, key: str, answers: Answers) -> bytes | None:
    words = "".join(said(answers.get(key, ())))
    return index_of(ring, key, words) if words else None


def index_of(ring: KeyRing, key: str, words: str) -> bytes:
    """A keyed digest of words, the same in whatever order, case, accents, digits and signs they are typed."""
    plain = unicodedata.normalize("NFKD", western_digits(words)).casefold()
    letters = "".join(one if one.isalnum() else " " for one in plain if not unicodedata.combining(one))
    parts = sorted(letters.split()) if key == "name" else ["".join(letters.split())]
    return ring.digest("submission", b"profile", key.encode(), " ".join(parts).encode())


def find(database: Database, reference: str, roles: Iterable[Role]) -> Needs | None:
    """The profile of this reference, if somebody with these roles may see it."""
    with database.read() as connection:
        return find_in(connection, reference, roles)


def find_in(connection: Connection, reference: str, roles: Iterable[Role]) -> Needs | None:
    """The same, within a read."""
    found = list(connection.execute(ONE, {"wanted": reference}))
    return next(iter(_open_to(found, roles)), None)


def exists(database: Database, reference: str) -> bool:
    """Whether there is a profile of this reference, whoever may see it."""
    with database.read() as connection:
        return connection.execute(ONE, {"wanted": reference}).first() is not None


def called(database: Database, ring: KeyRing, words: str, roles: Iterable[Role]) -> list[Needs]:
    """Those whose name or tenancy reference these words are, and that somebody with these roles may see."""
    wanted = {key: index_of(ring, key, words) for key in ("name", "tenancy")}
    with database.read() as connection:
        found = list(connection.execute(CALLED, wanted))
    return _open_to(found, roles)


def due(database: Database, roles: Iterable[Role]) -> list[Needs]:
    """Those that are to be asked again by now, the longest overdue first."""
    with database.read() as connection:
        found = list(connection.execute(DUE, {"day": clock.today()}))
    return _open_to(found, roles)[:MOST]


def waiting(connection: Connection, person: Person) -> Iterator[Waiting]:
    """How many are to be asked again, of those whom this person may see: for their first page."""
    if not person.roles & SEES.keys():
        return
    every = connection.execute(DUE_FOR, {"day": clock.today()}).scalars()
    number = sum(works_for(person.roles, _chosen(answers)) for answers in every)
    if number:
        yield Waiting("due", TO_ASK_AGAIN, number, "/staff/needs")


def _open_to(rows: Iterable[Row[tuple[object, ...]]], roles: Iterable[Role]) -> list[Needs]:
    mine = frozenset(roles)
    every = (Needs(row.reference, row.review_by, _chosen(row.answers), row) for row in rows)
    return [one for one in every if one.open_to(mine)]


def opened(database: Database, ring: KeyRing, needs: Needs, by: str) -> Answers:
    """All that the person said. That it was looked at is written down before it is opened."""
    audit.note_alone(database, ring, by=by, did=Did.VIEWED, what=f"profile {needs.reference}")
    row = needs.row
    words: dict[str, list[str]] = {}
    if row.sealed is not None:
        sealed = Sealed(bytes(row.sealed), bytes(row.data_key), row.key_name)
        words = json.loads(ring.open(place_of(row.id), sealed))
    return {key: tuple(answer) for key, answer in {**row.answers, **words}.items()}


def reviewed(database: Database, ring: KeyRing, reference: str, by: str) -> None:
    """The person was asked, and it is still right: ask again in a year."""
    day = clock.years_after(clock.today())
    with database.write() as connection:
        connection.execute(REVIEWED, {"wanted": reference, "day": day})
        named, detail = f"profile {reference}", {"did": "reviewed"}
        audit.note(connection, ring, by=by, did=Did.CHANGED, what=named, detail=detail)
