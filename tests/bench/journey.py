"""One person's way through the equality form: follows what the pages offer, keeps cookies, runs no script.

It serves the portal and the limit app alike, over HTTP or inside this process.
"""

from __future__ import annotations

import gzip
import http.client
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from io import BytesIO
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlencode

import brotli

ADDRESS = "about-you"
URL_ENCODED = "application/x-www-form-urlencoded"

ANSWERS: Mapping[str, tuple[str, ...]] = {
    "equality_consent": ("yes",),
    "age_band": ("35_44",),
    "long_term_condition": ("yes",),
    "activity_limitation": ("yes_a_little",),
    "impairment": ("mobility", "stamina"),
    "ethnic_group": ("asian",),
    "ethnic_detail": ("asian_pakistani",),
    "marital_status": ("married",),
    "religion": ("muslim",),
    "sex": ("female",),
    "gender_same": ("yes",),
    "sexual_orientation": ("heterosexual",),
    "pregnancy_maternity": ("no",),
    "carer": ("no",),
    "main_language": ("urd",),
    "english_proficiency": ("well",),
}
"""A long way through the form, without words of one's own."""

WITH_WORDS: Mapping[str, tuple[str, ...]] = {
    **ANSWERS,
    "ethnic_detail": ("asian_other",),
    "ethnic_words": ("Kashmiri, from Mirpur",),
}
"""The same with one page of personal words, which the portal seals for good."""


class Page(NamedTuple):
    """What came back."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "")


def plain(page: Page) -> bytes:
    """The body, unpacked if it came packed."""
    how = page.header("content-encoding")
    if how == "gzip":
        return gzip.decompress(page.body)
    return brotli.decompress(page.body) if how == "br" else page.body


class Way(Protocol):
    """How requests reach an app."""

    def request(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Page: ...


class OverHttp:
    """One connection that is kept open, as a browser does."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def request(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Page:
        # as a browser does; the server's work of packing its pages is part of what is measured
        self.connection.request(method, path, body or None, {**headers, "Accept-Encoding": "gzip, br"})
        response = self.connection.getresponse()
        return Page(response.status, response.getheaders(), response.read())

    def close(self) -> None:
        self.connection.close()


class InProcess:
    """A WSGI app called as gunicorn calls it, without a server."""

    def __init__(self, app: Callable[..., Any]) -> None:
        self.app = app

    def request(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Page:
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "QUERY_STRING": "",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "127.0.0.1",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(body),
            "wsgi.errors": BytesIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }
        for name, value in headers.items():
            key = name.upper().replace("-", "_")
            environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
        begun: list[Any] = []
        parts = self.app(environ, lambda status, found, info=None: begun.extend((status, found)))
        content = b"".join(parts)
        if hasattr(parts, "close"):
            parts.close()
        return Page(int(begun[0].split()[0]), begun[1], content)


TAG = re.compile(r"<(form|a|button|input|textarea)\b([^>]*)>")
ATTRIBUTE = re.compile(r'([a-z-]+)(?:="([^"]*)")?')


class Offered:
    """What the main part of a page lets one do: its form with the fields, and the links."""

    def __init__(self, page: Page) -> None:
        self.action = ""
        self.hidden: list[tuple[str, str]] = []
        self.controls: dict[str, list[tuple[str, str]]] = {}
        """Name -> (type, value) of its fields, in order."""
        self.buttons: list[tuple[str, str]] = []
        """(name, value) of each button that can be seen, in order."""
        self.links: list[str] = []
        html = plain(page).decode()
        for found in TAG.finditer(html, html.index("<main"), html.index("</main>")):
            given = {name: unescape(value) for name, value in ATTRIBUTE.findall(found[2])}
            self._take(found[1], given)

    def _take(self, tag: str, given: dict[str, str]) -> None:
        if tag == "form":
            self.action = given["action"]
        elif tag == "a":
            self.links.append(given.get("href", ""))
        elif tag == "button" and "aria-hidden" not in given:
            self.buttons.append((given.get("name", ""), given.get("value", "")))
        elif given.get("type") == "hidden":
            self.hidden.append((given["name"], given.get("value", "")))
        elif tag in ("input", "textarea"):
            kind = given.get("type", "text")
            self.controls.setdefault(given["name"], []).append((kind, given.get("value", "")))


class Lost(AssertionError):
    """A page was not what the way through the form expects."""


@dataclass
class Person:
    """Somebody with a browser of their own."""

    way: Way
    language: str = "en"
    answers: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: ANSWERS)
    cookies: dict[str, str] = field(default_factory=dict)
    requests: int = 0

    def journey(self) -> Iterator[tuple[str, Page]]:
        """From the start page to the page that says it is sent: every page on the way, with its name."""
        home = f"/{self.language}/"
        page = self.get(home)
        yield "home", page
        offered = Offered(page)
        start = f"/{self.language}/{ADDRESS}"
        if start not in offered.links:
            raise Lost(f"{home} does not lead to {start}")
        path = start
        for _step in range(100):
            page = self.get(path)
            yield name_of(path), page
            if path.endswith("/sent"):
                return
            path = self.go_on(page, path)
        raise Lost("the form does not end")

    def walk(self) -> int:
        """The whole journey; returns the number of requests it took."""
        for _page in self.journey():
            pass
        return self.requests

    def go_on(self, page: Page, path: str) -> str:
        """Fill in what this page asks and press its button; returns where that leads."""
        offered = Offered(page)
        fields = list(offered.hidden)
        for name, controls in offered.controls.items():
            fields += [(name, value) for value in self._answer(name, controls)]
        chosen = next(
            (button for button in offered.buttons if button[1] in ("next", "send")), offered.buttons[0]
        )
        if chosen[0]:
            fields.append(chosen)
        found = self.send("POST", offered.action, urlencode(fields).encode())
        if found.status != 303:
            raise Lost(f"POST {offered.action} gives {found.status}")
        return re.sub(r"^https?://[^/]+", "", found.header("location"))

    def _answer(self, name: str, controls: list[tuple[str, str]]) -> tuple[str, ...]:
        try:
            wanted = self.answers[name]
        except KeyError:
            raise Lost(f"tests/bench/journey.py has no answer to {name}") from None
        offered = {value for kind, value in controls if kind != "text"}
        if offered and not offered.issuperset(wanted):
            raise Lost(f"{name} does not offer {wanted}")
        return wanted

    def get(self, path: str) -> Page:
        page = self.send("GET", path)
        if page.status != 200:
            raise Lost(f"GET {path} gives {page.status}")
        return page

    def send(self, method: str, path: str, body: bytes = b"", kind: str = URL_ENCODED) -> Page:
        headers = {}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if method == "POST":
            headers["Content-Type"] = kind
        page = self.way.request(method, path, headers, body)
        self.requests += 1
        for key, value in page.headers:
            if key.lower() == "set-cookie":
                self._keep(value)
        return page

    def _keep(self, line: str) -> None:
        first, *attributes = line.split(";")
        name, _, value = first.partition("=")
        if value.strip('"') and not any("max-age=0" in one.lower() for one in attributes):
            self.cookies[name.strip()] = value
        else:
            self.cookies.pop(name.strip(), None)


def name_of(path: str) -> str:
    """start, question 1, check or sent."""
    last = path.rsplit("/", 1)[-1]
    return "start" if last == ADDRESS else f"question {last}" if last.isdigit() else last
