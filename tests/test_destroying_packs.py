"""What a link led to is destroyed when it leads there no more; that it was shared stays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from portal import clock, outbox
from portal.accounts.roles import Role
from portal.audit import Audit, Did
from portal.database import Database
from portal.incidents import destroying_packs, disclosures, links
from portal.incidents.disclosures import DESTROYED, NotAllowed
from portal.incidents.shared import Disclosure, PackLink
from portal.incidents.words import Erased
from portal.sealing import KeyRing
from portal.settings import Settings
from portal.working import HANDLERS, PACKS, PERIODIC, do_one
from tests.shares import CANARIES, OFFICER, Sharers
from tests.staff import Colleague
from tests.test_sharing import a_link, collect, db_refuses, pack_of
from tests.test_sharing_pages import choose, given_to, link_in
from tests.visitor import Visitor

NOW = "2026-11-18T10:00:00Z"
HOUR = 3600


@pytest.fixture
def time() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def us(database: Database, ring: KeyRing, time: Any) -> Sharers:
    return Sharers(database, ring)


def sweep(us: Sharers) -> int:
    return destroying_packs.destroy_over(us.database, us.ring)


def kept(us: Sharers) -> set[str]:
    """The disclosures whose pack is still there."""
    return {row.reference for row in us.every(Disclosure) if row.pack}


def test_the_pack_of_a_link_is_destroyed_when_the_link_is_too_old(us: Sharers, time: Any) -> None:
    sent = a_link(us)
    time.shift(links.HOURS * HOUR - 1)
    assert sweep(us) == 0 and pack_of(us, sent.reference)
    later = us.sends(us.every(Disclosure)[0].report)
    time.shift(1)
    assert sweep(us) == 1 and kept(us) == {later.reference}
    assert [row.disclosure for row in us.every(PackLink)] == [later.reference]
    with us.database.read() as connection:
        row = disclosures.find(connection, sent.reference)
        assert row is not None and row.fields and row.sent and row.opened is None
        with pytest.raises(Erased):
            disclosures.opened(connection, us.ring, row)
        noted = connection.execute(select(Audit.by, Audit.what).where(Audit.did == Did.DELETED.value)).all()
    assert [tuple(one) for one in noted] == [("portal", f"case disclosure {row.case}")]
    assert sweep(us) == 0


def test_what_was_collected_is_destroyed_when_it_could_be_read(us: Sharers, time: Any) -> None:
    sent = a_link(us)
    time.shift(HOUR)
    assert collect(us, sent)
    time.shift(links.MINUTES_TO_READ * 60 - 1)
    assert sweep(us) == 0 and kept(us) == {sent.reference}
    assert not collect(us, sent), "it was used"
    time.shift(1)
    assert sweep(us) == 1 and kept(us) == set() and us.every(PackLink) == []


def test_who_opens_it_in_the_last_minute_has_as_long_to_read_it(us: Sharers, time: Any) -> None:
    sent = a_link(us)
    time.shift(links.HOURS * HOUR - 60)
    assert collect(us, sent)
    time.shift(links.MINUTES_TO_READ * 60 - 1)
    assert sweep(us) == 0
    time.shift(1)
    assert sweep(us) == 1


def test_who_opens_a_second_link_has_as_long_to_read_it(us: Sharers, time: Any) -> None:
    sent = a_link(us)
    assert collect(us, sent)
    again = disclosures.new_link(us.database, us.ring, sent.reference, OFFICER)
    time.shift(24 * HOUR)
    assert sweep(us) == 0
    assert collect(us, disclosures.Sent(sent.reference, again))
    assert sweep(us) == 0 and pack_of(us, sent.reference)
    time.shift(links.MINUTES_TO_READ * 60)
    assert sweep(us) == 1


def test_who_takes_the_yes_back_has_the_pack_destroyed(us: Sharers) -> None:
    sent = a_link(us)
    us.says(us.every(Disclosure)[0].report, "no")
    assert kept(us) == {sent.reference}
    assert sweep(us) == 1 and kept(us) == set()


def test_a_link_that_was_guessed_at_too_often_can_be_replaced_while_it_has_time(us: Sharers) -> None:
    sent = a_link(us)
    right = int(links.code_for(us.ring, sent.secret or ""))
    for guess in range(links.TRIES):
        assert not collect(us, sent, f"{(right + 1 + guess) % 10**8:08}")
    assert sweep(us) == 0
    assert disclosures.new_link(us.database, us.ring, sent.reference, OFFICER)


def test_a_file_stays_for_who_sent_it(us: Sharers, time: Any) -> None:
    report = us.tells({"police": "yes_named"})
    us.agrees(route="file")
    sent = us.sends(report)
    time.shift(30 * 24 * HOUR)
    assert sweep(us) == 0 and kept(us) == {sent.reference}
    db_refuses(us, update(Disclosure).values(pack=b""), "disclosure_is_as_it_was")


def test_there_is_no_new_link_to_what_was_destroyed(us: Sharers, time: Any) -> None:
    sent = a_link(us)
    time.shift(links.HOURS * HOUR)
    sweep(us)
    with pytest.raises(NotAllowed) as found:
        disclosures.new_link(us.database, us.ring, sent.reference, OFFICER)
    assert found.value.why == DESTROYED and us.every(PackLink) == []


def test_the_database_lets_a_pack_be_destroyed_and_nothing_else(us: Sharers) -> None:
    sent = a_link(us)
    refused = "disclosure_is_as_it_was"
    db_refuses(us, update(Disclosure).values(pack=b"x"), refused)
    db_refuses(us, update(Disclosure).values(pack=b"", fields=[]), refused)
    with us.database.write() as connection:
        connection.execute(update(Disclosure).values(pack=b""))
    db_refuses(us, update(Disclosure).values(pack=b"x"), refused)
    assert kept(us) == set() and us.every(Disclosure)[0].reference == sent.reference


def test_the_worker_does_it_every_ten_minutes(us: Sharers, time: Any, tmp_path: Path) -> None:
    a_link(us)
    time.shift(links.HOURS * HOUR)
    with us.database.write() as connection:
        outbox.put(connection, PACKS, {})
    while do_one(Settings(data=tmp_path), us.database, us.ring, HANDLERS):
        pass
    assert kept(us) == set() and PERIODIC[PACKS] == 600


def test_the_pages_say_that_it_is_not_kept_any_more(us: Sharers, portal: Flask, time: Any) -> None:
    officer = Colleague(portal, Role.CASE_OFFICER, name="Olive")
    report = us.tells({"police": "yes_named"})
    us.agrees()
    page = given_to(us, report, officer)
    choose(officer, page).press("Choose what to send").press("Look at it first").press("Send it")
    link, code = link_in(officer)
    agency = Visitor(portal, "198.51.100.20").open(link)
    agency.type("Code of 8 digits", code).press("Open")
    assert CANARIES[0] in agency.text
    started = clock.seconds()
    time.shift(links.MINUTES_TO_READ * 60 - 1)
    sweep(us)
    assert CANARIES[0] in agency.open("/handover/pack").text
    time.shift(1)
    sweep(us)
    assert agency.open("/handover/pack").status == 404
    assert clock.seconds() - started == links.MINUTES_TO_READ * 60
    officer.come_in()
    officer.open(page)
    assert "What was sent is not kept here any more" in officer.text and "New link" not in officer.buttons()
    officer.press("Read it, or note what they say")
    assert officer.status == 200 and "not kept here any more" in officer.text
    assert CANARIES[0] not in officer.text
