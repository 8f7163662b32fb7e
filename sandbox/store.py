"""The append-only store: calls, objects, effects and answers. Nothing is ever changed or removed.

A call, what it made, the effects it had and the answer it gave are written in one transaction that
is on the disk before anybody hears of it, so that a killed sandbox resumes with the truth.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS calls (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    account TEXT, verb TEXT NOT NULL, key TEXT, body TEXT,
    status INTEGER NOT NULL, replayed INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS objects (
    id TEXT PRIMARY KEY, call_seq INTEGER NOT NULL, account TEXT NOT NULL, kind TEXT NOT NULL
        CHECK (kind IN ('charge', 'capture', 'void', 'refund')),
    charge TEXT NOT NULL, key TEXT NOT NULL, reference TEXT NOT NULL, facts TEXT NOT NULL,
    UNIQUE (account, key));
CREATE INDEX IF NOT EXISTS objects_reference ON objects (account, reference, kind);
CREATE TABLE IF NOT EXISTS effects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, call_seq INTEGER NOT NULL,
    at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    account TEXT NOT NULL, kind TEXT NOT NULL
        CHECK (kind IN ('purchase','authorize','capture','void','refund','challenge_result')),
    object TEXT NOT NULL, charge TEXT NOT NULL, key TEXT NOT NULL,
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0), currency TEXT NOT NULL,
    our_reference TEXT NOT NULL, our_operation TEXT NOT NULL, outcome TEXT NOT NULL,
    UNIQUE (account, key));
CREATE INDEX IF NOT EXISTS effects_charge ON effects (charge);
CREATE INDEX IF NOT EXISTS effects_call ON effects (call_seq);
CREATE TABLE IF NOT EXISTS answers (
    account TEXT NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL,
    status INTEGER NOT NULL, answer TEXT NOT NULL, PRIMARY KEY (account, key)) WITHOUT ROWID;
"""
_FROZEN = """
CREATE TRIGGER IF NOT EXISTS {table}_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, 'the store is append-only'); END;
"""
_TABLES = ("calls", "objects", "effects", "answers")


@dataclass(frozen=True, slots=True)
class Made:
    """An object as it was made; its present state follows from the effects."""

    id: str
    kind: str
    charge: str
    key: str
    reference: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Effect:
    """Something that really happened, at most once per key."""

    kind: str
    object: str
    charge: str
    key: str
    amount_minor: int
    currency: str
    our_reference: str
    our_operation: str
    outcome: str = "done"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the first call with a key was told; `digest` stands for its body."""

    digest: str
    status: int
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """A line of the call log; `body` is masked before it comes here."""

    account: str | None
    verb: str
    key: str | None
    body: Mapping[str, object] | None
    status: int
    replayed: bool = False


class Transaction:
    """Reads and appends of one account within one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add_call(self, call: Call) -> int:
        body = None if call.body is None else json.dumps(call.body, ensure_ascii=False)
        row = (call.account, call.verb, call.key, body, call.status, call.replayed)
        cursor = self._connection.execute(
            "INSERT INTO calls (account, verb, key, body, status, replayed)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            row,
        )
        return int(cursor.lastrowid or 0)

    def add_object(self, seq: int, account: str, made: Made) -> None:
        facts = json.dumps(dict(made.facts), ensure_ascii=False)
        row = (made.id, seq, account, made.kind, made.charge, made.key, made.reference, facts)
        self._connection.execute("INSERT INTO objects VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)

    def add_effect(self, seq: int, account: str, effect: Effect) -> None:
        self._connection.execute(
            "INSERT INTO effects (call_seq, account, kind, object, charge, key, amount_minor,"
            " currency, our_reference, our_operation, outcome)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
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
            ),
        )

    def add_answer(self, account: str, key: str, answer: Answer) -> None:
        body = json.dumps(dict(answer.body), ensure_ascii=False)
        row = (account, key, answer.digest, answer.status, body)
        self._connection.execute("INSERT INTO answers VALUES (?, ?, ?, ?, ?)", row)

    def answer(self, account: str, key: str) -> Answer | None:
        row = self._connection.execute(
            "SELECT digest, status, answer FROM answers WHERE account = ? AND key = ?",
            (account, key),
        ).fetchone()
        return None if row is None else Answer(row[0], row[1], json.loads(row[2]))

    def by_id(self, account: str, object_id: str) -> Made | None:
        return _first(self._objects("account = ? AND id = ?", (account, object_id)))

    def by_key(self, account: str, key: str) -> Made | None:
        return _first(self._objects("account = ? AND key = ?", (account, key)))

    def by_reference(self, account: str, reference: str) -> list[Made]:
        where = "account = ? AND reference = ? AND kind = 'charge' ORDER BY call_seq"
        return self._objects(where, (account, reference))

    def challenge(self, charge: str) -> tuple[str, Made] | None:
        """Find a charge by its id alone, with its account: the payer has no key."""
        row = self._connection.execute(
            "SELECT account FROM objects WHERE id = ? AND kind = 'charge'", (charge,)
        ).fetchone()
        made = self.by_id(row[0], charge) if row else None
        return (row[0], made) if made else None

    def effects(self, charge: str) -> list[Effect]:
        rows = self._connection.execute(
            "SELECT kind, object, charge, key, amount_minor, currency, our_reference,"
            " our_operation, outcome FROM effects WHERE charge = ? ORDER BY seq",
            (charge,),
        )
        return [Effect(*row) for row in rows]

    def log(self, after: int, limit: int) -> dict[str, object]:
        """Read a page of the log: calls in order, and the effects that these calls had."""
        calls = _rows(
            self._connection.execute(
                "SELECT * FROM calls WHERE seq > ? ORDER BY seq LIMIT ?", (after, limit)
            )
        )
        for call in calls:
            call["body"] = json.loads(call["body"]) if call["body"] else None
            call["replayed"] = bool(call["replayed"])
        last = calls[-1]["seq"] if calls else after
        effects = self._connection.execute(
            "SELECT * FROM effects WHERE call_seq > ? AND call_seq <= ? ORDER BY seq",
            (after, last),
        )
        return {"calls": calls, "effects": _rows(effects), "next": last}

    def _objects(self, where: str, values: tuple[str, ...]) -> list[Made]:
        rows = self._connection.execute(_OBJECTS + where, values)
        return [_made(*row) for row in rows]


_OBJECTS = "SELECT id, kind, charge, key, reference, facts FROM objects WHERE "


class Store:
    """One file; transactions follow each other."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, timeout=10
        )
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.executescript(_SCHEMA)
        for table in _TABLES:
            for verb in ("UPDATE", "DELETE"):
                self._connection.executescript(_FROZEN.format(table=table, verb=verb))

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield Transaction(self._connection)
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        with self._lock:
            self._connection.close()


def _first(found: list[Made]) -> Made | None:
    return found[0] if found else None


def _made(*row: str) -> Made:
    object_id, kind, charge, key, reference, facts = row
    return Made(object_id, kind, charge, key, reference, json.loads(facts))


def _rows(cursor: sqlite3.Cursor) -> list[dict[str, Any]]:
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]
