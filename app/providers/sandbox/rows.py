"""The methods that the sandbox offers, as rows of data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.domain.currencies import exponent
from app.domain.methods.rows import MethodRow

if TYPE_CHECKING:
    from collections.abc import Iterable

_UPI_SECONDS = 5 * 60
_CRYPTO_SECONDS = 15 * 60
_REDIRECT_SECONDS = 30 * 60
_VOUCHER_SECONDS = 3 * 24 * 60 * 60
_UPI_LATE_DAYS = 3
_CRYPTO_LATE_DAYS = 90
_CRYPTO_TOLERANCE_BPS = 100
_EURO = frozenset(("EUR",))
# Of the currencies for which the sandbox has a rate, those that merchants are used to.
_QUOTED = frozenset(("EUR", "USD", "GBP", "INR"))

_CARD = MethodRow(family="card", name="", title="Card", manual_capture=True, chargeback=True)


def _upi(name: str, title: str, *details: str) -> MethodRow:
    """Return a UPI row; the most that it takes at all (the payer's own limits are dated rules)."""
    return MethodRow(
        family="upi",
        name=name,
        title=title,
        currencies=frozenset(("INR",)),
        minimum_minor={"INR": 1_00},
        maximum_minor={"INR": 5_00_000_00},
        expires_seconds=_UPI_SECONDS,
        late_days=_UPI_LATE_DAYS,
        details=details,
    )


def _crypto(name: str, title: str) -> MethodRow:
    return MethodRow(
        family="crypto",
        name=name,
        title=title,
        currencies=_QUOTED,
        minimum_minor={"EUR": 1_00, "USD": 1_00, "GBP": 1_00, "INR": 100_00},
        maximum_minor=dict.fromkeys(("EUR", "USD", "GBP"), 100_000_00) | {"INR": 1_00_00_000_00},
        expires_seconds=_CRYPTO_SECONDS,
        late_days=_CRYPTO_LATE_DAYS,
        may_fail_after=True,
        payer_sets_amount=True,
        tolerance_bps=_CRYPTO_TOLERANCE_BPS,
        decimals=exponent(name),
    )


def _apm(
    name: str,
    title: str,
    *,
    currencies: Iterable[str] = _EURO,
    most_minor: int,
    expires_seconds: int = _REDIRECT_SECONDS,
    manual_capture: bool = False,
    delayed: bool = False,
    may_fail_after: bool = False,
) -> MethodRow:
    """Return an APM row; every currency of these has two decimals and nearly the same limits."""
    return MethodRow(
        family="apm",
        name=name,
        title=title,
        currencies=frozenset(currencies),
        minimum_minor=dict.fromkeys(currencies, 1_00),
        maximum_minor=dict.fromkeys(currencies, most_minor),
        expires_seconds=expires_seconds,
        manual_capture=manual_capture,
        delayed=delayed,
        may_fail_after=may_fail_after,
    )


ROWS: tuple[MethodRow, ...] = (
    _CARD,
    _upi("qr", "UPI QR code"),
    _upi("intent", "UPI app"),
    _upi("collect", "UPI collect request", "vpa"),
    _crypto("BTC", "Bitcoin"),
    _crypto("ETH@ethereum", "Ether"),
    _crypto("USDC@ethereum", "USDC on Ethereum"),
    _crypto("USDT@tron", "USDT on Tron"),
    _apm("ideal", "iDEAL", most_minor=50_000_00),
    _apm("bancontact", "Bancontact", most_minor=10_000_00),
    _apm(
        "sepa_debit", "SEPA Direct Debit", most_minor=10_000_00, delayed=True, may_fail_after=True
    ),
    _apm(
        "multibanco",
        "Multibanco",
        most_minor=99_999_99,
        expires_seconds=_VOUCHER_SECONDS,
        delayed=True,
    ),
    _apm(
        "klarna",
        "Klarna",
        currencies=("EUR", "USD", "GBP", "SEK", "NOK", "DKK"),
        most_minor=15_000_00,
        manual_capture=True,
    ),
    _apm(
        "alipay",
        "Alipay",
        currencies=("EUR", "USD", "GBP", "CNY"),
        most_minor=50_000_00,
    ),
)
