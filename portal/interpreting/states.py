"""The life of a request, as a table: the code walks it, and so do its test and the help page.

A state machine that loses nobody: from every state that is not an end, some event leads on, and the
desk lists every state that waits for somebody.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from portal.questions.messages import Message, _, _staff


class Kind(StrEnum):
    """What is asked for. One form may ask for several: each becomes a request of its own."""

    INTERPRETER = "interpreter"
    TRANSLATION = "translation"
    FORMAT = "format"
    CALL = "call"
    """The person is not sure and wants to be called."""


class State(StrEnum):
    """The codes are stored."""

    SUBMITTED = "submitted"
    NEEDS_INFO = "needs_info"
    OPEN = "open"
    OFFERING = "offering"
    HELD = "held"
    CONFIRMED = "confirmed"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    ESCALATED = "escalated"
    UNFILLED = "unfilled"
    NO_SHOW = "no_show"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    DECLINED = "declined"
    VOID = "void"


class Event(StrEnum):
    """What happens to it. The codes are stored."""

    SUBMIT = "submit"
    ASK = "ask"
    TRIAGE = "triage"
    RECONSIDER = "reconsider"
    OFFER = "offer"
    RUN_OUT = "run_out"
    ACCEPT = "accept"
    CONFIRM = "confirm"
    ASK_AGAIN = "ask_again"
    ASSIGN = "assign"
    PLACE = "place"
    RELEASE = "release"
    START = "start"
    FINISH = "finish"
    ABSENT = "absent"
    SETTLE = "settle"
    ESCALATE = "escalate"
    GIVE_UP = "give_up"
    REOPEN = "reopen"
    CANCEL = "cancel"
    DECLINE = "decline"
    DUPLICATE = "duplicate"


class Who(StrEnum):
    """Who may let it happen."""

    TENANT = "tenant"
    COORDINATOR = "coordinator"
    INTERPRETER = "interpreter"
    PORTAL = "portal"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the table."""

    event: Event
    since: frozenset[State]
    """The states in which it may happen."""
    to: State
    who: frozenset[Who]
    reasons: frozenset[str] = frozenset()
    """Codes of reasons, of which one must be given. None where the event says it all."""


T, C, I, P = Who.TENANT, Who.COORDINATOR, Who.INTERPRETER, Who.PORTAL  # noqa: E741
S = State

CANCELLED_WHY: dict[str, Message] = {
    "ill": _staff("The person is ill"),
    "not_needed": _staff("It is not needed any more"),
    "other_time": _staff("The time does not suit any more"),
    "not_told": _staff("The person was not told in time"),
    "wrong_language": _staff("The wrong language was booked"),
    "officer": _staff("Our member of staff cannot come"),
    "interpreter_ill": _staff("The interpreter is ill"),
    "weather": _staff("Weather or transport"),
    "other": _staff("Another reason"),
}
"""Why a request is cancelled, in words for staff."""
OF_TENANT: dict[str, Message] = {
    "ill": _("I am ill"),
    "not_needed": _("I do not need it any more"),
    "other_time": _("The time does not suit me any more"),
    "other": _("Another reason"),
}
"""The same as the person says it."""
UNFILLED_WHY: dict[str, Message] = {
    "language": _staff("Nobody works in this language"),
    "gender": _staff("Nobody of the gender that is essential"),
    "level": _staff("Nobody with the qualification that this purpose needs"),
    "time": _staff("Nobody is free at these times"),
    "conflict": _staff("Everybody knows the person, or comes from too near"),
    "declined": _staff("Everybody declined"),
    "late": _staff("There was not enough time"),
    "provider": _staff("The provider found nobody"),
}
RELEASED_WHY: dict[str, Message] = {
    "conflict": _staff("The interpreter may know the person"),
    "tenant": _staff("The person wants another interpreter"),
    "ill": _staff("The interpreter is ill"),
    "cannot": _staff("The interpreter cannot come after all"),
    "time": _staff("The time was moved"),
    "need": _staff("Language, way of meeting or gender changed"),
    "level": _staff("The purpose needs a higher qualification"),
}
ABSENT_WHY: dict[str, Message] = {
    "tenant": _staff("The person did not come"),
    "interpreter": _staff("The interpreter did not come"),
    "officer": _staff("Our member of staff did not come"),
}
WAITING = frozenset({S.SUBMITTED, S.NEEDS_INFO, S.OPEN, S.OFFERING, S.ESCALATED})
"""Nobody has agreed to come yet."""
BOOKED = frozenset({S.HELD, S.CONFIRMED, S.IN_PROGRESS})
"""Somebody has."""
ENDS = frozenset({S.CLOSED, S.CANCELLED, S.DECLINED, S.VOID})
"""Nothing more happens to it."""

TABLE: tuple[Step, ...] = (
    Step(Event.ASK, frozenset({S.SUBMITTED, S.OPEN}), S.NEEDS_INFO, frozenset({C})),
    Step(Event.TRIAGE, frozenset({S.SUBMITTED, S.NEEDS_INFO}), S.OPEN, frozenset({C})),
    Step(Event.RECONSIDER, WAITING | {S.HELD, S.CONFIRMED, S.UNFILLED}, S.SUBMITTED, frozenset({T, C, P})),
    Step(Event.OFFER, frozenset({S.OPEN, S.OFFERING}), S.OFFERING, frozenset({C, P})),
    Step(Event.RUN_OUT, frozenset({S.OFFERING}), S.OPEN, frozenset({P, I, C})),
    Step(Event.ACCEPT, frozenset({S.OFFERING}), S.HELD, frozenset({I, C})),
    Step(Event.CONFIRM, frozenset({S.HELD}), S.CONFIRMED, frozenset({C, I, P})),
    Step(Event.ASK_AGAIN, frozenset({S.HELD, S.CONFIRMED}), S.HELD, frozenset({T, C})),
    Step(Event.ASSIGN, frozenset({S.OPEN, S.OFFERING}), S.CONFIRMED, frozenset({C})),
    Step(Event.PLACE, frozenset({S.OPEN, S.OFFERING, S.ESCALATED}), S.CONFIRMED, frozenset({C})),
    Step(
        Event.RELEASE,
        frozenset({S.HELD, S.CONFIRMED}),
        S.OPEN,
        frozenset({T, C, I, P}),
        frozenset(RELEASED_WHY),
    ),
    Step(Event.START, frozenset({S.OPEN, S.CONFIRMED}), S.IN_PROGRESS, frozenset({C, I})),
    Step(
        Event.FINISH,
        frozenset({S.SUBMITTED, S.OPEN, S.CONFIRMED, S.IN_PROGRESS}),
        S.COMPLETED,
        frozenset({C, I}),
    ),
    Step(
        Event.ABSENT,
        frozenset({S.CONFIRMED, S.IN_PROGRESS}),
        S.NO_SHOW,
        frozenset({C, I}),
        frozenset(ABSENT_WHY),
    ),
    Step(Event.SETTLE, frozenset({S.COMPLETED, S.NO_SHOW, S.UNFILLED}), S.CLOSED, frozenset({C, P})),
    Step(Event.ESCALATE, frozenset({S.OPEN, S.OFFERING}), S.ESCALATED, frozenset({C})),
    Step(
        Event.GIVE_UP,
        frozenset({S.OPEN, S.OFFERING, S.ESCALATED}),
        S.UNFILLED,
        frozenset({C}),
        frozenset(UNFILLED_WHY),
    ),
    Step(Event.REOPEN, frozenset({S.UNFILLED, S.NO_SHOW, S.ESCALATED, S.COMPLETED}), S.OPEN, frozenset({C})),
    Step(
        Event.CANCEL,
        WAITING | {S.HELD, S.CONFIRMED, S.UNFILLED},
        S.CANCELLED,
        frozenset({T, C}),
        frozenset(CANCELLED_WHY),
    ),
    Step(Event.DECLINE, WAITING | {S.HELD, S.CONFIRMED}, S.DECLINED, frozenset({T, C})),
    Step(Event.DUPLICATE, frozenset({S.SUBMITTED, S.NEEDS_INFO, S.OPEN}), S.VOID, frozenset({C})),
)
"""What is not here cannot happen."""
STEPS: dict[Event, Step] = {step.event: step for step in TABLE}

WORDS: dict[State, Message] = {
    S.SUBMITTED: _staff("New"),
    S.NEEDS_INFO: _staff("A question to the person is open"),
    S.OPEN: _staff("To be offered"),
    S.OFFERING: _staff("Offered"),
    S.HELD: _staff("Accepted, to be confirmed"),
    S.CONFIRMED: _staff("Booked"),
    S.IN_PROGRESS: _staff("Under way"),
    S.COMPLETED: _staff("Done, to be settled"),
    S.ESCALATED: _staff("With the Equalities Unit"),
    S.UNFILLED: _staff("Unfilled"),
    S.NO_SHOW: _staff("Somebody did not come"),
    S.CLOSED: _staff("Closed"),
    S.CANCELLED: _staff("Cancelled"),
    S.DECLINED: _staff("The person does not want an interpreter"),
    S.VOID: _staff("Asked twice"),
}
TOLD: dict[State, Message] = {
    S.SUBMITTED: _("We have what you asked for. We are looking at it."),
    S.NEEDS_INFO: _("We have a question. We will contact you in the way you told us is safe."),
    S.OPEN: _("We are looking for the right person."),
    S.OFFERING: _("We are looking for the right person."),
    S.HELD: _("We have found somebody. We will tell you when it is certain."),
    S.CONFIRMED: _("It is booked."),
    S.IN_PROGRESS: _("It is under way."),
    S.COMPLETED: _("It is done."),
    S.ESCALATED: _("We have not found anybody yet. A special team is looking now."),
    S.UNFILLED: _(
        "We are sorry: we have not found anybody. Please call us, so that we can find another way."
    ),
    S.NO_SHOW: _("It did not take place. Please call us, so that we can arrange it again."),
    S.CANCELLED: _("It is cancelled."),
    S.DECLINED: _("You told us that you do not want an interpreter."),
    S.VOID: _("You asked for this twice. We go on with the other one."),
}
"""What the person who asked is told. What is closed has no words of its own: see `told_of`."""


def told_of(now: State, before: State | None) -> Message:
    """What the person is told of a request that is `now` in a state, and was in another `before`.

    To close it is the desk's business: whether it was done, or nobody was found, stays as true as it was.
    """
    return TOLD[before if now is S.CLOSED and before else now]
