"""What staff are asked when they order papers and give them out, as questions of the kernel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from portal import clock
from portal.languages import LANGUAGES, months
from portal.paper.runs import MOST
from portal.paper.sheets import POINTS, SIZES, Size
from portal.questions import (
    Answer,
    Choice,
    Form,
    Number,
    Option,
    Problem,
    Question,
    Reader,
    Text,
    as_written,
    read_all,
)
from portal.questions.messages import Message, _staff
from portal.questions.typing_in import Typed

SIZE_WORDS: dict[Size, Message] = {
    "normal": _staff("Normal, %(points)s points"),
    "large": _staff("Large, %(points)s points"),
    "larger": _staff("Very large, %(points)s points"),
}
GROUNDS = (Option("white", _staff("White")), Option("yellow", _staff("Yellow")))

Places = Iterable[tuple[str, str]]
"""Where we ask: codes and names."""


def order_questions(
    forms: tuple[Form, ...], languages: Iterable[str], places: Places
) -> tuple[Question, ...]:
    """What a new run is; the options are this landlord's forms, languages and places."""
    editions = tuple(
        Option(edition_code(form), as_written(f"{form.title.english} {form.edition}"))
        for form in reversed(forms)
    )
    return (
        Choice(
            key="form", text=_staff("Form"), required=_staff("Choose the form to print"), options=editions
        ),
        Choice(
            key="language",
            text=_staff("Language of the paper"),
            required=_staff("Choose the language of the paper"),
            options=tuple(Option(code, as_written(LANGUAGES[code].english)) for code in languages),
        ),
        Choice(
            key="size",
            text=_staff("Size of letters"),
            required=_staff("Choose how large the letters are"),
            options=tuple(Option(size, SIZE_WORDS[size].with_values(points=POINTS[size])) for size in SIZES),
        ),
        Choice(
            key="ground",
            text=_staff("Ground"),
            hint=_staff("Black on yellow is easier to read for some people"),
            required=_staff("Choose the ground of the pages"),
            options=GROUNDS,
        ),
        *_place(places),
        Number(
            key="number",
            text=_staff("How many forms"),
            required=_staff("Type how many forms to print"),
            least=1,
            most=MOST,
        ),
        Text(key="note", text=_staff("Note"), hint=_staff("Nothing about a person"), most=200),
    )


def issue_questions(places: Places, left: int) -> tuple[Question, ...]:
    """What is asked when forms are given out; `left` are those that were not yet. Places for the first."""
    return (
        Number(
            key="number",
            text=_staff("How many forms were given out now"),
            required=_staff("Type how many forms were given out"),
            least=1,
            most=left,
        ),
        *_place(places),
    )


def _place(places: Places) -> tuple[Question, ...]:
    venues = tuple(Option(_code(code), as_written(name)) for code, name in places)
    return (Choice(key="collection", text=_staff("Given out by"), options=venues),) if venues else ()


def edition_code(form: Form) -> str:
    """One edition of a form, as the option of a question."""
    return _code(f"{form.key}_{form.edition}")


def _code(words: str) -> str:
    return words.replace("-", "_")


@dataclass(frozen=True, slots=True)
class Read:
    """What was typed: the answers, or what is wrong with it."""

    answers: Mapping[str, Answer]
    problems: Mapping[str, Problem]

    def one(self, key: str) -> str:
        """The answer to a question; empty words for none."""
        return (self.answers.get(key) or ("",))[0]


def read(asked: Iterable[Question], typed: Typed) -> Read:
    """Read what was typed into the fields of these questions."""
    reader = Reader(months("en"), clock.today(), office=True)
    return Read(*read_all(asked, typed, {}, reader))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A run to be ordered."""

    form: Form
    language: str
    size: Size
    yellow: bool
    collection: str | None
    number: int
    note: str


def wanted(found: Read, forms: tuple[Form, ...], variants: Mapping[str, str], places: Places) -> Wanted:
    """What a form without problems asks for; `variants` are the landlord's wordings."""
    form = next(one for one in forms if edition_code(one) == found.one("form"))
    own = {key: name for key, name in variants.items() if form.question(key)}
    sizes: dict[str, Size] = {size: size for size in SIZES}
    return Wanted(
        form=form.here(own),
        language=found.one("language"),
        size=sizes[found.one("size")],
        yellow=found.one("ground") == "yellow",
        collection=place(found, places),
        number=int(found.one("number")),
        note=found.one("note"),
    )


def place(found: Read, places: Places) -> str | None:
    """The code of the place that was chosen."""
    codes: dict[str, Any] = {_code(code): code for code, _name in places}
    return codes.get(found.one("collection"))
