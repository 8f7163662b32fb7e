"""The weather: faults that are switched on by hand or by a test. They live in memory only."""

from __future__ import annotations

import re
import secrets
import threading
from typing import TYPE_CHECKING

from sandbox.errors import ApiError, invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

_DEFAULTS = {
    "latency_ms": 0,
    "error_rate": 0,
    "error_after_effect": 0,
    "outage": 0,
    "hang_seconds": 60,
    "hang_next": 0,
}
_LIMITS = {
    "latency_ms": (0, 60_000),
    "error_rate": (0, 100),
    "error_after_effect": (0, 100),
    "outage": (0, 1),
    "hang_seconds": (1, 600),
    "hang_next": (0, 1_000_000),
}
_LATER = frozenset(
    ("duplicate_webhooks", "reorder_webhooks", "delay_webhooks", "drop_webhooks", "settle")
)
_DIGITS = re.compile(r"[0-9]{1,9}")
_WORDS = {"true": 1, "on": 1, "false": 0, "off": 0, "": 0}


class Controls:
    """The settings of the weather, safe to be read and set by many threads.

    latency_ms waits before each API call; error_rate is the percentage of calls that answer 500
    before anything was done, error_after_effect of those that answer 500 after everything was
    done; outage answers 503 to every call; the next hang_next calls that do something answer only
    after hang_seconds.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values = dict(_DEFAULTS)

    def show(self) -> dict[str, int | bool]:
        with self._lock:
            return {**self._values, "outage": bool(self._values["outage"])}

    def value(self, name: str) -> int:
        with self._lock:
            return self._values[name]

    def change(self, wanted: Mapping[str, object]) -> None:
        """Set all that was named, or nothing if one of it is wrong."""
        checked = {name: _checked(name, value) for name, value in wanted.items()}
        with self._lock:
            self._values.update(checked)

    def reset(self) -> None:
        with self._lock:
            self._values = dict(_DEFAULTS)

    def strikes(self, name: str) -> bool:
        rate = self.value(name)
        return rate > 0 and secrets.randbelow(100) < rate

    def take_hang(self) -> bool:
        with self._lock:
            taken = self._values["hang_next"] > 0
            self._values["hang_next"] -= taken
            return taken


def _checked(name: str, value: object) -> int:
    if name in _LATER:
        raise ApiError(422, "not_yet", f"{name}: webhooks and settlement files come later.")
    if name not in _LIMITS:
        raise invalid(name, f"is no control; there are {', '.join(sorted(_LIMITS))}.")
    low, high = _LIMITS[name]
    number = _number(value)
    if number is None or not low <= number <= high:
        raise invalid(name, f"must be a whole number from {low} to {high}.")
    return number


def _number(value: object) -> int | None:
    if isinstance(value, str):
        text = value.strip().lower()
        if text in _WORDS:
            return _WORDS[text]
        return int(text) if _DIGITS.fullmatch(text) else None
    return value if isinstance(value, int) else None
