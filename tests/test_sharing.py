"""Sharing: nothing goes to an organisation that the person has not agreed to, and no more than is needed."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, insert, update
from sqlalchemy.exc import IntegrityError

from portal import clock, new_address
from portal.backups import backup, restore
from portal.database import Database
from portal.forms.incident import INCIDENT
from portal.forms.sharing import AGENCIES
from portal.incidents import collecting, consents, disclosures, links, overrides, packs, safe_ways, words
from portal.incidents.disclosures import (
    CHANGED,
    NO_AGREEMENT,
    NO_OVERRIDE,
    NO_YES,
    SAYS_WHO,
    TOO_MUCH,
    NotAllowed,
)
from portal.incidents.models import IncidentReport
from portal.incidents.moving import NotNow, SamePerson
from portal.incidents.packs import NAMELESS, TABLE, Field, Tells
from portal.incidents.shared import AgencyFeedback, Disclosure, PackLink, ShareConsent, ShareOverride
from portal.sealing import KeyRing
from tests.answering import answers_to, steady
from tests.arrivals import noise, still_there
from tests.shares import CANARIES, EVERYTHING, MANAGER, OFFICER, OTHER, Sharers
from tests.test_case_promises import everything

NOW = "2026-11-18T10:00:00Z"


@pytest.fixture(autouse=True)
def a_wednesday() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def us(database: Database, ring: KeyRing) -> Sharers:
    return Sharers(database, ring)


def refused(us: Sharers, report: str, why: Any, *fields: Field, **more: Any) -> None:
    before = us.every(Disclosure)
    with pytest.raises(NotAllowed) as found:
        us.sends(report, *fields, **more)
    assert found.value.why == why
    assert us.every(Disclosure) == before and len(us.every(PackLink)) <= len(before)


def answers(us: Sharers, report: str) -> dict[str, str]:
    with us.database.read() as connection:
        return {agency: row.answer for agency, row in consents.current(connection, report).items()}


def pack_of(us: Sharers, reference: str) -> dict[str, str]:
    """What was shared: field -> all its words."""
    with us.database.read() as connection:
        row = disclosures.find(connection, reference)
        assert row is not None
        pack = disclosures.opened(connection, us.ring, row)
    return {part["field"]: " ".join(word for line in part["lines"] for word in line) for part in pack}


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each of these gives or raises, begun in the same moment by as many threads."""
    barrier, found = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            found[place] = act()
        except NotNow as error:
            found[place] = error

    threads = [threading.Thread(target=run, args=one) for one in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return found


# What people say


def test_what_was_skipped_is_ask_me_first_and_each_organisation_is_apart(us: Sharers) -> None:
    report = us.tells({"police": "yes_named", "school": "no"}, **{"share.health.may": ()})
    said = {code: "ask_me_first" for code in (option.code for option in AGENCIES)}
    assert answers(us, report) == said | {"police": "yes_named", "school": "no"}
    us.agrees("police"), us.agrees("school"), us.agrees("health"), us.agrees("council")
    us.sends(report)
    for agency in ("school", "health", "council"):
        refused(us, report, NO_YES, agency=agency)


def test_each_answer_stays_with_who_asked_how_when_and_in_which_language(us: Sharers) -> None:
    report = us.tells({"police": "no"})
    noise_before = noise(us.database)
    assert consents.change(
        us.database, us.ring, report, {"police": "yes_named"}, by=OFFICER, how="phone", language="en"
    ) == ["police"]
    assert us.says(report, "yes_named") == [], "nothing new was said"
    assert us.says(report, "yes_without_name") == ["police"]
    with us.database.read() as connection:
        rows = [row for row in consents.ledger(connection, report) if row.agency == "police"]
    second = clock.seconds()
    assert [(row.number, row.answer, row.asked_by, row.how, row.language, row.withdrawn) for row in rows] == [
        (1, "no", "reporter", "web", "ur", None),
        (2, "yes_named", OFFICER, "phone", "en", second),
        (3, "yes_without_name", "reporter", "reply", "ur", None),
    ]
    assert {row.at for row in rows} == {second}
    assert still_there(us.database, noise_before)


def test_to_allow_more_takes_nothing_back(us: Sharers) -> None:
    report = us.tells({"police": "yes_without_name"})
    us.says(report, "yes_named")
    assert {row.withdrawn for row in us.every(ShareConsent)} == {None}


def test_what_is_no_answer_is_no_consent(us: Sharers) -> None:
    report = us.tells()
    with pytest.raises(ValueError, match="no answer: yes"):
        us.says(report, "yes")
    assert set(answers(us, report).values()) == {"ask_me_first"}


def test_who_changes_the_report_and_leaves_a_yes_out_takes_it_back(us: Sharers) -> None:
    report = us.tells({"police": "yes_named", "school": "no"})
    us.agrees()
    assert us.tells(replaces=us.receipt) == report
    found = answers(us, report)
    assert (found["police"], found["school"]) == ("ask_me_first", "ask_me_first")
    refused(us, report, NO_YES)


def test_each_person_of_a_case_speaks_for_their_own_report(us: Sharers) -> None:
    mine, other = us.tells({"police": "yes_named"}), us.tells({"police": "no"})
    us.agrees()
    with us.database.write() as connection:  # as merging does
        case = us.case_of(mine)
        connection.execute(update(IncidentReport).where(IncidentReport.reference == other).values(case=case))
    first = us.sends(mine)
    refused(us, other, NO_YES)
    us.says(other, "yes_named")
    sent = us.sends(other)
    with us.database.read() as connection:
        listed = {row.reference for row in disclosures.of_case(connection, case)}
    assert listed == {first.reference, sent.reference}
    assert "hate" in pack_of(us, sent.reference)["kind"].lower()


# What is sent


def test_nothing_goes_to_an_organisation_with_which_nothing_was_agreed(us: Sharers) -> None:
    report = us.tells({"police": "yes_named"})
    refused(us, report, NO_AGREEMENT)


@pytest.mark.parametrize("field", Field)
def test_no_field_goes_to_an_organisation_that_may_not_receive_it(
    sqlite: Database, ring: KeyRing, field: Field
) -> None:
    us = Sharers(sqlite, ring)
    report = us.tells({"police": "yes_named"})
    us.agrees(fields=EVERYTHING - {field})
    refused(us, report, TOO_MUCH, Field.KIND, field, request="Please call")


@pytest.mark.parametrize("field", sorted(EVERYTHING - NAMELESS))
def test_without_my_name_no_field_goes_that_says_who_it_is(
    sqlite: Database, ring: KeyRing, field: Field
) -> None:
    us = Sharers(sqlite, ring)
    report = us.tells({"police": "yes_without_name"})
    us.agrees()
    refused(us, report, TOO_MUCH, Field.KIND, field)


def test_without_my_name_nothing_of_the_person_is_in_the_pack(us: Sharers) -> None:
    report = us.tells({"police": "yes_without_name"})
    us.agrees()
    sent = us.sends(report, *NAMELESS, request="Please patrol in the evening")
    pack = pack_of(us, sent.reference)
    assert pack["area"].endswith("DE23") and "patrol" in pack["request"]
    for canary in (*CANARIES, "6AA", "Canary", "900123"):
        assert canary not in str(pack)


@pytest.mark.parametrize(
    "request_",
    [
        "Please see Mrs CANARY",
        "Ring 07700900123",
        "Ring +44 7700 900 123",
        "Write to canary@example.org",
        "She lives at de236aa",
    ],
)
def test_without_my_name_what_we_write_does_not_say_it_either(us: Sharers, request_: str) -> None:
    report = us.tells({"police": "yes_without_name"})
    us.agrees()
    refused(us, report, SAYS_WHO, Field.REQUEST, request=request_)
    us.says(report, "yes_named")
    us.sends(report, Field.REQUEST, request=request_)


def test_of_ways_to_be_reached_only_the_safe_ones_are_told(us: Sharers) -> None:
    report = us.tells({"police": "yes_named"})
    us.agrees()
    pack = pack_of(us, us.sends(report, Field.CONTACT, Field.NAME).reference)
    assert CANARIES[1] in pack["contact"] and CANARIES[0] in pack["name"]
    assert CANARIES[2] not in str(pack), "an email was not said to be safe"


def test_where_the_gate_is_shut_by_now_a_pack_leads_nowhere(us: Sharers) -> None:
    seen = us.tells({"police": "yes_named"}, reach=("phone", "email"), can_they_see=("email",))
    us.agrees()
    pack = pack_of(us, us.sends(seen, Field.CONTACT).reference)
    assert CANARIES[1] in pack["contact"] and CANARIES[2] not in str(pack)


def test_a_pack_has_the_new_address_and_while_it_waits_none(us: Sharers) -> None:
    old, new = "1 Old Street\nDE1 1AA", "2 New Street\nDE2 2BB"
    report = us.tells({"police": "yes_named"}, reach=("post",), post=(old,))
    us.agrees()
    owner = safe_ways.owner_of(us.case_of(report))
    with us.database.write() as connection:
        waiting = new_address.enter(connection, us.ring, owner, new, by=OFFICER)
    while_it_waits = str(pack_of(us, us.sends(report, Field.CONTACT, Field.KIND).reference))
    with us.database.write() as connection:
        new_address.confirm(connection, us.ring, owner, waiting, by=OTHER)
    after = str(pack_of(us, us.sends(report, Field.CONTACT).reference))
    assert "Old Street" not in while_it_waits + after and "New Street" not in while_it_waits
    assert "2 New Street" in after


def test_what_is_ticked_beforehand_is_little_and_never_the_persons_own_words() -> None:
    ticked = packs.at_first(EVERYTHING)
    assert all(TABLE[field].tells is not Tells.WORDS for field in ticked)
    assert Field.NARRATIVE not in ticked and Field.MOTIVE not in ticked
    assert packs.at_first(NAMELESS) <= NAMELESS and Field.NAME in ticked


def test_what_nobody_shares_is_in_no_field() -> None:
    shared = {key for part in TABLE.values() for key in part.keys}
    asked = {question.key for question in INCIDENT.questions}
    assert shared <= asked, "a field of no question"
    personal = {question.key for question in INCIDENT.questions if question.personal}
    codes = {key for field in NAMELESS for key in TABLE[field].keys}
    assert not codes & personal, "words of the person where only codes may be"
    for key in ("safe_word", "staff_note", "risk_tool", "staff_named", "meet_where", "evidence"):
        assert key in asked and key not in shared


@steady
@given(answers=answers_to(INCIDENT, marks=True), fields=st.sets(st.sampled_from(Field)))
def test_a_pack_holds_what_was_chosen_and_nothing_else(answers: Any, fields: set[Field]) -> None:
    found = packs.Told("r", "c", "s", INCIDENT, {**answers, "name": ("Zzyzx Unique",)})
    pack = packs.built(found, fields, "")
    assert {part["field"] for part in pack} <= set(fields)
    assert ("Zzyzx" in str(pack)) == (Field.NAME in fields)


def test_a_pack_of_answers_that_are_not_there_any_more_is_not_sent(us: Sharers) -> None:
    report = us.tells({"police": "yes_named"})
    us.agrees()
    with us.database.read() as connection:
        told = packs.told(connection, us.ring, (INCIDENT,), report)
    assert told is not None
    us.tells({"police": "yes_named"}, replaces=us.receipt, acts=("threats",))
    refused(us, report, CHANGED, answers=told.submission)
    us.sends(report)


def test_when_the_key_of_a_case_is_destroyed_nothing_of_it_is_sent(us: Sharers) -> None:
    report = us.tells({"police": "yes_named"})
    us.agrees()
    with us.database.write() as connection:
        words.destroy_key(connection, us.case_of(report))
    with pytest.raises(words.Erased):
        us.sends(report)
    assert us.every(Disclosure) == []


# Taking back


def test_who_takes_the_yes_back_stops_what_comes_and_what_nobody_has_opened(us: Sharers) -> None:
    report = us.tells({"police": "yes_named"})
    us.agrees()
    waiting, read = us.sends(report), us.sends(report)
    assert collect(us, read)
    us.says(report, "no")
    refused(us, report, NO_YES)
    assert not collect(us, waiting), "the link leads nowhere"
    with pytest.raises(NotAllowed):
        disclosures.new_link(us.database, us.ring, waiting.reference, OFFICER)
    with us.database.read() as connection:
        case = us.case_of(report)
        assert len(disclosures.of_case(connection, case)) == 2, "what was sent stays in the list"
        assert [row.reference for row in disclosures.to_delete(connection, case)] == [read.reference]


def test_somebody_asks_to_delete_it_until_the_organisation_says_that_it_did(us: Sharers) -> None:
    report = us.tells({"police": "yes_named"})
    us.agrees(route="file")
    sent = us.sends(report)
    us.says(report, "ask_me_first")
    with pytest.raises(NotNow):
        disclosures.mark(us.database, us.ring, sent.reference, "deleted", OFFICER)
    for mark, left in (("deletion_asked", 1), ("deleted", 0)):
        disclosures.mark(us.database, us.ring, sent.reference, mark, OFFICER)
        with us.database.read() as connection:
            assert len(disclosures.to_delete(connection)) == left
    with pytest.raises(NotNow):
        disclosures.mark(us.database, us.ring, sent.reference, "deleted", OFFICER)


@pytest.mark.parametrize("round_", range(4))
def test_a_yes_that_is_taken_back_between_making_and_sending_stops_it(us: Sharers, round_: int) -> None:
    """Whoever is first is first: what is in the ledger says what is right."""
    report = us.tells({"police": "yes_named"})
    us.agrees()
    sent, _changed = at_once(lambda: us.sends(report), lambda: us.says(report, "no"))
    assert len(us.every(Disclosure)) == (not isinstance(sent, NotAllowed))
    assert us.every(PackLink) == [], "taken back before it was opened"
    refused(us, report, NO_YES)


def test_the_answer_is_read_after_the_case_is_locked(us: Sharers, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pack is made while the yes still stands, and is sent while it is being taken back."""
    report = us.tells({"police": "yes_named"})
    us.agrees()
    made, built, found = threading.Event(), packs.built, []

    def and_said(*given: Any) -> Any:
        pack = built(*given)
        made.set()
        return pack

    def send() -> None:
        with pytest.raises(NotAllowed) as refusal:
            us.sends(report)
        found.append(refusal.value.why)

    monkeypatch.setattr(packs, "built", and_said)
    sender = threading.Thread(target=send)
    with us.database.write() as connection:
        consents.held(connection, report)
        consents.say(connection, report, {"police": "no"}, by="reporter", how="reply", language="ur")
        sender.start()
        assert made.wait(20)
    sender.join(30)
    assert found == [NO_YES] and us.every(Disclosure) == []


# Without a yes


def test_without_a_yes_a_manager_has_to_allow_it_and_only_once(us: Sharers) -> None:
    report = us.tells({"police": "no"})
    us.agrees()
    wish = us.wants(report, Field.KIND, Field.NAME)
    refused(us, report, NO_OVERRIDE, override=wish)
    with pytest.raises(SamePerson):
        overrides.decide(us.database, us.ring, wish, allow=True, by=OFFICER)
    overrides.decide(us.database, us.ring, wish, allow=True, by=MANAGER)
    with pytest.raises(NotNow):
        overrides.decide(us.database, us.ring, wish, allow=False, by=OTHER)
    refused(us, report, NO_OVERRIDE, override=wish, by=MANAGER)
    refused(us, report, TOO_MUCH, Field.KIND, Field.NARRATIVE, override=wish)
    sent = us.sends(report, Field.KIND, Field.NAME, override=wish)
    assert CANARIES[0] in pack_of(us, sent.reference)["name"]
    refused(us, report, NO_OVERRIDE, override=wish)
    us.says(report, "ask_me_first")
    assert collect(us, sent), "it does not stand on a yes"


def test_what_a_manager_refuses_is_not_sent(us: Sharers) -> None:
    report = us.tells()
    us.agrees()
    wish = us.wants(report)
    overrides.decide(us.database, us.ring, wish, allow=False, by=MANAGER)
    refused(us, report, NO_OVERRIDE, override=wish)


def test_what_is_allowed_for_one_organisation_or_report_is_not_for_another(us: Sharers) -> None:
    report, other = us.tells(), us.tells()
    us.agrees(), us.agrees("school")
    wish = us.wants(report)
    overrides.decide(us.database, us.ring, wish, allow=True, by=MANAGER)
    refused(us, report, NO_OVERRIDE, override=wish, agency="school")
    refused(us, other, NO_OVERRIDE, override=wish)


def test_of_two_who_use_what_was_allowed_at_once_one_does(us: Sharers) -> None:
    report = us.tells()
    us.agrees()
    wish = us.wants(report)
    overrides.decide(us.database, us.ring, wish, allow=True, by=MANAGER)
    found = at_once(*[lambda: us.sends(report, override=wish)] * 2)
    assert len(us.every(Disclosure)) == 1
    assert sum(isinstance(one, NotAllowed) for one in found) == 1


def test_of_two_managers_who_decide_at_once_one_does(us: Sharers) -> None:
    report = us.tells()
    us.agrees()
    wish = us.wants(report)
    found = at_once(
        lambda: overrides.decide(us.database, us.ring, wish, allow=True, by=MANAGER),
        lambda: overrides.decide(us.database, us.ring, wish, allow=False, by=OTHER),
    )
    assert sum(isinstance(one, NotNow) for one in found) == 1
    [row] = us.every(ShareOverride)
    assert (row.authoriser, row.decision) in ((MANAGER, "allowed"), (OTHER, "refused"))


def test_nobody_wants_more_than_the_organisation_may_receive(us: Sharers) -> None:
    report = us.tells()
    us.agrees(fields={Field.KIND})
    with pytest.raises(NotNow):
        us.wants(report, Field.KIND, Field.NAME)
    assert us.every(ShareOverride) == []


# Links


def collect(us: Sharers, sent: Any, typed: str | None = None, secret: str | None = None) -> bool:
    code = links.code_for(us.ring, sent.secret) if typed is None else typed
    return collecting.take(us.database, us.ring, secret or sent.secret, code) == sent.reference


def found(us: Sharers, secret: str) -> bool:
    with us.database.read() as connection:
        return links.find(connection, us.ring, secret) is not None


def a_link(us: Sharers) -> Any:
    report = us.tells({"police": "yes_named"})
    us.agrees()
    return us.sends(report)


def test_looking_uses_nothing_up_and_link_and_code_open_it_once(us: Sharers) -> None:
    sent = a_link(us)
    assert all(found(us, sent.secret) for _look in range(3))
    assert collect(us, sent) and not collect(us, sent) and not found(us, sent.secret)


def test_of_two_who_use_a_link_at_the_same_moment_one_does(us: Sharers) -> None:
    sent = a_link(us)
    assert sorted(at_once(lambda: collect(us, sent), lambda: collect(us, sent))) == [False, True]


def test_a_link_ends_and_so_does_the_one_before_a_new_one(us: Sharers) -> None:
    sent = a_link(us)
    with time_machine.travel("2026-11-21T10:00:00Z", tick=False):
        assert not found(us, sent.secret) and not collect(us, sent)
        again = disclosures.new_link(us.database, us.ring, sent.reference, OFFICER)
        assert found(us, again) and not found(us, sent.secret)
        assert not collect(us, sent, links.code_for(us.ring, again))


def test_whoever_has_but_the_link_guesses_five_times(us: Sharers) -> None:
    sent = a_link(us)
    right = links.code_for(us.ring, sent.secret)
    assert re.fullmatch(r"\d{8}", right)
    for guess in range(5):
        assert not collect(us, sent, f"{(int(right) + 1 + guess) % 10**8:08}")
    assert not collect(us, sent, right) and not found(us, sent.secret)


def test_five_guesses_at_once_are_five(us: Sharers) -> None:
    sent = a_link(us)
    wrong = f"{(int(links.code_for(us.ring, sent.secret)) + 1) % 10**8:08}"
    assert at_once(*[lambda: collect(us, sent, wrong)] * 6) == [False] * 6
    assert not found(us, sent.secret)


def test_the_code_may_be_typed_in_groups_and_in_other_digits(us: Sharers) -> None:
    sent = a_link(us)
    code = links.grouped(links.code_for(us.ring, sent.secret)).translate(
        {ord(str(digit)): 0x06F0 + digit for digit in range(10)}
    )
    assert collect(us, sent, code)


def test_without_the_key_file_the_database_does_not_tell_the_code(us: Sharers) -> None:
    sent = a_link(us)
    [row] = us.every(PackLink)
    code = links.code_for(us.ring, sent.secret)
    assert code != links.code_for(KeyRing.new(), sent.secret)
    held = b"".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
    assert code.encode() not in held and sent.secret.encode() not in held


# What organisations say


def test_what_an_organisation_says_is_kept_and_sealed(us: Sharers) -> None:
    sent = a_link(us)
    disclosures.note_feedback(us.database, us.ring, sent.reference, "helps", CANARIES[3], OFFICER)
    disclosures.note_feedback(us.database, us.ring, sent.reference, "helped", "", "agency")
    with pytest.raises(NotNow):
        disclosures.note_feedback(us.database, us.ring, sent.reference, "nonsense", "", OFFICER)
    with us.database.read() as connection:
        row = disclosures.find(connection, sent.reference)
        assert row is not None
        told = disclosures.feedback_of(connection, us.ring, row)
    assert sorted((one.code, said, one.by) for one, said in told) == [
        ("helped", "", "agency"),
        ("helps", CANARIES[3], OFFICER),
    ]


# What the database itself refuses


def db_refuses(us: Sharers, statement: Any, name: str) -> None:
    with pytest.raises(IntegrityError, match=name), us.database.write() as connection:
        connection.execute(statement)


def row_like(us: Sharers, like: Any, **changes: Any) -> dict[str, Any]:
    [row] = [row for row in us.every(Disclosure) if row.reference == like.reference]
    return {**row._mapping, "reference": "NTHR23456", **changes}


def test_the_database_takes_no_disclosure_without_a_yes(us: Sharers) -> None:
    sent = a_link(us)
    report = us.every(Disclosure)[0].report
    other = us.tells({"police": "no", "school": "yes_named"})
    for changes in (
        {"report": other},
        {"report": other, "agency": "school", "consent": 1, "ground": "override"},
    ):
        with pytest.raises(IntegrityError), us.database.write() as connection:
            connection.execute(insert(Disclosure), row_like(us, sent, **changes))
    with pytest.raises(IntegrityError), us.database.write() as connection:
        connection.execute(insert(Disclosure), row_like(us, sent, consent=None))
    with us.database.write() as connection:
        connection.execute(insert(Disclosure), row_like(us, sent))  # only that there is a yes lets it
    us.says(report, "no")
    with (
        time_machine.travel("2026-11-18T10:00:01Z", tick=False),
        pytest.raises(IntegrityError, match="allowed"),
        us.database.write() as connection,
    ):
        row = row_like(us, sent, reference="NTHR23457", sent=clock.seconds())
        connection.execute(insert(Disclosure), row)


def test_the_database_takes_no_override_of_the_sender_or_of_nobody(us: Sharers) -> None:
    report = us.tells()
    us.agrees()
    wish, other = us.wants(report), us.wants(report)
    overrides.decide(us.database, us.ring, wish, allow=True, by=MANAGER)
    sent = us.sends(report, override=wish)
    db_refuses(us, update(ShareOverride).values(authoriser=OTHER), "override_is_as_it_was|decided")
    mine = update(ShareOverride).where(ShareOverride.reference == other)
    decided = {"decision": "allowed", "decided": 1_800_000_000}
    db_refuses(us, mine.values(authoriser=OFFICER, **decided), "second_person")
    db_refuses(us, mine.values(decision="allowed"), "decided")
    waiting = row_like(us, sent, override=other)
    db_refuses(us, insert(Disclosure).values(waiting), "disclosure_is_allowed")
    overrides.decide(us.database, us.ring, other, allow=True, by=MANAGER)
    db_refuses(us, insert(Disclosure).values({**waiting, "by": MANAGER}), "disclosure_is_allowed")
    with us.database.write() as connection:
        connection.execute(insert(Disclosure).values(waiting))


def test_what_was_said_and_shared_is_not_changed_or_deleted(us: Sharers) -> None:
    sent = a_link(us)
    disclosures.note_feedback(us.database, us.ring, sent.reference, "helps", "", OFFICER)
    us.wants(us.every(Disclosure)[0].report)
    for table, name in (
        (ShareConsent, "consent_stays"),
        (ShareOverride, "override_stays"),
        (Disclosure, "disclosure_stays"),
        (AgencyFeedback, "feedback_stays"),
    ):
        db_refuses(us, delete(table), f"{name}|(?i:foreign key)")
    db_refuses(us, update(ShareConsent).values(answer="no", withdrawn=2_000_000_000), "consent_is_as_it_was")
    db_refuses(us, update(ShareConsent).values(asked_by=OTHER), "consent_is_as_it_was")
    db_refuses(us, update(Disclosure).values(fields=[]), "disclosure_is_as_it_was")
    db_refuses(us, update(Disclosure).values(by=OTHER), "disclosure_is_as_it_was")
    db_refuses(us, update(Disclosure).values(pack=b"x"), "disclosure_is_as_it_was")
    db_refuses(us, update(ShareOverride).values(fields=[]), "override_is_as_it_was")
    db_refuses(us, update(AgencyFeedback).values(code="other"), "feedback_is_as_it_was")


def test_what_was_shared_before_a_yes_was_taken_back_comes_back_from_a_copy(
    us: Sharers, tmp_path: Path, sqlite: Database
) -> None:
    sent = a_link(us)
    us.says(us.every(Disclosure)[0].report, "no")
    copy = backup(us.database, tmp_path / "copies", lambda table, rows: None)
    if us.database.url != sqlite.url:
        restore(copy, sqlite, lambda table, rows: None)
        assert [row.reference for row in Sharers(sqlite, us.ring).every(Disclosure)] == [sent.reference]


# What lies about


def test_no_personal_word_and_no_code_stands_anywhere_in_the_clear(
    us: Sharers, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    report = us.tells({"police": "yes_named"})
    us.agrees()
    sent = us.sends(report, *EVERYTHING, request="Please tell the canary aunt")
    us.wants(report)
    disclosures.note_feedback(us.database, us.ring, sent.reference, "other", "canary feedback", OFFICER)
    assert CANARIES[3] in pack_of(us, sent.reference)["narrative"]
    copy = backup(us.database, tmp_path / "copies", lambda table, rows: None)
    places = [copy.read_bytes(), caplog.text.encode(), everything(us.database)]
    assert sent.reference.encode() in places[0] and sent.reference.encode() in places[2]
    assert sent.secret is not None
    for words_ in ("canary", "900123", sent.secret, links.code_for(us.ring, sent.secret)):
        for place in places:
            assert not re.search(re.escape(words_.encode()), place, re.IGNORECASE), words_


def test_every_organisation_of_the_form_can_be_agreed_with(us: Sharers) -> None:
    for option in AGENCIES:
        us.agrees(option.code)
        report = us.tells({option.code: "yes_named"})
        us.sends(report, agency=option.code)
