"""What staff are asked before each step of a case, as questions of the kernel, and how it is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from portal import clock
from portal.accounts.people import Person
from portal.accounts.roles import Role
from portal.forms.happened import MOTIVE
from portal.forms.wishes import CHANNEL
from portal.incidents import acting
from portal.incidents.acting import As
from portal.incidents.adding import (
    ACTION,
    ACTION_QUESTIONS,
    ADD_ACTION,
    ADD_NOTE,
    ADD_PERSON,
    EXTEND,
    EXTEND_IT,
    NOTE,
    NOTE_QUESTIONS,
    PERSON,
    PERSON_QUESTIONS,
    SAFETY,
    extension_questions,
    open_place,
    options_of,
    safety_questions,
)
from portal.incidents.clocks import OF
from portal.incidents.facts import NO_STRAND
from portal.incidents.limits import Limit
from portal.incidents.showing import CATEGORIES, DO
from portal.incidents.states import STEPS, Event, Who
from portal.incidents.wording import REASONS
from portal.languages import months
from portal.questions import (
    Answer,
    Answers,
    Choice,
    Date,
    Message,
    Option,
    Problem,
    Question,
    Reader,
    Text,
    Time,
    as_written,
    read_all,
)
from portal.questions.messages import _staff
from portal.questions.typing_in import Typed

FIRST = frozenset(
    {
        Event.TRIAGE,
        Event.ACKNOWLEDGE,
        Event.INTERVIEWED,
        Event.ARRANGE,
        Event.PLAN,
        Event.ACT,
        Event.REVIEW,
        Event.CLOSE,
        Event.RESUME,
        Event.ACCEPT_ONE,
        Event.ANSWER_ONE,
        Event.ACCEPT_TWO,
        Event.ANSWER_TWO,
    }
)
"""What is most likely to be done next."""
GRAVE = frozenset({Event.CLOSE, Event.TRANSFER, Event.MERGE, Event.HOLD, Event.ARCHIVE, Event.SEND_BACK})


@dataclass(frozen=True, slots=True)
class Block:
    """One step that can be taken now: its button, and what is asked before."""

    code: str
    title: Message
    asked: tuple[Question, ...] = ()
    grave: bool = False
    answers: Mapping[str, Answer] | None = None
    """What the fields hold before anybody types."""
    first: bool = False
    """Whether it is likely to be done next."""


@dataclass(frozen=True, slots=True)
class Around:
    """What must be known besides the row of a case to say what can be done."""

    under_way: Sequence[Row[Any]]
    """Its time limits under way."""
    places: Sequence[Row[Any]]
    """When people had nowhere safe, and what they were offered."""
    asked_by: str
    """Who asked a second person to look at it; nothing for nobody."""
    colleagues: Sequence[Person]
    """Who may be given the case."""


def read(asked: Iterable[Question], typed: Typed) -> tuple[dict[str, Answer], dict[str, Problem]]:
    """Read what was typed into the fields of these questions: answers and problems."""
    reader = Reader(months("en"), clock.today(), office=True, moment=clock.moment_of)
    return read_all(asked, typed, {}, reader)


def one(answers: Answers, key: str) -> str:
    """The answer to a question; empty words for none."""
    return (answers.get(key) or ("",))[0]


def blocks(case: Row[Any], who: As, around: Around) -> list[Block]:
    """What this person can do with a case now."""
    found = []
    for event in acting.possible(case, who, around.under_way, around.asked_by):
        asked, answers = _asked(event, case, who, around)
        first = event in FIRST or (bool(STEPS[event].meets) and _is_due(event, around))
        found.append(Block(event.value, DO[event], asked, event in GRAVE, answers, first))
    return sorted(found, key=lambda block: (block.grave, not block.first)) + others(case, who, around)


def _is_due(event: Event, around: Around) -> bool:
    meets = STEPS[event].meets
    return any(row.clock in meets for row in around.under_way)


def others(case: Row[Any], who: As, around: Around) -> list[Block]:
    """What can be done that is no event of the table."""
    found: list[Block] = []
    if not who.whos:
        return found
    place = open_place(around.places)
    if place is not None and acting.may_as(case, Event.OFFER_SAFETY, who):
        found.append(Block(SAFETY, DO[Event.OFFER_SAFETY], safety_questions(place), first=True))
    longer = [
        row
        for row in around.under_way
        if row.state == "open" and row.extra < OF[Limit(row.clock)].more and acting.may_extend(who)
    ]
    if longer:
        found.append(Block(EXTEND, EXTEND_IT, extension_questions(longer)))
    if case.data_key is not None:
        found += [Block(NOTE, ADD_NOTE, NOTE_QUESTIONS), Block(PERSON, ADD_PERSON, PERSON_QUESTIONS)]
    preset: dict[str, Answer] = {"action_day": (clock.today().isoformat(),)}
    return [*found, Block(ACTION, ADD_ACTION, ACTION_QUESTIONS, answers=preset)]


def _colleague(key: str, text: Message, around: Around, but: str | None = None) -> Choice:
    """Choose a colleague, any but one."""
    people = tuple(
        Option(one.reference, as_written(one.name)) for one in around.colleagues if one.reference != but
    )
    return Choice(key=key, text=text, required=_staff("Choose a person"), options=people or (NOBODY,))


NOBODY = Option("nobody", _staff("Nobody may be chosen: give a colleague the role first"))


def _asked(
    event: Event, case: Row[Any], who: As, around: Around
) -> tuple[tuple[Question, ...], dict[str, Answer]]:
    """What is asked before an event, and what the fields hold before anybody types."""
    asked: list[Question] = []
    preset: dict[str, Answer] = {}
    if event in (Event.TRIAGE, Event.ASSIGN):
        key = f"{event.value}_officer"
        asked.append(_colleague(key, OFFICER, around))
        preset[key] = (case.officer,) if case.officer else ()
    if event is Event.TRIAGE:
        asked.append(CATEGORY)
        preset["category"] = (case.category,)
    if event is Event.ASSIGN and who.for_step(event) is Who.MANAGER:
        managers = [one for one in around.colleagues if Role.CASE_MANAGER in one.roles]
        options = tuple(Option(one.reference, as_written(one.name)) for one in managers)
        asked.append(Choice(key="assign_manager", text=MANAGER, hint=ANSWERABLE, options=options))
        preset["assign_manager"] = (case.manager,) if case.manager else ()
    if event is Event.ACCEPT_ONE:
        asked.append(_colleague("stage_one", STAGE_ONE, around))
    if event is Event.ACCEPT_TWO:
        asked.append(_colleague("stage_two", STAGE_TWO, around, case.stage_one))
    asked += QUESTIONS.get(event, ())
    if STEPS[event].reasoned:
        asked.append(_why(event, case))
    return tuple(asked), preset


def _why(event: Event, case: Row[Any]) -> Choice:
    codes = {code: text for code, text in REASONS[event].items() if acting.reason_fits(case, code)}
    return Choice(
        key=f"{event.value}_why",
        text=RESULT if event in (Event.ANSWER_ONE, Event.ANSWER_TWO) else WHY,
        required=_staff("Choose why"),
        options=options_of(codes),
    )


WHY, RESULT = _staff("Why"), _staff("What the answer is")
OFFICER = _staff("Who deals with it")
MANAGER = _staff("Which manager is answerable")
ANSWERABLE = _staff("While nobody is chosen, every case manager sees the case")
STAGE_ONE = _staff("Who answers at stage 1")
STAGE_TWO = _staff("Who answers at stage 2: somebody who had no part in stage 1")
CATEGORY = Choice(
    key="category",
    text=_staff("Category"),
    required=_staff("Choose a category"),
    options=options_of(CATEGORIES),
)
INTERPRETER = Choice(
    key="interpreter",
    text=_staff("Is an interpreter needed?"),
    hint=_staff("Never a relative, a child or a neighbour"),
    required=_staff("Say whether an interpreter is needed: a talk is not arranged without it"),
    options=(
        Option("needed", _staff("Yes")),
        Option("not_needed", _staff("No")),
        Option("declined", _staff("The person does not want one")),
    ),
)
STRANDS = Choice(
    key="strands",
    text=_staff("Why they think it happened"),
    hint=_staff("What anybody thinks counts: it cannot be taken back"),
    required=_staff("Choose why somebody thinks that it happened"),
    many=True,
    options=tuple(option for option in MOTIVE.known if option.code not in NO_STRAND),
)
SPOKEN = Choice(
    key="spoken",
    text=_staff("Was the person spoken to?"),
    required=_staff("Say whether the person was spoken to"),
    options=(
        Option("yes", _staff("Yes")),
        Option("offered", _staff("It was offered; they did not want to")),
        Option("unsafe", _staff("No: it would not be safe")),
        Option("unknown", _staff("No: nobody knows how to reach them")),
    ),
)
OUTCOME_TOLD = Choice(
    key="outcome_told",
    text=_staff("How the person was told what became of it, and how to ask again"),
    required=_staff("Say how the person was told what became of it"),
    options=(
        Option("message", _staff("A message that they read with their code")),
        Option("letter", _staff("A letter")),
        Option("call", _staff("A call")),
        Option("unsafe", _staff("Not told: it would not be safe")),
        Option("unknown", _staff("Not told: nobody knows how to reach them")),
    ),
)
INTO = Text(
    key="into",
    text=_staff("Reference of the case that it becomes part of"),
    hint=_staff("Its reports and time limits go over to that case"),
    required=_staff("Type the reference of the other case"),
    most=20,
)
SINCE_DAY = Date(
    key="disclosed_on",
    text=_staff("On which day did anybody of us first hear of it?"),
    hint=_staff("24 hours are counted from then, whatever day it is"),
    required=_staff("Type the day on which we first heard of it"),
    when="past",
)
SINCE_TIME = Time(
    key="disclosed_at",
    text=_staff("At what time?"),
    required=_staff("Type the time at which we first heard of it"),
)
APPROACH = Choice(
    key="disclosed_channel",
    text=_staff("How did it reach us?"),
    required=_staff("Choose how it reached us"),
    options=CHANNEL.known,
)
FUNDS = Choice(
    key="no_funds",
    text=_staff("Does the person need help because of rules on public funds?"),
    hint=_staff("Only if they say so: do not ask for anybody's immigration status"),
    options=(Option("yes", _staff("Yes")), Option("no", _staff("No"))),
)
QUESTIONS: dict[Event, tuple[Question, ...]] = {
    Event.ARRANGE: (INTERPRETER,),
    Event.FLAG_HATE: (STRANDS,),
    Event.CLOSE: (SPOKEN, OUTCOME_TOLD),
    Event.MERGE: (INTO,),
    Event.DISCLOSE: (SINCE_DAY, SINCE_TIME, APPROACH, FUNDS),
}


def columns_of(event: Event, case: Row[Any], answers: Answers) -> dict[str, Any]:
    """What the answers before an event change of a case."""
    columns: dict[str, Any] = {}
    if event in (Event.TRIAGE, Event.ASSIGN):
        columns["officer"] = one(answers, f"{event.value}_officer")
    if answers.get("assign_manager"):
        columns["manager"] = one(answers, "assign_manager")
    if event is Event.FLAG_HATE:
        added = [code for code in answers["strands"] if code not in case.strands]
        columns |= {"hate": True, "strands": [*case.strands, *added]}
    for key in ("category", "interpreter", "spoken", "outcome_told", "stage_one", "stage_two"):
        if answers.get(key):
            columns[key] = one(answers, key)
    return columns
