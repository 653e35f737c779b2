"""The first page of the office: what waits for whom, and the box that finds a reference."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from portal import clock, references
from portal.accounts.roles import Role
from portal.database import Database
from portal.keying import passes
from portal.keying.batches import NewBatch, open_batch
from portal.keying.models import Pass, Sheet
from portal.keying.passes import Work
from portal.keying.states import State
from portal.sealing import KeyRing
from tests.staff import Colleague
from tests.visitor import words


def batch(database: Database, ring: KeyRing, received: date | None = None, declared: int = 3) -> str:
    new = NewBatch(
        form="equality",
        edition="2026-1",
        variants={},
        language="ur",
        source="post",
        collection=None,
        received=received or clock.today(),
        declared=declared,
    )
    return open_batch(database, ring, new, "SUPERVIS2")


def paper(database: Database, ring: KeyRing, batch: str, keyer: str, state: State | None = None) -> str:
    """A paper that somebody has in hand, or in a state."""
    reference = references.new()
    assert isinstance(passes.take_up(database, ring, batch, reference, keyer), Work)
    if state:
        with database.write() as connection:
            connection.execute(update(Sheet).where(Sheet.reference == reference).values(state=state.value))
            connection.execute(update(Pass).where(Pass.sheet == reference).values(saved=True))
    return reference


def lists(colleague: Colleague) -> dict[str, list[str]]:
    colleague.open("/staff")
    return {
        words(section.h2): [words(line) for line in section.select("li")]
        for section in colleague.soup.select("main section")
    }


def test_a_keyer_and_a_supervisor_see_what_waits_for_them(
    portal: Flask, database: Database, ring: KeyRing
) -> None:
    keyer, supervisor = Colleague(portal, Role.KEYER), Colleague(portal, Role.SUPERVISOR)
    assert lists(keyer) == {} and "Nothing waits for you." in keyer.text
    fresh = batch(database, ring, declared=1)
    old = batch(database, ring, clock.today() - timedelta(days=8))
    paper(database, ring, fresh, "SOMEBODY2", State.KEYED)
    paper(database, ring, old, keyer.reference)
    paper(database, ring, old, "SOMEBODY2", State.TO_VERIFY)
    paper(database, ring, old, keyer.reference, State.DIFFERS)
    assert lists(keyer) == {
        "Late": ["1 Batches that came in more than 7 days ago"],
        "Next": ["1 Papers to be keyed again by you or a colleague", "1 Papers that you have begun"],
        "New": ["1 Batches to key"],
    }
    assert lists(supervisor) == {
        "Late": ["1 Batches that came in more than 7 days ago"],
        "Next": [
            "1 Papers with differences or questions",
            "1 Batches that can be closed",
            "1 Papers to be keyed again by you or a colleague",
        ],
        "New": ["1 Batches to key"],
    }
    assert lists(Colleague(portal, Role.ANALYST)) == {}


def test_what_was_left_lying_is_late(portal: Flask, database: Database, ring: KeyRing) -> None:
    left = paper(database, ring, batch(database, ring), "SOMEBODY2")
    long_ago = clock.seconds() - passes.STUCK_MINUTES * 60 - 1
    with database.write() as connection:
        connection.execute(update(Pass).where(Pass.sheet == left).values(touched=long_ago))
    supervisor = Colleague(portal, Role.SUPERVISOR)
    assert lists(supervisor)["Late"] == ["1 Papers that somebody began and left lying"]


def test_the_box_finds_batches_papers_and_people(portal: Flask, database: Database, ring: KeyRing) -> None:
    pile = batch(database, ring)
    sheet = paper(database, ring, pile, "SOMEBODY2")
    keyer, administrator = Colleague(portal, Role.KEYER), Colleague(portal, Role.ADMINISTRATOR)

    def found(colleague: Colleague, typed: str) -> str:
        colleague.open("/staff").type("Find a reference", typed)
        fields = dict(colleague.form_fields(colleague.soup.select_one("form[role=search]")))  # type: ignore[arg-type]
        return colleague.open(f"/staff/find?reference={fields['reference']}").path

    assert found(keyer, pile) == f"/staff/paper-in/{pile}"
    assert found(keyer, references.grouped(sheet).lower()) == f"/staff/paper-in/{pile}"
    assert found(administrator, keyer.reference) == f"/staff/people/{keyer.reference}"
    for colleague, typed in ((keyer, keyer.reference), (administrator, pile), (keyer, references.new())):
        found(colleague, typed)
        assert colleague.status == 404 and "is open to you" in colleague.errors[0]
        assert colleague.typed("Find a reference") == typed
    found(keyer, "123")
    assert keyer.status == 422 and keyer.errors


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.INTERPRETER])
def test_everybody_of_the_office_has_a_first_page(portal: Flask, role: Role) -> None:
    colleague = Colleague(portal, role).open("/staff")
    assert colleague.status == 200 and colleague.heading == "Home"
    assert colleague.soup.select("#reference[autofocus]")
