"""Languages: their names and directions, their months, and how a message is said in one of them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.languages import (
    FIRST_STRONG_ISOLATE,
    LANGUAGES,
    POP_ISOLATE,
    catalogue,
    months,
    say,
    template,
)
from portal.questions.errors import ALONE, OUT_OF_RANGE, TOO_LONG
from portal.questions.messages import Message, _staff, as_written
from portal.questions.typing_in import folded
from tests import pseudo

TRANSLATED = [code for code in LANGUAGES if code not in ("en", pseudo.CODE)]


def isolated(words: str) -> str:
    return f"{FIRST_STRONG_ISOLATE}{words}{POP_ISOLATE}"


YES = Message("Yes")
"""A text that every language has."""


@pytest.mark.parametrize(
    ("code", "direction", "tag"),
    [
        ("en", "ltr", "en"),
        ("ur", "rtl", "ur"),
        ("pa", "ltr", "pa"),
        ("hi", "ltr", "hi"),
        ("bn", "ltr", "bn"),
        ("ar", "rtl", "ar"),
        ("fa", "rtl", "fa"),
        ("pl", "ltr", "pl"),
    ],
)
def test_a_language_has_its_direction_and_its_tag(code: str, direction: str, tag: str) -> None:
    language = LANGUAGES[code]
    assert language.direction == direction
    assert language.lang.split("-")[0] == tag


def test_eight_languages_are_offered_and_english_is_the_first() -> None:
    assert [code for code in LANGUAGES if code != pseudo.CODE] == ["en", *TRANSLATED]
    assert len(TRANSLATED) == 7


@pytest.mark.parametrize("code", ["en", *TRANSLATED])
def test_a_language_is_named_in_its_own_script_and_in_english(code: str) -> None:
    language = LANGUAGES[code]
    letters = [letter for letter in language.endonym if letter.isalpha()]
    right_to_left = {unicodedata.bidirectional(letter) in ("R", "AL") for letter in letters}
    assert right_to_left == {language.direction == "rtl"}
    assert language.english.isascii() and language.english[0].isupper()


def test_names_tags_and_codes_are_each_used_once() -> None:
    for part in ("code", "endonym", "english", "lang"):
        found = [getattr(language, part) for language in LANGUAGES.values()]
        assert len(set(found)) == len(found), part


# Months


@pytest.mark.parametrize("code", ["en", *TRANSLATED])
def test_a_month_is_known_by_its_name_in_the_page_s_language_and_in_english(code: str) -> None:
    names = months(code)
    assert names["march"] == names["mar"] == 3 and names["december"] == names["dec"] == 12
    assert set(names.values()) == set(range(1, 13))
    assert all(name == folded(name) for name in names)


@pytest.mark.parametrize(
    ("code", "typed", "number"),
    [
        ("ur", "مارچ", 3),
        ("pa", "ਮਾਰਚ", 3),
        ("hi", "मार्च", 3),
        ("bn", "মার্চ", 3),
        ("ar", "مارس", 3),
        ("ar", "آذار", 3),  # in the Levant
        ("fa", "مارس", 3),
        ("pl", "marzec", 3),
        ("pl", "marca", 3),  # "of March"
        ("pl", "MARCA", 3),
        ("en", "Sept.", 9),
        ("en", "SEP", 9),
        ("ur", "Sept", 9),
    ],
)
def test_a_month_is_known_as_people_write_it(code: str, typed: str, number: int) -> None:
    assert months(code)[folded(typed)] == number


# Saying


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_message_is_said_in_the_language_of_the_page(code: str) -> None:
    assert say(YES, "en") == "Yes"
    assert say(YES, code) == catalogue(code).words.gettext("Yes") != "Yes"


def test_words_put_into_a_message_are_kept_apart_from_its_direction() -> None:
    message = Message("Call %(phone)s. Interpreters are free.").with_values(phone="01632 960 123")
    assert say(message, "en") == f"Call {isolated('01632 960 123')}. Interpreters are free."
    assert isolated("01632 960 123") in say(message, "ur")


def test_a_number_needs_no_keeping_apart() -> None:
    assert say(OUT_OF_RANGE.with_values(least=1, most=120), "en") == "Enter a number from 1 to 120"


@pytest.mark.parametrize("code", ["en", *TRANSLATED])
def test_a_message_inside_a_message_is_said_in_the_same_language(code: str) -> None:
    whole = say(ALONE.with_values(option=YES), code)
    assert say(YES, code) in whole
    assert "%(" not in whole and FIRST_STRONG_ISOLATE not in whole


def test_messages_nest_as_deep_as_they_are_made() -> None:
    inner = ALONE.with_values(option=as_written("100 % “sure”"))
    assert say(ALONE.with_values(option=inner), "en").count("on its own") == 2
    assert "100 % “sure”" in say(ALONE.with_values(option=inner), "ur")


def test_a_landlord_s_own_words_are_said_as_written_in_every_language() -> None:
    for code in LANGUAGES:
        assert say(as_written("50% off: %(name)s"), code) == "50% off: %(name)s"


def test_a_context_tells_two_meanings_of_one_word_apart() -> None:
    language, nation = (Message("English", context=context) for context in ("language", "national identity"))
    assert say(language, "en") == say(nation, "en") == "English"
    assert say(language, "pl") != say(nation, "pl")


def test_what_has_no_translation_is_said_in_english() -> None:
    assert say(Message("Nobody has translated this"), "ur") == "Nobody has translated this"
    assert say(Message("Yes", context="nowhere"), "ur") == "Yes"


def test_staff_words_are_not_looked_up_among_those_of_tenants() -> None:
    assert say(_staff("Yes"), "ur") == "Yes"


# Plurals


def test_a_number_chooses_the_english_plural() -> None:
    assert "1 character at most" in say(TOO_LONG.with_values(number=1), "en")
    for number in (0, 2, 100):
        assert f"{number} characters at most" in say(TOO_LONG.with_values(number=number), "en")


@pytest.mark.parametrize(
    ("code", "groups"),
    # Unicode CLDR, plural rules: numbers of one group share a form, and each group has another
    [
        ("pl", [(1,), (2, 3, 4, 22, 104), (0, 5, 11, 12, 14, 21, 100, 112)]),
        ("ar", [(0,), (1,), (2,), (3, 10, 103), (11, 99, 111), (100, 102, 1000)]),
        ("ur", [(1,), (0, 2, 11, 100)]),
    ],
)
def test_a_number_chooses_the_plural_of_the_language(code: str, groups: list[tuple[int, ...]]) -> None:
    words = catalogue(code).words
    plural = words.plural  # type: ignore[attr-defined]
    forms = [{plural(number) for number in group} for group in groups]
    assert all(len(form) == 1 for form in forms)
    assert len(set.union(*forms)) == len(groups)


@pytest.mark.parametrize("code", ["en", *TRANSLATED])
@pytest.mark.parametrize("number", [0, 1, 2, 3, 5, 11, 21, 100, 1000])
def test_every_number_can_be_said_in_every_language(code: str, number: int) -> None:
    said = say(TOO_LONG.with_values(number=number), code)
    assert "%(" not in said and said
    assert str(number) in said or number in (0, 1, 2)


def test_a_plural_without_a_number_is_said_and_not_refused() -> None:
    assert template(TOO_LONG, "en") == TOO_LONG.plural


# Whatever is put in


@given(st.text(max_size=30), st.sampled_from(["en", *TRANSLATED]))
def test_words_of_any_kind_come_out_whole(words: str, code: str) -> None:
    message = Message("These questions are asked for: %(name)s").with_values(name=words)
    assert isolated(words) in say(message, code)
    assert words in say(ALONE.with_values(option=as_written(words)), code)
