"""Pictures and papers that prove what somebody told us: checked for viruses, shown to few, noted before.

What staff look at is a copy made anew, without hidden words about where it was taken. The file as it was is
sealed apart, where its person is known or chose so, and else dropped. Its SHA-256 is kept in any case.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Connection,
    ForeignKey,
    Row,
    String,
    bindparam,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal import clock, files, references
from portal.database import Base
from portal.files import File
from portal.incidents.models import IncidentReport
from portal.intake.submissions import owner_of
from portal.questions import Answers, Form
from portal.questions.answers import said
from portal.questions.files import Files
from portal.questions.messages import Message, _staff


class Scan(StrEnum):
    """What the virus scanner says of a file. The codes are stored."""

    PENDING = "pending"
    CLEAN = "clean"
    INFECTED = "infected"
    ERROR = "error"
    OFF = "off"
    """There is no scanner here."""


WORDS: dict[Scan, Message] = {
    Scan.PENDING: _staff("Not checked for viruses yet"),
    Scan.CLEAN: _staff("Checked: no virus found"),
    Scan.INFECTED: _staff("A virus was found"),
    Scan.ERROR: _staff("The virus scanner could not check it"),
    Scan.OFF: _staff("There is no virus scanner"),
}
OVERRIDDEN_WHY: dict[str, Message] = {
    "urgent": _staff("Somebody may come to harm if it is not seen now"),
    "made_anew": _staff("It is a copy made anew, and opened on a device without a network"),
    "false_alarm": _staff("It was checked elsewhere: a false alarm"),
    "no_scanner": _staff("There is no virus scanner here"),
}
"""Why somebody looks at a file that was not found clean."""


class IncidentEvidence(Base):
    """A file that somebody gave us about what happened."""

    __tablename__ = "incident_evidence"
    __table_args__ = (
        CheckConstraint("scan IN ('pending', 'clean', 'infected', 'error', 'off')", name="scan"),
        CheckConstraint(
            "(overridden IS NULL) = (overridden_by IS NULL) "
            "AND (overridden IS NULL) = (overridden_at IS NULL)",
            name="overridden",
        ),
    )

    reference: Mapped[str] = mapped_column(String(9), primary_key=True)
    report: Mapped[str] = mapped_column(ForeignKey("incident_report.reference"), index=True)
    file: Mapped[str] = mapped_column(String(32), unique=True)
    """The copy made anew, among the files: gone when the words of its case were erased."""
    scan: Mapped[str] = mapped_column(String(8), index=True)
    """A value of Scan."""
    scanned: Mapped[int | None] = mapped_column(BigInteger)
    """When the scanner last answered, in seconds since 1970."""
    overridden: Mapped[str | None] = mapped_column(String(12))
    """Code of why somebody may look at it though it was not found clean."""
    overridden_by: Mapped[str | None] = mapped_column(String(9))
    """The account that decided so."""
    overridden_at: Mapped[int | None] = mapped_column(BigInteger)


EVIDENCE = IncidentEvidence
ALL = select(*EVIDENCE.__table__.columns, IncidentReport.case).join(
    IncidentReport, IncidentReport.reference == EVIDENCE.report
)
OF_CASE = ALL.where(IncidentReport.case == bindparam("of")).order_by(EVIDENCE.reference)
ONE = ALL.where(IncidentReport.case == bindparam("of"), EVIDENCE.reference == bindparam("reference"))
DIGEST = select(File.digest).where(File.id == bindparam("file"))
NAMED = frozenset({"named", "named_restricted"})


def owner(report: str) -> str:
    """What the files of a report belong to, so that a change of the report does not take them along."""
    return f"report {report}"


def keeps_originals(answers: Answers) -> bool:
    """Whether the files as they were are kept: of who is known unless they say no, else only if they
    say yes."""
    wish = said(answers.get("keep_original", ()))
    return "yes" in wish or ("no" not in wish and bool(NAMED & set(said(answers.get("anonymity", ())))))


def take_in(connection: Connection, form: Form, answers: Answers, report: str, submission: str) -> None:
    """What was attached belongs to the report from now on; a file that it has already stays as it is."""
    originals = keeps_originals(answers)
    keys = [question.key for question in form.questions if isinstance(question, Files)]
    for identity in (one for key in keys for one in said(answers.get(key, ()))):
        if not files.give(connection, identity, owner_of(submission), owner(report), clock.today()):
            continue
        if not originals:
            files.drop_original(connection, identity)
        row = {"reference": references.new(), "report": report, "file": identity, "scan": Scan.PENDING.value}
        connection.execute(insert(EVIDENCE), row)


def of_case(connection: Connection, case: str) -> list[Row[Any]]:
    """The evidence of a case: rows of incident_evidence."""
    return list(connection.execute(OF_CASE, {"of": case}))


def find(connection: Connection, case: str, reference: str) -> Row[Any] | None:
    """One piece of evidence, if it is that case's."""
    rows: list[Row[Any]] = list(connection.execute(ONE, {"of": case, "reference": reference}))
    return rows[0] if rows else None


def digest_of(connection: Connection, file: str) -> bytes | None:
    """SHA-256 of a file as it was sent; nothing when it was erased."""
    found: bytes | None = connection.execute(DIGEST, {"file": file}).scalar()
    return found


def may_be_opened(row: Row[Any]) -> bool:
    """Whether somebody who may see evidence may open this: it is clean, or somebody decided so."""
    return row.scan == Scan.CLEAN or row.overridden is not None


def override(connection: Connection, reference: str, why: str, *, by: str) -> bool:
    """Let it be opened though it was not found clean; False when it needs none. Raises KeyError for a reason
    that is not known."""
    if why not in OVERRIDDEN_WHY:
        raise KeyError(why)
    values = {"overridden": why, "overridden_by": by, "overridden_at": clock.seconds()}
    asked = (
        EVIDENCE.reference == reference,
        EVIDENCE.scan != Scan.CLEAN.value,
        EVIDENCE.overridden.is_(None),
    )
    return connection.execute(update(EVIDENCE).where(*asked).values(values)).rowcount == 1


def forget(connection: Connection, report: str) -> list[str]:
    """Erase the files of a report, those as they were too: nobody can open them again. Their ids, for the
    store."""
    return files.erase_of(connection, owner(report))
