"""What came of what a survey was asked after."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0022"


def upgrade() -> None:
    op.add_column("submission", sa.Column("outcome", sa.String(20)))


def downgrade() -> None:
    op.drop_column("submission", "outcome")
