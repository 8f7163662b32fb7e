"""How many mails merchants have had sent, day by day: mail_allowance."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "mail_allowance",
        sa.Column("id", _reference(), autoincrement=True, nullable=False),
        sa.Column("kind", _code(32), nullable=False),
        sa.Column("day", _code(10), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("merchant_id", _reference(), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.CheckConstraint("used >= 0", name=op.f("ck_mail_allowance_used_not_negative")),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_mail_allowance_merchant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_allowance")),
        sa.UniqueConstraint(
            "merchant_id",
            "livemode",
            "kind",
            "day",
            name=op.f("uq_mail_allowance_merchant_id_livemode_kind_day"),
        ),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("mail_allowance")


def _reference() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _code(length: int) -> sa.types.TypeEngine[str]:
    """Return the type of ids and codes: compared byte by byte."""
    return sa.String(length=length).with_variant(
        mysql.VARCHAR(collation="utf8mb4_bin", length=length), "mysql"
    )
