"""Messages: written once with what causes them, sealed, and walking through the table of their states."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
import time_machine
from sqlalchemy import select, text, update

from portal import clock, contact, messages, outbox
from portal.contact import Method
from portal.database import Database
from portal.keeping import delete_what_has_had_its_time, keys_in_use, rewrap_all
from portal.message_states import FOR_STAFF, OPEN, STEPS, Event, State
from portal.messages import KEPT, SEND, WORDS_KEPT, Outgoing
from portal.sealing import KeyRing
from portal.settings import Settings
from tests.messaging import ADDRESS, EMAIL, HOUR, NAME, NEWS, NOON, NUMBER, keep, leave, row, rule, write

OWNER = "request 7K3PX92CM"


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(clock.moment(NOON), tick=False):
        yield


def jobs(database: Database) -> list[tuple[str, int]]:
    """Reference and moment of every job that sends."""
    with database.read() as connection:
        found = connection.execute(
            select(outbox.Job.payload, outbox.Job.due).where(outbox.Job.kind == SEND).order_by(outbox.Job.id)
        )
        return [(one.payload["message"], one.due) for one in found]


def one(database: Database, ring: KeyRing, settings: Settings, method: Method = Method.SMS) -> str:
    keep(database, ring, rule())
    return write(database, ring, settings, leave(database, ring, OWNER, method))


# Writing


def test_a_message_and_its_job_are_written_with_what_causes_them(
    database: Database, ring: KeyRing, settings: Settings
) -> None:
    keep(database, ring, rule())
    permit = leave(database, ring, OWNER, Method.SMS)
    with pytest.raises(RuntimeError, match="no visit"), database.write() as connection:
        messages.write(connection, ring, settings, permit, NEWS, {}, "1")
        raise RuntimeError("no visit after all")
    assert jobs(database) == []
    reference = write(database, ring, settings, permit)
    assert jobs(database) == [(reference, NOON)]
    found = row(database, reference)
    assert (found.owner, found.event, found.method) == (OWNER, "example reminder", "sms")
    assert (found.state, found.language, found.written, found.not_before) == ("waiting", "en", NOON, NOON)
    with database.read() as connection:
        opened = messages.find(connection, ring, reference)
    assert opened is not None and opened.body.startswith("Example Housing: we see you on")


def test_of_an_event_and_version_there_is_one_message_a_way(
    database: Database, ring: KeyRing, settings: Settings
) -> None:
    keep(database, ring, rule())
    keep(database, ring, rule("request OTHER"))
    sms, email = (leave(database, ring, OWNER, way) for way in (Method.SMS, Method.EMAIL))
    first = write(database, ring, settings, sms)
    assert write(database, ring, settings, sms) == first
    others = {
        write(database, ring, settings, email),
        write(database, ring, settings, sms, same="2"),
        write(database, ring, settings, sms, NEWS),
        write(database, ring, settings, leave(database, ring, "request OTHER", Method.SMS)),
    }
    assert len(others) == 4 and first not in others
    assert len(jobs(database)) == 5


def test_who_writes_the_same_at_once_writes_one(
    database: Database, ring: KeyRing, settings: Settings
) -> None:
    keep(database, ring, rule())
    permit = leave(database, ring, OWNER, Method.SMS)
    gate, found = threading.Barrier(6), []

    def press() -> None:
        gate.wait()
        found.append(write(database, ring, settings, permit))

    threads = [threading.Thread(target=press) for _person in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6 and len(set(found)) == 1 and len(jobs(database)) == 1


def test_words_numbers_and_names_stand_nowhere_in_the_database(
    database: Database, ring: KeyRing, settings: Settings
) -> None:
    keep(database, ring, rule())
    for way in (Method.SMS, Method.EMAIL, Method.LETTER, Method.CALL):
        write(database, ring, settings, leave(database, ring, OWNER, way))
    with database.read() as connection:
        everything = "".join(
            str(connection.execute(text(f"SELECT * FROM {name}")).all())
            for name in ("message", "contact_rule", "job", "audit")
        )
    assert "example reminder" in everything
    for words in (NUMBER, "900123", EMAIL, NAME, "Canary", ADDRESS, "we see you", "14:00"):
        assert words not in everything


def test_a_later_moment_counts_and_an_earlier_one_does_not(
    database: Database, ring: KeyRing, settings: Settings
) -> None:
    keep(database, ring, rule(hours=(contact.Hours(18 * 60, 19 * 60),)))
    permit = leave(database, ring, OWNER, Method.SMS)
    assert permit.at == NOON + 6 * HOUR
    write(database, ring, settings, permit, same="1", not_before=NOON)
    write(database, ring, settings, permit, same="2", not_before=NOON + 30 * HOUR)
    assert [due for _reference, due in jobs(database)] == [NOON + 6 * HOUR, NOON + 30 * HOUR]


def test_a_call_is_a_task_for_staff_and_no_job(database: Database, ring: KeyRing, settings: Settings) -> None:
    found = row(database, one(database, ring, settings, Method.CALL))
    assert (found.state, found.why, found.language) == ("by phone", "call", "en")
    assert jobs(database) == []


@pytest.mark.parametrize(
    ("changes", "setting", "why"),
    [
        ({"discreet": True}, {}, "no_words"),
        ({"language": "ur"}, {"unreviewed": "phone"}, "no_words"),
        ({}, {"send_sms": "none"}, "no_way"),
    ],
)
def test_what_cannot_be_said_in_writing_is_a_call(
    database: Database,
    ring: KeyRing,
    settings: Settings,
    changes: dict[str, object],
    setting: dict[str, str],
    why: str,
) -> None:
    keep(database, ring, rule(**changes))
    permit = leave(database, ring, OWNER, Method.SMS)
    found = row(database, write(database, ring, replace(settings, **setting), permit, NEWS))
    assert (found.state, found.why) == ("by phone", why)
    assert jobs(database) == []


def test_what_could_only_go_out_too_late_is_a_call(
    database: Database, ring: KeyRing, settings: Settings
) -> None:
    keep(database, ring, rule(hours=(contact.Hours(18 * 60, 19 * 60),)))
    permit = leave(database, ring, OWNER, Method.SMS)
    for hours, state in ((6, "waiting"), (5, "by phone")):
        reference = write(database, ring, settings, permit, same=str(hours), not_after=NOON + hours * HOUR)
        assert row(database, reference).state == state
    assert row(database, reference).why == "too_late"


def test_nothing_is_written_to_be_left_on_a_phone(
    sqlite: Database, ring: KeyRing, settings: Settings
) -> None:
    keep(sqlite, ring, rule(voicemail=True))
    with pytest.raises(ValueError, match="voicemail"):
        write(sqlite, ring, settings, leave(sqlite, ring, OWNER, Method.VOICEMAIL))


# The table


def test_every_state_can_be_reached_and_left_but_for_the_last_ones() -> None:
    reached = {after for _before, after, _meaning in STEPS.values()} | {State.WAITING}
    left = {state for before, _after, _meaning in STEPS.values() for state in before}
    assert reached == set(State)
    assert set(State) - left == {State.DELIVERED, State.CLOSED}
    assert set(STEPS) == set(Event) and len({meaning for _b, _a, meaning in STEPS.values()}) == len(STEPS)
    assert not OPEN & FOR_STAFF


@pytest.mark.parametrize(("event", "state"), list(itertools.product(Event, State)))
def test_the_code_walks_the_table(
    sqlite: Database, ring: KeyRing, settings: Settings, event: Event, state: State
) -> None:
    reference = one(sqlite, ring, settings)
    other = write(sqlite, ring, settings, leave(sqlite, ring, OWNER, Method.EMAIL))
    with sqlite.write() as connection:
        connection.execute(update(Outgoing).values(state=state.value))
    before, after, _meaning = STEPS[event]
    with sqlite.write() as connection:
        assert messages.move(connection, reference, event) == (state in before)
    assert row(sqlite, reference).state == (after if state in before else state)
    assert row(sqlite, other).state == state


def test_an_attempt_is_noted_with_its_second(database: Database, ring: KeyRing, settings: Settings) -> None:
    reference = one(database, ring, settings)
    with database.write() as connection:
        assert messages.begin(connection, reference)
    found = row(database, reference)
    assert (found.attempt_started, found.attempts, found.state) == (NOON, 1, "attempting")


def test_what_the_provider_gave_back_goes_out_anew_and_what_is_unknown_under_its_old_name(
    database: Database, ring: KeyRing, settings: Settings
) -> None:
    keep(database, ring, rule())
    keep(database, ring, rule("request OTHER"))
    back, unknown = (
        write(database, ring, settings, leave(database, ring, owner, Method.SMS))
        for owner in (OWNER, "request OTHER")
    )
    with database.write() as connection:
        for reference in (back, unknown):
            messages.begin(connection, reference)
        messages.accepted(connection, back, "provider-1")
        messages.move(connection, back, Event.RETURNED)
        messages.move(connection, unknown, Event.REFUSED)
        assert messages.again(connection, back) and messages.again(connection, unknown)
        assert not messages.again(connection, back), "it waits already"
        one_found, other = (messages.find(connection, ring, reference) for reference in (back, unknown))
    assert one_found is not None and other is not None
    assert (one_found.key, one_found.attempted) == (f"{back}-1", False)
    assert (other.key, other.attempted) == (f"{unknown}-0", True)
    assert sorted(jobs(database)) == sorted([(back, NOON), (unknown, NOON)]), "their jobs wait already"


# Keeping


def test_words_go_a_week_after_the_end_and_the_message_after_three_months(
    database: Database, ring: KeyRing, settings: Settings
) -> None:
    sent, waits = one(database, ring, settings), one(database, ring, settings, Method.EMAIL)
    with database.write() as connection:
        messages.begin(connection, sent)
        messages.accepted(connection, sent, "1")
    for seconds, words, rows in ((WORDS_KEPT - 1, 2, 2), (WORDS_KEPT, 1, 2), (KEPT - 1, 1, 2), (KEPT, 1, 1)):
        with time_machine.travel(clock.moment(NOON + seconds), tick=False):
            delete_what_has_had_its_time(database, ring, settings)
        with database.read() as connection:
            found = list(connection.execute(select(Outgoing.reference, Outgoing.sealed)))
        assert len(found) == rows
        assert sum(one.sealed is not None for one in found) == words
    assert found[0].reference == waits


def test_the_messages_of_an_owner_are_forgotten_with_it(
    database: Database, ring: KeyRing, settings: Settings
) -> None:
    one(database, ring, settings)
    keep(database, ring, rule("request OTHER"))
    kept = write(database, ring, settings, leave(database, ring, "request OTHER", Method.SMS))
    with database.write() as connection:
        assert messages.forget(connection, OWNER) == 1
    with database.read() as connection:
        assert list(connection.execute(select(Outgoing.reference)).scalars()) == [kept]


def test_keys_are_renewed_for_rules_and_messages_too(database: Database, settings: Settings) -> None:
    ring = KeyRing.new()
    reference = one(database, ring, settings)
    assert keys_in_use(database) == {"identity:1"}
    ring.add("identity")
    assert rewrap_all(database, ring, "identity") == 2
    ring.drop("identity:1")
    with database.read() as connection:
        found, known = messages.find(connection, ring, reference), contact.rule_of(connection, ring, OWNER)
    assert found is not None and known is not None and known.phone == NUMBER and found.body
