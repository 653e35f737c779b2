"""A desk of cases for tests: people who tell us, staff who deal with it, and the time they are at."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from portal import clock
from portal.database import Database
from portal.incidents import moving, reports, timing, watching
from portal.incidents.states import Event, Who
from portal.intake.receipts import code_for, digest_of
from portal.intake.submissions import Arrival, Result, submit
from portal.questions import Answers, Choice, Date, Form, Option, Text, Time, as_written
from portal.receiving import RECEIVERS
from portal.sealing import KeyRing

NOW = "2026-11-18T10:00:00Z"
"""A Wednesday."""
OFFICER, MANAGER, OTHER = "FFC234567", "MNG234567", "THR234567"
CANARIES = ("Parveen Canary", "07700 900123", "canary@example.org", "A canary was put through the letterbox")


def _choice(key: str, *codes: str) -> Choice:
    return Choice(
        key=key,
        text=as_written(key),
        many=True,
        options=tuple(Option(code, as_written(code)) for code in codes),
    )


def _words(key: str) -> Text:
    return Text(key=key, text=as_written(key), personal=True)


TELLING = Form(
    key="incident",
    edition="2026-1",
    address="tell-us",
    title=as_written("Tell us"),
    purpose=as_written("Telling us"),
    anonymous=False,
    parts=(
        _choice("danger_now", "yes", "unsure", "continue_after_999", "no"),
        _choice("journey", "victim", "witness", "staff_harassed_at_work"),
        _choice(
            "kind",
            "hate_incident",
            "asb",
            "domestic_abuse",
            "staff_conduct",
            "complaint_about_handling",
            "other",
        ),
        _choice(
            "motive",
            "race_colour_nationality_ethnic",
            "disability_health_hiv",
            "not_because_of_this",
            "not_sure",
        ),
        _choice("perceived_by", "victim", "reporter", "other_person", "staff"),
        _choice("acts", "verbal_abuse", "threats", "noise"),
        _words("narrative"),
        _choice("narrative_lang", "page", "eng", "other"),
        _choice("safe_tonight", "yes", "no", "not_sure"),
        _choice("money_visa_help", "yes", "no"),
        Date(key="first_date", text=as_written("First"), partial=True),
        Date(key="last_date", text=as_written("Last"), partial=True),
        _choice("perp_known", "named", "unknown"),
        _choice("perp_relationship", "neighbour", "partner_ex", "staff"),
        _choice("repairs_urgent", "door_lock", "window", "graffiti_offensive", "none"),
        _choice("witnesses", "yes_give", "no"),
        _choice("formal_complaint", "yes", "no"),
        _choice("anonymity", "named", "anonymous"),
        _words("name"),
        _words("postcode"),
        _words("phone"),
        _words("email"),
        _choice("channel", "dvu_call", "office"),
        Date(key="received_on", text=as_written("Received")),
        Time(key="received_at", text=as_written("At")),
    ),
)
"""A form that asks what receiving looks at, under the keys of the one that people see."""
TELLS: Answers = {
    "danger_now": ("no",),
    "journey": ("victim",),
    "kind": ("asb",),
    "motive": ("not_because_of_this",),
    "acts": ("noise",),
    "narrative": (CANARIES[3],),
    "name": (CANARIES[0],),
    "postcode": ("DE23 6AA",),
    "phone": (CANARIES[1],),
    "email": (CANARIES[2],),
}


@dataclass(frozen=True, slots=True)
class Desk:
    """What people and staff do, without pages."""

    database: Database
    ring: KeyRing

    def tells(self, given: Mapping[str, Any] | None = None, **answers: tuple[str, ...]) -> str:
        """Somebody tells us; gives the reference of the case. `given` goes to the arrival."""
        token = secrets.token_bytes(32)
        arrival = Arrival(
            **{"form": TELLING, "answers": {**TELLS, **answers}, "token": token, "language": "ur"}
            | {"channel": "web"}
            | dict(given or {})
        )
        assert submit(self.database, self.ring, arrival, RECEIVERS) is Result.STORED
        with self.database.read() as connection:
            report = reports.of_receipt(connection, digest_of(self.ring, code_for(self.ring, arrival.token)))
        assert report is not None
        return str(report.case)

    def case(self, reference: str) -> Row[Any]:
        with self.database.read() as connection:
            found = moving.find(connection, reference)
        assert found is not None
        return found

    def step(
        self, reference: str, event: Event, by: str = OFFICER, who: Who = Who.OFFICER, **more: Any
    ) -> Row[Any]:
        """Somebody lets an event happen."""
        with self.database.write() as connection:
            case = moving.locked(connection, reference)
            after = moving.move(connection, case, event, by=by, who=who, **more)
            moving.noted(connection, self.ring, after, event, by)
            return after

    def triaged(self, reference: str) -> str:
        """An officer takes it on."""
        self.step(reference, Event.TRIAGE, officer=OFFICER)
        return reference

    def to_review(self, reference: str) -> str:
        """An officer brings it to the point where a second person looks at it."""
        self.triaged(reference)
        self.step(reference, Event.ACKNOWLEDGE)
        self.step(reference, Event.INVESTIGATE, reason="told_enough")
        self.step(reference, Event.REVIEW)
        return reference

    def closed(self, reference: str) -> str:
        self.to_review(reference)
        self.step(
            reference,
            Event.CLOSE,
            MANAGER,
            Who.MANAGER,
            reason="resolved",
            spoken="yes",
            outcome_told="letter",
        )
        return reference

    def clocks(self, reference: str) -> dict[str, Row[Any]]:
        """The limits of a case that are under way, by name."""
        with self.database.read() as connection:
            return {row.clock: row for row in timing.under_way(connection, reference)}

    def all_clocks(self, reference: str) -> list[Row[Any]]:
        with self.database.read() as connection:
            return timing.of_case(connection, reference)

    def missed(self, reference: str) -> set[str]:
        """The limits of a case that are noted as missed."""
        with self.database.read() as connection:
            return {row.clock for row in timing.breaches_of(connection, reference)}

    def watch(self) -> int:
        return watching.watch(self.database, self.ring, lambda done, of: None)

    def every(self, table: Any) -> list[Row[Any]]:
        with self.database.read() as connection:
            return list(connection.execute(select(*table.__table__.columns)))


def at(day: str, time: str) -> int:
    """A second, as clocks in London show it."""
    return clock.second_of(clock.day(day), time)
