"""One line of the first page of people who work here: what waits for them, how urgent it is, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from portal.questions.messages import Message

Urgency = Literal["late", "due", "new"]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits, how many of it there are, and the page where it is done."""

    urgency: Urgency
    text: Message
    number: int
    href: str
