"""Keying without script: opening a pile, the reference first, answers by keys, nothing typed is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from threading import Barrier

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal import clock, references
from portal.accounts.roles import Role
from portal.database import Database
from portal.equality.collections import keep
from portal.forms import FORMS
from portal.keying import passes
from portal.keying.batches import NewBatch, open_batch
from portal.keying.models import Batch, Pass, Sheet
from portal.keying.passes import Refusal, Work
from portal.keying.screen import WHY
from portal.keying.states import State
from portal.questions.keying import QUERY
from portal.sealing import KeyRing
from portal.settings import CollectionEntry
from tests.conftest import MakePortal
from tests.desk import (
    ANSWERS,
    KEYS,
    Keyer,
    everything,
    experienced,
    gone_in,
    head_of,
    keyings,
    office,
    pile,
    state_of,
)
from tests.staff import Colleague

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
LATER = datetime(2026, 11, 18, 12, 16, tzinfo=UTC)


@pytest.fixture
def app(make_portal: MakePortal, database: Database) -> Flask:
    keep(database, [CollectionEntry(code="repairs-2026", name="Repairs")])
    return office(make_portal, database)


@pytest.fixture
def supervisor(app: Flask) -> Keyer:
    return Keyer(app, Role.SUPERVISOR, name="Samira Supervisor")


@pytest.fixture
def keyer(app: Flask, database: Database, ring: KeyRing) -> Keyer:
    found = Keyer(app)
    experienced(database, ring, found.reference)
    return found


# Opening a batch


def fill_head(supervisor: Keyer) -> Keyer:
    supervisor.open("/staff/paper-in")
    supervisor.pick("form", "A small form 1").choose("Surgery")
    supervisor.pick("language", "Urdu").pick("collection", "Repairs")
    supervisor.type("Day", "12").type("Month", "11").type("Year", "2026")
    supervisor.type("How many forms the pile holds", "20").type("Per cent to key twice", "10")
    return supervisor


@time_machine.travel(NOON)
def test_a_supervisor_opens_a_batch(supervisor: Keyer, database: Database) -> None:
    fill_head(supervisor).press("Open the batch")
    assert supervisor.status == 200
    with database.read() as connection:
        row = connection.execute(select(*Batch.__table__.columns)).one()
    assert supervisor.path == f"/staff/paper-in/{row.reference}"
    assert (row.form, row.edition, row.variants, row.language) == ("small", "1", {}, "ur")
    assert (row.source, row.collection, row.received) == ("surgery", "repairs-2026", date(2026, 11, 12))
    assert (row.declared, row.share, row.practice, row.state) == (20, 10, False, "open")
    assert (row.by, row.opened, row.closed) == (supervisor.reference, date(2026, 11, 18), None)
    assert references.grouped(row.reference) in supervisor.text


@time_machine.travel(NOON)
def test_without_a_place_and_a_share_a_batch_has_none_and_the_usual_one(
    supervisor: Keyer, database: Database
) -> None:
    fill_head(supervisor)
    supervisor.type("Per cent to key twice", "")
    supervisor.pick("collection", "–")
    supervisor.press("Open the batch")
    with database.read() as connection:
        row = connection.execute(select(*Batch.__table__.columns)).one()
    assert (row.collection, row.share) == (None, 15)


COUNTED = "How many forms the pile holds"
TWICE = "Per cent to key twice"


@time_machine.travel(NOON)
def test_a_wrong_field_of_the_head_is_refused_in_place_and_the_rest_stays(
    supervisor: Keyer, database: Database
) -> None:
    wrong = {
        COUNTED: ("", "0", "5001", "many", "1.5"),
        TWICE: ("101", "-1", "some"),
        "Month": ("13", ""),
        "Day": ("31", ""),
        "Year": ("26", "2027", "", "20266"),
    }
    right = {"Day": "12", "Month": "11", "Year": "2026", COUNTED: "20", TWICE: "10"}
    fill_head(supervisor)
    for label, several in wrong.items():
        for typed in several:
            supervisor.type(label, typed).press("Open the batch")
            assert supervisor.status == 422 and len(supervisor.errors) == 1, (label, typed)
            assert {one: supervisor.typed(one) for one in right} == {**right, label: typed}
            assert supervisor.chosen() == ["Surgery"]
            assert [supervisor.picked(one) for one in ("form", "language", "collection")] == [
                "A small form 1",
                "Urdu",
                "Repairs",
            ]
            supervisor.type(label, right[label])
    with database.read() as connection:
        assert not connection.execute(select(Batch.reference)).all()


@pytest.mark.parametrize(
    ("today", "day", "taken"),
    [
        (NOON, "2025-11-18", True),
        (NOON, "2025-11-17", False),
        (NOON, "1926-11-12", False),
        (datetime(2028, 2, 29, 12, tzinfo=UTC), "2027-02-28", True),
        (datetime(2028, 2, 29, 12, tzinfo=UTC), "2027-02-27", False),
    ],
)
def test_a_day_of_more_than_a_year_ago_is_a_wrong_year(
    app: Flask, database: Database, today: datetime, day: str, taken: bool
) -> None:
    with time_machine.travel(today):
        supervisor = fill_head(Keyer(app, Role.SUPERVISOR))
        for label, typed in zip(("Year", "Month", "Day"), day.split("-"), strict=True):
            supervisor.type(label, typed)
        supervisor.press("Open the batch")
    if not taken:
        assert supervisor.errors == ["This day is more than a year ago. Check the year"]
        assert supervisor.status == 422 and supervisor.typed("Year") == day[:4]
    with database.read() as connection:
        found = [str(row.received) for row in connection.execute(select(Batch.received))]
    assert found == [day] * taken


@time_machine.travel(NOON)
def test_a_choice_of_the_head_is_one_of_those_offered(supervisor: Keyer, database: Database) -> None:
    for name in ("form", "language", "source", "collection"):
        for sent in ("", "nothing_of_this", "\0"):
            fill_head(supervisor)
            if (name, sent) == ("collection", ""):
                continue
            supervisor.press("Open the batch", **{name: sent})
            assert supervisor.status == 422 and len(supervisor.errors) == 1, (name, sent)
            assert supervisor.typed(COUNTED) == "20"
    with database.read() as connection:
        assert not connection.execute(select(Batch.reference)).all()


def test_a_keyer_opens_no_batch(keyer: Keyer, database: Database) -> None:
    keyer.open("/staff/paper-in")
    assert "Open the batch" not in keyer.buttons()
    with database.read() as connection:
        before = len(connection.execute(select(Batch.reference)).all())
    keyer.open("/staff/practice")  # a page with a token
    keyer.sends("/staff/paper-in", form="small_1", language="ur", source="post", declared="3")
    with database.read() as connection:
        assert keyer.status == 404 and len(connection.execute(select(Batch.reference)).all()) == before


# The reference of a paper


def test_a_wrong_check_character_is_refused_in_place(keyer: Keyer, database: Database, ring: KeyRing) -> None:
    batch, sheet = pile(database, ring), references.new()
    wrong = sheet[:-1] + ("2" if sheet[-1] != "2" else "3")
    for typed in (wrong, "", "hello", "\0", sheet[:-1], "<b>"):
        keyer.take(batch, typed)
        assert keyer.status == 422
        assert keyer.errors == ["This is no reference. Check each of its 9 letters and digits"]
        assert keyer.typed("Reference of the next paper") == typed
    assert state_of(database, sheet) is None


def test_a_reference_is_read_as_it_is_typed_or_scanned(
    keyer: Keyer, database: Database, ring: KeyRing
) -> None:
    batch = pile(database, ring, declared=4)
    for written in (str, str.lower, references.grouped, "P|small|1|{}".format):
        sheet = references.new()
        keyer.take(batch, written(sheet))
        assert keyer.path == f"/staff/paper-in/{batch}/{sheet}"
        assert state_of(database, sheet) is State.KEYING


def test_what_is_no_batch_or_paper_is_not_found(supervisor: Keyer, database: Database) -> None:
    nobody = references.new()
    supervisor.open("/staff/practice")
    token = supervisor.token()
    before = everything(database, "signed_in")
    for one in (nobody, "%00", "..%2f..", "1%27--"):
        for page in (f"paper-in/{one}", f"differences/{one}", f"practice/{one}", f"paper-in/{one}/{nobody}"):
            assert supervisor.open(f"/staff/{page}").status == 404, page
        for route in ("take", f"{nobody}/take-over", "close", nobody, f"{nobody}/keep"):
            supervisor.post(f"/staff/paper-in/{one}/{route}", [("csrf_token", token)])
            assert supervisor.status == 404, route
    assert everything(database, "signed_in") == before


def test_what_is_no_paper_of_a_real_batch_is_not_found(
    supervisor: Keyer, database: Database, ring: KeyRing
) -> None:
    batch = pile(database, ring)
    for one in ("%00", "..%2f..", "1%27--", "none"):
        assert supervisor.open(f"/staff/paper-in/{batch}/{one}").status == 404
        supervisor.at(batch)
        for route in ("", "/keep", "/take-over"):
            assert supervisor.sends(f"/staff/paper-in/{batch}/{one}{route}").status == 404, (one, route)
            supervisor.at(batch)


def test_a_closed_batch_takes_no_paper(keyer: Keyer, database: Database, ring: KeyRing) -> None:
    batch = pile(database, ring)
    keyer.at(batch)
    with database.write() as connection:
        connection.execute(Batch.__table__.update().where(Batch.reference == batch).values(state="closed"))
    keyer.type("Reference of the next paper", references.new()).press("Key it")
    assert keyer.status == 409 and keyer.errors == ["The batch is closed"]
    assert "Key it" not in keyer.buttons()


def test_a_paper_of_another_batch_is_refused_with_a_link_to_it(
    keyer: Keyer, database: Database, ring: KeyRing
) -> None:
    there, here, sheet = pile(database, ring), pile(database, ring), references.new()
    keyer.take(there, sheet)
    keyer.take(here, sheet)
    assert keyer.status == 409 and keyer.errors == [f"This reference is in batch {there}"]
    keyer.link(f"Show batch {references.grouped(there)}")
    assert keyer.path == f"/staff/paper-in/{there}" and references.grouped(sheet) in keyer.text


def test_a_keyed_paper_is_not_keyed_again(keyer: Keyer, database: Database, ring: KeyRing) -> None:
    batch, sheet = pile(database, ring), references.new()
    keyer.keys(batch, sheet)
    assert keyer.path == f"/staff/paper-in/{batch}" and state_of(database, sheet) is State.KEYED
    for who in (keyer, Keyer(keyer.app)):
        who.take(batch, sheet)
        assert who.status == 409 and who.errors == ["This paper has been keyed already"]


def test_a_full_batch_takes_no_further_paper(keyer: Keyer, database: Database, ring: KeyRing) -> None:
    batch, one, other = pile(database, ring, declared=2), references.new(), references.new()
    keyer.keys(batch, one)
    keyer.take(batch, other)
    keyer.take(batch, references.new())
    assert keyer.status == 409
    assert keyer.errors == ["The batch has as many papers as were declared. Count the pile again"]
    assert keyer.take(batch, other).status == 200, "those that it has go on"


# Keying


def test_a_paper_is_keyed_by_typed_keys(keyer: Keyer, database: Database, ring: KeyRing) -> None:
    batch, sheet = pile(database, ring), references.new()
    keyer.take(batch, sheet)
    assert set(keyer.shown().values()) == {""}, "nothing is the default"
    keyer.fill(KEYS).press("Save")
    assert keyer.path == f"/staff/paper-in/{batch}"
    assert keyings(database, ring, sheet) == [(1, keyer.reference, True, dict(ANSWERS))]
    assert "1 of 3 are through" in keyer.text


def test_what_cannot_be_taken_is_said_in_place_and_all_that_was_typed_stays(
    keyer: Keyer, database: Database, ring: KeyRing
) -> None:
    batch, sheet = pile(database, ring), references.new()
    typed = {"colour": "1", "shade": "x" * 201, "tools": "13", "rooms": "21", "since": "310284"}
    keyer.keys(batch, sheet, typed)
    assert keyer.status == 422 and keyer.shown() == typed
    assert [link["href"] for link in keyer.soup.select(".govuk-error-summary a")] == [
        "#shade",
        "#tools",
        "#rooms",
        "#since",
    ]
    for key in ("shade", "tools", "rooms", "since"):
        assert keyer.soup.find(id=f"{key}-error"), key
    assert state_of(database, sheet) is State.KEYING
    keyer.fill({"shade": "<i>Rosé</i>", "tools": "3", "rooms": "20", "since": "000000"}).press("Save")
    assert keyer.status == 422 and keyer.errors == [
        "Type the date as ddmmyyyy or ddmmyy; 00 for what is missing"
    ]
    assert keyer.shown()["shade"] == "<i>Rosé</i>"
    keyer.fill({"since": "000084"}).press("Save")
    [(_number, _keyer, whole, answers)] = keyings(database, ring, sheet)
    assert whole and answers == {
        "colour": ("red",),
        "shade": ("<i>Rosé</i>",),
        "tools": ("none",),
        "rooms": ("20",),
        "since": ("1984",),
    }


def test_nothing_typed_is_refused_and_a_dot_is_a_blank(
    keyer: Keyer, database: Database, ring: KeyRing
) -> None:
    batch, sheet = pile(database, ring), references.new()
    keyer.take(batch, sheet).press("Save")
    assert keyer.status == 422 and len(keyer.errors) == 4, "the shade is not asked"
    assert set(keyer.errors) == {"Key this answer. If the paper has none, type ."}
    keyer.fill({"colour": "1"}).press("Save")
    assert len(keyer.errors) == 4, "now it is"
    keyer.fill(dict.fromkeys(KEYS, ".")).press("Save")
    assert keyer.status == 200
    [(_number, _keyer, whole, answers)] = keyings(database, ring, sheet)
    assert whole and answers == dict.fromkeys(KEYS, ())


def test_reserved_keys_are_stored_as_what_they_mean(keyer: Keyer, database: Database, ring: KeyRing) -> None:
    batch, sheet = pile(database, ring), references.new()
    keyer.keys(batch, sheet, {"colour": "*13", "tools": "/", "rooms": "-", "since": "?"})
    [(_number, _keyer, whole, answers)] = keyings(database, ring, sheet)
    assert whole and state_of(database, sheet) is State.QUERY
    assert answers == {
        "colour": ("_multiple", "red", "blue"),
        "tools": ("_illegible",),
        "rooms": ("_refused",),
        "since": QUERY,
    }


def test_answers_against_the_routing_are_shown_once_then_saved_and_not_counted(
    keyer: Keyer, database: Database, ring: KeyRing
) -> None:
    batch, sheet = pile(database, ring), references.new()
    keyer.keys(batch, sheet, {**KEYS, "shade": "crimson"})
    assert keyer.status == 422 and state_of(database, sheet) is State.KEYING
    assert "what its other answers do not lead to: Which shade of red?" in gone_in(keyer)
    assert keyer.shown() == {**KEYS, "shade": "crimson"}
    keyer.press("Save")
    assert keyer.path == f"/staff/paper-in/{batch}" and state_of(database, sheet) is State.KEYED
    [(*_rest, answers)] = keyings(database, ring, sheet)
    assert answers["shade"] == ("crimson",)


def test_each_answer_is_kept_and_coming_back_goes_on(keyer: Keyer, database: Database, ring: KeyRing) -> None:
    batch, sheet = pile(database, ring), references.new()
    keyer.take(batch, sheet)
    assert keyer.keeps(batch, sheet, "colour", "3") == ""
    assert keyer.keeps(batch, sheet, "rooms", "21") == "Enter a number from 1 to 20"
    assert keyer.keeps(batch, sheet, "tools", ".") == ""
    assert keyer.keeps(batch, sheet, "since", "").startswith("Key this answer")
    keyer.take(batch, sheet)
    assert keyer.shown() == {"colour": "3", "shade": "", "tools": ".", "rooms": "", "since": ""}
    keyer.press("Save")
    assert keyer.status == 422 and len(keyer.errors) == 2
    for unknown in ("state", "", "\0"):
        answer = keyer.client.post(
            f"/staff/paper-in/{batch}/{sheet}/keep",
            data={"csrf_token": keyer.token(), "question": unknown, "typed": "1"},
        )
        assert answer.status_code == 404
    assert [row[2:] for row in keyings(database, ring, sheet)] == [
        (False, {"colour": ("blue",), "tools": ()})
    ]


def test_what_was_right_is_kept_when_something_was_wrong(
    keyer: Keyer, database: Database, ring: KeyRing
) -> None:
    batch, sheet = pile(database, ring), references.new()
    keyer.keys(batch, sheet, {**KEYS, "rooms": "99"})
    keyer.take(batch, sheet)
    assert keyer.shown() == {**KEYS, "tools": "1 2", "since": "27031984", "rooms": ""}


def test_a_paper_is_rejected_for_each_reason(keyer: Keyer, database: Database, ring: KeyRing) -> None:
    batch = pile(database, ring, declared=4)
    for number, (why, words) in enumerate(WHY, start=1):
        sheet = references.new()
        keyer.take(batch, sheet).fill({"colour": "1"}).pick("why", words.english).press("Reject this paper")
        assert keyer.path == f"/staff/paper-in/{batch}" and keyer.status == 200
        with database.read() as connection:
            row = connection.execute(select(Sheet.state, Sheet.why).where(Sheet.reference == sheet)).one()
        assert tuple(row) == ("rejected", why)
        assert f"{number} of 4 are through" in keyer.text


def test_a_paper_is_not_rejected_without_a_reason(keyer: Keyer, database: Database, ring: KeyRing) -> None:
    batch, sheet = pile(database, ring), references.new()
    keyer.take(batch, sheet).fill({"colour": "1", "rooms": "99"})
    for why in ("", "bored", "\0"):
        keyer.press("Reject this paper", why=why)
        assert keyer.status == 422 and gone_in(keyer) == "Say why the paper is rejected"
        assert keyer.shown()["colour"] == "1" and keyer.shown()["rooms"] == "99"
        assert state_of(database, sheet) is State.KEYING


def test_a_rejected_paper_is_out_of_hand(
    keyer: Keyer, supervisor: Keyer, database: Database, ring: KeyRing
) -> None:
    """In another window it is still on the screen."""
    batch, sheet = pile(database, ring), references.new()
    with time_machine.travel(NOON):
        keyer.take(batch, sheet)
        other = Keyer.__new__(Keyer)
        other.__dict__.update(keyer.__dict__)
        keyer.press("Reject this paper", why="blank")
        before = everything(database, "signed_in")
        assert keyer.open(f"/staff/paper-in/{batch}/{sheet}").path == f"/staff/paper-in/{batch}"
        assert "taken this paper over" in keyer.keeps(batch, sheet, "colour", "1")
        other.fill(KEYS).press("Save")
        assert other.status == 409 and other.shown() == KEYS
        other.press("Reject this paper", why="blank")
        assert other.status == 409
    with time_machine.travel(LATER):
        supervisor.at(batch).sends(f"/staff/paper-in/{batch}/{sheet}/take-over")
        assert supervisor.status == 409
    assert everything(database, "signed_in") == before


def test_the_fields_of_one_paper_never_show_on_the_next(
    keyer: Keyer, database: Database, ring: KeyRing
) -> None:
    batch = pile(database, ring)
    keyer.keys(batch, references.new(), {**KEYS, "colour": "1", "shade": "vermilion"})
    for _paper in range(2):
        keyer.take(batch, references.new())
        assert set(keyer.shown().values()) == {""} and "vermilion" not in keyer.response.text
        assert keyer.response.headers["Cache-Control"] == "no-store"
        assert keyer.soup.select_one("form#keying")["autocomplete"] == "off"  # type: ignore[index]


# Whose paper it is


def test_two_people_take_the_same_paper_and_one_gets_it(
    app: Flask, database: Database, ring: KeyRing
) -> None:
    batch = pile(database, ring, declared=100)
    people = [f"PRSN2222{number}" for number in range(2, 6)]
    for _round in range(5):
        sheet, together = references.new(), Barrier(len(people))

        def takes(who: str, sheet: str = sheet, together: Barrier = together) -> Work | Refusal:
            together.wait(10)
            return passes.take_up(database, ring, batch, sheet, who)

        with ThreadPoolExecutor(len(people)) as threads:
            found = list(threads.map(takes, people))
        winners = [one.keyer for one in found if isinstance(one, Work)]
        assert len(winners) == 1
        losers = [one.message for one in found if isinstance(one, Refusal)]
        assert losers == [passes.SOMEBODY_KEYS_IT] * 3
        assert [row[:3] for row in keyings(database, ring, sheet)] == [(1, winners[0], False)]


def test_the_same_paper_taken_up_in_two_batches_is_in_one(
    app: Flask, database: Database, ring: KeyRing
) -> None:
    batches = [pile(database, ring, declared=100) for _pile in range(2)]
    for _round in range(5):
        sheet, together = references.new(), Barrier(2)

        def takes(number: int, sheet: str = sheet, together: Barrier = together) -> Work | Refusal:
            together.wait(10)
            return passes.take_up(database, ring, batches[number], sheet, f"PRSN2222{number + 2}")

        with ThreadPoolExecutor(2) as threads:
            found = list(threads.map(takes, range(2)))
        assert sum(isinstance(one, Work) for one in found) == 1
        [refused] = [one for one in found if isinstance(one, Refusal)]
        assert refused.batch in batches, "the page links to where it is"


def test_somebody_elses_paper_is_left_to_them(keyer: Keyer, database: Database, ring: KeyRing) -> None:
    batch, sheet = pile(database, ring), references.new()
    keyer.take(batch, sheet).press("Save")
    other = Keyer(keyer.app)
    other.take(batch, sheet)
    assert other.status == 409 and other.errors == ["Somebody else is keying this paper now"]
    assert other.open(f"/staff/paper-in/{batch}/{sheet}").path == f"/staff/paper-in/{batch}"
    before = everything(database, "signed_in")
    other.sends(f"/staff/paper-in/{batch}/{sheet}", go="reject", why="blank", colour="1")
    assert other.status == 409 and other.shown()["colour"] == "1"
    assert "taken this paper over" in other.keeps(batch, sheet, "colour", "1")
    assert everything(database, "signed_in") == before


def test_a_supervisor_takes_over_what_is_stuck_and_the_first_keyer_loses_no_words(
    keyer: Keyer, supervisor: Keyer, database: Database, ring: KeyRing
) -> None:
    batch, sheet = pile(database, ring), references.new()
    with time_machine.travel(NOON):
        keyer.take(batch, sheet)
        assert keyer.keeps(batch, sheet, "colour", "3") == ""
        supervisor.at(batch).press(f"Take over {references.grouped(sheet)}")
        assert supervisor.status == 409
        assert supervisor.errors == ["Somebody else is keying this paper now"]
    with time_machine.travel(LATER):
        supervisor.come_in()
        supervisor.at(batch).press(f"Take over {references.grouped(sheet)}")
        assert supervisor.path == f"/staff/paper-in/{batch}/{sheet}"
        assert supervisor.shown()["colour"] == "3"
        keyer.fill(KEYS)
        assert "taken this paper over" in keyer.keeps(batch, sheet, "colour", "1")
        keyer.press("Save")
        assert keyer.status == 409 and "taken this paper over" in gone_in(keyer)
        assert keyer.shown() == KEYS, "what was typed is still on the page"
        keyer.press("Reject this paper", why="blank")
        assert keyer.status == 409
    assert keyings(database, ring, sheet) == [(1, supervisor.reference, False, {"colour": ("blue",)})]


def test_only_a_paper_of_this_batch_is_taken_over(
    keyer: Keyer, supervisor: Keyer, database: Database, ring: KeyRing
) -> None:
    there, here, sheet = pile(database, ring), pile(database, ring), references.new()
    with time_machine.travel(NOON):
        keyer.take(there, sheet)
    with time_machine.travel(LATER):
        supervisor.come_in()
        before = everything(database, "signed_in")
        supervisor.at(here).sends(f"/staff/paper-in/{here}/{sheet}/take-over")
        assert supervisor.status == 409
        assert supervisor.at(here).sends(f"/staff/paper-in/{here}/{sheet}", go="save").status == 409
        assert everything(database, "signed_in") == before
        assert keyer.open(f"/staff/paper-in/{here}/{sheet}").path == f"/staff/paper-in/{here}"


def test_who_keyed_a_paper_does_not_take_over_its_second_keying(
    keyer: Keyer, supervisor: Keyer, database: Database, ring: KeyRing
) -> None:
    batch, sheet = pile(database, ring, share=100), references.new()
    with time_machine.travel(NOON):
        supervisor.keys(batch, sheet)
        keyer.take(batch, sheet)
    with time_machine.travel(LATER):
        supervisor.come_in()
        supervisor.at(batch).press(f"Take over {references.grouped(sheet)}")
        assert supervisor.status == 409
        assert supervisor.errors == ["You have keyed this paper yourself: somebody else must key it again"]
    assert [row[:3] for row in keyings(database, ring, sheet)] == [
        (1, supervisor.reference, True),
        (2, keyer.reference, False),
    ]


# Attackers


def test_fields_that_no_page_has_change_nothing(
    keyer: Keyer, supervisor: Keyer, database: Database, ring: KeyRing
) -> None:
    extra = {
        "state": "closed",
        "keyer": supervisor.reference,
        "by": keyer.reference,
        "number": "3",
        "saved": "1",
        "practice": "1",
        "token": "x",
        "stored": "9",
        "drawn": "",
    }
    other, batch, sheet = pile(database, ring), pile(database, ring), references.new()
    keyer.at(batch).sends(f"/staff/paper-in/{batch}/take", reference=sheet, **extra, sheet=other)
    assert keyings(database, ring, sheet) == [(1, keyer.reference, False, {})]
    keyer.fill(KEYS).press("Save", **extra, batch=other, sheet=other)
    assert [row[:3] for row in keyings(database, ring, sheet)] == [(1, keyer.reference, True)]
    assert state_of(database, sheet) is State.KEYED
    head = head_of(database, batch)
    assert (head.state, head.practice, head.by, head.stored) == ("open", False, "SUPERV222", 0)
    with database.read() as connection:
        [row] = connection.execute(select(Sheet.batch)).all()
    assert row.batch == batch
    with time_machine.travel(NOON):
        supervisor.come_in()
        fill_head(supervisor).press("Open the batch", **extra, reference=sheet, opened="2020-01-01")
    made = supervisor.path.rpartition("/")[2]
    head = head_of(database, made)
    assert (head.state, head.practice, head.by) == ("open", False, supervisor.reference)
    assert (head.stored, head.opened) == (0, date(2026, 11, 18))


def test_the_pages_of_supervisors_do_not_exist_for_keyers(
    keyer: Keyer, supervisor: Keyer, database: Database, ring: KeyRing
) -> None:
    batch, sheet = pile(database, ring), references.new()
    keyer.keys(batch, sheet, {**KEYS, "colour": "?"})
    other = Colleague(keyer.app, *(set(Role) - {Role.KEYER, Role.SUPERVISOR}), name="Olu Other")
    before = everything(database, "signed_in", "audit", "audit_head")  # a refusal is noted
    for path in (f"{batch}/{sheet}/take-over", f"{batch}/close", ""):
        keyer.at(batch)
        assert keyer.sends(f"/staff/paper-in/{path}".rstrip("/"), reason="because").status == 404, path
    keyer.at(batch)
    assert keyer.sends(f"/staff/differences/{sheet}", colour="1", go="save").status == 404
    for path in ("/staff/differences", f"/staff/differences/{sheet}", "/staff/keying-errors"):
        assert keyer.open(path).status == 404
    for path in ("/staff/paper-in", f"/staff/paper-in/{batch}", "/staff/practice"):
        assert other.open(path).status == 404
    assert everything(database, "signed_in", "audit", "audit_head") == before


def test_without_a_token_nothing_is_done(keyer: Keyer, database: Database, ring: KeyRing) -> None:
    batch, sheet = pile(database, ring), references.new()
    keyer.take(batch, sheet)
    before = everything(database, "signed_in")
    for path in ("take", sheet, f"{sheet}/keep"):
        keyer.post(f"/staff/paper-in/{batch}/{path}", [("reference", references.new()), ("colour", "1")])
        assert keyer.status in (400, 403)
    assert everything(database, "signed_in") == before


def test_nothing_keyed_stands_readable_in_the_database(
    keyer: Keyer, database: Database, ring: KeyRing
) -> None:
    batch, sheet = pile(database, ring), references.new()
    keyer.keys(batch, sheet, {**KEYS, "colour": "1", "shade": "vermilion"})
    with database.read() as connection:
        [sealed] = connection.execute(select(Pass.sealed)).scalars()
    assert b"vermilion" not in bytes(sealed) and b"red" not in bytes(sealed)
    assert "vermilion" not in str(everything(database))


def test_a_question_that_the_landlord_leaves_out_is_not_on_the_screen_either(
    make_portal: MakePortal, database: Database
) -> None:
    form = next(one for one in FORMS if one.here().variants)
    left_out = next(iter(form.here().variants))
    portal = make_portal(database, variants={left_out: "off"})
    supervisor = Keyer(portal, Role.SUPERVISOR)
    asked = portal.extensions["portal"].asked[form.address]
    assert asked.question(left_out) is None and asked.wording[left_out] == "off"
    new = NewBatch(
        form=form.key,
        edition=form.edition,
        variants=asked.wording,
        language="ur",
        source="post",
        collection=None,
        received=clock.today(),
        declared=1,
    )
    batch = open_batch(database, portal.extensions["portal"].ring, new, supervisor.reference)
    supervisor.open(f"/staff/paper-in/{batch}").type("Reference of the next paper", references.new())
    supervisor.press("Key it")
    fields = {field["name"] for field in supervisor.soup.select(".k-field")}
    assert fields and left_out not in fields
