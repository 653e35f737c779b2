"""What is written to people of a case: a few templates that say nothing of what it is about.

By default nothing is sent: a member of staff chooses the words and the way each time. Who must not be told
who we are gets one sentence and the word that they named.
"""

from __future__ import annotations

from portal.questions.messages import Message, _, _staff
from portal.wording import Template, Wording

HIDDEN = Wording(
    sms=_("Hello. It would be good to hear from you when it suits you. %(word)s"),
    email_subject=_("Hello"),
    email=_("Hello. It would be good to hear from you when it suits you. %(word)s"),
    letter=_("Hello. It would be good to hear from you when it suits you. %(word)s"),
)
"""The word is the one that the person wants us to say first."""


def _template(event: str, sms: Message, subject: Message, words: Message) -> Template:
    return Template(event=event, sms=sms, email_subject=subject, email=words, letter=words, discreet=HIDDEN)


TALK = _template(
    "case talk",
    _("%(organisation)s: we would like to talk with you. Call %(phone)s when it suits you."),
    _("We would like to talk with you"),
    _(
        "Hello. We would like to talk with you. Please call %(phone)s when it is safe and suits you. "
        "If you want an interpreter, tell us. It is free."
    ),
)
NEWS = _template(
    "case news",
    _("%(organisation)s: there is news for you. Look with your code, or call %(phone)s."),
    _("There is news for you"),
    _("Hello. There is news for you. Look with your code, or call %(phone)s when it is safe and suits you."),
)
TEMPLATES: dict[str, tuple[Template, Message]] = {
    "talk": (TALK, _staff("We would like to talk")),
    "news": (NEWS, _staff("There is news")),
}
"""Code -> the words, and how staff choose them."""
