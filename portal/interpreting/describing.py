"""One request, described to staff: what was asked for in codes, what is arranged, what happened so far."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row

from portal.interpreting import acting, moving, showing
from portal.interpreting.showing import EVENTS, KINDS, REASONS, URGENCIES, Names
from portal.interpreting.states import WORDS, Event, Kind, State
from portal.pages import said
from portal.questions.messages import _staff


def timeline(connection: Connection, reference: str, named: Mapping[str, str]) -> list[dict[str, str]]:
    """What happened so far; `named` are the names of accounts."""
    portal = {"tenant": said(TENANT), "portal": said(PORTAL)}
    return [
        {
            "when": showing.when(step.at),
            "event": said(EVENTS[Event(step.event)]),
            "state": said(WORDS[State(step.state)]),
            "reason": said(REASONS[step.reason]) if step.reason in REASONS else "",
            "by": named.get(step.by) or portal.get(step.by, ""),
        }
        for step in moving.steps_of(connection, reference)
    ]


TENANT, PORTAL = _staff("the person"), _staff("the portal")
YES, ESSENTIAL = _staff("Yes"), _staff("%(wish)s: essential")
MINUTES = _staff("%(number)s minutes")
BEFORE_AND_NOW = _staff("%(now)s (asked for: %(asked)s)")


def other(row: Row[Any]) -> dict[str, str]:
    """Another request of the same person: nothing but what it is and how far."""
    return {
        "reference": row.reference,
        "kind": said(KINDS[Kind(row.kind)]),
        "state": said(WORDS[State(row.state)]),
        "day": showing.when(row.received),
    }


def asked(row: Row[Any], names: Names) -> list[tuple[str, str]]:
    """What was asked for, as far as it is codes: in the words of the form's options."""
    texts = {question.key: said(question.text) for question in names.form.questions}
    mode = names.of("how", row.mode)
    if row.mode_asked and row.mode_asked != row.mode:
        mode = said(BEFORE_AND_NOW.with_values(now=mode, asked=names.of("how", row.mode_asked)))
    gender = names.of("gender", row.gender)
    if row.gender_essential and gender:
        gender = said(ESSENTIAL.with_values(wish=gender))
    yes = said(YES)
    found = [
        (said(PURPOSE), showing.purpose(row.purpose)),
        (said(TIER), str(row.tier or "")),
        (said(URGENCY), said(URGENCIES[row.urgency])),
        (texts["speak"], names.of("speak", row.speak)),
        (said(CODED), names.language(row.coded)),
        (texts["sign"], names.of("sign", row.sign)),
        (texts["second"], names.of("second", row.second)),
        (texts["read"], names.of("read", row.read)),
        (texts["how"], mode),
        (texts.get("office", ""), names.of("office", row.office)),
        (said(AREA), row.area or ""),
        (said(PLACE_AREA), row.place_area or ""),
        (texts["support"], names.several("support", row.support)),
        (texts["format"], names.several("format", row.formats)),
        (texts["certified"], yes if row.certified else ""),
        (texts["needed_by"], row.needed_by.isoformat() if row.needed_by else ""),
        (texts["about"], names.of("about", row.about)),
        (said(LENGTH), said(MINUTES.with_values(number=row.minutes)) if row.kind == "interpreter" else ""),
        (texts["gender"], gender),
        (texts["outside"], yes if row.outside else ""),
        (texts["officer_gender"], names.of("officer_gender", row.officer_gender)),
        (texts["officer_lgbt"], yes if row.officer_lgbt else ""),
        (said(CHILDREN), yes if row.children else ""),
        (texts["discreet"], yes if row.discreet else ""),
        (said(OWN_PERSON), said(acting.OWN_WHY[row.own_why]) if row.own_why in acting.OWN_WHY else ""),
        (said(DELIVERED), f"{row.delivered}" if row.delivered else ""),
        (said(DELIVERED_AS), names.of("deliver", row.delivered_as)),
        (said(CAME_BY), said(CHANNELS[row.channel]) if row.channel in CHANNELS else row.channel),
    ]
    return [(text, value) for text, value in found if value]


PURPOSE, TIER, URGENCY = _staff("What we take it to be about"), _staff("Tier"), _staff("Urgency")
CODED, AREA, PLACE_AREA = (
    _staff("Which language it is"),
    _staff("Area of the home"),
    _staff("Area of the place"),
)
LENGTH, CHILDREN, OWN_PERSON = (
    _staff("How long"),
    _staff("Children will be there"),
    _staff("Brings somebody of their own"),
)
DELIVERED, DELIVERED_AS, CAME_BY = _staff("Delivered on"), _staff("Delivered as"), _staff("Came by")
CHANNELS = {
    "web": _staff("the website"),
    "paper": _staff("paper"),
    "phone": _staff("phone"),
    "outreach": _staff("outreach"),
}


def booked(
    booking: Row[Any] | None, seated: list[tuple[int, str]], provider: str, names: Names
) -> list[tuple[str, str]]:
    """What is arranged: when, how, who."""
    if booking is None:
        return []
    called = ", ".join(name for _id, name in seated)
    found = [
        (said(WHEN), showing.until(booking.starts, booking.ends)),
        (said(HOW), names.of("how", booking.mode)),
        (said(WHO), called),
        (said(PROVIDER), provider),
        (said(THEIR_NUMBER), booking.provider_number or ""),
        (said(PRICE), f"£{booking.price / 100:.2f}" if booking.price is not None else ""),
    ]
    return [(text, value) for text, value in found if value]


WHEN, HOW, WHO = _staff("When"), _staff("How they meet"), _staff("Who comes")
PROVIDER, THEIR_NUMBER, PRICE = _staff("Provider"), _staff("Their number"), _staff("Price")
