"""Each kind of question: what it reads, what it refuses and with which words, and how it must be defined."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.languages import months, say
from portal.questions import (
    Answer,
    AnyOf,
    Choice,
    Date,
    DefinitionError,
    Each,
    Form,
    Group,
    If,
    Notice,
    Number,
    Option,
    Problem,
    Question,
    Reader,
    Register,
    Text,
    Time,
    Unless,
    Worded,
    as_written,
)
from portal.questions.answers import MARKS
from portal.questions.codebook import COLUMNS, codebook
from portal.questions.groups import Part

W = as_written("words")
TODAY = date(2026, 11, 21)
READER = Reader(months("en"), TODAY)
OFFICE = Reader(months("en"), TODAY, office=True)

PET = Choice(
    key="pet",
    text=W,
    many=True,
    options=(
        Option("cat", as_written("A cat")),
        Option("dog", as_written("A dog")),
        Option("none", as_written("No pet"), alone=True),
        Option("parrot", as_written("A parrot"), by="office"),
    ),
)
ONE_PET = Choice(key="pet", text=W, options=PET.options)
ANSWERED = (PET, *(kind(key="k", text=W) for kind in (Text, Number, Date, Time)))
"""One of each kind that has an answer."""


def read(question: Question, *values: str, reader: Reader = READER, **answers: str) -> Answer | Problem:
    """What the question makes of these values, typed into its fields in their order."""
    if isinstance(question, Choice):
        typed = {question.key: list(values)}
    else:
        typed = {name: [value] for name, value in zip(question.fields, values, strict=True)}
    return question.read(typed, {key: (answer,) for key, answer in answers.items()}, reader)


def refusal(found: Answer | Problem) -> str:
    """The English words of a problem."""
    assert isinstance(found, Problem), f"read as {found}"
    return say(found.message, "en").replace("\u2068", "").replace("\u2069", "")


def place(found: Answer | Problem) -> str:
    assert isinstance(found, Problem), f"read as {found}"
    return found.field


# --- any question


@pytest.mark.parametrize("question", ANSWERED, ids=lambda question: question.kind)
def test_a_question_may_be_skipped_unless_it_says_what_to_do(question: Question) -> None:
    blank = [""] * len(question.fields)
    assert read(question, *blank) == ()
    assert question.read({}, {}, READER) == ()
    needed = type(question)(
        **{name: getattr(question, name) for name in ("key", "text", "options") if hasattr(question, name)},
        required=as_written("Say something"),
    )
    assert refusal(read(needed, *blank)) == "Say something"
    assert place(read(needed, *blank)) == needed.fields[0]


@pytest.mark.parametrize("mark", sorted(MARKS))
@pytest.mark.parametrize("question", ANSWERED, ids=lambda question: question.kind)
def test_a_mark_from_paper_is_always_taken_and_says_nothing(question: Question, mark: str) -> None:
    answer = (mark, "cat", "dog")
    assert question.problem(answer, {}, READER) is None
    assert not any(any(values) for values in question.typed(answer).values())
    assert not If(question.key).holds({question.key: answer})
    assert not If(question.key, "cat").holds({question.key: answer})
    assert Unless(question.key, "cat").holds({question.key: answer})


def test_a_question_takes_other_words_under_a_condition() -> None:
    question = Text(
        key="name",
        text=as_written("What are they called?"),
        hint=as_written("Any name"),
        worded=(
            Worded(If("pet", "cat"), as_written("What is the cat called?")),
            Worded(If("pet"), as_written("What is the pet called?"), hint=as_written("Its call name")),
        ),
    )

    def words(**answers: str) -> list[str]:
        text, hint = question.words({key: (answer,) for key, answer in answers.items()})
        return [text.id, hint.id if hint else ""]

    assert words() == ["What are they called?", "Any name"]
    assert words(pet="cat") == ["What is the cat called?", "Any name"]
    assert words(pet="dog") == ["What is the pet called?", "Its call name"]


# --- choice


def test_a_choice_reads_codes_in_printed_order_and_each_once() -> None:
    assert read(PET, "dog", "cat", "dog", "") == ("cat", "dog")


def test_a_code_that_is_no_option_is_refused() -> None:
    assert refusal(read(PET, "cat", "unicorn")) == "Choose an answer from the list"
    assert refusal(read(PET, "_refused")) == "Choose an answer from the list"


def test_one_answer_is_one_answer() -> None:
    assert read(ONE_PET, "dog") == ("dog",)
    assert refusal(read(ONE_PET, "cat", "dog")) == "Choose one answer only"


def test_none_of_these_stands_alone_and_the_error_names_it() -> None:
    assert read(PET, "none") == ("none",)
    assert refusal(read(PET, "none", "cat")) == (
        "Choose “No pet” on its own, or take it away and keep the others"
    )


def test_what_only_staff_may_choose_is_not_offered_to_others_nor_taken_from_them() -> None:
    assert [option.code for option in PET.shown({})] == ["cat", "dog", "none"]
    assert refusal(read(PET, "parrot")) == "Choose an answer from the list"
    assert read(PET, "parrot", reader=OFFICE) == ("parrot",)


def test_a_stored_answer_is_checked_like_a_typed_one() -> None:
    for answer in (("unicorn",), ("cat", "cat"), ("none", "dog")):
        assert PET.problem(answer, {}, READER)
    assert PET.problem(("cat", "dog"), {}, READER) is None


def test_staff_type_an_options_place_with_two_digits_from_ten_options_on() -> None:
    nine = Choice(key="n", text=W, options=tuple(Option(f"o{place}", W) for place in range(1, 10)))
    ten = Choice(key="n", text=W, options=(*nine.known, Option("last", W)))
    assert [nine.number("o1"), nine.number("o9")] == ["1", "9"]
    assert [ten.number("o1"), ten.number("last")] == ["01", "10"]


def test_a_page_shows_the_options_of_the_group_that_was_answered() -> None:
    animal = Choice(
        key="animal",
        text=W,
        narrow="class",
        options=(Option("cat", W, parent="mammal"), Option("owl", W, parent="bird"), Option("other", W)),
    )

    def shown(*group: str) -> list[str]:
        return [option.code for option in animal.shown({"class": group})]

    assert shown("bird") == ["owl", "other"]
    assert shown("bird", "mammal") == ["cat", "owl", "other"]
    assert shown() == shown("_illegible") == ["cat", "owl", "other"]
    assert animal.parents(("owl", "other")) == {"bird"}


def test_a_register_offers_its_members_where_they_are_known_and_keeps_its_name() -> None:
    office = Choice(key="office", text=W, options=Register("offices"))
    form = form_of(office)
    [unknown] = form.questions
    assert isinstance(unknown, Choice) and unknown.known == ()
    assert refusal(read(unknown, "high_street")) == "Choose an answer from the list"
    [known] = form.here(registers={"offices": (Option("high_street", W),)}).questions
    assert isinstance(known, Choice) and isinstance(known.options, Register)
    assert known.options.key == "offices"
    assert read(known, "high_street") == ("high_street",)


def coded(*codes: str, by: Literal["anyone", "office"] = "anyone") -> tuple[Option, ...]:
    return tuple(Option(code, W, by=by) for code in codes)


@given(st.integers(1, 30), st.integers(0, 4), st.booleans())
def test_what_is_offered_beside_a_register_comes_after_its_members(
    members: int, beside: int, staff: bool
) -> None:
    also = (*coded(*(f"also_{number}" for number in range(beside))), *coded("unsaid", by="office") * staff)
    office = Choice(key="office", text=W, many=True, options=Register("offices", also=also))
    listed = coded(*(f"office_{number}" for number in range(members)))
    [question] = form_of(office).here(registers={"offices": listed}, office=True).questions
    assert isinstance(question, Choice)
    assert question.known == (*listed, *also)
    numbers = [question.number(option.code) for option in question.known]
    assert list(map(int, numbers)) == list(range(1, len(question.known) + 1))
    assert {len(number) for number in numbers} == {2 if len(question.known) >= 10 else 1}
    assert question.shown({}) == (*listed, *also[:beside])
    every = tuple(option.code for option in question.shown({}))
    assert read(question, *every) == every


def test_what_only_staff_may_choose_comes_last_among_members_and_others() -> None:
    kept = Register("offices", coded("unsaid", by="office"), coded("nowhere"))
    assert [option.code for option in kept.options] == ["nowhere", "unsaid"]


def test_what_is_offered_beside_a_register_is_not_offered_without_its_members() -> None:
    office = Choice(key="office", text=W, options=Register("offices", also=coded("nowhere")))
    [unknown] = form_of(office).questions
    assert isinstance(unknown, Choice) and unknown.known == ()
    assert form_of(office).here(registers={"offices": ()}).questions == ()


def test_a_member_cannot_have_the_code_of_what_is_offered_beside_it() -> None:
    office = Choice(key="office", text=W, options=Register("offices", also=coded("nowhere")))
    with pytest.raises(DefinitionError, match="two options with one code"):
        form_of(office).here(registers={"offices": coded("nowhere")})


def test_a_group_for_each_member_has_none_for_what_is_offered_beside_them() -> None:
    kept = Register("offices", also=coded("nowhere"))
    been = Group(key="been", each=kept, questions=(Text(key="when", text=W),))
    form = form_of(Choice(key="office", text=W, options=kept), been)
    here = form.here(registers={"offices": coded("north")})
    assert [question.key for question in here.questions] == ["office", "been.north.when"]


def test_the_codebook_has_what_is_offered_beside_a_list_whose_members_the_definition_does_not_know() -> None:
    office = Choice(key="office", text=W, options=Register("offices", also=coded("nowhere")))
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in codebook(form_of(office))]
    assert [(row["register"], row["number"], row["code"]) for row in rows] == [
        ("offices", "", ""),
        ("", "", "nowhere"),
    ]


# --- text


def test_text_is_read_as_clean_words() -> None:
    assert read(Text(key="t", text=W), " __e\u0301\0\u202e ") == ("é",)
    assert read(Text(key="t", text=W), " \r\n_\t") == ()
    assert read(Text(key="t", text=W, lines=3), "a\r\nb") == ("a\nb",)
    assert read(Text(key="t", text=W), "a\r\nb") == ("a b",)


def test_text_that_is_too_long_is_refused_and_says_how_long_it_may_be() -> None:
    assert read(Text(key="t", text=W, most=3), "  abc  ") == ("abc",)
    assert refusal(read(Text(key="t", text=W, most=3), "abcd")) == (
        "Make your answer shorter: 3 characters at most"
    )
    assert (
        refusal(read(Text(key="t", text=W, most=1), "ab")) == "Make your answer shorter: 1 character at most"
    )


# --- number


def test_a_number_is_read_in_any_digits_with_separators() -> None:
    rooms = Number(key="n", text=W, most=5000)
    assert read(rooms, "٤٬٢٠٠") == read(rooms, "4,200") == read(rooms, "৪২০০") == ("4200",)
    assert read(rooms, "007") == ("7",)


def test_a_number_that_is_none_or_out_of_range_is_refused() -> None:
    floor = Number(key="n", text=W, least=-3, most=40)
    assert read(floor, "-3") == ("-3",)
    assert refusal(read(floor, "two")) == "Enter a whole number, for example 3"
    assert refusal(read(floor, "41")) == refusal(read(floor, "-4")) == "Enter a number from -3 to 40"


# --- date

DAY = Date(key="d", text=W)
PART = Date(key="d", text=W, partial=True)


@pytest.mark.parametrize(
    ("day", "month", "year"),
    [
        ("27", "3", "1984"),
        ("27", "03", "1984"),
        (" 27 ", "March", " 1984 "),
        ("27", "mar.", "1984"),
        ("٢٧", "٣", "١٩٨٤"),
        ("۲۷", "۳", "۱۹۸۴"),
        ("२७", "३", "१९८४"),
        ("২৭", "৩", "১৯৮৪"),
        ("੨੭", "੩", "੧੯੮੪"),
        ("２７", "３", "１９８４"),
    ],
)
def test_a_date_is_read_in_any_digits_and_with_the_name_of_the_month(day: str, month: str, year: str) -> None:
    assert read(DAY, day, month, year) == ("1984-03-27",)


@pytest.mark.parametrize(
    ("language", "month"), [("ur", "مارچ"), ("ar", "آذار"), ("pl", "marca"), ("hi", "मार्च"), ("en", "MARCH")]
)
def test_a_month_is_read_in_the_language_of_the_page(language: str, month: str) -> None:
    assert read(DAY, "27", month, "1984", reader=Reader(months(language), TODAY)) == ("1984-03-27",)


@pytest.mark.parametrize(
    ("day", "month", "year", "field", "words"),
    [
        ("27", "3", "", "year", "Enter the year, for example 1984"),
        ("27", "3", "84", "year", "Enter the year with four digits, for example 1984"),
        ("27", "3", "19844", "year", "Enter the year with four digits, for example 1984"),
        ("27", "3", "last", "year", "Enter the year with four digits, for example 1984"),
        ("7", "1", "1403", "year", "Use the year of the Gregorian calendar, for example 1984"),
        ("۷", "۱", "۱۴۰۳", "year", "Use the year of the Gregorian calendar, for example 1984"),
        ("7", "1", "1899", "year", "Enter a real date, for example 27 3 1984"),
        ("7", "1", "2101", "year", "Enter a real date, for example 27 3 1984"),
        ("27", "", "1984", "month", "Enter the month, for example 3 or March"),
        ("27", "13", "1984", "month", "Enter a month from 1 to 12, or its name"),
        ("27", "0", "1984", "month", "Enter a month from 1 to 12, or its name"),
        ("27", "Smarch", "1984", "month", "Enter a month from 1 to 12, or its name"),
        ("", "3", "1984", "day", "Enter the day of the month, for example 27"),
        ("31", "4", "1984", "day", "Enter a real date, for example 27 3 1984"),
        ("29", "2", "1985", "day", "Enter a real date, for example 27 3 1984"),
        ("0", "3", "1984", "day", "Enter a real date, for example 27 3 1984"),
        ("third", "3", "1984", "day", "Enter a real date, for example 27 3 1984"),
    ],
)
def test_a_date_that_cannot_be_says_why_at_the_field_to_mend(
    day: str, month: str, year: str, field: str, words: str
) -> None:
    found = read(DAY, day, month, year)
    assert refusal(found) == words
    assert place(found) == f"d-{field}"


def test_a_leap_day_is_a_date() -> None:
    assert read(DAY, "29", "2", "1984") == ("1984-02-29",)


def test_of_a_partial_date_the_year_or_month_is_enough() -> None:
    assert read(PART, "", "", "1984") == ("1984",)
    assert read(PART, "", "March", "1984") == ("1984-03",)
    assert read(PART, "27", "3", "1984") == ("1984-03-27",)
    assert place(read(PART, "27", "", "1984")) == "d-month"
    assert place(read(PART, "", "3", "")) == "d-year"
    assert place(read(DAY, "", "", "1984")) == "d-month"


@pytest.mark.parametrize("answer", [("1984",), ("1984-03",), ("1984-03-07",)])
def test_what_was_said_of_a_date_stands_in_its_fields_again(answer: Answer) -> None:
    typed = PART.typed(answer)
    assert PART.read(typed, {}, READER) == answer


def test_a_date_stands_in_its_fields_as_people_write_it() -> None:
    assert PART.typed(("1984-03-07",)) == {"d-day": ["7"], "d-month": ["3"], "d-year": ["1984"]}
    assert PART.typed(("1984",)) == {"d-day": [""], "d-month": [""], "d-year": ["1984"]}


def test_a_date_in_the_past_may_be_today_or_a_part_that_has_begun() -> None:
    past = Date(key="d", text=W, partial=True, when="past")
    assert read(past, "21", "11", "2026") == ("2026-11-21",)
    assert read(past, "", "11", "2026") == ("2026-11",)
    assert read(past, "", "", "2026") == ("2026",)
    for parts in (("22", "11", "2026"), ("", "12", "2026"), ("", "", "2027")):
        assert refusal(read(past, *parts)) == "Enter a date that is today or in the past"


def test_a_date_in_the_future_may_be_today_or_a_part_that_has_not_ended() -> None:
    future = Date(key="d", text=W, partial=True, when="future")
    assert read(future, "21", "11", "2026") == ("2026-11-21",)
    assert read(future, "", "11", "2026") == ("2026-11",)
    assert read(future, "", "", "2026") == ("2026",)
    for parts in (("20", "11", "2026"), ("", "10", "2026"), ("", "", "2025")):
        assert refusal(read(future, *parts)) == "Enter a date that is today or in the future"


def test_a_date_may_not_come_before_the_one_it_follows() -> None:
    end = Date(key="end", text=W, partial=True, after="start")
    assert read(end, "5", "3", "2020", start="2020-03-05") == ("2020-03-05",)
    assert read(end, "", "3", "2020", start="2020-03-05") == ("2020-03",)
    assert read(end, "", "", "2020", start="2020-03-05") == ("2020",)
    assert read(end, "1", "1", "2020", start="2020") == ("2020-01-01",)
    assert read(end, "", "12", "2020", start="2020-12") == ("2020-12",)
    assert read(end, "4", "3", "2020") == read(end, "4", "3", "2020", start="_illegible") == ("2020-03-04",)
    for parts in (("4", "3", "2020"), ("", "2", "2020"), ("", "", "2019")):
        assert refusal(read(end, *parts, start="2020-03-05")) == (
            "Enter a date that is not before the first date"
        )


# --- time


@pytest.mark.parametrize(
    ("typed", "time"),
    [
        ("14:30", "14:30"),
        ("1430", "14:30"),
        ("14.30", "14:30"),
        ("14", "14:00"),
        ("930", "09:30"),
        ("9:05", "09:05"),
        ("0:00", "00:00"),
        ("2.30 p.m.", "14:30"),
        ("2:30\u202fPM", "14:30"),
        ("12 am", "00:00"),
        ("12pm", "12:00"),
        ("1am", "01:00"),
        ("١٤:٣٠", "14:30"),
        ("১৪:৩০", "14:30"),
        ("１４：３０", "14:30"),
    ],
)
def test_a_time_may_be_typed_as_people_write_it(typed: str, time: str) -> None:
    assert read(Time(key="t", text=W), typed) == (time,)


@pytest.mark.parametrize(
    "typed", ["24:00", "14:60", "13pm", "0am", "noon", "14:3", "1:2:3", "-1", "9999", "pm"]
)
def test_what_is_no_time_is_refused(typed: str) -> None:
    assert refusal(read(Time(key="t", text=W), typed)) == "Enter a time, for example 14:30"


# --- notice


def test_a_notice_reads_nothing_whatever_is_sent() -> None:
    assert Notice(key="n", text=W).read({"n": ["x"]}, {}, READER) == ()


# --- conditions


def test_conditions_hold_as_they_say() -> None:
    answers = {"pet": ("cat", "dog"), "skipped": ()}
    assert If("pet").holds(answers) and If("pet", "dog", "owl").holds(answers)
    assert not If("pet", "owl").holds(answers)
    assert not If("skipped").holds(answers) and not If("unheard").holds(answers)
    assert Unless("pet", "owl").holds(answers) and Unless("skipped", "a").holds(answers)
    assert not Unless("pet").holds(answers) and Unless("skipped").holds(answers)
    assert AnyOf(If("skipped"), If("pet", "cat")).holds(answers)
    assert not AnyOf(If("skipped"), If("pet", "owl")).holds(answers)


# --- definitions


def form_of(*parts: Part) -> Form:
    return Form(key="f", edition="1", address="f", title=W, purpose=W, parts=parts)


A = Choice(key="a", text=W, options=(Option("x", W), Option("y", W)))
OFFICE_ONLY = Choice(key="o", text=W, by="office", options=(Option("x", W),))


def asked(*conditions: If | Unless | AnyOf | Each, beside: bool = False) -> Text:
    return Text(key="t", text=W, asked=conditions, beside=beside)


def choice(*options: Option, key: str = "c", narrow: str = "", beside: bool = False) -> Choice:
    return Choice(key=key, text=W, options=options, narrow=narrow, beside=beside)


WRONG: dict[str, tuple[Callable[[], object], str]] = {
    "a key with capitals": (lambda: form_of(Text(key="Key", text=W)), "a key is snake_case words"),
    "a key that begins with an underscore": (lambda: form_of(Text(key="_k", text=W)), "a key is snake_case"),
    "a key with an empty part": (lambda: form_of(Text(key="a..b", text=W)), "a key is snake_case words"),
    "a key twice": (lambda: form_of(A, A), "a: asked twice"),
    "a variant twice": (
        lambda: form_of(*(Text(key="t", text=W, variant=name) for name in ("one", "two", "two"))),
        "t: asked twice; variants need different names",
    ),
    "an option's code twice": (
        lambda: form_of(choice(Option("x", W), Option("x", W))),
        "two options with one",
    ),
    "a code with capitals": (lambda: form_of(choice(Option("Yes", W))), "'Yes' is not a snake_case code"),
    "a code like a mark": (lambda: form_of(choice(Option("_refused", W))), "is not a snake_case code"),
    "an office option before another": (
        lambda: form_of(choice(Option("x", W, by="office"), Option("y", W))),
        "options that only staff may choose come last",
    ),
    "a condition on no question": (
        lambda: form_of(asked(If("nowhere"))),
        "nowhere is not an earlier question",
    ),
    "a condition on a later question": (lambda: form_of(asked(If("a")), A), "a is not an earlier question"),
    "a condition on itself": (lambda: form_of(asked(If("t"))), "t is not an earlier question"),
    "a condition within AnyOf on no question": (
        lambda: form_of(A, asked(AnyOf(If("a"), Unless("nowhere")))),
        "nowhere is not an earlier question",
    ),
    "a wording on a later question": (
        lambda: form_of(Text(key="t", text=W, worded=(Worded(If("a"), W),)), A),
        "a is not an earlier question",
    ),
    "a condition on no option": (lambda: form_of(A, asked(Unless("a", "x", "z"))), "t: a has no option z"),
    "a reveal": (lambda: form_of(A, asked(If("a"), beside=True)), "a is on the same page"),
    "a condition on what only staff are asked": (
        lambda: form_of(OFFICE_ONLY, asked(If("o"))),
        "o is asked only of staff",
    ),
    "Each outside a group": (
        lambda: form_of(A, asked(Each("x"))),
        "only by itself in `asked`, inside a Group",
    ),
    "Each in a group without members": (
        lambda: form_of(Group(key="g", times=2, questions=(asked(Each("x")),))),
        "inside a Group",
    ),
    "Each within AnyOf": (
        lambda: form_of(A, Group(key="g", each="a", questions=(asked(AnyOf(Each("x"), If("a"))),))),
        "only by itself",
    ),
    "Each of no member": (
        lambda: form_of(A, Group(key="g", each="a", questions=(asked(Each("x", "z")),))),
        "g: Each() of t names no member",
    ),
    "a group of members and times": (
        lambda: form_of(A, Group(key="g", each="a", times=2, questions=(asked(),))),
        "by members or by times, not both",
    ),
    "a group for each of no choice": (
        lambda: form_of(Group(key="g", each="a", questions=(asked(),))),
        "a is not an earlier choice",
    ),
    "a group for each of a text": (
        lambda: form_of(asked(), Group(key="g", each="t", questions=(asked(),))),
        "t is not an earlier choice",
    ),
    "narrowing by no choice": (
        lambda: form_of(choice(Option("x", W), narrow="a")),
        "a is not a choice on an earlier page",
    ),
    "narrowing by a text": (
        lambda: form_of(asked(), choice(Option("x", W), narrow="t")),
        "t is not a choice on an earlier page",
    ),
    "narrowing on the same page": (
        lambda: form_of(A, choice(Option("z", W, parent="x"), narrow="a", beside=True)),
        "a is not a choice on an earlier page",
    ),
    "a parent that is no option": (
        lambda: form_of(A, choice(Option("z", W, parent="w"), narrow="a")),
        "a parent is no option of a",
    ),
    "a date after no date": (
        lambda: form_of(A, Date(key="d", text=W, after="a")),
        "a is not an earlier date",
    ),
    "a variant that is not there": (
        lambda: form_of(A).here({"a": "other"}),
        "a has no variant 'other'",
    ),
    "a variant of no question": (lambda: form_of(A).here({"b": "other"}), "b has no variant 'other'"),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_a_definition_that_cannot_work_is_refused(mistake: str) -> None:
    make, words = WRONG[mistake]
    with pytest.raises(DefinitionError) as refused:
        make()
    assert words in str(refused.value)


def test_every_question_says_how_it_reads_and_checks() -> None:
    """A kind that is added without them fails loudly, not with a page that takes anything."""
    for missing in (lambda: Question(key="q", text=W).read({}, {}, READER),
                    lambda: Question(key="q", text=W).problem(("x",), {}, READER)):  # fmt: skip
        with pytest.raises(NotImplementedError):
            missing()
