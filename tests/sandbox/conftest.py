"""The sandbox within this process: the same application, without the socket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.bank import Bank
from sandbox.control import Controls
from sandbox.delivery import Courier
from sandbox.server import create_app
from sandbox.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse


@dataclass
class Clock:
    """A clock that a test turns."""

    ms: int = 1_795_734_000_000

    def __call__(self) -> int:
        return self.ms

    def pass_seconds(self, seconds: int) -> None:
        self.ms += seconds * 1000


class Place:
    """One sandbox over one file, and the courier, which runs when a test says so."""

    def __init__(self, file: Path, clock: Clock) -> None:
        self.store = Store(file, clock)
        self.clock = clock
        self.controls = Controls()
        self.bank = Bank(self.store, self.controls)
        self.courier = Courier(self.bank, self.controls)
        self.client = create_app(self.bank, self.controls).test_client()


class Shop:
    """A caller with a secret key."""

    def __init__(self, client: FlaskClient, secret_key: str = "sk_sandbox_shop") -> None:
        self.client = client
        self.bearer = {"Authorization": f"Bearer {secret_key}"}

    def post(self, path: str, key: str, **body: object) -> TestResponse:
        headers = {**self.bearer, "Idempotency-Key": key}
        return self.client.post(path, json=body, headers=headers)

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, headers=self.bearer)

    def charge(self, key: str, token: str = "tok_approve", **more: object) -> TestResponse:
        body = {
            "amount_minor": 1050,
            "currency": "EUR",
            "source": {"token": token},
            "reference": "pay_1",
            "metadata": {"operation": "op_1"},
        }
        return self.post("/v1/charges", key, **{**body, **more})

    def ask(self, method: dict[str, str], key: str = "k1", **more: object) -> dict[str, Any]:
        """Make a charge by another method than a card; it must be taken."""
        currency = "INR" if method["type"] == "upi" else "EUR"
        body = {"amount_minor": 1050, "currency": currency, "reference": "pay_1"}
        metadata = {"metadata": {"operation": "op_1"}}
        answer = self.post("/v1/charges", key, **{**body, **metadata, "method": method, **more})
        assert answer.status_code == 200, answer.get_json()
        return dict(answer.get_json())

    def read(self, object_id: str) -> dict[str, Any]:
        kinds = {"ch": "charges", "cp": "captures", "re": "refunds", "dp": "disputes"}
        answer = self.get(f"/v1/{kinds[object_id.split('_')[1]]}/{object_id}")
        assert answer.status_code == 200, answer.get_json()
        return dict(answer.get_json())

    def do(self, charge: str, what: str, **more: object) -> dict[str, Any]:
        """Go through the tester's door of a charge; it must be open."""
        answer = self.door(f"charges/{charge}", do=what, **more)
        assert answer.status_code == 200, answer.get_json()
        return dict(answer.get_json())

    def door(self, path: str, **body: object) -> TestResponse:
        return self.client.post(f"/control/{path}", json=body)

    def set(self, **settings: int) -> None:
        assert self.client.post("/control", json=settings).status_code == 200

    def kinds(self) -> list[str]:
        return [effect["kind"] for effect in self.effects()]

    def effects(self) -> list[dict[str, Any]]:
        return list(self.log()["effects"])

    def log(self) -> dict[str, Any]:
        page = self.client.get("/log?limit=1000").get_json()
        assert isinstance(page, dict)
        return page


@pytest.fixture
def store_file(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite3"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def place(store_file: Path, clock: Clock) -> Iterator[Place]:
    place = Place(store_file, clock)
    yield place
    place.store.close()


@pytest.fixture
def client(place: Place) -> FlaskClient:
    return place.client


@pytest.fixture
def shop(client: FlaskClient) -> Shop:
    return Shop(client)
