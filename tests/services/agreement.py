"""The provider's own log against our books: what it really did is what we say it did."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from app.domain.operations import OperationState
from app.models import Operation, Payment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy.orm import Session

TAKES = {"purchase", "capture"}
RETURNS = {"refund"}


def differences(session: Session, effects: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return every payment (of all merchants, on an unscoped session) that the two tell apart.

    What the provider took back again (`…_reversed`) is not there any more, and what came and is
    held apart was taken all the same.
    """
    taken: Counter[tuple[str, str]] = Counter()
    returned: Counter[tuple[str, str]] = Counter()
    for effect in effects:
        kind, is_reversed = effect["kind"].removesuffix("_reversed"), "_reversed" in effect["kind"]
        of_kind = taken if kind in TAKES else returned
        if kind in TAKES | RETURNS:
            sign = -1 if is_reversed else 1
            of_kind[effect["our_reference"], effect["currency"]] += sign * effect["amount_minor"]
    found = []
    for payment in session.scalars(select(Payment).order_by(Payment.id)):
        key = (payment.public_id, payment.currency)
        ours = (_done(session, payment, TAKES), _done(session, payment, RETURNS))
        theirs = (taken[key], returned[key])
        if ours != theirs:
            found.append(f"{payment.public_id} {payment.currency}: ours {ours}, theirs {theirs}")
    return found


def _done(session: Session, payment: Payment, kinds: set[str]) -> int:
    """Return what the operations of these kinds that succeeded have moved, in minor units."""
    found = select(Operation).where(Operation.payment_id == payment.id, Operation.kind.in_(kinds))
    done = session.scalars(found.where(Operation.state == OperationState.SUCCESS))
    return sum(each.effect_minor for each in done)
