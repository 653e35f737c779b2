"""The question that a coordinator asks the person of a request."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "request_question",
        sa.Column("request", sa.String(9), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("data_key", sa.LargeBinary(), nullable=False),
        sa.Column("key_name", sa.String(40), nullable=False),
        sa.ForeignKeyConstraint(
            ["request"],
            ["interpreter_request.reference"],
            name="fk_request_question_request",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("request", name="pk_request_question"),
    )
    op.create_index("ix_request_question_key_name", "request_question", ["key_name"])


def downgrade() -> None:
    op.drop_table("request_question")
