"""Strange requests, by dice, to every address: only our own pages come, and only what was said is stored."""

from __future__ import annotations

import logging
import random
import re
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from flask import Flask
from sqlalchemy import func, select
from werkzeug.datastructures import Headers
from werkzeug.routing import Rule
from werkzeug.test import run_wsgi_app

from portal import clock, create_app
from portal.database import Database
from portal.equality.collections import keep
from portal.equality.invitations import Invitation, write
from portal.intake.drafts import Drafts
from portal.intake.receipts import digest_of
from portal.pages import HEADERS, STATIC
from portal.questions import Choice, Text
from portal.questions.codebook import SEALED
from portal.questions.typing_in import BIDI_CONTROLS, clean_words
from portal.sealing import KeyRing
from portal.settings import CollectionEntry
from portal.tables import Base
from tests.faults.garbage import (
    HOSTS,
    KINDS,
    METHODS,
    NAMES,
    Request,
    strange,
    strange_cookies,
    strange_headers,
    strange_path,
)
from tests.faults.ledger import opened, rows
from tests.faults.people import ADDRESS, COOKIE, FORM, SPOKEN
from tests.faults.places import Place
from tests.faults.results import Figure, at_least, at_most, exactly, none, noted

SLOW = 1.0
"""Seconds of work that no request may cost."""
VISITORS = 6
PAGES = {page.number: page for page in FORM.pages}


@dataclass(slots=True)
class Answered:
    """What came back."""

    status: int
    headers: Headers
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass(slots=True)
class Sent:
    """A submission that was acknowledged to a visitor."""

    secret: str
    said: dict[str, set[str]]
    """Question -> everything that was posted for it while the draft lived."""


@dataclass(slots=True)
class Visitor:
    """Somebody whose requests are mostly meant, so that strange ones reach deep."""

    language: str
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""
    at: int = 1
    said: dict[str, set[str]] = field(default_factory=dict)
    replaces: str = ""
    entered: str = ""
    """The receipt code that was typed in last and found."""


class Fuzz:
    """A portal in this process, and what is thrown at it."""

    def __init__(self, app: Flask, database: Database, ring: KeyRing, dice: random.Random) -> None:
        self.app = app
        self.ring = ring
        self.database = database
        self.dice = dice
        self.asked = 0
        self.statuses: Counter[int] = Counter()
        self.wrong: Counter[str] = Counter()
        self.samples: list[str] = []
        self.slowest = 0.0
        self.sent: dict[str, Sent] = {}
        self.codes: dict[str, str] = {}
        """Receipt code -> secret of the draft that it was given for."""
        self.gone: set[str] = set()
        """Secrets whose submissions were taken back or replaced."""
        self.tried: set[str] = set()
        self.rules: list[Rule] = sorted(app.url_map.iter_rules(), key=str)
        self.next: list[Rule] = []
        """Routes in the order of the dice, each once before any comes again."""
        self.links = [self._invitation(number) for number in range(40)]
        self.visitors = [Visitor(dice.choice(SPOKEN)) for _visitor in range(VISITORS)]
        self.files = [path.name for path in STATIC.iterdir()]

    def _invitation(self, number: int) -> str:
        settings = self.app.extensions["portal"].settings
        invitation = Invitation("repairs", f"event-{number:06}", "en", clock.today() + timedelta(2))
        return write(self.ring, settings, invitation).rpartition("/")[2]

    def one(self) -> None:
        """One request of some kind, and what comes of it."""
        kind = self.dice.random()
        visitor = self.dice.choice(self.visitors)
        if kind < 0.5:
            self._step(visitor)
        elif kind < 0.85:
            self._any_route()
        elif kind < 0.95:
            self.ask(Request(self.dice.choice(METHODS), strange_path(self.dice), headers=self._headers()))
        else:
            name = self.dice.choice((*self.files, "x", "..", "tenant.css", "%00", "a/b"))
            path = b"/static/" + self.dice.choice((name.encode(), strange(self.dice)[:1000]))
            self.ask(Request(self.dice.choice(METHODS), path, headers=self._headers()))

    # --- asking and judging

    def ask(self, request: Request) -> Answered | None:
        """Send a request; judge what comes back."""
        self.asked += 1
        began = time.thread_time()
        try:
            chunks, status, headers = run_wsgi_app(self.app, request.environment(), buffered=True)
            answered = Answered(int(status.split()[0]), headers, b"".join(chunks))
        except Exception as error:
            self._note(f"no answer: {type(error).__name__} {error}", request)
            return None
        took = time.thread_time() - began
        self.slowest = max(self.slowest, took)
        if took > SLOW:
            self._note("slow", request)
        self.statuses[answered.status] += 1
        for problem in problems(request, answered):
            self._note(problem, request)
        return answered

    def _note(self, problem: str, request: Request) -> None:
        self.wrong[problem] += 1
        if self.wrong[problem] <= 3:
            shown = [(name, value[:40]) for name, value in request.fields]
            self.samples.append(
                f"{problem}: {request.method} {request.path[:120]!r} {request.kind} {shown} {request.headers}"
            )

    def _headers(self) -> dict[str, str]:
        headers = strange_headers(self.dice) if self.dice.random() < 0.4 else {}
        if self.dice.random() < 0.1:
            headers["HTTP_HOST"] = self.dice.choice(HOSTS)
        return headers

    # --- any address, without a session that could store anything

    def _any_route(self) -> None:
        if not self.next:
            self.next = self.dice.sample(self.rules, len(self.rules))
        rule = self.next.pop()
        self.tried.add(str(rule))
        known = [(name, value) for visitor in self.visitors for name, value in visitor.cookies.items()]
        method = self.dice.choice((*METHODS, *("GET", "POST") * 8))
        fields = [
            (self.dice.choice(NAMES + FORM_FIELDS), strange(self.dice))
            for _field in range(self.dice.randrange(6))
        ]
        cookies = strange_cookies(self.dice, self.dice.sample(known, min(len(known), 2)))
        query = quote(strange(self.dice)[:300]) if self.dice.random() < 0.2 else ""
        path = self._address(rule)
        self.ask(Request(method, path, fields, self.dice.choice(KINDS), cookies, self._headers(), query))

    def _address(self, rule: Rule) -> bytes:
        """An address of a route: its holes filled with what fits, or with what does not."""

        def fill(hole: re.Match[str]) -> str:
            good = {
                "language": self.dice.choice(SPOKEN),
                "address": ADDRESS,
                "number": str(self.dice.choice((0, 1, 2, 99, 10**30, *PAGES))),
                "collection": self.dice.choice(("repairs", "closed", "none")),
                "invitation": self.dice.choice(self.links),
            }.get(hole[1], "1")
            if self.dice.random() < 0.75:
                return good
            return quote(strange(self.dice)[:900].replace(b"/", b""), safe="")

        path = re.sub(r"<(?:\w+:)?(\w+)>", fill, str(rule))
        return unquote_to_bytes(path)[:4000]

    # --- visitors who mean it, mostly

    def _step(self, visitor: Visitor) -> None:
        if not visitor.token:
            self._get(visitor, f"/{visitor.language}/{ADDRESS}")
            return
        steps = (self._start, self._answer, self._answer, self._answer, self._answer, self._send, self._reply)
        weights = (1, 6, 6, 6, 6, 5, 1)
        self.dice.choices(steps, weights)[0](visitor)

    def _get(self, visitor: Visitor, path: str) -> Answered | None:
        return self._visit(visitor, Request("GET", path.encode()))

    def _visit(self, visitor: Visitor, request: Request) -> Answered | None:
        """A request with the visitor's cookies; keeps the cookies and the token that come back."""
        request.cookies = dict(visitor.cookies)
        answered = self.ask(request)
        if answered is None:
            return None
        for line in answered.headers.getlist("Set-Cookie"):
            name, _, rest = line.partition("=")
            value = rest.partition(";")[0]
            if "max-age=0" in rest.lower():
                visitor.cookies.pop(name, None)
            else:
                if name == COOKIE and visitor.cookies.get(COOKIE) != value:
                    visitor.said = {}
                visitor.cookies[name] = value
        found = re.search(rb'name="csrf_token" value="([^"]*)"', answered.body)
        if found:
            visitor.token = found[1].decode()
        number = re.search(rf"/{ADDRESS}/(\d+)$", answered.headers.get("Location", ""))
        if number:
            visitor.at = int(number[1])
        return answered

    def _post(self, visitor: Visitor, path: str, *fields: tuple[str, bytes], kind: str = "urlencoded") -> Any:
        pairs = [("csrf_token", visitor.token.encode()), *fields]
        return self._visit(
            visitor, Request("POST", path.encode(), pairs, kind, headers=self._address_of(visitor))
        )

    def _address_of(self, visitor: Visitor) -> dict[str, str]:
        return {"REMOTE_ADDR": f"198.51.{self.dice.randrange(256)}.{self.dice.randrange(256)}"}

    def _start(self, visitor: Visitor) -> None:
        visitor.replaces = ""
        place = self.dice.choice(("", "", "/at/repairs", "/invited"))
        if place == "/invited":
            self._get(visitor, f"/en/{ADDRESS}/with/{self.dice.choice(self.links)}")
        self._post(visitor, f"/{visitor.language}/{ADDRESS}{place}")

    def _answer(self, visitor: Visitor) -> None:
        number = visitor.at if self.dice.random() < 0.8 else self.dice.choice([*PAGES])
        fields: list[tuple[str, bytes]] = []
        for key in PAGES[number].keys:
            fields += [(key, value) for value in self._values(key)]
        if self.dice.random() < 0.2:
            fields += [(self.dice.choice(NAMES[1:] + FORM_FIELDS), strange(self.dice))]
        wish = self.dice.choices(
            (b"next", b"skip", b"back", b"speak-fa", b"clear", strange(self.dice)), (50, 5, 4, 3, 1, 4)
        )
        fields.append(("go", wish[0]))
        before = visitor.cookies.get(COOKIE)
        posted: dict[str, set[str]] = {}
        for name, value in fields:
            posted.setdefault(name, set()).update(read_as(value))
        kind = "multipart" if self.dice.random() < 0.1 else "urlencoded"
        self._post(visitor, f"/{visitor.language}/{ADDRESS}/{number}", *fields, kind=kind)
        if visitor.cookies.get(COOKIE) != before:
            visitor.replaces = ""
        for name, values in posted.items():
            visitor.said.setdefault(name, set()).update(values)

    def _values(self, key: str) -> list[bytes]:
        """Mostly an answer that fits, so that people get on."""
        question = FORM.question(key)
        if self.dice.random() < 0.3:
            return [strange(self.dice) for _value in range(self.dice.choice((1, 1, 2, 60)))]
        if isinstance(question, Choice):
            return [self.dice.choice(question.known).code.encode()]
        return [self.dice.choice((b"", "میرا جواب".encode(), strange(self.dice)))]

    def _send(self, visitor: Visitor) -> None:
        place = f"/{visitor.language}/{ADDRESS}/check"
        page = self._get(visitor, place)
        found = re.search(rb'name="said" value="(\w+)"', page.body) if page else None
        said = found[1] if found and self.dice.random() < 0.9 else strange(self.dice)
        secret = visitor.cookies.get(COOKIE, "")
        answered = self._post(visitor, place, ("said", said), ("go", b"send"))
        if not (answered and answered.status == 303 and answered.headers["Location"].endswith("/sent")):
            return
        page = self._get(visitor, f"/{visitor.language}/{ADDRESS}/sent")
        code = re.search(r'class="p-receipt__code" dir="ltr">(.*?)</p>', page.text) if page else None
        if secret and code:
            self.codes[re.sub(r"<[^>]*>|\s", "", code[1])] = secret
            if secret not in self.sent:
                self.sent[secret] = Sent(secret, visitor.said)
                self.gone |= {self.codes[visitor.replaces]} if visitor.replaces in self.codes else set()
        visitor.said, visitor.replaces = {}, ""

    def _reply(self, visitor: Visitor) -> None:
        code = self.dice.choice([*self.codes, "0" * 20]) if self.dice.random() < 0.5 else ""
        typed = code.encode() or strange(self.dice)
        answered = self._post(visitor, f"/{visitor.language}/reply", ("code", typed))
        if answered and answered.status == 303:
            visitor.entered = code
        wish = self.dice.choice((b"again", b"withdraw", b"leave", strange(self.dice)))
        before = visitor.cookies.get(COOKIE)
        answered = self._post(visitor, f"/{visitor.language}/reply/choose", ("go", wish))
        place = answered.headers.get("Location", "") if answered else ""
        if place.endswith("/reply/deleted"):
            self.gone.add(self.codes[visitor.entered])
        elif visitor.cookies.get(COOKIE) != before:
            visitor.replaces = visitor.entered

    # --- what is stored

    def stored_wrong(self) -> Iterator[str]:
        """What is stored and was not said, or was said, acknowledged, and is not stored."""
        drafts = Drafts(self.database, self.ring)
        expected = {
            self.ring.digest("submission", b"token", drafts.token(secret)): one
            for secret, one in self.sent.items()
            if secret not in self.gone
        }
        for row in rows(self.database):
            one = expected.pop(row.idempotency, None)
            if one is None:
                yield "a submission that nobody sent, or that was taken back"
                continue
            yield from self._unsaid(row, one)
        if expected:
            yield f"{len(expected)} acknowledged submissions are missing"
        receipts = {row.receipt for row in rows(self.database)}
        for code, secret in self.codes.items():
            if secret not in self.gone and digest_of(self.ring, code) not in receipts:
                yield "a receipt that leads nowhere"

    def _unsaid(self, row: Any, one: Sent) -> Iterator[str]:
        """Stored answers that were not posted."""
        sealed = opened(self.ring, row)
        for key, codes in row.answers.items():
            question = FORM.question(key)
            posted = one.said.get(key, set())
            if isinstance(question, Choice):
                known = {option.code for option in question.known}
                inferred = key in FORM.details and not set(codes) <= posted
                if not set(codes) <= known or not (inferred or set(codes) <= posted):
                    yield f"{key}: {codes} was not said"
            elif isinstance(question, Text) and codes == [SEALED]:
                words = (sealed or {}).get(key, [""])[0]
                if not any(clean_words(text) == words for text in posted) or unfit(words, question.most):
                    yield f"{key}: sealed words that were not said, or not fit to keep"
            elif codes:
                yield f"{key}: {codes} is no answer"


def read_as(value: bytes) -> set[str]:
    """What bytes may be read as: multipart and plain bodies treat what is no UTF-8 differently."""
    return {value.decode("utf-8", errors) for errors in ("replace", "werkzeug.url_quote")}


def unfit(words: str, most: int) -> bool:
    """Whether words hold what must never be stored."""
    bad = any(unicodedata.category(letter) in ("Cc", "Cs") or letter in BIDI_CONTROLS for letter in words)
    return bad or not words or len(words) > most or unicodedata.normalize("NFC", words) != words


PLACES = (
    CollectionEntry(code="repairs", name="Repairs"),
    CollectionEntry(code="closed", name="Closed", active=False),
)
FORM_FIELDS = tuple(name for question in FORM.questions for name in question.fields)


def problems(request: Request, answered: Answered) -> Iterator[str]:
    """What is wrong with an answer, whatever was asked."""
    if answered.status >= 500:
        yield f"status {answered.status}"
    static = request.path.startswith(b"/static/") and answered.status != 404
    for name, value in HEADERS.items():
        if answered.headers.get(name) != value and not (static and answered.status in (304, 405, 416)):
            yield f"header {name} is not ours on {answered.status}"
    if static or 300 <= answered.status < 400 or not answered.body:
        return
    if "Cache-Control" not in answered.headers:
        yield "no Cache-Control"
    kind = answered.headers.get("Content-Type", "").partition(";")[0]
    if kind == "text/html":
        if not re.search(rb'<html lang="[\w-]+" dir="(ltr|rtl)"', answered.body):
            yield "a page without language and direction"
        if answered.body.count(b"<h1") != 1 or b"Traceback" in answered.body:
            yield "not one of our pages"
    elif kind not in ("text/plain", "text/css"):
        yield f"an answer of kind {kind}"


def run(place: Place, seed: int, requests: int) -> Iterator[Figure]:
    """So many requests on one database."""
    name = f"fuzz {place.kind}"
    place.prepare()
    ring = place.ring
    log = logging.getLogger("portal")
    before = log.level
    log.setLevel(logging.CRITICAL)
    with place.database() as database:
        keep(database, PLACES)
        tables = counts(database)
        fuzz = Fuzz(create_app(place.settings, database, ring), database, ring, random.Random(f"{seed}/fuzz"))
        while fuzz.asked < requests:
            fuzz.one()
        wrong = Counter(fuzz.stored_wrong())
        after = counts(database)
    log.setLevel(before)  # other tests of this process read it
    same = all(after[table] == tables[table] for table in ("collection", "export"))
    yield at_least(name, "requests", fuzz.asked, requests)
    yield noted(name, "answers by status", " ".join(f"{s}:{n}" for s, n in sorted(fuzz.statuses.items())))
    yield exactly(name, "routes tried", len(fuzz.tried), len({str(rule) for rule in fuzz.rules}))
    yield at_least(name, "submissions that got through", len(fuzz.sent), 3)
    yield none(name, "answers that were not right", sum(fuzz.wrong.values()))
    yield from (Figure(name, sample, "", "", False) for sample in fuzz.samples)
    yield none(name, "stored and not said, or said and not stored", sum(wrong.values()))
    yield from (Figure(name, problem, count, "", False) for problem, count in wrong.items())
    yield exactly(name, "other tables as before (1: yes)", int(same), 1)
    yield at_most(name, "seconds of work for the slowest request", round(fuzz.slowest, 3), SLOW)


def counts(database: Database) -> dict[str, int]:
    with database.read() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in Base.metadata.sorted_tables
        }
