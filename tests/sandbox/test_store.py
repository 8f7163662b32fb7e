from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from sandbox.records import Call, Effect
from sandbox.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sandbox.conftest import Shop


@pytest.mark.parametrize("table", ["calls", "objects", "effects", "answers"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET account = 'x'", "DELETE FROM {}"])
def test_nothing_is_changed_or_removed(
    shop: Shop, store_file: Path, table: str, statement: str
) -> None:
    shop.charge("k1")
    connection = sqlite3.connect(store_file)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(statement.format(table))
    connection.close()


def test_one_key_has_one_effect_even_by_force(store_file: Path) -> None:
    effect = Effect("refund", "sbx_re_1", "sbx_ch_1", "k1", 5, "EUR", "pay_1", "op_1")
    store = Store(store_file)
    with store.transaction() as tx:
        tx.add_effect(1, "acct", effect)
        with pytest.raises(sqlite3.IntegrityError):
            tx.add_effect(2, "acct", effect)
    store.close()


def test_a_failed_transaction_leaves_no_trace(store_file: Path) -> None:
    def fail(store: Store) -> None:
        with store.transaction() as tx:
            tx.add_call(Call("acct", "charge.create", "k1", None, 200))
            raise RuntimeError("power cut")

    store = Store(store_file)
    with pytest.raises(RuntimeError):
        fail(store)
    with store.transaction() as tx:
        assert tx.log(0, 10)["calls"] == []
    store.close()


def test_it_is_on_the_disk_before_anybody_hears_of_it(store_file: Path) -> None:
    store = Store(store_file)
    connection = store._connection
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    store.close()
