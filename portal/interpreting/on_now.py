"""Who can interpret a language now: who is on duty, then who could be called, each if they are not busy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from portal.accounts.models import Account
from portal.forms.speech import SPEECH
from portal.interpreting import rota
from portal.interpreting.candidates import Asked, Person, blocks, everybody
from portal.interpreting.models import Interpreter
from portal.questions import Option
from portal.questions.messages import Message, _staff
from portal.questions.typing_in import folded

A_CALL = 30 * 60
"""Seconds that somebody from the bank must be free for."""
LEVELS: dict[str, Message] = {
    "registered": _staff("registered professional"),
    "qualified": _staff("qualified"),
    "trained": _staff("trained"),
    "trainee": _staff("trainee: counter and repairs only"),
}
EMAIL = select(Interpreter.id, Account.email).join(Account, Account.reference == Interpreter.account)


@dataclass(frozen=True, slots=True)
class Reachable:
    """Somebody who can interpret now, and how staff reach them."""

    person: Person
    level: str
    """A key of LEVELS."""
    email: str | None
    """Of their account here; none for people whom a provider sends."""
    slots: tuple[Row[Any], ...] = ()
    """Where the rota has them now; none for the bank."""

    @property
    def until(self) -> str:
        """When their duty ends, such as 17:00."""
        return rota.as_time(max(slot.ends for slot in self.slots))


@dataclass(frozen=True, slots=True)
class Now:
    """The answer: whom to ask first, second, and who is on the rota but cannot come."""

    on_duty: tuple[Reachable, ...]
    bank: tuple[Reachable, ...]
    away: tuple[str, ...]
    """Names of those whom the rota has, but who are on leave or busy: which is nobody's business here."""


def who_can(connection: Connection, language: str, second: int) -> Now:
    """Who can interpret this language at that second since 1970."""
    asked = _asked(language, second)
    people = {one.id: one for one in everybody(connection, asked)}
    emails = {row.id: row.email for row in connection.execute(EMAIL)}
    slots: dict[int, list[Row[Any]]] = {}
    for slot in rota.on_duty(connection, second):
        if slot.language == language:
            slots.setdefault(slot.interpreter, []).append(slot)
    on_duty, away = [], []
    for who, held in slots.items():
        if set(blocks(_asked(language, second, 60), people[who])) - ROTA_SAYS:
            away.append(people[who].name)
        else:
            on_duty.append(_reachable(people[who], language, emails, held))
    bank = [
        _reachable(one, language, emails, ())
        for one in people.values()
        if one.id not in slots and not blocks(asked, one)
    ]
    bank.sort(key=lambda one: (not one.person.free, one.person.kind == "provider", one.person.name))
    return Now(tuple(on_duty), tuple(bank), tuple(away))


ROTA_SAYS = frozenset({"hours", "mode"})
"""What the rota knows better than somebody's usual free times."""


def _asked(language: str, second: int, seconds: int = A_CALL) -> Asked:
    """A conversation of the simplest kind, by phone, or by video for who signs."""
    return Asked(
        language=language,
        second=None,
        support=(),
        mode="video" if is_signed(language) else "phone",
        tier=3,
        gender=None,
        essential=False,
        outside=False,
        areas=frozenset(),
        persons=frozenset(),
        starts=second,
        ends=second + seconds,
    )


def _reachable(person: Person, language: str, emails: dict[int, str], slots: Sequence[Row[Any]]) -> Reachable:
    level = next(one.level for one in person.languages if one.code == language)
    return Reachable(person, level, emails.get(person.id), tuple(slots))


def is_signed(language: str) -> bool:
    """Whether it is one of the sign languages that we know: no phone call helps there."""
    return language in SPEECH and SPEECH[language].kind == "signed"


def meant(offered: Sequence[Option], typed: str) -> list[Option]:
    """The languages whose code is typed, or one of whose names begins so; a whole name stands alone."""
    wanted = folded(typed)
    if not wanted:
        return []
    names = {option.code: [folded(name) for name in _names(option)] for option in offered}
    whole = [option for option in offered if wanted == option.code or wanted in names[option.code][:2]]
    return whole or [
        option for option in offered if any(name.startswith(wanted) for name in names[option.code])
    ]


def _names(option: Option) -> list[str]:
    known = SPEECH.get(option.code)
    others = (known.endonym, *known.aliases) if known else ()
    # "Pahari, Mirpuri or Potwari" and "Kurdish (Sorani)" begin with several words
    parts = option.text.english.replace("(", ",").replace(")", ",").replace(" or ", ",").split(",")
    return [option.text.english, *others, *(part for part in parts if part.strip())]
