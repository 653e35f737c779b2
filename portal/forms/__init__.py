"""The forms, as data. FORMS is the only registry: every edition whose answers or paper are about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from portal.forms.equality import EQUALITY
from portal.forms.incident import INCIDENT
from portal.forms.interpreter import INTERPRETER
from portal.forms.profile import PROFILE
from portal.forms.survey import SURVEY
from portal.questions import DefinitionError, Form

FORMS: tuple[Form, ...] = (
    EQUALITY,
    INTERPRETER,
    INCIDENT,
    SURVEY,
    PROFILE,
)
"""Newest edition last."""


def current(forms: Iterable[Form]) -> Mapping[str, Form]:
    """The edition that is asked today of each form, by the word in its address."""
    return {form.address: form for form in forms}


def in_use(forms: Iterable[Form], variants: Mapping[str, str]) -> Mapping[str, Form]:
    """The same, in this landlord's wording. Raises DefinitionError for a question or wording not known."""
    asked = current(forms)
    for key in variants:
        if not any(form.question(key) for form in asked.values()):
            raise DefinitionError(f"variants: there is no question {key!r}")
    return {
        address: form.here({key: name for key, name in variants.items() if form.question(key)})
        for address, form in asked.items()
    }
