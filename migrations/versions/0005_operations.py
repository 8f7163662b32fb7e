"""Operations, evidence and provider calls."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "evidence",
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
            "connector_account_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "event_id",
            sa.String(length=120).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=120), "mysql"
            ),
            nullable=False,
        ),
        sa.Column(
            "source",
            sa.String(length=32).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=32), "mysql"
            ),
            nullable=False,
        ),
        sa.Column(
            "operation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql"), nullable=False
        ),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column(
            "merchant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.ForeignKeyConstraint(
            ["connector_account_id", "livemode"],
            ["connector_account.id", "connector_account.livemode"],
            name=op.f("fk_evidence_connector_account_id_livemode"),
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_evidence_merchant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
        sa.UniqueConstraint(
            "connector_account_id",
            "event_id",
            name=op.f("uq_evidence_connector_account_id_event_id"),
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_evidence_public_id")),
    )
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.create_index("ix_evidence_operation", ["operation_id", "id"], unique=False)

    op.create_table(
        "provider_call",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column(
            "connector_account_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "operation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "verb",
            sa.String(length=32).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=32), "mysql"
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
        sa.Column("url", sa.String(length=255), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("request", sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql"), nullable=False),
        sa.Column("response", sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql"), nullable=True),
        sa.Column("error", sa.String(length=255), nullable=True),
        sa.Column(
            "created_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql"), nullable=False
        ),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column(
            "merchant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.ForeignKeyConstraint(
            ["connector_account_id", "livemode"],
            ["connector_account.id", "connector_account.livemode"],
            name=op.f("fk_provider_call_connector_account_id_livemode"),
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_provider_call_merchant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_call")),
    )
    with op.batch_alter_table("provider_call", schema=None) as batch_op:
        batch_op.create_index("ix_provider_call_operation", ["operation_id", "id"], unique=False)

    op.create_table(
        "operation",
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
            "kind",
            sa.String(length=32).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=32), "mysql"
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
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column(
            "currency",
            sa.String(length=24).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=24), "mysql"
            ),
            nullable=False,
        ),
        sa.Column(
            "provider_key",
            sa.String(length=40).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=40), "mysql"
            ),
            nullable=False,
        ),
        sa.Column(
            "provider_reference",
            sa.String(length=120).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=120), "mysql"
            ),
            nullable=True,
        ),
        sa.Column("action_url", sa.String(length=255), nullable=True),
        sa.Column("conflicted", sa.Boolean(), nullable=False),
        sa.Column("suspense", sa.Boolean(), nullable=False),
        sa.Column("not_found_looks", sa.Integer(), nullable=False),
        sa.Column(
            "not_found_at",
            sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "look_up_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql"), nullable=True
        ),
        sa.Column(
            "first_sent_at",
            sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql"),
            nullable=True,
        ),
        sa.Column(
            "failure_code",
            sa.String(length=48).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=48), "mysql"
            ),
            nullable=True,
        ),
        sa.Column(
            "provider_code",
            sa.String(length=64).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=64), "mysql"
            ),
            nullable=True,
        ),
        sa.Column("provider_text", sa.String(length=255), nullable=True),
        sa.Column("reason", sa.String(length=255), nullable=True),
        sa.Column(
            "fee_breakdown", sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql"), nullable=True
        ),
        sa.Column("requested_by", sa.String(length=255), nullable=False),
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
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_operation_amount_positive")),
        sa.ForeignKeyConstraint(
            ["merchant_id", "livemode", "payment_id", "attempt_id"],
            ["attempt.merchant_id", "attempt.livemode", "attempt.payment_id", "attempt.id"],
            name=op.f("fk_operation_merchant_id_livemode_payment_id_attempt_id"),
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id", "livemode", "payment_id"],
            ["payment.merchant_id", "payment.livemode", "payment.id"],
            name=op.f("fk_operation_merchant_id_livemode_payment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_operation_merchant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operation")),
        sa.UniqueConstraint(
            "merchant_id", "livemode", "id", name=op.f("uq_operation_merchant_id_livemode_id")
        ),
        sa.UniqueConstraint("provider_key", name=op.f("uq_operation_provider_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_operation_public_id")),
    )
    with op.batch_alter_table("operation", schema=None) as batch_op:
        batch_op.create_index(
            "ix_operation_kind", ["livemode", "kind", "created_at", "id"], unique=False
        )
        batch_op.create_index("ix_operation_payment", ["payment_id", "id"], unique=False)
        batch_op.create_index("ix_operation_provider", ["provider_reference"], unique=False)
        batch_op.create_index("ix_operation_state", ["state", "look_up_at"], unique=False)

    op.create_table(
        "operation_event",
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
            "operation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "before",
            sa.String(length=32).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=32), "mysql"
            ),
            nullable=False,
        ),
        sa.Column(
            "after",
            sa.String(length=32).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=32), "mysql"
            ),
            nullable=False,
        ),
        sa.Column(
            "evidence_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("note", sa.String(length=255), nullable=False),
        sa.Column(
            "created_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql"), nullable=False
        ),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column(
            "merchant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id", "livemode", "operation_id"],
            ["operation.merchant_id", "operation.livemode", "operation.id"],
            name=op.f("fk_operation_event_merchant_id_livemode_operation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_operation_event_merchant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operation_event")),
        sa.UniqueConstraint("public_id", name=op.f("uq_operation_event_public_id")),
    )
    with op.batch_alter_table("operation_event", schema=None) as batch_op:
        batch_op.create_index("ix_operation_event_operation", ["operation_id", "id"], unique=False)


def downgrade() -> None:
    """Drop the tables."""
    with op.batch_alter_table("operation_event", schema=None) as batch_op:
        batch_op.drop_index("ix_operation_event_operation")

    op.drop_table("operation_event")
    with op.batch_alter_table("operation", schema=None) as batch_op:
        batch_op.drop_index("ix_operation_state")
        batch_op.drop_index("ix_operation_provider")
        batch_op.drop_index("ix_operation_payment")
        batch_op.drop_index("ix_operation_kind")

    op.drop_table("operation")
    with op.batch_alter_table("provider_call", schema=None) as batch_op:
        batch_op.drop_index("ix_provider_call_operation")

    op.drop_table("provider_call")
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.drop_index("ix_evidence_operation")

    op.drop_table("evidence")
