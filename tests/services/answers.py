"""Answers as a provider could give them, and applying them as the only way facts enter."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from app.adapters import clock, db
from app.domain.actors import Actor
from app.providers.base import CallRecord, Outcome, ProviderAnswer, Verb
from app.queries import operations
from app.services import evidence

if TYPE_CHECKING:
    from datetime import datetime

    from app.services.evidence import Applied
    from tests.fixtures.application import World

_numbers = itertools.count(1)


def answer(
    outcome: Outcome,
    *,
    amount_minor: int | None = None,
    currency: str | None = None,
    reference: str | None = None,
    event_id: str | None = None,
    received_minor: int | None = None,
    provider_reference: str = "sbx_1",
) -> ProviderAnswer:
    """Return an answer with a transcript; every one is another event unless `event_id` says so."""
    return ProviderAnswer(
        outcome=outcome,
        provider_reference=provider_reference,
        amount_minor=amount_minor,
        currency=currency,
        reference=reference,
        received_minor=received_minor,
        call=CallRecord(
            verb=Verb.PURCHASE,
            method="POST",
            url="http://127.0.0.1/v1/charges",
            status=200,
            duration_ms=5,
            request_masked={},
            response_masked={"status": str(outcome)},
            error=None,
        ),
        event_id=event_id or f"event-{next(_numbers)}",
    )


def tell(
    world: World,
    operation_id: str,
    told: ProviderAnswer | Outcome,
    *,
    source: str = evidence.LOOK_UP,
    sent_before: bool = True,
    now: datetime | None = None,
) -> Applied:
    """Store and apply an answer to an operation of acme."""
    told = answer(told) if isinstance(told, Outcome) else told
    with db.unit_of_work(Actor.system(world.acme, livemode=False, label="test")) as session:
        operation = operations.get(session, operation_id)
        assert operation is not None
        account = operations.connector_account(session, world.connector_account)
        moment = now or clock.now()
        row, _new = evidence.store(
            session, moment, account, operation, evidence.Told.by_call(told, source)
        )
        return evidence.apply(session, moment, operation, told, row, sent_before=sent_before)
