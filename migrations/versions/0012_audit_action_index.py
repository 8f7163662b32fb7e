"""An index by which the audit trail finds one kind of act, newest first."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    op.create_index("ix_audit_entry_action", "audit_entry", ["action", "created_at", "id"])


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_audit_entry_action", "audit_entry")
