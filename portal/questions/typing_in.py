"""What people type, made safe to keep: any script's digits, no invisible control characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

Typed = Mapping[str, Sequence[str]]
"""The fields of one page as they were typed: field name -> values."""

LINE_ENDS = r"\r\n|[\r\n\v\f\x85\u2028\u2029]"
NO_DIRECTION_MARKS = str.maketrans("", "", "\u200e\u200f\u061c")
MOST_MARKS = 30
"""On one letter, as in the stream-safe text of UAX #15: NFC takes time by the square of their number."""
BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def first(typed: Typed, field: str) -> str:
    """The only value of a field, as typed; nothing when it was not sent."""
    values = typed.get(field, ())
    return values[0] if values else ""


def clean_words(text: str, *, lines: bool = False) -> str:
    """Words fit to store: NFC, trimmed, without control characters or bidi overrides.

    Joiners (U+200C, U+200D) stay, since Persian, Hindi and Bengali spell with them. Leading
    underscores go: nobody can type a mark such as `_refused`. Tabs and line ends still part words.
    """
    if text.isascii() and text.isprintable():  # nothing in it to keep away, and nothing to compose
        return text.lstrip(" _").rstrip(" ")
    text = re.sub(LINE_ENDS, "\n" if lines else " ", text).replace("\t", " ")
    kept = "".join(_kept(text))
    found = re.sub(r"^[\s_]+", "", unicodedata.normalize("NFC", kept)).rstrip()
    return found if any(unicodedata.category(letter)[0] not in "CZ" for letter in found) else ""


def _kept(text: str) -> Iterator[str]:
    """The letters that can be stored; of endless accents on one letter, which are an attack, the first."""
    marks = 0
    for letter in filter(_storable, text):
        marks = marks + 1 if unicodedata.category(letter).startswith("M") else 0
        if marks <= MOST_MARKS:
            yield letter


def _storable(letter: str) -> bool:
    if letter in BIDI_CONTROLS:
        return False
    point = ord(letter)
    if point & 0xFFFE == 0xFFFE or 0xFDD0 <= point <= 0xFDEF:  # noncharacters
        return False
    return letter == "\n" or unicodedata.category(letter) not in ("Cc", "Cs")


def western_digits(text: str) -> str:
    """The same text with every Unicode decimal digit as 0 to 9, and no marks of direction between them."""
    if text.isascii():
        return text
    text = text.translate(NO_DIRECTION_MARKS)
    return "".join(str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in text)


def whole_number(text: str) -> int | None:
    """The whole number someone typed, in any digits, with or without separators; None if it is none."""
    digits = re.sub(r"[\s,\u066c\u00a0\u202f]", "", western_digits(clean_words(text)))
    if not digits.isascii() or not re.fullmatch(r"-?[0-9]{1,15}", digits):
        return None
    return int(digits)


ONE_FORM = str.maketrans("\u064a\u0649\u0643\u0629", "\u06cc\u06cc\u06a9\u0647", " .\u0970\u0640\u200c\u200d")
"""Arabic yeh, kaf and teh marbuta as other keyboards write them; spaces, dots, tatweel and joiners away."""
VIRAMA = 9
"""The combining class of the sign that joins two consonants."""


def folded(word: str) -> str:
    """A word as month names are compared: no case, no spaces, no dots, one form of each letter.

    Accents, hamzas and nuktas go, as people leave them out; vowel signs and viramas stay.
    """
    letters = unicodedata.normalize("NFKD", clean_words(word)).casefold().translate(ONE_FORM)
    return "".join(letter for letter in letters if unicodedata.combining(letter) in (0, VIRAMA))
