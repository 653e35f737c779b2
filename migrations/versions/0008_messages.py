"""How people may be reached, and the messages to them."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "contact_rule",
        sa.Column("owner", sa.String(60), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("data_key", sa.LargeBinary(), nullable=False),
        sa.Column("key_name", sa.String(40), nullable=False),
        sa.Column("methods", sa.JSON(), nullable=False),
        sa.Column("hours", sa.JSON(), nullable=False),
        sa.Column("voicemail", sa.Boolean(), nullable=False),
        sa.Column("discreet", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(12), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("owner", name="pk_contact_rule"),
    )
    op.create_index("ix_contact_rule_key_name", "contact_rule", ["key_name"])
    op.create_index("ix_contact_rule_until", "contact_rule", ["until"])
    op.create_table(
        "message",
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("owner", sa.String(60), nullable=False),
        sa.Column("event", sa.String(40), nullable=False),
        sa.Column("version", sa.String(80), nullable=False),
        sa.Column("method", sa.String(10), nullable=False),
        sa.Column("language", sa.String(12), nullable=False),
        sa.Column("discreet", sa.Boolean(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("why", sa.String(40), nullable=False),
        sa.Column("sealed", sa.LargeBinary()),
        sa.Column("data_key", sa.LargeBinary()),
        sa.Column("key_name", sa.String(40)),
        sa.Column("written", sa.BigInteger(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("not_after", sa.BigInteger()),
        sa.Column("attempt_started", sa.BigInteger()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.String(80)),
        sa.Column("ended", sa.BigInteger()),
        sa.PrimaryKeyConstraint("reference", name="pk_message"),
        sa.UniqueConstraint(
            "owner", "event", "version", "method", name="uq_message_owner_event_version_method"
        ),
    )
    op.create_index("ix_message_key_name", "message", ["key_name"])
    op.create_index("ix_message_owner", "message", ["owner"])
    op.create_index("ix_message_state_not_before", "message", ["state", "not_before"])


def downgrade() -> None:
    for table in ("message", "contact_rule"):
        op.drop_table(table)
