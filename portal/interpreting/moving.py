"""One step in the life of a request: the table is asked, the row moved, the step kept, people are told."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from portal import audit, clock, outbox
from portal.audit import Did
from portal.interpreting.models import Request, RequestStep
from portal.interpreting.states import STEPS, Event, State, Who
from portal.sealing import KeyRing

TELL = "tell of a request"
"""The kind of job that tells people of a step."""
COLUMNS = Request.__table__.columns
FIND = select(*COLUMNS).where(Request.reference == bindparam("of"))
LOCK = FIND.with_for_update(key_share=True)
"""It leaves others free to point at the row."""
STEPS_OF = select(*RequestStep.__table__.columns).where(RequestStep.request == bindparam("of"))
STATE_AT = select(RequestStep.state).where(
    RequestStep.request == bindparam("of"), RequestStep.number == bindparam("number")
)


class NotNow(RuntimeError):
    """This cannot happen to the request as it is now: somebody may have been faster."""


def find(connection: Connection, reference: str) -> Row[Any] | None:
    """A request by its reference."""
    return connection.execute(FIND, {"of": reference}).first()


def locked(connection: Connection, reference: str) -> Row[Any]:
    """The request, held until the transaction ends. Raises NotNow when there is none.

    Whoever changes anything about it, its bookings, offers and seats holds it first, and interpreters after
    it: so nobody waits for somebody who waits for them.
    """
    found = connection.execute(LOCK, {"of": reference}).first()
    if found is None:
        raise NotNow(reference)
    return found


def may(request: Row[Any], event: Event, who: Who) -> bool:
    """Whether the table lets this happen now."""
    step = STEPS[event]
    return who in step.who and State(request.state) in step.since


def move(
    connection: Connection,
    request: Row[Any],
    event: Event,
    *,
    by: str,
    who: Who,
    reason: str | None = None,
    **columns: Any,
) -> Row[Any]:
    """Let an event happen to a request as it was read; gives it as it is now. Raises NotNow."""
    step = STEPS[event]
    if not may(request, event, who) or (step.reasons and reason not in step.reasons):
        raise NotNow(f"{event} in {request.state}")
    number, now = request.version + 1, clock.seconds()
    changes = {"state": step.to.value, "version": number, "changed": now, **columns}
    if step.reasons:
        changes["reason"] = reason
    if step.to is State.CONFIRMED and request.confirmed is None:
        changes["confirmed"] = now
    moved = connection.execute(
        update(Request)
        .where(Request.reference == request.reference, Request.version == request.version)
        .values(changes)
    )
    if moved.rowcount != 1:
        raise NotNow(f"{event}: somebody was faster")
    row = {"request": request.reference, "number": number, "event": event.value, "state": step.to.value}
    connection.execute(insert(RequestStep), {**row, "reason": reason, "by": by, "at": now})
    tell(connection, request.reference, event, number)
    return locked(connection, request.reference)


def tell(
    connection: Connection, request: str, event: str, number: int, due: int | None = None, **more: str
) -> None:
    """Have the people told whom a step concerns, once, from that second on."""
    payload = {"request": request, "event": str(event), "number": number, **more}
    name = " ".join((request, str(event), str(number), *more.values()))
    outbox.put(connection, TELL, payload, name, due)


def noted(connection: Connection, ring: KeyRing, request: Row[Any], event: Event, by: str) -> None:
    """The audit log's entry for a step: the last thing in its transaction."""
    audit.note(
        connection,
        ring,
        by=by,
        did=Did.CHANGED,
        what=f"request {request.reference}",
        detail={"event": event.value, "state": request.state},
    )


def steps_of(connection: Connection, reference: str) -> list[Row[Any]]:
    """What happened to a request so far, the first step first."""
    return list(connection.execute(STEPS_OF.order_by(RequestStep.number), {"of": reference}).all())


def state_before(connection: Connection, request: Row[Any]) -> State | None:
    """The state in which a request was before its last step; None when it had only one."""
    last = {"of": request.reference, "number": request.version - 1}
    found = connection.execute(STATE_AT, last).scalar()
    return State(found) if found else None
