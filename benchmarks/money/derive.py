"""The floor's scripts, recorded anew in each run: what the application writes is what they write.

The order of a payment's writes and their number are the application's own; its reads, savepoints
and locks are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app.adapters import clock
from app.domain.identifiers import new_token
from app.models import ConnectorAccount, LedgerAccount, Merchant
from app.services.unscoped import unscoped
from benchmarks.money import files, shop
from benchmarks.money.recording import SHARDS, Account, Before, Derivation, listening

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Engine

    from benchmarks.money.script import Script

    Pay = Callable[[int, str], None]


def payment(engine: Engine, merchants: Sequence[int], pay: Pay = shop.pay) -> Script:
    """Return what one card payment writes, from the wish to its final status."""
    warm_up(merchants, pay)
    before, started = _before(merchants), clock.now()
    with listening(engine) as heard:
        pay(merchants[0], new_token())
    return Derivation(before, started).script(heard.transactions)


def row(engine: Engine, merchants: Sequence[int]) -> Script:
    """Return what each row of a file of payments adds: one transaction, of insertions only.

    The floor's rows belong to the recorded file, and so to its merchant.
    """
    upload = files.upload(merchants[0], 1)
    files.work()
    before, started = _before(()), clock.now()
    files.confirm(merchants[0], upload)
    with listening(engine) as heard:
        files.work()
    chunk = next(each for each in heard.transactions if any("payment" in s.statement for s in each))
    added = [sent for sent in chunk if sent.statement.lstrip().startswith("INSERT")]
    return Derivation(before, started).script([added])


def statements(engine: Engine, merchant_id: int) -> list[str]:
    """Return all that one card payment sends; a commit stands for itself."""
    with listening(engine) as heard:
        shop.pay(merchant_id, new_token())
    return heard.statements


def warm_up(merchants: Sequence[int], pay: Pay = shop.pay) -> None:
    """Let every merchant and every shard have its accounts: those are opened once, not each time.

    Payments are numbered without gaps here, so that all shards have their turn.
    """
    for number in range(max(SHARDS, len(merchants))):
        pay(merchants[number % len(merchants)], new_token())


def _before(merchants: Sequence[int]) -> Before:
    with unscoped(shop.HOUSE, clock.now(), "benchmark") as session:
        accounts = [
            Account(each.id, each.merchant_id, each.code, each.currency, each.shard)
            for each in session.scalars(select(LedgerAccount))
        ]
        names = [
            name.rpartition("_")[2]
            for model in (Merchant, ConnectorAccount)
            for name in session.scalars(select(model.public_id))
        ]
    return Before(tuple(merchants), tuple(accounts), frozenset(names))
