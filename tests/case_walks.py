"""Walks of cases: the real steps, in any order, by everybody, at any hour, and what must hold after each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Row, select

from portal import clock
from portal.incidents import merging, moving, timing, wording
from portal.incidents.clocks import OF, Unit
from portal.incidents.deadlines import DeadlineBreach, DeadlineChange, DeadlinePause
from portal.incidents.facts import QUEUES
from portal.incidents.limits import Limit
from portal.incidents.models import CaseStep
from portal.incidents.moving import NotNow, may, move
from portal.incidents.states import FINISHED, INSTEAD, OPEN, STEPS, WAITING, Event, State, Who
from tests.cases import MANAGER, OFFICER, OTHER, Desk

PEOPLE = {
    Who.REPORTER: ("reporter",),
    Who.OFFICER: (OFFICER, OTHER),
    Who.MANAGER: (MANAGER, OFFICER),
    Who.PORTAL: ("portal",),
}
FILLED = {"officer": OFFICER, "interpreter": "not_needed", "spoken": "yes", "outcome_told": "letter"}
HANDLERS = {"stage_one": OFFICER, "stage_two": OTHER}
ONWARDS = (
    Event.TRIAGE,
    Event.ACKNOWLEDGE,
    Event.ARRANGE,
    Event.INTERVIEWED,
    Event.PLAN,
    Event.ACT,
    Event.REVIEW,
    Event.CLOSE,
    Event.ARCHIVE,
    Event.REOPEN,
    Event.AWAIT_REPORTER,
    Event.RESUME,
)
STRAIGHT = (
    *(Event.RESUME, Event.TRIAGE, Event.ACKNOWLEDGE, Event.ARRANGE, Event.INTERVIEWED),
    *(Event.PLAN, Event.ACT, Event.REVIEW, Event.CLOSE),
)
FAR = frozenset(
    {State.CLOSED, State.ARCHIVED, State.REOPENED, State.MERGED, State.AWAITING_REPORTER, State.ACTED}
)
"""States that walks must have come to, else they prove nothing."""
STEPS_OF_A_WALK = 30


@dataclass(frozen=True, slots=True)
class Seen:
    """The two cases at one moment, with all that is kept of them."""

    cases: list[Row[Any]]
    clocks: dict[str, list[Row[Any]]]
    """All limits of each case, also those that ended."""
    pauses: list[Row[Any]]
    breaches: list[Row[Any]]
    changes: list[Row[Any]]
    steps: list[Row[Any]]

    def under_way(self, case: str) -> list[Row[Any]]:
        return [row for row in self.clocks[case] if row.state in timing.GOING]

    @property
    def every_clock(self) -> list[Row[Any]]:
        return [row for rows in self.clocks.values() for row in rows]


class Cases(RuleBasedStateMachine):
    """Two cases, an officer and another, a manager, the person who told us, a worker, and time."""

    desk: Desk

    def __init__(self) -> None:
        super().__init__()
        self.time = time_machine.travel("2026-12-18T10:00:00Z", tick=False)
        self.now = self.time.start()
        self.breaches: dict[str, tuple[int, int]] = {}
        self.hate: set[str] = set()

    def teardown(self) -> None:
        self.time.stop()

    @initialize(
        acts=st.sampled_from(("threats", "noise")),
        safe=st.sampled_from(("yes", "no")),
        kind=st.sampled_from(("asb", "complaint_about_handling")),
        motive=st.sampled_from(("disability_health_hiv", "not_because_of_this")),
    )
    def told(self, acts: str, safe: str, kind: str, motive: str) -> None:
        self.cases = [
            self.desk.tells(acts=(acts,), safe_tonight=(safe,), kind=(kind,), motive=(motive,)),
            self.desk.tells(witnesses=("yes_give",), perp_known=("named",)),
        ]

    @rule(
        which=st.integers(0, 1),
        event=st.sampled_from(sorted(Event)),
        who=st.sampled_from(sorted(Who)),
        person=st.integers(0, 1),
        reason=st.integers(0, 8),
        filled=st.booleans(),
    )
    def somebody_steps(
        self, which: int, event: Event, who: Who, person: int, reason: int, filled: bool
    ) -> None:
        """Anybody tries anything. What the table does not allow is refused, and changes nothing."""
        if event in (Event.SUBMIT, Event.MERGE):
            return
        reference = self.cases[which]
        before, clocks = self.desk.case(reference), self.desk.all_clocks(reference)
        reasons = sorted(wording.REASONS.get(event, {}))
        by = PEOPLE[who][person % len(PEOPLE[who])]
        columns: dict[str, Any] = {
            name: FILLED[name] for name in STEPS[event].needs if name in FILLED and filled
        }
        columns |= {name: HANDLERS[name] for name in STEPS[event].needs if name in HANDLERS}
        if event is Event.FLAG_HATE:
            columns["hate"] = True
        try:
            after = self.desk.step(
                reference,
                event,
                by,
                who,
                reason=reasons[reason % len(reasons)] if reasons else None,
                **columns,
            )
        except NotNow:
            assert self.desk.case(reference) == before and self.desk.all_clocks(reference) == clocks
        else:
            assert may(before, event, who) and after.version == before.version + 1
            assert STEPS[event].back or after.state == (STEPS[event].to or before.state)

    @rule(which=st.integers(0, 1), steps=st.lists(st.integers(0, 10), min_size=2, max_size=8))
    def an_officer_goes_on(self, which: int, steps: list[int]) -> None:
        """Steps that lead on, so that walks come far."""
        for step in steps:
            case = self.desk.case(self.cases[which])
            ahead = [event for event in ONWARDS if may(case, event, Who.OFFICER)]
            if ahead:
                event = ahead[step % len(ahead)]
                who = Who.MANAGER if event is Event.CLOSE else Who.OFFICER
                self.somebody_steps(which, event, who, 0, 1, True)

    @rule(which=st.integers(0, 1), then=st.sampled_from((Event.ARCHIVE, Event.REOPEN, Event.MONITOR)))
    def an_officer_brings_it_to_its_end(self, which: int, then: Event) -> None:
        """As far as its time limits let it be closed, and on from there."""
        for event in (*STRAIGHT, then):
            who = Who.MANAGER if event is Event.CLOSE else Who.OFFICER
            if may(self.desk.case(self.cases[which]), event, who):
                self.somebody_steps(which, event, who, 0, 1, True)

    @rule(which=st.integers(0, 1), version=st.integers(1, 3))
    def somebody_was_faster(self, which: int, version: int) -> None:
        case = self.desk.case(self.cases[which])
        possible = [event for event in Event if event is not Event.MERGE and may(case, event, Who.MANAGER)]
        if not possible:
            return
        event = possible[0]
        old = type("Old", (), {**case._mapping, "_mapping": case._mapping, "version": case.version - version})
        with pytest.raises(NotNow), self.desk.database.write() as connection:
            columns = {name: FILLED[name] for name in STEPS[event].needs if name in FILLED}
            reason = next(iter(wording.REASONS.get(event, {})), None)
            move(connection, old, event, by=OTHER, who=Who.MANAGER, reason=reason, **columns)

    @rule()
    def one_becomes_part_of_the_other(self) -> None:
        first, second = self.cases
        before = [self.desk.case(one) for one in self.cases]
        going = {row.clock: row.due for one in self.cases for row in self._under_way(one)}
        try:
            with self.desk.database.write() as connection:
                merging.merge(connection, second, first, by=OFFICER, who=Who.OFFICER)
        except NotNow:
            assert [self.desk.case(one) for one in self.cases] == before
        else:
            left = self.desk.clocks(first)
            swapped = {one.value for group in INSTEAD for one in group} | {"triage", "triage_now"}
            assert going.keys() - swapped <= left.keys(), "a time limit was lost"

    def _under_way(self, reference: str) -> list[Any]:
        with self.desk.database.read() as connection:
            return timing.under_way(connection, reference)

    def look(self) -> Seen:
        """All that is kept of these cases, read at one moment: nobody can delete those of walks before."""
        with self.desk.database.read() as connection:

            def every(table: Any, column: Any, of: list[str]) -> list[Row[Any]]:
                return list(connection.execute(select(*table.__table__.columns).where(column.in_(of))))

            found = [moving.find(connection, one) for one in self.cases]
            clocks = {one: timing.of_case(connection, one) for one in self.cases}
            limits = [row.reference for rows in clocks.values() for row in rows]
            return Seen(
                cases=[case for case in found if case is not None],
                clocks=clocks,
                pauses=every(DeadlinePause, DeadlinePause.deadline, limits),
                breaches=every(DeadlineBreach, DeadlineBreach.deadline, limits),
                changes=every(DeadlineChange, DeadlineChange.deadline, limits),
                steps=every(CaseStep, CaseStep.case, self.cases),
            )

    @rule(seconds=st.one_of(st.integers(1, 3600), st.integers(3600, 6 * 86400)))
    def time_passes(self, seconds: int) -> None:
        self.now.shift(timedelta(seconds=seconds))

    @rule()
    def the_worker_looks(self) -> None:
        self.desk.watch()
        now = clock.seconds()
        for reference in self.cases:
            late = {row.clock for row in self._under_way(reference) if row.state == "open" and row.due < now}
            assert late <= self.desk.missed(reference), "nobody noticed"

    @invariant()
    def all_is_as_it_must_be(self) -> None:
        seen = self.look()
        assert len(seen.cases) == len(self.cases)
        self.no_open_case_is_without_a_time_limit_and_somebody_to_ask(seen)
        self.clocks_stand_still_only_while_somebody_waits(seen)
        self.a_pause_gives_back_as_much_time_as_it_took(seen)
        self.what_was_missed_stays_missed_and_hate_stays_hate(seen)
        self.what_ended_late_is_noted_as_missed(seen)
        self.each_date_that_was_moved_leads_back_to_the_first(seen)
        self.every_step_is_written_down(seen)

    def no_open_case_is_without_a_time_limit_and_somebody_to_ask(self, seen: Seen) -> None:
        for case in seen.cases:
            clocks = {row.clock: row for row in seen.under_way(case.reference)}
            if State(case.state) in OPEN:
                assert case.officer or case.queue in QUEUES
                assert any(row.state == "open" for row in clocks.values()), f"{case.state}: nothing is due"
            elif State(case.state) in FINISHED:
                assert case.reason in wording.REASONS[Event.CLOSE] | wording.REASONS[Event.TRANSFER]
                assert case.reviewer and case.officer and case.reviewer != case.officer
                assert set(clocks) <= {"after_care"}
            else:
                assert not clocks and case.merged_into

    def clocks_stand_still_only_while_somebody_waits(self, seen: Seen) -> None:
        for case in seen.cases:
            for row in seen.under_way(case.reference):
                paused = row.state == "paused"
                assert not paused or State(case.state) in WAITING & OF[Limit(row.clock)].pauses
        open_pauses = [row for row in seen.pauses if row.until is None]
        paused = [row for row in seen.every_clock if row.state == "paused"]
        assert {row.deadline for row in open_pauses} == {row.reference for row in paused}

    def a_pause_gives_back_as_much_time_as_it_took(self, seen: Seen) -> None:
        pauses: dict[str, int] = {}
        for row in seen.pauses:
            if row.until is not None:
                pauses[row.deadline] = pauses.get(row.deadline, 0) + row.until - row.since
        for row in seen.every_clock:
            if row.unit == Unit.HOURS.value:
                assert row.due == row.started + row.length * 3600 + pauses.get(row.reference, 0)

    def what_was_missed_stays_missed_and_hate_stays_hate(self, seen: Seen) -> None:
        now = {row.deadline: (row.due, row.noted) for row in seen.breaches}
        assert self.breaches.items() <= now.items()
        self.breaches = now
        hate = {case.reference for case in seen.cases if case.hate}
        assert self.hate <= hate
        self.hate = hate

    def what_ended_late_is_noted_as_missed(self, seen: Seen) -> None:
        noted = {row.deadline for row in seen.breaches}
        for row in seen.every_clock:
            if row.ended is not None and row.ended > row.due:
                assert row.reference in noted

    def each_date_that_was_moved_leads_back_to_the_first(self, seen: Seen) -> None:
        moves: dict[str, list[Any]] = {}
        for row in sorted(seen.changes, key=lambda one: (one.deadline, one.number)):
            moves.setdefault(row.deadline, []).append(row)
        for row in seen.every_clock:
            moved = moves.get(row.reference, [])
            for change, following in pairwise(moved):
                assert change.due == following.was
            assert not moved or moved[-1].due == row.due

    def every_step_is_written_down(self, seen: Seen) -> None:
        for case in seen.cases:
            mine = sorted((row.number, row.state) for row in seen.steps if row.case == case.reference)
            assert [number for number, _state in mine] == [*range(1, case.version + 1)]
            assert mine[-1][1] == case.state


def walk(desk: Desk, walks: int, number: int | None = None) -> frozenset[str]:
    """So many walks at a desk: the same ones each time, or others for each seed. The states they came to."""
    machine = type("Walk", (Cases,), {"desk": desk})
    run_state_machine_as_test(
        machine if number is None else seed(number)(machine),
        settings=settings(
            max_examples=walks,
            stateful_step_count=STEPS_OF_A_WALK,
            deadline=None,
            derandomize=number is None,
            database=None,
            phases=(Phase.generate,),  # a walk of thirty steps takes minutes to be made shorter
            suppress_health_check=list(HealthCheck),
        ),
    )
    return frozenset(row.state for row in desk.every(CaseStep))
