"""What staff pick on pages of the rota, of calls and of documents, as questions of the kernel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import request
from sqlalchemy import Connection

from portal import clock, registers
from portal.interpreting import panels
from portal.languages import months
from portal.pages import said
from portal.questions import Answer, Choice, Option, Problem, Question, Reader, as_written, read_all
from portal.questions.messages import Message, _staff
from portal.questions.typing_in import Typed

OFFICES = "offices"
"""The list of offices."""
OFFICE = _staff("Office")
LANGUAGE = _staff("Language")
CHOOSE_LANGUAGE = _staff("Choose the language")


@dataclass(frozen=True, slots=True)
class Picked:
    """What was typed: the answers, or what is wrong with it."""

    answers: Mapping[str, Answer]
    problems: Mapping[str, Problem]

    def one(self, key: str) -> str:
        """The answer to a question; empty words for none."""
        return (self.answers.get(key) or ("",))[0]

    def number(self, key: str) -> int | None:
        return int(self.one(key)) if self.one(key) else None


def sent(asked: Iterable[Question]) -> dict[str, list[str]]:
    """What was typed into the fields of these questions."""
    return {name: request.form.getlist(name) for question in asked for name in question.fields}


def read(asked: Iterable[Question], typed: Typed) -> Picked:
    """What was typed, read and checked."""
    return Picked(*read_all(asked, typed, {}, Reader(months("en"), clock.today(), office=True)))


def errors_of(problems: Mapping[str, Problem]) -> list[tuple[str, str]]:
    """Problems as the summary of a page links to them."""
    return [(f"#{problem.field}", said(problem.message)) for problem in problems.values()]


def languages(connection: Connection) -> dict[str, str]:
    """The everyday names of all languages, those out of use included, by code."""
    known = registers.members(connection, panels.LANGUAGES)
    return {option.code: option.text.english for name in known for option, _active in known[name]}


def offices(connection: Connection, every: bool = False) -> dict[str, str]:
    """The names of the offices, by code; with `every` also of those out of use."""
    lines = registers.every(connection, OFFICES, ())
    return {code: name for code, name, active in lines if active or every}


def options(names: Mapping[str, str]) -> tuple[Option, ...]:
    """Codes and names as options."""
    return tuple(Option(code, as_written(name)) for code, name in names.items())


def which_language(connection: Connection, *, needed: bool = True) -> Choice:
    """The question which language it is."""
    offered = tuple(Option(one.code, as_written(one.text.english)) for one in panels.languages(connection))
    return Choice(
        key="language", text=LANGUAGE, required=CHOOSE_LANGUAGE if needed else None, options=offered
    )


def which_office(connection: Connection, hint: Message | None = None) -> tuple[Choice, ...]:
    """The question which office, where there are any."""
    names = offices(connection)
    return (Choice(key="office", text=OFFICE, hint=hint, options=options(names)),) if names else ()
