"""The question that is answered by attaching files. Its answer is the ids under which they are kept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from portal.questions import errors
from portal.questions.answers import Answer, Answers
from portal.questions.conditions import DefinitionError
from portal.questions.kinds import Problem, Question, Reader
from portal.questions.typing_in import Typed

Accepted = Literal["picture", "pdf"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Files(Question):
    """Up to `most` files. On paper it is a line that asks for copies, so its hint says what they are for."""

    most: int = 10
    accept: tuple[Accepted, ...] = ("picture", "pdf")
    personal: bool = True
    original: bool = False
    """Whether each file is also kept as it was, sealed apart, until it is known what the person wants."""

    def __post_init__(self) -> None:
        if not self.personal or not self.accept or self.most < 1:
            raise DefinitionError(f"{self.key}: files are personal, of some kind, and at least one")

    def _read(self, typed: Typed, reader: Reader) -> Answer | Problem:
        """The field holds ids: whoever takes a file in stores it first, and knows whose it is."""
        return tuple(dict.fromkeys(value for value in typed.get(self.key, ()) if value))

    def _problem(self, answer: Answer, answers: Answers, reader: Reader) -> Problem | None:
        if not all(re.fullmatch(r"[0-9a-f]{32}", identity) for identity in answer):
            return Problem(self.key, errors.NOT_A_FILE)
        if len(answer) > self.most:
            return Problem(self.key, errors.TOO_MANY_FILES.with_values(number=self.most))
        return None
