"""A part of the form asked again of somebody with a code: what they answer takes the place of what they said.

Nothing is shown of what was told or answered before. The page grows with what the answers lead to, and holds
all that is typed until it is whole: nothing of it is stored before, and leaving deletes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row

from portal import clock, files
from portal.incidents import exchange, reports
from portal.incidents.exchange import Kind
from portal.incidents.moving import NotNow, move
from portal.incidents.reports import REPORTER
from portal.incidents.states import OPEN, Event, State, Who
from portal.intake import amending
from portal.intake.submissions import Arrival, Receivers, owner_of
from portal.questions import Answer, Answers, Form, Notice, Problem, Question, Reader
from portal.sealing import KeyRing

IDENTITY = frozenset({"anonymity", "name", "postcode"})
EVIDENCE = "evidence"
PARTS: dict[Kind, frozenset[str]] = {
    Kind.REACH: IDENTITY
    | {"can_they_see", "reach", "phone", "email", "post", "worker", "meet_where", "hours", "voicemail"}
    | {"discreet", "who_else", "safe_word", "safe_until"},
    Kind.CONSENT: frozenset({"who_may_know"}),
    Kind.FILES: frozenset({EVIDENCE, "keep_original"}),
}
"""The keys of the questions of each part. Those of who may be told are as many as there are organisations."""
SHARE = "share."
NAMED = frozenset({"named", "named_restricted"})
Typed = Mapping[str, list[str]]


def keys_of(kind: Kind, form: Form, before: Answers) -> frozenset[str]:
    """The keys of a part. Who has said who they are is not asked that again: a skip would take it back."""
    keys = PARTS[kind]
    if kind is Kind.CONSENT:
        keys |= {question.key for question in form.questions if question.key.startswith(SHARE)}
    if kind is Kind.REACH and NAMED & set(before.get("anonymity", ())):
        keys -= IDENTITY
    return keys


@dataclass(slots=True)
class Asked:
    """What a page of a part asks, once what was typed on it is read."""

    questions: list[Question] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)
    problems: dict[str, Problem] = field(default_factory=dict)
    more: bool = False
    """Whether it asks something that the page did not ask yet."""

    @property
    def whole(self) -> bool:
        return not self.more and not self.problems


def read(form: Form, kind: Kind, before: Answers, put: frozenset[str], typed: Typed, reader: Reader) -> Asked:
    """What was typed for the questions `put`, and what else it leads to. `before` needs no words."""
    keys, found = keys_of(kind, form, before), Asked()
    answers = {key: answer for key, answer in before.items() if key not in keys}
    for question in form.questions:
        if question.key not in keys or not _reached(form, question, answers):
            continue
        found.questions.append(question)
        if isinstance(question, Notice):
            continue
        if question.key not in put:
            found.more = True
            continue
        answer = question.read(typed, form.kept(answers), reader)
        if isinstance(answer, Problem):
            found.problems[question.key] = answer
        else:
            answers[question.key] = found.answers[question.key] = answer
    return found


def _reached(form: Form, question: Question, answers: Answers) -> bool:
    return any(one.key == question.key for one, _answer in form.reached(answers))


def offered(form: Form, before: Answers) -> frozenset[Kind]:
    """The parts that have a question for somebody who answered so."""
    return frozenset(
        kind
        for kind in PARTS
        if any(not isinstance(question, Notice) for question in _first(form, kind, before))
    )


def _first(form: Form, kind: Kind, before: Answers) -> list[Question]:
    nobody = Reader({}, clock.today(), moment=clock.moment_of)
    return read(form, kind, before, frozenset(), {}, nobody).questions


def keep(
    connection: Connection,
    ring: KeyRing,
    whole: Form,
    receivers: Receivers,
    receipt: bytes,
    kind: Kind,
    answers: Mapping[str, Answer],
    files_of: str,
    language: str,
) -> None:
    """Put these answers in the place of what was said before, and tell staff. Raises NotNow.

    `whole` is the edition that was answered, office questions included. New files are added to those there
    are. New evidence opens a finished case again; anything else leaves it finished.
    """
    report, case = exchange.held(connection, receipt)
    row = amending.of_receipt(connection, receipt)
    if row is None:
        raise NotNow(report.reference)
    if kind is Kind.FILES:
        answers = _with_files(connection, ring, row, answers, files_of)
    if kind is Kind.FILES and State(case.state) not in OPEN:
        case = move(connection, case, Event.REOPEN, by=REPORTER, who=Who.REPORTER, reason="evidence")
    elif State(case.state) is State.AWAITING_REPORTER:
        case = exchange.stir(connection, case)
    now = amending.amend(connection, ring, whole, row, keys_of(kind, whole, _codes(row)), answers)
    arrival = Arrival(
        form=whole,
        answers=now,
        token=b"",  # nothing is submitted
        language=row.language,
        channel=row.channel,
        collection=row.collection,
        replaces=receipt,
    )
    receivers.get(whole.key, reports.receive)(connection, ring, arrival, row.id)
    exchange.add(connection, ring, case, report.reference, kind, REPORTER, language)


def _codes(row: Row[Any]) -> Answers:
    return {key: tuple(codes) for key, codes in row.answers.items()}


def _with_files(
    connection: Connection, ring: KeyRing, row: Row[Any], answers: Mapping[str, Answer], files_of: str
) -> dict[str, Answer]:
    """The answers, with the files that there were before; the new ones become the submission's."""
    new = answers.get(EVIDENCE, ())
    for one in new:
        if not files.give(connection, one, files_of, owner_of(row.id), row.received):
            raise NotNow("a file is gone")
    known = amending.answers_of(ring, row)
    before = {key: known.get(key, ()) for key in PARTS[Kind.FILES]}
    given = {key: answer for key, answer in answers.items() if answer}
    return before | given | {EVIDENCE: (*before[EVIDENCE], *new)}
