"""The tables of sharing: the organisations, what people agreed to, and what was shared with whom.

What somebody agreed to and what was shared can be added to, not changed: see promises.py.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base

ANSWERS = ("yes_named", "yes_without_name", "ask_me_first", "no")
"""What somebody says to an organisation: codes of the form, from the widest to the narrowest."""
GROUNDS = ("serious_harm", "child", "adult_at_risk", "court", "crime")


class Agency(Base):
    """What was agreed with an organisation of the list "agencies". Without a row it is sent nothing."""

    __tablename__ = "agency"
    __table_args__ = (CheckConstraint("route IN ('link', 'file')", name="route"),)

    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    """Its code in the list."""
    agreement: Mapped[str] = mapped_column(String(100))
    """The reference of the sharing agreement with it."""
    route: Mapped[str] = mapped_column(String(4))
    """How it gets what we share: link, a link that opens once, or file, an encrypted file."""
    address: Mapped[str] = mapped_column(String(254))
    """Its safe mailbox, where link or file go."""
    phone: Mapped[str] = mapped_column(String(30))
    """Where it is told the code or the password: never the same way as link or file."""
    fields: Mapped[list[str]] = mapped_column(JSON)
    """What it may receive at most: values of packs.Field."""
    version: Mapped[int]
    """Counts its changes."""


class ShareConsent(Base):
    """What somebody said about telling one organisation. A newer row takes its place; it stays."""

    __tablename__ = "share_consent"
    __table_args__ = (
        CheckConstraint(f"answer IN ({', '.join(repr(code) for code in ANSWERS)})", name="answer"),
        CheckConstraint("withdrawn IS NULL OR withdrawn >= at", name="withdrawn"),
    )

    report: Mapped[str] = mapped_column(ForeignKey("incident_report.reference"), primary_key=True)
    """Whose report: each person speaks for what they told."""
    agency: Mapped[str] = mapped_column(String(60), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    """1 for the first answer; the highest counts."""
    answer: Mapped[str] = mapped_column(String(16))
    """yes_named, yes_without_name, ask_me_first or no."""
    asked_by: Mapped[str] = mapped_column(String(12))
    """The account of who asked and noted it; `reporter` where the person answered by themselves."""
    how: Mapped[str] = mapped_column(String(10))
    """How it was said: a code of consents.HOWS."""
    language: Mapped[str] = mapped_column(String(12))
    """The language in which it was asked."""
    at: Mapped[int] = mapped_column(BigInteger)
    """Seconds since 1970."""
    withdrawn: Mapped[int | None] = mapped_column(BigInteger)
    """When the person took it back, or part of it."""


class ShareOverride(Base):
    """The wish to tell an organisation without a yes, and what a manager decided about it."""

    __tablename__ = "share_override"
    __table_args__ = (
        CheckConstraint(f"ground IN ({', '.join(repr(code) for code in GROUNDS)})", name="ground"),
        CheckConstraint("told IN ('yes', 'unsafe', 'prejudice', 'forbidden', 'unreachable')", name="told"),
        CheckConstraint("decision IN ('allowed', 'refused')", name="decision"),
        CheckConstraint(
            "(decision IS NULL AND authoriser IS NULL AND decided IS NULL) OR "
            "(decision IS NOT NULL AND authoriser IS NOT NULL AND decided IS NOT NULL)",
            name="decided",
        ),
        CheckConstraint("authoriser IS NULL OR authoriser <> asked_by", name="second_person"),
    )

    reference: Mapped[str] = mapped_column(String(9), primary_key=True)
    case: Mapped[str] = mapped_column(ForeignKey("incident_case.reference"))
    """The case under whose key its words are sealed."""
    report: Mapped[str] = mapped_column(ForeignKey("incident_report.reference"), index=True)
    agency: Mapped[str] = mapped_column(String(60))
    ground: Mapped[str] = mapped_column(String(16))
    """serious_harm, child, adult_at_risk, court or crime."""
    told: Mapped[str] = mapped_column(String(12))
    """yes, or why the person is not told before: a code of overrides.TOLD."""
    fields: Mapped[list[str]] = mapped_column(JSON)
    """What is to be told, at most."""
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    """Why it is needed and in proportion, sealed under the case's key."""
    asked_by: Mapped[str] = mapped_column(String(12))
    asked: Mapped[int] = mapped_column(BigInteger)
    """When, in seconds since 1970."""
    decision: Mapped[str | None] = mapped_column(String(8))
    """allowed or refused; nothing while nobody has decided."""
    authoriser: Mapped[str | None] = mapped_column(String(12))
    """The account of the manager who decided: not who asked."""
    decided: Mapped[int | None] = mapped_column(BigInteger)


class Disclosure(Base):
    """Something that was shared with an organisation: what, on which ground, by whom, and what came of it."""

    __tablename__ = "disclosure"
    __table_args__ = (
        CheckConstraint(
            "(ground = 'consent' AND consent IS NOT NULL AND override IS NULL) OR "
            "(ground = 'override' AND consent IS NULL AND override IS NOT NULL)",
            name="ground",
        ),
        CheckConstraint("route IN ('link', 'file')", name="route"),
        ForeignKeyConstraint(
            ["report", "agency", "consent"],
            ["share_consent.report", "share_consent.agency", "share_consent.number"],
        ),
        UniqueConstraint("override"),
    )

    reference: Mapped[str] = mapped_column(String(9), primary_key=True)
    case: Mapped[str] = mapped_column(ForeignKey("incident_case.reference"))
    """The case under whose key the pack is sealed: the report may have gone to another one since."""
    report: Mapped[str] = mapped_column(ForeignKey("incident_report.reference"), index=True)
    agency: Mapped[str] = mapped_column(String(60), index=True)
    ground: Mapped[str] = mapped_column(String(8))
    """consent or override."""
    consent: Mapped[int | None]
    """The number of the answer that allows it."""
    override: Mapped[str | None] = mapped_column(ForeignKey("share_override.reference"))
    """What allows it without a yes: good for one disclosure."""
    fields: Mapped[list[str]] = mapped_column(JSON)
    """What it holds: values of packs.Field."""
    pack: Mapped[bytes] = mapped_column(LargeBinary)
    """What was shared, sealed under the case's key; nothing once a link leads to it no more."""
    route: Mapped[str] = mapped_column(String(4))
    """link or file."""
    by: Mapped[str] = mapped_column(String(12))
    """The account of who sent it."""
    sent: Mapped[int] = mapped_column(BigInteger)
    """Seconds since 1970; so are the others."""
    opened: Mapped[int | None] = mapped_column(BigInteger)
    """When the organisation opened it."""
    acknowledged: Mapped[int | None] = mapped_column(BigInteger)
    """When it said that it has it."""
    deletion_asked: Mapped[int | None] = mapped_column(BigInteger)
    """When it was asked to delete it, because the person took the yes back."""
    deleted: Mapped[int | None] = mapped_column(BigInteger)
    """When it said that it has."""


class PackLink(Base):
    """The link by which an organisation opens a disclosure, once."""

    __tablename__ = "pack_link"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    """Of the secret in the link, under a secret outside the database."""
    disclosure: Mapped[str] = mapped_column(ForeignKey("disclosure.reference"), unique=True)
    code: Mapped[bytes] = mapped_column(LargeBinary(32))
    """Digest of the code that is told by phone."""
    ends: Mapped[int] = mapped_column(BigInteger)
    """Seconds since 1970: of the link, or once it is used, of the time to read what it led to."""
    tries: Mapped[int]
    """How many codes were tried."""


class AgencyFeedback(Base):
    """What an organisation told us about what we shared. It cannot be changed: another is added."""

    __tablename__ = "agency_feedback"

    reference: Mapped[str] = mapped_column(String(9), primary_key=True)
    disclosure: Mapped[str] = mapped_column(ForeignKey("disclosure.reference"), index=True)
    code: Mapped[str] = mapped_column(String(16))
    """A code of disclosures.FEEDBACK."""
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    """Its words, sealed under the case's key."""
    by: Mapped[str] = mapped_column(String(12))
    """The account of who noted it, or `agency`."""
    at: Mapped[int] = mapped_column(BigInteger)
