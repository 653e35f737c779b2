"""What staff type from paper: digits and reserved keys become answers, the same in every form."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.forms import FORMS
from portal.languages import months
from portal.questions import (
    Choice,
    Date,
    Files,
    Notice,
    Number,
    Option,
    Problem,
    Question,
    Reader,
    Text,
    Time,
)
from portal.questions import as_written as w
from portal.questions.keying import (
    QUERY,
    against_the_routing,
    compared,
    digits,
    keyed,
    keys_of,
    to_key,
)
from tests.answering import ANY_TEXT, _marks, an_answer, answers_to, steady
from tests.everything import EVERYTHING

READER = Reader(months("en"), date(2026, 11, 18), office=True)
NAMED = {
    f"{form.key} {question.key}": question
    for form in (*FORMS, EVERYTHING)
    for question in form.here(office=True).questions
    if not isinstance(question, Notice | Files)
}
QUESTIONS = [*NAMED.values()]
ONE = Choice(key="one", text=w("?"), options=tuple(Option(code, w(code)) for code in "abc"))
MANY = Choice(key="many", text=w("?"), many=True, options=(*ONE.known, Option("none", w("none"), alone=True)))
LONG = Choice(key="long", text=w("?"), options=tuple(Option(f"o{n}", w("x")) for n in range(12)))
DAY = Date(key="day", text=w("?"), partial=True, when="past")
WHOLE_DAY = Date(key="day", text=w("?"))
WORDS = Text(key="words", text=w("?"))
NUMBER = Number(key="number", text=w("?"), most=99)
TIME = Time(key="time", text=w("?"))


def key(question: Question, typed: str) -> object:
    found = keyed(question, typed, {}, READER)
    return "refused" if isinstance(found, Problem) else found


@pytest.mark.parametrize(
    ("question", "typed", "answer"),
    [
        (ONE, "2", ("b",)),
        (ONE, "۲", ("b",)),
        (ONE, " ੨ ", ("b",)),
        (ONE, ".", ()),
        (ONE, "/", ("_illegible",)),
        (ONE, "-", ("_refused",)),
        (ONE, "?", QUERY),
        (ONE, "+", ("_other",)),
        (ONE, "+Somali", ("_other", "Somali")),
        (ONE, "*13", ("_multiple", "a", "c")),
        (ONE, "*3 1", ("_multiple", "a", "c")),
        (ONE, "*1", "refused"),
        (ONE, "", "refused"),
        (ONE, "4", "refused"),
        (ONE, "0", "refused"),
        (ONE, "12", "refused"),
        (ONE, "a", "refused"),
        (MANY, "31", ("a", "c")),
        (MANY, "1 1", ("a",)),
        (MANY, "4", ("none",)),
        (MANY, "14", "refused"),
        (MANY, "*12", "refused"),
        (LONG, "04", ("o3",)),
        (LONG, "4", "refused"),
        (LONG, "13", "refused"),
        (LONG, "*0112", ("_multiple", "o0", "o11")),
        (DAY, "270384", ("1984-03-27",)),
        (DAY, "27031984", ("1984-03-27",)),
        (DAY, "27/03/1984", ("1984-03-27",)),
        (DAY, "000384", ("1984-03",)),
        (DAY, "000026", ("2026",)),
        (DAY, "00002000", ("2000",)),
        (DAY, "000000", "refused"),
        (DAY, "00000000", "refused"),
        (DAY, "270084", "refused"),
        (DAY, "310284", "refused"),
        (DAY, "270327", "refused"),
        (DAY, "2703", "refused"),
        (WHOLE_DAY, "000384", "refused"),
        (WORDS, "= 1 + 1", ("= 1 + 1",)),
        (WORDS, "+44", ("+44",)),
        (WORDS, "_refused", ("refused",)),
        (NUMBER, "۱۲", ("12",)),
        (NUMBER, "100", "refused"),
        (NUMBER, "+5", "refused"),
        (TIME, "1430", ("14:30",)),
        (TIME, "2460", "refused"),
    ],
)
def test_keys_become_an_answer(question: Question, typed: str, answer: object) -> None:
    assert key(question, typed) == answer


@pytest.mark.parametrize("question", QUESTIONS, ids=[*NAMED])
def test_every_answer_can_be_keyed_and_reads_back(question: Question) -> None:
    @steady
    @given(st.just(()) | an_answer(question) | _marks(question))
    def reads_back(answer: tuple[str, ...]) -> None:
        if isinstance(question, Text) and answer and answer[0] in {".", "/", "-", "?"}:
            return  # one of the reserved keys, as somebody's whole answer
        if isinstance(question, Choice) and question.many and answer[:1] == ("_multiple",):
            return
        assert keyed(question, keys_of(question, answer), {}, READER) == answer

    reads_back()


@steady
@given(st.sampled_from(QUESTIONS), ANY_TEXT)
def test_whatever_is_typed_is_an_answer_or_a_plain_refusal(question: Question, typed: str) -> None:
    found = keyed(question, typed, {}, READER)
    if isinstance(found, Problem):
        assert found.field == question.key and found.message.english
    elif found != QUERY:
        assert keyed(question, keys_of(question, found), {}, READER) == found


def test_nothing_typed_is_never_a_blank() -> None:
    for question in QUESTIONS:
        for nothing in ("", " ", "\t", "\u200e"):
            assert key(question, nothing) == "refused", question.key


def test_options_have_one_digit_or_two() -> None:
    assert [digits(one) for one in (ONE, LONG, WORDS, DAY)] == [1, 2, 0, 0]


@steady
@given(answers_to(EVERYTHING.here(office=True), marks=True))
def test_what_has_to_be_keyed_is_what_the_answers_lead_to(answers: dict[str, tuple[str, ...]]) -> None:
    form = EVERYTHING.here(office=True)
    needed = {question.key for question in to_key(form, answers)}
    assert needed == set(form.kept(answers)) - {"copies"}
    for one in against_the_routing(form, answers):
        assert answers[one] and form.kept(answers).get(one) != answers[one]


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("Flat 12", "flat  12", True),
        ("Flat ۱۲", "Flat 12", True),
        ("Café", "Cafe\u0301", True),
        ("O'Neil", "O Neil", True),
        ("Somali", "Somalia", False),
        ("दिन", "दान", False),
        ("ਸਿੰਘ", "ਸੰਘ", False),
        ("Flat 12", "Flat 13", False),
    ],
)
def test_two_keyings_differ_only_in_what_matters(first: str, second: str, same: bool) -> None:
    assert (compared(WORDS, (first,)) == compared(WORDS, (second,))) == same


def test_codes_are_compared_as_they_are() -> None:
    assert compared(ONE, ("a",)) != compared(ONE, ("b",))
    assert compared(ONE, ("_other", "Somali")) == compared(ONE, ("_other", "somali"))
