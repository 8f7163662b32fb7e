"""Indexes of the search box and of the filters of the lists: each gives its rows newest first."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_BOOK = ["livemode"]
_MERCHANT = ["merchant_id", "livemode"]
_NEWEST = ["created_at", "id"]
# With these behind it, a list with any of their filters is read from the index alone.
_FILTERS = ["status", "currency", "method", "failure_code", "amount_minor"]
_REFUND = ["state", "currency", "amount_minor"]

# The new ones come before the old ones go: the release that still runs is never without.
_NEW = (
    ("payment", "ix_payment_book_newest", [*_BOOK, *_NEWEST, *_FILTERS]),
    ("payment", "ix_payment_merchant_newest", [*_MERCHANT, *_NEWEST, *_FILTERS]),
    ("payment", "ix_payment_book_reference", [*_BOOK, "reference", *_NEWEST]),
    ("payment", "ix_payment_merchant_reference", [*_MERCHANT, "reference", *_NEWEST]),
    ("payment", "ix_payment_book_email", [*_BOOK, "customer_email_index", *_NEWEST]),
    ("payment", "ix_payment_merchant_email", [*_MERCHANT, "customer_email_index", *_NEWEST]),
    ("payment", "ix_payment_book_amount", [*_BOOK, "amount_minor", "currency", *_NEWEST]),
    ("payment", "ix_payment_merchant_amount", [*_MERCHANT, "amount_minor", "currency", *_NEWEST]),
    ("payment", "ix_payment_merchant_status", [*_MERCHANT, "status", *_NEWEST]),
    ("operation", "ix_operation_book_kind", [*_BOOK, "kind", *_NEWEST, *_REFUND]),
    ("operation", "ix_operation_merchant_kind", [*_MERCHANT, "kind", *_NEWEST, *_REFUND]),
    ("attempt", "ix_attempt_merchant_last4", [*_MERCHANT, "card_last4"]),
    ("merchant", "ix_merchant_name", ["name"]),
)
_OLD = (
    ("payment", "ix_payment_created", [*_BOOK, *_NEWEST]),
    ("payment", "ix_payment_merchant_created", [*_MERCHANT, *_NEWEST]),
    ("payment", "ix_payment_reference_book", [*_BOOK, "reference"]),
    ("payment", "ix_payment_reference", [*_MERCHANT, "reference"]),
    ("payment", "ix_payment_email", [*_BOOK, "customer_email_index"]),
    ("operation", "ix_operation_kind", [*_BOOK, "kind", *_NEWEST]),
)


def upgrade() -> None:
    """Make the new indexes, then drop those that they replace."""
    for table, name, columns in _NEW:
        op.create_index(name, table, columns)
    for table, name, _ in _OLD:
        op.drop_index(name, table)


def downgrade() -> None:
    """Make the former indexes again, then drop the new ones."""
    for table, name, columns in _OLD:
        op.create_index(name, table, columns)
    for table, name, _ in _NEW:
        op.drop_index(name, table)
