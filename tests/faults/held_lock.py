"""Somebody holds a lock for longer than a save waits: the page comes again, with what was typed on it."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psycopg

from portal import create_app, database
from portal.intake.drafts import OWN
from portal.questions import Answers, Form
from tests.faults.browser import Page, ours
from tests.faults.ledger import ANSWERERS, Folk
from tests.faults.people import FORM, Person, code_on
from tests.faults.places import Place
from tests.faults.reports import FORM as TELLING
from tests.faults.reports import REPORTERS
from tests.faults.results import Figure, at_least, none

WAIT = 0.2
"""Seconds that a save waits here."""
WORDS = "ਪੰਜਾਬੀ & کشمیری"
STILL_THERE = "go back in your browser"
"""What the page says when not even the answers can be read."""


@dataclass(frozen=True, slots=True)
class Story:
    """What somebody fills in while locks are held. All other questions are skipped."""

    form: Form
    first: Answers
    """Answered before, each on a page of its own."""
    words: str
    """The question whose page is saved under a lock, with words of their own."""
    folk: Folk


STORIES = (
    Story(FORM, {"equality_consent": ("yes",), "religion": ("other",)}, "religion_words", ANSWERERS),
    Story(TELLING, {"journey": ("victim",), "kind": ("hate_incident",)}, "narrative", REPORTERS),
)


class Desk:
    """A person at the portal in this very process."""

    def __init__(self, place: Place, found: database.Database) -> None:
        self.client = create_app(place.settings, found, place.ring).test_client()
        self.headers: dict[str, str] = {}

    def ask(self, method: str, path: str, **fields: str) -> Page:
        response = self.client.open(path, method=method, data=fields)
        self.headers = dict(response.headers)
        return Page(path, response.status_code, response.text, response.headers.get("Location", ""))

    def answer(self, page: Page, form: Form, key: str, words: str) -> Page:
        """Answer one question of the page that it stands on."""
        fields = {
            "csrf_token": page.field("csrf_token"),
            "go": "next",
            "put": first_on(form, key),
            key: words,
        }
        return self.ask("POST", place_of(form, key), **fields)


def place_of(form: Form, key: str) -> str:
    page = form.page_of(key)
    assert page
    return f"/en/{form.address}/{page.number}"


def first_on(form: Form, key: str) -> str:
    """The first question of the page that a question stands on."""
    page = form.page_of(key)
    assert page
    return page.keys[0]


def run(place: Place, seed: int, story: Story = STORIES[0]) -> Iterator[Figure]:
    """Every kind of lock that another process may hold, while somebody saves and sends."""
    name = f"lock {place.kind}, {story.form.key}"
    place.prepare()
    holds = SQLITE if place.kind == "sqlite" else POSTGRES
    people = []
    wrong: list[str] = []
    with patch.object(database, "LOCK_WAIT", WAIT), place.database() as found:
        for what, hold in holds.items():
            person, problems = _through(Desk(place, found), story, lambda hold=hold: hold(place))
            people.append(person)
            wrong += [f"{what}: {problem}" for problem in problems]
        verdict = story.folk.look_up(found, place.ring, people)
    yield at_least(name, f"kinds of lock held (seed {seed})", len(holds), 3)
    yield none(name, "things that were not right", len(wrong))
    yield from (Figure(name, problem, "", "", False) for problem in wrong)
    yield from verdict.figures(name, len(holds))


def _through(desk: Desk, story: Story, hold: Callable[[], Any]) -> tuple[Person, list[str]]:
    """Begin, answer and send, each first while the lock is held; what was not right."""
    form, home = story.form, f"/en/{story.form.address}"
    person = Person("en", form.kept({**story.first, story.words: (WORDS,)}), form=form)
    problems: list[str] = []

    def expect(page: Page, *texts: str) -> None:
        if page.status != 503 or not ours(page.text, desk.headers):
            problems.append(f"{page.path} gave {page.status}")
        problems.extend(f"{page.path} lost {text!r}" for text in texts if text not in page.text)

    start = desk.ask("GET", home)
    with hold():
        expect(desk.ask("POST", start.path, csrf_token=start.field("csrf_token")))
    page = desk.ask("POST", start.path, csrf_token=start.field("csrf_token"))
    if form.private:
        page = desk.ask("GET", f"{home}/device")
        page = desk.ask("POST", page.path, csrf_token=page.field("csrf_token"), device=OWN)
    for key, [code] in story.first.items():
        page = desk.answer(desk.ask("GET", place_of(form, key)), form, key, code)
    page = desk.ask("GET", place_of(form, story.words))
    with hold():
        again = desk.answer(page, form, story.words, WORDS)
        expect(again, WORDS.replace("&", "&amp;"))
    page = desk.answer(again if again.status == 503 else page, form, story.words, WORDS)
    if page.status != 303:
        problems.append(f"saving again gave {page.status}")
    for _page in form.pages:
        page = desk.ask("GET", page.place)
        if page.path.endswith("/check"):
            break
        skipped = {"csrf_token": page.field("csrf_token"), "go": "skip"}
        page = desk.ask("POST", page.path, put=_first(form, page), **skipped)
    secret = desk.client.get_cookie(f"draft-{form.address}")
    person.secrets = [secret.value] if secret else []
    fields = {"csrf_token": page.field("csrf_token"), "said": page.field("said")}
    with hold():
        again = desk.ask("POST", page.path, **fields)
        expect(again)
        if fields["said"] not in again.text and STILL_THERE not in again.text:
            problems.append(f"{page.path} does not say that nothing is lost")
    page = desk.ask("POST", page.path, **fields)
    person.code = code_on(desk.ask("GET", page.place))
    return person, problems


def _first(form: Form, page: Page) -> str:
    """The first question of a page that came."""
    found = form.page(int(page.path.rpartition("/")[2]))
    assert found
    return found.keys[0]


@contextmanager
def _queue_file(place: Place) -> Iterator[None]:
    """Another process of the portal writes and does not come to an end."""
    with Path(f"{place.data / 'portal.sqlite'}.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _sqlite(begin: str) -> Callable[[Place], Any]:
    @contextmanager
    def hold(place: Place) -> Iterator[None]:
        # the portal's own SQLite: a second library in one process does not see the locks of the first
        connection = database.sqlite_module().connect(place.data / "portal.sqlite", isolation_level=None)
        try:
            connection.execute(begin)
            yield
        finally:
            connection.close()

    return hold


def _postgres(*tables: str, mode: str) -> Callable[[Place], Any]:
    @contextmanager
    def hold(place: Place) -> Iterator[None]:
        with ExitStack() as stack:
            url = place.url.replace("+psycopg", "")
            connection = stack.enter_context(psycopg.connect(url))
            connection.execute(f"LOCK TABLE {', '.join(tables)} IN {mode} MODE")
            yield
            connection.rollback()

    return hold


Holds = dict[str, Callable[[Place], Any]]
SQLITE: Holds = {
    "the queue of writers": _queue_file,
    "another program's write": _sqlite("BEGIN IMMEDIATE"),
    "another program's exclusive write": _sqlite("BEGIN EXCLUSIVE"),
}
POSTGRES: Holds = {
    "writes to both tables": _postgres("draft", "submission", mode="SHARE ROW EXCLUSIVE"),
    "rows of both tables": _postgres("draft", "submission", mode="EXCLUSIVE"),
    "both tables even for reading": _postgres("draft", "submission", mode="ACCESS EXCLUSIVE"),
}
