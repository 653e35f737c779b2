"""What helps people to communicate and to read: asked in the same words by every form that needs it."""

from __future__ import annotations

from portal.questions import Option
from portal.questions.messages import _

SUPPORT_OPTIONS = (
    Option("bsl", _("An interpreter for British Sign Language (BSL)")),
    Option("bsl_video", _("A BSL interpreter by video")),
    Option("lipspeaker", _("A lipspeaker"), hint=_("Somebody whose lips are easy to read")),
    Option("speech_to_text", _("What is said, written on a screen")),
    Option("notetaker", _("Somebody who takes notes for me")),
    Option("deafblind_manual", _("The deafblind manual alphabet")),
    Option("hands_on", _("Signing that I feel with my hands, or see close to me")),
    Option("deaf_relay", _("A Deaf interpreter who works with a hearing one")),
    Option("sse", _("Sign Supported English (SSE)")),
    Option("aid", _("Makaton, or a communication aid")),
    Option("loop", _("A hearing loop")),
    Option("text_relay", _("Phone calls by text relay")),
    Option("none", _("None of these"), alone=True),
)

FORMAT_OPTIONS = (
    Option("standard", _("Ordinary print")),
    Option("large_16", _("Large print")),
    Option("large_20", _("Very large print")),
    Option("braille_1", _("Braille, grade 1")),
    Option("braille_2", _("Braille, grade 2")),
    Option("audio", _("Audio, to listen to")),
    Option("easy_read", _("Easy Read, with pictures")),
    Option("bsl_video", _("A BSL video")),
    Option("plain_text", _("Email or plain text, for a screen reader")),
    Option("coloured", _("Coloured paper")),
    Option("by_phone", _("Read to me by phone")),
)
