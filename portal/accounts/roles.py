"""Roles: what a person who works here is there for. A person may hold several."""

from __future__ import annotations

from enum import StrEnum

from portal.questions.messages import Message, _staff


class Role(StrEnum):
    """The codes are stored."""

    FRONTLINE = "frontline"
    KEYER = "keyer"
    SUPERVISOR = "supervisor"
    COORDINATOR = "coordinator"
    INTERPRETER = "interpreter"
    CASE_OFFICER = "case_officer"
    CASE_MANAGER = "case_manager"
    DOMESTIC_ABUSE = "domestic_abuse"
    ABOUT_STAFF = "about_staff"
    ANALYST = "analyst"
    GOVERNANCE = "governance"
    ADMINISTRATOR = "administrator"


WORDS: dict[Role, tuple[Message, Message]] = {
    Role.FRONTLINE: (_staff("Frontline"), _staff("fills in forms with people, by phone or at the counter")),
    Role.KEYER: (_staff("Keyer"), _staff("keys paper forms")),
    Role.SUPERVISOR: (_staff("Supervisor"), _staff("prints and batches paper forms, resolves differences")),
    Role.COORDINATOR: (_staff("Interpreter coordinator"), _staff("finds and books interpreters")),
    Role.INTERPRETER: (_staff("Interpreter"), _staff("answers requests for an interpreter")),
    Role.CASE_OFFICER: (_staff("Case officer"), _staff("works on reports of incidents")),
    Role.CASE_MANAGER: (_staff("Case manager"), _staff("is answerable for cases and their time limits")),
    Role.DOMESTIC_ABUSE: (
        _staff("Domestic abuse cases"),
        _staff("is let into cases of domestic abuse; choose Case officer or Case manager too"),
    ),
    Role.ABOUT_STAFF: (
        _staff("Cases about staff"),
        _staff("is let into cases about people who work here; choose Case officer or Case manager too"),
    ),
    Role.ANALYST: (_staff("Analyst"), _staff("counts and publishes")),
    Role.GOVERNANCE: (_staff("Information governance"), _staff("reads the audit log")),
    Role.ADMINISTRATOR: (_staff("Administrator"), _staff("manages people, collections and lists")),
}
"""Each role's name and what it is for, as staff pages say it."""

OFFICE = frozenset(Role) - {Role.INTERPRETER}
"""Everybody who uses the pages of the office."""
