"""Jobs as an interpreter reads them: offers, bookings, and the words in which a page tells of them."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, select

from portal import clock, contact, registers
from portal.forms.speech import SIGNED_OPTIONS, SIGNED_REGISTER, SPOKEN_OPTIONS, SPOKEN_REGISTER
from portal.forms.talking import SUPPORT
from portal.intake.models import Submission
from portal.intake.submissions import place_of
from portal.interpreting import disclosure
from portal.interpreting.candidates import language_of
from portal.interpreting.disclosure import DAY, Field
from portal.interpreting.models import Assignment, Booking, Interpreter, Offer, Request
from portal.interpreting.purposes import PURPOSES, SENSITIVE, told
from portal.questions import as_written
from portal.questions.messages import Message, _staff
from portal.sealing import KeyRing, Sealed

SHOWN = 30 * DAY
"""Seconds for which a job that is over, or was cancelled, stays in the list."""
TITLES = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "rev", "sir", "madam"})
"""Words before a family name: whoever wants to be called so is not called by the first word alone."""

OF_JOB = (
    *(Booking.request, Booking.starts, Booking.ends, Booking.mode, Booking.seats, Booking.live),
    *(Request.speak, Request.sign, Request.second, Request.coded, Request.office, Request.area),
    *(Request.place_area, Request.support, Request.purpose, Request.gender, Request.gender_essential),
    *(Request.children, Request.agreed, Request.submission, Request.state.label("request_state")),
)
OFFERS: Select[Any] = (
    select(*Offer.__table__.columns, *OF_JOB)
    .join(Booking, Booking.reference == Offer.booking)
    .join(Request, Request.reference == Booking.request)
    .where(Offer.interpreter == bindparam("person"), Offer.sent <= bindparam("now"))
)
OPEN_OFFERS = OFFERS.where(
    Offer.state.in_(("sent", "seen", "willing")),
    Offer.expires > bindparam("now"),
    Booking.live,
    Booking.ends > bindparam("now"),
).order_by(Booking.starts, Offer.reference)
ONE_OFFER = OFFERS.where(Offer.reference == bindparam("of"))
BOOKINGS: Select[Any] = (
    select(*Assignment.__table__.columns, *OF_JOB)
    .join(Booking, Booking.reference == Assignment.booking)
    .join(Request, Request.reference == Booking.request)
    .where(Assignment.interpreter == bindparam("person"))
)
LISTED = BOOKINGS.where(Booking.ends > bindparam("since")).order_by(Booking.starts, Assignment.reference)
ONE_BOOKING = BOOKINGS.where(Assignment.reference == bindparam("of"))
OF_BOOKING = BOOKINGS.where(Assignment.booking == bindparam("of")).order_by(Assignment.changed.desc())
PERSON = select(*Interpreter.__table__.columns).where(
    Interpreter.account == bindparam("account"), Interpreter.active
)
ANSWERS = select(Submission.sealed, Submission.data_key, Submission.key_name).where(
    Submission.id == bindparam("of")
)

SECTOR = _staff("Housing")
WAITING = frozenset({"accepted", "confirmed", "started"})
"""States of an assignment whose visit is still to come or under way."""
STATES: dict[str, Message] = {
    "accepted": _staff("Say whether you know the person"),
    "confirmed": _staff("Booked"),
    "started": _staff("Under way"),
    "finished": _staff("Timesheet to be filled in"),
    "claimed": _staff("Timesheet sent"),
    "approved": _staff("Timesheet signed"),
    "released": _staff("Cancelled or given back"),
}
GENDERS: dict[str, tuple[Message, Message]] = {
    "woman": (_staff("A woman"), _staff("A woman; this is essential")),
    "man": (_staff("A man"), _staff("A man; this is essential")),
}
NO_MATTER = _staff("No matter")
MODES: dict[str, Message] = {
    "office": _staff("At our office"),
    "home": _staff("At the person’s home"),
    "place": _staff("At another place"),
    "phone": _staff("By phone"),
    "phone_now": _staff("By phone, now"),
    "video": _staff("By video"),
    "any": _staff("However it suits"),
}
TWO = _staff("Two interpreters take turns")
ONE = _staff("You alone")
CHILDREN = _staff("Children will be there. They must not interpret.")
KEYS: dict[Field, Message] = {
    Field.WHEN: _staff("When"),
    Field.LENGTH: _staff("How long"),
    Field.LANGUAGE: _staff("Language"),
    Field.MODE: _staff("How"),
    Field.AREA: _staff("Where"),
    Field.SECTOR: _staff("Sector"),
    Field.PURPOSE: _staff("About"),
    Field.WHOLE_PURPOSE: _staff("About"),
    Field.GENDER: _staff("Interpreter"),
    Field.SEATS: _staff("Seats"),
    Field.PREPARE: _staff("To prepare"),
}
"""What the rows of a sheet are called, in their order."""


@dataclass(frozen=True, slots=True)
class Names:
    """The landlord's own names for codes."""

    languages: dict[str, str]
    offices: dict[str, str]


def names(connection: Connection) -> Names:
    """Names of languages and offices, those out of use included."""
    spoken = registers.every(connection, SPOKEN_REGISTER, SPOKEN_OPTIONS)
    signed = registers.every(connection, SIGNED_REGISTER, SIGNED_OPTIONS)
    offices = registers.every(connection, "offices", ())
    return Names(
        {code: name for code, name, _active in (*spoken, *signed)},
        {code: name for code, name, _active in offices},
    )


def interpreter_of(connection: Connection, account: str) -> Row[Any] | None:
    """The interpreter whose sign-in this is."""
    return connection.execute(PERSON, {"account": account}).first()


def open_offers(connection: Connection, person: int) -> list[Row[Any]]:
    """What is offered to an interpreter now, the earliest first."""
    return list(connection.execute(OPEN_OFFERS, {"person": person, "now": clock.seconds()}).all())


def offer(connection: Connection, person: int, reference: str) -> Row[Any] | None:
    """An interpreter's offer; nobody else's."""
    values = {"person": person, "of": reference, "now": clock.seconds()}
    return connection.execute(ONE_OFFER, values).first()


def listed(connection: Connection, person: int, since: int) -> list[Row[Any]]:
    """An interpreter's bookings that end after a second, in order of time."""
    return list(connection.execute(LISTED, {"person": person, "since": since}).all())


def booking(connection: Connection, person: int, reference: str) -> Row[Any] | None:
    """An interpreter's booking, by the reference of the assignment; nobody else's."""
    return connection.execute(ONE_BOOKING, {"person": person, "of": reference}).first()


def seat_in(connection: Connection, person: int, booking: str) -> str | None:
    """The reference of the interpreter's newest assignment in a booking."""
    found = connection.execute(OF_BOOKING, {"person": person, "of": booking}).first()
    return found.reference if found else None


def day_in_words(second: int) -> str:
    """A day in London, such as Tuesday 24 November 2026."""
    return f"{clock.in_london(clock.moment(second)):%A %-d %B %Y}"


def time_in_words(second: int) -> str:
    """A time of day in London, such as 14:30."""
    return f"{clock.in_london(clock.moment(second)):%H:%M}"


def when(job: Any) -> str:
    """Day and times of a job in London."""
    ends = time_in_words(job.ends)
    if day_in_words(job.ends) != day_in_words(job.starts):
        ends = f"{day_in_words(job.ends)}, {ends}"
    return f"{day_in_words(job.starts)}, {time_in_words(job.starts)} – {ends}"


def minutes(job: Any) -> int:
    """How long it takes by the clock that runs through."""
    return int((job.ends - job.starts) // 60)


def language(job: Any, known: Names) -> str:
    """The name of the language to interpret; with the one that is fine too."""
    code = language_of(job)
    name = known.languages.get(code, code or "–")
    second = known.languages.get(job.second or "")
    return f"{name} / {second}" if second else name


def place(job: Any, known: Names) -> str:
    """Where, by area only: the name of our office or half a postcode; empty without a visit."""
    if job.mode == "office":
        return known.offices.get(job.office or "", job.office or "")
    return job.place_area or "" if job.mode in disclosure.VISITED else ""


def mode(job: Any) -> Message:
    """The way of meeting, in words."""
    return MODES.get(job.mode) or as_written(job.mode)


def wish(job: Any) -> Message | None:
    """Which interpreter is asked for, and whether that is essential; None where it does not matter."""
    found = GENDERS.get(job.gender or "")
    return found[job.gender_essential] if found else None


def rows(job: Any, fields: frozenset[Field], known: Names) -> list[tuple[Message, list[Message]]]:
    """The sheet of a job: what may be seen of it that is not the person's."""
    purpose = PURPOSES.get(job.purpose or "other", PURPOSES["other"])
    length = _staff("%(minutes)s minutes").with_values(minutes=minutes(job))
    support = [option.text for option in SUPPORT.known if option.code in job.support]
    values: dict[Field, list[Message]] = {
        Field.WHEN: [as_written(when(job))],
        Field.LENGTH: [length],
        Field.LANGUAGE: [as_written(language(job, known))],
        Field.MODE: [mode(job)],
        Field.AREA: [as_written(place(job, known))] if place(job, known) else [],
        Field.SECTOR: [SECTOR],
        Field.PURPOSE: [told(job.purpose)],
        Field.WHOLE_PURPOSE: [purpose.name],
        Field.GENDER: [wish(job) or NO_MATTER],
        Field.SEATS: [TWO if job.seats > 1 else ONE],
        Field.PREPARE: [*support, *([CHILDREN] if job.children else [])],
    }
    return [(KEYS[field], values[field]) for field in KEYS if field in fields and values[field]]


def is_sensitive(job: Any) -> bool:
    """Whether an interpreter is told only that."""
    return told(job.purpose) is SENSITIVE


# What is sealed. Whoever opens it has noted that before.


def person_in(connection: Connection, ring: KeyRing, job: Any, fields: frozenset[Field]) -> dict[str, str]:
    """What of the person may be seen, opened: initials, neighbourhood, how to address them, address."""
    found: dict[str, str] = {}
    named = not fields.isdisjoint({Field.INITIALS, Field.CALLED})
    rule = contact.rule_of(connection, ring, f"request {job.request}") if named else None
    name = rule.name if rule else ""
    if Field.INITIALS in fields:
        found["initials"] = initials(name)
    if Field.NEIGHBOURHOOD in fields:
        found["neighbourhood"] = job.area or ""
    if Field.CALLED in fields:
        found["called"] = called(name)
    if Field.ADDRESS in fields:
        found["address"] = _address(connection, ring, job.submission)
    return {key: words for key, words in found.items() if words}


def initials(name: str) -> str:
    """The first letter of each word of a name, with its marks."""
    return " ".join(_first(word) for word in name.split() if word.strip(".").casefold() not in TITLES)


def _first(word: str) -> str:
    end = 1
    while end < len(word) and unicodedata.category(word[end]).startswith("M"):
        end += 1
    return word[:end]


def called(name: str) -> str:
    """How to address somebody: by the first word, or by all when it begins with a title."""
    words = name.split()
    if not words or words[0].strip(".").casefold() in TITLES:
        return " ".join(words)
    return words[0]


def _address(connection: Connection, ring: KeyRing, submission: str) -> str:
    row = connection.execute(ANSWERS, {"of": submission}).first()
    if row is None or row.sealed is None:
        return ""
    words = json.loads(ring.open(place_of(submission), Sealed(row.sealed, row.data_key, row.key_name)))
    return "\n".join(words.get("where", ()))
