"""What a form's stored answers mean: rows to keep, the codebook, and the kinds of missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from portal.questions.answers import OTHER, Answer, Answers, marked
from portal.questions.conditions import AnyOf, Condition, If, Unless
from portal.questions.form import Form
from portal.questions.kinds import Choice, Question, Register
from portal.questions.notices import Notice

SEALED = "_sealed"
"""Stored in place of personal words, which are kept apart and encrypted."""
SKIPPED = "_skipped"
NOT_ASKED = "_not_asked"
OPTED_OUT = "_opted_out"

KINDS_OF_MISSING = {
    NOT_ASKED: "the answers before it did not lead to this question, or it was not in use",
    OPTED_OUT: "the person did not want to answer the form",
    SKIPPED: "asked and left blank",
    "_illegible": "on paper: could not be read",
    "_multiple": "on paper: several ticks where one was asked for; the codes ticked follow",
    "_refused": "the person refused this question",
    "_other": "on paper: an answer that is none of the options; its words are sealed",
    SEALED: "answered in the person's own words, which are sealed and not part of this file",
}

COLUMNS = (
    "form",
    "edition",
    "page",
    "question",
    "variant",
    "kind",
    "text",
    "asked",
    "by",
    "personal",
    "register",
    "number",
    "code",
    "label",
    "parent",
    "standards",
)


def stored(form: Form, answers: Answers) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """What to keep of these answers: codes that may be counted, and personal words to be sealed."""
    return split(form.reached(answers))


def split(
    reached: Iterable[tuple[Question, Answer]],
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The same of questions that answers lead to, each with its answer."""
    plain: dict[str, list[str]] = {}
    personal: dict[str, list[str]] = {}
    for question, answer in reached:
        if isinstance(question, Notice):
            continue
        mark = answer[:1] if marked(answer) else ()
        words = question.personal or mark == (OTHER,)
        if words and answer != mark:
            plain[question.key] = [*mark] or [SEALED]
            personal[question.key] = list(answer)
        else:
            plain[question.key] = list(answer)
    return plain, personal


def opted_out(form: Form, plain: Mapping[str, list[str]]) -> bool:
    """Whether these stored answers end at the choice not to take part."""
    return any(form.ends_at(key, tuple(plain.get(key, ()))) for key in form.exits)


def cells(form: Form, plain: Mapping[str, list[str]]) -> Iterator[tuple[str, Answer]]:
    """Each question's key with its stored answer, or with the kind of missing."""
    missing = OPTED_OUT if opted_out(form, plain) else NOT_ASKED
    for question in form.questions:
        if isinstance(question, Notice):
            continue
        if question.key not in plain:
            yield question.key, (missing,)
        else:
            yield question.key, tuple(plain[question.key]) or (SKIPPED,)


def codebook(form: Form) -> Iterator[tuple[str, ...]]:
    """The codebook of an edition: one row per question, and one per option under it (English)."""
    numbers = {key: page.number for page in form.pages for key in page.keys}
    for question in form.questions:
        register = ""
        options = question.known if isinstance(question, Choice) else ()
        if isinstance(question, Choice) and isinstance(question.options, Register):
            register = question.options.key
            options = options or question.options.also
        start = (form.key, form.edition, str(numbers[question.key]), question.key, question.variant)
        many = " many" if isinstance(question, Choice) and question.many else ""
        yield (
            *start,
            question.kind + many,
            question.text.english,
            " and ".join(in_words(condition) for condition in question.asked),
            question.by,
            "yes" if question.personal else "",
            register,
            *("",) * 5,
        )
        for option in options:
            assert isinstance(question, Choice)
            yield (
                *start,
                *("",) * 4,
                *("", ""),
                question.number(option.code) if question.known else "",
                option.code,
                option.text.english,
                option.parent or "",
                " ".join(f"{name}={code}" for name, code in option.standards.items()),
            )


def in_words(condition: Condition) -> str:
    """A condition as the codebook and the paper state it."""
    if isinstance(condition, AnyOf):
        return "(" + " or ".join(in_words(one) for one in condition.conditions) + ")"
    if isinstance(condition, If | Unless):
        codes = "|".join(sorted(condition.codes)) or "answered"
        return f"{condition.key} {'is' if isinstance(condition, If) else 'is not'} {codes}"
    raise TypeError(f"no words for {condition!r}")
