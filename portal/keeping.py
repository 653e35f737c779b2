"""Looking after what is kept: what has had its time is deleted, and keys are renewed."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Row, bindparam, select, update

from portal import clock
from portal.database import Database
from portal.intake.drafts import Drafts
from portal.intake.models import Submission
from portal.intake.submissions import delete_received_before, place_of
from portal.intake.throttles import forget_before_today
from portal.outbox import delete_done
from portal.sealing import CannotOpen, KeyRing, KeyRingError, Purpose
from portal.settings import Settings

BATCH = 200

SEALED_UNDER = select(Submission.id, Submission.data_key, Submission.key_name)
REWRAP = (
    update(Submission)
    .where(Submission.id == bindparam("row"), Submission.key_name == bindparam("before"))
    .values(data_key=bindparam("wrapped"), key_name=bindparam("after"))
)


def delete_what_has_had_its_time(database: Database, ring: KeyRing, settings: Settings) -> dict[str, int]:
    """Delete ended drafts, yesterday's throttles, old jobs, and answers older than the landlord keeps."""
    today = clock.today()
    before = _years_before(today, settings.keep_equality_years)
    with database.write() as connection:
        forget_before_today(connection)
    return {
        "drafts": Drafts(database, ring).drop_ended(),
        "submissions": delete_received_before(database, "equality", before),
        "jobs": delete_done(database),
    }


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)


def holds_answers(database: Database) -> bool:
    """Whether anything was sent that only the portal's own secrets can read or find again."""
    with database.read() as connection:
        return connection.execute(select(Submission.id).limit(1)).first() is not None


def keys_in_use(database: Database) -> set[str]:
    """The names of the keys that stored words are sealed under."""
    with database.read() as connection:
        found = connection.execute(
            select(Submission.key_name).where(Submission.key_name.is_not(None)).distinct()
        )
        return {name for name in found.scalars() if name}


def check_keys(database: Database, ring: KeyRing) -> None:
    """Refuse to go on without the keys that stored words need. Raises KeyRingError."""
    missing = keys_in_use(database) - ring.names()
    if missing:
        raise KeyRingError(f"the key file lacks {', '.join(sorted(missing))}: restore it from your safe copy")
    for name in sorted(keys_in_use(database)):
        with database.read() as connection:
            row = connection.execute(SEALED_UNDER.where(Submission.key_name == name).limit(1)).first()
        if row is not None:
            _rewrapped(ring, row)


def _rewrapped(ring: KeyRing, row: Row[str, bytes | None, str | None]) -> tuple[bytes, str]:
    try:
        return ring.rewrap(place_of(row.id), row.data_key, row.key_name)
    except CannotOpen as error:
        raise KeyRingError(
            f"what is sealed under {row.key_name} does not open: the key file is that of another portal, "
            "or the database is damaged. Restore them from your safe copies"
        ) from error


def rewrap_all(database: Database, ring: KeyRing, purpose: Purpose) -> int:
    """Wrap all data keys of a purpose under its current key; returns how many. Safe to stop and run again."""
    current = ring.current(purpose)
    done = 0
    while True:
        query = SEALED_UNDER.where(
            Submission.key_name.like(f"{purpose}:%"), Submission.key_name != current
        ).limit(BATCH)
        with database.read() as connection:
            rows = connection.execute(query).all()
        if not rows:
            return done
        changes = []
        for row in rows:
            wrapped, after = _rewrapped(ring, row)
            changes.append({"row": row.id, "before": row.key_name, "wrapped": wrapped, "after": after})
        with database.write() as connection:
            connection.execute(REWRAP, changes)
        done += len(changes)
