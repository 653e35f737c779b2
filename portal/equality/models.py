"""The table of places where we ask."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, String
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
