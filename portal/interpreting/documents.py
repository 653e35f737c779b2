"""What the landlord publishes: in which languages and formats it is there, and where copies went."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Connection,
    Date,
    ForeignKey,
    Row,
    String,
    bindparam,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal import audit, clock, references
from portal.audit import Did
from portal.database import Base, Database
from portal.forms.talking import FORMAT
from portal.interpreting import moving
from portal.interpreting.moving import NotNow
from portal.interpreting.states import Kind
from portal.questions.messages import Message, _staff
from portal.sealing import KeyRing

ENGLISH, STANDARD = "eng", "standard"
FORMATS = {option.code: option.text for option in FORMAT.known}
"""Formats as people ask for them."""
STATES: dict[str, Message] = {
    "asked": _staff("Asked for"),
    "ordered": _staff("Ordered"),
    "ready": _staff("Ready"),
}
OUTDATED, MISSING = "outdated", "missing"
WORDS: dict[str, Message] = {
    **STATES,
    OUTDATED: _staff("Out of date"),
    MISSING: _staff("Missing"),
}
"""What the coverage says: an edition that is older than its source is out of date."""


class Document(Base):
    """A leaflet, letter or form that the landlord publishes."""

    __tablename__ = "document"

    reference: Mapped[str] = mapped_column(String(9), primary_key=True)
    title: Mapped[str] = mapped_column(String(200), unique=True)
    words: Mapped[int | None]
    """How long it is, in words: what a translation costs by."""
    updated: Mapped[date] = mapped_column(Date)
    """When its English source last changed."""


class DocumentEdition(Base):
    """A document in one language and format."""

    __tablename__ = "document_edition"
    __table_args__ = (CheckConstraint("state IN ('asked', 'ordered', 'ready')", name="state"),)

    document: Mapped[str] = mapped_column(
        ForeignKey("document.reference", ondelete="CASCADE"), primary_key=True
    )
    language: Mapped[str] = mapped_column(String(60), primary_key=True)
    """Code of the language; eng for English in another format."""
    format: Mapped[str] = mapped_column(String(20), primary_key=True)
    """Code of the format."""
    state: Mapped[str] = mapped_column(String(10))
    """A key of STATES."""
    made: Mapped[date | None] = mapped_column(Date)
    """The day of the source that it is a translation of, or the day it was ready."""
    certified: Mapped[bool]
    maker: Mapped[str] = mapped_column(String(100))
    """Who translated or made it."""


class Distribution(Base):
    """Copies of a document that went somewhere."""

    __tablename__ = "distribution"
    __table_args__ = (CheckConstraint("number > 0", name="number"),)

    reference: Mapped[str] = mapped_column(String(9), primary_key=True)
    document: Mapped[str] = mapped_column(ForeignKey("document.reference", ondelete="CASCADE"), index=True)
    language: Mapped[str] = mapped_column(String(60))
    format: Mapped[str] = mapped_column(String(20))
    office: Mapped[str | None] = mapped_column(String(60))
    """Code of the office."""
    venue: Mapped[str] = mapped_column(String(100))
    """Another place: a school, a surgery."""
    number: Mapped[int]
    day: Mapped[date] = mapped_column(Date)


class DocumentRequest(Base):
    """Which document somebody's request for a translation or a format is about."""

    __tablename__ = "document_request"

    request: Mapped[str] = mapped_column(
        ForeignKey("interpreter_request.reference", ondelete="CASCADE"), primary_key=True
    )
    document: Mapped[str] = mapped_column(ForeignKey("document.reference", ondelete="CASCADE"), index=True)


EVERY = select(*Document.__table__.columns).order_by(Document.title)
FIND = select(*Document.__table__.columns).where(Document.reference == bindparam("of"))
EDITIONS = select(*DocumentEdition.__table__.columns).order_by(
    DocumentEdition.language, DocumentEdition.format
)
LOG = (
    select(*Distribution.__table__.columns)
    .where(Distribution.document == bindparam("of"))
    .order_by(Distribution.day.desc(), Distribution.reference)
)
ASKED_BY = (
    select(DocumentRequest.request)
    .where(DocumentRequest.document == bindparam("of"))
    .order_by(DocumentRequest.request)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """An edition to be kept."""

    language: str
    format: str
    state: str
    made: date | None = None
    certified: bool = False
    maker: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Copies that were given out."""

    language: str
    format: str
    office: str | None
    venue: str
    number: int
    day: date


def every(connection: Connection) -> list[Row[Any]]:
    """All documents, by title."""
    return list(connection.execute(EVERY).all())


def find(connection: Connection, reference: str) -> Row[Any] | None:
    return connection.execute(FIND, {"of": reference}).first()


def editions(connection: Connection, document: str) -> list[Row[Any]]:
    """The editions of a document."""
    return list(connection.execute(EDITIONS.where(DocumentEdition.document == document)).all())


def given_out(connection: Connection, document: str) -> list[Row[Any]]:
    """Where copies of a document went, the latest day first."""
    return list(connection.execute(LOG, {"of": document}).all())


def asked_by(connection: Connection, document: str) -> list[str]:
    """References of the requests that are about a document."""
    return list(connection.execute(ASKED_BY, {"of": document}).scalars())


def state_of(edition: Row[Any] | None, updated: date) -> str:
    """How an edition stands, as a key of WORDS, when its source last changed on that day."""
    if edition is None:
        return MISSING
    if edition.state == "ready" and (edition.made is None or edition.made < updated):
        return OUTDATED
    return str(edition.state)


Coverage = dict[str, dict[str, str]]
"""Document -> language -> how it stands, as keys of WORDS."""


def coverage(connection: Connection, languages: Iterable[str]) -> Coverage:
    """How every document stands in each of these languages, in ordinary print or the best other format."""
    languages = list(languages)
    known: dict[tuple[str, str], list[Row[Any] | None]] = defaultdict(list)
    for row in connection.execute(EDITIONS):
        known[row.document, row.language].append(row)
    best = ("ready", OUTDATED, "ordered", "asked", MISSING)
    lines: Coverage = {}
    for document in every(connection):
        lines[document.reference] = {
            code: min(
                (state_of(row, document.updated) for row in known[document.reference, code] or [None]),
                key=best.index,
            )
            for code in languages
        }
    return lines


def put(
    database: Database,
    ring: KeyRing,
    title: str,
    words: int | None,
    updated: date,
    by: str,
    reference: str | None = None,
) -> str | None:
    """Keep a document, a new one without a reference; gives its reference, None for a title that is taken.

    Audited.
    """
    row = {"title": title, "words": words, "updated": updated}
    with database.write() as connection:
        there = connection.execute(select(Document.reference).where(Document.title == title)).scalar()
        if there not in (None, reference):
            return None
        if reference is None:
            reference, did = references.new(), Did.CREATED
            connection.execute(insert(Document), {"reference": reference, **row})
        else:
            did = Did.CHANGED
            connection.execute(update(Document).where(Document.reference == reference).values(row))
        audit.note(connection, ring, by=by, did=did, what=f"document {reference}")
    return reference


def keep_edition(database: Database, ring: KeyRing, document: str, edition: Edition, by: str) -> None:
    """From now on the edition in this language and format stands so. Audited."""
    row = _values(edition)
    if row["state"] == "ready" and row["made"] is None:
        row["made"] = clock.today()
    key = (
        DocumentEdition.document == document,
        DocumentEdition.language == edition.language,
        DocumentEdition.format == edition.format,
    )
    detail = {"language": edition.language, "format": edition.format, "state": edition.state}
    with database.write() as connection:
        connection.execute(delete(DocumentEdition).where(*key))
        connection.execute(insert(DocumentEdition), {"document": document, **row})
        audit.note(connection, ring, by=by, did=Did.CHANGED, what=f"document {document}", detail=detail)


def give_out(database: Database, document: str, given: Given) -> None:
    """Note copies that went somewhere."""
    row = {"reference": references.new(), "document": document, **_values(given)}
    with database.write() as connection:
        connection.execute(insert(Distribution), row)


def about(database: Database, ring: KeyRing, document: str, request: str, by: str) -> None:
    """From now on a request for a translation or a format is about this document. Audited. Raises NotNow."""
    with database.write() as connection:
        found = moving.locked(connection, request)
        if found.kind not in (Kind.TRANSLATION, Kind.FORMAT):
            raise NotNow(found.kind)
        connection.execute(delete(DocumentRequest).where(DocumentRequest.request == request))
        connection.execute(insert(DocumentRequest), {"request": request, "document": document})
        detail = {"document": document}
        audit.note(connection, ring, by=by, did=Did.CHANGED, what=f"request {request}", detail=detail)


def _values(given: Edition | Given) -> dict[str, Any]:
    fields: Mapping[str, Any] = type(given).__dataclass_fields__
    return {name: getattr(given, name) for name in fields}
