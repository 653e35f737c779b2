"""What a conversation is about, and who may interpret it.

Tier 1 is for registered professionals only: what is said may end in court, or somebody may come to harm.
Tier 2 is for qualified or trained people, tier 3 also for nominated staff. A trainee interprets nothing
but tier 3.
"""

from __future__ import annotations

from dataclasses import dataclass

from portal.questions.messages import Message, _staff


@dataclass(frozen=True, slots=True)
class Purpose:
    code: str
    name: Message
    tier: int
    sensitive: bool = False
    """Before they are confirmed an interpreter is told only that it is sensitive."""
    own_person: bool = True
    """Whether the person may bring somebody of their own, if an officer agrees."""


PURPOSES: dict[str, Purpose] = {
    one.code: one
    for one in (
        Purpose("sign_up", _staff("Tenancy sign-up"), 2),
        Purpose("rent", _staff("Rent and arrears"), 2),
        Purpose("repairs", _staff("Repairs, inspection"), 3),
        Purpose("neighbours", _staff("Anti-social behaviour"), 2),
        Purpose("hate", _staff("Hate incident"), 1, sensitive=True, own_person=False),
        Purpose("abuse", _staff("Domestic abuse, safeguarding"), 1, sensitive=True, own_person=False),
        Purpose("homeless", _staff("Homelessness"), 1, own_person=False),
        Purpose("moving", _staff("Lettings, transfer"), 2),
        Purpose("legal", _staff("Legal notice, court"), 1, own_person=False),
        Purpose("complaint", _staff("Complaint"), 2),
        Purpose("money", _staff("Welfare, debt"), 2),
        Purpose("event", _staff("Consultation, event"), 3),
        Purpose("counter", _staff("Counter"), 3),
        Purpose("other", _staff("Other"), 2),
    )
}
SENSITIVE = _staff("sensitive")
LEVELS: dict[int, frozenset[str]] = {
    1: frozenset({"registered"}),
    2: frozenset({"registered", "qualified", "trained"}),
    3: frozenset({"registered", "qualified", "trained", "trainee"}),
}
"""The levels that may interpret each tier."""


def suggested(about: str | None) -> str | None:
    """The purpose that what the person said comes to; None where a coordinator has to find out."""
    return about if about in PURPOSES else None


def told(purpose: str | None) -> Message:
    """What an interpreter is told it is about before they are confirmed."""
    found = PURPOSES.get(purpose or "other", PURPOSES["other"])
    return SENSITIVE if found.sensitive else found.name
