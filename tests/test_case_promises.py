"""What the database itself refuses, whoever asks, and what nobody reads without the key ring."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DatabaseError, IntegrityError

from portal import clock
from portal.backups import backup
from portal.database import Database
from portal.incidents import (
    deadlines,
    erasure_steps,
    exchange,
    models,
    moving,
    promises,
    reports,
    shared,
    timing,
    tombstones,
    words,
)
from portal.incidents.exchange import Kind
from portal.incidents.limits import Limit
from portal.incidents.states import Event
from portal.intake.models import Submission
from portal.keeping import check_keys, rewrap_all
from portal.sealing import CannotOpen, KeyRing
from tests.arrivals import noise
from tests.cases import CANARIES, MANAGER, NOW, OFFICER, OTHER, Desk

CASE = models.IncidentCase
SECRETS = ("Omar Canary", "moved to 12 Canary Street", "She is afraid of her canary")


@pytest.fixture
def desk(database: Database, ring: KeyRing) -> Iterator[Desk]:
    with time_machine.travel(NOW, tick=False):
        yield Desk(database, ring)


def refused(desk: Desk, statement: Any, name: str) -> None:
    with pytest.raises((IntegrityError, DatabaseError), match=name), desk.database.write() as connection:
        connection.execute(statement)


@pytest.fixture
def full(desk: Desk) -> Desk:
    """A case with a row in every table that keeps what happened, one of them late."""
    reference = desk.tells(kind=("complaint_about_handling",))
    desk.step(reference, Event.ACCEPT_ONE, stage_one=OFFICER)
    desk.triaged(reference)
    with desk.database.write() as connection:
        timing.extend(connection, reference, Limit.COMPLAINT_ONE, 2, "complex", OFFICER, clock.seconds())
        words.add_note(connection, desk.ring, reference, "decision", SECRETS[2], by=OFFICER)
        case, [report] = moving.locked(connection, reference), reports.of_case(connection, reference)
        exchange.add(
            connection, desk.ring, case, report.reference, Kind.WORDS, OFFICER, "en", "A canary answers"
        )
    desk.step(reference, Event.AWAIT_REPORTER, reason="away")
    with time_machine.travel("2026-12-30T10:00:00Z", tick=False):
        desk.step(reference, Event.RESUME)
        desk.watch()
    return desk


ELSEWHERE = frozenset(
    {
        *(shared.ShareConsent, shared.ShareOverride, shared.Disclosure, shared.AgencyFeedback),
        *(erasure_steps.Erasure, tombstones.Tombstone, tombstones.ErasedWords),
    }
)
"""Tables whose promises are tested with sharing and with erasing."""


def test_nothing_of_what_happened_can_be_deleted(full: Desk) -> None:
    names = {one.table: one.name for one in promises.REFUSED if one.to == "DELETE"}
    names = {table: name for table, name in names.items() if table not in ELSEWHERE}
    assert len(names) == 9
    for table, name in names.items():
        assert full.every(table), f"{name} proves nothing without a row"
        before = full.every(table)
        refused(full, delete(table), name)
        assert full.every(table) == before


def test_what_is_written_for_ever_cannot_be_changed(full: Desk) -> None:
    changes = {
        models.CaseStep: {"by": OTHER},
        models.CaseNote: {"sealed": b"other words"},
        deadlines.DeadlineBreach: {"noted": 4_000_000_000},
        deadlines.DeadlineChange: {"was": 1},
        deadlines.DeadlinePause: {"reason": "other"},
        exchange.CaseMessage: {"sealed": b"other words"},
    }
    for table, change in changes.items():
        before = full.every(table)
        assert before
        refused(full, update(table).values(**change), "as_it_was")
        assert full.every(table) == before
    assert (
        set(changes)
        == {one.table for one in promises.REFUSED if one.to == "UPDATE" and "as_it_was" in one.name}
        - ELSEWHERE
    )


def test_a_date_is_not_moved_without_the_old_one_being_kept(full: Desk) -> None:
    [row] = [one for one in full.every(deadlines.CaseDeadline) if one.clock == "review"]
    table = update(deadlines.CaseDeadline).where(deadlines.CaseDeadline.reference == row.reference)
    refused(full, table.values(due=row.due + 86400), "old_date_is_kept")
    refused(full, table.values(started=row.started + 86400), "deadline_began_then")
    refused(full, table.values(length=400), "deadline_began_then")
    ended = next(one for one in full.every(deadlines.CaseDeadline) if one.state == "met")
    table = update(deadlines.CaseDeadline).where(deadlines.CaseDeadline.reference == ended.reference)
    refused(full, table.values(ended=ended.ended + 1), "deadline_ended")
    refused(full, table.values(state="open", ended=None), "deadline_ended")


def test_hate_is_not_taken_back_by_anybody(desk: Desk) -> None:
    reference = desk.tells(motive=("disability_health_hiv",))
    quiet = desk.tells()
    refused(desk, update(CASE).where(CASE.reference == reference).values(hate=False), "hate_stays")
    with desk.database.write() as connection:
        connection.execute(update(CASE).where(CASE.reference == quiet).values(hate=True))
    refused(desk, update(CASE).values(hate=False), "hate_stays")


CLOSED = {
    "state": "closed",
    "reason": "resolved",
    "closed": 1_800_000_000,
    "officer": OFFICER,
    "reviewer": MANAGER,
}


@pytest.mark.parametrize(
    "changes",
    [
        {"reason": None},
        {"closed": None},
        {"officer": None},
        {"reviewer": None},
        {"reviewer": OFFICER},
        {"state": "archived", "reviewer": OFFICER},
        {"state": "transferred", "reviewer": None},
    ],
)
def test_a_case_is_closed_with_a_reason_and_by_a_second_person(desk: Desk, changes: dict[str, Any]) -> None:
    desk.tells()
    refused(desk, update(CASE).values(CLOSED | changes), "second_person")
    with desk.database.write() as connection:
        connection.execute(update(CASE).values(CLOSED))
    refused(desk, update(CASE).values(officer=MANAGER), "second_person")


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"stage_one": OFFICER, "stage_two": OFFICER}, "other_stage_two"),
        ({"stage_two": OFFICER}, "other_stage_two"),
        ({"stage": "one"}, "stage_handled"),
        ({"stage": "two", "stage_one": OFFICER}, "stage_handled"),
        ({"stage": "three"}, "stage"),
        ({"state": "lost"}, "state"),
        ({"category": "C"}, "category"),
        ({"compartment": "open"}, "compartment"),
        ({"state": "merged"}, "merged"),
        ({"merged_into": OTHER}, "merged"),
        ({"data_key": None}, "key"),
    ],
)
def test_a_case_that_makes_no_sense_is_refused(desk: Desk, changes: dict[str, Any], name: str) -> None:
    desk.tells()
    refused(desk, update(CASE).values(**changes), name)


def test_what_somebody_told_us_is_not_deleted_under_its_case(desk: Desk) -> None:
    desk.tells()
    refused(desk, delete(Submission), "(?i)foreign key")
    assert len(desk.every(Submission)) == 1


def test_of_a_limit_only_one_is_under_way(desk: Desk) -> None:
    reference = desk.tells()
    row = desk.clocks(reference)["triage"]._mapping
    with pytest.raises(IntegrityError), desk.database.write() as connection:
        connection.execute(deadlines.CaseDeadline.__table__.insert(), {**row, "reference": "NTHR23456"})
    with desk.database.write() as connection:
        assert timing.start(connection, reference, Limit.TRIAGE, "submit", clock.seconds()) is None


# Sealed words


def written(desk: Desk) -> str:
    reference = desk.tells(motive=("disability_health_hiv",))
    with desk.database.write() as connection:
        party = words.add_party(connection, desk.ring, reference, "alleged", name=SECRETS[0], by=OFFICER)
        words.add_party(
            connection, desk.ring, reference, "victim", name=CANARIES[0], notes=SECRETS[1], by=OFFICER
        )
        words.add_note(connection, desk.ring, reference, "risk", SECRETS[2], by=OFFICER)
        assert words.change_party(
            connection, desk.ring, reference, party, name=SECRETS[0], notes="knows the canary"
        )
        assert not words.change_party(connection, desk.ring, reference, "THR234567", name="x", notes="")
    return reference


def test_what_is_sealed_opens_for_who_has_the_ring_and_the_case(desk: Desk) -> None:
    reference, other = written(desk), desk.tells(phone=("07700 900999",))
    noise(desk.database)
    with desk.database.read() as connection:
        parties = words.parties_of(connection, desk.ring, reference)
        assert [(one.role, one.name, one.notes) for one in parties if one.role == "alleged"] == [
            ("alleged", SECRETS[0], "knows the canary")
        ]
        assert [one.words for one in words.notes_of(connection, desk.ring, reference)] == [SECRETS[2]]
        assert words.parties_of(connection, desk.ring, other) == []
        with pytest.raises((CannotOpen, Exception)):
            words.parties_of(connection, KeyRing.new(), reference)


def test_words_moved_to_another_row_or_case_do_not_open(desk: Desk) -> None:
    reference, other = written(desk), written(desk)
    with desk.database.write() as connection:
        rows = [row for row in desk_parties(connection) if row.case == reference]
        connection.execute(
            update(models.CaseParty)
            .where(models.CaseParty.reference == rows[0].reference)
            .values(sealed=rows[1].sealed)
        )
    with desk.database.read() as connection, pytest.raises(CannotOpen):
        words.parties_of(connection, desk.ring, reference)
    with desk.database.write() as connection:
        connection.execute(
            update(models.CaseParty).where(models.CaseParty.reference == rows[1].reference).values(case=other)
        )
    with desk.database.read() as connection, pytest.raises(CannotOpen):
        words.parties_of(connection, desk.ring, other)


def desk_parties(connection: Any) -> list[Any]:
    return list(connection.execute(models.CaseParty.__table__.select().order_by(models.CaseParty.reference)))


def test_when_the_key_of_a_case_is_destroyed_its_words_are_gone_and_the_case_is_there(desk: Desk) -> None:
    reference, other = written(desk), written(desk)
    with desk.database.write() as connection:
        words.destroy_key(connection, reference)
    with desk.database.write() as connection:
        with pytest.raises(words.Erased):
            words.parties_of(connection, desk.ring, reference)
        with pytest.raises(words.Erased):
            words.add_note(connection, desk.ring, reference, "note", "more", by=OFFICER)
        assert len(words.notes_of(connection, desk.ring, other)) == 1
    assert desk.case(reference).hate
    check_keys(desk.database, desk.ring)


def test_the_keys_of_cases_are_renewed_with_the_others(desk: Desk) -> None:
    ring = KeyRing.new()
    mine = Desk(desk.database, ring)
    reference = written(mine)
    old = mine.case(reference).key_name
    new = ring.add("narrative")
    assert rewrap_all(mine.database, ring, "narrative") == 2  # the case and its submission
    assert mine.case(reference).key_name == new != old
    ring.drop(old)
    with mine.database.read() as connection:
        assert [one.words for one in words.notes_of(connection, ring, reference)] == [SECRETS[2]]


def test_short_and_longer_words_look_alike(desk: Desk) -> None:
    reference = desk.tells()
    with desk.database.write() as connection:
        for length in (0, 1, 100, 400):
            words.add_note(connection, desk.ring, reference, "note", "x" * length, by=OFFICER)
    assert len({len(row.sealed) for row in desk.every(models.CaseNote)}) == 1


def test_no_personal_word_stands_anywhere_in_the_clear(
    desk: Desk, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever takes the files of the database, its log or a copy reads none of it."""
    reference = written(desk)
    desk.step(reference, Event.TRIAGE, officer=OFFICER)
    with time_machine.travel("2026-12-30T10:00:00Z", tick=False):
        desk.watch()
    copy = backup(desk.database, tmp_path / "copies", lambda table, rows: None)
    places = [copy.read_bytes(), caplog.text.encode(), everything(desk.database)]
    if desk.database.sqlite:
        folder = Path(str(desk.database.url.database)).parent
        places += [file.read_bytes() for file in folder.glob("portal.sqlite*")]
    assert reference.encode() in places[0] and reference.encode() in places[2], (
        "the search finds what is there"
    )
    for words_of_a_person in (*CANARIES, *SECRETS):
        for part in {words_of_a_person, words_of_a_person.split()[-1]}:
            for found in places:
                assert not re.search(re.escape(part.encode()), found, re.IGNORECASE), part


def everything(database: Database) -> bytes:
    """All rows of all tables, as the database gives them."""
    found = b""
    with database.read() as connection:
        for table in models.IncidentCase.metadata.sorted_tables:
            for row in connection.execute(text(f'SELECT * FROM "{table.name}"')):
                found += b" ".join(cell if isinstance(cell, bytes) else str(cell).encode() for cell in row)
    return found
