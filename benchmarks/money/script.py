"""What is written for one payment, as data: statement by statement, commit by commit.

A script is recorded from the application (`recording.py`) and played again by the floor, which
knows nothing of the application: this file imports neither.
"""

from __future__ import annotations

import base64
import os
import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pymysql import Connection
    from pymysql.cursors import Cursor

BALANCES: Final = "ledger_balance"
"""Balances are changed in ascending order, or two transactions would wait crosswise."""

_COLUMNS: Final = re.compile(r"\(([^)]*)\) VALUES")

Cell = tuple[str, Any]
"""How a value comes about: `is` (the same each time), `bytes`, `id` (of an earlier row), `text`
(with fresh ids in it), `moment` (seconds from now), `account`, `merchant`, `line`."""


@dataclass(frozen=True, slots=True)
class Write:
    """One statement for the driver, and where its values come from."""

    verb: str
    table: str
    statement: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Script:
    """The writes of each transaction, and the accounts that they post to, by merchant or shard."""

    transactions: tuple[tuple[Write, ...], ...]
    accounts: tuple[Mapping[str, int], ...]
    merchants: tuple[int, ...]

    def lines(self) -> Iterator[tuple[int, str, str]]:
        """Yield (number of the commit, verb, table) of each statement."""
        for number, writes in enumerate(self.transactions, start=1):
            for write in writes:
                yield number, write.verb, write.table


def to_json(script: Script) -> dict[str, Any]:
    """Return a script for another process."""
    return {
        "transactions": [
            [[each.verb, each.table, each.statement, list(each.cells)] for each in writes]
            for writes in script.transactions
        ],
        "accounts": list(script.accounts),
        "merchants": list(script.merchants),
    }


def from_json(told: Mapping[str, Any]) -> Script:
    """Read what `to_json` wrote."""
    return Script(
        tuple(
            tuple(
                Write(verb, table, statement, tuple((kind, value) for kind, value in cells))
                for verb, table, statement, cells in writes
            )
            for writes in told["transactions"]
        ),
        tuple(told["accounts"]),
        tuple(told["merchants"]),
    )


@dataclass
class Take:
    """One payment on its way: what its rows have in common."""

    merchant_id: int
    line: int = 0
    now: datetime = field(default_factory=lambda: datetime.fromtimestamp(time.time_ns() / 1e9, UTC))
    ids: dict[int, int] = field(default_factory=dict)
    fresh: dict[int, str] = field(default_factory=dict)
    payment_id: int = 0

    def value(self, cell: Cell, accounts: Sequence[Mapping[str, int]]) -> Any:
        """Return the value of a cell."""
        kind, told = cell
        if kind == "is":
            return told
        if kind == "id":
            return self.ids[told]
        if kind == "text":
            return "".join(part if isinstance(part, str) else self._fresh(part) for part in told)
        if kind == "moment":
            return (self.now + timedelta(seconds=told)).replace(tzinfo=None)
        if kind == "account":
            found = accounts[told]
            key = self.merchant_id if str(self.merchant_id) in found else self.payment_id % 16
            return found[str(key)]
        if kind == "bytes":
            return base64.b64decode(told)
        return {"merchant": self.merchant_id, "line": self.line}[kind]

    def _fresh(self, number: int) -> str:
        """Return 26 letters and digits that sort by time, as the ids of the application do."""
        if number not in self.fresh:
            milliseconds = int(self.now.timestamp() * 1000)
            self.fresh[number] = f"{milliseconds:x}{os.urandom(8).hex()}"[:26]
        return self.fresh[number]


def play(connection: Connection[Cursor], script: Script, take: Take) -> None:
    """Write the rows of one payment, in as many commits as the application needs."""
    player = Player(script, take)
    with connection.cursor() as cursor:
        for writes in script.transactions:
            player.write(cursor, writes)
            connection.commit()


class Player:
    """Writes the transactions of a script in their order, with the values of one take."""

    def __init__(self, script: Script, take: Take) -> None:
        """Begin with the first statement."""
        self._script = script
        self._take = take
        self._place = 0

    def write(self, cursor: Cursor, writes: Sequence[Write]) -> None:
        """Write one transaction, its balances in ascending order; whoever calls commits it."""
        take, balances = self._take, []
        for write in writes:
            values = [take.value(cell, self._script.accounts) for cell in write.cells]
            if write.table == BALANCES:
                balances.append((write, values))
            else:
                _change(cursor, sorted(balances, key=_account))
                balances = []
                _send(cursor, write, values)
                take.ids[self._place] = cursor.lastrowid
                if write.table == "payment" and write.verb == "INSERT":
                    take.payment_id = cursor.lastrowid
            self._place += 1
        _change(cursor, sorted(balances, key=_account))


def fresh_in(script: Script, table: str, column: str) -> int:
    """Return which of the fresh ids stands in a column of the first row added to a table."""
    for write in (each for writes in script.transactions for each in writes):
        if (write.verb, write.table) == ("INSERT", table):
            names = _COLUMNS.search(write.statement)
            assert names is not None
            place = [name.strip(" `") for name in names[1].split(",")].index(column)
            kind, parts = write.cells[place]
            assert kind == "text", f"{table}.{column} is not made anew"
            return next(each for each in parts if isinstance(each, int))
    raise AssertionError(f"nothing is added to {table}")


def _account(change: tuple[Write, list[Any]]) -> int:
    write, values = change
    return int(next(v for c, v in zip(write.cells, values, strict=True) if c[0] == "account"))


def _change(cursor: Cursor, balances: Sequence[tuple[Write, list[Any]]]) -> None:
    for write, values in balances:
        _send(cursor, write, values)


def _send(cursor: Cursor, write: Write, values: Sequence[Any]) -> None:
    changed = cursor.execute(write.statement, values)
    assert changed > 0, f"{write.verb} {write.table} changed nothing"
