"""The pages of messages that did not reach their people, and of calls to make."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from flask import Flask

from portal import audit, clock, contact, messages, reaching
from portal.accounts.roles import Role
from portal.audit import Did
from portal.contact import Hours, Method, Why
from portal.database import Database
from portal.message_states import FOR_STAFF, Event
from portal.sealing import KeyRing
from portal.settings import Settings
from tests.messaging import (
    EMAIL,
    HOUR,
    NAME,
    NEWS,
    NOON,
    NUMBER,
    REMINDER,
    keep,
    leave,
    row,
    rule,
    write,
)
from tests.staff import Colleague
from tests.test_office import lists
from tests.visitor import words

OWNER = "request 7K3PX92CM"


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(clock.moment(NOON), tick=False) as traveller:
        yield traveller


@pytest.fixture
def colleague(portal: Flask) -> Colleague:
    return Colleague(portal, Role.COORDINATOR)


def a_call(database: Database, ring: KeyRing, settings: Settings, **changes: Any) -> str:
    """A call to make."""
    keep(database, ring, rule(**changes))
    return write(database, ring, settings, leave(database, ring, OWNER, Method.CALL))


def a_dead_letter(
    database: Database, ring: KeyRing, settings: Settings, why: str = "provider_refused"
) -> str:
    keep(database, ring, rule())
    reference = write(database, ring, settings, leave(database, ring, OWNER, Method.SMS))
    with database.write() as connection:
        messages.move(connection, reference, Event.REFUSED, why=why)
    return reference


def views(database: Database, reference: str) -> int:
    with database.read() as connection:
        found = audit.page(connection, did=Did.VIEWED, limit=100)
    return sum(entry.what == f"message {reference}" for entry in found)


def changes(database: Database) -> list[tuple[str, Any]]:
    with database.read() as connection:
        return [(one.what, one.detail) for one in audit.page(connection, did=Did.CHANGED, limit=100)]


def spoken(colleague: Colleague) -> str:
    return colleague.response.get_data(as_text=True)


# The list


def test_the_list_shows_what_must_be_looked_at_and_nothing_personal(
    colleague: Colleague,
    database: Database,
    ring: KeyRing,
    settings: Settings,
    at_noon: time_machine.Traveller,
) -> None:
    assert "Nothing waits." in colleague.open("/staff/messages").text
    dead = a_dead_letter(database, ring, settings)
    write(database, ring, settings, leave(database, ring, OWNER, Method.EMAIL))
    at_noon.shift(3 * HOUR)
    call = a_call(database, ring, settings)
    colleague.come_in()
    colleague.open("/staff/messages")
    rows = [[words(cell) for cell in row.select("td")] for row in colleague.soup.select("tbody tr")]
    assert [one[0].replace(" ", "") for one in rows] == [dead, call], (
        "the oldest first, what waits is not here"
    )
    why = "The provider does not take it: is the number or address right?"
    about = ["Did not reach the person", "example reminder", OWNER, "text message", why, "3 hours"]
    assert rows[0][1:] == about
    assert rows[1][1:3] == ["To be phoned", "example reminder"]
    for personal in (NUMBER, NAME, EMAIL, "we see you"):
        assert personal not in spoken(colleague)


def test_the_first_page_counts_them_for_whoever_may_see_to_them(
    portal: Flask, database: Database, ring: KeyRing, settings: Settings, colleague: Colleague
) -> None:
    call = a_call(database, ring, settings)
    a_dead_letter(database, ring, settings)
    expected = {"Late": ["1 Messages that did not reach their people"], "Next": ["1 Calls to make"]}
    for role in Role:
        if role is not Role.INTERPRETER:
            one = Colleague(portal, role, name=f"one {role.value}")
            assert lists(one) == (expected if role in reaching.WHO else {}), role
    assert lists(colleague) == expected
    assert colleague.link("1 Calls to make").path == "/staff/messages"
    with database.write() as connection:
        messages.close(connection, call, "reached")
    assert lists(colleague) == {"Late": expected["Late"]}


def test_every_code_that_can_stand_there_has_words() -> None:
    codes = {why.value for why in Why} | {"call", "no_words", "no_way", "too_late", "gave_up"}
    codes |= {"provider_refused", "address_refused", "words_refused", "returned", "not_reached"}
    assert set(reaching.WHYS) == codes
    assert set(reaching.STATES) == FOR_STAFF
    assert len({found.english for found in reaching.WHYS.values()}) == len(codes)


# One


def test_a_call_shows_number_and_rule_once_the_look_is_noted(
    colleague: Colleague, database: Database, ring: KeyRing, settings: Settings
) -> None:
    spans = (Hours(600, 840, frozenset({1, 3})),)
    reference = a_call(database, ring, settings, hours=spans, language="ur")
    colleague.open(f"/staff/messages/{reference}")
    assert NUMBER in colleague.text and NAME in colleague.text
    for line in (
        "Safe hours: 10:00–14:00 Tue, Thu",
        "Do not leave a message: somebody else may hear it",
        "Reads our pages in Urdu",
        f"Dear {NAME}, we see you on Tuesday 3 March, 14:00.",
    ):
        assert line in colleague.text
    assert "I have left a message" not in colleague.text
    assert views(database, reference) == 1
    colleague.open(f"/staff/messages/{reference}")
    assert views(database, reference) == 2


def test_nothing_is_opened_before_the_look_is_noted(
    colleague: Colleague,
    database: Database,
    ring: KeyRing,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reference = a_call(database, ring, settings)
    noted: list[int] = []
    opened = KeyRing.open

    def watching(ring: KeyRing, place: str, sealed: Any) -> bytes:
        if place.startswith(("contact_rule", "message")):
            noted.append(views(database, reference))
        return opened(ring, place, sealed)

    monkeypatch.setattr(KeyRing, "open", watching)
    colleague.open(f"/staff/messages/{reference}")
    assert noted and min(noted) == 1


def test_a_message_may_be_left_where_the_person_allows_it(
    colleague: Colleague, database: Database, ring: KeyRing, settings: Settings
) -> None:
    reference = a_call(database, ring, settings, voicemail=True)
    colleague.open(f"/staff/messages/{reference}")
    assert "You may leave a message" in colleague.text
    colleague.pick("What came of the call", "I have left a message").press("Save")
    assert row(database, reference).why == "left_message"


def test_outside_the_hours_there_is_no_number(
    colleague: Colleague, database: Database, ring: KeyRing, settings: Settings
) -> None:
    reference = a_call(database, ring, settings, hours=(Hours(18 * 60, 19 * 60),))
    colleague.open(f"/staff/messages/{reference}")
    assert "This person may not be reached at this hour." in colleague.text
    assert "It may be phoned from" in colleague.text and "2026-03-03 18:00" in colleague.text
    assert NUMBER not in spoken(colleague) and "What came of the call" not in colleague.text


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"methods": (Method.SMS,)}, "This person does not want to be reached this way."),
        ({"until": NOON}, "The time for which this person let us reach them is over."),
        ({"phone": ""}, "There is no number or address for this way."),
    ],
)
def test_who_does_not_want_to_be_phoned_is_not(
    colleague: Colleague,
    database: Database,
    ring: KeyRing,
    settings: Settings,
    changed: dict[str, Any],
    sentence: str,
) -> None:
    reference = a_dead_letter(database, ring, settings)
    keep(database, ring, rule(**changed))
    colleague.open(f"/staff/messages/{reference}")
    assert sentence in colleague.text and NUMBER not in spoken(colleague)


def test_words_stay_discreet_on_the_phone(
    colleague: Colleague, database: Database, ring: KeyRing, settings: Settings
) -> None:
    keep(database, ring, rule(discreet=True))
    permit = leave(database, ring, OWNER, Method.SMS)
    reference = write(database, ring, settings, permit, NEWS)
    colleague.open(f"/staff/messages/{reference}")
    assert "Say neither who we are nor what about before you know whom you speak to" in colleague.text


# What staff do


def test_a_call_that_reached_the_person_is_done(
    colleague: Colleague, database: Database, ring: KeyRing, settings: Settings
) -> None:
    reference = a_call(database, ring, settings)
    colleague.open(f"/staff/messages/{reference}")
    colleague.pick("What came of the call", "I have spoken to the person").press("Save")
    assert colleague.path == "/staff/messages" and "Nothing waits." in colleague.text
    found = row(database, reference)
    assert (found.state, found.why, found.ended) == ("closed", "reached", NOON)
    assert changes(database) == [(f"message {reference}", {"did": "reached"})]


def test_a_call_in_vain_stays_in_the_list(
    colleague: Colleague, database: Database, ring: KeyRing, settings: Settings
) -> None:
    reference = a_call(database, ring, settings)
    colleague.open(f"/staff/messages/{reference}")
    colleague.pick("What came of the call", "I did not reach the person").press("Save")
    assert "Somebody has phoned and did not reach the person" in colleague.text
    assert (row(database, reference).state, row(database, reference).ended) == ("by phone", None)


@pytest.mark.parametrize("outcome", ["", "left_message", "otherwise", "again", "x"])
def test_an_outcome_that_was_not_offered_is_refused(
    colleague: Colleague, database: Database, ring: KeyRing, settings: Settings, outcome: str
) -> None:
    reference = a_call(database, ring, settings, voicemail=False)
    colleague.open(f"/staff/messages/{reference}").press("Save", outcome=outcome)
    assert colleague.status == 422 and colleague.errors == ["Choose what came of the call"]
    assert row(database, reference).state == "by phone" and changes(database) == []


def test_a_dead_letter_is_tried_again(
    colleague: Colleague, database: Database, ring: KeyRing, settings: Settings
) -> None:
    reference = a_dead_letter(database, ring, settings)
    colleague.open(f"/staff/messages/{reference}").press("Try to send it again")
    assert row(database, reference).state == "waiting"
    assert changes(database) == [(f"message {reference}", {"did": "again"})]
    assert "Nothing waits." in colleague.text


def test_giving_up_needs_a_reason(
    colleague: Colleague, database: Database, ring: KeyRing, settings: Settings
) -> None:
    reference = a_dead_letter(database, ring, settings)
    colleague.open(f"/staff/messages/{reference}").press("Give it up")
    assert colleague.status == 422
    assert colleague.errors == ["Choose why nobody needs to reach this person any more"]
    colleague.pick("Why", "it is not needed any more").press("Give it up")
    assert (row(database, reference).state, row(database, reference).why) == ("closed", "not_needed")


def test_who_comes_second_changes_nothing(
    portal: Flask, colleague: Colleague, database: Database, ring: KeyRing, settings: Settings
) -> None:
    reference = a_dead_letter(database, ring, settings)
    other = Colleague(portal, Role.ADMINISTRATOR)
    for one in (colleague, other):
        one.open(f"/staff/messages/{reference}")
    colleague.pick("Why", "it is not needed any more").press("Give it up")
    other.press("Try to send it again")
    assert other.path == "/staff/messages" and row(database, reference).state == "closed"
    assert len(changes(database)) == 1
    assert other.open(f"/staff/messages/{reference}").path == "/staff/messages"


@pytest.mark.parametrize("place", ["7K3PX92CM", "nothing", "7K3PX92CM/again"])
def test_what_is_no_message_is_not_there(colleague: Colleague, place: str) -> None:
    assert colleague.open(f"/staff/messages/{place}").status == 404


def test_what_a_forgotten_person_was_to_be_told_is_still_in_the_list(
    colleague: Colleague, database: Database, ring: KeyRing, settings: Settings
) -> None:
    reference = a_dead_letter(database, ring, settings, "no_rule")
    with database.write() as connection:
        contact.forget_rule(connection, OWNER)
    colleague.open(f"/staff/messages/{reference}")
    assert "Nothing is known about how to reach this person." in colleague.text
    assert REMINDER.event in colleague.text
