"""Requests to erase a report: asked with the code, decided by one person, carried out by another.

Whoever has the code may have found it, or taken it. So nothing is erased before two weeks are over, in which
the person is told that there is news, sees it with their code and can take it back with one press; somebody
has made sure who asked; and whatever the person writes meanwhile stops it. Nothing of a case that is open,
or on hold for legal reasons, goes at all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, insert, select, update

from portal import audit, clock, references
from portal.accounts.people import Person
from portal.accounts.roles import Role
from portal.audit import Did
from portal.blobs import Store
from portal.contact import ContactRule
from portal.database import Database
from portal.incidents import access, erasing, exchange, notices, safe_ways, tombstones
from portal.incidents.access import NotSeen
from portal.incidents.erasing import Held
from portal.incidents.erasure_steps import OPEN, STEPS, Act, Erasure, State
from portal.incidents.erasure_words import CODE_ONLY, REFUSED_WHY, SURE
from portal.incidents.exchange import CaseMessage, Kind
from portal.incidents.models import CaseNote, CaseParty, IncidentCase, IncidentReport
from portal.incidents.moving import NotNow, SamePerson
from portal.incidents.reports import REPORTER
from portal.incidents.states import ANSWERED, Stage
from portal.incidents.states import OPEN as OPEN_CASE
from portal.incidents.states import State as CaseState
from portal.interpreting.showing import when
from portal.questions.messages import Message, _staff
from portal.sealing import KeyRing
from portal.settings import Settings
from portal.waiting import Waiting

DAY = 86400
COOLING = 14 * DAY
"""Seconds for which nothing is erased after somebody asked: time to see it, and to take it back."""
LAST_CALL = 3 * DAY
"""The same, after it was decided to do it."""
LATELY = 28 * DAY
"""Seconds for which a change of how to reach the person may be a stranger's."""
MONTHS = 1
"""Within which the person has an answer: UK GDPR, article 12(3)."""
WHO = (Role.CASE_MANAGER, Role.GOVERNANCE)
"""Who decides, and who is the second person."""
PAGE = "/staff/cases/erasures"
MOST = 200

TOO_EARLY = _staff("Nothing may be erased before %(when)s: the person must have time to take it back")
ON_HOLD = _staff("The case is on hold for legal reasons")
STILL_OPEN = _staff("The case is open: close it first, or refuse")
COMPLAINT = _staff("A complaint in the case is not answered yet")
WROTE = _staff("The person wrote or changed something that nobody has answered: read that first")
NOT_SURE = _staff("The person can be reached, or that was changed lately: their code alone is not enough")

TABLE = Erasure
COLUMNS = TABLE.__table__.columns
FIND = select(*COLUMNS).where(TABLE.reference == bindparam("of"))
NEWEST = (
    select(*COLUMNS)
    .where(TABLE.report == bindparam("of"))
    .order_by(TABLE.asked.desc(), TABLE.ended.is_(None).desc(), TABLE.reference)
    .limit(1)
)
IN_CASES: Select[Any] = (
    select(*COLUMNS, IncidentReport.case, IncidentCase.state.label("case_state"), IncidentCase.officer)
    .join(IncidentReport, IncidentReport.reference == TABLE.report)
    .join(IncidentCase, IncidentCase.reference == IncidentReport.case)
)
IS_OPEN = TABLE.state.in_(sorted(state.value for state in OPEN))
METHODS = select(ContactRule.methods).where(
    ContactRule.owner == bindparam("of"), ContactRule.until > bindparam("now")
)
REACH_CHANGED = select(CaseMessage.reference).where(
    CaseMessage.report == bindparam("of"),
    CaseMessage.kind == Kind.REACH.value,
    CaseMessage.at >= bindparam("since"),
)
UNREAD = select(CaseMessage.reference).where(
    CaseMessage.report == bindparam("of"),
    CaseMessage.by == REPORTER,
    CaseMessage.kind != Kind.ERASE.value,
    CaseMessage.answered.is_(None),
)


class InTheWay(NotNow):
    """It cannot be done now; `why` says it to staff."""

    def __init__(self, why: Message) -> None:
        super().__init__(why.id)
        self.why = why


# The person who told us


def ask(connection: Connection, ring: KeyRing, settings: Settings, receipt: bytes, language: str) -> None:
    """Keep that the person of a code wants it erased, and let them know that there is news, in case it was
    somebody else. Once, while it is not decided. Raises NotNow when the code opens nothing now."""
    report, _case = exchange.held(connection, receipt)
    before = of_report(connection, report.reference)
    if before is not None and before.state in OPEN:
        return
    exchange.take_wish(connection, ring, receipt, Kind.ERASE, language)
    _keep(connection, ring, settings, report)


def _keep(connection: Connection, ring: KeyRing, settings: Settings, report: Row[Any]) -> str:
    now = clock.seconds()
    reference = references.new()
    row = {"reference": reference, "report": report.reference, "state": State.ASKED.value}
    due = clock.months_after(clock.day_of(now), MONTHS)
    connection.execute(insert(TABLE), {**row, "asked": now, "due": due, "also": []})
    notices.give(connection, ring, settings, report, notices.NOTICE, reference)
    return reference


def withdraw(connection: Connection, receipt: bytes) -> None:
    """The person of a code wants it kept. Raises NotNow when there is nothing to take back."""
    report, _case = exchange.held(connection, receipt)
    row = of_report(connection, report.reference)
    if row is None:
        raise NotNow(report.reference)
    _move(connection, row.reference, Act.WITHDRAW, ended=clock.seconds())
    exchange.answered(connection, report.reference, REPORTER, Kind.ERASE)


def of_report(connection: Connection, report: str) -> Row[Any] | None:
    """The newest request of a report."""
    return connection.execute(NEWEST, {"of": report}).first()


def earliest(row: Row[Any]) -> int:
    """The second from which it may be carried out."""
    agreed = row.state == State.AGREED and row.decided is not None
    found: int = max(row.asked + COOLING, row.decided + LAST_CALL if agreed else 0)
    return found


# What staff see


def find(connection: Connection, person: Person, reference: str) -> Row[Any]:
    """A request with its case, for who oversees that. Raises NotSeen."""
    found = connection.execute(IN_CASES.where(TABLE.reference == reference, access.overseen(person))).first()
    if found is None:
        raise NotSeen(reference)
    return found


def open_requests(connection: Connection, person: Person) -> list[Row[Any]]:
    """What is to be decided or done, of the cases that a person oversees; what is due first, first."""
    query = IN_CASES.where(IS_OPEN, access.overseen(person))
    return list(connection.execute(query.order_by(TABLE.due, TABLE.reference).limit(MOST)))


def ended_requests(connection: Connection, person: Person) -> list[Row[Any]]:
    """What became of requests, the newest first."""
    query = IN_CASES.where(~IS_OPEN, access.overseen(person))
    return list(connection.execute(query.order_by(TABLE.ended.desc(), TABLE.reference).limit(MOST)))


TO_DECIDE = _staff("Requests to erase a report")
TOO_LATE = _staff("Requests to erase a report, later than the law allows")


def waiting(connection: Connection, person: Person) -> Iterator[Waiting]:
    """How many wait for a decision: for the first page of who decides."""
    if person.roles.isdisjoint(WHO):
        return
    days = [row.due for row in open_requests(connection, person)]
    late = sum(clock.today() > day for day in days)
    found = (Waiting("late", TOO_LATE, late, PAGE), Waiting("due", TO_DECIDE, len(days) - late, PAGE))
    yield from (one for one in found if one.number)


def in_the_way(connection: Connection, row: Row[Any], all_of: Held) -> list[Message]:
    """Why it cannot be carried out now; empty when it can."""
    case, now = all_of.case, clock.seconds()
    found = {
        TOO_EARLY.with_values(when=when(earliest(row))): now < earliest(row),
        ON_HOLD: case.state == CaseState.LEGAL_HOLD,
        STILL_OPEN: CaseState(case.state) in OPEN_CASE - {CaseState.LEGAL_HOLD} and not all_of.others,
        COMPLAINT: Stage(case.stage) not in ANSWERED,
        WROTE: connection.execute(UNREAD, {"of": row.report}).first() is not None,
        NOT_SURE: row.sure == CODE_ONLY and not code_is_enough(connection, all_of.report),
    }
    return [words for words, holds in found.items() if holds]


def is_with_people(connection: Connection, report: str) -> bool:
    """Whether a request is to be decided, or the person wrote something that nobody has answered."""
    row = of_report(connection, report)
    asked = row is not None and row.state in OPEN
    return asked or connection.execute(UNREAD, {"of": report}).first() is not None


def code_is_enough(connection: Connection, report: Row[Any]) -> bool:
    """Whether the code is all that is left to know the person by: no way to reach them is known, nor was any
    changed lately, as somebody would who took the code."""
    now = clock.seconds()
    methods = connection.execute(
        METHODS, {"of": safe_ways.owner_of(report.made or report.case), "now": now}
    ).scalar()
    changed = connection.execute(REACH_CHANGED, {"of": report.reference, "since": now - LATELY}).first()
    return not methods and changed is None


def kept_for_others(connection: Connection, case: str) -> tuple[list[Row[Any]], list[Row[Any]]]:
    """Notes and people of a case that others told us of too, without words: some may be of this report alone
    and go with it."""
    notes = select(CaseNote.reference, CaseNote.kind, CaseNote.by, CaseNote.at).where(
        CaseNote.case == case, func.length(CaseNote.sealed) > 0
    )
    people = select(CaseParty.reference, CaseParty.role, CaseParty.by, CaseParty.at).where(
        CaseParty.case == case
    )
    return (
        list(connection.execute(notes.order_by(CaseNote.at, CaseNote.reference))),
        list(connection.execute(people.order_by(CaseParty.at, CaseParty.reference))),
    )


# What staff decide


def record(database: Database, ring: KeyRing, settings: Settings, person: Person, report: str) -> str:
    """Keep a request that came by phone, in a letter or face to face; gives its reference. It goes the same
    way, and can be taken back with the code. Raises NotSeen for a report that is none, or none to them."""
    with database.write() as connection:
        try:
            all_of = erasing.held(connection, report)
        except NotNow as error:
            raise NotSeen(report) from error
        theirs = select(IncidentCase.reference).where(IncidentCase.reference == all_of.case.reference)
        overseen = connection.execute(theirs.where(access.overseen(person))).first()
        if overseen is None or all_of.report.submission is None:
            raise NotSeen(report)
        before = of_report(connection, report)
        if before is not None and before.state in OPEN:
            return str(before.reference)
        reference = _keep(connection, ring, settings, all_of.report)
        detail = {"erasure": reference, "report": report, "event": Act.ASK.value}
        what = f"case {all_of.case.reference}"
        audit.note(connection, ring, by=person.reference, did=Did.CREATED, what=what, detail=detail)
    return reference


@contextmanager
def _deciding(
    database: Database, person: Person, reference: str
) -> Iterator[tuple[Connection, Row[Any], Held]]:
    """A transaction on a request whose case is held. Raises NotSeen, NotNow."""
    with database.write() as connection:
        all_of = erasing.held(connection, find(connection, person, reference).report)
        yield connection, find(connection, person, reference), all_of


def agree(
    database: Database,
    ring: KeyRing,
    settings: Settings,
    person: Person,
    reference: str,
    sure: str,
    also: Collection[str] = (),
) -> None:
    """Decide to do it: one person. Who told us is let know once more that there is news.

    Raises InTheWay where the code is not enough, NotNow, NotSeen, KeyError for what is no code of SURE.
    """
    if sure not in SURE:
        raise KeyError(sure)
    with _deciding(database, person, reference) as (connection, row, all_of):
        if sure == CODE_ONLY and not code_is_enough(connection, all_of.report):
            raise InTheWay(NOT_SURE)
        notes, people = kept_for_others(connection, all_of.case.reference) if all_of.others else ([], [])
        chosen = sorted({one.reference for one in (*notes, *people)} & set(also))
        values = {"sure": sure, "also": chosen, "decided_by": person.reference, "decided": clock.seconds()}
        _move(connection, reference, Act.AGREE, **values)
        notices.give(connection, ring, settings, all_of.report, notices.NOTICE, references.new())
        _noted(connection, ring, row, Act.AGREE, person, sure=sure)


def refuse(
    database: Database, ring: KeyRing, settings: Settings, person: Person, reference: str, reason: str
) -> None:
    """Decide to keep it; the person reads why with their code. Raises NotNow, NotSeen, KeyError."""
    if reason not in REFUSED_WHY:
        raise KeyError(reason)
    with _deciding(database, person, reference) as (connection, row, all_of):
        now = clock.seconds()
        values = {"reason": reason, "decided_by": person.reference, "decided": now, "ended": now}
        _move(connection, reference, Act.REFUSE, **values)
        exchange.answered(connection, row.report, person.reference, Kind.ERASE)
        notices.give(connection, ring, settings, all_of.report, notices.NOTICE, references.new())
        _noted(connection, ring, row, Act.REFUSE, person, reason=reason)


def send_back(database: Database, ring: KeyRing, person: Person, reference: str) -> None:
    """What was decided is to be decided anew. Raises NotNow, NotSeen."""
    with _deciding(database, person, reference) as (connection, row, _all_of):
        nothing: dict[str, Any] = {"sure": None, "also": [], "decided_by": None, "decided": None}
        _move(connection, reference, Act.SEND_BACK, **nothing)
        _noted(connection, ring, row, Act.SEND_BACK, person)


def carry_out(
    database: Database, ring: KeyRing, settings: Settings, store: Store, person: Person, reference: str
) -> None:
    """Erase it: the second person. Raises SamePerson, InTheWay, NotNow, NotSeen; then nothing happened."""
    with _deciding(database, person, reference) as (connection, row, all_of):
        if person.reference in (row.decided_by, all_of.case.officer):
            raise SamePerson(person.reference)
        reasons = in_the_way(connection, row, all_of)
        if reasons:
            raise InTheWay(reasons[0])
        values = {"confirmed_by": person.reference, "ended": clock.seconds()}
        _move(connection, reference, Act.CARRY_OUT, **values)
        stone, ids = erasing.erase(connection, ring, all_of, also=row.also, by=person.reference)
    for identity in ids:
        store.drop(identity)
    tombstones.write_list(ring, settings.erased, [stone])


def _move(connection: Connection, reference: str, act: Act, **values: Any) -> None:
    """One step of the table. Raises NotNow when the request is in no state for it (any more)."""
    step = STEPS[act]
    since = sorted(state.value for state in step.since)
    change = update(TABLE).where(TABLE.reference == reference, TABLE.state.in_(since))
    if connection.execute(change.values(state=step.to.value, **values)).rowcount != 1:
        raise NotNow(f"{act}: somebody was faster")


def _noted(
    connection: Connection, ring: KeyRing, row: Row[Any], act: Act, person: Person, **more: str
) -> None:
    detail = {"erasure": row.reference, "report": row.report, "event": act.value, **more}
    what = f"case {row.case}"
    audit.note(connection, ring, by=person.reference, did=Did.CHANGED, what=what, detail=detail)


# After an older safety copy was restored


def again(database: Database, ring: KeyRing, settings: Settings, store: Store) -> int:
    """Erase once more what the list outside the database says was erased and is here again; how many.

    May be stopped and done again. The list gets what only the database knows.
    """
    told = tombstones.read_list(ring, settings.erased)
    with database.read() as connection:
        known = {one.report for one in tombstones.every(connection)}
    done = sum(_again(database, ring, store, one) for one in told.values() if one.report not in known)
    tombstones.keep_list(database, ring, settings.erased)
    return done


def _again(database: Database, ring: KeyRing, store: Store, one: tombstones.Erased) -> bool:
    with database.write() as connection:
        if erasing.find(connection, one.report) is None or tombstones.is_erased(connection, one.report):
            return False
        all_of = erasing.held(connection, one.report)
        row = of_report(connection, one.report)
        if row is not None and row.state in OPEN:
            _move(connection, row.reference, Act.ERASE_AGAIN, ended=clock.seconds())
        _stone, ids = erasing.erase(connection, ring, all_of, also=one.also, by=erasing.BY_PORTAL, before=one)
    for identity in ids:
        store.drop(identity)
    return True
