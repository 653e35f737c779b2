"""A person's new postal address: one enters it, somebody else confirms it, and nothing goes to the old one.

From the moment that a new address is entered no letter and no visit goes anywhere until a second person has
looked at it. When it is confirmed the old one is never used again.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from portal import contact, references
from portal.addresses import plain
from portal.contact import Rule
from portal.sealing import KeyRing


class NotThis(RuntimeError):
    """There is no such new address (any more): somebody was faster."""


class SamePerson(RuntimeError):
    """Whoever entered an address does not confirm it."""


class UsedNoMore(RuntimeError):
    """This address must not be used any more."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A new address that waits for a second person, opened for that person to compare."""

    reference: str
    by: str
    """Who entered it."""
    address: str = field(repr=False)


def waiting_of(connection: Connection, ring: KeyRing, owner: str) -> Waiting | None:
    """The new address of an owner that nobody has confirmed. Whoever calls it has noted it before."""
    rule = contact.rule_of(connection, ring, owner)
    if rule is None or rule.waiting is None or rule.waiting_by is None:
        return None
    return Waiting(rule.waiting, rule.waiting_by, rule.next_address)


def keep_again(connection: Connection, ring: KeyRing, rule: Rule, by: str) -> None:
    """Keep what a person says anew in place of what they said before.

    Another postal address than before waits for a second person, also when there was none for a while. What
    is never used stays so.
    """
    before = contact.rule_of(connection, ring, rule.owner, held=True)
    if before is not None:
        wanted, known = rule.address, before.address
        rule = replace(
            rule,
            never=before.never,
            address=known or wanted,
            next_address=before.next_address,
            waiting=before.waiting,
            waiting_by=before.waiting_by,
        )
        if not known or plain(wanted) == plain(known):
            rule = replace(rule, next_address="", waiting=None, waiting_by=None)
        elif wanted and plain(wanted) != plain(before.next_address):
            rule = replace(rule, next_address=wanted, waiting=references.new(), waiting_by=by)
    contact.keep_rule(connection, ring, rule)


def enter(connection: Connection, ring: KeyRing, owner: str, address: str, *, by: str) -> str:
    """Enter a new address; gives its reference. It takes the place of one that waits.

    Raises NotThis for who has no rule, UsedNoMore for an address that must not be used.
    """
    rule = _held(connection, ring, owner)
    if not plain(address) or plain(address) in {plain(one) for one in rule.never}:
        raise UsedNoMore(owner)
    reference = references.new()
    change = replace(rule, next_address=address, waiting=reference, waiting_by=by)
    contact.keep_rule(connection, ring, change)
    return reference


def confirm(connection: Connection, ring: KeyRing, owner: str, reference: str, *, by: str) -> None:
    """A second person says that the new address, the one that they saw, is right. The old one is never used.

    Raises NotThis, SamePerson and UsedNoMore.
    """
    rule = _waits(connection, ring, owner, reference)
    if rule.waiting_by == by:
        raise SamePerson(by)
    if plain(rule.next_address) in {plain(one) for one in rule.never}:
        raise UsedNoMore(owner)
    moved = bool(rule.address) and plain(rule.address) != plain(rule.next_address)
    change = replace(
        rule,
        address=rule.next_address,
        next_address="",
        waiting=None,
        waiting_by=None,
        never=(*rule.never, rule.address) if moved else rule.never,
    )
    contact.keep_rule(connection, ring, change)


def drop(connection: Connection, ring: KeyRing, owner: str, reference: str) -> None:
    """The new address is not right, and the old one is: letters go there again. Raises NotThis."""
    rule = _waits(connection, ring, owner, reference)
    change = replace(rule, next_address="", waiting=None, waiting_by=None)
    contact.keep_rule(connection, ring, change)


def never_use(connection: Connection, ring: KeyRing, owner: str, to: str) -> None:
    """Never use an address, number or email again, such as an old shared home. Raises NotThis."""
    rule = _held(connection, ring, owner)
    if plain(to) and plain(to) not in {plain(one) for one in rule.never}:
        contact.keep_rule(connection, ring, replace(rule, never=(*rule.never, to)))


def _held(connection: Connection, ring: KeyRing, owner: str) -> Rule:
    rule = contact.rule_of(connection, ring, owner, held=True)
    if rule is None:
        raise NotThis(owner)
    return rule


def _waits(connection: Connection, ring: KeyRing, owner: str, reference: str) -> Rule:
    rule = _held(connection, ring, owner)
    if rule.waiting is None or rule.waiting != reference:
        raise NotThis(owner)
    return rule
