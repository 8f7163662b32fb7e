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

from app.cli import places
from tests.infra.ports import free_port

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
                self._command(),
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

    def _command(self) -> list[str]:
        return [sys.executable, "run.py", *self._words]

    def _children(self) -> list[int]:
        listed = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        try:
            return [int(pid) for pid in listed.read_text().split()]
        except FileNotFoundError:
            return []

    def died(self) -> bool:
        """Answer whether the process is gone."""
        return self._process.poll() is not None


class Web(Process):
    """The web server as people start it, on a port of its own; `origin` is where it answers."""

    def __init__(self, log: Path, *, failpoint: str = "", workers: int = 1) -> None:
        super().__init__(log, failpoint=failpoint)
        self.port = free_port()
        self.origin = f"http://localhost:{self.port}"
        self._environment |= {"PORT": str(self.port), "WEB_WORKERS": str(workers)}

    def __enter__(self) -> Self:
        super().__enter__()
        try:
            eventually(self._is_up, "the web server answers", self._log)
        except BaseException:
            self.__exit__()
            raise
        return self

    def _is_up(self) -> bool:
        assert not self.died(), self._log.read_text()
        return places.answers(self.port)

    def _command(self) -> list[str]:
        return [
            sys.executable,
            "-m",
            "gunicorn",
            "-c",
            "python:app.cli.gunicorn_settings",
            "run:app",
        ]


def eventually(holds: Callable[[], bool], what: str, log: Path) -> None:
    """Wait until `holds()`; fails with the processes' log when patience ends."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError(f"not in {PATIENCE_SECONDS} s: {what}\n{log.read_text()[-9000:]}")
