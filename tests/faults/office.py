"""kill -9 of the whole server while an office keys paper, settles what differs, and closes batches."""

from __future__ import annotations

import random
import re
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from sqlalchemy import func, select

from portal import references
from portal.database import Database
from portal.intake.models import Submission
from portal.keying.models import Batch, KeyedForms, Pass, Sheet
from portal.keying.passes import opened as opened_pass
from portal.questions import Form
from portal.questions.codebook import stored
from portal.sealing import CannotOpen, KeyRing
from portal.tables import Base
from tests.faults.clerks import Clerk, Desk, Keyer, Supervisor
from tests.faults.ledger import opened, rows
from tests.faults.piles import MARK, Paper, whole
from tests.faults.places import Place
from tests.faults.planted import plant
from tests.faults.results import Figure, at_least, exactly, none, noted
from tests.faults.servers import Server
from tests.faults.waiting import until

KEYERS = 3
REFERENCE = re.compile(rf"[{references.ALPHABET}]{{{references.LENGTH}}}")


@dataclass(slots=True)
class Verdict:
    """Counts of what must not be, after what the clerks were told. Only the first two are good when high."""

    keyed: int = 0
    """Papers of which somebody was told that they are keyed, or rejected."""
    closed: int = 0
    """Batches of which the supervisor was told that they are closed."""
    lost: int = 0
    """Papers of closed batches whose answers are not stored."""
    doubled: int = 0
    other: int = 0
    """Papers stored with other answers than were typed or settled."""
    too_early: int = 0
    """Papers stored that were rejected, or whose batch is open."""
    nobodys: int = 0
    reopened: int = 0
    """Batches that were seen closed and are not."""
    left: int = 0
    """Papers and keyings left of closed batches, and rows that name such a paper."""
    open_lost: int = 0
    """Papers of open batches that are not there as they were keyed."""
    miscounted: int = 0
    """Batches there are too many or too few, or whose counts are not those of their papers."""

    @property
    def wrong(self) -> dict[str, int]:
        """The counts that must be 0."""
        return {name: count for name, count in asdict(self).items() if name not in ("keyed", "closed")}

    def figures(self, run: str, papers: int, closed: int) -> Iterator[Figure]:
        yield at_least(run, "papers acknowledged as keyed", self.keyed, papers)
        yield at_least(run, "batches acknowledged as closed", self.closed, closed)
        yield none(run, "papers of closed batches lost", self.lost)
        yield none(run, "papers stored twice", self.doubled)
        yield none(run, "papers stored other than keyed", self.other)
        yield none(run, "rejected or open papers stored", self.too_early)
        yield none(run, "stored but on no paper", self.nobodys)
        yield none(run, "closed batches open again", self.reopened)
        yield none(run, "ways from a closed batch's paper left", self.left)
        yield none(run, "papers of open batches lost or changed", self.open_lost)
        yield none(run, "batches with wrong counts", self.miscounted)


@dataclass(slots=True)
class Day:
    """What a day of kills left behind."""

    desk: Desk
    clerks: list[Clerk]
    verdict: Verdict = field(default_factory=Verdict)
    blind_to: list[str] = field(default_factory=list)
    """Kinds of faults that were planted afterwards and not found."""
    kills: int = 0
    under_way: int = 0
    """Presses without an answer yet when a kill came, over all kills."""
    closing: int = 0
    """Of these, presses on Close."""
    half_closed: int = 0
    """Kills after which some answers of an open batch were stored already."""
    recoveries: list[float] = field(default_factory=list)
    unforeseen: list[str] = field(default_factory=list)
    audit: str = ""
    """What is wrong with the audit log."""

    def seen(self, trouble: str) -> int:
        return sum(clerk.browser.troubles[trouble] for clerk in self.clerks)


def worked(
    place: Place, seed: int | str, kills: int, size: int, least: int, *, module: str = "portal.cli"
) -> Day:
    """Kill the server this often while at least so many papers are keyed and closed; look all of it up."""
    place.prepare()
    dice = random.Random(f"{seed}/office")
    desk = Desk(place, seed, size, least)
    server = Server(place, module)
    supervisor = Supervisor(desk, server.port, "supervisor")
    clerks = [supervisor, *(Keyer(desk, server.port, f"keyer{number}") for number in range(KEYERS))]
    day = Day(desk, clerks)
    with server:
        for clerk in clerks:
            clerk.come_in()
        for clerk in clerks:
            clerk.thread.start()
        try:
            for number in range(kills):
                wanted = least * number // kills
                until(lambda: desk.keyed >= wanted or desk.over, f"{wanted} papers", 300)  # noqa: B023
                await_moment(day, supervisor, number, dice)
                if desk.over:
                    break
                began = time.monotonic()
                day.under_way += sum(clerk.pressing for clerk in clerks)
                day.closing += supervisor.closing
                server.kill()
                day.kills += 1
                day.half_closed += half_closed(place)
                server.start()
                day.recoveries.append(time.monotonic() - began)
            desk.evening.set()
            until(lambda: desk.over, "the end of the day", 300)
        finally:
            desk.finished.set()
            for clerk in clerks:
                clerk.thread.join(180)
        assert not desk.failures, desk.failures
        server.stop()
        day.unforeseen = server.unforeseen
    checked = place.command("audit", "verify")
    day.audit = checked.stdout + checked.stderr if checked.returncode else ""
    with place.database() as database:
        day.verdict = look_up(database, place.ring, desk)
        papers = desk.papers
        desk.papers = {reference: replace(paper) for reference, paper in papers.items()}
        plant(database, place.ring, desk, dice)
        wrong = look_up(database, place.ring, desk).wrong
        day.blind_to = [name for name, count in wrong.items() if count <= day.verdict.wrong[name]]
        desk.papers = papers
    return day


def await_moment(day: Day, supervisor: Supervisor, number: int, dice: random.Random) -> None:
    """Wait for a moment when a kill can hurt: a batch is closing, was closed, or papers are saved."""
    desk = day.desk
    if number % 3 == 0:
        closed = len(desk.closed)
        until(lambda: len(desk.closed) > closed or desk.over, "one more closed batch")
    elif number % 3 == 1:
        until(lambda: supervisor.closing or desk.over, "a press on Close")
        time.sleep(dice.random() * 0.1)
    else:
        pressed = sum(clerk.presses for clerk in day.clerks) + dice.randint(1, 6)
        until(lambda: sum(clerk.presses for clerk in day.clerks) >= pressed or desk.over, "one more press")
        time.sleep(dice.random() * 0.02)


def half_closed(place: Place) -> bool:
    """Whether answers are stored that no closed batch counts."""
    with place.database() as database, database.read() as connection:
        there = connection.execute(select(func.count()).select_from(Submission)).scalar_one()
        closed = select(func.coalesce(func.sum(Batch.stored), 0)).where(Batch.state == "closed")
        return bool(there > connection.execute(closed).scalar_one())


def look_up(database: Database, ring: KeyRing, desk: Desk) -> Verdict:
    """Hold what the clerks know against what the database holds."""
    with database.read() as connection:
        heads = {row.reference: row for row in connection.execute(select(*Batch.__table__.columns))}
        sheets = {row.reference: row for row in connection.execute(select(*Sheet.__table__.columns))}
        passes = list(connection.execute(select(*Pass.__table__.columns)))
        query = select(KeyedForms.batch, func.sum(KeyedForms.forms)).group_by(KeyedForms.batch)
        keyed = {batch: int(forms) for batch, forms in connection.execute(query)}
    shut = {reference for reference, head in heads.items() if head.state == "closed"}
    found = Verdict(keyed=desk.keyed, closed=len(desk.closed))
    found.reopened = len(set(desk.closed) - shut)
    found.miscounted = len(set(heads) ^ set(desk.batches))
    _stored(found, database, ring, desk, shut)

    keyings = defaultdict(dict)
    for row in passes:
        keyings[row.sheet][row.number] = row
    for paper in desk.papers.values():
        if paper.keyed and paper.batch not in shut:
            found.open_lost += not _as_keyed(ring, desk.form, paper, sheets, keyings[paper.reference])
    for reference in shut & set(desk.batches):
        pile = [paper for paper in desk.papers.values() if paper.batch == reference]
        full = sum(not paper.blank for paper in pile)
        counts = (heads[reference].stored, heads[reference].rejected, keyed.get(reference, 0))
        found.miscounted += counts != (full, len(pile) - full, full)

    found.left = sum(sheet.batch in shut for sheet in sheets.values())
    found.left += sum(row.sheet not in sheets or sheets[row.sheet].batch in shut for row in passes)
    found.left += _named(database, {paper.reference for paper in desk.papers.values() if paper.batch in shut})
    return found


def _stored(found: Verdict, database: Database, ring: KeyRing, desk: Desk, shut: set[str]) -> None:
    """Count what is wrong with the stored answers."""
    theirs: dict[str, list[Any]] = defaultdict(list)
    for row in rows(database):
        personal = opened(ring, row) or {}
        theirs["".join(personal.get(MARK, ()))].append((row.answers, personal, row.language, row.channel))
    for paper in desk.papers.values():
        there = theirs.pop(paper.mark, [])
        if paper.batch not in shut or paper.blank:
            found.too_early += len(there)
            continue
        found.lost += paper.keyed and not there
        found.doubled += len(there) > 1
        right = (*stored(desk.form, paper.final), paper.language, "paper")
        found.other += any(one != right for one in there)
    found.nobodys = sum(map(len, theirs.values()))


def _as_keyed(
    ring: KeyRing, form: Form, paper: Paper, sheets: dict[str, Any], keyings: dict[int, Any]
) -> bool:
    """Whether a paper of an open batch is there with all that its keyers were told is kept."""
    if paper.reference not in sheets or sheets[paper.reference].batch != paper.batch:
        return False
    if paper.blank:
        return sheets[paper.reference].state == "rejected"
    wanted = {1: paper.typed[0]}
    if paper.again:
        wanted[2] = paper.typed[1]
    if paper.settled:
        wanted[3] = paper.says
    try:
        kept = {number: opened_pass(ring, row) for number, row in keyings.items() if row.saved}
    except CannotOpen:
        return False
    return kept == {number: whole(form, answers) for number, answers in wanted.items()}


def _named(database: Database, references_of: set[str]) -> int:
    """How many rows, of whatever table, name one of these papers."""
    named = 0
    with database.read() as connection:
        for table in Base.metadata.sorted_tables:
            for row in connection.execute(select(*table.columns)):
                named += not references_of.isdisjoint(REFERENCE.findall(str(tuple(row))))
    return named


def run(place: Place, seed: int, kills: int, size: int, least: int) -> Iterator[Figure]:
    """The figures of a day on one database."""
    name = f"office {place.kind}"
    began = time.monotonic()
    day = worked(place, seed, kills, size, least)
    desk, made = day.desk, day.desk.papers.values()
    yield exactly(name, "kills of the whole server", day.kills, kills)
    yield at_least(name, "presses under way at a kill", day.under_way, kills // 2)
    yield at_least(name, "closings under way at a kill", day.closing, kills // 10)
    yield at_least(name, "kills that left a batch half stored", day.half_closed, kills // 20)
    yield from day.verdict.figures(name, least, len(desk.batches) - 1)
    yield none(name, "planted kinds of faults not found", len(day.blind_to))
    yield none(name, "batches opened twice", len(desk.batches) - len(set(desk.batches)))
    yield none(name, "audit log broken", int(bool(day.audit)))
    yield none(name, "error pages that are not ours", day.seen("page not ours"))
    yield none(name, "errors nobody foresaw", len(day.unforeseen))
    yield noted(name, "papers keyed again", sum(paper.again for paper in made))
    yield noted(name, "papers settled", sum(paper.settled for paper in made))
    yield noted(name, "papers rejected", sum(paper.blank for paper in made))
    yield noted(name, "answers 503 seen", day.seen("503"))
    yield noted(name, "requests without an answer", day.seen("no answer"))
    if day.recoveries:
        yield noted(name, "seconds to be back, half of the kills", statistics.median(day.recoveries))
    yield noted(name, "seconds in all", time.monotonic() - began)


def run_twin(place: Place, seed: int, kills: int, size: int, least: int) -> Iterator[Figure]:
    """The same day on the twin that forgets the papers too early: it must find losses."""
    day = worked(place, seed, kills, size, least, module="tests.faults.early_close")
    name = f"office twin {place.kind}"
    yield exactly(name, "kills of the whole server", day.kills, kills)
    yield noted(name, "papers acknowledged as keyed", day.verdict.keyed)
    yield at_least(name, "lost, and found out", day.verdict.lost, 1)
