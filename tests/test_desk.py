"""The coordinator's desk, without JavaScript: from a request that came in to somebody who comes."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal import audit, registers
from portal.accounts.roles import Role
from portal.audit import Did
from portal.interpreting import consequences
from portal.interpreting.models import Interpreter
from portal.interpreting.offers import Answer
from portal.interpreting.planning import PROVIDERS
from portal.interpreting.purposes import PURPOSES
from portal.interpreting.states import TABLE, State
from portal.references import grouped
from tests.bookings import CANARIES, ENDS, NOW, STARTS, Desk
from tests.staff import Colleague

DESK = "/staff/interpreting"


@pytest.fixture
def desk(portal: Flask) -> Iterator[Desk]:
    found = portal.extensions["portal"]
    with time_machine.travel(NOW, tick=False):
        yield Desk(found.database, found.ring)


@pytest.fixture
def coordinator(portal: Flask, desk: Desk) -> Colleague:
    return Colleague(portal, Role.COORDINATOR, name="Cora Example")


def no_canaries(coordinator: Colleague) -> None:
    for canary in (*CANARIES, "canary village"):
        assert canary not in coordinator.response.text, canary


def triaged(coordinator: Colleague, reference: str, about: str = "Rent and arrears (tier 2)") -> None:
    coordinator.open(f"{DESK}/{reference}").pick("What is it about?", about)
    coordinator.press("Ready to be offered")
    assert coordinator.status == 200, coordinator.errors


def test_from_the_queue_to_an_offer_that_is_accepted_and_confirmed(
    desk: Desk, coordinator: Colleague
) -> None:
    person = desk.interpreter("phr", area="LE1")
    reference = desk.asks()
    coordinator.open(DESK)
    assert "Pahari" in coordinator.text and "names a dialect" in coordinator.text
    no_canaries(coordinator)
    coordinator.open(str(coordinator.soup.select_one("main table a")["href"]))
    no_canaries(coordinator)
    assert "Look at it: say what it is about" in coordinator.text
    triaged(coordinator, reference)
    assert desk.request(reference).tier == 2 and desk.state(reference) == "open"
    coordinator.link("Who could come, and the offers so far")
    no_canaries(coordinator)
    assert "Who could come on Tuesday 24 November 2026, 10:00–11:30" in coordinator.text
    coordinator.choose("Nasreen").press("Offer it")
    assert desk.state(reference) == "offering" and "sent" in coordinator.text
    assert desk.accept(desk.offers(reference)[person], person) is Answer.WILLING, "a pool: it is tier 2"
    coordinator.open(f"{DESK}/{reference}/people").press("Choose Nasreen")
    assert desk.state(reference) == "held"
    coordinator.press("Confirm it")
    assert desk.state(reference) == "confirmed" and desk.request(reference).confirmed
    no_canaries(coordinator)


def test_what_identifies_is_shown_once_and_the_look_is_noted_first(
    desk: Desk, coordinator: Colleague
) -> None:
    reference = desk.asks(not_wanted=("Canary cousin",))
    coordinator.open(f"{DESK}/{reference}").press("Show name, place and words")
    for words in (CANARIES[0], CANARIES[1], CANARIES[2], "Mirpur canary village", "Canary cousin"):
        assert words in coordinator.text, words
    assert "Phone call 07700 900123 Yes, now" in coordinator.text, "10 o'clock is in the morning"
    assert "Do not leave a message" in coordinator.text and "Safe hours: 09:00–12:00" in coordinator.text
    with desk.database.read() as connection:
        looks = audit.page(connection, did=Did.VIEWED, what=f"request {reference}")
    assert [(one.by, one.detail) for one in looks] == [(coordinator.reference, {"words": "words"})]
    no_canaries(coordinator.open(f"{DESK}/{reference}"))
    with time_machine.travel("2026-11-18T14:00:00Z", tick=False):
        coordinator.come_in()
        coordinator.open(f"{DESK}/{reference}").press("Show name, place and words")
    assert "Not now From Thursday 19 November 2026, 09:00 on" in coordinator.text


def test_who_was_not_fast_enough_sees_the_request_as_it_is_and_keeps_what_they_chose(
    desk: Desk, coordinator: Colleague, portal: Flask
) -> None:
    reference = desk.asks()
    colleague = Colleague(portal, Role.COORDINATOR, name="Colin Example")
    coordinator.open(f"{DESK}/{reference}").pick("What is it about?", "Rent and arrears (tier 2)")
    coordinator.type("How many minutes", "75")
    colleague.open(f"{DESK}/{reference}").type("What you ask the person", "Which office?")
    colleague.press("Ask the person something")
    coordinator.press("Ready to be offered")
    assert coordinator.status == 409 and "Something changed before you pressed" in coordinator.text
    assert desk.state(reference) == "needs_info" and coordinator.typed("How many minutes") == "75"
    coordinator.press("Ready to be offered")
    assert coordinator.status == 200 and desk.request(reference).minutes == 75
    triaged_page = colleague.open(f"{DESK}/{reference}")
    triaged_page.post(
        f"{DESK}/{reference}/step",
        [("csrf_token", token(triaged_page)), ("seen", "3"), ("go", "triage"), ("purpose", "rent")],
    )
    assert triaged_page.status == 409 and "What you typed: rent" in triaged_page.text


def token(colleague: Colleague) -> str:
    return str(colleague.soup.select("input[name=csrf_token]")[0]["value"])


def test_nobody_is_offered_who_is_not_a_woman_where_that_is_essential(
    desk: Desk, coordinator: Colleague
) -> None:
    """Acceptance check 4: nobody can be offered, and the reason is there before anybody chooses one."""
    man = desk.interpreter("phr", gender="man", name="Tariq")
    reference = desk.asks()
    triaged(coordinator, reference)
    coordinator.open(f"{DESK}/{reference}/people")
    assert "Nobody Nobody of the gender that is essential" in coordinator.text
    assert (
        "Offer it" not in coordinator.buttons() and "not of the gender that is essential" in coordinator.text
    )
    hidden = [("csrf_token", token(coordinator)), ("seen", "2"), ("who", str(man)), ("seats", "1")]
    time = [
        ("day-day", "24"),
        ("day-month", "11"),
        ("day-year", "2026"),
        ("from", "10:00"),
        ("minutes", "90"),
    ]
    for way in ("direct", "pool", "tiered", "rota"):
        coordinator.post(f"{DESK}/{reference}/people", [*hidden, *time, ("mode", "home"), ("way", way)])
        assert coordinator.status == 422 and desk.state(reference) == "open", way
    coordinator.open(f"{DESK}/{reference}").press("Nobody can be found")
    assert (desk.state(reference), desk.request(reference).reason) == ("unfilled", "gender")
    assert "Unfilled" in coordinator.open(f"{DESK}?show=unfilled").text
    coordinator.open(f"{DESK}/{reference}").press("Settle it")
    assert desk.state(reference) == "closed"


def test_sorani_is_never_offered_to_who_asked_for_kurmanji(desk: Desk, coordinator: Colleague) -> None:
    """Acceptance check 5."""
    desk.interpreter("ckb", area="LE1")
    reference = desk.asks(speak=("kmr",), second=())
    triaged(coordinator, reference)
    assert "who speaks Sorani may not understand Kurmanji" in coordinator.text
    coordinator.open(f"{DESK}/{reference}/people")
    assert "does not work in this language" in coordinator.text and "Offer it" not in coordinator.buttons()


@pytest.mark.parametrize(
    ("day", "time", "error"),
    [
        (("28", "3", "2027"), "01:30", "Clocks go forward"),
        (("31", "10", "2027"), "01:30", "Clocks go back"),
        (("17", "11", "2026"), "10:00", "today or in the future"),
    ],
)
def test_a_time_that_is_none_or_two_or_over_is_said_on_the_page(
    desk: Desk, coordinator: Colleague, day: tuple[str, str, str], time: str, error: str
) -> None:
    desk.interpreter("phr")
    reference = desk.asks()
    triaged(coordinator, reference)
    coordinator.open(f"{DESK}/{reference}/people").type("Day", day[0]).type("Month", day[1])
    coordinator.type("Year", day[2]).type("From what time", time)
    form = coordinator.soup.select_one("form[method=get]")
    assert form is not None
    asked = urlencode(coordinator.form_fields(form))
    coordinator.open(f"{DESK}/{reference}/people?{asked}")
    assert coordinator.status == 422 and error in coordinator.errors[0], coordinator.errors
    assert coordinator.typed("From what time") == time and "Offer it" not in coordinator.buttons()


def test_who_does_not_agree_yet_is_talked_to_first(desk: Desk, coordinator: Colleague) -> None:
    reference = desk.asks(agreed=("call",))
    coordinator.open(f"{DESK}/{reference}").pick("What is it about?", "Rent and arrears (tier 2)")
    assert "Talk to the person first" in coordinator.text
    coordinator.press("Ready to be offered")
    assert coordinator.errors == ["Talk to the person first: they asked for it"]
    coordinator.choose("I talked to the person: they agree now").press("Ready to be offered")
    assert desk.request(reference).agreed and desk.state(reference) == "open"


def test_a_language_in_their_own_words_is_coded_before_anybody_is_looked_for(
    desk: Desk, coordinator: Colleague
) -> None:
    desk.interpreter("bfi", area="LE1")
    for speak in (
        {"speak": ("other",), "speak_words": ("Kundal Shahi",)},
        {"speak": ("sign",), "sign": ("other",)},
    ):
        reference = desk.asks(**speak, dialect=())  # type: ignore[arg-type]
        coordinator.open(f"{DESK}/{reference}").pick("What is it about?", "Repairs, inspection (tier 3)")
        coordinator.press("Ready to be offered")
        assert len(coordinator.errors) == 1 and desk.state(reference) == "submitted"
        coordinator.pick("Which language of the list it is", "British Sign Language (BSL)")
        coordinator.press("Ready to be offered")
        assert desk.request(reference).coded == "bfi"
        coordinator.open(f"{DESK}/{reference}/people")
        assert "works in the language asked for" in coordinator.text, speak


def test_nobody_of_their_own_where_they_may_not_be_free_to_speak_and_never_a_child(
    desk: Desk, coordinator: Colleague
) -> None:
    reference = desk.asks()
    triaged(coordinator, reference, "Domestic abuse, safeguarding (tier 1)")
    own = "The person brings somebody of their own"
    assert own not in coordinator.buttons() and "may not bring somebody of their own" in coordinator.text
    fields = {"own_why": "trusted", "own_age": "adult", "own_talked": "yes"}
    sent = [("csrf_token", token(coordinator)), ("seen", "2"), ("go", "own"), *fields.items()]
    assert coordinator.post(f"{DESK}/{reference}/step", sent).status == 409
    assert desk.state(reference) == "open" and desk.request(reference).own_why is None
    coordinator.open(f"{DESK}/{reference}")
    again = desk.asks(phone=("07700 900777",))
    triaged(coordinator, again)
    coordinator.choose("They trust this relative or friend", "Under 18").press(own)
    assert "Nobody under 18 may interpret. Offer an interpreter instead" in coordinator.errors
    assert desk.state(again) == "open"
    talked = "I talked to the person alone: it is what they want, and an interpreter is free"
    coordinator.choose("18 or older", talked).press(own)
    request = desk.request(again)
    assert (request.state, request.own_why, request.own_by) == ("declined", "trusted", coordinator.reference)


def test_another_purpose_shows_its_tier_and_releases_who_is_not_qualified_for_it(
    desk: Desk, coordinator: Colleague
) -> None:
    person = desk.interpreter("phr", level="trained", area="LE1")
    reference = desk.asks()
    triaged(coordinator, reference)
    assert desk.accept(desk.offer(reference, person)[person], person) is Answer.WON
    coordinator.open(f"{DESK}/{reference}").pick("What is it about?", "Hate incident (tier 1)")
    coordinator.press("It is about something else")
    assert (desk.state(reference), desk.request(reference).tier) == ("open", 1)
    assert "The purpose needs a higher qualification" in coordinator.text
    assert "not qualified for this purpose" in coordinator.open(f"{DESK}/{reference}/people").text


def test_a_provider_is_chosen_from_the_list_and_the_booking_is_theirs(
    desk: Desk, coordinator: Colleague
) -> None:
    reference = desk.asks()
    triaged(coordinator, reference)
    assert "No provider is in the list yet" in coordinator.link("Place it with a provider").text
    registers.add(desk.database, desk.ring, PROVIDERS, (), "Lingua Example", "operator")
    coordinator.open(f"{DESK}/{reference}/provider").type("Their number for it", "LX-77")
    coordinator.choose("Lingua Example").type("Price in pounds", "45.5").press("It is placed")
    assert coordinator.errors == ["Type a price in pounds, such as 45 or 45.50"]
    coordinator.type("Price in pounds", "45.50").press("It is placed")
    assert (
        desk.state(reference) == "confirmed" and "£45.50" in coordinator.text and "LX-77" in coordinator.text
    )
    coordinator.open(f"{DESK}/calendar?week=2026-11-24")
    assert "Lingua Example" in coordinator.text and "10:00–11:30" in coordinator.text
    no_canaries(coordinator)
    assert "Lingua" not in coordinator.link("The week after").text
    coordinator.open(f"{DESK}/{reference}")
    coordinator.pick("Why they do not come", "The interpreter cannot come after all")
    coordinator.press("Release the interpreter")
    assert desk.state(reference) == "open"


def test_who_is_on_duty_is_booked_without_an_offer_and_what_is_booked_can_be_moved_and_cancelled(
    desk: Desk, coordinator: Colleague
) -> None:
    person = desk.interpreter("phr", area="LE1")
    reference = desk.asks()
    triaged(coordinator, reference)
    coordinator.open(f"{DESK}/{reference}/people").choose("Nasreen", "Book who is on duty, without an offer")
    coordinator.press("Offer it")
    assert desk.state(reference) == "confirmed" and "Nasreen" in coordinator.text
    other = desk.asks(phone=("07700 900777",), postcode=())
    triaged(coordinator, other)
    assert "booked at this time" in coordinator.open(f"{DESK}/{other}/people").text
    coordinator.open(f"{DESK}/{reference}/people")
    assert "The interpreter is released, and asked first for the new time" in coordinator.text
    coordinator.type("From what time", "10:30").press("Move it")
    assert desk.state(reference) == "held"
    coordinator.press("Confirm it").open(f"{DESK}/{reference}/people").type("Day", "26").press("Move it")
    assert desk.state(reference) == "offering" and list(desk.offers(reference)) == [person]
    coordinator.pick("Why it is cancelled", "The person is ill").press("Cancel it")
    assert (desk.state(reference), desk.request(reference).reason) == ("cancelled", "ill")
    assert desk.request(reference).notice is not None


def test_what_the_page_says_of_a_small_shift_is_what_happens_when_the_interpreter_is_busy_then(
    desk: Desk, coordinator: Colleague
) -> None:
    person = desk.interpreter("phr", area="LE1")
    first, offered = desk.ready(person)
    desk.accept(offered[person], person)
    second = desk.asks(phone=("07700 900777",), postcode=())
    desk.triage(second)
    offered = desk.offer(second, person, starts=STARTS + 9000, ends=ENDS + 9000)
    desk.accept(offered[person], person)
    seen = desk.request(first)
    coordinator.open(f"{DESK}/{first}/people")
    assert "not moved if they are booked then already" in coordinator.text
    coordinator.type("From what time", "11:00").press("Move it")
    assert coordinator.status == 409 and "has another booking at this time" in coordinator.errors[0]
    assert coordinator.typed("From what time") == "11:00", "what was typed is kept"
    assert desk.request(first) == seen
    coordinator.type("From what time", "09:30").press("Move it")
    assert coordinator.status == 200 and desk.state(first) == "held"


def test_what_is_written_is_ordered_and_delivered_and_who_wants_a_call_is_called(
    desk: Desk, coordinator: Colleague
) -> None:
    written = desk.asks(need=("translation",), document=("The canary notice",), read=("urd",))
    coordinator.open(DESK)
    assert "Translation" in coordinator.text and "canary notice" not in coordinator.text
    triaged(coordinator, written)
    assert "Offer it" not in coordinator.text
    coordinator.press("It is ordered")
    assert desk.state(written) == "in_progress"
    coordinator.choose("By post").press("It was delivered")
    request = desk.request(written)
    assert (request.state, f"{request.delivered}", request.delivered_as) == (
        "completed",
        "2026-11-18",
        "post",
    )
    called = desk.asks(need=("call",), speak=("urd",), phone=("07700 900777",))
    coordinator.open(f"{DESK}/{called}").press("We have called")
    assert desk.state(called) == "completed"


def test_the_same_person_s_other_requests_show_no_more_than_what_and_how_far(
    desk: Desk, coordinator: Colleague
) -> None:
    first, second = desk.asks(), desk.asks()
    coordinator.open(f"{DESK}/{second}")
    assert "The same person asked besides" in coordinator.text and grouped(first) in coordinator.text
    no_canaries(coordinator)
    coordinator.press("Asked twice")
    assert (desk.state(first), desk.state(second)) == ("submitted", "void")


def test_the_people_who_interpret_are_added_changed_and_taken_out_of_use(
    desk: Desk, coordinator: Colleague, portal: Flask
) -> None:
    nasreen = Colleague(portal, Role.INTERPRETER, name="Nasreen Example")
    keyer = Colleague(portal, Role.KEYER, name="Kay Example")
    coordinator.open("/staff/interpreters").type("Name", "Nasreen").choose(
        "A woman", "From our bank", "By phone, at an agreed time"
    )
    coordinator.choose("At my home").type("Minutes to come, and to go", "25").type(
        "Email address of their account", keyer.email
    )
    coordinator.press("Add")
    assert "No account in use with the role of an interpreter" in coordinator.errors[0]
    coordinator.type("Email address of their account", nasreen.email).press("Add")
    assert coordinator.heading == "Nasreen" and coordinator.status == 200
    coordinator.pick("Language", "Urdu").choose("Registered professional").type(
        "Professional register", "NRPSI"
    )
    coordinator.type("Day", "1").type("Month", "12").type("Year", "2026").press("Keep the language")
    assert "Ends soon" in coordinator.text
    coordinator.open("/staff/interpreters")
    assert "Ends soon 2026-12-01" in coordinator.text and "Urdu" in coordinator.text
    coordinator.link("Nasreen").choose("No: out of use").press("Save")
    with desk.database.read() as connection:
        [row] = connection.execute(select(*Interpreter.__table__.columns)).all()
    assert (row.account, row.active, row.modes, row.travel) == (
        nasreen.reference,
        False,
        ["home", "phone"],
        25,
    )
    coordinator.link("Nasreen").press("Remove Urdu")
    assert "Without a language they are asked for nothing" in coordinator.text


def test_the_first_page_says_what_is_late_next_and_new(desk: Desk, coordinator: Colleague) -> None:
    reference = desk.asks()
    assert "1 New requests for interpreters" in coordinator.open("/staff").text
    with time_machine.travel("2026-11-21T12:00:00Z", tick=False):
        coordinator.come_in()
        assert (
            "1 Requests for interpreters that should be booked within a day"
            in coordinator.open("/staff").text
        )
        assert "Due planned" in coordinator.open(DESK).text
    with time_machine.travel("2026-11-23T12:00:00Z", tick=False):
        coordinator.come_in()
        assert "1 Requests for interpreters that should be booked by now" in coordinator.open("/staff").text
        assert "Late planned" in coordinator.open(DESK).text
    coordinator.come_in()
    assert coordinator.open(f"/staff/find?reference={reference}").path == f"{DESK}/{reference}"


def test_the_help_page_walks_the_tables(coordinator: Colleague) -> None:
    coordinator.open(f"{DESK}/help")
    tables = [table.select("tbody tr") for table in coordinator.soup.select("table")]
    assert [len(rows) for rows in tables] == [len(TABLE), len(State), len(consequences.TABLE), len(PURPOSES)]
