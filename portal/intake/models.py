"""The tables of what comes in: drafts and submissions."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import JSON, BigInteger, Date, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base

# A SQLite rowid is the order of arrival. These tables must not have one.
NO_ORDER = {"sqlite_with_rowid": False}


class Draft(Base):
    """A form that somebody is filling in. It opens only with the cookie of that person."""

    __tablename__ = "draft"
    __table_args__ = NO_ORDER

    id: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    """A digest of the cookie's secret."""
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    """Answers and what is typed so far, sealed under a key made from the cookie's secret."""
    version: Mapped[int]
    """Counts saves, so that two tabs cannot overwrite each other unseen."""
    ends: Mapped[int] = mapped_column(BigInteger, index=True)
    """When it is deleted, in seconds since 1970."""


class Submission(Base):
    """What somebody sent, once. An anonymous one holds nothing that gives back who or when."""

    __tablename__ = "submission"
    __table_args__ = NO_ORDER

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    """Random, so that it tells no order."""
    form: Mapped[str] = mapped_column(String(40), index=True)
    """Key of the form."""
    edition: Mapped[str] = mapped_column(String(20))
    """The edition that was answered."""
    variants: Mapped[dict[str, str]] = mapped_column(JSON)
    """Which wording of a question was used, for questions that have several."""
    language: Mapped[str] = mapped_column(String(12))
    """The language of the pages; `und` where it could tie a form to the one offered after it."""
    channel: Mapped[str] = mapped_column(String(12))
    """web, paper, phone or outreach; `after` where it was asked after a report, however that came."""
    collection: Mapped[str | None] = mapped_column(String(60))
    """Code of the place where we asked, if we asked somewhere; or key of the form that it was asked after."""
    received: Mapped[date] = mapped_column(Date)
    """The Monday of its week for an anonymous form, the first of its month for one asked after a report; for
    paper, when it came in."""
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Question -> list of codes, for the questions that were reached."""
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The personal words, sealed; nothing if there are none."""
    data_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The key of the sealed words, itself wrapped."""
    key_name: Mapped[str | None] = mapped_column(String(40), index=True)
    """The key of the key ring that wrapped it."""
    idempotency: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    """Digest of the draft's token: sending twice stores once."""
    said: Mapped[bytes] = mapped_column(LargeBinary(32))
    """Digest of the answers under that token: the same press, or another one?"""
    receipt: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    """Digest of the receipt code."""
    invitation: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    """Digest of the invitation's token: one invitation, one submission."""
    helper: Mapped[str | None] = mapped_column(String(9))
    """`staff` where somebody who works here filled in an anonymous form for the person, else who did."""
    entered: Mapped[date | None] = mapped_column(Date)
    """When it was entered, to the same fineness: later than received for paper."""
    outcome: Mapped[str | None] = mapped_column(String(20))
    """What came of what it was asked after, as a code, where its answers are counted against that."""
