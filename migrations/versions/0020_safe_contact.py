"""Who else hears or sees what we send, what is blocked, and a new address that waits for a second person."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
TABLE = "contact_rule"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("who_else", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column(TABLE, sa.Column("blocked", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column(TABLE, sa.Column("strict", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column(TABLE, sa.Column("named", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column(TABLE, sa.Column("waiting", sa.String(9)))
    op.add_column(TABLE, sa.Column("waiting_by", sa.String(12)))
    with op.batch_alter_table(TABLE) as table:  # the rows that were there have their values
        for column in ("who_else", "blocked", "strict", "named"):
            table.alter_column(column, server_default=None)
    op.add_column("incident_report", sa.Column("made", sa.String(9)))
    op.execute('UPDATE incident_report SET made = "case"')


def downgrade() -> None:
    op.drop_column("incident_report", "made")
    for column in ("waiting_by", "waiting", "named", "strict", "blocked", "who_else"):
        op.drop_column(TABLE, column)
