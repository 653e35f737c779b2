"""Files that people attach."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "file",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer()),
        sa.Column("width", sa.Integer()),
        sa.Column("height", sa.Integer()),
        sa.Column("owner", sa.String(100), nullable=False),
        sa.Column("made", sa.Date(), nullable=False),
        sa.Column("data_key", sa.LargeBinary()),
        sa.Column("key_name", sa.String(40)),
        sa.PrimaryKeyConstraint("id", name="pk_file"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_file_owner", "file", ["owner"])
    op.create_index("ix_file_key_name", "file", ["key_name"])


def downgrade() -> None:
    op.drop_table("file")
