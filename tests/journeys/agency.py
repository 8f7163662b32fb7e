"""PayAgency as people start it: `python run.py up` with its own database, queue and folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from app.cli import places
from tests.infra.ports import free_port
from tests.infra.processes import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.infra.mariadb import MariaDbServer
    from tests.infra.redis import RedisServer

ROOT: Final = Path(__file__).resolve().parents[2]
PASSWORD: Final = "payagency-demo-2026"
START_SECONDS: Final = 180
STOP_SECONDS: Final = 45
KEPT: Final = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "TMPDIR", "COVERAGE_PROCESS_START")


@dataclass(frozen=True)
class Agency:
    """A running PayAgency; its commands are run in the same environment."""

    server: Server
    port: int
    home: Path

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def sandbox(self) -> str:
        return f"http://127.0.0.1:{self.port + 2}"

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(Path(sys.executable).with_name("flask")), "payagency", *words],
            cwd=ROOT,
            env=dict(self.server.environment),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def violations(self) -> dict[str, Any]:
        """Return every invariant that does not hold, with what violates it."""
        told = self.command("invariants", "--json")
        assert told.stdout, told.stderr
        return {
            each["name"]: each["violations"]
            for each in json.loads(told.stdout)["invariants"]
            if not each["holds"]
        }

    def processes(self) -> list[str]:
        """Return the commands of all processes that were started with this home."""
        mark = f"PAYAGENCY_HOME={self.home}".encode()
        return [
            (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            for folder in Path("/proc").glob("[0-9]*")
            if mark in _environment_of(folder)
        ]


def _environment_of(folder: Path) -> list[bytes]:
    try:
        return (folder / "environ").read_bytes().split(b"\0")
    except OSError:
        return []


@contextmanager
def running(
    home: Path, mariadb: MariaDbServer, database: str, redis: RedisServer
) -> Iterator[Agency]:
    """Yield it started, with the demo; afterwards everything that it started has stopped."""
    port = _three_ports()
    log = home.with_suffix(".log")
    command = [sys.executable, str(ROOT / "run.py"), "up"]
    server = Server(command, log, ready=lambda: places.answers(port))
    server.environment = {name: os.environ[name] for name in KEPT if name in os.environ} | {
        "DATABASE_URL": mariadb.url(database, "app"),
        "DATABASE_MIGRATOR_URL": mariadb.url(database, "migrator"),
        "REDIS_URL": redis.url,
        "PAYAGENCY_HOME": str(home),
        "PORT": str(port),
        "WEB_WORKERS": "1",
    }
    agency = Agency(server, port, home)
    server.start(timeout_seconds=START_SECONDS)
    try:
        yield agency
    finally:
        server.stop(timeout_seconds=STOP_SECONDS)
    assert server.process is not None
    assert server.process.returncode == 0, log.read_text()
    assert agency.processes() == []
    assert all(places.is_free(port + offset) for offset in range(3))


def _three_ports() -> int:
    """Return a port that is free together with the next two (events, sandbox provider)."""
    while True:
        port = free_port()
        if places.is_free(port + 1) and places.is_free(port + 2):
            return port
