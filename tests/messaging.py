"""What tests of messages stand on: templates, rules, and the providers played by servers on this machine."""

from __future__ import annotations

import json
import socketserver
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from portal import clock, contact, messages
from portal.contact import Method, Permit, Rule
from portal.database import Database
from portal.languages import LANGUAGES
from portal.questions.messages import Message
from portal.sealing import KeyRing
from portal.settings import Settings
from portal.wording import Template, Wording, help_line, said, segments

NOON = 1_772_539_200
"""Tuesday 3 March 2026, 12:00 in London, in seconds since 1970."""
HOUR = 3600
FAR = 4_000_000_000
NUMBER, EMAIL, NAME = "07700 900123", "amina@example.org", "Amina Canary"
ADDRESS = "1 Canary Street\nHilltown\nHT1 1AA"

REMINDER = Template(
    event="example reminder",
    sms=Message("%(organisation)s: we see you on %(when)s."),
    email_subject=Message("%(organisation)s: see you soon"),
    email=Message("Dear %(name)s, we see you on %(when)s. Call %(phone)s if you cannot come."),
    letter=Message("Dear %(name)s, we see you on %(when)s."),
    discreet=Wording(sms=Message("See you on %(when)s.")),
)
"""A neutral example, with discreet words for text messages only."""
NEWS = Template(event="example news", sms=Message("%(organisation)s has news for you."))
"""A neutral example without discreet words."""
VALUES: dict[str, Any] = {"name": NAME, "when": "Tuesday 3 March, 14:00"}


def rule(owner: str = "request 7K3PX92CM", **changes: Any) -> Rule:
    """A rule that allows everything, changed."""
    known: dict[str, Any] = {"name": NAME, "phone": NUMBER, "email": EMAIL, "address": ADDRESS}
    ways = (Method.SMS, Method.EMAIL, Method.LETTER, Method.CALL)
    return Rule(owner=owner, **{**known, "methods": ways, "until": FAR, **changes})


def keep(database: Database, ring: KeyRing, one: Rule) -> Rule:
    with database.write() as connection:
        contact.keep_rule(connection, ring, one)
    return one


def leave(database: Database, ring: KeyRing, owner: str, method: Method, when: int | None = None) -> Permit:
    """A permit that must be given."""
    with database.read() as connection:
        found = contact.permit_from(
            connection, ring, owner, method, clock.seconds() if when is None else when
        )
    assert isinstance(found, Permit), found
    return found


def write(
    database: Database,
    ring: KeyRing,
    settings: Settings,
    permit: Permit,
    template: Template = REMINDER,
    same: str = "1",
    **when: int,
) -> str:
    with database.write() as connection:
        return messages.write(connection, ring, settings, permit, template, VALUES, same, **when)


def longest_sms(template: Template, settings: Settings, values: dict[str, Any]) -> int:
    """The parts of a template's text message in its longest language, translated or in English with help."""
    given = {**values, "organisation": settings.organisation, "phone": settings.phone}
    found = [1]
    for wording in filter(None, (template, template.discreet)):
        for code in LANGUAGES if wording.sms else ():
            found.append(segments(said(wording.sms, given, code)))
            if code != "en" and wording is template:
                helped = said(wording.sms, given, "en") + help_line(settings, Method.SMS, code)
                found.append(segments(helped))
    return max(found)


def row(database: Database, reference: str) -> Any:
    with database.read() as connection:
        return connection.execute(messages.FIND, {"of": reference}).one()


# GOV.UK Notify


KEY = f"test-{uuid.UUID(int=1)}-{uuid.UUID(int=2)}"
TEMPLATES = {"sms": str(uuid.UUID(int=3)), "email": str(uuid.UUID(int=4)), "letter": str(uuid.UUID(int=5))}
Behaviour = Callable[[int], str]
"""Of the number of a message that is posted: ok, cut (taken, but no answer), drop, 400, 403 or 500."""


class FakeNotify:
    """The part of GOV.UK Notify's interface that the portal uses."""

    def __init__(self, behaves: Behaviour = lambda number: "ok") -> None:
        self.behaves = behaves
        self.down = False
        """Whether it answers nothing but 503."""
        self.taken: list[dict[str, Any]] = []
        """Every message that it has taken: the request's words, with id and kind."""
        self.fates: dict[str, str] = {}
        """By id, its word for what became of a message."""
        self.cut: list[str] = []
        """References of messages that were taken without an answer."""
        self.posted = self.asked = 0
        self.under_way = 0
        self._lock = threading.Lock()

    @property
    def doubles(self) -> list[str]:
        counted = Counter(one["reference"] for one in self.taken)
        return [reference for reference, number in counted.items() if number > 1]

    def settings(self) -> dict[str, Any]:
        ways = {"send_sms": "notify", "send_email": "notify", "send_letters": "notify"}
        place = {"notify_key": KEY, "notify_address": self.address, "notify_templates": TEMPLATES}
        return {**ways, **place}

    @contextmanager
    def serving(self) -> Iterator[FakeNotify]:
        ours = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                ours.take(self)

            def do_GET(self) -> None:
                ours.tell(self)

            def log_message(self, format: str, *args: Any) -> None: ...

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                """A client that was killed is no news."""

        with Server(("127.0.0.1", 0), Handler) as server:
            self.address = f"http://127.0.0.1:{server.server_address[1]}"
            thread = threading.Thread(target=server.serve_forever, args=(0.05,))
            thread.start()
            try:
                yield self
            finally:
                server.shutdown()
                thread.join()

    def take(self, request: BaseHTTPRequestHandler) -> None:
        words = json.loads(request.rfile.read(int(request.headers["Content-Length"])))
        with self._lock:
            self.posted += 1
            self.under_way += 1
            how = "503" if self.down else self.behaves(self.posted)
            given = str(uuid.uuid4())
            if how in ("ok", "cut"):
                self.taken.append({**words, "id": given, "kind": request.path.rpartition("/")[2]})
            if how == "cut":
                self.cut.append(words["reference"])
        try:
            if how in ("cut", "drop"):
                request.close_connection = True
            elif how == "ok":
                answer(request, 201, {"id": given, "reference": words["reference"]})
            else:
                problem = {"error": "BadRequestError", "message": "not taken"}
                answer(request, int(how), {"status_code": int(how), "errors": [problem]})
        finally:
            with self._lock:
                self.under_way -= 1

    def tell(self, request: BaseHTTPRequestHandler) -> None:
        self.asked += 1
        if self.down:
            answer(request, 503, {"errors": []})
            return
        place = urlsplit(request.path)
        wanted = parse_qs(place.query).get("reference", [""])[0]
        found = [self._shown(one) for one in self.taken if one["reference"] == wanted]
        if place.path == "/v2/notifications":
            answer(request, 200, {"notifications": found, "links": {"current": "", "next": ""}})
            return
        by_id = [self._shown(one) for one in self.taken if place.path.endswith(one["id"])]
        answer(request, 200 if by_id else 404, by_id[0] if by_id else {"errors": []})

    def _shown(self, one: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": one["id"],
            "reference": one["reference"],
            "status": self.fates.get(one["id"], "sending"),
        }


def answer(request: BaseHTTPRequestHandler, status: int, words: dict[str, Any]) -> None:
    body = json.dumps(words).encode()
    request.send_response(status)
    request.send_header("Content-Type", "application/json")
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)


# A mail server


class FakeMailServer:
    """A mail server that takes everything, but for what it is told to refuse or not to answer."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.refuses: dict[str, str] = {}
        """The beginning of a command -> the answer it gets."""
        self.cuts = 0
        """How many emails to take without saying so."""

    def settings(self) -> dict[str, Any]:
        place = {"smtp_host": "127.0.0.1", "smtp_port": self.port, "smtp_tls": "none"}
        return {"send_email": "smtp", "email_from": "portal@hill.example.org", **place}

    @contextmanager
    def serving(self) -> Iterator[FakeMailServer]:
        ours = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                ours.talk(self.rfile, self.wfile)

        with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
            self.port = server.server_address[1]
            thread = threading.Thread(target=server.serve_forever, args=(0.05,))
            thread.start()
            try:
                yield self
            finally:
                server.shutdown()
                thread.join()

    def talk(self, heard: Any, said: Any) -> None:
        said.write(b"220 here\r\n")
        while line := heard.readline():
            command = line.decode().strip().upper()
            refusal = next((words for start, words in self.refuses.items() if command.startswith(start)), "")
            if refusal:
                said.write(f"{refusal}\r\n".encode())
            elif command == "DATA":
                said.write(b"354 go on\r\n")
                lines = []
                while (words := heard.readline()) not in (b".\r\n", b""):
                    lines.append(words.decode())
                self.taken.append("".join(lines))
                if self.cuts:
                    self.cuts -= 1
                    return
                said.write(b"250 taken\r\n")
            elif command == "QUIT":
                said.write(b"221 bye\r\n")
                return
            else:
                said.write(b"250 well\r\n")
