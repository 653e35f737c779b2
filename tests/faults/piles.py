"""Piles of paper forms: what each says, what its keyers type, and what they were told of it."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from portal import references
from portal.questions import Answer, Choice, Form, Option
from portal.questions.inventing import invented
from portal.questions.keying import QUERY, keys_of, to_key

Answers = dict[str, Answer]
MARK = "language_words"
"""The question whose words are another on each paper, so that a stored form is known again."""
SLIPS, QUERIES, BLANKS = 0.12, 0.05, 0.04
"""Shares of papers that are keyed wrong once, that a keyer cannot decide, and that say nothing."""


@dataclass(slots=True)
class Paper:
    """One form on paper. `keyed`, `again` and `settled` are true once a keyer has seen that it is."""

    reference: str
    says: Answers
    typed: tuple[Answers, Answers]
    """What its first and its second keyer type."""
    blank: bool = False
    batch: str = ""
    language: str = ""
    keyers: set[str] = field(default_factory=set)
    keyed: bool = False
    again: bool = False
    settled: bool = False

    @property
    def mark(self) -> str:
        return self.says[MARK][0]

    @property
    def final(self) -> Answers:
        """What should be stored: what two keyers or a third person made sure of, else what was typed."""
        return self.says if self.again or self.settled else self.typed[0]


def keys(form: Form, answers: Mapping[str, Answer]) -> dict[str, str]:
    """What is typed for these answers, question by question."""
    return {
        question.key: keys_of(question, answers.get(question.key, ())) for question in to_key(form, answers)
    }


def whole(form: Form, answers: Mapping[str, Answer]) -> Answers:
    """Answers with a blank for each question that was left out: so they are kept until the batch closes."""
    return {question.key: answers.get(question.key, ()) for question in to_key(form, answers)}


def papers(form: Form, dice: random.Random) -> Iterator[Paper]:
    """Papers without end, one like no other."""
    number = 0
    while True:
        number += 1
        says = invented(form, dice)
        if says["equality_consent"] != ("yes",):
            continue
        says = {**says, "main_language": ("other",), MARK: (f"Synthetic language {number}",)}
        says = whole(form, form.kept(says))
        first = second = says
        chance = dice.random()
        if chance < SLIPS / 2:
            first = slipped(form, says, dice)
        elif chance < SLIPS:
            second = slipped(form, says, dice)
        elif chance < SLIPS + QUERIES:
            first = {**says, dice.choice(leading_nowhere(form, says)).key: QUERY}
        blank = chance > 1 - BLANKS
        yield Paper(references.new(), says, (first, second), blank)


def slipped(form: Form, says: Answers, dice: random.Random) -> Answers:
    """The same answers with one of them keyed wrong."""
    question = dice.choice(leading_nowhere(form, says))
    return {**says, question.key: (dice.choice(others(question, says)).code,)}


def leading_nowhere(form: Form, says: Answers) -> list[Choice]:
    """The ticked questions on which no other question hangs, whatever is answered."""
    return [
        question
        for question in to_key(form, says)
        if isinstance(question, Choice)
        and not question.many
        and says[question.key]
        and all(
            whole(form, {**says, question.key: answer}) == {**says, question.key: answer}
            for answer in (QUERY, *((option.code,) for option in question.known))
        )
    ]


def others(question: Choice, says: Answers) -> list[Option]:
    return [option for option in question.known if (option.code,) != says[question.key]]
