"""Who may see and do what: every address there is, each role, and nobody."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from portal import audit, clock
from portal.accounts import people
from portal.accounts.guard import GUARDED, access_of
from portal.accounts.roles import OFFICE, Role
from portal.accounts.signing_in import PROOF
from portal.audit import Did
from portal.database import Database
from portal.equality.collections import keep
from portal.forms import FORMS
from portal.incidents.letters import TEMPLATES
from portal.incidents.writing import WRITERS
from portal.settings import CollectionEntry
from portal.tables import Base
from tests import lists
from tests.conftest import MakePortal
from tests.staff import Colleague
from tests.visitor import Visitor, check_headers

ANYONE = {
    *("front.panel", "front.start", "front.help", "front.privacy", "front.accessibility", "front.brand"),
    *("front.healthz", "front.readyz", "front.robots"),
    *("journey.start", "journey.start_now", "journey.question", "journey.answer"),
    *("sending.check", "sending.send", "sending.sent", "sending.written_down", "sending.cleared"),
    *("beforehand.before", "beforehand.device", "beforehand.choose"),
    *("leaving.leave", "talking.talk", "talking.talk_from"),
    *("reply.ask", "reply.enter", "reply.choose", "reply.do", "reply.deleted"),
    *("afterwards.after", "afterwards.begin_after"),
    *("equality.at", "equality.begin_at", "equality.swap", "equality.invited", "equality.begin_invited"),
    *("accounts.sign_in", "accounts.take_password", "accounts.ask_code", "accounts.take_code"),
    "paper.page",
    "feed.calendar",
    *("following_up.look", "following_up.do"),
    *("coming_back.look", "coming_back.do", "coming_back.ask", "coming_back.change"),
    *("collecting.swap", "collecting.ask", "collecting.enter", "collecting.pack", "collecting.received"),
    "collecting.thanks",
    *("accounts.signed_out", "accounts.swap", "accounts.ask_new_password", "accounts.join"),
}
"""What nobody need sign in for."""
ALL = frozenset(Role)
KEYERS = frozenset({Role.KEYER, Role.SUPERVISOR})
SUPERVISOR = frozenset({Role.SUPERVISOR})
HELPERS = frozenset({Role.FRONTLINE, Role.SUPERVISOR})
ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
INTERPRETER = frozenset({Role.INTERPRETER})
SIGNERS = frozenset({Role.FRONTLINE, Role.COORDINATOR})
CALLERS = HELPERS | {Role.COORDINATOR, Role.CASE_OFFICER, Role.CASE_MANAGER}
SEERS = HELPERS | {Role.COORDINATOR, Role.CASE_OFFICER, Role.CASE_MANAGER}
REACHERS = frozenset({Role.SUPERVISOR, Role.COORDINATOR, Role.ADMINISTRATOR})
COORDINATOR = frozenset({Role.COORDINATOR})
OFFICERS = frozenset({Role.CASE_OFFICER, Role.CASE_MANAGER})
SECOND = frozenset({Role.CASE_MANAGER, Role.GOVERNANCE})
WORKERS = OFFICERS | {Role.FRONTLINE, Role.GOVERNANCE}
PLAIN, GRAVE = False, True
TABLE: dict[str, tuple[frozenset[Role], bool]] = {
    "accounts.ask_proof": (ALL, PLAIN),
    "accounts.take_proof": (ALL, PLAIN),
    "accounts.stay": (ALL, PLAIN),
    "accounts.sign_out": (ALL, PLAIN),
    "accounts.sign_out_everywhere": (ALL, PLAIN),
    "accounts.show_codes": (ALL, PLAIN),
    "accounts.codes_kept": (ALL, PLAIN),
    "accounts.me": (ALL, PLAIN),
    "accounts.choose_shortcuts": (ALL, PLAIN),
    "accounts.ask_other_password": (ALL, GRAVE),
    "accounts.change_password": (ALL, GRAVE),
    "accounts.ask_new_codes": (ALL, GRAVE),
    "accounts.make_new_codes": (ALL, GRAVE),
    "office.home": (ALL, PLAIN),
    "office.find": (OFFICE, PLAIN),
    "auditing.log": (frozenset({Role.GOVERNANCE}), PLAIN),
    "reaching.everything": (REACHERS, PLAIN),
    "reaching.one": (REACHERS, PLAIN),
    "reaching.again": (REACHERS, PLAIN),
    "reaching.phoned": (REACHERS, PLAIN),
    "reaching.give_up": (REACHERS, PLAIN),
    "call_sheet.sheet": (WORKERS, PLAIN),
    "call_sheet.called": (WORKERS, PLAIN),
    "call_sheet.still_safe": (WORKERS, PLAIN),
    "call_sheet.write": (WORKERS, PLAIN),
    "posting.letter": (WORKERS, PLAIN),
    "posting.address": (WORKERS, PLAIN),
    "posting.enter": (WORKERS, PLAIN),
    "posting.confirm": (WORKERS, PLAIN),
    "partners.everything": (ADMINISTRATOR | {Role.GOVERNANCE}, PLAIN),
    "partners.one": (ADMINISTRATOR | {Role.GOVERNANCE}, PLAIN),
    "partners.keep": (ADMINISTRATOR | {Role.GOVERNANCE}, PLAIN),
    "sharing.page": (OFFICERS, PLAIN),
    "sharing.consent": (OFFICERS, PLAIN),
    "sharing.mark": (OFFICERS, PLAIN),
    "sharing.feedback": (OFFICERS, PLAIN),
    "sharing.read": (OFFICERS, PLAIN),
    "sharing.again": (OFFICERS, PLAIN),
    "handing_over.pack": (OFFICERS, PLAIN),
    "handing_over.file": (OFFICERS, PLAIN),
    "handing_over.wish": (OFFICERS, PLAIN),
    "handing_over.look": (frozenset({Role.CASE_MANAGER}), PLAIN),
    "handing_over.decide": (frozenset({Role.CASE_MANAGER}), PLAIN),
    "evidence.everything": (WORKERS, PLAIN),
    "evidence.one": (WORKERS, PLAIN),
    "evidence.override": (WORKERS, PLAIN),
    "lists.everything": (ADMINISTRATOR, PLAIN),
    "lists.one": (ADMINISTRATOR, PLAIN),
    "lists.add": (ADMINISTRATOR, PLAIN),
    "lists.member": (ADMINISTRATOR, PLAIN),
    "lists.rename": (ADMINISTRATOR, PLAIN),
    "lists.move": (ADMINISTRATOR, PLAIN),
    "lists.use": (ADMINISTRATOR, PLAIN),
    "choosing.panel": (ADMINISTRATOR, PLAIN),
    "choosing.keep": (ADMINISTRATOR, PLAIN),
    "choosing.point": (OFFICE, PLAIN),
    "other_languages.everything": (frozenset({Role.COORDINATOR}), PLAIN),
    "other_languages.code": (frozenset({Role.COORDINATOR}), PLAIN),
    "own.home": (INTERPRETER, PLAIN),
    "own.offer": (INTERPRETER, PLAIN),
    "own.accept": (INTERPRETER, PLAIN),
    "own.decline": (INTERPRETER, PLAIN),
    "own_visits.sheet": (INTERPRETER, PLAIN),
    "own_visits.who": (INTERPRETER, PLAIN),
    "own_visits.unknown": (INTERPRETER, PLAIN),
    "own_visits.known": (INTERPRETER, PLAIN),
    "own_visits.back": (INTERPRETER, PLAIN),
    "own_visits.begin": (INTERPRETER, PLAIN),
    "own_visits.end": (INTERPRETER, PLAIN),
    "own_visits.absent": (INTERPRETER, PLAIN),
    "own_visits.printed": (INTERPRETER, PLAIN),
    "own_times.times": (INTERPRETER, PLAIN),
    "own_times.add_free": (INTERPRETER, PLAIN),
    "own_times.drop_free": (INTERPRETER, PLAIN),
    "own_times.add_leave": (INTERPRETER, PLAIN),
    "own_times.drop_leave": (INTERPRETER, PLAIN),
    "own_times.timesheet": (INTERPRETER, PLAIN),
    "own_times.claim": (INTERPRETER, PLAIN),
    "own_times.calendar": (INTERPRETER, PLAIN),
    "own_times.make": (INTERPRETER, PLAIN),
    "own_times.revoke": (INTERPRETER, PLAIN),
    "signing_off.everything": (SIGNERS, PLAIN),
    "signing_off.one": (SIGNERS, PLAIN),
    "signing_off.sign": (SIGNERS, PLAIN),
    "signing_off.dispute": (SIGNERS, PLAIN),
    "writing.everything": (WORKERS, PLAIN),
    "writing.to_one": (WORKERS, PLAIN),
    "writing.write": (frozenset(WRITERS), PLAIN),
    "desk.lists": (COORDINATOR, PLAIN),
    "desk.one": (COORDINATOR, PLAIN),
    "desk.words": (COORDINATOR, PLAIN),
    "explaining.tables": (COORDINATOR, PLAIN),
    "cases.lists": (OFFICERS, PLAIN),
    "cases.one": (WORKERS, PLAIN),
    "cases.words": (WORKERS, PLAIN),
    "case_steps.step": (OFFICERS, PLAIN),
    "case_help.tables": (OFFICERS, PLAIN),
    "case_exceptions.exceptions": (frozenset({Role.CASE_MANAGER}), PLAIN),
    "erasures.everything": (SECOND, PLAIN),
    "erasures.record": (SECOND, PLAIN),
    "erasures.one": (SECOND, GRAVE),
    "erasures.decide": (SECOND, GRAVE),
    "erasures.confirm": (SECOND, GRAVE),
    "across_cases.shared": (SECOND, PLAIN),
    "deciding.step": (COORDINATOR, PLAIN),
    "offering.people": (COORDINATOR, PLAIN),
    "offering.offer": (COORDINATOR, PLAIN),
    "offering.choose": (COORDINATOR, PLAIN),
    "offering.move": (COORDINATOR, PLAIN),
    "placing.ask": (COORDINATOR, PLAIN),
    "placing.place": (COORDINATOR, PLAIN),
    "weeks.week": (COORDINATOR, PLAIN),
    "register.everybody": (COORDINATOR, PLAIN),
    "register.add": (COORDINATOR, PLAIN),
    "register.one": (COORDINATOR, PLAIN),
    "register.change": (COORDINATOR, PLAIN),
    "register.languages": (COORDINATOR, PLAIN),
    "on_duty.week": (OFFICE, PLAIN),
    "on_duty.add": (COORDINATOR, PLAIN),
    "on_duty.slot": (COORDINATOR, PLAIN),
    "on_duty.change": (COORDINATOR, PLAIN),
    "on_duty.now": (OFFICE, PLAIN),
    "on_duty.show_code": (CALLERS, PLAIN),
    "on_duty.gaps": (OFFICE, PLAIN),
    "calling.new_call": (CALLERS, PLAIN),
    "calling.log_call": (CALLERS, PLAIN),
    "calling.without": (OFFICE, PLAIN),
    "calling.count_without": (OFFICE, PLAIN),
    "providers.scorecard": (COORDINATOR | {Role.ANALYST, Role.GOVERNANCE}, PLAIN),
    "publishing.everything": (OFFICE, PLAIN),
    "publishing.add": (COORDINATOR, PLAIN),
    "publishing.one": (OFFICE, PLAIN),
    "publishing.change": (COORDINATOR, PLAIN),
    "publishing.give_out": (OFFICE, PLAIN),
    "managing.everybody": (ADMINISTRATOR, GRAVE),
    "managing.add": (ADMINISTRATOR, GRAVE),
    "managing.one": (ADMINISTRATOR, GRAVE),
    "managing.change": (ADMINISTRATOR, GRAVE),
    "managing.make_link": (ADMINISTRATOR, GRAVE),
    "managing.sign_out": (ADMINISTRATOR, GRAVE),
    "collections.everywhere": (ADMINISTRATOR | SUPERVISOR, PLAIN),
    "collections.one": (ADMINISTRATOR | SUPERVISOR, PLAIN),
    "collections.add": (ADMINISTRATOR, PLAIN),
    "collections.change": (ADMINISTRATOR, PLAIN),
    "collections.close": (ADMINISTRATOR, PLAIN),
    "collections.reopen": (ADMINISTRATOR, PLAIN),
    "keying.piles": (KEYERS, PLAIN),
    "keying.open_pile": (SUPERVISOR, PLAIN),
    "keying.pile": (KEYERS, PLAIN),
    "keying.take": (KEYERS, PLAIN),
    "keying.take_over": (SUPERVISOR, PLAIN),
    "keying.close": (SUPERVISOR, PLAIN),
    "screen.show": (KEYERS, PLAIN),
    "screen.save": (KEYERS, PLAIN),
    "screen.keep": (KEYERS, PLAIN),
    "scanning.attach": (KEYERS, PLAIN),
    "scanning.show": (KEYERS, PLAIN),
    "scanning.remove": (KEYERS, PLAIN),
    "settling.waiting": (SUPERVISOR, PLAIN),
    "settling.show": (SUPERVISOR, PLAIN),
    "settling.settle": (SUPERVISOR, PLAIN),
    "settling.rates": (SUPERVISOR, PLAIN),
    "settling.practise": (KEYERS, PLAIN),
    "settling.begin": (KEYERS, PLAIN),
    "settling.score": (KEYERS, PLAIN),
    "paper_out.everything": (KEYERS | HELPERS, PLAIN),
    "paper_out.order": (SUPERVISOR, PLAIN),
    "paper_out.one": (KEYERS | HELPERS, PLAIN),
    "paper_out.make_again": (SUPERVISOR, PLAIN),
    "paper_out.issue": (SUPERVISOR, PLAIN),
    "paper_out.pdf": (SUPERVISOR, PLAIN),
    "helping.choose": (HELPERS, PLAIN),
    "helping.script": (HELPERS, PLAIN),
    "helping.question": (HELPERS, PLAIN),
    "helping.answer": (HELPERS, PLAIN),
    "helping.check": (HELPERS, PLAIN),
    "helping.send": (HELPERS, PLAIN),
    "helping.sent": (HELPERS, PLAIN),
    "helping.done": (HELPERS, PLAIN),
    "needs.search": (SEERS, PLAIN),
    "needs.look": (SEERS, PLAIN),
    "needs.one": (SEERS, PLAIN),
    "needs.review": (SEERS, PLAIN),
    "case_people.show": (OFFICERS, PLAIN),
    "case_people.add": (OFFICERS, PLAIN),
    "case_people.remove": (OFFICERS, PLAIN),
    "case_people.exclude": (OFFICERS, PLAIN),
    "case_people.include": (OFFICERS, PLAIN),
    "emergencies.ask": (OFFICERS, PLAIN),
    "emergencies.let_in": (OFFICERS, PLAIN),
    "emergencies.broken": (SECOND, PLAIN),
    "emergencies.looked": (SECOND, PLAIN),
    "emergencies.ask_whom": (frozenset({Role.CASE_MANAGER}), PLAIN),
    "emergencies.hand_over": (frozenset({Role.CASE_MANAGER}), PLAIN),
}
"""Whom each page of the office is for, and whether it wants the second factor given lately."""
NOT_THERE = {
    *("keying.pile", "screen.show", "scanning.show", "settling.show", "settling.score"),
    *("paper_out.one", "paper_out.pdf", "helping.question", "helping.check"),
    "choosing.panel",
    *("own.offer", "own_visits.sheet", "own_visits.printed", "own_times.timesheet", "signing_off.one"),
    *("own_times.times", "own_times.calendar"),
    "on_duty.slot",
    "publishing.one",
    "needs.one",
    "reaching.one",
    "case_people.show",
    "cases.one",
    *("partners.one", "sharing.page", "handing_over.file"),
    *("call_sheet.sheet", "posting.letter", "posting.address"),
    *("evidence.everything", "evidence.one"),
    *("desk.one", "offering.people", "placing.ask", "register.one"),
    *("writing.everything", "writing.to_one"),
    "erasures.one",
}
"""Pages of things that do not exist here: 404 also for those who may."""
OF_CASES = "/staff/cases/<reference>/"
"""What lies below the page of a case. That somebody asked for it is noted, whether or not there is a case."""
NOTED = {"erasures.one"}
"""Other pages of which that is noted."""
MISSING, ALSO_MISSING = "VXC5MCTWM", "5WX43K9F5"
"""References that fit, of nothing."""
UNKNOWN = ("/staff/nothing", "/staff/people/x/y/z", "/interpreters/nothing")


def rules(app: Flask, method: str) -> list[Rule]:
    """The guarded routes that take this method."""
    found = [rule for rule in app.url_map.iter_rules() if method in (rule.methods or ())]
    return [rule for rule in found if rule.rule.split("/", 2)[1] in GUARDED]


def path_of(rule: Rule, who: str, **known: str) -> str:
    values = {"who": who, "code": "repairs", "int:number": "1"}
    values |= {"register": "offices", "member": "north", "panel": "three_main"}
    values |= dict.fromkeys(("batch", "reference"), MISSING)
    values |= dict.fromkeys(("sheet", "made", "person", "identity", "disclosure", "override"), ALSO_MISSING)
    if rule.endpoint == "posting.letter":
        values["code"] = next(iter(TEMPLATES))
    values |= known
    return "/".join(values[part[1:-1]] if part.startswith("<") else part for part in rule.rule.split("/"))


def everything(database: Database) -> dict[str, list[Any]]:
    """All rows but those of the log, and but when a sign-in was last used."""
    left_out = {"audit", "audit_head", "throttle", "throttle_key", "signed_in"}
    with database.read() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(*table.columns))))
            for table in Base.metadata.sorted_tables
            if table.name not in left_out
        }


def refusals(database: Database) -> int:
    with database.read() as connection:
        return len(audit.page(connection, did=Did.REFUSED, limit=10_000))


@pytest.fixture
def portal(make_portal: MakePortal, database: Database) -> Flask:
    """The portal with a form that names a list "offices"."""
    return make_portal(database, forms=(*FORMS, lists.FORM))


@pytest.fixture
def colleague(portal: Flask, database: Database, request: pytest.FixtureRequest) -> Colleague:
    keep(database, [CollectionEntry(code="repairs", name="Repairs")])
    return Colleague(portal, request.param)


# The table


def test_every_route_is_listed_with_whom_it_is_for(portal: Flask) -> None:
    listed = {**dict.fromkeys(ANYONE), **TABLE}
    declared = {}
    for endpoint in {rule.endpoint for rule in portal.url_map.iter_rules()}:
        access = access_of(portal, endpoint)
        declared[endpoint] = (access.roles, access.grave) if access else None
    assert declared == listed


def test_what_is_guarded_is_what_has_declared_whom_it_is_for(portal: Flask) -> None:
    """Without a declaration an address of the office is nobody's; elsewhere a declaration is idle."""
    for rule in portal.url_map.iter_rules():
        assert (rule.rule.split("/", 2)[1] in GUARDED) == (rule.endpoint in TABLE), rule


# Those who are signed in


@pytest.mark.parametrize("colleague", Role, indirect=True)
def test_each_role_sees_its_pages_and_of_others_not_even_that_they_exist(
    colleague: Colleague, portal: Flask, database: Database
) -> None:
    role, before = colleague.roles[0], everything(database)
    elsewhere = {"accounts.show_codes": "/staff/me", "helping.sent": "/staff/for-someone"}
    if role not in OFFICE:
        elsewhere["office.home"] = "/interpreters"
    missing = colleague.open("/staff/nothing")
    assert missing.status == 404
    not_found = missing.response.data
    for rule in rules(portal, "GET"):
        allowed, seen = role in TABLE[rule.endpoint][0], refusals(database)
        noted = not allowed or rule.rule.startswith(OF_CASES) or rule.endpoint in NOTED
        response = colleague.client.get(path_of(rule, colleague.reference))
        check_headers(response)
        if not allowed:
            assert (response.status_code, response.data) == (404, not_found), rule
        elif rule.endpoint in elsewhere:
            assert response.headers["Location"] == elsewhere[rule.endpoint]
        else:
            expected = 404 if rule.endpoint in NOT_THERE else 422 if rule.endpoint == "office.find" else 200
            assert response.status_code == expected, rule
            assert (response.data == not_found) == (expected == 404), rule
        assert refusals(database) == seen + noted, rule
    assert everything(database) == before, "looking changed something"


@pytest.mark.parametrize("colleague", Role, indirect=True)
def test_each_role_does_nothing_without_the_token_and_finds_no_way_to_what_is_of_others(
    colleague: Colleague, portal: Flask, database: Database
) -> None:
    role, before = colleague.roles[0], everything(database)
    not_found = colleague.open("/staff/nothing").response.data
    typed = {"name": "Mallory", "email": "mallory@example.org", "roles": "administrator", "active": "yes"}
    for rule in rules(portal, "POST"):
        response = colleague.client.post(path_of(rule, colleague.reference), data=typed)
        check_headers(response)
        if role in TABLE[rule.endpoint][0]:
            assert response.status_code == 400, rule
        else:
            assert (response.status_code, response.data) == (404, not_found), rule
    assert everything(database) == before
    assert colleague.open("/staff/me").status == 200, "still signed in"


@pytest.mark.parametrize("colleague", [Role.ADMINISTRATOR], indirect=True)
def test_what_is_grave_wants_the_second_factor_given_lately(
    colleague: Colleague, portal: Flask, database: Database
) -> None:
    before = everything(database)
    with time_machine.travel(clock.moment(clock.seconds() + PROOF + 1), tick=False):
        for rule in rules(portal, "GET"):
            path = path_of(rule, colleague.reference)
            allowed, grave = Role.ADMINISTRATOR in TABLE[rule.endpoint][0], TABLE[rule.endpoint][1]
            location = colleague.client.get(path).headers.get("Location", "")
            assert location.startswith("/staff/prove?next=") == (allowed and grave), rule
        for rule in rules(portal, "POST"):
            response = colleague.client.post(path_of(rule, colleague.reference))
            if Role.ADMINISTRATOR in TABLE[rule.endpoint][0]:
                grave = TABLE[rule.endpoint][1]
                assert response.status_code == (403 if grave else 400), rule
                assert ("Nothing was done with what you sent" in response.text) == grave, rule
    assert everything(database) == before


@pytest.mark.parametrize("path", UNKNOWN)
def test_an_address_that_does_not_exist_is_the_same_to_all_and_no_refusal(
    portal: Flask, database: Database, path: str
) -> None:
    pages = {Colleague(portal, role).open(path).response.data for role in (Role.KEYER, Role.ADMINISTRATOR)}
    assert len(pages) == 1
    assert refusals(database) == 0


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE"])
def test_another_method_is_an_address_that_does_not_exist(portal: Flask, method: str) -> None:
    colleague = Colleague(portal, Role.ADMINISTRATOR)
    assert colleague.client.open("/staff/people", method=method).status_code == 404


# Nobody


def test_nobody_is_led_to_sign_in_and_learns_nothing(portal: Flask, database: Database) -> None:
    before, client = everything(database), portal.test_client()
    for path in [path_of(rule, MISSING) for rule in rules(portal, "GET")] + list(UNKNOWN):
        response = client.get(path)
        check_headers(response)
        assert response.status_code == 303, path
        assert response.headers["Location"].startswith("/sign-in?next=/"), path
    pages = set()
    for path in [path_of(rule, MISSING) for rule in rules(portal, "POST")] + list(UNKNOWN):
        response = client.post(path, data={"name": "Mallory"})
        check_headers(response)
        assert response.status_code == 403, path
        pages.add(response.data)
    assert len(pages) == 1 and b"Nothing was done with what you sent" in pages.pop()
    assert everything(database) == before


def test_every_form_that_anyone_may_send_wants_the_token(portal: Flask, database: Database) -> None:
    before = everything(database)
    values = {
        "language": "en",
        "address": "about-you",
        "int:number": "1",
        "collection": "c",
        "private": "tell-us",
    }
    for rule in portal.url_map.iter_rules():
        if "POST" in (rule.methods or ()) and rule.endpoint in ANYONE:
            parts = [values[part[1:-1]] if part.startswith("<") else part for part in rule.rule.split("/")]
            response = portal.test_client().post("/".join(parts), data={"go": "next", "code": "1"})
            assert response.status_code == 400, rule
    assert everything(database) == before


def test_a_new_role_counts_at_once_and_a_lost_one_too(portal: Flask) -> None:
    keyer = Colleague(portal, Role.KEYER)
    state = portal.extensions["portal"]
    Colleague(portal, Role.ADMINISTRATOR)
    assert keyer.open("/staff/audit").status == 404
    for roles, status in (([Role.GOVERNANCE], 200), ([Role.KEYER], 404)):
        people.change(
            state.database, state.ring, keyer.reference, name="K", roles=roles, active=True, by="operator"
        )
        assert keyer.open("/staff/audit").status == status


def test_somebody_without_sign_in_sees_no_place_of_the_office(portal: Flask) -> None:
    assert "/staff/" not in Visitor(portal).open("/sign-in").response.text
