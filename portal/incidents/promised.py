"""What we have promised the person who told us, and by when, in words for their page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from portal import clock
from portal.incidents import timing
from portal.incidents.limits import Limit
from portal.incidents.reports import of_case
from portal.questions.messages import Message, _

READ = _("Somebody here reads it by %(when)s at the latest.")
ANSWER = _("We answer you by %(when)s at the latest.")
TALK = _("We offer to talk with you by %(when)s at the latest.")
TELL = _("We tell you how it goes by %(when)s at the latest.")
CONFIRM = _("We confirm your complaint by %(when)s at the latest.")
COMPLAINT = _("We answer your complaint by %(when)s at the latest.")
LATE = _("We wanted to do this by then and are late. We are sorry. Please call us on %(phone)s.")
NOTHING = _("We have not promised you a date at the moment. You can ask us here, or call us.")

TO_ANYBODY: dict[Limit, Message] = {
    Limit.TRIAGE_NOW: READ,
    Limit.TRIAGE: READ,
    Limit.ACKNOWLEDGE_HATE: ANSWER,
    Limit.ACKNOWLEDGE: ANSWER,
    Limit.PROGRESS_A: TELL,
    Limit.PROGRESS_B: TELL,
}
TO_WHO_TOLD_ALONE: dict[Limit, Message] = TO_ANYBODY | {
    Limit.INTERVIEW_NOW: TALK,
    Limit.INTERVIEW: TALK,
    Limit.GRAFFITI: _("We remove what was painted or written by %(when)s at the latest."),
    Limit.SECURE: _("We make the home secure by %(when)s at the latest."),
    Limit.PLACE_OF_SAFETY: _("We offer a safe place to stay by %(when)s at the latest."),
    Limit.AFTER_CARE: _("We ask you how it is by %(when)s at the latest."),
    Limit.COMPLAINT_ONE_ACK: CONFIRM,
    Limit.COMPLAINT_ONE: COMPLAINT,
    Limit.COMPLAINT_TWO_ACK: CONFIRM,
    Limit.COMPLAINT_TWO: COMPLAINT,
}
"""Where several people told us of a case, what is promised to one of them says nothing to the others."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What we do next for who told us."""

    message: Message
    due: int
    """The second by which we do it, since 1970."""
    late: bool


def promises_of(connection: Connection, case: Row[Any]) -> list[Promise]:
    """What is promised to who told us of a case and not done yet, the first date first, each thing once."""
    alone = len(of_case(connection, case.reference)) == 1
    promised = TO_WHO_TOLD_ALONE if alone else TO_ANYBODY
    found: dict[Message, Promise] = {}
    for row in timing.under_way(connection, case.reference):
        if row.state == "open" and Limit(row.clock) in promised:
            message = promised[Limit(row.clock)]
            found.setdefault(message, Promise(message, row.due, clock.seconds() > row.due))
    return list(found.values())
