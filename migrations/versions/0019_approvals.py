"""Requests that wait for a second person, and what was decided."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "approval_request",
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
            "command",
            sa.String(length=64).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=64), "mysql"
            ),
            nullable=False,
        ),
        sa.Column(
            "object_type",
            sa.String(length=32).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=32), "mysql"
            ),
            nullable=False,
        ),
        sa.Column(
            "object_id",
            sa.String(length=80).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=80), "mysql"
            ),
            nullable=False,
        ),
        sa.Column(
            "object_digest",
            sa.BINARY(length=32).with_variant(sa.LargeBinary(length=32), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "open_key",
            sa.String(length=160).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=160), "mysql"
            ),
            nullable=True,
        ),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column(
            "currency",
            sa.String(length=24).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=24), "mysql"
            ),
            nullable=True,
        ),
        sa.Column("sentence", sa.String(length=255), nullable=False),
        sa.Column("reason", sa.String(length=255), nullable=False),
        sa.Column(
            "state",
            sa.String(length=32).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=32), "mysql"
            ),
            nullable=False,
        ),
        sa.Column("maker_user_id", sa.Integer(), nullable=False),
        sa.Column("maker_label", sa.String(length=255), nullable=False),
        sa.Column("checker_user_id", sa.Integer(), nullable=True),
        sa.Column("checker_label", sa.String(length=255), nullable=True),
        sa.Column(
            "result_id",
            sa.String(length=40).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=40), "mysql"
            ),
            nullable=True,
        ),
        sa.Column(
            "created_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql"), nullable=False
        ),
        sa.Column(
            "lapses_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql"), nullable=False
        ),
        sa.Column(
            "decided_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql"), nullable=True
        ),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column(
            "merchant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.CheckConstraint(
            "checker_user_id IS NULL OR checker_user_id <> maker_user_id",
            name=op.f("ck_approval_request_maker_is_not_checker"),
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_approval_request_merchant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_request")),
        sa.UniqueConstraint("livemode", "id", name=op.f("uq_approval_request_livemode_id")),
        sa.UniqueConstraint("open_key", name=op.f("uq_approval_request_open_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_approval_request_public_id")),
    )
    with op.batch_alter_table("approval_request", schema=None) as batch_op:
        batch_op.create_index(
            "ix_approval_request_merchant",
            ["merchant_id", "livemode", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index("ix_approval_request_object", ["object_id", "id"], unique=False)
        batch_op.create_index(
            "ix_approval_request_state", ["livemode", "state", "created_at", "id"], unique=False
        )

    op.create_table(
        "approval_decision",
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
            "request_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=255), nullable=False),
        sa.Column(
            "verdict",
            sa.String(length=32).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=32), "mysql"
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=255), nullable=False),
        sa.Column(
            "created_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql"), nullable=False
        ),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column(
            "merchant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.ForeignKeyConstraint(
            ["livemode", "request_id"],
            ["approval_request.livemode", "approval_request.id"],
            name=op.f("fk_approval_decision_livemode_request_id"),
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_approval_decision_merchant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_decision")),
        sa.UniqueConstraint("public_id", name=op.f("uq_approval_decision_public_id")),
        sa.UniqueConstraint(
            "request_id", "user_id", name=op.f("uq_approval_decision_request_id_user_id")
        ),
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("approval_decision")
    with op.batch_alter_table("approval_request", schema=None) as batch_op:
        batch_op.drop_index("ix_approval_request_state")
        batch_op.drop_index("ix_approval_request_object")
        batch_op.drop_index("ix_approval_request_merchant")

    op.drop_table("approval_request")
