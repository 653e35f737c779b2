"""Sets of languages that the landlord names."""

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


def downgrade() -> None:
    op.drop_table("language_panel")
