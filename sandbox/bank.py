"""The store in its time: what is due happens before anybody looks, and each change is told."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sandbox import clock, events, timers
from sandbox.card_keys import CardKey

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.control import Controls
    from sandbox.store import Store, Transaction

# Timers due before this have been seen to: clocks that are set back a little lose none.
_MARGIN_MS = 600 * clock.MS


class Bank:
    """The one door to the store for the API, the pages and the courier.

    `stirred` is set whenever something may have to be delivered.
    """

    def __init__(self, store: Store, controls: Controls) -> None:
        self._store = store
        self._controls = controls
        self._since_ms = 0
        self.card_key = CardKey(store.path.with_name(f"{store.path.name}.key.json"))
        self.stirred = threading.Event()

    @contextmanager
    def open(self) -> Iterator[Transaction]:
        settings = self._controls.settings()
        with self._store.transaction() as tx:
            timers.run_due(tx, settings, self._since_ms)
            yield tx
            events.record(tx, settings)
        self._since_ms = max(self._since_ms, tx.now_ms - _MARGIN_MS)
        if tx.touched:
            self.stirred.set()
