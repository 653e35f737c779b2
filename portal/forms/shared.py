"""Options that every form asks in the same words."""

from __future__ import annotations

from portal.questions import Option
from portal.questions.messages import _, _in

PREFER_NOT_TO_SAY = Option("prefer_not_to_say", _("Prefer not to say"), alone=True)

YES = Option("yes", _("Yes"))
NO = Option("no", _("No"))

# The everyday names of languages. Codes are ISO 639-3, so that spoken, written and signed
# languages can be told apart and counted with other people's figures.
LANGUAGES = (
    Option("ara", _in("language", "Arabic")),
    Option("ben", _in("language", "Bengali (with Sylheti and Chatgaya)")),
    Option("bfi", _in("language", "British Sign Language (BSL)")),
    Option("yue", _in("language", "Cantonese")),
    Option("guj", _in("language", "Gujarati")),
    Option("hin", _in("language", "Hindi")),
    Option("ckb", _in("language", "Kurdish (Sorani)")),
    Option("kmr", _in("language", "Kurdish (Kurmanji)")),
    Option("phr", _in("language", "Pahari, Mirpuri or Potwari")),
    Option("pes", _in("language", "Persian (Farsi)")),
    Option("pol", _in("language", "Polish")),
    Option("pan", _in("language", "Punjabi")),
    Option("pus", _in("language", "Pashto")),
    Option("ron", _in("language", "Romanian")),
    Option("som", _in("language", "Somali")),
    Option("tir", _in("language", "Tigrinya")),
    Option("ukr", _in("language", "Ukrainian")),
    Option("urd", _in("language", "Urdu")),
)
