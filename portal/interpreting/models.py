"""The tables of interpreting: requests and their times, interpreters, offers, bookings."""

from __future__ import annotations

from datetime import date

from sqlalchemy import (
    DDL,
    JSON,
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    event,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base
from portal.interpreting.states import State

LIVE, SITS = text("live"), text("state <> 'released'")
STATES = ", ".join(f"'{state.value}'" for state in State)


SEAT_TAKEN, OVERLAP = "one_live_seat", "interpreter_overlap"
"""What the database says of a seat that is taken, and of an interpreter who is busy."""


class Request(Base):
    """What somebody asked for: an interpreter, a translation, a format, or to be called."""

    __tablename__ = "interpreter_request"
    __table_args__ = (CheckConstraint(f"state IN ({STATES})", name="state"),)

    reference: Mapped[str] = mapped_column(String(9), primary_key=True)
    submission: Mapped[str] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"), index=True)
    """Its answers: a change of them is another submission, and this points to the newest."""
    kind: Mapped[str] = mapped_column(String(12))
    """A value of Kind."""
    state: Mapped[str] = mapped_column(String(12), index=True)
    """A value of State."""
    version: Mapped[int]
    """Counts its steps, so that two people cannot decide on it unseen by each other."""
    received: Mapped[int] = mapped_column(BigInteger)
    """When it came in, in seconds since 1970."""
    changed: Mapped[int] = mapped_column(BigInteger)
    """When its state last changed."""
    channel: Mapped[str] = mapped_column(String(12))
    """web, paper, phone or outreach."""
    language: Mapped[str] = mapped_column(String(12))
    """The language of the pages: in it the person is written to."""
    speak: Mapped[str | None] = mapped_column(String(60))
    """Code of the language to speak, `sign` or `other`."""
    sign: Mapped[str | None] = mapped_column(String(60))
    """Code of the language to sign."""
    second: Mapped[str | None] = mapped_column(String(60))
    """Code of the language that is fine too."""
    read: Mapped[str | None] = mapped_column(String(60))
    """Code of the language to read, or `none`, `listen`."""
    coded: Mapped[str | None] = mapped_column(String(60))
    """Code that the coordinator gave a language named in the person's own words."""
    mode: Mapped[str | None] = mapped_column(String(10))
    """How to meet now: office, home, place, phone, phone_now, video, any."""
    mode_asked: Mapped[str | None] = mapped_column(String(10))
    """How the person asked to meet: another mode now is a degraded fill."""
    office: Mapped[str | None] = mapped_column(String(60))
    """Code of the office."""
    area: Mapped[str | None] = mapped_column(String(4))
    """Outward half of the postcode of the home."""
    place_area: Mapped[str | None] = mapped_column(String(4))
    """Outward half of the postcode where the interpreter should come."""
    support: Mapped[list[str]] = mapped_column(JSON)
    """Codes of communication support."""
    formats: Mapped[list[str]] = mapped_column(JSON)
    """Codes of formats."""
    certified: Mapped[bool]
    needed_by: Mapped[date | None] = mapped_column(Date)
    about: Mapped[str | None] = mapped_column(String(12))
    """What the person says it is about."""
    purpose: Mapped[str | None] = mapped_column(String(16))
    """What the coordinator says it is about: a code of PURPOSES."""
    tier: Mapped[int | None]
    """1: registered professionals only. 2: qualified or trained. 3: nominated staff are fine."""
    urgency: Mapped[str] = mapped_column(String(10), index=True)
    """emergency, urgent, soon, planned or long_lead."""
    due: Mapped[int] = mapped_column(BigInteger, index=True)
    """When it should be booked at the latest, in seconds since 1970: what the desk sorts by."""
    minutes: Mapped[int]
    """How long it will take, with the time that interpreting adds."""
    gender: Mapped[str | None] = mapped_column(String(5))
    """woman, man or any."""
    gender_essential: Mapped[bool]
    outside: Mapped[bool]
    """Somebody from outside the person's area or community."""
    officer_gender: Mapped[str | None] = mapped_column(String(5))
    officer_lgbt: Mapped[bool]
    """A member of staff who understands LGBT people. The interpreter never sees it."""
    children: Mapped[bool]
    """Whether children will be there: they are not asked to interpret."""
    agreed: Mapped[bool]
    """Whether the person agrees to what the interpreter sees. If not, somebody talks to them first."""
    discreet: Mapped[bool]
    reason: Mapped[str | None] = mapped_column(String(16))
    """Code of why it was cancelled, given up, released or did not take place."""
    confirmed: Mapped[int | None] = mapped_column(BigInteger)
    """When it was first booked, in seconds since 1970."""
    notice: Mapped[int | None]
    """Hours before the beginning at which it was cancelled."""
    own_why: Mapped[str | None] = mapped_column(String(16))
    """Code of why the person brings somebody of their own to interpret."""
    own_by: Mapped[str | None] = mapped_column(String(9))
    """The account of the member of staff who talked to the person and confirmed it."""
    delivered: Mapped[date | None] = mapped_column(Date)
    """The day on which a translation or format was delivered."""
    delivered_as: Mapped[str | None] = mapped_column(String(10))
    """How: post, email, office or by_phone."""


class RequestPerson(Base):
    """What tells that two requests are the same person's, without saying whose: keyed digests."""

    __tablename__ = "request_person"

    request: Mapped[str] = mapped_column(
        ForeignKey("interpreter_request.reference", ondelete="CASCADE"), primary_key=True
    )
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True, index=True)
    """Of a phone number, an email address, or a name with a postcode."""


class Window(Base):
    """A time that would suit the person."""

    __tablename__ = "request_window"

    request: Mapped[str] = mapped_column(
        ForeignKey("interpreter_request.reference", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    starts: Mapped[int] = mapped_column(BigInteger)
    """Seconds since 1970."""
    ends: Mapped[int] = mapped_column(BigInteger)


class RequestStep(Base):
    """One step in the life of a request."""

    __tablename__ = "request_step"

    request: Mapped[str] = mapped_column(
        ForeignKey("interpreter_request.reference", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    """The version that it led to."""
    event: Mapped[str] = mapped_column(String(12))
    """A value of Event."""
    state: Mapped[str] = mapped_column(String(12))
    """The state that it led to."""
    reason: Mapped[str | None] = mapped_column(String(16))
    by: Mapped[str] = mapped_column(String(12))
    """The reference of an account, `tenant` or `portal`."""
    at: Mapped[int] = mapped_column(BigInteger)
    """Seconds since 1970."""


class Interpreter(Base):
    """Somebody who interprets for us: staff, from our bank, or sent by a provider."""

    __tablename__ = "interpreter"
    __table_args__ = (
        CheckConstraint("kind IN ('staff', 'bank', 'provider')", name="kind"),
        CheckConstraint("gender IN ('woman', 'man', 'any')", name="gender"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    reference: Mapped[str] = mapped_column(String(9), unique=True)
    account: Mapped[str | None] = mapped_column(ForeignKey("account.reference"), unique=True)
    """Their sign-in; none for people whom a provider sends."""
    name: Mapped[str] = mapped_column(String(100))
    """The first name, or how they want to be called: the person who asked is told this."""
    badge: Mapped[str | None] = mapped_column(String(20))
    """The number on their photo badge."""
    gender: Mapped[str] = mapped_column(String(5))
    kind: Mapped[str] = mapped_column(String(8))
    """staff, bank or provider."""
    provider: Mapped[str | None] = mapped_column(String(60))
    """Code of the provider who sends them."""
    active: Mapped[bool]
    area: Mapped[str | None] = mapped_column(String(4))
    """Outward half of the postcode where they live: nobody is sent to a neighbour."""
    modes: Mapped[list[str]] = mapped_column(JSON)
    """How they work: office, home, place, phone, video."""
    travel: Mapped[int]
    """Minutes that they need to come and to go: kept free around a visit."""
    cleared_until: Mapped[date | None] = mapped_column(Date)
    """Until when their DBS certificate or clearance holds."""
    feed: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    """Digest of the secret in the address of their calendar feed; none when it is revoked."""
    feed_read: Mapped[int | None] = mapped_column(BigInteger)
    """When a calendar last fetched it."""


class InterpreterLanguage(Base):
    """One language, or communication support, in which an interpreter works."""

    __tablename__ = "interpreter_language"
    __table_args__ = (
        CheckConstraint("level IN ('registered', 'qualified', 'trained', 'trainee')", name="level"),
    )

    interpreter: Mapped[int] = mapped_column(ForeignKey("interpreter.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    level: Mapped[str] = mapped_column(String(10))
    register: Mapped[str | None] = mapped_column(String(20))
    """The professional register, such as NRPSI or NRCPD."""
    number: Mapped[str | None] = mapped_column(String(30))
    """Their number there."""
    until: Mapped[date | None] = mapped_column(Date)
    """When the registration ends."""
    dialects: Mapped[str] = mapped_column(String(200), default="")
    """Dialects and home areas, as words."""


class Conflict(Base):
    """An interpreter and a person who must not meet. Why is a code; no details are kept."""

    __tablename__ = "interpreter_conflict"

    interpreter: Mapped[int] = mapped_column(ForeignKey("interpreter.id"), primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    """Of the person, as in request_person."""
    source: Mapped[str] = mapped_column(String(12))
    """Who said so: interpreter, tenant or coordinator."""
    since: Mapped[date] = mapped_column(Date)


class FreeTime(Base):
    """When an interpreter can be asked, every week."""

    __tablename__ = "free_time"

    interpreter: Mapped[int] = mapped_column(ForeignKey("interpreter.id"), primary_key=True)
    weekday: Mapped[int] = mapped_column(primary_key=True)
    """1 is Monday."""
    begins: Mapped[int] = mapped_column(primary_key=True)
    """Minutes since midnight, as clocks in London show it."""
    ends: Mapped[int]


class Leave(Base):
    """Days on which an interpreter cannot be asked."""

    __tablename__ = "interpreter_leave"

    interpreter: Mapped[int] = mapped_column(ForeignKey("interpreter.id"), primary_key=True)
    first: Mapped[date] = mapped_column(Date, primary_key=True)
    last: Mapped[date] = mapped_column(Date)


class Booking(Base):
    """A time and a way of meeting for a request; it has one seat or two."""

    __tablename__ = "booking"
    __table_args__ = (
        CheckConstraint("ends > starts", name="order"),
        Index("uq_booking_live", "request", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
    )

    reference: Mapped[str] = mapped_column(String(9), primary_key=True)
    request: Mapped[str] = mapped_column(
        ForeignKey("interpreter_request.reference", ondelete="CASCADE"), index=True
    )
    live: Mapped[bool]
    """Whether it is the one that counts: an old one stays for the calendars that hold it."""
    starts: Mapped[int] = mapped_column(BigInteger)
    """Seconds since 1970."""
    ends: Mapped[int] = mapped_column(BigInteger)
    mode: Mapped[str] = mapped_column(String(10))
    seats: Mapped[int]
    way: Mapped[str] = mapped_column(String(8))
    """How it is offered: direct, tiered, pool or rota."""
    provider: Mapped[str | None] = mapped_column(String(60))
    """Code of the provider with whom it was placed by hand."""
    provider_number: Mapped[str | None] = mapped_column(String(60))
    """Their number for it."""
    price: Mapped[int | None]
    """What the provider asks, in pence."""


class Offer(Base):
    """A booking offered to one interpreter."""

    __tablename__ = "offer"
    __table_args__ = (
        CheckConstraint(
            "state IN ('sent', 'seen', 'willing', 'accepted', 'declined', 'expired', 'withdrawn', 'filled')",
            name="state",
        ),
        Index("uq_offer_booking", "booking", "interpreter", unique=True),
    )

    reference: Mapped[str] = mapped_column(String(9), primary_key=True)
    booking: Mapped[str] = mapped_column(ForeignKey("booking.reference", ondelete="CASCADE"))
    interpreter: Mapped[int] = mapped_column(ForeignKey("interpreter.id"), index=True)
    state: Mapped[str] = mapped_column(String(10))
    sent: Mapped[int] = mapped_column(BigInteger)
    """When it goes out, in seconds since 1970: a tier's later ones wait."""
    expires: Mapped[int] = mapped_column(BigInteger, index=True)
    answered: Mapped[int | None] = mapped_column(BigInteger)
    reason: Mapped[str | None] = mapped_column(String(12))
    """Code of why it was declined."""


class Assignment(Base):
    """An interpreter in a seat of a booking. The database lets nobody sit twice at once."""

    __tablename__ = "assignment"
    __table_args__ = (
        CheckConstraint(
            "state IN ('accepted', 'confirmed', 'started', 'finished', 'claimed', 'approved', 'released')",
            name="state",
        ),
        CheckConstraint("busy_to > busy_from", name="order"),
        Index(SEAT_TAKEN, "booking", "seat", unique=True, sqlite_where=SITS, postgresql_where=SITS),
    )

    reference: Mapped[str] = mapped_column(String(9), primary_key=True)
    """Also the stable part of its UID in calendars."""
    booking: Mapped[str] = mapped_column(ForeignKey("booking.reference", ondelete="CASCADE"))
    seat: Mapped[int]
    interpreter: Mapped[int] = mapped_column(BigInteger, ForeignKey("interpreter.id"), index=True)
    state: Mapped[str] = mapped_column(String(10))
    busy_from: Mapped[int] = mapped_column(BigInteger)
    """Beginning less travel, in seconds since 1970."""
    busy_to: Mapped[int] = mapped_column(BigInteger)
    """End and travel."""
    sequence: Mapped[int]
    """Counts changes, for calendars."""
    changed: Mapped[int] = mapped_column(BigInteger)
    """When it last changed."""
    reason: Mapped[str | None] = mapped_column(String(16))
    """Code of why it was released."""
    started: Mapped[int | None] = mapped_column(BigInteger)
    """As the interpreter says, in seconds since 1970."""
    finished: Mapped[int | None] = mapped_column(BigInteger)
    travelled: Mapped[int | None]
    """Minutes of travel claimed."""
    waited: Mapped[int | None]
    """Minutes of waiting claimed."""
    miles: Mapped[int | None]
    late: Mapped[int | None]
    """Minutes that the interpreter came late, as the officer says."""
    outcomes: Mapped[list[str]] = mapped_column(JSON)
    """Codes of OUTCOMES."""
    signed_by: Mapped[str | None] = mapped_column(String(9))
    """The account that countersigned the timesheet."""
    disputed: Mapped[str | None] = mapped_column(String(300))
    """Why the timesheet is not countersigned."""


NO_OVERLAP: dict[str, tuple[str, ...]] = {
    "sqlite": tuple(
        f"""CREATE TRIGGER {OVERLAP}_{what.lower()} BEFORE {what} ON assignment WHEN NEW.state <> 'released'
        BEGIN SELECT RAISE(ABORT, '{OVERLAP}') WHERE EXISTS (
            SELECT 1 FROM assignment other WHERE other.interpreter = NEW.interpreter
            AND other.reference <> NEW.reference AND other.state <> 'released'
            AND other.busy_from < NEW.busy_to AND NEW.busy_from < other.busy_to); END"""
        for what in ("INSERT", "UPDATE")
    ),
    "postgresql": (
        f"""ALTER TABLE assignment ADD CONSTRAINT {OVERLAP} EXCLUDE USING gist (
        int8range(interpreter, interpreter, '[]') WITH &&, int8range(busy_from, busy_to) WITH &&)
        WHERE (state <> 'released')""",
    ),
}
"""What makes it impossible to sit in two places at once, without any extension. One visit may begin in the
second in which another ends: travel is part of both."""
for dialect, statements in NO_OVERLAP.items():
    for statement in statements:
        event.listen(Assignment.__table__, "after_create", DDL(statement).execute_if(dialect=dialect))  # type: ignore[no-untyped-call]
