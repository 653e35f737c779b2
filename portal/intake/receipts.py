"""The receipt code: 20 digits that only the person has, by which they may come back.

18 digits from a keyed digest and 2 check digits (ISO 7064 MOD 97-10), so that a slip of the finger is
told from a wrong code. Digits, because every script and every telephone has them. What we keep is a
digest under a secret outside the database.
"""

from __future__ import annotations

import hmac
import re

from portal.questions.typing_in import western_digits
from portal.sealing import KeyRing

DIGITS = 20
GROUP = 4
BETWEEN_DIGITS = re.compile(r"(?<=[0-9])[^0-9\w]+(?=[0-9])")
MANY_DIGITS = re.compile(r"[0-9]{20,}")


def code_for(ring: KeyRing, token: bytes) -> str:
    """The code of the submission that this token makes: the same each time it is asked for."""
    number = int.from_bytes(ring.digest("receipt", b"code", token), "big") % 10**18
    return f"{number:018}{98 - number * 100 % 97:02}"


def digest_of(ring: KeyRing, code: str) -> bytes:
    """What is stored of a code and looked up again."""
    return ring.digest("receipt", b"digest", code.encode("ascii"))


def grouped(code: str) -> list[str]:
    """The code in groups of four, as it is shown and read aloud."""
    return [code[place : place + GROUP] for place in range(0, DIGITS, GROUP)]


def read_code(typed: str) -> str | None:
    """The code that somebody typed, in any digits, with spaces or hyphens; None if it cannot be one."""
    code = "".join(letter for letter in western_digits(typed) if letter.isalnum())
    if len(code) != DIGITS or not (code.isascii() and code.isdigit()) or int(code) % 97 != 1:
        return None
    return code


def holds_code(ring: KeyRing, receipt: bytes, words: str) -> bool:
    """Whether the code of this receipt stands in these words, in any digits, however they are parted."""
    joined = BETWEEN_DIGITS.sub("", western_digits(words))
    return any(
        hmac.compare_digest(digest_of(ring, run[place : place + DIGITS]), receipt)
        for run in MANY_DIGITS.findall(joined)
        for place in range(len(run) - DIGITS + 1)
        if int(run[place : place + DIGITS]) % 97 == 1
    )
