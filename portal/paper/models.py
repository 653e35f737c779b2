"""The tables of paper: what was printed, and the reference of each paper."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import JSON, Date, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base


class PrintRun(Base):
    """Copies of one form in one language, printed together."""

    __tablename__ = "print_run"

    reference: Mapped[str] = mapped_column(String(9), primary_key=True)
    form: Mapped[str] = mapped_column(String(40))
    """Key of the form."""
    edition: Mapped[str] = mapped_column(String(20))
    """The edition that is printed."""
    variants: Mapped[dict[str, str]] = mapped_column(JSON)
    """Which wording of each question that has several; "off" for one left out."""
    language: Mapped[str] = mapped_column(String(12))
    size: Mapped[str] = mapped_column(String(12))
    """normal, large or larger."""
    yellow: Mapped[bool]
    """Whether the pages have a yellow ground."""
    collection: Mapped[str | None] = mapped_column(String(60))
    """Code of the place that gives the papers out, if it is known."""
    number: Mapped[int]
    """How many copies."""
    made: Mapped[date] = mapped_column(Date)
    """The day it was ordered."""
    by: Mapped[str] = mapped_column(String(9))
    """Reference of the member of staff who ordered it, or "operator" for the command."""
    pages: Mapped[int | None]
    """Pages of one copy; nothing until the PDF is made."""
    rectangles: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    """For each page: question -> option -> x1, y1, x2, y2 of its box, in points from the top left corner."""
    weasyprint: Mapped[str] = mapped_column(String(20), default="")
    """The version that set the pages; another may set them otherwise."""
    issued: Mapped[int] = mapped_column(default=0)
    """How many copies were given out."""
    returned: Mapped[int] = mapped_column(default=0)
    """How many came back."""
    note: Mapped[str] = mapped_column(String(200), default="")
    registers: Mapped[dict[str, list[list[str]]] | None] = mapped_column(JSON(none_as_null=True))
    """The members of each list that the form names, as printed: code and name. Nothing in runs of before."""


class Paper(Base):
    """One copy. Its reference is the paper's: nothing says who got it."""

    __tablename__ = "paper"
    __table_args__ = (UniqueConstraint("run", "serial"), {"sqlite_with_rowid": False})

    reference: Mapped[str] = mapped_column(String(9), primary_key=True)
    run: Mapped[str] = mapped_column(String(9))
    """Reference of its print run."""
    serial: Mapped[int]
    """Its place in the run, from 1."""
