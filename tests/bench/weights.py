"""What a page weighs on a slow telephone line: its HTML and the style sheets it waits for.

Counted is what the portal itself sends, heads of the answers included, to a browser that takes br and gzip.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import brotli

from tests.bench.journey import ADDRESS, WITH_WORDS, InProcess, Page, Person, plain

FIRST_ROUND_TRIP = 14_600
"""Bytes: ten packets, what a server sends before it waits for the browser's first word."""
OTHERS = 24_000
SERVERS_OWN = b"Server: gunicorn\r\nDate: Sat, 21 Nov 2026 23:19:27 GMT\r\nConnection: keep-alive\r\n"
SHEET = re.compile(r'<link rel="stylesheet" href="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Weight:
    """One page in one language; everything in bytes."""

    page: str
    language: str
    html: int
    """As written."""
    gzip: int
    """The HTML as a proxy with gzip -6 would send it."""
    br: int
    """The same with brotli 5."""
    sent: int
    """HTML as the portal sends it, with its head."""
    css: int
    """Style sheets as the portal sends them, with their heads."""
    goal: int

    @property
    def total(self) -> int:
        return self.sent + self.css

    @property
    def behind_a_proxy(self) -> int:
        """HTML and css when a proxy compresses what the portal sends uncompressed."""
        return min(self.total, self.total - self.html + self.gzip)

    @property
    def met(self) -> bool:
        return self.total <= self.goal


def weigh(app: Callable[..., Any], languages: Iterable[str]) -> Iterator[Weight]:
    """Every page that a tenant sees, in each of these languages. `app` is the portal as a WSGI app."""
    scale = Scale(app)
    yield scale.weight("languages", "", scale.fetch("/"), OTHERS)
    for language in languages:
        person = Person(scale, language, WITH_WORDS)
        for name, page in person.journey():
            yield scale.weight(name, language, page, FIRST_ROUND_TRIP)
        for name in ("help", "privacy", "accessibility", "reply", f"{ADDRESS}/cleared", "no-such-page"):
            yield scale.weight(name, language, scale.fetch(f"/{language}/{name}"), OTHERS)


class Scale(InProcess):
    """An app, and what its answers weigh."""

    def __init__(self, app: Callable[..., Any]) -> None:
        super().__init__(app)
        self.sheets: dict[str, int] = {}

    def request(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Page:
        return super().request(method, path, {**headers, "Accept-Encoding": "gzip, deflate, br"}, body)

    def fetch(self, path: str) -> Page:
        return self.request("GET", path, {}, b"")

    def weight(self, name: str, language: str, page: Page, goal: int) -> Weight:
        html = plain(page)
        return Weight(
            page=name,
            language=language,
            html=len(html),
            gzip=len(gzip.compress(html, 6)),
            br=len(brotli.compress(html, quality=5)),
            sent=on_the_wire(page),
            css=sum(self._sheet(path) for path in SHEET.findall(html.decode())),
            goal=goal,
        )

    def _sheet(self, path: str) -> int:
        if path not in self.sheets:
            self.sheets[path] = on_the_wire(self.fetch(path))
        return self.sheets[path]


def on_the_wire(page: Page) -> int:
    """Bytes of an answer over HTTP/1.1 without TLS."""
    head = b"HTTP/1.1 200 OK\r\n" + SERVERS_OWN
    head += "".join(f"{name}: {value}\r\n" for name, value in page.headers).encode("latin-1") + b"\r\n"
    return len(head) + len(page.body)


def heaviest(weights: Iterable[Weight]) -> list[Weight]:
    """Of each language: the pages of the journey, the heaviest question for all, and the heaviest other."""
    found: dict[tuple[str, str], Weight] = {}
    for one in weights:
        kind = one.page.split()[0] if one.goal == FIRST_ROUND_TRIP else "others"
        best = found.get((one.language, kind))
        if best is None or one.total > best.total:
            found[one.language, kind] = one
    return list(found.values())
