"""Coming back to a request with its code, and what the person is told in between."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from portal import audit, clock, outbox
from portal.accounts.roles import Role
from portal.database import Database
from portal.forms.interpreter import INTERPRETER
from portal.intake.models import Submission
from portal.interpreting import acting, consequences, moving, open_questions, phrases, requests
from portal.interpreting.candidates import candidates
from portal.interpreting.models import Assignment, Request
from portal.interpreting.open_questions import RequestQuestion
from portal.interpreting.states import Event, Who
from portal.keeping import rewrap_all
from portal.languages import LANGUAGES
from portal.messages import Outgoing
from portal.sealing import CannotOpen, KeyRing
from portal.wording import LONGEST_SMS, Moment, said, segments
from portal.working import HANDLERS, do_one
from tests.bookings import ASKS, COORDINATOR, NOW, STARTS, Desk
from tests.staff import Colleague
from tests.visitor import Visitor


@pytest.fixture
def desk(database: Database, ring: KeyRing) -> Iterator[Desk]:
    with time_machine.travel(NOW, tick=False):
        yield Desk(database, ring)


def work(portal: Flask) -> None:
    """Do every job that is due."""
    state = portal.extensions["portal"]
    while do_one(state.settings, state.database, state.ring, HANDLERS):
        pass


def told(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.execute(select(Outgoing.event).order_by(Outgoing.event)).scalars())


def test_every_text_message_fits_in_three_segments_in_every_language() -> None:
    longest = {
        "organisation": "Metropolitan Borough Homes",
        "phone": "01332 000000",
        "reference": "7K3P X92C M",
        "when": Moment(STARTS),
        "how": "By phone, at an agreed time",
        "name": "Parveen",
        "address": "https://portal.example.org.uk/ur/your-view",
    }
    for template in phrases.OF_PERSON:
        for wording in (template, template.discreet):
            if wording is None or wording.sms is None:
                continue
            for code in LANGUAGES:
                words = said(wording.sms, longest, code)
                assert segments(words) <= LONGEST_SMS, (template.event, code, len(words))


def test_words_to_who_wants_discretion_never_say_what_it_is_about() -> None:
    for template in phrases.OF_PERSON:
        if template.discreet:
            for text in template.discreet.texts:
                assert not re.search("interpret|landlord|housing|translat", text.english), text.english


def test_the_person_is_told_when_it_came_in_and_when_it_is_booked_and_reminded(
    portal: Flask, desk: Desk
) -> None:
    person = desk.interpreter("phr")
    reference, offered = desk.ready(person)
    desk.accept(offered[person], person)
    with desk.database.write() as connection:
        moving.move(
            connection, moving.locked(connection, reference), Event.CONFIRM, by="CRD", who=Who.COORDINATOR
        )
    work(portal)
    assert told(desk.database) == ["interpreter asked", "interpreter booked"]
    with desk.database.read() as connection:
        due = connection.execute(
            select(outbox.Job.due).where(outbox.Job.kind == moving.TELL, outbox.Job.state == "new")
        ).scalars()
        moments = sorted(f"{clock.in_london(clock.moment(one)):%a %d %H:%M}" for one in due)
    assert moments == ["Fri 20 10:00", "Tue 24 07:00"], (
        "two working days and three hours before Tuesday 10:00"
    )
    with time_machine.travel(clock.moment(STARTS - 3 * 3600), tick=False):
        work(portal)
    assert told(desk.database).count("interpreter reminder") == 2


def test_nobody_is_reminded_of_what_is_cancelled(portal: Flask, desk: Desk) -> None:
    person = desk.interpreter("phr")
    reference, offered = desk.ready(person)
    desk.accept(offered[person], person)
    with desk.database.write() as connection:
        moving.move(
            connection, moving.locked(connection, reference), Event.CONFIRM, by="CRD", who=Who.COORDINATOR
        )
    work(portal)
    with desk.database.write() as connection:
        consequences.cancel(connection, desk.ring, reference, "ill", by="CRD", who=Who.COORDINATOR)
    with time_machine.travel(clock.moment(STARTS - 3 * 3600), tick=False):
        work(portal)
    assert "interpreter reminder" not in told(desk.database)
    assert "interpreter cancelled" in told(desk.database)


def go(visitor: Visitor) -> Visitor:
    """Press the main button."""
    button = visitor.soup.select_one("main form button")
    assert button is not None
    return visitor.send(button)


def enter(visitor: Visitor, code: str) -> None:
    control = visitor.soup.select_one("main input[type=text]")
    assert control is not None
    control["value"] = code
    go(visitor)


def test_a_request_that_ended_goes_with_all_that_hangs_on_it_after_its_years(desk: Desk) -> None:
    person = desk.interpreter("phr")
    reference, offered = desk.ready(person)
    desk.accept(offered[person], person)
    going_on = desk.asks()
    with desk.database.write() as connection:
        consequences.cancel(connection, desk.ring, reference, "ill", by="CRD", who=Who.COORDINATOR)
    today = clock.today()
    assert requests.forget_ended_before(desk.database, today) == 0
    assert requests.forget_ended_before(desk.database, clock.days_before(today, -1)) == 1
    with desk.database.read() as connection:
        assert connection.execute(select(Request.reference)).scalars().all() == [going_on]
        assert connection.execute(select(Assignment.reference)).first() is None
        assert len(connection.execute(select(Submission.id)).all()) == 1


def asked(portal: Flask, language: str = "en") -> tuple[Visitor, str]:
    """Somebody asks on the pages; gives them, and their code."""
    visitor = go(Visitor(portal).open(f"/{language}/interpreter"))
    answers = {key: list(value) for key, value in ASKS.items()}
    while not visitor.path.endswith("/check"):
        for control in visitor.soup.select("main input, main textarea"):
            name, value = str(control.get("name")), control.get("value")
            key, _dash, part = name.partition("-")
            wanted = answers.get(key, [])
            if control.get("type") in ("radio", "checkbox"):
                if value in wanted:
                    control["checked"] = ""
            elif part and wanted:
                year, month, day = wanted[0].split("-")
                control["value"] = {"day": day, "month": month, "year": year}[part]
            elif wanted and control.name == "textarea":
                control.string = wanted[0]
            elif wanted and control.get("type") != "hidden":
                control["value"] = wanted[0]
        before = visitor.path
        go(visitor)
        assert visitor.path != before, visitor.soup.select_one(".govuk-error-summary") or before
    go(visitor)
    code = "".join(re.findall(r"\d{4}", visitor.soup.select_one(".p-receipt").get_text()))  # type: ignore[union-attr]
    assert len(code) == 20
    return visitor, code


@pytest.mark.parametrize("language", ["en", "pa"])
def test_a_code_shows_how_far_it_is_and_cancels_it(portal: Flask, desk: Desk, language: str) -> None:
    visitor, code = asked(portal, language)
    visitor.open(f"/{language}/reply")
    enter(visitor, code)
    assert visitor.path == f"/{language}/reply/request"
    assert ASKS["name"][0] not in visitor.text
    button = visitor.soup.select_one("button[value^=cancel]")
    assert button is not None
    visitor.send(button)
    assert visitor.status == 422, "a reason is needed"
    radio = visitor.soup.select_one("main input[type=radio]")
    assert radio is not None
    radio["checked"] = ""
    visitor.send(visitor.soup.select_one("button[value^=cancel]"))  # type: ignore[arg-type]
    with desk.database.read() as connection:
        row = connection.execute(select(Request.state, Request.reason)).one()
    assert tuple(row) == ("cancelled", "ill")
    assert visitor.soup.select_one("button[value^=cancel]") is None


@pytest.mark.parametrize(
    ("ways", "words"),
    [
        ([(Event.TRIAGE, None), (Event.GIVE_UP, "time")], "We are sorry: we have not found anybody."),
        ([(Event.TRIAGE, None), (Event.PLACE, None), (Event.ABSENT, "tenant")], "It did not take place."),
        ([(Event.FINISH, None)], "It is done."),
    ],
)
def test_who_asked_is_told_the_truth_after_it_is_closed_too(
    portal: Flask, desk: Desk, ways: list[tuple[Event, str | None]], words: str
) -> None:
    visitor, code = asked(portal)
    visitor.open("/en/reply")
    enter(visitor, code)
    with desk.database.read() as connection:
        reference = connection.execute(select(Request.reference)).scalar_one()
    for event, why in [*ways, (Event.SETTLE, None)]:
        with desk.database.write() as connection:
            request = moving.locked(connection, reference)
            moving.move(connection, request, event, by=COORDINATOR, who=Who.COORDINATOR, reason=why)
    assert desk.state(reference) == "closed"
    visitor.open("/en/reply/request")
    assert [one for one in visitor.soup.select("main p") if one.get_text().startswith(words)]
    assert words == "It is done." or "It is done." not in visitor.text


QUESTION = "Is it canary <b>Road</b> or\nCanary Street?"


@pytest.mark.parametrize("language", ["en", "ur"])
def test_what_a_coordinator_asks_is_read_with_the_code_while_it_is_open(
    portal: Flask, desk: Desk, language: str
) -> None:
    visitor, code = asked(portal, language)
    with desk.database.read() as connection:
        reference = connection.execute(select(Request.reference)).scalar_one()
    coordinator = Colleague(portal, Role.COORDINATOR, name="Cora Example")
    coordinator.open(f"/staff/interpreting/{reference}").press("Ask the person something")
    assert coordinator.status == 422 and desk.state(reference) == "submitted", "a question is needed"
    coordinator.type("What you ask the person", QUESTION).press("Ask the person something")
    assert desk.state(reference) == "needs_info"
    assert "canary" not in coordinator.text, "it is shown once the look is noted"
    coordinator.press("Show name, place and words")
    assert "What we asked the person last Is it canary" in coordinator.text
    visitor.open(f"/{language}/reply")
    enter(visitor, code)
    shown = visitor.soup.select_one("main p[dir=auto] bdi[dir=auto]")
    assert shown is not None and " ".join(shown.get_text().split()) == " ".join(QUESTION.split())
    assert ("call us on" in visitor.text) is (language == "en")
    visitor.open(f"/{language}/reply/request")
    second = coordinator.open(f"/staff/interpreting/{reference}")
    second.pick("What is it about?", "Rent and arrears (tier 2)").press("Ready to be offered")
    assert desk.state(reference) == "open"
    assert "canary" not in visitor.open(f"/{language}/reply/request").response.text, "it is answered"
    coordinator.type("What you ask the person", "And when?").press("Ask the person something")
    page = visitor.open(f"/{language}/reply/request").text
    assert "And when?" in page and "canary" not in page, "the newest is the one that is open"


def test_the_key_of_a_question_is_renewed_with_the_others(database: Database) -> None:
    ring = KeyRing.new()
    with time_machine.travel(NOW, tick=False):
        desk = Desk(database, ring)
        reference = desk.asks()
        acting.ask(database, ring, reference, 1, "Which office?", COORDINATOR)
    ring.add("narrative")
    assert rewrap_all(database, ring, "narrative") == 2, "the words of the form, and the question"
    ring.drop("narrative:1")
    with database.read() as connection:
        assert open_questions.of(connection, ring, reference) == "Which office?"


def test_a_question_is_sealed_for_its_request_and_goes_with_it(desk: Desk) -> None:
    first, second = desk.asks(), desk.asks()
    for reference in (first, second):
        words = f"canary {reference}"
        acting.ask(desk.database, desk.ring, reference, 1, words, COORDINATOR)
    with pytest.raises(moving.NotNow):
        acting.ask(desk.database, desk.ring, first, 1, "of a page that is too old", COORDINATOR)
    with desk.database.read() as connection:
        rows = connection.execute(select(RequestQuestion.__table__)).all()
        assert open_questions.of(connection, desk.ring, first) == f"canary {first}"
        trail = [one.detail for one in audit.page(connection, limit=100)]
    assert len(rows) == 2 and not any(b"canary" in bytes(row.sealed) for row in rows)
    assert "canary" not in str(trail)
    with desk.database.write() as connection:
        [one, other] = rows
        swapped = {"sealed": one.sealed, "data_key": one.data_key}
        connection.execute(
            update(RequestQuestion).where(RequestQuestion.request == other.request).values(swapped)
        )
    with desk.database.read() as connection, pytest.raises(CannotOpen):
        open_questions.of(connection, desk.ring, other.request)
    with desk.database.write() as connection:
        consequences.cancel(
            connection, desk.ring, first, "ill", by=COORDINATOR, who=Who.COORDINATOR, event=Event.CANCEL
        )
    later = clock.days_from(clock.today(), 3)[-1]
    assert requests.forget_ended_before(desk.database, later) == 1
    with desk.database.read() as connection:
        left = connection.execute(select(RequestQuestion.request)).scalars().all()
    assert left == [second]


def test_a_change_starts_from_what_was_said_and_keeps_the_request(portal: Flask, desk: Desk) -> None:
    visitor, code = asked(portal)
    with desk.database.read() as connection:
        before = connection.execute(select(Request)).one()
    visitor.open("/en/reply")
    enter(visitor, code)
    visitor.send(visitor.soup.select_one("button[value=change]"))  # type: ignore[arg-type]
    assert visitor.path.endswith("/interpreter/check"), "everything is answered already"
    assert ASKS["name"][0] in visitor.text and ASKS["phone"][0] in visitor.text
    number = INTERPRETER.page_of("gender").number  # type: ignore[union-attr]
    visitor.open(f"/en/interpreter/{number}")
    for control in visitor.soup.select("main input[type=radio]"):
        control.attrs.pop("checked", None)
        if control["value"] == "any":
            control["checked"] = ""
    go(visitor)
    while not visitor.path.endswith("/check"):
        go(visitor)
    go(visitor)
    with desk.database.read() as connection:
        after = connection.execute(select(Request)).one()
    assert after.reference == before.reference and after.submission != before.submission
    assert (before.gender, after.gender) == ("woman", "any")
    visitor.open("/en/reply")
    enter(visitor, code)
    assert visitor.status == 422, "the old code is worth nothing any more"


def test_a_person_may_want_another_interpreter_without_saying_why(portal: Flask, desk: Desk) -> None:
    visitor, code = asked(portal)
    with desk.database.read() as connection:
        reference = connection.execute(select(Request.reference)).scalar_one()
    person, other = desk.interpreter("phr", name="Nasreen"), desk.interpreter("phr", name="Bushra")
    desk.triage(reference)
    offered = desk.offer(reference, person, other)
    desk.accept(offered[person], person)
    visitor.open("/en/reply")
    enter(visitor, code)
    assert "Nasreen" in visitor.text and "Bushra" not in visitor.text
    visitor.send(visitor.soup.select_one("button[value^=another]"))  # type: ignore[arg-type]
    assert "Nasreen" not in visitor.text
    with desk.database.read() as connection:
        assert connection.execute(select(Assignment.state, Assignment.reason)).one() == ("released", "tenant")
    assert desk.state(reference) == "open"
    with desk.database.read() as connection:
        found = moving.find(connection, reference)
        assert found is not None
        blocked = {
            one.person.name: one.blocks
            for one in candidates(connection, found, STARTS, STARTS + 3600, "home")
        }
    assert "conflict" in blocked["Nasreen"] and "conflict" not in blocked["Bushra"]


def test_taking_back_answers_is_no_way_around_cancelling(portal: Flask, desk: Desk) -> None:
    visitor, code = asked(portal)
    visitor.open("/en/reply")
    enter(visitor, code)
    token = visitor.soup.select_one("input[name=csrf_token]")["value"]  # type: ignore[index]
    visitor.post("/en/reply/choose", [("csrf_token", str(token)), ("go", "withdraw")])
    with desk.database.read() as connection:
        assert connection.execute(select(Request.state)).scalar_one() == "submitted"
