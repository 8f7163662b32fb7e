"""Mails to people, and one-time links: notification, person_token; merchants choose receipts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and the column."""
    _notifications()
    _tokens()
    with op.batch_alter_table("merchant", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("receipts", sa.Boolean(), server_default=sa.text("1"), nullable=False)
        )


def downgrade() -> None:
    """Drop them."""
    with op.batch_alter_table("merchant", schema=None) as batch_op:
        batch_op.drop_column("receipts")
    op.drop_table("person_token")
    op.drop_table("notification")


def _notifications() -> None:
    op.create_table(
        "notification",
        sa.Column("id", _reference(), autoincrement=True, nullable=False),
        sa.Column("public_id", _code(40), nullable=False),
        sa.Column("kind", _code(32), nullable=False),
        sa.Column("locale", _code(16), nullable=False),
        sa.Column("zone", _code(64), nullable=False),
        sa.Column("recipient", sa.LargeBinary(), nullable=False),
        sa.Column("recipient_index", _digest(), nullable=False),
        sa.Column("object_type", _code(32), nullable=False),
        sa.Column("object_id", _code(40), nullable=False),
        sa.Column("dedupe_key", _code(160), nullable=False),
        sa.Column("params", sa.LargeBinary(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("state", _code(32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("task_id", _reference(), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=True),
        sa.Column("error", sa.String(length=255), nullable=True),
        sa.Column("next_at", _moment(), nullable=True),
        sa.Column("sent_at", _moment(), nullable=True),
        sa.Column("created_at", _moment(), nullable=False),
        sa.Column("changed_at", _moment(), nullable=False),
        *_owner("notification"),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_notification_dedupe_key")),
    )
    _index("notification", "created", "created_at", "id")
    _index("notification", "merchant", "merchant_id", "created_at", "id")
    _index("notification", "recipient", "recipient_index", "created_at", "id")
    _index("notification", "object", "object_id", "id")


def _tokens() -> None:
    op.create_table(
        "person_token",
        sa.Column("id", _reference(), autoincrement=True, nullable=False),
        sa.Column("public_id", _code(40), nullable=False),
        sa.Column("kind", _code(32), nullable=False),
        sa.Column("digest", _digest(), nullable=False),
        sa.Column("email", sa.LargeBinary(), nullable=False),
        sa.Column("email_index", _digest(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(length=128), nullable=True),
        sa.Column("invited_by", sa.String(length=255), nullable=False),
        sa.Column("expires_at", _moment(), nullable=False),
        sa.Column("used_at", _moment(), nullable=True),
        sa.Column("revoked_at", _moment(), nullable=True),
        sa.Column("created_at", _moment(), nullable=False),
        *_owner("person_token"),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["ab_user.id"],
            name=op.f("fk_person_token_user_id"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("digest", name=op.f("uq_person_token_digest")),
    )
    _index("person_token", "created", "kind", "created_at", "id")
    _index("person_token", "merchant", "merchant_id", "kind", "created_at", "id")
    _index("person_token", "user", "user_id", "created_at")


def _owner(table: str) -> list[sa.schema.SchemaItem]:
    """Return whose the rows are, if anybody's, and their keys."""
    return [
        sa.Column("merchant_id", _reference(), nullable=True),
        sa.Column("livemode", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f(f"fk_{table}_merchant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("public_id", name=op.f(f"uq_{table}_public_id")),
    ]


def _index(table: str, name: str, *columns: str) -> None:
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.create_index(f"ix_{table}_{name}", list(columns), unique=False)


def _reference() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _digest() -> sa.types.TypeEngine[bytes]:
    return sa.BINARY(length=32).with_variant(sa.LargeBinary(length=32), "sqlite")


def _code(length: int) -> sa.types.TypeEngine[str]:
    """Return the type of ids and codes: compared byte by byte."""
    return sa.String(length=length).with_variant(
        mysql.VARCHAR(collation="utf8mb4_bin", length=length), "mysql"
    )


def _moment() -> sa.DateTime:
    """Return the type of moments: UTC with microseconds."""
    return sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql")
