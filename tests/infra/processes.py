"""Servers that tests start: one process each, ended by its own id, gone when the test run dies."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path


class ServerDiedError(RuntimeError):
    """The server ended, or did not answer in time; carries the end of its log."""

    def __init__(self, name: str, reason: str, log: Path) -> None:
        tail = log.read_text(errors="replace")[-2000:] if log.exists() else ""
        super().__init__(f"{name} {reason}\n{tail}")


class Server:
    """One child process with a log; `start` returns when `ready` says so."""

    def __init__(
        self,
        command: Sequence[str],
        log: Path,
        *,
        ready: Callable[[], bool],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.command = list(command)
        self.log = log
        self.ready = ready
        self.environment = {**os.environ, **(environment or {})}
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        if self.process is None:
            raise RuntimeError("the server has not been started")
        return self.process.pid

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self, *, timeout_seconds: float = 30) -> Self:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*_dies_with_us(), *self.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self.environment,
            )
        self.wait_ready(timeout_seconds=timeout_seconds)
        return self

    def wait_ready(self, *, timeout_seconds: float = 30) -> None:
        deadline = time.monotonic() + timeout_seconds
        while not self.ready():
            if not self.running:
                raise ServerDiedError(self.command[0], "ended at start", self.log)
            if time.monotonic() > deadline:
                self.kill()
                raise ServerDiedError(self.command[0], "was not ready in time", self.log)
            time.sleep(0.02)

    def stop(self, *, timeout_seconds: float = 20) -> None:
        """End it politely; kill it when it does not listen."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it as a power cut would: no time to write anything."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(10)


def _dies_with_us() -> list[str]:
    """Have the kernel end the server when the test process is killed and cannot do so itself."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL", "--"] if setpriv else []
