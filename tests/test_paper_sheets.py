"""What the sheet says, in all languages: each question once, numbers, branching, and nothing for staff."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from bs4 import BeautifulSoup, Tag

from portal.database import Database
from portal.forms import EQUALITY
from portal.languages import HELP, LANGUAGES, template
from portal.paper.printed import printed
from portal.paper.sheets import POINTS, YELLOW, columns, sheet_css, sheet_html
from portal.questions import AnyOf, Choice, Form, If, Option, Register, Text, Unless, as_written
from portal.questions.conditions import Condition
from tests.conftest import MakePortal
from tests.everything import EVERYTHING
from tests.papers import ALL, OFFERED, SETTINGS, printable
from tests.visitor import Visitor

FORMS_AND_LANGUAGES = pytest.mark.parametrize(
    ("key", "code"), [(key, code) for key in ALL for code in OFFERED]
)
YES, NO = Option("yes", as_written("Yes")), Option("no", as_written("No"))
HIDDEN = Option("hidden", as_written("Only staff know"), by="office")


@cache
def page(key: str, code: str) -> BeautifulSoup:
    return BeautifulSoup(sheet_html(ALL[key], code, SETTINGS), "html.parser")


def words(tag: Tag | None) -> str:
    assert tag is not None
    return " ".join(tag.get_text().split())


@cache
def by_id(key: str, code: str) -> dict[str, list[Tag]]:
    found: dict[str, list[Tag]] = {}
    for tag in page(key, code).find_all(id=True):
        found.setdefault(str(tag["id"]), []).append(tag)
    return found


def box(key: str, code: str, question: str, option: str) -> Tag:
    (found,) = by_id(key, code)[f"b-{question}-{option}"]
    return found


@FORMS_AND_LANGUAGES
def test_the_number_in_a_box_is_what_staff_type(key: str, code: str) -> None:
    on_paper = {one.question.key for one in printed(ALL[key])}
    for question, options in printable(ALL[key]).items():
        defined = ALL[key].question(question)
        assert isinstance(defined, Choice)
        for option in options if question in on_paper else ():
            assert words(box(key, code, question, option)) == defined.number(option)


@FORMS_AND_LANGUAGES
def test_what_only_staff_choose_or_answer_is_not_printed(key: str, code: str) -> None:
    there, text = by_id(key, code), page(key, code).get_text()
    for question in EVERYTHING.questions if key == "everything" else ALL[key].questions:
        if question.by == "office":
            assert f"q-{question.key}" not in there
        for option in question.known if isinstance(question, Choice) else ():
            if option.by == "office":
                assert f"b-{question.key}-{option.code}" not in there
                assert option.text.english not in text


def test_there_is_something_that_only_staff_choose() -> None:
    assert "Named another tool" in {
        option.text.id for q in EVERYTHING.questions if isinstance(q, Choice) for option in q.known
    }


@FORMS_AND_LANGUAGES
def test_questions_are_numbered_in_order_and_each_stands_once(key: str, code: str) -> None:
    found = page(key, code).select("section.p-sheet__question")
    numbers = [
        words(one.select_one(".p-sheet__number")) for one in found if one.select_one(".p-sheet__number")
    ]
    assert numbers == [str(number) for number in range(1, len(numbers) + 1)]
    assert [one["id"] for one in found] == [f"q-{one.question.key}" for one in printed(ALL[key])]
    ids = [str(tag["id"]) for tag in page(key, code).find_all(id=True)]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("code", OFFERED)
def test_the_sheet_is_in_its_language_and_says_how_to_get_help_in_each(code: str) -> None:
    soup = page("equality", code)
    assert soup.html and (soup.html["lang"], soup.html["dir"]) == (
        LANGUAGES[code].lang,
        LANGUAGES[code].direction,
    )
    panel = soup.select("ul.panel li")
    assert [one["lang"] for one in panel] == [LANGUAGES[other].lang for other in OFFERED]
    for other, one in zip(OFFERED, panel, strict=True):
        assert words(one) == f"{LANGUAGES[other].endonym} " + template(HELP, other) % {
            "phone": SETTINGS.phone
        }
    draft = "This translation is a draft. It has not been checked yet."
    assert (draft in soup.get_text()) is (code != "en")
    assert "Example Housing, Market Hall, 1 High Street" in soup.get_text()
    assert soup.select_one("bdi[dir=ltr]")


def test_no_word_of_the_sheet_is_left_in_english() -> None:
    """In the language that nobody speaks every text stands in brackets."""
    html = sheet_html(ALL["equality"], "en-xa", replace(SETTINGS, languages=("en-xa",)))
    soup = BeautifulSoup(html, "html.parser")
    for tag in soup.select("[lang=en], bdi"):
        tag.decompose()
    for text in soup.body.find_all(string=True) if soup.body else ():
        plain = text.strip(" \n/·✓:.")
        assert not plain or "⟦" in plain or "⟧" in plain or "~" in plain, plain


def test_a_demonstration_says_so_on_paper() -> None:
    html = sheet_html(ALL["equality"], "en", replace(SETTINGS, demo=True))
    assert "The people in it are invented" in html


def test_without_an_office_people_are_asked_to_call() -> None:
    html = sheet_html(ALL["equality"], "en", replace(SETTINGS, offices=()))
    assert "Call us, and we tell you where you can meet us." in html


def test_words_of_the_landlord_cannot_become_markup() -> None:
    html = sheet_html(ALL["equality"], "ur", replace(SETTINGS, organisation="Hill <b>& Dale"))
    assert "Hill &lt;b&gt;&amp; Dale" in html and "Hill <b>" not in html


# Branching as sentences


def asked(*conditions: Condition) -> list[str]:
    """What paper says before a question with these conditions; nothing when it is not printed."""
    form = Form(
        key="f",
        edition="1",
        address="f",
        title=as_written("F"),
        purpose=as_written("F"),
        parts=(
            Choice(key="a", text=as_written("A?"), options=(YES, NO, HIDDEN)),
            Choice(key="b", text=as_written("B?"), options=(YES, NO), by="office"),
            Text(key="c", text=as_written("C?")),
            Text(key="last", text=as_written("Last?"), asked=conditions),
        ),
    )
    soup = BeautifulSoup(sheet_html(form.here(), "en", SETTINGS), "html.parser")
    section = soup.find(id="q-last")
    return ["not printed"] if section is None else [words(one) for one in section.select(".p-sheet__only")]


@pytest.mark.parametrize(
    ("conditions", "said"),
    [
        ((), []),
        ((If("a"),), ["Answer this only if you answered question 1."]),
        ((If("a", "yes"),), ["Answer this only if your answer to question 1 is Yes."]),
        ((If("a", "yes", "no"),), ["Answer this only if your answer to question 1 is Yes / No."]),
        ((Unless("a"),), ["Answer this only if you did not answer question 1."]),
        ((Unless("a", "no"),), ["Answer this only if your answer to question 1 is not No."]),
        (
            (If("a"), Unless("c")),
            [
                "Answer this only if you answered question 1.",
                "Answer this only if you did not answer question 2.",
            ],
        ),
        (
            (AnyOf(If("a", "yes"), AnyOf(If("c"))),),
            [
                "Answer this only if one or more of these are true:",
                "your answer to question 1 is Yes you answered question 2",
            ],
        ),
        # options that only staff choose cannot be ticked on paper
        ((If("a", "yes", "hidden"),), ["Answer this only if your answer to question 1 is Yes."]),
        ((If("a", "hidden"),), ["not printed"]),
        ((Unless("a", "hidden"),), []),
        ((AnyOf(If("a", "hidden"), If("c")),), ["Answer this only if you answered question 2."]),
        ((AnyOf(Unless("a", "hidden"), If("c")),), []),
    ],
)
def test_branching_is_a_sentence(conditions: tuple[Condition, ...], said: list[str]) -> None:
    assert asked(*conditions) == said


def test_what_a_question_left_out_would_lead_to_is_left_out() -> None:
    """National identity is off unless the landlord asks it, and so are the words after it."""
    keys = [one.question.key for one in printed(ALL["equality"])]
    assert "national_identity" not in keys and "national_words" not in keys
    asked_too = EQUALITY.here({"national_identity": "asked"})
    keys = [one.question.key for one in printed(asked_too)]
    assert "national_identity" in keys and "national_words" in keys


def test_an_option_that_ends_the_form_says_so() -> None:
    label = box("equality", "en", "equality_consent", "no").parent
    assert "leave out all other questions" in words(label)
    label = box("equality", "en", "equality_consent", "yes").parent
    assert "leave out" not in words(label)


def test_a_list_without_members_leaves_a_line_to_write_on() -> None:
    agency = Choice(key="agency", text=as_written("Which agency?"), options=Register("clubs"))
    form = Form(key="f", edition="1", address="f", title=YES.text, purpose=YES.text, parts=(agency,))
    (one,) = printed(form.here())
    assert one.kind == "text" and one.lines == 1
    assert 'id="b-agency-"' in sheet_html(form.here(), "en", SETTINGS)


# Layout


def test_options_stand_side_by_side_only_where_the_longest_has_room() -> None:
    by_key = {one.question.key: one for one in printed(ALL["equality"])}
    assert columns(by_key["sex"], "en", "normal") == 3
    assert columns(by_key["sex"], "en", "larger") == 2
    assert columns(by_key["main_language"], "en", "normal") == 2
    assert columns(by_key["marital_status"], "en", "normal") == 2  # some take a second line
    assert columns(by_key["marital_status"], "en", "large") == 1
    assert columns(by_key["impairment"], "en", "normal") == 2
    assert columns(by_key["impairment"], "en", "large") == 1  # its options have hints


def test_size_ground_and_direction_are_in_the_style() -> None:
    assert f"font-size: {POINTS['large']}.00pt" in sheet_css("en", "large")
    assert YELLOW in sheet_css("en", yellow=True) and YELLOW not in sheet_css("en")
    assert "@top-left" in sheet_css("en") and "@top-right" in sheet_css("ur")


# The page that a browser prints


@pytest.mark.parametrize("code", ["en", "ur", "pl"])
def test_the_page_to_print_has_the_same_boxes(make_portal: MakePortal, sqlite: Database, code: str) -> None:
    portal = make_portal(sqlite, forms=(EVERYTHING,), languages=OFFERED, offices=SETTINGS.offices)
    visitor = Visitor(portal)
    visitor.open(f"/{code}/everything")
    link = visitor.soup.find("a", href=f"/{code}/everything/print")
    assert link is not None
    visitor.open(f"/{code}/everything/print")

    def boxes(soup: BeautifulSoup) -> list[tuple[str, str]]:
        return [(str(tag["id"]), words(tag)) for tag in soup.select("[id^=b-]")]

    assert boxes(visitor.soup) == boxes(page("everything", code))
    assert len(visitor.soup.find_all("h1")) == 1


def test_there_is_no_page_to_print_of_a_form_that_is_none(sqlite_visitor: Visitor) -> None:
    assert sqlite_visitor.client.get("/en/nothing/print").status_code == 404
