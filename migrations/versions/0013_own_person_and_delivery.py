"""Whom a person brings to interpret, and when and how a translation was delivered."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
TABLE = "interpreter_request"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("own_why", sa.String(16)))
    op.add_column(TABLE, sa.Column("own_by", sa.String(9)))
    op.add_column(TABLE, sa.Column("delivered", sa.Date()))
    op.add_column(TABLE, sa.Column("delivered_as", sa.String(10)))


def downgrade() -> None:
    for column in ("own_why", "own_by", "delivered", "delivered_as"):
        op.drop_column(TABLE, column)
