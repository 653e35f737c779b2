"""Who sees what of a case: every role, place, facet and way to it; what is forbidden is not there."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Blueprint, Flask
from sqlalchemy import delete, func, insert, select, update

from portal import audit, clock, references
from portal.accounts import people
from portal.accounts.guard import open_to
from portal.accounts.people import Person
from portal.accounts.roles import Role
from portal.audit import OPERATOR, Did
from portal.database import Database
from portal.incidents import access, moving, seeing, unseen, words
from portal.incidents.access import Facet
from portal.incidents.models import IncidentCase
from portal.incidents.teams import BrokenGlass, CaseConflict, CaseMember
from portal.pages import state
from portal.sealing import KeyRing
from tests.arrivals import noise
from tests.cases import CANARIES, Desk
from tests.conftest import MakePortal
from tests.staff import Colleague
from tests.test_access import OF_CASES, everything, path_of

NOBODY = "THR234567"
WHO, REACH, SAID, SHOWN = Facet.IDENTITY, Facet.CONTACT, Facet.WORDS, Facet.EVIDENCE

# The rule once more, as somebody would read it to the staff


@dataclass(frozen=True)
class Place:
    """How somebody stands to a case."""

    name: str
    officer: bool = False
    manager: bool = False
    added: tuple[Facet, ...] = ()
    conflict: bool = False
    glass: int = 0
    """Seconds until the glass they broke is whole again."""
    vacant: bool = False
    """Nobody is officer or manager."""


PLACES = (
    Place("a stranger"),
    Place("a stranger to a new case", vacant=True),
    Place("its officer", officer=True),
    Place("its manager", manager=True),
    *(Place(f"added for {facet}", added=(facet,)) for facet in Facet),
    Place("a manager added for contact", manager=True, added=(REACH,)),
    Place("who broke the glass", glass=60),
    Place("who broke the glass too long ago", glass=-60),
    Place("its officer in a conflict", officer=True, conflict=True),
    Place("its manager in a conflict", manager=True, conflict=True),
    Place("added in a conflict", added=(SAID,), conflict=True),
    Place("who broke the glass in a conflict", glass=60, conflict=True),
    Place("in a conflict with a new case", vacant=True, conflict=True),
)
HOLDERS: dict[str, tuple[Role, ...]] = {
    **{role.value: (role,) for role in Role},
    "every role but those of cases": tuple(
        set(Role) - {Role.CASE_OFFICER, Role.CASE_MANAGER, Role.FRONTLINE, Role.GOVERNANCE}
    ),
    "officer let into both": (Role.CASE_OFFICER, Role.DOMESTIC_ABUSE, Role.ABOUT_STAFF),
    "manager let into both": (Role.CASE_MANAGER, Role.DOMESTIC_ABUSE, Role.ABOUT_STAFF),
    "frontline let into both": (Role.FRONTLINE, Role.DOMESTIC_ABUSE, Role.ABOUT_STAFF),
}
NEEDED = {"domestic_abuse": Role.DOMESTIC_ABUSE, "staff": Role.ABOUT_STAFF}


def allowed(roles: tuple[Role, ...], place: Place, compartment: str) -> set[Facet]:
    """What somebody may see: the rule, written a second time."""
    deals, manages = Role.CASE_OFFICER in roles, Role.CASE_MANAGER in roles
    if place.conflict or not (deals or manages or Role.FRONTLINE in roles or Role.GOVERNANCE in roles):
        return set()
    inside = compartment == "none" or NEEDED[compartment] in roles
    found: set[Facet] = set()
    if inside and place.officer and (deals or manages):
        found = {WHO, REACH, SAID, SHOWN}
    if inside and manages and (place.manager or place.vacant):
        found |= {WHO, SAID, SHOWN}
    if inside and deals and place.vacant:
        found |= {SAID}
    if inside:
        found |= set(place.added)
    if place.glass > 0 and (deals or manages) and (inside or compartment == "domestic_abuse"):
        found = {WHO, REACH, SAID, SHOWN}
    return found


@pytest.fixture
def desk(database: Database, ring: KeyRing) -> Desk:
    return Desk(database, ring)


def place_in(database: Database, case: str, who: str, place: Place, compartment: str) -> None:
    """Let an account stand so to a case, and to no other."""
    now = clock.seconds()
    by = {"by": OPERATOR, "at": now}
    someone = None if place.vacant else NOBODY
    with database.write() as connection:
        for table in (CaseMember, CaseConflict, BrokenGlass):
            connection.execute(delete(table).where(table.case == case))
        connection.execute(
            update(IncidentCase)
            .where(IncidentCase.reference == case)
            .values(
                officer=who if place.officer else someone,
                manager=who if place.manager else someone,
                compartment=compartment,
            )
        )
        of = {"case": case, "account": who}
        if place.added:
            facets = [facet.value for facet in place.added]
            connection.execute(insert(CaseMember), {**of, "facets": facets, **by})
        if place.conflict:
            connection.execute(insert(CaseConflict), {**of, "why": "named", **by})
        if place.glass:
            until = now + place.glass
            row = {"reference": references.new(), "why": "danger", "since": until - 3600, "until": until}
            connection.execute(insert(BrokenGlass), of | row)


def holders(database: Database, ring: KeyRing) -> dict[str, Person]:
    found = {}
    for number, (name, roles) in enumerate(HOLDERS.items()):
        who = people.add(database, ring, f"holder{number}@example.org", name, roles, OPERATOR)
        with database.read() as connection:
            person = people.find(connection, who)
        assert person is not None
        found[name] = person
    return found


def listed(database: Database, person: Person) -> set[str]:
    with database.read() as connection:
        return set(connection.execute(select(IncidentCase.reference).where(access.visible(person))).scalars())


def test_every_role_in_every_place_sees_what_the_rule_says_and_lists_say_the_same(
    database: Database, ring: KeyRing, desk: Desk
) -> None:
    case, every, checked = desk.tells(), holders(database, ring), 0
    everything = itertools.product(PLACES, ("none", *NEEDED), every.items())
    for place, compartment, (name, person) in everything:
        place_in(database, case, person.reference, place, compartment)
        expected = allowed(HOLDERS[name], place, compartment)
        with database.read() as connection:
            row = moving.find(connection, case)
            assert row is not None
            assert access.seen(connection, person, row) == expected, (name, place, compartment)
        assert (case in listed(database, person)) == bool(expected), (name, place, compartment)
        checked += 1
    assert checked == len(PLACES) * 3 * len(HOLDERS)


def test_what_is_of_another_case_or_another_person_lets_nobody_in(
    database: Database, ring: KeyRing, desk: Desk
) -> None:
    case, other = desk.tells(), desk.tells()
    noise(database)
    who = people.add(database, ring, "a@example.org", "A", [Role.CASE_OFFICER], OPERATOR)
    with database.read() as connection:
        person = people.find(connection, who)
    assert person is not None
    for place in PLACES:
        place_in(database, other, who, place, "none")
        place_in(database, case, NOBODY, Place("somebody else", added=(SAID,), glass=60), "none")
        with database.read() as connection:
            row = moving.find(connection, case)
            assert row is not None and access.seen(connection, person, row) == set(), place
        assert case not in listed(database, person), place


def test_a_disabled_account_sees_nothing_even_of_its_own_cases(
    database: Database, ring: KeyRing, desk: Desk
) -> None:
    case = desk.tells()
    who = people.add(database, ring, "a@example.org", "A", [Role.CASE_OFFICER], OPERATOR)
    place_in(database, case, who, PLACES[2], "none")
    with database.read() as connection:
        before = people.find(connection, who)
    assert before is not None and listed(database, before) == {case}
    people.add(database, ring, "b@example.org", "B", [Role.ADMINISTRATOR], OPERATOR)
    people.change(database, ring, who, name="A", roles=[Role.CASE_OFFICER], active=False, by=OPERATOR)
    with database.read() as connection:
        person, row = people.find(connection, who), moving.find(connection, case)
        assert person is not None and row is not None
        assert access.seen(connection, person, row) == set()
    assert listed(database, person) == set()


@pytest.mark.parametrize("name", ["case_officer", "case_manager", "frontline", "officer let into both"])
def test_an_administrator_is_told_of_a_case_that_nobody_can_see(
    name: str, database: Database, ring: KeyRing, desk: Desk
) -> None:
    case, roles = desk.tells(), HOLDERS[name]
    who = people.add(database, ring, "a@example.org", "A", roles, OPERATOR)
    boss = people.add(database, ring, "b@example.org", "B", [Role.ADMINISTRATOR], OPERATOR)
    with database.read() as connection:
        only, administrator = people.find(connection, who), people.find(connection, boss)
    assert only is not None and administrator is not None
    for place, compartment in itertools.product(PLACES, ("none", *NEEDED)):
        if place.glass:
            continue
        place_in(database, case, who, place, compartment)
        hidden = not listed(database, only)
        with database.read() as connection:
            assert unseen.number(connection) == hidden, (place, compartment)
            assert len(list(unseen.waiting(connection, administrator))) == hidden
            assert list(unseen.waiting(connection, only)) == []


# Over the pages

probe = Blueprint("probe", __name__)


@probe.get("/staff/probe/<reference>/<facet>")
@open_to(*Role)
def look_at(reference: str, facet: str) -> str:
    """A page that opens a case's words, as every page of cases does."""
    row = seeing.facet(reference, Facet(facet))
    with state().database.read() as connection:
        return words.notes_of(connection, state().ring, row.reference)[0].words


@probe.post("/staff/probe/<reference>/<facet>")
@open_to(*Role)
def write(reference: str, facet: str) -> str:
    """A page that changes a case, for who may see that facet."""
    with seeing.change(reference, Facet(facet)) as (connection, row):
        words.add_note(connection, state().ring, row.reference, "note", "more", by=NOBODY)
    return "written"


@dataclass
class Opened:
    """What was opened of cases, and how many entries the log had then."""

    database: Database
    times: list[int]

    def audited(self) -> int:
        with self.database.read() as connection:
            return connection.execute(select(func.count()).select_from(audit.Audit)).scalar_one()


@pytest.fixture
def opened(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    """A spy on the key of every case."""
    found, true_way = Opened(database, []), KeyRing.data_key

    def spied(ring: KeyRing, place: str, *rest: Any) -> bytes:
        if place.startswith(("incident_case/", "submission/")):
            found.times.append(found.audited())
        return true_way(ring, place, *rest)

    monkeypatch.setattr(KeyRing, "data_key", spied)
    return found


def rows_of(database: Database, by: str, did: Did) -> list[audit.Entry]:
    with database.read() as connection:
        return audit.page(connection, by=by, did=did, limit=1000)


def entries(database: Database, by: str) -> tuple[int, int]:
    """How often somebody was refused, and has viewed something."""
    found = audit.Audit
    with database.read() as connection:
        counted = select(found.did, func.count()).where(found.by == by).group_by(found.did)
        numbers = {row[0]: row[1] for row in connection.execute(counted)}
    return numbers.get(Did.REFUSED, 0), numbers.get(Did.VIEWED, 0)


@pytest.fixture
def probed(make_portal: MakePortal, database: Database) -> Flask:
    app = make_portal(database)
    app.register_blueprint(probe)
    app.config["WTF_CSRF_ENABLED"] = False
    return app


OVER_PAGES = {
    "a stranger": ("none",),
    "a stranger to a new case": ("none",),
    "its officer": ("none", "staff"),
    "its manager": ("none",),
    "added for words": ("none",),
    "who broke the glass": ("none", "staff"),
    "its officer in a conflict": ("none",),
}
"""Places whose every cell is tried over HTTP, and compartments; all others are above."""


@pytest.mark.parametrize("name", HOLDERS)
def test_what_is_forbidden_is_the_404_of_what_is_not_there_opens_nothing_and_is_noted(
    name: str, probed: Flask, database: Database, desk: Desk, opened: Opened
) -> None:
    case, missing = desk.tells(), references.new()
    with database.write() as connection:
        words.add_note(connection, desk.ring, case, "note", CANARIES[3], by=NOBODY)
    colleague = Colleague(probed, *HOLDERS[name], name="Probe")
    not_there = colleague.client.get(f"/staff/probe/{missing}/words").data
    named = {place.name: place for place in PLACES}
    for place, compartment in [(named[one], part) for one, parts in OVER_PAGES.items() for part in parts]:
        place_in(database, case, colleague.reference, place, compartment)
        expected = allowed(HOLDERS[name], place, compartment)
        for facet, verb in itertools.product(Facet, ("get", "post")):
            opened.times.clear()
            before = entries(database, colleague.reference)
            audited = opened.audited()
            response = getattr(colleague.client, verb)(f"/staff/probe/{case}/{facet.value}")
            after = entries(database, colleague.reference)
            refused, viewed = after[0] - before[0], after[1] - before[1]
            cell = (name, place.name, compartment, facet, verb)
            if facet in expected:
                assert (response.status_code, refused) == (200, 0), cell
                assert opened.times, cell
                if verb == "get":
                    assert viewed == 1 and min(opened.times) > audited, (cell, "opened before it was noted")
            else:
                assert (response.status_code, response.data) == (404, not_there), cell
                assert (opened.times, refused, viewed) == ([], 1, 0), cell


def test_each_look_is_in_the_log_with_its_facet_and_nothing_of_the_person(
    probed: Flask, database: Database, desk: Desk
) -> None:
    case = desk.tells()
    with database.write() as connection:
        words.add_note(connection, desk.ring, case, "note", CANARIES[3], by=NOBODY)
    officer = Colleague(probed, Role.CASE_OFFICER)
    place_in(database, case, officer.reference, PLACES[2], "none")
    for facet in Facet:
        officer.client.get(f"/staff/probe/{case}/{facet.value}")
    found = rows_of(database, officer.reference, Did.VIEWED)
    assert [(one.what, one.detail) for one in found] == [
        (f"case {case}", {"facet": facet.value}) for facet in reversed(Facet)
    ]


OPENS = {"cases.one", "case_people.show", "sharing.page", "call_sheet.sheet", "writing.everything"}
OPENS |= {"evidence.everything"}
"""Pages that every case has."""


@pytest.mark.parametrize("name", ["a stranger", "its officer in a conflict", "added in a conflict"])
def test_no_page_of_a_case_is_there_for_whom_the_case_is_not(
    name: str, probed: Flask, database: Database, desk: Desk, opened: Opened
) -> None:
    """Every address below the cases, whatever is sent to it, with every role that there is."""
    case, tried = desk.tells(), set()
    colleague = Colleague(probed, *(set(Role) - {Role.INTERPRETER}), name="Everybody")
    [place] = [one for one in PLACES if one.name == name]
    place_in(database, case, colleague.reference, place, "none")
    not_there, before = colleague.open("/staff/nothing").response.data, everything(database)
    opened.times.clear()
    rules = [rule for rule in probed.url_map.iter_rules() if f"{rule.rule}/".startswith(OF_CASES)]
    for rule, method in itertools.product(rules, ("GET", "POST")):
        if method in (rule.methods or ()):
            seen = entries(database, colleague.reference)
            path = path_of(rule, colleague.reference, reference=case)
            response = colleague.client.open(path, method=method)
            assert (response.status_code, response.data) == (404, not_there), rule
            refused, viewed = entries(database, colleague.reference)
            assert (refused, viewed) == (seen[0] + 1, seen[1]), rule
            tried.add(rule.endpoint)
    assert tried > OPENS
    assert opened.times == [] and everything(database) == before
    place_in(database, case, colleague.reference, PLACES[2], "none")
    for rule in rules:
        if rule.endpoint in OPENS:
            assert colleague.open(path_of(rule, "", reference=case)).status == 200, rule
