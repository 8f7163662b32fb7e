"""Payment links, and which of a merchant's payments came by one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_FOREIGN = "fk_payment_merchant_id_livemode_payment_link_id"
_OF_PAYMENT = ["merchant_id", "livemode", "payment_link_id"]


def upgrade() -> None:
    """Make the table, and let payments name a link; those that there are name none."""
    _links()
    with op.batch_alter_table("payment", schema=None, table_args=_checks()) as batch_op:
        batch_op.add_column(sa.Column("payment_link_id", _reference(), nullable=True))
        batch_op.create_index(
            "ix_payment_link",
            [*_OF_PAYMENT, "created_at", "id", "captured_minor"],
            unique=False,
        )
        batch_op.create_foreign_key(
            op.f(_FOREIGN), "payment_link", _OF_PAYMENT, ["merchant_id", "livemode", "id"]
        )


def downgrade() -> None:
    """Let payments forget their links, and drop the table."""
    with op.batch_alter_table("payment", schema=None, table_args=_checks()) as batch_op:
        batch_op.drop_constraint(op.f(_FOREIGN), type_="foreignkey")
        batch_op.drop_index("ix_payment_link")
        batch_op.drop_column("payment_link_id")
    op.drop_table("payment_link")


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


def _links() -> None:
    op.create_table(
        "payment_link",
        sa.Column("id", _reference(), autoincrement=True, nullable=False),
        sa.Column("public_id", _code(40), nullable=False),
        sa.Column("token", _code(40), nullable=False),
        sa.Column("kind", _code(32), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("description", sa.String(length=255), nullable=False),
        sa.Column("reference", _code(64), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("least_minor", sa.BigInteger(), nullable=True),
        sa.Column("most_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", _code(24), nullable=False),
        sa.Column("most_payments", sa.Integer(), nullable=True),
        sa.Column("customer_email", sa.LargeBinary(), nullable=True),
        sa.Column("return_url", sa.String(length=255), nullable=False),
        sa.Column("expires_at", _moment(), nullable=True),
        sa.Column("switched_off_at", _moment(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.String(length=255), nullable=False),
        sa.Column("created_at", _moment(), nullable=False),
        sa.Column("changed_at", _moment(), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("merchant_id", _reference(), nullable=False),
        sa.CheckConstraint(
            "(amount_minor IS NULL AND least_minor > 0)"
            " OR (amount_minor > 0 AND least_minor IS NULL AND most_minor IS NULL)",
            name=op.f("ck_payment_link_amount_or_range"),
        ),
        sa.CheckConstraint(
            "most_minor IS NULL OR most_minor >= least_minor",
            name=op.f("ck_payment_link_range_ascends"),
        ),
        sa.CheckConstraint(
            "most_payments IS NULL OR most_payments > 0",
            name=op.f("ck_payment_link_payments_positive"),
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_payment_link_merchant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_link")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payment_link_public_id")),
        sa.UniqueConstraint("token", name=op.f("uq_payment_link_token")),
        sa.UniqueConstraint(
            "merchant_id", "livemode", "id", name=op.f("uq_payment_link_merchant_id_livemode_id")
        ),
    )
    with op.batch_alter_table("payment_link", schema=None) as batch_op:
        batch_op.create_index(
            "ix_payment_link_merchant",
            ["merchant_id", "livemode", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            "ix_payment_link_book", ["livemode", "created_at", "id"], unique=False
        )


def _reference() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _code(length: int) -> sa.types.TypeEngine[str]:
    """Return the type of ids and codes: compared byte by byte."""
    return sa.String(length=length).with_variant(
        mysql.VARCHAR(collation="utf8mb4_bin", length=length), "mysql"
    )


def _moment() -> sa.DateTime:
    """Return the type of moments: UTC with microseconds."""
    return sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql")
