"""After a report: who sees it, messages, safe ways, what was shared with whom, evidence, erasures."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

TABLE = "contact_rule"
OPEN = sa.text("state IN ('asked', 'agreed')")


def upgrade() -> None:
    op.create_table(
        "case_member",
        sa.Column("case", sa.String(9), nullable=False),
        sa.Column("account", sa.String(9), nullable=False),
        sa.Column("facets", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(12), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["incident_case.reference"], name="fk_case_member_case"),
        sa.PrimaryKeyConstraint("case", "account", name="pk_case_member"),
    )
    op.create_index("ix_case_member_account", "case_member", ["account"])
    op.create_table(
        "case_conflict",
        sa.Column("case", sa.String(9), nullable=False),
        sa.Column("account", sa.String(9), nullable=False),
        sa.Column("why", sa.String(12), nullable=False),
        sa.Column("by", sa.String(12), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "why IN ('named', 'relative', 'same_address', 'other')", name=op.f("ck_case_conflict_why")
        ),
        sa.ForeignKeyConstraint(["case"], ["incident_case.reference"], name="fk_case_conflict_case"),
        sa.PrimaryKeyConstraint("case", "account", name="pk_case_conflict"),
    )
    op.create_index("ix_case_conflict_account", "case_conflict", ["account"])
    op.create_table(
        "broken_glass",
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("case", sa.String(9), nullable=False),
        sa.Column("account", sa.String(9), nullable=False),
        sa.Column("why", sa.String(12), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("looked_by", sa.String(9)),
        sa.Column("looked_at", sa.BigInteger()),
        sa.CheckConstraint(
            "why IN ('danger', 'out_of_hours', 'absent', 'legal')", name=op.f("ck_broken_glass_why")
        ),
        sa.CheckConstraint("until > since", name=op.f("ck_broken_glass_order")),
        sa.CheckConstraint("(looked_by IS NULL) = (looked_at IS NULL)", name=op.f("ck_broken_glass_looked")),
        sa.CheckConstraint("looked_by <> account", name=op.f("ck_broken_glass_second_person")),
        sa.ForeignKeyConstraint(["case"], ["incident_case.reference"], name="fk_broken_glass_case"),
        sa.PrimaryKeyConstraint("reference", name="pk_broken_glass"),
    )
    op.create_index("ix_broken_glass_account", "broken_glass", ["account"])
    op.create_index("ix_broken_glass_case", "broken_glass", ["case"])
    op.add_column("submission", sa.Column("outcome", sa.String(20)))
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
    op.add_column(TABLE, sa.Column("who_else", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column(TABLE, sa.Column("blocked", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column(TABLE, sa.Column("strict", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column(TABLE, sa.Column("named", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column(TABLE, sa.Column("waiting", sa.String(9)))
    op.add_column(TABLE, sa.Column("waiting_by", sa.String(12)))
    with op.batch_alter_table(TABLE) as table:  # the rows that were there have their values
        for column in ("who_else", "blocked", "strict", "named"):
            table.alter_column(column, server_default=None)
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
    op.add_column("file", sa.Column("digest", sa.LargeBinary(32)))
    op.create_table(
        "report_request",
        sa.Column("report", sa.String(9), nullable=False),
        sa.Column("submission", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(["report"], ["incident_report.reference"], name="fk_report_request_report"),
        sa.ForeignKeyConstraint(
            ["submission"], ["submission.id"], name="fk_report_request_submission", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("report", name="pk_report_request"),
        sa.UniqueConstraint("submission", name="uq_report_request_submission"),
    )
    op.create_table(
        "incident_evidence",
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("report", sa.String(9), nullable=False),
        sa.Column("file", sa.String(32), nullable=False),
        sa.Column("scan", sa.String(8), nullable=False),
        sa.Column("scanned", sa.BigInteger()),
        sa.Column("overridden", sa.String(12)),
        sa.Column("overridden_by", sa.String(9)),
        sa.Column("overridden_at", sa.BigInteger()),
        sa.CheckConstraint(
            "scan IN ('pending', 'clean', 'infected', 'error', 'off')",
            name=op.f("ck_incident_evidence_scan"),
        ),
        sa.CheckConstraint(
            "(overridden IS NULL) = (overridden_by IS NULL) "
            "AND (overridden IS NULL) = (overridden_at IS NULL)",
            name=op.f("ck_incident_evidence_overridden"),
        ),
        sa.ForeignKeyConstraint(
            ["report"], ["incident_report.reference"], name="fk_incident_evidence_report"
        ),
        sa.PrimaryKeyConstraint("reference", name="pk_incident_evidence"),
        sa.UniqueConstraint("file", name="uq_incident_evidence_file"),
    )
    op.create_index("ix_incident_evidence_report", "incident_evidence", ["report"])
    op.create_index("ix_incident_evidence_scan", "incident_evidence", ["scan"])
    op.create_table(
        "case_survey",
        sa.Column("case", sa.String(9), nullable=False),
        sa.Column("wave", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("offered", sa.BigInteger(), nullable=False),
        sa.Column("further_action", sa.Boolean(), nullable=False),
        sa.Column("taken", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["incident_case.reference"], name="fk_case_survey_case"),
        sa.PrimaryKeyConstraint("case", "wave", name="pk_case_survey"),
    )
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


def downgrade() -> None:
    for table in (
        "erased_words",
        "tombstone",
        "erasure",
        "case_survey",
        "incident_evidence",
        "report_request",
        "pack_link",
        "agency_feedback",
        "disclosure",
        "share_override",
        "share_consent",
        "agency",
        "case_message",
        "broken_glass",
        "case_conflict",
        "case_member",
    ):
        op.drop_table(table)
    op.drop_column("file", "digest")
    for column in ("waiting_by", "waiting", "named", "strict", "blocked", "who_else"):
        op.drop_column(TABLE, column)
    op.drop_column("submission", "outcome")
