"""The forms, as data. FORMS is the only registry: every edition whose answers or paper are about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from portal.forms.equality import EQUALITY
from portal.questions import Form

FORMS: tuple[Form, ...] = (EQUALITY,)
"""Newest edition last."""


def current(forms: Iterable[Form]) -> Mapping[str, Form]:
    """The edition that is asked today of each form, by the word in its address."""
    return {form.address: form for form in forms}
