"""What the demo's history is made of: payment by payment, from the payment's number alone."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeVar

from app.domain.money import Money

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

_Choice = TypeVar("_Choice")

COUNT: Final = 160
SPAN: Final = timedelta(days=30)
OPEN_FROM: Final = COUNT - 35
"""A payer who has not answered yet is only believable for the last days."""

APPROVE: Final = "tok_approve"
CHALLENGE: Final = "tok_challenge"
SILENT: Final = "tok_silent"
TOKENS: Final = (
    *(APPROVE,) * 38,
    *("tok_dispute",) * 1,
    *("tok_decline",) * 4,
    *("tok_insufficient",) * 3,
    *("tok_error",) * 1,
    *(CHALLENGE,) * 3,
)
DOORS: Final = (*("pay",) * 12, *("decline",) * 2, "expire")
"""What a payer does who pays by something else than a card."""

_CARD: Final = ("card", "")
METHODS: Final = {
    ("acme", "INR"): (*(_CARD,) * 8, *(("upi", "qr"),) * 2, ("upi", "intent")),
    ("acme", "USD"): (*(_CARD,) * 9, ("crypto", "BTC"), ("crypto", "USDC@ethereum")),
    ("acme", "EUR"): (*(_CARD,) * 9, ("apm", "ideal"), ("apm", "bancontact"), ("crypto", "BTC")),
    ("globex", "USD"): (*(_CARD,) * 9, ("apm", "alipay"), ("apm", "klarna")),
    ("globex", "EUR"): (*(_CARD,) * 6, ("apm", "ideal"), ("apm", "multibanco")),
    ("globex", "INR"): (_CARD,),
}
_CURRENCIES = {
    "acme": ("INR", "INR", "INR", "USD", "EUR"),
    "globex": ("USD", "USD", "EUR", "INR"),
}
_SMALLEST_MINOR = {"INR": 19_900, "USD": 900, "EUR": 900}
_LARGEST_MINOR = {"INR": 2_499_900, "USD": 48_900, "EUR": 48_900}
_PAYERS = (
    ("Asha Rao", "asha.rao@example.com"),
    ("Ben Fischer", "ben.fischer@example.com"),
    ("Chitra Nair", "chitra.nair@example.com"),
    ("Daniel Costa", "daniel.costa@example.com"),
    ("Elena Petrova", "elena.petrova@example.com"),
    ("Farid Haddad", "farid.haddad@example.com"),
    ("Grace Kim", "grace.kim@example.com"),
    ("Hugo Martin", "hugo.martin@example.com"),
)
_GOODS = ("Order of spare parts", "Monthly plan", "Workshop seat", "Sample box", "Repair")
_REASONS = ("Customer returned the goods", "Ordered twice", "Agreed discount")


@dataclass(frozen=True, slots=True)
class Planned:
    """One payment of the history; `refund_percent` of it goes back `refund_after` its payment.

    `token` is the card's, empty for the other families, whose payer does what `door` says.
    """

    number: int
    merchant: str
    amount: Money
    family: str
    name: str
    token: str
    door: str
    refund_percent: int
    refund_after: timedelta

    @property
    def reference(self) -> str:
        """The merchant's reference, by which it is found again."""
        return f"demo-{self.number:04d}"

    @property
    def payer(self) -> tuple[str, str]:
        """Name and e-mail address of who pays."""
        return draw(self.number, "payer", _PAYERS)

    @property
    def goods(self) -> str:
        """What is paid for."""
        return draw(self.number, "goods", _GOODS)

    @property
    def reason(self) -> str:
        """Why a part of it goes back."""
        return draw(self.number, "reason", _REASONS)


def plan(number: int) -> Planned:
    """Return what payment `number` (from 1) is; always the same for the same number."""
    merchant = draw(number, "merchant", ("acme", "acme", "acme", "globex", "globex"))
    currency = draw(number, "currency", _CURRENCIES[merchant])
    smallest, largest = _SMALLEST_MINOR[currency], _LARGEST_MINOR[currency]
    hundreds = (largest - smallest) // 100
    family, name = draw(number, "method", METHODS[merchant, currency])
    return Planned(
        number=number,
        merchant=merchant,
        amount=Money(smallest + 100 * (_number(number, "amount") % hundreds), currency),
        family=family,
        name=name,
        token=_token(number) if family == "card" else "",
        door="" if family == "card" else _door(number, family),
        refund_percent=draw(number, "refund", (0,) * 17 + (100, 50, 25)),
        refund_after=timedelta(hours=1 + _number(number, "after") % 40),
    )


def moment_of(number: int, now: datetime) -> datetime:
    """Return when payment `number` was made: spread over SPAN, in order, ending before `now`."""
    step = SPAN / (COUNT + 1)
    within = timedelta(seconds=_number(number, "second") % int(step.total_seconds()))
    return now - SPAN + step * (number - 1) + within


def draw(number: int, what: str, choices: Sequence[_Choice]) -> _Choice:
    """Return the same choice each time for the same number and question."""
    return choices[_number(number, what) % len(choices)]


def _token(number: int) -> str:
    scenario = draw(number, "token", TOKENS)
    return APPROVE if scenario == CHALLENGE and number < OPEN_FROM else scenario


def _door(number: int, family: str) -> str:
    """Return what the payer does; nobody declines a coin."""
    door = draw(number, "door", DOORS)
    return "expire" if door == "decline" and family == "crypto" else door


def _number(number: int, what: str) -> int:
    """Return a large number that depends on nothing but the payment's number and the question."""
    digest = hashlib.sha256(f"payagency demo {number} {what}".encode()).digest()
    return int.from_bytes(digest[:8])
