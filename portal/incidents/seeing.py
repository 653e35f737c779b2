"""The way of a page to a case. What a person may not see is the same 404 as what is not there, and noted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from flask import abort
from sqlalchemy import Connection, Row

from portal import references
from portal.accounts.guard import visit
from portal.audit import Did, note_alone
from portal.incidents import access, admitting
from portal.incidents.access import Facet, NotSeen
from portal.incidents.moving import NotNow, locked
from portal.pages import state


def case(reference: str) -> tuple[Row[Any], frozenset[Facet]]:
    """The case of an address, and what the person of this request may see of it; else 404.

    Nothing sealed may be opened by this alone: see facet().
    """
    fitting(reference)
    try:
        with state().database.read() as connection:
            return access.find_seen(connection, visit().person, reference)
    except NotSeen:
        refused(reference)


def facet(reference: str, wanted: Facet) -> Row[Any]:
    """The case, something of which is about to be opened; that is noted before. Else 404."""
    fitting(reference)
    try:
        return access.look(state().database, state().ring, visit().person, reference, wanted)
    except NotSeen:
        abort(404)


@contextmanager
def change(reference: str, *needed: Facet) -> Iterator[tuple[Connection, Row[Any]]]:
    """A short transaction on a case that is held, for who may see these facets of it (any, if none is
    said); else 404."""
    fitting(reference)
    try:
        with state().database.write() as connection:
            row = _held(connection, reference)
            facets = access.seen(connection, visit().person, row)
            if not facets or not facets >= set(needed):
                raise NotSeen(reference)
            yield connection, row
    except NotSeen:
        refused(reference)


@contextmanager
def answering(reference: str) -> Iterator[tuple[Connection, Row[Any]]]:
    """A short transaction on a case that is held, for whoever decides who else sees it; else 404."""
    fitting(reference)
    try:
        with state().database.write() as connection:
            yield connection, admitting.still_theirs(connection, visit().person, reference)
    except NotSeen:
        refused(reference)


def _held(connection: Connection, reference: str) -> Row[Any]:
    try:
        return locked(connection, reference)
    except NotNow as error:
        raise NotSeen(reference) from error


def fitting(reference: str) -> None:
    """404 for what can be no reference."""
    if references.read(reference) != reference:
        abort(404)


def refused(reference: str, kind: str = "case") -> NoReturn:
    """404, and a note of it by itself, whether or not there is such a thing."""
    by = visit().person.reference
    note_alone(state().database, state().ring, by=by, did=Did.REFUSED, what=f"{kind} {reference}")
    abort(404)
