"""The demo's history: payments of the last 30 days, sent to the running sandbox by the services.

Nothing is inserted directly; only the clock is told a moment of the past. What happens to which
payment follows from its number, so that a history that was cut short goes on where it stopped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.adapters import clock
from app.adapters.db import unit_of_work
from app.domain.operations import OperationState
from app.queries import payments
from app.services import (
    demo,
    demo_applications,
    demo_links,
    demo_people,
    demo_plan,
    demo_requests,
    demo_stories,
    refunds,
    routing,
)
from app.services import payments as payment_service
from app.services.demo_stage import HEAD_START_SECONDS, Stage, first, pay, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.domain.actors import Actor
    from app.models import Payment
    from app.services.demo_plan import Planned
    from app.services.routing import Routes

STEP: Final = 40


def make(now: datetime) -> Iterator[str]:
    """Make what is missing of the history; yields a line now and then."""
    demo.refuse_in_production()
    routes, stage = routing.routes(livemode=False), Stage()
    owners = {merchant.key: demo_people.owner(merchant.key) for merchant in demo.MERCHANTS}
    for number in range(1, demo_plan.COUNT + 1):
        planned, moment = demo_plan.plan(number), demo_plan.moment_of(number, now)
        with clock.at(moment):
            _pay(planned, owners[planned.merchant], routes, stage)
        _give_back(planned, owners[planned.merchant], moment, now)
        if number % STEP == 0:
            yield f"Demo: {number} of {demo_plan.COUNT} payments"
    yield f"Demo: {demo_stories.play(now, stage, routes)} stories of disputes and of the desk"
    yield f"Demo: {demo_requests.ask(now)} requests to a second person"
    yield f"Demo: {demo_links.make(now)} payment links"
    yield f"Demo: {demo_applications.make(now)} businesses that want to be taken on"


def _pay(planned: Planned, owner: Actor, routes: Routes, stage: Stage) -> None:
    name, email = planned.payer
    asked = payment_service.NewPayment(
        amount=planned.amount,
        method=planned.family,
        method_name=planned.name,
        reference=planned.reference,
        origin="demo",
        card_token=planned.token or None,
        customer_name=name,
        customer_email=email,
        description=planned.goods,
    )
    payment_id = pay(owner, asked, routes)
    if planned.door:
        _answer(planned, payment_id, owner, stage)


def _answer(planned: Planned, payment_id: str, owner: Actor, stage: Stage) -> None:
    """Let the payer do what is planned, unless it was done before."""
    operation = first(owner, payment_id)
    if operation.state == OperationState.ACTION and operation.provider_reference:
        stage.act(operation.provider_reference, planned.door)
        run(operation.public_id, owner)


def _give_back(planned: Planned, owner: Actor, paid_at: datetime, now: datetime) -> None:
    moment = paid_at + planned.refund_after
    if not planned.refund_percent or moment >= now:
        return
    with clock.at(moment):
        with unit_of_work(owner) as session:
            payment = _known(session, owner, planned)
            if payment is None or not payment.captured_minor or payment.refund_asked_minor:
                return
            operation = refunds.ask_refund(
                session,
                moment,
                payment.public_id,
                payment.captured_minor * planned.refund_percent // 100,
                planned.reason,
                head_start_seconds=HEAD_START_SECONDS,
            )
        run(operation.public_id, owner)


def _known(session: Session, owner: Actor, planned: Planned) -> Payment | None:
    known = payments.by_references(session, owner.merchant_id or 0, [planned.reference])
    return payments.get(session, known[planned.reference]) if known else None
