"""The tables of paper in. All but the batch and the error counts are deleted when the batch closes."""

from __future__ import annotations

from datetime import date

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base
from portal.keying.states import State

NO_ORDER = {"sqlite_with_rowid": False}
STATES = ", ".join(f"'{state.value}'" for state in State)


class Batch(Base):
    """Paper forms that came in together."""

    __tablename__ = "batch"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'closed')", name="state"),
        CheckConstraint("source IN ('office', 'surgery', 'post', 'event')", name="source"),
        CheckConstraint("declared > 0", name="declared"),
    )

    reference: Mapped[str] = mapped_column(String(9), primary_key=True)
    form: Mapped[str] = mapped_column(String(40))
    edition: Mapped[str] = mapped_column(String(20))
    variants: Mapped[dict[str, str]] = mapped_column(JSON)
    """Which wording the paper has, for questions that have several."""
    language: Mapped[str] = mapped_column(String(12))
    source: Mapped[str] = mapped_column(String(12))
    """office, surgery, post or event."""
    collection: Mapped[str | None] = mapped_column(String(60))
    """Code of the place where we asked."""
    received: Mapped[date] = mapped_column(Date)
    """The day the paper came in."""
    declared: Mapped[int]
    """How many forms the pile holds, counted by hand before keying."""
    share: Mapped[int]
    """Per cent of its forms that are keyed twice."""
    practice: Mapped[bool]
    """Made-up forms with known answers: nothing of it is ever stored as answers."""
    by: Mapped[str] = mapped_column(String(9))
    """Who opened it."""
    opened: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(8))
    closed: Mapped[date | None] = mapped_column(Date)
    stored: Mapped[int]
    """Forms whose answers were stored at closing."""
    rejected: Mapped[int]
    """Papers that were rejected."""
    reason: Mapped[str] = mapped_column(Text)
    """Why it was closed with another count than declared."""
    registers: Mapped[dict[str, list[list[str]]] | None] = mapped_column(JSON(none_as_null=True))
    """The members that lists offered when it was opened: code and name. Nothing in batches of before."""


class Sheet(Base):
    """One paper form in a batch. Deleted when the batch closes: nothing leads from a paper to its answers."""

    __tablename__ = "sheet"
    __table_args__ = (CheckConstraint(f"state IN ({STATES})", name="state"), NO_ORDER)

    reference: Mapped[str] = mapped_column(String(9), primary_key=True)
    """The reference on the paper."""
    batch: Mapped[str] = mapped_column(ForeignKey("batch.reference"), index=True)
    state: Mapped[str] = mapped_column(String(12))
    token: Mapped[bytes] = mapped_column(LargeBinary(32))
    """Random: the submission that it becomes is stored once, however often closing is tried."""
    why: Mapped[str] = mapped_column(String(12))
    """Why the paper was rejected: blank, wrong_form, damaged or duplicate."""


class Pass(Base):
    """One keying of one paper. 0 is the known answers of a practice form, 3 the resolution."""

    __tablename__ = "pass"
    __table_args__ = (
        UniqueConstraint("sheet", "keyer"),  # nobody keys a paper twice, or resolves what they keyed
        CheckConstraint("number BETWEEN 0 AND 3", name="number"),
        NO_ORDER,
    )

    sheet: Mapped[str] = mapped_column(ForeignKey("sheet.reference"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    keyer: Mapped[str] = mapped_column(String(9))
    """The account's reference; `portal` for known answers."""
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    """The answers keyed so far."""
    data_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The key of the sealed answers, itself wrapped; without it they are erased."""
    key_name: Mapped[str | None] = mapped_column(String(40), index=True)
    saved: Mapped[bool]
    """Whether it is whole."""
    touched: Mapped[int] = mapped_column(BigInteger)
    """When it was last worked on, in seconds since 1970."""


class KeyedForms(Base):
    """How many forms somebody keyed in a closed batch."""

    __tablename__ = "keyed_forms"

    batch: Mapped[str] = mapped_column(ForeignKey("batch.reference"), primary_key=True)
    keyer: Mapped[str] = mapped_column(String(9), primary_key=True)
    forms: Mapped[int]


class KeyingErrors(Base):
    """How often a keyer was right and wrong in a question of a closed batch: all that is left of passes."""

    __tablename__ = "keying_errors"

    batch: Mapped[str] = mapped_column(ForeignKey("batch.reference"), primary_key=True)
    question: Mapped[str] = mapped_column(String(80), primary_key=True)
    keyer: Mapped[str] = mapped_column(String(9), primary_key=True)
    compared: Mapped[int]
    wrong: Mapped[int]
