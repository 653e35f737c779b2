"""All a form can say, on the web, in the row, in the codebook and in the export, without code of its own."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal import clock
from portal.analysis.export import Wanted
from portal.database import Database
from portal.intake import drafts
from portal.intake.models import Submission
from portal.intake.submissions import place_of
from portal.questions import Answer, Form
from portal.questions.codebook import COLUMNS, codebook
from portal.sealing import KeyRing, Sealed
from tests.arrivals import take_out
from tests.conftest import MakePortal
from tests.everything import EVERYTHING
from tests.visitor import Visitor, words

SAID: dict[str, Answer] = {
    "take_part": ("yes",),
    "colour": ("red",),
    "pet": ("yes",),
    "pet_name": ("Rex, گربه",),
    "tools": ("saw", "spanner"),
    "tool.saw.years": ("12",),
    "tool.saw.since": ("2014-03",),
    "tool.saw.lent_to": ("=Kim",),
    "tool.spanner.years": (),
    "tool.spanner.since": ("2020-02-29",),
    "open.weekdays.from": ("18:30",),
    "open.weekdays.until": ("22:00",),
    "open.sunday.from": (),
    "open.sunday.until": ("00:00",),
    "nearest": ("market_hall",),
    "office.high_street.visited": ("no",),
    "office.market_hall.visited": ("yes",),
    "region": ("south",),
    "town": ("fir",),
    "crafts": ("metal",),
    "craft": ("gates", "rings"),
    "trip.1.region": ("north",),
    "trip.1.town": ("beech",),
    "trip.1.start": ("2019-12-30",),
    "trip.1.end": ("2020",),
    "trip.2.region": (),
    "trip.2.town": ("larch",),
    "trip.2.start": (),
    "trip.2.end": ("2021-05-05",),
    "helper.1.name": ("Ada",),
    "helper.1.hours": ("40",),
    "helper.2.name": ("Bo",),
    "helper.2.hours": ("3",),
    "helper.3.name": (),
    "language": ("urd",),
    "moved_in": ("1999-01-01",),
    "moved_out": (),
    "visit": ("2099",),
    "wake": ("06:05",),
    "rooms": ("4",),
    "floor": ("-1",),
    "motto": ("=1+1; \"quoted\", 'and' more",),
    "story": ("First line\n\nthird line ‹می\u200cخواهم›",),
    "names": ("sam", "alex"),
    "copies": (),
    "greeting": ("hello",),
}
"""What one person says, to each question that they are asked."""

HEADINGS = """
Will you take part?
Before you begin
Which colour do you like best?
Do you have a pet?
What is your pet called?
Which tools do you have?
Saw: how many years have you had it?
Saw: who may borrow it?
Spanner: how many years have you had it?
Weekdays: from what time are you at home?
Sunday: from what time are you at home?
Which office is nearest?
Have you been to this office: High Street?
Have you been to this office: Market Hall?
Which region do you live in?
Which southern town do you live in?
What do you work with?
What do you make?
Trip 1: which region was it to?
Trip 1: which northern town was it to?
Trip 1: when did it begin?
Trip 2: which region was it to?
Trip 2: which town was it to?
Trip 2: when did it begin?
What is helper 1 called?
For how many hours does helper 1 come?
What is helper 2 called?
For how many hours does helper 2 come?
What is helper 3 called?
Which language do you dream in?
When did you move in?
When did you move out?
When may we come?
When do you get up?
How many rooms do you have?
Nearly done
What is your motto?
What else, about you and your pet?
Which of these names do you use?
Which papers do you have?
How shall we say hello?
""".strip().splitlines()

PERSONAL = ("pet_name", "tool.saw.lent_to", "helper.1.name", "helper.2.name", "story", "names")


@pytest.fixture
def everything(make_portal: MakePortal, database: Database) -> Flask:
    return make_portal(database, forms=(EVERYTHING,), variants={"greeting": "friendly"})


@pytest.fixture
def somebody(everything: Flask) -> Visitor:
    return begin(Visitor(everything))


def begin(visitor: Visitor, language: str = "en") -> Visitor:
    visitor.open(f"/{language}/everything")
    return visitor.send(visitor.soup.select_one("main form button"))


def fill_in(visitor: Visitor, said: dict[str, Answer]) -> Visitor:
    """Say on this page what it asks for, in the controls that it has."""
    fields = {
        name: values
        for key, answer in said.items()
        for name, values in EVERYTHING.question(key).typed(answer).items()
    }
    for control in visitor.soup.select("main input:not([type=hidden], [type=file]), main textarea"):
        values = fields[str(control["name"])]
        if control.get("type") in ("radio", "checkbox"):
            if control["value"] in values:
                control["checked"] = ""
        elif control.name == "textarea":
            control.string = "".join(values)
        else:
            control["value"] = "".join(values)
    return visitor


def answer_all(visitor: Visitor, said: dict[str, Answer]) -> list[str]:
    """Answer page after page as far as the check page; the headings on the way."""
    headings = []
    while not visitor.path.endswith("/check") and len(headings) < len(EVERYTHING.pages):
        headings.append(visitor.heading)
        assert visitor.chosen() == [], "chosen before the person did"
        for field in visitor.soup.select("main input[type=text], main textarea"):
            assert not field.get("value") and not field.get_text(strip=True)
        fill_in(visitor, said).send(visitor.soup.select("main button")[0])
        assert not visitor.errors
    assert visitor.path.endswith("/check")
    return headings


def row(database: Database) -> Any:
    with database.read() as connection:
        [found] = connection.execute(select(*Submission.__table__.columns)).all()
    return found


def opened(ring: KeyRing, found: Any) -> dict[str, list[str]]:
    """The personal words of a stored row."""
    sealed = Sealed(found.sealed, found.data_key, found.key_name)
    content: dict[str, list[str]] = json.loads(ring.open(place_of(found.id), sealed))
    return content


def exported(database: Database, folder: Path, kind: str = "codes") -> list[dict[str, str]]:
    wanted = Wanted(form="everything", folder=folder, purpose="a test")
    take_out(database, (EVERYTHING,), wanted, lambda done, of: None)
    with (folder / f"everything-{kind}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_person_is_asked_everything_checks_it_and_sends_it(
    somebody: Visitor, database: Database, ring: KeyRing, tmp_path: Path
) -> None:
    assert answer_all(somebody, SAID) == HEADINGS
    check = {words(key): words(key.find_next("dd")) for key in somebody.soup.select("dt")}
    assert len(check) == len(SAID)
    for heading, shown in (
        ("Which colour do you like best?", "Red"),
        ("Which tools do you have?", "Saw Spanner"),
        ("Saw: when did you get it?", "March 2014"),
        ("Spanner: how many years have you had it?", "Not answered"),
        ("Spanner: when did you get it?", "29 February 2020"),
        ("Sunday: until what time are you at home?", "00:00"),
        ("Which southern town do you live in?", "Fir"),
        ("Trip 2: which region was it to?", "The south"),
        ("Trip 1: when did it end?", "2020"),
        ("On which floor?", "-1"),
        ("What is your motto?", "=1+1; \"quoted\", 'and' more"),
        ("What else, about you and your pet?", "First line third line ‹می\u200cخواهم›"),
        ("How shall we say hello?", "Hello"),
    ):
        assert check[heading] == shown

    assert somebody.press("Send").heading == "Thank you. Your answers are sent"
    assert "That was everything." in somebody.text

    found = row(database)
    kept = {key: list(answer) for key, answer in SAID.items()} | {"trip.2.region": ["south"]}
    assert (found.form, found.edition, found.variants) == ("everything", "test-1", {"greeting": "friendly"})
    assert found.answers == kept | {key: ["_sealed"] for key in PERSONAL}
    assert opened(ring, found) == {key: kept[key] for key in PERSONAL}
    assert not [word for word in ("Rex", "Kim", "third line") if word in str(tuple(found))]

    [line] = exported(database, tmp_path / "export")
    assert line["_edition"] == "test-1" and line["_language"] == "en" and line["language"] == "urd"
    assert line["tools"] == "saw;spanner"
    assert line["tool.plane.years"] == "_not_asked"
    assert line["tool.spanner.years"] == "_skipped"
    assert line["floor"] == "'-1" and line["motto"].startswith("'=1+1;")
    assert line["story"] == line["names"] == "_sealed"
    assert line["keyed_on"] == line["song"] == "_not_asked"
    assert "welcome" not in line and "pause" not in line
    [label] = exported(database, tmp_path / "labels", "labels")
    assert label["tools"] == "Saw;Spanner" and label["town"] == "Fir" and label["rooms"] == "4"


def test_whoever_opts_out_is_asked_nothing_more(
    somebody: Visitor, database: Database, tmp_path: Path
) -> None:
    assert answer_all(somebody, {"take_part": ("no",)}) == ["Will you take part?"]
    somebody.press("Send")
    assert row(database).answers == {"take_part": ["no"]}
    [line] = exported(database, tmp_path / "export")
    assert line["take_part"] == "no"
    assert line["colour"] == line["tool.saw.since"] == line["keyed_on"] == "_opted_out"
    assert line["song"] == "_not_asked", "this wording was not in use"


def test_whoever_skips_all_that_may_be_skipped_is_asked_what_must_be_answered(
    somebody: Visitor, database: Database
) -> None:
    must = {"take_part": "Yes", "nearest": "High Street"}
    while not somebody.path.endswith("/check"):
        if "Skip this question" in somebody.buttons():
            somebody.press("Skip this question")
            continue
        if somebody.heading not in ("Before you begin", "Nearly done"):
            assert somebody.press("Continue").status == 422
            somebody.choose(must.pop("take_part" if "take_part" in must else "nearest"))
        somebody.press("Continue")
    somebody.press("Send")
    assert not must
    found = row(database)
    answered = {key: answer for key, answer in found.answers.items() if answer}
    assert answered == {"take_part": ["yes"], "nearest": ["high_street"]}
    assert found.answers["no_colour"] == [] and "pet" not in found.answers
    assert found.sealed is None


# --- one database is enough for what does not reach it

At = Callable[..., Visitor]


@pytest.fixture
def at(make_portal: MakePortal, sqlite: Database) -> At:
    """at(key) is somebody who has answered all the pages before the one that asks this question."""
    app = make_portal(sqlite, forms=(EVERYTHING,))
    portal = app.extensions["portal"]
    form: Form = portal.asked["everything"]

    def arrive(key: str = "", **changes: Answer) -> Visitor:
        draft = drafts.new(form.key, form.edition)
        while (page := form.next_page(draft.answers)) and key not in page.keys:
            for question in form.asked_on(page, draft.answers):
                said = (SAID | {"greeting": ("sir",)} | changes).get(question.key, ())
                draft.answers[question.key] = said
        portal.drafts.add(draft, form.draft_idle)
        visitor = Visitor(app)
        visitor.client.set_cookie("draft-everything", draft.secret)
        return visitor.open(f"/en/everything/{page.number if page else 'check'}")

    return arrive


def test_everything_is_asked_from_right_to_left_too(make_portal: MakePortal, sqlite: Database) -> None:
    visitor = begin(Visitor(make_portal(sqlite, forms=(EVERYTHING,))), "ur")
    answer_all(visitor, SAID | {"greeting": ("sir",)})
    assert visitor.path == "/ur/everything/check"
    assert visitor.soup.html["dir"] == "rtl"


def test_a_question_has_its_hint_its_reason_and_its_options_theirs(at: At) -> None:
    person = at("colour")
    for text in ("Of paint", "We ask so that we can paint the doors.", "Like a letter box", "or"):
        assert text in person.text
    labels = [person.label(control) for control in person.controls()]
    assert labels == ["Red", "Green", "Blue", "Prefer not to say"]


def test_what_only_staff_may_choose_is_refused_from_a_web_page(at: At) -> None:
    person = at("colour").press("Continue", colour="another")
    assert person.status == 422
    assert person.errors == ["Choose an answer from the list"]


def test_the_detail_is_asked_in_the_words_and_with_the_options_of_the_group(at: At) -> None:
    person = at("town")
    assert person.heading == "Which southern town do you live in?"
    assert "Or the southern town that is nearest" in person.text
    assert "In the south" not in person.text, "one group needs no heading"
    labels = [person.label(control) for control in person.controls()]
    assert labels == ["Fir", "Hazel", "Larch", "Maple", "A town in another country", "Prefer not to say"]


def test_without_a_group_all_details_are_offered_under_their_headings(at: At) -> None:
    person = at("town", region=())
    assert person.heading == "Which town do you live in?"
    assert [words(title) for title in person.soup.select(".p-group__title")] == [
        "In the north",
        "In the south",
    ]
    assert len(person.controls()) == 10


def test_a_group_that_a_detail_tells_is_shown_as_chosen(at: At) -> None:
    person = at(region=(), town=("elm",)).link("Change Which region do you live in?")
    assert person.chosen() == ["The north"]
    person.choose("The south").press("Continue")
    assert person.heading == "Which southern town do you live in?"
    assert person.chosen() == []


def test_words_follow_only_answers_that_still_count(at: At) -> None:
    person = at("story")
    assert person.heading == "What else, about you and your pet?"
    story = person.path
    person.open("/en/everything/3").choose("Blue").press("Continue")
    assert person.open(story).heading == "What else?", "the pet is asked about no more"


def test_a_date_is_compared_only_with_one_that_is_answered(at: At) -> None:
    person = at("trip.1.end")
    early = SAID | {"trip.1.end": ("2018",)}
    assert fill_in(person, early).press("Continue").errors == [
        "Enter a date that is not before the first date"
    ]
    fill_in(person, early | {"trip.1.start": ()}).press("Continue")
    assert person.heading == "Trip 2: which region was it to?"


def test_two_questions_on_a_page_have_their_own_errors(at: At) -> None:
    person = at("rooms").type("How many rooms do you have?", "many").type("On which floor?", "99")
    person.press("Continue")
    assert person.errors == ["Enter a whole number, for example 3", "Enter a number from -3 to 40"]
    assert [link["href"] for link in person.soup.select(".govuk-error-summary a")] == ["#rooms", "#floor"]
    assert person.typed("How many rooms do you have?") == "many"


def test_an_error_names_the_member_and_the_round_it_is_about(at: At) -> None:
    person = at("helper.2.hours").press("Continue")
    assert person.errors == ["Say for how many hours helper 2 comes"]
    assert "Skip this question" not in person.buttons()


def test_a_date_in_the_future_may_be_today_and_not_yesterday(at: At) -> None:
    today, person = clock.today(), at("visit")
    fill_in(person, {"visit": ((today - timedelta(days=1)).isoformat(),)}).press("Continue")
    assert person.errors == ["Enter a date that is today or in the future"]
    fill_in(person, {"visit": (today.isoformat(),)}).press("Continue")
    assert person.heading == "When do you get up?"


def test_a_question_may_be_called_language(at: At) -> None:
    person = at("language").choose("Urdu").press("Polski")
    assert person.path == "/pl/everything/35"
    assert person.chosen() == ["Urdu"]
    assert person.press("Dalej").heading == "When did you move in?"


def test_a_change_from_the_check_page_asks_what_it_opens_and_comes_back(at: At) -> None:
    person = at().link("Change Which tools do you have?")
    assert person.chosen() == ["Saw", "Spanner"]
    person.choose("Plane").press("Continue")
    assert person.heading == "Plane: how many years have you had it?"
    assert person.press("Skip this question").heading == "Check your answers"
    person.link("Change Which colour do you like best?").choose("Blue").press("Continue")
    assert person.heading == "Check your answers"
    assert "Do you have a pet?" not in person.text


def test_a_landlord_chooses_the_wording_and_what_is_asked(make_portal: MakePortal, sqlite: Database) -> None:
    app = make_portal(sqlite, forms=(EVERYTHING,), variants={"greeting": "off", "song": "asked"})
    asked = app.extensions["portal"].asked["everything"]
    assert asked.variants == {"song": "asked"}
    assert [question.key for question in asked.questions][-2:] == ["copies", "song"]


# --- the codebook


def book(rows: Iterable[tuple[str, ...]]) -> list[dict[str, str]]:
    return [dict(zip(COLUMNS, one, strict=True)) for one in rows]


def test_the_codebook_says_what_every_question_means() -> None:
    rows = book(codebook(EVERYTHING))
    asked = {(one["question"], one["variant"]): one for one in rows if one["kind"]}
    assert list(asked) == [(question.key, question.variant) for question in EVERYTHING.questions]
    for key, column, value in (
        ("welcome", "kind", "notice"),
        ("tools", "kind", "choice many"),
        ("pet_name", "asked", "colour is green|red and pet is yes"),
        ("no_colour", "asked", "colour is not answered"),
        ("pause", "asked", "(tools is saw or rooms is answered or wake is not answered)"),
        ("tool.saw.lent_to", "asked", "tools is saw and tool.saw.years is answered"),
        ("tool.saw.years", "text", "Saw: how many years have you had it?"),
        ("helper.3.name", "text", "What is helper 3 called?"),
        ("helper.3.name", "personal", "yes"),
        ("keyed_on", "by", "office"),
        ("nearest", "register", "offices"),
        ("floor", "page", "40"),
    ):
        assert asked[key, ""][column] == value
    assert asked["greeting", "formal"]["page"] == asked["greeting", "friendly"]["page"] == "46"


def test_the_codebook_lists_every_option_with_its_number_parent_and_standards() -> None:
    rows = [one for one in book(codebook(EVERYTHING)) if one["code"]]
    beech = next(one for one in rows if one["question"] == "town" and one["code"] == "beech")
    assert (beech["number"], beech["label"], beech["parent"]) == ("02", "Beech", "north")
    assert beech["standards"] == "trees=2 maps=B7"
    nearest = [(one["number"], one["code"]) for one in rows if one["question"] == "nearest"]
    assert nearest == [("1", "high_street"), ("2", "market_hall"), ("3", "nowhere"), ("4", "not_said")]
    assert [one["variant"] for one in rows if one["question"] == "greeting"] == ["formal"] * 2 + [
        "friendly"
    ] * 2
    assert [one["number"] for one in rows if one["question"] == "colour"] == ["1", "2", "3", "4", "5"]
