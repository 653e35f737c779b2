"""Every page that a tenant can meet, in one language, as the portal sends it.

Question pages come from the forms' own definitions: a form with a new question, or a new kind of one,
has its pages here without a word in any test.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from unittest import mock

from bs4 import BeautifulSoup, Tag
from flask import Flask
from sqlalchemy import update

from portal import clock, demo, errors
from portal.equality.collections import keep
from portal.equality.invitations import Invitation, write
from portal.incidents import coming_back, exchange
from portal.incidents.codes import report_of
from portal.incidents.exchange import Kind
from portal.incidents.models import IncidentCase
from portal.incidents.states import State
from portal.intake import drafts
from portal.intake.drafts import Drafts
from portal.intake.receipts import digest_of
from portal.intake.steps import cookie_of
from portal.pages import cookie_name
from portal.questions import Answers, Choice, Form, Page
from portal.settings import CollectionEntry
from tests.visitor import Visitor

COLLECTION = CollectionEntry(code="repairs", name="Repairs to kitchens, bathrooms & heating")
RETURN_TO = "https://landlord.example/repairs/"
WORDS = "لفظ O’Brien – words of one’s own"
TOO_MUCH = "½ & <b> " * 130
SEEDS = 1000


@dataclass(frozen=True, slots=True)
class Seen:
    """One page as it came."""

    name: str
    language: str
    status: int
    headers: tuple[tuple[str, str], ...]
    html: str
    makings: frozenset[str]

    def __str__(self) -> str:
        return f"{self.name} in {self.language}"


def made_of(soup: BeautifulSoup) -> frozenset[str]:
    """What a page is made of: each element in its place, with its classes and attributes but no words."""
    return frozenset(
        f"{_plain(tag.parent)} > {_plain(tag)} {' '.join(sorted(tag.attrs))}" for tag in soup.find_all(True)
    )


def _plain(tag: Tag | None) -> str:
    return ".".join((tag.name, *sorted(tag.get("class") or ()))) if tag else ""


def kinds(pages: Iterable[Seen]) -> list[Seen]:
    """Pages that together hold all that pages are made of: any other page differs in its words only."""
    pages = list(pages)
    missing = frozenset[str]().union(*(page.makings for page in pages))
    found = []
    while missing:
        best = max(pages, key=lambda page: (len(page.makings & missing), len(page.html)))
        missing -= best.makings
        found.append(best)
    return found


def stacked(pages: Iterable[Seen]) -> Seen:
    """One page with the main parts of many: each is a column of its own, so it is laid out as by itself."""
    pages = list(pages)
    mains = [re.search(r"<main.*</main>", seen.html, re.S) for seen in pages]
    whole = "\n".join({found[0]: None for found in mains if found})
    first, last = re.split(r"<main.*</main>", pages[0].html, flags=re.S)
    return replace(pages[0], name="all pages", html=first + whole + last)


def everything_asked(forms: Iterable[Form]) -> dict[str, str]:
    """The setting `variants` under which no question is left out."""
    return {one.key: one.variant for form in forms for one in form.questions if one.off}


def pages(app: Flask, language: str) -> list[Seen]:
    """Every page in this language, from a portal whose first language it is."""
    return list(Guide(app, language).walk())


def front(app: Flask, language: str) -> list[Seen]:
    """The pages around the forms."""
    return list(Guide(app, language).front())


PLACES = count(1)


class Guide:
    """A visitor who goes everywhere and keeps what comes."""

    def __init__(self, app: Flask, language: str) -> None:
        self.app = app
        self.language = language
        self.portal = app.extensions["portal"]
        # everybody from elsewhere: wrong codes from one address are slowed down
        self.visitor = Visitor(app, f"2001:db8:{next(PLACES):x}::1")
        self.mistaken: set[frozenset[str]] = set()
        """What pages were made of on which a mistake has been made: one of each make is enough."""

    def walk(self) -> Iterator[Seen]:
        yield from self.front()
        yield from self.errors()
        for form in self.portal.asked.values():
            yield from self.form(form)
        if "about-you" in self.portal.asked:
            yield from self.invitation(self.portal.asked["about-you"])

    def seen(self, name: str) -> Seen:
        response = self.visitor.response
        assert response.mimetype == "text/html", (name, response.status)
        made = made_of(self.visitor.soup)
        headers = tuple(response.headers)
        return Seen(name, self.language, response.status_code, headers, response.text, made)

    def open(self, name: str, path: str) -> Seen:
        self.visitor.open(path)
        return self.seen(name)

    def press(self, name: str, button: str, **extra: str) -> Seen:
        """The page that comes after a button, found by a selector: words differ between languages."""
        found = self.visitor.soup.select_one(button)
        assert found is not None, f"no {button} before {name} on {self.visitor.path}"
        self.visitor.send(found, **extra)
        return self.seen(name)

    def front(self) -> Iterator[Seen]:
        yield self.open("panel", "/")
        for name in ("", "help", "privacy", "accessibility"):
            yield self.open(name or "start", f"/{self.language}/{name}")

    def errors(self) -> Iterator[Seen]:
        yield self.open("404", f"/{self.language}/no/such/page")
        for status in errors.PAGES:
            with self.app.test_request_context(f"/{self.language}/"):
                found = self.app.process_response(errors.error_page(status))
                html = found.get_data(as_text=True)
                made = made_of(BeautifulSoup(html, "html.parser"))
                yield Seen(str(status), self.language, status, tuple(found.headers), html, made)

    def form(self, form: Form) -> Iterator[Seen]:
        name, start = form.key, f"/{self.language}/{form.address}"
        yield self.open(f"{name} start", start)
        yield self.open(f"{name} to print", f"{start}/print")
        self.visitor.open(start)
        if form.private:
            yield self.press(f"{name} before", "main form button")
            yield self.open(f"{name} device", f"{start}/device")
            yield self.open(f"{name} talk", f"{start}/talk")
        else:
            yield self.press(f"{name} first question", "main form button")
        yield self.open(f"{name} start again", start)
        longest: Answers = {}
        for page, answers in ways(form).items():
            yield from self.question(form, page, answers)
            if len(list(form.reached(answers))) > len(list(form.reached(longest))):
                longest = answers
        self.answer(form, longest)
        yield self.open(f"{name} check", f"{start}/check")
        yield self.press(f"{name} check again", "main button[value=send]", said="otherwise")
        yield self.open(f"{name} check", f"{start}/check")
        yield self.press(f"{name} sent", "main button[value=send]")
        code = "".join(span.text for span in self.visitor.soup.select(".p-receipt__code span"))
        yield self.press(f"{name} cleared", "main button[value=finish]")
        yield self.open(f"{name} nothing is shown", f"{start}/sent")
        yield from self.reply(form, code)

    def question(self, form: Form, page: Page, answers: Answers) -> Iterator[Seen]:
        name, path = f"{form.key} {page.keys[0]}", f"/{self.language}/{form.address}/{page.number}"
        earlier = [key for before in form.pages[: page.number - 1] for key in before.keys]
        self.answer(form, {key: answers[key] for key in earlier if key in answers})
        seen = self.open(name, path)
        assert self.visitor.path == path, f"{name} is not asked"
        yield seen
        if seen.makings not in self.mistaken:
            self.mistaken.add(seen.makings)
            yield from self.mistake(f"{name} error")
        if page.number == 2:
            self.visitor.open(path)
            yield self.press(f"{name} stale", "main button[value=next]", csrf_token="old")
            self.visitor.open(path)
            with mock.patch.object(Drafts, "save", return_value=False):
                yield self.press(f"{name} busy", "main button[value=next]")

    def mistake(self, name: str) -> Iterator[Seen]:
        """The page after everything was ticked and too much was typed, where that cannot be taken."""
        form = self.visitor.soup.select_one("main form")
        assert form is not None
        fields = [("csrf_token", str(form.select_one("[name=csrf_token]")["value"]))]  # type: ignore[index]
        for control in form.select("input:not([type=hidden]), textarea"):
            ticked = control.get("type") in ("radio", "checkbox")
            fields.append((str(control["name"]), str(control["value"]) if ticked else TOO_MUCH))
        self.visitor.post(str(form["action"]), fields)
        if self.visitor.status == 422:
            assert self.visitor.errors
            yield self.seen(name)

    def reply(self, form: Form, code: str) -> Iterator[Seen]:
        name, start = form.key, f"/{self.language}/reply"
        yield self.open("reply", start)
        yield self.press("reply error", "main form button", code="1234 <b>")
        yield self.press("reply wrong", "main form button", code="0000 0000 0000 0000 0098")
        yield self.press(f"{name} choose", "main form button", code=code)
        if name not in self.portal.replies:
            yield self.press(f"{name} deleted", "main button[value=withdraw]")
        elif self.portal.replies[name] == coming_back.PLACE:
            yield from self.told(code)
        else:
            yield from self.request(name)

    def request(self, name: str) -> Iterator[Seen]:
        yield self.press(f"{name} cancel without a reason", "main button[value^=cancel]")
        reason = self.visitor.soup.select_one("main input[type=radio]")
        assert reason is not None
        reason["checked"] = ""
        yield self.press(f"{name} cancelled", "main button[value^=cancel]")

    def told(self, code: str) -> Iterator[Seen]:
        """How it goes: nothing is written, both have written, it is over; and a code that is not open."""
        start, send = f"/{self.language}/reply/{coming_back.PLACE}", "main button[value=write]"
        yield self.press("told, nothing written", send)
        database, ring = self.portal.database, self.portal.ring
        with database.write() as connection:
            found = report_of(connection, digest_of(ring, code))
            assert found is not None
            report, case = found
            by = case.reference
            exchange.add(connection, ring, case, report.reference, Kind.WORDS, by, "ur", WORDS)
        yield self.press("told, written", send, words=WORDS)
        for number in coming_back.NUMBERS:
            yield from self.part(f"told {number}", f"{start}/{number}")
        self.visitor.open(start)
        yield self.press("told, to be deleted", "main button[value=erase]")
        yield self.press("told, not to be deleted", "main button[value=keep]")
        with database.write() as connection:
            over = {"state": State.CLOSED.value, "reason": "resolved", "closed": clock.seconds()}
            people = {"officer": report.reference, "reviewer": case.reference}
            of = update(IncidentCase).where(IncidentCase.reference == case.reference)
            connection.execute(of.values(**over, **people))
        yield self.open("told, it is over", start)
        with self.app.test_request_context("/"):
            self.visitor.client.delete_cookie(cookie_name("reply"))
        yield self.press("told, open no more", send, words=WORDS)
        yield self.press("told, wrong code", "main button[value=open]", code="0000 0000 0000 0000 0098")

    def part(self, name: str, path: str) -> Iterator[Seen]:
        """A part of the form asked again: as it comes, grown by what was ticked, and with mistakes."""
        yield self.open(name, path)
        for made in ("grown", "grown more"):
            if self.visitor.path == path:
                for control in self.visitor.soup.select("main form input:not([type=hidden]), main textarea"):
                    if control.get("type") in ("radio", "checkbox"):
                        control["checked"] = ""
                    elif control.name == "input" and control.get("type") != "file":
                        control["value"] = TOO_MUCH
                yield self.press(f"{name} {made}", "main .p-actions button[value=next]")

    def invitation(self, form: Form) -> Iterator[Seen]:
        start = f"/{self.language}/{form.address}"
        keep(self.portal.database, [COLLECTION])
        yield self.open("at a collection", f"{start}/at/{COLLECTION.code}")
        yield self.open("not an invitation", f"{start}/with/QUJD")
        ends = clock.today() + timedelta(days=1)
        token = f"{self.language}-{random.Random(self.portal.settings.address).randrange(10**12):012}"
        link = write(
            self.portal.ring,
            self.portal.settings,
            Invitation(COLLECTION.code, token, self.language, ends, RETURN_TO),
        )
        for name in ("invited sent", "invitation used"):
            yield self.open(f"before {name}", link.removeprefix(self.portal.settings.address))
            self.press("", "main form button")
            self.answer(form, {form.questions[0].key: ("no",)})
            yield self.open(f"check before {name}", f"{start}/check")
            yield self.press(name, "main button[value=send]")

    def answer(self, form: Form, answers: Answers) -> None:
        """Put answers into this visitor's draft, as if they had been given on the pages before."""
        kept: Drafts = self.portal.drafts
        with self.app.test_request_context("/"):
            name = cookie_name(cookie_of(form))
        found = self.visitor.client.get_cookie(name)
        draft = kept.load(found.value) if found else None
        if draft is None:
            draft = drafts.new(form.key, form.edition)
            kept.add(draft, form.draft_idle)
            self.visitor.client.set_cookie(name, draft.secret)
        draft.answers = dict(answers)
        draft.typed = {}
        draft.device = "someone_may_check" if form.private else None
        assert kept.save(draft, form.draft_idle)


def ways(form: Form) -> dict[Page, Answers]:
    """For each page of the form that a person can come to, answers that lead there."""
    found: dict[Page, Answers] = {}
    asked = {page for page in form.pages if any(_asks_anyone(form, key) for key in page.keys)}
    for seed in range(SEEDS):
        answers = demo.invented(form, random.Random(seed), skip=0.1)
        for question in form.questions:
            if question.kind == "text" and answers.get(question.key):
                answers[question.key] = (WORDS,)
        reached = {question.key for question, _answer in form.reached(answers)}
        for page in asked - set(found):
            if not reached.isdisjoint(page.keys):
                found[page] = answers
        if len(found) == len(asked):
            return dict(sorted(found.items(), key=lambda item: item[0].number))
    missed = [page.keys for page in asked - set(found)]
    raise AssertionError(f"{form.key}: {SEEDS} people did not get to {missed}")


def _asks_anyone(form: Form, key: str) -> bool:
    """Whether the form has this question, and no answer that only staff may give is needed to come to it."""
    question = form.question(key)
    if question is None:
        return False
    for condition in question.asked:
        for earlier, codes in condition.looks_at():
            choice = form.question(earlier)
            options = [choice.option(code) for code in codes] if isinstance(choice, Choice) else []
            if options and all(option and option.by == "office" for option in options):
                return False
    return True
