"""Starting, meeting, stopping, pausing and moving the time limits of a case. The case is locked meanwhile.

Whatever ends a limit after it was due notes that it was missed, whether or not anybody had noticed before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, Row, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from portal import clock, references
from portal.checking import SettingsError
from portal.database import Database
from portal.incidents.clocks import LONGEST, OF, Due, Unit, due_or_earlier
from portal.incidents.deadlines import (
    CaseDeadline,
    ClockLength,
    DeadlineBreach,
    DeadlineChange,
    DeadlinePause,
)
from portal.incidents.limits import Limit
from portal.incidents.states import State
from portal.questions.messages import Message, _staff

DEADLINE, PAUSE = CaseDeadline, DeadlinePause
GOING = ("open", "paused")
COLUMNS = DEADLINE.__table__.columns
OF_CASE = select(*COLUMNS).where(DEADLINE.case == bindparam("of")).order_by(DEADLINE.due, DEADLINE.reference)
UNDER_WAY = OF_CASE.where(DEADLINE.state.in_(GOING))
PAUSES = select(*PAUSE.__table__.columns).where(PAUSE.deadline == bindparam("of")).order_by(PAUSE.number)
LENGTHS = select(ClockLength.clock, ClockLength.length)
ADD = insert(DEADLINE).returning(DEADLINE.reference)  # all rows in one statement
BREACHES = select(*DeadlineBreach.__table__.columns, DEADLINE.case, DEADLINE.clock).join(
    DEADLINE, DEADLINE.reference == DeadlineBreach.deadline
)
WAS_MISSED = select(DeadlineBreach.deadline).where(DeadlineBreach.deadline == bindparam("of"))
MISSED = {
    "sqlite": sqlite.insert(DeadlineBreach).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(DeadlineBreach).on_conflict_do_nothing(),
}
MORE_THAN_ALLOWED = _staff("It cannot be extended by so much: at most %(number)s in all")
NOT_UNDER_WAY = _staff("This time limit is not under way")


class CannotExtend(ValueError):
    """A limit cannot be moved so; `why` says it to staff."""

    def __init__(self, why: Message) -> None:
        super().__init__(why.id)
        self.why = why


def of_case(connection: Connection, case: str) -> list[Row[Any]]:
    """All limits of a case, the one due first first."""
    return list(connection.execute(OF_CASE, {"of": case}))


def under_way(connection: Connection, case: str) -> list[Row[Any]]:
    """The limits of a case that are neither met nor stopped, the one due first first."""
    return list(connection.execute(UNDER_WAY, {"of": case}))


def breaches_of(connection: Connection, case: str) -> list[Row[Any]]:
    """The limits of a case that were missed: deadline, due, noted, clock."""
    query = BREACHES.where(DEADLINE.case == case).order_by(DeadlineBreach.due)
    return list(connection.execute(query))


_lengths: WeakKeyDictionary[Engine, dict[str, int]] = WeakKeyDictionary()
"""The landlord's lengths, of each database that was asked for them."""


def length_of(connection: Connection, limit: Limit) -> int:
    """How many units a limit has that starts now: the landlord's length, or ours.

    A process reads the landlord's once: they are kept when a portal starts, and not changed after that.
    """
    if connection.engine not in _lengths:
        _lengths[connection.engine] = {row.clock: row.length for row in connection.execute(LENGTHS)}
    ours = OF[limit].length
    return ours if OF[limit].fixed else _lengths[connection.engine].get(limit.value, ours)


def keep_lengths(database: Database, lengths: Mapping[str, int]) -> None:
    """Keep the landlord's lengths of limits, and no others. Raises SettingsError for what cannot be one."""
    for name, length in lengths.items():
        known = next((one for one in OF.values() if one.limit.value == name), None)
        if known is None:
            raise SettingsError(f"clocks: there is no limit {name!r}; there are {', '.join(Limit)}")
        if known.fixed:
            raise SettingsError(f"clocks: {name} is {known.length} {known.unit}, and cannot be changed")
        if not 1 <= length <= LONGEST:
            raise SettingsError(f"clocks: {name} must be from 1 to {LONGEST} {known.unit}")
    with database.write() as connection:
        connection.execute(delete(ClockLength))
        if lengths:
            rows = [{"clock": name, "length": length} for name, length in lengths.items()]
            connection.execute(insert(ClockLength), rows)
    _lengths.pop(database.engine, None)


def start(connection: Connection, case: str, limit: Limit, event: str, started: int) -> str | None:
    """Start a limit at that second; gives its reference. None when one like it is under way already."""
    if any(row.clock == limit.value for row in under_way(connection, case)):
        return None
    row = _new(case, limit, length_of(connection, limit), event, started, clock.calendar())
    connection.execute(ADD, row)
    return str(row["reference"])


def start_first(connection: Connection, case: str, limits: Iterable[Limit], event: str, started: int) -> None:
    """Start the limits of a new case, which has none yet, at that second."""
    calendar = clock.calendar()
    rows = [_new(case, one, length_of(connection, one), event, started, calendar) for one in limits]
    if rows:
        connection.execute(ADD, rows)


def _new(case: str, limit: Limit, length: int, event: str, started: int, calendar: str) -> dict[str, Any]:
    """The row of a limit that starts. `calendar` is clock's."""
    unit = OF[limit].unit
    found = due_or_earlier(length, unit, started, source=OF[limit].source)
    return {
        "reference": references.new(),
        "case": case,
        "clock": limit.value,
        "event": event,
        "started": started,
        "length": length,
        "unit": unit.value,
        "extra": 0,
        "due": found.at,
        "certain": found.certain,
        "calendar": calendar,
        "state": "open",
    }


def end(
    connection: Connection, case: str, limits: Collection[str] | None, state: str, now: int, by: str
) -> list[Row[Any]]:
    """Meet or stop (`state`) what is under way of these limits, all for None; gives the rows as they were."""
    ended = [row for row in under_way(connection, case) if limits is None or row.clock in limits]
    for row in ended:
        going = _go_on(connection, row, now, by) if row.state == "paused" else row
        missed(connection, going, now)
        _change(connection, row.reference, state=state, ended=now)
    return ended


def missed(connection: Connection, row: Row[Any], now: int) -> bool:
    """Note that a limit was missed, if it was by now; whether that is noted for the first time."""
    if now <= row.due:
        return False
    fact = {"deadline": row.reference, "due": row.due, "noted": now}
    return connection.execute(MISSED[connection.dialect.name], fact).rowcount == 1


def was_missed(connection: Connection, deadline: str) -> bool:
    """Whether it is noted of a limit that it was missed."""
    return connection.execute(WAS_MISSED, {"of": deadline}).first() is not None


def pause(connection: Connection, case: str, state: State, reason: str, by: str, now: int) -> None:
    """Let the limits of a case stand still that do so in this state. One that is overdue does not."""
    for row in under_way(connection, case):
        if row.state == "open" and state in OF[Limit(row.clock)].pauses and now < row.due:
            _pause(connection, row.reference, state, reason, by, now)


def _pause(connection: Connection, deadline: str, state: State, reason: str, by: str, now: int) -> None:
    number = connection.execute(
        select(func.count()).select_from(PAUSE).where(PAUSE.deadline == deadline)
    ).scalar_one()
    row = {"deadline": deadline, "number": number + 1, "since": now, "state": state.value}
    connection.execute(insert(PAUSE), {**row, "reason": reason, "by": by})
    _change(connection, deadline, state="paused")


def resume(connection: Connection, case: str, by: str, now: int) -> None:
    """Let the limits of a case that stand still go on, with as much time as they had left."""
    for row in under_way(connection, case):
        if row.state == "paused":
            _go_on(connection, row, now, by)


def _go_on(connection: Connection, row: Row[Any], now: int, by: str) -> Row[Any]:
    [stands] = [one for one in pauses_of(connection, row.reference) if one.until is None]
    connection.execute(
        update(PAUSE)
        .where(PAUSE.deadline == row.reference, PAUSE.number == stands.number)
        .values(until=max(now, stands.since))
    )
    _move(connection, row, reckoned(connection, row), "pause", stands.reason, by, now)
    _change(connection, row.reference, state="open")
    return connection.execute(select(*COLUMNS).where(DEADLINE.reference == row.reference)).one()


def pauses_of(connection: Connection, deadline: str) -> list[Row[Any]]:
    """The times during which a limit stood still, the first one first."""
    return list(connection.execute(PAUSES, {"of": deadline}))


def reckoned(connection: Connection, row: Row[Any], extra: int | None = None) -> Due:
    """When a limit is due by the days off that are known now."""
    more = row.extra if extra is None else extra
    ended = [(one.since, one.until) for one in pauses_of(connection, row.reference) if one.until is not None]
    source = OF[Limit(row.clock)].source
    return due_or_earlier(row.length + more, Unit(row.unit), row.started, ended, source)


def extend(
    connection: Connection, case: str, limit: Limit, units: int, reason: str, by: str, now: int
) -> int:
    """Give a limit more time; gives when it is due now. Raises CannotExtend beyond what its source allows."""
    rows = [row for row in under_way(connection, case) if row.clock == limit.value and row.state == "open"]
    if not rows:
        raise CannotExtend(NOT_UNDER_WAY)
    [row] = rows
    if units < 1 or row.extra + units > OF[limit].more:
        raise CannotExtend(MORE_THAN_ALLOWED.with_values(number=str(OF[limit].more)))
    missed(connection, row, now)
    found = reckoned(connection, row, row.extra + units)
    _move(connection, row, found, "extension", reason, by, now)
    _change(connection, row.reference, extra=row.extra + units)
    return found.at


def reckon_again(connection: Connection, rows: Iterable[Row[Any]], by: str, now: int) -> int:
    """Reckon limits that are under way by the days off that are known now; how many got another date.

    What was missed stays missed.
    """
    moved = 0
    for row in rows:
        if row.state == "open":
            missed(connection, row, now)
        found = reckoned(connection, row)
        moved += found.at != row.due
        _move(connection, row, found, "calendar", None, by, now)
        _change(connection, row.reference, calendar=clock.calendar())
    return moved


def _move(
    connection: Connection, row: Row[Any], found: Due, why: str, reason: str | None, by: str, now: int
) -> None:
    if found.at != row.due:
        number = connection.execute(
            select(func.count()).select_from(DeadlineChange).where(DeadlineChange.deadline == row.reference)
        ).scalar_one()
        kept = {"deadline": row.reference, "number": number + 1, "was": row.due, "due": found.at}
        connection.execute(
            insert(DeadlineChange), {**kept, "why": why, "reason": reason, "by": by, "at": now}
        )
    _change(connection, row.reference, due=found.at, certain=found.certain)


def _change(connection: Connection, deadline: str, **values: Any) -> None:
    connection.execute(update(DEADLINE).where(DEADLINE.reference == deadline).values(**values))
