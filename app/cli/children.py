"""Child processes of the supervisor: each in a group of its own, with a log, started again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.errors import PayAgencyError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

QUICK_SECONDS = 10.0
MOST_QUICK_DEATHS = 5
LONGEST_PAUSE_SECONDS = 8.0
LOOK_SECONDS = 0.05
TAIL_LINES = 15
TAIL_WIDTH = 400
LARGEST_LOG_BYTES = 20 * 1024 * 1024


class StartFailedError(PayAgencyError):
    """A part of PayAgency does not start or does not stay."""

    code = "start_failed"
    title = "PayAgency could not be started"


@dataclass
class Child:
    """One process that is kept running; `grace_seconds` is its time to end what it is doing."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    grace_seconds: float = 10
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    quick_deaths: int = 0
    _started: float = 0
    _not_before: float = 0

    def start(self) -> None:
        """Start it, its output going to its log."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*_ends_with_us(), *self.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(self.environment),
                start_new_session=True,
            )
        self._started = time.monotonic()

    @property
    def is_running(self) -> bool:
        """Whether the process is there."""
        return self.process is not None and self.process.poll() is None

    def wait_until(self, is_ready: Callable[[], bool], seconds: float) -> None:
        """Wait until it works; raises StartFailedError when it ends or takes too long."""
        deadline = time.monotonic() + seconds
        while not is_ready():
            if not self.is_running:
                raise StartFailedError(f"{self.name} ended at once.\n{self.tail()}")
            if time.monotonic() > deadline:
                raise StartFailedError(
                    f"{self.name} did not answer within {seconds:.0f} s.\n{self.tail()}"
                )
            time.sleep(LOOK_SECONDS)

    def look_after(self) -> str | None:
        """Start it again when it has died and its pause is over; answers what there is to tell.

        Raises StartFailedError after MOST_QUICK_DEATHS lives shorter than QUICK_SECONDS.
        """
        now = time.monotonic()
        if self.process is None:
            if now >= self._not_before:
                self.start()
            return None
        code = self.process.poll()
        if code is None:
            return None
        self.process = None
        self.quick_deaths = self.quick_deaths + 1 if now - self._started < QUICK_SECONDS else 0
        if self.quick_deaths >= MOST_QUICK_DEATHS:
            raise StartFailedError(
                f"{self.name} died {self.quick_deaths} times in a row.\n{self.tail()}"
            )
        pause = (
            min(LONGEST_PAUSE_SECONDS, 2.0 ** (self.quick_deaths - 1)) if self.quick_deaths else 0
        )
        self._not_before = now + pause
        return f"{self.name} ended ({_words(code)}); starting it again in {pause:.0f} s"

    def tail(self) -> str:
        """Return where its log is and how that ends."""
        lines: deque[str] = deque(maxlen=TAIL_LINES)
        if self.log.exists():
            with self.log.open(errors="replace") as log:
                lines.extend(line.rstrip()[:TAIL_WIDTH] for line in log)
        return "\n".join([f"The end of {self.log}:", *(f"  {line}" for line in lines)])

    def ask_to_stop(self) -> None:
        """Ask it to end what it is doing and stop."""
        if self.process is not None and self.is_running:
            self.process.send_signal(signal.SIGTERM)

    def stop(self, *, is_patient: Callable[[], bool]) -> None:
        """Ask it to stop, and kill its whole group when it does not within its time."""
        if self.process is None:
            return
        self.ask_to_stop()
        deadline = time.monotonic() + self.grace_seconds
        while self.is_running and is_patient() and time.monotonic() < deadline:
            time.sleep(LOOK_SECONDS)
        if self.is_running:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process = None


def _ends_with_us() -> list[str]:
    """Have the kernel (Linux) end the child when the supervisor is killed and cannot do so."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM", "--"] if setpriv else []


def _words(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
