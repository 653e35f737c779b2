"""What staff let happen to a case: each step one transaction, none on what they have not seen.

Whoever decides has looked at one version of the case. When somebody was faster, nothing is done and NotNow is
raised. Notes, people and what was done are only added: nobody can be too slow for that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from portal import audit, clock
from portal.accounts import people
from portal.accounts.people import Person
from portal.audit import Did
from portal.database import Database
from portal.incidents import access, actions, admitting, merging, safety, timing, words
from portal.incidents.facts import facts_of
from portal.incidents.limits import Limit
from portal.incidents.moving import ASKED_BY, NotNow, locked, may, move, noted
from portal.incidents.showing import AS_ROLE
from portal.incidents.states import OPEN, STEPS, Event, State, Who
from portal.incidents.wording import NEVER_CLOSED_FOR
from portal.sealing import KeyRing

QUIET = frozenset({Event.SUBMIT, Event.ADD_REPORT, Event.OFFER_SAFETY, Event.ERASE_REPORT, Event.ERASE})
"""What comes with a report, with what became of a place of safety, or with an erasure that two people
decided."""
ONLY_IF_DUE = frozenset(
    {
        Event.ACKNOWLEDGE_MORE,
        Event.GRAFFITI_GONE,
        Event.HOME_SECURED,
        Event.HAZARD_DEALT,
        Event.HAZARD_SEEN,
        Event.HAZARD_TOLD,
        Event.HAZARD_SAFE,
    }
)
"""What says nothing but that a time limit was met: while that is under way."""
ONLY_ONCE = frozenset({Event.HAZARD_EMERGENCY, Event.HAZARD})
"""What says nothing new while the time limit that it starts is under way."""

GIVEN = ("officer", "manager", "stage_one", "stage_two")
"""Columns that give a case, or a part of it, to somebody."""
HANDLED: dict[Event, str] = {Event.ACCEPT_ONE: "stage_one", Event.ACCEPT_TWO: "stage_two"}
"""Steps from which on somebody answers a complaint, who may not have seen the case before -> who."""


@dataclass(frozen=True, slots=True)
class As:
    """Who acts, and as what."""

    reference: str
    whos: frozenset[Who]

    def for_step(self, event: Event) -> Who | None:
        """As what they take this step: as a manager where both may. None if they may not."""
        return next((who for who in (Who.MANAGER, Who.OFFICER) if who in self.whos & STEPS[event].who), None)


def acting_as(person: Person) -> As:
    """As what a person may act on cases, by their roles."""
    return As(person.reference, frozenset(who for role, who in AS_ROLE.items() if role in person.roles))


def may_as(case: Row[Any], event: Event, who: As) -> bool:
    """Whether the table lets this person let it happen now."""
    as_what = who.for_step(event)
    return as_what is not None and may(case, event, as_what)


def may_extend(who: As) -> bool:
    """Whether somebody may give the answer to a complaint more time."""
    return bool(who.whos)


def may_take_in(case: Row[Any]) -> bool:
    """Whether another case may become part of this one."""
    return State(case.state) in STEPS[Event.ADD_REPORT].since


def may_be_given(connection: Connection, case: Row[Any], person: Person) -> bool:
    """Whether somebody may deal with a case: they work on cases, may see such ones, and have no conflict."""
    at_work = person.active and not person.roles.isdisjoint(access.OFFICERS)
    if not at_work or case.compartment not in access.compartments(person):
        return False
    of = {"of": case.reference, "who": person.reference}
    return connection.execute(access.IN_CONFLICT, of).first() is None


def asked_by(connection: Connection, reference: str) -> str:
    """Who asked a second person to look at a case; nothing when nobody did."""
    row = connection.execute(ASKED_BY, {"of": reference}).first()
    return str(row.by) if row is not None else ""


def possible(case: Row[Any], who: As, under_way: Sequence[Row[Any]], asked: str) -> list[Event]:
    """What this person can let happen to a case now, in the order of the table's events.

    `under_way` are its time limits; `asked` is who asked a second person to look.
    """
    going = frozenset(row.clock for row in under_way)
    return [
        event
        for event in Event
        if event not in QUIET
        and may_as(case, event, who)
        and _fits(case, event, going)
        and not _needs_another(case, event, who.reference, asked)
        and not going & frozenset(STEPS[event].after)
    ]


def _fits(case: Row[Any], event: Event, going: frozenset[str]) -> bool:
    """Whether it makes sense: nothing is called hate twice, and nothing is met that is not under way."""
    if event is Event.FLAG_HATE:
        return not case.hate
    if event is Event.REVIEW:
        return case.officer is not None
    if event in ONLY_IF_DUE:
        return bool(going & frozenset(STEPS[event].meets))
    return event not in ONLY_ONCE or not going & frozenset(STEPS[event].starts)


def _needs_another(case: Row[Any], event: Event, who: str, asked: str) -> bool:
    return "reviewer" in STEPS[event].needs and who in (case.officer, asked)


def in_the_way(case: Row[Any], who: As, under_way: Sequence[Row[Any]], asked: str) -> tuple[bool, list[str]]:
    """Why it cannot be closed though its state lets it: whether it takes another person, and which limits."""
    if not may_as(case, Event.CLOSE, who):
        return False, []
    after = frozenset(STEPS[Event.CLOSE].after)
    limits = [row.clock for row in under_way if row.clock in after]
    return _needs_another(case, Event.CLOSE, who.reference, asked), limits


def reason_fits(case: Row[Any], reason: str) -> bool:
    """Whether a case like this may be closed for such a reason."""
    return not NEVER_CLOSED_FOR.get(reason, frozenset()) & facts_of(case)


@contextmanager
def as_seen(database: Database, reference: str, seen: int) -> Iterator[tuple[Connection, Row[Any]]]:
    """A transaction on a case that is still as somebody has seen it. Raises NotNow when it is not."""
    with database.write() as connection:
        case = locked(connection, reference)
        if case.version != seen:
            raise NotNow("somebody was faster")
        yield connection, case


def step(
    database: Database,
    ring: KeyRing,
    reference: str,
    seen: int,
    event: Event,
    who: As,
    reason: str | None = None,
    **columns: Any,
) -> None:
    """Let one event of the table happen. Raises NotNow."""
    with as_seen(database, reference, seen) as (connection, case):
        for given in (columns.get(name) for name in GIVEN):
            person = people.find(connection, given) if given else None
            if given and (person is None or not may_be_given(connection, case, person)):
                raise NotNow("nobody who may deal with it")
        after = move(connection, case, event, by=who.reference, who=_as(who, event), reason=reason, **columns)
        handler = after._mapping[HANDLED[event]] if event in HANDLED else who.reference
        if handler != who.reference:  # who names themselves sees it already
            _let_in(connection, ring, after, handler, who.reference)
        noted(connection, ring, after, event, who.reference)


def _let_in(connection: Connection, ring: KeyRing, case: Row[Any], handler: str, by: str) -> None:
    """Who answers a complaint sees all of the case, and reaches its people. Raises NotNow."""
    try:
        admitting.add(connection, ring, case, handler, access.ALL, by)
    except admitting.WillNotDo as error:
        raise NotNow("nobody who may deal with it") from error


def _as(who: As, event: Event) -> Who:
    found = who.for_step(event)
    if found is None:
        raise NotNow(f"{event} is not for them")
    return found


def merge(database: Database, ring: KeyRing, reference: str, seen: int, into: str, who: As) -> None:
    """Make a case part of another. Raises NotNow."""
    with database.write() as connection:
        # both are locked in the order of their references, whichever of them is part of the other
        held = {one: locked(connection, one) for one in sorted((reference, into))}
        if held[reference].version != seen:
            raise NotNow("somebody was faster")
        case, target = merging.merge(connection, reference, into, by=who.reference, who=_as(who, Event.MERGE))
        noted(connection, ring, case, Event.MERGE, who.reference)
        noted(connection, ring, target, Event.ADD_REPORT, who.reference)


def disclose(
    database: Database,
    ring: KeyRing,
    reference: str,
    seen: int,
    who: As,
    *,
    at: int,
    channel: str,
    no_funds: bool | None,
) -> None:
    """Somebody said at that second that they have nowhere safe. Raises NotNow."""
    with as_seen(database, reference, seen) as (connection, case):
        after = safety.disclose(
            connection,
            case,
            at=at,
            channel=channel,
            no_funds=no_funds,
            by=who.reference,
            who=_as(who, Event.DISCLOSE),
        )
        noted(connection, ring, after, Event.DISCLOSE, who.reference)


def note_safety(
    database: Database,
    ring: KeyRing,
    reference: str,
    seen: int,
    who: As,
    place: str,
    result: str,
    kind: str | None,
    late_why: str | None,
) -> None:
    """Note what became of a place of safety. Raises NotNow."""
    with as_seen(database, reference, seen) as (connection, case):
        if not may_as(case, Event.OFFER_SAFETY, who):
            raise NotNow(f"{Event.OFFER_SAFETY} in {case.state}")
        after = safety.note_result(
            connection,
            case,
            place,
            result,
            by=who.reference,
            who=_as(who, Event.OFFER_SAFETY),
            kind=kind,
            late_why=late_why,
        )
        noted(connection, ring, after, Event.OFFER_SAFETY, who.reference)


def extend(
    database: Database,
    ring: KeyRing,
    reference: str,
    seen: int,
    who: As,
    limit: Limit,
    units: int,
    reason: str,
) -> None:
    """Give a time limit more time. Raises NotNow, and CannotExtend beyond what its source allows."""
    with as_seen(database, reference, seen) as (connection, case):
        if State(case.state) not in OPEN or not may_extend(who):
            raise NotNow("nothing is to be extended")
        timing.extend(connection, reference, limit, units, reason, who.reference, clock.seconds())
        _added(connection, ring, reference, who, "extension", limit.value)


def add_note(database: Database, ring: KeyRing, reference: str, who: As, kind: str, text: str) -> None:
    """Write something down in a case, sealed. Raises NotNow, and Erased when its words are gone."""
    with database.write() as connection:
        locked(connection, reference)
        words.add_note(connection, ring, reference, kind, text, by=who.reference)
        _added(connection, ring, reference, who, "note", kind)


def add_person(
    database: Database, ring: KeyRing, reference: str, who: As, role: str, name: str, notes: str
) -> None:
    """Note somebody whom a case is about, sealed. Raises NotNow, and Erased when its words are gone."""
    with database.write() as connection:
        locked(connection, reference)
        words.add_party(connection, ring, reference, role, name=name, notes=notes, by=who.reference)
        _added(connection, ring, reference, who, "person", role)


def add_action(
    database: Database,
    ring: KeyRing,
    reference: str,
    who: As,
    code: str,
    *,
    day: str,
    told: str,
    basis: str | None,
) -> None:
    """Note something that was done. Raises NotNow, and actions.Unfit for what cannot be noted so."""
    with database.write() as connection:
        case = locked(connection, reference)
        actions.note_action(
            connection, case, code, day=clock.day(day), told=told, basis=basis, by=who.reference
        )
        _added(connection, ring, reference, who, "action", code)


def _added(connection: Connection, ring: KeyRing, reference: str, who: As, what: str, code: str) -> None:
    audit.note(
        connection,
        ring,
        by=who.reference,
        did=Did.CHANGED,
        what=f"case {reference}",
        detail={"added": what, "code": code},
    )
