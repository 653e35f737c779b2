"""One step in the life of a case: the table is asked, the row moved, the step kept, its time limits with it.

Whoever changes anything of a case locks its row first, whatever else after it, and the audit log last.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from portal import audit, clock
from portal.audit import Did
from portal.incidents import conflicts, timing
from portal.incidents.clocks import OF
from portal.incidents.facts import facts_of
from portal.incidents.limits import Limit
from portal.incidents.models import CaseStep, IncidentCase
from portal.incidents.states import (
    BY_FACTS,
    ENDS,
    INSTEAD,
    OPEN,
    STEPS,
    WAITING,
    Event,
    Stage,
    State,
    Step,
    Who,
)
from portal.incidents.wording import NEVER_CLOSED_FOR, REASONS
from portal.sealing import KeyRing

CASE = IncidentCase
COLUMNS = CASE.__table__.columns
FIND = select(*COLUMNS).where(CASE.reference == bindparam("of"))
LOCK = FIND.with_for_update(key_share=True)
"""It leaves others free to point at the row."""
ADD_STEP = insert(CaseStep)
STEPS_OF = select(*CaseStep.__table__.columns).where(CaseStep.case == bindparam("of"))
PEOPLE = ("officer", "manager", "reviewer", "stage_one", "stage_two")
"""Columns that say who deals with a case."""
ASKED_BY = STEPS_OF.where(CaseStep.event == Event.REVIEW.value).order_by(CaseStep.number.desc()).limit(1)


class NotNow(RuntimeError):
    """This cannot happen to the case as it is now: somebody may have been faster."""


class Lacking(NotNow):
    """Something must be known first; `names` are the columns."""

    def __init__(self, *names: str) -> None:
        super().__init__(f"not known: {', '.join(names)}")
        self.names = names


class NotYet(NotNow):
    """A time limit is under way that must be met first; `limits` says which."""

    def __init__(self, *limits: str) -> None:
        super().__init__(f"under way: {', '.join(limits)}")
        self.limits = limits


class SamePerson(NotNow):
    """It takes a second person."""


class InConflict(NotNow):
    """Somebody would act, or be given the case, who must not know of it."""


class NotForThis(NotNow):
    """A case like this is not closed for such a reason."""


def find(connection: Connection, reference: str) -> Row[Any] | None:
    """A case by its reference."""
    return connection.execute(FIND, {"of": reference}).first()


def locked(connection: Connection, reference: str) -> Row[Any]:
    """The case, held until the transaction ends. Raises NotNow when there is none."""
    found = connection.execute(LOCK, {"of": reference}).first()
    if found is None:
        raise NotNow(reference)
    return found


def may(case: Row[Any], event: Event, who: Who) -> bool:
    """Whether the table lets this happen now."""
    step = STEPS[event]
    in_stage = step.stage is None or Stage(case.stage) in step.stage
    return who in step.who and State(case.state) in step.since and in_stage


def move(
    connection: Connection,
    case: Row[Any],
    event: Event,
    *,
    by: str,
    who: Who,
    reason: str | None = None,
    started: int | None = None,
    **columns: Any,
) -> Row[Any]:
    """Let an event happen to a case as it was read and locked; gives it as it is now.

    Time limits that it starts begin at the second `started`, now if it is not said. Raises NotNow, also as
    Lacking, NotYet, SamePerson, InConflict and NotForThis.
    """
    step, now = STEPS[event], clock.seconds()
    _refuse(connection, case, step, by=by, who=who, reason=reason, columns=columns)
    changes = _changes(case, step, by, reason, now, columns)
    moved = connection.execute(
        update(CASE).where(CASE.reference == case.reference, CASE.version == case.version).values(changes)
    )
    if moved.rowcount != 1:
        raise NotNow(f"{event}: somebody was faster")
    keep_step(connection, case.reference, changes["version"], event, changes["state"], reason, by, who, now)
    after = locked(connection, case.reference)
    _keep_time(connection, case, after, step, by=by, reason=reason, started=started, now=now)
    return after


def _refuse(
    connection: Connection,
    case: Row[Any],
    step: Step,
    *,
    by: str,
    who: Who,
    reason: str | None,
    columns: dict[str, Any],
) -> None:
    if not may(case, step.event, who) or (reason not in REASONS[step.event] if step.reasoned else reason):
        raise NotNow(f"{step.event} in {case.state}")
    if step.event is Event.REOPEN and case.data_key is None:
        raise NotNow("its words are erased")
    concerned = {by, *(columns.get(name) for name in PEOPLE)}
    if concerned & conflicts.who(connection, case.reference):
        raise InConflict(case.reference)
    if columns.get("hate") is False and case.hate:
        raise NotNow("what somebody felt as hate stays hate")
    ours = {"reviewer": by} if "reviewer" in step.needs else {}
    known = {**case._mapping, **columns, **ours}
    lacking = [name for name in step.needs if known[name] is None]
    if lacking:
        raise Lacking(*lacking)
    waiting = [row.clock for row in timing.under_way(connection, case.reference) if row.clock in step.after]
    if waiting:
        raise NotYet(*waiting)
    if "reviewer" in step.needs:
        asked = connection.execute(ASKED_BY, {"of": case.reference}).first()
        if by == known["officer"] or (asked is not None and by == asked.by):
            raise SamePerson(by)
    if known["stage_two"] is not None and known["stage_two"] == known["stage_one"]:
        raise SamePerson(known["stage_two"])
    if reason in NEVER_CLOSED_FOR and NEVER_CLOSED_FOR[reason] & facts_of(case):
        raise NotForThis(reason)


def _changes(
    case: Row[Any], step: Step, by: str, reason: str | None, now: int, columns: dict[str, Any]
) -> dict[str, Any]:
    state = State(case.back_to) if step.back else step.to or State(case.state)
    changes = {**columns, "state": state.value, "version": case.version + 1, "changed": now}
    if step.to in WAITING:
        changes["back_to"] = case.state
    elif state not in WAITING:
        changes["back_to"] = None
    if step.to_stage is not None:
        changes["stage"] = step.to_stage.value
    if step.flag is not None:
        changes["flags"] = sorted({*columns.get("flags", case.flags), step.flag})
    if "reviewer" in step.needs:
        changes |= {"reviewer": by, "reason": reason, "closed": now}
    if step.event is Event.REOPEN:
        changes |= dict.fromkeys(("reviewer", "reason", "closed", "spoken", "outcome_told"))
    return changes


def _keep_time(
    connection: Connection,
    before: Row[Any],
    case: Row[Any],
    step: Step,
    *,
    by: str,
    reason: str | None,
    started: int | None,
    now: int,
) -> None:
    reference, facts = case.reference, facts_of(case)
    if State(before.state) in WAITING and case.state != before.state:
        timing.resume(connection, reference, by, now)
    timing.end(connection, reference, {one.value for one in step.meets}, "met", now, by)
    timing.end(connection, reference, {one.value for one in step.stops}, "stopped", now, by)
    if State(case.state) in ENDS and State(before.state) not in ENDS:
        timing.end(connection, reference, None, "stopped", now, by)
    for limit in step.starts:
        if OF[limit].fits(facts):
            timing.start(connection, reference, limit, step.event.value, now if started is None else started)
    if State(case.state) in OPEN:
        _fit(connection, reference, step.event, facts_of(before), facts, by, now)
    if State(case.state) in WAITING:
        timing.pause(connection, reference, State(case.state), reason or step.event.value, by, now)


def _fit(
    connection: Connection,
    reference: str,
    event: Event,
    before: frozenset[str],
    facts: frozenset[str],
    by: str,
    now: int,
) -> None:
    """What is under way for another sort of case goes on as that for this one; new facts start theirs."""
    if before == facts:
        return
    for row in timing.under_way(connection, reference):
        limit = Limit(row.clock)
        others = next((group - {limit} for group in INSTEAD if limit in group), frozenset())
        if others and not OF[limit].fits(facts):
            timing.end(connection, reference, {limit.value}, "stopped", now, by)
            for other in others:
                if OF[other].fits(facts):
                    timing.start(connection, reference, other, row.event, row.started)
    alternatives = frozenset().union(*INSTEAD)
    for limit in BY_FACTS:
        if limit not in alternatives and OF[limit].of & (facts - before):
            timing.start(connection, reference, limit, event.value, now)


def keep_step(
    connection: Connection,
    case: str,
    number: int,
    event: Event,
    state: str,
    reason: str | None,
    by: str,
    who: Who,
    at: int,
) -> None:
    """Write down a step, for ever."""
    row = {"case": case, "number": number, "event": event.value, "state": state, "reason": reason}
    connection.execute(ADD_STEP, {**row, "by": by, "who": who.value, "at": at})


def steps_of(connection: Connection, reference: str) -> list[Row[Any]]:
    """What happened to a case so far, the first step first."""
    return list(connection.execute(STEPS_OF.order_by(CaseStep.number), {"of": reference}))


def noted(connection: Connection, ring: KeyRing, case: Row[Any], event: Event, by: str) -> None:
    """The audit log's entry for a step: the last thing in its transaction."""
    audit.note(
        connection,
        ring,
        by=by,
        did=Did.CHANGED,
        what=f"case {case.reference}",
        detail={"event": event.value, "state": case.state},
    )
