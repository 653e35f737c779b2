"""After a report: its evidence, the request for an interpreter that it makes, and the survey."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
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


def downgrade() -> None:
    for table in ("case_survey", "incident_evidence", "report_request"):
        op.drop_table(table)
    op.drop_column("file", "digest")
