"""What a person needs, told once: seen by those whom the person chose, gone when it is taken back."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest
import time_machine
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Row, select

from portal import audit
from portal.accounts.roles import Role
from portal.audit import Did
from portal.database import Database
from portal.equality import profiles
from portal.equality.models import Profile
from portal.forms.profile import FLAGS, PROFILE
from portal.intake.receipts import code_for, digest_of
from portal.intake.submissions import Arrival, submit
from portal.questions import Answers
from portal.receiving import RECEIVERS
from portal.sealing import KeyRing
from tests.arrivals import arrive, noise, still_there, stored
from tests.staff import Colleague
from tests.test_office import lists
from tests.visitor import Visitor

FORM = PROFILE.here()
NAME, TENANCY, WAY = "Zahra Canary", "T-0042/7", "01632 960 777 canary"
ANSWERS: Answers = {
    "consent": ("yes",),
    "name": (NAME,),
    "tenancy": (TENANCY,),
    "spoken": ("phr",),
    "read": ("urd",),
    "signed": ("no",),
    "support": ("lipspeaker", "loop"),
    "format": ("large_20",),
    "reach": ("phone",),
    "reach_words": (WAY,),
    "other": ("level_access",),
    "seen_by": ("contact", "interpreting"),
}
SEE_THEM = {Role.FRONTLINE, Role.SUPERVISOR, Role.COORDINATOR}


def tell(database: Database, ring: KeyRing, answers: Answers = ANSWERS, **changes: Any) -> bytes:
    """Send the form in; gives its token."""
    token = secrets.token_bytes(32)
    given = {"form": FORM, "token": token, "language": "ur", "channel": "web", **changes}
    submit(database, ring, Arrival(answers=answers, **given), RECEIVERS)
    return token


def every(database: Database) -> list[Row[Any]]:
    with database.read() as connection:
        return list(connection.execute(select(*Profile.__table__.columns)))


def entries(database: Database, did: Did) -> list[tuple[str, str]]:
    with database.read() as connection:
        return [(one.by, one.what) for one in audit.page(connection, did=did, limit=1000)]


def without(*keys: str, **other: tuple[str, ...]) -> Answers:
    return {**{key: answer for key, answer in ANSWERS.items() if key not in keys}, **other}


# Recorded


def test_what_is_sent_is_one_profile_to_be_looked_at_again_in_a_year(
    database: Database, ring: KeyRing
) -> None:
    unrelated = noise(database)
    with time_machine.travel("2028-02-29T12:00Z", tick=False):
        tell(database, ring)
    [row] = [row for row in every(database) if row.by_tenancy is not None]
    [sent] = [row for row in stored(database) if row.form == "profile"]
    assert (row.submission, row.review_by) == (sent.id, date(2029, 2, 28))
    assert sent.received == date(2028, 2, 29), "a person with a name: the day"
    assert still_there(database, unrelated)
    kept = f"{row} {sent} {entries(database, Did.CREATED)}"
    assert "Canary" not in kept and "0042" not in kept and "960" not in kept


@pytest.mark.parametrize("consent", ["no", ""])
def test_without_consent_there_is_none(database: Database, ring: KeyRing, consent: str) -> None:
    tell(database, ring, without("consent", consent=(consent,) if consent else ()))
    assert every(database) == []


def test_other_forms_make_none(database: Database, ring: KeyRing) -> None:
    arrive(database, ring)
    assert every(database) == []


def test_sending_twice_makes_one(database: Database, ring: KeyRing) -> None:
    token = tell(database, ring)
    submit(
        database,
        ring,
        Arrival(form=FORM, answers=ANSWERS, token=token, language="ur", channel="web"),
        RECEIVERS,
    )
    assert len(every(database)) == 1


# Found


@given(st.permutations(["Zahra", "Bibi", "Canary"]), st.sampled_from([str.upper, str.lower, str.title]))
def test_a_name_is_found_in_any_order_and_case(parts: list[str], written: Any) -> None:
    assert profiles.index_of(RING, "name", "Zahra Bibi Canary") == profiles.index_of(
        RING, "name", written(", ".join(parts))
    )


RING = KeyRing.new()


@pytest.mark.parametrize(
    ("kept", "typed", "same"),
    [
        ("T-0042/7", " t00427 ", True),
        ("T-0042/7", "T ۰۰۴۲ 7", True),
        ("T-0042/7", "T-0042/8", False),
        ("T-0042/7", "0042", False),
    ],
)
def test_a_tenancy_reference_is_found_whatever_its_signs(kept: str, typed: str, same: bool) -> None:
    assert (profiles.index_of(RING, "tenancy", kept) == profiles.index_of(RING, "tenancy", typed)) is same


def test_a_name_is_not_found_by_its_parts_nor_as_a_tenancy_reference(
    database: Database, ring: KeyRing
) -> None:
    tell(database, ring)
    for words in ("Zahra", "Canary", "Zahra Canary Khan", "T-0042", ""):
        assert profiles.called(database, ring, words, SEE_THEM) == [], words
    for words in ("canary zahra", "t00427"):
        assert len(profiles.called(database, ring, words, SEE_THEM)) == 1, words
    assert profiles.index_of(ring, "name", "x") != profiles.index_of(ring, "tenancy", "x")


def test_the_digest_needs_the_key_ring(ring: KeyRing) -> None:
    assert profiles.index_of(ring, "name", NAME) != profiles.index_of(KeyRing.new(), "name", NAME)


@pytest.mark.parametrize("role", Role)
def test_only_those_whom_the_person_chose_find_and_see_it(
    portal: Flask, database: Database, role: Role
) -> None:
    ring = portal.extensions["portal"].ring
    tell(database, ring)
    colleague, reference = Colleague(portal, role), every(database)[0].reference
    page = f"/staff/needs/{reference}"
    if role in profiles.SEES:
        colleague.open("/staff/needs").type("Reference, whole name or tenancy reference", NAME).press("Find")
        assert colleague.path == (page if role in SEE_THEM else "/staff/needs")
        assert colleague.status == (200 if role in SEE_THEM else 404)
    colleague.open(page)
    assert colleague.status == (200 if role in SEE_THEM else 404)
    assert (WAY in colleague.text) == (NAME in colleague.text) == (role in SEE_THEM)
    found = colleague.open(f"/staff/find?reference={reference}")
    assert (found.path == page) == (role in SEE_THEM)


@pytest.mark.parametrize("seen_by", [option.code for option in FORM.question("seen_by").known])  # type: ignore[union-attr]
def test_every_service_that_can_be_chosen_has_somebody_here(seen_by: str) -> None:
    assert [role for role, services in profiles.SEES.items() if seen_by in services]


def test_flags_are_questions_of_the_form() -> None:
    assert set(FLAGS) <= {question.key for question in FORM.questions}


# Flagged and shared


def helper(portal: Flask) -> Colleague:
    return Colleague(portal, Role.FRONTLINE)


def opened_page(portal: Flask, database: Database) -> Colleague:
    colleague = helper(portal)
    colleague.open(f"/staff/needs/{every(database)[0].reference}")
    return colleague


def test_flags_come_first_and_say_only_what_somebody_needs(
    portal: Flask, database: Database, ring: KeyRing
) -> None:
    tell(database, ring)
    colleague = opened_page(portal, database)
    flags = colleague.soup.select_one(".govuk-inset-text")
    assert flags is not None
    words = flags.get_text(" ")
    for wanted in ("Know this first", "A lipspeaker", "A hearing loop", "Very large print", "Pahari"):
        assert wanted in words
    assert "sign language" not in words and NAME not in words
    assert colleague.text.index("A lipspeaker") < colleague.text.index(NAME)


def test_looking_is_written_down_before_it_is_opened(
    portal: Flask, database: Database, ring: KeyRing
) -> None:
    tell(database, ring)
    reference = every(database)[0].reference
    with database.write() as connection:  # nothing of it opens any more
        connection.execute(Profile.metadata.tables["submission"].update().values(data_key=b"x" * 60))
    colleague = opened_page(portal, database)
    assert colleague.status == 500
    assert entries(database, Did.VIEWED) == [(colleague.reference, f"profile {reference}")]


def test_a_look_at_what_one_may_not_see_is_a_refusal(
    portal: Flask, database: Database, ring: KeyRing
) -> None:
    tell(database, ring)
    reference = every(database)[0].reference
    officer = Colleague(portal, Role.CASE_OFFICER)
    nothing = officer.open("/staff/needs/23456789C").response.data
    assert entries(database, Did.REFUSED) == []
    assert officer.open(f"/staff/needs/{reference}").response.data == nothing
    assert entries(database, Did.REFUSED) == [(officer.reference, f"profile {reference}")]
    assert entries(database, Did.VIEWED) == []


def test_an_empty_search_and_one_without_a_find_say_so(portal: Flask) -> None:
    colleague = helper(portal).open("/staff/needs").press("Find")
    assert colleague.status == 422 and colleague.errors == [
        "Type a reference, a whole name or a tenancy reference"
    ]
    colleague.type("Reference, whole name or tenancy reference", "Nobody").press("Find")
    assert colleague.status == 404 and "Nothing is found" in colleague.errors[0]


def test_of_several_with_one_name_staff_choose(portal: Flask, database: Database, ring: KeyRing) -> None:
    for _person in range(2):
        tell(database, ring)
    colleague = helper(portal).open("/staff/needs")
    colleague.type("Reference, whole name or tenancy reference", NAME).press("Find")
    assert "Several people are called so" in colleague.text
    assert len(colleague.soup.select('main a[href^="/staff/needs/"]')) == 2
    assert entries(database, Did.VIEWED) == [], "no name was opened"


# Reviewed


def references(colleague: Colleague) -> Iterable[str]:
    return [
        str(link["href"]).rpartition("/")[2]
        for link in colleague.soup.select('main a[href^="/staff/needs/"]')
    ]


def test_after_a_year_staff_are_told_to_ask_again(portal: Flask, database: Database, ring: KeyRing) -> None:
    with time_machine.travel("2026-03-02T12:00Z", tick=False):
        tell(database, ring)
    with time_machine.travel("2027-03-01T12:00Z", tick=False):
        assert references(helper(portal).open("/staff/needs")) == []
        assert lists(Colleague(portal, Role.SUPERVISOR)) == {}
    with time_machine.travel("2027-03-02T12:00Z", tick=False):
        colleague = Colleague(portal, Role.COORDINATOR).open("/staff/needs")
        other = Colleague(portal, Role.CASE_OFFICER)
        assert references(other.open("/staff/needs")) == []
        line = "1 People to be asked whether what they need is still right"
        assert lists(colleague) == lists(Colleague(portal, Role.FRONTLINE, name="Fay")) == {"Next": [line]}
        assert lists(other) == {}, "the person did not choose their service"
        assert lists(Colleague(portal, Role.ANALYST)) == {}
        colleague.link(line)
        [reference] = references(colleague)
        colleague.open(f"/staff/needs/{reference}")
        assert "Ask the person now" in colleague.text
        colleague.press("Asked: it is still right")
        assert "Ask again by 2028-03-02" in colleague.text
        assert references(colleague.open("/staff/needs")) == [] and lists(colleague) == {}
    assert (colleague.reference, f"profile {reference}") in entries(database, Did.CHANGED)


# Changed and taken back by the person


def come_back(portal: Flask, code: str) -> Visitor:
    return Visitor(portal).open("/en/reply").type("Your code", code).press("Continue")


def test_the_person_takes_it_back_with_the_code(portal: Flask, database: Database, ring: KeyRing) -> None:
    tell(database, ring, without("name", name=("Somebody Else",)))
    token = tell(database, ring)
    come_back(portal, code_for(ring, token)).press("Delete my answers")
    [left] = every(database)
    assert left.by_name == profiles.index_of(ring, "name", "Somebody Else")
    assert len(stored(database)) == 1


def test_answering_again_keeps_the_reference_and_forgets_what_was_said_before(
    portal: Flask, database: Database, ring: KeyRing
) -> None:
    token = tell(database, ring)
    [before] = every(database)
    visitor = come_back(portal, code_for(ring, token)).press("Answer again")
    visitor.choose("Yes, I agree").press("Continue").type("What is your name?", "Zahra Newname").press(
        "Continue"
    )
    while visitor.heading != "Who may see what you need?":
        visitor.press("Skip this question")
    visitor.choose("Housing officers").press("Continue").press("Send")
    assert visitor.heading == "Thank you. Your answers are sent"
    [after] = every(database)
    assert after.reference == before.reference and after.submission != before.submission
    assert [row.id for row in stored(database)] == [after.submission]
    assert profiles.called(database, ring, NAME, list(Role)) == []
    assert profiles.called(database, ring, "zahra newname", [Role.COORDINATOR]) == []
    assert len(profiles.called(database, ring, "zahra newname", [Role.CASE_OFFICER])) == 1


def test_who_answers_again_without_consent_is_forgotten(database: Database, ring: KeyRing) -> None:
    token = tell(database, ring)
    tell(database, ring, {"consent": ("no",)}, replaces=digest_of(ring, code_for(ring, token)))
    assert every(database) == []


# Apart from what people answer without their name


def test_nothing_of_it_stands_with_anonymous_answers(database: Database, ring: KeyRing) -> None:
    """The same person tells what they need and answers the equality questions."""
    with time_machine.travel("2026-11-18T12:00Z", tick=False):
        tell(database, ring)
        anonymous = arrive(database, ring, language="ur")._asdict()
    named = next(row for row in stored(database) if row.form == "profile")._asdict()
    [row] = every(database)
    held = {str(value) for value in row._asdict().values() if value is not None}
    assert not held & {str(value) for value in anonymous.values()}
    keys = ("id", "idempotency", "said", "receipt", "sealed", "data_key", "key_name", "received", "entered")
    for key in keys:
        assert named[key] != anonymous[key], key
