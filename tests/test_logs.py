"""Logs: one JSON object a line about the code, and never a word about a person or what was asked for."""

from __future__ import annotations

import http.client
import io
import json
import logging
import os
import re
import runpy
import zlib
from base64 import urlsafe_b64encode
from http.cookies import SimpleCookie
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.database import sqlite_module
from portal.equality.invitations import MARK
from portal.logs import ALLOWED, Line
from portal.pages import HEADERS
from portal.sealing import KeyRing
from portal.settings import load
from portal.starting import set_up
from tests.running import PATIENCE, Serving, forked, serving
from tests.visitor import Visitor

FIELDS = {"at", "level", "event", *ALLOWED}
ROOT = Path(__file__).parent.parent
CANARY = "canary"


def only_json(logged: str) -> list[dict[str, Any]]:
    """The lines of a log, each of which must be one object with known fields."""
    lines = [json.loads(line) for line in logged.splitlines()]
    for line in lines:
        assert isinstance(line, dict) and set(line) <= FIELDS, line
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", line["at"])
    return lines


# One line


def formatted(name: str, message: str, *words: Any, **extra: Any) -> str:
    """The line that a record with these words becomes."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(Line())
    log = logging.Logger(name)
    log.addHandler(handler)
    log.error(message, *words, **extra)
    return out.getvalue()


@given(
    st.sampled_from(["gunicorn.error", "sqlalchemy.engine", "py.warnings", "", "portalx"]),
    st.text(max_size=40),
)
def test_of_other_programs_words_only_the_source_is_kept(name: str, words: str) -> None:
    line = formatted(name, f"{CANARY}{words}", extra={"kind": CANARY})
    assert line.count("\n") == 1 and CANARY not in line
    assert only_json(line)[0]["event"] == f"message from {name}"


@given(st.text(max_size=40))
def test_our_own_line_is_one_line_whatever_is_in_it(words: str) -> None:
    line = formatted("portal", "error", extra={"kind": words, "secret": CANARY})
    assert line.count("\n") == 1 and CANARY not in line
    assert only_json(line) == [
        {"at": json.loads(line)["at"], "level": "error", "event": "error", "kind": words}
    ]


def test_an_exception_is_not_quoted() -> None:
    try:
        raise ValueError(CANARY)
    except ValueError:
        for name in ("portal", "portal.intake", "flask"):
            line = formatted(name, "Exception on %s [%s]", f"/{CANARY}", "GET", exc_info=True)
            assert CANARY not in line and line.count("\n") == 1
            only_json(line)


# A whole portal


class Wire:
    """A browser on a real connection, for Visitor to hold."""

    def __init__(self, running: Serving, **headers: str) -> None:
        self.running = running
        self.headers = headers
        self.cookies: dict[str, str] = {}

    def test_client(self) -> Wire:
        return self

    def get(self, path: str, **_unused: Any) -> Any:
        return self.ask("GET", path)

    def post(self, path: str, data: Any, **_unused: Any) -> Any:
        return self.ask("POST", path, urlencode(data, doseq=True))

    def ask(self, method: str, path: str, body: str | None = None, **headers: str) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.running.port, timeout=PATIENCE)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
        sent = {"Connection": "close", "Cookie": cookies, **kind, **self.headers, **headers}
        try:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        for line in answer.headers.get_all("Set-Cookie") or []:
            for name, cookie in SimpleCookie(line).items():
                self.cookies[name] = cookie.value
        return SimpleNamespace(
            status_code=answer.status,
            headers=answer.headers,
            text=text,
            mimetype=answer.headers.get_content_type(),
        )


def journey(visitor: Visitor) -> str:
    """A person who writes a canary wherever words can be written; gives the receipt code."""
    visitor.open("/en/about-you")
    visitor.send(visitor.soup.select_one("main form button"))  # type: ignore[arg-type]
    for _page in range(40):
        if visitor.path.endswith("/check"):
            break
        options = visitor.soup.select("input[type=radio], input[type=checkbox]")
        leading = [option for option in options if re.match("other|yes|asian", str(option["value"]))]
        if options:
            (leading or options)[-1]["checked"] = ""
        for text in visitor.soup.select("input[type=text]"):
            text["value"] = f"{CANARY} words"
        visitor.send(visitor.soup.select("main button")[0])
    assert f"{CANARY} words" in visitor.text
    visitor.send(visitor.soup.select_one("main button[value=send]"))  # type: ignore[arg-type]
    code = visitor.soup.select_one(".p-receipt__code")
    assert code is not None
    return "".join(code.get_text().split())


def told(visitor: Visitor) -> str:
    """Somebody who tells of a problem, with a canary in all words that can be written; gives the code."""
    visitor.open("/en/tell-us").press("Start").link("Continue")
    visitor.choose("Yes, only I use it").press("Continue")
    for _page in range(100):
        if visitor.path.endswith("/check"):
            break
        for option in visitor.soup.select("input[type=radio], input[type=checkbox]")[:1]:
            option["checked"] = ""
        write(visitor, f"{CANARY} words")
        press(visitor, "next")
        if visitor.status == 422:
            press(visitor, "skip")
    assert f"{CANARY} words" in visitor.text
    press(visitor, "send")
    code = visitor.soup.select_one(".p-receipt__code")
    assert code is not None
    return "".join(code.get_text().split())


def write(visitor: Visitor, text: str) -> None:
    for field in visitor.soup.select("main input[type=text]"):
        field["value"] = text
    for area in visitor.soup.select("main textarea"):
        area.string = text


def press(visitor: Visitor, wish: str) -> None:
    """The button that is seen."""
    visitor.send(visitor.soup.select(f"main button[value={wish}]:not(.p-default)")[-1])


def unreadable_invitation(data: Path) -> str:
    """A link that this portal has signed but cannot have written: its day is no day. Nobody foresaw it."""
    content = json.dumps(["repairs", "event-0001", "en", f"{CANARY}-day", ""])
    packed = zlib.compress(content.encode(), 9)
    ring = KeyRing.load(data / "keys.json")
    signed = packed + ring.digest("invitation", b"link", packed)[:MARK]
    return "/en/about-you/with/" + urlsafe_b64encode(signed).decode().rstrip("=")


MALFORMED = [
    b"CANARY canary\r\n\r\n",
    b"GET /canary HTTP/9.9\r\n\r\n",
    b"GET /canary HTTP/1.1\r\nHost: 127.0.0.1\r\nbad canary header\r\n\r\n",
    b"GET /canary HTTP/1.1\r\nHost: 127.0.0.1\r\nX: \x00canary\r\n\r\n",
    b"GET /canary" + b"a" * 5000 + b" HTTP/1.1\r\n\r\n",
    b"GET /canary HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"canary" * 3000 + b"\r\n\r\n",
    b"POST /canary HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: canary\r\n\r\n",
    b"POST /canary HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: canary\r\n\r\n",
    b"POST /canary HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 50\r\n\r\ncanary",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\x16\x03\x01canary",
    b'GET /canary\x1b[31m%0d%0a{"event":"canary"} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
    b"GET http://canary.example/canary HTTP/1.1\r\nHost: canary.example\r\n\r\n",
]


def misuse(wire: Wire) -> set[int]:
    """Requests that a person, a scanner or an attacker makes; gives the answers' status codes."""
    bad = f"/{CANARY}"
    found = [
        wire.ask("GET", bad),
        wire.ask("GET", f"/en/about-you/at{bad}?name={CANARY}"),
        wire.ask("GET", f"/en/about-you/with{bad}"),
        wire.ask("GET", f"/handover/with{bad}"),
        wire.ask("GET", f"/staff/cases{bad}/call?show={CANARY}"),
        wire.ask("POST", "/en/tell-us/3", f"narrative={CANARY}"),
        wire.ask("POST", "/en/reply/told", f"words={CANARY}"),
        wire.ask("GET", f"/%00{CANARY}%0d%0a%ff"),
        wire.ask("GET", "/en/", Host=f"{CANARY}.example"),
        wire.ask("GET", "/en/", **{"X-Forwarded-For": CANARY, "Referer": f"https://{CANARY}.example/"}),
        wire.ask("POST", "/en/about-you/1", f"equality_consent={CANARY}"),
        wire.ask("POST", "/en/about-you/2", CANARY * 50_000),
        wire.ask(
            "POST",
            "/en/reply",
            f"code={CANARY}",
            **{"Content-Type": f"multipart/form-data; boundary={CANARY}"},
        ),
        wire.ask("DELETE", "/en/about-you/1"),
        wire.ask(CANARY.upper(), "/en/"),
        wire.ask("GET", "/en/", Cookie=f"session={CANARY}; draft-about-you={CANARY}; sent={CANARY}"),
    ]
    return {answer.status_code for answer in found}


def strict_and_quoting_nothing(answer: bytes) -> None:
    """What gunicorn would answer itself has our headers too, and no word of the request."""
    assert CANARY.encode() not in answer
    for name, value in HEADERS.items():
        assert f"\r\n{name}: {value}\r\n".encode() in answer or not answer


def test_a_portal_in_use_and_misuse_logs_nothing_of_a_person(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "portal.toml").write_text(
        'workers = 1\n[[collections]]\ncode = "repairs"\nname = "Repairs canary"'
    )
    with serving(data) as running:
        agent = f"Mozilla/5.0 ({CANARY})"
        host = f"127.0.0.1:{running.port}"
        wire = Wire(running, **{"User-Agent": agent, "Host": host})
        visitor = Visitor(wire)  # type: ignore[arg-type]
        code = journey(visitor)
        assert len(code) == 20
        for guess in (code, "1" * 20, f"{CANARY} 12"):
            visitor.open("/en/reply")
            visitor.soup.select("input[type=text]")[0]["value"] = guess
            visitor.send(visitor.soup.select("main form button")[-1])
        visitor.open("/en/about-you/at/repairs")
        private = told(visitor)
        visitor.open("/en/reply")
        write(visitor, private)
        visitor.send(visitor.soup.select("main form button")[-1])
        write(visitor, f"{CANARY} words, and more")
        press(visitor, "write")
        assert visitor.path == "/en/reply/told" and "You wrote to us" in visitor.text
        assert only_json(running.logged) == []  # all of this is no news

        assert misuse(wire) >= {200, 400, 404, 405, 413}
        for request in MALFORMED:
            try:
                answer = running.send_bytes(request)
            except (ConnectionError, TimeoutError):
                continue
            strict_and_quoting_nothing(answer)
        assert wire.ask("GET", unreadable_invitation(data)).status_code == 500
        broken = sqlite_module().connect(data / "portal.sqlite")
        broken.execute("ALTER TABLE draft RENAME TO elsewhere")
        broken.close()
        visitor.open("/en/about-you")
        away = visitor.send(visitor.soup.select_one("main form button"))  # type: ignore[arg-type]
        assert away.status == 503
        assert running.stop() == 0

    lines = only_json(running.logged)
    ours = [line for line in lines if line["event"] in ("error", "unavailable")]
    assert [(line["event"], line["kind"], line["endpoint"]) for line in ours] == [
        ("error", "ValueError", "equality.swap"),
        ("unavailable", "OperationalError", "journey.start_now"),
    ]
    assert any(place.startswith("invitations.py:") for place in ours[0]["places"])
    known = (
        "error",
        "unavailable",
        "job failed",
    )  # the last one when an hour has just ended: no draft to tidy
    others = [line for line in lines if line["event"] not in known]
    assert {line["event"] for line in others} == {"malformed request", "message from flask_wtf.csrf"}
    assert "InvalidHeader" in {line.get("kind") for line in others}
    for secret in (
        CANARY,
        CANARY.upper(),
        *(code, code[:8], private, private[:8]),
        "127.0.0.1",
        "Mozilla",
        "/en/",
        "about-you",
        "SELECT",
    ):
        assert secret not in running.logged, secret
    for word in (code, private, "Traceback", "words"):
        assert word not in running.said
    kept = b"".join(
        file.read_bytes() for file in data.iterdir() if file.is_file() and file.name != "portal.toml"
    )
    for secret in (f"{CANARY} words", code, private):
        assert secret.encode() not in kept, secret


def test_another_server_of_the_application_logs_in_the_same_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_DATA", str(tmp_path))
    set_up(load(os.environ), lambda copy: None)

    def serve_otherwise() -> None:
        app = runpy.run_path(str(ROOT / "wsgi.py"))["app"]
        assert app.test_client().get("/healthz").status_code == 200
        [handler] = logging.getLogger().handlers
        assert isinstance(handler.formatter, Line)

    assert forked(serve_otherwise) == [0]
