"""Who can serve whom."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.forms.speech import SPEECH
from portal.interpreting.serving import CONFUSED, often_confused, served
from tests.answering import steady

CODES = st.sampled_from(sorted(SPEECH))
OR_NONE = st.none() | st.just("") | CODES


def test_no_language_stands_for_another_over_all_pairs() -> None:
    for theirs, asked in permutations((*SPEECH, "kur", "fas", "zho"), 2):
        assert served((theirs,), asked) is None, (theirs, asked)
        assert served((theirs,), asked, asked) is None
        assert served((theirs,), asked, theirs) == "fallback"
    for code in SPEECH:
        assert served((code,), code) == served((code,), code, code) == "full"


@pytest.mark.parametrize(
    ("theirs", "asked"),
    [
        ("ckb", "kmr"),
        ("kmr", "ckb"),
        ("prs", "pes"),
        ("pes", "prs"),
        ("urd", "phr"),
        ("ben", "syl"),
        ("bfi", "pks"),
    ],
)
def test_known_mistakes_are_not_made(theirs: str, asked: str) -> None:
    assert served({theirs}, asked) is None
    assert served({theirs, "som"}, asked, "tir") is None


def test_urdu_serves_pahari_only_if_the_person_says_so() -> None:
    assert served({"urd"}, "phr") is None
    assert served({"urd"}, "phr", "urd") == "fallback"
    assert served({"urd", "phr"}, "phr", "urd") == "full"


def test_a_code_for_several_languages_and_one_of_them_never_stand_for_each_other() -> None:
    checked = 0
    for one in SPEECH.values():
        if one.macro:
            checked += 1
            assert served({one.macro}, one.code) is None and served({one.code}, one.macro) is None
    assert checked > 10


@given(st.frozensets(CODES), CODES, OR_NONE)
@steady
def test_full_is_the_language_asked_and_fallback_the_one_that_was_agreed_to(
    theirs: frozenset[str], asked: str, second: str | None
) -> None:
    found = served(theirs, asked, second)
    assert (found == "full") is (asked in theirs)
    assert (found == "fallback") is (asked not in theirs and second in theirs)


@given(st.frozensets(CODES), CODES, OR_NONE, CODES)
@steady
def test_another_language_of_the_interpreter_never_takes_anything_away(
    theirs: frozenset[str], asked: str, second: str | None, more: str
) -> None:
    order = (None, "fallback", "full")
    assert order.index(served(theirs | {more}, asked, second)) >= order.index(served(theirs, asked, second))


def test_who_asked_for_nothing_is_served_by_nobody() -> None:
    assert served({"", "urd"}, "") is None and served({"", "urd"}, "", "") is None


def test_what_people_mix_up_is_said_beside_each_of_the_languages() -> None:
    assert {code for one in CONFUSED for code in one.codes} <= set(SPEECH)
    for asked, words in {
        "ckb": "Kurmanji",
        "prs": "Dari",
        "phr": "Urdu",
        "syl": "Bengali",
        "ary": "Levantine",
    }.items():
        [said] = often_confused(asked)
        assert words in said.english
    assert "BSL" in often_confused("pks")[0].english
    assert often_confused("vie") == ()
    assert all(one.text.catalogue == "staff" and len(one.codes) > 1 for one in CONFUSED)
