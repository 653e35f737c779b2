"""The incident form: whom it asks what, that danger comes first, and that it can be told in any way."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from portal.accounts.roles import Role
from portal.clock import today
from portal.database import Database
from portal.forms import FORMS, in_use
from portal.forms.danger import AT_HOME, HIDDEN
from portal.forms.happened import KIND, LONGEST_NARRATIVE
from portal.forms.incident import INCIDENT
from portal.forms.interpreter import INTERPRETER
from portal.forms.sharing import AGENCIES
from portal.languages import months
from portal.paper.printed import printed
from portal.paper.sheets import sheet_html
from portal.questions import (
    Answer,
    Answers,
    Choice,
    Date,
    Files,
    Form,
    Notice,
    Option,
    Problem,
    Question,
    Reader,
    Text,
    as_written,
)
from portal.questions.codebook import SEALED
from portal.questions.codebook import stored as to_keep
from portal.questions.inventing import invented
from portal.sealing import KeyRing
from portal.settings import Settings
from tests.answering import answers_to, steady
from tests.arrivals import arrive, opened, stored
from tests.attachments import picture
from tests.conftest import MakePortal
from tests.staff import Colleague
from tests.visitor import Visitor, words

FORM = INCIDENT.here()
WHOLE = INCIDENT.here(office=True)
READER = Reader(months("en"), date(2026, 11, 21))
JOURNEYS = (
    "victim",
    "witness",
    "friend_family",
    "professional_org",
    "staff_harassed_at_work",
    "prefer_not_to_say",
)
MUST = {"journey", "kind"}
"""What nobody can skip. Besides, whoever ticks a way to reach them says the number or address."""
ADDRESSES = {"phone": "phone", "email": "email", "post": "post", "worker": "worker"}
"""Question -> the way to be reached that leads to it."""
DETAILS = {
    "when",
    "where",
    "tenure",
    "perp_known",
    "injury",
    "effects",
    "witnesses",
    "evidence",
    "want",
    "advice",
}


def question(key: str) -> Question:
    found = WHOLE.question(key)
    assert found is not None, key
    return found


def choice(key: str) -> Choice:
    found = question(key)
    assert isinstance(found, Choice)
    return found


def codes(key: str) -> set[str]:
    return {option.code for option in choice(key).known}


def pages(form: Form = FORM, **answers: str | tuple[str, ...]) -> list[set[str]]:
    """What each page asks of somebody who gives these answers and skips all else."""
    given = {key: (one,) if isinstance(one, str) else one for key, one in answers.items()}
    put: dict[str, Answer] = {}
    found: list[set[str]] = []
    while page := form.next_page(put):
        asked = form.asked_on(page, put)
        found.append({one.key for one in asked})
        put |= {one.key: given.get(one.key.replace(".", "__"), ()) for one in asked}
    return found


def asked(**answers: str | tuple[str, ...]) -> set[str]:
    return set().union(*pages(**answers))


def refused(one: Question, typed: Mapping[str, str], answers: Answers | None = None) -> bool:
    found = one.read({name: [value] for name, value in typed.items()}, answers or {}, READER)
    return isinstance(found, Problem)


# What must be answered, and how long it is


def test_only_who_tells_us_and_what_it_is_about_must_be_answered() -> None:
    must = {one.key for one in WHOLE.questions if one.required}
    assert must == MUST | ADDRESSES.keys()
    for key, way in ADDRESSES.items():
        assert key not in asked(journey="victim", kind="asb")
        assert key in asked(journey="victim", kind="asb", reach=way)
    for one in ("journey", "kind"):
        assert refused(question(one), {})
    assert "not_sure" in codes("kind") and "prefer_not_to_say" in codes("journey"), "there is always a way on"


@pytest.mark.parametrize(
    ("most", "answers"),
    [
        (25, {"journey": "victim", "kind": "hate_incident"}),
        (21, {"journey": "witness", "kind": "asb"}),
        (26, {"journey": "friend_family", "kind": "asb"}),
        (28, {"journey": "professional_org", "kind": "domestic_abuse"}),
        (25, {"journey": "victim", "kind": "discrimination_by_landlord"}),
        (27, {"journey": "victim", "kind": "domestic_abuse"}),
        (14, {"journey": "victim", "kind": "domestic_abuse", "talk": "yes"}),
        (21, {"journey": "victim", "kind": "hate_incident", "anonymity": "anonymous"}),
    ],
)
def test_who_skips_what_can_be_skipped_is_soon_done(most: int, answers: dict[str, str]) -> None:
    assert len(pages(**answers)) <= most


def test_danger_is_asked_before_anything_else_and_never_ends_the_form() -> None:
    assert FORM.questions[0].key == "danger_now" and FORM.questions[1].key == "danger"
    for answer in ("yes", "unsure"):
        assert pages(danger_now=answer, journey="victim", kind="asb")[:3] == [
            {"danger_now"},
            {"danger"},
            {"journey"},
        ]
    for answer in ("no", "continue_after_999"):
        assert "danger" not in asked(danger_now=answer, journey="victim", kind="asb")
    assert not FORM.exits


def test_nothing_is_ticked_beforehand_and_leaving_an_organisation_out_is_no_consent() -> None:
    share = [one for one in FORM.questions if one.key.startswith("share.")]
    assert [one.key for one in share] == [f"share.{agency.code}.may" for agency in AGENCIES]
    assert all(one.required is None for one in share)
    assert codes("share.police.may") == {"yes_named", "yes_without_name", "ask_me_first", "no"}
    [page] = [page for page in FORM.pages if "share.police.may" in page.keys]
    assert page.keys == ("who_may_know", *(one.key for one in share)), "all on one page, each apart"
    kept = FORM.kept({"journey": ("victim",), "kind": ("asb",)})
    assert {kept[one.key] for one in share} == {()}


# Branches


@pytest.mark.parametrize("journey", JOURNEYS)
def test_a_witness_is_not_asked_what_it_did_to_them_and_everybody_else_is(journey: str) -> None:
    found = asked(journey=journey, kind=("asb", "domestic_abuse"), acts="threats")
    of_the_person = {"effects", "advice", "safe_tonight", "money_visa_help"}
    assert found & of_the_person == (set() if journey == "witness" else of_the_person)
    assert {"narrative", "kind", "children_adults_at_risk", "reach", "who_may_know"} <= found
    assert ("tenure" in found) == (journey not in ("witness", "staff_harassed_at_work"))
    assert ("victim_agreed" in found) == (journey in ("friend_family", "professional_org"))
    assert ("org_name" in found) == (journey == "professional_org")
    assert ("can_they_see" in found) == (journey not in ("witness", "professional_org"))


def test_a_persons_name_is_asked_of_others_only_if_that_person_agrees() -> None:
    told = {"journey": "friend_family", "kind": "asb"}
    assert "victim_name" in asked(victim_agreed="yes", **told)
    for code in codes("victim_agreed") - {"yes"}:
        assert "victim_name" not in asked(victim_agreed=code, **told)


def test_who_would_rather_talk_is_asked_how_to_be_reached_and_no_details() -> None:
    found = asked(journey="victim", kind="domestic_abuse", talk="yes", reach="phone", anonymity="named")
    assert not found & (DETAILS | {"who_may_know", "share.police.may"})
    assert {"safe_tonight", "reach", "phone", "hours", "voicemail", "safe_word", "can_they_see"} <= found
    assert {"need", "interviewer", "name"} <= found
    assert asked(journey="victim", kind="hate_incident", talk="no") >= DETAILS
    [page] = [page for page in FORM.pages if "talk" in page.keys]
    assert page.keys[0] == "narrative", "it is offered where people are asked to write"


@given(st.sets(st.sampled_from(sorted(option.code for option in KIND.known)), min_size=1))
@steady
def test_nobody_is_asked_about_mediation_after_abuse_or_hate(kinds: set[str]) -> None:
    found = "mediation" in asked(journey="victim", kind=tuple(sorted(kinds)))
    never = {*HIDDEN, "hate_incident", "racial_harassment"}
    assert set(AT_HOME) <= never and not (found and kinds & never)
    if kinds == {"asb"}:
        assert found


def test_unfair_treatment_by_us_has_questions_of_its_own() -> None:
    own = {"service_area", "decision", "decision_date", "adjustment", "staff_named", "formal_complaint"}
    by_us = {
        "discrimination_by_landlord",
        "discrimination_by_contractor",
        "staff_conduct",
        "complaint_about_handling",
    }
    for kind in codes("kind"):
        assert asked(journey="victim", kind=kind) & own == (own if kind in by_us else set()), kind
    only_us = asked(journey="victim", kind="discrimination_by_landlord")
    assert not only_us & {"perp_known", "injury", "where", "repairs_urgent"}
    assert "adjustment_words" in asked(journey="victim", kind="staff_conduct", adjustment="asked_not_made")


@pytest.mark.parametrize(
    ("answers", "is_asked"),
    [
        ({"kind": "asb"}, False),
        ({"kind": "domestic_abuse"}, True),
        ({"kind": "asb", "acts": "arson_fire"}, True),
        ({"kind": "asb", "acts": "physical_assault"}, True),
        ({"kind": "asb", "acts": "noise"}, False),
        ({"kind": "asb", "danger_now": "unsure"}, True),
    ],
)
def test_who_may_not_be_safe_tonight_is_asked_and_told_to_call(
    answers: dict[str, str], is_asked: bool
) -> None:
    assert ("safe_tonight" in asked(journey="victim", **answers)) is is_asked
    if is_asked:
        for answer in ("no", "not_sure"):
            found = pages(journey="victim", safe_tonight=answer, **answers)
            place = found.index({"safe_tonight"})
            assert found[place + 1] == {"not_safe"}
            assert {"money_visa_help"} in found, "money or visas are asked about where no home is safe"
        assert "not_safe" not in asked(journey="victim", safe_tonight="yes", **answers)


def test_thoughts_of_ending_ones_life_lead_to_somebody_who_listens_at_once() -> None:
    told: dict[str, Any] = {"journey": "victim", "kind": "asb"}
    found = pages(effects=("money", "suicidal_thoughts"), **told)
    assert found[found.index({"effects"}) + 1] == {"crisis"}
    assert "crisis" not in asked(effects="money", **told)
    numbers = [line.number for line in notice("crisis").lines]
    assert numbers == ["116 123", "111", "999"]


def notice(key: str) -> Notice:
    found = question(key)
    assert isinstance(found, Notice)
    return found


def test_a_victims_reason_is_the_victims_and_of_others_we_ask_whose_it_is() -> None:
    assert "perceived_by" not in asked(journey="victim", kind="hate_incident", motive="age")
    for journey in set(JOURNEYS) - {"victim"}:
        assert "perceived_by" in asked(journey=journey, kind="asb", motive=("age", "sex"))
        assert "perceived_by" not in asked(journey=journey, kind="asb", motive="not_because_of_this")
    assert "motive_faith" in asked(journey="victim", kind="asb", motive="religion_belief_none")
    assert choice("motive").option("gypsy_roma_traveller") in choice("motive").known
    assert choice("motive").parents(("gypsy_roma_traveller",)) == {"race_colour_nationality_ethnic"}


def test_dates_are_asked_where_there_are_any_and_the_frequency_where_it_came_again() -> None:
    told = {"journey": "victim", "kind": "asb"}
    for when in codes("when"):
        found = asked(when=when, **told)
        assert ("first_date" in found) == (when != "dont_know")
        assert ("last_date" in found) == (when not in ("dont_know", "exact"))
        assert ("frequency" in found) == (when in ("many_times", "still_happening"))


def test_who_needs_no_answer_is_not_asked_how_to_get_one() -> None:
    found = asked(journey="victim", kind="asb", anonymity="anonymous")
    assert not found & {"name", "reach", "need", "interviewer", "can_they_see"}
    assert "reach" in asked(journey="victim", kind="asb", anonymity="anonymous_with_code")
    assert "name" not in asked(journey="victim", kind="asb", anonymity="anonymous_with_code")
    assert "name" in asked(journey="victim", kind="asb", anonymity="named_restricted")


def test_each_way_to_be_reached_has_its_questions_and_no_contact_has_none() -> None:
    told = {"journey": "victim", "kind": "asb"}
    safe = {"who_else", "safe_word", "safe_until"}
    assert {"phone", "hours", "voicemail"} | safe <= asked(reach="phone", **told)
    assert {"phone", "discreet"} | safe <= asked(reach="sms", **told)
    assert {"post", "discreet"} | safe <= asked(reach="post", **told)
    assert {"meet_where", "safe_word"} <= asked(reach="person", **told)
    assert not asked(reach="code", **told) & (safe | {"phone", "email", "post", "worker", "meet_where"})
    code = choice("reach").option("code")
    assert code is not None and code.alone


def test_an_interpreter_is_asked_for_with_the_keys_and_codes_of_the_interpreter_form() -> None:
    assert "gender_essential" in asked(journey="victim", kind="asb", need="interpreter", gender="woman")
    found = asked(journey="victim", kind="asb", need=("interpreter", "translation", "format"), speak="sign")
    same = {"speak", "sign", "read", "format", "support", "gender", "outside", "reach", "phone", "hours"}
    assert same - {"phone", "hours"} <= found
    interpreter = INTERPRETER.here()
    for key in same - {"phone", "reach"}:
        theirs = interpreter.question(key)
        assert isinstance(theirs, Choice)
        assert codes(key) == {option.code for option in theirs.known}, key
    need = interpreter.question("need")
    assert isinstance(need, Choice)
    assert codes("need") - {"none_of_these"} == {option.code for option in need.known} - {"call"}


# Its codes


def test_codes_are_those_that_time_limits_and_figures_are_made_of() -> None:
    assert codes("danger_now") == {"yes", "no", "unsure", "continue_after_999"}
    assert codes("journey") == set(JOURNEYS)
    assert codes("anonymity") == {"anonymous", "anonymous_with_code", "named_restricted", "named"}
    assert {"hate_incident", "asb", "domestic_abuse", "complaint_about_handling", "modern_slavery"} <= codes(
        "kind"
    )
    assert codes("safe_tonight") == {"yes", "no", "not_sure"}
    assert {"dvu_call", "hoc_homeless", "dv_adviser", "accom_provider"} <= codes("channel")
    assert len(choice("channel").known) == 13 and choice("channel").by == "office"
    for one in WHOLE.questions:
        if isinstance(one, Choice):
            assert len({option.code for option in one.known}) == len(one.known), one.key


def test_words_that_identify_are_sealed() -> None:
    sealed = {one.key for one in WHOLE.questions if one.personal}
    assert sealed == {one.key for one in WHOLE.questions if isinstance(one, Text | Files)}


def test_nobody_is_asked_for_their_immigration_status() -> None:
    for one in WHOLE.questions:
        said = f"{one.text.english} {one.hint.english if one.hint else ''}".lower()
        if re.search(r"visa|immigra|asylum|refugee", said):
            assert one.key in ("money_visa_help", "not_safe"), one.key
    assert codes("money_visa_help") == {"yes", "no", "rather_not_say"}


def test_organisations_and_languages_are_lists_that_the_landlord_keeps() -> None:
    assert {"agencies", "spoken_languages"} <= set(INCIDENT.lists)
    renamed = (
        Option("police", as_written("Anyshire Police")),
        Option("law_centre", as_written("Law Centre")),
    )
    form = INCIDENT.here(registers={**INCIDENT.registers, "agencies": renamed})
    assert [one.key for one in form.questions if one.key.startswith("share.")] == [
        "share.police.may",
        "share.law_centre.may",
    ]
    none = INCIDENT.here(registers={**INCIDENT.registers, "agencies": ()})
    assert none.question("who_may_know") and not none.question("share.police.may")
    assert [page for page in pages(none, journey="victim", kind="asb") if page == {"who_may_know"}]
    assert in_use(FORMS, {})["tell-us"].key == "incident"


# What it takes and what it refuses


def test_words_may_be_long_and_in_any_script() -> None:
    narrative = question("narrative")
    for letter in ("a", "ا", "আ", "😀"):
        whole = letter * LONGEST_NARRATIVE
        assert narrative.read({"narrative": [whole]}, {}, READER) == (whole,)
        assert refused(narrative, {"narrative": whole + letter})


@pytest.mark.parametrize("key", ["first_date", "last_date", "decision_date", "received_on"])
def test_what_happened_cannot_be_in_the_future(key: str) -> None:
    one = question(key)
    day, month, year = one.fields
    assert refused(one, {day: "22", month: "11", year: "2026"}), "tomorrow"
    assert not refused(one, {day: "21", month: "11", year: "2026"}), "today"
    if isinstance(one, Date) and one.partial:
        assert not refused(one, {year: "2026"}) and not refused(one, {month: "3", year: "2026"})
        assert refused(one, {year: "2027"})


def test_the_last_time_is_not_before_the_first() -> None:
    day, month, year = question("last_date").fields
    typed = {day: "1", month: "3", year: "2026"}
    assert refused(question("last_date"), typed, {"first_date": ("2026-03-02",)})
    assert not refused(question("last_date"), typed, {"first_date": ("2026-03",)})


def test_at_most_ten_files() -> None:
    evidence = question("evidence")
    assert isinstance(evidence, Files) and evidence.most == 10
    ids = tuple(f"{number:032x}" for number in range(11))
    assert evidence.problem(ids, {}, READER) and not evidence.problem(ids[:10], {}, READER)


@given(st.integers(0, 2**32))
@steady
def test_any_invented_answers_can_be_given_page_by_page(seed: int) -> None:
    answers = invented(WHOLE, random.Random(seed), skip=seed % 3 * 0.3)
    kept = WHOLE.kept(answers)
    assert WHOLE.next_page(answers) is None and kept.keys() <= answers.keys()
    for one, answer in WHOLE.reached(answers):
        if not isinstance(one, Notice):
            assert one.problem(answer, kept, Reader(months("en"), date(2026, 11, 21), office=True)) is None, (
                one.key
            )


@given(answers_to(WHOLE, marks=True))
@steady
def test_whatever_is_answered_no_personal_word_is_kept_in_the_open(answers: Answers) -> None:
    plain, _personal = to_keep(WHOLE, answers)
    for key, value in plain.items():
        one = question(key)
        if one.personal:
            assert not value or value[0] == SEALED or value[0].startswith("_"), key


def test_invented_answers_of_many_people_are_stored(database: Database, ring: KeyRing) -> None:
    for seed in range(12):
        answers = invented(WHOLE, random.Random(seed))
        row = arrive(database, ring, answers, form=WHOLE)
        assert (row.form, row.edition) == ("incident", "2026-1")
        assert set(row.answers) == {key for key in WHOLE.kept(answers)}


# On the web


def start(visitor: Visitor, language: str = "en") -> Visitor:
    """Press Start, read how to leave, say that the device is one's own."""
    visitor.open(f"/{language}/tell-us")
    visitor.send(visitor.soup.select_one("main form button"))
    visitor.open(f"/{language}/tell-us/device").soup.select("main input[type=radio]")[0]["checked"] = ""
    return visitor.send(visitor.soup.select("main form button")[-1])


def go_on(visitor: Visitor, answers: Mapping[str, str | tuple[str, ...]]) -> list[str]:
    """To the check page: tick and type what is given, skip the rest. Gives the pages' addresses."""
    met: list[str] = []
    for _page in range(90):
        if visitor.path.endswith("/check"):
            return met
        met.append(visitor.path)
        for control in visitor.soup.select("main input[type=radio], main input[type=checkbox]"):
            wanted = answers.get(str(control["name"]), ())
            if control["value"] in ((wanted,) if isinstance(wanted, str) else wanted):
                control["checked"] = ""
        for control in visitor.soup.select("main input[type=text], main textarea"):
            wanted = answers.get(str(control["name"]), "")
            if control.name == "textarea":
                control.string = str(wanted)
            else:
                control["value"] = wanted
        visitor.send(visitor.soup.select("main button[value=next]")[-1])
        assert visitor.status == 200, visitor.text
    raise AssertionError("no end")


def sent(visitor: Visitor, database: Database) -> Any:
    visitor.send(visitor.soup.select_one("main button[value=send]"))
    assert visitor.soup.select_one(".p-receipt__code")
    [row] = [one for one in stored(database) if one.form == "incident"]  # not the request that it makes
    return row


def test_a_victim_tells_us_in_urdu_what_was_done(visitor: Visitor, database: Database, ring: KeyRing) -> None:
    narrative = "انہوں نے دروازے پر لکھا اور ہمیں گالیاں دیں۔\n" * 400
    start(visitor, "ur")
    met = go_on(
        visitor,
        {
            "danger_now": "no",
            "journey": "victim",
            "kind": ("hate_incident", "racial_harassment"),
            "motive": ("race_colour_nationality_ethnic", "religion_belief_none"),
            "motive_faith": "anti_muslim",
            "acts": ("graffiti", "verbal_abuse"),
            "narrative": narrative,
            "when": "exact",
            "first_date-day": "۱",
            "first_date-month": "3",
            "first_date-year": "2026",
            "where": "my_home",
            "repairs_urgent": "graffiti_offensive",
            "share.police.may": "no",
            "share.hate_charity.may": "yes_named",
            "anonymity": "named",
            "name": "Amina",
            "reach": "phone",
            "phone": "01632 960 001",
            "voicemail": "no",
            "safe_word": "گلاب",
            "need": "interpreter",
            "speak": "urd",
            "gender": "woman",
            "outside": "yes",
        },
    )
    assert len(met) <= 36
    row = sent(visitor, database)
    assert (row.form, row.edition, row.language, row.channel) == ("incident", "2026-1", "ur", "web")
    assert row.answers["kind"] == ["hate_incident", "racial_harassment"]
    assert row.answers["first_date"] == ["2026-03-01"]
    assert row.answers["share.police.may"] == ["no"] and row.answers["share.school.may"] == []
    assert row.answers["narrative"] == [SEALED] and row.answers["phone"] == [SEALED]
    assert row.received == today(), "a day that clocks can begin on, not the Monday of its week"
    assert "perceived_by" not in row.answers and "mediation" not in row.answers
    personal = opened(ring, row)
    assert personal["narrative"] == [narrative.strip()] and personal["safe_word"] == ["گلاب"]


def test_a_witness_tells_us_without_a_name(visitor: Visitor, database: Database) -> None:
    start(visitor)
    go_on(
        visitor,
        {
            "journey": "witness",
            "kind": "asb",
            "acts": "noise",
            "narrative": "Music all night",
            "anonymity": "anonymous",
        },
    )
    row = sent(visitor, database)
    assert row.answers["anonymity"] == ["anonymous"] and "name" not in row.answers
    assert "effects" not in row.answers


def test_a_professional_tells_us_for_somebody(visitor: Visitor, database: Database, ring: KeyRing) -> None:
    start(visitor, "pl")
    go_on(
        visitor,
        {
            "journey": "professional_org",
            "victim_agreed": "yes",
            "victim_name": "Kim, 1 High Street",
            "org_name": "Example Surgery",
            "kind": "domestic_abuse",
            "safe_tonight": "no",
            "money_visa_help": "yes",
            "reach": "email",
            "email": "kim@example.org",
        },
    )
    row = sent(visitor, database)
    assert row.answers["safe_tonight"] == ["no"]
    assert opened(ring, row)["org_name"] == ["Example Surgery"]


def test_a_person_in_danger_gets_numbers_to_press_and_goes_on(
    make_portal: MakePortal, sqlite: Database
) -> None:
    night = "01632 960 777"
    visitor = start(Visitor(make_portal(sqlite, out_of_hours_phone=night)))
    visitor.choose("Yes").press("Continue")
    assert visitor.heading == "Get help now"
    numbers = [str(link["href"]) for link in visitor.soup.select("main a[href^='tel:']")]
    assert numbers == ["tel:999", "tel:999", "tel:999", "tel:101", "tel:01632960123", "tel:01632960777"]
    assert "55" in visitor.text and "999bsl.co.uk" in visitor.text
    assert "Skip this question" not in visitor.buttons()
    visitor.press("Continue")
    assert visitor.heading == "Who are you in this?"


def test_without_a_number_for_the_night_none_is_shown(sqlite_visitor: Visitor) -> None:
    start(sqlite_visitor).choose("Yes").press("Continue")
    assert "When our offices are closed" not in sqlite_visitor.text
    assert "You can call us on" in sqlite_visitor.text


def test_the_longest_words_in_the_longest_script_arrive(
    sqlite_visitor: Visitor, sqlite: Database, ring: KeyRing
) -> None:
    whole = "😀" * LONGEST_NARRATIVE
    go_on(start(sqlite_visitor), {"journey": "victim", "kind": "asb", "talk": "yes", "narrative": whole})
    assert opened(ring, sent(sqlite_visitor, sqlite))["narrative"] == [whole]


def test_too_many_words_are_refused_and_still_there(sqlite_visitor: Visitor) -> None:
    start(sqlite_visitor)
    for _page in range(9):
        if sqlite_visitor.heading == "Tell us in your own words":
            break
        for control in sqlite_visitor.soup.select("main input[value=victim], main input[value=asb]"):
            control["checked"] = ""
        sqlite_visitor.press("Continue")
    whole = "আ" * (LONGEST_NARRATIVE + 1)
    # the words are the page's heading, and its label
    sqlite_visitor.type("Tell us in your own words", whole).press("Continue")
    assert sqlite_visitor.status == 422 and "20000" in sqlite_visitor.errors[0].replace(",", "")
    assert sqlite_visitor.typed("Tell us in your own words").strip() == whole


def test_a_page_of_organisations_can_be_skipped(sqlite_visitor: Visitor) -> None:
    start(sqlite_visitor)
    number = next(page.number for page in FORM.pages if "who_may_know" in page.keys)
    for _page in range(40):
        if sqlite_visitor.path.endswith(f"/{number}"):
            break
        for control in sqlite_visitor.soup.select("main input[value=victim], main input[value=asb]"):
            control["checked"] = ""
        sqlite_visitor.press("Continue")
    assert sqlite_visitor.heading == "Who may we tell?" and not sqlite_visitor.chosen()
    assert "Only if a child or an adult" in sqlite_visitor.text
    sqlite_visitor.press("Skip this question")
    assert sqlite_visitor.status == 200 and not sqlite_visitor.path.endswith(f"/{number}")


def test_photos_come_with_it(visitor: Visitor, database: Database, ring: KeyRing) -> None:
    start(visitor)
    label = "Do you have photos, screenshots or documents?"
    for _page in range(40):
        if visitor.heading == label:
            break
        for control in visitor.soup.select("main input[value=victim], main input[value=asb]"):
            control["checked"] = ""
        visitor.press("Continue")
    visitor.choose("Yes, keep them as they are too, locked away")
    visitor.attach(label, ("door.jpg", picture()), ("door2.jpg", picture())).press("Continue")
    go_on(visitor, {})
    row = sent(visitor, database)
    assert len(opened(ring, row)["evidence"]) == 2 and row.answers["keep_original"] == ["yes"]


def test_the_first_page_says_how_long_it_waits_and_when_we_may_tell_others(sqlite_visitor: Visitor) -> None:
    text = sqlite_visitor.open("/en/tell-us").text
    assert "Your answers are deleted when you do nothing for 30 minutes." in text
    assert "without your yes" in text and "You do not have to give your name" in text
    assert "We cannot promise that it stops" in text
    assert "hour after" not in text
    assert "Your answers wait here for 24 hours" in sqlite_visitor.open("/en/about-you").text


# By phone, and on paper


def test_it_is_told_by_phone_in_ones_language_with_what_only_staff_answer(
    portal: Flask, database: Database
) -> None:
    helper = Colleague(portal, Role.FRONTLINE)
    helper.open("/staff/for-someone").choose("Tell us about a problem", "By phone")
    helper.pick("Language of the person", "Urdu").press("Continue")
    helper.choose("The person has heard this and agrees to answer").press("Begin")
    yes = helper.soup.select_one("main input[value=yes]")
    assert yes is not None
    yes["checked"] = ""
    helper.press("Continue")
    aloud = words(helper.soup.select_one(".h-aloud")) or words(helper.soup.select_one("main"))
    assert "999" in aloud and "101" in aloud
    met: list[str] = []
    ticks = {"victim", "asb", "dvu_call", "manager_told"}
    for _page in range(60):
        if helper.path.endswith("/check"):
            break
        met.append(helper.path)
        for control in helper.soup.select("main input[type=radio], main input[type=checkbox]"):
            if control["value"] in ticks:
                control["checked"] = ""
        helper.press("Continue")
        assert helper.status == 200, helper.text
    assert not helper.soup.select("input[type=file]")
    helper.press("Send")
    [row] = stored(database)
    assert (row.form, row.channel, row.language) == ("incident", "phone", "ur")
    assert row.answers["channel"] == ["dvu_call"] and row.answers["immediate_actions"] == ["manager_told"]
    assert "evidence" not in row.answers


def test_paper_asks_what_the_web_asks_and_prints_the_numbers() -> None:
    on_paper = {one.question.key for one in printed(FORM)}
    assert on_paper == {one.key for one in FORM.questions}
    html = sheet_html(FORM, "en", Settings(data=None, out_of_hours_phone="01632 960 777"))  # type: ignore[arg-type]
    assert "116 123" in html and html.count("01632 960 777") == 2
    assert "put copies in the envelope" in html


def test_the_title_and_address_tell_nobody_what_it_is_about(sqlite_visitor: Visitor) -> None:
    start(sqlite_visitor)
    assert INCIDENT.address == "tell-us" and INCIDENT.title.english == "Tell us about a problem"
    assert re.fullmatch(r"/en/tell-us/[0-9]+", sqlite_visitor.path)
