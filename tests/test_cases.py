"""Cases: what arrives becomes one, the table is walked, and it takes two people to close."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from portal import clock
from portal.accounts import people
from portal.accounts.people import Person
from portal.accounts.roles import Role
from portal.audit import OPERATOR, Audit
from portal.database import Database
from portal.incidents import actions, merging, queue, reports, safety, wording
from portal.incidents.clocks import CLOCKS, OF
from portal.incidents.facts import FLAGS, QUEUES, found_in
from portal.incidents.limits import Limit
from portal.incidents.models import CaseStep, IncidentReport, PlaceOfSafety
from portal.incidents.moving import Lacking, NotForThis, NotNow, NotYet, SamePerson, move
from portal.incidents.states import (
    BY_FACTS,
    ENDS,
    INSTEAD,
    OPEN,
    STEPS,
    TABLE,
    WAITING,
    Event,
    Stage,
    State,
    Who,
)
from portal.intake.models import Submission
from portal.intake.receipts import code_for, digest_of
from portal.sealing import KeyRing
from tests.cases import MANAGER, NOW, OFFICER, OTHER, TELLS, Desk, at

DAY = 86400


@pytest.fixture
def desk(database: Database, ring: KeyRing) -> Iterator[Desk]:
    with time_machine.travel(NOW, tick=False):
        yield Desk(database, ring)


@pytest.fixture
def here(sqlite: Database, ring: KeyRing) -> Iterator[Desk]:
    """What does not depend on the kind of database."""
    with time_machine.travel(NOW, tick=False):
        yield Desk(sqlite, ring)


# The table


def test_each_event_has_one_line_and_each_line_words() -> None:
    assert len(STEPS) == len(TABLE) == len(Event)
    assert set(wording.EVENTS) == set(Event)
    assert set(wording.WORDS) == set(wording.TOLD) == set(State)
    assert set(wording.STAGES) == set(Stage)
    assert {event for event, step in STEPS.items() if step.reasoned} == set(wording.REASONS)


def test_each_limit_is_in_the_table_of_clocks_and_something_starts_and_meets_it() -> None:
    assert len(OF) == len(CLOCKS) == len(Limit)
    started = {limit for step in TABLE for limit in step.starts}
    met = {limit for step in TABLE for limit in step.meets}
    assert started == met == set(Limit)
    assert all(clock.source for clock in CLOCKS)


def test_of_limits_that_stand_for_one_another_each_case_has_exactly_one() -> None:
    for group in INSTEAD:
        for facts in ({"category_a"}, {"category_b"}):
            for more in ({"hate"}, {"danger"}, {"unsafe_tonight", "domestic_abuse"}, {"maybe_hate"}, set()):
                assert sum(OF[limit].fits(frozenset(facts | more)) for limit in group) == 1


def test_from_every_state_that_is_not_an_end_something_leads_on() -> None:
    for state in OPEN:
        leading = [
            step for step in TABLE if state in step.since and (step.back or step.to not in (None, state))
        ]
        assert any({Who.OFFICER, Who.MANAGER} & step.who for step in leading), state
    assert set(State) == ENDS | OPEN


def test_the_place_of_safety_and_the_managers_review_never_stand_still() -> None:
    for limit in (Limit.PLACE_OF_SAFETY, Limit.REVIEW, Limit.GRAFFITI, Limit.HAZARD_NOW):
        assert not OF[limit].pauses
    assert all(clock.pauses <= WAITING for clock in CLOCKS)


def test_the_codes_fit_their_columns() -> None:
    assert max(map(len, Event)) <= 20 and max(map(len, State)) <= 20 and max(map(len, Limit)) <= 20
    assert max(len(code) for reasons in wording.REASONS.values() for code in reasons) <= 20
    assert max(map(len, actions.ACTIONS)) <= 24 and max(map(len, actions.BASES)) <= 24
    assert max(map(len, QUEUES)) <= 16 and max(map(len, safety.LATE_WHY)) <= 16


# What arrives


def test_what_arrives_becomes_a_report_and_a_case_with_its_clocks(desk: Desk) -> None:
    reference = desk.tells()
    case = desk.case(reference)
    assert (case.state, case.version, case.category, case.queue) == ("received", 1, "B", "general")
    assert (case.area, case.channel, case.language) == ("DE23", "web", "ur")
    assert case.received == case.entered == clock.seconds()
    [report] = desk.every(IncidentReport)
    assert report.case == reference and report.kinds == ["asb"]
    assert [row.event for row in desk.every(CaseStep)] == ["submit"]
    assert set(desk.clocks(reference)) == {"triage", "acknowledge", "interview", "review"}
    assert desk.clocks(reference)["triage"].due == at("2026-11-19", "17:00")
    assert desk.clocks(reference)["acknowledge"].due == at("2026-11-25", "17:00")
    assert desk.clocks(reference)["interview"].due == at("2026-11-23", "17:00")
    assert desk.clocks(reference)["review"].due == at("2026-12-16", "17:00")


@pytest.mark.parametrize("by", ["victim", "reporter", "other_person", "staff"])
def test_whoever_thinks_that_it_was_hate_it_is_hate(here: Desk, by: str) -> None:
    reference = here.tells(motive=("race_colour_nationality_ethnic",), perceived_by=(by,))
    case = here.case(reference)
    assert case.hate and case.strands == ["race_colour_nationality_ethnic"] and case.queue == "hate"
    assert here.every(IncidentReport)[0].perceived_by == [by]
    assert here.clocks(reference)["acknowledge_hate"].due == at("2026-11-19", "17:00")


def test_who_is_not_sure_is_dealt_with_as_fast_and_is_not_counted_as_hate(here: Desk) -> None:
    reference = here.tells(motive=("not_sure",))
    case = here.case(reference)
    assert not case.hate and "maybe_hate" in case.flags and case.queue == "hate"
    assert "acknowledge_hate" in here.clocks(reference)


@pytest.mark.parametrize(
    ("answers", "category", "compartment", "queue"),
    [
        ({}, "B", "none", "general"),
        ({"acts": ("threats",)}, "A", "none", "general"),
        ({"danger_now": ("unsure",)}, "A", "none", "danger"),
        ({"kind": ("domestic_abuse",)}, "A", "domestic_abuse", "domestic_abuse"),
        ({"perp_relationship": ("partner_ex",)}, "B", "domestic_abuse", "domestic_abuse"),
        ({"kind": ("staff_conduct",)}, "B", "staff", "staff"),
        ({"kind": ("domestic_abuse", "staff_conduct")}, "A", "staff", "staff"),
        ({"journey": ("staff_harassed_at_work",)}, "B", "staff", "staff"),
        ({"kind": ("complaint_about_handling",)}, "B", "none", "complaints"),
    ],
)
def test_what_is_told_decides_how_fast_and_behind_which_door(
    here: Desk, answers: dict[str, Any], category: str, compartment: str, queue: str
) -> None:
    case = here.case(here.tells(**answers))
    assert (case.category, case.compartment, case.queue) == (category, compartment, queue)
    assert case.queue in QUEUES and set(case.flags) <= set(FLAGS)


def test_who_has_nowhere_safe_is_to_be_offered_a_place_within_a_day(desk: Desk) -> None:
    reference = desk.tells(safe_tonight=("not_sure",), money_visa_help=("yes",), channel=("dvu_call",))
    [place] = desk.every(PlaceOfSafety)
    assert place.case == reference and place.no_funds is True and place.channel == "dvu_call"
    assert place.disclosed == clock.seconds()
    assert desk.clocks(reference)["place_of_safety"].due == clock.seconds() + DAY


def test_what_is_broken_or_painted_starts_its_own_clocks(here: Desk) -> None:
    reference = here.tells(repairs_urgent=("door_lock", "window", "graffiti_offensive"))
    now = clock.seconds()
    clocks = here.clocks(reference)
    assert {clocks[name].due for name in ("graffiti", "secure", "hazard_now")} == {now + DAY}
    assert clocks["hazard_seen"].due == at("2026-12-02", "17:00")


def test_the_clocks_of_paper_run_from_the_day_it_came_in(desk: Desk) -> None:
    reference = desk.tells(
        {"channel": "paper", "received": date(2026, 11, 13), "helper": OTHER}, safe_tonight=("no",)
    )
    case = desk.case(reference)
    assert case.received == at("2026-11-13", "00:00") and case.entered == clock.seconds()
    assert desk.clocks(reference)["acknowledge"].due == at("2026-11-20", "17:00")
    assert desk.clocks(reference)["place_of_safety"].due == at("2026-11-14", "00:00")
    assert desk.every(CaseStep)[0].by == OTHER


@pytest.mark.parametrize(
    ("on", "time", "received"),
    [
        (("2026-11-17",), ("16:20",), at("2026-11-17", "16:20")),
        (("2026-11-17",), (), at("2026-11-17", "00:00")),
        (("2026-11-19",), ("09:00",), None),
        ((), ("09:00",), None),
        (("2026-03-29",), ("01:30",), at("2026-03-29", "00:00")),
        (("2026-10-25",), ("01:30",), at("2026-10-25", "00:00")),
    ],
)
def test_what_staff_heard_earlier_counts_from_then_and_never_from_tomorrow(
    here: Desk, on: tuple[str, ...], time: tuple[str, ...], received: int | None
) -> None:
    case = here.case(here.tells({"channel": "phone", "helper": OTHER}, received_on=on, received_at=time))
    assert case.received == (clock.seconds() if received is None else received)


def test_a_change_of_a_report_goes_to_its_case_and_only_makes_it_more_urgent(desk: Desk) -> None:
    token = secrets.token_bytes(32)
    reference = desk.tells({"token": token}, motive=("disability_health_hiv",))
    receipt = digest_of(desk.ring, code_for(desk.ring, token))
    before = desk.every(Submission)[0].id
    again = desk.tells({"replaces": receipt}, acts=("threats",), safe_tonight=("no",))
    assert again == reference
    [report], [submission], case = desk.every(IncidentReport), desk.every(Submission), desk.case(reference)
    assert report.submission == submission.id != before
    assert case.hate and case.category == "A" and case.version == 2
    clocks = desk.clocks(reference)
    assert clocks["interview_now"].due == case.received + DAY and "interview" not in clocks
    assert clocks["place_of_safety"].due == clock.seconds() + DAY
    assert len(desk.every(PlaceOfSafety)) == 1


def test_who_tells_more_about_a_closed_case_opens_it_again(here: Desk) -> None:
    token = secrets.token_bytes(32)
    reference = here.closed(here.tells({"token": token}))
    receipt = digest_of(here.ring, code_for(here.ring, token))
    assert here.tells({"replaces": receipt}, formal_complaint=("yes",)) == reference
    case = here.case(reference)
    assert case.state == "reopened" and case.reviewer is None and case.stage == "asked"
    assert {"triage", "acknowledge", "review", "complaint_one_ack"} <= set(here.clocks(reference))


def test_the_third_report_in_six_months_is_one_for_a_case_review(here: Desk) -> None:
    for day, expected in (("2026-06-01", False), ("2026-09-01", False), ("2026-11-18", True)):
        with time_machine.travel(f"{day}T10:00:00Z", tick=False):
            case = here.case(here.tells())
        assert ("case_review" in case.flags) is expected, day


@pytest.mark.parametrize(
    ("first", "changes"),
    [
        ("2026-05-17", {}),  # longer ago than six months
        ("2026-06-01", {"kind": ("other",)}),
        ("2026-06-01", {"last_date": ("2026-04-30",)}),  # told more than a month after it
        ("2026-06-01", {"phone": ("07700 900999",), "email": (), "name": ("Somebody Else",)}),
    ],
)
def test_what_does_not_qualify_is_not_counted(here: Desk, first: str, changes: dict[str, Any]) -> None:
    with time_machine.travel(f"{first}T10:00:00Z", tick=False):
        here.tells(**changes)
    here.tells()
    assert "case_review" not in here.case(here.tells()).flags


def test_cases_of_who_may_be_the_same_person_are_found(here: Desk) -> None:
    one, other = here.tells(), here.tells(phone=(), email=())
    here.tells(name=("Somebody Else",), phone=("07700 900999",), email=())
    with here.database.read() as connection:
        assert reports.alike(connection, one) == [other]


# Walking the table


def test_the_long_way_from_triage_to_archive(desk: Desk) -> None:
    reference = desk.triaged(desk.tells(perp_known=("named",), witnesses=("yes_give",)))
    assert "triage" not in desk.clocks(reference)
    desk.step(reference, Event.ACKNOWLEDGE)
    with pytest.raises(Lacking, match="interpreter"):
        desk.step(reference, Event.ARRANGE)
    desk.step(reference, Event.ARRANGE, interpreter="needed")
    desk.step(reference, Event.INTERVIEWED)
    assert {"witnesses", "alleged", "progress_b", "review"} == set(desk.clocks(reference))
    desk.step(reference, Event.WITNESSES_SEEN)
    desk.step(reference, Event.ALLEGED_SEEN, reason="agreed")
    desk.step(reference, Event.PLAN)
    desk.step(reference, Event.ACT)
    desk.step(reference, Event.UPDATE)
    desk.step(reference, Event.REVIEW)
    desk.step(reference, Event.SEND_BACK, MANAGER, Who.MANAGER, reason="not_told")
    desk.step(reference, Event.REVIEW)
    told = {"spoken": "yes", "outcome_told": "letter"}
    desk.step(reference, Event.CLOSE, MANAGER, Who.MANAGER, reason="resolved", **told)
    case = desk.case(reference)
    assert (case.reason, case.reviewer, case.closed) == ("resolved", MANAGER, clock.seconds())
    assert set(desk.clocks(reference)) == {"after_care"}
    desk.step(reference, Event.MONITOR)
    desk.step(reference, Event.ARCHIVE)
    assert desk.clocks(reference) == {} and desk.missed(reference) == set()
    with desk.database.read() as connection:
        noted = connection.execute(select(Audit.what, Audit.by)).all()
    assert {row.what for row in noted} == {f"case {reference}"} and {MANAGER, OFFICER} == {
        r.by for r in noted
    }


def test_who_dealt_with_it_cannot_close_it(desk: Desk) -> None:
    reference = desk.to_review(desk.tells())
    told = {"reason": "resolved", "spoken": "yes", "outcome_told": "letter"}
    with pytest.raises(SamePerson):
        desk.step(reference, Event.CLOSE, OFFICER, **told)
    desk.step(reference, Event.ASSIGN, MANAGER, Who.MANAGER, officer=OTHER)
    with pytest.raises(SamePerson):  # not even when the case is somebody else's now
        desk.step(reference, Event.CLOSE, OFFICER, **told)
    with pytest.raises(SamePerson):
        desk.step(reference, Event.CLOSE, OTHER, **told)
    desk.step(reference, Event.CLOSE, MANAGER, Who.MANAGER, **told)


def test_to_close_it_must_be_known_that_the_person_was_spoken_to_and_told(here: Desk) -> None:
    reference = here.to_review(here.tells())
    with pytest.raises(Lacking) as refused:
        here.step(reference, Event.CLOSE, MANAGER, Who.MANAGER, reason="resolved")
    assert refused.value.names == ("spoken", "outcome_told")
    with pytest.raises(NotNow):
        here.step(reference, Event.CLOSE, MANAGER, Who.MANAGER, spoken="yes", outcome_told="letter")


@pytest.mark.parametrize(
    "answers",
    [
        {"kind": ("domestic_abuse",)},
        {"danger_now": ("yes",)},
        {"motive": ("race_colour_nationality_ethnic",), "acts": ("threats",)},
    ],
)
def test_silence_is_no_reason_to_close_where_somebody_may_not_be_safe(here: Desk, answers: Any) -> None:
    told = {"reason": "no_reply", "spoken": "offered", "outcome_told": "letter"}
    careful, other = here.to_review(here.tells(**answers)), here.to_review(here.tells())
    with pytest.raises(NotForThis):
        here.step(careful, Event.CLOSE, MANAGER, Who.MANAGER, **told)
    here.step(other, Event.CLOSE, MANAGER, Who.MANAGER, **told)


def test_nothing_is_closed_while_a_place_of_safety_is_to_be_offered(desk: Desk) -> None:
    reference = desk.to_review(desk.tells())
    with desk.database.write() as connection:
        case = safety_of(connection, desk, reference)
    told = {"reason": "resolved", "spoken": "yes", "outcome_told": "letter"}
    with pytest.raises(NotYet, match="place_of_safety"):
        desk.step(reference, Event.CLOSE, MANAGER, Who.MANAGER, **told)
    [place] = desk.every(PlaceOfSafety)
    with desk.database.write() as connection:
        result = {"by": OFFICER, "who": Who.OFFICER}
        case = safety.note_result(connection, case, place.reference, "unreached", **result)
        assert "place_of_safety" in desk.clocks(reference), "nobody was offered anything"
        safety.note_result(connection, case, place.reference, "accepted", kind="refuge", **result)
    desk.step(reference, Event.CLOSE, MANAGER, Who.MANAGER, **told)


def safety_of(connection: Any, desk: Desk, reference: str) -> Any:
    return safety.disclose(
        connection,
        desk.case(reference),
        at=clock.seconds() - 3600,
        channel="office",
        by=OFFICER,
        who=Who.OFFICER,
    )


def test_a_place_offered_too_late_is_missed_and_says_why(here: Desk) -> None:
    reference = here.tells(safe_tonight=("no",))
    [place] = here.every(PlaceOfSafety)
    with time_machine.travel("2026-11-19T10:00:01Z", tick=False):
        for why in (None, "whatever"):
            with pytest.raises(NotNow, match="24 hours"), here.database.write() as connection:
                safety.note_result(
                    connection,
                    here.case(reference),
                    place.reference,
                    "declined",
                    by=OFFICER,
                    who=Who.OFFICER,
                    late_why=why,
                )
        with here.database.write() as connection:
            safety.note_result(
                connection,
                here.case(reference),
                place.reference,
                "declined",
                by=OFFICER,
                who=Who.OFFICER,
                late_why="no_place",
            )
    assert "place_of_safety" in here.missed(reference)
    assert here.every(PlaceOfSafety)[0].late_why == "no_place"


def test_what_is_not_in_the_table_cannot_happen(here: Desk) -> None:
    reference = here.tells()
    before = here.case(reference)
    for event in set(Event) - {Event.TRIAGE}:
        step = STEPS[event]
        if State.RECEIVED in step.since and Stage.NONE in (step.stage or {Stage.NONE}):
            continue
        reason = next(iter(wording.REASONS.get(event, {})), None)
        for who in Who:
            with pytest.raises(NotNow):
                here.step(reference, event, OFFICER, who, reason=reason, officer=OFFICER)
    with pytest.raises(NotNow):
        here.step(reference, Event.TRIAGE, "reporter", Who.REPORTER, officer=OFFICER)
    assert here.case(reference) == before and len(here.every(CaseStep)) == 1


def test_a_complaint_is_answered_twice_by_different_people(desk: Desk) -> None:
    reference = desk.tells(kind=("complaint_about_handling",))
    assert desk.clocks(reference)["complaint_one_ack"].due == at("2026-11-25", "17:00")
    desk.step(reference, Event.ACCEPT_ONE, stage_one=OFFICER)
    assert desk.clocks(reference)["complaint_one"].due == at("2026-12-02", "17:00")
    desk.step(reference, Event.ANSWER_ONE, reason="not_upheld")
    desk.step(reference, Event.ESCALATE, "reporter", Who.REPORTER)
    with pytest.raises(Lacking):
        desk.step(reference, Event.ACCEPT_TWO)
    with pytest.raises(SamePerson):
        desk.step(reference, Event.ACCEPT_TWO, stage_two=OFFICER)
    desk.step(reference, Event.ACCEPT_TWO, stage_two=OTHER)
    assert desk.clocks(reference)["complaint_two"].due == at("2026-12-16", "17:00")
    desk.to_review(reference)
    with pytest.raises(NotNow):
        desk.step(
            reference,
            Event.CLOSE,
            MANAGER,
            Who.MANAGER,
            reason="resolved",
            spoken="yes",
            outcome_told="letter",
        )
    desk.step(reference, Event.ANSWER_TWO, reason="upheld")
    desk.step(
        reference, Event.CLOSE, MANAGER, Who.MANAGER, reason="resolved", spoken="yes", outcome_told="letter"
    )


def test_a_case_that_turns_out_worse_has_the_stricter_clock_from_the_same_beginning(here: Desk) -> None:
    reference = here.tells()
    here.step(reference, Event.TRIAGE, officer=OFFICER, category="A")
    assert here.clocks(reference)["interview_now"].due == clock.seconds() + DAY
    here.step(reference, Event.FLAG_HATE, hate=True, strands=["race_colour_nationality_ethnic"])
    assert here.clocks(reference)["acknowledge_hate"].due == at("2026-11-19", "17:00")
    with pytest.raises(NotNow, match="stays hate"):
        here.step(reference, Event.FLAG_HATE, hate=False)


def test_two_who_decide_at_once_do_not_overrule_each_other_unseen(desk: Desk) -> None:
    """Both have read the case before either writes; the second is refused."""
    reference = desk.triaged(desk.tells())
    read, results = desk.case(reference), []
    both = threading.Barrier(2)

    def decide(event: Event, **more: Any) -> None:
        both.wait(10)
        try:
            with desk.database.write() as connection:
                move(connection, read, event, by=OFFICER, who=Who.OFFICER, **more)
            results.append("done")
        except NotNow:
            results.append("refused")

    given = ((Event.ACKNOWLEDGE, {}), (Event.AWAIT_AGENCY, {"reason": "police"}))
    threads = [threading.Thread(target=decide, args=(event,), kwargs=more) for event, more in given]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(results) == ["done", "refused"]
    assert desk.case(reference).version == 3


# Merging


def test_a_merged_case_loses_nothing(desk: Desk) -> None:
    kept = desk.triaged(desk.tells())
    with time_machine.travel("2026-11-18T11:00:00Z", tick=False):
        other = desk.tells(acts=("threats",), motive=("disability_health_hiv",), safe_tonight=("no",))
        due = {name: row.due for name, row in desk.clocks(other).items()}
        with desk.database.write() as connection:
            merging.merge(connection, other, kept, by=OFFICER, who=Who.OFFICER)
    case = desk.case(kept)
    assert desk.case(other).state == "merged" and desk.case(other).merged_into == kept
    assert case.hate and case.category == "A" and "unsafe_tonight" in case.flags
    assert {row.case for row in desk.every(IncidentReport)} == {kept}
    assert {row.case for row in desk.every(PlaceOfSafety)} == {kept}
    clocks = desk.clocks(kept)
    assert clocks["place_of_safety"].due == due["place_of_safety"]
    assert clocks["acknowledge_hate"].due == due["acknowledge_hate"] and "acknowledge" not in clocks
    assert "interview_now" in clocks and desk.clocks(other) == {}
    desk.step(kept, Event.ACKNOWLEDGE)
    desk.step(kept, Event.ACKNOWLEDGE_MORE)
    with desk.database.read() as connection:
        found = merging.standing(connection, other)
    assert found is not None and found.reference == kept


@pytest.mark.parametrize("into", ["itself", "closed"])
def test_a_case_is_not_merged_into_nothing(here: Desk, into: str) -> None:
    reference = here.tells()
    target = here.closed(here.tells(phone=("07700 900999",))) if into == "closed" else reference
    with pytest.raises(NotNow), here.database.write() as connection:
        merging.merge(connection, reference, target, by=OFFICER, who=Who.OFFICER)
    assert here.case(reference).state == "received" and len(here.clocks(reference)) == 4


# Lists and actions


def test_the_list_shows_first_what_is_due_first_and_hides_what_is_sealed(desk: Desk) -> None:
    slow = desk.tells()
    fast = desk.tells(danger_now=("yes",))
    hidden = desk.tells(kind=("domestic_abuse",))
    mine, others = desk.tells(), desk.triaged(desk.tells())
    outside = somebody(desk, "outside", Role.CASE_OFFICER)
    inside = somebody(desk, "inside", Role.CASE_OFFICER, Role.DOMESTIC_ABUSE)
    desk.step(mine, Event.TRIAGE, officer=outside.reference)

    def listed(person: Person, group: str) -> list[str]:
        with desk.database.read() as connection:
            return [line.reference for line in queue.lines(connection, person, group)]

    assert listed(outside, "nobody") == [fast, slow]
    assert listed(inside, "nobody")[0] == fast and set(listed(inside, "nobody")) == {fast, slow, hidden}
    assert listed(outside, "mine") == [mine] and listed(inside, "mine") == []
    assert set(listed(outside, "open")) == {fast, slow, mine} and others not in listed(inside, "open")


def somebody(desk: Desk, name: str, *roles: Role) -> Person:
    who = people.add(desk.database, desk.ring, f"{name}@example.org", name, roles, OPERATOR)
    with desk.database.read() as connection:
        found = people.find(connection, who)
    assert found is not None
    return found


def test_what_was_done_needs_a_basis_and_fits_the_case(desk: Desk) -> None:
    plain, abuse = desk.case(desk.tells()), desk.case(desk.tells(kind=("domestic_abuse",)))
    note = {"day": clock.today(), "told": "yes", "by": OFFICER}
    with desk.database.write() as connection:
        actions.note_action(connection, plain, "locks", **note)
        actions.note_action(connection, plain, "injunction", basis="asb_act_2014", **note)
        actions.note_action(connection, plain, "mediation", basis="agreement", **note)
        for case, code, more in (
            (plain, "injunction", {}),
            (plain, "witchcraft", {}),
            (plain, "locks", {"told": "perhaps"}),
            (plain, "locks", {"day": date(2026, 11, 19)}),
            (abuse, "mediation", {"basis": "agreement"}),
        ):
            with pytest.raises(actions.Unfit):
                actions.note_action(connection, case, code, **{**note, **more})
        assert {row.code for row in actions.actions_of(connection, plain.reference)} == {
            "locks",
            "injunction",
            "mediation",
        }
        assert actions.actions_of(connection, abuse.reference) == []


def test_what_nobody_said_makes_no_fact() -> None:
    found = found_in({})
    assert (found.category, found.hate, found.flags, found.compartment) == ("B", False, frozenset(), "none")
    assert found_in({"motive": ("_illegible",)}).hate is False
    assert set(BY_FACTS) <= set(Limit) and TELLS
