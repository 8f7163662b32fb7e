"""What a text in the search box may mean: an id, an e-mail, the end of a card, an amount, a name.

One text may mean several things ("4242" is the end of a card, an amount and a reference); each of
them is looked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from app.domain.card_numbers import refuse
from app.domain.currencies import exponent, iso_codes, parse_currency
from app.domain.identifiers import PREFIXES
from app.domain.money import parse_major
from app.errors import BadInputError, said

if TYPE_CHECKING:
    from collections.abc import Collection

    from app.domain.money import DecimalMark

MOST_LENGTH = 120
"""As long as the longest thing that can be looked for: what a provider calls an operation."""

OTHERS = frozenset(
    PREFIXES[record]
    for record in ("desk_case", "dispute", "approval_request", "inbound_event", "price_list")
)
"""The prefixes of ids, besides those of payments and merchants, that have a page of their own."""

_ID = re.compile(r"([a-z]+)_([0-7][0-9a-hjkmnp-tv-z]{0,25})")
_EVENT_ID = re.compile(r"(?=.*[0-9])[\w.:-]{5,}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_LAST4 = re.compile(r"(?:(?P<word>\w+)\s+|[\s•·*]+)?(?P<digits>[0-9]{4})")
_AMOUNT = re.compile(r"(?P<before>[^\W\d]+)?\s?(?P<number>[0-9][0-9.,]*)\s?(?P<after>[^\W\d].*)?")


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount in minor units of any of these currencies, which have the same decimals."""

    amount_minor: int
    currencies: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What to look for; what is empty the text cannot mean.

    `payment_id`, `merchant_id` and `other_id` (of what else has a page: a case, a dispute, a
    request, an event, a price list) may be beginnings of ids, `operation_id` is a whole one; all
    with their prefixes. `event_id` is what a provider may call a message.
    """

    text: str
    payment_id: str = ""
    operation_id: str = ""
    merchant_id: str = ""
    other_id: str = ""
    event_id: str = ""
    email: str = ""
    last4: str = ""
    amounts: tuple[Amount, ...] = ()


def read(text: str, *, decimal_mark: DecimalMark, card_words: Collection[str] = ()) -> Terms:
    """What `text` may mean to a reader with this decimal mark.

    `card_words` may stand before a card's last four digits ("card 4242"), in lower case. Raises
    CardNumberRefusedError for a full card number and BadInputError (place "q") for what is too long
    or cannot be printed.
    """
    refuse(text, "q")
    plain = " ".join(text.split())
    if len(plain) > MOST_LENGTH or not plain.isprintable():
        raise BadInputError(
            "q",
            said("is too long or cannot be printed."),
            said("Search for an id, a reference, an e-mail address, an amount or a name."),
        )
    prefix = _prefix(plain.lower())
    return Terms(
        text=plain,
        payment_id=plain.lower() if prefix == PREFIXES["payment"] else "",
        operation_id=plain.lower() if prefix in {PREFIXES["operation"], PREFIXES["refund"]} else "",
        merchant_id=plain.lower() if prefix == PREFIXES["merchant"] else "",
        other_id=plain.lower() if prefix in OTHERS else "",
        event_id=plain if _EVENT_ID.fullmatch(plain) else "",
        email=plain if _EMAIL.fullmatch(plain) else "",
        last4=_last4(plain, card_words),
        amounts=_amounts(plain, decimal_mark),
    )


def _prefix(text: str) -> str:
    match = _ID.fullmatch(text)
    return match[1] if match else ""


def _last4(text: str, card_words: Collection[str]) -> str:
    match = _LAST4.fullmatch(text)
    if match is None or (match["word"] or "").lower() not in {"", *card_words}:
        return ""
    return match["digits"]


def _amounts(text: str, decimal_mark: DecimalMark) -> tuple[Amount, ...]:
    match = _AMOUNT.fullmatch(text)
    if match is None or (match["before"] and match["after"]):
        return ()
    code = match["before"] or match["after"]
    groups = _one_currency(code) if code else _by_decimals()
    found = (_amount(match["number"], currencies, decimal_mark) for currencies in groups)
    return tuple(amount for amount in found if amount is not None)


def _one_currency(code: str) -> tuple[tuple[str, ...], ...]:
    try:
        return ((parse_currency(code),),)
    except BadInputError:
        return ()


def _amount(number: str, currencies: tuple[str, ...], decimal_mark: DecimalMark) -> Amount | None:
    try:
        money = parse_major(number, currencies[0], decimal_mark=decimal_mark)
    except BadInputError:
        return None
    return Amount(money.amount_minor, currencies)


@cache
def _by_decimals() -> tuple[tuple[str, ...], ...]:
    """The currencies of states, by their number of decimals; crypto assets need to be named."""
    groups: dict[int, list[str]] = {}
    for code in sorted(iso_codes()):
        groups.setdefault(exponent(code), []).append(code)
    return tuple(tuple(codes) for codes in groups.values())
