"""What has had its time is deleted, exactly that, and by itself."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from portal.clock import monday, today
from portal.database import Database
from portal.intake import drafts
from portal.intake.drafts import Drafts
from portal.intake.models import Draft, Submission
from portal.keeping import delete_what_has_had_its_time
from portal.sealing import KeyRing
from portal.settings import Settings
from portal.throttles import TRIES, Throttle, ThrottleKey, attempt
from portal.working import work
from tests.arrivals import arrive, noise, still_there, stored
from tests.fresh import address_of

DAY = timedelta(hours=24)


def left(database: Database) -> set[date]:
    """The days of the answers to the equality form that are still there."""
    return {row.received for row in stored(database) if row.form == "equality"}


@pytest.mark.parametrize(
    ("now", "years", "first_kept"),
    [
        ("2026-11-18T12:00Z", 6, date(2020, 11, 18)),
        ("2026-11-18T12:00Z", 1, date(2025, 11, 18)),
        ("2026-01-01T00:00Z", 6, date(2020, 1, 1)),
        ("2028-02-29T12:00Z", 6, date(2022, 2, 28)),
        ("2028-02-29T12:00Z", 4, date(2024, 2, 29)),
        ("2028-03-01T12:00Z", 6, date(2022, 3, 1)),
        ("2026-06-30T23:30Z", 6, date(2020, 7, 1)),  # in London it is July
    ],
)
def test_answers_go_on_the_day_after_their_years_and_not_before(
    database: Database, ring: KeyRing, settings: Settings, now: str, years: int, first_kept: date
) -> None:
    days = {first_kept + timedelta(days=number) for number in (-400, -7, -1, 0, 1, 7)}
    with time_machine.travel(now, tick=False):
        unrelated = noise(database)
        for day in days:
            arrive(database, ring, received=day)
        arrive(database, ring, received=today())
        deleted = delete_what_has_had_its_time(database, ring, replace(settings, keep_equality_years=years))
        assert deleted.pop("submissions") == 3
        assert set(deleted.values()) == {0}
        assert left(database) == {day for day in days if day >= first_kept} | {today()}
        assert delete_what_has_had_its_time(database, ring, settings)["submissions"] == 0
    assert still_there(database, unrelated)


def test_old_answers_to_other_anonymous_forms_go_too_and_those_of_people_with_names_stay(
    database: Database, ring: KeyRing, settings: Settings
) -> None:
    for form in ("survey", "of people with names"):
        other = arrive(database, ring, received=date(1999, 1, 4))
        with database.write() as connection:
            connection.execute(update(Submission).where(Submission.id == other.id).values(form=form))
    arrive(database, ring, received=date(1999, 1, 4))
    assert delete_what_has_had_its_time(database, ring, settings)["submissions"] == 2
    assert {row.form for row in stored(database)} == {"of people with names"}
    assert [row.id for row in stored(database)] == [other.id]


def test_an_anonymous_answer_is_kept_from_its_monday(
    database: Database, ring: KeyRing, settings: Settings
) -> None:
    with time_machine.travel("2020-11-22T12:00Z", tick=False):  # a Sunday
        assert arrive(database, ring).received == monday(today()) == date(2020, 11, 16)
    with time_machine.travel("2026-11-16T12:00Z", tick=False):
        assert delete_what_has_had_its_time(database, ring, settings)["submissions"] == 0
    with time_machine.travel("2026-11-17T12:00Z", tick=False):
        assert delete_what_has_had_its_time(database, ring, settings)["submissions"] == 1


@pytest.mark.parametrize(
    ("now", "its_monday"),
    [
        ("2026-11-15T23:59:59Z", date(2026, 11, 9)),
        ("2026-11-16T00:00:00Z", date(2026, 11, 16)),
        ("2026-06-14T23:30:00Z", date(2026, 6, 15)),  # in London it is Monday
    ],
)
def test_a_week_begins_on_monday_in_london(now: str, its_monday: date) -> None:
    with time_machine.travel(now, tick=False):
        assert monday(today()) == its_monday


# Drafts


def begun(database: Database, ring: KeyRing) -> str:
    """A new draft; gives the secret of its cookie."""
    draft = drafts.new("equality", "2026-1")
    Drafts(database, ring).add(draft, DAY)
    return draft.secret


def rows(database: Database) -> int:
    with database.read() as connection:
        return len(connection.execute(select(Draft.id)).all())


def test_a_draft_ends_after_its_life_and_its_row_goes(
    database: Database, ring: KeyRing, settings: Settings
) -> None:
    kept = Drafts(database, ring)
    with time_machine.travel("2026-11-21T10:00:00Z", tick=False) as clock:
        unrelated = noise(database)
        secret = begun(database, ring)
        clock.shift(timedelta(hours=1))
        later = begun(database, ring)
        clock.shift(timedelta(hours=22, minutes=59, seconds=59))
        assert kept.load(secret) is not None
        assert delete_what_has_had_its_time(database, ring, settings)["drafts"] == 0
        clock.shift(1)
        assert kept.load(secret) is None
        assert rows(database) == 2 + 2
        assert delete_what_has_had_its_time(database, ring, settings)["drafts"] == 1
        assert rows(database) == 2 + 1
        assert kept.load(later) is not None
    assert still_there(database, unrelated)


def test_a_draft_lives_on_while_somebody_fills_it_in(database: Database, ring: KeyRing) -> None:
    kept = Drafts(database, ring)
    with time_machine.travel("2026-11-21T10:00:00Z", tick=False) as clock:
        secret = begun(database, ring)
        for _page in range(3):
            clock.shift(timedelta(hours=23))
            draft = kept.load(secret)
            assert draft is not None and kept.save(draft, DAY)
        clock.shift(DAY)
        assert kept.load(secret) is None


def test_a_draft_that_has_ended_cannot_be_saved_back_to_life(database: Database, ring: KeyRing) -> None:
    kept = Drafts(database, ring)
    with time_machine.travel("2026-11-21T10:00:00Z", tick=False) as clock:
        draft = kept.load(begun(database, ring))
        assert draft is not None
        clock.shift(DAY)
        assert kept.drop_ended() == 1
        assert not kept.save(draft, DAY)
    assert rows(database) == 0


def test_a_new_draft_clears_away_those_that_have_ended(database: Database, ring: KeyRing) -> None:
    with time_machine.travel("2026-11-21T10:00:00Z", tick=False) as clock:
        begun(database, ring)
        clock.shift(DAY)
        begun(database, ring)
    assert rows(database) == 1


# Throttles


def counted(database: Database) -> tuple[int, int]:
    """How many counts there are, and how many keys that tie them to addresses."""
    with database.read() as connection:
        return len(connection.execute(select(Throttle.id)).all()), len(
            connection.execute(select(ThrottleKey.day)).all()
        )


def test_what_ties_a_count_to_an_address_is_gone_the_next_day(
    database: Database, ring: KeyRing, settings: Settings
) -> None:
    with time_machine.travel("2026-11-21T22:00:00Z", tick=False) as clock:
        for _guess in range(TRIES):
            assert attempt(database, "reply", "203.0.113.9").allowed
        assert not attempt(database, "reply", "203.0.113.9").allowed
        assert attempt(database, "reply", "203.0.113.10").allowed
        assert counted(database) == (2, 1)
        delete_what_has_had_its_time(database, ring, settings)
        assert counted(database) == (2, 1)
        clock.shift(timedelta(hours=2))
        delete_what_has_had_its_time(database, ring, settings)
        assert counted(database) == (0, 0)


def test_a_guess_of_the_next_day_forgets_the_day_before_by_itself(database: Database) -> None:
    with time_machine.travel("2026-11-21T23:59:59Z", tick=False) as clock:
        attempt(database, "reply", "203.0.113.9")
        attempt(database, "reply", "203.0.113.10")
        clock.shift(1)
        attempt(database, "reply", "203.0.113.9")
    assert counted(database) == (1, 1)


# By itself


class Told(threading.Event):
    """Lets a worker rest without waiting; when it is in trouble for the first time, mends what is wrong."""

    def __init__(
        self, trouble: Callable[[], bool], mend: Callable[[], None], done: Callable[[], bool]
    ) -> None:
        super().__init__()
        self.trouble, self.mend, self.done = trouble, mend, done
        self.rests = 0

    def is_set(self) -> bool:
        return self.done() or self.rests > 10

    def wait(self, timeout: float | None = None) -> bool:
        self.rests += 1
        if self.rests == 1:
            assert self.trouble()
            self.mend()
        return self.is_set()


def test_tidying_goes_on_after_a_failure(
    database: Database, ring: KeyRing, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """The keys are away at first: the worker says so, and tidies by itself when they are back."""
    arrive(database, ring, received=date(1999, 1, 4))
    here = replace(settings, database=address_of(database))
    told = Told(lambda: bool(caplog.records), lambda: ring.save(here.key_file), lambda: not stored(database))
    work(here, told)
    assert stored(database) == [] and told.rests == 2, "once in trouble, once when all was done"
    assert {(record.message, record.kind) for record in caplog.records} == {  # type: ignore[attr-defined]
        ("worker in trouble", "KeyRingError")
    }
