"""Limits of what is captured, and outcomes that differ from what was asked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

CHECK = "ck_payment_capture_asked_within_amount"


def upgrade() -> None:
    """Add the columns."""
    with op.batch_alter_table("operation", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "next_action", sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql"), nullable=True
            )
        )
        batch_op.add_column(sa.Column("received_minor", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("moved_minor", sa.BigInteger(), nullable=True))
        batch_op.add_column(
            sa.Column("suspense_minor", sa.BigInteger(), server_default="0", nullable=False)
        )
        batch_op.add_column(
            sa.Column("credited_minor", sa.BigInteger(), server_default="0", nullable=False)
        )
        batch_op.add_column(
            sa.Column("ended_by_hand", sa.Boolean(), server_default=sa.text("0"), nullable=False)
        )
        batch_op.add_column(
            sa.Column(
                "deadline_at",
                sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql"),
                nullable=True,
            )
        )

    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("authorized_minor", sa.BigInteger(), server_default="0", nullable=False)
        )
        batch_op.add_column(
            sa.Column("capture_asked_minor", sa.BigInteger(), server_default="0", nullable=False)
        )
        batch_op.add_column(
            sa.Column("void_asked", sa.Boolean(), server_default=sa.text("0"), nullable=False)
        )
        batch_op.add_column(
            sa.Column(
                "expires_at",
                sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql"),
                nullable=True,
            )
        )
        batch_op.add_column(
            sa.Column("may_try_again", sa.Boolean(), server_default=sa.text("0"), nullable=False)
        )
    op.execute(
        "UPDATE operation SET suspense_minor = amount_minor WHERE suspense AND state = 'success'"
    )
    # What was authorized before and waits for its capture.
    op.execute("UPDATE payment SET authorized_minor = amount_minor WHERE status = 'authorized'")
    # SQLite cannot add one without making the table anew, and it is not where money is kept.
    if op.get_bind().dialect.name != "sqlite":
        op.create_check_constraint(
            op.f(CHECK),
            "payment",
            "capture_asked_minor >= 0 AND capture_asked_minor <= amount_minor",
        )


def downgrade() -> None:
    """Drop the columns."""
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(op.f(CHECK), "payment", type_="check")
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.drop_column("may_try_again")
        batch_op.drop_column("expires_at")
        batch_op.drop_column("void_asked")
        batch_op.drop_column("capture_asked_minor")
        batch_op.drop_column("authorized_minor")

    with op.batch_alter_table("operation", schema=None) as batch_op:
        batch_op.drop_column("deadline_at")
        batch_op.drop_column("ended_by_hand")
        batch_op.drop_column("credited_minor")
        batch_op.drop_column("suspense_minor")
        batch_op.drop_column("moved_minor")
        batch_op.drop_column("received_minor")
        batch_op.drop_column("next_action")
