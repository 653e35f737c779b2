"""Telling people of a request: the job that each step puts writes the messages that it makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from portal import clock, contact, messages
from portal.accounts.models import Account
from portal.contact import Method, Permit, Rule
from portal.database import Database
from portal.interpreting import bookings, moving, offers, phrases
from portal.interpreting.consequences import NOTED
from portal.interpreting.models import Booking, Interpreter, Offer
from portal.interpreting.states import Event, State
from portal.references import grouped
from portal.sealing import KeyRing
from portal.settings import Settings
from portal.wording import Moment, Template, Values

DAYS_BEFORE, HOURS_BEFORE = 2, 3
"""Working days and hours before a booking at which everybody is reminded."""
REMIND_DAYS, REMIND_HOURS = "remind_days", "remind_hours"
HOUR = 3600
YEAR = 366 * 86400

WITH_ACCOUNT = (
    select(*Interpreter.__table__.columns, Account.email)
    .join(Account, Account.reference == Interpreter.account)
    .where(Interpreter.id == bindparam("of"), Account.active, Interpreter.active)
)
OFFER = select(*Offer.__table__.columns).where(Offer.reference == bindparam("of"))


def tell(database: Database, ring: KeyRing, settings: Settings, payload: Mapping[str, Any]) -> None:
    """Write the messages of one step, once each. What is not so any more is not told."""
    with database.write() as connection:
        request = moving.find(connection, payload["request"])
        if request is None:
            return
        Telling(connection, ring, settings, request, payload).tell()


class Telling:
    """One step of one request, being told."""

    def __init__(
        self,
        connection: Connection,
        ring: KeyRing,
        settings: Settings,
        request: Row[Any],
        payload: Mapping[str, Any],
    ) -> None:
        self.connection, self.ring, self.settings = connection, ring, settings
        self.request, self.payload = request, payload
        self.event: str = payload["event"]
        self.booking = bookings.live(connection, request.reference)

    def tell(self) -> None:
        does = TELLS.get(self.event)
        if does is not None:
            does(self)

    def changed(self) -> None:
        if self.request.confirmed and State(self.request.state) is not State.CONFIRMED:
            self.person(phrases.CHANGED)

    def finished(self) -> None:
        address = self.settings.at(f"/{self.request.language}/your-view")
        self.person(phrases.HOW_IT_WAS, methods=(Method.SMS, Method.EMAIL), address=address)

    @property
    def same(self) -> str:
        """Which step it is: the same step is told once."""
        return " ".join(str(value) for key, value in sorted(self.payload.items()) if key != "request")

    def values(self) -> Values:
        found: dict[str, Any] = {"reference": grouped(self.request.reference)}
        if self.booking is not None:
            found |= {"when": Moment(self.booking.starts), "how": phrases.HOW[self.booking.mode]}
            people = [
                self.connection.execute(bookings.PERSON, {"of": one.interpreter}).one().name
                for one in bookings.sitting(self.connection, self.booking.reference)
            ]
            found["name"] = ", ".join(people) or (self.booking.provider or "–")
        return found

    def person(
        self,
        template: Template,
        methods: tuple[Method, ...] = tuple(Method),
        not_after: int | None = None,
        **more: str,
    ) -> None:
        """Tell the person who asked, in the way they like best. Nobody is told who wants to look by code."""
        words = {part for part in Method if part is Method.CALL or template.of(part)[1] is not None}
        wanted = [one for one in methods if one in words and one is not Method.VOICEMAIL]
        found = contact.first_permit(
            self.connection,
            self.ring,
            f"request {self.request.reference}",
            clock.seconds(),
            methods=wanted,
            urgent=template.urgent or self.request.urgency == "emergency",
        )
        if isinstance(found, Permit):
            self.write(found, template, dict(self.values()) | more, not_after)

    def write(self, permit: Permit, template: Template, values: Values, not_after: int | None = None) -> None:
        messages.write(
            self.connection,
            self.ring,
            self.settings,
            permit,
            template,
            values,
            self.same,
            not_after=not_after,
        )

    def interpreter(self, identity: int, template: Template, urgent: bool = False, **more: Any) -> None:
        """Tell an interpreter, by the email address of their account. A provider's people have none."""
        row = self.connection.execute(WITH_ACCOUNT, {"of": identity}).first()
        if row is None:
            return
        owner = f"interpreter {row.reference}"
        rule = Rule(owner=owner, email=row.email, methods=(Method.EMAIL,), until=clock.seconds() + YEAR)
        contact.keep_rule(self.connection, self.ring, rule)
        urgent = urgent or template.urgent or self.request.urgency == "emergency"
        found = contact.permit_from(
            self.connection, self.ring, owner, Method.EMAIL, clock.seconds(), urgent=urgent
        )
        if isinstance(found, Permit):
            self.write(found, template, {"address": self.settings.at("/interpreters"), **more})

    def each_sitting(self, template: Template) -> None:
        if self.booking is None:
            return
        for row in bookings.sitting(self.connection, self.booking.reference):
            self.interpreter(row.interpreter, template, when=Moment(self.booking.starts))

    def offered(self) -> None:
        offer = self.connection.execute(OFFER, {"of": self.payload["offer"]}).first()
        if offer is None or offer.state not in bookings.ASKED or offer.expires <= clock.seconds():
            return
        self.interpreter(offer.interpreter, phrases.OFFERED, until=Moment(offer.expires))

    def not_theirs(self, template: Template) -> None:
        row = self.connection.execute(bookings.FIND, {"of": self.payload["booking"]}).first()
        if row is not None:
            self.interpreter(int(self.payload["interpreter"]), template, when=Moment(row.starts))

    def booked(self) -> None:
        """Tell everybody, and have everybody reminded."""
        if self.booking is None or State(self.request.state) is not State.CONFIRMED:
            return
        self.person(phrases.BOOKED, not_after=self.booking.starts)
        self.each_sitting(phrases.BOOKING_CONFIRMED)
        for event, due in reminders(self.booking).items():
            if due > clock.seconds():
                moving.tell(
                    self.connection,
                    self.request.reference,
                    event,
                    self.payload["number"],
                    due,
                    booking=self.booking.reference,
                    starts=str(self.booking.starts),
                )

    def remind(self) -> None:
        """Remind everybody of a booking that still stands as it did."""
        asked = (self.payload["booking"], self.payload["starts"])
        if self.booking is None or (self.booking.reference, str(self.booking.starts)) != asked:
            return
        if State(self.request.state) is not State.CONFIRMED or self.booking.starts <= clock.seconds():
            return
        self.person(phrases.REMINDER, methods=(Method.SMS, Method.EMAIL), not_after=self.booking.starts)
        self.each_sitting(phrases.BOOKING_REMINDER)


CALL_FIRST = (Method.CALL, Method.SMS, Method.EMAIL, Method.LETTER)
TELLS: dict[str, Callable[[Telling], None]] = {
    Event.SUBMIT: lambda telling: telling.person(phrases.RECEIVED),
    Event.ASK: lambda telling: telling.person(phrases.QUESTION, methods=CALL_FIRST),
    Event.CONFIRM: Telling.booked,
    Event.ASSIGN: Telling.booked,
    Event.PLACE: Telling.booked,
    Event.RELEASE: Telling.changed,
    Event.RECONSIDER: Telling.changed,
    Event.CANCEL: lambda telling: telling.person(phrases.CANCELLED),
    Event.GIVE_UP: lambda telling: telling.person(phrases.UNFILLED, methods=CALL_FIRST),
    Event.FINISH: Telling.finished,
    offers.OFFERED: Telling.offered,
    offers.FILLED: lambda telling: telling.not_theirs(phrases.FILLED),
    offers.WITHDRAWN: lambda telling: telling.not_theirs(phrases.WITHDRAWN),
    NOTED: lambda telling: telling.each_sitting(phrases.BOOKING_CHANGED),
    REMIND_DAYS: Telling.remind,
    REMIND_HOURS: Telling.remind,
}
"""What is told of which step; of any other nothing is."""


def reminders(booking: Row[Any] | Booking) -> dict[str, int]:
    """When everybody is reminded: two working days before, in the morning, and three hours before."""
    day = clock.in_london(clock.moment(booking.starts)).date()
    early = clock.at(clock.working_days_before(day, DAYS_BEFORE), "10:00")
    return {REMIND_DAYS: int(early.timestamp()), REMIND_HOURS: booking.starts - HOURS_BEFORE * HOUR}
