"""The life of one paper form in a batch, as a table: the code walks it, and so does its test."""

from __future__ import annotations

from enum import StrEnum

from portal.questions.messages import Message, _staff


class State(StrEnum):
    """The codes are stored."""

    KEYING = "keying"
    KEYED = "keyed"
    TO_VERIFY = "to_verify"
    VERIFYING = "verifying"
    AGREED = "agreed"
    DIFFERS = "differs"
    QUERY = "query"
    RESOLVED = "resolved"
    REJECTED = "rejected"


class Event(StrEnum):
    """What happens to it."""

    SAVE = "save"
    SAVE_DRAWN = "save, drawn for verification"
    SAVE_WITH_QUERY = "save, with a question for the supervisor"
    DRAW = "draw for verification"
    TAKE = "take up for verification"
    SAME = "save the second keying: all the same"
    OTHER = "save the second keying: something differs"
    RESOLVE = "resolve by a third person"
    REJECT = "reject the paper"


NEXT: dict[tuple[State, Event], State] = {
    (State.KEYING, Event.SAVE): State.KEYED,
    (State.KEYING, Event.SAVE_DRAWN): State.TO_VERIFY,
    (State.KEYING, Event.SAVE_WITH_QUERY): State.QUERY,
    (State.KEYING, Event.REJECT): State.REJECTED,
    (State.KEYED, Event.DRAW): State.TO_VERIFY,
    (State.TO_VERIFY, Event.TAKE): State.VERIFYING,
    (State.VERIFYING, Event.SAME): State.AGREED,
    (State.VERIFYING, Event.OTHER): State.DIFFERS,
    (State.VERIFYING, Event.SAVE_WITH_QUERY): State.DIFFERS,
    (State.DIFFERS, Event.RESOLVE): State.RESOLVED,
    (State.QUERY, Event.RESOLVE): State.RESOLVED,
    (State.QUERY, Event.REJECT): State.REJECTED,
    (State.DIFFERS, Event.REJECT): State.REJECTED,
}
"""What is not here cannot happen."""

DONE = frozenset({State.KEYED, State.AGREED, State.RESOLVED})
"""Its answers can be stored when the batch closes."""

WORDS: dict[State, Message] = {
    State.KEYING: _staff("Being keyed"),
    State.KEYED: _staff("Keyed"),
    State.TO_VERIFY: _staff("To be keyed again"),
    State.VERIFYING: _staff("Being keyed again"),
    State.AGREED: _staff("Keyed twice, the same"),
    State.DIFFERS: _staff("Keyed twice, with differences"),
    State.QUERY: _staff("Question for the supervisor"),
    State.RESOLVED: _staff("Resolved"),
    State.REJECTED: _staff("Rejected"),
}
