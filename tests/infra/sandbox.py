"""The sandbox provider as a process of its own, on a port of its own."""

from __future__ import annotations

import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx

from tests.infra.ports import free_port
from tests.infra.processes import Server


@dataclass(frozen=True)
class Log:
    """Everything that the sandbox was asked, and everything that it did."""

    calls: list[dict[str, Any]]
    effects: list[dict[str, Any]]

    def of_key(self, key: str) -> list[dict[str, Any]]:
        """Return the effects that one idempotency key had."""
        return [effect for effect in self.effects if effect["key"] == key]

    def of_reference(self, reference: str, kind: str | None = None) -> list[dict[str, Any]]:
        """Return the effects on the charges of one payment, by its public id."""
        return [
            effect
            for effect in self.effects
            if effect["our_reference"] == reference and kind in {None, effect["kind"]}
        ]


class SandboxServer:
    """`python -m sandbox` with a store that outlives `kill()` and `start()`, not `close()`."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="payagency-sandbox-"))
        self.store = self.folder / "store.sqlite3"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._http = httpx.Client(base_url=self.url, trust_env=False, timeout=10)
        self._server = Server(self._command(), self.folder / "sandbox.log", ready=self.answers)

    def _command(self) -> list[str]:
        return [sys.executable, "-m", "sandbox", f"--port={self.port}", f"--store={self.store}"]

    @property
    def pid(self) -> int:
        return self._server.pid

    def start(self) -> Self:
        self._server.start()
        return self

    def answers(self) -> bool:
        try:
            return self._http.get("/healthz").status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    def control(self, **settings: int | bool) -> dict[str, Any]:
        """Set the weather: latency_ms, error_rate, error_after_effect, outage, hang_…"""
        answer = self._http.post("/control", json=settings)
        answer.raise_for_status()
        return dict(answer.json())

    def calm(self) -> None:
        """Set every control back; the store stays."""
        self._http.post("/control/reset").raise_for_status()

    def log(self, after: int = 0) -> Log:
        """Read the whole log, page by page; `after` leaves out what came before that call."""
        log = Log([], [])
        while True:
            answer = self._http.get("/log", params={"after": after, "limit": 1000})
            page = answer.raise_for_status().json()
            if not page["calls"]:
                return log
            log.calls.extend(page["calls"])
            log.effects.extend(page["effects"])
            after = page["next"]

    def charge(self, reference: str, token: str = "tok_approve", **more: object) -> dict[str, Any]:
        """Make a charge of 10.50 EUR as a shop of its own; the key is the reference."""
        body = {"amount_minor": 1050, "currency": "EUR", "source": {"token": token}}
        headers = {"Authorization": "Bearer sk_sandbox_test_shop", "Idempotency-Key": reference}
        answer = self._http.post(
            "/v1/charges", json={**body, "reference": reference, **more}, headers=headers
        )
        return dict(answer.raise_for_status().json())

    def answer_challenge(self, charge: str, answer: str = "approve") -> httpx.Response:
        """Do what the payer does on the challenge page; `answer` is approve or decline."""
        page = self._http.get(f"/challenge/{charge}").raise_for_status().text
        token = page.split('name="token" value="')[1].split('"')[0]
        return self._http.post(f"/challenge/{charge}", data={"token": token, "answer": answer})

    def stop(self) -> None:
        self._server.stop()

    def kill(self) -> None:
        self._server.kill()

    def close(self) -> None:
        """Stop and remove all of it."""
        self._http.close()
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.close()
