"""The append-only store: nothing is ever changed or removed.

A call, what it made, the effects it had and the answer it gave are written in one transaction that
is on the disk before anybody hears of it, so that a killed sandbox resumes with the truth.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sandbox import clock, schema
from sandbox.records import Answer, Call, Effect, Made, Timer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    Value = str | int | None

_EFFECT = (
    "kind, object, charge, key, amount_minor, currency, our_reference, our_operation, outcome,"
    " facts"
)
_EFFECTS = "SELECT {} FROM effects WHERE charge = ? ORDER BY seq"
_INSERT = "INSERT INTO {} VALUES ({})"
_OBJECTS = "SELECT id, kind, charge, key, reference, facts FROM objects WHERE "


class Transaction:
    """Reads and appends within one transaction, which happens at one moment: `now_ms`.

    `touched` are the charges, with their accounts, that got an object or an effect in it.
    """

    def __init__(self, connection: sqlite3.Connection, now_ms: int) -> None:
        self._connection = connection
        self.now_ms = now_ms
        self.touched: dict[str, str] = {}

    def add_call(self, call: Call) -> int:
        body = None if call.body is None else written(call.body)
        row = (call.account, call.verb, call.key, body, call.status, call.replayed)
        return self.append("calls (account, verb, key, body, status, replayed)", *row)

    def add_object(self, seq: int, account: str, made: Made) -> None:
        row = (made.id, seq, account, made.kind, made.charge, made.key, made.reference)
        self.append("objects", *row, written(made.facts))
        self.touched[made.charge] = account

    def add_effect(self, seq: int, account: str, effect: Effect) -> None:
        self.append(
            f"effects (call_seq, account, {_EFFECT})",
            seq,
            account,
            effect.kind,
            effect.object,
            effect.charge,
            effect.key,
            effect.amount_minor,
            effect.currency,
            effect.our_reference,
            effect.our_operation,
            effect.outcome,
            written(effect.facts),
        )
        self.touched[effect.charge] = account

    def add_timer(self, seq: int, account: str, timer: Timer) -> None:
        """Set a timer; one that is set already stays as it is."""
        known = self.rows("SELECT 1 FROM timers WHERE key = ?", timer.key)
        if not known:
            row = (timer.charge, timer.object, timer.what, timer.due_ms)
            self.append("timers", timer.key, seq, account, *row)

    def add_answer(self, account: str, key: str, answer: Answer) -> None:
        self.append("answers", account, key, answer.digest, answer.status, written(answer.body))

    def answer(self, account: str, key: str) -> Answer | None:
        found = self.rows(
            "SELECT digest, status, answer FROM answers WHERE account = ? AND key = ?", account, key
        )
        return Answer(found[0][0], found[0][1], json.loads(found[0][2])) if found else None

    def by_id(self, account: str, object_id: str) -> Made | None:
        return _first(self._objects("account = ? AND id = ?", account, object_id))

    def by_key(self, account: str, key: str) -> Made | None:
        return _first(self._objects("account = ? AND key = ?", account, key))

    def by_reference(self, account: str, reference: str) -> list[Made]:
        where = "account = ? AND reference = ? AND kind = 'charge' ORDER BY call_seq"
        return self._objects(where, account, reference)

    def of_charge(self, charge: str) -> list[Made]:
        """Read a charge and all that was made of it, in order."""
        return self._objects("charge = ? ORDER BY call_seq, rowid", charge)

    def newest_charges(self, limit: int) -> list[Made]:
        return self._objects("kind = 'charge' ORDER BY call_seq DESC LIMIT ?", limit)

    def anyones(self, object_id: str) -> tuple[str, Made] | None:
        """Find an object by its id alone, with its account: payers and testers have no key."""
        account = self.rows("SELECT account FROM objects WHERE id = ?", object_id)
        made = self.by_id(account[0][0], object_id) if account else None
        return (account[0][0], made) if made else None

    def effects(self, charge: str) -> list[Effect]:
        return [_effect(row) for row in self.rows(_EFFECTS.format(_EFFECT), charge)]

    def log(self, after: int, limit: int) -> dict[str, object]:
        """Read a page of the log: calls in order, and the effects that these calls had."""
        calls = self.named("SELECT * FROM calls WHERE seq > ? ORDER BY seq LIMIT ?", after, limit)
        for call in calls:
            call["body"] = json.loads(call["body"]) if call["body"] else None
            call["replayed"] = bool(call["replayed"])
        last = calls[-1]["seq"] if calls else after
        effects = self.named(
            "SELECT * FROM effects WHERE call_seq > ? AND call_seq <= ? ORDER BY seq", after, last
        )
        for effect in effects:
            effect["facts"] = json.loads(effect["facts"])
        return {"calls": calls, "effects": effects, "next": last}

    def rows(self, sql: str, *values: Value) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql, values).fetchall()

    def named(self, sql: str, *values: Value) -> list[dict[str, Any]]:
        cursor = self._connection.execute(sql, values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def append(self, table: str, *values: Value) -> int:
        """Insert one row into a table, or into the named columns of one; returns its number."""
        places = ", ".join("?" * len(values))
        cursor = self._connection.execute(_INSERT.format(table, places), values)
        return int(cursor.lastrowid or 0)

    def _objects(self, where: str, *values: Value) -> list[Made]:
        return [_made(*row) for row in self.rows(_OBJECTS + where, *values)]


class Store:
    """One file; transactions follow each other."""

    def __init__(self, path: Path, now_ms: Callable[[], int] = clock.now_ms) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._now_ms = now_ms
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, timeout=10
        )
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        schema.prepare(self._connection)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield Transaction(self._connection, self._now_ms())
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        with self._lock:
            self._connection.close()


def written(content: Mapping[str, Any] | Sequence[Any]) -> str:
    return json.dumps(content, ensure_ascii=False)


def _first(found: list[Made]) -> Made | None:
    return found[0] if found else None


def _effect(row: tuple[Any, ...]) -> Effect:
    return Effect(*(*row[:-1], json.loads(row[-1])))


def _made(*row: str) -> Made:
    object_id, kind, charge, key, reference, facts = row
    return Made(object_id, kind, charge, key, reference, json.loads(facts))
