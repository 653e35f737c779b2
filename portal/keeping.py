"""Looking after what is kept: what has had its time is deleted, and keys are renewed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, select, update

from portal import clock, contact, files, messages
from portal.accounts import people
from portal.accounts.models import Account
from portal.accounts.signing_in import end_old
from portal.blobs import Folder, Store
from portal.contact import ContactRule
from portal.database import Database
from portal.files import File
from portal.forms import FORMS
from portal.incidents import erasures, safe_ways, time_over, words
from portal.incidents.models import IncidentCase
from portal.intake import submissions
from portal.intake.drafts import Drafts
from portal.intake.models import Draft, Submission
from portal.intake.submissions import delete_received_before
from portal.interpreting import open_questions, requests
from portal.interpreting.open_questions import RequestQuestion
from portal.keying import passes, practice, scans
from portal.keying.models import Pass, Sheet
from portal.messages import Outgoing
from portal.outbox import delete_done
from portal.sealing import CannotOpen, KeyRing, KeyRingError, Purpose
from portal.settings import Settings
from portal.throttles import forget_before_today

BATCH = 200
BELONG = ("draft", "submission", "original", scans.SHEET)
"""What files belong to, and are deleted with."""


@dataclass(frozen=True, slots=True)
class SealedIn:
    """A table whose rows hold a wrapped data key, and the place that each row's key is bound to."""

    table: type[Submission | File | Account | Pass | ContactRule | Outgoing | RequestQuestion | IncidentCase]
    place: Callable[..., str]

    @property
    def key(self) -> tuple[Any, ...]:
        """The columns that name a row; place() takes their values."""
        return tuple(self.table.__table__.primary_key)

    def rows(self, database: Database, *which: ColumnElement[bool], most: int) -> list[Row[Any]]:
        """The key columns, then data keys and key names, of some rows that have any."""
        table = self.table
        query = select(*self.key, table.data_key, table.key_name).where(*which).limit(most)
        with database.read() as connection:
            return list(connection.execute(query))


SEALED: tuple[SealedIn, ...] = (
    SealedIn(Submission, submissions.place_of),
    SealedIn(File, files.place_of),
    SealedIn(Account, people.place_of),
    SealedIn(Pass, passes.place_of),
    SealedIn(ContactRule, contact.place_of),
    SealedIn(Outgoing, messages.place_of),
    SealedIn(RequestQuestion, open_questions.place_of),
    SealedIn(IncidentCase, words.place_of),
)
"""Every table of sealed words or bytes: rotation, the check of keys and the question of what needs them."""


def delete_what_has_had_its_time(database: Database, ring: KeyRing, settings: Settings) -> dict[str, int]:
    """Delete ended drafts, old throttles, jobs and sign-ins, answers kept long enough, and nobody's files."""
    today, nameless = clock.today(), [form.key for form in FORMS if form.anonymous]
    store = Folder(settings.files)
    before = clock.years_before(today, settings.keep_equality_years)
    with database.write() as connection:
        forget_before_today(connection)
    return {
        "drafts": Drafts(database, ring).drop_ended(),
        "erased again": erasures.again(database, ring, settings, store),
        "cases": time_over.erase_over(database, ring, settings, store),
        "submissions": sum(delete_received_before(database, key, before) for key in nameless),
        "requests": requests.forget_ended_before(database, before),
        "files": delete_files_left(database, store),
        "jobs": delete_done(database),
        "sign-ins": end_old(database),
        "practice": practice.forget_old(database),
        "contact rules": contact.forget_ended(database) + safe_ways.forget_of_closed(database),
        "messages": messages.forget_old(database),
    }


def delete_files_left(database: Database, store: Store) -> int:
    """Delete the files of what is gone, and bytes without a row; how many."""
    deleted = 0
    for owner in files.owners(database):
        kind, _, reference = owner.partition(" ")
        if kind in BELONG and not _is_there(database, kind, reference):
            deleted += files.delete_of(database, store, owner)
    return deleted + files.sweep(database, store)


def _is_there(database: Database, kind: str, reference: str) -> bool:
    query: Select[Any] = select(Submission.id).where(Submission.id == reference)
    if kind == "draft":
        query = select(Draft.id).where(Draft.id == bytes.fromhex(reference))
    elif kind == "original":
        query = select(File.id).where(File.id == reference)
    elif kind == scans.SHEET:
        query = select(Sheet.reference).where(Sheet.reference == reference.partition(" ")[0])
    with database.read() as connection:
        return connection.execute(query).first() is not None


def holds_answers(database: Database) -> bool:
    """Whether anything was sent that only the portal's own secrets can read or find again."""
    return any(one.rows(database, most=1) for one in SEALED)


def keys_in_use(database: Database) -> set[str]:
    """The names of the keys that stored words and files are sealed under."""
    found: set[str] = set()
    with database.read() as connection:
        for one in SEALED:
            names = select(one.table.key_name).where(one.table.key_name.is_not(None)).distinct()
            found.update(name for name in connection.execute(names).scalars() if name)
    return found


def check_keys(database: Database, ring: KeyRing) -> None:
    """Refuse to go on without the keys that stored words need. Raises KeyRingError."""
    used = keys_in_use(database)
    missing = used - ring.names()
    if missing:
        raise KeyRingError(f"the key file lacks {', '.join(sorted(missing))}: restore it from your safe copy")
    for name in sorted(used):
        for one in SEALED:
            for row in one.rows(database, one.table.key_name == name, most=1):
                _rewrapped(ring, one, row)


def _rewrapped(ring: KeyRing, one: SealedIn, row: Row[Any]) -> tuple[bytes, str]:
    try:
        return ring.rewrap(one.place(*row[:-2]), row.data_key, row.key_name)
    except CannotOpen as error:
        raise KeyRingError(
            f"what is sealed under {row.key_name} does not open: the key file is that of another portal, "
            "or the database is damaged. Restore them from your safe copies"
        ) from error


def rewrap_all(database: Database, ring: KeyRing, purpose: Purpose) -> int:
    """Wrap all data keys of a purpose under its current key; returns how many. Safe to stop and run again."""
    return sum(_rewrap_table(database, ring, purpose, one) for one in SEALED)


def _rewrap_table(database: Database, ring: KeyRing, purpose: Purpose, one: SealedIn) -> int:
    table, done = one.table, 0
    others = (table.key_name.like(f"{purpose}:%"), table.key_name != ring.current(purpose))
    change = (
        update(table)
        .where(
            *(column == bindparam(f"of_{column.name}") for column in one.key),
            table.key_name == bindparam("before"),
        )
        .values(data_key=bindparam("wrapped"), key_name=bindparam("after"))
    )
    while rows := one.rows(database, *others, most=BATCH):
        changes = []
        for row in rows:
            wrapped, after = _rewrapped(ring, one, row)
            of: dict[str, Any] = {f"of_{one.key[n].name}": row[n] for n in range(len(one.key))}
            changes.append({**of, "before": row.key_name, "wrapped": wrapped, "after": after})
        with database.write() as connection:
            connection.execute(change, changes)
        done += len(changes)
    return done
