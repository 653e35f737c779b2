"""Migrations that die at their steps or fail in the middle: the database is as before, or done."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import inspect

from portal.migrating import migrations_folder, revision
from tests.faults.ledger import rows
from tests.faults.people import send_directly, somebody
from tests.faults.places import Machine, Place
from tests.faults.results import Figure, at_least, exactly, none

NEXT = '''"""A change that a test makes: a new table, and a column more where there are rows."""

import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"


def upgrade() -> None:
    op.create_table("half", sa.Column("id", sa.Integer(), primary_key=True))
    with op.batch_alter_table("submission", table_kwargs={{"sqlite_with_rowid": False}}) as table:
        table.add_column(sa.Column("half", sa.String(20), server_default="whole", nullable=False))
    {ending}


def downgrade() -> None:
    op.drop_table("half")
'''

FAIL = 'op.execute("SELECT nothing FROM nowhere")'
GO_ON = "op.execute(\"UPDATE submission SET half = 'done'\")"


def run(machine: Machine, kind: str, seed: int, steps: int, ends: bool = True) -> Iterator[Figure]:
    """Die at so many random steps of the first migration and of one that changes rows, and at their ends."""
    name = f"migration {kind}"
    dice = random.Random(f"{seed}/migration")
    first = deaths(machine, kind, dice, steps, ends)
    yield at_least(name, "deaths while the tables are made", first[0], steps)
    yield none(name, "times that half of them were there", first[1])
    yield none(name, "times that running it again did not finish", first[2])

    place = machine.place(kind)
    place.prepare()
    send_directly(place, [somebody(dice, 0.5) for _person in range(20)], dice)
    failing = folder_with(machine.folder / f"failing-{kind}", FAIL, place)
    before = state(place)
    told = {"FAULTS_MIGRATIONS": str(failing), "FAULTS_STEPS": str(place.data / "steps")}
    done = place.command("0", "migrate", module="tests.faults.dying", **told)
    all_of = int((place.data / "steps").read_text())
    yield exactly(name, "exit code of a migration that fails", done.returncode, 1)
    yield none(name, "traces shown to the operator", int("Traceback" in done.stderr))
    yield exactly(name, "safety copies made before it", len(list(place.data.glob("before-migrations/*"))), 1)
    yield none(name, "changes that it left behind", int(state(place) != before))

    going = folder_with(machine.folder / f"going-{kind}", GO_ON, place)
    died = half = 0
    for step in _some(dice, all_of, steps, ends):
        died += place.dying(step, "migrate", FAULTS_MIGRATIONS=str(going))
        half += state(place) != before
    assert not place.dying(0, "migrate", FAULTS_MIGRATIONS=str(going))
    with place.database() as database:
        at = revision(database)
        kept = len(rows(database))
    yield at_least(name, "deaths while rows are changed", died, steps)
    yield none(name, "times that it was half done", half)
    yield exactly(name, "rows afterwards", kept, 20)
    yield exactly(name, "revision in the end", int(at or 0), 9999)


def deaths(machine: Machine, kind: str, dice: random.Random, steps: int, ends: bool) -> tuple[int, int, int]:
    """Kill `portal migrate` in new portals: deaths, half-made tables, and those that did not mend."""
    died = half = stuck = 0
    all_of = machine.place(kind).steps_of("migrate")
    for step in _some(dice, all_of, steps, ends):
        place = machine.place(kind)
        if not place.dying(step, "migrate"):
            break
        died += 1
        half += not whole(place)
        stuck += place.command("migrate").returncode != 0 or "submission" not in tables(place)
    return died, half, stuck


def _some(dice: random.Random, all_of: int, steps: int, ends: bool) -> list[int]:
    return sorted({*dice.sample(range(2, all_of), steps), *((1, all_of) if ends else ())})


def tables(place: Place) -> set[str]:
    with place.database() as database:
        return set(inspect(database.engine).get_table_names())


def whole(place: Place) -> bool:
    """No table at all, or all of them with their revision."""
    found = tables(place)
    if not found:
        return True
    with place.database() as database:
        return {"submission", "draft", "alembic_version"} <= found and revision(database) is not None


def state(place: Place) -> tuple[object, ...]:
    """Everything that a migration changes: revision, columns, rows."""
    with place.database() as database:
        found = inspect(database.engine)
        columns = {
            name: [column["name"] for column in found.get_columns(name)] for name in found.get_table_names()
        }
        return revision(database), columns, sorted(map(str, rows(database)))


def folder_with(folder: Path, ending: str, place: Place) -> Path:
    """The migrations, and one more."""
    shutil.copytree(migrations_folder(), folder)
    with place.database() as database:
        head = revision(database)
    (folder / "versions" / "9999_half.py").write_text(NEXT.format(head=head, ending=ending))
    return folder
