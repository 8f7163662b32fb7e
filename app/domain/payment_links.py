"""Links that ask for payments: how often one is paid, how much, until when, and how it stands.

Amounts are integers in minor units of the link's currency.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.domain import return_urls
from app.domain.card_numbers import refuse
from app.domain.currencies import is_crypto, parse_currency
from app.domain.emails import MAX_EMAIL, is_email
from app.domain.money import MAX_MINOR, Money
from app.errors import BadInputError, IllegalStateError, LimitExceededError, said

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

LONGEST_TITLE: Final = 100
LONGEST_DESCRIPTION: Final = 255
LONGEST_REFERENCE: Final = 40
LONGEST_LIFE: Final = timedelta(days=366)
"""How far ahead a link may end: a year, a leap year too."""
MOST_PAYMENTS: Final = 10_000
"""How often at most a reusable link may be paid where a number is set."""
_LEAST_REUSED: Final = 2


class LinkKind(StrEnum):
    """How often a link may be paid."""

    ONE_OFF = "one_off"
    REUSABLE = "reusable"


class LinkState(StrEnum):
    """How a link stands; `paid` is one that was paid as often as it may be."""

    ACTIVE = "active"
    PAID = "paid"
    EXPIRED = "expired"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a link asks for: `amount_minor`, or what the payer enters from `least_minor` on.

    `most_minor` is the most that may be entered; without it the limits of payments stand alone.
    """

    currency: str
    amount_minor: int | None = None
    least_minor: int | None = None
    most_minor: int | None = None

    @property
    def is_entered(self) -> bool:
        """Whether the payer says how much."""
        return self.amount_minor is None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLink:
    """What a link shall be; empty texts and None are what was left out.

    Whom it is for (`customer_…`, `payer_locale`) and `metadata` are handed on to its payments.
    """

    kind: LinkKind
    title: str
    price: Price
    reference: str
    description: str = ""
    most_payments: int | None = None
    expires_at: datetime | None = None
    customer_email: str = ""
    customer_name: str = ""
    customer_phone: str = ""
    payer_locale: str = ""
    return_url: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


def check(wanted: NewLink, now: datetime) -> NewLink:
    """Return what a link shall be, in the form in which it is kept.

    Raises BadInputError at `title`, `description`, `reference`, `currency`, `amount`, `least`,
    `most`, `most_payments`, `expires_at`, `customer_email` or `return_url`, and
    CardNumberRefusedError.
    """
    return replace(
        wanted,
        title=check_title(wanted.title),
        description=_line(wanted.description, "description", LONGEST_DESCRIPTION),
        reference=_required(wanted.reference, "reference", LONGEST_REFERENCE),
        price=_check_price(wanted.price),
        most_payments=_check_number(wanted.kind, wanted.most_payments),
        expires_at=check_expiry(wanted.expires_at, now),
        customer_email=check_email(wanted.customer_email),
        return_url=return_urls.check_address(wanted.return_url),
    )


def check_title(text: str) -> str:
    """Return a title in one line. Raises BadInputError and CardNumberRefusedError at `title`."""
    return _required(text, "title", LONGEST_TITLE)


def check_expiry(moment: datetime | None, now: datetime) -> datetime | None:
    """Refuse an end that is over or more than a year ahead: BadInputError at `expires_at`."""
    if moment is None:
        return None
    if moment <= now:
        raise BadInputError("expires_at", said("is over already."), said("Give a later moment."))
    if moment > now + LONGEST_LIFE:
        raise BadInputError(
            "expires_at", said("is more than a year ahead."), said("Give an earlier moment.")
        )
    return moment


def check_email(text: str) -> str:
    """Return an e-mail address, or nothing. Raises BadInputError at `customer_email`."""
    email = text.strip()
    refuse(email, "customer_email")
    if email and (len(email) > MAX_EMAIL or not is_email(email)):
        raise BadInputError(
            "customer_email", said("is no e-mail address."), said("Correct or empty it.")
        )
    return email


def asked_amount(price: Price, entered: Money | None) -> Money:
    """Return the amount of a payment by a link, where `entered` is what its payer has typed.

    Raises BadInputError at `amount` for none where one must be entered, for one where the link says
    it, and LimitExceededError outside of what may be entered.
    """
    if price.amount_minor is not None:
        asked = Money(price.amount_minor, price.currency)
        if entered not in {None, asked}:
            raise BadInputError("amount", said("is fixed by the link."), said("Leave it out."))
        return asked
    if entered is None:
        raise BadInputError("amount", said("is missing."), said("Say how much you pay."))
    least = Money(price.least_minor or 1, price.currency)
    if entered < least:
        raise LimitExceededError(
            said("The least that may be paid is {amount}.", amount=least), place="amount"
        )
    if price.most_minor is not None and entered > Money(price.most_minor, price.currency):
        most = Money(price.most_minor, price.currency)
        raise LimitExceededError(
            said("The most that may be paid is {amount}.", amount=most), place="amount"
        )
    return entered


def state(
    now: datetime,
    *,
    paid: int,
    most_payments: int | None,
    expires_at: datetime | None,
    switched_off_at: datetime | None,
) -> LinkState:
    """Return how a link stands that was paid so often; what is paid stays so whatever happens."""
    if most_payments is not None and paid >= most_payments:
        return LinkState.PAID
    if switched_off_at is not None:
        return LinkState.OFF
    if expires_at is not None and expires_at <= now:
        return LinkState.EXPIRED
    return LinkState.ACTIVE


def refusal(found: LinkState) -> IllegalStateError | None:
    """Return why a link cannot be paid, in the payer's words; None for one that can."""
    match found:
        case LinkState.PAID:
            return IllegalStateError(said("This has been paid already. There is nothing to do."))
        case LinkState.EXPIRED:
            return IllegalStateError(said("The time of this link is over. Ask for a new one."))
        case LinkState.OFF:
            return IllegalStateError(said("This link was switched off. Ask for a new one."))
        case _:
            return None


def _check_number(kind: LinkKind, most: int | None) -> int | None:
    """Return how often a link may be paid at most: a one-off one once."""
    if kind is LinkKind.ONE_OFF:
        if most not in {None, 1}:
            raise BadInputError(
                "most_payments", said("is 1 for a one-off link."), said("Leave it out.")
            )
        return 1
    if most is not None and not _LEAST_REUSED <= most <= MOST_PAYMENTS:
        raise BadInputError(
            "most_payments",
            said(
                "is not between {least} and {most}.",
                least=_LEAST_REUSED,
                most=MOST_PAYMENTS,
            ),
            said("Correct or empty it."),
        )
    return most


def _check_price(price: Price) -> Price:
    currency = parse_currency(price.currency)
    if is_crypto(currency):
        raise BadInputError(
            "currency", said("is a crypto asset."), said("Give the currency of the price.")
        )
    checked = replace(price, currency=currency)
    if price.amount_minor is None:
        return _check_entered(checked)
    if price.least_minor is not None or price.most_minor is not None:
        raise BadInputError(
            "amount", said("is fixed and entered by the payer at once."), said("Choose one.")
        )
    _check_positive(price.amount_minor, "amount")
    return checked


def _check_entered(price: Price) -> Price:
    least = 1 if price.least_minor is None else price.least_minor
    _check_positive(least, "least")
    if price.most_minor is not None:
        _check_positive(price.most_minor, "most")
        if price.most_minor < least:
            raise BadInputError("most", said("is less than the least."), said("Correct one."))
    return replace(price, least_minor=least)


def _check_positive(amount_minor: int, place: str) -> None:
    if not 0 < amount_minor <= MAX_MINOR:
        raise BadInputError(place, said("is not above zero."), said("Correct it."))


def _required(text: str, place: str, longest: int) -> str:
    found = _line(text, place, longest)
    if not found:
        raise BadInputError(place, said("is missing."), said("Give one."))
    return found


def _line(text: str, place: str, longest: int) -> str:
    found = " ".join(text.split())
    refuse(found, place)
    if not found.isprintable():
        raise BadInputError(place, said("has characters that cannot be printed."))
    if len(found) > longest:
        raise _too_long(place, longest)
    return found


def _too_long(place: str, longest: int) -> BadInputError:
    return BadInputError(place, said("is longer than {count} characters.", count=longest))
