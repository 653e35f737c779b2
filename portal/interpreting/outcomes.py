"""How an interpreted conversation ended: the codes that a timesheet has, and exports and counts read."""

from __future__ import annotations

from dataclasses import dataclass

from portal.questions.messages import Message, _staff


@dataclass(frozen=True, slots=True)
class Outcome:
    """One way it ended. The code is stored."""

    code: str
    words: Message
    took_place: bool
    """Whether people talked to each other with an interpreter between them."""
    unmet: bool = False
    """Whether the person still lacks an interpreter who fits."""


OUTCOMES: dict[str, Outcome] = {
    one.code: one
    for one in (
        Outcome("1", _staff("Done"), True),
        Outcome("2", _staff("Partly done, another visit is needed"), True),
        Outcome("3", _staff("Wrong language or dialect"), False, unmet=True),
        Outcome("4", _staff("We could not understand each other"), False, unmet=True),
        Outcome("5", _staff("The person stopped it"), True),
        Outcome("6", _staff("The person did not come"), False),
        Outcome("7", _staff("The interpreter came late"), True),
        Outcome("8", _staff("The interpreter did not come"), False, unmet=True),
        Outcome("9", _staff("Not needed after all"), False),
        Outcome("10", _staff("A worry about somebody’s safety was raised"), True),
    )
}
"""Several may hold at once."""
