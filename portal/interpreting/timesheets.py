"""Timesheets: what was booked against what was, claimed by the interpreter, signed by somebody else.

Staff who interpret are paid anyway: their time costs nothing here, and is counted all the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, select, update

from portal import audit, clock
from portal.audit import Did
from portal.clock import NoSuchTime, TwiceThatTime
from portal.database import Database
from portal.interpreting import bookings, jobs
from portal.interpreting.models import Assignment, Booking, Interpreter, Request
from portal.interpreting.moving import locked, may, move, noted
from portal.interpreting.outcomes import OUTCOMES
from portal.interpreting.states import Event, Who
from portal.questions import Choice, Number, Option, Problem, Question, Text, Time
from portal.questions.answers import Answer as Given
from portal.questions.errors import OF_MOMENTS
from portal.questions.messages import Message, _staff
from portal.sealing import KeyRing

CLAIMABLE = frozenset({"finished", "claimed"})
LONGEST = 12 * 3600
"""Seconds that one conversation can take."""
MOST_MINUTES, MOST_MILES = 600, 400

BEGAN = Time(
    key="began",
    text=_staff("When it began"),
    required=_staff("Type when it began"),
)
ENDED = Time(
    key="ended",
    text=_staff("When it ended"),
    required=_staff("Type when it ended"),
)
CLAIM: tuple[Question, ...] = (
    BEGAN,
    ENDED,
    Number(key="travelled", text=_staff("Minutes of travel, there and back"), least=0, most=MOST_MINUTES),
    Number(key="waited", text=_staff("Minutes of waiting"), least=0, most=MOST_MINUTES),
    Number(key="miles", text=_staff("Miles, there and back"), least=0, most=MOST_MILES),
    Choice(
        key="outcomes",
        text=_staff("How it ended"),
        hint=_staff("Choose all that apply. Nothing of what was said belongs here."),
        required=_staff("Choose how it ended"),
        many=True,
        options=tuple(Option(one.code, one.words) for one in OUTCOMES.values()),
    ),
)
LATE = Number(
    key="late",
    text=_staff("Minutes that the interpreter came late"),
    hint=_staff("Leave it empty if they were in time"),
    least=0,
    most=MOST_MINUTES,
)
DISPUTE = Text(
    key="disputed",
    text=_staff("What is not right"),
    hint=_staff("The interpreter reads this. Nothing about the person."),
    required=_staff("Say what is not right, so that it can be corrected"),
    most=300,
    lines=3,
)
TOO_LONG = _staff("This is longer than 12 hours: check both times")

WAITING: Select[Any] = (
    select(
        *Assignment.__table__.columns,
        *jobs.OF_JOB,
        Interpreter.name,
        Interpreter.kind,
        Interpreter.account,
    )
    .join(Booking, Booking.reference == Assignment.booking)
    .join(Request, Request.reference == Booking.request)
    .join(Interpreter, Interpreter.id == Assignment.interpreter)
)
CLAIMED = WAITING.where(Assignment.state == "claimed").order_by(Booking.starts, Assignment.reference)
ONE = WAITING.where(Assignment.reference == bindparam("of"))


class Signed(Enum):
    """What became of signing or disputing."""

    YES = "done"
    OWN = "nobody signs their own timesheet"
    NOT_NOW = "it is not claimed, or not as it was shown"
    NONE = "there is no such timesheet"


@dataclass(frozen=True, slots=True)
class Claim:
    """What an interpreter says of a visit."""

    started: int
    """Seconds since 1970."""
    finished: int
    travelled: int | None
    waited: int | None
    miles: int | None
    outcomes: tuple[str, ...]


def read_claim(answers: dict[str, Given], job: Any) -> Claim | dict[str, Problem]:
    """The claim that answers without problems make; or what is wrong with its times, which are London's."""
    day = clock.in_london(clock.moment(job.starts)).date()
    began, ended = answers["began"][0], answers["ended"][0]
    started = _second(day, began)
    if isinstance(started, Message):
        return {"began": Problem("began", started)}
    finished = _second(clock.days_before(day, -1) if ended <= began else day, ended)
    if isinstance(finished, Message):
        return {"ended": Problem("ended", finished)}
    if finished - started > LONGEST:
        return {"ended": Problem("ended", TOO_LONG)}

    def number(key: str) -> int | None:
        return int(answers[key][0]) if answers.get(key) else None

    return Claim(
        started, finished, number("travelled"), number("waited"), number("miles"), answers["outcomes"]
    )


def _second(day: Any, time: str) -> int | Message:
    try:
        return int(clock.at(day, time).timestamp())
    except NoSuchTime:
        return OF_MOMENTS["missing"]
    except TwiceThatTime:
        return OF_MOMENTS["twice"]


def claim(database: Database, ring: KeyRing, reference: str, person: int, what: Claim, by: str) -> bool:
    """Send the timesheet, or send it again corrected; False when it cannot be changed any more."""
    with database.write() as connection:
        job = jobs.booking(connection, person, reference)
        if job is None:
            return False
        locked(connection, job.request)
        sent = bookings.set_state(
            connection,
            reference,
            CLAIMABLE,
            "claimed",
            started=what.started,
            finished=what.finished,
            travelled=what.travelled,
            waited=what.waited,
            miles=what.miles,
            outcomes=list(what.outcomes),
            disputed=None,
        )
        if sent:
            detail: dict[str, int | list[str]] = {
                "minutes": (what.finished - what.started) // 60,
                "outcomes": list(what.outcomes),
            }
            audit.note(connection, ring, by=by, did=Did.CHANGED, what=f"timesheet {reference}", detail=detail)
    return sent


def waiting(connection: Connection) -> list[Row[Any]]:
    """The timesheets that wait for a signature, or for their interpreter's correction."""
    return list(connection.execute(CLAIMED).all())


def number_to_sign(connection: Connection, by: str) -> int:
    """How many timesheets somebody (an account) could sign now: not their own, and none that is disputed."""
    return sum(1 for row in waiting(connection) if not row.disputed and row.account != by)


def find(connection: Connection, reference: str) -> Row[Any] | None:
    """A timesheet with its booking and its interpreter; None before it is claimed."""
    found = connection.execute(ONE, {"of": reference}).first()
    return found if found is not None and found.state in ("claimed", "approved") else None


def sign(
    database: Database, ring: KeyRing, reference: str, sequence: int, late: int | None, by: str
) -> Signed:
    """Countersign a timesheet as it was shown. When all of a booking's are signed, its request is settled."""
    with database.write() as connection:
        found = find(connection, reference)
        if found is None:
            return Signed.NONE
        request = locked(connection, found.request)
        found = find(connection, reference)
        if found is None or found.account == by:
            return Signed.OWN if found is not None else Signed.NONE
        if found.state != "claimed" or found.disputed or found.sequence != sequence:
            return Signed.NOT_NOW
        outcomes = sorted({*found.outcomes, *(["7"] if late else [])}, key=int)
        changes: dict[str, Any] = {"signed_by": by, "late": late, "outcomes": outcomes}
        bookings.set_state(connection, reference, ("claimed",), "approved", **changes)
        seats = bookings.sitting(connection, found.booking)
        if all(row.state == "approved" for row in seats) and may(request, Event.SETTLE, Who.PORTAL):
            request = move(connection, request, Event.SETTLE, by=by, who=Who.PORTAL)
        noted(connection, ring, request, Event.SETTLE, by)
    return Signed.YES


def dispute(database: Database, ring: KeyRing, reference: str, sequence: int, why: str, by: str) -> Signed:
    """Say what is not right with it: the interpreter corrects it and sends it again."""
    with database.write() as connection:
        found = find(connection, reference)
        if found is None:
            return Signed.NONE
        locked(connection, found.request)
        found = find(connection, reference)
        if found is None or found.account == by:
            return Signed.OWN if found is not None else Signed.NONE
        if found.state != "claimed" or found.sequence != sequence:
            return Signed.NOT_NOW
        values = {"disputed": why, "sequence": sequence + 1, "changed": clock.seconds()}
        connection.execute(update(Assignment).where(Assignment.reference == reference).values(values))
        audit.note(connection, ring, by=by, did=Did.CHANGED, what=f"timesheet {reference}")
    return Signed.YES


def minutes(row: Any) -> int | None:
    """Minutes that were claimed as interpreted; None when somebody did not come."""
    if row.started is None or row.finished is None:
        return None
    return int((row.finished - row.started) // 60)


def is_paid(row: Any) -> bool:
    """Whether the time costs anything: that of our own staff does not."""
    return bool(row.kind != "staff")
