"""What staff add to a case that is no step of the table: notes, people, deeds, more time, safe places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row

from portal import clock
from portal.incidents.actions import ACTIONS, BASES, TOLD
from portal.incidents.clocks import OF
from portal.incidents.limits import Limit
from portal.incidents.safety import DAY, LATE_WHY, PLACES, RESULTS
from portal.incidents.showing import UNITS
from portal.incidents.wording import EXTENDED_WHY
from portal.questions import Choice, Date, Message, Number, Option, Question, Text
from portal.questions.messages import _staff

NOTE, PERSON, ACTION, SAFETY, EXTEND = "note", "person", "action", "safety", "extend"
ADDED = frozenset({NOTE, PERSON, ACTION})
"""What is only added: nobody can be too slow for it."""


def options_of(words: Mapping[str, Message]) -> tuple[Option, ...]:
    """Codes and words as the options of a choice."""
    return tuple(Option(code, text) for code, text in words.items())


ADD_NOTE, ADD_PERSON = _staff("Write something down"), _staff("Note a person")
ADD_ACTION, EXTEND_IT = _staff("Note what was done"), _staff("Give a time limit more time")
NOTE_KINDS: dict[str, Message] = {
    "note": _staff("Note"),
    "decision": _staff("Decision"),
    "assessment": _staff("Assessment of whether it was hate"),
    "risk": _staff("Risk"),
    "safety": _staff("Safety plan"),
}
PARTY_ROLES: dict[str, Message] = {
    "victim": _staff("Person harmed"),
    "witness": _staff("Witness"),
    "reporter": _staff("Who told us"),
    "alleged": _staff("Said to have done it"),
    "child": _staff("Child"),
    "adult_at_risk": _staff("Adult who needs care"),
    "professional": _staff("Professional"),
}
NOTE_QUESTIONS: tuple[Question, ...] = (
    Choice(
        key="note_kind",
        text=_staff("What is it?"),
        required=_staff("Choose what it is"),
        options=options_of(NOTE_KINDS),
    ),
    Text(
        key="note_words",
        text=_staff("Words"),
        hint=_staff("It is sealed, and cannot be changed afterwards: write another to correct it"),
        required=_staff("Write it down"),
        most=20_000,
        lines=6,
    ),
)
PERSON_QUESTIONS: tuple[Question, ...] = (
    Choice(
        key="person_role",
        text=_staff("Who are they in this case?"),
        required=_staff("Choose who they are in this case"),
        options=options_of(PARTY_ROLES),
    ),
    Text(key="person_name", text=_staff("Name"), required=_staff("Type a name, or a short description")),
    Text(key="person_notes", text=_staff("What else is known"), most=5000, lines=3),
)
ACTION_QUESTIONS: tuple[Question, ...] = (
    Choice(
        key="action_code",
        text=_staff("What was done"),
        required=_staff("Choose what was done"),
        options=options_of(ACTIONS),
    ),
    Choice(
        key="action_basis",
        text=_staff("Legal basis"),
        hint=_staff("For what is done against somebody"),
        options=options_of(BASES),
    ),
    Choice(
        key="action_told",
        text=_staff("Was the person harmed told?"),
        required=_staff("Choose whether the person harmed was told"),
        options=options_of(TOLD),
    ),
    Date(
        key="action_day",
        text=_staff("Day on which it was done"),
        required=_staff("Type the day on which it was done"),
        when="past",
    ),
)


def safety_questions(place: Row[Any]) -> tuple[Question, ...]:
    """What is asked about an offer of a place of safety."""
    asked: list[Question] = [
        Choice(
            key="safety_result",
            text=_staff("What became of it"),
            required=_staff("Choose what became of it"),
            options=options_of(RESULTS),
        ),
        Choice(key="safety_kind", text=_staff("What was offered"), options=options_of(PLACES)),
    ]
    if is_late(place):
        asked.append(
            Choice(
                key="safety_late",
                text=_staff("Why it took longer than 24 hours"),
                options=options_of(LATE_WHY),
            )
        )
    return tuple(asked)


def open_place(places: Sequence[Row[Any]]) -> Row[Any] | None:
    """The first place of safety of which nobody knows yet what became of it."""
    return next((row for row in places if row.result not in ("accepted", "declined")), None)


def is_late(place: Row[Any]) -> bool:
    """Whether 24 hours have passed without an offer."""
    return place.offered is None and clock.seconds() > place.disclosed + DAY


MORE_OF = _staff("%(limit)s: at most %(more)s more")


def extension_questions(longer: Sequence[Row[Any]]) -> tuple[Question, ...]:
    """What is asked before these time limits are given more time."""
    options = []
    for row in longer:
        of = OF[Limit(row.clock)]
        more = UNITS[of.unit].with_values(number=of.more - row.extra)
        options.append(Option(row.clock, MORE_OF.with_values(limit=of.words, more=more)))
    return (
        Choice(
            key="extend_limit",
            text=_staff("Which time limit"),
            required=_staff("Choose the time limit"),
            options=tuple(options),
        ),
        Number(
            key="extend_units",
            text=_staff("By how many working days"),
            required=_staff("Type by how many working days"),
            least=1,
            most=max(OF[Limit(row.clock)].more - row.extra for row in longer),
        ),
        Choice(
            key="extend_why",
            text=_staff("Why it takes longer"),
            hint=_staff("The person must be told it, with the new date and the Ombudsman's address"),
            required=_staff("Choose why it takes longer"),
            options=options_of(EXTENDED_WHY),
        ),
    )
