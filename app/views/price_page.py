"""What the page of a price list tells: its rules in words, its versions, and what it changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from flask_babel import gettext, lazy_gettext

from app.domain.permissions import Permission
from app.queries import listing, prices
from app.queries.prices import Stage
from app.services import prices as price_lists
from app.views import codes, show
from app.views.fee_words import percent
from app.views.price_form import RETURNED
from app.views.words import Badge

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.domain.actors import Actor
    from app.domain.fees import FeeRule, ListTerms
    from app.models import PriceList

BADGES: Final = {
    Stage.DRAFT: Badge(lazy_gettext("Draft"), "neutral", "pencil"),
    Stage.COMING: Badge(lazy_gettext("Coming"), "info", "clock"),
    Stage.IN_FORCE: Badge(lazy_gettext("In force"), "success", "check-lg"),
    Stage.PAST: Badge(lazy_gettext("Past"), "neutral", "slash-circle"),
}


@dataclass(frozen=True, slots=True)
class Version:
    """A published list among those of its merchant and currency."""

    row: PriceList
    ends: datetime | None
    stage: Stage


@dataclass(frozen=True, slots=True)
class PricePage:
    """Everything that the template shows."""

    row: PriceList
    terms: ListTerms
    merchant: str
    stage: Stage
    ends: datetime | None
    versions: Sequence[Version]
    changes: Sequence[str]
    can_change: bool

    @property
    def is_draft(self) -> bool:
        """Whether it counts for nothing yet."""
        return self.stage is Stage.DRAFT


def build(session: Session, actor: Actor, row: PriceList, now: datetime) -> PricePage:
    """Read what this actor may see of a price list."""
    found = _versions(prices.versions(session, row.merchant_id, row.currency), now)
    own = next((each for each in found if each.row.id == row.id), None)
    terms = price_lists.terms(session, row)
    before = found[0].row if own is None and found else None
    return PricePage(
        row=row,
        terms=terms,
        merchant=listing.merchant_names(session, [row.merchant_id])[row.merchant_id],
        stage=own.stage if own else Stage.DRAFT,
        ends=own.ends if own else None,
        versions=found,
        changes=changes(price_lists.terms(session, before) if before else None, terms)
        if own is None
        else [],
        can_change=own is None and actor.may(Permission.PRICES_UPDATE),
    )


def _versions(rows: Sequence[PriceList], now: datetime) -> list[Version]:
    """Return the versions, newest first, each with the moment from which another counts."""
    found: list[Version] = []
    ends: datetime | None = None
    for row in rows:
        stage = prices.stage_of(row.state, row.effective_from, ends, now)
        found.append(Version(row, ends, stage))
        ends = row.effective_from
    return found


def rule_name(rule: FeeRule) -> str:
    """Return what a rule is for."""
    word = codes.method_word(rule.method)
    return f"{word} {rule.brand}" if rule.brand else word


def rate_words(rule: FeeRule) -> str:
    """Return what a rule takes, in one line."""
    money = show.current().money
    found = [_rates(rule.percent_bps, rule.fixed_minor, rule.currency)]
    if rule.minimum_minor is not None:
        amount = money(rule.minimum_minor, rule.currency)
        found.append(str(gettext("at least %(amount)s", amount=amount)))
    if rule.maximum_minor is not None:
        amount = money(rule.maximum_minor, rule.currency)
        found.append(str(gettext("at most %(amount)s", amount=amount)))
    return "; ".join([*found, *tier_words(rule)])


def tier_words(rule: FeeRule) -> list[str]:
    """Return what a rule takes from a volume of the month on, a line each."""
    return [
        str(
            gettext(
                "from %(volume)s a month: %(rates)s",
                volume=show.current().money(tier.from_minor, rule.currency),
                rates=_rates(tier.percent_bps, tier.fixed_minor, rule.currency),
            )
        )
        for tier in rule.tiers
    ]


def _rates(percent_bps: int, fixed_minor: int, currency: str) -> str:
    if fixed_minor == 0:
        return percent(percent_bps)
    return f"{percent(percent_bps)} + {show.current().money(fixed_minor, currency)}"


def changes(before: ListTerms | None, after: ListTerms) -> list[str]:
    """Say what another list would change, beside the newest one that is published."""
    then = {(rule.method, rule.brand.casefold()): rule for rule in before.rules} if before else {}
    found = []
    for rule in after.rules:
        old = then.pop((rule.method, rule.brand.casefold()), None)
        words, was = rate_words(rule), rate_words(old) if old else ""
        if old is None:
            found.append(gettext("%(rule)s: %(rates)s, new", rule=rule_name(rule), rates=words))
        elif words != was:
            found.append(
                gettext(
                    "%(rule)s: %(rates)s instead of %(before)s",
                    rule=rule_name(rule),
                    rates=words,
                    before=was,
                )
            )
    found += [gettext("%(rule)s: no fee any more", rule=rule_name(rule)) for rule in then.values()]
    return [str(each) for each in [*found, *_other_changes(before, after)]]


def _other_changes(before: ListTerms | None, after: ListTerms) -> list[str]:
    was = dict(facts(before)) if before else {}
    return [
        str(
            gettext("%(fact)s: %(value)s instead of %(before)s", fact=fact, value=value, before=old)
        )
        if (old := was.get(fact))
        else f"{fact}: {value}"
        for fact, value in facts(after)
        if was.get(fact) != value
    ]


def facts(terms: ListTerms) -> list[tuple[str, str]]:
    """Return (name, value) of what counts for every rule, as far as the reader may see it."""
    shown = show.current()
    money = shown.money
    found = [
        (gettext("Tax on the fee"), percent(terms.terms.tax_bps)),
        (gettext("Fee of a refund"), money(terms.refund_fee_minor, terms.currency)),
        (gettext("Fee of a chargeback"), money(terms.chargeback_fee_minor, terms.currency)),
        (gettext("A refund brings back"), str(RETURNED[terms.returns_fee])),
    ]
    if shown.is_staff and terms.terms.agent:
        words = f"{terms.terms.agent}, {percent(terms.terms.agent_bps)}"
        found.append((gettext("Agent's share of the fee"), words))
    return [(str(name), value) for name, value in found]
