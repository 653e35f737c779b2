"""The life of a paper: every step of the table works through the real functions, and no other does."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from portal import references
from portal.database import Database
from portal.keying import closing, passes, resolving
from portal.keying.models import Pass, Sheet
from portal.keying.passes import MovedOn, Work
from portal.keying.states import DONE, NEXT, WORDS, Event, State
from portal.questions import Answers
from portal.questions.keying import QUERY
from portal.sealing import KeyRing
from tests.desk import ANSWERS, SMALL, pile, state_of

FIRST, SECOND, THIRD, ANYBODY = "FRST22222", "SCND22222", "THRD22222", "NYBD22222"
OTHER_ANSWERS: Answers = {**ANSWERS, "colour": ("blue",)}
ASKING: Answers = {**ANSWERS, "colour": QUERY}

WAY_TO: dict[State, tuple[Event, ...]] = {
    State.KEYING: (),
    State.KEYED: (Event.SAVE,),
    State.TO_VERIFY: (Event.SAVE_DRAWN,),
    State.VERIFYING: (Event.SAVE_DRAWN, Event.TAKE),
    State.AGREED: (Event.SAVE_DRAWN, Event.TAKE, Event.SAME),
    State.DIFFERS: (Event.SAVE_DRAWN, Event.TAKE, Event.OTHER),
    State.QUERY: (Event.SAVE_WITH_QUERY,),
    State.RESOLVED: (Event.SAVE_WITH_QUERY, Event.RESOLVE),
    State.REJECTED: (Event.REJECT,),
}
"""How a paper that is being keyed gets there."""


class APaper:
    """One paper, and the functions that the pages call for it."""

    def __init__(self, database: Database, ring: KeyRing) -> None:
        self.database, self.ring = database, ring
        self.batch = pile(database, ring)
        self.sheet = references.new()
        work = passes.take_up(database, ring, self.batch, self.sheet, FIRST)
        assert isinstance(work, Work)
        self.work = work
        """The last that was in somebody's hands, in whatever state the paper is now."""

    def do(self, event: Event) -> None:
        """Whoever had the paper last tries this, and for the rest somebody who never had it."""
        acts: dict[Event, Callable[[], object]] = {
            Event.SAVE: lambda: self.save(ANSWERS),
            Event.SAVE_DRAWN: lambda: self.save(ANSWERS, drawn=True),
            Event.SAVE_WITH_QUERY: lambda: self.save(ASKING),
            Event.DRAW: lambda: closing.draw_all(self.database, self.batch),
            Event.TAKE: self.take,
            Event.SAME: lambda: self.save(ANSWERS),
            Event.OTHER: lambda: self.save(OTHER_ANSWERS),
            Event.RESOLVE: self.resolve,
            Event.REJECT: self.reject,
        }
        acts[event]()

    def save(self, answers: Answers, *, drawn: bool = False) -> None:
        passes.save(self.database, self.ring, self.work, SMALL, answers, drawn)

    def take(self) -> None:
        found = passes.take_up(self.database, self.ring, self.batch, self.sheet, SECOND)
        if isinstance(found, Work):
            self.work = found

    def resolve(self) -> None:
        found = resolving.dispute(self.database, self.ring, SMALL, self.sheet)
        if found:
            resolving.resolve(self.database, self.ring, found, {"colour": ("red",)}, THIRD)

    def reject(self) -> None:
        found = resolving.dispute(self.database, self.ring, SMALL, self.sheet)
        if found:
            resolving.set_aside(self.database, self.ring, found, "damaged", THIRD)
        elif (self.work.state, Event.REJECT) in NEXT:
            passes.reject(self.database, self.ring, self.work, "damaged")

    def brought_to(self, state: State) -> APaper:
        for event in WAY_TO[state]:
            self.do(event)
        assert state_of(self.database, self.sheet) is state
        return self

    def rows(self) -> list[str]:
        """All that is stored of it, but the second of the last touch."""
        with self.database.read() as connection:
            sheet = connection.execute(select(*Sheet.__table__.columns)).all()
            kept = connection.execute(select(*Pass.__table__.columns).order_by(Pass.number)).all()
        return [str(row) for row in (*sheet, *kept)]


@pytest.mark.parametrize(("state", "event"), sorted(NEXT), ids=lambda one: one.name)
def test_every_step_of_the_table_can_be_taken(
    database: Database, ring: KeyRing, state: State, event: Event
) -> None:
    paper = APaper(database, ring).brought_to(state)
    paper.do(event)
    assert state_of(database, paper.sheet) is NEXT[state, event]


CAUSED = {
    Event.SAVE: {Event.SAVE, Event.SAME, Event.OTHER},
    Event.SAVE_DRAWN: {Event.SAVE_DRAWN, Event.SAME, Event.OTHER},
    Event.SAME: {Event.SAVE, Event.SAME},
    Event.OTHER: {Event.SAVE, Event.OTHER},
}
"""What the same press of a button comes to, by the state in which the paper is."""


@pytest.mark.parametrize("state", State)
def test_no_other_step_can_be_taken(database: Database, ring: KeyRing, state: State) -> None:
    """A table of states is also what it leaves out: the first row of a refused step stands as it stood."""
    paper = APaper(database, ring).brought_to(state)
    before = paper.rows()
    for event in Event:
        if not any((state, one) in NEXT for one in CAUSED.get(event, {event})):
            paper.do(event)
            assert paper.rows() == before, f"{event} in {state}"
        if (state, event) not in NEXT:
            with pytest.raises(KeyError), database.write() as connection:
                passes.move(connection, paper.sheet, state, event)
            assert paper.rows() == before, f"{event} in {state}"


def test_a_paper_that_moved_on_is_not_moved_from_where_it_was(database: Database, ring: KeyRing) -> None:
    paper = APaper(database, ring)
    table = Sheet.__table__
    for state in (State.KEYED, State.DIFFERS, State.REJECTED):
        with database.write() as connection:
            connection.execute(table.update().values(state=state.value))
        for before, event in NEXT:
            if before is not state:
                with pytest.raises(MovedOn), database.write() as connection:
                    passes.move(connection, paper.sheet, before, event)
                assert state_of(database, paper.sheet) is state


def test_every_state_has_words_and_a_way_on() -> None:
    assert set(WORDS) == set(State)
    assert len({word.english for word in WORDS.values()}) == len(State)
    assert {state for state, _event in NEXT} == set(State) - {State.REJECTED, State.AGREED, State.RESOLVED}
    assert set(NEXT.values()) == set(State) - {State.KEYING}
    assert {State.REJECTED, *DONE} == {
        state for state in State if not any(one is state and event is not Event.DRAW for one, event in NEXT)
    }, "what waits for nobody is done, or rejected"


def test_every_state_is_taught_to_these_tests() -> None:
    assert set(WAY_TO) == set(State)
    for state, events in WAY_TO.items():
        at = State.KEYING
        for event in events:
            at = NEXT[at, event]
        assert at is state


def test_a_rejected_paper_is_in_nobodys_hands(database: Database, ring: KeyRing) -> None:
    paper = APaper(database, ring).brought_to(State.REJECTED)
    assert passes.work(database, ring, paper.sheet, FIRST) is None
    assert isinstance(passes.take_up(database, ring, paper.batch, paper.sheet, FIRST), passes.Refusal)
    assert isinstance(passes.take_up(database, ring, paper.batch, paper.sheet, ANYBODY), passes.Refusal)
