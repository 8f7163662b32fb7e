"""Prices of the previous release become price lists, and go back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic import command
from sqlalchemy import create_engine

from app.adapters import migrations

if TYPE_CHECKING:
    from pathlib import Path

MERCHANT = (
    "INSERT INTO merchant (id, public_id, key, name, country, default_currency, timezone, status,"
    " created_at) VALUES (7, 'mer_7', 'acme', 'Acme', 'IN', 'INR', 'UTC', 'active',"
    " '2026-01-01 00:00:00')"
)
PRICE = (
    "INSERT INTO price (public_id, merchant_id, livemode, method, currency, percent_bps,"
    " fixed_minor, created_at) VALUES ('prc_{0}', 7, 0, '{1}', '{2}', {3}, 30, '{4} 00:00:00')"
)


def test_prices_become_one_list_a_currency_from_the_earliest_on(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'prices.sqlite3'}"
    engine = create_engine(url)
    settings = migrations.configuration()
    with engine.begin() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, "0021")
        connection.exec_driver_sql(MERCHANT)
        for row in (
            (1, "card", "EUR", 250, "2026-02-02"),
            (2, "upi", "EUR", 10, "2026-02-01"),
            (3, "card", "USD", 290, "2026-03-01"),
        ):
            connection.exec_driver_sql(PRICE.format(*row))
        command.upgrade(settings, "0022")
        lists = connection.exec_driver_sql(
            "SELECT currency, state, effective_from, length(public_id) FROM price_list ORDER BY id"
        ).fetchall()
        rules = connection.exec_driver_sql(
            "SELECT method, percent_bps, fixed_minor, tiers FROM price_rule ORDER BY id"
        ).fetchall()
        assert [(row[0], row[1], str(row[2])[:10], row[3]) for row in lists] == [
            ("EUR", "published", "2026-02-01", 30),
            ("USD", "published", "2026-03-01", 30),
        ]
        assert [tuple(row) for row in rules] == [
            ("card", 250, 30, "[]"),
            ("upi", 10, 30, "[]"),
            ("card", 290, 30, "[]"),
        ]
        command.downgrade(settings, "0021")
        for table, count in {"price": 3, "price_list": 0, "price_rule": 0}.items():
            found = connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()
            assert found == count
    engine.dispose()
