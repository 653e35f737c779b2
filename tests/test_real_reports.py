"""The incident form that people see, and what its answers start: hate, compartments, limits, requests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from portal import clock, contact
from portal.analysis.export import Wanted
from portal.contact import Method
from portal.database import Database
from portal.forms import FORMS
from portal.forms.incident import INCIDENT
from portal.incidents import interpreters
from portal.incidents.models import IncidentReport, PlaceOfSafety
from portal.intake.models import Submission
from portal.interpreting.models import Request, RequestPerson, RequestStep
from portal.questions import Answers, Files, Text
from portal.sealing import KeyRing
from tests.arrivals import opened, take_out
from tests.cases import NOW, Desk, at

FORM = INCIDENT.here(office=True)
CANARY = "A canary was put through the letterbox"
TOLD: Answers = {"journey": ("victim",), "kind": ("hate_incident",), "narrative": (CANARY,)}
UNDERSTOOD: Answers = {
    **TOLD,
    "anonymity": ("named",),
    "name": ("Parveen Canary",),
    "postcode": ("DE23 6AA",),
    "can_they_see": ("post",),
    "reach": ("phone", "post", "person"),
    "phone": ("07700 900123",),
    "post": ("1 Canary Row, DE23 6AA",),
    "voicemail": ("yes",),
    "who_else": ("partner",),
    "safe_word": ("marigold canary",),
    "need": ("interpreter",),
    "speak": ("urd",),
    "gender": ("woman",),
    "gender_essential": ("essential",),
    "outside": ("yes",),
}


class RealDesk(Desk):
    """A desk where people fill in the form that they see."""

    def told(self, answers: Answers = TOLD, **more: Any) -> str:
        given = {"form": FORM, "answers": answers, **more}
        return self.tells(given)

    def report(self) -> Any:
        [row] = self.every(IncidentReport)
        return row


@pytest.fixture
def here(sqlite: Database, ring: KeyRing) -> Iterator[RealDesk]:
    with time_machine.travel(NOW, tick=False):
        yield RealDesk(sqlite, ring)


@pytest.fixture
def desk(database: Database, ring: KeyRing) -> Iterator[RealDesk]:
    with time_machine.travel(NOW, tick=False):
        yield RealDesk(database, ring)


def with_kind(*kinds: str, **answers: tuple[str, ...]) -> Answers:
    return {"journey": ("victim",), "kind": kinds, **answers}


# How it is dealt with


def test_what_a_victim_takes_for_the_reason_makes_it_hate(here: RealDesk) -> None:
    case = here.case(here.told(with_kind("asb", motive=("race_colour_nationality_ethnic",))))
    assert case.hate and case.strands == ["race_colour_nationality_ethnic"] and case.queue == "hate"
    assert here.report().perceived_by == ["victim"], "they are not asked whose belief it is: it is theirs"
    assert "acknowledge_hate" in here.clocks(case.reference)


def test_a_witness_says_who_believes_it_and_it_is_hate_all_the_same(here: RealDesk) -> None:
    for by in ("victim", "reporter", "other_person"):
        motive = ("religion_belief",)
        told = {"journey": ("witness",), "kind": ("asb",), "motive": motive, "perceived_by": (by,)}
        kept = FORM.kept(told)
        assert kept["motive"] == motive
        assert here.case(here.told(told)).hate


def test_who_is_not_sure_goes_first_and_is_not_counted_as_hate(here: RealDesk) -> None:
    case = here.case(here.told(with_kind("asb", motive=("not_sure",))))
    assert not case.hate and "maybe_hate" in case.flags and case.queue == "hate"
    assert "acknowledge_hate" in here.clocks(case.reference)


@pytest.mark.parametrize(
    ("kinds", "compartment"),
    [
        (("domestic_abuse",), "domestic_abuse"),
        (("hbv_forced_marriage_fgm",), "domestic_abuse"),
        (("staff_conduct",), "staff"),
        (("discrimination_by_landlord",), "staff"),
        (("domestic_abuse", "staff_conduct"), "staff"),
        (("asb",), "none"),
    ],
)
def test_who_may_know_of_it_follows_from_its_kind(
    here: RealDesk, kinds: tuple[str, ...], compartment: str
) -> None:
    assert here.case(here.told(with_kind(*kinds))).compartment == compartment


@pytest.mark.parametrize("said", ["no", "not_sure"])
def test_nowhere_safe_tonight_starts_the_clock_of_24_hours(desk: RealDesk, said: str) -> None:
    case = desk.case(desk.told(with_kind("domestic_abuse", safe_tonight=(said,))))
    assert desk.clocks(case.reference)["place_of_safety"].due == clock.seconds() + 24 * 3600
    [place] = desk.every(PlaceOfSafety)
    assert place.disclosed == clock.seconds() and place.result is None
    assert case.category == "A" and "unsafe_tonight" in case.flags


def test_a_safe_night_starts_none(here: RealDesk) -> None:
    reference = here.told(with_kind("domestic_abuse", safe_tonight=("yes",)))
    assert "place_of_safety" not in here.clocks(reference) and here.every(PlaceOfSafety) == []


def test_who_would_rather_talk_is_taken_in_with_nothing_written(here: RealDesk) -> None:
    case = here.case(here.told(with_kind("asb", talk=("yes",), reach=("phone",), phone=("07700 900123",))))
    assert "talk" in case.flags and case.state == "received"
    assert here.clocks(case.reference)["triage"].due == at("2026-11-19", "17:00")


# Being understood


def request_of(desk: RealDesk) -> Any:
    [request] = desk.every(Request)
    return request


def answers_of(desk: RealDesk, request: Any) -> Any:
    with desk.database.read() as connection:
        rows = select(*Submission.__table__.columns).where(Submission.id == request.submission)
        return connection.execute(rows).one()


def test_who_needs_an_interpreter_makes_a_request_that_holds_nothing_of_what_they_told(
    desk: RealDesk,
) -> None:
    desk.told(UNDERSTOOD)
    request, report = request_of(desk), desk.report()
    assert (request.kind, request.state, request.speak, request.language) == (
        *("interpreter", "submitted", "urd", "ur"),
    )
    assert (request.gender, request.gender_essential, request.outside) == ("woman", True, True)
    assert request.tier == 1 and request.urgency == "soon" and not request.agreed
    assert request.purpose is None and request.about is None and request.area is None
    row = answers_of(desk, request)
    assert row.form == "interpreter" and row.id != report.submission
    words = opened(desk.ring, row)
    assert words == {
        "name": ["Parveen Canary"],
        "phone": ["07700 900123"],
    }
    given = {key for key, answer in row.answers.items() if answer}
    assert given <= {*interpreters.HANDED_ON, "need", "reach", "how", "name", "agreed", "soon"}
    assert row.answers["reach"] == ["phone"] and not row.answers["postcode"]


def test_only_ways_that_are_safe_are_handed_on(here: RealDesk) -> None:
    here.told({**UNDERSTOOD, "reach": ("phone", "post", "person"), "safe_until": ("2026-11-30",)})
    with here.database.read() as connection:
        rule = contact.rule_of(connection, here.ring, f"request {request_of(here).reference}")
    assert rule is not None and rule.methods == (Method.CALL,), "letters are seen by who did it"
    assert rule.address == "" and not rule.voicemail and rule.discreet
    assert rule.until == at("2026-11-30", "23:59")


@pytest.mark.parametrize("anonymity", ["named_restricted", "anonymous_with_code", "anonymous"])
def test_a_name_that_is_for_few_is_not_handed_on(here: RealDesk, anonymity: str) -> None:
    here.told({**UNDERSTOOD, "anonymity": (anonymity,)})
    for request in here.every(Request):
        assert "name" not in (opened(here.ring, answers_of(here, request)))


def test_who_needs_no_interpreter_makes_no_request(here: RealDesk) -> None:
    here.told({**UNDERSTOOD, "need": ("none",)})
    here.told(TOLD)
    assert here.every(Request) == []


def test_nothing_of_a_request_leads_to_the_report(here: RealDesk) -> None:
    case = here.told(UNDERSTOOD)
    request, report = request_of(here), here.report()
    telling = {case, report.reference, report.submission}
    for row in (request, answers_of(here, request), *here.every(RequestStep)):
        assert not telling & {str(value) for value in row}


def test_an_erased_report_cancels_its_request_and_destroys_its_words(desk: RealDesk) -> None:
    desk.told(UNDERSTOOD)
    report = desk.report().reference
    with desk.database.write() as connection:
        interpreters.forget(connection, desk.ring, report, by="reporter")
    request = request_of(desk)
    assert request.state == "cancelled" and request.reason == "not_needed"
    assert answers_of(desk, request).sealed is None and answers_of(desk, request).data_key is None
    with desk.database.read() as connection:
        assert contact.rule_of(connection, desk.ring, f"request {request.reference}") is None
    assert desk.every(RequestPerson) == []
    with desk.database.write() as connection:
        interpreters.forget(connection, desk.ring, report, by="reporter")


def test_what_is_said_anew_changes_the_request_that_is_there(desk: RealDesk) -> None:
    desk.told(UNDERSTOOD)
    before, receipt = request_of(desk), receipt_of(desk)
    desk.told({**UNDERSTOOD, "speak": ("pol",)}, replaces=receipt)
    after = request_of(desk)
    assert after.reference == before.reference and after.speak == "pol" and after.tier == 1
    assert after.submission != before.submission
    assert len(desk.every(Submission)) == 2, "one of the report, one of the request"
    desk.told({**UNDERSTOOD, "need": ("none",)}, replaces=receipt_of(desk))
    assert request_of(desk).state == "cancelled"


def receipt_of(desk: RealDesk) -> bytes:
    identity = desk.report().submission
    with desk.database.read() as connection:
        found = select(Submission.receipt).where(Submission.id == identity)
        return bytes(connection.execute(found).scalar_one())


# Taken out


def test_an_export_holds_codes_and_no_words(here: RealDesk, tmp_path: Path) -> None:
    words = {
        question.key: (f"canary-{question.key}",)
        for question in FORM.questions
        if isinstance(question, Text) and question.personal
    }
    assert not [
        question.key
        for question in FORM.questions
        if isinstance(question, Text | Files) and not question.personal
    ]
    who_tells = {"journey": ("friend_family",), "victim_agreed": ("yes",), "anonymity": ("named",)}
    ways = {"reach": ("phone", "email", "post", "worker", "person"), "talk": ("no",)}
    by_us = {"kind": ("staff_conduct",), "acts": ("threats",)}
    here.told({**words, **who_tells, **ways, **by_us})
    here.told({**UNDERSTOOD, **words, "evidence": ("ab" * 16,)})
    wanted = Wanted("incident", tmp_path / "out", "to see that no words leave")
    paths = take_out(here.database, FORMS, wanted, lambda done, of: None)
    for path in paths:
        content = path.read_text("utf-8")
        assert "canary" not in content.lower() and "ab" * 16 not in content, path.name
    codes = next(path for path in paths if path.name == "incident-codes.csv").read_text("utf-8")
    assert codes.count("_sealed") >= 10 and "staff_conduct" in codes and "hate_incident" in codes
