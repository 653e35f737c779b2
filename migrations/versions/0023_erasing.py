"""Erasing a report: requests for it, what became of them, and what stays."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

BEFORE = (
    (
        "note_is_as_it_was",
        "case_note",
        "UPDATE",
    ),
    (
        "message_is_as_it_was",
        "case_message",
        "UPDATE",
        'NEW.reference <> OLD.reference OR NEW."case" <> OLD."case" OR NEW.report <> '
        'OLD.report OR NEW.kind <> OLD.kind OR NEW."by" <> OLD."by" OR NEW.at <> OLD.at OR '
        "NEW.sealed <> OLD.sealed OR (OLD.sealed IS NULL) <> (NEW.sealed IS NULL)",
    ),
    (
        "override_is_as_it_was",
        "share_override",
        "UPDATE",
        "OLD.decision IS NOT NULL OR NEW.reference <> OLD.reference OR NEW.report <> "
        "OLD.report OR NEW.agency <> OLD.agency OR NEW.ground <> OLD.ground OR NEW.told <> "
        "OLD.told OR NEW.asked_by <> OLD.asked_by OR NEW.asked <> OLD.asked OR NEW.sealed <> "
        "OLD.sealed OR CAST(NEW.fields AS TEXT) <> CAST(OLD.fields AS TEXT)",
    ),
    (
        "disclosure_is_as_it_was",
        "disclosure",
        "UPDATE",
        'NEW.reference <> OLD.reference OR NEW."case" <> OLD."case" OR NEW.report <> '
        "OLD.report OR NEW.agency <> OLD.agency OR NEW.ground <> OLD.ground OR NEW.pack <> "
        'OLD.pack OR NEW.route <> OLD.route OR NEW."by" <> OLD."by" OR NEW.sent <> OLD.sent '
        "OR CAST(NEW.fields AS TEXT) <> CAST(OLD.fields AS TEXT) OR (OLD.consent IS NOT NULL "
        "AND NEW.consent <> OLD.consent) OR (OLD.override IS NOT NULL AND NEW.override <> "
        "OLD.override) OR (OLD.opened IS NOT NULL AND (NEW.opened IS NULL OR NEW.opened <> "
        "OLD.opened))",
    ),
    (
        "feedback_is_as_it_was",
        "agency_feedback",
        "UPDATE",
    ),
)
"""What is refused until now: name, table, what, when, and what makes it right."""
AFTER = (
    (
        "note_is_as_it_was",
        "case_note",
        "UPDATE",
        "",
        "SELECT 1 FROM erased_words gone WHERE gone.reference = OLD.reference AND "
        'length(NEW.sealed) = 0 AND NEW."reference" IS NOT DISTINCT FROM OLD."reference" AND '
        'NEW."case" IS NOT DISTINCT FROM OLD."case" AND NEW."kind" IS NOT DISTINCT FROM '
        'OLD."kind" AND NEW."by" IS NOT DISTINCT FROM OLD."by" AND NEW."at" IS NOT DISTINCT '
        'FROM OLD."at"',
    ),
    (
        "message_is_as_it_was",
        "case_message",
        "UPDATE",
        'NEW.reference <> OLD.reference OR NEW."case" <> OLD."case" OR NEW.report <> '
        'OLD.report OR NEW.kind <> OLD.kind OR NEW."by" <> OLD."by" OR NEW.at <> OLD.at OR '
        "NEW.sealed <> OLD.sealed OR (OLD.sealed IS NULL) <> (NEW.sealed IS NULL)",
        "SELECT 1 FROM erased_words gone WHERE gone.reference = OLD.reference AND "
        'length(NEW.sealed) = 0 AND NEW."reference" IS NOT DISTINCT FROM OLD."reference" AND '
        'NEW."case" IS NOT DISTINCT FROM OLD."case" AND NEW."report" IS NOT DISTINCT FROM '
        'OLD."report" AND NEW."kind" IS NOT DISTINCT FROM OLD."kind" AND NEW."by" IS NOT '
        'DISTINCT FROM OLD."by" AND NEW."language" IS NOT DISTINCT FROM OLD."language" AND '
        'NEW."at" IS NOT DISTINCT FROM OLD."at" AND NEW."seen" IS NOT DISTINCT FROM '
        'OLD."seen" AND NEW."answered" IS NOT DISTINCT FROM OLD."answered" AND '
        'NEW."answered_by" IS NOT DISTINCT FROM OLD."answered_by"',
    ),
    (
        "override_is_as_it_was",
        "share_override",
        "UPDATE",
        "OLD.decision IS NOT NULL OR NEW.reference <> OLD.reference OR NEW.report <> "
        "OLD.report OR NEW.agency <> OLD.agency OR NEW.ground <> OLD.ground OR NEW.told <> "
        "OLD.told OR NEW.asked_by <> OLD.asked_by OR NEW.asked <> OLD.asked OR NEW.sealed <> "
        "OLD.sealed OR CAST(NEW.fields AS TEXT) <> CAST(OLD.fields AS TEXT)",
        "SELECT 1 FROM erased_words gone WHERE gone.reference = OLD.reference AND "
        'length(NEW.sealed) = 0 AND NEW."reference" IS NOT DISTINCT FROM OLD."reference" AND '
        'NEW."case" IS NOT DISTINCT FROM OLD."case" AND NEW."report" IS NOT DISTINCT FROM '
        'OLD."report" AND NEW."agency" IS NOT DISTINCT FROM OLD."agency" AND NEW."ground" IS '
        'NOT DISTINCT FROM OLD."ground" AND NEW."told" IS NOT DISTINCT FROM OLD."told" AND '
        'CAST(NEW."fields" AS TEXT) = CAST(OLD."fields" AS TEXT) AND NEW."asked_by" IS NOT '
        'DISTINCT FROM OLD."asked_by" AND NEW."asked" IS NOT DISTINCT FROM OLD."asked" AND '
        'NEW."decision" IS NOT DISTINCT FROM OLD."decision" AND NEW."authoriser" IS NOT '
        'DISTINCT FROM OLD."authoriser" AND NEW."decided" IS NOT DISTINCT FROM OLD."decided"',
    ),
    (
        "disclosure_is_as_it_was",
        "disclosure",
        "UPDATE",
        'NEW.reference <> OLD.reference OR NEW."case" <> OLD."case" OR NEW.report <> '
        "OLD.report OR NEW.agency <> OLD.agency OR NEW.ground <> OLD.ground OR NEW.pack <> "
        'OLD.pack OR NEW.route <> OLD.route OR NEW."by" <> OLD."by" OR NEW.sent <> OLD.sent '
        "OR CAST(NEW.fields AS TEXT) <> CAST(OLD.fields AS TEXT) OR (OLD.consent IS NOT NULL "
        "AND NEW.consent <> OLD.consent) OR (OLD.override IS NOT NULL AND NEW.override <> "
        "OLD.override) OR (OLD.opened IS NOT NULL AND (NEW.opened IS NULL OR NEW.opened <> "
        "OLD.opened))",
        "SELECT 1 FROM erased_words gone WHERE gone.reference = OLD.reference AND "
        'length(NEW.pack) = 0 AND NEW."reference" IS NOT DISTINCT FROM OLD."reference" AND '
        'NEW."case" IS NOT DISTINCT FROM OLD."case" AND NEW."report" IS NOT DISTINCT FROM '
        'OLD."report" AND NEW."agency" IS NOT DISTINCT FROM OLD."agency" AND NEW."ground" IS '
        'NOT DISTINCT FROM OLD."ground" AND NEW."consent" IS NOT DISTINCT FROM OLD."consent" '
        'AND NEW."override" IS NOT DISTINCT FROM OLD."override" AND CAST(NEW."fields" AS '
        'TEXT) = CAST(OLD."fields" AS TEXT) AND NEW."route" IS NOT DISTINCT FROM OLD."route" '
        'AND NEW."by" IS NOT DISTINCT FROM OLD."by" AND NEW."sent" IS NOT DISTINCT FROM '
        'OLD."sent" AND NEW."opened" IS NOT DISTINCT FROM OLD."opened" AND '
        'NEW."acknowledged" IS NOT DISTINCT FROM OLD."acknowledged" AND NEW."deletion_asked" '
        'IS NOT DISTINCT FROM OLD."deletion_asked" AND NEW."deleted" IS NOT DISTINCT FROM '
        'OLD."deleted"',
    ),
    (
        "feedback_is_as_it_was",
        "agency_feedback",
        "UPDATE",
        "",
        "SELECT 1 FROM erased_words gone WHERE gone.reference = OLD.reference AND "
        'length(NEW.sealed) = 0 AND NEW."reference" IS NOT DISTINCT FROM OLD."reference" AND '
        'NEW."disclosure" IS NOT DISTINCT FROM OLD."disclosure" AND NEW."code" IS NOT '
        'DISTINCT FROM OLD."code" AND NEW."by" IS NOT DISTINCT FROM OLD."by" AND NEW."at" IS '
        'NOT DISTINCT FROM OLD."at"',
    ),
)
"""The same, and that an erasure may take the words out."""
ADDED = (
    (
        "tombstone_stays",
        "tombstone",
        "DELETE",
    ),
    (
        "tombstone_is_as_it_was",
        "tombstone",
        "UPDATE",
    ),
    (
        "erased_words_stay",
        "erased_words",
        "DELETE",
    ),
    (
        "erased_words_are_as_they_were",
        "erased_words",
        "UPDATE",
    ),
    (
        "erasure_stays",
        "erasure",
        "DELETE",
    ),
    (
        "erasure_is_as_it_was",
        "erasure",
        "UPDATE",
        "OLD.state NOT IN ('asked', 'agreed') OR NEW.reference <> OLD.reference OR "
        "NEW.report <> OLD.report OR NEW.asked <> OLD.asked OR NEW.due <> OLD.due",
    ),
)


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
    yield f"CREATE TRIGGER {name} BEFORE {to} ON {table} FOR EACH ROW{when} EXECUTE FUNCTION {name}()"


def on_sqlite():
    return op.get_bind().dialect.name == "sqlite"


def refuse(ones):
    written = sqlite if on_sqlite() else postgresql
    for one in ones:
        for statement in written(*one):
            op.execute(statement)


def refuse_no_more(ones):
    for name, table, *_others in ones:
        op.execute(f"DROP TRIGGER {name}" if on_sqlite() else f"DROP TRIGGER {name} ON {table}")
        if not on_sqlite():
            op.execute(f"DROP FUNCTION {name}()")


OPEN = sa.text("state IN ('asked', 'agreed')")
ASKED_BEFORE = """
    INSERT INTO erasure (reference, report, state, asked, due, also)
    SELECT max(reference), report, 'asked', min(at), {day}, {none} FROM case_message
    WHERE kind = 'erase' AND answered IS NULL GROUP BY report
"""
"""What people asked for before this table was there, to be decided within four weeks of that."""
WRITTEN = {
    "sqlite": {"day": "date(min(at), 'unixepoch', '+28 days')", "none": "'[]'"},
    "postgresql": {
        "day": "CAST(to_timestamp(min(at)) + interval '28 days' AS date)",
        "none": "CAST('[]' AS json)",
    },
}


def upgrade() -> None:
    op.create_table(
        "erasure",
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("report", sa.String(9), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("asked", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("sure", sa.String(10)),
        sa.Column("reason", sa.String(16)),
        sa.Column("also", sa.JSON(), nullable=False),
        sa.Column("decided_by", sa.String(12)),
        sa.Column("decided", sa.BigInteger()),
        sa.Column("confirmed_by", sa.String(12)),
        sa.Column("ended", sa.BigInteger()),
        sa.CheckConstraint(
            "state IN ('asked', 'agreed', 'refused', 'withdrawn', 'erased', 'again')",
            name=op.f("ck_erasure_state"),
        ),
        sa.CheckConstraint("(state IN ('asked', 'agreed')) = (ended IS NULL)", name=op.f("ck_erasure_ended")),
        sa.CheckConstraint("(decided_by IS NULL) = (decided IS NULL)", name=op.f("ck_erasure_decided")),
        sa.CheckConstraint(
            "state NOT IN ('agreed', 'erased') OR (decided_by IS NOT NULL AND sure IS NOT NULL)",
            name=op.f("ck_erasure_agreed"),
        ),
        sa.CheckConstraint(
            "state <> 'refused' OR (decided_by IS NOT NULL AND reason IS NOT NULL)",
            name=op.f("ck_erasure_refused"),
        ),
        sa.CheckConstraint(
            "state <> 'erased' OR (confirmed_by IS NOT NULL AND confirmed_by <> decided_by)",
            name=op.f("ck_erasure_second_person"),
        ),
        sa.ForeignKeyConstraint(["report"], ["incident_report.reference"], name="fk_erasure_report"),
        sa.PrimaryKeyConstraint("reference", name="pk_erasure"),
    )
    op.create_index("ix_erasure_report", "erasure", ["report"])
    op.create_index("ix_erasure_due", "erasure", ["due"])
    op.create_index(
        "uq_erasure_open", "erasure", ["report"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN
    )
    op.create_table(
        "tombstone",
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("case", sa.String(9), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("opened", sa.Date(), nullable=False),
        sa.Column("closed", sa.Date()),
        sa.Column("erased", sa.BigInteger(), nullable=False),
        sa.Column("policy", sa.String(12), nullable=False),
        sa.Column("ground", sa.String(12), nullable=False),
        sa.Column("also", sa.JSON(), nullable=False),
        sa.CheckConstraint("kind IN ('report', 'case')", name=op.f("ck_tombstone_kind")),
        sa.CheckConstraint("ground IN ('asked', 'time')", name=op.f("ck_tombstone_ground")),
        sa.ForeignKeyConstraint(["reference"], ["incident_report.reference"], name="fk_tombstone_reference"),
        sa.PrimaryKeyConstraint("reference", name="pk_tombstone"),
    )
    op.create_index("ix_tombstone_case", "tombstone", ["case"])
    op.create_table(
        "erased_words",
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("tombstone", sa.String(9), nullable=False),
        sa.ForeignKeyConstraint(["tombstone"], ["tombstone.reference"], name="fk_erased_words_tombstone"),
        sa.PrimaryKeyConstraint("reference", name="pk_erased_words"),
    )
    op.create_index("ix_erased_words_tombstone", "erased_words", ["tombstone"])
    op.execute(ASKED_BEFORE.format(**WRITTEN[op.get_bind().dialect.name]))
    refuse_no_more(BEFORE)
    refuse(AFTER + ADDED)


def downgrade() -> None:
    refuse_no_more(AFTER + ADDED)
    for table in ("erased_words", "tombstone", "erasure"):
        op.drop_table(table)
    refuse(BEFORE)
