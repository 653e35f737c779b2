"""Every state of a case and every step of the table, through its page: what is let, what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import insert, update

from portal import audit, clock
from portal.accounts import people
from portal.accounts.roles import Role
from portal.database import Database
from portal.incidents import access, acting, timing
from portal.incidents.access import Facet
from portal.incidents.acting import ONLY_IF_DUE, ONLY_ONCE, QUIET, As
from portal.incidents.models import CaseStep, IncidentCase
from portal.incidents.moving import NotNow, may
from portal.incidents.states import FINISHED, STEPS, WAITING, Event, Stage, State, Who
from portal.incidents.teams import CaseConflict, CaseMember
from portal.incidents.wording import REASONS
from tests.cases import NOW, OTHER, Desk
from tests.conftest import MakePortal
from tests.staff import Colleague

CASES = "/staff/cases"
CANNOT = "This cannot be done as the case is now, or not by you"


class Walk:
    """Somebody who is officer and manager, another officer, and one case that is put into any state."""

    def __init__(self, portal: Flask) -> None:
        found = portal.extensions["portal"]
        self.desk = Desk(found.database, found.ring)
        self.both = Colleague(portal, Role.CASE_OFFICER, Role.CASE_MANAGER, name="Bo Example")
        self.other = Colleague(portal, Role.CASE_OFFICER, name="Otto Example")
        self.target = self.desk.tells()

    def at(self, state: State, **columns: Any) -> str:
        """A case in that state."""
        reference = self.desk.tells(
            repairs_urgent=("door_lock", "graffiti_offensive"), witnesses=("yes_give",), perp_known=("named",)
        )
        self.put(reference, state, **columns)
        return reference

    def put(self, reference: str, state: State, **columns: Any) -> None:
        values: dict[str, Any] = {"state": state.value, "officer": self.other.reference}
        if state in FINISHED:
            values |= {"reviewer": OTHER, "reason": "resolved", "closed": clock.seconds()}
        if state is State.MERGED:
            values["merged_into"] = self.target
        if state in WAITING:
            values["back_to"] = State.INVESTIGATING.value
        change = update(IncidentCase).where(IncidentCase.reference == reference)
        with self.desk.database.write() as connection:
            connection.execute(change.values(**{**values, **columns}))

    def fields(self, reference: str, event: Event) -> list[tuple[str, str]]:
        """What somebody would type who may take this step."""
        today = clock.today()
        day = {"day": today.day, "month": today.month, "year": today.year}
        typed = {
            **{"triage_officer": self.other.reference, "assign_officer": self.other.reference},
            **{"category": "B", "interpreter": "declined", "spoken": "yes", "outcome_told": "letter"},
            **{"strands": "age", "into": self.target, "disclosed_at": "00:01", "disclosed_channel": "phone"},
            **{f"disclosed_on-{part}": str(number) for part, number in day.items()},
            **{"stage_one": self.other.reference, "stage_two": self.both.reference},
            f"{event.value}_why": next(iter(REASONS.get(event, {"": ""}))),
        }
        version = self.desk.case(reference).version
        head = [("csrf_token", self.token()), ("seen", str(version)), ("go", event.value)]
        return [*head, *typed.items()]

    def token(self) -> str:
        if not hasattr(self.both, "soup"):
            self.both.open("/staff/me")
        return str(self.both.soup.select("input[name=csrf_token]")[0]["value"])

    def tries(self, reference: str, event: Event) -> int:
        """Press it, whether or not the page offers it; gives the status of what came."""
        fields = self.fields(reference, event)
        data: dict[str, list[str]] = {}
        for name, value in fields:
            data.setdefault(name, []).append(value)
        response = self.both.client.post(f"{CASES}/{reference}/step", data=data)
        self.said = response.text
        return response.status_code

    def offered(self, reference: str) -> set[str]:
        """What the page of a case offers."""
        buttons = self.both.open(f"{CASES}/{reference}").soup.select("button[name=go]")
        return {str(one["value"]) for one in buttons}

    def table_lets(self, reference: str, event: Event) -> bool:
        case = self.desk.case(reference)
        return any(may(case, event, who) for who in (Who.OFFICER, Who.MANAGER))

    def makes_sense(self, reference: str, event: Event) -> bool:
        """Whether the page offers what the table lets: nothing is noted that says nothing."""
        with self.desk.database.read() as connection:
            going = {row.clock for row in timing.under_way(connection, reference)}
        step, hate = STEPS[event], self.desk.case(reference).hate
        if event in QUIET or (event is Event.FLAG_HATE and hate) or going & set(step.after):
            return False
        if event in ONLY_IF_DUE:
            return bool(going & set(step.meets))
        return event not in ONLY_ONCE or not going & set(step.starts)


@pytest.fixture
def walk(portal: Flask) -> Iterator[Walk]:
    with time_machine.travel(NOW, tick=False):
        yield Walk(portal)


@pytest.fixture
def here(make_portal: MakePortal, sqlite: Database) -> Iterator[Walk]:
    with time_machine.travel(NOW, tick=False):
        yield Walk(make_portal(sqlite))


STAGED = {
    Event.ACCEPT_ONE: Stage.ASKED,
    Event.ANSWER_ONE: Stage.ONE,
    Event.ESCALATE: Stage.ONE_ANSWERED,
    Event.ACCEPT_TWO: Stage.TWO_ASKED,
    Event.ANSWER_TWO: Stage.TWO,
}


def stage_of(walk: Walk, event: Event) -> dict[str, Any]:
    """The columns of a complaint that is as far as this event needs."""
    if event not in STAGED:
        return {}
    handlers = {"stage_one": walk.other.reference if event is not Event.ACCEPT_ONE else None}
    handlers["stage_two"] = walk.both.reference if event is Event.ANSWER_TWO else None
    return {"stage": STAGED[event].value, **handlers}


def test_what_the_table_lets_can_be_pressed_on_the_page_and_is_written_down(walk: Walk) -> None:
    tried: set[Event] = set()
    for state in State:
        pairs = [event for event in Event if state in STEPS[event].since]
        offered = walk.offered(walk.at(state))
        for event in pairs:
            staged = stage_of(walk, event)
            reference = walk.at(state, **staged)
            if not walk.table_lets(reference, event) or not walk.makes_sense(reference, event):
                continue
            tried.add(event)
            assert event.value in offered or staged, f"{event} in {state}"
            before = walk.desk.case(reference).version
            assert walk.tries(reference, event) == 303, f"{event} in {state}"
            steps = [one for one in walk.desk.every(CaseStep) if one.case == reference]
            new = [(one.event, one.by) for one in steps if one.number > before]
            assert new == [(event.value, walk.both.reference)]
            to = STEPS[event].to or (State.INVESTIGATING if STEPS[event].back else state)
            assert walk.desk.case(reference).state == to.value
    assert set(Event) - tried == QUIET | WALKED_BELOW


WALKED_BELOW = frozenset(
    {Event.HAZARD_EMERGENCY, Event.HAZARD_SEEN, Event.HAZARD_TOLD, Event.HAZARD_SAFE, Event.CLOSE}
)
"""What cannot happen with the time limits that such a report starts."""


def test_what_the_table_does_not_let_is_refused_in_plain_words_and_changes_nothing(here: Walk) -> None:
    """No page offers it; a quarter of the pairs are sent all the same, each event from several states."""
    pressed: set[Event] = set()
    for turn, state in enumerate(State):
        reference = here.at(state)
        before, clocks = here.desk.case(reference), here.desk.all_clocks(reference)
        offered = here.offered(reference)
        for place, event in enumerate(Event):
            if here.table_lets(reference, event) and here.makes_sense(reference, event):
                continue
            assert event.value not in offered, f"{event} in {state}"
            if (turn + place) % 4 == 0:
                pressed.add(event)
                assert here.tries(reference, event) == 409 and CANNOT in here.said, f"{event} in {state}"
        assert here.desk.case(reference) == before and here.desk.all_clocks(reference) == clocks, state
    assert pressed == set(Event)


def test_a_hazard_walks_through_the_page_from_found_to_safe(here: Walk) -> None:
    reference = here.desk.tells()
    press = here.both.open(f"{CASES}/{reference}").press
    press("There is an emergency hazard in the home").press("The emergency hazard is dealt with")
    press("There may be a significant hazard in the home").press("The hazard was investigated")
    press("The summary of what was found was sent").press("The home is safe")
    states = {row.clock: row.state for row in here.desk.all_clocks(reference)}
    names = ("hazard_now", "hazard_seen", "hazard_told", "hazard_safe")
    assert [states[name] for name in names] == ["met"] * 4
    assert "The home is safe" not in here.both.buttons()


def test_a_case_is_not_closed_by_its_officer_by_who_asked_or_before_the_home_is_secure(here: Walk) -> None:
    reference = here.at(State.REVIEW)
    page = here.both.open(f"{CASES}/{reference}")
    assert "Close it" not in page.buttons()
    assert "It cannot be closed before this is done:" in page.text and "Make the home secure" in page.text
    here.put(reference, State.REVIEW, officer=here.both.reference)
    assert "takes a second person" in page.open(f"{CASES}/{reference}").text
    assert here.tries(reference, Event.CLOSE) == 409


def test_silence_does_not_close_a_case_of_danger(here: Walk) -> None:
    calm = here.desk.to_review(here.desk.tells())
    here.put(calm, State.REVIEW)
    here.both.open(f"{CASES}/{calm}")
    silence = "The person did not answer two tries and a notice"
    assert silence in {option.text for option in here.both.soup.select("select[name=close_why] option")}
    danger = here.desk.to_review(here.desk.tells(danger_now=("yes",)))
    here.put(danger, State.REVIEW)
    here.both.open(f"{CASES}/{danger}")
    assert here.both.soup.select("select[name=close_why], input[name=close_why]")
    assert silence not in here.both.text


@pytest.mark.parametrize(
    ("go", "seen", "status"), [("nothing", "1", 404), ("triage", "x", 404), ("triage", "9" * 9, 404)]
)
def test_what_no_page_of_ours_sends_is_no_page(here: Walk, go: str, seen: str, status: int) -> None:
    reference = here.desk.tells()
    fields = {"csrf_token": here.token(), "go": go, "seen": seen}
    assert here.both.client.post(f"{CASES}/{reference}/step", data=fields).status_code == status


def test_the_events_that_the_page_leaves_out_are_those_that_come_by_themselves() -> None:
    of_themselves = {Event.SUBMIT, Event.ADD_REPORT, Event.OFFER_SAFETY, Event.ERASE, Event.ERASE_REPORT}
    assert of_themselves == acting.QUIET
    assert not (ONLY_IF_DUE | ONLY_ONCE) & QUIET


# Who answers a complaint


def facets(walk: Walk, colleague: Colleague, reference: str) -> frozenset[Facet]:
    """What somebody may see of a case."""
    with walk.desk.database.read() as connection:
        person = people.find(connection, colleague.reference)
        assert person is not None
        return access.seen(connection, person, walk.desk.case(reference))


def complaint(walk: Walk) -> str:
    """A case with a complaint that nobody has accepted, which the one dealing with it alone can see."""
    reference = walk.desk.tells(kind=("complaint_about_handling",))
    mine = walk.both.reference
    walk.put(reference, State.ACKNOWLEDGED, officer=mine, manager=mine)
    return reference


def accept(walk: Walk, reference: str, event: Event, **handler: str) -> None:
    """Somebody who is officer and manager accepts a stage of a complaint."""
    seen, who = walk.desk.case(reference).version, As(walk.both.reference, frozenset({Who.MANAGER}))
    acting.step(walk.desk.database, walk.desk.ring, reference, seen, event, who, **handler)


def test_who_answers_a_stage_of_a_complaint_is_let_see_the_case(walk: Walk, portal: Flask) -> None:
    third, fourth = (Colleague(portal, Role.CASE_OFFICER, name=name) for name in ("Third", "Fourth"))
    reference, kept = complaint(walk), complaint(walk)
    page = f"{CASES}/{reference}"
    assert walk.other.open(page).status == third.open(page).status == 404
    assert walk.tries(reference, Event.ACCEPT_ONE) == 303
    assert walk.other.open(page).status == 200 and facets(walk, walk.other, reference) == access.ALL
    assert facets(walk, third, reference) == facets(walk, walk.other, kept) == frozenset()
    with walk.desk.database.read() as connection:
        [step, added] = audit.page(connection, by=walk.both.reference, what=f"case {reference}", limit=2)
    assert (step.detail["event"], added.detail["added"]) == ("accept_one", walk.other.reference)
    assert [walk.tries(reference, event) for event in (Event.ANSWER_ONE, Event.ESCALATE)] == [303, 303]
    with pytest.raises(NotNow):
        accept(walk, reference, Event.ACCEPT_TWO, stage_two=walk.other.reference)
    accept(walk, reference, Event.ACCEPT_TWO, stage_two=third.reference)
    assert facets(walk, third, reference) == access.ALL and facets(walk, fourth, reference) == frozenset()
    assert {row.account for row in walk.desk.every(CaseMember)} == {walk.other.reference, third.reference}


def test_who_names_themselves_is_not_added_to_what_they_see_already(here: Walk) -> None:
    reference = complaint(here)
    accept(here, reference, Event.ACCEPT_ONE, stage_one=here.both.reference)
    assert here.desk.case(reference).stage_one == here.both.reference and here.desk.every(CaseMember) == []


def test_who_must_not_know_of_the_case_answers_no_complaint_in_it(here: Walk) -> None:
    reference = complaint(here)
    row = {"case": reference, "account": here.other.reference, "why": "named", "by": OTHER}
    with here.desk.database.write() as connection:
        connection.execute(insert(CaseConflict), {**row, "at": clock.seconds()})
    before = here.desk.case(reference)
    with pytest.raises(NotNow):
        accept(here, reference, Event.ACCEPT_ONE, stage_one=here.other.reference)
    assert here.desk.case(reference) == before and here.desk.every(CaseMember) == []


def test_who_is_let_into_no_sealed_cases_answers_no_complaint_in_one(here: Walk) -> None:
    reference = complaint(here)
    here.put(reference, State.ACKNOWLEDGED, compartment="domestic_abuse")
    with pytest.raises(NotNow):
        accept(here, reference, Event.ACCEPT_ONE, stage_one=here.other.reference)
    assert here.desk.every(CaseMember) == []
