"""Options that every form asks in the same words."""

from __future__ import annotations

from portal.forms.speech import SPEECH
from portal.questions import Option
from portal.questions.messages import _, _in

PREFER_NOT_TO_SAY = Option("prefer_not_to_say", _("Prefer not to say"), alone=True)

YES = Option("yes", _("Yes"))
NO = Option("no", _("No"))

_COUNTED_TOGETHER = {"ben": _in("language", "Bengali (with Sylheti and Chatgaya)")}


def _counted(*codes: str) -> tuple[Option, ...]:
    return tuple(Option(code, _COUNTED_TOGETHER.get(code, SPEECH[code].english)) for code in codes)


# The languages that are counted. Codes are ISO 639-3, so that spoken, written and signed
# languages can be told apart and compared with other people's figures.
LANGUAGES = (
    *_counted("ara", "ben", "bfi", "yue", "guj", "hin", "ckb", "kmr", "phr"),
    *_counted("pes", "pol", "pan", "pus", "ron", "som", "tir", "ukr", "urd"),
)

NONE_OF_THESE = Option("none_of_these", _("None of these"), alone=True)
