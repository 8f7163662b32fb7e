"""Methods within a family, what the payer decides, and what happens to late money."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "method_name",
                sa.String(length=32).with_variant(
                    mysql.VARCHAR(collation="utf8mb4_bin", length=32), "mysql"
                ),
                server_default="",
                nullable=False,
            )
        )
        batch_op.add_column(sa.Column("details", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("facts", sa.LargeBinary(), nullable=True))

    with op.batch_alter_table("merchant", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "mcc",
                sa.String(length=4).with_variant(
                    mysql.VARCHAR(collation="utf8mb4_bin", length=4), "mysql"
                ),
                server_default="",
                nullable=False,
            )
        )
        batch_op.add_column(
            sa.Column("verified", sa.Boolean(), server_default=sa.text("0"), nullable=False)
        )
        batch_op.add_column(
            sa.Column(
                "late_money",
                sa.String(length=16).with_variant(
                    mysql.VARCHAR(collation="utf8mb4_bin", length=16), "mysql"
                ),
                server_default="accept",
                nullable=False,
            )
        )


def downgrade() -> None:
    """Drop the columns."""
    with op.batch_alter_table("merchant", schema=None) as batch_op:
        batch_op.drop_column("late_money")
        batch_op.drop_column("verified")
        batch_op.drop_column("mcc")

    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.drop_column("facts")
        batch_op.drop_column("details")
        batch_op.drop_column("method_name")
