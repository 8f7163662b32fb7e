"""A provider of the tests' own making: it knows how each object stands, and sends messages."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import pytest
from sqlalchemy import or_

from app.adapters import clock, db
from app.domain.failures import FailureCode
from app.jobs.handlers import HANDLERS
from app.models import InboundEvent, Operation, Outbox
from app.providers import registry
from app.providers.base import (
    Connector,
    DisputeFacts,
    Outcome,
    ProviderEvent,
    Reading,
    Verb,
)
from app.providers.http import HttpCall, HttpReply, ProviderHttp
from app.providers.sandbox.client import SandboxConnector
from app.providers.webhooks import WebhookReader, WebhookRefusedError
from app.queries import actors, disputes, operations, payments
from app.services import inbound, leases
from tests.services import flows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from app.models import Dispute
    from app.providers.base import ConnectorConfig, ProviderRequest
    from tests.fixtures.application import World

SECRET: Final = "whsec_of_a_test"
PROOF: Final = "x-proof"
VERBS: Final = {
    "charge": Verb.PURCHASE,
    "capture": Verb.CAPTURE,
    "refund": Verb.REFUND,
    "dispute": Verb.DISPUTE,
}
OUTCOMES: Final = {
    "requires_action": Outcome.ACTION,
    "processing": Outcome.PENDING,
    "succeeded": Outcome.SUCCESS,
    "failed": Outcome.FAILED,
}

Told = dict[str, Any]


def sign(raw: bytes, secret: str = SECRET) -> dict[str, str]:
    """Return the headers of a message."""
    return {PROOF: hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()}


def _reading(told: Mapping[str, Any]) -> Reading:
    facts = None
    if told["object"] == "dispute":
        due = told.get("due_at")
        facts = DisputeFacts(
            stage=told["stage"],
            status=told["status"],
            withdrawn=told["withdrawn"],
            reason_code=told.get("reason_code"),
            reason_text=told.get("reason"),
            due_at=None if due is None else datetime.fromisoformat(due),
        )
    outcome = Outcome.SUCCESS if facts else OUTCOMES[told["status"]]
    return Reading(
        outcome=outcome,
        provider_reference=told["id"],
        amount_minor=told["amount_minor"],
        currency=told["currency"],
        reference=told["reference"],
        failure_code=FailureCode.CARD_DECLINED if outcome is Outcome.FAILED else None,
        dispute=facts,
    )


class Reader(WebhookReader):
    """Proof by HMAC of the raw bytes; one event, or several as `items`."""

    def verify(
        self, config: ConnectorConfig, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> None:
        del now
        wanted = sign(body, config.credential("webhook_secret"))[PROOF]
        if not hmac.compare_digest(wanted, headers.get(PROOF, "")):
            raise WebhookRefusedError("The proof is wrong.")

    def events(self, body: Mapping[str, object]) -> tuple[ProviderEvent, ...]:
        items: Any = body.get("items", [body])
        return tuple(_event(each) for each in items)


def _event(body: Mapping[str, Any]) -> ProviderEvent:
    told = body["data"]
    verb = VERBS.get(told["object"])
    return ProviderEvent(
        event_id=body["id"],
        kind=body["type"],
        verb=verb,
        provider_reference=told["id"],
        operation=told.get("metadata", {}).get("operation"),
        parent_reference=told.get("charge"),
        reading=_reading(told) if verb else None,
    )


class _Door(ProviderHttp):
    """Answers from memory."""

    def __init__(self, provider: Provider) -> None:
        super().__init__()
        self.provider = provider

    def send(self, call: HttpCall, *, timeout_seconds: float) -> HttpReply:
        del timeout_seconds
        _, _, name = call.url.rpartition("/")
        (self.provider.asked if call.method == "GET" else self.provider.sent).append(name)
        if self.provider.silent:
            return HttpReply(503, b"")
        found = self.provider.objects.get(name)
        return HttpReply(200 if found else 404, json.dumps(found or {}).encode())


class Teller(Connector):
    """Every call answers how the object stands now; it is known by its id or our operation's."""

    name = "sandbox"
    capabilities = SandboxConnector.capabilities
    webhooks = Reader()

    def __init__(self, provider: Provider) -> None:
        self.door = _Door(provider)

    def build(self, config: ConnectorConfig, request: ProviderRequest) -> HttpCall:
        name = request.provider_reference or request.operation
        url = config.address(f"/objects/{name}")
        is_question = request.verb is Verb.LOOK_UP
        return HttpCall(method="GET" if is_question else "POST", url=url, headers={})

    def read(self, request: ProviderRequest, status: int, body: Mapping[str, object]) -> Reading:
        del request
        if status == 404:
            return Reading(outcome=Outcome.NOT_FOUND)
        return _reading(body)


@dataclass
class Provider:
    """The provider's books, and the messages that it sends to the account of `world`.

    `asked` are the objects that were looked up, `sent` the operations that it was asked for.
    """

    world: World
    objects: dict[str, Told] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    silent: bool = False
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def charge(self, payment: str, status: str = "succeeded", /, **more: object) -> Told:
        """Tell that the charge of a payment stands so."""
        operation = flows.read_operations(self.world.owner(), payment)[0]
        told = {
            "object": "charge",
            "id": f"ch_{operation.public_id}",
            "status": status,
            "amount_minor": operation.amount_minor,
            "currency": operation.currency,
            "reference": payment,
            "metadata": {"operation": operation.public_id},
        }
        return self._event({**told, **more}, operation.public_id)

    def part(
        self, kind: str, charge: Told, status: str, amount_minor: int, /, **more: object
    ) -> Told:
        """Tell that a refund or dispute of a charge stands so."""
        data = charge["data"]
        told = {
            "object": kind,
            "id": f"{kind}_{data['id']}",
            "charge": data["id"],
            "status": status,
            "amount_minor": amount_minor,
            "currency": data["currency"],
            "reference": data["reference"],
            **({"stage": "chargeback", "withdrawn": True} if kind == "dispute" else {}),
        }
        return self._event({**told, **more})

    def dispute(
        self, charge: Told, status: str, amount_minor: int = 4000, /, **more: object
    ) -> Told:
        """Tell that a dispute of a charge stands so; its metadata is that of the charge."""
        metadata = charge["data"]["metadata"]
        return self.part("dispute", charge, status, amount_minor, metadata=metadata, **more)

    def _event(self, told: Told, also: str = "") -> Told:
        for name in filter(None, (told["id"], also)):
            self.objects[name] = told
        number = next(self.numbers)
        return {"id": f"evt_{number}", "type": f"{told['object']}.updated", "data": told}

    def receive(self, *events: Told, raw: bytes | None = None) -> int:
        """Let these events arrive in one message."""
        body = events[0] if len(events) == 1 else {"items": list(events)}
        content = json.dumps(body).encode() if raw is None else raw
        return inbound.receive(self.addressee(), clock.now(), sign(content), content)

    def addressee(self) -> inbound.Addressee:
        """Return whom the messages are addressed to."""
        with db.reading(self.world.staff()) as session:
            account = operations.connector_account(session, self.world.connector_account)
            assert actors.webhook_account(session, "sandbox", account.public_id) is not None
            return inbound.addressee(session, "sandbox", account.public_id)

    def tell(self, *events: Told) -> None:
        """Let events arrive one by one, each worked on before the next."""
        for event in events:
            self.receive(event)
            self.work()

    def work(self, *, hurry: bool = False) -> None:
        """Work off what is due; in a hurry, also what is due later."""
        if hurry:
            self.hurry()
        while leases.drain("money", HANDLERS):
            pass

    def hurry(self) -> None:
        """Let no event wait, nor a look at what contradicts."""
        with db.unit_of_work(self.world.staff()) as session:
            looked_up = session.query(Operation.public_id).filter(Operation.look_up_at.is_not(None))
            about = or_(Outbox.kind == "inbound.apply", Outbox.ref.in_(looked_up.scalar_subquery()))
            waiting = session.query(Outbox).filter(Outbox.state == "waiting", about)
            waiting.update({"run_at": clock.now()}, synchronize_session=False)

    def settle(self, rounds: int = 12) -> None:
        """Go on until every event is applied and every contradiction looked up."""
        for _ in range(rounds):
            self.work(hurry=True)
            if not self.unsettled():
                return
        raise AssertionError(f"still unsettled: {self.unsettled()}")

    def unsettled(self) -> list[str]:
        """Return the events that wait and the operations that are to be looked up."""
        with db.reading(self.world.staff()) as session:
            events = session.query(InboundEvent).filter_by(state="received").all()
            asked = session.query(Operation).filter(Operation.look_up_at.is_not(None)).all()
            return [*(each.event_id for each in events), *(each.public_id for each in asked)]


def disputes_of(world: World, payment: str) -> Iterable[Dispute]:
    """Return a payment's disputes as they are stored now."""
    with db.reading(world.owner()) as session:
        found = payments.get(session, payment)
        assert found is not None
        return disputes.of_payment(session, found.id)


@pytest.fixture
def provider(world: World, monkeypatch: pytest.MonkeyPatch) -> Provider:
    """Let the connector account of `world` be one of a provider that tests tell what to say."""
    found = Provider(world)
    monkeypatch.setitem(registry.CONNECTORS, "sandbox", Teller(found))
    with db.unit_of_work(world.staff()) as session:
        account = operations.connector_account(session, world.connector_account)
        account.credentials = json.dumps({"webhook_secret": SECRET, "secret_key": "sk_test_1"})
    return found
