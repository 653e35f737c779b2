"""Forms that somebody is filling in: sealed rows that open only with that person's cookie."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from portal import clock
from portal.database import Database
from portal.intake.models import Draft as Row
from portal.questions import Answer, Question
from portal.sealing import CannotOpen, KeyRing, decrypt, derived, encrypt

TABLE = Row
FIND = select(TABLE.sealed, TABLE.version, TABLE.ends).where(
    TABLE.id == bindparam("row"), TABLE.ends > bindparam("now")
)
ADD = insert(TABLE)
SAVE = (
    update(TABLE)
    .where(TABLE.id == bindparam("row"), TABLE.version == bindparam("before"))
    .values(sealed=bindparam("words"), version=bindparam("after"), ends=bindparam("until"))
)
DROP = delete(TABLE).where(TABLE.id == bindparam("row"))
DROP_ENDED = delete(TABLE).where(TABLE.ends <= bindparam("now"))

TypedPage = dict[str, list[str]]
OWN = "private"
"""What a draft says of a device that only its person uses."""


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
    language: str | None = None
    """The language of the person, where a member of staff fills it in."""
    channel: str | None = None
    """phone or outreach, where a member of staff fills it in."""
    after: str | None = None
    """Key of the private form after which it is asked."""
    outcome: str | None = None
    """Code of what came of what it is asked after."""
    helper: str | None = None
    """The member of staff who fills it in."""
    began: int = 0
    """When it was begun, in seconds since 1970."""
    device: str | None = None
    """What a private form was told of the person's device. It ends with the draft."""
    version: int = 0
    ends: int = 0
    """When it is deleted if nobody goes on with it, in seconds since 1970."""

    @property
    def shared(self) -> bool:
        """Whether the device may not be the person's alone: all that was not said to be so."""
        return self.device != OWN

    def typed_on(self, number: int, questions: Iterable[Question]) -> TypedPage | None:
        """What was typed on a page, unless a changed list has put other questions there since."""
        typed = self.typed.get(str(number))
        names = {name for question in questions for name in question.fields}
        return None if typed and names.isdisjoint(typed) else typed


def new(form: str, edition: str, **origin: str | None) -> Draft:
    return Draft(secrets.token_urlsafe(32), form, edition, began=clock.seconds(), **origin)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Made:
    """What is made from a cookie's secret: where its row is, what opens it, and the token it sends with."""

    row: bytes
    key: bytes
    token: bytes


class Drafts:
    """The drafts of one portal."""

    def __init__(self, database: Database, ring: KeyRing) -> None:
        self._database = database
        self._ring = ring

    def made_from(self, secret: str) -> Made:
        """Without the ring's own secret nobody can tell a row from its cookie, nor open it."""
        own = self._ring.digest("draft", secret.encode())
        return Made(*(derived(own, use) for use in ("row", "key", "token")))

    def token(self, secret: str) -> bytes:
        """The idempotency token of the submission that this draft becomes."""
        return self.made_from(secret).token

    def row(self, secret: str) -> bytes:
        return self.made_from(secret).row

    def owner(self, secret: str) -> str:
        """What the files of a draft belong to."""
        return f"draft {self.row(secret).hex()}"

    def add(self, draft: Draft, life: timedelta) -> None:
        """Store a new draft, and delete those whose time is over."""
        now = clock.seconds()
        draft.ends = now + int(life.total_seconds())
        made = self.made_from(draft.secret)
        row = {
            "id": made.row,
            "sealed": _sealed(draft, made),
            "version": draft.version,
            "ends": draft.ends,
        }
        with self._database.write() as connection:
            connection.execute(DROP_ENDED, {"now": now})
            connection.execute(ADD, row)

    def load(self, secret: str | None) -> Draft | None:
        """The draft of a cookie; None if there is none, or its time is over."""
        if not secret or len(secret) > 100:
            return None
        made = self.made_from(secret)
        with self._database.read() as connection:
            found = connection.execute(FIND, {"row": made.row, "now": clock.seconds()}).first()
        if found is None:
            return None
        try:
            words = decrypt(made.key, found.sealed, f"draft/{made.row.hex()}/{found.version}")
        except CannotOpen:
            return None
        content: dict[str, Any] = json.loads(words)
        content["answers"] = {key: tuple(answer) for key, answer in content["answers"].items()}
        return Draft(secret=secret, version=found.version, ends=found.ends, **content)

    def save(self, draft: Draft, life: timedelta) -> bool:
        """Store a changed draft; False when somebody saved it since it was loaded, or it is gone."""
        before = draft.version
        draft.version += 1
        draft.ends = clock.seconds() + int(life.total_seconds())
        made = self.made_from(draft.secret)
        change = {
            "row": made.row,
            "before": before,
            "after": draft.version,
            "words": _sealed(draft, made),
            "until": draft.ends,
        }
        return self._database.change(SAVE, change) == 1

    def drop(self, secret: str | None) -> None:
        """Delete a draft: nothing that was typed is left."""
        if secret:
            self._database.change(DROP, {"row": self.row(secret)})

    def drop_ended(self) -> int:
        """Delete the drafts whose time is over; returns how many."""
        return self._database.change(DROP_ENDED, {"now": clock.seconds()})


def _sealed(draft: Draft, made: Made) -> bytes:
    content = {
        "form": draft.form,
        "edition": draft.edition,
        "answers": draft.answers,
        "typed": draft.typed,
        "collection": draft.collection,
        "invitation": draft.invitation,
        "return_to": draft.return_to,
        "replaces": draft.replaces,
        "language": draft.language,
        "channel": draft.channel,
        "after": draft.after,
        "outcome": draft.outcome,
        "helper": draft.helper,
        "began": draft.began,
        "device": draft.device,
    }
    words = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return encrypt(made.key, words, f"draft/{made.row.hex()}/{draft.version}")
