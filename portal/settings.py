"""Every setting, typed and checked: from portal.toml in the data folder, and from the environment.

A value that would be unsafe in use is refused at the start, in plain words.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any, get_args, get_type_hints
from urllib.parse import urlsplit

from sqlalchemy import URL, make_url

from portal import checking, clock
from portal.checking import LOOPBACK, WEEKDAYS, SettingsError
from portal.database import sqlite_file
from portal.languages import LANGUAGES

SECRETS = ("notify_key", "smtp_password", "phone_interpreter_code")
"""Settings that the environment may give instead of the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A place where people can come in and ask for help."""

    name: str
    address: str = ""
    hours: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionEntry:
    """A place where we ask, as portal.toml lists it."""

    code: str
    name: str
    kind: str = "service"
    team: str = ""
    outlet: str = ""
    provider: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How one landlord runs the portal."""

    data: Path
    """The folder that holds the database, the keys and portal.toml."""
    organisation: str = "Example Housing"
    phone: str = "01632 960 123"
    """Where a person can ask for help in their own language. 01632 960 is for fiction (Ofcom)."""
    out_of_hours_phone: str = ""
    """Where people in trouble can call when the offices are closed."""
    sms: str = ""
    email: str = ""
    bsl: str = ""
    """Web address of a British Sign Language video relay service."""
    offices: tuple[Office, ...] = ()
    languages: tuple[str, ...] = tuple(LANGUAGES)
    """The first is the one for a person whose language is not known."""
    brand: str = "#0b5351"
    address: str = "http://127.0.0.1:8000"
    """The public web address, without a path. https in real use."""
    proxies: int = 0
    """How many proxies before us set X-Forwarded-*; only these are believed."""
    database: str = ""
    """SQLAlchemy URL; the default is a SQLite file in the data folder."""
    workers: int = 2
    threads: int = 4
    worker: bool = True
    """Whether `portal serve` also does the jobs; else let a service manager run `portal worker`."""
    variants: Mapping[str, str] = field(default_factory=dict)
    """The wording in use: question -> variant, "asked" or "off"."""
    return_to: tuple[str, ...] = ()
    """Web addresses (https://host/path) that an invitation may send people back to."""
    collections: tuple[CollectionEntry, ...] = ()
    keep_equality_years: int = 6
    """How long answers are kept, as the privacy page states it."""
    keep_case_years: int = 6
    """How long the words of a case are kept after it was finished, as the privacy page states it."""
    send_sms: str = "console"
    """How text messages go out: notify, console (only a line in the log, for trying out), or none."""
    send_email: str = "console"
    """How emails go out: smtp, notify, console or none."""
    send_letters: str = "console"
    """How letters go out: notify, console or none. What has no way to go out is a task to phone."""
    unreviewed: str = "english"
    """What people get whose language nobody has reviewed: english with its help line, a phone call, or the
    draft."""
    notify_key: str = field(default="", repr=False)
    """An API key of GOV.UK Notify. Better in PORTAL_NOTIFY_KEY than in a file."""
    notify_address: str = "https://api.notifications.service.gov.uk"
    notify_templates: Mapping[str, str] = field(default_factory=dict)
    """Ids of three templates of GOV.UK Notify: sms with ((body)), email with ((subject)) and ((body)), and
    letter with ((body))."""
    notify_discreet_sender: str = ""
    """Id of a text message sender whose name says nothing of the landlord. Without it, people who must not
    be told who we are get no text message but a call."""
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_tls: str = "starttls"
    """starttls, tls, or none, which only a mail server on this machine may have."""
    smtp_user: str = ""
    smtp_password: str = field(default="", repr=False)
    """Better in PORTAL_SMTP_PASSWORD than in a file."""
    email_from: str = ""
    """The address that emails come from."""
    discreet_email_from: str = ""
    """Another that says nothing of the landlord. Without it, people who must not be told who we are get no
    email but a call."""
    opening_hours: Mapping[str, str] = field(
        default_factory=lambda: dict.fromkeys(WEEKDAYS[:5], "09:00-17:00")
    )
    """When somebody should be there who interprets: day of the week -> from and to.
    Bank holidays and closure days are closed."""
    closure_days: tuple[str, ...] = ()
    """Days such as 2026-12-29 on which the landlord is closed besides bank holidays: no working days."""
    phone_interpreter: str = ""
    """Name of the provider of interpreters by phone whom staff call when nobody of ours is there."""
    phone_interpreter_number: str = ""
    phone_interpreter_code: str = field(default="", repr=False)
    """Our access code with them. Better in PORTAL_PHONE_INTERPRETER_CODE than in a file."""
    leave_to: str = "https://www.bbc.co.uk/weather"
    """Where somebody goes who leaves a page in a hurry: a web address that anybody may be seen with."""
    leave_to_in: Mapping[str, str] = field(default_factory=dict)
    """The same for people who read a certain language: code of the language -> web address."""
    clamd: str = ""
    """Where the virus scanner clamd listens: host:port, or the path of its socket. Without it staff decide
    of each file that people attached to a report whether they open it."""
    clocks: Mapping[str, int] = field(default_factory=dict)
    """Time limits of cases that have another length here: name of the limit -> length in its unit."""
    demo: bool = False
    """A portal full of synthetic people; every page says so."""

    def __post_init__(self) -> None:
        _check(self)

    @property
    def https(self) -> bool:
        return self.address.startswith("https://")

    @property
    def host(self) -> str:
        """The host name that requests must ask for."""
        return urlsplit(self.address).hostname or ""

    @property
    def database_url(self) -> URL:
        return make_url(self.database) if self.database else sqlite_file(self.data / "portal.sqlite")

    @property
    def opening(self) -> dict[int, tuple[int, int]]:
        """The opening hours: day of the week from 1 for Monday -> from and to, in minutes since midnight."""
        return {
            WEEKDAYS.index(day) + 1: (
                int(span[:2]) * 60 + int(span[3:5]),
                int(span[6:8]) * 60 + int(span[9:]),
            )
            for day, span in self.opening_hours.items()
        }

    @property
    def closed(self) -> frozenset[date]:
        """The closure days."""
        return frozenset(map(clock.day, self.closure_days))

    @property
    def key_file(self) -> Path:
        return self.data / "keys.json"

    @property
    def files(self) -> Path:
        """The folder of the sealed files that people attach."""
        return self.data / "files"

    @property
    def papers(self) -> Path:
        """The folder of the forms that are ready to be printed. They hold nothing of anybody."""
        return self.data / "papers"

    @property
    def audit_anchors(self) -> Path:
        """The file that says how far the audit log reached, and when."""
        return self.data / "audit-anchors"

    @property
    def erased(self) -> Path:
        """The list of what was erased, which says after a restore what must be erased again."""
        return self.data / "erased"

    def at(self, path: str) -> str:
        """The public web address of a path such as "/en/"."""
        return self.address.rstrip("/") + path

    def leave_for(self, code: str) -> str:
        """Where somebody who reads this language goes who leaves in a hurry."""
        return self.leave_to_in.get(code, self.leave_to)

    def language(self, code: str) -> bool:
        return code in self.languages


def load(environ: Mapping[str, str]) -> Settings:
    """The settings that this environment and its portal.toml give. Raises SettingsError."""
    data = Path(environ.get("PORTAL_DATA") or ".portal").absolute()
    named = environ.get("PORTAL_CONFIG")
    file = Path(named or data / "portal.toml")
    given: dict[str, Any] = {}
    if file.exists():
        try:
            given = tomllib.loads(file.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
            raise SettingsError(f"{file.name} cannot be read: {error}") from error
    elif named:
        raise SettingsError(f"PORTAL_CONFIG names {file}, which does not exist")
    if environ.get("PORTAL_ADDRESS"):
        given["address"] = environ["PORTAL_ADDRESS"]
    elif "address" not in given:
        given["address"] = f"http://127.0.0.1:{_port(environ.get('PORT') or '8000')}"
    if environ.get("PORTAL_DATABASE"):
        given["database"] = environ["PORTAL_DATABASE"]
    for name in SECRETS:
        if environ.get(f"PORTAL_{name.upper()}"):
            given[name] = environ[f"PORTAL_{name.upper()}"]
    return from_values(data, given)


def from_values(data: Path, given: Mapping[str, Any]) -> Settings:
    """Settings from the values of a portal.toml. Raises SettingsError for a name or type not known."""
    if "data" in given:
        raise SettingsError("portal.toml: the data folder is named by PORTAL_DATA, not here")
    kinds = get_type_hints(Settings)
    for name in given:
        if name not in kinds:
            raise SettingsError(f"portal.toml: there is no setting {name!r}")
    return Settings(data=data, **{name: _taken(name, kinds[name], value) for name, value in given.items()})


IN_WORDS = {int: "a whole number", bool: "true or false", str: "text in quotes"}


def _taken(name: str, kind: Any, given: Any) -> Any:
    """A value of portal.toml in the type of its field. Raises SettingsError."""
    if kind in IN_WORDS:
        if type(given) is not kind:
            raise SettingsError(f"portal.toml: {name} must be {IN_WORDS[kind]}")
        return given
    if kind == Mapping[str, str]:
        if not isinstance(given, dict):
            raise SettingsError(f"portal.toml: {name} must be a table, [{name}]")
        return {key: _taken(f"{key} in [{name}]", str, value) for key, value in given.items()}
    if kind == Mapping[str, int]:
        if not isinstance(given, dict):
            raise SettingsError(f"portal.toml: {name} must be a table, [{name}]")
        return {key: _taken(f"{key} in [{name}]", int, value) for key, value in given.items()}
    if not isinstance(given, list):
        raise SettingsError(f"portal.toml: {name} must be a list")
    member = get_args(kind)[0]
    if member is str:
        return tuple(_taken(f"each of {name}", str, one) for one in given)
    return tuple(_entry(member, name, one) for one in given)


def _entry(kind: type[Any], name: str, given: Any) -> Any:
    kinds = get_type_hints(kind)
    if not isinstance(given, dict) or not set(given) <= set(kinds):
        raise SettingsError(f"portal.toml: each of {name} takes only {', '.join(sorted(kinds))}")
    for one in fields(kind):
        if one.default is MISSING and one.name not in given:
            raise SettingsError(f"portal.toml: each of {name} needs {one.name}")
    return kind(**{key: _taken(f"{key} of {name}", kinds[key], value) for key, value in given.items()})


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise SettingsError(f"PORT must be a number from 1 to 65535, not {text!r}")
    return int(text)


def _check(settings: Settings) -> None:
    checking.address(settings.address)
    checking.database(settings.database)
    checking.languages(settings.languages)
    checking.brand(settings.brand)
    if not settings.organisation.strip() or not settings.phone.strip():
        raise SettingsError("organisation and phone must be given: every page names them")
    if settings.bsl and not settings.bsl.startswith("https://"):
        raise SettingsError('bsl must look like "https://host/path"')
    for code in settings.leave_to_in:
        if code not in LANGUAGES:
            raise SettingsError(f"leave_to_in: {code!r} is not one of {', '.join(LANGUAGES)}")
    for link in (settings.leave_to, *settings.leave_to_in.values()):
        if not re.fullmatch(r"https://[a-z0-9.-]+/[^\s?#]*", link):
            raise SettingsError(f'leave_to: {link!r} must look like "https://host/path"')
    for link in settings.return_to:
        if not re.fullmatch(r"https://[a-z0-9.-]+(:[0-9]+)?/[^\s?#]*", link):
            raise SettingsError(f'return_to: {link!r} must look like "https://host/path"')
    checking.scanner(settings.clamd)
    _check_messages(settings)
    checking.opening(settings.opening_hours)
    checking.closure_days(settings.closure_days)
    if min(settings.workers, settings.threads) < 1 or settings.proxies < 0:
        raise SettingsError("workers and threads must be 1 or more, proxies 0 or more")
    checking.years("keep_equality_years", settings.keep_equality_years)
    checking.years("keep_case_years", settings.keep_case_years)


WAYS = {
    "send_sms": ("notify", "console", "none"),
    "send_email": ("smtp", "notify", "console", "none"),
    "send_letters": ("notify", "console", "none"),
    "unreviewed": ("english", "phone", "draft"),
    "smtp_tls": ("starttls", "tls", "none"),
}
"""Settings that are one of a few words."""
IDENTITY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def _check_messages(settings: Settings) -> None:
    """Refuse ways to send that could not work, and secrets that would cross the network in the clear."""
    for name, words in WAYS.items():
        if getattr(settings, name) not in words:
            raise SettingsError(f"{name} must be one of {', '.join(words)}")
    for name, kind in (("send_sms", "sms"), ("send_email", "email"), ("send_letters", "letter")):
        if getattr(settings, name) == "notify":
            _check_notify(settings, name, kind)
    if settings.send_email == "smtp":
        _check_smtp(settings)


def _check_notify(settings: Settings, name: str, kind: str) -> None:
    key, host = settings.notify_key, urlsplit(settings.notify_address)
    if not (IDENTITY.fullmatch(key[-36:]) and IDENTITY.fullmatch(key[-73:-37])):
        raise SettingsError(f"{name} is notify: give a whole API key in PORTAL_NOTIFY_KEY")
    if not IDENTITY.fullmatch(settings.notify_templates.get(kind, "")):
        raise SettingsError(f"{name} is notify: give the id of its template as {kind} in [notify_templates]")
    if host.scheme != "https" and host.hostname not in LOOPBACK:
        raise SettingsError("notify_address is not https: messages would cross the network in the clear")


def _check_smtp(settings: Settings) -> None:
    if not settings.smtp_host or "@" not in settings.email_from or not 1 <= settings.smtp_port <= 65535:
        raise SettingsError("send_email is smtp: give smtp_host, smtp_port and email_from")
    if settings.smtp_tls == "none" and settings.smtp_host not in LOOPBACK:
        raise SettingsError("smtp_tls is none: messages would cross the network in the clear")
