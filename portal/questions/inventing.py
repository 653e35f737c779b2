"""Made-up answers: for a demonstration, and for keyers to practise on. The same for the same dice."""

from __future__ import annotations

import random

from portal.questions.answers import Answer
from portal.questions.files import Files
from portal.questions.form import Form
from portal.questions.kinds import Choice, Date, Number, Question, Text, Time
from portal.questions.notices import Notice


def invented(form: Form, dice: random.Random, skip: float = 0.06) -> dict[str, Answer]:
    """Answers of one synthetic person: every question that they lead to, some of them skipped."""
    answers: dict[str, Answer] = {}
    for _round in form.questions:
        page = form.next_page(answers)
        if page is None:
            break
        for question in form.asked_on(page, answers):
            skipped = question.required is None and dice.random() < skip
            answers[question.key] = () if skipped else _answer(question, answers, dice)
    return answers


def _answer(question: Question, answers: dict[str, Answer], dice: random.Random) -> Answer:
    match question:
        case Choice():
            return _choice(question, answers, dice)
        case Date():
            years = (2090, 2100) if question.when == "future" else (1940, 2020)
            return (f"{dice.randrange(*years)}-{dice.randrange(1, 13):02}-{dice.randrange(1, 29):02}",)
        case Number():
            return (str(dice.randint(question.least, question.most)),)
        case Time():
            return (f"{dice.randrange(24):02}:{dice.randrange(60):02}",)
        case Notice() | Files():
            return ()
        case Text():
            return (f"synthetic words {dice.randrange(1000)}"[: question.most].strip(),)
    raise TypeError(f"nobody has said how to invent a {question.kind}")


def _choice(question: Choice, answers: dict[str, Answer], dice: random.Random) -> Answer:
    options = question.shown(answers)
    # earlier options more often: a made-up population that is not flat
    weights = [1 / (place + 1.5) * (0.3 if option.opts_out else 1) for place, option in enumerate(options)]
    first = dice.choices(options, weights)[0]
    if not question.many or first.alone:
        return (first.code,)
    others = {option.code for option in options if not option.alone and dice.random() < 0.15}
    return tuple(option.code for option in options if option.code in others | {first.code})
