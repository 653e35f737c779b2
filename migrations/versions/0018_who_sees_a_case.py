"""Who sees a case: those who were added, those in a conflict, glass that was broken, and two more roles."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

BEFORE = (
    "frontline",
    "keyer",
    "supervisor",
    "coordinator",
    "interpreter",
    "case_officer",
    "case_manager",
    "analyst",
    "governance",
    "administrator",
)
NEW = ("domestic_abuse", "about_staff")
AFTER = (*BEFORE[:7], *NEW, *BEFORE[7:])


def allow(roles):
    known = ", ".join(f"'{role}'" for role in roles)
    with op.batch_alter_table("account_role") as table:
        table.drop_constraint(op.f("ck_account_role_known"), type_="check")
        table.create_check_constraint(op.f("ck_account_role_known"), f"role IN ({known})")


def upgrade() -> None:
    allow(AFTER)
    op.create_table(
        "case_member",
        sa.Column("case", sa.String(9), nullable=False),
        sa.Column("account", sa.String(9), nullable=False),
        sa.Column("facets", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(12), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["incident_case.reference"], name="fk_case_member_case"),
        sa.PrimaryKeyConstraint("case", "account", name="pk_case_member"),
    )
    op.create_index("ix_case_member_account", "case_member", ["account"])
    op.create_table(
        "case_conflict",
        sa.Column("case", sa.String(9), nullable=False),
        sa.Column("account", sa.String(9), nullable=False),
        sa.Column("why", sa.String(12), nullable=False),
        sa.Column("by", sa.String(12), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "why IN ('named', 'relative', 'same_address', 'other')", name=op.f("ck_case_conflict_why")
        ),
        sa.ForeignKeyConstraint(["case"], ["incident_case.reference"], name="fk_case_conflict_case"),
        sa.PrimaryKeyConstraint("case", "account", name="pk_case_conflict"),
    )
    op.create_index("ix_case_conflict_account", "case_conflict", ["account"])
    op.create_table(
        "broken_glass",
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("case", sa.String(9), nullable=False),
        sa.Column("account", sa.String(9), nullable=False),
        sa.Column("why", sa.String(12), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("looked_by", sa.String(9)),
        sa.Column("looked_at", sa.BigInteger()),
        sa.CheckConstraint(
            "why IN ('danger', 'out_of_hours', 'absent', 'legal')", name=op.f("ck_broken_glass_why")
        ),
        sa.CheckConstraint("until > since", name=op.f("ck_broken_glass_order")),
        sa.CheckConstraint("(looked_by IS NULL) = (looked_at IS NULL)", name=op.f("ck_broken_glass_looked")),
        sa.CheckConstraint("looked_by <> account", name=op.f("ck_broken_glass_second_person")),
        sa.ForeignKeyConstraint(["case"], ["incident_case.reference"], name="fk_broken_glass_case"),
        sa.PrimaryKeyConstraint("reference", name="pk_broken_glass"),
    )
    op.create_index("ix_broken_glass_account", "broken_glass", ["account"])
    op.create_index("ix_broken_glass_case", "broken_glass", ["case"])


def downgrade() -> None:
    for table in ("broken_glass", "case_conflict", "case_member"):
        op.drop_table(table)
    gone = ", ".join(f"'{role}'" for role in NEW)
    op.execute(f"DELETE FROM account_role WHERE role IN ({gone})")
    allow(BEFORE)
