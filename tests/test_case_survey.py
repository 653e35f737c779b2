"""The survey after a case: four weeks after closing, once, with what came of the case beside it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from portal import clock
from portal.database import Database
from portal.incidents import actions, surveys
from portal.incidents.moving import locked
from portal.incidents.states import Event, Who
from portal.incidents.surveys import AFTER, CaseSurvey
from portal.sealing import KeyRing
from tests.cases import MANAGER, NOW, OFFICER, Desk


@pytest.fixture
def time() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def desk(database: Database, ring: KeyRing, time: Any) -> Desk:
    return Desk(database, ring)


def closed(desk: Desk, *codes: str) -> str:
    """A closed case in which these things were done."""
    reference = desk.triaged(desk.tells())
    for code in codes:
        with desk.database.write() as connection:
            case = locked(connection, reference)
            basis = "tenancy" if code in actions.NEEDS_BASIS else None
            actions.note_action(
                connection, case, code, day=clock.today(), told="yes", by=OFFICER, basis=basis
            )
    desk.step(reference, Event.ACKNOWLEDGE)
    desk.step(reference, Event.INVESTIGATE, reason="told_enough")
    desk.step(reference, Event.REVIEW)
    told = {"reason": "resolved", "spoken": "yes", "outcome_told": "letter"}
    desk.step(reference, Event.CLOSE, MANAGER, Who.MANAGER, **told)
    return reference


def offered(desk: Desk, case: str) -> surveys.Offered | None:
    with desk.database.read() as connection:
        return surveys.survey_for(connection, case)


def test_it_is_offered_four_weeks_after_closing_and_once(desk: Desk, time: Any) -> None:
    case, going = closed(desk), desk.tells()
    time.shift(AFTER - 1)
    assert surveys.offer_due(desk.database) == 0 and offered(desk, case) is None
    time.shift(1)
    assert surveys.offer_due(desk.database) == 1
    assert offered(desk, case) == surveys.Offered(case, 1, False)
    assert offered(desk, going) is None
    time.shift(AFTER)
    assert surveys.offer_due(desk.database) == 0
    with desk.database.write() as connection:
        assert surveys.take(connection, case) and not surveys.take(connection, case)
    assert offered(desk, case) is None and surveys.offer_due(desk.database) == 0


def test_the_database_refuses_a_second_of_a_wave(desk: Desk, time: Any) -> None:
    row = {"case": closed(desk), "wave": 1, "offered": 1, "further_action": False, "taken": False}
    with desk.database.write() as connection:
        connection.execute(insert(CaseSurvey), row)
    with pytest.raises(IntegrityError), desk.database.write() as connection:
        connection.execute(insert(CaseSurvey), row)


@pytest.mark.parametrize(
    ("codes", "further"),
    [
        ((), False),
        (("advice", "none_unknown"), False),
        (("locks",), True),
        (("none_victim_wish", "written_warning"), True),
    ],
)
def test_it_is_noted_whether_anything_was_done(
    desk: Desk, time: Any, codes: tuple[str, ...], further: bool
) -> None:
    case = closed(desk, *codes)
    closed(desk, *(() if further else ("locks",)))
    time.shift(AFTER)
    assert surveys.offer_due(desk.database) == 2
    found = offered(desk, case)
    assert found is not None and found.further_action is further


def test_of_two_workers_one_offers_it_and_of_two_presses_one_opens_it(desk: Desk, time: Any) -> None:
    case, done, taken = closed(desk), list[int](), list[bool]()
    time.shift(AFTER)

    def at_once(what: Any) -> None:
        threads = [threading.Thread(target=what) for _number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def press() -> None:
        with desk.database.write() as connection:
            taken.append(surveys.take(connection, case))

    at_once(lambda: done.append(surveys.offer_due(desk.database)))
    at_once(press)
    assert sorted(done) == [0, 0, 0, 1] and sorted(taken) == [False, False, False, True]
