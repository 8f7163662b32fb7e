"""What a capture costs: computed once, stored with it, and read again for every journal."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from app.domain.fees import (
    RETURNS,
    FeeBreakdown,
    FeeRule,
    Placed,
    Shares,
    Terms,
    Tier,
    choose,
    compute,
    returned,
    tax_on,
)
from app.domain.ledger import postings
from app.domain.ledger.accounts import AGENT_COMMISSION, REVENUE_FIXED, REVENUE_MDR, TAX, qualify
from app.domain.ledger.journals import JournalKind
from app.domain.money import Money
from app.domain.operations import OperationKind, OperationState
from app.queries import operations, prices
from app.services import ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.domain.ledger.journals import JournalDraft
    from app.models import Operation, Payment, PriceList, PriceRule

_TAKES: Final = frozenset({OperationKind.PURCHASE, OperationKind.CAPTURE})
_REFUND_FEE: Final = (JournalKind.REFUND_FEE, JournalKind.REFUND_FEE_REVERSED)
_RETURN: Final = (JournalKind.FEE_RETURNED, JournalKind.FEE_RETURN_REVERSED)
_CHARGEBACK_FEE: Final = (JournalKind.CHARGEBACK_FEE,)
NOTHING: Final = Shares(0, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What an amount costs a merchant at a moment, and by which list; none agreed costs nothing."""

    fee: FeeBreakdown
    price_list: PriceList | None
    reserve_bps: int


def quote(
    session: Session,
    merchant_id: int,
    method: str,
    brand: str,
    gross: Money,
    at: datetime,
    *,
    but: int | None = None,
) -> Quote:
    """Compute the fee of a capture at `at`; `but` is the key of the operation that it is for."""
    currency = gross.currency
    found = prices.in_force(session, merchant_id, currency, at)
    rule = None if found is None else choose(rules_of(session, found), method, brand)
    volume_minor = 0
    if rule is not None and rule.tiers:
        begins = month_of(at, operations.merchant_of(session, merchant_id).timezone)
        volume_minor = prices.captured_between(session, merchant_id, currency, begins, at, but=but)
    fee = compute(
        gross,
        rule or FeeRule(0, 0, currency, method=method),
        volume_minor=volume_minor,
        terms=Terms() if found is None else terms_of(found),
    )
    return Quote(
        fee=fee, price_list=found, reserve_bps=prices.reserve_bps(session, merchant_id, method)
    )


def month_of(at: datetime, timezone: str) -> datetime:
    """Return when the month of a moment began in a time zone, as UTC."""
    local = at.astimezone(ZoneInfo(timezone))
    first = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return first.astimezone(at.tzinfo)


def terms_of(price_list: PriceList) -> Terms:
    """Return what counts for every rule of a list."""
    return Terms(tax_bps=price_list.tax_bps, agent=price_list.agent, agent_bps=price_list.agent_bps)


def rules_of(session: Session, price_list: PriceList) -> list[FeeRule]:
    """Return the rules of a list."""
    return [_rule(row, price_list.currency) for row in prices.rules(session, price_list.id)]


def _rule(row: PriceRule, currency: str) -> FeeRule:
    return FeeRule(
        row.percent_bps,
        row.fixed_minor,
        currency,
        minimum_minor=row.minimum_minor,
        maximum_minor=row.maximum_minor,
        tiers=tuple(
            Tier(int(each["from_minor"]), int(each["percent_bps"]), int(each["fixed_minor"]))
            for each in json.loads(row.tiers)
        ),
        method=row.method,
        brand=row.brand,
        id=row.public_id,
    )


def of_capture(session: Session, now: datetime, payment: Payment, operation: Operation) -> str:
    """Return the breakdown of a capture's fee at `now`, as canonical JSON to be stored with it.

    Its amounts are minor units of the operation's currency, its rates basis points.
    """
    attempt = operations.attempt_of(session, operation)
    asked = quote(
        session,
        payment.merchant_id,
        attempt.method,
        attempt.card_brand or attempt.method_name,
        Money(operation.effect_minor, operation.currency),
        now,
        but=operation.id,
    )
    return json.dumps(stored(asked), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def stored(asked: Quote) -> dict[str, Any]:
    """Return what is kept of a computation: all that explains it and all that later fees need."""
    fee, by = asked.fee, asked.price_list
    return {
        "currency": fee.currency,
        "gross_minor": fee.gross.amount_minor,
        "percent_minor": fee.percent_minor,
        "fixed_minor": fee.fixed_minor,
        "total_minor": fee.total_minor,
        "percent_bps": fee.rates.percent_bps,
        "rule_fixed_minor": fee.rates.fixed_minor,
        "minimum_minor": fee.rule.minimum_minor,
        "maximum_minor": fee.rule.maximum_minor,
        "adjustment_minor": fee.adjustment_minor,
        "bound": fee.bound,
        "tier_from_minor": fee.rates.from_minor if fee.rule.tiers else None,
        "volume_minor": fee.volume_minor if fee.rule.tiers else None,
        "method": fee.rule.method,
        "brand": fee.rule.brand,
        "rule": fee.rule.id,
        "list": by.public_id if by else "",
        "agent": fee.terms.agent,
        "agent_bps": fee.terms.agent_bps,
        "agent_minor": fee.agent_minor,
        "tax_bps": fee.terms.tax_bps,
        "tax_minor": fee.tax_minor,
        "reserve_bps": asked.reserve_bps,
        "refund_fee_minor": by.refund_fee_minor if by else 0,
        "chargeback_fee_minor": by.chargeback_fee_minor if by else 0,
        "returns_fee": by.returns_fee if by else "none",
        "parts": fee.parts(),
        "sentence": fee.sentence(),
    }


def capture_draft(operation: Operation) -> JournalDraft:
    """Build the journal of a capture from the breakdown that was stored with it."""
    fee = _kept(operation)
    return postings.capture(
        operation.effect_minor,
        operation.currency,
        fee_percent_minor=int(fee["percent_minor"]),
        fee_fixed_minor=int(fee["fixed_minor"]),
        agent_minor=int(fee.get("agent_minor", 0)),
        tax_minor=int(fee.get("tax_minor", 0)),
        reserve_bps=int(fee.get("reserve_bps", 0)),
    )


def with_agent(cause: ledger.Cause, operation: Operation) -> ledger.Cause:
    """Return the cause of a capture's journal, naming the agent who has a share of its fee."""
    return replace(cause, agent=str(_kept(operation).get("agent", "")))


def post_refund(
    session: Session, now: datetime, payment: Payment, operation: Operation, cause: ledger.Cause
) -> None:
    """Post what a refund costs and what it brings back of the fee, by its state now.

    To be called with every change of state to or from success: what was posted for a refund that
    did not last is reversed. Nothing happens where the list says so.
    """
    taken = _taken(session, payment)
    if not taken:
        return
    first = _kept(taken[0])
    cause = replace(cause, agent=str(first.get("agent", "")))
    if _settled(session, now, operation, cause, _REFUND_FEE):
        draft = _fee_draft(postings.refund_fee, first, "refund_fee_minor", operation.currency)
        if draft is not None:
            ledger.post(session, now, draft, cause)
    if _settled(session, now, operation, cause, _RETURN):
        _return(session, now, payment, taken, cause)


@dataclass(frozen=True, slots=True)
class RefundTerms:
    """What a refund would cost, and what it would bring back of fee and tax; minor units."""

    cost_minor: int
    returned_minor: int


def of_refund(session: Session, payment: Payment, amount_minor: int) -> RefundTerms:
    """Return what a refund of so much would do to the fees of a payment."""
    taken = _taken(session, payment)
    if not taken:
        return RefundTerms(0, 0)
    first = _kept(taken[0])
    fee_minor = int(first.get("refund_fee_minor", 0))
    tax_minor = tax_on(fee_minor, int(first.get("tax_bps", 0)))
    whole = _due(session, payment, taken, NOTHING, amount_minor)
    # A merchant sees its own lines only; what was returned before stands on them too.
    sums = prices.sums_by_account(session, payment.id, _RETURN)
    before_minor = -sum(amount for code, amount in sums.items() if code.endswith(":available"))
    return RefundTerms(fee_minor + tax_minor, max(0, whole.total_minor - before_minor))


def post_chargeback(
    session: Session, now: datetime, payment: Payment, operation: Operation, cause: ledger.Cause
) -> None:
    """Post the fee of a chargeback and its tax, once a dispute; nothing where the list says 0."""
    taken = _taken(session, payment)
    if not taken or prices.posted(session, operation, cause.id, _CHARGEBACK_FEE):
        return
    draft = _fee_draft(
        postings.chargeback_fee, _kept(taken[0]), "chargeback_fee_minor", operation.currency
    )
    if draft is not None:
        ledger.post(session, now, draft, cause)


def _fee_draft(
    posting: Callable[..., JournalDraft], kept: Mapping[str, Any], name: str, currency: str
) -> JournalDraft | None:
    fee_minor = int(kept.get(name, 0))
    if fee_minor == 0:
        return None
    return posting(fee_minor, currency, tax_minor=tax_on(fee_minor, int(kept.get("tax_bps", 0))))


def _settled(
    session: Session,
    now: datetime,
    operation: Operation,
    cause: ledger.Cause,
    kinds: tuple[JournalKind, JournalKind],
) -> bool:
    """Tell whether a refund's journal of the first kind is due; reverse one that is due no more."""
    posted, undone = kinds
    last = prices.posted(session, operation, cause.id, kinds)
    stands = last is not None and last.kind == posted
    if operation.state == OperationState.SUCCESS:
        return not stands
    if last is not None and stands:
        ledger.mirror(session, now, last, undone, cause)
    return False


def _return(
    session: Session,
    now: datetime,
    payment: Payment,
    taken: Sequence[Operation],
    cause: ledger.Cause,
) -> None:
    due = _due(session, payment, taken, _returned_before(session, payment, cause.agent), 0)
    if due.total_minor == 0:
        return
    draft = postings.fee_returned(
        payment.currency,
        # The posting pays the agent out of the percentage; so what the agent gives back is in it.
        fee_percent_minor=due.mdr_minor + due.agent_minor,
        fee_fixed_minor=due.fixed_minor,
        agent_minor=due.agent_minor,
        tax_minor=due.tax_minor,
    )
    ledger.post(session, now, draft, cause)


def _due(
    session: Session, payment: Payment, taken: Sequence[Operation], before: Shares, more_minor: int
) -> Shares:
    """Return what is to be given back of the fees now, if so much more were refunded."""
    whole = NOTHING
    for each in taken:
        whole += placed(_kept(each)).returnable()
    return returned(
        whole,
        _refunded_minor(session, payment) + more_minor,
        sum(each.effect_minor for each in taken),
        before,
    )


def _returned_before(session: Session, payment: Payment, agent: str) -> Shares:
    sums = prices.sums_by_account(session, payment.id, _RETURN)
    account = qualify(AGENT_COMMISSION, agent=agent) if agent else ""
    return Shares(
        sums.get(REVENUE_MDR.code, 0),
        sums.get(REVENUE_FIXED.code, 0),
        sums.get(account, 0),
        sums.get(TAX.code, 0),
    )


def placed(kept: Mapping[str, Any]) -> Placed:
    """Return a stored breakdown as the fee that was taken."""
    return Placed(
        percent_minor=int(kept["percent_minor"]),
        fixed_minor=int(kept["fixed_minor"]),
        agent_minor=int(kept.get("agent_minor", 0)),
        tax_minor=int(kept.get("tax_minor", 0)),
        returns_fee=RETURNS[str(kept.get("returns_fee", "none"))],
    )


def _taken(session: Session, payment: Payment) -> list[Operation]:
    """Return the operations that captured this payment's money, the first one first."""
    return [
        each
        for each in operations.of_payment(session, payment.id)
        if each.kind in _TAKES
        and each.state == OperationState.SUCCESS
        and not each.suspense
        and each.fee_breakdown
    ]


def _refunded_minor(session: Session, payment: Payment) -> int:
    return sum(
        each.amount_minor
        for each in operations.of_payment(session, payment.id)
        if each.kind == OperationKind.REFUND
        and each.state == OperationState.SUCCESS
        and not each.suspense
    )


def _kept(operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(operation.fee_breakdown or "{}")
    return found
