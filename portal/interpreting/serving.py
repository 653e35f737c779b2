"""Who can serve whom: an interpreter works in the language asked, or in one that the person said is OK too.

Nothing is inferred. Languages that share a name, a country or a code for all of them together are still
apart: Sorani does not serve Kurmanji, and Urdu serves Pahari only if the person says so.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from portal.questions.messages import Message, _staff

Service = Literal["full", "fallback"]


def served(interpreter_codes: Collection[str], asked: str, second: str | None = None) -> Service | None:
    """How an interpreter with these languages serves a person who asked for one: "full" in that language,
    "fallback" in the second-best that the person named and said is OK, None not at all.

    A code that stands for several languages (ara, pus, orm, rom) is a language of its own here: somebody who
    asked for Arabic and no more is served by who works in "Arabic", not by who works in Moroccan Arabic.
    """
    if asked and asked in interpreter_codes:
        return "full"
    if second and second in interpreter_codes:
        return "fallback"
    return None


@dataclass(frozen=True, slots=True)
class Confusion:
    """Languages that people take for each other, and what to ask before booking."""

    codes: frozenset[str]
    text: Message


def _confusion(codes: str, text: Message) -> Confusion:
    return Confusion(frozenset(codes.split()), text)


CONFUSED = (
    _confusion(
        "ckb kmr sdh",
        _staff(
            "Kurdish is several languages: who speaks Sorani may not understand Kurmanji. Ask which "
            "one, and which town the person is from."
        ),
    ),
    _confusion(
        "pes prs haz",
        _staff(
            "Persian (Farsi), Dari and Hazaragi are apart: Iran speaks Persian, Afghanistan Dari and "
            "Hazaragi. Words differ enough to change what is recorded. Book the one that was asked for."
        ),
    ),
    _confusion(
        "phr urd pan pnb",
        _staff(
            "Pahari (Mirpuri, Potwari), Urdu and Punjabi are apart. Many who speak Pahari understand "
            "some Urdu, but not enough to talk about their home or health: book Urdu only if the person "
            "said that it is OK."
        ),
    ),
    _confusion(
        "syl ben ctg rhg",
        _staff(
            "Sylheti, Chittagonian and Rohingya are not Bengali, though people may call them Bangla. "
            "Ask which one the person speaks at home."
        ),
    ),
    _confusion(
        "apc ary acm apd ara",
        _staff(
            "Spoken Arabic differs from country to country: Moroccan and Levantine speakers may not "
            "understand each other. Ask which country, and book that Arabic."
        ),
    ),
    _confusion(
        "bfi isg pks ins ils",
        _staff(
            "Each country has a sign language of its own, and British Sign Language (BSL) is not the "
            "others. Ask which one. If it is not BSL, a Deaf interpreter beside a BSL interpreter may "
            "be needed."
        ),
    ),
    _confusion(
        "yue cmn hak nan",
        _staff(
            "“Chinese” may be Cantonese, Mandarin, Hakka or Hokkien, which do not understand each "
            "other. Ask which one."
        ),
    ),
    _confusion(
        "tir amh orm",
        _staff(
            "Tigrinya, Amharic and Oromo are apart, and who was asked to speak one of them may have "
            "reasons not to. Book the one that was asked for."
        ),
    ),
    _confusion(
        "rom rmy rmc ron",
        _staff("Romani is not Romanian, and has several kinds. Ask which country the person is from."),
    ),
)
"""Shown to the coordinator beside a request."""


def often_confused(asked: str) -> tuple[Message, ...]:
    """What to know before booking this language: sentences for staff."""
    return tuple(one.text for one in CONFUSED if asked in one.codes)
