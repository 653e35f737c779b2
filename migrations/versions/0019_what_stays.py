"""Incidents: what the database itself refuses, whoever asks."""

from alembic import op

revision = "0019"
down_revision = "0018"

REFUSED = (
    ("case_stays", "incident_case", "DELETE"),
    (
        "hate_stays",
        "incident_case",
        "UPDATE",
        "OLD.hate AND NOT NEW.hate",
    ),
    ("report_stays", "incident_report", "DELETE"),
    ("step_stays", "case_step", "DELETE"),
    ("step_is_as_it_was", "case_step", "UPDATE"),
    ("note_stays", "case_note", "DELETE"),
    (
        "note_is_as_it_was",
        "case_note",
        "UPDATE",
        "",
        "SELECT 1 FROM erased_words gone WHERE gone.reference = OLD.reference AND "
        'length(NEW.sealed) = 0 AND NEW."reference" = OLD."reference" AND NEW."case" = OLD."case"'
        ' AND NEW."kind" = OLD."kind" AND NEW."by" = OLD."by" AND NEW."at" = OLD."at"',
    ),
    ("deadline_stays", "case_deadline", "DELETE"),
    (
        "deadline_began_then",
        "case_deadline",
        "UPDATE",
        "NEW.started <> OLD.started OR NEW.clock <> OLD.clock OR NEW.reference <> OLD.reference "
        "OR NEW.length <> OLD.length OR NEW.unit <> OLD.unit",
    ),
    (
        "deadline_ended",
        "case_deadline",
        "UPDATE",
        "OLD.ended IS NOT NULL AND (NEW.state <> OLD.state OR NEW.due <> OLD.due OR NEW.ended IS "
        "NULL OR NEW.ended <> OLD.ended)",
    ),
    (
        "old_date_is_kept",
        "case_deadline",
        "UPDATE",
        "NEW.due <> OLD.due",
        "SELECT 1 FROM deadline_change moved WHERE moved.deadline = OLD.reference AND moved.was ="
        " OLD.due AND moved.due = NEW.due",
    ),
    ("breach_stays", "deadline_breach", "DELETE"),
    ("breach_is_as_it_was", "deadline_breach", "UPDATE"),
    ("pause_stays", "deadline_pause", "DELETE"),
    (
        "pause_is_as_it_was",
        "deadline_pause",
        "UPDATE",
        "OLD.until IS NOT NULL OR NEW.since <> OLD.since OR NEW.deadline <> OLD.deadline OR "
        'NEW.number <> OLD.number OR NEW.reason <> OLD.reason OR NEW."by" <> OLD."by"',
    ),
    ("change_stays", "deadline_change", "DELETE"),
    ("change_is_as_it_was", "deadline_change", "UPDATE"),
    ("message_stays", "case_message", "DELETE"),
    (
        "message_is_as_it_was",
        "case_message",
        "UPDATE",
        'NEW.reference <> OLD.reference OR NEW."case" <> OLD."case" OR NEW.report <> OLD.report '
        'OR NEW.kind <> OLD.kind OR NEW."by" <> OLD."by" OR NEW.at <> OLD.at OR NEW.sealed <> '
        "OLD.sealed OR (OLD.sealed IS NULL) <> (NEW.sealed IS NULL)",
        "SELECT 1 FROM erased_words gone WHERE gone.reference = OLD.reference AND "
        'length(NEW.sealed) = 0 AND NEW."reference" = OLD."reference" AND NEW."case" = OLD."case"'
        ' AND NEW."report" = OLD."report" AND NEW."kind" = OLD."kind" AND NEW."by" = OLD."by" AND'
        ' NEW."language" = OLD."language" AND NEW."at" = OLD."at" AND (NEW."seen" = OLD."seen" OR'
        ' (NEW."seen" IS NULL AND OLD."seen" IS NULL)) AND (NEW."answered" = OLD."answered" OR '
        '(NEW."answered" IS NULL AND OLD."answered" IS NULL)) AND (NEW."answered_by" = '
        'OLD."answered_by" OR (NEW."answered_by" IS NULL AND OLD."answered_by" IS NULL))',
    ),
    ("consent_stays", "share_consent", "DELETE"),
    (
        "consent_is_as_it_was",
        "share_consent",
        "UPDATE",
        "OLD.withdrawn IS NOT NULL OR NEW.withdrawn IS NULL OR NEW.report <> OLD.report OR "
        "NEW.agency <> OLD.agency OR NEW.number <> OLD.number OR NEW.answer <> OLD.answer OR "
        "NEW.asked_by <> OLD.asked_by OR NEW.how <> OLD.how OR NEW.language <> OLD.language OR "
        "NEW.at <> OLD.at",
    ),
    ("override_stays", "share_override", "DELETE"),
    (
        "override_is_as_it_was",
        "share_override",
        "UPDATE",
        "OLD.decision IS NOT NULL OR NEW.reference <> OLD.reference OR NEW.report <> OLD.report "
        "OR NEW.agency <> OLD.agency OR NEW.ground <> OLD.ground OR NEW.told <> OLD.told OR "
        "NEW.asked_by <> OLD.asked_by OR NEW.asked <> OLD.asked OR NEW.sealed <> OLD.sealed OR "
        "CAST(NEW.fields AS TEXT) <> CAST(OLD.fields AS TEXT)",
        "SELECT 1 FROM erased_words gone WHERE gone.reference = OLD.reference AND "
        'length(NEW.sealed) = 0 AND NEW."reference" = OLD."reference" AND NEW."case" = OLD."case"'
        ' AND NEW."report" = OLD."report" AND NEW."agency" = OLD."agency" AND NEW."ground" = '
        'OLD."ground" AND NEW."told" = OLD."told" AND CAST(NEW."fields" AS TEXT) = '
        'CAST(OLD."fields" AS TEXT) AND NEW."asked_by" = OLD."asked_by" AND NEW."asked" = '
        'OLD."asked" AND (NEW."decision" = OLD."decision" OR (NEW."decision" IS NULL AND '
        'OLD."decision" IS NULL)) AND (NEW."authoriser" = OLD."authoriser" OR (NEW."authoriser" '
        'IS NULL AND OLD."authoriser" IS NULL)) AND (NEW."decided" = OLD."decided" OR '
        '(NEW."decided" IS NULL AND OLD."decided" IS NULL))',
    ),
    ("disclosure_stays", "disclosure", "DELETE"),
    (
        "disclosure_is_as_it_was",
        "disclosure",
        "UPDATE",
        'NEW.reference <> OLD.reference OR NEW."case" <> OLD."case" OR NEW.report <> OLD.report '
        "OR NEW.agency <> OLD.agency OR NEW.ground <> OLD.ground OR (NEW.pack <> OLD.pack AND "
        "NOT (length(NEW.pack) = 0 AND OLD.route = 'link')) OR NEW.route <> OLD.route OR "
        'NEW."by" <> OLD."by" OR NEW.sent <> '
        "OLD.sent OR CAST(NEW.fields AS TEXT) <> CAST(OLD.fields AS TEXT) OR (OLD.consent IS NOT "
        "NULL AND NEW.consent <> OLD.consent) OR (OLD.override IS NOT NULL AND NEW.override <> "
        "OLD.override) OR (OLD.opened IS NOT NULL AND (NEW.opened IS NULL OR NEW.opened <> "
        "OLD.opened))",
        "SELECT 1 FROM erased_words gone WHERE gone.reference = OLD.reference AND "
        'length(NEW.pack) = 0 AND NEW."reference" = OLD."reference" AND NEW."case" = OLD."case" '
        'AND NEW."report" = OLD."report" AND NEW."agency" = OLD."agency" AND NEW."ground" = '
        'OLD."ground" AND (NEW."consent" = OLD."consent" OR (NEW."consent" IS NULL AND '
        'OLD."consent" IS NULL)) AND (NEW."override" = OLD."override" OR (NEW."override" IS NULL '
        'AND OLD."override" IS NULL)) AND CAST(NEW."fields" AS TEXT) = CAST(OLD."fields" AS TEXT)'
        ' AND NEW."route" = OLD."route" AND NEW."by" = OLD."by" AND NEW."sent" = OLD."sent" AND '
        '(NEW."opened" = OLD."opened" OR (NEW."opened" IS NULL AND OLD."opened" IS NULL)) AND '
        '(NEW."acknowledged" = OLD."acknowledged" OR (NEW."acknowledged" IS NULL AND '
        'OLD."acknowledged" IS NULL)) AND (NEW."deletion_asked" = OLD."deletion_asked" OR '
        '(NEW."deletion_asked" IS NULL AND OLD."deletion_asked" IS NULL)) AND (NEW."deleted" = '
        'OLD."deleted" OR (NEW."deleted" IS NULL AND OLD."deleted" IS NULL))',
    ),
    (
        "disclosure_is_allowed",
        "disclosure",
        "INSERT",
        "",
        "SELECT 1 FROM share_consent yes WHERE NEW.ground = 'consent' AND yes.report = NEW.report"
        " AND yes.agency = NEW.agency AND yes.number = NEW.consent AND yes.answer IN "
        "('yes_named', 'yes_without_name') AND (yes.withdrawn IS NULL OR yes.withdrawn >= "
        "NEW.sent) UNION ALL SELECT 1 FROM share_override wish WHERE NEW.ground = 'override' AND "
        "wish.reference = NEW.override AND wish.report = NEW.report AND wish.agency = NEW.agency "
        "AND wish.decision = 'allowed' AND wish.authoriser <> NEW.\"by\"",
    ),
    ("feedback_stays", "agency_feedback", "DELETE"),
    (
        "feedback_is_as_it_was",
        "agency_feedback",
        "UPDATE",
        "",
        "SELECT 1 FROM erased_words gone WHERE gone.reference = OLD.reference AND "
        'length(NEW.sealed) = 0 AND NEW."reference" = OLD."reference" AND NEW."disclosure" = '
        'OLD."disclosure" AND NEW."code" = OLD."code" AND NEW."by" = OLD."by" AND NEW."at" = '
        'OLD."at"',
    ),
    ("tombstone_stays", "tombstone", "DELETE"),
    ("tombstone_is_as_it_was", "tombstone", "UPDATE"),
    ("erased_words_stay", "erased_words", "DELETE"),
    ("erased_words_are_as_they_were", "erased_words", "UPDATE"),
    ("erasure_stays", "erasure", "DELETE"),
    (
        "erasure_is_as_it_was",
        "erasure",
        "UPDATE",
        "OLD.state NOT IN ('asked', 'agreed') OR NEW.reference <> OLD.reference OR NEW.report <> "
        "OLD.report OR NEW.asked <> OLD.asked OR NEW.due <> OLD.due",
    ),
)
"""Name, table, what is refused, when, and what makes it right."""


def sqlite(name, table, to, when="", unless=""):
    when = f" WHEN {when}" if when else ""
    unless = f" WHERE NOT EXISTS ({unless})" if unless else ""
    yield (
        f"CREATE TRIGGER {name} BEFORE {to} ON {table}{when} BEGIN SELECT RAISE(ABORT, '{name}'){unless}; END"
    )


def postgresql(name, table, to, when="", unless=""):
    when = f" WHEN ({when})" if when else ""
    refuse = f"RAISE EXCEPTION '{name}' USING ERRCODE = 'integrity_constraint_violation';"
    if unless:
        refuse = f"IF NOT EXISTS ({unless}) THEN {refuse} END IF;"
    gives = "OLD" if to == "DELETE" else "NEW"
    yield (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {refuse} RETURN {gives}; END $$"
    )
    yield (f"CREATE TRIGGER {name} BEFORE {to} ON {table} FOR EACH ROW{when} EXECUTE FUNCTION {name}()")


def on_sqlite():
    return op.get_bind().dialect.name == "sqlite"


def upgrade() -> None:
    written = sqlite if on_sqlite() else postgresql
    for one in REFUSED:
        for statement in written(*one):
            op.execute(statement)


def downgrade() -> None:
    for name, table, *_others in REFUSED:
        op.execute(f"DROP TRIGGER {name}" if on_sqlite() else f"DROP TRIGGER {name} ON {table}")
        if not on_sqlite():
            op.execute(f"DROP FUNCTION {name}()")
