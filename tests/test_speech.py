"""The languages people speak and sign: codes, names, direction."""

from __future__ import annotations

import re
import unicodedata

import pytest
from babel import Locale

from portal.forms import shared, speech
from portal.forms.speech import SIGNED, SPEECH, SPOKEN, Speech
from portal.languages import LANGUAGES, template
from portal.questions.typing_in import clean_words
from tests import pseudo

every = pytest.mark.parametrize("one", SPEECH.values(), ids=lambda one: one.code)


def test_each_code_and_each_name_is_there_once() -> None:
    both = (*SPOKEN, *SIGNED)
    assert len(SPEECH) == len(both) == len({one.english.id for one in both}) == len({one.tag for one in both})
    assert len({one.endonym.casefold() for one in both}) == len(both)
    assert "pmu" not in SPEECH and "kur" not in SPEECH


@every
def test_a_code_is_iso_639_3_and_a_name_is_public(one: Speech) -> None:
    assert re.fullmatch("[a-z]{3}", one.code)
    assert re.fullmatch("[a-z]{2,3}(-[A-Z][a-z]{3})?", one.tag)
    assert (one.english.catalogue, one.english.context) == ("public", "language")
    assert one.endonym == clean_words(one.endonym)
    assert one.english.id not in one.aliases
    assert not one.macro or one.macro != one.code


@every
def test_its_direction_is_that_of_its_script(one: Speech) -> None:
    letters = {unicodedata.name(letter).split()[0] for letter in one.endonym if letter.isalpha()}
    assert len(letters) == 1, "one script a name"
    assert (one.direction == "rtl") is (letters == {"ARABIC"})


def test_a_tag_has_two_letters_wherever_there_are_some() -> None:
    """Browsers and fonts know `ur`; they do not know `urd`."""
    for code, tag in {"urd": "ur", "pan": "pa", "pes": "fa", "som": "so", "swh": "sw", "ckb": "ckb"}.items():
        assert SPEECH[code].tag == tag


def test_the_languages_of_the_pages_have_the_same_names_here() -> None:
    found = {one.tag: one for one in SPOKEN if one.tag in LANGUAGES}
    assert set(found) == set(LANGUAGES) - {"en", pseudo.CODE}
    for code, one in found.items():
        assert one.endonym == LANGUAGES[code].endonym
        assert one.english.id.startswith(LANGUAGES[code].english)
        assert one.direction == Locale.parse(code).text_direction


def test_both_lists_are_in_the_order_of_their_english_names() -> None:
    for several in (SPOKEN, SIGNED):
        rest = [one.english.id for one in several if one.code != "bfi"]
        assert rest == sorted(rest)
    assert SIGNED[0].code == "bfi"


def test_an_option_shows_the_own_name_where_it_differs() -> None:
    options = {option.code: option for option in (*speech.SPOKEN_OPTIONS, *speech.SIGNED_OPTIONS)}
    assert set(options) == set(SPEECH)
    hint = options["ckb"].hint
    assert hint and (hint.id, hint.catalogue) == ("کوردی (سۆرانی)", "as written")
    assert options["twi"].hint is None and options["bfi"].hint is None


def test_a_language_that_is_counted_has_the_same_name_as_one_that_is_spoken() -> None:
    apart = {option.code: option.text.id for option in shared.LANGUAGES}
    assert apart.pop("ben") == "Bengali (with Sylheti and Chatgaya)"
    assert apart == {code: SPEECH[code].english.id for code in apart}


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_no_two_languages_have_one_name_in_a_translation(code: str) -> None:
    """Romani and Romanian sound alike in most of them."""
    names = [template(one.english, code) for one in SPEECH.values()]
    assert len(set(names)) == len(names), sorted(name for name in names if names.count(name) > 1)
