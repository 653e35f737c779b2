"""People who tell us of a problem, and whether all is there that a report starts: nothing by halves."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, fields
from typing import Any

from sqlalchemy import Connection, select

from portal import contact
from portal.database import Database
from portal.forms.incident import INCIDENT
from portal.incidents import safe_ways, words
from portal.incidents.clocks import OF
from portal.incidents.deadlines import CaseDeadline
from portal.incidents.facts import facts_of, found_in
from portal.incidents.interpreters import ReportRequest
from portal.incidents.models import CaseStep, IncidentCase, IncidentReport, PlaceOfSafety
from portal.incidents.shared import ShareConsent
from portal.incidents.states import STEPS, Event
from portal.interpreting.models import Request
from portal.questions import Answer, Date, Text
from portal.questions.answers import said
from portal.questions.inventing import invented
from portal.sealing import CannotOpen, KeyRing, KeyRingError
from tests.faults.kill9 import killed
from tests.faults.ledger import Folk, Verdict, look_up, opened, rows
from tests.faults.people import SPOKEN, WORDS, Person
from tests.faults.places import Place
from tests.faults.results import Figure, at_least, none, noted

FORM = INCIDENT.here()
LONG = 60
"""Characters that a question takes at least which is answered in words of many scripts."""
LATER = frozenset({"case_review"})
"""Flags that other reports of the same person give a case."""


def reporter(dice: random.Random, short: float) -> Person:
    """Somebody who tells us of a problem; this share of them would rather talk, and tells no details."""
    answers = invented(FORM, dice)
    if dice.random() < short:
        answers["talk"] = ("yes",)
    for question in FORM.questions:
        if isinstance(question, Date) and question.after:
            answers[question.key] = ()  # a made-up day may come before the one that it may not come before
        elif isinstance(question, Text) and answers.get(question.key) and question.most >= LONG:
            answers[question.key] = (" ".join(dice.choices(WORDS, k=3)),)
    if answers.get("phone"):
        answers["phone"] = (f"07700 900{dice.randrange(1000):03}",)
    return Person(dice.choice(SPOKEN), FORM.kept(answers), form=FORM)


@dataclass(slots=True)
class Cases(Verdict):
    """The same of reports, and counts of what is there by halves. Only `stored` is good when it is high."""

    stored: int = 0
    """Reports, whether or not their persons saw a code."""
    alone: int = 0
    """Reports without a case, with a case that says something else of them, or whose case did not begin."""
    clocks: int = 0
    """Cases without all the time limits that such a case has, or with others."""
    shut: int = 0
    """Cases whose key, or whose person's contact rule, cannot be opened or is not what was said."""
    consents: int = 0
    """Reports of which it is not kept whom we may tell."""
    unsaid: int = 0
    """Reports whose request for an interpreter is missing, or their need of a safe place."""
    orphans: int = 0
    """Cases, reports, steps, contact rules and requests that no stored report started."""

    @property
    def wrong(self) -> dict[str, int]:
        """The counts that must be 0."""
        return {name: count for name, count in asdict(self).items() if name not in ("acknowledged", "stored")}

    def figures(self, run: str, least: int = 1) -> Iterator[Figure]:
        yield from Verdict.figures(self, run, least)
        yield at_least(run, "reports stored", self.stored, self.acknowledged)
        yield none(run, "reports without a whole case", self.alone)
        yield none(run, "cases without their time limits", self.clocks)
        yield none(run, "cases or contact rules that do not open", self.shut)
        yield none(run, "reports without their consents", self.consents)
        yield none(run, "reports without what else they start", self.unsaid)
        yield none(run, "parts of cases that no report started", self.orphans)


def look_up_reports(database: Database, ring: KeyRing, people: Collection[Person]) -> Cases:
    """Find everybody's report, whether it is what they said, and whether all is there that it starts."""
    plain = look_up(database, ring, people)
    verdict = Cases(**{one.name: getattr(plain, one.name) for one in fields(plain)})
    sent = [row for row in rows(database) if row.form == FORM.key]
    verdict.stored = len(sent)
    with database.read() as connection:
        there = Parts(connection, ring)
        for row in sent:
            personal = opened(ring, row)
            if personal is not None:  # else it is counted already
                there.look(verdict, row, {**row.answers, **personal})
        verdict.orphans = there.orphans({row.id for row in sent})
    return verdict


class Parts:
    """All that reports start, as the database holds it."""

    def __init__(self, connection: Connection, ring: KeyRing) -> None:
        def every(table: Any) -> list[Any]:
            return list(connection.execute(select(*table.__table__.columns)))

        self.connection = connection
        self.ring = ring
        self.cases = {row.reference: row for row in every(IncidentCase)}
        self.reports = {row.submission: row for row in every(IncidentReport)}
        self.number = len(every(IncidentReport))
        self.steps = every(CaseStep)
        self.clocks = defaultdict(list)
        for row in every(CaseDeadline):
            self.clocks[row.case].append(row.clock)
        self.consents = defaultdict(dict)
        for row in every(ShareConsent):
            self.consents[row.report][row.agency] = row.answer
        self.requests = {row.report: row.submission for row in every(ReportRequest)}
        self.asked = [row.submission for row in every(Request)]
        self.places = {row.case for row in every(PlaceOfSafety)}
        self.rules = set(connection.execute(select(contact.ContactRule.owner)).scalars())

    def look(self, verdict: Cases, row: Any, values: dict[str, list[str]]) -> None:
        """Count what is missing of one report. `values` are its answers, the sealed ones opened."""
        answers = FORM.kept({key: tuple(value) for key, value in values.items()})
        report = self.reports.get(row.id)
        case = self.cases.get(report.case) if report else None
        if report is None or case is None or not self._agree(report, case, answers):
            verdict.alone += 1
            return
        limits = [one.value for one in STEPS[Event.SUBMIT].starts if OF[one].fits(facts_of(case))]
        verdict.clocks += sorted(self.clocks[case.reference]) != sorted(limits)
        verdict.shut += not self._opens(case, row.language, answers)
        may = {key.split(".")[1]: answer for key, answer in answers.items() if key.startswith("share.")}
        consents = {agency: next(iter(answer), "ask_me_first") for agency, answer in may.items()}
        verdict.consents += self.consents[report.reference] != consents
        needs = bool({"interpreter", "translation", "format"} & set(said(answers.get("need", ()))))
        linked = self.requests.get(report.reference)
        nowhere = "unsafe_tonight" in found_in(answers).flags
        verdict.unsaid += needs is not (linked is not None and linked in self.asked)
        verdict.unsaid += nowhere is not (case.reference in self.places)

    def _agree(self, report: Any, case: Any, answers: dict[str, Answer]) -> bool:
        """Whether report and case say what the answers say, and the case has begun with them."""
        found = found_in(answers)
        begun = [(step.number, step.event) for step in self.steps if step.case == case.reference]
        return (
            (report.made, report.kinds, case.kinds) == (case.reference, [*found.kinds], [*found.kinds])
            and (case.category, case.hate, case.compartment)
            == (found.category, found.hate, found.compartment)
            and set(case.flags) - LATER == found.flags
            and (case.queue, case.stage) == (found.queue, found.stage.value)
            and begun == [(1, Event.SUBMIT.value)]
        )

    def _opens(self, case: Any, language: str, answers: dict[str, Answer]) -> bool:
        """Whether words can be sealed and opened in the case, and its person reached as they said."""
        try:
            self.ring.data_key(words.place_of(case.reference), case.data_key, case.key_name)
            kept = contact.rule_of(self.connection, self.ring, safe_ways.owner_of(case.reference))
        except (CannotOpen, KeyRingError):
            return False
        rule = safe_ways.rule_of(case.reference, answers, language)
        return kept is not None and all(
            getattr(kept, name) == getattr(rule, name)
            for name in ("name", "phone", "email", "address", "safe_word", "methods", "hours", "language")
        )

    def orphans(self, sent: set[str]) -> int:
        """How much there is that none of these submissions started."""
        whole = {report.case for submission, report in self.reports.items() if submission in sent}
        owners = {safe_ways.owner_of(case) for case in whole}
        return (
            len(set(self.cases) - whole)
            + len(set(self.reports) - sent)
            + self.number
            - len(self.reports)
            + sum(step.case not in whole for step in self.steps)
            + len({one for one in self.rules if one.startswith("case ")} - owners)
            + len(set(self.asked) - set(self.requests.values()))
        )


REPORTERS = Folk(reporter, look_up_reports)
"""People who tell us of a problem."""


def run_twins(place: Place, early: Place, seed: int, kills: int, least: int) -> Iterator[Figure]:
    """The run on two twins, one that acknowledges early and one that stores reports by halves: both must
    be found out."""
    name = f"reports twin {place.kind}"
    found = killed(early, seed, kills, least, module="tests.faults.early_ack", folk=REPORTERS)
    yield noted(name, "acknowledged reports", found.verdict.acknowledged)
    yield at_least(name, "lost, and found out", found.verdict.lost, 1)
    found = killed(place, seed, kills, least, module="tests.faults.half_case", folk=REPORTERS)
    assert isinstance(found.verdict, Cases)
    yield noted(name, "reports stored", found.verdict.stored)
    yield at_least(name, "reports without a case, and found out", found.verdict.alone, 1)
