"""The members of the lists as a batch was opened with them."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("batch", sa.Column("registers", sa.JSON()))


def downgrade() -> None:
    op.drop_column("batch", "registers")
