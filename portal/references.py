"""References: what may be read aloud and written on paper. Random, so that they tell no order and no number.

Eight letters and digits that nobody takes for one another, and a check character: every single slip and
every swap of neighbours is found, because the alphabet has a prime number of letters.
"""

from __future__ import annotations

import secrets

from portal.questions.typing_in import clean_words, western_digits

ALPHABET = "23456789CFGHJKMNPRTVWXY"
"""No vowels, which could spell a word, and no look-alikes."""
LENGTH = 9
TAKEN_FOR = str.maketrans("BSZ", "852")
"""Letters that are in no reference, and the digits that people mean by them."""


def new() -> str:
    """A new reference, such as 7K3PX92CM."""
    number, body = secrets.randbelow(len(ALPHABET) ** (LENGTH - 1)), ""
    for _place in range(LENGTH - 1):
        number, letter = divmod(number, len(ALPHABET))
        body += ALPHABET[letter]
    return body + _check(body)


def grouped(reference: str) -> str:
    """As it is shown and read aloud: 7K3P X92C M."""
    return " ".join(reference[place : place + 4] for place in range(0, LENGTH, 4))


def read(typed: str) -> str | None:
    """The reference that somebody typed, in either case, with spaces or hyphens; None if it cannot be one."""
    letters = western_digits(clean_words(typed)).upper().translate(TAKEN_FOR)
    found = "".join(letter for letter in letters if letter.isalnum())
    if len(found) != LENGTH or set(found) - set(ALPHABET) or _check(found[:-1]) != found[-1]:
        return None
    return found


def _check(body: str) -> str:
    total = sum(place * ALPHABET.index(letter) for place, letter in enumerate(body, start=2))
    return ALPHABET[total % len(ALPHABET)]
