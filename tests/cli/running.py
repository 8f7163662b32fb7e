"""`run.py` and `flask` as real processes with an environment of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from app.cli import places
from tests.infra.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROOT: Final = Path(__file__).resolve().parents[2]
FLASK: Final = str(Path(sys.executable).with_name("flask"))
PATIENCE_SECONDS = 150
STOP_SECONDS = 45
_KEPT = ("PATH", "HOME", "LANG", "TMPDIR")


def bare(**names: str) -> dict[str, str]:
    """Return this process's environment without any setting, and these."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ} | names


def run(words: list[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a program to its end."""
    return subprocess.run(
        words,
        cwd=ROOT,
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )


def python(*words: str) -> list[str]:
    return [sys.executable, *words]


def eventually(holds: Callable[[], object], log: Path) -> None:
    """Wait until `holds()`; shows the end of the log when patience ends."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > end:
            raise AssertionError(f"not in {PATIENCE_SECONDS} s\n{log.read_text()[-4000:]}")
        time.sleep(0.1)


class Running:
    """`python run.py up` in a folder and on ports of its own, with the demo; ends with the block.

    The second `with` starts it again in the same folder.
    """

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.log = folder / "up.log"
        self.port = _free_pair()
        self.origin = f"http://localhost:{self.port}"
        self.returncode: int | None = None

    def environment(self, **names: str) -> dict[str, str]:
        """Return what its processes see."""
        own = {"PORT": str(self.port), "PAYAGENCY_HOME": str(self.home), "WEB_WORKERS": "1"}
        return bare(**own, **names)

    @property
    def pid(self) -> int:
        return self._process.pid

    def says(self, words: str) -> bool:
        return words in self.log.read_text()

    def __enter__(self) -> Self:
        self.log.write_bytes(b"")
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                python("run.py", "up"),
                cwd=ROOT,
                env=self.environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            eventually(lambda: self.says("PayAgency runs:") or self._ended(), self.log)
            assert places.answers(self.port), self.log.read_text()[-4000:]
        except BaseException:
            self.__exit__()
            raise
        return self

    def _ended(self) -> bool:
        return self._process.poll() is not None

    def __exit__(self, *_error: object) -> None:
        self._process.terminate()
        try:
            self.returncode = self._process.wait(STOP_SECONDS)
        finally:
            self._process.kill()

    def processes(self) -> list[int]:
        """Return the processes whose environment names its folder."""
        mark = f"PAYAGENCY_HOME={self.home}".encode()
        return [
            int(entry.parent.name)
            for entry in Path("/proc").glob("[0-9]*/environ")
            if mark in _environ(entry)
        ]

    def children(self, word: str) -> list[int]:
        """Return the supervisor's children whose command has this word."""
        listed = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [
            int(pid)
            for pid in listed.split()
            if word.encode() in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        ]


def _environ(entry: Path) -> list[bytes]:
    try:
        return entry.read_bytes().split(b"\0")
    except OSError:
        return []


def _free_pair() -> int:
    """Return a port that is free together with the second one after it."""
    while True:
        port = free_port()
        if places.is_free(port + 2):
            return port
