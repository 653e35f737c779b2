"""The second factor: one-time codes from a phone (RFC 6238), and recovery codes for a lost phone."""

from __future__ import annotations

import secrets
from datetime import timedelta

import pyotp
from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from portal import audit, clock
from portal.accounts.models import Account, RecoveryCode
from portal.audit import Did
from portal.database import Database
from portal.questions.typing_in import clean_words, western_digits
from portal.sealing import KeyRing

STEP = 30
"""Seconds that one code lasts."""
CODES = 10
ALPHABET = "23456789CFGHJKMNPRTVWXY"
LETTERS = 16
"""Of a recovery code: 72 bits."""

USE_STEP = (
    update(Account)
    .where(Account.reference == bindparam("who"), Account.totp_step < bindparam("step"), Account.active)
    .values(totp_step=bindparam("step"))
)
USE_RECOVERY = delete(RecoveryCode).where(
    RecoveryCode.digest == bindparam("code"), RecoveryCode.account == bindparam("who")
)
CODES_LEFT = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.account == bindparam("who"))


def new_secret() -> str:
    return pyotp.random_base32()


def address_for_app(secret: str, email: str, organisation: str) -> str:
    """What the QR code says to an authenticator app."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=organisation)


def step_of(secret: str, typed: str) -> int | None:
    """The time step for which the typed digits are the code, now or one step beside; None if for none."""
    digits = "".join(western_digits(clean_words(typed)).split())
    if len(digits) != 6 or not (digits.isascii() and digits.isdigit()):
        return None
    totp = pyotp.TOTP(secret)
    now = clock.now()
    for beside in (0, -1, 1):
        moment = now + timedelta(seconds=beside * STEP)
        if totp.verify(digits, for_time=moment):
            return int(moment.timestamp()) // STEP
    return None


def use_step(database: Database, who: str, step: int) -> bool:
    """Use a code up; False when it, or a later one, has been used before."""
    return database.change(USE_STEP, {"who": who, "step": step}) == 1


def new_recovery_codes(connection: Connection, ring: KeyRing, who: str) -> list[str]:
    """Ten new codes in place of the old ones. They are shown once: only digests are kept."""
    codes = ["".join(secrets.choice(ALPHABET) for _letter in range(LETTERS)) for _code in range(CODES)]
    connection.execute(delete(RecoveryCode).where(RecoveryCode.account == who))
    connection.execute(
        insert(RecoveryCode), [{"digest": _digest(ring, who, code), "account": who} for code in codes]
    )
    return codes


def use_recovery_code(database: Database, ring: KeyRing, who: str, typed: str) -> bool:
    """Use a recovery code up, and note it; False if it is none, or was used before."""
    code = "".join(letter for letter in western_digits(clean_words(typed)).upper() if letter.isalnum())
    if len(code) != LETTERS:
        return False
    with database.write() as connection:
        if connection.execute(USE_RECOVERY, {"code": _digest(ring, who, code), "who": who}).rowcount != 1:
            return False
        left = connection.execute(CODES_LEFT, {"who": who}).scalar_one()
        detail = {"left": left}
        audit.note(connection, ring, by=who, did=Did.USED, what=f"recovery code {who}", detail=detail)
    return True


def grouped(code: str) -> str:
    """As it is shown: 7K3P-X92C-..."""
    return "-".join(code[place : place + 4] for place in range(0, LETTERS, 4))


def _digest(ring: KeyRing, who: str, code: str) -> bytes:
    return ring.digest("sign_in", b"recovery", who.encode(), code.encode())
