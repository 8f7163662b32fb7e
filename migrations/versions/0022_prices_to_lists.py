"""Prices become price lists: one a merchant, book and currency, in force from their beginning.

The table `price` stays as it is: the previous release reads it. Running this again adds nothing
where a list is in force already.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

if TYPE_CHECKING:
    from collections.abc import Iterable

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

BY = "taken over from the prices"
_MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql")
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def _columns(names: Iterable[str]) -> list[Any]:
    return [sa.column(name) for name in names]


_PRICE = sa.table(
    "price",
    *_columns(
        ("id", "merchant_id", "livemode", "method", "currency", "percent_bps", "fixed_minor")
    ),
    sa.column("created_at", _MOMENT),
)
_LIST = sa.table(
    "price_list",
    *_columns(
        (
            "id",
            "public_id",
            "merchant_id",
            "livemode",
            "currency",
            "state",
            "tax_bps",
            "agent",
            "agent_bps",
            "refund_fee_minor",
            "chargeback_fee_minor",
            "returns_fee",
            "note",
            "created_by",
        )
    ),
    sa.column("effective_from", _MOMENT),
    sa.column("created_at", _MOMENT),
    sa.column("published_at", _MOMENT),
)
_RULE = sa.table(
    "price_rule",
    *_columns(
        (
            "public_id",
            "merchant_id",
            "livemode",
            "price_list_id",
            "method",
            "brand",
            "percent_bps",
            "fixed_minor",
            "tiers",
        )
    ),
)


def upgrade() -> None:
    """Write a published list for each merchant, book and currency that has prices."""
    connection = op.get_bind()
    groups: dict[tuple[Any, ...], list[Any]] = {}
    for row in connection.execute(sa.select(_PRICE).order_by(_PRICE.c.id)).all():
        groups.setdefault((row.merchant_id, row.livemode, row.currency), []).append(row)
    for (merchant_id, livemode, currency), rows in groups.items():
        owner = {"merchant_id": merchant_id, "livemode": livemode}
        if _known(connection, owner, currency):
            continue
        list_id = _add_list(connection, owner, currency, min(row.created_at for row in rows))
        for row in rows:
            rule = {
                **owner,
                "public_id": _new_id("prr", row.created_at),
                "price_list_id": list_id,
                "method": row.method,
                "brand": "",
                "percent_bps": row.percent_bps,
                "fixed_minor": row.fixed_minor,
                "tiers": "[]",
            }
            connection.execute(_RULE.insert().values(**rule))


def downgrade() -> None:
    """Remove the lists that were taken over; the prices are still there."""
    connection = op.get_bind()
    taken_over = sa.select(_LIST.c.id).where(_LIST.c.created_by == BY)
    ids = [row.id for row in connection.execute(taken_over)]
    connection.execute(_RULE.delete().where(_RULE.c.price_list_id.in_(ids)))
    connection.execute(_LIST.delete().where(_LIST.c.id.in_(ids)))


def _known(connection: sa.Connection, owner: dict[str, Any], currency: str) -> bool:
    found = sa.select(_LIST.c.id).where(
        _LIST.c.merchant_id == owner["merchant_id"],
        _LIST.c.livemode == owner["livemode"],
        _LIST.c.currency == currency,
        _LIST.c.state == "published",
    )
    return connection.execute(found.limit(1)).first() is not None


def _add_list(
    connection: sa.Connection, owner: dict[str, Any], currency: str, begins: datetime
) -> int:
    public_id = _new_id("prl", begins)
    values = {
        **owner,
        "public_id": public_id,
        "currency": currency,
        "effective_from": begins,
        "state": "published",
        "tax_bps": 0,
        "agent": "",
        "agent_bps": 0,
        "refund_fee_minor": 0,
        "chargeback_fee_minor": 0,
        "returns_fee": "none",
        "note": "",
        "created_by": BY,
        "created_at": begins,
        "published_at": begins,
    }
    connection.execute(_LIST.insert().values(**values))
    found = sa.select(_LIST.c.id).where(_LIST.c.public_id == public_id)
    return int(connection.execute(found).scalar_one())


def _new_id(prefix: str, moment: datetime) -> str:
    """Return a public id in the shape that the application gives: milliseconds, then chance."""
    # The column holds UTC without saying so.
    since = moment.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    milliseconds = since // timedelta(milliseconds=1)
    number = milliseconds << 80 | secrets.randbits(80)
    return f"{prefix}_" + "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))
