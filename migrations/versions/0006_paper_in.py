"""Paper in: batches, papers, passes, error counts; who helped with a submission and when it was entered."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

NO_ORDER = {"sqlite_with_rowid": False}
STATES = "'keying', 'keyed', 'to_verify', 'verifying', 'agreed', 'differs', 'query', 'resolved', 'rejected'"


def upgrade() -> None:
    op.create_table(
        "batch",
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("form", sa.String(40), nullable=False),
        sa.Column("edition", sa.String(20), nullable=False),
        sa.Column("variants", sa.JSON(), nullable=False),
        sa.Column("language", sa.String(12), nullable=False),
        sa.Column("source", sa.String(12), nullable=False),
        sa.Column("collection", sa.String(60)),
        sa.Column("received", sa.Date(), nullable=False),
        sa.Column("declared", sa.Integer(), nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column("practice", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(9), nullable=False),
        sa.Column("opened", sa.Date(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("closed", sa.Date()),
        sa.Column("stored", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_batch_state")),
        sa.CheckConstraint("source IN ('office', 'surgery', 'post', 'event')", name=op.f("ck_batch_source")),
        sa.CheckConstraint("declared > 0", name=op.f("ck_batch_declared")),
        sa.PrimaryKeyConstraint("reference", name="pk_batch"),
    )
    op.create_table(
        "sheet",
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("batch", sa.String(9), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("token", sa.LargeBinary(32), nullable=False),
        sa.Column("why", sa.String(12), nullable=False),
        sa.CheckConstraint(f"state IN ({STATES})", name=op.f("ck_sheet_state")),
        sa.ForeignKeyConstraint(["batch"], ["batch.reference"], name="fk_sheet_batch"),
        sa.PrimaryKeyConstraint("reference", name="pk_sheet"),
        **NO_ORDER,
    )
    op.create_index("ix_sheet_batch", "sheet", ["batch"])
    op.create_table(
        "pass",
        sa.Column("sheet", sa.String(9), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("keyer", sa.String(9), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("data_key", sa.LargeBinary()),
        sa.Column("key_name", sa.String(40)),
        sa.Column("saved", sa.Boolean(), nullable=False),
        sa.Column("touched", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("number BETWEEN 0 AND 3", name=op.f("ck_pass_number")),
        sa.ForeignKeyConstraint(["sheet"], ["sheet.reference"], name="fk_pass_sheet"),
        sa.PrimaryKeyConstraint("sheet", "number", name="pk_pass"),
        sa.UniqueConstraint("sheet", "keyer", name="uq_pass_sheet_keyer"),
        **NO_ORDER,
    )
    op.create_index("ix_pass_key_name", "pass", ["key_name"])
    op.create_table(
        "keyed_forms",
        sa.Column("batch", sa.String(9), nullable=False),
        sa.Column("keyer", sa.String(9), nullable=False),
        sa.Column("forms", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["batch"], ["batch.reference"], name="fk_keyed_forms_batch"),
        sa.PrimaryKeyConstraint("batch", "keyer", name="pk_keyed_forms"),
    )
    op.create_table(
        "keying_errors",
        sa.Column("batch", sa.String(9), nullable=False),
        sa.Column("question", sa.String(80), nullable=False),
        sa.Column("keyer", sa.String(9), nullable=False),
        sa.Column("compared", sa.Integer(), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["batch"], ["batch.reference"], name="fk_keying_errors_batch"),
        sa.PrimaryKeyConstraint("batch", "question", "keyer", name="pk_keying_errors"),
    )
    op.add_column("submission", sa.Column("helper", sa.String(9)))
    op.add_column("submission", sa.Column("entered", sa.Date()))


def downgrade() -> None:
    op.drop_column("submission", "entered")
    op.drop_column("submission", "helper")
    for table in ("keying_errors", "keyed_forms", "pass", "sheet", "batch"):
        op.drop_table(table)
