"""People who work here: accounts, roles, recovery codes, sign-ins, one-time links."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

KNOWN = (
    "'frontline', 'keyer', 'supervisor', 'coordinator', 'interpreter', 'case_officer', "
    "'case_manager', 'analyst', 'governance', 'administrator'"
)


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("password", sa.String(200)),
        sa.Column("totp", sa.LargeBinary()),
        sa.Column("data_key", sa.LargeBinary()),
        sa.Column("key_name", sa.String(40)),
        sa.Column("totp_step", sa.BigInteger(), nullable=False),
        sa.Column("shortcuts", sa.Boolean(), nullable=False),
        sa.Column("made", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("reference", name="pk_account"),
        sa.UniqueConstraint("email", name="uq_account_email"),
    )
    op.create_index("ix_account_key_name", "account", ["key_name"])
    op.create_table(
        "account_role",
        sa.Column("account", sa.String(9), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.CheckConstraint(
            f"role IN ({KNOWN})",
            name=op.f("ck_account_role_known"),
        ),
        sa.ForeignKeyConstraint(["account"], ["account.reference"], name="fk_account_role_account"),
        sa.PrimaryKeyConstraint("account", "role", name="pk_account_role"),
    )
    op.create_table(
        "recovery_code",
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("account", sa.String(9), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.reference"], name="fk_recovery_code_account"),
        sa.PrimaryKeyConstraint("digest", name="pk_recovery_code"),
    )
    op.create_index("ix_recovery_code_account", "recovery_code", ["account"])
    op.create_table(
        "signed_in",
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("account", sa.String(9), nullable=False),
        sa.Column("started", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("proved", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.reference"], name="fk_signed_in_account"),
        sa.PrimaryKeyConstraint("digest", name="pk_signed_in"),
    )
    op.create_index("ix_signed_in_account", "signed_in", ["account"])
    op.create_table(
        "sign_in_link",
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("account", sa.String(9), nullable=False),
        sa.Column("gives", sa.String(12), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("gives IN ('password', 'everything')", name=op.f("ck_sign_in_link_gives")),
        sa.ForeignKeyConstraint(["account"], ["account.reference"], name="fk_sign_in_link_account"),
        sa.PrimaryKeyConstraint("digest", name="pk_sign_in_link"),
    )
    op.create_index("ix_sign_in_link_account", "sign_in_link", ["account"])


def downgrade() -> None:
    for table in ("sign_in_link", "signed_in", "recovery_code", "account_role", "account"):
        op.drop_table(table)
