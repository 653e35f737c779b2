"""The coordinator's desk, without JavaScript: from a request that came in to somebody who comes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask

from portal.accounts.roles import Role
from portal.interpreting.offers import Answer
from tests.bookings import CANARIES, NOW, Desk
from tests.staff import Colleague

DESK = "/staff/interpreting"


@pytest.fixture
def desk(portal: Flask) -> Iterator[Desk]:
    found = portal.extensions["portal"]
    with time_machine.travel(NOW, tick=False):
        yield Desk(found.database, found.ring)


@pytest.fixture
def coordinator(portal: Flask, desk: Desk) -> Colleague:
    return Colleague(portal, Role.COORDINATOR, name="Cora Example")


def no_canaries(coordinator: Colleague) -> None:
    for canary in (*CANARIES, "canary village"):
        assert canary not in coordinator.response.text, canary


def triaged(coordinator: Colleague, reference: str, about: str = "Rent and arrears (tier 2)") -> None:
    coordinator.open(f"{DESK}/{reference}").pick("What is it about?", about)
    coordinator.press("Ready to be offered")
    assert coordinator.status == 200, coordinator.errors


def test_from_the_queue_to_an_offer_that_is_accepted_and_confirmed(
    desk: Desk, coordinator: Colleague
) -> None:
    person = desk.interpreter("phr", area="LE1")
    reference = desk.asks()
    coordinator.open(DESK)
    assert "Pahari" in coordinator.text and "names a dialect" in coordinator.text
    no_canaries(coordinator)
    coordinator.open(str(coordinator.soup.select_one("main table a")["href"]))
    no_canaries(coordinator)
    assert "Look at it: say what it is about" in coordinator.text
    triaged(coordinator, reference)
    assert desk.request(reference).tier == 2 and desk.state(reference) == "open"
    coordinator.link("Who could come, and the offers so far")
    no_canaries(coordinator)
    assert "Who could come on Tuesday 24 November 2026, 10:00–11:30" in coordinator.text
    coordinator.choose("Nasreen").press("Offer it")
    assert desk.state(reference) == "offering" and "sent" in coordinator.text
    assert desk.accept(desk.offers(reference)[person], person) is Answer.WILLING, "a pool: it is tier 2"
    coordinator.open(f"{DESK}/{reference}/people").press("Choose Nasreen")
    assert desk.state(reference) == "held"
    coordinator.press("Confirm it")
    assert desk.state(reference) == "confirmed" and desk.request(reference).confirmed
    no_canaries(coordinator)
