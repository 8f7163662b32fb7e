"""Open payments and encrypted cards, as the hosted page asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.adapters import clock, db
from app.domain.money import Money
from app.providers import registry
from app.providers.base import ConnectorConfig
from app.services import attempts, execute, open_payments, routing
from app.services.new_payment import NewPayment
from tests.sealing import APPROVED, seal

if TYPE_CHECKING:
    from app.domain.actors import Actor
    from tests.infra.sandbox import SandboxServer


def wish(amount_minor: int = 6000, currency: str = "EUR", **more: object) -> NewPayment:
    """Return what is asked for without a method."""
    values: dict[str, Any] = {"reference": "order-1", "origin": "api", "method": "", **more}
    return NewPayment(amount=Money(amount_minor, currency), **values)


def ask(actor: Actor, merchant_id: int, asked: NewPayment | None = None) -> str:
    """Make an open payment; returns its public id."""
    with db.unit_of_work(actor) as session:
        made = open_payments.create(session, clock.now(), merchant_id, asked or wish())
        return made.public_id


def sealed(server: SandboxServer, number: str = APPROVED) -> dict[str, str]:
    """Return a card encrypted for the account that routing chooses, by its public id."""
    route = routing.choose("card", livemode=False)
    config = ConnectorConfig("sandbox", route.account, server.url, {"secret_key": "sk_test"})
    key = registry.get("sandbox").card_key(config)
    assert key is not None
    return {route.account: seal(key.jwk(), number)}


def attempt(
    actor: Actor,
    payment: str,
    method: str = "card",
    name: str = "",
    *,
    cards: dict[str, str] | None = None,
    details: dict[str, str] | None = None,
    head_start_seconds: float = 15,
) -> str:
    """Write an attempt as the page does; returns the operation's public id."""
    route = routing.choose(method, name, livemode=bool(actor.livemode))
    with db.unit_of_work(actor) as session:
        return attempts.try_again(
            session,
            clock.now(),
            payment,
            route,
            encrypted_cards=cards,
            head_start_seconds=head_start_seconds,
            details=details,
        ).public_id


def send(actor: Actor, merchant_id: int, operation: str, cards: dict[str, str]) -> None:
    """Run an operation with its card in memory, as a request does."""
    execute.run_now(
        operation,
        merchant_id=merchant_id,
        livemode=bool(actor.livemode),
        budget_seconds=10,
        encrypted_card=next(iter(cards.values())),
    )


def pay(actor: Actor, merchant_id: int, payment: str, cards: dict[str, str]) -> None:
    """Start an attempt by an encrypted card and send it."""
    send(actor, merchant_id, attempt(actor, payment, cards=cards), cards)
