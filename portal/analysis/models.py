"""The table of what was taken out of the portal, when, and for what purpose."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Date, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base


class Export(Base):
    """One run of `portal export`."""

    __tablename__ = "export"

    id: Mapped[int] = mapped_column(primary_key=True)
    made: Mapped[date] = mapped_column(Date)
    """The day. With the minute and a count of rows, two exports would tell when somebody answered."""
    by: Mapped[str] = mapped_column(String(100))
    """The operator's name on the host."""
    form: Mapped[str] = mapped_column(String(40))
    purpose: Mapped[str] = mapped_column(Text)
    """Why it was made, in the operator's words."""
    period: Mapped[str] = mapped_column(String(40))
    """From and to, as asked for."""
