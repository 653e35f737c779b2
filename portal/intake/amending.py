"""Other answers to a part of what was sent before: the code stays the same, and so does all the rest."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from portal.intake.models import Submission
from portal.intake.submissions import place_of
from portal.questions import Answer, Answers, Form
from portal.questions.codebook import stored
from portal.sealing import KeyRing, Sealed

TABLE = Submission
OF_RECEIPT = select(*TABLE.__table__.columns).where(TABLE.receipt == bindparam("receipt"))


def of_receipt(connection: Connection, receipt: bytes) -> Row[Any] | None:
    """The submission of a receipt (its digest); None if there is none any more."""
    return connection.execute(OF_RECEIPT, {"receipt": receipt}).first()


def answers_of(ring: KeyRing, row: Row[Any]) -> dict[str, Answer]:
    """All that a submission answers, its sealed words opened."""
    answers: dict[str, Answer] = {key: tuple(codes) for key, codes in row.answers.items()}
    return answers | {key: tuple(value) for key, value in _words(ring, row).items()}


def _words(ring: KeyRing, row: Row[Any]) -> dict[str, list[str]]:
    if not row.sealed:
        return {}
    found: dict[str, list[str]] = json.loads(
        ring.open(place_of(row.id), Sealed(row.sealed, row.data_key, row.key_name))
    )
    return found


def amend(
    connection: Connection,
    ring: KeyRing,
    form: Form,
    row: Row[Any],
    keys: Collection[str],
    changed: Mapping[str, Answer],
) -> Answers:
    """Put these answers in the place of those that were given to the questions `keys`; gives all as they are.

    `form` is the whole edition that was answered, office questions included. Whoever calls it holds what
    hangs on the submission, and has read `row` since.
    """
    rest = {key: answer for key, answer in answers_of(ring, row).items() if key not in keys}
    answers = rest | dict(changed)
    plain, personal = stored(form, answers)
    for key in rest:  # a question that this portal has no more
        if form.question(key) is None:
            plain[key] = row.answers[key]
            if key in _words(ring, row):
                personal[key] = list(rest[key])
    sealed = ring.seal("narrative", place_of(row.id), json.dumps(personal, ensure_ascii=False).encode())
    connection.execute(
        update(TABLE)
        .where(TABLE.id == row.id)
        .values(answers=plain, sealed=sealed.words, data_key=sealed.data_key, key_name=sealed.key_name)
    )
    return answers
