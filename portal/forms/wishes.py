"""What people want us to do; with unfair treatment by us, what that was; and what only staff write down."""

from __future__ import annotations

from portal.forms.danger import HIDDEN
from portal.forms.happened import BY_US
from portal.forms.shared import NO, YES
from portal.forms.telling import NOT_WITNESSED, of_another
from portal.questions import Choice, Date, If, Option, Question, Text, Time, Unless
from portal.questions.messages import _, _staff

SERVICE_AREA = Choice(
    key="service_area",
    text=_("Which of our services is it about?"),
    asked=(BY_US,),
    options=(
        Option("repairs", _("Repairs")),
        Option("lettings", _("Finding a home or moving home")),
        Option("homelessness", _("Help for people without a home")),
        Option("rent_money", _("Rent or money")),
        Option("neighbourhood", _("Trouble with neighbours, or the area")),
        Option("office_phone", _("Our offices or our phone line")),
        Option("caretaking", _("Cleaning, caretaking or gardens")),
        Option("other", _("Something else")),
    ),
)
DECISION = Text(
    key="decision",
    text=_("What did we decide, do or leave undone?"),
    asked=(BY_US,),
    personal=True,
    lines=4,
    most=2000,
)
DECISION_DATE = Date(
    key="decision_date",
    text=_("When was that?"),
    hint=_("You can leave out the day, or the day and the month"),
    asked=(BY_US,),
    beside=True,
    partial=True,
    when="past",
)
ADJUSTMENT = Choice(
    key="adjustment",
    text=_("Did you ask us for a change because of a disability?"),
    hint=_("For example large print, more time, or a repair that you need"),
    asked=(BY_US,),
    worded=of_another(_("Did they ask us for a change because of a disability?")),
    options=(
        Option("asked_not_made", _("Yes, and we did not make it")),
        Option("asked_made", _("Yes, and we made it")),
        NO,
        Option("dont_know", _("I do not know")),
    ),
)
ADJUSTMENT_WORDS = Text(
    key="adjustment_words",
    text=_("Which change was it?"),
    asked=(If("adjustment", "asked_not_made", "asked_made"),),
    personal=True,
    lines=3,
    most=500,
)
STAFF_NAMED = Text(
    key="staff_named",
    text=_("Which of our staff, or who for us, was it?"),
    hint=_("A name, or what you know. The people you name do not deal with what you tell us."),
    asked=(BY_US,),
    beside=True,
    personal=True,
    lines=2,
    most=300,
)
FORMAL_COMPLAINT = Choice(
    key="formal_complaint",
    text=_("Do you want it to be a formal complaint?"),
    hint=_(
        "Then we must answer in a set time, and you can take it further. If you think of going to court "
        "about unfair treatment: you usually have six months from the day it happened. Get advice soon."
    ),
    asked=(BY_US,),
    options=(YES, NO, Option("not_sure", _("I am not sure. Please explain it to me."))),
)
UNFAIRNESS: tuple[Question, ...] = (
    *(SERVICE_AREA, DECISION, DECISION_DATE, STAFF_NAMED),
    *(ADJUSTMENT, ADJUSTMENT_WORDS, FORMAL_COMPLAINT),
)

WANT = Choice(
    key="want",
    text=_("What would you like to happen?"),
    hint=_("Choose all that fit. We cannot promise everything. We tell you what we can do."),
    many=True,
    options=(
        Option("stop_it", _("That it stops")),
        Option("just_record", _("Only that you know about it")),
        Option("remove_graffiti", _("That words or pictures are removed")),
        Option("security_measures", _("Better locks, lights or an alarm")),
        Option("move", _("A move to another home")),
        Option("talk_to_someone", _("A talk with somebody about it")),
        Option("support_service", _("Support from people who know such problems")),
        Option("warning", _("A warning to whoever did it")),
        Option("legal_action", _("Steps by law, such as a court order")),
        Option("apology", _("An apology")),
        Option("change_in_service", _("That you work in another way")),
        Option("dont_know", _("I do not know yet"), alone=True),
    ),
)
MEDIATION = Choice(
    key="mediation",
    text=_("Would you talk it over with them, if somebody neutral helps?"),
    hint=_("This is called mediation. Nobody has to do it."),
    asked=(
        If("kind", "asb", "discrimination_by_resident", "other", "not_sure"),
        Unless("kind", *HIDDEN, "hate_incident", "racial_harassment"),
        If("journey", "victim"),
    ),
    beside=True,
    options=(YES, NO, Option("not_sure", _("I am not sure"))),
)
"""Put only where it can be fair: never after abuse, exploitation or hate, and only to the person affected."""
ADVICE = Choice(
    key="advice",
    text=_("Would you like help or advice about any of these?"),
    hint=_("Choose all that fit"),
    asked=(NOT_WITNESSED,),
    many=True,
    worded=of_another(_("Would they like help or advice about any of these?")),
    options=(
        Option("refuge", _("A safe place to stay, such as a refuge")),
        Option("tenancy", _("The tenancy, or keeping the home")),
        Option("money", _("Money, benefits or debt")),
        Option("legal", _("Rights and the law")),
        Option("immigration_advice", _("Visas and immigration")),
        Option("religious_divorce", _("A religious divorce")),
        Option("counselling", _("Somebody to talk to about feelings")),
        Option("children", _("Help for children")),
        Option("lgbt_support", _("Support for lesbian, gay, bisexual and trans people")),
        Option("disability_support", _("Support for disabled people")),
        Option("community_org", _("A group from the community")),
    ),
)
WISHES: tuple[Question, ...] = (WANT, MEDIATION, ADVICE)

CHANNEL = Choice(
    key="channel",
    text=_staff("How did it reach us?"),
    by="office",
    options=(
        Option("online", _staff("Online")),
        Option("phone", _staff("By phone")),
        Option("letter_paper", _staff("By letter or on a paper form")),
        Option("office", _staff("At an office")),
        Option("home_visit", _staff("At a home visit")),
        Option("email", _staff("By email")),
        Option("partner_agency", _staff("Through another agency")),
        Option("third_party_centre", _staff("Through a third-party reporting centre")),
        Option("social_media", _staff("On social media")),
        Option("dvu_call", _staff("Call to the domestic violence unit")),
        Option("hoc_homeless", _staff("Homeless approach to the housing options centre")),
        Option("dv_adviser", _staff("Request for advice to a domestic abuse adviser")),
        Option("accom_provider", _staff("Through a provider of accommodation")),
    ),
)
OFFICE: tuple[Question, ...] = (
    CHANNEL,
    Date(
        key="received_on",
        text=_staff("On which day did we hear of it?"),
        hint=_staff("The real day, even if it is keyed later: time limits run from it"),
        by="office",
        when="past",
    ),
    Time(key="received_at", text=_staff("At what time?"), by="office", beside=True),
    Choice(
        key="immediate_actions",
        text=_staff("What was done at once?"),
        by="office",
        many=True,
        options=(
            Option("called_999", _staff("Emergency services called")),
            Option("place_of_safety", _staff("A place of safety offered")),
            Option("repair", _staff("An emergency repair ordered")),
            Option("safeguarding", _staff("Safeguarding told")),
            Option("manager_told", _staff("A manager told")),
            Option("other", _staff("Something else")),
            Option("none", _staff("Nothing was needed"), alone=True),
        ),
    ),
    Choice(
        key="read_back",
        text=_staff("Was it read back to the person, and did they agree?"),
        by="office",
        options=(YES, NO),
    ),
    Text(
        key="risk_tool",
        text=_staff("Was a risk assessment made elsewhere?"),
        hint=_staff("Which one, by whom, when, its level and where it is kept. Not its answers."),
        by="office",
        personal=True,
        most=300,
    ),
    Text(
        key="staff_note",
        text=_staff("Anything else to note, apart from the person's own words"),
        by="office",
        personal=True,
        lines=4,
        most=2000,
    ),
)
