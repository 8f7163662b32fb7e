from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from sandbox import gate, schema
from sandbox.records import Call, Effect
from sandbox.store import Store
from tests.sandbox.conftest import Place, Shop

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sandbox.conftest import Clock

# The tables as the first release made them, with one charge.
BEFORE = f"""
CREATE TABLE calls (seq INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL DEFAULT '',
    account TEXT, verb TEXT NOT NULL, key TEXT, body TEXT, status INTEGER NOT NULL,
    replayed INTEGER NOT NULL DEFAULT 0);
CREATE TABLE objects (id TEXT PRIMARY KEY, call_seq INTEGER NOT NULL, account TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('charge', 'capture', 'void', 'refund')),
    charge TEXT NOT NULL, key TEXT NOT NULL, reference TEXT NOT NULL, facts TEXT NOT NULL,
    UNIQUE (account, key));
CREATE INDEX objects_reference ON objects (account, reference, kind);
CREATE TABLE effects (seq INTEGER PRIMARY KEY AUTOINCREMENT, call_seq INTEGER NOT NULL,
    at TEXT NOT NULL DEFAULT '', account TEXT NOT NULL,
    kind TEXT NOT NULL
        CHECK (kind IN ('purchase','authorize','capture','void','refund','challenge_result')),
    object TEXT NOT NULL, charge TEXT NOT NULL, key TEXT NOT NULL,
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0), currency TEXT NOT NULL,
    our_reference TEXT NOT NULL, our_operation TEXT NOT NULL, outcome TEXT NOT NULL,
    UNIQUE (account, key));
CREATE INDEX effects_charge ON effects (charge);
CREATE INDEX effects_call ON effects (call_seq);
CREATE TRIGGER effects_DELETE BEFORE DELETE ON effects
BEGIN SELECT RAISE(ABORT, 'the store is append-only'); END;
INSERT INTO calls (account, verb, key, status)
    VALUES ('{gate.account_of("sk")}', 'charge.create', 'k', 200);
INSERT INTO objects VALUES ('sbx_ch_old', 1, '{gate.account_of("sk")}', 'charge', 'sbx_ch_old', 'k',
    'pay_0', '{{"amount_minor": 1050, "currency": "EUR", "capture": true, "metadata": {{}},
    "return_url": null, "card": null, "failure": null, "challenge_token": null,
    "challenge_url": null}}');
INSERT INTO effects (call_seq, account, kind, object, charge, key, amount_minor, currency,
    our_reference, our_operation, outcome) VALUES (1, '{gate.account_of("sk")}', 'purchase',
    'sbx_ch_old', 'sbx_ch_old', 'k', 1050, 'EUR', 'pay_0', '', 'done');
"""


@pytest.mark.parametrize("table", schema.TABLES)
def test_nothing_is_changed_or_removed(
    shop: Shop, place: Place, store_file: Path, table: str
) -> None:
    hook = {"url": "http://127.0.0.1:9/", "secret": "s"}
    shop.client.put("/v1/webhook_endpoint", json=hook, headers=shop.bearer)
    shop.ask({"type": "upi", "flow": "qr"}, "k1")
    shop.charge("k2")
    place.clock.pass_seconds(300)
    place.courier.run_once()
    connection = sqlite3.connect(store_file)
    column = connection.execute(f"SELECT * FROM {table}").description[0][0]
    for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(statement)
    connection.close()


def test_a_store_of_before_keeps_its_truth(store_file: Path, clock: Clock) -> None:
    connection = sqlite3.connect(store_file)
    connection.executescript(BEFORE)
    connection.close()
    for number in (1, 2):
        place = Place(store_file, clock)
        shop = Shop(place.client, "sk")
        assert shop.read("sbx_ch_old")["captured_minor"] == 1050
        path = "/v1/charges/sbx_ch_old/refunds"
        assert shop.post(path, f"r{number}", amount_minor=50).get_json()["status"] == "succeeded"
        assert shop.kinds() == ["purchase", *["refund"] * number]
        assert place.client.get("/").status_code == 200
        place.store.close()


def test_the_store_of_before_was_append_only_and_still_is(store_file: Path, clock: Clock) -> None:
    connection = sqlite3.connect(store_file)
    connection.executescript(BEFORE)
    Place(store_file, clock).store.close()
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute("DELETE FROM effects")
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
