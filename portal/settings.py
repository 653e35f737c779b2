"""Every setting, typed and checked: from portal.toml in the data folder, and from the environment.

A value that would be unsafe in use is refused at the start, in plain words.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from portal.languages import LANGUAGES

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class SettingsError(ValueError):
    """A setting cannot be used; the text says which, why, and what to write instead."""


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
    variants: Mapping[str, str] = field(default_factory=dict)
    """The wording in use: question -> variant, "asked" or "off"."""
    return_to: tuple[str, ...] = ()
    """Web addresses (https://host/path) that an invitation may send people back to."""
    collections: tuple[CollectionEntry, ...] = ()
    keep_equality_years: int = 6
    """How long answers are kept, as the privacy page states it."""
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
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.data / 'portal.sqlite'}"

    @property
    def key_file(self) -> Path:
        return self.data / "keys.json"

    def language(self, code: str) -> bool:
        return code in self.languages


def load(environ: Mapping[str, str]) -> Settings:
    """The settings that this environment and its portal.toml give. Raises SettingsError."""
    data = Path(environ.get("PORTAL_DATA") or ".portal").absolute()
    file = Path(environ.get("PORTAL_CONFIG") or data / "portal.toml")
    given: dict[str, Any] = {}
    if file.exists():
        try:
            given = tomllib.loads(file.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"{file.name} cannot be read: {error}") from error
    elif "PORTAL_CONFIG" in environ:
        raise SettingsError(f"PORTAL_CONFIG names {file}, which does not exist")
    if environ.get("PORTAL_ADDRESS"):
        given["address"] = environ["PORTAL_ADDRESS"]
    elif "address" not in given:
        given["address"] = f"http://127.0.0.1:{_port(environ.get('PORT', '8000'))}"
    if environ.get("PORTAL_DATABASE"):
        given["database"] = environ["PORTAL_DATABASE"]
    return from_values({**given, "data": data})


def from_values(given: Mapping[str, Any]) -> Settings:
    """Settings from the values of a portal.toml. Raises SettingsError for a name or type not known."""
    known = {one.name: one for one in fields(Settings)}
    for name in given:
        if name not in known:
            raise SettingsError(f"portal.toml: there is no setting {name!r}")
    values = dict(given)
    values["offices"] = tuple(_entry(Office, "offices", one) for one in given.get("offices", ()))
    values["collections"] = tuple(
        _entry(CollectionEntry, "collections", one) for one in given.get("collections", ())
    )
    for name in ("languages", "return_to"):
        if name in values:
            values[name] = tuple(values[name])
    for name, kind in (
        ("proxies", int),
        ("workers", int),
        ("threads", int),
        ("keep_equality_years", int),
        ("demo", bool),
        ("organisation", str),
        ("phone", str),
        ("address", str),
        ("brand", str),
    ):
        if name in values and type(values[name]) is not kind:
            raise SettingsError(f"portal.toml: {name} must be {_kind_in_words(kind)}")
    return Settings(**values)


def _kind_in_words(kind: type) -> str:
    return {int: "a whole number", bool: "true or false", str: "text in quotes"}[kind]


def _entry(kind: type[Any], name: str, given: Any) -> Any:
    known = {one.name for one in fields(kind)}
    if not isinstance(given, dict) or not set(given) <= known:
        raise SettingsError(f"portal.toml: each of {name} takes only {', '.join(sorted(known))}")
    try:
        return kind(**given)
    except TypeError as error:
        raise SettingsError(f"portal.toml: {name} lacks something: {error}") from error


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise SettingsError(f"PORT must be a number from 1 to 65535, not {text!r}")
    return int(text)


def _check(settings: Settings) -> None:
    parts = urlsplit(settings.address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/"):
        raise SettingsError('address must look like "https://portal.example.org", without a path')
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise SettingsError(
            f"address {settings.address} is not https: answers would cross the network in the clear"
        )
    if not settings.organisation.strip() or not settings.phone.strip():
        raise SettingsError("organisation and phone must be given: every page names them")
    if not settings.languages or len(set(settings.languages)) != len(settings.languages):
        raise SettingsError("languages must list each offered language once")
    for code in settings.languages:
        if code not in LANGUAGES:
            raise SettingsError(f"languages: {code!r} is not one of {', '.join(LANGUAGES)}")
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", settings.brand):
        raise SettingsError('brand must be a colour such as "#0b5351"')
    if contrast_with_white(settings.brand) < 7:
        raise SettingsError(
            f"brand {settings.brand} has a contrast of {contrast_with_white(settings.brand):.1f} with white; "
            "7 or more is needed so that everyone can read the header"
        )
    for link in settings.return_to:
        if not re.fullmatch(r"https://[a-z0-9.-]+(:[0-9]+)?/[^\s?#]*", link):
            raise SettingsError(f'return_to: {link!r} must look like "https://host/path"')
    if min(settings.workers, settings.threads) < 1 or settings.proxies < 0:
        raise SettingsError("workers and threads must be 1 or more, proxies 0 or more")


def contrast_with_white(colour: str) -> float:
    """WCAG 2.2 contrast ratio of #rrggbb with white: 1 to 21."""
    channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels
    )
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
