"""Closing a batch: its answers become submissions, and what led from a paper to its answers is deleted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from portal import audit, clock
from portal.audit import Did
from portal.blobs import Store
from portal.database import Database
from portal.intake.receipts import code_for, digest_of
from portal.intake.submissions import NONE, Arrival, Receivers, Result, submit, withdraw
from portal.keying import batches, scans
from portal.keying.error_rates import Count, too_high
from portal.keying.models import Batch, KeyedForms, KeyingErrors, Pass, Sheet
from portal.keying.passes import compared_keys, differences, move, opened
from portal.keying.states import DONE, Event, State
from portal.paper import runs
from portal.questions import Answer, Form
from portal.questions.keying import QUERY, compared
from portal.questions.messages import Message, _staff
from portal.questions.typing_in import clean_words
from portal.sealing import KeyRing

UNDER_WAY = _staff("%(number)s papers of this batch are still under way: finish or reject them first")
COUNT_DIFFERS = _staff(
    "%(declared)s papers were declared, and %(found)s are keyed or rejected. Find the others, or say why"
)
KEY_ALL_AGAIN = _staff(
    "More than 0.5 % of the answers that were compared were wrong, "
    "so the rest of the batch has to be keyed again by somebody else"
)
CLOSED_ALREADY = _staff("This batch is closed already")
MADE_UP = _staff("This is practice: nothing of it is stored as answers")

SHEETS = (
    select(Sheet.reference, Sheet.state, Sheet.token)
    .where(Sheet.batch == bindparam("batch"))
    .order_by(Sheet.reference)
)
LOCK = select(Batch.reference).where(Batch.reference == bindparam("batch")).with_for_update()
PASSES = (
    select(*Pass.__table__.columns)
    .join(Sheet, Sheet.reference == Pass.sheet)
    .where(Sheet.batch == bindparam("batch"))
    .order_by(Pass.sheet, Pass.number)
)
CLOSE = (
    update(Batch)
    .where(Batch.reference == bindparam("of"), Batch.state == "open")
    .values(
        state="closed",
        closed=bindparam("day"),
        stored=bindparam("kept"),
        rejected=bindparam("aside"),
        reason=bindparam("why"),
    )
)


def close(
    database: Database,
    ring: KeyRing,
    form: Form,
    batch: Row[Any],
    reason: str,
    by: str,
    store: Store | None = None,
    receivers: Receivers = NONE,
) -> Message | None:
    """Close a batch; returns why it cannot be closed, or None when it is. Safe to try again after a crash.

    `form` is the batch's, with all that its lists ever offered: each paper counts with what is on it.
    Each paper's answers are stored under the paper's random token, so trying again stores nothing twice,
    and what a closing that was broken off has stored is taken back if the paper was changed since.
    """
    if batch.practice:
        return MADE_UP
    if batch.state != "open":
        return CLOSED_ALREADY
    with database.snapshot() as connection:
        papers = connection.execute(SHEETS, {"batch": batch.reference}).all()
        passes = _by_sheet(connection.execute(PASSES, {"batch": batch.reference}).all())
        forms = batches.forms_on_papers(connection, form, batch)
    wrong = [count for _key, count in _counted(ring, forms, passes)]
    refused = _refused(database, batch, papers, wrong, reason)
    if refused:
        return refused
    stored = 0
    for paper in papers:
        if State(paper.state) in DONE:
            arrival = Arrival(
                form=forms[paper.reference],
                answers=_final(ring, passes[paper.reference]),
                token=paper.token,
                language=batch.language,
                channel="paper",
                collection=batch.collection,
                received=batch.received,
            )
            _store(database, ring, arrival, receivers)
            stored += 1
        else:
            take_back(database, ring, paper.token)
    values = {
        "of": batch.reference,
        "day": clock.today(),
        "kept": stored,
        "aside": len(papers) - stored,
        "why": clean_words(reason),
    }
    with database.write() as connection:
        if connection.execute(CLOSE, values).rowcount != 1:
            return CLOSED_ALREADY
        if connection.execute(SHEETS, {"batch": batch.reference}).all() != papers:
            connection.rollback()  # somebody took up another paper in this moment
            return UNDER_WAY.with_values(number=1)
        _keep_counts(connection, ring, forms, batch.reference, passes)
        runs.count_papers_returned(connection, [paper.reference for paper in papers])
        scanned = forget_papers(connection, batch.reference)
        detail = {"stored": stored, "rejected": len(papers) - stored}
        audit.note(connection, ring, by=by, did=Did.RELEASED, what=f"batch {batch.reference}", detail=detail)
    if store:  # without it, tidying finds the bytes that nobody can open any more
        for identity in scanned:
            store.drop(identity)
    return None


def _store(database: Database, ring: KeyRing, arrival: Arrival, receivers: Receivers) -> None:
    """Store a paper's answers; other ones of the same paper, from a closing that was broken off, go."""
    if submit(database, ring, arrival, receivers) is Result.STORED:
        return
    take_back(database, ring, arrival.token)
    if submit(database, ring, arrival, receivers) is not Result.STORED:
        raise RuntimeError("a paper's answers cannot be stored")


def take_back(database: Database, ring: KeyRing, token: bytes) -> bool:
    """Delete the submission that a paper's token has stored; False if there is none."""
    return withdraw(database, digest_of(ring, code_for(ring, token)))


def forget_papers(connection: Connection, batch: str) -> list[str]:
    """Delete the passes, the scans and the papers of a batch; gives the files whose bytes are left."""
    scanned = scans.forget(connection, batch)
    own = select(Sheet.reference).where(Sheet.batch == batch)
    connection.execute(delete(Pass).where(Pass.sheet.in_(own)))
    connection.execute(delete(Sheet).where(Sheet.batch == batch))
    return scanned


def _refused(
    database: Database,
    batch: Row[Any],
    papers: Sequence[Row[str, str, bytes]],
    wrong: list[Count],
    reason: str,
) -> Message | None:
    found = Counter(State(paper.state) for paper in papers)
    waiting = batches.under_way(found)
    if waiting:
        return UNDER_WAY.with_values(number=waiting)
    through = batches.taken_in(found)
    if through != batch.declared and not clean_words(reason):
        return COUNT_DIFFERS.with_values(declared=batch.declared, found=through)
    if found[State.KEYED] and too_high(wrong):
        draw_all(database, batch.reference)
        return KEY_ALL_AGAIN
    return None


def draw_all(database: Database, batch: str) -> None:
    """Have every paper of a batch that was keyed once keyed again."""
    with database.write() as connection:
        connection.execute(LOCK, {"batch": batch})  # one at a time, and not while it is being closed
        for paper in connection.execute(SHEETS, {"batch": batch}).all():
            if paper.state == State.KEYED.value:
                move(connection, paper.reference, State.KEYED, Event.DRAW)


def errors_of(database: Database, ring: KeyRing, form: Form, batch: str) -> dict[tuple[str, str], Count]:
    """By question and keyer: how often two keyings were compared, and how often this keyer's was wrong.

    The batch is one whose papers all have this same form.
    """
    with database.read() as connection:
        passes = _by_sheet(connection.execute(PASSES, {"batch": batch}).all())
    return dict(_counted(ring, dict.fromkeys(passes, form), passes))


def _counted(
    ring: KeyRing, forms: Mapping[str, Form], passes: dict[str, list[Row[Any]]]
) -> Iterator[tuple[tuple[str, str], Count]]:
    compared_times: Counter[tuple[str, str]] = Counter()
    wrong: Counter[tuple[str, str]] = Counter()
    for sheet, rows in passes.items():
        form = forms[sheet]
        keyings = [row for row in rows if row.saved and row.number in (1, 2)]
        if not keyings:
            continue
        right = _right(ring, form, rows)
        if right is None:
            continue
        for row in keyings:
            said = opened(ring, row)
            for question in compared_keys(form, right, said):
                if said.get(question.key) == QUERY:
                    continue  # who asks is neither right nor wrong
                key = (question.key, row.keyer)
                compared_times[key] += 1
                wrong[key] += compared(question, said.get(question.key, ())) != compared(
                    question, right.get(question.key, ())
                )
    for key, times in compared_times.items():
        yield key, Count(times, wrong[key])


def _right(ring: KeyRing, form: Form, rows: list[Row[Any]]) -> dict[str, Answer] | None:
    """What a paper's keyings are measured by; None when nobody knows: keyed once, or never settled."""
    found = {row.number: opened(ring, row) for row in rows if row.saved}
    if 0 in found:
        return found[0]
    if 2 not in found:
        return None
    if 3 in found:
        return found[3]
    return None if differences(form, found[1], found[2]) else found[1]


def _keep_counts(
    connection: Connection,
    ring: KeyRing,
    forms: Mapping[str, Form],
    batch: str,
    passes: dict[str, list[Row[Any]]],
) -> None:
    rows = [
        {"batch": batch, "question": question, "keyer": keyer, "compared": one.compared, "wrong": one.wrong}
        for (question, keyer), one in _counted(ring, forms, passes)
    ]
    if rows:
        connection.execute(insert(KeyingErrors), rows)
    keyed = Counter(row.keyer for found in passes.values() for row in found if row.number == 1 and row.saved)
    if keyed:
        connection.execute(
            insert(KeyedForms),
            [{"batch": batch, "keyer": keyer, "forms": number} for keyer, number in keyed.items()],
        )


def _final(ring: KeyRing, rows: list[Row[Any]]) -> dict[str, Answer]:
    """The answers that count: the resolution's, else the first keying's."""
    saved = [row for row in rows if row.saved and row.number > 0]
    return opened(ring, saved[-1] if saved[-1].number == 3 else saved[0])


def _by_sheet(rows: Any) -> dict[str, list[Row[Any]]]:
    found: dict[str, list[Row[Any]]] = {}
    for row in rows:
        found.setdefault(row.sheet, []).append(row)
    return found
