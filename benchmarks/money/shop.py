"""Merchants that can be paid by card, in a database of their own, and one payment of theirs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import pymysql

from app import models
from app.adapters import clock, db, migrations
from app.domain.actors import Actor
from app.domain.identifiers import new_id
from app.domain.money import Money
from app.domain.permissions import ROLES, RoleName
from app.extensions import metadata
from app.models import Capability, ConnectorAccount, Merchant, PriceList, PriceRule
from app.queries import operations
from app.services import execute, payments, routing
from benchmarks.scale import PAID
from tests.infra.mariadb import CHARACTER_SET

if TYPE_CHECKING:
    from pymysql import Connection
    from pymysql.cursors import Cursor
    from sqlalchemy.orm import Session

    from tests.infra.mariadb import MariaDbServer

SINCE: Final = datetime(2026, 3, 1, tzinfo=UTC)
MERCHANTS: Final = 16
AMOUNT_MINOR: Final = 6_000
CURRENCY: Final = "EUR"
BUDGET_SECONDS: Final = 10
HOUSE: Final = Actor.house(None, "bench")
_APART: Final = 10_000_000
"""So far apart the keys of two tables begin: a value then says whose key it is."""


def connect(server: MariaDbServer) -> Connection[Cursor]:
    """Return a connection of the administrator to the shop's database."""
    return pymysql.connect(unix_socket=str(server.socket), user="root", database=PAID)


def empty(server: MariaDbServer) -> None:
    """Make the shop's database, or bring it up to date and take every row out of it."""
    server.execute(f"CREATE DATABASE IF NOT EXISTS `{PAID}` {CHARACTER_SET}")
    migrator, application = server.url(PAID, "migrator"), server.url(PAID)
    server.execute(
        f"GRANT ALL ON `{PAID}`.* TO 'migrator'@'127.0.0.1' WITH GRANT OPTION",
    )
    migrations.upgrade(migrator)
    append_only = ["alembic_version", *(model.__tablename__ for model in models.APPEND_ONLY)]
    migrations.grant(migrator, application, ["alembic_version", *metadata.tables], append_only)
    with connect(server) as connection, connection.cursor() as cursor:
        cursor.execute("SET foreign_key_checks = 0")
        for name in metadata.tables:
            cursor.execute(f"DELETE FROM `{name}`")
        connection.commit()
        _count_apart(cursor)


def _count_apart(cursor: Cursor) -> None:
    """Let each table count from a number of its own; where it does so already, it goes on."""
    for number, table in enumerate(metadata.tables.values(), start=1):
        cursor.execute(
            "SELECT auto_increment FROM information_schema.tables"
            " WHERE table_schema = %s AND table_name = %s AND auto_increment < %s",
            (PAID, table.name, _APART),
        )
        if cursor.fetchone():
            cursor.execute(f"ALTER TABLE `{table.name}` AUTO_INCREMENT = {number * _APART}")


def open_shops() -> list[int]:
    """Make merchants with card payments, prices and the simulated provider's account."""
    with db.unit_of_work(HOUSE) as session:
        merchants = [_merchant(session, number) for number in range(1, MERCHANTS + 1)]
        session.add(
            ConnectorAccount(
                public_id=new_id("ca", SINCE),
                livemode=False,
                connector="sandbox",
                name="Simulated provider",
                base_url="http://127.0.0.1:9",
                credentials=json.dumps({"secret_key": "sk_sandbox_of_the_benchmark"}),
                enabled=True,
                created_at=SINCE,
            )
        )
    for merchant_id in merchants:
        with db.unit_of_work(owner(merchant_id)) as session:
            _agree(session, merchant_id)
    return merchants


def owner(merchant_id: int) -> Actor:
    """Return who asks for a merchant's payments."""
    rights = ROLES[RoleName.MERCHANT_OWNER]
    return Actor.merchant(merchant_id, livemode=False, user_id=1, label="owner", permissions=rights)


def pay(merchant_id: int, reference: str) -> None:
    """Do what the application does for one card payment, from the wish to its final status."""
    actor = owner(merchant_id)
    asked = payments.NewPayment(
        amount=Money(AMOUNT_MINOR, CURRENCY),
        method="card",
        reference=reference,
        origin="api",
        card_token="tok_approve",
        customer_name="Person of the benchmark",
        customer_email="payer@example.com",
        description="Order of spare parts",
    )
    route = routing.choose("card", livemode=False)
    with db.unit_of_work(actor) as session:
        payment = payments.create(
            session, clock.now(), merchant_id, asked, route, head_start_seconds=15
        )
        operation = operations.of_payment(session, payment.id)[0].public_id
    execute.run_now(
        operation, merchant_id=merchant_id, livemode=False, budget_seconds=BUDGET_SECONDS
    )


def _merchant(session: Session, number: int) -> int:
    row = Merchant(
        public_id=new_id("mer", SINCE),
        key=f"shop-{number}",
        name=f"Shop {number}",
        country="IN",
        default_currency=CURRENCY,
        timezone="Asia/Kolkata",
        status="active",
        created_at=SINCE,
    )
    session.add(row)
    session.flush()
    return row.id


def _agree(session: Session, merchant_id: int) -> None:
    session.add_all(
        Capability(
            public_id=new_id("cap", SINCE),
            merchant_id=merchant_id,
            livemode=False,
            kind=kind,
            granted_by="bench",
            granted_at=SINCE,
        )
        for kind in ("card", "bulk")
    )
    prices = PriceList(
        public_id=new_id("prl", SINCE),
        merchant_id=merchant_id,
        livemode=False,
        currency=CURRENCY,
        effective_from=SINCE,
        state="published",
        tax_bps=1_800,
        created_by="bench",
        created_at=SINCE,
        published_at=SINCE,
    )
    session.add(prices)
    session.flush()
    session.add(
        PriceRule(
            public_id=new_id("prr", SINCE),
            merchant_id=merchant_id,
            livemode=False,
            price_list_id=prices.id,
            method="card",
            brand="",
            percent_bps=250,
            fixed_minor=30,
            tiers="[]",
        )
    )
