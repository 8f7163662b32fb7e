"""The provider's own log against our books: what it really did is what we say it did."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from app.models import Payment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy.orm import Session

TAKES = {"purchase", "capture"}


def differences(session: Session, effects: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return every payment (of all merchants, on an unscoped session) that the two tell apart."""
    taken: Counter[tuple[str, str]] = Counter()
    returned: Counter[tuple[str, str]] = Counter()
    for effect in effects:
        of_kind = taken if effect["kind"] in TAKES else returned
        if effect["kind"] in {*TAKES, "refund"}:
            of_kind[effect["our_reference"], effect["currency"]] += effect["amount_minor"]
    found = []
    for payment in session.scalars(select(Payment).order_by(Payment.id)):
        key = (payment.public_id, payment.currency)
        ours = (payment.captured_minor, payment.refunded_minor)
        theirs = (taken[key], returned[key])
        if ours != theirs:
            found.append(f"{payment.public_id} {payment.currency}: ours {ours}, theirs {theirs}")
    return found
