"""When a merchant's money becomes available."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


CHUNK = 1000
WAIT = timedelta(days=4)
"""Two business days and a weekend."""

CAPTURED = sa.text(
    "SELECT o.id, o.public_id, o.merchant_id, o.livemode, o.payment_id, l.currency,"
    " MAX(-l.amount_minor) AS amount_minor, MAX(l.created_at) AS taken_at"
    " FROM operation o"
    " JOIN operation_event e ON e.operation_id = o.id"
    " JOIN ledger_journal j ON j.cause_type = 'operation_event' AND j.cause_id = e.public_id"
    " AND j.livemode = o.livemode AND j.kind = 'capture'"
    " JOIN ledger_line l ON l.journal_id = j.id AND l.amount_minor < 0"
    " JOIN ledger_account a ON a.id = l.account_id AND a.code LIKE :pending"
    " WHERE o.id > :after"
    " GROUP BY o.id, o.public_id, o.merchant_id, o.livemode, o.payment_id, l.currency"
    " ORDER BY o.id LIMIT :most"
).columns(
    sa.column("id", sa.BigInteger()),
    sa.column("public_id", sa.String()),
    sa.column("merchant_id", sa.BigInteger()),
    sa.column("livemode", sa.Boolean()),
    sa.column("payment_id", sa.BigInteger()),
    sa.column("currency", sa.String()),
    sa.column("amount_minor", sa.BigInteger()),
    sa.column("taken_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql")),
)
KEEP = sa.text(
    "INSERT INTO lot (public_id, merchant_id, livemode, payment_id, operation_id, kind, number,"
    " amount_minor, currency, state, release_at, created_at) VALUES (:public_id, :merchant_id,"
    " :livemode, :payment_id, :operation_id, 'pending', 1, :amount_minor, :currency, 'held',"
    " :release_at, :created_at)"
).bindparams(
    sa.bindparam("release_at", type_=sa.DateTime()),
    sa.bindparam("created_at", type_=sa.DateTime()),
)


def _give_lots_to_what_was_captured(bind: sa.Connection) -> None:
    """Let the money of earlier captures become available too, a few days after it was taken."""
    after = 0
    wanted = {"pending": "merchant:%:pending", "most": CHUNK}
    while rows := bind.execute(CAPTURED, {**wanted, "after": after}).mappings().all():
        bind.execute(KEEP, [_lot(row) for row in rows])
        after = rows[-1]["id"]


def _lot(row: sa.RowMapping) -> dict[str, object]:
    same = ("merchant_id", "livemode", "payment_id", "amount_minor", "currency")
    return {
        **{name: row[name] for name in same},
        "operation_id": row["id"],
        "public_id": f"lot_{row['public_id'].partition('_')[2]}",
        "release_at": row["taken_at"] + WAIT,
        "created_at": row["taken_at"],
    }


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "settlement_schedule",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column(
            "public_id",
            sa.String(length=40).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=40), "mysql"
            ),
            nullable=False,
        ),
        sa.Column(
            "method",
            sa.String(length=32).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=32), "mysql"
            ),
            nullable=False,
        ),
        sa.Column("release_days", sa.Integer(), nullable=False),
        sa.Column(
            "calendar",
            sa.String(length=2).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=2), "mysql"
            ),
            nullable=False,
        ),
        sa.Column("reserve_bps", sa.Integer(), nullable=False),
        sa.Column("reserve_days", sa.Integer(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql"), nullable=False
        ),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column(
            "merchant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.CheckConstraint(
            "release_days BETWEEN 0 AND 90 AND reserve_days BETWEEN 0 AND 365"
            " AND reserve_bps BETWEEN 0 AND 10000",
            name=op.f("ck_settlement_schedule_range"),
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_settlement_schedule_merchant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_schedule")),
        sa.UniqueConstraint(
            "merchant_id",
            "livemode",
            "method",
            name=op.f("uq_settlement_schedule_merchant_id_livemode_method"),
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_settlement_schedule_public_id")),
    )
    op.create_table(
        "lot",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column(
            "public_id",
            sa.String(length=40).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=40), "mysql"
            ),
            nullable=False,
        ),
        sa.Column(
            "payment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "operation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "kind",
            sa.String(length=32).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=32), "mysql"
            ),
            nullable=False,
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column(
            "currency",
            sa.String(length=24).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=24), "mysql"
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.String(length=32).with_variant(
                mysql.VARCHAR(collation="utf8mb4_bin", length=32), "mysql"
            ),
            nullable=False,
        ),
        sa.Column(
            "release_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql"), nullable=False
        ),
        sa.Column(
            "released_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql"), nullable=True
        ),
        sa.Column(
            "created_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql"), nullable=False
        ),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column(
            "merchant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_lot_amount_positive")),
        sa.CheckConstraint(
            "(state = 'released') = (released_at IS NOT NULL)", name=op.f("ck_lot_released_at")
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id", "livemode", "operation_id"],
            ["operation.merchant_id", "operation.livemode", "operation.id"],
            name=op.f("fk_lot_merchant_id_livemode_operation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id", "livemode", "payment_id"],
            ["payment.merchant_id", "payment.livemode", "payment.id"],
            name=op.f("fk_lot_merchant_id_livemode_payment_id"),
        ),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_lot_merchant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot")),
        sa.UniqueConstraint(
            "merchant_id",
            "livemode",
            "operation_id",
            "kind",
            "number",
            name=op.f("uq_lot_merchant_id_livemode_operation_id_kind_number"),
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_lot_public_id")),
    )
    with op.batch_alter_table("lot", schema=None) as batch_op:
        batch_op.create_index("ix_lot_due", ["state", "release_at", "id"], unique=False)
        batch_op.create_index(
            "ix_lot_merchant",
            ["merchant_id", "livemode", "state", "release_at", "id"],
            unique=False,
        )
        batch_op.create_index("ix_lot_book", ["livemode", "release_at", "id"], unique=False)
        batch_op.create_index("ix_lot_payment", ["payment_id", "id"], unique=False)
    _give_lots_to_what_was_captured(op.get_bind())


def downgrade() -> None:
    """Drop the tables."""
    with op.batch_alter_table("lot", schema=None) as batch_op:
        batch_op.drop_index("ix_lot_payment")
        batch_op.drop_index("ix_lot_book")
        batch_op.drop_index("ix_lot_merchant")
        batch_op.drop_index("ix_lot_due")

    op.drop_table("lot")
    op.drop_table("settlement_schedule")
