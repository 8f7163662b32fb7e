from __future__ import annotations

from datetime import timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import policies
from app.domain.currencies import exponent, iso_codes
from app.domain.money import Money
from app.domain.permissions import ROLES, RoleName
from app.domain.policies import POLICIES, needs_second

# Written a second time on purpose: command, who asks, who decides.
WRITTEN: Final = {
    "payments.refund": ("payments:refund", "refunds:approve"),
    "ledger.adjust": ("ledger:adjust", "ledger:approve"),
    "ledger.write_off": ("ledger:adjust", "ledger:approve"),
    "desk.resolve": ("desk:resolve", "desk:approve"),
    "operation.end_unknown": ("desk:resolve", "desk:approve"),
    "prices.publish": ("prices:update", "prices:approve"),
    "limits.change": ("capabilities:update", "capabilities:approve"),
}
TIER: Final = POLICIES["payments.refund"].from_minor or {}
ALWAYS: Final = sorted(WRITTEN.keys() - {"payments.refund"})
_amounts = st.builds(
    Money, st.integers(1, 10**15), st.sampled_from(["EUR", "INR", "JPY", "BTC", "ETH@ethereum"])
)


def test_who_asks_and_who_decides_is_what_is_written_here() -> None:
    assert {name: (each.maker, each.checker) for name, each in POLICIES.items()} == WRITTEN
    assert all(name == each.command for name, each in POLICIES.items())
    assert all(each.lasts >= timedelta(days=1) for each in POLICIES.values())


@pytest.mark.parametrize(
    "amount,expected",
    [
        (Money(999_99, "EUR"), False),
        (Money(1_000_00, "EUR"), True),
        (Money(1_000_00, "USD"), True),
        (Money(999_99, "GBP"), False),
        (Money(99_999_99, "INR"), False),
        (Money(100_000_00, "INR"), True),
        (Money(149_999, "JPY"), False),
        (Money(300_000_000, "ETH@base"), True),
        (Money(999_99, "SEK"), False),
        (Money(1_000_00, "SEK"), True),
        (Money(999_999, "KWD"), False),
        (Money(1_000_000, "KWD"), True),
        (Money(1_000, "KRW"), True),
        (Money(1_000_000_000, "USDC@ethereum"), True),
        (None, True),
    ],
)
def test_a_refund_needs_a_second_person_from_its_tier_on(
    amount: Money | None, *, expected: bool
) -> None:
    assert needs_second("payments.refund", amount) is expected


@pytest.mark.parametrize("command", ALWAYS)
def test_everything_else_always_needs_one(command: str) -> None:
    assert needs_second(command, None)
    assert needs_second(command, Money(1, "EUR"))
    assert not needs_second(f"{command}.unheard", Money(10**12, "EUR"))


@given(amount=_amounts, more=st.integers(0, 10**15))
def test_more_money_never_needs_fewer_people(amount: Money, more: int) -> None:
    larger = amount + Money(more, amount.currency)
    if needs_second("payments.refund", amount):
        assert needs_second("payments.refund", larger)


@given(currency=st.sampled_from(sorted(iso_codes() - TIER.keys())))
def test_a_currency_outside_the_tier_counts_from_a_thousand_on(currency: str) -> None:
    thousand = 1_000 * 10 ** exponent(currency)
    assert needs_second("payments.refund", Money(thousand, currency))
    assert not needs_second("payments.refund", Money(thousand - 1, currency))


def test_each_command_is_asked_for_and_decided_by_somebody_of_the_house() -> None:
    for policy in POLICIES.values():
        assert any(policy.maker in rights for rights in ROLES.values())
        assert any(policy.checker in rights for rights in ROLES.values())


def test_merchants_know_of_what_they_can_ask_for_only() -> None:
    owner, clerk = ROLES[RoleName.MERCHANT_OWNER], ROLES[RoleName.MERCHANT_CLERK]
    assert policies.known_to(owner) == {"payments.refund"}
    assert policies.known_to(clerk) == frozenset()
    assert policies.known_to(ROLES[RoleName.ADMIN]) == frozenset()
    assert policies.decided_by(owner) == frozenset()
    assert policies.decided_by(ROLES[RoleName.COMPLIANCE]) == {"limits.change"}
    assert policies.decided_by(ROLES[RoleName.AUDITOR]) == frozenset()
