"""Telling accounts of their events: signed, again and again until it is taken, by the weather.

What is to be delivered and how often it was tried stands in the store, so that a killed sandbox
goes on where it was; an event whose taking could not be written down any more is sent once more.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import sqlite3
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sandbox import clock, events
from sandbox.store import written

if TYPE_CHECKING:
    from sandbox.bank import Bank
    from sandbox.control import Controls
    from sandbox.store import Transaction

WAITS_SECONDS = (1, 2, 5, 15, 60, 60, 60, 60, 60)
_MOST_TRIES = len(WAITS_SECONDS) + 1
_HELD_MS = 3 * clock.MS
_TIMEOUT_SECONDS = 5
_TICK_SECONDS = 0.1
_WAITING = """
SELECT d.seq, d.event, d.account, d.due_ms, d.held, COUNT(t.number), MAX(t.at_ms),
    EXISTS (SELECT 1 FROM deliveries later JOIN tries ON tries.delivery = later.seq
        WHERE later.account = d.account AND later.event > d.event)
FROM deliveries d LEFT JOIN tries t ON t.delivery = d.seq
WHERE d.seq > ? AND d.dropped = 0
GROUP BY d.seq
HAVING COUNT(t.number) < ? AND COALESCE(MAX(t.status BETWEEN 200 AND 299), 0) = 0
ORDER BY d.seq
"""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One delivery that is due: which try it is, to whom, and what is sent."""

    delivery: int
    event: int
    account: str
    number: int
    url: str
    secret: str
    body: bytes


class Courier:
    """Carries parcels: one account after the other with `run_once`, all at once with `start`."""

    def __init__(self, bank: Bank, controls: Controls) -> None:
        self._bank = bank
        self._controls = controls
        self._ended = 0
        self._busy: set[str] = set()
        self._stopping = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._run, name="courier", daemon=True).start()

    def stop(self) -> None:
        self._stopping.set()

    def run_once(self) -> int:
        """Send what is due now and return how much that was."""
        parcels = self._due()
        for parcel in parcels:
            self._carry(parcel)
        return len(parcels)

    def _run(self) -> None:
        """Look all the time, since timers become due without a call; survive what goes wrong."""
        while not self._stopping.is_set():
            self._bank.stirred.wait(_TICK_SECONDS)
            self._bank.stirred.clear()
            try:
                self._send_out()
            except (OSError, sqlite3.Error, LookupError, ValueError) as error:
                sys.stderr.write(f"courier: {error!r}\n")
                self._stopping.wait(1)

    def _send_out(self) -> None:
        """Give each account a thread of its own, so that none waits for another's endpoint."""
        busy = frozenset(self._busy)  # before looking: what their rounds still carry looks due
        by_account: dict[str, list[Parcel]] = {}
        for parcel in self._due():
            if parcel.account not in busy:
                by_account.setdefault(parcel.account, []).append(parcel)
        for account, parcels in by_account.items():
            self._busy.add(account)
            threading.Thread(target=self._round, args=(account, parcels), daemon=True).start()

    def _round(self, account: str, parcels: list[Parcel]) -> None:
        try:
            for parcel in parcels:
                if not self._controls.value("hold_webhooks"):
                    self._carry(parcel)
        finally:
            self._busy.discard(account)
            self._bank.stirred.set()

    def _due(self) -> list[Parcel]:
        with self._bank.open() as tx:
            waiting = tx.rows(_WAITING, self._ended, _MOST_TRIES)
            newest = tx.rows("SELECT COALESCE(MAX(seq), 0) FROM deliveries")[0][0]
            self._ended = waiting[0][0] - 1 if waiting else newest
            if self._controls.value("hold_webhooks"):
                return []
            due = [row for row in waiting if _is_due(tx.now_ms, *row[3:])]
            # Of those that were held back in vain the newest goes first: they come out of order.
            due.sort(key=lambda row: -row[1] if row[4] else 0)
            return [_parcel(tx, row[0], row[1], row[2], row[5] + 1) for row in due]

    def _carry(self, parcel: Parcel) -> None:
        status = _post(parcel, clock.now_ms() // clock.MS)
        with self._bank.open() as tx:
            tx.append("tries", parcel.delivery, parcel.number, tx.now_ms, status)


def signature(secret: str, moment_seconds: int, body: bytes) -> str:
    """Write the value of `Sandbox-Signature` for these bytes at this moment."""
    signed = f"{moment_seconds}.".encode() + body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"t={moment_seconds},v1={digest}"


def figures(tx: Transaction) -> dict[str, int]:
    """Count the deliveries of all accounts, for people who look at the controls."""
    taken = "SELECT COUNT(DISTINCT delivery) FROM tries WHERE status BETWEEN 200 AND 299"
    asked = {
        "events": "SELECT COUNT(*) FROM events",
        "planned": "SELECT COUNT(*) FROM deliveries",
        "taken": taken,
        "tries": "SELECT COUNT(*) FROM tries",
        "dropped": "SELECT COUNT(*) FROM deliveries WHERE dropped",
    }
    return {name: tx.rows(sql)[0][0] for name, sql in asked.items()}


def _is_due(
    now_ms: int, due_ms: int, held: int, tried: int, last_ms: int | None, later_sent: int
) -> bool:
    if tried and last_ms is not None:
        return now_ms >= last_ms + WAITS_SECONDS[tried - 1] * clock.MS
    waits = held and not later_sent
    return now_ms >= due_ms + (_HELD_MS if waits else 0)


def _parcel(tx: Transaction, delivery: int, event: int, account: str, number: int) -> Parcel:
    url, secret = tx.rows(
        "SELECT url, secret FROM endpoints WHERE account = ? ORDER BY seq DESC LIMIT 1", account
    )[0]
    row = tx.rows("SELECT id, type, created, data FROM events WHERE seq = ?", event)[0]
    body = written(events.shown(*row)).encode()
    return Parcel(delivery, event, account, number, url, secret, body)


def _post(parcel: Parcel, moment_seconds: int) -> int:
    """Send a parcel and return the status of the answer; 0 where none came."""
    parts = urlsplit(parcel.url)
    secure = parts.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=_TIMEOUT_SECONDS)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "sandbox-provider",
        "Sandbox-Signature": signature(parcel.secret, moment_seconds, parcel.body),
    }
    path = parts.path or "/"
    try:
        target = f"{path}?{parts.query}" if parts.query else path
        connection.request("POST", target, parcel.body, headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException, ValueError):
        return 0
    finally:
        connection.close()
