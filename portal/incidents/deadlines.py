"""The tables of the time limits of cases, and whether they were kept.

Nothing here is deleted. A limit that was missed leaves a row that nobody can change; a limit that is moved
keeps the date that it had.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base

UNDER_WAY, STANDS_STILL = text("state IN ('open', 'paused')"), text("until IS NULL")


class CaseDeadline(Base):
    """One time limit of a case."""

    __tablename__ = "case_deadline"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'paused', 'met', 'stopped')", name="state"),
        CheckConstraint("(state IN ('open', 'paused')) = (ended IS NULL)", name="ended"),
        CheckConstraint("unit IN ('hours', 'days', 'working_days')", name="unit"),
        CheckConstraint("length > 0 AND extra >= 0", name="length"),
        Index(
            "uq_case_deadline_under_way",
            "case",
            "clock",
            unique=True,
            sqlite_where=UNDER_WAY,
            postgresql_where=UNDER_WAY,
        ),
        Index("ix_case_deadline_state_due", "state", "due"),
    )

    reference: Mapped[str] = mapped_column(String(9), primary_key=True)
    case: Mapped[str] = mapped_column(ForeignKey("incident_case.reference"), index=True)
    clock: Mapped[str] = mapped_column(String(20))
    """Which limit: a value of Limit."""
    event: Mapped[str] = mapped_column(String(20))
    """What started it: a value of Event."""
    started: Mapped[int] = mapped_column(BigInteger)
    """Seconds since 1970."""
    length: Mapped[int]
    """How many units it has, as it was set when it started."""
    unit: Mapped[str] = mapped_column(String(12))
    """hours, days or working_days."""
    extra: Mapped[int]
    """By how many units it was extended."""
    due: Mapped[int] = mapped_column(BigInteger)
    """When it is over, in seconds since 1970; while it stands still, as it was before."""
    certain: Mapped[bool] = mapped_column(Boolean)
    """Whether the bank holidays up to then are known. If not, it is as early as it can be."""
    calendar: Mapped[str] = mapped_column(String(12))
    """Which list of days off it was reckoned with."""
    state: Mapped[str] = mapped_column(String(8))
    """open, paused, met, or stopped when it was not wanted any more."""
    ended: Mapped[int | None] = mapped_column(BigInteger)
    """When it was met or stopped."""
    warned: Mapped[int | None] = mapped_column(BigInteger)
    """When its officer was warned that it ends soon."""
    escalated: Mapped[int | None] = mapped_column(BigInteger)
    """When it was put before a manager, as it nearly ended."""
    late_told: Mapped[int | None] = mapped_column(BigInteger)
    """When both were told that it was missed."""


class DeadlineBreach(Base):
    """A limit was missed. It cannot be changed or deleted."""

    __tablename__ = "deadline_breach"
    __table_args__ = (CheckConstraint("noted > due", name="late"),)

    deadline: Mapped[str] = mapped_column(ForeignKey("case_deadline.reference"), primary_key=True)
    due: Mapped[int] = mapped_column(BigInteger)
    """When it should have been met, in seconds since 1970."""
    noted: Mapped[int] = mapped_column(BigInteger)
    """When the portal noticed."""


class DeadlinePause(Base):
    """A time during which a limit stood still. Once it has ended it cannot be changed."""

    __tablename__ = "deadline_pause"
    __table_args__ = (
        CheckConstraint("until IS NULL OR until >= since", name="order"),
        Index(
            "uq_deadline_pause_now",
            "deadline",
            unique=True,
            sqlite_where=STANDS_STILL,
            postgresql_where=STANDS_STILL,
        ),
    )

    deadline: Mapped[str] = mapped_column(ForeignKey("case_deadline.reference"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    since: Mapped[int] = mapped_column(BigInteger)
    """Seconds since 1970."""
    until: Mapped[int | None] = mapped_column(BigInteger)
    """Nothing while it stands still."""
    state: Mapped[str] = mapped_column(String(20))
    """The state of the case for which it stands still."""
    reason: Mapped[str] = mapped_column(String(20))
    by: Mapped[str] = mapped_column(String(12))


class DeadlineChange(Base):
    """A limit got another date. It cannot be changed or deleted."""

    __tablename__ = "deadline_change"
    __table_args__ = (
        CheckConstraint("why IN ('pause', 'calendar', 'extension')", name="why"),
        CheckConstraint("was <> due", name="other"),
    )

    deadline: Mapped[str] = mapped_column(ForeignKey("case_deadline.reference"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    was: Mapped[int] = mapped_column(BigInteger)
    """When it was due before, in seconds since 1970."""
    due: Mapped[int] = mapped_column(BigInteger)
    """When it is due now."""
    why: Mapped[str] = mapped_column(String(10))
    """pause, calendar (a day off was proclaimed or taken back) or extension."""
    reason: Mapped[str | None] = mapped_column(String(20))
    by: Mapped[str] = mapped_column(String(12))
    at: Mapped[int] = mapped_column(BigInteger)


class ClockLength(Base):
    """The length that the landlord has set for a limit."""

    __tablename__ = "clock_length"
    __table_args__ = (CheckConstraint("length > 0", name="length"),)

    clock: Mapped[str] = mapped_column(String(20), primary_key=True)
    """A value of Limit."""
    length: Mapped[int]
    """In its unit. Limits that are under way keep the one with which they started."""
