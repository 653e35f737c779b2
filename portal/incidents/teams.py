"""The tables of who is let see a case, who must not, and who let themselves in for a few hours."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base


class CaseMember(Base):
    """Somebody who was added to the people of a case. Its officer and manager stand in the case itself."""

    __tablename__ = "case_member"

    case: Mapped[str] = mapped_column(ForeignKey("incident_case.reference"), primary_key=True)
    account: Mapped[str] = mapped_column(String(9), primary_key=True, index=True)
    facets: Mapped[list[str]] = mapped_column(JSON)
    """What they may see of it: values of Facet, at least one."""
    by: Mapped[str] = mapped_column(String(12))
    """Who added them."""
    at: Mapped[int] = mapped_column(BigInteger)
    """When, in seconds since 1970."""


class CaseConflict(Base):
    """Somebody who works here and must not know of a case: for them it does not exist."""

    __tablename__ = "case_conflict"
    __table_args__ = (CheckConstraint("why IN ('named', 'relative', 'same_address', 'other')", name="why"),)

    case: Mapped[str] = mapped_column(ForeignKey("incident_case.reference"), primary_key=True)
    account: Mapped[str] = mapped_column(String(9), primary_key=True, index=True)
    why: Mapped[str] = mapped_column(String(12))
    """named, relative, same_address or other."""
    by: Mapped[str] = mapped_column(String(12))
    """Who recorded it."""
    at: Mapped[int] = mapped_column(BigInteger)


class BrokenGlass(Base):
    """Somebody let themselves into a case of others in an emergency, and a second person was told."""

    __tablename__ = "broken_glass"
    __table_args__ = (
        CheckConstraint("why IN ('danger', 'out_of_hours', 'absent', 'legal')", name="why"),
        CheckConstraint("until > since", name="order"),
        CheckConstraint("(looked_by IS NULL) = (looked_at IS NULL)", name="looked"),
        CheckConstraint("looked_by <> account", name="second_person"),
    )

    reference: Mapped[str] = mapped_column(String(9), primary_key=True)
    case: Mapped[str] = mapped_column(ForeignKey("incident_case.reference"), index=True)
    account: Mapped[str] = mapped_column(String(9), index=True)
    why: Mapped[str] = mapped_column(String(12))
    """danger, out_of_hours, absent or legal. What they wrote about it is a note of the case."""
    since: Mapped[int] = mapped_column(BigInteger)
    """Seconds since 1970."""
    until: Mapped[int] = mapped_column(BigInteger)
    """From then on it lets in nobody."""
    looked_by: Mapped[str | None] = mapped_column(String(9))
    """The second person, who has looked at it."""
    looked_at: Mapped[int | None] = mapped_column(BigInteger)
