"""What a coordinator asks the person before a request can go on: one question at a time, as it was typed.

It may say what the person's own words say, so it is sealed as they are. The person reads it with their code;
staff see it once their look is noted.
"""

from __future__ import annotations

from sqlalchemy import Connection, ForeignKey, LargeBinary, String, bindparam, delete, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base
from portal.questions import Text
from portal.questions.messages import _staff
from portal.sealing import KeyRing, Sealed

QUESTION = Text(
    key="question",
    text=_staff("What you ask the person"),
    hint=_staff(
        "They read it with their code exactly as you type it. Ask plainly, name nobody, and write nothing "
        "that somebody who looks over their shoulder must not read."
    ),
    required=_staff("Type what you want to know, so that the person can answer it"),
    most=300,
    lines=3,
)


class RequestQuestion(Base):
    """The newest question to the person of a request."""

    __tablename__ = "request_question"

    request: Mapped[str] = mapped_column(
        ForeignKey("interpreter_request.reference", ondelete="CASCADE"), primary_key=True
    )
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    """The question, sealed."""
    data_key: Mapped[bytes] = mapped_column(LargeBinary)
    """The key of what is sealed, itself wrapped."""
    key_name: Mapped[str] = mapped_column(String(40), index=True)
    """The key of the key ring that wrapped it."""


FIND = select(*RequestQuestion.__table__.columns).where(RequestQuestion.request == bindparam("of"))
FORGET = delete(RequestQuestion).where(RequestQuestion.request == bindparam("of"))


def place_of(request: str) -> str:
    """The place that the question of a request is bound to."""
    return f"request_question/sealed/{request}"


def sealed(ring: KeyRing, request: str, words: str) -> Sealed:
    """A question to the person of a request, ready to be kept."""
    return ring.seal("narrative", place_of(request), words.encode())


def keep(connection: Connection, request: str, question: Sealed) -> None:
    """From now on this is the question; the one before is gone. Whoever calls it holds the request."""
    row = {"sealed": question.words, "data_key": question.data_key, "key_name": question.key_name}
    connection.execute(FORGET, {"of": request})
    connection.execute(insert(RequestQuestion), {"request": request, **row})


def forget(connection: Connection, request: str) -> None:
    """The question of a request is gone."""
    connection.execute(FORGET, {"of": request})


def of(connection: Connection, ring: KeyRing, request: str) -> str:
    """The newest question of a request, opened; empty when none was ever typed."""
    row = connection.execute(FIND, {"of": request}).first()
    if row is None:
        return ""
    return ring.open(place_of(request), Sealed(row.sealed, row.data_key, row.key_name)).decode()
