"""A program of a merchant, with a key for the API."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from app.adapters import clock, db
from app.domain.api_keys import NewKey, Scope
from app.services import api_keys
from tests.views.people import People, _kept, people

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from app.domain.actors import Actor
    from tests.fixtures.application import World

__all__ = ["_kept", "people"]

ALL = frozenset(Scope)


@dataclass(frozen=True, slots=True)
class Program:
    """What asks the API with one key."""

    client: FlaskClient
    secret: str
    numbers: list[int] = field(default_factory=list)

    def get(self, path: str, **query: str) -> TestResponse:
        """Ask for something."""
        return self.client.get(f"/v1{path}", query_string=query, headers=self.headers)

    def post(self, path: str, body: object = None, key: str | None = None) -> TestResponse:
        """Send a body, under a new idempotency key unless one is given; `""` sends none."""
        self.numbers.append(0)
        key = f"key-{len(self.numbers)}" if key is None else key
        headers = {**self.headers, **({"Idempotency-Key": key} if key else {})}
        return self.client.post(f"/v1{path}", json={} if body is None else body, headers=headers)

    def send(self, path: str, key: str = "form", **fields: object) -> TestResponse:
        """Send a form, in which a file is (stream, name)."""
        headers = {**self.headers, **({"Idempotency-Key": key} if key else {})}
        form = {"data": fields, "content_type": "multipart/form-data"}
        return self.client.post(f"/v1{path}", headers=headers, **form)

    @property
    def headers(self) -> dict[str, str]:
        """The header that says who asks."""
        return {"Authorization": f"Bearer {self.secret}"}

    def paid(self, **changes: object) -> dict[str, Any]:
        """Make a payment and return what is told of it."""
        answer = self.post("/payments", {**PAYMENT, **changes})
        assert answer.status_code == 201, answer.text
        told: dict[str, Any] = answer.get_json()
        return told


PAYMENT: dict[str, Any] = {
    "amount": 6000,
    "currency": "EUR",
    "method": {"type": "card", "token": "tok_approve"},
    "reference": "order-17",
    "customer": {"name": "Maria Garcia", "email": "maria@example.com"},
    "return_url": "https://shop.example/done",
    "metadata": {"basket": "b-1"},
}


@dataclass(frozen=True, slots=True)
class Programs:
    """Programs of the merchants of a world."""

    people: People
    world: World

    def of(self, actor: Actor, scopes: frozenset[Scope] = ALL) -> Program:
        """Return a program with a new key of the actor's merchant and book."""
        assert actor.merchant_id is not None
        with db.unit_of_work(actor) as session:
            wanted = NewKey(name="Shop", scopes=scopes)
            _, secret = api_keys.create(session, clock.now(), actor.merchant_id, wanted)
        return Program(self.people.app.test_client(), secret)


@pytest.fixture
def programs(people: People, sandbox_world: World) -> Programs:
    return Programs(people, sandbox_world)


@pytest.fixture
def shop(programs: Programs) -> Program:
    """Return a program of acme in the test book, which may do everything."""
    return programs.of(programs.world.owner())
