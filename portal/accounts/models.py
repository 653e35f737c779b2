"""The tables of people who work here, their sign-ins, and the one-time links that let them in."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.accounts.roles import Role
from portal.database import Base

ROLES = ", ".join(f"'{role.value}'" for role in Role)


class Account(Base):
    """One person who works here."""

    __tablename__ = "account"

    reference: Mapped[str] = mapped_column(String(9), primary_key=True)
    """Random; what the audit log calls the person."""
    email: Mapped[str] = mapped_column(String(254), unique=True)
    """In lower case: what the person signs in with."""
    name: Mapped[str] = mapped_column(String(100))
    active: Mapped[bool]
    """A disabled account is out at once."""
    password: Mapped[str | None] = mapped_column(String(200))
    """An Argon2id hash; none until the person has come in by a one-time link."""
    totp: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The secret of the one-time codes, sealed."""
    data_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The key of the sealed secret, itself wrapped."""
    key_name: Mapped[str | None] = mapped_column(String(40), index=True)
    """The key of the key ring that wrapped it."""
    totp_step: Mapped[int] = mapped_column(BigInteger)
    """The time step of the last one-time code that was used: none is taken twice."""
    shortcuts: Mapped[bool]
    """Whether single keys do something on pages that have such keys."""
    made: Mapped[date] = mapped_column(Date)


class AccountRole(Base):
    """One role that a person holds."""

    __tablename__ = "account_role"
    __table_args__ = (CheckConstraint(f"role IN ({ROLES})", name="known"),)

    account: Mapped[str] = mapped_column(ForeignKey("account.reference"), primary_key=True)
    role: Mapped[str] = mapped_column(String(20), primary_key=True)


class RecoveryCode(Base):
    """A code that takes the place of a one-time code, once."""

    __tablename__ = "recovery_code"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    """Under a secret outside the database; the code is shown once and kept nowhere."""
    account: Mapped[str] = mapped_column(ForeignKey("account.reference"), index=True)


class SignedIn(Base):
    """A browser in which somebody is signed in."""

    __tablename__ = "signed_in"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    """Of the secret in the browser's cookie."""
    account: Mapped[str] = mapped_column(ForeignKey("account.reference"), index=True)
    started: Mapped[int] = mapped_column(BigInteger)
    """Seconds since 1970."""
    seen: Mapped[int] = mapped_column(BigInteger)
    """When it was last used, to the minute."""
    proved: Mapped[int] = mapped_column(BigInteger)
    """When the second factor was last asked for and given."""


class SignInLink(Base):
    """A one-time link by which somebody comes in for the first time, or again."""

    __tablename__ = "sign_in_link"
    __table_args__ = (CheckConstraint("gives IN ('password', 'everything')", name="gives"),)

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey("account.reference"), index=True)
    gives: Mapped[str] = mapped_column(String(12))
    """A new password, or everything: password, second factor and recovery codes."""
    ends: Mapped[int] = mapped_column(BigInteger)
    """Seconds since 1970."""
