"""What happened to a payment, as merchants' programs are told: asked, changed, looked into.

What the house knows beyond it — calls to providers, cases at the desk and who decided them — is not
told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from app.domain.operations import OperationKind, OperationState
from app.errors import said
from app.queries import operations
from app.services.told import objects
from app.services.told.shapes import PaymentEventTold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.models import Operation, OperationEvent, Payment

    Status = Literal["processing", "requires_action", "succeeded", "failed"]

RECEIVED: Final = "received "
CONFLICT: Final = "conflict: "
"""With what the note of an operation's event begins that came without a change of state."""

_PAYING: Final = frozenset({OperationKind.PURCHASE, OperationKind.AUTHORIZE})
_STATUS: Final[dict[str, Status]] = {
    OperationState.ACTION: "requires_action",
    OperationState.SUCCESS: "succeeded",
    OperationState.FAILED: "failed",
}


def of_payment(session: Session, payment: Payment) -> list[PaymentEventTold]:
    """Return everything that happened to a payment, newest first.

    What happened in the same moment stays in the order of cause and effect.
    """
    asked = operations.of_payment(session, payment.id)
    events = operations.events(session, [each.id for each in asked])
    told = [
        (payment.created_at, _beginning(payment)),
        *_asked(payment, asked),
        *_changed(payment, asked, events),
    ]
    numbered = sorted(enumerate(told), key=lambda each: (each[1][0], each[0]), reverse=True)
    return [event for _, (_, event) in numbered]


def _beginning(payment: Payment) -> PaymentEventTold:
    return PaymentEventTold(
        id=payment.public_id,
        type="payment.created",
        payment=payment.public_id,
        operation=None,
        status=None,
        amount=payment.amount_minor,
        currency=payment.currency,
        description=None,
        failure=None,
        created=objects.moment(payment.created_at),
    )


def _asked(
    payment: Payment, asked: Sequence[Operation]
) -> Iterator[tuple[datetime, PaymentEventTold]]:
    """Tell what was asked after the payment itself, which asks for its first attempt."""
    first = next((each.id for each in asked if each.kind in _PAYING), None)
    for operation in asked:
        if operation.id != first and operation.kind != OperationKind.DISPUTE:
            told = _told(payment, operation, operation.public_id, "asked", operation.created_at)
            reason = {"description": operation.reason or None}
            yield operation.created_at, told.model_copy(update=reason)


def _changed(
    payment: Payment, asked: Sequence[Operation], events: Sequence[OperationEvent]
) -> Iterator[tuple[datetime, PaymentEventTold]]:
    by_id = {operation.id: operation for operation in asked}
    for event in events:
        operation = by_id[event.operation_id]
        what, note = _what(operation, event)
        if not what:
            continue
        told = _told(payment, operation, event.public_id, what, event.created_at)
        changes: dict[str, object] = {"description": note or None}
        if what == _status(event.after):
            changes["status"] = what
        if event.after == OperationState.FAILED == operation.state:
            changes["failure"] = objects.failure(operation)
        yield event.created_at, told.model_copy(update=changes)


def _what(operation: Operation, event: OperationEvent) -> tuple[str, str]:
    """Return what happened and a sentence about it; nothing where merchants know no difference."""
    if event.note.startswith(CONFLICT):
        return "under_review", said("We look into it.")
    if operation.kind == OperationKind.DISPUTE:
        return "updated", event.note
    if event.note.startswith(RECEIVED):
        return "money_received", event.note
    if event.before == event.after:
        return "decided", ""
    if event.before != OperationState.INIT and _status(event.before) == _status(event.after):
        return "", ""
    held = event.after == OperationState.SUCCESS and operation.suspense
    if held and operation.kind in _PAYING:
        return _status(event.after), said(
            "The money is held apart: it is not, or not yet, this payment's."
        )
    return _status(event.after), ""


def _status(state: str) -> Status:
    return _STATUS.get(state, "processing")


def _told(
    payment: Payment, operation: Operation, public_id: str, what: str, at: datetime
) -> PaymentEventTold:
    return PaymentEventTold(
        id=public_id,
        type=f"{operation.kind}.{what}",
        payment=payment.public_id,
        operation=operation.public_id,
        status=None,
        amount=operation.amount_minor,
        currency=operation.currency,
        description=None,
        failure=None,
        created=objects.moment(at),
    )
