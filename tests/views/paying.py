"""Making payments by the form, as somebody at a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.adapters import db
from app.queries import payment_list
from app.queries.listing import Window

if TYPE_CHECKING:
    from tests.views.desk import Desk, Person

FORM: Final = {
    "amount": "60.00",
    "currency": "eur",
    "reference": "order-17",
    "card_token": "tok_approve",
    "capture": "automatic",
}


def pay(person: Person, **changes: str) -> str:
    """Make a payment by the form and answer the address of its page."""
    answer = person.post("/payments/new", {**FORM, **person.form("/payments/new"), **changes})
    assert answer.status_code == 303, answer.text
    return answer.location


def made(desk: Desk) -> list[str]:
    """Return the references of all payments."""
    with db.reading(desk.world.staff()) as session:
        found = payment_list.payments(session, payment_list.PaymentFilter(), Window())
    return [row.reference for row in found.rows]
