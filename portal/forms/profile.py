"""What a person needs, told once: how to talk with them, what to send them, and who may know it.

It follows the steps of the accessible information standard of health and care in England (DAPB1605):
identify, record, flag, share, meet, review. It is kept with the person's name, by their choice, and apart
from everything that people answer without one.
"""

from __future__ import annotations

from portal.forms.formats import FORMAT_OPTIONS, SUPPORT_OPTIONS
from portal.forms.reaching import WAYS
from portal.forms.shared import LANGUAGES, NO, NONE_OF_THESE
from portal.questions import Choice, Form, If, Option, Question, Text
from portal.questions.messages import _, _in

ENGLISH = Option("eng", _in("language", "English"))
BSL = "bfi"
SPEECH = (ENGLISH, *(option for option in LANGUAGES if option.code != BSL))
"""What can be spoken and read; what is signed is another question."""

CONSENT = Choice(
    key="consent",
    text=_("Do you agree that we keep what you need, with your name?"),
    hint=_("Only people you choose will see it. You can change it or take it back at any time."),
    required=_("Say whether you agree"),
    options=(
        Option("yes", _("Yes, I agree")),
        Option("no", _("No, do not keep it"), opts_out=True),
    ),
)
NAME = Text(key="name", text=_("What is your name?"), required=_("Type your name"), personal=True)
TENANCY = Text(
    key="tenancy",
    text=_("What is your tenancy reference?"),
    hint=_("It is on the letters that we send you. Leave it empty if you do not have one."),
    personal=True,
)
ADDRESS = Text(key="address", text=_("What is your address?"), personal=True, most=300, lines=4)

SPOKEN = Choice(
    key="spoken",
    text=_("Which language do you want to speak?"),
    options=(*SPEECH, Option("other", _("Another language"))),
)
SPOKEN_WORDS = Text(
    key="spoken_words",
    text=_("What is the language that you speak called?"),
    asked=(If("spoken", "other"),),
    personal=True,
)
READ = Choice(
    key="read",
    text=_("Which language do you read best?"),
    options=(
        *SPEECH,
        Option("other", _("Another language")),
        Option("none", _("I do not read easily")),
    ),
)
READ_WORDS = Text(
    key="read_words",
    text=_("What is the language that you read called?"),
    asked=(If("read", "other"),),
    personal=True,
)
SIGNED = Choice(
    key="signed",
    text=_("Do you use a sign language?"),
    options=(
        NO,
        Option(BSL, _in("language", "British Sign Language (BSL)")),
        Option("other", _("Another sign language")),
    ),
)
SUPPORT = Choice(
    key="support",
    text=_("What helps you when we talk with you?"),
    hint=_("Choose all that apply to you"),
    many=True,
    options=SUPPORT_OPTIONS,
)
FORMAT = Choice(
    key="format",
    text=_("How do you want to get letters from us?"),
    hint=_("Choose all that apply to you"),
    many=True,
    options=FORMAT_OPTIONS,
)
REACH = Choice(
    key="reach",
    text=_("How should we contact you?"),
    hint=_("Choose all that are safe for you"),
    many=True,
    options=WAYS,
)
REACH_WORDS = Text(
    key="reach_words",
    text=_("Which phone number, email or other way should we use?"),
    hint=_("Also tell us when it is not safe to contact you"),
    personal=True,
    most=300,
    lines=3,
)
OTHER = Choice(
    key="other",
    text=_("What else do you need when we meet?"),
    hint=_("Choose all that apply to you"),
    many=True,
    options=(
        Option("home_visit", _("A visit at my home")),
        Option("level_access", _("A place without steps")),
        Option("someone_with_me", _("Someone with me")),
        Option("more_time", _("More time")),
        Option("quiet_room", _("A quiet room")),
        NONE_OF_THESE,
    ),
)
OTHER_WORDS = Text(
    key="other_words",
    text=_("Is there anything else we should know to help you well?"),
    personal=True,
    most=1000,
    lines=4,
)
SEEN_BY = Choice(
    key="seen_by",
    text=_("Who may see what you need?"),
    hint=_("Only the people you choose will see it"),
    required=_("Choose at least one"),
    many=True,
    options=(
        Option("contact", _("People who answer the phone or the door at our offices")),
        Option("repairs", _("People who arrange repairs")),
        Option("housing", _("Housing officers")),
        Option("interpreting", _("People who book interpreters")),
    ),
)

QUESTIONS: tuple[Question, ...] = (
    CONSENT,
    NAME,
    TENANCY,
    ADDRESS,
    SPOKEN,
    SPOKEN_WORDS,
    READ,
    READ_WORDS,
    SIGNED,
    SUPPORT,
    FORMAT,
    REACH,
    REACH_WORDS,
    OTHER,
    OTHER_WORDS,
    SEEN_BY,
)
FLAGS = ("spoken", "signed", "support", "format", "other")
"""What staff must see first."""

PROFILE = Form(
    key="profile",
    edition="2026-1",
    address="what-you-need",
    title=_("What you need"),
    purpose=_("Tell us once how to talk with you and what helps you"),
    intro=(
        _("Tell us once, and you do not have to say it again each time."),
        _("We keep it with your name, apart from answers that people give without their name."),
        _("Only people you choose will see it. Each time somebody looks at it, we write down who it was."),
    ),
    thanks=(_("The people you chose can see it now. Once a year we ask you whether it is still right."),),
    anonymous=False,
    parts=QUESTIONS,
)
