"""Who did it, what it did to people and things, and what could show it."""

from __future__ import annotations

from portal.forms.happened import TO_PEOPLE
from portal.forms.shared import NO, YES
from portal.forms.telling import NOT_WITNESSED, of_another
from portal.questions import AnyOf, Choice, Files, If, Option, Question, Text, Unless
from portal.questions.messages import _

DO_NOT_KNOW = Option("dont_know", _("I do not know"))

PERP_KNOWN = Choice(
    key="perp_known",
    text=_("Do you know who did it?"),
    asked=(TO_PEOPLE,),
    options=(
        Option("named", _("Yes, and I can give a name")),
        Option("described", _("I do not know the name, but I can describe them")),
        Option("known_not_say", _("Yes, but I do not want to say it now")),
        Option("unknown", _("No")),
    ),
)
KNOWN = If("perp_known", "named", "described", "known_not_say")
PERP_RELATIONSHIP = Choice(
    key="perp_relationship",
    text=_("Who are they?"),
    hint=_("Choose all that fit"),
    asked=(KNOWN,),
    many=True,
    worded=of_another(
        _("Who are they?"), _("Choose all that fit, as seen by the person it happened to: their neighbour")
    ),
    options=(
        Option("neighbour", _("A neighbour")),
        Option("household", _("Somebody in the same home")),
        Option("partner_ex", _("A partner or former partner")),
        Option("family", _("Family")),
        Option("visitor", _("A visitor")),
        Option("staff", _("One of our staff")),
        Option("contractor", _("Somebody who works for us, such as a repairer")),
        Option("group", _("A group of people")),
        Option("stranger", _("A stranger")),
    ),
)
PERP_OUR_TENANT = Choice(
    key="perp_our_tenant",
    text=_("Do they live in one of our homes?"),
    asked=(KNOWN,),
    beside=True,
    options=(YES, NO, DO_NOT_KNOW),
)
PERP_DESC = Text(
    key="perp_desc",
    text=_("What can you tell us about them?"),
    hint=_(
        "For example a name, an address, clothes, a car. You do not have to guess where their family is from."
    ),
    asked=(If("perp_known", "named", "described"),),
    personal=True,
    most=3000,
    lines=5,
)
PERP_WEAPON = Choice(
    key="perp_weapon",
    text=_("Did they have a weapon?"),
    asked=(If("perp_known", "named", "described"),),
    beside=True,
    options=(YES, NO, DO_NOT_KNOW),
)

INJURY = Choice(
    key="injury",
    text=_("Was anyone hurt?"),
    hint=_("Choose all that fit"),
    asked=(TO_PEOPLE,),
    many=True,
    options=(
        Option("shock_distress", _("Shock or distress")),
        Option("minor", _("Small injuries")),
        Option("medical_treatment", _("Somebody needed a doctor or a nurse")),
        Option("hospital", _("Somebody went to hospital")),
        Option("child_affected", _("A child was hurt or frightened")),
        Option("pet", _("An animal was hurt")),
        Option("none", _("Nobody was hurt"), alone=True),
    ),
)
EFFECTS = Choice(
    key="effects",
    text=_("How has it affected you?"),
    hint=_("Choose all that fit"),
    asked=(NOT_WITNESSED,),
    many=True,
    worded=of_another(_("How has it affected the person it happened to?")),
    options=(
        Option("afraid_at_home", _("Afraid at home")),
        Option("children", _("It is hard for the children")),
        Option("sleep_health", _("Sleep or health is worse")),
        Option("work_school", _("Trouble at work or school")),
        Option("avoid_places", _("Some places are not safe to go to")),
        Option("want_to_move", _("The wish to move away")),
        Option("repairs_needed", _("Repairs are needed at home")),
        Option("money", _("Money was lost")),
        Option("suicidal_thoughts", _("Thoughts of ending one's life")),
        Option("none", _("None of these"), alone=True),
        Option("rather_not_say", _("I would rather not say"), alone=True),
    ),
)
REPAIRS_URGENT = Choice(
    key="repairs_urgent",
    text=_("Is anything broken or painted that must be put right soon?"),
    hint=_("Choose all that fit"),
    asked=(
        TO_PEOPLE,
        AnyOf(
            Unless("acts"),
            If(
                "acts",
                "graffiti",
                "damage_property",
                "arson_fire",
                "items_through_letterbox",
                "dumping",
                "eviction_lockout",
            ),
        ),
    ),
    many=True,
    options=(
        Option("door_lock", _("A door or a lock")),
        Option("window", _("A window")),
        Option("letterbox_fire", _("A letterbox, or damage by fire")),
        Option("alarm", _("An alarm")),
        Option("graffiti_offensive", _("Hateful words or pictures to be removed")),
        Option("utilities", _("Water, gas, electricity or heating")),
        Option("none", _("Nothing"), alone=True),
    ),
)

WITNESSES = Choice(
    key="witnesses",
    text=_("Did anyone else see or hear it?"),
    hint=_("Choose all that fit"),
    many=True,
    options=(
        Option("yes_give", _("Yes, and I can say who")),
        Option("yes_not_give", _("Yes, but I do not want to say who")),
        Option("cctv_doorbell", _("There may be pictures from a camera or a doorbell")),
        Option("no", _("No"), alone=True),
        Option("dont_know", _("I do not know"), alone=True),
    ),
)
WITNESSES_WORDS = Text(
    key="witnesses_words",
    text=_("Who saw or heard it?"),
    hint=_("Their names, and how we can reach them, if they agree"),
    asked=(If("witnesses", "yes_give"),),
    personal=True,
    lines=3,
    most=500,
)
EVIDENCE = Files(
    key="evidence",
    text=_("Do you have photos, screenshots or documents?"),
    hint=_(
        "You can also give them to us later. Please do not put yourself in danger to get any. "
        "On paper: put copies in the envelope."
    ),
    most=10,
)
EVIDENCE_LATER = Choice(
    key="evidence_later",
    text=_("Is there more that you cannot add now?"),
    hint=_("For example recordings, or things that you have kept"),
    beside=True,
    options=(Option("yes", _("Yes, I have more")), NO),
)
KEEP_ORIGINAL = Choice(
    key="keep_original",
    text=_("May we also keep the files just as they are?"),
    hint=_(
        "Files can hold hidden details, such as where a photo was taken. We take them out of the copies "
        "we look at. A court may need the files as they were."
    ),
    beside=True,
    options=(
        Option("yes", _("Yes, keep them as they are too, locked away")),
        Option("no", _("No, keep only the copies")),
    ),
)

EARLIER = Choice(
    key="earlier",
    text=_("Have you told anyone about it before?"),
    hint=_("Choose all that fit"),
    many=True,
    options=(
        Option("us", _("Yes, you")),
        Option("police", _("Yes, the police")),
        Option("other", _("Yes, somebody else")),
        Option("no", _("No"), alone=True),
    ),
)
POLICE = Choice(
    key="police",
    text=_("Do the police know?"),
    beside=True,
    options=(
        Option("yes_ref", _("Yes, and I have their number for it")),
        Option("yes_no_ref", _("Yes, but I have no number")),
        Option("no_want_help_reporting", _("No. I want help to tell them.")),
        Option("no_do_not", _("No, and I do not want it")),
        DO_NOT_KNOW,
    ),
)
EARLIER_WORDS = Text(
    key="earlier_words",
    text=_("Which numbers or names do you have from before?"),
    hint=_("For example the number that the police gave you, or who at our office knows of it"),
    asked=(AnyOf(If("earlier", "us", "other"), If("police", "yes_ref")),),
    personal=True,
    lines=3,
    most=500,
)

DONE: tuple[Question, ...] = (PERP_KNOWN, PERP_RELATIONSHIP, PERP_OUR_TENANT, PERP_DESC, PERP_WEAPON)
SHOWN: tuple[Question, ...] = (
    *(REPAIRS_URGENT, WITNESSES, WITNESSES_WORDS, EVIDENCE, EVIDENCE_LATER, KEEP_ORIGINAL),
    *(EARLIER, POLICE, EARLIER_WORDS),
)
