"""Erasing a report: what goes, what stays, what of others is not touched, and who can do it when."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import DatabaseError, IntegrityError

from portal import clock, contact
from portal.accounts.roles import Role
from portal.analysis.export import Wanted
from portal.audit import Audit
from portal.contact import ContactRule
from portal.database import Database
from portal.files import File
from portal.forms import FORMS
from portal.incidents import (
    conflicts,
    disclosures,
    erasing,
    erasures,
    exchange,
    merging,
    moving,
    overrides,
    reports,
    scanning,
    timing,
    tombstones,
    words,
)
from portal.incidents.access import NotSeen
from portal.incidents.deadlines import CaseDeadline, DeadlineBreach
from portal.incidents.erasure_steps import OPEN, TABLE, Act, Erasure, State
from portal.incidents.erasure_words import REFUSED_WHY, SURE
from portal.incidents.erasures import COOLING, LAST_CALL, InTheWay
from portal.incidents.evidence import IncidentEvidence
from portal.incidents.exchange import CaseMessage, Kind
from portal.incidents.models import (
    CaseNote,
    CaseStep,
    IncidentCase,
    IncidentPerson,
    IncidentReport,
)
from portal.incidents.moving import NotNow, SamePerson
from portal.incidents.shared import AgencyFeedback, Disclosure, PackLink, ShareConsent, ShareOverride
from portal.incidents.states import Event, Who
from portal.incidents.teams import CaseConflict
from portal.incidents.tombstones import ErasedWords, Tombstone
from portal.incidents.words import Erased
from portal.intake.models import Submission
from portal.interpreting.models import Request
from portal.messages import Outgoing
from portal.sealing import KeyRing
from portal.settings import Settings
from tests.arrivals import noise, still_there, take_out
from tests.cases import MANAGER, NOW, OFFICER
from tests.erasing import LATER, Here, Told, file_of, key_of, sealed_of, words_in
from tests.test_sharing import at_once

NOTHING_OF_A_PERSON = (
    "account",
    "recovery_code",
    "sign_in_link",
    "signed_in",
    "audit",
    "audit_head",
    "throttle_key",
)
"""Tables of who works here, and of what they did."""


DIGESTS = {"submission.idempotency", "submission.said", "submission.receipt"}


@pytest.fixture(autouse=True)
def a_wednesday() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def here(database: Database, ring: KeyRing, settings: Settings) -> Here:
    return Here(database, ring, replace(settings, send_sms="console", send_email="console"))


@pytest.fixture
def there(sqlite: Database, ring: KeyRing, settings: Settings) -> Here:
    return Here(sqlite, ring, replace(settings, send_sms="console", send_email="console"))


def later(**more: float) -> Any:
    """The clock, so much later."""
    return time_machine.travel(clock.now() + timedelta(**more), tick=False)


def reasons(here: Here, request: str) -> list[str]:
    """What is in the way of carrying it out, in the words of the first part of each."""
    with here.database.write() as connection:
        row = here.request(request)
        return [one.id for one in erasures.in_the_way(connection, row, erasing.held(connection, row.report))]


def refused(here: Here, request: str, why: Any) -> None:
    before = words_in(here.database)
    with pytest.raises(InTheWay) as found:
        here.carries_out(request)
    assert found.value.why.id == why.id
    assert words_in(here.database) == before, "refused, and yet something happened"


# What goes


def test_nothing_that_was_sealed_of_it_stands_anywhere_afterwards(here: Here) -> None:
    told = here.all_of_it()
    here.asks(told)
    before = sealed_of(here.database, *NOTHING_OF_A_PERSON)
    tables = {place.partition(".")[0] for place in before.values()}
    assert tables >= {
        *("submission", "case_message", "case_note", "case_party", "disclosure", "share_override"),
        *(
            "agency_feedback",
            "contact_rule",
            "message",
            "file",
            "incident_case",
            "incident_person",
            "pack_link",
        ),
    }, "the test proves nothing of a table without a row"
    request = here.request(here.desk.every(Erasure)[0].reference)
    here.agrees(request.reference)
    before |= sealed_of(here.database, *NOTHING_OF_A_PERSON)
    with time_machine.travel(clock.now() + LATER, tick=False):
        here.carries_out(request.reference)
    left = {place for value, place in sealed_of(here.database).items() if value in before}
    assert left == DIGESTS, "of the request for an interpreter, made of a token that nobody has"
    [row] = here.desk.every(Submission)
    assert row.form == "interpreter" and row.sealed is None and row.data_key is None


def test_no_marker_of_the_person_is_left_in_file_folder_outbox_log_or_export(
    there: Here, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    told = there.all_of_it()
    there.asks(told)
    before = sealed_of(there.database, *NOTHING_OF_A_PERSON)
    stored = [path.read_bytes()[:4096] for path in Path(there.settings.files).rglob("*") if path.is_file()]
    held = file_of(there.database)
    assert len(stored) == 2 and all(lies_in(held, value) for value in before), "else this proves nothing"
    mine = {value for value, place in before.items() if place not in DIGESTS}
    mine |= {told.receipt, told.submission.encode(), told.code.encode()}
    [request] = there.desk.every(Erasure)
    there.agrees(request.reference)
    with time_machine.travel(clock.now() + LATER, tick=False):
        there.carries_out(request.reference)
        out = tmp_path / "out"
        take_out(there.database, FORMS, Wanted("incident", out, "a test"), lambda done, of: None)
        take_out(
            there.database, FORMS, Wanted("interpreter", tmp_path / "more", "a test"), lambda done, of: None
        )
    held = file_of(there.database)
    assert not [before.get(value, "code") for value in mine if lies_in(held, value)], "in the database file"
    assert not [path for path in Path(there.settings.files).rglob("*") if path.is_file()], "in the folder"
    assert there.desk.every(Outgoing) == [] and there.desk.every(ContactRule) == []
    lines = (out / "incident-codes.csv").read_text().splitlines()
    assert len(lines) == 1, "the export has its header and no answer"
    places = [path.read_text() for folder in ("out", "more") for path in (tmp_path / folder).iterdir()]
    places += [caplog.text, words_in(there.database), there.settings.erased.read_text()]
    for place in places:
        for marker in ("canary", "900123", "DE23 6AA", told.submission, told.code):
            assert not re.search(re.escape(marker), place, re.IGNORECASE), marker


def lies_in(held: bytes, value: bytes) -> bool:
    """Whether any part of these bytes lies there: the database cuts what is long into pieces."""
    return any(value[place : place + 24] in held for place in range(0, max(1, len(value) - 23), 24))


def test_nobody_opens_anything_of_it_not_even_with_a_key_from_an_older_copy(here: Here) -> None:
    told = here.all_of_it()
    key = key_of(here.database, told.case)
    here.erased(told)
    with here.database.read() as connection, pytest.raises(Erased):
        disclosures.opened(connection, here.ring, here.desk.every(Disclosure)[0])
    with here.database.write() as connection:  # somebody brings the wrapped key back from a copy
        name = here.ring.current("narrative")
        mine = update(IncidentCase).where(IncidentCase.reference == told.case)
        connection.execute(mine.values(data_key=key, key_name=name))
    with here.database.read() as connection:
        assert [note.words for note in words.notes_of(connection, here.ring, told.case)] == [""]
        assert {one.words for one in exchange.of_case(connection, here.ring, told.case)} == {""}
        for row in here.desk.every(Disclosure):
            with pytest.raises(Erased):
                disclosures.opened(connection, here.ring, row)
        for row in here.desk.every(ShareOverride):
            with pytest.raises(Erased):
                overrides.why(connection, here.ring, row)
        assert words.parties_of(connection, here.ring, told.case) == []


def test_the_code_opens_nothing_any_more_and_nobody_can_be_reached(here: Here) -> None:
    told = here.all_of_it()
    assert here.code_opens(told)
    here.erased(told)
    assert not here.code_opens(told)
    with here.database.read() as connection:
        assert reports.of_receipt(connection, told.receipt) is None
        assert contact.rule_of(connection, here.ring, f"case {told.case}") is None
    for act in (Kind.ERASE, Kind.LOOK_AGAIN):
        with pytest.raises(NotNow), here.database.write() as connection:
            exchange.take_wish(connection, here.ring, told.receipt, act, "ur")
    assert here.desk.every(IncidentPerson) == [] and here.desk.every(File) == []


def test_what_was_looked_for_is_called_off_and_what_was_done_stays_done(here: Here) -> None:
    told = here.all_of_it()
    [request] = here.desk.every(Request)
    assert request.state == "submitted"
    here.erased(told)
    assert here.desk.every(Request)[0].state == "cancelled"
    again = here.tells()
    with here.database.write() as connection:
        mine = update(Request).where(Request.state == "submitted")
        connection.execute(mine.values(state="completed"))
    here.desk.closed(again.case)
    here.erased(again)
    states = sorted(row.state for row in here.desk.every(Request))
    assert states == ["cancelled", "completed"], "what took place is not called off"


def test_a_virus_scanner_does_not_ask_for_ever_for_what_is_gone(there: Here) -> None:
    told = there.all_of_it()
    there.erased(told)
    assert len(there.desk.every(IncidentEvidence)) == 1
    scanned = scanning.scan_waiting(
        there.database, there.ring, there.store, "127.0.0.1:1", lambda done, of: None
    )
    assert scanned == 0


# What stays


def test_codes_and_dates_of_the_case_what_was_missed_and_a_tombstone_stay(here: Here) -> None:
    told = here.all_of_it()
    with here.database.write() as connection:
        row = timing.of_case(connection, told.case)[0]
        connection.execute(
            insert(DeadlineBreach).values(deadline=row.reference, due=row.due, noted=row.due + 1)
        )
    stays = (CaseStep, DeadlineBreach)
    before = {table: here.desk.every(table) for table in stays}
    case = here.desk.case(told.case)
    [report] = here.desk.every(IncidentReport)
    here.erased(told)
    for table in stays:
        assert [row for row in before[table] if row not in here.desk.every(table)] == []
    now, [left] = here.desk.case(told.case), here.desk.every(IncidentReport)
    for name in ("kinds", "hate", "strands", "category", "received", "closed", "reason", "area", "channel"):
        assert getattr(now, name) == getattr(case, name), name
    for name in ("kinds", "motive", "perceived_by", "acts", "journey", "received", "channel", "language"):
        assert getattr(left, name) == getattr(report, name), name
    assert left.submission is None and left.happened is None and now.data_key is None
    assert {row.state for row in here.desk.every(CaseDeadline)} <= {"met", "stopped"}
    [stone] = here.desk.every(Tombstone)
    assert (stone.reference, stone.case, stone.kind, stone.ground) == (
        told.report,
        told.case,
        "case",
        "asked",
    )
    assert (stone.opened, stone.closed) == (date(2026, 11, 18), date(2026, 11, 18))
    assert stone.erased == clock.seconds() + int(LATER.total_seconds()) and stone.policy == tombstones.POLICY
    last = max(here.desk.every(CaseStep), key=lambda row: row.number)
    assert (last.event, last.by, last.who) == ("erase", here.second.reference, "portal")


def test_it_is_written_down_who_decided_and_who_did_it(here: Here) -> None:
    told = here.all_of_it()
    request = here.erased(told)
    row = here.request(request)
    assert (row.state, row.sure) == ("erased", "spoke")
    assert (row.decided_by, row.confirmed_by) == (here.first.reference, here.second.reference)
    with here.database.read() as connection:
        noted = select(Audit.by, Audit.did, Audit.detail).order_by(Audit.number)
        log = list(connection.execute(noted))
    mine = [(one.by, one.did) for one in log if "erasure" in one.detail or "erased" in one.detail]
    assert mine == [(here.first.reference, "changed"), (here.second.reference, "deleted")]


def test_nothing_else_in_the_portal_is_touched(here: Here) -> None:
    unrelated = noise(here.database)
    other = here.tells()
    before = [row for row in here.desk.every(Submission) if row.id == other.submission]
    told = here.all_of_it()
    here.erased(told)
    assert still_there(here.database, unrelated)
    assert [row for row in here.desk.every(Submission) if row.id == other.submission] == before
    assert here.code_opens(other) and key_of(here.database, other.case) is not None


def test_organisations_that_have_something_are_listed_until_they_say_it_is_deleted(here: Here) -> None:
    told = here.all_of_it()
    with here.database.read() as connection:
        assert disclosures.to_delete(connection) == []
        assert disclosures.who_have(connection, told.report) == ["police", "school"]
    here.erased(told)
    with here.database.read() as connection:
        tasks = disclosures.to_delete(connection)
    assert {row.agency for row in tasks} == {"police", "school"}, "also what was shared without a yes"
    assert len(tasks) == 2, "a link that nobody opened leads nowhere now"
    assert here.desk.every(PackLink) == []
    yes = [row for row in here.desk.every(ShareConsent) if row.answer == "yes_named"]
    assert yes and all(row.withdrawn is not None for row in yes), "every yes has ended"
    for row in tasks:
        for mark in ("deletion_asked", "deleted"):
            disclosures.mark(here.database, here.ring, row.reference, mark, OFFICER)
    with here.database.read() as connection:
        assert disclosures.to_delete(connection) == []


def test_nothing_is_shared_nor_opened_again_afterwards(here: Here) -> None:
    told = here.all_of_it()
    here.erased(told)
    rows = here.desk.every(Disclosure)
    assert len(rows) == 3
    for row in rows:
        with pytest.raises(NotNow):
            disclosures.new_link(here.database, here.ring, row.reference, OFFICER)
        with here.database.read() as connection:
            assert not disclosures.still_allowed(connection, row)
    here.us.says(told.report, "yes_named")
    with pytest.raises(NotNow):
        here.us.sends(told.report)
    assert len(here.desk.every(Disclosure)) == 3


def test_an_erased_case_is_not_opened_again(here: Here) -> None:
    told = here.all_of_it()
    here.erased(told)
    with pytest.raises(NotNow):
        here.desk.step(told.case, Event.REOPEN, MANAGER, Who.MANAGER, reason="mistake")
    assert here.desk.case(told.case).state == "closed"


# A case of several reports


def together(here: Here, *merged: Told, into: Told) -> None:
    for one in merged:
        with here.database.write() as connection:
            merging.merge(connection, one.case, into.case, by=OFFICER, who=Who.OFFICER)


def says(here: Here, told: Told, text: str) -> None:
    with here.database.write() as connection:
        exchange.take_words(connection, here.ring, told.receipt, text, "ur")
        exchange.answered(connection, told.report, OFFICER)


def heard(here: Here, told: Told, case: str) -> set[str]:
    """What went to and fro with one person, as staff read it."""
    with here.database.read() as connection:
        found = exchange.of_case(connection, here.ring, case)
    return {one.words for one in found if one.report == told.report and one.kind is Kind.WORDS}


@pytest.mark.parametrize("first", [True, False])
def test_what_others_told_of_the_same_case_is_not_taken_away(here: Here, first: bool) -> None:
    """Whether the report that made the case is erased, or one that became part of it."""
    one, two = here.tells(), here.tells(narrative=("Another canary",), phone=("07700 900555",))
    says(here, one, "one before"), says(here, two, "two before")
    together(here, two, into=one)
    says(here, one, "one after"), says(here, two, "two after")
    gone, stays = (one, two) if first else (two, one)
    here.erased(gone)
    assert heard(here, gone, one.case) == {""}
    name = "two" if first else "one"
    assert heard(here, stays, one.case) == {f"{name} before", f"{name} after"}
    assert here.code_opens(stays) and not here.code_opens(gone)
    with here.database.read() as connection:
        rule = contact.rule_of(connection, here.ring, f"case {stays.case}")
        assert contact.rule_of(connection, here.ring, f"case {gone.case}") is None
    assert rule is not None and rule.phone
    assert {row.report for row in here.desk.every(IncidentPerson)} == {stays.report}
    assert [row.id for row in here.desk.every(Submission) if row.form == "incident"] == [stays.submission]
    [stone] = here.desk.every(Tombstone)
    assert (stone.reference, stone.kind) == (gone.report, "report")
    assert (key_of(here.database, two.case) is None) is (not first), "only what nobody else needs"
    assert key_of(here.database, one.case) is not None
    says(here, stays, "and life goes on")
    assert "and life goes on" in heard(here, stays, one.case)


def test_the_last_one_takes_everything_of_the_case_along(here: Here) -> None:
    one, two, three = here.tells(), here.tells(), here.tells()
    together(here, three, into=two)
    together(here, two, into=one)
    here.erased(one), here.erased(three)
    assert key_of(here.database, two.case) is not None, "the words of two may lie under it"
    here.desk.closed(one.case)
    here.erased(two)
    assert [key_of(here.database, told.case) for told in (one, two, three)] == [None] * 3
    assert sorted(row.kind for row in here.desk.every(Tombstone)) == ["case", "report", "report"]
    assert not any(row.sealed for row in here.desk.every(CaseMessage))


PEOPLE = 4


def _merged(here: Here, case: dict[str, str], one: str, other: str) -> dict[str, str]:
    """Make a case part of another; gives the new cases of its reports. What is erased stays by itself."""
    keyless = key_of(here.database, one) is None or key_of(here.database, other) is None
    try:
        with here.database.write() as connection:
            merging.merge(connection, one, other, by=OFFICER, who=Who.OFFICER)
    except NotNow:
        assert keyless
        return {}
    assert not keyless
    return {report: other for report, where in case.items() if where == one}


@given(
    acts=st.lists(
        st.one_of(
            st.tuples(st.just("merge"), st.integers(0, PEOPLE - 1), st.integers(0, PEOPLE - 1)),
            st.tuples(st.just("erase"), st.integers(0, PEOPLE - 1), st.just(0)),
        ),
        min_size=2,
        max_size=7,
    )
)
@hypothesis_settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_however_cases_became_one_nobody_loses_a_word_by_the_erasure_of_another(
    there: Here, acts: list[tuple[str, int, int]]
) -> None:
    told = [there.tells() for _person in range(PEOPLE)]
    case = {one.report: one.case for one in told}
    said: dict[str, set[str]] = {one.report: set() for one in told}
    gone: set[str] = set()
    for number, (act, who, whom) in enumerate(acts):
        one, other = told[who], told[whom]
        if act == "merge" and case[one.report] != case[other.report]:
            case |= _merged(there, case, case[one.report], case[other.report])
        elif act == "erase" and one.report not in gone:
            with there.database.write() as connection:
                held = erasing.held(connection, one.report)
                erasing.erase(connection, there.ring, held, also=(), by="portal")
            gone.add(one.report)
        for living in told:
            if living.report not in gone:
                says(there, living, f"{living.report} {number}")
                said[living.report].add(f"{living.report} {number}")
    for one in told:
        words_ = heard(there, one, case[one.report])
        if one.report in gone:
            assert not there.code_opens(one) and words_ <= {""}
        else:
            assert there.code_opens(one) and words_ == said[one.report]
    for where in set(case.values()):
        alone = all(report in gone for report, at in case.items() if at == where)
        assert (key_of(there.database, where) is None) is alone


def test_notes_and_people_stay_with_the_others_but_for_those_that_were_chosen(here: Here) -> None:
    one, two, away = here.tells(), here.tells(), here.tells()
    together(here, two, into=one)
    with here.database.write() as connection:
        elsewhere = words.add_note(connection, here.ring, away.case, "note", "of another", by=OFFICER)
        mine = words.add_note(connection, here.ring, one.case, "note", "of two alone", by=OFFICER)
        words.add_note(connection, here.ring, one.case, "note", "of both", by=OFFICER)
        who = words.add_party(connection, here.ring, one.case, "reporter", name="Two", by=OFFICER)
        words.add_party(connection, here.ring, one.case, "victim", name="One", by=OFFICER)
    request = here.asks(two)
    here.agrees(request, also=(mine, who, elsewhere, "7K3PX92CM"))
    assert sorted(here.request(request).also) == sorted((mine, who)), "nothing of another case"
    with later(days=15):
        here.carries_out(request)
    with here.database.read() as connection:
        assert {note.words for note in words.notes_of(connection, here.ring, one.case)} == {"", "of both"}
        assert [party.name for party in words.parties_of(connection, here.ring, one.case)] == ["One"]


# Not under the reporter's nose


def test_the_person_is_told_that_there_is_news_when_it_is_asked_for_and_when_it_is_decided(
    here: Here,
) -> None:
    told = here.tells()
    here.desk.closed(told.case)
    request = here.asks(told)
    assert [row.event for row in here.desk.every(Outgoing)] == ["case message"]
    here.agrees(request)
    assert [row.event for row in here.desk.every(Outgoing)] == ["case message"] * 2


def test_it_is_asked_for_once_and_answered_within_a_month(here: Here) -> None:
    told = here.tells()
    with time_machine.travel("2026-01-31T23:30:00Z", tick=False):
        request = here.asks(told)
        assert here.asks(told) == request
    assert here.request(request).due == date(2026, 2, 28)
    assert len(here.desk.every(CaseMessage)) == 1
    with here.database.read() as connection:
        [late] = erasures.waiting(connection, here.first)
    assert (late.urgency, late.number) == ("late", 1)


def test_nothing_is_erased_before_two_weeks_and_three_days_after_the_decision(here: Here) -> None:
    told = here.tells()
    here.desk.closed(told.case)
    request = here.asks(told)
    start = clock.seconds()
    here.agrees(request)
    with time_machine.travel(start + COOLING - 1, tick=False):
        refused(here, request, erasures.TOO_EARLY)
    with time_machine.travel(start + COOLING, tick=False):
        assert reasons(here, request) == []
        erasures.send_back(here.database, here.ring, here.first, request)
        here.agrees(request)
        refused(here, request, erasures.TOO_EARLY)
    with time_machine.travel(start + COOLING + LAST_CALL, tick=False):
        here.carries_out(request)
    assert here.request(request).state == "erased"


def test_whoever_has_the_code_takes_it_back_and_then_nothing_happens(here: Here) -> None:
    told = here.all_of_it()
    request = here.asks(told)
    here.agrees(request)
    with here.database.write() as connection:
        erasures.withdraw(connection, told.receipt)
    with later(days=20), pytest.raises(NotNow):
        here.carries_out(request)
    assert here.request(request).state == "withdrawn" and here.code_opens(told)
    with pytest.raises(NotNow), here.database.write() as connection:
        erasures.withdraw(connection, told.receipt)
    again = here.asks(told)
    assert again != request and here.request(again).state == "asked"


@pytest.mark.parametrize("kind", [Kind.WORDS, Kind.REACH, Kind.CONSENT, Kind.FILES])
def test_what_the_person_writes_or_changes_stops_it_until_it_was_read(here: Here, kind: Kind) -> None:
    told = here.tells()
    here.desk.closed(told.case)
    request = here.asks(told)
    here.agrees(request)
    with here.database.write() as connection:
        case = moving.locked(connection, told.case)
        exchange.add(connection, here.ring, case, told.report, kind, "reporter", "ur", "No! It was not me")
    with later(days=15):
        refused(here, request, erasures.WROTE)
        with here.database.write() as connection:
            exchange.answered(connection, told.report, OFFICER)
        here.carries_out(request)


def test_the_code_alone_is_not_enough_where_the_person_can_be_reached(here: Here) -> None:
    told = here.tells()
    here.desk.closed(told.case)
    request = here.asks(told)
    with pytest.raises(InTheWay):
        here.agrees(request, sure="code_only")
    assert here.request(request).state == "asked"


def test_a_stranger_who_changes_how_to_reach_the_person_first_gains_nothing(here: Here) -> None:
    told = here.tells(reach=(), phone=(), email=(), anonymity=("anonymous_with_code",), name=())
    here.desk.closed(told.case)
    with here.database.write() as connection:
        case = moving.locked(connection, told.case)
        exchange.add(connection, here.ring, case, told.report, Kind.REACH, "reporter", "ur")
        exchange.answered(connection, told.report, OFFICER)
    request = here.asks(told)
    with pytest.raises(InTheWay):
        here.agrees(request, sure="code_only")
    with later(days=29):
        here.agrees(request, sure="code_only")
    with later(days=35):
        here.carries_out(request)


def test_who_is_known_by_nothing_but_the_code_can_have_it_erased(here: Here) -> None:
    told = here.tells(reach=(), phone=(), email=(), anonymity=("anonymous_with_code",), name=())
    here.desk.closed(told.case)
    request = here.asks(told)
    here.agrees(request, sure="code_only")
    with later(days=10), here.database.write() as connection:  # somebody with the code names a phone
        case = moving.locked(connection, told.case)
        exchange.add(connection, here.ring, case, told.report, Kind.REACH, "reporter", "ur")
        exchange.answered(connection, told.report, OFFICER)
    with later(days=15):
        refused(here, request, erasures.NOT_SURE)


# The case


def test_a_case_that_is_open_must_be_closed_first(here: Here) -> None:
    told = here.tells()
    request = here.asks(told)
    here.agrees(request)
    with later(days=15):
        refused(here, request, erasures.STILL_OPEN)
        here.desk.closed(told.case)
        here.carries_out(request)


def test_an_open_case_of_others_goes_on_without_the_one_report(here: Here) -> None:
    one, two = here.tells(), here.tells()
    together(here, two, into=one)
    before = here.desk.clocks(one.case).keys()
    here.erased(two)
    assert here.desk.case(one.case).state == "received" and here.desk.clocks(one.case).keys() == before
    here.desk.closed(one.case)


@pytest.mark.parametrize("alone", [True, False])
def test_a_hold_for_legal_reasons_stops_it_whoever_else_told_us(here: Here, alone: bool) -> None:
    told = here.tells()
    if not alone:
        together(here, here.tells(), into=told)
    here.desk.triaged(told.case)
    here.desk.step(told.case, Event.HOLD, MANAGER, Who.MANAGER, reason="court")
    request = here.asks(told)
    here.agrees(request)
    with later(days=15):
        refused(here, request, erasures.ON_HOLD)


def test_a_complaint_that_is_not_answered_stops_it(here: Here) -> None:
    told, other = here.tells(), here.tells(kind=("complaint_about_handling",))
    assert here.desk.case(other.case).stage == "asked"
    request = here.asks(other)
    here.agrees(request)
    with later(days=15):
        assert erasures.COMPLAINT.id in reasons(here, request)
        with pytest.raises(InTheWay):
            here.carries_out(request)
    assert here.code_opens(other) and here.code_opens(told)


# Two people


def test_it_takes_two_people_and_not_the_one_who_deals_with_the_case(here: Here) -> None:
    told = here.tells()
    here.desk.closed(told.case)
    officer = here.person("Officer Three", Role.CASE_MANAGER, Role.CASE_OFFICER)
    with here.database.write() as connection:
        connection.execute(update(IncidentCase).values(officer=officer.reference))
    request = here.asks(told)
    here.agrees(request)
    with later(days=15):
        for person in (here.first, officer):
            with pytest.raises(SamePerson):
                here.carries_out(request, person)
        here.carries_out(request)


def test_the_database_itself_wants_two_people(here: Here) -> None:
    told = here.tells()
    request = here.asks(told)
    here.agrees(request)
    one = {"state": "erased", "ended": 1, "confirmed_by": here.first.reference}
    db_refuses(here, update(Erasure).values(one), "second_person")
    db_refuses(here, update(Erasure).values({**one, "confirmed_by": None}), "second_person")
    db_refuses(here, update(Erasure).values(state="refused", ended=1, reason=None), "refused")
    db_refuses(here, delete(Erasure), "erasure_stays")
    db_refuses(here, update(Erasure).values(asked=1), "erasure_is_as_it_was")
    row = {"reference": "7K3PX92CM", "report": told.report, "state": "asked", "asked": 1, "also": []}
    db_refuses(here, insert(Erasure).values({**row, "due": date(2026, 1, 1)}), "(?i)unique")


def db_refuses(here: Here, statement: Any, name: str) -> None:
    with pytest.raises((IntegrityError, DatabaseError), match=name), here.database.write() as connection:
        connection.execute(statement)


def test_words_are_taken_out_only_where_a_tombstone_says_so_first(here: Here) -> None:
    told = here.all_of_it()
    by: dict[Any, str] = {CaseNote: "by", CaseMessage: "by", ShareOverride: "asked_by", AgencyFeedback: "by"}
    for table in by:
        db_refuses(here, update(table).where(table.sealed.is_not(None)).values(sealed=b""), "as_it_was")
    here.erased(told)
    for table, who in by.items():
        rows = update(table).where(table.sealed.is_not(None))
        db_refuses(here, rows.values(sealed=b"new words"), "as_it_was")
        db_refuses(here, rows.values({"sealed": b"", who: "SMB234567"}), "as_it_was")
    db_refuses(here, update(Disclosure).values(pack=b"new words"), "disclosure_is_as_it_was")
    db_refuses(here, update(Disclosure).values(pack=b"", sent=1), "disclosure_is_as_it_was")
    for table, name in ((Tombstone, "tombstone"), (ErasedWords, "erased_words")):
        db_refuses(here, delete(table), f"{name}_stay|(?i:foreign key)")
    db_refuses(here, update(Tombstone).values(ground="asked"), "tombstone_is_as_it_was")
    db_refuses(here, update(ErasedWords).values(tombstone=told.report), "erased_words_are_as_they_were")


def test_who_must_not_know_of_the_case_knows_nothing_of_the_request(here: Here) -> None:
    told = here.tells()
    request = here.asks(told)
    keyer = here.person("Keyer Five", Role.KEYER)
    with here.database.write() as connection:
        row = {"case": told.case, "account": here.second.reference, "why": "relative"}
        connection.execute(insert(CaseConflict), {**row, "by": MANAGER, "at": clock.seconds()})
    assert here.second.reference in _barred(here, told.case)
    for person in (here.second, keyer):
        with here.database.read() as connection:
            assert erasures.open_requests(connection, person) == []
            assert list(erasures.waiting(connection, person)) == []
            with pytest.raises(NotSeen):
                erasures.find(connection, person, request)
        with pytest.raises(NotSeen):
            erasures.send_back(here.database, here.ring, person, request)


def _barred(here: Here, case: str) -> set[str]:
    with here.database.read() as connection:
        return set(conflicts.who(connection, case))


def test_information_governance_oversees_sealed_cases_and_other_managers_do_not(here: Here) -> None:
    told = here.tells(kind=("domestic_abuse",))
    here.asks(told)
    with here.database.read() as connection:
        assert erasures.open_requests(connection, here.first) == []
        [row] = erasures.open_requests(connection, here.second)
    assert row.case == told.case


@pytest.mark.parametrize("reason", REFUSED_WHY)
def test_a_refusal_has_a_reason_that_the_law_knows_and_ends_it(here: Here, reason: str) -> None:
    told = here.tells()
    request = here.asks(told)
    erasures.refuse(here.database, here.ring, here.settings, here.first, request, reason)
    row = here.request(request)
    assert (row.state, row.reason, row.decided_by) == ("refused", reason, here.first.reference)
    with here.database.read() as connection:
        assert exchange.unanswered(connection) == []
    assert here.code_opens(told)
    with pytest.raises(NotNow):
        here.agrees(request)


@pytest.mark.parametrize("words_", ["", "because"])
def test_no_other_reason_is_taken(here: Here, words_: str) -> None:
    request = here.asks(here.tells())
    with pytest.raises(KeyError):
        erasures.refuse(here.database, here.ring, here.settings, here.first, request, words_)
    with pytest.raises(KeyError):
        here.agrees(request, sure=words_)
    assert here.request(request).state == "asked"


# The table of steps, and haste


def test_every_step_that_is_not_in_the_table_is_refused(there: Here) -> None:
    told = there.tells()
    there.desk.closed(told.case)
    acts: dict[Act, Callable[[str], object]] = {
        Act.AGREE: there.agrees,
        Act.REFUSE: lambda one: erasures.refuse(
            there.database, there.ring, there.settings, there.first, one, "legal_duty"
        ),
        Act.SEND_BACK: lambda one: erasures.send_back(there.database, there.ring, there.first, one),
        Act.CARRY_OUT: there.carries_out,
    }
    assert set(Act) - set(acts) == {Act.ASK, Act.WITHDRAW, Act.ERASE_AGAIN}
    for state in State:
        for act, do in acts.items():
            request = there.asks(told)
            if state in (State.AGREED, State.ERASED):
                there.agrees(request)
            if state not in OPEN:
                with there.database.write() as connection:
                    more = (
                        {"reason": "legal_duty", "decided_by": "MNG234567", "decided": 1}
                        if (state is State.REFUSED)
                        else {"confirmed_by": "THR234567"}
                        if state is State.ERASED
                        else {}
                    )
                    mine = update(Erasure).where(Erasure.reference == request)
                    connection.execute(mine.values(state=state.value, ended=1, **more))
            [step] = [one for one in TABLE if one.act is act]
            if state in step.since and act is not Act.CARRY_OUT:
                do(request)
                assert there.request(request).state == step.to
            else:
                with pytest.raises(NotNow):
                    do(request)
                assert there.request(request).state == state
            if there.request(request).state in OPEN:
                with there.database.write() as connection:
                    erasures.withdraw(connection, told.receipt)


def test_of_two_officers_who_decide_at_once_one_does(here: Here) -> None:
    told = here.tells()
    here.desk.closed(told.case)
    request = here.asks(told)
    found = at_once(
        lambda: here.agrees(request),
        lambda: erasures.refuse(
            here.database, here.ring, here.settings, here.second, request, "legal_claims"
        ),
    )
    assert sorted(isinstance(one, NotNow) for one in found) == [False, True]
    row = here.request(request)
    assert (row.state, row.decided_by) in (
        ("agreed", here.first.reference),
        ("refused", here.second.reference),
    )


def test_of_two_who_carry_it_out_at_once_one_does(here: Here) -> None:
    told = here.all_of_it()
    third = here.person("Governance Six", Role.GOVERNANCE)
    request = here.asks(told)
    here.agrees(request)
    with later(days=15):
        found = at_once(lambda: here.carries_out(request), lambda: here.carries_out(request, third))
    assert sorted(isinstance(one, NotNow) for one in found) == [False, True]
    assert len(here.desk.every(Tombstone)) == 1
    assert len(here.settings.erased.read_text().splitlines()) == 1


def test_a_message_that_arrives_at_the_same_moment_is_erased_or_stops_it(here: Here) -> None:
    told = here.tells()
    here.desk.closed(told.case)
    request = here.asks(told)
    here.agrees(request)

    def writes() -> None:
        with here.database.write() as connection:
            exchange.take_words(connection, here.ring, told.receipt, "It was not me", "ur")

    with later(days=15):
        erased, written = at_once(lambda: here.carries_out(request), writes)
    if here.code_opens(told):
        assert isinstance(erased, InTheWay) and written is None
        assert heard(here, told, told.case) == {"It was not me"}
    else:
        assert erased is None and isinstance(written, NotNow), "the person is told so"
        assert not any(row.sealed for row in here.desk.every(CaseMessage))


def test_taking_it_back_at_the_same_moment_wins_or_comes_too_late(here: Here) -> None:
    told = here.tells()
    here.desk.closed(told.case)
    request = here.asks(told)
    here.agrees(request)

    def takes_back() -> None:
        with here.database.write() as connection:
            erasures.withdraw(connection, told.receipt)

    with later(days=15):
        found = at_once(lambda: here.carries_out(request), takes_back)
    assert sorted(isinstance(one, NotNow) for one in found) == [False, True]
    assert here.code_opens(told) is (here.request(request).state == "withdrawn")


def test_every_code_of_a_state_reason_and_way_fits_its_column() -> None:
    columns = Erasure.__table__.columns
    for name, codes in (("state", State), ("reason", REFUSED_WHY), ("sure", SURE)):
        longest = columns[name].type.length  # type: ignore[attr-defined]
        assert all(len(code) <= longest for code in codes), name


def test_a_report_whose_case_made_no_rule_of_its_own_leaves_that_of_others_alone(there: Here) -> None:
    one, two = there.tells(), there.tells()
    together(there, two, into=one)
    with there.database.write() as connection:
        mine = update(IncidentReport).where(IncidentReport.reference == two.report)
        connection.execute(mine.values(made=None))
    there.erased(two)
    with there.database.read() as connection:
        assert contact.rule_of(connection, there.ring, f"case {one.case}") is not None
