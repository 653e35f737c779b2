"""A form as paper says it: numbered questions, options with a number in their box, branching as sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from portal.questions import AnyOf, Choice, Form, If, Message, Notice, Option, Question, Unless
from portal.questions.conditions import Condition
from portal.questions.messages import _

ANSWERED = _("you answered question %(number)s")
NOT_ANSWERED = _("you did not answer question %(number)s")
ANSWERED_SO = _("your answer to question %(number)s is %(answers)s")
ANSWERED_OTHERWISE = _("your answer to question %(number)s is not %(answers)s")


@dataclass(frozen=True, slots=True)
class Clause:
    """Half a sentence that is true or not for the person who fills in the paper."""

    text: Message
    answers: tuple[Message, ...] = ()
    """The options that its %(answers)s names."""


Rule = tuple[Clause, ...]
"""At least one of the clauses must be true."""


@dataclass(frozen=True, slots=True)
class Tick:
    """An option with the number in its box: what staff type."""

    option: Option
    number: str


@dataclass(frozen=True, slots=True)
class Printed:
    """One question as it stands on the paper."""

    question: Question
    number: int
    """Its place among the questions; 0 for a notice, which has none."""
    rules: tuple[Rule, ...]
    """All of them must hold; none for a question that everybody answers."""
    ticks: tuple[Tick, ...] = ()
    """What can be ticked; none where something is written."""

    @property
    def kind(self) -> str:
        """choice, text, number, date, time or notice; text for a list that has no members yet."""
        return "text" if self.question.kind == "choice" and not self.ticks else self.question.kind

    @property
    def many(self) -> bool:
        return isinstance(self.question, Choice) and self.question.many

    @property
    def lines(self) -> int:
        """How many lines there are to write on."""
        return int(getattr(self.question, "lines", 1))

    @property
    def digits(self) -> int:
        """How many boxes a number needs, one more where it may be below nothing."""
        return len(str(getattr(self.question, "most", 0))) + (getattr(self.question, "least", 0) < 0)


def printed(form: Form) -> tuple[Printed, ...]:
    """The questions that paper asks of a form in use, in order.

    Left out are what only staff answer, and what no printed answer could lead to.
    """
    done: dict[str, Printed] = {}
    for question in form.questions:
        rules = _rules(question, done)
        if question.by == "office" or any(not rule for rule in rules):
            continue
        number = 0 if isinstance(question, Notice) else 1 + sum(bool(one.number) for one in done.values())
        done[question.key] = Printed(question, number, rules, _ticks(question))
    return tuple(done.values())


def _ticks(question: Question) -> tuple[Tick, ...]:
    if not isinstance(question, Choice):
        return ()
    return tuple(
        Tick(option, question.number(option.code)) for option in question.known if option.by == "anyone"
    )


def _rules(question: Question, done: Mapping[str, Printed]) -> tuple[Rule, ...]:
    """What leads to a question; an empty rule can never hold, and one that always holds is left out."""
    found = (_rule(condition, done) for condition in question.asked)
    return tuple(rule for rule in found if rule is not None)


def _rule(condition: Condition, done: Mapping[str, Printed]) -> Rule | None:
    clauses: list[Clause] = []
    for one in _plain(condition):
        key, codes = next(one.looks_at())
        on_paper = done.get(key)
        answers = on_paper and tuple(tick.option.text for tick in on_paper.ticks if tick.option.code in codes)
        if on_paper is None or (codes and not answers):
            if isinstance(one, Unless):
                return None
            continue
        about = on_paper.number
        if isinstance(one, If):
            text = ANSWERED_SO if codes else ANSWERED
        else:
            text = ANSWERED_OTHERWISE if codes else NOT_ANSWERED
        clauses.append(Clause(text.with_values(number=about), answers or ()))
    return tuple(clauses)


def _plain(condition: Condition) -> Iterator[If | Unless]:
    """The conditions of which one must hold."""
    if isinstance(condition, AnyOf):
        for one in condition.conditions:
            yield from _plain(one)
    elif isinstance(condition, If | Unless):
        yield condition
    else:
        raise TypeError(f"paper cannot say {type(condition).__name__}")
