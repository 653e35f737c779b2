"""How providers did: what was placed with each in a quarter, what became of it, and what an hour cost."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response
from sqlalchemy import Connection, or_, select

from portal import clock, registers
from portal.accounts.guard import open_to
from portal.accounts.roles import Role
from portal.interpreting.models import Assignment, Booking, Interpreter, Request, RequestStep
from portal.interpreting.planning import PROVIDERS
from portal.interpreting.states import Event, State
from portal.pages import render, state

blueprint = Blueprint("providers", __name__)

SEEN_BY = (Role.COORDINATOR, Role.ANALYST, Role.GOVERNANCE)
GAVE_BACK = frozenset({"ill", "cannot", "conflict"})
"""Why an interpreter gives a seat back."""
ABSENT = "8"
"""The outcome of a visit to which the interpreter did not come."""
DONE = frozenset({"finished", "claimed", "approved"})
COMPLETED = frozenset({State.COMPLETED, State.CLOSED})

JOBS = (
    select(
        Booking.reference,
        Booking.request,
        Booking.live,
        Booking.starts,
        Booking.ends,
        Booking.provider.label("placed_with"),
        Booking.price,
        Request.state.label("request_state"),
        Assignment.state,
        Assignment.reason,
        Assignment.late,
        Assignment.outcomes,
        Assignment.started,
        Assignment.finished,
        Interpreter.kind,
        Interpreter.provider,
    )
    .join(Request, Request.reference == Booking.request)
    .outerjoin(Assignment, Assignment.booking == Booking.reference)
    .outerjoin(Interpreter, Interpreter.id == Assignment.interpreter)
    .where(or_(Booking.provider.is_not(None), Interpreter.kind == "provider"))
)
ENDED = select(RequestStep.request, RequestStep.event, RequestStep.reason).where(
    RequestStep.event.in_((Event.FINISH, Event.ABSENT, Event.RELEASE))
)


@dataclass(slots=True)
class Score:
    """One provider in one quarter of a year."""

    provider: str
    """Code of the provider."""
    quarter: str
    """Such as 2026 Q4, by the day on which the work was to begin."""
    placed: int = 0
    done: int = 0
    absent: int = 0
    """How often nobody came."""
    gave_back: int = 0
    late: int = 0
    """Minutes, over all."""
    seconds: int = 0
    """Worked in what was done and has a price."""
    pence: int = 0
    """For what was done."""
    jobs: set[str] = field(default_factory=set, repr=False)

    @property
    def an_hour(self) -> str:
        """Pounds for an hour that was done; empty while no price is known."""
        return f"{self.pence * 36 / self.seconds:.2f}" if self.seconds and self.pence else ""


def scores(connection: Connection) -> list[Score]:
    """Every provider in every quarter, the latest first."""
    steps: dict[str, set[tuple[str, str | None]]] = defaultdict(set)
    for step in connection.execute(ENDED):
        steps[step.request].add((step.event, step.reason))
    found: dict[tuple[str, str], Score] = {}
    for row in connection.execute(JOBS):
        provider = row.provider if row.kind == "provider" else row.placed_with
        if provider is None or (row.kind not in (None, "provider")):
            continue  # one of ours sits where a provider's interpreter had been
        day = clock.on_the_clock(row.starts)[0]
        quarter = f"{day.year} Q{(day.month + 2) // 3}"
        score = found.setdefault((provider, quarter), Score(provider, quarter))
        _count(score, row, steps[row.request])
    return sorted(found.values(), key=lambda one: (one.quarter, one.provider), reverse=True)


def _count(score: Score, row: Any, steps: set[tuple[str, str | None]]) -> None:
    """Count one seat, or one booking that was placed by hand and has none."""
    score.placed += 1
    score.late += row.late or 0
    if row.state is None:
        finished = any(event == Event.FINISH for event, _reason in steps)
        done = row.live and finished and row.request_state in COMPLETED
        absent = row.live and (Event.ABSENT, "interpreter") in steps
        gave_back = not row.live and any(
            event == Event.RELEASE and reason in GAVE_BACK for event, reason in steps
        )
    else:
        absent = ABSENT in row.outcomes or (
            row.state != "released" and (Event.ABSENT, "interpreter") in steps
        )
        done = row.state in DONE and not absent
        gave_back = row.state == "released" and row.reason in GAVE_BACK
    score.absent += absent
    score.gave_back += gave_back
    if done:
        score.done += 1
        if row.price is not None:
            worked = row.started is not None and row.finished is not None and row.finished > row.started
            score.seconds += row.finished - row.started if worked else row.ends - row.starts
            if row.reference not in score.jobs:  # two seats of a booking have one price
                score.pence += row.price
    score.jobs.add(row.reference)


@blueprint.get("/staff/interpreting/providers")
@open_to(*SEEN_BY)
def scorecard() -> Response:
    """A list for talking with providers: nothing in it is about a person who asked."""
    with state().database.read() as connection:
        found = scores(connection)
        names = {code: name for code, name, _active in registers.every(connection, PROVIDERS, ())}
    return render(
        "interpreting/providers.html",
        "staff/interpreting/providers",
        rows=[(names.get(one.provider, one.provider), one) for one in found],
    )
