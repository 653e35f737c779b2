"""Writing to people who work here, by the address of their account: neutral words, and where to sign in."""

from __future__ import annotations

from sqlalchemy import Connection

from portal import clock, contact, messages
from portal.accounts.people import Person
from portal.addresses import email_in
from portal.contact import Method, Permit, Rule
from portal.sealing import KeyRing
from portal.settings import Settings
from portal.wording import Template, Values

YEAR = 366 * 86400


def write(
    connection: Connection,
    ring: KeyRing,
    settings: Settings,
    person: Person,
    template: Template,
    values: Values,
    same: str,
    *,
    urgent: bool = False,
) -> None:
    """Write to somebody who works here, once for each `same`, if their address is one."""
    if not email_in(person.email):
        return
    owner, now = f"account {person.reference}", clock.seconds()
    rule = Rule(owner=owner, email=person.email, methods=(Method.EMAIL,), until=now + YEAR)
    contact.keep_rule(connection, ring, rule)
    found = contact.permit_from(connection, ring, owner, Method.EMAIL, now, urgent=urgent)
    if isinstance(found, Permit):
        messages.write(connection, ring, settings, found, template, values, same)
