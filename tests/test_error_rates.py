"""Error rates: Wilson's interval, and counts by question, keyer and edition."""

from __future__ import annotations

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, update

from portal.accounts.roles import Role
from portal.database import Database
from portal.keying.error_rates import MOST_WRONG, Count, rates, too_high, wilson
from portal.keying.models import Batch, KeyingErrors
from portal.sealing import KeyRing
from tests.answering import steady
from tests.conftest import MakePortal
from tests.desk import Keyer, office, pile


@pytest.mark.parametrize(
    ("wrong", "compared", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (1, 29, 0.0061, 0.1718),
        (0, 10, 0.0, 0.2775),
        (1, 100, 0.0018, 0.0545),
        (5, 1000, 0.0021, 0.0117),
        (10, 10, 0.7225, 1.0),
        (0, 1, 0.0, 0.7935),
    ],
)
def test_intervals_are_those_of_the_formula(wrong: int, compared: int, low: float, high: float) -> None:
    """Wilson 1927, JASA 22:209. The first three: Newcombe 1998, Statistics in Medicine 17:857."""
    assert wilson(wrong, compared) == pytest.approx((low, high), abs=5e-5)


@steady
@given(st.data(), st.integers(1, 5000))
def test_the_rate_lies_in_its_interval(data: st.DataObject, compared: int) -> None:
    wrong = data.draw(st.integers(0, compared))
    found = Count(compared, wrong)
    low, high = found.interval
    assert 0 <= low <= found.rate <= high <= 1
    for bound in (low, high):
        if 0 < bound < 1:  # the bounds are the rates that lie z standard errors from what was found
            error = sqrt(bound * (1 - bound) / compared)
            assert abs(found.rate - bound) == pytest.approx(1.959964 * error, rel=1e-4)
    mirrored = wilson(compared - wrong, compared)
    assert (1 - mirrored[1], 1 - mirrored[0]) == pytest.approx((low, high))


def test_more_answers_and_less_confidence_make_it_narrower() -> None:
    widths = [high - low for low, high in (wilson(n, n * 20) for n in (1, 10, 100))]
    assert widths == sorted(widths, reverse=True)
    low, high = wilson(5, 1000, confidence=0.5)
    assert wilson(5, 1000)[0] < low < high < wilson(5, 1000)[1]


def test_nothing_compared_says_nothing() -> None:
    assert Count(0, 0).interval == (0.0, 1.0) and Count(0, 0).rate == 0.0
    assert not too_high([]) and not too_high([Count(0, 0)])


def test_a_batch_is_too_wrong_from_above_half_a_per_cent() -> None:
    assert MOST_WRONG == 0.005
    assert not too_high([Count(100, 1), Count(100, 0)])
    assert too_high([Count(100, 1), Count(99, 0)])


FOUND = (
    ("1", "colour", "NNN222222", 100, 2),
    ("1", "colour", "BBB222222", 100, 0),
    ("1", "rooms", "NNN222222", 50, 0),
    ("2", "colour", "NNN222222", 300, 1),
)
"""Edition, question, keyer, compared, wrong: a batch each."""


def counted(database: Database, ring: KeyRing, found: tuple[tuple[str, str, str, int, int], ...]) -> None:
    for edition, question, keyer, compared, wrong in found:
        batch = pile(database, ring, edition=edition)
        row = {"batch": batch, "question": question, "keyer": keyer, "compared": compared, "wrong": wrong}
        with database.write() as connection:
            connection.execute(update(Batch).where(Batch.reference == batch).values(state="closed"))
            connection.execute(insert(KeyingErrors), row)


def test_rates_are_added_up_by_question_keyer_and_edition(database: Database, ring: KeyRing) -> None:
    counted(database, ring, FOUND)
    with database.read() as connection:
        assert rates(connection, "question") == [
            ("small colour", Count(500, 3)),
            ("small rooms", Count(50, 0)),
        ]
        assert rates(connection, "keyer") == [
            ("NNN222222", Count(450, 3)),
            ("BBB222222", Count(100, 0)),
        ]
        assert rates(connection, "edition") == [("small 1", Count(250, 2)), ("small 2", Count(300, 1))]


def test_the_page_names_people_and_shows_the_range(
    make_portal: MakePortal, database: Database, ring: KeyRing
) -> None:
    boss = Keyer(office(make_portal, database), Role.SUPERVISOR, name="Samira Supervisor")
    boss.open("/staff/keying-errors")
    assert "No batch with papers keyed twice is closed yet" in boss.text
    counted(database, ring, (("1", "colour", boss.reference, 1000, 5),))
    boss.open("/staff/keying-errors").link("Keyer")
    assert "Samira Supervisor 1000 5 0.50 % 0.21–1.17 %" in boss.text and boss.reference not in boss.text
    boss.link("Question")
    assert "small colour 1000 5" in boss.text
    assert boss.open("/staff/keying-errors?by=batch").status == 404
    assert boss.open("/staff/keying-errors?by=").status == 404
