"""Safety copies made while answers arrive, and brought back into new portals of both kinds."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import select

from portal.backups import tables
from portal.database import Database
from portal.intake.models import Draft
from portal.intake.receipts import digest_of
from portal.migrating import revision
from tests.faults.crowd import DESKS, Crowd
from tests.faults.ledger import look_up, opened, rows
from tests.faults.people import Person
from tests.faults.places import Machine, Place
from tests.faults.results import Figure, at_least, exactly, none, noted
from tests.faults.servers import Server
from tests.faults.waiting import until


def run(
    machine: Machine,
    kind: str,
    into: tuple[str, ...],
    seed: int,
    copies: int,
    deaths: int,
    desks: int = DESKS,
) -> Iterator[Figure]:
    """Make so many copies under load; restore the last one into a new portal of each of these kinds.

    Then it serves there, and so many backups and restores die half way.
    """
    place = machine.place(kind)
    name = f"backup {kind}"
    made: list[tuple[Path, list[Person]]] = []
    with Server(place) as server:
        crowd = Crowd(server.port, f"{seed}/copies", desks, short=0.6)
        crowd.start()
        try:
            for number in range(copies):
                until(lambda: crowd.failures or _enough(crowd, 10 * number), "more receipts")  # noqa: B023
                before = [person for person in tuple(crowd.people) if person.code]
                made.append((made_copy(place, place.data / "copies"), before))
                during = crowd.acknowledged - len(before)
        finally:
            crowd.finish()
        unforeseen = server.unforeseen
        server.stop()
    found = [look_into(place, *one) for one in made]
    yield exactly(name, "copies made while people send", len(made), copies)
    yield noted(name, "acknowledged while the last was made", during)
    yield none(name, "copies damaged or with drafts", sum(damaged for damaged, _, _ in found))
    yield none(name, "acknowledged before a copy, not in it", sum(missing for _, missing, _ in found))
    yield none(name, "sealed words in a copy that do not open", sum(closed for _, _, closed in found))
    yield none(name, "errors nobody foresaw", len(unforeseen))
    for target in into:
        new = machine.place(target)
        yield from restored(place, new, made[-1])
        if deaths:
            yield from goes_on(place, new)
            dice = random.Random(f"{seed}/broken")
            yield from broken_off(machine, place, made[-1][0], target, dice, deaths)


def _enough(crowd: Crowd, receipts: int) -> bool:
    """Whether there is enough to copy: more than so many receipts, and one for words of a person's own."""
    wrote = any(person.code and person.personal for person in tuple(crowd.people))
    return wrote and crowd.acknowledged > receipts


def made_copy(place: Place, folder: Path) -> Path:
    return Path(place.portal("backup", "--to", str(folder)).partition(" is complete")[0])


def look_into(place: Place, path: Path, before: list[Person]) -> tuple[int, int, int]:
    """Of a copy: whether it is damaged, how many acknowledged submissions it lacks, how many do not open."""
    ring = place.ring
    copy = Database(f"sqlite:///{path}", pool=1)
    try:
        with copy.read() as connection:
            whole = connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
            drafts = connection.execute(select(Draft.id)).all()
        held = rows(copy)
        receipts = {row.receipt for row in held}
        missing = sum(digest_of(ring, person.code) not in receipts for person in before)
        return int(not whole or bool(drafts)), missing, sum(opened(ring, row) is None for row in held)
    finally:
        copy.close()
        for ending in ("-wal", "-shm"):
            Path(f"{path}{ending}").unlink(missing_ok=True)


def restored(place: Place, new: Place, made: tuple[Path, list[Person]]) -> Iterator[Figure]:
    """Bring a copy back into a new portal, with the key file put back first."""
    name = f"restore {place.kind} to {new.kind}"
    path, before = made
    refused = new.command("restore", str(path))
    shutil.copy(place.settings.key_file, new.settings.key_file)
    new.portal("restore", str(path))
    again = new.command("restore", str(path))
    copy = Database(f"sqlite:///{path}", pool=1)
    with new.database() as database:
        different = sum(everything(copy, table) != everything(database, table) for table in tables())
        verdict = look_up(database, new.ring, before)
        closed = sum(opened(new.ring, row) is None for row in rows(database))
        sealed = sum(row.sealed is not None for row in rows(database))
    copy.close()
    yield at_least(name, "refused without keys, and into a full portal", _refusals(refused, again), 2)
    yield none(name, "tables that differ from the copy", different)
    yield none(name, "acknowledged and not restored", verdict.lost + verdict.half + verdict.doubled)
    yield at_least(name, "rows with sealed words", sealed, 1)
    yield none(name, "sealed words that do not open", closed)


def goes_on(place: Place, new: Place) -> Iterator[Figure]:
    """A restored portal is served, and takes answers."""
    with Server(new) as server:
        crowd = Crowd(server.port, "new", desks=2)
        crowd.start()
        try:
            until(lambda: crowd.acknowledged >= 2 or crowd.failures, "receipts of the restored portal")
        finally:
            crowd.finish()
        server.stop()
    name = f"restore {place.kind} to {new.kind}"
    yield at_least(name, "new submissions it takes", crowd.acknowledged, 2)


def broken_off(
    machine: Machine, place: Place, path: Path, kind: str, dice: random.Random, times: int
) -> Iterator[Figure]:
    """Backups and restores that die at some of their steps: all of it is there, or nothing."""
    name = f"backup and restore {place.kind} to {kind}, killed"
    half = stuck = died = 0
    for step in dice.sample(range(1, 60), times):
        folder = place.data / f"broken-{kind}-{step}"
        died += place.dying(step, "backup", "--to", str(folder))
        half += sum(look_into(place, made, [])[0] for made in folder.glob("*.sqlite"))
        new = machine.place(kind)
        shutil.copy(place.settings.key_file, new.settings.key_file)
        died += new.dying(step, "restore", str(path))
        before = _same(path, new)
        half += before == "half"
        stuck += before == "nothing" and new.command("restore", str(path)).returncode != 0
        stuck += _same(path, new) != "all"
    yield at_least(name, "deaths", died, times)
    yield none(name, "copies or portals that were half there", half)
    yield none(name, "restores that did not finish when run again", stuck)


def _same(path: Path, new: Place) -> str:
    """Whether a portal holds "all" of a copy, "nothing", or "half" of it."""
    copy = Database(f"sqlite:///{path}", pool=1)
    try:
        with new.database() as database:
            if revision(database) is None:
                return "nothing"
            pairs = [(everything(copy, table), everything(database, table)) for table in tables()]
    finally:
        copy.close()
    if all(wanted == found for wanted, found in pairs):
        return "all"
    return "half" if any(found for _wanted, found in pairs) else "nothing"


def _refusals(*results: Any) -> int:
    return sum(result.returncode == 1 and "Traceback" not in result.stderr for result in results)


def everything(database: Database, table: Any) -> list[Any]:
    with database.read() as connection:
        return [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
