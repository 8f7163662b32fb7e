"""The indexes of amounts begin with the currency: a range of amounts is always of one currency."""

from __future__ import annotations

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_SCOPES = {"book": ["livemode"], "merchant": ["merchant_id", "livemode"]}


def upgrade() -> None:
    """Put the currency first."""
    _put_first("currency", "amount_minor")


def downgrade() -> None:
    """Put the amount first again."""
    _put_first("amount_minor", "currency")


def _put_first(*columns: str) -> None:
    """Exchange both indexes in one statement each, under their names.

    The release that still runs names them in its queries: it may never find them missing.
    """
    for scope, owner in _SCOPES.items():
        name = f"ix_payment_{scope}_amount"
        both = [*owner, *columns, "created_at", "id"]
        if op.get_bind().dialect.name == "mysql":
            keys = ", ".join(f"`{column}`" for column in both)
            op.execute(f"ALTER TABLE payment DROP INDEX {name}, ADD INDEX {name} ({keys})")
        else:
            op.drop_index(name, "payment")
            op.create_index(name, "payment", both)
