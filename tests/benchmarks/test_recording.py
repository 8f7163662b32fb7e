"""The floor of a payment is derived from what the application sent: keys and ids become fresh."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from benchmarks.money.recording import Account, Before, Derivation, Sent
from benchmarks.money.script import Take, from_json, to_json

STARTED = datetime(2026, 3, 1, 12, tzinfo=UTC)
ID, OTHER_ID, MERCHANT = "01kjkb3q00dw76my4n7ft492xk", "01kjkb3q00d1y3vwk7cbp71bwq", 270_000_001
HOUSE = [Account(900 + shard, None, "revenue:mdr", "EUR", shard) for shard in range(16)]
OWN = [Account(800 + each, MERCHANT + each, "merchant:x:pending", "EUR", 0) for each in range(2)]
BEFORE = Before((MERCHANT, MERCHANT + 1), (*HOUSE, *OWN), frozenset({OTHER_ID}))
SENT = [
    Sent(
        "INSERT INTO payment (public_id, text, merchant_id, amount_minor, created_at)"
        " VALUES (%(public_id)s, %(text)s, %(merchant_id)s, %(amount_minor)s, %(created_at)s)"
        " RETURNING payment.id",
        {
            "public_id": f"pay_{ID}",
            "text": f"by mer_{OTHER_ID}",
            "merchant_id": MERCHANT,
            "amount_minor": 6_000,
            "created_at": STARTED.replace(tzinfo=None) + timedelta(seconds=2),
        },
        key=370_000_033,
    ),
    Sent(
        "UPDATE ledger_balance SET balance_minor=(balance_minor + %(balance_minor_1)s)"
        " WHERE account_id = %(account_id_1)s OR account_id = %(account_id_2)s",
        {"balance_minor_1": 5, "account_id_1": 901, "account_id_2": 800},
        key=0,
    ),
    Sent(
        "UPDATE payment SET a=%(a)s WHERE id = %(id_1)s", {"a": f"x {ID}", "id_1": 370_000_033}, 0
    ),
]


def _values(take: Take) -> list[list[object]]:
    script = from_json(to_json(Derivation(BEFORE, STARTED).script([SENT])))
    take.ids[0] = take.payment_id
    (writes,) = script.transactions
    return [[take.value(cell, script.accounts) for cell in write.cells] for write in writes]


def test_what_is_new_is_made_anew_and_all_else_stays() -> None:
    take = Take(MERCHANT + 1, now=STARTED, payment_id=37)
    added, balance, changed = _values(take)
    fresh = str(added[0]).removeprefix("pay_")
    assert len(fresh) == len(ID)
    assert fresh != ID
    moment = STARTED.replace(tzinfo=None) + timedelta(seconds=2)
    assert added[1:] == [f"by mer_{OTHER_ID}", MERCHANT + 1, 6_000, moment]
    assert balance == [5, 900 + 37 % 16, 801]
    assert changed == [f"x {fresh}", 37]


def test_the_driver_gets_its_own_placeholders_and_no_returning() -> None:
    (writes,) = Derivation(BEFORE, STARTED).script([SENT]).transactions
    assert [(write.verb, write.table) for write in writes] == [
        ("INSERT", "payment"),
        ("UPDATE", "ledger_balance"),
        ("UPDATE", "payment"),
    ]
    assert writes[0].statement.endswith("VALUES (%s, %s, %s, %s, %s)")
