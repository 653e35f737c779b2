"""Messages to people: written in the transaction of what causes them, and sent by the worker.

A message names whom it is for by the owner of their contact rule; the number or address is asked of the
gate when it goes out. Of an event and version there is one message a way, whoever writes it again. What
cannot go out is a task for staff: a message is never dropped.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    Index,
    LargeBinary,
    Row,
    String,
    UniqueConstraint,
    bindparam,
    case,
    delete,
    func,
    null,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from portal import clock, contact, outbox, references, wording
from portal.contact import Method, Permit
from portal.database import Base, Database
from portal.message_states import FOR_STAFF, STEPS, Event, State
from portal.sealing import KeyRing, Sealed
from portal.settings import Settings
from portal.wording import Template, Values

SEND = "send message"
"""The kind of job that sends one."""
WRITTEN = frozenset({Method.SMS, Method.EMAIL, Method.LETTER, Method.CALL})
"""The ways of a message; one to phone is for staff to say."""
WORDS_KEPT = 7 * 86400
"""Seconds after its end that the words of a message can still be read."""
KEPT = 90 * 86400
"""Seconds after its end that it is still known that a message was sent."""


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
    not_after: Mapped[int | None] = mapped_column(BigInteger)
    """When it says nothing of use any more, in seconds since 1970."""
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
ADD = {
    "sqlite": sqlite.insert(TABLE).on_conflict_do_nothing().returning(TABLE.reference),
    "postgresql": postgresql.insert(TABLE).on_conflict_do_nothing().returning(TABLE.reference),
}
FIND_SAME = select(TABLE.reference).where(
    TABLE.owner == bindparam("of_owner"),
    TABLE.event == bindparam("of_event"),
    TABLE.version == bindparam("of_version"),
    TABLE.method == bindparam("of_method"),
)
OWNER = select(TABLE.owner).where(TABLE.reference == bindparam("of"))
FIND = select(*TABLE.__table__.columns).where(TABLE.reference == bindparam("of"))
WITHOUT_WORDS = [column for column in TABLE.__table__.columns if column.name not in ("sealed", "data_key")]
LEFT = select(*WITHOUT_WORDS).where(TABLE.state.in_([state.value for state in FOR_STAFF]))
OF_CASES = TABLE.owner.like(f"{contact.OF_CASES} %")
"""Those are shown in their case alone, to who may see how to reach its people."""
OF_STAFF = LEFT.where(~OF_CASES).order_by(TABLE.not_before, TABLE.reference)
COUNT_OF_STAFF = (
    select(TABLE.state, func.count().label("number"))
    .where(TABLE.state.in_([state.value for state in FOR_STAFF]), ~OF_CASES)
    .group_by(TABLE.state)
)
UNCONFIRMED = select(TABLE.reference, TABLE.method, TABLE.provider_id).where(
    TABLE.state == State.SENT.value, TABLE.provider_id.is_not(None), TABLE.ended > bindparam("since")
)
FORGET = delete(TABLE).where(TABLE.owner == bindparam("of"))
DROP_OLD = delete(TABLE).where(TABLE.ended <= bindparam("before"))
DROP_WORDS = (
    update(TABLE)
    .where(TABLE.ended <= bindparam("before"), TABLE.sealed.is_not(None))
    .values(sealed=None, data_key=None, key_name=None)
)


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
    not_after: int | None = None,
) -> str:
    """Write a message in the transaction of what causes it; gives its reference.

    `same` says which event of this kind it is: written again for the same owner, event and method, nothing
    is added and it is the first one's reference. It goes out at permit.at or not_before, whichever is later;
    what could only go out after not_after (all in seconds since 1970) is for staff to look at. With a permit
    to phone, or when it cannot be said in writing (no reviewed words, no discreet ones, no way to send), it
    becomes a task for staff to phone.
    """
    if permit.method not in WRITTEN:
        raise ValueError(f"a message does not go by {permit.method}")
    start = max(permit.at, not_before or 0)
    by_hand = permit.method is Method.CALL or not wording.has_way(settings, permit.method, permit.discreet)
    late = not_after is not None and start > not_after
    ready = None if by_hand or late else wording.written(settings, permit, template, values)
    words = ready or wording.to_say(settings, template, values)
    reference, now = references.new(), clock.seconds()
    plain = json.dumps([words.subject, words.body], ensure_ascii=False).encode()
    sealed = ring.seal("identity", place_of(reference), plain)
    row = {
        "reference": reference,
        "owner": permit.owner,
        "event": template.event,
        "version": same,
        "method": permit.method.value,
        "language": words.language,
        "discreet": words.discreet,
        "urgent": permit.urgent or template.urgent,
        "state": State.WAITING.value if ready else State.BY_PHONE.value,
        "why": "" if ready else _why_by_phone(permit, by_hand, late),
        "sealed": sealed.words,
        "data_key": sealed.data_key,
        "key_name": sealed.key_name,
        "written": now,
        "not_before": start,
        "not_after": not_after,
        "attempts": 0,
        "round": 0,
    }
    if connection.execute(ADD[connection.dialect.name], row).first() is None:
        known = {
            "of_owner": permit.owner,
            "of_event": template.event,
            "of_version": same,
            "of_method": permit.method.value,
        }
        return str(connection.execute(FIND_SAME, known).scalar_one())
    if ready:
        _put_job(connection, reference, start)
    return reference


def _why_by_phone(permit: Permit, by_hand: bool, late: bool) -> str:
    if permit.method is Method.CALL:
        return "call"
    if late:
        return "too_late"
    return "no_way" if by_hand else "no_words"


def _put_job(connection: Connection, reference: str, due: int) -> None:
    outbox.put(connection, SEND, {"message": reference}, name=f"{reference} {due}", due=due)


@dataclass(frozen=True, slots=True)
class Found:
    """A message, its words opened."""

    reference: str
    owner: str
    event: str
    method: Method
    state: State
    language: str
    discreet: bool
    urgent: bool
    not_after: int | None
    attempted: bool
    """Whether an attempt was begun: it may have gone out."""
    key: str
    """What the provider calls it."""
    subject: str = field(repr=False)
    body: str = field(repr=False)


def find(connection: Connection, ring: KeyRing, reference: str) -> Found | None:
    """A message with its words, which are empty once they have had their time."""
    row = connection.execute(FIND, {"of": reference}).first()
    if row is None:
        return None
    subject = body = ""
    if row.sealed is not None:
        opened = ring.open(place_of(reference), Sealed(row.sealed, row.data_key, row.key_name))
        subject, body = json.loads(opened)
    return Found(
        row.reference,
        row.owner,
        row.event,
        Method(row.method),
        State(row.state),
        row.language,
        row.discreet,
        row.urgent,
        row.not_after,
        row.attempt_started is not None,
        f"{row.reference}-{row.round}",
        subject,
        body,
    )


def owner_of(connection: Connection, reference: str) -> str | None:
    """Whom a message is for; None when there is none of that reference (any more)."""
    return connection.execute(OWNER, {"of": reference}).scalar()


def move(connection: Connection, reference: str, event: Event, **values: Any) -> bool:
    """Let something happen to a message; False when it is in no state for it (any more)."""
    before, after, _meaning = STEPS[event]
    change = (
        update(TABLE)
        .where(TABLE.reference == reference, TABLE.state.in_([state.value for state in before]))
        .values(state=after.value, **values)
    )
    return connection.execute(change).rowcount == 1


def begin(connection: Connection, reference: str) -> bool:
    """Note that an attempt begins, before anything is sent."""
    return move(
        connection,
        reference,
        Event.BEGIN,
        attempt_started=clock.seconds(),
        attempts=TABLE.attempts + 1,
    )


def wait(connection: Connection, reference: str, until: int) -> bool:
    """Let a message wait until a moment at which its person may be reached."""
    moved = move(connection, reference, Event.WAIT, not_before=until)
    if moved:
        _put_job(connection, reference, until)
    return moved


def accepted(connection: Connection, reference: str, provider_id: str | None) -> bool:
    """The provider has it."""
    values = {"provider_id": provider_id, "ended": clock.seconds(), "why": ""}
    return move(connection, reference, Event.ACCEPTED, **values)


def again(connection: Connection, reference: str) -> bool:
    """Let a dead message be tried again, as a new one if the provider gave the last one back."""
    now = clock.seconds()
    back = TABLE.provider_id.is_not(None)
    values = {
        "round": TABLE.round + case((back, 1), else_=0),
        "attempt_started": case((back, null()), else_=TABLE.attempt_started),
        "provider_id": None,
        "not_before": now,
        "not_after": None,
        "ended": None,
        "why": "",
    }
    moved = move(connection, reference, Event.AGAIN, **values)
    if moved:
        outbox.put_again(connection, SEND, {"message": reference}, name=f"{reference} {now}")
    return moved


def close(connection: Connection, reference: str, how: str) -> bool:
    """Staff have phoned, or give it up: `how` is the code of what came of it."""
    return move(connection, reference, Event.CLOSE, why=how, ended=clock.seconds())


def not_reached(connection: Connection, reference: str) -> bool:
    """Staff have phoned in vain."""
    return move(connection, reference, Event.NOT_REACHED, why="not_reached")


def for_staff(connection: Connection) -> list[Row[Any]]:
    """The messages that staff must look at, the oldest first, without their words; none of a case."""
    return list(connection.execute(OF_STAFF))


def left_of(connection: Connection, owner: str) -> list[Row[Any]]:
    """The messages to one person that staff must look at, the oldest first, without their words."""
    return list(connection.execute(LEFT.where(TABLE.owner == owner).order_by(TABLE.not_before)))


def number_for_staff(connection: Connection) -> dict[State, int]:
    """How many messages staff must look at, by their state."""
    rows = connection.execute(COUNT_OF_STAFF)
    return {State(row.state): row.number for row in rows}


def unconfirmed(connection: Connection, since: int) -> list[Row[Any]]:
    """What was sent after that second, and of which the provider has not yet said whether it arrived."""
    return list(connection.execute(UNCONFIRMED, {"since": since}))


def forget(connection: Connection, owner: str) -> int:
    """Delete the messages of an owner, sent or not; returns how many."""
    return connection.execute(FORGET, {"of": owner}).rowcount


def forget_old(database: Database) -> int:
    """Delete the words of messages that ended a week ago, and those of long ago; how many of these."""
    now = clock.seconds()
    database.change(DROP_WORDS, {"before": now - WORDS_KEPT})
    return database.change(DROP_OLD, {"before": now - KEPT})
