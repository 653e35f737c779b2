"""Practice: made-up papers score a keyer, belong to one keyer, and never become answers."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal import references
from portal.accounts.roles import Role
from portal.database import Database
from portal.forms import EQUALITY
from portal.keeping import delete_what_has_had_its_time
from portal.keying import closing, passes, practice, resolving
from portal.keying.error_rates import Count
from portal.keying.models import Batch, Sheet
from portal.keying.states import State
from portal.languages import months
from portal.questions import Answer, Form, Reader
from portal.questions.keying import QUERY, against_the_routing, keyed, keys_of, to_key
from portal.sealing import KeyRing
from portal.settings import Settings
from tests.arrivals import stored
from tests.conftest import MakePortal
from tests.desk import SMALL, Keyer, everything, head_of, keyings, office, pile, state_of, typed_for
from tests.everything import EVERYTHING

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


@pytest.fixture
def app(make_portal: MakePortal, database: Database) -> Flask:
    return office(make_portal, database)


@pytest.fixture
def keyer(app: Flask) -> Keyer:
    return Keyer(app)


def practises(keyer: Keyer) -> str:
    """Begin on the page; gives the batch's reference."""
    keyer.open("/staff/practice").pick("form", "A small form").pick("language", "Urdu").press("Practise")
    return keyer.path.rpartition("/")[2]


def papers(database: Database, batch: str) -> list[str]:
    with database.read() as connection:
        query = select(Sheet.reference).where(Sheet.batch == batch).order_by(Sheet.reference)
        return list(connection.execute(query).scalars())


def known(database: Database, ring: KeyRing, sheet: str) -> dict[str, Answer]:
    found = practice.paper(database, ring, sheet)
    assert found is not None
    return dict(found)


def keys(database: Database, ring: KeyRing, sheet: str, answers: dict[str, Answer], who: str) -> State | None:
    work = passes.take_up(database, ring, _batch_of(database, sheet), sheet, who)
    assert isinstance(work, passes.Work)
    return passes.save(database, ring, work, SMALL, answers, drawn=False)


def _batch_of(database: Database, sheet: str) -> str:
    with database.read() as connection:
        return connection.execute(select(Sheet.batch).where(Sheet.reference == sheet)).scalar_one()


def another(answer: Answer) -> Answer:
    """A wrong answer about rooms."""
    return ("7",) if answer != ("7",) else ("8",)


def test_a_keyer_keys_made_up_papers_and_is_told_how_many_were_right(
    keyer: Keyer, database: Database, ring: KeyRing
) -> None:
    batch = practises(keyer)
    assert "0 of 5 papers are keyed" in keyer.text
    home = f"/staff/practice/{batch}"
    for number, sheet in enumerate(papers(database, batch), start=1):
        keyer.open(home).press(f"Key {references.grouped(sheet)}")
        assert "Made-up paper" in keyer.text and set(keyer.shown().values()) == {""}
        answers = known(database, ring, sheet)
        if number == 1:
            answers["rooms"] = another(answers["rooms"])
        keyer.fill(typed_for(SMALL, answers)).press("Save")
        assert keyer.path == home and f"{number} of 5 papers are keyed" in keyer.text, keyer.text
    compared = sum(len(to_key(SMALL, known(database, ring, sheet))) for sheet in papers(database, batch))
    assert f"Of {compared} answers 1 were wrong" in keyer.text
    assert not [button for button in keyer.buttons() if button.startswith("Key ")]
    assert stored(database) == []


def test_the_paper_shows_what_has_to_be_keyed_in_its_language(
    make_portal: MakePortal, sqlite: Database, ring: KeyRing
) -> None:
    keyer = Keyer(office(make_portal, sqlite))
    batch = practice.begin(sqlite, ring, EQUALITY.here(office=True), "ur", keyer.reference)
    for sheet in papers(sqlite, batch)[:2]:
        keyer.open(f"/staff/practice/{batch}").press(f"Key {references.grouped(sheet)}")
        shown = keyer.soup.select(".k-paper li")
        assert len(shown) == len(keyer.shown())
        ticked = sum(len(one.select("b")) for one in shown)
        answers = known(sqlite, ring, sheet).values()
        assert ticked == sum(len([code for code in one if code != "_multiple"]) for one in answers)
        assert keyer.soup.select_one(".k-paper bdi")["lang"] == "ur"  # type: ignore[index]


def test_hand_made_errors_are_scored(database: Database, ring: KeyRing) -> None:
    """Paper 1 right; 2 with the rooms wrong; 3 with a question to the supervisor; the others not keyed."""
    batch = practice.begin(database, ring, SMALL, "ur", "NNN222222")
    first, second, third, *_rest = papers(database, batch)
    right = [known(database, ring, sheet) for sheet in (first, second, third)]
    assert keys(database, ring, first, right[0], "NNN222222") is State.AGREED
    wrong = {**right[1], "rooms": another(right[1]["rooms"])}
    assert keys(database, ring, second, wrong, "NNN222222") is State.DIFFERS
    assert keys(database, ring, third, {**right[2], "rooms": QUERY}, "NNN222222") is State.DIFFERS
    expected = sum(len(to_key(SMALL, answers)) for answers in right) - 1
    found = practice.score(database, ring, SMALL, batch)
    assert (found.keyed, found.papers, found.count) == (3, 5, Count(expected, 1))


def test_practice_is_of_its_keyer_alone(app: Flask, database: Database, ring: KeyRing) -> None:
    keyer, boss = Keyer(app), Keyer(app, Role.KEYER, Role.SUPERVISOR)
    batch = practises(keyer)
    sheet = papers(database, batch)[0]
    with time_machine.travel(NOON):
        keyer.come_in()
        keyer.open(f"/staff/practice/{batch}").press(f"Key {references.grouped(sheet)}")
    before = everything(database, "signed_in")
    for page in ("paper-in", "practice"):
        boss.open(f"/staff/{page}")
        assert references.grouped(batch) not in boss.text and batch not in boss.response.text
    places = (f"practice/{batch}", f"paper-in/{batch}", f"paper-in/{batch}/{sheet}", f"differences/{sheet}")
    for place in places:
        assert boss.open(f"/staff/{place}").status == 404
    for route in ("take", "close", sheet, f"{sheet}/keep", f"{sheet}/take-over"):
        boss.open("/staff/practice")
        boss.sends(f"/staff/paper-in/{batch}/{route}", reference=papers(database, batch)[1], question="rooms")
        assert boss.status == 404, route
    assert everything(database, "signed_in") == before
    keyer.come_in()
    assert keyer.open(f"/staff/paper-in/{batch}").path == f"/staff/practice/{batch}"
    keyer.open("/staff/paper-in")
    assert batch not in keyer.response.text


def test_practice_is_never_closed_into_answers(app: Flask, database: Database, ring: KeyRing) -> None:
    """Nor settled: not even by the supervisor who practises."""
    boss = Keyer(app, Role.KEYER, Role.SUPERVISOR)
    batch = practises(boss)
    sheets = papers(database, batch)
    for sheet in sheets[1:]:
        assert keys(database, ring, sheet, known(database, ring, sheet), boss.reference) is State.AGREED
    wrong = {**known(database, ring, sheets[0]), "rooms": ("7",), "tools": ("_refused",)}
    assert keys(database, ring, sheets[0], wrong, boss.reference) is State.DIFFERS
    assert boss.open("/staff/differences").status == 200 and "Nothing waits" in boss.text
    assert boss.open(f"/staff/differences/{sheets[0]}").status == 404
    boss.open("/staff/practice").sends(f"/staff/differences/{sheets[0]}", rooms="7", tools="-")
    assert boss.status == 404
    found = resolving.dispute(database, ring, SMALL, sheets[0])
    assert found and resolving.resolve(database, ring, found, {"rooms": ("7",)}, "CCC222222")
    boss.open("/staff/practice").sends(f"/staff/paper-in/{batch}/close", reason="all done")
    assert boss.status == 404
    assert closing.close(database, ring, SMALL, head_of(database, batch), "all done", "BSS222222")
    assert stored(database) == [] and head_of(database, batch).state == "open"
    assert len(papers(database, batch)) == 5


def test_practice_goes_after_a_week_and_nothing_else_does(
    database: Database, ring: KeyRing, settings: Settings
) -> None:
    with time_machine.travel(NOON):
        batch = practice.begin(database, ring, SMALL, "ur", "NNN222222")
        real = pile(database, ring)
        passes.take_up(database, ring, real, references.new(), "NNN222222")
    with time_machine.travel(NOON.replace(day=25)):
        assert delete_what_has_had_its_time(database, ring, settings)["practice"] == 0
        newer = practice.begin(database, ring, SMALL, "ur", "NNN222222")
    with time_machine.travel(NOON.replace(day=26)):
        assert delete_what_has_had_its_time(database, ring, settings)["practice"] == 1
    with database.read() as connection:
        left = set(connection.execute(select(Batch.reference)).scalars())
    assert left == {real, newer} and papers(database, batch) == []
    assert len(papers(database, newer)) == 5 and len(papers(database, real)) == 1


def test_only_forms_and_languages_in_use_can_be_practised(keyer: Keyer, database: Database) -> None:
    keyer.open("/staff/practice")
    for form, language in (("", "ur"), ("nothing", "ur"), ("small", "xx"), ("small", ""), ("\0", "\0")):
        keyer.sends("/staff/practice", form=form, language=language)
        assert keyer.status == 404
        keyer.open("/staff/practice")
    with database.read() as connection:
        assert connection.execute(select(Batch.reference)).first() is None
    keyer.sends("/staff/practice", form="small", language="ur", practice="", by="BSS222222", share="0")
    row = head_of(database, keyer.path.rpartition("/")[2])
    assert (row.practice, row.by, row.declared) == (True, keyer.reference, 5)


def test_a_practice_paper_is_not_rejected(keyer: Keyer, database: Database, ring: KeyRing) -> None:
    batch = practises(keyer)
    sheet = papers(database, batch)[0]
    keyer.press(f"Key {references.grouped(sheet)}")
    assert "Reject this paper" not in keyer.buttons()
    keyer.press("Save", go="reject", why="blank")
    assert keyer.status == 422 and state_of(database, sheet) is State.VERIFYING
    assert keyer.open(f"/staff/paper-in/{batch}/{references.new()}").path == f"/staff/practice/{batch}"
    assert [row[0] for row in keyings(database, ring, sheet)] == [0, 1]


@pytest.mark.parametrize("whole", [SMALL, EQUALITY, EVERYTHING], ids=lambda form: form.key)
def test_every_made_up_paper_can_be_keyed_right(whole: Form) -> None:
    form = whole.here(office=True)
    reader = Reader(months("en"), NOON.date(), office=True)
    for seed in range(60):
        answers = practice.made_up(form, Random(seed))
        assert not against_the_routing(form, answers)
        read: dict[str, Answer] = {}
        for question in to_key(form, answers):
            read[question.key] = keyed(question, keys_of(question, answers[question.key]), read, reader)  # type: ignore[assignment]
        assert read == {key: answer for key, answer in answers.items() if key in read}, seed
        assert {key for key, answer in answers.items() if answer} <= set(read)
    assert practice.made_up(form, Random(1)) == practice.made_up(form, Random(1))
    assert practice.made_up(form, Random(1)) != practice.made_up(form, Random(2))
