"""The help page of the desk of cases: the tables that the code walks, in words."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint, Response

from portal.accounts.guard import open_to, role_names
from portal.incidents import timing
from portal.incidents.clocks import CLOCKS, OF, Clock
from portal.incidents.facts import FLAGS
from portal.incidents.limits import Limit
from portal.incidents.queue import CASES, STAFF
from portal.incidents.showing import DO, NEEDED, NEXT, WHO, length
from portal.incidents.states import OPEN, STEPS, TABLE, Stage, State, Step, Who
from portal.incidents.wording import NEVER_CLOSED_FOR, REASONS, STAGES, TOLD, WORDS
from portal.pages import render, said, state
from portal.questions import as_written
from portal.questions.messages import Message, _staff

blueprint = Blueprint("case_help", __name__)

FACTS: dict[str, Message] = {
    **FLAGS,
    "category_a": _staff("Category A: violence, threat or danger"),
    "category_b": _staff("Category B: anything else"),
    "hate": _staff("Somebody thinks that it was hate"),
    "hate_a": _staff("Hate, with violence, threat or danger"),
    "domestic_abuse": _staff("Domestic abuse"),
    "complaint": _staff("A complaint"),
}
"""What can be true of a case, as clocks and reasons ask."""
AS_BEFORE, NEW = _staff("The state that it had before"), _staff("Nothing: it begins")
SAME = _staff("As it was")
EVERY, EVERY_BUT = _staff("Every open state"), _staff("Every open state but these: %(but)s")


@blueprint.get(f"{CASES}/help")
@open_to(*STAFF)
def tables() -> Response:
    """Every step, state and time limit there is."""
    with state().database.read() as connection:
        lengths = {one.limit: timing.length_of(connection, one.limit) for one in CLOCKS}
    return render(
        "incidents/explained.html",
        f"{CASES[1:]}/help",
        steps=[_step(step) for step in TABLE],
        states=[
            {
                "name": said(WORDS[one]),
                "next": said(NEXT[one]) if one in NEXT else "",
                "told": said(TOLD[one]),
            }
            for one in State
        ],
        clocks=[_clock(one, lengths[one.limit]) for one in CLOCKS],
        never=[(said(_reason(code)), _facts(facts)) for code, facts in NEVER_CLOSED_FOR.items()],
    )


def _reason(code: str) -> Message:
    return next(words[code] for words in REASONS.values() if code in words)


def _facts(facts: Iterable[str]) -> list[str]:
    known = frozenset(facts)
    return [said(words) for code, words in FACTS.items() if code in known]


def _since(step: Step) -> Message:
    """The states in which it may happen; where they are most of the open ones, those that are not."""
    but = [one for one in State if one in OPEN - step.since]
    if step.since <= OPEN and len(but) < len(step.since):
        return EVERY_BUT.with_values(but=_listed(but)) if but else EVERY
    return as_written(_listed([one for one in State if one in step.since])) if step.since else NEW


def _listed(states: Iterable[State]) -> str:
    return "; ".join(said(WORDS[one]) for one in states)


def _limits(limits: Iterable[Limit]) -> list[str]:
    return [said(OF[one].words) for one in limits]


def _step(step: Step) -> dict[str, object]:
    return {
        "event": said(DO[step.event]),
        "since": said(_since(step)),
        "stage": [said(STAGES[one]) for one in Stage if one in step.stage] if step.stage else [],
        "to": said(WORDS[step.to]) if step.to else said(AS_BEFORE if step.back else SAME),
        "to_stage": said(STAGES[step.to_stage]) if step.to_stage else "",
        "who": [said(WHO[one]) for one in Who if one in step.who],
        "needs": [said(NEEDED[one]) for one in step.needs],
        "reasons": [said(words) for words in REASONS.get(step.event, {}).values()] if step.reasoned else [],
        "starts": _limits(step.starts),
        "meets": _limits(step.meets),
        "stops": _limits(step.stops),
        "after": _limits(step.after),
        "flag": said(FLAGS[step.flag]) if step.flag else "",
    }


def _clock(one: Clock, number: int) -> dict[str, object]:
    return {
        "words": said(one.words),
        "length": said(length(number, one.unit)),
        "ours": said(length(one.length, one.unit)) if number != one.length else "",
        "more": said(length(one.more, one.unit)) if one.more else "",
        "fixed": one.fixed,
        "of": _facts(one.of),
        "unless": _facts(one.unless),
        "pauses": [said(WORDS[state]) for state in State if state in one.pauses],
        "warn": f"{one.warn} %",
        "after": f"{one.escalate_after} %",
        "escalate": role_names(frozenset({one.escalate}))[0],
        "source": one.source,
        "starts": [said(DO[step.event]) for step in STEPS.values() if one.limit in step.starts],
        "meets": [said(DO[step.event]) for step in STEPS.values() if one.limit in step.meets],
    }
