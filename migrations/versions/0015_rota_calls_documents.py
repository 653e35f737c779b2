"""The rota of interpreters, calls by phone, and published documents with their translations."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "document",
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("words", sa.Integer()),
        sa.Column("updated", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("reference", name="pk_document"),
        sa.UniqueConstraint("title", name="uq_document_title"),
    )
    op.create_table(
        "managed_without",
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("office", sa.String(60)),
        sa.Column("language", sa.String(60)),
        sa.Column("team", sa.String(60)),
        sa.PrimaryKeyConstraint("reference", name="pk_managed_without"),
    )
    op.create_index("ix_managed_without_day", "managed_without", ["day"])
    op.create_table(
        "distribution",
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("document", sa.String(9), nullable=False),
        sa.Column("language", sa.String(60), nullable=False),
        sa.Column("format", sa.String(20), nullable=False),
        sa.Column("office", sa.String(60)),
        sa.Column("venue", sa.String(100), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_distribution_number")),
        sa.ForeignKeyConstraint(
            ["document"], ["document.reference"], name="fk_distribution_document", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("reference", name="pk_distribution"),
    )
    op.create_index("ix_distribution_document", "distribution", ["document"])
    op.create_table(
        "document_edition",
        sa.Column("document", sa.String(9), nullable=False),
        sa.Column("language", sa.String(60), nullable=False),
        sa.Column("format", sa.String(20), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("made", sa.Date()),
        sa.Column("certified", sa.Boolean(), nullable=False),
        sa.Column("maker", sa.String(100), nullable=False),
        sa.CheckConstraint("state IN ('asked', 'ordered', 'ready')", name=op.f("ck_document_edition_state")),
        sa.ForeignKeyConstraint(
            ["document"], ["document.reference"], name="fk_document_edition_document", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("document", "language", "format", name="pk_document_edition"),
    )
    op.create_table(
        "document_request",
        sa.Column("request", sa.String(9), nullable=False),
        sa.Column("document", sa.String(9), nullable=False),
        sa.ForeignKeyConstraint(
            ["document"], ["document.reference"], name="fk_document_request_document", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["request"],
            ["interpreter_request.reference"],
            name="fk_document_request_request",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("request", name="pk_document_request"),
    )
    op.create_index("ix_document_request_document", "document_request", ["document"])
    op.create_table(
        "interpreted_call",
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("language", sa.String(60), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("purpose", sa.String(16)),
        sa.Column("request", sa.String(9)),
        sa.CheckConstraint("minutes >= 0", name=op.f("ck_interpreted_call_minutes")),
        sa.ForeignKeyConstraint(
            ["request"],
            ["interpreter_request.reference"],
            name="fk_interpreted_call_request",
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("reference", name="pk_interpreted_call"),
    )
    op.create_index("ix_interpreted_call_day", "interpreted_call", ["day"])
    op.create_index("ix_interpreted_call_request", "interpreted_call", ["request"])
    op.create_table(
        "rota_slot",
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("language", sa.String(60), nullable=False),
        sa.Column("office", sa.String(60)),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("begins", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.Column("interpreter", sa.Integer(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date()),
        sa.CheckConstraint("ends > begins", name=op.f("ck_rota_slot_order")),
        sa.CheckConstraint("weekday BETWEEN 1 AND 7", name=op.f("ck_rota_slot_weekday")),
        sa.ForeignKeyConstraint(["interpreter"], ["interpreter.id"], name="fk_rota_slot_interpreter"),
        sa.PrimaryKeyConstraint("reference", name="pk_rota_slot"),
    )
    op.create_index("ix_rota_slot_interpreter", "rota_slot", ["interpreter"])


def downgrade() -> None:
    op.drop_index("ix_rota_slot_interpreter", table_name="rota_slot")
    op.drop_table("rota_slot")
    op.drop_index("ix_interpreted_call_request", table_name="interpreted_call")
    op.drop_index("ix_interpreted_call_day", table_name="interpreted_call")
    op.drop_table("interpreted_call")
    op.drop_index("ix_document_request_document", table_name="document_request")
    op.drop_table("document_request")
    op.drop_table("document_edition")
    op.drop_index("ix_distribution_document", table_name="distribution")
    op.drop_table("distribution")
    op.drop_index("ix_managed_without_day", table_name="managed_without")
    op.drop_table("managed_without")
    op.drop_table("document")
