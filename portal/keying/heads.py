"""The head of a batch: what staff are asked before a pile is keyed, as questions of the kernel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal import clock
from portal.keying.batches import SHARE, NewBatch
from portal.languages import LANGUAGES, months
from portal.questions import (
    Answer,
    Choice,
    Date,
    Form,
    Number,
    Option,
    Problem,
    Question,
    Reader,
    as_written,
    read_all,
)
from portal.questions.messages import _staff
from portal.questions.typing_in import Typed

SOURCES = (
    Option("office", _staff("Office")),
    Option("surgery", _staff("Surgery")),
    Option("post", _staff("Post")),
    Option("event", _staff("Event")),
)


def questions(
    forms: tuple[Form, ...], languages: tuple[str, ...], places: list[tuple[str, str]]
) -> tuple[Question, ...]:
    """What is asked; the options are this landlord's forms, languages and places."""
    editions = tuple(
        Option(_code(form), as_written(f"{form.title.english} {form.edition}")) for form in reversed(forms)
    )
    spoken = tuple(Option(code, as_written(LANGUAGES[code].english)) for code in languages)
    venues = tuple(Option(code.replace("-", "_"), as_written(name)) for code, name in places)
    return (
        Choice(
            key="form", text=_staff("Form"), required=_staff("Choose the form on the paper"), options=editions
        ),
        Choice(
            key="language",
            text=_staff("Language of the paper"),
            required=_staff("Choose the language of the paper"),
            options=spoken,
        ),
        Choice(
            key="source",
            text=_staff("How it came in"),
            required=_staff("Choose how the pile came in"),
            options=SOURCES,
        ),
        *((Choice(key="collection", text=_staff("Where we asked"), options=venues),) if venues else ()),
        Date(
            key="received",
            text=_staff("Day it came in"),
            required=_staff("Type the day on which the pile came in"),
            when="past",
        ),
        Number(
            key="declared",
            text=_staff("How many forms the pile holds"),
            hint=_staff("Count them by hand, before keying"),
            required=_staff("Count the pile and type the number"),
            least=1,
            most=5000,
        ),
        Number(
            key="share",
            text=_staff("Per cent to key twice"),
            hint=_staff("New keyers' first 50 forms are keyed twice in any case"),
            least=0,
            most=100,
        ),
    )


def _code(form: Form) -> str:
    return f"{form.key}_{form.edition}".replace("-", "_")


@dataclass(frozen=True, slots=True)
class Head:
    """What was typed: a batch to open, or what is wrong with it."""

    batch: NewBatch | None
    problems: Mapping[str, Problem]


def read(
    asked: tuple[Question, ...],
    typed: Typed,
    forms: tuple[Form, ...],
    places: list[tuple[str, str]],
    variants: Mapping[str, str],
) -> Head:
    """Read the head of a batch; `variants` are the landlord's wordings, which the paper has."""
    reader = Reader(months("en"), clock.today(), office=True)
    answers, problems = read_all(asked, typed, {}, reader)
    if problems:
        return Head(None, problems)
    form = next(one for one in forms if _code(one) == answers["form"][0])
    own = {key: name for key, name in variants.items() if form.question(key)}
    return Head(_batch(form.here(own, office=True), answers, places), {})


def _batch(form: Form, answers: Mapping[str, Answer], places: list[tuple[str, str]]) -> NewBatch:
    codes: dict[str, Any] = {code.replace("-", "_"): code for code, _name in places}
    chosen = answers.get("collection", ())
    share = answers["share"]
    return NewBatch(
        form=form.key,
        edition=form.edition,
        variants=form.wording,
        language=answers["language"][0],
        source=answers["source"][0],
        collection=codes[chosen[0]] if chosen else None,
        received=clock.day(answers["received"][0]),
        declared=int(answers["declared"][0]),
        share=int(share[0]) if share else SHARE,
    )
