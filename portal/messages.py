"""Messages to people: written in the transaction of what causes them, and sent by the worker.

A message names whom it is for by the owner of their contact rule; the number or address is asked of the
gate when it goes out. Of an event and version there is one message a way, whoever writes it again. What
cannot go out is a task for staff: a message is never dropped.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    bindparam,
    delete,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from portal import clock, outbox, references, wording
from portal.contact import Method, Permit
from portal.database import Base, Database
from portal.questions.messages import Message, _staff
from portal.sealing import KeyRing, Sealed
from portal.settings import Settings
from portal.wording import Template, Values

SEND = "send message"
"""The kind of job that sends one."""
WORDS_KEPT = 7 * 86400
"""Seconds after its end that the words of a message can still be read."""
KEPT = 90 * 86400
"""Seconds after its end that it is still known that a message was sent."""


class State(StrEnum):
    """Where a message is in its life. The codes are stored."""

    WAITING = "waiting"
    ATTEMPTING = "attempting"
    """It may have gone out: while nobody knows, the provider is asked before it is sent again."""
    FAILED = "failed"
    """To be tried again."""
    SENT = "sent"
    """The provider has it."""
    DELIVERED = "delivered"
    DEAD = "dead"
    """It did not reach the person; staff must look at it."""
    BY_PHONE = "by phone"
    """Staff must phone."""
    CLOSED = "closed"
    """Staff have phoned, or given it up."""


class Event(StrEnum):
    """What happens to a message."""

    BEGIN = "begin"
    ACCEPTED = "accepted"
    TROUBLE = "trouble"
    WAIT = "wait"
    REFUSED = "refused"
    ARRIVED = "arrived"
    RETURNED = "returned"
    CALL = "call"
    AGAIN = "again"
    CLOSE = "close"


S, E = State, Event
STEPS: dict[Event, tuple[frozenset[State], State, str]] = {
    E.BEGIN: (frozenset({S.WAITING, S.FAILED, S.ATTEMPTING}), S.ATTEMPTING, "the worker starts to send it"),
    E.ACCEPTED: (frozenset({S.ATTEMPTING}), S.SENT, "the provider has taken it, or had it already"),
    E.TROUBLE: (frozenset({S.ATTEMPTING}), S.FAILED, "no answer, or one that may be better tomorrow"),
    E.WAIT: (frozenset({S.WAITING, S.FAILED, S.ATTEMPTING}), S.WAITING, "not at this hour: later"),
    E.REFUSED: (
        frozenset({S.WAITING, S.ATTEMPTING, S.FAILED}),
        S.DEAD,
        "the gate or the provider will not have it, or it was tried for three days",
    ),
    E.ARRIVED: (frozenset({S.SENT}), S.DELIVERED, "the provider says that it arrived"),
    E.RETURNED: (frozenset({S.SENT}), S.DEAD, "the provider says that it could not be delivered"),
    E.CALL: (frozenset({S.WAITING, S.FAILED, S.ATTEMPTING}), S.BY_PHONE, "the person must be phoned instead"),
    E.AGAIN: (frozenset({S.DEAD}), S.WAITING, "staff let it be tried again"),
    E.CLOSE: (frozenset({S.DEAD, S.BY_PHONE}), S.CLOSED, "staff have phoned, or give it up with a reason"),
}
"""What may happen to a message: from which states, to which, and what it means."""
OPEN = frozenset({S.WAITING, S.ATTEMPTING, S.FAILED})
FOR_STAFF = frozenset({S.DEAD, S.BY_PHONE})
ENDED = frozenset({S.SENT, S.DELIVERED, S.CLOSED})


class Outgoing(Base):
    """One message to one person."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("owner", "event", "version", "method"),
        Index("ix_message_state_not_before", "state", "not_before"),
    )

    reference: Mapped[str] = mapped_column(String(9), primary_key=True)
    """Random; what the provider calls it, with the round."""
    owner: Mapped[str] = mapped_column(String(60), index=True)
    """Whose contact rule says how to reach the person."""
    event: Mapped[str] = mapped_column(String(40))
    """The key of its template."""
    version: Mapped[str] = mapped_column(String(80))
    """Which of the owner's events of this kind: with owner, event and method it is sent once."""
    method: Mapped[str] = mapped_column(String(10))
    language: Mapped[str] = mapped_column(String(12))
    """The language of its words."""
    discreet: Mapped[bool] = mapped_column(Boolean)
    """Whether its words say neither who we are nor what about."""
    urgent: Mapped[bool] = mapped_column(Boolean)
    """Whether it may disturb outside the hours."""
    state: Mapped[str] = mapped_column(String(10))
    why: Mapped[str] = mapped_column(String(40))
    """Why it is dead or to be phoned, and how it was closed: a code."""
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Subject and words, sealed; nothing a week after its end."""
    data_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The key of what is sealed, itself wrapped."""
    key_name: Mapped[str | None] = mapped_column(String(40), index=True)
    """The key of the key ring that wrapped it."""
    written: Mapped[int] = mapped_column(BigInteger)
    """Seconds since 1970."""
    not_before: Mapped[int] = mapped_column(BigInteger)
    """When it may go out, in seconds since 1970."""
    attempt_started: Mapped[int | None] = mapped_column(BigInteger)
    """When the newest attempt began, in seconds since 1970: noted before anything is sent."""
    attempts: Mapped[int]
    """How often it was begun."""
    round: Mapped[int]
    """How often staff let it go out anew after the provider gave it back."""
    provider_id: Mapped[str | None] = mapped_column(String(80))
    """What the provider calls it."""
    ended: Mapped[int | None] = mapped_column(BigInteger)
    """When it was sent or closed, in seconds since 1970."""


TABLE = Outgoing


def place_of(reference: str) -> str:
    """The place that the words of a message are bound to."""
    return f"message/sealed/{reference}"


def write(
    connection: Connection,
    ring: KeyRing,
    settings: Settings,
    permit: Permit,
    template: Template,
    values: Values,
    same: str,
    not_before: int | None = None,
) -> str:
    """Write a message in the transaction of what causes it; gives its reference.

    `same` says which event of this kind it is: written again for the same owner, event and method, nothing
    is added and it is the first one's reference. With a permit to phone, or when it cannot be said in
    writing (no reviewed words, no discreet ones, no sender), it becomes a task for staff to phone.
    """
    raise NotImplementedError
