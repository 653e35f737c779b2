"""When a question is asked: branching as data, so that paper can say it too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from portal.questions.answers import Answers, said


class DefinitionError(ValueError):
    """A form is defined in a way that cannot work."""


class Condition(Protocol):
    """Something that holds or fails for the answers before a question."""

    def holds(self, answers: Answers) -> bool: ...

    def looks_at(self) -> Iterator[tuple[str, frozenset[str]]]:
        """The questions it looks at, each with the codes that matter."""
        ...

    def renamed(self, names: Mapping[str, str]) -> Condition:
        """The same condition on other keys: how a group points at the question beside it."""
        ...


@dataclass(frozen=True, slots=True, init=False)
class If:
    """Holds when any of the codes was answered; without codes, when anything was."""

    key: str
    codes: frozenset[str]

    def __init__(self, key: str, *codes: str) -> None:
        object.__setattr__(self, "key", key)
        object.__setattr__(self, "codes", frozenset(codes))

    def holds(self, answers: Answers) -> bool:
        answer = said(answers.get(self.key, ()))
        return not self.codes.isdisjoint(answer) if self.codes else bool(answer)

    def looks_at(self) -> Iterator[tuple[str, frozenset[str]]]:
        yield self.key, self.codes

    def renamed(self, names: Mapping[str, str]) -> If:
        return If(names.get(self.key, self.key), *self.codes)


@dataclass(frozen=True, slots=True, init=False)
class Unless:
    """Holds when none of the codes was answered, also when the question was skipped."""

    key: str
    codes: frozenset[str]

    def __init__(self, key: str, *codes: str) -> None:
        object.__setattr__(self, "key", key)
        object.__setattr__(self, "codes", frozenset(codes))

    def holds(self, answers: Answers) -> bool:
        answer = said(answers.get(self.key, ()))
        return self.codes.isdisjoint(answer) if self.codes else not answer

    def looks_at(self) -> Iterator[tuple[str, frozenset[str]]]:
        yield self.key, self.codes

    def renamed(self, names: Mapping[str, str]) -> Unless:
        return Unless(names.get(self.key, self.key), *self.codes)


@dataclass(frozen=True, slots=True, init=False)
class AnyOf:
    """Holds when at least one of the conditions does."""

    conditions: tuple[Condition, ...]

    def __init__(self, *conditions: Condition) -> None:
        object.__setattr__(self, "conditions", conditions)

    def holds(self, answers: Answers) -> bool:
        return any(condition.holds(answers) for condition in self.conditions)

    def looks_at(self) -> Iterator[tuple[str, frozenset[str]]]:
        for condition in self.conditions:
            yield from condition.looks_at()

    def renamed(self, names: Mapping[str, str]) -> AnyOf:
        return AnyOf(*(condition.renamed(names) for condition in self.conditions))


EACH_ALONE = "Each() has a meaning only by itself in `asked`, inside a Group with members"


@dataclass(frozen=True, slots=True, init=False)
class Each:
    """In a repeated group: only these members get the question. Laying out the group uses it up."""

    codes: frozenset[str]

    def __init__(self, *codes: str) -> None:
        object.__setattr__(self, "codes", frozenset(codes))

    def holds(self, answers: Answers) -> bool:
        raise DefinitionError(EACH_ALONE)

    def looks_at(self) -> Iterator[tuple[str, frozenset[str]]]:
        raise DefinitionError(EACH_ALONE)

    def renamed(self, names: Mapping[str, str]) -> Each:
        return self
