"""The demo's history: payments of the last 30 days, sent to the running sandbox by the services.

Nothing is inserted directly; only the clock is told a moment of the past. What happens to which
payment follows from its number, so that a history that was cut short goes on where it stopped.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeVar

from app.adapters import clock
from app.adapters.db import reading, unit_of_work
from app.domain.actors import Actor
from app.domain.money import Money
from app.domain.permissions import ROLES, RoleName
from app.queries import actors, operations, payments
from app.services import demo, refunds, routing
from app.services import payments as payment_service
from app.services.execute import run_now

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.models import Payment
    from app.services.routing import Route

_Choice = TypeVar("_Choice")

COUNT: Final = 200
SPAN: Final = timedelta(days=30)
OPEN_CHALLENGES_FROM: Final = COUNT - 20
"""A payer who left is only believable for the last days."""
HEAD_START_SECONDS = 60.0
BUDGET_SECONDS = 10.0
STEP = 50

APPROVE: Final = "tok_approve"
CHALLENGE: Final = "tok_challenge"
_TOKENS = (
    *(APPROVE,) * 38,
    *("tok_dispute",) * 1,
    *("tok_decline",) * 4,
    *("tok_insufficient",) * 3,
    *("tok_error",) * 1,
    *(CHALLENGE,) * 3,
)
_CURRENCIES = {
    "acme": ("INR", "INR", "INR", "USD", "EUR"),
    "globex": ("USD", "USD", "EUR", "INR"),
}
_SMALLEST_MINOR = {"INR": 19_900, "USD": 900, "EUR": 900}
_LARGEST_MINOR = {"INR": 2_499_900, "USD": 48_900, "EUR": 48_900}
_PAYERS = (
    ("Asha Rao", "asha.rao@example.com"),
    ("Ben Fischer", "ben.fischer@example.com"),
    ("Chitra Nair", "chitra.nair@example.com"),
    ("Daniel Costa", "daniel.costa@example.com"),
    ("Elena Petrova", "elena.petrova@example.com"),
    ("Farid Haddad", "farid.haddad@example.com"),
    ("Grace Kim", "grace.kim@example.com"),
    ("Hugo Martin", "hugo.martin@example.com"),
)
_GOODS = ("Order of spare parts", "Monthly plan", "Workshop seat", "Sample box", "Repair")
_REASONS = ("Customer returned the goods", "Ordered twice", "Agreed discount")


@dataclass(frozen=True, slots=True)
class Planned:
    """One payment of the history; `refund_percent` of it goes back `refund_after` its payment."""

    number: int
    merchant: str
    amount: Money
    token: str
    refund_percent: int
    refund_after: timedelta

    @property
    def reference(self) -> str:
        """The merchant's reference, by which it is found again."""
        return f"demo-{self.number:04d}"


def plan(number: int) -> Planned:
    """Return what payment `number` (from 1) is; always the same for the same number."""
    merchant = _draw(number, "merchant", ("acme", "acme", "acme", "globex", "globex"))
    currency = _draw(number, "currency", _CURRENCIES[merchant])
    smallest, largest = _SMALLEST_MINOR[currency], _LARGEST_MINOR[currency]
    hundreds = (largest - smallest) // 100
    scenario = _draw(number, "token", _TOKENS)
    if scenario == CHALLENGE and number < OPEN_CHALLENGES_FROM:
        scenario = APPROVE
    return Planned(
        number=number,
        merchant=merchant,
        amount=Money(smallest + 100 * (_number(number, "amount") % hundreds), currency),
        token=scenario,
        refund_percent=_draw(number, "refund", (0,) * 17 + (100, 50, 25)),
        refund_after=timedelta(hours=1 + _number(number, "after") % 40),
    )


def moment_of(number: int, now: datetime) -> datetime:
    """Return when payment `number` was made: spread over SPAN, in order, ending before `now`."""
    step = SPAN / (COUNT + 1)
    within = timedelta(seconds=_number(number, "second") % int(step.total_seconds()))
    return now - SPAN + step * (number - 1) + within


def make(now: datetime) -> Iterator[str]:
    """Make what is missing of the history; yields a line now and then."""
    demo.refuse_in_production()
    route = routing.choose(demo.METHOD, livemode=False)
    owners = {merchant.key: _owner(merchant.key) for merchant in demo.MERCHANTS}
    for number in range(1, COUNT + 1):
        planned = plan(number)
        _pay(planned, owners[planned.merchant], route, moment_of(number, now))
        _give_back(planned, owners[planned.merchant], moment_of(number, now), now)
        if number % STEP == 0:
            yield f"Demo: {number} of {COUNT} payments"


def _owner(key: str) -> Actor:
    """Return the merchant's owner, who makes its payments."""
    username = f"{key}-owner"
    with reading(demo.HOUSE) as session:
        user = actors.user_by_name(session, username)
    permissions = ROLES[RoleName.MERCHANT_OWNER]
    user_id = None if user is None else int(user.id)
    return Actor.merchant(
        demo.merchant_id(key),
        livemode=False,
        user_id=user_id,
        label=username,
        permissions=permissions,
    )


def _pay(planned: Planned, owner: Actor, route: Route, moment: datetime) -> None:
    merchant_id = owner.merchant_id or 0
    name, email = _draw(planned.number, "payer", _PAYERS)
    asked = payment_service.NewPayment(
        amount=planned.amount,
        method=demo.METHOD,
        reference=planned.reference,
        origin="demo",
        card_token=planned.token,
        customer_name=name,
        customer_email=email,
        description=_draw(planned.number, "goods", _GOODS),
    )
    with clock.at(moment):
        with unit_of_work(owner) as session:
            payment = _known(session, merchant_id, planned) or payment_service.create(
                session, moment, merchant_id, asked, route, head_start_seconds=HEAD_START_SECONDS
            )
            operation = operations.of_payment(session, payment.id)[0]
        _run(operation.public_id, merchant_id)


def _give_back(planned: Planned, owner: Actor, paid_at: datetime, now: datetime) -> None:
    moment = paid_at + planned.refund_after
    if not planned.refund_percent or moment >= now:
        return
    merchant_id = owner.merchant_id or 0
    with clock.at(moment):
        with unit_of_work(owner) as session:
            payment = _known(session, merchant_id, planned)
            if payment is None or not payment.captured_minor or payment.refund_asked_minor:
                return
            operation = refunds.ask_refund(
                session,
                moment,
                payment.public_id,
                payment.captured_minor * planned.refund_percent // 100,
                _draw(planned.number, "reason", _REASONS),
                head_start_seconds=HEAD_START_SECONDS,
            )
        _run(operation.public_id, merchant_id)


def _known(session: Session, merchant_id: int, planned: Planned) -> Payment | None:
    known = payments.by_references(session, merchant_id, [planned.reference])
    return payments.get(session, known[planned.reference]) if known else None


def _run(operation_id: str, merchant_id: int) -> None:
    run_now(operation_id, merchant_id=merchant_id, livemode=False, budget_seconds=BUDGET_SECONDS)


def _number(number: int, what: str) -> int:
    """Return a large number that depends on nothing but the payment's number and the question."""
    digest = hashlib.sha256(f"payagency demo {number} {what}".encode()).digest()
    return int.from_bytes(digest[:8])


def _draw(number: int, what: str, choices: Sequence[_Choice]) -> _Choice:
    return choices[_number(number, what) % len(choices)]
