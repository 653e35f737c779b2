"""How to reach somebody who may be watched, and who should talk with them: only what they say is safe."""

from __future__ import annotations

from dataclasses import replace

from portal.forms.reaching import (
    DISCREET,
    EMAIL,
    HOURS,
    NAME,
    PHONE,
    POST,
    POSTCODE,
    REACH,
    VOICEMAIL,
    WAYS,
    WORKER,
)
from portal.forms.shared import NO, NONE_OF_THESE, YES
from portal.forms.talking import (
    DIALECT,
    ESSENTIAL,
    FORMAT,
    GENDER,
    INTERPRETING,
    NEEDED,
    OUTSIDE,
    READ,
    SIGN,
    SPEAK,
    SPEAK_WORDS,
    SUPPORT,
)
from portal.questions import Choice, Date, If, Option, Question, Text, Unless, Worded
from portal.questions.messages import _

ANONYMITY = Choice(
    key="anonymity",
    text=_("Do you want to give us your name?"),
    hint=_(
        "You get a secret code in any case. With a name we can do more. Without one you cannot get a lost "
        "code again."
    ),
    options=(
        Option("named", _("Yes")),
        Option("named_restricted", _("Yes, but only for the people who deal with this")),
        Option("anonymous_with_code", _("No. I come back with my code to see your answer.")),
        Option("anonymous", _("No, and I do not need an answer")),
    ),
)
NAMED = If("anonymity", "named", "named_restricted")
ANSWERED = Unless("anonymity", "anonymous")
"""Whoever needs no answer is not asked how to get one."""

CAN_THEY_SEE = Choice(
    key="can_they_see",
    text=_("Could the person who did this see or hear what we send you?"),
    hint=_("Choose all that they could read, open or answer. We then do not use it."),
    asked=(Unless("journey", "witness", "professional_org"), ANSWERED, Unless("perp_known", "unknown")),
    many=True,
    options=(
        Option("post", _("Letters")),
        Option("email", _("Email")),
        Option("phone", _("Phone, messages or voicemail")),
        Option("landlord_portal", _("My online account with you")),
        Option("none", _("None of these"), alone=True),
        Option("not_sure", _("I am not sure"), alone=True),
    ),
)
CONTACT_REACH = replace(
    REACH,
    required=None,
    asked=(ANSWERED,),
    worded=(
        Worded(
            If("talk", "yes"),
            _("How can we reach you safely, so that we can talk?"),
            _("Choose all that are safe for you. You can also call us or come to us at any time."),
        ),
    ),
    options=(
        *WAYS,
        Option("person", _("Meet me in person")),
        Option("code", _("No contact. I come back with my code."), alone=True),
    ),
)
MEET_WHERE = Text(
    key="meet_where",
    text=_("Where is it safe to meet you?"),
    hint=_("For example one of our offices, a library, a surgery. You can also say when."),
    asked=(If("reach", "person"),),
    personal=True,
    lines=3,
    most=300,
)
REACHED = If("reach", "phone", "sms", "email", "post")
WHO_ELSE = Choice(
    key="who_else",
    text=_("Who else may answer your phone, or see your messages or post?"),
    hint=_("Choose all that fit"),
    asked=(REACHED,),
    many=True,
    options=(
        Option("partner", _("My partner")),
        Option("family", _("Family")),
        Option("children", _("Children")),
        Option("others", _("Others, such as people I live with")),
        Option("nobody", _("Nobody else"), alone=True),
        Option("not_sure", _("I am not sure"), alone=True),
    ),
)
SAFE_WORD = Text(
    key="safe_word",
    text=_("Which word tells us that it is you?"),
    hint=_("We ask for it first. If it does not come, we stop and tell nobody why we called."),
    asked=(If("reach", "phone", "sms", "email", "post", "worker", "person"),),
    beside=True,
    personal=True,
    most=60,
)
SAFE_UNTIL = Date(
    key="safe_until",
    text=_("Until when are these ways safe?"),
    hint=_("If it may change soon. After that day we do not use them without asking you again."),
    asked=(REACHED,),
    beside=True,
    when="future",
)

NEED = Choice(
    key="need",
    text=_("What do you need so that we understand each other?"),
    hint=_("Choose all that apply to you. It is free. Family or friends do not have to interpret."),
    asked=(ANSWERED,),
    many=True,
    options=(*NEEDED, NONE_OF_THESE),
)
"""Its codes, and the keys after it, are those of the interpreter form: a request can be made of them."""

INTERVIEWER = Choice(
    key="interviewer",
    text=_("Who should talk with you?"),
    hint=_("Choose all that matter to you. We try, and tell you if we cannot."),
    asked=(ANSWERED,),
    many=True,
    options=(
        Option("woman", _("A woman")),
        Option("man", _("A man")),
        Option("lgbt_aware", _("Somebody who understands lesbian, gay, bisexual and trans people")),
        Option("not_from_my_area", _("Somebody from outside my area or community")),
        Option("no_preference", _("It does not matter"), alone=True),
    ),
)
INTERVIEW_PLACE = Choice(
    key="interview_place",
    text=_("Where is it best to talk?"),
    asked=(ANSWERED,),
    beside=True,
    options=(
        Option("home", _("At my home")),
        Option("office", _("At your office")),
        Option("neutral", _("At another place where nobody knows me")),
        Option("phone", _("By phone")),
        Option("video", _("By video")),
    ),
)
COMPANION = Choice(
    key="companion",
    text=_("Will you bring somebody to support you?"),
    asked=(ANSWERED,),
    beside=True,
    options=(YES, NO),
)

CONTACT: tuple[Question, ...] = (
    ANONYMITY,
    replace(NAME, asked=(NAMED,), required=None),
    replace(
        POSTCODE,
        hint=_("For example DE1 2FS. It helps us to find your home."),
        asked=(NAMED,),
        beside=True,
    ),
    CAN_THEY_SEE,
    CONTACT_REACH,
    *(PHONE, EMAIL, POST, WORKER, MEET_WHERE),
    HOURS,
    replace(VOICEMAIL, beside=True),
    replace(DISCREET, beside=True),
    *(WHO_ELSE, SAFE_WORD, SAFE_UNTIL),
)
UNDERSTANDING: tuple[Question, ...] = (
    NEED,
    replace(SPEAK, asked=(INTERPRETING,), required=None),
    replace(SPEAK_WORDS, required=None),
    replace(SIGN, required=None),
    replace(DIALECT, asked=(INTERPRETING, Unless("speak", "sign"))),
    replace(READ, asked=(If("need", "translation"),)),
    replace(FORMAT, asked=(If("need", "format"),)),
    replace(SUPPORT, asked=(INTERPRETING,)),
    replace(GENDER, asked=(INTERPRETING,)),
    replace(OUTSIDE, asked=(INTERPRETING,), beside=True),
    ESSENTIAL,
)
MEETING: tuple[Question, ...] = (INTERVIEWER, INTERVIEW_PLACE, COMPANION)
