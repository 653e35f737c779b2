"""How far a request to erase a report is, as a table that the code walks, and where it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import JSON, BigInteger, CheckConstraint, Date, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base
from portal.questions.messages import Message, _staff


class State(StrEnum):
    """The codes are stored."""

    ASKED = "asked"
    AGREED = "agreed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    ERASED = "erased"
    AGAIN = "again"


class Act(StrEnum):
    """What happens to a request."""

    ASK = "ask"
    WITHDRAW = "withdraw"
    AGREE = "agree"
    SEND_BACK = "send_back"
    REFUSE = "refuse"
    CARRY_OUT = "carry_out"
    ERASE_AGAIN = "erase_again"


class Who(StrEnum):
    """Who does it."""

    REPORTER = "reporter"
    FIRST = "first"
    """A case manager, or information governance."""
    SECOND = "second"
    """Another one of them, who does not deal with the case."""
    PORTAL = "portal"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the table."""

    act: Act
    since: frozenset[State]
    to: State
    who: frozenset[Who]


S, A = State, Act
R, F, N, P = (frozenset({one}) for one in (Who.REPORTER, Who.FIRST, Who.SECOND, Who.PORTAL))
OPEN = frozenset({S.ASKED, S.AGREED})
"""Nothing is decided yet, or nothing done."""
TABLE: tuple[Step, ...] = (
    Step(A.ASK, frozenset(), S.ASKED, R),
    Step(A.WITHDRAW, OPEN, S.WITHDRAWN, R),
    Step(A.AGREE, frozenset({S.ASKED}), S.AGREED, F),
    Step(A.REFUSE, frozenset({S.ASKED}), S.REFUSED, F),
    Step(A.SEND_BACK, frozenset({S.AGREED}), S.ASKED, F | N),
    Step(A.CARRY_OUT, frozenset({S.AGREED}), S.ERASED, N),
    Step(A.ERASE_AGAIN, OPEN, S.AGAIN, P),
)
STEPS: dict[Act, Step] = {step.act: step for step in TABLE}
WORDS: dict[State, Message] = {
    S.ASKED: _staff("To be decided"),
    S.AGREED: _staff("Waits for a second person"),
    S.REFUSED: _staff("Refused"),
    S.WITHDRAWN: _staff("Taken back by the person"),
    S.ERASED: _staff("Erased"),
    S.AGAIN: _staff("Erased again, after a safety copy was restored"),
}
ACTS: dict[Act, Message] = {
    A.ASK: _staff("It is asked for"),
    A.WITHDRAW: _staff("It is taken back, with the code"),
    A.AGREE: _staff("It is to be erased"),
    A.REFUSE: _staff("It must be kept"),
    A.SEND_BACK: _staff("It is to be decided anew"),
    A.CARRY_OUT: _staff("It is erased, two weeks after it was asked for at the earliest"),
    A.ERASE_AGAIN: _staff("It was erased, and an older safety copy brought it back"),
}
WHOS: dict[Who, Message] = {
    Who.REPORTER: _staff("the person who told us"),
    Who.FIRST: _staff("a case manager or information governance"),
    Who.SECOND: _staff("another one of them, who does not deal with the case"),
    Who.PORTAL: _staff("the portal"),
}
STATES = ", ".join(f"'{state.value}'" for state in State)
IS_OPEN = text("state IN ('asked', 'agreed')")


class Erasure(Base):
    """That somebody asked us to erase what they told us, and what became of it. It is never deleted."""

    __tablename__ = "erasure"
    __table_args__ = (
        CheckConstraint(f"state IN ({STATES})", name="state"),
        CheckConstraint("(state IN ('asked', 'agreed')) = (ended IS NULL)", name="ended"),
        CheckConstraint("(decided_by IS NULL) = (decided IS NULL)", name="decided"),
        CheckConstraint(
            "state NOT IN ('agreed', 'erased') OR (decided_by IS NOT NULL AND sure IS NOT NULL)",
            name="agreed",
        ),
        CheckConstraint(
            "state <> 'refused' OR (decided_by IS NOT NULL AND reason IS NOT NULL)", name="refused"
        ),
        CheckConstraint(
            "state <> 'erased' OR (confirmed_by IS NOT NULL AND confirmed_by <> decided_by)",
            name="second_person",
        ),
        Index("uq_erasure_open", "report", unique=True, sqlite_where=IS_OPEN, postgresql_where=IS_OPEN),
    )

    reference: Mapped[str] = mapped_column(String(9), primary_key=True)
    report: Mapped[str] = mapped_column(ForeignKey("incident_report.reference"), index=True)
    state: Mapped[str] = mapped_column(String(10))
    """A value of State."""
    asked: Mapped[int] = mapped_column(BigInteger)
    """When, in seconds since 1970; so are the others."""
    due: Mapped[date] = mapped_column(Date, index=True)
    """The day by which the person must have an answer: a month after they asked."""
    sure: Mapped[str | None] = mapped_column(String(10))
    """How it was made sure who asked: a code of erasure_words.SURE."""
    reason: Mapped[str | None] = mapped_column(String(16))
    """Why it is kept: a code of erasure_words.REFUSED_WHY."""
    also: Mapped[list[str]] = mapped_column(JSON)
    """References of notes and people of a case of others that go with it."""
    decided_by: Mapped[str | None] = mapped_column(String(12))
    """The account of who decided."""
    decided: Mapped[int | None] = mapped_column(BigInteger)
    confirmed_by: Mapped[str | None] = mapped_column(String(12))
    """The account of the second person, who carried it out."""
    ended: Mapped[int | None] = mapped_column(BigInteger)
    """When it was refused, taken back or carried out."""
