"""Payment links, the rules: what one may be, what may be entered, and how it stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.money import Money
from app.domain.payment_links import (
    LONGEST_LIFE,
    LinkKind,
    LinkState,
    NewLink,
    Price,
    asked_amount,
    check,
    refusal,
    state,
)
from app.errors import BadInputError, CardNumberRefusedError, LimitExceededError, PayAgencyError

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIXED = NewLink(
    kind=LinkKind.ONE_OFF,
    title="Invoice 7",
    price=Price(currency="eur", amount_minor=1000),
    reference="inv-7",
)
ENTERED = Price(currency="EUR", least_minor=100, most_minor=5000)
CARD = "4242 4242 4242 4242"


def test_a_link_is_kept_in_one_spelling() -> None:
    kept = check(replace(FIXED, title="  Invoice \n 7 ", customer_email=" a@b.example "), NOW)
    assert (kept.title, kept.price.currency, kept.customer_email) == (
        "Invoice 7",
        "EUR",
        "a@b.example",
    )
    assert kept.most_payments == 1
    entered = check(replace(FIXED, price=Price(currency="EUR")), NOW)
    assert (entered.price.least_minor, entered.price.is_entered) == (1, True)


@pytest.mark.parametrize(
    "place, changes",
    [
        ("title", {"title": " "}),
        ("title", {"title": "x" * 101}),
        ("title", {"title": "a\x00b"}),
        ("description", {"description": "x" * 256}),
        ("reference", {"reference": ""}),
        ("currency", {"price": Price(currency="XXQ", amount_minor=1)}),
        ("currency", {"price": Price(currency="BTC", amount_minor=1)}),
        ("amount", {"price": Price(currency="EUR", amount_minor=0)}),
        ("amount", {"price": Price(currency="EUR", amount_minor=2**63)}),
        ("amount", {"price": Price(currency="EUR", amount_minor=5, least_minor=1)}),
        ("least", {"price": Price(currency="EUR", least_minor=-1)}),
        ("most", {"price": Price(currency="EUR", least_minor=5, most_minor=4)}),
        ("most_payments", {"most_payments": 2}),
        ("most_payments", {"kind": LinkKind.REUSABLE, "most_payments": 1}),
        ("most_payments", {"kind": LinkKind.REUSABLE, "most_payments": 10_001}),
        ("expires_at", {"expires_at": NOW}),
        ("expires_at", {"expires_at": NOW + LONGEST_LIFE + timedelta(seconds=1)}),
        ("customer_email", {"customer_email": "nobody"}),
        ("return_url", {"return_url": "javascript:alert(1)"}),
        ("return_url", {"return_url": "https://a:b@shop.example"}),
        ("return_url", {"return_url": "http://[::1"}),
        ("return_url", {"return_url": "https://shop.example/" + "x" * 255}),
    ],
)
def test_what_a_link_cannot_be_is_named_at_its_place(place: str, changes: dict[str, Any]) -> None:
    with pytest.raises(BadInputError) as refused:
        check(replace(FIXED, **changes), NOW)
    assert refused.value.place == place


@pytest.mark.parametrize("place", ["title", "description", "reference", "customer_email"])
def test_no_card_number_stands_in_a_link(place: str) -> None:
    changes: dict[str, Any] = {place: f"x {CARD}"}
    with pytest.raises(CardNumberRefusedError):
        check(replace(FIXED, **changes), NOW)


def test_what_a_reusable_link_may_be() -> None:
    asked = replace(FIXED, kind=LinkKind.REUSABLE, return_url=" https://shop.example/thanks ")
    assert check(asked, NOW).most_payments is None
    assert check(asked, NOW).return_url == "https://shop.example/thanks"
    until = NOW + LONGEST_LIFE
    assert check(replace(asked, most_payments=2, expires_at=until), NOW).expires_at == until


@given(st.integers(1, 10_000))
def test_exactly_what_lies_within_the_limits_may_be_entered(amount_minor: int) -> None:
    entered = Money(amount_minor, "EUR")
    if 100 <= amount_minor <= 5000:
        assert asked_amount(ENTERED, entered) == entered
    else:
        with pytest.raises(LimitExceededError) as refused:
            asked_amount(ENTERED, entered)
        assert refused.value.data["place"] == "amount"


def test_a_fixed_amount_is_that_of_the_link() -> None:
    fixed = Money(1000, "EUR")
    price = Price(currency="EUR", amount_minor=1000)
    assert asked_amount(price, None) == asked_amount(price, fixed) == fixed
    assert asked_amount(replace(ENTERED, most_minor=None), Money(9_000_000, "EUR"))
    wrong: list[tuple[Price, Money | None]] = [
        (price, Money(999, "EUR")),
        (price, Money(1000, "USD")),
        (ENTERED, None),
        (ENTERED, Money(1000, "USD")),
    ]
    for asked, entered in wrong:
        with pytest.raises(PayAgencyError):
            asked_amount(asked, entered)


@given(
    st.integers(0, 3),
    st.none() | st.integers(1, 3),
    st.none() | st.integers(-2, 2),
    st.booleans(),
)
def test_every_link_stands_somewhere_and_only_an_active_one_is_paid(
    paid: int, most: int | None, ends_in: int | None, is_off: bool
) -> None:
    found = state(
        NOW,
        paid=paid,
        most_payments=most,
        expires_at=None if ends_in is None else NOW + timedelta(seconds=ends_in),
        switched_off_at=NOW if is_off else None,
    )
    is_paid = most is not None and paid >= most
    is_over = ends_in is not None and ends_in <= 0
    assert (found is LinkState.PAID) == is_paid
    assert (found is LinkState.ACTIVE) == (not is_paid and not is_off and not is_over)
    assert (refusal(found) is None) == (found is LinkState.ACTIVE)
