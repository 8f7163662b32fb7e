"""Webhooks out: endpoints of merchants, events, their deliveries and every attempt."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _endpoints()
    _events()
    _deliveries()
    _attempts()
    _resends()


def downgrade() -> None:
    """Drop the tables."""
    for name in (
        "webhook_resend",
        "webhook_attempt",
        "webhook_delivery",
        "event",
        "webhook_endpoint",
    ):
        op.drop_table(name)


def _endpoints() -> None:
    op.create_table(
        "webhook_endpoint",
        _key(),
        sa.Column("public_id", _code(40), nullable=False),
        sa.Column("url", _code(500), nullable=False),
        sa.Column("description", sa.String(length=255), nullable=False),
        sa.Column("events", _code(1024), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("former_secret", sa.LargeBinary(), nullable=True),
        sa.Column("former_until", _moment(), nullable=True),
        sa.Column("state", _code(32), nullable=False),
        sa.Column("disabled_reason", sa.String(length=255), nullable=True),
        sa.Column("failing_since", _moment(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.String(length=255), nullable=False),
        sa.Column("created_at", _moment(), nullable=False),
        sa.Column("changed_at", _moment(), nullable=False),
        sa.Column("deleted_at", _moment(), nullable=True),
        *_owner("webhook_endpoint"),
        sa.UniqueConstraint(
            "merchant_id",
            "livemode",
            "id",
            name=op.f("uq_webhook_endpoint_merchant_id_livemode_id"),
        ),
    )
    _index("webhook_endpoint", "merchant", "merchant_id", "livemode", "created_at", "id")
    _index("webhook_endpoint", "book", "livemode", "created_at", "id")


def _events() -> None:
    op.create_table(
        "event",
        _key(),
        sa.Column("public_id", _code(40), nullable=False),
        sa.Column("type", _code(32), nullable=False),
        sa.Column("object_type", _code(32), nullable=False),
        sa.Column("object_id", _code(40), nullable=False),
        sa.Column("object_version", sa.Integer(), nullable=False),
        sa.Column("body", _long(), nullable=False),
        sa.Column("created_at", _moment(), nullable=False),
        *_owner("event"),
        sa.UniqueConstraint(
            "merchant_id", "livemode", "id", name=op.f("uq_event_merchant_id_livemode_id")
        ),
    )
    _index("event", "merchant", "merchant_id", "livemode", "created_at", "id", "type")
    _index("event", "book", "livemode", "created_at", "id", "type")
    _index("event", "object", "object_id", "object_version")


def _deliveries() -> None:
    op.create_table(
        "webhook_delivery",
        _key(),
        sa.Column("public_id", _code(40), nullable=False),
        sa.Column("event_id", _reference(), nullable=False),
        sa.Column("endpoint_id", _reference(), nullable=False),
        sa.Column("state", _code(32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("next_at", _moment(), nullable=True),
        sa.Column("task_id", _reference(), nullable=False),
        sa.Column("created_at", _moment(), nullable=False),
        sa.Column("changed_at", _moment(), nullable=False),
        *_owner("webhook_delivery"),
        sa.UniqueConstraint(
            "event_id", "endpoint_id", name=op.f("uq_webhook_delivery_event_id_endpoint_id")
        ),
        sa.UniqueConstraint(
            "merchant_id",
            "livemode",
            "id",
            name=op.f("uq_webhook_delivery_merchant_id_livemode_id"),
        ),
        _foreign("webhook_delivery", "event_id", "event"),
        _foreign("webhook_delivery", "endpoint_id", "webhook_endpoint"),
    )
    _index("webhook_delivery", "endpoint", "endpoint_id", "created_at", "id", "state")
    _index("webhook_delivery", "state", "endpoint_id", "state", "created_at", "id")
    _index("webhook_delivery", "merchant", "merchant_id", "livemode", "created_at", "id", "state")
    _index("webhook_delivery", "book", "livemode", "created_at", "id", "state")


def _attempts() -> None:
    op.create_table(
        "webhook_attempt",
        _key(),
        sa.Column("delivery_id", _reference(), nullable=False),
        sa.Column("url", _code(500), nullable=False),
        sa.Column("headers", _long(), nullable=False),
        sa.Column("address", _code(45), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", _long(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=255), nullable=True),
        sa.Column("created_at", _moment(), nullable=False),
        *_owner("webhook_attempt")[:-1],
        _foreign("webhook_attempt", "delivery_id", "webhook_delivery"),
    )
    _index("webhook_attempt", "delivery", "delivery_id", "id")


def _resends() -> None:
    op.create_table(
        "webhook_resend",
        _key(),
        sa.Column("public_id", _code(40), nullable=False),
        sa.Column("endpoint_id", _reference(), nullable=False),
        sa.Column("from_at", _moment(), nullable=False),
        sa.Column("to_at", _moment(), nullable=False),
        sa.Column("which", _code(32), nullable=False),
        sa.Column("state", _code(32), nullable=False),
        sa.Column("done_up_to", _reference(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.String(length=255), nullable=False),
        sa.Column("created_at", _moment(), nullable=False),
        sa.Column("changed_at", _moment(), nullable=False),
        *_owner("webhook_resend"),
        _foreign("webhook_resend", "endpoint_id", "webhook_endpoint"),
    )
    _index("webhook_resend", "endpoint", "endpoint_id", "id")


def _owner(table: str) -> list[sa.schema.SchemaItem]:
    """Return whose the rows are, their key, and last that their public id is theirs alone."""
    return [
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("merchant_id", _reference(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f(f"fk_{table}_merchant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("public_id", name=op.f(f"uq_{table}_public_id")),
    ]


def _foreign(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    """Return a reference that stays within a merchant and a book."""
    return sa.ForeignKeyConstraint(
        ["merchant_id", "livemode", column],
        [f"{target}.merchant_id", f"{target}.livemode", f"{target}.id"],
        name=op.f(f"fk_{table}_merchant_id_livemode_{column}"),
    )


def _index(table: str, name: str, *columns: str) -> None:
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.create_index(f"ix_{table}_{name}", list(columns), unique=False)


def _key() -> sa.Column[int]:
    return sa.Column("id", _reference(), autoincrement=True, nullable=False)


def _reference() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _long() -> sa.types.TypeEngine[str]:
    return sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql")


def _code(length: int) -> sa.types.TypeEngine[str]:
    """Return the type of ids and codes: compared byte by byte."""
    return sa.String(length=length).with_variant(
        mysql.VARCHAR(collation="utf8mb4_bin", length=length), "mysql"
    )


def _moment() -> sa.DateTime:
    """Return the type of moments: UTC with microseconds."""
    return sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql")
