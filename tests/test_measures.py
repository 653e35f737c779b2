"""What is counted of interpreting: a line a request with codes only, and how providers did."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import update

from portal import audit, clock, registers
from portal.accounts.roles import Role
from portal.analysis.export import ExportError, Wanted, export
from portal.cli import main
from portal.database import Database
from portal.forms import FORMS
from portal.interpreting import bookings, calls, consequences, measures, moving, providers
from portal.interpreting.calls import NewCall
from portal.interpreting.models import Assignment, Booking
from portal.interpreting.states import Event, Who
from portal.paper.runs import OPERATOR
from portal.sealing import KeyRing
from tests.bookings import CANARIES, COORDINATOR, ENDS, NOW, STARTS, Desk
from tests.staff import Colleague


@pytest.fixture(autouse=True)
def a_wednesday() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def desk(database: Database, ring: KeyRing) -> Desk:
    return Desk(database, ring)


def lines(desk: Desk, **period: Any) -> list[dict[str, str]]:
    with desk.database.read() as connection:
        header, *rows = measures.requests(connection, **period)
    return [dict(zip(header, row, strict=True)) for row in rows]


def step(desk: Desk, reference: str, event: Event, who: Who = Who.COORDINATOR, **more: Any) -> None:
    with desk.database.write() as connection:
        moving.move(connection, moving.locked(connection, reference), event, by=COORDINATOR, who=who, **more)


def finish(desk: Desk, reference: str, **columns: Any) -> None:
    """The visit of a request took place."""
    step(desk, reference, Event.CONFIRM)
    step(desk, reference, Event.START)
    step(desk, reference, Event.FINISH)
    with desk.database.write() as connection:
        booking = bookings.live(connection, reference)
        assert booking is not None
        for seat in bookings.sitting(connection, booking.reference):
            change = update(Assignment).where(Assignment.reference == seat.reference)
            connection.execute(change.values(state="finished", **columns))


def test_a_request_that_was_filled_is_a_line_of_codes(desk: Desk) -> None:
    who = desk.interpreter("phr")
    reference, offers = desk.ready(who)
    with time_machine.travel(clock.moment(clock.seconds() + 5400), tick=False):
        desk.accept(offers[who], who)
        finish(desk, reference, outcomes=["10", "1", "7"])
        step(desk, reference, Event.SETTLE)
    [line] = lines(desk)
    expected = {
        "kind": "interpreter",
        "language": "phr",
        "language_in_own_words": "no",
        "dialect_named": "yes",
        "mode_asked": "home",
        "mode_now": "home",
        "in_mode_asked": "yes",
        "tier": "1",
        "area": "DE23",
        "month": "2026-11",
        "state": "closed",
        "filled": "yes",
        "by_whom": "bank",
        "minutes_to_confirm": "90",
        "gender_essential_met": "yes",
        "same_interpreter": "first",
        "outcomes": "1;7;10",
        "given_back_by_interpreters": "0",
        "cancelled_by": "",
    }
    assert {name: line[name] for name in expected} == expected


def test_what_was_not_filled_says_why_and_what_is_looked_for_is_open(desk: Desk) -> None:
    unfilled = desk.asks()
    desk.triage(unfilled)
    step(desk, unfilled, Event.GIVE_UP, reason="gender")
    [line] = lines(desk)
    assert (line["filled"], line["reason"], line["gender_essential_met"]) == ("no", "gender", "no")
    step(desk, unfilled, Event.SETTLE)
    assert lines(desk)[0]["filled"] == "no" and lines(desk)[0]["reason"] == "gender"
    desk.asks(gender_essential=(), gender=(), dialect=(), speak=("other",), speak_words=("Wolof",))
    line = next(one for one in lines(desk) if one["filled"] == "open")
    assert (line["language_in_own_words"], line["dialect_named"]) == ("not coded", "no")
    assert line["minutes_to_confirm"] == line["gender_essential_met"] == line["same_interpreter"] == ""


@pytest.mark.parametrize(
    ("reason", "by", "hours", "late"),
    [
        ("ill", "tenant", 23, "yes"),
        ("officer", "us", 25, "no"),
        ("interpreter_ill", "interpreter", 3, "yes"),
        ("other", "tenant", 48, "no"),
    ],
)
def test_late_cancellations_are_told_apart_by_side(
    desk: Desk, reason: str, by: str, hours: int, late: str
) -> None:
    who = desk.interpreter("phr")
    reference, offers = desk.ready(who)
    desk.accept(offers[who], who)
    then = clock.moment(STARTS - hours * 3600)
    with time_machine.travel(then, tick=False), desk.database.write() as connection:
        consequences.cancel(connection, desk.ring, reference, reason, by=COORDINATOR, who=Who.COORDINATOR)
    [line] = lines(desk)
    assert (line["filled"], line["cancelled_by"], line["cancelled_late"]) == ("withdrawn", by, late)


def test_the_same_interpreter_again_is_told_from_another_one(desk: Desk) -> None:
    first, other = desk.interpreter("phr"), desk.interpreter("phr", name="Other")
    told = []
    for number, who in enumerate((first, first, other)):
        with time_machine.travel(clock.moment(clock.seconds() + number * 60), tick=False):
            times = {"starts": STARTS + number * 86400, "ends": ENDS + number * 86400}
            reference, offers = desk.ready(who, **times)
            desk.accept(offers[who], who)
            told.append(reference)
    with desk.database.read() as connection:
        found = list(measures.requests(connection))
    column = found[0].index("same_interpreter")
    # lines stand in the order of references
    assert [row[column] for row in found[1:]] == [
        {0: "first", 1: "yes", 2: "no"}[told.index(reference)] for reference in sorted(told)
    ]


def test_a_call_is_in_the_line_of_its_request_and_in_a_file_of_its_own(desk: Desk) -> None:
    reference = desk.asks(how=("phone_now",), where=())
    call = NewCall(language="phr", minutes=9, outcome="done", request=reference)
    calls.log(desk.database, desk.ring, call, COORDINATOR)
    calls.log(desk.database, desk.ring, NewCall(language="som", minutes=3, outcome="abandoned"), COORDINATOR)
    calls.without(desk.database, {"language": "urd", "office": "north", "team": None})
    [line] = lines(desk)
    assert (line["filled"], line["by_whom"], line["call_outcomes"], line["call_minutes"]) == (
        "yes",
        "call",
        "done",
        "9",
    )
    with desk.database.read() as connection:
        assert sorted(list(measures.calls(connection))[1:]) == [
            ("2026-11", "phr", "9", "done", "", "yes"),
            ("2026-11", "som", "3", "abandoned", "", "no"),
        ]
        assert list(measures.without(connection))[1:] == [("2026-11", "urd", "north", "")]


def test_only_what_came_in_the_period_is_in_it(desk: Desk) -> None:
    desk.asks()
    day = clock.today()
    assert len(lines(desk, first=day, last=day)) == 1
    assert lines(desk, first=clock.days_before(day, -1)) == lines(desk, last=clock.days_before(day, 1)) == []


# The export


def test_the_export_of_the_form_holds_codes_and_no_word_that_identifies(desk: Desk, tmp_path: Path) -> None:
    who = desk.interpreter("phr", name="Canary Interpreter")
    reference, offers = desk.ready(who)
    desk.accept(offers[who], who)
    folder = tmp_path / "out"
    paths = export(
        desk.database,
        FORMS,
        Wanted("interpreter", folder, "a test"),
        lambda done, of: None,
        ring=desk.ring,
        anchors=tmp_path / "anchors",
        beside=measures.TABLES,
    )
    assert {path.name for path in paths} >= {f"interpreter-{name}.csv" for name in measures.TABLES}
    written = {path.name: path.read_text("utf-8") for path in paths}
    for word in (*CANARIES, "Canary", "canary", reference, "7700"):
        assert not [name for name, text in written.items() if word in text], word
    with (folder / "interpreter-codes.csv").open(newline="", encoding="utf-8") as file:
        [row] = csv.DictReader(file)
    assert row["speak"] == "phr" and row["name"] == row["phone"] == row["where"] == "_sealed"
    dates = {key for key, cell in row.items() if re.search(r"\d{4}-\d\d-\d\d", cell)}
    assert dates == {"_received", "_entered", "window.1.day"}
    assert not re.search(r"\d{4}-\d\d-\d\d", written["interpreter-requests.csv"]), "months only"
    with desk.database.read() as connection:
        [entry] = audit.page(connection, did=audit.Did.EXPORTED)
    assert entry.detail["beside"] == sorted(measures.TABLES)


def test_a_file_that_is_there_is_not_written_over(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "interpreter-calls.csv").write_text("mine")
    with pytest.raises(ExportError, match="there already"):
        export(
            desk.database,
            FORMS,
            Wanted("interpreter", folder, "a test"),
            lambda done, of: None,
            ring=desk.ring,
            anchors=tmp_path / "anchors",
            beside=measures.TABLES,
        )


def test_the_command_writes_them_only_for_the_form_of_interpreting(tmp_path: Path) -> None:
    environ = {"PORTAL_DATA": str(tmp_path / "data")}
    runner = CliRunner()
    assert runner.invoke(main, ["migrate"], env=environ).exit_code == 0
    told = ["export", "--purpose", "a test", "--requests", "--form"]
    wrong = runner.invoke(main, [*told, "equality", "--out", str(tmp_path / "a")], env=environ)
    assert wrong.exit_code == 1 and "--requests goes with --form interpreter" in wrong.output
    right = runner.invoke(main, [*told, "interpreter", "--out", str(tmp_path / "b")], env=environ)
    assert right.exit_code == 0, right.output
    header = (tmp_path / "b" / "interpreter-requests.csv").read_text().strip()
    assert header == ",".join(measures.COLUMNS)


# Providers


def scores(desk: Desk) -> dict[tuple[str, str], tuple[Any, ...]]:
    with desk.database.read() as connection:
        return {
            (one.provider, one.quarter): (
                one.placed,
                one.done,
                one.late,
                one.absent,
                one.gave_back,
                one.an_hour,
            )
            for one in providers.scores(connection)
        }


def placed(desk: Desk, price: int = 4500, provider: str = "example", **times: int) -> str:
    """A request placed with a provider by hand, who sends whom they like."""
    reference = desk.asks()
    desk.triage(reference)
    with desk.database.write() as connection:
        request = moving.locked(connection, reference)
        starts, ends = times.get("starts", STARTS), times.get("ends", ENDS)
        bookings.make(connection, reference, starts, ends, "home", provider=provider, price=price)
        moving.move(connection, request, Event.PLACE, by=COORDINATOR, who=Who.COORDINATOR)
    return reference


def test_a_provider_is_counted_by_what_was_placed_done_and_paid(desk: Desk) -> None:
    done, absent = placed(desk), placed(desk)
    placed(desk, provider="another", starts=STARTS + 60 * 86400, ends=ENDS + 60 * 86400)
    step(desk, done, Event.FINISH)
    step(desk, absent, Event.ABSENT, reason="interpreter")
    assert scores(desk) == {
        ("example", "2026 Q4"): (2, 1, 0, 1, 0, "30.00"),
        ("another", "2027 Q1"): (1, 0, 0, 0, 0, ""),
    }
    step(desk, done, Event.SETTLE)
    assert scores(desk)["example", "2026 Q4"][1] == 1


def test_interpreters_whom_a_provider_sends_count_for_it_and_ours_do_not(desk: Desk) -> None:
    sent = desk.interpreter("phr", kind="provider", provider="example")
    ours = desk.interpreter("phr", name="Ours")
    reference, offers = desk.ready(sent)
    desk.accept(offers[sent], sent)
    finish(desk, reference, late=12, started=STARTS, finished=STARTS + 3600, outcomes=["1", "7"])
    with desk.database.write() as connection:
        connection.execute(update(Booking).values(price=6000))
    other, offers = desk.ready(ours, starts=STARTS + 86400, ends=ENDS + 86400)
    desk.accept(offers[ours], ours)
    assert scores(desk) == {("example", "2026 Q4"): (1, 1, 12, 0, 0, "60.00")}
    again, offers = desk.ready(sent, starts=STARTS + 2 * 86400, ends=ENDS + 2 * 86400)
    desk.accept(offers[sent], sent)
    with desk.database.write() as connection:
        consequences.let_go(connection, desk.ring, again, sent, "ill", by=COORDINATOR, who=Who.COORDINATOR)
    assert scores(desk) == {("example", "2026 Q4"): (2, 1, 12, 0, 1, "60.00")} and other


def test_the_scorecard_is_a_list_without_anybody_in_it(desk: Desk, portal: Flask) -> None:
    registers.add(desk.database, desk.ring, providers.PROVIDERS, (), "Example", OPERATOR)
    reference = placed(desk)
    step(desk, reference, Event.FINISH)
    person = Colleague(portal, Role.COORDINATOR).open("/staff/interpreting/providers")
    assert "2026 Q4 Example 1 1 0 0 0 30.00" in person.text
    assert not [word for word in (*CANARIES, reference, "DE23") if word in person.text]
