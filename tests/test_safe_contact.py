"""Safe contact: what people say of how to reach them is kept by the code, at every act that goes out."""

from __future__ import annotations

import ast
import re
import secrets
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import text, update

from portal import audit, clock, contact, messages, new_address
from portal.accounts.roles import Role
from portal.audit import Did
from portal.contact import Method, Permit, Refusal, Rule, Why
from portal.database import Database
from portal.dispatch import send
from portal.forms.incident import INCIDENT
from portal.forms.safe_contact import CONTACT
from portal.incidents import merging, safe_ways, words
from portal.incidents.letters import TEMPLATES
from portal.incidents.models import IncidentCase
from portal.incidents.states import Event, Who
from portal.intake.receipts import code_for, digest_of
from portal.message_states import State
from portal.questions import Answers
from portal.questions.messages import Message
from portal.sealing import KeyRing
from portal.settings import Settings
from portal.wording import Template
from tests.cases import MANAGER, NOW, OFFICER, Desk
from tests.conftest import MakePortal
from tests.staff import Colleague

FORM = INCIDENT.here()
NUMBER, EMAIL, NAME, WORD = "07700 900123", "canary@example.org", "Parveen Canary", "Kingfisher canary"
OLD, NEW = "1 Canary Street\nHilltown\nHT1 1AA", "22 Finch Road\nDale\nDL9 9ZZ"
MEETING, WORKER = "Canary library, Mondays", "Canary support, 07700 900456"
SECRETS = (NUMBER, EMAIL, WORD, "1 Canary Street", "HT1 1AA", "22 Finch Road", "DL9 9ZZ", MEETING, WORKER)
TOLD: Answers = {
    "danger_now": ("no",),
    "journey": ("victim",),
    "kind": ("hate_incident",),
    "talk": ("yes",),
    "anonymity": ("named",),
    "name": (NAME,),
    "reach": ("phone", "sms", "email", "post", "worker", "person"),
    "phone": (NUMBER,),
    "email": (EMAIL,),
    "post": (OLD,),
    "worker": (WORKER,),
    "meet_where": (MEETING,),
    "hours": ("morning",),
    "voicemail": ("yes",),
    "discreet": ("no",),
    "who_else": ("nobody",),
    "safe_word": (WORD,),
}
"""Everything is safe in the morning, and it is morning."""


@pytest.fixture
def desk(database: Database, ring: KeyRing) -> Iterator[Desk]:
    with time_machine.travel(NOW, tick=False):
        yield Desk(database, ring)


@pytest.fixture
def here(sqlite: Database, ring: KeyRing) -> Iterator[Desk]:
    """What does not depend on the kind of database."""
    with time_machine.travel(NOW, tick=False):
        yield Desk(sqlite, ring)


def tells(
    desk: Desk,
    token: bytes = b"",
    replaces: bytes | None = None,
    language: str = "ur",
    **changes: tuple[str, ...],
) -> str:
    """Somebody tells us, with the form that people see; gives the reference of the case."""
    answers = {key: value for key, value in {**TOLD, **changes}.items() if value}
    given = {"form": FORM, "answers": answers, "token": token or secrets.token_bytes(32)}
    return desk.tells({**given, "replaces": replaces, "language": language})


def ask(desk: Desk, case: str, way: Method, **more: Any) -> Permit | Refusal:
    with desk.database.read() as connection:
        owner = safe_ways.owner_of(case)
        return contact.permit(connection, desk.ring, owner, way, clock.seconds(), **more)


def why(desk: Desk, case: str, way: Method) -> Why | None:
    found = ask(desk, case, way)
    return found.code if isinstance(found, Refusal) else None


def rule(desk: Desk, case: str) -> Rule:
    with desk.database.read() as connection:
        found = contact.rule_of(connection, desk.ring, safe_ways.owner_of(case))
    assert found is not None
    return found


ALLOWED = (Method.CALL, Method.VOICEMAIL, Method.SMS, Method.EMAIL, Method.LETTER, Method.WORKER)


# What is said becomes a rule


def test_what_somebody_says_becomes_the_rule_of_their_case(desk: Desk) -> None:
    case, other = tells(desk), tells(desk, name=("Somebody else",), phone=("07700 900999",))
    found = rule(desk, case)
    assert (found.name, found.phone, found.email, found.address) == (NAME, NUMBER, EMAIL, OLD)
    assert (found.worker, found.meeting, found.safe_word) == (WORKER, MEETING, WORD)
    assert {way for way in Method if why(desk, case, way) is None} == {*ALLOWED, Method.MEETING}
    assert rule(desk, other).phone == "07700 900999"
    leave = ask(desk, case, Method.CALL)
    assert isinstance(leave, Permit) and (leave.to, leave.safe_word) == (NUMBER, WORD)
    assert not leave.discreet and WORD not in repr(leave) + repr(found)


def test_whoever_wants_no_contact_is_not_reached_in_any_way(here: Desk) -> None:
    case = tells(here, reach=("code",), anonymity=("anonymous_with_code",))
    assert {why(here, case, way) for way in Method} == {Why.CODE_ONLY}
    nobody = tells(here, anonymity=("anonymous",))
    assert {why(here, nobody, way) for way in Method} == {Why.CODE_ONLY}


@pytest.mark.parametrize(
    ("seen", "shut"),
    [
        ("post", {Method.LETTER}),
        ("email", {Method.EMAIL}),
        ("phone", {Method.CALL, Method.SMS, Method.VOICEMAIL}),
        ("none", set()),
        ("landlord_portal", set()),
    ],
)
def test_what_the_person_who_did_it_could_see_is_not_used(here: Desk, seen: str, shut: set[Method]) -> None:
    case = tells(here, perp_known=("named",), can_they_see=(seen,))
    assert {way for way in ALLOWED if why(here, case, way) is Why.COULD_SEE} == shut
    assert {way for way in ALLOWED if why(here, case, way) is None} == set(ALLOWED) - shut


@pytest.mark.parametrize("who", ["partner", "family", "others", "not_sure", "children"])
def test_where_others_may_answer_words_are_discreet_and_no_message_is_left(here: Desk, who: str) -> None:
    case = tells(here, who_else=(who,))
    for way in (Method.CALL, Method.SMS, Method.EMAIL, Method.LETTER):
        leave = ask(here, case, way)
        assert isinstance(leave, Permit) and leave.discreet and leave.others == {who}
    assert why(here, case, Method.VOICEMAIL) is Why.NO_VOICEMAIL
    worker = ask(here, case, Method.WORKER)
    assert isinstance(worker, Permit) and not worker.discreet and not worker.others


@pytest.mark.parametrize("who", ["partner", "family", "others", "not_sure"])
def test_in_abuse_at_home_nothing_is_used_that_others_may_answer_or_see(here: Desk, who: str) -> None:
    for more in ({"kind": ("domestic_abuse",)}, {"kind": ("domestic_abuse", "staff_conduct")}):
        case = tells(here, who_else=(who,), **more)
        shut = {way for way in ALLOWED if why(here, case, way) is Why.OTHERS}
        assert shut == set(ALLOWED) - {Method.WORKER}
        assert why(here, case, Method.WORKER) is why(here, case, Method.MEETING) is None


def test_a_child_who_may_answer_does_not_cut_off_who_is_abused_at_home(here: Desk) -> None:
    case = tells(here, kind=("domestic_abuse",), who_else=("children",))
    leave = ask(here, case, Method.CALL)
    assert isinstance(leave, Permit) and leave.discreet
    assert why(here, case, Method.VOICEMAIL) is Why.NO_VOICEMAIL


def test_a_case_that_becomes_one_of_abuse_at_home_shuts_the_ways_of_everybody_in_it(desk: Desk) -> None:
    one, two = tells(desk, who_else=("family",)), tells(desk, kind=("domestic_abuse",), who_else=("partner",))
    assert why(desk, one, Method.CALL) is None
    with desk.database.write() as connection:
        merging.merge(connection, two, one, by=OFFICER, who=Who.OFFICER)
        owners = safe_ways.owners(connection, one)
    assert owners == [safe_ways.owner_of(one), safe_ways.owner_of(two)]
    assert why(desk, one, Method.CALL) is Why.OTHERS


def test_what_is_not_said_is_taken_the_careful_way(here: Desk) -> None:
    case = tells(here, discreet=(), voicemail=(), who_else=(), hours=())
    leave = ask(here, case, Method.SMS)
    assert isinstance(leave, Permit) and leave.discreet
    assert why(here, case, Method.VOICEMAIL) is Why.NO_VOICEMAIL
    assert why(here, case, Method.VISIT) is Why.NOT_ALLOWED


def test_a_visit_at_home_needs_that_they_want_to_talk_there(here: Desk) -> None:
    case = tells(here, interview_place=("home",))
    leave = ask(here, case, Method.VISIT)
    assert isinstance(leave, Permit) and leave.to == OLD
    abused = tells(here, kind=("domestic_abuse",), interview_place=("home",), who_else=("partner",))
    assert why(here, abused, Method.VISIT) is Why.OTHERS


# Hours, and the end


def test_outside_the_safe_hours_nobody_is_called_however_urgent(here: Desk) -> None:
    case = tells(here, discreet=("yes",))
    with time_machine.travel("2026-11-18T13:00:00Z", tick=False):
        found = ask(here, case, Method.CALL, urgent=True)
        assert isinstance(found, Refusal) and found.code is Why.NOT_NOW
        assert isinstance(ask(here, case, Method.MEETING), Permit), "a place to meet can be looked up"


def test_after_the_day_that_a_person_named_no_way_is_used_any_more(desk: Desk) -> None:
    case = tells(desk, safe_until=("2026-11-20",))
    with time_machine.travel("2026-11-20T09:30:00Z", tick=False):
        assert why(desk, case, Method.CALL) is None
    for moment in ("2026-11-21T09:30:00Z", "2027-01-21T09:30:00Z"):
        with time_machine.travel(moment, tick=False):
            assert {why(desk, case, way) for way in Method} == {Why.ENDED}
    with time_machine.travel("2026-11-21T09:30:00Z", tick=False):
        with desk.database.write() as connection:
            assert not contact.still_safe(connection, safe_ways.owner_of(case))
        with desk.database.read() as connection:
            assert safe_ways.to_mind(connection, case) == (contact.ENDED,)
        assert contact.forget_ended(desk.database) == 0, "what must never be used stays known"


def test_after_thirty_days_the_case_says_that_the_person_must_be_asked_again(here: Desk) -> None:
    case = tells(here)
    owner = safe_ways.owner_of(case)

    def minded(moment: str) -> tuple[Any, ...]:
        with time_machine.travel(moment, tick=False), here.database.read() as connection:
            return safe_ways.to_mind(connection, case)

    assert minded("2026-12-18T09:59:00Z") == ()
    assert minded("2026-12-18T10:00:00Z") == (contact.ASK_AGAIN,)
    with time_machine.travel("2026-12-18T10:00:00Z", tick=False):
        assert why(here, case, Method.CALL) is None, "a warning, not a wall"
        with here.database.write() as connection:
            assert contact.still_safe(connection, owner)
    assert minded("2027-01-17T09:59:00Z") == ()
    assert minded("2027-01-17T10:00:00Z") == (contact.ASK_AGAIN,)


def test_ninety_days_after_the_end_nobody_knows_any_more_how_to_reach_them(desk: Desk) -> None:
    over, open_one = desk.closed(tells(desk)), tells(desk)
    with time_machine.travel("2027-02-16T09:59:00Z", tick=False):
        assert safe_ways.forget_of_closed(desk.database) == 0
    with time_machine.travel("2027-02-16T10:00:00Z", tick=False):
        assert safe_ways.forget_of_closed(desk.database) == 1
    assert why(desk, over, Method.CALL) is Why.NO_RULE
    assert why(desk, open_one, Method.CALL) is None


# A new address


def enter(desk: Desk, case: str, address: str = NEW, by: str = OFFICER) -> str:
    with desk.database.write() as connection:
        return new_address.enter(connection, desk.ring, safe_ways.owner_of(case), address, by=by)


def confirm(desk: Desk, case: str, reference: str, by: str = MANAGER) -> None:
    with desk.database.write() as connection:
        new_address.confirm(connection, desk.ring, safe_ways.owner_of(case), reference, by=by)


def test_a_new_address_takes_two_people_and_until_then_nothing_is_posted(desk: Desk) -> None:
    case = tells(desk, interview_place=("home",))
    waiting = enter(desk, case)
    assert why(desk, case, Method.LETTER) is why(desk, case, Method.VISIT) is Why.ADDRESS_WAITS
    with pytest.raises(new_address.SamePerson):
        confirm(desk, case, waiting, by=OFFICER)
    assert why(desk, case, Method.LETTER) is Why.ADDRESS_WAITS
    confirm(desk, case, waiting)
    leave = ask(desk, case, Method.LETTER)
    assert isinstance(leave, Permit) and leave.to == NEW
    with pytest.raises(new_address.UsedNoMore):
        enter(desk, case, " 1 CANARY street, Hilltown ht11aa")
    with pytest.raises(new_address.NotThis):
        confirm(desk, case, waiting)


def test_nobody_confirms_an_address_that_they_have_not_seen(here: Desk) -> None:
    case = tells(here)
    first = enter(here, case)
    second = enter(here, case, "6 Other Road\nAB1 2CD")
    with pytest.raises(new_address.NotThis):
        confirm(here, case, first)
    with pytest.raises(new_address.SamePerson):
        confirm(here, case, second, by=OFFICER)
    with here.database.write() as connection:
        new_address.drop(connection, here.ring, safe_ways.owner_of(case), second)
    leave = ask(here, case, Method.LETTER)
    assert isinstance(leave, Permit) and leave.to == OLD


def test_what_must_never_be_used_is_not_used_in_whatever_way_it_is_written(here: Desk) -> None:
    case = tells(here)
    with here.database.write() as connection:
        for to in ("+44 7700 900 123", "CANARY@example.org", "1 canary st.", OLD.replace("\n", ", ")):
            new_address.never_use(connection, here.ring, safe_ways.owner_of(case), to)
    shut = {way for way in ALLOWED if why(here, case, way) is Why.NEVER}
    assert shut == set(ALLOWED) - {Method.WORKER}


def again(desk: Desk, **changes: tuple[str, ...]) -> tuple[str, Any]:
    """Somebody tells us; gives the case, and what sends the same report anew with other answers."""
    token = secrets.token_bytes(32)
    case = tells(desk, token, **changes)

    def more(**others: tuple[str, ...]) -> None:
        nonlocal token
        receipt = digest_of(desk.ring, code_for(desk.ring, token))
        token = secrets.token_bytes(32)
        tells(desk, token, receipt, **{**changes, **others})

    return case, more


def test_a_new_address_in_a_changed_report_waits_for_a_member_of_staff(desk: Desk) -> None:
    case, change = again(desk)
    change(post=(NEW,), phone=("07700 900777",))
    assert rule(desk, case).phone == "07700 900777"
    assert why(desk, case, Method.LETTER) is Why.ADDRESS_WAITS
    found = rule(desk, case)
    assert (found.address, found.next_address, found.waiting_by) == (OLD, NEW, "reporter")
    assert found.waiting is not None
    change(post=(NEW,), voicemail=("no",))
    assert rule(desk, case).waiting == found.waiting, "said twice it is still one new address"
    confirm(desk, case, found.waiting)
    assert rule(desk, case).never == (OLD,)


def test_leaving_letters_out_for_a_while_is_no_way_around_the_second_person(here: Desk) -> None:
    case, change = again(here)
    change(reach=("phone",), post=())
    assert why(here, case, Method.LETTER) is Why.NOT_ALLOWED
    change(post=(NEW,))
    assert why(here, case, Method.LETTER) is Why.ADDRESS_WAITS
    change(post=(OLD,))
    assert why(here, case, Method.LETTER) is None, "the old one is said again: nothing is new"


def test_after_a_merge_a_changed_report_changes_the_rule_of_who_told_it_alone(desk: Desk) -> None:
    case, change = again(desk)
    into = tells(desk, name=("Somebody else",), phone=("07700 900999",))
    with desk.database.write() as connection:
        merging.merge(connection, case, into, by=OFFICER, who=Who.OFFICER)
    change(phone=("07700 900777",))
    assert rule(desk, into).phone == "07700 900999"
    assert rule(desk, case).phone == "07700 900777"


# Two stories of attackers


@pytest.fixture
def app(make_portal: MakePortal, desk: Desk) -> Flask:
    return make_portal(desk.database)


@pytest.fixture
def officer(app: Flask) -> Colleague:
    return Colleague(app, Role.CASE_OFFICER, name="Olive")


def own(desk: Desk, case: str, officer: Colleague) -> str:
    desk.step(case, Event.TRIAGE, officer=officer.reference)
    return f"/staff/cases/{case}"


def test_nobody_leaves_a_message_on_the_phone_of_a_partner(desk: Desk, officer: Colleague) -> None:
    """A partner picks up the phone, or hears what was left on it."""
    case = tells(desk, who_else=("partner",))
    place = own(desk, case, officer)
    page = officer.open(f"{place}/call")
    assert NUMBER in page.text and "Do not leave a message: somebody else may hear it" in page.text
    assert "Somebody else may answer: partner" in page.text
    assert "Give only your first name" in page.text and WORD in page.text
    assert "I have left a message" not in page.text
    officer.pick("What came of the call", "Nobody answered")
    officer.press("Save", **{f"outcome-{case}": "left_message"})
    assert officer.status == 422
    with desk.database.read() as connection:
        assert words.notes_of(connection, desk.ring, case) == []
    officer.pick("What came of the call", "Somebody else answered, and I ended the call").press("Save")
    with desk.database.read() as connection:
        [note] = words.notes_of(connection, desk.ring, case)
    assert note.words == "Somebody else answered, and I ended the call"
    abused = tells(desk, kind=("domestic_abuse",), who_else=("partner",))
    expert = Colleague(officer.app, Role.CASE_OFFICER, Role.DOMESTIC_ABUSE, name="Dora")
    seen = expert.open(f"{own(desk, abused, expert)}/call")
    assert NUMBER not in seen.text and "abuse at home: do not use it" in seen.text


def test_a_new_address_never_goes_to_the_old_one(desk: Desk, officer: Colleague) -> None:
    """She has fled. Who stayed behind opens every letter."""
    case = tells(desk)
    place = own(desk, case, officer)
    letter = f"{place}/letter/{case}/news"
    assert "1 Canary Street" in officer.open(letter).text
    officer.open(f"{place}/address/{case}").type("The new address, with the postcode", NEW).press("Enter it")
    assert officer.path == f"{place}/call"
    assert "A new address waits for a second person" in officer.open(letter).text
    assert officer.status == 409 and "Canary Street" not in officer.text and "Finch" not in officer.text
    officer.open(f"{place}/address/{case}")
    assert "The new address is right" not in officer.buttons()
    officer.press("It is wrong: the old address stays", go="right")
    assert "Whoever entered an address does not confirm it" in officer.text and officer.status == 409
    second = Colleague(officer.app, Role.CASE_OFFICER, name="Sam")
    assert second.open(f"{place}/address/{case}").status == 404
    with desk.database.write() as connection:
        connection.execute(update(IncidentCase).values(officer=second.reference))
    second.open(f"{place}/address/{case}").press("The new address is right")
    assert second.path == f"{place}/call"
    page = second.open(letter).text
    assert "22 Finch Road" in page and "Canary Street" not in page


def test_no_words_tell_where_they_go_another_address_of_the_person(here: Desk, settings: Settings) -> None:
    case = tells(here)
    template = TEMPLATES["news"][0]
    for told in (NEW, "dl99zz", "22 finch road", "call +44 7700 900-123", EMAIL.upper()):
        enter(here, case)
        found = ask(here, case, Method.SMS) if "900" not in told else ask(here, case, Method.EMAIL)
        assert isinstance(found, Permit)
        assert found.gives_away(f"Hello. We know: {told} and more") != (told == EMAIL.upper() == found.to)
        assert not found.gives_away("Hello. There is news for you. Call 01332 888777 or look with your code.")
    assert template.discreet is not None


def test_what_was_written_before_a_move_does_not_go_out_after_it(desk: Desk, settings: Settings) -> None:
    """What was written while it was no secret holds an address that has become one meanwhile."""
    case = tells(desk)
    with desk.database.write() as connection:
        leave = contact.permit(connection, desk.ring, safe_ways.owner_of(case), Method.SMS, clock.seconds())
        assert isinstance(leave, Permit)
        moved = Template(event="example move", sms=Message("Your new home: 22 Finch Road"))
        reference = messages.write(connection, desk.ring, settings, leave, moved, {}, "1")
    enter(desk, case)
    send(desk.database, desk.ring, settings, reference, clock.seconds(), lambda: None)
    with desk.database.read() as connection:
        found = messages.find(connection, desk.ring, reference)
    assert found is not None and found.state in (State.BY_PHONE, State.DEAD)


# The call sheet


def views(desk: Desk, case: str) -> int:
    with desk.database.read() as connection:
        found = audit.page(connection, did=Did.VIEWED, limit=100)
    return sum(entry.what == f"case {case}" for entry in found)


def pages(place: str, case: str) -> list[str]:
    """Every page on which something of how to reach the people of a case can stand."""
    letters = [f"{place}/letter/{case}/{code}" for code in TEMPLATES]
    return [f"{place}/call", f"{place}/address/{case}", *letters, "/staff/messages"]


def test_the_call_sheet_says_how_and_what_to_say_first_and_is_noted(desk: Desk, officer: Colleague) -> None:
    case = tells(desk)
    place = own(desk, case, officer)
    page = officer.open(f"{place}/call").text
    assert views(desk, case) == 1
    for words_on_it in (NUMBER, NAME, WORD, MEETING, WORKER, "You may leave a message", "09:00–12:00"):
        assert words_on_it in page
    assert EMAIL not in page and "Canary Street" not in page, "what is sent is not read out"
    officer.pick("What came of the call", "I have left a message").press("Save")
    with desk.database.read() as connection:
        [note] = words.notes_of(connection, desk.ring, case)
    assert (note.words, note.by) == ("I have left a message", officer.reference)


@pytest.mark.parametrize(
    "answers",
    [
        {"reach": ("code",)},
        {"kind": ("domestic_abuse",), "who_else": ("partner",), "reach": ("phone", "sms", "email", "post")},
        {"perp_known": ("named",), "can_they_see": ("post", "email", "phone"), "reach": ("phone", "post")},
        {"safe_until": ("2026-11-17",)},
        {"anonymity": ("anonymous",)},
    ],
)
def test_without_a_permit_no_page_shows_anything_of_how_to_reach_somebody(
    here: Desk, make_portal: MakePortal, answers: dict[str, tuple[str, ...]]
) -> None:
    with time_machine.travel("2026-11-16T10:00:00Z", tick=False):
        case = tells(here, **answers)
    officer = Colleague(make_portal(here.database), Role.CASE_OFFICER, Role.DOMESTIC_ABUSE, name="Olive")
    place = own(here, case, officer)
    for address in pages(place, case):
        shown = officer.open(address).response.get_data(as_text=True)
        assert [one for one in SECRETS if one in shown] == [], address
    assert views(here, case) == len(TEMPLATES) + 2


def test_the_page_of_a_case_leads_there_and_says_what_to_mind(here: Desk, make_portal: MakePortal) -> None:
    case = tells(here, safe_until=("2026-11-19",))
    app = make_portal(here.database)
    officer = Colleague(app, Role.CASE_OFFICER, name="Olive")
    place = own(here, case, officer)
    assert "is over" not in officer.open(place).text
    with time_machine.travel("2026-11-20T10:00:00Z", tick=False):
        officer.come_in()
        assert "The time for which this person let us reach them is over" in officer.open(place).text
        assert officer.link("How to reach the people of this case").path == f"{place}/call"
    manager = Colleague(app, Role.CASE_MANAGER, name="Mona")
    assert "How to reach" not in manager.open(place).text, "who answers for it need not ring anybody up"


def test_at_the_wrong_hour_the_sheet_shows_no_number_but_when(here: Desk, make_portal: MakePortal) -> None:
    case = tells(here)
    officer = Colleague(make_portal(here.database), Role.CASE_OFFICER, name="Olive")
    place = own(here, case, officer)
    with time_machine.travel("2026-11-18T15:00:00Z", tick=False):
        officer.come_in()
        page = officer.open(f"{place}/call").text
    assert NUMBER not in page and "from 2026-11-19 09:00 on" in page


def test_who_may_not_see_how_to_reach_somebody_sees_no_such_page(here: Desk, make_portal: MakePortal) -> None:
    app = make_portal(here.database)
    case, mine = tells(here), tells(here)
    owner = Colleague(app, Role.CASE_OFFICER, name="Olive")
    place = own(here, case, owner)
    others = [Colleague(app, role, name=f"one {role.value}") for role in Role]
    for one in others:
        missing = one.client.get("/staff/nothing").data
        for address in pages(place, case)[:-1]:
            response = one.client.get(address)
            assert (response.status_code, response.data) == (404, missing), (one.roles, address)
    assert owner.open(f"{place}/letter/{mine}/news").status == 404, "a person of another case"
    assert owner.open(f"{place}/address/{mine}").status == 404
    assert owner.open(f"{place}/letter/{case}/nothing").status == 404


def test_a_text_message_is_written_once_and_says_nothing_of_us_where_it_must_not(
    here: Desk, make_portal: MakePortal
) -> None:
    case = tells(here, discreet=("yes",), language="en")
    officer = Colleague(make_portal(here.database, send_sms="console"), Role.CASE_OFFICER, name="Olive")
    place = own(here, case, officer)
    officer.open(f"{place}/call").press("Text message: There is news")
    officer.post(f"{place}/write", officer.fields)  # pressed twice
    assert officer.path == f"{place}/call"
    with here.database.read() as connection:
        [row] = connection.execute(text("SELECT reference FROM message"))
        found = messages.find(connection, here.ring, row.reference)
    assert found is not None and found.owner == safe_ways.owner_of(case)
    assert found.body == f"Hello. It would be good to hear from you when it suits you. {WORD}"
    assert (found.discreet, found.state, found.method) == (True, State.WAITING, Method.SMS)


def test_a_message_of_a_case_stands_in_the_case_and_not_in_the_list_of_all(
    here: Desk, make_portal: MakePortal, settings: Settings
) -> None:
    case = tells(here)
    with here.database.write() as connection:
        leave = contact.permit(connection, here.ring, safe_ways.owner_of(case), Method.CALL, clock.seconds())
        assert isinstance(leave, Permit)
        template = TEMPLATES["talk"][0]
        values = {"word": leave.safe_word}
        reference = messages.write(connection, here.ring, settings, leave, template, values, "1")
    app = make_portal(here.database)
    coordinator = Colleague(app, Role.COORDINATOR, name="Cora")
    assert "Nothing waits." in coordinator.open("/staff/messages").text
    assert coordinator.open(f"/staff/messages/{reference}").status == 404
    officer = Colleague(app, Role.CASE_OFFICER, name="Olive")
    place = own(here, case, officer)
    assert "We would like to talk with you. Please call" in officer.open(f"{place}/call").text
    officer.pick("What came of the call", "I have spoken to the person").press("Save")
    assert "Please call" not in officer.text
    with here.database.read() as connection:
        assert messages.left_of(connection, safe_ways.owner_of(case)) == []


def test_a_letter_that_must_hide_us_has_nothing_of_us_on_it(here: Desk, make_portal: MakePortal) -> None:
    case, unread = tells(here, discreet=("yes",), language="en"), tells(here, discreet=("yes",))
    officer = Colleague(make_portal(here.database), Role.CASE_OFFICER, name="Olive")
    other = own(here, unread, officer)
    assert officer.open(f"{other}/letter/{unread}/talk").status == 409, (
        "nobody has checked these words in Urdu"
    )
    assert "There are no words that may be posted" in officer.text and "Canary Street" not in officer.text
    place = own(here, case, officer)
    page = officer.open(f"{place}/letter/{case}/talk").text
    assert "1 Canary Street" in page and WORD in page and "It would be good to hear from you" in page
    shown = officer.response.get_data(as_text=True)
    assert "Example Housing" not in shown and "news" not in page and "talk" not in page
    with here.database.read() as connection:
        printed = [one.what for one in audit.page(connection, did=Did.PRINTED, limit=100)]
    assert printed == [f"case {case}"]


# Nothing goes around the gate

ROOT = Path(__file__).parent.parent / "portal"
CODE = [path for path in ROOT.rglob("*.py") if "assets" not in path.parts]
OPENS = {
    "contact.py": "it is the gate",
    "new_address.py": "a new address, for a second person to compare",
    "interpreting/opening.py": "what somebody said who asked for an interpreter, to the coordinator",
    "interpreting/jobs.py": "the name of whom an interpreter meets",
    "incidents/interpreters.py": "the rule of the request that a report makes, to make it as careful",
}
"""What may open a rule, and why."""
SHOWS = {"new_address.py", "contact.py", "ways.py"}
FIELDS = {"address", "worker", "meeting", "safe_word", "never", "next_address"}
"""Fields of a rule that no other thing here has."""
MADE_OF = {
    "incidents/posting.py": {"waiting.address"},
    "incidents/coming_back.py": {"one.address", "form().address"},
    "incidents/agencies.py": {"agreed.address"},
    "incidents/sharing.py": {"agreed.address", "state().settings.address"},
}
"""Where something else is meant: the new address, shown to who confirms it, the word of a form's page, an
organisation's safe mailbox, and our own web address."""
NO_PLACE = {
    "explained.html": {"one.to"},
    "erasures.html": {"one.to"},
    "told.html": {"settings.phone"},
    "sharing.html": {"handed.address", "handed.phone"},
}
"""The same in templates: the states to which steps lead, our own number, and an organisation's."""
TELLS = {"incidents/packs.py": "what an organisation is told: only ways that are safe, and only with a yes"}
"""What opens such answers all the same, and why."""


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def calls(path: Path, of: str, name: str) -> list[ast.Call]:
    """The calls of a module's function: contact.rule_of(...), or rule_of(...) where that was imported."""
    if name not in path.read_text():
        return []
    imported = any(
        isinstance(node, ast.ImportFrom)
        and (node.module or "") == f"portal.{of}"
        and any(one.name == name for one in node.names)
        for node in ast.walk(tree(path))
    )
    found = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called.endswith(f"{of}.{name}") or (
                called == name and (imported or place(path) == f"{of}.py")
            ):
                found.append(node)
    return found


def test_the_sealed_ways_are_opened_at_the_gate_and_where_it_is_said_why() -> None:
    opening = {place(path) for path in CODE if calls(path, "contact", "rule_of")}
    assert opening == set(OPENS)
    sealed = {place(path) for path in CODE if calls(path, "contact", "place_of")}
    assert sealed == {"contact.py"}, "what is sealed is opened through the gate's own function"
    table = {place(path) for path in CODE if "contact.ContactRule" in path.read_text()}
    assert table == {"incidents/safe_ways.py"}, "which only deletes"
    assert "rule.sealed" not in (ROOT / "incidents" / "safe_ways.py").read_text()


def test_nothing_about_cases_reads_a_number_or_place_but_from_a_permit() -> None:
    """In Python: fields of a rule. In templates: what they print as an address is a permit's `to`."""
    for path in (ROOT / "incidents").rglob("*.py"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Attribute) and node.attr in FIELDS:
                where = ast.unparse(node)
                allowed = MADE_OF.get(place(path), set()) | {"leave.safe_word"}
                assert where in allowed or where.startswith("posting."), (place(path), where)
    for page in (ROOT / "templates" / "incidents").glob("*.html"):
        words_of = page.read_text()
        for found in re.findall(r"[a-z_.]+\.(?:to|address|safe_word|phone|email)\b", words_of):
            allowed = {"one.call.to", "leave.to", "one.call.safe_word", "waiting.address", "settings.phone"}
            assert found in allowed | NO_PLACE.get(page.name, set()), (page.name, found)


def test_whatever_opens_the_answers_of_a_report_leaves_out_how_to_reach_who_told_it() -> None:
    """Addresses lie in the sealed answers too: who opens those of a case names what to leave out."""
    for path in (ROOT / "incidents").rglob("*.py"):
        source = path.read_text()
        if "submissions.place_of" in source or "intake.submissions import place_of" in source:
            assert "CONTACT_KEYS" in source or place(path) in TELLS, place(path)


def test_all_that_is_personal_and_says_how_to_reach_somebody_is_named() -> None:
    asked = {question.key for question in CONTACT if question.personal}
    assert asked - {"name", "postcode"} == safe_ways.CONTACT_KEYS, "a new question belongs there"
    assert {question.key for question in FORM.questions} > safe_ways.CONTACT_KEYS


def test_what_makes_words_or_asks_for_a_number_holds_a_permit() -> None:
    """The functions that write for somebody take a permit, or ask for one themselves."""
    for name, function in (("messages.py", "write"), ("wording.py", "written"), ("senders.py", "send")):
        found = [
            node
            for node in ast.walk(tree(ROOT / name))
            if isinstance(node, ast.FunctionDef) and node.name == function
        ]
        assert found
        for node in found:
            kinds = {ast.unparse(one.annotation) for one in node.args.args if one.annotation is not None}
            assert "Permit" in kinds, (name, function)
    for name in ("call_sheet.py", "posting.py"):
        source = (ROOT / "incidents" / name).read_text()
        assert "contact.permit" in source and "rule_of" not in source


def test_every_page_of_how_to_reach_somebody_is_noted_before_anything_is_opened() -> None:
    for name in ("call_sheet.py", "posting.py"):
        views_there = [
            node
            for node in tree(ROOT / "incidents" / name).body
            if isinstance(node, ast.FunctionDef)
            and any(
                "route" in ast.unparse(one) or "blueprint." in ast.unparse(one) for one in node.decorator_list
            )
        ]
        assert len(views_there) >= 4
        for node in views_there:
            body = ast.unparse(node)
            opens = [
                body.find(one)
                for one in ("contact.permit", "waiting_of", "_sheet(", "_address(", "_changed(")
            ]
            first = min(at for at in opens if at >= 0) if max(opens) >= 0 else len(body)
            assert 0 <= body.find("look(reference)") < first or "_sheet(look(reference)" in body, node.name


def test_a_way_around_would_be_found(tmp_path: Path) -> None:
    around = tmp_path / "around.py"
    around.write_text(
        "from portal.contact import rule_of\nfrom portal import contact\n"
        "rule_of(c, r, o).address\ncontact.rule_of(c, r, o)\n"
    )
    assert len(calls(around, "contact", "rule_of")) == 2
    assert [node.attr for node in ast.walk(tree(around)) if isinstance(node, ast.Attribute)].count(
        "address"
    ) == 1
