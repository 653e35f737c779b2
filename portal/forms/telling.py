"""Who tells us of a problem, and for whom: the rest of the incident form is asked and worded by it."""

from __future__ import annotations

from portal.forms.shared import PREFER_NOT_TO_SAY
from portal.questions import Choice, Group, If, Option, Text, Unless, Worded
from portal.questions.messages import Message, _

JOURNEY = Choice(
    key="journey",
    text=_("Who are you in this?"),
    hint=_(
        "If it happened to somebody else, answer for that person when we ask what happened. "
        "The questions about how to reach you are about you."
    ),
    required=_("Choose who you are in this"),
    options=(
        Option("victim", _("It happened to me, or to my household")),
        Option("witness", _("I saw or heard it")),
        Option("friend_family", _("I tell you for a friend or for family")),
        Option("professional_org", _("I tell you in my work for an organisation")),
        Option("staff_harassed_at_work", _("I work for you, and it happened to me at work")),
        PREFER_NOT_TO_SAY,
    ),
)
"""Whoever does not say is asked like the person it happened to: nothing is left out for them."""

FOR_SOMEONE = If("journey", "friend_family", "professional_org")
WITNESSED = If("journey", "witness")
NOT_WITNESSED = Unless("journey", "witness")
OF_ANOTHER = If("journey", "witness", "friend_family", "professional_org")
NOT_AT_WORK = Unless("journey", "staff_harassed_at_work")


def of_another(text: Message, hint: Message | None = None) -> tuple[Worded, ...]:
    """The words of a question for somebody who tells us what happened to another person."""
    return (Worded(OF_ANOTHER, text, hint),)


VICTIM_AGREED = Choice(
    key="victim_agreed",
    text=_("Does the person it happened to know that you tell us, and agree?"),
    asked=(FOR_SOMEONE,),
    options=(
        Option("yes", _("Yes")),
        Option("no_unsafe_to_ask", _("No. It is not safe to ask them.")),
        Option("no_other", _("No, for another reason")),
        Option("not_applicable_child", _("It is a child")),
        Option("unknown", _("I do not know")),
    ),
)
VICTIM_NAME = Text(
    key="victim_name",
    text=_("Who did it happen to, and where do they live?"),
    hint=_("Their name and address, as far as they agree that you tell us"),
    asked=(If("victim_agreed", "yes"),),
    personal=True,
    lines=3,
    most=300,
)
ORGANISATION = Group(
    key="organisation",
    asked=(If("journey", "professional_org"),),
    questions=(
        Text(key="org_name", text=_("What is your organisation called?"), personal=True),
        Text(key="org_role", text=_("What is your work there?"), personal=True, beside=True),
        Text(
            key="org_email",
            text=_("What is your email address at work?"),
            personal=True,
            beside=True,
            most=254,
        ),
        Text(
            key="org_ref",
            text=_("What is your own reference for this?"),
            hint=_("If you have one"),
            personal=True,
            beside=True,
        ),
    ),
)

TALK = Choice(
    key="talk",
    text=_("Would you rather talk to someone?"),
    hint=_("Then we ask only what we need in order to reach you safely. An interpreter is free."),
    beside=True,
    options=(
        Option("yes", _("Yes. I would rather tell a person.")),
        Option("no", _("No. I go on with this form.")),
    ),
)
WRITTEN = Unless("talk", "yes")
"""Nobody who would rather talk is asked the details in writing."""
