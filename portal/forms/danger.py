"""Danger first: whom to call now, what is not safe tonight, and who else may come to harm."""

from __future__ import annotations

from portal.forms.shared import NO, YES
from portal.forms.telling import NOT_WITNESSED, of_another
from portal.questions import AnyOf, Choice, If, Line, Notice, Option
from portal.questions.messages import _

CALL_US = Line(text=_("You can call us on %(phone)s."), setting="phone")
CALL_US_OUT_OF_HOURS = Line(
    text=_("When our offices are closed, call us on %(phone)s."), setting="out_of_hours_phone"
)
EMERGENCY = "999"

DANGER_NOW = Choice(
    key="danger_now",
    text=_("Is somebody in danger now, or hurt?"),
    hint=_("We cannot come at once. The police, the ambulance and the fire brigade can."),
    options=(
        Option("yes", _("Yes")),
        Option("unsure", _("I am not sure")),
        Option("continue_after_999", _("I have already called 999")),
        Option("no", _("No")),
    ),
)
DANGER = Notice(
    key="danger",
    text=_("Get help now"),
    hint=_("If you can, go to a safe place first. After that you can go on with this form."),
    asked=(If("danger_now", "yes", "unsure"),),
    lines=(
        Line(
            text=_("Call %(phone)s for the police, an ambulance or the fire brigade. It is free."),
            number=EMERGENCY,
        ),
        Line(
            text=_(
                "If it is not safe to speak: call %(phone)s from a mobile phone, listen, and press 55 "
                "when you are asked to. Then the police know that it is real. On a landline, do not hang up."
            ),
            number=EMERGENCY,
        ),
        Line(
            text=_(
                "If you use British Sign Language (BSL): 999 BSL connects you by video to an interpreter. "
                "Use its app, or the website 999bsl.co.uk."
            )
        ),
        Line(
            text=_(
                "If you cannot hear or speak on the phone: send a text message to %(phone)s. This works only "
                "if your phone is registered: send the word “register” to 999 first."
            ),
            number=EMERGENCY,
        ),
        Line(text=_("If it is not an emergency, call the police on %(phone)s."), number="101"),
        CALL_US,
        CALL_US_OUT_OF_HOURS,
    ),
)

AT_HOME = ("domestic_abuse", "stalking", "sexual_violence", "hbv_forced_marriage_fgm")
"""Kinds where whoever does it may be very near: nobody is asked about a talk with them."""
HIDDEN = (*AT_HOME, "exploitation_cuckooing_mate_crime", "modern_slavery")
"""Crimes that others rarely see."""
UNSAFE_ACTS = (
    "threats",
    "physical_assault",
    "arson_fire",
    "items_through_letterbox",
    "following_watching",
    "sexual",
    "coercive_control",
    "eviction_lockout",
)

SAFE_TONIGHT = Choice(
    key="safe_tonight",
    text=_("Do you have somewhere safe to stay tonight?"),
    asked=(
        NOT_WITNESSED,
        AnyOf(
            If("danger_now", "yes", "unsure", "continue_after_999"),
            If("kind", *HIDDEN),
            If("acts", *UNSAFE_ACTS),
        ),
    ),
    worded=of_another(_("Do they have somewhere safe to stay tonight?")),
    options=(YES, NO, Option("not_sure", _("I am not sure"))),
)
NOT_SAFE = Notice(
    key="not_safe",
    text=_("Please call us now"),
    hint=_(
        "We look for a safe place with you, also if you have no money or your visa has limits. "
        "After the call you can go on with this form."
    ),
    asked=(If("safe_tonight", "no", "not_sure"),),
    lines=(
        CALL_US,
        CALL_US_OUT_OF_HOURS,
        Line(
            text=_(
                "If a partner or somebody in your family hurts or controls you: the National Domestic Abuse "
                "Helpline is free, day and night, for women: %(phone)s."
            ),
            number="0808 2000 247",
        ),
        Line(
            text=_("If you are in danger now, call %(phone)s."),
            number=EMERGENCY,
        ),
    ),
)
AT_RISK = Choice(
    key="children_adults_at_risk",
    text=_("Is a child affected, or an adult who needs care or support?"),
    hint=_("Also a child who hears or sees it"),
    options=(
        Option("child", _("Yes, a child")),
        Option("adult_at_risk", _("Yes, an adult who needs care or support")),
        Option("both", _("Yes, both")),
        NO,
        Option("dont_know", _("I do not know")),
    ),
)
MONEY_VISA_HELP = Choice(
    key="money_visa_help",
    text=_("Do you want help because money or visa rules may stop you from getting a home?"),
    hint=_("We never ask what your visa is"),
    asked=(NOT_WITNESSED, AnyOf(If("safe_tonight", "no", "not_sure"), If("kind", *HIDDEN))),
    worded=of_another(
        _("Do they want help because money or visa rules may stop them from getting a home?"),
        _("We never ask what their visa is"),
    ),
    options=(YES, NO, Option("rather_not_say", _("I would rather not say"))),
)

CRISIS = Notice(
    key="crisis",
    text=_("Somebody can listen to you now"),
    hint=_("You told us that you think about ending your life. You do not have to be alone with it."),
    asked=(If("effects", "suicidal_thoughts"),),
    worded=of_another(
        _("Somebody can help them now"),
        _("You told us that they think about ending their life. They do not have to be alone with it."),
    ),
    lines=(
        Line(text=_("Samaritans listen, day and night. It is free: %(phone)s."), number="116 123"),
        Line(
            text=_("The health service (NHS): call %(phone)s, day and night, and choose option 2."),
            number="111",
        ),
        Line(text=_("If a life is in danger now, call %(phone)s."), number=EMERGENCY),
    ),
)
