"""What single settings must look like: each function refuses in plain words what could not be used."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from portal import clock
from portal.languages import LANGUAGES

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class SettingsError(ValueError):
    """A setting cannot be used; the text says which, why, and what to write instead."""


def opening(hours: Mapping[str, str]) -> None:
    """Refuse what is no day of the week with its hours."""
    for day, span in hours.items():
        time = "([01][0-9]|2[0-3]):[0-5][0-9]"
        if day not in WEEKDAYS or not re.fullmatch(f"{time}-{time}", span) or span[:5] >= span[6:]:
            raise SettingsError(f'opening_hours: {day!r} must be a day such as monday = "09:00-17:00"')


def closure_days(days: tuple[str, ...]) -> None:
    """Refuse what is no day of a calendar."""
    for one in days:
        try:
            real = clock.day(one).isoformat() == one
        except ValueError:
            real = False
        if not real:
            raise SettingsError(f'closure_days: {one!r} must be a day such as "2026-12-29"')


def years(name: str, number: int) -> None:
    """How long something is kept."""
    if not 1 <= number <= 100:
        raise SettingsError(f"{name} must be from 1 to 100")


def address(address: str) -> None:
    """Refuse an address that would send answers across the network in the clear."""
    if not re.fullmatch(r"https?://([A-Za-z0-9.-]+|\[::1\])(:[0-9]{1,5})?/?", address):
        raise SettingsError('address must look like "https://portal.example.org", without a path')
    if address.startswith("http:") and urlsplit(address).hostname not in LOOPBACK:
        raise SettingsError(f"address {address} is not https: answers would cross the network in the clear")


def database(address: str) -> None:
    """Refuse what the portal cannot use, and a database that would be gone when it stops."""
    if not address:
        return
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        kind = file = None
    else:
        kind, file = url.drivername, url.database
    if kind not in ("sqlite", "postgresql", "postgresql+psycopg") or not file or ":memory:" in file:
        raise SettingsError(
            'database must look like "postgresql://user:password@host/name" or "sqlite:////folder/file"'
        )


def languages(codes: tuple[str, ...]) -> None:
    """Refuse none, one twice, and one that there is no translation for."""
    if not codes or len(set(codes)) != len(codes):
        raise SettingsError("languages must list each offered language once")
    for code in codes:
        if code not in LANGUAGES:
            raise SettingsError(f"languages: {code!r} is not one of {', '.join(LANGUAGES)}")


def brand(colour: str) -> None:
    """Refuse a colour on which white letters cannot be read."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        raise SettingsError('brand must be a colour such as "#0b5351"')
    contrast = contrast_with_white(colour)
    if contrast < 7:
        raise SettingsError(
            f"brand {colour} has a contrast of {contrast:.1f} with white; "
            "7 or more is needed so that everyone can read the header"
        )


def scanner(place: str) -> None:
    """Refuse what is neither where a virus scanner listens nor the path of its socket."""
    found = re.fullmatch(r"/\S+|[^\s/:]+:([0-9]{1,5})", place)
    if place and (found is None or (found[1] is not None and not 1 <= int(found[1]) <= 65535)):
        raise SettingsError('clamd must look like "host:3310" or "/run/clamd.sock"')


def contrast_with_white(colour: str) -> float:
    """WCAG 2.2 contrast ratio of #rrggbb with white: 1 to 21."""
    channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels
    )
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
