"""Keying one paper: taking it up, keeping what is keyed, saving it whole; once, and for some a second time.

A second person keys blind, a third resolves: the database refuses the same person twice.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from portal import audit, clock
from portal.audit import Did
from portal.database import Database
from portal.keying.models import Batch, KeyedForms, Pass, Sheet
from portal.keying.states import NEXT, Event, State
from portal.questions import Answer, Answers, Form, Question
from portal.questions.keying import QUERY, compared, to_key
from portal.questions.messages import Message, _staff
from portal.sealing import KeyRing, Sealed

STUCK_MINUTES = 15
"""After which a paper that nobody works on can be taken over."""
IN_HAND = (State.KEYING, State.VERIFYING)
"""Somebody is at work on it."""
NEW_KEYER = 50
"""Forms that a new keyer has keyed before only a share is verified."""

IN_OTHER_BATCH = _staff("This reference is in batch %(batch)s")
KEYED_ALREADY = _staff("This paper has been keyed already")
SOMEBODY_KEYS_IT = _staff("Somebody else is keying this paper now")
SAME_PERSON = _staff("You have keyed this paper yourself: somebody else must key it again")
OTHER_PAPER = _staff(
    "This paper does not belong into this batch. It is: %(form)s, edition %(edition)s, %(language)s"
)
OTHER_WORDING = _staff("This paper does not belong into this batch: it asks some questions in other words")
BATCH_FULL = _staff("The batch has as many papers as were declared. Count the pile again")
BATCH_CLOSED = _staff("The batch is closed")
TAKEN_OVER = _staff("Somebody has taken this paper over, or it is saved already")

FIND_SHEET = select(Sheet.reference, Sheet.batch, Sheet.state).where(Sheet.reference == bindparam("sheet"))
PASSES = select(*Pass.__table__.columns).where(Pass.sheet == bindparam("sheet")).order_by(Pass.number)
KEEP = (
    update(Pass)
    .where(
        Pass.sheet == bindparam("of"),
        Pass.number == bindparam("nth"),
        Pass.keyer == bindparam("who"),
        Pass.saved.is_(False),
    )
    .values(
        sealed=bindparam("words"),
        data_key=bindparam("key"),
        key_name=bindparam("name"),
        saved=bindparam("whole"),
        touched=bindparam("now"),
    )
)
MOVE = (
    update(Sheet)
    .where(Sheet.reference == bindparam("of"), Sheet.state == bindparam("before"))
    .values(state=bindparam("after"))
)
TAKE_OVER = (
    update(Pass)
    .where(
        Pass.sheet == bindparam("of"),
        Pass.saved.is_(False),
        Pass.touched < bindparam("before"),
        Pass.sheet.in_(
            select(Sheet.reference).where(
                Sheet.batch == bindparam("pile"), Sheet.state.in_([state.value for state in IN_HAND])
            )
        ),
    )
    .values(keyer=bindparam("who"), touched=bindparam("now"))
)
HELD = (
    select(Pass.number)
    .where(Pass.sheet == bindparam("of"), Pass.keyer == bindparam("who"), Pass.saved.is_(False))
    .with_for_update()
)
KEYED_IN_OPEN = (
    select(func.count())
    .select_from(Pass)
    .join(Sheet, Sheet.reference == Pass.sheet)
    .join(Batch, Batch.reference == Sheet.batch)
    .where(Pass.keyer == bindparam("who"), Pass.saved, Pass.number == 1, Batch.practice.is_(False))
)
KEYED_IN_CLOSED = select(func.coalesce(func.sum(KeyedForms.forms), 0)).where(
    KeyedForms.keyer == bindparam("who")
)


class MovedOn(RuntimeError):
    """The paper is no longer in the state that it was seen in; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a paper cannot be taken up, and where to look instead."""

    message: Message
    batch: str = ""
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class Work:
    """A paper in somebody's hands."""

    sheet: str
    batch: str
    state: State
    number: int
    answers: dict[str, Answer]
    keyer: str


def take_up(database: Database, ring: KeyRing, batch: str, reference: str, keyer: str) -> Work | Refusal:
    """Begin or go on with a paper: the lock is the pass, which belongs to one person."""
    try:
        return _taken_up(database, ring, batch, reference, keyer)
    except IntegrityError:  # in this moment it was taken up in another batch: now that can be seen
        return _taken_up(database, ring, batch, reference, keyer)


def _taken_up(database: Database, ring: KeyRing, batch: str, reference: str, keyer: str) -> Work | Refusal:
    with database.write() as connection:
        head = connection.execute(
            select(Batch.state, Batch.declared).where(Batch.reference == batch).with_for_update()
        ).first()
        if head is None or head.state != "open":
            return Refusal(BATCH_CLOSED)
        found = connection.execute(FIND_SHEET, {"sheet": reference}).first()
        if found is None:
            there = select(func.count()).select_from(Sheet).where(Sheet.batch == batch)
            if connection.execute(there).scalar_one() >= head.declared:
                return Refusal(BATCH_FULL)
            return _begin(connection, ring, batch, reference, keyer)
        return _go_on(connection, ring, batch, reference, State(found.state), found.batch, keyer)


def _begin(connection: Connection, ring: KeyRing, batch: str, reference: str, keyer: str) -> Work:
    row = {
        "reference": reference,
        "batch": batch,
        "state": State.KEYING.value,
        "token": secrets.token_bytes(32),
        "why": "",
    }
    connection.execute(insert(Sheet), row)
    _new_pass(connection, ring, reference, 1, keyer)
    return Work(reference, batch, State.KEYING, 1, {}, keyer)


def _go_on(
    connection: Connection,
    ring: KeyRing,
    batch: str,
    reference: str,
    state: State,
    its_batch: str,
    keyer: str,
) -> Work | Refusal:
    if its_batch != batch:
        return Refusal(IN_OTHER_BATCH.with_values(batch=its_batch), its_batch, reference)
    passes = connection.execute(PASSES, {"sheet": reference}).all()
    own = next((one for one in passes if one.keyer == keyer and not one.saved), None)
    if own is not None and state in IN_HAND:
        return Work(reference, batch, state, own.number, opened(ring, own), keyer)
    if state in IN_HAND:
        return Refusal(SOMEBODY_KEYS_IT, batch, reference)
    if state is not State.TO_VERIFY:
        return Refusal(KEYED_ALREADY, batch, reference)
    if any(one.keyer == keyer for one in passes):
        return Refusal(SAME_PERSON, batch, reference)
    move(connection, reference, state, Event.TAKE)
    number = 1 if not any(one.number == 1 for one in passes) else 2
    _new_pass(connection, ring, reference, number, keyer)
    return Work(reference, batch, State.VERIFYING, number, {}, keyer)


def _new_pass(connection: Connection, ring: KeyRing, sheet: str, number: int, keyer: str) -> None:
    connection.execute(insert(Pass), pass_row(ring, sheet, number, keyer, {}, saved=False))


def pass_row(
    ring: KeyRing, sheet: str, number: int, keyer: str, answers: Answers, *, saved: bool
) -> dict[str, Any]:
    """A row of the table of passes, its answers sealed."""
    sealed = _sealed(ring, sheet, number, answers)
    return {
        "sheet": sheet,
        "number": number,
        "keyer": keyer,
        "sealed": sealed.words,
        "data_key": sealed.data_key,
        "key_name": sealed.key_name,
        "saved": saved,
        "touched": clock.seconds(),
    }


def work(database: Database, ring: KeyRing, reference: str, keyer: str) -> Work | None:
    """The paper that this person has in hand; None if it is not, or no longer, theirs."""
    with database.read() as connection:
        sheet = connection.execute(FIND_SHEET, {"sheet": reference}).first()
        passes = connection.execute(PASSES, {"sheet": reference}).all()
    own = next((one for one in passes if one.keyer == keyer and not one.saved), None)
    if sheet is None or own is None or State(sheet.state) not in IN_HAND:
        return None
    return Work(reference, sheet.batch, State(sheet.state), own.number, opened(ring, own), keyer)


def keep(database: Database, ring: KeyRing, mine: Work, answers: Answers) -> bool:
    """Keep what is keyed so far; False when the paper is no longer this person's."""
    return database.change(KEEP, _kept(ring, mine, answers, whole=False)) == 1


def save(
    database: Database, ring: KeyRing, mine: Work, form: Form, answers: Answers, drawn: bool
) -> State | None:
    """Save a keying whole; returns the state it leads to, None when the paper is no longer theirs."""
    values = _kept(ring, mine, answers, whole=True)
    try:
        with database.write() as connection:
            if connection.execute(KEEP, values).rowcount != 1:
                return None
            return _saved(connection, ring, mine, form, answers, drawn)
    except MovedOn:  # rejected in this moment
        return None


def _saved(
    connection: Connection, ring: KeyRing, mine: Work, form: Form, answers: Answers, drawn: bool
) -> State:
    event = Event.SAVE_DRAWN if drawn else Event.SAVE
    if any(answer == QUERY for answer in answers.values()):
        event = Event.SAVE_WITH_QUERY
    elif mine.state is State.VERIFYING:
        passes = connection.execute(PASSES, {"sheet": mine.sheet}).all()
        before = next(one for one in passes if one.number != mine.number and one.number < 3)
        same = not differences(form, opened(ring, before), answers)
        event = Event.SAME if same else Event.OTHER
    after = move(connection, mine.sheet, mine.state, event)
    did = Did.KEYED if mine.state is State.KEYING else Did.VERIFIED
    audit.note(connection, ring, by=mine.keyer, did=did, what=f"batch {mine.batch}")
    return after


def move(connection: Connection, sheet: str, state: State, event: Event) -> State:
    """Take a paper one step on. Raises KeyError for a step that there is not, MovedOn."""
    after = NEXT[state, event]
    values = {"of": sheet, "before": state.value, "after": after.value}
    if connection.execute(MOVE, values).rowcount != 1:
        raise MovedOn(f"the paper is no longer {state.value}")
    return after


def reject(database: Database, ring: KeyRing, mine: Work, why: str) -> bool:
    """Put a paper aside that cannot be keyed: blank, wrong form, damaged, or a duplicate.

    False when it is no longer this person's. Raises KeyError for a paper that is keyed a second time."""
    try:
        with database.write() as connection:
            if connection.execute(HELD, {"of": mine.sheet, "who": mine.keyer}).first() is None:
                return False
            move(connection, mine.sheet, mine.state, Event.REJECT)
            connection.execute(update(Sheet).where(Sheet.reference == mine.sheet).values(why=why))
            what = f"batch {mine.batch}"
            audit.note(connection, ring, by=mine.keyer, did=Did.REFUSED, what=what, detail={"why": why})
    except MovedOn:
        return False
    return True


def take_over(database: Database, batch: str, sheet: str, keyer: str) -> Refusal | None:
    """Go on with a paper of this batch that somebody left lying; returns why that cannot be."""
    now = clock.seconds()
    values = {"of": sheet, "pile": batch, "who": keyer, "before": now - STUCK_MINUTES * 60, "now": now}
    try:
        taken = database.change(TAKE_OVER, values) == 1
    except IntegrityError:
        return Refusal(SAME_PERSON)
    return None if taken else Refusal(SOMEBODY_KEYS_IT)


def differences(form: Form, first: Answers, second: Answers) -> list[str]:
    """Keys of the questions that two keyings of one paper answer differently, in the order of the paper."""
    return [
        question.key
        for question in compared_keys(form, first, second)
        if compared(question, first.get(question.key, ())) != compared(question, second.get(question.key, ()))
    ]


def compared_keys(form: Form, first: Answers, second: Answers) -> list[Question]:
    """The questions in which two keyings are compared: those that one of them leads to or answers."""
    asked = {question.key for answers in (first, second) for question in to_key(form, answers)}
    keyed = asked | {key for answers in (first, second) for key, answer in answers.items() if answer}
    return [question for question in form.questions if question.key in keyed]


def is_drawn(database: Database, keyer: str, share: int) -> bool:
    """Whether a paper is keyed twice: all of a new keyer's first fifty, then a random share (per cent).

    Practice does not count."""
    who = {"who": keyer}
    with database.read() as connection:
        before = sum(connection.execute(one, who).scalar_one() for one in (KEYED_IN_OPEN, KEYED_IN_CLOSED))
    return before < NEW_KEYER or secrets.randbelow(100) < share


def opened(ring: KeyRing, row: Any) -> dict[str, Answer]:
    """The answers of a pass."""
    words = ring.open(place_of(row.sheet, row.number), Sealed(row.sealed, row.data_key, row.key_name))
    content: Mapping[str, list[str]] = json.loads(words)
    return {key: tuple(answer) for key, answer in content.items()}


def place_of(sheet: str, number: int) -> str:
    """The place that a pass's answers are bound to."""
    return f"pass/sealed/{sheet}/{number}"


def _kept(ring: KeyRing, mine: Work, answers: Answers, *, whole: bool) -> dict[str, Any]:
    sealed = _sealed(ring, mine.sheet, mine.number, answers)
    return {
        "of": mine.sheet,
        "nth": mine.number,
        "who": mine.keyer,
        "words": sealed.words,
        "key": sealed.data_key,
        "name": sealed.key_name,
        "whole": whole,
        "now": clock.seconds(),
    }


def _sealed(ring: KeyRing, sheet: str, number: int, answers: Answers) -> Sealed:
    return ring.seal("equality", place_of(sheet, number), json.dumps(answers, ensure_ascii=False).encode())
