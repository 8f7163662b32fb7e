"""The supervisor with small stand-ins for its children; test_programs.py runs the real ones."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

import config
from app.cli import places, supervisor
from app.cli.children import StartFailedError
from app.cli.supervisor import Supervisor
from config import Settings
from tests.infra.ports import free_port

if TYPE_CHECKING:
    from pathlib import Path

SERVES = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
LISTENS = """
import socket, sys, time
server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1])
server.listen()
time.sleep(60)
"""


def _stand_in(*words: str) -> list[str]:
    """Return a command that stands for `python …`."""
    if "sandbox" in words:
        return [sys.executable, "-c", SERVES, words[words.index("--port") + 1]]
    if "release" in words:
        return [sys.executable, "-c", "print('Schema: made')"]
    return [sys.executable, "-c", "import time; time.sleep(60)", *words]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Return settings of a free place, in which every program is a stand-in."""
    port = free_port()
    while not places.is_free(port + 2):
        port = free_port()
    web = [sys.executable, "-c", SERVES, str(port)]
    monkeypatch.setattr(supervisor, "_python", _stand_in)
    monkeypatch.setattr(supervisor, "_web_command", lambda: web)
    monkeypatch.setattr(
        supervisor,
        "_redis_command",
        lambda home: [sys.executable, "-c", LISTENS, str(home / "valkey.sock")],
    )
    return Settings(_env_file=None, port=port, payagency_home=tmp_path / "home", redis_url="")


def _interrupt_when(lines: list[str], word: str) -> None:
    """Press Ctrl-C once a line with `word` was told."""

    def watch() -> None:
        end = time.monotonic() + 30
        while not any(word in line for line in lines) and time.monotonic() < end:
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=watch).start()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    lines: list[str] = []
    monkeypatch.setattr(supervisor, "_tell", lines.append)
    return lines


def test_it_starts_in_order_greets_and_stops_everything(
    settings: Settings, told: list[str]
) -> None:
    own = Supervisor(settings)
    _interrupt_when(told, "Ctrl-C stops everything")
    own.run()
    names = [child.name for child in own.children]
    assert names == ["redis", "sandbox", "web", "worker-1", "worker-2", "scheduler"]
    assert not any(child.is_running for child in own.children)
    assert any(settings.public_url in line for line in told)
    assert any("acme-owner" in line for line in told)
    assert told[-2:] == ["Stopping …", "PayAgency has stopped."]


def test_a_child_that_dies_is_told_and_started_again(settings: Settings, told: list[str]) -> None:
    own = Supervisor(settings)

    def kill() -> None:
        while len(own.children) < 6:
            time.sleep(0.02)
        worker = own.children[3].process
        assert worker is not None
        os.kill(worker.pid, signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    _interrupt_when(told, "worker-1 ended (SIGKILL)")
    own.run()
    thread.join()
    assert "worker-1 ended (SIGKILL); starting it again in 1 s" in told


def test_in_the_demo_the_second_factor_is_offered_and_not_forced(tmp_path: Path) -> None:
    plain = Supervisor(Settings(_env_file=None, payagency_home=tmp_path))
    asked = Supervisor(
        Settings(_env_file=None, payagency_home=tmp_path, payagency_require_2fa=True)
    )
    live = Supervisor(Settings(_env_file=None, payagency_home=tmp_path, environment="staging"))
    assert plain.environment()["PAYAGENCY_REQUIRE_2FA"] == "0"
    assert "demo" in "".join(plain.release_command())
    for other in (asked, live):
        assert other.environment().get("PAYAGENCY_REQUIRE_2FA") == os.environ.get(
            "PAYAGENCY_REQUIRE_2FA"
        )
    assert "demo" not in "".join(live.release_command())


def test_a_release_that_fails_stops_everything_and_shows_its_log(
    settings: Settings, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = [sys.executable, "-c", "raise SystemExit('no database')"]
    monkeypatch.setattr(Supervisor, "release_command", lambda _self: broken)
    own = Supervisor(settings)
    with pytest.raises(StartFailedError) as caught:
        own.run()
    assert "The database could not be prepared." in caught.value.detail
    assert "no database" in caught.value.detail
    assert not any(child.is_running for child in own.children)
    assert told == ["Stopping …"]


def test_a_failed_start_is_told_with_exit_code_1(
    settings: Settings, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config, "get", lambda: settings)
    with places.hold(settings.home):
        assert supervisor.up() == 1
    assert told[0].startswith("PayAgency could not be started: PAYAGENCY_HOME:")


def test_the_embedded_server_keeps_to_its_socket_and_to_memory(tmp_path: Path) -> None:
    command = supervisor._redis_command(tmp_path)
    assert command[1:3] == ["--port", "0"]
    assert str(tmp_path / "valkey.sock") in command
    assert command[-4:] == ["--save", "", "--appendonly", "no"]
