"""Reads and conditional updates of payments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from app.models import AmountLimit, Capability, Payment
from app.queries.changes import changed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session


def get(session: Session, public_id: str) -> Payment | None:
    """Return a payment that the actor may see."""
    return session.scalars(select(Payment).where(Payment.public_id == public_id)).one_or_none()


def by_id(session: Session, payment_id: int) -> Payment | None:
    """Return a payment by its key."""
    return session.scalars(select(Payment).where(Payment.id == payment_id)).one_or_none()


def by_references(session: Session, merchant_id: int, references: Sequence[str]) -> dict[str, str]:
    """Return reference → public id of payments that carry one of these references."""
    rows = session.execute(
        select(Payment.reference, Payment.public_id).where(
            Payment.merchant_id == merchant_id, Payment.reference.in_(references)
        )
    )
    return dict(rows.all())


def ask_refund(session: Session, payment_id: int, amount_minor: int) -> bool:
    """Reserve an amount for a refund; False when less than that is left. Never reads first."""
    return (
        changed(
            session,
            update(Payment)
            .where(
                Payment.id == payment_id,
                Payment.refund_asked_minor
                + Payment.charged_back_minor
                + Payment.disputed_minor
                + amount_minor
                <= Payment.captured_minor,
            )
            .values(refund_asked_minor=Payment.refund_asked_minor + amount_minor),
        )
        == 1
    )


def return_refund(session: Session, payment_id: int, amount_minor: int) -> bool:
    """Give back what a refund that failed had reserved."""
    return (
        changed(
            session,
            update(Payment)
            .where(Payment.id == payment_id, Payment.refund_asked_minor >= amount_minor)
            .values(refund_asked_minor=Payment.refund_asked_minor - amount_minor),
        )
        == 1
    )


def ask_capture(session: Session, payment_id: int, amount_minor: int) -> bool:
    """Reserve an amount for a capture; False when less is held or a void was asked for."""
    return (
        changed(
            session,
            update(Payment)
            .where(
                Payment.id == payment_id,
                Payment.void_asked.is_(False),
                Payment.capture_asked_minor + amount_minor <= Payment.authorized_minor,
            )
            .values(capture_asked_minor=Payment.capture_asked_minor + amount_minor),
        )
        == 1
    )


def return_capture(session: Session, payment_id: int, amount_minor: int) -> bool:
    """Give back what a capture that failed had reserved."""
    return (
        changed(
            session,
            update(Payment)
            .where(Payment.id == payment_id, Payment.capture_asked_minor >= amount_minor)
            .values(capture_asked_minor=Payment.capture_asked_minor - amount_minor),
        )
        == 1
    )


def ask_void(session: Session, payment_id: int) -> bool:
    """Close an authorization to captures; False while one is under way, or nothing is held."""
    return (
        changed(
            session,
            update(Payment)
            .where(
                Payment.id == payment_id,
                Payment.void_asked.is_(False),
                Payment.capture_asked_minor == Payment.captured_minor,
                Payment.authorized_minor > Payment.captured_minor,
            )
            .values(void_asked=True),
        )
        == 1
    )


def return_void(session: Session, payment_id: int) -> bool:
    """Open an authorization to captures again, after its void has failed."""
    return (
        changed(
            session,
            update(Payment)
            .where(Payment.id == payment_id, Payment.void_asked.is_(True))
            .values(void_asked=False),
        )
        == 1
    )


def capability_kinds(session: Session, merchant_id: int) -> set[str]:
    """Return what the merchant may do in the actor's book, read once in a unit of work."""
    known: dict[int, set[str]] = session.info.setdefault("capability_kinds", {})
    if merchant_id not in known:
        found = select(Capability.kind).where(Capability.merchant_id == merchant_id)
        known[merchant_id] = set(session.scalars(found))
    return known[merchant_id]


def limit_minor(session: Session, merchant_id: int, kind: str, currency: str) -> int | None:
    """Return the largest single payment in minor units; None where there is no limit."""
    known: dict[tuple[int, str, str], int | None] = session.info.setdefault("limits", {})
    place = (merchant_id, kind, currency)
    if place not in known:
        known[place] = session.scalar(
            select(AmountLimit.max_minor).where(
                AmountLimit.merchant_id == merchant_id,
                AmountLimit.kind == kind,
                AmountLimit.currency == currency,
            )
        )
    return known[place]
