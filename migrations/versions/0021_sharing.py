"""Sharing: organisations, what people agreed to, and what was shared with whom."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

REFUSED = (
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
    ),
    ("disclosure_stays", "disclosure", "DELETE"),
    (
        "disclosure_is_as_it_was",
        "disclosure",
        "UPDATE",
        'NEW.reference <> OLD.reference OR NEW."case" <> OLD."case" OR NEW.report <> OLD.report '
        "OR NEW.agency <> OLD.agency OR NEW.ground <> OLD.ground OR NEW.pack <> OLD.pack OR "
        'NEW.route <> OLD.route OR NEW."by" <> OLD."by" OR NEW.sent <> OLD.sent OR '
        "CAST(NEW.fields AS TEXT) <> CAST(OLD.fields AS TEXT) OR (OLD.consent IS NOT NULL AND "
        "NEW.consent <> OLD.consent) OR (OLD.override IS NOT NULL AND NEW.override <> "
        "OLD.override) OR (OLD.opened IS NOT NULL AND (NEW.opened IS NULL OR NEW.opened <> "
        "OLD.opened))",
    ),
    (
        "disclosure_is_allowed",
        "disclosure",
        "INSERT",
        "",
        "SELECT 1 FROM share_consent yes WHERE NEW.ground = 'consent' AND yes.report = NEW.report "
        "AND yes.agency = NEW.agency AND yes.number = NEW.consent AND yes.answer IN ('yes_named', "
        "'yes_without_name') AND (yes.withdrawn IS NULL OR yes.withdrawn >= NEW.sent) UNION ALL "
        "SELECT 1 FROM share_override wish WHERE NEW.ground = 'override' AND wish.reference = "
        "NEW.override AND wish.report = NEW.report AND wish.agency = NEW.agency AND wish.decision "
        "= 'allowed' AND wish.authoriser <> NEW.\"by\"",
    ),
    ("feedback_stays", "agency_feedback", "DELETE"),
    ("feedback_is_as_it_was", "agency_feedback", "UPDATE"),
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


def upgrade() -> None:
    op.create_table(
        "agency",
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("agreement", sa.String(100), nullable=False),
        sa.Column("route", sa.String(4), nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("phone", sa.String(30), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("route IN ('link', 'file')", name=op.f("ck_agency_route")),
        sa.PrimaryKeyConstraint("code", name="pk_agency"),
    )
    op.create_table(
        "share_consent",
        sa.Column("report", sa.String(9), nullable=False),
        sa.Column("agency", sa.String(60), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(16), nullable=False),
        sa.Column("asked_by", sa.String(12), nullable=False),
        sa.Column("how", sa.String(10), nullable=False),
        sa.Column("language", sa.String(12), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn", sa.BigInteger()),
        sa.CheckConstraint(
            "answer IN ('yes_named', 'yes_without_name', 'ask_me_first', 'no')",
            name=op.f("ck_share_consent_answer"),
        ),
        sa.CheckConstraint("withdrawn IS NULL OR withdrawn >= at", name=op.f("ck_share_consent_withdrawn")),
        sa.ForeignKeyConstraint(["report"], ["incident_report.reference"], name="fk_share_consent_report"),
        sa.PrimaryKeyConstraint("report", "agency", "number", name="pk_share_consent"),
    )
    op.create_table(
        "share_override",
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("case", sa.String(9), nullable=False),
        sa.Column("report", sa.String(9), nullable=False),
        sa.Column("agency", sa.String(60), nullable=False),
        sa.Column("ground", sa.String(16), nullable=False),
        sa.Column("told", sa.String(12), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("asked_by", sa.String(12), nullable=False),
        sa.Column("asked", sa.BigInteger(), nullable=False),
        sa.Column("decision", sa.String(8)),
        sa.Column("authoriser", sa.String(12)),
        sa.Column("decided", sa.BigInteger()),
        sa.CheckConstraint("decision IN ('allowed', 'refused')", name=op.f("ck_share_override_decision")),
        sa.CheckConstraint(
            "ground IN ('serious_harm', 'child', 'adult_at_risk', 'court', 'crime')",
            name=op.f("ck_share_override_ground"),
        ),
        sa.CheckConstraint(
            "told IN ('yes', 'unsafe', 'prejudice', 'forbidden', 'unreachable')",
            name=op.f("ck_share_override_told"),
        ),
        sa.CheckConstraint(
            "(decision IS NULL AND authoriser IS NULL AND decided IS NULL) OR (decision IS NOT NULL "
            "AND authoriser IS NOT NULL AND decided IS NOT NULL)",
            name=op.f("ck_share_override_decided"),
        ),
        sa.CheckConstraint(
            "authoriser IS NULL OR authoriser <> asked_by", name=op.f("ck_share_override_second_person")
        ),
        sa.ForeignKeyConstraint(["case"], ["incident_case.reference"], name="fk_share_override_case"),
        sa.ForeignKeyConstraint(["report"], ["incident_report.reference"], name="fk_share_override_report"),
        sa.PrimaryKeyConstraint("reference", name="pk_share_override"),
    )
    op.create_index("ix_share_override_report", "share_override", ["report"])
    op.create_table(
        "disclosure",
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("case", sa.String(9), nullable=False),
        sa.Column("report", sa.String(9), nullable=False),
        sa.Column("agency", sa.String(60), nullable=False),
        sa.Column("ground", sa.String(8), nullable=False),
        sa.Column("consent", sa.Integer()),
        sa.Column("override", sa.String(9)),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("pack", sa.LargeBinary(), nullable=False),
        sa.Column("route", sa.String(4), nullable=False),
        sa.Column("by", sa.String(12), nullable=False),
        sa.Column("sent", sa.BigInteger(), nullable=False),
        sa.Column("opened", sa.BigInteger()),
        sa.Column("acknowledged", sa.BigInteger()),
        sa.Column("deletion_asked", sa.BigInteger()),
        sa.Column("deleted", sa.BigInteger()),
        sa.CheckConstraint(
            "(ground = 'consent' AND consent IS NOT NULL AND override IS NULL) OR (ground = "
            "'override' AND consent IS NULL AND override IS NOT NULL)",
            name=op.f("ck_disclosure_ground"),
        ),
        sa.CheckConstraint("route IN ('link', 'file')", name=op.f("ck_disclosure_route")),
        sa.ForeignKeyConstraint(["case"], ["incident_case.reference"], name="fk_disclosure_case"),
        sa.ForeignKeyConstraint(["override"], ["share_override.reference"], name="fk_disclosure_override"),
        sa.ForeignKeyConstraint(
            ["report", "agency", "consent"],
            ["share_consent.report", "share_consent.agency", "share_consent.number"],
            name="fk_disclosure_report_agency_consent",
        ),
        sa.ForeignKeyConstraint(["report"], ["incident_report.reference"], name="fk_disclosure_report"),
        sa.PrimaryKeyConstraint("reference", name="pk_disclosure"),
        sa.UniqueConstraint("override", name="uq_disclosure_override"),
    )
    op.create_index("ix_disclosure_agency", "disclosure", ["agency"])
    op.create_index("ix_disclosure_report", "disclosure", ["report"])
    op.create_table(
        "agency_feedback",
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("disclosure", sa.String(9), nullable=False),
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("by", sa.String(12), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["disclosure"], ["disclosure.reference"], name="fk_agency_feedback_disclosure"
        ),
        sa.PrimaryKeyConstraint("reference", name="pk_agency_feedback"),
    )
    op.create_index("ix_agency_feedback_disclosure", "agency_feedback", ["disclosure"])
    op.create_table(
        "pack_link",
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("disclosure", sa.String(9), nullable=False),
        sa.Column("code", sa.LargeBinary(32), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["disclosure"], ["disclosure.reference"], name="fk_pack_link_disclosure"),
        sa.PrimaryKeyConstraint("digest", name="pk_pack_link"),
        sa.UniqueConstraint("disclosure", name="uq_pack_link_disclosure"),
    )

    written = sqlite if op.get_bind().dialect.name == "sqlite" else postgresql
    for one in REFUSED:
        for statement in written(*one):
            op.execute(statement)


def downgrade() -> None:
    for table in ("pack_link", "agency_feedback", "disclosure", "share_override", "share_consent", "agency"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        for name, *_others in REFUSED:
            op.execute(f"DROP FUNCTION {name}()")
