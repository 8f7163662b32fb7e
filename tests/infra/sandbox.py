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

_SHOP = "sk_sandbox_test_shop"


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


class SandboxDoors:
    """What a running sandbox can be asked and told, without a key, by whoever knows its address."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx.Client(base_url=url, trust_env=False, timeout=10)

    def close(self) -> None:
        self._http.close()

    def control(self, **settings: int | bool) -> dict[str, Any]:
        """Set the weather by the names of `sandbox.control.CONTROLS`."""
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

    def charge(
        self,
        reference: str,
        token: str | None = "tok_approve",
        *,
        secret_key: str = _SHOP,
        **more: object,
    ) -> dict[str, Any]:
        """Make a charge of 10.50 EUR as a shop of its own; the key is the reference.

        Without a token it is by the `method` that is given.
        """
        body: dict[str, object] = {"amount_minor": 1050, "currency": "EUR", "reference": reference}
        source = {} if token is None else {"source": {"token": token}}
        headers = {"Authorization": f"Bearer {secret_key}", "Idempotency-Key": reference}
        answer = self._http.post("/v1/charges", json={**body, **source, **more}, headers=headers)
        return dict(answer.raise_for_status().json())

    def read(self, path: str, *, secret_key: str = _SHOP) -> dict[str, Any]:
        """Read `charges/…`, `refunds/…`, `disputes/…`, `by-key/…` or `events` of an account."""
        headers = {"Authorization": f"Bearer {secret_key}"}
        answer = self._http.get(f"/v1/{path}", headers=headers)
        return dict(answer.raise_for_status().json())

    def set_endpoint(self, url: str, secret: str, *, secret_key: str = _SHOP) -> None:
        """Have the events of an account sent to this address from now on."""
        headers = {"Authorization": f"Bearer {secret_key}"}
        body = {"url": url, "secret": secret}
        self._http.put("/v1/webhook_endpoint", json=body, headers=headers).raise_for_status()

    def do(self, charge: str, what: str, units: int | None = None) -> dict[str, Any]:
        """Be the payer, the bank or the chain: pay, decline, late, expire, return, deposit, …"""
        units_named = {} if units is None else {"units": units}
        return self._door(f"charges/{charge}", {"do": what, **units_named})

    def dispute(self, charge: str, **body: object) -> dict[str, Any]:
        """Open a dispute over a charge; returns the dispute."""
        return self._door(f"charges/{charge}/dispute", body)

    def move_dispute(self, dispute: str, **body: object) -> dict[str, Any]:
        """Set its stage, its status or whether the money was withdrawn."""
        return self._door(f"disputes/{dispute}", body)

    def end(self, part: str, outcome: str) -> dict[str, Any]:
        """Let a refund or a capture end: succeeded or failed."""
        return self._door(f"objects/{part}", {"outcome": outcome})

    def _door(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self._http.post(f"/control/{path}", json=body)
        return dict(answer.raise_for_status().json())

    def answer_challenge(self, charge: str, answer: str = "approve") -> httpx.Response:
        """Do what the payer does on the challenge page; `answer` is approve or decline."""
        page = self._http.get(f"/challenge/{charge}").raise_for_status().text
        token = page.split('name="token" value="')[1].split('"')[0]
        return self._http.post(f"/challenge/{charge}", data={"token": token, "answer": answer})


class SandboxServer(SandboxDoors):
    """`python -m sandbox` with a store that outlives `kill()` and `start()`, not `close()`."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="payagency-sandbox-"))
        self.store = self.folder / "store.sqlite3"
        self.port = free_port()
        super().__init__(f"http://127.0.0.1:{self.port}")
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

    def stop(self) -> None:
        self._server.stop()

    def kill(self) -> None:
        self._server.kill()

    def close(self) -> None:
        """Stop and remove all of it."""
        super().close()
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.close()
