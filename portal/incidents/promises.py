"""What the database itself refuses, whoever asks: on both databases, by triggers.

Cases, steps, limits, notes, missed limits and changes of a date are not deleted; most are not changed. The
one change of what was written for ever is that its words are taken out, where a tombstone says so first.
Whoever owns the database can drop a trigger; nobody who only writes to it can.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import DDL, JSON, event
from sqlalchemy.sql.elements import KeyedColumnElement

from portal.database import Base
from portal.incidents import deadlines, erasure_steps, exchange, models, shared, tombstones


@dataclass(frozen=True, slots=True)
class Refused:
    """One thing that cannot be done to a row."""

    name: str
    """What the database says when it refuses."""
    table: type[Base]
    to: str
    """DELETE, UPDATE or INSERT."""
    when: str = ""
    """SQL over OLD and NEW; empty for always. It cannot ask other tables."""
    unless: str = ""
    """SQL that finds a row which makes it right."""


def _erased(table: type[Base], words: str = "sealed") -> str:
    """SQL that finds a row where an erasure takes the words out, and changes nothing else."""
    same = [
        f"{_as_text('NEW', column)} = {_as_text('OLD', column)}"
        if not column.nullable
        else f'(NEW."{column.name}" = OLD."{column.name}" OR '
        f'(NEW."{column.name}" IS NULL AND OLD."{column.name}" IS NULL))'
        for column in table.__table__.columns
        if column.name != words
    ]
    gone = "SELECT 1 FROM erased_words gone WHERE gone.reference = OLD.reference"
    return f"{gone} AND length(NEW.{words}) = 0 AND {' AND '.join(same)}"


def _as_text(row: str, column: KeyedColumnElement[Any]) -> str:
    """A column's value in SQL; PostgreSQL cannot compare what is JSON."""
    value = f'{row}."{column.name}"'
    return f"CAST({value} AS TEXT)" if isinstance(column.type, JSON) else value


REFUSED: tuple[Refused, ...] = (
    Refused("case_stays", models.IncidentCase, "DELETE"),
    Refused("hate_stays", models.IncidentCase, "UPDATE", "OLD.hate AND NOT NEW.hate"),
    Refused("report_stays", models.IncidentReport, "DELETE"),
    Refused("step_stays", models.CaseStep, "DELETE"),
    Refused("step_is_as_it_was", models.CaseStep, "UPDATE"),
    Refused("note_stays", models.CaseNote, "DELETE"),
    Refused("note_is_as_it_was", models.CaseNote, "UPDATE", "", _erased(models.CaseNote)),
    Refused("deadline_stays", deadlines.CaseDeadline, "DELETE"),
    Refused(
        "deadline_began_then",
        deadlines.CaseDeadline,
        "UPDATE",
        "NEW.started <> OLD.started OR NEW.clock <> OLD.clock OR NEW.reference <> OLD.reference "
        "OR NEW.length <> OLD.length OR NEW.unit <> OLD.unit",
    ),
    Refused(
        "deadline_ended",
        deadlines.CaseDeadline,
        "UPDATE",
        "OLD.ended IS NOT NULL AND (NEW.state <> OLD.state OR NEW.due <> OLD.due OR NEW.ended IS NULL "
        "OR NEW.ended <> OLD.ended)",
    ),
    Refused(
        "old_date_is_kept",
        deadlines.CaseDeadline,
        "UPDATE",
        "NEW.due <> OLD.due",
        "SELECT 1 FROM deadline_change moved WHERE moved.deadline = OLD.reference AND moved.was = OLD.due "
        "AND moved.due = NEW.due",
    ),
    Refused("breach_stays", deadlines.DeadlineBreach, "DELETE"),
    Refused("breach_is_as_it_was", deadlines.DeadlineBreach, "UPDATE"),
    Refused("pause_stays", deadlines.DeadlinePause, "DELETE"),
    Refused(
        "pause_is_as_it_was",
        deadlines.DeadlinePause,
        "UPDATE",
        "OLD.until IS NOT NULL OR NEW.since <> OLD.since OR NEW.deadline <> OLD.deadline "
        'OR NEW.number <> OLD.number OR NEW.reason <> OLD.reason OR NEW."by" <> OLD."by"',
    ),
    Refused("change_stays", deadlines.DeadlineChange, "DELETE"),
    Refused("change_is_as_it_was", deadlines.DeadlineChange, "UPDATE"),
    Refused("message_stays", exchange.CaseMessage, "DELETE"),
    Refused(
        "message_is_as_it_was",
        exchange.CaseMessage,
        "UPDATE",
        'NEW.reference <> OLD.reference OR NEW."case" <> OLD."case" OR NEW.report <> OLD.report '
        'OR NEW.kind <> OLD.kind OR NEW."by" <> OLD."by" OR NEW.at <> OLD.at OR NEW.sealed <> OLD.sealed '
        "OR (OLD.sealed IS NULL) <> (NEW.sealed IS NULL)",
        _erased(exchange.CaseMessage),
    ),
    Refused("consent_stays", shared.ShareConsent, "DELETE"),
    Refused(
        "consent_is_as_it_was",
        shared.ShareConsent,
        "UPDATE",
        "OLD.withdrawn IS NOT NULL OR NEW.withdrawn IS NULL OR NEW.report <> OLD.report "
        "OR NEW.agency <> OLD.agency OR NEW.number <> OLD.number OR NEW.answer <> OLD.answer "
        "OR NEW.asked_by <> OLD.asked_by OR NEW.how <> OLD.how OR NEW.language <> OLD.language "
        "OR NEW.at <> OLD.at",
    ),
    Refused("override_stays", shared.ShareOverride, "DELETE"),
    Refused(
        "override_is_as_it_was",
        shared.ShareOverride,
        "UPDATE",
        "OLD.decision IS NOT NULL OR NEW.reference <> OLD.reference OR NEW.report <> OLD.report "
        "OR NEW.agency <> OLD.agency OR NEW.ground <> OLD.ground OR NEW.told <> OLD.told "
        "OR NEW.asked_by <> OLD.asked_by OR NEW.asked <> OLD.asked OR NEW.sealed <> OLD.sealed "
        "OR CAST(NEW.fields AS TEXT) <> CAST(OLD.fields AS TEXT)",
        _erased(shared.ShareOverride),
    ),
    Refused("disclosure_stays", shared.Disclosure, "DELETE"),
    Refused(
        "disclosure_is_as_it_was",
        shared.Disclosure,
        "UPDATE",
        'NEW.reference <> OLD.reference OR NEW."case" <> OLD."case" OR NEW.report <> OLD.report '
        "OR NEW.agency <> OLD.agency OR NEW.ground <> OLD.ground "
        "OR (NEW.pack <> OLD.pack AND NOT (length(NEW.pack) = 0 AND OLD.route = 'link')) "
        'OR NEW.route <> OLD.route OR NEW."by" <> OLD."by" OR NEW.sent <> OLD.sent '
        "OR CAST(NEW.fields AS TEXT) <> CAST(OLD.fields AS TEXT) "
        "OR (OLD.consent IS NOT NULL AND NEW.consent <> OLD.consent) "
        "OR (OLD.override IS NOT NULL AND NEW.override <> OLD.override) "
        "OR (OLD.opened IS NOT NULL AND (NEW.opened IS NULL OR NEW.opened <> OLD.opened))",
        _erased(shared.Disclosure, "pack"),
    ),
    Refused(
        "disclosure_is_allowed",
        shared.Disclosure,
        "INSERT",
        "",
        "SELECT 1 FROM share_consent yes WHERE NEW.ground = 'consent' AND yes.report = NEW.report "
        "AND yes.agency = NEW.agency AND yes.number = NEW.consent "
        "AND yes.answer IN ('yes_named', 'yes_without_name') "
        "AND (yes.withdrawn IS NULL OR yes.withdrawn >= NEW.sent) "
        "UNION ALL SELECT 1 FROM share_override wish WHERE NEW.ground = 'override' "
        "AND wish.reference = NEW.override AND wish.report = NEW.report AND wish.agency = NEW.agency "
        "AND wish.decision = 'allowed' AND wish.authoriser <> NEW.\"by\"",
    ),
    Refused("feedback_stays", shared.AgencyFeedback, "DELETE"),
    Refused("feedback_is_as_it_was", shared.AgencyFeedback, "UPDATE", "", _erased(shared.AgencyFeedback)),
    Refused("tombstone_stays", tombstones.Tombstone, "DELETE"),
    Refused("tombstone_is_as_it_was", tombstones.Tombstone, "UPDATE"),
    Refused("erased_words_stay", tombstones.ErasedWords, "DELETE"),
    Refused("erased_words_are_as_they_were", tombstones.ErasedWords, "UPDATE"),
    Refused("erasure_stays", erasure_steps.Erasure, "DELETE"),
    Refused(
        "erasure_is_as_it_was",
        erasure_steps.Erasure,
        "UPDATE",
        "OLD.state NOT IN ('asked', 'agreed') OR NEW.reference <> OLD.reference OR NEW.report <> OLD.report "
        "OR NEW.asked <> OLD.asked OR NEW.due <> OLD.due",
    ),
)


def _sqlite(one: Refused) -> tuple[str, ...]:
    when = f" WHEN {one.when}" if one.when else ""
    unless = f" WHERE NOT EXISTS ({one.unless})" if one.unless else ""
    return (
        f"CREATE TRIGGER {one.name} BEFORE {one.to} ON {one.table.__tablename__}{when} "
        f"BEGIN SELECT RAISE(ABORT, '{one.name}'){unless}; END",
    )


def _postgres(one: Refused) -> tuple[str, ...]:
    when = f" WHEN ({one.when})" if one.when else ""
    refuse = f"RAISE EXCEPTION '{one.name}' USING ERRCODE = 'integrity_constraint_violation';"
    if one.unless:
        refuse = f"IF NOT EXISTS ({one.unless}) THEN {refuse} END IF;"
    gives = "OLD" if one.to == "DELETE" else "NEW"
    return (
        f"CREATE FUNCTION {one.name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {refuse} RETURN {gives}; END $$",
        f"CREATE TRIGGER {one.name} BEFORE {one.to} ON {one.table.__tablename__} FOR EACH ROW{when} "
        f"EXECUTE FUNCTION {one.name}()",
    )


WRITTEN = {"sqlite": _sqlite, "postgresql": _postgres}
for dialect, written in WRITTEN.items():
    for one in REFUSED:
        for statement in written(one):
            ddl = DDL(statement).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]
            event.listen(one.table.__table__, "after_create", ddl)
