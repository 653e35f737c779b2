"""The one way in: answers become one submission, stored once and whole.

The promise: if you saw a receipt, your form is stored once and complete; if you did not, pressing again
is safe. The receipt is made from the draft's token, so the same press gives the same receipt.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal

from sqlalchemy import Connection, bindparam, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from portal import clock, files
from portal.database import Database
from portal.intake.models import Draft, Submission
from portal.intake.receipts import code_for, digest_of
from portal.questions import Answer, Answers, Files, Form, Notice, Question
from portal.questions.answers import said
from portal.questions.codebook import split
from portal.sealing import KeyRing, Sealed

Channel = Literal["web", "paper", "phone", "outreach", "after"]

TABLE = Submission
DRAFT = Draft
ADD = {
    True: sqlite.insert(TABLE).on_conflict_do_nothing().returning(TABLE.id),
    False: postgresql.insert(TABLE).on_conflict_do_nothing().returning(TABLE.id),
}
"""RETURNING tells whether a row was added: the count of an INSERT is not kept on every driver."""
FIND_SENT = select(TABLE.said).where(TABLE.idempotency == bindparam("idempotency"))
DROP_DRAFT = delete(DRAFT).where(DRAFT.id == bindparam("row"), DRAFT.version == bindparam("seen"))
WITHDRAW = delete(TABLE).where(TABLE.receipt == bindparam("receipt")).returning(TABLE.id)
FIND_RECEIPT = select(TABLE.form).where(TABLE.receipt == bindparam("receipt"))
DROP_OLD = delete(TABLE).where(TABLE.form == bindparam("name"), TABLE.received < bindparam("before"))


UNDETERMINED = "und"
"""BCP 47's word for a language that is not said. A form that another one follows keeps none: where few speak
a language, it would lead from the one's answers to the other's."""


AFTER: Channel = "after"
"""How what is asked after a report came: in no way that could be compared with the report's."""


class Result(Enum):
    """What became of an attempt to send."""

    STORED = "stored now, or before by the same press"
    CHANGED = "the draft is no longer what the person saw on the check page"
    OTHER = "this token has already sent other answers"
    INVITATION_USED = "the invitation has already been answered"


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """What somebody sends, from whichever channel it comes."""

    form: Form
    answers: Answers
    token: bytes
    """Made once per filled-in form: sending it again stores nothing again."""
    language: str
    channel: Channel
    collection: str | None = None
    invitation: str | None = None
    replaces: bytes | None = None
    """Digest of the receipt of the submission that this one takes the place of."""
    helper: str | None = None
    """Who filled it in for the person: `staff` for an anonymous form, else the account's reference."""
    received: date | None = None
    """The day that the paper came in; None for today."""
    draft: tuple[bytes, int] | None = None
    """Row and version of the draft that it comes from; it is deleted in the same transaction."""
    after: str | None = None
    """Key of the private form after which an anonymous one is asked: it then keeps that and its month."""
    outcome: str | None = None
    """Code of what came of what it is asked after, to count its answers against."""
    files_of: str = ""
    """What the attached files belong to; in the same transaction they become the submission's."""

    @cached_property
    def reached(self) -> tuple[tuple[Question, Answer], ...]:
        """The questions that the answers lead to, each with its answer: reckoned once."""
        return tuple(self.form.reached(self.answers))

    @cached_property
    def kept(self) -> dict[str, Answer]:
        """The answers that count, as Form.kept() gives them."""
        return {question.key: answer for question, answer in self.reached if not isinstance(question, Notice)}

    def said(self, ring: KeyRing) -> bytes:
        """Digest of the answers that count, under the token."""
        return _said(ring, self.token, self.form, self.kept)

    def was_shown(self, ring: KeyRing, shown: str) -> bool:
        """Whether these are the answers of the check page that sends `shown` back: their digest in hex."""
        return hmac.compare_digest(shown.encode("utf-8", "replace"), self.said(ring).hex().encode())


def said_of(ring: KeyRing, token: bytes, form: Form, answers: Answers) -> bytes:
    """Arrival.said() before there is one: what the check page shows."""
    return _said(ring, token, form, form.kept(answers))


def _said(ring: KeyRing, token: bytes, form: Form, kept: Answers) -> bytes:
    final = [form.key, form.edition, form.variants, sorted(kept.items())]
    return ring.digest("submission", b"said", token, json.dumps(final, ensure_ascii=False).encode())


Receiver = Callable[[Connection, KeyRing, Arrival, str], None]
"""What else a form's arrival starts, in the transaction that stores the submission of that id.

What the submission takes the place of is still there, and is deleted after it.
"""
Receivers = Mapping[str, Receiver]
"""Key of a form -> its receiver. Most forms have none."""
NONE: Receivers = MappingProxyType({})


def submit(database: Database, ring: KeyRing, arrival: Arrival, receivers: Receivers = NONE) -> Result:
    """Store a submission in one transaction; on STORED, code_for(ring, token) is its receipt."""
    row = _row(ring, arrival)
    with database.write() as connection:
        added = connection.execute(ADD[database.sqlite], row).first() is not None
        if not added:
            before = connection.execute(FIND_SENT, {"idempotency": row["idempotency"]}).first()
            if before is None:
                return Result.INVITATION_USED
            return Result.STORED if before.said == row["said"] else Result.OTHER
        if arrival.draft is not None:
            dropped = connection.execute(DROP_DRAFT, {"row": arrival.draft[0], "seen": arrival.draft[1]})
            if dropped.rowcount != 1:
                connection.rollback()
                return Result.CHANGED
        for identity in _attached(arrival):
            files.give(connection, identity, arrival.files_of, owner_of(row["id"]), row["received"])
        if arrival.form.key in receivers:
            receivers[arrival.form.key](connection, ring, arrival, row["id"])
        if arrival.replaces is not None:
            _withdraw(connection, arrival.replaces)
    return Result.STORED


def add(connection: Connection, ring: KeyRing, arrival: Arrival) -> str:
    """Store a submission that another one leads to, in its transaction; gives its id."""
    row = _row(ring, arrival)
    connection.execute(insert(TABLE), row)
    return str(row["id"])


def _attached(arrival: Arrival) -> list[str]:
    """The ids of the files that the answers that count name."""
    reached = arrival.reached if arrival.files_of else ()
    return [one for question, answer in reached if isinstance(question, Files) for one in said(answer)]


def owner_of(identity: str) -> str:
    """What the files of a submission belong to."""
    return f"submission {identity}"


def sent_before(database: Database, ring: KeyRing, token: bytes) -> bytes | None:
    """The `said` of the submission that this token has already made; None if it made none."""
    with database.read() as connection:
        found = connection.execute(FIND_SENT, {"idempotency": _idempotency(ring, token)}).first()
    return found.said if found else None


def form_of_receipt(database: Database, receipt: bytes) -> str | None:
    """The key of the form that a receipt (its digest) belongs to; None if it belongs to none."""
    with database.read() as connection:
        found = connection.execute(FIND_RECEIPT, {"receipt": receipt}).first()
    return found.form if found else None


def withdraw(database: Database, receipt: bytes) -> bool:
    """Delete the submission of a receipt (its digest); False if there is none any more."""
    with database.write() as connection:
        return _withdraw(connection, receipt)


def _withdraw(connection: Connection, receipt: bytes) -> bool:
    """Delete a submission; its files go with their keys, their bytes with the next tidying."""
    found = connection.execute(WITHDRAW, {"receipt": receipt}).first()
    if found is not None:
        files.erase_of(connection, owner_of(found.id))
    return found is not None


def delete_received_before(database: Database, form: str, day: date) -> int:
    """Delete a form's submissions from before a day; returns how many."""
    with database.write() as connection:
        return connection.execute(DROP_OLD, {"name": form, "before": day}).rowcount


def place_of(identity: str) -> str:
    """The place that a submission's sealed words are bound to."""
    return f"submission/sealed/{identity}"


def _idempotency(ring: KeyRing, token: bytes) -> bytes:
    return ring.digest("submission", b"token", token)


def _to_the_day(day: date) -> date:
    return day


def _row(ring: KeyRing, arrival: Arrival) -> dict[str, Any]:
    form = arrival.form
    plain, personal = split(arrival.reached)
    identity = secrets.token_hex(16)
    sealed: Sealed | None = None
    if personal:
        words = json.dumps(personal, ensure_ascii=False).encode()
        sealed = ring.seal("equality" if form.anonymous else "narrative", place_of(identity), words)
    today = clock.today()
    received = arrival.received or today
    fineness = clock.month if arrival.after else clock.monday if form.anonymous else _to_the_day
    lone = bool(arrival.after) or (form.anonymous and bool(form.then))
    return {
        "id": identity,
        "form": form.key,
        "edition": form.edition,
        "variants": form.variants,
        "language": UNDETERMINED if lone else arrival.language,
        "channel": AFTER if arrival.after else arrival.channel,
        "collection": arrival.after or arrival.collection,
        "received": fineness(received),
        "helper": None if arrival.after else arrival.helper,
        "entered": fineness(today),
        "outcome": arrival.outcome,
        "answers": plain,
        "sealed": sealed and sealed.words,
        "data_key": sealed and sealed.data_key,
        "key_name": sealed and sealed.key_name,
        "idempotency": _idempotency(ring, arrival.token),
        "said": arrival.said(ring),
        "receipt": digest_of(ring, code_for(ring, arrival.token)),
        "invitation": ring.digest("invitation", b"used", arrival.invitation.encode())
        if arrival.invitation
        else None,
    }
