"""The link by which an organisation opens what we share with it, once, with a code that it is told by phone.

Looking at the link uses nothing up. Link and code together do, in one statement that finds the row or does
not. A link that is unknown, used, too old, withdrawn or tried too often is the same as none. The row of a
used one stays while what it led to is read: when no row has time left, that is destroyed.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from portal import clock
from portal.incidents.shared import Disclosure, PackLink
from portal.questions.typing_in import western_digits
from portal.sealing import KeyRing

HOURS = 72
"""How long a link leads somewhere."""
MINUTES_TO_READ = 30
"""How long what it led to can be read, once it is used."""
DIGITS = 8
TRIES = 5
"""Codes that can be tried on one link."""
LONGEST = 100
LINK = PackLink
ALIVE = (LINK.digest == bindparam("link"), LINK.ends > bindparam("now"), LINK.tries < TRIES)
FIND = (
    select(Disclosure.reference, Disclosure.report)
    .join(LINK, LINK.disclosure == Disclosure.reference)
    .where(*ALIVE)
)
TRY = update(LINK).where(*ALIVE).values(tries=LINK.tries + 1)
USE = (
    update(LINK)
    .where(LINK.digest == bindparam("link"), LINK.code == bindparam("typed"), LINK.ends > bindparam("now"))
    .values(tries=TRIES, ends=bindparam("read_until"))
)
FORGET = delete(LINK).where(LINK.disclosure == bindparam("of"))


def make(connection: Connection, ring: KeyRing, disclosure: str, secret: str) -> None:
    """Make the link of a disclosure; one that it had before leads nowhere from now on."""
    connection.execute(FORGET, {"of": disclosure})
    row = {
        "digest": digest_of(ring, secret),
        "disclosure": disclosure,
        "code": _digest_of_code(ring, secret, code_for(ring, secret)),
        "ends": clock.seconds() + HOURS * 3600,
        "tries": 0,
    }
    connection.execute(insert(LINK), row)


def digest_of(ring: KeyRing, secret: str) -> bytes:
    """What is kept of the secret of a link."""
    return ring.digest("sign_in", b"pack link", secret.encode())


def code_for(ring: KeyRing, secret: str) -> str:
    """The code of a link, made from its secret and the key ring: the link alone does not tell it."""
    number = int.from_bytes(ring.digest("sign_in", b"pack code", secret.encode()), "big")
    return f"{number % 10**DIGITS:0{DIGITS}}"


def grouped(code: str) -> str:
    """The code as it is read aloud: 1234 5678."""
    return f"{code[:4]} {code[4:]}"


def _digest_of_code(ring: KeyRing, secret: str, code: str) -> bytes:
    return ring.digest("sign_in", b"pack code digest", secret.encode(), code.encode())


def find(connection: Connection, ring: KeyRing, secret: str) -> Row[str, str] | None:
    """Reference and report of the disclosure that a link leads to, as long as it leads anywhere."""
    if len(secret) > LONGEST:
        return None
    return connection.execute(FIND, {"link": digest_of(ring, secret), "now": clock.seconds()}).first()


def use(connection: Connection, ring: KeyRing, secret: str, typed: str) -> bool:
    """Use a link up with its code; of two who do it at the same moment, one. A wrong code is counted.

    Whoever calls it has locked the case.
    """
    values: dict[str, Any] = {"link": digest_of(ring, secret), "now": clock.seconds()}
    if connection.execute(TRY, values).rowcount != 1:
        return False
    code = "".join(letter for letter in western_digits(typed) if letter.isalnum())
    values["typed"] = _digest_of_code(ring, secret, code)
    values["read_until"] = values["now"] + MINUTES_TO_READ * 60
    return connection.execute(USE, values).rowcount == 1
