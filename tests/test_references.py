"""References: random, readable aloud, and no slip of the finger leads to another person's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import references
from portal.references import ALPHABET, LENGTH, grouped, read

MADE = st.builds(references.new)


@given(MADE)
def test_a_reference_reads_as_itself_however_it_is_written(reference: str) -> None:
    assert read(reference) == read(grouped(reference)) == read(f" {reference.lower()} ") == reference
    assert read("-".join(reference)) == reference


@given(MADE, st.integers(0, LENGTH - 1), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_found(reference: str, place: int, letter: str) -> None:
    wrong = reference[:place] + letter + reference[place + 1 :]
    assert (read(wrong) is None) == (letter != reference[place])


@given(MADE, st.integers(0, LENGTH - 2))
def test_two_neighbours_swapped_are_found(reference: str, place: int) -> None:
    wrong = reference[:place] + reference[place + 1] + reference[place] + reference[place + 2 :]
    assert (read(wrong) is None) == (wrong != reference)


@given(st.text())
def test_what_is_read_from_anything_is_a_reference_or_none(typed: str) -> None:
    found = read(typed)
    assert found is None or (set(found) <= set(ALPHABET) and read(found) == found)


@pytest.mark.parametrize(("typed", "meant"), [("B", "8"), ("s", "5"), ("Z", "2"), ("۷", "7")])
def test_a_letter_that_is_in_no_reference_is_taken_for_the_digit_it_looks_like(
    typed: str, meant: str
) -> None:
    reference = next(one for one in iter(references.new, "") if meant in one)
    assert read(reference.replace(meant, typed)) == reference
    assert typed not in ALPHABET


def test_a_thousand_references_are_a_thousand() -> None:
    assert len({references.new() for _number in range(1000)}) == 1000
