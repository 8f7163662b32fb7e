"""What waits for a second person in the demo, what one has decided, and prices still to come."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from app.adapters import clock
from app.adapters.db import reading, unit_of_work
from app.domain import policies
from app.domain.desk import CaseKind, Ending, resolution
from app.domain.ledger import adjustments as by_hand
from app.domain.ledger.journals import JournalKind
from app.domain.money import Money
from app.queries import desk, operations, prices
from app.queries import payments as payment_rows
from app.services import (
    adjustments,
    demo,
    demo_people,
    demo_plan,
    desk_resolutions,
    payments,
    routing,
)
from app.services import prices as price_lists
from app.services.approvals import decisions, limits, refund, request
from app.services.demo_stage import pay, run

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from app.domain.actors import Actor

_AGO: Final = timedelta(hours=6)
_SOON: Final = timedelta(days=10)
_LARGE: Final = Money(18_000_000, "INR")
_LARGE_REFERENCES: Final = ("demo-large-1", "demo-large-2")


def ask(now: datetime) -> int:
    """Let people ask for what needs a second one, once; answers how many requests there are."""
    owner, moment = demo_people.owner("acme"), now - _AGO
    asked: tuple[Callable[[Actor], None], ...] = (
        _refunds,
        _limits,
        _adjustment,
        _prices,
        _end_of_case,
    )
    with reading(owner) as session:
        known = payment_rows.by_references(session, owner.merchant_id or 0, _LARGE_REFERENCES)
    if not known:
        with clock.at(moment):
            for each in asked:
                each(owner)
    return len(asked) + 1


def _refunds(owner: Actor) -> None:
    """One that finance has approved, and one that waits for it."""
    _, approved = [_ask_back(_pay(owner, reference)) for reference in _LARGE_REFERENCES]
    with unit_of_work(demo_people.staff("finance")) as session:
        result = decisions.approve(session, clock.now(), approved, "Agreed with the merchant")
        operation_id = result.result_id
    run(operation_id, owner)


def _ask_back(payment: str) -> str:
    with unit_of_work(demo_people.staff("operations")) as session:
        asked = refund.ask(session, clock.now(), payment, None, "The order was called off")
        return asked.public_id


def _pay(owner: Actor, reference: str) -> str:
    name, email = demo_plan.plan(1).payer
    asked = payments.NewPayment(
        amount=_LARGE,
        method=demo.METHOD,
        reference=reference,
        origin="demo",
        card_token=demo_plan.APPROVE,
        customer_name=name,
        customer_email=email,
        description="A machine",
    )
    return pay(owner, asked, routing.routes(livemode=False))


def _limits(owner: Actor) -> None:
    """A first limit that waits, and one that was refused."""
    _ask_limit(owner, "GBP", 1_000_000)
    refused = _ask_limit(owner, "AED", 90_000_000)
    with unit_of_work(demo_people.staff("compliance-2")) as session:
        decisions.reject(session, clock.now(), refused, "Too much for a new currency")


def _ask_limit(owner: Actor, currency: str, most_minor: int) -> str:
    values = {
        "merchant_id": owner.merchant_id,
        "kind": "card",
        "currency": currency,
        "max_minor": most_minor,
    }
    with unit_of_work(demo_people.staff("compliance")) as session:
        reason = "The merchant asks for it"
        return limits.ask(session, clock.now(), "create", 0, values, reason).public_id


def _adjustment(owner: Actor) -> None:
    with unit_of_work(demo_people.staff("finance")) as session:
        merchant = operations.merchant_of(session, owner.merchant_id or 0)
        payload = adjustments.payload_of(
            JournalKind.ADJUSTMENT,
            merchant.public_id,
            [
                by_hand.Line("revenue:fixed", 30_000, "INR"),
                by_hand.Line("merchant:available", -30_000, "INR"),
            ],
            "Fixed fees of a day on which we were down",
        )
        adjustments.propose(session, clock.now(), payload, request)


def _prices(owner: Actor) -> None:
    """Prices that are agreed on and begin later, and a draft whose publication waits."""
    merchant_id = owner.merchant_id or 0
    for currency, begins in (("INR", clock.now() + _SOON), ("USD", None)):
        with unit_of_work(demo_people.staff("finance")) as session:
            now = clock.now()
            known = prices.in_force(session, merchant_id, currency, now)
            if known is None:
                continue
            wanted = replace(
                price_lists.terms(session, known), effective_from=begins, note="Volume has grown"
            )
            draft = price_lists.draft(session, now, merchant_id, wanted).public_id
            asked = price_lists.propose(
                session, now, draft, "As agreed with the merchant", request
            ).public_id
        if begins is not None:
            with unit_of_work(demo_people.staff("finance-2")) as session:
                decisions.approve(session, clock.now(), asked, "Matches the contract")


def _end_of_case(_owner: Actor) -> None:
    """Operations proposes what becomes of money that was too much."""
    with unit_of_work(demo_people.staff("operations")) as session:
        case = desk.oldest_open(session, CaseKind.OVER_PAID)
        if case is None:
            return
        found = resolution(case.kind, Ending.SEND_BACK)
        request(
            session,
            clock.now(),
            command=policies.RESOLVE,
            object_type="desk_case",
            object_id=case.public_id,
            object_digest=desk_resolutions.digest(session, case.public_id),
            payload={
                "case": case.public_id,
                "ending": Ending.SEND_BACK.value,
                "note": "The payer wrote that it was a slip",
                "reference": "",
            },
            sentence=found.name if found else "",
            reason="The payer wrote that it was a slip",
            merchant_id=case.merchant_id,
            amount=Money(case.amount_minor or 0, case.currency or ""),
        )
