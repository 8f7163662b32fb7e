"""What was captured before there were lots gets one, so that its money becomes available too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic import command
from sqlalchemy import create_engine

from app.adapters import migrations

if TYPE_CHECKING:
    from pathlib import Path

TAKEN = "2026-03-02 10:00:00.000000"
ROWS = (
    (
        "INSERT INTO operation (id, public_id, payment_id, attempt_id, kind, state, amount_minor,"
        " currency, provider_key, conflicted, suspense, not_found_looks, requested_by, created_at,"
        " changed_at, livemode, merchant_id) VALUES (3, 'op_1', 5, 1, 'purchase', 'success', 6000,"
        f" 'EUR', 'key_1', 0, 0, 0, 'test', '{TAKEN}', '{TAKEN}', 0, 9)"
    ),
    (
        "INSERT INTO operation_event (id, public_id, operation_id, before, after, note, created_at,"
        f" livemode, merchant_id) VALUES (1, 'oe_1', 3, 'init', 'success', '', '{TAKEN}', 0, 9)"
    ),
    (
        "INSERT INTO ledger_journal (id, public_id, kind, cause_type, cause_id, payment_id, text,"
        f" created_at, livemode, merchant_id) VALUES (1, 'jr_1', 'capture', 'operation_event',"
        f" 'oe_1', 5, '', '{TAKEN}', 0, 9)"
    ),
    (
        "INSERT INTO ledger_account (id, public_id, code, type, currency, shard, created_at,"
        f" livemode, merchant_id) VALUES (1, 'acc_1', 'merchant:mer_1:pending', 'liability', 'EUR',"
        f" 0, '{TAKEN}', 0, 9),"
        f" (2, 'acc_2', 'revenue:mdr', 'revenue', 'EUR', 0, '{TAKEN}', 0, NULL)"
    ),
    (
        "INSERT INTO ledger_line (id, journal_id, account_id, kind, amount_minor, currency,"
        " payment_id, created_at, livemode, merchant_id) VALUES"
        f" (1, 1, 1, 'capture', -5850, 'EUR', 5, '{TAKEN}', 0, 9),"
        f" (2, 1, 2, 'capture', -150, 'EUR', 5, '{TAKEN}', 0, NULL)"
    ),
)


def test_earlier_captures_are_given_a_lot(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'lots.sqlite3'}")
    settings = migrations.configuration()
    with engine.begin() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, "0020")
        for statement in ROWS:
            connection.exec_driver_sql(statement)
        command.upgrade(settings, "0021")
        lots = connection.exec_driver_sql(
            "SELECT public_id, merchant_id, payment_id, operation_id, kind, number, amount_minor,"
            " state, release_at FROM lot"
        ).all()
    engine.dispose()
    assert lots == [("lot_1", 9, 5, 3, "pending", 1, 5850, "held", "2026-03-06 10:00:00.000000")]
