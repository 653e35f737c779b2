"""The rota: who is on duty, who can interpret a language now, when nobody is there; also as clocks change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select

from portal import audit, clock, registers
from portal.accounts.roles import Role
from portal.database import Database
from portal.interpreting import on_now, panels, rota
from portal.interpreting.models import FreeTime, Interpreter, Leave
from portal.interpreting.panels import PANELS
from portal.interpreting.rota import (
    ALREADY,
    ELSEWHERE,
    NOT_ACTIVE,
    OTHER_LANGUAGE,
    NewSlot,
    NotFit,
    uncovered,
)
from portal.paper.runs import OPERATOR
from portal.sealing import KeyRing
from tests.arrivals import noise, still_there
from tests.bookings import Desk
from tests.conftest import MakePortal
from tests.staff import Colleague

MONDAY = date(2026, 10, 19)
NINE, NOON, FIVE = 540, 720, 1020


def second(text: str) -> int:
    """The second of a moment that is written in UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    with time_machine.travel("2026-10-19T09:30:00Z", tick=False):  # 10:30 in London
        yield


@pytest.fixture
def desk(database: Database, ring: KeyRing) -> Desk:
    return Desk(database, ring)


def put(desk: Desk, who: int, language: str = "urd", **changes: Any) -> str:
    given: dict[str, Any] = {
        "language": language,
        "office": None,
        "weekday": 1,
        "begins": NINE,
        "ends": FIVE,
        "interpreter": who,
        "first": MONDAY,
        **changes,
    }
    return rota.add(desk.database, desk.ring, NewSlot(**given), OPERATOR)


def on(desk: Desk, at: str) -> list[str]:
    with desk.database.read() as connection:
        return [row.name for row in rota.on_duty(connection, second(at))]


def answer(desk: Desk, language: str = "urd", at: str = "2026-10-19T09:30:00") -> on_now.Now:
    with desk.database.read() as connection:
        return on_now.who_can(connection, language, second(at))


# Keeping it


def test_a_slot_holds_on_its_day_and_hours_from_its_first_to_its_last_day(desk: Desk) -> None:
    who = desk.interpreter("urd")
    slot = put(desk, who)
    assert on(desk, "2026-10-19T08:00:00") == ["Nasreen"], "9:00 in summer time"
    assert on(desk, "2026-10-19T07:59:00") == on(desk, "2026-10-19T16:00:00") == []
    assert on(desk, "2026-10-20T10:00:00") == on(desk, "2026-10-12T10:00:00") == []
    unrelated = noise(desk.database)
    assert rota.end(desk.database, desk.ring, slot, date(2026, 10, 26), OPERATOR)
    assert on(desk, "2026-10-26T10:00:00") == ["Nasreen"]
    assert on(desk, "2026-11-02T10:00:00") == []
    assert rota.remove(desk.database, desk.ring, slot, OPERATOR)
    assert on(desk, "2026-10-19T10:00:00") == []
    assert not rota.end(desk.database, desk.ring, slot, MONDAY, OPERATOR)
    assert not rota.remove(desk.database, desk.ring, slot, OPERATOR)
    unrelated.pop("audit_head"), unrelated.pop("alembic_version", None)
    assert still_there(desk.database, unrelated)


def test_nine_is_nine_on_both_sides_of_each_clock_change(desk: Desk) -> None:
    put(desk, desk.interpreter("urd"))
    put(desk, desk.interpreter("urd", name="Friday"), weekday=5)
    for at, there in (
        ("2026-10-23T08:00:00", ["Friday"]),
        ("2026-10-26T08:59:00", []),
        ("2026-10-26T09:00:00", ["Nasreen"]),
        ("2026-10-26T16:59:00", ["Nasreen"]),
        ("2027-03-26T09:00:00", ["Friday"]),
        ("2027-03-29T07:59:00", []),
        ("2027-03-29T08:00:00", ["Nasreen"]),
        ("2027-03-29T16:00:00", []),
    ):
        assert on(desk, at) == there, at


def test_in_the_hour_that_comes_twice_one_is_on_duty_twice_and_in_the_skipped_one_never(desk: Desk) -> None:
    put(desk, desk.interpreter("urd"), weekday=7, begins=60, ends=120)
    assert on(desk, "2026-10-25T00:30:00") == on(desk, "2026-10-25T01:30:00") == ["Nasreen"]
    assert on(desk, "2026-10-25T02:00:00") == []
    whole_night = [f"2027-03-28T00:{minute:02}:00" for minute in range(60)] + [
        f"2027-03-28T01:{minute:02}:00" for minute in range(60)
    ]
    assert not any(on(desk, at) for at in whole_night), "there is no half past one that night"


def test_what_cannot_be_is_refused_with_its_reason(desk: Desk) -> None:
    who = desk.interpreter("urd", "pan")
    put(desk, who, office="north")
    for why, changes in (
        (OTHER_LANGUAGE, {"language": "som"}),
        (ALREADY, {"begins": NOON, "ends": NOON + 1}),
        (ELSEWHERE, {"language": "pan", "office": "south", "begins": NOON}),
    ):
        with pytest.raises(NotFit) as refused:
            put(desk, who, **changes)
        assert refused.value.why == why
    put(desk, who, "pan", office="north")  # two languages at one place
    put(desk, who, begins=FIVE, ends=FIVE + 60, office="south")  # one ends as the other begins
    put(desk, who, office="south", weekday=2)
    gone = desk.interpreter("urd", active=False)
    with pytest.raises(NotFit) as refused:
        put(desk, gone)
    assert refused.value.why == NOT_ACTIVE


# Now


def test_who_is_on_duty_comes_before_who_could_be_called(desk: Desk) -> None:
    duty, bank = desk.interpreter("urd", kind="staff"), desk.interpreter("urd", name="Bano")
    desk.interpreter("pan", name="Other language")
    put(desk, duty)
    found = answer(desk)
    assert [one.person.id for one in found.on_duty] == [duty]
    assert [one.person.id for one in found.bank] == [bank]
    assert found.on_duty[0].until == "17:00" and found.away == ()
    after = answer(desk, at="2026-10-19T17:00:00")
    assert after.on_duty == () and {one.person.id for one in after.bank} == {duty, bank}
    assert answer(desk, "pan").on_duty == ()


def test_who_is_on_leave_or_booked_is_not_free_though_the_rota_has_them(desk: Desk) -> None:
    away, busy, free = (desk.interpreter("phr", name=name) for name in ("Away", "Busy", "Free"))
    with desk.database.write() as connection:
        connection.execute(
            insert(Leave), {"interpreter": away, "first": MONDAY, "last": MONDAY + timedelta(days=1)}
        )
    _reference, offers = desk.ready(busy, starts=second("2026-10-20T09:00"), ends=second("2026-10-20T10:00"))
    desk.accept(offers[busy], busy)
    for who in (away, busy, free):
        put(desk, who, "phr", weekday=2, first=MONDAY)
    found = answer(desk, "phr", "2026-10-20T09:20:00")
    assert [one.person.name for one in found.on_duty] == ["Free"]
    assert sorted(found.away) == ["Away", "Busy"] and found.bank == ()
    later = answer(desk, "phr", "2026-10-20T11:00:00")
    assert sorted(one.person.name for one in later.on_duty) == ["Busy", "Free"]


def test_the_bank_is_asked_only_in_its_free_times_and_by_phone(desk: Desk) -> None:
    free, at_night, visits = (desk.interpreter("urd", name=name) for name in ("Free", "Night", "Visits"))
    unknown = desk.interpreter("urd", name="Unknown")
    with desk.database.write() as connection:
        for who, begins, ends in ((free, NINE, FIVE), (at_night, 1200, 1380), (visits, NINE, FIVE)):
            row = {"interpreter": who, "weekday": 1, "begins": begins, "ends": ends}
            connection.execute(insert(FreeTime), row)
        connection.execute(
            Interpreter.__table__.update().where(Interpreter.id == visits).values(modes=["home"])
        )
    assert [one.person.id for one in answer(desk).bank] == [free, unknown]
    assert answer(desk, at="2026-10-19T15:31:00").bank[0].person.id == unknown, "not free for half an hour"


def test_urdu_is_never_answered_with_pahari_nor_sorani_with_kurmanji(desk: Desk) -> None:
    put(desk, desk.interpreter("phr"), "phr")
    put(desk, desk.interpreter("kmr"), "kmr")
    for language in ("urd", "ckb", "pnb"):
        found = answer(desk, language)
        assert found.on_duty == found.bank == found.away == ()


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("ur", ["urd"]),
        ("URDU", ["urd"]),
        ("urd", ["urd"]),
        ("اردو", ["urd"]),
        ("mirpuri", ["phr"]),
        ("sorani", ["ckb"]),
        ("bangla", ["ben"]),
        ("kurdish", ["kmr", "ckb", "sdh"]),
        ("punjabi", ["pan"]),
        ("bsl", ["bfi"]),
        ("signing", ["bfi"]),
        ("zz", []),
        (" ", []),
    ],
)
def test_a_language_is_found_by_how_one_of_its_names_begins(
    sqlite: Database, typed: str, codes: list[str]
) -> None:
    with sqlite.read() as connection:
        offered = panels.languages(connection)
    assert [option.code for option in on_now.meant(offered, typed)] == codes


# Gaps


def test_a_gap_is_opening_time_in_which_nobody_of_the_rota_is_there(desk: Desk) -> None:
    first, other = desk.interpreter("urd"), desk.interpreter("urd", name="Other")
    put(desk, first, begins=NINE, ends=NOON)
    put(desk, other, begins=600, ends=780, weekday=1)
    put(desk, other, weekday=2)
    with desk.database.write() as connection:
        day = date(2026, 10, 20)
        connection.execute(insert(Leave), {"interpreter": other, "first": day, "last": day})
    days = clock.days_from(MONDAY, 7)
    with desk.database.read() as connection:
        found = rota.gaps(connection, ["urd", "som"], {1: (NINE, FIVE), 2: (NINE, FIVE)}, days)
    assert found["urd"] == {MONDAY: [(780, FIVE)], date(2026, 10, 20): [(NINE, FIVE)]}
    assert found["som"][MONDAY] == [(NINE, FIVE)]
    with desk.database.read() as connection, clock.closed_on([MONDAY]):
        found = rota.gaps(connection, ["urd"], {1: (NINE, FIVE), 2: (NINE, FIVE)}, days)
    assert MONDAY not in found["urd"], "nobody need be there on a closure day"
    christmas = clock.days_from(date(2026, 12, 25), 1)
    with desk.database.read() as connection:
        assert rota.gaps(connection, ["urd"], {5: (NINE, FIVE)}, christmas) == {}


spans = st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(lambda span: span[0] < span[1])


@given(spans, st.lists(spans, max_size=6))
def test_each_minute_of_the_hours_is_either_covered_or_in_a_gap(
    hours: tuple[int, int], there: list[tuple[int, int]]
) -> None:
    left = uncovered(hours, there)
    for minute in range(hours[0] - 1, hours[1] + 1):
        covered = any(begins <= minute < ends for begins, ends in there)
        inside = hours[0] <= minute < hours[1]
        assert any(begins <= minute < ends for begins, ends in left) == (inside and not covered), minute
    assert all(begins < ends for begins, ends in left) and left == sorted(left)


# Pages


@pytest.fixture
def coordinator(portal: Flask) -> Colleague:
    return Colleague(portal, Role.COORDINATOR)


def test_a_coordinator_puts_somebody_on_the_rota_ends_it_and_takes_it_out(
    coordinator: Colleague, desk: Desk, portal: Flask
) -> None:
    registers.add(desk.database, desk.ring, "offices", (), "North office", OPERATOR)
    who = desk.interpreter("urd", badge="S7", kind="staff")
    page = coordinator.open("/staff/rota")
    page.pick("Language", "Urdu").pick("Office", "North office").pick("Day", "Monday").pick(
        "Who", "Nasreen (S7)"
    )
    page.type("From", "9").type("Until", "5pm").press("Put on the rota")
    assert coordinator.status == 200 and not coordinator.errors
    assert "Urdu North office 09:00–17:00 Nasreen" in coordinator.text
    frontline = Colleague(portal, Role.FRONTLINE).open("/staff/rota")
    assert "09:00–17:00 Nasreen" in frontline.text
    assert "Put on the rota" not in frontline.buttons() and not frontline.soup.select("td a")
    coordinator.link("09:00–17:00 Nasreen").press("Let it end then")
    assert "until 2026-10-19" in coordinator.text
    coordinator.link("09:00–17:00 Nasreen").press("Take it out")
    assert "Nobody is on the rota yet." in coordinator.text
    with desk.database.read() as connection:
        log = [one for one in audit.page(connection, limit=20) if one.what.startswith("rota slot")]
    assert [one.did for one in log] == ["deleted", "changed", "created"]
    assert {one.by for one in log} == {coordinator.reference} and who


def test_what_is_typed_wrongly_comes_back_with_what_to_do(coordinator: Colleague, desk: Desk) -> None:
    desk.interpreter("som", badge="S7")
    page = coordinator.open("/staff/rota")
    page.type("From", "17:00").type("Until", "9:00").press("Put on the rota")
    assert coordinator.status == 422
    assert {"Choose the language", "Choose who is on duty", "Choose the day of the week"} <= set(
        coordinator.errors
    )
    page.pick("Language", "Urdu").pick("Day", "Monday").pick("Who", "Nasreen (S7)")
    page.type("Until", "18:00").press("Put on the rota")
    assert coordinator.errors == [template(OTHER_LANGUAGE)]
    assert coordinator.typed("From") == "17:00"


def template(message: Any) -> str:
    return str(message.id)


def test_who_can_interpret_urdu_now_is_one_typed_start_away(
    make_portal: MakePortal, desk: Desk, database: Database
) -> None:
    app = make_portal(
        database,
        phone_interpreter="Example Line",
        phone_interpreter_number="01632 960 555",
        phone_interpreter_code="SECRET-4711",
    )
    nasreen = Colleague(app, Role.INTERPRETER, name="Nasreen")
    who = desk.interpreter("urd", account=nasreen.reference, kind="staff")
    put(desk, who)
    person = Colleague(app, Role.FRONTLINE).open("/staff/rota/now")
    assert "On duty now" in person.text
    person.open("/staff/rota/now?language=ur")
    assert "Urdu at 10:30 : on duty" in person.text and nasreen.email in person.text
    assert "Example Line" in person.text and "SECRET-4711" not in person.response.text
    person.press("Show our access code")
    assert "SECRET-4711" in person.text and "on duty" in person.text
    with database.read() as connection:
        log = audit.page(connection, limit=1)[0]
    assert (log.by, log.did, log.what) == (person.reference, "viewed", "interpreter access code")
    assert "4711" not in repr(log)
    analyst = Colleague(app, Role.ANALYST).open("/staff/rota/now?language=urdu")
    assert "Show our access code" not in analyst.buttons() and "Example Line" in analyst.text
    person.open("/staff/rota/now?language=kurd")
    assert person.status == 422 and "Kurdish (Sorani)" in person.text
    person.link("Kurdish (Sorani)")
    assert "Kurdish (Sorani) at 10:30 : on duty Nobody." in person.text
    assert person.open("/staff/rota/now?language=qqq").status == 422
    signs = person.open("/staff/rota/now?language=bfi")
    assert "No phone line helps" in signs.text and "Example Line" not in signs.text


def test_without_a_code_there_is_none_to_show(portal: Flask) -> None:
    person = Colleague(portal, Role.FRONTLINE).open("/staff/rota/now?language=urd")
    assert "No phone provider is set up" in person.text
    token = str(person.soup.select_one("input[name=csrf_token]")["value"])  # type: ignore[index]
    assert person.post("/staff/rota/now", [("csrf_token", token), ("language", "urd")]).status == 404


def test_gaps_of_a_panel_are_a_page(coordinator: Colleague, desk: Desk) -> None:
    assert "There is no set of languages yet" in coordinator.open("/staff/rota/gaps").text
    panel = registers.add(desk.database, desk.ring, PANELS, (), "Three main", OPERATOR)
    panels.put(desk.database, desk.ring, panel, ["urd", "pan"], OPERATOR)
    put(desk, desk.interpreter("urd"))
    page = coordinator.open(f"/staff/rota/gaps?panel={panel}")
    rows = {row.th.text: [cell.text for cell in row.select("td")] for row in page.soup.select("tbody tr")}
    whole = "09:00–17:00"
    assert rows["Urdu"] == ["covered", whole, whole, whole, whole, "closed", "closed"]
    assert rows["Punjabi"] == [whole] * 5 + ["closed"] * 2
    assert coordinator.open("/staff/rota/gaps?panel=four").status == 404


def test_a_slot_that_is_not_there_is_404(coordinator: Colleague, desk: Desk) -> None:
    assert coordinator.open("/staff/rota/7K3PX92CM").status == 404
    with desk.database.read() as connection:
        assert connection.execute(select(rota.RotaSlot.reference)).all() == []
