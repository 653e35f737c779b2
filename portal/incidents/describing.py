"""One case, described to staff: its codes, its time limits, what was done, what happened so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from portal import clock
from portal.incidents import actions, moving, reports, safety, showing, timing
from portal.incidents.actions import ACTIONS, BASES, TOLD
from portal.incidents.clocks import OF, warn_at
from portal.incidents.deadlines import CaseDeadline, DeadlineChange
from portal.incidents.facts import QUEUES
from portal.incidents.limits import Limit
from portal.incidents.safety import LATE_WHY, PLACES, RESULTS
from portal.incidents.showing import CATEGORIES, COMPARTMENTS, arrived
from portal.incidents.states import Event, Stage, State
from portal.incidents.wording import EVENTS, EXTENDED_WHY, REASONS, STAGES, WORDS
from portal.interpreting.showing import DAY, when
from portal.languages import LANGUAGES
from portal.pages import said
from portal.questions import Choice, Form
from portal.questions.messages import Message, _staff

CHANGES = (
    select(*DeadlineChange.__table__.columns, CaseDeadline.clock)
    .join(CaseDeadline, CaseDeadline.reference == DeadlineChange.deadline)
    .where(CaseDeadline.case == bindparam("of"))
    .order_by(DeadlineChange.at, DeadlineChange.deadline, DeadlineChange.number)
)
EVERY_REASON: dict[str, Message] = {
    code: words for reasons in (*REASONS.values(), EXTENDED_WHY) for code, words in reasons.items()
}
PERSON, PORTAL = _staff("the person"), _staff("the portal")


def codes(form: Form, key: str, found: Iterable[str]) -> str:
    """Codes of an answer in the words of the form."""
    question = form.question(key)
    options = [question.option(code) if isinstance(question, Choice) else None for code in found]
    return ", ".join(said(option.text) for option in options if option is not None)


def name_of(by: str | None, named: Mapping[str, str]) -> str:
    """Who did something: a colleague's name, the person or the portal."""
    others = {reports.REPORTER: said(PERSON), "portal": said(PORTAL)}
    return named.get(by or "") or others.get(by or "", by or "")


def why(code: str | None) -> str:
    """A reason in words."""
    return said(EVERY_REASON[code]) if code in EVERY_REASON else ""


def head(row: Row[Any], form: Form, named: Mapping[str, str]) -> list[tuple[str, str]]:
    """What a case is, as far as it is codes."""
    found = [
        (said(OFFICER), name_of(row.officer, named) if row.officer else said(showing.NOBODY)),
        (said(MANAGER), name_of(row.manager, named)),
        (said(LIST), said(QUEUES[row.queue]) if row.officer is None else ""),
        (said(CATEGORY), said(CATEGORIES[row.category])),
        (said(KINDS), codes(form, "kind", row.kinds)),
        (said(STRANDS), codes(form, "motive", row.strands)),
        (said(SEALED), said(COMPARTMENTS[row.compartment]) if row.compartment != "none" else ""),
        (said(COMPLAINT), said(STAGES[Stage(row.stage)]) if row.stage != Stage.NONE.value else ""),
        (said(STAGE_ONE), name_of(row.stage_one, named)),
        (said(STAGE_TWO), name_of(row.stage_two, named)),
        (said(CAME_BY), arrived(row.channel)),
        (said(RECEIVED), when(row.received)),
        (said(ENTERED), when(row.entered) if row.entered - row.received > DAY else ""),
        (said(LANGUAGE), LANGUAGES[row.language].english if row.language in LANGUAGES else row.language),
        (said(AREA), row.area or ""),
        (said(CLOSED), when(row.closed) if row.closed else ""),
        (said(WHY), why(row.reason)),
        (said(SECOND), name_of(row.reviewer, named)),
    ]
    return [(text, value) for text, value in found if value]


OFFICER, MANAGER = _staff("Officer"), _staff("Manager")
LIST, CATEGORY, KINDS = _staff("List"), _staff("Category"), _staff("About")
STRANDS, SEALED, COMPLAINT = _staff("Why they think it happened"), _staff("Who sees it"), _staff("Complaint")
STAGE_ONE, STAGE_TWO = _staff("Answers at stage 1"), _staff("Answers at stage 2")
CAME_BY, RECEIVED, ENTERED = _staff("Came by"), _staff("Told us on"), _staff("Entered here on")
LANGUAGE, AREA, CLOSED = _staff("Language of the pages"), _staff("Area"), _staff("Closed on")
WHY, SECOND = _staff("Why"), _staff("Second person")


def limits(connection: Connection, case: str, named: Mapping[str, str]) -> list[dict[str, Any]]:
    """The time limits of a case that are under way, the one due first first."""
    now = clock.seconds()
    return [_limit(connection, row, named, now) for row in timing.under_way(connection, case)]


def _limit(connection: Connection, row: Row[Any], named: Mapping[str, str], now: int) -> dict[str, Any]:
    limit, paused = Limit(row.clock), row.state == "paused"
    warned = now >= warn_at(limit, row.started, row.due)
    mark = "" if paused else showing.hurry(row.due, now) or ("due" if warned else "")
    return {
        "words": said(OF[limit].words),
        "due": when(row.due),
        "left": said(showing.STANDS) if paused else said(showing.left(row.due)),
        "mark": mark,
        "mark_words": said(showing.LATE if mark == "late" else showing.SOON) if mark else "",
        "length": said(showing.length(row.length + row.extra, row.unit)),
        "certain": row.certain,
        "pauses": [
            {
                "since": when(one.since),
                "until": when(one.until) if one.until is not None else "",
                "why": why(one.reason),
                "by": name_of(one.by, named),
            }
            for one in timing.pauses_of(connection, row.reference)
        ],
    }


MOVED_BECAUSE: dict[str, Message] = {
    "pause": _staff("It stood still"),
    "calendar": _staff("A day off was proclaimed or taken back"),
    "extension": _staff("More time was given"),
}


def breaches(connection: Connection, case: str) -> list[dict[str, str]]:
    """The limits of a case that were missed."""
    rows = timing.breaches_of(connection, case)
    return [{"words": said(OF[Limit(row.clock)].words), "due": when(row.due)} for row in rows]


def changes(connection: Connection, case: str, named: Mapping[str, str]) -> list[dict[str, str]]:
    """The limits of a case that got another date."""
    return [
        {
            "words": said(OF[Limit(row.clock)].words),
            "was": when(row.was),
            "due": when(row.due),
            "because": said(MOVED_BECAUSE[row.why]),
            "why": why(row.reason),
            "by": name_of(row.by, named),
        }
        for row in connection.execute(CHANGES, {"of": case})
    ]


def timeline(connection: Connection, case: str, named: Mapping[str, str]) -> list[dict[str, str]]:
    """What happened to a case so far."""
    return [
        {
            "when": when(step.at),
            "event": said(EVENTS[Event(step.event)]),
            "state": said(WORDS[State(step.state)]),
            "reason": why(step.reason),
            "by": name_of(step.by, named),
        }
        for step in moving.steps_of(connection, case)
    ]


def done(connection: Connection, case: str, named: Mapping[str, str]) -> list[dict[str, str]]:
    """What was done in a case."""
    return [
        {
            "words": said(ACTIONS[row.code]),
            "day": f"{row.day.day} {row.day:%B %Y}",
            "basis": said(BASES[row.basis]) if row.basis in BASES else "",
            "told": said(TOLD[row.victim_told]),
            "by": name_of(row.by, named),
        }
        for row in actions.actions_of(connection, case)
    ]


def places(rows: Iterable[Row[Any]]) -> list[dict[str, Any]]:
    """When people of a case had nowhere safe, and what became of it."""
    return [
        {
            "disclosed": when(row.disclosed),
            "until": when(row.disclosed + safety.DAY),
            "left": said(showing.left(row.disclosed + safety.DAY)) if row.offered is None else "",
            "late": (row.offered or clock.seconds()) > row.disclosed + safety.DAY,
            "channel": arrived(row.channel),
            "offered": when(row.offered) if row.offered is not None else "",
            "result": said(RESULTS[row.result]) if row.result else "",
            "kind": said(PLACES[row.kind]) if row.kind in PLACES else "",
            "late_why": said(LATE_WHY[row.late_why]) if row.late_why in LATE_WHY else "",
            "funds": bool(row.no_funds),
        }
        for row in rows
    ]
