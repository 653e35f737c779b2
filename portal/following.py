"""The forms as this landlord uses them now: each process follows what administrators change in lists."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy.exc import SQLAlchemyError

from portal import clock, registers
from portal.database import Database
from portal.forms import in_use
from portal.questions import Form
from portal.questions.groups import Registers, also_of
from portal.registers import Given, Members

log = logging.getLogger(__name__)

EVERY = 10
"""Seconds after which a process looks again whether a list was changed."""


@dataclass(frozen=True, slots=True)
class Forms:
    """The forms at one version of the lists."""

    offered: tuple[Form, ...]
    """Every edition, with the members that are offered: for new answers."""
    known: tuple[Form, ...]
    """Every edition, with the members that ever were: for answers that are there."""
    asked: Mapping[str, Form]
    """The edition asked today, in this landlord's wording, by the word in its address."""
    version: int


class Following:
    """Keeps the forms up to date. Where no form names a list, nothing is asked of the database."""

    def __init__(self, database: Database, forms: tuple[Form, ...], variants: Mapping[str, str]) -> None:
        """Raises DefinitionError for a variant that is not known."""
        self._database = database
        self._forms = forms
        self._variants = variants
        self.given = given(forms)
        """The lists that forms name, each with the members that a definition carries."""
        self.also = {name: also(forms, name) for name in self.given}
        """What questions offer beside the members of each."""
        self._looking = threading.Lock()
        self.defined = Forms(forms, forms, in_use(forms, variants), -1)
        """The forms before any list was looked at."""
        self._now: tuple[Forms, int] = (self.defined, 0)

    def now(self) -> Forms:
        """The forms as they are now, or were up to ten seconds ago."""
        forms, look_at = self._now
        if not self.given or clock.seconds() < look_at:
            return forms
        # one thread looks; the others go on with what there is, but for the first time
        if self._looking.acquire(blocking=forms.version < 0):
            try:
                forms, look_at = self._now
                if clock.seconds() >= look_at:
                    self._now = (self._looked(forms), clock.seconds() + EVERY)
            finally:
                self._looking.release()
        return self._now[0]

    def look_again(self) -> None:
        """Look at the lists when next asked: somebody changed one in this process."""
        self._now = (self._now[0], 0)

    def _looked(self, before: Forms) -> Forms:
        try:
            with self._database.read() as connection:
                version = registers.version(connection)
                if version == before.version:
                    return before
                found = registers.members(connection, self.given)
        except SQLAlchemyError as error:  # a page that only asks comes even when the database is away
            log.warning("the lists could not be read (%s): those of before are used", type(error).__name__)
            return before
        offered = _with(self._forms, {name: _offered(every) for name, every in found.items()})
        known = _with(self._forms, {name: _all(every) for name, every in found.items()})
        return Forms(offered, known, in_use(offered, self._variants), version)


def given(forms: Iterable[Form]) -> dict[str, Given]:
    """The lists that these forms name, each with the members that the newest definition carries."""
    found: dict[str, Given] = {}
    for form in forms:
        for name in form.lists:
            found[name] = form.registers.get(name) or found.get(name, ())
    return found


def also(forms: Iterable[Form], register: str) -> Given:
    """What questions of these forms offer beside the members of a list."""
    return tuple(option for form in forms for option in also_of(form.parts, register))


def offering(database: Database, forms: tuple[Form, ...]) -> tuple[Form, ...]:
    """These forms with the members of their lists that are offered now."""
    return _with(forms, {name: _offered(every) for name, every in _found(database, forms).items()})


def knowing(database: Database, forms: tuple[Form, ...]) -> tuple[Form, ...]:
    """These forms with all members that their lists ever had."""
    return _with(forms, {name: _all(every) for name, every in _found(database, forms).items()})


def _found(database: Database, forms: tuple[Form, ...]) -> dict[str, Members]:
    lists = given(forms)
    if not lists:
        return {}
    with database.read() as connection:
        return registers.members(connection, lists)


def _with(forms: tuple[Form, ...], lists: Registers) -> tuple[Form, ...]:
    return tuple(
        replace(form, registers={name: lists[name] for name in form.lists}) if form.lists else form
        for form in forms
    )


def _offered(every: Members) -> Given:
    return tuple(option for option, active in every if active)


def _all(every: Members) -> Given:
    return tuple(option for option, _active in every)
