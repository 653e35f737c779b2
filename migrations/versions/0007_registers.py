"""Lists that the landlord keeps, and their members as a print run printed them."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "register_member",
        sa.Column("register", sa.String(40), nullable=False),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("register", "code", name="pk_register_member"),
    )
    op.create_table(
        "register_version",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_register_version"),
    )
    op.add_column("print_run", sa.Column("registers", sa.JSON()))


def downgrade() -> None:
    op.drop_column("print_run", "registers")
    op.drop_table("register_version")
    op.drop_table("register_member")
