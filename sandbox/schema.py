"""The tables of the store, and the way of an older file to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

_VERSION = 2
_EFFECTS = (
    *("purchase", "purchase_reversed", "authorize", "capture", "capture_reversed", "void"),
    *("refund", "refund_asked", "refund_failed", "refund_reversed"),
    *("challenge_result", "processing", "failed", "expired", "left"),
    *("deposit", "deposit_reversed", "confirmed"),
    *("dispute", "dispute_reversed", "dispute_opened", "dispute_changed"),
)
_KINDS = ", ".join(f"'{kind}'" for kind in _EFFECTS)
_TABLES_SQL = f"""
CREATE TABLE IF NOT EXISTS calls (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    account TEXT, verb TEXT NOT NULL, key TEXT, body TEXT,
    status INTEGER NOT NULL, replayed INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS objects (
    id TEXT PRIMARY KEY, call_seq INTEGER NOT NULL, account TEXT NOT NULL, kind TEXT NOT NULL
        CHECK (kind IN ('charge', 'capture', 'void', 'refund', 'dispute')),
    charge TEXT NOT NULL, key TEXT NOT NULL, reference TEXT NOT NULL, facts TEXT NOT NULL,
    UNIQUE (account, key));
CREATE INDEX IF NOT EXISTS objects_reference ON objects (account, reference, kind);
CREATE INDEX IF NOT EXISTS objects_charge ON objects (charge);
CREATE INDEX IF NOT EXISTS objects_newest ON objects (kind, call_seq);
CREATE TABLE IF NOT EXISTS effects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, call_seq INTEGER NOT NULL,
    at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    account TEXT NOT NULL, kind TEXT NOT NULL CHECK (kind IN ({_KINDS})),
    object TEXT NOT NULL, charge TEXT NOT NULL, key TEXT NOT NULL,
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0), currency TEXT NOT NULL,
    our_reference TEXT NOT NULL, our_operation TEXT NOT NULL, outcome TEXT NOT NULL,
    facts TEXT NOT NULL DEFAULT '{{}}',
    UNIQUE (account, key));
CREATE INDEX IF NOT EXISTS effects_charge ON effects (charge);
CREATE INDEX IF NOT EXISTS effects_call ON effects (call_seq);
CREATE TABLE IF NOT EXISTS answers (
    account TEXT NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL,
    status INTEGER NOT NULL, answer TEXT NOT NULL, PRIMARY KEY (account, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS timers (
    key TEXT PRIMARY KEY, call_seq INTEGER NOT NULL, account TEXT NOT NULL,
    charge TEXT NOT NULL, object TEXT NOT NULL, what TEXT NOT NULL, due_ms INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS timers_due ON timers (due_ms);
CREATE TABLE IF NOT EXISTS fired (
    key TEXT PRIMARY KEY, call_seq INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, account TEXT NOT NULL,
    object TEXT NOT NULL, type TEXT NOT NULL, created INTEGER NOT NULL, data TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS events_object ON events (object, seq);
CREATE INDEX IF NOT EXISTS events_account ON events (account, seq);
CREATE TABLE IF NOT EXISTS endpoints (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL,
    url TEXT NOT NULL, secret TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS endpoints_account ON endpoints (account, seq);
CREATE TABLE IF NOT EXISTS deliveries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, event INTEGER NOT NULL, account TEXT NOT NULL,
    copy INTEGER NOT NULL, due_ms INTEGER NOT NULL, held INTEGER NOT NULL,
    dropped INTEGER NOT NULL, UNIQUE (event, copy));
CREATE INDEX IF NOT EXISTS deliveries_account ON deliveries (account, event);
CREATE TABLE IF NOT EXISTS tries (
    delivery INTEGER NOT NULL, number INTEGER NOT NULL, at_ms INTEGER NOT NULL,
    status INTEGER NOT NULL, PRIMARY KEY (delivery, number)) WITHOUT ROWID;
"""
_FROZEN = """
CREATE TRIGGER IF NOT EXISTS {table}_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, 'the store is append-only'); END;
"""
TABLES = (
    *("calls", "objects", "effects", "answers", "timers", "fired"),
    *("events", "endpoints", "deliveries", "tries"),
)
# SQLite cannot widen a check: the rows of the two tables that had narrower ones are copied over.
_ASIDE = """
DROP INDEX IF EXISTS objects_reference;
DROP INDEX IF EXISTS effects_charge;
DROP INDEX IF EXISTS effects_call;
ALTER TABLE objects RENAME TO objects_before;
ALTER TABLE effects RENAME TO effects_before;
"""
_BACK = """
INSERT INTO objects SELECT * FROM objects_before;
INSERT INTO effects (seq, call_seq, at, account, kind, object, charge, key, amount_minor, currency,
    our_reference, our_operation, outcome)
    SELECT seq, call_seq, at, account, kind, object, charge, key, amount_minor, currency,
        our_reference, our_operation, outcome FROM effects_before;
DROP TABLE objects_before;
DROP TABLE effects_before;
"""


def prepare(connection: sqlite3.Connection) -> None:
    """Make the tables, or bring those of an older file up to date, in one transaction."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'effects'").fetchone()
    older = known is not None and version < _VERSION
    triggers = "".join(
        _FROZEN.format(table=table, verb=verb) for table in TABLES for verb in ("UPDATE", "DELETE")
    )
    aside, back = (_ASIDE, _BACK) if older else ("", "")
    connection.executescript(
        f"BEGIN IMMEDIATE; {aside} {_TABLES_SQL} {back} {triggers}"
        f" PRAGMA user_version = {_VERSION}; COMMIT;"
    )
