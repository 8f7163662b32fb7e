"""The people behind the demo's sandbox: its payers, their banks, and the messages that it sends.

The sandbox's own doors are used, those that its pages offer, so that what we know and what the
provider did agree.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import config
from app.adapters import clock
from app.adapters.db import reading, unit_of_work
from app.errors import IllegalStateError
from app.providers.http import DOOR, HttpCall
from app.providers.transcript import json_content
from app.queries import inbound as inbound_rows
from app.queries import operations, outbox, payments
from app.services import demo, execute, inbound, inbound_apply, leases, seed
from app.services import payments as payment_service

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from app.domain.actors import Actor
    from app.models import Operation
    from app.queries.outbox import Lease
    from app.services.payments import NewPayment
    from app.services.routing import Routes

BUDGET_SECONDS: Final = 10.0
HEAD_START_SECONDS: Final = 60.0
"""How long workers leave to the demo what it sends by itself."""

_PAGE: Final = 1000
_REFUSED: Final = 400


class Stage:
    """One sandbox account, in the book of the demo."""

    def __init__(self) -> None:
        self._configuration = demo.sandbox_configuration()
        with reading(demo.TEST_BOOK) as session:
            account = self._configuration.account
            self._to = inbound.addressee(session, seed.SANDBOX, account)
        self._heard = 0

    def act(self, charge: str, what: str, units: int | None = None) -> Mapping[str, Any]:
        """Be the payer or the chain: pay, decline, expire, deposit, confirm; answers the charge."""
        body = {"do": what} if units is None else {"do": what, "units": units}
        return self._post(f"/control/charges/{charge}", body)

    def dispute(self, charge: str, **body: object) -> str:
        """Open a dispute over a charge; answers its id at the provider."""
        return str(self._post(f"/control/charges/{charge}/dispute", body)["id"])

    def move(self, dispute: str, **body: object) -> None:
        """Let a dispute go on: its stage, its status."""
        self._post(f"/control/disputes/{dispute}", body)

    def fail(self, refund: str) -> None:
        """Let a refund come back from the payer's bank."""
        self._post(f"/control/objects/{refund}", {"outcome": "failed"})

    def sell(self, reference: str, amount_minor: int, currency: str) -> str:
        """Charge a card at the provider's own desk, past us; answers the charge's id."""
        body = {
            "amount_minor": amount_minor,
            "currency": currency,
            "reference": reference,
            "source": {"token": "tok_approve"},
        }
        return str(self._post("/v1/charges", body, {"Idempotency-Key": reference})["id"])

    def hear(self, about: str, kept_at: datetime) -> None:
        """Take in what the provider tells of one object since the last time, and apply it now."""
        for event in self._events():
            if event["data"]["id"] != about:
                continue
            inbound.keep(self._to, kept_at, json_content(event))
            with reading(demo.TEST_BOOK) as session:
                row = inbound_rows.by_event(session, self._to.id, event["id"])
            if row is not None:
                self._apply(inbound.job_key(row.public_id))

    def _apply(self, job_key: str) -> None:
        lease = self._lease(job_key)
        if lease is not None:
            inbound_apply.run(lease)

    def _lease(self, job_key: str) -> Lease | None:
        with unit_of_work(demo.TEST_BOOK) as session:
            seconds = config.get().payagency_lease_seconds
            return outbox.lease_now(session, job_key, leases.owner(), seconds)

    def _events(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            page = self._get(f"/v1/events?after={self._heard}&limit={_PAGE}")
            found.extend(page["data"])
            self._heard = page["next"]
            if len(page["data"]) < _PAGE:
                return found

    def _get(self, path: str) -> Mapping[str, Any]:
        call = HttpCall(
            method="GET", url=self._configuration.address(path), headers=self._headers({})
        )
        return self._answer(call)

    def _post(
        self, path: str, body: Mapping[str, object], more: Mapping[str, str] | None = None
    ) -> Mapping[str, Any]:
        call = HttpCall(
            method="POST",
            url=self._configuration.address(path),
            headers=self._headers({"Content-Type": "application/json", **(more or {})}),
            content=json_content(body),
        )
        return self._answer(call)

    def _headers(self, more: Mapping[str, str]) -> dict[str, str]:
        secret_key = self._configuration.credential("secret_key")
        return {"Authorization": f"Bearer {secret_key}", **more}

    def _answer(self, call: HttpCall) -> Mapping[str, Any]:
        reply = DOOR.send(call, timeout_seconds=BUDGET_SECONDS)
        if reply.status >= _REFUSED:
            raise IllegalStateError(f"The sandbox refused {call.url}: {reply.content.decode()}")
        answer: Mapping[str, Any] = json.loads(reply.content)
        return answer


def run(operation_id: str, actor: Actor, budget_seconds: float = BUDGET_SECONDS) -> None:
    """Send an operation, or look it up where it was sent; workers need not be there."""
    execute.run_now(
        operation_id,
        merchant_id=actor.merchant_id or 0,
        livemode=False,
        budget_seconds=budget_seconds,
    )


def pay(owner: Actor, asked: NewPayment, routes: Routes) -> str:
    """Make a payment now, unless its reference is known, and send it; answers its id."""
    route = routes.choose(asked.method, asked.method_name, asked.amount.currency)
    with unit_of_work(owner) as session:
        known = payments.by_references(session, owner.merchant_id or 0, [asked.reference])
        payment_id = (
            known.get(asked.reference)
            or payment_service.create(
                session,
                clock.now(),
                owner.merchant_id or 0,
                asked,
                route,
                head_start_seconds=HEAD_START_SECONDS,
            ).public_id
        )
    run(first(owner, payment_id).public_id, owner)
    return payment_id


def first(actor: Actor, payment_id: str) -> Operation:
    """Return the operation with which a payment began, as it is now."""
    with reading(actor) as session:
        payment = payments.get(session, payment_id)
        if payment is None:
            raise IllegalStateError(f"The demo's payment {payment_id} is gone.")
        return operations.of_payment(session, payment.id)[0]
