"""Workers and a scheduler as real processes, and waiting for what they do."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 150  # three test processes share two cores, and each starts workers


class Process:
    """`run.py …` in a process group of its own; always gone at the end of the block."""

    def __init__(self, log: Path, *words: str, failpoint: str = "") -> None:
        self._log = log
        self._words = words
        self._environment = {
            **os.environ,
            "PAYAGENCY_SWEEP_SECONDS": "0.3",
            **({"PAYAGENCY_FAILPOINT": failpoint} if failpoint else {}),
        }

    def __enter__(self) -> Self:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "run.py", *self._words],
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self

    def __exit__(self, *_error: object) -> None:
        # A worker's job runs in a group of its own and would live on for a moment.
        for pid in [self._process.pid, *self._children()]:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
        self._process.wait()

    def _children(self) -> list[int]:
        listed = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        try:
            return [int(pid) for pid in listed.read_text().split()]
        except FileNotFoundError:
            return []

    def died(self) -> bool:
        """Answer whether the process is gone."""
        return self._process.poll() is not None


def eventually(holds: Callable[[], bool], what: str, log: Path) -> None:
    """Wait until `holds()`; fails with the processes' log when patience ends."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError(f"not in {PATIENCE_SECONDS} s: {what}\n{log.read_text()[-9000:]}")
