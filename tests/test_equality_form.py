"""The equality form against the standards it follows: what is asked, of whom, with which codes."""

from __future__ import annotations

import pytest

from portal.database import Database
from portal.forms import EQUALITY
from portal.questions import Answer, Choice, Text
from tests.conftest import MakePortal
from tests.test_journey import begin
from tests.visitor import Visitor

ON = {"national_identity": "asked", "armed_forces": "asked"}
FULL = EQUALITY.here(ON)
"""The form with all that a landlord may leave out."""

BANK = {
    "equality_consent": "yes no",
    "age_band": "under_16 16_17 18_24 25_34 35_44 45_54 55_64 65_74 75_84 85_over",
    "long_term_condition": "yes no",
    "activity_limitation": "yes_a_lot yes_a_little not_at_all",
    "impairment": "vision hearing mobility dexterity learning memory mental_health stamina social other "
    "none_of_these",
    "ethnic_group": "white mixed asian black other",
    "ethnic_detail": "white_british white_irish white_gypsy_irish_traveller white_roma white_other "
    "mixed_white_black_caribbean mixed_white_black_african mixed_white_asian mixed_other "
    "asian_indian asian_pakistani asian_bangladeshi asian_chinese asian_other "
    "black_african black_caribbean black_other other_arab other_any",
    "ethnic_words": "",
    "national_identity": "british english welsh scottish northern_irish other",
    "national_words": "",
    "marital_status": "never_married married civil_partnership separated_married separated_cp divorced "
    "dissolved_cp widowed surviving_cp",
    "religion": "no_religion christian buddhist hindu jewish muslim sikh other",
    "religion_words": "",
    "sex": "female male",
    "gender_same": "yes no",
    "gender_words": "",
    "sexual_orientation": "heterosexual gay_lesbian bisexual other",
    "orientation_words": "",
    "pregnancy_maternity": "yes no",
    "carer": "no yes_9_or_less yes_10_19 yes_20_34 yes_35_49 yes_50_plus",
    "main_language": "eng ara ben bfi yue guj hin ckb kmr phr pes pol pan pus ron som tir ukr urd other",
    "language_words": "",
    "english_proficiency": "very_well well not_well not_at_all",
    "armed_forces": "regular reserve spouse no do_not_know",
}
"""Question -> its options before "prefer not to say", in the order of the form. A write-in has none."""

ETHNIC_GROUPS = """
white_british                13  1   1   white
white_irish                  14  2   2   white
white_gypsy_irish_traveller  15  18  3   white
white_roma                   16  20  -   white
white_other                  17  3   4   white
mixed_white_black_caribbean  11  4   5   mixed
mixed_white_black_african    10  5   6   mixed
mixed_white_asian            9   6   7   mixed
mixed_other                  12  7   8   mixed
asian_indian                 3   8   9   asian
asian_pakistani              4   9   10  asian
asian_bangladeshi            1   10  11  asian
asian_chinese                2   15  12  asian
asian_other                  5   11  13  asian
black_african                6   13  14  black
black_caribbean              7   12  15  black
black_other                  8   14  16  black
other_arab                   18  19  17  other
other_any                    19  16  18  other
prefer_not_to_say            -   17  0   -
"""
"""Code; Census 2021 (England); lettings log (CORE); Protected Characteristics Questionnaire; group."""

WRITE_INS = {
    "ethnic_words": (
        "ethnic_detail",
        "white_other mixed_other asian_other black_african black_other other_any",
    ),
    "national_words": ("national_identity", "other"),
    "religion_words": ("religion", "other"),
    "gender_words": ("gender_same", "no"),
    "orientation_words": ("sexual_orientation", "other"),
    "language_words": ("main_language", "other"),
}
"""Write-in -> the choice before it, and the answers that lead to it."""

ADULTS_ONLY = {
    "marital_status", "sex", "gender_same", "sexual_orientation", "pregnancy_maternity", "armed_forces",
}  # fmt: skip

OPENS: dict[str, Answer] = {
    "equality_consent": ("yes",),
    "long_term_condition": ("yes",),
    "ethnic_group": ("white",),
    "ethnic_detail": ("white_other",),
    "national_identity": ("other",),
    "religion": ("other",),
    "gender_same": ("no",),
    "sexual_orientation": ("other",),
    "main_language": ("other",),
}
"""Answers that lead to every question there is."""


def choice(key: str) -> Choice:
    question = FULL.question(key)
    assert isinstance(question, Choice)
    return question


def asked(**answers: str) -> set[str]:
    """The questions that these answers, added to those that open everything, lead to."""
    said = OPENS | {key: (answer,) if answer else () for key, answer in answers.items()}
    return {question.key for question, _ in FULL.reached(said)}


def test_the_questions_come_in_this_order() -> None:
    assert [question.key for question in FULL.questions] == list(BANK)


@pytest.mark.parametrize("key", [key for key, codes in BANK.items() if codes])
def test_a_question_has_these_options_and_prefer_not_to_say_last(key: str) -> None:
    last = [] if key == "equality_consent" else ["prefer_not_to_say"]
    for question in EQUALITY.questions:
        if question.key == key:
            assert isinstance(question, Choice)
            assert [option.code for option in question.known] == BANK[key].split() + last


def test_prefer_not_to_say_and_none_of_these_stand_alone() -> None:
    for question in EQUALITY.questions:
        if isinstance(question, Choice):
            alone = {option.code for option in question.known if option.alone}
            assert alone == {"prefer_not_to_say", "none_of_these"} & {
                option.code for option in question.known
            }
    assert [
        question.key for question in FULL.questions if isinstance(question, Choice) and question.many
    ] == [
        "impairment",
        "national_identity",
    ]


def test_the_ethnic_groups_are_those_of_the_census_with_their_codes_elsewhere() -> None:
    rows = [line.split() for line in ETHNIC_GROUPS.strip().splitlines()]
    for (code, *standards, parent), option in zip(rows, choice("ethnic_detail").known, strict=True):
        named = zip(("census2021", "core", "pcq"), standards, strict=True)
        assert option.code == code
        assert dict(option.standards) == {name: number for name, number in named if number != "-"}
        assert option.parent == (None if parent == "-" else parent)


def test_no_code_of_a_standard_means_two_things() -> None:
    for name, numbers in (("census2021", range(1, 20)), ("core", range(1, 21)), ("pcq", range(19))):
        given = [
            option.standards[name] for option in choice("ethnic_detail").known if name in option.standards
        ]
        assert sorted(map(int, given)) == list(numbers)


@pytest.mark.parametrize(
    ("key", "core"),
    [
        ("ethnic_group", "0 1 2 3 4 17"),
        ("armed_forces", "1 4 5 2 6 3"),
    ],
)
def test_other_codes_of_the_lettings_log(key: str, core: str) -> None:
    assert [option.standards["core"] for option in choice(key).known] == core.split()


def test_each_group_has_its_heading_and_every_group_its_own_wording_or_the_general_one() -> None:
    detail = choice("ethnic_detail")
    headings = [(option.parent, option.heading) for option in detail.known if option.heading]
    groups = [option for option in choice("ethnic_group").known if not option.alone]
    assert headings == [(group.code, group.text) for group in groups]
    texts = {group.code: detail.words({"ethnic_group": (group.code,)})[0] for group in groups}
    assert len(set(texts.values())) == 5
    assert texts["other"] == detail.text


# --- who is asked what


def test_these_answers_lead_to_every_question() -> None:
    assert asked() == set(BANK)


def test_no_to_the_first_question_ends_the_form() -> None:
    assert asked(equality_consent="no") == {"equality_consent"}
    assert "age_band" in asked(equality_consent=""), "skipping it is not a no"


def test_people_under_16_are_not_asked_what_is_for_adults() -> None:
    """Nor what only an answer to one of these would lead to."""
    assert asked() - asked(age_band="under_16") == ADULTS_ONLY | {"gender_words", "orientation_words"}
    for band in (*BANK["age_band"].split()[1:], "prefer_not_to_say", ""):
        assert asked(age_band=band) == set(BANK)


def test_effects_are_asked_only_about_a_condition() -> None:
    for answer in ("no", "prefer_not_to_say", ""):
        assert asked() - asked(long_term_condition=answer) == {"activity_limitation", "impairment"}


def test_english_is_asked_only_of_those_with_another_main_language() -> None:
    for language in ("eng", "prefer_not_to_say", ""):
        assert "english_proficiency" not in asked(main_language=language)
    for language in ("urd", "bfi", "other"):
        assert "english_proficiency" in asked(main_language=language)


def test_whoever_does_not_say_their_group_is_not_asked_the_detail() -> None:
    assert "ethnic_detail" not in asked(ethnic_group="prefer_not_to_say")
    assert "ethnic_detail" in asked(ethnic_group="")


def test_write_ins_are_personal_and_asked_right_after_the_answer_they_explain() -> None:
    assert [question.key for question in FULL.questions if isinstance(question, Text)] == list(WRITE_INS)
    numbers = {key: page.number for page in EQUALITY.pages for key in page.keys}
    for key, (before, codes) in WRITE_INS.items():
        question = FULL.question(key)
        assert question and question.personal and question.required is None
        assert numbers[key] == numbers[before] + 1
        for option in choice(before).known:
            group = {"ethnic_group": option.parent} if before == "ethnic_detail" and option.parent else {}
            assert (key in asked(**group, **{before: option.code})) == (option.code in codes.split())


def test_nothing_but_write_ins_is_personal_and_nobody_is_named() -> None:
    assert {question.key for question in EQUALITY.questions if question.personal} == set(WRITE_INS)
    assert EQUALITY.anonymous


def test_any_question_may_be_skipped() -> None:
    assert not [question.key for question in EQUALITY.questions if question.required]
    answers: dict[str, Answer] = {}
    while page := FULL.next_page(answers):
        answers.update(dict.fromkeys(page.keys, ()))
    assert FULL.kept(answers) == answers
    assert set(answers) == set(BANK) - set(WRITE_INS) - {
        "activity_limitation",
        "impairment",
        "english_proficiency",
    }


# --- what a landlord may choose


def test_national_identity_and_armed_forces_are_asked_only_where_a_landlord_wants_them() -> None:
    def left_out(**variants: str) -> set[str]:
        return set(BANK) - {question.key for question in EQUALITY.here(variants).questions}

    assert left_out() == {"national_identity", "armed_forces"}
    assert left_out(armed_forces="asked") == {"national_identity"}
    assert left_out(**ON) == set()
    # the write-in stays in the form, but nothing leads to it
    assert "national_words" not in {question.key for question, _ in EQUALITY.here().reached(OPENS)}


@pytest.mark.parametrize(
    ("key", "variants"),
    [
        ("sex", ["sex", "registered_at_birth", "with_note"]),
        ("pregnancy_maternity", ["last_year", "last_26_weeks"]),
    ],
)
def test_a_landlord_chooses_between_wordings_that_mean_the_same_codes(key: str, variants: list[str]) -> None:
    wordings = [question for question in EQUALITY.questions if question.key == key]
    assert [question.variant for question in wordings] == variants
    assert EQUALITY.here().variants[key] == variants[0]
    for wording in wordings:
        assert EQUALITY.here({key: wording.variant}).question(key) == wording
        assert wording.asked == wordings[0].asked
    assert len({(wording.text, wording.hint) for wording in wordings}) == len(variants)


def test_the_choice_of_wording_moves_no_page(make_portal: MakePortal, sqlite: Database) -> None:
    plain = Visitor(make_portal(sqlite))
    rich = Visitor(make_portal(sqlite, variants=ON | {"sex": "registered_at_birth", "carer": "off"}))
    for visitor, sex in ((plain, "What is your sex?"), (rich, "What was your sex registered at birth?")):
        begin(visitor).open("/en/about-you/14")
        assert visitor.heading == sex
        assert visitor.open("/en/about-you/12").heading == "What is your religion?"
    assert rich.open("/en/about-you/9").heading == "How would you describe your national identity?"
    assert plain.open("/en/about-you/9").path == "/en/about-you/1", "not asked here"


# --- on the page


def test_nothing_is_chosen_before_a_person_chooses_it(make_portal: MakePortal, sqlite: Database) -> None:
    visitor = begin(Visitor(make_portal(sqlite, variants=ON)))
    seen = set()
    while not visitor.path.endswith("/check"):
        assert visitor.chosen() == []
        seen |= {str(control["name"]) for control in visitor.controls()}
        for control in visitor.controls():
            name, value = str(control["name"]), str(control.get("value", ""))
            if control["type"] == "text":
                assert value == ""
            elif value in OPENS.get(name, ()):
                control["checked"] = ""
        visitor.press("Continue")
    assert seen == set(BANK)
