"""What goes to and fro after somebody told us: messages both ways, and what the person did with their code.

A message belongs to one report: who told us of the same case too sees nothing of it. Its words are sealed
under the key of the case. The person is never shown again what they wrote, only on which day.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    Connection,
    Date,
    ForeignKey,
    LargeBinary,
    Row,
    String,
    bindparam,
    exists,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal import clock, references
from portal.database import Base
from portal.incidents import words
from portal.incidents.codes import report_of
from portal.incidents.models import IncidentCase, IncidentReport
from portal.incidents.moving import NotNow, locked, move
from portal.incidents.reports import REPORTER
from portal.incidents.states import OPEN, Event, State, Who
from portal.sealing import KeyRing


class Kind(StrEnum):
    """What an entry is. The codes are stored."""

    WORDS = "words"
    FILES = "files"
    REACH = "reach"
    CONSENT = "consent"
    LOOK_AGAIN = "look_again"
    ERASE = "erase"


KINDS = ", ".join(f"'{kind.value}'" for kind in Kind)
AT_ONCE = 600
"""Seconds within which the same words sent again are the same message: a button pressed twice."""


class CaseMessage(Base):
    """A message between us and who told us, or what that person did with their code. It is never deleted."""

    __tablename__ = "case_message"
    __table_args__ = (
        CheckConstraint(f"kind IN ({KINDS})", name="kind"),
        CheckConstraint("(kind = 'words') = (sealed IS NOT NULL)", name="words"),
        CheckConstraint(f"kind = 'words' OR \"by\" = '{REPORTER}'", name="of_person"),
        CheckConstraint("(answered IS NULL) = (answered_by IS NULL)", name="answered"),
    )

    reference: Mapped[str] = mapped_column(String(9), primary_key=True)
    case: Mapped[str] = mapped_column(ForeignKey("incident_case.reference"), index=True)
    """The case whose key seals it; it stays that one when cases become one."""
    report: Mapped[str] = mapped_column(ForeignKey("incident_report.reference"), index=True)
    """Whose code shows it."""
    kind: Mapped[str] = mapped_column(String(10))
    """A value of Kind."""
    by: Mapped[str] = mapped_column(String(12))
    """The reference of an account, or `reporter`."""
    language: Mapped[str] = mapped_column(String(12))
    """The language of the words; of the page, where the person wrote them."""
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The words, sealed under the case's key; empty once they were erased."""
    at: Mapped[int] = mapped_column(BigInteger)
    """When it was written, in seconds since 1970; people are shown the day."""
    seen: Mapped[date | None] = mapped_column(Date)
    """The day on which the other side saw it first."""
    answered: Mapped[int | None] = mapped_column(BigInteger, index=True)
    """When the person was answered, or somebody said that it needs no answer."""
    answered_by: Mapped[str | None] = mapped_column(String(12))


TABLE = CaseMessage
COLUMNS = TABLE.__table__.columns
OF_REPORT = select(*COLUMNS).where(TABLE.report == bindparam("of")).order_by(TABLE.at, TABLE.reference)
OF_CASE = (
    select(*COLUMNS)
    .join(IncidentReport, IncidentReport.reference == TABLE.report)
    .where(IncidentReport.case == bindparam("of"))
    .order_by(TABLE.at, TABLE.reference)
)
OF_PERSON = TABLE.by == REPORTER
WAITS = exists().where(
    OF_PERSON,
    TABLE.answered.is_(None),
    TABLE.report == IncidentReport.reference,
    IncidentReport.case == IncidentCase.reference,
    IncidentCase.data_key.is_not(None),
)
"""Of a case: whether something that its people wrote or did waits for an answer."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One message, or one thing that the person did."""

    reference: str
    report: str
    kind: Kind
    by: str
    language: str
    at: int
    seen: date | None
    answered: int | None
    words: str = field(default="", repr=False)

    @property
    def of_person(self) -> bool:
        return self.by == REPORTER


def place_of(reference: str) -> str:
    """The place that a message is bound to."""
    return f"case_message/sealed/{reference}"


# The person


def held(connection: Connection, receipt: bytes) -> tuple[Row[Any], Row[Any]]:
    """The report of a code (its digest) and its case, locked. Raises NotNow when it opens nothing now."""
    found = report_of(connection, receipt)
    if found is not None:
        locked(connection, found[1].reference)
        found = report_of(connection, receipt)
    if found is None:
        raise NotNow("the code opens nothing any more")
    return found


def take_words(connection: Connection, ring: KeyRing, receipt: bytes, text: str, language: str) -> None:
    """Keep what the person wrote, so that staff see it. Raises NotNow when their code opens nothing now."""
    report, case = held(connection, receipt)
    if not _just_said(connection, ring, report.reference, text):
        add(connection, ring, case, report.reference, Kind.WORDS, REPORTER, language, text)
        stir(connection, case)


def take_wish(connection: Connection, ring: KeyRing, receipt: bytes, kind: Kind, language: str) -> None:
    """Keep what the person wants, once while nobody has answered it. Raises NotNow.

    To look again opens a finished case. To erase is for somebody to decide: nothing is deleted by it.
    """
    report, case = held(connection, receipt)
    waiting = [one for one in of_report(connection, report.reference) if one.kind is kind]
    if any(one.answered is None for one in waiting):
        return
    if kind is Kind.LOOK_AGAIN:
        if State(case.state) in OPEN:
            return
        move(connection, case, Event.REOPEN, by=REPORTER, who=Who.REPORTER, reason="asked")
    else:
        stir(connection, case)
    add(connection, ring, case, report.reference, kind, REPORTER, language)


def stir(connection: Connection, case: Row[Any]) -> Row[Any]:
    """A step of an open case that its person did something: whoever waited for them goes on."""
    if State(case.state) is State.AWAITING_REPORTER:
        return move(connection, case, Event.RESUME, by=REPORTER, who=Who.REPORTER)
    if State(case.state) in OPEN:
        return move(connection, case, Event.ADD_REPORT, by=REPORTER, who=Who.REPORTER)
    return case


def _just_said(connection: Connection, ring: KeyRing, report: str, text: str) -> bool:
    rows = [row for row in connection.execute(OF_REPORT, {"of": report}) if row.by == REPORTER and row.sealed]
    if not rows or clock.seconds() - rows[-1].at > AT_ONCE:
        return False
    return _opened(connection, ring, rows[-1]) == text


def add(
    connection: Connection,
    ring: KeyRing,
    case: Row[Any],
    report: str,
    kind: Kind,
    by: str,
    language: str,
    text: str = "",
) -> str:
    """Keep an entry; gives its reference. Whoever calls it holds the case. Raises words.Erased."""
    reference = references.new()
    sealed = None
    if kind is Kind.WORDS:
        sealed = words.seal(connection, ring, case.reference, place_of(reference), text)
    row = {"reference": reference, "case": case.reference, "report": report, "kind": kind.value, "by": by}
    connection.execute(insert(TABLE), {**row, "language": language, "sealed": sealed, "at": clock.seconds()})
    return reference


def of_report(connection: Connection, report: str) -> list[Entry]:
    """What went to and fro with one person, the oldest first, without anybody's words."""
    return [_entry(row) for row in connection.execute(OF_REPORT, {"of": report})]


def for_person(connection: Connection, ring: KeyRing, report: str) -> list[Entry]:
    """The same with our words opened: for the person's own page, which never shows them theirs."""
    rows = connection.execute(OF_REPORT, {"of": report}).all()
    return [_entry(row, "" if row.by == REPORTER else _opened(connection, ring, row)) for row in rows]


def seen_by_person(connection: Connection, report: str) -> None:
    """Note the day on which the person first saw what we wrote."""
    _see(connection, TABLE.report == report, ~OF_PERSON)


# Staff


def of_case(connection: Connection, ring: KeyRing, case: str) -> list[Entry]:
    """All that went to and fro with who told us of a case, opened. Whoever calls it has noted it before."""
    rows = connection.execute(OF_CASE, {"of": case}).all()
    return [_entry(row, _opened(connection, ring, row)) for row in rows]


def seen_by_staff(connection: Connection, case: str) -> None:
    """Note the day on which somebody who works here first saw what the persons of a case wrote."""
    of = select(IncidentReport.reference).where(IncidentReport.case == case)
    _see(connection, TABLE.report.in_(of), OF_PERSON)


def _see(connection: Connection, *which: ColumnElement[bool]) -> None:
    connection.execute(update(TABLE).where(TABLE.seen.is_(None), *which).values(seen=clock.today()))


def answered(connection: Connection, report: str, by: str, kind: Kind | None = None) -> int:
    """From now on nothing that this person wrote (of one kind) waits for an answer; gives how much did."""
    waiting = update(TABLE).where(TABLE.report == report, OF_PERSON, TABLE.answered.is_(None))
    waiting = waiting.where(TABLE.kind == kind.value) if kind is not None else waiting
    return connection.execute(waiting.values(answered=clock.seconds(), answered_by=by)).rowcount


def unanswered(connection: Connection, *which: ColumnElement[bool]) -> list[Row[Any]]:
    """Cases whose persons wait for an answer: `case`, `since` (seconds since 1970), `number`, `erase` (how
    many of them ask us to delete what they told us). The longest wait first.

    `which` are conditions on IncidentCase, such as access.visible() gives.
    """
    query = (
        select(
            IncidentReport.case,
            func.min(TABLE.at).label("since"),
            func.count().label("number"),
            func.count().filter(TABLE.kind == Kind.ERASE.value).label("erase"),
        )
        .join(IncidentReport, IncidentReport.reference == TABLE.report)
        .join(IncidentCase, IncidentCase.reference == IncidentReport.case)
        .where(OF_PERSON, TABLE.answered.is_(None), IncidentCase.data_key.is_not(None), *which)
        .group_by(IncidentReport.case)
        .order_by(func.min(TABLE.at), IncidentReport.case)
    )
    return list(connection.execute(query))


def _opened(connection: Connection, ring: KeyRing, row: Row[Any]) -> str:
    if not row.sealed:
        return ""
    return str(words.opened(connection, ring, row.case, place_of(row.reference), row.sealed))


def _entry(row: Row[Any], text: str = "") -> Entry:
    return Entry(
        row.reference,
        row.report,
        Kind(row.kind),
        row.by,
        row.language,
        row.at,
        row.seen,
        row.answered,
        text,
    )
