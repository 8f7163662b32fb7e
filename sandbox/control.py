"""The weather: faults that are switched on by hand or by a test. They live in memory only."""

from __future__ import annotations

import re
import secrets
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.errors import ApiError, invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

_DAY = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Control:
    """One setting: what it is at the start, its limits, and what it does."""

    name: str
    default: int
    low: int
    high: int
    does: str


CONTROLS = (
    Control("latency_ms", 0, 0, 60_000, "waits so many milliseconds before each API call"),
    Control("error_rate", 0, 0, 100, "percent of calls that answer 500, before anything is done"),
    Control("error_after_effect", 0, 0, 100, "percent that answer 500, after everything is done"),
    Control("outage", 0, 0, 1, "answers 503 to every call and payer's page"),
    Control("hang_seconds", 60, 1, 600, "how long a hanging call hangs"),
    Control("hang_next", 0, 0, 1_000_000, "so many next calls that do something hang after it"),
    Control("late_seconds", 5, 0, _DAY, "until a late success, or a reorganised chain gives up"),
    Control("collect_seconds", 1, 0, _DAY, "until success@, failure@ or late@sandbox answers"),
    Control("debit_seconds", 2, 0, _DAY, "from a signed mandate to the booked debit"),
    Control("dispute_seconds", 3, 0, _DAY, "from a charge of the card 0259 to its dispute"),
    Control("late_rate_percent", 100, 1, 1000, "of the quote's rate for crypto after expiry"),
    Control("refunds_pending", 0, 0, 1, "new refunds stay processing until they are ended here"),
    Control("duplicate_webhooks", 0, 0, 100, "percent of events that are sent twice"),
    Control("reorder_webhooks", 0, 0, 100, "percent that are sent after a later one"),
    Control("delay_webhooks", 0, 0, _DAY, "seconds that an event waits before it is sent"),
    Control("drop_webhooks", 0, 0, 100, "percent of events that are never sent"),
    Control("hold_webhooks", 0, 0, 1, "sends nothing while it is on"),
)
_BY_NAME = {control.name: control for control in CONTROLS}
_LATER = frozenset(("settle",))
_DIGITS = re.compile(r"[0-9]{1,9}")
_WORDS = {"true": 1, "on": 1, "false": 0, "off": 0, "": 0}


class Controls:
    """The settings of the weather by name, safe to be read and set by many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values = _defaults()

    def show(self) -> dict[str, int | bool]:
        with self._lock:
            return {**self._values, "outage": bool(self._values["outage"])}

    def settings(self) -> dict[str, int]:
        """Copy the values of this moment."""
        with self._lock:
            return dict(self._values)

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
            self._values = _defaults()

    def strikes(self, name: str) -> bool:
        rate = self.value(name)
        return rate > 0 and secrets.randbelow(100) < rate

    def take_hang(self) -> bool:
        with self._lock:
            taken = self._values["hang_next"] > 0
            self._values["hang_next"] -= taken
            return taken


def _defaults() -> dict[str, int]:
    return {control.name: control.default for control in CONTROLS}


def _checked(name: str, value: object) -> int:
    if name in _LATER:
        raise ApiError(422, "not_yet", f"{name}: settlement files come later.")
    control = _BY_NAME.get(name)
    if control is None:
        raise invalid(name, f"is no control; there are {', '.join(sorted(_BY_NAME))}.")
    number = _number(value)
    if number is None or not control.low <= number <= control.high:
        raise invalid(name, f"must be a whole number from {control.low} to {control.high}.")
    return number


def _number(value: object) -> int | None:
    if isinstance(value, str):
        text = value.strip().lower()
        if text in _WORDS:
            return _WORDS[text]
        return int(text) if _DIGITS.fullmatch(text) else None
    return value if isinstance(value, int) else None
