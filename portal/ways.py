"""Ways to reach a person, and what they said about them. Whether one may be used now, contact.py says."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

from portal.addresses import EMAIL, PHONE, traces
from portal.hours import Hours
from portal.languages import LANGUAGES

NOBODY, CHILDREN = "nobody", "children"
"""Codes of who else may hear or read what we send."""


class Method(StrEnum):
    """A way to reach a person. To leave a message on their phone is one of its own."""

    SMS = "sms"
    EMAIL = "email"
    LETTER = "letter"
    CALL = "call"
    VOICEMAIL = "voicemail"
    VISIT = "visit"
    """At their home."""
    MEETING = "meeting"
    """At a place that they named."""
    WORKER = "worker"
    """Through somebody who supports them."""


HEARD_BY_OTHERS = frozenset(Method) - {Method.MEETING, Method.WORKER}
"""What somebody may answer, read or see who lives with the person."""
TO_THE_HOME = frozenset({Method.LETTER, Method.VISIT})


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
    worker: str = field(default="", repr=False)
    """Who supports the person, and how to reach them."""
    meeting: str = field(default="", repr=False)
    """Where it is safe to meet, and when."""
    safe_word: str = field(default="", repr=False)
    """What we say first, so that they know that it is us."""
    never: tuple[str, ...] = field(default=(), repr=False)
    """Addresses and numbers that are not used any more: an old shared home, an email that two people read."""
    next_address: str = field(default="", repr=False)
    """A new postal address, while nobody else has confirmed it."""
    waiting: str | None = None
    """The reference of that new address."""
    waiting_by: str | None = None
    """Who entered it: an account's reference, or that of nobody's account."""
    methods: tuple[Method, ...] = ()
    """The ways that the person allows, the one they like best first."""
    hours: tuple[Hours, ...] = ()
    """Any of these is good; without any, QUIET."""
    voicemail: bool = False
    """Whether a message may be left when somebody else, or nobody, answers."""
    discreet: bool = False
    """Whether words must not say who we are nor what about. Then hours hold for what is urgent, too."""
    who_else: frozenset[str] = frozenset()
    """Who else may answer the phone, or see messages or post: codes of the form. Words are discreet then."""
    strict: bool = False
    """Whether nothing is used at all that others may answer or see: where somebody is abused at home."""
    blocked: frozenset[Method] = frozenset()
    """Ways that who did it could see or hear."""
    language: str = "en"
    """The language of their pages."""
    named: int = 0
    """When the person last said that this is safe, in seconds since 1970; 0 if nobody need ask again."""
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
        if bool(self.next_address) != bool(self.waiting and self.waiting_by):
            raise ValueError("a new address has a reference, and somebody who entered it")

    def to(self, method: Method) -> str:
        """The number or address for a way; empty when it is not known."""
        return {
            Method.EMAIL: self.email,
            Method.LETTER: self.address,
            Method.VISIT: self.address,
            Method.MEETING: self.meeting,
            Method.WORKER: self.worker,
        }.get(method, self.phone)

    @property
    def others(self) -> frozenset[str]:
        """Who else may hear or read, or may be: codes."""
        return self.who_else - {NOBODY}

    def hidden_from(self, to: str) -> frozenset[str]:
        """Traces of every other address and number of the person: words that go to this one hold none."""
        every = (self.phone, self.email, self.address, self.next_address, self.meeting, *self.never)
        return frozenset(trace for one in every for trace in traces(one)) - traces(to)
