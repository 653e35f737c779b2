"""People of the office at browsers without script: keyers, and a supervisor who settles and closes."""

from __future__ import annotations

import http.client
import random
import re
import threading
import time
from collections import deque

import pyotp

from portal import clock, references
from portal.accounts import people
from portal.accounts.roles import Role
from portal.audit import OPERATOR
from portal.forms import EQUALITY, FORMS
from portal.keying import heads
from portal.keying.states import DONE, WORDS, State
from portal.questions import Choice, Form
from tests.faults.browser import Browser, Fields, Page
from tests.faults.piles import Paper, keys, papers
from tests.faults.places import Place

PASSWORD = "vier Zebras am Kanal"
STATES = {word.english: state for state, word in WORDS.items()}
ROW = re.compile(r'<bdi dir="ltr">([\w ]+)</bdi></td><td class="govuk-table__cell">([^<]*)</td>')
CLOSED = '<span class="p-state p-state--done">Closed</span>'
AT_ONCE = 3
"""Batches that are open at once."""


class Desk:
    """What lies on the desk, for all to see: papers to key, and the batches that are open."""

    def __init__(self, place: Place, seed: int | str, size: int, least: int) -> None:
        self.place = place
        self.form: Form = EQUALITY.here(place.settings.variants, office=True)
        self.seed = seed
        self.size = size
        """Papers in a batch."""
        self.least = least
        """Papers there are at least; more come until the evening."""
        self.made = papers(self.form, random.Random(f"{seed}/papers"))
        self.evening = threading.Event()
        self.pile: deque[Paper] = deque()
        self.papers: dict[str, Paper] = {}
        self.batches: list[str] = []
        self.open: list[str] = []
        self.closed: list[str] = []
        """Batches that the supervisor has seen closed."""
        self.finished = threading.Event()
        self.failures: list[str] = []

    @property
    def more(self) -> bool:
        """Whether more papers come."""
        return len(self.papers) < self.least or not self.evening.is_set()

    @property
    def over(self) -> bool:
        """Whether nothing is left to do, or somebody cannot go on."""
        return self.finished.is_set() or bool(self.failures)

    @property
    def keyed(self) -> int:
        """How many papers somebody was told are keyed."""
        return sum(paper.keyed for paper in tuple(self.papers.values()))


class Clerk:
    """Somebody who works here, signed in."""

    role = Role.KEYER

    def __init__(self, desk: Desk, port: int, name: str) -> None:
        self.desk = desk
        self.browser = Browser(port)
        self.name = name
        self.dice = random.Random(f"{desk.seed}/{name}")
        self.presses = 0
        self.pressing = False
        """Between a press that changes something and its answer."""
        self.thread = threading.Thread(target=self._day)

    def come_in(self) -> None:
        """The whole way in: link, password, phone, recovery codes."""
        with self.desk.place.database() as database:
            ring = self.desk.place.ring
            email = f"{self.name}@example.org"
            who = people.add(database, ring, email, self.name, [self.role], OPERATOR)
            link = people.make_link(database, ring, who, "everything", OPERATOR)
        page = self.browser.insist("GET", f"/sign-in/with/{link}")
        found = re.search(r'<code dir="ltr">(\w+)</code>', page.text)
        assert found, page.path
        code = pyotp.TOTP(found[1]).at(clock.now())
        page = self.send(page, "/sign-in/join", password=PASSWORD, again=PASSWORD, code=code)
        page = self.send(page, "/staff/codes")
        assert (page.path, page.status) == ("/staff", 200), (page.path, page.status)

    def send(self, page: Page, path: str, **fields: str) -> Page:
        """Send a page's form, again and again until there is an answer."""
        sent: Fields = [("csrf_token", page.field("csrf_token")), *fields.items()]
        self.presses += 1
        self.pressing = True
        page = self.browser.insist("POST", path, sent)
        self.pressing = False
        return page

    def look(self, batch: str) -> Page:
        return self.browser.insist("GET", f"/staff/paper-in/{batch}")

    def _day(self) -> None:
        try:
            while not self.desk.over:
                if not self.do_one():
                    time.sleep(0.05)  # a person is slower
        except Exception as error:
            self.desk.failures.append(f"{self.name}: {type(error).__name__}: {error}")
        finally:
            self.browser.close()

    def do_one(self) -> bool:
        """Do one piece of work; False when there is none."""
        raise NotImplementedError


def states_on(page: Page) -> dict[str, State]:
    """The papers that the page of a batch shows, and where each is."""
    rows = ((references.read(reference), word) for reference, word in ROW.findall(page.text))
    return {reference: STATES[word] for reference, word in rows if reference}


class Keyer(Clerk):
    """Keys what lies there, and what somebody else has keyed a second time."""

    def do_one(self) -> bool:
        batches = tuple(self.desk.open)
        if batches:
            page = self.look(self.dice.choice(batches))
            waiting = [one for one, state in states_on(page).items() if state is State.TO_VERIFY]
            mine = [one for one in waiting if self.name not in self.desk.papers[one].keyers]
            if mine:
                self.key(self.desk.papers[self.dice.choice(mine)], True)
                return True
        try:
            paper = self.desk.pile.popleft()
        except IndexError:
            return False
        self.key(paper, False)
        return True

    def key(self, paper: Paper, again: bool) -> None:
        """Take a paper up and save it; a second keying is left to whoever was faster."""
        home = f"/staff/paper-in/{paper.batch}"
        page = self.send(self.look(paper.batch), f"{home}/take", reference=paper.reference)
        place = f"{home}/{paper.reference}"
        if page.path != place:
            assert again and page.status == 409, f"{paper.reference} was not taken up: {page.status}"
            return
        paper.keyers.add(self.name)
        if paper.blank:
            page = self.send(page, place, go="reject", why="blank")
        else:
            page = self.send(page, place, seen="", go="save", **keys(self.desk.form, paper.typed[again]))
        if page.status == 409:  # was it saved by the press before, whose answer was lost?
            page = self.look(paper.batch)
            state = states_on(page).get(paper.reference)
            before = (State.TO_VERIFY, State.VERIFYING) if again else (State.KEYING,)
            assert CLOSED in page.text or (state and state not in before), f"{paper.reference} is {state}"
        assert (page.path, page.status) == (home, 200), f"{paper.reference} was not saved: {page.status}"
        if again:
            paper.again = True
        else:
            paper.keyed = True


class Supervisor(Clerk):
    """Opens batches, settles what differs, and closes all batches but the last."""

    role = Role.SUPERVISOR
    closing = False
    """Between a press on Close and its answer."""

    def do_one(self) -> bool:
        desk = self.desk
        if desk.more and len(desk.open) < AT_ONCE:
            self.open_batch()
            return True
        worked = [self.look_after(batch) for batch in tuple(desk.open)]
        return any(worked)

    def open_batch(self) -> None:
        """Open a batch; if the answer is lost, look whether it is there before opening it again."""
        place = "/staff/paper-in"
        page = self.browser.insist("GET", place)
        language = self.dice.choice(self.desk.place.settings.languages)
        sent: Fields = [("csrf_token", page.field("csrf_token")), *self._head(language)]
        while True:
            try:
                made = self.browser.ask("POST", place, sent).place.rpartition("/")[2]
            except (OSError, http.client.HTTPException):
                made = ""
            if not made:
                page = self.browser.insist("GET", place)
                listed = set(re.findall(rf'href="{place}/(\w+)"', page.text))
                made = next(iter(listed - set(self.desk.batches)), "")
            if made:
                break
        self.desk.batches.append(made)
        self.desk.open.append(made)
        for paper in (next(self.desk.made) for _paper in range(self.desk.size)):
            paper.batch, paper.language = made, language
            self.desk.papers[paper.reference] = paper
            self.desk.pile.append(paper)

    def _head(self, language: str) -> Fields:
        asked = heads.questions(FORMS, self.desk.place.settings.languages, [])
        which = asked[0]
        assert isinstance(which, Choice)
        said = {
            "form": next(one.code for one in which.known if one.code.startswith(self.desk.form.key)),
            "language": language,
            "source": "post",
            "received": clock.today().isoformat(),
            "declared": str(self.desk.size),
            "share": "30",
        }
        return [
            (name, value)
            for question in asked
            for name, values in question.typed((said[question.key],)).items()
            for value in values
        ]

    def look_after(self, batch: str) -> bool:
        """Settle what waits in a batch, and close it when all of it is through; False if neither can be."""
        desk = self.desk
        page = self.look(batch)
        found = states_on(page)
        waiting = [one for one, state in found.items() if state in (State.DIFFERS, State.QUERY)]
        for reference in waiting:
            self.settle(desk.papers[reference])
        if len(found) < desk.size or not set(found.values()) <= DONE | {State.REJECTED}:
            return bool(waiting)
        if batch == desk.batches[-1]:  # this one stays open
            if desk.open == [batch] and not desk.more:
                desk.finished.set()
            return False
        self.close(batch, page)
        return True

    def settle(self, paper: Paper) -> None:
        """Look at the paper and type what it says, for each question that the page asks."""
        place = f"/staff/differences/{paper.reference}"
        page = self.browser.insist("GET", place)
        asked = re.findall(r'<input type="text"[^>]* name="(\w+)"', page.text)
        typed = keys(self.desk.form, paper.says)
        assert asked and set(asked) <= set(typed), f"{paper.reference}: {asked}"
        page = self.send(page, place, go="save", **{key: typed[key] for key in asked})
        if page.status != 200:  # settled by the press before, whose answer was lost
            state = states_on(self.look(paper.batch)).get(paper.reference)
            assert state is State.RESOLVED, f"{paper.reference} was not settled: {page.status}, {state}"
        paper.settled = True

    def close(self, batch: str, page: Page) -> None:
        self.closing = True
        page = self.send(page, f"/staff/paper-in/{batch}/close", reason="")
        self.closing = False
        if CLOSED in page.text:
            self.desk.open.remove(batch)
            self.desk.closed.append(batch)
            return
        drawn = State.TO_VERIFY in states_on(page).values()  # too many slips: all of it is keyed again
        assert page.status == 422 and drawn, f"batch {batch} was not closed: {page.status}"
