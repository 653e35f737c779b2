"""The life of a case, as a table: the code walks it, and so do its test and the help page.

A line says what may happen, since which states, who may let it, what must be known, and which time limits it
starts and meets. What is not in the table cannot happen. Reasons and words are in wording.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from portal.incidents.limits import Limit


class State(StrEnum):
    """The codes are stored."""

    RECEIVED = "received"
    TRIAGED = "triaged"
    ACKNOWLEDGED = "acknowledged"
    INTERVIEW = "interview"
    INVESTIGATING = "investigating"
    PLANNED = "planned"
    ACTED = "acted"
    REVIEW = "review"
    AWAITING_REPORTER = "awaiting_reporter"
    AWAITING_AGENCY = "awaiting_agency"
    LEGAL_HOLD = "legal_hold"
    REOPENED = "reopened"
    CLOSED = "closed"
    MONITORING = "monitoring"
    ARCHIVED = "archived"
    MERGED = "merged"
    TRANSFERRED = "transferred"


class Stage(StrEnum):
    """How far a complaint within a case is. The codes are stored."""

    NONE = "none"
    ASKED = "asked"
    ONE = "one"
    ONE_ANSWERED = "one_answered"
    TWO_ASKED = "two_asked"
    TWO = "two"
    TWO_ANSWERED = "two_answered"


class Event(StrEnum):
    """What happens to a case. The codes are stored."""

    SUBMIT = "submit"
    ADD_REPORT = "add_report"
    TRIAGE = "triage"
    ASSIGN = "assign"
    FLAG_HATE = "flag_hate"
    ACKNOWLEDGE = "acknowledge"
    ACKNOWLEDGE_MORE = "acknowledge_more"
    ARRANGE = "arrange"
    INTERVIEWED = "interviewed"
    INVESTIGATE = "investigate"
    WITNESSES_SEEN = "witnesses_seen"
    ALLEGED_SEEN = "alleged_seen"
    PLAN = "plan"
    ACT = "act"
    GRAFFITI_GONE = "graffiti_gone"
    HOME_SECURED = "home_secured"
    UPDATE = "update"
    LOOK = "look"
    REVIEW = "review"
    SEND_BACK = "send_back"
    CLOSE = "close"
    TRANSFER = "transfer"
    MERGE = "merge"
    MONITOR = "monitor"
    ARCHIVE = "archive"
    REOPEN = "reopen"
    AWAIT_REPORTER = "await_reporter"
    AWAIT_AGENCY = "await_agency"
    HOLD = "hold"
    RESUME = "resume"
    DISCLOSE = "disclose"
    OFFER_SAFETY = "offer_safety"
    HAZARD_EMERGENCY = "hazard_emergency"
    HAZARD_DEALT = "hazard_dealt"
    HAZARD = "hazard"
    HAZARD_SEEN = "hazard_seen"
    HAZARD_TOLD = "hazard_told"
    HAZARD_SAFE = "hazard_safe"
    COMPLAIN = "complain"
    ACCEPT_ONE = "accept_one"
    ANSWER_ONE = "answer_one"
    ESCALATE = "escalate"
    ACCEPT_TWO = "accept_two"
    ANSWER_TWO = "answer_two"
    ERASE_REPORT = "erase_report"
    ERASE = "erase"


class Who(StrEnum):
    """Who may let it happen."""

    REPORTER = "reporter"
    OFFICER = "officer"
    MANAGER = "manager"
    PORTAL = "portal"


S, E = State, Event
WAITING = frozenset({S.AWAITING_REPORTER, S.AWAITING_AGENCY, S.LEGAL_HOLD})
"""Some clocks stand still meanwhile; the case goes back to the state before."""
FINISHED = frozenset({S.CLOSED, S.MONITORING, S.ARCHIVED, S.TRANSFERRED})
"""Needs a reason, and a second person who looked at it."""
ENDS = FINISHED | {S.MERGED}
OPEN = frozenset(State) - ENDS
"""Somebody is to do something: there is always a time limit under way, and an officer or a queue."""
AT_WORK = OPEN - WAITING
WORKED_ON = AT_WORK - {S.RECEIVED, S.REVIEW, S.REOPENED}
"""Somebody has looked at it, and goes on with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of the table."""

    event: Event
    since: frozenset[State]
    """The states in which it may happen."""
    to: State | None = None
    """None where the state stays as it is."""
    back: bool = False
    """To the state before the waiting."""
    who: frozenset[Who]
    needs: tuple[str, ...] = ()
    """Columns of the case that must be filled: now, or before."""
    reasoned: bool = False
    """One of the reasons in wording.REASONS must be given."""
    starts: tuple[Limit, ...] = ()
    """Those that are for such a case (clocks.CLOCKS says which)."""
    meets: tuple[Limit, ...] = ()
    """They are kept, or broken if it is too late."""
    stops: tuple[Limit, ...] = ()
    """They are not wanted any more."""
    after: tuple[Limit, ...] = ()
    """It cannot happen while one of these is under way."""
    flag: str | None = None
    """The flag that it gives the case."""
    stage: frozenset[Stage] | None = None
    """The stages of the complaint in which it may happen; None for all."""
    to_stage: Stage | None = None


R, O, M, P = Who.REPORTER, Who.OFFICER, Who.MANAGER, Who.PORTAL  # noqa: E741
STAFF = frozenset({O, M})
L = Limit
AT_FIRST = (L.TRIAGE_NOW, L.TRIAGE, L.ACKNOWLEDGE_HATE, L.ACKNOWLEDGE, L.INTERVIEW_NOW, L.INTERVIEW)
REPAIRS = (L.GRAFFITI, L.SECURE)
PROGRESS = (L.PROGRESS_A, L.PROGRESS_B)
ANSWERED = frozenset({Stage.NONE, Stage.ONE_ANSWERED, Stage.TWO_ANSWERED})
HAZARDS = (L.HAZARD_NOW, L.HAZARD_SEEN, L.HAZARD_TOLD, L.HAZARD_SAFE)
BY_FACTS = AT_FIRST + REPAIRS + (L.PLACE_OF_SAFETY, L.HAZARD_NOW, L.HAZARD_SEEN, L.COMPLAINT_ONE_ACK)
"""What a report sets going by itself, each if it is for such a case; so does a flag that comes later."""
INSTEAD = (
    frozenset({L.TRIAGE_NOW, L.TRIAGE}),
    frozenset({L.ACKNOWLEDGE_HATE, L.ACKNOWLEDGE}),
    frozenset({L.INTERVIEW_NOW, L.INTERVIEW}),
    frozenset({L.PROGRESS_A, L.PROGRESS_B}),
)
"""Of each only one is for a case. When the case turns out to be another, the other goes on from the same
beginning."""


def _staying(event: Event, since: frozenset[State], who: frozenset[Who], **more: object) -> Step:
    return Step(event=event, since=since, who=who, **more)  # type: ignore[arg-type]


TABLE: tuple[Step, ...] = (
    Step(
        event=E.SUBMIT,
        since=frozenset(),
        to=S.RECEIVED,
        who=frozenset({R, O, P}),
        starts=(*BY_FACTS, L.REVIEW),
    ),
    _staying(E.ADD_REPORT, OPEN, frozenset({R, O, M, P})),
    Step(
        event=E.TRIAGE,
        since=frozenset({S.RECEIVED, S.REOPENED}),
        to=S.TRIAGED,
        who=STAFF,
        needs=("officer", "category"),
        meets=(L.TRIAGE_NOW, L.TRIAGE),
    ),
    _staying(E.ASSIGN, OPEN, STAFF, needs=("officer",)),
    _staying(E.FLAG_HATE, OPEN, frozenset({R, O, M})),
    Step(
        event=E.ACKNOWLEDGE,
        since=frozenset({S.TRIAGED}),
        to=S.ACKNOWLEDGED,
        who=STAFF,
        meets=(L.ACKNOWLEDGE_HATE, L.ACKNOWLEDGE),
        starts=PROGRESS,
    ),
    _staying(E.ACKNOWLEDGE_MORE, WORKED_ON, STAFF, meets=(L.ACKNOWLEDGE_HATE, L.ACKNOWLEDGE)),
    Step(
        event=E.ARRANGE,
        since=frozenset({S.ACKNOWLEDGED, S.INVESTIGATING, S.PLANNED, S.ACTED}),
        to=S.INTERVIEW,
        who=STAFF,
        needs=("interpreter",),
    ),
    Step(
        event=E.INTERVIEWED,
        since=frozenset({S.INTERVIEW}),
        to=S.INVESTIGATING,
        who=STAFF,
        meets=(L.INTERVIEW_NOW, L.INTERVIEW),
        starts=(L.WITNESSES, L.ALLEGED),
    ),
    Step(
        event=E.INVESTIGATE,
        since=frozenset({S.ACKNOWLEDGED, S.INTERVIEW, S.PLANNED, S.ACTED}),
        to=S.INVESTIGATING,
        who=STAFF,
        reasoned=True,
        stops=(L.INTERVIEW_NOW, L.INTERVIEW),
    ),
    _staying(E.WITNESSES_SEEN, WORKED_ON, STAFF, meets=(L.WITNESSES,)),
    _staying(E.ALLEGED_SEEN, WORKED_ON, STAFF, reasoned=True, meets=(L.ALLEGED,)),
    Step(event=E.PLAN, since=frozenset({S.INVESTIGATING, S.ACTED}), to=S.PLANNED, who=STAFF),
    Step(event=E.ACT, since=frozenset({S.INVESTIGATING, S.PLANNED}), to=S.ACTED, who=STAFF),
    _staying(E.GRAFFITI_GONE, OPEN, STAFF, meets=(L.GRAFFITI,)),
    _staying(E.HOME_SECURED, OPEN, STAFF, meets=(L.SECURE,)),
    _staying(E.UPDATE, OPEN - {S.RECEIVED, S.TRIAGED}, STAFF, meets=PROGRESS, starts=PROGRESS),
    _staying(E.LOOK, OPEN, frozenset({M}), meets=(L.REVIEW,), starts=(L.REVIEW,)),
    Step(
        event=E.REVIEW,
        since=frozenset({S.ACKNOWLEDGED, S.INVESTIGATING, S.PLANNED, S.ACTED}),
        to=S.REVIEW,
        who=frozenset({O, M}),
        needs=("officer",),
    ),
    Step(event=E.SEND_BACK, since=frozenset({S.REVIEW}), to=S.INVESTIGATING, who=STAFF, reasoned=True),
    Step(
        event=E.CLOSE,
        since=frozenset({S.REVIEW}),
        to=S.CLOSED,
        who=STAFF,
        needs=("officer", "reviewer", "spoken", "outcome_told"),
        reasoned=True,
        starts=(L.AFTER_CARE,),
        after=(L.PLACE_OF_SAFETY, L.ACKNOWLEDGE_HATE, L.ACKNOWLEDGE, *REPAIRS, *HAZARDS),
        stage=ANSWERED,
    ),
    Step(
        event=E.TRANSFER,
        since=frozenset({S.REVIEW}),
        to=S.TRANSFERRED,
        who=frozenset({M}),
        needs=("officer", "reviewer"),
        reasoned=True,
        after=(L.PLACE_OF_SAFETY,),
        stage=ANSWERED,
    ),
    Step(
        event=E.MERGE,
        since=OPEN - {S.LEGAL_HOLD},
        to=S.MERGED,
        who=STAFF,
        needs=("merged_into",),
        meets=(L.TRIAGE_NOW, L.TRIAGE),
        stage=frozenset({Stage.NONE}),
    ),
    Step(event=E.MONITOR, since=frozenset({S.CLOSED}), to=S.MONITORING, who=frozenset({O, M, P})),
    Step(
        event=E.ARCHIVE,
        since=frozenset({S.CLOSED, S.MONITORING}),
        to=S.ARCHIVED,
        who=frozenset({O, M}),
        meets=(L.AFTER_CARE,),
    ),
    Step(
        event=E.REOPEN,
        since=FINISHED,
        to=S.REOPENED,
        who=frozenset({R, O, M}),
        reasoned=True,
        starts=(L.TRIAGE_NOW, L.TRIAGE, L.ACKNOWLEDGE_HATE, L.ACKNOWLEDGE, L.REVIEW),
        stops=(L.AFTER_CARE,),
    ),
    Step(event=E.AWAIT_REPORTER, since=WORKED_ON, to=S.AWAITING_REPORTER, who=STAFF, reasoned=True),
    Step(event=E.AWAIT_AGENCY, since=WORKED_ON, to=S.AWAITING_AGENCY, who=STAFF, reasoned=True),
    Step(event=E.HOLD, since=WORKED_ON, to=S.LEGAL_HOLD, who=frozenset({M}), reasoned=True),
    Step(event=E.RESUME, since=WAITING, back=True, who=frozenset({R, O, M, P})),
    _staying(E.DISCLOSE, OPEN, frozenset({R, O, M}), starts=(L.PLACE_OF_SAFETY,), flag="unsafe_tonight"),
    _staying(E.OFFER_SAFETY, OPEN, STAFF, meets=(L.PLACE_OF_SAFETY,)),
    _staying(E.HAZARD_EMERGENCY, OPEN, STAFF, starts=(L.HAZARD_NOW,), flag="hazard_now"),
    _staying(E.HAZARD_DEALT, OPEN, STAFF, meets=(L.HAZARD_NOW,)),
    _staying(E.HAZARD, OPEN, STAFF, starts=(L.HAZARD_SEEN,), flag="hazard"),
    _staying(E.HAZARD_SEEN, OPEN, STAFF, meets=(L.HAZARD_SEEN,), starts=(L.HAZARD_TOLD, L.HAZARD_SAFE)),
    _staying(E.HAZARD_TOLD, OPEN, STAFF, meets=(L.HAZARD_TOLD,)),
    _staying(E.HAZARD_SAFE, OPEN, STAFF, meets=(L.HAZARD_SAFE,)),
    _staying(
        E.COMPLAIN,
        OPEN,
        frozenset({R, O, M}),
        starts=(L.COMPLAINT_ONE_ACK,),
        stage=frozenset({Stage.NONE}),
        to_stage=Stage.ASKED,
    ),
    _staying(
        E.ACCEPT_ONE,
        OPEN,
        STAFF,
        needs=("stage_one",),
        meets=(L.COMPLAINT_ONE_ACK,),
        starts=(L.COMPLAINT_ONE,),
        stage=frozenset({Stage.ASKED}),
        to_stage=Stage.ONE,
    ),
    _staying(
        E.ANSWER_ONE,
        OPEN,
        STAFF,
        reasoned=True,
        meets=(L.COMPLAINT_ONE,),
        stage=frozenset({Stage.ONE}),
        to_stage=Stage.ONE_ANSWERED,
    ),
    _staying(
        E.ESCALATE,
        OPEN,
        frozenset({R, O, M}),
        starts=(L.COMPLAINT_TWO_ACK,),
        stage=frozenset({Stage.ONE_ANSWERED}),
        to_stage=Stage.TWO_ASKED,
    ),
    _staying(
        E.ACCEPT_TWO,
        OPEN,
        STAFF,
        needs=("stage_two",),
        meets=(L.COMPLAINT_TWO_ACK,),
        starts=(L.COMPLAINT_TWO,),
        stage=frozenset({Stage.TWO_ASKED}),
        to_stage=Stage.TWO,
    ),
    _staying(
        E.ANSWER_TWO,
        OPEN,
        STAFF,
        reasoned=True,
        meets=(L.COMPLAINT_TWO,),
        stage=frozenset({Stage.TWO}),
        to_stage=Stage.TWO_ANSWERED,
    ),
    _staying(E.ERASE_REPORT, (OPEN | FINISHED) - {S.LEGAL_HOLD}, frozenset({P}), stage=ANSWERED),
    _staying(E.ERASE, FINISHED, frozenset({P}), stops=(L.AFTER_CARE,), stage=ANSWERED),
)
STEPS: dict[Event, Step] = {step.event: step for step in TABLE}
