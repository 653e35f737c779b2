"""What tests of erasing stand on: somebody who told us all that can be told, and all that became of it."""

from __future__ import annotations

import io
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import time_machine
from sqlalchemy import LargeBinary, select, text, update

from portal import clock, files
from portal.accounts import people
from portal.accounts.people import Person
from portal.accounts.roles import Role
from portal.audit import OPERATOR
from portal.blobs import Folder, Store
from portal.database import Database
from portal.files import KINDS, Kept
from portal.forms.incident import INCIDENT
from portal.incidents import disclosures, erasures, exchange, overrides, reports, words
from portal.incidents.codes import opens
from portal.incidents.erasure_steps import Erasure
from portal.incidents.exchange import Kind
from portal.incidents.models import IncidentCase
from portal.incidents.moving import locked
from portal.incidents.shared import Disclosure
from portal.intake.receipts import code_for, digest_of
from portal.intake.submissions import Arrival, Result, submit
from portal.questions import Answers
from portal.receiving import RECEIVERS
from portal.sealing import KeyRing
from portal.settings import Settings
from portal.tables import Base
from tests.attachments import telling_picture
from tests.cases import OFFICER, Desk
from tests.shares import EVERYTHING, Sharers

FORM = INCIDENT.here(office=True)
HELD = "draft 00"
TOLD: Answers = {
    "danger_now": ("no",),
    "journey": ("victim",),
    "kind": ("hate_incident",),
    "motive": ("race_colour_nationality_ethnic",),
    "acts": ("verbal_abuse",),
    "talk": ("no",),
    "narrative": ("A canary was put through the letterbox",),
    "narrative_lang": ("page",),
    "anonymity": ("named",),
    "name": ("Parveen Canary",),
    "postcode": ("DE23 6AA",),
    "reach": ("sms", "phone"),
    "phone": ("07700 900123",),
    "email": ("canary@example.org",),
    "safe_word": ("marigold canary",),
    "hours": ("any",),
    "need": ("interpreter",),
    "speak": ("urd",),
    "gender": ("woman",),
    "share.police.may": ("yes_named",),
}
LATER = timedelta(days=15)
"""After what somebody asked for may be carried out."""


@dataclass
class Here:
    """A portal with people who decide, in which somebody tells us something."""

    database: Database
    ring: KeyRing
    settings: Settings
    deciders: tuple[Person, Person] | None = None
    """Who decides and who is the second, where they are there already."""
    store: Store = field(init=False)
    desk: Desk = field(init=False)
    us: Sharers = field(init=False)

    def __post_init__(self) -> None:
        self.store = Folder(self.settings.files)
        self.desk, self.us = Desk(self.database, self.ring), Sharers(self.database, self.ring)
        if self.deciders is None:
            one, two = ("Manager One", Role.CASE_MANAGER), ("Governance Two", Role.GOVERNANCE)
            self.deciders = self.person(*one), self.person(*two)
        self.first, self.second = self.deciders

    def person(self, name: str, *roles: Role) -> Person:
        email = f"{name.lower().replace(' ', '.')}@example.org"
        reference = people.add(self.database, self.ring, email, name, roles, OPERATOR)
        with self.database.read() as connection:
            found = people.find(connection, reference)
        assert found is not None
        return found

    def tells(self, with_file: bool = False, **answers: tuple[str, ...]) -> Told:
        """Somebody tells us, with a picture if wished."""
        token, told = secrets.token_bytes(32), {**TOLD, **answers}
        if with_file:
            kept = files.keep(
                self.database,
                self.ring,
                self.store,
                io.BytesIO(telling_picture()),
                "photo.jpg",
                KINDS.values(),
                HELD,
                original=True,
            )
            assert isinstance(kept, Kept)
            told["evidence"] = (kept.id,)
        arrival = Arrival(form=FORM, answers=told, token=token, language="en", channel="web", files_of=HELD)
        assert submit(self.database, self.ring, arrival, RECEIVERS) is Result.STORED
        code = code_for(self.ring, token)
        with self.database.read() as connection:
            report = reports.of_receipt(connection, digest_of(self.ring, code))
        assert report is not None
        return Told(report.reference, report.case, report.submission, code, digest_of(self.ring, code))

    def all_of_it(self) -> Told:
        """A case with everything that a report can have, closed."""
        told = self.tells(with_file=True)
        self.us.agrees("police")
        sent = self.us.sends(told.report, *EVERYTHING, request="Please tell the canary aunt")
        self.opened_by_agency(sent.reference)
        self.us.sends(told.report)  # whose link nobody has opened
        disclosures.note_feedback(self.database, self.ring, sent.reference, "other", "canary help", OFFICER)
        self.us.agrees("school")
        wish = self.us.wants(told.report, agency="school")
        overrides.decide(self.database, self.ring, wish, allow=True, by="MNG234567")
        self.opened_by_agency(self.us.sends(told.report, agency="school", override=wish).reference)
        with self.database.write() as connection:
            case = locked(connection, told.case)
            words.add_note(connection, self.ring, told.case, "risk", "She fears her canary", by=OFFICER)
            words.add_party(
                connection, self.ring, told.case, "alleged", name="Omar Canary", notes="", by=OFFICER
            )
            exchange.add(
                connection, self.ring, case, told.report, Kind.WORDS, OFFICER, "ur", "Canary, we come Monday"
            )
            exchange.take_words(connection, self.ring, told.receipt, "The canary sang at night", "ur")
            exchange.answered(connection, told.report, OFFICER)
        self.desk.closed(told.case)
        return told

    def opened_by_agency(self, disclosure: str) -> None:
        with self.database.write() as connection:
            mine = update(Disclosure).where(Disclosure.reference == disclosure)
            connection.execute(mine.values(opened=clock.seconds()))

    def asks(self, told: Told) -> str:
        """The person asks that it is erased; gives the reference of the request."""
        with self.database.write() as connection:
            erasures.ask(connection, self.ring, self.settings, told.receipt, "ur")
        with self.database.read() as connection:
            row = erasures.of_report(connection, told.report)
        assert row is not None
        return str(row.reference)

    def agrees(self, request: str, sure: str = "spoke", also: tuple[str, ...] = ()) -> None:
        erasures.agree(self.database, self.ring, self.settings, self.first, request, sure, also)

    def carries_out(self, request: str, person: Person | None = None) -> None:
        given = (self.database, self.ring, self.settings, self.store, person or self.second, request)
        erasures.carry_out(*given)

    def erased(self, told: Told) -> str:
        """All of it: asked, decided, two weeks later carried out."""
        request = self.asks(told)
        self.agrees(request)
        with time_machine.travel(clock.now() + LATER, tick=False):
            self.carries_out(request)
        return request

    def request(self, reference: str) -> Any:
        [row] = [one for one in self.desk.every(Erasure) if one.reference == reference]
        return row

    def code_opens(self, told: Told) -> bool:
        with self.database.read() as connection:
            return opens(connection, told.receipt)


@dataclass(frozen=True)
class Told:
    """What somebody told us, and their code."""

    report: str
    case: str
    submission: str
    code: str
    receipt: bytes


def sealed_of(database: Database, *but: str) -> dict[bytes, str]:
    """Every value of bytes that stands in the database, and where: but in these tables."""
    found: dict[bytes, str] = {}
    with database.read() as connection:
        for table in Base.metadata.sorted_tables:
            columns = [one for one in table.columns if isinstance(one.type, LargeBinary)]
            if table.name in but or not columns:
                continue
            for row in connection.execute(select(*columns)):
                for column, value in zip(columns, row, strict=True):
                    if value:
                        found[bytes(value)] = f"{table.name}.{column.name}"
    return found


def file_of(database: Database) -> bytes:
    """The database file as it lies on the disk, its log gone into it."""
    with database.engine.connect() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    path = Path(str(database.url.database))
    return b"".join(one.read_bytes() for one in path.parent.glob(f"{path.name}*") if one.is_file())


def words_in(database: Database) -> str:
    """Every row of every table as text, bytes too."""
    lines = []
    with database.read() as connection:
        for table in Base.metadata.sorted_tables:
            lines += [str(dict(row)) for row in connection.execute(select(*table.columns)).mappings()]
    return "\n".join(lines)


def key_of(database: Database, case: str) -> bytes | None:
    with database.read() as connection:
        mine = select(IncidentCase.data_key).where(IncidentCase.reference == case)
        found: bytes | None = connection.execute(mine).scalar_one()
    return found
