"""What a merchant sets up by itself: its face to payers, where they go on to, who is mailed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; merchants do without until they choose, and are told of files as before."""
    with op.batch_alter_table("merchant", schema=None) as batch_op:
        for column in _columns():
            batch_op.add_column(column)


def downgrade() -> None:
    """Drop them."""
    with op.batch_alter_table("merchant", schema=None) as batch_op:
        for column in reversed(_columns()):
            batch_op.drop_column(column.name)


def _columns() -> list[sa.Column[str] | sa.Column[bool]]:
    return [
        _text("shown_name", sa.String(length=128)),
        _text("colour", _code(7)),
        _text("logo_at", _code(160)),
        _text("support_email", sa.String(length=255)),
        _text("support_url", sa.String(length=255)),
        _text("return_url", sa.String(length=255)),
        _text("return_hosts", _code(2000)),
        sa.Column("upload_mails", sa.Boolean(), server_default=sa.text("1"), nullable=False),
    ]


def _text(name: str, kind: sa.types.TypeEngine[str]) -> sa.Column[str]:
    return sa.Column(name, kind, server_default="", nullable=False)


def _code(length: int) -> sa.types.TypeEngine[str]:
    """Return the type of ids and codes: compared byte by byte."""
    return sa.String(length=length).with_variant(
        mysql.VARCHAR(collation="utf8mb4_bin", length=length), "mysql"
    )
