"""Jobs to do: written in the same transaction as what causes them, and done by `portal worker`.

A job is done at least once, also when a worker is killed in the middle of it: whoever takes one holds it
for a minute at a time, and when that minute runs out, another takes it. So what a job does must be safe to
do twice. A job that fails is tried again, later and later, and after three days given up.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Connection,
    Index,
    Integer,
    String,
    UniqueConstraint,
    and_,
    bindparam,
    case,
    delete,
    func,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from portal import clock
from portal.database import Base, Database

LEASE = 60
"""Seconds that a job is held without a sign of progress."""
FIRST_WAIT, LONGEST_WAIT = 5, 4 * 3600
"""Seconds until a job that failed is tried again: doubling from the first to the longest."""
GIVE_UP = 3 * 86400
"""Seconds after which a job that keeps failing is given up."""
KEPT = 7 * 86400
"""Seconds that a job that was done is still known."""
LONGEST_PAYLOAD = 2000
"""Letters. What is longer belongs in a table of its own."""


class LostLease(RuntimeError):
    """Somebody else has taken the job meanwhile: leave it to them."""


class Hopeless(RuntimeError):
    """A handler says with it that trying again will not help."""


class State(StrEnum):
    """Where a job is in its life."""

    NEW = "new"
    """To be done, or being done."""
    DONE = "done"
    DEAD = "dead"
    """Given up; somebody must look at it."""


class Job(Base):
    """One thing to do."""

    __tablename__ = "job"
    __table_args__ = (
        UniqueConstraint("kind", "name"),
        Index("ix_job_state_due", "state", "due"),
        {"sqlite_autoincrement": True},  # no number is given twice: somebody may still ask for it
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    """Which handler does it."""
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What it needs to know: references, codes and numbers."""
    name: Mapped[str | None] = mapped_column(String(80))
    """Within its kind there is one job of a name: the hour of a periodic one, or what makes it the same."""
    since: Mapped[int] = mapped_column(BigInteger)
    """When it was first due, in seconds since 1970."""
    due: Mapped[int] = mapped_column(BigInteger)
    """When it is due now, after its failures."""
    lease: Mapped[str | None] = mapped_column(String(32))
    """Random, known to the worker that has it; nothing while no worker has it."""
    lease_until: Mapped[int | None] = mapped_column(BigInteger)
    """When another worker may take it, in seconds since 1970."""
    tries: Mapped[int] = mapped_column(default=0)
    """How often it was begun."""
    state: Mapped[str] = mapped_column(String(8), default=State.NEW.value)
    done_steps: Mapped[int] = mapped_column(default=0)
    """How far the worker has come."""
    of_steps: Mapped[int] = mapped_column(default=0)
    """How far it has to go; 0 while that is not known."""
    failed: Mapped[str | None] = mapped_column(String(80))
    """The kind of the last error. Its words may quote somebody."""
    ended: Mapped[int | None] = mapped_column(BigInteger)
    """When it was done or given up, in seconds since 1970."""


TABLE = Job
RAN_OUT = "lease ran out"
"""What is noted as the error of a worker that was heard of no more."""

ADD = {
    "sqlite": sqlite.insert(TABLE).on_conflict_do_nothing().returning(TABLE.id),
    "postgresql": postgresql.insert(TABLE).on_conflict_do_nothing().returning(TABLE.id),
}
FIND_NAMED = select(TABLE.id).where(TABLE.kind == bindparam("of_kind"), TABLE.name == bindparam("named"))
FREE_NOW = or_(TABLE.lease_until.is_(None), TABLE.lease_until <= bindparam("now"))
DUE = (
    select(TABLE.id)
    .where(
        TABLE.state == State.NEW.value,
        TABLE.kind.in_(bindparam("kinds", expanding=True)),
        TABLE.due <= bindparam("now"),
        FREE_NOW,
    )
    .order_by(TABLE.due, TABLE.id)
    .limit(1)
)
KILLS = and_(TABLE.lease.is_not(None), TABLE.since <= bindparam("long_ago"))
"""A job whose workers end in the middle of it, for three days now, will go on ending them."""
CLAIM = (
    update(TABLE)
    .where(TABLE.id == DUE.with_for_update(skip_locked=True).scalar_subquery())
    .values(
        lease=case((KILLS, null()), else_=bindparam("token")),
        lease_until=case((KILLS, null()), else_=bindparam("until")),
        state=case((KILLS, State.DEAD.value), else_=State.NEW.value),
        ended=case((KILLS, bindparam("now")), else_=null()),
        failed=case((TABLE.lease.is_not(None), RAN_OUT), else_=TABLE.failed),
        tries=TABLE.tries + 1,
    )
    .returning(TABLE.id, TABLE.kind, TABLE.payload, TABLE.tries, TABLE.since, TABLE.state)
)
HELD = update(TABLE).where(
    TABLE.id == bindparam("job"), TABLE.lease == bindparam("token"), TABLE.state == State.NEW.value
)
PROGRESS = HELD.values(done_steps=bindparam("done"), of_steps=bindparam("of"), lease_until=bindparam("until"))
FREE = {"lease": None, "lease_until": None}
FINISH = HELD.values(FREE | {"state": State.DONE.value, "ended": bindparam("now"), "failed": None})
RETRY = HELD.values(FREE | {"due": bindparam("again"), "failed": bindparam("error")})
BURY = HELD.values(
    FREE | {"state": State.DEAD.value, "ended": bindparam("now"), "failed": bindparam("error")}
)
REVIVE = (
    update(TABLE)
    .where(TABLE.id == bindparam("job"), TABLE.state == State.DEAD.value)
    .values(
        state=State.NEW.value, since=bindparam("now"), due=bindparam("now"), tries=0, ended=None, failed=None
    )
)
SEEN = select(TABLE.id, TABLE.kind, TABLE.state, TABLE.tries, TABLE.done_steps, TABLE.of_steps, TABLE.failed)
FIND = SEEN.where(TABLE.id == bindparam("job"))
DEAD = SEEN.where(TABLE.state == State.DEAD.value).order_by(TABLE.id)
AGAIN = (
    update(TABLE)
    .where(
        TABLE.kind == bindparam("of_kind"),
        TABLE.name == bindparam("named"),
        TABLE.state != State.NEW.value,
    )
    .values(
        state=State.NEW.value,
        since=bindparam("now"),
        due=bindparam("now"),
        tries=0,
        done_steps=0,
        of_steps=0,
        ended=None,
        failed=None,
    )
)
NAMED = SEEN.add_columns(TABLE.name).where(
    TABLE.kind == bindparam("of_kind"), TABLE.name.in_(bindparam("names", expanding=True))
)
OLDEST = select(func.min(TABLE.due)).where(TABLE.state == State.NEW.value, FREE_NOW)
DROP_DONE = delete(TABLE).where(TABLE.state == State.DONE.value, TABLE.ended <= bindparam("before"))
WAITING = select(TABLE.kind, TABLE.name, TABLE.tries, TABLE.state).where(
    TABLE.kind.in_(bindparam("kinds", expanding=True)),
    or_(TABLE.state == State.NEW.value, TABLE.name.in_(bindparam("names", expanding=True))),
)


def put(
    connection: Connection,
    kind: str,
    payload: Mapping[str, Any],
    name: str | None = None,
    due: int | None = None,
) -> int:
    """Add a job in the transaction of what causes it, due now or at that second; gives its number.

    When there is one of this kind and name already, done or not, nothing is added and it is that one's.
    """
    if len(json.dumps(payload)) > LONGEST_PAYLOAD:
        raise ValueError("what a job needs to know must be short: put it in a table, and its reference here")
    when = clock.seconds() if due is None else due
    row = {"kind": kind, "payload": dict(payload), "name": name, "since": when, "due": when}
    added: int | None = connection.execute(ADD[connection.dialect.name], row).scalar()
    if added is None:
        return int(connection.execute(FIND_NAMED, {"of_kind": kind, "named": name}).scalar_one())
    return added


def put_again(connection: Connection, kind: str, payload: Mapping[str, Any], name: str) -> int:
    """put(), and one of this kind and name that was done or given up is to be done once more."""
    connection.execute(AGAIN, {"of_kind": kind, "named": name, "now": clock.seconds()})
    return put(connection, kind, payload, name)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job that this worker has taken."""

    id: int
    kind: str
    payload: Mapping[str, Any]
    tries: int
    """The first is 1."""
    since: int
    """When it was first due, in seconds since 1970."""
    token: str


def claim(database: Database, kinds: Iterable[str]) -> Claimed | None:
    """Take the job of these kinds that is due longest and that nobody has; None if there is none."""
    now = clock.seconds()
    asked = {"kinds": list(kinds), "now": now}
    while True:
        with database.read() as connection:  # writers need not queue for nothing
            if connection.execute(DUE, asked).first() is None:
                return None
        token = secrets.token_hex(16)
        taking = {**asked, "token": token, "until": now + LEASE, "long_ago": now - GIVE_UP}
        with database.write() as connection:
            found = connection.execute(CLAIM, taking).first()
        if found is None:  # another worker was faster
            return None
        if found.state == State.NEW.value:
            return Claimed(found.id, found.kind, found.payload, found.tries, found.since, token)


@dataclass(frozen=True, slots=True)
class Lease:
    """The hold on a job. Everything here raises LostLease when somebody else has taken it."""

    database: Database
    job: Claimed

    def progress(self, done: int, of: int) -> None:
        """Say how far the work has come, and hold the job for another minute. At least twice a minute."""
        self._change(PROGRESS, done=done, of=of, until=clock.seconds() + LEASE)

    def finish(self) -> None:
        """The job is done."""
        self._change(FINISH, now=clock.seconds())

    def fail(self, error: BaseException) -> bool:
        """Let the job be tried again later, or give it up; says whether it was given up."""
        now = clock.seconds()
        kind = type(error).__name__[:80]
        if isinstance(error, Hopeless) or now - self.job.since >= GIVE_UP:
            self._change(BURY, now=now, error=kind)
            return True
        self._change(RETRY, again=now + wait_after(self.job.tries), error=kind)
        return False

    def _change(self, statement: Any, **values: Any) -> None:
        known = {"job": self.job.id, "token": self.job.token}
        if self.database.change(statement, known | values) != 1:
            raise LostLease


def wait_after(tries: int) -> int:
    """Seconds to wait after so many tries."""
    return int(min(FIRST_WAIT * 2 ** min(tries - 1, 20), LONGEST_WAIT))


def put_periodic(database: Database, every: Mapping[str, int]) -> None:
    """Put the jobs that come again every so many seconds: for this slot of time and for the next.

    The next one's row is there in advance, so that it is missed when no worker runs. One that fails is
    not joined by others: it is tried again itself.
    """
    now = clock.seconds()
    slots = {
        (kind, str(slot)): slot * seconds
        for kind, seconds in every.items()
        for slot in (now // seconds, now // seconds + 1)
    }
    asked = {"kinds": list(every), "names": [name for _kind, name in slots]}
    with database.read() as connection:
        found = connection.execute(WAITING, asked).all()
    failing = {row.kind for row in found if row.state == State.NEW.value and row.tries > 1}
    there = {(row.kind, row.name) for row in found}
    missing = [slot for slot in slots if slot not in there and slot[0] not in failing]
    if missing:
        with database.write() as connection:
            for kind, name in missing:
                put(connection, kind, {}, name, slots[kind, name])


@dataclass(frozen=True, slots=True)
class Seen:
    """A job as somebody who waits for it sees it."""

    id: int
    kind: str
    state: State
    tries: int
    done: int
    of: int
    """0 while it is not known."""
    failed: str | None


def state_of(connection: Connection, job: int) -> Seen | None:
    """How a job is; None if there is none of that number (any more)."""
    found = connection.execute(FIND, {"job": job}).first()
    return found and _seen(found)


def named(connection: Connection, kind: str, names: Iterable[str]) -> dict[str, Seen]:
    """The jobs of this kind that have these names, by name."""
    found = connection.execute(NAMED, {"of_kind": kind, "names": list(names)})
    return {row.name: _seen(row) for row in found}


def dead(connection: Connection) -> list[Seen]:
    """The jobs that were given up, the oldest first."""
    return [_seen(row) for row in connection.execute(DEAD)]


def revive(database: Database, job: int) -> bool:
    """Let a job that was given up be tried again; False if there is none of that number."""
    return database.change(REVIVE, {"job": job, "now": clock.seconds()}) == 1


def oldest_due(connection: Connection) -> int | None:
    """When the job that waits longest for a worker was due, in seconds since 1970; None if none waits."""
    found: int | None = connection.execute(OLDEST, {"now": clock.seconds()}).scalar()
    return found


def delete_done(database: Database) -> int:
    """Delete the jobs that were done a week ago; returns how many."""
    return database.change(DROP_DONE, {"before": clock.seconds() - KEPT})


def _seen(row: Any) -> Seen:
    return Seen(row.id, row.kind, State(row.state), row.tries, row.done_steps, row.of_steps, row.failed)
