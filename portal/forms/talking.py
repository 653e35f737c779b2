"""What we need in order to talk with somebody: asked in the same words by every form that needs it."""

from __future__ import annotations

from portal.forms.formats import FORMAT_OPTIONS, SUPPORT_OPTIONS
from portal.forms.shared import NO, YES
from portal.questions import AnyOf, Choice, If, Option, Register, Text, Unless
from portal.questions.messages import _, _in

INTERPRETING = If("need", "interpreter")
WRITING = If("need", "translation", "format")
ENGLISH = _in("language", "English")
ANOTHER = Option("other", _("Another language"))

NEEDED = (
    Option("interpreter", _("An interpreter"), hint=_("Somebody who speaks or signs for you and for us")),
    Option("translation", _("A translation"), hint=_("A letter or leaflet written in your language")),
    Option(
        "format",
        _("Another format"),
        hint=_("For example large print, braille, audio or Easy Read"),
    ),
)
"""What somebody may need in order to understand us and be understood."""

SPEAK = Choice(
    key="speak",
    text=_("Which language do you speak best?"),
    required=_("Choose the language you speak best, or “I use a sign language”"),
    options=Register(
        "spoken_languages",
        also=(Option("eng", ENGLISH), Option("sign", _("I use a sign language")), ANOTHER),
    ),
)
SPEAK_WORDS = Text(
    key="speak_words",
    text=_("What is your language called?"),
    required=_("Tell us what your language is called"),
    asked=(If("speak", "other"),),
    personal=True,
)
SIGN = Choice(
    key="sign",
    text=_("Which sign language do you use?"),
    required=_("Choose the sign language you use"),
    asked=(If("speak", "sign"),),
    options=Register("signed_languages", also=(Option("other", _("Another sign language")),)),
)
DIALECT = Text(
    key="dialect",
    text=_("Which dialect do you speak, or where is your family from?"),
    hint=_("For example a town or region. It helps us find somebody you understand well."),
    asked=(Unless("speak", "sign"),),
    personal=True,
)
READ = Choice(
    key="read",
    text=_("Which language do you read best?"),
    options=Register(
        "spoken_languages",
        also=(
            Option("eng", ENGLISH),
            ANOTHER,
            Option("none", _("I do not read easily")),
            Option("listen", _("I prefer to listen")),
        ),
    ),
)

SUPPORT = Choice(
    key="support",
    text=_("Do you need any of these to communicate?"),
    hint=_("Choose all that apply to you"),
    asked=(AnyOf(INTERPRETING, If("need", "call")),),
    many=True,
    options=SUPPORT_OPTIONS,
)

FORMAT = Choice(
    key="format",
    text=_("In which format do you need it?"),
    hint=_("Choose all that apply to you"),
    asked=(WRITING,),
    many=True,
    options=FORMAT_OPTIONS,
)
GENDER = Choice(
    key="gender",
    text=_("Should the interpreter be a woman or a man?"),
    asked=(INTERPRETING,),
    options=(
        Option("woman", _("A woman")),
        Option("man", _("A man")),
        Option("any", _("It does not matter")),
    ),
)
ESSENTIAL = Choice(
    key="gender_essential",
    text=_("Must it be so?"),
    asked=(If("gender", "woman", "man"),),
    options=(
        Option("essential", _("Yes. Otherwise I cannot come.")),
        Option("prefer", _("I would like it, but it need not be")),
    ),
)
OUTSIDE = Choice(
    key="outside",
    text=_("Do you want somebody from outside your area or community?"),
    hint=_("Choose yes if you are afraid that the interpreter may know you"),
    asked=(INTERPRETING,),
    options=(YES, NO),
)
