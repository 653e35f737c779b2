"""The incident form: somebody is harassed, hurt, threatened or treated unfairly, and tells us.

Danger comes first. Only who tells us and what it is about must be answered; whoever would rather talk is
asked only what is needed to reach them safely. Nobody's immigration status is asked. Time limits and figures
are made of the codes of kinds, reasons and acts: they may not change their meaning.
"""

from __future__ import annotations

from datetime import timedelta

from portal.forms.danger import (
    AT_RISK,
    CRISIS,
    DANGER,
    DANGER_NOW,
    MONEY_VISA_HELP,
    NOT_SAFE,
    SAFE_TONIGHT,
)
from portal.forms.happened import DETAILS, TOLD
from portal.forms.harm import DONE, EFFECTS, INJURY, SHOWN
from portal.forms.safe_contact import CONTACT, MEETING, UNDERSTANDING
from portal.forms.sharing import AGENCIES, AGENCIES_REGISTER, SHARE, WHO_MAY_KNOW, WITHOUT_ASKING
from portal.forms.speech import SIGNED_OPTIONS, SIGNED_REGISTER, SPOKEN_OPTIONS, SPOKEN_REGISTER
from portal.forms.telling import JOURNEY, ORGANISATION, TALK, VICTIM_AGREED, VICTIM_NAME, WRITTEN
from portal.forms.wishes import OFFICE, UNFAIRNESS, WISHES
from portal.questions import Form, Group, Question
from portal.questions.messages import _

PARTS: tuple[Question | Group, ...] = (
    # danger, then who tells us
    *(DANGER_NOW, DANGER, JOURNEY, VICTIM_AGREED, VICTIM_NAME, ORGANISATION),
    # what happened; who would rather talk says so here
    *(*TOLD, TALK),
    # who must be safe tonight, however they tell us
    *(SAFE_TONIGHT, NOT_SAFE, AT_RISK, MONEY_VISA_HELP),
    # the details, in writing
    Group(
        key="details",
        asked=(WRITTEN,),
        questions=(*DETAILS, *DONE, INJURY, EFFECTS, CRISIS, *UNFAIRNESS, *SHOWN, *WISHES),
    ),
    *(WHO_MAY_KNOW, SHARE),
    # how to reach them, what they need, who should meet them
    *(*CONTACT, *UNDERSTANDING, *MEETING),
    *OFFICE,
)

INCIDENT = Form(
    key="incident",
    edition="2026-1",
    address="tell-us",
    title=_("Tell us about a problem"),
    purpose=_("If somebody harms, threatens or bullies you or another person, or we treat you unfairly"),
    intro=(
        _(
            "Tell us if somebody harms, threatens, bullies or uses you or another person, or if we or people "
            "who work for us treat you unfairly. You do not have to live in one of our homes."
        ),
        _(
            "You can skip nearly every question. You do not have to give your name. "
            "If you would rather talk to a person, you can say so. An interpreter is free."
        ),
        _(
            "What we can do depends on what happened: make a home safer, repair damage, speak to whoever did "
            "it, take steps by law, help with a move, or find people who support you. We cannot promise that "
            "it stops. We tell you what we do and why."
        ),
        _(
            "Only the people who deal with it see what you tell us. We tell other organisations only if you "
            "agree. We never ask what your visa is."
        ),
        WITHOUT_ASKING,
    ),
    thanks=(
        _(
            "Somebody reads it on the next working day at the latest. If you are in danger before that, "
            "call 999. Do not wait for us."
        ),
        _("We contact you only in the ways that you said are safe."),
    ),
    code_is_for=_(
        "With this code you can see what happens, read our messages and tell us more. It never shows what "
        "you told us. Write it down or print it, and keep it where nobody finds it. "
        "We cannot give it to you again."
    ),
    parts=PARTS,
    anonymous=False,
    then="equality",
    private=True,
    draft_idle=timedelta(minutes=30),
    draft_idle_shared=timedelta(minutes=10),
    draft_longest=timedelta(hours=12),
    registers={
        SPOKEN_REGISTER: SPOKEN_OPTIONS,
        SIGNED_REGISTER: SIGNED_OPTIONS,
        AGENCIES_REGISTER: AGENCIES,
    },
)
