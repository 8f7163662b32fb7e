"""The currencies that exist here and how many decimals each has.

Sources: ISO 4217 list one (codes by pycountry, which leaves the minor units out; those stand below)
and, for crypto assets, the unit that the ledger counts in: satoshi, 10⁻⁶ of a dollar token, gwei.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

import pycountry

from app.errors import BadInputError, said

MAX_CODE_LENGTH = 24

_ISO_DEFAULT_EXPONENT = 2
_ISO_EXPONENTS = {
    **dict.fromkeys(
        [
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ],
        0,
    ),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
    **dict.fromkeys(["CLF", "UYW"], 4),
}
# Metals, units of account, test codes and funds: nobody can be charged in them. CLF and UYW are
# funds codes too, yet prices are written in them, so they stay.
_NO_MONEY = frozenset(
    [
        "XAD",
        "XAG",
        "XAU",
        "XBA",
        "XBB",
        "XBC",
        "XBD",
        "XDR",
        "XPD",
        "XPT",
        "XSU",
        "XTS",
        "XUA",
        "XXX",
        "BOV",
        "CHE",
        "CHW",
        "COU",
        "MXV",
        "USN",
        "UYI",
    ]
)
_COIN_EXPONENTS = {"BTC": 8}
_TOKEN_EXPONENTS = {"ETH": 9, "USDC": 6, "USDT": 6}
_TOKEN_CODE = re.compile(r"(?P<token>[A-Z]+)@[a-z][a-z0-9-]*")
_SAFE_TO_REPEAT = re.compile(r"[A-Za-z@-]{1,24}")


class UnknownCurrencyError(BadInputError):
    """The code names no currency that can be charged here."""

    code = "unknown_currency"


@cache
def iso_codes() -> frozenset[str]:
    """Every ISO 4217 code that can be charged, upper case."""
    return frozenset(currency.alpha_3 for currency in pycountry.currencies) - _NO_MONEY


@lru_cache(maxsize=1024)
def exponent(currency: str) -> int:
    """Decimals between the major and the minor unit: 0 to 9.

    `currency` is an ISO 4217 code, `BTC`, or `TOKEN@chain` such as `USDC@ethereum`, written exactly
    so. Raises UnknownCurrencyError (place "currency").
    """
    if currency in _COIN_EXPONENTS:
        return _COIN_EXPONENTS[currency]
    if currency in iso_codes():
        return _ISO_EXPONENTS.get(currency, _ISO_DEFAULT_EXPONENT)
    token = _TOKEN_CODE.fullmatch(currency)
    if token and token["token"] in _TOKEN_EXPONENTS and len(currency) <= MAX_CODE_LENGTH:
        return _TOKEN_EXPONENTS[token["token"]]
    raise UnknownCurrencyError("currency", *_why_unknown(currency))


def is_crypto(currency: str) -> bool:
    """Whether it is a crypto asset. Raises UnknownCurrencyError like `exponent`."""
    exponent(currency)
    return currency in _COIN_EXPONENTS or "@" in currency


def parse_currency(text: str, *, place: str = "currency") -> str:
    """The code in its one spelling (`eur` → `EUR`, `usdc@Ethereum` → `USDC@ethereum`).

    Raises UnknownCurrencyError naming `place`.
    """
    token, at, chain = text.strip().partition("@")
    code = token.upper() + at + chain.lower()
    if not text.isascii():
        raise UnknownCurrencyError(place, *_why_unknown(text))
    try:
        exponent(code)
    except UnknownCurrencyError as error:
        raise UnknownCurrencyError(place, error.reason, error.way_out) from None
    return code


def _why_unknown(currency: str) -> tuple[str, str]:
    if not currency.strip():
        return said("is empty."), said("Write a code such as EUR.")
    if currency in _NO_MONEY:
        reason = said("{currency} is not a currency that can be charged.", currency=currency)
        return reason, said("Write a code such as EUR.")
    if currency in _TOKEN_EXPONENTS:
        return (
            said("{currency} needs its chain.", currency=currency),
            said("Write it as {currency}@ethereum.", currency=currency),
        )
    # A stranger's text is repeated only where it cannot hold a card number.
    name = currency if _SAFE_TO_REPEAT.fullmatch(currency) else said("what stands here")
    return (
        said("{name} is no known currency.", name=name),
        said("Write an ISO 4217 code such as EUR, or BTC."),
    )
