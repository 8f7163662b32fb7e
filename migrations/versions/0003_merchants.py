"""Merchants, memberships, capabilities and connector accounts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "merchant",
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
            "key",
            sa.String(length=40).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=40), "mysql"
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column(
            "country",
            sa.String(length=2).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=2), "mysql"
            ),
            nullable=False,
        ),
        sa.Column(
            "default_currency",
            sa.String(length=24).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=24), "mysql"
            ),
            nullable=False,
        ),
        sa.Column(
            "timezone",
            sa.String(length=40).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=40), "mysql"
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.String(length=32).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=32), "mysql"
            ),
            nullable=False,
        ),
        sa.Column(
            "created_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merchant")),
        sa.UniqueConstraint("key", name=op.f("uq_merchant_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_merchant_public_id")),
    )
    op.create_table(
        "amount_limit",
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
            "kind",
            sa.String(length=32).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=32), "mysql"
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
        sa.Column("max_minor", sa.BigInteger(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql"), nullable=False
        ),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column(
            "merchant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.CheckConstraint("max_minor > 0", name=op.f("ck_amount_limit_max_positive")),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_amount_limit_merchant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amount_limit")),
        sa.UniqueConstraint(
            "merchant_id",
            "livemode",
            "kind",
            "currency",
            name=op.f("uq_amount_limit_merchant_id_livemode_kind_currency"),
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_amount_limit_public_id")),
    )
    op.create_table(
        "capability",
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
            "kind",
            sa.String(length=32).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=32), "mysql"
            ),
            nullable=False,
        ),
        sa.Column("granted_by", sa.String(length=128), nullable=False),
        sa.Column(
            "granted_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql"), nullable=False
        ),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column(
            "merchant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_capability_merchant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capability")),
        sa.UniqueConstraint(
            "merchant_id", "livemode", "kind", name=op.f("uq_capability_merchant_id_livemode_kind")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_capability_public_id")),
    )
    op.create_table(
        "connector_account",
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
            "connector",
            sa.String(length=32).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=32), "mysql"
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("base_url", sa.String(length=255), nullable=False),
        sa.Column("credentials", sa.LargeBinary(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql"), nullable=False
        ),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column(
            "merchant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_connector_account_merchant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connector_account")),
        sa.UniqueConstraint("id", "livemode", name=op.f("uq_connector_account_id_livemode")),
        sa.UniqueConstraint("public_id", name=op.f("uq_connector_account_public_id")),
    )
    op.create_table(
        "membership",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "merchant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "created_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_membership_merchant_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["ab_user.id"], name=op.f("fk_membership_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
        sa.UniqueConstraint(
            "user_id", "merchant_id", name=op.f("uq_membership_user_id_merchant_id")
        ),
    )
    op.create_table(
        "price",
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
            "method",
            sa.String(length=32).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=32), "mysql"
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
        sa.Column("percent_bps", sa.Integer(), nullable=False),
        sa.Column("fixed_minor", sa.BigInteger(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql"), nullable=False
        ),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column(
            "merchant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.CheckConstraint(
            "percent_bps BETWEEN 0 AND 10000 AND fixed_minor >= 0", name=op.f("ck_price_range")
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_price_merchant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price")),
        sa.UniqueConstraint(
            "merchant_id",
            "livemode",
            "method",
            "currency",
            name=op.f("uq_price_merchant_id_livemode_method_currency"),
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_price_public_id")),
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("price")
    op.drop_table("membership")
    op.drop_table("connector_account")
    op.drop_table("capability")
    op.drop_table("amount_limit")
    op.drop_table("merchant")
