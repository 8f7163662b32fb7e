"""What tests do again and again with payments, through the services only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.adapters import clock, db
from app.domain.money import Money
from app.queries import ledger as ledger_rows
from app.queries import operations
from app.queries import payments as payment_rows
from app.services import execute, payments, refunds, routing

if TYPE_CHECKING:
    from app.domain.actors import Actor
    from app.models import Operation, Payment


def pay(
    actor: Actor,
    merchant_id: int,
    *,
    token: str = "tok_approve",
    amount_minor: int = 6000,
    currency: str = "EUR",
    reference: str = "order-1",
    capture: str = "automatic",
    run: bool = True,
    head_start_seconds: float = 15,
) -> str:
    """Ask for a payment and, with `run`, send it; returns the payment's public id."""
    asked = payments.NewPayment(
        amount=Money(amount_minor, currency),
        method="card",
        reference=reference,
        origin="form",
        card_token=token,
        capture=capture,
        customer_email="payer@example.com",
    )
    route = routing.choose("card", livemode=bool(actor.livemode))
    with db.unit_of_work(actor) as session:
        payment = payments.create(
            session,
            clock.now(),
            merchant_id,
            asked,
            route,
            head_start_seconds=head_start_seconds,
        )
        public_id = payment.public_id
        operation = operations.of_payment(session, payment.id)[0].public_id
    if run:
        send(actor, merchant_id, operation)
    return public_id


def refund(
    actor: Actor,
    merchant_id: int,
    payment: str,
    amount_minor: int | None = None,
    *,
    run: bool = True,
) -> str:
    """Ask for a refund and, with `run`, send it; returns the refund's public id."""
    with db.unit_of_work(actor) as session:
        operation = refunds.ask_refund(
            session, clock.now(), payment, amount_minor, "returned goods", head_start_seconds=15
        ).public_id
    if run:
        send(actor, merchant_id, operation)
    return operation


def send(actor: Actor, merchant_id: int, operation: str, budget_seconds: float = 10) -> None:
    """Run an operation's task now, as a request does."""
    execute.run_now(
        operation,
        merchant_id=merchant_id,
        livemode=bool(actor.livemode),
        budget_seconds=budget_seconds,
    )


def read(actor: Actor, payment: str) -> Payment:
    """Return a payment as it is stored now."""
    with db.reading(actor) as session:
        found = payment_rows.get(session, payment)
        assert found is not None
        return found


def read_operations(actor: Actor, payment: str) -> list[Operation]:
    """Return a payment's operations as they are stored now."""
    with db.reading(actor) as session:
        found = payment_rows.get(session, payment)
        assert found is not None
        return list(operations.of_payment(session, found.id))


def balances(actor: Actor) -> dict[str, int]:
    """Return account code → balance (debit positive, minor units), shards added up."""
    totals: dict[str, int] = {}
    with db.reading(actor) as session:
        for account, balance in ledger_rows.accounts(session):
            code = f"{account.code}:{account.currency}"
            totals[code] = totals.get(code, 0) + balance
    return totals
