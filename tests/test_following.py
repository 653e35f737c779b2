"""Forms follow the lists that they name, in every process; what was answered or printed keeps its meaning."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event, select, update

from portal import registers
from portal.accounts.roles import Role
from portal.analysis.export import Wanted, export
from portal.backups import backup
from portal.database import Database
from portal.following import EVERY, Following, also, knowing, offering
from portal.forms import EQUALITY
from portal.intake.models import Submission
from portal.intake.submissions import Arrival, submit
from portal.paper.models import PrintRun
from portal.paper.runs import OPERATOR, form_of, order, run
from portal.questions import Choice, Option, Register, as_written
from portal.registers import RegisterVersion
from portal.sealing import KeyRing
from tests.conftest import MakePortal
from tests.lists import FIRST, FORM, add, lines, out
from tests.staff import Colleague
from tests.visitor import Visitor

NOW = datetime.fromisoformat("2026-11-18T10:00:00+00:00")


@pytest.fixture
def app(make_portal: MakePortal, database: Database) -> Flask:
    return make_portal(database, forms=(FORM,))


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements that are sent to the database."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(database.engine, "before_cursor_execute", note)


# Forms follow


def first_options(app: Flask) -> list[str]:
    visitor = Visitor(app).open("/en/lists").press("Start")
    return [visitor.label(control) for control in visitor.soup.select("main input[type=radio]")]


def test_a_change_is_seen_by_another_process_after_ten_seconds(
    make_portal: MakePortal, database: Database
) -> None:
    mine, other = make_portal(database, forms=(FORM,)), make_portal(database, forms=(FORM,))
    with time_machine.travel(NOW, tick=False) as clock:
        assert first_options(mine) == first_options(other) == ["North office", "South office"]
        boss = Colleague(mine, Role.ADMINISTRATOR).open("/staff/registers/offices/north")
        boss.type("Name", "Harbour").press("Save")
        assert first_options(mine) == ["Harbour", "South office"], "at once where it was changed"
        clock.move_to(NOW + timedelta(seconds=EVERY - 1))
        assert first_options(other) == ["North office", "South office"]
        clock.move_to(NOW + timedelta(seconds=EVERY))
        assert first_options(other) == ["Harbour", "South office"], "no page of before is shown"


def test_lists_are_looked_at_once_in_ten_seconds_and_not_for_each_page(
    app: Flask, database: Database
) -> None:
    with time_machine.travel(NOW, tick=False) as clock, counted(database) as seen:
        for _page in range(5):
            Visitor(app).open("/en/lists")
        assert len([one for one in seen if "register_version" in one]) == 1
        assert len([one for one in seen if "register_member" in one]) == 1
        clock.move_to(NOW + timedelta(seconds=EVERY))
        Visitor(app).open("/en/lists")
        Visitor(app).open("/en/lists")
    assert len([one for one in seen if "register_version" in one]) == 2
    assert len([one for one in seen if "register_member" in one]) == 1, "nothing was changed"


def test_where_no_form_names_a_list_the_database_is_not_asked(
    make_portal: MakePortal, database: Database
) -> None:
    portal = make_portal(database, forms=(EQUALITY,))
    with counted(database) as seen:
        visitor = Visitor(portal)
        for place in ("/en/", "/en/about-you", "/ur/about-you", "/en/about-you/print"):
            assert visitor.open(place).status == 200
    assert seen == []


def test_when_the_database_is_away_the_lists_of_before_are_used(database: Database, ring: KeyRing) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        add(database, ring, "East office")
        following = Following(database, (FORM,), {})
        before = following.now()
        assert [option.code for option in before.offered[0].registers["offices"]][2] == "east_office"
        gone = Database("sqlite:////nowhere/at/all.sqlite")
        following._database = gone
        clock.move_to(NOW + timedelta(seconds=EVERY))
        assert following.now() is before
        gone.close()


def test_a_list_without_members_leaves_out_what_asks_for_it(
    app: Flask, database: Database, ring: KeyRing
) -> None:
    visitor = Visitor(app).open("/en/lists").press("Start")
    out(database, ring, "north")
    out(database, ring, "south")
    app.extensions["portal"].following.look_again()
    visitor = Visitor(app).open("/en/lists").press("Start")
    assert visitor.heading == "What else?"


# Somebody is in the middle of a form


def at_the_agencies(app: Flask, database: Database, ring: KeyRing) -> Visitor:
    """Has chosen the north office, said yes for both, and stands before the two agencies."""
    add(database, ring, "Shelter", "clubs")
    add(database, ring, "Refuge", "clubs")
    app.extensions["portal"].following.look_again()
    visitor = Visitor(app).open("/en/lists").press("Start").choose("North office").press("Continue")
    visitor.choose("Yes").press("Continue").choose("Yes").press("Continue")
    assert visitor.heading == "Which agency helps you?"
    return visitor


def test_somebody_whose_choice_went_out_of_use_is_asked_again(
    app: Flask, database: Database, ring: KeyRing
) -> None:
    visitor = at_the_agencies(app, database, ring).choose("Shelter", "Refuge").press("Continue")
    visitor.press("Continue")
    assert visitor.path == "/en/lists/check" and "Shelter" in visitor.text
    registers.set_active(database, ring, "clubs", (), "shelter", False, OPERATOR)
    out(database, ring, "north")
    app.extensions["portal"].following.look_again()
    visitor.press("Send")
    assert visitor.heading == "Which office is nearest?" and visitor.chosen() == []
    visitor.choose("South office").press("Continue")
    assert visitor.heading == "Which agency helps you?" and visitor.chosen() == ["Refuge"]
    visitor.press("Continue").press("Send")
    with database.read() as connection:
        [answers] = connection.execute(select(Submission.answers)).scalars()
    assert answers == {"nearest": ["south"], "been.south.there": ["yes"], "agency": ["refuge"], "more": []}


def test_what_is_posted_while_a_list_moves_the_pages_is_taken_under_its_own_question(
    app: Flask, database: Database, ring: KeyRing
) -> None:
    visitor = at_the_agencies(app, database, ring).choose("Refuge")
    add(database, ring, "East office")
    app.extensions["portal"].following.look_again()
    visitor.press("Continue")
    assert visitor.heading == "Have you been there: East office?", (
        "not put yet, so it is asked and not skipped"
    )
    visitor.choose("No").press("Continue")
    assert visitor.heading == "What else?"
    visitor.press("Continue")
    assert "Refuge" in visitor.text and "Shelter" not in visitor.text


def test_what_is_posted_to_a_question_that_is_gone_leads_on(
    app: Flask, database: Database, ring: KeyRing
) -> None:
    visitor = Visitor(app).open("/en/lists").press("Start").choose("South office").press("Continue")
    assert visitor.heading == "Have you been there: North office?"
    out(database, ring, "north")
    app.extensions["portal"].following.look_again()
    visitor.choose("Yes").press("Continue")
    assert visitor.heading == "Have you been there: South office?" and visitor.chosen() == []


def test_nobody_can_answer_with_a_member_that_is_out_of_use(
    app: Flask, database: Database, ring: KeyRing
) -> None:
    out(database, ring, "north")
    visitor = Visitor(app).open("/en/lists").press("Start").press("Continue", nearest="north")
    assert visitor.status == 422


# What was answered and printed before


def test_an_export_knows_members_that_are_out_of_use(
    database: Database, ring: KeyRing, tmp_path: Path
) -> None:
    [offered] = offering(database, (FORM,))
    arrival = Arrival(
        form=offered.here(),
        answers={"nearest": ("north",), "been.north.there": ("yes",)},
        token=b"1" * 32,
        language="en",
        channel="web",
    )
    submit(database, ring, arrival)
    registers.rename(database, ring, "offices", FIRST, "north", "Harbour", OPERATOR)
    out(database, ring, "north")
    wanted = Wanted("lists", tmp_path / "out", "a test")
    export(database, (FORM,), wanted, lambda done, of: None, ring=ring, anchors=tmp_path / "anchors")

    def table(kind: str) -> list[dict[str, str]]:
        with (tmp_path / "out" / f"lists-{kind}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    [codes], [labels] = table("codes"), table("labels")
    assert (codes["nearest"], codes["been.north.there"]) == ("north", "yes")
    assert (labels["nearest"], labels["been.north.there"]) == ("Harbour", "Yes")
    book = [(row["code"], row["label"]) for row in table("1-codebook") if row["question"] == "nearest"]
    assert book == [("", ""), ("south", "South office"), ("north", "Harbour")]


def test_what_is_offered_beside_a_list_is_known_by_the_list() -> None:
    nowhere = Option("nowhere", as_written("No office is near"))
    beside = Choice(key="near", text=as_written("Near?"), options=Register("offices", also=(nowhere,)))
    form = replace(FORM, parts=(*FORM.parts, beside))
    assert also((FORM,), "offices") == ()
    assert also((FORM, form), "offices") == (nowhere,)
    assert also((FORM, form), "clubs") == ()


def test_a_print_run_keeps_the_lists_as_it_printed_them(database: Database, ring: KeyRing) -> None:
    add(database, ring, "East office")
    [now] = offering(database, (FORM,))
    printed = now.here()
    found = order(database, printed, "en", "normal", False, None, 1, OPERATOR)
    registers.move(database, ring, "offices", FIRST, "south", -1, OPERATOR)
    registers.rename(database, ring, "offices", FIRST, "east_office", "Harbour", OPERATOR)
    out(database, ring, "north")
    later = form_of(run(database, found.reference), offering(database, (FORM,)))
    assert later.questions == printed.questions != offering(database, (FORM,))[0].here().questions
    assert found.registers["offices"][2] == ["east_office", "East office"] and found.registers["clubs"] == []


def test_a_print_run_of_before_prints_what_the_definition_carries(database: Database) -> None:
    found = order(database, FORM.here(), "en", "normal", False, None, 1, OPERATOR)
    with database.write() as connection:
        connection.execute(update(PrintRun).values(registers=None))
    assert form_of(run(database, found.reference), (FORM,)).questions == FORM.here().questions


def test_a_form_without_lists_keeps_none_with_its_print_run(database: Database) -> None:
    assert order(database, EQUALITY.here(), "en", "normal", False, None, 1, OPERATOR).registers == {}
    assert offering(database, (EQUALITY,)) == knowing(database, (EQUALITY,)) == (EQUALITY,)


def test_a_backup_has_the_lists(database: Database, ring: KeyRing, tmp_path: Path) -> None:
    add(database, ring, "East office")
    copy = Database(f"sqlite:///{backup(database, tmp_path / 'copies', lambda table, rows: None)}")
    assert lines(copy) == lines(database)
    with copy.read() as connection:
        assert registers.version(connection) == 1
        assert connection.execute(select(RegisterVersion.id)).scalars().all() == [1]
    copy.close()
