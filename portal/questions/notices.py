"""The page of words that nobody answers: what a person should know before they go on, and whom to call."""

from __future__ import annotations

from dataclasses import dataclass

from portal.questions.answers import Answer, Answers
from portal.questions.kinds import Problem, Question, Reader
from portal.questions.messages import Message
from portal.questions.typing_in import Typed


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a notice. Where its text has %(phone)s stands a telephone number that can be pressed."""

    text: Message
    number: str = ""
    """Everybody's, such as 999."""
    setting: str = ""
    """The landlord's own: the setting that holds it. The line is left out where that is empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice(Question):
    """A page of words without an answer; questions may stand beside it."""

    lines: tuple[Line, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        return ()

    def typed(self, answer: Answer) -> dict[str, list[str]]:
        return {}

    def problem(self, answer: Answer, answers: Answers, reader: Reader) -> Problem | None:
        return None

    def _read(self, typed: Typed, reader: Reader) -> Answer | Problem:
        return ()
