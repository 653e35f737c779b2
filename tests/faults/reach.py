"""Messages to people, while workers are killed and the provider cuts answers, fails, and is away."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import select, update

from portal import clock, contact, dispatch, messages, references
from portal.contact import Hours, Method, Permit
from portal.database import Database
from portal.message_states import State
from portal.messages import SEND, Outgoing
from portal.outbox import Job
from portal.senders import Fate
from tests.faults.places import ROOT, Place
from tests.faults.results import Figure, at_least, exactly, none, noted
from tests.faults.waiting import until
from tests.messaging import FAR, REMINDER, VALUES, FakeNotify, rule

WORKERS = 2
CUT, FAILS, DROPPED = 0.08, 0.08, 0.04
"""Shares of the messages that are posted."""
AWAY = 6
"""Attempts that fall into the outage."""


@dataclass(slots=True)
class Workers:
    """`portal worker`, twice, each in a process group of its own."""

    place: Place
    module: str
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> None:
        with (self.place.data / "workers.log").open("ab") as log:
            self.processes = [
                subprocess.Popen(
                    [sys.executable, "-m", self.module, "worker"],
                    cwd=ROOT,
                    env=self.place.environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
                for _worker in range(WORKERS)
            ]

    def kill(self) -> None:
        """kill -9 of both."""
        for process in self.processes:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(30)
        self.processes = []


def settled_in(place: Place, notify: FakeNotify) -> None:
    """A portal that sends by this provider."""
    found = notify.settings()
    lines = [f"{name} = {json.dumps(value)}" for name, value in found.items() if isinstance(value, str)]
    table = [f"{name} = {json.dumps(value)}" for name, value in found["notify_templates"].items()]
    (place.data / "portal.toml").write_text("\n".join((*lines, "[notify_templates]", *table)))
    place.prepare()


def written(place: Place, database: Database, number: int) -> None:
    """A message to each of so many people."""
    ring, settings = place.ring, place.settings
    for _person in range(number):
        one = rule(f"request {references.new()}", hours=(Hours(0, 1440),), until=FAR)
        with database.write() as connection:
            contact.keep_rule(connection, ring, one)
            leave = contact.permit(connection, ring, one.owner, Method.SMS, clock.seconds())
            assert isinstance(leave, Permit)
            messages.write(connection, ring, settings, leave, REMINDER, VALUES, "1")


def states(database: Database) -> dict[str, list[str]]:
    """The messages in each state."""
    found: dict[str, list[str]] = {}
    with database.read() as connection:
        for row in connection.execute(select(Outgoing.reference, Outgoing.state)):
            found.setdefault(row.state, []).append(row.reference)
    return found


def a_minute_later(database: Database) -> None:
    """What was held by a worker that is dead is free. Only while none runs."""
    database.change(update(Job).where(Job.kind == SEND, Job.state == "new").values(lease_until=0), {})


def no_waiting(database: Database) -> None:
    """What failed is due again at once, instead of after seconds or hours."""
    waits = (Job.kind == SEND, Job.state == "new", Job.lease.is_(None))
    database.change(update(Job).where(*waits).values(due=0), {})


def run(place: Place, seed: int, number: int, kills: int, module: str = "portal.cli") -> Iterator[Figure]:
    """The figures of so many messages and kills on one database."""
    name = f"reach {place.kind}"
    dice = random.Random(f"{seed}/reach")
    plan = dice.choices(
        ["cut", "500", "drop", "ok"], [CUT, FAILS, DROPPED, 1 - CUT - FAILS - DROPPED], k=50 * number
    )
    plan[:2] = ["cut", "500"]  # in a small sample too
    notify = FakeNotify(lambda posted: plan[posted - 1])
    with notify.serving(), place.database() as database:
        settled_in(place, notify)
        written(place, database, number)
        workers, under_way = Workers(place, module), 0
        workers.start()
        try:
            for kill in range(1, kills + 1):
                wanted = len(notify.taken) + max(2, (number - len(notify.taken)) // (kills + 2))
                until(lambda: more(database, notify, wanted), f"{wanted} messages taken", 300)  # noqa: B023
                time.sleep(dice.random() * 0.02)  # somewhere between two steps of sending
                workers.kill()
                time.sleep(0.1)  # what had reached the provider is taken
                until(lambda: notify.under_way == 0, "the provider to be done")
                under_way += len(states(database).get(State.ATTEMPTING, []))
                a_minute_later(database)
                if kill == (kills + 1) // 2:
                    notify.down = True
                workers.start()
                if notify.down:
                    away = notify.posted + notify.asked + AWAY
                    until(lambda: tried(database, notify, away), "attempts in the outage", 120)  # noqa: B023
                    notify.down = False
            until(lambda: all_sent(database, number), "all messages sent", 600)
        finally:
            workers.kill()
        found = states(database)
        notify.fates = {one["id"]: "delivered" for one in notify.taken}
        arrived = dispatch.ask_what_arrived(database, place.settings, lambda done, of: None)
        yield from figures(name, database, notify, found, number)
        yield exactly(name, "messages that arrived", arrived[Fate.ARRIVED], number)
    yield noted(name, "kills of both workers", kills)
    yield noted(name, "messages under way at a kill", under_way)
    log = (place.data / "workers.log").read_text(errors="replace")
    canaries = ("07700", "Canary", "we see you")
    yield none(name, "numbers, names or words in the log", sum(log.count(words) for words in canaries))


def more(database: Database, notify: FakeNotify, wanted: int) -> bool:
    no_waiting(database)
    return len(notify.taken) >= wanted


def tried(database: Database, notify: FakeNotify, wanted: int) -> bool:
    no_waiting(database)
    return notify.posted + notify.asked >= wanted


def all_sent(database: Database, number: int) -> bool:
    no_waiting(database)
    return len(states(database).get(State.SENT, [])) == number


def figures(
    name: str, database: Database, notify: FakeNotify, found: dict[str, list[str]], number: int
) -> Iterator[Figure]:
    """What the provider has, beside what the portal believes."""
    taken = {one["reference"]: one["id"] for one in reversed(notify.taken)}
    with database.read() as connection:
        rows = list(connection.execute(select(Outgoing.reference, Outgoing.provider_id, Outgoing.attempts)))
    unknown = [row for row in rows if taken.get(f"{row.reference}-0") != row.provider_id]
    lost = set(notify.cut)
    yield exactly(name, "messages in the state sent", len(found.get(State.SENT, [])), number)
    yield exactly(name, "messages that the provider has", len(taken), number)
    yield none(name, "messages whose provider's number is not noted", len(unknown))
    yield at_least(name, "answers cut after the message was taken", len(lost), 1)
    yield none(name, "sent twice though no answer was lost", len(set(notify.doubles) - lost))
    yield none(name, "sent twice", len(notify.doubles))
    yield noted(name, "attempts", sum(row.attempts for row in rows))
    yield noted(name, "posts to the provider", notify.posted)


def run_twin(place: Place, seed: int, number: int, kills: int) -> Iterator[Figure]:
    """The same with a worker that never asks for lost answers: it must send some twice."""
    found = list(run(place, seed, number, kills, module="tests.faults.forgetful"))
    twice = next(figure for figure in found if figure.what == "sent twice")
    yield at_least(f"forgetful {place.kind}", "sent twice, and found out", float(twice.found), 1)
