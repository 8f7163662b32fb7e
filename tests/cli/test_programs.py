"""`run.py` and `flask` as real processes, each once: what they say and how they end."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.cli import places
from tests.infra.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 90
SECOND_START_SECONDS = 30
"""The figure that is promised is 10 on an idle machine; tests share theirs."""


def bare(**names: str) -> dict[str, str]:
    """Return this process's environment without any setting, and these."""
    kept = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "TMPDIR", "COVERAGE_PROCESS_START")
    return {name: os.environ[name] for name in kept if name in os.environ} | names


def run(words: list[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
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


def test_without_a_word_the_programs_are_listed() -> None:
    done = run(python("run.py"), bare())
    assert done.returncode == 1
    assert "python run.py up" in done.stderr


def test_a_wrong_database_url_stops_the_start_in_plain_words(tmp_path: Path) -> None:
    environment = bare(DATABASE_URL="localhost", PAYAGENCY_HOME=str(tmp_path))
    done = run([str(Path(sys.executable).with_name("flask")), "payagency", "doctor"], environment)
    assert done.returncode == 1
    assert done.stderr.strip() == (
        "The configuration is not usable: "
        "DATABASE_URL: not a database URL. Write mysql+pymysql://user:password@host/name."
    )


def test_a_database_that_is_down_stops_the_release_in_plain_words(tmp_path: Path) -> None:
    url = f"mysql+pymysql://app:hunter2@127.0.0.1:{free_port()}/payagency"
    done = run(python("run.py", "release"), bare(DATABASE_URL=url, PAYAGENCY_HOME=str(tmp_path)))
    assert done.returncode == 1
    assert "The database does not answer. Check DATABASE_URL and the server." in done.stderr
    assert "hunter2" not in done.stdout + done.stderr


def test_a_worker_waits_for_redis_and_stops_when_it_is_told(tmp_path: Path) -> None:
    environment = bare(REDIS_URL=f"redis://127.0.0.1:{free_port()}/0", PAYAGENCY_HOME=str(tmp_path))
    log = tmp_path / "log"
    with log.open("wb") as file:
        worker = subprocess.Popen(
            python("run.py", "worker"), cwd=ROOT, env=environment, stdout=file, stderr=file
        )
    try:
        _eventually(lambda: "queue_unreachable" in log.read_text())
        assert worker.poll() is None
    finally:
        worker.terminate()
        worker.wait(10)


def _eventually(holds: object, seconds: float = PATIENCE_SECONDS) -> None:
    assert callable(holds)
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


@contextmanager
def _up(home: Path, port: int, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as file:
        supervisor = subprocess.Popen(
            python("run.py", "up"),
            cwd=ROOT,
            env=bare(PORT=str(port), PAYAGENCY_HOME=str(home), WEB_WORKERS="1"),
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    try:
        yield supervisor
    finally:
        supervisor.terminate()
        try:
            supervisor.wait(40)
        finally:
            supervisor.kill()


def _processes(home: Path) -> list[int]:
    """Return the processes whose environment names this home."""
    mark = f"PAYAGENCY_HOME={home}".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*/environ"):
        try:
            names = entry.read_bytes().split(b"\0")
        except OSError:
            continue
        if mark in names:
            found.append(int(entry.parent.name))
    return found


@pytest.mark.timeout(300)
def test_up_starts_everything_keeps_it_running_and_stops_it(tmp_path: Path) -> None:
    home, port, log = tmp_path / "home", _two_ports(), tmp_path / "log"
    with _up(home, port, log) as supervisor:
        _eventually(lambda: "PayAgency runs:" in log.read_text())
        assert places.answers(port)
        assert "Demo: 200 of 200 payments" in log.read_text()
        told = run(
            [str(Path(sys.executable).with_name("flask")), "payagency", "invariants"],
            bare(PORT=str(port), PAYAGENCY_HOME=str(home)),
        )
        assert (told.returncode, "FAIL" in told.stdout) == (0, False), told.stdout
        taken = run(python("run.py", "up"), bare(PORT=str(port), PAYAGENCY_HOME=str(home / "b")))
        assert taken.returncode == 1
        assert f"port {port} (web), port {port + 2} (sandbox provider)" in taken.stdout
        _kill_a_worker(supervisor.pid, log)
    assert supervisor.returncode == 0
    assert _processes(home) == []
    started = time.monotonic()
    with _up(home, port, log):
        _eventually(lambda: places.answers(port), SECOND_START_SECONDS)
    print(f"second start: {time.monotonic() - started:.1f} s with its stop")
    assert "The database is up to date." in log.read_text()
    assert _processes(home) == []


def _two_ports() -> int:
    """Return a port that is free together with the second one after it."""
    while True:
        port = free_port()
        if places.is_free(port + 2):
            return port


def _kill_a_worker(supervisor: int, log: Path) -> None:
    listed = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text()
    (worker, *_) = (
        int(pid)
        for pid in listed.split()
        if b"worker" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    )
    os.kill(worker, signal.SIGKILL)
    _eventually(
        lambda: re.search(r"worker-\d ended \(SIGKILL\); starting it again", log.read_text())
    )
