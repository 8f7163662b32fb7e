"""Methods of payment: whether a payment may be asked for by one, and what is learned of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from app.domain.card_numbers import scrub_text
from app.domain.methods.rules import (
    DETAIL_MISSING,
    LIMIT_EXCEEDED,
    Fault,
    Seller,
    Wish,
    faults,
    is_offered,
)
from app.domain.money import Money
from app.domain.operations import OperationKind
from app.errors import (
    BadInputError,
    CapabilityMissingError,
    LimitExceededError,
    PayAgencyError,
    said,
)
from app.providers import registry
from app.queries import operations, payments
from app.services import crypto_quotes
from app.services.audit import canonical

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from app.domain.methods.rows import MethodRow
    from app.models import Attempt, Merchant, Operation
    from app.providers.base import NextAction, Reading
    from app.services.new_payment import NewPayment
    from app.services.routing import Routes

_CAPABILITY_MISSING: Final = "capability_missing"
_INDIA: Final = ZoneInfo("Asia/Kolkata")
_TAKES: Final = frozenset({OperationKind.PURCHASE, OperationKind.AUTHORIZE})
_MOST_FACTS: Final = 20
_LONGEST_NAME: Final = 32
_LONGEST_FACT: Final = 255
_LONGEST_URL: Final = 255


def check(
    session: Session, now: datetime, merchant: Merchant, asked: NewPayment, row: MethodRow
) -> None:
    """Raise unless the merchant may ask for this payment by this method in the actor's book.

    Raises CapabilityMissingError, LimitExceededError or BadInputError for the first thing that is
    wrong; `data["place"]` names the field.
    """
    for fault in every_fault(session, now, merchant, asked, row):
        raise refusal(fault)


def refusal(fault: Fault) -> PayAgencyError:
    """Return the error that refuses a payment for this reason."""
    if fault.code == _CAPABILITY_MISSING:
        return CapabilityMissingError(fault.reason, place=fault.place)
    if fault.most is not None:
        return LimitExceededError(
            fault.reason, place=fault.place, limit_minor=fault.most.amount_minor
        )
    return BadInputError(fault.place, fault.reason, fault.way_out)


def every_fault(
    session: Session, now: datetime, merchant: Merchant, asked: NewPayment, row: MethodRow
) -> list[Fault]:
    """Return all that is wrong with a payment: capability, the method's rules, our own limit."""
    if asked.method not in payments.capability_kinds(session, merchant.id):
        return [not_enabled(asked.method)]
    wish = Wish(
        amount=asked.amount,
        manual=asked.capture == "manual",
        has_card=bool(asked.card_token or asked.encrypted_cards),
        details=asked.details,
    )
    found = faults(row, wish, _seller(merchant), _today(now))
    passed = _passed_limit(session, merchant, asked.method, asked.amount)
    return found if passed is None else [passed, *found]


def not_enabled(method: str) -> Fault:
    """Return that a merchant has no capability for a family."""
    reason = said(
        "{method} payments are not enabled for this merchant. Ask us to enable them.",
        method=method,
    )
    return Fault("method", _CAPABILITY_MISSING, reason)


def payable(
    session: Session, now: datetime, merchant: Merchant, asked: NewPayment, routes: Routes
) -> tuple[list[MethodRow], list[Fault]]:
    """Return the methods that take an amount now, and why each of the others does not.

    What the payer has to give (a card, an address) counts as given.
    """
    limits: dict[str, Fault | None] = {}
    takes: list[MethodRow] = []
    against: list[Fault] = []
    for row in offered(session, now, merchant.id, routes):
        if row.family not in limits:
            limits[row.family] = _passed_limit(session, merchant, row.family, asked.amount)
        passed = limits[row.family]
        fault = passed or _first_fault(row, asked, _seller(merchant), _today(now))
        if fault is None:
            takes.append(row)
        else:
            against.append(fault)
    return takes, against


def _first_fault(row: MethodRow, asked: NewPayment, seller: Seller, on: date) -> Fault | None:
    wish = Wish(amount=asked.amount, manual=asked.capture == "manual", has_card=True)
    found = faults(row, wish, seller, on)
    return next((fault for fault in found if fault.code != DETAIL_MISSING), None)


def _passed_limit(session: Session, merchant: Merchant, method: str, amount: Money) -> Fault | None:
    limit = payments.limit_minor(session, merchant.id, method, amount.currency)
    if limit is None or amount.amount_minor <= limit:
        return None
    most = Money(limit, amount.currency)
    reason = said("The largest single {method} payment is {most}.", method=method, most=most)
    return Fault("amount", LIMIT_EXCEEDED, reason, most=most)


def offered(session: Session, now: datetime, merchant_id: int, routes: Routes) -> list[MethodRow]:
    """Return the methods by which a merchant can be paid in the actor's book now."""
    kinds = payments.capability_kinds(session, merchant_id)
    seller, today = _seller(operations.merchant_of(session, merchant_id)), _today(now)
    return [row for row in routes.rows() if row.family in kinds and is_offered(row, seller, today)]


def row_of(family: str, name: str) -> MethodRow | None:
    """Return a method's row, as the first connector that has it offers it."""
    found = (each.capabilities.row(family, name) for each in registry.CONNECTORS.values())
    return next((row for row in found if row is not None), None)


def details_of(attempt: Attempt) -> dict[str, str]:
    """Return what was given for the method of an attempt; never for a log."""
    return _texts(attempt.details)


def facts_of(attempt: Attempt) -> dict[str, str]:
    """Return what the provider told about the method of an attempt."""
    return _texts(attempt.facts)


def learn(session: Session, now: datetime, operation: Operation, reading: Reading) -> None:
    """Keep what a provider told about the method: next action, facts, and money on the way.

    The payment's row is locked by the caller. Never raises for what a provider says: what no column
    holds is left out and logged.
    """
    if operation.kind not in _TAKES:
        return
    _learn_action(operation, reading.action)
    if reading.received_minor is not None:
        operation.received_minor = reading.received_minor
    if reading.method_facts:
        attempt = operations.attempt_of(session, operation)
        attempt.facts = canonical(_kept(facts_of(attempt) | dict(reading.method_facts)))
    if reading.crypto is not None:
        crypto_quotes.learn(session, now, operation, reading, reading.crypto)


def _learn_action(operation: Operation, action: NextAction | None) -> None:
    if action is None:
        operation.action_url = operation.next_action = None
        return
    operation.next_action = json.dumps(
        {"type": action.type, "url": action.url, "fields": dict(action.fields)}
    )
    operation.action_url = action.url if 0 < len(action.url) <= _LONGEST_URL else None


def _kept(facts: dict[str, str]) -> dict[str, str]:
    return {
        name[:_LONGEST_NAME]: scrub_text(text)[:_LONGEST_FACT]
        for name, text in list(facts.items())[:_MOST_FACTS]
    }


def _texts(stored: str | None) -> dict[str, str]:
    found: dict[str, str] = json.loads(stored) if stored else {}
    return found


def _seller(merchant: Merchant) -> Seller:
    return Seller(merchant.country, merchant.mcc, verified=merchant.verified)


def _today(now: datetime) -> date:
    return now.astimezone(_INDIA).date()
