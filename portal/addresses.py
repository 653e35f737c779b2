"""Phone numbers, email and postal addresses as people type them: made fit to use, compared, found again."""

from __future__ import annotations

import re
from collections.abc import Iterable

from portal.questions.typing_in import folded, western_digits

PHONE = re.compile(r"\+?[0-9][0-9 ()-]{4,24}")
EMAIL = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+\.[^@\s.<>,;\"]+")
POSTCODE = re.compile(r"[a-z]{1,2}[0-9][a-z0-9]?[0-9][a-z]{2}")
TELLING = 6
"""Letters. Less of an address than that could stand in any words."""


def phone_in(words: str) -> str:
    """The phone number that somebody typed; empty when it can be none."""
    number = re.sub(r"[^0-9+ ()-]", "", western_digits(words)).strip()
    return number if PHONE.fullmatch(number) else ""


def email_in(words: str) -> str:
    """The email address that somebody typed; empty when it can be none."""
    address = words.strip()
    return address if EMAIL.fullmatch(address) else ""


def plain(words: str) -> str:
    """An address or number without case, spaces and stops, so that two ways to write it come out the same."""
    letters = re.sub(r"[\W_]", "", folded(western_digits(words)))
    if letters.isdigit() and len(letters) > TELLING:
        return letters.removeprefix("0044").removeprefix("44").lstrip("0")
    return letters


def traces(address: str) -> frozenset[str]:
    """What tells an address, number or email to who finds it in other words: all of it, or a part.

    Of a postal address the first line and the postcode are enough.
    """
    lines = [line for line in address.splitlines() if line.strip()]
    parts = {plain(address), *(plain(line) for line in lines[:1])}
    parts |= {plain(line) for line in lines if POSTCODE.fullmatch(plain(line))}
    return frozenset(part for part in parts if len(part) >= TELLING)


def tell(words: str, hidden: Iterable[str]) -> bool:
    """Whether words hold one of these traces."""
    found = plain(f"{words}.")
    return any(one in found for one in hidden)
