"""Lists on paper: a printed number means what was printed, whatever has become of the list since."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from portal import clock, references, registers
from portal.accounts.roles import Role
from portal.database import Database
from portal.keying import practice
from portal.keying.models import Batch, KeyingErrors
from portal.keying.states import State
from portal.paper import runs
from portal.paper.models import Paper
from portal.paper.runs import OPERATOR
from portal.questions.keying import to_key
from portal.sealing import KeyRing
from tests.arrivals import stored
from tests.conftest import MakePortal
from tests.desk import Keyer, head_of, keyings, office, state_of, typed_for
from tests.lists import FIRST, FORM, add, out


@pytest.fixture
def app(make_portal: MakePortal, database: Database) -> Flask:
    return office(make_portal, database, FORM)


@pytest.fixture
def portal(app: Flask) -> Any:
    return app.extensions["portal"]


@pytest.fixture
def boss(app: Flask) -> Keyer:
    return Keyer(app, Role.SUPERVISOR)


def changed(portal: Any) -> None:
    """The list is as in no definition: South, West, Harbour (once North), East out of use."""
    database, ring = portal.database, portal.ring
    for name in ("East office", "West office"):
        add(database, ring, name)
    registers.move(database, ring, "offices", FIRST, "north", 3, OPERATOR)
    registers.rename(database, ring, "offices", FIRST, "north", "Harbour", OPERATOR)
    out(database, ring, "east_office")
    portal.following.look_again()


def printed(portal: Any) -> str:
    """The reference of a paper that is printed with the list as it is now."""
    form = next(form for form in portal.forms if form.key == FORM.key).here()
    run = runs.order(portal.database, form, "en", "normal", False, None, 1, OPERATOR)
    with portal.database.read() as connection:
        return str(connection.execute(select(Paper.reference).where(Paper.run == run.reference)).scalar_one())


def opened(boss: Keyer, database: Database, declared: int = 1) -> str:
    """Open a batch on its page; gives its reference."""
    today = clock.today()
    boss.open("/staff/paper-in").choose("Post").pick("form", "Lists 1").pick("language", "English")
    boss.type("Day", str(today.day)).type("Month", str(today.month)).type("Year", str(today.year))
    boss.type("How many forms the pile holds", str(declared)).type("Per cent to key twice", "100")
    boss.press("Open the batch")
    assert boss.status == 200, boss.errors
    return boss.path.rpartition("/")[2]


def numbers(keyer: Keyer, question: str = "nearest") -> list[str]:
    """The numbers that a screen offers for a question, each with its words."""
    lines = keyer.soup.select(f"[data-question='{question}'] li")
    return [line.get_text(" ", strip=True) for line in lines]


FIRST_LIST = ["1 North office", "2 South office"]
CHANGED_LIST = ["1 South office", "2 West office", "3 Harbour"]
NORTH = {"nearest": "1", "been.north.there": "1", "been.south.there": "2", "more": "."}
"""A paper printed with the first list."""


def test_a_paper_is_keyed_twice_settled_and_stored_with_the_numbers_printed_on_it(
    app: Flask, portal: Any, boss: Keyer, database: Database, ring: KeyRing
) -> None:
    sheet = printed(portal)
    changed(portal)
    batch = opened(boss, database)
    for keyer, nearest in ((Keyer(app), "1"), (Keyer(app), "2")):
        assert numbers(keyer.take(batch, sheet)) == FIRST_LIST
        assert list(keyer.shown()) == ["nearest", "been.north.there", "been.south.there", "more"]
        assert keyer.keeps(batch, sheet, "nearest", "3") == "No answer has the number 3"
        keyer.take(batch, sheet).fill({**NORTH, "nearest": nearest}).press("Save")
        assert keyer.path == f"/staff/paper-in/{batch}", keyer.errors
    assert [one[3]["nearest"] for one in keyings(database, ring, sheet)] == [("north",), ("south",)]
    boss.open(f"/staff/differences/{sheet}")
    assert "North office" in boss.text and "Harbour" not in boss.text and "West office" not in boss.text
    boss.fill({"nearest": "1"}).press("Settle it")
    assert state_of(database, sheet) is State.RESOLVED
    boss.at(batch).press("Close the batch")
    assert "1 of 1 forms stored" in boss.text
    [row] = stored(database)
    assert row.answers == {
        "nearest": ["north"],
        "been.north.there": ["yes"],
        "been.south.there": ["no"],
        "more": [],
    }
    with database.read() as connection:
        counted = set(connection.execute(select(KeyingErrors.question)).scalars())
    assert counted == set(row.answers), "nothing is compared that is not on the paper"


@pytest.mark.parametrize("place", ["", "/keep", "/scan", "/scan/x/remove"])
@pytest.mark.parametrize("sheet", ["%00", "_________", "7K3PX92C4"])
def test_what_cannot_be_a_reference_is_no_paper_of_a_run(
    app: Flask, boss: Keyer, database: Database, sheet: str, place: str
) -> None:
    batch = opened(boss, database)
    token = boss.at(batch).token()
    sent = boss.client.post(
        f"/staff/paper-in/{batch}/{sheet}{place}", data={"csrf_token": token, "question": "nearest"}
    )
    assert sent.status_code == 404


def test_papers_of_two_print_runs_and_one_with_a_sticker_each_have_their_own_numbers(
    app: Flask, portal: Any, boss: Keyer, database: Database
) -> None:
    before = printed(portal)
    changed(portal)
    after, sticker = printed(portal), references.new()
    batch = opened(boss, database, 3)
    registers.move(database, portal.ring, "offices", FIRST, "south", 5, OPERATOR)
    portal.following.look_again()
    keyer = Keyer(app)
    assert [numbers(keyer.take(batch, sheet)) for sheet in (before, after, sticker)] == [
        FIRST_LIST,
        CHANGED_LIST,
        CHANGED_LIST,
    ]
    assert "been.west_office.there" in keyer.shown() and "been.east_office.there" not in keyer.shown()


def test_a_second_keyer_keys_a_member_that_went_out_of_use_after_the_first_keying(
    app: Flask, portal: Any, boss: Keyer, database: Database, ring: KeyRing
) -> None:
    batch, sheet = opened(boss, database), references.new()
    Keyer(app).keys(batch, sheet, NORTH)
    out(database, ring, "north")
    portal.following.look_again()
    second = Keyer(app).keys(batch, sheet, NORTH)
    assert second.path == f"/staff/paper-in/{batch}", second.errors
    assert state_of(database, sheet) is State.AGREED
    boss.at(batch).press("Close the batch")
    assert [row.answers["nearest"] for row in stored(database)] == [["north"]]
    later = opened(boss, database)
    assert numbers(Keyer(app).take(later, references.new())) == ["1 South office"], "a new pile has the list"


def test_a_batch_and_a_run_of_before_have_all_members_that_there_ever_were(
    app: Flask, portal: Any, boss: Keyer, database: Database
) -> None:
    sheet = printed(portal)
    changed(portal)
    batch = opened(boss, database)
    with database.write() as connection:
        connection.execute(update(runs.PrintRun).values(registers=None))
        connection.execute(update(Batch).values(registers=None))
    assert numbers(Keyer(app).take(batch, sheet)) == [*CHANGED_LIST, "4 East office"]


def test_what_a_made_up_paper_says_is_keyed_right_after_its_list_was_changed(
    app: Flask, portal: Any, database: Database, ring: KeyRing
) -> None:
    keyer = Keyer(app)
    keyer.open("/staff/practice").pick("form", "Lists").pick("language", "English").press("Practise")
    batch = keyer.path.rpartition("/")[2]
    assert head_of(database, batch).registers["offices"] == [[one.code, one.text.english] for one in FIRST]
    changed(portal)
    for paper in keyer.soup.select("form[action$='/take'] input[name=reference]"):
        sheet = str(paper["value"])
        answers = practice.paper(database, ring, sheet)
        assert answers is not None
        keyer.sends(f"/staff/paper-in/{batch}/take", reference=sheet)
        assert numbers(keyer) == FIRST_LIST
        form = FORM.here(registers={"offices": FIRST, "clubs": ()}, office=True)
        due = {question.key for question in to_key(form, answers)}
        keyer.fill({key: typed for key, typed in typed_for(form, answers).items() if key in due})
        keyer.press("Save")
        assert keyer.path == f"/staff/practice/{batch}", keyer.errors
    assert "5 of 5 papers are keyed" in keyer.text and "answers 0 were wrong" in keyer.text
