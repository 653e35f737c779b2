"""Print runs and their papers."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "print_run",
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("form", sa.String(40), nullable=False),
        sa.Column("edition", sa.String(20), nullable=False),
        sa.Column("variants", sa.JSON(), nullable=False),
        sa.Column("language", sa.String(12), nullable=False),
        sa.Column("size", sa.String(12), nullable=False),
        sa.Column("yellow", sa.Boolean(), nullable=False),
        sa.Column("collection", sa.String(60)),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("made", sa.Date(), nullable=False),
        sa.Column("by", sa.String(9), nullable=False),
        sa.Column("pages", sa.Integer()),
        sa.Column("rectangles", sa.JSON()),
        sa.Column("weasyprint", sa.String(20), nullable=False),
        sa.Column("issued", sa.Integer(), nullable=False),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("reference", name="pk_print_run"),
    )
    op.create_table(
        "paper",
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("run", sa.String(9), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("reference", name="pk_paper"),
        sa.UniqueConstraint("run", "serial", name="uq_paper_run_serial"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("paper")
    op.drop_table("print_run")
