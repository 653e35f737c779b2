"""A few neutral words that there is something to read with the code: only to who wants to be told that way.

They go out by the gate of portal.contact, to a phone or mailbox that the person named as safe, and they are
never handed to staff to be said by phone instead.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row

from portal import clock, contact, messages, wording
from portal.contact import Method, Permit
from portal.incidents import safe_ways
from portal.questions.messages import _
from portal.sealing import KeyRing
from portal.settings import Settings
from portal.wording import Template, Wording

NOTICE = Template(
    event="case message",
    sms=_("%(organisation)s: there is news for you. Look with your code, or call %(phone)s."),
    email_subject=_("There is news for you"),
    email=_(
        "Hello. There is news for you. Look with your code, or call %(phone)s when it is safe and suits you."
    ),
    discreet=Wording(
        sms=_("Hello. There is news for you."),
        email_subject=_("Hello"),
        email=_("Hello. There is news for you."),
    ),
)
INVITATION = Template(
    event="case survey",
    sms=_(
        "%(organisation)s: please tell us how we did, if you like. Look with your code, or call %(phone)s."
    ),
    email_subject=_("Tell us how we did"),
    email=_(
        "Hello. Please tell us how we did, if you like. Look with your code, or call %(phone)s when it is "
        "safe and suits you."
    ),
    discreet=Wording(
        sms=_("Hello. We would like to hear from you, if you like."),
        email_subject=_("Hello"),
        email=_("Hello. We would like to hear from you, if you like."),
    ),
)


def give(
    connection: Connection,
    ring: KeyRing,
    settings: Settings,
    report: Row[Any],
    template: Template,
    same: str,
) -> str | None:
    """Let the person know, in the transaction of what there is to know; the notice's reference, or None.

    `same` says which event it is: of one there is one notice. Nobody is told anything whose own rule does
    not permit it now: the others of the case have theirs.
    """
    if report.made is None:
        return None
    owner, ways = safe_ways.owner_of(report.made), (Method.SMS, Method.EMAIL)
    permit = contact.first_permit(connection, ring, owner, clock.seconds(), methods=ways)
    if not isinstance(permit, Permit) or not wording.has_way(settings, permit.method, permit.discreet):
        return None
    if wording.written(settings, permit, template, {}) is None:
        return None
    return messages.write(connection, ring, settings, permit, template, {}, same=same)
