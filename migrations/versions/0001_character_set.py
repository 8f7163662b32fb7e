"""The database's character set and collation, before any table is made."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Set utf8mb4 once; tables that follow inherit it. SQLite has nothing to set."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        return
    name = connection.exec_driver_sql("SELECT DATABASE()").scalar_one()
    connection.exec_driver_sql(
        f"ALTER DATABASE `{name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci"
    )


def downgrade() -> None:
    """Leave the character set: tables may rely on it."""
