"""What is asked for when a payment is made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.errors import said

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.domain.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPayment:
    """What a form, a file's row or the API asks for.

    `method` is the family, `method_name` tells the methods of a family apart (`qr`, `BTC`, `ideal`)
    and `details` is what the method needs besides (`vpa`). Neither details nor token show in a
    repr.
    """

    amount: Money
    method: str
    reference: str
    origin: str
    method_name: str = ""
    details: Mapping[str, str] = field(default_factory=dict, repr=False)
    card_token: str | None = field(default=None, repr=False)
    capture: str = "automatic"
    customer_name: str = ""
    customer_email: str = ""
    customer_phone: str = ""
    description: str = ""
    return_url: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """What is traced of it."""
        return said(
            "Asked for {amount} by {method}, reference {reference}",
            amount=self.amount,
            method=self.method,
            reference=self.reference,
        )
