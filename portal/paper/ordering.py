"""What staff are asked when they order papers and give them out, as questions of the kernel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from portal.paper import choices
from portal.paper.choices import Places
from portal.paper.runs import MOST
from portal.paper.sheets import POINTS, SIZES, Size
from portal.questions import Answer, Choice, Form, Number, Option, Problem, Question, Text
from portal.questions.messages import Message, _staff
from portal.questions.typing_in import Typed

SIZE_WORDS: dict[Size, Message] = {
    "normal": _staff("Normal, %(points)s points"),
    "large": _staff("Large, %(points)s points"),
    "larger": _staff("Very large, %(points)s points"),
}
GROUNDS = (Option("white", _staff("White")), Option("yellow", _staff("Yellow")))

GIVEN_OUT_BY = _staff("Given out by")


def order_questions(
    forms: tuple[Form, ...], languages: Iterable[str], places: Places
) -> tuple[Question, ...]:
    """What a new run is; the options are this landlord's forms, languages and places."""
    return (
        choices.which_form(forms, _staff("Choose the form to print")),
        choices.which_language(languages),
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
        *choices.which_place(places, GIVEN_OUT_BY),
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
        *choices.which_place(places, GIVEN_OUT_BY),
    )


@dataclass(frozen=True, slots=True)
class Read:
    """What was typed: the answers, or what is wrong with it."""

    answers: Mapping[str, Answer]
    problems: Mapping[str, Problem]

    def one(self, key: str) -> str:
        """The answer to a question; empty words for none."""
        return choices.one(self.answers, key)


def read(asked: Iterable[Question], typed: Typed) -> Read:
    """Read what was typed into the fields of these questions."""
    return Read(*choices.read(asked, typed))


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
    sizes: dict[str, Size] = {size: size for size in SIZES}
    return Wanted(
        form=choices.form_chosen(found.answers, forms, variants, office=False),
        language=found.one("language"),
        size=sizes[found.one("size")],
        yellow=found.one("ground") == "yellow",
        collection=place(found, places),
        number=int(found.one("number")),
        note=found.one("note"),
    )


def place(found: Read, places: Places) -> str | None:
    """The code of the place that was chosen."""
    return choices.place_chosen(found.answers, places)
