"""Rows of files that become payment links, and whom a link is for, with what to tell of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_LINK = ["merchant_id", "livemode", "payment_link_id"]
_TO_LINK = ["merchant_id", "livemode", "id"]


def upgrade() -> None:
    """Make the columns; of the rows and links that there are none has anything in them."""
    with op.batch_alter_table("payment_link", schema=None) as batch_op:
        batch_op.add_column(sa.Column("customer_name", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("customer_phone", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("payer_locale", _code(16), nullable=True))
        batch_op.add_column(sa.Column("details", _text(), nullable=True))
        batch_op.create_index(
            "ix_payment_link_reference", ["merchant_id", "livemode", "reference"], unique=False
        )
    with op.batch_alter_table("bulk_upload", schema=None) as batch_op:
        for name in ("rows_links", "rows_mails"):
            batch_op.add_column(sa.Column(name, sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("link_totals", _text(), nullable=True))
    with op.batch_alter_table("bulk_row", schema=None) as batch_op:
        batch_op.add_column(sa.Column("payment_link_id", _reference(), nullable=True))
        batch_op.create_unique_constraint(_unique("bulk_row"), _LINK)
        batch_op.create_foreign_key(_foreign("bulk_row"), "payment_link", _LINK, _TO_LINK)
    with op.batch_alter_table("bulk_reference", schema=None) as batch_op:
        batch_op.add_column(sa.Column("payment_link_id", _reference(), nullable=True))
        batch_op.alter_column("payment_id", existing_type=_reference(), nullable=True)
        batch_op.create_foreign_key(_foreign("bulk_reference"), "payment_link", _LINK, _TO_LINK)
        batch_op.create_check_constraint(
            op.f("ck_bulk_reference_payment_or_link"),
            "(payment_id IS NULL) <> (payment_link_id IS NULL)",
        )


def downgrade() -> None:
    """Forget which rows became links, then drop the columns."""
    op.execute("DELETE FROM bulk_reference WHERE payment_id IS NULL")
    with op.batch_alter_table("bulk_reference", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_bulk_reference_payment_or_link"), type_="check")
        batch_op.drop_constraint(_foreign("bulk_reference"), type_="foreignkey")
        batch_op.drop_column("payment_link_id")
        batch_op.alter_column("payment_id", existing_type=_reference(), nullable=False)
    with op.batch_alter_table("bulk_row", schema=None) as batch_op:
        batch_op.drop_constraint(_foreign("bulk_row"), type_="foreignkey")
        batch_op.drop_constraint(_unique("bulk_row"), type_="unique")
        batch_op.drop_column("payment_link_id")
    with op.batch_alter_table("bulk_upload", schema=None) as batch_op:
        for name in ("link_totals", "rows_mails", "rows_links"):
            batch_op.drop_column(name)
    with op.batch_alter_table("payment_link", schema=None, table_args=_checks()) as batch_op:
        batch_op.drop_index("ix_payment_link_reference")
        for name in ("details", "payer_locale", "customer_phone", "customer_name"):
            batch_op.drop_column(name)


def _checks() -> tuple[sa.CheckConstraint, ...]:
    """Return what SQLite would forget, which makes the table anew."""
    return (
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
    )


def _unique(table: str) -> str:
    return op.f(f"uq_{table}_merchant_id_livemode_payment_link_id")


def _foreign(table: str) -> str:
    return op.f(f"fk_{table}_merchant_id_livemode_payment_link_id")


def _reference() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text() -> sa.types.TypeEngine[str]:
    return sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql")


def _code(length: int) -> sa.types.TypeEngine[str]:
    """Return the type of ids and codes: compared byte by byte."""
    return sa.String(length=length).with_variant(
        mysql.VARCHAR(collation="utf8mb4_bin", length=length), "mysql"
    )
