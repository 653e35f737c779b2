"""The survey where somebody comes back with their code: offered there, and begun once.

Its answers keep the month, and whether anything was done in the case. Nothing leads from them to the code.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import Response
from sqlalchemy import Connection

from portal.incidents import surveys
from portal.incidents.codes import report_of
from portal.incidents.reports import FORM
from portal.intake.steps import begin
from portal.pages import state
from portal.questions import Form

SURVEY = "survey"
"""Key of the form that asks how we dealt with it."""


def is_offered(connection: Connection, case: str) -> bool:
    """Whether the people of a case are asked now, and nobody of them has begun."""
    return _form() is not None and surveys.survey_for(connection, case) is not None


def _form() -> Form | None:
    """The survey as this landlord asks it, if it does."""
    asked: Iterable[Form] = state().asked.values()
    return next((one for one in asked if one.key == SURVEY), None)


def begin_once(receipt: bytes) -> Response | None:
    """Begin the survey of a code (its digest); None when none is offered, or somebody was faster."""
    form, database = _form(), state().database
    with database.read() as connection:
        found = report_of(connection, receipt)
        offered = surveys.survey_for(connection, found[1].reference) if found is not None else None
    if form is None or offered is None:
        return None
    response = begin(form, after=FORM, outcome=offered.outcome)  # what cannot begin is still offered
    with database.write() as connection:
        taken = surveys.take(connection, offered.case)
    return response if taken else None
