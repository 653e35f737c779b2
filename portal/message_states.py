"""The life of a message, as a table."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a message is in its life. The codes are stored."""

    WAITING = "waiting"
    ATTEMPTING = "attempting"
    """It may have gone out: while nobody knows, the provider is asked before it is sent again."""
    FAILED = "failed"
    """To be tried again."""
    SENT = "sent"
    """The provider has it."""
    DELIVERED = "delivered"
    DEAD = "dead"
    """It did not reach the person; staff must look at it."""
    BY_PHONE = "by phone"
    """Staff must phone."""
    CLOSED = "closed"
    """Staff have phoned, or given it up."""


class Event(StrEnum):
    """What happens to a message."""

    BEGIN = "begin"
    ACCEPTED = "accepted"
    TROUBLE = "trouble"
    WAIT = "wait"
    REFUSED = "refused"
    ARRIVED = "arrived"
    RETURNED = "returned"
    CALL = "call"
    AGAIN = "again"
    NOT_REACHED = "not reached"
    CLOSE = "close"


S, E = State, Event
OPEN = frozenset({S.WAITING, S.ATTEMPTING, S.FAILED})
"""Not sent yet, as far as anybody knows."""
FOR_STAFF = frozenset({S.DEAD, S.BY_PHONE})
"""What staff must look at."""
STEPS: dict[Event, tuple[frozenset[State], State, str]] = {
    E.BEGIN: (OPEN, S.ATTEMPTING, "the worker starts to send it"),
    E.ACCEPTED: (frozenset({S.ATTEMPTING}), S.SENT, "the provider has taken it, or had it already"),
    E.TROUBLE: (frozenset({S.ATTEMPTING}), S.FAILED, "no answer, or one that may be better tomorrow"),
    E.WAIT: (OPEN, S.WAITING, "not at this hour: later"),
    E.REFUSED: (
        OPEN,
        S.DEAD,
        "the gate or the provider will not have it, or it was tried for three days",
    ),
    E.ARRIVED: (frozenset({S.SENT}), S.DELIVERED, "the provider says that it arrived"),
    E.RETURNED: (frozenset({S.SENT}), S.DEAD, "the provider says that it could not be delivered"),
    E.CALL: (OPEN, S.BY_PHONE, "the person must be phoned instead"),
    E.AGAIN: (frozenset({S.DEAD}), S.WAITING, "staff let it be tried again"),
    E.NOT_REACHED: (FOR_STAFF, S.BY_PHONE, "staff have phoned in vain: somebody phones again"),
    E.CLOSE: (FOR_STAFF, S.CLOSED, "staff have phoned, or give it up with a reason"),
}
"""What may happen to a message: from which states, to which, and what it means."""
