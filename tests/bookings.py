"""A desk of interpreters for tests: people who interpret, requests that came in, and the time they are at."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, insert, select

from portal import clock, references
from portal.database import Database
from portal.forms.interpreter import INTERPRETER
from portal.intake.receipts import code_for, digest_of
from portal.intake.submissions import Arrival, Result, submit
from portal.interpreting import moving, offers, requests
from portal.interpreting.models import Interpreter, InterpreterLanguage, Offer
from portal.interpreting.offers import Answer
from portal.interpreting.states import Event, Who
from portal.questions import Answers
from portal.receiving import RECEIVERS
from portal.sealing import KeyRing

NOW = "2026-11-18T10:00:00Z"
"""A Wednesday."""
DAY = "2026-11-24"
STARTS = int(clock.at(date(2026, 11, 24), "10:00").timestamp())
ENDS = STARTS + 5400
CANARIES = ("Parveen Canary", "07700 900123", "12 Canary Street", "canary@example.org", "Canary Solicitors")
ASKS: Answers = {
    "need": ("interpreter",),
    "speak": ("phr",),
    "second": ("urd",),
    "read": ("none",),
    "dialect": ("Mirpur canary village",),
    "how": ("home",),
    "where": (f"{CANARIES[2]}, Derby DE23 6AA",),
    "about": ("private",),
    "soon": ("later",),
    "window.1.day": (DAY,),
    "window.1.from": ("10:00",),
    "window.1.to": ("13:00",),
    "length": ("60",),
    "gender": ("woman",),
    "gender_essential": ("essential",),
    "outside": ("yes",),
    "name": (CANARIES[0],),
    "postcode": ("DE23 6AA",),
    "reach": ("phone", "sms"),
    "phone": (CANARIES[1],),
    "hours": ("morning",),
    "voicemail": ("no",),
    "discreet": ("no",),
    "agreed": ("yes",),
}
COORDINATOR = "CRD234567"


@dataclass(frozen=True, slots=True)
class Desk:
    """What a coordinator and interpreters do, without pages."""

    database: Database
    ring: KeyRing

    def interpreter(self, *codes: str, level: str = "registered", **changes: Any) -> int:
        """Somebody who interprets in these languages; gives their id."""
        row = {
            "reference": references.new(),
            "name": "Nasreen",
            "gender": "woman",
            "kind": "bank",
            "active": True,
            "modes": ["office", "home", "place", "phone", "video"],
            "travel": 30,
            **changes,
        }
        with self.database.write() as connection:
            connection.execute(insert(Interpreter), row)
            found = select(Interpreter.id).where(Interpreter.reference == row["reference"])
            identity = int(connection.execute(found).scalar_one())
            connection.execute(
                insert(InterpreterLanguage),
                [{"interpreter": identity, "code": code, "level": level, "dialects": ""} for code in codes],
            )
        return identity

    def asks(self, replaces: bytes | None = None, channel: str = "web", **changes: tuple[str, ...]) -> str:
        """Somebody sends the form; gives the reference of the (first) request it makes."""
        token = secrets.token_bytes(32)
        answers = {key: value for key, value in {**ASKS, **changes}.items() if value}
        arrival = Arrival(
            form=INTERPRETER.here(registers=INTERPRETER.registers),
            answers=answers,
            token=token,
            language="pa",
            channel="web",
            replaces=replaces,
        )
        assert submit(self.database, self.ring, arrival, RECEIVERS) is Result.STORED
        with self.database.read() as connection:
            receipt = digest_of(self.ring, code_for(self.ring, token))
            return str(requests.of_receipt(connection, receipt)[0].reference)

    def request(self, reference: str) -> Row[Any]:
        with self.database.read() as connection:
            found = moving.find(connection, reference)
        assert found is not None
        return found

    def state(self, reference: str) -> str:
        return str(self.request(reference).state)

    def triage(self, reference: str, tier: int = 1, purpose: str = "abuse") -> None:
        with self.database.write() as connection:
            request = moving.locked(connection, reference)
            moving.move(
                connection,
                request,
                Event.TRIAGE,
                by=COORDINATOR,
                who=Who.COORDINATOR,
                tier=tier,
                purpose=purpose,
            )

    def offer(
        self, reference: str, *people: int, way: str = "direct", seats: int = 1, **times: int
    ) -> dict[int, str]:
        """Offer a request to these interpreters; gives each one's offer."""
        with self.database.write() as connection:
            rows = connection.execute(
                select(*Interpreter.__table__.columns).where(Interpreter.id.in_(people))
            ).all()
            request = offers.send(
                connection,
                self.ring,
                moving.locked(connection, reference),
                rows,
                starts=times.get("starts", STARTS),
                ends=times.get("ends", ENDS),
                mode="home",
                seats=seats,
                way=way,
                by=COORDINATOR,
            )
            assert request.state == "offering"
        return self.offers(reference)

    def offers(self, reference: str) -> dict[int, str]:
        with self.database.read() as connection:
            booking = offers.bookings.live(connection, reference)
            assert booking is not None
            found = connection.execute(
                select(Offer.interpreter, Offer.reference).where(Offer.booking == booking.reference)
            )
            return {row.interpreter: row.reference for row in found}

    def accept(self, offer: str, person: int) -> Answer:
        return offers.accept(self.database, self.ring, offer, person, "NTR234567")

    def ready(self, *people: int, **changes: Any) -> tuple[str, dict[int, str]]:
        """A request that came in, was looked at and is offered to these interpreters."""
        reference = self.asks()
        self.triage(reference)
        return reference, self.offer(reference, *people, **changes)
