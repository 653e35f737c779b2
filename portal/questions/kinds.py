"""The kinds of question. Each reads what was typed, checks an answer, and says what it means."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from portal.questions import errors
from portal.questions.answers import Answer, Answers, marked, said
from portal.questions.conditions import Condition, DefinitionError
from portal.questions.messages import Message
from portal.questions.typing_in import Typed, clean_words, first, folded, western_digits, whole_number


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an answer cannot be taken, and the field that the person should look at."""

    field: str
    message: Message


Moment = Literal["ahead", "past", "missing", "twice"]
"""Whether a local time is still to come, is over, or on a night when clocks change is none or two times."""


@dataclass(frozen=True, slots=True)
class Reader:
    """What reading an answer depends on besides the answer: month names of the page, today, and who types."""

    months: Mapping[str, int]
    today: date
    office: bool = False
    """Whether staff are typing, who have options of their own, and what was in the future on a paper."""
    moment: Callable[[str, str], Moment] = lambda day, time: "ahead"
    """What a day and a time of day come to where the person lives."""


@dataclass(frozen=True, slots=True)
class Worded:
    """Other words for a question when a condition holds."""

    when: Condition
    text: Message
    hint: Message | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What every kind has. `asked` must all hold; `why` tells the person why we ask."""

    key: str
    text: Message
    hint: Message | None = None
    why: Message | None = None
    required: Message | None = None
    """The error when there is no answer; without it the question may be skipped."""
    asked: tuple[Condition, ...] = ()
    worded: tuple[Worded, ...] = ()
    beside: bool = False
    """On the same page as the question before it."""
    by: Literal["anyone", "office"] = "anyone"
    personal: bool = False
    """Words that identify: sealed at rest, never in an export, never in a log."""
    variant: str = ""
    off: bool = False
    """Left out unless a setting names this variant."""

    @property
    def kind(self) -> str:
        return type(self).__name__.lower()

    @property
    def fields(self) -> tuple[str, ...]:
        """The names under which the page sends what was typed."""
        return (self.key,)

    def words(self, answers: Answers) -> tuple[Message, Message | None]:
        """Text and hint for a person with these answers."""
        for other in self.worded:
            if other.when.holds(answers):
                return other.text, other.hint or self.hint
        return self.text, self.hint

    def read(self, typed: Typed, answers: Answers, reader: Reader) -> Answer | Problem:
        """The answer in what was typed, or why it cannot be taken."""
        answer = self._read(typed, reader)
        if isinstance(answer, Problem):
            return answer
        return self.problem(answer, answers, reader) or answer

    def problem(self, answer: Answer, answers: Answers, reader: Reader) -> Problem | None:
        """Why this answer cannot be taken, if it cannot. A mark from paper always can."""
        if marked(answer):
            return None
        if not answer:
            return Problem(self.fields[0], self.required) if self.required else None
        return self._problem(answer, answers, reader)

    def typed(self, answer: Answer) -> dict[str, list[str]]:
        """The fields that would read as this answer: how a page shows what was said before."""
        return {self.key: list(said(answer))}

    def _read(self, typed: Typed, reader: Reader) -> Answer | Problem:
        raise NotImplementedError

    def _problem(self, answer: Answer, answers: Answers, reader: Reader) -> Problem | None:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that can be chosen."""

    code: str
    text: Message
    hint: Message | None = None
    hint_lang: str = ""
    """The language of the hint (BCP 47), where it is the same whatever the language of the page."""
    heading: Message | None = None
    """Printed before this option: the group it opens."""
    parent: str | None = None
    alone: bool = False
    """Excludes the others: "none of these", "prefer not to say"."""
    opts_out: bool = False
    """Ends the form: the person does not want to answer the rest."""
    by: Literal["anyone", "office"] = "anyone"
    standards: Mapping[str, str] = field(default_factory=dict, hash=False)
    """The same answer's code in public standards: {"census2021": "4"}."""


@dataclass(frozen=True, slots=True)
class Register:
    """A list that the landlord keeps, by name: its members are known where the form is used."""

    key: str
    members: tuple[Option, ...] = ()
    also: tuple[Option, ...] = ()
    """Offered after the members by this question, such as "another language". They are no members: nobody can
    take them out of use or rename them, and no member gets the code of one."""
    options: tuple[Option, ...] = field(init=False, repr=False, compare=False)
    """The members, then the others; what only staff may choose last. None while members are not known."""

    def __post_init__(self) -> None:
        both = (*self.members, *self.also) if self.members else ()
        object.__setattr__(self, "options", tuple(sorted(both, key=lambda option: option.by == "office")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Question):
    """One of the options, or with `many` any number of them."""

    options: tuple[Option, ...] | Register
    many: bool = False
    narrow: str = ""
    """Key of the choice whose answer is the parent of the options that a page shows."""

    @property
    def known(self) -> tuple[Option, ...]:
        """The options; none while a register's members are not known."""
        return self.options.options if isinstance(self.options, Register) else self.options

    def option(self, code: str) -> Option | None:
        return next((option for option in self.known if option.code == code), None)

    def number(self, code: str) -> str:
        """What is printed beside the option and typed by staff: its place, two digits from ten options on."""
        codes = [option.code for option in self.known]
        return str(codes.index(code) + 1).zfill(2 if len(codes) >= 10 else 1)

    def shown(self, answers: Answers) -> tuple[Option, ...]:
        """The options that a page offers a person with these answers."""
        options = tuple(option for option in self.known if option.by == "anyone")
        parents = said(answers.get(self.narrow, ())) if self.narrow else ()
        if not parents:
            return options
        return tuple(option for option in options if option.parent is None or option.parent in parents)

    def parents(self, answer: Answer) -> set[str]:
        """The parents of the options answered."""
        options = (self.option(code) for code in said(answer))
        return {option.parent for option in options if option and option.parent}

    def _read(self, typed: Typed, reader: Reader) -> Answer | Problem:
        sent = {value for value in typed.get(self.key, ()) if value}
        if sent - {option.code for option in self.known if reader.office or option.by == "anyone"}:
            return Problem(self.key, errors.NOT_AN_OPTION)
        return tuple(option.code for option in self.known if option.code in sent)

    def _problem(self, answer: Answer, answers: Answers, reader: Reader) -> Problem | None:
        chosen = [self.option(code) for code in answer]
        if None in chosen or len(set(answer)) != len(answer):
            return Problem(self.key, errors.NOT_AN_OPTION)
        if len(chosen) > 1 and not self.many:
            return Problem(self.key, errors.ONE_ONLY)
        alone = next((option for option in chosen if option and option.alone), None)
        if len(chosen) > 1 and alone:
            return Problem(self.key, errors.ALONE.with_values(option=alone.text))
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Question):
    """Words, in any language."""

    most: int = 200
    """Characters at most."""
    lines: int = 1

    def _read(self, typed: Typed, reader: Reader) -> Answer | Problem:
        words = clean_words(first(typed, self.key), lines=self.lines > 1)
        return (words,) if words else ()

    def _problem(self, answer: Answer, answers: Answers, reader: Reader) -> Problem | None:
        if len(answer[0]) > self.most:
            return Problem(self.key, errors.TOO_LONG.with_values(number=self.most))
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Question):
    """A whole number from `least` to `most`."""

    least: int = 0
    most: int = 999_999

    def _read(self, typed: Typed, reader: Reader) -> Answer | Problem:
        words = clean_words(first(typed, self.key))
        if not words:
            return ()
        number = whole_number(words)
        return Problem(self.key, errors.NOT_A_NUMBER) if number is None else (str(number),)

    def _problem(self, answer: Answer, answers: Answers, reader: Reader) -> Problem | None:
        if not self.least <= int(answer[0]) <= self.most:
            return Problem(self.key, errors.OUT_OF_RANGE.with_values(least=self.least, most=self.most))
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Date(Question):
    """A Gregorian date, stored as 2026-03-01; with `partial` also 2026-03 or 2026."""

    partial: bool = False
    when: Literal["", "past", "future"] = ""
    after: str = ""
    """Key of an earlier date that this one may not come before."""

    @property
    def fields(self) -> tuple[str, ...]:
        return (f"{self.key}-day", f"{self.key}-month", f"{self.key}-year")

    def typed(self, answer: Answer) -> dict[str, list[str]]:
        year, month, day = (*"".join(said(answer)).split("-"), "", "", "")[:3]
        return dict(zip(self.fields, ([day.lstrip("0")], [month.lstrip("0")], [year]), strict=True))

    def _read(self, typed: Typed, reader: Reader) -> Answer | Problem:
        day_field, month_field, year_field = self.fields
        day, month, year = (western_digits(clean_words(first(typed, name))) for name in self.fields)
        if not (day or month or year):
            return ()
        if not year:
            return Problem(year_field, errors.YEAR_MISSING)
        if not re.fullmatch(r"[0-9]{4}", year):
            return Problem(year_field, errors.YEAR_FOUR_DIGITS)
        if 1300 <= int(year) <= 1500:
            return Problem(year_field, errors.YEAR_GREGORIAN)
        if not 1900 <= int(year) <= 2100:
            return Problem(year_field, errors.NOT_A_DATE)
        if not month:
            return (year,) if self.partial and not day else Problem(month_field, errors.MONTH_MISSING)
        number = int(month) if re.fullmatch(r"[0-9]{1,2}", month) else reader.months.get(folded(month), 0)
        if not 1 <= number <= 12:
            return Problem(month_field, errors.NOT_A_MONTH)
        if not day:
            if self.partial:
                return (f"{year}-{number:02}",)
            return Problem(day_field, errors.DAY_MISSING)
        try:
            return (date(int(year), number, int(day) if re.fullmatch(r"[0-9]{1,2}", day) else 0).isoformat(),)
        except ValueError:
            return Problem(day_field, errors.NOT_A_DATE)

    def _problem(self, answer: Answer, answers: Answers, reader: Reader) -> Problem | None:
        earliest, latest = span(answer[0])
        if self.when == "past" and earliest > reader.today:
            return Problem(self.fields[0], errors.NOT_PAST)
        if self.when == "future" and latest < reader.today and not reader.office:
            return Problem(self.fields[0], errors.NOT_FUTURE)
        return Problem(self.fields[0], errors.TOO_EARLY) if self.too_early(answer, answers) else None

    def too_early(self, answer: Answer, answers: Answers) -> bool:
        """Whether it comes before the date that it may not come before."""
        when, before = said(answer), said(answers.get(self.after, ()))
        return bool(when and before) and span(when[0])[1] < span(before[0])[0]


def span(value: str) -> tuple[date, date]:
    """The first and the last day that a whole or partial date may mean."""
    year, month, day = (*(int(part) for part in value.split("-")), 0, 0)[:3]
    if day:
        return date(year, month, day), date(year, month, day)
    start = date(year, month or 1, 1)
    following = date(year + 1, 1, 1) if month in (0, 12) else date(year, month + 1, 1)
    return start, date.fromordinal(following.toordinal() - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Time(Question):
    """A time of day, stored as 14:30."""

    on: str = ""
    """Key of its date: the two together must be a moment that is still to come."""
    after: str = ""
    """Key of an earlier time of the same day that this one must come after."""

    def _read(self, typed: Typed, reader: Reader) -> Answer | Problem:
        words = western_digits(folded(first(typed, self.key)))
        if not words:
            return ()
        # folded() takes dots and spaces away, so 2.30 pm arrives as 230pm
        found = re.fullmatch(r"([0-9]{1,2}?):?([0-9]{2})?(am|pm)?", words)
        hour, minute, half = (int(found[1]), int(found[2] or 0), found[3]) if found else (99, 0, None)
        if half and 1 <= hour <= 12:
            hour = hour % 12 + (12 if half == "pm" else 0)
        elif half:
            hour = 99
        if hour > 23 or minute > 59:
            return Problem(self.key, errors.NOT_A_TIME)
        return (f"{hour:02}:{minute:02}",)

    def _problem(self, answer: Answer, answers: Answers, reader: Reader) -> Problem | None:
        before = said(answers.get(self.after, ()))
        if before and answer[0] <= before[0]:
            return Problem(self.key, errors.TIME_TOO_EARLY)
        day = said(answers.get(self.on, ()))
        moment = reader.moment(day[0], answer[0]) if day else "ahead"
        if moment == "past" and reader.office:
            return None
        return Problem(self.key, errors.OF_MOMENTS[moment]) if moment != "ahead" else None


def check_question(question: Question) -> None:
    """Refuse a question that could not be asked, stored or printed."""
    for part in question.key.split("."):
        if not re.fullmatch(r"[a-z0-9][a-z0-9_]*", part):
            raise DefinitionError(f"{question.key}: a key is snake_case words")
    if isinstance(question, Choice):
        _check_options(question.key, question.known)


def _check_options(key: str, options: Iterable[Option]) -> None:
    codes = [option.code for option in options]
    if len(set(codes)) != len(codes):
        raise DefinitionError(f"{key}: two options with one code")
    for code in codes:
        if not re.fullmatch(r"[a-z0-9][a-z0-9_]*", code):
            raise DefinitionError(f"{key}: {code!r} is not a snake_case code")
    by = [option.by for option in options]
    if sorted(by) != by:
        raise DefinitionError(f"{key}: options that only staff may choose come last")


def renamed(question: Question, **changes: object) -> Question:
    """The same question with some of its parts changed."""
    return replace(question, **changes)  # type: ignore[arg-type]
