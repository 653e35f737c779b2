"""The languages offered: their own names, their direction, and saying a message in one of them."""

from __future__ import annotations

import gettext
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from portal.questions.messages import Catalogue, Message, _
from portal.questions.typing_in import folded


@dataclass(frozen=True, slots=True)
class Language:
    """One language of the pages. `code` is its place in addresses, `tag` its name in HTML (BCP 47)."""

    code: str
    endonym: str
    english: str
    tag: str = ""
    locale: str = ""

    @property
    def lang(self) -> str:
        return self.tag or self.code

    @property
    def direction(self) -> str:
        """ltr or rtl."""
        return _direction(self.locale or self.code)


@cache
def _direction(locale: str) -> str:
    return str(Locale.parse(locale).text_direction)


LANGUAGES: dict[str, Language] = {
    language.code: language
    for language in (
        Language("en", "English", "English", locale="en_GB"),
        Language("ur", "اردو", "Urdu"),
        Language("pa", "ਪੰਜਾਬੀ", "Punjabi"),
        Language("hi", "हिन्दी", "Hindi"),
        Language("bn", "বাংলা", "Bengali"),
        Language("ar", "العربية", "Arabic"),
        Language("fa", "فارسی", "Persian"),
        Language("pl", "Polski", "Polish"),
    )
}

HELP = _(
    "Call %(phone)s or come to us. Free: an interpreter, large print, Braille, audio, Easy Read, "
    "British Sign Language (BSL)."
)
"""The help statement: how to get help in this language, whatever else one can read."""

FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"


def translations_folder() -> Path:
    """Where the catalogues are: beside the package in a checkout, inside it when installed."""
    inside = Path(__file__).parent / "translations"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "translations"


@dataclass(frozen=True, slots=True)
class Said:
    """One catalogue in one language, ready to use."""

    words: gettext.NullTranslations
    reviewed_by: str
    """The person who has read and approved it; empty while it is a draft."""


@cache
def catalogue(code: str, name: Catalogue = "public") -> Said:
    """The catalogue of a language, read from its .po file, the one place where its words are kept."""
    path = translations_folder() / code / "LC_MESSAGES" / f"{name}.po"
    if not path.exists():
        return Said(gettext.NullTranslations(), "")
    with path.open("rb") as lines:
        messages = read_po(lines, locale=LANGUAGES[code].locale or code)
    compiled = io.BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return Said(gettext.GNUTranslations(compiled), reviewed_by(path))


def reviewed_by(path: Path) -> str:
    """Who has checked a catalogue, as its header says; empty for nobody. Babel drops such a header."""
    head = path.read_text("utf-8").partition("\n\n")[0]
    found = re.search(r'^"X-Reviewed-By:(.*?)(\\n)?"$', head, re.MULTILINE)
    return found[1].strip() if found else ""


def is_draft(code: str) -> bool:
    """Whether no person has yet checked this language's words."""
    return code != "en" and not catalogue(code).reviewed_by


def say(message: Message, code: str) -> str:
    """The message in a language, as plain text. Words put into it are isolated from its direction."""
    text = template(message, code)
    if not message.values:
        return text
    return text % {name: _value(value, code) for name, value in message.values}


def _value(value: Message | str | int, code: str) -> str:
    if isinstance(value, Message):
        return say(value, code)
    return f"{FIRST_STRONG_ISOLATE}{value}{POP_ISOLATE}" if isinstance(value, str) else str(value)


def template(message: Message, code: str) -> str:
    """The message in a language, its placeholders still open."""
    if message.catalogue == "as written":
        return message.id
    words = catalogue(code, message.catalogue).words
    if message.plural is not None:
        number = next((value for name, value in message.values if name == "number"), 0)
        return words.ngettext(
            message.id, message.plural, int(number) if not isinstance(number, Message) else 0
        )
    if message.context is not None:
        return words.pgettext(message.context, message.id)
    return words.gettext(message.id)


OTHER_MONTHS = {"ar": ("ar_SY", "ar_DZ", "ar_MA"), "fa": ("fa_AF",)}
"""Locales of one language whose countries name the months otherwise."""


@cache
def months(code: str) -> Mapping[str, int]:
    """Month names, whole and short, in a language and in English, folded as people type them."""
    names: dict[str, int] = {}
    own = LANGUAGES[code].locale or code
    for locale in map(Locale.parse, ("en", "en_GB", own, *OTHER_MONTHS.get(code, ()))):
        for context in locale.months.values():
            for width in ("wide", "abbreviated"):
                for number, name in context.get(width, {}).items():
                    names.setdefault(folded(name), number)
    return names
