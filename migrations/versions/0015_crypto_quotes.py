"""Rates locked for a payer, and what arrived."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "crypto_quote",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column(
            "public_id",
            sa.String(length=40).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=40), "mysql"
            ),
            nullable=False,
        ),
        sa.Column(
            "payment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "attempt_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "asset",
            sa.String(length=32).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=32), "mysql"
            ),
            nullable=False,
        ),
        sa.Column("decimals", sa.Integer(), nullable=False),
        sa.Column("expected_units", sa.BigInteger(), nullable=False),
        sa.Column("received_units", sa.BigInteger(), nullable=False),
        sa.Column("late_units", sa.BigInteger(), nullable=False),
        sa.Column("expected_minor", sa.BigInteger(), nullable=False),
        sa.Column("received_minor", sa.BigInteger(), nullable=False),
        sa.Column(
            "currency",
            sa.String(length=24).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=24), "mysql"
            ),
            nullable=False,
        ),
        sa.Column(
            "rate",
            sa.String(length=40).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=40), "mysql"
            ),
            nullable=False,
        ),
        sa.Column(
            "address",
            sa.String(length=128).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=128), "mysql"
            ),
            nullable=False,
        ),
        sa.Column("confirmations", sa.Integer(), nullable=False),
        sa.Column("confirmations_needed", sa.Integer(), nullable=False),
        sa.Column("chain_reference", sa.String(length=255), nullable=False),
        sa.Column(
            "expires_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql"), nullable=False
        ),
        sa.Column(
            "created_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql"), nullable=False
        ),
        sa.Column(
            "changed_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql"), nullable=False
        ),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column(
            "merchant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.CheckConstraint(
            "expected_units > 0 AND received_units >= 0", name=op.f("ck_crypto_quote_units")
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id", "livemode", "payment_id", "attempt_id"],
            ["attempt.merchant_id", "attempt.livemode", "attempt.payment_id", "attempt.id"],
            name=op.f("fk_crypto_quote_merchant_id_livemode_payment_id_attempt_id"),
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_crypto_quote_merchant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crypto_quote")),
        sa.UniqueConstraint(
            "merchant_id",
            "livemode",
            "attempt_id",
            name=op.f("uq_crypto_quote_merchant_id_livemode_attempt_id"),
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_crypto_quote_public_id")),
    )
    with op.batch_alter_table("crypto_quote", schema=None) as batch_op:
        batch_op.create_index("ix_crypto_quote_address", ["livemode", "address"], unique=False)


def downgrade() -> None:
    """Drop the table."""
    with op.batch_alter_table("crypto_quote", schema=None) as batch_op:
        batch_op.drop_index("ix_crypto_quote_address")

    op.drop_table("crypto_quote")
