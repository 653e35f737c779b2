"""What people told us once that they need: where it is found, and when it is to be looked at again."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "profile",
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("submission", sa.String(32), nullable=False),
        sa.Column("by_name", sa.LargeBinary(32)),
        sa.Column("by_tenancy", sa.LargeBinary(32)),
        sa.Column("review_by", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("reference", name="pk_profile"),
        sa.ForeignKeyConstraint(
            ["submission"], ["submission.id"], name="fk_profile_submission_submission", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("submission", name="uq_profile_submission"),
    )
    op.create_index("ix_profile_by_name", "profile", ["by_name"])
    op.create_index("ix_profile_by_tenancy", "profile", ["by_tenancy"])
    op.create_index("ix_profile_review_by", "profile", ["review_by"])


def downgrade() -> None:
    op.drop_table("profile")
