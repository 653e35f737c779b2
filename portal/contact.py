"""The one gate for reaching a person: nothing goes out without its permit.

Whoever can be reached has a rule: which ways they allow, at which hours, whether a message may be left, and
whether words to them must not say who we are. A permit is good for one person, one way and one moment, and
only permit() makes one. It is asked for when a message is written and again when it goes out, since rules
change and end between the two.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
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
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from portal import clock
from portal.database import Base, Database
from portal.languages import LANGUAGES
from portal.questions.messages import Message, _staff
from portal.sealing import KeyRing, Sealed

DAY = 24 * 60
"""Minutes."""
STEP = 5
"""Minutes. Hours begin and end on a multiple of it, and the next moment is looked for in such steps."""
PHONE = re.compile(r"\+?[0-9][0-9 ()-]{4,24}")
EMAIL = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+\.[^@\s.<>,;\"]+")
EVERY_DAY = frozenset(range(7))


class Method(StrEnum):
    """A way to reach a person. To leave a message on their phone is one of its own."""

    SMS = "sms"
    EMAIL = "email"
    LETTER = "letter"
    CALL = "call"
    VOICEMAIL = "voicemail"


@dataclass(frozen=True, slots=True)
class Hours:
    """When a person can be reached, as clocks in London show it."""

    since: int
    """Minutes after midnight, a multiple of 5."""
    until: int
    """Minutes after midnight; that minute is outside already. 1440 is the end of the day."""
    days: frozenset[int] = EVERY_DAY
    """0 is Monday."""

    def __post_init__(self) -> None:
        if not 0 <= self.since < self.until <= DAY or self.since % STEP or self.until % STEP:
            raise ValueError("hours begin before they end, within a day, at a multiple of 5 minutes")
        if not self.days or not self.days <= EVERY_DAY:
            raise ValueError("hours need a day of the week, from 0 to 6")


QUIET = (Hours(8 * 60, 20 * 60),)
"""Outside these nobody is disturbed who has not named hours of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a person has said about being reached."""

    owner: str
    """Whose it is: a kind and a reference, such as "request 7K3PX92CM"."""
    name: str = field(default="", repr=False)
    """How to address the person."""
    phone: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    address: str = field(default="", repr=False)
    """Postal address, in lines; the last one is the postcode."""
    methods: tuple[Method, ...] = ()
    """The ways that the person allows, the one they like best first."""
    hours: tuple[Hours, ...] = ()
    """Any of these is good; without any, QUIET."""
    voicemail: bool = False
    """Whether a message may be left when somebody else, or nobody, answers."""
    discreet: bool = False
    """Whether words must not say who we are nor what about. Then hours hold for what is urgent, too."""
    language: str = "en"
    """The language of their pages."""
    until: int
    """When it ends, in seconds since 1970: from then on nobody may reach the person by it."""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z]{1,20} [A-Za-z0-9]{1,32}", self.owner):
            raise ValueError("an owner is a kind and a reference")
        if self.phone and not PHONE.fullmatch(self.phone):
            raise ValueError("a phone number has digits, and a + before them")
        if self.email and not EMAIL.fullmatch(self.email):
            raise ValueError("an email address looks like name@example.org")
        if Method.VOICEMAIL in self.methods or len(set(self.methods)) != len(self.methods):
            raise ValueError("name each way once; voicemail says by itself whether a message may be left")
        if self.language not in LANGUAGES:
            raise ValueError("the language must be one of the pages'")

    def to(self, method: Method) -> str:
        """The number or address for a way; empty when it is not known."""
        return {Method.SMS: self.phone, Method.EMAIL: self.email, Method.LETTER: self.address}.get(
            method, self.phone
        )


class ContactRule(Base):
    """How one person may be reached."""

    __tablename__ = "contact_rule"

    owner: Mapped[str] = mapped_column(String(60), primary_key=True)
    """Whose it is: a kind and a reference, such as "request 7K3PX92CM"."""
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    """Name, phone, email and postal address, sealed."""
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


TABLE = ContactRule
OTHERS = [column.name for column in TABLE.__table__.columns if column.name != "owner"]


def _keep(insert: Any) -> Any:
    adding = insert(TABLE)
    changed = {name: adding.excluded[name] for name in OTHERS}
    return adding.on_conflict_do_update(index_elements=[TABLE.owner], set_=changed)


KEEP = {"sqlite": _keep(sqlite.insert), "postgresql": _keep(postgresql.insert)}
FIND = select(*TABLE.__table__.columns).where(TABLE.owner == bindparam("of"))
FORGET = delete(TABLE).where(TABLE.owner == bindparam("of"))
FORGET_ENDED = delete(TABLE).where(TABLE.until <= bindparam("now"))


def place_of(owner: str) -> str:
    """The place that what is sealed of a rule is bound to."""
    return f"contact_rule/sealed/{owner}"


def keep_rule(connection: Connection, ring: KeyRing, rule: Rule) -> None:
    """Keep a rule in place of the one that its owner had, if any."""
    personal = {"name": rule.name, "phone": rule.phone, "email": rule.email, "address": rule.address}
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
        "language": rule.language,
        "until": rule.until,
    }
    connection.execute(KEEP[connection.dialect.name], row)


def rule_of(connection: Connection, ring: KeyRing, owner: str) -> Rule | None:
    """The rule of an owner, opened: for the person's own pages. To reach them, ask permit()."""
    row = connection.execute(FIND, {"of": owner}).first()
    if row is None:
        return None
    opened = ring.open(place_of(owner), Sealed(row.sealed, row.data_key, row.key_name))
    return Rule(
        owner=owner,
        **json.loads(opened),
        methods=tuple(Method(method) for method in row.methods),
        hours=tuple(Hours(since, until, frozenset(days)) for since, until, days in row.hours),
        voicemail=row.voicemail,
        discreet=row.discreet,
        language=row.language,
        until=row.until,
    )


def forget_rule(connection: Connection, owner: str) -> bool:
    """Forget how to reach a person; False when nothing was known."""
    return connection.execute(FORGET, {"of": owner}).rowcount == 1


def forget_ended(database: Database) -> int:
    """Delete the rules whose time is over; returns how many."""
    return database.change(FORGET_ENDED, {"now": clock.seconds()})


# The gate


class Why(StrEnum):
    """Why a person may not be reached. The codes are stored."""

    NO_RULE = "no_rule"
    ENDED = "ended"
    NOT_ALLOWED = "not_allowed"
    NO_VOICEMAIL = "no_voicemail"
    NO_ADDRESS = "no_address"
    NOT_NOW = "not_now"


WORDS: dict[Why, Message] = {
    Why.NO_RULE: _staff("Nothing is known about how to reach this person"),
    Why.ENDED: _staff("The time for which this person let us reach them is over"),
    Why.NOT_ALLOWED: _staff("This person does not want to be reached this way"),
    Why.NO_VOICEMAIL: _staff("Do not leave a message: somebody else may hear it"),
    Why.NO_ADDRESS: _staff("There is no number or address for this way"),
    Why.NOT_NOW: _staff("This person may not be reached at this hour"),
}


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

    def __post_init__(self, made_by: object) -> None:
        if made_by is not _OURS:
            raise TypeError("ask portal.contact.permit() for a permit")


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
    if when >= rule.until:
        return Refusal(Why.ENDED)
    if (Method.CALL if method is Method.VOICEMAIL else method) not in rule.methods:
        return Refusal(Why.NOT_ALLOWED)
    if method is Method.VOICEMAIL and not rule.voicemail:
        return Refusal(Why.NO_VOICEMAIL)
    to = rule.to(method)
    if not to:
        return Refusal(Why.NO_ADDRESS)
    hours = rule.hours or QUIET
    always = method is Method.LETTER or (urgent and not rule.discreet)
    if not always and not is_within(hours, when):
        again = next_within(hours, when)
        return Refusal(Why.NOT_NOW, again) if again < rule.until else Refusal(Why.ENDED)
    return Permit(
        _OURS, rule.owner, method, when, to, rule.name, rule.language, rule.discreet, urgent, rule.hours
    )


def is_within(hours: Iterable[Hours], when: int) -> bool:
    """Whether a second lies within one of the spans of hours."""
    local = clock.in_london(clock.moment(when))
    minute = local.hour * 60 + local.minute
    return any(local.weekday() in one.days and one.since <= minute < one.until for one in hours)


def next_within(hours: Iterable[Hours], when: int) -> int:
    """The first second, from then on, that lies within one of the spans of hours."""
    spans = tuple(hours)
    while not is_within(spans, when):
        when += STEP * 60 - when % (STEP * 60)
    return when
