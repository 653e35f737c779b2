"""Sending what is due: the one place that calls the senders, each time with a fresh permit.

An attempt is noted before it begins. When nobody knows what became of the last one, because the worker was
killed or the answer got lost, the provider is asked for it first. What the gate refuses, and what a
provider will never take, is put before staff.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection

from portal import clock, contact, messages, outbox
from portal.contact import Method, Permit, Refusal
from portal.database import Database
from portal.message_states import OPEN, Event
from portal.messages import Found
from portal.sealing import KeyRing
from portal.senders import Fate, Ready, Refused, Sender, sender_for
from portal.settings import Settings

ASKED_FOR = 3 * 86400
"""Seconds after a message was sent in which the provider is asked whether it arrived."""


def send(
    database: Database,
    ring: KeyRing,
    settings: Settings,
    reference: str,
    since: int,
    hold: Callable[[], None],
) -> None:
    """Send a message, or say to staff why not. Any error means: try again later.

    `since` is when its job was first due. `hold` keeps the job ours for another minute. A worker that was
    stopped for longer than that in the middle of sending may send twice: the lease is all that parts two.
    """
    with database.read() as connection:
        found = messages.find(connection, ring, reference)
    if found is None or found.state not in OPEN:
        return
    sender = sender_for(settings, found.method)
    try:
        if found.attempted and sender is not None and _gone_out(database, found, sender):
            return
        hold()
        leave = _leave(database, ring, found, sender is not None)
        if leave is None or sender is None:
            return
        words = Ready(found.key, found.event, found.language, found.subject, found.body)
        provider_id = sender.send(leave, words)
    except outbox.LostLease:
        raise
    except Refused as error:
        _put_before_staff(database, found, error.code)
    except Exception:
        if clock.seconds() - since >= outbox.GIVE_UP:
            _put_before_staff(database, found, "gave_up")
            return
        with database.write() as connection:
            messages.move(connection, reference, Event.TROUBLE)
        raise
    else:
        with database.write() as connection:
            messages.accepted(connection, reference, provider_id)


def _gone_out(database: Database, found: Found, sender: Sender) -> bool:
    """Whether an earlier attempt, of which nobody knew, has reached the provider: then it is sent."""
    provider_id = sender.find(found.key)
    if provider_id is None:
        return False
    with database.write() as connection:
        messages.begin(connection, found.reference)
        messages.accepted(connection, found.reference, provider_id)
    return True


def _leave(database: Database, ring: KeyRing, found: Found, can_send: bool) -> Permit | None:
    """The permit of this moment, the attempt noted; None when the message waits or is for staff now."""
    now = clock.seconds()
    with database.write() as connection:
        leave = contact.permit(connection, ring, found.owner, found.method, now, urgent=found.urgent)
        opens = leave.again if isinstance(leave, Refusal) and leave.again is not None else now
        if found.not_after is not None and opens > found.not_after:
            _for_staff(connection, ring, found, "too_late")
        elif isinstance(leave, Refusal) and leave.again is not None:
            messages.wait(connection, found.reference, leave.again)
        elif isinstance(leave, Refusal):
            _for_staff(connection, ring, found, leave.code.value)
        elif (leave.discreet and not found.discreet) or leave.gives_away(f"{found.subject}\n{found.body}"):
            _for_staff(connection, ring, found, "no_words")
        elif not can_send:
            _for_staff(connection, ring, found, "no_way")
        elif messages.begin(connection, found.reference):
            return leave
    return None


def _put_before_staff(database: Database, found: Found, why: str) -> None:
    with database.write() as connection:
        messages.move(connection, found.reference, Event.REFUSED, why=why)


def _for_staff(connection: Connection, ring: KeyRing, found: Found, why: str) -> None:
    """A task to phone, where the person may be phoned at some hour; else a dead letter."""
    call = contact.permit_from(connection, ring, found.owner, Method.CALL, clock.seconds())
    event = Event.CALL if isinstance(call, Permit) else Event.REFUSED
    messages.move(connection, found.reference, event, why=why)


def ask_what_arrived(
    database: Database, settings: Settings, hold: Callable[[int, int], None]
) -> dict[Fate, int]:
    """Ask the providers what became of the messages of the last three days; how many of each fate."""
    with database.read() as connection:
        rows = messages.unconfirmed(connection, clock.seconds() - ASKED_FOR)
    counted = dict.fromkeys(Fate, 0)
    for done, row in enumerate(rows):
        hold(done, len(rows))
        sender = sender_for(settings, Method(row.method))
        fate = sender.fate(row.provider_id) if sender is not None else Fate.UNDER_WAY
        counted[fate] += 1
        if fate is not Fate.UNDER_WAY:
            with database.write() as connection:
                if fate is Fate.ARRIVED:
                    messages.move(connection, row.reference, Event.ARRIVED)
                else:
                    messages.move(connection, row.reference, Event.RETURNED, why="returned", ended=None)
    return counted
