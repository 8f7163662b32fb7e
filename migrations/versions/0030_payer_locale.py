"""The language in which the payer of a payment reads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the column; of the payments that there are nobody knows it."""
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("payer_locale", _code(16), nullable=True))


def downgrade() -> None:
    """Drop the column."""
    with op.batch_alter_table("payment", schema=None, table_args=_checks()) as batch_op:
        batch_op.drop_column("payer_locale")


def _checks() -> tuple[sa.CheckConstraint, ...]:
    """Return what SQLite would forget, which makes the table anew."""
    return (
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_payment_amount_positive")),
        sa.CheckConstraint(
            "captured_minor <= captured_peak_minor", name=op.f("ck_payment_captured_peak")
        ),
        sa.CheckConstraint(
            "refund_asked_minor >= 0 AND refund_asked_minor <= captured_peak_minor",
            name=op.f("ck_payment_refund_asked_within_captured"),
        ),
    )


def _code(length: int) -> sa.types.TypeEngine[str]:
    """Return the type of ids and codes: compared byte by byte."""
    return sa.String(length=length).with_variant(
        mysql.VARCHAR(collation="utf8mb4_bin", length=length), "mysql"
    )
