"""The programs as people start them, each once: what they say and how they end."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.cli.running import FLASK, ROOT, Running, bare, eventually, python, run
from tests.infra.ports import free_port

if TYPE_CHECKING:
    from pathlib import Path


def test_without_a_word_the_programs_are_listed() -> None:
    done = run(python("run.py"), bare())
    assert done.returncode == 1
    assert "python run.py up" in done.stderr


def test_a_wrong_database_url_stops_the_start_in_plain_words(tmp_path: Path) -> None:
    environment = bare(DATABASE_URL="localhost", PAYAGENCY_HOME=str(tmp_path))
    done = run([FLASK, "payagency", "doctor"], environment)
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
    url, log = f"redis://127.0.0.1:{free_port()}/0", tmp_path / "log"
    environment = bare(REDIS_URL=url, PAYAGENCY_HOME=str(tmp_path))
    with log.open("wb") as file:
        worker = subprocess.Popen(
            python("run.py", "worker"), cwd=ROOT, env=environment, stdout=file, stderr=file
        )
    try:
        eventually(lambda: "queue_unreachable" in log.read_text(), log)
        assert worker.poll() is None
    finally:
        worker.terminate()
        worker.wait(10)


@pytest.mark.timeout(400)
def test_up_starts_everything_keeps_it_running_and_stops_it(tmp_path: Path) -> None:
    running = Running(tmp_path)
    with running:
        assert running.says("Demo: 160 of 160 payments")
        told = run([FLASK, "payagency", "invariants"], running.environment())
        assert (told.returncode, "FAIL" in told.stdout) == (0, False), told.stdout
        again = run(
            python("run.py", "up"), {**running.environment(), "PAYAGENCY_HOME": str(tmp_path / "b")}
        )
        assert again.returncode == 1
        ports = f"port {running.port} (web), port {running.port + 2} (sandbox provider)"
        assert ports in again.stdout
        os.kill(running.children("worker")[0], signal.SIGKILL)
        eventually(lambda: running.says("ended (SIGKILL); starting it again"), running.log)
    assert running.returncode == 0
    assert running.processes() == []
    started = time.monotonic()
    with running:
        print(f"second start: {time.monotonic() - started:.1f} s")
        assert running.says("The database is up to date.")
    assert running.processes() == []
