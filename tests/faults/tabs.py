"""Two tabs on one draft: whatever a tab was told is saved, is saved."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from portal.database import Database
from portal.intake.drafts import Drafts
from portal.questions import Answer, Choice
from portal.sealing import KeyRing
from tests.faults.browser import Browser, Page
from tests.faults.ledger import look_up
from tests.faults.people import (
    ADDRESS,
    COOKIE,
    FORM,
    Person,
    answer_all,
    answer_on,
    begin,
    code_on,
    send,
    send_fields,
)
from tests.faults.places import Place
from tests.faults.results import Figure, at_least, none, noted
from tests.faults.servers import Server

ASKED = {"equality_consent": ("yes",), "age_band": ("35_44",)}
NUMBERS = {key: page.number for page in FORM.pages for key in page.keys}
CHOICES = [
    question
    for question in FORM.questions
    if isinstance(question, Choice)
    and not question.many
    and not question.narrow
    and question.key not in ASKED
    if question in FORM.asked_on(FORM.pages[NUMBERS[question.key] - 1], ASKED)
]
"""Questions that this person is asked whatever the other tab answers."""


def run(place: Place, seed: int, rounds: int) -> Iterator[Figure]:
    """So many times: two tabs answer at once; then one sends while the other changes an answer."""
    name = f"drafts {place.kind}"
    dice = random.Random(f"{seed}/tabs")
    counts: Counter[str] = Counter()
    people: list[Person] = []
    with Server(place) as server, ThreadPoolExecutor(2) as hands, place.database() as database:
        tabs = Tabs(server.port, hands, database, place.ring, dice, counts)
        for _round in range(rounds):
            tabs.answer_at_once()
        for _round in range(rounds // 4):
            people.append(tabs.send_and_change())
        tabs.tab.close()
        unforeseen = server.unforeseen
        server.stop()
    with place.database() as database:
        verdict = look_up(database, place.ring, people)
    yield at_least(name, "answers by two tabs at once, acknowledged", counts["acknowledged"], rounds)
    yield none(name, "acknowledged answers lost", counts["lost"])
    yield none(name, "refused answers not on the page again", counts["not shown again"])
    yield noted(name, "refused with 503 and shown again", counts["refused"])
    yield noted(name, "sends that a change stopped", counts["stopped"])
    yield none(name, "changes lost beside a send", counts["change lost"])
    yield from verdict.figures(f"{name}, sending", rounds // 4)
    yield none(name, "errors nobody foresaw", len(unforeseen))


class Tabs:
    """Two tabs of one browser, and the draft that they share."""

    def __init__(
        self,
        port: int,
        hands: ThreadPoolExecutor,
        database: Database,
        ring: KeyRing,
        dice: random.Random,
        counts: Counter[str],
    ) -> None:
        self.port = port
        self.hands = hands
        self.database = database
        self.ring = ring
        self.dice = dice
        self.counts = counts
        self.tab = Browser(port)
        page = begin(Person("en", {}), self.tab)
        for key, answer in ASKED.items():
            page = self.tab.insist("POST", place_of(key), fields_of(page, key, answer))

    def answer_at_once(self) -> None:
        """Each tab answers; what was acknowledged must be in the draft."""
        keys = [choice.key for choice in self.dice.choices(CHOICES, k=2)]
        answers = [(key, self._answer(key)) for key in keys]
        pages = self._at_once([(self.tab, key, answer) for key, answer in answers])
        kept = self._draft(self.tab.cookies[COOKIE])
        for (key, answer), page in zip(answers, pages, strict=True):
            same = [other for k, other in answers if k == key]
            if page.status == 303:
                self.counts["acknowledged"] += 1
                self.counts["lost"] += kept.get(key) not in same
            else:
                self.counts["refused"] += 1
                self.counts["not shown again"] += not is_checked(page, key, answer)

    def send_and_change(self) -> Person:
        """One tab sends while the other changes an answer: stored is what the check page last showed."""
        changing = self.dice.choice(CHOICES).key
        before: dict[str, Answer] = {**ASKED}
        person, first = Person("en", before), Browser(self.port)
        check = answer_all(person, first)
        second = Browser(self.port)
        second.cookies = dict(first.cookies)
        answer = self._answer(changing)
        ready = threading.Barrier(2)

        def press() -> Page:
            ready.wait(30)
            return first.ask("POST", check.path, send_fields(check))

        def change() -> Page:
            fields = fields_of(check, changing, answer)
            ready.wait(30)
            return second.ask("POST", place_of(changing), fields)

        sent, changed = self.hands.submit(press), self.hands.submit(change)
        page, told = sent.result(), changed.result()
        if told.status == 303:
            kept = self._draft(second.cookies[COOKIE])
            self.counts["change lost"] += kept.get(changing) != answer
        person.secrets = [value for name, value in first.given if name == COOKIE]
        if page.place.endswith("/sent"):
            person.code = code_on(first.insist("GET", page.place))
        else:  # the page came again with the change on it, or the question that the change asks
            self.counts["stopped"] += 1
            person.answers = {**ASKED, changing: answer}
            if page.status == 303:
                page = answer_on(person, first, first.insist("GET", page.place))
            send(person, first, page)
        first.close()
        second.close()
        return person

    def _at_once(self, presses: list[tuple[Browser, str, Answer]]) -> list[Page]:
        ready = threading.Barrier(len(presses))
        check = self.tab.insist("GET", f"/en/{ADDRESS}/1")

        def press(tab: Browser, key: str, answer: Answer) -> Page:
            copy = Browser(self.port)
            copy.cookies = dict(tab.cookies)
            fields = fields_of(check, key, answer)
            ready.wait(30)
            try:
                return copy.ask("POST", place_of(key), fields)
            finally:
                copy.close()

        return [one.result() for one in [self.hands.submit(press, *one) for one in presses]]

    def _answer(self, key: str) -> Answer:
        question = FORM.question(key)
        assert isinstance(question, Choice)
        return (self.dice.choice(question.known).code,)

    def _draft(self, secret: str) -> dict[str, Answer]:
        draft = Drafts(self.database, self.ring).load(secret)
        return draft.answers if draft else {}


def place_of(key: str) -> str:
    return f"/en/{ADDRESS}/{NUMBERS[key]}"


def fields_of(page: Page, key: str, answer: Answer) -> list[tuple[str, str]]:
    return [("csrf_token", page.field("csrf_token")), ("go", "next"), *((key, code) for code in answer)]


def is_checked(page: Page, key: str, answer: Answer) -> bool:
    """Whether the page came again with the answer chosen on it."""
    return page.status == 503 and all(
        f'value="{code}" checked' in page.text and f'name="{key}"' in page.text for code in answer
    )
