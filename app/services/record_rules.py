"""What the values of a generated form must be, model by model."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import available_timezones

import pycountry

from app.domain import calendar, merchant_settings, policies
from app.domain.card_numbers import refuse
from app.domain.currencies import parse_currency
from app.domain.merchant_settings import LATE_MONEY
from app.errors import BadInputError, said
from app.models import AmountLimit, Capability, Merchant, SettlementSchedule

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Values = dict[str, Any]
    Rule = Callable[[Values], None]

CAPABILITIES = ("card", "upi", "crypto", "apm", "payouts", "bulk")
METHODS = ("card", "upi", "crypto", "apm")
_MCC = re.compile(r"\d{4}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Protection:
    """Columns that only two people change, and the command by which they do.

    Rows with such columns come and go by it too.
    """

    command: str
    columns: frozenset[str]


PROTECTED: Final[Mapping[type[Any], Protection]] = MappingProxyType(
    {AmountLimit: Protection(policies.LIMIT, frozenset({"max_minor"}))}
)
"""What a generated form only asks for; `security/writer.py` writes none of it."""

_KEY = re.compile(r"[a-z][a-z0-9-]{1,39}")
_MOST_BPS = 10_000
_MOST_DAYS = {"release_days": 90, "reserve_days": 365}


def clean(model: type[Any], values: Mapping[str, Any]) -> Values:
    """Return the values as they are kept: texts stripped, codes in their one spelling.

    Raises BadInputError naming the field, CardNumberRefusedError where a text holds a card number.
    """
    kept = {
        name: value.strip() if isinstance(value, str) else value for name, value in values.items()
    }
    for name, value in kept.items():
        if isinstance(value, str):
            refuse(value, name)
    if model in _RULES:
        _RULES[model](kept)
    return kept


def _merchant(values: Values) -> None:
    if "key" in values and not _KEY.fullmatch(values["key"]):
        way_out = said("Use 2 to 40 of a-z, 0-9 and dash, beginning with a letter.")
        raise BadInputError("key", said("is not usable."), way_out)
    if "name" in values and not values["name"]:
        raise BadInputError("name", said("is empty."), said("Write the name of the business."))
    if "country" in values:
        values["country"] = values["country"].upper()
        if pycountry.countries.get(alpha_2=values["country"]) is None:
            raise BadInputError(
                "country", said("is unknown."), said("Write two letters such as IN.")
            )
    if "default_currency" in values:
        code = parse_currency(values["default_currency"], place="default_currency")
        values["default_currency"] = code
    if "timezone" in values and values["timezone"] not in available_timezones():
        raise BadInputError(
            "timezone", said("is unknown."), said("Write one such as Asia/Kolkata.")
        )
    _category(values)
    _one_of(values, "late_money", LATE_MONEY)
    values.update(merchant_settings.check_texts(values))


def _category(values: Values) -> None:
    if "mcc" not in values:
        return
    values["mcc"] = values["mcc"] or ""
    if values["mcc"] and not _MCC.fullmatch(values["mcc"]):
        way_out = said("Write the four digits of ISO 18245 such as 5411, or leave it empty.")
        raise BadInputError("mcc", said("is no category of merchants."), way_out)


def _capability(values: Values) -> None:
    _one_of(values, "kind", CAPABILITIES)


def _limit(values: Values) -> None:
    _one_of(values, "kind", METHODS)
    _currency(values)
    if "max_minor" in values and values["max_minor"] <= 0:
        raise BadInputError(
            "max_minor", said("is not above zero."), said("Remove the limit instead.")
        )


def _schedule(values: Values) -> None:
    _one_of(values, "method", ("", *METHODS))
    for name, most in _MOST_DAYS.items():
        if name in values and not 0 <= values[name] <= most:
            raise BadInputError(
                name, said("is not between 0 and {most}.", most=most), said("Choose other days.")
            )
    if "reserve_bps" in values and not 0 <= values["reserve_bps"] <= _MOST_BPS:
        raise BadInputError(
            "reserve_bps", said("is not between 0 and 10000."), said("1000 is 10 percent.")
        )
    if "calendar" in values:
        values["calendar"] = values["calendar"].upper()
        if not calendar.is_known(values["calendar"]):
            raise BadInputError(
                "calendar",
                said("has no public holidays that are known here."),
                said("Choose the country whose banks pay the money."),
            )


def _one_of(values: Values, name: str, known: tuple[str, ...]) -> None:
    if name in values and values[name] not in known:
        raise BadInputError(
            name, said("is unknown."), said("One of {known}.", known=", ".join(known))
        )


def _currency(values: Values) -> None:
    if "currency" in values:
        values["currency"] = parse_currency(values["currency"])


_RULES: dict[type[Any], Rule] = {
    Merchant: _merchant,
    Capability: _capability,
    AmountLimit: _limit,
    SettlementSchedule: _schedule,
}
