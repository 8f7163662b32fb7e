"""Fees, pure: the parts, the bounds, the tiers, what goes back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.fees import (
    FeeRule,
    Placed,
    Returned,
    Shares,
    Terms,
    Tier,
    choose,
    compute,
    returned,
    tax_on,
)
from app.domain.money import MAX_MINOR, AmountTooLargeError, CurrencyMismatchError, Money
from app.errors import BadInputError

SOME = 10**12
amounts = st.integers(0, SOME)
shares = st.integers(0, 10_000)
terms = st.builds(Terms, tax_bps=shares, agent=st.just("partner"), agent_bps=shares)


@st.composite
def rules(draw: st.DrawFn) -> FeeRule:
    bounds = sorted([draw(amounts), draw(amounts)])
    begins = sorted(draw(st.sets(st.integers(1, SOME), max_size=3)))
    return FeeRule(
        draw(shares),
        draw(st.integers(0, 10**6)),
        "EUR",
        minimum_minor=draw(st.sampled_from([None, bounds[0]])),
        maximum_minor=draw(st.sampled_from([None, bounds[1]])),
        tiers=tuple(Tier(begin, draw(shares), draw(st.integers(0, 10**6))) for begin in begins),
    )


def test_the_worked_example() -> None:
    with_tax = Terms(tax_bps=1800, agent="partner", agent_bps=2000)
    fee = compute(Money(6000, "EUR"), FeeRule(250, 0, "EUR", minimum_minor=50), terms=with_tax)
    assert (fee.percent_minor, fee.fixed_minor, fee.total_minor) == (150, 0, 150)
    assert (fee.tax_minor, fee.agent_minor, fee.currency) == (27, 30, "EUR")
    assert fee.sentence() == (
        "2.50 % of 60.00 EUR = 1.50, fixed 0.00, not below the minimum 0.50, fee 1.50, "
        "tax 18.00 % = 0.27, of it agent partner 20.00 % = 0.30"
    )


@pytest.mark.parametrize(
    "gross, percent", [(50, 0), (150, 2), (250, 2), (350, 4), (151, 2), (149, 1)]
)
def test_the_percentage_is_rounded_half_even(gross: int, percent: int) -> None:
    assert compute(Money(gross, "EUR"), FeeRule(100, 0, "EUR")).percent_minor == percent


BOUNDED = FeeRule(1000, 30, "EUR", minimum_minor=50, maximum_minor=200)


@pytest.mark.parametrize(
    "gross, percent, fixed, bound, words",
    [
        (20, 2, 18, "gross", "lowered to the amount: a fee never passes it"),
        (100, 10, 40, "minimum", "raised to the minimum 0.50"),
        (1000, 100, 30, "", "not above the cap 2.00"),
        (1800, 180, 20, "cap", "lowered to the cap 2.00"),
        (5000, 200, 0, "cap", "lowered to the cap 2.00"),
    ],
)
def test_bounds_take_from_the_fixed_part_first_and_say_so(
    gross: int, percent: int, fixed: int, bound: str, words: str
) -> None:
    fee = compute(Money(gross, "EUR"), BOUNDED)
    assert (fee.percent_minor, fee.fixed_minor, fee.bound) == (percent, fixed, bound)
    assert words in fee.sentence()


def test_the_sentence_follows_the_currency_and_names_the_tier() -> None:
    rule = FeeRule(299, 15, "JPY", tiers=(Tier(1_000_000, 250, 10),))
    fee = compute(Money(1000, "JPY"), rule, volume_minor=1_000_000)
    assert fee.sentence() == (
        "2.50 % of 1000 JPY = 25, fixed 10, tier from 1000000 at a volume of 1000000, fee 35"
    )


@given(gross=amounts, rule=rules(), volume=amounts, given_terms=terms)
def test_the_parts_sum_up_within_the_amount(
    gross: int, rule: FeeRule, volume: int, given_terms: Terms
) -> None:
    fee = compute(Money(gross, "EUR"), rule, volume_minor=volume, terms=given_terms)
    plain = fee.total_minor - fee.adjustment_minor
    assert min(fee.percent_minor, fee.fixed_minor, fee.agent_minor, fee.tax_minor) >= 0
    assert fee.percent_minor + fee.fixed_minor == fee.total_minor <= gross
    assert fee.agent_minor <= fee.total_minor
    assert abs((plain - fee.rates.fixed_minor) * 10_000 - gross * fee.rates.percent_bps) <= 5_000
    assert rule.maximum_minor is None or fee.total_minor <= rule.maximum_minor
    assert rule.minimum_minor is None or fee.total_minor >= min(rule.minimum_minor, gross)
    assert (fee.adjustment_minor == 0) or fee.bound


@given(gross=amounts, more=amounts, rule=rules(), volume=amounts, given_terms=terms)
def test_a_larger_amount_never_costs_less(
    gross: int, more: int, rule: FeeRule, volume: int, given_terms: Terms
) -> None:
    small, large = (
        compute(Money(each, "EUR"), rule, volume_minor=volume, terms=given_terms)
        for each in (gross, gross + more)
    )
    assert small.total_minor <= large.total_minor
    assert small.tax_minor <= large.tax_minor
    assert gross - small.total_minor <= gross + more - large.total_minor


@given(rule=rules(), volume=amounts)
def test_a_volume_counts_in_the_last_tier_that_it_reaches(rule: FeeRule, volume: int) -> None:
    rates = rule.rates(volume)
    begins = [0, *(tier.from_minor for tier in rule.tiers)]
    assert rates.from_minor == max(each for each in begins if each <= volume)


@given(
    percent=amounts,
    fixed=amounts,
    agent_bps=shares,
    tax=amounts,
    captured=st.integers(1, SOME),
    cuts=st.lists(amounts, max_size=6),
    mode=st.sampled_from(["none", "percent", "all"]),
)
def test_what_refunds_bring_back_is_exact_after_the_last_one(
    percent: int,
    fixed: int,
    agent_bps: int,
    tax: int,
    captured: int,
    cuts: list[int],
    mode: Returned,
) -> None:
    agent = tax_on(percent + fixed, agent_bps)
    fee = Placed(
        percent_minor=percent, fixed_minor=fixed, agent_minor=agent, tax_minor=tax, returns_fee=mode
    )
    whole, back = fee.returnable(), Shares(0, 0, 0, 0)
    for refunded in sorted(min(cut, captured) for cut in [*cuts, captured]):
        due = returned(whole, refunded, captured, back)
        assert min(due.mdr_minor, due.fixed_minor, due.agent_minor, due.tax_minor) >= 0
        back += due
        assert abs(back.mdr_minor * captured - whole.mdr_minor * refunded) * 2 <= captured
    assert back == whole
    if mode == "all":
        assert whole.total_minor == percent + fixed + tax
    if mode == "percent":
        assert whole.mdr_minor + whole.agent_minor == percent


def test_the_rule_of_the_brand_wins_over_that_of_the_method() -> None:
    card, visa, upi = (
        FeeRule(bps, 0, "EUR", method=method, brand=brand)
        for bps, method, brand in ((250, "card", ""), (200, "card", "visa"), (10, "upi", ""))
    )
    every = [upi, card, visa]
    assert choose(every, "card", "Visa") is visa
    assert choose(every, "card", "amex") is card
    assert choose(every, "card", "") is card
    assert choose(every, "crypto", "BTC") is None


@pytest.mark.parametrize(
    "change, place",
    [
        ({"percent_bps": -1}, "percent"),
        ({"percent_bps": 10_001}, "percent"),
        ({"fixed_minor": -1}, "fixed"),
        ({"minimum_minor": -1}, "minimum"),
        ({"maximum_minor": -1}, "maximum"),
        ({"minimum_minor": 2, "maximum_minor": 1}, "minimum"),
        ({"tiers": (Tier(0, 1, 1),)}, "tiers"),
        ({"tiers": (Tier(2, 1, 1), Tier(2, 1, 1))}, "tiers"),
        ({"tiers": (Tier(2, 10_001, 1),)}, "tiers"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_at_its_place(
    change: dict[str, Any], place: str
) -> None:
    with pytest.raises(BadInputError) as refused:
        replace(FeeRule(250, 0, "EUR"), **change)
    assert refused.value.place == place


def test_a_rule_is_made_of_ints() -> None:
    fixed: Any = 0.3
    with pytest.raises(TypeError):
        FeeRule(250, fixed, "EUR")
    with pytest.raises(AmountTooLargeError):
        FeeRule(250, MAX_MINOR + 1, "EUR")


@pytest.mark.parametrize(
    "wrong", [{"tax_bps": 10_001}, {"agent": "x", "agent_bps": -1}, {"agent_bps": 1}]
)
def test_terms_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInputError):
        Terms(**wrong)


def test_a_fee_is_taken_in_the_currency_of_the_payment() -> None:
    with pytest.raises(CurrencyMismatchError):
        compute(Money(100, "EUR"), FeeRule(100, 0, "USD"))


def test_no_fee_is_taken_from_a_negative_amount() -> None:
    with pytest.raises(BadInputError, match="negative"):
        compute(Money(-1, "EUR"), FeeRule(100, 0, "EUR"))
