"""Crypto: amounts of an asset, exact both ways, and what is to be made of money that has come."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from app.domain.currencies import is_crypto, parse_currency
from app.domain.money import MAX_MINOR, AmountTooLargeError
from app.errors import BadInputError, said

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_BASIS_POINTS = 10_000
_MOST_DECIMALS = 18
# BIP 21. A token's URI (EIP-681) names the contract, which is the provider's to know.
_SCHEMES: Final[Mapping[str, str]] = {"BTC": "bitcoin"}


class Received(StrEnum):
    """How what came in time compares with what was asked for."""

    EXACT = "exact"
    WITHIN = "within"
    UNDER = "under"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Standing:
    """Numbers in the asset's smallest units: what is missing, what is too much, what came late."""

    verdict: Received
    missing_units: int
    over_units: int
    late_units: int


def parse_asset(text: str, place: str = "asset") -> str:
    """Return the code of an asset in its one spelling, such as `USDC@ethereum`.

    Raises BadInputError where it is unknown or no crypto asset.
    """
    code = parse_currency(text, place=place)
    if not is_crypto(code):
        raise BadInputError(
            place, said("is no crypto asset."), said("Write one such as BTC or USDC@ethereum.")
        )
    return code


def to_text(units: int, decimals: int) -> str:
    """Return an amount of smallest units as decimal text with all its decimals: `0.00012345`.

    Raises ValueError for a negative amount or decimals that no asset has.
    """
    _require(units, decimals)
    if decimals == 0:
        return str(units)
    digits = str(units).zfill(decimals + 1)
    return f"{digits[:-decimals]}.{digits[-decimals:]}"


def to_units(text: str, decimals: int, place: str = "amount") -> int:
    """Read decimal text as smallest units, exactly; nothing is rounded away.

    Raises BadInputError for anything but digits with one point, for more decimals than the asset
    has, and for more units than a column holds; ValueError for decimals that no asset has.
    """
    _require(0, decimals)
    whole, point, fraction = text.partition(".")
    if not (_is_digits(whole) and (_is_digits(fraction) if point else True)):
        raise BadInputError(place, said("is not a plain decimal number."))
    if len(fraction) > decimals:
        raise BadInputError(
            place,
            said("has more than {decimals} decimals.", decimals=decimals),
            said("Shorten it."),
        )
    significant = (whole + fraction.ljust(decimals, "0")).lstrip("0")
    if len(significant) > len(str(MAX_MINOR)) or int(significant or "0") > MAX_MINOR:
        raise AmountTooLargeError(place, said("is larger than any amount that can be kept."))
    return int(significant or "0")


def judge(
    expected_units: int, received_units: int, late_units: int, tolerance_bps: int
) -> Received:
    """Compare what came in time with what was asked for, all in the asset's smallest units.

    `late_units` is the part of `received_units` that came after the quote had expired: it does not
    count here, for the locked rate was not its rate. `tolerance_bps` is the tolerance in hundredths
    of a percent of what was asked for, both ways. Raises ValueError for numbers that cannot be.
    """
    if expected_units <= 0 or not 0 <= late_units <= received_units or tolerance_bps < 0:
        raise ValueError("expected is above zero, late between zero and received")
    away = received_units - late_units - expected_units
    if away == 0:
        return Received.EXACT
    if abs(away) * _BASIS_POINTS <= expected_units * tolerance_bps:
        return Received.WITHIN
    return Received.OVER if away > 0 else Received.UNDER


def standing(
    expected_units: int, received_units: int, late_units: int, tolerance_bps: int
) -> Standing:
    """Return the verdict with its numbers; raises as `judge` does."""
    away = received_units - late_units - expected_units
    return Standing(
        verdict=judge(expected_units, received_units, late_units, tolerance_bps),
        missing_units=max(0, -away),
        over_units=max(0, away),
        late_units=late_units,
    )


def is_over(now: datetime, expires_at: datetime) -> bool:
    """Whether a quote no longer binds: money that comes from this moment on is late."""
    return now >= expires_at


def payment_uri(asset: str, address: str, amount: str) -> str:
    """Return what a QR code holds: a wallet's link with the amount, else the bare address."""
    scheme = _SCHEMES.get(asset)
    return f"{scheme}:{quote(address, safe='')}?amount={amount}" if scheme else address


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _require(units: int, decimals: int) -> None:
    if units < 0 or not 0 <= decimals <= _MOST_DECIMALS:
        raise ValueError("units are not negative, decimals between 0 and 18")
