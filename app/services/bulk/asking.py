"""A row of a file as the payment that it asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.services.payments import NewPayment

if TYPE_CHECKING:
    from app.domain.bulk_rows import PaymentRow


def asked(row: PaymentRow) -> NewPayment:
    """Return what is asked for."""
    return NewPayment(
        amount=row.amount,
        method=row.method,
        reference=row.reference,
        origin="bulk",
        method_name=row.method_name,
        details=row.details,
        card_token=row.card_token,
        capture=row.capture,
        customer_name=row.customer_name or "",
        customer_email=row.customer_email or "",
        customer_phone=row.customer_phone or "",
        description=row.description or "",
        metadata=row.metadata,
    )
