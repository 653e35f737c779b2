"""Passwords: long ones, none of the common ones, kept as Argon2id hashes."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from portal.questions.messages import Message, _staff

LEAST, MOST = 12, 200
"""Characters. OWASP ASVS 5.0 V6.2.1 asks for 8 and advises 15; nothing is cut off."""
HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
"""OWASP's profile for Argon2id: 19 MiB, two rounds, one lane."""

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
    stem = plain.rstrip("0123456789!?.*#$ ")
    if plain in _common() or stem in _common() or len(set(plain)) < 5:
        return TOO_COMMON
    guessable = [word.casefold() for word in own_words if word]
    if stem in guessable or plain in guessable:
        return IS_YOU
    return None


def hashed(password: str) -> str:
    return HASHER.hash(password)


def is_right(password: str, hash: str | None) -> bool:
    """Whether the password has this hash. Takes as long when there is no hash: nobody learns who exists."""
    try:
        return HASHER.verify(hash or _of_nobody(), password) and hash is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _common() -> frozenset[str]:
    return frozenset(FREQUENCY_LISTS["passwords"])


@cache
def _of_nobody() -> str:
    return HASHER.hash("the password of nobody")
