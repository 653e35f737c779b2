"""What an interpreter may see of a job, and when: one table, walked by every page that shows one.

It grows in steps, and shrinks again. What is in no line of the table is shown to no interpreter, ever: case
notes, answers about equality, what somebody reports of an incident, and any phone number.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

DAY = 86400
BEFORE = DAY
"""Seconds before the beginning from which an address is shown."""
AFTER = 2 * DAY
"""Seconds after the end until which anything about the person is shown."""
VISITED = frozenset({"home", "place"})
"""Ways of meeting that have an address of the person's own choice."""


class Moment(StrEnum):
    """How far a job is, for the interpreter who looks at it."""

    OFFER = "offer"
    HELD = "held"
    """They have accepted, and say next whether they know the person."""
    CONFIRMED = "confirmed"
    DAY_BEFORE = "day before"
    """Confirmed, from 24 hours before the beginning until 48 hours after the end."""
    AFTER = "after"
    """Later; or given back, or cancelled."""


class Field(StrEnum):
    """What there is to show."""

    LANGUAGE = "language"
    MODE = "mode"
    WHEN = "when"
    LENGTH = "length"
    SECTOR = "sector"
    GENDER = "gender"
    SEATS = "seats"
    AREA = "area"
    """The office, or the outward half of the postcode where it takes place."""
    PURPOSE = "purpose"
    """Its group; only that it is sensitive, where it is."""
    WHOLE_PURPOSE = "whole purpose"
    PREPARE = "prepare"
    """Communication support, and whether children will be there."""
    INITIALS = "initials"
    """To see whether they know the person; on request, and noted."""
    NEIGHBOURHOOD = "neighbourhood"
    """The outward half of the postcode of the home; with the initials."""
    CALLED = "called"
    """How to address the person."""
    ADDRESS = "address"


M, F = Moment, Field
ALWAYS = frozenset(Moment)
TABLE: dict[Field, frozenset[Moment]] = {
    F.LANGUAGE: ALWAYS,
    F.MODE: ALWAYS,
    F.WHEN: ALWAYS,
    F.LENGTH: ALWAYS,
    F.SECTOR: ALWAYS,
    F.GENDER: ALWAYS,
    F.SEATS: ALWAYS,
    F.AREA: ALWAYS,
    F.PURPOSE: frozenset({M.OFFER, M.HELD}),
    F.WHOLE_PURPOSE: frozenset({M.CONFIRMED, M.DAY_BEFORE}),
    F.PREPARE: frozenset({M.CONFIRMED, M.DAY_BEFORE}),
    F.INITIALS: frozenset({M.HELD}),
    F.NEIGHBOURHOOD: frozenset({M.HELD}),
    F.CALLED: frozenset({M.CONFIRMED, M.DAY_BEFORE}),
    F.ADDRESS: frozenset({M.DAY_BEFORE}),
}
"""Field -> the moments in which it may be seen."""
OF_THE_PERSON = frozenset({F.INITIALS, F.CALLED, F.ADDRESS})
"""Sealed: it is shown only if the person agrees, and every look is noted before it is opened."""
AGREED = frozenset({"confirmed", "started", "finished", "claimed", "approved"})
"""States of an assignment in which the interpreter knows that they do not know the person."""


def moment_of(state: str | None, starts: int, ends: int, now: int) -> Moment:
    """How far a job is, by the state of the assignment (None for an offer); times in seconds since 1970."""
    if state is None:
        return Moment.OFFER
    if now >= ends + AFTER or state not in AGREED | {"accepted"}:
        return Moment.AFTER
    if state == "accepted":
        return Moment.HELD
    return Moment.DAY_BEFORE if now >= starts - BEFORE else Moment.CONFIRMED


def visible(state: str | None, job: Any, now: int) -> frozenset[Field]:
    """What may be seen now of a job: a row with starts, ends, mode and agreed of booking and request."""
    moment = moment_of(state, job.starts, job.ends, now)
    hidden = set() if job.agreed else set(OF_THE_PERSON)
    if job.mode not in VISITED:
        hidden.add(Field.ADDRESS)
    return frozenset(field for field, moments in TABLE.items() if moment in moments) - hidden
