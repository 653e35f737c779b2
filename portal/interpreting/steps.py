"""What a coordinator is asked before each step, as questions of the kernel, and how it is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from portal import clock
from portal.forms.interpreter import DELIVER, HOW
from portal.interpreting import acting
from portal.interpreting.acting import OWN_WHY
from portal.interpreting.candidates import seats_for
from portal.interpreting.open_questions import QUESTION
from portal.interpreting.purposes import PURPOSES
from portal.interpreting.showing import EVENTS, WHY
from portal.interpreting.states import BOOKED, STEPS, WAITING, Event, Kind, State
from portal.languages import months
from portal.questions import (
    Answer,
    Answers,
    Choice,
    Date,
    Message,
    Number,
    Option,
    Problem,
    Question,
    Reader,
    as_written,
    read_all,
)
from portal.questions.messages import _staff
from portal.questions.typing_in import Typed

LATER = (WAITING | BOOKED | {State.UNFILLED}) - {State.SUBMITTED, State.NEEDS_INFO}
"""After somebody has said what it is about."""
OWN, PURPOSE = "own", "purpose"
"""Steps that are no event: somebody of their own, another purpose."""
FIRST = frozenset({Event.TRIAGE, Event.CONFIRM, Event.START, Event.FINISH, Event.REOPEN})
"""What is most likely to be done next."""
QUIET = frozenset({Event.OFFER, Event.ACCEPT, Event.ASK_AGAIN, Event.ASSIGN, Event.PLACE})
"""What has a page of its own."""
GRAVE = frozenset({Event.CANCEL, Event.GIVE_UP, Event.DECLINE, Event.DUPLICATE, Event.RELEASE})
ORDERED, CALLED = _staff("It is ordered"), _staff("We have called")
DELIVERED = _staff("It was delivered")
NOBODY_YOUNG = _staff("Nobody under 18 may interpret. Offer an interpreter instead")
WRITTEN = (Kind.TRANSLATION, Kind.FORMAT)
TIER = _staff("%(purpose)s (tier %(tier)s)")


@dataclass(frozen=True, slots=True)
class Block:
    """One step that can be taken now: its button, and what is asked before."""

    code: str
    title: Message
    asked: tuple[Question, ...]
    grave: bool = False
    answers: Mapping[str, Answer] | None = None
    """What the fields hold before anybody types."""


def read(asked: Iterable[Question], typed: Typed) -> tuple[dict[str, Answer], dict[str, Problem]]:
    """Read what was typed into the fields of these questions: answers and problems."""
    return read_all(asked, typed, {}, Reader(months("en"), clock.today(), moment=clock.moment_of))


def one(answers: Answers, key: str) -> str:
    """The answer to a question; empty words for none."""
    return (answers.get(key) or ("",))[0]


def blocks(
    request: Row[Any], languages: tuple[Option, ...], seated: list[tuple[int, str]], unfilled: str | None
) -> list[Block]:
    """What can be done with a request now. `seated`: who sits there; `unfilled`: why it may be given up."""
    found = []
    for event in acting.possible(request):
        if event not in QUIET:
            asked, answers = _asked(event, request, languages, seated, unfilled)
            found.append(Block(event.value, _title(event, request), asked, event in GRAVE, answers))
    if State(request.state) in LATER:
        preset: dict[str, Answer] = {"purpose": (request.purpose,) if request.purpose else ()}
        found.append(Block(PURPOSE, ANOTHER_PURPOSE, (_purpose(),), answers=preset))
    if Event.DECLINE in acting.possible(request) and acting.own_person_may(request):
        found.append(Block(OWN, OWN_PERSON, OWN_QUESTIONS, True))
    return sorted(found, key=lambda block: (block.grave, block.code not in FIRST))


ANOTHER_PURPOSE = _staff("It is about something else")
OWN_PERSON = _staff("The person brings somebody of their own")
OWN_QUESTIONS: tuple[Question, ...] = (
    Choice(
        key="own_why",
        text=_staff("Why they bring somebody of their own"),
        required=_staff("Choose why they bring somebody of their own"),
        options=tuple(Option(code, words) for code, words in OWN_WHY.items()),
    ),
    Choice(
        key="own_age",
        text=_staff("How old is who will interpret?"),
        required=_staff("Say how old they are"),
        options=(Option("adult", _staff("18 or older")), Option("child", _staff("Under 18"))),
    ),
    Choice(
        key="own_talked",
        text=_staff("Your word for it"),
        required=_staff("Talk to the person alone first, and tick this"),
        many=True,
        options=(
            Option(
                "yes",
                _staff("I talked to the person alone: it is what they want, and an interpreter is free"),
            ),
        ),
    ),
)


def _title(event: Event, request: Row[Any]) -> Message:
    kind = Kind(request.kind)
    if event is Event.START and kind in WRITTEN:
        return ORDERED
    if event is Event.FINISH and kind is not Kind.INTERPRETER:
        return DELIVERED if kind in WRITTEN else CALLED
    return EVENTS[event]


def _asked(
    event: Event,
    request: Row[Any],
    languages: tuple[Option, ...],
    seated: list[tuple[int, str]],
    unfilled: str | None,
) -> tuple[tuple[Question, ...], dict[str, Answer]]:
    if event is Event.TRIAGE:
        return triage_questions(request, languages), triage_answers(request)
    if event is Event.ASK:
        return (QUESTION,), {}
    if event is Event.FINISH and Kind(request.kind) in WRITTEN:
        return DELIVERY, {"delivered": (clock.today().isoformat(),)}
    if not STEPS[event].reasons:
        return (), {}
    key = f"{event.value}_why"
    why = Choice(
        key=key,
        text=WHY_WORDS[event],
        required=_staff("Choose why"),
        options=tuple(Option(code, words) for code, words in WHY[event].items()),
    )
    preset: dict[str, Answer] = {key: (unfilled,)} if event is Event.GIVE_UP and unfilled else {}
    if event is Event.RELEASE and len(seated) > 1:
        everybody = Option("all", _staff("Everybody"))
        people = tuple(Option(f"n{who}", as_written(name)) for who, name in seated)
        who = Choice(
            key="release_who",
            text=_staff("Who does not come"),
            required=_staff("Choose who does not come"),
            options=(*people, everybody),
        )
        return (who, why), preset
    return (why,), preset


WHY_WORDS: dict[Event, Message] = {
    Event.RELEASE: _staff("Why they do not come"),
    Event.ABSENT: _staff("Who did not come"),
    Event.GIVE_UP: _staff("Why nobody can be found"),
    Event.CANCEL: _staff("Why it is cancelled"),
}


def _purpose() -> Choice:
    options = (
        Option(one.code, TIER.with_values(purpose=one.name, tier=one.tier)) for one in PURPOSES.values()
    )
    return Choice(
        key="purpose",
        text=_staff("What is it about?"),
        hint=_staff(
            "Tier 1: registered professionals only. Tier 2: also trained people. Tier 3: also staff."
        ),
        required=_staff("Choose what it is about"),
        options=tuple(options),
    )


MINUTES = Number(
    key="minutes",
    text=_staff("How many minutes"),
    hint=_staff("With an interpreter everything takes about half as long again"),
    required=_staff("Type how many minutes it will take"),
    least=5,
    most=600,
)
MODE = Choice(
    key="mode", text=_staff("How they meet"), required=_staff("Choose how they meet"), options=HOW.known
)
AGREES = Choice(
    key="agrees",
    text=_staff("What the interpreter will see"),
    required=_staff("Talk to the person first: they asked for it"),
    many=True,
    options=(Option("yes", _staff("I talked to the person: they agree now")),),
)
DELIVERY: tuple[Question, ...] = (
    Date(
        key="delivered",
        text=_staff("Day on which it was delivered"),
        required=_staff("Type the day on which it was delivered"),
        when="past",
    ),
    Choice(
        key="delivered_as",
        text=_staff("How it was delivered"),
        required=_staff("Choose how it was delivered"),
        options=DELIVER.known,
    ),
)


def triage_questions(request: Row[Any], languages: tuple[Option, ...]) -> tuple[Question, ...]:
    """What is asked of a request that is new."""
    asked: list[Question] = [_purpose()]
    if Kind(request.kind) is Kind.INTERPRETER:
        asked += [MINUTES, MODE]
    if "other" in (request.speak, request.sign):
        asked.append(
            Choice(
                key="coded",
                text=_staff("Which language of the list it is"),
                required=_staff("Choose which language it is: without it nobody can be found"),
                options=languages,
            )
        )
    if not request.agreed:
        asked.append(AGREES)
    return tuple(asked)


def triage_answers(request: Row[Any]) -> dict[str, Answer]:
    """What is suggested: what the person said, as far as it decides."""
    found = {"purpose": request.purpose, "mode": request.mode, "coded": request.coded}
    found["minutes"] = str(request.minutes)
    return {key: (str(value),) for key, value in found.items() if value}


def triage_columns(answers: Answers) -> dict[str, Any]:
    """What the answers change of a request."""
    purpose = one(answers, "purpose")
    columns: dict[str, Any] = {"purpose": purpose, "tier": PURPOSES[purpose].tier}
    if answers.get("minutes"):
        columns |= {"minutes": int(one(answers, "minutes")), "mode": one(answers, "mode")}
    if answers.get("coded"):
        columns["coded"] = one(answers, "coded")
    if answers.get("agrees"):
        columns["agreed"] = True
    return columns


def two_needed(request: Row[Any]) -> bool:
    """Whether two people should share the work."""
    return State(request.state) is not State.VOID and seats_for(request) > 1
