"""How answers lead through a form: routing, cleaning, narrowing and pages, for any answers at all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.forms import FORMS
from portal.languages import months
from portal.questions import (
    Answer,
    Answers,
    Choice,
    Date,
    Form,
    Group,
    If,
    Notice,
    Number,
    Option,
    Page,
    Problem,
    Question,
    Reader,
    Text,
    Unless,
    as_written,
)
from portal.questions.answers import marked, said
from portal.questions.codebook import stored
from tests.answering import ANY_TEXT, an_answer, answers_to, steady
from tests.everything import EVERYTHING, TOWN

W = as_written("words")
READER = Reader(months("en"), date(2026, 11, 21), office=True)

IN_USE = tuple(form.here(office=True) for form in (EVERYTHING, *FORMS))
each_form = pytest.mark.parametrize("form", IN_USE, ids=lambda form: f"{form.key} {form.edition}")


def form_of(*parts: Question | Group) -> Form:
    return Form(key="f", edition="1", address="f", title=W, purpose=W, parts=parts)


def text(key: str, *asked: If | Unless) -> Text:
    return Text(key=key, text=W, asked=asked)


def choice(key: str, *codes: str, many: bool = False) -> Choice:
    return Choice(key=key, text=W, many=many, options=tuple(Option(code, W) for code in codes))


def keys(form: Form) -> list[str]:
    return [question.key for question in form.questions]


# --- any answers to any form


@each_form
@settings(steady, max_examples=40)
@given(data=st.data())
def test_what_is_kept_agrees_with_itself(form: Form, data: st.DataObject) -> None:
    answers = data.draw(answers_to(form, marks=True))
    kept: dict[str, Answer] = {}
    for question, answer in form.reached(answers):
        assert all(condition.holds(kept) for condition in question.asked), "asked although a condition fails"
        assert answer in (answers.get(question.key, ()), ()) or not answers.get(question.key)
        kept[question.key] = answer
    for question in form.questions:
        if question.key not in kept and not _ended_before(form, question, kept):
            assert not all(condition.holds(kept) for condition in question.asked), "not asked for no reason"
    assert dict(_kept(form, kept)) == kept, "cleaning what is clean changes nothing"
    unreached = {key: answer for key, answer in answers.items() if key in kept}
    assert dict(_kept(form, unreached)) == kept, "an answer that is dropped decides nothing"


def _kept(form: Form, answers: Answers) -> Mapping[str, Answer]:
    return {question.key: answer for question, answer in form.reached(answers)}


def _ended_before(form: Form, question: Question, kept: Answers) -> bool:
    earlier = form.questions[: form.questions.index(question)]
    return any(form.ends_at(one.key, kept.get(one.key, ())) for one in earlier)


@each_form
@settings(steady, max_examples=40)
@given(data=st.data())
def test_a_group_and_its_detail_never_contradict_each_other(form: Form, data: st.DataObject) -> None:
    answers = data.draw(answers_to(form, marks=True))
    kept = form.kept(answers)
    for detail in form.questions:
        if not isinstance(detail, Choice) or not detail.narrow or detail.key not in kept:
            continue
        group, parents = kept[detail.narrow], detail.parents(kept[detail.key])
        assert marked(group) or not said(group) or parents <= set(group)
        if len(parents) == 1:
            assert group, "a group left blank is the parent of its detail"
        for code in said(kept[detail.key]):
            assert (
                code in {option.code for option in detail.shown(kept)} or detail.option(code).by == "office"
            )


@each_form
@settings(steady, max_examples=40)
@given(data=st.data())
def test_only_reached_answers_are_stored_and_personal_words_apart(form: Form, data: st.DataObject) -> None:
    answers = data.draw(answers_to(form, marks=True))
    plain, personal = stored(form, answers)
    kept = form.kept(answers)
    assert set(plain) == set(kept)
    for question in form.questions:
        answer = kept.get(question.key, ())
        words = answer[1 if marked(answer) else 0 :]
        if words and (question.personal or answer[0] == "_other"):
            assert personal[question.key] == list(answer)
            assert plain[question.key] in (["_sealed"], [answer[0]] if marked(answer) else None)
        elif question.key in kept:
            assert question.key not in personal and plain[question.key] == list(answer)


@each_form
@settings(steady, max_examples=25)
@given(data=st.data())
def test_pages_follow_each_other_and_end(form: Form, data: st.DataObject) -> None:
    answers: dict[str, Answer] = {}
    seen: list[Page] = []
    while page := form.next_page(answers):
        questions = form.asked_on(page, answers)
        assert questions and form.page_before(page, answers) == (seen[-1] if seen else None)
        seen.append(page)
        assert len(seen) <= len(form.pages)
        for question in questions:
            shown = question.shown(form.kept(answers)) if isinstance(question, Choice) else ()
            nothing = st.nothing() if question.required else st.just(())
            answers[question.key] = data.draw(an_answer(question, shown) | nothing, label=question.key)
    numbers = [page.number for page in seen]
    assert numbers == sorted(set(numbers)), "page numbers rise"
    assert form.page_before(None, answers) == seen[-1]
    assert form.kept(answers).keys() == {
        question.key for question, _ in form.reached(answers) if not isinstance(question, Notice)
    }


@each_form
@settings(steady, max_examples=25)
@given(data=st.data())
def test_a_change_is_followed_by_the_pages_it_opens_and_then_the_check_page(
    form: Form, data: st.DataObject
) -> None:
    answers: dict[str, Answer] = {}
    for _round in range(2):
        while page := form.next_page(answers):
            for question in form.asked_on(page, answers):
                shown = question.shown(form.kept(answers)) if isinstance(question, Choice) else ()
                answers[question.key] = data.draw(an_answer(question, shown))
        changed = data.draw(st.sampled_from([question for question, _ in form.reached(answers)]))
        before = form.kept(answers)
        shown = changed.shown(before) if isinstance(changed, Choice) else ()
        answers[changed.key] = data.draw(an_answer(changed, shown))
        opened = form.next_page(answers)
        if form.kept(answers).keys() <= before.keys() and not _voided(form, answers):
            assert opened is None, "nothing new is asked, so the person is back at the check page"
        if opened:
            page = next(page for page in form.pages if changed.key in page.keys)
            assert opened.number > page.number


def _voided(form: Form, answers: Answers) -> bool:
    return any(answers[question.key] and not answer for question, answer in form.reached(answers))


any_question = st.sampled_from(IN_USE[0].questions)


@settings(steady, max_examples=400)
@given(any_question, st.data())
def test_what_was_said_stands_in_the_fields_and_reads_the_same(
    question: Question, data: st.DataObject
) -> None:
    answer = data.draw(an_answer(question))
    typed = question.typed(answer)
    assert set(typed) == set(question.fields)
    assert question.read(typed, {}, READER) == answer
    assert question.problem(answer, {}, READER) is None


@settings(steady, max_examples=400)
@given(any_question, st.data())
def test_whatever_is_sent_is_an_answer_or_a_problem(question: Question, data: st.DataObject) -> None:
    names = (*question.fields, question.key)
    anything = st.lists(ANY_TEXT | st.integers().map(str) | st.sampled_from(("3", "1984", "yes")), max_size=3)
    found = question.read(
        data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(names, anything))), {}, READER
    )
    if isinstance(found, Problem):
        assert found.field in (*question.fields, question.key)
    else:
        assert not marked(found)
        assert "".join(found).encode("utf-8") is not None
        if found:
            assert question.read(question.typed(found), {}, READER) == found


# --- examples a person can check


def test_without_answers_the_first_page_is_next() -> None:
    form = form_of(text("a"), text("b"))
    assert form.next_page({}) == form.page(1)
    assert form.page_before(form.pages[0], {}) is None
    assert form.page(0) is form.page(3) is None


def test_an_answer_to_a_question_that_is_no_longer_reached_is_dropped() -> None:
    form = form_of(choice("a", "x", "y"), text("b", If("a", "x")), text("c", If("b")))
    said = {"a": ("x",), "b": ("words",), "c": ("more",)}
    assert form.kept(said) == said
    assert form.kept({**said, "a": ("y",)}) == {"a": ("y",)}
    assert form.kept({**said, "a": ()}) == {"a": ()}


def test_an_answer_to_no_question_of_the_form_is_dropped() -> None:
    assert form_of(text("a")).kept({"a": ("x",), "stray": ("y",)}) == {"a": ("x",)}


def test_opting_out_ends_the_form() -> None:
    first = Choice(key="a", text=W, options=(Option("yes", W), Option("no", W, opts_out=True)))
    form = form_of(first, text("b"))
    assert form.kept({"a": ("no",), "b": ("words",)}) == {"a": ("no",)}
    assert form.next_page({"a": ("no",)}) is None


def test_questions_of_one_page_are_put_together() -> None:
    form = form_of(text("a"), Text(key="b", text=W, beside=True), text("c", If("b")))
    assert [page.keys for page in form.pages] == [("a", "b"), ("c",)]
    assert form.next_page({"a": ()}) == form.pages[0], "one of them was not put yet"
    assert form.next_page({"a": (), "b": ("x",)}) == form.pages[1]
    assert form.next_page({"a": (), "b": ()}) is None


# --- a group and its detail


def narrowed(*, many: bool = False) -> Form:
    detail = Choice(
        key="town",
        text=W,
        narrow="region",
        many=many,
        options=(Option("ash", W, parent="north"), Option("fir", W, parent="south"), Option("other", W)),
    )
    return form_of(choice("region", "north", "south", many=many), detail)


@pytest.mark.parametrize(
    ("region", "town", "kept_region", "kept_town"),
    [
        ((), ("ash",), ("north",), ("ash",)),
        (("south",), ("ash",), ("south",), ()),
        (("north",), ("ash",), ("north",), ("ash",)),
        (("south",), ("other",), ("south",), ("other",)),
        ((), ("other",), (), ("other",)),
        ((), ("_illegible",), (), ("_illegible",)),
        (("south",), ("_multiple", "ash", "fir"), ("south",), ("_multiple", "ash", "fir")),
        (("_illegible",), ("ash",), ("_illegible",), ("ash",)),
        (("_multiple", "north", "south"), ("ash",), ("_multiple", "north", "south"), ("ash",)),
    ],
)
def test_group_and_detail_are_made_to_agree(
    region: Answer, town: Answer, kept_region: Answer, kept_town: Answer
) -> None:
    kept = narrowed().kept({"region": region, "town": town})
    assert kept == {"region": kept_region, "town": kept_town}


def test_details_of_two_groups_do_not_choose_one_for_a_person() -> None:
    both = {"region": (), "town": ("ash", "fir")}
    detail = narrowed(many=True).questions[1]
    one_region = form_of(choice("region", "north", "south"), detail)
    assert one_region.kept(both) == both
    assert narrowed(many=True).kept(both)["region"] == ("north", "south")


def test_changing_the_group_asks_the_detail_again() -> None:
    form = narrowed()
    assert form.next_page({"region": ("north",), "town": ("ash",)}) is None
    assert form.next_page({"region": ("south",), "town": ("ash",)}) == form.pages[1]
    assert form.next_page({"region": ("south",), "town": ()}) is None, "skipped is answered"


# --- groups laid out


def test_a_group_under_a_condition_adds_it_to_each_question() -> None:
    form = form_of(
        choice("a", "x"), Group(key="g", asked=(If("a", "x"),), questions=(text("b"), text("c", If("b"))))
    )
    assert keys(form) == ["a", "b", "c"]
    assert [question.asked for question in form.questions] == [
        (),
        (If("a", "x"),),
        (If("a", "x"), If("b")),
    ]


def test_a_group_for_each_ticked_code_asks_about_each() -> None:
    tools = EVERYTHING.here()
    years = {"tool.saw.years": ("3",), "tool.spanner.years": ("4",)}
    kept = tools.kept({"take_part": ("yes",), "tools": ("saw", "spanner")} | years)
    assert [key for key in kept if key.startswith("tool.")] == [
        "tool.saw.years",
        "tool.saw.since",
        "tool.saw.lent_to",  # Each("saw", "plane"), If("years")
        "tool.spanner.years",
        "tool.spanner.since",
    ]
    assert not [key for key in keys(tools) if key.startswith("tool.none")], "not for what stands alone"
    question = tools.question("tool.saw.years")
    assert question and question.text.english == "Saw: how many years have you had it?"


def test_a_date_that_a_later_change_makes_too_early_is_asked_again() -> None:
    start = Date(key="start", text=as_written("From?"))
    end = Date(key="end", text=as_written("To?"), after="start")
    form = form_of(start, end)
    answers = {"start": ("2026-03-01",), "end": ("2026-03-02",)}
    assert form.kept(answers) == answers and form.next_page(answers) is None
    answers["start"] = ("2026-03-03",)
    assert form.kept(answers)["end"] == ()
    page = form.next_page(answers)
    assert page and page.keys == ("end",)


def test_inside_a_group_a_key_means_the_sibling_first() -> None:
    town, end = EVERYTHING.question("trip.2.town"), EVERYTHING.question("trip.2.end")
    assert isinstance(town, Choice) and town.narrow == "trip.2.region"
    assert town.worded[0].when == If("trip.2.region", "north")
    assert town.worded[0].text.english == "Trip 2: which northern town was it to?"
    assert isinstance(end, Date) and end.after == "trip.2.start"
    assert TOWN.worded[0].when == If("region", "north")
    hours = EVERYTHING.question("helper.3.hours")
    assert isinstance(hours, Number) and hours.required
    assert hours.required.english == "Say for how many hours helper 3 comes"


def test_a_group_of_times_is_asked_again_while_it_is_answered() -> None:
    form = form_of(Group(key="g", times=3, questions=(text("a"), text("b"))))

    def reached(**answers: str) -> set[str]:
        given = {key.replace("_", "."): (answer,) for key, answer in answers.items()}
        return {key.rpartition(".")[0] for key in form.kept(given)}

    assert reached() == {"g.1"}
    assert reached(g_1_b="x") == {"g.1", "g.2"}
    assert reached(g_1_a="x", g_3_a="x") == {"g.1", "g.2"}, "a round after a blank one is dropped"
    assert reached(g_1_a="x", g_2_a="x") == {"g.1", "g.2", "g.3"}


def test_a_group_for_a_register_follows_its_members() -> None:
    three = tuple(Option(code, W) for code in ("one", "two", "three"))
    here = EVERYTHING.here(registers={"offices": three})
    assert [key for key in keys(here) if key.startswith("office.")] == [
        f"office.{member.code}.visited" for member in three
    ]
    assert [key for key in keys(EVERYTHING.here()) if key.startswith("office.")] == [
        "office.high_street.visited",
        "office.market_hall.visited",
    ]


# --- variants, office questions, pages


def test_the_first_wording_is_used_unless_a_setting_names_another() -> None:
    def greeting(**variants: str) -> str:
        question = EVERYTHING.here(variants).question("greeting")
        return question.text.english if question else "not asked"

    assert greeting() == greeting(greeting="formal") == "How should we greet you?"
    assert greeting(greeting="friendly") == "How shall we say hello?"
    assert greeting(greeting="off") == "not asked"
    assert "song" not in keys(EVERYTHING.here())
    assert "song" in keys(EVERYTHING.here({"song": "asked"}))
    assert EVERYTHING.here({"greeting": "friendly", "song": "asked"}).variants == {
        "greeting": "friendly",
        "song": "asked",
    }
    assert EVERYTHING.here().variants == {"greeting": "formal"}


def test_office_questions_are_for_the_office() -> None:
    here, office = keys(EVERYTHING.here()), keys(EVERYTHING.here(office=True))
    assert [key for key in office if key not in here] == ["keyed_on", "keyed_by"]


@pytest.mark.parametrize("form", (EVERYTHING, *FORMS), ids=lambda form: form.key)
def test_page_numbers_are_those_of_the_whole_form_whatever_is_in_use(form: Form) -> None:
    every_off = dict.fromkeys((question.key for question in form.questions if question.variant), "off")
    every_last = {question.key: question.variant for question in form.questions if question.variant}
    for variants in ({}, every_off, every_last):
        assert form.here(variants).pages == form.here(variants, office=True).pages == form.pages
    assert [page.number for page in form.pages] == list(range(1, len(form.pages) + 1))
    placed = [key for page in form.pages for key in page.keys]
    assert placed == list(dict.fromkeys(keys(form))), "each question stands on one page, in printed order"


def test_a_form_for_the_telephone_leaves_out_what_only_files_answer() -> None:
    aloud = EVERYTHING.here(office=True, files=False)
    left_out = [key for key in keys(EVERYTHING.here(office=True)) if key not in keys(aloud)]
    assert left_out == ["copies"]
    assert aloud.pages == EVERYTHING.pages, "page numbers stay those of the whole form"
