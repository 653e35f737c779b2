"""Sets of languages that the landlord names; which language it is that people named in their own words."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "language_panel",
        sa.Column("panel", sa.String(60), nullable=False),
        sa.Column("code", sa.String(60), nullable=False),
        sa.PrimaryKeyConstraint("panel", "code", name="pk_language_panel"),
    )
    op.create_table(
        "coded_language",
        sa.Column("words", sa.LargeBinary(32), nullable=False),
        sa.Column("code", sa.String(60), nullable=False),
        sa.PrimaryKeyConstraint("words", name="pk_coded_language"),
    )


def downgrade() -> None:
    op.drop_table("coded_language")
    op.drop_table("language_panel")
