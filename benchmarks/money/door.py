"""The entrance of a payment over HTTP: keys of the merchants, and the request that they send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.adapters import clock, db
from app.domain.api_keys import NewKey, Scope
from app.domain.identifiers import new_token
from app.services import api_keys
from benchmarks.money.shop import AMOUNT_MINOR, CURRENCY, owner

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask.testing import FlaskClient

PATH = "/v1/payments"


def keys(merchants: Sequence[int]) -> list[str]:
    """Make a key for each merchant; returns the secrets."""
    found = []
    for merchant in merchants:
        with db.unit_of_work(owner(merchant)) as session:
            wanted = NewKey(name="Benchmark", scopes=frozenset({Scope.PAYMENTS_WRITE}))
            found.append(api_keys.create(session, clock.now(), merchant, wanted)[1])
    return found


def body(reference: str) -> dict[str, Any]:
    """Return what is asked for."""
    return {
        "amount": AMOUNT_MINOR,
        "currency": CURRENCY,
        "reference": reference,
        "method": {"type": "card", "token": "tok_approve"},
        "customer": {"name": "Person of the benchmark", "email": "payer@example.com"},
        "description": "Order of spare parts",
    }


def pay(client: FlaskClient, secret: str, reference: str) -> None:
    """Ask for one payment within the process."""
    headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": new_token()}
    answer = client.post(PATH, json=body(reference), headers=headers)
    assert answer.status_code == 201, answer.text
    assert answer.get_json()["status"] == "succeeded", answer.text
