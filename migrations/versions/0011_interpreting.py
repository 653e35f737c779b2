"""Interpreting: requests, interpreters, offers, bookings."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

OVERLAP = {
    "sqlite": tuple(
        f"""CREATE TRIGGER interpreter_overlap_{what.lower()} BEFORE {what} ON assignment
        WHEN NEW.state <> 'released'
        BEGIN SELECT RAISE(ABORT, 'interpreter_overlap') WHERE EXISTS (
            SELECT 1 FROM assignment other WHERE other.interpreter = NEW.interpreter
            AND other.reference <> NEW.reference AND other.state <> 'released'
            AND other.busy_from < NEW.busy_to AND NEW.busy_from < other.busy_to); END"""
        for what in ("INSERT", "UPDATE")
    ),
    "postgresql": (
        """ALTER TABLE assignment ADD CONSTRAINT interpreter_overlap EXCLUDE USING gist (
        int8range(interpreter, interpreter, '[]') WITH &&, int8range(busy_from, busy_to) WITH &&)
        WHERE (state <> 'released')""",
    ),
}


def upgrade() -> None:
    op.create_table(
        "interpreter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("account", sa.String(9)),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("badge", sa.String(20)),
        sa.Column("gender", sa.String(5), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("provider", sa.String(60)),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("area", sa.String(4)),
        sa.Column("modes", sa.JSON(), nullable=False),
        sa.Column("travel", sa.Integer(), nullable=False),
        sa.Column("cleared_until", sa.Date()),
        sa.Column("feed", sa.LargeBinary(32)),
        sa.Column("feed_read", sa.BigInteger()),
        sa.CheckConstraint("gender IN ('woman', 'man', 'any')", name=op.f("ck_interpreter_gender")),
        sa.CheckConstraint("kind IN ('staff', 'bank', 'provider')", name=op.f("ck_interpreter_kind")),
        sa.ForeignKeyConstraint(["account"], ["account.reference"], name="fk_interpreter_account"),
        sa.PrimaryKeyConstraint("id", name="pk_interpreter"),
        sa.UniqueConstraint("account", name="uq_interpreter_account"),
        sa.UniqueConstraint("feed", name="uq_interpreter_feed"),
        sa.UniqueConstraint("reference", name="uq_interpreter_reference"),
    )
    op.create_table(
        "interpreter_request",
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("submission", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.String(12), nullable=False),
        sa.Column("language", sa.String(12), nullable=False),
        sa.Column("speak", sa.String(60)),
        sa.Column("sign", sa.String(60)),
        sa.Column("second", sa.String(60)),
        sa.Column("read", sa.String(60)),
        sa.Column("coded", sa.String(60)),
        sa.Column("mode", sa.String(10)),
        sa.Column("mode_asked", sa.String(10)),
        sa.Column("office", sa.String(60)),
        sa.Column("area", sa.String(4)),
        sa.Column("place_area", sa.String(4)),
        sa.Column("support", sa.JSON(), nullable=False),
        sa.Column("formats", sa.JSON(), nullable=False),
        sa.Column("certified", sa.Boolean(), nullable=False),
        sa.Column("needed_by", sa.Date()),
        sa.Column("about", sa.String(12)),
        sa.Column("purpose", sa.String(16)),
        sa.Column("tier", sa.Integer()),
        sa.Column("urgency", sa.String(10), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("gender", sa.String(5)),
        sa.Column("gender_essential", sa.Boolean(), nullable=False),
        sa.Column("outside", sa.Boolean(), nullable=False),
        sa.Column("officer_gender", sa.String(5)),
        sa.Column("officer_lgbt", sa.Boolean(), nullable=False),
        sa.Column("children", sa.Boolean(), nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=False),
        sa.Column("discreet", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(16)),
        sa.Column("confirmed", sa.BigInteger()),
        sa.Column("notice", sa.Integer()),
        sa.CheckConstraint(
            "state IN ('submitted', 'needs_info', 'open', 'offering', 'held', 'confirmed', 'in_progress', "
            "'completed', 'escalated', 'unfilled', 'no_show', 'closed', 'cancelled', 'declined', 'void')",
            name=op.f("ck_interpreter_request_state"),
        ),
        sa.ForeignKeyConstraint(
            ["submission"], ["submission.id"], name="fk_interpreter_request_submission", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("reference", name="pk_interpreter_request"),
    )
    op.create_index("ix_interpreter_request_due", "interpreter_request", ["due"])
    op.create_index("ix_interpreter_request_state", "interpreter_request", ["state"])
    op.create_index("ix_interpreter_request_submission", "interpreter_request", ["submission"])
    op.create_index("ix_interpreter_request_urgency", "interpreter_request", ["urgency"])
    op.create_table(
        "booking",
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("request", sa.String(9), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("mode", sa.String(10), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(8), nullable=False),
        sa.Column("provider", sa.String(60)),
        sa.Column("provider_number", sa.String(60)),
        sa.Column("price", sa.Integer()),
        sa.CheckConstraint("ends > starts", name=op.f("ck_booking_order")),
        sa.ForeignKeyConstraint(
            ["request"], ["interpreter_request.reference"], name="fk_booking_request", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("reference", name="pk_booking"),
    )
    op.create_index("ix_booking_request", "booking", ["request"])
    op.create_index(
        "uq_booking_live",
        "booking",
        ["request"],
        unique=True,
        sqlite_where=sa.text("live"),
        postgresql_where=sa.text("live"),
    )
    op.create_table(
        "free_time",
        sa.Column("interpreter", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("begins", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["interpreter"], ["interpreter.id"], name="fk_free_time_interpreter"),
        sa.PrimaryKeyConstraint("interpreter", "weekday", "begins", name="pk_free_time"),
    )
    op.create_table(
        "interpreter_conflict",
        sa.Column("interpreter", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("source", sa.String(12), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["interpreter"], ["interpreter.id"], name="fk_interpreter_conflict_interpreter"
        ),
        sa.PrimaryKeyConstraint("interpreter", "digest", name="pk_interpreter_conflict"),
    )
    op.create_table(
        "interpreter_language",
        sa.Column("interpreter", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("level", sa.String(10), nullable=False),
        sa.Column("register", sa.String(20)),
        sa.Column("number", sa.String(30)),
        sa.Column("until", sa.Date()),
        sa.Column("dialects", sa.String(200), nullable=False),
        sa.CheckConstraint(
            "level IN ('registered', 'qualified', 'trained', 'trainee')",
            name=op.f("ck_interpreter_language_level"),
        ),
        sa.ForeignKeyConstraint(
            ["interpreter"], ["interpreter.id"], name="fk_interpreter_language_interpreter"
        ),
        sa.PrimaryKeyConstraint("interpreter", "code", name="pk_interpreter_language"),
    )
    op.create_table(
        "interpreter_leave",
        sa.Column("interpreter", sa.Integer(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["interpreter"], ["interpreter.id"], name="fk_interpreter_leave_interpreter"),
        sa.PrimaryKeyConstraint("interpreter", "first", name="pk_interpreter_leave"),
    )
    op.create_table(
        "request_person",
        sa.Column("request", sa.String(9), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.ForeignKeyConstraint(
            ["request"],
            ["interpreter_request.reference"],
            name="fk_request_person_request",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("request", "digest", name="pk_request_person"),
    )
    op.create_index("ix_request_person_digest", "request_person", ["digest"])
    op.create_table(
        "request_step",
        sa.Column("request", sa.String(9), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(12), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("reason", sa.String(16)),
        sa.Column("by", sa.String(12), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request"], ["interpreter_request.reference"], name="fk_request_step_request", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("request", "number", name="pk_request_step"),
    )
    op.create_table(
        "request_window",
        sa.Column("request", sa.String(9), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request"],
            ["interpreter_request.reference"],
            name="fk_request_window_request",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("request", "number", name="pk_request_window"),
    )
    op.create_table(
        "assignment",
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("booking", sa.String(9), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("interpreter", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("busy_from", sa.BigInteger(), nullable=False),
        sa.Column("busy_to", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(16)),
        sa.Column("started", sa.BigInteger()),
        sa.Column("finished", sa.BigInteger()),
        sa.Column("travelled", sa.Integer()),
        sa.Column("waited", sa.Integer()),
        sa.Column("miles", sa.Integer()),
        sa.Column("late", sa.Integer()),
        sa.Column("outcomes", sa.JSON(), nullable=False),
        sa.Column("signed_by", sa.String(9)),
        sa.Column("disputed", sa.String(300)),
        sa.CheckConstraint(
            "state IN ('accepted', 'confirmed', 'started', 'finished', 'claimed', 'approved', 'released')",
            name=op.f("ck_assignment_state"),
        ),
        sa.CheckConstraint("busy_to > busy_from", name=op.f("ck_assignment_order")),
        sa.ForeignKeyConstraint(
            ["booking"], ["booking.reference"], name="fk_assignment_booking", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["interpreter"], ["interpreter.id"], name="fk_assignment_interpreter"),
        sa.PrimaryKeyConstraint("reference", name="pk_assignment"),
    )
    op.create_index("ix_assignment_interpreter", "assignment", ["interpreter"])
    op.create_index(
        "one_live_seat",
        "assignment",
        ["booking", "seat"],
        unique=True,
        sqlite_where=sa.text("state <> 'released'"),
        postgresql_where=sa.text("state <> 'released'"),
    )
    op.create_table(
        "offer",
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("booking", sa.String(9), nullable=False),
        sa.Column("interpreter", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("sent", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("answered", sa.BigInteger()),
        sa.Column("reason", sa.String(12)),
        sa.CheckConstraint(
            "state IN ('sent', 'seen', 'willing', 'accepted', 'declined', 'expired', 'withdrawn', 'filled')",
            name=op.f("ck_offer_state"),
        ),
        sa.ForeignKeyConstraint(
            ["booking"], ["booking.reference"], name="fk_offer_booking", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["interpreter"], ["interpreter.id"], name="fk_offer_interpreter"),
        sa.PrimaryKeyConstraint("reference", name="pk_offer"),
    )
    op.create_index("ix_offer_expires", "offer", ["expires"])
    op.create_index("ix_offer_interpreter", "offer", ["interpreter"])
    op.create_index("uq_offer_booking", "offer", ["booking", "interpreter"], unique=True)

    for statement in OVERLAP[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    for table in (
        "offer",
        "assignment",
        "request_window",
        "request_step",
        "request_person",
        "interpreter_leave",
        "interpreter_language",
        "interpreter_conflict",
        "free_time",
        "booking",
        "interpreter_request",
        "interpreter",
    ):
        op.drop_table(table)
