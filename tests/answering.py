"""What anybody might answer to any form, for Hypothesis to choose from; the same every time it runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from hypothesis import settings
from hypothesis import strategies as st

from portal.questions import Answer, Choice, Date, Files, Form, Notice, Number, Option, Question, Text, Time
from portal.questions.answers import ILLEGIBLE, MULTIPLE, OTHER, REFUSED
from portal.questions.typing_in import clean_words

steady = settings(derandomize=True, deadline=None, database=None)
"""The same examples in every run, however slow the machine: a failure is a change, not bad luck."""

NOTHING: st.SearchStrategy[Answer] = st.just(())
NASTY = ("=1+1", "-5", "a;b", '"', "می\u200cخواهم", "<b>%(name)s</b>", "one\n\ntwo", "_", "\u202eabc", "0")
ANY_TEXT = st.text(st.characters(exclude_categories=())) | st.sampled_from(NASTY)
"""Any text a browser, a keyer or an attacker could send, lone surrogates and NUL included."""


def an_answer(question: Question, options: tuple[Option, ...] | None = None) -> st.SearchStrategy[Answer]:
    """An answer that a person may give: one that is not nothing; of these options, if any are named."""
    match question:
        case Notice():
            return NOTHING
        case Choice():
            return _choices(question, question.known if options is None else options)
        case Text():
            return ANY_TEXT.map(lambda text: _words(question, text)).filter(bool)
        case Number():
            return st.integers(question.least, question.most).map(lambda number: (str(number),))
        case Time():
            return st.times().map(lambda time: (f"{time:%H:%M}",))
        case Date():
            return _dates(question)
        case Files():
            ids = st.binary(min_size=16, max_size=16).map(bytes.hex)
            return st.lists(ids, min_size=1, max_size=question.most, unique=True).map(tuple)
    raise TypeError(f"nobody has said how to answer a {question.kind}")


def answers_to(form: Form, *, marks: bool = False) -> st.SearchStrategy[Mapping[str, Answer]]:
    """Answers to any of the questions, whether or not they lead to each other; with marks as on paper."""
    return st.fixed_dictionaries(
        {},
        optional={
            question.key: NOTHING | an_answer(question) | (_marks(question) if marks else NOTHING)
            for question in form.questions
        },
    )


def _choices(question: Choice, options: tuple[Option, ...]) -> st.SearchStrategy[Answer]:
    codes = [option.code for option in options]
    one = st.sampled_from(codes).map(lambda code: (code,))
    together = [option.code for option in options if not option.alone]
    if not question.many or len(together) < 2:
        return one
    several = st.sets(st.sampled_from(together), min_size=2)
    return one | several.map(lambda chosen: tuple(code for code in together if code in chosen))


def _words(question: Text, text: str) -> Answer:
    words = clean_words(clean_words(text, lines=question.lines > 1)[: question.most])
    return (words,) if words else ()


def _dates(question: Date) -> st.SearchStrategy[Answer]:
    """A date that its question takes today and for many years, at whatever the dates before it are."""
    least, most = date(1900, 1, 1), date(2020, 12, 31)
    if question.when == "future":
        least, most = date(2090, 1, 1), date(2100, 12, 31)
    elif question.after:
        least, most = date(2021, 1, 1), date(2025 if question.when == "past" else 2089, 12, 31)
    whole = st.dates(least, most).map(date.isoformat)
    lengths = st.sampled_from((4, 7, 10)) if question.partial else st.just(10)
    return st.builds(lambda value, length: (value[:length],), whole, lengths)


def _marks(question: Question) -> st.SearchStrategy[Answer]:
    marks = [(ILLEGIBLE,), (REFUSED,)]
    if isinstance(question, Choice):
        marks += [(MULTIPLE, *(option.code for option in question.known[:2])), (OTHER,), (OTHER, "Somali")]
    return NOTHING if isinstance(question, Notice) else st.sampled_from(marks)
