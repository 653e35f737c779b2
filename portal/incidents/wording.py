"""Words for the states, events and reasons of a case: for staff, and for the person who told us."""

from __future__ import annotations

from portal.incidents.states import Event, Stage, State
from portal.questions.messages import Message, _, _staff

S, E = State, Event

WORDS: dict[State, Message] = {
    S.RECEIVED: _staff("New: nobody has read it yet"),
    S.TRIAGED: _staff("Read, to be acknowledged"),
    S.ACKNOWLEDGED: _staff("Acknowledged"),
    S.INTERVIEW: _staff("A talk is arranged"),
    S.INVESTIGATING: _staff("Being looked into"),
    S.PLANNED: _staff("A plan is agreed"),
    S.ACTED: _staff("Something was done"),
    S.REVIEW: _staff("A second person is to look at it"),
    S.AWAITING_REPORTER: _staff("Waiting for the person"),
    S.AWAITING_AGENCY: _staff("Waiting for another organisation"),
    S.LEGAL_HOLD: _staff("On hold for legal reasons"),
    S.REOPENED: _staff("Opened again"),
    S.CLOSED: _staff("Closed"),
    S.MONITORING: _staff("Closed, being watched"),
    S.ARCHIVED: _staff("Archived"),
    S.MERGED: _staff("Part of another case"),
    S.TRANSFERRED: _staff("Handed to another organisation"),
}
TOLD: dict[State, Message] = {
    S.RECEIVED: _("We have what you told us."),
    S.TRIAGED: _("Somebody here has read what you told us."),
    S.ACKNOWLEDGED: _("We have answered you, or tried to, in the way you said is safe."),
    S.INTERVIEW: _("We want to talk with you. You choose when."),
    S.INVESTIGATING: _("We are finding out more."),
    S.PLANNED: _("We have a plan that you agreed to."),
    S.ACTED: _("We have done something about it. You can ask us what."),
    S.REVIEW: _("Somebody else here is checking what we did."),
    S.AWAITING_REPORTER: _("We are waiting to hear from you. Take the time you need."),
    S.AWAITING_AGENCY: _("We are waiting for another organisation."),
    S.LEGAL_HOLD: _("We have to wait for legal reasons. You can still write to us."),
    S.REOPENED: _("We are looking at it again."),
    S.CLOSED: _("We have finished. You can ask us why, and ask us to look again."),
    S.MONITORING: _("We are watching whether it has stopped."),
    S.ARCHIVED: _("We have finished. You can still ask us to look again."),
    S.MERGED: _("We are dealing with it together with something else that we were told."),
    S.TRANSFERRED: _("Another organisation is dealing with it now. You can ask us which."),
}
"""What the person who told us reads."""
STAGES: dict[Stage, Message] = {
    Stage.NONE: _staff("No complaint"),
    Stage.ASKED: _staff("Complaint, to be acknowledged"),
    Stage.ONE: _staff("Complaint, stage 1"),
    Stage.ONE_ANSWERED: _staff("Complaint, stage 1 answered"),
    Stage.TWO_ASKED: _staff("Complaint, stage 2 asked for"),
    Stage.TWO: _staff("Complaint, stage 2"),
    Stage.TWO_ANSWERED: _staff("Complaint, stage 2 answered"),
}
EVENTS: dict[Event, Message] = {
    E.SUBMIT: _staff("Told us"),
    E.ADD_REPORT: _staff("Told us more"),
    E.TRIAGE: _staff("Read and sorted"),
    E.ASSIGN: _staff("Gave it to somebody"),
    E.FLAG_HATE: _staff("Somebody thinks it was hate"),
    E.ACKNOWLEDGE: _staff("Acknowledged it"),
    E.ACKNOWLEDGE_MORE: _staff("Acknowledged another report"),
    E.ARRANGE: _staff("Arranged a talk"),
    E.INTERVIEWED: _staff("Talked with the person"),
    E.INVESTIGATE: _staff("Looks into it without a talk"),
    E.WITNESSES_SEEN: _staff("Talked with witnesses"),
    E.ALLEGED_SEEN: _staff("Talked with the person said to have done it"),
    E.PLAN: _staff("Agreed a plan"),
    E.ACT: _staff("Did something"),
    E.GRAFFITI_GONE: _staff("Offensive graffiti was removed"),
    E.HOME_SECURED: _staff("The home was made secure"),
    E.UPDATE: _staff("Told the person how it goes"),
    E.LOOK: _staff("A manager looked at it"),
    E.REVIEW: _staff("Asked a second person to look"),
    E.SEND_BACK: _staff("Sent back to be worked on"),
    E.CLOSE: _staff("Closed it"),
    E.TRANSFER: _staff("Handed it to another organisation"),
    E.MERGE: _staff("Made it part of another case"),
    E.MONITOR: _staff("Watches whether it has stopped"),
    E.ARCHIVE: _staff("Archived it"),
    E.REOPEN: _staff("Opened it again"),
    E.AWAIT_REPORTER: _staff("Waits for the person"),
    E.AWAIT_AGENCY: _staff("Waits for another organisation"),
    E.HOLD: _staff("Put it on hold for legal reasons"),
    E.RESUME: _staff("Goes on with it"),
    E.DISCLOSE: _staff("Said that they have nowhere safe"),
    E.OFFER_SAFETY: _staff("Offered a safe place"),
    E.HAZARD_EMERGENCY: _staff("Found an emergency hazard in the home"),
    E.HAZARD_DEALT: _staff("Dealt with the emergency hazard"),
    E.HAZARD: _staff("Found what may be a significant hazard"),
    E.HAZARD_SEEN: _staff("Investigated the hazard"),
    E.HAZARD_TOLD: _staff("Sent the summary of what was found"),
    E.HAZARD_SAFE: _staff("Made the home safe"),
    E.COMPLAIN: _staff("Made a complaint"),
    E.ACCEPT_ONE: _staff("Acknowledged the complaint"),
    E.ANSWER_ONE: _staff("Answered the complaint at stage 1"),
    E.ESCALATE: _staff("Asked for stage 2"),
    E.ACCEPT_TWO: _staff("Acknowledged stage 2"),
    E.ANSWER_TWO: _staff("Answered the complaint at stage 2"),
    E.ERASE_REPORT: _staff("Erased one report, of several"),
    E.ERASE: _staff("Erased all words of it"),
}

NO_REPLY = "no_reply"
CLOSED_WHY: dict[str, Message] = {
    "resolved": _staff("It has stopped, and the person agrees"),
    "action_done": _staff("Everything that was agreed is done"),
    "no_evidence": _staff("Nothing more can be found out"),
    "not_known_who": _staff("Nobody knows who did it"),
    "persons_wish": _staff("The person wants us to stop"),
    "moved": _staff("The person or the other party has moved away"),
    "just_record": _staff("The person only wanted us to know"),
    "anonymous": _staff("Nobody can be reached, and too little is known"),
    NO_REPLY: _staff("The person did not answer two tries and a notice"),
}
"""Why a case is closed."""
ANSWER_WHY: dict[str, Message] = {
    "upheld": _staff("Upheld"),
    "partly_upheld": _staff("Partly upheld"),
    "not_upheld": _staff("Not upheld"),
    "withdrawn": _staff("Withdrawn"),
}
WAIT_REPORTER_WHY: dict[str, Message] = {
    "asked_for_time": _staff("The person asked for time"),
    "question": _staff("We asked the person something"),
    "agreement": _staff("We need the person's agreement"),
    "away": _staff("The person is away"),
}
WAIT_AGENCY_WHY: dict[str, Message] = {
    "police": _staff("The police"),
    "council": _staff("The council"),
    "support": _staff("A support organisation"),
    "contractor": _staff("A contractor"),
    "other": _staff("Another organisation"),
}
REASONS: dict[Event, dict[str, Message]] = {
    E.CLOSE: CLOSED_WHY,
    E.TRANSFER: {
        "other_landlord": _staff("Another landlord is responsible"),
        "council": _staff("The council deals with it"),
        "police": _staff("The police deal with it"),
        "support": _staff("A support organisation deals with it, as the person wants"),
    },
    E.INVESTIGATE: {
        "declined": _staff("The person does not want to talk"),
        "unsafe": _staff("To talk with the person would not be safe"),
        "anonymous": _staff("Nobody knows who told us, or how to reach them"),
        "told_enough": _staff("The person has told us all that is needed"),
    },
    E.ALLEGED_SEEN: {
        "agreed": _staff("The person who was harmed agrees"),
        "safeguarding": _staff("Somebody is at serious risk; a manager decided"),
    },
    E.SEND_BACK: {
        "not_spoken": _staff("The person was not spoken to"),
        "more_to_do": _staff("More can be done"),
        "not_safe": _staff("It is not certain that the person is safe"),
        "not_told": _staff("The person was not told what became of it"),
    },
    E.REOPEN: {
        "again": _staff("It happened again"),
        "asked": _staff("The person asked us to look again"),
        "evidence": _staff("Something new is known"),
        "complaint": _staff("The person is not content with how we dealt with it"),
        "mistake": _staff("It was closed by mistake"),
    },
    E.AWAIT_REPORTER: WAIT_REPORTER_WHY,
    E.AWAIT_AGENCY: WAIT_AGENCY_WHY,
    E.HOLD: {
        "police": _staff("The police asked us to wait"),
        "court": _staff("A court case is under way"),
        "legal_advice": _staff("We wait for legal advice"),
    },
    E.ANSWER_ONE: ANSWER_WHY,
    E.ANSWER_TWO: ANSWER_WHY,
}
"""Event -> code of a reason -> words for staff. One must be given."""
NEVER_CLOSED_FOR: dict[str, frozenset[str]] = {
    NO_REPLY: frozenset({"domestic_abuse", "danger", "unsafe_tonight", "hate_a"}),
}
"""Reason -> facts of a case that must not be closed for it: silence may mean that somebody is not safe."""
EXTENDED_WHY: dict[str, Message] = {
    "complex": _staff("It is complex"),
    "evidence": _staff("Evidence is still to come"),
    "person_asked": _staff("The person asked for more time"),
    "third_party": _staff("Another organisation has not answered"),
}
"""Why the answer to a complaint takes longer. The person is told it, with the new date and the Ombudsman's
address."""
