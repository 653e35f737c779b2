"""The same press on Send eight times at once: one row and one receipt each time."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import wait as wait_for

from tests.faults.browser import Browser, Page
from tests.faults.ledger import look_up, rows
from tests.faults.people import Person, answer_all, code_on, send_fields, somebody
from tests.faults.places import Place
from tests.faults.results import Figure, exactly, none, noted
from tests.faults.servers import Server

PRESSES = 8
WORKERS = 4


def run(place: Place, seed: int, tokens: int) -> Iterator[Figure]:
    """The place's server should have WORKERS workers."""
    name = f"doubles {place.kind}"
    troubles: Counter[str] = Counter()
    people: list[Person] = []
    different = posts = 0
    dice = random.Random(f"{seed}/doubles")
    with Server(place) as server, ThreadPoolExecutor(PRESSES) as hands:
        for _token in range(tokens):
            person, browser = somebody(dice, 0.95), Browser(server.port)
            page = answer_all(person, browser)
            codes = pressed_at_once(browser, page, hands, troubles)
            browser.close()
            posts += len(codes)
            different += len(set(codes)) != 1
            person.code = codes[0]
            people.append(person)
        unforeseen = server.unforeseen
        exactly_workers = len(server.workers)
        server.stop()
    with place.database() as database:
        verdict = look_up(database, place.ring, people)
        stored = len(rows(database))
    yield exactly(name, "workers", exactly_workers, WORKERS)
    yield exactly(name, f"presses, {PRESSES} at once", posts, tokens * PRESSES)
    yield exactly(name, "rows", stored, tokens)
    yield none(name, "tokens with more than one receipt", different)
    yield from verdict.figures(name, tokens)
    yield none(name, "answers that were trouble", sum(troubles.values()))
    yield none(name, "errors nobody foresaw", len(unforeseen))
    yield noted(name, "seed", seed)


def pressed_at_once(
    browser: Browser, page: Page, hands: ThreadPoolExecutor, troubles: Counter[str]
) -> list[str]:
    """The receipt that each of the presses leads to."""
    copies = [Browser(browser.port) for _press in range(PRESSES)]
    ready = threading.Barrier(PRESSES)

    def press(copy: Browser) -> str:
        copy.cookies = dict(browser.cookies)
        copy.ask("GET", "/healthz")  # the connection stands
        copy.troubles.clear()
        ready.wait(30)
        try:
            return code_on(copy.insist("POST", page.path, send_fields(page)))
        finally:
            troubles.update(copy.troubles)
            copy.close()

    presses = [hands.submit(press, copy) for copy in copies]
    wait_for(presses)
    return [press.result() for press in presses]
