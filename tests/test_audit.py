"""The audit log: what somebody without the keys does to it is found, and adding to it never forks."""

from __future__ import annotations

import json
import os
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, text, update

from portal import anchors, audit
from portal.anchors import AuditError, Damage, anchor, newest, verify
from portal.audit import Audit, AuditHead, Did, note, note_alone
from portal.backups import backup, restore
from portal.database import Database
from portal.migrating import migrate
from portal.sealing import KeyRing
from tests.arrivals import arrive
from tests.conftest import KINDS
from tests.fresh import address_of, fresh
from tests.running import at_home, forked, portal

NOW = "2026-11-22T10:00:00Z"
LOG = Audit.__table__
HEAD = AuditHead.__table__
ROWS = 200


def entry(database: Database, ring: KeyRing, number: int = 1, did: Did = Did.VIEWED) -> int:
    return note_alone(
        database, ring, by="K3PX92CMT", did=did, what=f"batch R{number}", detail={"page": number}
    )


def rows(database: Database) -> list[dict[str, Any]]:
    with database.read() as connection:
        return [
            dict(row) for row in connection.execute(select(*LOG.columns).order_by(LOG.c.number)).mappings()
        ]


def many(database: Database, ring: KeyRing, count: int) -> list[dict[str, Any]]:
    with database.write() as connection:
        for number in range(1, count + 1):
            note(
                connection, ring, by="K3PX92CMT", did=Did.KEYED, what=f"form R{number}", detail={"n": number}
            )
    return rows(database)


def run(database: Database, statement: Any) -> None:
    with database.write() as connection:
        connection.execute(statement)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "audit-anchors"


# Adding


def test_an_entry_says_who_did_what_and_when(database: Database, ring: KeyRing) -> None:
    with time_machine.travel(NOW, tick=False):
        assert entry(database, ring) == 1
        given = {"from": "2026-01-01", "codes": ["a", "b"], "count": 3}
        numbered = note_alone(
            database, ring, by=audit.OPERATOR, did=Did.EXPORTED, what="form equality", detail=given
        )
    assert numbered == 2
    with database.read() as connection:
        [second, first] = audit.page(connection)
    assert (second.number, second.at, second.by, second.did) == (2, 1795341600, "operator", "exported")
    assert (second.what, second.detail) == ("form equality", given)
    assert (first.number, first.what, first.detail) == (1, "batch R1", {"page": 1})


def test_an_entry_is_there_with_what_it_is_about_or_not_at_all(
    database: Database, ring: KeyRing, file: Path
) -> None:
    class Stopped(Exception):
        pass

    entry(database, ring)
    with pytest.raises(Stopped), database.write() as connection:
        note(connection, ring, by="K3PX92CMT", did=Did.CHANGED, what="batch R2")
        raise Stopped
    assert len(rows(database)) == 1
    assert entry(database, ring) == 2
    assert verify(database, ring, file) == []


@pytest.mark.parametrize(
    "given",
    [
        {"by": "Amina Khan"},
        {"by": ""},
        {"by": "amina@example.org"},
        {"what": "case of Amina Khan"},
        {"what": "batch\n7K3PX92CM"},
        {"what": ""},
        {"detail": {"words": "I was threatened"}},
        {"detail": {"my words": 1}},
        {"detail": {"codes": ["fine", "not fine"]}},
        {"detail": {"name": "کشمیر"}},
    ],
    ids=str,
)
def test_words_of_people_are_refused_and_not_repeated(
    sqlite: Database, ring: KeyRing, given: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match=r"^only references, codes and numbers belong in the audit log$"):
        note_alone(sqlite, ring, **{"by": "K3PX92CMT", "did": Did.VIEWED, "what": "batch 7K3PX92CM", **given})
    assert rows(sqlite) == []


def test_a_page_of_the_log_can_be_narrowed_and_turned(database: Database, ring: KeyRing) -> None:
    for number in range(1, 8):
        by = "AAAAAAAAA" if number % 2 else "BBBBBBBBB"
        did = Did.VIEWED if number < 4 else Did.CHANGED
        note_alone(database, ring, by=by, did=did, what=f"batch R{number // 3}")

    def numbers(**narrowed: Any) -> list[int]:
        with database.read() as connection:
            return [one.number for one in audit.page(connection, **narrowed)]

    assert numbers() == [7, 6, 5, 4, 3, 2, 1]
    assert numbers(limit=3) == [7, 6, 5]
    assert numbers(limit=3, before=5) == [4, 3, 2]
    assert numbers(by="AAAAAAAAA") == [7, 5, 3, 1]
    assert numbers(did=Did.VIEWED) == [3, 2, 1]
    assert numbers(what="batch R1") == [5, 4, 3]
    assert numbers(what="batch R1", did=Did.CHANGED, by="BBBBBBBBB", before=9) == [4]


# Damage


Attack = Callable[[Database, dict[str, Any], list[dict[str, Any]]], None]


def edit(column: str, value: Callable[[dict[str, Any]], Any]) -> Attack:
    def attack(database: Database, row: dict[str, Any], others: list[dict[str, Any]]) -> None:
        change = update(LOG).where(LOG.c.number == row["number"])
        run(database, change.values({column: value(row)}))

    return attack


def drop(database: Database, row: dict[str, Any], others: list[dict[str, Any]]) -> None:
    run(database, delete(LOG).where(LOG.c.number == row["number"]))


def swap(database: Database, row: dict[str, Any], others: list[dict[str, Any]]) -> None:
    """This entry and its neighbour change places, whole."""
    other = others[row["number"] % len(others)]
    with database.write() as connection:
        for number in (row["number"], other["number"]):
            connection.execute(delete(LOG).where(LOG.c.number == number))
        connection.execute(insert(LOG), row | {"number": other["number"]})
        connection.execute(insert(LOG), other | {"number": row["number"]})


def put_in(database: Database, row: dict[str, Any], others: list[dict[str, Any]]) -> None:
    """A copy of this entry stands before it, and all later ones move on by one."""
    with database.write() as connection:
        connection.execute(delete(LOG).where(LOG.c.number >= row["number"]))
        connection.execute(insert(LOG), row | {"previous": os.urandom(32)})
        for later in others[row["number"] - 1 :]:
            connection.execute(insert(LOG), later | {"number": later["number"] + 1})
        connection.execute(update(HEAD).values(number=len(others) + 1))


EDITS: dict[str, Attack] = {
    "at": edit("at", lambda row: row["at"] + 1),
    "by": edit("by", lambda row: "BBBBBBBBB"),
    "did": edit("did", lambda row: "viewed"),
    "what": edit("what", lambda row: "form R0"),
    "detail": edit("detail", lambda row: row["detail"].replace("}", " }")),
    "previous": edit("previous", lambda row: bytes([row["previous"][0] ^ 1]) + row["previous"][1:]),
    "digest": edit("digest", lambda row: row["digest"][:-1] + bytes([row["digest"][-1] ^ 128])),
}
ATTACKS: dict[str, Attack] = {**EDITS, "drop": drop, "swap": swap, "put in": put_in}


def undo(database: Database, whole: list[dict[str, Any]]) -> None:
    with database.write() as connection:
        connection.execute(delete(LOG))
        connection.execute(insert(LOG), whole)
        connection.execute(update(HEAD).values(number=len(whole), digest=whole[-1]["digest"]))


def test_edits_of_every_column_are_tried() -> None:
    assert {*EDITS, "number"} == {column.name for column in LOG.columns}


@pytest.mark.parametrize("name", ATTACKS)
def test_each_entry_that_is_tampered_with_is_found(
    sqlite: Database, ring: KeyRing, file: Path, name: str
) -> None:
    whole = many(sqlite, ring, ROWS)
    assert verify(sqlite, ring, file) == []
    for row in whole:
        ATTACKS[name](sqlite, dict(row), whole)
        found = verify(sqlite, ring, file)
        number = row["number"]
        assert found, number
        near = range(number - 1, number + 2)
        assert any(one.first in near for one in found) or name in ("swap", "put in"), found
        if name in EDITS:
            with sqlite.write() as connection:
                connection.execute(update(LOG).where(LOG.c.number == number).values(row))
        else:
            undo(sqlite, whole)
    assert verify(sqlite, ring, file) == []


@pytest.mark.parametrize("name", ATTACKS)
def test_tampering_is_found_on_each_database(
    database: Database, ring: KeyRing, file: Path, name: str
) -> None:
    whole = many(database, ring, 6)
    for row in whole[:1] + whole[2:3] + whole[-1:]:
        ATTACKS[name](database, dict(row), whole)
        assert verify(database, ring, file) != []
        undo(database, whole)
    assert verify(database, ring, file) == []


def sentences(database: Database, ring: KeyRing, file: Path) -> list[str]:
    return [str(finding) for finding in verify(database, ring, file)]


def test_what_is_wrong_is_said_in_a_sentence_with_the_number(
    database: Database, ring: KeyRing, file: Path
) -> None:
    whole = many(database, ring, 9)
    EDITS["by"](database, whole[4], whole)
    assert sentences(database, ring, file) == ["Entry 5 was changed."]
    undo(database, whole)
    run(database, delete(LOG).where(LOG.c.number.in_([3, 4, 7])))
    assert sentences(database, ring, file) == ["Entries 3 to 4 are missing.", "Entry 7 is missing."]
    undo(database, whole)
    run(database, delete(LOG).where(LOG.c.number == 1))
    assert sentences(database, ring, file) == ["Entry 1 is missing."]
    run(database, delete(LOG).where(LOG.c.number > 7))
    assert sentences(database, ring, file) == ["Entry 1 is missing.", "Entries 8 to 9 are missing."]
    undo(database, whole)
    run(database, update(HEAD).values(number=8))
    assert sentences(database, ring, file) == [
        "The log says of itself that its newest entry is another one than entry 9."
    ]
    run(database, delete(HEAD))
    assert len(sentences(database, ring, file)) == 1
    undo(database, whole)
    run(database, insert(HEAD).values(id=1, number=9, digest=whole[-1]["digest"]))
    assert sentences(database, ring, file) == []
    run(database, insert(LOG).values(whole[0] | {"number": 0, "previous": bytes(31) + b"\1"}))
    assert sentences(database, ring, file) == ["Entry 0 was put in before the beginning."]


def test_a_piece_of_another_chain_of_the_same_key_does_not_fit_in(
    database: Database, ring: KeyRing, file: Path
) -> None:
    """An older copy of the log had other entries at these numbers."""
    with time_machine.travel(NOW, tick=False):
        older = many(database, ring, 5)
        run(database, delete(LOG))
        run(database, delete(HEAD))
        entry(database, ring)
    newer = many(database, ring, 5)
    run(database, delete(LOG).where(LOG.c.number == 3))
    run(database, insert(LOG).values(older[2]))
    assert len(newer) == 6
    assert sentences(database, ring, file) == [
        "Entry 3 does not follow the entry before it: one of them was put in or replaced.",
        "Entry 4 does not follow the entry before it: one of them was put in or replaced.",
    ]


@pytest.mark.parametrize(
    ("column", "value"), [("digest", "'words'"), ("previous", "7"), ("at", "'never'"), ("by", "x'00ff'")]
)
def test_what_no_entry_of_ours_could_hold_is_a_change_like_another(
    sqlite: Database, ring: KeyRing, file: Path, column: str, value: str
) -> None:
    many(sqlite, ring, 3)
    run(sqlite, text(f"UPDATE audit SET {column} = {value} WHERE number = 2"))
    assert "Entry 2 was changed." in sentences(sqlite, ring, file)


def test_another_portals_key_is_told_apart_from_damage(database: Database, ring: KeyRing, file: Path) -> None:
    many(database, ring, 5)
    [sentence] = sentences(database, KeyRing.new(), file)
    assert sentence.startswith("None of the 5 entries fits the key file")
    anchor(database, ring, file)
    assert [one.damage for one in verify(database, KeyRing.new(), file)] == [Damage.KEY]


def test_much_damage_is_counted_and_not_told_one_by_one(
    sqlite: Database, ring: KeyRing, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anchors, "MOST", 3)
    many(sqlite, ring, 9)
    anchor(sqlite, ring, file)
    run(sqlite, update(LOG).values(by="BBBBBBBBB"))
    assert sentences(sqlite, ring, file) == [
        "Entry 1 was changed.",
        "Entry 2 was changed.",
        "Entry 3 was changed.",
        "There are 6 more such findings.",
    ]


def test_a_log_longer_than_a_chunk_is_read_to_its_end(
    database: Database, ring: KeyRing, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anchors, "CHUNK", 4)
    whole = many(database, ring, 10)
    assert verify(database, ring, file) == []
    EDITS["at"](database, whole[9], whole)
    assert sentences(database, ring, file) == ["Entry 10 was changed."]


def test_the_log_goes_on_after_it_was_read(database: Database, ring: KeyRing, file: Path) -> None:
    for count in range(1, 4):
        entry(database, ring)
        assert verify(database, ring, file) == []
        assert len(rows(database)) == count


def test_a_log_without_its_head_is_taken_up_where_it_ended(
    database: Database, ring: KeyRing, file: Path
) -> None:
    many(database, ring, 3)
    run(database, delete(HEAD))
    assert entry(database, ring) == 4
    assert verify(database, ring, file) == []


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(sorted(ATTACKS)), min_size=1, max_size=3), st.data())
def test_no_two_attacks_hide_each_other(names: list[str], data: st.DataObject) -> None:
    ring = KeyRing.new()
    with TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/portal.sqlite", pool=1)
        audit.Base.metadata.create_all(database.engine, tables=[LOG, HEAD])
        whole = many(database, ring, 6)
        for name in names:
            now = rows(database)
            if [row["number"] for row in now] == [1, 2, 3, 4, 5, 6]:
                ATTACKS[name](database, now[data.draw(st.integers(0, 5))], now)
        changed = rows(database) != whole
        assert bool(verify(database, ring, Path(folder) / "audit-anchors")) == changed
        database.close()


# Anchors


def test_an_end_that_is_cut_off_is_found_up_to_the_last_anchor(
    database: Database, ring: KeyRing, file: Path
) -> None:
    many(database, ring, 12)
    with time_machine.travel(NOW, tick=False):
        made = anchor(database, ring, file)
    assert made == newest(ring, file) and made is not None and (made.number, made.at) == (12, 1795341600)
    for _later in range(3):
        entry(database, ring)
    for left in range(15, -1, -1):
        if left < 15:
            run(database, delete(LOG).where(LOG.c.number > left))
            digest = rows(database)[-1]["digest"] if left else bytes(32)
            run(database, update(HEAD).values(number=left, digest=digest))
        found = verify(database, ring, file)
        if left >= 12:
            assert found == []  # cut off after the last anchor: nobody can know
        else:
            assert [(one.damage, one.first, one.last) for one in found] == [(Damage.TAIL, left + 1, 12)]
    assert "anchored up to there" in sentences(database, ring, file)[0]


def test_a_log_that_was_made_anew_is_not_the_one_that_was_anchored(
    database: Database, ring: KeyRing, file: Path
) -> None:
    """Even by somebody who had the portal itself write it."""
    with time_machine.travel(NOW, tick=False):
        many(database, ring, 3)
        anchor(database, ring, file)
    run(database, delete(LOG))
    run(database, delete(HEAD))
    many(database, ring, 4)
    assert sentences(database, ring, file) == ["Entry 3 is not the one that was anchored."]


def test_anchors_are_lines_that_only_their_owner_reads_and_that_stay(
    database: Database, ring: KeyRing, file: Path
) -> None:
    assert anchor(database, ring, file) is None and not file.exists()
    entry(database, ring)
    anchor(database, ring, file)
    first = file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    entry(database, ring)
    anchor(database, ring, file)
    assert file.read_bytes().startswith(first) and len(file.read_text().splitlines()) == 2
    assert verify(database, ring, file) == []


def invented(ring: KeyRing, line: str) -> Iterator[str]:
    number, at, digest, sealed = line.split(" ")
    yield f"{int(number) + 1} {at} {digest} {sealed}"
    yield f"{number} {int(at) + 1} {digest} {sealed}"
    yield f"{number} {at} {'0' * 64} {sealed}"
    yield f"{number} {at} {digest} {'0' * 64}"
    yield f"{number} {at} {digest} {sealed} and more"
    yield "These are the minutes of the tenants' meeting."


def test_an_invented_anchor_is_refused(database: Database, ring: KeyRing, file: Path) -> None:
    entry(database, ring)
    anchor(database, ring, file)
    good = file.read_text()
    for line in invented(ring, good.strip()):
        file.write_text(good + line + "\n")
        found = sentences(database, ring, file)
        assert found == ["Line 2 of the anchors was not written by this portal."], line
        made = newest(ring, file)
        assert made is not None and made.number == 1


def test_a_line_that_a_power_cut_tore_is_no_damage_and_the_next_is_whole(
    database: Database, ring: KeyRing, file: Path
) -> None:
    entry(database, ring)
    anchor(database, ring, file)
    line = file.read_text()
    for length in range(len(line)):
        file.write_text(line[:length])
        assert verify(database, ring, file) == []
        anchor(database, ring, file)
        assert verify(database, ring, file) == []
        assert newest(ring, file) is not None


def test_a_damaged_end_is_not_anchored(database: Database, ring: KeyRing, file: Path) -> None:
    whole = many(database, ring, 3)
    for name in ("by", "digest", "drop"):
        ATTACKS[name](database, whole[-1], whole)
        with pytest.raises(AuditError, match="portal audit verify"):
            anchor(database, ring, file)
        undo(database, whole)
    run(database, update(HEAD).values(number=2))
    with pytest.raises(AuditError):
        anchor(database, ring, file)
    assert not file.exists()


# Many at once


def test_many_writers_make_one_chain(database: Database, ring: KeyRing, file: Path) -> None:
    """Eight processes begin together on an empty log; each adds twelve entries, some with other work."""
    address = address_of(database)

    def write() -> None:
        mine = Database(address, pool=1)
        for number in range(12):
            with mine.write() as connection:
                if number % 3 == 0:
                    connection.execute(text("SELECT count(*) FROM submission"))
                note(connection, ring, by="K3PX92CMT", did=Did.KEYED, what=f"form R{number}")
        mine.close()

    database.close()
    assert forked(write, 8) == [0] * 8
    assert [row["number"] for row in rows(database)] == list(range(1, 97))
    assert len({row["previous"] for row in rows(database)}) == 96
    assert verify(database, ring, file) == []


def test_a_second_writer_waits_for_the_first_to_commit(database: Database, ring: KeyRing, file: Path) -> None:
    begun, numbers = threading.Event(), []

    def second() -> None:
        begun.set()
        numbers.append(entry(database, ring))

    thread = threading.Thread(target=second)
    with database.write() as connection:
        numbers.append(note(connection, ring, by="K3PX92CMT", did=Did.KEYED, what="form R1"))
        thread.start()
        assert begun.wait(10)
    thread.join(10)
    assert numbers == [1, 2]
    assert verify(database, ring, file) == []


# What it must not hold


def test_an_anonymous_answer_leaves_no_entry(database: Database, ring: KeyRing) -> None:
    arrive(database, ring)
    assert rows(database) == []


# The command


@pytest.fixture
def home(database: Database, ring: KeyRing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    data = at_home(database, tmp_path, monkeypatch)
    ring.save(data / "keys.json")
    return data


def test_an_operator_reads_whether_the_log_is_whole(home: Path, database: Database, ring: KeyRing) -> None:
    assert portal("audit", "verify").output == (
        "The audit log is whole. Its newest entry is number 0.\n"
        "It was never anchored: it would not be noticed if its end were cut off.\n"
    )
    many(database, ring, 4)
    with time_machine.travel(NOW, tick=False):
        assert "Anchored up to entry 5" in portal("audit", "anchor").output
    assert portal("audit", "verify").output == (
        "The audit log is whole. Its newest entry is number 5.\n"
        "It was last anchored at entry 5, on 2026-11-22 at 10:00 UTC.\n"
        "Up to there it would be noticed if its end were cut off.\n"
    )
    run(database, delete(LOG).where(LOG.c.number == 5))
    run(database, update(LOG).where(LOG.c.number == 2).values(what="form R9"))
    found = portal("audit", "verify")
    assert found.exit_code == 1
    assert found.output.startswith(
        "Entry 2 was changed.\nEntry 5 is missing at the end. The log was anchored up to there"
    )


def test_an_export_is_noted_and_anchored(home: Path, database: Database, ring: KeyRing) -> None:
    words = ["export", "--form", "equality", "--out", str(home / "out"), "--purpose", "a secret purpose"]
    assert portal(*words, "--from", "2026-01-05").exit_code == 0
    with database.read() as connection:
        [made] = audit.page(connection)
    assert (made.by, made.did, made.what) == ("operator", "exported", "form equality")
    assert made.detail == {"from": "2026-01-05", "to": "now"}
    reached = newest(ring, home / "audit-anchors")
    assert reached is not None and reached.number == made.number


# Safety copies


@pytest.mark.parametrize("kind", KINDS)
def test_a_restored_log_is_whole_and_says_what_came_after_its_copy(
    database: Database, ring: KeyRing, file: Path, kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    many(database, ring, 5)
    anchor(database, ring, file)
    copy = backup(database, tmp_path / "copies", lambda table, count: None)
    entry(database, ring)
    anchor(database, ring, file)
    with fresh(request, kind, "restored") as address:
        new = Database(address)
        migrate(new)
        restore(copy, new, lambda table, count: None)
        assert [str(one) for one in verify(new, ring, file)] == [
            "Entry 6 is missing at the end. The log was anchored up to there: "
            "its end was cut off, or an older safety copy was restored."
        ]
        assert verify(new, ring, tmp_path / "no anchors") == []
        assert entry(new, ring) == 6
        assert verify(new, ring, tmp_path / "no anchors") == []
        new.close()


def test_the_details_are_the_letters_that_were_digested(database: Database, ring: KeyRing) -> None:
    note_alone(database, ring, by="portal", did=Did.REFUSED, what="page", detail={"b": 1, "a": ["x"]})
    [row] = rows(database)
    assert row["detail"] == '{"a":["x"],"b":1}' and json.loads(row["detail"])
