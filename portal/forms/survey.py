"""The satisfaction survey: how a service was, asked in the same words of every service.

The first scale has the wording and the points of STAR, the sector's survey of tenants and residents, as do
fairness and respect; "I do not know" stands apart from the points. Nobody is named, and the equality
questions are offered afterwards as a form of their own.
"""

from __future__ import annotations

from portal.forms.shared import NO, YES
from portal.questions import AnyOf, Choice, Form, If, Option, Question, Text, Unless
from portal.questions.conditions import Condition
from portal.questions.messages import Message, _

DO_NOT_KNOW = Option("do_not_know", _("I do not know"))

SATISFIED = (
    Option("very_satisfied", _("Very satisfied")),
    Option("fairly_satisfied", _("Fairly satisfied")),
    Option("neither", _("Neither satisfied nor dissatisfied")),
    Option("fairly_dissatisfied", _("Fairly dissatisfied")),
    Option("very_dissatisfied", _("Very dissatisfied")),
    DO_NOT_KNOW,
)
AGREE = (
    Option("strongly_agree", _("Strongly agree")),
    Option("agree", _("Agree")),
    Option("neither", _("Neither agree nor disagree")),
    Option("disagree", _("Disagree")),
    Option("strongly_disagree", _("Strongly disagree")),
    DO_NOT_KNOW,
)

SERVICE = Choice(
    key="service",
    text=_("Which service is this about?"),
    options=(
        Option("repairs", _("Repairs")),
        Option("lettings", _("Finding a home or moving home")),
        Option("homelessness", _("Homelessness")),
        Option("asb", _("Anti-social behaviour")),
        Option("complaint", _("A complaint")),
        Option("interpreting", _("An interpreter")),
        Option("other", _("Something else")),
    ),
)

INTERPRETED = Choice(
    key="interpreted",
    text=_("Did you have an interpreter?"),
    asked=(Unless("service", "interpreting"),),
    options=(YES, NO),
)

OVERALL = Choice(
    key="overall",
    text=_(
        "Taking everything into account, how satisfied or dissatisfied are you with the service we provide?"
    ),
    options=SATISFIED,
)

WITH_AN_INTERPRETER = AnyOf(If("service", "interpreting"), If("interpreted", "yes"))


def agreed(key: str, statement: Message, *asked: Condition) -> Choice:
    """A statement that people agree or disagree with."""
    hint = _("How much do you agree or disagree?")
    return Choice(key=key, text=statement, hint=hint, asked=asked, options=AGREE)


QUESTIONS: tuple[Question, ...] = (
    SERVICE,
    INTERPRETED,
    OVERALL,
    agreed("fair", _("I was treated fairly and with respect")),
    agreed("rights", _("My rights were respected")),
    agreed("easy", _("The service was easy to deal with")),
    agreed("understood", _("The interpreter and I understood each other"), WITH_AN_INTERPRETER),
    agreed("private", _("I trust the interpreter to keep private what was said"), WITH_AN_INTERPRETER),
    agreed("same_again", _("I would like to have the same interpreter again"), WITH_AN_INTERPRETER),
    Text(
        key="comment",
        text=_("Is there anything else you want to tell us?"),
        hint=_("You can use any language. Please do not write names, addresses or phone numbers."),
        personal=True,
        most=1000,
        lines=5,
    ),
)

SURVEY = Form(
    key="survey",
    edition="2026-1",
    address="your-view",
    title=_("Tell us how we did"),
    purpose=_("A few questions about a service you got from us"),
    intro=(
        _("We want to know how good our services are, and what we should do better."),
        _("You can skip any question. Your answers will not affect the service you get."),
        _("We do not ask your name or address."),
    ),
    thanks=(_("We put all the answers together and use them to make our services better."),),
    then="equality",
    parts=QUESTIONS,
)
