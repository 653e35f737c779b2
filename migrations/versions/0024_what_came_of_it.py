"""What came of what a survey was asked after, who was told that a time limit was missed, and packs that are
destroyed."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

NAME, TABLE = "disclosure_is_as_it_was", "disclosure"
BEFORE = "NEW.pack <> OLD.pack"
AFTER = "(NEW.pack <> OLD.pack AND length(NEW.pack) > 0)"
REFUSED = (
    'NEW.reference <> OLD.reference OR NEW."case" <> OLD."case" OR NEW.report <> OLD.report '
    "OR NEW.agency <> OLD.agency OR NEW.ground <> OLD.ground OR {pack} OR "
    'NEW.route <> OLD.route OR NEW."by" <> OLD."by" OR NEW.sent <> OLD.sent OR '
    "CAST(NEW.fields AS TEXT) <> CAST(OLD.fields AS TEXT) OR (OLD.consent IS NOT NULL AND "
    "NEW.consent <> OLD.consent) OR (OLD.override IS NOT NULL AND NEW.override <> "
    "OLD.override) OR (OLD.opened IS NOT NULL AND (NEW.opened IS NULL OR NEW.opened <> "
    "OLD.opened))"
)
"""When a disclosure is not changed; whether its pack may be emptied is what differs."""


def refuse(pack):
    when = REFUSED.format(pack=pack)
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TRIGGER {NAME}")
        op.execute(
            f"CREATE TRIGGER {NAME} BEFORE UPDATE ON {TABLE} WHEN {when} "
            f"BEGIN SELECT RAISE(ABORT, '{NAME}'); END"
        )
    else:
        op.execute(f"DROP TRIGGER {NAME} ON {TABLE}")
        op.execute(
            f"CREATE TRIGGER {NAME} BEFORE UPDATE ON {TABLE} FOR EACH ROW WHEN ({when}) "
            f"EXECUTE FUNCTION {NAME}()"
        )


def upgrade() -> None:
    op.add_column("submission", sa.Column("outcome", sa.String(20)))
    op.add_column("case_deadline", sa.Column("late_told", sa.BigInteger()))
    refuse(AFTER)


def downgrade() -> None:
    refuse(BEFORE)
    op.drop_column("case_deadline", "late_told")
    op.drop_column("submission", "outcome")
