"""Sending: through the gate again, once whatever happens to the answer, and what fails goes to staff."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import time_machine

from portal import clock, contact, dispatch, messages, outbox, working
from portal.contact import Hours, Method
from portal.database import Database
from portal.logs import Line
from portal.message_states import Event
from portal.sealing import KeyRing
from portal.senders import FATES, Fate
from portal.settings import Settings
from tests.messaging import (
    ADDRESS,
    EMAIL,
    HOUR,
    NAME,
    NEWS,
    NOON,
    NUMBER,
    TEMPLATES,
    FakeMailServer,
    FakeNotify,
    keep,
    leave,
    row,
    rule,
    write,
)

OWNER = "request 7K3PX92CM"
DAY = 86400


@pytest.fixture(autouse=True)
def clock_at() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(clock.moment(NOON), tick=False) as traveller:
        yield traveller


@pytest.fixture
def notify() -> Iterator[FakeNotify]:
    with FakeNotify().serving() as found:
        yield found


@pytest.fixture
def mail() -> Iterator[FakeMailServer]:
    with FakeMailServer().serving() as found:
        yield found


@pytest.fixture
def by_notify(settings: Settings, notify: FakeNotify) -> Settings:
    return replace(settings, **notify.settings())


def work(settings: Settings, database: Database, ring: KeyRing) -> int:
    """Do every job that is due now; how many."""
    done = 0
    while working.do_one(settings, database, ring, working.HANDLERS):
        done += 1
    return done


def written(
    database: Database,
    ring: KeyRing,
    settings: Settings,
    method: Method = Method.SMS,
    changes: dict[str, Any] | None = None,
    **when: int,
) -> str:
    keep(database, ring, rule(**(changes or {})))
    return write(database, ring, settings, leave(database, ring, OWNER, method), **when)


def state(database: Database, reference: str) -> tuple[str, str]:
    found = row(database, reference)
    return found.state, found.why


# What goes out


def test_each_way_takes_the_words_to_the_number_or_address_of_the_rule(
    database: Database, ring: KeyRing, by_notify: Settings, notify: FakeNotify
) -> None:
    found = [written(database, ring, by_notify, way) for way in (Method.SMS, Method.EMAIL, Method.LETTER)]
    assert work(by_notify, database, ring) == 3
    sms, email, letter = notify.taken
    assert [one["kind"] for one in notify.taken] == ["sms", "email", "letter"]
    assert [one["reference"] for one in notify.taken] == [f"{reference}-0" for reference in found]
    assert [one["template_id"] for one in notify.taken] == list(TEMPLATES.values())
    assert (sms["phone_number"], email["email_address"]) == (NUMBER, EMAIL)
    assert sms["personalisation"] == {"body": "Example Housing: we see you on Tuesday 3 March, 14:00."}
    assert email["personalisation"]["subject"] == "Example Housing: see you soon"
    lines = [letter["personalisation"][f"address_line_{number}"] for number in range(1, 5)]
    assert lines == [NAME, *ADDRESS.splitlines()]
    for reference, one in zip(found, notify.taken, strict=True):
        kept = row(database, reference)
        assert (kept.state, kept.provider_id, kept.attempts, kept.ended) == ("sent", one["id"], 1, NOON)


def test_an_email_goes_out_by_a_mail_server(
    database: Database, ring: KeyRing, settings: Settings, mail: FakeMailServer
) -> None:
    settings = replace(settings, **mail.settings())
    reference = written(database, ring, settings, Method.EMAIL)
    work(settings, database, ring)
    (email,) = mail.taken
    assert f"To: {EMAIL}" in email and "From: portal@hill.example.org" in email
    assert f"Message-ID: <{reference}-0@hill.example.org>" in email
    assert "Dear Amina Canary, we see you" in email
    assert state(database, reference) == ("sent", "")


def test_discreet_words_go_out_under_a_name_that_tells_nothing(
    database: Database, ring: KeyRing, by_notify: Settings, notify: FakeNotify
) -> None:
    neutral = replace(by_notify, notify_discreet_sender="neutral-id")
    written(database, ring, neutral, changes={"discreet": True})
    without = write(database, ring, by_notify, leave(database, ring, OWNER, Method.SMS), same="2")
    work(neutral, database, ring)
    (sms,) = notify.taken
    assert sms["sms_sender_id"] == "neutral-id"
    assert "Housing" not in sms["personalisation"]["body"]
    assert state(database, without) == ("by phone", "no_way")


def test_the_console_writes_no_word_and_no_number(
    database: Database, ring: KeyRing, settings: Settings
) -> None:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(Line())
    logging.getLogger().addHandler(handler)
    logging.getLogger("portal").setLevel(logging.INFO)
    try:
        reference = written(database, ring, settings)
        work(settings, database, ring)
    finally:
        logging.getLogger().removeHandler(handler)
    (line,) = [one for one in map(json.loads, out.getvalue().splitlines()) if "reference" in one]
    assert (line["method"], line["reference"], line["kind"]) == ("sms", f"{reference}-0", "example reminder")
    for words in (NUMBER, EMAIL, NAME, "Canary", "we see you", "14:00"):
        assert words not in out.getvalue()
    assert state(database, reference) == ("sent", "")


# The gate is asked again


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"methods": (Method.EMAIL,)}, ("dead", "not_allowed")),
        ({"methods": (Method.EMAIL, Method.CALL)}, ("by phone", "not_allowed")),
        ({"methods": (Method.SMS,), "until": NOON}, ("dead", "ended")),
        ({"phone": "", "methods": (Method.SMS, Method.CALL)}, ("dead", "no_address")),
        ({"discreet": True, "methods": (Method.SMS,)}, ("dead", "no_words")),
        ({"discreet": True}, ("by phone", "no_words")),
    ],
)
def test_a_rule_that_changed_after_writing_counts(
    database: Database,
    ring: KeyRing,
    by_notify: Settings,
    notify: FakeNotify,
    change: dict[str, Any],
    expected: tuple[str, str],
) -> None:
    reference = written(database, ring, by_notify)
    keep(database, ring, rule(**change))
    work(by_notify, database, ring)
    assert state(database, reference) == expected
    assert notify.posted == 0


def test_a_person_who_is_forgotten_gets_nothing(
    database: Database, ring: KeyRing, by_notify: Settings, notify: FakeNotify
) -> None:
    reference = written(database, ring, by_notify)
    with database.write() as connection:
        contact.forget_rule(connection, OWNER)
    work(by_notify, database, ring)
    assert state(database, reference) == ("dead", "no_rule") and notify.posted == 0


def test_a_new_number_gets_what_was_written_for_the_old_one(
    database: Database, ring: KeyRing, by_notify: Settings, notify: FakeNotify
) -> None:
    written(database, ring, by_notify)
    keep(database, ring, rule(phone="07700 900999"))
    work(by_notify, database, ring)
    assert [one["phone_number"] for one in notify.taken] == ["07700 900999"]


def test_what_comes_due_at_night_waits_for_the_morning_and_is_not_dropped(
    database: Database,
    ring: KeyRing,
    by_notify: Settings,
    notify: FakeNotify,
    clock_at: time_machine.Traveller,
) -> None:
    reference = written(database, ring, by_notify, not_before=NOON + 10 * HOUR)
    for hours, posted in ((9, 0), (10, 0), (19, 0), (20, 1)):
        clock_at.move_to(clock.moment(NOON + hours * HOUR))
        work(by_notify, database, ring)
        assert notify.posted == posted, hours
    assert state(database, reference) == ("sent", "")


def test_safe_hours_that_became_narrower_count(
    database: Database,
    ring: KeyRing,
    by_notify: Settings,
    notify: FakeNotify,
    clock_at: time_machine.Traveller,
) -> None:
    reference = written(database, ring, by_notify)
    keep(database, ring, rule(hours=(Hours(18 * 60, 19 * 60),)))
    work(by_notify, database, ring)
    assert notify.posted == 0 and row(database, reference).not_before == NOON + 6 * HOUR
    clock_at.move_to(clock.moment(NOON + 6 * HOUR))
    work(by_notify, database, ring)
    assert state(database, reference) == ("sent", "")


def test_what_would_come_too_late_is_for_staff(
    database: Database,
    ring: KeyRing,
    by_notify: Settings,
    notify: FakeNotify,
    clock_at: time_machine.Traveller,
) -> None:
    reference = written(database, ring, by_notify, not_after=NOON + HOUR)
    clock_at.move_to(clock.moment(NOON + HOUR + 1))
    work(by_notify, database, ring)
    assert state(database, reference) == ("by phone", "too_late") and notify.posted == 0


def test_what_would_have_to_wait_until_it_is_too_late_is_for_staff_at_once(
    database: Database, ring: KeyRing, by_notify: Settings, notify: FakeNotify
) -> None:
    reference = written(database, ring, by_notify, not_after=NOON + 2 * HOUR)
    keep(database, ring, rule(hours=(Hours(18 * 60, 19 * 60),)))
    work(by_notify, database, ring)
    assert state(database, reference) == ("by phone", "too_late") and notify.posted == 0


# Lost answers


def test_a_message_whose_answer_was_lost_is_asked_for_and_not_sent_twice(
    database: Database,
    ring: KeyRing,
    by_notify: Settings,
    notify: FakeNotify,
    clock_at: time_machine.Traveller,
) -> None:
    notify.behaves = lambda number: "cut" if number == 1 else "ok"
    reference = written(database, ring, by_notify)
    work(by_notify, database, ring)
    assert state(database, reference) == ("failed", "") and len(notify.taken) == 1
    clock_at.shift(10)
    work(by_notify, database, ring)
    found = row(database, reference)
    assert (found.state, found.provider_id) == ("sent", notify.taken[0]["id"])
    assert len(notify.taken) == notify.posted == 1


@pytest.mark.parametrize("how", ["drop", "500", "403", "429"])
def test_a_message_that_the_provider_does_not_know_is_sent_again(
    database: Database,
    ring: KeyRing,
    by_notify: Settings,
    notify: FakeNotify,
    clock_at: time_machine.Traveller,
    how: str,
) -> None:
    notify.behaves = lambda number: how if number <= 2 else "ok"
    reference = written(database, ring, by_notify)
    for _try in range(3):
        work(by_notify, database, ring)
        clock_at.shift(60)
    assert state(database, reference) == ("sent", "")
    assert (notify.posted, len(notify.taken), row(database, reference).attempts) == (3, 1, 3)


def test_while_the_provider_cannot_be_asked_nothing_is_sent_twice(
    database: Database,
    ring: KeyRing,
    by_notify: Settings,
    notify: FakeNotify,
    clock_at: time_machine.Traveller,
) -> None:
    notify.behaves = lambda number: "cut"
    reference = written(database, ring, by_notify)
    work(by_notify, database, ring)
    notify.down = True
    for _try in range(4):
        clock_at.shift(120)
        work(by_notify, database, ring)
    assert notify.posted == 1
    notify.down = False
    clock_at.shift(3600)
    work(by_notify, database, ring)
    assert state(database, reference) == ("sent", "") and not notify.doubles


def test_an_attempt_that_a_dead_worker_began_is_asked_for_first(
    database: Database, ring: KeyRing, by_notify: Settings, notify: FakeNotify
) -> None:
    """The worker is killed between sending and noting it: the attempt stands in the row, and nothing else."""
    reference = written(database, ring, by_notify)
    work(by_notify, database, ring)
    with database.write() as connection:
        values = {"state": "attempting", "provider_id": None, "ended": None}
        connection.execute(messages.Outgoing.__table__.update().values(**values))
        outbox.put_again(connection, messages.SEND, {"message": reference}, f"{reference} {NOON}")
    work(by_notify, database, ring)
    assert state(database, reference) == ("sent", "") and notify.posted == 1


def test_an_email_whose_answer_was_lost_goes_out_again_under_the_same_id(
    database: Database,
    ring: KeyRing,
    settings: Settings,
    mail: FakeMailServer,
    clock_at: time_machine.Traveller,
) -> None:
    mail.cuts = 1
    settings = replace(settings, **mail.settings())
    reference = written(database, ring, settings, Method.EMAIL)
    work(settings, database, ring)
    clock_at.shift(10)
    work(settings, database, ring)
    ids = [line for email in mail.taken for line in email.splitlines() if line.startswith("Message-ID")]
    assert len(ids) == 2 and len(set(ids)) == 1
    assert state(database, reference) == ("sent", "")


# What will not go out


def test_what_the_provider_will_never_take_is_for_staff_at_once(
    database: Database, ring: KeyRing, by_notify: Settings, notify: FakeNotify
) -> None:
    notify.behaves = lambda number: "400"
    reference = written(database, ring, by_notify)
    work(by_notify, database, ring)
    assert state(database, reference) == ("dead", "provider_refused")
    with database.read() as connection:
        assert outbox.dead(connection) == [], "the message is dead, its job is done"
        assert [one.reference for one in messages.for_staff(connection)] == [reference]


@pytest.mark.parametrize(
    ("command", "reply", "expected"),
    [
        ("RCPT", "550 nobody here", ("dead", "address_refused")),
        ("RCPT", "450 later", ("failed", "")),
        ("MAIL", "421 later", ("failed", "")),
        ("DATA", "554 no", ("dead", "words_refused")),
        ("DATA", "451 later", ("failed", "")),
    ],
)
def test_a_mail_server_that_says_no_is_believed_and_one_that_says_later_is_asked_later(
    sqlite: Database,
    ring: KeyRing,
    settings: Settings,
    mail: FakeMailServer,
    command: str,
    reply: str,
    expected: tuple[str, str],
) -> None:
    mail.refuses = {command: reply}
    settings = replace(settings, **mail.settings())
    reference = written(sqlite, ring, settings, Method.EMAIL)
    work(settings, sqlite, ring)
    assert state(sqlite, reference) == expected and mail.taken == []


def test_after_three_days_without_an_answer_it_is_for_staff_who_can_revive_it(
    database: Database,
    ring: KeyRing,
    by_notify: Settings,
    notify: FakeNotify,
    clock_at: time_machine.Traveller,
) -> None:
    notify.down = True
    reference = written(database, ring, by_notify)
    for hours in range(0, 73, 4):
        clock_at.move_to(clock.moment(NOON + hours * HOUR))
        keep(database, ring, rule(hours=(Hours(0, 1440),)))
        work(by_notify, database, ring)
    assert state(database, reference) == ("dead", "gave_up")
    notify.down = False
    with database.write() as connection:
        assert messages.again(connection, reference)
    work(by_notify, database, ring)
    assert state(database, reference) == ("sent", "") and len(notify.taken) == 1


def test_a_way_that_the_landlord_has_given_up_makes_a_call(
    database: Database, ring: KeyRing, by_notify: Settings
) -> None:
    reference = written(database, ring, by_notify)
    work(replace(by_notify, send_sms="none"), database, ring)
    assert state(database, reference) == ("by phone", "no_way")


# What arrived


def test_the_provider_is_asked_what_became_of_a_message(
    database: Database, ring: KeyRing, by_notify: Settings, notify: FakeNotify
) -> None:
    ways = (Method.SMS, Method.EMAIL, Method.LETTER)
    arrived, back, under_way = [written(database, ring, by_notify, way) for way in ways]
    work(by_notify, database, ring)
    ids = [one["id"] for one in notify.taken]
    notify.fates = {ids[0]: "delivered", ids[1]: "permanent-failure", ids[2]: "created"}
    for asked in (3, 1):  # what is settled is not asked for again
        seen = notify.asked
        dispatch.ask_what_arrived(database, by_notify, lambda done, of: None)
        assert notify.asked - seen == asked
        assert state(database, arrived) == ("delivered", "")
        assert state(database, back) == ("dead", "returned")
        assert state(database, under_way) == ("sent", "")


def test_what_came_back_goes_out_anew_when_staff_say_so(
    database: Database, ring: KeyRing, by_notify: Settings, notify: FakeNotify
) -> None:
    reference = written(database, ring, by_notify)
    work(by_notify, database, ring)
    notify.fates = {notify.taken[0]["id"]: "temporary-failure"}
    dispatch.ask_what_arrived(database, by_notify, lambda done, of: None)
    with database.write() as connection:
        messages.again(connection, reference)
    work(by_notify, database, ring)
    assert [one["reference"] for one in notify.taken] == [f"{reference}-0", f"{reference}-1"]
    assert state(database, reference) == ("sent", "")


def test_after_three_days_nobody_asks_any_more(
    database: Database,
    ring: KeyRing,
    by_notify: Settings,
    notify: FakeNotify,
    clock_at: time_machine.Traveller,
) -> None:
    written(database, ring, by_notify)
    work(by_notify, database, ring)
    for days, asked in ((2, 1), (4, 0)):
        clock_at.move_to(clock.moment(NOON + days * DAY))
        seen = notify.asked
        assert sum(dispatch.ask_what_arrived(database, by_notify, lambda done, of: None).values()) == asked
        assert notify.asked - seen == asked


def test_every_word_of_the_provider_means_one_thing() -> None:
    assert FATES["delivered"] is Fate.ARRIVED and FATES["permanent-failure"] is Fate.RETURNED
    assert not {"created", "sending", "pending", "sent", "accepted"} & set(FATES)


def test_two_workers_with_the_same_job_send_once(
    database: Database, ring: KeyRing, by_notify: Settings, notify: FakeNotify
) -> None:
    """A handler may be called twice for one job: the second time there is nothing to do."""
    reference = written(database, ring, by_notify)
    for _worker in range(2):
        dispatch.send(database, ring, by_notify, reference, NOON, lambda: None)
    assert notify.posted == 1
    with database.write() as connection:
        assert not messages.move(connection, reference, Event.BEGIN)


def test_a_message_that_is_gone_is_no_trouble(database: Database, ring: KeyRing, settings: Settings) -> None:
    dispatch.send(database, ring, settings, "7K3PX92CM", NOON, lambda: None)
    reference = write(
        database, ring, settings, leave(database, ring, keep(database, ring, rule()).owner, Method.SMS), NEWS
    )
    with database.write() as connection:
        messages.forget(connection, OWNER)
    assert work(settings, database, ring) == 1
    assert reference
