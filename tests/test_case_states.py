"""No case is lost and no clock is cheated: the real steps, in any order, by everybody, at any hour."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from portal import clock
from portal.database import Database
from portal.incidents import merging, timing, wording
from portal.incidents.clocks import OF, Unit
from portal.incidents.deadlines import DeadlineBreach, DeadlineChange, DeadlinePause
from portal.incidents.facts import QUEUES
from portal.incidents.limits import Limit
from portal.incidents.models import CaseStep
from portal.incidents.moving import NotNow, may, move
from portal.incidents.states import FINISHED, INSTEAD, OPEN, STEPS, WAITING, Event, State, Who
from portal.sealing import KeyRing
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

    def ours(self, table: Any) -> list[Any]:
        """The rows about the limits of these cases: nobody can delete those of walks before."""
        limits = {row.reference for one in self.cases for row in self.desk.all_clocks(one)}
        return [row for row in self.desk.every(table) if row.deadline in limits]

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
    def no_open_case_is_without_a_time_limit_and_somebody_to_ask(self) -> None:
        for case in map(self.desk.case, self.cases):
            clocks = self.desk.clocks(case.reference)
            if State(case.state) in OPEN:
                assert case.officer or case.queue in QUEUES
                assert any(row.state == "open" for row in clocks.values()), f"{case.state}: nothing is due"
            elif State(case.state) in FINISHED:
                assert case.reason in wording.REASONS[Event.CLOSE] | wording.REASONS[Event.TRANSFER]
                assert case.reviewer and case.officer and case.reviewer != case.officer
                assert set(clocks) <= {"after_care"}
            else:
                assert not clocks and case.merged_into

    @invariant()
    def clocks_stand_still_only_while_somebody_waits(self) -> None:
        for case in map(self.desk.case, self.cases):
            for name, row in self.desk.clocks(case.reference).items():
                paused = row.state == "paused"
                assert not paused or State(case.state) in WAITING & OF[Limit(name)].pauses
        open_pauses = [row for row in self.ours(DeadlinePause) if row.until is None]
        paused = [row for one in self.cases for row in self._under_way(one) if row.state == "paused"]
        assert {row.deadline for row in open_pauses} == {row.reference for row in paused}

    @invariant()
    def a_pause_gives_back_as_much_time_as_it_took(self) -> None:
        pauses: dict[str, int] = {}
        for row in self.ours(DeadlinePause):
            if row.until is not None:
                pauses[row.deadline] = pauses.get(row.deadline, 0) + row.until - row.since
        for one in self.cases:
            for row in self.desk.all_clocks(one):
                if row.unit == Unit.HOURS.value:
                    assert row.due == row.started + row.length * 3600 + pauses.get(row.reference, 0)

    @invariant()
    def what_was_missed_stays_missed_and_hate_stays_hate(self) -> None:
        now = {row.deadline: (row.due, row.noted) for row in self.ours(DeadlineBreach)}
        assert self.breaches.items() <= now.items()
        self.breaches = now
        hate = {one for one in self.cases if self.desk.case(one).hate}
        assert self.hate <= hate
        self.hate = hate

    @invariant()
    def what_ended_late_is_noted_as_missed(self) -> None:
        noted = {row.deadline for row in self.ours(DeadlineBreach)}
        for one in self.cases:
            for row in self.desk.all_clocks(one):
                if row.ended is not None and row.ended > row.due:
                    assert row.reference in noted

    @invariant()
    def each_date_that_was_moved_leads_back_to_the_first(self) -> None:
        moves: dict[str, list[Any]] = {}
        for row in sorted(self.ours(DeadlineChange), key=lambda one: (one.deadline, one.number)):
            moves.setdefault(row.deadline, []).append(row)
        for one in self.cases:
            for row in self.desk.all_clocks(one):
                for change, following in zip(
                    moves.get(row.reference, []), moves.get(row.reference, [])[1:], strict=False
                ):
                    assert change.due == following.was
                if row.reference in moves:
                    assert moves[row.reference][-1].due == row.due

    @invariant()
    def every_step_is_written_down(self) -> None:
        steps = self.desk.every(CaseStep)  # also of walks before
        for case in map(self.desk.case, self.cases):
            mine = sorted((row.number, row.state) for row in steps if row.case == case.reference)
            assert [number for number, _state in mine] == [*range(1, case.version + 1)]
            assert mine[-1][1] == case.state


def test_no_case_is_lost_and_no_clock_is_cheated(sqlite: Database, ring: KeyRing) -> None:
    Cases.desk = Desk(sqlite, ring)
    run_state_machine_as_test(
        Cases,
        settings=settings(
            max_examples=15,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            database=None,
            phases=(Phase.generate,),  # a walk of thirty steps takes minutes to be made shorter
            suppress_health_check=list(HealthCheck),
        ),
    )
    reached = {row.state for row in Cases.desk.every(CaseStep)}
    far = {State.CLOSED, State.ARCHIVED, State.REOPENED, State.MERGED, State.AWAITING_REPORTER, State.ACTED}
    assert {state.value for state in far} <= reached, "the walks did not come far enough to prove anything"
