"""An interpreter's calendar, at a secret address that they give to their own calendar.

Whoever runs that calendar reads along: so no name and no address is in it. The address is kept as a digest,
shown once, and can be changed or revoked.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, abort, request
from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard
from icalendar.prop import vRecur
from sqlalchemy import Connection, Row, Select, bindparam, or_, select, update

from portal import audit, clock, throttles
from portal.accounts.models import Account, AccountRole
from portal.accounts.roles import Role
from portal.audit import Did
from portal.database import Database
from portal.interpreting import jobs
from portal.interpreting.disclosure import DAY
from portal.interpreting.jobs import BOOKINGS, Names
from portal.interpreting.models import Assignment, Booking, Interpreter
from portal.languages import template
from portal.pages import settings, state
from portal.questions.messages import _staff
from portal.sealing import KeyRing

blueprint = Blueprint("feed", __name__)

TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
KEPT = 30 * DAY
"""Seconds for which a cancelled booking stays in the feed, as cancelled: so that calendars take it out."""
PAST = 90 * DAY
"""Seconds for which one that took place stays."""
HOUR = 3600
STATUS = {"accepted": "TENTATIVE", "released": "CANCELLED"}
"""State of an assignment -> what calendars call it; all others are CONFIRMED."""
SUMMARY = _staff("Interpreting %(language)s – %(minutes)s min – %(reference)s")

ENTRIES = BOOKINGS.where(
    or_(
        (Assignment.state == "released") & (Assignment.changed > bindparam("kept")),
        (Assignment.state != "released") & (Booking.ends > bindparam("past")),
    )
).order_by(Booking.starts, Assignment.reference)
OWNER: Select[Any] = (
    select(*Interpreter.__table__.columns)
    .join(Account, Account.reference == Interpreter.account)
    .join(AccountRole, AccountRole.account == Account.reference)
    .where(
        Interpreter.feed == bindparam("digest"),
        Interpreter.active,
        Account.active,
        AccountRole.role == Role.INTERPRETER.value,
    )
)
"""Who can no longer sign in as an interpreter has no feed either."""
READ = update(Interpreter).where(Interpreter.feed == bindparam("digest")).values(feed_read=bindparam("now"))
SET = (
    update(Interpreter).where(Interpreter.id == bindparam("of")).values(feed=bindparam("to"), feed_read=None)
)


def make(database: Database, ring: KeyRing, person: int, by: str) -> str:
    """A new address for an interpreter's feed: gives its secret, which nobody can show again. An older one
    is dead from now on."""
    secret = secrets.token_urlsafe(32)
    with database.write() as connection:
        connection.execute(SET, {"of": person, "to": digest_of(ring, secret)})
        audit.note(connection, ring, by=by, did=Did.CREATED, what=f"calendar feed {by}")
    return secret


def revoke(database: Database, ring: KeyRing, person: int, by: str) -> None:
    """From now on the feed's address is an unknown one."""
    with database.write() as connection:
        connection.execute(SET, {"of": person, "to": None})
        audit.note(connection, ring, by=by, did=Did.DELETED, what=f"calendar feed {by}")


def digest_of(ring: KeyRing, secret: str) -> bytes:
    """What is kept of an address."""
    return ring.digest("sign_in", b"calendar feed", secret.encode())


def owner(database: Database, ring: KeyRing, secret: str) -> Row[Any] | None:
    """Whose feed it is. Looked up by digest, so that no answer's time tells how much of a guess was right."""
    digest = digest_of(ring, secret)
    with database.read() as connection:
        return connection.execute(OWNER, {"digest": digest}).first()


def entries(connection: Connection, person: int) -> list[Row[Any]]:
    """What belongs into an interpreter's feed now."""
    now = clock.seconds()
    values = {"person": person, "kept": now - KEPT, "past": now - PAST}
    return list(connection.execute(ENTRIES, values).all())


def written(rows: Iterable[Row[Any]], known: Names, host: str) -> bytes:
    """Bookings as an iCalendar (RFC 5545)."""
    calendar = Calendar()
    calendar.add("prodid", "-//Portal//Interpreting//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(_london())
    for row in rows:
        calendar.add_component(_entry(row, known, host))
    return bytes(calendar.to_ical())


def _entry(row: Row[Any], known: Names, host: str) -> Event:
    entry = Event()
    changed = clock.moment(row.changed)
    entry.add("uid", f"{row.reference}@{host}")
    entry.add("dtstamp", changed)
    entry.add("last-modified", changed)
    entry.add("sequence", row.sequence)
    entry.add("status", STATUS.get(row.state, "CONFIRMED"))
    entry.add("dtstart", clock.in_london(clock.moment(row.starts)))
    entry.add("dtend", clock.in_london(clock.moment(row.ends)))
    told = {
        "language": jobs.language(row, known),
        "minutes": jobs.minutes(row),
        "reference": row.reference,
    }
    entry.add("summary", template(SUMMARY, "en") % told)
    where = jobs.place(row, known)
    if where:
        entry.add("location", where)
    return entry


def _london() -> Timezone:
    """The rules by which clocks in London change, each in the time that clocks show before it."""
    zone = Timezone()
    zone.add("tzid", "Europe/London")
    summer, winter = timedelta(hours=1), timedelta(0)
    for kind, first, since, to, name, month in (
        (TimezoneDaylight(), "19960331T010000", winter, summer, "BST", 3),
        (TimezoneStandard(), "19961027T020000", summer, winter, "GMT", 10),
    ):
        kind["dtstart"] = first
        kind.add("tzoffsetfrom", since)
        kind.add("tzoffsetto", to)
        kind.add("tzname", name)
        kind.add("rrule", vRecur(freq="yearly", bymonth=month, byday="-1SU"))
        zone.add_component(kind)
    return zone


@blueprint.get("/cal/<name>")
def calendar(name: str) -> Response:
    """A feed, for whoever knows its address. An unknown, a revoked and a malformed one are the same page."""
    secret = name.removesuffix(".ics")
    portal = state()
    fits = name.endswith(".ics") and TOKEN.fullmatch(secret) is not None
    person = owner(portal.database, portal.ring, secret) if fits else None
    if person is None:  # only what is wrong is counted: guesses shut out nobody who knows theirs
        tried = throttles.attempt(portal.database, "feed", request.remote_addr or "")
        abort(404 if tried.allowed else 429)
    now = clock.seconds()
    if person.feed_read is None or now - person.feed_read >= HOUR:
        portal.database.change(READ, {"digest": person.feed, "now": now})
    with portal.database.read() as connection:
        body = written(entries(connection, person.id), jobs.names(connection), settings().host)
    response = Response(body, mimetype="text/calendar")
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Content-Disposition"] = 'inline; filename="calendar.ics"'
    return response
