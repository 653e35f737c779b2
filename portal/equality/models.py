"""The tables of places where we ask, and of what people need."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base

KINDS = ("service", "event", "survey", "staff")


class Collection(Base):
    """A place where we ask: a service, an event, a survey, or our own staff."""

    __tablename__ = "collection"
    __table_args__ = (CheckConstraint(f"kind IN {KINDS}", name="kind"),)

    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    """Its word in addresses and in the export."""
    name: Mapped[str] = mapped_column(String(200))
    """What people call it; shown to those who answer."""
    kind: Mapped[str] = mapped_column(String(12))
    team: Mapped[str] = mapped_column(String(200), default="")
    outlet: Mapped[str] = mapped_column(String(200), default="")
    """Where the service is given: an office, a clinic, a surgery."""
    provider: Mapped[str] = mapped_column(String(200), default="")
    """Who gives it, when it is not the landlord."""
    active: Mapped[bool] = mapped_column(default=True)
    """Whether it still takes answers."""


class Profile(Base):
    """What a person told us once that they need. What they said stands, sealed, in the submission."""

    __tablename__ = "profile"

    reference: Mapped[str] = mapped_column(String(9), primary_key=True)
    """It may be read aloud; it stays when the person answers again."""
    submission: Mapped[str] = mapped_column(
        String(32), ForeignKey("submission.id", ondelete="CASCADE"), unique=True
    )
    """What they sent last. Taken back, it takes this row with it."""
    by_name: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True)
    """Keyed digest of the name, by which staff find it."""
    by_tenancy: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True)
    """Keyed digest of the tenancy reference."""
    review_by: Mapped[date] = mapped_column(Date, index=True)
    """When the person is to be asked whether it is still right."""
