"""Applications of businesses that ask to be taken on as merchants."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "merchant_application",
        sa.Column("id", _reference(), autoincrement=True, nullable=False),
        sa.Column("public_id", _code(40), nullable=False),
        sa.Column("state", _code(32), nullable=False),
        sa.Column("business", sa.String(length=128), nullable=False),
        sa.Column("country", _code(2), nullable=False),
        sa.Column("default_currency", _code(24), nullable=False),
        sa.Column("timezone", _code(40), nullable=False),
        sa.Column("website", sa.String(length=255), nullable=False),
        sa.Column("sells", sa.String(length=255), nullable=False),
        sa.Column("first_name", sa.LargeBinary(), nullable=True),
        sa.Column("last_name", sa.LargeBinary(), nullable=True),
        sa.Column("email", sa.LargeBinary(), nullable=True),
        sa.Column("email_index", _digest(), nullable=True),
        sa.Column("locale", _code(16), nullable=False),
        sa.Column("token_id", _reference(), nullable=True),
        sa.Column("merchant_id", _reference(), nullable=True),
        sa.Column("reason", sa.String(length=255), nullable=True),
        sa.Column("decided_by", sa.String(length=255), nullable=True),
        sa.Column("decided_at", _moment(), nullable=True),
        sa.Column("confirmed_at", _moment(), nullable=True),
        sa.Column("created_at", _moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["token_id"], ["person_token.id"], name=op.f("fk_merchant_application_token_id")
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_merchant_application_merchant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merchant_application")),
        sa.UniqueConstraint("public_id", name=op.f("uq_merchant_application_public_id")),
        sa.UniqueConstraint("token_id", name=op.f("uq_merchant_application_token_id")),
        sa.UniqueConstraint("merchant_id", name=op.f("uq_merchant_application_merchant_id")),
    )
    with op.batch_alter_table("merchant_application", schema=None) as batch_op:
        batch_op.create_index("ix_merchant_application_created", ["created_at", "id"], unique=False)
        batch_op.create_index(
            "ix_merchant_application_state", ["state", "created_at", "id"], unique=False
        )
        batch_op.create_index(
            "ix_merchant_application_email", ["email_index", "created_at", "id"], unique=False
        )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("merchant_application")


def _reference() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _code(length: int) -> sa.types.TypeEngine[str]:
    """Return the type of ids and codes: compared byte by byte."""
    return sa.String(length=length).with_variant(
        mysql.VARCHAR(collation="utf8mb4_bin", length=length), "mysql"
    )


def _digest() -> sa.types.TypeEngine[bytes]:
    return sa.BINARY(length=32).with_variant(sa.LargeBinary(length=32), "sqlite")


def _moment() -> sa.DateTime:
    """Return the type of moments: UTC with microseconds."""
    return sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql")
