"""Passwords: long ones, none of the common ones, kept as Argon2id hashes."""

from __future__ import annotations

import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from portal.questions.messages import Message, _staff

LEAST, MOST = 12, 200
"""Characters. OWASP ASVS 5.0 V6.2.1 asks for 8 and advises 15; nothing is cut off."""
HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
"""OWASP's profile for Argon2id: 19 MiB, two rounds, one lane."""

AROUND = "0123456789!?.,*#$@&+-_ "
"""What people put before or after a common word to make it look like another one."""

LEAST_WORD = 4
"""Characters that must be left without what stands around them."""

TOO_SHORT = _staff("Use at least %(number)s characters: three or four words are easy to remember")
TOO_LONG = _staff("Use at most %(number)s characters")
TOO_COMMON = _staff("This password is on the lists that attackers try first. Choose another one")
IS_YOU = _staff("Do not use your name, your email address or the name of the organisation as the password")
DIFFER = _staff("The two passwords are not the same")


def wrong_with(password: str, own_words: list[str]) -> Message | None:
    """Why a password cannot be used; None if it can. `own_words`: what anyone would guess of this person."""
    if len(password) < LEAST:
        return TOO_SHORT.with_values(number=LEAST)
    if len(password) > MOST:
        return TOO_LONG.with_values(number=MOST)
    plain = password.casefold()
    tried = _forms(plain)
    if not tried.isdisjoint(_common()) or len(plain.strip(AROUND)) < LEAST_WORD or len(set(plain)) < 5:
        return TOO_COMMON
    if any(not tried.isdisjoint(_forms(word.casefold())) for word in own_words if word):
        return IS_YOU
    return None


def _forms(plain: str) -> frozenset[str]:
    """A password as it is, without what people put around it, and its letters and digits alone."""
    return frozenset((plain, plain.strip(AROUND), "".join(filter(str.isalnum, plain)))) - {""}


def hashed(password: str) -> str:
    return HASHER.hash(same_on_every_keyboard(password))


def same_on_every_keyboard(password: str) -> str:
    """One way to write letters that keyboards send in several: é is one character or two."""
    return unicodedata.normalize("NFC", password)


def is_right(password: str, hash: str | None) -> bool:
    """Whether the password has this hash. Takes as long when there is no hash: nobody learns who exists."""
    try:
        return HASHER.verify(hash or _of_nobody(), same_on_every_keyboard(password)) and hash is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _common() -> frozenset[str]:
    return frozenset(form for word in FREQUENCY_LISTS["passwords"] for form in _forms(word))


@cache
def _of_nobody() -> str:
    return HASHER.hash("the password of nobody")
