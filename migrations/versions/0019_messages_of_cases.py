"""Messages between us and who told us of an incident."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

REFUSED = (
    ("message_stays", "DELETE", ""),
    (
        "message_is_as_it_was",
        "UPDATE",
        'NEW.reference <> OLD.reference OR NEW."case" <> OLD."case" OR NEW.report <> OLD.report '
        'OR NEW.kind <> OLD.kind OR NEW."by" <> OLD."by" OR NEW.at <> OLD.at OR NEW.sealed <> OLD.sealed '
        "OR (OLD.sealed IS NULL) <> (NEW.sealed IS NULL)",
    ),
)


def sqlite(name, to, when):
    when = f" WHEN {when}" if when else ""
    yield f"CREATE TRIGGER {name} BEFORE {to} ON case_message{when} BEGIN SELECT RAISE(ABORT, '{name}'); END"


def postgresql(name, to, when):
    when = f" WHEN ({when})" if when else ""
    refuse = f"RAISE EXCEPTION '{name}' USING ERRCODE = 'integrity_constraint_violation';"
    gives = "OLD" if to == "DELETE" else "NEW"
    yield (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {refuse} RETURN {gives}; END $$"
    )
    yield f"CREATE TRIGGER {name} BEFORE {to} ON case_message FOR EACH ROW{when} EXECUTE FUNCTION {name}()"


def upgrade() -> None:
    op.create_table(
        "case_message",
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("case", sa.String(9), nullable=False),
        sa.Column("report", sa.String(9), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("by", sa.String(12), nullable=False),
        sa.Column("language", sa.String(12), nullable=False),
        sa.Column("sealed", sa.LargeBinary()),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.Date()),
        sa.Column("answered", sa.BigInteger()),
        sa.Column("answered_by", sa.String(12)),
        sa.CheckConstraint(
            "kind IN ('words', 'files', 'reach', 'consent', 'look_again', 'erase')",
            name=op.f("ck_case_message_kind"),
        ),
        sa.CheckConstraint("(kind = 'words') = (sealed IS NOT NULL)", name=op.f("ck_case_message_words")),
        sa.CheckConstraint("kind = 'words' OR \"by\" = 'reporter'", name=op.f("ck_case_message_of_person")),
        sa.CheckConstraint(
            "(answered IS NULL) = (answered_by IS NULL)", name=op.f("ck_case_message_answered")
        ),
        sa.ForeignKeyConstraint(["case"], ["incident_case.reference"], name="fk_case_message_case"),
        sa.ForeignKeyConstraint(["report"], ["incident_report.reference"], name="fk_case_message_report"),
        sa.PrimaryKeyConstraint("reference", name="pk_case_message"),
    )
    op.create_index("ix_case_message_case", "case_message", ["case"])
    op.create_index("ix_case_message_report", "case_message", ["report"])
    op.create_index("ix_case_message_answered", "case_message", ["answered"])
    written = {"sqlite": sqlite, "postgresql": postgresql}[op.get_bind().dialect.name]
    for one in REFUSED:
        for statement in written(*one):
            op.execute(statement)


def downgrade() -> None:
    op.drop_table("case_message")
    if op.get_bind().dialect.name == "postgresql":
        for name, *_others in REFUSED:
            op.execute(f"DROP FUNCTION {name}()")
