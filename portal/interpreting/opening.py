"""A person's own words and how to reach them: opened for one response, and noted in the audit log before."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Row, select

from portal import clock, contact
from portal.accounts.guard import visit
from portal.audit import Did, note_alone
from portal.contact import Method, Permit, Refusal
from portal.intake.models import Submission
from portal.intake.submissions import place_of
from portal.interpreting import open_questions, showing
from portal.languages import LANGUAGES
from portal.pages import said, state
from portal.questions import Form
from portal.questions.messages import Message, _staff
from portal.sealing import Sealed


def note_view(reference: str, what: str) -> None:
    """That somebody is about to look at sealed words."""
    note_alone(
        state().database,
        state().ring,
        by=visit().person.reference,
        did=Did.VIEWED,
        what=f"request {reference}",
        detail={"words": what},
    )


SEALED = select(
    Submission.id, Submission.answers, Submission.sealed, Submission.data_key, Submission.key_name
)


def personal(row: Row[Any]) -> dict[str, list[str]]:
    """The sealed words of a request's answers, opened. Whoever calls it has noted it before."""
    with state().database.read() as connection:
        kept = connection.execute(SEALED.where(Submission.id == row.submission)).one()
    if kept.sealed is None:
        return {}
    words = state().ring.open(place_of(kept.id), Sealed(kept.sealed, kept.data_key, kept.key_name))
    answers: dict[str, list[str]] = json.loads(words)
    return answers


def opened(row: Row[Any], form: Form) -> dict[str, Any]:
    """The person's own words, question by question, and each way to reach them with what holds for it."""
    asked = {question.key: said(question.text) for question in form.questions}
    ways_to = {"phone", "email", "post"}  # shown with the rule of how they may be used
    owner = f"request {row.reference}"
    with state().database.read() as connection:
        rule = contact.rule_of(connection, state().ring, owner)
        question = open_questions.of(connection, state().ring, row.reference)
        may = {way: contact.permit(connection, state().ring, owner, way, clock.seconds()) for way in Method}
    return {
        "words": [(asked.get(key, key), value) for key, value in personal(row).items() if key not in ways_to],
        "ways": [_way(way, rule.to(way), may[way]) for way in rule.methods] if rule else [],
        "question": question,
        "message": said(_message_words(may[Method.VOICEMAIL])),
        "discreet": rule is not None and rule.discreet,
        "hours": [f"{_clock(one.since)}–{_clock(one.until)}" for one in rule.hours] if rule else [],
        "language": LANGUAGES[rule.language].english if rule and rule.language in LANGUAGES else "",
    }


WAYS: dict[Method, Message] = {
    Method.CALL: _staff("Phone call"),
    Method.SMS: _staff("Text message"),
    Method.EMAIL: _staff("Email"),
    Method.LETTER: _staff("Letter"),
}
NOW, NOT_NOW, NEVER = _staff("Yes, now"), _staff("Not now"), _staff("No")
FROM_THEN = _staff("From %(when)s on")
MESSAGE = _staff("If nobody answers, you may leave a message")
NO_MESSAGE = _staff("Do not leave a message: somebody else may hear it")


def _way(method: Method, to: str, found: Permit | Refusal) -> dict[str, Any]:
    if isinstance(found, Permit):
        word, rule = NOW, ""
    elif found.again is not None:
        word, rule = NOT_NOW, said(FROM_THEN.with_values(when=showing.when(found.again)))
    else:
        word, rule = NEVER, said(found.message)
    return {
        "method": method.value,
        "name": said(WAYS[method]),
        "to": to,
        "word": said(word),
        "rule": rule,
        "good": isinstance(found, Permit),
    }


def _message_words(found: Permit | Refusal) -> Message:
    only_the_hour = isinstance(found, Refusal) and found.again is not None
    return MESSAGE if isinstance(found, Permit) or only_the_hour else NO_MESSAGE


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
