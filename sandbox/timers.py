"""What was put off until now: every timer is turned into its effects exactly once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import disputes, families
from sandbox.errors import ApiError
from sandbox.records import Call, Timer
from sandbox.steps import Case, Step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.store import Transaction

_DUE = (
    "SELECT account, key, charge, object, what, due_ms FROM timers WHERE due_ms BETWEEN ? AND ?"
    " AND NOT EXISTS (SELECT 1 FROM fired WHERE fired.key = timers.key) ORDER BY due_ms, rowid"
)


def run_due(tx: Transaction, settings: Mapping[str, int], since_ms: int = 0) -> None:
    """Let happen what is due, and what follows from it at once; none before `since_ms` is open."""
    while due := tx.rows(_DUE, since_ms, tx.now_ms):
        for account, *row in due:
            _fire(tx, account, Timer(*row), settings)


def enter(tx: Transaction, seq: int, account: str, step: Step) -> None:
    """Write what a step plans under the call that it follows from."""
    for made in step.made:
        tx.add_object(seq, account, made)
    for effect in step.effects:
        tx.add_effect(seq, account, effect)
    for timer in step.timers:
        tx.add_timer(seq, account, timer)


def _fire(tx: Transaction, account: str, timer: Timer, settings: Mapping[str, int]) -> None:
    body = {"object": timer.object}
    seq = tx.add_call(Call(account, f"timer.{timer.what}", None, body, 200))
    tx.append("fired", timer.key, seq)
    charge, about = tx.by_id(account, timer.charge), tx.by_id(account, timer.object)
    if charge is None or about is None:
        raise LookupError(f"the timer {timer.key} is about nothing")
    case = Case(charge, tuple(tx.effects(charge.id)), tx.now_ms, settings)
    try:
        if timer.what == "dispute":
            step = disputes.opened(case, {})
        elif timer.what == "lapse":
            step = disputes.lapse(case, about)
        else:
            step = families.of(charge).fire(case, timer)
    except ApiError:
        return  # it has become impossible: the call stands in the log without an effect
    enter(tx, seq, account, step)
