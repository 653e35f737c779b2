"""The head of a batch: what staff are asked before a pile is keyed, as questions of the kernel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from portal import clock
from portal.keying.batches import SHARE, NewBatch
from portal.paper import choices
from portal.questions import Choice, Date, Form, Number, Option, Problem, Question
from portal.questions.messages import _staff
from portal.questions.typing_in import Typed
from portal.registers import pairs_of

SOURCES = (
    Option("office", _staff("Office")),
    Option("surgery", _staff("Surgery")),
    Option("post", _staff("Post")),
    Option("event", _staff("Event")),
)
LONG_AGO = _staff("This day is more than a year ago. Check the year")


def questions(
    forms: tuple[Form, ...], languages: tuple[str, ...], places: list[tuple[str, str]]
) -> tuple[Question, ...]:
    """What is asked; the options are this landlord's forms, languages and places."""
    return (
        choices.which_form(forms, _staff("Choose the form on the paper")),
        choices.which_language(languages),
        Choice(
            key="source",
            text=_staff("How it came in"),
            required=_staff("Choose how the pile came in"),
            options=SOURCES,
        ),
        *choices.which_place(places, _staff("Where we asked")),
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
    answers, problems = choices.read(asked, typed)
    if problems:
        return Head(None, problems)
    received = clock.day(choices.one(answers, "received"))
    if received < clock.years_before(clock.today()):
        [field] = [question.fields[-1] for question in asked if question.key == "received"]
        return Head(None, {"received": Problem(field, LONG_AGO)})
    form = choices.form_chosen(answers, forms, variants, office=True)
    new = NewBatch(
        form=form.key,
        edition=form.edition,
        variants=form.wording,
        registers=pairs_of(form),
        language=choices.one(answers, "language"),
        source=choices.one(answers, "source"),
        collection=choices.place_chosen(answers, places),
        received=received,
        declared=int(choices.one(answers, "declared")),
        share=int(choices.one(answers, "share") or SHARE),
    )
    return Head(new, {})
