"""Listening to what the application writes for one payment, to derive the floor from it."""

from __future__ import annotations

import base64
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import event

from benchmarks.money.script import Cell, Script, Write

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Engine

SHARDS: Final = 16
_NAMED: Final = re.compile(r"%\((\w+)\)s")
_WRITE: Final = re.compile(r"\s*(INSERT INTO|UPDATE|DELETE FROM)\s+`?(\w+)`?")
_RETURNING: Final = re.compile(r"\s+RETURNING\s[^()]*$")
_FRESH: Final = re.compile(r"(?<![0-9a-z])[0-9a-z]{26}(?![0-9a-z])")
"""Public ids and tokens; what is in the database before the payment is left as it is."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A statement as the application sent it; `key` is that of the row that it added."""

    statement: str
    parameters: Mapping[str, Any]
    key: int


@dataclass
class Heard:
    """What an engine sent between commits; transactions that wrote nothing are left out."""

    transactions: list[list[Sent]] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)
    _open: list[Sent] = field(default_factory=list)

    def add(self, cursor: Any, statement: str, parameters: Any) -> None:
        """Note a statement."""
        self.statements.append(statement)
        if _WRITE.match(statement):
            rows = parameters if isinstance(parameters, list) else [parameters]
            assert len(rows) == 1, "a batch of statements cannot be told apart"
            key = last_key(cursor) if "RETURNING" in statement else cursor.lastrowid
            self._open.append(Sent(statement, rows[0], int(key or 0)))

    def commit(self) -> None:
        """End a transaction."""
        self.statements.append("COMMIT")
        if self._open:
            self.transactions.append(self._open)
        self._open = []


def last_key(cursor: Any) -> int:
    """Return the key of the row that was added; the driver does not tell it beside rows."""
    with cursor.connection.cursor() as another:
        another.execute("SELECT LAST_INSERT_ID()")
        (key,) = another.fetchone()
    return int(key)


@contextmanager
def listening(engine: Engine) -> Iterator[Heard]:
    """Hear everything that an engine sends meanwhile."""
    heard = Heard()

    def sent(*told: Any) -> None:
        heard.add(told[1], told[2], told[3])

    def committed(_connection: object) -> None:
        heard.commit()

    event.listen(engine, "after_cursor_execute", sent)
    event.listen(engine, "commit", committed)
    try:
        yield heard
    finally:
        event.remove(engine, "after_cursor_execute", sent)
        event.remove(engine, "commit", committed)


@dataclass(frozen=True, slots=True)
class Account:
    """An account that is posted to; `merchant_id` is none for one of the house."""

    id: int
    merchant_id: int | None
    code: str
    currency: str
    shard: int


@dataclass(frozen=True, slots=True)
class Before:
    """What was there before the payment: its rows are referred to, not written again.

    A payment of a file stays with the merchant of the file: then `merchants` is empty.
    """

    merchants: tuple[int, ...]
    accounts: tuple[Account, ...]
    names: frozenset[str]


class Derivation:
    """Turns what was sent into cells: keys, ids and moments become those of the next payment.

    The tables count from far apart, so that each key is found by its value alone.
    """

    def __init__(self, before: Before, started: datetime) -> None:
        """Start with nothing written yet."""
        self._before = before
        self._started = started
        self._keys: dict[int, int] = {}
        self._fresh: dict[str, int] = {}
        self._accounts = {each.id: each for each in before.accounts}
        self._used: dict[tuple[object, ...], int] = {}

    def script(self, transactions: Sequence[Sequence[Sent]]) -> Script:
        """Return the script."""
        place, done = 0, []
        for sent in transactions:
            writes = []
            for each in sent:
                writes.append(self._write(each))
                if each.key:
                    self._keys[each.key] = place
                place += 1
            done.append(tuple(writes))
        accounts = tuple(self._everyone(used) for used in self._used)
        return Script(tuple(done), accounts, self._before.merchants)

    def _write(self, sent: Sent) -> Write:
        found = _WRITE.match(sent.statement)
        assert found is not None
        names = _NAMED.findall(sent.statement)
        statement = _RETURNING.sub("", _NAMED.sub("%s", sent.statement))
        column = re.compile(r"(_\d+|__\d+)$")
        cells = (self._cell(column.sub("", name), sent.parameters[name]) for name in names)
        return Write(found[1].split()[0], found[2], statement, tuple(cells))

    def _cell(self, column: str, value: Any) -> Cell:
        if isinstance(value, Enum):
            value = value.value
        if isinstance(value, datetime):
            return "moment", (value.replace(tzinfo=UTC) - self._started).total_seconds()
        if isinstance(value, bytes):
            return "bytes", base64.b64encode(value).decode()
        if isinstance(value, str):
            return self._text(value)
        if column == "line":
            return "line", None
        if isinstance(value, int) and not isinstance(value, bool):
            return self._number(value)
        return "is", value

    def _number(self, value: int) -> Cell:
        if value in self._keys:
            return "id", self._keys[value]
        if value in self._before.merchants:
            return "merchant", None
        if value in self._accounts:
            account = self._accounts[value]
            code = account.code.rpartition(":")[2] if account.merchant_id else account.code
            key = (bool(account.merchant_id), code, account.currency)
            return "account", self._used.setdefault(key, len(self._used))
        return "is", value

    def _text(self, value: str) -> Cell:
        parts: list[str | int] = []
        end = 0
        for found in _FRESH.finditer(value):
            if found[0] not in self._before.names:
                number = self._fresh.setdefault(found[0], len(self._fresh))
                parts += [value[end : found.start()], number]
                end = found.end()
        return ("text", [*parts, value[end:]]) if parts else ("is", value)

    def _everyone(self, used: tuple[object, ...]) -> dict[str, int]:
        """Return the same account of each merchant, or each shard of it."""
        of_merchant, code, currency = used
        if of_merchant:
            found = {
                str(each.merchant_id): each.id
                for each in self._before.accounts
                if each.merchant_id
                and (each.code.rpartition(":")[2], each.currency) == (code, currency)
            }
        else:
            found = {
                str(each.shard): each.id
                for each in self._before.accounts
                if (each.code, each.currency) == (code, currency)
            }
        wanted = len(self._before.merchants) if of_merchant else SHARDS
        assert len(found) == wanted, f"{len(found)} of {wanted} accounts are open: {used}"
        return found
