"""Jobs: each is done at least once, by one worker at a time; one that fails is tried for three days."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from portal import outbox
from portal.database import Database
from portal.outbox import Claimed, Hopeless, Job, Lease, LostLease, State, claim, put, put_periodic
from portal.sealing import KeyRing
from portal.settings import Settings
from portal.working import HANDLERS, PERIODIC, Work, do_one, work
from tests.arrivals import noise, still_there
from tests.fresh import address_of
from tests.running import forked

NOW = "2026-11-22T10:00:00Z"
SECOND = 1795341600
KINDS = ("print", "import")


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as found:
        yield found


def add(database: Database, kind: str = "print", **given: Any) -> int:
    with database.write() as connection:
        return put(connection, kind, given.pop("payload", {"batch": "7K3PX92CM"}), **given)


def jobs(database: Database) -> list[Any]:
    with database.read() as connection:
        found = connection.execute(select(*Job.__table__.columns).order_by(Job.id))
        return [row for row in found if row.kind != "service"]  # which is the kind of unrelated ones


def state(database: Database, job: int) -> outbox.Seen:
    with database.read() as connection:
        found = outbox.state_of(connection, job)
    assert found is not None
    return found


def taken(database: Database) -> Lease:
    job = claim(database, KINDS)
    assert job is not None
    return Lease(database, job)


# Putting


def test_a_job_is_there_with_its_cause_or_not_at_all(database: Database) -> None:
    class Stopped(Exception):
        pass

    with pytest.raises(Stopped), database.write() as connection:
        put(connection, "print", {})
        raise Stopped
    assert jobs(database) == []
    assert claim(database, KINDS) is None


def test_a_job_of_the_same_kind_and_name_is_put_once(database: Database) -> None:
    first = add(database, name="batch 1")
    assert add(database, name="batch 1", payload={"other": 1}) == first
    assert add(database, name="batch 2") != first
    assert add(database, "import", name="batch 1") != first
    assert add(database) != add(database)
    taken(database).finish()
    assert add(database, name="batch 1") == first
    assert len(jobs(database)) == 5


def test_what_a_job_needs_to_know_is_short(sqlite: Database) -> None:
    with pytest.raises(ValueError, match="must be short"):
        add(sqlite, payload={"words": "x" * 2000})


def test_no_number_is_given_twice(database: Database, clock: time_machine.Traveller) -> None:
    first = add(database)
    taken(database).finish()
    clock.shift(timedelta(days=7))
    assert outbox.delete_done(database) == 1
    assert add(database) > first


# Taking


def test_the_one_that_is_due_longest_comes_first_and_none_too_soon(
    database: Database, clock: time_machine.Traveller
) -> None:
    late, early = add(database, due=SECOND + 20), add(database, due=SECOND + 10)
    other = add(database, "unknown kind", due=SECOND)
    assert claim(database, KINDS) is None
    clock.shift(9)
    assert claim(database, KINDS) is None
    clock.shift(1)
    assert taken(database).job.id == early
    assert claim(database, KINDS) is None
    clock.shift(10)
    assert taken(database).job.id == late
    assert state(database, other).tries == 0
    assert claim(database, ()) is None


def test_a_claim_brings_what_is_to_be_done(database: Database, clock: time_machine.Traveller) -> None:
    unrelated = noise(database)
    number = add(database)
    job = taken(database).job
    assert (job.id, job.kind, job.payload, job.tries) == (number, "print", {"batch": "7K3PX92CM"}, 1)
    assert (job.since, len(job.token)) == (SECOND, 32)
    assert claim(database, KINDS) is None
    assert still_there(database, unrelated)


def test_two_workers_never_get_one_job(database: Database, tmp_path: Path) -> None:
    """Four processes take forty jobs; each writes down which it got."""
    for _number in range(40):
        add(database)
    address = address_of(database)
    database.close()

    def take() -> None:
        mine = Database(address, pool=1)
        got = []
        while any(row.state == "new" and row.lease is None for row in jobs(mine)):
            job = claim(mine, KINDS)
            if job is not None:
                got.append(job.id)
        mine.close()
        (tmp_path / f"{threading.get_native_id()}.json").write_text(json.dumps(got))

    assert forked(take, 4) == [0] * 4
    got = [number for file in tmp_path.glob("*.json") for number in json.loads(file.read_text())]
    assert sorted(got) == [row.id for row in jobs(database)]
    assert {row.tries for row in jobs(database)} == {1}


def test_a_lease_that_ran_out_is_anothers_and_the_first_can_do_nothing(
    database: Database, clock: time_machine.Traveller
) -> None:
    unrelated = noise(database)
    number = add(database)
    first = taken(database)
    clock.shift(59)
    assert claim(database, KINDS) is None
    clock.shift(1)
    second = taken(database)
    assert second.job.id == number and second.job.tries == 2
    for refused in (
        lambda: first.progress(1, 2),
        first.finish,
        lambda: first.fail(ValueError()),
        lambda: first.fail(Hopeless()),
    ):
        with pytest.raises(LostLease):
            refused()
    assert state(database, number).state is State.NEW and state(database, number).failed == "lease ran out"
    second.progress(1, 2)
    second.finish()
    assert state(database, number).state is State.DONE
    with pytest.raises(LostLease):
        second.finish()
    assert still_there(database, unrelated)


def test_a_lease_that_ran_out_and_nobody_wanted_is_still_good(
    database: Database, clock: time_machine.Traveller
) -> None:
    number = add(database)
    lease = taken(database)
    clock.shift(600)
    lease.finish()
    assert state(database, number).state is State.DONE


def test_progress_is_seen_and_holds_the_job(database: Database, clock: time_machine.Traveller) -> None:
    number = add(database)
    lease = taken(database)
    assert (state(database, number).done, state(database, number).of) == (0, 0)
    for step in range(1, 4):
        clock.shift(59)
        lease.progress(step, 3)
        assert claim(database, KINDS) is None
        assert (state(database, number).done, state(database, number).of) == (step, 3)
    clock.shift(60)
    assert taken(database).job.id == number


# Failing


def test_each_wait_is_twice_the_last_up_to_four_hours() -> None:
    waits = [outbox.wait_after(tries) for tries in range(1, 16)]
    assert waits[:5] == [5, 10, 20, 40, 80]
    assert waits[10:] == [5120, 10240, 14400, 14400, 14400]
    assert outbox.wait_after(10_000) == 14400


def test_a_job_that_keeps_failing_is_given_up_after_three_days(
    database: Database, clock: time_machine.Traveller
) -> None:
    unrelated = noise(database)
    number = add(database)
    tried_at = []
    while (job := claim(database, KINDS)) is not None:
        tried_at.append(outbox.clock.seconds() - SECOND)
        gave_up = Lease(database, job).fail(ValueError("Amina Khan"))
        if gave_up:
            break
        clock.shift(outbox.wait_after(job.tries) - 1)
        assert claim(database, KINDS) is None
        clock.shift(1)
    assert tried_at[:4] == [0, 5, 15, 35]
    assert tried_at[-2] < 3 * 86400 <= tried_at[-1] < 3 * 86400 + 14400
    [row] = jobs(database)
    assert (row.state, row.failed, row.lease) == ("dead", "ValueError", None)
    assert row.ended == SECOND + tried_at[-1]
    assert claim(database, KINDS) is None
    with database.read() as connection:
        assert [one.id for one in outbox.dead(connection)] == [number]
    assert still_there(database, unrelated)


def test_what_is_hopeless_is_given_up_at_once_and_can_be_revived(
    database: Database, clock: time_machine.Traveller
) -> None:
    number, other = add(database), add(database, "import")
    stale = taken(database)
    stale.fail(Hopeless("no such batch"))
    assert state(database, number).state is State.DEAD and state(database, number).failed == "Hopeless"
    assert not outbox.revive(database, other)
    clock.shift(timedelta(days=5))
    assert outbox.revive(database, number) and not outbox.revive(database, number)
    assert (state(database, number).state, state(database, number).tries) == (State.NEW, 0)
    with pytest.raises(LostLease):
        stale.finish()
    assert taken(database).job.id == other
    again = taken(database)
    assert again.job.id == number
    assert not again.fail(ValueError()), "its three days begin anew"


def test_a_job_that_ends_its_workers_is_given_up_too(
    database: Database, clock: time_machine.Traveller
) -> None:
    """Each worker that takes it is killed: nobody is left to say that it failed."""
    number = add(database)
    begun = 0
    while claim(database, KINDS) is not None:
        begun += 1
        clock.shift(timedelta(hours=1))
    assert begun == 3 * 24
    assert state(database, number).state is State.DEAD
    assert state(database, number).failed == "lease ran out"
    after = add(database)
    assert taken(database).job.id == after, "what comes after it is not held up"


def test_a_job_that_waited_a_week_for_a_worker_is_still_tried(
    database: Database, clock: time_machine.Traveller
) -> None:
    number = add(database)
    clock.shift(timedelta(days=7))
    assert taken(database).job.id == number


# Keeping


def test_done_jobs_are_known_for_a_week_and_others_stay(
    database: Database, clock: time_machine.Traveller
) -> None:
    unrelated = noise(database)
    done, dead, new = add(database), add(database), add(database)
    taken(database).finish()
    taken(database).fail(Hopeless())
    clock.shift(timedelta(days=7) - timedelta(seconds=1))
    assert outbox.delete_done(database) == 0
    clock.shift(1)
    assert outbox.delete_done(database) == 1
    assert [row.id for row in jobs(database)] == [dead, new] and done not in (dead, new)
    assert still_there(database, unrelated)


def test_the_oldest_that_waits_is_known(database: Database, clock: time_machine.Traveller) -> None:
    def oldest() -> int | None:
        with database.read() as connection:
            return outbox.oldest_due(connection)

    assert oldest() is None
    add(database)
    add(database, due=SECOND + 5)
    assert oldest() == SECOND
    lease = taken(database)
    assert oldest() == SECOND + 5, "what a worker has does not wait"
    clock.shift(60)
    assert oldest() == SECOND
    lease.finish()
    assert oldest() == SECOND + 5


# Working


@pytest.fixture
def here(database: Database, ring: KeyRing, settings: Settings) -> Settings:
    ring.save(settings.key_file)
    return replace(settings, database=address_of(database))


def test_periodic_jobs_are_put_once_for_each_slot_of_time(
    database: Database, clock: time_machine.Traveller
) -> None:
    every = {"print": 3600, "import": 60}
    for _worker in range(3):
        put_periodic(database, every)
    assert [(row.kind, row.due - SECOND) for row in jobs(database)] == [
        ("print", 0), ("print", 3600), ("import", 0), ("import", 60)
    ]  # fmt: skip
    clock.shift(59)
    put_periodic(database, every)
    assert len(jobs(database)) == 4
    clock.shift(1)
    put_periodic(database, every)
    assert [(row.kind, row.due - SECOND) for row in jobs(database)[4:]] == [("import", 120)]


def test_workers_on_several_machines_do_each_periodic_job_once(
    database: Database, here: Settings, tmp_path: Path, clock: time_machine.Traveller
) -> None:
    database.close()

    def do() -> None:
        mine = Database(address_of(database), pool=1)
        did = []

        def handler(work: Work, payload: Mapping[str, Any]) -> None:
            did.append(work.lease.job.id)

        ring = KeyRing.load(here.key_file)
        for _round in range(20):
            put_periodic(mine, {"print": 3600})
            do_one(here, mine, ring, {"print": handler})
        mine.close()
        (tmp_path / f"{threading.get_native_id()}.did").write_text(json.dumps(did))

    assert forked(do, 3) == [0] * 3
    did = [number for file in tmp_path.glob("*.did") for number in json.loads(file.read_text())]
    assert did == [row.id for row in jobs(database) if row.due == SECOND]
    assert len(did) == 1


def test_a_periodic_job_that_fails_is_not_joined_by_more(
    database: Database, clock: time_machine.Traveller
) -> None:
    every = {"print": 60}
    for _minute in range(200):
        put_periodic(database, every)
        while (job := claim(database, every)) is not None:
            Lease(database, job).fail(ValueError())
        clock.shift(60)
    assert len(jobs(database)) <= 4
    clock.shift(timedelta(hours=4))
    while (job := claim(database, every)) is not None:
        Lease(database, job).finish()
    put_periodic(database, every)
    assert [row.state for row in jobs(database)][-2:] == ["new", "new"]


class Rounds:
    """Lets a worker rest so many times; time passes meanwhile."""

    def __init__(self, rounds: int, clock: time_machine.Traveller) -> None:
        self.rounds, self.clock = rounds, clock

    def is_set(self) -> bool:
        return self.rounds <= 0

    def wait(self, timeout: float) -> bool:
        self.rounds -= 1
        self.clock.shift(timeout)
        return self.is_set()


def test_a_handler_that_raises_is_tried_again_and_its_words_are_not_logged(
    database: Database,
    here: Settings,
    clock: time_machine.Traveller,
    caplog: pytest.LogCaptureFixture,
) -> None:
    tried = []

    def handler(work: Work, payload: Mapping[str, Any]) -> None:
        tried.append(outbox.clock.seconds() - SECOND)
        if len(tried) < 3:
            raise KeyError("Amina Khan")

    number = add(database)
    work(here, Rounds(30, clock), {"print": handler}, {})
    assert tried == [0, 5, 15]
    assert (state(database, number).state, state(database, number).tries) == (State.DONE, 3)
    assert state(database, number).failed is None
    assert [(record.message, record.kind, record.job, record.count) for record in caplog.records] == [  # type: ignore[attr-defined]
        ("job failed", "KeyError", "print", 1),
        ("job failed", "KeyError", "print", 2),
    ]
    assert all(record.places[-1].startswith("test_outbox.py:") for record in caplog.records)  # type: ignore[attr-defined]
    assert "Amina" not in str([record.__dict__ for record in caplog.records])
    assert "Amina" not in str(jobs(database))


def test_a_worker_that_lost_its_lease_leaves_the_job_to_the_other(
    database: Database, here: Settings, clock: time_machine.Traveller, caplog: pytest.LogCaptureFixture
) -> None:
    others: list[Claimed] = []

    def handler(work: Work, payload: Mapping[str, Any]) -> None:
        clock.shift(61)
        found = claim(database, ["print"])
        assert found is not None
        others.append(found)
        work.lease.progress(1, 2)

    number = add(database)
    with caplog.at_level(logging.WARNING):
        work(here, Rounds(1, clock), {"print": handler}, {})
    assert [record.message for record in caplog.records] == ["another worker took the job"]
    assert state(database, number).state is State.NEW
    Lease(database, others[0]).finish()


def test_the_job_under_way_is_finished_before_a_stop(
    database: Database, here: Settings, clock: time_machine.Traveller
) -> None:
    stop = threading.Event()

    def handler(work: Work, payload: Mapping[str, Any]) -> None:
        stop.set()

    first, second = add(database), add(database)
    work(here, stop, {"print": handler}, {})
    assert state(database, first).state is State.DONE
    assert state(database, second).tries == 0


def test_every_periodic_job_has_a_handler() -> None:
    assert set(PERIODIC) <= set(HANDLERS)
