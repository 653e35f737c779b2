"""Erasing a report: in one transaction, all that says who it is about, what was told, and how to reach them.

What only this report needs goes: answers, files, ways to reach the person, messages both ways, what was
shared, the request for an interpreter, notices that wait. Where others told us of the same case, its notes
and its list of people stay, but for those that were chosen; where nobody else did, the keys of the case go
too, and so do the keys of cases that became part of it and that nobody else needs. What stays are codes,
dates and a tombstone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, or_, select, update

from portal import audit, clock, contact, files, messages
from portal.audit import Did
from portal.incidents import consents, evidence, exchange, interpreters, moving, safe_ways, tombstones, words
from portal.incidents.consents import ALLOWS
from portal.incidents.exchange import CaseMessage
from portal.incidents.models import CaseNote, CaseParty, IncidentCase, IncidentPerson, IncidentReport
from portal.incidents.moving import NotNow, locked, may, move
from portal.incidents.safe_ways import owner_of
from portal.incidents.shared import AgencyFeedback, Disclosure, PackLink, ShareOverride
from portal.incidents.states import Event, Who
from portal.incidents.tombstones import Erased
from portal.intake.models import Submission
from portal.intake.submissions import owner_of as owner_of_answers
from portal.sealing import KeyRing

NOTHING = b""
"""What stands where words stood."""
BY_PORTAL = "portal"
REPORT, CASE = IncidentReport, IncidentCase
FIND = select(*REPORT.__table__.columns).where(REPORT.reference == bindparam("of"))
PARTS = select(CASE.reference).where(CASE.merged_into == bindparam("of")).order_by(CASE.reference)
OTHERS = select(*REPORT.__table__.columns).where(
    REPORT.case == bindparam("case"), REPORT.reference != bindparam("of"), REPORT.submission.is_not(None)
)
DISCLOSURES_OF = select(Disclosure.reference).where(Disclosure.report == bindparam("of"))


@dataclass(frozen=True, slots=True)
class Held:
    """A report, its case, the cases that became part of that, and who else told us of it: all locked."""

    report: Row[Any]
    case: Row[Any]
    cases: tuple[str, ...]
    others: tuple[Row[Any], ...]
    """The reports of the same case that are not erased, but this one."""


def find(connection: Connection, report: str) -> Row[Any] | None:
    """A report by its reference."""
    return connection.execute(FIND, {"of": report}).first()


def others_of(connection: Connection, report: Row[Any]) -> list[Row[Any]]:
    """The other reports of its case that are not erased."""
    return list(connection.execute(OTHERS, {"case": report.case, "of": report.reference}))


def held(connection: Connection, reference: str) -> Held:
    """A report and all that its erasure may touch. Raises NotNow when there is none or it changes."""
    report = find(connection, reference)
    if report is None:
        raise NotNow(reference)
    cases = tree_of(connection, report.case)
    for one in sorted(cases):
        locked(connection, one)
    again, case = find(connection, reference), locked(connection, report.case)
    if again is None or again.case != report.case or tree_of(connection, report.case) != cases:
        raise NotNow(reference)
    return Held(again, case, tuple(cases), tuple(others_of(connection, again)))


def tree_of(connection: Connection, case: str) -> list[str]:
    """A case and all that became part of it, and of those."""
    found, left = [case], [case]
    while left:
        parts = list(connection.execute(PARTS, {"of": left.pop()}).scalars())
        found += parts
        left += parts
    return found


def _way_of(connection: Connection, case: str) -> set[str]:
    """A case, and those that it became part of, one after the other."""
    found, now = set[str](), moving.find(connection, case)
    while now is not None and now.reference not in found:
        found.add(str(now.reference))
        now = moving.find(connection, now.merged_into) if now.merged_into is not None else None
    return found


def keyless(connection: Connection, all_of: Held) -> list[str]:
    """The cases whose words are of this report alone: nobody else's report ever was part of them."""
    needed = set[str]()
    for other in all_of.others:
        needed |= _way_of(connection, other.made or other.case)
    return [one for one in all_of.cases if one not in needed]


def erase(
    connection: Connection,
    ring: KeyRing,
    all_of: Held,
    *,
    also: Iterable[str],
    by: str,
    ground: str = tombstones.ASKED,
    before: Erased | None = None,
) -> tuple[Erased, list[str]]:
    """Erase a report that is held; gives its tombstone, and the ids of its files, for the store.

    `also` are references of notes and people of the case that go with it; `before` is its tombstone, where
    it was erased once. Whoever calls it has made sure that it may be done, and drops the files after the
    commit. It ends with the entry in the audit log.
    """
    report, case, reference = all_of.report, all_of.case, all_of.report.reference
    gone, alone = keyless(connection, all_of), not all_of.others
    event = Event.ERASE if alone else Event.ERASE_REPORT
    if may(case, event, Who.PORTAL):  # it may not be in a restored copy, where the case was still open
        move(connection, case, event, by=by, who=Who.PORTAL)
    stone = before or Erased(
        report=reference,
        kind=tombstones.CASE if alone else tombstones.REPORT,
        case=case.reference,
        opened=clock.day_of(report.received),
        closed=clock.day_of(case.closed) if case.closed is not None else None,
        erased=clock.seconds(),
        policy=tombstones.POLICY,
        ground=ground,
        also=tuple(sorted(set(also))),
    )
    _forget_words(connection, stone, all_of.cases, gone)
    ids = _forget_answers(connection, report)
    _forget_ways(connection, report, alone)
    _stop_sharing(connection, reference)
    exchange.answered(connection, reference, by)
    interpreters.forget(connection, ring, reference, by=by)
    for one in gone:
        words.destroy_key(connection, one)
    audit.note(
        connection,
        ring,
        by=by,
        did=Did.DELETED,
        what=f"case {case.reference}",
        detail={"report": reference, "erased": stone.kind, "ground": stone.ground, "policy": stone.policy},
    )
    return stone, ids


def _forget_words(connection: Connection, stone: Erased, cases: Sequence[str], gone: Sequence[str]) -> None:
    """Take every sealed word out, so that no key in an older copy opens what lies here."""
    of_reports: tuple[Any, ...] = (CaseMessage, ShareOverride, Disclosure)
    mine = {table: or_(table.report == stone.report, table.case.in_(gone)) for table in of_reports}
    chosen = CaseNote.reference.in_(stone.also) & CaseNote.case.in_(cases)
    shared = select(Disclosure.reference).where(mine[Disclosure])
    of: tuple[tuple[Any, str, Any], ...] = (
        (CaseMessage, "sealed", mine[CaseMessage] & CaseMessage.sealed.is_not(None)),
        (CaseNote, "sealed", or_(CaseNote.case.in_(gone), chosen)),
        (ShareOverride, "sealed", mine[ShareOverride]),
        (Disclosure, "pack", mine[Disclosure]),
        (AgencyFeedback, "sealed", AgencyFeedback.disclosure.in_(shared)),
    )
    found = {
        table: list(
            connection.execute(
                select(table.reference).where(which, table.__table__.columns[column] != NOTHING)
            ).scalars()
        )
        for table, column, which in of
    }
    tombstones.put(connection, stone, [one for references in found.values() for one in references])
    for table, column, _which in of:
        change = update(table).where(table.reference.in_(found[table]))
        connection.execute(change.values({column: NOTHING}))
    people = CaseParty.reference.in_(stone.also) & CaseParty.case.in_(cases)
    connection.execute(delete(CaseParty).where(or_(CaseParty.case.in_(gone), people)))


def _forget_answers(connection: Connection, report: Row[Any]) -> list[str]:
    """The answers, with them the receipt of the code, what would know the person again, and the files."""
    reference = report.reference
    ids = evidence.forget(connection, reference)
    connection.execute(delete(IncidentPerson).where(IncidentPerson.report == reference))
    nothing = {"submission": None, "happened": None, "narrative_language": None}
    connection.execute(update(REPORT).where(REPORT.reference == reference).values(nothing))
    if report.submission is not None:
        ids += files.erase_of(connection, owner_of_answers(report.submission))
        connection.execute(delete(Submission).where(Submission.id == report.submission))
    return ids


def _forget_ways(connection: Connection, report: Row[Any], alone: bool) -> None:
    """How to reach the person, and what waits to go out to them."""
    if report.made is None and not alone:
        return  # the rule of the case is that of somebody else
    owner = owner_of(report.made or report.case)
    messages.forget(connection, owner)
    contact.forget_rule(connection, owner)
    if alone:
        safe_ways.forget(connection, report.case)


def _stop_sharing(connection: Connection, report: str) -> None:
    """Every yes ends, and with it every link: who has something must be asked to delete it."""
    connection.execute(
        delete(PackLink).where(PackLink.disclosure.in_(DISCLOSURES_OF)),
        {"of": report},
    )
    said = consents.current(connection, report)
    taken = {agency: "no" for agency, row in said.items() if row.answer in ALLOWS}
    consents.say(connection, report, taken, by=BY_PORTAL, how="erasure", language="und")
