"""What staff choose of papers, when they print them and when they key them: form, language, place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from portal import clock
from portal.languages import LANGUAGES, months
from portal.questions import Answer, Choice, Form, Option, Problem, Question, Reader, as_written, read_all
from portal.questions.messages import Message, _staff
from portal.questions.typing_in import Typed

Places = Iterable[tuple[str, str]]
"""Where we ask: codes and names."""


def which_form(forms: tuple[Form, ...], required: Message) -> Choice:
    """The question which edition it is, the newest first."""
    options = (Option(_edition(form), as_written(f"{form.title.english} {form.edition}")) for form in forms)
    return Choice(key="form", text=_staff("Form"), required=required, options=tuple(options)[::-1])


def which_language(languages: Iterable[str]) -> Choice:
    """The question in which language it is."""
    return Choice(
        key="language",
        text=_staff("Language of the paper"),
        required=_staff("Choose the language of the paper"),
        options=tuple(Option(code, as_written(LANGUAGES[code].english)) for code in languages),
    )


def which_place(places: Places, text: Message) -> tuple[Choice, ...]:
    """The question about the place, where there are any."""
    options = tuple(Option(_code(code), as_written(name)) for code, name in places)
    return (Choice(key="collection", text=text, options=options),) if options else ()


def read(asked: Iterable[Question], typed: Typed) -> tuple[dict[str, Answer], dict[str, Problem]]:
    """Read what staff typed into the fields of these questions: answers and problems."""
    return read_all(asked, typed, {}, Reader(months("en"), clock.today(), office=True))


def one(answers: Mapping[str, Answer], key: str) -> str:
    """The answer to a question; empty words for none."""
    return (answers.get(key) or ("",))[0]


def form_chosen(
    answers: Mapping[str, Answer], forms: tuple[Form, ...], variants: Mapping[str, str], *, office: bool
) -> Form:
    """The form that was chosen, in the landlord's wordings (`variants`)."""
    form = next(form for form in forms if _edition(form) == one(answers, "form"))
    own = {key: name for key, name in variants.items() if form.question(key)}
    return form.here(own, office=office)


def place_chosen(answers: Mapping[str, Answer], places: Places) -> str | None:
    """The code of the place that was chosen; None for none."""
    return {_code(code): code for code, _name in places}.get(one(answers, "collection"))


def _edition(form: Form) -> str:
    return _code(f"{form.key}_{form.edition}")


def _code(words: str) -> str:
    return words.replace("-", "_")
