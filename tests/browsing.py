"""A portal on the air, the machine's own Chromium, and somebody who watches what the browser complains of."""

from __future__ import annotations

import fcntl
import os
import pickle
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, Request, Response
from werkzeug.serving import WSGIRequestHandler, make_server

from portal import create_app
from portal.database import Database
from portal.forms import FORMS
from portal.languages import LANGUAGES
from portal.questions import Form, Group, Line, Message, Option, Question, Register, Worded
from portal.sealing import KeyRing
from portal.settings import Office, Settings
from tests import gallery, lists, machine, pseudo
from tests.everything import EVERYTHING
from tests.gallery import Seen
from tests.private import WHISPER

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SPOKEN = tuple(LANGUAGES)
"""The languages that people are offered; the pseudo-language joins LANGUAGES when the tests begin."""
PHONE, DESK = {"width": 320, "height": 640}, {"width": 1280, "height": 800}
STORED = "/seen/"


def with_few(form: Form, most: int = 9) -> Form:
    """The form with the longest names only of its long lists: a page of sixty languages is as one of nine."""
    short = {
        name: members[:1] + tuple(sorted(members[1:], key=lambda one: -len(one.text.english))[: most - 1])
        for name, members in form.registers.items()
    }
    return replace(form, registers=short) if form.lists else form


SHOWN = tuple(with_few(form) for form in FORMS)
"""The forms as pages are looked at one by one."""


@dataclass
class OnAir:
    """A portal that answers on a port of this machine, and all that it has to show."""

    settings: Settings
    database: Database
    ring: KeyRing
    shared: Path
    """A folder of all test processes: what one has seen, the others need not walk to."""
    app: Flask = field(init=False)
    shown: dict[str, Seen] = field(default_factory=dict)
    walked: dict[Path, list[Seen]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.app = self.portal()

    @property
    def address(self) -> str:
        return self.settings.address

    def portal(self, forms: tuple[Form, ...] = FORMS, **changes: Any) -> Flask:
        """A portal on the same database."""
        variants = gallery.everything_asked(forms)
        return create_app(
            replace(self.settings, variants=variants, **changes), self.database, self.ring, forms
        )

    def pages(self, language: str) -> list[Seen]:
        """Every page in a language; also as a demonstration, and in a landlord's own colour."""
        return self._walk(language, SHOWN)

    def kinds(self, language: str) -> list[Seen]:
        """One page of each make in a language; with those of a form that asks all that a form can."""
        everything = bracketed(EVERYTHING) if language == pseudo.CODE else EVERYTHING
        rest = (*self._walk(language, (everything,)), *self.private(language))
        return gallery.kinds([*self._walk(language, SHOWN), *rest])

    def private(self, language: str) -> list[Seen]:
        """Every page of a form that is unsafe to be seen with, and those around it."""
        return self._walk(language, (bracketed(WHISPER) if language == pseudo.CODE else WHISPER,))

    def _walk(self, language: str, forms: tuple[Form, ...]) -> list[Seen]:
        place = self.shared / f"{language}-{forms[0].key}.pickle"
        if place in self.walked:
            return self.walked[place]
        with place.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            if words := file.read():
                self.walked[place] = pickle.loads(words)
            else:
                first = (language, *(code for code in self.settings.languages if code != language))
                found = gallery.pages(self.portal(forms, languages=first), language)
                if forms is SHOWN:
                    another = self.portal(languages=first, demo=True, brand="#5a2a82")
                    found += gallery.front(another, language)
                self.walked[place] = found
                pickle.dump(found, file)
        return self.walked[place]

    def url(self, seen: Seen) -> str:
        """Where the page can be had once more, byte by byte, with its status and headers."""
        path = f"{STORED}{abs(hash((seen.name, seen.language, seen.html)))}"
        self.shown[path] = seen
        return self.address + path

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        seen = self.shown.get(environ["PATH_INFO"])
        if seen is None:
            return self.app(environ, start_response)  # type: ignore[no-any-return]
        body = seen.html.encode()
        headers = [(name, value) for name, value in seen.headers if name != "Content-Length"]
        start_response(f"{seen.status} SEEN", [*headers, ("Content-Length", str(len(body)))])
        return [body]


class Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        return None


def bracketed(part: Any) -> Any:
    """A form whose words are not in the catalogue, in the pseudo-language."""
    if isinstance(part, Message):
        return replace(part, id=pseudo.bracketed(part.id)) if part.catalogue == "as written" else part
    if isinstance(part, tuple):
        return tuple(bracketed(one) for one in part)
    if isinstance(part, Mapping):
        return {key: bracketed(one) for key, one in part.items()}
    if isinstance(part, Form | Group | Question | Option | Register | Worded | Line):
        return replace(
            part, **{one.name: bracketed(getattr(part, one.name)) for one in fields(part) if one.init}
        )
    return part


@pytest.fixture(scope="session")
def on_air(
    pseudo_language: None, migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OnAir]:
    """One portal a test process, in all languages, with every question and all that a landlord may set."""
    folder = tmp_path_factory.mktemp("on-air")
    shutil.copy(migrated_sqlite, folder / "portal.sqlite")
    server = make_server("127.0.0.1", 0, lambda *call: portal(*call), threaded=True, request_handler=Quiet)
    settings = Settings(
        data=folder,
        address=f"http://127.0.0.1:{server.port}",
        languages=(*SPOKEN, pseudo.CODE),
        return_to=(gallery.RETURN_TO,),
        sms="07700 900 123",
        email="help@example.org",
        bsl="https://bsl.example/call",
        offices=(Office(name="Market Hall", address="1 High St, AB1 2CD", hours="Mon–Fri 9–5"),),
    )
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    portal = OnAir(settings, Database(settings.database_url, pool=4), KeyRing.new(), shared)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield portal
    server.shutdown()
    thread.join()
    server.server_close()
    portal.database.close()


@pytest.fixture
def with_a_list(on_air: OnAir) -> Iterator[OnAir]:
    """The same portal with a form that names lists, beside its own."""
    before = on_air.app
    on_air.app = on_air.portal((*FORMS, lists.FORM))
    yield on_air
    on_air.app = before


@pytest.fixture(scope="session")
def weather() -> Iterator[str]:
    """Another site, where the way out leads."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/html")])
        return [b"<!DOCTYPE html><html lang=en><title>Weather</title><h1>Sunny</h1>"]

    server = make_server("127.0.0.1", 0, answer, threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The machine's own Chromium, which fetches nothing by itself."""
    return {**browser_type_launch_args, "executable_path": machine.chromium(), "args": list(QUIET)}


@dataclass
class Watch:
    """What must not happen while somebody browses: errors, refusals by our policy, calls to other hosts."""

    address: str
    elsewhere: str
    """Where somebody may go who leaves."""
    complaints: list[str] = field(default_factory=list)

    def on(self, page: Page) -> None:
        page.on("console", self.console)
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("request", self.request)

    def console(self, message: ConsoleMessage) -> None:
        ours = (
            message.text.startswith("Failed to load resource") and message.location["url"] == message.page.url
        )
        if message.type in ("error", "warning") and not ours:  # a page of ours may well be a 404
            self.complaints.append(f"{message.type} on {message.location}: {message.text}")

    def request(self, request: Request) -> None:
        if not request.url.startswith((self.address + "/", self.elsewhere + "/")):
            self.complaints.append(f"a request to {request.url}")


VIOLATIONS = """
addEventListener("securitypolicyviolation", event => console.error("refused: " + event.violatedDirective))
"""


@contextmanager
def window(
    browser: Browser,
    on_air: OnAir,
    script: bool = True,
    viewport: dict[str, int] = PHONE,
    elsewhere: str = "",
    **options: Any,
) -> Iterator[Page]:
    """A fresh browser window in which nothing may be complained of."""
    context: BrowserContext = browser.new_context(
        base_url=on_air.address, java_script_enabled=script, viewport=viewport, **options
    )
    context.set_default_timeout(15_000)
    context.add_init_script(VIOLATIONS)
    watch = Watch(on_air.address, elsewhere or on_air.address)
    context.on("page", watch.on)
    yield context.new_page()
    context.close()
    assert not watch.complaints, watch.complaints


def go_back(page: Page) -> Response | None:
    """Page.go_back(), also in the moment in which the browser puts one page in the place of another."""
    for _time in range(5):
        try:
            return page.go_back()
        except Error as error:
            if "Not attached to an active page" not in error.message:
                raise
            page.wait_for_load_state()
    raise AssertionError("the page does not come to rest")


class Loader:
    """Loads pages with and without script in one window, and can always look at what came."""

    def __init__(self, page: Page, on_air: OnAir) -> None:
        self.page = page
        self.on_air = on_air
        self.devtools = page.context.new_cdp_session(page)

    def load(self, seen: Seen, script: bool = True) -> Page:
        """The page. Without script it is parsed and shown so; only then may our tests look into it."""
        self.devtools.send("Emulation.setScriptExecutionDisabled", {"value": not script})
        self.page.goto(self.on_air.url(seen))
        self.devtools.send("Emulation.setScriptExecutionDisabled", {"value": False})
        return self.page


AXE = Axe()
RULES = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}


def axe_violations(page: Page) -> list[str]:
    """What axe finds wrong with the page as it is now."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE.axe_script)
    found = page.evaluate("rules => axe.run(rules).then(results => results.violations)", RULES)
    return [
        f"{one['id']} ({one['impact']}): {one['help']}: {node['html'][:200]}: {node['failureSummary'][:300]}"
        for one in found
        for node in one["nodes"]
    ]
