"""Templates of messages, and their words in the language of the person who gets them.

A template is data: what a text message, an email and a letter say about one event. Whoever must not be told
who we are gets its discreet words, or a phone call. Words that nobody has reviewed in a language do not go
out in it, unless the landlord's settings say so.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from babel.dates import format_date

from portal import clock
from portal.contact import Method, Permit
from portal.languages import HELP, LANGUAGES, is_draft, template
from portal.questions.messages import Message, as_written
from portal.settings import Settings

LEFT_TO_RIGHT, FIRST_STRONG, POP = "\u2066", "\u2068", "\u2069"
"""Isolates: what stands between one of the first two and the last keeps its own direction."""
OF_US = ("%(organisation)s", "%(phone)s")
"""What discreet words must not hold."""
LONGEST_SMS = 3
"""Segments."""

GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The letters of 3GPP TS 23.038; any other makes a text message go out in UCS-2."""
GSM_7_TWICE = frozenset("\f^{}\\[~]|€")
"""Those that take the room of two."""

Values = Mapping[str, "Message | Moment | str | int"]
"""What fills the placeholders of a template."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A day and time of London inside a message: words of the language for the day, 24-hour digits."""

    at: int
    """Seconds since 1970."""

    def said(self, code: str) -> str:
        local = clock.in_london(clock.moment(self.at))
        return f"{Day(self.at).said(code)}, {local:%H:%M}"


@dataclass(frozen=True, slots=True)
class Day:
    """A day of London inside a message, such as Tuesday 3 March."""

    at: int
    """Any second of it, since 1970."""

    def said(self, code: str) -> str:
        local = clock.in_london(clock.moment(self.at))
        return format_date(local.date(), "EEEE d MMMM", locale=LANGUAGES[code].locale or code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What each way says; a way without words is not used."""

    sms: Message | None = None
    email_subject: Message | None = None
    email: Message | None = None
    letter: Message | None = None

    def __post_init__(self) -> None:
        if (self.email_subject is None) != (self.email is None):
            raise ValueError("an email needs a subject and words")

    def of(self, method: Method) -> tuple[Message | None, Message | None]:
        """Subject and words for a way. What staff say by phone is the longest there is."""
        if method is Method.EMAIL:
            return self.email_subject, self.email
        if method is Method.LETTER:
            return None, self.letter
        if method is Method.SMS:
            return None, self.sms
        if method is not Method.CALL:
            return None, None
        return None, self.letter or self.email or self.sms

    @property
    def texts(self) -> tuple[Message, ...]:
        every = (self.sms, self.email_subject, self.email, self.letter)
        return tuple(one for one in every if one is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Template(Wording):
    """What is said about one event. Its texts may use %(organisation)s and %(phone)s besides its values."""

    event: str
    """Its key, in small letters, such as "interpreter booked"; it is stored and logged."""
    discreet: Wording | None = None
    """The same without who we are and what about. Without it, people who need that are phoned."""
    urgent: bool = False
    """Whether it may disturb outside the hours."""

    def __post_init__(self) -> None:
        Wording.__post_init__(self)
        if not self.event.replace(" ", "").isalpha() or len(self.event) > 40 or not self.texts:
            raise ValueError("a template has a short key of small letters, and words")
        said = self.discreet.texts if self.discreet else ()
        if any(ours in text.id for text in said for ours in OF_US):
            raise ValueError(f"the discreet words of {self.event} say who we are")


@dataclass(frozen=True, slots=True)
class Written:
    """A message in words. Its language is that of the template's words."""

    language: str
    discreet: bool
    subject: str
    body: str


def written(settings: Settings, permit: Permit, template: Template, values: Values) -> Written | None:
    """A template in words for this person and way; None when they must be phoned instead.

    Words that would tell, where they go, another address or number of the person are not written.
    """
    wording = template.discreet if permit.discreet else template
    if wording is None:
        return None
    subject, body = wording.of(permit.method)
    language = language_for(settings, permit)
    if body is None or language is None:
        return None
    given = dict(values) | ({} if permit.discreet else _of_us(settings))
    words = said(body, given, language)
    if language != permit.language:
        words += help_line(settings, permit.method, permit.language)
    ready = Written(language, permit.discreet, said(subject, given, language) if subject else "", words)
    return None if permit.gives_away(f"{ready.subject}\n{ready.body}") else ready


def help_line(settings: Settings, method: Method, code: str) -> str:
    """What stands below English words for who reads this language: how to get help in it.

    The whole help statement alone would make four text messages: those get the language's own name and the
    number.
    """
    if method is Method.SMS:
        isolated = said(as_written("%(phone)s"), _of_us(settings), code)
        return f"\n{LANGUAGES[code].endonym}: {isolated}"
    return "\n\n" + said(HELP, _of_us(settings), code)


def has_way(settings: Settings, method: Method, discreet: bool) -> bool:
    """Whether the landlord can send in this way; where it must be discreet, under a neutral name."""
    by = {
        Method.SMS: settings.send_sms,
        Method.EMAIL: settings.send_email,
        Method.LETTER: settings.send_letters,
    }.get(method, "none")
    if by == "none" or not discreet or by == "console":
        return by != "none"
    if method is Method.SMS:
        return bool(settings.notify_discreet_sender)
    return method is Method.EMAIL and by == "smtp" and bool(settings.discreet_email_from)


def to_say(settings: Settings, template: Template, values: Values) -> Written:
    """What staff say by phone, in English: to the person, once they know whom they speak to."""
    _subject, body = template.of(Method.CALL)
    assert body is not None
    return Written("en", False, "", said(body, dict(values) | _of_us(settings), "en"))


def language_for(settings: Settings, permit: Permit) -> str | None:
    """The language of the words; None when nobody reviewed the person's and they must be phoned.

    English with the help line of the person's own language says who we are: not for discreet words.
    """
    if not is_draft(permit.language) or settings.unreviewed == "draft":
        return permit.language
    return "en" if settings.unreviewed == "english" and not permit.discreet else None


def _of_us(settings: Settings) -> dict[str, str]:
    return {"organisation": settings.organisation, "phone": settings.phone}


def said(message: Message, values: Values, code: str) -> str:
    """A message in a language, its values filled in; what runs the other way is isolated.

    Not languages.say(): an isolate around every name would make each English text message go out in UCS-2.
    """
    numbers = {name: value for name, value in values.items() if isinstance(value, int)}
    text = template(message.with_values(**numbers), code)
    own = dict(message.values)
    filled = {name: _filled(value, code) for name, value in {**own, **values}.items()}
    return text % filled if filled else text


def _filled(value: Message | Moment | Day | str | int, code: str) -> str:
    if isinstance(value, Message):
        return said(value, {}, code)
    if isinstance(value, int):
        return str(value)
    words = value if isinstance(value, str) else value.said(code)
    if LANGUAGES[code].direction == "rtl":
        return f"{FIRST_STRONG if _runs_right_to_left(words) else LEFT_TO_RIGHT}{words}{POP}"
    return f"{FIRST_STRONG}{words}{POP}" if _runs_right_to_left(words) else words


def _runs_right_to_left(words: str) -> bool:
    return any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in words)


def segments(words: str) -> int:
    """How many parts a text message goes out in."""
    if set(words) <= GSM_7 | GSM_7_TWICE:
        length = len(words) + sum(letter in GSM_7_TWICE for letter in words)
        return 1 if length <= 160 else -(-length // 153)
    length = len(words.encode("utf-16-be")) // 2
    return 1 if length <= 70 else -(-length // 67)
