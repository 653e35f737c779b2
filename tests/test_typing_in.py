"""What people type, in any script: kept as words, read as numbers, compared as month names."""

from __future__ import annotations

import unicodedata

import pytest
from babel import Locale
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.languages import LANGUAGES, OTHER_MONTHS, months
from portal.questions.answers import marked
from portal.questions.typing_in import clean_words, folded, western_digits, whole_number
from tests.answering import ANY_TEXT, steady

FORTY_TWO = {
    "Western": "42",
    "Arabic-Indic": "٤٢",
    "Persian and Urdu": "۴۲",
    "Devanagari": "४२",
    "Bengali": "৪২",
    "Gurmukhi": "੪੨",
    "full-width": "４２",
    "Gujarati": "૪૨",
    "mixed": "۴२",
    "pasted with marks of direction": "\u200f٤٢\u200e",
}


@pytest.mark.parametrize("script", FORTY_TWO)
def test_a_number_may_be_typed_in_any_digits(script: str) -> None:
    assert western_digits(f"no. {FORTY_TWO[script]}") == "no. 42"
    assert whole_number(FORTY_TWO[script]) == 42


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("1,234", 1234),
        ("1 234", 1234),
        ("1\u00a0234", 1234),
        ("1\u202f234", 1234),
        ("١٬٢٣٤", 1234),
        ("1,00,000", 100_000),
        ("  7 ", 7),
        ("007", 7),
        ("-3", -3),
        ("-0", 0),
    ],
)
def test_separators_in_a_number_do_not_matter(typed: str, number: int) -> None:
    assert whole_number(typed) == number


@pytest.mark.parametrize("typed", ["", "three", "3.5", "½", "²", "Ⅷ", "--3", "3-", "1e3", "0x1", "9" * 16])
def test_what_is_no_whole_number_is_told_apart(typed: str) -> None:
    assert whole_number(typed) is None


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  two  words \n", "two  words"),
        ("e\u0301", "\u00e9"),
        ("a\0b\x07c\x7f", "abc"),
        ("\u202edesrever\u202c \u2066isolated\u2069", "desrever isolated"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("ক\u09cd\u200dষ", "ক\u09cd\u200dষ"),
        ("\ud800lone", "lone"),
        ("\ufffe\U0001fffffd\ufdd0x", "\U0001fffffd"[1:] + "x"),
        ("_refused", "refused"),
        ("__a_b", "a_b"),
        ("_ _refused", "refused"),
        ("\t_\n_ _multiple", "multiple"),
        ("___", ""),
        ("a\tb", "a b"),
        ("one\r\ntwo\rthree\nfour", "one two three four"),
        ("one\u2028two\x85three", "one two three"),
        ("😀 ok", "😀 ok"),
    ],
)
def test_words_are_made_fit_to_keep(typed: str, kept: str) -> None:
    assert clean_words(typed) == kept


def test_long_words_keep_their_lines() -> None:
    assert clean_words("one\r\n\r\ntwo\rthree\u2028four\n", lines=True) == "one\n\ntwo\nthree\nfour"


@settings(steady, max_examples=300)
@given(ANY_TEXT, st.booleans())
def test_whatever_is_typed_can_be_kept(typed: str, lines: bool) -> None:
    words = clean_words(typed, lines=lines)
    words.encode("utf-8")
    assert words == unicodedata.normalize("NFC", words).strip()
    assert clean_words(words, lines=lines) == words, "cleaning twice changes nothing"
    assert not marked((words,)) and not words.startswith("_")
    assert lines or len(words.splitlines()) <= 1
    assert not {unicodedata.category(letter) for letter in words.replace("\n", "")} & {"Cc", "Cs"}


MONTHS = {
    "en": "January February March April May June July August September October November December",
    "ur": "جنوری فروری مارچ اپریل مئی جون جولائی اگست ستمبر اکتوبر نومبر دسمبر",
    "pa": "ਜਨਵਰੀ ਫ਼ਰਵਰੀ ਮਾਰਚ ਅਪ੍ਰੈਲ ਮਈ ਜੂਨ ਜੁਲਾਈ ਅਗਸਤ ਸਤੰਬਰ ਅਕਤੂਬਰ ਨਵੰਬਰ ਦਸੰਬਰ",
    "hi": "जनवरी फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर",
    "bn": "জানুয়ারী ফেব্রুয়ারী মার্চ এপ্রিল মে জুন জুলাই আগস্ট সেপ্টেম্বর অক্টোবর নভেম্বর ডিসেম্বর",
    "ar": "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
    "fa": "ژانویه فوریه مارس آوریل مه ژوئن ژوئیه اوت سپتامبر اکتبر نوامبر دسامبر",
    "pl": "styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień",
}
LEVANTINE = "كانون الثاني,شباط,آذار,نيسان,أيار,حزيران,تموز,آب,أيلول,تشرين الأول,تشرين الثاني,كانون الأول"


@pytest.mark.parametrize("language", MONTHS)
def test_a_month_may_be_named_in_the_language_of_the_page(language: str) -> None:
    assert [months(language)[folded(name)] for name in MONTHS[language].split()] == list(range(1, 13))


@pytest.mark.parametrize("language", MONTHS)
def test_a_month_may_be_named_in_english_on_every_page(language: str) -> None:
    assert [months(language)[folded(name)] for name in MONTHS["en"].split()] == list(range(1, 13))


def test_arabic_knows_the_months_of_the_levant_and_the_maghreb() -> None:
    assert [months("ar")[folded(name)] for name in LEVANTINE.split(",")] == list(range(1, 13))
    assert [months("ar")[folded(name)] for name in ("جانفي", "فيفري", "غشت", "دجنبر")] == [1, 2, 8, 12]


def test_persian_knows_the_months_of_afghanistan() -> None:
    assert [months("fa")[folded(name)] for name in ("جنوری", "می", "سپتمبر", "اکتوبر")] == [1, 5, 9, 10]


@pytest.mark.parametrize(
    ("language", "typed", "month"),
    [
        ("en", "Sep", 9),
        ("en", "Sept.", 9),
        ("en", "DEC.", 12),
        ("pl", "marca", 3),
        ("pl", "paź", 10),
        ("pl", "pazdziernika", 10),
        ("hi", "सित॰", 9),
        ("hi", "सित", 9),
        ("hi", "फरवरी", 2),
        ("pa", "ਫਰਵਰੀ", 2),
        ("bn", "ফেব", 2),
        ("ar", "ابريل", 4),
        ("ar", "اغسطس", 8),
        ("ar", "كانون  الثاني", 1),
        ("fa", "ژانویهٔ", 1),
        ("fa", "ژانويه", 1),
        ("ur", "جنوري", 1),
        ("ur", "جُون", 6),
    ],
)
def test_a_month_is_known_however_people_write_it(language: str, typed: str, month: int) -> None:
    """Short, in capitals, with a dot, without accents, hamza or nukta, or from another keyboard."""
    assert months(language).get(folded(typed)) == month


@pytest.mark.parametrize("language", MONTHS)
def test_no_name_means_two_months(language: str) -> None:
    for locale in map(Locale.parse, ("en_GB", language, *OTHER_MONTHS.get(language, ()))):
        for width in ("wide", "abbreviated"):
            for number, name in locale.months["format"][width].items():
                assert months(language)[folded(name)] == number, name


def test_every_offered_language_has_its_months_tested() -> None:
    assert set(LANGUAGES) - {"en-xa"} == set(MONTHS)
