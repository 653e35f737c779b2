"""A case in words for staff: what its buttons say, what a state waits for, when something is due."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from portal import clock
from portal.accounts.roles import Role
from portal.forms.wishes import CHANNEL
from portal.incidents.clocks import Unit
from portal.incidents.facts import FLAGS
from portal.incidents.states import Event, State, Who
from portal.interpreting.showing import DAY, span
from portal.pages import said
from portal.questions.messages import Message, _staff

E, S = Event, State

DO: dict[Event, Message] = {
    E.SUBMIT: _staff("Tell us"),
    E.ADD_REPORT: _staff("Tell us more"),
    E.TRIAGE: _staff("Sort it: I have read it"),
    E.ASSIGN: _staff("Give it to somebody"),
    E.FLAG_HATE: _staff("Somebody thinks it was hate"),
    E.ACKNOWLEDGE: _staff("I have acknowledged it"),
    E.ACKNOWLEDGE_MORE: _staff("I have acknowledged another report"),
    E.ARRANGE: _staff("Arrange a talk"),
    E.INTERVIEWED: _staff("I have talked with the person"),
    E.INVESTIGATE: _staff("Look into it without a talk"),
    E.WITNESSES_SEEN: _staff("I have talked with witnesses"),
    E.ALLEGED_SEEN: _staff("I have talked with the person said to have done it"),
    E.PLAN: _staff("A plan is agreed"),
    E.ACT: _staff("Something was done"),
    E.GRAFFITI_GONE: _staff("The graffiti is gone"),
    E.HOME_SECURED: _staff("The home is secure"),
    E.UPDATE: _staff("I have told the person how it goes"),
    E.LOOK: _staff("I have looked at it as manager"),
    E.REVIEW: _staff("Ask a second person to look at it"),
    E.SEND_BACK: _staff("Send it back to be worked on"),
    E.CLOSE: _staff("Close it"),
    E.TRANSFER: _staff("Hand it to another organisation"),
    E.MERGE: _staff("Make it part of another case"),
    E.MONITOR: _staff("Watch whether it has stopped"),
    E.ARCHIVE: _staff("Archive it"),
    E.REOPEN: _staff("Open it again"),
    E.AWAIT_REPORTER: _staff("Wait for the person"),
    E.AWAIT_AGENCY: _staff("Wait for another organisation"),
    E.HOLD: _staff("Put it on hold for legal reasons"),
    E.RESUME: _staff("Go on with it"),
    E.DISCLOSE: _staff("The person has nowhere safe to stay"),
    E.OFFER_SAFETY: _staff("Offer a safe place"),
    E.HAZARD_EMERGENCY: _staff("There is an emergency hazard in the home"),
    E.HAZARD_DEALT: _staff("The emergency hazard is dealt with"),
    E.HAZARD: _staff("There may be a significant hazard in the home"),
    E.HAZARD_SEEN: _staff("The hazard was investigated"),
    E.HAZARD_TOLD: _staff("The summary of what was found was sent"),
    E.HAZARD_SAFE: _staff("The home is safe"),
    E.COMPLAIN: _staff("The person makes a complaint"),
    E.ACCEPT_ONE: _staff("Acknowledge the complaint"),
    E.ANSWER_ONE: _staff("Answer the complaint at stage 1"),
    E.ESCALATE: _staff("The person asks for stage 2"),
    E.ACCEPT_TWO: _staff("Acknowledge stage 2"),
    E.ANSWER_TWO: _staff("Answer the complaint at stage 2"),
    E.ERASE_REPORT: _staff("Erase one report, where others told us too: two people decide"),
    E.ERASE: _staff("Erase all words of it: two people decide"),
}
"""What a button says that lets an event happen, and the help page of it."""
WHO: dict[Who, Message] = {
    Who.REPORTER: _staff("the person who told us"),
    Who.OFFICER: _staff("a case officer"),
    Who.MANAGER: _staff("a case manager"),
    Who.PORTAL: _staff("the portal"),
}
AS_ROLE: dict[Role, Who] = {Role.CASE_OFFICER: Who.OFFICER, Role.CASE_MANAGER: Who.MANAGER}
"""As what somebody acts who holds this role."""
NEXT: dict[State, Message] = {
    S.RECEIVED: _staff("Read it, sort it, and give it to somebody"),
    S.TRIAGED: _staff("Acknowledge it, in a way that is safe for the person"),
    S.ACKNOWLEDGED: _staff("Arrange a talk with the person"),
    S.INTERVIEW: _staff("Talk with the person"),
    S.INVESTIGATING: _staff("Find out more, and agree a plan with the person"),
    S.PLANNED: _staff("Do what was agreed"),
    S.ACTED: _staff("Go on with the plan, or ask a second person to look at it"),
    S.REVIEW: _staff("A second person closes it, or sends it back"),
    S.AWAITING_REPORTER: _staff("Go on when the person answers"),
    S.AWAITING_AGENCY: _staff("Go on when the other organisation answers"),
    S.LEGAL_HOLD: _staff("Go on when the legal reason is over"),
    S.REOPENED: _staff("Read it again and sort it"),
    S.CLOSED: _staff("Ask after four weeks whether it has stopped"),
    S.MONITORING: _staff("Ask whether it has stopped, then archive it"),
}
"""What a state waits for. The others are ends."""
NEEDED: dict[str, Message] = {
    "officer": _staff("who deals with it"),
    "category": _staff("its category"),
    "interpreter": _staff("whether an interpreter is needed"),
    "reviewer": _staff("a second person"),
    "spoken": _staff("whether the person was spoken to"),
    "outcome_told": _staff("how the person was told the outcome"),
    "merged_into": _staff("the case that it becomes part of"),
    "stage_one": _staff("who answers at stage 1"),
    "stage_two": _staff("who answers at stage 2: somebody else"),
}
"""Columns of a case that a step needs, as the help page says them."""
CATEGORIES: dict[str, Message] = {
    "A": _staff("A: violence, threat or danger"),
    "B": _staff("B: anything else"),
}
COMPARTMENTS: dict[str, Message] = {
    "none": _staff("Open to all case staff"),
    "domestic_abuse": _staff("Sealed: domestic abuse"),
    "staff": _staff("Sealed: about staff"),
}
ARRIVED: dict[str, Message] = {
    "web": _staff("the website"),
    "paper": _staff("paper"),
    "phone": _staff("phone"),
    "outreach": _staff("outreach"),
    **{option.code: option.text for option in CHANNEL.known},
}
"""How a report reached us."""
UNITS: dict[Unit, Message] = {
    Unit.HOURS: _staff("%(number)s hours"),
    Unit.DAYS: _staff("%(number)s days"),
    Unit.WORKING_DAYS: _staff("%(number)s working days"),
}
LATE, SOON, STANDS, NOBODY = _staff("Late"), _staff("Due"), _staff("It stands still"), _staff("Nobody yet")
LEFT, PAST = _staff("%(left)s left"), _staff("%(late)s late")


def hurry(due: int | None, now: int) -> str:
    """late, due (within a day) or nothing."""
    if due is None:
        return ""
    return "late" if due < now else "due" if due <= now + DAY else ""


def left(due: int) -> Message:
    """How long there is until then, or how long it is too late."""
    seconds = due - clock.seconds()
    return PAST.with_values(late=span(-seconds)) if seconds < 0 else LEFT.with_values(left=span(seconds))


def length(number: int, unit: str) -> Message:
    """So many units of a limit."""
    return UNITS[Unit(unit)].with_values(number=number)


def flags(case: Row[Any]) -> list[str]:
    """The flags of a case in words, in their own order."""
    return [said(words) for code, words in FLAGS.items() if code in case.flags]


def arrived(code: str) -> str:
    """How something reached us."""
    return said(ARRIVED[code]) if code in ARRIVED else code
