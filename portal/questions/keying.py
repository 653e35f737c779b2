"""What staff type from paper: digits and a few reserved keys, the same for every form.

An option is typed as its printed number. `.` alone is a blank, `/` cannot be read, `*` several ticks where
one was asked for (their numbers follow), `-` refused or crossed out, `+` an answer that is no option (its
words follow), `?` asks the supervisor. A blank is never the default: nothing typed is nothing decided.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from portal.questions.answers import ILLEGIBLE, MULTIPLE, OTHER, REFUSED, Answer, Answers, marked
from portal.questions.conditions import AnyOf, Condition, If, Unless
from portal.questions.files import Files
from portal.questions.form import Form
from portal.questions.kinds import Choice, Date, Number, Problem, Question, Reader, Text, Time
from portal.questions.messages import _staff
from portal.questions.notices import Notice
from portal.questions.typing_in import clean_words, western_digits

BLANK, UNREADABLE, SEVERAL, CROSSED_OUT, ELSE, ASK = ".", "/", "*", "-", "+", "?"
QUERY: Answer = ("_query",)
"""Not an answer: a supervisor has to look at the paper."""

RESERVED: dict[str, Answer] = {
    BLANK: (),
    UNREADABLE: (ILLEGIBLE,),
    CROSSED_OUT: (REFUSED,),
    ASK: QUERY,
}
"""Keys that are the whole answer, of whatever question."""

NOTHING_TYPED = _staff("Key this answer. If the paper has none, type .")
NO_OPTION = _staff("No answer has the number %(number)s")
TWO_DIGITS = _staff("Type two digits, such as 04")
ONE_NUMBER = _staff("Type one number. If there are several ticks, type * and their numbers")
SEVERAL_NUMBERS = _staff("After * type the numbers of the ticks, two or more")
DATE_DIGITS = _staff("Type the date as ddmmyyyy or ddmmyy; 00 for what is missing")
TIME_DIGITS = _staff("Type the time as hhmm")
NOT_HERE = _staff("This key has no meaning for this question")


def keyed(question: Question, typed: str, answers: Answers, reader: Reader) -> Answer | Problem:
    """The answer that was typed from paper, or why it cannot be taken."""
    words = _plain(question, typed)
    if not words:
        return Problem(question.key, NOTHING_TYPED)
    if words in RESERVED:
        return RESERVED[words]
    if words.startswith(ELSE) and isinstance(question, Choice):
        said = clean_words(words[1:])
        return (OTHER, said) if said else (OTHER,)
    answer = _answer(question, words, reader)
    if isinstance(answer, Problem) or marked(answer):
        return answer
    return question.problem(answer, answers, reader) or answer


def keys_of(question: Question, answer: Answer | None) -> str:
    """What would be typed for an answer: keyed() reads it back. Nothing for what was not keyed yet."""
    if answer is None:
        return ""
    for key, meant in RESERVED.items():
        if answer == meant:
            return key
    mark, *rest = answer
    if mark == OTHER:
        return ELSE + "".join(rest)
    if isinstance(question, Choice):
        several = mark == MULTIPLE
        return (SEVERAL if several else "") + " ".join(map(question.number, rest if several else answer))
    if isinstance(question, Date):
        year, month, day = (*answer[0].split("-"), "00", "00")[:3]
        return f"{day}{month}{year}"
    return answer[0].replace(":", "") if isinstance(question, Time) else answer[0]


def digits(question: Question) -> int:
    """How many digits one number of this question has; 0 where no fixed count ends an answer."""
    if not isinstance(question, Choice) or not question.known:
        return 0
    return len(question.number(question.known[0].code))


def condition_data(condition: Condition) -> list[object]:
    """A condition as plain data, for a script that skips what is not asked."""
    if isinstance(condition, AnyOf):
        return ["any", [condition_data(one) for one in condition.conditions]]
    if isinstance(condition, If | Unless):
        return ["if" if isinstance(condition, If) else "unless", condition.key, sorted(condition.codes)]
    raise TypeError(f"no data for {condition!r}")


def to_key(form: Form, answers: Answers) -> tuple[Question, ...]:
    """The questions of a paper form that these answers lead to: each needs a key before it can be saved."""
    reached = (question for question, _answer in form.reached(answers))
    return tuple(question for question in reached if not isinstance(question, Notice | Files))


def against_the_routing(form: Form, answers: Answers) -> tuple[str, ...]:
    """Keys of what the paper answers although its own answers did not lead there."""
    kept = form.kept(answers)
    return tuple(
        question.key
        for question in form.questions
        if answers.get(question.key) and kept.get(question.key) != answers[question.key]
    )


def compared(question: Question, answer: Answer) -> Answer:
    """An answer as two keyings of one paper are compared: case, accents' form and spacing do not differ."""
    if not isinstance(question, Text) and not (answer and answer[0] == OTHER):
        return answer
    return tuple(_folded(word) for word in answer)


def _folded(word: str) -> str:
    """Letters, their vowel signs and digits; all else only parts words."""
    words = unicodedata.normalize("NFKC", western_digits(clean_words(word))).casefold()
    kept = (letter if unicodedata.category(letter)[0] in "LMN" else " " for letter in words)
    return " ".join("".join(kept).split())


def _plain(question: Question, typed: str) -> str:
    """What was typed, with digits of any script as 0 to 9; words of a text stay as they are."""
    words = clean_words(typed, lines=isinstance(question, Text) and question.lines > 1)
    return words if isinstance(question, Text) else western_digits(words)


def _answer(question: Question, words: str, reader: Reader) -> Answer | Problem:
    match question:
        case Choice():
            return _choice(question, words)
        case Text():
            return (words,)
        case Date():
            return _date(question, words)
        case Time():
            digits = re.fullmatch(r"([0-9]{2})[:.]?([0-9]{2})", words)
            if not digits or int(digits[1]) > 23 or int(digits[2]) > 59:
                return Problem(question.key, TIME_DIGITS)
            return (f"{digits[1]}:{digits[2]}",)
        case Number():
            return question.read({question.key: [words]}, {}, reader)
    return Problem(question.key, NOT_HERE)


def _choice(question: Choice, words: str) -> Answer | Problem:
    several = words.startswith(SEVERAL)
    if several and question.many:
        return Problem(question.key, NOT_HERE)
    numbers = _numbers(question, words.removeprefix(SEVERAL))
    if isinstance(numbers, Problem):
        return numbers
    codes = {question.number(option.code): option.code for option in question.known}
    for number in numbers:
        if number not in codes:
            return Problem(question.key, NO_OPTION.with_values(number=number))
    ticked = tuple(option.code for option in question.known if question.number(option.code) in numbers)
    if several:
        return (MULTIPLE, *ticked) if len(ticked) > 1 else Problem(question.key, SEVERAL_NUMBERS)
    if len(ticked) > 1 and not question.many:
        return Problem(question.key, ONE_NUMBER)
    return ticked


def _numbers(question: Choice, words: str) -> list[str] | Problem:
    """The option numbers in a row of digits, with or without spaces between them."""
    width = digits(question)
    found: list[str] = []
    for part in re.split(r"[\s,;]+", words.strip()):
        if not part.isascii() or not part.isdigit():
            return Problem(question.key, NO_OPTION.with_values(number=part or words))
        if len(part) % width:
            return Problem(question.key, TWO_DIGITS)
        found += [part[place : place + width] for place in range(0, len(part), width)]
    return found


def _date(question: Date, words: str) -> Answer | Problem:
    found = re.fullmatch(r"([0-9]{2})[ ./-]?([0-9]{2})[ ./-]?([0-9]{4}|[0-9]{2})", words)
    if not found:
        return Problem(question.key, DATE_DIGITS)
    day, month, year = found[1], found[2], found[3]
    if {day, month, year} == {"00"}:  # all is missing: that is a blank, and not the year 2000
        return Problem(question.key, DATE_DIGITS)
    if len(year) == 2:
        year = _century(question, year)
    if day != "00" and month == "00":
        return Problem(question.key, DATE_DIGITS)
    if (day == "00" or month == "00") and not question.partial:
        return Problem(question.key, DATE_DIGITS)
    if not 1900 <= int(year) <= 2100:
        return Problem(question.key, DATE_DIGITS)
    try:
        date(int(year), int(month) or 1, int(day) or 1)
    except ValueError:
        return Problem(question.key, DATE_DIGITS)
    return ("-".join((year, *([month] if month != "00" else []), *([day] if day != "00" else []))),)


def _century(question: Date, year: str) -> str:
    """A year of two digits: the 2000s, but for a date in the past that would be far in the future."""
    return f"19{year}" if question.when == "past" and int(year) > 50 else f"20{year}"
