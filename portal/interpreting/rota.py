"""The rota of nominated staff: who interprets which language, at which office, on which day of the week.

Times are those that clocks in London show: a slot from 9 to 5 is from 9 to 5 in summer and in winter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Connection,
    Date,
    ForeignKey,
    Row,
    Select,
    String,
    bindparam,
    delete,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal import audit, clock, references
from portal.audit import Did
from portal.database import Base, Database
from portal.interpreting import bookings
from portal.interpreting.models import Interpreter, InterpreterLanguage, Leave
from portal.questions.messages import Message, _staff
from portal.sealing import KeyRing

Span = tuple[int, int]
"""From and to, in minutes since midnight."""


class RotaSlot(Base):
    """A time of the week at which an interpreter is on duty for a language."""

    __tablename__ = "rota_slot"
    __table_args__ = (
        CheckConstraint("ends > begins", name="order"),
        CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday"),
    )

    reference: Mapped[str] = mapped_column(String(9), primary_key=True)
    language: Mapped[str] = mapped_column(String(60))
    """Code of the language."""
    office: Mapped[str | None] = mapped_column(String(60))
    """Code of the office where they are; none for who can be reached by phone from everywhere."""
    weekday: Mapped[int]
    """1 is Monday."""
    begins: Mapped[int]
    """Minutes since midnight, as clocks in London show it."""
    ends: Mapped[int]
    interpreter: Mapped[int] = mapped_column(ForeignKey("interpreter.id"), index=True)
    first: Mapped[date] = mapped_column(Date)
    """The day from which it holds."""
    last: Mapped[date | None] = mapped_column(Date)
    """The last day on which it holds; none while no end is known."""


class NotFit(ValueError):
    """A slot cannot be in the rota; `why` says it to whoever wanted it."""

    def __init__(self, why: Message) -> None:
        super().__init__(why.id)
        self.why = why


OTHER_LANGUAGE = _staff("This person does not work in this language")
NOT_ACTIVE = _staff("This person does not interpret any more")
ALREADY = _staff("This person is on the rota for this language at this time already")
ELSEWHERE = _staff("This person is on the rota at another office at this time")

COLUMNS = RotaSlot.__table__.columns
EVERY: Select[Any] = (
    select(*COLUMNS, Interpreter.name, Interpreter.reference.label("person"))
    .join(Interpreter, Interpreter.id == RotaSlot.interpreter)
    .order_by(RotaSlot.language, RotaSlot.office, RotaSlot.weekday, RotaSlot.begins, RotaSlot.reference)
)
HOLDING = EVERY.where(
    or_(RotaSlot.last.is_(None), RotaSlot.last >= bindparam("since")), RotaSlot.first <= bindparam("until")
)
FIND = EVERY.where(RotaSlot.reference == bindparam("of"))
OF_PERSON = select(*COLUMNS).where(
    RotaSlot.interpreter == bindparam("person"), RotaSlot.weekday == bindparam("day")
)
WORKS_IN = select(InterpreterLanguage.code).where(InterpreterLanguage.interpreter == bindparam("person"))
END = update(RotaSlot).where(RotaSlot.reference == bindparam("of")).values(last=bindparam("to"))
REMOVE = delete(RotaSlot).where(RotaSlot.reference == bindparam("of"))


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSlot:
    """A slot to be added."""

    language: str
    office: str | None
    weekday: int
    begins: int
    ends: int
    interpreter: int
    first: date
    last: date | None = None


def add(database: Database, ring: KeyRing, slot: NewSlot, by: str) -> str:
    """Put a slot into the rota; gives its reference. Raises NotFit. Audited."""
    row = {
        "reference": references.new(),
        **{name: getattr(slot, name) for name in NewSlot.__dataclass_fields__},
    }
    with database.write() as connection:
        person = bookings.hold_interpreter(connection, slot.interpreter)
        if person is None or not person.active:
            raise NotFit(NOT_ACTIVE)
        if slot.language not in set(connection.execute(WORKS_IN, {"person": person.id}).scalars()):
            raise NotFit(OTHER_LANGUAGE)
        others = connection.execute(OF_PERSON, {"person": person.id, "day": slot.weekday}).all()
        for other in others:
            _refuse_clash(slot, other)
        connection.execute(insert(RotaSlot), row)
        _note(connection, ring, by, Did.CREATED, row["reference"])
    return str(row["reference"])


def _refuse_clash(slot: NewSlot, other: Row[Any]) -> None:
    apart = (
        other.ends <= slot.begins
        or slot.ends <= other.begins
        or (other.last is not None and other.last < slot.first)
        or (slot.last is not None and slot.last < other.first)
    )
    if apart:
        return
    if other.language == slot.language:
        raise NotFit(ALREADY)
    if other.office and slot.office and other.office != slot.office:
        raise NotFit(ELSEWHERE)


def end(database: Database, ring: KeyRing, reference: str, last: date, by: str) -> bool:
    """Let a slot hold until that day and no longer; False when it is gone. Audited."""
    with database.write() as connection:
        done = connection.execute(END, {"of": reference, "to": last}).rowcount == 1
        if done:
            _note(connection, ring, by, Did.CHANGED, reference)
    return done


def remove(database: Database, ring: KeyRing, reference: str, by: str) -> bool:
    """Take out a slot that should never have been there; False when it is gone. Audited."""
    with database.write() as connection:
        done = connection.execute(REMOVE, {"of": reference}).rowcount == 1
        if done:
            _note(connection, ring, by, Did.DELETED, reference)
    return done


def _note(connection: Connection, ring: KeyRing, by: str, did: Did, reference: str) -> None:
    audit.note(connection, ring, by=by, did=did, what=f"rota slot {reference}")


def find(connection: Connection, reference: str) -> Row[Any] | None:
    """A slot with the name of who is on duty."""
    return connection.execute(FIND, {"of": reference}).first()


def slots(connection: Connection, since: date, until: date | None = None) -> list[Row[Any]]:
    """The slots that hold on some day from the first to the last of these, or from the first on."""
    return list(connection.execute(HOLDING, {"since": since, "until": until or date.max}).all())


def holds(slot: Row[Any], day: date) -> bool:
    """Whether a slot holds on a day."""
    return bool(
        slot.weekday == day.isoweekday() and slot.first <= day and (slot.last is None or day <= slot.last)
    )


def on_duty(connection: Connection, second: int) -> list[Row[Any]]:
    """The slots of that second since 1970: what the rota says, whether or not they are on leave or busy."""
    day, minute = clock.on_the_clock(second)
    return [
        slot for slot in slots(connection, day, day) if holds(slot, day) and slot.begins <= minute < slot.ends
    ]


Grid = dict[tuple[str, str | None], dict[int, list[Row[Any]]]]
"""Language and office -> day of the week -> slots in the order in which they begin."""


def grid(found: Iterable[Row[Any]]) -> Grid:
    """Slots as the published rota shows them."""
    lines: Grid = {}
    for slot in found:
        lines.setdefault((slot.language, slot.office), defaultdict(list))[slot.weekday].append(slot)
    return lines


# Gaps in cover


def gaps(
    connection: Connection,
    languages: Collection[str],
    opening: Mapping[int, Span],
    days: tuple[date, ...],
) -> dict[str, dict[date, list[Span]]]:
    """For each language and day, when we are open and nobody of the rota is there: leave counts.

    A day on which we are closed is not in it; one that is covered has an empty list.
    """
    away = defaultdict(list)
    for row in connection.execute(select(*Leave.__table__.columns)):
        away[row.interpreter].append((row.first, row.last))
    active = set(connection.execute(select(Interpreter.id).where(Interpreter.active)).scalars())
    found = slots(connection, days[0], days[-1])
    lines: dict[str, dict[date, list[Span]]] = {}
    for language in languages:
        for day in days:
            hours = opening.get(day.isoweekday())
            if hours is None or clock.is_holiday(day):
                continue
            spans = [
                (slot.begins, slot.ends)
                for slot in found
                if slot.language == language
                and slot.interpreter in active
                and holds(slot, day)
                and not any(first <= day <= last for first, last in away[slot.interpreter])
            ]
            lines.setdefault(language, {})[day] = uncovered(hours, spans)
    return lines


def uncovered(hours: Span, spans: Iterable[Span]) -> list[Span]:
    """What of the hours lies in none of the spans."""
    left, since = [], hours[0]
    for begins, ends in sorted(spans):
        if begins > since:
            left.append((since, min(begins, hours[1])))
        since = max(since, ends)
        if since >= hours[1]:
            return left
    return [*left, (since, hours[1])]


def as_time(minutes: int) -> str:
    """Minutes since midnight as a clock shows them: 09:30; the end of the day is 24:00."""
    return f"{minutes // 60:02}:{minutes % 60:02}"
