"""When an interpreter can be asked: free times of every week, and leave. Minutes and days are London's."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select

from portal import audit, clock
from portal.audit import Did
from portal.database import Database
from portal.interpreting import bookings
from portal.interpreting.models import Assignment, Booking, FreeTime, Leave
from portal.questions import Choice, Date, Option, Question, Time
from portal.questions.messages import Message, _staff
from portal.sealing import KeyRing

WEEKDAYS: tuple[Message, ...] = (
    _staff("Monday"),
    _staff("Tuesday"),
    _staff("Wednesday"),
    _staff("Thursday"),
    _staff("Friday"),
    _staff("Saturday"),
    _staff("Sunday"),
)
FREE: tuple[Question, ...] = (
    Choice(
        key="weekday",
        text=_staff("Day of the week"),
        required=_staff("Choose a day of the week"),
        options=tuple(Option(str(number), words) for number, words in enumerate(WEEKDAYS, start=1)),
    ),
    Time(key="begins", text=_staff("Free from"), required=_staff("Type from when you are free")),
    Time(
        key="ends", text=_staff("Free until"), required=_staff("Type until when you are free"), after="begins"
    ),
)
LEAVE: tuple[Question, ...] = (
    Date(
        key="first",
        text=_staff("First day of leave"),
        required=_staff("Type the first day of your leave"),
        when="future",
    ),
    Date(
        key="last",
        text=_staff("Last day of leave"),
        required=_staff("Type the last day of your leave"),
        after="first",
    ),
)
OVERLAPS = _staff("This overlaps a free time that you have already. Take that one away first")
LONGEST = 366
"""Days of one leave."""

FREE_OF = (
    select(*FreeTime.__table__.columns)
    .where(FreeTime.interpreter == bindparam("of"))
    .order_by(FreeTime.weekday, FreeTime.begins)
)
LEAVE_OF = (
    select(*Leave.__table__.columns)
    .where(Leave.interpreter == bindparam("of"), Leave.last >= bindparam("today"))
    .order_by(Leave.first)
)
BOOKED = (
    select(Assignment.reference, Booking.starts, Booking.ends)
    .join(Booking, Booking.reference == Assignment.booking)
    .where(
        Assignment.interpreter == bindparam("of"),
        Assignment.state.in_(("accepted", "confirmed", "started")),
        Assignment.busy_from < bindparam("until"),
        Assignment.busy_to > bindparam("since"),
    )
    .order_by(Booking.starts)
)
SAME_LEAVE = select(Leave.first).where(
    Leave.interpreter == bindparam("of"), Leave.first <= bindparam("to"), Leave.last >= bindparam("since")
)


def minutes_of(time: str) -> int:
    """Minutes since midnight of a time as it is stored (14:30)."""
    hours, _colon, minutes = time.partition(":")
    return int(hours) * 60 + int(minutes)


def as_time(minutes: int) -> str:
    """The same minutes as a time of day."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def free(connection: Connection, person: int) -> list[Row[Any]]:
    """An interpreter's free times, Monday first."""
    return list(connection.execute(FREE_OF, {"of": person}).all())


def leave(connection: Connection, person: int) -> list[Row[Any]]:
    """Leave that is not over."""
    return list(connection.execute(LEAVE_OF, {"of": person, "today": clock.today()}).all())


def add_free(
    database: Database, ring: KeyRing, person: int, weekday: int, begins: int, ends: int, by: str
) -> bool:
    """Add a free time; False when it overlaps one that is there already."""
    with database.write() as connection:
        bookings.hold_interpreter(connection, person)
        same = [row for row in free(connection, person) if row.weekday == weekday]
        if any(row.begins < ends and begins < row.ends for row in same):
            return False
        row = {"interpreter": person, "weekday": weekday, "begins": begins, "ends": ends}
        connection.execute(insert(FreeTime), row)
        audit.note(connection, ring, by=by, did=Did.CHANGED, what=f"free times {by}")
    return True


def drop_free(database: Database, ring: KeyRing, person: int, weekday: int, begins: int, by: str) -> None:
    """Take a free time away."""
    with database.write() as connection:
        connection.execute(
            delete(FreeTime).where(
                FreeTime.interpreter == person, FreeTime.weekday == weekday, FreeTime.begins == begins
            )
        )
        audit.note(connection, ring, by=by, did=Did.CHANGED, what=f"free times {by}")


def add_leave(database: Database, ring: KeyRing, person: int, first: str, last: str, by: str) -> list[Any]:
    """Add leave from a day to a day, both included. Over a booking nothing is added: gives the bookings."""
    since = int(clock.at(clock.day(first), "00:00").timestamp())
    until = int(clock.at(clock.days_before(clock.day(last), -1), "00:00").timestamp())
    with database.write() as connection:
        bookings.hold_interpreter(connection, person)  # nobody books them between this look and the commit
        booked = connection.execute(BOOKED, {"of": person, "since": since, "until": until}).all()
        if booked:
            return list(booked)
        days = {"interpreter": person, "first": clock.day(first), "last": clock.day(last)}
        same = connection.execute(SAME_LEAVE, {"of": person, "since": days["first"], "to": days["last"]})
        for row in same.all():
            connection.execute(delete(Leave).where(Leave.interpreter == person, Leave.first == row.first))
            days["first"] = min(days["first"], row.first)
        connection.execute(insert(Leave), days)
        audit.note(connection, ring, by=by, did=Did.CHANGED, what=f"leave {by}")
    return []


def drop_leave(database: Database, ring: KeyRing, person: int, first: str, by: str) -> None:
    """Take leave away, by its first day."""
    with database.write() as connection:
        connection.execute(delete(Leave).where(Leave.interpreter == person, Leave.first == clock.day(first)))
        audit.note(connection, ring, by=by, did=Did.CHANGED, what=f"leave {by}")
