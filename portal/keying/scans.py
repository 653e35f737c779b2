"""Scans of a paper, beside its fields while it is keyed: pictures that go when its batch closes.

They belong to the paper as long as it is in an open batch. Taking one and asking for one look at the same
rows as keying does, so that a paper only ever shows its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select

from portal import audit, files
from portal.audit import Did
from portal.blobs import Store
from portal.database import Database
from portal.files import SCANS, File, Kept, Owners, Readable, Refused
from portal.keying.models import Pass, Sheet
from portal.keying.passes import TAKEN_OVER, Work
from portal.keying.states import State
from portal.pages import said_plainly
from portal.paper.runs import Run
from portal.questions.messages import _staff
from portal.sealing import KeyRing

MOST = 20
"""Pages of one paper."""
SHEET = "sheet"
"""What files of this kind belong to: followed by the paper's reference and the page's place."""
PAGE = _staff("Scan, page %(number)s")
REMOVE = _staff("Remove page %(number)s")
TOO_MANY = _staff("A paper has %(number)s scanned pages at most")
MILLIMETRE = 72 / 25.4
A4 = (210 * MILLIMETRE, 297 * MILLIMETRE)
"""Width and height in points, as our papers are printed."""

IN_HAND = (State.KEYING.value, State.VERIFYING.value)
TO_SETTLE = (State.DIFFERS.value, State.QUERY.value)

LOCK = (
    select(Sheet.reference)
    .where(Sheet.reference == bindparam("sheet"), Sheet.state.in_(IN_HAND))
    .with_for_update()
)
"""While this holds the paper it is not saved, rejected or closed."""
HELD_BY = (
    select(Sheet.state)
    .join(Pass, Pass.sheet == Sheet.reference)
    .where(
        Sheet.reference == bindparam("sheet"),
        Sheet.batch == bindparam("batch"),
        Sheet.state.in_(IN_HAND),
        Pass.keyer == bindparam("who"),
        Pass.saved.is_(False),
    )
)
STATE = select(Sheet.state).where(Sheet.reference == bindparam("sheet"), Sheet.batch == bindparam("batch"))
OF_SHEET = (
    select(File.owner, File.id, File.kind, File.size, File.pages, File.width, File.height)
    .where(File.owner.like(bindparam("beginning")))
    .order_by(File.owner)
)
DROP = delete(File).where(File.id == bindparam("row"), File.owner.like(bindparam("beginning")))


def of(database: Database, sheet: str) -> list[Kept]:
    """The scanned pages of a paper, in the order in which they were attached."""
    with database.read() as connection:
        return [Kept(*row[1:]) for row in _rows(connection, sheet)]


def shown(batch: str, sheet: str, kept: Iterable[Kept]) -> list[dict[str, Any]]:
    """Each scanned page as the screens show it: its place among them, its address, its size in pixels."""
    return [
        {
            "place": place,
            "src": f"/staff/paper-in/{batch}/{sheet}/scan/{one.id}",
            "width": one.width,
            "height": one.height,
            "text": said_plainly(PAGE.with_values(number=place)),
            "remove": said_plainly(REMOVE.with_values(number=place)),
        }
        for place, one in enumerate(kept, start=1)
    ]


def attach(
    database: Database, ring: KeyRing, store: Store, stream: Readable, name: str, mine: Work
) -> list[Kept] | Refused:
    """Take a scan of a paper that this person has in hand. `name` is only compared with what is in it."""
    return files.keep_pictures(database, ring, store, stream, name, SCANS, _owners(mine), most_pages=MOST)


def remove(database: Database, ring: KeyRing, store: Store, identity: str, mine: Work) -> bool:
    """Delete one scanned page of a paper that this person has in hand; False if it has none of that id."""
    values = {"row": identity, "beginning": f"{SHEET} {mine.sheet} %"}
    with database.write() as connection:
        if not _held(connection, mine) or connection.execute(DROP, values).rowcount != 1:
            return False
        what, detail = f"paper {mine.sheet}", {"scan": identity}
        audit.note(connection, ring, by=mine.keyer, did=Did.DELETED, what=what, detail=detail)
    store.drop(identity)
    return True


def _held(connection: Connection, mine: Work) -> bool:
    """Whether the paper is in this person's hands, and stays there as long as the transaction."""
    values = {"batch": mine.batch, "sheet": mine.sheet, "who": mine.keyer}
    locked = connection.execute(LOCK, values).first()
    return locked is not None and connection.execute(HELD_BY, values).first() is not None


def _owners(mine: Work) -> Owners:
    sheet = mine.sheet

    def owners(connection: Connection, number: int) -> list[str] | Refused:
        if not _held(connection, mine):
            return Refused(TAKEN_OVER)
        there = _rows(connection, sheet)
        if len(there) + number > MOST:
            return Refused(TOO_MANY.with_values(number=MOST))
        first = 1 + max((int(row.owner.rpartition(" ")[2]) for row in there), default=0)
        return [f"{SHEET} {sheet} {place:03}" for place in range(first, first + number)]

    return owners


def _rows(connection: Connection, sheet: str) -> Sequence[Any]:
    return connection.execute(OF_SHEET, {"beginning": f"{SHEET} {sheet} %"}).all()


def may_see(database: Database, batch: str, sheet: str, who: str, supervisor: bool) -> bool:
    """Whether this person has the paper in hand, or is a supervisor and it is to be settled."""
    values = {"batch": batch, "sheet": sheet, "who": who}
    with database.read() as connection:
        if connection.execute(HELD_BY, values).first() is not None:
            return True
        state = connection.execute(STATE, values).scalar()
    return supervisor and state in TO_SETTLE


def forget(connection: Connection, batch: str) -> list[str]:
    """Erase the scans of a batch's papers: nobody can open them again. Their ids, for the store."""
    own = select(Sheet.reference).where(Sheet.batch == batch)
    reference = func.substr(File.owner, len(SHEET) + 2, 9)
    dropped = delete(File).where(File.owner.like(f"{SHEET} %"), reference.in_(own)).returning(File.id)
    return list(connection.execute(dropped).scalars())


def places(run: Run | None) -> dict[str, str]:
    """Where each question stands on a paper of ours: page, left, top, right, bottom, as shares of it."""
    found: dict[str, str] = {}
    for number, page in enumerate((run.rectangles if run else None) or (), start=1):
        for question, options in page.items():
            starts, tops, ends, bottoms = zip(*options.values(), strict=True)
            corners = (min(starts) / A4[0], min(tops) / A4[1], max(ends) / A4[0], max(bottoms) / A4[1])
            found.setdefault(question, " ".join([str(number), *(f"{one:.4f}" for one in corners)]))
    return found
