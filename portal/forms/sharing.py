"""Who may be told: each organisation apart, nothing ticked beforehand, and no answer means "ask me first"."""

from __future__ import annotations

from portal.forms.shared import NO
from portal.forms.telling import WRITTEN
from portal.questions import Choice, Group, Line, Notice, Option, Register
from portal.questions.messages import _

AGENCIES_REGISTER = "agencies"
AGENCIES = (
    Option("police", _("The police")),
    Option("victim_support", _("Victim Support")),
    Option("hate_charity", _("A charity that helps after hate crime")),
    Option("domestic_abuse_service", _("A domestic abuse service")),
    Option("social_care", _("Social services")),
    Option("council", _("The council’s team for anti-social behaviour and equality")),
    Option("other_landlord", _("Another landlord")),
    Option("school", _("A school")),
    Option("health", _("A doctor or the health service")),
)
"""What the list "agencies" begins with; a landlord puts in the names of its own."""

ASK_FIRST = "ask_me_first"
"""What an empty answer means."""

WITHOUT_ASKING = _(
    "Only if a child or an adult who needs care is at risk, if somebody may be badly hurt, or if a court "
    "orders it, we may have to tell the police or social services without your yes. "
    "If it is safe, we tell you before."
)
WHO_MAY_KNOW = Notice(
    key="who_may_know",
    text=_("Who may we tell?"),
    hint=_(
        "Choose for each organisation. What you leave empty means: ask me first. You can change it later. "
        "Saying no does not change how we help you."
    ),
    asked=(WRITTEN,),
    lines=(Line(text=WITHOUT_ASKING),),
)
SHARE = Group(
    key="share",
    each=Register(AGENCIES_REGISTER),
    asked=(WRITTEN,),
    questions=(
        Choice(
            key="may",
            text=_("May we tell this organisation: %(member)s?"),
            beside=True,
            options=(
                Option("yes_named", _("Yes, with my name")),
                Option("yes_without_name", _("Yes, but without my name")),
                Option(ASK_FIRST, _("Ask me first")),
                NO,
            ),
        ),
    ),
)
