from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from sandbox.__main__ import arguments, serve
from tests.infra.sandbox import SandboxServer

if TYPE_CHECKING:
    from pathlib import Path

HEADERS = {"Authorization": "Bearer sk_sandbox_shop", "Idempotency-Key": "k1"}
CHARGE = {
    "amount_minor": 1050,
    "currency": "EUR",
    "source": {"token": "tok_approve"},
    "reference": "pay_1",
}


def test_a_killed_sandbox_resumes_with_the_truth() -> None:
    with SandboxServer() as server:
        first = server._http.post("/v1/charges", json=CHARGE, headers=HEADERS)
        server.kill()
        assert not server.answers()
        server.start()
        again = server._http.post("/v1/charges", json=CHARGE, headers=HEADERS)
        assert again.json() == first.json()
        assert again.headers["Idempotent-Replayed"] == "true"
        assert len(server.log().of_key("k1")) == 1


def test_a_kill_in_the_middle_of_a_hanging_call_keeps_its_effect() -> None:
    with SandboxServer() as server:
        server.control(hang_next=1, hang_seconds=30)
        script = (
            "import httpx; httpx.post("
            f"'{server.url}/v1/charges', json={CHARGE!r}, headers={HEADERS!r}, timeout=30)"
        )
        caller = subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.DEVNULL)
        while not server.log().calls:
            assert caller.poll() is None
        server.kill()
        assert caller.wait(20) != 0
        server.start()
        assert [effect["kind"] for effect in server.log().of_key("k1")] == ["purchase"]


def test_a_taken_port_says_so(sandbox_server: SandboxServer, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "sandbox",
        f"--port={sandbox_server.port}",
        f"--store={tmp_path / 'store.sqlite3'}",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1
    assert f"Port {sandbox_server.port} is in use" in done.stderr


def test_a_store_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(SystemExit, match=r"--store: .*folder cannot be used"):
        serve(arguments([f"--store={folder}"]))


def test_a_wrong_public_address_is_named(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="--public-url"):
        serve(arguments([f"--store={tmp_path / 's'}", "--public-url=pay.example"]))
