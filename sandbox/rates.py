"""The fixed prices of the crypto assets, and what an amount comes to in them."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from decimal import Decimal, localcontext

_EXACT_DIGITS = 60


@dataclass(frozen=True, slots=True)
class Asset:
    """An asset: the decimals of its smallest unit, its price in US dollars, how it is confirmed."""

    decimals: int
    dollars: str
    confirmations: int
    address: tuple[str, str, int]


_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_HEX = "0123456789abcdef"
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
ASSETS = {
    "BTC": Asset(8, "90000", 2, ("tb1q", _BECH32, 38)),
    "ETH@ethereum": Asset(9, "3000", 12, ("0x", _HEX, 40)),
    "USDC@ethereum": Asset(6, "1", 12, ("0x", _HEX, 40)),
    "USDT@tron": Asset(6, "1", 19, ("T", _BASE58, 33)),
}
# The exponent of a currency, and how many of it a dollar costs.
CURRENCIES = {
    "AED": (2, "3.67"),
    "AUD": (2, "1.50"),
    "BHD": (3, "0.376"),
    "BRL": (2, "5.40"),
    "CAD": (2, "1.38"),
    "CHF": (2, "0.80"),
    "CZK": (2, "21"),
    "DKK": (2, "6.40"),
    "EUR": (2, "0.90"),
    "GBP": (2, "0.75"),
    "HKD": (2, "7.80"),
    "HUF": (2, "335"),
    "INR": (2, "85"),
    "JPY": (0, "150"),
    "KRW": (0, "1400"),
    "KWD": (3, "0.31"),
    "MXN": (2, "18.50"),
    "NOK": (2, "10"),
    "NZD": (2, "1.70"),
    "PLN": (2, "3.65"),
    "RON": (2, "4.50"),
    "SEK": (2, "9.50"),
    "SGD": (2, "1.30"),
    "TRY": (2, "42"),
    "USD": (2, "1"),
}
_LONG_DIGITS = re.compile(r"\d{8}")
_TRANSACTION = ("", _HEX, 64)


def rate(asset: str, currency: str) -> str:
    """The price of one whole unit of the asset in the currency, as decimal text."""
    price = Decimal(ASSETS[asset].dollars) * Decimal(CURRENCIES[currency][1])
    return f"{price:f}"


def units(asset: str, currency: str, amount_minor: int) -> int:
    """The smallest units that cover an amount, rounded up."""
    with localcontext() as exact:
        exact.prec = _EXACT_DIGITS
        whole = Decimal(amount_minor).scaleb(-CURRENCIES[currency][0])
        scaled = whole.scaleb(ASSETS[asset].decimals) / Decimal(rate(asset, currency))
        return int(scaled.to_integral_value("ROUND_CEILING"))


def amount_text(asset: str, count: int) -> str:
    """Write smallest units as a payer types them, with all decimals."""
    with localcontext() as exact:
        exact.prec = _EXACT_DIGITS
        return f"{Decimal(count).scaleb(-ASSETS[asset].decimals):f}"


def fresh_address(asset: str) -> str:
    return _made_up(*ASSETS[asset].address)


def fresh_transaction() -> str:
    return _made_up(*_TRANSACTION)


def _made_up(start: str, alphabet: str, length: int) -> str:
    """Make up letters and digits without a run that could be taken for a card number."""
    while True:
        text = start + "".join(secrets.choice(alphabet) for _ in range(length))
        if not _LONG_DIGITS.search(text):
            return text
