"""What an interpreter may see, cell by cell: it grows in steps, shrinks again, and some of it never comes."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.interpreting import jobs
from portal.interpreting.disclosure import AFTER, BEFORE, TABLE, Field, Moment, moment_of, visible
from portal.interpreting.models import Assignment
from portal.interpreting.purposes import PURPOSES

STARTS, ENDS = 1_800_000_000, 1_800_005_400
STATES = ("accepted", "confirmed", "started", "finished", "claimed", "approved", "released")
MODES = ("office", "home", "place", "phone", "phone_now", "video", "any")
YES, NO = True, False
CELLS = {
    # field: offer, held, confirmed, from 24 hours before, later than 48 hours after
    Field.LANGUAGE: (YES, YES, YES, YES, YES),
    Field.MODE: (YES, YES, YES, YES, YES),
    Field.WHEN: (YES, YES, YES, YES, YES),
    Field.LENGTH: (YES, YES, YES, YES, YES),
    Field.SECTOR: (YES, YES, YES, YES, YES),
    Field.GENDER: (YES, YES, YES, YES, YES),
    Field.SEATS: (YES, YES, YES, YES, YES),
    Field.AREA: (YES, YES, YES, YES, YES),
    Field.PURPOSE: (YES, YES, NO, NO, NO),
    Field.WHOLE_PURPOSE: (NO, NO, YES, YES, NO),
    Field.PREPARE: (NO, NO, YES, YES, NO),
    Field.INITIALS: (NO, YES, NO, NO, NO),
    Field.NEIGHBOURHOOD: (NO, YES, NO, NO, NO),
    Field.CALLED: (NO, NO, YES, YES, NO),
    Field.ADDRESS: (NO, NO, NO, YES, NO),
}


def job(mode: str = "home", agreed: bool = True, starts: int = STARTS, ends: int = ENDS) -> SimpleNamespace:
    return SimpleNamespace(mode=mode, agreed=agreed, starts=starts, ends=ends)


@pytest.mark.parametrize("field", Field)
def test_each_cell_of_the_table_is_as_agreed(field: Field) -> None:
    whens = (
        (None, STARTS - 10 * BEFORE),
        ("accepted", STARTS - 10 * BEFORE),
        ("confirmed", STARTS - BEFORE - 1),
        ("confirmed", STARTS - BEFORE),
        ("approved", ENDS + AFTER),
    )
    assert tuple(field in visible(state, job(), now) for state, now in whens) == CELLS[field]


def test_no_field_is_left_out_and_none_is_what_is_never_shown() -> None:
    assert set(TABLE) == set(Field) == set(CELLS)
    assert not {"phone", "notes", "equality", "incident", "email", "name"} & {one.value for one in Field}


def test_the_states_are_those_of_an_assignment() -> None:
    [rule] = [one for one in Assignment.__table__.constraints if str(one.name).endswith("state")]
    assert all(f"'{state}'" in str(rule.sqltext) for state in STATES)  # type: ignore[attr-defined]


@given(
    state=st.sampled_from((None, *STATES)),
    mode=st.sampled_from(MODES),
    agreed=st.booleans(),
    length=st.integers(600, 6 * 3600),
    now=st.integers(STARTS - 5 * BEFORE, STARTS + 5 * AFTER)
    | st.sampled_from([STARTS - BEFORE + step for step in (-1, 0, 1)]),
)
def test_at_every_moment_only_what_that_moment_allows(
    state: str | None, mode: str, agreed: bool, length: int, now: int
) -> None:
    ends = STARTS + length
    seen = visible(state, job(mode, agreed, ends=ends), now)
    confirmed = state in ("confirmed", "started", "finished", "claimed", "approved")
    over = now >= ends + 48 * 3600
    address = confirmed and agreed and not over and now >= STARTS - 24 * 3600 and mode in ("home", "place")
    assert (Field.ADDRESS in seen) == address
    assert (Field.CALLED in seen) == (confirmed and agreed and not over)
    assert (Field.INITIALS in seen) == (state == "accepted" and agreed and not over)
    assert (Field.WHOLE_PURPOSE in seen) == (confirmed and not over)
    assert {Field.LANGUAGE, Field.WHEN, Field.AREA} <= seen
    if state in (None, "released"):
        assert not seen & {Field.ADDRESS, Field.CALLED, Field.INITIALS, Field.WHOLE_PURPOSE, Field.PREPARE}


@given(state=st.sampled_from(STATES), now=st.integers(STARTS - 5 * BEFORE, STARTS + 5 * AFTER))
def test_what_has_been_hidden_again_does_not_come_back(state: str, now: int) -> None:
    if moment_of(state, STARTS, ENDS, now) is Moment.AFTER:
        assert moment_of(state, STARTS, ENDS, now + 1) is Moment.AFTER


@pytest.mark.parametrize("code", [code for code, one in PURPOSES.items() if one.sensitive])
def test_what_is_sensitive_is_called_only_that_before_it_is_confirmed(code: str) -> None:
    row = SimpleNamespace(
        **vars(job()),
        **{"purpose": code, "speak": "urd", "sign": None, "coded": None, "second": None, "office": None},
        **{"place_area": "DE23", "gender": None, "gender_essential": False, "seats": 1},
        **{"support": [], "children": False},
    )
    known = jobs.Names({"urd": "Urdu"}, {})
    for state in (None, "accepted"):
        said = {
            str(words.id) for _key, many in jobs.rows(row, visible(state, row, 0), known) for words in many
        }
        assert "sensitive" in said and PURPOSES[code].name.id not in said
    after = jobs.rows(row, visible("approved", row, ENDS + AFTER), known)
    said = {str(words.id) for _key, many in after for words in many}
    assert "sensitive" not in said and PURPOSES[code].name.id not in said


@pytest.mark.parametrize(
    ("name", "initials", "called"),
    [
        ("Parveen Akhtar", "P A", "Parveen"),
        ("Mrs. Akhtar", "A", "Mrs. Akhtar"),
        ("بشریٰ خان", "ب خ", "بشریٰ"),
        ("কি বর", "কি ব", "কি"),
        ("Ali", "A", "Ali"),
        ("", "", ""),
    ],
)
def test_initials_and_how_to_address_somebody(name: str, initials: str, called: str) -> None:
    assert (jobs.initials(name), jobs.called(name)) == (initials, called)
