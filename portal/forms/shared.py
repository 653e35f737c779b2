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

# What people who do not hear, see, speak or read easily may need when we talk with them
COMMUNICATION_SUPPORT = (
    Option("bsl_interpreter", _("A British Sign Language (BSL) interpreter")),
    Option("bsl_video", _("A BSL interpreter by video")),
    Option(
        "lipspeaker", _("A lipspeaker"), hint=_("Somebody who repeats what is said so that you can lip-read")
    ),
    Option("speech_to_text", _("Speech to text"), hint=_("You read on a screen what is said")),
    Option("notetaker", _("A notetaker"), hint=_("Somebody who writes notes for you")),
    Option("deafblind_manual", _("Deafblind manual"), hint=_("Words are spelled on your hand")),
    Option("hands_on_signing", _("Signing close up or with touch")),
    Option("deaf_relay", _("A Deaf relay interpreter")),
    Option("sse", _("Sign Supported English (SSE)")),
    Option("makaton", _("Makaton or a communication aid")),
    Option("hearing_loop", _("A hearing loop")),
    Option("text_relay", _("Phone calls by text relay")),
)
# Besides ordinary print
FORMATS = (
    Option("large_print_16", _("Large print"), hint=_("16 point")),
    Option("large_print_20", _("Very large print"), hint=_("20 point")),
    Option("braille", _("Braille")),
    Option("audio", _("Audio")),
    Option("easy_read", _("Easy Read")),
    Option("bsl_film", _("A film in British Sign Language (BSL)")),
    Option("plain_email", _("An email that a screen reader can read")),
    Option("coloured_paper", _("Coloured paper")),
    Option("read_aloud", _("Read to me by phone")),
)
