"""Forms that somebody is filling in: sealed rows that open only with that person's cookie."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from portal import clock
from portal.database import Database
from portal.intake.models import Draft as Row
from portal.questions import Answer
from portal.sealing import CannotOpen, KeyRing, decrypt, encrypt

TABLE = Row
FIND = select(TABLE.sealed, TABLE.version).where(TABLE.id == bindparam("row"), TABLE.ends > bindparam("now"))
ADD = insert(TABLE)
SAVE = (
    update(TABLE)
    .where(TABLE.id == bindparam("row"), TABLE.version == bindparam("before"))
    .values(sealed=bindparam("words"), version=bindparam("after"), ends=bindparam("until"))
)
DROP = delete(TABLE).where(TABLE.id == bindparam("row"))
DROP_ENDED = delete(TABLE).where(TABLE.ends <= bindparam("now"))

TypedPage = dict[str, list[str]]


@dataclass(slots=True)
class Draft:
    """One person's unfinished form."""

    secret: str
    """What the cookie holds. Row, key and idempotency token are made from it."""
    form: str
    edition: str
    answers: dict[str, Answer] = field(default_factory=dict)
    typed: dict[str, TypedPage] = field(default_factory=dict)
    """Page number -> what was typed there and has not been taken as an answer yet."""
    collection: str | None = None
    invitation: str | None = None
    """The token of the invitation that this answers."""
    return_to: str | None = None
    """Where the invitation asks us to send the person afterwards."""
    replaces: str | None = None
    """Digest (hex) of the receipt of an earlier submission that this one takes the place of."""
    version: int = 0


def new(form: str, edition: str, **origin: str | None) -> Draft:
    return Draft(secrets.token_urlsafe(32), form, edition, **origin)  # type: ignore[arg-type]


class Drafts:
    """The drafts of one portal."""

    def __init__(self, database: Database, ring: KeyRing) -> None:
        self._database = database
        self._ring = ring

    def row(self, secret: str) -> bytes:
        return self._ring.digest("draft", b"row", secret.encode())

    def token(self, secret: str) -> bytes:
        """The idempotency token of the submission that this draft becomes."""
        return self._ring.digest("draft", b"token", secret.encode())

    def add(self, draft: Draft, life: timedelta) -> None:
        """Store a new draft, and delete those whose time is over."""
        now = _seconds()
        with self._database.write() as connection:
            connection.execute(DROP_ENDED, {"now": now})
            connection.execute(
                ADD,
                {
                    "id": self.row(draft.secret),
                    "sealed": self._sealed(draft),
                    "version": draft.version,
                    "ends": now + int(life.total_seconds()),
                },
            )

    def load(self, secret: str | None) -> Draft | None:
        """The draft of a cookie; None if there is none, or its time is over."""
        if not secret or len(secret) > 100:
            return None
        row = self.row(secret)
        with self._database.read() as connection:
            found = connection.execute(FIND, {"row": row, "now": _seconds()}).first()
        if found is None:
            return None
        try:
            words = decrypt(self._key(secret), found.sealed, f"draft/{row.hex()}/{found.version}")
        except CannotOpen:
            return None
        content: dict[str, Any] = json.loads(words)
        content["answers"] = {key: tuple(answer) for key, answer in content["answers"].items()}
        return Draft(secret=secret, version=found.version, **content)

    def save(self, draft: Draft, life: timedelta) -> bool:
        """Store a changed draft; False when somebody saved it since it was loaded, or it is gone."""
        before = draft.version
        draft.version += 1
        with self._database.write() as connection:
            saved = connection.execute(
                SAVE,
                {
                    "row": self.row(draft.secret),
                    "before": before,
                    "after": draft.version,
                    "words": self._sealed(draft),
                    "until": _seconds() + int(life.total_seconds()),
                },
            )
        return saved.rowcount == 1

    def drop(self, secret: str | None) -> None:
        """Delete a draft: nothing that was typed is left."""
        if secret:
            with self._database.write() as connection:
                connection.execute(DROP, {"row": self.row(secret)})

    def drop_ended(self) -> int:
        """Delete the drafts whose time is over; returns how many."""
        with self._database.write() as connection:
            return connection.execute(DROP_ENDED, {"now": _seconds()}).rowcount

    def _key(self, secret: str) -> bytes:
        return self._ring.digest("draft", b"words", secret.encode())

    def _sealed(self, draft: Draft) -> bytes:
        content = {
            "form": draft.form,
            "edition": draft.edition,
            "answers": draft.answers,
            "typed": draft.typed,
            "collection": draft.collection,
            "invitation": draft.invitation,
            "return_to": draft.return_to,
            "replaces": draft.replaces,
        }
        words = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        place = f"draft/{self.row(draft.secret).hex()}/{draft.version}"
        return encrypt(self._key(draft.secret), words, place)


def _seconds() -> int:
    return int(clock.now().timestamp())
