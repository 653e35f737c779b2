"""What the answers of a report say about how it must be dealt with: category, hate, compartment, flags.

Perception decides: whoever thinks that it was hate, it is. Nobody has to prove it, and staff cannot undo it.
Who is not sure is dealt with as fast, and not counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Row

from portal.incidents.states import Stage
from portal.questions import Answers
from portal.questions.answers import said
from portal.questions.messages import Message, _staff

DOMESTIC = frozenset({"domestic_abuse", "hbv_forced_marriage_fgm"})
SERIOUS = DOMESTIC | {"stalking", "sexual_violence", "modern_slavery"}
"""Kinds that are violence or threat by themselves."""
HATE = frozenset({"hate_incident", "racial_harassment"})
BY_STAFF = frozenset({"staff_conduct", "discrimination_by_landlord"})
NO_STRAND = frozenset({"not_because_of_this", "not_sure", "other"})
VIOLENT = frozenset(
    {
        "threats",
        "physical_assault",
        "spitting_gesture",
        "arson_fire",
        "items_through_letterbox",
        "dog_used",
        "sexual",
        "coercive_control",
        "eviction_lockout",
    }
)
HURT = frozenset({"minor", "medical_treatment", "hospital", "child_affected"})

QUEUES: dict[str, Message] = {
    "danger": _staff("Danger"),
    "domestic_abuse": _staff("Domestic abuse"),
    "staff": _staff("About staff"),
    "hate": _staff("Hate"),
    "complaints": _staff("Complaints"),
    "general": _staff("Everything else"),
}
"""The lists in which a case without an officer stands."""
FLAGS: dict[str, Message] = {
    "danger": _staff("Somebody is in danger, or may be"),
    "unsafe_tonight": _staff("Nowhere safe to stay"),
    "maybe_hate": _staff("The person is not sure whether it was hate"),
    "asb": _staff("Anti-social behaviour"),
    "graffiti": _staff("Offensive graffiti"),
    "secure": _staff("The home is not secure"),
    "hazard_now": _staff("What may be an emergency hazard in the home"),
    "hazard": _staff("What may be a significant hazard in the home"),
    "witnesses": _staff("There are witnesses"),
    "alleged_known": _staff("It is known who is said to have done it"),
    "at_risk": _staff("A child, or an adult who needs care, is affected"),
    "suicidal": _staff("Thoughts of suicide"),
    "no_funds": _staff("Wants help because of money or visa rules"),
    "talk": _staff("Would rather talk to somebody"),
    "case_review": _staff("May ask for a case review: tell the person"),
}
REPAIRS: dict[str, tuple[str, ...]] = {
    "door_lock": ("secure", "hazard_now"),
    "window": ("secure", "hazard"),
    "letterbox_fire": ("secure", "hazard_now"),
    "alarm": ("secure",),
    "utilities": ("hazard_now",),
    "graffiti_offensive": ("graffiti",),
}
"""What is broken or painted -> flags."""


@dataclass(frozen=True, slots=True)
class Found:
    """How a report must be dealt with."""

    category: str
    kinds: tuple[str, ...]
    hate: bool
    strands: tuple[str, ...]
    flags: frozenset[str]
    compartment: str
    queue: str
    stage: Stage


def found_in(answers: Answers) -> Found:
    """What these answers, those that count, say about how they must be dealt with."""

    def codes(key: str) -> frozenset[str]:
        return frozenset(said(answers.get(key, ())))

    kinds, flags = codes("kind"), flags_in(answers)
    strands = tuple(code for code in said(answers.get("motive", ())) if code not in NO_STRAND)
    hate = bool(strands or kinds & HATE)
    category_a = bool(
        flags & {"danger", "unsafe_tonight", "suicidal"}
        or kinds & SERIOUS
        or codes("acts") & VIOLENT
        or codes("injury") & HURT
        or "yes" in codes("perp_weapon")
    )
    others = codes("perp_relationship")
    compartment = "none"
    if kinds & DOMESTIC or "partner_ex" in others:
        compartment = "domestic_abuse"
    if kinds & BY_STAFF or "staff" in others or "staff_harassed_at_work" in codes("journey"):
        compartment = "staff"
    complains = "complaint_about_handling" in kinds or "yes" in codes("formal_complaint")
    return Found(
        "A" if category_a else "B",
        said(answers.get("kind", ())),
        hate,
        strands,
        flags,
        compartment,
        queue_of(flags, compartment, hate, complains),
        Stage.ASKED if complains else Stage.NONE,
    )


def flags_in(answers: Answers) -> frozenset[str]:
    """The flags that these answers give a case."""

    def any_of(key: str, *codes: str) -> bool:
        return bool(set(codes) & set(said(answers.get(key, ()))))

    found = {
        "danger": any_of("danger_now", "yes", "unsure", "continue_after_999"),
        "unsafe_tonight": any_of("safe_tonight", "no", "not_sure"),
        "maybe_hate": any_of("motive", "not_sure", "other"),
        "asb": any_of("kind", "asb"),
        "witnesses": any_of("witnesses", "yes_give"),
        "alleged_known": any_of("perp_known", "named", "described", "known_not_say"),
        "at_risk": any_of("children_adults_at_risk", "child", "adult_at_risk", "both"),
        "suicidal": any_of("effects", "suicidal_thoughts"),
        "no_funds": any_of("money_visa_help", "yes"),
        "talk": any_of("talk", "yes"),
    }
    repairs = {flag for code in said(answers.get("repairs_urgent", ())) for flag in REPAIRS.get(code, ())}
    return frozenset({flag for flag, there in found.items() if there} | repairs)


def queue_of(flags: frozenset[str], compartment: str, hate: bool, complains: bool) -> str:
    """The list in which a case stands that has no officer."""
    if compartment != "none":
        return compartment
    if flags & {"danger", "unsafe_tonight"}:
        return "danger"
    if hate or "maybe_hate" in flags:
        return "hate"
    return "complaints" if complains else "general"


def is_domestic(found: Found) -> bool:
    """Whether it is abuse at home, whoever it is about besides."""
    return found.compartment == "domestic_abuse" or bool(DOMESTIC & set(found.kinds))


def facts_of(case: Row[Any] | SimpleNamespace) -> frozenset[str]:
    """What is true of a case, as the table of clocks and the reasons for closing ask.

    It is a row, or what has just become one.
    """
    facts = {f"category_{case.category.lower()}", *case.flags}
    if case.hate:
        facts |= {"hate", "hate_a"} if case.category == "A" else {"hate"}
    if case.compartment == "domestic_abuse" or DOMESTIC & set(case.kinds):
        facts.add("domestic_abuse")
    if case.stage != Stage.NONE.value:
        facts.add("complaint")
    return frozenset(facts)
