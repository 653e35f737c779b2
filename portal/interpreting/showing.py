"""A request in words for staff: what its codes are called, when things are, what is to be done next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from portal import clock
from portal.interpreting.candidates import language_of
from portal.interpreting.purposes import PURPOSES
from portal.interpreting.states import (
    ABSENT_WHY,
    CANCELLED_WHY,
    RELEASED_WHY,
    UNFILLED_WHY,
    Event,
    Kind,
    State,
    Who,
)
from portal.pages import said
from portal.questions import Choice, Form
from portal.questions.messages import Message, _staff

MINUTE, HOUR, DAY = 60, 3600, 86400

KINDS: dict[Kind, Message] = {
    Kind.INTERPRETER: _staff("Interpreter"),
    Kind.TRANSLATION: _staff("Translation"),
    Kind.FORMAT: _staff("Another format"),
    Kind.CALL: _staff("Wants to be called"),
}
URGENCIES: dict[str, Message] = {
    "emergency": _staff("emergency"),
    "urgent": _staff("urgent"),
    "soon": _staff("soon"),
    "planned": _staff("planned"),
    "long_lead": _staff("long before"),
}
LATE, SOON = _staff("Late"), _staff("Due")
EVENTS: dict[Event, Message] = {
    Event.SUBMIT: _staff("Asked for"),
    Event.ASK: _staff("Ask the person something"),
    Event.TRIAGE: _staff("Ready to be offered"),
    Event.RECONSIDER: _staff("Look at it again as if it were new"),
    Event.OFFER: _staff("Offer it"),
    Event.RUN_OUT: _staff("Withdraw the offers"),
    Event.ACCEPT: _staff("Accept it"),
    Event.CONFIRM: _staff("Confirm it"),
    Event.ASK_AGAIN: _staff("Ask again for the new time"),
    Event.ASSIGN: _staff("Book whoever is on duty"),
    Event.PLACE: _staff("Placed with a provider"),
    Event.RELEASE: _staff("Release the interpreter"),
    Event.START: _staff("It begins"),
    Event.FINISH: _staff("It is done"),
    Event.ABSENT: _staff("Somebody did not come"),
    Event.SETTLE: _staff("Settle it"),
    Event.ESCALATE: _staff("Hand it to the Equalities Unit"),
    Event.GIVE_UP: _staff("Nobody can be found"),
    Event.REOPEN: _staff("Look for somebody again"),
    Event.CANCEL: _staff("Cancel it"),
    Event.DECLINE: _staff("The person does not want an interpreter"),
    Event.DUPLICATE: _staff("Asked twice"),
}
"""What a button says that lets it happen, and the help page of it."""
WHO: dict[Who, Message] = {
    Who.TENANT: _staff("the person who asked"),
    Who.COORDINATOR: _staff("the coordinator"),
    Who.INTERPRETER: _staff("the interpreter"),
    Who.PORTAL: _staff("the portal"),
}
REASONS: dict[str, Message] = {**CANCELLED_WHY, **UNFILLED_WHY, **RELEASED_WHY, **ABSENT_WHY}
WHY: dict[Event, dict[str, Message]] = {
    Event.RELEASE: RELEASED_WHY,
    Event.ABSENT: ABSENT_WHY,
    Event.GIVE_UP: UNFILLED_WHY,
    Event.CANCEL: CANCELLED_WHY,
}
"""The reasons of each event that wants one."""
NEXT: dict[State, Message] = {
    State.SUBMITTED: _staff("Look at it: say what it is about and who may come"),
    State.NEEDS_INFO: _staff("Ask the person what is not clear, then make it ready to be offered"),
    State.OPEN: _staff("Offer it to somebody who can come"),
    State.OFFERING: _staff("Somebody has to accept the offer"),
    State.HELD: _staff("Confirm it, so that everybody is told"),
    State.CONFIRMED: _staff("It is booked: nothing is to be done before the day"),
    State.IN_PROGRESS: _staff("It is under way: say when it is done"),
    State.COMPLETED: _staff("Settle it"),
    State.ESCALATED: _staff("The Equalities Unit finds a way, or says that there is none"),
    State.UNFILLED: _staff("Tell the person, then settle it; or look for somebody again"),
    State.NO_SHOW: _staff("Look for somebody again, or settle it"),
}
"""What a state waits for. The others are ends."""
ORDERED: dict[State, Message] = {
    State.SUBMITTED: _staff("Look at it, then order it"),
    State.OPEN: _staff("Order it"),
    State.IN_PROGRESS: _staff("It is ordered: say when it was delivered"),
}
"""The same where something is written."""
TO_CALL = _staff("Call the person, then say what they need")
TALK_FIRST = _staff(
    "Talk to the person first: they do not agree yet that the interpreter sees what the form says"
)
BY = _staff("by %(when)s, %(left)s left")
PASSED = _staff("it should have been by %(when)s: %(late)s late")
MINUTES, HOURS, DAYS = _staff("%(number)s min"), _staff("%(number)s h"), _staff("%(number)s days")
CLOSE, LONG = 2 * HOUR, 2 * DAY
"""Up to these, what is left is said in minutes, then in hours."""


def span(seconds: int) -> Message:
    """So much time, as people say it."""
    if seconds < CLOSE:
        return MINUTES.with_values(number=seconds // MINUTE)
    if seconds < LONG:
        return HOURS.with_values(number=seconds // HOUR)
    return DAYS.with_values(number=seconds // DAY)


def local(second: int) -> datetime:
    """A second as clocks in London show it."""
    return clock.in_london(clock.moment(second))


def when(second: int) -> str:
    """A moment in words: Tuesday 24 November 2026, 10:00."""
    found = local(second)
    return f"{found:%A} {found.day} {found:%B %Y, %H:%M}"


def day(second: int) -> str:
    """A day in a list: Tue 24 Nov."""
    found = local(second)
    return f"{found:%a} {found.day} {found:%b}"


def until(starts: int, ends: int) -> str:
    """A stretch of time: Tuesday 24 November 2026, 10:00 to 11:30."""
    return f"{when(starts)}–{local(ends):%H:%M}"


def next_step(request: Row[Any]) -> Message | None:
    """What is to be done with a request now; None when nothing is any more."""
    state, kind = State(request.state), Kind(request.kind)
    if kind is Kind.CALL and state in (State.SUBMITTED, State.OPEN):
        return TO_CALL
    if kind in (Kind.TRANSLATION, Kind.FORMAT) and state in ORDERED:
        return ORDERED[state]
    return NEXT.get(state)


def due_words(due: int) -> Message:
    """By when, and how long that is from now."""
    left = due - clock.seconds()
    if left < 0:
        return PASSED.with_values(when=when(due), late=span(-left))
    return BY.with_values(when=when(due), left=span(left))


@dataclass(frozen=True, slots=True)
class Names:
    """What codes of requests are called: the words of the form in which they were answered."""

    form: Form

    def of(self, key: str, code: str | None) -> str:
        """An answer's words in English; the code itself when the form does not know it."""
        question = self.form.question(key)
        option = question.option(code) if isinstance(question, Choice) and code else None
        return said(option.text) if option else code or ""

    def several(self, key: str, codes: list[str]) -> str:
        return ", ".join(self.of(key, code) for code in codes)

    def language(self, code: str | None) -> str:
        """A language that is spoken or signed."""
        for key in ("speak", "sign", "read", "support"):
            words = self.of(key, code)
            if words != code:
                return words
        return code or ""

    def language_asked(self, request: Row[Any]) -> str:
        """The language in which somebody must work, or be written."""
        return self.language(wanted(request))


def wanted(request: Any) -> str:
    """The code of the language that a request is about: for what is written, the one to read."""
    if request.kind in (Kind.TRANSLATION, Kind.FORMAT):
        reads = request.read not in (None, "none", "listen")
        return str(request.read if reads else language_of(request))
    return language_of(request) or str(request.speak or "")


def purpose(code: str | None) -> str:
    """What a request is about, as staff say it."""
    return said(PURPOSES[code].name) if code in PURPOSES else ""
