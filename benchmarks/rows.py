"""The rows of the data set, the same in every run of a scale.

Every second payment is of one large merchant, one is all that the smallest merchant has, the rest
is spread over the others. A few references, e-mail addresses, card endings and prices are shared by
very many payments, as they are in life.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from app.adapters.crypto import blind_index, encrypt
from app.domain.identifiers import new_id, new_token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.scale import Scale

LAST: Final = datetime(2026, 3, 1, tzinfo=UTC)
SPAN: Final = timedelta(days=365)
SMALLEST, LARGEST = 1, 2
CUSTOMERS: Final = 5_000
TEST_ACCOUNT: Final = 1
"""The connector account of the test book; the next one is that of the live book."""

OFTEN_REFERENCE, OFTEN_EMAIL, OFTEN_LAST4 = "test", "test@example.com", "4242"
OFTEN_AMOUNT, RARE_AMOUNT = 1_250, 987_654_321
PRICES: Final = (OFTEN_AMOUNT, 999, 1_999, 4_900, 9_900)
CURRENCIES: Final = ("INR", "EUR", "USD")
METHODS: Final = ("card",) * 7 + ("upi", "upi", "apm")
STATUSES: Final = (
    ("succeeded", 800),
    ("failed", 120),
    ("processing", 20),
    ("refunded", 25),
    ("partially_refunded", 20),
    ("requires_action", 8),
    ("canceled", 4),
    ("disputed", 2),
    ("charged_back", 1),
)
_STATUSES: Final = tuple(name for name, share in STATUSES for _ in range(share))
Cell = str | int | bytes | None
Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table's columns; those in `binary` are written as hexadecimal digits."""

    name: str
    columns: tuple[str, ...]
    binary: frozenset[str] = frozenset()


MERCHANT: Final = Table(
    "merchant",
    (
        *("id", "public_id", "key", "name", "country", "default_currency", "timezone", "status"),
        "created_at",
    ),
)
PAYMENT: Final = Table(
    "payment",
    (
        *("id", "public_id", "merchant_id", "livemode", "reference", "origin", "amount_minor"),
        *("currency", "method", "capture_mode", "status", "captured_minor", "captured_peak_minor"),
        *("refund_asked_minor", "refunded_minor", "disputed_minor", "charged_back_minor"),
        *("page_token", "customer_name", "customer_email", "customer_email_index"),
        *("description", "details", "return_url", "failure_code", "created_by", "created_at"),
        "changed_at",
    ),
    frozenset({"customer_name", "customer_email", "customer_email_index"}),
)
ATTEMPT: Final = Table(
    "attempt",
    (
        *("id", "public_id", "merchant_id", "livemode", "payment_id", "connector_account_id"),
        *("number", "method", "card_brand", "card_last4", "created_at"),
    ),
)
OPERATION: Final = Table(
    "operation",
    (
        *("id", "public_id", "merchant_id", "livemode", "payment_id", "attempt_id", "kind"),
        *("state", "amount_minor", "currency", "provider_key", "provider_reference", "conflicted"),
        *("suspense", "not_found_looks", "requested_by", "created_at", "changed_at"),
    ),
)


@dataclass(frozen=True, slots=True)
class Customer:
    """Who pays: what is stored of them."""

    email: str
    sealed_name: bytes
    sealed_email: bytes
    index: bytes


def merchants(scale: Scale) -> Iterator[Row]:
    """Yield the merchants; their names share few beginnings."""
    draw = random.Random(scale.name)
    for number in range(1, scale.merchants + 1):
        kind = ("Trading", "Stores", "Travel", "Books")[number % 4]
        currency = CURRENCIES[number % len(CURRENCIES)]
        yield (
            number,
            new_id("mer", LAST - SPAN, randomness=draw.randbytes),
            f"shop-{number}",
            f"{kind} house {number}",
            "IN",
            currency,
            "Asia/Kolkata",
            "active",
            _moment(LAST - SPAN),
        )


def merchant_of(number: int, scale: Scale) -> int:
    """Return whose payment this is."""
    if number == scale.lone_payment:
        return SMALLEST
    if number % 2:
        return LARGEST
    return LARGEST + 1 + (number * 7_919) % (scale.merchants - LARGEST)


def payments(scale: Scale) -> Iterator[tuple[Row, list[Row], list[Row]]]:
    """Yield each payment with its attempts and its operations, oldest first."""
    draw = random.Random(scale.payments)
    people = _customers(draw)
    extra = scale.payments
    for number in range(1, scale.payments + 1):
        at = LAST - SPAN + SPAN * number / scale.payments
        payment = _payment(number, at, scale, draw, people)
        method, status, amount = str(payment[8]), str(payment[10]), int(str(payment[6]))
        attempts = [_attempt(number, payment, method, draw, at)]
        operations = [_operation(number, payment, "purchase", status, amount, draw, at)]
        if status in {"refunded", "partially_refunded"}:
            extra += 1
            refund = _operation(extra, payment, "refund", status, amount // 2 or 1, draw, at)
            operations.append(refund)
        yield payment, attempts, operations


def _customers(draw: random.Random) -> list[Customer]:
    emails = [OFTEN_EMAIL, *(f"person{number}@example.com" for number in range(1, CUSTOMERS))]
    return [
        Customer(
            email,
            encrypt(f"Person {draw.randint(1, CUSTOMERS)}", "payment.customer_name"),
            encrypt(email, "payment.customer_email"),
            blind_index(email, "payment.customer_email"),
        )
        for email in emails
    ]


def _payment(
    number: int, at: datetime, scale: Scale, draw: random.Random, people: list[Customer]
) -> Row:
    status, amount = draw.choice(_STATUSES), _amount(number, draw)
    who = people[0] if number % 20 == 0 else draw.choice(people)
    moment = _moment(at)
    return (
        number,
        new_id("pay", at, randomness=draw.randbytes),
        merchant_of(number, scale),
        0 if number % 101 else 1,
        OFTEN_REFERENCE if number % 50 == 1 else f"order-{number:08d}",
        "form",
        amount,
        CURRENCIES[draw.randrange(len(CURRENCIES))],
        draw.choice(METHODS),
        "automatic",
        status,
        *_money(status, amount),
        new_token(randomness=draw.randbytes),
        who.sealed_name,
        who.sealed_email,
        who.index,
        "Order of spare parts",
        '{"metadata":{}}',
        "",
        "insufficient_funds" if status == "failed" else None,
        "shop",
        moment,
        moment,
    )


def _amount(number: int, draw: random.Random) -> int:
    """Half of the payments are at a list price."""
    if number % 100_003 == 1:
        return RARE_AMOUNT
    return draw.choice(PRICES) if draw.random() < 0.5 else draw.randint(100, 500_000)


def _money(status: str, amount: int) -> Row:
    """What was captured, at most, asked back, given back, disputed and charged back."""
    paid = amount if status not in {"failed", "processing", "requires_action", "canceled"} else 0
    back = {"refunded": amount, "partially_refunded": amount // 2 or 1}.get(status, 0)
    disputed = {"disputed": amount}.get(status, 0)
    return paid, paid, back, back, disputed, {"charged_back": amount}.get(status, 0)


def _attempt(number: int, payment: Row, method: str, draw: random.Random, at: datetime) -> Row:
    last4 = OFTEN_LAST4 if draw.random() < 0.2 else f"{draw.randrange(10_000):04d}"
    card = method == "card"
    return (
        number,
        new_id("att", at, randomness=draw.randbytes),
        payment[2],
        payment[3],
        payment[0],
        TEST_ACCOUNT + int(str(payment[3])),
        1,
        method,
        "visa" if card else None,
        last4 if card else None,
        payment[-1],
    )


def _operation(
    number: int,
    payment: Row,
    kind: str,
    status: str,
    amount: int,
    draw: random.Random,
    at: datetime,
) -> Row:
    states = {"failed": "failed", "processing": "pending", "requires_action": "action"}
    return (
        number,
        new_id("re" if kind == "refund" else "op", at, randomness=draw.randbytes),
        payment[2],
        payment[3],
        payment[0],
        payment[0],
        kind,
        states.get(status, "success"),
        amount,
        payment[7],
        new_id("key", at, randomness=draw.randbytes),
        reference_at_provider(number),
        0,
        0,
        0,
        "shop",
        payment[-1],
        payment[-1],
    )


def reference_at_provider(number: int) -> str:
    """Return twelve digits, as a retrieval reference number has."""
    return f"{600_000_000_000 + number * 7}"


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S.%f")
