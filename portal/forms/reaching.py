"""Who somebody is and how they can be reached safely: asked in the same words by every form that needs it."""

from __future__ import annotations

from portal.forms.shared import NO, YES
from portal.questions import Choice, If, Option, Text
from portal.questions.messages import _, _in

NAME = Text(
    key="name",
    text=_("What is your name?"),
    hint=_("As you want to be called"),
    required=_("Tell us your name"),
    personal=True,
    most=100,
)
POSTCODE = Text(
    key="postcode",
    text=_("What is the postcode of your home?"),
    hint=_("For example DE1 2FS. It helps us not to send somebody who lives near you."),
    personal=True,
    most=10,
)
WAYS = (
    Option("phone", _("Phone call")),
    Option("sms", _("Text message")),
    Option("email", _("Email")),
    Option("post", _("Letter")),
    Option("worker", _("Through somebody who supports me")),
)
REACH = Choice(
    key="reach",
    text=_("How may we reach you safely?"),
    hint=_("Choose all that are safe for you"),
    required=_("Choose at least one way to reach you"),
    many=True,
    options=(
        *WAYS,
        Option("code", _("None of these: I will look with my code"), alone=True),
    ),
)
PHONE = Text(
    key="phone",
    text=_("What is your phone number?"),
    required=_("Tell us your phone number"),
    asked=(If("reach", "phone", "sms"),),
    personal=True,
    most=30,
)
EMAIL = Text(
    key="email",
    text=_("What is your email address?"),
    required=_("Tell us your email address"),
    asked=(If("reach", "email"),),
    personal=True,
    most=254,
)
POST = Text(
    key="post",
    text=_("Where should letters go?"),
    hint=_("The address with the postcode"),
    required=_("Tell us where letters should go"),
    asked=(If("reach", "post"),),
    personal=True,
    lines=4,
    most=300,
)
WORKER = Text(
    key="worker",
    text=_("Who supports you, and how do we reach them?"),
    required=_("Tell us who supports you and how we reach them"),
    asked=(If("reach", "worker"),),
    personal=True,
    lines=3,
    most=300,
)
HOURS = Choice(
    key="hours",
    text=_("When is it safe to call or write to you?"),
    asked=(If("reach", "phone", "sms", "email"),),
    options=(
        Option("any", _in("time of day", "At any time")),
        Option("morning", _("In the morning, 09:00 to 12:00")),
        Option("afternoon", _("In the afternoon, 12:00 to 17:00")),
        Option("evening", _("In the evening, 17:00 to 20:00")),
    ),
)
VOICEMAIL = Choice(
    key="voicemail",
    text=_("May we leave a message if you do not answer?"),
    asked=(If("reach", "phone"),),
    options=(YES, NO),
)
DISCREET = Choice(
    key="discreet",
    text=_("Should we hide who we are in our messages and letters?"),
    hint=_("Choose yes if somebody else may read your messages"),
    asked=(If("reach", "sms", "email", "post"),),
    options=(YES, NO),
)
