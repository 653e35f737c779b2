"""A browser as far as these runs need one: cookies, one connection, and a hand that presses again."""

from __future__ import annotations

import http.client
import re
import time
from collections import Counter
from dataclasses import dataclass
from urllib.parse import urlencode

from portal.pages import HEADERS
from tests.faults.waiting import TooLate

Fields = list[tuple[str, str]]
PATIENCE = 90.0
"""Seconds for which the same button is pressed again."""


@dataclass(frozen=True, slots=True)
class Page:
    """What came back."""

    path: str
    status: int
    text: str
    place: str = ""
    """Where it sends the browser, if it does."""

    def field(self, name: str) -> str:
        """The value of a hidden field."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.text)
        assert found, f"no {name} on {self.path} ({self.status})"
        return found[1]


class Browser:
    """One person's browser."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}
        self.given: list[tuple[str, str]] = []
        """Every cookie there ever was."""
        self.troubles: Counter[str] = Counter()
        """Answers that a person would have seen as trouble, by kind."""
        self._connection: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, fields: Fields | None = None) -> Page:
        """One request. Raises OSError or HTTPException when no answer comes."""
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = None
        if fields is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode(fields).encode()
        try:
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
            text = response.read().decode()
        except BaseException:
            self.close()
            raise
        for line in response.headers.get_all("Set-Cookie", []):
            self._keep(line)
        page = Page(path, response.status, text, response.headers.get("Location", ""))
        if response.headers.get("Connection") == "close":
            self.close()
        if response.status >= 500:
            self.troubles[str(response.status)] += 1
        if response.status != 303 and not ours(page.text, dict(response.headers)):
            self.troubles["page not ours"] += 1
        return page

    def insist(self, method: str, path: str, fields: Fields | None = None) -> Page:
        """Press until an answer comes that is not trouble, then go where it leads."""
        ends = time.monotonic() + PATIENCE
        while True:
            try:
                page = self.ask(method, path, fields)
            except (OSError, http.client.HTTPException):
                self.troubles["no answer"] += 1
            else:
                if page.status == 303:
                    method, path, fields = "GET", page.place, None
                    continue
                if page.status < 500:
                    return page
            if time.monotonic() > ends:
                raise TooLate(f"no answer to {method} {path}")
            time.sleep(0.02)  # a person is slower

    def _keep(self, line: str) -> None:
        name, _, rest = line.partition("=")
        value = rest.partition(";")[0]
        if "max-age=0" in rest.lower():
            self.cookies.pop(name, None)
        else:
            self.cookies[name] = value
            self.given.append((name, value))

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def ours(text: str, headers: dict[str, str]) -> bool:
    """Whether this is one of our pages: its language, its direction, our headers."""
    strict = all(headers.get(name) == value for name, value in HEADERS.items())
    return strict and bool(re.search(r'<html lang="[\w-]+" dir="(ltr|rtl)"', text))
