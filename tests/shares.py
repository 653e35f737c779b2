"""What tests of sharing stand on: a report with its answers, an organisation with its agreement."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row, select

from portal.database import Database
from portal.forms.incident import INCIDENT
from portal.incidents import agencies, consents, disclosures, overrides, reports
from portal.incidents.agencies import Agreed
from portal.incidents.disclosures import Sending, Sent
from portal.incidents.overrides import Wish
from portal.incidents.packs import TABLE, Field
from portal.intake.receipts import code_for, digest_of
from portal.intake.submissions import Arrival, Result, submit
from portal.questions import Answers
from portal.receiving import RECEIVERS
from portal.sealing import KeyRing

OFFICER, MANAGER, OTHER = "FFC234567", "MNG234567", "THR234567"
CANARIES = ("Parveen Canary", "07700 900123", "canary@example.org", "A canary was put through the letterbox")
TOLD: Answers = {
    "danger_now": ("no",),
    "journey": ("victim",),
    "kind": ("hate_incident",),
    "motive": ("race_colour_nationality_ethnic",),
    "acts": ("verbal_abuse",),
    "talk": ("no",),
    "narrative": (CANARIES[3],),
    "narrative_lang": ("page",),
    "anonymity": ("named",),
    "name": (CANARIES[0],),
    "postcode": ("DE23 6AA",),
    "reach": ("phone",),
    "phone": (CANARIES[1],),
    "email": (CANARIES[2],),
}
"""A victim tells us, says who they are, and that only a phone call is safe."""
EVERYTHING = frozenset(TABLE)


class Sharers:
    """A person who tells us, and staff who share it, without pages."""

    def __init__(self, database: Database, ring: KeyRing) -> None:
        self.database, self.ring = database, ring

    def tells(
        self, share: dict[str, str] | None = None, replaces: bytes | None = None, **answers: Any
    ) -> str:
        """Somebody tells us; gives the reference of the report. `share` says who may be told."""
        said = {f"share.{agency}.may": (answer,) for agency, answer in (share or {}).items()}
        arrival = Arrival(
            form=INCIDENT,
            answers={**TOLD, **said, **answers},
            token=secrets.token_bytes(32),
            language="ur",
            channel="web",
            replaces=replaces,
        )
        assert submit(self.database, self.ring, arrival, RECEIVERS) is Result.STORED
        self.receipt = digest_of(self.ring, code_for(self.ring, arrival.token))
        with self.database.read() as connection:
            report = reports.of_receipt(connection, self.receipt)
        assert report is not None
        return str(report.reference)

    def case_of(self, report: str) -> str:
        with self.database.read() as connection:
            return str(connection.execute(consents.CASE_OF, {"of": report}).scalar())

    def agrees(
        self,
        agency: str = "police",
        fields: Iterable[Field] = EVERYTHING,
        route: str = "link",
        version: int = 0,
    ) -> None:
        agreed = Agreed("ISA 7", route, "safe@agency.example", "01332 000111", frozenset(fields))
        assert agencies.put(self.database, self.ring, agency, agreed, version, OFFICER)

    def says(self, report: str, answer: str, agency: str = "police") -> list[str]:
        return consents.change(
            self.database,
            self.ring,
            report,
            {agency: answer},
            by=consents.REPORTER,
            how="reply",
            language="ur",
        )

    def sends(
        self, report: str, *fields: Field, agency: str = "police", by: str = OFFICER, **more: Any
    ) -> Sent:
        sending = Sending(report=report, agency=agency, fields=frozenset(fields or (Field.KIND,)), **more)
        return disclosures.send(self.database, self.ring, (INCIDENT,), sending, by)

    def wants(self, report: str, *fields: Field, agency: str = "police", by: str = OFFICER) -> str:
        wish = Wish(
            report, agency, "child", "unsafe", frozenset(fields or (Field.KIND,)), "The canary child is there"
        )
        return overrides.ask(self.database, self.ring, wish, by)

    def every(self, table: Any) -> list[Row[Any]]:
        with self.database.read() as connection:
            return list(connection.execute(select(*table.__table__.columns)))
