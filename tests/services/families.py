"""A stand-in provider that takes all four families: it answers what a test tells it to."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from app.adapters import clock, db
from app.domain.methods.rows import MethodRow
from app.domain.money import Money
from app.providers.base import CryptoFacts, Outcome, Reading
from app.providers.http import HttpCall, HttpReply, ProviderHttp
from app.providers.sandbox.client import SandboxConnector
from app.queries import operations
from app.services import payments, routing
from tests.services import flows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Engine

    from app.domain.actors import Actor
    from app.providers.base import ConnectorConfig, ProviderRequest

ADDRESS = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
EXPIRES = datetime(2030, 1, 1, 12, 0, tzinfo=UTC)
_UPI: dict[str, Any] = {
    "family": "upi",
    "currencies": frozenset({"INR"}),
    "expires_seconds": 300,
    "late_days": 3,
}
_COIN: dict[str, Any] = {
    "family": "crypto",
    "payer_sets_amount": True,
    "tolerance_bps": 100,
    "expires_seconds": 900,
    "may_fail_after": True,
}
ROWS = (
    MethodRow(family="card", name="", title="Card", manual_capture=True),
    MethodRow(name="qr", title="UPI QR", **_UPI),
    MethodRow(name="intent", title="UPI app", **_UPI),
    MethodRow(name="collect", title="UPI collect", details=("vpa",), **_UPI),
    MethodRow(name="BTC", title="Bitcoin", decimals=8, **_COIN),
    MethodRow(name="USDC@ethereum", title="USD Coin on Ethereum", decimals=6, **_COIN),
    MethodRow(
        family="apm",
        name="ideal",
        title="iDEAL",
        currencies=frozenset({"EUR"}),
        minimum_minor={"EUR": 100},
        maximum_minor={"EUR": 1_000_000},
        expires_seconds=1800,
    ),
    MethodRow(family="apm", name="multibanco", title="Multibanco", currencies=frozenset({"EUR"})),
)


class _Door(ProviderHttp):
    """Sends nothing and hears that it was taken."""

    def send(self, call: HttpCall, *, timeout_seconds: float) -> HttpReply:
        assert call.url
        assert timeout_seconds > 0
        return HttpReply(200, b"{}")


@dataclass
class Provider:
    """What the provider was asked, and what it says next."""

    says: Reading = field(default_factory=lambda: Reading(outcome=Outcome.PENDING))
    asked: list[ProviderRequest] = field(default_factory=list)


class StandIn(SandboxConnector):
    """The sandbox's connector with every family, without a sandbox."""

    capabilities = replace(
        SandboxConnector.capabilities,
        methods=frozenset({"card", "upi", "crypto", "apm"}),
        rows=ROWS,
    )
    door = _Door()

    def __init__(self, provider: Provider) -> None:
        self.provider = provider

    def build(self, config: ConnectorConfig, request: ProviderRequest) -> HttpCall:
        self.provider.asked.append(request)
        return HttpCall(method="GET", url=config.address("/"))

    def read(self, request: ProviderRequest, status: int, body: Mapping[str, object]) -> Reading:
        assert (status, body) == (200, {})
        return replace(self.provider.says, provider_reference=f"sbx_{request.operation}")


def describe(engine: Engine, **columns: object) -> None:
    """Change acme's row: its category, whether it is verified, its country."""
    names = ", ".join(f"{name} = %s" for name in columns)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE merchant SET {names} WHERE `key` = 'acme'", tuple(columns.values())
        )


def wish(
    method: str, name: str, amount_minor: int = 6000, currency: str = "EUR", **more: object
) -> payments.NewPayment:
    """Return what is asked for."""
    values: dict[str, Any] = {"reference": "order-1", "origin": "form"}
    values.update(more)
    return payments.NewPayment(
        amount=Money(amount_minor, currency), method=method, method_name=name, **values
    )


def ask(
    actor: Actor, merchant_id: int, asked: payments.NewPayment, *, run: bool = True
) -> tuple[str, str]:
    """Ask for a payment and send it; returns the public ids of payment and operation."""
    livemode = bool(actor.livemode)
    route = routing.choose(
        asked.method, asked.method_name, asked.amount.currency, livemode=livemode
    )
    with db.unit_of_work(actor) as session:
        payment = payments.create(
            session, clock.now(), merchant_id, asked, route, head_start_seconds=15
        )
        operation = operations.of_payment(session, payment.id)[0].public_id
        public_id = payment.public_id
    if run:
        flows.send(actor, merchant_id, operation)
    return public_id, operation


def coins(**changes: object) -> CryptoFacts:
    """Return a quote of 0.00100000 BTC of which nothing has arrived."""
    values: dict[str, Any] = {
        "asset": "BTC",
        "decimals": 8,
        "expected_units": 100_000,
        "received_units": 0,
        "late_units": 0,
        "rate": "60000.00",
        "address": ADDRESS,
        "confirmations": 0,
        "confirmations_needed": 2,
        "chain_reference": "",
        "expires_at": EXPIRES,
    }
    values.update(changes)
    return CryptoFacts(**values)
