"""From rows to what programs are told of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import config
from app.domain.failures import FailureCode, describe
from app.domain.operations import OperationKind, OperationState
from app.domain.payments import PaymentStatus
from app.queries import api_objects
from app.services.told.shapes import (
    DisputeTold,
    EndpointTold,
    Failure,
    Fee,
    NextAction,
    PaidBy,
    PaymentTold,
    RefundTold,
    UploadChecked,
    UploadTold,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from typing import Literal

    from sqlalchemy.orm import Session

    from app.models import (
        Attempt,
        BulkUpload,
        Dispute,
        Operation,
        Payment,
        WebhookEndpoint,
    )

    RefundStatus = Literal["processing", "requires_action", "succeeded", "failed"]

_PAYING: Final = frozenset({OperationKind.PURCHASE, OperationKind.AUTHORIZE})
_REFUND_STATUS: Final[dict[str, RefundStatus]] = {
    OperationState.SUCCESS: "succeeded",
    OperationState.FAILED: "failed",
    OperationState.ACTION: "requires_action",
}


def payments(session: Session, found: Sequence[Payment]) -> list[PaymentTold]:
    """Return what is told of payments, in two more statements however many they are."""
    keys = [payment.id for payment in found]
    attempts = api_objects.attempts_of(session, keys)
    operations = api_objects.operations_of(session, keys)
    return [_payment(each, attempts[each.id], operations[each.id]) for each in found]


def refund(operation: Operation, payment_id: str) -> RefundTold:
    """Return what is told of a refund."""
    return RefundTold(
        id=operation.public_id,
        payment=payment_id,
        amount=operation.amount_minor,
        currency=operation.currency,
        status=refund_status(operation.state),
        reason=operation.reason,
        failure=failure(operation) if operation.state == OperationState.FAILED else None,
        livemode=operation.livemode,
        created=moment(operation.created_at),
    )


def refund_status(state: str) -> RefundStatus:
    """Return a refund's status as merchants know it, by the state of its operation."""
    return _REFUND_STATUS.get(state, "processing")


def dispute(head: Dispute, payment_id: str) -> DisputeTold:
    """Return what is told of a dispute."""
    return DisputeTold(
        id=head.public_id,
        payment=payment_id,
        amount=head.amount_minor,
        currency=head.currency,
        stage=head.stage,
        status=head.status,
        reason_code=head.reason_code,
        reason=head.reason_text,
        due=None if head.due_at is None else moment(head.due_at),
        closed=None if head.closed_at is None else moment(head.closed_at),
        livemode=head.livemode,
        created=moment(head.created_at),
    )


def upload(row: BulkUpload, counts: Mapping[str, int] | None) -> UploadTold:
    """Return what is told of an upload; `counts` are its rows by what they became, if counted."""
    return UploadTold(
        id=row.public_id,
        kind=row.kind,
        filename=row.filename,
        status=row.status,
        decimal_mark=row.decimal_mark,
        checked=UploadChecked(
            total=row.rows_total,
            valid=row.rows_valid,
            done=row.rows_done,
            retry=row.rows_retry,
            invalid=row.rows_invalid,
            links=row.rows_links,
            mails=row.rows_mails,
        ),
        totals=json.loads(row.totals),
        link_totals=json.loads(row.link_totals or "{}"),
        has_errors=row.errors_at is not None,
        failure=row.failure,
        rows=None if counts is None else dict(counts),
        livemode=row.livemode,
        created=moment(row.created_at),
    )


def endpoint(row: WebhookEndpoint) -> EndpointTold:
    """Return what is told of a webhook endpoint: never its secret."""
    return EndpointTold(
        id=row.public_id,
        url=row.url,
        description=row.description,
        events=row.events.split(),
        status="enabled" if row.state == "enabled" else "disabled",
        disabled_reason=row.disabled_reason,
        livemode=row.livemode,
        created=moment(row.created_at),
    )


def moment(at: datetime) -> str:
    """Return a moment as RFC 3339 in UTC, to the millisecond."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def status_of(payment: Payment) -> str:
    """Return the status as merchants know it."""
    in_review = payment.status == PaymentStatus.CONFLICTED
    return PaymentStatus.IN_REVIEW if in_review else payment.status


def failure(operation: Operation) -> Failure | None:
    """Return why an operation failed, if it did."""
    if operation.failure_code is None:
        return None
    words = describe(FailureCode(operation.failure_code))
    return Failure(
        code=operation.failure_code,
        provider_code=operation.provider_code,
        message=words.for_merchant,
        who_can_act=words.who_can_act,
        retry=words.group,
    )


def _payment(
    payment: Payment, attempts: Sequence[Attempt], operations: Sequence[Operation]
) -> PaymentTold:
    paying = [each for each in operations if each.kind in _PAYING]
    last = paying[-1] if paying else None
    return PaymentTold(
        id=payment.public_id,
        status=status_of(payment),
        amount=payment.amount_minor,
        currency=payment.currency,
        amount_authorized=payment.authorized_minor,
        amount_captured=payment.captured_minor,
        amount_refunded=payment.refunded_minor,
        amount_disputed=payment.disputed_minor,
        capture=payment.capture_mode,
        reference=payment.reference,
        description=payment.description,
        method=_method(payment, attempts),
        next_action=_next_action(last) if last else None,
        failure=failure(last) if last and payment.failure_code else None,
        fees=[part for each in operations for part in _fees(each)],
        checkout_url=f"{config.get().public_url}/pay/{payment.page_token}",
        return_url=payment.return_url or None,
        metadata=json.loads(payment.details).get("metadata", {}),
        livemode=payment.livemode,
        created=moment(payment.created_at),
    )


def _method(payment: Payment, attempts: Sequence[Attempt]) -> PaidBy | None:
    if not attempts and not payment.method:
        return None
    if not attempts:
        return PaidBy(type=payment.method, name=None, brand=None, last4=None)
    last = attempts[-1]
    return PaidBy(
        type=last.method,
        name=last.method_name or None,
        brand=last.card_brand,
        last4=last.card_last4,
    )


def _next_action(operation: Operation) -> NextAction | None:
    if operation.state != OperationState.ACTION or not operation.next_action:
        return None
    action = json.loads(operation.next_action)
    return NextAction(type=action["type"], url=action["url"] or None, fields=action["fields"])


def _fees(operation: Operation) -> Iterator[Fee]:
    if not operation.fee_breakdown:
        return
    kept = json.loads(operation.fee_breakdown)
    yield Fee(kind="processing", amount=kept["total_minor"], currency=kept["currency"])
    if kept.get("tax_minor"):
        yield Fee(kind="tax", amount=kept["tax_minor"], currency=kept["currency"])
