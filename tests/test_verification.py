"""Keyed twice: who may, what is a difference, who settles it, what is charged, what closing leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Connection, event, insert, select
from sqlalchemy.exc import IntegrityError

from portal import audit, references
from portal.accounts.roles import Role
from portal.database import Database
from portal.equality.collections import keep
from portal.forms import EQUALITY
from portal.intake.models import Submission
from portal.keeping import keys_in_use, rewrap_all
from portal.keying import closing, passes, resolving
from portal.keying.models import KeyedForms, KeyingErrors, Pass, Sheet
from portal.keying.passes import Refusal, Work
from portal.keying.states import State
from portal.questions import Answers
from portal.questions.keying import QUERY, compared
from portal.sealing import KeyRing
from portal.settings import CollectionEntry
from tests import arrivals
from tests.arrivals import opened, stored
from tests.conftest import MakePortal
from tests.desk import (
    ANSWERS,
    KEYS,
    SMALL,
    Keyer,
    everything,
    experienced,
    gone_in,
    head_of,
    key_paper,
    keyings,
    office,
    pile,
    state_of,
)
from tests.test_anonymity import standing

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
"""A Wednesday, the week after the paper came in."""
ANNA, BILAL, CHEN, BOSS = "NNN222222", "BBB222222", "CCC222222", "BSS222222"


def said(**changes: tuple[str, ...]) -> Answers:
    return {**ANSWERS, **changes}


class Office:
    """Paper in without pages: for what the pages only pass on."""

    def __init__(self, database: Database, ring: KeyRing) -> None:
        self.database, self.ring = database, ring

    def batch(self, **changes: Any) -> str:
        return pile(self.database, self.ring, **changes)

    def once(self, batch: str, answers: Answers = ANSWERS, who: str = ANNA, sheet: str = "") -> str:
        """Key a paper once; gives its reference."""
        sheet = sheet or references.new()
        key_paper(self.database, self.ring, batch, sheet, who, answers)
        return sheet

    def twice(
        self, batch: str, first: Answers, second: Answers, *, by: tuple[str, str] = (ANNA, BILAL)
    ) -> str:
        """Key a paper twice; gives its reference."""
        sheet = references.new()
        key_paper(self.database, self.ring, batch, sheet, by[0], first, drawn=True)
        key_paper(self.database, self.ring, batch, sheet, by[1], second)
        return sheet

    def settle(self, sheet: str, who: str = CHEN, **settled: tuple[str, ...]) -> bool:
        found = resolving.dispute(self.database, self.ring, SMALL, sheet)
        assert found
        return resolving.resolve(self.database, self.ring, found, settled, who)

    def set_aside(self, sheet: str, who: str = CHEN) -> bool:
        found = resolving.dispute(self.database, self.ring, SMALL, sheet)
        assert found
        return resolving.set_aside(self.database, self.ring, found, "damaged", who)

    def close(self, batch: str, reason: str = "", database: Database | None = None) -> str:
        """Why the batch cannot be closed; nothing when it is."""
        used = database or self.database
        found = closing.close(used, self.ring, SMALL, head_of(self.database, batch), reason, BOSS)
        return found.english if found else ""

    def state(self, sheet: str) -> State | None:
        return state_of(self.database, sheet)

    def counts(self, batch: str) -> dict[tuple[str, str], tuple[int, int]]:
        query = select(*KeyingErrors.__table__.columns).where(KeyingErrors.batch == batch)
        with self.database.read() as connection:
            rows = connection.execute(query).all()
        return {(row.question, row.keyer): (row.compared, row.wrong) for row in rows}

    def answers(self) -> list[dict[str, Any]]:
        """What the stored submissions say, personal words too."""
        return [
            {**row.answers, **(opened(self.ring, row) if row.sealed else {})} for row in stored(self.database)
        ]


@pytest.fixture
def work(database: Database, ring: KeyRing) -> Office:
    return Office(database, ring)


@pytest.fixture
def app(make_portal: MakePortal, database: Database) -> Flask:
    return office(make_portal, database)


# What is drawn


def test_a_new_keyers_first_fifty_are_drawn_and_later_only_the_share(
    database: Database, ring: KeyRing
) -> None:
    experienced(database, ring, ANNA, 49)
    assert all(passes.is_drawn(database, ANNA, 0) for _paper in range(20))
    key_paper(database, ring, pile(database, ring), references.new(), ANNA)
    assert not any(passes.is_drawn(database, ANNA, 0) for _paper in range(20))
    assert all(passes.is_drawn(database, ANNA, 100) for _paper in range(20))
    assert all(passes.is_drawn(database, BILAL, 0) for _paper in range(20)), "of another keyer"


def test_about_the_share_is_drawn(sqlite: Database, ring: KeyRing) -> None:
    experienced(sqlite, ring, ANNA)
    drawn = sum(passes.is_drawn(sqlite, ANNA, 15) for _paper in range(1500))
    assert 150 < drawn < 310, "225 are expected; five standard deviations are 69"


def test_only_whole_first_keyings_of_real_papers_count_as_keyed(database: Database, ring: KeyRing) -> None:
    """Neither a paper in hand, nor second keyings, nor practice make a keyer experienced."""
    experienced(database, ring, ANNA, 49)
    batch = pile(database, ring, declared=9)
    passes.take_up(database, ring, batch, references.new(), ANNA)
    sheet = references.new()
    key_paper(database, ring, batch, sheet, BILAL, drawn=True)
    key_paper(database, ring, batch, sheet, ANNA)
    key_paper(database, ring, pile(database, ring, practice=True), references.new(), ANNA)
    assert passes.is_drawn(database, ANNA, 0)


def test_a_paper_on_the_screen_is_drawn_as_its_batch_says(
    app: Flask, database: Database, ring: KeyRing
) -> None:
    new, old = Keyer(app), Keyer(app)
    experienced(database, ring, old.reference)
    seldom, always = pile(database, ring, share=0), pile(database, ring, share=100)
    for who, batch, state in (
        (new, seldom, State.TO_VERIFY),
        (old, seldom, State.KEYED),
        (old, always, State.TO_VERIFY),
    ):
        sheet = references.new()
        who.keys(batch, sheet)
        assert state_of(database, sheet) is state


# Who keys again


def test_the_second_keyer_sees_nothing_of_the_first(app: Flask, database: Database, ring: KeyRing) -> None:
    first, second = Keyer(app), Keyer(app)
    batch, sheet = pile(database, ring, share=100), references.new()
    first.keys(batch, sheet, {**KEYS, "colour": "1", "shade": "vermilion", "rooms": "19"})
    second.take(batch, sheet)
    assert second.path == f"/staff/paper-in/{batch}/{sheet}" and "again" in second.heading
    assert set(second.shown().values()) == {""} and "vermilion" not in second.response.text
    blank = references.new()
    first.take(batch, blank)
    mine, others = (page.response.text.replace(one, "") for page, one in ((second, sheet), (first, blank)))
    assert [line for line in mine.splitlines() if "k-field" in line] == [
        line for line in others.splitlines() if "k-field" in line
    ], "the fields are those of a paper that nobody has keyed"
    assert "Reject this paper" not in second.buttons()
    second.fill({"colour": "2"}).press("Save", go="reject", why="blank")
    assert second.status == 422 and state_of(database, sheet) is State.VERIFYING
    second.at(batch)
    assert first.reference not in second.response.text and "vermilion" not in second.response.text
    second.open(f"/staff/differences/{sheet}")
    assert second.status == 404


def test_nobody_keys_a_paper_twice(app: Flask, database: Database, ring: KeyRing) -> None:
    keyer = Keyer(app)
    batch, sheet = pile(database, ring, share=100), references.new()
    keyer.keys(batch, sheet)
    keyer.take(batch, sheet)
    assert keyer.status == 409
    assert keyer.errors == ["You have keyed this paper yourself: somebody else must key it again"]
    assert len(keyings(database, ring, sheet)) == 1


@pytest.mark.parametrize("number", [2, 3])
def test_the_database_refuses_the_same_person_twice(database: Database, ring: KeyRing, number: int) -> None:
    batch, sheet = pile(database, ring), references.new()
    key_paper(database, ring, batch, sheet, ANNA, drawn=True)
    row = passes.pass_row(ring, sheet, number, ANNA, ANSWERS, saved=True)
    with pytest.raises(IntegrityError), database.write() as connection:
        connection.execute(insert(Pass), row)
    with database.write() as connection:
        connection.execute(insert(Pass), {**row, "keyer": BILAL})
    assert [one[:2] for one in keyings(database, ring, sheet)] == [(1, ANNA), (number, BILAL)]


@pytest.mark.parametrize("number", [-1, 4])
def test_a_paper_has_no_fifth_keying(database: Database, ring: KeyRing, number: int) -> None:
    batch, sheet = pile(database, ring), references.new()
    key_paper(database, ring, batch, sheet, ANNA)
    with pytest.raises(IntegrityError), database.write() as connection:
        connection.execute(insert(Pass), passes.pass_row(ring, sheet, number, BILAL, ANSWERS, saved=True))


# What differs


def test_digits_of_any_script_are_no_difference(app: Flask, database: Database, ring: KeyRing) -> None:
    batch, sheet = pile(database, ring, share=100), references.new()
    Keyer(app).keys(batch, sheet, {**KEYS, "colour": "2", "rooms": "3"})
    Keyer(app).keys(batch, sheet, {**KEYS, "colour": "۲", "rooms": "۰۳", "since": "۲۷۰۳۱۹۸۴", "tools": "2 1"})
    assert state_of(database, sheet) is State.AGREED


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Flat 12, Rose Road", "flat ۱۲ rose road", True),
        ("Café", "CAFE\u0301", True),
        ("می\u200cخواهم", "می خواهم", True),
        ("O'Neil", "O Neil", True),
        ("دوباره", "دوبار", False),
        ("दिन", "दान", False),
        ("কলা", "কলি", False),
        ("ਸਿੰਘ", "ਸੰਘ", False),
        ("12", "21", False),
        ("a", "", False),
    ],
)
def test_words_differ_by_their_letters_and_vowel_signs(one: str, other: str, same: bool) -> None:
    words = SMALL.question("shade")
    assert words
    found = [compared(words, (said_so,) if said_so else ()) for said_so in (one, other)]
    assert (found[0] == found[1]) is same


def test_every_difference_is_found_and_nothing_else(work: Office) -> None:
    batch = work.batch(declared=99)
    red = said(colour=("red",), shade=("Rosé",))
    for first, second, open_ones in (
        (ANSWERS, said(colour=("blue",)), ("colour",)),
        (ANSWERS, said(tools=("saw",), since=("1984-03",)), ("tools", "since")),
        (ANSWERS, red, ("colour", "shade")),
        (red, said(colour=("red",), shade=("rose",)), ("shade",)),
        (said(rooms=()), said(rooms=("_illegible",)), ("rooms",)),
        (said(rooms=("_refused",)), said(rooms=("_illegible",)), ("rooms",)),
        (said(colour=("_other", "Mauve")), said(colour=("_other", "mauve ")), None),
        (said(shade=("left over",)), ANSWERS, ("shade",)),
    ):
        sheet = work.twice(batch, first, second)
        found = resolving.dispute(work.database, work.ring, SMALL, sheet)
        assert (found.open if found else None) == open_ones
        assert work.state(sheet) is (State.DIFFERS if open_ones else State.AGREED)


# Who settles


def test_a_third_person_settles_and_the_first_two_do_not(
    app: Flask, database: Database, ring: KeyRing
) -> None:
    first, second = Keyer(app, Role.SUPERVISOR), Keyer(app, Role.KEYER, Role.SUPERVISOR)
    third = Keyer(app, Role.SUPERVISOR)
    batch, sheet = pile(database, ring, share=100, declared=1), references.new()
    first.keys(batch, sheet, {**KEYS, "colour": "1", "shade": "vermilion"})
    second.keys(batch, sheet)
    for own in (first, second):
        own.open(f"/staff/differences/{sheet}")
        assert own.status == 409 and "yourself" in gone_in(own)
        for button in ("Settle it", "Reject this paper"):
            own.type("What the paper says", "2").press(button, colour="2", shade=".")
            assert own.status == 409 and "yourself" in gone_in(own)
        assert state_of(database, sheet) is State.DIFFERS
    third.open("/staff/differences").link(references.grouped(sheet))
    assert [word.get_text() for word in third.soup.select("dd kbd")] == ["1", "2", "vermilion"]
    assert not {first.reference, second.reference} & set(third.response.text.split()), "whose is not said"
    third.press("Settle it")
    assert third.status == 422 and len(third.errors) == 2, "nothing is the default"
    third.press("Settle it", colour="?", shade="x")
    assert third.errors == ["Decide what the paper says: ? is not an answer here"]
    third.press("Settle it", colour="9", shade="scarlet")
    assert third.errors == ["No answer has the number 9"]
    third.press("Settle it", colour="1", shade="scarlet", rooms="19")
    assert third.path == "/staff/differences" and "Nothing waits" in third.text
    assert keyings(database, ring, sheet)[-1] == (
        3,
        third.reference,
        True,
        {**ANSWERS, "colour": ("red",), "shade": ("scarlet",)},
    )
    third.at(batch).press("Close the batch")
    [row] = stored(database)
    assert row.answers["colour"] == ["red"] and opened(ring, row) == {"shade": ["scarlet"]}


def test_what_a_keyer_asks_is_decided_by_a_supervisor(app: Flask, database: Database, ring: KeyRing) -> None:
    keyer, boss = Keyer(app), Keyer(app, Role.SUPERVISOR)
    batch, sheet = pile(database, ring, share=100, declared=1), references.new()
    keyer.keys(batch, sheet, {**KEYS, "rooms": "?"})
    assert state_of(database, sheet) is State.QUERY
    boss.at(batch).press("Close the batch")
    assert boss.status == 422 and "1 papers of this batch are still under way" in boss.errors[0]
    boss.at(batch).link(f"Settle {references.grouped(sheet)}").press("Settle it", rooms="7")
    assert state_of(database, sheet) is State.RESOLVED
    boss.at(batch).press("Close the batch")
    assert [row.answers["rooms"] for row in stored(database)] == [["7"]]


def test_a_decision_that_leads_on_asks_for_what_nobody_has_keyed(
    app: Flask, database: Database, ring: KeyRing
) -> None:
    """What was not keyed is not a blank."""
    boss = Keyer(app, Role.SUPERVISOR)
    batch, sheet = pile(database, ring, declared=1), references.new()
    Keyer(app).keys(batch, sheet, {**KEYS, "colour": "?"})
    boss.open(f"/staff/differences/{sheet}").press("Settle it", colour="1")
    assert boss.status == 422
    assert boss.errors == ["Key this answer. If the paper has none, type ."]
    assert [str(field["id"]) for field in boss.soup.select("input[type=text]")] == ["colour", "shade"]
    boss.press("Settle it", shade="vermilion")
    assert boss.path == "/staff/differences"
    assert keyings(database, ring, sheet)[-1][3] == said(colour=("red",), shade=("vermilion",))


def test_a_disputed_paper_is_rejected_with_a_reason_only(
    app: Flask, database: Database, ring: KeyRing
) -> None:
    boss = Keyer(app, Role.SUPERVISOR)
    batch, sheet = pile(database, ring, declared=1), references.new()
    Keyer(app).keys(batch, sheet, {**KEYS, "colour": "?"})
    boss.open(f"/staff/differences/{sheet}")
    boss.press("Reject this paper", why="", colour="3")
    assert boss.status == 422 and gone_in(boss) == "Say why the paper is rejected"
    assert boss.soup.find(id="colour")["value"] == "3"  # type: ignore[index]
    boss.pick("why", "It is damaged and cannot be read").press("Reject this paper")
    assert boss.path == "/staff/differences" and state_of(database, sheet) is State.REJECTED
    assert boss.open(f"/staff/differences/{sheet}").status == 404


def test_who_settles_second_is_told_so(app: Flask, database: Database, ring: KeyRing) -> None:
    batch, sheet = pile(database, ring, declared=1), references.new()
    Keyer(app).keys(batch, sheet, {**KEYS, "colour": "?"})
    found = resolving.dispute(database, ring, SMALL, sheet)
    assert found
    assert resolving.resolve(database, ring, found, {"colour": ("red",)}, CHEN)
    assert not resolving.resolve(database, ring, found, {"colour": ("blue",)}, BOSS)
    assert not resolving.set_aside(database, ring, found, "blank", BOSS)
    assert keyings(database, ring, sheet)[-1][1:] == (CHEN, True, {**ANSWERS, "colour": ("red",)})


# What is charged


def test_errors_are_charged_to_whoever_made_them(work: Office) -> None:
    """By hand: A is Anna, B is Bilal; right is what both say, or what Chen has settled.

    1 both the same                             A 0 of 4     B 0 of 4
    2 A blue, B green; it is green              A colour     B 0 of 4
    3 A 4 rooms, B 5; they are 6                A rooms      B rooms
    4 A red and a shade, B green; it is green   A colour and shade, of 5   B 0 of 4
    5 they differ, and the paper is rejected    nobody knows
    6 B first; A asks about the colour          A 0 of 3     B 0 of 4
    """
    batch = work.batch(declared=6)
    work.twice(batch, ANSWERS, ANSWERS)
    work.settle(work.twice(batch, said(colour=("blue",)), ANSWERS), colour=("green",))
    work.settle(work.twice(batch, said(rooms=("4",)), said(rooms=("5",))), rooms=("6",))
    red = said(colour=("red",), shade=("rose",))
    work.settle(work.twice(batch, red, ANSWERS), colour=("green",), shade=())
    assert work.set_aside(work.twice(batch, said(colour=("blue",)), ANSWERS))
    work.settle(work.twice(batch, ANSWERS, said(colour=QUERY), by=(BILAL, ANNA)), colour=("green",))
    assert work.close(batch) == ""
    assert work.counts(batch) == {
        ("colour", ANNA): (4, 2),
        ("shade", ANNA): (1, 1),
        ("tools", ANNA): (5, 0),
        ("rooms", ANNA): (5, 1),
        ("since", ANNA): (5, 0),
        ("colour", BILAL): (5, 0),
        ("tools", BILAL): (5, 0),
        ("rooms", BILAL): (5, 1),
        ("since", BILAL): (5, 0),
    }
    with work.database.read() as connection:
        forms = {row.keyer: row.forms for row in connection.execute(select(*KeyedForms.__table__.columns))}
    assert forms == {ANNA: 5, BILAL: 1}
    assert sorted(one["rooms"] for one in work.answers()) == [["3"]] * 4 + [["6"]]


def test_when_too_much_was_wrong_the_rest_is_keyed_again(work: Office) -> None:
    batch = work.batch(declared=3)
    alone = work.once(batch)
    work.settle(work.twice(batch, said(colour=("blue",)), ANSWERS), colour=("green",))
    rejected = references.new()
    taken = passes.take_up(work.database, work.ring, batch, rejected, ANNA)
    assert isinstance(taken, Work) and passes.reject(work.database, work.ring, taken, "blank")
    assert work.close(batch) == closing.KEY_ALL_AGAIN.english
    assert work.state(alone) is State.TO_VERIFY and work.state(rejected) is State.REJECTED
    assert stored(work.database) == []
    assert "under way" in work.close(batch)
    key_paper(work.database, work.ring, batch, alone, BILAL)
    assert work.close(batch) == "", "it is keyed twice now, so nothing is left to draw"
    assert len(stored(work.database)) == 2


def test_half_a_per_cent_is_not_too_much(work: Office) -> None:
    """Of 200 answers compared one was wrong: 0.5 %. Of 199 it would be more."""
    batch = work.batch(declared=26)
    work.once(batch)
    for _paper in range(24):
        work.twice(batch, ANSWERS, ANSWERS)
    work.settle(work.twice(batch, said(colour=("blue",)), ANSWERS), colour=("green",))
    assert work.close(batch) == ""
    assert [sum(one) for one in zip(*work.counts(batch).values(), strict=True)] == [200, 1]


# Closing


def test_a_short_batch_is_closed_with_a_reason_only(app: Flask, database: Database, ring: KeyRing) -> None:
    boss = Keyer(app, Role.SUPERVISOR)
    batch = pile(database, ring, declared=3)
    key_paper(database, ring, batch, references.new(), ANNA)
    aside = references.new()
    boss.take(batch, aside).press("Reject this paper", why="blank")
    for reason in ("", "  ", "\u202e", "\0"):
        boss.at(batch).type("If the count differs: why", reason).press("Close the batch")
        assert boss.status == 422 and "3 papers were declared, and 2 are keyed or rejected" in boss.errors[0]
        assert head_of(database, batch).state == "open" and stored(database) == []
    with time_machine.travel(NOON):
        boss.come_in()
        boss.at(batch).type("If the count differs: why", "One was\0 <b>lost</b> ").press("Close the batch")
    assert boss.path == f"/staff/paper-in/{batch}"
    assert "1 of 3 forms stored, 1 rejected. One was <b>lost</b>" in boss.text
    head = head_of(database, batch)
    assert (head.state, head.stored, head.rejected, head.closed) == ("closed", 1, 1, date(2026, 11, 18))
    assert head.reason == "One was <b>lost</b>"
    boss.come_in()
    boss.open("/staff/paper-in")
    assert "One was <b>lost</b>" in boss.text


def test_closing_twice_stores_once(app: Flask, database: Database, ring: KeyRing) -> None:
    boss, other = Keyer(app, Role.SUPERVISOR), Keyer(app, Role.SUPERVISOR)
    batch = pile(database, ring, declared=2)
    for _paper in range(2):
        key_paper(database, ring, batch, references.new(), ANNA)
    boss.at(batch)
    other.at(batch).press("Close the batch")
    before = everything(database, "signed_in")
    boss.press("Close the batch")
    assert boss.status == 422 and boss.errors == ["This batch is closed already"]
    assert everything(database, "signed_in") == before and len(stored(database)) == 2


class Meddled(Database):
    """A database before whose writes something else happens: each in turn, a kill too."""

    def __init__(self, database: Database, *acts: Callable[[], object] | None) -> None:
        super().__init__(database.url, pool=2)
        self.acts = list(acts)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        act = self.acts.pop(0) if self.acts else None
        if act:
            act()
        with super().write() as connection:
            yield connection


class Killed(BaseException):
    """The process ends here."""


def kill() -> None:
    raise Killed


@contextmanager
def killed_at(database: Database, statement: str) -> Iterator[None]:
    """Whoever comes to this statement is killed."""

    def look(connection: Any, cursor: Any, words: str, *rest: Any) -> None:
        if words.startswith(statement):
            raise Killed

    event.listen(database.engine, "before_cursor_execute", look)
    try:
        with pytest.raises(Killed):
            yield
    finally:
        event.remove(database.engine, "before_cursor_execute", look)


def test_a_closing_that_is_killed_anywhere_is_done_by_the_next(work: Office) -> None:
    for place in range(4):
        before = len(stored(work.database))
        batch = work.batch(declared=3)
        for number in range(3):
            work.once(batch, said(rooms=(str(number + 1),)))
        meddled = Meddled(work.database, *[None] * place, kill)
        with pytest.raises(Killed):
            work.close(batch, database=meddled)
        meddled.close()
        assert len(stored(work.database)) == before + place and head_of(work.database, batch).state == "open"
        assert work.close(batch) == ""
        assert len(stored(work.database)) == before + 3
    assert sorted(one["rooms"] for one in work.answers()) == sorted([["1"], ["2"], ["3"]] * 4)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE batch", "INSERT INTO keyed_forms", "DELETE FROM pass", "DELETE FROM sheet", "INSERT INTO audit"],
)
def test_a_closing_that_is_killed_within_leaves_all_as_it_was(work: Office, statement: str) -> None:
    batch = work.batch(declared=1)
    sheet = work.once(batch)
    with killed_at(work.database, statement):
        work.close(batch)
    assert work.state(sheet) is State.KEYED and len(keyings(work.database, work.ring, sheet)) == 1
    assert head_of(work.database, batch).state == "open"
    assert work.close(batch) == "" and len(stored(work.database)) == 1


@pytest.mark.parametrize("place", range(3))
def test_a_paper_taken_up_while_a_batch_is_closed_is_not_lost(work: Office, place: int) -> None:
    batch, late = work.batch(declared=3), references.new()
    for _paper in range(2):
        work.once(batch)

    def takes() -> None:
        found = passes.take_up(work.database, work.ring, batch, late, BILAL)
        assert isinstance(found, Work)

    meddled = Meddled(work.database, *[None] * place, takes)
    assert "under way" in work.close(batch, "short", meddled)
    meddled.close()
    assert work.state(late) is State.KEYING and head_of(work.database, batch).state == "open"
    key_paper(work.database, work.ring, batch, late, BILAL, said(rooms=("9",)))
    assert work.close(batch) == ""
    assert sorted(one["rooms"] for one in work.answers()) == [["3"], ["3"], ["9"]]


def test_a_paper_taken_up_between_two_looks_is_not_lost(work: Office) -> None:
    """Whatever the closing reads first, a paper that comes while it reads is seen by it."""
    for nth in range(2):
        batch, late = work.batch(declared=3), references.new()
        work.once(batch)
        seen = 0

        def look(connection: Any, cursor: Any, words: str, *rest: Any) -> None:
            nonlocal seen
            if words.startswith("SELECT") and ("FROM pass" in words or "FROM sheet" in words):
                seen += 1
                if seen == nth + 1:  # noqa: B023
                    taken = passes.take_up(work.database, work.ring, batch, late, BILAL)  # noqa: B023
                    assert isinstance(taken, Work)

        other = Database(work.database.url, pool=2)
        event.listen(other.engine, "before_cursor_execute", look)
        assert "under way" in work.close(batch, "short", other)
        assert work.state(late) is State.KEYING and seen >= 2
        other.close()


def test_after_closing_nothing_is_taken_up(work: Office) -> None:
    batch = work.batch(declared=1)
    sheet = work.once(batch)
    assert work.close(batch) == ""
    for paper in (sheet, references.new()):
        found = passes.take_up(work.database, work.ring, batch, paper, BILAL)
        assert isinstance(found, Refusal) and found.message == passes.BATCH_CLOSED


def test_what_a_broken_closing_stored_is_put_right_by_the_next(work: Office) -> None:
    """Killed after two papers were stored; then one is keyed again with another answer, one rejected."""
    batch = work.batch(declared=4)
    changed, dropped = work.once(batch, said(rooms=("1",))), work.once(batch, said(rooms=("2",)))
    work.twice(batch, ANSWERS, ANSWERS)
    meddled = Meddled(work.database, None, None, None, kill)
    with pytest.raises(Killed):
        work.close(batch, "short", meddled)
    meddled.close()
    assert len(stored(work.database)) == 3
    work.settle(work.twice(batch, said(colour=("blue",)), ANSWERS), colour=("green",))
    assert work.close(batch) == closing.KEY_ALL_AGAIN.english
    for sheet in (changed, dropped):
        key_paper(work.database, work.ring, batch, sheet, BILAL, said(rooms=("20",)))
    work.settle(changed, rooms=("20",))
    assert work.set_aside(dropped)
    assert work.close(batch) == ""
    assert sorted(one["rooms"] for one in work.answers()) == [["20"], ["3"], ["3"]]


# What closing leaves


def test_nothing_leads_from_a_paper_or_its_keyers_to_the_answers(database: Database, ring: KeyRing) -> None:
    keep(database, [CollectionEntry(code="repairs", name="Repairs")])
    form = EQUALITY.here(office=True)
    answers = arrivals.ANSWERS
    with time_machine.travel(NOON):
        batch = pile(database, ring, form, language="bn", collection="repairs", declared=5)
        papers = [references.new() for _paper in range(5)]
        for sheet in papers[:4]:
            key_paper(database, ring, batch, sheet, ANNA, answers, form=form, drawn=sheet == papers[0])
        key_paper(database, ring, batch, papers[0], BILAL, answers, form=form)
        taken = passes.take_up(database, ring, batch, papers[4], ANNA)
        assert isinstance(taken, Work) and passes.reject(database, ring, taken, "duplicate")
        with database.read() as connection:
            tokens = connection.execute(select(Sheet.token)).scalars().all()
        assert closing.close(database, ring, form, head_of(database, batch), "", BOSS) is None
    rows = stored(database)
    assert len(rows) == len(tokens) - 1 == 4
    whole = standing(database, *everything(database))
    for column, found in whole.items():
        for value in found:
            for secret in (*papers, *tokens, *(token.hex() for token in tokens)):
                assert value != secret and str(secret) not in str(value), f"{column} holds a paper"
    ties = {value for row in rows for value in (row.id, row.idempotency, row.said, row.receipt, row.sealed)}
    assert len(ties) == 20
    for column, found in whole.items():
        if not column.startswith("submission."):
            assert not found & ties, f"{column} leads to an answer"
            assert not any(one in str(value) for value in found for one in ("35_44", "Kashmiri")), column
    assert not {ANNA, BILAL, BOSS, batch} & {str(v) for v in standing(database, "submission")}
    for row in rows:
        assert (row.received, row.entered) == (date(2026, 11, 9), date(2026, 11, 16)), "Mondays"
        assert (row.channel, row.language, row.collection) == ("paper", "bn", "repairs")
        assert (row.form, row.edition, row.invitation) == (form.key, form.edition, None)
    for table in (Sheet, Pass):
        with database.read() as connection:
            assert connection.execute(select(table)).first() is None


def test_what_staff_did_is_in_the_audit_log_and_no_answer_is(work: Office) -> None:
    batch = work.batch(declared=4)
    work.once(batch, said(colour=("red",), shade=("vermilion",)))
    work.settle(work.twice(batch, said(colour=("blue",)), said(rooms=("17",))), colour=("green",), rooms=())
    work.set_aside(work.twice(batch, said(colour=("blue",)), ANSWERS))
    work.close(batch, "One is missing")
    work.close(batch, "One is missing")
    with work.database.read() as connection:
        entries = list(reversed(audit.page(connection)))
    others = [(one.by, one.did) for one in entries if one.what == f"batch {batch}"]
    assert len(others) == len(entries)
    assert others[:2] == [("SUPERV222", "created"), (ANNA, "keyed")]
    twice = [(ANNA, "keyed"), (BILAL, "verified")] * 2
    assert sorted(others[2:]) == sorted([*twice, (CHEN, "resolved"), (CHEN, "refused")])
    text = str([(one.what, one.detail) for one in entries])
    assert not any(word in text for word in ("vermilion", "red", "blue", "17", "saw", "missing"))


def test_keys_are_renewed_under_keyings_and_everything_still_opens(database: Database) -> None:
    ring = KeyRing.new()
    work = Office(database, ring)
    batch = work.batch(declared=2)
    sheet = work.twice(batch, said(colour=("red",), shade=("vermilion",)), ANSWERS)
    kept = work.once(batch, said(colour=("red",), shade=("rose",)))
    old = ring.current("equality")
    ring.add("equality")
    assert rewrap_all(database, ring, "equality") == 3
    assert old not in keys_in_use(database)
    ring.drop(old)
    assert [row[3].get("shade") for row in keyings(database, ring, sheet)] == [("vermilion",), None]
    assert work.settle(sheet, colour=("red",), shade=("scarlet",))
    assert work.close(batch) in ("", closing.KEY_ALL_AGAIN.english)
    key_paper(database, ring, batch, kept, BILAL, said(colour=("red",), shade=("Rose",)))
    assert work.close(batch) == ""
    ring.add("equality")
    rewrap_all(database, ring, "equality")
    assert sorted(one["shade"] for one in work.answers()) == [["rose"], ["scarlet"]]


def test_only_submissions_are_made_by_closing(database: Database, ring: KeyRing) -> None:
    work = Office(database, ring)
    batch = work.batch(declared=1)
    work.once(batch)
    with database.read() as connection:
        assert connection.execute(select(Submission.id)).first() is None, "not before the batch is closed"
    assert work.close(batch) == ""
    assert [row.channel for row in stored(database)] == ["paper"]
