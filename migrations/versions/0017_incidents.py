"""Incidents: reports, cases with their steps and time limits, and two more roles."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

BEFORE = (
    "frontline",
    "keyer",
    "supervisor",
    "coordinator",
    "interpreter",
    "case_officer",
    "case_manager",
    "analyst",
    "governance",
    "administrator",
)
NEW = ("domestic_abuse", "about_staff")
AFTER = (*BEFORE[:7], *NEW, *BEFORE[7:])


def allow(roles):
    known = ", ".join(f"'{role}'" for role in roles)
    with op.batch_alter_table("account_role") as table:
        table.drop_constraint(op.f("ck_account_role_known"), type_="check")
        table.create_check_constraint(op.f("ck_account_role_known"), f"role IN ({known})")


def upgrade() -> None:
    op.create_table(
        "clock_length",
        sa.Column("clock", sa.String(20), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.CheckConstraint("length > 0", name=op.f("ck_clock_length_length")),
        sa.PrimaryKeyConstraint("clock", name="pk_clock_length"),
    )
    op.create_table(
        "incident_case",
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("back_to", sa.String(20)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(1), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("hate", sa.Boolean(), nullable=False),
        sa.Column("strands", sa.JSON(), nullable=False),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.Column("compartment", sa.String(16), nullable=False),
        sa.Column("queue", sa.String(16), nullable=False),
        sa.Column("officer", sa.String(9)),
        sa.Column("manager", sa.String(9)),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("entered", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("area", sa.String(4)),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("outlet", sa.String(60)),
        sa.Column("language", sa.String(12), nullable=False),
        sa.Column("interpreter", sa.String(10)),
        sa.Column("spoken", sa.String(10)),
        sa.Column("outcome_told", sa.String(10)),
        sa.Column("reason", sa.String(20)),
        sa.Column("reviewer", sa.String(9)),
        sa.Column("closed", sa.BigInteger()),
        sa.Column("merged_into", sa.String(9)),
        sa.Column("stage", sa.String(12), nullable=False),
        sa.Column("stage_one", sa.String(9)),
        sa.Column("stage_two", sa.String(9)),
        sa.Column("data_key", sa.LargeBinary()),
        sa.Column("key_name", sa.String(40)),
        sa.CheckConstraint(
            "(stage NOT IN ('one', 'one_answered', 'two_asked', 'two', 'two_answered') OR stage_one IS NOT "
            "NULL) AND (stage NOT IN ('two', 'two_answered') OR stage_two IS NOT NULL)",
            name=op.f("ck_incident_case_stage_handled"),
        ),
        sa.CheckConstraint(
            "(state = 'merged' AND merged_into IS NOT NULL AND merged_into <> reference) OR (state <> "
            "'merged' AND merged_into IS NULL)",
            name=op.f("ck_incident_case_merged"),
        ),
        sa.CheckConstraint("category IN ('A', 'B')", name=op.f("ck_incident_case_category")),
        sa.CheckConstraint(
            "compartment IN ('none', 'domestic_abuse', 'staff')", name=op.f("ck_incident_case_compartment")
        ),
        sa.CheckConstraint(
            "stage IN ('none', 'asked', 'one', 'one_answered', 'two_asked', 'two', 'two_answered')",
            name=op.f("ck_incident_case_stage"),
        ),
        sa.CheckConstraint(
            "state IN ('received', 'triaged', 'acknowledged', 'interview', 'investigating', 'planned', "
            "'acted', 'review', 'awaiting_reporter', 'awaiting_agency', 'legal_hold', 'reopened', 'closed', "
            "'monitoring', 'archived', 'merged', 'transferred')",
            name=op.f("ck_incident_case_state"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('closed', 'monitoring', 'archived', 'transferred') OR (reason IS NOT NULL AND "
            "closed IS NOT NULL AND officer IS NOT NULL AND reviewer IS NOT NULL AND reviewer <> officer)",
            name=op.f("ck_incident_case_second_person"),
        ),
        sa.CheckConstraint(
            "(data_key IS NULL AND key_name IS NULL) OR (data_key IS NOT NULL AND key_name IS NOT NULL)",
            name=op.f("ck_incident_case_key"),
        ),
        sa.CheckConstraint(
            "stage_two IS NULL OR (stage_one IS NOT NULL AND stage_two <> stage_one)",
            name=op.f("ck_incident_case_other_stage_two"),
        ),
        sa.PrimaryKeyConstraint("reference", name="pk_incident_case"),
    )
    op.create_index("ix_incident_case_key_name", "incident_case", ["key_name"])
    op.create_index("ix_incident_case_manager", "incident_case", ["manager"])
    op.create_index("ix_incident_case_merged_into", "incident_case", ["merged_into"])
    op.create_index("ix_incident_case_officer", "incident_case", ["officer"])
    op.create_index("ix_incident_case_state", "incident_case", ["state"])
    op.create_table(
        "case_action",
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("case", sa.String(9), nullable=False),
        sa.Column("code", sa.String(24), nullable=False),
        sa.Column("basis", sa.String(24)),
        sa.Column("party", sa.String(9)),
        sa.Column("victim_told", sa.String(8), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("by", sa.String(12), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "victim_told IN ('yes', 'not_yet', 'unsafe', 'unknown')", name=op.f("ck_case_action_victim_told")
        ),
        sa.ForeignKeyConstraint(["case"], ["incident_case.reference"], name="fk_case_action_case"),
        sa.PrimaryKeyConstraint("reference", name="pk_case_action"),
    )
    op.create_index("ix_case_action_case", "case_action", ["case"])
    op.create_table(
        "case_deadline",
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("case", sa.String(9), nullable=False),
        sa.Column("clock", sa.String(20), nullable=False),
        sa.Column("event", sa.String(20), nullable=False),
        sa.Column("started", sa.BigInteger(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(12), nullable=False),
        sa.Column("extra", sa.Integer(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("certain", sa.Boolean(), nullable=False),
        sa.Column("calendar", sa.String(12), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("ended", sa.BigInteger()),
        sa.Column("warned", sa.BigInteger()),
        sa.Column("escalated", sa.BigInteger()),
        sa.Column("late_told", sa.BigInteger()),
        sa.CheckConstraint(
            "(state IN ('open', 'paused')) = (ended IS NULL)", name=op.f("ck_case_deadline_ended")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'paused', 'met', 'stopped')", name=op.f("ck_case_deadline_state")
        ),
        sa.CheckConstraint("unit IN ('hours', 'days', 'working_days')", name=op.f("ck_case_deadline_unit")),
        sa.CheckConstraint("length > 0 AND extra >= 0", name=op.f("ck_case_deadline_length")),
        sa.ForeignKeyConstraint(["case"], ["incident_case.reference"], name="fk_case_deadline_case"),
        sa.PrimaryKeyConstraint("reference", name="pk_case_deadline"),
    )
    op.create_index("ix_case_deadline_case", "case_deadline", ["case"])
    op.create_index("ix_case_deadline_state_due", "case_deadline", ["state", "due"])
    op.create_index(
        "uq_case_deadline_under_way",
        "case_deadline",
        ["case", "clock"],
        unique=True,
        sqlite_where=sa.text("state IN ('open', 'paused')"),
        postgresql_where=sa.text("state IN ('open', 'paused')"),
    )
    op.create_table(
        "case_note",
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("case", sa.String(9), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("by", sa.String(12), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('note', 'decision', 'assessment', 'risk', 'safety')", name=op.f("ck_case_note_kind")
        ),
        sa.ForeignKeyConstraint(["case"], ["incident_case.reference"], name="fk_case_note_case"),
        sa.PrimaryKeyConstraint("reference", name="pk_case_note"),
    )
    op.create_index("ix_case_note_case", "case_note", ["case"])
    op.create_table(
        "case_party",
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("case", sa.String(9), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("by", sa.String(12), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "role IN ('victim', 'witness', 'reporter', 'alleged', 'child', 'adult_at_risk', 'professional')",
            name=op.f("ck_case_party_role"),
        ),
        sa.ForeignKeyConstraint(["case"], ["incident_case.reference"], name="fk_case_party_case"),
        sa.PrimaryKeyConstraint("reference", name="pk_case_party"),
    )
    op.create_index("ix_case_party_case", "case_party", ["case"])
    op.create_table(
        "case_step",
        sa.Column("case", sa.String(9), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(20)),
        sa.Column("by", sa.String(12), nullable=False),
        sa.Column("who", sa.String(10), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["incident_case.reference"], name="fk_case_step_case"),
        sa.PrimaryKeyConstraint("case", "number", name="pk_case_step"),
    )
    op.create_table(
        "incident_report",
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("case", sa.String(9), nullable=False),
        sa.Column("submission", sa.String(32)),
        sa.Column("journey", sa.String(24)),
        sa.Column("anonymity", sa.String(24)),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("motive", sa.JSON(), nullable=False),
        sa.Column("perceived_by", sa.JSON(), nullable=False),
        sa.Column("acts", sa.JSON(), nullable=False),
        sa.Column("happened", sa.Date()),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("entered", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("language", sa.String(12), nullable=False),
        sa.Column("narrative_language", sa.String(60)),
        sa.Column("made", sa.String(9)),
        sa.ForeignKeyConstraint(["case"], ["incident_case.reference"], name="fk_incident_report_case"),
        sa.ForeignKeyConstraint(["submission"], ["submission.id"], name="fk_incident_report_submission"),
        sa.PrimaryKeyConstraint("reference", name="pk_incident_report"),
        sa.UniqueConstraint("submission", name="uq_incident_report_submission"),
    )
    op.create_index("ix_incident_report_case", "incident_report", ["case"])
    op.create_index("ix_incident_report_received", "incident_report", ["received"])
    op.create_table(
        "place_of_safety",
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("case", sa.String(9), nullable=False),
        sa.Column("disclosed", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("outlet", sa.String(60)),
        sa.Column("offered", sa.BigInteger()),
        sa.Column("result", sa.String(10)),
        sa.Column("kind", sa.String(16)),
        sa.Column("no_funds", sa.Boolean()),
        sa.Column("late_why", sa.String(16)),
        sa.CheckConstraint(
            "result IN ('offered', 'accepted', 'declined', 'unreached')",
            name=op.f("ck_place_of_safety_result"),
        ),
        sa.CheckConstraint(
            "result IS NULL OR result = 'unreached' OR (offered IS NOT NULL AND offered >= disclosed)",
            name=op.f("ck_place_of_safety_offered"),
        ),
        sa.ForeignKeyConstraint(["case"], ["incident_case.reference"], name="fk_place_of_safety_case"),
        sa.PrimaryKeyConstraint("reference", name="pk_place_of_safety"),
    )
    op.create_index("ix_place_of_safety_case", "place_of_safety", ["case"])
    op.create_table(
        "deadline_breach",
        sa.Column("deadline", sa.String(9), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("noted", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("noted > due", name=op.f("ck_deadline_breach_late")),
        sa.ForeignKeyConstraint(
            ["deadline"], ["case_deadline.reference"], name="fk_deadline_breach_deadline"
        ),
        sa.PrimaryKeyConstraint("deadline", name="pk_deadline_breach"),
    )
    op.create_table(
        "deadline_change",
        sa.Column("deadline", sa.String(9), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("was", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(20)),
        sa.Column("by", sa.String(12), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("why IN ('pause', 'calendar', 'extension')", name=op.f("ck_deadline_change_why")),
        sa.CheckConstraint("was <> due", name=op.f("ck_deadline_change_other")),
        sa.ForeignKeyConstraint(
            ["deadline"], ["case_deadline.reference"], name="fk_deadline_change_deadline"
        ),
        sa.PrimaryKeyConstraint("deadline", "number", name="pk_deadline_change"),
    )
    op.create_table(
        "deadline_pause",
        sa.Column("deadline", sa.String(9), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger()),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("by", sa.String(12), nullable=False),
        sa.CheckConstraint("until IS NULL OR until >= since", name=op.f("ck_deadline_pause_order")),
        sa.ForeignKeyConstraint(["deadline"], ["case_deadline.reference"], name="fk_deadline_pause_deadline"),
        sa.PrimaryKeyConstraint("deadline", "number", name="pk_deadline_pause"),
    )
    op.create_index(
        "uq_deadline_pause_now",
        "deadline_pause",
        ["deadline"],
        unique=True,
        sqlite_where=sa.text("until IS NULL"),
        postgresql_where=sa.text("until IS NULL"),
    )
    op.create_table(
        "incident_person",
        sa.Column("report", sa.String(9), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.ForeignKeyConstraint(
            ["report"], ["incident_report.reference"], name="fk_incident_person_report", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("report", "digest", name="pk_incident_person"),
    )
    op.create_index("ix_incident_person_digest", "incident_person", ["digest"])
    allow(AFTER)


def downgrade() -> None:
    for table in (
        "incident_person",
        "deadline_pause",
        "deadline_change",
        "deadline_breach",
        "place_of_safety",
        "incident_report",
        "case_step",
        "case_party",
        "case_note",
        "case_deadline",
        "case_action",
        "incident_case",
        "clock_length",
    ):
        op.drop_table(table)
    gone = ", ".join(f"'{role}'" for role in NEW)
    op.execute(f"DELETE FROM account_role WHERE role IN ({gone})")
    allow(BEFORE)
