"""Price lists of merchants by the moment from which they count."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "price_list",
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
            "currency",
            sa.String(length=24).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=24), "mysql"
            ),
            nullable=False,
        ),
        sa.Column(
            "effective_from",
            sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "state",
            sa.String(length=32).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=32), "mysql"
            ),
            nullable=False,
        ),
        sa.Column("tax_bps", sa.Integer(), nullable=False),
        sa.Column(
            "agent",
            sa.String(length=40).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=40), "mysql"
            ),
            nullable=False,
        ),
        sa.Column("agent_bps", sa.Integer(), nullable=False),
        sa.Column("refund_fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("chargeback_fee_minor", sa.BigInteger(), nullable=False),
        sa.Column(
            "returns_fee",
            sa.String(length=32).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=32), "mysql"
            ),
            nullable=False,
        ),
        sa.Column("note", sa.String(length=255), nullable=False),
        sa.Column("created_by", sa.String(length=255), nullable=False),
        sa.Column(
            "created_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql"), nullable=False
        ),
        sa.Column(
            "published_at",
            sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=True,
        ),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column(
            "merchant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.CheckConstraint("agent_bps BETWEEN 0 AND 10000", name=op.f("ck_price_list_agent_range")),
        sa.CheckConstraint(
            "refund_fee_minor >= 0 AND chargeback_fee_minor >= 0",
            name=op.f("ck_price_list_fees_not_negative"),
        ),
        sa.CheckConstraint("tax_bps BETWEEN 0 AND 10000", name=op.f("ck_price_list_tax_range")),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_price_list_merchant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_list")),
        sa.UniqueConstraint(
            "merchant_id",
            "livemode",
            "currency",
            "effective_from",
            name=op.f("uq_price_list_merchant_id_livemode_currency_effective_from"),
        ),
        sa.UniqueConstraint(
            "merchant_id", "livemode", "id", name=op.f("uq_price_list_merchant_id_livemode_id")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_price_list_public_id")),
    )
    op.create_table(
        "price_rule",
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
            "price_list_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "method",
            sa.String(length=32).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=32), "mysql"
            ),
            nullable=False,
        ),
        sa.Column(
            "brand",
            sa.String(length=32).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=32), "mysql"
            ),
            nullable=False,
        ),
        sa.Column("percent_bps", sa.Integer(), nullable=False),
        sa.Column("fixed_minor", sa.BigInteger(), nullable=False),
        sa.Column("minimum_minor", sa.BigInteger(), nullable=True),
        sa.Column("maximum_minor", sa.BigInteger(), nullable=True),
        sa.Column("tiers", sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql"), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column(
            "merchant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.CheckConstraint(
            "percent_bps BETWEEN 0 AND 10000 AND fixed_minor >= 0", name=op.f("ck_price_rule_range")
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id", "livemode", "price_list_id"],
            ["price_list.merchant_id", "price_list.livemode", "price_list.id"],
            name=op.f("fk_price_rule_merchant_id_livemode_price_list_id"),
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_price_rule_merchant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_rule")),
        sa.UniqueConstraint(
            "merchant_id",
            "livemode",
            "price_list_id",
            "method",
            "brand",
            name=op.f("uq_price_rule_merchant_id_livemode_price_list_id_method_brand"),
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_price_rule_public_id")),
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("price_rule")
    op.drop_table("price_list")
