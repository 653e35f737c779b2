"""The calendar feed: what stands in it, what never does, and who can read it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
import time_machine
import vobject
from dateutil.tz import tzical
from flask import Flask
from sqlalchemy import select

from portal import audit, clock, throttles
from portal.accounts import people
from portal.accounts.roles import Role
from portal.audit import Did
from portal.database import Database
from portal.interpreting import consequences, feed
from portal.interpreting.models import Interpreter
from portal.interpreting.states import Who
from portal.sealing import KeyRing
from portal.tables import Base
from tests.bookings import COORDINATOR, ENDS, NOW, STARTS, Desk
from tests.staff import Colleague, Own
from tests.test_own_pages import personal_in
from tests.visitor import Visitor

DAY = 86400


@pytest.fixture(autouse=True)
def the_time() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def desk(database: Database, ring: KeyRing) -> Desk:
    return Desk(database, ring)


@pytest.fixture
def nasreen(portal: Flask, desk: Desk) -> Own:
    return Own(portal, desk)


def address_for(own: Own) -> str:
    """Make an address for the feed; gives its path."""
    own.open("/interpreters/calendar").press("Make a new address")
    shown = own.soup.select_one("code")
    assert shown is not None
    found = re.fullmatch(r"http://localhost(/cal/[A-Za-z0-9_-]{43}\.ics)", shown.get_text())
    assert found is not None, shown
    return found[1]


def fetched(portal: Flask, path: str) -> str:
    """What a calendar gets that brings no cookie, with its lines unfolded."""
    response = portal.test_client().get(path)
    assert response.status_code == 200 and response.mimetype == "text/calendar", response.text
    assert "Set-Cookie" not in response.headers and response.headers["X-Robots-Tag"] == "noindex"
    for line in response.data.split(b"\r\n"):
        assert len(line) <= 75
    assert response.data.endswith(b"END:VCALENDAR\r\n") and b"\n" not in response.data.replace(b"\r\n", b"")
    return response.data.decode()


def entries(text: str) -> list[dict[str, str]]:
    """The entries of a feed, read by hand: no part of what wrote it takes part."""
    lines = re.sub(r"\r\n[ \t]", "", text).split("\r\n")
    found: list[dict[str, str]] = []
    for line in lines:
        if line == "BEGIN:VEVENT":
            found.append({})
        elif found and ":" in line and not line.startswith("END"):
            name, _colon, value = line.partition(":")
            found[-1].setdefault(name, value)
    return found


def moments(text: str, entry: dict[str, str]) -> tuple[int, int]:
    """When an entry begins and ends, by the rules for the time zone that the feed brings: dateutil reads."""
    zone = tzical(StringIO(text)).get("Europe/London")  # type: ignore[no-untyped-call]
    return tuple(  # type: ignore[return-value]
        int(
            datetime.strptime(entry[f"{name};TZID=Europe/London"], "%Y%m%dT%H%M%S")
            .replace(tzinfo=zone)
            .astimezone(UTC)
            .timestamp()
        )
        for name in ("DTSTART", "DTEND")
    )


def as_a_calendar_reads_it(text: str) -> list[tuple[str, str, int, int, int]]:
    """Each entry's UID, status, sequence, beginning and end, by a library that had no part in writing it."""
    return [
        (
            str(event.uid.value),
            str(event.status.value),
            int(event.sequence.value),
            int(event.dtstart.value.timestamp()),
            int(event.dtend.value.timestamp()),
        )
        for event in vobject.readOne(text).vevent_list
    ]


def test_a_feed_shows_what_is_held_and_booked_without_a_name(nasreen: Own, desk: Desk, portal: Flask) -> None:
    nasreen.accepts(desk)
    booking = nasreen.booking
    path = address_for(nasreen)
    text = fetched(portal, path)
    [entry] = entries(text)
    assert entry["UID"] == f"{booking}@localhost" and entry["STATUS"] == "TENTATIVE"
    assert entry["SUMMARY"] == f"Interpreting Pahari\\, Mirpuri or Potwari / Urdu – 90 min – {booking}"
    assert entry["LOCATION"] == "DE23" and moments(text, entry) == (STARTS, ENDS)
    assert entry["DTSTART;TZID=Europe/London"] == "20261124T100000"
    assert not personal_in(text) and "DE23 6AA" not in text
    nasreen.open(f"/interpreters/bookings/{booking}").press("I do not know this person")
    [after] = entries(fetched(portal, path))
    assert after["STATUS"] == "CONFIRMED" and after["UID"] == entry["UID"]
    assert int(after["SEQUENCE"]) == int(entry["SEQUENCE"]) + 1


def test_what_is_cancelled_stays_for_thirty_days_with_its_uid_and_a_higher_sequence(
    nasreen: Own, desk: Desk, portal: Flask
) -> None:
    request = nasreen.accepts(desk)
    nasreen.press("I do not know this person")
    path = address_for(nasreen)
    [before] = entries(fetched(portal, path))
    with desk.database.write() as connection:
        consequences.cancel(connection, desk.ring, request, "ill", by="tenant", who=Who.TENANT)
    [after] = entries(fetched(portal, path))
    assert (after["UID"], after["STATUS"]) == (before["UID"], "CANCELLED")
    assert int(after["SEQUENCE"]) == int(before["SEQUENCE"]) + 1
    cancelled = clock.seconds()
    for second, there in ((cancelled + 30 * DAY - 1, 1), (cancelled + 30 * DAY, 0)):
        with time_machine.travel(clock.moment(second), tick=False):
            assert len(entries(fetched(portal, path))) == there


def test_moves_keep_the_uid_and_count_up(nasreen: Own, desk: Desk, portal: Flask) -> None:
    request = nasreen.accepts(desk)
    path = address_for(nasreen)
    seen = [entries(fetched(portal, path))[0]]
    for step in range(1, 3):
        with desk.database.write() as connection:
            consequences.reschedule(
                connection, desk.ring, request, STARTS + step * 600, ENDS + step * 600, by=COORDINATOR
            )
        text = fetched(portal, path)
        [entry] = entries(text)
        assert moments(text, entry) == (STARTS + step * 600, ENDS + step * 600)
        seen.append(entry)
    assert len({entry["UID"] for entry in seen}) == 1
    numbers = [int(entry["SEQUENCE"]) for entry in seen]
    assert numbers == sorted(set(numbers))


def test_another_place_counts_up_and_shows(nasreen: Own, desk: Desk, portal: Flask) -> None:
    request = nasreen.accepts(desk)
    path = address_for(nasreen)
    [before] = entries(fetched(portal, path))
    times = [(STARTS, STARTS + 3 * 3600)]
    with desk.database.write() as connection:
        consequences.change(connection, desk.ring, request, {"place_area": "DE1"}, times, by="tenant")
    [after] = entries(fetched(portal, path))
    assert (after["UID"], after["LOCATION"], after["STATUS"]) == (before["UID"], "DE1", "TENTATIVE")
    assert int(after["SEQUENCE"]) == int(before["SEQUENCE"]) + 1


@pytest.mark.parametrize(
    "day", ["2027-03-27", "2027-03-28", "2027-03-29", "2027-10-30", "2027-10-31", "2027-11-01"]
)
@pytest.mark.parametrize("hour", ["00:30", "09:00", "23:00"])
def test_local_times_are_right_over_both_clock_changes(
    nasreen: Own, desk: Desk, portal: Flask, day: str, hour: str
) -> None:
    starts = int(clock.at(clock.day(day), hour).timestamp())
    nasreen.accepts(desk, starts=starts, ends=starts + 3000)
    text = fetched(portal, address_for(nasreen))
    [entry] = entries(text)
    assert entry["DTSTART;TZID=Europe/London"] == f"{day.replace('-', '')}T{hour.replace(':', '')}00"
    assert moments(text, entry) == (starts, starts + 3000)
    assert [one[3:] for one in as_a_calendar_reads_it(text)] == [(starts, starts + 3000)]


def test_another_reader_reads_the_same(nasreen: Own, desk: Desk, portal: Flask) -> None:
    request = nasreen.accepts(desk)
    path = address_for(nasreen)
    [before] = as_a_calendar_reads_it(fetched(portal, path))
    with desk.database.write() as connection:
        consequences.reschedule(connection, desk.ring, request, STARTS + 600, ENDS + 600, by=COORDINATOR)
    text = fetched(portal, path)
    [after] = as_a_calendar_reads_it(text)
    [entry] = entries(text)
    assert before == (entry["UID"], "TENTATIVE", before[2], STARTS, ENDS)
    assert after == (entry["UID"], "TENTATIVE", before[2] + 1, STARTS + 600, ENDS + 600)


def test_only_one_s_own_bookings_are_in_the_feed(nasreen: Own, desk: Desk, portal: Flask) -> None:
    other = Own(portal, desk, name="Bushra")
    other.accepts(desk)
    assert entries(fetched(portal, address_for(nasreen))) == []
    assert len(entries(fetched(portal, address_for(other)))) == 1


# Its address


def test_an_address_is_shown_once_and_kept_as_a_digest(nasreen: Own, portal: Flask, desk: Desk) -> None:
    path = address_for(nasreen)
    secret = path.removeprefix("/cal/").removesuffix(".ics")
    assert secret not in nasreen.open("/interpreters/calendar").response.text
    assert "It was not fetched yet" in nasreen.text
    with desk.database.read() as connection:
        for table in Base.metadata.sorted_tables:
            rows = repr(connection.execute(select(*table.columns)).all())
            assert secret not in rows, table.name
        assert connection.execute(select(Interpreter.feed)).scalar() == feed.digest_of(desk.ring, secret)
        newest = audit.page(connection, limit=1)[0]
    assert (newest.did, newest.what) == (Did.CREATED.value, f"calendar feed {nasreen.reference}")


def test_a_new_address_ends_the_old_one_and_a_revoked_one_is_like_an_unknown_one(
    nasreen: Own, portal: Flask
) -> None:
    first = address_for(nasreen)
    second = address_for(nasreen)
    client = portal.test_client()
    fetched(portal, second)
    nasreen.press("End the address")
    assert "There is no address." in nasreen.text
    unknown = f"/cal/{'x' * 43}.ics"
    pages = [client.get(path) for path in (first, second, unknown, "/cal/short.ics", f"/cal/{'x' * 43}")]
    assert {page.status_code for page in pages} == {404}
    assert len({page.data for page in pages}) == 1
    assert all("Set-Cookie" not in page.headers for page in pages)


def test_an_interpreter_who_is_out_of_use_has_no_feed(nasreen: Own, portal: Flask, desk: Desk) -> None:
    path = address_for(nasreen)
    with desk.database.write() as connection:
        connection.execute(Interpreter.__table__.update().values(active=False))
    assert portal.test_client().get(path).status_code == 404


@pytest.mark.parametrize(("roles", "active"), [((Role.KEYER,), True), ((Role.INTERPRETER,), False)])
def test_who_can_no_longer_sign_in_as_an_interpreter_has_no_feed(
    nasreen: Own, portal: Flask, desk: Desk, roles: tuple[Role, ...], active: bool
) -> None:
    path = address_for(nasreen)
    Colleague(portal, Role.ADMINISTRATOR)
    fetched(portal, path)
    who = nasreen.reference
    people.change(desk.database, desk.ring, who, name="N", roles=roles, active=active, by="operator")
    assert portal.test_client().get(path).status_code == 404


def test_when_it_was_last_fetched_is_written_once_an_hour(nasreen: Own, portal: Flask, desk: Desk) -> None:
    path = address_for(nasreen)

    def read() -> Any:
        with desk.database.read() as connection:
            return connection.execute(select(Interpreter.feed_read)).scalar()

    now, found = clock.seconds(), []
    for second in (now, now + 3599, now + 3600):
        with time_machine.travel(clock.moment(second), tick=False):
            fetched(portal, path)
            found.append(read())
    assert found == [now, now, now + 3600]
    nasreen.open("/interpreters/calendar")
    assert "last fetched on Wednesday 18 November 2026, 11:00" in nasreen.text


def test_guesses_are_slowed_down_and_shut_nobody_out(nasreen: Own, portal: Flask) -> None:
    path = address_for(nasreen)
    visitor = Visitor(portal)
    statuses = [visitor.open(f"/cal/{number:043}.ics").status for number in range(throttles.TRIES + 2)]
    assert statuses == [404] * throttles.TRIES + [429] * 2
    assert visitor.open(path).status == 200, "whoever knows an address reads it, from the same network"


def test_the_address_stands_in_no_log(
    nasreen: Own, portal: Flask, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    path = address_for(nasreen)
    caplog.set_level(0)
    fetched(portal, path)
    portal.test_client().get(path.replace(".ics", ".ic"))
    portal.extensions["portal"].database.close()
    written = caplog.text + "".join(capsys.readouterr())
    assert path[5:30] not in written
