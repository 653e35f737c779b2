"""The equality form: who uses our services, asked once, in the same words for every team.

Wording and order follow the GOV.UK equality information pattern; ethnic groups, carer, language and
national identity follow the Census 2021 questions for England; impairments follow the Protected
Characteristics Questionnaire (PCQ) and the lettings log (CORE). `standards` holds their codes.
"""

from __future__ import annotations

from portal.forms.ethnicity import ETHNIC_DETAIL, ETHNIC_GROUP, ETHNIC_WORDS
from portal.forms.shared import LANGUAGES, NO, NONE_OF_THESE, PREFER_NOT_TO_SAY, YES
from portal.questions import Choice, Form, If, Option, Question, Text, Unless
from portal.questions.messages import _, _in

ADULT = Unless("age_band", "under_16")
"""Questions that are put to people of 16 and over only (Census 2021 practice)."""

CONSENT = Choice(
    key="equality_consent",
    text=_("Do you want to answer the equality questions?"),
    hint=_("The questions are optional. Your answers will not affect the service you get."),
    options=(
        Option("yes", _("Yes, answer the questions"), hint=_("It takes about 3 minutes")),
        Option("no", _("No, do not answer the questions"), opts_out=True),
    ),
)

AGE_BAND = Choice(
    key="age_band",
    text=_("How old are you?"),
    why=_("We ask so that we can see whether people of every age get the same service."),
    options=(
        Option("under_16", _("Under 16")),
        Option("16_17", _("16 to 17")),
        Option("18_24", _("18 to 24")),
        Option("25_34", _("25 to 34")),
        Option("35_44", _("35 to 44")),
        Option("45_54", _("45 to 54")),
        Option("55_64", _("55 to 64")),
        Option("65_74", _("65 to 74")),
        Option("75_84", _("75 to 84")),
        Option("85_over", _("85 or over")),
        PREFER_NOT_TO_SAY,
    ),
)

LONG_TERM_CONDITION = Choice(
    key="long_term_condition",
    text=_(
        "Do you have any physical or mental health conditions or illnesses "
        "lasting or expected to last 12 months or more?"
    ),
    why=_("We ask so that we can see whether disabled people get the same service."),
    options=(YES, NO, PREFER_NOT_TO_SAY),
)

ACTIVITY_LIMITATION = Choice(
    key="activity_limitation",
    text=_("Do any of your conditions or illnesses reduce your ability to carry out day-to-day activities?"),
    hint=_("For example eating, washing, walking or going shopping"),
    asked=(If("long_term_condition", "yes"),),
    options=(
        Option("yes_a_lot", _("Yes, a lot")),
        Option("yes_a_little", _("Yes, a little")),
        Option("not_at_all", _("Not at all")),
        PREFER_NOT_TO_SAY,
    ),
)

IMPAIRMENT = Choice(
    key="impairment",
    text=_("Do any of these conditions or illnesses affect you in any of the following areas?"),
    hint=_("Choose all that apply to you"),
    asked=(If("long_term_condition", "yes"),),
    many=True,
    options=(
        Option("vision", _("Vision"), hint=_("For example blindness or partial sight")),
        Option("hearing", _("Hearing"), hint=_("For example deafness or partial hearing")),
        Option("mobility", _("Mobility"), hint=_("For example walking short distances or climbing stairs")),
        Option(
            "dexterity",
            _("Using your hands"),
            hint=_("For example lifting and carrying objects, or using a keyboard"),
        ),
        Option("learning", _("Learning, understanding or concentrating")),
        Option("memory", _("Memory")),
        Option("mental_health", _("Mental health")),
        Option("stamina", _("Stamina, breathing or fatigue")),
        Option("social", _("Social contact or behaviour")),
        Option("other", _("Another area")),
        NONE_OF_THESE,
        PREFER_NOT_TO_SAY,
    ),
)

MARITAL_STATUS = Choice(
    key="marital_status",
    text=_("What is your legal marital or registered civil partnership status?"),
    asked=(ADULT,),
    options=(
        Option("never_married", _("Never married and never registered in a civil partnership")),
        Option("married", _in("marital status", "Married")),
        Option("civil_partnership", _("In a registered civil partnership")),
        Option("separated_married", _("Separated, but still legally married")),
        Option("separated_cp", _("Separated, but still legally in a civil partnership")),
        Option("divorced", _in("marital status", "Divorced")),
        Option("dissolved_cp", _("Formerly in a civil partnership which is now legally dissolved")),
        Option("widowed", _in("marital status", "Widowed")),
        Option("surviving_cp", _("Surviving partner from a registered civil partnership")),
        PREFER_NOT_TO_SAY,
    ),
)

RELIGION = Choice(
    key="religion",
    text=_("What is your religion?"),
    options=(
        Option("no_religion", _("No religion")),
        Option(
            "christian",
            _("Christian"),
            hint=_("Including Church of England, Catholic, Protestant and all other Christian denominations"),
        ),
        Option("buddhist", _("Buddhist")),
        Option("hindu", _("Hindu")),
        Option("jewish", _("Jewish")),
        Option("muslim", _("Muslim")),
        Option("sikh", _("Sikh")),
        Option("other", _("Another religion")),
        PREFER_NOT_TO_SAY,
    ),
)

RELIGION_WORDS = Text(
    key="religion_words",
    text=_("What do you call your religion?"),
    hint=_("You can use your own words, in any language"),
    asked=(If("religion", "other"),),
    personal=True,
)

FEMALE = Option("female", _("Female"))
MALE = Option("male", _("Male"))

# The law and the guidance on this question are moving, so the landlord chooses the wording.
SEX = Choice(
    key="sex",
    variant="sex",
    text=_("What is your sex?"),
    why=_("We ask so that we can see whether women and men get the same service."),
    asked=(ADULT,),
    options=(FEMALE, MALE, PREFER_NOT_TO_SAY),
)
SEX_AT_BIRTH = Choice(
    key="sex",
    variant="registered_at_birth",
    text=_("What was your sex registered at birth?"),
    why=SEX.why,
    asked=(ADULT,),
    options=(FEMALE, MALE, PREFER_NOT_TO_SAY),
)
SEX_WITH_NOTE = Choice(
    key="sex",
    variant="with_note",
    text=_("What is your sex?"),
    hint=_("A question about gender identity follows"),
    why=SEX.why,
    asked=(ADULT,),
    options=(FEMALE, MALE, PREFER_NOT_TO_SAY),
)

GENDER_SAME = Choice(
    key="gender_same",
    text=_("Is the gender you identify with the same as your sex registered at birth?"),
    asked=(ADULT,),
    options=(YES, NO, PREFER_NOT_TO_SAY),
)

GENDER_WORDS = Text(
    key="gender_words",
    text=_("What is your gender identity?"),
    hint=_("You can use your own words, in any language"),
    asked=(If("gender_same", "no"),),
    personal=True,
)

SEXUAL_ORIENTATION = Choice(
    key="sexual_orientation",
    text=_("Which of these best describes your sexual orientation?"),
    asked=(ADULT,),
    options=(
        Option("heterosexual", _("Heterosexual or straight")),
        Option("gay_lesbian", _("Gay or lesbian")),
        Option("bisexual", _("Bisexual")),
        Option("other", _in("sexual orientation", "Other")),
        PREFER_NOT_TO_SAY,
    ),
)

ORIENTATION_WORDS = Text(
    key="orientation_words",
    text=_("How would you describe your sexual orientation?"),
    hint=_("You can use your own words, in any language"),
    asked=(If("sexual_orientation", "other"),),
    personal=True,
)

PREGNANCY_MATERNITY = Choice(
    key="pregnancy_maternity",
    variant="last_year",
    text=_("Are you pregnant or have you been pregnant in the last year?"),
    asked=(ADULT,),
    options=(YES, NO, PREFER_NOT_TO_SAY),
)
# 26 weeks after the birth is the time that the Equality Act 2010, section 17, protects.
PREGNANCY_26_WEEKS = Choice(
    key="pregnancy_maternity",
    variant="last_26_weeks",
    text=_("Are you pregnant or have you given birth in the last 26 weeks?"),
    asked=(ADULT,),
    options=(YES, NO, PREFER_NOT_TO_SAY),
)

CARER = Choice(
    key="carer",
    text=_(
        "Do you look after, or give any help or support to, anyone because they have long-term physical "
        "or mental health conditions or illnesses, or problems related to old age?"
    ),
    hint=_("Do not count anything you do as part of your paid work"),
    options=(
        Option("no", _("No")),
        Option("yes_9_or_less", _("Yes, 9 hours a week or less")),
        Option("yes_10_19", _("Yes, 10 to 19 hours a week")),
        Option("yes_20_34", _("Yes, 20 to 34 hours a week")),
        Option("yes_35_49", _("Yes, 35 to 49 hours a week")),
        Option("yes_50_plus", _("Yes, 50 hours a week or more")),
        PREFER_NOT_TO_SAY,
    ),
)

MAIN_LANGUAGE = Choice(
    key="main_language",
    text=_("What is your main language?"),
    hint=_("The language you use most easily, including sign language"),
    options=(
        Option("eng", _in("language", "English")),
        *LANGUAGES,
        Option("other", _("Another language")),
        PREFER_NOT_TO_SAY,
    ),
)

LANGUAGE_WORDS = Text(
    key="language_words",
    text=_("What is your main language called?"),
    asked=(If("main_language", "other"),),
    personal=True,
)

ENGLISH_PROFICIENCY = Choice(
    key="english_proficiency",
    text=_("How well can you speak English?"),
    asked=(If("main_language"), Unless("main_language", "eng", "prefer_not_to_say")),
    options=(
        Option("very_well", _in("how well", "Very well")),
        Option("well", _in("how well", "Well")),
        Option("not_well", _in("how well", "Not well")),
        Option("not_at_all", _in("how well", "Not at all")),
        PREFER_NOT_TO_SAY,
    ),
)

NATIONAL_IDENTITY = Choice(
    key="national_identity",
    variant="asked",
    off=True,
    text=_("How would you describe your national identity?"),
    hint=_("Choose all that apply to you"),
    many=True,
    options=(
        Option("british", _("British")),
        Option("english", _in("national identity", "English")),
        Option("welsh", _("Welsh")),
        Option("scottish", _("Scottish")),
        Option("northern_irish", _("Northern Irish")),
        Option("other", _in("national identity", "Other")),
        PREFER_NOT_TO_SAY,
    ),
)

NATIONAL_WORDS = Text(
    key="national_words",
    text=_("What other words describe your national identity?"),
    asked=(If("national_identity", "other"),),
    personal=True,
)

ARMED_FORCES = Choice(
    key="armed_forces",
    variant="asked",
    off=True,
    text=_("Have you served in the UK armed forces, or are you married to someone who has?"),
    asked=(ADULT,),
    options=(
        Option("regular", _("Yes, as a regular"), standards={"core": "1"}),
        Option("reserve", _("Yes, as a reserve"), standards={"core": "4"}),
        Option("spouse", _("No, but my spouse or civil partner has"), standards={"core": "5"}),
        Option("no", _("No"), standards={"core": "2"}),
        Option("do_not_know", _("I do not know"), standards={"core": "6"}),
        Option("prefer_not_to_say", PREFER_NOT_TO_SAY.text, alone=True, standards={"core": "3"}),
    ),
)

QUESTIONS: tuple[Question, ...] = (
    CONSENT,
    AGE_BAND,
    LONG_TERM_CONDITION,
    ACTIVITY_LIMITATION,
    IMPAIRMENT,
    ETHNIC_GROUP,
    ETHNIC_DETAIL,
    ETHNIC_WORDS,
    NATIONAL_IDENTITY,
    NATIONAL_WORDS,
    MARITAL_STATUS,
    RELIGION,
    RELIGION_WORDS,
    SEX,
    SEX_AT_BIRTH,
    SEX_WITH_NOTE,
    GENDER_SAME,
    GENDER_WORDS,
    SEXUAL_ORIENTATION,
    ORIENTATION_WORDS,
    PREGNANCY_MATERNITY,
    PREGNANCY_26_WEEKS,
    CARER,
    MAIN_LANGUAGE,
    LANGUAGE_WORDS,
    ENGLISH_PROFICIENCY,
    ARMED_FORCES,
)

EQUALITY = Form(
    key="equality",
    edition="2026-1",
    address="about-you",
    title=_("About you"),
    purpose=_("A few questions that help us treat everyone fairly"),
    intro=(
        _("These questions help us find out whether everyone gets the same good service."),
        _("You can skip any question. Your answers will not affect the service you get."),
        _("We do not ask your name or address."),
    ),
    thanks=(_("Your answers are kept apart from your name and are only used to make our services fair."),),
    parts=QUESTIONS,
)
