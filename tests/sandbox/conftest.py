"""The sandbox within this process: the same application, without the socket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.bank import Bank
from sandbox.control import Controls
from sandbox.server import create_app
from sandbox.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse


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
def client(store_file: Path) -> Iterator[FlaskClient]:
    store = Store(store_file)
    controls = Controls()
    yield create_app(Bank(store, controls), controls).test_client()
    store.close()


@pytest.fixture
def shop(client: FlaskClient) -> Shop:
    return Shop(client)
