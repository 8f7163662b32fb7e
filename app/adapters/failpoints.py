"""Named places at which a test may kill the process together with its children.

`PAYAGENCY_FAILPOINT` holds `name` or `name:N` (the N-th time). It is refused outside development.
"""

from __future__ import annotations

import os
import signal

NAMES = frozenset(
    {
        "intent.committed",
        "execute.leased",
        "execute.before_call",
        "execute.after_call",
        "execute.evidence_stored",
        "execute.before_commit",
        "execute.committed",
        "bulk.chunk_loaded",
        "bulk.before_commit",
        "bulk.chunk_committed",
        "bulk.before_done",
        "webhook.sent",
        "notification.rendered",
        "notification.sent",
        "release.before_commit",
        "release.committed",
    }
)
_hits: dict[str, int] = {}
_main: list[int] = []


def take_along(pid: int) -> None:
    """Name the process that must die too: a worker's job runs in a process group of its own."""
    _main[:] = [pid]


def hit(name: str) -> None:
    """Kill the worker and this process group when this failpoint is armed; otherwise do nothing."""
    armed, _, count = os.environ.get("PAYAGENCY_FAILPOINT", "").partition(":")
    if armed != name:
        return
    _hits[name] = _hits.get(name, 0) + 1
    if _hits[name] >= int(count or 1):
        for pid in _main:
            os.kill(pid, signal.SIGKILL)
        os.killpg(os.getpgrp(), signal.SIGKILL)
