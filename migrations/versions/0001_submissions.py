"""Drafts, submissions, throttles, collections, and the list of exports."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

NO_ORDER = {"sqlite_with_rowid": False}


def upgrade() -> None:
    op.create_table(
        "draft",
        sa.Column("id", sa.LargeBinary(32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_draft"),
        **NO_ORDER,
    )
    op.create_index("ix_draft_ends", "draft", ["ends"])
    op.create_table(
        "submission",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("form", sa.String(40), nullable=False),
        sa.Column("edition", sa.String(20), nullable=False),
        sa.Column("variants", sa.JSON(), nullable=False),
        sa.Column("language", sa.String(12), nullable=False),
        sa.Column("channel", sa.String(12), nullable=False),
        sa.Column("collection", sa.String(60)),
        sa.Column("received", sa.Date(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("sealed", sa.LargeBinary()),
        sa.Column("data_key", sa.LargeBinary()),
        sa.Column("key_name", sa.String(40)),
        sa.Column("idempotency", sa.LargeBinary(32), nullable=False),
        sa.Column("said", sa.LargeBinary(32), nullable=False),
        sa.Column("receipt", sa.LargeBinary(32), nullable=False),
        sa.Column("invitation", sa.LargeBinary(32)),
        sa.PrimaryKeyConstraint("id", name="pk_submission"),
        sa.UniqueConstraint("idempotency", name="uq_submission_idempotency"),
        sa.UniqueConstraint("receipt", name="uq_submission_receipt"),
        sa.UniqueConstraint("invitation", name="uq_submission_invitation"),
        **NO_ORDER,
    )
    op.create_index("ix_submission_form", "submission", ["form"])
    op.create_index("ix_submission_key_name", "submission", ["key_name"])
    op.create_table(
        "throttle",
        sa.Column("id", sa.LargeBinary(32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_throttle"),
        **NO_ORDER,
    )
    op.create_index("ix_throttle_day", "throttle", ["day"])
    op.create_table(
        "throttle_key",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("key", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_throttle_key"),
        **NO_ORDER,
    )
    op.create_table(
        "collection",
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("team", sa.String(200), nullable=False),
        sa.Column("outlet", sa.String(200), nullable=False),
        sa.Column("provider", sa.String(200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('service', 'event', 'survey', 'staff')", name=op.f("ck_collection_kind")
        ),
        sa.PrimaryKeyConstraint("code", name="pk_collection"),
    )
    op.create_table(
        "export",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("made", sa.Date(), nullable=False),
        sa.Column("by", sa.String(100), nullable=False),
        sa.Column("form", sa.String(40), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("period", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_export"),
    )


def downgrade() -> None:
    for table in ("export", "collection", "throttle_key", "throttle", "submission", "draft"):
        op.drop_table(table)
