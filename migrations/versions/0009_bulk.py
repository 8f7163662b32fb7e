"""Bulk uploads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "bulk_upload",
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
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("stored_at", sa.String(length=255), nullable=False),
        sa.Column(
            "content_digest",
            sa.BINARY(length=32).with_variant(sa.LargeBinary(length=32), "sqlite"),
            nullable=False,
        ),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column(
            "encoding",
            sa.String(length=32).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=32), "mysql"
            ),
            nullable=False,
        ),
        sa.Column(
            "delimiter",
            sa.String(length=32).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=32), "mysql"
            ),
            nullable=False,
        ),
        sa.Column(
            "decimal_mark",
            sa.String(length=1).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=1), "mysql"
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
        sa.Column("rows_total", sa.Integer(), nullable=False),
        sa.Column("rows_valid", sa.Integer(), nullable=False),
        sa.Column("rows_done", sa.Integer(), nullable=False),
        sa.Column("rows_retry", sa.Integer(), nullable=False),
        sa.Column("rows_invalid", sa.Integer(), nullable=False),
        sa.Column("cells_invalid", sa.Integer(), nullable=False),
        sa.Column("rows_loaded", sa.Integer(), nullable=False),
        sa.Column("loaded_line", sa.Integer(), nullable=False),
        sa.Column("retry_failed", sa.Boolean(), nullable=False),
        sa.Column("totals", sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql"), nullable=False),
        sa.Column("errors_at", sa.String(length=255), nullable=True),
        sa.Column("failure", sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql"), nullable=True),
        sa.Column("created_by", sa.String(length=255), nullable=False),
        sa.Column("confirmed_by", sa.String(length=255), nullable=True),
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
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_bulk_upload_merchant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_upload")),
        sa.UniqueConstraint(
            "merchant_id", "livemode", "id", name=op.f("uq_bulk_upload_merchant_id_livemode_id")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_bulk_upload_public_id")),
    )
    with op.batch_alter_table("bulk_upload", schema=None) as batch_op:
        batch_op.create_index(
            "ix_bulk_upload_created", ["livemode", "created_at", "id"], unique=False
        )

    op.create_table(
        "bulk_reference",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
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
            "reference",
            sa.String(length=64).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=64), "mysql"
            ),
            nullable=False,
        ),
        sa.Column(
            "content_digest",
            sa.BINARY(length=32).with_variant(sa.LargeBinary(length=32), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "payment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "upload_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "created_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql"), nullable=False
        ),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column(
            "merchant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id", "livemode", "payment_id"],
            ["payment.merchant_id", "payment.livemode", "payment.id"],
            name=op.f("fk_bulk_reference_merchant_id_livemode_payment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_bulk_reference_merchant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_reference")),
        sa.UniqueConstraint(
            "merchant_id",
            "livemode",
            "kind",
            "reference",
            name=op.f("uq_bulk_reference_merchant_id_livemode_kind_reference"),
        ),
    )
    op.create_table(
        "bulk_row",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column(
            "upload_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column(
            "reference",
            sa.String(length=64).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=64), "mysql"
            ),
            nullable=False,
        ),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column(
            "currency",
            sa.String(length=24).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=24), "mysql"
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.String(length=32).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=32), "mysql"
            ),
            nullable=False,
        ),
        sa.Column(
            "code",
            sa.String(length=48).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=48), "mysql"
            ),
            nullable=True,
        ),
        sa.Column("message", sa.String(length=255), nullable=True),
        sa.Column(
            "payment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column(
            "merchant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id", "livemode", "payment_id"],
            ["payment.merchant_id", "payment.livemode", "payment.id"],
            name=op.f("fk_bulk_row_merchant_id_livemode_payment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id", "livemode", "upload_id"],
            ["bulk_upload.merchant_id", "bulk_upload.livemode", "bulk_upload.id"],
            name=op.f("fk_bulk_row_merchant_id_livemode_upload_id"),
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_bulk_row_merchant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_row")),
        sa.UniqueConstraint(
            "merchant_id",
            "livemode",
            "payment_id",
            name=op.f("uq_bulk_row_merchant_id_livemode_payment_id"),
        ),
        sa.UniqueConstraint(
            "merchant_id",
            "livemode",
            "upload_id",
            "line",
            name=op.f("uq_bulk_row_merchant_id_livemode_upload_id_line"),
        ),
    )
    with op.batch_alter_table("bulk_row", schema=None) as batch_op:
        batch_op.create_index("ix_bulk_row_state", ["upload_id", "state", "line"], unique=False)


def downgrade() -> None:
    """Drop the tables."""
    with op.batch_alter_table("bulk_row", schema=None) as batch_op:
        batch_op.drop_index("ix_bulk_row_state")

    op.drop_table("bulk_row")
    op.drop_table("bulk_reference")
    with op.batch_alter_table("bulk_upload", schema=None) as batch_op:
        batch_op.drop_index("ix_bulk_upload_created")

    op.drop_table("bulk_upload")
