"""What happened: its kind, why people think so, what was done, in their own words, when and where."""

from __future__ import annotations

from portal.forms.speech import SPOKEN_REGISTER
from portal.forms.talking import ENGLISH
from portal.forms.telling import NOT_AT_WORK, NOT_WITNESSED, of_another
from portal.questions import Choice, Date, If, Option, Question, Register, Text, Unless
from portal.questions.messages import _, _in

LONGEST_NARRATIVE = 20_000
"""Characters that people may write in their own words."""

DONE_TO_PEOPLE = (
    Option("hate_incident", _("Hate: because of who somebody is, or who they are taken for")),
    Option("racial_harassment", _("Racist abuse or harassment")),
    Option("asb", _("Trouble with neighbours or others: noise, threats, damage (anti-social behaviour)")),
    Option("domestic_abuse", _("Abuse by a partner, a former partner or family")),
    Option("stalking", _("Somebody follows, watches or contacts a person who does not want it")),
    Option("sexual_violence", _("Sexual violence or harassment")),
    Option(
        "hbv_forced_marriage_fgm",
        _("Forced marriage, violence for “honour”, or cutting of girls (FGM)"),
    ),
    Option(
        "exploitation_cuckooing_mate_crime",
        _("Somebody uses a person, their home or their money, or pretends to be a friend"),
    ),
    Option("modern_slavery", _("Somebody is made to work, or is not free to leave")),
    Option("discrimination_by_resident", _("Unfair treatment by other residents")),
)
DONE_BY_US = (
    Option("discrimination_by_landlord", _("Unfair treatment by us, your landlord")),
    Option("discrimination_by_contractor", _("Unfair treatment by somebody who works for us")),
    Option("staff_conduct", _("How one of our staff behaved")),
    Option("complaint_about_handling", _("How we dealt with an earlier problem")),
)
UNCLEAR = (
    Option("other", _("Something else")),
    Option("not_sure", _("I am not sure")),
)
KIND = Choice(
    key="kind",
    text=_("What is it about?"),
    hint=_("Choose all that fit. If you are not sure, say so: we find out together."),
    required=_("Choose what it is about, or “I am not sure”"),
    many=True,
    options=(*DONE_TO_PEOPLE, *DONE_BY_US, *UNCLEAR),
)
TO_PEOPLE = If("kind", *(option.code for option in (*DONE_TO_PEOPLE, *UNCLEAR)))
BY_US = If("kind", *(option.code for option in DONE_BY_US))
NOT_ONLY_HANDLING = If(
    "kind", *(option.code for option in KIND.known if option.code != "complaint_about_handling")
)

STRANDS = (
    Option("race_colour_nationality_ethnic", _("Race, skin colour, nationality or ethnic group")),
    Option(
        "gypsy_roma_traveller",
        _("Being Gypsy, Roma or Traveller"),
        parent="race_colour_nationality_ethnic",
    ),
    Option("language_accent", _("Language or accent")),
    Option("asylum_migration", _("Being a refugee, asking for asylum, or coming from another country")),
    Option("religion_belief_none", _("Religion or belief, or having none")),
    Option("caste", _("Caste")),
    Option("disability_health_hiv", _("Disability, health or HIV")),
    Option("sexual_orientation", _("Being gay, lesbian, bisexual or straight")),
    Option("trans_gender_identity", _("Being trans, or the gender somebody is")),
    Option("sex", _("Being a woman or a man")),
    Option("age", _("Age")),
    Option("pregnancy_maternity", _("Pregnancy or a new baby")),
    Option("marriage_cp", _("Being married or in a civil partnership")),
    Option("alternative_subculture", _("Clothes, looks or music, such as goth or punk")),
    Option("other", _in("reason", "Something else about the person")),
)
MOTIVE = Choice(
    key="motive",
    text=_("Why do you think it happened?"),
    hint=_(
        "Choose all that fit, also if the others only believed it of the person. What you think is enough: "
        "you do not have to prove it."
    ),
    asked=(NOT_ONLY_HANDLING,),
    many=True,
    options=(
        *STRANDS,
        Option("not_because_of_this", _("It had nothing to do with any of these"), alone=True),
        Option("not_sure", _("I am not sure"), alone=True),
    ),
)
FAITH = Choice(
    key="motive_faith",
    text=_("Against whom was it?"),
    hint=_("Choose all that fit"),
    asked=(If("motive", "religion_belief_none"),),
    many=True,
    options=(
        Option("antisemitic", _("Jewish people")),
        Option("anti_muslim", _("Muslims")),
        Option("anti_sikh", _("Sikhs")),
        Option("anti_hindu", _("Hindus")),
        Option("anti_christian", _("Christians")),
        Option("anti_other_faith", _("People of another religion or belief")),
        Option("anti_no_faith", _("People without a religion")),
    ),
)
PERCEIVED_BY = Choice(
    key="perceived_by",
    text=_("Who thinks that this was the reason?"),
    hint=_("Choose all that fit"),
    asked=(Unless("journey", "victim"), If("motive", *(option.code for option in STRANDS))),
    many=True,
    options=(
        Option("victim", _("The person it happened to")),
        Option("reporter", _("I do, who fill in this form")),
        Option("other_person", _("Somebody else")),
        Option("staff", _("A member of staff")),
    ),
)
"""Not put to a victim, whose answer before is what the victim thinks."""

ACTS = Choice(
    key="acts",
    text=_("What happened?"),
    hint=_("Choose all that fit"),
    many=True,
    options=(
        Option("verbal_abuse", _("Insults or shouting"), heading=_("Words and contact")),
        Option("threats", _("Threats")),
        Option("online", _("On the internet")),
        Option("phone_text", _("Phone calls or messages")),
        Option("letters_posters", _("Letters, leaflets or posters")),
        Option("following_watching", _("Following or watching")),
        Option("malicious_complaint", _("False complaints about somebody")),
        Option("physical_assault", _("Hitting, kicking or other violence"), heading=_("Violence")),
        Option("spitting_gesture", _("Spitting or rude signs")),
        Option("dog_used", _("A dog used to frighten or hurt")),
        Option("sexual", _("Sexual words or touching, or worse")),
        Option("financial_control", _("Taking or controlling money")),
        Option("coercive_control", _("Controlling what somebody does, wears or whom they see")),
        Option("graffiti", _("Painted or written on walls or doors"), heading=_("Home and belongings")),
        Option("damage_property", _("Damage")),
        Option("arson_fire", _("Fire")),
        Option("items_through_letterbox", _("Things through the letterbox")),
        Option("dumping", _("Rubbish left on purpose")),
        Option("noise", _("Noise")),
        Option("eviction_lockout", _("Put out or locked out of the home")),
        Option("refused_service", _("A service was refused"), heading=_("Services")),
        Option("treated_worse", _("Treated worse than others")),
        Option("no_reasonable_adjustment", _("A change needed for a disability was not made")),
        Option("no_interpreter", _("No interpreter")),
        Option("other", _("Something else")),
    ),
)

NARRATIVE = Text(
    key="narrative",
    text=_("Tell us in your own words"),
    hint=_("In any language. As much or as little as you want. You can also tell a person: see below."),
    personal=True,
    most=LONGEST_NARRATIVE,
    lines=12,
)
NARRATIVE_LANG = Choice(
    key="narrative_lang",
    text=_("In which language did you write?"),
    beside=True,
    options=(
        Option("page", _("The language of this page")),
        Option("eng", ENGLISH),
        Option("other", _("Another language, or several")),
    ),
)
NARRATIVE_LANG_OTHER = Choice(
    key="narrative_lang_other",
    text=_("Which language is it mostly?"),
    asked=(If("narrative_lang", "other"),),
    options=Register(SPOKEN_REGISTER),
)

WHEN = Choice(
    key="when",
    text=_("When was it?"),
    options=(
        Option("exact", _("I know the day")),
        Option("approx", _("I know roughly when")),
        Option("many_times", _("It happened many times")),
        Option("still_happening", _("It is still going on")),
        Option("dont_know", _("I do not know")),
    ),
)
MORE_THAN_ONCE = If("when", "many_times", "still_happening")
FIRST_DATE = Date(
    key="first_date",
    text=_("On which day was it, or when did it begin?"),
    hint=_("For example 27 3 2026. You can leave out the day, or the day and the month."),
    asked=(If("when", "exact", "approx", "many_times", "still_happening"),),
    partial=True,
    when="past",
)
LAST_DATE = Date(
    key="last_date",
    text=_("When was it last?"),
    hint=_("You can leave out the day, or the day and the month"),
    asked=(If("when", "approx", "many_times", "still_happening"),),
    beside=True,
    partial=True,
    when="past",
    after="first_date",
)
TIME_BAND = Choice(
    key="time_band",
    text=_("At what time of day?"),
    asked=(If("when", "exact", "approx", "many_times", "still_happening"),),
    beside=True,
    options=(
        Option("morning", _("In the morning")),
        Option("afternoon", _("In the afternoon")),
        Option("evening", _("In the evening")),
        Option("night", _("At night")),
        Option("different", _("At different times")),
        Option("dont_know", _("I do not know")),
    ),
)
FREQUENCY = Choice(
    key="frequency",
    text=_("How often does it happen?"),
    asked=(MORE_THAN_ONCE,),
    options=(
        Option("once", _("It was only once")),
        Option("daily", _("Every day")),
        Option("weekly", _("Every week")),
        Option("monthly", _("Every month")),
        Option("more_than_3_in_6m", _("More than three times in the last six months")),
        Option("dont_know", _("I do not know")),
    ),
)

WHERE = Choice(
    key="where",
    text=_("Where did it happen?"),
    hint=_("Choose all that fit"),
    asked=(TO_PEOPLE,),
    many=True,
    worded=of_another(_("Where did it happen?"), _("“Home” is the home of the person it happened to")),
    options=(
        Option("my_home", _("At home")),
        Option("communal_area", _("In the building: stairs, lift, hall or garden")),
        Option("estate_outdoors", _("Outside, near home")),
        Option("landlord_office", _("At one of our offices")),
        Option("online", _("On the internet")),
        Option("work_school", _("At work or school")),
        Option("transport", _("On a bus or train")),
        Option("other", _("Somewhere else")),
    ),
)
WHERE_WORDS = Text(
    key="where_words",
    text=_("Which place exactly?"),
    hint=_("For example the address with the postcode"),
    asked=(TO_PEOPLE,),
    beside=True,
    personal=True,
    lines=3,
    most=300,
)
WHERE_HIDDEN = Choice(
    key="where_hidden",
    text=_("May others learn the exact place?"),
    asked=(TO_PEOPLE,),
    beside=True,
    many=True,
    options=(Option("hide", _("Do not show the exact place to other organisations")),),
)
TENURE = Choice(
    key="tenure",
    text=_("Which of these is your home?"),
    asked=(NOT_WITNESSED, NOT_AT_WORK),
    worded=of_another(_("Which of these is their home?")),
    options=(
        Option("our_tenant", _("Rented from us")),
        Option("our_leaseholder", _("A leasehold or part-owned home of ours")),
        Option("other_social", _("Rented from another council or housing association")),
        Option("private", _("Rented from a private landlord")),
        Option("owner", _("Owned")),
        Option("hostel_temp", _("A hostel or a home for a short time")),
        Option("homeless", _("No home at the moment")),
        Option("dont_know", _("I do not know")),
    ),
)

TOLD: tuple[Question, ...] = (KIND, MOTIVE, FAITH, PERCEIVED_BY, ACTS, NARRATIVE, NARRATIVE_LANG)
DETAILS: tuple[Question, ...] = (
    NARRATIVE_LANG_OTHER,
    *(WHEN, FIRST_DATE, LAST_DATE, TIME_BAND, FREQUENCY),
    *(WHERE, WHERE_WORDS, WHERE_HIDDEN, TENURE),
)
