"""The one gate for reaching a person: nothing goes out without its permit.

Whoever can be reached has a rule: which ways they allow, at which hours, whether a message may be left,
whether words to them must not say who we are, who else may hear or read them, and what must never be used.
A permit is good for one person, one way and one moment, and only permit() makes one. It is asked for when
words are written and again when they go out, since rules change and end between the two.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import InitVar, dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Connection,
    LargeBinary,
    String,
    bindparam,
    delete,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from portal import clock
from portal.addresses import plain, tell, traces
from portal.database import Base, Database
from portal.hours import QUIET, Hours, is_within, next_within
from portal.questions.messages import Message, _staff
from portal.sealing import KeyRing, Sealed
from portal.ways import CHILDREN, HEARD_BY_OTHERS, TO_THE_HOME, Method, Rule

__all__ = ["Hours", "Method", "Permit", "Refusal", "Rule", "Why", "permit"]

ASKED_AGAIN = 30 * 86400
"""Seconds after which people are asked whether their ways are still safe, who have not named a day."""
OF_CASES = "case"
"""The kind of owner whose rules are not deleted when they end: what must never be used stays known."""


class ContactRule(Base):
    """How one person may be reached."""

    __tablename__ = "contact_rule"

    owner: Mapped[str] = mapped_column(String(60), primary_key=True)
    """Whose it is: a kind and a reference, such as "request 7K3PX92CM"."""
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    """Name, numbers, addresses, safe word and what is never used, sealed."""
    data_key: Mapped[bytes] = mapped_column(LargeBinary)
    """The key of what is sealed, itself wrapped."""
    key_name: Mapped[str] = mapped_column(String(40), index=True)
    """The key of the key ring that wrapped it."""
    methods: Mapped[list[str]] = mapped_column(JSON)
    """The ways that are allowed, the one liked best first."""
    hours: Mapped[list[Any]] = mapped_column(JSON)
    """From, until, and days of the week of each span of safe hours."""
    voicemail: Mapped[bool] = mapped_column(Boolean)
    """Whether a message may be left."""
    discreet: Mapped[bool] = mapped_column(Boolean)
    """Whether words must not say who we are nor what about."""
    language: Mapped[str] = mapped_column(String(12))
    """The language of the person's pages."""
    until: Mapped[int] = mapped_column(BigInteger, index=True)
    """When it ends, in seconds since 1970."""
    who_else: Mapped[list[str]] = mapped_column(JSON)
    """Who else may answer the phone, or see messages or post: codes of the form."""
    blocked: Mapped[list[str]] = mapped_column(JSON)
    """The ways that who did it could see or hear."""
    strict: Mapped[bool] = mapped_column(Boolean)
    """Whether nothing is used at all that others may answer or see."""
    named: Mapped[int] = mapped_column(BigInteger)
    """When the person last said that this is safe, in seconds since 1970; 0 if nobody need ask again."""
    waiting: Mapped[str | None] = mapped_column(String(9))
    """The reference of a new address that nobody else has confirmed yet."""
    waiting_by: Mapped[str | None] = mapped_column(String(12))
    """Who entered it: an account's reference, or reporter."""


TABLE = ContactRule
OTHERS = [column.name for column in TABLE.__table__.columns if column.name != "owner"]


def _keep(insert: Any) -> Any:
    adding = insert(TABLE)
    changed = {name: adding.excluded[name] for name in OTHERS}
    return adding.on_conflict_do_update(index_elements=[TABLE.owner], set_=changed)


KEEP = {"sqlite": _keep(sqlite.insert), "postgresql": _keep(postgresql.insert)}
FIND = select(*TABLE.__table__.columns).where(TABLE.owner == bindparam("of"))
FORGET = delete(TABLE).where(TABLE.owner == bindparam("of"))
FORGET_ENDED = delete(TABLE).where(TABLE.until <= bindparam("now"), TABLE.owner.not_like(f"{OF_CASES} %"))
HOLD = FIND.with_for_update()
STATE = select(TABLE.named, TABLE.until, TABLE.waiting).where(TABLE.owner == bindparam("of"))
STILL_SAFE = (
    update(TABLE)
    .where(TABLE.owner == bindparam("of"), TABLE.until > bindparam("now"), TABLE.named > 0)
    .values(named=bindparam("now"))
)
SEALED = ("name", "phone", "email", "address", "worker", "meeting", "safe_word", "never", "next_address")


def place_of(owner: str) -> str:
    """The place that what is sealed of a rule is bound to."""
    return f"contact_rule/sealed/{owner}"


def keep_rule(connection: Connection, ring: KeyRing, rule: Rule) -> None:
    """Keep a rule in place of the one that its owner had, if any."""
    personal = {name: getattr(rule, name) for name in SEALED}
    sealed = ring.seal("identity", place_of(rule.owner), json.dumps(personal).encode())
    row = {
        "owner": rule.owner,
        "sealed": sealed.words,
        "data_key": sealed.data_key,
        "key_name": sealed.key_name,
        "methods": [method.value for method in rule.methods],
        "hours": [[one.since, one.until, sorted(one.days)] for one in rule.hours],
        "voicemail": rule.voicemail,
        "discreet": rule.discreet,
        "who_else": sorted(rule.who_else),
        "strict": rule.strict,
        "blocked": sorted(way.value for way in rule.blocked),
        "waiting": rule.waiting,
        "waiting_by": rule.waiting_by,
        "language": rule.language,
        "named": rule.named,
        "until": rule.until,
    }
    connection.execute(KEEP[connection.dialect.name], row)


def rule_of(connection: Connection, ring: KeyRing, owner: str, *, held: bool = False) -> Rule | None:
    """The rule of an owner, opened: for the person's own pages, or `held` to change it.

    To reach them, ask permit().
    """
    row = connection.execute(HOLD if held else FIND, {"of": owner}).first()
    if row is None:
        return None
    opened = json.loads(ring.open(place_of(owner), Sealed(row.sealed, row.data_key, row.key_name)))
    return Rule(
        owner=owner,
        **{**opened, "never": tuple(opened.get("never", ()))},
        methods=tuple(Method(method) for method in row.methods),
        hours=tuple(Hours(since, until, frozenset(days)) for since, until, days in row.hours),
        voicemail=row.voicemail,
        discreet=row.discreet,
        who_else=frozenset(row.who_else),
        strict=row.strict,
        blocked=frozenset(Method(way) for way in row.blocked),
        waiting=row.waiting,
        waiting_by=row.waiting_by,
        language=row.language,
        named=row.named,
        until=row.until,
    )


def forget_rule(connection: Connection, owner: str) -> bool:
    """Forget how to reach a person; False when nothing was known."""
    return connection.execute(FORGET, {"of": owner}).rowcount == 1


def forget_ended(database: Database) -> int:
    """Delete the rules whose time is over, but for those of cases; returns how many."""
    return database.change(FORGET_ENDED, {"now": clock.seconds()})


def be_strict(connection: Connection, owners: Sequence[str]) -> None:
    """From now on nothing is used of these that others may answer or see."""
    connection.execute(update(TABLE).where(TABLE.owner.in_(owners)).values(strict=True))


def still_safe(connection: Connection, owner: str) -> bool:
    """The person says that all this is still safe. A rule that has ended stays so."""
    return connection.execute(STILL_SAFE, {"of": owner, "now": clock.seconds()}).rowcount == 1


def to_mind(connection: Connection, owner: str) -> tuple[Message, ...]:
    """What staff must see to before they rely on a rule, in words; nothing is opened for it."""
    row, now = connection.execute(STATE, {"of": owner}).first(), clock.seconds()
    if row is None:
        return ()
    found = {
        ENDED: row.until <= now,
        ASK_AGAIN: 0 < row.named <= now - ASKED_AGAIN and row.until > now,
        WORDS[Why.ADDRESS_WAITS]: row.waiting is not None,
    }
    return tuple(words for words, holds in found.items() if holds)


# The gate


class Why(StrEnum):
    """Why a person may not be reached. The codes are stored."""

    NO_RULE = "no_rule"
    ENDED = "ended"
    NOT_ALLOWED = "not_allowed"
    NO_VOICEMAIL = "no_voicemail"
    NO_ADDRESS = "no_address"
    CODE_ONLY = "code_only"
    COULD_SEE = "could_see"
    OTHERS = "others"
    ADDRESS_WAITS = "address_waits"
    NEVER = "never"
    NOT_NOW = "not_now"


WORDS: dict[Why, Message] = {
    Why.NO_RULE: _staff("Nothing is known about how to reach this person"),
    Why.ENDED: _staff("The time for which this person let us reach them is over"),
    Why.NOT_ALLOWED: _staff("This person does not want to be reached this way"),
    Why.NO_VOICEMAIL: _staff("Do not leave a message: somebody else may hear it"),
    Why.NO_ADDRESS: _staff("There is no number or address for this way"),
    Why.CODE_ONLY: _staff("This person wants no contact: they come back with their code"),
    Why.COULD_SEE: _staff("Who did it could see or hear this: do not use it"),
    Why.OTHERS: _staff("Somebody else may answer or see this, in a case of abuse at home: do not use it"),
    Why.ADDRESS_WAITS: _staff("A new address waits for a second person: nothing goes to the old one"),
    Why.NEVER: _staff("This number or address must not be used any more"),
    Why.NOT_NOW: _staff("This person may not be reached at this hour"),
}
ENDED = WORDS[Why.ENDED]
ASK_AGAIN = _staff("Ask the person whether these ways are still safe: they said so more than 30 days ago")


@dataclass(frozen=True, slots=True)
class Refusal:
    """The gate stays shut."""

    code: Why
    again: int | None = None
    """When it opens, in seconds since 1970, if only the hour is wrong."""

    @property
    def message(self) -> Message:
        """Why, in words for staff."""
        return WORDS[self.code]


_OURS = object()


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave to reach one person in one way at one moment. Only permit() makes one."""

    made_by: InitVar[object]
    owner: str
    method: Method
    at: int
    """The moment, in seconds since 1970."""
    to: str = field(repr=False)
    """The number or address."""
    name: str = field(repr=False)
    """How to address the person."""
    language: str
    discreet: bool
    """Whether words must not say who we are nor what about."""
    urgent: bool
    hours: tuple[Hours, ...]
    safe_word: str = field(repr=False)
    """What is said first."""
    others: frozenset[str]
    """Who else may answer or see it: codes."""
    hidden: frozenset[str] = field(repr=False)
    """Traces of what words that go this way must not hold."""

    def __post_init__(self, made_by: object) -> None:
        if made_by is not _OURS:
            raise TypeError("ask portal.contact.permit() for a permit")

    def gives_away(self, words: str) -> bool:
        """Whether words would tell, there where they go, another address or number of the person."""
        return tell(words, self.hidden)


def permit(
    connection: Connection,
    ring: KeyRing,
    owner: str,
    method: Method,
    when: int,
    *,
    urgent: bool = False,
) -> Permit | Refusal:
    """Leave to reach a person in this way at that second; or why not.

    What is urgent may disturb outside the hours, unless words to the person must be discreet.
    """
    rule = rule_of(connection, ring, owner)
    if rule is None:
        return Refusal(Why.NO_RULE)
    return _decided(rule, method, when, urgent)


def permit_from(
    connection: Connection,
    ring: KeyRing,
    owner: str,
    method: Method,
    when: int,
    *,
    urgent: bool = False,
) -> Permit | Refusal:
    """Leave for the first moment at or after that second; its `at` says which. For what can wait."""
    found = permit(connection, ring, owner, method, when, urgent=urgent)
    if isinstance(found, Refusal) and found.again is not None:
        return permit(connection, ring, owner, method, found.again, urgent=urgent)
    return found


def first_permit(
    connection: Connection,
    ring: KeyRing,
    owner: str,
    when: int,
    *,
    methods: Iterable[Method] = Method,
    urgent: bool = False,
) -> Permit | Refusal:
    """permit_from() for the way that the person likes best among these."""
    rule = rule_of(connection, ring, owner)
    if rule is None:
        return Refusal(Why.NO_RULE)
    wanted, refusal = set(methods), Refusal(Why.NOT_ALLOWED)
    for method in rule.methods:
        if method in wanted:
            found = permit_from(connection, ring, owner, method, when, urgent=urgent)
            if isinstance(found, Permit):
                return found
            refusal = found
    return refusal


def _decided(rule: Rule, method: Method, when: int, urgent: bool) -> Permit | Refusal:
    why = _never(rule, method, when)
    if why is not None:
        return Refusal(why)
    discreet = rule.discreet or bool(rule.others and method in HEARD_BY_OTHERS)
    hours = (rule.hours if method is not Method.WORKER else ()) or QUIET
    always = method in (Method.LETTER, Method.MEETING) or (urgent and not discreet)
    if not always and not is_within(hours, when):
        again = next_within(hours, when)
        return Refusal(Why.NOT_NOW, again) if again < rule.until else Refusal(Why.ENDED)
    to = rule.to(method)
    return Permit(
        _OURS,
        rule.owner,
        method,
        when,
        to,
        rule.name,
        rule.language,
        discreet,
        urgent,
        rule.hours,
        rule.safe_word,
        rule.others if method in HEARD_BY_OTHERS else frozenset(),
        rule.hidden_from(to),
    )


def _shortened(rule: Rule, to: str) -> frozenset[str]:
    """Traces of what is not used any more, by which it would be this very place, written shorter."""
    return frozenset(trace for one in rule.never for trace in traces(one)) - traces(to)


def _never(rule: Rule, method: Method, when: int) -> Why | None:
    """Why this way is shut at any hour, if it is."""
    to = rule.to(method)
    others = rule.others if method in HEARD_BY_OTHERS else frozenset()
    shut = {
        Why.ENDED: when >= rule.until,
        Why.CODE_ONLY: not rule.methods,
        Why.NOT_ALLOWED: (Method.CALL if method is Method.VOICEMAIL else method) not in rule.methods,
        Why.COULD_SEE: method in rule.blocked,
        Why.OTHERS: rule.strict and bool(others - {CHILDREN}),
        Why.NO_VOICEMAIL: method is Method.VOICEMAIL and (not rule.voicemail or bool(others)),
        Why.NO_ADDRESS: not to,
        Why.ADDRESS_WAITS: method in TO_THE_HOME and rule.waiting is not None,
        Why.NEVER: plain(to) in {plain(one) for one in rule.never} or tell(to, _shortened(rule, to)),
    }
    return next((why for why, holds in shut.items() if holds), None)
