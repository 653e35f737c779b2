"""The satisfaction survey: what it asks of whom, how it is reached, and that nothing ties it to the equality
answers of the same person."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pytest
import time_machine
from bs4 import BeautifulSoup
from flask import Flask

from portal.accounts.roles import Role
from portal.clock import today
from portal.database import Database
from portal.equality.collections import keep
from portal.equality.invitations import Invitation, write
from portal.forms import EQUALITY, FORMS
from portal.forms.survey import SURVEY
from portal.intake.models import Draft
from portal.intake.receipts import digest_of
from portal.languages import LANGUAGES, say
from portal.questions import Choice
from portal.sealing import KeyRing
from portal.settings import CollectionEntry, Settings
from tests.arrivals import arrive, opened, stored
from tests.conftest import MakePortal
from tests.staff import Colleague
from tests.test_helping import to_the_end
from tests.visitor import Visitor

OF_INTERPRETERS = ["understood", "private", "same_again"]
SCALES = ["overall", "fair", "rights", "easy", *OF_INTERPRETERS]


def asked(**answers: str) -> list[str]:
    given = {key: (code,) for key, code in answers.items()}
    return [question.key for question, _answer in SURVEY.reached(given)]


def choice(key: str) -> Choice:
    found = SURVEY.question(key)
    assert isinstance(found, Choice)
    return found


# What it asks


def test_every_scale_has_five_points_from_best_to_worst_and_one_who_does_not_know() -> None:
    for key in SCALES:
        codes = [option.code for option in choice(key).known]
        assert len(codes) == 6 and codes[2] == "neither" and codes[-1] == "do_not_know"
        assert codes[0].removeprefix("very_").removeprefix("strongly_") in ("satisfied", "agree")
        assert codes[4].removeprefix("very_").removeprefix("strongly_") in ("dissatisfied", "disagree")


def test_only_who_had_an_interpreter_is_asked_about_one() -> None:
    everybody = ["service", "interpreted", *SCALES[:4], "comment"]
    assert asked() == asked(service="repairs") == asked(service="repairs", interpreted="no") == everybody
    assert asked(service="repairs", interpreted="yes") == [*everybody[:-1], *OF_INTERPRETERS, "comment"]
    assert asked(service="interpreting") == ["service", *SCALES, "comment"]


def test_nobody_is_named_and_nothing_must_be_answered() -> None:
    assert SURVEY.anonymous
    assert not [question.key for question in SURVEY.questions if question.required]
    assert [question.key for question in SURVEY.questions if question.personal] == ["comment"]


def test_a_form_that_is_offered_next_is_another_anonymous_one() -> None:
    by_key = {form.key: form for form in FORMS}
    offering = [form for form in FORMS if form.then]
    assert SURVEY in offering
    for form in offering:
        assert (form.anonymous or form.private) and by_key[form.then].anonymous and form.then != form.key


# How it is reached


def finish(visitor: Visitor, *codes: str, comment: str = "") -> None:
    """From the page that is open to the thanks, ticking these codes where they are offered."""
    visitor.send(visitor.soup.select_one("main form button"))
    for _page in range(40):
        if visitor.path.endswith("/check"):
            break
        for option in visitor.soup.select("main input[type=radio]"):
            if option["value"] in codes:
                option["checked"] = ""
        for words in visitor.soup.select("main textarea"):
            words.string = comment
        visitor.send(visitor.soup.select("main button")[0])
        assert visitor.status == 200, visitor.text
    visitor.send(visitor.soup.select_one("main button[value=send]"))


def code_of(visitor: Visitor) -> str:
    found = visitor.soup.select_one(".p-receipt__code")
    assert found is not None
    return "".join(found.get_text().split())


def test_a_person_answers_in_urdu_and_is_offered_the_equality_questions(
    visitor: Visitor, database: Database, ring: KeyRing
) -> None:
    keep(database, [CollectionEntry(code="repairs", name="Repairs")])
    visitor.open("/ur/your-view/at/repairs")
    assert visitor.heading == say(SURVEY.title, "ur")
    comment = "بہت اچھا کام، شکریہ"
    finish(visitor, "repairs", "yes", "fairly_satisfied", "agree", comment=comment)
    [row] = stored(database)
    assert (row.form, row.channel, row.collection) == ("survey", "web", "repairs")
    assert row.answers == {
        "service": ["repairs"],
        "interpreted": ["yes"],
        "overall": ["fairly_satisfied"],
        **{key: ["agree"] for key in SCALES[1:]},
        "comment": ["_sealed"],
    }
    assert opened(ring, row) == {"comment": [comment]}
    code = code_of(visitor)
    [offer] = visitor.soup.select('main a[href*="about-you"]')
    assert offer["href"] == "/ur/about-you/at/repairs"
    visitor.open(str(offer["href"]))
    assert visitor.heading == say(EQUALITY.title, "ur")
    finish(visitor, "no")
    assert code_of(visitor) != code
    assert not visitor.soup.select('main a[href*="your-view"]'), "nothing leads back"
    assert [row.form for row in sorted(stored(database), key=lambda row: row.form)] == ["equality", "survey"]


def test_without_a_place_the_equality_questions_begin_without_one(sqlite_visitor: Visitor) -> None:
    sqlite_visitor.open("/pl/your-view")
    finish(sqlite_visitor, "no")
    [offer] = sqlite_visitor.soup.select('main a[href*="about-you"]')
    assert offer["href"] == "/pl/about-you"


def test_a_portal_without_the_other_form_offers_nothing(make_portal: MakePortal, sqlite: Database) -> None:
    visitor = Visitor(make_portal(sqlite, forms=(SURVEY,))).open("/en/your-view")
    finish(visitor, "no")
    assert code_of(visitor) and not visitor.soup.select('main a[href*="about-you"]')


def test_the_start_page_leads_to_it(sqlite_visitor: Visitor) -> None:
    sqlite_visitor.open("/en/").link("Tell us how we did")
    assert sqlite_visitor.path == "/en/your-view"


def test_an_invitation_leads_to_it_and_is_used_once(
    visitor: Visitor, database: Database, ring: KeyRing, settings: Settings
) -> None:
    keep(database, [CollectionEntry(code="repairs", name="Repairs")])
    link = write(ring, settings, Invitation("repairs", "event-0001", "en", today()), SURVEY.address)
    for heading in ("Thank you. Your answers are sent", "This invitation has already been used"):
        visitor.open(link.removeprefix(settings.address))
        assert visitor.path == "/en/your-view/invited"
        finish(visitor, "no")
        assert visitor.heading == heading
    assert [row.form for row in stored(database)] == ["survey"]


def test_staff_fill_it_in_by_phone_and_are_told_to_offer_the_other(portal: Flask, database: Database) -> None:
    helper = Colleague(portal, Role.FRONTLINE)
    helper.open("/staff/for-someone").choose("Tell us how we did", "By phone")
    helper.pick("Language of the person", "Urdu").press("Continue")
    helper.choose("The person has heard this and agrees to answer").press("Begin")
    to_the_end(helper)
    helper.press("Send")
    assert helper.heading == "The answers are stored"
    assert "Offer the person this form too: About you" in helper.text
    [row] = stored(database)
    assert (row.form, row.channel, row.helper) == ("survey", "phone", "staff")


# What ties it to the other form: nothing

CROWD = 50
RARE = ("pa", "hi", "bn", "ar", "fa")
"""Languages that one person of the crowd speaks each."""
Rows = Mapping[str, Mapping[str, Any]]


class Quick:
    """Sends what the pages would send, and reads no more of them than it needs."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()

    def answers(self, start: str, **answers: str) -> tuple[str, str]:
        """From a form's first page to its thanks, skipping what is not given: the code, and the offer."""
        token = self.between(self.client.get(start).text, 'name="csrf_token" value="')
        place = self.client.post(start, data={"csrf_token": token}).headers["Location"]
        while not place.endswith("/check"):
            place = self.goes(place, token, "next" if answers else "skip", **answers)
        said = self.between(self.client.get(place).text, 'name="said" value="')
        place = self.goes(place, token, "send", said=said)
        thanks = BeautifulSoup(self.client.get(place).text, "html.parser")
        code = "".join(span.text for span in thanks.select(".p-receipt__code span"))
        return code, str(next(iter(thanks.select('main a[href*="about-you"]')), {"href": ""})["href"])

    def goes(self, place: str, token: str, wish: str, **fields: str) -> str:
        """Where a button leads."""
        response = self.client.post(place, data={"csrf_token": token, "go": wish, **fields})
        return str(response.headers["Location"])

    @staticmethod
    def between(text: str, before: str, after: str = '"') -> str:
        return text.partition(before)[2].partition(after)[0]


def test_nobody_in_a_crowd_can_be_joined_to_their_equality_answers(
    make_portal: MakePortal, database: Database, ring: KeyRing
) -> None:
    """Whoever has all that is stored knows no more than that both came from one place in one week."""
    app, dice = make_portal(database), random.Random(4)
    keep(database, [CollectionEntry(code=code, name=code) for code in ("repairs", "lettings")])
    crowd = [Quick(app) for _person in range(CROWD)]
    languages = [*RARE, *dice.choices(("en", "ur", "pl"), k=CROWD - len(RARE))]
    pairs: dict[str, str] = {}
    first: dict[int, tuple[str, str]] = {}
    with time_machine.travel("2026-11-16T09:00Z", tick=False) as clock:
        for number in dice.sample(range(CROWD), CROWD):
            clock.shift(dice.randrange(60, 3000))
            place = ("repairs", "lettings")[number % 2]
            first[number] = crowd[number].answers(f"/{languages[number]}/your-view/at/{place}")
        for number in dice.sample(range(CROWD), CROWD):
            clock.shift(dice.randrange(60, 3000))
            code, offer = first[number]
            pairs[code], _nothing = crowd[number].answers(offer, equality_consent="no")
    rows = {bytes(row.receipt): row._asdict() for row in stored(database)}
    of = {code: rows[digest_of(ring, code)] for pair in pairs.items() for code in pair}
    left = {code: of[code] for code in pairs}
    right = {code: of[code] for code in pairs.values()}
    assert {row["received"] for row in of.values()} == {date(2026, 11, 16)}
    assert fewest_candidates(left, right) >= CROWD // 2, "told apart by more than the place"
    for column in ("id", "idempotency", "said", "receipt"):
        assert joined_by_order(left, right, pairs, column) <= 8, column
    with database.read() as connection:
        assert connection.execute(Draft.__table__.select()).all() == []


def fewest_candidates(left: Rows, right: Rows) -> int:
    """How many of the right rows at least could belong to a left one, by all columns that are of both.

    The columns that differ from row to row are keys of their own form, and those with the form's words say
    nothing of the other; each of the others is compared.
    """
    columns = [
        name
        for name in next(iter(left.values()))
        if {str(row[name]) for row in left.values()} & {str(row[name]) for row in right.values()}
    ]
    assert {"collection", "received", "channel"} <= set(columns)
    return min(
        sum(all(one[name] == other[name] for name in columns) for other in right.values())
        for one in left.values()
    )


def joined_by_order(left: Rows, right: Rows, pairs: Mapping[str, str], column: str) -> int:
    """How many pairs are found by putting both forms in the order of a column; by chance it is about one."""

    def in_order(rows: Rows) -> Iterable[str]:
        return sorted(rows, key=lambda code: rows[code][column])

    return sum(pairs[one] == other for one, other in zip(in_order(left), in_order(right), strict=True))


def test_the_join_would_be_found() -> None:
    """By a language that few speak, or by keys that rise with time."""
    ways: list[dict[str, Any]] = [{"language": "fa" if number == 1 else "en"} for number in range(20)]
    same = {"collection": "repairs", "received": date(2026, 11, 16), "channel": "web"}
    left = {f"a{number}": {**same, **way, "id": number} for number, way in enumerate(ways)}
    right = {f"b{number}": {**same, **way, "id": 100 + number} for number, way in enumerate(ways)}
    pairs = {f"a{number}": f"b{number}" for number in range(20)}
    assert fewest_candidates(left, right) == 1
    assert joined_by_order(left, right, pairs, "id") == 20
    for rows in (left, right):
        for row in rows.values():
            row["language"] = "en"
    assert fewest_candidates(left, right) == 20


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en-xa"}))
def test_the_language_of_its_pages_is_not_kept(sqlite: Database, ring: KeyRing, language: str) -> None:
    assert arrive(sqlite, ring, {}, form=SURVEY.here(), language=language).language == "und"
    assert arrive(sqlite, ring, {}, language=language).language == language
