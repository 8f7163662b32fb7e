"""What is asked for when a payment is made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.errors import said

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from app.domain.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPayment:
    """What a form, a file's row or the API asks for.

    `method` is the family, `method_name` tells the methods of a family apart (`qr`, `BTC`, `ideal`)
    and `details` is what the method needs besides (`vpa`). `encrypted_cards` are cards as compact
    JWEs by the public id of the connector account to whose key they are encrypted: they go on in
    memory and are never stored. An open payment has no method, and `expires_at` is when it ends.
    Neither details nor token nor cards show in a repr.
    """

    amount: Money
    method: str
    reference: str
    origin: str
    method_name: str = ""
    details: Mapping[str, str] = field(default_factory=dict, repr=False)
    card_token: str | None = field(default=None, repr=False)
    encrypted_cards: Mapping[str, str] = field(default_factory=dict, repr=False)
    capture: str = "automatic"
    customer_name: str = ""
    customer_email: str = ""
    customer_phone: str = ""
    payer_locale: str = ""
    description: str = ""
    return_url: str = ""
    expires_at: datetime | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """What is traced of it."""
        if not self.method:
            return said(
                "Asked for {amount} by a method of the payer's choice, reference {reference}",
                amount=self.amount,
                reference=self.reference,
            )
        return said(
            "Asked for {amount} by {method}, reference {reference}",
            amount=self.amount,
            method=self.method,
            reference=self.reference,
        )
