"""Column types: times, encryption, and what they refuse."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import StatementError

from app.adapters import crypto, db
from app.adapters.crypto import UnreadableError
from app.models import Merchant
from app.queries import actors

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from tests.fixtures.application import World

EXACT = datetime(2026, 3, 29, 1, 30, 0, 123456, tzinfo=UTC)


def test_microseconds_and_zone_survive_the_database(world: World) -> None:
    with db.unit_of_work(world.staff()) as session:
        merchant = actors.merchant_by_key(session, "acme")
        assert merchant is not None
        merchant.created_at = EXACT
    with db.reading(world.staff()) as session:
        merchant = actors.merchant_by_key(session, "acme")
        assert merchant is not None
        assert merchant.created_at == EXACT


@pytest.mark.parametrize(
    "moment",
    [EXACT.replace(tzinfo=None), EXACT.astimezone(timezone(timedelta(hours=5, minutes=30)))],
)
def test_naive_and_foreign_times_are_refused(world: World, moment: datetime) -> None:
    with pytest.raises(StatementError, match="not an aware UTC time"):
        _store_moment(world, moment)


def _store_moment(world: World, moment: datetime) -> None:
    with db.unit_of_work(world.staff()) as session:
        merchant = actors.merchant_by_key(session, "acme")
        assert isinstance(merchant, Merchant)
        merchant.created_at = moment


def test_ciphertext_is_bound_to_its_place(world: World) -> None:
    assert world
    sealed = crypto.encrypt("secret", "payment.customer_email")
    assert b"secret" not in sealed
    assert crypto.decrypt(sealed, "payment.customer_email") == "secret"
    with pytest.raises(UnreadableError, match="changed or moved"):
        crypto.decrypt(sealed, "payment.customer_phone")
    with pytest.raises(UnreadableError, match="changed or moved"):
        crypto.decrypt(sealed[:-1] + bytes([sealed[-1] ^ 1]), "payment.customer_email")


def test_credentials_are_unreadable_in_the_database(world: World, migrator_engine: Engine) -> None:
    assert world
    with migrator_engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT credentials FROM connector_account")
        stored = rows.scalar_one()
    assert b"sk_sandbox" not in stored


def test_a_blind_index_finds_equal_values_in_its_place_only(world: World) -> None:
    assert world
    first = crypto.blind_index(" Payer@Example.com ", "payment.customer_email")
    assert first == crypto.blind_index("payer@example.com", "payment.customer_email")
    assert first != crypto.blind_index("payer@example.com", "merchant.email")
    assert len(first) == 32
