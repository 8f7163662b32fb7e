"""The form of a price list: what was typed, read exactly, each fault at its place."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, TypeVar

from flask_babel import gettext, lazy_gettext

from app.domain.card_numbers import scrub_text
from app.domain.currencies import parse_currency
from app.domain.fees import FeeRule, ListTerms, Terms, Tier
from app.errors import BadInputError, PayAgencyError, said
from app.reports import formats
from app.views import codes
from app.views.amounts import plain_percent, read_amount, read_percent
from app.views.forms import sentence
from app.views.locales import reader, told

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Value = TypeVar("Value")

MORE: Final = "more"
"""The argument of the buttons that ask for another rule or tier; nothing is saved then."""

RULE: Final = "rule"
MOST_RULES: Final = 50
MOST_TIERS: Final = 12
LABELS: Final = {
    "merchant": lazy_gettext("Merchant"),
    "currency": lazy_gettext("Currency"),
    "effective_from": lazy_gettext("In force from"),
    "tax": lazy_gettext("Tax on the fee"),
    "agent": lazy_gettext("Agent"),
    "agent_share": lazy_gettext("Agent's share of the fee"),
    "refund_fee": lazy_gettext("Fee of a refund"),
    "chargeback_fee": lazy_gettext("Fee of a chargeback"),
    "returns_fee": lazy_gettext("A refund brings back"),
    "note": lazy_gettext("Note"),
    "rules": lazy_gettext("Rules"),
}
OF_RULE: Final = {
    "method": lazy_gettext("Method"),
    "brand": lazy_gettext("Brand or name of the method"),
    "percent": lazy_gettext("Share of the amount"),
    "fixed": lazy_gettext("Fixed part"),
    "minimum": lazy_gettext("At least"),
    "maximum": lazy_gettext("At most"),
    "tiers": lazy_gettext("Tiers"),
}
OF_TIER: Final = {
    "from": lazy_gettext("From a volume of"),
    "percent": lazy_gettext("Share of the amount"),
    "fixed": lazy_gettext("Fixed part"),
}
RETURNED: Final = {
    "none": lazy_gettext("Nothing of the fee"),
    "percent": lazy_gettext("The share of the amount, in proportion"),
    "all": lazy_gettext("All of the fee, in proportion"),
}
_ROW: Final = re.compile(r"rules-(\d{1,2})-(?:tiers-(\d{1,2})-)?(\w+)")
_WHEN: Final = "%Y-%m-%dT%H:%M"


@dataclass(slots=True)
class PriceForm:
    """What was typed, as it may be shown again, and what is wrong with it by field."""

    values: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)
    status: int = 200

    @property
    def rules(self) -> list[int]:
        """The numbers of the rules, at least one."""
        return sorted({int(match[1]) for match in _rows(self.values)} | {0})

    def tiers(self, rule: int) -> list[int]:
        """The numbers of a rule's tiers."""
        found = {int(m[2]) for m in _rows(self.values) if int(m[1]) == rule and m[2] is not None}
        return sorted(found)

    @property
    def faults(self) -> list[tuple[str, str]]:
        """What is wrong as (field, sentence), for the summary above the form."""
        return [
            (place, f"{_label(place)}: {text}") if _label(place) else ("", text)
            for place, text in self.errors.items()
        ]

    def add_row(self, wanted: str) -> None:
        """Add an empty rule, or (`rules-0`) an empty tier to a rule."""
        if wanted == RULE:
            number = self.rules[-1] + 1
            if number < MOST_RULES:
                self.values[f"rules-{number}-method"] = ""
            return
        match = re.fullmatch(r"rules-(\d{1,2})", wanted)
        if match is not None and int(match[1]) in self.rules:
            number = (self.tiers(int(match[1])) or [-1])[-1] + 1
            if number < MOST_TIERS:
                self.values[f"{wanted}-tiers-{number}-from"] = ""


def _rows(values: Mapping[str, str]) -> list[re.Match[str]]:
    return [match for name in values if (match := _ROW.fullmatch(name))]


def _label(place: str) -> str:
    match = _ROW.fullmatch(place)
    if match is None:
        return str(LABELS.get(place, ""))
    inner = (OF_RULE if match[2] is None else OF_TIER).get(match[3], match[3])
    return str(gettext("Rule %(number)s, %(field)s", number=int(match[1]) + 1, field=inner))


def filled(form: Mapping[str, str]) -> PriceForm:
    """Return what was typed; card numbers are taken out."""
    known = {name: form[name] for name in form if name in LABELS or _ROW.fullmatch(name)}
    return PriceForm({name: scrub_text(text.strip()) for name, text in known.items()})


def of_terms(terms: ListTerms) -> PriceForm:
    """Return a list as it would be typed, to be changed."""
    begins = terms.effective_from
    currency = terms.currency
    values = {
        "currency": currency,
        "effective_from": begins.astimezone(reader().zone).strftime(_WHEN) if begins else "",
        "tax": plain_percent(terms.terms.tax_bps),
        "agent": terms.terms.agent,
        "agent_share": plain_percent(terms.terms.agent_bps),
        "refund_fee": _plain(terms.refund_fee_minor, currency),
        "chargeback_fee": _plain(terms.chargeback_fee_minor, currency),
        "returns_fee": terms.returns_fee,
        "note": terms.note,
    }
    for number, rule in enumerate(terms.rules):
        values |= _of_rule(f"rules-{number}-", rule)
    return PriceForm(values)


def _of_rule(head: str, rule: FeeRule) -> dict[str, str]:
    currency = rule.currency
    values = {
        f"{head}method": rule.method,
        f"{head}brand": rule.brand,
        f"{head}percent": plain_percent(rule.percent_bps),
        f"{head}fixed": _plain(rule.fixed_minor, currency),
        f"{head}minimum": _plain(rule.minimum_minor, currency),
        f"{head}maximum": _plain(rule.maximum_minor, currency),
    }
    for number, tier in enumerate(rule.tiers):
        values |= {
            f"{head}tiers-{number}-from": _plain(tier.from_minor, currency),
            f"{head}tiers-{number}-percent": plain_percent(tier.percent_bps),
            f"{head}tiers-{number}-fixed": _plain(tier.fixed_minor, currency),
        }
    return values


def _plain(amount_minor: int | None, currency: str) -> str:
    if amount_minor is None:
        return ""
    return formats.plain_amount(amount_minor, currency, reader().formats)


def read(form: PriceForm) -> ListTerms | None:
    """Return the list that was typed; None where something is wrong, which then has its place."""
    currency = _try(form, "currency", lambda text: parse_currency(text, place="currency"), "")
    if not currency:
        return None
    tax_bps = _percent(form, "tax")
    agent_bps = _percent(form, "agent_share")
    wanted = {
        "refund_fee_minor": _amount(form, "refund_fee", currency) or 0,
        "chargeback_fee_minor": _amount(form, "chargeback_fee", currency) or 0,
    }
    begins = _moment(form)
    rules = [rule for number in form.rules if (rule := _rule(form, number, currency))]
    if form.errors:
        return None
    try:
        return ListTerms(
            currency=currency,
            effective_from=begins,
            rules=tuple(rules),
            terms=Terms(tax_bps=tax_bps, agent=form.values.get("agent", ""), agent_bps=agent_bps),
            returns_fee=form.values.get("returns_fee") or "none",
            note=form.values.get("note", ""),
            **wanted,
        )
    except BadInputError as error:
        refuse(form, error)
        return None


def refuse(form: PriceForm, error: PayAgencyError) -> None:
    """Put what a service finds wrong beside its field, or above the form."""
    place = error.place if isinstance(error, BadInputError) else ""
    match = _ROW.fullmatch(place)
    if match is not None:
        # The service counts the rules that were filled in.
        number = _filled_in(form)[int(match[1])]
        place = f"rules-{number}-{match[3]}"
    form.errors[place or "form"] = sentence(error) if _label(place) else told(error)
    form.status = error.status


def _filled_in(form: PriceForm) -> list[int]:
    return [number for number in form.rules if _has_text(form, f"rules-{number}-")]


def _has_text(form: PriceForm, head: str) -> bool:
    return any(text for name, text in form.values.items() if name.startswith(head))


def _rule(form: PriceForm, number: int, currency: str) -> FeeRule | None:
    head = f"rules-{number}-"
    if not _has_text(form, head):
        return None
    method = form.values.get(f"{head}method", "")
    if method not in codes.METHODS:
        form.errors[f"{head}method"] = str(gettext("Choose one."))
    percent_bps = _percent(form, f"{head}percent")
    fixed_minor = _amount(form, f"{head}fixed", currency) or 0
    bounds = [_amount(form, f"{head}{name}", currency) for name in ("minimum", "maximum")]
    tiers = [tier for each in form.tiers(number) if (tier := _tier(form, head, each, currency))]
    if any(place.startswith(head) for place in form.errors):
        return None
    try:
        return FeeRule(
            percent_bps,
            fixed_minor,
            currency,
            minimum_minor=bounds[0],
            maximum_minor=bounds[1],
            tiers=tuple(tiers),
            method=method,
            brand=form.values.get(f"{head}brand", ""),
        )
    except BadInputError as error:
        form.errors[f"{head}{error.place}"] = sentence(error)
        form.status = error.status
        return None


def _tier(form: PriceForm, head: str, number: int, currency: str) -> Tier | None:
    inner = f"{head}tiers-{number}-"
    if not _has_text(form, inner):
        return None
    from_minor = _amount(form, f"{inner}from", currency, needed=True) or 0
    return Tier(
        from_minor,
        _percent(form, f"{inner}percent"),
        _amount(form, f"{inner}fixed", currency) or 0,
    )


def _percent(form: PriceForm, place: str) -> int:
    return _try(form, place, lambda text: read_percent(text or "0", place), 0)


def _amount(form: PriceForm, place: str, currency: str, *, needed: bool = False) -> int | None:
    def typed(text: str) -> int | None:
        if not text and not needed:
            return None
        return read_amount(text, currency, place, allow_zero=True).amount_minor

    return _try(form, place, typed, None)


def _moment(form: PriceForm) -> datetime | None:
    return _try(form, "effective_from", lambda text: read_moment(text, "effective_from"), None)


def read_moment(text: str, place: str) -> datetime | None:
    """Read day and time as a browser sends them, in the reader's zone. Raises BadInputError."""
    if not text:
        return None
    try:
        local = datetime.fromisoformat(text)
        return local.replace(tzinfo=reader().zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadInputError(
            place, said("is no day and time."), said("Write it as 2026-01-31T09:00.")
        ) from None


def _try(form: PriceForm, place: str, typed: Callable[[str], Value], otherwise: Value) -> Value:
    try:
        return typed(form.values.get(place, ""))
    except BadInputError as error:
        form.errors[place] = sentence(error)
        form.status = error.status
        return otherwise
