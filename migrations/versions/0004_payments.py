"""Payments and attempts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "payment",
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
            "reference",
            sa.String(length=64).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=64), "mysql"
            ),
            nullable=False,
        ),
        sa.Column(
            "origin",
            sa.String(length=32).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=32), "mysql"
            ),
            nullable=False,
        ),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column(
            "currency",
            sa.String(length=24).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=24), "mysql"
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
            "capture_mode",
            sa.String(length=32).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=32), "mysql"
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
        sa.Column("captured_minor", sa.BigInteger(), nullable=False),
        sa.Column("captured_peak_minor", sa.BigInteger(), nullable=False),
        sa.Column("refund_asked_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("disputed_minor", sa.BigInteger(), nullable=False),
        sa.Column("charged_back_minor", sa.BigInteger(), nullable=False),
        sa.Column(
            "closed",
            sa.String(length=16).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=16), "mysql"
            ),
            nullable=True,
        ),
        sa.Column(
            "page_token",
            sa.String(length=40).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=40), "mysql"
            ),
            nullable=False,
        ),
        sa.Column(
            "return_nonce",
            sa.String(length=40).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=40), "mysql"
            ),
            nullable=True,
        ),
        sa.Column("customer_name", sa.LargeBinary(), nullable=True),
        sa.Column("customer_email", sa.LargeBinary(), nullable=True),
        sa.Column(
            "customer_email_index",
            sa.BINARY(length=32).with_variant(sa.LargeBinary(length=32), "sqlite"),
            nullable=True,
        ),
        sa.Column("customer_phone", sa.LargeBinary(), nullable=True),
        sa.Column("description", sa.String(length=255), nullable=False),
        sa.Column("details", sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql"), nullable=False),
        sa.Column("return_url", sa.String(length=255), nullable=False),
        sa.Column(
            "failure_code",
            sa.String(length=48).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=48), "mysql"
            ),
            nullable=True,
        ),
        sa.Column("created_by", sa.String(length=255), nullable=False),
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
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_payment_amount_positive")),
        sa.CheckConstraint(
            "captured_minor <= captured_peak_minor", name=op.f("ck_payment_captured_peak")
        ),
        sa.CheckConstraint(
            "refund_asked_minor >= 0 AND refund_asked_minor <= captured_peak_minor",
            name=op.f("ck_payment_refund_asked_within_captured"),
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_payment_merchant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint(
            "merchant_id", "livemode", "id", name=op.f("uq_payment_merchant_id_livemode_id")
        ),
        sa.UniqueConstraint("page_token", name=op.f("uq_payment_page_token")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payment_public_id")),
    )
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.create_index("ix_payment_created", ["livemode", "created_at", "id"], unique=False)
        batch_op.create_index(
            "ix_payment_email", ["livemode", "customer_email_index"], unique=False
        )
        batch_op.create_index(
            "ix_payment_merchant_created",
            ["merchant_id", "livemode", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            "ix_payment_reference", ["merchant_id", "livemode", "reference"], unique=False
        )
        batch_op.create_index("ix_payment_reference_book", ["livemode", "reference"], unique=False)
        batch_op.create_index(
            "ix_payment_status", ["livemode", "status", "created_at", "id"], unique=False
        )

    op.create_table(
        "attempt",
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
            "connector_account_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "method",
            sa.String(length=32).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=32), "mysql"
            ),
            nullable=False,
        ),
        sa.Column("card_token", sa.LargeBinary(), nullable=True),
        sa.Column(
            "card_brand",
            sa.String(length=24).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=24), "mysql"
            ),
            nullable=True,
        ),
        sa.Column(
            "card_last4",
            sa.String(length=4).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=4), "mysql"
            ),
            nullable=True,
        ),
        sa.Column(
            "card_fingerprint",
            sa.String(length=64).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=64), "mysql"
            ),
            nullable=True,
        ),
        sa.Column(
            "created_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql"), nullable=False
        ),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column(
            "merchant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["connector_account_id", "livemode"],
            ["connector_account.id", "connector_account.livemode"],
            name=op.f("fk_attempt_connector_account_id_livemode"),
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id", "livemode", "payment_id"],
            ["payment.merchant_id", "payment.livemode", "payment.id"],
            name=op.f("fk_attempt_merchant_id_livemode_payment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_attempt_merchant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.UniqueConstraint(
            "merchant_id",
            "livemode",
            "payment_id",
            "id",
            name=op.f("uq_attempt_merchant_id_livemode_payment_id_id"),
        ),
        sa.UniqueConstraint(
            "merchant_id",
            "livemode",
            "payment_id",
            "number",
            name=op.f("uq_attempt_merchant_id_livemode_payment_id_number"),
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_attempt_public_id")),
    )
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.create_index("ix_attempt_last4", ["livemode", "card_last4"], unique=False)


def downgrade() -> None:
    """Drop the tables."""
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.drop_index("ix_attempt_last4")

    op.drop_table("attempt")
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.drop_index("ix_payment_status")
        batch_op.drop_index("ix_payment_reference_book")
        batch_op.drop_index("ix_payment_reference")
        batch_op.drop_index("ix_payment_merchant_created")
        batch_op.drop_index("ix_payment_email")
        batch_op.drop_index("ix_payment_created")

    op.drop_table("payment")
