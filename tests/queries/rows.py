"""Rows for the lists, written as a service's actor would, without a provider."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from app.adapters import db
from app.domain.identifiers import new_id, new_token
from app.models import Attempt, Operation, Payment
from app.queries import payments
from tests.fixtures.application import NOW

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from app.domain.actors import Actor


def payment(merchant_id: int, at: datetime = NOW, **values: object) -> Payment:
    """Return a payment of 10.00 EUR that has succeeded, with some values changed."""
    usual: dict[str, object] = {
        "public_id": new_id("pay", at),
        "merchant_id": merchant_id,
        "livemode": False,
        "reference": "order-1",
        "origin": "form",
        "amount_minor": 1000,
        "currency": "EUR",
        "method": "card",
        "capture_mode": "automatic",
        "status": "succeeded",
        "page_token": new_token(),
        "created_by": "acme-owner",
        "created_at": at,
        "changed_at": at,
    }
    return Payment(**{**usual, **values})


def keep(actor: Actor, rows: Sequence[Payment]) -> list[str]:
    """Write payments and return their public ids."""
    with db.unit_of_work(actor) as session:
        session.add_all(rows)
        return [row.public_id for row in rows]


def series(actor: Actor, merchant_id: int, count: int, **values: object) -> list[str]:
    """Write payments, three to a moment, and return their public ids, newest first."""
    rows = []
    for number in range(count):
        at = NOW + timedelta(seconds=number // 3)
        rows.append(payment(merchant_id, at, **{"reference": f"order-{number}", **values}))
        keep(actor, rows[-1:])
    return [row.public_id for row in reversed(rows)]


def refund(actor: Actor, account_id: int, of: str, amount_minor: int, **tried: object) -> str:
    """Write a refund of a payment that waits to be sent, and return its public id.

    `tried` are values of the attempt that it belongs to.
    """
    with db.unit_of_work(actor) as session:
        paid = payments.get(session, of)
        assert paid is not None
        owner = {"merchant_id": paid.merchant_id, "livemode": False, "payment_id": paid.id}
        attempt = Attempt(
            public_id=new_id("att", NOW),
            connector_account_id=account_id,
            number=1,
            method="card",
            created_at=NOW,
            **{**owner, **tried},
        )
        session.add(attempt)
        session.flush()
        operation = Operation(
            public_id=new_id("re", NOW),
            attempt_id=attempt.id,
            kind="refund",
            state="init",
            amount_minor=amount_minor,
            currency=paid.currency,
            provider_key=new_id("key", NOW),
            requested_by="acme-owner",
            created_at=NOW,
            changed_at=NOW,
            **owner,
        )
        session.add(operation)
        return operation.public_id
