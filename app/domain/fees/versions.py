"""Price lists as versions: what one holds, what makes it unfit, and when it may begin."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from app.domain.currencies import parse_currency
from app.domain.fees.rules import Terms
from app.domain.money import Money
from app.errors import BadInputError, said

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from app.domain.fees.computing import Returned
    from app.domain.fees.rules import FeeRule

RETURNS: Final[Mapping[str, Returned]] = {"none": "none", "percent": "percent", "all": "all"}
MOST_RULES: Final = 50
_AGENT_LENGTH, _BRAND_LENGTH, _NOTE_LENGTH = 40, 32, 255


@dataclass(frozen=True, slots=True, kw_only=True)
class ListTerms:
    """A whole price list as it is written; amounts in minor units of `currency`.

    `effective_from` None counts from the moment of publication.
    """

    currency: str
    effective_from: datetime | None
    rules: tuple[FeeRule, ...]
    terms: Terms = field(default_factory=Terms)
    refund_fee_minor: int = 0
    chargeback_fee_minor: int = 0
    returns_fee: str = "none"
    note: str = ""


def check_list(wanted: ListTerms, methods: Collection[str]) -> None:
    """Raise BadInputError for a list that cannot be kept, naming the place.

    The place of a rule is `rules-0-method`, counted from 0.
    """
    parse_currency(wanted.currency, place="currency")
    for place, fee_minor in (
        ("refund_fee", wanted.refund_fee_minor),
        ("chargeback_fee", wanted.chargeback_fee_minor),
    ):
        if Money(fee_minor, wanted.currency).amount_minor < 0:
            raise BadInputError(place, said("is negative."), said("A fee takes; it never gives."))
    if wanted.returns_fee not in RETURNS:
        raise BadInputError(
            "returns_fee", said("is unknown."), said("One of {known}.", known=", ".join(RETURNS))
        )
    _check_length("agent", wanted.terms.agent, _AGENT_LENGTH)
    _check_length("note", wanted.note, _NOTE_LENGTH)
    if not wanted.rules:
        raise BadInputError("rules", said("are missing."), said("Write at least one."))
    if len(wanted.rules) > MOST_RULES:
        raise BadInputError("rules", said("are more than {most}.", most=MOST_RULES))
    _check_rules(wanted, methods)


def _check_rules(wanted: ListTerms, methods: Collection[str]) -> None:
    seen: dict[tuple[str, str], int] = {}
    for number, rule in enumerate(wanted.rules):
        place = f"rules-{number}-method"
        if rule.method not in methods:
            raise BadInputError(
                place, said("is unknown."), said("One of {known}.", known=", ".join(methods))
            )
        if rule.currency != wanted.currency:
            raise BadInputError(place, said("is priced in another currency than the list."))
        _check_length(f"rules-{number}-brand", rule.brand, _BRAND_LENGTH)
        key = (rule.method, rule.brand.casefold())
        if key in seen:
            raise BadInputError(
                place,
                said("has the same method and brand as rule {number}.", number=seen[key] + 1),
                said("Keep one of them."),
            )
        seen[key] = number


def check_moment(effective_from: datetime, now: datetime, last: tuple[str, datetime] | None) -> str:
    """Raise BadInputError unless a list may be in force from `effective_from` on.

    `last` is the id and the beginning of the newest published list of the same merchant, book and
    currency. Answers the id of the list that ends by it, or nothing.
    """
    if effective_from < now:
        raise BadInputError(
            "effective_from",
            said("lies in the past."),
            said("Choose a moment that is still to come, or leave it empty."),
        )
    if last is None:
        return ""
    public_id, begins = last
    if effective_from <= begins:
        raise BadInputError(
            "effective_from",
            said(
                "overlaps price list {list}, in force from {begins}.",
                list=public_id,
                begins=begins.strftime("%Y-%m-%d %H:%M UTC"),
            ),
            said("Choose a later moment."),
        )
    return public_id


def _check_length(place: str, text: str, most: int) -> None:
    if len(text) > most:
        raise BadInputError(place, said("is longer than {most} characters.", most=most))
