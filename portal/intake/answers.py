"""Answers as words: how a page shows what was said, in its own language."""

from __future__ import annotations

from datetime import date

from babel import Locale
from babel.dates import format_date, format_skeleton

from portal.pages import said, spoken
from portal.questions import Answer, Choice, Date, Files, Question
from portal.questions.messages import _, _many

MONTH_AND_YEAR = "yMMMM"


def shown(question: Question, answer: Answer) -> list[str]:
    """What the check page says was answered: one text per code; nothing for a skipped question."""
    if isinstance(question, Choice):
        options = (question.option(code) for code in answer)
        return [said(option.text) for option in options if option]
    if isinstance(question, Date) and answer:
        return [_date(answer[0])]
    if isinstance(question, Files) and answer:
        return [said(ATTACHED.with_values(number=len(answer)))]
    return list(answer)


def _date(value: str) -> str:
    """A whole or partial date in words, with Western digits."""
    language = spoken().language
    locale = Locale.parse(language.locale or language.code)
    year, month, day = (*(int(part) for part in value.split("-")), 0, 0)[:3]
    if day:
        return format_date(date(year, month, day), "long", locale=locale)
    if month:
        return format_skeleton(MONTH_AND_YEAR, date(year, month, 1), locale=locale)
    return str(year)


NOT_ANSWERED = _("Not answered")
ATTACHED = _many("%(number)s file attached", "%(number)s files attached")
