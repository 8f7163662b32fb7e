"""What a method's row, and the rules of its family, make of a payment that is asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from app.domain.methods import upi
from app.domain.money import Money
from app.errors import BadInputError, said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date

    from app.domain.methods.rows import Family, MethodRow

LIMIT_EXCEEDED: Final = "limit_exceeded"
DETAIL_MISSING: Final = "detail_missing"
NAME_PLACES: Final[Mapping[Family, str]] = {
    "card": "method",
    "upi": "vpa",
    "crypto": "asset",
    "apm": "apm_name",
}
"""Where forms and files say which method of a family is meant."""
REFUND_ADDRESS: Final = "refund_address"
_OPTIONAL: Final = frozenset({REFUND_ADDRESS})
_MOST_CHARACTERS: Final = 255


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: where, a stable code, the reason, the way out.

    `most` is the limit that an amount passes, for `limit_exceeded` only.
    """

    place: str
    code: str
    reason: str
    way_out: str = ""
    most: Money | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What of a payment the rules look at; `has_card`: a stored card is named, or one came."""

    amount: Money
    manual: bool = False
    has_card: bool = False
    details: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Seller:
    """The merchant as the rules see it: ISO 3166 country, ISO 18245 category, verified or not."""

    country: str
    mcc: str = ""
    verified: bool = False


def faults(row: MethodRow, wish: Wish, seller: Seller, on: date) -> list[Fault]:
    """Return everything that is wrong, in the order of a form; `on` is the day where it is paid."""
    return [
        *_row_faults(row, wish, seller),
        *_FAMILIES.get(row.family, _nothing)(row, wish, seller, on),
    ]


def is_offered(row: MethodRow, seller: Seller, on: date) -> bool:
    """Whether a merchant could be paid by a method at all on a day, whatever the amount."""
    if row.countries is not None and seller.country not in row.countries:
        return False
    return _collect_fault(row, seller, on) is None


def _row_faults(row: MethodRow, wish: Wish, seller: Seller) -> Iterator[Fault]:
    currency = wish.amount.currency
    if row.countries is not None and seller.country not in row.countries:
        reason = said(
            "{title} is not offered to merchants in {country}.",
            title=row.title,
            country=seller.country,
        )
        yield Fault("method", "country_not_served", reason, said("Choose another method."))
    if row.currencies is not None and currency not in row.currencies:
        yield Fault(
            "currency",
            "currency_not_taken",
            said("{title} cannot be paid in {currency}.", title=row.title, currency=currency),
            said("It takes {known}.", known=", ".join(sorted(row.currencies))),
        )
    yield from _amount_faults(row, wish.amount)
    if wish.manual and not row.manual_capture:
        reason = said("{title} cannot be reserved and captured later.", title=row.title)
        yield Fault("capture", "capture_not_possible", reason, said("Choose automatic."))
    yield from _detail_faults(row, wish)


def _amount_faults(row: MethodRow, amount: Money) -> Iterator[Fault]:
    least = row.minimum_minor.get(amount.currency)
    if least is not None and amount.amount_minor < least:
        reason = said(
            "is below {least}, the least that {title} takes.",
            least=Money(least, amount.currency),
            title=row.title,
        )
        yield Fault("amount", "amount_too_small", reason)
    most = row.maximum_minor.get(amount.currency)
    if most is not None and amount.amount_minor > most:
        limit = Money(most, amount.currency)
        reason = said("{title} takes at most {most} at once.", title=row.title, most=limit)
        yield Fault("amount", LIMIT_EXCEEDED, reason, most=limit)


def _detail_faults(row: MethodRow, wish: Wish) -> Iterator[Fault]:
    for name in row.details:
        if not wish.details.get(name):
            reason = said("is missing. {title} needs it.", title=row.title)
            yield Fault(name, DETAIL_MISSING, reason)
    for name, text in wish.details.items():
        if name not in row.details and name not in _OPTIONAL:
            reason = said("is not asked for by {title}.", title=row.title)
            yield Fault(name, "detail_not_asked", reason, said("Leave it out."))
        elif len(text) > _MOST_CHARACTERS or not text.isprintable():
            yield Fault(name, "detail_invalid", said("is too long, or cannot be printed."))


def _card(_row: MethodRow, wish: Wish, _seller: Seller, _on: date) -> Iterator[Fault]:
    if not wish.has_card:
        way_out = said("Give the token of a stored card.")
        yield Fault("card_token", "card_token_missing", said("is missing."), way_out)


def _upi(row: MethodRow, wish: Wish, seller: Seller, on: date) -> Iterator[Fault]:
    most = Money(upi.limit_minor(seller.mcc, on, verified=seller.verified), upi.CURRENCY)
    if wish.amount.currency == most.currency and wish.amount.amount_minor > most.amount_minor:
        reason = said("A single UPI payment to this merchant is at most {most}.", most=most)
        yield Fault("amount", LIMIT_EXCEEDED, reason, most=most)
    withdrawn = _collect_fault(row, seller, on)
    if withdrawn is not None:
        yield withdrawn
    vpa = wish.details.get("vpa")
    if vpa:
        try:
            upi.parse_vpa(vpa)
        except BadInputError as error:
            yield Fault("vpa", "vpa_invalid", error.reason, error.way_out)


def _collect_fault(row: MethodRow, seller: Seller, on: date) -> Fault | None:
    is_collect = (row.family, row.name) == ("upi", upi.COLLECT)
    if not is_collect or upi.collect_allowed(seller.mcc, on):
        return None
    return Fault(
        "vpa",
        "collect_withdrawn",
        said("cannot be asked for: NPCI has withdrawn collect requests for this category."),
        said("Empty it; the payer scans a code or opens an app instead."),
    )


def _nothing(_row: MethodRow, _wish: Wish, _seller: Seller, _on: date) -> Iterator[Fault]:
    yield from ()


_FAMILIES: Final[Mapping[str, Callable[[MethodRow, Wish, Seller, date], Iterator[Fault]]]] = {
    "card": _card,
    "upi": _upi,
}
