"""The equality questions after a report: offered, never needed, and not to be joined to the report by anybody
who has all that is stored."""

from __future__ import annotations

import random
import secrets
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from portal.database import Database
from portal.forms.incident import INCIDENT
from portal.incidents.models import CaseStep, IncidentCase, IncidentReport
from portal.intake.models import Draft, Submission
from portal.intake.receipts import code_for, digest_of
from portal.intake.submissions import Arrival, Result, submit
from portal.receiving import RECEIVERS
from portal.sealing import KeyRing
from tests.arrivals import arrive, contents, stored
from tests.conftest import MakePortal
from tests.test_survey import Quick
from tests.visitor import Visitor

CROWD = 40
LANGUAGES = ("en", "ur", "pl", "pa", "hi", "bn", "ar", "fa")
FORM = INCIDENT.here()
MONTHS = (date(2026, 10, 1), date(2026, 11, 1))
Rows = Mapping[str, Mapping[str, Any]]


def tell(database: Database, ring: KeyRing, language: str, channel: str, place: str | None) -> str:
    """Somebody reports; the code that they get."""
    token = secrets.token_bytes(32)
    arrival = Arrival(
        form=FORM,
        answers={"journey": ("victim",), "kind": ("asb",)},
        token=token,
        language=language,
        channel=channel,  # type: ignore[arg-type]
        collection=place,
    )
    assert submit(database, ring, arrival, RECEIVERS) is Result.STORED
    return code_for(ring, token)


def reports_by_code(database: Database, ring: KeyRing, codes: list[str]) -> Rows:
    """Everything that stands of each report: its answers, itself, its case and that one's first step."""
    wanted = {
        f"{table.__tablename__}.{column.name}": column
        for table in (Submission, IncidentReport, IncidentCase, CaseStep)
        for column in table.__table__.columns
    }
    query = (
        select(*(column.label(name) for name, column in wanted.items()))
        .join(IncidentReport, IncidentReport.submission == Submission.id)
        .join(IncidentCase, IncidentCase.reference == IncidentReport.case)
        .join(CaseStep, CaseStep.case == IncidentCase.reference)
    )
    with database.read() as connection:
        found = {bytes(row["submission.receipt"]): dict(row) for row in connection.execute(query).mappings()}
    return {code: found[digest_of(ring, code)] for code in codes}


def joined_by_value(left: Rows, right: Rows) -> dict[tuple[str, str], int]:
    """For every two columns that share a value: how many right rows each left row has at least."""
    found = {}
    for one in next(iter(left.values())):
        for other in next(iter(right.values())):
            values = [str(row[other]) for row in right.values()]
            counts = [values.count(str(row[one])) for row in left.values() if row[one] is not None]
            if any(counts):
                found[one, other] = min(count for count in counts if count)
    return found


def joined_by_order(left: Rows, right: Rows, pairs: Mapping[str, str]) -> dict[tuple[str, str], int]:
    """For every two columns with another value in each row: how many pairs their orders put together."""

    def orders(rows: Rows) -> dict[str, list[str]]:
        columns = [
            name
            for name in next(iter(rows.values()))
            if len({str(row[name]) for row in rows.values()}) == len(rows)
        ]
        return {name: sorted(rows, key=lambda code: str(rows[code][name])) for name in columns}

    return {
        (one, other): sum(pairs[a] == b for a, b in zip(first, second, strict=True))
        for one, first in orders(left).items()
        for other, second in orders(right).items()
    }


def test_nobody_in_a_crowd_can_be_joined_to_their_report(
    make_portal: MakePortal, database: Database, ring: KeyRing
) -> None:
    """Whoever has all that is stored knows no more than that both came in one month."""
    app, dice = make_portal(database), random.Random(5)
    pairs: dict[str, str] = {}
    with time_machine.travel("2026-10-28T08:00Z", tick=False) as clock:
        for number in range(CROWD):
            clock.shift(dice.randrange(9_000, 12_000))
            code = tell(
                database,
                ring,
                dice.choice(LANGUAGES),
                dice.choice(("web", "phone", "outreach")),
                dice.choice((None, f"office-{number}")),
            )
            before = contents(database)
            clock.shift(dice.randrange(60, 900))
            start = f"/{dice.choice(LANGUAGES)}/about-you/after/tell-us"
            pairs[code], _offer = Quick(app).answers(start, equality_consent="no")
            after = contents(database)
            assert {name for name in after if after[name] != before[name]} == {"submission"}
    left = reports_by_code(database, ring, list(pairs))
    rows = {bytes(row.receipt): row._asdict() for row in stored(database)}
    right = {code: rows[digest_of(ring, code)] for code in pairs.values()}
    assert {row["received"] for row in right.values()} == set(MONTHS)
    same = ("form", "language", "channel", "collection", "helper", "invitation", "edition", "answers")
    for column in same:
        assert len({str(row[column]) for row in right.values()}) == 1, column
    assert {(row["language"], row["channel"], row["collection"]) for row in right.values()} == {
        ("und", "after", "incident")
    }
    fewest = min(sum(row["received"] == month for row in right.values()) for month in MONTHS)
    assert fewest >= 5
    for columns, candidates in joined_by_value(left, right).items():
        assert candidates >= fewest, columns
    found = joined_by_order(left, right, pairs)
    assert {other for _one, other in found} >= {"id", "idempotency", "said", "receipt"}
    for columns, together in found.items():
        assert together <= 8, columns
    with database.read() as connection:
        assert connection.execute(Draft.__table__.select()).all() == []


def test_the_join_would_be_found() -> None:
    """By a value that both hold, or by keys that rise with time."""
    left = {f"a{number}": {"x.at": 100 + number, "x.key": number} for number in range(20)}
    right = {f"b{number}": {"id": 200 + number, "day": 100 + number} for number in range(20)}
    pairs = {f"a{number}": f"b{number}" for number in range(20)}
    assert joined_by_value(left, right) == {("x.at", "day"): 1}
    assert joined_by_order(left, right, pairs)["x.at", "id"] == 20


def test_what_is_asked_by_itself_keeps_its_week_and_language(sqlite: Database, ring: KeyRing) -> None:
    with time_machine.travel("2026-11-18T10:00Z", tick=False):
        alone = arrive(sqlite, ring, {})
        asked = arrive(sqlite, ring, {}, after="incident", helper="staff", collection="repairs")
    assert (alone.received, alone.language, alone.channel) == (date(2026, 11, 16), "en", "web")
    assert (asked.received, asked.entered) == (date(2026, 11, 1), date(2026, 11, 1))
    assert (asked.collection, asked.helper, asked.language) == ("incident", None, "und")


def test_the_report_itself_keeps_its_language(sqlite: Database, ring: KeyRing) -> None:
    assert arrive(sqlite, ring, {}, form=FORM, language="fa").language == "fa"


@pytest.mark.parametrize(
    "place",
    ["/en/about-you/after/your-view", "/en/your-view/after/tell-us", "/en/about-you/after/nothing"],
)
def test_only_the_form_that_is_offered_after_a_private_one_is_asked_after_it(
    sqlite_visitor: Visitor, place: str
) -> None:
    assert sqlite_visitor.open(place).status == 404


def test_somebody_who_has_told_us_is_offered_the_questions_and_may_leave_them(
    make_portal: MakePortal, sqlite: Database
) -> None:
    visitor = Visitor(make_portal(sqlite)).open("/ur/tell-us")
    visitor.send(visitor.soup.select_one("main form button"))
    for _page in range(80):
        if visitor.path.endswith("/check"):
            break
        for key, code in (("journey", "victim"), ("kind", "asb"), ("talk", "yes"), ("device", "private")):
            for box in visitor.soup.select(f'main input[name="{key}"][value="{code}"]'):
                box["checked"] = ""
        if visitor.path.endswith("/before"):
            visitor.open("/ur/tell-us/device")
            continue
        visitor.send(visitor.soup.select("main button")[0])
    visitor.send(visitor.soup.select_one("main button[value=send]"))
    [offer] = visitor.soup.select('main a[href*="about-you"]')
    assert offer["href"] == "/ur/about-you/after/tell-us"
    assert [row.form for row in stored(sqlite)] == ["incident"], "nothing is made of an offer"
    visitor.open(str(offer["href"]))
    assert visitor.status == 200
