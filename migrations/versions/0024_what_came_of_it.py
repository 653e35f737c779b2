"""What came of what a survey was asked after, and who was told that a time limit was missed."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0022"


def upgrade() -> None:
    op.add_column("submission", sa.Column("outcome", sa.String(20)))
    op.add_column("case_deadline", sa.Column("late_told", sa.BigInteger()))


def downgrade() -> None:
    op.drop_column("case_deadline", "late_told")
    op.drop_column("submission", "outcome")
